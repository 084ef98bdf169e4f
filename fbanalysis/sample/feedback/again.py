"""Matters that somebody sends again: the same respondent, later, nearly the same words, often elsewhere.

They come on top of the accepted items, for intake to find. Nobody else's comment looks like another's.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.draws import chosen, drawn
from fbanalysis.sample.feedback.questionnaire import DRIVERS, ONLINE, TYPICAL_SECONDS
from fbanalysis.sample.feedback.rewording import MEANT, reworded
from fbanalysis.sample.plans import PLANS, Effect, Plan

#: Where people send a matter again, and how often when it is another channel than before.
WAYS = {ONLINE: 0.35, "客户服务热线": 0.45, "社交媒体监测": 0.20}
KIND_WEIGHTS = {"问题反映": 5.0, "建议": 1.0, "表扬": 0.3}
SHORTEST = 12
MOST_DAYS = 20
PREFIXES = {
    ONLINE: ("再次反映：", "同前，", "再说一次：", "又来反映一下，", "还是那件事：", "第二次填了："),
    "客户服务热线": ("再次来电：", "二次来电，", "重复来电：", "同前，", "又来电反映："),
    "社交媒体监测": ("再发一次：", "同前，", "又来说一遍，", "顶一下："),
}
#: Channels in which people write themselves; what is noted down of a talk isn't sent elsewhere word by word.
WRITTEN = (ONLINE, "社交媒体监测")
#: Share of the matters that are told in slightly other words; the others are prefixed, cut or typed differently.
REWORDED = 0.40


def resubmissions(
    items: pd.DataFrame, *, plan: Plan, barred: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the rows that are sent again, in the order of time.

    Parameters
    ----------
    items
        The year's items with their comments.
    plan
        Says how many are sent again, and how many of them through another channel.
    barred
        Positions of items that are not sent again.

    Returns
    -------
    pandas.DataFrame
        The columns of ``items``, and ``first``: the position of the item that is repeated.
    """
    rows = _repeated(items, plan=plan, barred=barred, rng=rng)
    again = items.iloc[rows].assign(first=rows).reset_index(drop=True)
    crosses = np.arange(len(rows)) < plan.crossings
    again["channel"] = _other_ways(again["channel"], crosses=crosses, rng=rng)
    again["submitted_at"] = _later(again["submitted_at"], year=plan.year, rng=rng)
    again["comment"] = _told_again(again["comment"], channels=again["channel"], rng=rng)
    seconds = np.round(TYPICAL_SECONDS * np.exp(rng.normal(-0.2, 0.3, size=len(again))))
    again["duration_seconds"] = np.where(again["channel"] == ONLINE, seconds, np.nan)
    again = again.assign(**dict.fromkeys(DRIVERS, np.nan))
    return again.sort_values("submitted_at", kind="stable", ignore_index=True)


def _repeated(items: pd.DataFrame, *, plan: Plan, barred: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose items to repeat: first those that cross to another channel, then those that stay."""
    comments = items["comment"]
    could = (comments.str.len() >= SHORTEST) & ~comments.duplicated(keep=False)
    could &= items["submitted_at"] < pd.Timestamp(f"{plan.year}-12-31")
    could[barred] = False
    weights = items["kind"].map(KIND_WEIGHTS).to_numpy() * could.to_numpy()
    crossing = chosen(weights * items["channel"].isin(WRITTEN).to_numpy(), count=plan.crossings, rng=rng)
    weights = weights * items["channel"].isin(WAYS).to_numpy()
    weights[crossing] = 0.0
    return np.concatenate([crossing, chosen(weights, count=plan.resubmissions - plan.crossings, rng=rng)])


def _other_ways(channels: pd.Series, *, crosses: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    ways = channels.to_numpy(dtype=object).copy()
    for channel in sorted(set(channels)):
        rows = np.flatnonzero((channels == channel).to_numpy() & crosses)
        others = {way: share for way, share in WAYS.items() if way != channel}
        ways[rows] = drawn(others, size=len(rows), rng=rng)
    return ways


def _later(times: pd.Series, *, year: int, rng: np.random.Generator) -> pd.Series:
    """Move each time on by 1 to 20 days, within the year, to an hour of the working day."""
    room = (pd.Timestamp(f"{year}-12-31") - times.dt.normalize()).dt.days.to_numpy()
    days = np.minimum(1 + np.floor(MOST_DAYS * rng.random(len(times)) ** 1.5), np.minimum(MOST_DAYS, room))
    seconds = rng.integers(9 * 3600, 18 * 3600, size=len(times))
    moved = times.dt.normalize() + pd.to_timedelta(days, unit="D") + pd.to_timedelta(seconds, unit="s")
    return moved.astype("datetime64[us]")


def _told_again(comments: pd.Series, *, channels: pd.Series, rng: np.random.Generator) -> list[str]:
    """Tell some comments in slightly other words, and the others in nearly the same ones."""
    texts = comments.tolist()
    missing = round(REWORDED * len(texts))
    told: dict[int, str] = {}
    for row in rng.permutation(len(texts)).tolist():
        if len(told) < missing and (text := reworded(texts[row], rng=rng)):
            told[row] = text
    return [
        told.get(row) or _repeated_text(text, prefixes=PREFIXES[channel], rng=rng)
        for row, (text, channel) in enumerate(zip(texts, channels, strict=True))
    ]


def _repeated_text(text: str, *, prefixes: tuple[str, ...], rng: np.random.Generator) -> str:
    """Say the same again: with a word before it, other signs, or without its last words."""
    way = rng.random()
    if way < 0.25 and (cut := _cut(text)):
        return cut
    if way < 0.55:
        return _resigned(text)
    return prefixes[int(rng.integers(len(prefixes)))] + text


def _cut(text: str) -> str:
    """Leave out the last words of a long text, unless they say a number or deny something."""
    kept = max(len(text) - max(3, len(text) // 7), SHORTEST)
    return text[:kept] if len(text) >= 22 and not MEANT.search(text[kept - 1 :]) else ""


def _resigned(text: str) -> str:
    """Type other signs: half-width commas, no full stop, or an exclamation."""
    changed = text.replace("，", ",").replace("。", ".")
    if changed != text:
        return changed
    return f"{text.rstrip('！!～~')}！！"


EFFECTS: tuple[Effect, ...] = tuple(
    Effect(f"{key}_{plan.year}", "resubmissions", finding, size, tolerance, unit, plan.year)
    for plan in PLANS.values()
    for key, finding, size, tolerance, unit in (
        (
            "resubmissions",
            "rows of a respondent who wrote before, with a comment at least 70 % alike",
            plan.resubmissions,
            0,
            "rows",
        ),
        (
            "crossings",
            "share of them in another channel than the first",
            round(plan.crossings / plan.resubmissions, 3),
            0.001,
            "share",
        ),
        (
            "reworded",
            "share of them whose letters are at most 97 % alike, none holding the other",
            REWORDED,
            0.01,
            "share",
        ),
    )
)

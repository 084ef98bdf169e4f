"""What kind of feedback each item is and which feeling its words have: exact counts, in step with the scores.

Kinds and feelings follow the overall score closely, though not blindly: people in a bad mood report problems,
and some people's words are far from their scores.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion
from fbanalysis.sample.draws import packed, spread
from fbanalysis.sample.plans import Plan

#: Kinds and feelings share a mood: the overall score and something of one's own.
MOOD_NOISE = 0.25
KIND_PROBLEM_BIAS = {"客户服务热线": 0.7, "社交媒体监测": 0.5}
TOPIC_PROBLEM_BIAS = {"服务体验": 0.25, "内部管理": 0.05, "战略方向": -0.9}
TOPIC_PRAISE_BIAS = {"服务体验": 0.1, "内部管理": -0.55, "战略方向": -0.1}
FEELING_BASE = {"表扬": 2.8, "建议": 0.3, "问题反映": -1.1}
FEELING_MOOD = 1.8
#: Noise of feelings; some people's words are far from their scores.
FEELING_NOISE = 0.6
ODD_SHARE = 0.25
ODD_NOISE = 3.5
#: Up to this overall score a score is low.
LOW = 3
#: Share of 负面 items with a low score, and of items with a low score that are 负面 or 中性.
BLAME_LOW = 0.70
LOW_UNHAPPY = 0.85


def draw_moods(latent: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Give every item a standardised mood: its latent overall score and something of one's own."""
    return spread(spread(latent) + MOOD_NOISE * rng.normal(size=len(latent)))


def draw_kinds(items: pd.DataFrame, *, mood: np.ndarray, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    """Deal 问题反映 to bad moods and 表扬 to good ones, each in its number by side."""
    bias = items["channel"].map(KIND_PROBLEM_BIAS).fillna(0.0) + items["topic"].map(
        TOPIC_PROBLEM_BIAS
    ).fillna(0)
    problem = bias.to_numpy() - 1.5 * mood + rng.normal(0, 0.95, len(items))
    liking = items["topic"].map(TOPIC_PRAISE_BIAS).fillna(0.0).to_numpy()
    praise = liking + 0.75 * mood + rng.normal(0, 0.9, len(items))
    about_quality = (items["topic"] == "产品质量").to_numpy()
    kinds = np.full(len(items), "建议", dtype=object)
    shares = _quality_problems(plan)
    for side, counts in plan.kinds.items():
        inside = (items["side"] == side).to_numpy()
        for rows, count in (
            (inside & about_quality, shares[side]),
            (inside & ~about_quality, counts["问题反映"] - shares[side]),
        ):
            kinds[_highest(problem, rows=rows, count=count)] = "问题反映"
        kinds[_highest(praise, rows=inside & (kinds == "建议"), count=counts["表扬"])] = "表扬"
    return kinds


def _quality_problems(plan: Plan) -> dict[str, int]:
    """Divide the 问题反映 about 产品质量 between the sides, by what each side says."""
    sizes = {side: sum(counts.values()) for side, counts in plan.topics.items()}
    weights = [
        plan.topics[side]["产品质量"] * plan.kinds[side]["问题反映"] / max(sizes[side], 1)
        for side in plan.kinds
    ]
    return dict(zip(plan.kinds, apportion(weights, total=plan.quality_problems).tolist(), strict=True))


def _highest(values: np.ndarray, *, rows: np.ndarray, count: int) -> np.ndarray:
    places = np.flatnonzero(rows)
    return places[np.argsort(-values[places], kind="stable")[:count]]


def draw_feelings(
    items: pd.DataFrame, *, mood: np.ndarray, plan: Plan, rng: np.random.Generator
) -> np.ndarray:
    base = items["kind"].map(FEELING_BASE).to_numpy(dtype=float)
    noise = np.where(rng.random(len(items)) < ODD_SHARE, ODD_NOISE, FEELING_NOISE)
    value = base + FEELING_MOOD * mood + noise * rng.normal(size=len(items))
    feelings = np.empty(len(items), dtype=object)
    order = np.argsort(value, kind="stable")
    feelings[order] = packed({name: plan.feelings[name] for name in ("负面", "中性", "正面")})
    is_low = (items["overall_score"] <= LOW).to_numpy()
    blame = round(BLAME_LOW * plan.feelings["负面"])
    kinds = items["kind"].to_numpy(dtype=object)
    feelings = _traded(feelings, kinds=kinds, among=is_low, pair=("负面", "中性"), count=blame, rng=rng)
    praise = round((1 - LOW_UNHAPPY) * is_low.sum())
    return _traded(feelings, kinds=kinds, among=is_low, pair=("正面", "中性"), count=praise, rng=rng)


def _traded(
    feelings: np.ndarray,
    *,
    kinds: np.ndarray,
    among: np.ndarray,
    pair: tuple[str, str],
    count: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Let ``count`` items among some have a feeling, by trading it for another with items of their kind."""
    wanted, other = pair
    missing = count - int((among & (feelings == wanted)).sum())
    inside, outside = (other, wanted) if missing > 0 else (wanted, other)
    givers = rng.permutation(np.flatnonzero(among & (feelings == inside)))
    takers = rng.permutation(np.flatnonzero(~among & (feelings == outside)))
    pairs = [
        np.column_stack([g[: min(len(g), len(t))], t[: min(len(g), len(t))]])
        for kind in ("建议", "表扬", "问题反映")
        for g, t in [(givers[kinds[givers] == kind], takers[kinds[takers] == kind])]
    ]
    chosen_pairs = rng.permutation(np.concatenate(pairs))[: abs(missing)]
    traded = feelings.copy()
    traded[chosen_pairs[:, 0]], traded[chosen_pairs[:, 1]] = outside, inside
    return traded

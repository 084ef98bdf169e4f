"""Draw how tickets are handled: first response, stages, escalation, transfers, ratings.

Moments are seconds since the first of January. Shares are exact because it is drawn first who keeps a
limit, and only then how long it takes; means are exact because what is free to vary is stretched to them. What is not urgent is worked on by day (``clock``); moving it there
breaks no limit that is kept and keeps none that is broken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion, ranked, score_counts
from fbanalysis.sample.draws import chosen, dealt
from fbanalysis.sample.records import RESPONSE_QUARTERS, SOLVED_QUARTERS
from fbanalysis.sample.service import clock
from fbanalysis.sample.service.causes import HANDLERS
from fbanalysis.sample.service.workdays import DAY, Calendar

HOUR = 3600
#: A moment behind all others, in seconds.
FAR = 1e10

MECHANISM_START = pd.Timestamp("2023-03-15")
#: Tickets are exported at eight o'clock on this day of the next year.
EXPORT_DAY = "01-02 08:00"

#: Hours until the first response, by priority.
LIMITS = {"P0": 2, "P1": 8, "P2": 24, "P3": 48}
URGENT = ("P0", "P1")
#: Share of P0 and P1 tickets answered in time: before and after the follow-up mechanism (2022 has none).
ON_TIME = {2022: (0.76, 0.76), 2023: (0.78, 0.96)}
OFF_FACTOR = 2.0
#: Rounds in which waits are swapped among tickets so that fewer are answered at night.
SWAPS = 60
SUPPORT_HOURS = {2022: 24.6, 2023: 25.5}

HANDLING_CHANGE = -0.35
SCORE_BEFORE = {2022: 3.36, 2023: 3.40}
SCORE_CHANGE = 0.18
SCORE_SPREAD = 1.05
RATED_SHARE = 0.62

ESCALATIONS = ((0.5, "部门主管"), (1.0, "公司高管"))
MISSED_SHARE = 0.08
NOTIFIED_SHARE = {2022: 0.64, 2023: 0.88}
REOPENED_SHARE = 0.06
FIRST_CONTACT = {2022: 3198, 2023: 3950}

DEPARTMENT_PACE = {
    "技术支持部": 1.30,
    "产品研发部": 1.15,
    "客户服务部": 0.80,
    "运营管理部": 1.00,
    "市场部": 0.95,
    "人力资源部": 0.90,
}
PRIORITY_PACE = {"P0": 0.15, "P1": 0.40, "P2": 1.0, "P3": 1.1}
MULTI_PACE = 1.45
DELAY_PACE = 1.35
OVERLOAD_PACE = 1.20
EARLY_PACE = 2.0
COMPLEX = ("故障", "需求")
STUCK_SHARE = 0.01
#: How much likelier a complaint of a quarter's last day is still open than one of its first: ``e ** RECENCY``.
RECENCY = 3.0


@dataclass(frozen=True)
class Stage:
    """A stage of handling: its limit in hours or working days and the share that keeps it.

    Who keeps it takes a part of the limit, drawn by ``shape`` (see :func:`_part`); who doesn't exceeds it
    by ``excess`` at least and by about ``excess + tail`` on average (in limits).
    """

    limit: float
    share: float
    shape: tuple[float, float]
    excess: float
    tail: float


STAGES = {
    "classify": Stage(24, 0.90, (1.2, 4.0), 0.05, 0.4),
    "dispatch": Stage(48, 0.85, (1.3, 3.5), 0.05, 0.3),
    "plan": Stage(5, 0.80, (2.0, 2.2), 0.22, 0.3),
    "implement": Stage(28 * 24, 0.75, (1.6, 2.6), 0.02, 0.2),
    "close": Stage(3, 0.85, (1.3, 3.0), 0.36, 0.4),
}
#: Hours in which a question is to be answered for good, and a complaint to be settled.
SOLVING = {
    "咨询": Stage(24, 0.80, (1.4, 3.0), 0.05, 0.8),
    "投诉": Stage(48, 0.70, (1.6, 2.6), 0.05, 0.7),
}
#: Hours of solving by kind: from creation, or from the plan where there is one.
SOLVING_HOURS = {kind: stage.limit for kind, stage in SOLVING.items()} | dict.fromkeys(
    COMPLEX, STAGES["implement"].limit
)


def _part(shape: tuple[float, float], *, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw numbers between 0 and 1 from Kumaraswamy's distribution, which needs uniform numbers only."""
    return (1 - (1 - rng.random(size)) ** (1 / shape[1])) ** (1 / shape[0])


def _tail(mean: float, *, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw exponential numbers of a mean."""
    return -mean * np.log(1 - rng.random(size))


# ------------------------------------------------------------------ first response


def respond(rows: pd.DataFrame, *, year: int, end: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the seconds from creation to first response; NaN for tickets that still wait.

    The mean of every quarter is that of ``RESPONSE_QUARTERS``; tickets of people who had a problem with
    技术支持部 wait ``SUPPORT_HOURS`` on average, and P0 and P1 tickets are in time as often as ``ON_TIME``.
    """
    answered = ~rows["is_open"].to_numpy()
    support = rows["is_support"].to_numpy() & answered
    urgent = rows["priority"].isin(URGENT).to_numpy() & answered & ~support
    room = (end - rows["created"].to_numpy()) / HOUR - 1.3
    slow = np.where(rows["is_off"], OFF_FACTOR, 1.0)
    hours = slow * np.exp(0.9 * rng.normal(size=len(rows))) * np.where(rows["priority"] == "P3", 1.25, 1.0)
    hours[urgent] = _urgent_hours(rows[urgent], year=year, rng=rng)
    waits = slow * np.exp(0.5 * rng.normal(size=len(rows)))
    for _ in range(4):
        waits[support] *= SUPPORT_HOURS[year] / max(waits[support].mean(), 1e-9) if support.any() else 1.0
        waits = np.minimum(waits, room)
    hours[support] = waits[support]
    for quarter, (mean, *_) in enumerate(RESPONSE_QUARTERS[year]):
        part = answered & (rows["quarter"] == quarter).to_numpy()
        hours[part] = _stretched(
            hours[part], mean=mean, fixed=(support | urgent)[part], room=room[part], quarter=quarter
        )
    calm = answered & ~rows["priority"].isin(URGENT).to_numpy()
    seconds = np.where(answered, np.rint(hours * HOUR), np.nan)
    return _swapped(rows, seconds=seconds, movable=calm, room=room * HOUR, rng=rng)


def _swapped(
    rows: pd.DataFrame,
    *,
    seconds: np.ndarray,
    movable: np.ndarray,
    room: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Swap waits among tickets alike in all that waiting depends on, so that few are answered at night.

    Means of quarters, priorities, working days and of tickets about 技术支持部 stay what they are.
    """
    alike = ["quarter", "is_off", "is_early", "is_support", "priority"]
    place = np.flatnonzero(movable)
    group = rows.iloc[place].groupby(alike, sort=False).ngroup().to_numpy()
    created, room, waits = rows["created"].to_numpy(dtype=float)[place], room[place], seconds[place]

    def cost(tickets: np.ndarray, their: np.ndarray) -> np.ndarray:
        hour = (created[tickets] + their) % DAY // HOUR
        return np.select([their > room[tickets], hour < 6, (hour < 8) | (hour >= 22)], [99, 3, 1], 0)

    for _ in range(SWAPS):
        order = np.lexsort((rng.random(len(place)), group))
        one, two = order[:-1:2], order[1::2]
        before = cost(one, waits[one]) + cost(two, waits[two])
        after = cost(one, waits[two]) + cost(two, waits[one])
        good = (group[one] == group[two]) & (after < before)
        one, two = one[good], two[good]
        waits[one], waits[two] = waits[two], waits[one]
    swapped = seconds.copy()
    swapped[place] = waits
    return swapped


def _urgent_hours(rows: pd.DataFrame, *, year: int, rng: np.random.Generator) -> np.ndarray:
    limits = rows["priority"].map(LIMITS).to_numpy(dtype=float)
    slow = np.where(rows["is_off"], OFF_FACTOR, 1.0) * np.where(rows["quarter"] == 2, 1.15, 1.0)
    early = rows["is_early"].to_numpy()
    late = np.zeros(len(rows), dtype=bool)
    for share, part in zip(ON_TIME[year], (early, ~early), strict=True):
        count = part.sum() - round(share * part.sum())
        late[chosen(np.where(part, slow, 0.0), count=count, rng=rng)] = True
    kept = limits * np.minimum(0.97, slow * _part((1.2, 4.6), size=len(rows), rng=rng))
    return np.maximum(np.where(late, limits * (1.04 + _tail(0.22, size=len(rows), rng=rng)), kept), 0.05)


def _stretched(
    hours: np.ndarray, *, mean: float, fixed: np.ndarray, room: np.ndarray, quarter: int
) -> np.ndarray:
    """Stretch what is not fixed so that the mean of all is ``mean``, to the second."""
    seconds = np.rint(hours * HOUR)
    free = np.flatnonzero(~fixed)
    total = round(mean * HOUR * len(hours)) - seconds[fixed].sum()
    if total < 600 * len(free):
        raise ValueError(f"第 {quarter + 1} 季度固定的等待时间太长，其余工单平均不到 10 分钟")
    for _ in range(6):
        seconds[free] = np.clip(
            np.rint(seconds[free] * total / seconds[free].sum()), 90, room[free] * HOUR
        ).round()
    rest = int(total - seconds[free].sum())
    longest = free[np.argsort(-seconds[free], kind="stable")]
    share, more = divmod(abs(rest), max(len(free), 1))
    seconds[longest] += np.sign(rest) * (share + (np.arange(len(free)) < more))
    return seconds / HOUR


# ------------------------------------------------------------------ stages


def handle(
    rows: pd.DataFrame,
    *,
    response: np.ndarray,
    year: int,
    calendar: Calendar,
    end: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw the moments of classification, dispatch, plan, solution, closing and notice; NaN where not yet."""
    created = rows["created"].to_numpy(dtype=float)
    waits = np.nan_to_num(response) + 300 + np.rint(_tail(0.6 * HOUR, size=len(rows), rng=rng))
    is_complex = rows["kind"].isin(COMPLEX).to_numpy()
    moments = _prepare(rows, calendar=calendar, rng=rng)
    fixed, free = _solving(rows, waits=waits, rng=rng)
    base = np.where(is_complex, moments["planned"] - created, 0.0)
    stays = _stays_unsolved(rows, year=year, rng=rng)
    calm, slack = ~rows["priority"].isin(URGENT).to_numpy(), rng.random(len(rows))
    limit = rows["kind"].map(SOLVING_HOURS).to_numpy(dtype=float) * HOUR

    def lasting(stretch: float) -> np.ndarray:
        stretches = np.where(rows["is_early"], 1.0, stretch)
        return np.maximum(base + fixed + stretches * free, waits)

    def spending(stretch: float) -> np.ndarray:
        spent = np.rint(np.minimum(lasting(stretch), latest))
        kept = spent - base <= limit
        low = np.maximum(np.maximum(base, waits), np.where(kept, 0.0, base + limit + 1))
        high = np.minimum(np.where(kept, base + limit, FAR), latest)
        low = np.minimum(np.minimum(low, high), spent)
        day = clock.moved(created + spent, low=created + low, high=created + high, slack=slack) - created
        return np.where(calm, day, spent)

    latest = end - created - HOUR
    solved = ~stays & ((rows["kind"] == "投诉").to_numpy() | (lasting(0.8) < latest))
    stretch = _stretch(rows, spending=spending, solved=solved) if year == 2023 else 1.0
    spent = spending(stretch)
    simple = ~is_complex
    last = created
    for name, low, width in (("classified", 0.02, 0.15), ("dispatched", 0.18, 0.25)):
        moment = created + np.rint(spent * (low + width * rng.random(len(rows))))
        day = clock.daytime(moment, low=np.minimum(last, moment), high=created + spent, rng=rng)
        last = np.maximum(np.where(calm, day, moment), last)
        moments.loc[simple, name] = last[simple]
    moments["planned"] = moments["planned"].where(is_complex)
    moments["resolved"] = np.where(solved, created + spent, np.nan)
    cap = np.where(rows["is_open"], -1, np.where(solved, created + spent, end))
    known = moments.where(moments.le(pd.Series(cap, index=rows.index), axis=0))
    return _finish(known, rows, year=year, calendar=calendar, end=end, rng=rng)


def _pace(rows: pd.DataFrame) -> np.ndarray:
    pace = rows["department"].map(DEPARTMENT_PACE).to_numpy(dtype=float)
    pace = pace * np.where(rows["departments"] > 1, MULTI_PACE, 1.0)
    pace = pace * np.where(rows["delay_cause"].notna(), DELAY_PACE, 1.0)
    return pace * np.where(rows["quarter"] == 2, OVERLOAD_PACE, 1.0)


def _durations(
    rows: pd.DataFrame,
    stage: Stage,
    *,
    pace: np.ndarray,
    rng: np.random.Generator,
    is_lost: np.ndarray | bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the fixed and the free part of a stage's length, in the units of its limit.

    Those who have lost it already are the first of the late ones.
    """
    size = len(rows)
    weights = pace * np.where(rows["is_early"], EARLY_PACE, 1.0) * np.where(is_lost, 1e6, 1.0)
    late = np.zeros(size, dtype=bool)
    late[chosen(weights, count=size - round(stage.share * size), rng=rng)] = True
    parts = np.where(
        late,
        pace * _tail(stage.tail, size=size, rng=rng),
        np.minimum(0.94, 0.85 * pace * _part(stage.shape, size=size, rng=rng)),
    )
    return np.where(late, (1 + stage.excess) * stage.limit, 0.0), parts * stage.limit


def _prepare(rows: pd.DataFrame, *, calendar: Calendar, rng: np.random.Generator) -> pd.DataFrame:
    """Draw classification, dispatch and plan of faults and requests; others get theirs with the solution."""
    moments = pd.DataFrame(index=rows.index, columns=["classified", "dispatched", "planned"], dtype=float)
    part = rows[rows["kind"].isin(COMPLEX)]
    pace = _pace(part) * part["priority"].map(PRIORITY_PACE).to_numpy(dtype=float)
    moment = part["created"].to_numpy(dtype=float)
    calm = ~part["priority"].isin(URGENT).to_numpy()
    for name, stage in (("classified", "classify"), ("dispatched", "dispatch")):
        last, limit = moment, STAGES[stage].limit * HOUR
        took = np.rint(sum(_durations(part, STAGES[stage], pace=pace, rng=rng)) * HOUR) + 60
        low = last + np.where(took <= limit, 60, limit + 1)
        high = last + np.where(took <= limit, limit, FAR)
        moment = np.where(calm, clock.daytime(last + took, low=low, high=high, rng=rng), last + took)
        moments.loc[part.index, name] = moment
    days = sum(_durations(part, STAGES["plan"], pace=pace, rng=rng))
    planned = calendar.after(moment, workdays=days) + 60 - rng.integers(0, 2 * HOUR, len(part))
    planned = np.maximum(planned, moment + 60)
    day = clock.daytime(planned, low=moment + 60, high=np.full(len(part), FAR), rng=rng)
    moments.loc[part.index, "planned"] = np.where(calm, day, planned)
    return moments


def _solving(
    rows: pd.DataFrame, *, waits: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the fixed and the free seconds of solving: after the plan, or from creation where there is none."""
    fixed, free = np.zeros(len(rows)), np.zeros(len(rows))
    stages = dict.fromkeys(COMPLEX, STAGES["implement"]) | SOLVING
    for stage in dict.fromkeys(stages.values()):
        kinds = [kind for kind, own in stages.items() if own is stage]
        mask = rows["kind"].isin(kinds).to_numpy()
        pace = _pace(rows[mask])
        if stage is STAGES["implement"]:
            pace = pace * rows.loc[mask, "priority"].map(PRIORITY_PACE).to_numpy(dtype=float)
        is_lost = waits[mask] > stage.limit * HOUR
        fixed[mask], free[mask] = _durations(rows[mask], stage, pace=pace, is_lost=is_lost, rng=rng)
    return fixed * HOUR, free * HOUR


def _stays_unsolved(rows: pd.DataFrame, *, year: int, rng: np.random.Generator) -> np.ndarray:
    """Choose the complaints of each quarter that nobody settles, late ones rather, and a few others."""
    stays = rows["is_open"].to_numpy() | (
        rows["kind"].isin(COMPLEX).to_numpy() & (rng.random(len(rows)) < STUCK_SHARE)
    )
    complaints = (rows["kind"] == "投诉").to_numpy()
    first, last = (rows.groupby("quarter")["created"].transform(name).to_numpy() for name in ("min", "max"))
    recent = np.exp(RECENCY * (rows["created"].to_numpy() - first) / np.maximum(last - first, 1))
    for quarter, (solved, received) in enumerate(SOLVED_QUARTERS[year]):
        part = complaints & (rows["quarter"] == quarter).to_numpy()
        count = round((1 - solved / received) * part.sum())
        weights = np.where(part, np.where(rows["departments"] > 1, 2.5, 1.0), 0.0) * recent
        stays[chosen(weights, count=count, rng=rng)] = True
    return stays


def _stretch(rows: pd.DataFrame, *, spending: Callable[[float], np.ndarray], solved: np.ndarray) -> float:
    """Find how far solving must be shortened for the mean of later tickets to have changed as planned."""
    early = rows["is_early"].to_numpy() & solved
    later = ~rows["is_early"].to_numpy() & solved
    goal = (1 + HANDLING_CHANGE) * spending(1.0)[early].mean()
    low, high = 0.02, 3.0
    for _ in range(40):
        stretch = (low + high) / 2
        low, high = (stretch, high) if spending(stretch)[later].mean() < goal else (low, stretch)
    return stretch


def _finish(
    moments: pd.DataFrame,
    rows: pd.DataFrame,
    *,
    year: int,
    calendar: Calendar,
    end: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Add closing and notice."""
    solved = moments["resolved"].notna().to_numpy()
    part = rows[solved]
    days = sum(_durations(part, STAGES["close"], pace=np.ones(len(part)), rng=rng))
    closed = np.full(len(rows), np.nan)
    resolved = moments.loc[solved, "resolved"].to_numpy()
    after = calendar.after(resolved, workdays=days) + 60
    closed[solved] = clock.daytime(after, low=resolved + 60, high=np.full(len(part), FAR), rng=rng)
    closed = np.where(closed <= end, closed, np.nan)
    has_closed = ~np.isnan(closed)
    weights = np.where(has_closed, np.where(rows["is_early"], 1.0, 2.2), 0.0)
    notified = np.full(len(rows), np.nan)
    told = chosen(weights, count=round(NOTIFIED_SHARE[year] * has_closed.sum()), rng=rng)
    later = np.minimum(closed[told] + np.rint(_tail(10 * HOUR, size=len(told), rng=rng)) + 60, end)
    notified[told] = clock.daytime(later, low=closed[told], high=np.full(len(told), end), rng=rng)
    return moments.assign(closed=closed, notified=notified)


# ------------------------------------------------------------------ departments, escalation, rating


def deal_transfers(
    rows: pd.DataFrame, *, solved: np.ndarray, year: int, scale: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Deal how often tickets are reopened and transferred, so that the rest is solved at first contact."""
    answered = ~rows["is_open"].to_numpy()
    multi = (rows["departments"] > 1).to_numpy()
    reopened = np.zeros(len(rows), dtype=int)
    again = chosen(np.where(solved, 1.0, 0.0), count=round(REOPENED_SHARE * answered.sum()), rng=rng)
    reopened[again] = 1 + (rng.random(len(again)) < 0.08)
    wanted = int(solved.sum()) - len(again) - round(FIRST_CONTACT[year] * scale)
    plain = np.where(solved & (reopened == 0) & multi, 1.0, 0.0)
    moved = np.concatenate(
        [
            chosen(plain, count=max(wanted, 0), rng=rng),
            np.flatnonzero(multi & (reopened > 0) & (rng.random(len(rows)) < 0.4)),
            np.flatnonzero(multi & ~solved & (rng.random(len(rows)) < 0.5)),
        ]
    )
    transfers = np.zeros(len(rows), dtype=int)
    transfers[moved] = 1 + np.floor(rng.random(len(moved)) * (rows["departments"].to_numpy()[moved] - 1))
    return reopened, transfers


def escalate(
    rows: pd.DataFrame, *, response: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw when and to whom urgent tickets beyond a part of their limit, and repeated complaints, go up."""
    limits = rows["priority"].map(LIMITS).to_numpy(dtype=float) * HOUR
    used = np.where(rows["priority"].isin(URGENT), np.nan_to_num(response) / limits, 0.0)
    moment, receiver = np.full(len(rows), np.nan), np.full(len(rows), None, dtype=object)
    repeated = rows["is_repeat"].to_numpy()
    moment[repeated], receiver[repeated] = rows["created"].to_numpy()[repeated] + 300, ESCALATIONS[0][1]
    for part, name in ESCALATIONS:
        due = used > part
        moment[due] = (
            rows["created"].to_numpy() + np.rint(limits * part) + rng.integers(20, 170, len(rows))
        )[due]
        receiver[due] = name
    for due in (used > ESCALATIONS[0][0], repeated & (used <= ESCALATIONS[0][0])):
        missed = chosen(due.astype(float), count=round(MISSED_SHARE * due.sum()), rng=rng)
        moment[missed], receiver[missed] = np.nan, None
    return moment, receiver


def rate(
    rows: pd.DataFrame, *, response: np.ndarray, spent: np.ndarray, year: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw the scores (1–5) that customers give to closed tickets; NaN for the others."""
    asked = rows["is_closed"].to_numpy() & (rows["side"] == "external").to_numpy()
    rated = asked & (rng.random(len(rows)) < RATED_SHARE)
    log_wait, log_spent = np.log(np.nan_to_num(response, nan=HOUR)), np.log(np.nan_to_num(spent, nan=DAY))
    latent = -0.35 * log_wait - 0.15 * log_spent - 0.8 * rows["reopened"].to_numpy()
    latent = latent + 1.1 * rng.normal(size=len(rows))
    scores, goal = np.full(len(rows), np.nan), SCORE_BEFORE[year]
    for is_early in (True, False):
        part = np.flatnonzero(rated & (rows["is_early"] == is_early).to_numpy())
        if len(part):
            scores[part] = ranked(latent[part], counts=_exact_scores(len(part), mean=goal))
            goal = scores[part].mean() * (1 + SCORE_CHANGE)
    return scores


def _exact_scores(size: int, *, mean: float) -> np.ndarray:
    """Say how many have each score so that the sum is ``mean * size``, rounded."""
    counts = score_counts(size, mean=mean, spread=SCORE_SPREAD, maximum=5)
    rest = round(mean * size) - int(counts @ np.arange(1, 6))
    counts[3 if rest > 0 else 4] -= abs(rest)
    counts[4 if rest > 0 else 3] += abs(rest)
    return counts


def draw_steps(rows: pd.DataFrame, *, end: int, rng: np.random.Generator) -> pd.DataFrame:
    """Split each ticket's time among its departments: one row a stay; a transferred one ends with its own."""
    count = rows["departments"].to_numpy()
    order = _department_order(rows, rng=rng)
    ticket = np.repeat(np.arange(len(rows)), count)
    step = np.arange(len(ticket)) - np.repeat(np.cumsum(count) - count, count)
    weights = 0.3 + rng.random(len(ticket))
    total = np.bincount(ticket, weights=weights)
    upto = np.cumsum(weights) - np.repeat(np.cumsum(total) - total, count)
    created, resolved = rows["created"].to_numpy(dtype=float), rows["resolved"].to_numpy(dtype=float)
    spent = np.where(np.isnan(resolved), end - 60, resolved) - created
    left = np.rint(created[ticket] + spent[ticket] * upto / total[ticket])
    is_last = step == count[ticket] - 1
    entered = np.where(step == 0, created[ticket], np.concatenate([[0.0], left[:-1]]))
    return pd.DataFrame(
        {
            "ticket": ticket,
            "step": step + 1,
            "department": order[ticket, step],
            "entered": entered,
            "left": np.where(is_last, resolved[ticket], left),
        }
    )


#: How readily a department is drawn into another's ticket, in the order of ``HANDLERS``.
PARTNERS = (5, 4, 4, 2, 1, 0.6)


def _department_order(rows: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    own = pd.Index(HANDLERS).get_indexer(rows["department"])
    keys = np.log(rng.random((len(rows), len(HANDLERS)))) / np.array(PARTNERS)
    keys[np.arange(len(rows)), own] = 1.0
    order = np.argsort(-keys, axis=1, kind="stable")
    moved = np.flatnonzero(rows["transfers"].to_numpy() > 0)
    last = rows["departments"].to_numpy()[moved] - 1
    order[moved, 0], order[moved, last] = order[moved, last], order[moved, 0]
    return np.array(HANDLERS, dtype=object)[order]


# ------------------------------------------------------------------ delays and causes

MULTI_SHARE = 0.38
DEPARTMENT_COUNTS = {2: 0.70, 3: 0.22, 4: 0.06, 5: 0.02}
#: Delay causes of tickets with two or more departments, as shares of these tickets.
MULTI_DELAYS = {
    2022: {"责任不清": 0.24, "信息中断": 0.17},
    2023: {"责任不清": 0.21, "信息中断": 0.15},
}
#: Share of 责任不清 in all tickets with a delay cause, and how the others divide up.
UNCLEAR_SHARE = {2022: 0.36, 2023: 0.32}
#: The overload of 2023 shows in 人手不足.
OTHER_DELAYS = {
    2022: {"人手不足": 0.27, "等客户补充资料": 0.34, "等待审批": 0.23, "第三方未完成": 0.16},
    2023: {"人手不足": 0.45, "等客户补充资料": 0.26, "等待审批": 0.17, "第三方未完成": 0.12},
}

#: Causes of settled faults and complaints; in 2023 the incident shows in 变更测试不足, the overload in 值班人手不足.
CAUSE_SHARES = {
    2022: {
        "变更测试不足": 0.25,
        "值班人手不足": 0.18,
        "资料更新滞后": 0.25,
        "需求理解偏差": 0.09,
        "接口校验缺失": 0.06,
        "权限配置错误": 0.06,
        "容量规划不足": 0.05,
        "部门衔接缺口": 0.04,
        "第三方故障": 0.02,
    },
    2023: {
        "变更测试不足": 0.32,
        "值班人手不足": 0.23,
        "资料更新滞后": 0.15,
        "需求理解偏差": 0.08,
        "接口校验缺失": 0.07,
        "权限配置错误": 0.05,
        "容量规划不足": 0.04,
        "部门衔接缺口": 0.03,
        "第三方故障": 0.03,
    },
}
CAUSE_LEANINGS: Mapping[str, Mapping[str, float]] = {
    "变更测试不足": {"系统稳定性问题": 6, "数据同步异常": 8, "系统响应慢": 2},
    "值班人手不足": {"响应速度慢": 8, "客服答复不一": 4},
    "资料更新滞后": {"文档不完善": 9, "功能使用复杂": 4, "培训跟不上": 4, "客服答复不一": 2},
    "需求理解偏差": {"功能使用复杂": 4, "需求答复不清": 6, "数据导出限制": 4},
    "接口校验缺失": {"数据同步异常": 4, "接口对接困难": 8, "报表口径不准": 4},
    "容量规划不足": {"系统响应慢": 9, "系统稳定性问题": 2},
    "部门衔接缺口": {"部门交接断档": 9, "沟通协作不畅": 9},
}


def deal_departments(rows: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Deal how many departments each ticket passes through."""
    is_open = rows["is_open"].to_numpy()
    weights = np.where(is_open, 0.0, np.where(rows["kind"].isin(COMPLEX), 1.4, 1.0))
    multi = chosen(weights, count=round(MULTI_SHARE * len(rows)), rng=rng)
    numbers = np.repeat(
        list(DEPARTMENT_COUNTS), apportion(list(DEPARTMENT_COUNTS.values()), total=len(multi))
    )
    departments = np.ones(len(rows), dtype=int)
    departments[multi] = rng.permutation(numbers)
    return departments


def deal_delays(rows: pd.DataFrame, *, year: int, rng: np.random.Generator) -> np.ndarray:
    """Deal the causes of delay; 责任不清 and 信息中断 befall tickets of several departments only."""
    causes = np.full(len(rows), None, dtype=object)
    multi = rows["departments"].to_numpy() > 1
    counts = {name: round(share * multi.sum()) for name, share in MULTI_DELAYS[year].items()}
    for name, count in counts.items():
        free = multi & np.equal(causes, None)
        causes[chosen(free.astype(float), count=count, rng=rng)] = name
    rest = round(counts["责任不清"] / UNCLEAR_SHARE[year]) - sum(counts.values())
    weights = np.where(np.equal(causes, None) & ~rows["is_open"].to_numpy(), 1.0, 0.0)
    others = rng.permutation(chosen(weights, count=rest, rng=rng))
    shares = apportion(list(OTHER_DELAYS[year].values()), total=len(others))
    causes[others] = np.repeat(np.array(list(OTHER_DELAYS[year]), dtype=object), shares)
    return causes


def deal_causes(rows: pd.DataFrame, *, solved: np.ndarray, year: int, rng: np.random.Generator) -> np.ndarray:
    """Deal the causes of settled faults and complaints: exact shares, leaning to the fitting problems."""
    causes = np.full(len(rows), None, dtype=object)
    part = np.flatnonzero(solved & rows["kind"].isin(("故障", "投诉")).to_numpy())
    shares = CAUSE_SHARES[year]
    counts = dict(zip(shares, apportion(list(shares.values()), total=len(part)).tolist(), strict=True))
    issue = rows["issue"].iloc[part]
    weights = {
        name: issue.map(CAUSE_LEANINGS.get(name, {}))
        .fillna(0.5 if name in CAUSE_LEANINGS else 1.0)
        .to_numpy(dtype=float)
        for name in counts
    }
    causes[part] = dealt(counts, weights=weights, rng=rng)
    return causes

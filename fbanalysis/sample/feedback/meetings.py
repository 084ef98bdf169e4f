"""When people are met: interviews and focus groups on working days, focus groups in sessions. It knows no scores."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion
from fbanalysis.sample.draws import chosen
from fbanalysis.sample.plans import HOLIDAYS

INTERVIEWS = "面对面深度访谈"
FOCUS_GROUPS = "焦点小组讨论"
MEETINGS = (INTERVIEWS, FOCUS_GROUPS)

#: Items of one session: usually, at least, at most.
USUAL, FEWEST, MOST = 8, 6, 10
#: Earliest and latest start of a session before and after noon, in quarters of an hour since midnight.
HALVES = ((36, 42), (54, 64))
QUARTER = 900


def working_days(days: pd.DatetimeIndex) -> np.ndarray:
    """Say which days of one year are worked: weekdays but public holidays, and the weekend days made up for."""
    is_work = days.day_of_week.to_numpy() < 5
    for first, last, instead in HOLIDAYS[days[0].year]:
        is_work[(days >= first) & (days <= last)] = False
        is_work[days.isin(pd.to_datetime(list(instead)))] = True
    return is_work


def draw_sessions(
    sides: np.ndarray, *, weights: Mapping[str, np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Put the items of focus groups into sessions of one side, one before and one after noon at most.

    Parameters
    ----------
    sides
        The side of each item.
    weights
        Side → weight of each day of the year for a session of it.

    Returns
    -------
    tuple of numpy.ndarray
        The day (position in the year) and the start (seconds since midnight) of each item's session.

    Notes
    -----
    A year with more sessions than half of its mornings and afternoons holds several at a time.
    """
    sizes = {side: session_sizes(int((sides == side).sum()), rng=rng) for side in weights}
    slots = max(1, len(HALVES) * int((sum(weights.values()) > 0).sum()))
    rooms = -(-2 * sum(len(part) for part in sizes.values()) // slots)
    is_free = np.ones(rooms * len(HALVES) * len(next(iter(weights.values()))), dtype=bool)
    days, starts = np.zeros(len(sides), dtype=int), np.zeros(len(sides), dtype="int64")
    for side, weight in weights.items():
        likely = np.tile(np.repeat(weight, len(HALVES)), rooms) * is_free
        taken = rng.permutation(chosen(likely, count=len(sizes[side]), rng=rng))
        is_free[taken] = False
        first, last = np.array(HALVES)[taken % len(HALVES)].T
        quarters = rng.integers(first, last + 1)
        members = rng.permutation(np.flatnonzero(sides == side))
        days[members] = np.repeat(taken // len(HALVES) % len(weight), sizes[side])
        starts[members] = np.repeat(QUARTER * quarters, sizes[side])
    return days, starts


def session_sizes(items: int, *, rng: np.random.Generator) -> np.ndarray:
    """Divide items among sessions of 6 to 10; fewer than twelve items are one session.

    Examples
    --------
    >>> sorted(session_sizes(20, rng=np.random.default_rng(0)).tolist())
    [10, 10]
    """
    count = max(round(items / USUAL), min(items, 1))
    sizes = np.array(apportion(np.ones(count), total=items) if count else [], dtype=int)
    for giver, taker in rng.integers(0, max(count, 1), size=(4 * count, 2)):
        if giver != taker and sizes[giver] > FEWEST and sizes[taker] < MOST:
            sizes[giver] -= 1
            sizes[taker] += 1
    return sizes

"""Move moments of tickets into the hours in which people work on them. It knows no table."""

import numpy as np

from fbanalysis.sample.service.workdays import DAY

HOUR = 3600
OPENING, CLOSING = 8 * HOUR, 20 * HOUR
#: What begins later than this is begun the next morning.
LAST_START = CLOSING - HOUR // 2
#: Hours of the night and where in the day of the same date they go: order in either half is kept.
_NIGHT = ((0, 8, 8.0, 18.0), (20, 24, 10.0, 20.0))


def is_night(seconds: np.ndarray) -> np.ndarray:
    """Say which moments lie outside the working hours (seconds since the first of January)."""
    clock = seconds % DAY
    return (clock < OPENING) | (clock >= CLOSING)


def daytime(
    seconds: np.ndarray, *, low: np.ndarray, high: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Move moments at night into the day of the same date, or as near as ``low`` and ``high`` allow.

    Nothing leaves ``low`` to ``high``; where these leave no working hour, the moment stays at night.
    """
    return moved(seconds, low=low, high=high, slack=rng.random(len(seconds)))


def moved(seconds: np.ndarray, *, low: np.ndarray, high: np.ndarray, slack: np.ndarray) -> np.ndarray:
    """Do what :func:`daytime` does; ``slack`` (0–1) says how long after opening people get to it."""
    clock = seconds % DAY
    day = seconds - clock
    goal = seconds
    for first, last, start, end in _NIGHT:
        share = (clock / HOUR - first) / (last - first)
        goal = np.where((share >= 0) & (share < 1), day + (start + share * (end - start)) * HOUR, goal)
    goal = np.where(goal < low, _next(low, slack=slack), goal)
    goal = np.where(goal > high, _previous(high, slack=slack), goal)
    fits = (goal >= low) & (goal <= high) & ~is_night(np.rint(goal))
    return np.rint(np.where(fits, goal, np.clip(seconds, low, high)))


def _next(moments: np.ndarray, *, slack: np.ndarray) -> np.ndarray:
    """Give a moment soon after another within working hours."""
    clock = moments % DAY
    morning = moments - clock + np.where(clock < OPENING, 0, DAY) + OPENING + slack * 1.5 * HOUR
    soon = moments + slack * np.maximum(CLOSING - 60 - clock, 0) / 3
    return np.where((clock >= OPENING) & (clock < LAST_START), soon, morning)


def _previous(moments: np.ndarray, *, slack: np.ndarray) -> np.ndarray:
    """Give a moment shortly before another within working hours."""
    clock = moments % DAY
    evening = moments - clock - np.where(clock >= CLOSING, 0, DAY) + CLOSING - 60 - slack * 2 * HOUR
    just = moments - slack * np.maximum(clock - OPENING, 0) / 3
    return np.where((clock >= OPENING) & (clock < CLOSING), just, evening)

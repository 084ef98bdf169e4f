"""Does a series of periods keep rising, keep falling, or stay the same? It judges and words no sentence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from fbanalysis.analysis.intervals import LEVEL

ALPHA = 0.05
#: With fewer periods no order of them is rarer than one in twenty: of four, one in twelve.
FEWEST_PERIODS = 5

KEEPS_RISING, KEEPS_FALLING = "持续上升", "持续下降"
STABLE, NO_TREND, TOO_SHORT = "稳定", "没有一致的走向", "期数不足"


@dataclass(frozen=True)
class Trend:
    """What a series came to: Kendall's tau against time, its p, and one of the five verdicts."""

    n: int
    tau: float
    p: float
    verdict: str


def mann_kendall(values: ArrayLike) -> tuple[float, float]:
    """Test whether a series rises or falls with time: give Kendall's tau and the two-sided p.

    Parameters
    ----------
    values
        One number a period, in the order of time.

    Notes
    -----
    The Mann–Kendall test is Kendall's rank correlation with time [1]_ [2]_: S = Σ sign(xⱼ − xᵢ) over i < j. Without
    ties p is exact up to 33 periods; with ties it is normal with the variance
    (n(n − 1)(2n + 5) − Σ t(t − 1)(2t + 5)) / 18 for groups of t equal values. Fewer than two periods, or all
    equal, give NaN. Periods count as independent: a series that carries over from one to the next gives too
    small a p.

    .. [1] H. B. Mann (1945), Econometrica 13: 245–259.
    .. [2] M. G. Kendall (1975), Rank Correlation Methods, chapters 4 and 13.

    Examples
    --------
    >>> tau, p = mann_kendall([1, 2, 3, 4, 5])
    >>> print(f"{tau:.1f} {p:.4f}")
    1.0 0.0167
    """
    from scipy.stats import kendalltau

    series = np.asarray(values, dtype=float)
    if len(series) < 2 or np.ptp(series) == 0:
        return float("nan"), float("nan")
    found = kendalltau(np.arange(len(series)), series)
    return float(found.statistic), float(found.pvalue)


def is_never_set_back(values: ArrayLike, half_widths: ArrayLike, *, sign: int) -> bool:
    """Say whether no step against the direction is larger than the interval of that step.

    Parameters
    ----------
    values, half_widths
        One number a period, and half the width of its interval; NaN where it has none: then any step back counts.
    sign
        1 for a rise, −1 for a fall.

    Notes
    -----
    The half-width of the difference of two independent periods is √(h₁² + h₂²).

    >>> is_never_set_back([3.0, 3.5, 3.4], [0.1, 0.1, 0.1], sign=1), is_never_set_back([3, 4, 3], [0, 0, 0], sign=1)
    (True, False)
    """
    half = np.nan_to_num(np.asarray(half_widths, dtype=float))
    back = -sign * np.diff(np.asarray(values, dtype=float))
    return bool((back <= np.hypot(half[:-1], half[1:])).all())


def is_equivalent(
    values: ArrayLike, errors: ArrayLike, spreads: ArrayLike, *, margin: float, alpha: float = ALPHA
) -> bool:
    """Say whether every period lies so near to their common mean that the rest doesn't matter.

    Parameters
    ----------
    values, errors, spreads
        One number a period: its value, its standard error, and the standard deviation between the cases behind it.
    margin
        What still counts as the same, in standard deviations.

    Notes
    -----
    Two one-sided tests [1]_ a period: |x − m| + z(1 − α) s < margin · S, with the mean m weighted by 1/s² and S the
    root mean square of the spreads. All periods have to pass, so that no correction for their number is needed
    (intersection–union [2]_). The common mean counts as known, which it nearly is with several periods. A missing
    error, or no spread at all, gives False: nothing is shown.

    .. [1] D. J. Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15: 657–680.
    .. [2] R. L. Berger, J. C. Hsu (1996), Statistical Science 11: 283–319.

    Examples
    --------
    >>> is_equivalent([4.0, 4.01], [0.03, 0.03], [0.9, 0.9], margin=0.2)
    True
    """
    x, s, spread = (np.asarray(part, dtype=float) for part in (values, errors, spreads))
    if not (np.isfinite(s).all() and np.isfinite(spread).all() and (s > 0).all()):
        return False
    centre = np.average(x, weights=s**-2)
    return bool((np.abs(x - centre) + ndtri(1 - alpha) * s < margin * np.sqrt((spread**2).mean())).all())


def judge_series(
    values: ArrayLike,
    half_widths: ArrayLike,
    n: ArrayLike,
    *,
    margin: float,
    alpha: float = ALPHA,
    level: float = LEVEL,
) -> Trend:
    """Judge a series of periods: does it keep rising, keep falling, stay the same, or none of these.

    Parameters
    ----------
    values, half_widths, n
        One number a period, half the width of its interval at ``level``, and its base; NaN where not known.
    margin
        What still counts as the same, in standard deviations between cases.

    Returns
    -------
    Trend
        ``verdict`` 持续上升 or 持续下降: `mann_kendall` finds a direction at ``alpha``, and no step back is larger
        than its interval; 稳定: no direction, and `is_equivalent` holds; 没有一致的走向 otherwise, or 期数不足 below
        `FEWEST_PERIODS`, where no direction can be found.

    Notes
    -----
    A standard error is h / z, a standard deviation that times √n: for means and for shares alike.
    """
    x, half, base = (np.asarray(part, dtype=float) for part in (values, half_widths, n))
    tau, p = mann_kendall(x)
    errors = half / ndtri((1 + level) / 2)
    if p < alpha and is_never_set_back(x, half, sign=1 if tau > 0 else -1):
        return Trend(len(x), tau, p, KEEPS_RISING if tau > 0 else KEEPS_FALLING)
    is_same = not p < alpha and is_equivalent(x, errors, errors * np.sqrt(base), margin=margin, alpha=alpha)
    if len(x) > 1 and is_same:
        return Trend(len(x), tau, p, STABLE)
    return Trend(len(x), tau, p, NO_TREND if len(x) >= FEWEST_PERIODS else TOO_SHORT)

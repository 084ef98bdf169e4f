"""Intervals of effect sizes: Cohen's h, Cramér's V, shares of variance and correlations."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chndtrinc, fdtrc, ncfdtrinc, ndtri, stdtr

from fbanalysis.analysis.intervals import LEVEL

PEARSON, SPEARMAN = "Pearson 相关检验", "Spearman 秩相关检验"


@dataclass(frozen=True)
class Correlation:
    """A correlation with its interval and test; ``n`` counts the rows that have both values."""

    test: str
    n: int
    statistic: float
    df: float
    p: float
    effect: float
    effect_low: float
    effect_high: float


def cohens_h_interval(
    h: ArrayLike, n: ArrayLike, other_n: ArrayLike, *, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Give the interval of Cohen's h: h ± z √(1/n₁ + 1/n₂), as the arcsine has nearly the variance 1/n (Cohen 1988).

    >>> [round(float(end), 3) for end in cohens_h_interval(0.442, 70, 80)]
    [0.121, 0.763]
    """
    n, other_n = (np.asarray(part, dtype=float) for part in (n, other_n))
    with np.errstate(divide="ignore"):
        half = ndtri((1 + level) / 2) * np.sqrt(1 / n + 1 / other_n)
    half = np.where(np.isfinite(half), half, np.nan)
    return np.asarray(h, dtype=float) - half, np.asarray(h, dtype=float) + half


def cramers_v_interval(
    chi2: float, n: int, *, df: float, smaller: int, level: float = LEVEL
) -> tuple[float, float]:
    """Give the interval of Cramér's V from the non-centrality of χ².

    Parameters
    ----------
    smaller
        The smaller of the numbers of rows and columns, less one.

    Notes
    -----
    V = √(λ / (n · smaller)) for the λ under which the observed χ² is the 97.5 and the 2.5 percent quantile [1]_, 0 where
    even λ = 0 makes it larger, at most 1. NaN without a table.

    .. [1] M. Smithson (2003), Confidence Intervals, chapter 4.

    >>> [round(end, 3) for end in cramers_v_interval(30.07, 2757, df=2, smaller=1)]
    [0.065, 0.14]
    """
    if not (df > 0 and n > 0 and smaller > 0 and np.isfinite(chi2)):
        return float("nan"), float("nan")
    tails = (1 - level) / 2
    ends = [
        0.0 if chdtrc(df, chi2) >= upper else float(chndtrinc(chi2, df, 1 - upper))
        for upper in (tails, 1 - tails)
    ]
    low, high = (min(float(np.sqrt(end / (n * smaller))), 1.0) for end in ends)
    return low, high


def variance_share_interval(
    statistic: float, df: float, df2: float, n: int, *, level: float = LEVEL
) -> tuple[float, float]:
    """Give the interval of the share of variance between groups (η² and ω² estimate the same), from the classic F.

    Notes
    -----
    λ / (λ + n) for the λ under which the observed F is the 97.5 and the 2.5 percent quantile of the non-central F
    [1]_, 0 where even λ = 0 makes it larger. It assumes equal spreads. NaN without a test.

    .. [1] J. H. Steiger (2004), Psychological Methods 9: 164–182.

    >>> [round(end, 2) for end in variance_share_interval(4.846, 2, 27, 30)]
    [0.01, 0.46]
    """
    if not (np.isfinite(statistic) and df > 0 and df2 > 0):
        return float("nan"), float("nan")
    tails = (1 - level) / 2
    ends = [
        0.0 if fdtrc(df, df2, statistic) >= upper else float(ncfdtrinc(df, df2, 1 - upper, statistic))
        for upper in (tails, 1 - tails)
    ]
    low, high = (end / (end + n) for end in ends)
    return low, high


def correlation(
    first: ArrayLike, other: ArrayLike, *, by_rank: bool = False, level: float = LEVEL
) -> Correlation:
    """Give Pearson's or, by ranks, Spearman's correlation with its interval and test; rows lacking a value left out.

    Notes
    -----
    t = r √((n − 2)/(1 − r²)); interval tanh(artanh r ± z / √(n − 3)) [1]_, for ranks with the factor √1.06 [2]_. Fewer than
    four rows, or a value that never changes, give NaN; a perfect line has no interval.

    .. [1] R. A. Fisher (1921), Metron 1: 3–32.
    .. [2] E. C. Fieller, H. O. Hartley, E. S. Pearson (1957), Biometrika 44: 470–481.

    >>> found = correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    >>> round(found.effect, 1), round(found.p, 3)
    (0.8, 0.104)
    """
    from scipy.stats import rankdata

    pairs = np.column_stack([np.asarray(first, dtype=float), np.asarray(other, dtype=float)])
    pairs = pairs[~np.isnan(pairs).any(axis=1)]
    n, test, nan = len(pairs), SPEARMAN if by_rank else PEARSON, float("nan")
    if n < 4 or (np.ptp(pairs, axis=0) == 0).any():
        return Correlation(test, n, nan, nan, nan, nan, nan, nan)
    columns = rankdata(pairs, axis=0) if by_rank else pairs
    r = float(np.clip(np.corrcoef(columns.T)[0, 1], -1, 1))
    t = r * np.sqrt((n - 2) / (1 - r**2)) if abs(r) < 1 else np.inf * r
    half = ndtri((1 + level) / 2) * np.sqrt((1.06 if by_rank else 1.0) / (n - 3))
    low, high = np.tanh(np.arctanh(r) + np.array([-half, half])) if abs(r) < 1 else (nan, nan)
    return Correlation(
        test, n, float(t), float(n - 2), float(2 * stdtr(n - 2, -abs(t))), r, float(low), float(high)
    )

"""Closed intervals of shares and means, in the units that are printed. It tests and decides nothing."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

#: Confidence level of every interval unless said otherwise.
LEVEL = 0.95


def percent_of(count: ArrayLike, base: ArrayLike) -> np.ndarray:
    """Give counts as percent of their bases; NaN where the base is zero or missing.

    >>> percent_of([1, 0], [4, 0]).tolist()
    [25.0, nan]
    """
    base = np.asarray(base, dtype=float)
    return 100 * np.asarray(count, dtype=float) / np.where(base > 0, base, np.nan)


def wilson_interval(
    count: ArrayLike, base: ArrayLike, *, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Give the Wilson score interval of shares, in percent.

    Parameters
    ----------
    count, base
        Cases and how many could have been one: scalars or arrays that broadcast.

    Notes
    -----
    With p = count / base and z the normal quantile,
    (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n) [1]_, without continuity correction. It
    stays inside 0–100 and has a width at 0 and 100 percent. NaN where the base is zero or the count
    lies outside 0…base.

    .. [1] E. B. Wilson (1927), JASA 22: 209–212; method 3 of R. G. Newcombe (1998), Stat. Med. 17: 857.

    Examples
    --------
    >>> low, high = wilson_interval(81, 263)
    >>> print(f"{low:.2f} {high:.2f}")
    25.53 36.62
    """
    count, base = np.asarray(count, dtype=float), np.asarray(base, dtype=float)
    base = np.where((base > 0) & (count >= 0) & (count <= base), base, np.nan)
    share, z2 = count / base, ndtri((1 + level) / 2) ** 2
    centre = share + z2 / (2 * base)
    half = np.sqrt(z2 * (share * (1 - share) / base + z2 / (4 * base**2)))
    shrink = 1 + z2 / base
    return np.clip(100 * (centre - half) / shrink, 0, 100), np.clip(100 * (centre + half) / shrink, 0, 100)


def newcombe_interval(
    count: ArrayLike, base: ArrayLike, other_count: ArrayLike, other_base: ArrayLike, *, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Give Newcombe's interval of the difference of two shares, first minus other, in percentage points.

    Notes
    -----
    Method 10 of Newcombe [1]_: with d = p₁ − p₂ and the Wilson limits l, u of each share,
    d − √((p₁ − l₁)² + (u₂ − p₂)²) to d + √((u₁ − p₁)² + (p₂ − l₂)²). The two groups count as independent.
    NaN where a base is zero.

    .. [1] R. G. Newcombe (1998), Statistics in Medicine 17: 873–890.

    Examples
    --------
    >>> low, high = newcombe_interval(56, 70, 48, 80)
    >>> print(f"{low:.2f} {high:.2f}")
    5.24 33.39
    """
    first, other = percent_of(count, base), percent_of(other_count, other_base)
    low, high = wilson_interval(count, base, level=level)
    other_low, other_high = wilson_interval(other_count, other_base, level=level)
    below, above = np.hypot(first - low, other_high - other), np.hypot(high - first, other - other_low)
    return first - other - below, first - other + above


def mean_interval(
    mean: ArrayLike, sd: ArrayLike, n: ArrayLike, *, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Give the t interval of means, in score points.

    Notes
    -----
    mean ± t(n − 1) · sd / √n with the sample standard deviation (Student 1908). NaN for fewer than two
    scores; scores that are all equal give an interval without width, which says that nothing about the
    spread is known, not that the mean is certain.

    Examples
    --------
    >>> low, high = mean_interval(4.2, 0.7, 1256)
    >>> print(f"{low:.2f} {high:.2f}")
    4.16 4.24
    """
    mean, sd, n = (np.asarray(part, dtype=float) for part in (mean, sd, n))
    n = np.where(n >= 2, n, np.nan)
    half = stdtrit(n - 1, (1 + level) / 2) * sd / np.sqrt(n)
    return mean - half, mean + half

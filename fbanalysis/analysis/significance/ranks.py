"""Tests of order for ordinal scores: Brunner–Munzel and the rank-biserial correlation; ranks only, never pairs."""

import warnings

import numpy as np
from numpy.typing import ArrayLike


def rank_biserial(first: ArrayLike, other: ArrayLike) -> float:
    """Give how often the first group's scores lie above the other's, less how often below.

    Notes
    -----
    2U/(n₁n₂) − 1 with U = R₁ − n₁(n₁ + 1)/2 from midranks; between −1 and 1, 0 without tendency. Sorting
    only: time grows with n log n. NaN where a group is empty.

    Examples
    --------
    >>> rank_biserial([3, 4, 5], [1, 2, 3])
    0.8888888888888888
    """
    from scipy.stats import rankdata

    first, other = np.asarray(first, dtype=float), np.asarray(other, dtype=float)
    n, other_n = len(first), len(other)
    if not n or not other_n:
        return float("nan")
    u = rankdata(np.concatenate([first, other]))[:n].sum() - n * (n + 1) / 2
    return float(2 * u / (n * other_n) - 1)


def brunner_munzel(first: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Give Brunner–Munzel's statistic (positive: the first group is higher) and its p; NaN if undefined."""
    from scipy.stats import brunnermunzel

    if min(len(first), len(other)) < 2:
        return float("nan"), float("nan")
    with warnings.catch_warnings():  # groups that don't overlap divide by zero: told by the NaN
        warnings.simplefilter("ignore", RuntimeWarning)
        statistic, p = brunnermunzel(other, first)
    return (float(statistic), float(p)) if np.isfinite(p) else (float("nan"), float("nan"))

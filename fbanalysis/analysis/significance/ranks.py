"""Tests of order for ordinal scores: Mann–Whitney, Brunner–Munzel and all pairs by Dunn; ranks only, never pairs of rows."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.significance.decisions import ALPHA, HIGHER, LOWER, MINIMUM_BASE, adjust, verdicts

MANN_WHITNEY = "Mann–Whitney 检验"
BRUNNER_MUNZEL = "Brunner–Munzel 检验"
DUNN = "Dunn 检验"
#: Without ties and with fewer scores on each side than this, p comes from the exact distribution, as in R.
EXACT_BELOW = 50
#: Cells (groups × different scores) up to which Dunn's pairs get an effect size.
_MOST_CELLS = 20_000_000


@dataclass(frozen=True)
class RankTest:
    """A test of two groups' order: ``statistic`` U of the first group, p, and the rank-biserial correlation."""

    n: int
    other_n: int
    statistic: float
    p: float
    effect: float
    effect_low: float
    effect_high: float
    is_exact: bool
    test: str = MANN_WHITNEY


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
    first, other = np.asarray(first, dtype=float), np.asarray(other, dtype=float)
    if not len(first) or not len(other):
        return float("nan")
    return float(2 * _u(first, other) / (len(first) * len(other)) - 1)


def _u(first: np.ndarray, other: np.ndarray) -> float:
    """Count how often a score of the first group lies above one of the other, ties as halves."""
    from scipy.stats import rankdata

    n = len(first)
    return float(rankdata(np.concatenate([first, other]))[:n].sum() - n * (n + 1) / 2)


def rank_biserial_interval(
    effect: float, n: int, other_n: int, *, level: float = LEVEL
) -> tuple[float, float]:
    """Give the interval of a rank-biserial correlation.

    Notes
    -----
    tanh(artanh r ± z √((n₁ + n₂ + 1) / (3 n₁ n₂))) [1]_: the standard error is the one without ties and without an
    effect, so that the interval is rough for strong effects and wide under ties. A correlation of ±1 has none.

    .. [1] M. S. Ben-Shachar, D. Lüdecke, D. Makowski (2020), Journal of Open Source Software 5: 2815 (effectsize).

    >>> [round(end, 3) for end in rank_biserial_interval(-0.66, 19, 13)]
    [-0.836, -0.362]
    """
    if not abs(effect) < 1:
        return float("nan"), float("nan")
    half = ndtri((1 + level) / 2) * np.sqrt((n + other_n + 1) / (3 * n * other_n))
    low, high = np.tanh(np.arctanh(effect) + np.array([-half, half]))
    return float(low), float(high)


def mann_whitney(first: ArrayLike, other: ArrayLike, *, continuity: bool = True) -> RankTest:
    """Test whether the scores of two groups tend to be equally high.

    Parameters
    ----------
    continuity
        Whether the normal p is taken half a count nearer to no effect; exact ones never are.

    Notes
    -----
    U counts the pairs that the first group wins, ties as halves, from midranks [1]_. Two-sided p: exact without ties
    and with fewer than `EXACT_BELOW` scores on either side, else normal with the variance corrected for ties. Under
    unequal spreads it is not a test of P(X > Y) = P(X < Y): there `brunner_munzel` is. Scores that are all equal and
    empty groups give NaN.

    .. [1] H. B. Mann, D. R. Whitney (1947), Annals of Mathematical Statistics 18: 50–60.

    Examples
    --------
    >>> found = mann_whitney([1.1, 2.2, 3.3], [4.4, 5.5, 6.6])
    >>> found.statistic, round(found.p, 3), found.is_exact
    (0.0, 0.1, True)
    """
    from scipy.stats import mannwhitneyu

    first, other = (np.asarray(part, dtype=float) for part in (first, other))
    first, other = first[~np.isnan(first)], other[~np.isnan(other)]
    effect, (n, other_n) = rank_biserial(first, other), (len(first), len(other))
    together = np.concatenate([first, other])
    if np.isnan(effect) or np.ptp(together) == 0:
        return RankTest(n, other_n, *[float("nan")] * 5, is_exact=False)
    is_exact = max(n, other_n) < EXACT_BELOW and len(np.unique(together)) == len(together)
    found = mannwhitneyu(
        first, other, use_continuity=continuity, method="exact" if is_exact else "asymptotic"
    )
    ends = rank_biserial_interval(effect, n, other_n)
    return RankTest(n, other_n, float(found.statistic), float(found.pvalue), effect, *ends, is_exact=is_exact)


def brunner_munzel(first: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Give Brunner–Munzel's statistic (positive: the first group is higher) and its p; NaN if undefined."""
    from scipy.stats import brunnermunzel

    if min(len(first), len(other)) < 2:
        return float("nan"), float("nan")
    with warnings.catch_warnings():  # groups that don't overlap divide by zero: told by the NaN
        warnings.simplefilter("ignore", RuntimeWarning)
        statistic, p = brunnermunzel(other, first)
    return (float(statistic), float(p)) if np.isfinite(p) else (float("nan"), float("nan"))


def dunn(scores: pd.DataFrame, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE) -> pd.DataFrame:
    """Test all pairs of groups by their mean ranks, after `compare_ranks` found a difference.

    Parameters
    ----------
    scores
        Columns ``group`` and ``score``.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("a 与 b"), ``first``, ``second``, ``n`` (the smaller base), ``value`` (difference of mean ranks),
        ``test``, ``statistic`` (z), ``p_raw``, ``p`` (Holm over the pairs), ``effect`` (rank-biserial correlation of
        the pair), ``verdict`` (较高, 较低, …).

    Notes
    -----
    z = (R̄ᵢ − R̄ⱼ) / √((N(N + 1)/12 − Σ(t³ − t)/(12(N − 1)))(1/nᵢ + 1/nⱼ)) with the ranks among all groups and t scores
    tied at a value [1]_. Fewer than two groups give no row; scores that are all equal have no test. With more than
    20 million cells of groups × different scores the effect is left out (NaN).

    .. [1] O. J. Dunn (1964), Technometrics 6: 241–252.
    """
    counts = pd.crosstab(scores["group"], scores["score"])
    table, names = counts.to_numpy(dtype=float), counts.index.astype("str").to_numpy()
    i, j = np.triu_indices(len(names), k=1)
    n, tied = table.sum(axis=1), table.sum(axis=0)
    total = n.sum()
    midranks = np.cumsum(tied) - (tied - 1) / 2
    mean_rank = table @ midranks / n
    variance = total * (total + 1) / 12 - (tied**3 - tied).sum() / (12 * max(total - 1, 1))
    se = np.sqrt(np.where(variance > 0, variance, np.nan) * (1 / n[i] + 1 / n[j]))
    value, base = mean_rank[i] - mean_rank[j], np.minimum(n[i], n[j])
    p_raw = 2 * ndtr(-np.abs(value / se))
    p = adjust(p_raw)
    return pd.DataFrame(
        {
            "stratum": [f"{names[a]} 与 {names[b]}" for a, b in zip(i, j, strict=True)],
            "first": names[i],
            "second": names[j],
            "n": base.astype("int64"),
            "value": value,
            "test": DUNN,
            "statistic": value / se,
            "p_raw": p_raw,
            "p": p,
            "effect": _biserial_of_counts(table, i, j),
            "verdict": verdicts(
                value, p, base, alpha=alpha, minimum_base=minimum_base, words=(HIGHER, LOWER)
            ),
        }
    )


def _biserial_of_counts(counts: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Give rank-biserial correlations of pairs of rows from how often each value occurs, values ascending."""
    if counts.size > _MOST_CELLS:
        return np.full(len(i), np.nan)
    below = np.cumsum(counts, axis=1) - counts / 2
    n = counts.sum(axis=1)
    wins = np.array([counts[a] @ below[b] for a, b in zip(i, j, strict=True)])
    return 2 * wins / (n[i] * n[j]) - 1 if len(i) else np.empty(0)

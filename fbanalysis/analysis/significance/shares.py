"""Differences of shares: two by z or exactly, several by χ² and by their trend, this year against last."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr

from fbanalysis.analysis.intervals import newcombe_interval, percent_of
from fbanalysis.analysis.significance.decisions import (
    ALPHA,
    FALL,
    MINIMUM_BASE,
    RISE,
    adjust,
    verdict_of,
    verdicts,
)

TWO_PROPORTIONS = "两比例 z 检验"
FISHER = "Fisher 精确检验"
K_PROPORTIONS = "多比例卡方检验"
SHARE_TREND = "Cochran–Armitage 趋势检验"


@dataclass(frozen=True)
class SharesTest:
    """A test of several shares: χ², its degrees of freedom, p, and the effect (Cramér V; NaN for the trend).

    ``value`` is the trend's change of the share per step in percentage points; ``is_sparse`` says that expected
    counts are too small for χ².
    """

    test: str
    n: int
    statistic: float
    df: float
    p: float
    effect: float
    verdict: str
    value: float = float("nan")
    is_sparse: bool = False


def cohens_h(share: ArrayLike, other_share: ArrayLike) -> np.ndarray:
    """Give the size of the difference of two shares (0–1): 0.2 small, 0.5 medium, 0.8 large.

    Notes
    -----
    2 arcsin √p₁ − 2 arcsin √p₂ (Cohen 1988, section 6.2): the same difference weighs more near 0 and 1.

    Examples
    --------
    >>> print(f"{cohens_h(0.80, 0.75):.3f}")
    0.120
    """
    share, other_share = np.asarray(share, dtype=float), np.asarray(other_share, dtype=float)
    return 2 * np.arcsin(np.sqrt(share)) - 2 * np.arcsin(np.sqrt(other_share))


def two_proportions(
    count: ArrayLike,
    n: ArrayLike,
    other_count: ArrayLike,
    other_n: ArrayLike,
    *,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare two shares, first minus other; arrays give a row each and are one family.

    Returns
    -------
    pandas.DataFrame
        ``n``, ``other_n``, ``percent``, ``other_percent``, ``value`` (percentage points), ``low``, ``high``
        (Newcombe), ``test``, ``statistic`` (z), ``df`` (NaN), ``p_raw``, ``p`` (Holm), ``effect`` (Cohen
        h), ``verdict`` (上升, 下降, …).

    Notes
    -----
    z = (p₁ − p₂) / √(p(1 − p)(1/n₁ + 1/n₂)) with the pooled share p; z² is Pearson's χ² of the 2 × 2 table
    without continuity correction [1]_. Equal shares of 0 or of 100 percent have no z and 没有差异; a base
    of zero gives NaN and 基数不足.

    .. [1] A. Agresti (2013), Categorical Data Analysis, section 3.2.

    Examples
    --------
    >>> two_proportions(56, 70, 48, 80)[["value", "verdict"]].to_dict("list")
    {'value': [20.0], 'verdict': ['上升']}
    """
    count, n, other_count, other_n = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(part, dtype=float)) for part in (count, n, other_count, other_n))
    )
    percent, other_percent = percent_of(count, n), percent_of(other_count, other_n)
    value, z = percent - other_percent, _pooled_z(count, n, other_count, other_n)
    low, high = newcombe_interval(count, n, other_count, other_n)
    p_raw = 2 * ndtr(-np.abs(z))
    p, base = adjust(p_raw), np.minimum(n, other_n)
    return pd.DataFrame(
        {
            "n": n,
            "other_n": other_n,
            "percent": percent,
            "other_percent": other_percent,
            "value": value,
            "low": low,
            "high": high,
            "test": TWO_PROPORTIONS,
            "statistic": z,
            "df": np.nan,
            "p_raw": p_raw,
            "p": p,
            "effect": cohens_h(percent / 100, other_percent / 100),
            "verdict": verdicts(value, p, base, alpha=alpha, minimum_base=minimum_base),
        }
    )


def compare_shares(
    shares: pd.DataFrame,
    prior_year: pd.DataFrame,
    *,
    metric: str,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare this year's shares with last year's totals: did each rise, fall or neither.

    Parameters
    ----------
    shares
        ``stratum``, ``base``, ``percent``, as `share_by` and `sentiment_shares` give them.
    prior_year
        Table ``prior_year``; the rows of ``metric`` are used (``n``, ``share`` 0–1).

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n`` (base), ``percent``, ``prior_n``, ``prior_percent``, ``difference`` (percentage points),
        ``low``, ``high`` (Newcombe), ``p`` (Holm over the strata), ``effect`` (Cohen h), ``verdict``; in the order of
        ``shares``.

    Notes
    -----
    `two_proportions` of two independent samples: who answered in both years counts as two. Where last year has no
    figure or a base is below ``minimum_base``, the verdict is 基数不足.
    """
    prior = prior_year[prior_year["metric"].eq(metric)].set_index("stratum")
    prior = prior.reindex(shares["stratum"])[["n", "share"]].astype("float64")
    n, prior_n = shares["base"].to_numpy(float), prior["n"].to_numpy()
    counts = shares["percent"].to_numpy(float) * n / 100, prior["share"].to_numpy() * prior_n
    table = two_proportions(counts[0], n, counts[1], prior_n, alpha=alpha, minimum_base=minimum_base)
    names = {"other_n": "prior_n", "other_percent": "prior_percent", "value": "difference"}
    table = table.rename(columns=names).assign(stratum=shares["stratum"].to_numpy())
    return table[[
        "stratum", "n", "percent", "prior_n", "prior_percent", "difference", "low", "high", "p", "effect", "verdict",
    ]]  # fmt: skip


def _pooled_z(count: np.ndarray, n: np.ndarray, other_count: np.ndarray, other_n: np.ndarray) -> np.ndarray:
    """Give z of two shares with their pooled variance; NaN without variance or base."""
    n, other_n = np.where(n > 0, n, np.nan), np.where(other_n > 0, other_n, np.nan)
    pooled = (count + other_count) / (n + other_n)
    variance = pooled * (1 - pooled) * (1 / n + 1 / other_n)
    return (count / n - other_count / other_n) / np.sqrt(np.where(variance > 0, variance, np.nan))


def fisher_exact(count: int, n: int, other_count: int, other_n: int) -> tuple[float, float]:
    """Give the odds ratio of two shares and Fisher's exact two-sided p, for small expected counts.

    Notes
    -----
    p sums the tables that are no likelier than the observed one, under fixed margins [1]_. An empty group gives NaN.

    .. [1] R. A. Fisher (1935), JRSS 98: 39–82.

    >>> round(fisher_exact(3, 4, 1, 4)[1], 4)
    0.4857
    """
    from scipy.stats import fisher_exact as tested

    if min(n, other_n) <= 0:
        return float("nan"), float("nan")
    found = tested([[count, n - count], [other_count, other_n - other_count]])
    return float(found.statistic), float(found.pvalue)


def compare_k_shares(
    count: ArrayLike, n: ArrayLike, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> SharesTest:
    """Test whether the shares of several groups are equal.

    Notes
    -----
    χ² = Σ nᵢ (pᵢ − p)² / (p(1 − p)) on k − 1 degrees of freedom, p the share of all [1]_; Cramér's V = √(χ² / Σn). Groups
    without a base don't count. Expected counts that are too small (`sparse`) give 基数不足; shares that are all 0 or all
    100 percent have no test.

    .. [1] J. L. Fleiss (1981), Statistical Methods for Rates and Proportions, section 9.1.

    >>> found = compare_k_shares([83, 90, 129, 70], [86, 93, 136, 82])
    >>> round(found.statistic, 2), found.df, round(found.p, 4)
    (12.6, 3.0, 0.0056)
    """
    count, n = _with_base(count, n)
    total, df = n.sum(), float(max(len(n) - 1, 0))
    share = count.sum() / total if total else np.nan
    variance = share * (1 - share)
    chi2 = float((n * (count / n - share) ** 2).sum() / variance) if df and variance else float("nan")
    p = float(chdtrc(df, chi2)) if df else float("nan")
    is_sparse = _is_sparse(np.array([share, 1 - share]), n)
    base = n.min() if len(n) > 1 and not is_sparse else 0
    verdict = verdict_of(p, base, alpha=alpha, minimum_base=minimum_base)
    effect = float(np.sqrt(chi2 / total)) if total else float("nan")
    return SharesTest(K_PROPORTIONS, int(total), chi2, df, p, effect, verdict, is_sparse=is_sparse)


def share_trend(
    count: ArrayLike,
    n: ArrayLike,
    *,
    scores: ArrayLike | None = None,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> SharesTest:
    """Test whether shares rise or fall over ordered groups such as waves.

    Parameters
    ----------
    scores
        The groups' places; default 1, 2, 3, …

    Notes
    -----
    χ² = (Σ xᵢ(kᵢ − nᵢ p))² / (p(1 − p) Σ nᵢ(xᵢ − x̄)²) on one degree of freedom [1]_ [2]_, as R's ``prop.trend.test``; the
    slope is Σ xᵢ(kᵢ − nᵢ p) / Σ nᵢ(xᵢ − x̄)². Groups without a base keep their place and don't count. Fewer than two groups
    are 基数不足; shares of 0 or of 100 percent throughout have no test.

    .. [1] W. G. Cochran (1954), Biometrics 10: 417–451.
    .. [2] P. Armitage (1955), Biometrics 11: 375–386.
    """
    count, n = (np.asarray(part, dtype=float) for part in (count, n))
    x = np.arange(1.0, len(n) + 1) if scores is None else np.asarray(scores, dtype=float)
    count, n, x = count[n > 0], n[n > 0], x[n > 0]
    share = count.sum() / n.sum() if len(n) else np.nan
    spread = (n * (x - np.average(x, weights=n)) ** 2).sum() if len(n) else 0.0
    lift, variance = (x * (count - n * share)).sum(), share * (1 - share)
    chi2 = float(lift**2 / (variance * spread)) if spread and variance else float("nan")
    p = float(chdtrc(1, chi2))
    value = float(100 * lift / spread) if spread else float("nan")
    base = n.min() if len(n) > 1 else 0
    verdict = str(verdicts(value, p, base, alpha=alpha, minimum_base=minimum_base, words=(RISE, FALL)))
    return SharesTest(SHARE_TREND, int(n.sum()), chi2, 1.0, p, float("nan"), verdict, value=value)


def _with_base(count: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    count, n = (np.asarray(part, dtype=float) for part in (count, n))
    return count[n > 0], n[n > 0]


def _is_sparse(shares: np.ndarray, n: np.ndarray) -> bool:
    """Cochran's rule: over a fifth of the expected counts below 5, or any below 1."""
    expected = np.outer(shares, n)
    return bool(expected.size == 0 or (expected < 5).mean() > 0.2 or expected.min() < 1)

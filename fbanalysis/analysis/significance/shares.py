"""Differences of two shares: z test, Newcombe's interval, Cohen's h, this year against last."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr

from fbanalysis.analysis.intervals import newcombe_interval, percent_of
from fbanalysis.analysis.significance.decisions import ALPHA, MINIMUM_BASE, adjust, verdicts

TWO_PROPORTIONS = "两比例 z 检验"


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

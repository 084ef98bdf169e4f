"""The order of groups by their means, and how much of it is chance: rank intervals, bands, shrinkage.

It names no winner: neighbours that can't be told apart share a band, and small groups lean on the rest.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.significance import ALPHA, adjust, welch

TIED, ALONE = "不可区分", "单独成档"


def rank_bands(table: pd.DataFrame, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Rank groups by their mean, and say which of them can't be told apart.

    Parameters
    ----------
    table
        Columns ``stratum``, ``n``, ``mean``, ``sd``, as `satisfaction_by` gives them.

    Returns
    -------
    pandas.DataFrame
        The table, highest mean first, with ``rank`` (equal means share the best), ``rank_low`` and
        ``rank_high`` (the ranks that the group may truly have), ``band`` (1 = top) and ``standing``: 不可区分
        where the band has several members, else 单独成档.

    Notes
    -----
    All pairs are tested by Welch's t, p adjusted by Holm over the pairs. A group's true rank lies between 1
    plus the number of groups that test above it and k minus the number that test below it, for all groups
    together with a confidence of 1 − α [1]_. Bands are cut from the top: the highest group opens band 1,
    the groups after it join until one differs from the opener; that one opens the next band. Two neighbours
    in different bands may therefore not differ from each other: what a band says is that its members don't
    differ from its first. A group of one score, or two without any spread, can't be told from others.

    .. [1] M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm (2024), Review of Economic Studies 91: 476–518.

    Examples
    --------
    >>> groups = pd.DataFrame({"stratum": list("abc"), "n": 100, "mean": [4.0, 3.1, 3.9], "sd": 1.0})
    >>> rank_bands(groups)[["stratum", "rank_low", "rank_high", "standing"]].to_numpy().tolist()
    [['a', 1, 2, '不可区分'], ['c', 1, 2, '不可区分'], ['b', 3, 3, '单独成档']]
    """
    ranked = table.sort_values(["mean", "stratum"], ascending=[False, True], ignore_index=True)
    differs = _differs(ranked, alpha=alpha)
    above, k = np.triu(differs), len(ranked)
    band = _bands(differs)
    return ranked.assign(
        rank=ranked["mean"].rank(method="min", ascending=False).astype("int64"),
        rank_low=1 + above.sum(axis=0),
        rank_high=k - above.sum(axis=1),
        band=band,
        standing=np.where(pd.Series(band).duplicated(keep=False), TIED, ALONE),
    )


def _differs(ranked: pd.DataFrame, *, alpha: float) -> np.ndarray:
    """Say of each pair of groups whether their means differ, as a square of truth values."""
    first, second = np.triu_indices(len(ranked), k=1)
    p = adjust(welch(ranked.iloc[first], ranked.iloc[second])["p_raw"])
    square = np.zeros((len(ranked), len(ranked)), dtype=bool)
    square[first, second] = p < alpha
    return square | square.T


def _bands(differs: np.ndarray) -> np.ndarray:
    """Cut ranked groups into bands, each opened by the first group that differs from the opener before it."""
    bands, opener = np.ones(len(differs), dtype="int64"), 0
    for position in range(1, len(differs)):
        bands[position] = bands[position - 1]
        if differs[opener, position]:
            bands[position] += 1
            opener = position
    return bands


def band_summary(ranked: pd.DataFrame) -> pd.DataFrame:
    """List the bands with their members, the highest first.

    Parameters
    ----------
    ranked
        As `rank_bands` gives it.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (第 1 档 …), ``groups`` (how many), ``n`` (scores), ``highest``, ``lowest`` (means), ``members``
        (joined by 、), ``standing``.
    """
    bands = ranked.groupby("band", sort=True)
    table = bands.agg(
        groups=("stratum", "size"),
        n=("n", "sum"),
        highest=("mean", "max"),
        lowest=("mean", "min"),
        members=("stratum", "、".join),
        standing=("standing", "first"),
    ).reset_index()
    names = "第 " + table.pop("band").astype("str") + " 档"
    table.insert(0, "stratum", names)
    return table


def shrink(table: pd.DataFrame, *, level: float = LEVEL) -> pd.DataFrame:
    """Draw the means of groups towards their common mean, the more the less each group's own scores say.

    Parameters
    ----------
    table
        Columns ``stratum``, ``n``, ``mean``, ``sd``.

    Returns
    -------
    pandas.DataFrame
        The table with ``shrunk``, ``shrunk_low``, ``shrunk_high`` and ``reliability`` (0–1: the weight of the group's
        own mean), in its order. Groups without a mean keep NaN.

    Notes
    -----
    Empirical Bayes with means mᵢ ~ N(θᵢ, vᵢ), θᵢ ~ N(μ, τ²): shrunk = Bᵢ mᵢ + (1 − Bᵢ) μ with Bᵢ = τ² / (τ² + vᵢ)
    [1]_; τ² by Paule and Mandel [2]_, μ the mean weighted by 1 / (τ² + vᵢ).
    vᵢ = s²/nᵢ with the pooled within-group variance, so that a group of one score has one too. The interval is
    shrunk ± z √(Bᵢ vᵢ + (1 − Bᵢ)² / Σ 1/(τ² + vᵢ)); it takes τ² as known and is somewhat narrow with few groups.
    Fewer than two groups, or no spread within any, leave every mean as it is, with NaN for interval and reliability.

    .. [1] B. Efron, C. Morris (1975), JASA 70: 311–319.
    .. [2] R. C. Paule, J. Mandel (1982), Journal of Research of the National Bureau of Standards 87: 377–385.

    Examples
    --------
    >>> groups = pd.DataFrame({"stratum": list("abc"), "n": [400, 5, 400], "mean": [4.0, 2.0, 3.6], "sd": 1.0})
    >>> shrink(groups)["shrunk"].round(1).tolist()
    [4.0, 2.2, 3.6]
    """
    n, mean = table["n"].to_numpy(dtype=float), table["mean"].to_numpy(dtype=float)
    variance = _pooled_variance(table) / np.where(n > 0, n, np.nan)
    is_known = ~np.isnan(mean) & (variance > 0)
    if is_known.sum() < 2:
        nan = np.full(len(table), np.nan)
        return table.assign(shrunk=mean, shrunk_low=nan, shrunk_high=nan, reliability=nan)
    tau2 = _between_variance(mean[is_known], variance[is_known])
    weight = 1 / (tau2 + variance)
    centre = float(np.nansum(np.where(is_known, weight * mean, 0)) / weight[is_known].sum())
    own = np.where(is_known, tau2 * weight, np.nan)
    shrunk = own * mean + (1 - own) * centre
    spread = np.sqrt(own * variance + (1 - own) ** 2 / weight[is_known].sum())
    half = float(ndtri((1 + level) / 2)) * spread
    return table.assign(shrunk=shrunk, shrunk_low=shrunk - half, shrunk_high=shrunk + half, reliability=own)


def _pooled_variance(table: pd.DataFrame) -> float:
    """Pool the variances within groups; NaN where none is known."""
    freedom = table["n"].to_numpy(dtype=float) - 1
    sd = table["sd"].to_numpy(dtype=float)
    is_known = (freedom > 0) & ~np.isnan(sd)
    total = freedom[is_known].sum()
    return float((freedom[is_known] * sd[is_known] ** 2).sum() / total) if total > 0 else float("nan")


def _between_variance(mean: np.ndarray, variance: np.ndarray) -> float:
    """Solve Paule and Mandel's equation for the variance of the true means; 0 where chance alone explains them.

    statsmodels' own solver gives 0 where rounding takes its last step below the root.
    """
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        weight = 1 / (tau2 + variance)
        return float((weight * (mean - (weight * mean).sum() / weight.sum()) ** 2).sum()) - (len(mean) - 1)

    # at the sum of squares itself every term is below 1, and their sum below k − 1
    most = float(((mean - mean.mean()) ** 2).sum())
    return float(brentq(excess, 0.0, most)) if excess(0.0) > 0 else 0.0

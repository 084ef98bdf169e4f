"""Tests that assume equal spreads, kept to check others by, and the diagnostics of that assumption.

The report's own tests don't assume it: no verdict comes from here.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import fdtrc, stdtr, stdtrit

from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.significance.decisions import adjust
from fbanalysis.analysis.significance.groups import sums_of_squares

#: From so many scores on any departure from normality is found, and none of it matters to means.
MOST_FOR_SHAPIRO = 300


@dataclass(frozen=True)
class Variance:
    """The classic analysis of variance: F, its degrees of freedom, p."""

    statistic: float
    df: float
    df2: float
    p: float


def one_way_anova(moments: pd.DataFrame) -> Variance:
    """Give the F test of equal means under equal spreads, from ``n``, ``mean``, ``sd``.

    Notes
    -----
    F = (SSB / (k − 1)) / (SSW / (N − k)) [1]_. Sums of squares come from moments, so that leading digits common to all
    scores do no harm. NaN with fewer than two groups, without a spare degree of freedom, or without any spread.

    .. [1] R. A. Fisher (1925), Statistical Methods for Research Workers, chapter 7.

    >>> table = pd.DataFrame({"n": [10, 10, 10], "mean": [5.032, 4.661, 5.526], "sd": [0.5831, 0.7937, 0.4426]})
    >>> round(one_way_anova(table).statistic, 2)
    4.85
    """
    between, within, k, total = sums_of_squares(moments)
    df, df2 = float(max(k - 1, 0)), float(max(total - k, 0))
    if df < 1 or df2 < 1 or within == 0:
        return Variance(float("nan"), df, df2, float("nan"))
    statistic = between / df / (within / df2)
    return Variance(statistic, df, df2, float(fdtrc(df, df2, statistic)))


def student_t(first: ArrayLike, other: ArrayLike) -> pd.Series:
    """Give Student's t with the pooled spread: ``value``, ``low``, ``high``, ``statistic``, ``df``, ``p``.

    Notes
    -----
    t = (m₁ − m₂) / (s √(1/n₁ + 1/n₂)) on n₁ + n₂ − 2 degrees of freedom [1]_; NaN with fewer than three scores in all,
    with an empty group, or without spread.

    .. [1] R. A. Fisher (1925), Statistical Methods for Research Workers, section 24.
    """
    a, b = (np.asarray(part, dtype=float) for part in (first, other))
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    df, nan = float(len(a) + len(b) - 2), float("nan")
    names = ["value", "low", "high", "statistic", "df", "p"]
    if df < 1 or not len(a) or not len(b):
        return pd.Series([nan] * 6, index=names)
    value = float(a.mean() - b.mean())
    variance = (((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()) / df
    se = float(np.sqrt(variance * (1 / len(a) + 1 / len(b)))) or nan
    half = float(stdtrit(df, (1 + LEVEL) / 2)) * se
    p = float(2 * stdtr(df, -abs(value / se)))
    return pd.Series([value, value - half, value + half, value / se, df, p], index=names)


def pairwise_t(frame: pd.DataFrame, *, score: str, group: str) -> pd.DataFrame:
    """Compare all pairs of groups by t with the spread pooled over all: ``first``, ``second``, ``p_raw``, ``p`` (Holm).

    Notes
    -----
    As R's ``pairwise.t.test``: (mᵢ − mⱼ) / (s √(1/nᵢ + 1/nⱼ)) with s² = SSW / (N − k).
    """
    known = frame[[group, score]].dropna()
    table = known.groupby(group, observed=True)[score].agg(["size", "mean", "var"])
    n, mean = table["size"].to_numpy(float), table["mean"].to_numpy()
    df = n.sum() - len(n)
    pooled = (np.nan_to_num(table["var"].to_numpy()) * (n - 1)).sum() / df if df > 0 else np.nan
    i, j = np.triu_indices(len(n), k=1)
    t = (mean[i] - mean[j]) / np.sqrt(pooled * (1 / n[i] + 1 / n[j]))
    p = 2 * stdtr(df, -np.abs(t))
    names = table.index.astype("str").to_numpy()
    return pd.DataFrame({"first": names[i], "second": names[j], "p_raw": p, "p": adjust(p)})


def tukey(frame: pd.DataFrame, *, score: str, group: str) -> pd.DataFrame:
    """Compare all pairs by Tukey's honest significant difference: ``first``, ``second``, ``value``, ends, ``p``.

    Notes
    -----
    Studentised range with the pooled spread (Tukey 1949; Kramer 1956 for unequal sizes), by scipy.
    """
    from scipy.stats import tukey_hsd

    known = frame[[group, score]].dropna()
    names, groups = zip(*known.groupby(group, observed=True)[score], strict=True)
    found = tukey_hsd(*groups)
    ends, (i, j) = found.confidence_interval(), np.triu_indices(len(names), k=1)
    parts = {"value": found.statistic, "low": ends.low, "high": ends.high, "p": found.pvalue}
    pairs = {"first": np.array(names)[i], "second": np.array(names)[j]}
    return pd.DataFrame(pairs | {name: part[i, j] for name, part in parts.items()})


def levene(
    frame: pd.DataFrame, *, score: str, group: str, centre: Literal["median", "mean"] = "median"
) -> tuple[float, float]:
    """Test whether groups spread equally: F and p of the distances from each group's centre.

    Notes
    -----
    Around medians it is Brown and Forsythe's test [1]_, around means Levene's. NaN with fewer than two groups of two
    scores or more, or without any distance. It chooses no test here: Welch's never needs it.

    .. [1] M. B. Brown, A. B. Forsythe (1974), JASA 69: 364–367.
    """
    known = frame[[group, score]].dropna()
    middle = known.groupby(group, observed=True)[score].transform(centre)
    distances = known.assign(distance=(known[score] - middle).abs())
    table = distances.groupby(group, observed=True)["distance"].agg(["size", "mean", "std"])
    found = one_way_anova(table.set_axis(["n", "mean", "sd"], axis=1).query("n > 1"))
    return found.statistic, found.p


def shapiro(scores: ArrayLike) -> tuple[float, float]:
    """Give Shapiro and Wilk's W and p for small samples; NaN below 3 and from `MOST_FOR_SHAPIRO` scores on.

    Notes
    -----
    In a large sample any scale of five points fails, while means are normal all the same (central limit theorem): there
    the answer would only mislead, and is refused [1]_. Equal scores have none.

    .. [1] T. Lumley, P. Diehr, S. Emerson, L. Chen (2002), Annual Review of Public Health 23: 151–169.
    """
    from scipy.stats import shapiro as tested

    values = np.asarray(scores, dtype=float)
    values = values[~np.isnan(values)]
    if not 3 <= len(values) < MOST_FOR_SHAPIRO or np.ptp(values) == 0:
        return float("nan"), float("nan")
    found = tested(values)
    return float(found.statistic), float(found.pvalue)

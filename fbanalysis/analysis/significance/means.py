"""Differences of two means: Welch's test with its interval, Hedges' g, this year against last."""

import numpy as np
import pandas as pd
from scipy.special import gammaln, nctdtrinc, stdtr, stdtrit

from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.significance.decisions import (
    ALPHA,
    FALL,
    HIGHER,
    LOWER,
    MINIMUM_BASE,
    POWER,
    RISE,
    adjust,
    verdicts,
)
from fbanalysis.analysis.significance.ranks import brunner_munzel, rank_biserial

WELCH_T = "Welch t 检验"
MOMENTS = ["stratum", "n", "mean", "sd"]


def group_moments(frame: pd.DataFrame, *, score: str, by: str) -> pd.DataFrame:
    """Count and summarise the scores of every group, highest mean first.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (the group), ``n`` (scores that are not missing), ``mean``, ``sd`` (divisor n − 1; NaN
        for one score, 0 where all are equal). Groups without a score are left out.
    """
    known = frame[[by, score]].dropna()
    groups = known.groupby(by, observed=True)[score]
    table = groups.agg(n="count", mean="mean", sd="std", least="min", most="max").reset_index(names="stratum")
    constant = table["least"].eq(table["most"]) & table["n"].gt(1)
    table["sd"] = table["sd"].mask(constant, 0.0)
    table["mean"] = table["mean"].where(~constant, table["least"])
    table["stratum"] = table["stratum"].astype("str")
    return table.sort_values(["mean", "stratum"], ascending=[False, True], ignore_index=True)[MOMENTS].astype(
        {"n": "int64", "mean": "float64", "sd": "float64"}
    )


def welch(first: pd.DataFrame, other: pd.DataFrame, *, level: float = LEVEL) -> pd.DataFrame:
    """Compare means pairwise, row by row, from their summaries: first minus other.

    Parameters
    ----------
    first, other
        Columns ``n``, ``mean``, ``sd``; rows that stand at the same place are compared.

    Returns
    -------
    pandas.DataFrame
        ``value``, ``low``, ``high``, ``se``, ``statistic``, ``df``, ``p_raw`` (two-sided).

    Notes
    -----
    t = (m₁ − m₂) / √(s₁²/n₁ + s₂²/n₂) with the degrees of freedom of Satterthwaite [1]_; equal spreads are
    not assumed. NaN where a side has fewer than two scores, or where no side has any spread.

    .. [1] B. L. Welch (1947), Biometrika 34: 28–35.
    """
    n, mean, sd = _columns(first)
    other_n, other_mean, other_sd = _columns(other)
    part, other_part = sd**2 / n, other_sd**2 / other_n
    se = np.sqrt(part + other_part)
    se = np.where(se > 0, se, np.nan)
    df = se**4 / (part**2 / (n - 1) + other_part**2 / (other_n - 1))
    value = mean - other_mean
    half = stdtrit(df, (1 + level) / 2) * se
    return pd.DataFrame(
        {
            "value": value,
            "low": value - half,
            "high": value + half,
            "se": se,
            "statistic": value / se,
            "df": df,
            "p_raw": 2 * stdtr(df, -np.abs(value / se)),
        }
    )


def _columns(moments: pd.DataFrame) -> tuple[np.ndarray, ...]:
    """Give n, mean and sd as floats; fewer than two scores have no n and no sd to test with."""
    n, mean, sd = (moments[name].to_numpy(dtype=float, na_value=np.nan) for name in ("n", "mean", "sd"))
    return np.where(n >= 2, n, np.nan), mean, sd


def hedges_g(first: pd.DataFrame, other: pd.DataFrame, *, level: float = LEVEL) -> pd.DataFrame:
    """Give the standardised difference of means, row by row, with its interval: first minus other.

    Parameters
    ----------
    first, other
        Columns ``n``, ``mean``, ``sd``.

    Returns
    -------
    pandas.DataFrame
        ``effect``, ``effect_low``, ``effect_high``.

    Notes
    -----
    g = J (m₁ − m₂) / s with s the pooled standard deviation on ν = n₁ + n₂ − 2 degrees of freedom and J =
    Γ(ν/2) / (√(ν/2) Γ((ν − 1)/2)) [1]_. The interval holds the non-centrality parameters under which the
    observed t is the 97.5 and the 2.5 percent quantile of non-central t [2]_, scaled as g. 0.2 is called
    small, 0.5 medium, 0.8 large (Cohen 1988). NaN without spread.

    .. [1] L. V. Hedges (1981), Journal of Educational Statistics 6: 107–128.
    .. [2] G. Cumming, S. Finch (2001), Educational and Psychological Measurement 61: 532–574.
    """
    n, mean, sd = _columns(first)
    other_n, other_mean, other_sd = _columns(other)
    dof = n + other_n - 2
    pooled = np.sqrt(((n - 1) * sd**2 + (other_n - 1) * other_sd**2) / dof)
    d = (mean - other_mean) / np.where(pooled > 0, pooled, np.nan)
    correction = np.exp(gammaln(dof / 2) - gammaln((dof - 1) / 2)) / np.sqrt(dof / 2)
    scale = np.sqrt(1 / n + 1 / other_n)
    low, high = (
        correction * scale * noncentrality(d / scale, dof, quantile=q)
        for q in ((1 + level) / 2, (1 - level) / 2)
    )
    return pd.DataFrame({"effect": correction * d, "effect_low": low, "effect_high": high})


def noncentrality(t: np.ndarray, dof: np.ndarray, *, quantile: float) -> np.ndarray:
    """Find the non-centrality under which t is this quantile; NaN where t is."""
    known = ~np.isnan(t) & (dof > 0)
    found = nctdtrinc(np.where(known, dof, 1.0), quantile, np.where(known, t, 0.0))
    return np.where(known, found, np.nan)


def _mean_comparison(
    first: pd.DataFrame, other: pd.DataFrame, *, alpha: float, minimum_base: int, words: tuple[str, str]
) -> pd.DataFrame:
    """Test, size and judge differences of means, row by row, as one family."""
    table = pd.concat([welch(first, other), hedges_g(first, other)], axis=1)
    table["test"] = WELCH_T
    table["p"] = adjust(table["p_raw"])
    multiple = stdtrit(table["df"], 1 - alpha / 2) + stdtrit(table["df"], POWER)
    table["smallest_detectable"] = multiple * table["se"]
    base = np.minimum(*(side["n"].to_numpy(dtype=float, na_value=0) for side in (first, other)))
    table["verdict"] = verdicts(
        table["value"], table["p"], base, alpha=alpha, minimum_base=minimum_base, words=words
    )
    return table


def compare_with_prior(
    areas: pd.DataFrame,
    prior_year: pd.DataFrame,
    *,
    metric: str = "satisfaction",
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare this year's means with last year's, from summaries: did each rise, fall or neither.

    Parameters
    ----------
    areas
        Columns ``stratum``, ``n``, ``mean``, ``sd``, as `satisfaction_by_area` gives them.
    prior_year
        Table ``prior_year``; the rows of ``metric`` are used.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``prior_n``, ``mean``, ``prior_mean``, ``value`` (this year minus last),
        ``low``, ``high``, ``test``, ``statistic`` (t), ``df``, ``p_raw``, ``p`` (Holm over all rows),
        ``effect`` (Hedges g), ``effect_low``, ``effect_high``, ``smallest_detectable``, ``verdict``: in the
        order of ``areas``. A stratum without last year's n, mean and sd has NaN and 基数不足.

    Notes
    -----
    Welch's test and interval (`welch`), each year's respondents taken as independent samples: where many
    answered in both years, intervals are too wide rather than too narrow. Intervals are not adjusted for
    the number of rows; p is. ``smallest_detectable`` = (t(1 − α/2) + t(0.8)) · se is the true difference
    that a test at α would have found with a chance of 80 percent [1]_.

    .. [1] H. S. Bloom (1995), Evaluation Review 19: 547–556.
    """
    prior = prior_year.loc[prior_year["metric"].eq(metric), MOMENTS].set_index("stratum")
    prior = prior.reindex(areas["stratum"]).reset_index(drop=True)
    this = areas[MOMENTS].reset_index(drop=True)
    table = _mean_comparison(this, prior, alpha=alpha, minimum_base=minimum_base, words=(RISE, FALL))
    prior = prior[["n", "mean"]].astype("float64").add_prefix("prior_")
    return pd.concat([this, prior, table], axis=1)[
        [
            "stratum",
            "n",
            "prior_n",
            "mean",
            "prior_mean",
            "value",
            "low",
            "high",
            "test",
            "statistic",
            "df",
            "p_raw",
            "p",
            "effect",
            "effect_low",
            "effect_high",
            "smallest_detectable",
            "verdict",
        ]
    ]


def compare_two_groups(
    frame: pd.DataFrame,
    *,
    score: str,
    group: str,
    pair: tuple[str, str],
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare the scores of two groups, first minus second, by means and by ranks.

    Parameters
    ----------
    group, pair
        The column, and the two of its values that are compared.

    Returns
    -------
    pandas.DataFrame
        One row: ``stratum`` ("first 与 second"), ``n``, ``other_n``, ``mean``, ``other_mean``, ``value``,
        ``low``, ``high``, ``test``, ``statistic``, ``df``, ``p_raw``, ``p``, ``effect`` (Hedges g),
        ``effect_low``, ``effect_high``, ``smallest_detectable``, ``rank_statistic`` and ``rank_p``
        (Brunner–Munzel), ``rank_biserial``, ``verdict`` (较高, 较低, …; from the test of means).

    Notes
    -----
    Means: `welch`. Ranks, as scores are ordinal: Brunner and Munzel's test of P(X > Y) + P(X = Y)/2 = 1/2
    [1]_, positive where the first group scores higher, and the rank-biserial correlation 2U/(n₁n₂) − 1 [2]_
    from ranks, never from pairs. Groups that do not overlap at all, and scores that are all equal, have no
    rank test.

    .. [1] E. Brunner, U. Munzel (2000), Biometrical Journal 42: 17–25.
    .. [2] D. S. Kerby (2014), Comprehensive Psychology 3: 11.IT.3.1.
    """
    known = frame[[group, score]].dropna()
    scores = [known.loc[known[group].eq(name), score].to_numpy(dtype=float) for name in pair]
    first, other = (_moments_of(values) for values in scores)
    tested = _mean_comparison(first, other, alpha=alpha, minimum_base=minimum_base, words=(HIGHER, LOWER))
    statistic, p = brunner_munzel(*scores)
    table = pd.concat([first, other[["n", "mean"]].add_prefix("other_"), tested], axis=1).assign(
        stratum=" 与 ".join(pair), rank_statistic=statistic, rank_p=p, rank_biserial=rank_biserial(*scores)
    )
    return table[
        [
            "stratum",
            "n",
            "other_n",
            "mean",
            "other_mean",
            "value",
            "low",
            "high",
            "test",
            "statistic",
            "df",
            "p_raw",
            "p",
            "effect",
            "effect_low",
            "effect_high",
            "smallest_detectable",
            "rank_statistic",
            "rank_p",
            "rank_biserial",
            "verdict",
        ]
    ]


def _moments_of(scores: np.ndarray) -> pd.DataFrame:
    """Summarise plain scores as one row of moments."""
    table = group_moments(pd.DataFrame({"one": "all", "score": scores}), score="score", by="one")
    return table if len(table) else pd.DataFrame([("all", 0, np.nan, np.nan)], columns=MOMENTS)

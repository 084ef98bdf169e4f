"""Tests of differences, with interval, effect size and a verdict; it words no sentence.

A verdict needs the adjusted p below ``alpha`` and at least ``minimum_base`` cases on each side; the size of
the effect stands beside it and never changes it.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, gammaln, nctdtrinc, ndtr, ndtri, stdtr, stdtrit

from fbanalysis.analysis.intervals import LEVEL, newcombe_interval, percent_of

ALPHA = 0.05
#: Below this base nothing is concluded.
MINIMUM_BASE = 30
#: Power at which the smallest detectable difference is given.
POWER = 0.8

RISE, FALL = "上升", "下降"
HIGHER, LOWER = "较高", "较低"
MORE, FEWER = "偏多", "偏少"
DIFFERENT, NO_DIFFERENCE = "有差异", "没有差异"
SMALL_BASE = "基数不足"
UNTESTABLE = "无法检验"

WELCH_T = "Welch t 检验"
TWO_PROPORTIONS = "两比例 z 检验"
WELCH_ANOVA = "Welch 方差分析"
GAMES_HOWELL = "Games–Howell 检验"
KRUSKAL = "Kruskal–Wallis 检验"
CHI_SQUARE = "卡方独立性检验"
GOODNESS_OF_FIT = "卡方拟合优度检验"
RESIDUAL = "标准化残差 z 检验"

#: The effect size that goes with each test.
EFFECTS: Mapping[str, str] = {
    WELCH_T: "Hedges g",
    TWO_PROPORTIONS: "Cohen h",
    WELCH_ANOVA: "ω²",
    GAMES_HOWELL: "Hedges g",
    KRUSKAL: "ε²",
    CHI_SQUARE: "Cramér V",
    GOODNESS_OF_FIT: "Cohen w",
    RESIDUAL: "",
}

TEST_COLUMNS = [
    "comparison",
    "test",
    "statistic",
    "df",
    "df2",
    "n",
    "p_raw",
    "p",
    "effect",
    "effect_name",
    "verdict",
]
_MOMENTS = ["stratum", "n", "mean", "sd"]


class Result(Protocol):
    """What `all_tests` asks of a result that is no frame."""

    test: str
    statistic: float
    df: float
    n: int
    p: float
    effect: float
    verdict: str


# ---------------------------------------------------------------- p-values and verdicts


def adjust(p: ArrayLike, *, method: Literal["holm", "bh", "bonferroni", "none"] = "holm") -> np.ndarray:
    """Adjust a family of p-values for their number; missing ones stay missing and don't count.

    Parameters
    ----------
    method
        ``holm`` and ``bonferroni`` hold the chance of any false finding, ``bh`` the expected share of
        false ones among the findings.

    Notes
    -----
    For the m p-values that are not NaN, ascending: Holm [1]_ max over j ≤ i of (m − j + 1) p₍ⱼ₎;
    Benjamini–Hochberg [2]_ min over j ≥ i of m p₍ⱼ₎ / j; Bonferroni m p. All cut at 1, as R's ``p.adjust``.

    .. [1] S. Holm (1979), Scandinavian Journal of Statistics 6: 65–70.
    .. [2] Y. Benjamini, Y. Hochberg (1995), JRSS B 57: 289–300.

    Examples
    --------
    >>> adjust([0.04, float("nan"), 0.01, 0.03]).tolist()
    [0.06, nan, 0.03, 0.06]
    """
    p = np.asarray(p, dtype=float)
    adjusted, known = np.full(p.shape, np.nan), np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted[order] = np.minimum(_ADJUSTMENTS[method](p[order], np.arange(1, len(order) + 1)), 1)
    return adjusted


_ADJUSTMENTS = {
    "holm": lambda p, rank: np.maximum.accumulate((len(p) - rank + 1) * p),
    "bh": lambda p, rank: np.minimum.accumulate((len(p) / rank * p)[::-1])[::-1],
    "bonferroni": lambda p, rank: len(p) * p,
    "none": lambda p, rank: p,
}


def verdicts(
    value: ArrayLike,
    p: ArrayLike,
    base: ArrayLike,
    *,
    alpha: float = ALPHA,
    minimum_base: float = MINIMUM_BASE,
    words: tuple[str, str] = (RISE, FALL),
) -> np.ndarray:
    """Say what tests came to: one of the two words, 没有差异, 基数不足 or 无法检验.

    Parameters
    ----------
    value, p, base
        The difference, its adjusted p and the smaller of its two bases.
    words
        What is said of a positive and of a negative difference.

    Notes
    -----
    基数不足 goes before everything, also where the base or the difference is unknown. No difference and no
    spread at all is 没有差异; a difference without any spread has no test and is 无法检验.

    Examples
    --------
    >>> verdicts([0.3, 0.1, -0.3], [0.01, 0.20, 0.01], [900, 900, 12]).tolist()
    ['上升', '没有差异', '基数不足']
    """
    value, p, base = (np.asarray(part, dtype=float) for part in (value, p, base))
    is_small, is_untested = ~(base >= minimum_base) | np.isnan(value), np.isnan(p) & (value != 0)
    conditions = [is_small, is_untested, (p < alpha) & (value > 0), (p < alpha) & (value < 0)]
    chosen = np.select(np.broadcast_arrays(*conditions), range(4), 4)
    return np.array([SMALL_BASE, UNTESTABLE, *words, NO_DIFFERENCE], dtype=object)[chosen]


def _verdict(p: float, base: float, *, alpha: float, minimum_base: int) -> str:
    """Say what an undirected test came to."""
    return str(verdicts(1, p, base, alpha=alpha, minimum_base=minimum_base, words=(DIFFERENT, DIFFERENT)))


# ---------------------------------------------------------------- means


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
    return table.sort_values(["mean", "stratum"], ascending=[False, True], ignore_index=True)[
        _MOMENTS
    ].astype({"n": "int64", "mean": "float64", "sd": "float64"})


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
        correction * scale * _noncentrality(d / scale, dof, quantile=q)
        for q in ((1 + level) / 2, (1 - level) / 2)
    )
    return pd.DataFrame({"effect": correction * d, "effect_low": low, "effect_high": high})


def _noncentrality(t: np.ndarray, dof: np.ndarray, *, quantile: float) -> np.ndarray:
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
    prior = prior_year.loc[prior_year["metric"].eq(metric), _MOMENTS].set_index("stratum")
    prior = prior.reindex(areas["stratum"]).reset_index(drop=True)
    this = areas[_MOMENTS].reset_index(drop=True)
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
    statistic, p = _brunner_munzel(*scores)
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
    return table if len(table) else pd.DataFrame([("all", 0, np.nan, np.nan)], columns=_MOMENTS)


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


def _brunner_munzel(first: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Give Brunner–Munzel's statistic (positive: the first group is higher) and its p; NaN if undefined."""
    from scipy.stats import brunnermunzel

    if min(len(first), len(other)) < 2:
        return float("nan"), float("nan")
    with warnings.catch_warnings():  # groups that don't overlap divide by zero: told by the NaN
        warnings.simplefilter("ignore", RuntimeWarning)
        statistic, p = brunnermunzel(other, first)
    return (float(statistic), float(p)) if np.isfinite(p) else (float("nan"), float("nan"))


# ---------------------------------------------------------------- several groups


@dataclass(frozen=True)
class GroupComparison:
    """Means of several groups: the overall test, and all pairs.

    ``groups`` has ``stratum``, ``n``, ``mean``, ``sd``, ``is_low_base``; ``pairs`` has ``stratum`` ("a 与
    b"), ``first``, ``second``, ``n`` (the smaller base), ``value``, ``low``, ``high``, ``test``,
    ``statistic``, ``df``, ``p_raw`` (NaN: the method adjusts as it tests), ``p``, ``effect`` (Hedges g),
    ``verdict``. ``statistic``, ``df``, ``df2``, ``p`` are Welch's F; ``effect`` is ω², beside it ``eta2``.
    ``n`` counts the scores in the groups that were tested.
    """

    groups: pd.DataFrame
    pairs: pd.DataFrame
    n: int
    statistic: float
    df: float
    df2: float
    p: float
    effect: float
    eta2: float
    verdict: str
    test: str = WELCH_ANOVA


@dataclass(frozen=True)
class RankComparison:
    """Ranks of several groups: the Kruskal–Wallis test, ``effect`` is ε².

    ``groups`` has ``stratum``, ``n``, ``mean_rank`` (NaN where the base is too small to be tested).
    """

    groups: pd.DataFrame
    n: int
    statistic: float
    df: float
    p: float
    effect: float
    verdict: str
    test: str = KRUSKAL


def compare_groups(
    frame: pd.DataFrame,
    *,
    score: str,
    group: str,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
    has_pairs: bool = True,
) -> GroupComparison:
    """Compare the mean scores of several groups: do they differ at all, and which pairs do.

    Parameters
    ----------
    has_pairs
        False leaves the pairs out, whose intervals take time with many groups.

    Notes
    -----
    Welch's analysis of variance [1]_, which does not assume equal spreads; then all pairs by Games and
    Howell [2]_, whose p and intervals hold for all pairs together (studentised range). Groups below
    ``minimum_base`` are shown and flagged but not tested. ω² = (SSB − df · MSW) / (SST + MSW), not below 0,
    and η² = SSB / SST are shares of variance [3]_: .01 small, .06 medium, .14 large. With fewer than two
    groups nothing is tested (基数不足); where a group's scores are all equal Welch's weights are undefined
    (无法检验).

    .. [1] B. L. Welch (1951), Biometrika 38: 330–336.
    .. [2] P. A. Games, J. F. Howell (1976), Journal of Educational Statistics 1: 113–125.
    .. [3] J. Cohen (1988), Statistical Power Analysis, section 8.2.
    """
    groups = _flagged(group_moments(frame, score=score, by=group), minimum_base=minimum_base)
    tested = groups.loc[~groups["is_low_base"]]
    scores = _scores_of(frame, score=score, group=group, strata=tested["stratum"])
    statistic, df, df2, p = welch_anova(scores)
    return GroupComparison(
        groups=groups,
        pairs=_games_howell(scores, tested if has_pairs else tested.iloc[:0], alpha=alpha),
        n=len(scores),
        statistic=statistic,
        df=df,
        df2=df2,
        p=p,
        **variance_shares(tested),
        verdict=_verdict(p, np.inf if len(tested) > 1 else 0, alpha=alpha, minimum_base=minimum_base),
    )


def _flagged(groups: pd.DataFrame, *, minimum_base: int) -> pd.DataFrame:
    """Flag groups that are too small to be tested; two scores are the least that any test needs."""
    return groups.assign(is_low_base=groups["n"].lt(max(minimum_base, 2)))


def _scores_of(frame: pd.DataFrame, *, score: str, group: str, strata: Sequence[str]) -> pd.DataFrame:
    """Keep the known scores of some groups, as columns ``group`` and ``score``."""
    known = frame[[group, score]].dropna().set_axis(["group", "score"], axis=1)
    known = known.assign(group=known["group"].astype("str"), score=known["score"].astype("float64"))
    return known.loc[known["group"].isin(strata)].reset_index(drop=True)


def welch_anova(scores: pd.DataFrame) -> tuple[float, float, float, float]:
    """Give Welch's F, its two degrees of freedom and p, of columns ``group`` and ``score``.

    All NaN with fewer than two groups, or with a group of one score or without spread.
    """
    import pingouin as pg

    spread = scores.groupby("group")["score"].agg(lambda values: np.ptp(values) if len(values) else 0.0)
    if len(spread) < 2 or not (spread > 0).all():
        return (float("nan"),) * 4
    row = pg.welch_anova(data=scores, dv="score", between="group").iloc[0]
    return float(row["F"]), float(row["ddof1"]), float(row["ddof2"]), float(row["p_unc"])


def variance_shares(moments: pd.DataFrame) -> dict[str, float]:
    """Split the variance of scores into between and within groups, from ``n``, ``mean``, ``sd``.

    Returns
    -------
    dict
        ``effect`` (ω²) and ``eta2``; NaN with fewer than two groups or without any spread.
    """
    between, within, k, total = sums_of_squares(moments)
    if k < 2 or total <= k or between + within == 0:
        return {"effect": float("nan"), "eta2": float("nan")}
    mean_within = within / (total - k)
    omega2 = (between - (k - 1) * mean_within) / (between + within + mean_within)
    return {"effect": max(0.0, omega2), "eta2": between / (between + within)}


def sums_of_squares(moments: pd.DataFrame) -> tuple[float, float, int, int]:
    """Give the sums of squares between and within groups, the number of groups and of scores."""
    n, mean, sd = (moments[name].to_numpy(dtype=float) for name in ("n", "mean", "sd"))
    if not len(n):
        return 0.0, 0.0, 0, 0
    centre = np.average(mean, weights=n)
    within = np.where(n > 1, (n - 1) * np.nan_to_num(sd) ** 2, 0.0)
    return float((n * (mean - centre) ** 2).sum()), float(within.sum()), len(n), int(n.sum())


def _games_howell(scores: pd.DataFrame, moments: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Test all pairs of groups; see `compare_groups`."""
    if len(moments) < 2:
        return pd.DataFrame(columns=_PAIRS)
    import pingouin as pg
    from scipy.stats import studentized_range

    with np.errstate(divide="ignore", invalid="ignore"):  # pairs without any spread become NaN
        table = pg.pairwise_gameshowell(data=scores, dv="score", between="group")
    by_name = moments.set_index("stratum")
    first, second = (by_name.loc[table[side]].reset_index() for side in ("A", "B"))
    known = table["se"].gt(0)
    quantile = studentized_range.ppf(LEVEL, len(moments), table["df"].where(known, 1)) / np.sqrt(2)
    p = table["pval"].where(known)
    value, half = table["diff"], (quantile * table["se"]).where(known)
    base = np.minimum(first["n"], second["n"])
    return pd.DataFrame(
        {
            "stratum": table["A"].str.cat(table["B"], sep=" 与 "),
            "first": table["A"],
            "second": table["B"],
            "n": base,
            "value": value,
            "low": value - half,
            "high": value + half,
            "test": GAMES_HOWELL,
            "statistic": table["T"].where(known),
            "df": table["df"].where(known),
            "p_raw": np.nan,
            "p": p,
            "effect": hedges_g(first, second)["effect"],
            "verdict": verdicts(value, p, base, alpha=alpha, minimum_base=0, words=(HIGHER, LOWER)),
        }
    )


_PAIRS = [
    "stratum",
    "first",
    "second",
    "n",
    "value",
    "low",
    "high",
    "test",
    "statistic",
    "df",
    "p_raw",
    "p",
    "effect",
    "verdict",
]


def compare_ranks(
    frame: pd.DataFrame, *, score: str, group: str, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> RankComparison:
    """Compare the ranks of scores in several groups: the check of `compare_groups` for ordinal scores.

    Notes
    -----
    Kruskal and Wallis' H with correction for ties [1]_; ε² = H / (n − 1) [2]_. Groups below
    ``minimum_base`` are shown but not tested; scores that are all equal have no test.

    .. [1] W. H. Kruskal, W. A. Wallis (1952), JASA 47: 583–621.
    .. [2] M. Tomczak, E. Tomczak (2014), Trends in Sport Sciences 21: 19–25.
    """
    moments = _flagged(group_moments(frame, score=score, by=group), minimum_base=minimum_base)
    tested = moments.loc[~moments["is_low_base"], "stratum"]
    scores = _scores_of(frame, score=score, group=group, strata=tested)
    statistic, p = _kruskal(scores)
    ranks = scores.assign(rank=scores["score"].rank()).groupby("group")["rank"].mean()
    groups = moments[["stratum", "n"]].assign(mean_rank=moments["stratum"].map(ranks).astype("float64"))
    return RankComparison(
        groups=groups,
        n=len(scores),
        statistic=statistic,
        df=float(max(len(tested) - 1, 0)),
        p=p,
        effect=statistic / max(len(scores) - 1, 1),
        verdict=_verdict(p, np.inf if len(tested) > 1 else 0, alpha=alpha, minimum_base=minimum_base),
    )


def _kruskal(scores: pd.DataFrame) -> tuple[float, float]:
    """Give H and p; NaN with fewer than two groups or without any spread."""
    from scipy.stats import kruskal

    groups = [values.to_numpy() for _, values in scores.groupby("group")["score"]]
    if len(groups) < 2 or scores["score"].nunique() < 2:
        return float("nan"), float("nan")
    statistic, p = kruskal(*groups)
    return float(statistic), float(p)


# ---------------------------------------------------------------- counts and shares


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


@dataclass(frozen=True)
class Association:
    """How two categories go together: the test of independence, and where the table departs from it.

    ``table`` has a row a cell: ``stratum`` ("row × column"), ``row``, ``column``, ``count``, ``n`` (row
    total), ``percent`` (of the row), ``expected``, ``test``, ``statistic`` (adjusted residual), ``p_raw``,
    ``p`` (Holm over the cells), ``effect`` (NaN), ``verdict`` (偏多, 偏少, 没有差异, 基数不足). ``effect``
    is Cramér's V, ``effect_corrected`` the same without its upward bias; ``is_sparse`` says that expected
    counts are too small for the test.
    """

    table: pd.DataFrame
    n: int
    statistic: float
    df: float
    p: float
    effect: float
    effect_corrected: float
    is_sparse: bool
    verdict: str
    test: str = CHI_SQUARE


def association(
    frame: pd.DataFrame, *, row: str, column: str, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> Association:
    """Test whether two categories of the same rows are independent, and which cells stand out.

    Notes
    -----
    Pearson's χ² without continuity correction. Cramér's V = √(χ² / (n · min(r − 1, c − 1))); the corrected
    V is Bergsma's [1]_. A cell's adjusted residual (O − E) / √(E (1 − row share)(1 − column share)) is
    normal under independence [2]_. By Cochran's rule [3]_ a table with more than a fifth of the expected
    counts below 5, or one below 1, is sparse and gets 基数不足, as does a cell that expects fewer than 5.
    Rows where either is missing don't count; with a single row or column there is nothing to test.

    .. [1] W. Bergsma (2013), Journal of the Korean Statistical Society 42: 323–328.
    .. [2] S. J. Haberman (1973), Biometrics 29: 205–220.
    .. [3] W. G. Cochran (1954), Biometrics 10: 417–451.
    """
    known = frame[[row, column]].dropna().astype("str").reset_index(drop=True)
    observed = pd.crosstab(known[row], known[column])
    counts, n = observed.to_numpy(dtype=float), len(known)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(n, 1)
    df = float(max(counts.shape[0] - 1, 0) * max(counts.shape[1] - 1, 0))
    statistic = float(((counts - expected) ** 2 / expected).sum()) if df else float("nan")
    p = float(chdtrc(df, statistic)) if df else float("nan")
    plain, corrected = _cramers_v(statistic, n, shape=counts.shape)
    is_sparse = sparse(expected)
    return Association(
        table=_cells(observed, expected, alpha=alpha),
        n=n,
        statistic=statistic,
        df=df,
        p=p,
        effect=plain,
        effect_corrected=corrected,
        is_sparse=is_sparse,
        verdict=_verdict(p, 0 if is_sparse or not df else n, alpha=alpha, minimum_base=minimum_base),
    )


def sparse(expected: ArrayLike) -> bool:
    """Say whether expected counts are too small for χ²: over a fifth below 5, or any below 1."""
    expected = np.asarray(expected, dtype=float)
    return bool(expected.size == 0 or (expected < 5).mean() > 0.2 or expected.min() < 1)


def _cramers_v(chi2: float, n: int, *, shape: tuple[int, int]) -> tuple[float, float]:
    """Give Cramér's V, plain and with Bergsma's correction."""
    r, c = shape
    if min(r, c) < 2 or n < 2:
        return float("nan"), float("nan")
    plain = np.sqrt(chi2 / (n * (min(r, c) - 1)))
    phi2 = max(0.0, chi2 / n - (r - 1) * (c - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(plain), float(np.sqrt(phi2 / smaller)) if smaller > 0 else float("nan")


def _cells(observed: pd.DataFrame, expected: np.ndarray, *, alpha: float) -> pd.DataFrame:
    """List the cells of a table with their adjusted residuals; see `Association`."""
    counts = observed.to_numpy(dtype=float)
    total = max(counts.sum(), 1)
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    variance = expected * (1 - rows / total) * (1 - columns / total)
    residual = (counts - expected) / np.sqrt(np.where(variance > 0, variance, np.nan))
    names = pd.MultiIndex.from_product([observed.index, observed.columns], names=["row", "column"])
    table = names.to_frame(index=False).astype("str")
    table = table.assign(
        stratum=table["row"].str.cat(table["column"], sep=" × "),
        count=counts.astype("int64").ravel(),
        n=np.repeat(rows.astype("int64").ravel(), counts.shape[1]),
        percent=percent_of(counts, rows).ravel(),
        expected=expected.ravel(),
    )
    tested = residual_tests(residual.ravel(), expected.ravel(), alpha=alpha)
    shown = ["stratum", "row", "column", "count", "n", "percent", "expected"]
    return pd.concat([table[shown], tested], axis=1)


def residual_tests(residual: np.ndarray, expected: np.ndarray, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Judge adjusted residuals as one family: 偏多, 偏少, 没有差异; 基数不足 where fewer than 5 are expected.

    Returns
    -------
    pandas.DataFrame
        ``test``, ``statistic``, ``p_raw`` (two-sided normal), ``p`` (Holm), ``effect`` (NaN), ``verdict``.
    """
    p_raw = 2 * ndtr(-np.abs(residual))
    p = adjust(p_raw)
    verdict = verdicts(residual, p, expected, alpha=alpha, minimum_base=5, words=(MORE, FEWER))
    return pd.DataFrame(
        {
            "test": RESIDUAL,
            "statistic": residual,
            "p_raw": p_raw,
            "p": p,
            "effect": np.nan,
            "verdict": verdict,
        }
    )


# ---------------------------------------------------------------- all of them


def all_tests(results: Mapping[str, pd.DataFrame | Result]) -> pd.DataFrame:
    """List every test that a chapter made, whatever it came to.

    Parameters
    ----------
    results
        What was compared (in Chinese) → a frame or result of this module, or of another that has ``test``,
        ``statistic``, ``p`` and ``verdict``. A result's ``pairs`` or ``table`` of tests follow it.

    Returns
    -------
    pandas.DataFrame
        `TEST_COLUMNS`: ``comparison``, ``test``, ``statistic``, ``df``, ``df2``, ``n``, ``p_raw``, ``p``
        (as adjusted within its own family), ``effect``, ``effect_name``, ``verdict``.
    """
    parts = [part.assign(family=name) for name, result in results.items() for part in _parts(result)]
    rows = [_test_rows(part) for part in parts if len(part)]
    if not rows:
        return pd.DataFrame(columns=TEST_COLUMNS)
    table = pd.concat(rows, ignore_index=True)
    named = table["stratum"].notna()
    family, stratum = table["family"], table["stratum"].astype("str")
    table["comparison"] = family.where(~named, family + "：" + stratum)
    table["effect_name"] = table["test"].map(EFFECTS)
    return table[TEST_COLUMNS]


def count_outcomes(tests: pd.DataFrame, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Count what the tests of a chapter came to.

    Parameters
    ----------
    tests
        As `all_tests` gives them.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``: all, 有差异 (after adjustment), 没有差异, 未检验 (base too small or no spread), and 校正前
        (those whose raw p alone would have said a difference; tests that adjust as they test count by p).
    """
    outcome = _outcomes(tests["verdict"])
    raw = tests["p_raw"].fillna(tests["p"])
    counts = {
        "all": len(tests),
        **{name: int(outcome.eq(name).sum()) for name in ("有差异", "没有差异", "未检验")},
        "校正前": int((raw < alpha).sum()),
    }
    return pd.DataFrame({"stratum": list(counts), "n": list(counts.values())})


def count_by_family(tests: pd.DataFrame, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Count each family's tests: ``stratum`` (family), ``n``, ``raw`` (p below alpha before adjustment), ``kept``."""
    family = tests["comparison"].str.split("：").str[0]
    flags = pd.DataFrame(
        {
            "raw": tests["p_raw"].fillna(tests["p"]).lt(alpha),
            "kept": _outcomes(tests["verdict"]).eq("有差异"),
        }
    )
    counts = flags.groupby(family, sort=False).agg(
        n=("raw", "size"), raw=("raw", "sum"), kept=("kept", "sum")
    )
    return counts.rename_axis("stratum").reset_index()


def residual_bound(cells: int, *, alpha: float = ALPHA) -> float:
    """Size from which one of many adjusted residuals is no chance: z(1 − α/2m), Bonferroni over the cells.

    >>> round(residual_bound(1), 2), round(residual_bound(21), 2)
    (1.96, 3.04)
    """
    return float(ndtri(1 - alpha / (2 * max(cells, 1))))


def _outcomes(verdicts: pd.Series) -> pd.Series:
    return verdicts.replace({"基数不足": "未检验", "无法检验": "未检验"}).where(
        verdicts.isin(["没有差异", "基数不足", "无法检验"]), "有差异"
    )


def _parts(result: pd.DataFrame | Result) -> list[pd.DataFrame]:
    """Give a result as frames of tests: itself, and the tests that it carries."""
    if isinstance(result, pd.DataFrame):
        return [result]
    names = ("test", "statistic", "df", "df2", "n", "p", "effect", "verdict")
    whole = pd.DataFrame([{name: getattr(result, name, np.nan) for name in names}])
    carried = [getattr(result, name, None) for name in ("pairs", "table")]
    return [whole.assign(p_raw=whole["p"]), *(part for part in carried if part is not None and "p" in part)]


def _test_rows(tests: pd.DataFrame) -> pd.DataFrame:
    """Bring tests to common columns and types."""
    numbers = dict.fromkeys(["statistic", "df", "df2", "n", "p_raw", "p", "effect"], "float64")
    return tests.reindex(columns=["family", "stratum", "test", *numbers, "verdict"]).astype(numbers)

"""Means of several groups: Welch's analysis of variance, all pairs by Games and Howell, and Kruskal–Wallis by ranks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.significance.decisions import (
    ALPHA,
    HIGHER,
    LOWER,
    MINIMUM_BASE,
    verdict_of,
    verdicts,
)
from fbanalysis.analysis.significance.means import group_moments, hedges_g
from fbanalysis.analysis.significance.ranges import range_quantiles
from fbanalysis.analysis.significance.ranks import dunn
from fbanalysis.analysis.significance.sizes import variance_share_interval

WELCH_ANOVA = "Welch 方差分析"
GAMES_HOWELL = "Games–Howell 检验"
KRUSKAL = "Kruskal–Wallis 检验"


@dataclass(frozen=True)
class GroupComparison:
    """Means of several groups: the overall test, and all pairs.

    ``groups`` has ``stratum``, ``n``, ``mean``, ``sd``, ``is_low_base``; ``pairs`` has ``stratum`` ("a 与
    b"), ``first``, ``second``, ``n`` (the smaller base), ``value``, ``low``, ``high``, ``test``,
    ``statistic``, ``df``, ``p_raw`` (NaN: the method adjusts as it tests), ``p``, ``effect`` (Hedges g),
    ``verdict``. ``statistic``, ``df``, ``df2``, ``p`` are Welch's F; ``effect`` is ω², beside it ``eta2``,
    and the interval of the share of variance that both estimate.
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
    effect_low: float = float("nan")
    effect_high: float = float("nan")


@dataclass(frozen=True)
class RankComparison:
    """Ranks of several groups: the Kruskal–Wallis test, ``effect`` is ε²; ``pairs`` are Dunn's, see `dunn`.

    ``groups`` has ``stratum``, ``n``, ``mean_rank`` (NaN where the base is too small to be tested).
    """

    groups: pd.DataFrame
    n: int
    statistic: float
    df: float
    p: float
    effect: float
    verdict: str
    pairs: pd.DataFrame
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
    groups = flagged(group_moments(frame, score=score, by=group), minimum_base=minimum_base)
    tested = groups.loc[~groups["is_low_base"]]
    scores = scores_of(frame, score=score, group=group, strata=tested["stratum"])
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
        **_share_interval(tested),
        verdict=verdict_of(p, np.inf if len(tested) > 1 else 0, alpha=alpha, minimum_base=minimum_base),
    )


def flagged(groups: pd.DataFrame, *, minimum_base: int) -> pd.DataFrame:
    """Flag groups that are too small to be tested; two scores are the least that any test needs."""
    return groups.assign(is_low_base=groups["n"].lt(max(minimum_base, 2)))


def scores_of(frame: pd.DataFrame, *, score: str, group: str, strata: Sequence[str]) -> pd.DataFrame:
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


def _share_interval(moments: pd.DataFrame) -> dict[str, float]:
    """Give the interval of the share of variance, from the classic F of the same moments."""
    between, within, k, total = sums_of_squares(moments)
    f = between / (k - 1) / (within / (total - k)) if k > 1 and total > k and within > 0 else float("nan")
    low, high = variance_share_interval(f, k - 1, total - k, total)
    return {"effect_low": low, "effect_high": high}


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

    with np.errstate(divide="ignore", invalid="ignore"):  # pairs without any spread become NaN
        table = pg.pairwise_gameshowell(data=scores, dv="score", between="group")
    by_name = moments.set_index("stratum")
    first, second = (by_name.loc[table[side]].reset_index() for side in ("A", "B"))
    known = table["se"].gt(0)
    quantile = range_quantiles(LEVEL, len(moments), table["df"].where(known)) / np.sqrt(2)
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
    frame: pd.DataFrame,
    *,
    score: str,
    group: str,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
    has_pairs: bool = True,
) -> RankComparison:
    """Compare the ranks of scores in several groups: the check of `compare_groups` for ordinal scores.

    Notes
    -----
    Kruskal and Wallis' H with correction for ties [1]_; ε² = H / (n − 1) [2]_. Groups below
    ``minimum_base`` are shown but not tested; scores that are all equal have no test. Pairs: `dunn`.

    .. [1] W. H. Kruskal, W. A. Wallis (1952), JASA 47: 583–621.
    .. [2] M. Tomczak, E. Tomczak (2014), Trends in Sport Sciences 21: 19–25.
    """
    moments = flagged(group_moments(frame, score=score, by=group), minimum_base=minimum_base)
    tested = moments.loc[~moments["is_low_base"], "stratum"]
    scores = scores_of(frame, score=score, group=group, strata=tested)
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
        verdict=verdict_of(p, np.inf if len(tested) > 1 else 0, alpha=alpha, minimum_base=minimum_base),
        pairs=dunn(scores if has_pairs else scores.iloc[:0], alpha=alpha, minimum_base=0),
    )


def _kruskal(scores: pd.DataFrame) -> tuple[float, float]:
    """Give H and p; NaN with fewer than two groups or without any spread."""
    from scipy.stats import kruskal

    groups = [values.to_numpy() for _, values in scores.groupby("group")["score"]]
    if len(groups) < 2 or scores["score"].nunique() < 2:
        return float("nan"), float("nan")
    statistic, p = kruskal(*groups)
    return float(statistic), float(p)

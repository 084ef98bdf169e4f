"""How satisfied people are: means, spread, distributions, trends, and which groups can be told apart.

Comparisons with last year and between groups are tests and live in `significance`, ranks in `ranking`, complaints
in `complaints`, the way down to small groups in `drilldown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from fbanalysis.analysis.coverage import in_period, month_frame
from fbanalysis.analysis.intervals import mean_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    MINIMUM_BASE,
    WELCH_ANOVA,
    compare_groups,
    group_moments,
    sums_of_squares,
)
from fbanalysis.errors import DataError

#: Areas that are listed first, in this order; others follow by name, and OVERALL comes last.
AREAS = ("产品满意度", "服务满意度", "内部流程评价")
OVERALL = "总体满意度"


def long_scores(feedback: pd.DataFrame) -> pd.DataFrame:
    """Stack the known area and overall scores: ``stratum`` (area or 总体满意度) and ``score``."""
    areas = feedback[["area", "area_score"]].set_axis(["stratum", "score"], axis=1)
    overall = feedback[["overall_score"]].set_axis(["score"], axis=1).assign(stratum=OVERALL)
    scores = pd.concat([areas, overall[["stratum", "score"]]], ignore_index=True).dropna()
    return scores.astype({"stratum": "str", "score": "float64"})


def area_order(strata: Sequence[str]) -> list[str]:
    """Put areas into the order of the report.

    >>> area_order(["总体满意度", "环境", "服务满意度"])
    ['服务满意度', '环境', '总体满意度']
    """
    ranks = {name: position for position, name in enumerate(AREAS)} | {OVERALL: len(AREAS) + 1}
    return sorted(set(strata), key=lambda name: (ranks.get(name, len(AREAS)), name))


def satisfaction_by_area(feedback: pd.DataFrame, *, scale_maximum: float) -> pd.DataFrame:
    """Summarise the scores of every area and the overall score.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n`` (scores), ``mean``, ``sd`` (divisor n − 1), ``se``, ``low``, ``high`` (t interval
        of the mean), ``median``, ``percent_top2``, ``top2_low``, ``top2_high`` (Wilson); 产品满意度,
        服务满意度, 内部流程评价, any other area, 总体满意度. Areas without a score have no row.

    Notes
    -----
    `mean_interval`; se = sd / √n. ``percent_top2`` counts scores of at least ``scale_maximum`` − 1: the two
    highest answers of a scale in steps of one. One score has no sd, se or interval (NaN).
    """
    scores = long_scores(feedback)
    scores["is_top2"] = scores["score"].ge(scale_maximum - 1)
    groups = scores.groupby("stratum")
    rest = pd.DataFrame({"median": groups["score"].median(), "top2": groups["is_top2"].sum()})
    table = group_moments(scores, score="score", by="stratum").merge(rest.reset_index(), on="stratum")
    table = table.set_index("stratum").loc[area_order(table["stratum"])].rename_axis("stratum").reset_index()
    low, high = mean_interval(table["mean"], table["sd"], table["n"])
    top2_low, top2_high = wilson_interval(table["top2"], table["n"])
    table = table.assign(
        se=table["sd"] / np.sqrt(table["n"]),
        low=low,
        high=high,
        percent_top2=percent_of(table["top2"], table["n"]),
        top2_low=top2_low,
        top2_high=top2_high,
    )
    return table[
        [
            "stratum",
            "n",
            "mean",
            "sd",
            "se",
            "low",
            "high",
            "median",
            "percent_top2",
            "top2_low",
            "top2_high",
        ]
    ]


def weighted_satisfaction(
    feedback: pd.DataFrame, population: pd.DataFrame, *, score: str = "overall_score"
) -> pd.DataFrame:
    """Mean score with every stratum at its share of the target population (post-stratification).

    Returns
    -------
    pandas.DataFrame
        One row: ``stratum`` (all), ``n``, ``mean`` (weighted), ``low``, ``high``, ``unweighted``; no row without a
        score. Strata without a score are left out of the population.

    Notes
    -----
    Σ W_h ȳ_h with W_h = N_h/N, variance Σ W_h² (1 − n_h/N_h) s_h²/n_h, interval ± 1.96 √variance (Cochran 1977,
    Sampling Techniques, eq. 5.1 and 5.14): it takes those heard in a stratum for a random part of it. A stratum
    with one score has no s_h and adds none.
    """
    scores = feedback.dropna(subset=[score])
    cells = scores.groupby(["side", "stratum"])[score].agg(n="size", mean="mean", sd="std").reset_index()
    cells = cells.merge(population, on=["side", "stratum"])
    if cells.empty:
        return pd.DataFrame(columns=["stratum", "n", "mean", "low", "high", "unweighted"])
    n, size = cells["n"].astype(float), cells["population"].astype(float)
    weight = size / size.sum()
    mean = float((weight * cells["mean"]).sum())
    variance = (weight**2 * (1 - n / size).clip(lower=0) * cells["sd"].fillna(0) ** 2 / n).sum()
    half = 1.959964 * float(np.sqrt(variance))
    return pd.DataFrame(
        [
            {
                "stratum": "all",
                "n": int(n.sum()),
                "mean": mean,
                "low": mean - half,
                "high": mean + half,
                "unweighted": float(scores[score].mean()),
            }
        ]
    )


def widest_area(areas: pd.DataFrame) -> str:
    """Name the area with the largest spread; 总体满意度 where no area was rated.

    Raises
    ------
    DataError
        Nothing was rated at all.
    """
    if areas.empty:
        raise DataError("没有任何评分：请在 dataset.toml 里为 overall_score 或 area_score 指定列")
    parts = areas[areas["stratum"].ne(OVERALL)]
    return str((parts if len(parts) else areas).sort_values("sd")["stratum"].iloc[-1])


def score_distribution(feedback: pd.DataFrame, *, scale: tuple[int, int]) -> pd.DataFrame:
    """Count every score of every area and of the overall score.

    Parameters
    ----------
    scale
        Lowest and highest score; each whole score between them has a row, also where nobody gave it.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``score`` (int), ``n`` (scores of this height), ``base``, ``percent``. Scores between
        whole ones count for the nearest, halves upwards.
    """
    scores = long_scores(feedback)
    steps = range(int(scale[0]), int(scale[1]) + 1)
    scores["step"] = np.floor(scores["score"] + 0.5).astype("int64")
    counts = pd.crosstab(scores["stratum"], scores["step"]).reindex(columns=steps, fill_value=0)
    counts = counts.reindex(area_order(counts.index)).rename_axis("stratum").rename_axis("score", axis=1)
    table = counts.stack().rename("n").reset_index()
    table = table.astype({"stratum": "str", "score": "int64", "n": "int64"})
    base = table.groupby("stratum")["n"].transform("sum")
    return table.assign(base=base, percent=percent_of(table["n"], base))


def satisfaction_by(
    feedback: pd.DataFrame,
    by: str,
    *,
    score: str = "overall_score",
    area: str | None = None,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Summarise a score by department, channel, region or any other column.

    Parameters
    ----------
    area
        Only the feedback on this area.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``mean``, ``sd``, ``low``, ``high`` (t interval), ``is_low_base`` (n below
        ``minimum_base``); highest mean first, groups without a score left out.
    """
    table = group_moments(_on_area(feedback, area=area), score=score, by=by)
    low, high = mean_interval(table["mean"], table["sd"], table["n"])
    return table.assign(low=low, high=high, is_low_base=table["n"].lt(minimum_base))


def _on_area(feedback: pd.DataFrame, *, area: str | None) -> pd.DataFrame:
    return feedback if area is None else feedback.loc[feedback["area"].eq(area).fillna(False)]


def monthly_satisfaction(
    feedback: pd.DataFrame, *, start: date, end: date, score: str = "overall_score", area: str | None = None
) -> pd.DataFrame:
    """Follow the mean of a score through every month of the period.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("2023-01"), ``month`` (its first day), ``n``, ``mean``, ``sd``, ``low``, ``high`` (t
        interval; NaN for fewer than two scores). Months without a score have n = 0 and NaN.
    """
    known = _on_area(feedback, area=area).loc[lambda rows: in_period(rows, start=start, end=end)]
    labelled = known.assign(stratum=known["submitted_at"].dt.strftime("%Y-%m"))
    months = month_frame(start=start, end=end)[["stratum", "month"]]
    table = months.merge(group_moments(labelled, score=score, by="stratum"), on="stratum", how="left")
    low, high = mean_interval(table["mean"], table["sd"], table["n"])
    return table.assign(n=table["n"].fillna(0).astype("int64"), low=low, high=high)


@dataclass(frozen=True)
class VarianceBetween:
    """How much of the spread of scores lies between groups.

    ``eta2`` is the share in these data, ``effect`` (ω²) and ``icc`` estimate it for others like them;
    ``statistic``, ``df``, ``df2``, ``p``, ``verdict`` are Welch's test that all means are equal. ``groups``
    has ``stratum``, ``n``, ``mean``, ``sd``, ``is_low_base``.
    """

    groups: pd.DataFrame
    n: int
    eta2: float
    effect: float
    icc: float
    statistic: float
    df: float
    df2: float
    p: float
    verdict: str
    test: str = WELCH_ANOVA


def variance_between(
    feedback: pd.DataFrame,
    by: str,
    *,
    score: str,
    area: str | None = None,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> VarianceBetween:
    """Say which share of the variance of a score lies between groups, and test whether any does.

    Notes
    -----
    η² and ω² as in `compare_groups`. ICC(1) = (MSB − MSW) / (MSB + (n₀ − 1) MSW) with n₀ = (n − Σ nₕ² / n)
    / (k − 1) [1]_, not below 0: how alike two scores of the same group are. Groups below ``minimum_base``
    are shown and neither counted nor tested; fewer than two others give NaN and 基数不足.

    .. [1] A. Donner (1986), International Statistical Review 54: 67–82.
    """
    rows = _on_area(feedback, area=area)
    result = compare_groups(
        rows, score=score, group=by, alpha=alpha, minimum_base=minimum_base, has_pairs=False
    )
    return VarianceBetween(
        groups=result.groups,
        n=result.n,
        eta2=result.eta2,
        effect=result.effect,
        icc=_icc(result.groups.loc[~result.groups["is_low_base"]]),
        statistic=result.statistic,
        df=result.df,
        df2=result.df2,
        p=result.p,
        verdict=result.verdict,
    )


def _icc(moments: pd.DataFrame) -> float:
    """Give ICC(1) from ``n``, ``mean``, ``sd``; NaN with fewer than two groups or without spread."""
    between, within, k, total = sums_of_squares(moments)
    if k < 2 or total <= k or between + within == 0:
        return float("nan")
    mean_between, mean_within = between / (k - 1), within / (total - k)
    size = (total - float((moments["n"] ** 2).sum()) / total) / (k - 1)
    return max(0.0, (mean_between - mean_within) / (mean_between + (size - 1) * mean_within))

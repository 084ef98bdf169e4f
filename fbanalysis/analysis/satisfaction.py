"""How satisfied people are: means, spread, distributions, trends, and which groups can be told apart.

Comparisons with last year and between groups are tests and live in `significance`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from fbanalysis.analysis.coverage import in_period, month_frame
from fbanalysis.analysis.disclosure import suppress
from fbanalysis.analysis.intervals import mean_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    MINIMUM_BASE,
    WELCH_ANOVA,
    adjust,
    compare_groups,
    group_moments,
    sums_of_squares,
    two_proportions,
    welch,
)
from fbanalysis.errors import DataError

#: Areas that are listed first, in this order; others follow by name, and OVERALL comes last.
AREAS = ("产品满意度", "服务满意度", "内部流程评价")
OVERALL = "总体满意度"
WHOLE = "全部"
COMPLAINTS, SERVED = "投诉量", "服务量"


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


# ---------------------------------------------------------------- complaints


def complaint_rates(
    operations: pd.DataFrame, *, complaints: str = COMPLAINTS, served: str = SERVED
) -> pd.DataFrame:
    """Give the complaints per hundred services of every month.

    Parameters
    ----------
    complaints, served
        The names of the two measures in table ``operations``; rows of grain ``month`` are used.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("2023-01"), ``month``, ``n`` (served), ``complaints``, ``percent``, ``low``, ``high``
        (Wilson); months for which both measures are known.

    Notes
    -----
    Treats each service as complained about or not. NaN where nothing was served; a month with more
    complaints than services has a percentage above 100 and no interval.
    """
    rows = operations.loc[operations["grain"].eq("month") & operations["measure"].isin([complaints, served])]
    wide = rows.pivot(index="period_start", columns="measure", values="value")
    wide = wide.reindex(columns=[served, complaints]).dropna().sort_index()
    n, count = wide[served].to_numpy(dtype=float), wide[complaints].to_numpy(dtype=float)
    low, high = wilson_interval(count, n)
    months = pd.Series(pd.DatetimeIndex(wide.index))
    return pd.DataFrame(
        {
            "stratum": months.dt.strftime("%Y-%m").astype("str"),
            "month": months,
            "n": n,
            "complaints": count,
            "percent": percent_of(count, n),
            "low": low,
            "high": high,
        }
    )


def total_complaint_rate(rates: pd.DataFrame) -> pd.DataFrame:
    """Give the complaint rate of all months together, as one row ``all`` with the columns of a share.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``base`` (served), ``percent``, ``low``, ``high`` (Wilson); no rows without a month.
    """
    count, n = rates["complaints"].sum(), rates["n"].sum()
    low, high = wilson_interval(count, n)
    whole = pd.DataFrame(
        [{"stratum": "all", "base": n, "percent": percent_of(count, n), "low": low, "high": high}]
    )
    return whole.astype({"percent": "float64", "low": "float64", "high": "float64"}).iloc[: int(n > 0)]


def compare_complaint_rates(
    rates: pd.DataFrame, prior_rates: pd.DataFrame, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Compare complaint rates with last year's: the year as a whole, then each month that both years have.

    Parameters
    ----------
    rates, prior_rates
        As `complaint_rates` gives them. The whole year is made of the months that both years have.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (all, "01" … "12"), ``n``, ``prior_n``, ``percent``, ``prior_percent``, ``value``
        (percentage points), ``low``, ``high`` (Newcombe), ``test``, ``statistic``, ``df``, ``p_raw``, ``p``
        (the year by itself; Holm over the months), ``effect`` (Cohen h), ``verdict``.
    """
    this, prior = (part.assign(stratum=part["month"].dt.strftime("%m")) for part in (rates, prior_rates))
    both = this.merge(prior, on="stratum", suffixes=("", "_prior")).sort_values("stratum", ignore_index=True)
    columns = ["complaints", "n", "complaints_prior", "n_prior"]
    whole = two_proportions(*both[columns].sum(), alpha=alpha, minimum_base=minimum_base)
    months = two_proportions(*(both[name] for name in columns), alpha=alpha, minimum_base=minimum_base)
    table = pd.concat([whole, months], ignore_index=True).assign(stratum=["all", *both["stratum"]])
    table = table.rename(columns={"other_n": "prior_n", "other_percent": "prior_percent"})
    return table[["stratum", *table.columns.drop("stratum")]]


# ---------------------------------------------------------------- drill-down


def drill_down(
    feedback: pd.DataFrame, by: Sequence[str], *, scale_maximum: float, below: int
) -> pd.DataFrame:
    """Summarise the overall score step by step: everybody, side, stratum, and the columns given below them.

    Parameters
    ----------
    by
        Columns in the order of the way down, such as ``department`` and ``region``; columns without any value
        are left out, rows without a value stand under 未填写.
    below
        From how many people on a group's estimates are shown.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("下钻/外部·核心客户/技术支持部/全部"), ``who``, the columns of ``by`` (全部 where not split),
        ``n`` (feedback), ``mean``, ``low``, ``high`` (t interval), ``percent_top2`` (of the scores) and
        ``percent_problem`` (of the feedback).

    Notes
    -----
    The rows: everybody; each column by itself; each side, and below it the columns of ``by`` one after another;
    each stratum, and below it the first column. All of them together with their totals are printed, so that
    `disclosure.suppress` is taken along every column, until no group stands as the only hidden one of its whole.
    """
    known = [name for name in by if feedback[name].notna().any()]
    rows = _drillable(feedback, known, scale_maximum=scale_maximum)
    tables = [_drilled(rows, path, by=known) for path in _paths(known)]
    table = _hidden(pd.concat(tables, ignore_index=True), ["side", "group", *known], below=below)
    who = table["side"].where(table["group"].eq(WHOLE), table["side"] + "·" + table["group"])
    parts = pd.concat([who, table[known]], axis=1).apply(lambda part: part.str.replace("/", "／"))
    keys = parts.agg("/".join, axis=1)
    table = table.assign(stratum="下钻/" + keys, who=who)
    return table[["stratum", "who", *known, "n", "mean", "low", "high", "percent_top2", "percent_problem"]]


def _drillable(feedback: pd.DataFrame, by: Sequence[str], *, scale_maximum: float) -> pd.DataFrame:
    """Give every piece of feedback its names at each step, its score, and whether it is among the shares."""
    score = feedback["overall_score"].astype("float64")
    return (
        feedback[list(by)]
        .fillna("未填写")
        .assign(
            side=feedback["side"].map({"internal": "内部", "external": "外部"}),
            group=feedback["stratum"].fillna("未填写"),
            score=score,
            is_top2=score.ge(scale_maximum - 1).where(score.notna()).astype("Float64"),
            is_problem=feedback["kind"].eq("问题反映").astype("float64"),
        )
    )


def _paths(by: Sequence[str]) -> list[list[str]]:
    """List the columns that are split at each kind of row."""
    down = [["side", *by[:depth]] for depth in range(len(by) + 1)]
    return [
        [],
        *[[name] for name in by],
        *down,
        ["side", "group"],
        *[["side", "group", name] for name in by[:1]],
    ]


def _drilled(rows: pd.DataFrame, path: Sequence[str], *, by: Sequence[str]) -> pd.DataFrame:
    """Summarise the groups of one path; columns that it does not split say 全部."""
    others = {name: WHOLE for name in ["side", "group", *by] if name not in path}
    groups = rows.assign(**others).groupby(["side", "group", *by], observed=True)
    table = groups.agg(
        n=("score", "size"),
        scores=("score", "count"),
        mean=("score", "mean"),
        sd=("score", "std"),
        percent_top2=("is_top2", "mean"),
        percent_problem=("is_problem", "mean"),
    ).reset_index()
    low, high = mean_interval(table["mean"], table["sd"], table["scores"])
    shares = {name: 100 * table[name].astype("float64") for name in ("percent_top2", "percent_problem")}
    return table.assign(low=low, high=high, **shares)


def _hidden(table: pd.DataFrame, columns: Sequence[str], *, below: int) -> pd.DataFrame:
    """Take a table along every column where it has totals, until hiding one group asks for no other."""
    before = -1
    while (count := int(table["mean"].isna().sum())) != before:
        before = count
        for column in columns:
            others = [name for name in columns if name != column]
            totals = pd.MultiIndex.from_frame(table.loc[table[column].eq(WHOLE), others])
            has_total = pd.MultiIndex.from_frame(table[others]).isin(totals)
            is_part = table[column].ne(WHOLE) & has_total
            parts = suppress(table[is_part], below=below, within=others)
            table = pd.concat([table[~is_part], parts]).sort_index()
    return table


# ---------------------------------------------------------------- ranks


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
        ``rank_high`` (the ranks that the group may truly have) and ``band`` (1 = top).

    Notes
    -----
    All pairs are tested by Welch's t, p adjusted by Holm over the pairs. A group's true rank lies between 1
    plus the number of groups that test above it and k minus the number that test below it, for all groups
    together with a confidence of 1 − α [1]_. Bands are cut from the top: the highest group opens band 1,
    the groups after it join until one differs from the opener; that one opens the next band. Two neighbours
    in different bands may therefore not differ from each other: what a band says is that its members don't
    differ from its first. A group of one score, or two without any spread, can't be told from others.

    .. [1] M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm (2024), Review of Economic Studies 91: 476–518.
    """
    ranked = table.sort_values(["mean", "stratum"], ascending=[False, True], ignore_index=True)
    differs = _differs(ranked, alpha=alpha)
    above, k = np.triu(differs), len(ranked)
    return ranked.assign(
        rank=ranked["mean"].rank(method="min", ascending=False).astype("int64"),
        rank_low=1 + above.sum(axis=0),
        rank_high=k - above.sum(axis=1),
        band=_bands(differs),
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

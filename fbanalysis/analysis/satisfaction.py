"""How satisfied people are: means, spread, distributions, trends, and which groups can be told apart.

Comparisons with last year and between groups are tests and live in `significance`, ranks in `ranking`, complaints
in `complaints`, the way down to small groups in `drilldown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from fbanalysis.analysis.coverage import in_period
from fbanalysis.analysis.intervals import mean_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    MINIMUM_BASE,
    MOMENTS,
    WELCH_ANOVA,
    compare_groups,
    compare_with_prior,
    group_moments,
    sums_of_squares,
)
from fbanalysis.errors import DataError

#: Areas that are listed first, in this order; others follow by name, and OVERALL comes last.
AREAS = ("产品满意度", "服务满意度", "内部流程评价")
OVERALL = "总体满意度"
#: What `summarise` says of a group's scores.
SUMMARY = ["n", "mean", "sd", "se", "low", "high", "median", "percent_top2", "top2_low", "top2_high"]
#: Grains of time by their pandas names, and how the strata of each look.
PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}
_NAMED = {"month": r"\d{4}-\d{2}", "quarter": r"\d{4}Q[1-4]", "year": r"\d{4}"}


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
        ``stratum`` and `SUMMARY`; 产品满意度, 服务满意度, 内部流程评价, any other area, 总体满意度. Areas without a
        score have no row.

    Notes
    -----
    As `summarise`.
    """
    table = _described(long_scores(feedback), scale_maximum=scale_maximum)
    return table.set_index("stratum").loc[area_order(table["stratum"])].rename_axis("stratum").reset_index()


def _described(scores: pd.DataFrame, *, scale_maximum: float) -> pd.DataFrame:
    """Summarise ``score`` by ``stratum``: the columns of `SUMMARY`."""
    groups = scores.assign(is_top2=scores["score"].ge(scale_maximum - 1)).groupby("stratum")
    rest = pd.DataFrame({"median": groups["score"].median(), "top2": groups["is_top2"].sum()})
    rest = rest.reset_index().astype({"stratum": "str"})
    table = group_moments(scores, score="score", by="stratum").merge(rest, on="stratum")
    low, high = mean_interval(table["mean"], table["sd"], table["n"])
    top2_low, top2_high = wilson_interval(table["top2"], table["n"])
    return table.assign(
        se=table["sd"] / np.sqrt(table["n"]),
        low=low,
        high=high,
        percent_top2=percent_of(table["top2"], table["n"]),
        top2_low=top2_low,
        top2_high=top2_high,
    )[["stratum", *SUMMARY]]


def summarise(
    frame: pd.DataFrame,
    by: str | Sequence[str],
    *,
    scale_maximum: float,
    score: str = "overall_score",
    time: str = "submitted_at",
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Summarise a score by any column or several, also by ``month``, ``quarter`` or ``year`` of a time.

    Parameters
    ----------
    by
        Columns such as ``side``, ``department`` or ``platform``; a grain of time that is no column is taken from
        ``time``. Rows without a value in one of them, or without a score, don't count.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (the values joined by /), the columns of ``by`` as text (``stratum`` as ``group``), `SUMMARY`, ``is_low_base`` (n below
        ``minimum_base``); in the order of the values. Groups without a score are left out.

    Notes
    -----
    sd with divisor n − 1, se = sd / √n, t interval of the mean (`mean_interval`), Wilson interval of
    ``percent_top2``: the share of scores of at least ``scale_maximum`` − 1, the two highest answers of a scale in
    steps of one. One score has no sd, se or interval (NaN); equal scores have an interval without width.

    Examples
    --------
    >>> scores = pd.DataFrame({"region": ["东", "西", "东"], "overall_score": [5.0, 3.0, 4.0]})
    >>> summarise(scores, "region", scale_maximum=5)[["stratum", "n", "mean", "median"]].to_numpy().tolist()
    [['东', 2, 4.5, 4.5], ['西', 1, 3.0, 3.0]]
    """
    names = [by] if isinstance(by, str) else list(by)
    times = {name: period_names(frame[time], grain=name) for name in names if name not in frame}
    keys = frame.assign(**times)[names].rename(columns={"stratum": "group"})
    known = keys.assign(score=frame[score].astype("float64")).dropna()
    known["code"] = known.groupby(list(keys), observed=True).ngroup()
    table = _described(
        known[["code", "score"]].set_axis(["stratum", "score"], axis=1), scale_maximum=scale_maximum
    )
    table = table.astype({"stratum": "int64"}).sort_values("stratum", ignore_index=True)
    keys = known.drop_duplicates("code").sort_values("code", ignore_index=True)[list(keys)].astype("str")
    table["stratum"] = keys.agg("/".join, axis=1) if len(keys) else pd.Series(dtype="str")
    table = pd.concat([table["stratum"], keys, table[SUMMARY]], axis=1)
    return table.assign(is_low_base=table["n"].lt(minimum_base))


def period_names(times: pd.Series, *, grain: str) -> pd.Series:
    """Name the month, quarter or year of each time: 2023-01, 2023Q1, 2023; missing where the time is.

    Raises
    ------
    DataError
        Another grain.
    """
    if grain not in PERIODS:
        raise DataError(f"没有「{grain}」这一列，也不是时间粒度；时间粒度可用：{'、'.join(PERIODS)}。")
    periods = times.dt.to_period(PERIODS[grain])
    codes, found = pd.factorize(periods)
    names = np.array([*(_period_name(one, grain=grain) for one in found), None], dtype=object)
    return pd.Series(names[codes], index=times.index, name=grain, dtype="str")


def _period_name(period: pd.Period, *, grain: str) -> str:
    return f"{period.year}Q{period.quarter}" if grain == "quarter" else str(period)


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


def satisfaction_by_period(
    feedback: pd.DataFrame,
    *,
    grain: str,
    start: date,
    end: date,
    score: str = "overall_score",
    area: str | None = None,
    scale: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Follow the mean of a score through every month, quarter or year of the period.

    Parameters
    ----------
    scale
        Lowest and highest score: then mean, sd and interval are on 0–100.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (2023-01, 2023Q1 or 2023), ``period`` (its first day), ``n``, ``mean``, ``sd``, ``low``, ``high`` (t
        interval; NaN for fewer than two scores). Periods without a score have n = 0 and NaN.
    """
    known = _on_area(feedback, area=area).loc[lambda rows: in_period(rows, start=start, end=end)]
    labelled = known.assign(stratum=period_names(known["submitted_at"], grain=grain))
    periods = pd.period_range(start, end, freq=PERIODS[grain])
    frame = pd.DataFrame({"stratum": [_period_name(one, grain=grain) for one in periods]}, dtype="str")
    frame["period"] = periods.start_time.astype("datetime64[us]")
    table = frame.merge(group_moments(labelled, score=score, by="stratum"), on="stratum", how="left")
    if scale is not None:
        table = on_hundred(table, scale=scale)
    low, high = mean_interval(table["mean"], table["sd"], table["n"])
    return table.assign(n=table["n"].fillna(0).astype("int64"), low=low, high=high)


def on_hundred(moments: pd.DataFrame, *, scale: tuple[float, float]) -> pd.DataFrame:
    """Put ``mean`` and ``sd`` of scores on 0–100: 100 (score − lowest) / (highest − lowest).

    >>> on_hundred(pd.DataFrame({"mean": [4.0], "sd": [0.8]}), scale=(1, 5)).to_numpy().tolist()
    [[75.0, 20.0]]
    """
    lowest, highest = scale
    step = 100 / (highest - lowest)
    return moments.assign(mean=step * (moments["mean"] - lowest), sd=step * moments["sd"])


def monthly_satisfaction(
    feedback: pd.DataFrame, *, start: date, end: date, score: str = "overall_score", area: str | None = None
) -> pd.DataFrame:
    """Follow the mean of a score through every month: `satisfaction_by_period`, its first day named ``month``."""
    table = satisfaction_by_period(feedback, grain="month", start=start, end=end, score=score, area=area)
    return table.rename(columns={"period": "month"})


def prior_periods(
    prior_year: pd.DataFrame, *, grain: str, scale: tuple[float, float] | None = None
) -> pd.DataFrame:
    """Take last year's months, quarters or year from table ``prior_year``: ``stratum``, ``n``, ``mean``, ``sd``, in order."""
    rows = prior_year.loc[prior_year["metric"].eq("satisfaction_period"), MOMENTS]
    rows = rows.loc[rows["stratum"].str.fullmatch(_NAMED[grain])].sort_values("stratum", ignore_index=True)
    rows = rows.astype({"n": "int64", "mean": "float64", "sd": "float64"})
    return rows if scale is None else on_hundred(rows, scale=scale)


def compare_periods(
    periods: pd.DataFrame,
    earlier: pd.DataFrame | None = None,
    *,
    window: int = 1,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare each period with the one before, or with the rolling baseline of several before.

    Parameters
    ----------
    periods, earlier
        ``stratum``, ``n``, ``mean``, ``sd`` of periods in order; those of ``earlier`` come before and are only compared
        with.
    window
        How many periods before make the baseline; they are pooled as if they were one.

    Returns
    -------
    pandas.DataFrame
        ``against`` (the periods compared with: 2022Q4, or 2022Q1–2022Q4), and the columns of
        `significance.compare_with_prior` (``prior_n``, ``prior_mean``, ``value``, ``low``, ``high``, ``p``, ``verdict``, …);
        p by Holm over all periods. A period without so many before it, or with an empty one among them, has NaN
        and 基数不足.

    Notes
    -----
    Welch's test of this period against the pooled mean Σnm / Σn, whose variance holds the spread within and between
    the periods. Neighbouring comparisons share a period and are not independent; Holm does not ask for that.
    """
    parts = [part[MOMENTS] for part in (earlier, periods) if part is not None]
    rows = pd.concat(parts, ignore_index=True) if parts else periods[MOMENTS]
    first = len(rows) - len(periods)
    windows = [rows.iloc[max(at - window, 0) : at] for at in range(first, len(rows))]
    prior = pd.DataFrame([_baseline(part, size=window) for part in windows], columns=["n", "mean", "sd"])
    prior = prior.assign(metric="period", stratum=periods["stratum"].to_numpy())
    table = compare_with_prior(periods, prior, metric="period", alpha=alpha, minimum_base=minimum_base)
    names = [
        "–".join(dict.fromkeys(part["stratum"].iloc[[0, -1]])) if len(part) == window else ""
        for part in windows
    ]
    table.insert(1, "against", pd.Series(names, dtype="str"))
    return table


def _baseline(periods: pd.DataFrame, *, size: int) -> tuple[float, float, float]:
    """Pool the periods before; NaN unless all of them are there and have scores."""
    is_whole = len(periods) == size and periods["n"].gt(0).all()
    return pooled(periods) if is_whole else (float("nan"), float("nan"), float("nan"))


def pooled(moments: pd.DataFrame) -> tuple[float, float, float]:
    """Give n, mean and sd of several groups taken as one; exact, not an average of sds.

    Notes
    -----
    sd² = [Σ(n − 1)s² + Σn(m − M)²] / (N − 1) with M = Σnm / N. No scores give n = 0 and NaN, one score no sd.

    Examples
    --------
    >>> pooled(pd.DataFrame({"n": [2, 2], "mean": [1.5, 3.5], "sd": [0.5**0.5, 0.5**0.5]}))
    (4.0, 2.5, 1.29...)
    """
    rows = moments.loc[moments["n"].gt(0)]
    n, mean, sd = (rows[name].to_numpy(dtype=float) for name in ("n", "mean", "sd"))
    total = float(n.sum())
    if not total:
        return 0.0, float("nan"), float("nan")
    centre = float((n * mean).sum() / total)
    squares = float(np.nansum((n - 1) * sd**2) + (n * (mean - centre) ** 2).sum())
    return total, centre, float(np.sqrt(squares / (total - 1))) if total > 1 else float("nan")


# ---------------------------------------------------------------- items of a survey


def survey_items(ratings: pd.DataFrame, *, survey: str = "") -> pd.DataFrame:
    """Take the ratings of one survey: the named one, else the one with most ratings of those without dimensions.

    Surveys whose items belong to dimensions are scales of their own, with an index of their own.

    Raises
    ------
    DataError
        No survey has this name.
    """
    names = ratings["survey"]
    if survey and not names.eq(survey).any():
        raise DataError(f"ratings 表里没有调查「{survey}」；有：{'、'.join(sorted(names.unique()))}。")
    plain = names[~names.isin(names[ratings["dimension"].notna()].unique())].value_counts()
    chosen = survey or (sorted(plain[plain.eq(plain.max())].index)[0] if len(plain) else "")
    return ratings.loc[names.eq(chosen)].reset_index(drop=True)


def weakest_first(items: pd.DataFrame) -> pd.DataFrame:
    """Order a table of means from the weakest, equal ones by name."""
    return items.sort_values(["mean", "stratum"], ignore_index=True)


# ---------------------------------------------------------------- variance between groups


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

"""How far targets were reached, by indicator and department. It sets no target and no weight."""

import re

import numpy as np
import pandas as pd

from fbanalysis.analysis.intervals import mean_interval, percent_of, wilson_interval
from fbanalysis.errors import DataError, listed

EXCEEDED, NEARLY, MISSED = "超额完成", "基本达标", "未达预期"
NO_ACTUAL = "缺少实际值"
#: Largest gap (in the indicator's unit) between a given percentage and its numerator/denominator.
ROUNDING = 0.51

_REFERENCE = re.compile(r"\s*([^\[\]]+?)\s*(?:\[\s*([^\[\]]+?)\s*\])?\s*")
_OPTIONAL = ["actual", "actual_metric", "numerator", "denominator", "sd", "n", "actual_low", "actual_high"]


def resolve_actuals(kpis: pd.DataFrame, **metrics: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Fill in the actual values that a KPI takes from a fraction or from another analysis.

    Parameters
    ----------
    kpis
        The table ``kpis``.
    metrics
        For each metric that ``actual_metric`` names (``satisfaction_mean[服务满意度]``): a Series by stratum,
        or a frame with ``stratum`` and the value in a column called as the metric, as its last word
        (``mean``), or ``value``, ``mean``, ``percent``; its ``n``, ``sd``, ``low``, ``high`` are taken along
        where present.

    Returns
    -------
    DataFrame
        ``kpis`` with all optional columns, ``actual`` and ``n`` filled where possible, and ``actual_low``,
        ``actual_high`` where the metric brought an interval.

    Raises
    ------
    DataError
        A reference to a metric or stratum that does not exist (lists those there are), or a given percentage
        that contradicts its own numerator and denominator.

    Notes
    -----
    A given actual value is kept. A fraction is 100 · numerator / denominator in the unit percent, without
    the 100 in others; an empty denominator leaves the value missing.
    """
    table = _with_optional(kpis)
    table = _from_fractions(table)
    wanted = table.index[table["actual"].isna() & table["actual_metric"].notna()]
    for row in wanted:
        found = _look_up(str(table.at[row, "actual_metric"]), metrics)
        for name, value in found.items():
            if pd.isna(table.at[row, name]):
                table.loc[row, name] = value
    return table


def _with_optional(kpis: pd.DataFrame) -> pd.DataFrame:
    table = kpis.reindex(columns=[*kpis.columns, *(name for name in _OPTIONAL if name not in kpis.columns)])
    numbers = [name for name in _OPTIONAL if name != "actual_metric"]
    return table.astype(dict.fromkeys([*numbers, "target", "weight"], float)).reset_index(drop=True)


def _from_fractions(table: pd.DataFrame) -> pd.DataFrame:
    percent = pd.Series(percent_of(table["numerator"], table["denominator"]), index=table.index)
    fraction = percent.where(table["unit"] == "percent", percent / 100)
    wrong = table.loc[(table["actual"] - fraction).abs() > ROUNDING, "kpi"]
    if len(wrong):
        raise DataError(f"指标{listed(wrong)}的实际值与分子、分母不符；请改正 kpis 表，或只留其一")
    is_fraction = fraction.notna()
    return table.assign(
        actual=table["actual"].fillna(fraction), n=table["n"].mask(is_fraction, table["denominator"])
    )


def _look_up(reference: str, metrics: dict[str, pd.DataFrame | pd.Series]) -> dict[str, float]:
    """Find what a reference like ``metric[stratum]`` names: actual, and n, sd, bounds where there."""
    match = _REFERENCE.fullmatch(reference)
    name, stratum = (match[1], match[2] or "all") if match else (reference, "all")
    if name not in metrics:
        known = listed(metrics, most=40) or "（没有）"
        raise DataError(f"actual_metric「{reference}」引用的指标「{name}」不存在；可用：{known}")
    given = metrics[name]
    is_series = isinstance(given, pd.Series)
    frame = given.rename("value").rename_axis("stratum").reset_index() if is_series else given
    rows = frame[frame["stratum"] == stratum]
    if rows.empty:
        known = listed(frame["stratum"], most=40)
        raise DataError(f"actual_metric「{reference}」的层「{stratum}」不存在；「{name}」下有：{known}")
    columns = {"actual": _value_column(frame, name=name), "n": "n", "sd": "sd", "actual_low": "low"}
    columns |= {"actual_high": "high"}
    return {ours: float(rows[theirs].iloc[0]) for ours, theirs in columns.items() if theirs in frame.columns}


def _value_column(frame: pd.DataFrame, *, name: str) -> str:
    candidates = [name, name.rsplit("_", 1)[-1], "value", "mean", "percent"]
    found = [column for column in candidates if column in frame.columns]
    if not found:
        raise DataError(f"指标「{name}」的表里没有数值列；要有其一：{listed(candidates)}")
    return found[0]


def attainment(
    kpis: pd.DataFrame, *, basically_met: float = 95, scale_maximum: float | None = None
) -> pd.DataFrame:
    """Compare each indicator's annual value with its target.

    Parameters
    ----------
    kpis
        As from `resolve_actuals`; rows whose ``period`` is a year are used.
    basically_met
        Attainment in percent from which 基本达标 is said; from meeting the target on it is 超额完成.
    scale_maximum
        Highest possible score, where indicators in the unit score have one.

    Returns
    -------
    DataFrame
        ``stratum`` (indicator; ``indicator/department`` where several share its name), ``department``,
        ``direction``, ``unit``, ``target``, ``actual``, ``n``, ``actual_low``, ``actual_high``, ``value``
        (attainment in percent), ``low``, ``high``, ``attainable_maximum``, ``verdict``, ``band``; by value.

    Notes
    -----
    Higher is better: 100 · actual/target; lower is better: 100 · target/actual. The target is a fixed number,
    so the bounds of the actual value pass through the same formula (in reverse for lower is better). Bounds
    of the actual: those it came with; else Wilson of numerator and denominator; else t of sd and n; else
    none. The verdict compares the values themselves, as a target agreement does; an interval that contains
    100 says that chance could have decided. A target of 0, or an actual of 0 where lower is better, has a
    verdict and no ratio.

    ``band``: from the top, an indicator opens a new band where its interval lies wholly below that of any in
    the current band, so that within a band all intervals overlap and ranks can't be told apart. Overlap is
    stricter than a test (it ties more).
    ``attainable_maximum``: the attainment at the top of the scale (percent: 100), which a ranking of
    attainments rewards unequally: 4.0 of at most 5 can reach 125, 92 % only 108.7.

    Examples
    --------
    >>> row = {"kpi": "响应时间", "department": "支持", "period": "2023", "direction": "lower"}
    >>> kpis = pd.DataFrame([row | {"unit": "hours", "target": 4.0, "actual": 5.0, "weight": 1.0}])
    >>> attainment(kpis)[["stratum", "value", "verdict"]].to_numpy().tolist()
    [['响应时间', 80.0, '未达预期']]
    """
    table = _annual(kpis)
    table[["actual_low", "actual_high"]] = _bounds(table)
    ratio = [_attained(table[name], table) for name in ("actual", "actual_low", "actual_high")]
    low, high = np.fmin(ratio[1], ratio[2]), np.fmax(ratio[1], ratio[2])
    table = table.assign(value=ratio[0], low=low, high=high)
    table["attainable_maximum"] = _attainable_maximum(table, scale_maximum=scale_maximum)
    table["verdict"] = _status(table, basically_met=basically_met)
    table = table.sort_values(["value", "stratum"], ascending=[False, True], ignore_index=True)
    return table.assign(band=_bands(table))[
        [
            "stratum",
            "department",
            "direction",
            "unit",
            "target",
            "actual",
            "n",
            "actual_low",
            "actual_high",
            "value",
            "low",
            "high",
            "attainable_maximum",
            "verdict",
            "band",
        ]
    ]


def _annual(kpis: pd.DataFrame) -> pd.DataFrame:
    """Rows of whole years, with the label that tells them apart."""
    table = _from_fractions(_with_optional(kpis))
    table = table[table["period"].astype("str").str.fullmatch(r"\d{4}")].reset_index(drop=True)
    is_shared = table["kpi"].duplicated(keep=False)
    label = table["kpi"].astype("str")
    return table.assign(stratum=label.where(~is_shared, label + "/" + table["department"].astype("str")))


def _bounds(table: pd.DataFrame) -> pd.DataFrame:
    """Interval of the actual value: given, by Wilson, or by t."""
    is_percent = table["unit"].eq("percent") & table["numerator"].notna()
    wilson = wilson_interval(table["numerator"].where(is_percent), table["denominator"])
    student = mean_interval(table["actual"], table["sd"], table["n"])
    bounds = {
        name: table[name].fillna(pd.Series(share, table.index)).fillna(pd.Series(mean, table.index))
        for name, share, mean in zip(("actual_low", "actual_high"), wilson, student, strict=True)
    }
    return pd.DataFrame(bounds)


def _attained(actual: pd.Series, table: pd.DataFrame) -> pd.Series:
    is_lower, target = table["direction"] == "lower", table["target"]
    numerator, divisor = actual.where(~is_lower, target), target.where(~is_lower, actual)
    return 100 * numerator / divisor.where((divisor > 0) & (target > 0))


def _attainable_maximum(table: pd.DataFrame, *, scale_maximum: float | None) -> pd.Series:
    top = table["unit"].map({"percent": 100.0, "score": np.nan if scale_maximum is None else scale_maximum})
    is_bounded = (table["direction"] == "higher") & (table["target"] > 0)
    return 100 * top.astype(float).where(is_bounded) / table["target"]


def _status(table: pd.DataFrame, *, basically_met: float) -> pd.Series:
    is_lower = table["direction"] == "lower"
    is_met = (table["actual"] >= table["target"]).where(~is_lower, table["actual"] <= table["target"])
    conditions = [table["actual"].isna(), is_met.astype(bool), table["value"] >= basically_met - 1e-9]
    chosen = np.select(conditions, [NO_ACTUAL, EXCEEDED, NEARLY], MISSED)
    return pd.Series(chosen, index=table.index, dtype="str")


def _bands(table: pd.DataFrame) -> pd.Series:
    """Number the bands from the top; see `attainment`. Rows without a value have none."""
    bands, band, floor = [], 0, -np.inf
    lows, highs = table["low"].fillna(table["value"]), table["high"].fillna(table["value"])
    for low, high in zip(lows, highs, strict=True):
        is_new = pd.notna(high) and (band == 0 or high < floor)
        if pd.notna(high):
            band, floor = (band + 1, low) if is_new else (band, max(floor, low))
        bands.append(band if pd.notna(high) else None)
    return pd.Series(bands, index=table.index, dtype="Int64")


def status_counts(attained: pd.DataFrame) -> pd.DataFrame:
    """Count the indicators by status.

    Returns
    -------
    DataFrame
        ``stratum`` (all, 超额完成, 基本达标, 未达预期; 缺少实际值 only where there is one), ``value``, ``n``
        (all).
    """
    counts = attained["verdict"].value_counts()
    names = [EXCEEDED, NEARLY, MISSED] + [NO_ACTUAL] * (NO_ACTUAL in counts.index)
    values = [len(attained), *(int(counts.get(name, 0)) for name in names)]
    frame = pd.DataFrame({"stratum": ["all", *names], "value": values, "n": len(attained)})
    return frame.astype({"stratum": "str"})


def department_attainment(attained: pd.DataFrame, kpis: pd.DataFrame) -> pd.DataFrame:
    """Mean attainment of each department, weighted as the table ``kpis`` says.

    Returns
    -------
    DataFrame
        ``stratum`` (department), ``n`` (indicators with a weight and an attainment), ``value``; by value.

    Notes
    -----
    Σ wᵢ aᵢ / Σ wᵢ over the department's annual indicators; the weights are relative and need not add up to 1.
    An indicator without attainment is left out with its weight. Without any positive weight the value is
    NaN: a mean of attainments is a choice of weights, and none is made here.
    """
    weights = _annual(kpis)[["stratum", "weight"]]
    table = attained.merge(weights, on="stratum", how="left", validate="one_to_one").dropna(subset=["value"])
    table = table.assign(weight=table["weight"].fillna(0.0))
    table = table.assign(weighted=table["value"] * table["weight"], is_used=table["weight"] > 0)
    sums = table.groupby("department", as_index=False)[["weighted", "weight", "is_used"]].sum()
    sums["value"] = sums["weighted"] / sums["weight"].where(sums["weight"] > 0)
    sums = sums.rename(columns={"department": "stratum", "is_used": "n"})
    return sums.sort_values(["value", "stratum"], ascending=[False, True], ignore_index=True)[
        ["stratum", "n", "value"]
    ].astype({"n": "int64"})


def missed_periods(quarters: pd.DataFrame, *, direction: str) -> list[str]:
    """List the periods whose actual value misses the target: below it, or above it where lower is better."""
    missed = (
        quarters["actual"] < quarters["target"]
        if direction == "higher"
        else quarters["actual"] > quarters["target"]
    )
    return quarters.loc[missed, "period"].astype("str").tolist()


def certainty(attained: pd.DataFrame) -> pd.DataFrame:
    """Say of each attainment whether chance could have decided it.

    Returns
    -------
    DataFrame
        ``stratum``, ``value``, ``verdict``: 区间含目标 where the interval contains 100, else 区间不含目标, 没有区间 where
        there is none.
    """
    contains = attained["low"].le(100) & attained["high"].ge(100)
    said = np.select([attained["low"].isna(), contains], ["没有区间", "区间含目标"], "区间不含目标")
    return attained[["stratum", "value"]].assign(verdict=pd.Series(said, index=attained.index, dtype="str"))


def weakest(attained: pd.DataFrame, kpis: pd.DataFrame) -> str:
    """Name the indicator furthest below its target among those with quarters; else among all.

    Parameters
    ----------
    attained
        As `attainment` gives it.
    kpis
        The table ``kpis``: says which indicators have quarterly rows.

    Raises
    ------
    DataError
        No indicator has an attainment.
    """
    known = attained.dropna(subset=["value"]).sort_values("value", kind="stable")
    if known.empty:
        raise DataError("没有一项指标算得出达成率：请检查指标表的目标、实际、分子与分母")
    rows = _quarter_rows(kpis)
    names = (
        {*rows["kpi"], *(rows["kpi"] + "/" + rows["department"])}
        if "department" in rows
        else set(rows["kpi"])
    )
    has_quarters = known["stratum"].isin(names)
    return str((known[has_quarters] if has_quarters.any() else known)["stratum"].iloc[0])


def _quarter_rows(kpis: pd.DataFrame) -> pd.DataFrame:
    return kpis[kpis["period"].astype("str").str.fullmatch(r"\d{4}Q[1-4]")]


def quarterly(kpis: pd.DataFrame, kpi: str, *, department: str | None = None) -> pd.DataFrame:
    """Follow one indicator through the quarters.

    Returns
    -------
    DataFrame
        ``stratum`` (the period), ``period``, ``department``, ``actual``, ``target``, ``n``, ``low``, ``high``
        (interval of the actual value, as in `attainment`); by department and period. A quarter without a row
        is left out; an indicator without quarters gives no rows.

    Raises
    ------
    DataError
        An unknown indicator; lists those there are.
    """
    table = _from_fractions(_with_optional(kpis))
    if kpi not in set(table["kpi"]) and "/" in kpi:
        kpi, department = kpi.rsplit("/", 1)
    if kpi not in set(table["kpi"]):
        raise DataError(f"没有指标「{kpi}」；指标表里有：{listed(sorted(table['kpi'].unique()), most=40)}")
    table = _quarter_rows(table)
    rows = table[table["kpi"] == kpi]
    rows = rows if department is None else rows[rows["department"] == department]
    rows = rows.sort_values(["department", "period"], ignore_index=True)
    rows[["low", "high"]] = _bounds(rows)
    return rows.assign(stratum=rows["period"])[
        ["stratum", "period", "department", "actual", "target", "n", "low", "high"]
    ]

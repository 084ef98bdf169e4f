"""What was done about problems and what came of it: the state of actions, measures before and after.

Before and after are two periods: whatever else changed between them is in the difference too.
"""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from fbanalysis.analysis.intervals import LEVEL, mean_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    FALL,
    MINIMUM_BASE,
    NO_DIFFERENCE,
    RISE,
    WELCH_T,
    adjust,
    hedges_g,
    verdicts,
    welch,
)

DONE, OPEN, CANCELLED = "已完成", "未开始", "已取消"
ON_TRACK, WATCH, BEHIND = "正常", "关注", "滞后"
STATES = (DONE, ON_TRACK, WATCH, BEHIND, OPEN, CANCELLED)
#: Progress in parts of the planned from which an action is 正常, and below which it is 滞后.
ON_TRACK_FROM, BEHIND_BELOW = 0.9, 0.75
#: Whether a family of actions is planned, or answers an incident.
KINDS = ("改进计划", "事件整改")
BETTER, WORSE = "改善", "变差"
#: Shorter hours are told in minutes.
_SHORTEST_HOURS = 1.0


# Actions


def track(actions: pd.DataFrame, milestones: pd.DataFrame, *, as_of: object) -> pd.DataFrame:
    """Say of every action how far it is and how far it should be on a day.

    Returns
    -------
    DataFrame
        The columns of ``actions``, and ``stratum`` (the action; with its number where its name repeats),
        ``progress`` and ``planned`` (percent), ``state`` (one of `STATES`), ``is_due`` (its limit has come,
        it was not cancelled, and if it is done, the day is known), ``is_on_time`` (of those due: done by the limit), ``days_late`` (to the
        day it was done, or to ``as_of``; 0 where it is not late); in order of start, then limit.

    Notes
    -----
    Planned: the weight of the milestones due by then over that of all; without milestones the part of its
    time that has passed. Progress: as reported, 100 once done, else the weight of the milestones reached.
    States follow the schedule performance index, progress over planned (PMI, Practice Standard for Earned
    Value Management): 正常 from 0.9, 关注 from 0.75, 滞后 below; an action past its limit is 滞后 however far
    it is. Both limits are conventions.
    """
    day = pd.Timestamp(as_of).normalize()
    table = actions.assign(stratum=_labels(actions), planned=_planned(actions, milestones, day=day))
    table["is_done"] = table["done_on"].le(day) | (table["done_on"].isna() & table["status"].eq(DONE))
    table["progress"] = _progress(table, milestones, day=day)
    is_undated = table["is_done"] & table["done_on"].isna()
    table["is_due"] = table["due_on"].le(day) & table["status"].ne(CANCELLED) & ~is_undated
    table["is_on_time"] = table["is_due"] & table["is_done"] & table["done_on"].le(table["due_on"])
    late = (table["done_on"].where(table["is_done"], day) - table["due_on"]).dt.days
    table["days_late"] = late.where(table["is_due"]).clip(lower=0).fillna(0)
    table["state"] = _states(table, day=day)
    return table.sort_values(["starts_on", "due_on"], kind="stable", ignore_index=True)


def _labels(actions: pd.DataFrame) -> pd.Series:
    names = actions["action"].astype("str")
    return names.where(
        ~names.duplicated(keep=False), names + "（" + actions["action_id"].astype("str") + "）"
    )


def _planned(actions: pd.DataFrame, milestones: pd.DataFrame, *, day: pd.Timestamp) -> pd.Series:
    by_milestones = _weight_share(actions, milestones, milestones["due_on"].le(day))
    length = (actions["due_on"] - actions["starts_on"]).dt.days
    passed = (day - actions["starts_on"]).dt.days / length.where(length > 0)
    by_time = (100 * passed).fillna(100.0 * actions["due_on"].le(day)).clip(0, 100)
    return by_milestones.fillna(by_time)


def _progress(table: pd.DataFrame, milestones: pd.DataFrame, *, day: pd.Timestamp) -> pd.Series:
    reached = _weight_share(table, milestones, milestones["done_on"].le(day))
    told = table["progress_percent"].astype("float64").fillna(reached).fillna(0.0)
    return told.mask(table["is_done"], 100.0)


def _weight_share(actions: pd.DataFrame, milestones: pd.DataFrame, counts: pd.Series) -> pd.Series:
    """Percent of the weight of each action's milestones that counts; missing without milestones."""
    weight = milestones["weight"].astype("float64")
    sums = (
        pd.DataFrame({"part": weight.where(counts, 0.0), "all": weight})
        .groupby(milestones["action_id"])
        .sum()
    )
    sums = sums.reindex(actions["action_id"])
    return pd.Series(percent_of(sums["part"], sums["all"]), index=actions.index)


def _states(table: pd.DataFrame, *, day: pd.Timestamp) -> pd.Series:
    index = table["progress"] / table["planned"].where(table["planned"] > 0)
    conditions = {
        CANCELLED: table["status"].eq(CANCELLED),
        DONE: table["is_done"],
        BEHIND: table["is_due"] | index.lt(BEHIND_BELOW),
        OPEN: table["starts_on"].gt(day) | table["status"].eq(OPEN),
        WATCH: index.lt(ON_TRACK_FROM),
    }
    chosen = np.select([given.to_numpy(bool) for given in conditions.values()], list(conditions), ON_TRACK)
    return pd.Series(chosen, index=table.index, dtype="str")


def count_states(tracked: pd.DataFrame) -> pd.DataFrame:
    """Count the actions by state: ``stratum`` (all, and every one of `STATES`), ``value``."""
    counts = tracked["state"].value_counts()
    values = [len(tracked), *(int(counts.get(state, 0)) for state in STATES)]
    return pd.DataFrame({"stratum": ["all", *STATES], "value": values}).astype({"stratum": "str"})


def on_time(tracked: pd.DataFrame, *, by: str | None = None) -> pd.DataFrame:
    """Say what part of the actions whose limit has come was done by it.

    Parameters
    ----------
    by
        Column with groups (``family``, ``department``); without it all actions are one.

    Returns
    -------
    DataFrame
        ``stratum`` (all, or the group), ``count`` (actions), ``n`` (those due), ``on_time``, ``late`` (done
        after the limit), ``open`` (due and not done), ``budget``, ``spent`` (10,000 CNY), ``value`` (on
        time of those due, percent), ``low``, ``high`` (Wilson); groups in order of their first action.

    Notes
    -----
    All actions are here, and the share itself is exact. The interval asks how often actions of this kind
    would be done on time; actions that hang together tell less than it assumes.
    """
    groups = pd.Series("all", index=tracked.index) if by is None else tracked[by]
    is_due, is_done = tracked["is_due"], tracked["is_done"]
    flags = pd.DataFrame(
        {
            "count": 1,
            "n": is_due,
            "on_time": tracked["is_on_time"],
            "late": is_due & is_done & ~tracked["is_on_time"],
            "open": is_due & ~is_done,
        }
    ).astype("int64")
    money = tracked[["budget_cny_10k", "spent_cny_10k"]].set_axis(["budget", "spent"], axis=1)
    sums = pd.concat([flags, money], axis=1).groupby(groups, sort=False).sum(min_count=0)
    sums = sums.rename_axis("stratum").reset_index().astype({"stratum": "str"})
    low, high = wilson_interval(sums["on_time"], sums["n"])
    return sums.assign(value=percent_of(sums["on_time"], sums["n"]), low=low, high=high)


def plan_families(actions: pd.DataFrame) -> pd.DataFrame:
    """Count the actions of each family, and say whether it belongs to the plan or answers an incident.

    Returns
    -------
    DataFrame
        ``stratum`` (family), ``kind`` (改进计划, or 事件整改 where every action names an incident), ``value``; the
        plan first, then by count.

    Examples
    --------
    >>> rows = {"family": ["流程", "流程", "补偿"], "incident": [None, None, "故障"]}
    >>> plan_families(pd.DataFrame(rows)).to_numpy().tolist()
    [['流程', '改进计划', 2], ['补偿', '事件整改', 1]]
    """
    answers = actions["incident"].notna().groupby(actions["family"])
    table = answers.agg(is_answer="all", value="size").rename_axis("stratum").reset_index()
    table = table.sort_values(
        ["is_answer", "value", "stratum"], ascending=[True, False, True], ignore_index=True
    )
    table["kind"] = pd.Series(np.where(table["is_answer"], *reversed(KINDS)), dtype="str")
    return table[["stratum", "kind", "value"]]


def count_kinds(families: pd.DataFrame) -> pd.DataFrame:
    """Count families and actions by kind: ``stratum`` (改进计划, 事件整改), ``families``, ``actions``.

    Parameters
    ----------
    families
        As `plan_families` gives them.
    """
    counts = families.groupby("kind")["value"].agg(families="size", actions="sum")
    counts = counts.reindex(list(KINDS), fill_value=0).astype("int64")
    return counts.rename_axis("stratum").reset_index().astype({"stratum": "str"})


# Before and after


def compare_phases(
    measures: pd.DataFrame, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Compare what was measured before and after, metric by metric.

    Parameters
    ----------
    measures
        Table ``measures``: a row is one measurement, or the mean of ``n`` of them.

    Returns
    -------
    DataFrame
        ``stratum`` (metric; with its scope where it was measured for several), ``metric``, ``action_id``, ``scope``,
        ``unit``, ``direction``, ``before``, ``after`` (means) with ``before_low``, ``before_high``, ``before_n``
        and the like, ``n`` (the smaller of both), ``difference``, ``value`` (relative change, percent), ``low``,
        ``high``, ``gain``, ``gain_low``, ``gain_high`` (the same, positive where it is for the better),
        ``p`` (Holm over all metrics), ``effect`` (Hedges g of the rows), ``verdict`` (上升, 下降, …),
        ``outcome`` (改善, 变差, 没有差异, 基数不足, 无法检验). A metric without one of its phases is left out.

    Notes
    -----
    Means are weighted by ``n``. Their standard error is that between rows, √(k/(k − 1) Σw²(x − m)²) / Σw
    (Cochran 1977, Sampling Techniques, section 6.3), so that weekly means count as weeks and not as the
    thousands of cases behind them; a single row takes the ``n`` and ``sd`` that it carries. Tested by
    Welch. 基数不足 goes by the measurements behind the means, not by the rows.

    The relative change is 100 (m₂/m₁ − 1) with Fieller's interval (1954, JRSS B 16: 175–185), the degrees of
    freedom as Satterthwaite's of m₂ − r m₁; none where m₁ isn't clearly above 0. Both phases count as
    independent samples: of units that were measured twice the interval is rather too long.
    """
    moments = _moments(measures)
    pairs = moments[moments["phase"].eq("before")].merge(
        moments[moments["phase"].eq("after")], on=_KEYS, suffixes=("_before", "_after"), validate="1:1"
    )
    before, after = (_side(pairs, phase) for phase in ("before", "after"))
    base = np.minimum(before["cases"], after["cases"])
    tested = pd.concat([welch(after, before)[["value", "p_raw"]], hedges_g(after, before)["effect"]], axis=1)
    tested = tested.rename(columns={"value": "difference"}).assign(n=base, test=WELCH_T)
    tested["p"] = adjust(tested["p_raw"])
    said = verdicts(tested["difference"], tested["p"], base, alpha=alpha, minimum_base=minimum_base)
    ends = [_phase_columns(before, "before"), _phase_columns(after, "after"), relative_change(before, after)]
    verdict = pd.DataFrame({"verdict": pd.Series(said, dtype="str")})
    return _with_gain(pd.concat([_named(pairs), *ends, tested, verdict], axis=1))


_KEYS = ["metric", "action_id", "scope", "unit", "direction"]


def _moments(measures: pd.DataFrame) -> pd.DataFrame:
    """Sum up every metric and phase: ``n`` (rows; sd / √n is the standard error), ``mean``, ``sd``, ``cases``."""
    rows = measures.rename(columns={"stratum": "scope"}).dropna(subset=["value"])
    rows = rows.assign(n=rows["n"].astype("float64").fillna(1.0)).query("n > 0")
    rows = rows.fillna({"action_id": "", "scope": ""}).astype({"action_id": "str", "scope": "str"})
    groups = rows.groupby([*_KEYS, "phase"], sort=False)
    found = [dict(zip([*_KEYS, "phase"], key, strict=True)) | _summary(part) for key, part in groups]
    return pd.DataFrame(found, columns=[*_KEYS, "phase", "n", "mean", "sd", "cases"])


def _summary(rows: pd.DataFrame) -> dict[str, float]:
    value, weight = rows["value"].to_numpy(float), rows["n"].to_numpy(float)
    total, count = weight.sum(), len(rows)
    mean = float((weight * value).sum() / total)
    if count == 1:
        sd = float(rows["sd"].iloc[0]) if total > 1 else np.nan
        return {"n": total, "mean": mean, "sd": sd, "cases": total}
    error = np.sqrt(count / (count - 1) * ((weight * (value - mean)) ** 2).sum()) / total
    return {"n": count, "mean": mean, "sd": float(error * np.sqrt(count)), "cases": total}


def _side(pairs: pd.DataFrame, phase: str) -> pd.DataFrame:
    names = ["n", "mean", "sd", "cases"]
    return pairs[[f"{name}_{phase}" for name in names]].set_axis(names, axis=1).astype("float64")


def _phase_columns(moments: pd.DataFrame, phase: str) -> pd.DataFrame:
    low, high = mean_interval(moments["mean"], moments["sd"], moments["n"])
    columns = {phase: moments["mean"], f"{phase}_low": low, f"{phase}_high": high}
    return pd.DataFrame(columns | {f"{phase}_n": moments["cases"]})


def _named(pairs: pd.DataFrame) -> pd.DataFrame:
    """Name the rows by their metric; metrics that occur twice have their scope or action behind them."""
    apart = pairs["scope"].mask(pairs["scope"].eq(""), pairs["action_id"])
    is_shared = pairs["metric"].duplicated(keep=False)
    stratum = pairs["metric"].where(~is_shared, pairs["metric"] + "（" + apart + "）").astype("str")
    return pairs[["metric", "action_id", "scope", "unit", "direction"]].assign(stratum=stratum)


def relative_change(before: pd.DataFrame, after: pd.DataFrame, *, level: float = LEVEL) -> pd.DataFrame:
    """Give the change of means relative to those before, in percent, row by row, with Fieller's interval.

    Parameters
    ----------
    before, after
        Columns ``n``, ``mean``, ``sd``; rows that stand at the same place are compared.

    Returns
    -------
    DataFrame
        ``value``, ``low``, ``high``; NaN where the mean before is not above 0, the interval also where it
        can't be told from 0 or a side has fewer than two rows. See `compare_phases`.

    Examples
    --------
    >>> sides = [pd.DataFrame({"n": [50], "mean": [mean], "sd": [1.0]}) for mean in (8.0, 6.0)]
    >>> relative_change(*sides).round(1).to_numpy().tolist()
    [[-25.0, -29.3, -20.5]]
    """
    n, mean, sd = (before[name].to_numpy(float) for name in ("n", "mean", "sd"))
    other_n, other_mean, other_sd = (after[name].to_numpy(float) for name in ("n", "mean", "sd"))
    mean = np.where(mean > 0, mean, np.nan)
    ratio, error, other_error = other_mean / mean, sd**2 / n, other_sd**2 / other_n
    scaled, spread = ratio**2 * error, other_error + ratio**2 * error
    df = spread**2 / _positive(other_error**2 / _positive(other_n - 1) + scaled**2 / _positive(n - 1))
    t2 = stdtrit(df, (1 + level) / 2) ** 2
    divisor = _positive(mean**2 - t2 * error)
    centre = mean * other_mean
    root = np.sqrt(centre**2 - divisor * (other_mean**2 - t2 * other_error))
    low, high = (centre - root) / divisor, (centre + root) / divisor
    return pd.DataFrame({"value": 100 * (ratio - 1), "low": 100 * (low - 1), "high": 100 * (high - 1)})


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)


def _with_gain(table: pd.DataFrame) -> pd.DataFrame:
    """Turn changes so that better is positive, and call them by what they are good for."""
    is_lower = table["direction"].eq("lower")
    sign = np.where(is_lower, -1.0, 1.0)
    ends = table[["low", "high"]].mul(sign, axis=0)
    good = np.where(is_lower, FALL, RISE)
    is_moved = table["verdict"].isin([RISE, FALL])
    outcome = table["verdict"].mask(is_moved & table["verdict"].eq(good), BETTER)
    return table.assign(
        gain=sign * table["value"],
        gain_low=ends.min(axis=1),
        gain_high=ends.max(axis=1),
        outcome=outcome.mask(is_moved & table["verdict"].ne(good), WORSE),
    )


def count_gains(compared: pd.DataFrame) -> pd.DataFrame:
    """Count the metrics by outcome: ``stratum`` (all, 改善, 变差, 没有差异, 未检验), ``value``."""
    outcome = compared["outcome"].where(compared["outcome"].isin([BETTER, WORSE, NO_DIFFERENCE]), "未检验")
    counts = outcome.value_counts()
    names = [BETTER, WORSE, NO_DIFFERENCE, "未检验"]
    values = [len(compared), *(int(counts.get(name, 0)) for name in names)]
    return pd.DataFrame({"stratum": ["all", *names], "value": values}).astype({"stratum": "str"})


def as_read(compared: pd.DataFrame) -> pd.DataFrame:
    """Stack the phases as they are read: hours below one in minutes.

    Returns
    -------
    DataFrame
        ``stratum``, ``phase``, ``value``, ``low``, ``high``, ``n``, ``unit``, ``decimals``; a row a metric and phase.

    Examples
    --------
    >>> ends = {f"{end}{part}": [0.5] for end in ("before", "after") for part in ("", "_low", "_high", "_n")}
    >>> as_read(pd.DataFrame({"stratum": ["等待"], "unit": ["hours"]} | ends))["value"].tolist()
    [30.0, 30.0]
    """
    parts = []
    for phase in ("before", "after"):
        names = {phase: "value", f"{phase}_low": "low", f"{phase}_high": "high", f"{phase}_n": "n"}
        parts.append(compared[["stratum", "unit", *names]].rename(columns=names).assign(phase=phase))
    table = pd.concat(parts, ignore_index=True)
    is_short = table["unit"].eq("hours") & table["value"].lt(_SHORTEST_HOURS)
    scaled = table[["value", "low", "high"]].mul(np.where(is_short, 60.0, 1.0), axis=0)
    unit, decimals = table["unit"].mask(is_short, "minutes"), np.where(is_short, 0, 1)
    return scaled.assign(
        stratum=table["stratum"], phase=table["phase"], n=table["n"], unit=unit, decimals=decimals
    )[["stratum", "phase", "value", "low", "high", "n", "unit", "decimals"]]


def best_measured(compared: pd.DataFrame) -> str:
    """Name the action with the most metrics, the first where several have as many; empty without any.

    >>> best_measured(pd.DataFrame({"action_id": ["", "A1", "A2", "A2"]}))
    'A2'
    """
    named = compared.loc[compared["action_id"].ne(""), "action_id"]
    counts = named.value_counts(sort=False)
    return "" if counts.empty else str(counts.idxmax())


def by_week(measures: pd.DataFrame, *, action_id: str, metric: str) -> pd.DataFrame:
    """Follow a metric of one action week by week, so that a trend before the change shows.

    Returns
    -------
    DataFrame
        ``stratum`` (phase/Monday), ``phase`` (改进前, 改进后), ``week``, ``n`` (measurements), ``value`` (mean,
        weighted by ``n``), ``low``, ``high`` (t); a row for each week with a measurement, by time.
    """
    is_wanted = measures["action_id"].eq(action_id) & measures["metric"].eq(metric)
    rows = measures[is_wanted].dropna(subset=["value", "observed_on"])
    rows = rows.assign(n=rows["n"].astype("float64").fillna(1.0)).query("n > 0")
    days = rows["observed_on"].dt.normalize()
    rows = rows.assign(week=days - pd.to_timedelta(days.dt.day_of_week, unit="D"))
    keys, columns = ["phase", "week"], ["n", "mean", "sd", "cases"]
    found = [(*key, *_summary(part).values()) for key, part in rows.groupby(keys)]
    table = pd.DataFrame(found, columns=[*keys, *columns]).astype({"phase": "str", "week": "datetime64[us]"})
    low, high = mean_interval(*(table[name].astype("float64") for name in ("mean", "sd", "n")))
    phase = table["phase"].map({"before": "改进前", "after": "改进后"}).astype("str")
    table = table.assign(value=table["mean"], low=low, high=high, n=table["cases"], phase=phase)
    table["stratum"] = (phase + "/" + table["week"].dt.strftime("%Y-%m-%d")).astype("str")
    return table.sort_values("week", ignore_index=True)[
        ["stratum", "phase", "week", "n", "value", "low", "high"]
    ]


def clearest(compared: pd.DataFrame) -> str:
    """Name the metric whose change is least likely by chance; the first where none was tested, empty without any.

    >>> clearest(pd.DataFrame({"stratum": ["甲", "乙"], "metric": ["甲", "乙"], "p": [0.2, 0.01]}))
    '乙'
    """
    ordered = compared.sort_values("p", kind="stable", na_position="last")
    return "" if ordered.empty else str(ordered["metric"].iloc[0])

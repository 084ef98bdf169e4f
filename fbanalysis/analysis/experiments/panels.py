"""The table of experiments sorted by design: who was tried on what, before and after. It estimates no effect."""

import numpy as np
import pandas as pd

from fbanalysis.analysis.intervals import mean_interval

TREATMENT, CONTROL = "treatment", "control"
BEFORE, AFTER = "before", "after"
#: What an experiment can be analysed as.
RANDOMISED, DIFFERENCES, NO_CONTROL = "随机分组", "双重差分", "缺对照"
#: How the arms are called in charts.
ARM_NAMES = {TREATMENT: "试点", CONTROL: "对照"}
_COLUMNS = ["experiment", "metric", "unit_id", "arm", "period_start", "phase", "value", "region", "size"]


def overview(experiments: pd.DataFrame) -> pd.DataFrame:
    """Say of every experiment what design it has, and how large it is.

    Returns
    -------
    DataFrame
        ``stratum`` (experiment; with its metric where it has several), ``metric``, ``design`` (随机分组: nothing
        measured before; 双重差分: both arms before and after; 缺对照: anything else), ``n`` (units),
        ``n_treatment``, ``n_control``, ``periods_before``, ``periods_after``; in order of appearance.

    Notes
    -----
    The design is read off the phases; that units were really dealt to the arms at random is the word of whoever
    delivered the table. Rows without a value don't count; no rows give no rows.
    """
    rows = named(experiments)
    columns = [
        "stratum",
        "metric",
        "design",
        "n",
        "n_treatment",
        "n_control",
        "periods_before",
        "periods_after",
    ]
    found = [{"stratum": name, **_size(part)} for name, part in rows.groupby("stratum", sort=False)]
    return pd.DataFrame(found, columns=columns).astype({"stratum": "str", "metric": "str", "design": "str"})


def named(experiments: pd.DataFrame) -> pd.DataFrame:
    """Add ``stratum``, the name of each experiment and metric; rows without a value, arm or unit are left out."""
    rows = experiments.reindex(columns=_COLUMNS).dropna(subset=["value", "arm", "phase", "unit_id"])
    rows = rows.astype({"value": "float64", "experiment": "str", "metric": "str"})
    keys = ["experiment", "metric"]
    place = rows.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    pairs = rows[keys].iloc[np.unique(place, return_index=True)[1]]
    several = pairs["experiment"].duplicated(keep=False)
    name = pairs["experiment"].where(~several, pairs["experiment"] + "（" + pairs["metric"] + "）")
    return rows.assign(stratum=pd.array(name.take(place), dtype="str"))


def _size(rows: pd.DataFrame) -> dict[str, object]:
    unit = pd.factorize(rows["unit_id"])[0]
    units = {arm: _distinct(unit[rows["arm"].eq(arm)]) for arm in (TREATMENT, CONTROL)}
    periods = {
        phase: rows.loc[rows["phase"].eq(phase), "period_start"].nunique() for phase in (BEFORE, AFTER)
    }
    return {
        "metric": rows["metric"].iloc[0],
        "design": _design(_cells(rows)),
        "n": int(unit.max()) + 1,
        "n_treatment": units[TREATMENT],
        "n_control": units[CONTROL],
        "periods_before": periods[BEFORE],
        "periods_after": periods[AFTER],
    }


def _distinct(codes: np.ndarray) -> int:
    return int(np.count_nonzero(np.bincount(codes)))


def _cells(rows: pd.DataFrame) -> set[tuple[str, str]]:
    """Give the pairs of arm and phase that occur."""
    codes, keys = rows.groupby(["arm", "phase"], observed=True).ngroup(), rows[["arm", "phase"]]
    return set(keys[~codes.duplicated()].itertuples(index=False, name=None))


def _design(cells: set[tuple[str, str]]) -> str:
    if {(TREATMENT, AFTER), (CONTROL, AFTER)} - cells:
        return NO_CONTROL
    phases = {phase for _, phase in cells}
    if phases == {AFTER}:
        return RANDOMISED
    return DIFFERENCES if {(TREATMENT, BEFORE), (CONTROL, BEFORE)} <= cells else NO_CONTROL


def of_design(experiments: pd.DataFrame, design: str) -> list[tuple[str, pd.DataFrame]]:
    """Give (name, rows) of the experiments of one design, in order of appearance."""
    parts = named(experiments).groupby("stratum", sort=False)
    return [(str(name), rows) for name, rows in parts if _design(_cells(rows)) == design]


def panel(rows: pd.DataFrame) -> pd.DataFrame:
    """Give one experiment as unit × period: ``unit_id``, ``period_start``, ``is_treated``, ``is_after``, ``value``.

    Units seen in both arms, or in one phase only, are left out: they show no change of their own. Several values
    of a unit in a period are averaged; without periods each phase is one.
    """
    phase = np.where(rows["phase"].eq(AFTER), pd.Timestamp("2000-02-01"), pd.Timestamp("2000-01-01"))
    period = rows["period_start"].fillna(pd.Series(phase, index=rows.index))
    rows = rows.assign(
        period_start=period, is_treated=rows["arm"].eq(TREATMENT), is_after=rows["phase"].eq(AFTER)
    )
    is_kept = ~in_several(rows, "arm") & in_several(rows, "phase")
    keys = ["unit_id", "period_start", "is_treated", "is_after"]
    return rows[is_kept].groupby(keys, as_index=False, sort=True)["value"].mean()


def in_several(rows: pd.DataFrame, column: str) -> np.ndarray:
    """Say of every row whether its unit occurs with several values of a column, as in both arms."""
    unit, (value, values) = pd.factorize(rows["unit_id"])[0], pd.factorize(rows[column])
    seen = np.zeros((unit.max(initial=-1) + 1, len(values)), dtype=bool)
    seen[unit[value >= 0], value[value >= 0]] = True
    return (seen.sum(axis=1) > 1)[unit]


def unit_changes(cells: pd.DataFrame) -> pd.DataFrame:
    """Collapse a panel to one row a unit: ``unit_id``, ``is_treated``, ``before``, ``after`` (means), ``change``."""
    means = cells.groupby(["unit_id", "is_treated", "is_after"])["value"].mean().unstack("is_after")
    means = means.reindex(columns=[False, True]).set_axis(["before", "after"], axis=1).reset_index()
    return means.assign(change=means["after"] - means["before"])


def composition(experiments: pd.DataFrame) -> pd.DataFrame:
    """Check that both phases of a pilot are the same units.

    Returns
    -------
    DataFrame
        ``stratum``, ``n`` (units), ``both`` (seen before and after), ``left`` (before only), ``joined`` (after
        only), ``switched`` (seen in both arms), ``value`` (percent of the units that the comparison keeps).
    """
    rows = [{"stratum": name, **_composition(part)} for name, part in of_design(experiments, DIFFERENCES)]
    columns = ["stratum", "n", "both", "left", "joined", "switched", "value"]
    return pd.DataFrame(rows, columns=columns).astype({"stratum": "str"})


def _composition(rows: pd.DataFrame) -> dict[str, float]:
    units = rows.assign(phases=in_several(rows, "phase"), arms=in_several(rows, "arm")).drop_duplicates(
        "unit_id"
    )
    is_both, is_switched = units["phases"], units["arms"]
    is_early = units["phase"].eq(BEFORE)
    kept = int((is_both & ~is_switched).sum())
    return {
        "n": len(units),
        "both": int(is_both.sum()),
        "left": int((~is_both & is_early).sum()),
        "joined": int((~is_both & ~is_early).sum()),
        "switched": int(is_switched.sum()),
        "value": 100 * kept / len(units),
    }


def arms_by_period(experiments: pd.DataFrame) -> pd.DataFrame:
    """Mean of each arm by period, for the picture of a pilot.

    Returns
    -------
    DataFrame
        ``stratum`` (experiment/arm/period), ``experiment``, ``arm`` (试点, 对照), ``period``, ``n`` (units),
        ``value`` (mean), ``low``, ``high`` (t); a row for each arm and period of the pilots.
    """
    parts = [panel(rows).assign(experiment=name) for name, rows in of_design(experiments, DIFFERENCES)]
    cells = pd.concat(parts) if parts else _NO_CELLS
    groups = cells.groupby(["experiment", "is_treated", "period_start"], sort=False)["value"]
    table = groups.agg(n="count", value="mean", sd="std").reset_index()
    arm = table["is_treated"].astype(bool).map({True: ARM_NAMES[TREATMENT], False: ARM_NAMES[CONTROL]})
    low, high = mean_interval(table["value"], table["sd"], table["n"])
    period = table["period_start"]
    stratum = table["experiment"].astype("str") + "/" + arm + "/" + period.dt.strftime("%Y-%m")
    table = table.assign(stratum=stratum.astype("str"), arm=arm, period=period, low=low, high=high)
    table = table.sort_values(["experiment", "is_treated", "period"], ignore_index=True)
    return table[["stratum", "experiment", "arm", "period", "n", "value", "low", "high"]]


_NO_CELLS = pd.DataFrame(
    {
        "unit_id": pd.Series(dtype="str"),
        "period_start": pd.Series(dtype="datetime64[us]"),
        "is_treated": pd.Series(dtype=bool),
        "is_after": pd.Series(dtype=bool),
        "value": pd.Series(dtype="float64"),
        "experiment": pd.Series(dtype="str"),
    }
)


#: What a metric's name says of its unit, in brackets.
_UNITS = {"小时": "hours", "分钟": "minutes", "秒": "seconds", "天": "days", "分": "score", "%": "percent"}


def spoken(metric: str) -> tuple[str, str]:
    """Split a metric's name into what is said in a sentence, and its unit; without one it is a plain number.

    >>> spoken("处理时长（小时）"), spoken("是否回复")
    (('处理时长', 'hours'), ('是否回复', 'ratio'))
    """
    name, _, rest = metric.replace("(", "（").replace(")", "）").partition("（")
    return name, _UNITS.get(rest.removesuffix("）"), "ratio")

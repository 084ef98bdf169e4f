"""Whether the effect of a pilot wears off: month by month after the start, its slope, and its half-life."""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from fbanalysis.analysis.experiments.differences import MINIMUM_UNITS, collapsed, slopes
from fbanalysis.analysis.experiments.panels import DIFFERENCES, of_design, panel
from fbanalysis.analysis.significance import (
    ALPHA,
    FALL,
    NO_DIFFERENCE,
    RISE,
    SMALL_BASE,
    UNTESTABLE,
    adjust,
    welch,
)

#: Fewer months than this after the start say nothing of wearing off.
FEWEST_MONTHS = 6
WEAKER, STRONGER, TOO_SHORT, NO_EFFECT = "减弱", "增强", "观察期太短", "没有效果可谈"
_COLUMNS = [
    "stratum", "n", "periods", "months", "value", "low", "high", "p_raw", "p", "initial", "half_life", "half_low",
    "half_high", "verdict",
]  # fmt: skip


def effects_by_period(experiments: pd.DataFrame) -> pd.DataFrame:
    """Follow the effect of every pilot period by period, before and after its start.

    Returns
    -------
    DataFrame
        ``stratum`` (experiment/period), ``experiment``, ``period``, ``since`` (1 is the first period after the start,
        0 the last before), ``n`` (units), ``value``, ``low``, ``high``, ``df``.

    Notes
    -----
    Every unit's distance from its own mean before the start, pilot minus control, with Welch's interval: the leads and
    lags of an event study with the whole time before as its reference. Before the start the values sum to about 0 by
    construction. Fewer than two units a side in a period give no interval.
    """
    parts = [_by_period(panel(rows), name=name) for name, rows in of_design(experiments, DIFFERENCES)]
    columns = ["stratum", "experiment", "period", "since", "n", "value", "low", "high", "df"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    dates = table["period"].astype("datetime64[us]")
    return table.assign(period=dates).astype({"stratum": "str", "experiment": "str"})[columns]


def distances(cells: pd.DataFrame) -> pd.DataFrame:
    """Give a panel with ``away``, the distance of each value from its unit's mean before the start."""
    before = cells[~cells["is_after"]].groupby("unit_id")["value"].mean()
    return cells.assign(away=cells["value"] - cells["unit_id"].map(before))


def _by_period(cells: pd.DataFrame, *, name: str) -> pd.DataFrame:
    groups = distances(cells).groupby(["is_treated", "period_start"])["away"]
    moments = groups.agg(n="count", mean="mean", sd="std")
    periods = pd.Index(np.sort(cells["period_start"].unique()))
    sides = [moments.xs(arm).reindex(periods) if arm in moments.index else None for arm in (True, False)]
    if any(side is None for side in sides):
        return pd.DataFrame()
    table = welch(*sides)
    count = sum(side["n"].fillna(0).to_numpy(int) for side in sides)
    first = int((periods < cells.loc[cells["is_after"], "period_start"].min()).sum())
    days = pd.Series(periods).dt.strftime("%Y-%m")
    return table[["value", "low", "high", "df"]].assign(
        stratum=[f"{name}/{day}" for day in days], experiment=name, period=periods,
        since=np.arange(len(periods)) - first + 1, n=count,
    )  # fmt: skip


def decay(
    experiments: pd.DataFrame,
    effects: pd.DataFrame,
    *,
    fewest: float = FEWEST_MONTHS,
    alpha: float = ALPHA,
    seed: int = 0,
) -> pd.DataFrame:
    """Say of every pilot whether its effect wears off, and how fast.

    Parameters
    ----------
    effects
        As `pilot_effects` gives them: without an effect there is nothing to wear off.
    fewest
        Fewer months after the start are not judged, nor fewer than four periods.

    Returns
    -------
    DataFrame
        ``stratum``, ``n`` (units), ``periods`` and ``months`` (after the start), ``value`` (change of the effect per period), ``low``,
        ``high``, ``p_raw``, ``p`` (Holm over the pilots that are judged), ``initial`` (fitted effect in the first
        period), ``half_life``, ``half_low``, ``half_high`` (periods; infinite where the end is open), ``verdict``
        (减弱, 增强, 没有差异; 观察期太短, 没有效果可谈, 基数不足).

    Notes
    -----
    Slope: one a unit over the time after the start, by least squares, compared as by `pilot_effects` with few units.
    Half-life: ln 2 / k of effect = E·exp(−k (t − 1)) by nonlinear least squares on the effects by period, its errors
    from the units' covariance between periods (sandwich), t(units − 2); given only where the slope says 减弱. A slope
    that is not told from 0 does not show that the effect lasts.
    """
    rng = np.random.default_rng(seed)
    parts = of_design(experiments, DIFFERENCES)
    rows = [{"stratum": name, **_slope(panel(rows), rng=rng)} for name, rows in parts]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    known = effects.set_index("stratum").reindex(table["stratum"])
    is_found = known["verdict"].isin([RISE, FALL]).to_numpy()
    is_long = (table["months"].ge(fewest - 0.1) & table["periods"].ge(4)).to_numpy()
    table["p_raw"] = table["p_raw"].astype("float64").where(is_found & is_long)
    table["p"] = adjust(table["p_raw"])
    table["verdict"] = _outcome(table, known, is_found=is_found, is_long=is_long, alpha=alpha)
    for i, (name, rows) in enumerate(parts):
        if table.loc[i, "verdict"] == WEAKER and table.loc[i, "stratum"] == name:
            table.loc[i, ["initial", "half_life", "half_low", "half_high"]] = half_life(panel(rows))
    numbers = ["value", "low", "high", "p_raw", "p", "initial", "half_life", "half_low", "half_high"]
    return table.astype({"stratum": "str", "verdict": "str"} | dict.fromkeys(numbers, "float64"))


def _slope(cells: pd.DataFrame, *, rng: np.random.Generator) -> dict[str, float]:
    after = cells[cells["is_after"]]
    units = slopes(after)
    treated, control = (units[units["is_treated"] == arm] for arm in (True, False))
    found = collapsed(treated, control, rng=rng, by="slope")
    periods = np.sort(after["period_start"].unique())
    return {"n": len(units), "periods": len(periods), "months": _months(periods), **found}


def _months(periods: np.ndarray) -> float:
    """Give how long some periods last together, the last one as long as the others."""
    if len(periods) < 2:
        return float(len(periods))
    span = (periods[-1] - periods[0]) / np.timedelta64(1, "D")
    return float(span * len(periods) / (len(periods) - 1) / 30.4375)


def _outcome(
    table: pd.DataFrame, known: pd.DataFrame, *, is_found: np.ndarray, is_long: np.ndarray, alpha: float
) -> np.ndarray:
    smaller = known[["n_treatment", "n_control"]].min(axis=1).to_numpy(float)
    is_against = np.sign(table["value"].astype(float)).ne(np.sign(known["value"].to_numpy(float)))
    is_clear = table["p"].lt(alpha)
    conditions = {
        SMALL_BASE: ~(smaller >= MINIMUM_UNITS),
        TOO_SHORT: ~is_long,
        NO_EFFECT: ~is_found,
        UNTESTABLE: table["p"].isna(),
        WEAKER: is_clear & is_against,
        STRONGER: is_clear,
    }
    return np.select(
        [np.asarray(given, dtype=bool) for given in conditions.values()], list(conditions), NO_DIFFERENCE
    )


def half_life(cells: pd.DataFrame) -> tuple[float, float, float, float]:
    """Fit exponential decay to a pilot's effects after its start: first effect, half-life and its ends in periods.

    NaN where no falling curve fits; see `decay`.
    """
    from scipy.optimize import curve_fit

    after = distances(cells)
    after = after[after["is_after"]]
    wide = after.pivot(index=["unit_id", "is_treated"], columns="period_start", values="away").dropna()
    is_treated = wide.index.get_level_values("is_treated").to_numpy(bool)
    arms = [wide.to_numpy()[is_treated == arm] for arm in (True, False)]
    effect = arms[0].mean(axis=0) - arms[1].mean(axis=0)
    spread = sum(np.cov(arm, rowvar=False) / len(arm) for arm in arms)
    t = np.arange(len(effect), dtype=float)
    try:
        (first, rate), _ = curve_fit(_curve, t, effect, p0=(effect[0], 0.1), maxfev=5000)
    except RuntimeError:
        return (float("nan"),) * 4
    slope = np.column_stack([np.exp(-rate * t), -first * t * np.exp(-rate * t)])
    inner = np.linalg.pinv(slope.T @ slope) @ slope.T
    half = stdtrit(len(wide) - 2, 0.975) * np.sqrt((inner @ spread @ inner.T)[1, 1])
    if rate <= 0:
        return float(first), float("nan"), float("nan"), float("nan")
    ends = [np.log(2) / end if end > 0 else np.inf for end in (rate + half, rate - half)]
    return float(first), float(np.log(2) / rate), float(ends[0]), float(ends[1])


def _curve(t: np.ndarray, first: float, rate: float) -> np.ndarray:
    return first * np.exp(-rate * t)

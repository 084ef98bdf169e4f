"""Difference in differences of pilots: the effect, and whether both arms ran parallel before it.

An effect is the pilot's only if both arms would have changed alike without it; the checks can refute that, not
prove it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from fbanalysis.analysis.experiments.panels import DIFFERENCES, of_design, panel, spoken, unit_changes
from fbanalysis.analysis.significance import (
    ALPHA,
    FALL,
    NO_DIFFERENCE,
    RISE,
    UNTESTABLE,
    adjust,
    hedges_g,
    verdicts,
    welch,
)

#: Fewer units than this in an arm are few clusters: errors clustered by unit are then too small.
FEW_UNITS = 20
#: Fewer units than this in an arm are not judged.
MINIMUM_UNITS = 4
#: Methods in a phrase, for the ledger.
CLUSTERED = "双重差分，单位与时期固定效应；按单位聚类的标准误"
COLLAPSED = "双重差分，各单位前后变化的 Welch 区间与置换检验"
#: Most relabellings that are gone through; beyond, as many are drawn.
_RELABELLINGS = 9999
_EFFECT_COLUMNS = [
    "stratum", "metric", "n", "n_treatment", "n_control", "treatment_before", "treatment_after",
    "control_before", "control_after", "value", "low", "high", "df", "p_raw", "p", "effect", "method",
    "caution", "verdict",
]  # fmt: skip
_TREND_COLUMNS = [
    "stratum", "n", "periods", "value", "low", "high", "p_raw", "p", "effect", "verdict",
    "joint", "joint_df", "joint_df2", "joint_p", "joint_verdict",
]  # fmt: skip


def pilot_effects(
    experiments: pd.DataFrame,
    *,
    few_units: int = FEW_UNITS,
    minimum_units: int = MINIMUM_UNITS,
    alpha: float = ALPHA,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare the change of the units with a pilot with the change of those without.

    Parameters
    ----------
    few_units
        From this many units in the smaller arm on, errors are clustered by unit; below, units are collapsed.
    minimum_units
        Below this many in an arm the verdict is 基数不足.

    Returns
    -------
    DataFrame
        ``stratum`` (experiment), ``metric``, ``n`` (units), ``n_treatment``, ``n_control``, ``treatment_before``,
        ``treatment_after``, ``control_before``, ``control_after`` (means of units), ``value``, ``low``, ``high``,
        ``df``, ``p_raw``, ``p`` (Holm over the pilots), ``effect``, ``method`` (`CLUSTERED` or `COLLAPSED`),
        ``caution``, ``verdict``, ``said`` and ``unit`` (of the metric); a row a pilot.

    Notes
    -----
    Value: δ of y = unit + period + δ·pilot·after by least squares; of complete panels the difference of the mean
    changes. Enough units: Liang and Zeger's errors clustered by unit, G/(G − 1) · (N − 1)/(N − K) with K the
    periods + 1, t(G − 1) [1]_. Few units: one change a unit [2]_, Welch's interval on them, and p the
    larger of Welch's and of an exact permutation of |t| over the units (at most 9,999 relabellings) [3]_; both have
    to find the effect. ``effect`` is d_ppc2 of Morris [4]_: δ over the pooled spread of the units before.
    Units in both arms or one phase are left out. Where treated units start at different times nothing is judged: the
    weights of such a comparison may be negative [5]_.

    .. [1] A. C. Cameron, D. L. Miller (2015), Journal of Human Resources 50: 317–372.
    .. [2] M. Bertrand, E. Duflo, S. Mullainathan (2004), QJE 119: 249–275; S. G. Donald, K. Lang (2007),
       Review of Economics and Statistics 89: 221–233.
    .. [3] E. Chung, J. P. Romano (2013), Annals of Statistics 41: 484–507.
    .. [4] S. B. Morris (2008), Organizational Research Methods 11: 364–386.
    .. [5] A. Goodman-Bacon (2021), Journal of Econometrics 225: 254–277.
    """
    rng = np.random.default_rng(seed)
    rows = [
        {
            "stratum": name,
            "metric": rows["metric"].iloc[0],
            **_effect(panel(rows), few_units=few_units, rng=rng),
        }
        for name, rows in of_design(experiments, DIFFERENCES)
    ]
    table = pd.DataFrame(rows, columns=_EFFECT_COLUMNS).assign(p=lambda made: adjust(made["p_raw"]))
    base = table[["n_treatment", "n_control"]].min(axis=1)
    said = verdicts(table["value"], table["p"], base, alpha=alpha, minimum_base=minimum_units)
    said_of = [spoken(metric) for metric in table["metric"]]
    table = table.assign(said=[name for name, _ in said_of], unit=[unit for _, unit in said_of], verdict=said)
    texts = ["stratum", "metric", "said", "unit", "method", "caution", "verdict"]
    return table.astype(dict.fromkeys(texts, "str"))


def _effect(cells: pd.DataFrame, *, few_units: int, rng: np.random.Generator) -> dict[str, object]:
    """Estimate one pilot; see `pilot_effects`."""
    units = unit_changes(cells)
    treated, control = units[units["is_treated"]], units[~units["is_treated"]]
    smaller = min(len(treated), len(control))
    is_few = smaller < few_units
    found = collapsed(treated, control, rng=rng) if is_few else clustered(cells)
    caution = f"两边单位不足 {few_units} 个" if is_few else ""
    if _is_staggered(cells):
        found |= {"p_raw": np.nan}
        caution = "各单位开始的时间不同"
    spreads = [
        _moments(part["before"]).assign(mean=mean)
        for part, mean in ((treated, found["value"]), (control, 0.0))
    ]
    return found | {
        "n": len(units),
        "n_treatment": len(treated),
        "n_control": len(control),
        **{f"treatment_{when}": treated[when].mean() for when in ("before", "after")},
        **{f"control_{when}": control[when].mean() for when in ("before", "after")},
        "effect": float(hedges_g(*spreads)["effect"].iloc[0]),
        "method": COLLAPSED if is_few else CLUSTERED,
        "caution": caution,
    }


def _is_staggered(cells: pd.DataFrame) -> bool:
    starts = cells[cells["is_after"]].groupby("unit_id")["period_start"].min()
    ends = cells[~cells["is_after"]].groupby("unit_id")["period_start"].max()
    return bool(len(starts) and ends.max() >= starts.min())


def _moments(values: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"n": [len(values)], "mean": [values.mean()], "sd": [values.std()]})


def collapsed(
    treated: pd.DataFrame, control: pd.DataFrame, *, rng: np.random.Generator, by: str = "change"
) -> dict[str, float]:
    """Compare one number a unit between the arms: Welch's interval; of few units the larger of two p-values."""
    row = welch(_moments(treated[by]), _moments(control[by])).iloc[0]
    p = row["p_raw"]
    if min(len(treated), len(control)) < FEW_UNITS:
        p = max(p, _permutation_p(treated[by].to_numpy(), control[by].to_numpy(), rng=rng))
    return {**row[["value", "low", "high", "df"]].to_dict(), "p_raw": p}


def _permutation_p(first: np.ndarray, other: np.ndarray, *, rng: np.random.Generator) -> float:
    """Give the part of the relabellings whose |t| is no smaller; NaN without two units a side or any spread."""
    from scipy.stats import permutation_test

    if min(len(first), len(other)) < 2 or np.ptp(np.concatenate([first, other])) == 0:
        return float("nan")
    test = permutation_test(
        (first, other), _size_of_t, n_resamples=_RELABELLINGS, alternative="greater", vectorized=True, rng=rng
    )
    return float(test.pvalue)


def _size_of_t(first: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
    """Welch's |t| along an axis; arms without spread are as far apart as can be."""
    gap = np.abs(first.mean(axis=axis) - other.mean(axis=axis))
    parts = (part.var(axis=axis, ddof=1) / part.shape[axis] for part in (first, other))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = gap / np.sqrt(sum(parts))
    return np.nan_to_num(t, nan=0.0, posinf=np.inf)


def clustered(cells: pd.DataFrame) -> dict[str, float]:
    """Fit unit and period effects and the pilot's effect, errors clustered by unit; see `pilot_effects`.

    Parameters
    ----------
    cells
        As `panel` gives them.

    Returns
    -------
    dict
        ``value``, ``low``, ``high``, ``df`` (units − 1), ``p_raw``; NaN where nothing is left to estimate from.

    Notes
    -----
    By Frisch and Waugh the outcome and the pilot's indicator are cleared of unit and period means, in turns until
    nothing changes; with û the residuals, V = Σ over units of (Σ d̃û)² / (Σ d̃²)², then the correction.
    """
    unit, period = (pd.factorize(cells[name])[0] for name in ("unit_id", "period_start"))
    pilot = (cells["is_treated"] & cells["is_after"]).to_numpy(float)
    d, y = (_cleared(values, unit, period) for values in (pilot, cells["value"].to_numpy(float)))
    names, spread = ["value", "low", "high", "df", "p_raw"], float(d @ d)
    units, rows, known = unit.max(initial=-1) + 1, len(cells), period.max(initial=-1) + 2
    if spread < 1e-9 or units < 2 or rows <= known:
        return dict.fromkeys(names, float("nan"))
    value = float(d @ y) / spread
    scores = np.bincount(unit, weights=d * (y - value * d), minlength=units)
    correction = units / (units - 1) * (rows - 1) / (rows - known)
    se, df = float(np.sqrt(correction * (scores**2).sum())) / spread, float(units - 1)
    half = float(stdtrit(df, 0.975)) * se
    p = float(2 * stdtr(df, -abs(value) / se)) if se > 0 else float("nan")
    return dict(zip(names, (value, value - half, value + half, df, p), strict=True))


def _cleared(values: np.ndarray, unit: np.ndarray, period: np.ndarray, *, turns: int = 500) -> np.ndarray:
    """Take unit and period means away, in turns, until they are 0."""
    values = values - values.mean() if len(values) else values
    scale = np.abs(values).max(initial=0.0)
    for _ in range(turns):
        last = values
        for code in (unit, period):
            counts = np.bincount(code)
            values = values - (np.bincount(code, weights=values) / counts)[code]
        if np.abs(values - last).max(initial=0.0) <= 1e-12 * scale:
            break
    return values


def two_by_two(
    value: np.ndarray,
    is_treated: np.ndarray,
    is_after: np.ndarray,
    *,
    errors: str = "HC1",
    unit: np.ndarray | None = None,
) -> dict[str, float]:
    """Difference in differences of rows that need not be the same units before and after.

    Parameters
    ----------
    errors
        ``HC1``, ``nonrobust`` (equal spread), or ``cluster`` with ``unit``.

    Returns
    -------
    dict
        ``estimate``, ``low``, ``high``, ``se``, ``p``, ``effect`` (over the residual standard deviation).

    Notes
    -----
    value = a + b·treated + c·after + d·treated·after by least squares; the estimate is d, with t quantiles.
    HC1: MacKinnon and White (1985). NaN where one of the four cells holds fewer than two values.

    Examples
    --------
    >>> treated, after = np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 0, 1, 1, 0, 0, 1, 1])
    >>> two_by_two(np.array([1, 3, 2, 4, 1, 3, 7, 9.0]), treated, after)["estimate"].__round__(6)
    5.0
    """
    from statsmodels.regression.linear_model import OLS

    x, after = np.asarray(is_treated, dtype=float), np.asarray(is_after, dtype=float)
    cells = np.bincount((2 * x + after).astype(int), minlength=4)
    if cells.min() < 2:
        return dict.fromkeys(["estimate", "low", "high", "se", "p", "effect"], float("nan"))
    model = OLS(np.asarray(value, dtype=float), np.column_stack([np.ones(len(x)), x, after, x * after]))
    groups: Mapping[str, object] | None = {"groups": unit} if errors == "cluster" else None
    fit = model.fit(cov_type=errors, cov_kwds=groups, use_t=True)
    estimate, (low, high) = float(fit.params[3]), fit.conf_int()[3]
    spread = float(np.sqrt(fit.mse_resid))
    return {
        "estimate": estimate,
        "low": float(low),
        "high": float(high),
        "se": float(fit.bse[3]),
        "p": float(fit.pvalues[3]) if spread > 0 else float("nan"),
        "effect": estimate / spread if spread > 0 else float("nan"),
    }


# Checks: nothing may be found before the start


def pilot_placebos(experiments: pd.DataFrame, *, alpha: float = ALPHA, seed: int = 0) -> pd.DataFrame:
    """Do as if the pilot had begun in the middle of the time before it: `pilot_effects` has to find nothing.

    Pilots with a single period before have no row: nothing can be checked there. P-values are not adjusted: a check
    that is let off lightly would be no check.
    """
    early = experiments[experiments["phase"].eq("before")]
    parts = [_as_if(rows) for _, rows in of_design(experiments, DIFFERENCES)]
    table = pilot_effects(pd.concat([*parts, early.head(0)]), alpha=alpha, seed=seed)
    base = table[["n_treatment", "n_control"]].min(axis=1)
    said = verdicts(table["value"], table["p_raw"], base, alpha=alpha, minimum_base=MINIMUM_UNITS)
    return table.assign(p=table["p_raw"], verdict=pd.Series(said, index=table.index, dtype="str"))


def _as_if(rows: pd.DataFrame) -> pd.DataFrame:
    """Call the later half of the time before the pilot its after."""
    early = rows[rows["phase"].eq("before")]
    periods = np.sort(early["period_start"].dropna().unique())
    if len(periods) < 2:
        return early.head(0)
    is_later = early["period_start"] >= periods[len(periods) // 2]
    return early.assign(phase=np.where(is_later, "after", "before"), experiment=early["stratum"])


def parallel_trends(experiments: pd.DataFrame, *, alpha: float = ALPHA, seed: int = 0) -> pd.DataFrame:
    """Check whether both arms ran parallel before the pilot.

    Returns
    -------
    DataFrame
        ``stratum``, ``n`` (units), ``periods`` (before), ``value`` (difference of the slopes per period), ``low``,
        ``high``, ``p_raw``, ``p``, ``effect`` (Hedges g of the slopes), ``verdict``; ``joint`` (F that every lead
        is 0), ``joint_df``, ``joint_df2``, ``joint_p``, ``joint_verdict``. A row a pilot with two periods before.

    Notes
    -----
    One slope a unit by least squares, compared as in `pilot_effects` with few units. All leads at once: Hotelling's
    T² of the units' distances from their last period before the start, F on (q, n − q − 1) degrees of freedom
    (Hotelling 1931, Annals of Mathematical Statistics 2: 360–378), of units seen in all these periods; it holds for
    few units too and isn't made where they are too few for the q leads. Neither is adjusted. Not to find a difference
    isn't to show that there is none: with few units only large ones show (Roth 2022, AER: Insights 4: 305–322).
    """
    rng = np.random.default_rng(seed)
    rows = [
        {"stratum": name, **_leads(cells, rng=rng)}
        for name, rows in of_design(experiments, DIFFERENCES)
        if (cells := _before(rows))["period_start"].nunique() > 1
    ]
    table = pd.DataFrame(rows, columns=_TREND_COLUMNS).assign(p=lambda made: made["p_raw"])
    for value, p, verdict in (("value", "p", "verdict"), ("joint", "joint_p", "joint_verdict")):
        said = verdicts(table[value], table[p], np.full(len(table), 30), alpha=alpha)
        said = np.where(table[p].isna() & table[value].isna(), UNTESTABLE, said)
        table[verdict] = pd.Series(said, index=table.index, dtype="str")
    is_found = table["joint_verdict"].isin([RISE, FALL])
    return table.assign(joint_verdict=table["joint_verdict"].mask(is_found, "有差异")).astype(
        {"stratum": "str"}
    )


def _before(rows: pd.DataFrame) -> pd.DataFrame:
    cells = panel(rows)
    return cells[~cells["is_after"]]


def _leads(cells: pd.DataFrame, *, rng: np.random.Generator) -> dict[str, float]:
    """Compare the slopes of both arms before the start, and all their leads at once."""
    units = slopes(cells)
    treated, control = (units[units["is_treated"] == is_treated] for is_treated in (True, False))
    found = collapsed(treated, control, rng=rng, by="slope")
    size = hedges_g(_moments(treated["slope"]), _moments(control["slope"]))["effect"].iloc[0]
    wide = cells.pivot(index=["unit_id", "is_treated"], columns="period_start", values="value").dropna()
    leads = wide.iloc[:, :-1].sub(wide.iloc[:, -1], axis=0)
    is_treated = leads.index.get_level_values("is_treated").to_numpy(bool)
    joint = _hotelling(leads.to_numpy()[is_treated], leads.to_numpy()[~is_treated])
    return {"n": len(units), "periods": wide.shape[1], "effect": size, **found, **joint}


def slopes(cells: pd.DataFrame) -> pd.DataFrame:
    """Give every unit's slope over the periods: ``unit_id``, ``is_treated``, ``slope``; one period gives none."""
    place = pd.factorize(cells["period_start"], sort=True)[0].astype(float)
    unit = cells["unit_id"]
    away = place - pd.Series(place, index=cells.index).groupby(unit).transform("mean")
    sums = pd.DataFrame({"unit_id": unit, "is_treated": cells["is_treated"]})
    sums = sums.assign(up=away * cells["value"], down=away**2).groupby(["unit_id", "is_treated"]).sum()
    sums = sums[sums["down"] > 0]
    return (sums["up"] / sums["down"]).rename("slope").reset_index()


def _hotelling(first: np.ndarray, other: np.ndarray) -> dict[str, float]:
    from scipy.special import fdtrc

    names, leads = ["joint", "joint_df", "joint_df2", "joint_p"], first.shape[1]
    df = len(first) + len(other) - 2
    df2 = df - leads + 1
    if min(len(first), len(other)) < 2 or df2 < 2:
        return dict.fromkeys(names, float("nan"))
    spread = sum((len(part) - 1) * np.atleast_2d(np.cov(part, rowvar=False)) for part in (first, other)) / df
    if np.linalg.matrix_rank(spread) < leads:
        return dict.fromkeys(names, float("nan"))
    gap = first.mean(axis=0) - other.mean(axis=0)
    t2 = len(first) * len(other) / (df + 2) * gap @ np.linalg.solve(spread, gap)
    f = float(t2 * df2 / (df * leads))
    return dict(zip(names, (f, float(leads), float(df2), float(fdtrc(leads, df2, f))), strict=True))


def checks(effects: pd.DataFrame, placebos: pd.DataFrame, trends: pd.DataFrame) -> pd.DataFrame:
    """Say of every pilot whether it passed its checks.

    Returns
    -------
    DataFrame
        ``stratum``, ``made`` (checks made), ``failed`` (those that found a difference), ``outcome`` (通过, 未通过, 未检验).
    """
    parts = [
        placebos.set_index("stratum")["verdict"],
        trends.set_index("stratum")["verdict"],
        trends.set_index("stratum")["joint_verdict"],
    ]
    said = pd.concat(parts, axis=1).reindex(effects["stratum"]).astype(object)
    is_clean = said.eq(NO_DIFFERENCE)
    is_failed = said.isin([RISE, FALL, "有差异"])
    made, failed = (is_clean | is_failed).sum(axis=1), is_failed.sum(axis=1)
    outcome = np.select([failed.gt(0), made.gt(0)], ["未通过", "通过"], "未检验")
    return pd.DataFrame(
        {"stratum": effects["stratum"].to_numpy(), "made": made.to_numpy(), "failed": failed.to_numpy(),
         "outcome": pd.Series(outcome, dtype="str")}
    )  # fmt: skip

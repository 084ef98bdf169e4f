"""What an incident did: how long, to whom, at what cost, and how far indicators left their course.

It compares before with after; whether the incident was the cause is for the reader to judge.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr, stdtrit

from fbanalysis.analysis.experiments import two_by_two
from fbanalysis.analysis.intervals import mean_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import HIGHER, LOWER, NO_DIFFERENCE, cohens_h, verdicts
from fbanalysis.errors import DataError, listed

#: The moments of an incident, and the hours from its start to each.
MOMENTS = {
    "detected_at": "detection_hours",
    "diagnosed_at": "diagnosis_hours",
    "mitigated_at": "mitigation_hours",
    "resolved_at": "resolution_hours",
}
#: pandas period of each grain; weeks run from Monday to Sunday.
PERIODS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
DIRECT, ESTIMATED, TOTAL = "直接损失", "估计损失", "合计"
#: Standard normal quantile of a two-sided 95 % interval.
_Z = 1.959963984540054


# One incident: hours, reach, customers, money


def durations(incidents: pd.DataFrame) -> pd.DataFrame:
    """Hours from the start of each incident to its detection, diagnosis, mitigation and resolution.

    Returns
    -------
    DataFrame
        ``stratum`` (incident), ``started_at``, ``detected_at``, ``diagnosed_at``, ``mitigated_at``,
        ``resolved_at``, ``detection_hours``, ``diagnosis_hours``, ``mitigation_hours``, ``resolution_hours``;
        a moment that was not reported gives NaN.

    Raises
    ------
    DataError
        A moment lies before the start.
    """
    table = incidents.reindex(columns=["incident", "started_at", *MOMENTS])
    table = table.rename(columns={"incident": "stratum"})
    times = table[list(MOMENTS)].apply(pd.to_datetime)
    hours = times.sub(table["started_at"], axis=0).apply(_hours).rename(columns=MOMENTS)
    wrong = table.loc[(hours < 0).any(axis=1), "stratum"]
    if len(wrong):
        raise DataError(f"事件{listed(wrong)}有早于发生时间的时刻；请核对 incidents 表的时间列")
    return pd.concat([table, hours], axis=1).reset_index(drop=True)


def _hours(spans: pd.Series) -> pd.Series:
    return spans / pd.Timedelta(hours=1)


def steps_of(incident_steps: pd.DataFrame, incident: str) -> pd.DataFrame:
    """List the steps of one incident in order of their start; none gives an empty table.

    Returns
    -------
    DataFrame
        ``stratum`` (step), ``started_at``, ``ended_at``, ``hours``, ``note``.
    """
    steps = incident_steps[incident_steps["incident"] == incident].sort_values(["started_at", "ended_at"])
    steps = steps.reindex(columns=["step", "started_at", "ended_at", "note"]).reset_index(drop=True)
    steps = steps.assign(hours=_hours(steps["ended_at"] - steps["started_at"]))
    return steps.rename(columns={"step": "stratum"})[["stratum", "started_at", "ended_at", "hours", "note"]]


def outages(incident_customers: pd.DataFrame) -> pd.DataFrame:
    """Mean hours without service per affected customer, and their sum.

    Returns
    -------
    DataFrame
        ``stratum`` (incident), ``n`` (customers with both times), ``mean_outage_hours``, ``low``, ``high``
        (t), ``customer_hours``; in order of the incident's name.

    Notes
    -----
    The interval asks what other customers would have met under the same conditions; the mean itself is
    complete where every affected customer is listed. One customer gives no interval (`mean_interval`).
    """
    hours = _hours(incident_customers["outage_ended_at"] - incident_customers["outage_started_at"])
    groups = hours.groupby(incident_customers["incident"])
    table = groups.agg(n="count", mean_outage_hours="mean", sd="std", customer_hours="sum").reset_index()
    low, high = mean_interval(table["mean_outage_hours"], table["sd"], table["n"])
    table = table.assign(low=low, high=high).rename(columns={"incident": "stratum"})
    return table[["stratum", "n", "mean_outage_hours", "low", "high", "customer_hours"]]


def late_recoveries(incidents: pd.DataFrame, incident_customers: pd.DataFrame) -> pd.DataFrame:
    """Count the customers who came back only after the incident was called resolved.

    Returns
    -------
    DataFrame
        ``stratum`` (incident), ``n`` (customers whose outage has an end), ``value`` (those after ``resolved_at``).
    """
    known = incident_customers.dropna(subset=["outage_ended_at"])
    known = known.merge(incidents[["incident", "resolved_at"]].dropna(), on="incident")
    is_late = known["outage_ended_at"] > known["resolved_at"]
    counts = is_late.groupby(known["incident"]).agg(n="size", value="sum")
    return counts.rename_axis("stratum").reset_index()


def outage_bins(incident_customers: pd.DataFrame, *, hours: int = 12) -> pd.DataFrame:
    """Count customers by the length of their outage, in classes of some hours: ``stratum``, ``start``, ``n``.

    Classes hold their lower end and not their upper; empty classes between others are kept.
    """
    length = (incident_customers["outage_ended_at"] - incident_customers["outage_started_at"]).dropna()
    classes = (length // pd.Timedelta(hours=hours)).astype("int64")
    if classes.empty:
        return pd.DataFrame({"stratum": pd.Series(dtype="str"), "start": [], "n": pd.Series(dtype="int64")})
    counts = classes.value_counts().reindex(range(classes.min(), classes.max() + 1), fill_value=0)
    starts = counts.index * hours
    names = pd.Series([f"{start}–{start + hours} 小时" for start in starts], dtype="str")
    return pd.DataFrame({"stratum": names, "start": starts, "n": counts.to_numpy()})


def reach(incidents: pd.DataFrame, incident_customers: pd.DataFrame | None = None) -> pd.DataFrame:
    """How many active users and customers each incident met.

    Returns
    -------
    DataFrame
        ``stratum`` (incident), ``n`` (active users), ``affected_users``, ``active_users``, ``percent``,
        ``low``, ``high`` (Wilson), ``customers`` (affected, 0 where none is listed), ``mean_outage_hours``,
        ``outage_low``, ``outage_high``, ``customer_hours``. `outages` gives the mean outage with its base.

    Raises
    ------
    DataError
        More affected than active users.
    """
    table = incidents[["incident", "affected_users", "active_users"]].rename(columns={"incident": "stratum"})
    affected, active = (table[name].astype(float) for name in ("affected_users", "active_users"))
    wrong = table.loc[affected > active, "stratum"]
    if len(wrong):
        raise DataError(f"事件{listed(wrong)}的受影响用户多于活跃用户；请核对 affected_users 与 active_users")
    low, high = wilson_interval(affected, active)
    table = table.assign(percent=percent_of(affected, active), low=low, high=high, n=table["active_users"])
    met = outages(_customers(incident_customers)).rename(
        columns={"n": "customers", "low": "outage_low", "high": "outage_high"}
    )
    table = table.merge(met, on="stratum", how="left").fillna({"customers": 0, "customer_hours": 0.0})
    return table.astype({"customers": "int64"})[
        [
            "stratum",
            "n",
            "affected_users",
            "active_users",
            "percent",
            "low",
            "high",
            "customers",
            "mean_outage_hours",
            "outage_low",
            "outage_high",
            "customer_hours",
        ]
    ]


def _customers(incident_customers: pd.DataFrame | None) -> pd.DataFrame:
    if incident_customers is not None:
        return incident_customers
    times = pd.Series(dtype="datetime64[us]")
    return pd.DataFrame(
        {"incident": pd.Series(dtype="str"), "outage_started_at": times, "outage_ended_at": times}
    )


def satisfaction_change(incident_customers: pd.DataFrame) -> pd.DataFrame:
    """Compare the satisfaction of the same customers before and after each incident.

    Returns
    -------
    DataFrame
        ``stratum`` (incident), ``n`` (customers with both scores), ``mean_before``, ``mean_after``,
        ``difference``, ``difference_low``, ``difference_high`` (paired t), ``percent_change`` (of the mean),
        ``low``, ``high`` (Fieller), ``p`` (paired t), ``wilcoxon_p``, ``effect`` (d_z), ``verdict``.

    Notes
    -----
    With d = after − before: mean(d) ± t(n − 1) · sd(d)/√n, d_z = mean(d)/sd(d) (Cohen 1988, section 2.3.5).
    The change of the mean is ρ − 1 with ρ = ȳ/x̄; its interval holds every ρ for which y − ρx has a mean not
    different from zero (Fieller 1954, JRSS B 16: 175–185): the roots of
    (ȳ − ρx̄)² = t² (s_yy − 2ρ s_xy + ρ² s_xx)/n. It is exact for normal pairs, and NaN where x̄ itself can't be
    told from zero. Wilcoxon's signed rank test leaves out unchanged customers. Customers without one of the
    scores are left out: those who no longer answer may be the least content. One pair gives no interval;
    differences that are all equal give no test.

    Examples
    --------
    >>> scores = {"score_before": [5, 4, 4, 5.0], "score_after": [4, 3, 4, 4.0]}
    >>> table = satisfaction_change(pd.DataFrame({"incident": "甲"} | scores))
    >>> table[["n", "percent_change", "low", "high"]].round(1).to_numpy().tolist()
    [[4.0, -16.7, -31.6, 1.2]]
    """
    pairs = incident_customers.reindex(columns=["incident", "score_before", "score_after"]).dropna()
    rows = [
        {"stratum": incident} | _paired(*group[["score_before", "score_after"]].to_numpy(float).T)
        for incident, group in pairs.groupby("incident")
    ]
    columns = ["stratum", "n", "mean_before", "mean_after", "difference", "difference_low", "difference_high"]
    columns += ["percent_change", "low", "high", "p", "wilcoxon_p", "effect"]
    table = pd.DataFrame(rows, columns=columns)
    said = verdicts(table["difference"], table["p"], table["n"])
    return table.assign(verdict=pd.Series(said, dtype="str"))


def _paired(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    change = after - before
    n, mean, sd = len(change), float(change.mean()), _sd(change)
    low, high = mean_interval(mean, sd, n)
    ratio_low, ratio_high = _fieller(before, after)
    effect = mean / sd if sd > 0 else np.nan
    return {
        "n": n,
        "mean_before": float(before.mean()),
        "mean_after": float(after.mean()),
        "difference": mean,
        "difference_low": float(low),
        "difference_high": float(high),
        "percent_change": float(100 * (after.mean() / before.mean() - 1)) if before.mean() else np.nan,
        "low": 100 * (ratio_low - 1),
        "high": 100 * (ratio_high - 1),
        "p": float(2 * stdtr(n - 1, -abs(effect) * np.sqrt(n))),
        "wilcoxon_p": _wilcoxon_p(change),
        "effect": effect,
    }


def _sd(values: np.ndarray) -> float:
    if len(values) < 2:
        return float("nan")
    return 0.0 if np.ptp(values) == 0 else float(values.std(ddof=1))


def _fieller(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Bound mean(after)/mean(before) of paired values; see `satisfaction_change`."""
    n = len(before)
    if n < 2:
        return float("nan"), float("nan")
    spread = np.cov(before, after) / n
    g = stdtrit(n - 1, 0.975) ** 2
    a = before.mean() ** 2 - g * spread[0, 0]
    b = before.mean() * after.mean() - g * spread[0, 1]
    c = after.mean() ** 2 - g * spread[1, 1]
    if a <= 0:
        return float("nan"), float("nan")
    root = np.sqrt(max(b * b - a * c, 0.0))
    return float((b - root) / a), float((b + root) / a)


def _wilcoxon_p(change: np.ndarray) -> float:
    from scipy.stats import wilcoxon

    changed = change[change != 0]
    return float(wilcoxon(changed).pvalue) if len(changed) else float("nan")


def losses(incident_losses: pd.DataFrame, *, incident: str | None = None) -> pd.DataFrame:
    """List the losses of one incident (or of all), what of it was really paid, and their sum.

    Returns
    -------
    DataFrame
        ``stratum`` (item, then 直接损失 and 估计损失, the sums of actual and estimated ones, and 合计), ``value`` (10,000 CNY),
        ``certainty`` (actual, or estimate where any part is one). No losses give three rows of 0.
    """
    rows = incident_losses if incident is None else incident_losses[incident_losses["incident"] == incident]
    items = rows.groupby("item", sort=False).agg(
        value=("amount_cny_10k", "sum"),
        estimates=("certainty", lambda kinds: int((kinds == "estimate").sum())),
    )
    actual = rows.loc[rows["certainty"] == "actual", "amount_cny_10k"].sum()
    total = rows["amount_cny_10k"].sum()
    sums = pd.DataFrame(
        {
            "stratum": [*items.index, DIRECT, ESTIMATED, TOTAL],
            "value": [*items["value"], float(actual), float(total - actual), float(total)],
            "is_estimate": [
                *(items["estimates"] > 0),
                False,
                True,
                bool((rows["certainty"] == "estimate").any()),
            ],
        }
    ).astype({"stratum": "str", "value": float})
    certainty = sums["is_estimate"].map({True: "estimate", False: "actual"}).astype("str")
    return sums[["stratum", "value"]].assign(certainty=certainty)


# Operations before and after


def before_after(
    operations: pd.DataFrame,
    *,
    measure: str,
    at: object,
    grain: str = "week",
    before: int = 8,
    after: int = 4,
) -> pd.DataFrame:
    """Compare the mean of a measure per period before and after a moment.

    Parameters
    ----------
    at
        The moment; the period that contains it counts as the first one after.
    grain
        Which rows of ``operations`` to take, a key of `PERIODS`.
    before, after
        How many periods on each side; a period without a row is not replaced by an earlier one.

    Returns
    -------
    DataFrame
        One row: ``stratum`` (measure), ``n`` (periods used), ``n_before``, ``n_after``, ``mean_before``,
        ``mean_after``, ``percent_change``, ``low``, ``high``, ``p``, ``effect``, ``dispersion``, ``verdict``.

    Raises
    ------
    DataError
        An unknown measure or grain; lists those there are.

    Notes
    -----
    Quasi-Poisson with log link (McCullagh & Nelder 1989, section 6.2.3): ln(m₂/m₁) ± t(k₁ + k₂ − 2) ·
    √(φ (1/S₁ + 1/S₂)) with the sums S, and φ the Pearson statistic over its degrees of freedom, at least 1.
    ``effect``: difference of the means over the pooled standard deviation of the periods. Trend and season
    between both spans are not removed. No period on a side, or a sum of 0, gives NaN and no verdict; fewer
    than two periods on a side likewise.

    Examples
    --------
    >>> days = pd.date_range("2023-05-01", periods=4, freq="7D")
    >>> weeks = {"period_start": days, "grain": "week", "measure": "投诉", "value": [100, 100, 150, 170.0]}
    >>> table = before_after(pd.DataFrame(weeks), measure="投诉", at="2023-05-15", before=2, after=2)
    >>> float(table["percent_change"].iloc[0].round(1))
    60.0
    """
    series = _series(operations, measure=measure, grain=grain)
    old, new = _windows(series, at=at, grain=grain, before=before, after=after)
    row = {
        "stratum": measure,
        "n": len(old) + len(new),
        "n_before": len(old),
        "n_after": len(new),
        "mean_before": old.mean(),
        "mean_after": new.mean(),
        **_rate_ratio(old.to_numpy(), new.to_numpy()),
    }
    said = verdicts(row["percent_change"], row["p"], min(len(old), len(new)), minimum_base=2)
    return pd.DataFrame([row | {"verdict": str(said)}]).astype({"stratum": "str", "verdict": "str"})


def measure_series(operations: pd.DataFrame, *, measure: str, grain: str = "week") -> pd.DataFrame:
    """Give a measure by period: ``period`` (its first day), ``value``.

    Raises
    ------
    DataError
        An unknown measure or grain; lists those there are.
    """
    series = _series(operations, measure=measure, grain=grain)
    return pd.DataFrame({"period": series.index.to_timestamp(), "value": series.to_numpy()})


def _series(operations: pd.DataFrame, *, measure: str, grain: str) -> pd.Series:
    """Give the values of a measure by period."""
    known = operations.loc[operations["grain"] == grain, "measure"].unique()
    if measure not in known:
        raise DataError(f"operations 表里没有时期为「{grain}」的「{measure}」；有：{listed(known, most=40)}")
    rows = operations[(operations["grain"] == grain) & (operations["measure"] == measure)]
    periods = rows["period_start"].dt.to_period(PERIODS[grain])
    return rows.set_index(periods)["value"].dropna().astype(float).sort_index()


def _windows(
    series: pd.Series, *, at: object, grain: str, before: int, after: int
) -> tuple[pd.Series, pd.Series]:
    first = pd.Timestamp(at).to_period(PERIODS[grain])  # type: ignore[arg-type]
    old = series[(series.index >= first - before) & (series.index < first)]
    return old, series[(series.index >= first) & (series.index < first + after)]


def _rate_ratio(old: np.ndarray, new: np.ndarray) -> dict[str, float]:
    """Percent change of the mean with quasi-Poisson interval; see `before_after`."""
    names = ["percent_change", "low", "high", "p", "effect", "dispersion"]
    df = len(old) + len(new) - 2
    if min(len(old), len(new)) == 0 or old.sum() <= 0 or new.sum() <= 0:
        return dict.fromkeys(names, float("nan"))
    means = np.concatenate([np.full(len(old), old.mean()), np.full(len(new), new.mean())])
    rest = np.concatenate([old, new]) - means
    ratio = np.log(new.mean() / old.mean())
    if min(len(old), len(new)) < 2:
        return dict.fromkeys(names, float("nan")) | {"percent_change": float(100 * np.expm1(ratio))}
    dispersion = max(float((rest**2 / means).sum() / df), 1.0)
    se = np.sqrt(dispersion * (1 / old.sum() + 1 / new.sum()))
    half, pooled = stdtrit(df, 0.975) * se, np.sqrt((rest**2).sum() / df)
    effect = (new.mean() - old.mean()) / pooled if pooled > 0 else np.nan
    values = [100 * np.expm1(ratio), 100 * np.expm1(ratio - half), 100 * np.expm1(ratio + half)]
    values += [2 * stdtr(df, -abs(ratio) / se), effect, dispersion]
    return dict(zip(names, map(float, values), strict=True))


def rate_before_after(
    operations: pd.DataFrame,
    *,
    numerator: str,
    denominator: str,
    at: object,
    grain: str = "week",
    before: int = 8,
    after: int = 4,
) -> pd.DataFrame:
    """Compare a proportion of two measures before and after a moment, as a relative change.

    Parameters are those of `before_after`; a period counts where both measures have a row.

    Returns
    -------
    DataFrame
        One row: ``stratum`` (numerator), ``n`` (sum of the denominator), ``n_before``, ``n_after`` (its
        parts), ``percent_before``, ``percent_after``, ``percent_change``, ``low``, ``high``, ``p``,
        ``effect``, ``verdict``.

    Raises
    ------
    DataError
        An unknown measure or grain, or a numerator above its denominator.

    Notes
    -----
    ln(p₂/p₁) ± 1.96 √(1/a₁ − 1/n₁ + 1/a₂ − 1/n₂) (Katz et al. 1978, Biometrics 34: 469–474), back as percent.
    p by the score test of two shares with the pooled variance; ``effect`` is Cohen's h. A share of 0 on a
    side gives no interval. Cases count as independent: where they come in clumps, the interval is too short.
    """
    parts = [_series(operations, measure=name, grain=grain) for name in (numerator, denominator)]
    both = pd.concat(parts, axis=1, keys=["cases", "base"]).dropna()
    wrong = both.index[both["cases"] > both["base"]].astype(str)
    if len(wrong):
        raise DataError(f"「{numerator}」在时期{listed(wrong)}大于「{denominator}」，不能作为比率")
    old, new = (part.sum() for part in _windows(both, at=at, grain=grain, before=before, after=after))
    row = {
        "stratum": numerator,
        "n": old["base"] + new["base"],
        "n_before": old["base"],
        "n_after": new["base"],
        "percent_before": float(percent_of(old["cases"], old["base"])),
        "percent_after": float(percent_of(new["cases"], new["base"])),
        **_risk_ratio(old["cases"], old["base"], new["cases"], new["base"]),
    }
    said = verdicts(row["percent_change"], row["p"], min(old["base"], new["base"]))
    return pd.DataFrame([row | {"verdict": str(said)}]).astype({"stratum": "str", "verdict": "str"})


def _risk_ratio(a: float, n: float, b: float, m: float) -> dict[str, float]:
    """Percent change from a/n to b/m with Katz's log interval; see `rate_before_after`."""
    names = ["percent_change", "low", "high", "p", "effect"]
    if min(n, m) <= 0 or a <= 0:
        return dict.fromkeys(names, float("nan"))
    p, q, pooled = a / n, b / m, (a + b) / (n + m)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    half = _Z * np.sqrt(1 / a - 1 / n + 1 / b - 1 / m) if b > 0 else np.nan
    values = [100 * (q / p - 1), 100 * (q / p * np.exp(-half) - 1), 100 * (q / p * np.exp(half) - 1)]
    values += [2 * ndtr(-abs(p - q) / spread) if spread > 0 else np.nan]
    values += [cohens_h(q, p)]
    return dict(zip(names, map(float, values), strict=True))


# Satisfaction over the weeks


def weekly_satisfaction(feedback: pd.DataFrame, *, score: str, side: str | None = None) -> pd.DataFrame:
    """Mean score of each week, from Monday on.

    Returns
    -------
    DataFrame
        ``week`` (its Monday), ``n``, ``mean``, ``low``, ``high`` (t); a week without a score between others
        stays as a row with n 0, so that a line shows the gap.
    """
    rows = feedback if side is None else feedback[feedback["side"] == side]
    rows = rows.dropna(subset=[score])
    weeks = rows[score].astype(float).groupby(_monday(rows["submitted_at"]))
    weeks = weeks.agg(n="count", mean="mean", sd="std")
    if len(weeks):
        weeks = weeks.reindex(pd.date_range(weeks.index.min(), weeks.index.max(), freq="7D"))
    weeks = weeks.fillna({"n": 0}).astype({"n": "int64"}).rename_axis("week").reset_index()
    low, high = mean_interval(weeks["mean"], weeks["sd"], weeks["n"])
    return weeks.assign(low=low, high=high)[["week", "n", "mean", "low", "high"]]


def _monday(times: pd.Series) -> pd.Series:
    days = times.dt.normalize()
    return days - pd.to_timedelta(days.dt.day_of_week, unit="D")


def expected_without_incident(
    weekly: pd.DataFrame, *, at: object, until: object | None = None
) -> pd.DataFrame:
    """Draw the course that the weekly mean would have taken, from the weeks that the incident did not touch.

    Parameters
    ----------
    weekly
        ``week``, ``n``, ``mean``, as from `weekly_satisfaction`.
    at
        When the incident began; its week is the first one touched.
    until
        From this week on the indicator is taken to have recovered and counts as baseline again, so that
        the line is no extrapolation from the few weeks before. ``None``: only the weeks before count.

    Returns
    -------
    DataFrame
        ``week``, ``weeks_since`` (0 in the incident's week), ``n``, ``mean``, ``expected``, ``expected_low``,
        ``expected_high``, ``gap`` (mean − expected), ``is_baseline``.

    Notes
    -----
    Straight line by least squares weighted with n (plain covariance, independent weeks):
    expected ± t(k − 2) √(x′(X′WX)⁻¹x s² + s²/n) for the mean of a week with n scores (Draper & Smith 1998,
    sections 9.2 and 1.4). Weeks that depend on each other make the band too narrow. Fewer than four baseline
    weeks give no line; a week without scores has an expected value but no band.
    """
    first = _monday(pd.Series([pd.Timestamp(at)])).iloc[0]  # type: ignore[arg-type]
    since = ((weekly["week"] - first) // pd.Timedelta(days=7)).astype("int64")
    is_baseline = since < 0
    if until is not None:
        is_baseline |= weekly["week"] >= pd.Timestamp(until)  # type: ignore[arg-type]
    expected, half = _line(since.to_numpy(float), weekly=weekly, is_fitted=is_baseline & (weekly["n"] > 0))
    return pd.DataFrame(
        {
            "week": weekly["week"],
            "weeks_since": since,
            "n": weekly["n"],
            "mean": weekly["mean"],
            "expected": expected,
            "expected_low": expected - half,
            "expected_high": expected + half,
            "gap": weekly["mean"] - expected,
            "is_baseline": is_baseline,
        }
    ).reset_index(drop=True)


def _line(x: np.ndarray, *, weekly: pd.DataFrame, is_fitted: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Weighted line through the fitted weeks, and half the width of its prediction band everywhere."""
    keep, n = is_fitted.to_numpy(), weekly["n"].to_numpy(float)
    if keep.sum() < 4:
        return np.full(len(x), np.nan), np.full(len(x), np.nan)
    design = np.column_stack([np.ones(len(x)), x])
    inner = np.linalg.inv(design[keep].T @ (design[keep] * n[keep, None]))
    mean = weekly["mean"].to_numpy(float)
    line = design @ (inner @ (design[keep].T @ (n[keep] * mean[keep])))
    df = int(keep.sum()) - 2
    variance = float((n[keep] * (mean[keep] - line[keep]) ** 2).sum()) / df
    noise = variance / np.where(n > 0, n, np.nan)
    reach_of_line = np.einsum("ij,jk,ik->i", design, inner, design) * variance
    return line, stdtrit(df, 0.975) * np.sqrt(reach_of_line + noise)


def mean_gap(expected: pd.DataFrame, *, weeks: int = 4) -> pd.DataFrame:
    """Mean distance from the expected course over the first weeks of the incident, weighted with n.

    Parameters
    ----------
    expected
        As `expected_without_incident` gives it.

    Returns
    -------
    DataFrame
        One row: ``stratum`` (all), ``n`` (scores), ``value`` (mean − expected), ``low``, ``high``, ``verdict`` (较高 or
        较低 where the interval leaves out 0, else 没有差异); no row where no expected value exists.

    Notes
    -----
    Σ n(mean − expected)/Σ n; the interval takes each week's prediction error, half the width of its band, as
    independent: ± √(Σ (n h)²)/Σ n. The line's own error is common to the weeks, so the interval is somewhat
    too narrow.
    """
    touched = expected[expected["weeks_since"].between(0, weeks - 1) & (expected["n"] > 0)].dropna(
        subset=["gap"]
    )
    if touched.empty:
        return pd.DataFrame(columns=["stratum", "n", "value", "low", "high", "verdict"])
    n = touched["n"].astype(float)
    value = float((n * touched["gap"]).sum() / n.sum())
    half = float(np.sqrt(((n * (touched["expected_high"] - touched["expected"])) ** 2).sum()) / n.sum())
    row = {"stratum": "all", "n": n.sum(), "value": value, "low": value - half, "high": value + half}
    word = (HIGHER if value > 0 else LOWER) if abs(value) > half else NO_DIFFERENCE
    return pd.DataFrame([row | {"verdict": word}]).astype({"verdict": "str"})


def mark_loss(expected: pd.DataFrame, *, weeks: float) -> pd.DataFrame:
    """Add ``is_lost``: the weeks from the incident until its recovery (all of them if it never recovered)."""
    until = np.inf if np.isnan(weeks) else weeks
    return expected.assign(is_lost=expected["weeks_since"].ge(0) & expected["weeks_since"].lt(until))


def recovery_week(expected: pd.DataFrame, *, in_a_row: int = 2) -> pd.DataFrame:
    """Weeks from the incident until the mean lies within its expected band again, and stays a while.

    Parameters
    ----------
    expected
        As from `expected_without_incident`.
    in_a_row
        How many consecutive weeks have to lie within the band, or above it.

    Returns
    -------
    DataFrame
        One row: ``stratum`` (all), ``n`` (weeks observed since the incident), ``weeks`` (0: the mean never
        left the band; NaN: not recovered within the data), ``week`` (the Monday of the first of them).
    """
    later = expected[expected["weeks_since"] >= 0].reset_index(drop=True)
    is_back = (later["mean"] >= later["expected_low"]).astype(int)
    run = is_back[::-1].rolling(in_a_row).sum()[::-1].eq(in_a_row)
    found = later[run].head(1)
    weeks = float(found["weeks_since"].iloc[0]) if len(found) else float("nan")
    week = found["week"].iloc[0] if len(found) else pd.NaT
    when = pd.to_datetime([week])
    return pd.DataFrame({"stratum": ["all"], "n": [len(later)], "weeks": [weeks], "week": when})


def difference_in_differences(
    feedback: pd.DataFrame, *, at: object, weeks: int, score: str, minimum_base: int = 30
) -> pd.DataFrame:
    """Compare the change of external scores around a moment with the change of internal ones.

    Returns
    -------
    DataFrame
        One row: ``stratum`` (external vs internal), ``n``, ``external_before``, ``external_after``,
        ``internal_before``, ``internal_after`` (means), ``estimate``, ``low``, ``high``, ``p``, ``effect``
        (estimate over the residual standard deviation), ``verdict``.

    Notes
    -----
    score = a + b·external + c·after + d·external·after by least squares; the estimate is d, its errors are
    HC1 (MacKinnon & White 1985) with t quantiles. It is the incident's effect only if both sides would have
    changed alike without it (parallel trends), nothing else met one side alone in those weeks, internal
    respondents were not touched, and who answers did not change. ``weeks`` weeks are taken before and after
    ``at``. A cell with fewer than two scores gives NaN.
    """
    moment = pd.Timestamp(at)  # type: ignore[arg-type]
    away = feedback["submitted_at"] - moment
    span = pd.Timedelta(weeks=weeks)
    rows = feedback[(away >= -span) & (away < span) & feedback[score].notna()]
    is_external, is_after = rows["side"].eq("external"), rows["submitted_at"].ge(moment)
    values = rows[score].astype(float)
    cells = {
        f"{side}_{when}": values[(is_external == outside) & (is_after == later)]
        for side, outside in (("external", True), ("internal", False))
        for when, later in (("before", False), ("after", True))
    }
    least = min(map(len, cells.values()))
    row = {"stratum": "external vs internal", "n": len(values)}
    row |= {name: cell.mean() for name, cell in cells.items()}
    row |= two_by_two(values.to_numpy(), is_external.to_numpy(), is_after.to_numpy())
    row.pop("se")
    said = verdicts(row["estimate"], row["p"], least, minimum_base=minimum_base)
    return pd.DataFrame([row | {"verdict": str(said)}]).astype({"stratum": "str", "verdict": "str"})


#: What `reputation` gives, with the method of each.
SIGNAL_METHODS: Mapping[str, str] = {
    "negative_discussion_change": "周均负面讨论的相对变化；准泊松模型",
    "inquiry_conversion_change": "转化率的相对变化；比例之比的对数区间（Katz）",
    "discussion_before": "事件前每周均值",
    "discussion_after": "事件后每周均值",
    "conversion_before": "事件前的转化率",
    "conversion_after": "事件后的转化率",
    "weekly_discussion": "运行表每周计数",
}

#: The same without any data.
NO_SIGNALS: Mapping[str, pd.DataFrame] = {
    name: pd.DataFrame({"stratum": [], "value": [], "period": []}) for name in SIGNAL_METHODS
}


def reputation(
    operations: pd.DataFrame, *, talk: str, leads: Sequence[str], at: object, before: int = 8, after: int = 4
) -> dict[str, pd.DataFrame]:
    """Compare negative talk and the conversion of inquiries before and after an incident.

    Parameters
    ----------
    talk
        The weekly count of negative posts.
    leads
        The weekly counts of conversions and of inquiries, in this order.

    Returns
    -------
    dict of DataFrame
        A frame with ``stratum`` and ``value`` for each key of `SIGNAL_METHODS`; the changes (percent) with ``n``,
        ``low``, ``high``, ``p``, ``effect``, ``verdict`` as `before_after` and `rate_before_after` give them.
    """
    window = {"at": at, "before": before, "after": after}
    told = before_after(operations, measure=talk, **window).assign(stratum="行业论坛")
    rate = rate_before_after(operations, numerator=leads[0], denominator=leads[1], **window)
    rate = rate.assign(stratum="新客户咨询转化率")
    series = measure_series(operations, measure=talk)
    plain = {
        "discussion_before": told[["stratum", "mean_before"]],
        "discussion_after": told[["stratum", "mean_after"]],
        "conversion_before": rate[["stratum", "percent_before"]],
        "conversion_after": rate[["stratum", "percent_after"]],
    }
    return {
        "negative_discussion_change": told.rename(columns={"percent_change": "value"}),
        "inquiry_conversion_change": rate.rename(columns={"percent_change": "value"}),
        **{name: frame.set_axis(["stratum", "value"], axis=1) for name, frame in plain.items()},
        "weekly_discussion": series.assign(stratum=series["period"].dt.strftime("%Y-%m-%d")),
    }

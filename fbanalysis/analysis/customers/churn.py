"""Who leaves: rates, survival curves, what was waiting before they left, and who buys again. It claims no cause."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from fbanalysis.analysis.customers.stages import against_the_others
from fbanalysis.analysis.intervals import LEVEL, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    MINIMUM_BASE,
    adjust,
    two_proportions,
    verdict_of,
    verdicts,
)

LOGRANK = "log-rank 检验"
WALD = "Wald 检验"
#: Fewer events a parameter than this make odds ratios unreliable.
EVENTS_PER_VARIABLE = 10
#: Words for groups of which more or fewer leave, or buy again.
MORE_LEAVE, FEWER_LEAVE = "较高", "较低"


def churn_rates(
    customers: pd.DataFrame,
    *,
    start: object,
    end: object,
    by: str | None = None,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Count who left in a period, of all who were customers in it.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (all, or the groups of ``by``), ``n`` (customers at any time of the period), ``churned``,
        ``percent``, ``low``, ``high`` (Wilson), ``lost`` (their annual contracts, 10,000 CNY; unknown ones add none),
        ``contracts`` (those of all n), ``unknown`` (of the churned, without known contract); with ``by`` the columns
        of `stages.against_the_others` too.

    Notes
    -----
    Who came late in the period had less time to leave: `survival` takes that into account. The interval treats the
    register as a sample of what might have happened; the count itself is complete.
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end) + pd.Timedelta(days=1)
    present = customers[~customers["churned_at"].lt(first) & ~customers["since"].ge(last)]
    has_left = present["churned_at"].lt(last) & present["churned_at"].notna()
    worth = present["contract_cny_10k"]
    marked = present.assign(
        stratum="all" if by is None else present[by].astype("str").where(present[by].notna()),
        churned=has_left.astype("int64"),
        lost=worth.where(has_left).fillna(0.0),
        contracts=worth.fillna(0.0),
        unknown=(has_left & worth.isna()).astype("int64"),
    )
    groups = marked.groupby("stratum", sort=False)
    table = groups[["churned", "lost", "contracts", "unknown"]].sum().assign(n=groups.size()).reset_index()
    low, high = wilson_interval(table["churned"], table["n"])
    table = table.assign(percent=percent_of(table["churned"], table["n"]), low=low, high=high)
    table = table[["stratum", "n", "churned", "percent", "low", "high", "lost", "contracts", "unknown"]]
    if by is None:
        return table
    return table.join(
        against_the_others(table["churned"], table["n"], alpha=alpha, minimum_base=minimum_base)
    )


def churn_by(
    customers: pd.DataFrame,
    kinds: Mapping[str, str],
    *,
    start: object,
    end: object,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Give the rates of several ways to group customers, as one family of tests.

    Parameters
    ----------
    kinds
        What readers call a way to group → its column.

    Returns
    -------
    pandas.DataFrame
        As `churn_rates` with ``by``, ``stratum`` being "规模·小型" and ``kind`` "规模"; p adjusted by Holm over all rows, in
        the order of ``kinds``, within each the highest rate first.
    """
    period = {"start": start, "end": end, "alpha": alpha, "minimum_base": minimum_base}
    tables = [churn_rates(customers, by=column, **period).assign(kind=kind) for kind, column in kinds.items()]
    table = pd.concat([part.sort_values("percent", ascending=False) for part in tables], ignore_index=True)
    table["stratum"] = table["kind"] + "·" + table["stratum"].astype("str")
    table["p"] = adjust(table["p_raw"])
    rest = table.groupby("kind")["n"].transform("sum") - table["n"]
    base = np.minimum(table["n"], rest)
    words = (MORE_LEAVE, FEWER_LEAVE)
    found = verdicts(
        table["difference"], table["p"], base, alpha=alpha, minimum_base=minimum_base, words=words
    )
    return table.assign(verdict=found)


# ---------------------------------------------------------------- survival


def durations(customers: pd.DataFrame, *, start: object, end: object) -> pd.DataFrame:
    """Turn customers into times under observation, counted in days from the first day of the period.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``entry`` (day on which they came under observation: 0, or later for newcomers), ``time``
        (day on which they left, or the last day), ``event``, ``stratum``. Customers who left before the period or came
        after it are left out; who left on the day they came counts half a day.

    Notes
    -----
    The register of a year does not hold those who had left before it: time counted from the start of the relation
    would be immortal up to the first day of the period. So the clock is the calendar, with late entry (Klein &
    Moeschberger 2003, Survival Analysis, section 4.6).
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    since, left = customers["since"], customers["churned_at"]
    kept = ~left.lt(first) & ~since.gt(last)
    event = left.notna() & left.le(last + pd.Timedelta(hours=23, minutes=59))
    entry = (since - first).dt.days.clip(lower=0).fillna(0).astype("float64")
    time = (left.where(event, last).dt.normalize() - first).dt.days.astype("float64")
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "entry": entry,
            "time": np.maximum(time, entry + 0.5),
            "event": event.astype("int64"),
            "stratum": customers["stratum"],
        }
    )[kept].reset_index(drop=True)


def survival(
    times: pd.DataFrame, *, time: str = "time", event: str = "event", entry: str | None = None
) -> pd.DataFrame:
    """Estimate which share is still there at each time of an event: Kaplan and Meier.

    Returns
    -------
    pandas.DataFrame
        ``time``, ``at_risk``, ``events``, ``percent``, ``low``, ``high`` (log–log interval), ``se`` (Greenwood,
        percentage points); a row for each time with an event, before it a row at 0.

    Notes
    -----
    Ŝ(t) = Π (1 − d/n) over the event times [1]_, variance Ŝ² Σ d / (n(n − d)) (Greenwood), the interval
    Ŝ^exp(± 1.96 se / (Ŝ ln Ŝ)) [2]_, which stays within 0–100. With ``entry`` a customer is at risk from after it.
    At Ŝ = 1 or 0 there is no interval. No rows give the row at 0 alone.

    .. [1] E. L. Kaplan, P. Meier (1958), JASA 53: 457–481.
    .. [2] J. D. Kalbfleisch, R. L. Prentice (2002), The Statistical Analysis of Failure Time Data, section 1.4.

    Examples
    --------
    >>> survival(pd.DataFrame({"time": [6, 6, 6, 7, 10], "event": [1, 1, 0, 1, 0]}))["percent"].round(1).tolist()
    [100.0, 60.0, 30.0]
    """
    known = times.dropna(subset=[time, event])
    at, deaths = known[time].to_numpy(dtype=float), known[event].to_numpy(dtype=float)
    moments, counts = np.unique(at[deaths > 0], return_counts=True)
    leaving = np.searchsorted(np.sort(at), moments, side="left")
    entered = len(known)
    if entry is not None:
        entered = np.searchsorted(np.sort(known[entry].to_numpy(dtype=float)), moments, side="left")
    risk = (entered - leaving).astype(float)
    share, part = (
        np.cumprod(1 - counts / risk),
        counts / (risk * np.where(risk > counts, risk - counts, np.nan)),
    )
    se = share * np.sqrt(np.cumsum(part))
    low, high = _log_log(share, se)
    table = pd.DataFrame(
        {"time": moments, "at_risk": risk, "events": counts, "percent": 100 * share, "low": low, "high": high}
    ).assign(se=100 * se)
    start = pd.DataFrame([[0.0, float(len(known)), 0, 100.0, np.nan, np.nan, 0.0]], columns=table.columns)
    return pd.concat([start, table], ignore_index=True) if len(table) else start


def _log_log(share: np.ndarray, se: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the log–log limits in percent; NaN where the share is 0 or 1."""
    inside = np.where((share > 0) & (share < 1), share, np.nan)
    half = ndtri((1 + LEVEL) / 2) * se / (inside * np.log(inside))
    return 100 * inside ** np.exp(-half), 100 * inside ** np.exp(half)


def at_time(curve: pd.DataFrame, time: float) -> dict[str, float]:
    """Read a curve at a time: ``percent``, ``low``, ``high``, ``se``, as they stood at the last event before it."""
    row = curve[curve["time"].le(time)].iloc[-1]
    return {name: float(row[name]) for name in ("percent", "low", "high", "se")}


def median_time(curve: pd.DataFrame) -> dict[str, float]:
    """Give the time at which half are gone: ``median``, ``low``, ``high``; NaN where a curve stays above half.

    Notes
    -----
    The first time at which Ŝ ≤ 0.5; where Ŝ = 0.5 exactly, the middle of that stretch (as R's ``survfit``). The limits
    are those of the curves of the limits (Brookmeyer & Crowley 1982, Biometrics 38: 29–41).
    """
    names = {"median": "percent", "low": "low", "high": "high"}
    return {name: _falls_to_half(curve, column) for name, column in names.items()}


def _falls_to_half(curve: pd.DataFrame, column: str) -> float:
    values, times = curve[column].to_numpy(dtype=float), curve["time"].to_numpy(dtype=float)
    reached = np.flatnonzero(values <= 50 + 1e-7)
    if not len(reached):
        return float("nan")
    place = reached[0]
    below = np.flatnonzero(values < 50 - 1e-7)
    is_exact = abs(values[place] - 50) <= 1e-7
    return float((times[place] + times[below[0]]) / 2) if is_exact and len(below) else float(times[place])


def restricted_mean(curve: pd.DataFrame, *, until: float) -> float:
    """Give the mean time there within the first ``until``: the area below the curve (Royston & Parmar 2013)."""
    times = np.append(curve["time"].to_numpy(dtype=float).clip(max=until), until)
    return float((np.diff(times) * curve["percent"].to_numpy(dtype=float) / 100).sum())


@dataclass(frozen=True)
class LogRank:
    """Comparison of survival curves: ``groups`` has ``stratum``, ``n``, ``events``, ``expected``, ``is_low_base``."""

    groups: pd.DataFrame
    n: int
    statistic: float
    df: float
    p: float
    verdict: str
    effect: float = float("nan")
    test: str = LOGRANK


def log_rank(
    times: pd.DataFrame,
    *,
    by: str = "stratum",
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> LogRank:
    """Test whether groups leave at the same rate over time.

    Notes
    -----
    χ² = (O − E)′ V⁻¹ (O − E) with E and the hypergeometric V summed over the times of events [1]_, one group left out.
    Groups below ``minimum_base`` are shown and not tested; fewer than two others give NaN and 基数不足, no event 无法检验.

    .. [1] N. Mantel (1966), Cancer Chemotherapy Reports 50: 163–170.
    """
    known = times.dropna(subset=[by, time, event])
    sizes = known[by].astype("str").value_counts(sort=False)
    tested = sizes.index[sizes >= max(minimum_base, 2)]
    rows = known[known[by].astype("str").isin(tested)]
    observed, expected, spread = _expected_events(
        rows, list(tested), by=by, time=time, event=event, entry=entry
    )
    statistic, df = _quadratic(observed - expected, spread), float(max(len(tested) - 1, 0))
    from scipy.stats import chi2

    p = float(chi2.sf(statistic, df)) if df and np.isfinite(statistic) else float("nan")
    events = known.groupby(known[by].astype("str"))[event].sum()
    groups = pd.DataFrame(
        {"stratum": sizes.index, "n": sizes.to_numpy(), "events": events.reindex(sizes.index).to_numpy()}
    )
    groups["expected"] = groups["stratum"].map(dict(zip(tested, expected, strict=True)))
    groups["is_low_base"] = ~groups["stratum"].isin(tested)
    verdict = verdict_of(p, np.inf if df else 0, alpha=alpha, minimum_base=minimum_base)
    return LogRank(groups=groups, n=len(rows), statistic=statistic, df=df, p=p, verdict=verdict)


def _expected_events(
    rows: pd.DataFrame, groups: list[str], *, by: str, time: str, event: str, entry: str | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give events, expected events and their covariance by group."""
    at, deaths = rows[time].to_numpy(dtype=float), rows[event].to_numpy(dtype=float) > 0
    names = rows[by].astype("str").to_numpy()
    moments = np.unique(at[deaths])
    risk, died = np.zeros((len(groups), len(moments))), np.zeros((len(groups), len(moments)))
    for place, name in enumerate(groups):
        own = names == name
        left = np.searchsorted(np.sort(at[own]), moments, side="left")
        came = own.sum()
        if entry is not None:
            came = np.searchsorted(np.sort(rows.loc[own, entry].to_numpy(dtype=float)), moments, side="left")
        risk[place] = came - left
        died[place] = np.bincount(np.searchsorted(moments, at[own & deaths]), minlength=len(moments))
    whole, gone = risk.sum(axis=0), died.sum(axis=0)
    share = risk / np.where(whole > 0, whole, np.nan)
    factor = gone * (whole - gone) / np.where(whole > 1, whole - 1, np.inf)
    spread = np.diag((factor * share).sum(axis=1)) - (factor * share) @ share.T
    return died.sum(axis=1), (gone * share).sum(axis=1), spread


def _quadratic(gap: np.ndarray, spread: np.ndarray) -> float:
    """Give the quadratic form with the last group left out; NaN with fewer than two groups or without variance."""
    if len(gap) < 2 or np.linalg.matrix_rank(spread[:-1, :-1]) < len(gap) - 1:
        return float("nan")
    return float(gap[:-1] @ np.linalg.solve(spread[:-1, :-1], gap[:-1]))


# ---------------------------------------------------------------- what was waiting before


def landmarks(
    customers: pd.DataFrame,
    tickets: pd.DataFrame,
    *,
    start: object,
    end: object,
    every: int = 3,
    back_days: int = 180,
) -> pd.DataFrame:
    """Look at customers at several days of the period: what their tickets were like before, who left after.

    Parameters
    ----------
    every
        Months between the days looked at; the first lies that long after ``start``.
    back_days
        How far back tickets count.

    Returns
    -------
    pandas.DataFrame
        A row for each customer and day who was there on that day and had a ticket in the time before:
        ``customer_id``, ``landmark``, ``tickets``, ``hours`` (mean to the first response; for those still without one
        the wait so far), ``has_open`` (a ticket not resolved on that day), ``churned`` (left before the next day looked
        at, or the end).

    Notes
    -----
    Only what had happened by the day is known of it: response times after leaving, and tickets that could be made only
    by staying, would make long stayers look well served (immortal time; Suissa 2008, American Journal of Epidemiology
    167: 492–499).
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end) + pd.Timedelta(days=1)
    days = [day for day in pd.date_range(first, last, freq=pd.DateOffset(months=every))[1:] if day < last]
    parts = [
        _seen_from(customers, tickets, day=day, until=until, back_days=back_days)
        for day, until in zip(days, [*days[1:], last], strict=True)
    ]
    columns = ["customer_id", "landmark", "tickets", "hours", "has_open", "churned"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _seen_from(
    customers: pd.DataFrame, tickets: pd.DataFrame, *, day: pd.Timestamp, until: pd.Timestamp, back_days: int
) -> pd.DataFrame:
    is_there = ~customers["since"].gt(day) & ~customers["churned_at"].le(day)
    there = customers.loc[is_there, ["customer_id", "churned_at"]]
    opened = tickets["created_at"]
    is_own = opened.lt(day) & opened.ge(day - pd.Timedelta(days=back_days)) & tickets["customer_id"].notna()
    own = tickets.loc[is_own, ["customer_id", "created_at", "first_response_at", "resolved_at"]]
    response = own["first_response_at"].where(own["first_response_at"].lt(day), day)
    waits = pd.DataFrame(
        {
            "customer_id": own["customer_id"],
            "hours": (response - own["created_at"]).dt.total_seconds() / 3600,
            "has_open": ~own["resolved_at"].lt(day),
        }
    )
    each = waits.groupby("customer_id").agg(
        tickets=("hours", "size"), hours=("hours", "mean"), has_open=("has_open", "max")
    )
    joined = there.merge(each.reset_index(), on="customer_id")
    is_gone = joined["churned_at"].lt(until).astype("int64")
    return joined.assign(landmark=day, churned=is_gone, has_open=joined["has_open"].astype("int64"))


@dataclass(frozen=True)
class Hazard:
    """How leaving hangs together with what was waiting before; see `churn_hazard`.

    ``value``, ``low``, ``high`` are the odds ratio of one more unit of the exposure; ``n`` counts customers at days,
    ``events`` those who left; ``caution`` says in Chinese what weakens it, or nothing.
    """

    n: int
    events: int
    value: float
    low: float
    high: float
    statistic: float
    p: float
    verdict: str
    caution: str
    effect: float = float("nan")
    df: float = float("nan")
    test: str = WALD


def churn_hazard(
    seen: pd.DataFrame, *, exposure: str, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> Hazard:
    """Estimate by how much the odds of leaving differ with an exposure: a discrete-time hazard model.

    Parameters
    ----------
    seen
        As `landmarks` gives it; ``exposure`` is one of its columns.

    Notes
    -----
    Logistic regression of leaving before the next day on the exposure and the number of tickets (logarithm), with a
    level for each day [1]_; a customer leaves once, so that the rows of one customer need no correction. Interval and
    p by Wald. It is an association: who waits longer may differ otherwise. Fewer than `EVENTS_PER_VARIABLE` events a
    parameter [2]_ are told in ``caution``; fewer than that in all, fewer rows than ``minimum_base`` or an exposure
    without spread are not estimated.

    .. [1] P. D. Allison (1982), Sociological Methodology 13: 61–98.
    .. [2] P. Peduzzi et al. (1996), Journal of Clinical Epidemiology 49: 1373–1379.
    """
    known = seen.dropna(subset=[exposure])
    n, events = len(known), int(known["churned"].sum()) if len(known) else 0
    is_few = events < EVENTS_PER_VARIABLE or n - events < EVENTS_PER_VARIABLE or n < minimum_base
    if is_few or known[exposure].nunique() < 2:
        verdict = "基数不足" if is_few else "无法检验"
        return Hazard(
            n, events, *(float("nan"),) * 5, verdict=verdict, caution="流失的太少，不作估计" if is_few else ""
        )
    design = _design(known, exposure=exposure)
    slope, error = _logit(design, known["churned"].to_numpy(dtype=float))
    z, half = slope / error, ndtri((1 + LEVEL) / 2) * error
    p = float(2 * ndtr(-abs(z)))
    thin = events < EVENTS_PER_VARIABLE * design.shape[1]
    return Hazard(
        n=n,
        events=events,
        value=float(np.exp(slope)),
        low=float(np.exp(slope - half)),
        high=float(np.exp(slope + half)),
        statistic=float(z),
        p=p,
        verdict=str(
            verdicts(
                np.nan_to_num(slope, nan=1.0),
                p,
                n,
                alpha=alpha,
                minimum_base=minimum_base,
                words=(MORE_LEAVE, FEWER_LEAVE),
            )
        ),
        caution="流失的不多，估计不牢" if thin else "",
    )


def _design(known: pd.DataFrame, *, exposure: str) -> np.ndarray:
    """Put the exposure first, then the logarithm of tickets, then a column for each day looked at."""
    tickets = np.log(known["tickets"].to_numpy(dtype=float))
    days = pd.get_dummies(known["landmark"]).to_numpy(dtype=float)
    varied = [tickets - tickets.mean()] if np.ptp(tickets) > 0 else []
    return np.column_stack([known[exposure].to_numpy(dtype=float), *varied, days[:, days.any(axis=0)]])


def _logit(design: np.ndarray, left: np.ndarray) -> tuple[float, float]:
    """Give the first slope of a logistic regression and its standard error; NaN where it can't be estimated."""
    import warnings

    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = sm.Logit(left, design).fit(disp=0, maxiter=50)
        except (np.linalg.LinAlgError, PerfectSeparationError):
            return float("nan"), float("nan")
    slope, error = float(fit.params[0]), float(fit.bse[0])
    is_found = fit.mle_retvals["converged"] and np.isfinite(error) and 0 < error < 1e3
    return (slope, error) if is_found else (float("nan"), float("nan"))


def hazards_table(
    hazards: dict[str, Hazard], *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """List hazards as one family: ``stratum``, ``n``, ``events``, ``value``, ``low``, ``high``, ``p_raw``, ``p`` …

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``events``, ``value`` (odds ratio), ``low``, ``high``, ``test``, ``statistic``, ``df``,
        ``p_raw``, ``p`` (Holm), ``effect`` (logarithm of the odds ratio), ``verdict``, ``caution``.
    """
    p = adjust([found.p for found in hazards.values()])
    names = ("n", "events", "value", "low", "high", "test", "statistic", "df")
    rows = [
        {"stratum": name}
        | {key: getattr(found, key) for key in names}
        | {"p_raw": found.p, "caution": found.caution}
        for name, found in hazards.items()
    ]
    table = pd.DataFrame(rows, columns=["stratum", *names, "p_raw", "caution"])
    table["effect"] = np.log(table["value"].astype("float64"))
    known = verdicts(
        table["effect"],
        p,
        table["n"],
        alpha=alpha,
        minimum_base=minimum_base,
        words=(MORE_LEAVE, FEWER_LEAVE),
    )
    small = [
        found.verdict if not np.isfinite(found.p) else told
        for found, told in zip(hazards.values(), known, strict=True)
    ]
    order = ["stratum", *names, "p_raw", "p", "effect", "verdict", "caution"]
    return table.assign(p=p, verdict=np.array(small, dtype=object))[order]


def open_at_leaving(
    customers: pd.DataFrame, tickets: pd.DataFrame, *, start: object, end: object, back_days: int = 180
) -> pd.DataFrame:
    """Say of those who left in the period how many had an unresolved ticket, and what their contracts come to.

    Returns
    -------
    pandas.DataFrame
        One row: ``stratum`` (all), ``n`` (left), ``count``, ``percent``, ``low``, ``high`` (Wilson), ``lost``
        (annual contracts of those with one, 10,000 CNY); no row where nobody left. A ticket opened within ``back_days``
        before leaving and not resolved by then. It happened before; it need not be why they left.
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end) + pd.Timedelta(days=1)
    left = customers[customers["churned_at"].ge(first) & customers["churned_at"].lt(last)]
    own = left[["customer_id", "churned_at"]].merge(
        tickets[["customer_id", "created_at", "resolved_at"]].dropna(subset=["customer_id"]), on="customer_id"
    )
    is_open = own["created_at"].lt(own["churned_at"]) & ~own["resolved_at"].lt(own["churned_at"])
    is_open &= own["created_at"].ge(own["churned_at"] - pd.Timedelta(days=back_days))
    has_open = left["customer_id"].isin(own.loc[is_open, "customer_id"])
    low, high = wilson_interval(has_open.sum(), len(left))
    table = pd.DataFrame(
        {
            "stratum": ["all"],
            "n": [len(left)],
            "count": [int(has_open.sum())],
            "percent": percent_of([has_open.sum()], [len(left)]),
            "low": [float(low)],
            "high": [float(high)],
            "lost": [float(left.loc[has_open, "contract_cny_10k"].sum())],
        }
    )
    return table.iloc[: int(len(left) > 0)]


# ---------------------------------------------------------------- buying again


def repurchase(
    scored: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    as_of: object,
    satisfied_from: float,
    days: int = 90,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare who buys again after a score: those who were satisfied and those who were not.

    Parameters
    ----------
    scored
        ``customer_id``, ``at``, ``score``, ``stratum`` (such as the stage of the journey). A customer's first score in
        a stratum counts; scores whose ``days`` are not over by ``as_of`` don't.

    Returns
    -------
    pandas.DataFrame
        By ``stratum``: ``n`` (the smaller of both groups), ``satisfied``, ``unsatisfied`` (customers), ``percent``,
        ``other_percent`` (bought within ``days`` after the score), ``value`` (percentage points), ``low``, ``high``
        (Newcombe), ``test``, ``statistic``, ``df``, ``p_raw``, ``p`` (Holm), ``effect`` (Cohen h), ``verdict``.

    Notes
    -----
    Only orders after the score count; before it, buying may be the reason of the score. It is an association still:
    customers who buy much may be served better.
    """
    strata, yes, no = _buyers(scored, orders, as_of=as_of, satisfied_from=satisfied_from, days=days)
    table = two_proportions(
        yes["sum"], yes["size"], no["sum"], no["size"], alpha=alpha, minimum_base=minimum_base
    )
    base, words = np.minimum(table["n"], table["other_n"]), (MORE_LEAVE, FEWER_LEAVE)
    found = verdicts(table["value"], table["p"], base, alpha=alpha, minimum_base=minimum_base, words=words)
    told = {
        "stratum": pd.Series(strata, dtype="str"),
        "satisfied": table["n"],
        "unsatisfied": table["other_n"],
    }
    return table.assign(**told, verdict=found, n=base)[_REPURCHASE.split()]


_REPURCHASE = "stratum n satisfied unsatisfied percent other_percent value low high test statistic df p_raw p effect verdict"


def _buyers(
    scored: pd.DataFrame, orders: pd.DataFrame, *, as_of: object, satisfied_from: float, days: int
) -> tuple[list[str], pd.DataFrame, pd.DataFrame]:
    """Name the strata, and count (``size``) and those who bought (``sum``) of the satisfied and of the others."""
    known = scored[["stratum", "customer_id", "at", "score"]].dropna(subset=["customer_id", "at", "score"])
    known = known.sort_values("at", kind="stable")
    first = known.drop_duplicates(["stratum", "customer_id"])
    first = first[first["at"].le(pd.Timestamp(as_of) - pd.Timedelta(days=days))]
    marked = first.assign(
        bought=_buys_after(first, orders, days=days), is_satisfied=first["score"].ge(satisfied_from)
    )
    groups = marked.groupby(["stratum", "is_satisfied"], sort=False)["bought"].agg(["size", "sum"])
    strata = list(dict.fromkeys(first["stratum"]))
    yes, no = (
        groups.reindex(pd.MultiIndex.from_product([strata, [flag]]), fill_value=0) for flag in (True, False)
    )
    return strata, yes, no


def _buys_after(scored: pd.DataFrame, orders: pd.DataFrame, *, days: int) -> np.ndarray:
    """Say of each score whether its customer ordered within so many days after it."""
    bought = orders.loc[orders["amount_cny"].gt(0), ["customer_id", "ordered_at"]].dropna()
    bought = bought.sort_values("ordered_at", kind="stable").rename(columns={"ordered_at": "next"})
    asked = scored[["customer_id", "at"]].assign(place=np.arange(len(scored)))
    types = {"customer_id": "str"}
    asked, bought = asked.astype(types), bought.astype(types)
    asked["at"], bought["next"] = (
        asked["at"].astype("datetime64[us]"),
        bought["next"].astype("datetime64[us]"),
    )
    found = pd.merge_asof(
        asked.sort_values("at", kind="stable"),
        bought,
        left_on="at",
        right_on="next",
        by="customer_id",
        direction="forward",
        allow_exact_matches=False,
    ).sort_values("place")
    return (found["next"] - found["at"]).le(pd.Timedelta(days=days)).to_numpy()


# ---------------------------------------------------------------- for the page


def retention_by_month(curve: pd.DataFrame, *, start: object, end: object) -> pd.DataFrame:
    """Read a curve of days since ``start`` at the end of every month: ``stratum`` ("2023-01"), ``month``, ``n``, …

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``month`` (its first day), ``n`` (at risk at the last departure before its end), ``percent``,
        ``low``, ``high``.
    """
    months = pd.date_range(pd.Timestamp(start), pd.Timestamp(end), freq="MS")
    ends = np.minimum((months + pd.offsets.MonthEnd(0)).to_numpy(), np.datetime64(pd.Timestamp(end)))
    days = (ends - np.datetime64(pd.Timestamp(start))) / np.timedelta64(1, "D")
    places = np.searchsorted(curve["time"].to_numpy(dtype=float), days, side="right") - 1
    rows = curve[["at_risk", "percent", "low", "high"]].iloc[places].reset_index(drop=True)
    table = rows.rename(columns={"at_risk": "n"}).assign(month=months)
    return table.assign(stratum=table["month"].dt.strftime("%Y-%m"))[
        ["stratum", "month", "n", "percent", "low", "high"]
    ]


def beside_published(hazards: pd.DataFrame, published: dict[str, float]) -> pd.DataFrame:
    """Turn odds ratios into percent more odds, and say whether a published figure lies inside the interval.

    Parameters
    ----------
    published
        Percent more, by ``stratum``; others have none.

    Returns
    -------
    pandas.DataFrame
        The table with ``percent``, ``percent_low``, ``percent_high`` (100 (OR − 1)), ``published`` and ``agrees``
        (在区间内, 不在区间内, or nothing where one of both is missing).
    """
    parts = {
        f"percent{end}": 100 * (hazards[name] - 1)
        for end, name in (("", "value"), ("_low", "low"), ("_high", "high"))
    }
    table = hazards.assign(**parts, published=hazards["stratum"].map(published).astype("float64"))
    is_known = table[["published", "percent_low", "percent_high"]].notna().all(axis=1)
    is_inside = table["published"].between(table["percent_low"], table["percent_high"])
    said = np.where(is_inside, "在区间内", "不在区间内")
    return table.assign(agrees=pd.Series(said, index=table.index, dtype="object").where(is_known))

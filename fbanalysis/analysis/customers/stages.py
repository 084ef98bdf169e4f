"""Where customers stand: stages of the relation with satisfaction, and the journey with its drop-off and low points."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtr

from fbanalysis.analysis.customers.wide import places_of, wide_means
from fbanalysis.analysis.intervals import mean_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    HIGHER,
    LOWER,
    MINIMUM_BASE,
    adjust,
    group_moments,
    two_proportions,
    verdicts,
)

NEW, ACTIVE, DORMANT, LOST = "新客", "活跃", "沉默", "流失"
LIFE = (NEW, ACTIVE, DORMANT, LOST)
TENURES: Mapping[str, float] = {"不足一年": 1, "一至三年": 3, "三至五年": 5, "五年以上": np.inf}
PAIRED_T = "配对 t 检验"


# ---------------------------------------------------------------- life cycle


def last_activity(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Give each customer's last sign of life.

    Parameters
    ----------
    tables
        Name of the time column → table with it and ``customer_id``.
    """
    parts = [
        table[["customer_id", at]].dropna().set_axis(["customer_id", "at"], axis=1)
        for at, table in tables.items()
    ]
    together = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["customer_id", "at"])
    return together.groupby("customer_id")["at"].max()


def life_stages(
    customers: pd.DataFrame,
    activity: pd.Series,
    *,
    as_of: object,
    new_days: int = 180,
    dormant_days: int = 180,
) -> pd.DataFrame:
    """Say where every customer stands: new, active, dormant or lost.

    Parameters
    ----------
    activity
        As `last_activity` gives it.
    new_days, dormant_days
        New is who came at most so many days before ``as_of``; dormant is who gave no sign for more days than that.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``stage`` (新客, 活跃, 沉默, 流失), ``quiet_days`` (since the last sign; NaN without any).

    Notes
    -----
    In this order: lost (left by ``as_of``), new, active, dormant. Declared cut-offs, no estimate: other cut-offs give
    other stages. A customer without a known start is not new, one without any sign is dormant.
    """
    end = pd.Timestamp(as_of).normalize()
    seen = customers["customer_id"].map(activity[activity < end + pd.Timedelta(days=1)])
    quiet = (end - pd.to_datetime(seen).dt.normalize()).dt.days
    is_lost = customers["churned_at"].le(end) | (
        customers["status"].eq("流失") & customers["churned_at"].isna()
    )
    is_new = (end - customers["since"]).dt.days.le(new_days)
    stage = np.select([is_lost, is_new, quiet.le(dormant_days)], [LOST, NEW, ACTIVE], DORMANT)
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "stage": pd.Series(stage, index=customers.index, dtype="str"),
            "quiet_days": quiet.astype("float64"),
        }
    )


def tenure_bands(customers: pd.DataFrame, *, as_of: object) -> pd.Series:
    """Name how long each customer had been one on a day; missing where the start is not known or lies after it.

    Who had left by then counts up to leaving; leaving later changes nothing, so that the band says nothing of it.
    """
    day = pd.Timestamp(as_of)
    left = customers["churned_at"]
    years = (left.where(left < day, day) - customers["since"]).dt.days / 365.25
    return _cut(years.where(years >= 0), TENURES)


def usage_bands(customers: pd.DataFrame) -> pd.Series:
    """Name each customer's third by active users: equal customers stay together; missing without users."""
    users = customers["active_users"].astype("float64")
    return _cut(users.rank(pct=True), {"使用少": 1 / 3, "使用中等": 2 / 3, "使用多": np.inf})


def _cut(values: pd.Series, ends: Mapping[str, float]) -> pd.Series:
    """Name the band of each value; a band holds its upper end."""
    places = np.searchsorted(list(ends.values()), values.to_numpy(dtype=float))
    names = np.array([*ends, None], dtype=object)[np.minimum(places, len(ends))]
    return pd.Series(names, index=values.index).where(values.notna())


def count_groups(groups: pd.Series, *, order: Sequence[str] = ()) -> pd.DataFrame:
    """Count customers by group: ``stratum``, ``n``, ``percent``; in ``order``, else the largest first."""
    counts = groups.dropna().value_counts()
    counts = counts.reindex([name for name in order if name in counts.index]) if len(order) else counts
    table = pd.DataFrame({"stratum": counts.index.astype("str"), "n": counts.to_numpy(dtype="int64")})
    return table.assign(percent=percent_of(table["n"], table["n"].sum()))


def customer_scores(feedback: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Give each customer who gave feedback one row: the mean overall score, and what they said.

    Parameters
    ----------
    groups
        Group by ``customer_id``.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``group``, ``score`` (mean; NaN without any), ``is_praise``, ``is_problem`` (gave such
        feedback at least once); customers without group are left out. One row a customer, so that those who speak
        often don't count as many.
    """
    flags = pd.DataFrame(
        {
            "customer_id": feedback["customer_id"],
            "is_praise": feedback["kind"].eq("表扬"),
            "is_problem": feedback["kind"].eq("问题反映"),
            "score": feedback["overall_score"].astype("float64"),
        }
    )
    each = flags.groupby("customer_id").agg(
        score=("score", "mean"), is_praise=("is_praise", "max"), is_problem=("is_problem", "max")
    )
    place = places_of(each.index, groups.index)
    each.insert(0, "group", groups.set_axis(range(len(groups))).reindex(place).set_axis(each.index))
    return each.dropna(subset=["group"]).reset_index()


def scores_by_group(scores: pd.DataFrame, *, order: Sequence[str] = ()) -> pd.DataFrame:
    """Summarise the customers' scores by group: ``stratum``, ``n``, ``mean``, ``sd``, ``low``, ``high`` (t interval)."""
    table = group_moments(scores, score="score", by="group")
    if len(order):
        table = table.set_index("stratum").reindex([name for name in order if name in set(table["stratum"])])
        table = table.rename_axis("stratum").reset_index()
    low, high = mean_interval(table["mean"], table["sd"], table["n"])
    return table.assign(low=low, high=high)


def shares_by_group(
    scores: pd.DataFrame,
    flag: str,
    *,
    order: Sequence[str] = (),
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Give the share of customers with a flag by group, each compared with all others.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``percent``, ``low``, ``high`` (Wilson), and the columns of `against_the_others`.
    """
    groups = scores.groupby(scores["group"].astype("str"))[flag].agg(["size", "sum"])
    groups = groups.reindex([name for name in order if name in groups.index]) if len(order) else groups
    n, count = groups["size"].to_numpy(dtype="int64"), groups["sum"].to_numpy(dtype="int64")
    low, high = wilson_interval(count, n)
    table = pd.DataFrame(
        {"stratum": pd.Series(groups.index, dtype="str"), "n": n, "percent": percent_of(count, n)}
    )
    return table.assign(low=low, high=high).join(
        against_the_others(count, n, alpha=alpha, minimum_base=minimum_base)
    )


def against_the_others(
    count: np.ndarray, n: np.ndarray, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Compare the share of each group with that of all other groups together; the groups are one family.

    Returns
    -------
    pandas.DataFrame
        ``other_percent``, ``difference`` (percentage points), ``difference_low``, ``difference_high`` (Newcombe),
        ``test``, ``statistic``, ``df``, ``p_raw``, ``p`` (Holm), ``effect`` (Cohen h), ``verdict`` (较高, 较低, …). With
        two groups both rows say the same.
    """
    count, n = np.asarray(count, dtype=float), np.asarray(n, dtype=float)
    table = two_proportions(
        count, n, count.sum() - count, n.sum() - n, alpha=alpha, minimum_base=minimum_base
    )
    base = np.minimum(table["n"], table["other_n"])
    said = verdicts(
        table["value"], table["p"], base, alpha=alpha, minimum_base=minimum_base, words=(HIGHER, LOWER)
    )
    names = {"value": "difference", "low": "difference_low", "high": "difference_high"}
    return table.assign(verdict=said).drop(columns=["n", "other_n", "percent"]).rename(columns=names)


# ---------------------------------------------------------------- journey


def stage_order(journey: pd.DataFrame) -> list[str]:
    """Put stages into the order in which customers pass them: by the mean place within each customer's own way.

    Examples
    --------
    >>> days = pd.to_datetime(["2023-01-01", "2023-01-05", "2023-02-01", "2023-03-01"])
    >>> stage_order(pd.DataFrame({"customer_id": list("aabb"), "stage": ["问", "买", "问", "买"], "happened_at": days}))
    ['问', '买']
    """
    first = journey.groupby(["customer_id", "stage"])["happened_at"].min().reset_index()
    place = first.groupby("customer_id")["happened_at"].rank()
    means = first.assign(place=place).groupby("stage")["place"].mean()
    return means.sort_values(kind="stable").index.astype("str").tolist()


def drop_off(
    journey: pd.DataFrame, *, as_of: object, order: Sequence[str] = (), open_days: int = 90
) -> pd.DataFrame:
    """Follow how many customers reach each stage, and how many of those who could go on stop there.

    Parameters
    ----------
    open_days
        Who was last seen at most so many days before ``as_of`` may still go on: out of the base of ``percent``.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (stage), ``reached`` (customers seen there or later), ``reached_percent`` (of all), ``open``
        (whose last stage it is, but lately), ``n`` (reached less open), ``stopped``, ``percent`` (stopped of n),
        ``low``, ``high`` (Wilson). The last stage has no next: NaN.

    Notes
    -----
    A customer who skipped a stage counts as having reached it. Who is still on the way has not dropped off: counting
    them would raise the drop-off of the late stages.
    """
    stages = list(order) or stage_order(journey)
    rows = journey.assign(place=journey["stage"].map({name: place for place, name in enumerate(stages)}))
    each = (
        rows.dropna(subset=["place"])
        .groupby("customer_id")
        .agg(furthest=("place", "max"), last=("happened_at", "max"))
    )
    is_open = (pd.Timestamp(as_of).normalize() - each["last"]).dt.days.le(open_days)
    ended = np.bincount(each["furthest"].astype("int64"), minlength=len(stages))
    waiting = np.bincount(each.loc[is_open, "furthest"].astype("int64"), minlength=len(stages))
    reached = ended[::-1].cumsum()[::-1]
    n = np.where(np.arange(len(stages)) < len(stages) - 1, reached - waiting, 0)
    stopped = np.where(n > 0, ended - waiting, 0)
    low, high = wilson_interval(stopped, n)
    return pd.DataFrame(
        {
            "stratum": pd.Series(stages, dtype="str"),
            "reached": reached,
            "reached_percent": percent_of(reached, np.full(len(stages), len(each))),
            "open": waiting,
            "n": n,
            "stopped": stopped,
            "percent": percent_of(stopped, n),
            "low": low,
            "high": high,
        }
    )


def journey_scores(
    journey: pd.DataFrame,
    *,
    scale_maximum: float,
    by: str = "stage",
    order: Sequence[str] = (),
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Summarise the scores of every stage or touchpoint, and compare it with the rest of the same customers' way.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n`` (customers who scored it), ``mean`` (of their means), ``sd``, ``low``, ``high`` (t interval),
        ``percent_top2``, ``top2_low``, ``top2_high`` (customers whose mean is among the two highest marks; Wilson),
        ``pairs`` (customers who scored something else too), ``value`` (mean difference to their other scores),
        ``value_low``, ``value_high``, ``test``, ``statistic``, ``df``, ``p_raw``, ``p`` (Holm), ``effect`` (d_z),
        ``verdict`` (较高, 较低, …); in ``order``, else as they appear.

    Notes
    -----
    The difference is a customer's mean at the stage less the mean of that customer's means at the others; paired t, so
    that it does not matter who reached a stage. Who left before it has no say on it: the late stages are scored by
    those who stayed. One customer gives no interval and no test; no spread is 无法检验.
    """
    wide = wide_means(journey, index="customer_id", columns=by, value="score")
    wide = wide.reindex(
        columns=[name for name in order if name in wide.columns] if len(order) else wide.columns
    )
    table = _columns_summary(wide, top=scale_maximum - 1)
    return table.join(_against_the_rest(wide.to_numpy(dtype=float), alpha=alpha, minimum_base=minimum_base))


def _columns_summary(wide: pd.DataFrame, *, top: float) -> pd.DataFrame:
    n, mean, sd = (wide.agg(what).to_numpy(dtype=float) for what in ("count", "mean", "std"))
    low, high = mean_interval(mean, sd, n)
    high_marks = wide.ge(top).sum().to_numpy(dtype=float)
    top2_low, top2_high = wilson_interval(high_marks, n)
    return pd.DataFrame(
        {
            "stratum": pd.Series(wide.columns, dtype="str"),
            "n": n.astype("int64"),
            "mean": mean,
            "sd": sd,
            "low": low,
            "high": high,
            "percent_top2": percent_of(high_marks, n),
            "top2_low": top2_low,
            "top2_high": top2_high,
        }
    )


def _against_the_rest(values: np.ndarray, *, alpha: float, minimum_base: int) -> pd.DataFrame:
    """Compare each column with the mean of the others in the same row; paired t, Holm over the columns."""
    known = ~np.isnan(values)
    totals, counts = np.nansum(values, axis=1, keepdims=True), known.sum(axis=1, keepdims=True)
    others = np.where(counts - known > 0, counts - known, np.nan)
    apart = values - (totals - np.nan_to_num(values)) / others
    frame = pd.DataFrame(apart)
    n, mean, sd = (frame.agg(what).to_numpy(dtype=float) for what in ("count", "mean", "std"))
    sd = np.where(sd > 1e-12, sd, np.nan)
    low, high = mean_interval(mean, sd, n)
    statistic = mean / (sd / np.sqrt(np.where(n > 1, n, np.nan)))
    p_raw = 2 * stdtr(np.where(n > 1, n - 1, np.nan), -np.abs(statistic))
    p = adjust(p_raw)
    return pd.DataFrame(
        {
            "pairs": n.astype("int64"),
            "value": mean,
            "value_low": low,
            "value_high": high,
            "test": PAIRED_T,
            "statistic": statistic,
            "df": n - 1,
            "p_raw": p_raw,
            "p": p,
            "effect": mean / sd,
            "verdict": verdicts(mean, p, n, alpha=alpha, minimum_base=minimum_base, words=(HIGHER, LOWER)),
        }
    )

"""Value of customers by recency, frequency and amount of their orders; complete registers have no intervals."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fbanalysis.analysis.intervals import percent_of
from fbanalysis.errors import DataError

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

#: Segments in the order of their worth, and what to do with each.
ACTIONS: dict[str, str] = {
    "重要价值": "专人维护，新功能先行试用，按年回访",
    "重要挽留": "由客户经理上门了解停购原因，限期给出方案",
    "一般发展": "按已购模块推荐配套，培训带动使用",
    "新客户": "首单后一个月内回访，帮助上手",
    "流失风险": "低成本触达，给出回归方案；无回应的降级维护",
}
#: What puts a customer into a segment: see `segment_of`.
RULES: dict[str, str] = {
    "重要价值": "R 不低于三，F 与 M 合计不低于九",
    "重要挽留": "R 低于三，F 与 M 合计不低于九",
    "一般发展": "R 不低于三，F 高于二",
    "新客户": "R 不低于三，F 不高于二",
    "流失风险": "R 低于三",
}
RECENT, VALUABLE, RARE = 3, 9, 2
#: Centres of clusters are found from up to this many customers.
MOST_FITTED = 10_000


def order_base(orders: pd.DataFrame, *, as_of: object, months: int = 24) -> pd.DataFrame:
    """Count which orders enter the scores, and why the others don't.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (全部, 采用, 没有客户编号, 没有金额或时间, 不在时期内, 退货), ``n``. A return has an amount below
        zero: it lowers the amount of its customer and counts neither as an order nor as a recent one. The five
        parts make up the whole.
    """
    why = _why(orders, as_of=as_of, months=months)
    counts = why.value_counts().reindex(_REASONS, fill_value=0)
    return pd.DataFrame({"stratum": ["全部", *_REASONS], "n": [len(orders), *counts]})


_REASONS = ["采用", "没有客户编号", "没有金额或时间", "不在时期内", "退货"]


def _why(orders: pd.DataFrame, *, as_of: object, months: int) -> pd.Series:
    """Name what each order is, the first reason that holds."""
    end = pd.Timestamp(as_of).normalize() + pd.Timedelta(days=1)
    start = end - pd.DateOffset(months=months)
    at, amount = orders["ordered_at"], orders["amount_cny"]
    reasons = [
        orders["customer_id"].isna(),
        at.isna() | amount.isna(),
        (at < start) | (at >= end),
        amount < 0,
    ]
    chosen = np.select([part.to_numpy(dtype=bool) for part in reasons], range(1, 5), 0)
    return pd.Series(np.array(_REASONS, dtype=object)[chosen], index=orders.index)


def score_customers(orders: pd.DataFrame, *, as_of: object, months: int = 24) -> pd.DataFrame:
    """Score every customer who ordered: how lately, how often, how much.

    Parameters
    ----------
    as_of
        The last day that counts; recency is counted back from it.
    months
        How far back orders count.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``recency_days``, ``frequency`` (orders), ``monetary`` (their amounts less returns),
        ``r``, ``f``, ``m`` (1–5, 5 is best), ``segment``; one row a customer with an order in the period. A
        customer with returns only has no row.

    Notes
    -----
    Quintiles of each measure by itself (Hughes 1994, Strategic Database Marketing): with the mean rank q of n,
    from worst to best, the score is ⌈5 (q − ½) / n⌉. Equal customers get equal scores, so that quintiles of few
    distinct values hold unequal numbers; where all are equal, or there is one customer, everybody gets 3.

    Examples
    --------
    >>> days = pd.to_datetime(["2023-12-01", "2023-06-01", "2023-12-30"])
    >>> orders = pd.DataFrame({"customer_id": ["甲", "甲", "乙"], "ordered_at": days, "amount_cny": [5.0, 4.0, 2.0]})
    >>> score_customers(orders, as_of="2023-12-31")[["recency_days", "frequency", "monetary"]].to_numpy().tolist()
    [[1.0, 1.0, 2.0], [30.0, 2.0, 9.0]]
    """
    why = _why(orders, as_of=as_of, months=months)
    counted, returned = (orders[why.eq(reason)] for reason in ("采用", "退货"))
    table = counted.groupby("customer_id").agg(
        last=("ordered_at", "max"), frequency=("amount_cny", "size"), monetary=("amount_cny", "sum")
    )
    back = returned.groupby("customer_id")["amount_cny"].sum()
    days = (pd.Timestamp(as_of).normalize() - table["last"].dt.normalize()).dt.days
    table = table.assign(
        recency_days=days.astype("float64"),
        monetary=table["monetary"] + back.reindex(table.index).fillna(0.0),
    )
    table = table.assign(
        r=_fifths(-table["recency_days"]), f=_fifths(table["frequency"]), m=_fifths(table["monetary"])
    )
    table["segment"] = segment_of(table)
    columns = ["customer_id", "recency_days", "frequency", "monetary", "r", "f", "m", "segment"]
    return table.reset_index()[columns].astype({"customer_id": "str", "segment": "str"})


def _fifths(values: pd.Series) -> pd.Series:
    """Score values from 1 (lowest) to 5, equal ones alike."""
    return np.ceil(5 * (values.rank(method="average") - 0.5) / max(len(values), 1)).astype("int64")


def segment_of(scores: pd.DataFrame) -> np.ndarray:
    """Name the segment of each row of scores ``r``, ``f``, ``m``; the rules are `RULES`, from top to bottom."""
    is_recent, is_valuable = scores["r"].ge(RECENT), (scores["f"] + scores["m"]).ge(VALUABLE)
    rules = [is_recent & is_valuable, is_valuable, is_recent & scores["f"].gt(RARE), is_recent]
    chosen = np.select([part.to_numpy(dtype=bool) for part in rules], range(4), 4)
    return np.array(list(ACTIONS), dtype=object)[chosen]


def summarise_segments(scored: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Count the customers of each segment and what they bought.

    Parameters
    ----------
    customers
        Table ``customers``: says who has left already.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (all of `ACTIONS`; those without customers have n = 0 and no shares), ``n``, ``percent``
        (of customers), ``amount`` (10,000 CNY), ``amount_percent``, ``recency_days``, ``frequency`` (medians),
        ``left`` (how many of them have left already), ``rule``, ``action``.
    """
    gone = customers.loc[customers["status"].eq("流失"), "customer_id"]
    groups = scored.assign(is_gone=scored["customer_id"].isin(gone)).groupby("segment")
    table = groups.agg(
        n=("customer_id", "size"),
        amount=("monetary", "sum"),
        recency_days=("recency_days", "median"),
        frequency=("frequency", "median"),
        left=("is_gone", "sum"),
    )
    table = table.reindex(list(ACTIONS) if len(scored) else []).rename_axis("stratum").reset_index()
    table = table.assign(n=table["n"].fillna(0).astype("int64"), left=table["left"].fillna(0).astype("int64"))
    is_empty = table["n"].eq(0)
    table["percent"] = percent_of(table["n"], np.full(len(table), table["n"].sum()))
    table["amount_percent"] = percent_of(table["amount"], np.full(len(table), table["amount"].sum()))
    table["percent"] = table["percent"].mask(is_empty)
    table["amount"] = table["amount"] / 1e4
    table["rule"], table["action"] = table["stratum"].map(RULES), table["stratum"].map(ACTIONS)
    return table[
        [
            "stratum",
            "n",
            "percent",
            "amount",
            "amount_percent",
            "recency_days",
            "frequency",
            "left",
            "rule",
            "action",
        ]
    ]


def concentration(scored: pd.DataFrame, *, tops: tuple[int, ...] = (1, 5, 10, 20, 50)) -> pd.DataFrame:
    """Say which share of the amount the largest customers bring.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("前20%"), ``n`` (how many customers that is, rounded up), ``percent`` (of all amounts above
        zero); no rows without an amount.

    Notes
    -----
    The ordinates of the Lorenz curve from its upper end (Lorenz 1905, Publications of the American Statistical
    Association 9: 209–219). Customers whose returns make up all of their orders count as 0.
    """
    amounts = np.sort(scored["monetary"].clip(lower=0).to_numpy(dtype=float))[::-1]
    if not len(amounts) or amounts.sum() <= 0:
        return pd.DataFrame(columns=["stratum", "n", "percent"]).astype({"n": "int64", "percent": "float64"})
    sizes = np.array([int(np.ceil(len(amounts) * top / 100)) for top in tops])
    shares = 100 * np.cumsum(amounts)[sizes - 1] / amounts.sum()
    return pd.DataFrame({"stratum": [f"前{top}%" for top in tops], "n": sizes, "percent": shares})


@dataclass(frozen=True)
class Clusters:
    """Groups of customers that buy alike.

    ``table`` has ``stratum`` (群一 …), ``n``, ``percent``, ``recency_days``, ``frequency``, ``monetary`` (medians;
    10,000 CNY); ``choices`` has ``stratum`` (number of clusters), ``silhouette``. ``silhouette`` is that of the
    chosen number, ``sampled`` on how many customers it was measured.
    """

    table: pd.DataFrame
    choices: pd.DataFrame
    silhouette: float
    sampled: int


def cluster_customers(
    scored: pd.DataFrame, *, seed: int, most: int = 6, sample: int = 2000, minimum_base: int = 30
) -> Clusters:
    """Group customers by how lately, how often and how much they buy, without rules given before.

    Notes
    -----
    k-means on standardised logarithms, k from 2 to ``most`` by the mean silhouette [1]_ of a random sample
    (its cost is quadratic); above `MOST_FITTED` customers the centres too come from a sample. A silhouette below
    0.5 is a weak structure: the clusters then describe, they don't exist. Fewer customers than ``minimum_base``,
    or all alike, give no clusters.

    .. [1] P. J. Rousseeuw (1987), Journal of Computational and Applied Mathematics 20: 53–65.
    """
    points = _standardised(scored)
    if len(points) < minimum_base or len(np.unique(points, axis=0)) <= most:
        return Clusters(_CLUSTERS.copy(), _CHOICES.copy(), float("nan"), 0)
    order = np.random.default_rng(seed).permutation(len(points))
    fitted, measured = points[order[:MOST_FITTED]], points[order[:sample]]
    fits = {k: _k_means(fitted, k=k, seed=seed) for k in range(2, most + 1)}
    scores = {k: _silhouette(measured, fit.predict(measured)) for k, fit in fits.items()}
    best = max(scores, key=lambda k: (scores[k], -k))
    choices = pd.DataFrame({"stratum": [str(k) for k in scores], "silhouette": list(scores.values())})
    return Clusters(_profiles(scored, fits[best].predict(points)), choices, scores[best], len(measured))


_CLUSTERS = pd.DataFrame(
    {
        "stratum": pd.Series(dtype="str"),
        "n": pd.Series(dtype="int64"),
        **{name: pd.Series(dtype="float64") for name in ("percent", "recency_days", "frequency", "monetary")},
    }
)
_CHOICES = pd.DataFrame({"stratum": pd.Series(dtype="str"), "silhouette": pd.Series(dtype="float64")})


def _standardised(scored: pd.DataFrame) -> np.ndarray:
    """Take logarithms of the three measures and bring them to one spread; a constant one stays zero."""
    values = np.log1p(scored[["recency_days", "frequency", "monetary"]].clip(lower=0).to_numpy(dtype=float))
    if not len(values):
        return values
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def _k_means(points: np.ndarray, *, k: int, seed: int) -> "KMeans":
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=5, random_state=seed).fit(points)


def _silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(points, labels)) if 1 < len(np.unique(labels)) < len(points) else -1.0


def _profiles(scored: pd.DataFrame, labels: np.ndarray) -> pd.DataFrame:
    """Describe clusters by the medians of their customers, the largest amount first."""
    groups = scored.assign(label=labels, monetary=scored["monetary"] / 1e4).groupby("label")
    table = groups[["recency_days", "frequency", "monetary"]].median().assign(n=groups.size())
    table = table.sort_values("monetary", ascending=False, ignore_index=True)
    if len(table) > len(_NUMERALS):
        raise DataError(f"聚类最多 {len(_NUMERALS)} 群，现在是 {len(table)} 群")
    table["stratum"] = [f"群{_NUMERALS[place]}" for place in range(len(table))]
    table["percent"] = percent_of(table["n"], table["n"].sum())
    return table[list(_CLUSTERS.columns)]


_NUMERALS = "一二三四五六七八九十"

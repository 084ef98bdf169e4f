"""Draw two years of orders of the paying customers: five groups of known recency, frequency and amount.

Quintile scores find the groups again. The fourth quarter has 1.5 times the orders of the other months.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion, pack
from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.plans import Effect

#: The strata that pay.
PAYING = ("核心客户", "普通客户")


@dataclass(frozen=True)
class Group:
    """How a group of customers orders.

    ``recency`` is the range of days from the last order to the end of 2023, ``orders`` that of the
    number of orders in two years, ``amount`` the usual amount of one in CNY.
    """

    key: str
    share: float
    recency: tuple[int, int]
    orders: tuple[int, int]
    amount: float


#: Three fifths ordered lately and two fifths long ago, one quarter often and much: quintiles tell them apart.
GROUPS = {
    "重要价值": Group("champions", 0.15, (1, 45), (12, 20), 32000),
    "重要挽留": Group("win_back", 0.10, (185, 330), (12, 20), 30000),
    "一般发展": Group("developing", 0.30, (15, 120), (4, 9), 12000),
    "新客户": Group("new", 0.15, (1, 60), (1, 2), 8000),
    "流失风险": Group("at_risk", 0.30, (200, 350), (1, 3), 6000),
}
AMOUNT_SPREAD = 0.35
FOURTH_QUARTER = 1.5
FIRST_DAY, LAST_DAY = pd.Timestamp("2022-01-01"), pd.Timestamp("2023-12-31")
PRODUCTS = {
    "席位扩容": 0.30,
    "模块订阅": 0.22,
    "接口包": 0.13,
    "培训服务": 0.12,
    "实施服务": 0.11,
    "专属支持": 0.12,
}


def orders(customers: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the orders of two years of the customers of 2023, in the order of time."""
    buyers = customers[customers["stratum"].isin(PAYING)].reset_index(drop=True)
    buyers["group"] = _groups(buyers, rng=rng)
    for fact in ("recency", "orders"):
        low, high = (
            buyers["group"].map({k: getattr(g, fact)[end] for k, g in GROUPS.items()}) for end in (0, 1)
        )
        buyers[fact] = rng.integers(low.to_numpy(), high.to_numpy() + 1)
    last = _last_days(buyers)
    first = np.clip((buyers["since"] - FIRST_DAY).dt.days.to_numpy(), 0, last)
    table = buyers.loc[buyers.index.repeat(buyers["orders"]), ["customer_id", "group"]]
    rows = table.index.to_numpy()
    days = _order_days(first[rows], last[rows], is_last=~table.index.duplicated(), rng=rng)
    clock = pd.to_timedelta(rng.integers(8 * 60 + 30, 18 * 60 + 30, len(table)), unit="min")
    table["ordered_at"] = (FIRST_DAY + pd.to_timedelta(days, unit="D") + clock).as_unit("us")
    table["amount_cny"] = _amounts(table["group"], rows=rows, rng=rng)
    table["product"] = pack(PRODUCTS, total=len(table), rng=rng)
    table = table.sort_values("ordered_at", kind="stable", ignore_index=True)
    table["order_id"] = [f"DD{number:06d}" for number in range(1, len(table) + 1)]
    return table[["order_id", "customer_id", "ordered_at", "amount_cny", "product"]]


def _groups(buyers: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Sort customers into groups: new ones by start, lost ones among those at risk, large ones often."""
    counts = apportion([group.share for group in GROUPS.values()], total=len(buyers))
    value, back, _, new, risk = counts
    groups = np.full(len(buyers), "一般发展", dtype=object)
    has_left = (buyers["status"] == "流失").to_numpy()
    groups[has_left] = "流失风险"
    start = buyers["since"].to_numpy()
    free = np.flatnonzero(~has_left)
    newest = free[np.argsort(-start[free].astype("int64"), kind="stable")[:new]]
    groups[newest] = "新客户"
    old = np.setdiff1d(free, newest)
    old = old[start[old] < np.datetime64("2022-10-01")]
    worth = np.log(buyers["contract_cny_10k"].to_numpy()[old]) + 0.8 * rng.normal(size=len(old))
    order = old[np.argsort(-worth, kind="stable")]
    groups[order[: value + back]] = rng.permutation(np.repeat(["重要价值", "重要挽留"], [value, back]))
    rest = order[value + back :]
    groups[rng.permutation(rest)[: risk - has_left.sum()]] = "流失风险"
    return groups


def _last_days(buyers: pd.DataFrame) -> np.ndarray:
    """Give the day of the last order, counted from the first: after the start, before a customer left."""
    end = (LAST_DAY - FIRST_DAY).days
    start = (buyers["since"] - FIRST_DAY).dt.days.to_numpy()
    left = (buyers["churned_at"].fillna(LAST_DAY) - FIRST_DAY).dt.days.to_numpy()
    planned = np.minimum(end - buyers["recency"].to_numpy(), left - 10)
    return np.maximum(planned, np.minimum(start + 3, end))


def _order_days(
    first: np.ndarray, last: np.ndarray, *, is_last: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw a day from ``first`` to ``last`` for each order, by the weight of the days."""
    days = pd.date_range(FIRST_DAY, LAST_DAY, freq="D")
    weights = np.where(days.month >= 10, FOURTH_QUARTER, 1.0) * np.where(days.day_of_week < 5, 1.0, 0.1)
    before = np.concatenate([[0.0], np.cumsum(weights)])
    # evenly spread, so that the season is not blurred by chance
    places = (rng.permutation(len(first)) + rng.random(len(first))) / len(first)
    target = before[first] + places * (before[last + 1] - before[first])
    drawn = np.clip(np.searchsorted(before, target, side="right") - 1, first, last)
    return np.where(is_last, last, drawn)


def _amounts(groups: pd.Series, *, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw amounts in whole hundreds: who orders more often than the group orders less at a time."""
    usual = groups.map({name: group.amount for name, group in GROUPS.items()}).to_numpy(dtype=float)
    often = groups.map({name: sum(group.orders) / 2 for name, group in GROUPS.items()}).to_numpy(dtype=float)
    own = 0.2 * rng.normal(size=rows.max() + 1)
    noise = own[rows] + AMOUNT_SPREAD * rng.normal(size=len(rows))
    amounts = usual * often / np.bincount(rows)[rows] * np.exp(noise)
    return 100 * np.maximum(1, np.rint(amounts / 100)).astype(int)


LAYOUTS = {
    "orders": TableFile(
        file="订单.csv",
        encoding="gb18030",
        line_end="\r\n",
        headers={
            "order_id": "订单号",
            "ordered_at": "下单时间",
            "customer_id": "客户",
            "product": "品名",
            "amount_cny": "金额(元)",
        },
        formats={"ordered_at": "%Y.%m.%d %H:%M"},
        filler={"币种": ("CNY",), "开票": ("已开", "已开", "已开", "未开"), "制单": ("ZD1", "ZD2", "ZD3")},
        faults=(
            {
                "订单号": "DD000001",
                "下单时间": "{year}.06.01 10:12",
                "客户": "KH10000",
                "品名": "培训服务",
                "金额(元)": "8000",
            },
            {"订单号": "TK-01", "下单时间": "{year}.07.19 14:30", "客户": "KH10000", "金额(元)": "-12600"},
            {"订单号": "DD-X1", "下单时间": "{year}.02.30 09:00", "客户": "KH10000", "金额(元)": "5200"},
            {"订单号": "合计"},
        ),
    ),
}


def _rfm_effects() -> tuple[Effect, ...]:
    rule = (
        "quintiles 1-5 of days since the last order, number of orders and amount; lately = R >= 3, "
        "valuable = F + M >= 9; 新客户 = lately with F <= 2, 一般发展 = lately otherwise"
    )
    shares = [
        Effect(
            f"rfm_{group.key}",
            "orders",
            f"percent of buyers in {name}: {rule}",
            group.share * 100,
            1.5,
            "percent",
        )
        for name, group in GROUPS.items()
    ]
    often = [
        Effect(
            f"rfm_{group.key}_orders",
            "orders",
            f"mean number of orders of the buyers found in {name}",
            sum(group.orders) / 2,
            0.9,
            "orders",
        )
        for name, group in GROUPS.items()
    ]
    return (*shares, *often)


EFFECTS: tuple[Effect, ...] = (
    *_rfm_effects(),
    Effect(
        "orders_fourth_quarter",
        "orders",
        "orders a day in October to December 2022 over January to September 2022, customers since before 2022",
        FOURTH_QUARTER,
        0.15,
        "ratio",
    ),
)

"""Draw the customers of the invented company, and collect what they bought, met and answered.

All is drawn from the one ``rng`` given. Ids are stable over the years when :func:`customers` gets equally
seeded generators for both: it draws the customers of 2022 first, then who leaves and who comes. Planted:

- *Churn* of 9 % a year, among those with a contract as among the rest: odds 2.5 times for 小型 and 2 times
  for customers since 2021 or later, dealt evenly over regions.
- *Users* of the customers in use on 2023-05-15 sum to 8,640.
- *Contracts* of 大型 customers are ten times those of 小型 ones.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fbanalysis.sample.customers import journey, orders, surveys
from fbanalysis.sample.customers.orders import PAYING
from fbanalysis.sample.dealing import apportion, codes, dealt_evenly, pack
from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.plans import REGIONS, Effect

#: Firms. That 核心客户 are as many as their people in the frame of the feedback is a coincidence: the frame
#: counts contact persons, of whom a firm may have several while another is not asked.
STRATA = {
    2022: {"核心客户": 450, "普通客户": 720, "潜在客户": 165, "合作伙伴": 66, "供应商": 29},
    2023: {"核心客户": 530, "普通客户": 790, "潜在客户": 180, "合作伙伴": 70, "供应商": 30},
}
#: Strata that use the product under a contract; the others have neither contract value nor users.
USING = (*PAYING, "合作伙伴")
SIZES = {
    "核心客户": {"大型": 0.45, "中型": 0.40, "小型": 0.15},
    "普通客户": {"大型": 0.10, "中型": 0.40, "小型": 0.50},
    "潜在客户": {"大型": 0.15, "中型": 0.40, "小型": 0.45},
    "合作伙伴": {"大型": 0.20, "中型": 0.50, "小型": 0.30},
    "供应商": {"大型": 0.15, "中型": 0.45, "小型": 0.40},
}
INDUSTRIES = {
    "制造": 0.24,
    "零售": 0.16,
    "物流": 0.12,
    "金融": 0.11,
    "医药健康": 0.10,
    "教育": 0.08,
    "建筑地产": 0.08,
    "能源": 0.06,
    "互联网": 0.10,
    "公共事业": 0.05,
}
#: Weights of the years in which the customers of 2022 began, and of the months for those of 2023.
BEGINNINGS = {
    2012: 4, 2013: 5, 2014: 5, 2015: 6, 2016: 7, 2017: 8, 2018: 9, 2019: 10, 2020: 11, 2021: 13, 2022: 16,
}  # fmt: skip
NEW_MONTHS = (3, 2, 4, 4, 4, 6, 12, 13, 15, 15, 14, 8)
CONTRACT_MEDIAN = {"大型": 45.0, "中型": 14.0, "小型": 4.5}
CONTRACT_SPREAD = 0.5
#: Users in all of the customers in use at the middle of May.
USERS = {2022: 7400, 2023: 8640}
MIDDLE = {2022: pd.Timestamp("2022-05-15"), 2023: pd.Timestamp("2023-05-15")}

CHURN = 0.09
CHURN_SMALL = 2.5
CHURN_RECENT = 2.0
RECENT_YEAR = 2021
#: Who began after this day of the year stays until its end.
LAST_START = "06-30"

_COLUMNS = [
    "customer_id",
    "stratum",
    "size",
    "industry",
    "region",
    "since",
    "contract_cny_10k",
    "active_users",
    "status",
    "churned_at",
]


def customers(year: int, *, rng: np.random.Generator, scale: float = 1.0) -> pd.DataFrame:
    """List the year's customers, those who left in the year among them.

    Parameters
    ----------
    year
        2022 or 2023.
    rng
        Seeded alike for both years, so that both know the same customers.
    scale
        Customers relative to the 1,600 of 2023 and the 1,430 of 2022.

    Returns
    -------
    pandas.DataFrame
        The columns of the table ``customers``, in the order of the ids.
    """
    wanted = {name: _scaled(counts, scale=scale) for name, counts in STRATA.items()}
    ids = codes("KH", sum(wanted[2022].values()) + sum(wanted[2023].values()), rng=rng, digits=5)
    known = _joined(wanted[2022], new=False, rng=rng)
    known["churned_at"] = _churn(known, year=2022, rng=rng)
    if year == 2023:
        stayed = known[known["churned_at"].isna()]
        missing = {name: count - (stayed["stratum"] == name).sum() for name, count in wanted[2023].items()}
        fresh = _joined(missing, new=True, rng=rng)
        fresh.index += len(known)
        known = pd.concat([stayed, fresh])
        known["churned_at"] = _churn(known, year=2023, rng=rng)
    known["customer_id"] = np.array(ids, dtype=object)[known.index]
    known["active_users"] = _users(known, year=year, total=round(USERS[year] * scale))
    known["status"] = np.where(known["churned_at"].isna(), "在用", "流失")
    return known.sort_values("customer_id", key=_by_number, ignore_index=True)[_COLUMNS]


def _by_number(ids: pd.Series) -> pd.Series:
    return ids.str.removeprefix("KH").astype(int)


def _scaled(counts: Mapping[str, int], *, scale: float) -> dict[str, int]:
    total = round(sum(counts.values()) * scale)
    return dict(zip(counts, apportion(list(counts.values()), total=total).tolist(), strict=True))


def _joined(counts: Mapping[str, int], *, new: bool, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the customers who were there at the end of 2022, or the new ones of 2023."""
    table = pd.DataFrame({"stratum": np.repeat(np.array(list(counts), dtype=object), list(counts.values()))})
    sizes = [pack(SIZES[stratum], total=count, rng=rng) for stratum, count in counts.items()]
    table["size"] = np.concatenate(sizes)
    table["industry"] = pack(INDUSTRIES, total=len(table), rng=rng)
    table["region"] = pack(REGIONS, total=len(table), rng=rng)
    table["since"] = (_new_starts if new else _old_starts)(len(table), rng=rng)
    median = table["size"].map(CONTRACT_MEDIAN).to_numpy(dtype=float)
    contract = median * np.exp(CONTRACT_SPREAD * rng.normal(size=len(table)))
    table["contract_cny_10k"] = np.where(table["stratum"].isin(USING), contract.round(1), np.nan)
    table["weight"] = contract**0.7 * np.exp(0.4 * rng.normal(size=len(table)))
    return table


def _old_starts(size: int, *, rng: np.random.Generator) -> np.ndarray:
    years = pack(BEGINNINGS, total=size, rng=rng).astype(int)
    days = np.char.add(years.astype(str), "-01-01").astype("datetime64[D]") + rng.integers(0, 355, size)
    return days.astype("datetime64[us]")


def _new_starts(size: int, *, rng: np.random.Generator) -> np.ndarray:
    months = rng.permutation(np.repeat(np.arange(12), apportion(NEW_MONTHS, total=size)))
    first = np.datetime64("2023-01") + months
    days = first.astype("datetime64[D]") + rng.integers(0, 28, size)
    return np.minimum(days, np.datetime64("2023-12-20")).astype("datetime64[us]")


def _churn(table: pd.DataFrame, *, year: int, rng: np.random.Generator) -> np.ndarray:
    """Choose who leaves in the year, in exact numbers by stratum, size and start, and when."""
    is_small = (table["size"] == "小型").to_numpy()
    is_recent = (table["since"].dt.year >= RECENT_YEAR).to_numpy()
    is_paying = table["stratum"].isin(PAYING).to_numpy()
    odds = np.where(is_small, CHURN_SMALL, 1.0) * np.where(is_recent, CHURN_RECENT, 1.0)
    sides = np.array([(~is_paying).sum(), is_paying.sum()])
    totals = apportion(sides, total=round(CHURN * len(table)))
    regions = pd.factorize(table["region"], sort=True)[0]
    may_leave = (table["since"] <= f"{year}-{LAST_START}").to_numpy()
    leaves = np.zeros(len(table), dtype=bool)
    for side, total in enumerate(totals):
        cells = np.where(is_paying == side, is_small + 2 * is_recent, -1)
        for cell, count in enumerate(_leavers(cells, odds=odds, total=total)):
            rows = np.flatnonzero((cells == cell) & may_leave)
            counts = np.array([len(rows) - count, count])
            leaves[rows] = dealt_evenly(regions[rows], counts=counts, rng=rng) == 1
    return _leaving_days(table["since"], leaves=leaves, year=year, rng=rng)


def _leavers(cells: np.ndarray, *, odds: np.ndarray, total: int) -> np.ndarray:
    """Count who leaves in cells 0–3, by the logistic model whose sum is ``total``."""
    sizes = np.bincount(cells[cells >= 0], minlength=4)
    ratios = np.array([odds[cells == cell].mean() if sizes[cell] else 1.0 for cell in range(4)])
    low, high = 1e-6, 1.0
    for _ in range(60):
        base = (low + high) / 2
        expected = sizes * base * ratios / (1 + base * ratios)
        low, high = (base, high) if expected.sum() < total else (low, base)
    return apportion(expected, total=total)


def _leaving_days(since: pd.Series, *, leaves: np.ndarray, year: int, rng: np.random.Generator) -> pd.Series:
    """Put the end of each leaver at least 90 days after its start, anywhere in the year."""
    end = pd.Timestamp(f"{year}-12-31")
    first = np.maximum(since + pd.Timedelta(days=90), pd.Timestamp(f"{year}-01-04"))
    span = (end - first).dt.days.to_numpy()
    days = first + pd.to_timedelta(np.floor(rng.random(len(since)) * span), unit="D")
    return days.astype("datetime64[us]").where(leaves)


def _users(table: pd.DataFrame, *, year: int, total: int) -> pd.Series:
    """Share the users out: exactly ``total`` to the customers in use in the middle of May."""
    is_using = table["stratum"].isin(USING)
    there = is_using & _in_use(table, at=MIDDLE[year])
    weights = table.loc[there, "weight"].to_numpy()
    users = pd.Series(pd.NA, index=table.index, dtype="Int64")
    users[there] = 1 + apportion(weights, total=total - there.sum())
    usual = (total - there.sum()) / weights.sum()
    users[is_using & ~there] = 1 + (table.loc[is_using & ~there, "weight"] * usual).round().astype("Int64")
    return users


def _in_use(table: pd.DataFrame, *, at: pd.Timestamp) -> pd.Series:
    return (table["since"] <= at) & ~(table["churned_at"] <= at)


def affected_customers(
    customers: pd.DataFrame, *, count: int, users: int, at: pd.Timestamp, rng: np.random.Generator
) -> list[str]:
    """Choose ``count`` customers in use at a time, with about ``users`` users in all; give their ids."""
    there = customers[customers["stratum"].isin(USING) & _in_use(customers, at=at)]
    sizes = there["active_users"].to_numpy(dtype=float)
    draws = [np.log(rng.random(len(there))) / sizes**0.3 for _ in range(40)]
    chosen = [np.argsort(-keys, kind="stable")[:count] for keys in draws]
    best = min(chosen, key=lambda rows: abs(sizes[rows].sum() - users))
    return there["customer_id"].iloc[np.sort(best)].tolist()


def tables(
    year: int, *, customers: pd.DataFrame, rng: np.random.Generator, scale: float = 1.0
) -> dict[str, pd.DataFrame]:
    """Collect a year's tables of customers and their surveys by name.

    ``customers`` is what :func:`customers` gives for the same year and scale; 2022 delivers no orders,
    no journey and fewer surveys.
    """
    asked = surveys.tables(year, customers=customers, rng=rng, scale=scale)
    if year != 2023:
        return {"customers": customers} | asked
    bought = {
        "orders": orders.orders(customers, rng=rng),
        "journey": journey.journey(customers, rng=rng, scale=scale),
    }
    return {"customers": customers} | bought | asked


LAYOUTS: dict[str, TableFile | tuple[TableFile, ...]] = {
    "customers": TableFile(
        file="客户档案.xlsx",
        sheet="客户",
        title="客户档案（CRM 导出）",
        headers={
            "customer_id": "客户编号",
            "stratum": "客户级别",
            "size": "规模",
            "industry": "所属行业",
            "region": "所在大区",
            "since": "首次合作",
            "contract_cny_10k": "年合同额（万元）",
            "active_users": "活跃账号数",
            "status": "合作状态",
            "churned_at": "终止日期",
        },
        values={
            "stratum": {
                "A-核心": "核心客户",
                "B-普通": "普通客户",
                "C-潜在": "潜在客户",
                "D-伙伴": "合作伙伴",
                "E-供方": "供应商",
            },
            "size": {"大": "大型", "中": "中型", "小": "小型"},
            "region": {f"{region}区": region for region in REGIONS},
            "status": {"合作中": "在用", "已终止": "流失"},
        },
        formats={"since": "%Y/%m/%d", "churned_at": "%Y/%m/%d"},
        filler={
            "客户经理": tuple(f"KM{number:02d}" for number in range(1, 25)),
            "信用等级": ("A", "A", "B", "B", "C"),
        },
        faults=(
            {"客户编号": "KH-T01", "客户级别": "B-普通", "首次合作": "2019/13/40", "合作状态": "合作中"},
            {"客户编号": "KH-T02", "客户级别": "A-核心", "年合同额（万元）": "面议", "合作状态": "合作中"},
            {"客户编号": "KH-T03", "客户级别": "B-普通", "首次合作": "2021/5/6", "合作状态": "待确认"},
            {"客户编号": "导出时间：{next}/1/8 9:30"},
        ),
    ),
    **orders.LAYOUTS,
    **journey.LAYOUTS,
    **surveys.LAYOUTS,
}


def _churn_effects(year: int) -> tuple[Effect, ...]:
    rate = "percent of customers with status 流失"
    small = "odds ratio of churn, 小型 against others, Mantel-Haenszel over since 2021 or later"
    recent = "odds ratio of churn, since 2021 or later against before, Mantel-Haenszel over 小型"
    size, ratio = round(CHURN * 100, 1), "odds ratio"
    return (
        Effect(f"churn_{year}", "customers", rate, size, 0.05, "percent", year),
        Effect(f"churn_small_{year}", "customers", small, CHURN_SMALL, 0.25, ratio, year),
        Effect(f"churn_recent_{year}", "customers", recent, CHURN_RECENT, 0.2, ratio, year),
        Effect(f"churn_region_{year}", "customers", "Cramér's V of region and churn", 0.0, 0.08, "V", year),
    )


EFFECTS: tuple[Effect, ...] = (
    *_churn_effects(2023),
    *_churn_effects(2022),
    Effect(
        "active_users",
        "customers",
        "users of the customers in use on 2023-05-15",
        USERS[2023],
        0.5,
        "users",
    ),
    Effect(
        "contract_by_size",
        "customers",
        "median contract of 大型 customers over that of 小型 ones",
        CONTRACT_MEDIAN["大型"] / CONTRACT_MEDIAN["小型"],
        1.5,
        "ratio",
    ),
    *orders.EFFECTS,
    *journey.EFFECTS,
    *surveys.EFFECTS,
)

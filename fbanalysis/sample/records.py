"""The small tables of each sample year: population, KPIs, incident, operations. Data and simple sums.

Planted in 2023: the third quarter is overloaded (more tickets, fewer people in technical support, first
responses of 6.9 h on average) and the fourth recovers; the incident raises negative discussion by 32 %
and lowers the conversion of inquiries by 15 % (four weeks after its start against the eight weeks
before); complaints fall against 2022.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from fbanalysis.sample.plans import PLANS, Plan

INCIDENT = "A系统数据同步错误"
INCIDENT_START = pd.Timestamp("2023-05-15 09:00")
INCIDENT_CUSTOMERS = 157
MEAN_OUTAGE_HOURS = 72.0

KPI_COLUMNS = (
    "kpi",
    "department",
    "direction",
    "unit",
    "target",
    "actual",
    "actual_metric",
    "numerator",
    "denominator",
    "sd",
    "n",
    "weight",
)
#: Per year: one row a KPI, in the order of KPI_COLUMNS.
KPIS = {
    2023: (
        (
            "客户满意度",
            "客户服务部",
            "higher",
            "score",
            4.0,
            None,
            "satisfaction_mean[服务满意度]",
            None,
            None,
            None,
            None,
            0.25,
        ),
        ("投诉解决率", "客户服务部", "higher", "percent", 92, None, None, 1164, 1200, None, None, 0.25),
        ("首次解决率", "客户服务部", "higher", "percent", 75, None, None, 3950, 5000, None, None, 0.25),
        ("投诉重复率", "客户服务部", "lower", "percent", 4.1, None, None, 36, 1200, None, None, 0.25),
        ("响应时间", "技术支持部", "lower", "hours", 4, 5.0, None, None, None, 3.4, 5000, 1),
        ("新功能按期率", "产品研发部", "higher", "percent", 80, None, None, 70, 80, None, None, 0.5),
        ("缺陷按时修复率", "产品研发部", "higher", "percent", 90, None, None, 960, 1000, None, None, 0.5),
        ("渠道活动参与率", "市场部", "higher", "percent", 45, None, None, 594, 1200, None, None, 0.5),
        ("品牌正面提及率", "市场部", "higher", "percent", 80, None, None, 960, 1250, None, None, 0.5),
        ("培训覆盖率", "人力资源部", "higher", "percent", 95, None, None, 931, 1000, None, None, 1),
    ),
    2022: (
        (
            "客户满意度",
            "客户服务部",
            "higher",
            "score",
            4.0,
            None,
            "satisfaction_mean[服务满意度]",
            None,
            None,
            None,
            None,
            0.25,
        ),
        ("投诉解决率", "客户服务部", "higher", "percent", 92, None, None, 1178, 1280, None, None, 0.25),
        ("首次解决率", "客户服务部", "higher", "percent", 75, None, None, 3198, 4300, None, None, 0.25),
        ("投诉重复率", "客户服务部", "lower", "percent", 4.5, None, None, 59, 1280, None, None, 0.25),
        ("响应时间", "技术支持部", "lower", "hours", 5, 5.3, None, None, None, 3.5, 4300, 1),
        ("新功能按期率", "产品研发部", "higher", "percent", 80, None, None, 57, 72, None, None, 0.5),
        ("缺陷按时修复率", "产品研发部", "higher", "percent", 90, None, None, 846, 930, None, None, 0.5),
        ("渠道活动参与率", "市场部", "higher", "percent", 45, None, None, 432, 980, None, None, 0.5),
        ("品牌正面提及率", "市场部", "higher", "percent", 80, None, None, 741, 990, None, None, 0.5),
        ("培训覆盖率", "人力资源部", "higher", "percent", 90, None, None, 802, 905, None, None, 1),
    ),
}
#: 响应时间 by quarter: mean hours, standard deviation, tickets.
RESPONSE_QUARTERS = {
    2023: ((4.0, 2.4, 1000), (4.4, 2.9, 1200), (6.9, 4.1, 1600), (3.9, 2.3, 1200)),
    2022: ((5.2, 3.4, 1000), (5.2, 3.5, 1100), (5.5, 3.6, 1100), (5.3, 3.5, 1100)),
}
#: 投诉解决率 by quarter: complaints solved, complaints.
SOLVED_QUARTERS = {
    2023: ((244, 250), (329, 340), (345, 360), (246, 250)),
    2022: ((285, 310), (294, 320), (305, 335), (294, 315)),
}
STAFF_QUARTERS = {2023: (26, 25, 20, 27), 2022: (24, 25, 25, 26)}
LEAVERS_QUARTERS = {2023: (1, 2, 6, 1), 2022: (1, 1, 2, 1)}
COMPLAINTS = {
    2023: (84, 72, 94, 98, 138, 104, 122, 126, 112, 88, 84, 78),
    2022: (104, 92, 114, 108, 110, 102, 110, 116, 109, 104, 108, 103),
}
SERVED = {
    2023: (3050, 2790, 3340, 3290, 3460, 3380, 3660, 3720, 3560, 3310, 3270, 3170),
    2022: (2780, 2510, 2950, 2870, 2900, 2890, 2980, 3040, 2960, 2860, 2840, 2820),
}
#: Weekly counts in the eight weeks before the week of 2023-05-15 and in the four from it.
DISCUSSION = ((47, 55, 44, 52, 58, 46, 45, 53), (74, 69, 63, 58))
INQUIRIES = ((492, 515, 488, 507, 496, 501, 478, 523), (438, 441, 455, 466))
CONVERTED = ((97, 104, 99, 102, 98, 100, 95, 105), (72, 74, 78, 82))

LOSSES = (("直接赔偿", 25, "actual"), ("加班处理", 8, "actual"), ("潜在客户流失", 100, "estimate"))
STEPS = (
    ("故障排查", "2023-05-15 09:00", "2023-05-16 09:00", "连续排查，定位到升级中的数据迁移脚本"),
    ("应急恢复", "2023-05-16 09:00", "2023-05-17 09:00", "回退写入队列，临时方案恢复基本业务"),
    ("根本修复", "2023-05-17 09:00", "2023-05-18 09:00", "改正脚本逻辑，重新同步数据并全量核对"),
    ("客户安抚", "2023-05-15 14:00", "2023-05-19 18:00", "逐户说明情况、补偿并回访"),
)


def population(plan: Plan) -> pd.DataFrame:
    """List the frame: one row a stratum."""
    rows = [
        (side, stratum, *plan.frame[stratum]) for side, strata in plan.strata.items() for stratum in strata
    ]
    return pd.DataFrame(rows, columns=["side", "stratum", "population", "invited"])


def kpis(year: int) -> pd.DataFrame:
    """List annual KPIs, then the quarterly rows of 响应时间 and 投诉解决率."""
    annual = [dict(zip(KPI_COLUMNS, row, strict=True), period=str(year)) for row in KPIS[year]]
    by_name = {row["kpi"]: row for row in annual}
    slow = [
        by_name["响应时间"] | {"period": f"{year}Q{quarter}", "actual": mean, "sd": sd, "n": n}
        for quarter, (mean, sd, n) in enumerate(RESPONSE_QUARTERS[year], start=1)
    ]
    solved = [
        by_name["投诉解决率"] | {"period": f"{year}Q{quarter}", "numerator": top, "denominator": bottom}
        for quarter, (top, bottom) in enumerate(SOLVED_QUARTERS[year], start=1)
    ]
    table = pd.DataFrame([*annual, *slow, *solved], columns=[*KPI_COLUMNS[:2], "period", *KPI_COLUMNS[2:]])
    return table.astype({name: "Int64" for name in ("numerator", "denominator", "n")})


def incidents() -> pd.DataFrame:
    """Describe the one large incident of 2023."""
    return pd.DataFrame(
        [
            {
                "incident": INCIDENT,
                "system": "A系统",
                "cause": "数据迁移脚本逻辑错误",
                "started_at": INCIDENT_START,
                "detected_at": INCIDENT_START,
                "diagnosed_at": pd.Timestamp("2023-05-16 09:00"),
                "mitigated_at": pd.Timestamp("2023-05-17 09:00"),
                "resolved_at": pd.Timestamp("2023-05-18 09:00"),
                "active_users": 8640,
                "affected_users": 1296,
            }
        ]
    )


def incident_steps() -> pd.DataFrame:
    """List the four steps of handling."""
    steps = pd.DataFrame(STEPS, columns=["step", "started_at", "ended_at", "note"])
    steps[["started_at", "ended_at"]] = steps[["started_at", "ended_at"]].apply(pd.to_datetime)
    steps.insert(0, "incident", INCIDENT)
    return steps


def incident_losses() -> pd.DataFrame:
    """List what the incident cost, in 10,000 CNY."""
    losses = pd.DataFrame(LOSSES, columns=["item", "amount_cny_10k", "certainty"])
    losses.insert(0, "incident", INCIDENT)
    return losses


def incident_customers(*, rng: np.random.Generator) -> pd.DataFrame:
    """List the customers who lost service: about 44 to 100 h, 72 h on average; 120 with both scores."""
    starts = INCIDENT_START + pd.to_timedelta(_start_minutes(rng=rng), unit="min")
    ends = starts + pd.to_timedelta(_outage_minutes(rng=rng), unit="min")
    before, after = _scores(rng=rng)
    codes = np.sort(10000 + rng.choice(90000, INCIDENT_CUSTOMERS, replace=False))
    return pd.DataFrame(
        {
            "incident": INCIDENT,
            "customer_id": [f"KH{code}" for code in codes],
            "outage_started_at": starts,
            "outage_ended_at": ends,
            "score_before": before,
            "score_after": after,
        }
    )


def _start_minutes(*, rng: np.random.Generator) -> np.ndarray:
    """Most lose service within the hour, some when their first batch runs in the afternoon."""
    soon = rng.integers(0, 60, INCIDENT_CUSTOMERS)
    late = rng.integers(120, 420, INCIDENT_CUSTOMERS)
    return np.where(rng.random(INCIDENT_CUSTOMERS) < 0.12, late, soon)


def _outage_minutes(*, rng: np.random.Generator) -> np.ndarray:
    """Some are served again by the interim fix, most by the repair, some only once their data are checked."""
    hours = np.concatenate(
        [
            44 + 8 * rng.beta(2, 2, 38),
            66 + 10 * rng.beta(2, 2, 68),
            78 + 22 * rng.beta(1.4, 1.8, 51),
        ]
    )
    minutes = np.round(rng.permutation(hours) * 60).astype(int)
    middle = np.flatnonzero((minutes > 66 * 60) & (minutes < 78 * 60))
    missing = round(INCIDENT_CUSTOMERS * MEAN_OUTAGE_HOURS * 60) - minutes.sum()
    minutes[middle] += np.diff(np.linspace(0, missing, len(middle) + 1).round()).astype(int)
    return minutes


def _scores(*, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Give 120 customers paired scores whose sums are 500 before and 410 after: 18 % less."""
    before = np.repeat([3, 4, 5], [20, 60, 40])
    worst_first = np.argsort(-before + rng.normal(0, 1.1, len(before)))
    after = np.empty(len(before))
    after[worst_first] = np.repeat([5, 4, 3, 2, 1], [9, 49, 48, 11, 3])
    pairs = np.full((INCIDENT_CUSTOMERS, 2), np.nan)
    rows = rng.permutation(INCIDENT_CUSTOMERS)
    pairs[rows[:120]] = np.column_stack([before, after])
    pairs[rows[120:132], 0] = np.repeat([4, 5], [10, 2])
    return pairs[:, 0], pairs[:, 1]


def operations(year: int, *, rng: np.random.Generator) -> pd.DataFrame:
    """List operating measures by month and quarter, and in 2023 by week."""
    monthly = [
        _series(f"{year}-01-01", grain="month", measure=measure, values=values)
        for measure, values in (("服务量", SERVED[year]), ("投诉量", COMPLAINTS[year]))
    ]
    tickets = [n for _, _, n in RESPONSE_QUARTERS[year]]
    quarterly = [
        _series(f"{year}-01-01", grain="quarter", measure=measure, values=values)
        for measure, values in (
            ("工单量", tickets),
            ("技术支持在岗人数", STAFF_QUARTERS[year]),
            ("技术支持离职人数", LEAVERS_QUARTERS[year]),
        )
    ]
    weekly = _weekly(rng=rng) if year == 2023 else []
    return pd.concat([*monthly, *quarterly, *weekly], ignore_index=True)


def _series(start: str, *, grain: str, measure: str, values: tuple[int, ...] | list[int]) -> pd.DataFrame:
    frequency = {"month": "MS", "quarter": "QS", "week": "W-MON"}[grain]
    days = pd.date_range(start, periods=len(values), freq=frequency)
    return pd.DataFrame({"period_start": days, "grain": grain, "measure": measure, "value": values})


def _weekly(*, rng: np.random.Generator) -> list[pd.DataFrame]:
    discussion = _around(DISCUSSION, usual=lambda size: rng.poisson(50, size))
    inquiries = _around(INQUIRIES, usual=lambda size: rng.poisson(505, size))
    converted = _around(CONVERTED, usual=lambda size: np.zeros(size, dtype=int))
    free = converted == 0
    converted[free] = rng.binomial(inquiries[free], 0.2)
    named = {"行业论坛负面讨论": discussion, "新客户咨询": inquiries, "新客户转化": converted}
    return [
        _series("2023-01-02", grain="week", measure=measure, values=list(values))
        for measure, values in named.items()
    ]


def _around(
    planted: tuple[tuple[int, ...], tuple[int, ...]], *, usual: Callable[[int], np.ndarray]
) -> np.ndarray:
    """Put the planted weeks (8 before and 4 from week 20 of 52) among usual weeks."""
    before, after = planted
    first = (INCIDENT_START.normalize() - pd.Timestamp("2023-01-02")).days // 7 - len(before)
    rest = 52 - first - len(before) - len(after)
    return np.concatenate([usual(first), before, after, usual(rest)])


def tables(year: int, *, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Collect a year's tables by name."""
    common = {
        "population": population(PLANS[year]),
        "kpis": kpis(year),
        "operations": operations(year, rng=rng),
    }
    if year != 2023:
        return common
    return common | {
        "incidents": incidents(),
        "incident_steps": incident_steps(),
        "incident_losses": incident_losses(),
        "incident_customers": incident_customers(rng=rng),
    }

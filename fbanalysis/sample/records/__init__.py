"""The small tables of each sample year: the frame, KPIs, operations, departments, holidays. Data and simple sums.

Planted in 2023: the third quarter is overloaded (more tickets, fewer people in technical support, first
responses of 6.9 h on average) and the fourth recovers; the incident raises negative discussion by 32 %,
lowers the conversion of inquiries by 15 % (four weeks from its start against the eight weeks before),
makes the hotline ring 2.2 times as often and costs availability; complaints fall against 2022.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion
from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.feedback.items import frame_margins
from fbanalysis.sample.plans import Effect, Plan
from fbanalysis.sample.records import incident
from fbanalysis.sample.records.claims import PUBLISHED_LAYOUT, published
from fbanalysis.sample.records.declared import DECLARED_LAYOUT, declared
from fbanalysis.sample.records.incident import INCIDENT_START

#: Share of those who began to answer that finished.
COMPLETION = {2023: 0.92, 2022: 0.81}

KPI_COLUMNS = [
    "kpi",
    "department",
    "period",
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
]
#: KPI → department, direction, unit, target in 2023 and 2022, weight within the department.
KPIS = {
    "客户满意度": ("客户服务部", "higher", "score", (4.0, 4.0), 0.25),
    "投诉解决率": ("客户服务部", "higher", "percent", (92, 92), 0.25),
    "首次解决率": ("客户服务部", "higher", "percent", (75, 75), 0.25),
    "投诉重复率": ("客户服务部", "lower", "percent", (4.1, 4.5), 0.25),
    "响应时间": ("技术支持部", "lower", "hours", (4, 5), 1),
    "新功能按期率": ("产品研发部", "higher", "percent", (80, 80), 0.5),
    "缺陷按时修复率": ("产品研发部", "higher", "percent", (90, 90), 0.5),
    "渠道活动参与率": ("市场部", "higher", "percent", (45, 45), 0.5),
    "品牌正面提及率": ("市场部", "higher", "percent", (80, 80), 0.5),
    "培训覆盖率": ("人力资源部", "higher", "percent", (95, 90), 1),
}
#: KPIs that no other table holds: numerator and denominator.
RATES = {
    2023: {
        "新功能按期率": (70, 80),
        "缺陷按时修复率": (960, 1000),
        "渠道活动参与率": (594, 1200),
        "品牌正面提及率": (960, 1250),
        "培训覆盖率": (931, 1000),
    },
    2022: {
        "新功能按期率": (57, 72),
        "缺陷按时修复率": (846, 930),
        "渠道活动参与率": (432, 980),
        "品牌正面提及率": (741, 990),
        "培训覆盖率": (802, 905),
    },
}
SATISFACTION_METRIC = "satisfaction_mean[服务满意度]"
REPEAT_DAYS = 30

#: First responses by quarter, as the tickets are drawn: mean hours, tickets answered.
RESPONSE_QUARTERS = {
    2023: ((4.0, 1000), (4.4, 1200), (6.9, 1600), (3.9, 1200)),
    2022: ((5.2, 1000), (5.2, 1100), (5.5, 1100), (5.3, 1100)),
}
#: Complaints solved and complaints by quarter, as the tickets are drawn.
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
FAILURES = {
    2023: (6, 5, 6, 7, 15, 8, 9, 10, 7, 6, 5, 5),
    2022: (8, 7, 9, 8, 9, 8, 9, 10, 8, 9, 8, 8),
}
AVAILABILITY = {
    2023: (99.93, 99.95, 99.92, 99.94, 98.47, 99.90, 99.89, 99.91, 99.93, 99.95, 99.96, 99.96),
    2022: (99.86, 99.88, 99.85, 99.87, 99.86, 99.88, 99.84, 99.85, 99.87, 99.86, 99.88, 99.87),
}
AVAILABILITY_DROP = -1.46
#: Weekly counts in the eight weeks before the week of 2023-05-15 and in the four from it.
DISCUSSION = ((47, 55, 44, 52, 58, 46, 45, 53), (74, 69, 63, 58))
INQUIRIES = ((492, 515, 488, 507, 496, 501, 478, 523), (438, 441, 455, 466))
CONVERTED = ((97, 104, 99, 102, 98, 100, 95, 105), (72, 74, 78, 82))
#: Inquiries of a usual week, and the part of them that sign up for a trial.
INQUIRIES_USUAL, CONVERTED_SHARE = 505, 0.2

#: Calls to the hotline on a working day from Monday on, and how many of them come on a day off.
CALLS = {2023: (74, 66, 61, 59, 54), 2022: (66, 59, 55, 53, 48)}
CALLS_OFF = 0.3
CALL_BURST = (pd.Timestamp("2023-05-15"), pd.Timestamp("2023-05-18"))
CALL_BURST_FACTOR = 2.2

#: Of the internal frame, but in no department any more.
LEFT = "离职员工"
#: Department → group and weight of its headcount.
DEPARTMENTS = {
    "产品研发部": ("技术", 0.205),
    "技术支持部": ("技术", 0.110),
    "质量部": ("技术", 0.060),
    "信息安全部": ("技术", 0.035),
    "客户服务部": ("业务", 0.150),
    "销售部": ("业务", 0.145),
    "市场部": ("业务", 0.070),
    "运营管理部": ("职能", 0.060),
    "采购部": ("职能", 0.035),
    "人力资源部": ("职能", 0.035),
    "财务部": ("职能", 0.035),
    "行政部": ("职能", 0.030),
    "法务部": ("职能", 0.015),
    "战略发展部": ("职能", 0.015),
}

#: Holidays of a year with the New Year that follows: name, first day, last day, weekend days worked instead.
HOLIDAYS = {
    2022: (
        ("元旦", "2022-01-01", "2022-01-03", ()),
        ("春节", "2022-01-31", "2022-02-06", ("2022-01-29", "2022-01-30")),
        ("清明节", "2022-04-03", "2022-04-05", ("2022-04-02",)),
        ("劳动节", "2022-04-30", "2022-05-04", ("2022-04-24", "2022-05-07")),
        ("端午节", "2022-06-03", "2022-06-05", ()),
        ("中秋节", "2022-09-10", "2022-09-12", ()),
        ("国庆节", "2022-10-01", "2022-10-07", ("2022-10-08", "2022-10-09")),
        ("元旦", "2022-12-31", "2023-01-02", ()),
    ),
    2023: (
        ("元旦", "2022-12-31", "2023-01-02", ()),
        ("春节", "2023-01-21", "2023-01-27", ("2023-01-28", "2023-01-29")),
        ("清明节", "2023-04-05", "2023-04-05", ()),
        ("劳动节", "2023-04-29", "2023-05-03", ("2023-04-23", "2023-05-06")),
        ("端午节", "2023-06-22", "2023-06-24", ("2023-06-25",)),
        ("中秋节、国庆节", "2023-09-29", "2023-10-06", ("2023-10-07", "2023-10-08")),
        ("元旦", "2023-12-30", "2024-01-01", ()),
    ),
}


def tables(
    year: int,
    *,
    plan: Plan,
    customers: pd.DataFrame,
    tickets: pd.DataFrame,
    rng: np.random.Generator,
    affected: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Collect a year's small tables by name.

    Parameters
    ----------
    year
        2022 or 2023; only the latter has the incident and the printed figures.
    plan
        The year's margins of feedback: frame and respondents.
    customers, tickets
        The year's tables of these names: who lost service is one of ``customers``, KPIs of service are
        counted from ``tickets``.
    rng
        Where all chance comes from.
    affected
        Who lost service in the incident (``customer_id``), where that is drawn already.
    """
    common = {
        "population": population(plan),
        "margins": frame_margins(plan),
        "kpis": kpis(year, tickets=tickets),
        "operations": operations(year, tickets=tickets, rng=rng),
        "departments": departments(plan),
        "holidays": holidays(year),
    }
    if year != 2023:
        return common
    return (
        common
        | incident.tables(customers, rng=rng, affected=affected)
        | {"declared": declared(), "published": published()}
    )


def population(plan: Plan) -> pd.DataFrame:
    """List the frame: one row a stratum, with those who began to answer."""
    answered = {name: count for strata in plan.strata.values() for name, count in strata.items()}
    invited = np.array([plan.frame[name][1] for name in answered])
    started = _started(np.array(list(answered.values())), most=invited, share=COMPLETION[plan.year])
    rows = [
        (side, stratum, *plan.frame[stratum]) for side, strata in plan.strata.items() for stratum in strata
    ]
    table = pd.DataFrame(rows, columns=["side", "stratum", "population", "invited"])
    return table.assign(started=started)


def _started(answered: np.ndarray, *, most: np.ndarray, share: float) -> np.ndarray:
    """Add those who gave up, in proportion to who finished; nobody began who was not invited."""
    total = min(round(answered.sum() / share), most.sum())
    started = answered.copy()
    while started.sum() < total:
        weights = np.where(started < most, answered, 0)
        weights = weights if weights.any() else most - started
        started = np.minimum(started + apportion(weights, total=int(total - started.sum())), most)
    return started


def kpis(year: int, *, tickets: pd.DataFrame) -> pd.DataFrame:
    """List annual KPIs, then the quarterly rows of 响应时间 and 投诉解决率."""
    counted = _ticket_rates(tickets) | RATES[year]
    annual = pd.DataFrame([_kpi(name, year=year) for name in KPIS]).set_index("kpi", drop=False)
    for name, (top, bottom) in counted.items():
        annual.loc[name, ["numerator", "denominator"]] = [top, bottom]
    facts = _response_facts(tickets)
    annual.loc["响应时间", list(facts)] = list(facts.values())
    parts = [
        (f"{year}Q{quarter}", part) for quarter, part in tickets.groupby(tickets["created_at"].dt.quarter)
    ]
    slow = [_kpi("响应时间", year=year) | {"period": at} | _response_facts(part) for at, part in parts]
    solved = [_kpi("投诉解决率", year=year) | {"period": at} | _solved(part) for at, part in parts]
    table = pd.concat([annual, pd.DataFrame([*slow, *solved])], ignore_index=True).reindex(
        columns=KPI_COLUMNS
    )
    return table.astype({name: "Int64" for name in ("numerator", "denominator", "n")})


def _kpi(name: str, *, year: int) -> dict[str, object]:
    department, direction, unit, targets, weight = KPIS[name]
    return {
        "kpi": name,
        "department": department,
        "period": str(year),
        "direction": direction,
        "unit": unit,
        "target": targets[0] if year == 2023 else targets[1],
        "actual_metric": SATISFACTION_METRIC if name == "客户满意度" else None,
        "weight": weight,
    } | dict.fromkeys(("actual", "numerator", "denominator", "sd", "n"))


def _response_facts(tickets: pd.DataFrame) -> dict[str, float]:
    """Give mean and spread of the hours to the first response, over the tickets that had one."""
    waits = (tickets["first_response_at"] - tickets["created_at"]).dropna() / pd.Timedelta(hours=1)
    return {"actual": round(waits.mean(), 2), "sd": round(waits.std(), 2), "n": len(waits)}


def _solved(tickets: pd.DataFrame) -> dict[str, int]:
    return dict(zip(("numerator", "denominator"), _ticket_rates(tickets)["投诉解决率"], strict=True))


def _ticket_rates(tickets: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Count the rates of service: numerator and denominator by KPI."""
    complaints = tickets[tickets["kind"] == "投诉"]
    answered = tickets[tickets["first_response_at"].notna()]
    is_first = answered["resolved_at"].notna() & (answered["reopened"] == 0) & (answered["transfers"] == 0)
    known = complaints[complaints["customer_id"].notna()].sort_values("created_at", kind="stable")
    gaps = known.groupby(["customer_id", "issue"])["created_at"].diff()
    return {
        "投诉解决率": (int(complaints["resolved_at"].notna().sum()), len(complaints)),
        "首次解决率": (int(is_first.sum()), len(answered)),
        "投诉重复率": (int((gaps <= pd.Timedelta(days=REPEAT_DAYS)).sum()), len(complaints)),
    }


def operations(year: int, *, tickets: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """List operating measures by month, quarter and day, and in 2023 by week; 工单量 are the tickets created."""
    monthly = {
        "服务量": SERVED[year],
        "投诉量": COMPLAINTS[year],
        "系统故障次数": FAILURES[year],
        "系统可用率": AVAILABILITY[year],
    }
    quarterly = {
        "工单量": tickets["created_at"].dt.quarter.value_counts().sort_index().tolist(),
        "技术支持一线值班人数": STAFF_QUARTERS[year],
        "技术支持离职人数": LEAVERS_QUARTERS[year],
    }
    start = f"{year}-01-01"
    months = [_series(start, grain="month", measure=name, values=values) for name, values in monthly.items()]
    quarters = [
        _series(start, grain="quarter", measure=name, values=values) for name, values in quarterly.items()
    ]
    weeks = _weekly(rng=rng) if year == 2023 else []
    calls = _series(start, grain="day", measure="热线来电量", values=_calls(year, rng=rng))
    return pd.concat([*months, *quarters, *weeks, calls], ignore_index=True)


def _series(start: str, *, grain: str, measure: str, values: Sequence[float]) -> pd.DataFrame:
    frequency = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS"}[grain]
    days = pd.date_range(start, periods=len(values), freq=frequency)
    return pd.DataFrame({"period_start": days, "grain": grain, "measure": measure, "value": values})


def _weekly(*, rng: np.random.Generator) -> list[pd.DataFrame]:
    discussion = _around(DISCUSSION, usual=lambda size: _counts(np.full(size, 50), rng=rng))
    inquiries = _around(INQUIRIES, usual=lambda size: _counts(np.full(size, INQUIRIES_USUAL), rng=rng))
    converted = _around(CONVERTED, usual=lambda size: np.full(size, -1))
    free = converted < 0
    converted[free] = _counts(CONVERTED_SHARE * inquiries[free], rng=rng)
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


def _counts(expected: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Draw counts that scatter as Poisson's would, from normal numbers."""
    return np.maximum(np.rint(rng.normal(expected, np.sqrt(expected))), 0).astype(int)


def _calls(year: int, *, rng: np.random.Generator) -> list[int]:
    """Draw the calls of every day: fewer from Monday to Friday, few on days off, many in the incident."""
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31", freq="D")
    usual = np.array([*CALLS[year], CALLS[year][-1], CALLS[year][-1]])[days.day_of_week]
    expected = np.where(_is_workday(days), usual, CALLS_OFF * usual)
    counts = _counts(expected, rng=rng)
    burst = np.flatnonzero((days >= CALL_BURST[0]) & (days <= CALL_BURST[1]))
    if len(burst):
        total = round(CALL_BURST_FACTOR * expected[burst].sum())
        counts[burst] = apportion(expected[burst] * rng.normal(1, 0.05, len(burst)), total=total)
    return counts.tolist()


def _is_workday(days: pd.DatetimeIndex) -> np.ndarray:
    """Say which days are worked, by the holidays of their (one) year."""
    named = holidays(days[0].year)
    is_work = np.asarray(days.day_of_week < 5)
    is_work = is_work & ~days.isin(named.loc[named["is_workday"] == 0, "day"])
    return is_work | days.isin(named.loc[named["is_workday"] == 1, "day"])


def departments(plan: Plan) -> pd.DataFrame:
    """List the company's departments; their people are the internal frame without those who have left."""
    people = sum(plan.frame[stratum][0] for stratum in plan.strata["internal"] if stratum != LEFT)
    rows = [(name, group) for name, (group, _) in DEPARTMENTS.items()]
    table = pd.DataFrame(rows, columns=["department", "group"])
    return table.assign(headcount=apportion([share for _, share in DEPARTMENTS.values()], total=people))


def holidays(year: int) -> pd.DataFrame:
    """List official days off and the weekend days worked instead, up to the New Year that follows.

    Examples
    --------
    >>> holidays(2023).query("name == '端午节'")["is_workday"].tolist()
    [0, 0, 0, 1]
    """
    rows = [
        (day, name, 0)
        for name, first, last, _ in HOLIDAYS[year]
        for day in pd.date_range(first, last, freq="D")
    ]
    rows += [(pd.Timestamp(day), name, 1) for name, *_, worked in HOLIDAYS[year] for day in worked]
    return pd.DataFrame(rows, columns=["day", "name", "is_workday"]).sort_values("day", ignore_index=True)


LAYOUTS: dict[str, TableFile] = {
    "population": TableFile(
        file="人群.csv",
        headers={
            "side": "类别",
            "stratum": "人群",
            "population": "总人数",
            "invited": "邀请人数",
            "started": "开始作答人数",
        },
        values={"side": {"内部": "internal", "外部": "external"}},
        faults=({"类别": "合计", "总人数": "见汇总表"},),
    ),
    "margins": TableFile(
        file="总体构成.csv",
        headers={"side": "对象", "variable": "维度", "level": "取值", "population": "人数"},
        values={
            "side": {"员工": "internal", "客户及伙伴": "external"},
            "variable": {"年龄": "age_band", "大区": "region"},
        },
        encoding="gb18030",
        line_end="\r\n",
        faults=({"对象": "员工", "维度": "年龄", "取值": "未登记", "人数": "若干"},),
    ),
    "kpis": TableFile(
        file="指标.csv",
        headers={
            "kpi": "指标",
            "department": "责任部门",
            "period": "时期",
            "direction": "方向",
            "unit": "单位",
            "target": "目标值",
            "actual": "实际值",
            "actual_metric": "取自报告的指标",
            "numerator": "分子",
            "denominator": "分母",
            "sd": "标准差",
            "n": "样本量",
            "weight": "部门内权重",
        },
        values={
            "direction": {"越高越好": "higher", "越低越好": "lower"},
            "unit": {"百分比": "percent", "分": "score", "小时": "hours"},
        },
        faults=(
            {
                "指标": "知识库使用率",
                "责任部门": "客户服务部",
                "时期": "{year}",
                "方向": "越高越好",
                "单位": "百分比",
                "目标值": "待定",
                "部门内权重": "0",
            },
        ),
    ),
    "operations": TableFile(
        file="运行.csv",
        headers={"period_start": "开始日期", "grain": "周期", "measure": "运行量", "value": "数值"},
        values={"grain": {"日": "day", "周": "week", "月": "month", "季": "quarter"}},
        faults=(
            {"开始日期": "{year}-13-01", "周期": "月", "运行量": "投诉量", "数值": "95"},
            {"开始日期": "{year}-08-17", "周期": "日", "运行量": "热线录音量", "数值": "系统维护"},
        ),
    ),
    "departments": TableFile(
        file="部门.xlsx",
        sheet="部门",
        title="组织与编制表",
        headers={"department": "部门名称", "group": "归口", "headcount": "在职人数"},
        values={"group": {"业务条线": "业务", "技术条线": "技术", "职能条线": "职能"}},
        filler={"成本中心": tuple(f"CC{number}" for number in range(310, 352, 3))},
        faults=({"部门名称": "合计", "在职人数": "见人力系统"},),
    ),
    "holidays": TableFile(
        file="节假日.csv",
        headers={"day": "日期", "name": "节日", "is_workday": "安排"},
        values={"is_workday": {"休": "0", "班": "1"}},
        formats={"day": "%Y/%m/%d"},
        encoding="gb18030",
        faults=({"日期": "{year}/2/30", "节日": "春节", "安排": "休"},),
    ),
    **incident.LAYOUTS,
    "declared": DECLARED_LAYOUT,
    "published": PUBLISHED_LAYOUT,
}


def _change(planted: tuple[tuple[int, ...], tuple[int, ...]]) -> float:
    before, after = planted
    return (np.mean(after) / np.mean(before) - 1) * 100


_CONVERSION = [sum(won) / sum(asked) for won, asked in zip(CONVERTED, INQUIRIES, strict=True)]

EFFECTS: tuple[Effect, ...] = (
    *(
        Effect(
            f"completion_{year}",
            "population, feedback",
            "accepted respondents in percent of those who began to answer",
            100 * share,
            0.05,
            "percent",
            year,
        )
        for year, share in COMPLETION.items()
    ),
    Effect(
        "forum_noise",
        "operations",
        "行业论坛负面讨论 a week: the four weeks from 2023-05-15 over the eight before, less 1",
        _change(DISCUSSION),
        0.1,
        "percent",
    ),
    Effect(
        "conversion_drop",
        "operations",
        "新客户转化 over 新客户咨询: the four weeks from 2023-05-15 over the eight before, less 1",
        (_CONVERSION[1] / _CONVERSION[0] - 1) * 100,
        0.1,
        "percent",
    ),
    Effect(
        "call_burst",
        "operations",
        "热线来电量 on 2023-05-15 to 18 over the mean of the working Mondays to Thursdays of the rest of the year",
        CALL_BURST_FACTOR,
        0.1,
        "ratio",
    ),
    Effect(
        "availability_drop",
        "operations",
        "系统可用率 of May less the mean of the other months",
        AVAILABILITY_DROP,
        0.01,
        "points",
    ),
    Effect(
        "third_quarter",
        "kpis",
        "响应时间 of the third quarter less the mean of the other three",
        RESPONSE_QUARTERS[2023][2][0] - np.mean([RESPONSE_QUARTERS[2023][row][0] for row in (0, 1, 3)]),
        0.05,
        "hours",
    ),
    Effect(
        "complaint_rate",
        "operations",
        "投诉量 over 服务量 of 2023 less that of 2022",
        100 * (sum(COMPLAINTS[2023]) / sum(SERVED[2023]) - sum(COMPLAINTS[2022]) / sum(SERVED[2022])),
        0.01,
        "points",
    ),
    *incident.EFFECTS,
)

"""The tables of customer service of one sample year: tickets, their steps, problems and causes.

Planted (sizes in ``EFFECTS``): tickets of people who report a problem with 技术支持部 wait longest; weekends
and holidays double the wait; the follow-up mechanism of March 2023 brings urgent tickets in time, shortens
handling and raises scores; the third quarter is overloaded; stability problems come at peak hours and from
the mobile app; the May incident brings a burst of faults, most of them of the customers who lost service;
complaints about data synchronisation grow; causes differ between the years as the incident and the overload
explain. Urgent tickets are worked on at any hour, others by day.
Nothing planted: regions don't differ in handling time, sizes of customers not in first response.

Two columns that are no contradiction: ``transfers`` counts re-assignments of the whole ticket, ``ticket_steps``
lists every department that worked on it. Several may do so jointly without any re-assignment, so that a
ticket of three steps may have no transfer at all; steps less one is only the most that transfers can be.

Late tickets of a year are cut off: what is not resolved at the export is missing from handling times, and
what is resolved by then was quick. ``handling_change`` is what the whole table shows, ``handling_settled``
what remains without December.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.plans import Effect
from fbanalysis.sample.records import COMPLAINTS, RESPONSE_QUARTERS, SOLVED_QUARTERS
from fbanalysis.sample.service import causes, handling, tickets
from fbanalysis.sample.service.causes import COMMUNICATION, PROBLEMS
from fbanalysis.sample.service.workdays import Calendar, calendar


def tables(
    year: int,
    *,
    items: pd.DataFrame,
    customers: pd.DataFrame,
    rng: np.random.Generator,
    scale: float = 1.0,
    affected: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Collect a year's tables of customer service by name.

    Parameters
    ----------
    year
        2022 or 2023.
    items
        The year's feedback items, as ``draw_items`` gives them.
    customers
        The year's customers.
    rng
        Where all chance comes from.
    scale
        Tickets relative to the committed sample; items and customers should be of the same scale.
    affected
        Who lost service in the incident of May 2023 (``customer_id``): most of its tickets are theirs.
    """
    days = calendar(year)
    end = int((pd.Timestamp(f"{year + 1}-{handling.EXPORT_DAY}") - days.start) / pd.Timedelta(seconds=1))
    is_hit = customers["customer_id"].isin([] if affected is None else affected["customer_id"])
    known = customers.assign(is_hit=is_hit)
    rows = tickets.draw_rows(year, items=items, customers=known, days=days, rng=rng, scale=scale)
    rows = _handled(rows, year=year, days=days, end=end, rng=rng, scale=scale)
    digits = max(6, len(str(len(rows))))
    rows["ticket_id"] = [f"GD{year}{number:0{digits}d}" for number in range(1, len(rows) + 1)]
    steps = handling.draw_steps(rows, end=end, rng=rng)
    made = {
        "tickets": _as_tickets(rows, start=days.start),
        "ticket_steps": _as_steps(steps, rows, start=days.start),
    }
    return made | ({"issues": causes.issues(), "causes": causes.causes()} if year == 2023 else {})


# ------------------------------------------------------------------ handling, and the tables


def _handled(
    rows: pd.DataFrame, *, year: int, days: Calendar, end: int, rng: np.random.Generator, scale: float
) -> pd.DataFrame:
    """Add all that happens to the tickets after their creation."""
    created = rows["created"].to_numpy()
    start = (handling.MECHANISM_START - days.start) / pd.Timedelta(seconds=1)
    rows = rows.assign(
        quarter=(days.start + pd.to_timedelta(created, unit="s")).quarter.to_numpy() - 1,
        is_off=days.is_off(created),
        is_early=created < start if year == 2023 else True,
    )
    rows["departments"] = handling.deal_departments(rows, rng=rng)
    rows["delay_cause"] = handling.deal_delays(rows, year=year, rng=rng)
    response = handling.respond(rows, year=year, end=end, rng=rng)
    moments = handling.handle(rows, response=response, year=year, calendar=days, end=end, rng=rng)
    rows = pd.concat([rows, moments], axis=1).assign(response=created + response)
    solved = rows["resolved"].notna().to_numpy()
    rows["cause"] = handling.deal_causes(rows, solved=solved, year=year, rng=rng)
    rows["reopened"], rows["transfers"] = handling.deal_transfers(
        rows, solved=solved, year=year, scale=scale, rng=rng
    )
    rows["escalated"], rows["escalated_to"] = handling.escalate(rows, response=response, rng=rng)
    rows["is_closed"] = rows["closed"].notna()
    spent = (rows["resolved"] - created).to_numpy()
    return rows.assign(score=handling.rate(rows, response=response, spent=spent, year=year, rng=rng))


#: Columns of moments, from the drawing to the table.
MOMENTS = {
    "created": "created_at",
    "classified": "classified_at",
    "dispatched": "dispatched_at",
    "response": "first_response_at",
    "planned": "planned_at",
    "resolved": "resolved_at",
    "closed": "closed_at",
    "notified": "notified_at",
    "escalated": "escalated_at",
}


def _as_tickets(rows: pd.DataFrame, *, start: pd.Timestamp) -> pd.DataFrame:
    moments = {name: _times(rows[column], start=start) for column, name in MOMENTS.items()}
    return rows.assign(**moments)[list(LAYOUTS["tickets"].headers)]


def _as_steps(steps: pd.DataFrame, rows: pd.DataFrame, *, start: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ticket_id": rows["ticket_id"].to_numpy(dtype=object)[steps["ticket"]],
            "step": steps["step"],
            "department": steps["department"],
            "entered_at": _times(steps["entered"], start=start),
            "left_at": _times(steps["left"], start=start),
        }
    )


def _times(seconds: pd.Series, *, start: pd.Timestamp) -> pd.Series:
    return (start + pd.to_timedelta(seconds.round(), unit="s")).astype("datetime64[us]")


# ------------------------------------------------------------------ files

_MOMENT = "%Y-%m-%d %H:%M:%S"

LAYOUTS: dict[str, TableFile | tuple[TableFile, ...]] = {
    "tickets": TableFile(
        file="工单系统导出.xlsx",
        sheet="工单",
        headers={
            "ticket_id": "工单号",
            "created_at": "创建时间",
            "channel": "来源",
            "kind": "工单类型",
            "priority": "优先级",
            "customer_id": "客户编码",
            "respondent_id": "关联反馈人",
            "side": "提单方",
            "region": "区域",
            "platform": "终端",
            "department": "受理部门",
            "reported_by": "涉及部门",
            "issue": "问题分类",
            "topic": "话题",
            "cause": "原因分类",
            "delay_cause": "延误原因",
            "classified_at": "分类完成时间",
            "dispatched_at": "派单时间",
            "first_response_at": "首次响应时间",
            "planned_at": "方案确认时间",
            "resolved_at": "解决时间",
            "closed_at": "关闭时间",
            "notified_at": "告知客户时间",
            "escalated_at": "升级时间",
            "escalated_to": "升级对象",
            "reopened": "重开次数",
            "transfers": "转派次数",
            "score": "满意度(1-5)",
        },
        values={
            "kind": {"服务咨询": "咨询", "客户投诉": "投诉", "系统故障": "故障", "功能需求": "需求"},
            "priority": {"紧急(P0)": "P0", "高(P1)": "P1", "中(P2)": "P2", "低(P3)": "P3"},
            "side": {"内部员工": "internal", "外部客户": "external"},
            "platform": {"APP": "移动端", "Web": "网页端", "PC客户端": "客户端"},
        },
        formats=dict.fromkeys(MOMENTS.values(), _MOMENT),
        filler={
            "状态": ("正常", "正常", "正常", "已归档", "已归档"),
            "受理人": tuple(f"AG{number:03d}" for number in range(101, 141)),
            "SLA标识": ("SLA-标准", "SLA-标准", "SLA-金牌"),
        },
        faults=(
            {
                "工单号": "GD{year}X00001",
                "创建时间": "{year}-13-02 09:00:00",
                "工单类型": "系统故障",
                "优先级": "中(P2)",
                "提单方": "外部客户",
                "受理部门": "技术支持部",
                "重开次数": "0",
                "转派次数": "0",
            },
            {
                "工单号": "GD{year}X00002",
                "创建时间": "{year}-06-08 10:21:40",
                "工单类型": "客户投诉",
                "优先级": "特急",
                "提单方": "外部客户",
                "受理部门": "客户服务部",
                "重开次数": "0",
                "转派次数": "0",
            },
            {
                "工单号": "GD{year}000017",
                "创建时间": "{year}-01-03 11:05:09",
                "工单类型": "服务咨询",
                "优先级": "低(P3)",
                "提单方": "外部客户",
                "受理部门": "客户服务部",
                "重开次数": "0",
                "转派次数": "0",
            },
            {"工单号": "导出时间：{next}-01-02 08:00:00"},
        ),
    ),
    "ticket_steps": TableFile(
        file="工单系统导出.xlsx",
        sheet="流转记录",
        headers={
            "ticket_id": "工单号",
            "step": "环节",
            "department": "经办部门",
            "entered_at": "到达时间",
            "left_at": "离开时间",
        },
        formats={"entered_at": _MOMENT, "left_at": _MOMENT},
        filler={
            "操作": ("派单", "流转", "流转"),
            "经办人": tuple(f"AG{number:03d}" for number in range(101, 141)),
        },
        faults=(
            {
                "工单号": "GD{year}000017",
                "环节": "首",
                "经办部门": "技术支持部",
                "到达时间": "{year}-01-03 11:05:09",
            },
            {"工单号": "GD{year}000017", "环节": "9", "经办部门": "技术支持部", "到达时间": "待补"},
        ),
    ),
    **causes.LAYOUTS,
}

# ------------------------------------------------------------------ what should be found


def _exact_effects(year: int) -> tuple[Effect, ...]:
    """List the figures that hold to the last ticket."""
    quarters = RESPONSE_QUARTERS[year]
    counts = [counts[-1] for counts in quarters]
    mean = sum(quarter[0] * count for quarter, count in zip(quarters, counts, strict=True)) / sum(counts)
    wait = "mean hours from created_at to first_response_at, answered tickets created in"
    reported = "mean first response hours of tickets of respondents with 问题反映 about 技术支持部"
    repeated = "complaints of a customer about the same issue within 30 days of his last one"
    first = "tickets resolved without reopening and transfer"
    solved = sum(solved for solved, _ in SOLVED_QUARTERS[year])
    return (
        *(
            Effect(
                f"response_{year}q{number}", "tickets", f"{wait} quarter {number}", size, 0.001, "hours", year
            )
            for number, (size, *_) in enumerate(quarters, start=1)
        ),
        Effect(f"response_{year}", "tickets", f"{wait} the year", mean, 0.001, "hours", year),
        Effect(f"answered_{year}", "tickets", "answered tickets", sum(counts), 0, "count", year),
        Effect(f"open_{year}", "tickets", "tickets not answered yet", tickets.OPEN[year], 0, "count", year),
        Effect(
            f"support_response_{year}",
            "tickets feedback",
            reported,
            handling.SUPPORT_HOURS[year],
            0.05,
            "hours",
            year,
        ),
        Effect(
            f"complaints_{year}", "tickets", "tickets of kind 投诉", sum(COMPLAINTS[year]), 0, "count", year
        ),
        Effect(
            f"complaints_solved_{year}", "tickets", "complaints with resolved_at", solved, 0, "count", year
        ),
        Effect(f"repeats_{year}", "tickets", repeated, tickets.REPEATS[year], 0, "count", year),
        Effect(f"first_contact_{year}", "tickets", first, handling.FIRST_CONTACT[year], 0, "count", year),
    )


def _share_effects(year: int) -> tuple[Effect, ...]:
    """List the shares and ratios that both years have."""
    stages = {
        "classify": "classified within 24 h of creation",
        "dispatch": "dispatched within 48 h of classification",
        "plan": "planned within 5 working days of dispatch",
        "implement": "resolved within 28 days of the plan",
    }
    named = [
        (f"stage_{key}_{year}", f"故障 and 需求 {text}", handling.STAGES[key].share)
        for key, text in stages.items()
    ]
    close = "tickets closed within 3 working days of resolution, of those closed"
    ask, settle = (handling.SOLVING[kind].share for kind in ("咨询", "投诉"))
    named += [
        (f"stage_close_{year}", close, handling.STAGES["close"].share),
        (f"solved_questions_{year}", "咨询 resolved within 24 h, of those resolved", ask),
        (f"solved_complaints_{year}", "投诉 resolved within 48 h, of those resolved", settle),
        (f"multi_{year}", "tickets with two or more departments in ticket_steps", handling.MULTI_SHARE),
        (f"multi_unclear_{year}", "delay_cause 责任不清 in these", handling.MULTI_DELAYS[year]["责任不清"]),
        (f"multi_break_{year}", "delay_cause 信息中断 in these", handling.MULTI_DELAYS[year]["信息中断"]),
        (f"delay_unclear_{year}", "责任不清 in all tickets with a delay_cause", handling.UNCLEAR_SHARE[year]),
        (f"missed_{year}", "urgent tickets beyond half of their limit not escalated", handling.MISSED_SHARE),
        (f"notified_{year}", "closed tickets with notified_at", handling.NOTIFIED_SHARE[year]),
        (f"reopened_{year}", "answered tickets reopened", handling.REOPENED_SHARE),
        (
            f"top_causes_{year}",
            "three commonest of nine causes",
            sum(sorted(handling.CAUSE_SHARES[year].values())[-3:]),
        ),
        (f"untested_{year}", "变更测试不足 in all causes", handling.CAUSE_SHARES[year]["变更测试不足"]),
        (f"short_staffed_{year}", "人手不足 in all tickets with a delay_cause", _short_staffed(year)),
        (f"by_day_{year}", "planned_at and resolved_at of P2 and P3, all closed_at, at 8-20 o'clock", 1.0),
        (f"night_response_{year}", "first responses of P2 and P3 at 0-6 o'clock", 0.0),
        (f"mobile_stability_{year}", "移动端 in 系统稳定性问题 with a platform", tickets.MOBILE_SHARES[True]),
        (f"mobile_other_{year}", "移动端 in other tickets with a platform", tickets.MOBILE_SHARES[False]),
    ]
    # what is late at the end of the year is not resolved yet: those resolved look better than planned
    wide = {f"stage_implement_{year}": 3.5}
    return tuple(
        Effect(
            key, "tickets ticket_steps", f"percent: {text}", share * 100, wide.get(key, 1.5), "percent", year
        )
        for key, text, share in named
    )


def _short_staffed(year: int) -> float:
    shares = handling.MULTI_DELAYS[year]
    several = handling.UNCLEAR_SHARE[year] * sum(shares.values()) / shares["责任不清"]
    return (1 - several) * handling.OTHER_DELAYS[year]["人手不足"]


def _ratio_effects(year: int) -> tuple[Effect, ...]:
    pace, days = handling.DEPARTMENT_PACE, tickets.WEEKDAYS
    wait = "mean first response hours of tickets created on weekends and holidays over the others"
    peak = "share created at 9-11 and 14-16 o'clock, 系统稳定性问题 over the others"
    slow = "geometric mean handling hours of 咨询 and 投诉 without respondent_id, 技术支持部 over 客户服务部"
    many = (
        "geometric mean handling hours of 咨询 and 投诉 without respondent_id and delay_cause, "
        "two or more departments over one"
    )
    week = "tickets created a Monday over a Friday, working days only"
    region = "share of the variance of log handling hours that regions explain"
    size = "share of the variance of log first response hours that sizes of customers explain"
    rows = (
        ("off_days", wait, handling.OFF_FACTOR, 0.3),
        ("peak_hours", peak, tickets.PEAK_FACTOR, 0.02),
        ("department_pace", slow, pace["技术支持部"] / pace["客户服务部"], 0.35),
        ("multi_pace", many, handling.MULTI_PACE, 0.3),
        ("monday", week, days[0] / days[4], 0.2),
        ("region_handling", region, 0.0, 0.006),
        ("size_response", size, 0.0, 0.006),
    )
    return tuple(
        Effect(f"{key}_{year}", "tickets", text, ratio, tolerance, "ratio", year)
        for key, text, ratio, tolerance in rows
    )


#: Short names of the five problems with planned reach.
REACH_KEYS = {
    "系统稳定性问题": "stability",
    "响应速度慢": "response",
    "功能使用复杂": "usability",
    "文档不完善": "documents",
    "数据导出限制": "exports",
}


def _issue_effects() -> tuple[Effect, ...]:
    reach = [
        Effect(
            f"issue_customers_{key}",
            "tickets",
            f"distinct customer_id of {name}",
            PROBLEMS[name].customers[2023],
            0,
            "customers",
        )
        for name, key in REACH_KEYS.items()
    ]
    named = REACH_KEYS | {COMMUNICATION: "communication"}
    reporters = [
        Effect(
            f"issue_departments_{key}",
            "tickets",
            f"distinct reported_by of {name}",
            len(PROBLEMS[name].reporters),
            0,
            "count",
        )
        for name, key in named.items()
    ]
    return (*reach, *reporters)


#: What is left of ``handling.HANDLING_CHANGE`` without the cut-off tickets of December, as measured.
SETTLED_CHANGE = -0.313


def _mechanism_effects() -> tuple[Effect, ...]:
    before, after = handling.ON_TIME[2023]
    urgent = "percent of P0 and P1 tickets answered within 2 h and 8 h, created"
    handled = "mean hours from creation to solution since 2023-03-15 against before, percent, all resolved"
    settled = "the same of tickets created before December, of which nearly all are resolved at the export"
    scored = "mean score of tickets created since 2023-03-15 against before, percent"
    rows = (
        ("urgent_before", f"{urgent} before 2023-03-15", before * 100, 0.5),
        ("urgent_after", f"{urgent} since 2023-03-15", after * 100, 0.5),
        ("handling_change", handled, handling.HANDLING_CHANGE * 100, 0.05),
        ("handling_settled", settled, SETTLED_CHANGE * 100, 1.5),
        ("score_change", scored, handling.SCORE_CHANGE * 100, 0.05),
    )
    return tuple(
        Effect(key, "tickets", text, size, tolerance, "percent") for key, text, size, tolerance in rows
    )


def _year_effects() -> tuple[Effect, ...]:
    growth = (tickets.SYNC_COMPLAINTS[2023] / tickets.SYNC_COMPLAINTS[2022] - 1) * 100
    sync = "complaints about 数据同步异常 against those of 2022"
    hit = "percent of external tickets about 数据同步异常 of 15-22 May whose customers lost service"
    burst = "faults a day on 15-18 May over the other working days of the second quarter"
    means = [quarter[0] * quarter[-1] for quarter in RESPONSE_QUARTERS[2023]]
    counts = [quarter[-1] for quarter in RESPONSE_QUARTERS[2023]]
    calm = (sum(means) - means[2]) / (sum(counts) - counts[2])
    overload = "mean first response hours of the third quarter over the other quarters"
    return (
        Effect("sync_growth", "tickets", sync, growth, 0.01, "percent"),
        Effect("burst", "tickets", burst, tickets.BURST_FACTOR, 1.0, "ratio"),
        Effect(
            "burst_affected",
            "tickets incident_customers",
            hit,
            tickets.BURST_AFFECTED * 100,
            6,  # of some 48 tickets
            "percent",
        ),
        Effect("overload", "tickets", overload, means[2] / counts[2] / calm, 0.01, "ratio"),
    )


EFFECTS: tuple[Effect, ...] = (
    *(effect for year in (2023, 2022) for effect in _exact_effects(year)),
    *(effect for year in (2023, 2022) for effect in _share_effects(year)),
    *(effect for year in (2023, 2022) for effect in _ratio_effects(year)),
    Effect(
        "urgent_2022",
        "tickets",
        "percent of P0 and P1 tickets answered within 2 h and 8 h",
        handling.ON_TIME[2022][0] * 100,
        0.5,
        "percent",
        2022,
    ),
    *_mechanism_effects(),
    *_issue_effects(),
    *_year_effects(),
)

"""Tickets, steps, problems and causes of the sample years, recomputed with plain pandas and numpy."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from fbanalysis.sample import service
from fbanalysis.sample.customers import customers as draw_customers
from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.feedback.items import draw_items
from fbanalysis.sample.plans import PLANS
from fbanalysis.sample.records import COMPLAINTS, HOLIDAYS, RESPONSE_QUARTERS, SOLVED_QUARTERS, incident
from fbanalysis.sample.service import EFFECTS, LAYOUTS, clock
from fbanalysis.sample.service.causes import CHAINS, PROBLEM_OF, PROBLEMS
from fbanalysis.schema import TABLES

HOUR = pd.Timedelta(hours=1)
START = "2023-03-15"
DEPARTMENTS = [
    "产品研发部",
    "技术支持部",
    "客户服务部",
    "市场部",
    "人力资源部",
    "运营管理部",
    "销售部",
    "财务部",
    "采购部",
    "法务部",
    "质量部",
    "信息安全部",
    "行政部",
    "战略发展部",
]
FIVE = ["系统稳定性问题", "响应速度慢", "功能使用复杂", "文档不完善", "数据导出限制"]


@dataclass(frozen=True)
class Year:
    """What one year has: the tickets with their waits, and what they are compared with."""

    year: int
    tickets: pd.DataFrame
    steps: pd.DataFrame
    items: pd.DataFrame
    customers: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    affected: pd.DataFrame


def make(year: int, *, seed: int = 20230227) -> Year:
    customers = draw_customers(year, rng=np.random.default_rng(seed))
    items = draw_items(PLANS[year], customers=customers)
    rng = np.random.default_rng([seed, year])
    affected = incident.draw_affected(customers, rng=np.random.default_rng([seed, 9]))
    hit = affected if year == 2023 else None
    tables = service.tables(year, items=items, customers=customers, affected=hit, rng=rng)
    tickets = tables["tickets"].assign(
        wait=lambda t: (t["first_response_at"] - t["created_at"]) / HOUR,
        spent=lambda t: (t["resolved_at"] - t["created_at"]) / HOUR,
    )
    return Year(year, tickets, tables["ticket_steps"], items, customers, tables, affected)


@pytest.fixture(scope="module")
def years() -> dict[int, Year]:
    return {year: make(year) for year in (2022, 2023)}


# ---- the same figures by other routes ----


def is_work(days: pd.Series, *, year: int) -> pd.Series:
    """Say which days are worked, day by day from the list of holidays."""
    rests, worked = set(), set()
    for _, first, last, instead in HOLIDAYS[year]:
        rests |= set(pd.date_range(first, last))
        worked |= {pd.Timestamp(day) for day in instead}
    dates = days.dt.normalize()
    return dates.isin(worked) | ((dates.dt.day_of_week < 5) & ~dates.isin(rests))


def workdays(starts: pd.Series, ends: pd.Series, *, year: int) -> np.ndarray:
    """Count the working days from one date to another, the last one not counted, as numpy counts them."""
    days = pd.Series(pd.date_range(f"{year}-01-01", f"{year + 1}-01-31"))
    off = days[~is_work(days, year=year)].to_numpy().astype("datetime64[D]")
    made_up = days[is_work(days, year=year) & (days.dt.day_of_week >= 5)].to_numpy().astype("datetime64[D]")
    first, last = (moments.to_numpy().astype("datetime64[D]") for moments in (starts, ends))
    counts = np.busday_count(first, last, holidays=off)
    return counts + sum(((first <= day) & (day < last)).astype(int) for day in made_up)


def support_tickets(made: Year) -> pd.DataFrame:
    items = made.items
    asked = items.loc[(items["kind"] == "问题反映") & (items["department"] == "技术支持部"), "respondent_id"]
    return made.tickets[made.tickets["respondent_id"].isin(asked)]


def repeats(made: Year) -> int:
    complaints = made.tickets[made.tickets["kind"] == "投诉"].dropna(subset="customer_id")
    complaints = complaints.sort_values("created_at")
    gaps = complaints.groupby(["customer_id", "issue"])["created_at"].diff()
    return (gaps <= pd.Timedelta(days=30)).sum()


def first_contacts(made: Year) -> int:
    tickets = made.tickets
    return (tickets["resolved_at"].notna() & (tickets["reopened"] == 0) & (tickets["transfers"] == 0)).sum()


def urgent_in_time(made: Year, *, since: str = "2000", until: str = "2100") -> float:
    tickets = made.tickets
    urgent = tickets[tickets["priority"].isin(["P0", "P1"]) & tickets["wait"].notna()]
    urgent = urgent[(urgent["created_at"] >= since) & (urgent["created_at"] < until)]
    return (urgent["wait"] <= np.where(urgent["priority"] == "P0", 2, 8)).mean() * 100


def change_since_start(made: Year, column: str) -> float:
    after = made.tickets["created_at"] >= START
    return (made.tickets.loc[after, column].mean() / made.tickets.loc[~after, column].mean() - 1) * 100


def settled_change(made: Year) -> float:
    """Compare handling before and after the mechanism without the tickets that the export cuts off."""
    settled = made.tickets[made.tickets["created_at"] < "2023-12-01"]
    means = settled.groupby(settled["created_at"] >= START)["spent"].mean()
    return (means[True] / means[False] - 1) * 100


def by_day(made: Year) -> float:
    calm = made.tickets["priority"].isin(["P2", "P3"])
    parts = [made.tickets.loc[calm, ["planned_at", "resolved_at"]].stack(), made.tickets["closed_at"]]
    return pd.concat(parts).dropna().dt.hour.between(8, 19).mean() * 100


def night_responses(made: Year) -> float:
    calm = made.tickets["priority"].isin(["P2", "P3"])
    return (made.tickets.loc[calm, "first_response_at"].dropna().dt.hour < 6).mean() * 100


def burst_affected(made: Year) -> float:
    tickets = made.tickets
    its = (tickets["issue"] == "数据同步异常") & (tickets["side"] == "external")
    its &= tickets["created_at"].between("2023-05-15", "2023-05-23")
    return tickets.loc[its, "customer_id"].isin(made.affected["customer_id"]).mean() * 100


def stage(made: Year, name: str) -> float:
    tickets = made.tickets[made.tickets["kind"].isin(["故障", "需求"])]
    first, last, limit = {
        "classify": ("created_at", "classified_at", 24 * HOUR),
        "dispatch": ("classified_at", "dispatched_at", 48 * HOUR),
        "implement": ("planned_at", "resolved_at", 28 * 24 * HOUR),
    }[name]
    took = (tickets[last] - tickets[first]).dropna()
    return (took <= limit).mean() * 100


def kept_workdays(made: Year, *, first: str, last: str, limit: int) -> float:
    done = made.tickets.dropna(subset=[first, last])
    return (workdays(done[first], done[last], year=made.year) <= limit).mean() * 100


def solved_within(made: Year, *, kind: str, hours: float) -> float:
    spent = made.tickets.loc[made.tickets["kind"] == kind, "spent"].dropna()
    return (spent <= hours).mean() * 100


def is_multi(made: Year) -> pd.Series:
    passed = made.steps.groupby("ticket_id")["department"].nunique()
    return made.tickets["ticket_id"].map(passed) >= 2


def delayed(made: Year, cause: str) -> float:
    return (made.tickets.loc[is_multi(made), "delay_cause"] == cause).mean() * 100


def missed(made: Year) -> float:
    tickets = made.tickets
    half = tickets["priority"].map({"P0": 1.0, "P1": 4.0})
    return tickets.loc[tickets["wait"] > half, "escalated_at"].isna().mean() * 100


def mobile(made: Year, *, stability: bool) -> float:
    known = made.tickets.dropna(subset="platform")
    part = known[(known["issue"] == "系统稳定性问题") == stability]
    return (part["platform"] == "移动端").mean() * 100


def off_day_ratio(made: Year) -> float:
    working = is_work(made.tickets["created_at"], year=made.year)
    return made.tickets.loc[~working, "wait"].mean() / made.tickets.loc[working, "wait"].mean()


def peak_ratio(made: Year) -> float:
    busy = made.tickets["created_at"].dt.hour.isin([9, 10, 14, 15])
    stability = made.tickets["issue"] == "系统稳定性问题"
    return busy[stability].mean() / busy[~stability].mean()


def department_ratio(made: Year) -> float:
    tickets = made.tickets
    simple = tickets[tickets["kind"].isin(["咨询", "投诉"]) & tickets["respondent_id"].isna()]
    means = np.exp(np.log(simple["spent"]).groupby(simple["department"]).mean())
    return means["技术支持部"] / means["客户服务部"]


def multi_ratio(made: Year) -> float:
    tickets = made.tickets
    simple = tickets["kind"].isin(["咨询", "投诉"]) & tickets["respondent_id"].isna()
    part = tickets[simple & tickets["delay_cause"].isna()]
    means = np.exp(np.log(part["spent"]).groupby(is_multi(made)[part.index]).mean())
    return means[True] / means[False]


def monday_ratio(made: Year) -> float:
    days = pd.Series(pd.date_range(f"{made.year}-01-01", f"{made.year}-12-31"))
    counts = made.tickets["created_at"].dt.normalize().value_counts().reindex(days, fill_value=0)
    counts = counts[is_work(days, year=made.year).to_numpy()]
    by_day = counts.groupby(counts.index.day_of_week).mean()
    return by_day[0] / by_day[4]


def explained(values: pd.Series, groups: pd.Series) -> float:
    """Give eta squared of logarithms."""
    known = values.notna() & groups.notna()
    logs = np.log(values[known])
    means = logs.groupby(groups[known]).transform("mean")
    return ((means - logs.mean()) ** 2).sum() / ((logs - logs.mean()) ** 2).sum()


def sizes(made: Year) -> pd.Series:
    return made.tickets["customer_id"].map(made.customers.set_index("customer_id")["size"])


def burst(made: Year) -> float:
    faults = made.tickets.loc[made.tickets["kind"] == "故障", "created_at"].dt.normalize()
    days = pd.Series(pd.date_range("2023-04-01", "2023-06-30"))
    counts = faults.value_counts().reindex(days, fill_value=0)
    inside = days.between("2023-05-15", "2023-05-18").to_numpy()
    return counts[inside].mean() / counts[~inside & is_work(days, year=2023).to_numpy()].mean()


def overload(made: Year) -> float:
    third = made.tickets["created_at"].dt.quarter == 3
    return made.tickets.loc[third, "wait"].mean() / made.tickets.loc[~third, "wait"].mean()


def sync_complaints(made: Year) -> int:
    return ((made.tickets["kind"] == "投诉") & (made.tickets["issue"] == "数据同步异常")).sum()


Figure = Callable[[Year], float]


def yearly(year: int) -> dict[str, Figure]:
    """Say how the figures that both years have are found."""
    quarters = {
        f"response_{year}q{number}": lambda made, number=number: made.tickets.loc[
            made.tickets["created_at"].dt.quarter == number, "wait"
        ].mean()
        for number in range(1, 5)
    }
    return quarters | {
        f"{key}_{year}": figure
        for key, figure in {
            "response": lambda made: made.tickets["wait"].mean(),
            "answered": lambda made: made.tickets["wait"].notna().sum(),
            "open": lambda made: made.tickets["wait"].isna().sum(),
            "support_response": lambda made: support_tickets(made)["wait"].mean(),
            "complaints": lambda made: (made.tickets["kind"] == "投诉").sum(),
            "complaints_solved": lambda made: (
                (made.tickets["kind"] == "投诉") & made.tickets["spent"].notna()
            ).sum(),
            "repeats": repeats,
            "first_contact": first_contacts,
            "stage_classify": lambda made: stage(made, "classify"),
            "stage_dispatch": lambda made: stage(made, "dispatch"),
            "stage_plan": lambda made: kept_workdays(made, first="dispatched_at", last="planned_at", limit=5),
            "stage_implement": lambda made: stage(made, "implement"),
            "stage_close": lambda made: kept_workdays(made, first="resolved_at", last="closed_at", limit=3),
            "solved_questions": lambda made: solved_within(made, kind="咨询", hours=24),
            "solved_complaints": lambda made: solved_within(made, kind="投诉", hours=48),
            "multi": lambda made: is_multi(made).mean() * 100,
            "multi_unclear": lambda made: delayed(made, "责任不清"),
            "multi_break": lambda made: delayed(made, "信息中断"),
            "delay_unclear": lambda made: (made.tickets["delay_cause"].dropna() == "责任不清").mean() * 100,
            "missed": missed,
            "notified": lambda made: (
                made.tickets.dropna(subset="closed_at")["notified_at"].notna().mean() * 100
            ),
            "reopened": lambda made: (made.tickets.dropna(subset="wait")["reopened"] > 0).mean() * 100,
            "top_causes": lambda made: (
                made.tickets["cause"].value_counts(normalize=True).iloc[:3].sum() * 100
            ),
            "untested": lambda made: (made.tickets["cause"].dropna() == "变更测试不足").mean() * 100,
            "short_staffed": lambda made: (made.tickets["delay_cause"].dropna() == "人手不足").mean() * 100,
            "by_day": by_day,
            "night_response": night_responses,
            "mobile_stability": lambda made: mobile(made, stability=True),
            "mobile_other": lambda made: mobile(made, stability=False),
            "off_days": off_day_ratio,
            "peak_hours": peak_ratio,
            "department_pace": department_ratio,
            "multi_pace": multi_ratio,
            "monday": monday_ratio,
            "region_handling": lambda made: explained(made.tickets["spent"], made.tickets["region"]),
            "size_response": lambda made: explained(made.tickets["wait"], sizes(made)),
        }.items()
    }


def of_issues() -> dict[str, Figure]:
    keys = ["stability", "response", "usability", "documents", "exports"]
    found: dict[str, Figure] = {}
    for key, issue in zip([*keys, "communication"], [*FIVE, "沟通协作不畅"], strict=True):
        for kind, column in (("customers", "customer_id"), ("departments", "reported_by")):
            found[f"issue_{kind}_{key}"] = lambda made, issue=issue, column=column: made.tickets.loc[
                made.tickets["issue"] == issue, column
            ].nunique()
    del found["issue_customers_communication"]
    return found


FIGURES: dict[str, Figure] = (
    yearly(2022)
    | yearly(2023)
    | of_issues()
    | {
        "urgent_2022": urgent_in_time,
        "urgent_before": lambda made: urgent_in_time(made, until=START),
        "urgent_after": lambda made: urgent_in_time(made, since=START),
        "handling_change": lambda made: change_since_start(made, "spent"),
        "handling_settled": settled_change,
        "score_change": lambda made: change_since_start(made, "score"),
        "burst": burst,
        "burst_affected": burst_affected,
        "overload": overload,
    }
)


def test_every_effect_is_recomputed():
    assert {effect.key for effect in EFFECTS} == {*FIGURES, "sync_growth"}
    assert len({effect.key for effect in EFFECTS}) == len(EFFECTS)


@pytest.mark.parametrize("effect", [e for e in EFFECTS if e.key != "sync_growth"], ids=lambda e: e.key)
def test_effects_are_there(years, effect):
    found = FIGURES[effect.key](years[effect.year])
    assert abs(found - effect.size) <= effect.tolerance, f"{effect.finding}: {found}"


def test_complaints_about_synchronisation_grow_by_fifteen_percent(years):
    assert sync_complaints(years[2023]) / sync_complaints(years[2022]) == pytest.approx(1.15)


# ---- printed figures, exactly ----


@pytest.mark.parametrize("year", [2022, 2023])
def test_quarters_and_months_are_exact(years, year):
    tickets = years[year].tickets
    answered = tickets.dropna(subset="wait")
    by_quarter = answered.groupby(answered["created_at"].dt.quarter)["wait"].agg(["mean", "size"])
    assert by_quarter["size"].tolist() == [quarter[-1] for quarter in RESPONSE_QUARTERS[year]]
    assert by_quarter["mean"].round(3).tolist() == [quarter[0] for quarter in RESPONSE_QUARTERS[year]]
    complaints = tickets[tickets["kind"] == "投诉"]
    assert complaints["created_at"].dt.month.value_counts().sort_index().tolist() == list(COMPLAINTS[year])
    solved = (
        complaints["resolved_at"].notna().groupby(complaints["created_at"].dt.quarter).agg(["sum", "size"])
    )
    assert list(solved.itertuples(index=False, name=None)) == list(SOLVED_QUARTERS[year])


def test_figures_of_the_year_round_as_printed(years):
    made = years[2023]
    tickets = made.tickets
    assert tickets["wait"].mean() == pytest.approx(5.0, abs=0.001)
    assert tickets["wait"].notna().sum() == 5000
    assert first_contacts(made) / 5000 == 0.79
    assert round(urgent_in_time(made, until=START)) == 78
    assert round(urgent_in_time(made, since=START)) == 96
    assert round(change_since_start(made, "spent"), 1) == -35.0
    assert round(change_since_start(made, "score"), 1) == 18.0


def test_reach_gives_the_printed_levels_and_priorities(years):
    tickets = years[2023].tickets
    reach = tickets[tickets["issue"].isin(FIVE)].groupby("issue")["customer_id"].nunique()[FIVE]
    assert reach.tolist() == [1263, 828, 657, 486, 324]
    level = reach.map(lambda count: 3 if count >= 800 else 2 if count >= 500 else 1)
    assert level.tolist() == [3, 3, 2, 1, 1]
    others = tickets[~tickets["issue"].isin(FIVE)].groupby("issue")["customer_id"].nunique()
    assert others.max() < 300


def test_twelve_of_fourteen_departments_report_poor_communication(years):
    tickets = years[2023].tickets
    reported = tickets.loc[tickets["issue"] == "沟通协作不畅"]
    assert (reported["side"] == "internal").all()
    assert round(reported["reported_by"].nunique() / len(DEPARTMENTS) * 100, 1) == 85.7
    assert set(tickets["reported_by"].dropna()) <= set(DEPARTMENTS)


@pytest.mark.parametrize("year", [2022, 2023])
def test_every_problem_with_support_has_a_ticket_within_a_day(years, year):
    made = years[year]
    items = made.items
    asked = items[(items["kind"] == "问题反映") & (items["department"] == "技术支持部")]
    known = made.tickets.dropna(subset="respondent_id")
    both = asked.merge(known, on="respondent_id", suffixes=("_item", ""), validate="1:1")
    assert len(both) == len(asked)
    delay = both["created_at"] - both["submitted_at"]
    assert delay.between(pd.Timedelta(0), pd.Timedelta(days=1)).all()
    assert set(both["priority"]) <= {"P2", "P3"}
    working = is_work(both["created_at"], year=year)
    assert both.loc[~working, "wait"].mean() > 1.5 * both.loc[working, "wait"].mean()


# ---- sense ----


@pytest.mark.parametrize("year", [2022, 2023])
def test_moments_follow_each_other(years, year):
    tickets = years[year].tickets
    order = [
        "created_at",
        "classified_at",
        "dispatched_at",
        "planned_at",
        "resolved_at",
        "closed_at",
        "notified_at",
    ]
    for first, last in [*pairwise(order), ("dispatched_at", "resolved_at")]:
        both = tickets.dropna(subset=[first, last])
        assert (both[first] <= both[last]).all(), (first, last)
    assert not (tickets["first_response_at"] > tickets["resolved_at"]).any()
    assert not (tickets["first_response_at"] <= tickets["created_at"]).any()
    assert (tickets["created_at"].dt.year == year).all()
    assert tickets[order].max().max() <= pd.Timestamp(f"{year + 1}-01-02 08:00")
    assert tickets["created_at"].is_monotonic_increasing


@pytest.mark.parametrize("year", [2022, 2023])
def test_customers_have_tickets_only_in_their_time(years, year):
    made = years[year]
    fresh = made.tickets[made.tickets["respondent_id"].isna()].dropna(subset="customer_id")
    both = fresh.merge(made.customers, on="customer_id", suffixes=("", "_own"), validate="m:1")
    assert len(both) == len(fresh)
    assert (both["created_at"] >= both["since"]).all()
    assert not (both["created_at"] > both["churned_at"]).any()
    assert (both["region"] == both["region_own"]).all()


@pytest.mark.parametrize("year", [2022, 2023])
def test_open_tickets_are_the_newest_and_untouched(years, year):
    waiting = years[year].tickets[years[year].tickets["wait"].isna()]
    assert (waiting["created_at"] >= f"{year}-12-29").all()
    assert (
        waiting[["classified_at", "resolved_at", "closed_at", "escalated_at", "score"]].isna().all(axis=None)
    )
    assert not waiting["priority"].isin(["P0", "P1"]).any()


@pytest.mark.parametrize("year", [2022, 2023])
def test_urgent_tickets_go_up_by_the_rule(years, year):
    tickets = years[year].tickets
    limit = tickets["priority"].map({"P0": 2.0, "P1": 8.0})
    raised = tickets.dropna(subset="escalated_at")
    over = raised["wait"] > limit[raised.index]
    assert (raised.loc[over, "escalated_to"] == "公司高管").all()
    assert (raised.loc[~over, "escalated_to"] == "部门主管").all()
    after = (raised["escalated_at"] - raised["created_at"]) / HOUR
    part = over.map({True: 1.0, False: 0.5}) * limit[raised.index]
    due = raised["wait"] > 0.5 * limit[raised.index]
    assert (after[due] - part[due]).between(0, 0.05).all()
    assert (raised.loc[~due, "kind"] == "投诉").all()


@pytest.mark.parametrize("year", [2022, 2023])
def test_steps_fill_the_time_of_their_ticket(years, year):
    made = years[year]
    steps = made.steps.merge(made.tickets, on="ticket_id", suffixes=("", "_own"), validate="m:1")
    assert steps["ticket_id"].nunique() == len(made.tickets)
    first, last = steps.groupby("ticket_id").head(1), steps.groupby("ticket_id").tail(1)
    assert (first["step"] == 1).all()
    assert (first["entered_at"] == first["created_at"]).all()
    pd.testing.assert_series_equal(last["left_at"], last["resolved_at"], check_names=False)
    assert not (steps["left_at"] < steps["entered_at"]).any()
    moved = last["transfers"] > 0
    assert (last.loc[moved, "department"] == last.loc[moved, "department_own"]).all()
    assert (last.loc[moved, "transfers"] < last.loc[moved, "step"]).all()
    own = first[first["transfers"] == 0]
    assert (own["department"] == own["department_own"]).all()


@pytest.mark.parametrize("year", [2022, 2023])
def test_tables_are_those_of_the_dictionary(years, year):
    made = years[year].tables
    assert set(made) == {"tickets", "ticket_steps"} | ({"issues", "causes"} if year == 2023 else set())
    for name, table in made.items():
        known = TABLES[name].columns
        assert set(table.columns) <= set(known)
        assert set(TABLES[name].required) <= set(table.columns)
        assert not table.duplicated(list(TABLES[name].key)).any()
        for column, rule in known.items():
            if not rule.nullable:
                assert table[column].notna().all(), column
            if rule.allowed:
                assert set(table[column].dropna()) <= set(rule.allowed), column
            if rule.kind == "time":
                assert table[column].dtype == "datetime64[us]", column
    assert not (made["tickets"] == "").any(axis=None)


def test_only_customers_score_and_only_closed_tickets(years):
    rated = years[2023].tickets.dropna(subset="score")
    assert (rated["side"] == "external").all()
    assert rated["closed_at"].notna().all()
    assert set(rated["score"]) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("year", [2022, 2023])
def test_nothing_breaks_for_customers_without_users(years, year):
    made = years[year]
    without = made.customers.loc[made.customers["active_users"].fillna(0) == 0, "customer_id"]
    tickets = made.tickets[made.tickets["customer_id"].isin(without)]
    assert len(tickets) > 50
    assert not (tickets["kind"] == "故障").any()
    fresh = tickets[tickets["respondent_id"].isna()]
    assert not (fresh["topic"] == "产品质量").any()


@pytest.mark.parametrize("year", [2022, 2023])
def test_a_few_customers_come_back_with_the_same_stability_problem(years, year):
    tickets = years[year].tickets
    counts = tickets.loc[tickets["issue"] == "系统稳定性问题", "customer_id"].value_counts()
    assert 5 <= (counts >= 3).sum() <= 40
    assert counts.max() >= 4


def test_newest_complaints_are_open_rather_than_old_ones(years):
    for made in years.values():
        complaints = made.tickets[made.tickets["kind"] == "投诉"]
        waiting = complaints["resolved_at"].isna()
        month = complaints["created_at"].dt.month
        assert (waiting & (month == 12)).any()
        last = (month - 1) % 3 == 2
        assert waiting[last].mean() > 1.2 * waiting[~last].mean()


def test_moments_at_night_move_into_the_day_as_far_as_their_limits_allow():
    hour = 3600.0
    rows = [  # moment, earliest, latest, expected: all in hours
        (34, 30, 60, 34),  # in the day: stays
        (28, 20, 60, 24 + 13),  # 4 o'clock goes to the middle of 8-18
        (46, 30, 60, 24 + 15),  # 22 o'clock goes to the middle of 10-20
        (46, 45, 60, 48 + 8),  # not before 21 o'clock: next morning
        (28, 19, 30, 20 - 1 / 60),  # not after 6 o'clock: the evening before, if that is late enough
        (28, 25, 30, 28),  # no working hour between 1 and 6 o'clock: stays
    ]
    moments, low, high, expected = (np.array(column) * hour for column in zip(*rows, strict=True))
    found = clock.moved(moments, low=low, high=high, slack=np.zeros(len(rows)))
    np.testing.assert_allclose(found, expected)
    assert clock.is_night(found).tolist() == [False] * 5 + [True]


def test_notices_go_out_by_day(years):
    for made in years.values():
        assert made.tickets["notified_at"].dropna().dt.hour.between(8, 19).all()


def test_incident_and_overload_show_in_the_causes(years):
    causes, delays = (
        pd.DataFrame({year: made.tickets[name].value_counts(normalize=True) for year, made in years.items()})
        for name in ("cause", "delay_cause")
    )
    for shares, risen in ((causes, ["变更测试不足", "值班人手不足"]), (delays, ["人手不足"])):
        assert (shares.loc[risen, 2023] > shares.loc[risen, 2022] + 0.03).all()
        assert ((shares[2023] - shares[2022]).abs() > 0.005).mean() > 0.5


# ---- problems and causes ----


def test_chains_have_five_levels(years):
    causes, issues = (years[2023].tables[name] for name in ("causes", "issues"))
    assert "系统响应慢" in CHAINS
    assert len(CHAINS) == 5
    assert (causes.groupby("issue")["level"].agg(list).map(list) == [[1, 2, 3, 4, 5]] * 5).all()
    assert set(causes["issue"]) <= set(issues["issue"])
    assert causes["statement"].is_unique
    assert set(causes["category"]) == {"人员", "流程", "技术", "管理", "环境"}


@pytest.mark.parametrize("year", [2022, 2023])
def test_tickets_name_known_problems(years, year):
    tickets = years[year].tickets
    assert set(tickets["issue"]) == set(PROBLEMS)
    assert set(PROBLEM_OF.values()) <= set(PROBLEMS)
    topics = tickets.groupby("issue")["topic"].unique().map(list)
    assert topics.to_dict() == {name: [problem.topic] for name, problem in PROBLEMS.items()}


def test_every_family_has_three_problems_at_least(years):
    issues = years[2023].tables["issues"]
    families = issues["family"].value_counts()
    assert families.min() >= 3
    assert issues["domain"].nunique() == 4


# ---- delivery ----


def test_layouts_fit_their_tables(years):
    made = years[2023].tables
    assert set(LAYOUTS) == set(made)
    for name, layout in LAYOUTS.items():
        assert isinstance(layout, TableFile)
        assert list(layout.headers) == list(made[name].columns)
        heads = [*layout.headers.values(), *layout.filler]
        assert len(set(heads)) == len(heads)
        for column, words in layout.values.items():
            assert {str(value) for value in made[name][column].dropna()} <= set(words.values()), column
        assert all(set(row) <= set(heads) for row in layout.faults)
        assert len(layout.faults) >= 2


def test_same_seed_same_tickets(years):
    again = make(2022)
    for name, table in years[2022].tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])


@pytest.mark.parametrize("scale", [0.2, 3.0])
def test_other_scales_keep_counts_and_shares(years, scale):
    base = years[2023]
    customers = draw_customers(2023, rng=np.random.default_rng(7), scale=scale)
    count = round(len(base.items) * scale)
    items = base.items.iloc[np.arange(count) * 7 % len(base.items)].reset_index(drop=True)
    items = items.assign(respondent_id=[f"W{number}" for number in range(count)], customer_id="")
    made = service.tables(2023, items=items, customers=customers, rng=np.random.default_rng(3), scale=scale)
    tickets = made["tickets"]
    wait = (tickets["first_response_at"] - tickets["created_at"]) / HOUR
    assert wait.notna().sum() == round(5000 * scale)
    assert (tickets["kind"] == "投诉").sum() == round(1200 * scale)
    assert wait.groupby(tickets["created_at"].dt.quarter).mean().round(3).tolist() == [4.0, 4.4, 6.9, 3.9]
    reach = tickets.groupby("issue")["customer_id"].nunique()
    assert reach["系统稳定性问题"] == round(1263 * scale)

"""The small tables of the sample years, recomputed with plain pandas; tickets and customers as drawn."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fbanalysis.report.ledger import UNITS
from fbanalysis.sample import records, service
from fbanalysis.sample.customers import USING
from fbanalysis.sample.customers import customers as draw_customers
from fbanalysis.sample.customers.surveys import CSI_WEIGHTS
from fbanalysis.sample.feedback.items import draw_items
from fbanalysis.sample.improvement.actions import NEXT_YEAR, actions, policies
from fbanalysis.sample.plans import PLANS, scaled
from fbanalysis.sample.records import EFFECTS, LAYOUTS
from fbanalysis.sample.service.handling import ESCALATIONS, LIMITS, STAGES
from fbanalysis.sample.service.workdays import calendar
from fbanalysis.schema import TABLES

GOLDEN = Path(__file__).parents[1] / "golden_2023.csv"
YEARS = sorted(PLANS)
HOUR = pd.Timedelta(hours=1)
Frames = dict[str, pd.DataFrame]


def generate(year: int, *, seed: int, rows: int | None = None) -> Frames:
    plan = scaled(PLANS[year], rows=rows or PLANS[year].size)
    scale = plan.size / PLANS[year].size
    customers = draw_customers(year, rng=np.random.default_rng(seed), scale=scale)
    items = draw_items(plan, customers=customers)
    rng = np.random.default_rng([seed, year])
    tickets = service.tables(year, items=items, customers=customers, rng=rng, scale=scale)["tickets"]
    drawn = records.tables(year, plan=plan, customers=customers, tickets=tickets, rng=rng)
    return drawn | {"customers": customers, "tickets": tickets, "feedback": items}


@pytest.fixture(scope="module")
def made() -> dict[int, Frames]:
    return {year: generate(year, seed=20230227) for year in YEARS}


# ---- planted effects, by other routes ----


def measure(frames: Frames, name: str) -> pd.Series:
    table = frames["operations"]
    return table[table["measure"] == name].set_index("period_start")["value"].sort_index()


def outages(frames: Frames) -> pd.Series:
    table = frames["incident_customers"]
    return (table["outage_ended_at"] - table["outage_started_at"]) / HOUR


def weeks_around(values: pd.Series) -> tuple[float, float]:
    return values["2023-03-20":"2023-05-14"].sum() / 8, values["2023-05-15":"2023-06-11"].sum() / 4


def percent_change(before: float, after: float) -> float:
    return (after / before - 1) * 100


def completion(years: dict[int, Frames], year: int) -> float:
    return len(years[year]["feedback"]) / years[year]["population"]["started"].sum() * 100


def conversion(frames: Frames) -> float:
    won, asked = (weeks_around(measure(frames, name)) for name in ("新客户转化", "新客户咨询"))
    return percent_change(won[0] / asked[0], won[1] / asked[1])


def ends_after_start(frames: Frames) -> pd.Series:
    return (frames["incident_customers"]["outage_ended_at"] - pd.Timestamp("2023-05-15 09:00")) / HOUR


def longest_hole(hours: pd.Series) -> float:
    middle = hours[hours.between(hours.quantile(0.1), hours.quantile(0.9))]
    return middle.sort_values().diff().max()


def call_burst(frames: Frames) -> float:
    calls = measure(frames, "热线来电量")
    off = frames["holidays"].query("is_workday == 0")["day"]
    usual = calls[(calls.index.day_of_week < 4) & ~calls.index.isin(off)]
    return calls["2023-05-15":"2023-05-18"].mean() / usual.drop(calls["2023-05-15":"2023-05-18"].index).mean()


def third_quarter(frames: Frames) -> float:
    table = frames["kpis"]
    slow = table[(table["kpi"] == "响应时间") & table["period"].str.contains("Q")].set_index("period")[
        "actual"
    ]
    return slow["2023Q3"] - slow.drop("2023Q3").mean()


def complaint_rate(frames: Frames) -> float:
    return measure(frames, "投诉量").sum() / measure(frames, "服务量").sum() * 100


def score_change(frames: Frames) -> float:
    pairs = frames["incident_customers"][["score_before", "score_after"]].dropna()
    return percent_change(pairs["score_before"].mean(), pairs["score_after"].mean())


def affected_users(frames: Frames) -> float:
    users = frames["customers"].set_index("customer_id")["active_users"]
    hit = users[frames["incident_customers"]["customer_id"]].sum()
    return hit / frames["incidents"]["active_users"].item() * 100


REALISED: dict[str, Callable[[dict[int, Frames]], float]] = {
    "completion_2023": lambda years: completion(years, 2023),
    "completion_2022": lambda years: completion(years, 2022),
    "forum_noise": lambda years: percent_change(*weeks_around(measure(years[2023], "行业论坛负面讨论"))),
    "conversion_drop": lambda years: conversion(years[2023]),
    "call_burst": lambda years: call_burst(years[2023]),
    "availability_drop": lambda years: (
        measure(years[2023], "系统可用率")["2023-05-01"]
        - measure(years[2023], "系统可用率").drop(pd.Timestamp("2023-05-01")).mean()
    ),
    "third_quarter": lambda years: third_quarter(years[2023]),
    "complaint_rate": lambda years: complaint_rate(years[2023]) - complaint_rate(years[2022]),
    "outage_mean": lambda years: outages(years[2023]).mean(),
    "outage_first_end": lambda years: ends_after_start(years[2023]).min() - 48,
    "outage_interim": lambda years: (ends_after_start(years[2023]) < 63).mean() * 100,
    "outage_late": lambda years: (ends_after_start(years[2023]) >= 87).mean() * 100,
    "outage_hole": lambda years: longest_hole(ends_after_start(years[2023])),
    "incident_score": lambda years: score_change(years[2023]),
    "incident_users": lambda years: affected_users(years[2023]),
}


def test_every_effect_has_its_check():
    assert [effect.key for effect in EFFECTS] == list(REALISED)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.key)
def test_effects(made, effect):
    assert REALISED[effect.key](made) == pytest.approx(effect.size, abs=effect.tolerance)


# ---- frame ----


@pytest.mark.parametrize(("year", "total", "coverage"), [(2023, 4102, 86), (2022, 3898, 67)])
def test_frame_and_coverage(made, year, total, coverage):
    frame = made[year]["population"].set_index("stratum")
    answered = made[year]["feedback"]["stratum"].value_counts()[frame.index]
    assert frame["population"].sum() == total
    assert round(answered.sum() / total * 100) == coverage
    assert (answered <= frame["started"]).all()
    assert (frame["started"] <= frame["invited"]).all()
    assert (frame["invited"] <= frame["population"]).all()
    assert set((answered / frame["population"]).nsmallest(2).index) == {"离职员工", "潜在客户"}


@pytest.mark.parametrize("year", YEARS)
def test_margins_sum_to_the_frame(made, year):
    people = made[year]["population"].groupby("side")["population"].sum()
    sums = made[year]["margins"].groupby(["side", "variable"])["population"].sum().unstack()
    assert list(sums) == ["age_band", "region"]
    assert (sums.sub(people, axis=0) == 0).all(axis=None)


@pytest.mark.parametrize("year", YEARS)
def test_departments_hold_the_internal_frame_but_leavers(made, year):
    table = made[year]["departments"]
    assert len(table) == 14
    assert set(table["group"]) == {"业务", "技术", "职能"}
    frame = made[year]["population"].query("side == 'internal'").set_index("stratum")["population"]
    assert table["headcount"].sum() == frame.sum() - frame["离职员工"]
    on_duty = measure(made[year], "技术支持一线值班人数")
    assert on_duty.max() < table.set_index("department")["headcount"]["技术支持部"] / 2
    assert table["headcount"].min() > 20
    assert set(made[year]["kpis"]["department"]) <= set(table["department"])
    tickets = made[year]["tickets"]
    assert set(tickets["department"]) | set(tickets["reported_by"].dropna()) <= set(table["department"])


# ---- KPIs ----


def attainments(kpis: pd.DataFrame, *, satisfaction: float) -> pd.DataFrame:
    table = kpis.astype({name: float for name in ("actual", "numerator", "denominator", "sd", "n")})
    rate = table["numerator"] / table["denominator"] * 100
    table["value"] = table["actual"].fillna(rate).fillna(satisfaction)
    ratio = table["value"] / table["target"]
    return table.assign(attainment=100 * ratio.where(table["direction"] == "higher", 1 / ratio))


def service_satisfaction(frames: Frames) -> float:
    items = frames["feedback"]
    return items.loc[items["area"] == "服务满意度", "area_score"].mean()


def test_kpis(made):
    table = attainments(made[2023]["kpis"], satisfaction=service_satisfaction(made[2023]))
    annual = table[table["period"] == "2023"].set_index("kpi")
    printed = annual["attainment"].round(2)
    assert printed[["投诉解决率", "首次解决率", "响应时间"]].tolist() == [105.43, 105.33, 80.0]
    assert printed["客户满意度"].round(1) == 112.5
    assert annual["value"][["投诉解决率", "首次解决率", "响应时间"]].tolist() == [97, 79, 5]
    counts = pd.cut(annual["attainment"], [0, 95, 100, 999], right=False).value_counts().sort_index()
    assert counts.tolist() == [1, 2, 7]
    weighted = (annual["attainment"] * annual["weight"]).groupby(annual["department"]).sum()
    weights = annual["weight"].groupby(annual["department"]).sum()
    assert weights.tolist() == [1] * 5
    assert weighted.round()[["客户服务部", "产品研发部", "市场部"]].tolist() == [115, 108, 103]


@pytest.mark.parametrize(
    ("year", "kpi", "counts"),
    [
        (2023, "投诉解决率", (1164, 1200)),
        (2023, "首次解决率", (3950, 5000)),
        (2023, "投诉重复率", (36, 1200)),
        (2022, "投诉解决率", (1178, 1280)),
        (2022, "首次解决率", (3198, 4300)),
        (2022, "投诉重复率", (59, 1280)),
    ],
)
def test_rates_of_service_come_from_tickets(made, year, kpi, counts):
    table = made[year]["kpis"]
    annual = table[table["period"] == str(year)].set_index("kpi")
    assert tuple(annual.loc[kpi, ["numerator", "denominator"]]) == counts


@pytest.mark.parametrize("year", YEARS)
def test_response_times_come_from_tickets(made, year):
    tickets = made[year]["tickets"]
    waits = (tickets["first_response_at"] - tickets["created_at"]) / HOUR
    table = made[year]["kpis"].query("kpi == '响应时间'").set_index("period")
    for quarter, (mean, size) in enumerate(records.RESPONSE_QUARTERS[year], start=1):
        row = table.loc[f"{year}Q{quarter}"]
        own = waits[tickets["created_at"].dt.quarter == quarter].dropna()
        assert (row["actual"], row["n"], len(own)) == (mean, size, size)
        assert row["sd"] == pytest.approx(own.std(), abs=0.005)
    assert table.loc[str(year), "actual"] == {2023: 5.0, 2022: 5.3}[year]
    assert table.loc[str(year), "n"] == waits.count() == {2023: 5000, 2022: 4300}[year]


@pytest.mark.parametrize("year", YEARS)
def test_quarters_give_the_annual_kpis(made, year):
    table = attainments(made[year]["kpis"], satisfaction=4.4)
    annual = table[table["period"] == str(year)].set_index("kpi")
    quarters = table[table["period"] != str(year)]
    slow, solved = (quarters[quarters["kpi"] == kpi] for kpi in ("响应时间", "投诉解决率"))
    assert (len(annual), len(slow), len(solved)) == (10, 4, 4)
    mean = np.average(slow["value"], weights=slow["n"])
    assert mean == pytest.approx(annual.loc["响应时间", "value"], abs=0.01)
    pairs = list(zip(solved["numerator"], solved["denominator"], strict=True))
    assert pairs == list(records.SOLVED_QUARTERS[year])
    assert solved["numerator"].sum() / solved["denominator"].sum() * 100 == annual.loc["投诉解决率", "value"]


# ---- operations and calendar ----


def test_third_quarter_is_overloaded_and_the_fourth_recovers(made):
    assert measure(made[2023], "工单量").idxmax() == pd.Timestamp("2023-07-01")
    assert measure(made[2023], "技术支持一线值班人数").idxmin() == pd.Timestamp("2023-07-01")
    assert measure(made[2023], "技术支持离职人数").idxmax() == pd.Timestamp("2023-07-01")


@pytest.mark.parametrize("year", YEARS)
def test_complaints_are_the_complaint_tickets(made, year):
    tickets = made[year]["tickets"].query("kind == '投诉'")
    counts = tickets["created_at"].dt.to_period("M").value_counts().sort_index()
    assert counts.tolist() == measure(made[year], "投诉量").tolist()


@pytest.mark.parametrize("year", YEARS)
def test_hotline_rests_on_days_off(made, year):
    calls = measure(made[year], "热线来电量")
    assert len(calls) == 365
    is_work = calendar(year).is_work[:365]
    usual = calls[~calls.index.isin(pd.date_range("2023-05-15", "2023-05-18"))]
    working = pd.Series(is_work, index=calls.index)[usual.index]
    fridays = usual[working & (usual.index.day_of_week == 4)]
    assert usual[~working].mean() / fridays.mean() == pytest.approx(records.CALLS_OFF, abs=0.05)
    weekday = usual[working].groupby(usual[working].index.day_of_week).mean()
    assert (weekday[:5].idxmax(), weekday[:5].idxmin()) == (0, 4)


def test_weeks_begin_on_monday_and_conversions_fit(made):
    noise, won, asked = (
        measure(made[2023], name) for name in ("行业论坛负面讨论", "新客户转化", "新客户咨询")
    )
    assert len(noise) == len(won) == len(asked) == 52
    assert set(noise.index.day_of_week) == {0}
    assert (won <= asked).all()


@pytest.mark.parametrize("year", YEARS)
def test_workload_is_the_tickets_created(made, year):
    created = made[year]["tickets"]["created_at"].dt.quarter.value_counts().sort_index()
    assert measure(made[year], "工单量").tolist() == created.tolist()


def test_conversion_falls_by_exactly_15_percent(made):
    assert conversion(made[2023]) == pytest.approx(-15, abs=1e-9)


def test_last_year_has_no_drop(made):
    values = measure(made[2022], "系统可用率")
    assert values.max() - values.min() < 0.1


@pytest.mark.parametrize("year", YEARS)
def test_holidays_are_those_that_tickets_know(made, year):
    table = made[year]["holidays"]
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    named = table.set_index("day")["is_workday"].reindex(days)
    is_work = np.where(named.isna(), days.day_of_week < 5, named == 1)
    assert is_work.tolist() == calendar(year).is_work[: len(days)].tolist()
    assert table["day"].is_monotonic_increasing
    assert (table.loc[table["is_workday"] == 1, "day"].dt.day_of_week >= 5).all()


@pytest.mark.parametrize(
    ("year", "worked", "workdays"),
    [
        (2023, "01-28 01-29 04-23 05-06 06-25 10-07 10-08", 249),
        (2022, "01-29 01-30 04-02 04-24 05-07 10-08 10-09", 249),
    ],
)
def test_holidays_are_the_official_ones(made, year, worked, workdays):
    table = made[year]["holidays"]
    days = table.loc[table["is_workday"] == 1, "day"].dt.strftime("%m-%d")
    assert days.tolist() == worked.split()
    off = table.loc[(table["is_workday"] == 0) & (table["day"].dt.year == year), "day"]
    weekdays = pd.bdate_range(f"{year}-01-01", f"{year}-12-31")
    assert len(weekdays) - (off.dt.day_of_week < 5).sum() + len(days) == workdays


# ---- the incident ----


def test_incident(made):
    incident = made[2023]["incidents"].iloc[0]
    assert incident["cause"] == "数据迁移脚本逻辑错误"
    stages = ["started_at", "diagnosed_at", "mitigated_at", "resolved_at"]
    assert incident[stages].astype(str).tolist() == [f"2023-05-{day} 09:00:00" for day in (15, 16, 17, 18)]
    assert (incident["active_users"], incident["affected_users"]) == (8640, 1296)
    losses = made[2023]["incident_losses"].set_index("item")
    assert losses["amount_cny_10k"].to_dict() == {"直接赔偿": 25, "加班处理": 8, "潜在客户流失": 100}
    assert losses["certainty"].tolist() == ["actual", "actual", "estimate"]
    steps = made[2023]["incident_steps"]
    assert len(steps) == 4
    assert (steps["started_at"] < steps["ended_at"]).all()


def test_affected_customers_are_known_and_in_use(made):
    table = made[2023]["incident_customers"]
    assert table["customer_id"].nunique() == 157
    own = made[2023]["customers"].set_index("customer_id").loc[table["customer_id"]]
    assert set(own["stratum"]) == {"核心客户", "普通客户"}
    assert set(own["stratum"]) < set(USING)
    assert (own["since"] <= "2023-05-15").all()
    assert not (own["churned_at"] <= "2023-05-15").any()
    assert table["customer_id"].tolist() == own.index.tolist()


def test_outages_end_from_the_interim_fix_on_without_holes(made):
    table, hours = made[2023]["incident_customers"], outages(made[2023])
    assert (table["outage_started_at"] >= "2023-05-15 09:00").all()
    assert (table["outage_ended_at"] <= "2023-05-18 15:00").mean() > 0.6
    assert (table["outage_ended_at"] >= made[2023]["incidents"]["mitigated_at"].item()).all()
    assert np.histogram(hours, bins=range(44, 105, 10))[0].min() > 0


def test_some_customers_gave_both_scores(made):
    table = made[2023]["incident_customers"]
    assert len(table[["score_before", "score_after"]].dropna()) == 120
    assert (table["score_before"].notna() & table["score_after"].isna()).sum() == 12
    assert table["score_before"].corr(table["score_after"]) > 0.2


# ---- declared ----


@pytest.fixture(scope="module")
def declared(made) -> pd.Series:
    """The declared figures, days as days, by metric and stratum."""
    table = made[2023]["declared"].set_index(["metric", "stratum"])
    return table["value"].astype(object).where(table["value"].notna(), table["day"])


@pytest.fixture(scope="module")
def golden() -> pd.DataFrame:
    return pd.read_csv(GOLDEN, dtype=str)


def test_every_declared_figure_of_the_report_is_there(made, declared, golden):
    wanted = golden[golden["kind"] == "declared"]
    units = made[2023]["declared"].set_index(["metric", "stratum"])["unit"]
    for row in wanted.itertuples():
        figure = declared[row.metric, row.stratum]
        assert units[row.metric, row.stratum] == row.unit
        if row.unit in ("date", "month"):
            assert figure == pd.Timestamp(row.value)
        else:
            assert figure == float(row.value)
    assert set(made[2023]["declared"]["metric"]) - set(wanted["metric"]) == {"csi_weight", "ces_target"}


def test_declared_figures_agree_with_the_tables_that_hold_them_too(made, declared):
    frames = made[2023]
    annual = frames["kpis"][frames["kpis"]["period"] == "2023"].set_index("kpi")["target"]
    assert declared["kpi_target"].to_dict() == annual[declared["kpi_target"].index].to_dict()
    incident = frames["incidents"].set_index("incident")
    moments = {"start": "started_at", "diagnosis_end": "diagnosed_at", "mitigation": "mitigated_at"}
    for word, column in (moments | {"resolved": "resolved_at"}).items():
        assert declared[f"incident_{word}"].to_dict() == incident[column].dt.normalize().to_dict()
    days = (incident["diagnosed_at"] - incident["started_at"]) / HOUR
    assert declared["diagnosis_hours"].to_dict() == days.to_dict()
    losses = frames["incident_losses"].set_index("item")["amount_cny_10k"]
    assert declared["incident_cost"].to_dict() == losses.to_dict()
    effective = policies().set_index("policy")["effective_on"]
    assert declared["policy_effective_date"].to_dict() == effective.to_dict()
    weights = {name: 100 * weight for name, weight in CSI_WEIGHTS.items()}
    assert declared["csi_weight"].to_dict() == pytest.approx(weights)


def test_declared_limits_are_those_that_tickets_were_drawn_with(declared):
    assert declared["response_limit"].to_dict() == LIMITS
    named = {f"P0/P1 -> {name}": 100 * part for part, name in ESCALATIONS}
    assert declared["escalation_threshold"].to_dict() == named
    stages = dict(
        zip(STAGES, ("反馈收集与分类", "问题分析与分发", "解决方案制定", "", "反馈闭环与总结"), strict=True)
    )
    limits = {name: STAGES[stage].limit for stage, name in stages.items() if name}
    assert declared["stage_limit"].to_dict() == limits
    assert declared["stage_limit_max", "方案实施与验证"] * 7 * 24 == STAGES["implement"].limit


def test_declared_plan_is_that_of_the_actions(declared):
    table = actions()
    year = table[(table["horizon"] == "本年") & table["incident"].isna()]
    assert declared["plan_families", "all"] == year["family"].nunique()
    phases = {"近期": "近期行动", "中期": "中期行动", "长期": "长期规划"}
    for horizon, phase in phases.items():
        part = table[table["horizon"] == horizon]
        assert (part["starts_on"].dt.month >= declared["phase_start_month", phase]).all()
        assert (part["due_on"].dt.month <= declared["phase_end_month", phase]).all()
        assert horizon in NEXT_YEAR


def test_channels_are_all_declared(made, declared):
    channels = set(made[2023]["feedback"]["channel"])
    assert set(declared["channel_listed"].index) == channels
    assert declared["channel_count", "all"] == len(channels)


# ---- published ----

#: Units of the printed report that the ledger names otherwise.
LEDGER_UNITS = {
    "score_1_5": "score",
    "score_delta": "score",
    "level_1low_3high": "text",
    "priority_P0_P3": "text",
}


def test_printed_units_are_those_of_the_ledger(made):
    units = set(made[2023]["published"]["unit"].dropna())
    assert units - set(UNITS) == {"months"}


def test_every_claimed_figure_is_printed(made, golden):
    table = made[2023]["published"]
    figures = table[table["claim_id"].str.startswith("F")].set_index(["metric", "stratum"])
    assert figures.index.is_unique
    for row in golden[golden["kind"] == "claim"].itertuples():
        printed = figures.loc[(row.metric, row.stratum)]
        assert (printed["value"], printed["unit"]) == (float(row.value), LEDGER_UNITS.get(row.unit, row.unit))
    known = golden[golden["kind"] != "declared"].set_index(["metric", "stratum"])
    shared = figures.join(known["value"].astype(float).rename("true"), how="inner")
    assert len(shared) > 120
    assert (shared["value"] == shared["true"]).all()


def test_statements_print_their_figures(made):
    table = made[2023]["published"]
    assert table["claim_id"].is_unique
    assert table["claim_id"].str[0].value_counts().to_dict() == {"F": 130, "S": 109}
    assert table["statement"].is_unique
    named = table.dropna(subset="metric")
    assert named[["stratum", "value", "unit", "decimals"]].notna().all(axis=None)
    for row in named[named["unit"] != "text"].itertuples():
        figure = f"{abs(row.value):,.{row.decimals}f}"
        pattern = rf"(?<![\d.]){re.escape(figure)}(?![\d.])"
        words = {"5": "五", "7": "七", "4": "四", "10": "十"}
        said = row.statement + row.printed
        assert re.search(pattern, said) or words.get(figure, figure) in said, row.claim_id


def test_statements_pass_no_judgement(made):
    said = made[2023]["published"]["statement"]
    assert not said.str.contains(r"矛盾|不符|有误|写错|重算|不一致").any()


# ---- files, seeds and sizes ----


@pytest.mark.parametrize("year", YEARS)
def test_tables_keep_to_the_data_dictionary(made, year):
    names = set(LAYOUTS) if year == 2023 else set(made[year]) & set(LAYOUTS)
    common = {"population", "margins", "kpis", "operations", "departments", "holidays"}
    assert names == (set(LAYOUTS) if year == 2023 else common)
    for name in names:
        frame = made[year][name]
        assert set(frame) <= set(TABLES[name].columns)
        assert set(TABLES[name].required) <= set(frame)
        assert not frame.duplicated(list(TABLES[name].key) or None).any()
        for column in frame:
            rule = TABLES[name].columns[column]
            assert rule.nullable or frame[column].notna().all(), column
            assert not rule.allowed or set(frame[column].dropna()) <= set(rule.allowed)
            assert rule.kind != "time" or frame[column].dtype == "datetime64[us]", column


@pytest.mark.parametrize(("name", "layout"), LAYOUTS.items())
def test_layouts_deliver_every_column(made, name, layout):
    frame = made[2023][name]
    assert set(layout.headers) == set(frame)
    assert len(set(layout.headers.values()) | set(layout.filler)) == len(layout.headers) + len(layout.filler)
    for column, words in layout.values.items():
        assert len(set(words.values())) == len(words)
        if column != "stratum":
            assert set(frame[column].dropna().astype(str)) <= set(words.values())
    assert all(set(row) <= set(layout.headers.values()) for row in layout.faults)
    assert layout.faults or name.startswith("incident")


def test_the_same_seed_gives_the_same_tables():
    first, second = (generate(2023, seed=3) for _ in range(2))
    for name in LAYOUTS:
        pd.testing.assert_frame_equal(first[name], second[name])


@pytest.mark.parametrize("rows", [700, 14000])
def test_other_sizes_keep_the_shares(rows):
    frames = generate(2023, seed=5, rows=rows)
    scale = rows / PLANS[2023].size
    assert len(frames["incident_customers"]) == pytest.approx(157 * scale, abs=1.5)
    assert outages(frames).mean() == pytest.approx(72, abs=0.1)
    assert score_change(frames) == pytest.approx(-18, abs=3)
    assert frames["incidents"]["active_users"].item() == pytest.approx(8640 * scale, abs=1)
    assert frames["population"]["started"].sum() == pytest.approx(len(frames["feedback"]) / 0.92, rel=0.02)
    answered = frames["tickets"]["first_response_at"].notna().sum()
    annual = frames["kpis"].query("period == '2023'").set_index("kpi")
    assert annual.loc["首次解决率", "denominator"] == annual.loc["响应时间", "n"] == answered

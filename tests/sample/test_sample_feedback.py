"""Feedback of the sample years: its exact counts and its planted effects, from the raw files by plain pandas."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from rapidfuzz import fuzz
from scipy import stats

from fbanalysis.dataset import Thresholds
from fbanalysis.intake.duplicates import find_resubmissions
from fbanalysis.sample import records
from fbanalysis.sample.feedback import again as again_module
from fbanalysis.sample.feedback import coders
from fbanalysis.sample.feedback import items as year
from fbanalysis.sample.feedback.items import draw_items, frame_margins
from fbanalysis.sample.feedback.meetings import session_sizes, working_days
from fbanalysis.sample.feedback.rewording import reworded
from fbanalysis.sample.feedback.tagging import TAGS
from fbanalysis.sample.plans import HOLIDAYS, PLANS, Effect, scaled

INCIDENT = pd.Timestamp("2023-05-15")
NORTH = ["华北", "东北"]
PEAK_HOURS = [9, 10, 14, 15]
ITEMS = ["功能满足", "系统稳定", "响应及时", "服务态度", "文档易懂", "培训支持", "流程顺畅", "性价比"]
YEARS = sorted(PLANS)

# ------------------------------------------------------------------ counts


def test_sides_and_strata(good):
    sides = good[2023]["side"].value_counts()
    assert (sides["internal"], sides["external"], len(good[2023])) == (2315, 1213, 3528)
    shares = (good[2023].groupby("side")["stratum"].value_counts(normalize=True) * 100).round()
    assert shares["internal"].to_dict() == {
        "一线员工": 38,
        "中层管理者": 22,
        "高层领导": 5,
        "新入职员工": 15,
        "离职员工": 10,
        "其他人员": 10,
    }
    assert shares["external"].to_dict() == {
        "核心客户": 40,
        "普通客户": 30,
        "潜在客户": 15,
        "合作伙伴": 10,
        "供应商": 5,
    }
    assert round(sides["internal"] / 3528 * 100, 2) == 65.62
    assert len(good[2022]) == 2612


def test_channels(good):
    shares = good[2023]["channel"].value_counts(normalize=True)
    assert len(shares) == 5
    assert shares["在线问卷调查"] == pytest.approx(0.61, abs=0.02)
    outside = good[2023].groupby("channel")["side"].apply(lambda side: (side == "external").mean())
    assert outside["客户服务热线"] > 0.8
    assert outside["社交媒体监测"] > 0.9


KINDS = {
    2023: {"internal": (1335, 540, 440), "external": (521, 303, 389)},
    2022: {"internal": (809, 370, 523), "external": (339, 228, 343)},
}


@pytest.mark.parametrize("year", YEARS)
def test_kinds_by_side(good, year):
    counts = good[year].groupby("side")["kind"].value_counts()
    for side, wanted in KINDS[year].items():
        assert tuple(counts[side][["建议", "表扬", "问题反映"]]) == wanted


def test_topics_and_functional_problems(good):
    shares = (good[2023]["topic"].value_counts(normalize=True) * 100).round().to_dict()
    assert shares == {"产品质量": 32, "服务体验": 28, "内部管理": 25, "战略方向": 15}
    problems = {
        year: ((table["topic"] == "产品质量") & (table["kind"] == "问题反映")).sum()
        for year, table in good.items()
    }
    assert problems == {2023: 284, 2022: 369}
    assert round((problems[2023] / problems[2022] - 1) * 100) == -23


def tag_counts(table: pd.DataFrame, *, kind: str, side: str | None = None) -> pd.Series:
    rows = table[(table["kind"] == kind) & (table["side"].isin([side] if side else ["internal", "external"]))]
    return rows["tags"].str.split("；").explode().value_counts()


def test_tags_of_problems(good):
    counts = tag_counts(good[2023], kind="问题反映")
    assert counts.index[:3].tolist() == ["响应时间过长", "系统稳定性问题", "文档说明不清"]
    assert counts.iloc[:3].tolist() == [191, 149, 124]
    assert counts.iloc[3] <= 119
    assert tag_counts(good[2023], kind="问题反映", side="internal")["沟通不畅"] == 119
    assert [round(count / 829 * 100) for count in counts.iloc[:3]] == [23, 18, 15]


def test_tags_of_praise(good):
    counts = tag_counts(good[2023], kind="表扬")
    assert (counts.index[0], counts.iloc[0]) == ("紧急情况下的快速响应", 194)
    praised = good[2023][good[2023]["kind"] == "表扬"]
    assert (praised["department"] == "客户服务部").sum() == 320


def test_tags_of_suggestions(good):
    counts = tag_counts(good[2023], kind="建议")
    assert counts[["产品功能优化", "服务响应速度"]].tolist() == [780, 520]
    assert counts.drop(["产品功能优化", "服务响应速度"]).max() == 467
    inside = tag_counts(good[2023], kind="建议", side="internal")
    assert inside[["流程优化", "培训资源完善"]].tolist() == [467, 360]
    suggestions = good[2023][good[2023]["kind"] == "建议"]
    assert suggestions["tags"].str.contains("；").mean() == pytest.approx(0.285, abs=0.02)


def test_tags_of_last_year(good):
    counts = tag_counts(good[2022], kind="问题反映")
    assert counts.index[0] == "响应时间过长"
    assert counts.iloc[0] / 866 == pytest.approx(0.25, abs=0.005)
    for tag in PLANS[2022].tags:
        assert tag_counts(good[2022], kind=tag.kind, side=tag.side)[tag.tag] == tag.count


@pytest.mark.parametrize("year", YEARS)
def test_tags_follow_from_the_issues(planted, year):
    table = planted[year]
    first = table["tags"].str.split("；").str[0]
    usual = [TAGS[kind][issue] for kind, issue in zip(table["kind"], table["issue"], strict=True)]
    assert ((first == usual) | (first == "紧急情况下的快速响应")).all()
    assert ((table["issue2"] != "") == table["tags"].str.contains("；")).all()
    assert (table["issue2"] != table["issue"]).all()


AREAS = {
    "产品满意度": (1256, 4.2, 0.7, 3.9, 0.3),
    "服务满意度": (1103, 4.5, 0.5, 4.3, 0.2),
    "内部流程评价": (852, 3.8, 0.9, 3.7, 0.1),
    "总体满意度": (3528, 4.1, 0.7, 3.9, 0.2),
}


def scores_of(table: pd.DataFrame, area: str) -> pd.Series:
    return table["overall_score"] if area == "总体满意度" else table.loc[table["area"] == area, "area_score"]


@pytest.mark.parametrize("area", AREAS)
def test_satisfaction(good, area):
    n, mean, sd, before, change = AREAS[area]
    now, then = scores_of(good[2023], area), scores_of(good[2022], area)
    assert now.notna().all()
    assert (len(now), round(now.mean(), 1), round(now.std(), 1)) == (n, mean, sd)
    assert round(then.mean(), 1) == before
    assert round(now.mean() - then.mean(), 1) == change


def test_rated_areas(good):
    assert (good[2023]["area"] == "").sum() == 317
    assert good[2023].loc[good[2023]["area"] == "", "area_score"].isna().all()
    assert (good[2023].loc[good[2023]["area"] == "内部流程评价", "side"] == "internal").all()
    assert scores_of(good[2023], "服务满意度").sum() == 4963


SHARES = {2023: {"正面": 58, "中性": 24, "负面": 18}, 2022: {"正面": 46, "中性": 26, "负面": 28}}


@pytest.mark.parametrize("year", YEARS)
def test_feelings(planted, year):
    spoken = planted[year][planted[year]["comment"] != ""]
    for table in (planted[year], spoken):
        assert (table["feeling"].value_counts(normalize=True) * 100).round().to_dict() == SHARES[year]
    assert len(spoken) / len(planted[year]) == pytest.approx(0.98, abs=0.001)


def test_feelings_follow_the_kind(planted):
    shares = pd.crosstab(planted[2023]["kind"], planted[2023]["feeling"], normalize="index")
    assert 0.55 < shares.loc["问题反映", "负面"] < 0.7
    assert 0.02 < shares.loc["问题反映", "正面"] < 0.12
    assert shares.loc["表扬", "正面"] > 0.95
    assert 0.2 < shares.loc["建议", "中性"] < 0.5
    happy = planted[2023].loc[planted[2023]["feeling"] == "正面", "overall_score"]
    assert (happy >= 4).mean() > 0.93
    assert (happy == 3).sum() > 50


# ------------------------------------------------------------------ columns


@pytest.mark.parametrize("year", YEARS)
def test_customers_name_themselves(good, matched, customers, year):
    table = good[year]
    with_account = table["stratum"].isin(["核心客户", "普通客户"])
    assert ((table["customer_id"] != "") == with_account).all()
    known = customers[year].set_index("customer_id")
    own = table[with_account]
    assert (known.loc[own["customer_id"], "stratum"].to_numpy() == own["stratum"].to_numpy()).all()
    assert (known.loc[own["customer_id"], "region"].to_numpy() == own["region"].to_numpy()).all()
    assert own["customer_id"].value_counts().max() <= 4
    at = matched[year]
    assert (at["since"] <= at["submitted_at"]).all()
    assert not (at["churned_at"] < at["submitted_at"].dt.normalize()).any()


@pytest.mark.parametrize("year", YEARS)
def test_ages_platforms_and_durations(good, year):
    table = good[year]
    assert set(table["age_band"]) == {"30岁以下", "30—39岁", "40—49岁", "50岁及以上", ""}
    assert (table["age_band"] == "").mean() == pytest.approx(0.01, abs=0.006)
    with_platform = table["topic"].isin(["产品质量", "服务体验"])
    assert ((table["platform"] != "") == with_platform).all()
    assert set(table["platform"]) == {"网页端", "移动端", "客户端", ""}
    assert (table["duration_seconds"].notna() == (table["channel"] == "在线问卷调查")).all()
    assert table["respondent_id"].is_unique


def test_no_code_stands_in_two_years(good):
    codes = [good[year]["respondent_id"] for year in YEARS]
    assert not set(codes[0]) & set(codes[1])
    assert all(set(part.str.len()) == {7} for part in codes)
    assert [sorted(set(part.str[1])) for part in codes] == [list("1234"), list("5678")]


def test_old_people_call_and_young_ones_post(good):
    table = good[2023]
    old = table.groupby("channel")["age_band"].apply(lambda ages: (ages == "50岁及以上").mean())
    young = table.groupby("channel")["age_band"].apply(lambda ages: (ages == "30岁以下").mean())
    assert old[["客户服务热线", "面对面深度访谈"]].min() > 2 * old[["在线问卷调查", "社交媒体监测"]].max()
    assert young[["在线问卷调查", "社交媒体监测"]].min() > 2 * young[["客户服务热线", "面对面深度访谈"]].max()


@pytest.mark.parametrize("year", YEARS)
def test_incident_items(planted, year):
    told = planted[year][planted[year]["is_incident"]]
    assert (40 <= len(told) <= 110) if year == 2023 else told.empty
    assert (told["side"] == "external").all()
    assert told["submitted_at"].between("2023-05-15", "2023-07-10").all()


@pytest.mark.parametrize("year", YEARS)
def test_margins_of_the_frame(year):
    plan = PLANS[year]
    table = frame_margins(plan)
    totals = {side: sum(plan.frame[name][0] for name in strata) for side, strata in plan.strata.items()}
    sums = table.groupby(["side", "variable"])["population"].sum()
    assert sums.to_dict() == {
        (side, name): totals[side] for side in totals for name in ("age_band", "region")
    }


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("variable", ["age_band", "region"])
def test_no_more_answers_than_people(good, year, variable):
    known = good[year][good[year][variable] != ""]
    people = frame_margins(PLANS[year]).query("variable == @variable").set_index(["side", "level"])
    coverage = known.groupby(["side", variable]).size() / people["population"].rename_axis(["side", variable])
    assert coverage.notna().all()
    assert coverage.max() < 0.97


def test_old_people_answer_least(good):
    frame = frame_margins(PLANS[2023]).query("variable == 'age_band'").set_index(["side", "level"])
    coverage = good[2023].groupby(["side", "age_band"]).size() / frame["population"].rename_axis(
        ["side", "age_band"]
    )
    for side in ("internal", "external"):
        assert coverage[side, "50岁及以上"] < 0.6
        assert coverage[side].drop(["50岁及以上", ""]).min() > 0.85


def test_frames_are_not_copies():
    shares = {
        (year, side): rows["population"].div(rows["population"].sum()).round(3).tolist()
        for year in YEARS
        for side, rows in frame_margins(PLANS[year]).groupby("side")
    }
    assert len({str(part) for part in shares.values()}) == len(shares)


# ------------------------------------------------------------------ meetings

WORKDAYS = {year: working_days(pd.date_range(f"{year}-01-01", f"{year}-12-31")) for year in YEARS}


@pytest.mark.parametrize("year", YEARS)
def test_one_calendar_for_all_tables(year):
    assert HOLIDAYS[year] == tuple(tuple(holiday[1:]) for holiday in records.HOLIDAYS[year])


def test_working_days_by_hand():
    assert [WORKDAYS[year].sum() for year in YEARS] == [260 - 18 + 7, 260 - 18 + 7]
    worked = pd.Series(WORKDAYS[2023], index=pd.date_range("2023-01-01", "2023-12-31"))
    assert not worked[["2023-01-02", "2023-04-05", "2023-06-23", "2023-07-01"]].any()
    assert worked[["2023-01-28", "2023-04-23", "2023-05-06", "2023-06-25", "2023-10-07"]].all()


@pytest.mark.parametrize("year", YEARS)
def test_nobody_is_met_on_a_day_off(good, year):
    met = good[year][good[year]["channel"].isin(["面对面深度访谈", "焦点小组讨论"])]
    assert WORKDAYS[year][met["submitted_at"].dt.day_of_year - 1].all()
    assert met["submitted_at"].dt.hour.between(9, 17).all()


@pytest.mark.parametrize("year", YEARS)
def test_focus_groups_meet_in_sessions(good, year):
    rows = good[year][good[year]["channel"] == "焦点小组讨论"]
    sessions = rows.groupby("submitted_at")["side"].agg(["size", "nunique"])
    assert sessions["size"].between(6, 10).all()
    assert sessions["size"].nunique() >= 4
    assert (sessions["nunique"] == 1).all()
    assert (sessions.index.minute % 15 == 0).all()
    assert sessions.groupby(sessions.index.normalize()).size().max() <= 2


@pytest.mark.parametrize("count", [0, 1, 5, 6, 11, 12, 13, 21, 305, 5000])
def test_session_sizes(count):
    sizes = session_sizes(count, rng=np.random.default_rng(count))
    assert sizes.sum() == count
    assert len(sizes) == (count > 0) if count < 12 else ((sizes >= 6) & (sizes <= 10)).all()


# ------------------------------------------------------------------ any number of rows


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("rows", [200, 777, 12_345])
def test_no_more_answers_than_people_at_any_size(customers, year, rows):
    plan = scaled(PLANS[year], rows=rows)
    known = pd.concat([customers[year]] * (1 + rows // 3000))
    items = draw_items(plan, customers=known, seed=11)
    counts = items[items["age_band"] != ""].groupby(["side", "age_band"]).size()
    frame = frame_margins(plan).query("variable == 'age_band'").set_index(["side", "level"])["population"]
    assert (frame.reindex(counts.index) >= counts).all()
    assert frame.groupby("side").sum().to_dict() == {
        side: sum(plan.frame[name][0] for name in strata) for side, strata in plan.strata.items()
    }


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("rows", [200, 777, 12_345])
def test_scaled_margins_fit_together(year, rows):
    plan = scaled(PLANS[year], rows=rows)
    sizes = {side: sum(counts.values()) for side, counts in plan.strata.items()}
    assert sum(sizes.values()) == plan.size == rows == sum(plan.scores["总体满意度"])
    for counts in (plan.topics, plan.channels, plan.kinds):
        assert {side: sum(part.values()) for side, part in counts.items()} == sizes
    for area in ("产品满意度", "服务满意度", "内部流程评价"):
        assert sum(plan.scores[area]) == sum(counts.get(area, 0) for counts in plan.areas.values())
    answered = {name: count for counts in plan.strata.values() for name, count in counts.items()}
    assert all(answered[name] <= invited <= people for name, (people, invited) in plan.frame.items())


def test_plan_of_the_usual_size_is_itself():
    for plan in PLANS.values():
        assert scaled(plan, rows=plan.size) is plan


def test_more_rows_keep_the_counts(customers):
    plan = scaled(PLANS[2023], rows=7056)
    items = draw_items(plan, customers=pd.concat([customers[2023]] * 2), seed=5)
    assert (items["tags"].str.contains("响应时间过长")).sum() == 382
    assert items.groupby("side")["kind"].value_counts()["internal"]["问题反映"] == 880
    assert (items["feeling"] == "负面").sum() == 1270


# ------------------------------------------------------------------ planted effects


@dataclass(frozen=True)
class World:
    """One year as a reader knows it, and what only the generator knows."""

    feedback: pd.DataFrame
    answers: pd.DataFrame
    matched: pd.DataFrame
    customers: pd.DataFrame
    margins: pd.DataFrame
    planted: pd.DataFrame
    again: pd.DataFrame
    codings: pd.DataFrame


@pytest.fixture(scope="module")
def worlds(good, answers, matched, customers, planted, again, drawn) -> dict[int, World]:
    return {
        year: World(
            feedback=good[year],
            answers=answers[year],
            matched=matched[year],
            customers=customers[year],
            margins=frame_margins(PLANS[year]),
            planted=planted[year],
            again=again[year],
            codings=drawn[year].tables["codings"],
        )
        for year in YEARS
    }


def dip_share(times: pd.Series) -> np.ndarray:
    """The incident as felt: in full for four weeks, then fading over four."""
    weeks = (times - INCIDENT) / pd.Timedelta(weeks=1)
    return np.where(weeks >= 0, np.clip((8 - weeks) / 4, 0, 1), 0.0)


def slopes(scores: np.ndarray, design: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(np.column_stack([np.ones(len(design)), design]), scores, rcond=None)[0][1:]


def left_over(scores: np.ndarray, design: np.ndarray) -> tuple[float, int]:
    """Residual sum of squares and number of free columns."""
    full = np.column_stack([np.ones(len(design)), design])
    weights, _, rank, _ = np.linalg.lstsq(full, scores, rcond=None)
    return float(((scores - full @ weights) ** 2).sum()), int(rank)


def dip_and_trend(table: pd.DataFrame, *, side: str, shift: int = 0) -> np.ndarray:
    rows = table[table["side"] == side]
    dip = dip_share(rows["submitted_at"] + pd.Timedelta(days=shift))
    progress = rows["submitted_at"].dt.day_of_year / 365
    return slopes(rows["overall_score"].to_numpy(), np.column_stack([dip, progress]))


def background(table: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "dip": dip_share(table["submitted_at"]) * (table["side"] == "external"),
        "trend": table["submitted_at"].dt.day_of_year / 365,
    }
    columns |= {name: table["stratum"] == name for name in ("离职员工", "潜在客户", "高层领导", "核心客户")}
    columns |= {name: table["age_band"] == name for name in ("30岁以下", "50岁及以上")}
    return pd.DataFrame(columns).astype(float)


def score_of(name: str) -> Callable[[World], float]:
    def measure(world: World) -> float:
        design = background(world.feedback)
        return slopes(world.feedback["overall_score"].to_numpy(), design.to_numpy())[
            design.columns.get_loc(name)
        ]

    return measure


def careful(world: World) -> pd.DataFrame:
    """Complete answers of respondents who were neither hurried nor gave one answer eight times."""
    online = world.feedback.set_index("respondent_id").join(world.answers, how="inner")
    kept = online[online["duration_seconds"] >= 0.4 * online["duration_seconds"].median()].dropna(
        subset=ITEMS
    )
    return kept[(kept[ITEMS].nunique(axis=1) > 1) | (kept[ITEMS[0]] == 5)]


def driver(place: int) -> Callable[[World], float]:
    def measure(world: World) -> float:
        table = careful(world)[["overall_score", *ITEMS]]
        scaled_table = ((table - table.mean()) / table.std()).to_numpy()
        return slopes(scaled_table[:, 0], scaled_table[:, 1:])[place - 1]

    return measure


def item_correlation(world: World) -> float:
    matrix = careful(world)[ITEMS].corr().to_numpy()
    return matrix[np.triu_indices(8, k=1)].mean()


def speeders(world: World) -> float:
    seconds = world.feedback["duration_seconds"].dropna()
    return (seconds < 0.4 * seconds.median()).mean()


def straight_liners(world: World) -> float:
    table = world.answers
    return ((table.nunique(axis=1) == 1) & table.notna().all(axis=1) & (table[ITEMS[0]] < 5)).mean()


def tagged(table: pd.DataFrame, tag: str) -> pd.Series:
    return table["tags"].str.contains(tag, regex=False)


def low_rating(world: World) -> float:
    problems = world.feedback[world.feedback["kind"] == "问题反映"].set_index("respondent_id")
    rated = problems.join(world.answers, how="inner").dropna(subset="系统稳定")
    unstable = tagged(rated, "系统稳定性问题")
    return rated.loc[unstable, "系统稳定"].mean() - rated.loc[~unstable, "系统稳定"].mean()


def north_slow(world: World) -> float:
    known = world.feedback[world.feedback["region"] != ""]
    north, slow = known["region"].isin(NORTH), tagged(known, "响应时间过长")
    return north[slow].mean() / north[~slow].mean()


def peak_hours(world: World) -> float:
    peak = world.feedback["submitted_at"].dt.hour.isin(PEAK_HOURS)
    unstable = tagged(world.feedback, "系统稳定性问题")
    return peak[unstable].mean() / peak[~unstable].mean()


def mobile(*, unstable: bool) -> Callable[[World], float]:
    def measure(world: World) -> float:
        known = world.feedback[world.feedback["platform"] != ""]
        return (known["platform"][tagged(known, "系统稳定性问题") == unstable] == "移动端").mean()

    return measure


def eta_squared(table: pd.DataFrame, *, by: pd.Series, score: str) -> float:
    known = table.assign(by=by)[(by != "") & table[score].notna()]
    groups, mean = known.groupby("by")[score], known[score].mean()
    return (groups.size() * (groups.mean() - mean) ** 2).sum() / ((known[score] - mean) ** 2).sum()


def without_channels(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, what may explain them beside channels, and channels."""
    others = [
        background(table),
        *(pd.get_dummies(table[name], dtype=float) for name in ("stratum", "age_band")),
    ]
    channels = pd.get_dummies(table["channel"], dtype=float)
    return table["overall_score"].to_numpy(), pd.concat(others, axis=1).to_numpy(), channels.to_numpy()


def channel_share(world: World) -> float:
    scores, others, channels = without_channels(world.feedback)
    before, _ = left_over(scores, others)
    after, _ = left_over(scores, np.column_stack([others, channels]))
    return (before - after) / ((scores - scores.mean()) ** 2).sum()


def pooled_odds(says: pd.Series, member: pd.Series, *, strata: pd.Series) -> float:
    """Mantel and Haenszel's odds ratio."""
    above = below = 0.0
    for stratum in strata.unique():
        here = strata == stratum
        counts = pd.crosstab(says[here], member[here]).reindex(
            index=[False, True], columns=[False, True], fill_value=0
        )
        above += counts.loc[True, True] * counts.loc[False, False] / here.sum()
        below += counts.loc[True, False] * counts.loc[False, True] / here.sum()
    return above / below


def size_odds(size: str, issues: list[str]) -> Callable[[World], float]:
    def measure(world: World) -> float:
        rows = world.matched[world.matched["kind"] == "建议"]
        meant = world.planted.loc[rows["respondent_id"]]
        says = (meant["issue"].isin(issues) | meant["issue2"].isin(issues)).set_axis(rows.index)
        return pooled_odds(says, rows["size"] == size, strata=rows["stratum"])

    return measure


def old_praise(world: World) -> float:
    praises, old = world.matched["kind"] == "表扬", world.matched["since"] < "2019-01-01"
    return praises[old].mean() / praises[~old].mean()


def busy_blame(world: World) -> float:
    core = world.matched[world.matched["stratum"] == "核心客户"]
    middle = world.customers.loc[world.customers["stratum"] == "核心客户", "active_users"].median()
    problem, busy = core["kind"] == "问题反映", core["active_users"] > middle
    return problem[busy].mean() / problem[~busy].mean()


def processes(world: World) -> float:
    rows = world.feedback[world.feedback["area"] == "内部流程评价"]
    return eta_squared(rows, by=rows["department"], score="area_score")


def problem_channels(world: World) -> float:
    outside = world.feedback[world.feedback["side"] == "external"]
    problem = outside["kind"] == "问题反映"
    loud = outside["channel"].isin(["客户服务热线", "社交媒体监测"])
    return problem[loud].mean() - problem[outside["channel"] == "在线问卷调查"].mean()


def incident_topic(world: World) -> float:
    rows = world.feedback[(world.feedback["side"] == "external") & (world.feedback["kind"] == "问题反映")]
    unstable = tagged(rows, "系统稳定性问题")
    near = (rows["submitted_at"] >= INCIDENT) & (rows["submitted_at"] < INCIDENT + pd.Timedelta(weeks=4))
    return unstable[near].mean() / unstable[~near].mean()


def age_raking(world: World, *, channel: str = "") -> float:
    known = world.feedback[world.feedback["age_band"] != ""]
    known = known[known["channel"] == channel] if channel else known
    weights = pd.Series(0.0, index=known.index)
    for side, rows in known.groupby("side"):
        frame = world.margins[(world.margins["side"] == side) & (world.margins["variable"] == "age_band")]
        people = frame.set_index("level")["population"]
        weights[rows.index] = (
            rows["age_band"].map(people / rows["age_band"].value_counts()) / people.sum() * len(rows)
        )
    return np.average(known["overall_score"], weights=weights) - known["overall_score"].mean()


def blame_low(world: World) -> float:
    return (world.planted.loc[world.planted["feeling"] == "负面", "overall_score"] <= 3).mean()


def low_unhappy(world: World) -> float:
    return (world.planted.loc[world.planted["overall_score"] <= 3, "feeling"] != "正面").mean()


def repeated(world: World) -> float:
    return (world.again["similarity"] >= 70).sum()


def crossings(world: World) -> float:
    first = world.feedback["channel"].reindex(world.again["first"]).to_numpy()
    return (world.again["channel"] != first).mean()


def letters_alike(one: str, other: str) -> float:
    """Similarity of the letters and digits, 100 where one text holds the other."""
    short, long = sorted((re.sub(r"[\W_]+", "", text).lower() for text in (one, other)), key=len)
    return 100.0 if short in long else fuzz.ratio(short, long)


def reworded_share(world: World) -> float:
    first = world.feedback["comment"].reindex(world.again["first"])
    return np.mean([letters_alike(*pair) <= 97 for pair in zip(first, world.again["comment"], strict=True)])


def agreement(coder: str) -> Callable[[World], float]:
    def measure(world: World) -> float:
        read = world.codings[world.codings["coder"] == coder]
        meant = world.planted.drop_duplicates("comment").set_index("comment")["feeling"]
        return (meant.loc[read["comment"]].to_numpy() == read["sentiment"].to_numpy()).mean()

    return measure


MEASURES: dict[str, Callable[[World], float]] = {
    "incident_dip": lambda world: dip_and_trend(world.feedback, side="external")[0],
    "incident_dip_inside": lambda world: dip_and_trend(world.feedback, side="internal")[0],
    "incident_dip_2022": lambda world: dip_and_trend(world.feedback, side="external", shift=365)[0],
    "trend_2023": lambda world: dip_and_trend(world.feedback, side="internal")[1],
    "trend_2022": lambda world: dip_and_trend(world.feedback, side="internal")[1],
    "score_former": score_of("离职员工"),
    "score_prospects": score_of("潜在客户"),
    "score_leaders": score_of("高层领导"),
    "score_core": score_of("核心客户"),
    "score_young": score_of("30岁以下"),
    "score_old": score_of("50岁及以上"),
    **{f"driver_{place}": driver(place) for place in range(1, 9)},
    "item_correlation": item_correlation,
    "speeders": speeders,
    "straight_liners": straight_liners,
    "low_rating_low_stability": low_rating,
    "north_slow": north_slow,
    "peak_hours": peak_hours,
    "mobile_unstable": mobile(unstable=True),
    "mobile_others": mobile(unstable=False),
    "region_scores": lambda world: eta_squared(
        world.feedback, by=world.feedback["region"], score="overall_score"
    ),
    "hour_scores": lambda world: eta_squared(
        world.feedback, by=world.feedback["submitted_at"].dt.hour, score="overall_score"
    ),
    "channel_scores": channel_share,
    "large_customers": size_odds("大型", ["接口", "行业方案"]),
    "small_customers": size_odds("小型", ["价格", "易用性"]),
    "old_customers_praise": old_praise,
    "busy_customers_complain": busy_blame,
    "department_processes": processes,
    "area_overall": lambda world: world.feedback["area_score"].corr(world.feedback["overall_score"]),
    "problem_channels": problem_channels,
    "incident_topic": incident_topic,
    "age_raking": age_raking,
    "age_raking_online": lambda world: age_raking(world, channel="在线问卷调查"),
    "blame_low": blame_low,
    "low_unhappy": low_unhappy,
    "resubmissions": repeated,
    "crossings": crossings,
    "reworded": reworded_share,
    "coder_first": agreement("甲"),
    "coder_second": agreement("乙"),
}
EFFECTS = (*year.EFFECTS, *again_module.EFFECTS, *coders.EFFECTS)


def measure_of(effect: Effect) -> Callable[[World], float]:
    return MEASURES.get(effect.key) or MEASURES[effect.key.removesuffix(f"_{effect.year}")]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.key)
def test_planted_effect_is_there(worlds, effect):
    assert measure_of(effect)(worlds[effect.year]) == pytest.approx(effect.size, abs=effect.tolerance + 1e-9)


# ------------------------------------------------------------------ what was not planted


def anova(table: pd.DataFrame, *, score: str, by: pd.Series) -> float:
    known = table.assign(by=by)[(by != "") & table[score].notna()]
    return stats.f_oneway(*(part[score] for _, part in known.groupby("by"))).pvalue


def test_regions_and_hours_do_not_move_scores(good):
    table = good[2023]
    assert anova(table, score="overall_score", by=table["region"]) > 0.05
    assert anova(table, score="overall_score", by=table["submitted_at"].dt.hour) > 0.05


def test_channels_do_not_move_scores_beyond_who_uses_them(good):
    scores, others, channels = without_channels(good[2023])
    before, few = left_over(scores, others)
    after, many = left_over(scores, np.column_stack([others, channels]))
    ratio = ((before - after) / (many - few)) / (after / (len(scores) - many))
    assert stats.f.sf(ratio, many - few, len(scores) - many) > 0.05


def test_departments_of_one_kind_do_not_move_overall_scores(good):
    """Praise for 客户服务部 makes its scores higher; among suggestions departments are alike."""
    rows = good[2023][good[2023]["kind"] == "建议"]
    assert anova(rows, score="overall_score", by=rows["department"]) > 0.05
    served = good[2023]["department"] == "客户服务部"
    assert (
        good[2023].loc[served, "overall_score"].mean()
        > good[2023].loc[~served, "overall_score"].mean() + 0.05
    )


def test_departments_differ_in_internal_processes(good):
    rows = good[2023][good[2023]["area"] == "内部流程评价"]
    means = rows.groupby("department")["area_score"].mean()
    assert set(means.nsmallest(2).index) == {"技术支持部", "市场部"}


def test_dip_fades(good):
    outside = (
        good[2023][good[2023]["side"] == "external"].set_index("submitted_at").sort_index()["overall_score"]
    )
    before, dip = outside["2023-03-20":"2023-05-14"].mean(), outside["2023-05-15":"2023-06-11"].mean()
    fading, later = outside["2023-06-12":"2023-07-09"].mean(), outside["2023-07-10":].mean()
    assert dip < fading < before
    assert later == pytest.approx(before, abs=0.12)


# ------------------------------------------------------------------ sent again, read by people


@pytest.mark.parametrize("year", YEARS)
def test_repeated_matters_are_alike_and_later(good, again, year):
    table, first = again[year], good[year].loc[again[year]["first"]]
    assert len(table) == PLANS[year].resubmissions
    assert (table["similarity"] >= 75).all()
    delay = (
        table["submitted_at"].dt.normalize().to_numpy() - first["submitted_at"].dt.normalize().to_numpy()
    ).astype("timedelta64[D]")
    assert (delay.astype(int) >= 1).all()
    assert (delay.astype(int) <= 20).all()
    for column in ("kind", "topic", "side", "stratum", "overall_score", "customer_id"):
        assert (table[column].to_numpy() == first[column].to_numpy()).all()
    assert (first["comment"].str.len() >= 12).all()
    assert not good[year]["comment"].isin(first["comment"][first["comment"].duplicated()]).any()


@pytest.mark.parametrize("year", YEARS)
def test_intake_finds_the_repeated_matters_and_no_others(raw, again, year):
    limits = Thresholds()
    found = find_resubmissions(
        raw[year][raw[year]["is_good"]],
        days=limits.resubmission_days,
        similarity=limits.resubmission_similarity,
    )
    assert sorted(found["feedback_id"]) == sorted(again[year]["feedback_id"])
    assert len(found) == PLANS[year].resubmissions
    assert found["similarity"].min() >= 75
    assert (found["similarity"] < 97).mean() > 0.38


def test_reworded_texts():
    rng = np.random.default_rng(1)
    told = reworded("希望关闭工单之前征得提交人同意，3天没人回复。", rng=rng)
    assert told != "希望关闭工单之前征得提交人同意，3天没人回复。"
    assert "3天没人" in told
    assert 75 <= letters_alike(told, "希望关闭工单之前征得提交人同意，3天没人回复。") <= 97
    assert reworded("一二三四。", rng=rng) == ""


@pytest.mark.parametrize("year", YEARS)
def test_repeated_matters_change_no_number_and_no_denial(good, again, year):
    prefixes = "|".join(prefix for group in again_module.PREFIXES.values() for prefix in group)

    def meant(comments: pd.Series) -> list[str]:
        bare = comments.str.replace(f"^({prefixes})", "", regex=True)
        return bare.str.findall("[0-9０-９不没无未别非勿莫]").str.join("").tolist()

    first = good[year].loc[again[year]["first"], "comment"]
    assert meant(again[year]["comment"]) == meant(first)


@pytest.mark.parametrize("year", YEARS)
def test_coders_read_a_random_sample(drawn, planted, year):
    codings = drawn[year].tables["codings"]
    counts = codings["coder"].value_counts()
    assert counts.to_dict() == {"甲": 1500, "乙": 300}
    assert not codings.duplicated(["comment", "coder"]).any()
    spoken = planted[year][planted[year]["comment"] != ""].drop_duplicates("comment").set_index("comment")
    for coder, rows in codings.groupby("coder"):
        meant = spoken.loc[rows["comment"]]
        assert sorted(rows["sentiment"]) == sorted(meant["feeling"]), coder
    read = spoken.loc[codings.loc[codings["coder"] == "甲", "comment"], "kind"].value_counts(normalize=True)
    assert (read - spoken["kind"].value_counts(normalize=True)).abs().max() < 0.002
    assert set(codings.loc[codings["coder"] == "乙", "comment"]) <= set(
        codings.loc[codings["coder"] == "甲", "comment"]
    )

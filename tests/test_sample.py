"""The sample year: its numbers, its planted effects and its files, by plain pandas from the raw exports."""

import io
import re
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fbanalysis.sample.__main__ import main
from fbanalysis.sample.files import year_files
from fbanalysis.sample.plans import PLANS
from fbanalysis.sample.year import NORTH, dip_share, draw_items

RAW = Path(__file__).resolve().parent.parent / "data" / "raw"
FAULTY_ROWS = {2023: 25, 2022: 13}
PHONE = re.compile(r"130[- ]?0000[- ]?\d{4}|１３０００００\d{4}")
MAIL = re.compile(r"[\w.]+@example\.(?:com|org)")
IDENTITY = re.compile(r"(?<!\d)99\d{4}(?:19|20)\d{9}[\dX]")
CARD = re.compile(r"9000 0000 0000 \d{4}")


def read(content: bytes, *, source: dict) -> pd.DataFrame:
    """Read one delivered file as strings, columns and words replaced as dataset.toml says."""
    if source["file"].endswith(".xlsx"):
        sheet = source.get("sheet", 0)
        raw = pd.read_excel(io.BytesIO(content), sheet, dtype=str, na_filter=False, engine="calamine")
    else:
        text = content.decode(source.get("encoding", "utf-8-sig"))
        raw = pd.read_csv(io.StringIO(text), dtype=str, na_filter=False)
    table = pd.DataFrame({column: raw[header] for column, header in source["columns"].items()})
    for column, words in source.get("values", {}).items():
        table[column] = table[column].replace(words)
    return table


def read_feedback(files: dict[str, bytes], *, settings: dict) -> pd.DataFrame:
    """Read all feedback with its faulty rows; ``is_good`` says which rows a strict reader would keep."""
    parts = []
    for source in settings["feedback"]:
        part = read(files[source["file"]], source=source).assign(channel=source["channel"])
        form = source["formats"]["submitted_at"]
        part["submitted_at"] = pd.to_datetime(part["submitted_at"], format=form, errors="coerce")
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    scores = table[["area_score", "overall_score"]]
    table["is_good"] = (
        scores.isin(["", "1", "2", "3", "4", "5"]).all(axis=1)
        & (table["submitted_at"].dt.date >= settings["period"]["start"])
        & (table["submitted_at"].dt.date <= settings["period"]["end"])
        & table["side"].isin(["internal", "external"])
        & table["kind"].isin(["建议", "表扬", "问题反映"])
        & ~table["feedback_id"].duplicated()
    )
    return table.assign(**scores.apply(pd.to_numeric, errors="coerce"))


@pytest.fixture(scope="module")
def made() -> dict[int, dict[str, bytes]]:
    return {year: year_files(year) for year in PLANS}


@pytest.fixture(scope="module")
def settings(made) -> dict[int, dict]:
    return {year: tomllib.loads(files["dataset.toml"].decode()) for year, files in made.items()}


@pytest.fixture(scope="module")
def raw(made, settings) -> dict[int, pd.DataFrame]:
    return {year: read_feedback(made[year], settings=settings[year]) for year in made}


@pytest.fixture(scope="module")
def good(raw) -> dict[int, pd.DataFrame]:
    return {year: table[table["is_good"]] for year, table in raw.items()}


@pytest.fixture(scope="module")
def tables(made, settings) -> dict[int, dict[str, pd.DataFrame]]:
    return {
        year: {
            name: read(made[year][source["file"]], source=source)
            for name, source in settings[year]["tables"].items()
        }
        for year in made
    }


@pytest.fixture(scope="module")
def items() -> dict[int, pd.DataFrame]:
    return {year: draw_items(plan) for year, plan in PLANS.items()}


# ---- files ----


def test_same_bytes_at_every_run(made):
    assert year_files(2022) == made[2022]


def test_workbooks_carry_no_clock(made):
    for name in ("在线问卷.xlsx", "访谈与座谈.xlsx"):
        with zipfile.ZipFile(io.BytesIO(made[2023][name])) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(2024, 1, 2, 8, 0, 0)}
            assert archive.read("docProps/core.xml").count(b"2024-01-02T08:00:00Z") == 2


def test_years_deliver_their_tables(made, settings):
    common = {"population", "kpis", "operations"}
    assert set(settings[2022]["tables"]) == common
    assert set(settings[2023]["tables"]) == common | {
        "incidents",
        "incident_steps",
        "incident_losses",
        "incident_customers",
    }
    for year, files in made.items():
        named = {source["file"] for source in settings[year]["feedback"]}
        named |= {source["file"] for source in settings[year]["tables"].values()}
        assert set(files) == named | {"dataset.toml"}
    assert sum(len(content) for files in made.values() for content in files.values()) < 3_000_000


def test_encodings_differ_by_source(made):
    assert made[2023]["社交媒体.csv"].startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        made[2023]["热线记录.csv"].decode("utf-8")
    assert "来电编号" in made[2023]["热线记录.csv"].decode("gb18030")


def test_command_line_writes_one_year(tmp_path, capsys):
    main(["--year", "2022", "--out", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["2022"]
    assert "8 个文件" in capsys.readouterr().out


@pytest.mark.parametrize("year", sorted(PLANS))
def test_delivered_sample_is_the_generated_one(made, year):
    for name, content in made[year].items():
        delivered = (RAW / str(year) / name).read_bytes()
        if name.endswith(".xlsx"):  # the bytes of a zip depend on the zlib at hand
            new, old = (zipfile.ZipFile(io.BytesIO(book)) for book in (content, delivered))
            assert {part: new.read(part) for part in new.namelist()} == {
                part: old.read(part) for part in old.namelist()
            }
        else:
            assert delivered == content


# ---- rows that intake must refuse ----


@pytest.mark.parametrize("year", sorted(PLANS))
def test_faulty_rows_come_on_top(raw, good, year):
    assert len(good[year]) == sum(PLANS[year].kinds.values())
    assert len(raw[year]) - len(good[year]) == FAULTY_ROWS[year]


def test_every_kind_of_fault_is_there(raw):
    bad = raw[2023][~raw[2023]["is_good"]]
    assert bad["submitted_at"].isna().sum() == 5
    assert (bad["submitted_at"].dt.year == 2024).sum() == 3
    assert (~bad["side"].isin(["internal", "external"])).sum() == 4
    assert (bad["kind"] == "").sum() == 4
    assert raw[2023]["feedback_id"].duplicated().sum() == 3
    assert bad.loc[bad["overall_score"].isna() | ~bad["overall_score"].between(1, 5)].shape[0] == 5


def test_no_two_items_of_one_respondent(good):
    for table in good.values():
        assert table["respondent_id"].is_unique


# ---- the printed numbers ----


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


def test_channels(good):
    shares = good[2023]["channel"].value_counts(normalize=True)
    assert len(shares) == 5
    assert shares["在线问卷调查"] == pytest.approx(0.61, abs=0.02)
    outside = good[2023].groupby("channel")["side"].apply(lambda side: (side == "external").mean())
    assert outside["客户服务热线"] > 0.8
    assert outside["社交媒体监测"] > 0.9


@pytest.mark.parametrize(("year", "total", "coverage"), [(2023, 4102, 86), (2022, 3898, 67)])
def test_coverage(good, tables, year, total, coverage):
    frame = tables[year]["population"].astype({"population": int, "invited": int}).set_index("stratum")
    respondents = good[year]["stratum"].value_counts()[frame.index]
    assert frame["population"].sum() == total
    assert round(respondents.sum() / total * 100) == coverage
    assert (frame["invited"] <= frame["population"]).all()
    assert (respondents <= frame["invited"]).all()
    rates = respondents / frame["population"]
    assert set(rates.nsmallest(2).index) == {"离职员工", "潜在客户"}


def test_kinds_and_topics(good):
    assert good[2023]["kind"].value_counts().to_dict() == {"建议": 1856, "表扬": 843, "问题反映": 829}
    shares = (good[2023]["topic"].value_counts(normalize=True) * 100).round().to_dict()
    assert shares == {"产品质量": 32, "服务体验": 28, "内部管理": 25, "战略方向": 15}


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


def attainments(kpis: pd.DataFrame, *, satisfaction: float) -> pd.DataFrame:
    table = kpis.replace("", np.nan)
    numbers = ["target", "actual", "numerator", "denominator", "sd", "n", "weight"]
    table[numbers] = table[numbers].astype(float)
    rate = table["numerator"] / table["denominator"] * 100
    table["value"] = table["actual"].fillna(rate).fillna(satisfaction)
    ratio = table["value"] / table["target"]
    table["attainment"] = 100 * ratio.where(table["direction"] == "higher", 1 / ratio)
    return table


def test_kpis(good, tables):
    table = attainments(tables[2023]["kpis"], satisfaction=scores_of(good[2023], "服务满意度").mean())
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


@pytest.mark.parametrize("year", sorted(PLANS))
def test_quarters_give_the_annual_kpis(tables, year):
    table = attainments(tables[year]["kpis"], satisfaction=4.4)
    annual = table[table["period"] == str(year)].set_index("kpi")
    quarters = table[table["period"] != str(year)]
    slow, solved = (quarters[quarters["kpi"] == kpi] for kpi in ("响应时间", "投诉解决率"))
    assert (len(slow), len(solved)) == (4, 4)
    mean = np.average(slow["value"], weights=slow["n"])
    assert mean == pytest.approx(annual.loc["响应时间", "value"], abs=0.01)
    rate = solved["numerator"].sum() / solved["denominator"].sum() * 100
    assert rate == annual.loc["投诉解决率", "value"]


def test_third_quarter_is_overloaded_and_the_fourth_recovers(tables):
    table = attainments(tables[2023]["kpis"], satisfaction=4.5)
    slow = table[(table["kpi"] == "响应时间") & table["period"].str.contains("Q")]
    assert slow["value"].tolist() == [4.0, 4.4, 6.9, 3.9]
    measures = operations(tables[2023])
    assert measures.loc["工单量"].idxmax() == pd.Timestamp("2023-07-01")
    assert measures.loc["技术支持在岗人数"].idxmin() == pd.Timestamp("2023-07-01")


def operations(tables: dict[str, pd.DataFrame]) -> pd.Series:
    days = pd.to_datetime(tables["operations"]["period_start"], format="%Y-%m-%d", errors="coerce")
    table = tables["operations"].assign(period_start=days)[days.notna()]
    return table.set_index(["measure", "period_start"])["value"].astype(float)


def test_complaint_rate_falls(tables):
    rates = {year: operations(tables[year]) for year in PLANS}
    rates = {year: values.loc["投诉量"].sum() / values.loc["服务量"].sum() for year, values in rates.items()}
    assert rates[2023] == pytest.approx(0.030)
    assert rates[2022] == pytest.approx(0.037, abs=0.001)


# ---- the incident ----


def test_weeks_around_the_incident(tables):
    weekly = operations(tables[2023])
    before = slice(pd.Timestamp("2023-03-20"), pd.Timestamp("2023-05-14"))
    after = slice(pd.Timestamp("2023-05-15"), pd.Timestamp("2023-06-11"))
    noise = weekly.loc["行业论坛负面讨论"]
    assert (len(noise), len(noise[before]), len(noise[after])) == (52, 8, 4)
    assert set(noise.index.day_of_week) == {0}
    assert noise[after].mean() / noise[before].mean() - 1 == pytest.approx(0.32)
    won, asked = weekly.loc["新客户转化"], weekly.loc["新客户咨询"]
    rates = [won[weeks].sum() / asked[weeks].sum() for weeks in (before, after)]
    assert rates[1] / rates[0] - 1 == pytest.approx(-0.15)
    assert (won <= asked).all()


def test_incident(tables):
    incident = tables[2023]["incidents"].iloc[0]
    assert incident["cause"] == "数据迁移脚本逻辑错误"
    stages = ("started_at", "diagnosed_at", "mitigated_at", "resolved_at")
    assert [incident[stage] for stage in stages] == [f"2023-05-{day} 09:00" for day in (15, 16, 17, 18)]
    assert int(incident["affected_users"]) / int(incident["active_users"]) == 0.15
    losses = tables[2023]["incident_losses"].astype({"amount_cny_10k": float}).set_index("item")
    assert losses["amount_cny_10k"].to_dict() == {"直接赔偿": 25, "加班处理": 8, "潜在客户流失": 100}
    assert losses["certainty"].tolist() == ["actual", "actual", "estimate"]
    assert len(tables[2023]["incident_steps"]) == 4


def test_affected_customers(tables):
    table = tables[2023]["incident_customers"]
    starts, ends = (pd.to_datetime(table[name]) for name in ("outage_started_at", "outage_ended_at"))
    hours = (ends - starts).dt.total_seconds() / 3600
    assert table["customer_id"].nunique() == 157
    assert hours.mean() == pytest.approx(72.0, abs=0.05)
    assert hours.min() > 43
    assert hours.max() < 101
    assert (starts >= "2023-05-15 09:00").all()
    pairs = table[["score_before", "score_after"]].replace("", np.nan).astype(float).dropna()
    assert len(pairs) == 120
    assert pairs["score_after"].mean() / pairs["score_before"].mean() - 1 == pytest.approx(-0.18, abs=0.001)


# ---- planted effects, and their absence ----


def regression(table: pd.DataFrame) -> tuple[float, float]:
    """Regress the overall score on the share of the dip and the year's progress: (dip, trend)."""
    progress = table["submitted_at"].dt.day_of_year / 365
    design = np.column_stack([np.ones(len(table)), dip_share(table["submitted_at"]), progress])
    return tuple(np.linalg.lstsq(design, table["overall_score"], rcond=None)[0][1:])


def test_external_scores_dip_and_internal_ones_do_not(good):
    by_side = {side: regression(part) for side, part in good[2023].groupby("side")}
    assert by_side["external"][0] == pytest.approx(-0.6, abs=0.08)
    assert by_side["internal"][0] == pytest.approx(0, abs=0.05)
    outside = good[2023][good[2023]["side"] == "external"].set_index("submitted_at").sort_index()
    outside = outside["overall_score"]
    before, dip = outside["2023-03-20":"2023-05-14"].mean(), outside["2023-05-15":"2023-06-11"].mean()
    fading, later = outside["2023-06-12":"2023-07-09"].mean(), outside["2023-07-10":].mean()
    assert dip < fading < before
    assert later == pytest.approx(before, abs=0.1)


def test_last_year_has_no_dip(good):
    outside = good[2022][good[2022]["side"] == "external"]
    shifted = outside.assign(submitted_at=outside["submitted_at"] + pd.Timedelta(days=365))
    assert regression(shifted)[0] == pytest.approx(0, abs=0.15)


def test_scores_rise_slightly_over_the_year(good):
    assert regression(good[2023][good[2023]["side"] == "internal"])[1] == pytest.approx(0.12, abs=0.06)


def test_departments_differ_in_internal_processes_only(good):
    processes = good[2023][good[2023]["area"] == "内部流程评价"]
    groups = processes.groupby("department")["area_score"]
    between = (groups.size() * (groups.mean() - processes["area_score"].mean()) ** 2).sum()
    eta_squared = between / ((processes["area_score"] - processes["area_score"].mean()) ** 2).sum()
    assert eta_squared == pytest.approx(0.10, abs=0.015)
    assert set(groups.mean().nsmallest(2).index) == {"技术支持部", "市场部"}
    assert anova(good[2023], score="overall_score", by="department") > 0.05


@pytest.mark.parametrize("by", ["region", "channel"])
def test_no_effect_where_none_is_planted(good, by):
    assert anova(good[2023], score="overall_score", by=by) > 0.05


def anova(table: pd.DataFrame, *, score: str, by: str) -> float:
    named = table[table[by] != ""]
    return stats.f_oneway(*(part[score] for _, part in named.groupby(by))).pvalue


def test_the_north_complains_of_slow_responses(good):
    table = good[2023][good[2023]["region"] != ""]
    north = table["region"].isin(NORTH)
    says_slow = table["comment"].str.contains("响应.*慢|没有人响应|等了|催", regex=True)
    slow = (table["kind"] == "问题反映") & says_slow
    assert north[slow].mean() > north[~slow].mean() + 0.08
    others = (table["kind"] == "问题反映") & ~slow
    assert north[others].mean() == pytest.approx(north[table["kind"] == "表扬"].mean(), abs=0.06)


def test_area_and_overall_scores_correlate(good):
    assert good[2023]["area_score"].corr(good[2023]["overall_score"]) == pytest.approx(0.42, abs=0.06)


# ---- comments ----

SHARES = {2023: {"正面": 58, "中性": 24, "负面": 18}, 2022: {"正面": 46, "中性": 26, "负面": 28}}


@pytest.mark.parametrize("year", sorted(PLANS))
def test_feelings(items, year):
    spoken = items[year][items[year]["comment"] != ""]
    for table in (items[year], spoken):
        shares = (table["feeling"].value_counts(normalize=True) * 100).round().to_dict()
        assert shares == SHARES[year]
    assert len(spoken) / len(items[year]) == pytest.approx(0.94, abs=0.001)


def test_feelings_follow_kind_and_score_without_copying_them(items):
    table = items[2023]
    shares = pd.crosstab(table["kind"], table["feeling"], normalize="index")
    assert 0.6 < shares.loc["问题反映", "负面"] < 0.85
    assert shares.loc["表扬", "正面"] > 0.95
    assert 0.2 < shares.loc["建议", "中性"] < 0.5
    means = table.groupby("feeling")["overall_score"].mean()
    assert means["负面"] < means["中性"] < means["正面"]
    assert (table.loc[table["feeling"] == "负面", "overall_score"] >= 4).mean() > 0.2


@pytest.mark.parametrize("year", sorted(PLANS))
def test_comments_are_varied_and_whole(good, year):
    comments = good[year].loc[good[year]["comment"] != "", "comment"]
    assert comments.nunique() / len(comments) > 0.85
    assert comments.str.len().between(8, 120).all()
    assert not comments.str.contains(r"[{}]|，，|。。|，。", regex=True).any()


def test_neutral_comments_neither_praise_nor_blame(items):
    neutral = items[2023].loc[items[2023]["feeling"] == "中性", "comment"]
    judged = neutral[neutral.str.contains("满意|点赞|太慢|失望|很好|太差|崩溃|感谢|离谱|👍|😡")]
    assert judged.empty


def test_comments_use_the_topics_own_words(items):
    words = ("响应", "稳定", "文档", "移动端", "报表", "导出", "审批", "沟通", "培训", "接口", "客服", "升级")
    counts = {word: items[2023]["comment"].str.contains(word).sum() for word in words}
    assert min(counts.values()) >= 30, counts


def test_no_one_speaks_of_the_incident_before_it(items):
    early = items[2023][items[2023]["submitted_at"] < "2023-05-15"]
    assert not early["comment"].str.contains("五月|三季度|下半年|六月").any()
    assert not items[2022]["comment"].str.contains("五月|三季度|智能问答|协作指南").any()


def test_invented_personal_data_waits_to_be_masked(items):
    for table in items.values():
        told = {
            name: table["comment"].str.contains(pattern.pattern).sum()
            for name, pattern in (("phone", PHONE), ("mail", MAIL), ("identity", IDENTITY), ("card", CARD))
        }
        assert told == {"phone": 10, "mail": 4, "identity": 4, "card": 2}


def test_planted_identity_numbers_belong_to_nobody(items):
    codes = {line for line in items[2023]["comment"].str.findall(IDENTITY).explode().dropna()}
    assert codes
    assert all(code.startswith("99") for code in codes)  # no province has this number

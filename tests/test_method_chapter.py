"""The method chapter: what standards ask, what was declared, what the project shows, and when the build stops."""

import json
import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest

from fbanalysis.analysis import standards
from fbanalysis.analysis.standards import AAPOR, NATIONAL, PRIVACY, RAP_ITEMS, Item
from fbanalysis.dataset import (
    OPTIONAL_DISCLOSURE,
    Dataset,
    Disclosure,
    Thresholds,
    Year,
    load_dataset,
)
from fbanalysis.errors import ConfigError
from fbanalysis.report import disclosing, evidence
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.publishing import publish
from fbanalysis.report.slides import LedgerTable, make_slide
from fbanalysis.report.story import Chapter, tell
from fbanalysis.schema import TABLES

REQUIRED = [item.name for item in fields(Disclosure) if item.name not in OPTIONAL_DISCLOSURE]
FULL = Disclosure(**dict.fromkeys(REQUIRED, "说过"))

CONFIG = """
[report]
title = "年度报告"
organisation = "机构"
author = "办公室"
report_date = 2024-01-10
[period]
start = 2023-01-01
end = 2023-12-31
[scale]
minimum = 1
maximum = 5
[[feedback]]
file = "意见.csv"
[feedback.columns]
feedback_id = "号"
submitted_at = "日期"
side = "内外"
stratum = "身份"
kind = "类型"
channel = "渠道"
overall_score = "总分"
"""


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(
        root=tmp_path,
        year=2023,
        seed=1,
        title="年度报告",
        organisation="机构",
        author="编制部门",
        report_date=date(2024, 1, 15),
        allowed=(),
        period_start=date(2023, 1, 1),
        period_end=date(2023, 12, 31),
        midyear_check=None,
        scale_minimum=1,
        scale_maximum=5,
        thresholds=Thresholds(),
        feedback=(),
        tables={},
    )


# The items as data


def test_aapor_has_its_eleven_items_and_rap_its_counts_by_level() -> None:
    assert len(AAPOR) == 11
    levels = pd.Series([one.level for one in RAP_ITEMS]).value_counts()
    assert levels.to_dict() == {"基本要求": 7, "基础级": 5, "银级": 9, "金级": 4}


@pytest.mark.parametrize("items", [AAPOR, NATIONAL, PRIVACY], ids=["AAPOR", "national", "privacy"])
def test_items_are_named_once_with_term_and_source(items: tuple[Item, ...]) -> None:
    assert len({one.name for one in items}) == len(items)
    assert all(one.term and one.source and one.clauses and one.brief for one in items)


def test_no_clause_of_a_national_standard_is_quoted_by_number() -> None:
    assert [one.source for one in NATIONAL if re.search(r"第.*[条章款]|\d\.\d", one.source)] == []


def test_every_declaration_is_asked_for_by_an_item_and_no_item_asks_for_another() -> None:
    asked = {key for one in (*AAPOR, *NATIONAL, *PRIVACY) for key in one.keys}
    assert asked == set(REQUIRED)


def test_every_missing_declaration_has_an_example() -> None:
    assert set(disclosing._EXAMPLES) == set(REQUIRED)


def test_every_check_is_looked_for_somewhere(dataset: Dataset) -> None:
    looked = {*evidence.project_evidence(), *disclosing.year_evidence(Year(dataset))}
    declared = set(disclosing.declared_checks(dataset))
    assert {one.check for one in RAP_ITEMS} == looked | declared
    assert looked & declared == set()


def test_an_item_says_on_what_it_rests() -> None:
    rests = {name: Item(name, "", "", (clause,), "").basis for name, clause in {
        "a": "{disclosure[sponsor]}", "b": "{n[all]}", "c": "{disclosure[sponsor]}，{n[all]} 条", "d": "没有抽样",
    }.items()}  # fmt: skip
    assert rests == {"a": "机构声明", "b": "账本", "c": "机构声明与账本", "d": "做法说明"}


# Counting


def test_refused_rows_are_counted_once_by_their_first_reason() -> None:
    reasons = [
        ("feedback", "同一人重复提交：与热线.csv第 3 行为同一件事（相隔 2 天，原文相似度 96）"),
        ("feedback", "「评分」= 9，应在 1 到 5 之间；「渠道」为空"),
        ("feedback", "「时间」= 2022/5/1，应在 2023-01-01 到 2023-12-31 之间"),
        ("feedback", "「评分」= 7，应在 1 到 5 之间"),
        ("orders", "「订单号」= DD7，与第 9 行重复"),
        ("orders", "「金额」= 约30，应是数，不带单位、百分号或千分位"),
        ("kpis", "「方向」= 上，应为 升、降 之一"),
        ("kpis", "「日期」= 5月，读不出时间：formats 里写的是 %Y-%m-%d"),
        ("kpis", "没有见过的原因"),
    ]
    made = standards.count_exclusions(pd.DataFrame(reasons, columns=["table", "reason"]))
    expected = pd.DataFrame(
        [
            ("同一人重复提交", 1, 0),
            ("编号或行重复", 0, 1),
            ("必填项为空", 1, 0),
            ("时间读不出", 0, 1),
            ("不在报告期", 1, 0),
            ("超出允许范围", 1, 0),
            ("不是数", 0, 1),
            ("不在允许的取值里", 0, 1),
            ("其他原因", 0, 1),
            ("all", 4, 5),
        ],
        columns=["stratum", "feedback", "others"],
    )
    pd.testing.assert_frame_equal(made, expected, check_dtype=False)


def test_no_refused_row_is_no_reason() -> None:
    made = standards.count_exclusions(pd.DataFrame({"table": [], "reason": []}, dtype=object))
    assert made.to_numpy().tolist() == [["all", 0, 0]]


def test_what_was_collected_is_told_by_size() -> None:
    feedback = pd.DataFrame(
        {
            "channel": ["热线", "问卷", "问卷"],
            "submitted_at": pd.to_datetime(["2023-03-02 08:00", "2023-11-30 23:59", None]),
            "side": ["external", "internal", "internal"],
        }
    )
    assert standards.describe_collection(feedback) == {
        "渠道": "问卷、热线",
        "首条": date(2023, 3, 2),
        "末条": date(2023, 11, 30),
        "条数": 3,
        "内部条数": 2,
        "外部条数": 1,
    }
    empty = standards.describe_collection(feedback.iloc[:0])
    assert (empty["渠道"], empty["首条"], empty["条数"]) == ("", None, 0)


def test_nothing_is_met_without_evidence() -> None:
    rap = standards.assess_rap({}, {})
    assert set(rap["standing"]) == {"未满足"}
    assert set(rap["evidence"]) == {"没有找到", "没有声明"}
    every = {one.check: "有" for one in RAP_ITEMS}
    assert set(standards.assess_rap(every, every)["standing"]) == {"满足"}
    found_only = standards.assess_rap(every, {})
    assert sorted(found_only.query("standing == '未满足'")["name"]) == sorted(
        ["经过同行评审", "对任何人开放", "代码经过同行评审", "代码公开并与报告互相链接", "按事件或按时运行"]
    )


def test_a_level_stands_on_those_below_it() -> None:
    levels = standards.count_levels(standards.assess_rap({one.check: "有" for one in RAP_ITEMS}, {}))
    assert levels.to_numpy().tolist() == [
        ["基本要求", 7, 5, 2, "未满足"],
        ["基础级", 5, 3, 2, "未满足"],
        ["银级", 9, 9, 0, "未满足"],
        ["金级", 4, 3, 1, "未满足"],
    ]


# What the project shows


def test_an_empty_folder_shows_nothing(tmp_path: Path) -> None:
    assert set(evidence.project_evidence(tmp_path).values()) == {""}
    assert evidence.evidence_files(tmp_path) == []
    assert evidence.lock_digest(tmp_path) == ""


def write_project(folder: Path) -> Path:
    (folder / "fbanalysis").mkdir()
    (folder / "fbanalysis" / "one.py").write_text(
        '"""Says."""\n\n\ndef say() -> None:\n    """Say."""\n', "utf-8"
    )
    (folder / "tests").mkdir()
    (folder / "tests" / "test_one.py").write_text(
        "def test_a():\n    pass\n\n\ndef test_b():\n    pass\n", "utf-8"
    )
    (folder / "README.md").write_text("运行 python run_all.py", "utf-8")
    (folder / "run_all.py").write_text("", "utf-8")
    lock = "a==1 \\\n    --hash=sha256:00\nb==2 ; python_version < '3' \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n"
    (folder / "requirements.lock").write_text(lock, "utf-8")
    return folder


def test_a_small_project_shows_what_it_has(tmp_path: Path) -> None:
    found = evidence.project_evidence(write_project(tmp_path))
    assert {name for name, text in found.items() if text} == {
        "open_source", "readme", "one_command", "documentation", "functions", "tests", "dependencies",
    }  # fmt: skip
    assert found["tests"].startswith("2 个测试函数")
    assert "2 个包" in found["dependencies"]
    assert {path.name for path in evidence.evidence_files(tmp_path)} == {
        "README.md", "run_all.py", "requirements.lock", "test_one.py",
    }  # fmt: skip


SPOILED: dict[str, Callable[[Path], object]] = {
    "dependencies": lambda folder: (folder / "requirements.lock").write_text("c==3\n", "utf-8"),
    "readme": lambda folder: (folder / "README.md").write_text("请看别处", "utf-8"),
    "documentation": lambda folder: (folder / "fbanalysis" / "two.py").write_text("x = 1\n", "utf-8"),
    "tests": lambda folder: (folder / "tests" / "test_one.py").unlink(),
}


@pytest.mark.parametrize("check", SPOILED)
def test_what_is_half_done_is_no_evidence(check: str, tmp_path: Path) -> None:
    """One package without a hash, a README that doesn't say how, a module without a word, no test."""
    write_project(tmp_path)
    assert evidence.project_evidence(tmp_path)[check]
    SPOILED[check](tmp_path)
    assert evidence.project_evidence(tmp_path)[check] == ""


def test_the_fingerprint_of_the_code_follows_its_content_and_names(tmp_path: Path) -> None:
    first = evidence.code_digest(write_project(tmp_path))
    (tmp_path / "fbanalysis" / "one.py").rename(tmp_path / "fbanalysis" / "two.py")
    second = evidence.code_digest(tmp_path)
    (tmp_path / "fbanalysis" / "two.py").write_text("x = 1", "utf-8")
    assert len({first, second, evidence.code_digest(tmp_path)}) == 3


def test_versions_are_those_installed() -> None:
    versions = evidence.package_versions()
    assert versions["pandas"] == pd.__version__
    assert versions["openpyxl"] == openpyxl.__version__


# dataset.toml


def written(folder: Path, section: str) -> Dataset:
    raw = folder / "data" / "raw" / "2023"
    raw.mkdir(parents=True)
    (raw / "意见.csv").write_text("号,日期,内外,身份,类型,渠道,总分\n", "utf-8")
    (raw / "dataset.toml").write_text(CONFIG + section, "utf-8")
    return load_dataset(folder, 2023)


def test_a_year_without_declarations_loads_and_lacks_all(tmp_path: Path) -> None:
    assert list(written(tmp_path, "").disclosure.missing) == REQUIRED


def test_declarations_are_read_and_optional_ones_never_missing(tmp_path: Path) -> None:
    texts = "\n".join(f'{key} = "说过"' for key in REQUIRED if key not in ("next_review", "contact"))
    made = written(tmp_path, f"[disclosure]\n{texts}\nnext_review = 2024-06-30\n").disclosure
    assert made.missing == ("contact",)
    assert (made.sponsor, made.next_review, made.peer_review) == ("说过", "2024-06-30", "")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('sponser = "谁"', r"第 24 行.*「sponser」.*是否想写「sponsor」"),
        ('sponsor = ""', "「sponsor」应为文字"),
        ('next_review = "明年"', "「next_review」应为日期"),
    ],
)
def test_a_wrong_declaration_names_its_line(line: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=says):
        written(tmp_path, f"[disclosure]\n{line}\n")


# Answers


def ledger_of(dataset: Dataset, **counts: float) -> Ledger:
    ledger = Ledger(Year(dataset))
    ledger.record(
        disclosing.declared(dataset), metric="disclosure", value="value", unit="text", method="声明"
    )
    for name, value in counts.items():
        ledger.note(name, "all", value, unit="count", method="计数")
    ledger.adopt([])
    return ledger


def test_a_missing_declaration_reads_as_to_be_said(dataset: Dataset) -> None:
    half = replace(dataset, disclosure=replace(FULL, sponsor="", contact=""))
    made = disclosing.declared(half).set_index("stratum")["value"]
    assert made[["sponsor", "contact", "population"]].tolist() == ["待补", "待补", "说过"]
    assert not set(OPTIONAL_DISCLOSURE) & set(made.index)
    table = disclosing.answers(AAPOR, ledger_of(half)).set_index("stratum")
    assert table.loc["主办与执行", ["standing", "answer"]].tolist() == [
        "待补",
        "主办：待补；执行：说过；联系：待补",
    ]
    assert set(table.drop("主办与执行")["standing"]) == {"已说明"}


def test_a_clause_about_what_is_not_there_is_left_out(dataset: Dataset) -> None:
    item = Item(
        "总体", "Population", "来源", ("{disclosure[population]}", "共 {people[all]} 人"), "{people[all]} 人"
    )
    full = replace(dataset, disclosure=FULL)
    said = disclosing.answers([item], ledger_of(full, people=4102)).iloc[0]
    assert said[["answer", "brief"]].str.replace("\u202f", " ").tolist() == ["说过；共 4,102 人", "4,102 人"]
    silent = disclosing.answers([item], ledger_of(full)).iloc[0]
    assert silent[["answer", "brief"]].tolist() == ["说过", "说过"]


def test_what_a_slide_has_no_room_for_is_cut(dataset: Dataset) -> None:
    long = replace(dataset, disclosure=replace(FULL, population="长" * 300))
    table = disclosing.answers(AAPOR, ledger_of(long)).set_index("stratum")
    assert table["brief"].str.len().max() == disclosing.LONGEST_BRIEF
    assert table.loc["研究总体", "answer"].count("长") == 300


# Stopping the final build


def chapter_of(dataset: Dataset, *, metric: str = disclosing.METRIC) -> Chapter:
    ledger = Ledger(Year(dataset))
    table = disclosing.declared(dataset)
    ledger.record(table, metric=metric, value="value", unit="text", method="声明")
    slide = make_slide(
        "说明逐项列出", topic="披露", ledger=ledger, table=LedgerTable(rows=list(table["stratum"][:5]), columns={"说明": metric})
    )  # fmt: skip
    outputs = [
        nbformat.v4.new_output("display_data", data=one._repr_mimebundle_()) for one in (slide, ledger)
    ]
    cells = [nbformat.v4.new_markdown_cell("# 方法与披露：怎么来的？")]
    cells += [nbformat.v4.new_code_cell("…", outputs=[output]) for output in outputs]
    path = dataset.root / "82_method.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return Chapter("82", "82_method", "方法与披露：怎么来的？", path, "done")


def test_missing_declarations_stop_the_final_build_with_one_message(dataset: Dataset) -> None:
    half = replace(dataset, disclosure=replace(FULL, sponsor="", next_review=""))
    with pytest.raises(ConfigError) as caught:
        publish(half, [chapter_of(half)])
    message = str(caught.value)
    for part in (
        "缺少 2 项", "sponsor（", "next_review（", "data/raw/2023/dataset.toml", "[disclosure]", 'sponsor = "', "--draft",
    ):  # fmt: skip
        assert part in message
    assert "population" not in message
    assert not (dataset.reports / "deck.html").exists()


def test_all_missing_declarations_are_named(dataset: Dataset) -> None:
    with pytest.raises(ConfigError) as caught:
        publish(dataset, [chapter_of(dataset)])
    assert [key for key in REQUIRED if f"{key}（" not in str(caught.value)] == []


def test_a_draft_marks_what_is_missing_instead(dataset: Dataset) -> None:
    publish(dataset, [chapter_of(dataset)], draft=True)
    deck = (dataset.reports / "deck.html").read_text("utf-8")
    assert "待补" in deck.split("<main")[1]


def test_a_full_declaration_or_a_report_without_the_chapter_is_published(dataset: Dataset) -> None:
    full = replace(dataset, disclosure=FULL)
    disclosing.refuse_unfinished(tell(full, [chapter_of(full)]))
    disclosing.refuse_unfinished(tell(dataset, [chapter_of(dataset, metric="other")]))


# The sample year


@pytest.fixture(scope="module")
def records(sample_report: Path) -> dict[str, dict[str, object]]:
    return {one["key"]: one for one in json.loads((sample_report / "metrics.json").read_text("utf-8"))}


def test_the_sample_year_says_every_item(records: dict[str, dict[str, object]]) -> None:
    said = {key: one for key, one in records.items() if one["metric"] == "aapor"}
    assert list(said) == [f"aapor[{one.name}]" for one in AAPOR]
    assert {one["verdict"] for one in said.values()} == {"已说明"}
    assert not [
        key for key, one in said.items() if "待补" in str(one["value"]) or "（无" in str(one["value"])
    ]
    assert "不声称总体的抽样误差范围" in str(said["aapor[样本量与精度]"]["value"])


def test_the_sample_years_exclusions_add_up_to_the_quarantine(
    sample_report: Path, records: dict[str, dict[str, object]]
) -> None:
    folder = sample_report.parents[1] / "data" / "processed" / "2023"
    refused = pd.read_csv(folder / "quarantine.csv")
    parts = {key: one["value"] for key, one in records.items() if one["metric"] == "excluded_feedback"}
    total = parts.pop("excluded_feedback[all]")
    assert total == sum(parts.values()) == (refused["table"] == "feedback").sum()
    repeated = refused["reason"].str.startswith("同一人重复提交")
    assert parts["excluded_feedback[同一人重复提交]"] == repeated.sum() > 100
    assert "excluded_feedback[其他原因]" not in records or parts["excluded_feedback[其他原因]"] == 0


def test_fingerprints_of_the_sample_year_are_those_of_its_files(
    sample_report: Path, records: dict[str, dict[str, object]]
) -> None:
    import hashlib

    raw = sample_report.parents[1] / "data" / "raw" / "2023"
    found = {one["stratum"]: one["value"] for one in records.values() if one["metric"] == "file_digest"}
    files = {stratum: stratum.split(" → ")[0].split("「")[0] for stratum in found}
    assert set(files.values()) == {path.name for path in raw.iterdir() if path.name != "dataset.toml"}
    for stratum, digest in found.items():
        name = files[stratum]
        assert hashlib.sha256((raw / name).read_bytes()).hexdigest().startswith(str(digest)), name


def test_the_self_assessment_of_the_sample_year_is_not_praise(
    records: dict[str, dict[str, object]],
) -> None:
    """Review and publication were not declared, and nothing runs the tests by itself: those stand as not met."""
    rap = {one["stratum"]: one["verdict"] for one in records.values() if one["metric"] == "rap_evidence"}
    assert len(rap) == len(RAP_ITEMS)
    assert {
        rap["基础级：代码经过同行评审"],
        rap["基本要求：对任何人开放"],
        rap["金级：按事件或按时运行"],
    } == {"未满足"}
    assert rap["银级：写明依赖"] == "满足"
    met = sum(verdict == "满足" for verdict in rap.values())
    assert records["rap_met[all]"]["value"] == met < records["rap_items[all]"]["value"] == len(rap)


def test_tables_are_counted_as_the_dictionary_knows_them(records: dict[str, dict[str, object]]) -> None:
    told = str(records["rap_evidence[银级：数据整洁]"]["value"])
    assert 0 < int(re.match(r"\d+", told)[0]) <= len(TABLES)

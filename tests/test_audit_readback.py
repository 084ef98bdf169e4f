"""Reading our own files back: printed forms, places, charts, and errors that are planted to be found."""

import json
import math
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from telling import story_of

from fbanalysis.dataset import Dataset, Thresholds
from fbanalysis.errors import DataError
from fbanalysis.report import charts
from fbanalysis.report.audit.ours.aligning import paired
from fbanalysis.report.audit.ours.drawings import drawing_of, plotted
from fbanalysis.report.audit.ours.expected import Line, Piece, Section
from fbanalysis.report.audit.ours.printed import SUFFIXES, Entry, at_mark, origin, read_ledger, rounded
from fbanalysis.report.audit.ours.semantics import Reader
from fbanalysis.report.audit.ours.testing_words import mann_kendall, said_of_tests
from fbanalysis.report.audit.planting import KINDS, plant
from fbanalysis.report.audit.readback import Readback, audit_report
from fbanalysis.report.audit.readback import origin as file_origin
from fbanalysis.report.audit.reading import Passage, read_document
from fbanalysis.report.audit.selftest import SelfTest, self_test
from fbanalysis.report.audit.verdict import summary
from fbanalysis.report.ledger import UNITS, Ledger
from fbanalysis.report.pptx import write_pptx
from fbanalysis.report.publishing import publish
from fbanalysis.report.slides import Slide, make_slide
from fbanalysis.report.story import Chapter, Story, tell
from fbanalysis.report.tracing import untraced
from fbanalysis.report.workbook import write_workbook


def entry(**given: object) -> Entry:
    """A mean of 3,528 scores, with its interval."""
    fields: dict[str, object] = {
        "key": "mean[all]", "metric": "mean", "stratum": "all", "value": 4.1, "unit": "score", "decimals": 1,
        "printed": "4.1 分", "n": 3528, "low": 4.08, "high": 4.12,
    }  # fmt: skip
    return Entry(**fields | given)


# What may stand for a record


def test_the_audit_knows_the_units_of_the_ledger() -> None:
    assert {name: unit.suffix.strip() for name, unit in UNITS.items()} == dict(SUFFIXES)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(2.675, 2, "2.68"), (0.5, 0, "1"), (-1234.5, 0, "−1,235"), (-0.04, 1, "0.0"), (112.45, 1, "112.5")],
)
def test_numbers_are_rounded_as_on_paper(value: float, decimals: int, text: str) -> None:
    assert rounded(value, decimals) == text


@pytest.mark.parametrize(
    ("given", "text", "what"),
    [
        ({}, "4.1分", "value"),
        ({}, "3,528", "n"),
        ({}, "95%区间4.08–4.12分", "interval"),
        ({"value": -8.65, "unit": "pp", "printed": "", "low": None}, "8.7个百分点", "magnitude"),
        ({"value": -8.65, "unit": "pp", "printed": "", "low": None}, "−8.7个百分点", "value"),
        ({"low": -0.2, "high": 0.1}, "−0.20至0.10分", "interval"),
        ({"p": 0.0004}, "p<0.001", "p"),
        ({"p": 0.0124}, "p=0.012", "p"),
        ({"effect": -0.217}, "−0.22", "effect"),
    ],
)
def test_a_record_has_its_printed_forms_and_no_others(given: dict[str, object], text: str, what: str) -> None:
    assert entry(**given).forms[text] == what


@pytest.mark.parametrize("text", ["4.0分", "4.1%", "4.10分", "3,529", "41分", "4.1"])
def test_another_number_is_no_form_of_the_record(text: str) -> None:
    assert text not in entry().forms


def test_a_share_and_a_difference_of_shares_are_not_mistaken() -> None:
    share = entry(value=19.0, unit="percent", low=None)
    assert "19.0%" in share.forms
    assert "19.0个百分点" not in share.forms


def test_notes_say_where_a_number_comes_from() -> None:
    said = origin(entry(method="均值；t 区间"))
    assert said == "mean[all]=4.1分；n=3,528；95%区间4.1–4.1分；均值；t区间"


def test_a_chart_may_leave_out_the_unit_that_its_axis_names() -> None:
    assert at_mark(4.1, unit="score", decimals=1) == {"4.1", "4.1分", "+4.1", "+4.1分"}


def test_a_folder_without_a_ledger_cannot_be_audited(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"没有账本 metrics.json"):
        read_ledger(tmp_path)
    (tmp_path / "metrics.json").write_text(json.dumps([{"key": "a"}]), "utf-8")
    with pytest.raises(DataError, match="不是完整的账本"):
        read_ledger(tmp_path)


# What is said of tests


def test_trend_with_time_by_counting_orders() -> None:
    """Of the 24 orders of four, one rises throughout and one falls: p = 2/24; one inversion more: 2·(1+3)/24."""
    assert mann_kendall([1, 2, 3, 4]) == (1.0, pytest.approx(2 / 24))
    assert mann_kendall([1, 2, 4, 3]) == (pytest.approx(4 / 6), pytest.approx(8 / 24))
    assert mann_kendall([2, 2, 2]) == (0.0, 1.0)


def test_a_test_is_said_with_its_adjusted_p_and_effect() -> None:
    tested = entry(method="Welch 检验", p=0.01234, effect=0.271)
    assert said_of_tests({"k": tested}) == {"Welch检验；校正后p=0.0123；效应量0.27": "mean[all]"}


# Who should stand where


def test_an_altered_text_keeps_its_neighbours() -> None:
    assert paired(["甲", "一 5", "乙"], ["甲", "一 6", "乙"]) == [(0, 0), (1, 1), (2, 2)]


def test_an_inserted_text_belongs_to_nothing() -> None:
    assert (None, 1) in paired(["甲", "乙"], ["甲", "多出来的一句", "乙"])


def test_a_lost_text_is_missed() -> None:
    assert (1, None) in paired(["甲", "要紧的话", "乙"], ["甲", "乙"])


def test_two_that_changed_places_are_both_wrong() -> None:
    pairs = paired(["甲", "1", "乙", "2"], ["甲", "2", "乙", "1"])
    assert pairs == [(0, 0), (1, 1), (2, 2), (3, 3)]


# What sentences say


def reader(*entries: Entry) -> Reader:
    return Reader(SimpleNamespace(), {one.key: one for one in entries})


def section(*pieces: Piece) -> Section:
    return Section("a", 7, (Line("text", pieces),))


GROUPS = (
    entry(key="mean[internal/一线员工]", stratum="internal/一线员工"),
    entry(key="mean[internal/中层管理者]", stratum="internal/中层管理者", value=4.3, printed="4.3 分"),
)


def test_a_sentence_that_names_another_group_than_its_number() -> None:
    wrong = section(Piece("一线员工最高（"), Piece("4.3 分", key=GROUPS[1].key), Piece("）"))
    [finding] = reader(*GROUPS).read(wrong)
    assert (finding.rule, finding.printed, finding.expected) == ("层名", "一线员工", "中层管理者")
    right = section(Piece("中层管理者最高（"), Piece("4.3 分", key=GROUPS[1].key), Piece("）"))
    assert list(reader(*GROUPS).read(right)) == []


def test_points_behind_a_share() -> None:
    share = entry(key="share[all]", value=12.0, unit="percent", printed="12.0%", low=None)
    [finding] = reader(share).read(section(Piece("提升 "), Piece("12.0", key=share.key), Piece(" 个百分点")))
    assert (finding.rule, finding.severity) == ("百分点", "矛盾")


def test_a_year_that_is_not_the_numbers_own() -> None:
    old = entry(key="mean[2022]", stratum="2022")
    [finding] = reader(old).read(section(Piece("2023 年为 "), Piece("4.1 分", key=old.key)))
    assert (finding.rule, finding.expected) == ("年份", "2022")


def spec(**given: object) -> dict[str, object]:
    sentence = [{"text": "4.1 分", "key": "mean[all]"}]
    empty = {
        "chart": None,
        "table": None,
        "figures": [],
        "reading": [],
        "quotes": [],
        "notes": [],
        "source": [],
    }
    return empty | {"kicker": [], "title": sentence} | given


def test_a_slide_whose_source_does_not_say_of_how_many() -> None:
    bare = Section("a", 7, (), spec(source=[{"text": "总体评分", "key": ""}]))
    [finding] = reader(entry()).read(bare)
    assert (finding.rule, finding.expected) == ("口径", "n = 3,528")
    based = [
        {"text": "总体评分 ", "key": ""},
        {"text": "3,528", "key": "mean[all]"},
        {"text": " 个", "key": ""},
    ]
    assert list(reader(entry()).read(Section("a", 7, (), spec(source=based)))) == []


# Charts


def chart(*values: float, keys: tuple[str, ...] = (), svg: str = "") -> dict[str, object]:
    series = {
        "name": "数值", "values": values, "low": (), "high": (), "x": (), "texts": (), "unit": "", "decimals": None,
        "is_hidden": False, "keys": keys,
    }  # fmt: skip
    plot = {
        "kind": "bar", "categories": [f"第{i}组" for i in range(len(values))], "series": [series], "unit": "score",
        "decimals": 1, "notes": (), "events": (), "label": "", "x_label": "", "target_label": "", "lanes": (),
        "base": (), "target": None, "origin": "",
    }  # fmt: skip
    return {"plot": plot, "svg": svg, "alt": ""}


def ticks(*texts: str) -> str:
    return "".join(f'<text x="{40 * i}" y="200">{text}</text>' for i, text in enumerate(texts))


def test_ticks_are_known_by_growing_evenly_with_their_place() -> None:
    drawing = drawing_of(chart(4.1, svg=ticks("0", "2", "4", "6")))
    assert drawing.rule("6") == "坐标刻度"
    assert drawing_of(chart(4.1, svg=ticks("0", "2", "5", "6"))).rule("6") == ""


def test_a_label_is_a_value_of_the_plot_or_nobodys() -> None:
    drawing = drawing_of(chart(4.1, 3.8))
    assert (drawing.rule("4.1"), drawing.rule("4.2")) == ("图中数据", "")


def test_a_plotted_value_is_its_records_at_the_plotted_precision() -> None:
    ledger = {"mean[all]": entry(value=4.08)}
    right, wrong = chart(4.1, keys=("mean[all]",)), chart(4.2, keys=("mean[all]",))
    assert [fault for *_, fault in plotted(right, ledger)] == [""]
    assert [fault for *_, fault in plotted(wrong, ledger)] == ["4.1分"]


# The sample year


@pytest.fixture(scope="module")
def story(sample_report: Path) -> Story:
    return story_of(Path(__file__).parents[1], 2023)


@pytest.fixture(scope="module")
def tested(story: Story, sample_report: Path) -> SelfTest:
    return self_test(story, sample_report, count=3 * len(KINDS))


def test_nothing_is_found_in_the_sample_report(story: Story, sample_report: Path) -> None:
    audit = audit_report(story, sample_report)
    assert [(one.place, one.rule, one.explanation) for one in audit.findings] == []
    assert {one.name for one in audit.files} == {
        *("deck.html", "report.html", "index.html", "report.pptx", "report.xlsx")
    }
    for one in audit.files:
        assert one.matched > 0.4 * one.numbers > 0, one.name
        assert one.numbers == one.matched + sum(one.allowed.values()), one.name
    assert "每个数字都有记录" in summary(audit)


def test_every_planted_error_is_found_and_nothing_else(tested: SelfTest) -> None:
    assert len(tested.planted) >= 72
    assert [(one.kind, one.file, one.old, one.new) for one in tested.missed] == []
    assert [(name, one.place, one.sentence) for name, one in tested.false_alarms] == []
    assert (tested.recall, tested.precision) == (1.0, 1.0)


def test_errors_of_every_kind_and_in_every_format_were_planted(tested: SelfTest) -> None:
    assert set(tested.by_kind) == set(KINDS)
    assert {one.file for one in tested.planted} == {"deck.html", "report.html", "report.pptx", "report.xlsx"}


def test_one_error_in_one_copy(story: Story, sample_report: Path, tmp_path: Path) -> None:
    for name in ("deck.html", "metrics.json"):
        shutil.copyfile(sample_report / name, tmp_path / name)
    planted = plant("百分点", tmp_path, Random(3), ledger=read_ledger(tmp_path))
    found = audit_report(story, tmp_path, files=["deck.html"]).findings
    assert {one.rule for one in found} == {"百分点"}
    assert str(planted.page) in found[0].place
    assert "共 1 处不符" in summary(audit_report(story, tmp_path, files=["deck.html"]))


def test_a_ledger_that_was_changed_afterwards_no_longer_agrees(
    story: Story, sample_report: Path, tmp_path: Path
) -> None:
    """The files are as they were; the record behind the first number of the deck is another now."""
    shutil.copyfile(sample_report / "deck.html", tmp_path / "deck.html")
    rows = json.loads((sample_report / "metrics.json").read_text("utf-8"))
    [row] = [one for one in rows if one["key"] == "satisfaction_mean[总体满意度]"]
    row["value"] += 0.3
    (tmp_path / "metrics.json").write_text(json.dumps(rows), "utf-8")
    found = audit_report(story, tmp_path, files=["deck.html"]).findings
    assert found
    assert {one.key for one in found} == {"satisfaction_mean[总体满意度]"}


# Edits of the finished files


@pytest.fixture(scope="module")
def readback(story: Story, sample_report: Path) -> Readback:
    return Readback(story, sample_report)


@pytest.fixture
def found_in(
    readback: Readback, sample_report: Path, tmp_path: Path
) -> Callable[..., list[tuple[str, str, str]]]:
    """Give the findings on a copy in which a pattern was replaced once: rule, severity, sentence."""

    def found(name: str, pattern: str, new: str, *, part: str = "") -> list[tuple[str, str, str]]:
        path = tmp_path / name
        edit(sample_report / name, path, pattern, new, part=part)
        findings = readback.read(read_document(path)).findings
        return [(one.rule, one.severity, one.sentence) for one in findings]

    return found


def edit(source: Path, path: Path, pattern: str, new: str, *, part: str = "") -> None:
    """Copy a page, or a package of which one part is changed."""
    if not part:
        path.write_text(replaced(source.read_text("utf-8"), pattern, new), "utf-8")
        return
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == part:
                content = replaced(content.decode(), pattern, new).encode()
            package.writestr(entry, content)


def replaced(text: str, pattern: str, new: str) -> str:
    text, count = re.subn(pattern, new, text, count=1, flags=re.DOTALL)
    assert count, f"nothing to edit: {pattern}"
    return text


@pytest.mark.parametrize(
    ("added", "severity"),
    [("客户全都满意", "可能"), ("客户明显更满意", "矛盾"), ("客户满意度为 99 分", "矛盾")],
)
def test_words_that_were_added_are_found(found_in: Callable, added: str, severity: str) -> None:
    [(_, hardness, sentence)] = found_in("deck.html", "</section>", f"<p>{added}</p></section>")
    assert (hardness, sentence) == (severity, added)


def test_a_line_without_numbers_that_was_deleted_is_found(found_in: Callable) -> None:
    found = found_in("deck.html", '<p class="fb-kicker">摘要</p>', "")
    assert found == [("缺少的文字", "可能", "摘要")]


def test_a_slide_that_was_deleted_is_one_finding(found_in: Callable) -> None:
    [(rule, severity, _)] = found_in("deck.html", '<section[^>]*id="chapter-41-1".*?</section>', "")
    assert (rule, severity) == ("缺少整页", "矛盾")
    third = r"(<p:sldIdLst><p:sldId [^>]*/><p:sldId [^>]*/>)<p:sldId [^>]*/>"
    [(rule, severity, _)] = found_in("report.pptx", third, r"\1", part="ppt/presentation.xml")
    assert (rule, severity) == ("缺少整页", "矛盾")


def test_a_slide_that_was_hidden_is_found(found_in: Callable) -> None:
    [(rule, severity, _)] = found_in(
        "report.pptx", "<p:sld ", '<p:sld show="0" ', part="ppt/slides/slide5.xml"
    )
    assert (rule, severity) == ("缺少整页", "矛盾")


def test_a_number_that_lost_its_record_is_found(found_in: Callable) -> None:
    assert {rule for rule, *_ in found_in("deck.html", "<data [^>]*>([^<]*)</data>", r"\1")} == {"来历"}


def test_the_records_that_a_page_carries_are_the_ledgers(found_in: Callable) -> None:
    [(rule, severity, sentence)] = found_in("report.html", '"printed":"3,755"', '"printed":"3,756"')
    assert (rule, severity) == ("来历", "矛盾")
    assert sentence.endswith("3,756")


def test_text_whose_direction_was_turned_is_found(found_in: Callable) -> None:
    [(rule, severity, _)] = found_in("deck.html", ">目录<", ">目\u202e录<")
    assert (rule, severity) == ("多出的文字", "矛盾")


@pytest.mark.parametrize(
    ("pattern", "new", "sentence"),
    [
        ("<v>", "<f>1+1</f><v>", "公式"),
        ("<row ", '<row hidden="1" ', "隐藏的行"),
        (r'(<c r="C\d" s="\d+")><v>[^<]*</v></c>', r"\1/>", None),
    ],
)
def test_formulas_hidden_rows_and_emptied_cells(
    found_in: Callable, pattern: str, new: str, sentence: str | None
) -> None:
    found = found_in("report.xlsx", pattern, new, part="xl/worksheets/sheet5.xml")
    [(rule, severity, said)] = found
    assert severity == "矛盾"
    assert (rule, said) == ("多出的文字", sentence) if sentence else rule == "缺少的文字"


@pytest.mark.parametrize(
    ("pattern", "new", "rule"),
    [
        (r"(<c:val>.*?<c:v>)(\d)", r"\1-\2", "图值"),
        (r'(<c:dLbls>.*?formatCode=)"[^"]*"', r'\1"99.9%"', "图值"),
        (r"(.*)<c:ser>.*?</c:ser>", r"\1", "缺少的文字"),
        (r'(<c:val>.*?)<c:pt idx="1">.*?</c:pt>', r"\1", "缺少的文字"),
    ],
)
def test_a_chart_that_was_edited_is_found(found_in: Callable, pattern: str, new: str, rule: str) -> None:
    found = found_in("report.pptx", pattern, new, part="ppt/charts/chart1.xml")
    assert {(one, severity) for one, severity, _ in found} == {(rule, "矛盾")}


@pytest.mark.parametrize("name", ["deck.html", "report.html", "report.pptx", "report.xlsx"])
def test_our_files_are_known_without_their_properties(sample_report: Path, name: str) -> None:
    document = replace(read_document(sample_report / name), properties={})
    assert file_origin(document) == (2023, name)


def test_a_foreign_file_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>2023 年满意度 4.1 分</p>", "utf-8")
    assert file_origin(read_document(tmp_path / "a.html")) is None


def test_a_kind_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"没有「错字」这种错误；可种：数值"):
        plant("错字", tmp_path, Random(1), ledger={})
    with pytest.raises(DataError, match="没有可以读回的文件"):
        audit_report(SimpleNamespace(), tmp_path)


def test_a_self_test_without_errors_has_no_recall() -> None:
    empty = SelfTest((), (), (), (), 0)
    assert math.isnan(empty.recall)
    assert math.isnan(empty.precision)


def test_passages_have_kinds_of_their_own() -> None:
    """A label that stands where a paragraph should is not taken for it."""
    from fbanalysis.report.audit.ours.aligning import align

    [first, second] = align([section(Piece("4.1 分"))], [Passage("图", "label", "4.1 分")])
    assert {first.passage is None, second.passage is None} == {True, False}


# A map with intervals, which no chapter of the sample year need have


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Path]:
    """A report of two slides, an importance–performance map and a Kano map, in every file."""
    return made_report(tmp_path_factory.mktemp("map"), *map_slides())


def made_report(root: Path, slides: list[Slide], ledger: Ledger) -> tuple[Story, Path]:
    """Publish a report of one chapter in every file."""
    dataset = Dataset(
        root=root, year=2023, seed=1, title="年度报告", organisation="公司", author="编制部门",
        report_date=date(2024, 1, 15), allowed=(), period_start=date(2023, 1, 1), period_end=date(2023, 12, 31),
        midyear_check=None, scale_minimum=1, scale_maximum=5, thresholds=Thresholds(suppress_below=7),
        feedback=(), tables={},
    )  # fmt: skip
    outputs = [
        nbformat.v4.new_output("display_data", data=one._repr_mimebundle_()) for one in (*slides, ledger)
    ]
    cells = [
        nbformat.v4.new_markdown_cell("# 客户价值：先改进什么？"),
        *(
            nbformat.v4.new_code_cell("x", execution_count=i, outputs=[one])
            for i, one in enumerate(outputs, 1)
        ),
        nbformat.v4.new_markdown_cell("## 这些数字没有说明什么\n\n- 没有开口的人。"),
    ]
    path = root / "47_customer_value.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    chapters = [Chapter("47", path.stem, "客户价值：先改进什么？", path, "done")]
    publish(dataset, chapters)
    story = tell(dataset, chapters)
    write_workbook(story, dataset.reports / "report.xlsx")
    write_pptx(story, dataset.reports / "report.pptx")
    return story, dataset.reports


def map_slides() -> tuple[list[Slide], Ledger]:
    """Two certain areas and two that are not; importance and performance with their intervals."""
    frame = pd.DataFrame(
        {
            "stratum": ["响应速度", "产品功能", "账单清晰", "培训资料"],
            "weight": [41.25, 30.5, 20.25, 8.0],
            "weight_low": [33.0, 22.5, 12.25, 2.0],
            "weight_high": [49.5, 38.5, 28.25, 14.0],
            "mean": [3.61, 4.12, 4.05, 4.42],
            "mean_low": [3.52, 4.01, 3.93, 4.31],
            "mean_high": [3.7, 4.23, 4.17, 4.53],
            "n": [400, 400, 400, 400],
        }
    )
    ledger = Ledger()
    for metric, value, unit in (("weight", "weight", "percent"), ("mean", "mean", "score")):
        ends = {"low": f"{value}_low", "high": f"{value}_high"}
        ledger.record(
            frame, metric=metric, value=value, unit=unit, method="均值", stratum="stratum", n="n", **ends
        )
    chart = charts.quadrants(
        frame, by="stratum", x="mean", y="weight", x_interval=("mean_low", "mean_high"),
        y_interval=("weight_low", "weight_high"), split=(4.05, 25.0), labels=("表现（平均分）", "重要性（占比）"),
        fields={(0, 1): "优先改进", (1, 1): "继续保持", (0, 0): "可以等一等", (1, 0): "维持即可"},
        units=("score", "percent"), decimals=(2, 1),
    )  # fmt: skip
    said = {"ledger": ledger, "topic": "先后", "source": "有评分的客户 {n(mean[响应速度])} 家"}
    kano = charts.kano(
        frame.assign(worse=[-60.0, -30.0, -55.0, -20.0], worse_low=lambda x: x["worse"] - 5,
                     worse_high=lambda x: x["worse"] + 5, kind=["必备", "无差异", "必备", "无差异"]),
        by="stratum", better="weight", worse="worse", category="kind", decimals=1,
    )  # fmt: skip
    slides = [
        make_slide("重要性 {weight[响应速度]}，表现 {mean[响应速度]}", chart=chart, **said),
        make_slide("有它时的满意 {weight[响应速度]}", chart=kano, **said | {"topic": "需求"}),
    ]
    return slides, ledger


def test_a_map_is_read_back_in_every_file_and_nothing_is_found(mapped: tuple[Story, Path]) -> None:
    audit = audit_report(*mapped)
    assert [(one.place, one.rule, one.explanation) for one in audit.findings] == []
    assert {one.name for one in audit.files} >= {"deck.html", "report.html", "report.pptx", "report.xlsx"}


def test_both_numbers_of_a_point_on_a_map_have_their_record() -> None:
    slides, _ = map_slides()
    plot = slides[0].spec["chart"]["plot"]
    keys = {key for series in plot["series"] for key in series["keys"] if key}
    assert keys == {f"{metric}[{name}]" for metric in ("weight", "mean") for name in plot["categories"]}
    assert untraced(plot) == []


@pytest.mark.parametrize("value", ["3.61", "41.25"])
@pytest.mark.parametrize(
    ("name", "part"), [("report.pptx", "ppt/charts/chart"), ("report.xlsx", "xl/charts/chart")]
)
def test_a_point_that_was_moved_on_a_map_is_found(
    mapped: tuple[Story, Path], tmp_path: Path, name: str, part: str, value: str
) -> None:
    """The last of the number's places is that of the point; before stand those of the interval's line."""
    story, folder = mapped
    with zipfile.ZipFile(folder / name) as package:
        parts = [one for one in package.namelist() if one.startswith(part) and one.endswith(".xml")]
    edit(folder / name, tmp_path / name, rf"(.*<c:v>){value}(</c:v>)", r"\g<1>4.81\2", part=parts[0])
    shutil.copyfile(folder / "metrics.json", tmp_path / "metrics.json")
    assert {one.rule for one in audit_report(story, tmp_path, files=[name]).findings} == {"图值"}


def test_intervals_on_a_map_in_the_workbook_stand_at_their_points(mapped: tuple[Story, Path]) -> None:
    """Of both series, each with its own points only: the sure ones, then the others."""
    with zipfile.ZipFile(mapped[1] / "report.xlsx") as package:
        chart = package.read("xl/charts/chart1.xml").decode()
    lengths = [
        [round(float(value), 6) for value in re.findall(r"<c:v>([^<]*)</c:v>", bars)]
        for bars in re.findall(r"(?s)<c:plus>(.*?)</c:plus>", chart)
    ]
    assert lengths == [[0.09, 0.11], [8.25, 6.0], [0.11, 0.12], [8.0, 8.0]]


# Steps that fall and differences that grow, whose marks carry a sign that their cells lack


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Path]:
    """A report of two slides: a waterfall from full marks down to an index, and changes in points with their sign."""
    return made_report(tmp_path_factory.mktemp("signed"), *signed_slides())


def signed_slides() -> tuple[list[Slide], Ledger]:
    steps = pd.DataFrame(
        {
            "stratum": ["满分", "产品质量", "服务", "指数"],
            "value": [100.0, -9.64, -8.25, 82.11],
            "n": [900] * 4,
        }
    )
    changes = pd.DataFrame(
        {"stratum": ["系统稳定", "服务态度", "培训支持"], "value": [6.43, 2.86, -1.12], "n": [400] * 3}
    ).assign(low=lambda x: x["value"] - 2, high=lambda x: x["value"] + 2)
    ledger, ends = Ledger(), {"low": "low", "high": "high"}
    common = {"value": "value", "stratum": "stratum", "n": "n", "decimals": 1}
    ledger.record(steps, metric="step", unit="score", method="满分减去加权得分", **common)
    ledger.record(changes, metric="change", unit="pp", method="两年占比之差", **common, **ends)
    said = {"ledger": ledger, "source": "有评分的客户 {n(step[满分])} 家"}
    falling = charts.waterfall(steps, by="stratum", value="value", total="指数", unit="score", decimals=1)
    look = {"by": "stratum", "value": "value", "low": "low", "high": "high", "unit": "pp", "decimals": 1}
    slides = [
        make_slide("指数 {step[指数]}", topic="指数", chart=falling, **said),
        make_slide("变了 {change[系统稳定]}", topic="变化", chart=charts.dots(changes, **look), **said),
        make_slide("变了 {change[服务态度]}", topic="差别", chart=charts.bars(changes, **look), **said),
        *zero_slides(ledger),
    ]
    return slides, ledger


def zero_slides(ledger: Ledger) -> list[Slide]:
    """A step and differences that print as zero and are not; and a total below zero."""
    near = pd.DataFrame({"stratum": ["导航", "搜索", "导出"], "value": [0.04, -0.03, 2.5], "n": [400] * 3})
    loss = pd.DataFrame(
        {"stratum": ["收入", "赔付", "尾差", "合计"], "value": [5.0, -8.0, -0.2, -3.2], "n": [90] * 4}
    )
    common = {"value": "value", "stratum": "stratum", "n": "n"}
    ledger.record(near, metric="near", unit="pp", method="两年占比之差", decimals=1, **common)
    ledger.record(loss, metric="loss", unit="cny_10k", method="合计", **common)
    bars = charts.bars(near, by="stratum", value="value", unit="pp", decimals=1)
    below = charts.waterfall(loss, by="stratum", value="value")
    return [
        make_slide(
            "变了 {near[导出]}", topic="新功能", chart=bars, ledger=ledger, source="客户 {n(near[导出])} 家"
        ),
        make_slide(
            "结余 {loss[合计]}", topic="结余", chart=below, ledger=ledger, source="账 {n(loss[合计])} 笔"
        ),
    ]


def test_falling_steps_and_signs_of_differences_are_read_back_and_nothing_is_found(
    signed: tuple[Story, Path],
) -> None:
    audit = audit_report(*signed)
    assert [(one.place, one.rule, one.explanation) for one in audit.findings] == []
    assert {one.name for one in audit.files} >= {"deck.html", "report.html", "report.pptx", "report.xlsx"}


#: What was changed: the file, its chart, what stood there and what stands there now.
_CHANGED = {
    "a fall in PowerPoint": ("report.pptx", 0, r"(<c:v>)9\.64(</c:v>)", r"\g<1>6.94\2"),
    "a fall in the workbook": ("report.xlsx", 0, r"(<c:v>)9\.64\d*(</c:v>)", r"\g<1>6.94\2"),
    "a fall that no longer says so": (
        "report.xlsx",
        0,
        r"&quot;−&quot;(#,##0\.0&quot; 分&quot;);&quot;−&quot;(#,##0\.0&quot; 分&quot;;)\"",
        r'&quot;+&quot;\1;\2"',
    ),
    "a growth that says it fell": ("report.xlsx", 1, "&quot;\\+&quot;#", "&quot;−&quot;#"),
}


@pytest.mark.parametrize("what", _CHANGED)
def test_a_sign_or_a_length_that_was_changed_is_found(
    signed: tuple[Story, Path], tmp_path: Path, what: str
) -> None:
    story, folder = signed
    name, which, pattern, new = _CHANGED[what]
    with zipfile.ZipFile(folder / name) as package:
        found = [one for one in package.namelist() if re.fullmatch(r".*/charts/chart\d+\.xml", one)]
    edit(folder / name, tmp_path / name, pattern, new, part=sorted(found)[which])
    shutil.copyfile(folder / "metrics.json", tmp_path / "metrics.json")
    assert {one.rule for one in audit_report(story, tmp_path, files=[name]).findings} == {"图值"}


def test_a_waterfall_that_lost_its_falling_bars_is_found(signed: tuple[Story, Path], tmp_path: Path) -> None:
    story, folder = signed
    pattern = r"<c:ser><c:idx val=\"2\"/>(?:(?!</c:ser>).)*</c:ser>"
    edit(folder / "report.xlsx", tmp_path / "report.xlsx", pattern, "", part="xl/charts/chart1.xml")
    shutil.copyfile(folder / "metrics.json", tmp_path / "metrics.json")
    [one] = audit_report(story, tmp_path, files=["report.xlsx"]).findings
    assert (one.rule, one.expected) == ("缺少的文字", "产品质量 -9.64、服务 -8.25")

"""The workbook: everything of the report is in it and listed, numbers are the ledger's, texts stay texts."""

import re
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from fbanalysis.dataset import Dataset, Thresholds
from fbanalysis.report import charts
from fbanalysis.report.charts.plot import KINDS, Plot, Series
from fbanalysis.report.grids import number_cell, number_format, plot_grid, record_cell, shown
from fbanalysis.report.ledger import UNITS, Ledger, Record
from fbanalysis.report.slides import LedgerTable, make_detail, make_slide
from fbanalysis.report.story import Chapter, Story, tell
from fbanalysis.report.wording import THIN_SPACE
from fbanalysis.report.workbook import sheet_names, write_workbook
from fbanalysis.report.xlsx.entries import entries

HOSTILE = "=1+1"
HOSTILE_TEXTS = (
    "=1+1",
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "https://example.org/x",
    "1234",
    "a\x00\x0bb",
)
HEAD = 6


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(
        root=tmp_path,
        year=2023,
        seed=1,
        title="年度报告",
        organisation="R&D 公司",
        author="编制部门",
        report_date=date(2024, 1, 15),
        allowed=(),
        period_start=date(2023, 1, 1),
        period_end=date(2023, 12, 31),
        midyear_check=None,
        scale_minimum=1,
        scale_maximum=5,
        thresholds=Thresholds(suppress_below=7),
        feedback=(),
        tables={},
    )


def recorded() -> Ledger:
    ledger = Ledger()
    for stratum, value, n in (("internal/一线员工", 86.25, 1213), ("external/核心客户", -3.04, 61)):
        ledger.note(
            "rate",
            stratum,
            value,
            unit="percent",
            method="比例",
            n=n,
            low=value - 1,
            high=value + 1,
            p=0.0004,
        )
    ledger.note("loss", "internal/一线员工", 1234567.8, unit="cny_10k", method="合计")
    ledger.note("gap", "internal/一线员工", -0.04, unit="pp", method="差")
    ledger.note("day", "internal/一线员工", "2023-05-17", unit="date", method="记录")
    ledger._suppressed.add("rate[external/供应商]")
    ledger._absent.add("rate[internal/离职员工]")
    return ledger


def slides_of(ledger: Ledger, *, name: str = HOSTILE) -> list[object]:
    """One slide of each content, one in the long report only, and a detail."""
    frame = pd.DataFrame(
        {"stratum": [name, "一线员工"], "percent": [40.25, 60.0], "low": [35.0, 55.0], "high": [45.0, 65.0]}
    )
    chart = charts.bars(frame, by="stratum", value="percent", low="low", high="high", unit="percent")
    rows = ["internal/一线员工", "external/核心客户", "external/供应商", "internal/离职员工"]
    columns = {"占比": "rate", "区间": "rate:interval", "n": "rate:n", "p": "rate:p"}
    table = LedgerTable(rows, columns | {"损失": "loss", "差": "gap", "日期": "day"}, header="人群")
    quotes = pd.DataFrame({"stratum": ["建议"] * len(HOSTILE_TEXTS), "comment": HOSTILE_TEXTS})
    say = {"ledger": ledger, "source": "有效反馈"}
    detail = make_detail(
        "全部人群",
        pd.DataFrame({"stratum": rows, "side": ["内部", "外部", "外部", "内部"]}),
        ledger=ledger,
        keys={"侧": "side"},
        columns={"占比": "rate"},
        note="有效反馈",
    )
    return [
        make_slide(
            "占比 {rate[internal/一线员工]}", topic="占比", chart=chart, reading=["见 {see(表)}"], **say
        ),
        make_slide("一览", topic="表", table=table, place="appendix", **say),
        make_slide("原话", topic="原话", quotes=quotes, place="report", **say),
        detail,
        ledger,
    ]


def chapter(folder: Path, outputs: Sequence[object], *, number: str = "41") -> Chapter:
    """Write an executed notebook, as the pipeline would leave it."""
    cells = [
        nbformat.v4.new_markdown_cell("# 满意度：大家评价如何？"),
        *(
            nbformat.v4.new_code_cell("x", execution_count=i, outputs=[_output(o)])
            for i, o in enumerate(outputs, 1)
        ),
        nbformat.v4.new_markdown_cell("## 这些数字没有说明什么\n\n- 没有开口的人。"),
    ]
    path = folder / f"{number}_satisfaction.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return Chapter(number, path.stem, "满意度：大家评价如何？", path, "done")


def _output(item: object) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", data=item._repr_mimebundle_())


@pytest.fixture
def story(dataset: Dataset, tmp_path: Path) -> Story:
    missing = Chapter("51", "51_x", "根因：为什么？", None, "left out", "缺少 kpis 表")
    return tell(dataset, [chapter(tmp_path, slides_of(recorded())), missing])


@pytest.fixture
def book(story: Story, tmp_path: Path) -> Path:
    return write_workbook(story, tmp_path / "report.xlsx")


def read(path: Path, sheet: str) -> list[list[object]]:
    """Read a sheet's table: its head and the rows below, up to the first empty row."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    table = rows[HEAD - 1 :]
    ends = [i for i, row in enumerate(table) if not any(cell != "" for cell in row)]
    return table[: ends[0]] if ends else table


def test_every_chart_table_quote_and_detail_has_its_sheet_and_its_line_in_the_contents(book: Path) -> None:
    sheets = CalamineWorkbook.from_path(book).sheet_names
    assert sheets == ["目录", "4-1 占比", "4-2 表", "4-3 原话", "明细 4-1 全部人群", "账本", "局限"]
    rows = CalamineWorkbook.from_path(book).get_sheet_by_name("目录").to_python()
    listed = [row for row in rows if row[-1] in sheets]
    assert [row[-1] for row in listed] == sheets[1:]
    assert [row[3] for row in listed[:4]] == ["图", "表", "引语", "明细"]
    assert listed[0][:3] == ["图 4-1", "四 数据分析 · 满意度", f"占比{THIN_SPACE}86.3%"]
    # the second slide stands in the appendix of the deck, the third in the long report only
    assert [type(row[4]) for row in listed[:3]] == [float, float, str]
    said = "".join(str(cell) for row in rows for cell in row)
    assert "人数少于 7 人" in said
    assert "根因：本章缺少数据，未编入" in said


def linked(sheet: Worksheet) -> list[Cell]:
    return [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]


def target_of(cell: Cell) -> str:
    return cell.hyperlink.location.removesuffix("!A1")[1:-1].replace("''", "'")


def test_every_link_leads_to_a_sheet_and_every_sheet_back_to_the_contents(book: Path) -> None:
    sheets = openpyxl.load_workbook(book)
    targets = {sheet.title: [target_of(cell) for cell in linked(sheet)] for sheet in sheets}
    assert all(target in sheets.sheetnames for found in targets.values() for target in found)
    assert set(targets.pop("目录")) == set(sheets.sheetnames[1:])
    assert all("目录" in found for found in targets.values())


def test_a_tables_numbers_are_the_ledgers_and_show_what_it_prints(book: Path, story: Story) -> None:
    head, first, second, hidden, absent = read(book, "4-2 表")
    assert head == ["人群", "占比", "区间", "n", "p", "损失", "差", "日期"]
    assert first[:7] == ["一线员工", 86.25, "85.3–87.3%", 1213.0, "< 0.001", 1234567.8, -0.04]
    assert first[7] == date(2023, 5, 17)
    assert second[1] == -3.04
    assert hidden[:3] == ["供应商", "不公开", "不公开"]
    assert absent == ["离职员工", *[""] * 7]
    sheet = openpyxl.load_workbook(book)["4-2 表"]
    assert sheet["B7"].number_format == '#,##0.0"%";"−"#,##0.0"%"'
    assert sheet["F7"].number_format.startswith('#,##0" 万元"')
    assert (sheet["A7"].alignment.horizontal, sheet["B7"].alignment.horizontal) == ("left", "right")
    for row in (7, 8):
        record = story.ledger[f"rate[{['internal/一线员工', 'external/核心客户'][row - 7]}]"]
        assert sheet.cell(row, 2).value == record.value


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit not in ("date", "text")])
@pytest.mark.parametrize("value", [0.0, 2.675, -2.675, -0.0004, 1234567.891, -99.95])
@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_a_stored_number_shows_as_the_report_prints_it(unit: str, value: float, decimals: int) -> None:
    record = Record("m", "all", value, unit, "方法", decimals)
    cell = record_cell(record)
    assert cell.value == value
    assert shown(cell) == record.printed


def test_differences_in_charts_carry_their_sign_unless_they_are_zero() -> None:
    said = [shown(number_cell(value, unit="pp", is_signed=True)) for value in (1.26, -1.26, 0.0, 0.01)]
    assert said == ["+1.3 个百分点", "−1.3 个百分点", "0.0 个百分点", "0.0 个百分点"]
    assert number_format("count") == '#,##0;"−"#,##0'


def test_a_chart_has_its_values_intervals_and_a_native_chart_linked_to_the_cells(book: Path) -> None:
    table = read(book, "4-1 占比")
    assert [row[:4] for row in table] == [
        ["项目", "数值", "下限", "上限"],
        [HOSTILE, 40.25, 35.0, 45.0],
        ["一线员工", 60.0, 55.0, 65.0],
    ]
    with zipfile.ZipFile(book) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert "<c:f>'4-1 占比'!$B$7:$B$8</c:f>" in drawn
    assert "<c:f>'4-1 占比'!$A$7:$A$8</c:f>" in drawn
    assert 'descr="条形图' in drawing
    assert "<c:errBars>" in drawn
    assert 'typeface="微软雅黑"' in drawn
    assert "0B6E99" in drawn


def test_tables_have_frozen_heads_filters_and_print_on_one_landscape_page_wide(book: Path) -> None:
    for sheet in openpyxl.load_workbook(book):
        head = 4 if sheet.title == "目录" else HEAD
        assert sheet.freeze_panes.endswith(str(head + 1)), sheet.title
        assert re.match(rf"A{head}:", sheet.auto_filter.ref), sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # one page wide is what Excel takes where nothing is said
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == f"${head}:${head}"
        assert sheet.sheet_view.showGridLines is False


def test_an_ampersand_in_the_organisations_name_stays_one_in_the_footer(book: Path) -> None:
    with zipfile.ZipFile(book) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<oddFooter>&amp;LR&amp;&amp;D 公司&amp;R第 &amp;P 页，共 &amp;N 页</oddFooter>" in sheet


def test_text_that_looks_like_a_formula_a_link_or_a_number_stays_text(book: Path) -> None:
    quotes = [row[1] for row in read(book, "4-3 原话")[1:]]
    assert quotes == [
        "=1+1",
        "@SUM(A1)",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "https://example.org/x",
        "1234",
        "a b",
    ]
    with zipfile.ZipFile(book) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8")
            assert not re.search(r"<f[ >]", text), name
            assert "\x00" not in text
            if name.endswith(".rels"):
                assert 'TargetMode="External"' not in text


def test_a_text_longer_than_a_cell_is_cut_and_not_lost(dataset: Dataset, tmp_path: Path) -> None:
    ledger = recorded()
    quotes = pd.DataFrame({"stratum": ["建议"], "comment": ["长😀" * 20000]})
    slide = make_slide("原话", topic="原话", quotes=quotes, ledger=ledger)
    path = write_workbook(tell(dataset, [chapter(tmp_path, [slide, ledger])]), tmp_path / "long.xlsx")
    text = read(path, "4-1 原话")[1][1]
    assert len(text.encode("utf-16-le")) // 2 == 32767 or len(text.encode("utf-16-le")) // 2 == 32766
    assert text.startswith("长😀长😀")


def test_the_ledger_sheet_has_every_record_as_a_number(book: Path, story: Story) -> None:
    head, *rows = read(book, "账本")
    table = pd.DataFrame(rows, columns=head)
    records = list(story.ledger)
    assert list(table["指标"] + "[" + table["分层"] + "]") == [record.key for record in records]
    assert list(table["报告写法"]) == [record.printed for record in records]
    assert list(table["数值"])[:4] == [record.value for record in records[:4]]
    assert table["p 值"][0] == 0.0004
    assert openpyxl.load_workbook(book)["账本"].freeze_panes == "C7"


def test_limits_of_every_chapter_are_in(book: Path) -> None:
    assert read(book, "局限")[1:] == [["满意度", "没有开口的人。"]]


def test_sheet_names_are_legal_and_unique_whatever_the_topics() -> None:
    long = "很长的一个题目" * 9
    names = sheet_names([long] * 60 + ["目录", "history", "''", "[a]:*?/\\b", "A", "a", "😀" * 40])
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in names)
    assert not any(re.search(r"[\[\]:*?/\\]", name) or name.strip("'") != name for name in names)
    assert not {"目录", "history"} & {name.casefold() for name in names}


def test_the_same_story_gives_the_same_bytes_and_says_who_made_it(
    book: Path, story: Story, tmp_path: Path
) -> None:
    assert write_workbook(story, tmp_path / "again.xlsx").read_bytes() == book.read_bytes()
    properties = openpyxl.load_workbook(book).properties
    assert (properties.title, properties.creator) == ("年度报告", "编制部门")
    assert properties.created.date() == date(2024, 1, 15)
    with zipfile.ZipFile(book) as archive:
        assert "<Company>R&amp;D 公司</Company>" in archive.read("docProps/app.xml").decode()
    assert not list(tmp_path.glob("*.new"))


def test_numbers_of_references_stand_in_the_reading(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["4-1 占比"]
    said = [cell.value for row in sheet.iter_rows(max_col=1) for cell in row if cell.value]
    assert said[-2] == "读法"
    assert re.fullmatch(r"见.*第 \d+ 页", said[-1])


def test_suppressed_and_missing_values_of_a_chart_are_told_apart() -> None:
    series = Series("", (1.0, None, None), texts=("1%", "不公开", "–"))
    grid = plot_grid(Plot("bar", ("a", "b", "c"), (series,), unit="percent", base=(9, None, None)))
    assert [[cell.value for cell in row] for row in grid.rows] == [
        ["a", 1.0, 9],
        ["b", "不公开", None],
        ["c", None, None],
    ]


def test_a_slope_has_a_row_a_series_and_a_scatter_a_row_a_point() -> None:
    lines = (Series("甲", (1.0, 2.0), texts=("1", "2 +1")), Series("乙", (3.0, None)))
    slope = plot_grid(Plot("slope", ("2022", "2023"), lines, unit="score"))
    assert [[shown(cell) for cell in row] for row in slope.rows] == [
        ["甲", "1.0 分", "2.0 分", "2 +1"],
        ["乙", "3.0 分", "", ""],
    ]
    points = (
        Series("基本", (None, 20.0), x=(None, 60.0), low=(None, 15.0), high=(None, 25.0)),
        Series("魅力", (70.0, None), x=(10.0, None)),
    )
    scatter = plot_grid(Plot("scatter", ("甲", "乙"), points, unit="percent", x_label="劣", label="优"))
    assert scatter.heads == ("项目", "类别", "劣", "优", "下限", "上限")
    assert [[cell.value for cell in row] for row in scatter.rows] == [
        ["乙", "基本", 60.0, 20.0, 15.0, 25.0],
        ["甲", "魅力", 10.0, 70.0, None, None],
    ]
    assert [place.values for place in scatter.places] == [(0, 3, 0, 3), (1, 3, 1, 3)]


def test_a_plan_has_dates_and_the_hour_where_a_step_begins_within_a_day() -> None:
    starts = Series("开始", (0.0, 1.25, None), is_hidden=True)
    days = (Series("已完成", (1.0, 0.5, None)), Series("未完成", (2.0, 0.0, None)))
    plan = Plot(
        "gantt", ("甲", "乙", "丙"), (starts, *days), origin="2023-05-17", target=30, target_label="期末"
    )
    grid = plot_grid(plan)
    assert [[shown(cell) for cell in row] for row in grid.rows] == [
        ["甲", "2023-05-17 00:00", "1.0 天", "2 天", "2023-06-16"],
        ["乙", "2023-05-18 06:00", "0.5 天", "0 天", "2023-06-16"],
        ["丙", "", "", "", "2023-06-16"],
    ]
    assert [place.values[1] for place in grid.places] == [1, 2, 3]


def test_the_target_of_a_pareto_is_a_share_and_not_a_count() -> None:
    series = (
        Series("件", (6.0, 4.0)),
        Series("累计", (60.0, 100.0), unit="percent", decimals=0, is_line=True),
    )
    grid = plot_grid(Plot("pareto", ("甲", "乙"), series, unit="count", target=80.0, target_label="八成"))
    assert [[shown(cell) for cell in row] for row in grid.rows] == [
        ["甲", "6", "60%", "80%"],
        ["乙", "4", "100%", "80%"],
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_plot_is_written(kind: str, dataset: Dataset, tmp_path: Path) -> None:
    carrier = Series("起点", (0.0, 2.0), is_hidden=True)
    values = Series("值", (2.0, 3.5), texts=("2", "3.5"), x=(1.0, 2.0), colours=("#0B6E99", "#C35037"))
    lines = {"pareto", "column"}
    more = Series("累计", (40.0, 100.0), unit="percent", is_line=kind in lines, is_dashed=kind == "control")
    series = (carrier, values) if kind in ("waterfall", "gantt") else (values, more)
    plot = Plot(kind, ("甲", "乙"), series, unit="count", origin="2023-05-17", target=3.0, notes=("", "注"))
    ledger = recorded()
    frame = pd.DataFrame({"stratum": ["甲", "乙"], "percent": [40.0, 60.0]})
    slide = make_slide(
        "题", topic="题", ledger=ledger, chart=charts.bars(frame, by="stratum", value="percent")
    )
    slide.spec["chart"].update(plot=plot.as_json())
    path = write_workbook(tell(dataset, [chapter(tmp_path, [slide, ledger])]), tmp_path / "kind.xlsx")
    numbers = [cell for row in read(path, "4-1 题")[1:] for cell in row if isinstance(cell, float)]
    assert {2.0, 4.0} & set(numbers)
    with zipfile.ZipFile(path) as archive:
        is_drawn = "xl/charts/chart1.xml" in archive.namelist()
    assert is_drawn is (kind != "heat")


def test_a_chart_without_data_is_listed_and_says_so(dataset: Dataset, tmp_path: Path) -> None:
    ledger = recorded()
    empty = pd.DataFrame({"stratum": [], "percent": []})
    slide = make_slide(
        "题", topic="题", ledger=ledger, chart=charts.bars(empty, by="stratum", value="percent")
    )
    story = tell(dataset, [chapter(tmp_path, [slide, ledger])])
    assert [entry.kind for entry in entries(story)] == ["图"]
    assert read(write_workbook(story, tmp_path / "empty.xlsx"), "4-1 题")[0][0] == "没有数据。"


def book_of(chart: charts.Chart, dataset: Dataset, folder: Path) -> Path:
    """Write a workbook of one chart."""
    slide = make_slide("题", topic="题", ledger=recorded(), chart=chart)
    return write_workbook(tell(dataset, [chapter(folder, [slide, recorded()])]), folder / "one.xlsx")


def losses(values: Sequence[float] = (100.0, -9.64, -8.25, 82.11)) -> charts.Chart:
    frame = pd.DataFrame({"stratum": ["满分", "产品质量", "服务", "指数"], "value": values})
    return charts.waterfall(frame, by="stratum", value="value", total="指数", unit="score", decimals=1)


def test_a_waterfall_whose_steps_fall_has_a_chart_whose_bars_fall(dataset: Dataset, tmp_path: Path) -> None:
    """It had none: what is negative is stacked on the other side of zero."""
    path = book_of(losses(), dataset, tmp_path)
    head, *rows = read(path, "4-1 题")
    assert head[:5] == ["项目", "数值", "起点（作图用）", "柱长（作图用）", "下降（作图用）"]
    assert [row[1] for row in rows] == [100.0, -9.64, -8.25, 82.11]
    assert [row[2] for row in rows] == pytest.approx([0.0, 90.36, 82.11, 0.0])
    assert [row[3:5] for row in rows] == [[100.0, ""], ["", 9.64], ["", 8.25], [82.11, ""]]
    with zipfile.ZipFile(path) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    stacked = re.findall(r"<c:val><c:numRef><c:f>'4-1 题'!\$(.)\$7:\$.\$10</c:f>", drawn)
    assert stacked == ["C", "D", "E"]
    codes = re.findall('<c:numFmt formatCode="([^"]*)" sourceLinked="0"/><c:txPr>', drawn)
    assert codes[:2] == [
        "#,##0.0&quot; 分&quot;;&quot;−&quot;#,##0.0&quot; 分&quot;;",
        "&quot;−&quot;#,##0.0&quot; 分&quot;;&quot;−&quot;#,##0.0&quot; 分&quot;;",
    ]
    assert "<c:legend>" not in drawn


def test_a_waterfall_below_zero_has_no_numbers_at_its_axis(dataset: Dataset, tmp_path: Path) -> None:
    """All bars are moved to the right, so that the axis' own numbers would be wrong."""
    path = book_of(losses((5.0, -8.0, 0.0, -3.0)), dataset, tmp_path)
    assert [row[2] for row in read(path, "4-1 题")[1:]] == [3.0, 0.0, 0.0, 0.0]
    with zipfile.ZipFile(path) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    assert '<c:crossesAt val="3' in drawn
    assert '<c:tickLblPos val="none"/>' in drawn


def test_a_map_whose_places_stand_in_rows_of_their_own_has_no_empty_column_for_them() -> None:
    """It had one, headed 表现, in which nothing stood."""
    series = (
        Series("重要性", (41.25, 30.5), unit="percent"),
        Series("表现", (3.61, 4.12), unit="score", decimals=2),
    )
    grid = plot_grid(Plot("scatter", ("响应", "功能"), series, x_label="表现", label="数值"))
    assert grid.heads == ("项目", "类别", "数值")
    assert [[cell.value for cell in row] for row in grid.rows] == [
        ["响应", "重要性", 41.25],
        ["功能", "重要性", 30.5],
        ["响应", "表现", 3.61],
        ["功能", "表现", 4.12],
    ]
    assert [place.values for place in grid.places] == [(0, 2, 1, 2), (2, 2, 3, 2)]


def test_labels_that_print_as_zero_have_no_sign_in_a_chart(dataset: Dataset, tmp_path: Path) -> None:
    """The format of the others would print +0.0 and −0.0, which the report never does."""
    frame = pd.DataFrame({"stratum": ["甲", "乙", "丙"], "value": [0.04, -0.03, 2.5]})
    path = book_of(charts.bars(frame, by="stratum", value="value", unit="pp", decimals=1), dataset, tmp_path)
    with zipfile.ZipFile(path) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    labels = re.findall(r"<c:dLbl><c:idx val=\"(\d)\"/>.*?</c:dLbl>", drawn)
    assert labels == ["0", "1"]
    assert re.findall(r"<a:t>([^<]*)</a:t>", drawn)[:2] == ["0.0 个百分点"] * 2


def test_a_label_wider_than_its_bar_is_not_white_on_white(dataset: Dataset, tmp_path: Path) -> None:
    """Labels begin in their bar; that of a short one runs over the ground."""
    frame = pd.DataFrame(
        {"stratum": ["甲", "乙"], "value": [60.0, 2.0], "low": [55.0, 1.0], "high": [65.0, 3.0]}
    )
    chart = charts.bars(frame, by="stratum", value="value", low="low", high="high", unit="percent")
    with zipfile.ZipFile(book_of(chart, dataset, tmp_path)) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    inks = re.findall(r'<c:dLbl>.*?<a:srgbClr val="(\w+)"/>.*?</c:dLbl>', drawn)
    assert inks == ["FFFFFF", "1F2A37"]

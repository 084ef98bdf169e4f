"""The sheets of the workbook: contents, one a chart, table or list, the ledger, and what the numbers don't say."""

import math
from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from fbanalysis.report.grids import HIDDEN, Cell, Grid, number_cell, record_cell, text_cell
from fbanalysis.report.ledger import UNITS, Record
from fbanalysis.report.methods import formula_of
from fbanalysis.report.story import Story
from fbanalysis.report.xlsx.binder import (
    HEAD_ROW,
    ROW_HEIGHT,
    Binder,
    clean,
    height_of,
    measured,
    set_widths,
    widened,
)
from fbanalysis.report.xlsx.charts import WIDTH, Spot, height, is_drawn, native_chart
from fbanalysis.report.xlsx.entries import Entry

#: Tables wider than this have their chart below.
_WIDE = 820
_GAP = 28
_CONTENT_HEADS = ("编号", "章节", "结论", "类型", "页", "来源与基数", "工作表")
_CONTENT_WIDTHS = (92, 220, 500, 72, 84, 400, 230)
_LEDGER_HEADS = (
    "指标",
    "分层",
    "数值",
    "单位",
    "n",
    "下限",
    "上限",
    "置信水平",
    "p 值",
    "效应量",
    "结论",
    "报告写法",
    "方法",
    "笔记本",
    "单元格",
    "数据表",
    "计入",
    "权重",
    "公式",
)
#: Formulas are long; in a wide column their rows stay low.
_FORMULA_WIDTH = 1000.0
_UNIT_NAMES = {"date": "日期", "text": "文字", "count": "个数", "ratio": "比值"}


# Contents


def write_contents(binder: Binder, entries: Sequence[tuple[Entry, str]], *, more: Sequence[str] = ()) -> None:
    """Write the first sheet: what the workbook is, and a row with a link for every other sheet."""
    dataset = binder.story.dataset
    sheet = binder.sheet(binder.contents, colour="accent")
    set_widths(sheet, _CONTENT_WIDTHS)
    binder.across(sheet, 0, _CONTENT_WIDTHS, dataset.title, font_size=22)
    said = f"{dataset.organisation}　{dataset.period_start} 至 {dataset.period_end}　报告日期 {dataset.report_date}"
    binder.across(sheet, 1, _CONTENT_WIDTHS, said, font_color="muted", bottom=2, bottom_color="accent")
    sheet.set_row_pixels(2, 14)
    grid = Grid(_CONTENT_HEADS, tuple(_content_row(entry, name) for entry, name in entries))
    grid = Grid(grid.heads, grid.rows + tuple(_own_row(name) for name in more))
    head = 3
    behind = binder.table(sheet, grid, _CONTENT_WIDTHS, row=head)
    for i, row in enumerate(grid.rows, start=head + 1):
        rule = {"bottom": 4, "bottom_color": "rule", "text_wrap": True}
        for column in (2, len(_CONTENT_HEADS) - 1):
            binder.link(sheet, i, column, str(row[-1].value), str(row[column].value), **rule)
    sheet.freeze_panes(head + 1, 0)
    _write_remarks(binder, sheet, row=behind + 1)
    sheet.activate()


def _content_row(entry: Entry, name: str) -> tuple[Cell, ...]:
    return (
        Cell(entry.number),
        Cell(entry.chapter),
        Cell(entry.message),
        Cell(entry.kind),
        Cell("长报告") if entry.page is None else Cell(entry.page, "0"),
        Cell("；".join(filter(None, (entry.source, entry.base)))),
        Cell(name),
    )


def _own_row(name: str) -> tuple[Cell, ...]:
    messages = {
        "账本": "报告里每个数字的记录：数值、基数、区间、检验、方法与来历",
        "局限": "这些数字没有说明什么",
        "评注": "分析人员的评注，连同确认时的数与现在的数",
    }
    return (Cell(), Cell("附录"), Cell(messages[name]), Cell("表"), Cell(), Cell(), Cell(name))


def _write_remarks(binder: Binder, sheet: Worksheet, *, row: int) -> None:
    for i, (name, text) in enumerate([("说明", ""), *_remarks(binder.story)], start=row):
        is_head = not text
        look = {"font_color": "accent" if is_head else "muted", "valign": "top"}
        binder.put(sheet, i, 0, Cell(name), binder.style(**look))
        if text:
            style = binder.style(text_wrap=True, valign="top")
            sheet.merge_range(i, 1, i, 5, "", style)
            binder.put(sheet, i, 1, Cell(text), style)
            sheet.set_row_pixels(i, height_of(clean(text), width=sum(_CONTENT_WIDTHS[1:6])))


def _remarks(story: Story) -> list[tuple[str, str]]:
    fewest = story.dataset.thresholds.suppress_below
    gaps = [f"{chapter.topic}：{chapter.gap}" for chapter in story.chapters if not chapter.is_done]
    return [
        (
            "数字",
            "每张表与报告中的图、表同源，每个数字在「账本」里有一条记录。单元格存未取整的值，按报告的位数显示。",
        ),
        ("区间", "「下限」「上限」之间是估计的置信区间（水平见账本，一般为 95%）；区间越宽，估计越不确定。"),
        (HIDDEN, f"人数少于 {fewest} 人的估计不公开，以免认出个人。空单元格表示没有数据。"),
        ("取整", "显示时四舍五入，各项相加与合计可能差最末一位；占比不为凑满 100% 而调整。"),
        *([("未编入", "；".join(gaps))] if gaps else []),
    ]


# A chart, a table or a list


def write_entry(binder: Binder, entry: Entry, *, name: str) -> None:
    """Write a sheet: message and source, the table, the chart beside or below it, the reading."""
    sheet = binder.sheet(name, colour="" if entry.kind in ("图", "表") else "faint")
    widths = measured(entry.grid, widest=680 if entry.kind in ("引语", "明细") else 460)
    has_chart = entry.plot is not None and is_drawn(entry.plot, entry.grid)
    is_beside = has_chart and sum(widths) <= _WIDE
    columns = [*widths, _GAP] if is_beside else widths
    set_widths(sheet, columns)
    wide = widened(columns, most=sum(columns) + WIDTH if is_beside else max(sum(widths), 880))
    binder.head(sheet, wide, _place(entry), entry.message, _source(entry))
    behind = _write_table(binder, sheet, entry, widths)
    if has_chart:
        at = (HEAD_ROW + 1, len(columns)) if is_beside else (behind + 1, 0)
        _insert_chart(binder, sheet, entry, name=name, at=at)
        behind = max(behind, at[0] + math.ceil(height(entry.plot) / ROW_HEIGHT) + 1)
    _write_reading(binder, sheet, entry.reading, wide, row=behind + 1)


def _place(entry: Entry) -> str:
    page = f"第 {entry.page} 页" if entry.page is not None else "长报告"
    return " · ".join(filter(None, (entry.chapter, entry.topic, entry.number, page)))


def _source(entry: Entry) -> str:
    return "　".join(filter(None, (f"来源：{entry.source}" if entry.source else "", entry.base)))


def _write_table(binder: Binder, sheet: Worksheet, entry: Entry, widths: Sequence[float]) -> int:
    if not entry.grid.heads:
        binder.put(sheet, HEAD_ROW, 0, Cell("没有数据。"), binder.style(font_color="muted"))
        return HEAD_ROW + 1
    sheet.freeze_panes(HEAD_ROW + 1, 0)
    return binder.table(sheet, entry.grid, widths)


def _insert_chart(binder: Binder, sheet: Worksheet, entry: Entry, *, name: str, at: tuple[int, int]) -> None:
    spot = Spot(name, HEAD_ROW + 1, binder.font)
    chart = native_chart(binder.book, entry.plot, entry.grid, spot)
    # it moves with the cells but keeps its size when readers filter rows
    sheet.insert_chart(*at, chart, {"description": clean(entry.alt), "object_position": 2})


def _write_reading(
    binder: Binder, sheet: Worksheet, reading: Sequence[str], widths: Sequence[float], *, row: int
) -> None:
    if not reading:
        return
    binder.across(sheet, row, widths, "读法", font_color="accent", bottom=1, bottom_color="rule")
    for i, text in enumerate(reading, start=row + 1):
        binder.across(sheet, i, widths, text)


# Ledger and limits


def write_ledger(binder: Binder, *, name: str) -> None:
    """Write all records, a row a record."""
    sheet = binder.sheet(name, colour="ink")
    grid = Grid(_LEDGER_HEADS, tuple(_record_row(record) for record in binder.story.ledger))
    widths = [*measured(grid, widest=240)[:-1], _FORMULA_WIDTH]
    set_widths(sheet, widths)
    message = "每个数字的来历"
    binder.head(sheet, widths[:8], "附录 · 账本", message, "「报告写法」是这个数字在报告各处的样子。")
    binder.table(sheet, grid, widths)
    sheet.freeze_panes(HEAD_ROW + 1, 2)


def _record_row(record: Record) -> tuple[Cell, ...]:
    unit = _UNIT_NAMES.get(record.unit, UNITS[record.unit].suffix.strip())
    # an end of an interval with one decimal more than the value, as sentences print coarse ones
    ends = [
        number_cell(end, unit="", decimals=record.decimals + (record.unit != "count"))
        for end in (record.low, record.high)
    ]
    return (
        Cell(record.metric),
        Cell(record.stratum),
        record_cell(record),
        Cell(unit),
        Cell() if record.n is None else number_cell(record.n, unit="count"),
        *ends,
        number_cell(100 * record.level, unit="percent", decimals=0) if record.has_interval else Cell(),
        Cell() if record.p is None else Cell(record.p, "0.0000"),
        number_cell(record.effect, unit="ratio"),
        text_cell(record.verdict),
        Cell(record.printed),
        text_cell(record.method),
        text_cell(record.notebook),
        Cell() if record.cell is None else Cell(record.cell, "0"),
        text_cell("、".join(record.tables)),
        text_cell(record.filter),
        text_cell(record.weight),
        text_cell(formula_of(record)),
    )


def write_limits(binder: Binder, *, name: str) -> None:
    """Write what each chapter's numbers do not say."""
    rows = [
        (Cell(chapter.topic), Cell(limit)) for chapter in binder.story.chapters for limit in chapter.limits
    ]
    sheet = binder.sheet(name, colour="ink")
    widths = [180.0, 860.0]
    set_widths(sheet, widths)
    binder.head(sheet, widths, "附录 · 局限", "这些数字没有说明什么", "各章末尾的说明。")
    binder.table(sheet, Grid(("章节", "局限"), tuple(rows)), widths)
    sheet.freeze_panes(HEAD_ROW + 1, 0)

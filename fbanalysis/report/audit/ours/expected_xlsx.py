"""What each sheet of the workbook should hold, cell by cell, as the story and the folder's ledger have it.

Empty cells hold nothing and have no line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fbanalysis.report.audit.ours.expected import (
    CHART,
    COUNT,
    DRIFT,
    FIGURE,
    NAME,
    ORDINAL,
    PAGE,
    PERIOD,
    PROSE,
    QUOTE,
    Line,
    Piece,
    Section,
    Spec,
    line,
)
from fbanalysis.report.audit.ours.expected_paper import verbatim
from fbanalysis.report.audit.ours.printed import SUFFIXES, Entry, rounded
from fbanalysis.report.grids import plot_grid, plot_of, shown
from fbanalysis.report.layout import is_tiled, plain
from fbanalysis.report.story import Chapter, Part, Story
from fbanalysis.report.workbook import COMMENTS, CONTENTS, LEDGER, LIMITS, sheet_names
from fbanalysis.report.xlsx.charts import is_drawn

_CONTENT_HEADS = ("编号", "章节", "结论", "类型", "页", "来源与基数", "工作表")
_LEDGER_HEADS = (
    *("指标", "分层", "数值", "单位", "n", "下限", "上限", "置信水平", "p 值", "效应量"),
    *("结论", "报告写法", "方法", "笔记本", "单元格", "数据表"),
    *("计入", "权重", "公式"),
)
_UNITS = {"date": "日期", "text": "文字", "count": "个数", "ratio": "比值"}


@dataclass(frozen=True)
class _Entry:
    """A sheet of the workbook: a slide's chart, table, quotes or tiles, or a detail."""

    number: str
    place: str
    topic: str
    message: tuple[Piece, ...]
    kind: str
    source: tuple[Piece, ...]
    base: str
    page: int | None
    spec: Spec

    @property
    def where(self) -> Piece:
        return Piece("长报告") if self.page is None else Piece(f"第 {self.page} 页", rule=PAGE)


def xlsx_sections(story: Story, ledger: Mapping[str, Entry]) -> list[Section]:
    """Give what each sheet should hold, in the workbook's order."""
    entries = list(_entries(story))
    names = sheet_names([f"{one.number.removeprefix('图').strip()} {one.topic}" for one in entries])
    made = [
        Section(CONTENTS, 1, tuple(_filled(_contents(story, list(zip(entries, names, strict=True)))))),
        *[
            Section(name, i, tuple(_filled(_sheet(one, ledger))), one.spec if one.kind != "明细" else None)
            for i, (one, name) in enumerate(zip(entries, names, strict=True), start=2)
        ],
        Section(LEDGER, len(entries) + 2, tuple(_filled(_ledger(ledger)))),
        Section(LIMITS, len(entries) + 3, tuple(_filled(_limits(story)))),
    ]
    if story.remarks:
        made.append(Section(COMMENTS, len(entries) + 4, tuple(_filled(_comments(story)))))
    foot = line("foot", Piece(story.dataset.organisation[:80], rule=NAME), " 第 页，共 页")
    return [replace(one, lines=(*one.lines, foot)) for one in made]


def _filled(lines: Iterator[Line]) -> Iterator[Line]:
    return (one for one in lines if one.text.strip() not in ("", "–") or one.value is not None)


# The entries


def _entries(story: Story) -> Iterator[_Entry]:
    for part in story.parts:
        count = 0
        for chapter in (one for one in part.chapters if one.is_done):
            for i, spec in enumerate(chapter.specs, start=1):
                if spec["chart"] or spec["table"] or spec["quotes"] or is_tiled(spec):
                    yield _slide_entry(story, part, chapter, spec, anchor=f"{chapter.anchor}-{i}")
            for detail in chapter.details:
                count += 1
                yield _detail_entry(story, part, chapter, detail, count=count)


def _place(part: Part, chapter: Chapter) -> str:
    lead = part.name if part.is_appendix else f"{part.ordinal} {part.name}"
    return lead if chapter.topic == part.name else f"{lead} · {chapter.topic}"


def _slide_entry(story: Story, part: Part, chapter: Chapter, spec: Spec, *, anchor: str) -> _Entry:
    said = story.referred(spec, pages=True)
    kind = "图" if spec["chart"] else "引语" if not spec["table"] and spec["quotes"] else "表"
    return _Entry(
        story.figure(anchor),
        _place(part, chapter),
        plain(said["kicker"]),
        line("text", said["title"]).pieces,
        kind,
        line("text", said["source"]).pieces,
        _base(spec),
        _page(story, chapter, spec, anchor),
        said,
    )


def _detail_entry(story: Story, part: Part, chapter: Chapter, detail: Spec, *, count: int) -> _Entry:
    said = story.referred(detail, pages=True)
    number = f"明细 {part.anchor.removeprefix('part-').replace('0', '附')}-{count}"
    name = str(detail["name"])
    source = line("text", said["note"]).pieces
    return _Entry(number, _place(part, chapter), name, (Piece(name),), "明细", source, "", None, said)


def _base(spec: Spec) -> str:
    plot = (spec["chart"] or {}).get("plot")
    known = sorted(n for n in (plot["base"] if plot else ()) if n is not None)
    return "n = " + "–".join(dict.fromkeys(rounded(n, 0) for n in (known[0], known[-1]))) if known else ""


def _page(story: Story, chapter: Chapter, spec: Spec, anchor: str) -> int | None:
    summary = next(sheet for sheet in story.sheets if sheet.kind == "summary")
    if spec["place"] == "summary" and summary.chapter == chapter:
        return summary.page
    return next((sheet.page for sheet in story.sheets if sheet.anchor == anchor), None)


# The sheets


def _contents(story: Story, entries: Sequence[tuple[_Entry, str]]) -> Iterator[Line]:
    dataset = story.dataset
    period = f"{dataset.period_start} 至 {dataset.period_end}　报告日期 {dataset.report_date}"
    yield line("title", dataset.title, rule=PERIOD)
    yield line("text", Piece(f"{dataset.organisation}　", rule=NAME), Piece(period, rule=PERIOD))
    yield from (line("cell", head) for head in _CONTENT_HEADS)
    for entry, name in entries:
        yield line("cell", entry.number, rule=FIGURE)
        yield line("cell", entry.place, rule=ORDINAL)
        yield Line("cell", entry.message)
        yield line("cell", entry.kind)
        yield line("cell", "长报告" if entry.page is None else str(entry.page), rule=PAGE)
        yield Line("cell", _joined("；", entry.source, entry.base))
        yield line("cell", name, rule=FIGURE)
    own = [
        (LEDGER, "报告里每个数字的记录：数值、基数、区间、检验、方法与来历"),
        (LIMITS, "这些数字没有说明什么"),
    ]
    own += [(COMMENTS, "分析人员的评注，连同确认时的数与现在的数")] * bool(story.remarks)
    for name, text in own:
        yield from (line("cell", one) for one in ("附录", text, "表", name))
    yield from _remarks(story)


def _joined(joint: str, source: Sequence[Piece], base: str) -> tuple[Piece, ...]:
    """Join the source and the bases that the chart knows."""
    bases = (Piece(base, rule=COUNT),) if base else ()
    return (*source, *([Piece(joint)] if source and base else []), *bases)


def _remarks(story: Story) -> Iterator[Line]:
    fewest = story.dataset.thresholds.suppress_below
    gaps = [f"{chapter.topic}：{chapter.gap}" for chapter in story.chapters if not chapter.is_done]
    for name, text in (
        ("说明", ""),
        (
            "数字",
            "每张表与报告中的图、表同源，每个数字在「账本」里有一条记录。单元格存未取整的值，按报告的位数显示。",
        ),
        ("区间", "「下限」「上限」之间是估计的置信区间（水平见账本，一般为 95%）；区间越宽，估计越不确定。"),
        ("不公开", f"人数少于 {fewest} 人的估计不公开，以免认出个人。空单元格表示没有数据。"),
        ("取整", "显示时四舍五入，各项相加与合计可能差最末一位；占比不为凑满 100% 而调整。"),
        *([("未编入", "；".join(gaps))] if gaps else []),
    ):
        yield line("cell", name)
        yield line("cell", text, rule="工作簿说明")


def _sheet(entry: _Entry, ledger: Mapping[str, Entry]) -> Iterator[Line]:
    yield line("text", f"← {CONTENTS}")
    where = [Piece(one, rule=ORDINAL) for one in (entry.place, entry.topic)]
    parts = [*where, Piece(entry.number, rule=FIGURE), entry.where]
    yield Line("text", tuple(one for part in parts if part.text for one in (Piece(" · "), part))[1:])
    yield Line("title", entry.message)
    source = (Piece("来源："), *entry.source) if entry.source else ()
    yield Line("text", _joined("　", source, entry.base))
    yield from _table(entry, ledger)
    reading = list(_reading(entry.spec)) if entry.kind != "明细" else []
    if reading:
        yield line("text", "读法")
        yield from reading


def _table(entry: _Entry, ledger: Mapping[str, Entry]) -> Iterator[Line]:
    spec = entry.spec
    if entry.kind == "明细":
        yield from _detail(spec, ledger)
    elif spec["chart"]:
        yield from _plot(spec["chart"])
    elif spec["table"]:
        yield from _slide_table(spec["table"], ledger)
    elif spec["quotes"]:
        yield from _quotes(spec)
    else:
        yield from (line("cell", head) for head in ("说明", "数值"))
        for figure in spec["figures"]:
            yield line("cell", figure["caption"])
            yield cell(figure["value"], ledger, row=plain(figure["caption"]), column="数值")


def cell(sentence: Sequence[Mapping[str, object]], ledger: Mapping[str, Entry], **place: str) -> Line:
    """Give a composed cell; where it is one record's value or base alone, the number that is stored."""
    made = line("cell", sentence, **place)
    if len(made.pieces) != 1 or made.pieces[0].key not in ledger:
        return made
    entry = ledger[made.pieces[0].key]
    what = entry.forms.get("".join(made.text.split()), "")
    stored = entry.value if what == "value" and not entry.is_text else entry.n if what == "n" else None
    return replace(made, value=None if stored is None else float(stored))


def _slide_table(table: Spec, ledger: Mapping[str, Entry]) -> Iterator[Line]:
    heads = [plain(head) for head in (table["header"], *table["columns"])]
    yield from (line("cell", head, rule=PROSE) for head in heads)
    for row in table["rows"]:
        yield line("cell", str(row["name"]), rule=NAME)
        for head, one in zip(heads[1:], row["cells"], strict=True):
            yield cell(one, ledger, row=str(row["name"]), column=head)


def _detail(detail: Spec, ledger: Mapping[str, Entry]) -> Iterator[Line]:
    heads = [str(column["name"]) for column in detail["columns"]]
    yield from (line("cell", head, rule=PROSE) for head in heads)
    is_quote = verbatim(detail)
    for row in detail["rows"]:
        for i, one in enumerate(row):
            if is_quote[i]:
                yield line("quote", plain(one), rule=QUOTE)
            elif any(piece.get("key") for piece in one):
                yield cell(one, ledger, row=plain(row[0]), column=heads[i])
            else:
                yield line("cell", plain(one), rule=NAME, row=plain(row[0]), column=heads[i])


def _quotes(spec: Spec) -> Iterator[Line]:
    yield from (line("cell", head) for head in ("来自", "原话"))
    for one in spec["quotes"]:
        yield line("cell", str(one["stratum"]), rule=NAME)
        yield line("quote", str(one["comment"]), rule=QUOTE)


def _plot(chart: Spec) -> Iterator[Line]:
    """Give a chart's data cell by cell, and its description where Excel draws it."""
    if chart["plot"] is None:
        yield line("text", "没有数据。")
        return
    plot = plot_of(chart["plot"])
    grid = plot_grid(plot)
    if is_drawn(plot, grid):
        yield line("alt", str(chart["alt"]), rule=CHART, chart=chart)
    for head in grid.heads:
        yield line("cell", head, rule=CHART, chart=chart)
    for row in grid.rows:
        for head, one in zip(grid.heads, row, strict=True):
            is_number = isinstance(one.value, float | int) and not isinstance(one.value, date)
            value = float(one.value) if is_number else None
            where = {"row": shown(row[0]), "column": head} if one is not row[0] else {}
            yield line("cell", shown(one), rule=CHART, chart=chart, value=value, **where)


def _reading(spec: Spec) -> Iterator[Line]:
    for figure in () if is_tiled(spec) else spec["figures"]:
        yield line("text", figure["value"], "　", figure["caption"])
    for paragraph in spec["reading"]:
        yield line("text", paragraph["text"])
    if spec["notes"]:
        yield line("text", spec["notes"])


# Ledger and limits


def _ledger(ledger: Mapping[str, Entry]) -> Iterator[Line]:
    yield line("text", f"← {CONTENTS}")
    yield line("text", "附录 · 账本")
    yield line("title", "每个数字的来历")
    yield line("text", "「报告写法」是这个数字在报告各处的样子。")
    yield from (line("cell", head) for head in _LEDGER_HEADS)
    for entry in ledger.values():
        for head, (text, value) in zip(_LEDGER_HEADS, _record(entry), strict=True):
            piece = Piece(text, key=entry.key, rule="账本行")
            yield Line("cell", (piece,), row=entry.key, column=head, value=value)


def _record(entry: Entry) -> Iterator[tuple[str, float | None]]:
    """Give a record's row: the texts, and the numbers that its cells store."""
    yield entry.metric, None
    yield entry.stratum, None
    yield (str(entry.value), None) if entry.is_text else (entry.show(entry.value), float(entry.value))
    yield _UNITS.get(entry.unit, SUFFIXES[entry.unit]), None
    yield _number(entry.n, 0)
    places = entry.decimals + (entry.unit != "count")
    yield _number(entry.low, places)
    yield _number(entry.high, places)
    yield (f"{rounded(100 * entry.level, 0)}%", 100 * entry.level) if entry.has_interval else ("", None)
    yield _number(entry.p, 4)
    yield _number(entry.effect, 2)
    yield entry.verdict, None
    yield entry.printed, None
    yield entry.method, None
    yield entry.notebook, None
    yield _number(entry.cell, 0)
    yield "、".join(entry.tables), None
    yield entry.filter, None
    yield entry.weight, None
    yield entry.formula, None


def _number(value: float | None, decimals: int) -> tuple[str, float | None]:
    return ("", None) if value is None else (rounded(value, decimals), float(value))


def _limits(story: Story) -> Iterator[Line]:
    yield line("text", f"← {CONTENTS}")
    for text in ("附录 · 局限", "这些数字没有说明什么", "各章末尾的说明。", "章节", "局限"):
        yield line("text", text)
    for chapter in story.chapters:
        for limit in chapter.limits:
            yield line("cell", chapter.topic)
            yield line("cell", limit)


def _comments(story: Story) -> Iterator[Line]:
    """Give the analysts' comments, a row a comment."""
    topics = {chapter.name: chapter.topic for chapter in story.chapters}
    yield line("text", f"← {CONTENTS}")
    for text in ("附录 · 评注", "分析人员的评注", "评注里的数取自账本；过期的，数已与确认时不同。"):
        yield line("text", text)
    yield from (
        line("cell", head) for head in ("编号", "章节", "幻灯片", "作者", "评注", "状态", "与确认时的差别")
    )
    for remark in story.remarks:
        comment = remark.comment
        yield line("cell", comment.name, rule=ORDINAL)
        for text in (topics[comment.notebook], comment.slide, comment.author):
            yield line("cell", text, rule=NAME)
        yield line("cell", story.referred({"pieces": remark.pieces}, pages=True)["pieces"])
        yield line("cell", remark.status)
        yield line("cell", remark.caution, rule=DRIFT)

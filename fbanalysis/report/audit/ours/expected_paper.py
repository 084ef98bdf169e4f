"""What the long report and the door should say, line by line, as the executed notebooks and the story have it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape

from fbanalysis.report import ledger as ledgers
from fbanalysis.report import slides
from fbanalysis.report.audit.ours.expected import (
    CHART,
    COUNT,
    FIGURE,
    GAP,
    NAME,
    ORDINAL,
    PERIOD,
    PROSE,
    QUOTE,
    SHOWN,
    VERSION,
    Line,
    Piece,
    Section,
    Spec,
    hints,
    is_table,
    line,
    remark_lines,
    slide_lines,
)
from fbanalysis.report.grids import keys_in, plot_grid, plot_of, shown
from fbanalysis.report.page import colophon, lead
from fbanalysis.report.paper import PRINTED_ROWS
from fbanalysis.report.slides import plain
from fbanalysis.report.story import Chapter, Part, Story

_LEDGER_HEADS = ("章", "指标", "层", "数值", "95% 区间", "n", "方法")
_CARRIER = "（作图用）"


def paper_sections(story: Story) -> list[Section]:
    """Give what the long report should say: head, contents, summary, chapters, ledger, foot."""
    chapters = [
        Section(chapter.anchor, 0, tuple(_chapter_lines(chapter, part, story)))
        for part in story.parts
        for chapter in part.chapters
    ]
    return [
        Section("head", 0, tuple(_head(story))),
        Section("contents", 0, tuple(_contents(story))),
        Section("summary", 0, tuple(_summary(story))),
        *chapters,
        Section("ledger", 0, tuple(_ledger(story))),
    ]


def _head(story: Story) -> Iterator[Line]:
    dataset = story.dataset
    yield line("text", "跳到正文")
    yield line("text", dataset.organisation, rule=NAME)
    yield line("title", dataset.title, rule=PERIOD)
    yield line("text", lead(dataset), rule=PERIOD)


def _ledger(story: Story) -> Iterator[Line]:
    count = Piece(f"{len(story.ledger):,}", rule=COUNT)
    yield line("title", "账本")
    yield line(
        "text", "报告里印出的每个数字在这里都有一条记录，共 ", count, " 条。metrics.csv 是同一份账本。"
    )
    yield line("text", "这张表由脚本画出；没有脚本时请打开 metrics.csv。")
    yield line("title", "账本：全部记录")
    yield from (line("alt", name) for name in ("账本", "数字的来历"))
    for head in _LEDGER_HEADS:
        yield line("cell", head, rule=NAME)
    yield line("text", "全部记录见网页版。")
    yield line("foot", Piece(story.dataset.organisation, rule=NAME), "　", Piece(colophon(), rule=VERSION))


# The contents


def _contents(story: Story) -> Iterator[Line]:
    yield line("alt", "目录")
    yield line("text", "目录")
    yield line("text", "找标题或图表")
    yield line("text", "摘要")
    for part in story.parts:
        if not part.chapters:
            continue
        yield line("text", *([Piece(part.ordinal, rule=ORDINAL)] * (not part.is_appendix)), part.name)
        for chapter in part.chapters:
            yield line("text", chapter.topic)
            yield from _entries(chapter, part, story)
    yield line("text", "账本")


def _entries(chapter: Chapter, part: Part, story: Story) -> Iterator[Line]:
    """Give a notebook's headings, figures and details as its table of contents lists them."""
    for kind, item in _walk(chapter, part, story):
        if kind == "figure":
            anchor, spec = item
            number = Piece(f"{story.figure(anchor)}　", rule=FIGURE)
            yield line("text", number, story.referred(spec, pages=False)["title"])
        elif kind == "detail":
            number, detail = item
            yield line("text", Piece(f"{number}　", rule=FIGURE), str(detail["name"]))
        elif kind == "heading":
            yield line("text", item)


def _walk(chapter: Chapter, part: Part, story: Story) -> Iterator[tuple[str, object]]:
    """Give what a notebook holds, in order: headings and paragraphs of its prose, figures, details, code."""
    count, details = 0, _details_before(chapter, part)
    for cell in chapter.notebook.cells if chapter.is_done else ():
        if cell.cell_type == "markdown":
            yield from _prose(cell.source, title=chapter.title)
        elif cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", []):
            for output in cell.outputs:
                data = output.get("data", {})
                if slides.MIME in data:
                    count += 1
                    yield "figure", (f"{chapter.anchor}-{count}", data[slides.MIME])
                elif slides.DETAIL_MIME in data:
                    details += 1
                    number = part.anchor.removeprefix("part-").replace("0", "附")
                    yield "detail", (f"明细 {number}-{details}", data[slides.DETAIL_MIME])
            if cell.source.strip():
                yield "code", _outputs(cell)


def _details_before(chapter: Chapter, part: Part) -> int:
    before = part.chapters[: part.chapters.index(chapter)]
    return sum(len(one.details) for one in before if one.is_done)


def _outputs(cell: Mapping[str, object]) -> int:
    """Count the frames and texts that stand below the code."""
    own = (slides.MIME, slides.DETAIL_MIME, ledgers.MIME)
    return sum(
        not any(mime in output.get("data", {}) for mime in own) and output.get("name") != "stderr"
        for output in cell["outputs"]
    )


def _prose(source: str, *, title: str) -> Iterator[tuple[str, str]]:
    """Give headings and paragraphs of a cell of prose as a browser shows them."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    text = re.sub(rf"\A\s*# +{re.escape(title)} *(\n|\Z)", "", source)
    html = MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True)).render(text)
    for tag, inner in re.findall(r"(?s)<(h[1-6]|p|li|th|td)\b[^>]*>(.*?)(?=</\1>|<(?:ul|ol|p|li)\b)", html):
        shown_text = unescape(re.sub(r"<[^>]+>", "", inner)).strip()
        if shown_text:
            yield "heading" if tag.startswith("h") else "prose", shown_text


# The chapters


def _summary(story: Story) -> Iterator[Line]:
    sheet = next(sheet for sheet in story.sheets if sheet.kind == "summary")
    yield line("title", "摘要")
    if sheet.spec is None:
        for part in (part for part in story.parts if part.chapters):
            ordinal = [Piece(f"{part.ordinal}　", rule=ORDINAL)] * (not part.is_appendix)
            yield line("title", *ordinal, part.name)
            yield from _answers(part, story)
        return
    own = next(spec for spec in sheet.chapter.specs if spec["place"] == "summary")
    spec = story.referred(own, pages=False)
    yield line("text", spec["title"])
    yield from _content(spec, Piece("摘要"))


def _answers(part: Part, story: Story) -> Iterator[Line]:
    for chapter in part.chapters:
        yield line("text", chapter.topic)
        answer = story.referred({"answer": chapter.answer}, pages=False)["answer"]
        yield line("text", answer if chapter.is_done else chapter.gap)
        yield from hints(answer if chapter.is_done else ())


def _chapter_lines(chapter: Chapter, part: Part, story: Story) -> Iterator[Line]:
    has_summary = any(sheet.kind == "summary" and sheet.spec for sheet in story.sheets)
    if chapter is part.chapters[0]:
        yield line("title", *([Piece(part.ordinal, rule=ORDINAL)] * (not part.is_appendix)), part.name)
        if has_summary and len(part.chapters) > 1 and not part.is_appendix:
            yield from _answers(part, story)
    yield line("title", chapter.title)
    if not chapter.is_done:
        reason = f"：{chapter.reason}" if chapter.reason else ""
        yield line("text", chapter.gap, Piece(reason, rule=GAP))
    yield from _remarks("", story, notebook=chapter.name)
    for kind, item in _walk(chapter, part, story):
        yield from _block(kind, item, story)


def _block(kind: str, item: object, story: Story) -> Iterator[Line]:
    if kind == "figure":
        yield from _figure(*item, story)
    elif kind == "detail":
        yield from _detail(*item, story)
    elif kind == "code":
        yield line("text", "代码与数据表" if item else "代码")
        yield from [line("alt", "单元格的输出")] * int(item)
    else:
        yield line("title" if kind == "heading" else "text", str(item), rule=PROSE)


def _figure(anchor: str, given: Spec, story: Story) -> Iterator[Line]:
    spec = story.referred(given, pages=False)
    number = Piece(story.figure(anchor), rule=FIGURE)
    yield Line("text", (number,))
    yield line("title", spec["title"])
    if _is_summary(given, story):
        yield from hints(spec["title"])
        yield line("text", "见摘要")
        yield from _remarks(anchor, story)
        return
    yield from _content(spec, number)
    if anchor in {sheet.anchor for sheet in story.sheets if sheet.kind == "slide"}:
        yield line("text", "看幻灯片")
        yield line("alt", "看幻灯片：", number)
    if (spec["chart"] or {}).get("plot"):
        yield line("text", "图中数据")
        yield line("alt", number, " 的数据")
        yield line("title", number, " 的数据")
        yield from plot_lines(spec["chart"])
    yield from _remarks(anchor, story)


def _remarks(anchor: str, story: Story, *, notebook: str = "") -> Iterator[Line]:
    """Give the comments on a slide; with an empty anchor, those of a notebook whose slides are not there."""
    for remark in story.remarks:
        if remark.anchor == anchor and notebook in ("", remark.comment.notebook):
            yield line("alt", "评注")
            yield from remark_lines(remark, story, pages=False)


def _is_summary(spec: Spec, story: Story) -> bool:
    sheet = next(sheet for sheet in story.sheets if sheet.kind == "summary")
    return sheet.spec is not None and spec == next(
        one for one in sheet.chapter.specs if one["place"] == "summary"
    )


def _content(spec: Spec, name: Piece) -> Iterator[Line]:
    """Give a slide's content, as a region with a name where it can be scrolled."""
    if is_table(spec):
        yield Line("title", (name,))
    if spec["chart"] or is_table(spec):
        yield Line("alt", (name,))
    yield from slide_lines(spec)
    yield from hints({part: value for part, value in spec.items() if part in SHOWN})
    if spec["source"]:
        yield line("text", "来源：", spec["source"])


def plot_lines(chart: Spec) -> Iterator[Line]:
    """Give the table below a chart: what it draws, a row each category, with the records of its numbers."""
    plot = plot_of(chart["plot"])
    grid = plot_grid(plot)
    keys = keys_in(plot, grid)
    kept = [i for i, head in enumerate(grid.heads) if not head.endswith(_CARRIER)]
    for i in kept:
        yield line("cell", grid.heads[i], rule=CHART, chart=chart)
    for at, row in enumerate(grid.rows):
        for i in kept:
            text = shown(row[i]) or "–"
            piece = Piece(text, key=keys.get((at, i), "") if text != "–" else "", rule=CHART)
            more = {} if i == kept[0] else {"row": shown(row[kept[0]]), "column": grid.heads[i]}
            yield line("cell", piece, chart=chart, **more)


def _detail(number: str, given: Spec, story: Story) -> Iterator[Line]:
    detail = story.referred(given, pages=False)
    yield line("text", Piece(number, rule=FIGURE))
    yield line("title", str(detail["name"]))
    yield line("alt", Piece(f"{number}　", rule=FIGURE), str(detail["name"]))
    yield line("title", Piece(f"{number}　", rule=FIGURE), str(detail["name"]))
    yield from detail_lines(detail)
    yield from hints(detail)
    if len(detail["rows"]) > PRINTED_ROWS:
        yield line("text", "其余见网页版")
    if detail["note"]:
        yield line("text", "来源：", detail["note"])


def detail_lines(detail: Spec) -> Iterator[Line]:
    """Give a long table or list of quotes: its heads, then its rows."""
    heads = [str(column["name"]) for column in detail["columns"]]
    is_quote = verbatim(detail)
    for head in heads:
        yield line("cell", head)
    for row in detail["rows"]:
        name = plain(row[0])
        for i, cell in enumerate(row):
            if is_quote[i]:
                yield line("quote", plain(cell), rule=QUOTE)
            else:
                yield line("cell", *_named(cell), row=name, column=heads[i])


def verbatim(detail: Spec) -> list[bool]:
    """Say of each column of a detail whether it holds verbatim text."""
    first = len(detail["filters"])
    columns = enumerate(detail["columns"])
    return [detail["kind"] == "quotes" and i >= first and not column["is_number"] for i, column in columns]


def _named(cell: Sequence[Mapping[str, object]]) -> list[object]:
    """A cell without a record holds a name of the data."""
    return [cell] if any(piece.get("key") for piece in cell) else [Piece(plain(cell), rule=NAME)]


# The door


def door_sections(story: Story) -> list[Section]:
    """Give what the page says that leads to every file."""
    return [Section("door", 0, tuple(_door(story)))]


def _door(story: Story) -> Iterator[Line]:
    from fbanalysis.report.door import audited, doors

    dataset = story.dataset
    if dataset.theme.logo is not None:
        yield line("alt", dataset.organisation, rule=NAME)
    yield line("text", dataset.organisation, rule=NAME)
    yield line("title", dataset.title, rule=PERIOD)
    yield line("text", lead(dataset), rule=PERIOD)
    for door in doors(story):
        count = f"{len(story.ledger):,}"
        yield line("text", door["name"])
        yield line(
            "text",
            *(
                [Piece(count, rule=COUNT), door["text"].removeprefix(count)]
                if door["text"].startswith(count)
                else [door["text"]]
            ),
        )
    if said := audited(story):
        yield line("text", str(said["text"]), rule=COUNT)
    yield from _door_table(story)
    yield line("foot", colophon(), rule=VERSION)


def _door_table(story: Story) -> Iterator[Line]:
    yield line("title", "各章")
    for head in ("章", "回答", "状态"):
        yield line("cell", head)
    states = {"done": "完成", "failed": "失败"}
    for chapter in story.chapters:
        yield line("cell", chapter.topic)
        yield line("cell", chapter.answer if chapter.is_done else Piece(chapter.reason, rule=GAP))
        yield line("cell", states.get(chapter.status, "未编入"))

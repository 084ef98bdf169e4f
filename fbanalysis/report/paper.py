"""The long report: prose, numbered figures, searchable tables and folded code on one page, read without a server.

It arranges what executed notebooks carry; nothing is computed here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from fbanalysis.report import layout, slides
from fbanalysis.report import ledger as ledgers
from fbanalysis.report.grids import (
    detail_grid,
    keys_in,
    plot_grid,
    plot_of,
    shown,
    table_grid,
)
from fbanalysis.report.page import colophon, lead, logo, page
from fbanalysis.report.slides import environment, plain
from fbanalysis.report.story import Chapter, Part, Story

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: Tables of slides with more rows than this are searched and sorted; details print as many as `PRINTED_ROWS`.
LONG_TABLE = 8
PRINTED_ROWS = 60

#: A notebook's own headings stand below report, chapter and notebook; HTML knows no seventh level.
_TOP_LEVEL, _DEEPEST = 4, 6

#: Ends the head of a column that only carries bars; it is drawn by Office files and says nothing to readers.
_CARRIER = "（作图用）"

#: Characters that the style sheet puts before and after elements.
_MARKS = "↕↑↓▼▲←→左右滑动看全图“”"

Block = dict[str, object]


def report(story: Story) -> str:
    """Build the long report: an executive summary, the chapters with their notebooks, and the ledger."""
    from pygments.formatters import HtmlFormatter

    draw = environment().get_template
    body = draw("paper/body.html.j2").render(_document(story))
    shared = page(
        story,
        body=body + _MARKS,
        scripts=["records.js", "tables.js", "paper/contents.js"],
        styles=["paper.css", "record.css", "remark.css", HtmlFormatter().get_style_defs(".highlight")],
    )
    return draw("paper/index.html.j2").render(shared, body=Markup(body))


def _document(story: Story) -> dict[str, object]:
    """Everything that the page shows, as data for its template."""
    dataset = story.dataset
    return {
        "title": dataset.title,
        "organisation": dataset.organisation,
        "lead": lead(dataset),
        "logo": logo(dataset.theme),
        "colophon": colophon(),
        "summary": _summary(story),
        "parts": [_part(part, story) for part in story.parts if part.chapters],
        "count": len(story.ledger),
        "names": {one.name: f"{_place(one, story)} · {one.topic}" for one in story.chapters},
        "printed_rows": PRINTED_ROWS,
    }


def _place(chapter: Chapter, story: Story) -> str:
    return next(part.ordinal for part in story.parts if chapter in part.chapters)


def _summary(story: Story) -> dict[str, object]:
    """The slide that a notebook made as executive summary, else every chapter's answer."""
    sheet = next(sheet for sheet in story.sheets if sheet.kind == "summary")
    if sheet.spec is None:
        return {"spec": None, "groups": [_answers(part, story) for part in story.parts if part.chapters]}
    own = next(spec for spec in sheet.chapter.specs if spec["place"] == "summary")
    return {"spec": _figure(own, story, anchor=""), "groups": []}


def _answers(part: Part, story: Story) -> dict[str, object]:
    said = [
        {
            "anchor": chapter.anchor,
            "topic": chapter.topic,
            "answer": story.referred({"answer": chapter.answer}, pages=False)["answer"],
            "gap": "" if chapter.is_done else chapter.gap,
        }
        for chapter in part.chapters
    ]
    return {
        "name": part.name,
        "ordinal": part.ordinal,
        "anchor": part.anchor,
        "is_appendix": part.is_appendix,
        "answers": said,
    }


def _part(part: Part, story: Story) -> dict[str, object]:
    has_summary = any(sheet.kind == "summary" and sheet.spec for sheet in story.sheets)
    count, chapters = 0, []
    for chapter in part.chapters:
        chapters.append(_Notebook(chapter, story, count=count).as_data())
        count += len(chapter.details) if chapter.is_done else 0
    opens = has_summary and len(chapters) > 1 and not part.is_appendix
    return _answers(part, story) | {"chapters": chapters, "is_opened": opens}


class _Notebook:
    """A notebook's cells as blocks, and its table of contents as they pass.

    Parameters
    ----------
    count
        How many details stand before it in its chapter.
    """

    def __init__(self, chapter: Chapter, story: Story, *, count: int) -> None:
        self._chapter, self._story = chapter, story
        self._slides, self._details, self._headings = 0, count, 0
        self._level = _TOP_LEVEL - 1
        self._entries: list[dict[str, object]] = []

    def as_data(self) -> dict[str, object]:
        """Give the notebook for the template: heading, blocks, entries of the table of contents."""
        chapter = self._chapter
        blocks = list(self._blocks() if chapter.is_done else self._failed())
        return {
            "anchor": chapter.anchor,
            "topic": chapter.topic,
            "title": chapter.title,
            "gap": "" if chapter.is_done else chapter.gap,
            "reason": "" if chapter.is_done else chapter.reason,
            "blocks": blocks,
            "entries": self._entries,
            "remarks": _remarks(self._story, notebook=chapter.name, anchor=""),
        }

    def _failed(self) -> Iterator[Block]:
        """Only the cell that stopped the notebook."""
        for cell in self._chapter.notebook.cells if self._chapter.notebook is not None else []:
            errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
            if errors:
                gap = f"执行到这里停止：{errors[0].ename}：{errors[0].evalue}"
                yield {"kind": "gap", "anchor": f"{self._chapter.anchor}-error", "text": gap}
                yield _code(cell, tables=[], anchor="", is_open=True)

    def _blocks(self) -> Iterator[Block]:
        for cell in self._chapter.notebook.cells:
            if cell.cell_type == "markdown":
                yield {"kind": "prose", "html": self._prose(cell.source)}
            elif cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", []):
                yield from self._code_blocks(cell)

    def _code_blocks(self, cell: "NotebookNode") -> Iterator[Block]:
        """Slides and details drawn from their data, then the code with its other outputs, folded."""
        tables = []
        for output in cell.outputs:
            data = output.get("data", {})
            if slides.MIME in data:
                yield self._slide(data[slides.MIME])
            elif slides.DETAIL_MIME in data:
                yield self._detail(data[slides.DETAIL_MIME])
            elif ledgers.MIME not in data and output.get("name") != "stderr":
                tables.append(_safe_output(output))
        if cell.source.strip():
            anchor = f"{self._chapter.anchor}-c{cell.execution_count}" if cell.execution_count else ""
            yield _code(cell, tables=tables, anchor=anchor)

    def _slide(self, spec: Mapping[str, object]) -> Block:
        self._slides += 1
        anchor = f"{self._chapter.anchor}-{self._slides}"
        figure = _figure(spec, self._story, anchor=anchor)
        self._enter(anchor, f"{figure['number']}　{plain(figure['slide']['title'])}", kind="figure")
        return {"kind": "moved" if _is_summary(spec, self._story) else "figure", "figure": figure}

    def _detail(self, detail: Mapping[str, object]) -> Block:
        self._details += 1
        part = next(part for part in self._story.parts if self._chapter in part.chapters)
        number = f"{part.anchor.removeprefix('part-').replace('0', '附')}-{self._details}"
        anchor = f"detail-{number}"
        self._enter(anchor, f"明细 {number}　{detail['name']}", kind="figure")
        resolved = {**self._story.referred(detail, pages=False), "columns": _columns(detail, self._story)}
        return {"kind": "detail", "detail": resolved, "anchor": anchor, "number": f"明细 {number}"}

    def _prose(self, source: str) -> Markup:
        """Render prose with nbconvert's own Markdown; the notebook's title stands above it already."""
        from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

        text = re.sub(rf"\A\s*# +{re.escape(self._chapter.title)} *(\n|\Z)", "", source)
        html = MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True)).render(
            text
        )
        return Markup(re.sub(r"(?s)<h([1-6])\b[^>]*>(.*?)</h\1>", self._heading, html))

    def _heading(self, found: re.Match[str]) -> str:
        """Move a heading below the notebook's, skip no level, and give it an anchor of its own."""
        self._headings += 1
        asked = max(int(found[1]), 2) + _TOP_LEVEL - 2
        self._level = min(asked, self._level + 1, _DEEPEST)
        anchor = f"{self._chapter.anchor}-s{self._headings}"
        self._enter(anchor, unescape(re.sub(r"<[^>]+>", "", found[2])).strip(), kind="section")
        tag = f"h{self._level}"
        return f'<{tag} id="{anchor}">{found[2]}{_hash(anchor)}</{tag}>'

    def _enter(self, anchor: str, text: str, *, kind: str) -> None:
        self._entries.append({"anchor": anchor, "text": text, "kind": kind})


def _hash(anchor: str) -> Markup:
    """A link to a heading, for readers who want to send it on."""
    return Markup('<a class="fb-hash" href="#{}" aria-label="{}">#</a>').format(anchor, "本节的链接")


def _columns(detail: Mapping[str, object], story: Story) -> list[dict[str, object]]:
    """A detail's columns; one whose records are texts or names is not set as numbers are."""
    grid = detail_grid(detail, story.ledger)
    return [
        {**column, "is_number": bool(column["is_number"]) and grid.is_right(i)}
        for i, column in enumerate(detail["columns"])
    ]


def _is_summary(spec: Mapping[str, object], story: Story) -> bool:
    """Say whether a slide is the one that stands as executive summary."""
    sheet = next(sheet for sheet in story.sheets if sheet.kind == "summary")
    if sheet.spec is None:
        return False
    return spec == next(one for one in sheet.chapter.specs if one["place"] == "summary")


def _figure(spec: Mapping[str, object], story: Story, *, anchor: str) -> dict[str, object]:
    """A slide as a numbered figure: what it says, its data as a table, and where the deck has it."""
    said = story.referred(spec, pages=False)
    in_deck = {sheet.anchor for sheet in story.sheets if sheet.kind == "slide"}
    plot = (said["chart"] or {}).get("plot")
    return {
        "anchor": anchor,
        "number": story.figure(anchor) if anchor else "",
        "slide": said,
        "chart": Markup(said["chart"]["svg"]) if said["chart"] else "",
        "is_tiled": layout.is_tiled(said),
        "rights": _rights(said["table"], story) if said["table"] else [],
        "is_long": bool(said["table"]) and len(said["table"]["rows"]) > LONG_TABLE,
        "data": _plot_table(plot) if plot else None,
        "deck": f"deck.html#/{anchor}" if anchor in in_deck else "",
        "remarks": _remarks(story, anchor=anchor) if anchor else [],
    }


def _remarks(story: Story, *, anchor: str, notebook: str = "") -> list[dict[str, object]]:
    """The comments on a slide; with an empty anchor, those on a notebook's slides that are not there."""
    found = [one for one in story.remarks if one.anchor == anchor]
    return [
        {
            "heading": one.heading,
            "status": one.status,
            "caution": one.caution,
            "pieces": story.referred({"pieces": one.pieces}, pages=False)["pieces"],
        }
        for one in found
        if notebook in ("", one.comment.notebook)
    ]


def _rights(table: Mapping[str, object], story: Story) -> list[bool]:
    """Say of each column of a slide's table whether it holds numbers."""
    grid = table_grid(table, story.ledger)
    return [grid.is_right(i) for i in range(1, len(grid.heads))]


def _plot_table(plot: Mapping[str, object]) -> dict[str, object]:
    """What a chart shows, as the table that the workbook has, in printed form."""
    read = plot_of(plot)
    grid = plot_grid(read)
    keys = keys_in(read, grid)
    kept = [i for i, head in enumerate(grid.heads) if not head.endswith(_CARRIER)]
    return {
        "heads": [grid.heads[i] for i in kept],
        "rows": [
            [{"text": shown(cells[i]) or "–", "key": keys.get((row, i), "")} for i in kept]
            for row, cells in enumerate(grid.rows)
        ],
        "numbers": [grid.is_right(i) for i in kept],
    }


def _code(cell: "NotebookNode", *, tables: Sequence[Markup], anchor: str, is_open: bool = False) -> Block:
    """A cell's code and tables, folded; numbers link to it by the cell's execution count."""
    from nbconvert.filters.highlight import Highlight2HTML

    code = Highlight2HTML(pygments_lexer="ipython3")(cell.source)
    return {"kind": "code", "html": Markup(code), "tables": tables, "anchor": anchor, "is_open": is_open}


def _safe_output(output: "NotebookNode") -> Markup:
    """Let HTML through as tables and text only; everything else is shown as escaped text."""
    import nh3

    data = output.get("data", {})
    if "text/html" in data:
        kept = nh3.clean(data["text/html"], tags=_TABLE_TAGS, attributes={"*": {"colspan", "rowspan"}})
        return Markup(_scoped(kept))
    return Markup("<pre>{}</pre>").format(escape(data.get("text/plain", output.get("text", ""))))


def _scoped(html: str) -> str:
    """Say which heads of a frame's table belong to columns and which to rows, and what the table is."""
    html = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", html)
    html = re.sub(r"(?s)<thead>.*?</thead>", lambda head: re.sub(r"<th\b", '<th scope="col"', head[0]), html)
    html = re.sub(r"<th\b(?! scope)", '<th scope="row"', html)
    return html.replace("<table>", '<table><caption class="fb-unseen">单元格的输出</caption>')


_TABLE_TAGS = {
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("p", "details", "summary", "b", "i", "br", "span", "div"),
}

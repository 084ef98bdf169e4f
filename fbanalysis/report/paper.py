"""The long report: all prose, figures, tables and folded code on one page, to be read without a server."""

import re
from collections.abc import Iterator, Sequence

import nbformat
from nbformat import NotebookNode

from fbanalysis.report import ledger as ledgers
from fbanalysis.report import slides
from fbanalysis.report.page import export, page
from fbanalysis.report.slides import render
from fbanalysis.report.story import Chapter, Story


def report(story: Story) -> str:
    """Build the long report: all prose, figures and folded code, with a table of contents."""
    from nbconvert.exporters import HTMLExporter
    from pygments.formatters import HtmlFormatter

    cells = [cell for chapter in story.chapters for cell in _paper_cells(chapter, story)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    parts = ("figures", "tables", "gap")
    body = "".join(
        cell.source + "".join("".join(cell.metadata.get(part, "")) for part in parts) for cell in cells
    )
    styles = ["slide.css", "paper.css", "record.css", HtmlFormatter().get_style_defs(".highlight")]
    shared = page(story, body=body, scripts=["records.js"], styles=styles)
    notebook.metadata["fbanalysis"] = shared | {"toc": list(_toc(cells))}
    return export(HTMLExporter, notebook, template="paper")


def _paper_cells(chapter: Chapter, story: Story) -> Iterator[NotebookNode]:
    if chapter.notebook is None:
        yield _markdown(f"# {chapter.title}\n\n{chapter.gap}：{chapter.reason}", anchor=chapter.anchor)
        return
    if not chapter.is_done:
        yield _markdown(f"# {chapter.title}\n\n{chapter.gap}", anchor=chapter.anchor)
        cells = [
            _code(cell, story, anchor=f"{chapter.anchor}-error")
            for cell in chapter.notebook.cells
            if cell.cell_type == "code"
        ]
        yield from (cell for cell in cells if cell.metadata.gap)
        return
    for i, cell in enumerate(chapter.notebook.cells):
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            anchor = chapter.anchor if i == 0 else f"{chapter.anchor}-s{i}"
            yield _markdown(cell.source, anchor=anchor)
        elif cell.cell_type == "code" and "injected-parameters" not in tags:
            yield _code(cell, story, anchor=f"{chapter.anchor}-error")


def _markdown(source: str, *, anchor: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata={"anchor": anchor})


def _code(cell: NotebookNode, story: Story, *, anchor: str) -> NotebookNode:
    """A code cell whose outputs are drawn anew: slides from their data, tables sanitised, the rest as text."""
    figures, tables, gap = [], [], ""
    for output in cell.outputs:
        data = output.get("data", {})
        if slides.MIME in data:
            figures.append(render(story.referred(data[slides.MIME], pages=False)))
        elif output.output_type == "error":
            gap = f"执行到这里停止：{output.ename}：{output.evalue}"
        elif ledgers.MIME not in data and output.get("name") != "stderr":
            tables.append(_safe_output(output))
    return nbformat.v4.new_code_cell(
        cell.source, metadata={"figures": figures, "tables": tables, "gap": gap, "anchor": anchor}
    )


def _safe_output(output: NotebookNode) -> str:
    """Let HTML through as tables and text only; everything else is shown as escaped text."""
    import nh3
    from markupsafe import escape

    data = output.get("data", {})
    if "text/html" in data:
        return nh3.clean(data["text/html"], tags=_TABLE_TAGS, attributes={"*": {"colspan", "rowspan"}})
    return f"<pre>{escape(data.get('text/plain', output.get('text', '')))}</pre>"


_TABLE_TAGS = {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "p",
    "details",
    "summary",
    "b",
    "i",
    "br",
    "span",
    "div",
}


def _toc(cells: Sequence[NotebookNode]) -> Iterator[dict[str, object]]:
    for cell in cells:
        heading = re.match(r"(#{1,2}) +(.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            yield {"level": len(heading[1]), "text": heading[2].strip(), "anchor": cell.metadata.anchor}

"""Executed notebooks become the deck, the long report, their door, and the merged ledger.

Everything needed stands inside each file: fonts, scripts, pictures, records. Nothing is computed and
nothing is decided here; a chapter that could not be made leaves a visible gap.
"""

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fbanalysis.dataset import Dataset
from fbanalysis.errors import DataError, LedgerError, WordingError, listed
from fbanalysis.report import ledger as ledgers
from fbanalysis.report import slides
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.slides import TEMPLATES, Slide, environment, plain, render
from fbanalysis.report.theme import font_file
from fbanalysis.report.wording import find_typed, interval

#: The pages for readers.
PAGES = ("deck.html", "report.html", "index.html")

#: The heading under which a notebook says what its numbers do not show.
LIMITS = "## 这些数字没有说明什么"

#: How many chapters' limits one slide holds.
LIMITS_A_SHEET = 6

#: Characters of the templates and scripts, beside those of the content.
_ALWAYS = "0123456789%.,−–—·“”‘’'…（），。；：、？！代码与数据表目录跳到正文关闭数字的来历看出错的单元格→来源"

_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Chapter:
    """A notebook in the report, as the pipeline left it."""

    number: str
    name: str
    title: str
    executed: Path | None
    status: str
    reason: str = ""
    ordinal: str = ""

    @property
    def is_done(self) -> bool:
        return self.status == "done"

    @property
    def topic(self) -> str:
        """The heading before its colon: 样本与覆盖 of 样本与覆盖：谁给了反馈？"""
        return re.split("[：:]", self.title, maxsplit=1)[0].strip()

    @property
    def question(self) -> str:
        return self.title.removeprefix(self.topic).lstrip("：: ").strip()

    @property
    def anchor(self) -> str:
        return f"chapter-{self.number}"

    @property
    def gap(self) -> str:
        return "本章未能生成" if self.status == "failed" else "本章缺少数据，未编入"

    @property
    def error_link(self) -> str:
        """Where the long report shows the cell that failed; empty where none did."""
        cells = self.notebook.cells if self.status == "failed" and self.notebook is not None else []
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        has_error = any(output.output_type == "error" for output in outputs)
        return f"report.html#{self.anchor}-error" if has_error else ""

    @cached_property
    def notebook(self) -> NotebookNode | None:
        return None if self.executed is None else nbformat.read(self.executed, as_version=4)

    @cached_property
    def specs(self) -> list[Mapping[str, object]]:
        """The slides that the executed notebook carries, in order."""
        return [] if self.notebook is None else list(_carried(self.notebook, slides.MIME))

    @property
    def answer(self) -> object:
        """The chapter's answer as a composed sentence: a slide's ``answer``, else the first title."""
        given = [spec["answer"] for spec in self.specs if spec["answer"]]
        return (given or [spec["title"] for spec in self.specs] or [[]])[0]

    @property
    def limits(self) -> list[str]:
        """The first paragraph or bullets under the heading on limits."""
        cells = self.notebook.cells if self.is_done and self.notebook is not None else []
        text = next((cell.source for cell in cells if cell.source.startswith(LIMITS)), "")
        lines = [line.lstrip("-* ").strip() for line in text.removeprefix(LIMITS).splitlines()]
        return [line for line in lines if line]


def publish(dataset: Dataset, chapters: Sequence[Chapter], *, draft: bool = False) -> tuple[Path, ...]:
    """Write deck, long report, index and merged ledger of a year.

    Parameters
    ----------
    chapters
        In the order of the deck; those that failed or were left out become gaps.
    draft
        Let typed numbers through, marked; else they stop the build.

    Returns
    -------
    tuple of Path
        The files written into ``reports/<year>/``.

    Raises
    ------
    WordingError
        A number or an earned word typed by hand; names slide and sentence. The pages of an earlier run are
        taken away then, lest they pass for this one's.
    LedgerError
        A chapter that kept its ledger to itself or contradicts an earlier one. All pages are written first, with a
        gap in its place.
    """
    numbered = [replace(chapter, ordinal=numeral(i)) for i, chapter in enumerate(chapters, start=1)]
    admitted, ledger = admit(numbered)
    try:
        made = _publish(dataset, admitted, ledger, draft=draft)
    except BaseException:
        for name in PAGES:
            (dataset.reports / name).unlink(missing_ok=True)
        raise
    kept_out = [
        new.reason for old, new in zip(numbered, admitted, strict=True) if old.is_done and not new.is_done
    ]
    if kept_out:
        raise LedgerError(f"其余各章已发布，这里留空：{'；'.join(kept_out)}")
    return made


def _publish(
    dataset: Dataset, chapters: Sequence[Chapter], ledger: Ledger, *, draft: bool
) -> tuple[Path, ...]:
    if not draft:
        refuse_typed(chapters, allowed=dataset.allowed)
    folder = dataset.reports
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "deck.html": deck(dataset, chapters, ledger),
        "report.html": report(dataset, chapters, ledger),
        "index.html": index(dataset, chapters, ledger),
    }
    saved = ledger.save(folder)
    for name, text in pages.items():
        ledgers.write_whole(folder / name, text)
    return (*(folder / name for name in pages), *saved)


def numeral(number: int) -> str:
    """Write a number from 1 to 99 in Chinese numerals, for chapters.

    >>> [numeral(number) for number in (3, 10, 12, 20, 41)]
    ['三', '十', '十二', '二十', '四十一']
    """
    tens, ones = divmod(number, 10)
    lead = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return lead + (_DIGITS[ones] if ones or not tens else "")


def admit(chapters: Sequence[Chapter]) -> tuple[list[Chapter], Ledger]:
    """Merge the records of all finished chapters; one whose records can't be taken becomes a gap.

    Returns
    -------
    chapters
        Those without a ledger, or with a record that an earlier chapter has with another value, as failed.
    ledger
        The records of the others.
    """
    merged, admitted = Ledger(), []
    for chapter in chapters:
        try:
            if chapter.is_done:
                merged.merge(_records_of(chapter), notebook=chapter.name)
        except (DataError, LedgerError) as error:
            chapter = replace(chapter, status="failed", reason=str(error))
        admitted.append(chapter)
    return admitted, merged


def _records_of(chapter: Chapter) -> list[Mapping[str, object]]:
    carried = list(_carried(chapter.notebook, ledgers.MIME))
    if not carried:
        raise DataError(f"笔记本「{chapter.name}」没有交出账本；请让最后一个单元格显示 ledger")
    return carried[-1]


def _carried(notebook: NotebookNode, mime: str) -> Iterator[object]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield output.data[mime]


def refuse_typed(chapters: Sequence[Chapter], *, allowed: Sequence[str]) -> None:
    """Stop where a slide or a notebook's prose prints a number that no record stands behind."""
    found = [
        f"{chapter.name} 幻灯片「{plain(spec['title'])}」的句子「{sentence}」：{typed}"
        for chapter in chapters
        if chapter.is_done
        for spec in chapter.specs
        for sentence, typed in Slide(spec).typed
    ]
    found += [
        f"{chapter.name} 的说明文字「{line[:40]}」：{typed}"
        for chapter in chapters
        if chapter.is_done
        for line, typed in _typed_prose(chapter, allowed=allowed)
    ]
    if found:
        raise WordingError(
            f"{len(found)} 处数字或判断词是手打的，没有账本记录：{listed(found)}。"
            "请改用 {指标[层]}；起草时可加 --draft，先标出再改"
        )


def _typed_prose(chapter: Chapter, *, allowed: Sequence[str]) -> Iterator[tuple[str, str]]:
    for cell in chapter.notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for line in re.sub(r"`[^`]*`", "", cell.source).splitlines():
            text = re.sub(r"^\s*\d+[.)] |\]\([^)]*\)", "", line)
            for typed in find_typed(text, allowed=allowed):
                yield line, typed.group()


# The deck


def deck(dataset: Dataset, chapters: Sequence[Chapter], ledger: Ledger) -> str:
    """Build the deck with nbconvert's slides exporter: chapters across, slides down."""
    from nbconvert.exporters import SlidesExporter

    notebook = nbformat.v4.new_notebook(cells=[sheet.cell() for sheet in _deck_plan(dataset, chapters)])
    body = "".join(cell.outputs[0].data["text/html"] for cell in notebook.cells)
    scripts = [(_reveal() / "reveal.js").read_text("utf-8"), _template("deck.js"), _template("records.js")]
    css = [
        (_reveal() / "reveal.css").read_text("utf-8"),
        *map(_template, ("slide.css", "deck.css", "record.css")),
    ]
    notebook.metadata["fbanalysis"] = _page(dataset, ledger, body=body, scripts=scripts, css=css)
    return _export(SlidesExporter, notebook, template="deck")


@dataclass(frozen=True)
class Sheet:
    """One slide of the deck: where it stands and what it holds."""

    anchor: str
    label: str
    html: str
    layout: str = ""
    starts: str = ""

    def cell(self) -> NotebookNode:
        """Give the sheet as a cell for nbconvert: ``slide`` starts a chapter, ``subslide`` goes down."""
        output = nbformat.v4.new_output("display_data", data={"text/html": self.html})
        cell = nbformat.v4.new_code_cell("", outputs=[output])
        kind = "slide" if self.starts else "subslide"
        cell.metadata.update(
            slideshow={"slide_type": kind},
            anchor=self.anchor,
            label=self.label,
            layout=self.layout,
            chapter=self.starts,
        )
        return cell


def _deck_plan(dataset: Dataset, chapters: Sequence[Chapter]) -> list[Sheet]:
    pages = _page_numbers(chapters)
    about = [_about(chapter, pages) for chapter in chapters]
    foot = f"{dataset.organisation}　{dataset.period_start} 至 {dataset.period_end}"
    draw = environment().get_template("page.html.j2").render
    plan = [
        Sheet("cover", dataset.title, draw(kind="cover", **_cover(dataset)), "fb-cover", starts="封面"),
        Sheet("summary", "摘要", draw(kind="summary", chapters=about, foot=foot, page=2), starts="摘要"),
        Sheet("agenda", "目录", draw(kind="agenda", chapters=about, foot=foot, page=3), starts="目录"),
    ]
    for chapter, said in zip(chapters, about, strict=True):
        plan += _chapter_sheets(chapter, said, draw)
    with_limits = [chapter for chapter in about if chapter["limits"]]
    for i in range(0, len(with_limits), LIMITS_A_SHEET):
        page, part = pages["limits"] + i // LIMITS_A_SHEET, with_limits[i : i + LIMITS_A_SHEET]
        html = draw(kind="limits", chapters=part, foot=foot, page=page)
        plan.append(Sheet(f"limits-{i // LIMITS_A_SHEET + 1}", "局限", html, starts="" if i else "附录"))
    return plan


def _chapter_sheets(chapter: Chapter, said: Mapping[str, object], draw: object) -> list[Sheet]:
    if not chapter.is_done:
        html = draw(kind="gap", chapter=said, page=said["page"])
        return [Sheet(chapter.anchor, chapter.topic, html, starts=chapter.topic)]
    html = draw(kind="section", chapter=said, page=said["page"])
    sheets = [Sheet(chapter.anchor, chapter.topic, html, "fb-section", starts=chapter.topic)]
    for entry, spec in zip(said["contents"], chapter.specs, strict=True):
        kicker = [
            {"text": f"{chapter.ordinal}　{chapter.topic} · ", "key": "", "rule": "", "is_typed": False}
        ]
        drawn = render({**spec, "kicker": kicker + list(spec["kicker"])}, page=str(entry["page"]))
        sheets.append(Sheet(entry["anchor"], plain(spec["title"]), drawn))
    return sheets


def _page_numbers(chapters: Sequence[Chapter]) -> dict[str, int]:
    """Number the sheets: cover, summary, agenda, then each chapter's divider and slides."""
    pages, page = {}, 3
    for chapter in chapters:
        page += 1
        pages[chapter.anchor] = page
        page += len(chapter.specs) if chapter.is_done else 0
    return pages | {"limits": page + 1}


def _about(chapter: Chapter, pages: Mapping[str, int]) -> dict[str, object]:
    first = pages[chapter.anchor]
    contents = [
        {"anchor": f"{chapter.anchor}-{i}", "title": spec["title"], "page": first + i}
        for i, spec in enumerate(chapter.specs, start=1)
    ]
    return {
        "ordinal": chapter.ordinal,
        "name": chapter.topic,
        "question": chapter.question,
        "anchor": chapter.anchor,
        "is_done": chapter.is_done,
        "gap": chapter.gap,
        "reason": chapter.reason,
        "page": first,
        "contents": contents,
        "answer": chapter.answer,
        "limits": chapter.limits,
        "error_link": chapter.error_link,
    }


def _cover(dataset: Dataset) -> dict[str, object]:
    return {
        "title": dataset.title,
        "year": dataset.year,
        "lead": "从原始反馈到结论：每个数字都可以查到来历",
        "meta": [
            ("机构", dataset.organisation),
            ("报告期", f"{dataset.period_start} 至 {dataset.period_end}"),
            ("编制", dataset.author),
            ("报告日期", str(dataset.report_date)),
        ],
    }


# The long report


def report(dataset: Dataset, chapters: Sequence[Chapter], ledger: Ledger) -> str:
    """Build the long report: all prose, figures and folded code, with a table of contents."""
    from nbconvert.exporters import HTMLExporter
    from pygments.formatters import HtmlFormatter

    cells = [cell for chapter in chapters for cell in _paper_cells(chapter)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    parts = ("figures", "tables", "gap")
    body = "".join(
        cell.source + "".join("".join(cell.metadata.get(part, "")) for part in parts) for cell in cells
    )
    css = [
        *map(_template, ("slide.css", "paper.css", "record.css")),
        HtmlFormatter().get_style_defs(".highlight"),
    ]
    page = _page(dataset, ledger, body=body, scripts=[_template("records.js")], css=css)
    notebook.metadata["fbanalysis"] = page | {"toc": list(_toc(cells))}
    return _export(HTMLExporter, notebook, template="paper")


def _paper_cells(chapter: Chapter) -> Iterator[NotebookNode]:
    if chapter.notebook is None:
        yield _markdown(f"# {chapter.title}\n\n{chapter.gap}：{chapter.reason}", anchor=chapter.anchor)
        return
    if not chapter.is_done:
        yield _markdown(f"# {chapter.title}\n\n{chapter.gap}", anchor=chapter.anchor)
        cells = [
            _code(cell, anchor=f"{chapter.anchor}-error")
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
            yield _code(cell, anchor=f"{chapter.anchor}-error")


def _markdown(source: str, *, anchor: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata={"anchor": anchor})


def _code(cell: NotebookNode, *, anchor: str) -> NotebookNode:
    """A code cell whose outputs are drawn anew: slides from their data, tables sanitised, the rest as text."""
    figures, tables, gap = [], [], ""
    for output in cell.outputs:
        data = output.get("data", {})
        if slides.MIME in data:
            figures.append(render(data[slides.MIME]))
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


# The door


def index(dataset: Dataset, chapters: Sequence[Chapter], ledger: Ledger) -> str:
    """Build the page that leads to everything."""
    about = [_door_row(chapter) for chapter in chapters]
    doors = [
        {"href": "deck.html", "name": "演示文稿", "text": "逐章演示，方向键翻页，可离线打开"},
        {"href": "report.html", "name": "完整报告", "text": "全部说明、图表与可展开的代码"},
        {"href": "metrics.csv", "name": "账本", "text": f"{len(ledger):,} 条记录：数值、区间、样本量、方法"},
    ]
    text = {"title": dataset.title, "organisation": dataset.organisation, "lead": _lead(dataset)}
    draw = environment().get_template("index.html.j2").render
    body = draw(**text, doors=doors, chapters=about, colophon=_colophon(), policy="", font="", css="")
    return draw(
        **text,
        doors=doors,
        chapters=about,
        colophon=_colophon(),
        policy=_policy([]),
        font=_font_face(body),
        css=_template("index.css"),
    )


def _door_row(chapter: Chapter) -> dict[str, object]:
    return {
        "name": chapter.topic,
        "anchor": chapter.anchor,
        "is_done": chapter.is_done,
        "reason": chapter.reason,
        "error_link": chapter.error_link,
        "state": {"done": "完成", "failed": "失败"}.get(chapter.status, "未编入"),
        "answer_text": plain(chapter.answer),
        "notebook": "" if chapter.executed is None else f"notebooks/{chapter.executed.name}",
    }


# What every page carries


def _page(
    dataset: Dataset, ledger: Ledger, *, body: str, scripts: Sequence[str], css: Sequence[str]
) -> dict[str, object]:
    text = {"title": dataset.title, "organisation": dataset.organisation, "lead": _lead(dataset)}
    records = _records(ledger)
    characters = body + records + "".join(text.values()) + "".join(scripts) + _colophon()
    return text | {
        "font": _font_face(characters),
        "css": "\n".join(css),
        "records": records,
        "scripts": list(scripts),
        "policy": _policy(scripts),
        "colophon": _colophon(),
    }


def _lead(dataset: Dataset) -> str:
    return f"报告期 {dataset.period_start} 至 {dataset.period_end}；报告日期 {dataset.report_date}；{dataset.author}"


def _colophon() -> str:
    import platform
    from importlib.metadata import version

    names = ("pandas", "scipy", "statsmodels", "pingouin", "scikit-learn", "papermill", "nbconvert")
    return f"Python {platform.python_version()} · " + " · ".join(f"{name} {version(name)}" for name in names)


def _records(ledger: Ledger) -> str:
    """The records that numbers open, as JSON that cannot end its script element."""
    shown = {
        record.key: {
            "printed": record.printed,
            "value": record.value if isinstance(record.value, str) else f"{record.value:.6g}",
            "n": record.n,
            "method": record.method,
            "interval": interval(ledger, record.key)[0].text if record.has_interval else "",
            "p": None if record.p is None else ("< 0.001" if record.p < 0.001 else f"{record.p:.3f}"),
            "effect": None if record.effect is None else round(record.effect, 3),
            "verdict": record.verdict,
            "origin": f"{record.notebook} 单元格 {record.cell}",
            "tables": " ".join(f"{name} {digest}" for name, digest in record.tables.items()),
        }
        for record in ledger
    }
    return json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")


def _policy(scripts: Sequence[str]) -> str:
    """A content-security policy under which only our own scripts run and nothing is fetched."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _font_face(characters: str) -> str:
    """Embed the part of the font that a page needs, as WOFF (W3C WOFF 1.0, zlib-compressed)."""
    from fontTools import subset

    options = subset.Options(
        flavor="woff", desubroutinize=True, layout_features=["kern", "palt"], notdef_outline=True
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=unescape(characters) + _ALWAYS)
    buffer = io.BytesIO()
    with subset.load_font(str(font_file()), options) as font:
        subsetter.subset(font)
        subset.save_font(font, buffer, options)
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return f'@font-face {{ font-family: "Noto Sans SC"; src: url(data:font/woff;base64,{encoded}) format("woff"); }}'


def _reveal() -> Path:
    """The folder with reveal.js, out of the package that brings it."""
    return Path(find_spec("sphinx_revealjs").submodule_search_locations[0]) / "_static" / "revealjs" / "dist"


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


def _export(exporter: type, notebook: NotebookNode, *, template: str) -> str:
    made = exporter(
        template_name=template, extra_template_basedirs=[str(TEMPLATES)], exclude_anchor_links=True
    )
    return made.from_notebook_node(notebook)[0]

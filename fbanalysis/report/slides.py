"""One slide, every format: what it says as data, and how it looks as HTML.

A slide shows itself in JupyterLab as it will stand in the deck, and an executed notebook carries it as
data under `MIME`; decks and reports are renderings of that data. Nothing is computed here.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from fbanalysis.errors import LedgerError, WordingError, listed
from fbanalysis.report import layout, tracing
from fbanalysis.report.charts import Chart
from fbanalysis.report.layout import plain
from fbanalysis.report.ledger import Ledger, SuppressedRecordError
from fbanalysis.report.theme import css, printable, use
from fbanalysis.report.wording import ABSENT, PHRASES, Segment, compose, label, number

#: Output types under which an executed notebook carries a slide, and a long table or list of quotes.
MIME = "application/vnd.fbanalysis.slide+json"
DETAIL_MIME = "application/vnd.fbanalysis.detail+json"

TEMPLATES = Path(__file__).parent / "templates"

#: What a paragraph of the reading is: its rule is drawn in accent, alarm or grey.
TONES = ("good", "look", "context")

#: Where a slide stands: in its chapter, as the executive summary, in the appendix, or in the long report only.
PLACES = ("deck", "summary", "appendix", "report")


#: Controls, and marks that turn the direction of what follows: no name of a group may bring them into a sentence.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")

#: A cell with more 汉字 than a number's unit has is a sentence, whatever numbers stand in it.
_MOST_HAN = 8

#: Names of a table's rows may break into lines; they are cut at this many characters.
LONGEST_ROW = 60


@dataclass(frozen=True)
class Slide:
    """A slide as plain data; made by `make_slide`, so that every sentence has passed the ledger."""

    spec: Mapping[str, object]

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Sentences with something typed by hand: (sentence, what was typed)."""
        return [
            (plain(s), piece["text"].strip())
            for s in sentences(self.spec)
            for piece in s
            if piece["is_typed"]
        ]

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {
            MIME: dict(self.spec),
            "text/html": preview(self.spec),
            "text/plain": plain(self.spec["title"]),
        }


@dataclass(frozen=True)
class LedgerTable:
    """A table whose cells are records: a row a stratum, a column a metric.

    Parameters
    ----------
    rows
        Strata, in the order of the table.
    columns
        Header → metric, or metric and what of it: ``satisfaction_mean``, ``satisfaction_mean:interval``,
        ``:n``, ``:p``, ``:verdict``.
    header
        Head of the first column.
    highlight, total
        Strata in alarm colour; strata that sum up the others, with a line above.
    """

    rows: Sequence[str]
    columns: Mapping[str, str]
    header: str = ""
    highlight: Sequence[str] = field(default_factory=tuple)
    total: Sequence[str] = field(default_factory=tuple)

    def lines(self, ledger: Ledger) -> Iterator[tuple[str, str, list[object]]]:
        """Give (stratum, name, cells) of every row; a record that is not there prints as a dash."""
        for row in self.rows:
            yield (
                row,
                label(row, longest=LONGEST_ROW),
                [_cell(ledger, metric, row) for metric in self.columns.values()],
            )


@dataclass(frozen=True)
class RecordTable:
    """A table that puts records of several metrics side by side: a row a record, a column what is said of it.

    Parameters
    ----------
    rows
        Name of the row → key of its record; a row whose record is not there is left out.
    columns
        Header → what of the record: ``""`` (its value), ``interval``, ``n``, ``p``, ``verdict`` ….
    """

    rows: Mapping[str, str]
    columns: Mapping[str, str]
    header: str = ""
    highlight: Sequence[str] = field(default_factory=tuple)
    total: Sequence[str] = field(default_factory=tuple)

    def lines(self, ledger: Ledger) -> Iterator[tuple[str, str, list[object]]]:
        """Give (name, name, cells) of every row whose record is there."""
        for name, key in self.rows.items():
            if key in ledger:
                metric, stratum = ledger[key].metric, ledger[key].stratum
                said = [f"{metric}:{phrase}" if phrase else metric for phrase in self.columns.values()]
                yield name, name, [_cell(ledger, one, stratum) for one in said]


def _cell(ledger: Ledger, metric: str, stratum: str) -> list[dict[str, object]]:
    name, _, phrase = metric.partition(":")
    if phrase and phrase not in PHRASES:
        raise WordingError(f"表里的「{metric}」：没有短语「{phrase}」；可用：{listed(PHRASES, most=40)}")
    if not ledger.knows(name):
        raise WordingError(f"表里的「{metric}」：账本里没有指标「{name}」")
    key = f"{name}[{stratum}]"
    try:
        segments = PHRASES[phrase](ledger, key) if phrase else [number(ledger[key])]
    except SuppressedRecordError as hidden:
        return [vars(Segment("不公开", rule=str(hidden)))]
    except LedgerError:
        return [vars(Segment("–"))]
    if segments[0].text.startswith("（无"):
        return [vars(Segment("–"))]
    texts = [_without_lead(segment.text) if phrase else segment.text for segment in segments]
    return [vars(s) | {"text": _CONTROLS.sub(" ", text)} for s, text in zip(segments, texts, strict=True)]


def _without_lead(text: str) -> str:
    """Leave out what the column's head says already; a record's own text begins as it likes."""
    return text.removeprefix("95% 区间 ").removeprefix("p = ").removeprefix("p ")


def slides_for(ledger: Ledger) -> Callable[..., Slide]:
    """Give the notebook its ``slide(title, …)``: `make_slide` bound to a ledger, in the organisation's look."""
    if ledger.year is not None:
        use(ledger.year.dataset.theme)
    return functools.partial(make_slide, ledger=ledger)


def make_slide(
    title: str | Sequence[str],
    *,
    ledger: Ledger,
    topic: str,
    source: str | Sequence[str] = "",
    chart: Chart | None = None,
    table: LedgerTable | RecordTable | None = None,
    quotes: pd.DataFrame | None = None,
    figures: Sequence[Sequence[str | Sequence[str]]] = (),
    reading: Sequence[str | tuple[str, str]] = (),
    notes: str = "",
    answer: str = "",
    place: str = "deck",
    skip_absent: bool = False,
) -> Slide:
    """Compose a slide from templates over the ledger.

    Parameters
    ----------
    title
        The message, as a sentence with its number; of several the first that speaks only of what is there.
    topic
        What the slide is about, in a word or two; stands above the title behind the chapter's name.
    source
        Base, period and method in a phrase; what shading means. Of several as the title.
    chart, table, quotes
        At most one of them: a `Chart`, a `LedgerTable` or `RecordTable`, or a frame with ``stratum`` and ``comment``.
    figures
        Large numbers: (template of the figure, template of its caption[, tone]); of several captions the first
        that speaks only of what is there.
    reading
        At most four short paragraphs; ``("look", "…")`` and ``("good", "…")`` colour their rule.
    notes
        What the speaker says besides.
    answer
        The chapter's answer to its question, for its divider and the summary; one slide a notebook has it,
        else the first title stands for it.
    place
        ``deck``, ``summary`` (the executive summary, one a report), ``appendix`` (behind the chapters), or
        ``report`` (the long report only).
    skip_absent
        Leave out figures and paragraphs that speak of records that are not there.

    Raises
    ------
    WordingError
        A sentence that refers to nothing; names the slide and the sentence.
    """
    if sum(part is not None for part in (chart, table, quotes)) > 1:
        raise WordingError(f"幻灯片「{title}」放了不止一种内容；图、表、引语只能选一种")
    title = _first_said(title, ledger=ledger)
    if place not in PLACES:
        raise WordingError(f"幻灯片「{title}」的位置「{place}」不认识；可用：{'、'.join(PLACES)}")
    say = functools.partial(_say, ledger=ledger, slide=title)
    is_kept = functools.partial(_is_kept, skip_absent=skip_absent)
    shown = [_figure(figure, ledger=ledger, say=say) for figure in figures]
    paragraphs = [{"tone": tone, "text": say(text)} for tone, text in map(_toned, reading)]
    return Slide(
        {
            "kicker": say(topic),
            "title": say(title),
            "figures": [figure for figure in shown if is_kept(figure["value"], figure["caption"])],
            "reading": [paragraph for paragraph in paragraphs if is_kept(paragraph["text"])],
            "chart": None if chart is None else _chart_spec(chart, ledger),
            "table": None if table is None else _table_spec(table, ledger, say=say),
            "quotes": [] if quotes is None else _quotes_spec(quotes),
            "source": say(_first_said(source, ledger=ledger)),
            "notes": say(notes),
            "answer": say(answer),
            "place": place,
        }
    )


def _is_kept(*sentences: Sequence[Mapping[str, object]], skip_absent: bool) -> bool:
    return not (skip_absent and any(piece["text"] in ABSENT for part in sentences for piece in part))


def _chart_spec(chart: Chart, ledger: Ledger) -> dict[str, object]:
    """A chart as plain data; every value that it shows carries the key of its record."""
    plot = None if chart.plot is None else tracing.trace(chart.plot, ledger).as_json()
    return {
        "svg": chart.svg,
        "alt": chart.alt,
        "kind": chart.kind,
        "aspect": chart.aspect,
        "png": chart.png,
        "plot": plot,
        "untraced": [str(one) for one in tracing.untraced(plot)],
    }


@dataclass(frozen=True)
class Detail:
    """A long table or list of quotes as plain data: for the long report and the workbook, not for slides."""

    spec: Mapping[str, object]

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        rows = len(self.spec["rows"])
        return {
            DETAIL_MIME: dict(self.spec),
            "text/html": environment().get_template("detail.html.j2").render(detail=self.spec, anchor=""),
            "text/plain": f"{self.spec['name']}：{rows} 行",
        }


def details_for(ledger: Ledger) -> Callable[..., Detail]:
    """Give the notebook its ``detail(name, frame, …)``: `make_detail` bound to a ledger."""
    return functools.partial(make_detail, ledger=ledger)


def make_detail(
    name: str,
    frame: pd.DataFrame,
    *,
    ledger: Ledger,
    keys: Mapping[str, str],
    columns: Mapping[str, str] | None = None,
    text: Mapping[str, str] | None = None,
    note: str = "",
) -> Detail:
    """Compose a table that readers of the long report search, filter and sort.

    Parameters
    ----------
    name
        Its heading.
    frame
        A row a row; ``stratum`` names the records of a row.
    keys
        Header → column by whose values readers filter (region, department, kind).
    columns
        Header → metric, or metric and what of it, as in a `LedgerTable`.
    text
        Header → column with verbatim text; with it the detail is a list of quotes.
    note
        Base, period and method in a phrase, as a slide's source.
    """
    columns, text = dict(columns or {}), dict(text or {})
    heads = [{"name": head, "is_number": False} for head in (*keys, *text)]
    return Detail(
        {
            "name": name,
            "note": _say(note, ledger=ledger, slide=name),
            "kind": "quotes" if text else "table",
            "filters": list(range(len(keys))),
            "columns": heads + [{"name": head, "is_number": True} for head in columns],
            "rows": [
                [_plainly(row[column]) for column in (*keys.values(), *text.values())]
                + [_cell(ledger, metric, str(row["stratum"])) for metric in columns.values()]
                for row in frame.to_dict("records")
            ],
        }
    )


def _plainly(value: object) -> list[dict[str, object]]:
    return [vars(Segment("–" if pd.isna(value) else printable(value)))]


def _first_said(templates: str | Sequence[str], *, ledger: Ledger) -> str:
    """Give the first of several templates that speaks only of records that are there, else the last."""
    if isinstance(templates, str):
        return templates
    given = list(templates)
    said = (one for one in given if _is_kept(_say(one, ledger=ledger, slide=one), skip_absent=True))
    return next(said, given[-1])


def _figure(
    figure: Sequence[str | Sequence[str]], *, ledger: Ledger, say: Callable[[str], object]
) -> dict[str, object]:
    value, caption, tone = (*figure, "context")[:3]
    return {"value": say(value), "caption": say(_first_said(caption, ledger=ledger)), "tone": _checked(tone)}


def _toned(paragraph: str | tuple[str, str]) -> tuple[str, str]:
    tone, text = ("context", paragraph) if isinstance(paragraph, str) else paragraph
    return _checked(tone), text


def _checked(tone: str) -> str:
    if tone not in TONES:
        raise WordingError(f"读法的语气「{tone}」不认识；可用：{'、'.join(TONES)}")
    return tone


def _say(template: str, *, ledger: Ledger, slide: str) -> list[dict[str, object]]:
    allowed = ledger.year.dataset.allowed if ledger.year is not None else ()
    try:
        sentence = compose(template, ledger, allowed=allowed).as_json()
    except WordingError as error:
        raise WordingError(f"幻灯片「{slide}」：{error}") from error
    return without_controls(sentence)


def without_controls(sentence: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Give a sentence's pieces without controls and marks that turn the direction of text."""
    return [piece | {"text": _CONTROLS.sub(" ", piece["text"])} for piece in sentence]


def _table_spec(
    table: LedgerTable | RecordTable, ledger: Ledger, *, say: Callable[[str], object]
) -> dict[str, object]:
    rows = [
        {
            "name": printable(name),
            "is_highlighted": row in table.highlight,
            "is_total": row in table.total,
            "cells": cells,
        }
        for row, name, cells in table.lines(ledger)
    ]
    columns = [say(column) for column in table.columns]
    texts = [_is_text([plain(row["cells"][i]) for row in rows]) for i in range(len(columns))]
    return {"header": say(table.header), "columns": columns, "texts": texts, "rows": rows}


def _is_text(cells: Sequence[str]) -> bool:
    """Say whether a column holds words: they stand at the left, numbers at the right."""
    is_said = any(len(re.findall(r"[\u4e00-\u9fff]", cell)) > _MOST_HAN for cell in cells)
    has_digits = any(re.search("[0-9]", cell) for cell in cells)
    return is_said or (any(cell != "–" for cell in cells) and not has_digits)


def _quotes_spec(quotes: pd.DataFrame) -> list[dict[str, object]]:
    return [
        {"stratum": label(printable(row.stratum)), "comment": printable(row.comment), "order": order}
        for order, row in enumerate(quotes.itertuples(index=False))
    ]


def sentences(spec: Mapping[str, object]) -> list[list[dict[str, object]]]:
    """All composed sentences of a slide, in reading order, table cells included."""
    figures = [figure[part] for figure in spec["figures"] for part in ("value", "caption")]
    table = spec["table"]
    heads = [table["header"], *table["columns"]] if table else []
    cells = [cell for row in table["rows"] for cell in row["cells"]] if table else []
    reading = [paragraph["text"] for paragraph in spec["reading"]]
    return [
        spec["kicker"],
        spec["title"],
        *figures,
        *heads,
        *cells,
        *reading,
        spec["source"],
        spec["notes"],
        spec["answer"],
    ]


@functools.cache
def environment() -> object:
    """The Jinja environment of all templates: everything is escaped unless it is marked safe."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    spec: Mapping[str, object], *, page: str = "", foot: str = "", remarks: Sequence[object] = ()
) -> str:
    """Draw a slide as the inner HTML of its section, with a mark where analysts commented on it."""
    template = environment().get_template("slide.html.j2")
    return template.render(
        slide=spec,
        page=page,
        foot=foot,
        remarks=remarks,
        points=_points(spec),
        is_tiled=layout.is_tiled(spec),
        has_side=layout.has_side(spec),
    )


def _points(spec: Mapping[str, object]) -> str:
    """The numbers of a slide's chart as JSON: (name, key of the record); empty where it has none."""
    found = tracing.named_points((spec["chart"] or {}).get("plot"))
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else ""


def sizes(fit: Mapping[str, float]) -> str:
    """Give the sizes at which a slide's texts fit as custom properties of its section."""
    names = ("title", "reading", "figure", "table", "cell", "quote")
    return "".join(f"--{name}:{fit[name]:.4g}px;" for name in names)


def preview(spec: Mapping[str, object]) -> str:
    """Draw a slide for JupyterLab: a 16:9 sheet with its own style."""
    sheet = (TEMPLATES / "slide.css").read_text("utf-8")
    spec = layout.cut(spec)
    style = f"{css()}{sizes(layout.fit(spec).as_json())}"
    slide = f'<div class="fb-slide" style="{style}">{render(spec)}</div>'
    return f'<style>{sheet}</style><div class="fb-sheet">{slide}</div>'

"""What the report has for the workbook: every chart, table, list of quotes and detail, with what it says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fbanalysis.report.charts.plot import Plot
from fbanalysis.report.grids import (
    Grid,
    detail_grid,
    figures_grid,
    plot_grid,
    plot_of,
    quotes_grid,
    table_grid,
)
from fbanalysis.report.layout import is_tiled, plain
from fbanalysis.report.story import Chapter, Part, Story


@dataclass(frozen=True)
class Entry:
    """One sheet of the workbook: where it stands in the report, what it says, and its table."""

    number: str
    chapter: str
    topic: str
    message: str
    kind: str
    source: str
    grid: Grid
    page: int | None = None
    reading: tuple[str, ...] = ()
    plot: Plot | None = None
    alt: str = ""

    @property
    def base(self) -> str:
        """The base n as the chart knows it: one number, or the least and the greatest."""
        known = [n for n in (self.plot.base if self.plot else ()) if n is not None]
        ends = dict.fromkeys(f"{n:,.0f}" for n in (min(known), max(known))) if known else ()
        return "n = " + "–".join(ends) if ends else ""


def entries(story: Story) -> Iterator[Entry]:
    """Give all charts, tables, quotes and details of the report, in its order."""
    for part in story.parts:
        details = 0
        for chapter in (chapter for chapter in part.chapters if chapter.is_done):
            place = _place(part, chapter)
            for i, spec in enumerate(chapter.specs, start=1):
                yield from _slide_entries(story, chapter, spec, anchor=f"{chapter.anchor}-{i}", place=place)
            for detail in chapter.details:
                details += 1
                yield _detail_entry(story, detail, number=_detail_number(part, details), place=place)


def _place(part: Part, chapter: Chapter) -> str:
    lead = part.name if part.is_appendix else f"{part.ordinal} {part.name}"
    return lead if chapter.topic == part.name else f"{lead} · {chapter.topic}"


def _detail_number(part: Part, count: int) -> str:
    return f"明细 {part.anchor.removeprefix('part-').replace('0', '附')}-{count}"


def _slide_entries(
    story: Story, chapter: Chapter, spec: Mapping[str, object], *, anchor: str, place: str
) -> Iterator[Entry]:
    made = _content(spec, story)
    if made is None:
        return
    kind, grid, plot = made
    said = story.referred(spec, pages=True)
    yield Entry(
        number=story.figure(anchor),
        chapter=place,
        topic=plain(said["kicker"]),
        message=plain(said["title"]),
        kind=kind,
        source=plain(said["source"]),
        grid=grid,
        page=_page(story, spec, anchor, chapter=chapter),
        reading=_reading(said),
        plot=plot,
        alt=spec["chart"]["alt"] if spec["chart"] else "",
    )


def _content(spec: Mapping[str, object], story: Story) -> tuple[str, Grid, Plot | None] | None:
    """What of a slide is a table: its chart's data, its table, its quotes, or its tiles of figures."""
    if spec["chart"]:
        given = spec["chart"]["plot"]
        plot = None if given is None else plot_of(given)
        return "图", Grid((), ()) if plot is None else plot_grid(plot), plot
    if spec["table"]:
        return "表", table_grid(spec["table"], story.ledger), None
    if spec["quotes"]:
        return "引语", quotes_grid(spec["quotes"]), None
    return ("表", figures_grid(spec["figures"], story.ledger), None) if is_tiled(spec) else None


def _reading(spec: Mapping[str, object]) -> tuple[str, ...]:
    """The slide's text beside its content, then what the speaker says."""
    figures = [] if is_tiled(spec) else spec["figures"]
    shown = [f"{plain(figure['value'])}　{plain(figure['caption'])}" for figure in figures]
    said = [plain(paragraph["text"]) for paragraph in spec["reading"]]
    return tuple(text for text in (*shown, *said, plain(spec["notes"])) if text)


def _page(story: Story, spec: Mapping[str, object], anchor: str, *, chapter: Chapter) -> int | None:
    """The page in the deck; none for what stands in the long report only."""
    pages = {sheet.anchor: sheet.page for sheet in story.sheets}
    is_summary = spec["place"] == "summary" and any(
        sheet.anchor == "summary" and sheet.chapter == chapter for sheet in story.sheets
    )
    return pages.get("summary" if is_summary else anchor)


def _detail_entry(story: Story, detail: Mapping[str, object], *, number: str, place: str) -> Entry:
    return Entry(
        number=number,
        chapter=place,
        topic=str(detail["name"]),
        message=str(detail["name"]),
        kind="明细",
        source=plain(story.referred(detail, pages=True)["note"]),
        grid=detail_grid(detail, story.ledger),
    )

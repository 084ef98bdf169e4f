"""Native tables: hair lines below rows, no style of Office's, text as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pptx.oxml.ns import qn

from fbanalysis.report import layout, theme
from fbanalysis.report.pptx.parts import node, stroke
from fbanalysis.report.pptx.text import Sentence, Style, fill, paragraph, plain, said, solid

#: 无样式，无网格: the table style that draws nothing.
_PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
#: Room before a cell: texts stand off the numbers at their left.
_INDENT = {"l": 22, "r": 8}


@dataclass(frozen=True)
class Cell:
    """A cell: its paragraphs, its ground and the lines around it (colour, width in pixels)."""

    paragraphs: Sequence[tuple[Sentence, Style]] = ()
    ground: str = ""
    top: tuple[str, float] | None = None
    bottom: tuple[str, float] | None = None
    anchor: str = "ctr"
    padding: float = 0
    indent: float = 0
    outdent: float = 0


@dataclass(frozen=True)
class Grid:
    """A table: rows of cells, widths of columns and heights of rows in pixels."""

    rows: Sequence[Sequence[Cell]]
    widths: Sequence[float]
    heights: Sequence[float]
    has_header: bool = True
    links: Mapping[str, str] = field(default_factory=dict)


def lay(frame: object, grid: Grid, *, factor: float, emus: object) -> None:
    """Write a grid into a table that has as many rows and columns."""
    table = frame.table
    properties = table._tbl.tblPr
    for name in ("bandRow", "firstRow", "firstCol", "lastRow", "lastCol", "bandCol"):
        properties.attrib.pop(name, None)
    if grid.has_header:
        properties.set("firstRow", "1")
    for style in properties.findall(qn("a:tableStyleId")):
        style.text = _PLAIN
    for column, width in zip(table.columns, grid.widths, strict=True):
        column.width = emus(width)
    for row, height in zip(table.rows, grid.heights, strict=True):
        row.height = emus(height)
    for y, cells in enumerate(grid.rows):
        for x, cell in enumerate(cells):
            _write(table.cell(y, x)._tc, cell, grid.links, factor=factor, emus=emus)


def _write(element: object, cell: Cell, links: Mapping[str, str], *, factor: float, emus: object) -> None:
    body = element.get_or_add_txBody()
    made = [paragraph(sentence, style.scaled(factor), links=links) for sentence, style in cell.paragraphs]
    fill(body, made or [paragraph([], Style(10))])
    body.find(qn("a:bodyPr")).clear()
    properties = element.get_or_add_tcPr()
    properties.clear()
    sides = {"marL": cell.indent, "marR": cell.outdent, "marT": cell.padding, "marB": cell.padding}
    for name, pixels in sides.items():
        properties.set(name, str(emus(pixels)))
    properties.set("anchor", cell.anchor)
    for tag, line in (("a:lnL", None), ("a:lnR", None), ("a:lnT", cell.top), ("a:lnB", cell.bottom)):
        drawn = stroke(*line, cap="flat") if line else stroke()
        drawn.tag = qn(tag)
        properties.append(drawn)
    properties.append(solid(cell.ground) if cell.ground else node("a:noFill"))


# The table of a slide


def data_grid(table: Mapping[str, object], *, size: float, width: float, height: float) -> Grid:
    """Set a slide's table: names left, numbers right, a line below the head and above totals."""
    widths = _fitted(layout.column_widths(table, size, width=width), table, size, width=width)
    heights = [_head_height(table, widths, size), *layout.row_heights(table, size, width=width)[1:]]
    room = (height - sum(heights)) / max(len(heights), 1)
    heights = [heights[0], *[one + min(max(room, 0), size * 0.9) for one in heights[1:]]]
    rows = [_head(table, size), *[_row(table, i, size) for i in range(len(table["rows"]))]]
    return Grid(rows, widths, heights)


def _head_height(table: Mapping[str, object], widths: Sequence[float], size: float) -> float:
    """Height of the head: as many lines as its longest name needs."""
    small = size * 0.86
    heads = [table["header"], *table["columns"]]
    pairs_of = zip(heads, widths, strict=True)
    return max(layout.text_height(plain(head), small, wide - 14, 1.35) for head, wide in pairs_of) + 10


def _fitted(
    widths: Sequence[float], table: Mapping[str, object], size: float, *, width: float
) -> list[float]:
    """Give columns some more than their texts need, and half of what the names leave over."""
    names = max((theme.text_width(str(row["name"]), size) for row in table["rows"]), default=0) + 24
    more = [_INDENT[side] - _INDENT["r"] for side in _aligned(table)]
    heads = [theme.text_width(plain(head), size * 0.86) * 1.04 + 14 for head in table["columns"]]
    others = zip(widths[1:], heads, more, strict=True)
    least = [min(max(widths[0], 36), names)]
    least += [max(one * 1.07, min(head, one * 1.3), 36) + room for one, head, room in others]
    spare = max(width - sum(least), 0)
    each = min(0.6 * spare / max(len(least) - 1, 1), 44)
    wide = [least[0] + spare - each * (len(least) - 1), *[one + each for one in least[1:]]]
    return [one * width / sum(wide) for one in wide]


def _aligned(table: Mapping[str, object]) -> list[str]:
    """Give the side of each column: texts stand left, numbers right."""
    return ["l" if is_text else "r" for is_text in table["texts"]]


def _head(table: Mapping[str, object], size: float) -> list[Cell]:
    line, muted = (theme.COLOURS["ink"], 1.5), theme.COLOURS["muted"]
    small = round(size * 0.86, 1)
    look = {"bottom": line, "anchor": "b", "padding": 4}
    first = Cell([(table["header"], Style(small, muted, 1.35))], outdent=8, **look)
    others = [
        Cell([(head, Style(small, muted, 1.35, side))], indent=_INDENT[side], outdent=4, **look)
        for head, side in zip(table["columns"], _aligned(table), strict=True)
    ]
    return [first, *others]


def _row(table: Mapping[str, object], place: int, size: float) -> list[Cell]:
    row = table["rows"][place]
    ink = theme.COLOURS["alarm" if row["is_highlighted"] else "ink"]
    look = {
        "bottom": (theme.COLOURS["rule"], 1),
        "top": (theme.COLOURS["ink"], 1.5) if row["is_total"] and place else None,
    }
    cells = [
        Cell([(cell, Style(size, ink, 1.3, side))], indent=_INDENT[side], outdent=4, **look)
        for cell, side in zip(row["cells"], _aligned(table), strict=True)
    ]
    return [Cell([(said(str(row["name"])), Style(size, ink, 1.3))], outdent=8, **look), *cells]


# A heat map


def heat_grid(plot: Mapping[str, object], *, width: float, height: float) -> Grid:
    """Set a heat map as a table with coloured cells."""
    series, names = plot["series"], [str(name) for name in plot["categories"]]
    size = min(max(height / (len(names) + 1.5) * 0.42, 8), 15)
    widest = max((theme.text_width(name, size) for name in names), default=0) + 14
    first = min(max(widest, 60), width * 0.34)
    each = (width - first) / max(len(series), 1)
    head = _heat_head_height(series, size, each)
    row = min((height - head) / max(len(names), 1), 64)
    muted, white = theme.COLOURS["muted"], (theme.COLOURS["ground"], 1.5)
    heads = [
        Cell([(said(str(one["name"])), Style(size, muted, 1.25, "ctr"))], anchor="b", padding=4)
        for one in series
    ]
    label = Cell([(said(str(plot["label"])), Style(min(size, 12), muted, 1.25))], anchor="b", padding=4)
    rows = [
        [
            Cell([(said(name), Style(size, theme.COLOURS["ink"], 1.2))], outdent=8),
            *_heat_cells(series, i, size, white),
        ]
        for i, name in enumerate(names)
    ]
    return Grid([[label, *heads], *rows], [first, *[each] * len(series)], [head, *[row] * len(names)])


def _heat_head_height(series: Sequence[Mapping[str, object]], size: float, width: float) -> float:
    lines = max((theme.text_width(str(one["name"]), size) / max(width - 8, 1) for one in series), default=1)
    return (int(lines) + 1) * size * 1.3 + 10


def _heat_cells(
    series: Sequence[Mapping[str, object]], place: int, size: float, line: tuple[str, float]
) -> list[Cell]:
    cells = []
    for one in series:
        ground = str(one["colours"][place]) if one["colours"] else ""
        text = str(one["texts"][place]) if one["texts"] else str(one["values"][place])
        ink = theme.text_on(ground) if ground else theme.COLOURS["ink"]
        style = Style(size, ink, 1.2, "ctr")
        cells.append(Cell([(said(text), style)], ground=ground, top=line, bottom=line))
    return cells

"""What all sheets of the workbook share: styles in the report's look, texts kept as texts, head and print."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from fbanalysis.report import theme
from fbanalysis.report.grids import Cell, Grid, shown
from fbanalysis.report.story import Story

#: Sizes in points; a pixel is three quarters of one.
SIZE, TITLE, SMALL = 10, 16, 9
ROW_HEIGHT, MOST_HEIGHT = 22, 540
#: Columns in pixels: the narrowest, and where texts are broken into lines.
NARROWEST, WIDEST, WIDEST_HEAD = 72, 460, 170
MOST_TEXT = 32767
#: The row of every table's head: link, place, message and source stand above.
HEAD_ROW = 5
#: Messages are set at least this wide.
MESSAGE_WIDTH = 880
#: Numbers keep a distance from the text of the next column.
RIGHT: Mapping[str, object] = {"align": "right", "indent": 1}
_OTHER_COLUMN = 64
#: A4 among Excel's paper sizes.
_A4 = 9

_FORBIDDEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: object) -> str:
    """Drop what XML forbids, and what is longer than a cell.

    >>> clean("a\\x00\\x1bb")
    'ab'
    """
    kept = _FORBIDDEN.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n"))
    return kept.encode("utf-16-le")[: 2 * MOST_TEXT].decode("utf-16-le", errors="ignore")


def width_of(text: str, *, size: float = SIZE) -> float:
    """Width in pixels of a text's longest line; Office fonts run a little wider than ours."""
    return 1.08 * max((theme.text_width(line, size / 0.75) for line in text.split("\n")), default=0)


def height_of(text: str, *, width: float, size: float = SIZE) -> int:
    """Height in pixels of a text broken at a width."""
    lines = sum(
        max(1, math.ceil(width_of(line, size=size) / max(width - 1.5 * size, 40)))
        for line in text.split("\n")
    )
    return min(max(ROW_HEIGHT, math.ceil(lines * size / 0.75 * 1.36) + 5), MOST_HEIGHT)


@dataclass(frozen=True)
class Binder:
    """A workbook being written: its story, the name of its contents, and the styles made so far."""

    book: Workbook
    story: Story
    contents: str
    _styles: dict[tuple[tuple[str, object], ...], Format] = field(default_factory=dict)

    @property
    def font(self) -> str:
        return self.story.dataset.theme.office_font

    def style(self, **given: object) -> Format:
        """Give a style; colours may be named as in the theme."""
        named = {
            key: theme.COLOURS.get(str(value), value) if key.endswith("color") else value
            for key, value in given.items()
        }
        whole = {
            "font_name": self.font,
            "font_size": SIZE,
            "font_color": theme.COLOURS["ink"],
            "valign": "vcenter",
        }
        whole |= named
        key = tuple(sorted(whole.items()))
        if key not in self._styles:
            self._styles[key] = self.book.add_format(whole)
        return self._styles[key]

    def sheet(self, name: str, *, colour: str = "") -> Worksheet:
        """Add a sheet that prints well: landscape A4, one page wide, with organisation and page below."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_default_row(ROW_HEIGHT * 0.75)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.7)
        organisation = clean(self.story.dataset.organisation)[:80].replace("&", "&&")
        sheet.set_footer(f"&L{organisation}&R第 &P 页，共 &N 页")
        if colour:
            sheet.set_tab_color(theme.COLOURS[colour])
        return sheet

    def put(self, sheet: Worksheet, row: int, column: int, cell: Cell, style: Format) -> None:
        """Write a cell: numbers as numbers, texts as nothing but texts."""
        if cell.value is None or cell.value == "":
            sheet.write_blank(row, column, None, style)
        elif isinstance(cell.value, date):
            sheet.write_datetime(row, column, cell.value, style)
        elif isinstance(cell.value, float | int):
            sheet.write_number(row, column, cell.value, style)
        else:
            sheet.write_string(row, column, clean(cell.value), style)

    def link(self, sheet: Worksheet, row: int, column: int, target: str, text: str, **look: object) -> None:
        """Write a text that leads to another sheet."""
        quoted = target.replace("'", "''")
        style = self.style(**{"font_color": "accent"} | look)
        sheet.write_url(row, column, f"internal:'{quoted}'!A1", style, clean(text)[:255])

    def across(self, sheet: Worksheet, row: int, widths: Sequence[float], text: str, **look: object) -> None:
        """Write a text across columns, broken into lines, in a row as high as it needs."""
        size = float(look.get("font_size", SIZE))
        style = self.style(text_wrap=True, **look)
        if len(widths) > 1:
            sheet.merge_range(row, 0, row, len(widths) - 1, "", style)
        self.put(sheet, row, 0, Cell(text), style)
        sheet.set_row_pixels(row, height_of(clean(text), width=sum(widths), size=size))

    def head(self, sheet: Worksheet, widths: Sequence[float], place: str, message: str, source: str) -> None:
        """Write what stands above every table: the way back, where this is, its message, its source."""
        self.link(sheet, 0, 0, self.contents, f"← {self.contents}", font_size=SMALL)
        self.across(sheet, 1, widths, place, font_color="accent")
        self.across(sheet, 2, widths, message, font_size=TITLE)
        self.across(sheet, 3, widths, source, font_color="muted", font_size=SMALL)
        sheet.set_row_pixels(4, 8)

    def table(self, sheet: Worksheet, grid: Grid, widths: Sequence[float], *, row: int = HEAD_ROW) -> int:
        """Write a table with its filters; gives the row behind it."""
        right = [grid.is_right(column) for column in range(len(grid.heads))]
        self._heads(sheet, grid, widths, right, row=row)
        for i, cells in enumerate(grid.rows, start=1):
            look = self._row_look(grid, i - 1)
            for column, cell in enumerate(cells):
                self.put(sheet, row + i, column, cell, self._cell_style(cell, right[column], look))
            sheet.set_row_pixels(row + i, self._row_height(cells, widths))
        last = row + max(len(grid.rows), 1)
        sheet.autofilter(row, 0, last, len(grid.heads) - 1)
        sheet.ignore_errors({"number_stored_as_text": xl_range(row, 0, last, len(grid.heads) - 1)})
        sheet.repeat_rows(row)
        return last + 1

    def _heads(
        self, sheet: Worksheet, grid: Grid, widths: Sequence[float], right: Sequence[bool], *, row: int
    ) -> None:
        tall = max(height_of(head, width=width - 22) for head, width in zip(grid.heads, widths, strict=False))
        sheet.set_row_pixels(row, max(tall, 28))
        for column, head in enumerate(grid.heads):
            look = {"bottom": 1, "bottom_color": "accent", "bg_color": "accent_tint", "text_wrap": True}
            look |= RIGHT if right[column] else {"align": "left"}
            self.put(sheet, row, column, Cell(head), self.style(**look))

    def _row_look(self, grid: Grid, row: int) -> dict[str, object]:
        look: dict[str, object] = {"bottom": 4, "bottom_color": "rule"}
        look |= {"font_color": "alarm"} if row in grid.highlighted else {}
        return look | ({"top": 1, "top_color": "muted"} if row in grid.totals else {})

    def _cell_style(self, cell: Cell, is_right: bool, look: dict[str, object]) -> Format:
        own: dict[str, object] = dict(RIGHT if is_right or cell.is_number else {"align": "left"})
        own |= {"num_format": cell.format} if cell.format else {}
        own |= {} if cell.is_number else {"text_wrap": True}
        own |= {"bg_color": cell.fill, "font_color": theme.text_on(cell.fill)} if cell.fill else {}
        return self.style(**look | own)

    def _row_height(self, cells: Sequence[Cell], widths: Sequence[float]) -> int:
        texts = [("" if cell.is_number else clean(cell.value or "")) for cell in cells]
        return max(height_of(text, width=width) for text, width in zip(texts, widths, strict=False))


def measured(grid: Grid, *, widest: float = WIDEST) -> list[float]:
    """Give each column the width that its head and its cells need."""
    return [
        min(
            max(
                NARROWEST,
                # the filter's button stands on the head
                min(width_of(head) + 40, WIDEST_HEAD),
                *(width_of(shown(row[column])) + 26 for row in grid.rows),
            ),
            widest,
        )
        for column, head in enumerate(grid.heads)
    ]


def set_widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    """Set the columns' widths in pixels."""
    for column, width in enumerate(widths):
        sheet.set_column_pixels(column, column, round(width))


def widened(widths: Sequence[float], *, most: float = MESSAGE_WIDTH) -> list[float]:
    """Add columns of ordinary width until a message has room."""
    missing = max(0, math.ceil((most - sum(widths)) / _OTHER_COLUMN))
    return [*widths, *([_OTHER_COLUMN] * missing)]

"""Bytes of csv files and workbooks, the same at every run: no clock, no order of a dictionary.

The package of a workbook is openpyxl's; the rows are written here, ten times as fast.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

#: The moment that every workbook claims to be written at.
STAMP = (2024, 1, 2, 8, 0, 0)
#: Formats of days and of times, in the order of their style numbers, from 1.
DATE_FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")
MODIFIED = re.compile(r"(<dcterms:(created|modified)[^>]*>)[^<]*(<)")
ROWS = re.compile(r"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)
EXTENT = re.compile(r'<dimension ref="[^"]*"')
NUMBER = re.compile(r"(?:0|[1-9]\d{0,14})(?:\.\d+)?")
#: Characters that XML can't hold.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
EPOCH = datetime(1899, 12, 30)


@dataclass(frozen=True)
class Sheet:
    """One sheet: a merged title and merged groups of columns (label, width) above the headers, if any."""

    name: str
    frame: pd.DataFrame
    title: str | None = None
    groups: tuple[tuple[str, int], ...] = ()

    @property
    def headings(self) -> list[tuple[tuple[str, int], ...]]:
        """The rows above the headers."""
        title = [((self.title, self.frame.shape[1]),)] if self.title else []
        return [*title, *([self.groups] if self.groups else [])]


def csv_bytes(
    frame: pd.DataFrame, *, encoding: str = "utf-8-sig", line_end: str = "\n", blank_after: int | None = None
) -> bytes:
    """Write a csv file, if wanted with a blank line after so many records."""
    if blank_after is None or blank_after >= len(frame):
        return frame.to_csv(index=False, lineterminator=line_end).encode(encoding)
    first = frame.iloc[:blank_after].to_csv(index=False, lineterminator=line_end)
    rest = frame.iloc[blank_after:].to_csv(index=False, header=False, lineterminator=line_end)
    return (first + line_end + rest).encode(encoding)


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Write a workbook; digits become numbers, empty texts empty cells, as tools that export do it."""
    written = io.BytesIO()
    with zipfile.ZipFile(_package(sheets)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, date_time=STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            text = old.read(name).decode()
            if place := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name):
                text = _filled(text, sheet=sheets[int(place[1]) - 1])
            new.writestr(
                entry, _without_clock(text) if name == "docProps/core.xml" else text, compresslevel=6
            )
    return written.getvalue()


def _package(sheets: Sequence[Sheet]) -> io.BytesIO:
    """Make the workbook without its rows: sheets, merged headings, formats."""
    book = Workbook()
    book.remove(book.active)
    for part in sheets:
        sheet = book.create_sheet(part.name)
        for row, heading in enumerate(part.headings, start=1):
            column = 1
            for _, span in heading:
                if span > 1:
                    end = column + span - 1
                    sheet.merge_cells(start_row=row, end_row=row, start_column=column, end_column=end)
                column += span
    for row, form in enumerate(DATE_FORMATS, start=1):
        book.worksheets[0].cell(row, 1).number_format = form
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


def _without_clock(text: str) -> str:
    stamp = "{}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*STAMP)
    return MODIFIED.sub(rf"\g<1>{stamp}\g<3>", text)


def _filled(text: str, *, sheet: Sheet) -> str:
    """Put the rows into a sheet's XML."""
    letters = [get_column_letter(place) for place in range(1, sheet.frame.shape[1] + 1)]
    rows = list(_rows(sheet, letters=letters))
    extent = f'<dimension ref="A1:{letters[-1]}{len(rows)}"'
    before, after = ROWS.split(EXTENT.sub(lambda _: extent, text), maxsplit=1)
    return f"{before}<sheetData>{''.join(rows)}</sheetData>{after}"


def _rows(sheet: Sheet, *, letters: Sequence[str]) -> Iterator[str]:
    number = 0
    for heading in sheet.headings:
        number += 1
        labels = [cell for label, span in heading for cell in (label, *[""] * (span - 1))]
        yield _row(labels, letters=letters, number=number)
    columns = [[name, *sheet.frame[name].tolist()] for name in sheet.frame]
    for cells in zip(*columns, strict=True):
        number += 1
        yield _row(cells, letters=letters, number=number)


def _row(cells: Sequence[object], *, letters: Sequence[str], number: int) -> str:
    written = "".join(
        _cell(value, place=f"{letter}{number}")
        for letter, value in zip(letters, cells, strict=True)
        if value != ""
    )
    return f'<row r="{number}">{written}</row>'


def _cell(value: object, *, place: str) -> str:
    if isinstance(value, str):
        if NUMBER.fullmatch(value):
            return f'<c r="{place}"><v>{value}</v></c>'
        text = escape(FORBIDDEN.sub("", value))
        kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else ""
        return f'<c r="{place}" t="inlineStr"><is><t{kept}>{text}</t></is></c>'
    if isinstance(value, datetime):
        return f'<c r="{place}" s="2"><v>{_serial(value)!r}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{_serial(datetime(value.year, value.month, value.day)):g}</v></c>'
    raise TypeError(f"{place}: a cell can't hold {value!r}")


def _serial(moment: datetime) -> float:
    """Count days since the spreadsheets' epoch."""
    since = moment - EPOCH
    return since.days + since.seconds / 86400

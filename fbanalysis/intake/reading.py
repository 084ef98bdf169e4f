"""Delivered files as text: nothing is interpreted here, and nothing guessed beyond the encoding.

A row's number is the one that a spreadsheet shows, the header being row 1; in a csv file whose quoted
cells contain line breaks that is the number of the record, not of the line in the file.
"""

import io
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound

from fbanalysis.config import meant
from fbanalysis.dataset import Melt, Source
from fbanalysis.errors import DataError, listed

_ZIP = b"PK\x03\x04"
# No year of feedback is larger; a dense sheet of this size takes some gigabytes.
_MOST_CELLS = 50_000_000
_ROW = re.compile(rb'<row [^>]*?\br="(\d+)"')
_FAR_COLUMN = re.compile(rb'\br="([A-Z]{2,3})\d')
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_source(source: Source) -> pd.DataFrame:
    """Read the mapped columns of a file as text, under the names that the table gives them.

    Rows without any content are left out; of a wide file, each answered item becomes a row.

    Returns
    -------
    pandas.DataFrame
        The keys of ``source.columns``, of a wide file then item and cell, then ``source_file`` and
        ``source_row``; an empty cell is ``""``.

    Raises
    ------
    DataError
        The file cannot be read, is empty, or lacks a header; the message names the remedy.
    """
    grid = _read_workbook(source) if source.file.suffix.lower() == ".xlsx" else _read_csv(source)
    grid = _from_header(grid, source=source)
    items = source.melt.headers if source.melt else {}
    wanted = [*source.columns.values(), *items.values()]
    positions = _positions([_plain(cell) for cell in grid.iloc[0]], wanted=wanted, source=source)
    cells, kept = grid.iloc[1:], len(source.columns)
    frame = cells.iloc[:, positions[:kept]].set_axis(list(source.columns), axis=1)
    frame = frame.assign(source_file=source.file.name, source_row=frame.index + 1)
    if source.melt:
        frame = _melted(frame, cells.iloc[:, positions[kept:]], melt=source.melt)
    return frame.reset_index(drop=True).astype({"source_file": "str"})


def _from_header(grid: pd.DataFrame, *, source: Source) -> pd.DataFrame:
    """Leave rows without content out, and what stands above the header."""
    filled = grid[(grid != "").any(axis=1)]
    if filled.empty:
        raise DataError(f"{source.place} 是空的：请重新导出，或从 dataset.toml 删去这一节。")
    row = source.header_row
    if row is None:
        return filled
    if row - 1 not in filled.index:
        last = int(filled.index[-1]) + 1
        raise DataError(
            f"{source.place} 的第 {row} 行没有内容，不是表头：最后一行有内容的是第 {last} 行，请改 header_row。"
        )
    return filled[filled.index >= row - 1]


def _melted(frame: pd.DataFrame, answers: pd.DataFrame, *, melt: Melt) -> pd.DataFrame:
    """Turn one row a respondent into one row an answered item, respondent by respondent."""
    names, size = list(melt.headers), len(answers)
    long = frame.iloc[np.repeat(np.arange(size), len(names))]
    told = {melt.name: names * size, melt.value: answers.to_numpy().ravel()}
    long = long.assign(**{name: pd.Series(cells, long.index, dtype="str") for name, cells in told.items()})
    columns = [name for name in long if name not in ("source_file", "source_row")]
    answered = long[(long[melt.value].str.strip() != "").to_numpy()]
    return answered[[*columns, "source_file", "source_row"]]


def _plain(header: str) -> str:
    """Make headers equal that look alike: width of characters, runs of white space."""
    return " ".join(unicodedata.normalize("NFKC", header).replace("\ufeff", "").split())


def _positions(headers: Sequence[str], *, wanted: Sequence[str], source: Source) -> list[int]:
    """Find each wanted header's position."""
    wanted = [_plain(header) for header in wanted]
    if missing := [header for header in wanted if header not in headers]:
        there = [header for header in headers if header]
        raise DataError(
            f"{source.place} 没有表头{listed(missing)}{meant(missing[0], there)}"
            f"文件里的表头：{'、'.join(there)}。"
        )
    if doubled := sorted({header for header in wanted if headers.count(header) > 1}):
        raise DataError(f"{source.place} 的表头{listed(doubled)}出现不止一次，请改成不同的名字。")
    return [headers.index(header) for header in wanted]


def _read_workbook(source: Source) -> pd.DataFrame:
    """Read a sheet as a grid of text, indexed by row number minus one."""
    try:
        _refuse_vast(source.file)
        with CalamineWorkbook.from_path(source.file) as book:
            sheet = book.get_sheet_by_name(source.sheet or book.sheet_names[0])
            start, cells = sheet.start, sheet.to_python()
    except PasswordError as error:
        raise DataError(f"{source.file.name} 有密码：请在 Excel 里去掉密码后再保存。") from error
    except WorksheetNotFound as error:
        there = "、".join(book.sheet_names)
        question = meant(source.sheet or "", book.sheet_names)
        said = f"{source.file.name} 没有工作表「{source.sheet}」"
        raise DataError(f"{said}{question}文件里有：{there}。") from error
    except (CalamineError, BadZipFile, OSError, IndexError) as error:
        remedy = "不是完好的 .xlsx 文件，请用 Excel 打开并另存为 .xlsx"
        raise DataError(f"{source.file.name} 读不出来：{remedy}。") from error
    grid = pd.DataFrame(cells, dtype=object)
    return grid.apply(_as_text).set_axis(grid.index + (start[0] if start else 0), axis=0)


def _refuse_vast(file: Path) -> None:
    """Refuse a sheet with a stray cell far out: calamine asks for memory for everything in between."""
    with ZipFile(file) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with book.open(name) as stream:
                    rows, columns = _extent(stream)
                if rows * columns > _MOST_CELLS:
                    raise DataError(
                        f"{file.name} 的一张工作表在很远处有孤立的单元格，共 {rows:,} 行 {columns:,} 列："
                        "请把数据复制到新的工作簿再保存。"
                    )


def _extent(stream: IO[bytes]) -> tuple[int, int]:
    """Find the last row and the last column that hold a cell, whatever the sheet says of itself.

    Columns up to Z are not told apart: only far ones matter, and most sheets have no other.
    """
    row, column, rest = 0, 26, b""
    while block := stream.read(1 << 22):
        block = rest + block
        row = max(row, max(map(int, _ROW.findall(block)), default=0))
        column = max(column, max(map(_column_number, set(_FAR_COLUMN.findall(block))), default=0))
        rest = block[-100:]
    return row, column


def _column_number(letters: bytes) -> int:
    """Count columns as a spreadsheet names them: Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _as_text(cells: pd.Series) -> pd.Series:
    """Write every cell as text; only cells that are not text already are looked at."""
    if pd.api.types.infer_dtype(cells, skipna=False) != "string":
        cells = cells.map(_cell_text)
    return cells.astype("str")


def _cell_text(cell: object) -> str:
    """Write a cell as the analyst sees it: 5.0 as 5; a real time as ISO 8601, to the second."""
    if isinstance(cell, datetime):
        return (cell + timedelta(milliseconds=500)).replace(microsecond=0).isoformat()
    if isinstance(cell, date):
        return f"{cell.isoformat()}T00:00:00"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _read_csv(source: Source) -> pd.DataFrame:
    """Read a csv file as a grid of text, indexed by record number minus one."""
    text, above = _decode(source), 0
    if source.header_row:
        above = source.header_row - 1
        text = "".join(text.splitlines(keepends=True)[above:])
    if not text or text.isspace():
        return pd.DataFrame()
    try:
        grid = pd.read_csv(
            io.StringIO(text, newline=""),
            header=None,
            sep=_separator(text),
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            low_memory=False,
        )
    except pd.errors.ParserError as error:
        raise DataError(f"{source.file.name} {_csv_fault(str(error), above=above)}") from error
    return grid.fillna("").set_axis(grid.index + above, axis=0)


def _decode(source: Source) -> str:
    """Decode a csv file: as declared, else by its byte order mark, else strictly UTF-8, else GB18030."""
    content = _bytes(source.file)
    if content.startswith(_ZIP):
        raise DataError(f"{source.file.name} 的内容是 Excel 工作簿：请把扩展名改成 .xlsx。")
    marked = next((name for mark, name in _BOMS if content.startswith(mark)), None)
    tried = [source.encoding or marked] if source.encoding or marked else ["utf-8", "gb18030"]
    for encoding in tried:
        try:
            text = content.decode(encoding).removeprefix("\ufeff")
        except UnicodeError:
            continue
        if "\0" in text:
            break
        return text
    raise DataError(
        f"{source.file.name} 的文字按 {'、'.join(tried)} 都读不通："
        '请另存为 UTF-8，或在 dataset.toml 写明 encoding，如 "big5"、"utf-16-le"。'
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"{file.name} 打不开：可能正被别的程序占用，或没有读取权限。") from error


def _separator(text: str) -> str:
    """Choose comma, tab or semicolon: whichever the header line has most of."""
    header = text[:100_000].lstrip().splitlines()[0]
    return max(",\t;", key=header.count)


def _csv_fault(message: str, *, above: int = 0) -> str:
    """Say in Chinese what the csv parser stumbled over, ``above`` lines having been skipped."""
    if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message):
        expected, line, saw = (int(number) for number in found.groups())
        return f"第 {line + above} 行有 {saw} 列，前面只有 {expected} 列：文字里的逗号要放在双引号里。"
    if found := re.search(r"EOF inside string starting at row (\d+)", message):
        return f"第 {int(found[1]) + 1 + above} 行的双引号没有结束。"
    return "不是完好的 csv 文件，请用 Excel 打开并另存为 CSV UTF-8。"

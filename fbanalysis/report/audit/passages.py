"""What a finished file says, passage by passage, whatever its format."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_BLANKS = re.compile(r"[ \t\n\r\f\v\u2028\u2029]+")


@dataclass(frozen=True)
class Passage:
    """A piece of text as a reader meets it: a title, a paragraph, a cell, a label of a chart.

    Parameters
    ----------
    place
        Where a person finds it: 第 12 页, 幻灯片 12, 工作表「各领域」B7.
    kind
        title, text, cell, chart (a value or category that a chart holds), label (text drawn in a picture),
        alt, note, quote (verbatim comment), code, foot, hidden (properties, metadata).
    text
        With line breaks as blanks, as stored (spaces of all kinds kept).
    page
        Number of the slide, page or sheet, from 1; 0 where the format has none.
    anchor
        Name of the section in HTML, of the sheet in a workbook.
    row, column
        Heads of a cell's row and column, or category and series of a chart's value.
    keys
        (start, end, key) of the parts of the text that carry a record's key (``<data value=…>``).
    value
        What a numeric cell or a chart's point stores, where it stores a number.
    """

    place: str
    kind: str
    text: str
    page: int = 0
    anchor: str = ""
    row: str = ""
    column: str = ""
    keys: tuple[tuple[int, int, str], ...] = ()
    value: float | None = None


@dataclass(frozen=True)
class Document:
    """A file as read: its passages in reading order, and what was not read and why.

    Parameters
    ----------
    attached
        Data that a page carries for its scripts, by the element's id.
    oddities
        (place, what): formulas and hidden rows and sheets of a workbook, which a finished report has none of.
    """

    path: Path
    kind: str
    passages: tuple[Passage, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    attached: Mapping[str, str] = field(default_factory=dict)
    oddities: tuple[tuple[str, str], ...] = ()


@dataclass
class Line:
    """A text that grows piece by piece as a browser would set it: runs of blanks count once.

    No-break, thin and full-width spaces are characters and stay.
    """

    text: str = ""
    keys: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, piece: str) -> None:
        squeezed = _BLANKS.sub(" ", piece)
        if not self.text or self.text.endswith(" "):
            squeezed = squeezed.removeprefix(" ")
        self.text += squeezed

    def mark(self, start: int, key: str) -> None:
        """Say that everything from a place on carries a record's key."""
        self.keys.append((start, len(self.text.rstrip(" ")), key))

    def finish(self) -> tuple[str, tuple[tuple[int, int, str], ...]]:
        """Give text and keys, and begin anew."""
        done = self.text.rstrip(" "), tuple(self.keys)
        self.text, self.keys = "", []
        return done


def squeezed(text: str) -> str:
    """Turn line breaks and runs of blanks into one blank.

    >>> squeezed(" 满意度\\n  4.1\\t分 ")
    '满意度 4.1 分'
    """
    return _BLANKS.sub(" ", text).strip(" ")


def table_cells(rows: Iterable[Sequence[str]], *, heads: int = 1) -> Iterator[tuple[int, int, str, str, str]]:
    """Give the cells of a table that hold something, with the heads of their row and column.

    Parameters
    ----------
    rows
        The texts, row by row; rows may be of different length.
    heads
        How many rows at the top are heads; the first cell of each row below names the row.

    Yields
    ------
    tuple
        Row and column from 0, text, head of the row, head of the column; a head has none itself.
    """
    names: list[str] = []
    for i, row in enumerate(rows):
        texts = [squeezed(text) for text in row]
        if i < heads:
            width = max(len(names), len(texts))
            both = zip(names + [""] * (width - len(names)), texts + [""] * (width - len(texts)), strict=True)
            names = [" ".join(dict.fromkeys(filter(None, pair))) for pair in both]
        for j, text in enumerate(texts):
            if text and i < heads:
                yield i, j, text, "", ""
            elif text:
                yield i, j, text, texts[0] if j else "", names[j] if j < len(names) else ""

"""Reads a workbook: cells as they are shown with the numbers they store, charts, pictures' texts, remarks, hidden sheets."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from lxml import etree

from fbanalysis.report.audit.formats.charts import chart_passages
from fbanalysis.report.audit.formats.number_formats import BUILT_IN, shown
from fbanalysis.report.audit.formats.package import (
    Package,
    attribute,
    first,
    local,
    named,
    property_passages,
)
from fbanalysis.report.audit.formats.pptx import attribute_id, paragraphs
from fbanalysis.report.audit.passages import Document, Passage, squeezed

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LARGEST_MERGE = 10_000
_HEADER_CODE = re.compile(r'&"[^"]*"|&\d+|&K[0-9A-Fa-f]{6}|&[A-Za-z]')


@dataclass(frozen=True)
class _Cell:
    """A cell that holds something: its place from 0, what it shows and the number that it stores."""

    row: int
    column: int
    text: str
    value: float | None = None

    @property
    def name(self) -> str:
        letters, left = "", self.column + 1
        while left:
            left, letter = divmod(left - 1, 26)
            letters = chr(65 + letter) + letters
        return f"{letters}{self.row + 1}"


def read(path: Path) -> Document:
    """Read a workbook; see `reading.read_document`."""
    package = Package.open(path)
    main = package.main(what="工作簿")
    book = _Book.of(package, main)
    relations = package.relations(main)
    skipped: list[tuple[str, str]] = []
    passages: list[Passage] = []
    oddities: list[tuple[str, str]] = []
    for page, sheet in enumerate(named(package.xml(main), "sheet"), start=1):
        part = relations.get(attribute_id(sheet), ("", ""))[1]
        if package.has(part):
            is_hidden = sheet.get("state", "visible") != "visible"
            reader = _Sheet(package, part, page, sheet.get("name", ""), book, skipped, is_hidden)
            passages += reader.read()
            oddities += reader.oddities()
    properties = package.properties()
    passages += property_passages(properties)
    return Document(
        path, "xlsx", tuple(passages), tuple(dict.fromkeys(skipped)), properties, oddities=tuple(oddities)
    )


@dataclass(frozen=True)
class _Book:
    """What all sheets share: texts and number formats."""

    texts: Sequence[str]
    formats: Sequence[str]

    @classmethod
    def of(cls, package: Package, main: str) -> "_Book":
        texts = [
            _plain(one)
            for part in package.related(main, "sharedStrings")
            for one in package.xml(part)
            if local(one) == "si"
        ]
        styles = [package.xml(part) for part in package.related(main, "styles")]
        return cls(texts, [code for root in styles for code in _formats(root)])


def _plain(item: etree._Element) -> str:
    """Read a text of one or more runs; how it is spoken (rPh) is not shown."""
    return "".join(one.text or "" for one in named(item, "t") if local(one.getparent()) != "rPh")


def _formats(styles: etree._Element) -> list[str]:
    own = {one.get("numFmtId"): one.get("formatCode", "General") for one in named(styles, "numFmt")}
    used = first(styles, "cellXfs")
    numbers = [] if used is None else [one.get("numFmtId", "0") for one in named(used, "xf")]
    return [
        own.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, "General")
        for number in numbers
    ]


@dataclass
class _Sheet:
    """The reader of a sheet."""

    package: Package
    part: str
    page: int
    name: str
    book: _Book
    skipped: list[tuple[str, str]]
    is_hidden: bool = False
    _merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"工作表「{self.name}」" + ("（隐藏）" if self.is_hidden else "")

    def read(self) -> Iterator[Passage]:
        """Give the cells row by row, then what is drawn on the sheet, remarks, head and foot."""
        root = self.package.xml(self.part)
        self._merged = dict(_merged(root))
        data = first(root, "sheetData")
        cells = [] if data is None else list(self._cells(data))
        yield from self._passages(cells)
        for part in self.package.related(self.part, "drawing"):
            yield from self._drawing(part)
        for kind in ("comments", "threadedComment"):
            for part in self.package.related(self.part, kind):
                yield from self._remarks(part)
        for one in named(
            root, "oddHeader", "oddFooter", "firstHeader", "firstFooter", "evenHeader", "evenFooter"
        ):
            if text := squeezed(_HEADER_CODE.sub(" ", one.text or "")):
                yield self._passage("foot", text, "页眉页脚")

    def oddities(self) -> Iterator[tuple[str, str]]:
        """Give formulas, and what is hidden: the sheet itself, rows, columns."""
        root = self.package.xml(self.part)
        if self.is_hidden:
            yield self.place, "隐藏的工作表"
        for one in named(root, "row", "col"):
            is_flat = one.get("ht") == "0" or one.get("width") == "0"
            if one.get("hidden") in ("1", "true") or is_flat:
                what = "行" if local(one) == "row" else "列"
                yield f"{self.place}第 {one.get('r') or one.get('min')} {what}", f"隐藏的{what}"
        for cell in named(root, "c"):
            if first(cell, "f") is not None:
                yield f"{self.place}{cell.get('r', '')}", "公式"

    def _passage(
        self,
        kind: str,
        text: str,
        where: str = "",
        *,
        row: str = "",
        column: str = "",
        value: float | None = None,
    ) -> Passage:
        return Passage(f"{self.place}{where}", kind, text, self.page, self.name, row, column, (), value)

    # cells

    def _cells(self, data: etree._Element) -> Iterator[_Cell]:
        row = -1
        for line in named(data, "row"):
            given = line.get("r", "")
            row = int(given) - 1 if given.isdecimal() else row + 1
            column = -1
            for cell in named(line, "c"):
                found = _REFERENCE.fullmatch(cell.get("r", ""))
                column = _column(found[1]) if found else column + 1
                text, value = self._content(cell)
                if text:
                    yield _Cell(row, column, text, value)

    def _content(self, cell: etree._Element) -> tuple[str, float | None]:
        kind, value = cell.get("t", "n"), first(cell, "v")
        stored = "" if value is None else (value.text or "")
        if kind == "s":
            known = stored.isdecimal() and int(stored) < len(self.book.texts)
            return (squeezed(self.book.texts[int(stored)]) if known else ""), None
        if kind == "inlineStr":
            return squeezed(_plain(cell)), None
        if kind != "n":
            return {"b": {"1": "TRUE", "0": "FALSE"}}.get(kind, {}).get(stored, squeezed(stored)), None
        if not stored and first(cell, "f") is not None:
            self.skipped.append((self.place, "有公式没有存下算出的值，请用 Excel 打开并保存一次"))
        return self._number(cell, stored)

    def _number(self, cell: etree._Element, stored: str) -> tuple[str, float | None]:
        try:
            number = float(stored)
        except ValueError:
            return stored, None
        style = cell.get("s", "0")
        known = style.isdecimal() and int(style) < len(self.book.formats)
        return shown(number, self.book.formats[int(style)] if known else "General"), number

    def _passages(self, cells: Sequence[_Cell]) -> Iterator[Passage]:
        """Cut the cells into tables: a head is the first row with two cells or more after a gap or a single line."""
        heads: dict[int, str] = {}
        names: dict[int, str] = {}
        last = -2
        for number, group in groupby(cells, key=lambda cell: cell.row):
            line = list(group)
            if number != last + 1:
                heads, names = {}, {}
            last = number
            if heads:
                yield from self._body(line, heads, names)
            elif len(line) > 1:
                heads = self._heads(line)
                yield from (self._passage("cell", cell.text, cell.name, value=cell.value) for cell in line)
            else:
                yield self._passage("text", line[0].text, line[0].name, value=line[0].value)

    def _heads(self, line: Sequence[_Cell]) -> dict[int, str]:
        """A head over merged columns heads each of them."""
        texts = {(cell.row, cell.column): cell.text for cell in line}
        spread = {
            column: texts[origin]
            for (row, column), origin in self._merged.items()
            if row == line[0].row and origin in texts
        }
        return spread | {cell.column: cell.text for cell in line}

    def _body(
        self, line: Sequence[_Cell], heads: Mapping[int, str], names: dict[int, str]
    ) -> Iterator[Passage]:
        left = min(heads)
        names |= {cell.row: cell.text for cell in line if cell.column == left}
        above = self._merged.get((line[0].row, left), (line[0].row, left))[0]
        name = names.get(above, "")
        for cell in line:
            row = "" if cell.column == left else name
            column = heads.get(cell.column, "")
            yield self._passage("cell", cell.text, cell.name, row=row, column=column, value=cell.value)

    # what stands on and beside the cells

    def _drawing(self, part: str) -> Iterator[Passage]:
        relations = self.package.relations(part)
        for element in self.package.xml(part).iter():
            name = local(element)
            if name == "cNvPr":
                texts = (squeezed(attribute(element, which)) for which in ("descr", "title"))
                yield from (self._passage("alt", text) for text in dict.fromkeys(filter(None, texts)))
            elif name == "txBody":
                yield from (self._passage("text", text, " 文本框") for text in paragraphs(element))
            elif name == "chart" and attribute_id(element):
                yield from self._chart(relations.get(attribute_id(element), ("", ""))[1])
            elif name == "pic" and not attribute(next(named(element, "cNvPr"), None), "descr"):
                self.skipped.append((self.place, "图片没有替代文字，里面的字读不到"))

    def _chart(self, part: str) -> Iterator[Passage]:
        if self.package.has(part):
            yield from chart_passages(
                self.package, part, place=f"{self.place} 图表", page=self.page, anchor=self.name
            )

    def _remarks(self, part: str) -> Iterator[Passage]:
        for remark in named(self.package.xml(part), "comment", "threadedComment"):
            text = squeezed("".join(one.text or "" for one in named(remark, "t", "text") if one.text))
            if text:
                yield self._passage("note", text, f"{remark.get('ref', '')} 批注")


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - 64
    return place - 1


def _merged(root: etree._Element) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Give each cell of a merged area with the one that holds its text."""
    for area in named(root, "mergeCell"):
        ends = _REFERENCE.findall(area.get("ref", ""))
        if len(ends) == 2:
            (left, top), (right, bottom) = ((_column(letters), int(number) - 1) for letters, number in ends)
            if (right - left + 1) * (bottom - top + 1) <= _LARGEST_MERGE:
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        yield (row, column), (top, left)

"""Reads what Office charts hold: names, categories and values from the chart itself and from its workbook."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO

from lxml import etree

from fbanalysis.errors import AuditError
from fbanalysis.report.audit.formats.number_formats import shown
from fbanalysis.report.audit.formats.package import Package, attribute, first, local, named
from fbanalysis.report.audit.passages import Passage, squeezed

_AREA = re.compile(
    r"(?:'((?:[^']|'')+)'|([^'!,()]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?"
)
_MOST_CELLS = 100_000
_DIMENSIONS = {"val": "", "yVal": "", "xVal": "（横轴）", "bubbleSize": "（大小）"}

Values = dict[int, tuple[str, float | None]]


@dataclass(frozen=True)
class _Series:
    """A series of a chart: its name, its categories, its values by place, and where a workbook has them."""

    name: str
    categories: Values
    values: Mapping[str, Values]
    areas: Mapping[str, str]
    codes: Mapping[int, str]
    element: etree._Element


def chart_passages(
    package: Package, part: str, *, place: str, page: int, anchor: str = ""
) -> Iterator[Passage]:
    """Give everything that a chart says.

    Titles and labels written by hand have the kind ``label``. The text of a point is its value as the chart's labels
    print it, where it has some. Series names, categories and points have the kind
    ``chart``: once as the chart stores them (its place ends in 缓存值) and, where the file has the workbook of the
    chart inside, once as the workbook has them (内嵌工作簿).
    """
    root = package.xml(part)
    for text in _titles(root):
        yield Passage(f"{place}（标题）", "label", text, page, anchor)
    series = [_series(element) for element in named(root, "ser")]
    for one in series:
        yield from _labels(one, place=place, page=page, anchor=anchor)
    yield from _points(series, Passage(f"{place}（缓存值）", "chart", "", page, anchor))
    for workbook in package.related(part, "package"):
        book = _Book.open(package, workbook)
        stored = [book.series(one) for one in series]
        yield from _points(stored, Passage(f"{place}（内嵌工作簿）", "chart", "", page, anchor))


def _titles(root: etree._Element) -> Iterator[str]:
    for title in named(root, "title"):
        text = squeezed(_written(title) or _cached_text(title))
        if text:
            yield text


def _written(element: etree._Element) -> str:
    paragraphs = ("".join(run.text or "" for run in named(one, "t")) for one in named(element, "p"))
    return " ".join(filter(None, paragraphs))


def _cached_text(element: etree._Element) -> str:
    return " ".join(value.text or "" for value in named(element, "v"))


def _series(element: etree._Element) -> _Series:
    name, categories = first(element, "tx"), first(element, "cat")
    parts = {kind: found for kind in _DIMENSIONS if (found := first(element, kind)) is not None}
    areas = {
        kind: _formula(found)
        for kind, found in {"tx": name, "cat": categories, **parts}.items()
        if found is not None
    }
    return _Series(
        name="" if name is None else squeezed(_cached_text(name)),
        categories={} if categories is None else _cache(categories),
        values={kind: _cache(found) for kind, found in parts.items()},
        areas=areas,
        codes=_label_codes(element),
        element=element,
    )


def _label_codes(series: etree._Element) -> dict[int, str]:
    """Read the formats in which a series prints its values beside them; -1 is that of all points."""
    labels = first(series, "dLbls")
    if labels is None:
        return {}
    codes = {-1: _own_code(labels)}
    for label in labels.iterfind("{*}dLbl"):
        index = attribute(first(label, "idx"), "val")
        if index.isdecimal():
            codes[int(index)] = _own_code(label)
    return {index: code for index, code in codes.items() if code}


def _own_code(labels: etree._Element) -> str:
    found = first(labels, "numFmt")
    return attribute(found, "formatCode") if attribute(found, "sourceLinked") not in ("1", "true") else ""


def _formula(element: etree._Element) -> str:
    found = next(named(element, "f"), None)
    return "" if found is None else (found.text or "")


def _cache(element: etree._Element) -> Values:
    """Read what a chart stores, by place; categories of several levels are joined from the outermost in."""
    levels = [_level(one) for one in named(element, "lvl")]
    if not levels:
        return _level(element)
    filled = [_carried(level, size=len(levels[0])) for level in reversed(levels)]
    return {
        i: (" ".join(filter(None, (level.get(i, ("",))[0] for level in filled))), None) for i in levels[0]
    }


def _carried(level: Values, *, size: int) -> Values:
    """An outer category stands once and holds until the next one."""
    held, filled = ("", None), {}
    for i in range(size):
        held = level.get(i, held)
        filled[i] = held
    return filled


def _level(element: etree._Element) -> Values:
    code = next((one.text or "" for one in named(element, "formatCode")), "General")
    is_number = any(local(one) in ("numCache", "numLit") for one in element.iter())
    values = {}
    for point in named(element, "pt"):
        text = squeezed(" ".join(one.text or "" for one in named(point, "v")))
        number = _number(text) if is_number else None
        own = point.get("formatCode") or code
        place = point.get("idx", "")
        if place.isdecimal():
            values[int(place)] = (text if number is None else shown(number, own), number)
    return values


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _labels(series: _Series, *, place: str, page: int, anchor: str) -> Iterator[Passage]:
    """Give the labels that somebody wrote in place of the values."""
    for label in named(series.element, "dLbl"):
        rich = next(named(label, "rich"), None)
        text = "" if rich is None else squeezed(_written(rich))
        index = attribute(first(label, "idx"), "val")
        if text:
            row = series.categories.get(int(index), ("",))[0] if index.isdecimal() else ""
            yield Passage(f"{place}（数据标签）", "label", text, page, anchor, row, series.name)


def _points(series: list[_Series], like: Passage) -> Iterator[Passage]:
    """Give series names, the categories once, and every point with its category and series."""
    said: dict[str, None] = {}
    for one in series:
        if one.name:
            yield _like(like, one.name, column=one.name)
        for text, number in one.categories.values():
            if text and text not in said:
                said[text] = None
                yield _like(like, text, row=text, value=number)
    for one in series:
        for kind, values in one.values.items():
            for i, (text, number) in values.items():
                row = one.categories.get(i, (f"第 {i + 1} 点", None))[0]
                code = one.codes.get(i) or one.codes.get(-1, "")
                printed = (
                    shown(number, code) if code and number is not None and kind in ("val", "yVal") else text
                )
                yield _like(like, printed, row=row, column=one.name + _DIMENSIONS[kind], value=number)


def _like(
    like: Passage, text: str, *, row: str = "", column: str = "", value: float | None = None
) -> Passage:
    return Passage(like.place, "chart", text, like.page, like.anchor, row, column, (), value)


@dataclass(frozen=True)
class _Book:
    """The workbook inside a chart: the rows of its sheets."""

    sheets: Mapping[str, list[list[object]]]

    @classmethod
    def open(cls, package: Package, part: str) -> "_Book":
        from python_calamine import CalamineError, CalamineWorkbook

        content = package.bytes(part)
        Package.within(package.path, part, content)
        try:
            book = CalamineWorkbook.from_filelike(BytesIO(content))
            return cls(
                {
                    name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                    for name in book.sheet_names
                }
            )
        except (CalamineError, ValueError, OSError) as error:
            raise AuditError(
                f"「{package.path.name}」里图表的工作簿 {part} 已损坏；请重新插入这张图表"
            ) from error

    def series(self, cached: _Series) -> _Series:
        """Read a series anew where its formulas point."""
        name = self._cells(cached.areas.get("tx", ""))
        values = {kind: self._cells(cached.areas.get(kind, "")) for kind in cached.values}
        return _Series(
            name=" ".join(text for text, _ in name.values()) if name else "",
            categories=self._cells(cached.areas.get("cat", "")),
            values=values,
            areas={},
            codes=cached.codes,
            element=cached.element,
        )

    def _cells(self, formula: str) -> Values:
        """Read the cells of an area, row by row; nothing where the formula is no plain area."""
        found = _AREA.fullmatch(formula.strip().strip("()"))
        if not found:
            return {}
        rows = self.sheets.get((found[1] or found[2]).replace("''", "'"), [])
        left, top = _column(found[3]), int(found[4]) - 1
        right, bottom = (_column(found[5]), int(found[6]) - 1) if found[5] else (left, top)
        if (right - left + 1) * (bottom - top + 1) > _MOST_CELLS:
            return {}
        cells = [
            row[j] if j < len(row) else "" for row in rows[top : bottom + 1] for j in range(left, right + 1)
        ]
        return {i: _stored(cell) for i, cell in enumerate(cells) if cell not in ("", None)}


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - 64
    return place - 1


def _stored(cell: object) -> tuple[str, float | None]:
    if isinstance(cell, bool):
        return ("TRUE" if cell else "FALSE"), None
    if isinstance(cell, int | float):
        return shown(float(cell), "General"), float(cell)
    if isinstance(cell, date | datetime | time | timedelta):
        return str(cell).removesuffix(" 00:00:00"), None
    return squeezed(str(cell)), None

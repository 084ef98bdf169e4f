"""Reads a text document: headings, paragraphs, tables, charts, text boxes, footnotes and remarks in their order."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from fbanalysis.report.audit.formats.charts import chart_passages
from fbanalysis.report.audit.formats.package import (
    Package,
    attribute,
    first,
    local,
    named,
    property_passages,
)
from fbanalysis.report.audit.formats.pptx import attribute_id
from fbanalysis.report.audit.passages import Document, Passage, squeezed, table_cells

_BESIDE = {
    "footnotes": ("footnote", "note", "脚注"),
    "endnotes": ("endnote", "note", "尾注"),
    "comments": ("comment", "note", "批注"),
    "header": ("p", "foot", "页眉"),
    "footer": ("p", "foot", "页脚"),
}
_HEADING_NAMES = ("heading", "title", "标题", "subtitle", "副标题")
#: Deleted in tracked changes, or set as hidden: readers don't see it.
_UNSEEN = frozenset(("del", "moveFrom"))


def read(path: Path) -> Document:
    """Read a text document; see `reading.read_document`."""
    package = Package.open(path)
    text = _Text(package, package.main(what="文字文档"))
    passages = [*text.read(), *property_passages(package.properties())]
    return Document(path, "docx", tuple(passages), tuple(dict.fromkeys(text.skipped)), package.properties())


@dataclass
class _Text:
    """The reader of a document: what stands where is named by the heading above."""

    package: Package
    main: str
    skipped: list[tuple[str, str]] = field(default_factory=list)
    _relations: dict[str, tuple[str, str]] = field(default_factory=dict)
    _headings: frozenset[str] = frozenset()
    _heading: str = ""
    _paragraph: int = 0
    _tables: int = 0

    def read(self) -> Iterator[Passage]:
        """Give all passages in document order, then notes, remarks, heads and feet."""
        self._relations = self.package.relations(self.main)
        self._headings = frozenset(self._heading_styles())
        body = first(self.package.xml(self.main), "body")
        if body is not None:
            yield from self._blocks(body)
        for kind, (element, said, where) in _BESIDE.items():
            for part in dict.fromkeys(self.package.related(self.main, kind)):
                for one in named(self.package.xml(part), element):
                    text = " ".join(filter(None, (_said(line) for line in named(one, "p"))))
                    if text:
                        yield Passage(where, said, text)

    @property
    def place(self) -> str:
        under = f"「{self._heading[:24]}」" if self._heading else ""
        return f"{under}第 {self._paragraph} 段"

    def _heading_styles(self) -> Iterator[str]:
        for part in self.package.related(self.main, "styles"):
            for style in named(self.package.xml(part), "style"):
                name = attribute(first(style, "name"), "val").lower()
                if name.startswith(_HEADING_NAMES) or first(style, "pPr", "outlineLvl") is not None:
                    yield attribute(style, "styleId")

    def _blocks(self, holder: etree._Element) -> Iterator[Passage]:
        for element in holder:
            name = local(element)
            if name == "p":
                self._paragraph += 1
                yield from self._text(element)
            elif name == "tbl":
                yield from self._table(element)
            elif name in ("sdt", "sdtContent", "customXml", "ins", "smartTag"):
                yield from self._blocks(element)

    def _text(self, element: etree._Element) -> Iterator[Passage]:
        text = _said(element)
        if text and self._is_heading(element):
            self._heading, self._paragraph = text, 0
            yield Passage(self.place, "title", text)
        elif text:
            yield Passage(self.place, "text", text)
        yield from self._drawn(element)

    def _is_heading(self, element: etree._Element) -> bool:
        properties = first(element, "pPr")
        style = attribute(first(properties, "pStyle"), "val")
        level = attribute(first(properties, "outlineLvl"), "val")
        return style in self._headings or (level.isdecimal() and int(level) < 9)

    def _table(self, element: etree._Element) -> Iterator[Passage]:
        self._tables += 1
        place = f"表 {self._tables}"
        rows = [list(_row(row)) for row in element.iterfind("{*}tr")]
        for i, j, text, row, column in table_cells(rows):
            yield Passage(f"{place}第 {i + 1} 行第 {j + 1} 列", "cell", text, row=row, column=column)
        for cell in named(element, "tc"):
            for paragraph in cell.iterfind("{*}p"):
                yield from self._drawn(paragraph)

    def _drawn(self, element: etree._Element) -> Iterator[Passage]:
        """Read what is anchored in a paragraph: charts, text boxes, descriptions."""
        seen: set[str] = set()
        for one in element.iter():
            name = local(one)
            if name == "docPr":
                yield from self._described(one)
            elif name == "txbxContent" and not _is_fallback(one):
                inner = replace(self)
                yield from (replace(each, place=f"{self.place}的文本框") for each in inner._blocks(one))
            elif name == "chart" and attribute_id(one) and attribute_id(one) not in seen:
                seen.add(attribute_id(one))
                yield from self._chart(self._relations.get(attribute_id(one), ("", ""))[1])
            elif name in ("object", "OLEObject"):
                self.skipped.append((self.place, "嵌入的对象没有读"))

    def _described(self, properties: etree._Element) -> Iterator[Passage]:
        texts = dict.fromkeys(
            filter(None, (squeezed(attribute(properties, name)) for name in ("descr", "title")))
        )
        yield from (Passage(self.place, "alt", text) for text in texts)
        is_picture = next(named(properties.getparent(), "pic"), None) is not None
        if is_picture and not texts:
            self.skipped.append((self.place, "图片没有替代文字，里面的字读不到"))

    def _chart(self, part: str) -> Iterator[Passage]:
        if self.package.has(part):
            yield from chart_passages(self.package, part, place=f"{self.place}的图表", page=0)
        else:
            self.skipped.append((self.place, "图表的数据不在文件里"))


def _row(row: etree._Element) -> Iterator[str]:
    """Give a row's texts, a cell over several columns once for each."""
    for cell in row.iter("{*}tc"):
        if next(cell.iterancestors("{*}tr"), None) is not row:
            continue
        lines = (_said(line) for line in named(cell, "p"))
        text = " ".join(filter(None, lines))
        width = attribute(first(cell, "tcPr", "gridSpan"), "val", "1")
        yield from [text] * min(int(width) if width.isdecimal() else 1, 100)


def _said(paragraph: etree._Element) -> str:
    """Read a paragraph as it is shown: with insertions, without deletions, without what stands in text boxes."""
    return squeezed("".join(_pieces(paragraph)))


def _pieces(element: etree._Element) -> Iterator[str]:
    for one in element:
        name = local(one)
        if name == "t":
            yield one.text or ""
        elif name in ("tab", "br", "cr", "ptab"):
            yield " "
        elif name == "noBreakHyphen":
            yield "-"
        elif (
            name in ("pPr", "rPr", "drawing", "pict", "object", "AlternateContent", "txbxContent")
            or name in _UNSEEN
        ):
            continue
        elif not (name == "r" and first(one, "rPr", "vanish") is not None):
            yield from _pieces(one)


def _is_fallback(element: etree._Element) -> bool:
    return any(local(one) == "Fallback" for one in element.iterancestors())

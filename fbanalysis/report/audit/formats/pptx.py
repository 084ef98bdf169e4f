"""Reads a presentation: titles, texts, tables, charts with their workbooks, diagrams, descriptions, notes, remarks."""

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
from fbanalysis.report.audit.passages import Document, Passage, squeezed, table_cells

_PLACEHOLDERS = {"title": "title", "ctrTitle": "title", "sldNum": "foot", "ftr": "foot", "dt": "foot"}
_MEDIA = {"videoFile": "视频", "audioFile": "声音", "wavAudioFile": "声音", "quickTimeFile": "视频"}


def read(path: Path) -> Document:
    """Read a presentation; see `reading.read_document`."""
    package = Package.open(path)
    main = package.main(what="演示文稿")
    relations = package.relations(main)
    listed = (attribute_id(one) for one in named(package.xml(main), "sldId"))
    parts = [relations[name][1] for name in listed if name in relations and package.has(relations[name][1])]
    skipped: list[tuple[str, str]] = []
    passages = [
        passage
        for page, part in enumerate(parts, start=1)
        for passage in _Slide(package, part, page, skipped).read()
    ]
    properties = package.properties()
    passages += property_passages(properties)
    return Document(path, "pptx", tuple(passages), tuple(dict.fromkeys(skipped)), properties)


def attribute_id(element: etree._Element) -> str:
    """Read the relation of an element: its ``id`` in a namespace, not its own number."""
    return next((str(value) for key, value in element.attrib.items() if key.endswith("}id")), "")


def paragraphs(element: etree._Element, *, page: int = 0) -> list[str]:
    """Read the paragraphs of a text in DrawingML; a forced line break is a blank, a page number's field the page."""
    texts = (
        squeezed("".join(_pieces(paragraph, page)).replace("\v", " ")) for paragraph in named(element, "p")
    )
    return [text for text in texts if text]


def _pieces(paragraph: etree._Element, page: int) -> Iterator[str]:
    for one in paragraph:
        is_number = local(one) == "fld" and one.get("type", "") == "slidenum"
        if is_number and page:
            yield str(page)
        elif local(one) in ("r", "fld"):
            yield "".join(text.text or "" for text in named(one, "t"))
        elif local(one) in ("br", "tab"):
            yield " "
        elif local(one) == "m" or local(one) == "AlternateContent":
            # a formula: what its symbols read
            yield "".join(text.text or "" for text in named(one, "t"))


@dataclass
class _Slide:
    """The reader of a slide."""

    package: Package
    part: str
    page: int
    skipped: list[tuple[str, str]]
    place: str = ""
    relations: dict[str, tuple[str, str]] = field(default_factory=dict)

    def read(self) -> Iterator[Passage]:
        """Give all passages of the slide: its shapes in order, then its notes and remarks."""
        root = self.package.xml(self.part)
        is_hidden = root.get("show") in ("0", "false")
        self.place = f"幻灯片 {self.page}" + ("（隐藏）" if is_hidden else "")
        self.relations = self.package.relations(self.part)
        tree = first(root, "cSld", "spTree")
        if tree is not None:
            yield from self._shapes(tree)
        for part in self.package.related(self.part, "notesSlide"):
            yield from self._notes(part)
        for kind in ("comments", "comment"):
            for part in self.package.related(self.part, kind):
                yield from self._remarks(part)

    def _passage(self, kind: str, text: str) -> Passage:
        return Passage(self.place, kind, text, self.page)

    def _shapes(self, tree: etree._Element) -> Iterator[Passage]:
        for element in tree:
            name = local(element)
            if name == "AlternateContent":
                yield from self._alternate(element)
            elif name in ("sp", "cxnSp"):
                yield from self._described(element)
                yield from self._text(element)
            elif name == "grpSp":
                yield from self._described(element)
                yield from self._shapes(element)
            elif name == "graphicFrame":
                yield from self._described(element)
                yield from self._frame(element)
            elif name == "pic":
                yield from self._picture(element)
            elif name == "contentPart":
                self._skip("墨迹没有读")

    def _alternate(self, element: etree._Element) -> Iterator[Passage]:
        """Read what newer programs show; where that is nothing we know, what older ones show."""
        for way in ("Choice", "Fallback"):
            found = list(self._shapes(shapes)) if (shapes := first(element, way)) is not None else []
            if found:
                yield from found
                return

    def _described(self, element: etree._Element) -> Iterator[Passage]:
        properties = next(named(element, "cNvPr"), None)
        texts = (squeezed(attribute(properties, name)) for name in ("descr", "title"))
        for text in dict.fromkeys(filter(None, texts)):
            yield self._passage("alt", text)

    def _text(self, element: etree._Element) -> Iterator[Passage]:
        body = first(element, "txBody")
        if body is not None:
            holder = next(named(element, "ph"), None)
            kind = _PLACEHOLDERS.get(attribute(holder, "type"), "text")
            yield from (self._passage(kind, text) for text in paragraphs(body, page=self.page))

    def _picture(self, element: etree._Element) -> Iterator[Passage]:
        yield from self._described(element)
        properties = next(named(element, "cNvPr"), None)
        name = attribute(properties, "name")
        media = [_MEDIA[local(one)] for one in element.iter() if local(one) in _MEDIA]
        if media:
            self._skip(f"{media[0]}「{name}」没有听也没有看")
        elif not attribute(properties, "descr") and not attribute(properties, "title"):
            self._skip(f"图片「{name}」没有替代文字，里面的字读不到")

    def _skip(self, reason: str) -> None:
        self.skipped.append((self.place, reason))

    # tables, charts, diagrams

    def _frame(self, element: etree._Element) -> Iterator[Passage]:
        data = first(element, "graphic", "graphicData")
        name = attribute(next(named(element, "cNvPr"), None), "name")
        kind = "" if data is None else data.get("uri", "").rpartition("/")[2]
        if kind == "table":
            yield from self._table(data)
        elif kind == "chart":
            yield from self._chart(data, name)
        elif kind == "diagram":
            yield from self._diagram(data)
        elif kind == "chartex":
            self._skip(f"新式图表「{name}」（瀑布图、树状图之类）没有读")
        else:
            self._skip(f"嵌入的对象「{name}」没有读")

    def _table(self, data: etree._Element) -> Iterator[Passage]:
        rows = [[" ".join(paragraphs(cell)) for cell in named(row, "tc")] for row in named(data, "tr")]
        for i, j, text, row, column in table_cells(_headed(rows, data)):
            yield replace(
                self._passage("cell", text),
                place=f"{self.place} 表第 {i + 1} 行第 {j + 1} 列",
                row=row,
                column=column,
            )

    def _chart(self, data: etree._Element, name: str) -> Iterator[Passage]:
        relation = attribute_id(next(named(data, "chart")))
        part = self.relations.get(relation, ("", ""))[1]
        if not self.package.has(part):
            self._skip(f"图表「{name}」的数据不在文件里")
            return
        yield from chart_passages(self.package, part, place=f"{self.place} 图表「{name}」", page=self.page)

    def _diagram(self, data: etree._Element) -> Iterator[Passage]:
        """Read the texts of a SmartArt diagram, a point each."""
        relation = attribute(next(named(data, "relIds"), None), "dm")
        part = self.relations.get(relation, ("", ""))[1]
        if not self.package.has(part):
            self._skip("SmartArt 图形的文字不在文件里")
            return
        for point in named(self.package.xml(part), "pt"):
            yield from (self._passage("text", text) for text in paragraphs(point))

    # what stands beside the slide

    def _notes(self, part: str) -> Iterator[Passage]:
        for shape in named(self.package.xml(part), "sp"):
            kind = attribute(next(named(shape, "ph"), None), "type")
            body = first(shape, "txBody")
            if body is not None and kind not in ("sldNum", "hdr", "ftr", "dt", "sldImg"):
                yield from (self._passage("note", text) for text in paragraphs(body))

    def _remarks(self, part: str) -> Iterator[Passage]:
        for remark in named(self.package.xml(part), "cm"):
            texts = paragraphs(remark) or [squeezed("".join(one.itertext())) for one in named(remark, "text")]
            yield from (
                replace(self._passage("note", text), place=f"{self.place} 批注") for text in texts if text
            )


def _headed(rows: list[list[str]], data: etree._Element) -> list[list[str]]:
    """Let a head that spans columns head each of them; cells below stay where they are."""
    heads = next(named(data, "tr"), None)
    if heads is None:
        return rows
    held = ""
    for j, cell in enumerate(named(heads, "tc")):
        is_covered = cell.get("hMerge") in ("1", "true")
        held = held if is_covered else rows[0][j]
        rows[0][j] = held
    return rows

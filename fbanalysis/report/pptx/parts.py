"""What native charts are made of: DrawingML elements, and the workbook behind each chart.

Elements are built in the order that the schema wants; text in the workbook is never a formula.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from pptx.oxml.ns import qn

from fbanalysis.report import theme
from fbanalysis.report.ledger import UNITS, Unit
from fbanalysis.report.pptx.text import clean, set_typeface, solid
from fbanalysis.report.pptx.units import centipoints, emu

SHEET = "数据"
LABEL = 14

Node = etree._Element
Values = Sequence[float | None]


def node(tag: str, *children: Node | None, **attributes: object) -> Node:
    """Build an element from its children; missing children are left out."""
    element = etree.Element(qn(tag if ":" in tag else f"c:{tag}"), nsmap=_SPACES)
    for name, value in attributes.items():
        element.set(name, clean(value))
    element.extend(child for child in children if child is not None)
    return element


_C15 = "http://schemas.microsoft.com/office/drawing/2012/chart"
_SPACES = {prefix: qn(f"{prefix}:x")[1:-2] for prefix in ("c", "a", "r")}


def flag(tag: str, value: object) -> Node:
    """Build an element that holds one value; truth as 1 and 0."""
    return node(tag, val=int(value) if isinstance(value, bool) else value)


def written(tag: str, text: object) -> Node:
    """Build an element that holds text."""
    element = node(tag)
    element.text = clean(text)
    return element


# The workbook


@dataclass(frozen=True)
class Column:
    """A column of the workbook behind a chart."""

    letter: str
    name: str
    values: Sequence[object]

    @property
    def head(self) -> str:
        return f"{SHEET}!${self.letter}$1"

    @property
    def cells(self) -> str:
        return f"{SHEET}!${self.letter}$2:${self.letter}${len(self.values) + 1}"


@dataclass
class Data:
    """The columns of the workbook behind a chart, in their order."""

    columns: list[Column] = field(default_factory=list)

    def add(self, name: str, values: Sequence[object]) -> Column:
        """Append a column."""
        letter = get_column_letter(len(self.columns) + 1)
        texts = [clean(value) if isinstance(value, str) else value for value in values]
        self.columns.append(Column(letter, clean(name), texts))
        return self.columns[-1]

    def workbook(self) -> bytes:
        """Write the columns into a workbook; texts stay texts whatever they begin with."""
        book = Workbook()
        sheet = book.active
        sheet.title = SHEET
        for x, column in enumerate(self.columns, start=1):
            for y, value in enumerate([column.name, *column.values], start=1):
                _write_cell(sheet.cell(y, x), value)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()


def _write_cell(cell: object, value: object) -> None:
    if value is None or value == "":
        return
    cell.value = value
    if isinstance(value, str):
        # openpyxl takes "=1+1" for a formula and "#N/A" for an error
        cell.data_type = "s"


def strings(tag: str, column: Column) -> Node:
    """Refer to a column of names."""
    points = [node("pt", written("v", text), idx=i) for i, text in enumerate(column.values) if text]
    cache = node("strCache", flag("ptCount", len(column.values)), *points)
    return node(tag, node("strRef", written("f", column.cells), cache))


def numbers(tag: str, column: Column) -> Node:
    """Refer to a column of numbers; missing ones are left out."""
    points = [
        node("pt", written("v", repr(float(value))), idx=i)
        for i, value in enumerate(column.values)
        if value is not None
    ]
    cache = node("numCache", written("formatCode", "General"), flag("ptCount", len(column.values)), *points)
    return node(tag, node("numRef", written("f", column.cells), cache))


def heading(place: int, column: Column, *, is_carrier: bool = False) -> list[Node]:
    """Begin a series: its place, and its name from the head of a column.

    A carrier has an empty name: the legend then shows nothing for it. Programs do not agree on which entry
    of a legend is which when bars are stacked, so that none can be deleted.
    """
    if is_carrier:
        return [flag("idx", place), flag("order", place), node("tx", written("v", "\u00a0"))]
    point = node("strCache", flag("ptCount", 1), node("pt", written("v", column.name), idx=0))
    name = node("tx", node("strRef", written("f", column.head), point))
    return [flag("idx", place), flag("order", place), name]


# Looks


def stroke(colour: str = "", width: float = 1, *, dash: str = "", cap: str = "rnd", alpha: int = 100) -> Node:
    """Build a line; without a colour there is none. ``alpha`` is how opaque it is, in percent."""
    if not colour:
        return node("a:ln", node("a:noFill"))
    fill = solid(colour)
    if alpha < 100:
        fill[0].append(node("a:alpha", val=alpha * 1000))
    dashed = node("a:prstDash", val=dash) if dash else None
    return node("a:ln", fill, dashed, node("a:round"), w=emu(width), cap=cap)


def look(fill: str = "", line: Node | None = None) -> Node:
    """Build the look of a shape; without a colour it is not filled."""
    return node("spPr", solid(fill) if fill else node("a:noFill"), stroke() if line is None else line)


def line_look(line: Node) -> Node:
    """Build the look of something that is only a line."""
    return node("spPr", line)


def letters(size: float = LABEL, colour: str = "", **body: object) -> Node:
    """Build the look of text; ``body`` says how it is turned and broken."""
    style = node("a:defRPr", solid(colour or theme.COLOURS["ink"]), sz=centipoints(size), b=0)
    paragraph = node("a:p", node("a:pPr", style), node("a:endParaRPr", lang="zh-CN"))
    return node("txPr", node("a:bodyPr", **body), node("a:lstStyle"), paragraph)


def rich(lines: Sequence[str], *, size: float, colour: str, align: str = "ctr") -> Node:
    """Build text of its own, a paragraph a line."""
    made = []
    for line in lines:
        properties = node("a:rPr", solid(colour), lang="zh-CN", sz=centipoints(size), b=0)
        run = node("a:r", properties, written("a:t", line))
        made.append(node("a:p", node("a:pPr", node("a:defRPr"), algn=align), run))
    body = node("a:bodyPr", wrap="none", lIns=0, tIns=0, rIns=0, bIns=0)
    return node("tx", node("rich", body, node("a:lstStyle"), *made))


def marker(colour: str = "", *, size: float = 9) -> Node:
    """Build a round mark, or none."""
    if not colour:
        return node("marker", flag("symbol", "none"))
    return node("marker", flag("symbol", "circle"), flag("size", round(size)), look(colour))


# Labels


@dataclass(frozen=True)
class Label:
    """A label at a point: a text of its own, or its number in a format.

    ``more`` is said besides, small and grey, behind the text or, mirrored, before it.
    """

    lines: Sequence[str] = ()
    code: str = ""
    position: str = ""
    size: float = LABEL
    colour: str = ""
    align: str = "ctr"
    shift: tuple[float, float] = (0, 0)
    more: str = ""
    is_mirrored: bool = False


def labels(given: Mapping[int, Label], *, count: int) -> Node:
    """Build the labels of a series; points without one show none."""
    made = [_label(i, given[i]) if i in given else _without(i) for i in range(count)] if given else []
    return node("dLbls", *made, *_shown(value=False), _no_leaders() if given else None)


def _no_leaders() -> Node:
    """Draw no line from a label that was moved to its point."""
    shown = etree.Element(f"{{{_C15}}}showLeaderLines", nsmap={"c15": _C15}, val="0")
    return node("extLst", node("ext", shown, uri="{CE6537A1-D6FC-4f65-9D91-7224C49458BB}"))


def _without(place: int) -> Node:
    return node("dLbl", flag("idx", place), flag("delete", True))


def _label(place: int, label: Label) -> Node:
    colour = label.colour or theme.COLOURS["ink"]
    text = rich(label.lines, size=label.size, colour=colour, align=label.align) if label.lines else None
    if text is not None and label.more:
        _say_more(text, label)
    return node(
        "dLbl",
        flag("idx", place),
        _shifted(label.shift),
        text,
        node("numFmt", formatCode=label.code, sourceLinked=0) if label.code else None,
        look(),
        None if label.lines else letters(label.size, colour, wrap="none"),
        flag("dLblPos", label.position) if label.position else None,
        *_shown(value=True),
    )


def _say_more(text: Node, label: Label) -> None:
    """Add the grey words to the last line of a label."""
    said = f"{label.more}\u3000" if label.is_mirrored else f"\u3000{label.more}"
    grey = rich([said], size=label.size * 0.84, colour=theme.COLOURS["muted"])
    line = list(text.iter(qn("a:p")))[-1]
    line.insert(1 if label.is_mirrored else len(line), next(grey.iter(qn("a:r"))))


def _shifted(shift: tuple[float, float]) -> Node | None:
    if shift == (0, 0):
        return None
    return node("layout", node("manualLayout", flag("x", round(shift[0], 5)), flag("y", round(shift[1], 5))))


def _shown(*, value: bool) -> list[Node]:
    names = ("showLegendKey", "showVal", "showCatName", "showSerName", "showPercent", "showBubbleSize")
    return [flag(name, value and name == "showVal") for name in names]


def number_format(unit: str, decimals: int | None) -> str:
    """Give the format in which numbers of a unit are printed.

    >>> number_format("percent", None)
    '#,##0.0"%"'
    """
    known = UNITS.get(unit, Unit("", 2))
    places = known.decimals if decimals is None else decimals
    suffix = f'"{known.suffix}"' if known.suffix and unit != "score" else ""
    return "#,##0" + ("." + "0" * places if places else "") + suffix


def label_format(value: float, text: str) -> str:
    """Give the format that prints a number as a text shows it; a text without it is shown as it is.

    >>> label_format(8.7, "+8.7 个百分点")
    '"+"#,##0.0" 个百分点";"−"#,##0.0" 个百分点"'
    >>> label_format(-0.03, "0.0")
    '#,##0.0;#,##0.0'
    >>> label_format(3, "无")
    '"无";"无";"无"'
    """
    text = text.replace('"', "”")
    found = re.search(r"[\d,]*\d(\.\d+)?", text)
    if found is None or abs(float(found[0].replace(",", "")) - abs(value)) > 0.51 * 10 ** -len(
        (found[1] or ".")[1:]
    ):
        return ";".join([_quoted(text[:70])] * 3)
    before, after = text[: found.start()].rstrip("−-"), text[found.end() :][:60]
    digits = "#,##0" + ("." + "0" * (len(found[1]) - 1) if found[1] else "") + _quoted(after)
    if not re.search("[1-9]", found[0]):
        return ";".join([_quoted(before) + digits] * 2)
    return f"{_quoted(before)}{digits};{_quoted(before.rstrip('+') + '−')}{digits}"


def _quoted(text: str) -> str:
    return f'"{text}"' if text else ""


# Intervals


def intervals(plus: Column, minus: Column, *, line: Node, direction: str = "") -> Node:
    """Build error bars from two columns of lengths."""
    return node(
        "errBars",
        flag("errDir", direction) if direction else None,
        flag("errBarType", "both"),
        flag("errValType", "cust"),
        flag("noEndCap", True),
        numbers("plus", plus),
        numbers("minus", minus),
        line_look(line),
    )


# Axes


@dataclass(frozen=True)
class Axis:
    """An axis: its kind (cat or val), where it stands, its scale and what is shown of it.

    ``scale`` is (low, high); ``crossing`` is where on this axis the other one stands.
    """

    kind: str
    number: int
    other: int
    position: str
    scale: tuple[float, float] | None = None
    is_reversed: bool = False
    is_hidden: bool = False
    has_line: bool = False
    grid: str = ""
    unit: float | None = None
    code: str = "General"
    size: float = LABEL
    colour: str = ""
    skip: int = 1
    title: str = ""
    crossing: object = "autoZero"
    labels: str = "low"
    is_between: bool = True
    is_flat: bool = False

    def node(self) -> Node:
        """Build the axis."""
        ink = self.colour or theme.COLOURS["ink"]
        line = stroke(theme.COLOURS["ink"], 1.2) if self.has_line else stroke()
        return node(
            f"{self.kind}Ax",
            flag("axId", self.number),
            self._scaling(),
            flag("delete", self.is_hidden),
            flag("axPos", self.position),
            node("majorGridlines", line_look(stroke(self.grid, 1))) if self.grid else None,
            self._title(),
            node("numFmt", formatCode=self.code, sourceLinked=0),
            flag("majorTickMark", "none"),
            flag("minorTickMark", "none"),
            flag("tickLblPos", self.labels),
            node("spPr", node("a:noFill"), line),
            letters(self.size, ink, **({"rot": 0, "vert": "horz"} if self.is_flat else {})),
            flag("crossAx", self.other),
            *self._rest(),
        )

    def _scaling(self) -> Node:
        low, high = self.scale or (None, None)
        return node(
            "scaling",
            flag("orientation", "maxMin" if self.is_reversed else "minMax"),
            None if high is None else flag("max", high),
            None if low is None else flag("min", low),
        )

    def _title(self) -> Node | None:
        if not self.title:
            return None
        text = rich([self.title], size=13, colour=theme.COLOURS["muted"])
        return node("title", text, flag("overlay", False))

    def _rest(self) -> list[Node | None]:
        is_place = isinstance(self.crossing, str)
        crossing = flag("crosses" if is_place else "crossesAt", self.crossing)
        if self.kind == "cat":
            skipped = [flag("tickLblSkip", self.skip), flag("tickMarkSkip", self.skip)]
            spacing = [flag("auto", False), flag("lblAlgn", "ctr"), flag("lblOffset", 100)]
            return [crossing, *spacing, *skipped, flag("noMultiLvlLbl", True)]
        between = flag("crossBetween", "between" if self.is_between else "midCat")
        return [crossing, between, None if self.unit is None else flag("majorUnit", self.unit)]


# The whole chart


@dataclass(frozen=True)
class Frame:
    """The inner plot area, as shares of the chart."""

    left: float
    top: float
    width: float
    height: float

    def node(self) -> Node:
        """Build the layout."""
        places = {"x": self.left, "y": self.top, "w": self.width, "h": self.height}
        modes = [flag("layoutTarget", "inner"), flag("xMode", "edge"), flag("yMode", "edge")]
        parts = [flag(name, round(max(value, 0.0), 5)) for name, value in places.items()]
        return node("layout", node("manualLayout", *modes, *parts))


@dataclass(frozen=True)
class Native:
    """A native chart as python-pptx inserts one: its XML and its workbook."""

    content: Sequence[Node]
    frame: Frame
    data: Data
    font: str
    has_legend: bool = False
    unnamed: Sequence[int] = ()
    title: str = ""

    @property
    def xlsx_blob(self) -> bytes:
        return self.data.workbook()

    def xml_bytes(self, _kind: object) -> bytes:
        """Write the chart's XML."""
        space = node(
            "chartSpace", flag("date1904", False), flag("lang", "zh-CN"), flag("roundedCorners", False)
        )
        space.append(
            node(
                "chart",
                self._title() if self.title else None,
                flag("autoTitleDeleted", not self.title),
                node("plotArea", self.frame.node(), *self.content, look()),
                self._legend() if self.has_legend else None,
                flag("plotVisOnly", True),
                flag("dispBlanksAs", "gap"),
            )
        )
        space.extend([look(), letters()])
        set_typeface(space, font=self.font)
        return etree.tostring(space, encoding="UTF-8", xml_declaration=True, standalone=True)

    def _title(self) -> Node:
        """Say at the top left what the values are."""
        text = rich([self.title], size=13, colour=theme.COLOURS["muted"], align="l")
        return node("title", text, _corner(), flag("overlay", True), look())

    def _legend(self) -> Node:
        """Say above the chart what the colours mean; carriers are not named."""
        hidden = [node("legendEntry", flag("idx", place), flag("delete", True)) for place in self.unnamed]
        return node(
            "legend", flag("legendPos", "t"), *hidden, _corner(), flag("overlay", True), look(), letters()
        )


def _corner() -> Node:
    """The top left corner of the chart."""
    modes = [flag("xMode", "edge"), flag("yMode", "edge")]
    return node("layout", node("manualLayout", *modes, flag("x", 0), flag("y", 0)))

"""Where a sheet is built: our own layouts with their placeholders, or an organisation's template.

A stage makes slides, knows the free area of each, and puts texts, charts, tables and pictures there.
"""

import base64
import copy
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE as RELATION
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide, SlideLayout

from fbanalysis.report.pptx.parts import Native, stroke
from fbanalysis.report.pptx.tables import Grid, lay
from fbanalysis.report.pptx.text import Sentence, Style, clean, fill, paragraph
from fbanalysis.report.pptx.units import EMU, Box

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_FOOTS = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE)

Paragraphs = Sequence[tuple[Sentence, Style]]


@dataclass
class Stage:
    """One slide under construction.

    ``area`` is its free area in pixels of our sheet; ``factor`` says how much larger the slide is, and
    ``origin`` (in English metric units) where our sheet begins on it.
    """

    slide: Slide
    font: str
    area: Box
    factor: float = 1.0
    origin: tuple[float, float] = (0, 0)
    is_own: bool = True
    links: Mapping[str, str] = field(default_factory=dict)

    def emus(self, pixels: float) -> int:
        """Turn a length into English metric units."""
        return round(pixels * EMU * self.factor)

    def bounds(self, box: Box) -> tuple[int, int, int, int]:
        """Left, top, width and height of a box on the slide."""
        left, top = self.emus(box.left) + round(self.origin[0]), self.emus(box.top) + round(self.origin[1])
        return left, top, self.emus(box.width), self.emus(box.height)

    def holder(self, index: int) -> object | None:
        """Find an unfilled placeholder of our own layouts by its index."""
        if not self.is_own:
            return None
        unfilled = (one for one in self.slide.placeholders if one.has_text_frame)
        return next((one for one in unfilled if one.placeholder_format.idx == index), None)

    def title(self, text: Sentence, style: Style, *, box: Box | None = None) -> None:
        """Fill the title."""
        shape = self.slide.shapes.title
        if shape is None:
            shape = self.slide.shapes.add_textbox(*self.bounds(box or self.area))
        shape.name = "标题"
        if self.is_own and box is not None:
            self._move(shape, box)
        self.fill(shape, [(text, style)])

    def text(self, index: int, paragraphs: Paragraphs, box: Box, *, name: str, columns: int = 1) -> object:
        """Write paragraphs into a placeholder, or into a text box where the layout has none."""
        shape = self.holder(index)
        if shape is None:
            shape = self.slide.shapes.add_textbox(*self.bounds(box))
            for side in ("margin_left", "margin_right", "margin_top", "margin_bottom"):
                setattr(shape.text_frame, side, 0)
            shape.text_frame.word_wrap = True
        else:
            self._move(shape, box)
        shape.name = name
        self.fill(shape, paragraphs)
        if columns > 1:
            properties = shape._element.txBody.find(qn("a:bodyPr"))
            properties.set("numCol", str(columns))
            properties.set("spcCol", str(self.emus(56)))
        return shape

    def frame(self, shape: object, colour: str) -> None:
        """Draw a dashed frame around a text, with room inside."""
        shape._element.spPr.append(stroke(colour, 2 * self.factor, dash="dash"))
        properties = shape._element.txBody.find(qn("a:bodyPr"))
        for side, pixels in (("lIns", 48), ("rIns", 48), ("tIns", 32), ("bIns", 32)):
            properties.set(side, str(self.emus(pixels)))
        properties.set("anchor", "ctr")

    def fill(self, shape: object, paragraphs: Paragraphs) -> None:
        """Write paragraphs into a shape that is there, at the sheet's size."""
        made = [paragraph(one, style.scaled(self.factor), links=self.links) for one, style in paragraphs]
        fill(shape._element.txBody, made)

    def _move(self, shape: object, box: Box) -> None:
        """Place a shape, unless its layout already has it there."""
        bounds = self.bounds(box)
        if (shape.left, shape.top, shape.width, shape.height) != bounds:
            shape.left, shape.top, shape.width, shape.height = bounds

    def chart(self, index: int, native: Native, box: Box, *, name: str, alt: str) -> None:
        """Insert a native chart."""
        shape = self.holder(index)
        bounds = self.bounds(box)
        if shape is not None and shape.placeholder_format.type == PP_PLACEHOLDER.CHART:
            frame = shape.insert_chart(XL_CHART_TYPE.BAR_CLUSTERED, native)
            frame.left, frame.top, frame.width, frame.height = bounds
        else:
            frame = self.slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *bounds, native)
        _scale_text(frame.chart._chartSpace, self.factor)
        describe(frame, name=name, alt=alt)

    def table(self, index: int, grid: Grid, box: Box, *, name: str, alt: str) -> None:
        """Insert a native table."""
        shape = self.holder(index)
        count = (len(grid.rows), len(grid.widths))
        if shape is not None and shape.placeholder_format.type == PP_PLACEHOLDER.TABLE:
            frame = shape.insert_table(*count)
        else:
            frame = self.slide.shapes.add_table(*count, *self.bounds(box))
        lay(frame, grid, factor=self.factor, emus=self.emus)
        high = Box(box.left, box.top, sum(grid.widths), sum(grid.heights))
        frame.left, frame.top, frame.width, frame.height = self.bounds(high)
        describe(frame, name=name, alt=alt)

    def picture(self, png: str, box: Box, *, name: str, alt: str) -> None:
        """Insert a picture, as large as the box lets it be."""
        shape = self.slide.shapes.add_picture(io.BytesIO(base64.b64decode(png)), 0, 0)
        _, _, width, height = self.bounds(box)
        share = min(width / shape.width, height / shape.height)
        wide, high = round(shape.width * share), round(shape.height * share)
        left, top, *_ = self.bounds(box)
        shape.left, shape.top, shape.width, shape.height = left, top, wide, high
        describe(shape, name=name, alt=alt)

    def finish(self, order: Sequence[str]) -> None:
        """Take unfilled placeholders away and put the shapes into reading order."""
        for shape in list(self.slide.placeholders):
            is_foot = shape.placeholder_format.type in _FOOTS
            if shape.has_text_frame and not shape.text_frame.text.strip() and not is_foot:
                shape._element.getparent().remove(shape._element)
        tree = self.slide.shapes._spTree
        known = {name: place for place, name in enumerate(order)}
        shapes = sorted(self.slide.shapes, key=lambda shape: known.get(shape.name.split(" ")[0], len(known)))
        for shape in shapes:
            tree.append(shape._element)
        _number(self.slide)


def describe(shape: object, *, name: str, alt: str) -> None:
    """Name a shape and say for screen readers what it shows."""
    shape.name = name
    shape._element.xpath(".//p:cNvPr")[0].set("descr", clean(alt) or name)


def _scale_text(space: etree._Element, factor: float) -> None:
    if factor != 1:
        for element in space.iter():
            if element.get("sz"):
                element.set("sz", str(round(int(element.get("sz")) * factor / 10) * 10))


def _number(slide: Slide) -> None:
    """Give every shape a number of its own, and names that differ."""
    seen: dict[str, int] = {}
    for number, shape in enumerate(slide.shapes, start=2):
        properties = shape._element.xpath(".//p:cNvPr")[0]
        properties.set("id", str(number))
        name = properties.get("name")
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            properties.set("name", f"{name} {seen[name]}")


def add_foot(slide: Slide, layout: SlideLayout, *, footer: str = "") -> None:
    """Give a slide the page number, and the footer, that its layout shows."""
    for shape in layout.placeholders:
        kind = shape.placeholder_format.type
        if kind == PP_PLACEHOLDER.SLIDE_NUMBER or (kind == PP_PLACEHOLDER.FOOTER and footer):
            element = copy.deepcopy(shape._element)
            properties = element.find(qn("p:spPr"))
            properties.clear()
            element.find(qn("p:txBody")).find(qn("a:lstStyle")).clear()
            slide.shapes._spTree.append(element)
            if kind == PP_PLACEHOLDER.FOOTER:
                slide.shapes[-1].text_frame.text = clean(footer)


def link(slide: Slide, target: Slide) -> str:
    """Relate a slide to another one."""
    return slide.part.relate_to(target.part, RELATION.SLIDE)


def drop_slides(deck: Deck) -> None:
    """Take a template's sample slides away, with all that points to them."""
    root = deck.part._element
    for entry in list(deck.slides._sldIdLst):
        deck.part.drop_rel(entry.rId)
        deck.slides._sldIdLst.remove(entry)
    for tag in ("p:custShowLst", "p:extLst"):
        for old in root.findall(qn(tag)):
            root.remove(old)
    for name, relation in list(deck.part.rels.items()):
        if relation.reltype in (RELATION.VIEW_PROPS, RELATION.SLIDE):
            deck.part.rels.pop(name)

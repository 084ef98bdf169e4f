"""An organisation's own template: its master and layouts stay as they are, its sample slides go."""

from collections.abc import Sequence
from pathlib import Path

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER as KIND
from pptx.presentation import Presentation as Deck
from pptx.slide import SlideLayout

from fbanalysis.report import layout
from fbanalysis.report.pptx.stage import drop_slides
from fbanalysis.report.pptx.units import EMU, Box

_TITLES = (KIND.TITLE, KIND.CENTER_TITLE)
_BODIES = (KIND.BODY, KIND.OBJECT)
_FOOTS = (KIND.FOOTER, KIND.SLIDE_NUMBER, KIND.DATE)

#: The free area that our slides need at their own size.
_WIDTH, _HEIGHT = layout.CONTENT, 560.0


def foreign_deck(template: Path) -> Deck:
    """Open a template without its sample slides."""
    deck = Presentation(str(template))
    drop_slides(deck)
    return deck


def kinds_of(one: SlideLayout) -> list[object]:
    """The kinds of placeholders of a layout, without those of the foot."""
    kinds = [shape.placeholder_format.type for shape in one.placeholders]
    return [kind for kind in kinds if kind not in _FOOTS]


def chosen(deck: Deck, kind: str) -> SlideLayout:
    """Choose the layout for a kind of sheet by the placeholders that it has."""
    layouts = list(deck.slide_layouts)
    wanted = _suits_cover if kind == "cover" else _suits_content
    return max(layouts, key=lambda one: (wanted(kinds_of(one)), -layouts.index(one)))


def _suits_cover(kinds: Sequence[object]) -> int:
    return 2 * (KIND.CENTER_TITLE in kinds) + 2 * (KIND.SUBTITLE in kinds) + (KIND.TITLE in kinds)


def _suits_content(kinds: Sequence[object]) -> int:
    """A title and one body suit best, then a title alone; covers and picture pages do not."""
    has_title = KIND.TITLE in kinds
    bodies = sum(kind in _BODIES for kind in kinds)
    others = len(kinds) - bodies - has_title
    return 10 * has_title + (3 if bodies == 1 else 2 if bodies == 0 else 0) - 2 * others


def free_area(one: SlideLayout, deck: Deck) -> tuple[Box, float, tuple[float, float]]:
    """Find the room between title and foot: as a box of our pixels, the factor, and where it begins."""
    title = next((shape for shape in one.placeholders if shape.placeholder_format.type in _TITLES), None)
    body = next((shape for shape in one.placeholders if shape.placeholder_format.type in _BODIES), None)
    feet = [shape.top for shape in one.placeholders if shape.placeholder_format.type in _FOOTS]
    width, height = deck.slide_width, deck.slide_height
    lines = [one for one in (body, title) if one is not None and one.width and one.width > width * 0.5]
    left, wide = (lines[0].left, lines[0].width) if lines else (round(width * 0.06), round(width * 0.88))
    top = title.top + title.height if title is not None and title.top < height * 0.4 else round(height * 0.16)
    top += round(height * 0.008)
    bottom = min([foot for foot in feet if foot > height * 0.6], default=round(height * 0.94))
    factor = min(wide / _WIDTH, (bottom - top) / _HEIGHT) / EMU
    area = Box(0, 0, wide / EMU / factor, (bottom - top) / EMU / factor)
    return area, factor, (left, top)

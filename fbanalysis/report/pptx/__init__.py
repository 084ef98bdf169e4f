"""The PowerPoint file of a report: editable text, native charts and tables, on a template of our own or theirs.

It renders a `Story` and computes nothing.
"""

from pathlib import Path

from pptx.presentation import Presentation as Deck
from pptx.slide import Slide

from fbanalysis.report.page import mark
from fbanalysis.report.pptx.foreign import chosen, foreign_deck, free_area
from fbanalysis.report.pptx.notes import notes_of
from fbanalysis.report.pptx.package import describe, save, settle
from fbanalysis.report.pptx.sheets import ORDER, draw, layout_for
from fbanalysis.report.pptx.stage import Stage, add_foot, link
from fbanalysis.report.pptx.template import SHEET_AREA, own_deck
from fbanalysis.report.pptx.text import clean
from fbanalysis.report.story import Sheet, Story

__all__ = ["write_pptx"]


def write_pptx(story: Story, path: Path) -> Path:
    """Write a story as a PowerPoint file; the same story gives the same bytes."""
    look = story.dataset.theme
    deck = foreign_deck(look.template) if look.template else _own(story)
    slides = [_opened(deck, sheet, story) for sheet in story.sheets]
    targets = {sheet.anchor: slide for sheet, slide in zip(story.sheets, slides, strict=True)}
    for sheet, slide in zip(story.sheets, slides, strict=True):
        stage = _stage(deck, slide, sheet, story)
        stage.links = {name: link(slide, targets[name]) for name in _anchors(sheet) if name in targets}
        draw(stage, sheet, story)
        stage.finish(ORDER)
        _take_notes(slide, sheet, story)
    dataset = story.dataset
    describe(
        deck,
        title=dataset.title,
        organisation=dataset.organisation,
        author=dataset.author,
        day=dataset.report_date,
        mark=f"{mark(dataset.year)} report.pptx",
    )
    settle(deck, font=look.office_font, is_own=not look.template)
    return save(deck, path)


def _own(story: Story) -> Deck:
    look = story.dataset.theme
    return own_deck(look.footer, font=look.office_font, logo=look.logo)


def _opened(deck: Deck, sheet: Sheet, story: Story) -> Slide:
    """Add an empty slide with the layout of its sheet."""
    look = story.dataset.theme
    if look.template:
        slide_layout = chosen(deck, sheet.kind)
    else:
        slide_layout = next(one for one in deck.slide_layouts if one.name == layout_for(sheet))
    slide = deck.slides.add_slide(slide_layout)
    add_foot(slide, slide_layout, footer=look.footer if look.template else "")
    return slide


def _stage(deck: Deck, slide: Slide, sheet: Sheet, story: Story) -> Stage:
    look = story.dataset.theme
    if not look.template:
        return Stage(slide, look.office_font, SHEET_AREA)
    area, factor, origin = free_area(slide.slide_layout, deck)
    return Stage(slide, look.office_font, area, factor, origin, is_own=False)


def _anchors(sheet: Sheet) -> list[str]:
    """The anchors to which anything on a sheet leads, in order."""
    return list(dict.fromkeys(_led(sheet.spec if sheet.spec is not None else sheet.content)))


def _led(content: object) -> list[str]:
    if isinstance(content, dict):
        own = [str(content[name]) for name in ("href", "anchor") if content.get(name)]
        return own + [one for name, value in content.items() if name != "chart" for one in _led(value)]
    return [one for value in content for one in _led(value)] if isinstance(content, list | tuple) else []


def _take_notes(slide: Slide, sheet: Sheet, story: Story) -> None:
    slide.notes_slide.notes_text_frame.text = "\n".join(clean(line) for line in notes_of(sheet, story))

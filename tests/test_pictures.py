"""Proof by picture: every sheet of the sample year and of a hostile year is whole, legible and not empty.

Nothing sticks out, lies over another text, or is paler than it may be; what is printed has every page; the slides
for PowerPoint are drawn with Chinese characters.
"""

import re
import shutil
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hostile
import pypdfium2
import pytest
from PIL import Image
from seeing import (
    Seen,
    embedded_characters,
    ink,
    is_emoji,
    largest_gap,
    open_deck,
    picture,
    turn_to,
    walk,
)

from fbanalysis.dataset import Theme
from fbanalysis.errors import DataError, FeedbackError
from fbanalysis.report import printing, theme
from fbanalysis.report.deck import deck
from fbanalysis.report.printing import contact_sheet, print_pages
from fbanalysis.report.story import tell

pytestmark = pytest.mark.browser

SIZES = [(1280, 720), (1920, 1080)]
at_both_sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
#: Measured on the sample year: slides have ink in 0.14 to 0.5 of the grid's cells, and no empty rectangle above 0.3
#: of the sheet, margins counted.
LEAST_INK, LARGEST_GAP = 0.12, 0.36
#: Sheets that are meant to be airy.
AIRY = ("cover", "agenda", "part", "gap")
LEAST_TEXT = 11


@pytest.fixture(scope="module")
def hostile_deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    dataset = hostile.dataset(folder)
    theme.use(dataset.theme)
    path = folder / "deck.html"
    path.write_text(deck(tell(dataset, hostile.chapters(folder))), "utf-8")
    theme.use(Theme())
    return path


@pytest.fixture(scope="module")
def seen(
    browser: Any, sample_report: Path, hostile_deck: Path
) -> dict[tuple[str, tuple[int, int]], list[Seen]]:
    """Both decks, walked once at each size."""
    found = {}
    for name, path in (("sample", sample_report / "deck.html"), ("hostile", hostile_deck)):
        page = browser.new_page()
        open_deck(page, path.as_uri())
        found |= {(name, size): walk(page, size=size) for size in SIZES}
        page.close()
    return found


Walks = dict[tuple[str, tuple[int, int]], list[Seen]]
of_both_decks = pytest.mark.parametrize("name", ["sample", "hostile"])


def faults(slides: list[Seen], kind: str) -> dict[str, list[str]]:
    return {slide.anchor: list(getattr(slide, kind))[:3] for slide in slides if getattr(slide, kind)}


@of_both_decks
@at_both_sizes
def test_nothing_sticks_out_of_its_slide_or_is_clipped(name: str, size: tuple[int, int], seen: Walks) -> None:
    assert faults(seen[name, size], "outside") == {}


@of_both_decks
@at_both_sizes
def test_no_text_lies_over_another(name: str, size: tuple[int, int], seen: Walks) -> None:
    assert faults(seen[name, size], "overlaps") == {}


@of_both_decks
@at_both_sizes
def test_every_text_stands_out_from_its_ground(name: str, size: tuple[int, int], seen: Walks) -> None:
    assert faults(seen[name, size], "faint") == {}


def test_no_text_is_too_small_to_read(seen: Walks) -> None:
    sizes = {slide.anchor: round(slide.smallest, 1) for slide in seen["sample", SIZES[0]]}
    assert {anchor: size for anchor, size in sizes.items() if size < LEAST_TEXT} == {}


def test_every_character_of_the_slides_is_in_the_font_that_they_carry(
    seen: Walks, sample_report: Path
) -> None:
    known = embedded_characters((sample_report / "deck.html").read_text("utf-8"))
    shown = {character for slide in seen["sample", SIZES[0]] for character in slide.text}
    missing = {one for one in shown if not one.isspace() and ord(one) not in known and not is_emoji(one)}
    assert len(shown) > 400
    assert missing == set()


def test_markup_in_texts_opens_nothing(browser: Any, hostile_deck: Path, seen: Walks) -> None:
    page = browser.new_page()
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    open_deck(page, hostile_deck.as_uri())
    assert (
        page.evaluate("document.querySelectorAll('img:not(.fb-logo), [onerror], section script').length") == 0
    )
    page.close()
    assert opened == []
    assert {"gap", "limits", "part", "summary", "agenda", "cover"} <= {
        slide.kind for slide in seen["hostile", SIZES[0]]
    }


def test_no_sheet_is_blank_or_has_a_hole(browser: Any, seen: Walks, sample_report: Path) -> None:
    page = browser.new_page(viewport={"width": 640, "height": 360})
    open_deck(page, (sample_report / "deck.html").as_uri())
    measured = {}
    for slide in seen["sample", SIZES[0]]:
        turn_to(page, slide.anchor)
        cells = ink(picture(page))
        measured[slide.anchor, slide.kind] = float(cells.mean()), largest_gap(cells)
    page.close()
    blank = {
        anchor: part
        for (anchor, kind), (part, _) in measured.items()
        if part < (0.05 if kind in AIRY else LEAST_INK)
    }
    holes = {
        anchor: gap for (anchor, kind), (_, gap) in measured.items() if kind not in AIRY and gap > LARGEST_GAP
    }
    assert blank == {}
    assert holes == {}


def test_the_largest_gap_is_found() -> None:
    image = Image.new("RGB", (1280, 720), "white")
    image.paste("black", (0, 0, 640, 720))
    assert largest_gap(~ink(image)) == pytest.approx(0.5)
    image.paste("black", (640, 0, 1280, 352))
    cells = ink(image)
    assert largest_gap(cells if cells.mean() < 0.5 else ~cells) >= 0.25


# On paper


@pytest.fixture(scope="module")
def printed(sample_report: Path, chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample year's pages, printed in another folder at another time than the report's own."""
    folder = tmp_path_factory.mktemp("printed")
    for name in printing.PRINTED:
        shutil.copy(sample_report / name, folder / name)
    print_pages(folder, chromium=chromium)
    return folder


def test_the_pdf_has_every_sheet_with_its_title_as_text(printed: Path, seen: Walks) -> None:
    slides = seen["sample", SIZES[0]]
    with pypdfium2.PdfDocument(printed / "deck.pdf") as document:
        texts = [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]
        sizes = {page.get_size() for page in document}
        marks = [(mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc()]
    assert sizes == {(960.0, 540.0)}
    assert len(texts) == len(slides)
    lost = [
        slide.title
        for slide, text in zip(slides, texts, strict=True)
        if re.sub(r"\s", "", slide.title) not in text
    ]
    assert lost == []
    assert [page for _, page in marks] == list(range(len(slides)))


def test_a_print_is_the_same_wherever_and_whenever_it_is_made(printed: Path, sample_report: Path) -> None:
    for name in (*printing.PRINTED.values(), printing.CONTACT_SHEET):
        assert (printed / name).read_bytes() == (sample_report / name).read_bytes(), name


@pytest.mark.parametrize("name", ["deck.pdf", "report.pdf"])
def test_a_pdf_names_no_path_of_this_machine(name: str, printed: Path) -> None:
    content = (printed / name).read_bytes()
    for start in re.finditer(rb"stream\r?\n", content):
        try:
            content += zlib.decompressobj().decompress(content[start.end() : start.end() + 200_000])
        except zlib.error:
            continue
    assert b"file:" not in content
    assert b"/StructTreeRoot" in content, "readable by assistive technology"


def test_the_contact_sheet_has_five_thumbnails_in_a_row(printed: Path, seen: Walks) -> None:
    path, rows = printed / printing.CONTACT_SHEET, -(-len(seen["sample", SIZES[0]]) // 5)
    with Image.open(path) as sheet:
        assert sheet.width == 5 * (384 + 16) + 16
        assert sheet.height == rows * (216 + 26 + 16) + 16
        assert sheet.mode == "P"
    assert path.stat().st_size < 2_500_000


def test_a_browser_that_prints_nothing_is_quoted_in_chinese(tmp_path: Path, sample_report: Path) -> None:
    for name in printing.PRINTED:
        shutil.copy(sample_report / name, tmp_path / name)
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'cannot open display' >&2\n")
    broken.chmod(0o755)
    with pytest.raises(
        FeedbackError, match=r"没有把「deck\.html」打印成 PDF：.*cannot open display.*FBANALYSIS_CHROMIUM"
    ):
        print_pages(tmp_path, chromium=broken)
    assert list(tmp_path.glob("*.pdf")) == []


def test_a_browser_that_hangs_is_ended(
    tmp_path: Path, sample_report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "TIMEOUT_SECONDS", 0.3)
    for name in printing.PRINTED:
        shutil.copy(sample_report / name, tmp_path / name)
    slow = tmp_path / "chromium"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    began = time.monotonic()
    with pytest.raises(FeedbackError, match=r"超过 0\.3 秒没有结束"):
        print_pages(tmp_path, chromium=slow)
    assert time.monotonic() - began < 10


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"没有「deck\.html」.*--only publish"):
        print_pages(tmp_path, chromium=tmp_path / "chromium")


# In PowerPoint


def test_slides_for_powerpoint_are_drawn_whole_and_in_chinese(
    libreoffice: Callable[[Path], Path], sample_report: Path, seen: Walks
) -> None:
    pdf = libreoffice(sample_report / "report.pptx")
    contact_sheet(pdf, sample_report / "contact-sheet-pptx.png")
    with pypdfium2.PdfDocument(pdf) as document:
        cells = [ink(page.render(scale=1280 / page.get_width()).to_pil()) for page in document]
        texts = "".join(page.get_textpage().get_text_range() for page in document)
    assert len(cells) == len(seen["sample", SIZES[0]])
    assert [number for number, drawn in enumerate(cells, start=1) if drawn.mean() < 0.04] == []
    assert b"NotoSansSC" in pdf.read_bytes()
    assert len(set(re.findall(r"[\u4e00-\u9fff]", texts))) > 300

"""Take the README's pictures from the finished deck: ``python docs/pictures.py`` (needs Chromium)."""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).parent
DECK = DOCS.parent / "reports" / "2023" / "deck.html"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SHEET_COLUMNS, THUMB = 6, (320, 180)


def main() -> None:
    """Write the contact sheet, two slides and an opened record."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(DECK.as_uri())
        page.wait_for_function("window.Reveal && Reveal.isReady() && document.fonts.status === 'loaded'")
        anchors = page.evaluate(
            "[...document.querySelectorAll('.slides section section')].map(slide => slide.id)"
        )
        contact_sheet([shot(page, anchor) for anchor in anchors]).save(DOCS / "deck.png", optimize=True)
        for name, anchor in {"slide-kpi": "chapter-06-1", "slide-incident": "chapter-05-1"}.items():
            save(shot(page, anchor), name)
        shot(page, "chapter-01-1")
        page.locator("section#chapter-01-1 .fb-title data").first.click()
        save(Image.open(io.BytesIO(page.screenshot())), "record")
        browser.close()


def shot(page: Page, anchor: str) -> Image.Image:
    """Turn to a slide and take its picture."""
    page.evaluate("anchor => { location.hash = '#/' + anchor }", anchor)
    page.wait_for_function("anchor => Reveal.getCurrentSlide().id === anchor", arg=anchor)
    return Image.open(io.BytesIO(page.screenshot()))


def save(picture: Image.Image, name: str) -> None:
    """Save a picture at the size the README shows it, with few colours."""
    picture.convert("RGB").resize((960, 540), Image.Resampling.LANCZOS).quantize(128).save(
        DOCS / f"{name}.png", optimize=True
    )


def contact_sheet(pictures: list[Image.Image]) -> Image.Image:
    """Lay all slides out in rows."""
    rows = -(-len(pictures) // SHEET_COLUMNS)
    width, height = THUMB
    sheet = Image.new("RGB", (SHEET_COLUMNS * (width + 8) + 8, rows * (height + 8) + 8), "#D9DEE5")
    for i, picture in enumerate(pictures):
        place = (8 + i % SHEET_COLUMNS * (width + 8), 8 + i // SHEET_COLUMNS * (height + 8))
        sheet.paste(picture.convert("RGB").resize(THUMB, Image.Resampling.LANCZOS), place)
    return sheet.quantize(128)


if __name__ == "__main__":
    main()

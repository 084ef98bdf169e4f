"""Take the README's pictures from the finished deck: ``python docs/pictures.py`` (needs Chromium)."""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).parent
REPORT = DOCS.parent / "reports" / "2023"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def main() -> None:
    """Keep the contact sheet, two slides and an opened record."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto((REPORT / "deck.html").as_uri())
        page.wait_for_function("window.Reveal && Reveal.isReady() && document.fonts.status === 'loaded'")
        Image.open(REPORT / "contact-sheet.png").save(DOCS / "deck.png", optimize=True)
        for name, anchor in {"slide-kpi": "chapter-45-1", "slide-incident": "chapter-44-1"}.items():
            save(shot(page, anchor), name)
        shot(page, "chapter-21-1")
        page.locator("section#chapter-21-1 .fb-title data").first.click()
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


if __name__ == "__main__":
    main()

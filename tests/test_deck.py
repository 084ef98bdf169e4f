"""The sample year's deck as a reader sees it: offline, whole, nothing clipped, every number answers.

Runs in headless Chromium where there is one; what can be read from the HTML alone is read without it.
"""

import base64
import io
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from fontTools.ttLib import TTFont

from fbanalysis.report.theme import font_file

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
SIZES = [(1280, 720), (1920, 1080)]


@pytest.fixture(scope="module")
def deck(sample_report: Path) -> str:
    return (sample_report / "deck.html").read_text("utf-8")


@pytest.fixture(scope="module")
def visible(deck: str) -> list[str]:
    """The text of every slide, without tags."""
    body = re.sub(r"(?s)<script.*?</script>|<style.*?</style>|<title>.*?</title>", "", deck)
    slides = re.findall(r'(?s)<section[^>]*class="fb-slide[^"]*"[^>]*>(.*?)</section>', body)
    return [unescape(re.sub(r"(?s)<[^>]+>", " ", slide)) for slide in slides]


def test_six_chapters_and_more_than_twenty_slides(deck: str, visible: list[str]) -> None:
    assert len(re.findall(r'id="chapter-\d+"', deck)) == 6
    assert len(visible) >= 20
    assert "本章未能生成" not in deck


def test_no_slide_is_empty(visible: list[str]) -> None:
    assert [text for text in visible if len(text.split()) < 3] == []


@pytest.mark.parametrize("name", ["deck.html", "report.html", "index.html"])
def test_the_embedded_font_has_every_character_shown(name: str, sample_report: Path) -> None:
    page = (sample_report / name).read_text("utf-8")
    woff = base64.b64decode(re.search(r"data:font/woff;base64,([^)]+)\)", page)[1])
    with TTFont(io.BytesIO(woff)) as embedded, TTFont(font_file()) as whole:
        known, possible = set(embedded.getBestCmap()), set(whole.getBestCmap())
    shown = re.sub(r"(?s)<script>.*?</script>|<style.*?</style>|<[^>]+>", " ", page)
    characters = {ord(character) for character in unescape(shown) if not character.isspace()}
    assert {chr(code) for code in characters & possible - known} == set()


def test_the_font_has_every_character_of_the_slides(visible: list[str]) -> None:
    with TTFont(font_file()) as font:
        known = set(font.getBestCmap())
    shown = {character for text in visible for character in text if not character.isspace()}
    assert {character for character in shown if ord(character) not in known} == set()


def test_every_number_on_a_slide_has_a_record(deck: str, sample_report: Path) -> None:
    metrics = pd.read_csv(sample_report / "metrics.csv")
    keys = {
        f"{metric}[{stratum}]" for metric, stratum in zip(metrics["metric"], metrics["stratum"], strict=True)
    }
    named = {
        unescape(key)
        for key in re.findall(r'<data[^>]* value="([^"]+)"|<data value="([^"]+)"', deck)
        for key in key
        if key
    }
    assert len(named) > 100
    assert named <= keys


def test_no_mark_of_a_draft_is_left(deck: str) -> None:
    assert 'class="fb-typed"' not in deck


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: object, sample_report: Path) -> Iterator[object]:
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.requests_made, page.complaints = [], []
    page.on("request", lambda request: page.requests_made.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto((sample_report / "deck.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady() && document.fonts.status === 'loaded'")
    yield page
    context.close()


@needs_chromium
def test_the_deck_asks_for_nothing_and_complains_of_nothing(page: object) -> None:
    assert [url for url in page.requests_made if not url.startswith(("file:", "data:"))] == []
    assert page.complaints == []
    assert page.evaluate("document.fonts.check('20px \"Noto Sans SC\"', '满意度')")


#: What sticks out of its slide, or out of the box that holds it, on the current slide.
OVERFLOW = """() => {
  const slide = Reveal.getCurrentSlide(), edge = slide.getBoundingClientRect(), out = [];
  for (const element of slide.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if (box.right > edge.right + 1 || box.bottom > edge.bottom + 1 || box.left < edge.left - 1 || box.top < edge.top - 1)
      out.push(element.tagName + "." + (element.getAttribute("class") || ""));
  }
  for (const element of slide.querySelectorAll(".fb-body, .fb-body > *, .fb-tablebox"))
    if (element.scrollHeight > element.clientHeight + 2 || element.scrollWidth > element.clientWidth + 2)
      out.push("clipped " + element.className);
  return out;
}"""


@needs_chromium
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_overflows_or_is_clipped_on_any_slide(size: tuple[int, int], page: object) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    anchors = page.evaluate(
        "[...document.querySelectorAll('.slides section section')].map(slide => slide.id)"
    )
    faults = {}
    for anchor in anchors:
        page.evaluate("anchor => { location.hash = '#/' + anchor }", anchor)
        page.wait_for_function("anchor => Reveal.getCurrentSlide().id === anchor", arg=anchor)
        if found := page.evaluate(OVERFLOW):
            faults[anchor] = found[:3]
    assert faults == {}


#: Labels of one chart that lie over each other by more than a sliver. The words of a cloud are laid out by
#: their ink, so that their boxes may touch.
OVERLAPS = """() => [...document.querySelectorAll("section .fb-chart:not([data-kind=cloud]) svg")].flatMap(svg => {
  const labels = [...svg.querySelectorAll("text")].filter(label => label.textContent.trim());
  const boxes = labels.map(label => label.getBoundingClientRect()), found = [];
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const a = boxes[i], b = boxes[j];
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (width > 2 && height > 0.45 * Math.min(a.height, b.height))
      found.push(labels[i].textContent + " × " + labels[j].textContent);
  }
  return found;
})"""


@needs_chromium
def test_no_label_of_a_chart_lies_over_another(page: object) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    assert page.evaluate("document.querySelectorAll('section.fb-slide .fb-chart svg').length") >= 20
    page.add_style_tag(
        content=".reveal .slides section { display: block !important; visibility: visible !important; }"
    )
    assert page.evaluate(OVERLAPS) == []


@needs_chromium
def test_a_number_opens_its_record_and_the_keyboard_turns_pages(page: object) -> None:
    page.evaluate("location.hash = '#/chapter-01-1'")
    page.wait_for_function("Reveal.getCurrentSlide().id === 'chapter-01-1'")
    page.locator("section#chapter-01-1 .fb-title data").first.click()
    shown = page.locator("#fb-record").inner_text()
    for wanted in ("86%", "coverage[all]", "Wilson", "4102", "21_sample_coverage"):
        assert wanted in shown
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("Reveal.getCurrentSlide().id === 'chapter-01-2'")


@needs_chromium
def test_agenda_links_lead_to_their_chapters(page: object) -> None:
    page.evaluate("location.hash = '#/agenda'")
    page.wait_for_function("Reveal.getCurrentSlide().id === 'agenda'")
    page.locator("section#agenda a").nth(4).click()
    page.wait_for_function("Reveal.getCurrentSlide().id === 'chapter-05'")

"""The sample year's deck as a reader uses it: offline, whole, every number answers, every key does what it says."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from fontTools.ttLib import TTFont
from seeing import TOOLS, embedded_characters, is_emoji, open_deck, turn_to, visible_text

from fbanalysis.report.slides import MIME as SLIDE
from fbanalysis.report.story import PARTS
from fbanalysis.report.theme import font_file

MOST_BYTES = 12_000_000
PAGES = ("deck.html", "report.html", "index.html")


@pytest.fixture(scope="module")
def deck(sample_report: Path) -> str:
    return (sample_report / "deck.html").read_text("utf-8")


@pytest.fixture(scope="module")
def sections(deck: str) -> dict[str, str]:
    """The markup of every sheet by its anchor."""
    found = re.findall(r'(?s)<section ([^>]*class="fb-slide[^>]*)>(.*?)</section>', deck)
    return {re.search(r'\bid="([^"]+)"', attributes)[1]: body for attributes, body in found}


def test_the_deck_tells_its_chapters_in_order(sections: dict[str, str]) -> None:
    opening = [anchor for anchor in sections if anchor.startswith("part-")]
    numbers = [int(anchor.removeprefix("part-")) for anchor in opening]
    assert list(sections)[:3] == ["cover", "summary", "agenda"]
    assert numbers == [*sorted(numbers[:-1]), 0]
    assert {2, 4} <= set(numbers) <= set(range(len(PARTS) + 1))
    assert "本章未能生成" not in "".join(sections.values())


def test_slides_stand_behind_the_divider_of_their_part(sections: dict[str, str]) -> None:
    part, strayed = "", []
    for anchor in sections:
        part = anchor.removeprefix("part-") if anchor.startswith("part-") else part
        if found := re.fullmatch(r"chapter-(\d)\d-\d+(-more)*", anchor):
            strayed += [anchor] * (part not in (found[1], "0"))
    assert strayed == []


def test_pages_are_numbered_and_no_sheet_is_empty(sections: dict[str, str]) -> None:
    pages = [
        int(re.findall(r"\d+", re.findall(r'class="fb-page">(.*?)</span>', body)[-1])[-1])
        for body in sections.values()
        if 'class="fb-page"' in body
    ]
    assert pages == list(range(2, len(sections) + 1))
    assert [anchor for anchor, body in sections.items() if len(visible_text(body).split()) < 3] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_embedded_font_has_every_character_shown(name: str, sample_report: Path) -> None:
    page = (sample_report / name).read_text("utf-8")
    with TTFont(font_file()) as whole:
        possible = set(whole.getBestCmap())
    shown = {ord(character) for character in visible_text(page) if not character.isspace()}
    assert {chr(code) for code in shown & possible - embedded_characters(page)} == set()


def test_every_number_on_a_slide_has_a_record(deck: str, sample_report: Path) -> None:
    metrics = pd.read_csv(sample_report / "metrics.csv")
    keys = set(metrics["metric"] + "[" + metrics["stratum"] + "]")
    named = {unescape(key) for key in re.findall(r'<data[^>]* value="([^"]+)"', deck)}
    assert len(named) > 100
    assert named <= keys


def test_no_mark_of_a_draft_is_left_and_the_file_can_be_mailed(deck: str) -> None:
    assert 'class="fb-typed"' not in deck
    assert len(deck.encode()) <= MOST_BYTES


@pytest.fixture
def page(browser: Any, sample_report: Path) -> Iterator[Any]:
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.requests_made, page.complaints, page.popups = [], [], []
    page.on("request", lambda request: page.requests_made.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("popup", lambda popup: page.popups.append(popup.url))
    open_deck(page, (sample_report / "deck.html").as_uri())
    yield page
    context.close()


def current(page: Any) -> str:
    return page.evaluate("Reveal.getCurrentSlide().id")


@pytest.mark.browser
def test_the_deck_asks_for_nothing_and_complains_of_nothing(page: Any) -> None:
    assert [url for url in page.requests_made if not url.startswith(("file:", "data:"))] == []
    assert page.complaints == []
    assert page.evaluate("document.fonts.check('20px \"Noto Sans SC\"', '满意度')")


@pytest.mark.browser
def test_chinese_is_drawn_with_the_font_that_the_page_carries(page: Any) -> None:
    turn_to(page, "chapter-41-1")
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    query = {"nodeId": root, "selector": "#chapter-41-1 :is(.fb-title, .fb-para, .fb-kicker, svg text)"}
    nodes = devtools.send("DOM.querySelectorAll", query)["nodeIds"]
    assert len(nodes) > 5
    used = {
        (font["familyName"], font["isCustomFont"])
        for node in nodes
        for font in devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    }
    assert used == {("Noto Sans SC", True)}


@pytest.mark.browser
def test_arrows_home_and_end_turn_pages(page: Any) -> None:
    columns = page.evaluate(
        "[...document.querySelectorAll('.slides > section')].map(column => column.querySelector('section').id)"
    )
    page.keyboard.press("ArrowRight")
    assert current(page) == columns[1]
    turn_to(page, "part-4")
    page.keyboard.press("ArrowDown")
    assert current(page) == "chapter-41-1"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert current(page).startswith(("part-", "chapter-"))
    page.keyboard.press("End")
    assert page.evaluate("Reveal.isLastSlide() || Reveal.getIndices().h") in (True, len(columns) - 1)
    page.keyboard.press("Home")
    assert current(page) == "cover"


@pytest.mark.browser
def test_overview_opens_and_closes_by_its_keys(page: Any) -> None:
    for key in ("o", "Escape"):
        page.keyboard.press(key)
        assert page.evaluate("Reveal.isOverview()"), key
        page.keyboard.press(key)
        assert not page.evaluate("Reveal.isOverview()"), key


@pytest.mark.browser
def test_a_number_opens_its_record_by_mouse_and_by_keyboard(page: Any) -> None:
    turn_to(page, "chapter-21-1")
    number = page.locator("section#chapter-21-1 .fb-title data").first
    number.click()
    record = page.locator("#fb-record")
    for wanted in ("86%", "coverage[all]", "Wilson", "4,102", "21_sample_coverage"):
        assert wanted in record.inner_text()
    page.keyboard.press("Escape")
    assert not record.is_visible()
    number.focus()
    page.keyboard.press("Enter")
    assert record.is_visible()
    page.keyboard.press("ArrowDown")
    assert current(page) == "chapter-21-1", "an open record keeps the page"
    page.keyboard.press("Escape")
    assert not record.is_visible()
    assert not page.evaluate("Reveal.isOverview()"), "Escape closed the record and nothing else"


def opened(page: Any, key: str) -> dict[str, str]:
    """Open the record of a key by its number, and give the rows of its card."""
    number = page.locator(f'.fb-slide data[value="{key}"]').first
    turn_to(page, number.evaluate("element => element.closest('.fb-slide').id"))
    number.click()
    rows = "all => Object.fromEntries(all.map(one => [one.textContent, one.nextElementSibling.textContent]))"
    return page.locator("#fb-record dt").evaluate_all(rows)


@pytest.mark.browser
def test_a_card_says_all_that_a_reader_needs_to_judge_a_number(page: Any) -> None:
    rows = opened(page, "satisfaction_yoy[总体满意度]")
    wanted = {
        "区间": "95% 区间 ",
        "样本量": "n = 3,528",
        "计入": "报告期与上年；给该领域打了分的反馈；层「总体满意度」",
        "权重": "不加权",
        "方法": "Welch 检验",
        "检验": "Welch t 检验，p < 0.001",
        "校正": "Holm 校正，同一次比较",
        "效应量": "Hedges g = 0.",
        "结论": "上升（校正后 p < 0.05 才说有差异",
        "出处": "42_significance 单元格",
        "数据指纹": "feedback ",
        "公式": "Holm (1979)",
    }
    assert {name: text for name, text in wanted.items() if text not in rows.get(name, "")} == {}
    assert "按人群表各层的人数事后分层加权" in opened_again(page, "weighted_satisfaction[all]")["权重"]


def opened_again(page: Any, key: str) -> dict[str, str]:
    page.keyboard.press("Escape")
    return opened(page, key)


@pytest.mark.browser
def test_a_card_fits_the_screen_and_its_end_can_be_reached_by_keys(page: Any) -> None:
    opened(page, "satisfaction_yoy[总体满意度]")
    box = page.locator("#fb-record").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 720
    assert page.get_by_role("button", name="关闭").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "关闭"
    page.locator("#fb-record dl").focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "() => { const l = document.querySelector('#fb-record dl'); return l.scrollTop + l.clientHeight >= l.scrollHeight - 2; }"
    )
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('value')") == "satisfaction_yoy[总体满意度]"


@pytest.mark.browser
def test_a_citation_names_value_page_record_and_data_also_where_the_clipboard_is_closed(page: Any) -> None:
    page.evaluate(
        "navigator.clipboard.writeText = () => Promise.reject(new Error('no')); document.execCommand = () => false;"
    )
    opened(page, "coverage[all]")
    number = page.evaluate(
        "Reveal.getCurrentSlide().querySelector('.fb-page').textContent.match(/[0-9]+/g).at(-1)"
    )
    page.get_by_role("button", name="复制引文").click()
    page.get_by_text("请按 Ctrl+C 复制").wait_for()
    text = page.locator("#fb-record textarea").input_value()
    for wanted in (
        "全体 86%（95% 区间 ",
        "n = 4,102",
        f"第 {number} 页",
        "记录 coverage[all]",
        "数据指纹 feedback ",
    ):
        assert wanted in text
    selected = "document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)"
    assert page.evaluate(selected) == text


@pytest.mark.browser
def test_a_card_leads_to_the_cell_that_recorded_the_number(page: Any, sample_report: Path) -> None:
    opened(page, "coverage[all]")
    href = page.locator("#fb-record dd a").get_attribute("href")
    page.goto((sample_report / href.split("#")[0]).as_uri() + "#" + href.split("#")[1])
    cell = page.locator("details.fb-code:target")
    assert cell.evaluate("element => element.open")
    assert 'metric="coverage"' in cell.inner_text()


@pytest.mark.browser
def test_a_chart_opens_its_numbers_by_mouse_and_by_key(page: Any) -> None:
    turn_to(page, "chapter-21-1")
    card = page.locator("#fb-record")
    page.locator("section#chapter-21-1 figure svg").click(position={"x": 5, "y": 5})
    assert card.locator("li").count() == 14
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    card.get_by_role("button", name="87%").click()
    assert "coverage[internal]" in card.inner_text()
    card.get_by_role("button", name="← 图中的数字").click()
    assert card.locator("li").count() == 14
    page.keyboard.press("Escape")
    assert not card.is_visible()
    assert current(page) == "chapter-21-1"


def test_every_value_of_every_chart_has_its_record(sample_report: Path) -> None:
    records = json.loads((sample_report / "metrics.json").read_text("utf-8"))
    known, values = {row["key"]: row for row in records}, 0
    for path in sorted((sample_report / "notebooks").glob("*.ipynb")):
        for plot in plots_of(path):
            for series in plot["series"]:
                drawn = [
                    pair
                    for pair in zip(series["values"], series["keys"] or [""] * 999, strict=False)
                    if pair[0] is not None
                ]
                is_plain = plot["kind"] != "gantt" and not series["is_hidden"]
                values += len(drawn) * is_plain
                wrong = [
                    (path.stem, series["name"], value, key)
                    for value, key in drawn
                    if is_plain and known[key]["value"] != pytest.approx(value, rel=1e-9, abs=1e-9)
                ]
                assert wrong == []
    assert values > 600


def plots_of(path: Path) -> list[dict[str, Any]]:
    outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", [])]
    specs = [output.get("data", {}).get(SLIDE) for output in outputs]
    return [spec["chart"]["plot"] for spec in specs if spec and spec["chart"] and spec["chart"]["plot"]]


@pytest.mark.browser
def test_agenda_links_lead_to_their_chapters(page: Any) -> None:
    for i, anchor in enumerate(
        page.locator("section#agenda a").evaluate_all("all => all.map(one => one.hash)")
    ):
        turn_to(page, "agenda")
        page.locator("section#agenda a").nth(i).click()
        page.wait_for_function("id => Reveal.getCurrentSlide().id === id", arg=anchor.removeprefix("#/"))


@pytest.mark.browser
@pytest.mark.parametrize("key", ["n", "s"])
def test_notes_open_without_a_window_and_follow_the_slides(key: str, page: Any) -> None:
    panel = page.locator("#fb-panel")
    noted = page.evaluate("document.querySelector('.fb-slide:has(aside.notes)').id")
    turn_to(page, noted)
    assert not panel.is_visible()
    page.keyboard.press(key)
    wanted = page.evaluate("Reveal.getCurrentSlide().querySelector('aside.notes').textContent.trim()")
    assert wanted in panel.inner_text().replace("\xa0", " ")
    assert panel.get_attribute("aria-live") == "polite"
    turn_to(page, "agenda")
    assert "没有讲稿" in panel.inner_text()
    page.keyboard.press(key)
    assert not panel.is_visible()
    assert page.popups == page.complaints == []


@pytest.mark.browser
def test_the_question_mark_lists_the_keys_in_chinese(page: Any) -> None:
    page.keyboard.press("?")
    shown = page.locator("#fb-panel").inner_text()
    assert all(word in shown for word in ("翻页", "总览", "讲稿", "来历"))
    assert "keyboard" not in page.locator("body").inner_text().lower()
    page.keyboard.press("?")
    assert not page.locator("#fb-panel").is_visible()


@pytest.mark.browser
def test_a_print_brings_the_slides_back_as_they_were(page: Any) -> None:
    turn_to(page, "chapter-41-1")
    hidden = "[...document.querySelectorAll('.slides section[aria-hidden]')].length"
    before = page.evaluate(hidden)
    page.pdf()
    assert page.evaluate(hidden) == before > 0
    assert page.evaluate("document.querySelectorAll('.slides a[href^=\"#/\"]').length") > 5
    assert current(page) == "chapter-41-1"


SHOW_ALL = ".reveal .slides section { display: flex !important; visibility: visible !important; position: static !important; opacity: 1 !important; }"


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_no_barrier_for_readers_with_assistive_technology(
    name: str, browser: Any, sample_report: Path
) -> None:
    context = browser.new_context(offline=True, bypass_csp=True)
    page = context.new_page()
    page.goto((sample_report / name).as_uri())
    if name == "deck.html":
        page.evaluate(TOOLS)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.add_style_tag(content=SHOW_ALL)
    rules = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": name != "deck.html"}}}
    # on every slide the walk measures contrast
    found = Axe().run(page, options=rules).response["violations"]
    context.close()
    grave = {
        rule["id"]: [node["html"][:120] for node in rule["nodes"]][:3]
        for rule in found
        if rule["impact"] in ("serious", "critical")
    }
    assert grave == {}


def test_what_counts_as_an_emoji() -> None:
    assert [is_emoji(character) for character in "😀✅反A"] == [True, True, False, False]

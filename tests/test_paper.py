"""The long report as a reviewer uses it: headings, numbered figures, tables that answer, a phone, paper.

Runs in headless Chromium where there is one; what can be read from the HTML alone is read without it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from html import unescape
from itertools import pairwise
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from seeing import CHROMIUM

from fbanalysis.dataset import Dataset, Thresholds
from fbanalysis.report import charts
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.paper import report
from fbanalysis.report.slides import MIME, LedgerTable, make_detail, make_slide
from fbanalysis.report.story import Chapter, tell

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

GROUPS = ("核心客户", "普通客户", "潜在客户")
#: Which departments look after a group, and which regions a department works in.
DEPARTMENTS = {"核心客户": ("客户服务部",), "普通客户": ("客户服务部", "市场部"), "潜在客户": ("市场部",)}
REGIONS = {"客户服务部": ("华北", "华东"), "市场部": ("华南",)}


def places() -> pd.DataFrame:
    """Give 100 rows of customer group, department and region, each with the name of its record."""
    rows = []
    for i in range(100):
        group = GROUPS[i % 3]
        department = DEPARTMENTS[group][i // 3 % len(DEPARTMENTS[group])]
        region = REGIONS[department][i // 7 % len(REGIONS[department])]
        rows.append({"stratum": f"row{i}", "group": group, "department": department, "region": region})
    return pd.DataFrame(rows)


def scores() -> Ledger:
    ledger = Ledger()
    for i in range(100):
        ledger.note("nps", f"row{i}", (i * 37) % 101 - 40, unit="score", method="净推荐值", decimals=1)
    ledger.note("grade", "row0", "良", unit="text", method="评级")
    ledger.note("share", "all", 40.0, unit="percent", method=HOSTILE)
    return ledger


def background(ledger: Ledger) -> list[object]:
    frame = pd.DataFrame(
        {
            "stratum": ["一线员工", "供应商"],
            "percent": [40.0, 60.0],
            "low": [35.0, 52.0],
            "high": [45.0, 68.0],
        }
    )
    chart = charts.bars(frame.assign(n=[300, 200]), by="stratum", value="percent", unit="percent")
    shares = make_slide(
        "占 {share[all]}",
        topic="份额",
        ledger=ledger,
        chart=chart,
        reading=["逐行见 {see(评分)}"],
        source="全年",
    )
    return ["# 背景：为什么做？\n\n引子。", "## 数据\n\n甲。\n\n#### 深处\n\n乙。", shares, "## 后记"]


def satisfaction(ledger: Ledger) -> list[object]:
    """A long table on a slide, a slide for the long report only, and two details."""
    frame = places()
    table = LedgerTable(rows=[f"row{i}" for i in range(10)], columns={"净推荐值": "nps"}, header="行")
    quotes = frame.assign(comment=[f"第{i}条原话，{HOSTILE}" for i in range(100)])
    keys = {"客户群": "group", "部门": "department", "地区": "region"}
    return [
        "# 满意度：评价如何？",
        "## 数据",
        make_slide("逐行的分数 {nps[row0]}", topic="评分", ledger=ledger, table=table),
        make_slide("只在报告里", topic="其余", ledger=ledger, place="report", reading=["回看 {see(份额)}"]),
        make_detail(
            "净推荐值明细", frame, ledger=ledger, keys=keys, columns={"净推荐值": "nps"}, note="调查"
        ),
        make_detail("全部原话", quotes, ledger=ledger, keys=keys, text={"原话": "comment"}),
        make_detail(
            "评级",
            frame.head(2),
            ledger=ledger,
            keys={"行": "stratum", "客户群": "group"},
            columns={"评级": "grade", "分数": "nps"},
        ),
    ]


def executed(folder: Path, number: str, cells: Sequence[object], ledger: Ledger) -> Chapter:
    """Write a notebook as the pipeline would leave it: texts are prose, everything else is an output."""
    made = []
    for item in [*cells, ledger]:
        if isinstance(item, str):
            made.append(nbformat.v4.new_markdown_cell(item))
        else:
            output = nbformat.v4.new_output("display_data", data=item._repr_mimebundle_())
            made.append(nbformat.v4.new_code_cell("show(...)", outputs=[output]))
    path = folder / f"{number}_notebook.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    title = str(cells[0]).splitlines()[0].removeprefix("# ")
    return Chapter(number=number, name=path.stem, title=title, executed=path, status="done")


def dataset(root: Path) -> Dataset:
    return Dataset(
        root=root,
        year=2023,
        seed=1,
        title="年度报告",
        organisation=f"机构{HOSTILE}",
        author="编制部门",
        report_date=date(2024, 1, 15),
        allowed=(),
        period_start=date(2023, 1, 1),
        period_end=date(2023, 12, 31),
        midyear_check=None,
        scale_minimum=1,
        scale_maximum=5,
        thresholds=Thresholds(),
        feedback=(),
        tables={},
    )


def written(root: Path, *more: Chapter) -> str:
    first = executed(root, "11", background(scores()), scores())
    second = executed(root, "41", satisfaction(scores()), scores())
    return report(tell(dataset(root), [first, second, *more]))


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("paper"))


@pytest.fixture(scope="module")
def markup(paper: str) -> str:
    """The page without its scripts and styles."""
    return re.sub(r"(?s)<script.*?</script>|<style.*?</style>", "", paper)


def texts(html: str) -> str:
    return " ".join(unescape(re.sub(r"(?s)<[^>]+>", " ", html)).split())


def test_every_link_inside_the_report_leads_somewhere_and_ids_are_unique(markup: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', markup)
    assert len(ids) == len(set(ids))
    nav = re.search(r"(?s)<nav.*?</nav>", markup)[0]
    entries = re.findall(r'href="#([^"]+)"', nav)
    assert entries[:4] == ["summary", "part-1", "chapter-11", "chapter-11-s1"]
    assert {"chapter-41", "chapter-41-1", "detail-4-2", "ledger"} <= set(entries)
    assert set(re.findall(r'href="#([^"]+)"', markup)) <= set(ids)


def test_headings_skip_no_level_and_have_anchors(markup: str) -> None:
    found = re.findall(r"<h([1-6])([^>]*)>", markup)
    levels = [int(level) for level, _ in found]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    named = [attributes for level, attributes in found if level != "1" and "fb-groupname" not in attributes]
    assert all(' id="' in attributes for attributes in named)
    assert re.search(r'<h3 id="chapter-11">背景：为什么做？', markup)
    assert re.search(r'<h4 id="chapter-11-s1">数据', markup)
    assert re.search(r'<h5 id="chapter-11-s2">深处', markup)


def test_references_say_the_numbers_that_the_figures_bear(markup: str) -> None:
    borne = dict(
        re.findall(r'(?s)<figure class="fb-fig" id="([^"]+)".*?<span class="fb-fignum">([^<]+)<', markup)
    )
    assert borne == {"chapter-11-1": "图 1-1", "chapter-41-1": "图 4-1", "chapter-41-2": "图 4-2"}
    said = re.findall(r'<a class="fb-see" href="#([^"]+)">([^<]+)</a>', markup)
    assert dict(said) == {"chapter-41-1": "图 4-1", "chapter-11-1": "图 1-1"}


def test_only_figures_of_the_deck_link_to_it(markup: str) -> None:
    assert set(re.findall(r'href="deck\.html#/([^"]+)"', markup)) == {"chapter-11-1", "chapter-41-1"}


def test_a_chart_has_its_data_beneath_as_printed(markup: str) -> None:
    data = re.search(r'(?s)<details class="fb-data">.*?</details>', markup)[0]
    assert texts(data).endswith(
        "项目 数值 下限 上限 n 一线员工 40.0% 35.0% 45.0% 300 供应商 60.0% 52.0% 68.0% 200"
    )
    assert markup.count("图中数据") == 1


def test_a_chart_of_an_older_notebook_has_no_data_and_still_its_picture(tmp_path: Path) -> None:
    chapter = executed(tmp_path, "11", background(scores()), scores())
    other = executed(tmp_path, "41", satisfaction(scores()), scores())
    notebook = nbformat.read(chapter.executed, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.data.get(MIME, {"chart": {}})["chart"].pop("plot", None)
    nbformat.write(notebook, chapter.executed)
    page = report(tell(dataset(tmp_path), [chapter, other]))
    assert "图中数据" not in page
    assert '<div class="fb-chart"><svg' in page


def test_without_a_summary_slide_every_chapter_answers(markup: str) -> None:
    summary = re.search(r'(?s)<section class="fb-summary".*?</section>', markup)[0]
    assert "满意度 逐行的分数 −40.0 分" in texts(summary)
    assert "背景 占 40.0%" in texts(summary)


def test_the_summary_slide_stands_first_and_its_place_refers_to_it(tmp_path: Path) -> None:
    ledger = scores()
    slide = make_slide(
        "一句话 {share[all]}", topic="一页", ledger=ledger, place="summary", reading=["见 {see(评分)}"]
    )
    page = written(tmp_path, executed(tmp_path, "71", ["# 总结：说明什么？", slide], ledger))
    assert page.index("一句话") < page.index('id="part-1"') < page.index('id="chapter-71-1"')
    assert page.count('href="#chapter-41-1">图 4-1</a>') == 2
    assert re.search(r'<p class="fb-moved" id="chapter-71-1"><span class="fb-fignum">图 7-1</span>', page)


def test_failed_and_missing_notebooks_leave_a_gap_in_their_chapter(tmp_path: Path) -> None:
    missing = Chapter("51", "51_x", "根因：为什么？", None, "left out", "缺少 causes 表")
    page = written(tmp_path, missing)
    assert '<h3 id="chapter-51">' in page
    assert "本章缺少数据，未编入：缺少 causes 表" in page


def test_hostile_text_in_details_stays_text(paper: str) -> None:
    assert "<img" not in paper
    assert "alert(" not in "".join(re.findall(r"(?s)<script>(.*?)</script>", paper))
    assert paper.count("第7条原话，&lt;/script&gt;") == 1


def test_tables_have_captions_and_their_heads_a_scope(markup: str) -> None:
    tables = re.findall(r"(?s)<table.*?</table>", markup)
    assert len(tables) == 6
    assert all("<caption" in table for table in tables)
    assert all("scope=" in head for table in tables for head in re.findall(r"<th\b[^>]*>", table))


def test_only_columns_of_numbers_are_set_as_numbers(markup: str) -> None:
    detail = re.search(r'(?s)<div class="fb-detail"[^>]*id="detail-4-3".*?</thead>', markup)[0]
    assert re.findall(r'<th scope="col" class=fb-number>([^<]+)', detail) == ["分数"]


# In a browser


@pytest.fixture(scope="module")
def address(paper: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(paper, "utf-8")
    return path.as_uri()


def opened(browser: object, address: str, **options: object) -> object:
    page = browser.new_context(offline=True, **options).new_page()
    page.requests_made, page.complaints = [], []
    page.on("request", lambda request: page.requests_made.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(address)
    return page


@pytest.fixture
def wide(browser: object, address: str) -> Iterator[object]:
    page = opened(browser, address, viewport={"width": 1440, "height": 900})
    yield page
    page.context.close()


@pytest.fixture
def phone(browser: object, address: str) -> Iterator[object]:
    page = opened(browser, address, viewport={"width": 390, "height": 844})
    yield page
    page.context.close()


def column(box: object, number: int) -> list[str]:
    return box.locator(f"tbody td:nth-child({number})").all_inner_texts()


def choices(box: object, label: str) -> list[str]:
    return box.get_by_label(label, exact=True).locator("option").all_inner_texts()


@needs_chromium
def test_the_report_asks_for_nothing_and_complains_of_nothing(wide: object) -> None:
    assert [url for url in wide.requests_made if not url.startswith(("file:", "data:"))] == []
    assert wide.complaints == []


@needs_chromium
def test_searching_a_detail_announces_how_many_rows_are_left(wide: object) -> None:
    from playwright.sync_api import expect

    box = wide.locator("#detail-4-2")
    assert box.get_by_role("status").inner_text() == "共 100 条，显示前 25 条"
    box.get_by_label("搜索").fill("第7条原话 潜在")
    expect(box.get_by_role("status")).to_have_text("符合 0 条，共 100 条")
    assert column(box, 1) == ["没有符合的内容"]
    box.get_by_label("搜索").fill("第7条原话 普通")
    expect(box.get_by_role("status")).to_have_text("符合 1 条，共 100 条")
    assert column(box, 1) == ["普通客户"]
    box.get_by_role("button", name="清除").click()
    assert box.get_by_role("status").inner_text() == "共 100 条，显示前 25 条"
    assert box.get_by_label("搜索").input_value() == ""


@needs_chromium
def test_a_filter_offers_only_what_the_others_leave(wide: object) -> None:
    box, frame = wide.locator("#detail-4-1"), places()
    counts = frame["group"].value_counts()
    assert choices(box, "客户群")[0] == "不限（100）"
    assert sorted(choices(box, "客户群")[1:]) == sorted(f"{name}（{counts[name]}）" for name in GROUPS)
    box.get_by_label("客户群").select_option("=潜在客户")
    assert choices(box, "部门") == ["不限（33）", "市场部（33）"]
    assert choices(box, "地区") == ["不限（33）", "华南（33）"]
    box.get_by_label("客户群").select_option("=核心客户")
    assert choices(box, "部门") == ["不限（34）", "客户服务部（34）"]
    assert {name.split("（")[0] for name in choices(box, "地区")[1:]} == {"华北", "华东"}
    box.get_by_label("地区").select_option("=华东")
    left = frame.query("group == '核心客户' and region == '华东'")
    assert box.get_by_role("status").inner_text() == f"符合 {len(left)} 行，共 100 行"
    assert set(column(box, 3)) == {"华东"}


@needs_chromium
def test_a_column_of_names_is_no_filter(wide: object) -> None:
    labels = wide.locator("#detail-4-3 label").all_inner_texts()
    assert labels == ["搜索"]


@needs_chromium
@pytest.mark.parametrize("anchor", ["#detail-4-1", "#chapter-41-1"])
def test_numbers_are_sorted_as_numbers(wide: object, anchor: str) -> None:
    box = wide.locator(anchor)
    head = box.get_by_role("columnheader", name="净推荐值")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    values = [
        float(text.replace("−", "-").split()[0]) for text in box.locator("tbody data").all_inner_texts()
    ]
    assert values == sorted(values, reverse=True)
    assert len(values) >= 10
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    lowest = box.locator("tbody data").first.inner_text()
    assert lowest.startswith("−40.0")


@needs_chromium
def test_more_rows_come_when_asked_for(wide: object) -> None:
    box = wide.locator("#detail-4-1")
    box.get_by_role("button", name="再显示 50 行").click()
    assert len(column(box, 1)) == 75
    box.get_by_role("button", name="再显示 25 行").click()
    assert len(column(box, 1)) == 100
    assert box.locator(".fb-more").is_hidden()


@needs_chromium
def test_the_ledger_lists_every_record_and_its_numbers_answer(wide: object) -> None:
    box = wide.locator(".fb-ledger")
    assert box.get_by_role("status").inner_text() == "共 102 行，显示前 50 行"
    assert len(column(box, 1)) == 50
    box.get_by_label("指标").select_option("=share")
    assert column(box, 7) == [HOSTILE]
    assert column(box, 1) == ["一 · 背景"]
    box.locator("tbody data").click()
    assert "40.0%" in wide.locator("#fb-record").inner_text()


@needs_chromium
def test_the_contents_find_figures_and_mark_the_current_section(wide: object) -> None:
    from playwright.sync_api import expect

    wide.get_by_label("找标题或图表").fill("原话")
    assert wide.locator("nav .fb-hit:visible").all_inner_texts() == ["明细 4-2　全部原话"]
    assert wide.locator("nav .fb-found").inner_text() == "找到 1 处"
    wide.get_by_label("找标题或图表").fill("")
    wide.locator("#chapter-41").evaluate("heading => heading.scrollIntoView()")
    expect(wide.locator("nav [aria-current]")).to_have_attribute("href", "#chapter-41")


@needs_chromium
def test_the_page_never_scrolls_sideways_on_a_phone(browser: object, address: str) -> None:
    for width in (360, 390):
        page = opened(browser, address, viewport={"width": width, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.context.close()


@needs_chromium
def test_a_chart_on_a_phone_keeps_its_size_in_a_box_that_scrolls(phone: object) -> None:
    box = phone.get_by_role("region", name="图 1-1", exact=True)
    assert box.locator("svg").bounding_box()["width"] >= 620
    assert box.bounding_box()["width"] <= 390
    box.focus()
    assert phone.evaluate("document.activeElement.className") == "fb-chartbox"


@needs_chromium
def test_contents_fold_away_on_a_phone(phone: object) -> None:
    nav = phone.get_by_role("navigation", name="目录")
    assert nav.get_by_role("link").count() == 0
    nav.locator("summary").click()
    nav.get_by_role("link", name="满意度").click()
    assert nav.get_by_role("link").count() == 0
    assert phone.url.endswith("#chapter-41")


@needs_chromium
def test_without_scripts_everything_can_be_read(browser: object, address: str) -> None:
    page = opened(browser, address, java_script_enabled=False, viewport={"width": 1440, "height": 900})
    assert page.locator("#detail-4-2 tbody tr").count() == 100
    for text in ("第99条原话", "净推荐值明细", "深处", "满意度：评价如何？"):
        assert page.get_by_text(text).last.is_visible()
    assert page.locator(".fb-controls, .fb-sort").count() == 0
    assert page.get_by_role("navigation").get_by_role("link", name="账本").is_visible()
    page.context.close()


@needs_chromium
@pytest.mark.parametrize("has_scripts", [True, False])
def test_paper_shows_sixty_rows_and_says_where_the_rest_is(
    browser: object, address: str, has_scripts: bool
) -> None:
    page = opened(browser, address, java_script_enabled=has_scripts)
    if has_scripts:
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    box = page.locator("#detail-4-1")
    assert box.locator("tbody tr:visible").count() == 60
    assert box.get_by_text("其余见网页版").is_visible()
    assert page.locator(".fb-controls:visible, .fb-code:visible, .fb-more:visible").count() == 0
    page.context.close()

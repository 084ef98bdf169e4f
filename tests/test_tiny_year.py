"""Whole runs of years at the edge: hardly any rows, groups of a few people, hostile names, another's look."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pandas as pd
import pytest
import seeing
import test_own_year
from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.util import Emu
from python_calamine import CalamineWorkbook
from telling import story_of
from test_pptx import all_parts, refuse_repairs
from texts import text_of

from fbanalysis.colours import ACCENT, ALARM, tint
from fbanalysis.report.audit.readback import audit_report
from fbanalysis.report.slides import DETAIL_MIME, MIME
from fbanalysis.report.theme import font_file

ROOT = Path(__file__).parents[1]
FEWEST = 5
KINDS = ("建议", "表扬", "问题反映")
SAID_BY_FEW = "档案室的灯坏了三个月没有人来修理"
LOOKS_FORMAL = ("=1+1", "@SUM(A1)")
MARKUP = "<img src=x onerror=alert(1)>"
HOSTILE = [MARKUP, "</script><b>科", *LOOKS_FORMAL, "{metric[all]}", "门\x07部\x1f\x0b", "长" * 200, "😀部"]
SMALL, NEXT_SMALLEST = f"小层{MARKUP}", "{metric[all]}"
#: What 1, 1 and 2 come to: mean, standard deviation and the ends of the interval, at two decimals or more; then at one.
OF_FEW = r"(?<![\d.,])(?:1\.33\d*|0\.5773\d*|0\.58|2\.767\d*|2\.77|[−-]0\.101\d*|[−-]0\.10)(?!\d|\.\d)"
OF_FEW_IN_SHORT = r"(?<![\d.,])(?:1\.3|2\.8|[−-]0\.1)(?!\d|\.\d)"

ORGANISATION = test_own_year.CONFIG + test_own_year.MORE_COLUMNS
LOOK = """
[theme]
accent = "{accent}"
alarm = "{alarm}"
logo = "logo.png"
footer = "仅供内部 <传阅> & 存档"
font = "思源黑体"
font_file = "brand.ttf"
template = "{template}"
"""
FOOTER = "仅供内部 <传阅> & 存档"
SIDES = """
[feedback.constants]
side = "internal"
"""


@dataclass(frozen=True)
class Finished:
    """A run that ended well: what it printed, where its files are, and the rows it was given."""

    root: Path
    output: str
    rows: pd.DataFrame

    @property
    def folder(self) -> Path:
        return self.root / "reports" / "2024"

    def files(self, *suffixes: str) -> list[Path]:
        return sorted(
            path for path in self.folder.rglob("*.*") if path.suffix in suffixes and ".run" not in path.parts
        )

    def specs(self, mime: str = MIME) -> list[dict[str, Any]]:
        """The slides, or details, of all executed notebooks."""
        notebooks = [nbformat.read(path, as_version=4) for path in self.files(".ipynb")]
        outputs = [output for one in notebooks for cell in one.cells for output in cell.get("outputs", [])]
        return [output["data"][mime] for output in outputs if mime in output.get("data", {})]

    def records(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / "metrics.json").read_text("utf-8"))


def run_all(root: Path, **environment: str) -> str:
    """Make everything of the year in a folder; give what the run printed."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "run_all.py")],
        cwd=root,
        env=os.environ | {"FBANALYSIS_ROOT": str(root), "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]
    return run.stdout


def in_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the columns as the organisation's file does."""
    return rows.rename(columns={
        "id": "号", "day": "日期", "stratum": "身份", "kind": "类型", "score": "总分", "department": "部门",
        "topic": "话题", "area": "领域", "area_score": "领域分", "comment": "内容", "side": "内外",
    })  # fmt: skip


def spread(n: int) -> dict[str, list[object]]:
    """The columns that every made-up year has alike."""
    said = ("很好，办得快，谢谢窗口的同事", "太慢了，等了很久没有人理，请改一改", "一般，没有特别的意见要提")
    return {
        "id": list(range(n)),
        "day": [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(n)],
        "kind": [KINDS[i % 3] for i in range(n)],
        "comment": [f"第{i}回，食堂{said[i % 3]}。" for i in range(n)],
    }


def tiny_rows() -> pd.DataFrame:
    """Thirty people; three of them in one department, one in another."""
    rows = pd.DataFrame(spread(30)).assign(stratum="社工", area="网络", topic="排班")
    rows["department"] = ["大科"] * 26 + ["小科"] * 3 + ["独科"]
    rows["score"] = [3 + i % 3 for i in range(26)] + [1, 1, 2, 5]
    rows["area_score"] = rows["score"]
    rows.loc[26:28, "comment"] = [f"{SAID_BY_FEW}{tail}。" for tail in ("", "，冬天更暗", "，看不清")]
    return rows


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A year of thirty rows from one channel, and no other table."""
    root, rows = tmp_path_factory.mktemp("tiny"), tiny_rows()
    folder = root / "data" / "raw" / "2024"
    folder.mkdir(parents=True)
    in_columns(rows).to_csv(folder / "意见.csv", index=False)
    (folder / "dataset.toml").write_text(ORGANISATION + SIDES, "utf-8")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    return Finished(root, run_all(root), rows)


def hostile_rows() -> pd.DataFrame:
    """Ninety-two people with hostile names in every column; three people are the smallest stratum."""
    n = 92
    rows = pd.DataFrame(spread(n)).assign(side=["internal"] * 46 + ["external"] * 46)
    rows["stratum"] = [
        *[HOSTILE[0]] * 25,
        *[HOSTILE[1]] * 21,
        *["=1+1"] * 25,
        *[NEXT_SMALLEST] * 18,
        *[SMALL] * 3,
    ]
    rows["department"] = [HOSTILE[i % 8] for i in range(n)]
    rows["topic"] = [HOSTILE[(i + 3) % 8] for i in range(n)]
    rows["area"] = [HOSTILE[(i // 3) % 8] for i in range(n)]
    rows["score"] = [2 + (i * 7) % 4 for i in range(89)] + [1, 1, 2]
    rows["area_score"] = [2 + (i * 5) % 4 for i in range(n)]
    rows["comment"] = [
        f"{HOSTILE[i % 8]}：{text}" if i % 4 == 1 else text for i, text in enumerate(rows["comment"])
    ]
    rows.loc[89:, "comment"] = [f"{SAID_BY_FEW}{tail}。" for tail in ("", "，冬天更暗", "，看不清")]
    return rows


def write_tables(folder: Path, rows: pd.DataFrame) -> None:
    """Write last year's totals, the population and KPIs, named as badly."""
    people = rows[["side", "stratum"]].drop_duplicates().assign(population=200)
    people.to_csv(folder / "人数.csv", index=False)
    prior = [("satisfaction", name, 90, 3.1, 0.9, None) for name in ("总体满意度", *HOSTILE[:6])]
    prior += [("feedback_type", name, 90, None, None, 1 / 3) for name in KINDS]
    columns = ["metric", "stratum", "n", "mean", "sd", "share"]
    pd.DataFrame(prior, columns=columns).to_csv(folder / "去年.csv", index=False)
    columns = ["kpi", "department", "period", "direction", "unit", "target", "actual", "weight"]
    kpis = [
        [f"{name}率", name, "2024", "higher", "percent", 80, 75 + i, 1] for i, name in enumerate(HOSTILE[:5])
    ]
    pd.DataFrame(kpis, columns=columns).to_csv(folder / "指标.csv", index=False)


def write_brand(folder: Path) -> None:
    """Make a logo, a font and two PowerPoint templates: 4:3 as it comes, and 16:9 with names of its own."""
    Image.new("RGB", (640, 200), "#7A3E9D").save(folder / "logo.png")
    shutil.copy(font_file(), folder / "brand.ttf")
    for name, is_wide in (("old.pptx", False), ("wide.pptx", True)):
        deck = Presentation()
        if is_wide:
            deck.slide_width, deck.slide_height = Emu(12192000), Emu(6858000)
        for i, one in enumerate(deck.slide_layouts):
            one.name = f"品牌版式 {i}" if is_wide else one.name
        for one in list(deck.slide_layouts)[:3]:
            slide = deck.slides.add_slide(one)
            slide.shapes.title.text = "示例页"
            slide.shapes.add_picture(str(folder / "logo.png"), 0, 0)
            slide.notes_slide.notes_text_frame.text = "示例备注"
        deck.save(folder / name)


FURTHER = """
[tables.prior_year]
file = "去年.csv"
columns = { metric = "metric", stratum = "stratum", n = "n", mean = "mean", sd = "sd", share = "share" }
"""
FIRST_LOOK = {"accent": "#00594C", "alarm": "#B23A1E", "template": "old.pptx"}
SECOND_LOOK = {"accent": "#5B2A86", "alarm": "#A85A00", "template": "wide.pptx"}


def write_look(folder: Path, look: dict[str, str]) -> None:
    side = 'side = "内外"\n'
    text = ORGANISATION + side + test_own_year.TABLES + FURTHER + LOOK.format(**look)
    (folder / "dataset.toml").write_text(text, "utf-8")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A year with hostile names in every column, in another organisation's look."""
    root, rows = tmp_path_factory.mktemp("hostile"), hostile_rows()
    folder = root / "data" / "raw" / "2024"
    folder.mkdir(parents=True)
    in_columns(rows).to_csv(folder / "意见.csv", index=False)
    write_tables(folder, rows)
    write_brand(folder)
    write_look(folder, FIRST_LOOK)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    return Finished(root, run_all(root, FBANALYSIS_CHROMIUM=""), rows)


@pytest.fixture(scope="module")
def redressed(hostile: Finished, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The same year again, after nothing changed but its look."""
    root = tmp_path_factory.mktemp("redressed") / "root"
    shutil.copytree(hostile.root, root)
    write_look(root / "data" / "raw" / "2024", SECOND_LOOK)
    return Finished(root, run_all(root, FBANALYSIS_CHROMIUM=""), hostile.rows)


@pytest.fixture(params=["tiny", "hostile"])
def year(request: pytest.FixtureRequest) -> Finished:
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["hostile", "redressed"])
def dressed(request: pytest.FixtureRequest) -> tuple[Finished, dict[str, str]]:
    look = {"hostile": FIRST_LOOK, "redressed": SECOND_LOOK}[request.param]
    return request.getfixturevalue(request.param), look


# Everything is made, and says nothing that is not so


def test_every_file_is_made(year: Finished) -> None:
    wanted = {
        "deck.html",
        "report.html",
        "index.html",
        "report.pptx",
        "report.xlsx",
        "metrics.csv",
        "metrics.json",
    }
    if seeing.CHROMIUM and len(year.rows) == 30:
        wanted |= {"deck.pdf", "report.pdf", "contact-sheet.png"}
    assert wanted <= {path.name for path in year.folder.iterdir()}
    assert "失败" not in year.output


def for_readers(path: Path) -> str:
    """All text of a file but the code, and the frames below it, that the long report unfolds for analysts."""
    if path.suffix != ".html":
        return text_of(path)
    frames = r'(?s)<pre.*?</pre>|<table><caption class="fb-unseen">单元格的输出</caption>.*?</table>'
    text = re.sub(frames, " ", path.read_text("utf-8"))
    return seeing.visible_text(text)


def test_no_value_that_is_none_is_printed(year: Finished) -> None:
    word = r".{0,20}(?<![A-Za-z\"'])(?:nan|NaN|None|inf|NaT|undefined|null)(?![A-Za-z]).{0,20}"
    for path in year.files(".html", ".pptx", ".xlsx", ".pdf"):
        assert re.findall(word, for_readers(path)) == [], path.name
    assert "NaN" not in (year.folder / "metrics.json").read_text("utf-8")


def test_slides_and_sheets_are_as_many(year: Finished) -> None:
    sheets = re.findall(r'<section [^>]*class="fb-slide', (year.folder / "deck.html").read_text("utf-8"))
    assert len(Presentation(str(year.folder / "report.pptx")).slides) == len(sheets) > 20


def sentences(spec: dict[str, Any]) -> list[str]:
    """What a slide says besides its chart, table and quotes."""
    figures = [figure[part] for figure in spec["figures"] for part in ("value", "caption")]
    said = [
        spec["title"],
        spec["answer"],
        spec["source"],
        *figures,
        *(one["text"] for one in spec["reading"]),
    ]
    return ["".join(piece["text"] for piece in sentence) for sentence in said]


def test_no_sentence_speaks_of_what_is_not_there(year: Finished) -> None:
    """Chapters of few people leave out sentences and slides; no chart is empty."""
    absent = [one for spec in year.specs() for one in sentences(spec) if "（无" in one or "不公开）" in one]
    assert absent == []
    assert [sentences(spec)[0] for spec in year.specs() if spec["chart"] and not spec["chart"]["plot"]] == []


def test_a_chapter_without_its_table_says_which(tiny: Finished) -> None:
    deck = seeing.visible_text((tiny.folder / "deck.html").read_text("utf-8"))
    for table in ("tickets", "actions"):
        assert f"缺少表 {table}" in deck


def test_outlook_and_proof_know_the_chapters_of_the_same_run(tiny: Finished) -> None:
    told = {record["metric"]: record["value"] for record in tiny.records() if record["stratum"] == "all"}
    assert told["record_count"] > 50
    [summary] = [spec for spec in tiny.specs() if spec["place"] == "summary"]
    assert "总体满意度" in sentences(summary)[0]


@pytest.mark.parametrize("name", ["tiny", "hostile"])
def test_every_sheet_holds_its_text(name: str, request: pytest.FixtureRequest, browser: Any) -> None:
    page = browser.new_page()
    seeing.open_deck(page, (request.getfixturevalue(name).folder / "deck.html").as_uri())
    seen = seeing.walk(page, size=(1280, 720))
    page.close()
    assert {one.anchor: (one.outside, one.overlaps) for one in seen if one.outside or one.overlaps} == {}


def test_reading_the_files_back_finds_nothing(year: Finished) -> None:
    """Every number has its record, or a rule that lets it stand, in years at the edge too."""
    story = story_of(year.root, 2024)
    audit = audit_report(story, year.folder)
    assert [(one.place, one.rule, one.explanation) for one in audit.findings] == []


# Few people


def strings(value: object) -> Iterator[str]:
    """All texts and numbers in JSON; of a drawing its text only."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name not in ("png", "image/png", "cell", "tables", "decimals", "order", "aspect", "fit"):
                yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield seeing.visible_text(value) if re.match(r"\s*<", value) else value
    elif isinstance(value, float):
        yield repr(value)


def everything_said(path: Path) -> str:
    """All that a reader, or a program, gets out of a file."""
    text = path.read_text("utf-8") if path.suffix in (".html", ".csv", ".json", ".ipynb") else text_of(path)
    if path.suffix == ".html":
        embedded = re.findall(r"(?s)<script[^>]*application/json[^>]*>(.*?)</script>", text)
        named = re.findall(r'(?:aria-label|alt|title|data-[a-z-]+)="([^"]*)"', text)
        return "\n".join(
            [seeing.visible_text(text), *named, *(one for j in embedded for one in strings(json.loads(j)))]
        )
    return "\n".join(strings(json.loads(text))) if path.suffix in (".json", ".ipynb") else text


def test_estimates_of_few_people_are_in_no_file(year: Finished) -> None:
    """Thirty others come to the same short numbers nowhere; of more people some do."""
    wanted = OF_FEW if len(year.rows) > 30 else f"{OF_FEW}|{OF_FEW_IN_SHORT}"
    for path in year.files(".html", ".csv", ".json", ".ipynb", ".pptx", ".xlsx", ".pdf"):
        assert re.findall(f".{{0,40}}(?:{wanted}).{{0,20}}", everything_said(path)) == [], path.name


def hidden_of(year: Finished, metric: str, column: str, total: str, *, prefix: str = "") -> set[str]:
    """Names of groups without a record, once nothing can be subtracted from the total's record."""
    found = {record["stratum"]: record for record in year.records() if record["metric"] == metric}
    sizes = year.rows[column].str.replace(r"[\x00-\x1f]", "", regex=True).value_counts()
    hidden = {
        name for name in sizes.index if prefix + name.replace("/", "／") not in found and name not in found
    }
    people = sum(int(sizes[name]) for name in hidden)
    assert total in found or total in {record["stratum"] for record in year.records()}
    assert not hidden or (len(hidden) > 1 and people >= FEWEST), (hidden, people)
    assert {name for name, size in sizes.items() if size < FEWEST} <= hidden
    return hidden


def test_hidden_groups_cannot_be_found_by_subtraction(tiny: Finished, hostile: Finished) -> None:
    assert "小科" in hidden_of(tiny, "drill_mean", "department", "下钻/全部/全部", prefix="下钻/全部/")
    hidden_of(tiny, "department_satisfaction", "department", "总体满意度")
    assert hidden_of(hostile, "stratum_satisfaction", "stratum", "总体满意度") == {SMALL, NEXT_SMALLEST}


def test_quotes_of_few_people_do_not_name_them(hostile: Finished) -> None:
    """Neither does the label of the others tell by elimination who the unnamed are."""
    [detail] = [one for one in hostile.specs(DETAIL_MIME) if one["name"] == "更多原话"]
    who = [column["name"] for column in detail["columns"]].index("人群")
    rows = ["".join(piece["text"] for piece in row[who]) for row in detail["rows"]]
    said = ["".join(piece["text"] for piece in row[-1]) for row in detail["rows"]]
    quoted = [name for name, text in zip(rows, said, strict=True) if SAID_BY_FEW in text]
    assert quoted
    assert set(quoted) == {"不公开"}
    assert not {name for name in rows if name.startswith("小层") or "metric" in name}
    assert len(set(rows)) > 1


# Texts stay texts


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes, those of embedded HTML documents too."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_markup_opens_no_element(hostile: Finished) -> None:
    shown = 0
    for path in hostile.files(".html"):
        text = path.read_text("utf-8")
        page = Elements()
        page.feed(text)
        handled = [
            (tag, name) for tag, attributes in page.found for name in attributes if name.startswith("on")
        ]
        assert handled == [], path.name
        assert [tag for tag, attributes in page.found if attributes.get("src") == "x"] == []
        assert not any("alert(1)" in body for body in re.findall(r"(?s)<script>(.*?)</script>", text))
        shown += seeing.visible_text(text).count(MARKUP)
    assert shown > 5, "the names are there, as text"


def test_no_control_character_comes_through(hostile: Finished) -> None:
    for path in hostile.files(".html", ".csv", ".json", ".pptx", ".xlsx"):
        said = for_readers(path) if path.suffix == ".html" else text_of(path)
        assert re.findall(r".{0,20}[\x00-\x08\x0b\x0c\x0e-\x1f].{0,9}", said) == [], path.name


def test_displays_of_the_notebooks_open_nothing(hostile: Finished) -> None:
    for path in hostile.files(".ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                assert "<img src=x" not in "".join(output.get("data", {}).get("text/html", ""))


def workbooks(hostile: Finished) -> list[tuple[str, bytes]]:
    """The workbook, and those that PowerPoint opens for the data of a chart."""
    embedded = [(n, c) for n, c in all_parts(hostile.folder / "report.pptx").items() if n.endswith(".xlsx")]
    return [("report.xlsx", (hostile.folder / "report.xlsx").read_bytes()), *embedded]


def test_no_workbook_holds_a_formula(hostile: Finished) -> None:
    books = workbooks(hostile)
    assert len(books) > 5
    for name, content in books:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets = [one for one in archive.namelist() if one.startswith("xl/worksheets/sheet")]
            assert not [one for one in sheets if re.search(rb"<f[ >/]", archive.read(one))], name
        openpyxl.load_workbook(io.BytesIO(content))
        calamine = CalamineWorkbook.from_filelike(io.BytesIO(content))
        assert [calamine.get_sheet_by_name(one).to_python() for one in calamine.sheet_names]


def test_no_cell_of_the_csv_begins_like_a_formula(hostile: Finished) -> None:
    text = (hostile.folder / "metrics.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["stratum"] for row in rows if row["stratum"].startswith(("=", "@", "+"))] == []
    assert any("=1+1" in row["stratum"] for row in rows)


def test_office_has_nothing_to_repair(dressed: tuple[Finished, dict[str, str]]) -> None:
    refuse_repairs(dressed[0].folder / "report.pptx")
    for name, content in all_parts(dressed[0].folder / "report.xlsx").items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)


# Another organisation's look


def colours_in(path: Path) -> set[str]:
    """All colours that a file names, in small letters and without the number sign."""
    if path.suffix == ".html":
        text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", path.read_text("utf-8"))
        return {one.lower() for one in re.findall(r"#([0-9A-Fa-f]{6})\b", text)}
    texts = [one.decode("utf-8") for name, one in all_parts(path).items() if name.endswith(".xml")]
    found = re.findall(r'(?:val|rgb|lastClr)="(?:FF)?([0-9A-Fa-f]{6})"', "\n".join(texts))
    return {one.lower() for one in found}


def test_the_new_colours_are_everywhere_and_the_old_nowhere(dressed: tuple[Finished, dict[str, str]]) -> None:
    year, look = dressed
    other = SECOND_LOOK if look is FIRST_LOOK else FIRST_LOOK
    ours = [
        ACCENT,
        ALARM,
        *(tint(one, strength=part) for one in (ACCENT, ALARM) for part in (0.05, 0.09, 0.1, 0.2)),
    ]
    old = {one.removeprefix("#").lower() for one in (*ours, other["accent"], other["alarm"])}
    for path in year.files(".html", ".pptx", ".xlsx"):
        found = colours_in(path)
        assert not found & old, path.name
        assert look["accent"].removeprefix("#").lower() in found, path.name
    charts = [
        c for n, c in all_parts(year.folder / "report.pptx").items() if n.startswith("ppt/charts/chart")
    ]
    assert any(look["accent"].removeprefix("#").encode() in one.upper() for one in charts)


def test_logo_and_footer_stand_on_every_sheet(dressed: tuple[Finished, dict[str, str]]) -> None:
    folder = dressed[0].folder
    page = Elements()
    page.feed((folder / "deck.html").read_text("utf-8"))
    logos = [attributes for tag, attributes in page.found if tag == "img" and "logo" in str(attributes)]
    assert logos
    assert all(one.get("alt") for one in logos)
    deck = Presentation(str(folder / "report.pptx"))
    said = seeing.visible_text((folder / "deck.html").read_text("utf-8"))
    assert said.count(FOOTER) >= len(deck.slides) - 1
    unfooted = [i for i, slide in enumerate(deck.slides) if FOOTER not in "\n".join(shown_texts(slide))]
    assert len(unfooted) <= 1, unfooted


def shown_texts(slide: Any) -> list[str]:
    """Texts of a slide, and those that it shows of its layout and master."""
    own = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    below = [*slide.slide_layout.shapes, *slide.slide_layout.slide_master.shapes]
    return own + [one.text_frame.text for one in below if one.has_text_frame and not one.is_placeholder]


def test_an_own_template_is_used_and_its_samples_are_gone(dressed: tuple[Finished, dict[str, str]]) -> None:
    year, look = dressed
    file = year.folder / "report.pptx"
    given = Presentation(str(year.root / "data" / "raw" / "2024" / look["template"]))
    deck = Presentation(str(file))
    assert (deck.slide_width, deck.slide_height) == (given.slide_width, given.slide_height)
    assert {slide.slide_layout.name for slide in deck.slides} <= {one.name for one in given.slide_layouts}
    parts = all_parts(file)
    assert not [name for name, content in parts.items() if "示例".encode() in content]
    assert set(orphans(file)) == set()


def orphans(file: Path) -> set[str]:
    """Parts to which no relationship leads."""
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        found, queue = set(), [""]
        while queue:
            part = queue.pop()
            folder, _, name = part.rpartition("/")
            rels = f"{folder}/_rels/{name}.rels".lstrip("/")
            for one in etree.fromstring(archive.read(rels)) if rels in names else ():
                if one.get("TargetMode") == "External":
                    continue
                target = os.path.normpath(os.path.join("/", folder, one.get("Target"))).lstrip("/")
                if target not in found:
                    found.add(target)
                    queue.append(target)
    return {name for name in names - found if not name.endswith(".rels") and name != "[Content_Types].xml"}


def test_the_font_given_is_measured_drawn_and_named(hostile: Finished) -> None:
    deck = (hostile.folder / "deck.html").read_text("utf-8")
    assert "思源黑体" in deck
    fonts = "\n".join(
        c.decode() for n, c in all_parts(hostile.folder / "report.pptx").items() if n.endswith(".xml")
    )
    assert 'typeface="思源黑体"' in fonts


def test_charts_are_drawn_again_when_only_the_look_changed(hostile: Finished, redressed: Finished) -> None:
    chapters = [path.stem for path in hostile.files(".ipynb")]
    assert len(chapters) >= 8
    assert [name for name in chapters if f"完成　{name}" not in redressed.output] == []
    assert "完成　批注原文" not in redressed.output, "nothing but the look changed"

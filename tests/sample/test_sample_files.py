"""The sample years' files: their bytes, their dirt, their settings, and where personal data stands."""

import csv
import io
import re
import tomllib
import zipfile
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import pandas as pd
import pytest
from openpyxl import load_workbook

from fbanalysis.sample.__main__ import main
from fbanalysis.sample.delivery.exports import EXPORTS, MOST_IN_A_SHEET, ONLINE_RATINGS, at_size
from fbanalysis.sample.delivery.workbooks import Sheet, csv_bytes, workbook_bytes
from fbanalysis.sample.files import LAYOUTS, delivered, draw_year, personal_data_key, year_files
from fbanalysis.sample.plans import PLANS
from fbanalysis.schema import TABLES

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data" / "raw"
KEY = ROOT / "tests" / "personal_data.csv"
YEARS = sorted(PLANS)
#: Refused rows of feedback: spoiled copies, and a footer in two files.
FAULTY_ROWS = {2023: 25 + 2, 2022: 13 + 2}
COMMON = {
    "population",
    "margins",
    "kpis",
    "operations",
    "departments",
    "holidays",
    "tickets",
    "ticket_steps",
    "customers",
    "nps",
    "ratings",
    "codings",
}
KINDS = {"姓名", "电话", "身份证", "卡号", "邮箱", "地址", "车牌", "微信", "QQ"}

# ------------------------------------------------------------------ bytes


def test_same_bytes_at_every_run(made):
    assert year_files(2022) == made[2022]


def test_workbooks_carry_no_clock(made):
    books = [name for name in made[2023] if name.endswith(".xlsx")]
    assert len(books) >= 6
    for name in books:
        with zipfile.ZipFile(io.BytesIO(made[2023][name])) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(2024, 1, 2, 8, 0, 0)}
            assert archive.read("docProps/core.xml").count(b"2024-01-02T08:00:00Z") == 2


def test_a_year_fits_into_a_repository(made):
    sizes = [len(content) for files in made.values() for content in files.values()]
    assert sum(sizes) < 8_000_000
    assert max(sizes) < 2_000_000


def canonical(book: zipfile.ZipFile, part: str) -> str:
    """Give a part as canonical XML: how openpyxl orders name spaces depends on whether lxml is installed."""
    return canonicalize(book.read(part).decode("utf-8"))


@pytest.mark.parametrize("year", YEARS)
def test_delivered_sample_is_the_generated_one(made, year):
    assert {path.name for path in (RAW / str(year)).iterdir()} == set(made[year])
    for name, content in made[year].items():
        stored = (RAW / str(year) / name).read_bytes()
        if name.endswith(".xlsx"):  # the bytes of a zip depend on the zlib at hand
            new, old = (zipfile.ZipFile(io.BytesIO(book)) for book in (content, stored))
            assert {part: canonical(new, part) for part in new.namelist()} == {
                part: canonical(old, part) for part in old.namelist()
            }
        else:
            assert stored == content


def test_workbook_keeps_texts_numbers_and_times():
    times = [pd.Timestamp("2023-05-15 09:03:22").to_pydatetime(), ""]
    days = [pd.Timestamp("2023-05-15").date(), "待补"]
    frame = pd.DataFrame(
        {"a": ["  <&> 'x'\n", "007"], "b": ["12", "4.5"], "t": times, "d": days}, dtype=object
    )
    sheets = [Sheet("一", frame, title="标题", groups=(("左", 3), ("右", 1))), Sheet("二", frame.iloc[:0])]
    book = load_workbook(io.BytesIO(workbook_bytes(sheets)))
    first, second = book.worksheets
    assert [cell.value for cell in first[2]] == ["左", None, None, "右"]
    assert {str(area) for area in first.merged_cells.ranges} == {"A1:D1", "A2:C2"}
    assert [cell.value for cell in first[4]] == [
        "  <&> 'x'\n",
        12,
        times[0],
        pd.Timestamp("2023-05-15").to_pydatetime(),
    ]
    assert [cell.value for cell in first[5]] == ["007", 4.5, None, "待补"]
    assert second.dimensions == "A1:D1"


def test_blank_line_stands_between_records():
    frame = pd.DataFrame({"a": ["1", "2", "3"]})
    assert csv_bytes(frame, encoding="utf-8", line_end="\r\n", blank_after=2) == b"a\r\n1\r\n2\r\n\r\n3\r\n"


# ------------------------------------------------------------------ the files and their settings


def test_years_deliver_their_tables(made, settings):
    assert set(settings[2022]["tables"]) == COMMON
    deliverable = set(TABLES) - {"feedback", "resubmissions", "comments", "sentiment_checks", "prior_year"}
    assert set(settings[2023]["tables"]) == deliverable
    for year, files in made.items():
        blocks = [block for table in settings[year]["tables"].values() for block in as_list(table)]
        named = {source["file"] for source in [*settings[year]["feedback"], *blocks]}
        assert set(files) == named | {"dataset.toml"}


def as_list(block: dict | list) -> list[dict]:
    return block if isinstance(block, list) else [block]


def test_layouts_know_the_columns_of_their_tables():
    for name, layouts in LAYOUTS.items():
        for layout in layouts if isinstance(layouts, tuple) else (layouts,):
            given = {*layout.headers, *layout.constants}
            given |= {layout.melt.name, layout.melt.value} if layout.melt else set()
            assert given <= set(TABLES[name].columns), name
            assert set(TABLES[name].required) <= given, name
            assert {*layout.values, *layout.formats} <= set(layout.headers), name


def test_encodings_differ_by_source(made):
    assert made[2023]["社交媒体.csv"].startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        made[2023]["热线记录.csv"].decode("utf-8")
    assert "来电编号" in made[2023]["热线记录.csv"].decode("gb18030")


def test_questionnaire_looks_like_a_survey_tools_export(made):
    raw = pd.read_excel(
        io.BytesIO(made[2023]["在线问卷.xlsx"]), dtype=str, na_filter=False, engine="calamine"
    )
    fixed = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
    assert raw.columns[:6].tolist() == fixed
    assert raw.columns[-1] == "总分"
    assert raw["所用时间"].str.fullmatch(r"\d+秒").all()
    assert raw["来自IP"].str.fullmatch(r"(192\.0\.2|198\.51\.100)\.\d+").all()
    assert raw["14、具体涉及哪些方面？（多选）"].str.contains("┋").mean() > 0.15
    assert sum("11、各方面评价—" in header for header in raw) == 8


@pytest.mark.parametrize("sheet", ["访谈记录", "焦点小组"])
def test_notes_have_two_rows_of_headings(made, sheet):
    book = load_workbook(io.BytesIO(made[2023]["访谈与座谈.xlsx"]))[sheet]
    assert {"A1:R1", "A2:J2", "K2:O2", "P2:R2"} == {str(area) for area in book.merged_cells.ranges}
    assert [cell.value for cell in book[2] if cell.value] == ["基本信息", "评价", "内容"]
    assert book["A3"].value in ("记录编号", "发言编号")


def test_settings_say_how_to_read_each_file(settings):
    sources = {source["channel"]: source for source in settings[2023]["feedback"]}
    assert sources["在线问卷调查"]["list_separator"] == "┋"
    assert sources["在线问卷调查"]["units"] == {"duration_seconds": "秒"}
    assert sources["面对面深度访谈"]["header_row"] == 3
    assert sources["客户服务热线"]["encoding"] == "gb18030"
    ratings = settings[2023]["tables"]["ratings"]
    assert ratings[0]["file"] == sources["在线问卷调查"]["file"]
    assert ratings[0]["melt"]["headers"]["系统稳定"] == "11、各方面评价—系统稳定"
    assert len(ratings) > 1


def test_hotline_has_seconds_odd_spaces_and_a_footer(made):
    lines = made[2023]["热线记录.csv"].decode("gb18030").split("\r\n")
    rows = list(csv.reader(lines))
    assert rows[-2][0].startswith("导出时间：")
    assert set(rows[-2][1:]) == {""}
    cells = [cell for row in rows[1:-2] for cell in row]
    assert sum(cell != cell.strip() for cell in cells) > 40
    assert any(cell.strip(" ") != cell.strip() for cell in cells)
    assert sum(bool(re.search(r"\d\d:\d\d:\d\d", row[1])) for row in rows[1:-2]) > 350


def test_social_media_has_emoji_and_a_blank_line(made):
    text = made[2023]["社交媒体.csv"].decode("utf-8-sig")
    assert len(re.findall("[\U0001f300-\U0001faff]", text)) > 30
    assert [] in list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("year", YEARS)
def test_faulty_rows_come_on_top(raw, good, again, year):
    assert len(good[year]) == PLANS[year].size
    assert (~raw[year]["is_good"]).sum() == FAULTY_ROWS[year]
    assert len(raw[year]) == len(good[year]) + len(again[year]) + FAULTY_ROWS[year]


def test_every_kind_of_fault_is_there(raw):
    bad = raw[2023][~raw[2023]["is_good"]]
    footers = bad["feedback_id"].str.contains("导出时间|^注")
    assert footers.sum() == 2
    bad = bad[~footers]
    assert bad["submitted_at"].isna().sum() == 5
    assert (bad["submitted_at"].dt.year == 2024).sum() == 3
    assert (~bad["side"].isin(["internal", "external"])).sum() == 4
    assert (bad["kind"] == "").sum() == 4
    assert raw[2023]["feedback_id"].duplicated().sum() == 3
    assert bad.loc[bad["overall_score"].isna() | ~bad["overall_score"].between(1, 5)].shape[0] == 5


def test_refused_rows_answer_no_matrix_question(answers, good):
    for year, table in answers.items():
        assert set(table.index) <= set(good[year]["respondent_id"])


@pytest.mark.parametrize("year", YEARS)
def test_files_hold_the_tables_that_were_drawn(drawn, tables, year):
    """Whoever drops the refused rows finds every drawn value again."""
    for name, table in drawn[year].tables.items():
        found = tables[year][name]
        assert len(found) >= len(table), name
        key = TABLES[name].key
        if key and name != "ratings":
            wanted = {tuple(map(plain, row)) for row in table[list(key)].itertuples(index=False)}
            there = {tuple(map(plain, row)) for row in found[list(key)].itertuples(index=False)}
            assert wanted <= there, name


def plain(value: object) -> str:
    """Write a day or a number in one way, whoever wrote it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    text = str(value).removesuffix(".0")
    return text[:10] if re.match(r"\d{4}-\d\d-\d\d", text) else text


# ------------------------------------------------------------------ personal data


def lines_of(content: bytes, *, file: str, sheet: str) -> dict[int, list[str]]:
    """Number the rows of a file as a person does who opens it."""
    if file.endswith(".xlsx"):
        rows = load_workbook(io.BytesIO(content), read_only=True)[sheet or "Sheet1"].iter_rows(
            values_only=True
        )
        return {place: [str(cell) for cell in row if cell] for place, row in enumerate(rows, start=1)}
    encoding = "gb18030" if file == "热线记录.csv" else "utf-8-sig"
    return dict(enumerate(csv.reader(io.StringIO(content.decode(encoding), newline="")), start=1))


@pytest.mark.parametrize("year", YEARS)
def test_key_finds_all_personal_data(deliveries, year):
    key, files = deliveries[year].key, deliveries[year].files
    assert set(key["kind"]) == KINDS
    assert key.drop_duplicates(["kind", "text"])["kind"].value_counts().min() >= 6
    for (file, sheet), rows in key.groupby(["file", "sheet"]):
        lines = lines_of(files[file], file=file, sheet=sheet)
        for row in rows.itertuples():
            assert any(row.text in cell for cell in lines[row.row]), row


@pytest.mark.parametrize("year", YEARS)
def test_personal_data_stands_nowhere_else(deliveries, year):
    key, files = deliveries[year].key, deliveries[year].files
    known = set(zip(key["file"], key["sheet"], key["row"], strict=True))
    pieces = re.compile("|".join(re.escape(text) for text in sorted(set(key["text"]), key=len, reverse=True)))
    for file, sheet in {(file, sheet) for file, sheet, _ in known} | {("热线记录.csv", "")}:
        for place, cells in lines_of(files[file], file=file, sheet=sheet).items():
            if any(pieces.search(cell) for cell in cells):
                assert (file, sheet, place) in known, (file, sheet, place)


def test_stored_key_is_the_generated_one(deliveries):
    stored = pd.read_csv(KEY, dtype=str, keep_default_na=False)
    parts = [deliveries[year].key.astype(str).assign(year=str(year)) for year in YEARS]
    pd.testing.assert_frame_equal(
        stored, pd.concat(parts, ignore_index=True)[stored.columns], check_dtype=False
    )


def test_key_can_be_had_for_one_year(deliveries):
    pd.testing.assert_frame_equal(personal_data_key(2022), deliveries[2022].key)


# ------------------------------------------------------------------ any number of rows, command line


def test_large_sheets_become_csv_files():
    many = MOST_IN_A_SHEET + 1
    assert at_size(EXPORTS[0], rows=MOST_IN_A_SHEET) is EXPORTS[0]
    assert at_size(EXPORTS[0], rows=many).file == "在线问卷.csv"
    assert at_size(ONLINE_RATINGS, rows=many).file == "在线问卷.csv"
    notes = at_size(EXPORTS[1], rows=many)
    assert (notes.file, notes.sheet, notes.header_row) == ("访谈与座谈-访谈记录.csv", None, 1)


def test_small_year_holds_together():
    small = draw_year(2023, rows=600, seed=11)
    files = delivered(small).files
    settings = tomllib.loads(files["dataset.toml"].decode())
    assert set(settings["tables"]) == set(small.tables)
    first = small.items["first"]
    assert (first.isna().sum(), first.notna().sum()) == (600, 34)


def test_command_line_writes_one_year(tmp_path, capsys):
    main(["--year", "2022", "--rows", "300", "--out", str(tmp_path), "--key", str(tmp_path / "key.csv")])
    assert {path.name for path in tmp_path.iterdir()} == {"2022", "key.csv"}
    said = capsys.readouterr().out
    assert "2022：" in said
    assert "互不相同的评论占比" in said
    key = pd.read_csv(tmp_path / "key.csv")
    assert key.columns.tolist() == ["year", "file", "sheet", "row", "kind", "text"]


def test_command_line_refuses_too_few_rows(capsys):
    with pytest.raises(SystemExit):
        main(["--rows", "20"])
    assert "至少 200 条" in capsys.readouterr().err

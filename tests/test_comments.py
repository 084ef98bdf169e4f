"""Comments beside notebooks: read, out of date when their numbers move, confirmed without touching the rest."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import nbformat
import openpyxl
import pytest
from pptx import Presentation

from fbanalysis.dataset import Dataset, Thresholds
from fbanalysis.errors import ConfigError, UsageError, WordingError
from fbanalysis.report.comments import (
    CONFIRMED,
    GONE,
    OUT_OF_DATE,
    UNCONFIRMED,
    Comment,
    confirm,
    judge,
    ledger_for,
    read_comments,
    refuse_typed_comments,
)
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.pptx import write_pptx
from fbanalysis.report.publishing import publish
from fbanalysis.report.slides import make_slide
from fbanalysis.report.story import Chapter, Story, tell
from fbanalysis.report.workbook import write_workbook

NAME = "41_satisfaction"
HOSTILE = "<img src=x onerror=alert(x)>"
ONE = """
[[comment]]
year = 2023
slide = "各领域"
author = "体验部"
text = "产品满意度 {mean[产品]}，与新版本同期。"
"""


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / f"{NAME}.ipynb").write_text("{}", "utf-8")
    return Dataset(
        root=tmp_path,
        year=2023,
        seed=1,
        title="年度报告",
        organisation="机构",
        author="编制部门",
        report_date=date(2024, 1, 15),
        allowed=("P0",),
        period_start=date(2023, 1, 1),
        period_end=date(2023, 12, 31),
        midyear_check=None,
        scale_minimum=1,
        scale_maximum=5,
        thresholds=Thresholds(),
        feedback=(),
        tables={},
    )


@pytest.fixture
def write(dataset: Dataset) -> Callable[..., Path]:
    """Give a function that writes the comments beside the notebook and gives the folder."""

    def write(text: str, *, name: str = NAME) -> Path:
        folder = dataset.root / "notebooks"
        (folder / f"{name}.comments.toml").write_text(text, "utf-8")
        return folder

    return write


def ledger_of(dataset: Dataset, value: float = 4.2, *, spread: float = 0.04) -> Ledger:
    """A ledger with one mean of 4.2 and an interval of ``spread`` on both sides, and two counts."""
    made = Ledger()
    ends = {"low": value - spread, "high": value + spread}
    made.note("mean", "产品", value, unit="score", method="均值；t 区间", n=1256, **ends)
    made.note("mean", "服务", value + 0.5, unit="score", method="均值；t 区间", n=1103, low=4.6, high=4.8)
    made.note("n", "all", 3528, unit="count", method="计数")
    return ledger_for(dataset, made)


def comment(text: str = "{mean[产品]}", **given: object) -> Comment:
    return Comment(NAME, "41-1", "notebooks/41.comments.toml 第 1 条评注", 2023, text, **given)


# Reading


def test_only_the_years_comments_are_read_in_order(write: Callable[..., Path]) -> None:
    folder = write(ONE + ONE.replace("2023", "2022") + ONE.replace("体验部", "客服部"))
    read = read_comments(folder, 2023)
    assert [(one.name, one.author, one.slide) for one in read] == [
        ("41-1", "体验部", "各领域"),
        ("41-3", "客服部", "各领域"),
    ]
    assert [one.name for one in read_comments(folder, 2022)] == ["41-2"]
    assert read_comments(folder, 2021) == []


def test_a_file_without_comments_is_no_fault(write: Callable[..., Path]) -> None:
    assert read_comments(write("# 还没有\n"), 2023) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[comment]]\nyear = 2023\ntxet = 'x'", r"notebooks/41_satisfaction.comments.toml 第 3 行.*「txet」.*是否想写「text」.*author"),
        ("[[comment]]\nyear = 2023", "缺少必需的「text」"),
        ("[[comment]]\nyear = '2023'\ntext = 'x'", "「year」应为整数"),
        ("[[comment]]\nyear = 2023\ntext = ''", "「text」应为文字"),
        ("[comment]\nyear = 2023\ntext = 'x'", "「comment」应为若干节"),
        ("[[coment]]\nyear = 2023\ntext = 'x'", "不认识的键「coment」"),
        ("[[comment]]\nyear = 2023\ntext = “x”", "第 3 行：.*全角符号"),
        (ONE + "[comment.confirmed]\n'mean[产品]' = 4.2", "「mean\\[产品\\]」应为文字"),
    ],
)  # fmt: skip
def test_a_wrong_file_names_line_and_what_is_allowed(
    text: str, says: str, write: Callable[..., Path]
) -> None:
    with pytest.raises(ConfigError, match=says):
        read_comments(write(text), 2023)


def test_a_file_beside_no_notebook_is_named(write: Callable[..., Path]) -> None:
    with pytest.raises(WordingError, match=r"41_satisfactoin\.ipynb.*「41_satisfaction」"):
        read_comments(write(ONE, name="41_satisfactoin"), 2023)


# Judging


def test_a_comment_never_confirmed_waits(dataset: Dataset) -> None:
    [remark] = judge([comment()], ledger_of(dataset))
    said = remark.sentence.plain.replace("\u202f", " ")
    assert (remark.status, said, remark.keys) == (UNCONFIRMED, "4.2 分", ("mean[产品]",))
    assert remark.heading == "评注 · 待确认"


def test_a_comment_without_numbers_has_nothing_to_confirm(dataset: Dataset) -> None:
    [remark] = judge([comment("两组人不同，见{see(代表性)}。")], ledger_of(dataset))
    assert remark.status == CONFIRMED


@pytest.mark.parametrize(
    ("value", "spread", "status", "reach"),
    [
        (4.2, 0.04, CONFIRMED, None),
        (4.24, 0.04, CONFIRMED, None),
        (4.26, 0.08, OUT_OF_DATE, "仍在区间之内"),
        (4.26, 0.04, OUT_OF_DATE, "也超出区间"),
        (3.9, 0.04, OUT_OF_DATE, "也超出区间"),
    ],
    ids=["same", "within the rounding", "beyond the rounding", "beyond the interval", "far down"],
)
def test_a_number_that_moves_beyond_its_rounding_makes_the_comment_out_of_date(
    value: float, spread: float, status: str, reach: str | None, dataset: Dataset
) -> None:
    known = comment(confirmed={"mean[产品]": "4.2 分"})
    [remark] = judge([known], ledger_of(dataset, value, spread=spread))
    assert remark.status == status
    if reach is None:
        assert remark.caution == ""
    else:
        assert remark.caution.startswith(f"mean[产品]：确认时 4.2 分，现在 {value:.1f}")
        assert reach in remark.caution


def test_words_that_change_make_it_out_of_date_too(dataset: Dataset) -> None:
    first = "highest(mean)"
    known = comment("{highest(mean)}", confirmed={first: "服务最高（4.7 分）"})
    assert judge([known], ledger_of(dataset))[0].status == CONFIRMED
    [remark] = judge([known], ledger_of(dataset, 4.6))
    assert remark.status == OUT_OF_DATE
    assert "说法变了" in remark.caution


def test_counts_have_no_interval_and_units_may_change(dataset: Dataset) -> None:
    ledger = ledger_of(dataset)
    [count] = judge([comment("{n[all]}", confirmed={"n[all]": "3,500"})], ledger)
    assert "确认时 3,500，现在 3,528（超出取整，没有区间）" in count.caution
    [unit] = judge([comment(confirmed={"mean[产品]": "84%"})], ledger)
    assert "内容变了" in unit.caution


def test_a_record_that_is_gone_makes_it_out_of_date_and_was_never_there_is_a_fault(dataset: Dataset) -> None:
    known = comment("曾有 {old[x]} 条，现在 {n[all]} 条", confirmed={"old[x]": "9", "n[all]": "3,528"})
    [remark] = judge([known], ledger_of(dataset))
    assert remark.status == OUT_OF_DATE
    assert GONE in remark.sentence.plain
    assert "3,528" in remark.sentence.plain
    with pytest.raises(WordingError, match=r"41.comments.toml 第 1 条评注.*账本里没有.*old.*已有的指标"):
        judge([comment("{old[x]}")], ledger_of(dataset))


def test_braces_that_nobody_can_read_name_the_comment(dataset: Dataset) -> None:
    for text in ("{mean[产品]", "{不懂}", "{hihgest(mean)}"):
        with pytest.raises(WordingError, match="第 1 条评注"):
            judge([comment(text)], ledger_of(dataset))


def test_typed_numbers_and_earned_words_stop_the_final_build(dataset: Dataset) -> None:
    remarks = judge([comment("涨了 3 成，显著变好，P0 不算")], ledger_of(dataset), allowed=("P0",))
    with pytest.raises(WordingError, match=r"2 处.*第 1 条评注：3.*第 1 条评注：显著"):
        refuse_typed_comments(remarks)
    refuse_typed_comments(judge([comment("{n[all]} 条")], ledger_of(dataset)))


# Confirming


LAID_OUT = """# 组里约定：每季看一遍
[[comment]]
year = 2023            # 今年
text = "均值 {mean[产品]}"   # 先写均值
# 这一行说明上面一条

# 下面一条是客服部的
[[comment]]
year = 2022
text = "去年的 {mean[产品]}"

[[comment]]
text = '{n[all]} 条，{mean[服务]}'
year = 2023
[comment.confirmed]
"gone[x]" = "1"
"n[all]" = "3,000"   # 暂估
"""


def test_confirming_keeps_layout_and_remarks(dataset: Dataset, write: Callable[..., Path]) -> None:
    folder = write(LAID_OUT)
    done = confirm(folder, 2023, ledger_of(dataset))
    assert [(one.comment.name, one.status) for one in done] == [("41-1", CONFIRMED), ("41-3", CONFIRMED)]
    expected = LAID_OUT.replace(
        "# 这一行说明上面一条\n", '# 这一行说明上面一条\n\n[comment.confirmed]\n"mean[产品]" = "4.2 分"\n'
    )
    expected = expected.replace('"gone[x]" = "1"\n', "").replace('"3,000"', '"3,528"')
    text = (folder / f"{NAME}.comments.toml").read_text("utf-8")
    assert text == expected + '"mean[服务]" = "4.7 分"\n'


def test_new_keys_stand_with_the_old_ones_not_behind_the_next_comments_remarks(
    dataset: Dataset, write: Callable[..., Path]
) -> None:
    text = ONE.strip() + " \n\n[comment.confirmed]\n'n[all]' = '3,528'\n\n# 下一条\n" + ONE.strip()
    folder = write(text.replace("{mean[产品]}，", "{mean[产品]}，{n[all]} 条，", 1))
    confirm(folder, 2023, ledger_of(dataset))
    made = (folder / f"{NAME}.comments.toml").read_text("utf-8")
    assert "'n[all]' = '3,528'\n\"mean[产品]\" = \"4.2 分\"\n\n# 下一条\n[[comment]]" in made
    assert made.endswith('同期。"\n\n[comment.confirmed]\n"mean[产品]" = "4.2 分"\n')


def test_confirming_twice_changes_nothing(dataset: Dataset, write: Callable[..., Path]) -> None:
    file = write(LAID_OUT) / f"{NAME}.comments.toml"
    confirm(file.parent, 2023, ledger_of(dataset))
    before = file.read_bytes()
    confirm(file.parent, 2023, ledger_of(dataset))
    assert file.read_bytes() == before


def test_only_the_named_are_confirmed(dataset: Dataset, write: Callable[..., Path]) -> None:
    folder = write(ONE + ONE)
    confirm(folder, 2023, ledger_of(dataset), only=["41-2"])
    first, second = read_comments(folder, 2023)
    assert (first.confirmed, second.confirmed) == ({}, {"mean[产品]": "4.2 分"})
    with pytest.raises(UsageError, match=r"「41-9」.*「41-1」「41-2」"):
        confirm(folder, 2023, ledger_of(dataset), only=["41-9"])


def test_what_is_not_there_is_not_confirmed_and_nothing_is_written(
    dataset: Dataset, write: Callable[..., Path]
) -> None:
    gone = "\n[[comment]]\nyear = 2023\ntext = '{gone[x]}'\n[comment.confirmed]\n'gone[x]' = '1'\n"
    file = write(ONE + gone) / f"{NAME}.comments.toml"
    before = file.read_bytes()
    with pytest.raises(WordingError, match=r"第 2 条评注.*「gone\[x\]」.*不能确认"):
        confirm(file.parent, 2023, ledger_of(dataset))
    assert file.read_bytes() == before


def test_files_of_windows_editors_are_confirmed(dataset: Dataset, write: Callable[..., Path]) -> None:
    file = write("") / f"{NAME}.comments.toml"
    file.write_bytes(b"\xef\xbb\xbf" + ONE.replace("\n", "\r\n").encode())
    [remark] = confirm(file.parent, 2023, ledger_of(dataset))
    assert remark.status == CONFIRMED
    assert b"year = 2023\r\n" in file.read_bytes()


# Shown


def executed(dataset: Dataset, *, value: float = 4.2, name: str = NAME) -> Chapter:
    """A chapter with two slides, as the pipeline would leave it."""
    ledger = Ledger()
    ledger.note(
        "mean", "产品", value, unit="score", method="均值", n=1256, low=value - 0.04, high=value + 0.04
    )
    ledger.note("n", "all", 3528, unit="count", method="计数")
    slides = [
        make_slide("共 {n[all]} 条", topic="条数", ledger=ledger, reading=["说明"], notes="先说条数。"),
        make_slide("产品 {mean[产品]}", topic="各领域", ledger=ledger, reading=["说明"]),
    ]
    outputs = [
        nbformat.v4.new_output("display_data", data=one._repr_mimebundle_()) for one in [*slides, ledger]
    ]
    cells = [nbformat.v4.new_markdown_cell("# 满意度：如何？")]
    cells += [nbformat.v4.new_code_cell("…", outputs=[output]) for output in outputs]
    path = dataset.root / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return Chapter(name.split("_")[0], name, "满意度：如何？", path, "done")


def told(dataset: Dataset, **given: float) -> Story:
    return tell(dataset, [executed(dataset, **given)])


def test_a_comment_stands_on_the_slide_that_it_names(dataset: Dataset, write: Callable[..., Path]) -> None:
    """Its record is printed on the first slide; it stands on the second, which it names."""
    write(ONE.replace("{mean[产品]}", "{n[all]} 人给出 {mean[产品]}"))
    story = told(dataset)
    assert [one.anchor for one in story.remarks] == ["chapter-41-2"]
    on = {sheet.anchor: len(story.remarks_on(sheet)) for sheet in story.sheets}
    assert [anchor for anchor, count in on.items() if count] == ["chapter-41-2"]


def test_a_comment_without_a_slide_stands_where_its_record_is_first_printed(
    dataset: Dataset, write: Callable[..., Path]
) -> None:
    write(ONE.replace('slide = "各领域"\n', "") + "\n[[comment]]\nyear = 2023\ntext = '{n[all]} 条'\n")
    assert [one.anchor for one in told(dataset).remarks] == ["chapter-41-2", "chapter-41-1"]


def test_an_unknown_slide_names_the_comment_and_the_slides(
    dataset: Dataset, write: Callable[..., Path]
) -> None:
    write(ONE.replace("各领域", "各领城"))
    with pytest.raises(
        WordingError, match=r"comments.toml 第 1 条评注：没有叫「各领城」.*「条数」「各领域」"
    ):
        told(dataset)


def test_a_comment_on_a_chapter_that_failed_does_not_stop_the_others(
    dataset: Dataset, write: Callable[..., Path]
) -> None:
    write(ONE)
    failed = replace(executed(dataset), status="failed")
    assert tell(dataset, [failed]).remarks == ()


def test_every_format_shows_comments_escaped(dataset: Dataset, write: Callable[..., Path]) -> None:
    write(ONE.replace("与新版本同期", f"与{HOSTILE}同期").replace("体验部", f"体验部{HOSTILE}"))
    chapters = [executed(dataset)]
    publish(dataset, chapters)
    story = tell(dataset, chapters)
    deck, report = ((dataset.reports / name).read_text("utf-8") for name in ("deck.html", "report.html"))
    for page in (deck, report):
        assert HOSTILE not in page
        assert "评注（体验部&lt;img src=x onerror=alert(x)&gt;） · 待确认" in page
        assert 'class="fb-remark fb-stale"' in page
    assert len(re.findall(r'<button[^>]*class="fb-remarked fb-stale"', deck)) == 1
    slides = Presentation(str(write_pptx(story, dataset.root / "r.pptx"))).slides
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides]
    assert [f"评注（体验部{HOSTILE}）" in note for note in notes].count(True) == 1
    book = openpyxl.load_workbook(write_workbook(story, dataset.root / "r.xlsx"))
    cells = [cell for row in book["评注"].iter_rows(values_only=True) for cell in row if cell]
    assert {"41-1", "待确认", f"体验部{HOSTILE}"} <= set(cells)
    assert any(HOSTILE in str(cell) and "4.2" in str(cell) for cell in cells)


def test_an_out_of_date_comment_shows_old_and_new(dataset: Dataset, write: Callable[..., Path]) -> None:
    write(ONE + "[comment.confirmed]\n'mean[产品]' = '4.2 分'\n")
    publish(dataset, [executed(dataset, value=3.9)])
    report = (dataset.reports / "report.html").read_text("utf-8")
    assert "评注（体验部） · 过期" in report
    assert "mean[产品]：确认时 4.2 分，现在 3.9" in report
    assert "超出取整，也超出区间" in report


def test_without_comments_nothing_is_shown(dataset: Dataset) -> None:
    chapters = [executed(dataset)]
    publish(dataset, chapters)
    body = (dataset.reports / "deck.html").read_text("utf-8").split("<main")[1].split("</main>")[0]
    assert "评注" not in body
    book = openpyxl.load_workbook(write_workbook(tell(dataset, chapters), dataset.root / "r.xlsx"))
    assert "评注" not in book.sheetnames


def test_typed_numbers_are_let_through_in_a_draft_and_marked(
    dataset: Dataset, write: Callable[..., Path]
) -> None:
    write(ONE.replace("与新版本同期", "涨了 3 成"))
    with pytest.raises(WordingError, match="评注里有 1 处手打"):
        publish(dataset, [executed(dataset)])
    publish(dataset, [executed(dataset)], draft=True)
    report = (dataset.reports / "report.html").read_text("utf-8")
    marked = re.findall(r'<mark class="fb-typed"[^>]*>([^<]*)</mark>', report)
    assert [text.strip("\u202f ") for text in marked] == ["3"]


def test_the_samples_comments_are_confirmed(sample_report: Path) -> None:
    root = sample_report.parents[1]
    deck = (sample_report / "deck.html").read_text("utf-8")
    read = read_comments(root / "notebooks", 2023)
    assert len(read) >= 2
    assert len(re.findall(r'<button[^>]*class="fb-remarked"', deck)) == len(
        {(one.notebook, one.slide) for one in read}
    )
    assert "fb-remarked fb-stale" not in deck.split("<main")[1]

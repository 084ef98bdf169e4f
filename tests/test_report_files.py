"""The finished files: whole, offline, escaped, with gaps where a chapter is missing."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from fbanalysis.dataset import Dataset, Thresholds
from fbanalysis.errors import LedgerError, WordingError
from fbanalysis.report import charts
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.publishing import open_door, publish
from fbanalysis.report.slides import make_detail, make_slide
from fbanalysis.report.story import Chapter, refuse_typed

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(
        root=tmp_path,
        year=2023,
        seed=1,
        title=f"年度报告{HOSTILE}",
        organisation=HOSTILE,
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


def chapter(
    folder: Path,
    *,
    number: str = "21",
    value: float = 3528,
    title: str = "{n[all]} 条反馈",
    prose: str = "说明文字。",
    outputs: tuple[object, ...] = (),
    has_ledger: bool = True,
) -> Chapter:
    """Write an executed notebook with one slide, as the pipeline would leave it."""
    ledger = Ledger()
    ledger.note("n", "all", value, unit="count", method=HOSTILE)
    frame = pd.DataFrame({"stratum": [HOSTILE, "一线员工"], "percent": [40.0, 60.0]})
    ledger.record(frame, metric="share", value="percent", unit="percent", method="份额")
    slide = make_slide(
        title,
        topic="样本",
        ledger=ledger,
        chart=charts.bars(frame, by="stratum", value="percent", unit="percent"),
        reading=["共 {n[all]} 条"],
        source="有效反馈",
    )
    shown = [slide, *outputs, *([ledger] if has_ledger else [])]
    cells = [
        nbformat.v4.new_markdown_cell(f"# 样本：谁给了反馈？\n\n{prose}"),
        *(
            nbformat.v4.new_code_cell("slide(...)", execution_count=i, outputs=[_output(item)])
            for i, item in enumerate(shown, 1)
        ),
        nbformat.v4.new_markdown_cell("## 这些数字没有说明什么\n\n- 没有开口的人。"),
    ]
    path = folder / f"{number}_sample.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return Chapter(number=number, name=path.stem, title="样本：谁给了反馈？", executed=path, status="done")


def _output(item: object) -> nbformat.NotebookNode:
    data = item if isinstance(item, dict) else item._repr_mimebundle_()
    return nbformat.v4.new_output("display_data", data=data)


def published(dataset: Dataset, chapters: list[Chapter]) -> list[Path]:
    """Publish and open the door: deck, long report and index."""
    deck, report, *_ = publish(dataset, chapters)
    return [deck, report, *open_door(dataset, chapters)]


def test_all_files_are_made_and_stand_alone(dataset: Dataset, tmp_path: Path) -> None:
    made = publish(dataset, [chapter(tmp_path)])
    assert [path.name for path in made] == [
        "deck.html",
        "report.html",
        "metrics.csv",
        "metrics.json",
    ]
    for path in published(dataset, [chapter(tmp_path)]):
        text = path.read_text("utf-8")
        assert "default-src 'none'" in unescape(text)
        markup = re.sub(r"(?s)<script[^>]*>.*?</script>", "", text)
        outside = r"""(?:src|href)=["'](?!data:|#|deck\.html|report\.html|metrics\.csv|notebooks/)[^"']*"""
        assert re.findall(outside, markup) == []
        assert "@import" not in text
        assert "url(data:font/woff;base64," in text


def test_hostile_text_opens_no_element_in_any_page(dataset: Dataset, tmp_path: Path) -> None:
    hostile = {"text/html": f"<table><tr><td>{HOSTILE}</td></tr></table>", "text/plain": "x"}
    plain = {"text/plain": HOSTILE, "text/vnd.mermaid": HOSTILE, "application/javascript": "alert(3)"}
    for path in published(dataset, [chapter(tmp_path, outputs=(hostile, plain))]):
        text = path.read_text("utf-8")
        assert "<img" not in text
        assert "alert(3)" not in text
        opened = re.findall(r"<script[^>]*>", text)
        assert all(tag == "<script>" or "application/json" in tag for tag in opened)
        assert not any("alert(" in body for body in re.findall(r"(?s)<script>(.*?)</script>", text))


def test_records_cannot_end_their_script_element(dataset: Dataset, tmp_path: Path) -> None:
    deck = publish(dataset, [chapter(tmp_path)])[0].read_text("utf-8")
    records = re.search(r'(?s)<script[^>]*id="fb-records"[^>]*>(.*?)</script>', deck)[1]
    assert "\\u003c/script>" in records
    assert "<" not in records


def test_a_failed_and_a_missing_chapter_leave_a_visible_gap(dataset: Dataset, tmp_path: Path) -> None:
    failed = Chapter("44", "44_x", "事件：影响多大？", None, "failed", "单元格 7 出错")
    missing = Chapter("45", "45_y", "指标：达成没有？", None, "left out", "缺少 kpis 表")
    for path in publish(dataset, [chapter(tmp_path), failed, missing])[:2]:
        text = path.read_text("utf-8")
        for wanted in ("本章未能生成", "单元格 7 出错", "本章缺少数据，未编入", "缺少 kpis 表"):
            assert wanted in text


def test_a_failed_chapter_links_to_the_cell_that_failed(dataset: Dataset, tmp_path: Path) -> None:
    broken = chapter(tmp_path)
    notebook = nbformat.read(broken.executed, as_version=4)
    error = nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue=HOSTILE, traceback=[])
    notebook.cells[1].outputs = [error]
    nbformat.write(notebook, broken.executed)
    deck, report, index = published(dataset, [replace(broken, status="failed", reason="单元格 1 出错")])
    assert 'href="report.html#chapter-21-error"' in deck.read_text("utf-8")
    assert 'href="report.html#chapter-21-error"' in index.read_text("utf-8")
    text = report.read_text("utf-8")
    assert 'id="chapter-21-error"' in text
    assert "执行到这里停止：ZeroDivisionError" in text
    assert "<img" not in text


def test_a_typed_number_stops_the_build_and_a_draft_marks_it(dataset: Dataset, tmp_path: Path) -> None:
    publish(dataset, [chapter(tmp_path)])
    typed = chapter(tmp_path, title="{n[all]} 条反馈，提升 12%")
    with pytest.raises(WordingError, match=r"21_sample 幻灯片「.*」的句子「.*」：12%.*--draft"):
        publish(dataset, [typed])
    assert not (dataset.reports / "deck.html").exists()
    deck = publish(dataset, [typed], draft=True)[0].read_text("utf-8")
    assert '<mark class="fb-typed"' in deck


def test_a_number_in_the_prose_counts_as_typed_unless_it_is_code_or_allowed(
    dataset: Dataset, tmp_path: Path
) -> None:
    publish(dataset, [chapter(tmp_path, prose="`alpha = 0.05`，P0 级。")])
    with pytest.raises(WordingError, match=r"说明文字「提升了 3\.5 分。」：3\.5"):
        publish(dataset, [chapter(tmp_path, prose="提升了 3.5 分。")])


def test_a_strong_word_in_the_prose_counts_as_typed(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(WordingError, match="说明文字「服务遥遥领先。」：领先"):
        publish(dataset, [chapter(tmp_path, prose="服务遥遥领先。")])


@pytest.mark.parametrize(
    ("name", "head", "typed"),
    [("持续改进", "地区", "「持续改进」：持续"), ("一览", "最满意", "「最满意」：最")],
)
def test_a_strong_word_over_a_detail_counts_as_typed(
    dataset: Dataset, tmp_path: Path, name: str, head: str, typed: str
) -> None:
    frame = pd.DataFrame({"stratum": ["a"], "place": ["东部"]})
    detail = make_detail(name, frame, ledger=Ledger(), keys={head: "place"})
    with pytest.raises(WordingError, match=f"的「{name}」的标题或列名{typed}"):
        publish(dataset, [chapter(tmp_path, outputs=(detail,))])


def test_a_strong_word_on_a_chart_counts_as_typed_unless_it_is_a_name_in_the_data(tmp_path: Path) -> None:
    ledger = Ledger()
    frame = pd.DataFrame({"month": pd.to_datetime(["2023-01-01", "2023-02-01"]), "n": [3.0, 4.0]})
    rows = frame.assign(stratum=["2023-01", "2023-02"])
    ledger.record(rows, metric="n", value="n", unit="count", method="计数")
    ledger.note("name", "all", "持续改进奖", unit="text", method="名称")

    def drawn(label: str) -> Chapter:
        chart = charts.columns(rows, x="month", value="n", unit="count", label=label)
        slide = make_slide("每月都有", topic="月度", ledger=ledger, chart=chart)
        return chapter(tmp_path, outputs=(slide, ledger), has_ledger=False)

    with pytest.raises(WordingError, match="「每月都有」的图的标签「持续上升的条数」：持续"):
        refuse_typed([drawn("持续上升的条数")], allowed=())
    refuse_typed([drawn("持续改进奖（项）")], allowed=())


def test_a_chapter_that_contradicts_another_leaves_a_gap_and_is_told(
    dataset: Dataset, tmp_path: Path
) -> None:
    other = replace(chapter(tmp_path, number="41", value=3527), title="事件：影响多大？")
    with pytest.raises(LedgerError, match=r"其余各章已发布.*两个值：3,528（21_sample.*3,527（41_sample"):
        publish(dataset, [chapter(tmp_path), other])
    deck = (dataset.reports / "deck.html").read_text("utf-8")
    assert "3,528" in deck
    assert "本章未能生成" in deck
    assert 'href="report.html#chapter-41-error"' not in deck
    metrics = pd.read_csv(dataset.reports / "metrics.csv")
    assert metrics.loc[metrics["metric"].eq("n"), ["value", "notebook"]].to_numpy().tolist() == [
        [3528.0, "21_sample"]
    ]
    assert set(metrics["notebook"]) == {"21_sample"}


def test_a_notebook_that_keeps_its_ledger_to_itself_leaves_a_gap_and_is_told(
    dataset: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(LedgerError, match="「41_sample」没有交出账本"):
        publish(dataset, [chapter(tmp_path), chapter(tmp_path, number="41", has_ledger=False)])
    assert "本章未能生成" in (dataset.reports / "deck.html").read_text("utf-8")


def test_the_same_chapters_give_the_same_bytes(dataset: Dataset, tmp_path: Path) -> None:
    chapters = [chapter(tmp_path)]
    first = [path.read_bytes() for path in publish(dataset, chapters)]
    assert [path.read_bytes() for path in publish(dataset, chapters)] == first


def test_a_reference_to_a_slide_of_a_missing_chapter_prints_its_name(
    dataset: Dataset, tmp_path: Path
) -> None:
    pointing = chapter(tmp_path, title="{n[all]} 条反馈，见{see(检验)}")
    with pytest.raises(WordingError, match=r"指向没有的幻灯片.*检验"):
        publish(dataset, [pointing])
    missing = Chapter("81", "81_proof", "检验：凭什么？", None, "failed", "单元格 3 出错")
    deck = publish(dataset, [pointing, missing])[0].read_text("utf-8")
    assert "见「检验」" in deck
    assert "本章未能生成" in deck

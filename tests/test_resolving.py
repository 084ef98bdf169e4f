"""A report whose ledger lacks a record that a slide prints is not made: the message names slide and sentence."""

from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from fbanalysis.dataset import Dataset, Thresholds
from fbanalysis.errors import WordingError
from fbanalysis.report import charts
from fbanalysis.report import ledger as ledgers
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.publishing import publish
from fbanalysis.report.resolving import printed_forms
from fbanalysis.report.slides import LedgerTable, make_detail, make_slide
from fbanalysis.report.story import Chapter, tell


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(
        root=tmp_path,
        year=2023,
        seed=1,
        title="年度报告",
        organisation="某机构",
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


def outputs(*, has_shares: bool = True) -> list[object]:
    """Two slides, a detail and their ledger: a number in a title, a caption, a table, a chart and a detail."""
    ledger = Ledger()
    frame = pd.DataFrame({"stratum": ["产品", "服务"], "percent": [40.0, 60.0]})
    ledger.note("n", "all", 3528, unit="count", method="计数")
    ledger.note("prior", "all", 3000, unit="count", method="计数")
    ledger.note("mean", "产品", 4.2, unit="score", method="均值", n=9, low=4.1, high=4.3)
    ledger.note("rows", "产品", 12, unit="count", method="计数")
    if has_shares:
        ledger.record(frame, metric="share", value="percent", unit="percent", method="份额")
    chart = charts.bars(frame, by="stratum", value="percent", unit="percent")
    say = {"topic": "样本", "ledger": ledger}
    return [
        make_slide("共 {n[all]} 条反馈", chart=chart, figures=[("{n[all]}", "去年 {prior[all]} 条")], **say),
        make_slide("分领域", table=LedgerTable(["产品"], {"均值": "mean", "区间": "mean:interval"}), **say),
        make_detail("明细表", frame.head(1), ledger=ledger, keys={"领域": "stratum"}, columns={"行": "rows"}),
        ledger,
    ]


def chapter(
    folder: Path, *, without: str = "", changed: dict[str, object] | None = None, has_shares: bool = True
) -> Chapter:
    """Write an executed notebook and take a record out of its ledger, or change one there."""
    bundles = [item._repr_mimebundle_() for item in outputs(has_shares=has_shares)]
    records = [
        row | (changed if row["key"] == (changed or {}).get("key") else {})
        for row in bundles[-1][ledgers.MIME]
    ]
    bundles[-1][ledgers.MIME] = [row for row in records if row["key"] != without]
    cells = [
        nbformat.v4.new_code_cell(
            "x", execution_count=i, outputs=[nbformat.v4.new_output("display_data", data=data)]
        )
        for i, data in enumerate(bundles, start=1)
    ]
    path = folder / "21_sample.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 样本"), *cells]), path)
    return Chapter(number="21", name=path.stem, title="样本：谁？", executed=path, status="done")


def test_a_whole_ledger_passes(dataset: Dataset, tmp_path: Path) -> None:
    assert len(tell(dataset, [chapter(tmp_path)]).ledger) == 6


@pytest.mark.parametrize(
    ("key", "slide", "sentence"),
    [
        ("n[all]", "共 3,528 条反馈", "共 3,528 条反馈"),
        ("prior[all]", "共 3,528 条反馈", "去年 3,000 条"),
        ("mean[产品]", "分领域", "4.2 分"),
        ("share[服务]", "共 3,528 条反馈", "图中的数"),
        ("rows[产品]", "明细表", "12"),
    ],
    ids=["sentence", "figure caption", "table cell", "chart value", "detail cell"],
)
def test_a_record_taken_out_stops_the_build(
    key: str, slide: str, sentence: str, dataset: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(WordingError) as failure:
        publish(dataset, [chapter(tmp_path, without=key)])
    message = str(failure.value).replace("\u202f", " ")
    assert f"21_sample 的「{slide}」的「{sentence}」：账本里没有记录「{key}」" in message
    assert not (dataset.reports / "deck.html").exists()


def test_a_record_of_another_value_stops_the_build_in_sentence_and_chart(
    dataset: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(WordingError, match=r"印的是「3,528」，账本里「n\[all\]」是「3,529」"):
        tell(dataset, [chapter(tmp_path, changed={"key": "n[all]", "value": 3529.0})])
    with pytest.raises(WordingError, match=r"图中的数」：画的是 60，账本里「share\[服务\]」是「61.0%」"):
        tell(dataset, [chapter(tmp_path, changed={"key": "share[服务]", "value": 61.0})])


def test_an_interval_that_is_no_longer_the_records_stops_the_build(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(WordingError, match=r"「分领域」.*4\.1.*4\.3"):
        tell(dataset, [chapter(tmp_path, changed={"key": "mean[产品]", "low": 4.0})])


def test_the_forms_of_a_record_are_what_sentences_and_cells_print() -> None:
    ledger = Ledger()
    ledger.note(
        "d", "all", -0.25, unit="score", method="a", n=1200, low=-0.4, high=-0.1, p=0.012, effect=-0.31
    )
    forms = printed_forms(ledger, "d[all]")
    wanted = {
        "−0.3分",
        "0.3分",
        "−0.40至−0.10分",
        "95%区间−0.40至−0.10分",
        "1,200",
        "p=0.012",
        "0.012",
        "−0.31",
    }
    assert wanted <= forms
    assert "0.25分" not in forms


def test_a_chart_of_numbers_that_nobody_recorded_stops_the_build_and_a_draft_marks_them(
    dataset: Dataset, tmp_path: Path
) -> None:
    drawn = chapter(tmp_path, has_shares=False)
    with pytest.raises(WordingError) as failure:
        publish(dataset, [drawn])
    message = str(failure.value).replace("\u202f", " ")
    assert "21_sample 幻灯片「共 3,528 条反馈」的图：系列「数值」，类别「服务」：60.0%" in message
    assert "请先用 ledger.record(表, …) 记账，再画图" in message
    deck, report, *_ = publish(dataset, [drawn], draft=True)
    for path in (deck, report):
        assert "图里有 2 个数没有账本记录" in path.read_text("utf-8")

"""The ledger keeps one value a record, formats it once, and refuses contradictions."""

import json
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from fbanalysis.errors import LedgerError
from fbanalysis.report.ledger import COLUMNS, UNITS, AbsentRecordError, Ledger, format_number
from fbanalysis.report.wording import compose


@pytest.fixture
def coverage() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stratum": ["all", "internal/一线员工"],
            "n": [3528, 880],
            "percent": [86.0069, 80.04],
            "low": [85.0, 78.0],
            "high": [87.0, 82.0],
            "verdict": ["", "基数不足"],
        }
    )


def test_records_take_the_columns_with_fixed_meaning(coverage: pd.DataFrame) -> None:
    ledger = Ledger()
    returned = ledger.record(
        coverage, metric="coverage", value="percent", unit="percent", method="Wilson", decimals=0
    )
    pd.testing.assert_frame_equal(returned, coverage)
    record = ledger["coverage[all]"]
    assert (record.n, record.low, record.high, record.printed) == (3528, 85.0, 87.0, "86%")
    assert ledger["coverage[internal/一线员工]"].verdict == "基数不足"


def test_a_column_named_like_a_unit_does_not_hide_the_unit(coverage: pd.DataFrame) -> None:
    ledger = Ledger()
    ledger.record(coverage, metric="coverage", value="percent", unit="percent", method="Wilson")
    assert {record.unit for record in ledger} == {"percent"}


def test_units_and_decimals_may_stand_in_columns() -> None:
    frame = pd.DataFrame(
        {"stratum": ["a", "b"], "value": [4.5, 97.3], "its": ["score", "percent"], "places": [1, 2]}
    )
    ledger = Ledger()
    ledger.record(frame, metric="kpi", value="value", unit="its", decimals="places", method="台账")
    assert [record.printed for record in ledger] == ["4.5 分", "97.30%"]


def test_the_same_value_twice_is_one_record_and_another_value_is_an_error() -> None:
    ledger = Ledger()
    ledger.note("n", "all", 3528, unit="count", method="计数")
    ledger.note("n", "all", 3528.0, unit="count", method="另一处计数")
    assert len(ledger) == 1
    with pytest.raises(LedgerError, match=r"两个值：3,528.*3,527"):
        ledger.note("n", "all", 3527, unit="count", method="计数")


def test_a_missing_record_names_its_neighbours(coverage: pd.DataFrame) -> None:
    ledger = Ledger()
    ledger.record(coverage, metric="coverage", value="percent", unit="percent", method="Wilson")
    with pytest.raises(LedgerError, match="「all」「internal/一线员工」"):
        ledger["coverage[external]"]
    with pytest.raises(LedgerError, match="已有的指标：「coverage」"):
        ledger.of("coverge")


def test_nothing_to_note_is_absent_and_an_infinite_value_is_refused() -> None:
    ledger = Ledger()
    assert ledger.note("x", "all", float("nan"), unit="count", method="–") is None
    with pytest.raises(AbsentRecordError):
        ledger["x[all]"]
    with pytest.raises(LedgerError, match="没有数值"):
        ledger.note("x", "all", float("inf"), unit="count", method="–")


def test_unknown_unit_and_column_list_what_there_is(coverage: pd.DataFrame) -> None:
    with pytest.raises(LedgerError, match="单位「percents」不认识；可用：「percent」"):
        Ledger().note("x", "all", 1, unit="percents", method="–")
    with pytest.raises(LedgerError, match="要的列「rate」不在表里"):
        Ledger().record(coverage, metric="coverage", value="rate", unit="percent", method="–")


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (-0.58, 2, "−0.58"),
        (-0.04, 1, "0.0"),
        (1234567.0, 0, "1,234,567"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (112.45, 1, "112.5"),
        (600_000_000.0, 0, "600,000,000"),
        (7e6, 2, "7,000,000.00"),
        (2.675, 2, "2.68"),
        (-112.45, 1, "−112.5"),
        (80.0, 1, "80.0"),
        (float("nan"), 1, "–"),
    ],
)
def test_numbers_round_half_away_from_zero_with_a_true_minus(
    value: float, decimals: int, printed: str
) -> None:
    assert format_number(value, decimals=decimals) == printed


def test_every_unit_prints() -> None:
    ledger = Ledger()
    for unit in UNITS:
        ledger.note("x", unit, 12.0, unit=unit, method="–")
    assert ledger["x[pp]"].printed == "12.0 个百分点"
    assert ledger["x[customers]"].printed == "12 家"


def test_merged_records_name_their_notebook_and_are_saved(tmp_path, coverage: pd.DataFrame) -> None:
    part, whole = Ledger(), Ledger()
    part.record(coverage, metric="coverage", value="percent", unit="percent", method="Wilson", decimals=0)
    carried = part._repr_mimebundle_()["application/vnd.fbanalysis.ledger+json"]
    whole.merge(json.loads(json.dumps(carried)), notebook="21_sample_coverage")
    csv, js = whole.save(tmp_path)
    read = pd.read_csv(csv)
    assert list(read.columns) == COLUMNS
    assert read["notebook"].unique().tolist() == ["21_sample_coverage"]
    assert read.loc[0, "printed"] == "86%"
    assert json.loads(js.read_text("utf-8"))[0]["low"] == 85.0


def test_two_notebooks_that_disagree_stop_the_build() -> None:
    whole = Ledger()
    for value, notebook in ((4.5, "02"), (4.5, "06")):
        part = Ledger()
        part.note("mean", "服务", value, unit="score", method="均值")
        whole.merge([record.as_json() for record in part], notebook=notebook)
    other = Ledger()
    other.note("mean", "服务", 4.1, unit="score", method="均值")
    with pytest.raises(LedgerError, match=r"4\.5 分（02.*4\.1 分（06"):
        whole.merge([record.as_json() for record in other], notebook="06")


def test_labels_of_users_are_escaped_in_the_preview() -> None:
    ledger = Ledger()
    ledger.note("n", "<script>alert(1)</script>", 1, unit="count", method="计数")
    assert "<script>" not in ledger._repr_mimebundle_()["text/html"]


def test_a_row_without_a_value_is_absent_and_sentences_say_so() -> None:
    ledger = Ledger()
    frame = pd.DataFrame({"stratum": ["a", "b"], "value": [1.0, None], "low": [None, None]})
    ledger.record(frame, metric="yoy", value="value", unit="score", method="Welch")
    assert len(ledger) == 1
    with pytest.raises(AbsentRecordError, match=r"「yoy\[b\]」没有数据"):
        ledger["yoy[b]"]
    assert compose("变化{yoy[b]}", ledger).plain == "变化（无数据）"


def test_keys_may_name_the_year_by_its_role() -> None:
    ledger = Ledger(SimpleNamespace(year=2024, read={"feedback": "0123456789ab"}))
    ledger.note("coverage_change", "2024 vs 2023", 19, unit="pp", method="Newcombe")
    assert ledger["coverage_change[@year vs @prior]"].value == 19
    assert ledger["coverage_change[2024 vs 2023]"].tables == {"feedback": "0123456789ab"}


def test_labels_that_look_like_formulas_are_text_in_the_csv(tmp_path) -> None:
    ledger = Ledger()
    ledger.note("share", "=cmd|' /C calc'!A0", 1, unit="count", method="+1+1", verdict="上升")
    ledger.note("cause", "x", "=cmd()", unit="text", method="记录")
    saved = pd.read_csv(ledger.save(tmp_path)[0])
    assert saved.loc[1, ["value", "printed"]].tolist() == ["'=cmd()", "'=cmd()"]
    row = saved.loc[0]
    assert (row["stratum"], row["method"], row["verdict"]) == ("'=cmd|' /C calc'!A0", "'+1+1", "上升")


def test_differences_can_be_given_with_their_sign() -> None:
    ledger = Ledger()
    for stratum, value in (("a", 0.31), ("b", -0.2)):
        ledger.note("yoy", stratum, value, unit="score", method="Welch")
    assert ledger.signed("yoy", ["b", "c", "a"]) == ["−0.2 分", "", "+0.3 分"]


def test_the_same_value_on_another_base_is_a_contradiction() -> None:
    ledger = Ledger()
    ledger.note("m", "x", 86.04, unit="percent", method="a", n=100, verdict="没有差异")
    with pytest.raises(LedgerError, match="两种口径"):
        ledger.note("m", "x", 86.04, unit="percent", method="b", n=500, verdict="上升")


def test_an_infinite_effect_is_not_known_and_an_unknown_column_is_refused() -> None:
    ledger = Ledger()
    assert (
        ledger.note("m", "x", 1.0, unit="ratio", method="a", effect=float("inf"), high=float("inf")).effect
        is None
    )
    with pytest.raises(LedgerError, match="不认识「N」；可指定的列"):
        ledger.record(pd.DataFrame({"v": [1.0]}), metric="y", value="v", unit="ratio", method="a", N="v")


def test_roles_do_not_collide_with_each_other_or_with_data() -> None:
    ledger = Ledger()
    ledger.alias("top", "甲")
    ledger.alias("top2", "乙")
    for stratum in ("甲", "乙", "bob@yearly.com"):
        ledger.note("loss", stratum, 1, unit="count", method="a")
    assert [ledger[f"loss[{key}]"].stratum for key in ("@top2", "bob@yearly.com")] == ["乙", "bob@yearly.com"]
    with pytest.raises(LedgerError, match="没有叫「@topp」的角色；可用：「@top」「@top2」"):
        ledger["loss[@topp]"]


def test_a_typo_beside_last_year_is_an_error_and_not_missing_data() -> None:
    ledger = Ledger(SimpleNamespace(year=2024, read={}))
    ledger.note("coverage", "2024", 86, unit="percent", method="a")
    with pytest.raises(AbsentRecordError):
        ledger["coverage[@prior]"]
    with pytest.raises(LedgerError, match="没有记录「coverag"):
        ledger["coverag[@prior]"]


def test_a_metric_whose_rows_are_all_empty_is_absent_in_every_phrase() -> None:
    ledger = Ledger()
    ledger.record(
        pd.DataFrame({"stratum": ["a"], "v": [None]}), metric="yoy", value="v", unit="pp", method="a"
    )
    assert compose("{highest(yoy)}{which(yoy,上升)}", ledger).plain == "（无数据）（无数据）"


def test_an_interval_that_a_later_chapter_knows_is_in_the_merged_ledger() -> None:
    """The first chapter recorded the mean alone; the second printed its interval, which no record held."""
    bare, whole, merged = Ledger(), Ledger(), Ledger()
    bare.note("mean", "all", 4.1, unit="score", n=9, method="a")
    whole.note("mean", "all", 4.1, unit="score", n=9, method="a", low=4.0, high=4.2)
    merged.merge([record.as_json() for record in bare], notebook="21_a")
    merged.merge([record.as_json() for record in whole], notebook="41_b")
    [record] = merged
    assert (record.low, record.high, record.notebook) == (4.0, 4.2, "21_a")


def of_the_year() -> Ledger:
    """A ledger of a year with a report period."""
    dataset = SimpleNamespace(
        period_start=date(2024, 1, 1),
        period_end=date(2024, 12, 31),
        thresholds=SimpleNamespace(suppress_below=0),
    )
    return Ledger(SimpleNamespace(year=2024, read={}, dataset=dataset))


def test_a_record_says_who_is_counted_and_how_they_are_weighted(coverage: pd.DataFrame) -> None:
    ledger = of_the_year()
    ledger.record(
        coverage,
        metric="a",
        value="percent",
        unit="percent",
        method="份额",
        filter="有评分的",
        weight="按人数",
    )
    ledger.note("b", "all", 1, unit="count", method="计数")
    ledger.note("c", "all", 1, unit="count", method="计数", period="上年")
    assert (
        ledger["a[internal/一线员工]"].filter == "2024-01-01 至 2024-12-31；有评分的；层「internal/一线员工」"
    )
    assert ledger["b[all]"].filter == "2024-01-01 至 2024-12-31；不分层"
    assert ledger["c[all]"].filter == "上年；不分层"
    assert [record.weight for record in ledger] == ["按人数", "按人数", "不加权", "不加权"]


def test_filter_weight_and_formula_are_in_the_saved_ledger(tmp_path) -> None:
    ledger, merged = of_the_year(), Ledger()
    ledger.note("a", "all", 4.2, unit="score", method="均值；t 区间", filter="有评分的")
    ledger.note("b", "all", 4.2, unit="score", method="自定", formula="=甲 ÷ 乙")
    merged.merge([record.as_json() for record in ledger], notebook="41")
    csv, js = merged.save(tmp_path)
    table = pd.read_csv(csv).set_index("metric")
    assert table.loc["a", "filter"] == "2024-01-01 至 2024-12-31；有评分的；不分层"
    assert table["weight"].tolist() == ["不加权", "不加权"]
    assert table.loc["a", "formula"].startswith("均值：x̄ = Σxᵢ ÷ n")
    assert table.loc["b", "formula"] == "'=甲 ÷ 乙", "a spreadsheet takes no text for a formula"
    assert json.loads(js.read_text("utf-8"))[1]["formula"] == "=甲 ÷ 乙"


def test_texts_are_no_columns_and_unknown_words_are_still_refused(coverage: pd.DataFrame) -> None:
    with pytest.raises(LedgerError, match="不认识「fliter」"):
        Ledger().record(coverage, metric="a", value="percent", unit="percent", method="份额", fliter="错")


def test_a_record_names_the_cell_that_made_it_and_not_the_next() -> None:
    """IPython counts on before it runs a cell: every origin named the cell behind it."""
    shell = InteractiveShell.instance()
    try:
        before = len(shell.history_manager.input_hist_parsed)
        shell.user_ns["note"] = lambda: Ledger().note("a", "all", 1, unit="count", method="计数").cell
        results = [shell.run_cell("note()", store_history=True, silent=False) for _ in range(2)]
    finally:
        InteractiveShell.clear_instance()
    assert [result.result for result in results] == [before, before + 1]
    assert [result.execution_count for result in results] == [before, before + 1]

"""Every value of a chart gets the key of its record by number and by name, and by nothing less."""

import time

import pandas as pd
import pytest

from fbanalysis.report import charts
from fbanalysis.report.charts.plot import Plot, Series
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.slides import make_slide, render
from fbanalysis.report.tracing import named_points, points_of, trace, untraced


def noted(*rows: tuple[str, str, object], unit: str = "percent", **more: object) -> Ledger:
    ledger = Ledger()
    for metric, stratum, value in rows:
        ledger.note(metric, stratum, value, unit=unit, method="份额", **more)
    return ledger


def plotted(
    values: list[float | None], categories: list[str], *, series: str = "数值", **more: object
) -> Plot:
    return Plot("bar", categories, (Series(series, values),), unit="percent", **more)


def keys(plot: Plot) -> list[list[str]]:
    return [list(series.keys) for series in plot.series]


def test_a_value_belongs_to_the_record_that_its_category_names() -> None:
    ledger = noted(
        ("share", "internal/一线员工", 40.0), ("share", "external/核心客户", 40.0), ("share", "all", 60.0)
    )
    traced = trace(plotted([40.0, 40.0, 60.0, None], ["核心客户", "一线员工", "全体", "空"]), ledger)
    assert keys(traced) == [["share[external/核心客户]", "share[internal/一线员工]", "share[all]", ""]]


def test_the_same_number_under_another_name_is_nobodys() -> None:
    traced = trace(plotted([40.0], ["产品"]), noted(("share", "服务", 40.0)))
    assert keys(traced) == [[""]]
    assert [str(one) for one in untraced(traced.as_json())] == ["系列「数值」，类别「产品」：40.0%"]


def test_a_nearly_equal_number_and_another_kind_of_unit_are_no_record() -> None:
    near = trace(plotted([40.001], ["产品"]), noted(("share", "产品", 40.0)))
    count = trace(plotted([40.0], ["产品"]), noted(("n", "产品", 40.0), unit="count"))
    summed = trace(plotted([30.000000000000004], ["产品"]), noted(("share", "产品", 30.0)))
    assert (keys(near), keys(count), keys(summed)) == ([[""]], [[""]], [["share[产品]"]])


def test_category_and_series_together_name_both_parts_of_a_stratum() -> None:
    ledger = noted(("mix", "产品/建议", 50.0), ("mix", "产品/表扬", 50.0), ("mix", "服务/建议", 50.0))
    series = (Series("表扬", [50.0, None]), Series("建议", [50.0, 50.0]))
    traced = trace(Plot("stacked", ["产品", "服务"], series, unit="percent"), ledger)
    assert keys(traced) == [["mix[产品/表扬]", ""], ["mix[产品/建议]", "mix[服务/建议]"]]


def test_among_equals_a_series_keeps_to_the_metric_that_explains_most_of_it() -> None:
    ledger = noted(("mine", "甲", 10.0), ("mine", "乙", 20.0), ("other", "甲", 10.0), ("other", "丙", 5.0))
    assert keys(trace(plotted([10.0, 20.0], ["甲", "乙"]), ledger)) == [["mine[甲]", "mine[乙]"]]
    assert keys(trace(plotted([10.0], ["甲"]), ledger)) == [["other[甲]"]], "else the one recorded last"


def test_months_quarters_and_days_go_by_their_printed_names() -> None:
    ledger = noted(
        ("m", "2023-04", 1.0), ("q", "2023Q2", 2.0), ("d", "2023-01-09", 3.0), ("load", "2023-07", 4.0)
    )
    traced = trace(plotted([1.0, 2.0, 3.0, 4.0], ["4月", "二季度", "1月9日", "三季度"]), ledger)
    assert keys(traced) == [["m[2023-04]", "q[2023Q2]", "d[2023-01-09]", "load[2023-07]"]]


def test_the_drawn_interval_is_the_records() -> None:
    ledger = noted(("share", "产品", 40.0), low=35.0, high=45.0)
    own = Plot("dots", ["产品"], (Series("数值", [40.0], low=[35.0], high=[45.0]),), unit="percent")
    other = Plot("dots", ["产品"], (Series("数值", [40.0], low=[30.0], high=[45.0]),), unit="percent")
    assert (keys(trace(own, ledger)), keys(trace(other, ledger))) == ([["share[产品]"]], [[""]])


def test_a_base_is_the_n_of_its_record_or_a_count_of_its_own() -> None:
    ledger = noted(("share", "产品", 40.0), n=80)
    ledger.note("answers", "产品", 55, unit="count", method="计数")
    traced = [trace(plotted([40.0], ["产品"], base=(n,)), ledger) for n in (80, 55, 81)]
    assert [one.base_keys for one in traced] == [("share[产品]",), ("answers[产品]",), ("",)]
    assert [str(one) for one in untraced(traced[2].as_json())] == ["系列「n」，类别「产品」：n = 81"]


def test_a_target_that_prints_its_number_needs_a_record() -> None:
    ledger = noted(("share", "产品", 80.0))
    target = {"target": 80.0, "target_label": "目标 80%"}
    lacking = trace(plotted([80.0], ["产品"], **target), ledger)
    assert [one.text for one in untraced(lacking.as_json())] == ["目标 80%"]
    ledger.note("share_target", "all", 80.0, unit="percent", method="目标，见指标表")
    assert trace(plotted([80.0], ["产品"], **target), ledger).target_key == "share_target[all]"


def test_carriers_need_no_record_and_a_missing_value_neither() -> None:
    series = (Series("起点", [0.0, 25.0], is_hidden=True), Series("数值", [25.0, None]))
    traced = trace(
        Plot("waterfall", ["赔偿", "加班"], series, unit="cny_10k"),
        noted(("cost", "赔偿", 25.0), unit="cny_10k"),
    )
    assert untraced(traced.as_json()) == []


def test_the_bars_of_a_plan_belong_to_the_dates_of_their_task_and_the_done_part_to_its_progress() -> None:
    frame = pd.DataFrame(
        {
            "stratum": ["扩容", "培训"],
            "starts_on": pd.to_datetime(["2023-01-05", "2023-02-01"]),
            "due_on": pd.to_datetime(["2023-03-05", "2023-02-01"]),
            "done_on": pd.to_datetime(["2023-03-05", None]),
            "progress": [50.0, 100.0],
        }
    )
    ledger = Ledger()
    for name in ("starts_on", "due_on", "done_on"):
        ledger.record(frame, metric=name, value=name, unit="date", method="台账")
    ledger.record(frame, metric="progress", value="progress", unit="percent", method="台账")
    chart = charts.gantt(frame, by="stratum", start="starts_on", end="due_on", progress="progress")
    starts, done, rest = keys(trace(chart.plot, ledger))
    assert starts == ["starts_on[扩容]", "starts_on[培训]"]
    assert done[0] == "progress[扩容]"
    assert rest == ["due_on[扩容]", "due_on[培训]"], "the metric that has both last days"


def test_a_slide_carries_the_keys_and_a_draft_marks_what_has_none() -> None:
    ledger = noted(("share", "产品", 40.0))
    frame = pd.DataFrame({"stratum": ["产品", "服务"], "percent": [40.0, 30.0]})
    chart = charts.bars(frame, by="stratum", value="percent", unit="percent")
    spec = make_slide("题", topic="题", ledger=ledger, chart=chart).spec
    assert points_of(spec["chart"]["plot"]) == [("share[产品]", 40.0)]
    html = render(spec)
    assert "图里有 1 个数没有账本记录：系列「数值」，类别「服务」：30.0%" in html
    assert "data-points=" in html
    assert "fb-untraced" not in render(make_slide("题", topic="题", ledger=ledger).spec)


def test_points_are_named_by_category_and_where_there_are_several_by_series() -> None:
    ledger = noted(("mix", "产品/建议", 50.0), ("mix", "产品/表扬", 40.0))
    series = (Series("建议", [50.0]), Series("表扬", [40.0]))
    plot = trace(Plot("bar", ["产品"], series, unit="percent"), ledger).as_json()
    assert named_points(plot) == [("产品 · 建议", "mix[产品/建议]"), ("产品 · 表扬", "mix[产品/表扬]")]
    assert named_points(None) == []


@pytest.mark.parametrize("count", [700])
def test_two_thousand_records_do_not_slow_a_slide_down(count: int) -> None:
    ledger = noted(*((f"m{i % 40}", f"层{i}", float(i % 90)) for i in range(2000)))
    names = [f"层{i}" for i in range(count)]
    plot = plotted([float(i % 90) for i in range(count)], names)
    trace(plot, ledger)  # names are read once
    began = time.perf_counter()
    traced = trace(plot, ledger)
    assert time.perf_counter() - began < 0.5, "generous: a busy machine; measured 0.02 s"
    assert untraced(traced.as_json()) == []

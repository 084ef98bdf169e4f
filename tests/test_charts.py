"""The charts: every kind with ordinary, empty, single, many and hostile rows; what the SVG may not do."""

import base64
import functools
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.font_manager import FontProperties, findfont, get_font
from PIL import Image

from fbanalysis.report import charts
from fbanalysis.report.charts.canvas import flags, limits, spread, value_scale
from fbanalysis.report.charts.plot import Plot
from fbanalysis.report.charts.timeaxis import time_ticks
from fbanalysis.report.theme import (
    CATEGORIES,
    COLOURS,
    colour_of,
    contrast,
    font_file,
    names_of,
    printable,
    printed,
    readable,
    text_on,
    text_width,
    themed,
    wrapped,
)

STRATA = [
    "internal/一线员工", "internal/中层管理者", "internal/高层领导", "internal/新入职员工",
    "internal/其他人员", "external/核心客户", "external/普通客户",
    "external/潜在客户",
    "external/合作伙伴", "external/其他人员",
]  # fmt: skip
MANY = [f"第 {i + 1} 营业部客户服务" for i in range(40)]
HOSTILE = [
    "<script>alert(1)</script>", "$x^2$ & $\\alpha", '" onload="x', "a\x00\x1b\u202e\n\u2028b",
    "url(#p1) id=\"q\"", "😀", "{}%s\\", "很长" * 60, "", "]]>-->",
]  # fmt: skip


def long_frame(labels: list[str], parts: list[object]) -> pd.DataFrame:
    rows = [(label, part, 100 / len(parts)) for label in labels for part in parts]
    return pd.DataFrame(rows, columns=["stratum", "part", "percent"])


def estimates(labels: list[str]) -> pd.DataFrame:
    values = np.linspace(95, 41, max(len(labels), 1))[: len(labels)]
    half = np.linspace(1, 6, len(labels))
    half[::3] = np.nan
    return pd.DataFrame(
        {"stratum": labels, "rate": values, "low": values - half, "high": values + half, "n": 120}
    )


def times(labels: list[str]) -> pd.DataFrame:
    start = pd.date_range("2023-01-01", periods=len(labels), freq="MS")
    return estimates(labels).assign(month=start, end=start + pd.Timedelta(days=20))


def two_years(labels: list[str]) -> pd.DataFrame:
    return estimates(labels).assign(before=lambda x: x["rate"] - 3, change="+3.0")


def costs(labels: list[str]) -> pd.DataFrame:
    return estimates(labels).assign(is_certain=[i % 2 == 0 for i in range(len(labels))])


def signed(labels: list[str]) -> pd.DataFrame:
    return (
        estimates(labels)
        .assign(log_ratio=np.linspace(-4, 3, max(len(labels), 1))[: len(labels)])
        .drop(columns=["low", "high"])
    )


def areas(labels: list[str]) -> pd.DataFrame:
    """How well each area does and how much it weighs, with the intervals of both."""
    at = np.arange(len(labels))
    weight = 20 + 14 * np.sin(at * 1.9)
    return estimates(labels).assign(
        rate=lambda x: x["rate"].clip(0, 100),
        weight=weight, weight_low=weight - 3, weight_high=weight + 3,
    )  # fmt: skip


def mapped(frame: pd.DataFrame, *, split: tuple[float, float] = (80.0, 18.0), **more: object) -> charts.Chart:
    return charts.quadrants(
        frame, by="stratum", x="rate", y="weight", x_interval=("low", "high"),
        y_interval=("weight_low", "weight_high"), split=split, labels=("表现", "重要性（占比）"),
        fields={(0, 1): "优先改进", (1, 1): "继续保持", (0, 0): "可以等一等", (1, 0): "维持即可"},
        units=("percent", "percent"), **more,
    )  # fmt: skip


KINDS: dict[str, Callable[[list[str]], charts.Chart]] = {
    "dots": lambda x: charts.dots(estimates(x), value="rate", target=80, highlight=x[:1], base="n"),
    "dots from target": lambda x: charts.dots(estimates(x), value="rate", target=80, from_target=True),
    "dots in bands": lambda x: charts.dots(
        estimates(x).assign(band=1), value="rate", bands="band", wide=True
    ),
    "bars": lambda x: charts.bars(estimates(x), by="stratum", value="rate", unit="percent"),
    "bars in groups": lambda x: charts.bars(
        long_frame(x, ["2022", "2023"]), by="stratum", value="percent", group="part", unit="percent"
    ),
    "stacked": lambda x: charts.stacked(long_frame(x, ["正面", "中性", "负面"]), by="stratum", parts="part"),
    "one stack": lambda x: charts.stacked(estimates(x), parts="stratum", value="rate"),
    "likert": lambda x: charts.likert(long_frame(x, [1, 2, 3, 4, 5]), score="part"),
    "dumbbell": lambda x: charts.dumbbell(two_years(x), before="before", after="rate", change_label="change"),
    "waterfall": lambda x: charts.waterfall(costs(x), by="stratum", value="rate", certain="is_certain"),
    "trend": lambda x: charts.trend(
        times(x), x="month", value="rate", events=[("2023-02-01", x[0] if x else "")]
    ),
    "trend of groups": lambda x: charts.trend(
        long_frame(x, [1, 2, 3]).rename(columns={"part": "month"}),
        x="month",
        value="percent",
        group="stratum",
    ),
    "columns": lambda x: charts.columns(
        estimates(x), x="stratum", value="rate", line="rate", line_label="比率"
    ),
    "timeline": lambda x: charts.timeline(
        times(x), start="month", end="end", label="stratum", note="stratum"
    ),
    "quadrants": lambda x: mapped(areas(x), split=(82.0, 20.0)),
    "quadrants in kinds": lambda x: mapped(areas(x).assign(kind=x), category="kind", highlight=(0, 1)),
    "heat": lambda x: charts.heat(long_frame(x, STRATA[:6]), row="stratum", column="part", value="percent"),
    "keyness": lambda x: charts.keyness(signed(x), word="stratum", groups=("问题", "表扬")),
    "cloud": lambda x: charts.cloud(
        estimates(x).assign(side=x), word="stratum", weight="rate", colour="side"
    ),
}
CASES = {"ordinary": STRATA, "one row": STRATA[:1], "forty rows": MANY, "hostile": HOSTILE, "empty": []}
every_kind = pytest.mark.parametrize("kind", KINDS)


@functools.cache
def drawn(kind: str, case: str = "ordinary") -> charts.Chart:
    return KINDS[kind](CASES[case])


def texts(chart: charts.Chart) -> list[str]:
    return [node.text or "" for node in ET.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}text")]


def ids(chart: charts.Chart) -> list[str]:
    return re.findall(r'\bid="([^"]*)"', chart.svg)


@every_kind
@pytest.mark.parametrize("case", ["ordinary", "one row", "forty rows", "hostile"])
def test_a_kind_names_its_categories_and_stays_on_the_sheet(kind: str, case: str) -> None:
    chart = drawn(kind, case)
    assert len(texts(chart)) >= 1
    assert chart.alt
    assert 0.3 < chart.aspect < 3
    assert set(outside(chart)) == set()


@every_kind
def test_no_rows_say_that_there_is_no_data(kind: str) -> None:
    chart = drawn(kind, "empty")
    assert texts(chart) == ["没有数据"]
    assert chart.alt == "没有数据。"
    assert chart.plot is None
    assert chart.png == ""


@every_kind
def test_hostile_labels_stay_text(kind: str) -> None:
    svg = drawn(kind, "hostile").svg
    root = ET.fromstring(svg)
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert tags <= {
        "svg",
        "title",
        "g",
        "path",
        "text",
        "defs",
        "use",
        "clipPath",
        "rect",
        "pattern",
        "tspan",
    }
    assert not [key for node in root.iter() for key in node.attrib if key.lower().startswith("on")]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", svg)


def test_dollars_and_angles_are_printed_as_they_are() -> None:
    said = texts(charts.bars(pd.DataFrame({"k": ["$x$ & <b>"], "n": [3]}), by="k", value="n"))
    assert "$x$ & <b>" in said


@every_kind
def test_the_same_data_give_the_same_bytes(kind: str) -> None:
    assert KINDS[kind](STRATA).svg == drawn(kind).svg


def test_ids_of_charts_in_one_page_do_not_collide() -> None:
    pictures = {
        drawn(kind, case).svg: drawn(kind, case) for kind in KINDS for case in ("ordinary", "one row")
    }
    found = [name for chart in pictures.values() for name in ids(chart)]
    assert len(found) > 10
    assert len(found) == len(set(found))


@every_kind
def test_every_reference_has_its_definition(kind: str) -> None:
    chart = drawn(kind)
    assert set(re.findall(r'(?:url\(#|href="#)([\w-]+)', chart.svg)) == set(ids(chart))


@every_kind
def test_the_svg_stands_inline(kind: str) -> None:
    svg = drawn(kind).svg
    root = ET.fromstring(svg)
    assert svg.startswith("<svg ")
    assert {"viewBox", "role", "aria-label"} <= set(root.attrib)
    assert not {"width", "height"} & set(root.attrib)
    assert not re.search("<style|<metadata|<!|xlink|http(?!://www.w3.org/2000/svg)", svg)


@every_kind
def test_the_frame_is_kept_and_not_changed(kind: str) -> None:
    assert len(drawn(kind).data) >= len(STRATA)


def test_the_frame_given_is_not_changed() -> None:
    frame = estimates(STRATA)
    before = frame.copy()
    chart = charts.dots(frame, value="rate")
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(chart.data, before)


@every_kind
def test_the_font_has_every_character_of_ours(kind: str) -> None:
    known = get_font(str(font_file())).get_charmap()
    assert {c for text in texts(drawn(kind)) for c in text if ord(c) not in known} == set()


def test_matplotlib_is_left_as_it_was() -> None:
    before = dict(mpl.rcParams)
    charts.dots(estimates(STRATA), value="rate")
    assert dict(mpl.rcParams) == before


def test_jupyter_shows_the_picture() -> None:
    chart = charts.dots(estimates(STRATA), value="rate")
    assert chart.svg in chart._repr_html_()


def test_missing_values_are_shown_as_missing() -> None:
    frame = pd.DataFrame({"stratum": ["甲", "乙"], "rate": [50.0, np.nan]})
    assert texts(charts.dots(frame, value="rate")) == ["甲", "乙", "50.0%", "–"]
    assert "–" in texts(charts.bars(frame, by="stratum", value="rate"))


FLAT = pd.DataFrame(
    {
        "stratum": ["甲", "乙"],
        "part": [1, 5],
        "percent": 0.0,
        "rate": 0.0,
        "day": ["2023-01-01", "2023-02-01"],
    }
)


@pytest.mark.parametrize(
    "draw",
    [
        lambda x: charts.dots(x, value="rate"),
        lambda x: charts.bars(x, by="stratum", value="rate"),
        lambda x: charts.stacked(x, by="stratum", parts="part"),
        lambda x: charts.stacked(x, parts="part"),
        lambda x: charts.likert(x, score="part"),
        lambda x: charts.dumbbell(x, before="rate", after="rate"),
        lambda x: charts.waterfall(x, by="stratum", value="rate"),
        lambda x: charts.trend(x, x="day", value="rate"),
        lambda x: charts.columns(x, x="day", value="rate"),
        lambda x: charts.heat(x, row="stratum", column="part", value="rate"),
        lambda x: charts.keyness(x, word="stratum", value="rate"),
        lambda x: charts.cloud(x, word="stratum", weight="rate"),
    ],
)
@pytest.mark.parametrize("rows", [1, 2])
def test_zeros_and_equal_values_are_drawn_without_a_warning(draw: Callable, rows: int) -> None:
    assert not outside(draw(FLAT.head(rows)))


def test_rows_with_the_same_label_are_drawn_apart() -> None:
    frame = pd.DataFrame({"stratum": ["甲", "甲"], "rate": [50.0, 60.0]})
    assert texts(charts.dots(frame, value="rate")) == ["甲", "甲", "60.0%", "50.0%"]


def test_an_estimate_is_called_one() -> None:
    said = texts(
        charts.waterfall(costs(["直接赔付", "客户流失"]), by="stratum", value="rate", certain="is_certain")
    )
    assert [text for text in said if "估计" in text] == ["41 万元（估计）"]


def test_months_stand_on_the_axis_in_their_order() -> None:
    said = texts(charts.trend(times(MANY[:12]), x="month", value="rate"))
    assert [text for text in said if text.endswith("月")] == [f"{month}月" for month in range(1, 13)]


def test_a_first_hour_that_is_not_midnight_is_named() -> None:
    low, high = mpl.dates.date2num(pd.to_datetime(["2023-05-15 08:00", "2023-05-15 20:00"]))
    assert time_ticks(low, high, width=700)[0][1] == "5月15日 09:00"


def test_several_years_are_named_once_each() -> None:
    low, high = mpl.dates.date2num(pd.to_datetime(["2022-01-01", "2023-12-31"]))
    said = [text for _, text in time_ticks(low, high, width=700)]
    assert [text for text in said if "年" in text] == ["2022年1月", "2023年1月"]


def test_expectation_is_named_at_the_line_end() -> None:
    frame = times(MANY[:6]).assign(expected=90.0, expected_low=85.0, expected_high=95.0)
    said = texts(charts.trend(frame, x="month", value="rate", expected="expected", unit="percent"))
    assert {"实际 41.0%", "预期 90.0%"} <= set(said)


# What a chart shows, as data


def plot_of(chart: charts.Chart) -> Plot:
    assert chart.plot is not None
    return chart.plot


@every_kind
@pytest.mark.parametrize("case", ["ordinary", "one row", "forty rows", "hostile"])
def test_a_plot_is_plain_data_with_a_place_for_every_category(kind: str, case: str) -> None:
    plot = plot_of(drawn(kind, case))
    count = len(plot.categories)
    assert json.loads(json.dumps(plot.as_json(), allow_nan=False))["kind"] == plot.kind
    assert count >= 1
    assert {len(one.values) for one in plot.series} == {count}
    optional = [getattr(one, name) for one in plot.series for name in ("low", "high", "texts", "colours")]
    assert {len(column) for column in [*optional, plot.base, plot.notes]} <= {0, count}
    assert any(value is not None for one in plot.series for value in one.values)
    assert not re.search("[\x00-\x1f\u202e]", "".join(words_of(plot)))


def words_of(plot: Plot) -> list[str]:
    return [
        *plot.categories, *plot.notes, plot.label, plot.target_label, *(text for _, text in plot.events),
        *(f"n = {n}" for n in plot.base), *(one.name for one in plot.series),
        *(text for one in plot.series for text in one.texts),
    ]  # fmt: skip


#: Kinds whose grey numbers are ticks of an axis or its legend, not values.
WITH_TICKS = {
    "trend",
    "trend of groups",
    "columns",
    "timeline",
    "keyness",
    "heat",
    "quadrants",
    "quadrants in kinds",
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "cloud"])
@pytest.mark.parametrize("case", ["ordinary", "one row", "forty rows"])
def test_every_number_that_the_picture_prints_is_in_the_plot(kind: str, case: str) -> None:
    chart = drawn(kind, case)
    known = "\n".join(words_of(plot_of(chart)))
    missing = [
        number
        for node in ET.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}text")
        if not (kind in WITH_TICKS and COLOURS["muted"].lower() in node.get("style", ""))
        for number in re.findall(r"[+−]?\d[\d,.]*(?:%| 万元（估计）| 万元)?", node.text or "")
        if number not in known
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("kind", "office"),
    [("dots", "dots"), ("bars", "bar"), ("dumbbell", "pairs"), ("waterfall", "waterfall"),
     ("stacked", "stacked"), ("likert", "diverging"), ("trend", "line"), ("columns", "column"),
     ("timeline", "gantt"), ("keyness", "keyness"), ("cloud", "cloud"), ("heat", "heat")],
)  # fmt: skip
def test_a_kind_has_its_office_chart(kind: str, office: str) -> None:
    assert plot_of(drawn(kind)).kind == office


def test_dots_keep_bases_target_and_highlight() -> None:
    frame = pd.DataFrame({"stratum": ["甲", "乙", "丙"], "rate": [50.0, 90.0, None], "people": [30, 40, 3]})
    plot = plot_of(charts.dots(frame, value="rate", target=80, highlight=["甲"], base="people"))
    [series] = plot.series
    assert (plot.categories, plot.base) == (("乙", "甲", "丙"), (40, 30, None))
    assert (series.values, series.texts) == ((90.0, 50.0, None), ("90.0%", "50.0%", "–"))
    assert (plot.target, plot.target_label) == (80, "目标 80.0%")
    assert series.colours == (COLOURS["accent"], COLOURS["alarm"], COLOURS["accent"])


def test_a_base_is_found_by_its_name_unless_it_is_what_is_drawn() -> None:
    frame = pd.DataFrame({"stratum": ["甲", "乙"], "rate": [50.0, 90.0], "n": [30, 40]})
    assert plot_of(charts.bars(frame, by="stratum", value="rate")).base == (30, 40)
    assert plot_of(charts.bars(frame, by="stratum", value="n")).base == ()


def test_a_long_frame_has_a_base_where_its_parts_share_one() -> None:
    frame = long_frame(["甲", "乙"], ["正面", "负面"]).assign(n=[30, 30, 40, 40])
    assert plot_of(charts.stacked(frame, by="stratum", parts="part")).base == (30, 40)
    assert plot_of(charts.stacked(frame.assign(n=range(4)), by="stratum", parts="part")).base == ()


def test_series_of_bars_are_empty_where_a_row_lacks_one() -> None:
    frame = long_frame(["甲", "乙"], ["2022", "2023"]).head(3)
    plot = plot_of(charts.bars(frame, by="stratum", value="percent", group="part", unit="percent"))
    assert [(one.name, one.values) for one in plot.series] == [
        ("2022", (50.0, 50.0)), ("2023", (50.0, None)),
    ]  # fmt: skip
    assert plot.series[1].texts == ("50.0%", "")


def test_changes_of_a_pair_are_its_notes() -> None:
    plot = plot_of(drawn("dumbbell"))
    assert [one.name for one in plot.series] == ["上年", "本年"]
    assert set(plot.notes) == {"+3.0"}


def test_a_hidden_series_carries_the_steps_of_a_waterfall() -> None:
    frame = pd.DataFrame({"k": ["赔付", "退回", "流失", "合计"], "v": [5.0, -2.0, 4.0, 7.0],
                          "sure": [True, True, False, True]})  # fmt: skip
    plot = plot_of(charts.waterfall(frame, by="k", value="v", certain="sure"))
    carriers, amounts = plot.series
    assert carriers.is_hidden
    assert carriers.values == (0.0, 3.0, 3.0, 0.0)
    assert amounts.values == (5.0, -2.0, 4.0, 7.0)
    assert amounts.texts == ("5 万元", "−2 万元", "4 万元（估计）", "7 万元")
    assert len(set(amounts.colours)) == 4


def test_a_row_without_answers_has_no_scores() -> None:
    frame = long_frame(["甲", "乙"], [1, 2, 3]).assign(percent=[20.0, 30, 50, None, None, None])
    plot = plot_of(charts.likert(frame, score="part", scale=(1, 3)))
    assert [one.values for one in plot.series] == [(20.0, None), (30.0, None), (50.0, None)]
    assert [one.texts[1] for one in plot.series] == ["–"] * 3


def test_a_trend_keeps_expectation_and_events() -> None:
    frame = times(MANY[:6]).assign(expected=90.0, expected_low=85.0, expected_high=95.0)
    events = [("2023-03-28", "系统中断"), ("2029-01-01", "太晚")]
    plot = plot_of(charts.trend(frame, x="month", value="rate", expected="expected", events=events))
    actual, expected = plot.series
    assert plot.categories == ("1月", "2月", "3月", "4月", "5月", "6月")
    assert plot.events == ((2, "系统中断"),)
    assert (actual.name, expected.name, expected.is_dashed) == ("实际", "预期", True)
    assert (expected.low, expected.high) == ((85.0,) * 6, (95.0,) * 6)
    assert len(actual.low) == 6


def test_moments_of_a_trend_are_named_as_far_as_they_differ() -> None:
    def categories(*moments: str) -> tuple[str, ...]:
        frame = pd.DataFrame({"at": moments, "rate": range(len(moments))})
        return tuple(plot_of(charts.trend(frame, x="at", value="rate")).categories)

    assert categories("2022-12-01", "2023-01-01", "2023-02-01") == ("2022年12月", "2023年1月", "2023年2月")
    assert categories("2023-05-15", "2023-05-22") == ("5月15日", "5月22日")
    assert categories("2023-05-15 08:00", "2023-05-15 20:30") == ("5月15日 08:00", "5月15日 20:30")
    assert categories("2023Q1", "2023Q2") == ("一季度", "二季度")


def test_a_line_above_columns_has_its_own_unit() -> None:
    bars, line = plot_of(drawn("columns")).series
    assert (bars.is_line, line.is_line, line.name) == (False, True, "比率")
    assert (line.unit, line.texts[0]) == ("percent", "95.0%")


def place_of(chart: charts.Chart, text: str) -> tuple[float, float]:
    """Where a text stands, in pixels from the top left corner."""
    nodes = ET.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}text")
    node = next(one for one in nodes if one.text == text)
    moved = re.search(r"translate\(([\d.-]+)[ ,]+([\d.-]+)\)", node.get("transform", ""))
    return (
        (float(node.get("x")), float(node.get("y"))) if moved is None else tuple(map(float, moved.groups()))
    )


def test_a_column_just_below_the_target_has_its_label_above_the_line() -> None:
    frame = pd.DataFrame({"x": ["甲", "乙", "丙"], "v": [4.0, 3.9, 2.0]})
    chart = charts.columns(frame, x="x", value="v", unit="hours", decimals=1, target=4.0, label="实际")
    (_, on), (_, near), (_, low) = (place_of(chart, f"{v} 小时") for v in ("4.0", "3.9", "2.0"))
    assert near == on < low
    assert "实际，虚线为目标 4.0 小时" in texts(chart)
    assert (chart.plot.target, chart.plot.target_label) == (4.0, "目标 4.0 小时")


def test_a_line_that_breaks_off_early_is_named_at_its_end() -> None:
    weeks = [f"2023-01-{day:02}" for day in (2, 9, 16)] + [f"2023-07-{day:02}" for day in (3, 10, 17)]
    frame = pd.DataFrame(
        {"week": weeks, "v": [30, 29, 28, 5, 5, 4], "phase": ["改进前"] * 3 + ["改进后"] * 3}
    )
    chart = charts.trend(frame, x="week", value="v", group="phase", unit="count")
    assert place_of(chart, "改进前 28")[0] < 0.4 * place_of(chart, "改进后 4")[0]


def test_answers_that_round_to_nothing_have_no_label() -> None:
    percents = [0.3, 1.2, 12.5, 50.0, 36.0]
    frame = pd.DataFrame({"stratum": "服务", "score": range(1, 6), "percent": percents})
    said = texts(charts.likert(frame))
    assert "1%" in said
    assert "0%" not in said


def test_many_parts_are_named_inside_few_thick_bars() -> None:
    names = ["一线员工", "中层管理者", "新入职员工", "离职员工", "其他人员"]
    frame = pd.DataFrame({"side": "内部", "name": names, "percent": [36, 22, 16, 14, 12]})
    frame = pd.concat([frame, frame.assign(side="外部")])
    many = texts(charts.stacked(frame, by="side", parts="name", decimals=0))
    few = texts(charts.stacked(frame[frame["name"] != names[0]], by="side", parts="name", decimals=0))
    assert (many.count("中层管理者"), few.count("中层管理者")) == (3, 1)


def test_dots_hand_on_what_hangs_on_the_target_and_shares_a_ground() -> None:
    frame = estimates(STRATA[:5]).assign(band=[1, 1, 2, 3, 3], rate=[95.0, 94.0, 80.0, 70.0, 69.0])
    look = {"value": "rate", "target": 75.0, "from_target": True, "bands": "band", "sort": False}
    plot = plot_of(charts.dots(frame, **look))
    assert plot.bands == ((0, 1), (3, 4))
    assert (plot.is_from_target, plot.is_base_shown) == (True, False)
    assert plot_of(charts.dots(frame, value="rate", base="n")).is_base_shown


def test_a_timeline_counts_days_from_its_first() -> None:
    frame = pd.DataFrame({"步骤": ["上报", "修复"], "起": ["2023-05-15 12:00", "2023-05-16 00:00"],
                          "止": ["2023-05-16", None], "注": ["甲", "乙"]})  # fmt: skip
    plot = plot_of(charts.timeline(frame, start="起", end="止", label="步骤", note="注"))
    starts, lengths = plot.series
    assert (plot.origin, starts.is_hidden) == ("2023-05-15", True)
    assert (starts.values, lengths.values) == ((0.5, 1.0), (0.5, 0.0))
    assert plot.notes == ("甲", "乙")


def test_words_of_a_keyness_stand_on_one_side() -> None:
    left, right = plot_of(drawn("keyness")).series
    assert [name for name in (left.name, right.name)] == ["问题", "表扬"]
    assert all((a is None) != (b is None) for a, b in zip(left.values, right.values, strict=True))
    assert max(v for v in left.values if v is not None) < 0


def test_cells_of_a_heat_map_keep_texts_and_grounds() -> None:
    plot = plot_of(drawn("heat"))
    assert len(plot.series) == 6
    assert all(text_on(colour) for one in plot.series for colour in one.colours)
    assert plot.series[0].texts[0] == "16.7"


def test_a_cloud_is_also_a_picture_of_twice_its_size() -> None:
    chart = drawn("cloud")
    drawing = base64.b64decode(chart.png)
    picture = Image.open(io.BytesIO(drawing))
    places = [node.text for node in ET.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}text")]
    assert set(plot_of(chart).categories) <= set(places)
    assert picture.size == (2 * 760, 2 * 484)
    assert len(picture.getcolors(maxcolors=10**6)) > 10
    assert KINDS["cloud"](STRATA).png == chart.png
    assert b"Software" not in drawing
    assert {drawn(kind).png for kind in KINDS if kind != "cloud"} == {""}


def test_pictures_are_set_in_the_font_of_the_theme() -> None:
    with themed():
        assert findfont(FontProperties()) == str(font_file())


# Wording and colours


def test_one_name_on_two_sides_gets_its_side() -> None:
    assert names_of(["internal/其他人员", "external/其他人员", "external/供应商", "登录/注册", "all"]) == [
        "内部·其他人员", "外部·其他人员", "供应商", "登录/注册", "全体",
    ]  # fmt: skip


def test_a_repeated_label_does_not_get_a_side() -> None:
    assert names_of(["internal/一线员工", "internal/一线员工"]) == ["一线员工", "一线员工"]


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(86.25, "percent", "86.3%"), (-0.04, "pp", "0.0"), (0.04, "pp", "0.0"), (19, "pp", "+19.0"),
     (1234, "count", "1,234"), (None, "count", "–"), (3, "unknown", "3.00")],
)  # fmt: skip
def test_values_are_printed_in_their_unit(value: float | None, unit: str, said: str) -> None:
    assert printed(value, unit=unit) == said


def test_a_stratum_keeps_its_colour() -> None:
    assert colour_of("b", ["a", "b"]) == colour_of("b", ["c", "b", "a"]) == CATEGORIES[1]
    assert len({colour_of(name, MANY) for name in MANY[:21]}) == 21


@pytest.mark.parametrize("colour", [*CATEGORIES, COLOURS["alarm"], COLOURS["muted"], "#ffffff"])
def test_text_reaches_its_contrast(colour: str) -> None:
    assert contrast(readable(colour), "#FFFFFF") >= 4.5
    assert contrast(text_on(colour), colour) >= 4


def test_text_is_measured_broken_and_cut() -> None:
    assert text_width("反馈", 16) == 32
    assert wrapped("服务热线，总机", size=10, width=42) == ["服务热", "线，总机"]
    assert wrapped("很长" * 10, size=10, width=40) == ["很长很长", "很长很…"]
    assert printable("a\u202eb\n c\x00") == "ab c"


def test_labels_keep_apart() -> None:
    placed = spread([5, 5, 5, 90], gap=10, low=0, high=100)
    assert min(np.diff(sorted(placed))) >= 10 - 1e-6
    assert min(placed) >= 0
    assert [level for _, level in flags([0, 10, 20], [50, 50, 50], width=300)] == [0, 1, 2]


def test_limits_leave_room_for_labels() -> None:
    low, high = limits([(0, 10, 20, 50), (5, 6, 0, 0)], width=170)
    scale = 170 / (high - low)
    assert (0 - low) * scale == pytest.approx(20)
    assert (high - 10) * scale == pytest.approx(50)
    assert limits([(5, 5, 10, 10)], width=100)[0] < 5


def test_a_value_axis_begins_at_zero_where_zero_is_near() -> None:
    assert value_scale([10, 80], unit="percent")[0] == 0
    assert value_scale([3.4, 4.2], unit="score")[0] > 3


def outside(chart: charts.Chart) -> list[str]:
    """Texts that reach beyond the sheet by more than two pixels."""
    root = ET.fromstring(chart.svg)
    _, _, width, height = map(float, root.get("viewBox").split())
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")
            if not _is_inside(node, width=width, height=height)]  # fmt: skip


def _is_inside(node: ET.Element, *, width: float, height: float) -> bool:
    style, moved = (
        node.get("style", ""),
        re.search(r"translate\(([\d.-]+)[ ,]+([\d.-]+)\)", node.get("transform", "")),
    )
    size = float(re.search(r"([\d.]+)px", style)[1])
    x, y = (float(node.get("x")), float(node.get("y"))) if node.get("x") else map(float, moved.groups())
    wide = text_width(node.text or "", size)
    if "rotate(-90)" in node.get("transform", ""):
        return y - wide >= -2 and y <= height + 2
    left = x - wide if "end" in style else x - wide / 2 if "middle" in style else x
    return left >= -2 and left + wide <= width + 2 and y - 0.9 * size >= -2 and y <= height + 2


# Maps


def four_areas() -> pd.DataFrame:
    """One area in each field; the interval of the last reaches the line between the fields."""
    return pd.DataFrame(
        {
            "stratum": ["响应", "功能", "资料", "价格"],
            "rate": [70.0, 90.0, 72.0, 88.0],
            "weight": [30.0, 28.0, 8.0, 15.0],
        }
    ).assign(
        low=lambda x: x["rate"] - 3,
        high=lambda x: x["rate"] + 3,
        weight_low=lambda x: x["weight"] - 4,
        weight_high=lambda x: x["weight"] + 4,
    )


def test_a_map_holds_both_numbers_of_a_point_with_their_intervals() -> None:
    sure, unsure, across, split = mapped(four_areas()).plot.series
    assert (sure.name, unsure.name, across.name) == ("重要性", "重要性 · 归属不确定", "表现")
    assert sure.values == (30.0, 28.0, 8.0, None)
    assert (unsure.values, unsure.low, unsure.high) == (
        (None, None, None, 15.0), (None, None, None, 11.0), (None, None, None, 19.0)
    )  # fmt: skip
    assert (across.values, across.low[0], across.high[3]) == ((70.0, 90.0, 72.0, 88.0), 67.0, 91.0)
    assert (split.is_hidden, split.x[0], mapped(four_areas()).plot.target) == (True, 80.0, 18.0)


def test_a_map_names_the_field_of_a_point_only_where_it_is_sure() -> None:
    chart = mapped(four_areas())
    assert chart.plot.notes == ("优先改进", "继续保持", "可以等一等", "归属不确定")
    assert "响应 70.0%、30.0%，优先改进" in chart.alt
    assert "价格 88.0%、15.0%，归属不确定" in chart.alt
    assert "区间跨分界线，归属不确定" in texts(chart)


def test_what_the_analysis_says_of_a_points_field_goes_before_its_intervals() -> None:
    given = four_areas().assign(is_sure=[False, True, True, True])
    assert mapped(given, certain="is_sure").plot.notes == ("继续保持", "可以等一等", "维持即可", "归属不确定")


def test_a_map_without_intervals_is_sure_of_every_point_and_needs_no_key() -> None:
    chart = charts.quadrants(
        four_areas(), by="stratum", x="rate", y="weight", split=(80.0, 18.0), labels=("表现", "重要性"),
        fields={(0, 1): "优先改进"}, units=("percent", "percent"),
    )  # fmt: skip
    assert chart.plot.notes == ("优先改进", "", "", "")
    assert not any("归属不确定" in text for text in texts(chart))


def test_a_point_with_one_number_only_is_counted_as_missing() -> None:
    frame = four_areas()
    frame.loc[1, "rate"] = np.nan
    chart = mapped(frame)
    assert "1 项没有数据" in texts(chart)
    assert all(one.values[list(chart.plot.categories).index("功能")] is None for one in chart.plot.series)


def test_a_trend_calls_the_dashed_line_as_it_is_told() -> None:
    """A line that goes on from before an intervention begins there; a fall that was wanted is no loss."""
    frame = times(MANY[:6]).assign(expected=[np.nan] * 3 + [90.0] * 3, is_lost=False)
    chart = charts.trend(
        frame, x="month", value="rate", expected="expected", expected_label="若无干预", unit="percent"
    )
    assert "若无干预 90.0%" in texts(chart)
    line = chart.plot.series[-1]
    assert (line.name, line.is_dashed, line.values) == (
        "若无干预",
        True,
        (None, None, None, 90.0, 90.0, 90.0),
    )


def test_an_event_where_one_month_ends_belongs_to_the_next() -> None:
    """February stands nearer to the first of March than March does, whose middle comes later."""
    frame = times(MANY[:6])
    chart = charts.trend(
        frame, x="month", value="rate", events=[("2023-03-01", "上线"), ("2023-03-28", "扩围")]
    )
    assert chart.plot.events == ((2, "上线"), (2, "扩围"))


def test_a_map_without_a_split_has_nothing_to_draw() -> None:
    assert mapped(four_areas(), split=(np.nan, 18.0)).plot is None

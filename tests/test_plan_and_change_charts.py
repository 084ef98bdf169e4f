"""Slope, pareto, gantt, control and Kano charts: what they name, where labels stand, what they hand on as data."""

import functools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from fbanalysis.report import charts
from fbanalysis.report.charts.placing import along, beside
from fbanalysis.report.theme import COLOURS, text_width

FEATURES = ["一键同步", "离线编辑", "多人协作", "历史版本", "快捷键", "批量导出", "接口开放", "权限管理"]
MANY = [f"第 {i + 1} 营业部客户服务" for i in range(40)]
HOSTILE = [
    "<script>alert(1)</script>", "$x^2$ & $\\alpha", '" onload="x', "a\x00\x1b\u202e\n\u2028b",
    "url(#p1) id=\"q\"", "😀", "{}%s\\", "很长" * 60, "", "]]>-->",
]  # fmt: skip
CASES = {"ordinary": FEATURES, "one row": FEATURES[:1], "forty rows": MANY, "hostile": HOSTILE, "empty": []}
STATES = ["已完成", "正常", "关注", "滞后", "未开始"]


def two_years(labels: list[str]) -> pd.DataFrame:
    before = np.linspace(60, 90, len(labels))
    after = before + 5 * np.cos(np.arange(len(labels)))
    return pd.DataFrame(
        {"stratum": labels, "before": before, "after": after, "low": after - 2, "high": after + 2}
    ).assign(change="+3.0 个百分点")


def causes(labels: list[str]) -> pd.DataFrame:
    count = 900 // np.arange(1, len(labels) + 1)
    return pd.DataFrame(
        {"cause": labels, "count": count, "share": 100 * count.cumsum() / max(count.sum(), 1)}
    )


def plan(labels: list[str]) -> pd.DataFrame:
    start = pd.Timestamp("2024-01-08") + pd.to_timedelta(np.arange(len(labels)) * 5, unit="D")
    done = np.linspace(100, 0, len(labels))
    return pd.DataFrame(
        {"task": labels, "start": start, "end": start + pd.Timedelta(days=60), "done": done, "due": 50.0}
    ).assign(status=np.resize(STATES, len(labels)), lane=np.resize(["服务", "产品"], len(labels)))


def milestones(labels: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"task": labels[::2], "at": "2024-03-01", "name": labels[::2]})


def process(labels: list[str]) -> pd.DataFrame:
    value = 88 + 3 * np.sin(np.arange(len(labels)))
    return pd.DataFrame(
        {"period": labels, "value": value, "centre": 88.0, "lower": 84.0, "upper": 92.0}
    ).assign(rule=[label if i % 4 == 0 else None for i, label in enumerate(labels)])


def features(labels: list[str]) -> pd.DataFrame:
    at = np.arange(len(labels))
    better, worse = 50 + 38 * np.sin(at * 2.4), 50 + 38 * np.cos(at * 1.7)
    return pd.DataFrame(
        {
            "feature": labels,
            "better": better,
            "worse": -worse,
            "better_low": better - 4,
            "better_high": better + 4,
        }
    ).assign(category=np.resize(["期望", "魅力属性", "必备", "无差异", *labels[:1]], len(labels)))


def drawn_slope(x: list[str], **more: object) -> charts.Chart:
    frame = two_years(x)
    return charts.slope(frame, before="before", after="after", change_label="change", highlight=x[:1], **more)


def drawn_gantt(x: list[str], **more: object) -> charts.Chart:
    options = {"by": "task", "start": "start", "end": "end", "progress": "done", "planned": "due"}
    return charts.gantt(plan(x), **options, status="status", today="2024-03-20", **more)


KINDS: dict[str, Callable[[list[str]], charts.Chart]] = {
    "slope": drawn_slope,
    "wide slope": lambda x: drawn_slope(x, wide=True),
    "pareto": lambda x: charts.pareto(causes(x), by="cause", value="count", cumulative="share", label="件数"),
    "gantt": lambda x: drawn_gantt(x, milestones=milestones(x)),
    "gantt in lanes": lambda x: drawn_gantt(x, milestones=milestones(x), lanes="lane", wide=True),
    "control": lambda x: charts.control(
        process(x), x="period", value="value", centre="centre", lower="lower", upper="upper", flag="rule"
    ),
    "kano": lambda x: charts.kano(
        features(x), by="feature", better="better", worse="worse", category="category"
    ),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_case = pytest.mark.parametrize("case", [case for case in CASES if case != "empty"])


@functools.cache
def drawn(kind: str, case: str = "ordinary") -> charts.Chart:
    return KINDS[kind](CASES[case])


def texts(chart: charts.Chart) -> list[str]:
    return [node.text or "" for node in ET.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}text")]


def boxes(chart: charts.Chart) -> list[tuple[str, float, float, float, float]]:
    """Measure each text: itself, left, top, right, bottom; inked height is about 0.9 of the size."""
    found = []
    for node in ET.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}text"):
        style, turn = node.get("style", ""), node.get("transform", "")
        moved = re.search(r"translate\(([\d.-]+)[ ,]+([\d.-]+)\)", turn)
        size = float(re.search(r"([\d.]+)px", style)[1])
        x, y = (float(node.get("x")), float(node.get("y"))) if node.get("x") else map(float, moved.groups())
        wide = text_width(node.text or "", size)
        if "rotate(-90)" in turn:
            found.append((node.text or "", x - 0.8 * size, y - wide, x + 0.1 * size, y))
            continue
        left = x - wide if "end" in style else x - wide / 2 if "middle" in style else x
        found.append((node.text or "", left, y - 0.8 * size, left + wide, y + 0.1 * size))
    return [box for box in found if box[0].strip()]


def collisions(chart: charts.Chart) -> list[tuple[str, str]]:
    """Pairs of texts of which one covers the other by more than a pixel."""
    return [
        (one[0], other[0])
        for one, other in combinations(boxes(chart), 2)
        if min(one[3], other[3]) - max(one[1], other[1]) > 1
        and min(one[4], other[4]) - max(one[2], other[2]) > 1
    ]


@every_kind
@every_case
def test_no_text_covers_another_or_leaves_the_sheet(kind: str, case: str) -> None:
    chart = drawn(kind, case)
    width, height = map(float, ET.fromstring(chart.svg).get("viewBox").split()[2:])
    assert collisions(chart) == []
    assert [
        box for box in boxes(chart) if box[1] < -2 or box[2] < -2 or box[3] > width + 2 or box[4] > height + 2
    ] == []


@every_kind
def test_no_rows_say_that_there_is_no_data(kind: str) -> None:
    assert texts(drawn(kind, "empty")) == ["没有数据"]
    assert drawn(kind, "empty").plot is None


@every_kind
def test_the_same_data_give_the_same_bytes(kind: str) -> None:
    assert KINDS[kind](FEATURES).svg == drawn(kind).svg


@every_kind
@every_case
def test_the_plot_has_a_value_a_category(kind: str, case: str) -> None:
    plot = drawn(kind, case).plot
    for series in plot.series:
        assert len(series.values) == len(plot.categories)
        for more in (series.low, series.high, series.x, series.texts, series.colours):
            assert len(more) in (0, len(plot.categories))
    assert len(plot.notes) in (0, len(plot.categories))
    assert drawn(kind, case).alt


@every_kind
def test_hostile_labels_stay_text(kind: str) -> None:
    svg = drawn(kind, "hostile").svg
    tags = {node.tag.rpartition("}")[2] for node in ET.fromstring(svg).iter()}
    assert tags <= {"svg", "title", "g", "path", "text", "defs", "use", "clipPath", "rect", "tspan"}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", svg)


def test_the_frame_given_is_not_changed() -> None:
    frame = plan(FEATURES)
    before = frame.copy()
    charts.gantt(frame, by="task", start="start", end="end", lanes="lane")
    pd.testing.assert_frame_equal(frame, before)


# Slope


def test_a_slope_names_both_ends_and_hands_on_a_series_a_category() -> None:
    frame = pd.DataFrame(
        {"stratum": ["甲", "乙"], "a": [50.0, 70.0], "b": [60.0, 65.0], "d": ["+10.0", "−5.0"]}
    )
    chart = charts.slope(
        frame, before="a", after="b", labels=("2022", "2023"), change_label="d", highlight=["乙"]
    )
    assert {"2022", "2023", "50.0%", "60.0%", "70.0%", "65.0%", "+10.0", "−5.0"} <= set(texts(chart))
    assert [texts(chart).count(name) for name in ("甲", "乙")] == [2, 2]
    assert chart.plot.categories == ("2022", "2023")
    assert [(one.name, one.values, one.colour) for one in chart.plot.series] == [
        ("甲", (50.0, 60.0), COLOURS["accent"]),
        ("乙", (70.0, 65.0), COLOURS["alarm"]),
    ]


def test_many_slopes_name_the_highlighted_and_the_outermost() -> None:
    frame = two_years(MANY)
    chart = charts.slope(frame, before="before", after="after", highlight=[MANY[20]])
    said = set(texts(chart))
    assert {MANY[20], MANY[frame["after"].idxmax()], MANY[frame["after"].idxmin()]} <= said
    assert 3 <= len(said & set(MANY)) <= 8
    assert len(chart.plot.series) == 40


def test_a_slope_without_one_end_keeps_the_other() -> None:
    frame = pd.DataFrame({"stratum": ["甲", "乙", "丙"], "a": [50.0, None, None], "b": [None, 65.0, None]})
    said = texts(charts.slope(frame, before="a", after="b"))
    assert (said.count("甲"), said.count("乙"), said.count("没有数据：丙")) == (1, 1, 1)


# Pareto


def test_the_vital_few_end_with_the_first_that_reaches_the_mark() -> None:
    frame = pd.DataFrame(
        {"cause": list("甲乙丙丁"), "count": [50, 30, 15, 5], "share": [50.0, 80.0, 95.0, 100.0]}
    )
    plot = charts.pareto(frame, by="cause", value="count", cumulative="share").plot
    accent = COLOURS["accent"]
    assert [colour == accent for colour in plot.series[0].colours] == [True, True, False, False]
    assert (plot.target, plot.target_label) == (80.0, "80%")
    assert plot.series[1].is_line
    assert plot.series[1].values == (50.0, 80.0, 95.0, 100.0)


def test_pareto_rows_stand_in_the_order_in_which_they_were_added_up() -> None:
    frame = pd.DataFrame({"cause": ["其他", "乙", "甲"], "count": [40, 25, 35], "share": [100.0, 60.0, 35.0]})
    chart = charts.pareto(frame, by="cause", value="count", cumulative="share", mark=60, mark_label="六成")
    assert chart.plot.categories == ("甲", "乙", "其他")
    assert "六成" in texts(chart)


# Gantt


def test_states_have_a_mark_beside_their_colour() -> None:
    said = texts(drawn_gantt(FEATURES))
    assert {"✓ 已完成", "● 正常", "▲ 关注", "■ 滞后", "○ 未开始", "100%", "今天 3月20日"} <= set(said)


def test_a_gantt_hands_on_days_since_its_origin() -> None:
    frame = pd.DataFrame(
        {"task": ["甲", "乙"], "start": ["2024-01-01", "2024-01-11"], "end": ["2024-01-11", "2024-01-31"]}
    ).assign(done=[100, 25], status=["已完成", "滞后"])
    stones = pd.DataFrame({"task": ["乙"], "at": ["2024-01-21"], "name": ["验收"]})
    plot = charts.gantt(
        frame, by="task", start="start", end="end", progress="done", status="status",
        milestones=stones, today="2024-01-16",
    ).plot  # fmt: skip
    assert plot.origin == "2024-01-01"
    assert [(one.name, one.values, one.is_hidden) for one in plot.series] == [
        ("开始", (0.0, 10.0), True),
        ("已完成", (10.0, 5.0), False),
        ("未完成", (0.0, 15.0), False),
    ]
    assert plot.notes == ("完成 100%；✓ 已完成", "完成 25%；■ 滞后；1月21日 验收")
    assert plot.target == 15.0


def test_a_milestone_of_no_task_gets_its_own_row() -> None:
    stones = pd.DataFrame({"task": ["全项目"], "at": ["2024-02-01"], "name": ["年中评审"]})
    chart = drawn_gantt(FEATURES, milestones=stones)
    assert {"全项目", "年中评审"} <= set(texts(chart))
    assert chart.plot.categories[-1] == "全项目"
    assert chart.plot.series[0].values[-1] is None


def test_tasks_without_dates_progress_or_end_say_so() -> None:
    frame = plan(FEATURES[:3])
    frame.loc[0, "start"], frame.loc[1, "end"], frame.loc[2, "done"] = pd.NaT, pd.NaT, np.nan
    chart = charts.gantt(frame, by="task", start="start", end="end", progress="done")
    assert {"时间未定", "–"} <= set(texts(chart))
    assert [one.values[2] for one in chart.plot.series[1:]] == [None, 60.0]


def test_names_of_milestones_are_whole_or_left_out() -> None:
    frame = pd.DataFrame(
        {"task": ["甲", "乙"], "start": ["2024-01-01", "2024-05-20"], "end": ["2024-12-31"] * 2}
    )
    names = ["方案评审通过", "开发与联调测试完成", "灰度发布", "上线验收与复盘"]
    days = pd.date_range("2024-06-01", periods=4, freq="30D")
    chart = charts.gantt(
        pd.concat([frame] + [frame.assign(task=f"{i}") for i in range(8)]),
        by="task", start="start", end="end", milestones=pd.DataFrame({"task": "乙", "at": days, "name": names}),
    )  # fmt: skip
    said = [text for text in texts(chart) if text.startswith("方案评审")]
    assert said == ["方案评审通过、开发与联调测试完成等"] or said == ["方案评审通过等"]


def test_a_gantt_hands_on_lanes_and_what_stands_at_the_right() -> None:
    plot = drawn_gantt(FEATURES, lanes="lane").plot
    assert len(plot.lanes) == len(plot.categories)
    assert plot.series[1].texts[0] == "100% ✓ 已完成"
    assert not charts.gantt(plan(FEATURES), by="task", start="start", end="end").plot.lanes


def test_lanes_head_their_tasks() -> None:
    said = texts(drawn_gantt(FEATURES, lanes="lane"))
    assert {"服务", "产品"} <= set(said)


# Control chart


def test_flagged_points_are_labelled_and_lines_named_at_their_end() -> None:
    frame = pd.DataFrame(
        {"month": [f"2023-{month:02}-01" for month in range(1, 7)], "value": [88, 89, 97, 87, 88, 86]}
    )
    frame = frame.assign(centre=88.0, lower=[82, 82, 82, 83, 83, 83], upper=94.0, is_out=frame["value"] > 94)
    chart = charts.control(
        frame,
        x="month",
        value="value",
        centre="centre",
        lower="lower",
        upper="upper",
        flag="is_out",
        decimals=0,
    )
    assert {"3月 97%", "上限 94%", "中心 88%", "下限 83%"} <= set(texts(chart))
    assert "标出的点：3月。" in chart.alt
    values, *lines = chart.plot.series
    assert [colour == COLOURS["alarm"] for colour in values.colours] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]
    assert [(line.name, line.is_dashed) for line in lines] == [("上限", True), ("中心", True), ("下限", True)]
    assert lines[2].values == (82.0, 82.0, 82.0, 83.0, 83.0, 83.0)


def test_a_control_chart_without_limits_and_with_equal_values_is_drawn() -> None:
    frame = process(FEATURES).assign(value=0.0, centre=0.0)
    chart = charts.control(frame, x="period", value="value", centre="centre")
    assert [one.name for one in chart.plot.series] == ["数值", "中心"]
    assert collisions(chart) == []


# Kano


def test_kano_points_are_named_and_fields_stand_in_their_corners() -> None:
    chart = drawn("kano")
    place = {
        text: ((left + right) / 2, (top + bottom) / 2) for text, left, top, right, bottom in boxes(chart)
    }
    corners = [place[name] for name in ("魅力", "无差异")]
    assert corners[0][1] < corners[1][1]
    assert set(FEATURES) <= set(texts(chart))
    assert chart.plot.series[0].x[0] == pytest.approx(88.0)
    assert [one.name for one in chart.plot.series][:4] == ["期望", "魅力属性", "必备", "无差异"]


def test_kano_says_how_many_names_had_no_room_and_how_many_no_data() -> None:
    frame = features(MANY).assign(better=50.0, worse=50.0, category="期望")
    frame.loc[0, "better"] = np.nan
    said = texts(charts.kano(frame, by="feature", better="better", worse="worse", category="category"))
    named = sum(text in MANY for text in said)
    assert f"{39 - named} 项没有位置写名称；1 项没有数据" in said


# Labels of points


def test_labels_keep_off_marks_lines_and_each_other() -> None:
    wall = along([(0, 50), (100, 50)])
    placed = beside([(50, 50), (52, 50)], [30, 30], height=10, taken=wall, field=(0, 0, 100, 100))
    assert None not in placed
    for one, other in combinations(placed, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert all(box[3] <= 48 or box[1] >= 52 for box in placed)


def test_a_label_without_room_is_left_out() -> None:
    assert beside([(5, 5)], [30], height=10, taken=[], field=(0, 0, 20, 20)) == [None]


def test_what_labels_would_rather_keep_off_gives_way() -> None:
    field = (0, 0, 60, 20)
    assert beside([(5, 10)], [30], height=10, taken=[], field=field, soft=[field]) != [None]

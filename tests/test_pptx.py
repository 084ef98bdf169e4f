"""The PowerPoint file: native charts with their data, text as text, nothing that makes Office repair it."""

import base64
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn

from fbanalysis.dataset import Theme
from fbanalysis.report import layout
from fbanalysis.report.charts.plot import Plot, Series
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.pptx import write_pptx
from fbanalysis.report.pptx.charts import NATIVE, drawn
from fbanalysis.report.pptx.units import Box
from fbanalysis.report.story import Sheet

ACCENT, ALARM, GREY = "#0B6E99", "#C35037", "#A6AEBA"
HOSTILE = "</a:t><script>\x00\x0b\x1f=1+1&\"'<>]]>"


def said(text: str, **more: object) -> list[dict[str, object]]:
    return [{"text": text, "key": "", "rule": "", "is_typed": False, "see": ""} | more]


def made_spec(title: str = "反馈覆盖了大多数人", **more: object) -> dict[str, object]:
    spec = {
        "kicker": said("四　数据分析 · 满意度 · 各领域"),
        "title": said(title),
        "figures": [],
        "reading": [],
        "chart": None,
        "table": None,
        "quotes": [],
        "source": said("有效反馈 3,528 条；横线为 95% 区间"),
        "notes": said("先讲总体，再讲差别。"),
        "answer": [],
        "headline": None,
        "place": "deck",
    }
    return spec | more


def sheet(number: int, spec: dict[str, object]) -> Sheet:
    spec = dict(layout.cut(spec))
    spec["fit"] = layout.fit(spec).as_json()
    return Sheet("slide", f"slide-{number}", "页", page=number, title=spec["title"], spec=spec)


READING = [
    {"tone": "good", "text": said("服务满意度最高，与产品满意度分得出先后。")},
    {"tone": "look", "text": said("内部流程评价最低，外部客户中潜在客户最低（69%）。")},
    {"tone": "context", "text": said("总体满意度是单独一题，不是各领域的平均。")},
]


def charted(plot: Plot, **more: object) -> dict[str, object]:
    chart = {
        "kind": plot.kind,
        "svg": "",
        "alt": f"图：{plot.kind}",
        "aspect": 1.57,
        "png": "",
        "plot": plain(plot),
    }
    return made_spec(f"{plot.kind} 的结论是 86.0%", **({"chart": chart, "reading": READING} | more))


def plain(plot: Plot) -> dict[str, object]:
    """As JSON gives it back: lists for tuples."""
    import json

    return json.loads(json.dumps(asdict(plot)))


MONTHS = tuple(f"{i}月" for i in range(1, 13))
ROWS = ("全体", "一线员工", "中层管理者", "高层领导", "核心客户", "潜在客户")
VALUES = (86.0, 88.2, 93.1, 96.4, 92.0, 69.3)
LOWS = tuple(v - 2.5 for v in VALUES)
HIGHS = tuple(v + 1.5 for v in VALUES)
SCORES = ("很不满意", "不满意", "一般", "满意", "很满意")


PLOTS: dict[str, Plot] = {
    "bar": Plot(
        "bar",
        ROWS[:4],
        (
            Series("内部", VALUES[:4], ACCENT, LOWS[:4], HIGHS[:4]),
            Series("外部", (13.2, None, 26.4, 9.1), "#E6A532", (12, None, 24, 8), (15, None, 29, 10)),
        ),
        unit="percent",
    ),
    "column": Plot(
        "column",
        MONTHS,
        (
            Series("每月有效反馈（条）", tuple(range(210, 450, 20)), ACCENT, colours=(ALARM, *[ACCENT] * 11)),
            Series("工单量（件）", tuple(range(1000, 2200, 100)), "#1F2A37", unit="count", is_line=True),
        ),
        unit="count",
        label="每月有效反馈（条）",
    ),
    "stacked": Plot(
        "stacked",
        ROWS[:4],
        (
            Series("建议", (50, 64, 64, 40), "#E6A532"),
            Series("表扬", (25, 14, 26, 30), ACCENT),
            Series("问题反映", (25, 22, 10, 30), ALARM),
        ),
        unit="percent",
        decimals=0,
    ),
    "diverging": Plot(
        "diverging",
        ROWS,
        tuple(
            Series(name, values, colour)
            for name, values, colour in zip(
                SCORES,
                (
                    (5, 4, 3, 2, 6, 9),
                    (10, 8, 9, 7, 9, 20),
                    (20, 25, 18, 16, 20, 31),
                    (40, 38, 45, 45, 40, 25),
                    (25, 25, 25, 30, 25, 15),
                ),
                ("#D3745F", "#E9BAB1", "#E9ECF0", "#9DC5D6", "#3B8BAE"),
                strict=True,
            )
        ),
        unit="percent",
        decimals=0,
    ),
    "dots": Plot(
        "dots",
        ROWS,
        (
            Series(
                "覆盖率",
                VALUES,
                ACCENT,
                LOWS,
                HIGHS,
                colours=(ACCENT, ACCENT, ACCENT, ACCENT, "#6B7280", ALARM),
            ),
        ),
        unit="percent",
        base=(4102, 1500, 300, 80, 900, 400),
        target=85.0,
        target_label="目标 85%",
    ),
    "pairs": Plot(
        "pairs",
        ROWS[:3],
        (
            Series("去年", (44.0, 22.9, 33.2), GREY),
            Series("今年", (52.6, 23.9, 23.5), ACCENT),
        ),
        unit="percent",
        notes=("+8.7 个百分点", "+1.0 个百分点", "−9.7 个百分点"),
    ),
    "slope": Plot(
        "slope",
        ("去年", "今年"),
        (
            Series("建议", (44.0, 52.6), "#E6A532"),
            Series("表扬", (22.9, 23.9), ACCENT),
            Series("问题反映", (33.2, 23.5), ALARM),
        ),
        unit="percent",
    ),
    "line": Plot(
        "line",
        tuple(f"{m}月{d}日" for m in range(1, 13) for d in (1, 8, 15, 22)),
        (
            Series("实际", tuple(4.2 - (0.8 if 19 <= i < 24 else 0.01 * (i % 5)) for i in range(48)), ACCENT),
            Series("预期", (4.25,) * 48, "#6B7280", (4.1,) * 48, (4.4,) * 48, is_dashed=True),
        ),
        unit="score",
        decimals=2,
        events=((19, "A 系统数据同步错误"), (24, "恢复")),
        label="外部总体满意度周均值（分）",
    ),
    "pareto": Plot(
        "pareto",
        ("登录", "响应慢", "计费", "界面", "其他"),
        (
            Series("问题（件）", (120, 80, 40, 30, 10), ACCENT),
            Series("累计占比", (42.9, 71.4, 85.7, 96.4, 100.0), ALARM, unit="percent", is_line=True),
        ),
        unit="count",
    ),
    "control": Plot(
        "control",
        MONTHS,
        (
            Series(
                "投诉率",
                (1.2, 1.3, 1.1, 1.4, 2.6, 1.2, 1.3, 1.2, 1.1, 1.0, 1.2, 1.3),
                ACCENT,
                colours=(*[ACCENT] * 4, ALARM, *[ACCENT] * 7),
            ),
            Series("中心线", (1.33,) * 12, "#6B7280", is_dashed=True),
            Series("上限", (2.4,) * 12, GREY, is_dashed=True),
            Series("下限", (0.3,) * 12, GREY, is_dashed=True),
        ),
        unit="percent",
        decimals=2,
        label="投诉率（%）",
    ),
    "scatter": Plot(
        "scatter",
        ("产品", "服务", "流程", "价格"),
        (
            Series(
                "驱动力",
                (0.42, 0.31, 0.22, 0.12),
                ACCENT,
                x=(4.1, 4.5, 3.8, 3.9),
                texts=("产品", "服务", "流程", "价格"),
            ),
        ),
        unit="ratio",
        label="与总体满意度的相关",
        x_label="满意度（分）",
    ),
    "keyness": Plot(
        "keyness",
        ("感谢", "终于", "清单", "等于", "不敢", "太慢"),
        (
            Series(
                "正面",
                (-6.1, -5.0, -3.2, None, None, None),
                ACCENT,
                (-7.5, -6, -4, None, None, None),
                (-5, -4, -2, None, None, None),
            ),
            Series(
                "负面",
                (None, None, None, 6.1, 5.2, 3.4),
                ALARM,
                (None, None, None, 5, 4, 2.5),
                (None, None, None, 7.5, 6.5, 4.2),
            ),
        ),
        unit="ratio",
        decimals=1,
        label="对数比（底 2）",
    ),
    "waterfall": Plot(
        "waterfall",
        ("直接赔偿", "加班处理", "潜在客户流失", "合计"),
        (
            Series("起点", (0, 25, 33, 0), is_hidden=True),
            Series(
                "金额",
                (25, 8, 100, 133),
                ACCENT,
                colours=(ACCENT, ACCENT, "#A9CBDA", "#26324A"),
                texts=("25 万元", "8 万元", "100 万元（估计）", "133 万元（估计）"),
            ),
        ),
        unit="cny_10k",
    ),
    "gantt": Plot(
        "gantt",
        ("故障排查", "客户安抚", "应急恢复", "根本修复"),
        (
            Series("开始", (0.4, 0.5, 1.4, 2.0), is_hidden=True),
            Series("天数", (1.0, 4.0, 1.0, 1.0), ACCENT, colours=(ALARM, ACCENT, ACCENT, ACCENT)),
        ),
        notes=(
            "连续排查，定位到升级中的数据迁移脚本",
            "逐户说明情况，补偿并回访",
            "回滚写入队列",
            "改正脚本逻辑，重新同步数据并全量核对",
        ),
        origin="2023-05-15",
    ),
}
HEAT = Plot(
    "heat",
    ROWS,
    tuple(
        Series(
            name,
            values,
            texts=tuple(str(v) for v in values),
            colours=("#D3745F", "#FFFFFF", "#9DC5D6", "#3B8BAE", "#FFFFFF", "#E9BAB1"),
        )
        for name, values in (
            ("产品", (1.2, 0.1, 2.2, 3.4, 0.0, -1.1)),
            ("服务", (0.2, 1.1, 0.2, 2.4, 1.0, -2.1)),
        )
    ),
    unit="ratio",
    decimals=1,
    label="少于预期 → 多于预期",
)
CLOUD = Plot("cloud", ("建议", "客服"), (Series("数值", (40.0, 30.0), ACCENT),), unit="count")


def png() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (760, 484), ACCENT).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def made_table(rows: int = 6) -> dict[str, object]:
    line = {"is_highlighted": False, "is_total": False}
    body = [{"name": f"第 {i} 项指标", "cells": [said("86.0%"), said("3,528")], **line} for i in range(rows)]
    body[1]["is_highlighted"], body[-1]["is_total"] = True, True
    columns = [said("达成率"), said("基数")]
    return {"header": said("指标"), "columns": columns, "texts": [False, False], "rows": body}


def quotes(groups: int) -> list[dict[str, object]]:
    text = "升级第二天一早，客户的电话一个接一个。一位负责人建议公布各部门的接口人名单，换人了就更新。"
    return [
        {"stratum": name, "comment": text, "order": i}
        for i, name in enumerate([one for one in ("建议", "表扬", "问题反映")[:groups] for _ in range(2)])
    ]


def ledger() -> Ledger:
    one = Ledger()
    one.note("coverage", "all", 86.0, unit="percent", method="Wilson", n=4102, low=84.9, high=87.0)
    return one


def whole(theme: Theme | None = None, extra: tuple[dict[str, object], ...] = ()) -> SimpleNamespace:
    """A small story with every kind of sheet and every kind of chart."""
    number = said("86.0%", key="coverage[all]")
    figure = {"value": number, "caption": said("目标人群 4,102 人"), "tone": "good"}
    see = said("第 7 页", see="各领域", href="slide-7")
    row = {"text": [*said("原因见"), *see, *said("。")], "tone": "context"}
    specs = [
        *[charted(one) for one in PLOTS.values()],
        charted(PLOTS["dots"], reading=[]),
        charted(HEAT),
        charted(CLOUD) | {"chart": charted(CLOUD)["chart"] | {"png": png()}},
        made_spec(title="反馈覆盖了很多人", figures=[figure], reading=[*READING, row], table=made_table()),
        made_spec(table=made_table(13)),
        made_spec(quotes=quotes(3)),
        made_spec(quotes=quotes(1), reading=READING[:1]),
        made_spec(figures=[figure, figure | {"tone": "look"}, figure], reading=READING),
        made_spec(reading=READING, figures=[figure]),
        *extra,
    ]
    slides = [sheet(i, spec) for i, spec in enumerate(specs, start=6)]
    answer = {
        "topic": "满意度",
        "question": "大家评价如何？",
        "answer": [*said("覆盖了 "), *number],
        "anchor": "slide-6",
    }
    answer |= {"is_done": True, "gap": "", "page": 6, "name": "满意度", "reason": ""}
    parts = [
        {
            "ordinal": "一",
            "name": "背景",
            "about": "为什么做",
            "anchor": "part",
            "page": 4,
            "is_done": True,
            "gap": "",
        }
    ]
    contents = [{"anchor": one.anchor, "title": one.title, "page": one.page} for one in slides[:9]]
    cover = {
        "title": "年度反馈分析报告",
        "organisation": "云衡科技",
        "year": 2023,
        "lead": "每个数字都可以查到来历",
    }
    cover["meta"] = [("机构", "云衡科技"), ("报告期", "2023-01-01 至 2023-12-31"), ("报告日期", "2024-01-15")]
    lost = {"name": "客户洞察", "gap": "本章缺少数据，未编入", "reason": "没有 nps 表", "error_link": ""}
    groups = [{"name": "样本", "limits": ["覆盖率说不了没有开口的人怎么想。"]}] * 5
    one_part = {"ordinal": "四", "name": "数据分析", "answers": [answer], "contents": contents}
    sheets = (
        Sheet("cover", "cover", "封面", page=1, content=cover),
        Sheet(
            "summary",
            "summary",
            "摘要",
            page=2,
            content={"answers": [answer, answer | {"is_done": False, "gap": "未编入"}]},
        ),
        Sheet("agenda", "agenda", "目录", page=3, content={"parts": parts * 7}),
        Sheet("part", "part", "数据分析", page=4, content=one_part),
        Sheet("part", "part-2", "问题剖析", page=5, content={**one_part, "answers": [answer] * 5}),
        *slides,
        Sheet("gap", "gap", "客户洞察", page=90, content=lost),
        Sheet("limits", "limits-1", "局限", page=91, content={"groups": groups}),
    )
    dataset = SimpleNamespace(
        year=2023,
        title="年度反馈分析报告",
        organisation="云衡科技",
        author="体验部",
        report_date=date(2024, 1, 15),
        theme=theme or Theme(),
    )
    return SimpleNamespace(
        dataset=dataset, ledger=ledger(), sheets=sheets, foot="云衡科技　2023-01-01 至 2023-12-31"
    )


@pytest.fixture(scope="module")
def story() -> SimpleNamespace:
    return whole()


@pytest.fixture(scope="module")
def finished(story: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pptx(story, tmp_path_factory.mktemp("pptx") / "report.pptx")


@pytest.fixture(scope="module")
def deck(finished: Path) -> object:
    return Presentation(str(finished))


def parts_of(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def all_parts(file: Path) -> dict[str, bytes]:
    """The parts of a file, and those of the workbooks in it."""
    found = {}
    for name, content in parts_of(file).items():
        found[name] = content
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                found |= {f"{name}!{inner}": book.read(inner) for inner in book.namelist()}
    return found


def refuse_repairs(file: Path) -> None:
    """Fail where Office would offer to repair: broken XML, lost relationships, shapes with one number."""
    parts = all_parts(file)
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)
    for name, content in parts.items():
        if not name.endswith(".rels") or "!" in name:
            continue
        folder = Path(name).parent.parent
        source = str(folder / Path(name).stem)
        relations = {one.get("Id"): one for one in etree.fromstring(content)}
        for one in relations.values():
            if one.get("TargetMode") != "External":
                target = one.get("Target")
                path = (
                    target.lstrip("/")
                    if target.startswith("/")
                    else str((Path("/") / folder / target).resolve())
                )
                assert path.lstrip("/") in parts, (name, target)
        used = re.findall(r'r:(?:id|embed|link)="([^"]*)"', parts.get(source, b"").decode("utf-8", "ignore"))
        assert set(used) <= set(relations), (name, set(used) - set(relations))
    for name, content in parts.items():
        if re.fullmatch(r"ppt/(slides|slideLayouts|slideMasters)/\w+\.xml", name):
            shapes = etree.fromstring(content).xpath("//*[local-name()='cNvPr']")
            numbers, names = ([one.get(key) for one in shapes] for key in ("id", "name"))
            assert len(set(numbers)) == len(numbers), name
            assert len(set(names)) == len(names), (name, names)


def slides_of(deck: object, kind: str) -> list[object]:
    return [slide for slide in deck.slides if kind in slide.shapes.title.text_frame.text]


def charts_on(slide: object) -> list[object]:
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def test_office_has_nothing_to_repair(finished: Path) -> None:
    refuse_repairs(finished)


def test_a_slide_each_sheet(deck: object, story: SimpleNamespace) -> None:
    assert len(deck.slides) == len(story.sheets)


@pytest.mark.parametrize("kind", NATIVE)
def test_every_kind_is_a_native_chart_with_its_values_inside(deck: object, kind: str) -> None:
    charts = charts_on(slides_of(deck, kind)[0])
    shown = {
        round(float(v.text), 9)
        for one in charts
        for v in one._chartSpace.iter(qn("c:v"))
        if is_number(v.text)
    }
    inside = {
        round(cell.value, 9) if isinstance(cell.value, float) else cell.value
        for one in charts
        for row in openpyxl.load_workbook(
            io.BytesIO(one.part.chart_workbook.xlsx_part.blob)
        ).active.iter_rows()
        for cell in row
    }
    visible = [one for one in PLOTS[kind].series if not one.is_hidden]
    for value in [round(value, 9) for one in visible for value in one.values if value is not None]:
        assert value in shown
        assert value in inside


def is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text) is not None


@pytest.mark.parametrize("kind", NATIVE)
def test_the_workbook_names_every_category(deck: object, kind: str) -> None:
    chart = charts_on(slides_of(deck, kind)[0])[0]
    sheet = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
    named = [cell.value for cell in next(sheet.iter_cols(min_row=2)) if cell.value is not None]
    assert named == list(PLOTS[kind].categories)


def test_ends_of_intervals_are_drawn(deck: object) -> None:
    xml = etree.tostring(charts_on(slides_of(deck, "dots")[0])[0]._chartSpace).decode()
    for value in (*LOWS, *HIGHS):
        assert f"<c:v>{value!r}</c:v>" in xml
    bars = charts_on(slides_of(deck, "bar")[0])[0]._chartSpace
    lengths = [[float(v.text) for v in side.iter(qn("c:v"))] for side in bars.iter(qn("c:plus"))]
    assert lengths[0] == pytest.approx([1.5] * 4)


def test_a_line_beside_columns_has_a_chart_of_its_own(deck: object) -> None:
    assert len(charts_on(slides_of(deck, "column")[0])) == 2


def test_the_cumulative_line_stands_on_axes_of_its_own(deck: object) -> None:
    space = charts_on(slides_of(deck, "pareto")[0])[0]._chartSpace
    assert len(space.xpath(".//c:valAx")) == 2


def test_a_heat_map_is_a_table_and_a_cloud_a_picture(deck: object) -> None:
    heat = next(shape for shape in slides_of(deck, "heat")[0].shapes if shape.has_table)
    assert heat.table.cell(1, 1).text_frame.text == "1.2"
    assert "D3745F" in etree.tostring(heat.table.cell(1, 1)._tc).decode()
    assert any(shape.shape_type == 13 for shape in slides_of(deck, "cloud")[0].shapes)


def test_a_table_is_a_table(deck: object) -> None:
    slide = next(
        one
        for one in deck.slides
        if one.slide_layout.name == "表与读法" and "很多人" in one.shapes.title.text
    )
    table = next(shape for shape in slide.shapes if shape.has_table).table
    assert [cell.text_frame.text for cell in table.rows[0].cells] == ["指标", "达成率", "基数"]
    assert [cell.text_frame.text for cell in table.rows[1].cells] == ["第 0 项指标", "86.0%", "3,528"]


def test_texts_in_a_table_stand_left_and_numbers_right(tmp_path: Path) -> None:
    table = {**made_table(), "columns": [said("类别"), said("基数")], "texts": [True, False]}
    table["rows"] = [{**row, "cells": [said("技术"), said("3,528")]} for row in table["rows"]]
    deck = Presentation(str(write_pptx(whole(extra=(made_spec(table=table),)), tmp_path / "a.pptx")))
    laid = next(shape for shape in deck.slides[-3].shapes if shape.has_table).table
    for row in list(laid.rows)[:2]:
        sides = [cell._tc.find(f".//{qn('a:pPr')}").get("algn") for cell in row.cells]
        assert sides == ["l", "l", "r"]


def xml_of(plot: Plot) -> str:
    """The XML of the charts that show a plot."""
    return "".join(
        etree.tostring(one, encoding="unicode")
        for native, _ in drawn(plain(plot), Box(64, 120, 760, 480), font="微软雅黑")
        for one in native.content
    )


def test_bases_are_written_only_where_the_picture_writes_them() -> None:
    assert "n = 4,102" not in xml_of(PLOTS["dots"])
    assert "n = 4,102" in xml_of(replace(PLOTS["dots"], is_base_shown=True))


def test_dots_hang_on_their_target_and_share_a_ground() -> None:
    said = xml_of(replace(PLOTS["dots"], is_from_target=True, bands=((0, 2),)))
    assert ["（到目标1）" in said, "（底色1）" in said, "（底色2）" in said] == [True, True, False]
    assert "（底色1）" not in xml_of(PLOTS["dots"])


def test_what_is_left_of_a_task_is_drawn_and_lanes_head_their_tasks() -> None:
    spans = PLOTS["gantt"].series
    more = Series("未完成", (1.0, None, 2.0, 0.5), GREY)
    tasks = replace(spans[1], texts=("50% ■ 滞后", "100% ✓ 已完成", "", ""))
    said = xml_of(
        replace(PLOTS["gantt"], series=(spans[0], tasks, more), lanes=("近期", "近期", "远期", "远期"))
    )
    assert "未完成" in said
    assert "50% ■ 滞后" in said
    assert said.index("【近期】") < said.index("故障排查") < said.index("【远期】") < said.index("应急恢复")


def test_the_heading_names_the_target_of_columns() -> None:
    plot = replace(PLOTS["column"], series=PLOTS["column"].series[:1], target=211.0, target_label="目标 211")
    [(native, _)] = drawn(plain(plot), Box(64, 120, 760, 480), font="微软雅黑")
    assert native.title == "每月有效反馈（条），虚线为目标 211"
    lifted = [one for part in native.content for one in part.iter(qn("c:manualLayout"))]
    assert len(lifted) == 1, "only the label of 210 lies below the line"


def test_every_run_names_language_and_east_asian_font(finished: Path) -> None:
    for name, content in parts_of(finished).items():
        if not re.match(r"ppt/(slides|notesSlides|charts)/[^/]*\.xml", name):
            continue
        for run in etree.fromstring(content).iter(qn("a:r"), qn("a:fld")):
            properties = run.find(qn("a:rPr"))
            assert properties.get("lang") == "zh-CN", name
            assert [properties.find(qn(f"a:{tag}")).get("typeface") for tag in ("latin", "ea", "cs")] == [
                "微软雅黑"
            ] * 3


def test_charts_tables_and_pictures_have_alternative_text(deck: object) -> None:
    shown = [
        shape
        for slide in deck.slides
        for shape in slide.shapes
        if shape.shape_type == 13 or shape.has_chart or shape.has_table
    ]
    assert len(shown) > len(PLOTS)
    assert all(shape._element.xpath(".//p:cNvPr")[0].get("descr", "").strip() for shape in shown)


def test_no_placeholder_is_left_empty(deck: object) -> None:
    for slide in deck.slides:
        for shape in slide.placeholders:
            assert not shape.has_text_frame or shape.text_frame.text.strip(), (slide.slide_id, shape.name)


def test_charts_and_tables_stand_in_placeholders(deck: object) -> None:
    slide = slides_of(deck, "stacked")[0]
    kinds = [shape.placeholder_format.type for shape in slide.placeholders]
    assert PP_PLACEHOLDER.TITLE in kinds
    assert PP_PLACEHOLDER.SLIDE_NUMBER in kinds
    assert next(shape for shape in slide.placeholders if shape.has_chart).placeholder_format.idx == 11


def test_the_reading_order_is_kicker_title_content_reading_source(deck: object) -> None:
    assert [shape.name for shape in slides_of(deck, "stacked")[0].shapes] == [
        "眉题",
        "标题",
        "图",
        "读法",
        "来源",
        "页码",
    ]


def test_the_page_number_is_a_field(finished: Path) -> None:
    assert b'type="slidenum"' in parts_of(finished)["ppt/slides/slide7.xml"]


def test_layouts_are_our_own(deck: object) -> None:
    names = [one.name for one in deck.slide_layouts]
    assert names == ["封面", "目录", "摘要", "章节", "图与读法", "图", "表与读法", "表", "引语与全文"]


def test_a_reference_leads_to_its_slide(deck: object) -> None:
    slide = next(one for one in deck.slides if "很多人" in one.shapes.title.text)
    run = next(run for run in slide._element.iter(qn("a:r")) if run.find(qn("a:t")).text == "第 7 页")
    relation = run.find(qn("a:rPr")).find(qn("a:hlinkClick")).get(qn("r:id"))
    assert slide.part.related_part(relation) is deck.slides[6].part


def test_a_number_in_a_title_has_the_accent(tmp_path: Path) -> None:
    title = [*said("覆盖了 "), *said("86.0%", key="coverage[all]")]
    spec = made_spec(reading=READING) | {"title": title}
    story = whole(extra=(spec,))
    deck = Presentation(str(write_pptx(story, tmp_path / "a.pptx")))
    slide = deck.slides[len(story.sheets) - 3]
    runs = slide.shapes.title.text_frame.paragraphs[0].runs
    assert [one.text for one in runs] == ["覆盖了 ", "86.0%"]
    assert b'<a:schemeClr val="accent1"/>' in etree.tostring(runs[1]._r)
    assert b"accent1" not in etree.tostring(runs[0]._r)


def test_notes_say_where_numbers_come_from_and_nothing_twice(deck: object) -> None:
    slide = next(one for one in deck.slides if "很多人" in one.shapes.title.text)
    lines = slide.notes_slide.notes_text_frame.text.splitlines()
    assert lines[0] == "先讲总体，再讲差别。"
    assert "coverage[all] = 86.0%；n = 4,102；95% 区间 84.9–87.0%；Wilson" in lines
    assert len(set(lines)) == len(lines)
    assert all(one.notes_slide.notes_text_frame.text.strip() for one in deck.slides)


def test_the_document_says_whose_it_is(deck: object) -> None:
    properties = deck.core_properties
    assert (properties.title, properties.author) == ("年度反馈分析报告", "云衡科技，体验部")
    assert properties.language == "zh-CN"
    assert properties.created.date() == properties.modified.date() == date(2024, 1, 15)


def test_the_same_story_gives_the_same_bytes(story: SimpleNamespace, finished: Path, tmp_path: Path) -> None:
    again = write_pptx(story, tmp_path / "again.pptx")
    assert again.read_bytes() == finished.read_bytes()
    stamps = {one.date_time for one in zipfile.ZipFile(again).infolist()}
    book = next(content for name, content in parts_of(again).items() if name.endswith(".xlsx"))
    stamps |= {one.date_time for one in zipfile.ZipFile(io.BytesIO(book)).infolist()}
    assert stamps == {(1980, 1, 1, 0, 0, 0)}
    core = zipfile.ZipFile(io.BytesIO(book)).read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+", core)) == {"2024-01-15T00:00:00"}


def hostile(plot: Plot) -> Plot:
    """The same plot with names that no file should choke on."""
    names = [f"={i}+1{HOSTILE}" for i, _ in enumerate(plot.categories)]
    series = [
        replace(one, name=f"=SUM(A1){HOSTILE}{i}", texts=[HOSTILE for _ in one.values] if one.texts else ())
        for i, one in enumerate(plot.series)
    ]
    notes = [HOSTILE * 9 for _ in plot.notes]
    return replace(plot, categories=names, series=series, notes=notes, label=HOSTILE, target_label=HOSTILE)


def test_hostile_text_breaks_nothing(tmp_path: Path) -> None:
    specs = [charted(hostile(one)) for one in PLOTS.values()]
    table = made_table() | {"header": said(HOSTILE)}
    specs += [made_spec(title=HOSTILE * 12, table=table, source=said(HOSTILE * 8)), charted(hostile(HEAT))]
    specs += [
        made_spec(title="很长" * 150, quotes=[{"stratum": HOSTILE, "comment": HOSTILE * 20, "order": 0}])
    ]
    file = write_pptx(whole(extra=tuple(specs)), tmp_path / "hostile.pptx")
    refuse_repairs(file)
    for name, content in all_parts(file).items():
        if "!xl/worksheets" in name:
            assert b"<f>" not in content, name
    assert "</a:t><script>=1+1&" in Presentation(str(file)).slides[-5].shapes.title.text_frame.text


@pytest.mark.parametrize("kind", [*NATIVE, "heat"])
def test_one_row_or_no_value_at_all_can_be_drawn(kind: str, tmp_path: Path) -> None:
    plot = PLOTS.get(kind, HEAT)
    cut = [
        replace(
            one,
            **{name: getattr(one, name)[:1] for name in ("values", "low", "high", "x", "texts", "colours")},
        )
        for one in plot.series
    ]
    one_row = replace(
        plot, categories=plot.categories[:1], series=cut, base=plot.base[:1], notes=plot.notes[:1], events=()
    )
    empty = replace(
        plot, series=[replace(one, values=[None] * len(one.values), low=(), high=()) for one in plot.series]
    )
    file = write_pptx(whole(extra=(charted(one_row), charted(empty))), tmp_path / "small.pptx")
    refuse_repairs(file)


# A template of the organisation's own


@pytest.fixture
def template(tmp_path: Path) -> Path:
    deck = Presentation()
    for layout_of in list(deck.slide_layouts)[:2]:
        slide = deck.slides.add_slide(layout_of)
        slide.shapes.title.text = "示例"
        slide.notes_slide.notes_text_frame.text = "示例备注"
    path = tmp_path / "template.pptx"
    deck.save(path)
    return path


def test_an_own_template_keeps_its_layouts_and_loses_its_samples(template: Path, tmp_path: Path) -> None:
    story = whole(Theme(template=template, footer="内部资料"))
    file = write_pptx(story, tmp_path / "own.pptx")
    refuse_repairs(file)
    deck = Presentation(str(file))
    assert len(deck.slides) == len(story.sheets)
    assert len(deck.slide_layouts) == 11
    assert not [name for name, content in parts_of(file).items() if "示例".encode() in content]
    assert len([name for name in parts_of(file) if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]) == len(
        story.sheets
    )


def test_content_stays_between_title_and_foot_of_an_own_template(template: Path, tmp_path: Path) -> None:
    deck = Presentation(str(write_pptx(whole(Theme(template=template)), tmp_path / "own.pptx")))
    for slide in list(deck.slides)[1:]:
        title = next(
            one
            for one in slide.slide_layout.placeholders
            if one.placeholder_format.type == PP_PLACEHOLDER.TITLE
        )
        for shape in slide.shapes:
            if shape.is_placeholder:
                continue
            assert shape.top >= title.top + title.height, (slide.slide_id, shape.name)
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


# As a reader sees it


def test_libreoffice_shows_every_slide(finished: Path, story: SimpleNamespace, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    import pypdfium2

    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    order = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(finished)]
    subprocess.run(order, check=True, capture_output=True, timeout=240)
    with pypdfium2.PdfDocument(tmp_path / "report.pdf") as pages:
        assert len(pages) == len(story.sheets)
        for page in pages:
            picture = page.render(scale=0.2).to_pil().convert("L")
            assert len(picture.getcolors()) > 8


def test_logo_and_footer_stand_on_the_master(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(base64.b64decode(png()))
    file = write_pptx(whole(Theme(logo=logo, footer="内部资料 <密>")), tmp_path / "logo.pptx")
    refuse_repairs(file)
    master = Presentation(str(file)).slide_master
    assert [shape.name for shape in master.shapes if shape.shape_type == 13] == ["标志"]
    assert "内部资料 <密>" in [shape.text_frame.text for shape in master.shapes if shape.has_text_frame]


FALL = Plot(
    "waterfall",
    ("满分", "产品质量", "服务", "指数"),
    (
        Series("起点", (0.0, 90.36, 82.11, 0.0), is_hidden=True),
        Series("数值", (100.0, -9.64, -8.25, 82.11), ACCENT, texts=("100.0", "−9.6", "−8.3", "82.1")),
    ),
    unit="score",
    decimals=1,
)


def stacks_of(plot: Plot) -> list[tuple[str, list[float | None]]]:
    """Name and values of each series as the chart stores them; a blank is nothing."""
    [chart] = etree.fromstring(f"<all xmlns:c='c'>{xml_of(plot)}</all>".encode()).findall(
        f"{qn('c:barChart')}"
    )
    found = []
    for one in chart.findall(qn("c:ser")):
        points = {int(pt.get("idx")): float(pt[0].text) for pt in one.find(qn("c:val")).iter(qn("c:pt"))}
        name = one.find(qn("c:tx")).find(f".//{qn('c:v')}").text
        found.append((name.strip(), [points.get(i) for i in range(len(plot.categories))]))
    return found


def test_a_step_that_falls_is_a_bar_of_its_length_in_a_series_of_its_own() -> None:
    """A stack of 9.64 in the series of the amounts said that quality gives points; it takes them."""
    carrier, rising, falling, _ = stacks_of(FALL)
    assert carrier[1] == [0.0, 90.36, 82.11, 0.0]
    assert rising == ("柱长", [100.0, None, None, 82.11])
    assert falling == ("下降", [None, 9.64, 8.25, None])
    assert all(text in xml_of(FALL) for text in ("−9.6", "−8.3"))


def test_the_workbook_of_a_chart_that_falls_has_the_amounts_with_their_sign() -> None:
    [(native, _)] = drawn(plain(FALL), Box(64, 120, 760, 480), font="微软雅黑")
    columns = {column.name: list(column.values) for column in native.data.columns}
    assert columns["数值"] == [100.0, -9.64, -8.25, 82.11]


def test_a_waterfall_that_falls_below_zero_moves_all_its_bars_and_the_line_of_zero() -> None:
    """5, then −8 down to −3: Office would stack a carrier of −3 and a bar of 8 as 0 to 8."""
    series = (Series("起点", (0.0, -3.0, -3.0), is_hidden=True), Series("数值", (5.0, -8.0, -3.0)))
    plot = Plot("waterfall", ("盈", "亏", "合计"), series, unit="cny_10k")
    carrier, rising, falling, _ = stacks_of(plot)
    assert [carrier[1], rising[1], falling[1]] == [[3.0, 0.0, 0.0], [5.0, None, None], [None, 8.0, 3.0]]
    assert 'crossesAt val="3' in xml_of(plot).replace("c:", "")

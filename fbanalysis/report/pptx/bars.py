"""Native charts made of bars: side by side, stacked, astride the middle, building up, along time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fbanalysis.report import theme
from fbanalysis.report.charts.canvas import limits
from fbanalysis.report.pptx.parts import (
    Axis,
    Column,
    Data,
    Frame,
    Label,
    Native,
    Node,
    flag,
    heading,
    intervals,
    label_format,
    labels,
    line_look,
    look,
    marker,
    node,
    numbers,
    strings,
    stroke,
)
from fbanalysis.report.pptx.units import Box
from fbanalysis.report.theme import text_width

Spec = Mapping[str, object]

_CATEGORY, _VALUE, _CATEGORY2, _VALUE2 = 111, 112, 113, 114
_LEGEND_HEIGHT, _TITLE_HEIGHT = 30, 26


def names_of(plot: Spec) -> list[str]:
    """The categories, as names that stand in front of rows."""
    return [str(name) for name in plot["categories"]] or ["–"]


def row_size(count: int, height: float) -> float:
    """Size of the text in rows."""
    return min(max(height / max(count, 1) * 0.5, 9), 15)


def gutter_for(names: Sequence[str], size: float, *, width: float) -> float:
    """Room for the names of rows."""
    return min(max(text_width(name, size) for name in names) + 16, 0.32 * width)


def text_of(series: Spec, place: int, plot: Spec) -> str:
    """The label of a point as printed; empty where there is no value."""
    value = series["values"][place]
    if value is None:
        return ""
    if series["texts"]:
        return str(series["texts"][place])
    unit = series["unit"] or plot["unit"]
    decimals = plot["decimals"] if series["decimals"] is None else series["decimals"]
    return theme.printed(value, unit=unit, decimals=decimals)


def colour_at(series: Spec, place: int) -> str:
    """The colour of a point."""
    return str((series["colours"] and series["colours"][place]) or colour_of(series))


def colour_of(series: Spec) -> str:
    return str(series["colour"] or theme.COLOURS["accent"])


def ends_of(series: Spec, place: int) -> tuple[float, float] | None:
    """The interval of a point, where it has one."""
    if not series["low"] or not series["high"]:
        return None
    low, high = series["low"][place], series["high"][place]
    return None if low is None or high is None or series["values"][place] is None else (low, high)


def interval_columns(data: Data, series: Spec) -> tuple[Column, Column]:
    """Add the lengths above and below the values to the workbook."""
    ends = [ends_of(series, i) for i in range(len(series["values"]))]
    values = series["values"]
    plus = [0 if end is None else max(end[1] - v, 0) for end, v in zip(ends, values, strict=True)]
    minus = [0 if end is None else max(v - end[0], 0) for end, v in zip(ends, values, strict=True)]
    return data.add(f"{series['name']} 区间上", plus), data.add(f"{series['name']} 区间下", minus)


def has_interval(series: Spec) -> bool:
    return any(ends_of(series, i) for i in range(len(series["values"])))


def point_looks(series: Spec) -> list[Node]:
    """Points whose colour is not the series' own."""
    usual = colour_of(series)
    return [
        node("dPt", flag("idx", i), flag("invertIfNegative", False), flag("bubble3D", False), look(colour))
        for i, colour in enumerate(series["colours"])
        if colour and colour != usual
    ]


def bar_series(
    place: int,
    name: Column,
    series: Spec,
    categories: Column,
    *,
    shown: Mapping[int, Label],
    data: Data,
    edge: Node | None = None,
) -> Node:
    """Build one series of bars with its labels and intervals."""
    error = None
    if has_interval(series):
        plus, minus = interval_columns(data, series)
        error = intervals(plus, minus, line=stroke(theme.COLOURS["ink"], 1.3))
    is_hidden = series["is_hidden"]
    return node(
        "ser",
        *heading(place, name, is_carrier=is_hidden),
        look() if is_hidden else look(colour_of(series), edge),
        flag("invertIfNegative", False),
        *([] if is_hidden else point_looks(series)),
        labels(shown, count=len(series["values"])),
        error,
        strings("cat", categories),
        numbers("val", name),
    )


def bar_group(
    made: Sequence[Node], *, is_upright: bool, is_stacked: bool, gap: int, overlap: int = 0
) -> Node:
    """Build a group of bars on the first axes."""
    return node(
        "barChart",
        flag("barDir", "col" if is_upright else "bar"),
        flag("grouping", "stacked" if is_stacked else "clustered"),
        flag("varyColors", False),
        *made,
        flag("gapWidth", gap),
        flag("overlap", 100 if is_stacked else overlap),
        flag("axId", _CATEGORY),
        flag("axId", _VALUE),
    )


def row_axes(
    scale: tuple[float, float],
    *,
    names: float,
    middle: object = "autoZero",
    has_line: bool = True,
    shown: Mapping[str, object] | None = None,
) -> list[Node]:
    """Build axes for rows: names at the left in a size, the first on top; values at the bottom.

    ``middle`` is the value at which the rows begin; values are hidden unless ``shown`` says how they look.
    """
    values = dict(shown or {"is_hidden": True, "labels": "nextTo"})
    return [
        Axis(
            "cat", _CATEGORY, _VALUE, "l", is_reversed=True, has_line=has_line, size=names, crossing=middle
        ).node(),
        Axis("val", _VALUE, _CATEGORY, "b", scale=scale, crossing="max", **values).node(),
    ]


# Side by side


def bar(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw horizontal bars from zero, with intervals; a target is the only grid line."""
    names, series, data = names_of(plot), plot["series"], Data()
    has_legend = len(series) > 1
    size = row_size(len(names), box.height)
    top = (_LEGEND_HEIGHT if has_legend else 0) + (24 if plot["target"] else 0)
    gutter = gutter_for(names, size, width=box.width)
    width = box.width - gutter - 4
    scale = _bar_scale(plot, width=width, size=size)
    pixel = (scale[1] - scale[0]) / width
    categories = data.add("类别", names)
    columns = [data.add(str(one["name"]), one["values"]) for one in series]
    add_bases(data, plot)
    shown = [_bar_labels(plot, one, pixel * box.width, size) for one in series]
    made = [
        bar_series(i, columns[i], one, categories, shown=shown[i], data=data) for i, one in enumerate(series)
    ]
    # where no row has two bars, each takes the whole row
    is_single = all(sum(one["values"][i] is not None for one in series) < 2 for i in range(len(names)))
    gap, overlap = (60, 100) if is_single else (70, 0)
    group = bar_group(made, is_upright=False, is_stacked=False, gap=gap, overlap=overlap)
    frame = Frame(gutter / box.width, top / box.height, width / box.width, 1 - (top + 2) / box.height)
    axes = row_axes(scale, names=size, shown=_target_grid(plot))
    return [(Native([group, *axes], frame, data, font, has_legend), box)]


def add_bases(data: Data, plot: Spec) -> None:
    """Write the base n of each category into the workbook."""
    if plot["base"]:
        data.add("基数 n", plot["base"])


def _bar_scale(plot: Spec, *, width: float, size: float) -> tuple[float, float]:
    extents = [(0.0, 0.0, 0.0, 0.0)]
    for one in plot["series"]:
        for i, value in enumerate(one["values"]):
            if value is None:
                continue
            low, high = ends_of(one, i) or (value, value)
            room = text_width(text_of(one, i, plot), size) + 14
            sides = (room, 0.0) if value < 0 else (0.0, room)
            extents.append((min(low, 0.0), max(high, 0.0), *sides))
    if plot["target"] is not None:
        extents.append((0.0, plot["target"], 0.0, 40.0))
    return limits(extents, width=width)


def _bar_labels(plot: Spec, series: Spec, whole: float, size: float) -> dict[int, Label]:
    """Labels beyond the ends of the bars, moved past the intervals; ``whole`` is the chart's width in values."""
    shown = {}
    for i, value in enumerate(series["values"]):
        if value is None:
            continue
        low, high = ends_of(series, i) or (value, value)
        away = max(high - value, 0) if value >= 0 else min(low - value, 0)
        shown[i] = Label(
            code=label_format(value, text_of(series, i, plot)),
            position="outEnd",
            size=size,
            colour=theme.readable(colour_at(series, i)),
            shift=(away / whole, 0),
        )
    return shown


def _target_grid(plot: Spec) -> dict[str, object]:
    """Show the target as the only grid line, named above it by the number format of the axis."""
    if not plot["target"]:
        return {}
    name = str(plot["target_label"] or "目标").replace('"', "”")[:80]
    return {
        "is_hidden": False,
        "labels": "low",
        "unit": plot["target"],
        "grid": theme.COLOURS["muted"],
        "code": f'[={plot["target"]:g}]"{name}";""',
        "colour": theme.COLOURS["muted"],
        "size": 13,
    }


def column(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw vertical columns; a line stands in a chart of its own above them."""
    lines = [one for one in plot["series"] if one["is_line"]]
    bars = [one for one in plot["series"] if not one["is_line"]]
    upper = Box(box.left, box.top, box.width, box.height * 0.3)
    lower = Box(box.left, upper.bottom + 8, box.width, box.height - upper.height - 8) if lines else box
    made = [(_columns({**plot, "series": bars}, lower, font), lower)]
    return [*([(_line_panel({**plot, "series": lines}, upper, font), upper)] if lines else []), *made]


def _columns(plot: Spec, box: Box, font: str) -> Native:
    names, series, data = names_of(plot), plot["series"], Data()
    size = min(max(box.width / len(names) * 0.26, 10), 14)
    has_legend = len(series) > 1
    target_name = "" if plot["target"] is None else str(plot["target_label"] or "目标")
    title = "，虚线为".join(filter(None, (str(plot["label"] or ""), target_name)))
    top = (_TITLE_HEIGHT if title else 0) + (_LEGEND_HEIGHT if has_legend else 0)
    bottom = name_height(names, size, slot=box.width / len(names))
    categories = data.add("类别", names)
    columns = [data.add(str(one["name"]), one["values"]) for one in series]
    add_bases(data, plot)
    values = [v for one in series for v in (*one["values"], *one["high"], plot["target"]) if v is not None]
    height = box.height - top - bottom
    scale = limits([(min(0, v), max(v, 0), 0, size * 1.8) for v in values] or [(0, 1, 0, 0)], width=height)
    pixel = (scale[1] - scale[0]) / height
    shown = [_over_target(plot, one, size=size, pixel=pixel, whole=box.height) for one in series]
    made = [
        bar_series(i, columns[i], one, categories, shown=shown[i], data=data) for i, one in enumerate(series)
    ]
    target = _target_line(plot, categories, data, place=len(series), count=len(names))
    frame = Frame(0.005, top / box.height, 0.99, height / box.height)
    group = bar_group(made, is_upright=True, is_stacked=False, gap=45 if not has_legend else 60)
    axes = upright_axes(scale, size=size)
    return Native([group, *target, *axes], frame, data, font, has_legend, title=title)


def name_height(names: Sequence[str], size: float, *, slot: float) -> float:
    room = max(slot - 6 - size, size)
    lines = max(min(math.ceil(text_width(name, size) / room), 4) for name in names)
    return lines * size * 1.45 + 12


def upright_axes(scale: tuple[float, float], *, size: float, **value_axis: object) -> list[Node]:
    """Build axes for columns: names below, values hidden."""
    shown = {"is_hidden": True, **value_axis}
    muted = theme.COLOURS["muted"]
    return [
        Axis("cat", _CATEGORY, _VALUE, "b", has_line=True, size=size, colour=muted, is_flat=True).node(),
        Axis("val", _VALUE, _CATEGORY, "l", scale=scale, **shown).node(),
    ]


def _end_labels(plot: Spec, series: Spec, *, size: float, position: str) -> dict[int, Label]:
    return {
        i: Label(
            code=label_format(value, text_of(series, i, plot)),
            position=position,
            size=size,
            colour=theme.readable(colour_at(series, i)),
        )
        for i, value in enumerate(series["values"])
        if value is not None
    }


def _target_line(plot: Spec, categories: Column, data: Data, *, place: int, count: int) -> list[Node]:
    """Draw the target across the columns as a dashed line; the heading names it."""
    if plot["target"] is None:
        return []
    name = str(plot["target_label"] or "目标")
    values = data.add(name, [plot["target"]] * count)
    line = line_look(stroke(theme.COLOURS["muted"], 1.5, dash="dash"))
    return [line_group([line_series(place, values, categories, line=line, shown={})])]


def _over_target(plot: Spec, series: Spec, *, size: float, pixel: float, whole: float) -> dict[int, Label]:
    """Labels on top of the columns; the line of the target does not run through them."""
    shown = _end_labels(plot, series, size=size, position="outEnd")
    for i, label in shown.items():
        below = 0 if plot["target"] is None else (plot["target"] - series["values"][i]) / pixel
        if 0 < below < size * 1.6:
            shown[i] = replace(label, shift=(0, -below / whole))
    return shown


def line_series(
    place: int,
    values: Column,
    categories: Column,
    *,
    line: Node,
    shown: Mapping[int, Label],
    mark: Node | None = None,
    points: Sequence[Node] = (),
    error: Node | None = None,
) -> Node:
    """Build one line along the categories."""
    return node(
        "ser",
        *heading(place, values),
        line,
        marker() if mark is None else mark,
        *points,
        labels(shown, count=len(values.values)),
        error,
        strings("cat", categories),
        numbers("val", values),
        flag("smooth", False),
    )


def line_group(made: Sequence[Node], *, axes: tuple[int, int] = (_CATEGORY, _VALUE)) -> Node:
    """Build a group of lines."""
    ids = [flag("axId", axis) for axis in axes]
    return node(
        "lineChart", flag("grouping", "standard"), flag("varyColors", False), *made, flag("marker", 1), *ids
    )


def _line_panel(plot: Spec, box: Box, font: str) -> Native:
    names, data = names_of(plot), Data()
    categories = data.add("类别", names)
    made = []
    for i, one in enumerate(plot["series"]):
        ink = colour_of(one)
        shown = _end_labels(plot, one, size=13, position="t")
        look_of_line = line_look(stroke(ink, 2))
        values = data.add(str(one["name"]), one["values"])
        made.append(
            line_series(i, values, categories, line=look_of_line, shown=shown, mark=marker(ink, size=6))
        )
    known = [v for one in plot["series"] for v in one["values"] if v is not None] or [0, 1]
    scale = limits([(v, v, 14, 26) for v in known], width=box.height - _TITLE_HEIGHT)
    frame = Frame(0.005, _TITLE_HEIGHT / box.height, 0.99, 1 - (_TITLE_HEIGHT + 2) / box.height)
    axes = [
        Axis("cat", _CATEGORY, _VALUE, "b", is_hidden=True).node(),
        Axis("val", _VALUE, _CATEGORY, "l", scale=scale, is_hidden=True).node(),
    ]
    return Native([line_group(made), *axes], frame, data, font, title=str(plot["series"][0]["name"]))

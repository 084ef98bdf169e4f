"""Native charts of stacked bars: parts of a whole, scales astride the middle, steps to a total, spans of time."""

import math
from collections.abc import Mapping, Sequence
from datetime import date

from fbanalysis.report import theme
from fbanalysis.report.charts.canvas import limits
from fbanalysis.report.charts.steps import amounts_of, has_falls, steps_of, zero_of
from fbanalysis.report.pptx.bars import (
    Spec,
    add_bases,
    bar_group,
    bar_series,
    colour_at,
    gutter_for,
    line_group,
    line_series,
    name_height,
    names_of,
    row_axes,
    row_size,
    text_of,
    upright_axes,
)
from fbanalysis.report.pptx.parts import (
    Axis,
    Column,
    Data,
    Frame,
    Label,
    Native,
    Node,
    label_format,
    line_look,
    marker,
    stroke,
)
from fbanalysis.report.pptx.units import Box
from fbanalysis.report.theme import shortened, text_width

_LEGEND_HEIGHT = 34
_NOTE = 13
_EXCEL_EPOCH = date(1899, 12, 30).toordinal()
_SIDE_SPACE = {"after": "\u00a0{}", "inside": "{}", "before": "{}\u00a0"}
_STEPS = (1, 2, 3, 5, 7, 10, 14, 28, 30, 60, 91, 182, 365)


def stacked(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw parts of a whole, a bar each category."""
    series = plot["series"]
    totals = _totals(series, len(names_of(plot)))
    top = 100.0 if plot["unit"] == "percent" and max(totals) <= 101 else max(totals)
    return [(_stack(plot, series, (0, max(top, 1e-9)), box, font), box)]


def diverging(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw a scale astride its middle.

    An invisible first series moves each bar so that the middle of the scale stands on one line; so the
    other series keep their true values, and the order of the scale.
    """
    series = plot["series"]
    left = _lefts(series, len(names_of(plot)))
    right = [total - one for total, one in zip(_totals(series, len(left)), left, strict=True)]
    carrier = _carrier("（左侧留白）", [max(left) - one for one in left])
    scale = (0, max(max(left) + max(right), 1e-9))
    return [(_stack(plot, [carrier, *series], scale, box, font, middle=max(left)), box)]


def _totals(series: Sequence[Spec], count: int) -> list[float]:
    return [sum(one["values"][i] or 0 for one in series) for i in range(count)] or [0.0]


def _lefts(series: Sequence[Spec], count: int) -> list[float]:
    """How much of each bar stands left of the middle: the lower half of the scale, and half of the neutral."""
    half, is_odd = divmod(len(series), 2)
    lower = _totals(series[:half], count)
    neutral = [series[half]["values"][i] or 0 for i in range(count)] if is_odd else [0.0] * count
    return [low + middle / 2 for low, middle in zip(lower, neutral, strict=True)] or [0.0]


def _carrier(name: str, values: Sequence[float | None]) -> Spec:
    empty = {key: () for key in ("low", "high", "x", "texts", "colours")}
    looks = {"colour": "", "unit": "", "decimals": None, "is_line": False, "is_dashed": False}
    return {"name": name, "values": list(values), "is_hidden": True, **empty, **looks}


def _stack(
    plot: Spec,
    series: Sequence[Spec],
    scale: tuple[float, float],
    box: Box,
    font: str,
    middle: object = "autoZero",
) -> Native:
    names, data = names_of(plot), Data()
    size = row_size(len(names), box.height)
    gutter = gutter_for(names, size, width=box.width)
    width = box.width - gutter - 4
    pixel = (scale[1] - scale[0]) / width
    categories = data.add("类别", names)
    columns = [data.add(str(one["name"]), one["values"]) for one in series]
    add_bases(data, plot)
    shown = [{} if one["is_hidden"] else _inner_labels(plot, one, pixel, size) for one in series]
    made = [
        bar_series(i, columns[i], one, categories, shown=shown[i], data=data, edge=_edge())
        for i, one in enumerate(series)
    ]
    group = bar_group(made, is_upright=False, is_stacked=True, gap=60)
    top = _LEGEND_HEIGHT / box.height * (1 + (_legend_width(series) > box.width))
    frame = Frame(gutter / box.width, top, width / box.width, 1 - top - 2 / box.height)
    axes = row_axes(scale, names=size, middle=middle, has_line=middle != "autoZero")
    return Native([group, *axes], frame, data, font, has_legend=True)


def _edge() -> Node:
    return stroke(theme.COLOURS["ground"], 0.75)


def _legend_width(series: Sequence[Spec]) -> float:
    return sum(text_width(str(one["name"]), 14) + 34 for one in series)


def _inner_labels(plot: Spec, series: Spec, pixel: float, size: float) -> dict[int, Label]:
    """Labels inside the segments that are wide enough."""
    size = min(size, 14)
    shown = {}
    for i, value in enumerate(series["values"]):
        text = text_of(series, i, plot)
        if value is None or value / pixel < text_width(text, size) + 8:
            continue
        ink = theme.text_on(colour_at(series, i))
        shown[i] = Label(code=label_format(value, text), position="ctr", size=size, colour=ink)
    return shown


# Steps to a total


def waterfall(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw items that build up to a total, or fall to it; what carries them is not filled."""
    names, data = names_of(plot), Data()
    carrier, *bars = steps_of(plot)
    amounts, zero = amounts_of(plot), zero_of(plot)
    size = row_size(len(names), box.height)
    gutter = gutter_for(names, size, width=box.width)
    width = box.width - gutter - 4
    ends = [start + abs(v or 0) for start, v in zip(carrier["values"], amounts["values"], strict=True)]
    texts = [text_of(amounts, i, plot) for i in range(len(names))]
    rooms = [(0.0, end, 0.0, text_width(text, size) + 16) for end, text in zip(ends, texts, strict=True)]
    scale = limits([(0.0, zero, 0.0, 0.0), *rooms], width=width)
    tail = _carrier("（标签）", [(scale[1] - scale[0]) * 0.05] * len(names))
    after = {
        i: Label(
            [text], position="inBase", size=size, colour=theme.readable(colour_at(amounts, i)), align="l"
        )
        for i, text in enumerate(texts)
        if text
    }
    categories = data.add("类别", names)
    made = [
        _member(place, one, categories, data, shown)
        for place, (one, shown) in enumerate([(carrier, {}), *((one, {}) for one in bars), (tail, after)])
    ]
    if has_falls(plot):
        data.add(str(amounts["name"]), amounts["values"])
    frame = Frame(gutter / box.width, 0.01, width / box.width, 0.98)
    axes = row_axes(scale, names=size, middle=zero or "autoZero")
    group = bar_group(made, is_upright=False, is_stacked=True, gap=60)
    return [(Native([group, *axes], frame, data, font), box)]


def _member(place: int, series: Spec, categories: Column, data: Data, shown: Mapping[int, Label]) -> Node:
    column = data.add(str(series["name"]), series["values"])
    return bar_series(place, column, series, categories, shown=shown, data=data)


# Spans of time


def gantt(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw spans of time in rows, what is left of them lighter; the workbook has the days as dates."""
    plot = _with_headings(plot)
    names, data = names_of(plot), Data()
    starts, *spans = plot["series"]
    origin = date.fromisoformat(plot["origin"]).toordinal() - _EXCEL_EPOCH if plot["origin"] else 0
    begins = [None if v is None else origin + v for v in starts["values"]]
    whole = {**spans[0], "values": _totals(spans, len(names))}
    size = row_size(len(names), box.height)
    gutter = gutter_for(names, size, width=box.width)
    width = box.width - gutter - 24
    scale, step = _date_scale(begins, whole["values"])
    pixel = (scale[1] - scale[0]) / width
    can_hold = len(spans) == 1
    notes = [_note(plot, i, begins, whole, scale, pixel, can_hold=can_hold) for i in range(len(names))]
    tail = _carrier("（说明）", [scale[1] * 1e-6] * len(names))
    first, *others = spans
    members = [({**starts, "values": begins}, "before"), (first, "inside")]
    members += [*((one, "") for one in others), (tail, "after")]
    categories = data.add("类别", names)
    made = [
        _member(place, one, categories, data, _notes_at(notes, where, first) if where else {})
        for place, (one, where) in enumerate(members)
    ]
    if plot["notes"]:
        data.add("说明", plot["notes"])
    frame = Frame(gutter / box.width, 0.01, width / box.width, 1 - 36 / box.height)
    group = bar_group(made, is_upright=False, is_stacked=True, gap=70)
    axes = row_axes(scale, names=size, shown=_date_axis(step))
    return [(Native([group, *axes], frame, data, font), box)]


def _with_headings(plot: Spec) -> Spec:
    """Put a row with the lane's name above the tasks of each lane."""
    lanes = list(plot["lanes"])
    if not lanes:
        return plot
    order: list[int | str] = []
    for lane in dict.fromkeys(lanes):
        order += [f"【{lane}】", *(i for i, one in enumerate(lanes) if one == lane)]

    def spread_out(values: Sequence[object], empty: object) -> list[object]:
        return [values[one] if isinstance(one, int) else empty for one in order] if values else []

    series = [
        {
            **one,
            "values": spread_out(one["values"], None),
            "texts": spread_out(one["texts"], ""),
            "colours": spread_out(one["colours"], ""),
        }
        for one in plot["series"]
    ]
    names = [plot["categories"][one] if isinstance(one, int) else one for one in order]
    # the heading says what the notes of its tasks would
    notes = [note if note != lane else "" for note, lane in zip(plot["notes"], lanes, strict=False)]
    return {**plot, "categories": names, "series": series, "notes": spread_out(notes, "")}


def _date_axis(step: float) -> dict[str, object]:
    muted, rule = theme.COLOURS["muted"], theme.COLOURS["rule"]
    code = 'm"月"d"日"'
    shown = {"is_hidden": False, "labels": "nextTo", "grid": rule, "unit": step, "code": code}
    return {**shown, "colour": muted, "size": 13}


def _date_scale(
    begins: Sequence[float | None], lengths: Sequence[float | None]
) -> tuple[tuple[float, float], float]:
    """Give the first and last day shown, and the days between grid lines."""
    known = [(b, b + (n or 0)) for b, n in zip(begins, lengths, strict=True) if b is not None] or [(0, 1)]
    low, high = math.floor(min(b for b, _ in known)), math.ceil(max(e for _, e in known))
    step = next((one for one in _STEPS if (high - low) / one <= 7), _STEPS[-1])
    return (low, low + step * max(math.ceil((high - low) / step), 1)), step


def _note(
    plot: Spec,
    place: int,
    begins: Sequence[float | None],
    lengths: Spec,
    scale: tuple[float, float],
    pixel: float,
    *,
    can_hold: bool,
) -> tuple[str, str]:
    """Say where the note of a span stands, after it, inside it, or before it, cut to the room there."""
    begin, texts = begins[place], lengths["texts"] or plot["notes"]
    if not texts or not texts[place] or begin is None:
        return "", ""
    text, long = str(texts[place]), lengths["values"][place] or 0
    rooms = {"after": scale[1] - begin - long, "inside": long, "before": begin - scale[0]}
    rooms = {where: room / pixel - 20 for where, room in rooms.items() if can_hold or where != "inside"}
    fitting = [where for where, room in rooms.items() if room >= text_width(text, _NOTE) * 1.06]
    where = fitting[0] if fitting else max(rooms, key=lambda one: rooms[one])
    return where, shortened(text, size=_NOTE, width=max(rooms[where] / 1.06, 0))


def _notes_at(notes: Sequence[tuple[str, str]], where: str, lengths: Spec) -> dict[int, Label]:
    position = {"after": "inBase", "inside": "ctr", "before": "inEnd"}[where]
    return {
        i: Label(
            [_SIDE_SPACE[where].format(text)],
            position=position,
            size=_NOTE,
            colour=_note_colour(lengths, i, where),
        )
        for i, (place, text) in enumerate(notes)
        if place == where and len(text) > 1
    }


def _note_colour(lengths: Spec, place: int, where: str) -> str:
    if where == "inside":
        return theme.text_on(colour_at(lengths, place))
    return theme.readable(colour_at(lengths, place)) if lengths["texts"] else theme.COLOURS["muted"]


# Falling columns and their cumulative share


def pareto(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw falling columns and, on axes of its own, the cumulative line that begins at the first column."""
    names, data = names_of(plot), Data()
    bars = next(one for one in plot["series"] if not one["is_line"])
    line = next((one for one in plot["series"] if one["is_line"]), None)
    size = min(max(box.width / len(names) * 0.22, 12), 14)
    categories = data.add("类别", names)
    column = data.add(str(bars["name"]), bars["values"])
    shown = _column_labels(plot, bars, size)
    groups = [
        bar_group(
            [bar_series(0, column, bars, categories, shown=shown, data=data)],
            is_upright=True,
            is_stacked=False,
            gap=40,
        )
    ]
    highest = max((v for v in bars["values"] if v is not None), default=1.0) or 1.0
    scale, above = (0.0, highest * 1.12), []
    if line is not None:
        first = next((v for v in line["values"] if v), 100.0)
        scale = (0.0, highest * 100 / first * 1.08)
        values = data.add(str(line["name"]), line["values"])
        groups.append(_cumulative(plot, line, values, categories, size))
        above = _second_axes(108.0)
    add_bases(data, plot)
    top, bottom = 34 / box.height, name_height(names, size, slot=box.width / len(names)) / box.height
    frame = Frame(0.005, top, 0.99, 1 - top - bottom)
    content = [*groups, *upright_axes(scale, size=size), *above]
    return [(Native(content, frame, data, font, has_legend=line is not None), box)]


def _column_labels(plot: Spec, series: Spec, size: float) -> dict[int, Label]:
    """Labels above the columns; in the first, for the line begins at its top."""
    return {
        i: Label(
            code=label_format(v, text_of(series, i, plot)),
            position="outEnd" if i else "inEnd",
            size=size,
            colour="" if i else theme.text_on(colour_at(series, i)),
        )
        for i, v in enumerate(series["values"])
        if v is not None
    }


def _cumulative(plot: Spec, series: Spec, values: Column, categories: Column, size: float) -> Node:
    ink = str(series["colour"] or theme.COLOURS["muted"])
    shown = {
        i: Label(
            code=label_format(v, text_of(series, i, plot)),
            position="t",
            size=size,
            colour=theme.readable(ink),
        )
        for i, v in enumerate(series["values"])
        if v is not None and i
    }
    drawn = line_series(
        1, values, categories, line=line_look(stroke(ink, 2)), shown=shown, mark=marker(ink, size=6)
    )
    return line_group([drawn], axes=(113, 114))


def _second_axes(highest: float) -> list[Node]:
    return [
        Axis("cat", 113, 114, "b", is_hidden=True).node(),
        Axis("val", 114, 113, "r", scale=(0.0, highest), labels="none", crossing="max").node(),
    ]

"""Native charts along time: lines with a band and events, control charts, slopes between two points."""

import math
from collections.abc import Mapping, Sequence

from fbanalysis.report import theme
from fbanalysis.report.charts.canvas import flags, spread, value_scale
from fbanalysis.report.pptx.bars import (
    Spec,
    add_bases,
    colour_of,
    line_group,
    line_series,
    names_of,
    text_of,
)
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
    line_look,
    look,
    marker,
    node,
    number_format,
    numbers,
    strings,
    stroke,
)
from fbanalysis.report.pptx.units import Box
from fbanalysis.report.theme import text_width

_CATEGORY, _VALUE = 111, 112
_SIZE = 14


def line(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw values along time: bands shaded, what was expected dashed, events flagged."""
    names, series, data = names_of(plot), plot["series"], Data()
    values = [v for one in series for part in ("values", "low", "high") for v in one[part] if v is not None]
    low, high, step = _scale(values or [0, 1], unit=plot["unit"])
    ends = _end_texts(plot)
    right = max((text_width(text, _SIZE) for text in ends.values()), default=0) + 16
    left = max(text_width(_tick(v, plot), 13) for v in (low, high)) + 12
    width = box.width - left - right
    rows = _flag_rows(plot, width)
    top = (36 if plot["label"] else 8) + 20 * (max((row for *_, row in rows), default=-1) + 1)
    height = box.height - top - 30
    skip = _skip(names, width)
    whole_names = data.add("时间", names)
    categories = whole_names if skip == 1 else data.add("刻度", _thinned(names, skip))
    columns = [data.add(str(one["name"]), one["values"]) for one in series]
    add_bases(data, plot)
    shifts = _spread_ends(plot, (low, high), height=height, whole=box.height)
    made = [
        _one_line(i, columns[i], one, categories, _end_label(one, ends.get(i, ""), shifts.get(i, 0)))
        for i, one in enumerate(series)
    ]
    bands = _bands(series, categories, data, first=len(made))
    made += _odd_points(plot, categories, data, first=60)
    made += bands.lines + _event_lines(plot, rows, categories, data, (low, high), first=30, whole=box.height)
    frame = Frame(left / box.width, top / box.height, width / box.width, height / box.height)
    content = [*bands.areas, line_group(made), *_axes(plot, (low, high, step), skip=skip)]
    return [(Native(content, frame, data, font, title=str(plot["label"] or "")), box)]


def _scale(values: Sequence[float], *, unit: str) -> tuple[float, float, float]:
    """Give low and high as multiples of the step between grid lines, and the step."""
    low, high, ticks = value_scale(values, unit=unit)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else max(high - low, 1e-9)
    return (
        round(math.floor(low / step + 1e-6) * step, 9),
        round(math.ceil(high / step - 1e-6) * step, 9),
        step,
    )


def _tick(value: float, plot: Spec) -> str:
    return theme.printed(value, unit=plot["unit"], decimals=plot["decimals"])


def _tick_code(plot: Spec, step: float) -> str:
    """Print ticks with as few decimals as tell them apart."""
    decimals = next((i for i in range(5) if abs(round(step, i) - step) < 1e-9), 5)
    unit = plot["unit"] if plot["unit"] in ("percent",) else ""
    return number_format(unit, decimals)


def _skip(names: Sequence[str], width: float) -> int:
    """Give how many moments share one name on the axis."""
    widest = max(text_width(name, 13) for name in names) + 26
    return max(1, math.ceil(len(names) * widest / max(width, 1)))


def _thinned(names: Sequence[str], skip: int) -> list[str]:
    """Keep every so many names: LibreOffice would write all of them, turned."""
    return [name if i % skip == 0 else "" for i, name in enumerate(names)]


def _axes(plot: Spec, scale: tuple[float, float, float], *, skip: int) -> list[Node]:
    low, high, step = scale
    muted, rule = theme.COLOURS["muted"], theme.COLOURS["rule"]
    return [
        Axis("cat", _CATEGORY, _VALUE, "b", size=13, colour=muted, skip=skip, has_line=True).node(),
        Axis(
            "val",
            _VALUE,
            _CATEGORY,
            "l",
            scale=(low, high),
            unit=step,
            grid=rule,
            code=_tick_code(plot, step),
            size=13,
            colour=muted,
        ).node(),
    ]


def _one_line(
    place: int, column: Column, series: Spec, categories: Column, shown: Mapping[int, Label]
) -> Node:
    ink = colour_of(series)
    is_dashed = series["is_dashed"]
    drawn = line_look(stroke(ink, 1.6 if is_dashed else 2.4, dash="dash" if is_dashed else ""))
    return line_series(place, column, categories, line=drawn, shown=shown, points=_marked_points(series))


def _marked_points(series: Spec) -> list[Node]:
    """Mark the last point of a line."""
    last = _last(series)
    if last is None or series["is_dashed"]:
        return []
    return [node("dPt", flag("idx", last), marker(colour_of(series), size=7), flag("bubble3D", False))]


def _odd_points(plot: Spec, categories: Column, data: Data, *, first: int) -> list[Node]:
    """Draw points with a colour of their own as marks of a series without a line, one a colour."""
    made = []
    for one in plot["series"]:
        usual = colour_of(one)
        odd = dict.fromkeys(colour for colour in one["colours"] if colour and colour != usual)
        for colour in odd:
            own = zip(one["values"], one["colours"], strict=True)
            values = [value if mine == colour else None for value, mine in own]
            column = data.add(f"{one['name']}（标出）", values)
            mark, none = marker(colour, size=9), line_look(stroke())
            place = first + len(made)
            made.append(line_series(place, column, categories, line=none, shown={}, mark=mark))
    return made


def _last(series: Spec) -> int | None:
    return next(
        (i for i in range(len(series["values"]) - 1, -1, -1) if series["values"][i] is not None), None
    )


def _end_texts(plot: Spec) -> dict[int, str]:
    """What stands at the end of each line: its name where there are several, and its last value."""
    texts = {}
    for i, one in enumerate(plot["series"]):
        last = _last(one)
        if last is not None:
            is_named = len(plot["series"]) > 1 and one["name"] != plot["label"]
            name = f"{one['name']} " if is_named else ""
            texts[i] = name + text_of(one, last, plot)
    return texts


def _end_label(series: Spec, text: str, shift: float) -> dict[int, Label]:
    last = _last(series)
    if last is None or not text:
        return {}
    ink = theme.readable(colour_of(series))
    code = label_format(series["values"][last], text)
    return {last: Label(code=code, position="r", size=_SIZE, colour=ink, shift=(0, shift))}


def _spread_ends(plot: Spec, scale: tuple[float, float], *, height: float, whole: float) -> dict[int, float]:
    """Move labels at the ends of lines apart, in shares of the chart's height."""
    low, high = scale
    known = {i: one["values"][_last(one)] for i, one in enumerate(plot["series"]) if _last(one) is not None}
    places = [height * (high - value) / (high - low) for value in known.values()]
    moved = spread(places, gap=_SIZE * 1.35, low=0, high=height)
    shifts = [(new - old) / whole for new, old in zip(moved, places, strict=True)]
    return {i: shift if abs(shift) > 0.004 else 0 for i, shift in zip(known, shifts, strict=True)}


# Bands


class _Bands:
    """What shows the bands of the lines."""

    def __init__(self) -> None:
        self.areas: list[Node] = []
        self.lines: list[Node] = []


def _bands(series: Sequence[Spec], categories: Column, data: Data, *, first: int) -> _Bands:
    """Shade the band of a line; where several have one, their ends are thin dotted lines."""
    bands = _Bands()
    banded = [one for one in series if one["low"] and one["high"]]
    for one in banded:
        low = data.add(f"{one['name']} 下限", one["low"])
        high = data.add(f"{one['name']} 上限", one["high"])
        if len(banded) == 1:
            bands.areas.append(_area(low, one, categories, data, first=first))
            continue
        thin = theme.tint(colour_of(one), strength=0.5)
        for column in (low, high):
            drawn = line_look(stroke(thin, 1, dash="sysDot"))
            place = first + len(bands.lines)
            bands.lines.append(line_series(place, column, categories, line=drawn, shown={}))
    return bands


def _area(low: Column, series: Spec, categories: Column, data: Data, *, first: int) -> Node:
    pairs = zip(series["low"], series["high"], strict=True)
    widths = [None if a is None or b is None else b - a for a, b in pairs]
    wide = data.add(f"{series['name']} 区间宽", widths)
    shade = theme.tint(colour_of(series), strength=0.16)
    made = [
        node("ser", *heading(first + i, column), fill, strings("cat", categories), numbers("val", column))
        for i, (column, fill) in enumerate([(low, look()), (wide, look(shade))])
    ]
    ids = [flag("axId", _CATEGORY), flag("axId", _VALUE)]
    return node("areaChart", flag("grouping", "stacked"), flag("varyColors", False), *made, *ids)


# Events


def _flag_rows(plot: Spec, width: float) -> list[tuple[int, str, bool, int]]:
    """Give each event its place, its text, whether it stands left of its line, and its level from the top."""
    merged: dict[int, list[str]] = {}
    for place, text in plot["events"]:
        merged.setdefault(int(place), []).append(str(text))
    count = max(len(plot["categories"]), 1)
    points = [(place + 0.5) * width / count for place in merged]
    texts = ["；".join(said) for said in merged.values()]
    placed = flags(points, [text_width(text, 13) for text in texts], width=width)
    return [
        (place, text, left < point, level)
        for place, text, point, (left, level) in zip(merged, texts, points, placed, strict=True)
    ]


def _event_lines(
    plot: Spec,
    rows: Sequence[tuple[int, str, bool, int]],
    categories: Column,
    data: Data,
    scale: tuple[float, float],
    *,
    first: int,
    whole: float,
) -> list[Node]:
    """Draw each event as a line from its name down to the axis."""
    if not rows:
        return []
    at, deepest = {place: scale[1] for place, *_ in rows}, max(level for *_, level in rows)
    values = data.add("事件", [at.get(i) for i in range(len(categories.values))])
    down = data.add("事件线", [scale[1] - scale[0] if i in at else 0 for i in range(len(categories.values))])
    none = data.add("事件线上", [0] * len(categories.values))
    alarm = theme.readable(theme.COLOURS["alarm"])
    rise = 12 / whole
    shown = {
        place: Label(
            [text],
            position="l" if is_left else "r",
            size=13,
            colour=alarm,
            shift=(0, -rise * (1 + 1.6 * (deepest - level))),
        )
        for place, text, is_left, level in rows
    }
    error = intervals(none, down, line=stroke(theme.COLOURS["alarm"], 1), direction="y")
    return [line_series(first, values, categories, line=line_look(stroke()), shown=shown, error=error)]


# Control charts


def control(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw a line between its limits; points that break a rule have their own colour."""
    return line(plot, box, font)


# Slopes


def slope(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Join two points in time by a line each category, named at both ends."""
    data, series = Data(), plot["series"]
    categories = data.add("时间", names_of(plot))
    values = [v for one in series for v in one["values"] if v is not None] or [0.0, 1.0]
    spare = max((max(values) - min(values)) * 0.06, 1e-9)
    low, high = min(values) - spare, max(values) + spare
    height = box.height - 40
    texts = [f"{one['name']} {text_of(one, i, plot)}" for one in series for i in range(len(one["values"]))]
    room = max((text_width(text, _SIZE) for text in texts), default=0) * 1.08 + 16
    room = min(room, box.width * 0.34)
    made = []
    for i, one in enumerate(series):
        shown = _slope_labels(plot, i, (low, high), height=height, whole=box.height)
        column = data.add(str(one["name"]), one["values"])
        ink = colour_of(one)
        drawn = line_look(stroke(ink, 2.2))
        made.append(line_series(i, column, categories, line=drawn, shown=shown, mark=marker(ink, size=7)))
    # the two points stand in the middles of the halves of the plot area
    width = max(min(box.width, 2 * box.width - 4 * room), 0.4 * box.width)
    frame = Frame((1 - width / box.width) / 2, 8 / box.height, width / box.width, height / box.height)
    axes = [
        Axis("cat", _CATEGORY, _VALUE, "b", size=_SIZE, colour=theme.COLOURS["muted"]).node(),
        Axis("val", _VALUE, _CATEGORY, "l", scale=(low, high), is_hidden=True).node(),
    ]
    return [(Native([line_group(made), *axes], frame, data, font), box)]


def _slope_labels(
    plot: Spec, place: int, scale: tuple[float, float], *, height: float, whole: float
) -> dict[int, Label]:
    """Labels at both ends of one line, moved apart from those of the others."""
    series, (low, high) = plot["series"], scale
    shown = {}
    for end, position in ((0, "l"), (len(plot["categories"]) - 1, "r")):
        known = [i for i, one in enumerate(series) if one["values"][end] is not None]
        places = [height * (high - series[i]["values"][end]) / (high - low) for i in known]
        moved = spread(places, gap=_SIZE * 1.3, low=0, high=height)
        if place in known:
            at = known.index(place)
            text = f"{series[place]['name']} {text_of(series[place], end, plot)}"
            code = label_format(series[place]["values"][end], text)
            ink = theme.readable(colour_of(series[place]))
            shift = (moved[at] - places[at]) / whole
            shown[end] = Label(code=code, position=position, size=_SIZE, colour=ink, shift=(0, shift))
    return shown

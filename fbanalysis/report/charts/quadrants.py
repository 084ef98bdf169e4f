"""Maps of four named fields: points with an interval each way, and split lines where the fields meet."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fbanalysis.report.charts.canvas import (
    INK,
    MUTED,
    NORMAL,
    RULE,
    SMALL,
    Chart,
    Sheet,
    area,
    finish,
    is_blank,
    nothing,
    numbers_of,
    sheet,
    styled,
    tick_text,
    value_scale,
    write,
)
from fbanalysis.report.charts.placing import Box, Point, along, around, field_of, label_points, pixels
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.theme import (
    COLOURS,
    colour_of,
    names_of,
    printable,
    printed,
    shortened,
    text_width,
)

#: The hidden series that holds where the fields meet on the horizontal axis; on the vertical one it is the target.
SPLIT = "（分界）"
#: The fields as (right, up); a plot has their names as events, numbered in this order.
FIELDS = ((0, 0), (0, 1), (1, 0), (1, 1))
#: What a point is whose interval crosses a split.
UNSURE = "归属不确定"

_KEYS = ("区间不跨分界线", f"区间跨分界线，{UNSURE}")
_SHAPES = ("o", "D", "s", "v", "^", "P", "X", "p")
_BOTTOM, _RIGHT = 46, 8
_FIELD_SIZE = 18
#: Room that each side of a split has at least, as a share of what the points span.
_ROOM = 0.14

Ends = tuple[str, str]
#: A plot as plain data.
Spec = Mapping[str, object]
#: Low and high end of an axis, and its ticks.
Scale = tuple[float, float, Sequence[float]]


@dataclass(frozen=True)
class Map:
    """What of a map is not its points: where fields meet, their names, and each axis as (across, up).

    A fixed scale gives the names of the fields no room of their own.
    """

    split: tuple[float, float]
    fields: Mapping[tuple[int, int], str]
    labels: tuple[str, str]
    units: tuple[str, str]
    decimals: tuple[int | None, int | None]
    scales: tuple[Scale, Scale]
    colours: Mapping[tuple[int, int], str] = field(default_factory=dict)
    is_fixed: bool = False


@styled
def quadrants(
    frame: pd.DataFrame,
    *,
    by: str,
    x: str,
    y: str,
    split: tuple[float, float],
    fields: Mapping[tuple[int, int], str],
    labels: tuple[str, str],
    x_interval: Ends | None = None,
    y_interval: Ends | None = None,
    units: tuple[str, str] = ("score", "percent"),
    decimals: tuple[int | None, int | None] = (None, None),
    category: str | None = None,
    certain: str | None = None,
    highlight: tuple[int, int] | None = None,
    wide: bool = False,
) -> Chart:
    """Draw each row at (x, y) with its intervals, in four named fields that meet at a split.

    Parameters
    ----------
    x_interval, y_interval
        Columns with the ends of the intervals, as (low, high).
    split
        Where the fields meet, as (x, y): means, as a rule. Without it there is nothing to draw.
    fields
        Names of the fields; (0, 1) is the upper left one.
    labels, units, decimals
        Of the horizontal and the vertical axis.
    category
        Column with a category, told apart by colour and shape.
    certain
        Column that says whether a point's field is sure; without it, a point is unsure where an interval that is
        drawn reaches a split. Unsure points are hollow.
    highlight
        The field to look at: its name and the points that surely lie in it are drawn in the alarm colour.
    """
    if is_blank(frame, y) or is_blank(frame, x) or not np.isfinite(split).all():
        return nothing("quadrants", frame, wide=wide)
    points = pd.DataFrame({"name": names_of(list(frame[by]))})
    for axis, column, ends in (("x", x, x_interval), ("y", y, y_interval)):
        for end, name in zip(("", "_low", "_high"), (column, *(ends or (None, None))), strict=True):
            points[f"{axis}{end}"] = numbers_of(frame, name)
    is_known = points[["x", "y"]].notna().all(axis=1)
    points.loc[~is_known, [column for column in points if column != "name"]] = np.nan
    given = frame[certain].fillna(False).to_numpy(dtype=bool) if certain else None
    points["is_certain"] = _is_clear(points, split) if given is None else given
    _dress(points, frame, category=category, highlight=highlight, split=split)
    scales = tuple(
        axis_scale(_reach(points, axis), split=at, unit=unit)
        for axis, at, unit in zip("xy", split, units, strict=True)
    )
    colours = {highlight: COLOURS["alarm"]} if highlight else {}
    plan = Map(split, fields, labels, units, decimals, scales, colours)
    alt = _alt(points, plan)
    return finish(
        draw(points, plan, wide=wide), kind="quadrants", data=frame, alt=alt, plot=_plot(points, plan)
    )


def _reach(points: pd.DataFrame, axis: str) -> list[float]:
    return list(points[[axis, f"{axis}_low", f"{axis}_high"]].to_numpy(dtype=float).ravel())


def _is_clear(points: pd.DataFrame, split: tuple[float, float]) -> pd.Series:
    """True where no interval reaches the split of its axis."""
    clear = pd.Series(True, index=points.index)
    for axis, at in zip("xy", split, strict=True):
        clear &= ~((points[f"{axis}_low"] <= at) & (points[f"{axis}_high"] >= at))
    return clear


def _dress(
    points: pd.DataFrame,
    frame: pd.DataFrame,
    *,
    category: str | None,
    highlight: tuple[int, int] | None,
    split: tuple[float, float],
) -> None:
    """Give each point its kind, colour, shape, and whether it is hollow."""
    kinds = (
        [printable(kind) or "未分类" for kind in frame[category].fillna("")]
        if category
        else [""] * len(frame)
    )
    order = list(dict.fromkeys(kinds))
    points["kind"] = kinds
    points["shape"] = [_SHAPES[order.index(kind) % len(_SHAPES)] for kind in kinds]
    points["colour"] = [colour_of(kind, order) if category else COLOURS["accent"] for kind in kinds]
    if not category:
        points.loc[~points["is_certain"], "colour"] = MUTED
    if highlight:
        right, up = (points[axis] >= at for axis, at in zip("xy", split, strict=True))
        is_there = points["is_certain"] & (right == bool(highlight[0])) & (up == bool(highlight[1]))
        points.loc[is_there, "colour"] = COLOURS["alarm"]


def axis_scale(values: Sequence[float | None], *, split: float, unit: str) -> Scale:
    """Give low, high and ticks of an axis that leaves room on either side of the split.

    >>> axis_scale([12, 30], split=20, unit="percent")[2]
    [0.0, 10.0, 20.0, 30.0]
    """
    known = [float(value) for value in (*values, split) if value is not None and np.isfinite(value)]
    low, high = min(known), max(known)
    room = _ROOM * ((high - low) or max(abs(high) * 0.1, 1.0))
    reach = [min(low, split - room), max(high, split + room)]
    if low >= 0:
        reach[0] = max(reach[0], 0.0)
    if unit == "percent" and high <= 100:
        reach[1] = min(reach[1], 100.0)
    first, last, ticks = value_scale(reach, unit=unit)
    pad = 0.02 * (last - first)
    return (first - pad, last + pad, ticks)


def outer_scale(values: Sequence[float | None], *, split: float, unit: str) -> tuple[float, float, float]:
    """Give low, high and step of an axis that ends at ticks, as Office draws one.

    >>> outer_scale([3.93, 4.27], split=4.1, unit="score")
    (3.9, 4.3, 0.1)
    """
    *_, ticks = axis_scale(values, split=split, unit=unit)
    step = float(np.round(ticks[1] - ticks[0], 9)) if len(ticks) > 1 else 1.0
    known = [value for value in values if value is not None]
    first, last = min([*known, split]), max([*known, split])
    down = ticks[0] - step * np.ceil((ticks[0] - first) / step - 1e-9) if first < ticks[0] else ticks[0]
    up = ticks[-1] + step * np.ceil((last - ticks[-1]) / step - 1e-9) if last > ticks[-1] else ticks[-1]
    return round(float(down), 9), round(float(up), 9), step


def _alt(points: pd.DataFrame, plan: Map) -> str:
    """Say each point's numbers and field."""
    shown = points.dropna(subset=["x", "y"])
    across, up = (printable(label) for label in plan.labels)
    said = []
    for point in shown.head(14).itertuples():
        place = (int(point.x >= plan.split[0]), int(point.y >= plan.split[1]))
        where = plan.fields.get(place, "") if point.is_certain else UNSURE
        values = (
            printed(value, unit=unit, decimals=decimals)
            for value, unit, decimals in zip((point.x, point.y), plan.units, plan.decimals, strict=True)
        )
        said.append("，".join(filter(None, (f"{point.name} {'、'.join(values)}", printable(where)))))
    rest = f"；等 {len(points)} 项" if len(shown) > len(said) else ""
    return f"四象限图，横向为{across}，纵向为{up}：{'；'.join(said)}{rest}。"


# Drawing


def draw(points: pd.DataFrame, plan: Map, *, wide: bool) -> Sheet:
    """Draw a map; points have name, kind, shape, colour, is_certain, and x and y with their low and high."""
    paper = sheet(wide=wide)
    below = _draw_key(paper, points)
    (left_end, right_end, _), (low, high, ticks) = plan.scales
    left = 30 + max(text_width(text, SMALL) for text in tick_text(ticks, unit=plan.units[1]))
    size = {"width": paper.width - left - _RIGHT, "height": paper.height - below - _BOTTOM}
    axes = area(paper, left=left, top=below, **size)
    axes.set(xlim=(left_end, right_end), ylim=(low, high))
    if not plan.is_fixed:
        _clear_corners(paper, axes, points, plan)
    _draw_ticks(paper, axes, plan)
    _draw_fields(paper, axes, plan)
    _draw_points(axes, points)
    _name_points(paper, axes, points, plan)
    return paper


def _clear_corners(paper: Sheet, axes: Axes, points: pd.DataFrame, plan: Map) -> None:
    """Raise the ceiling or lower the floor where a point or its interval would run through a field's name."""
    shown = points.dropna(subset=["x", "y"])
    marks = [*around([pixels(axes, paper, *pair) for pair in shown[["x", "y"]].to_numpy()], reach=10)]
    marks += _bands(paper, axes, shown)
    (low, high), span = axes.get_ylim(), float(np.ptp(axes.get_ylim()))
    for (at, *_), box in zip(_corners(axes, paper, plan), _corner_boxes(paper, axes, plan), strict=True):
        if any(one[0] < box[2] and box[0] < one[2] and one[1] < box[3] and box[1] < one[3] for one in marks):
            low, high = (low, high + 0.1 * span) if at[1] and high <= axes.get_ylim()[1] else (low, high)
            low = low - 0.1 * span if not at[1] and low >= axes.get_ylim()[0] else low
    axes.set_ylim(low, high)


def _draw_key(paper: Sheet, points: pd.DataFrame) -> float:
    """Write what shapes, colours and hollow marks mean, in as many lines as it takes; give the height used."""
    entries = [tuple(one) for one in points[["kind", "colour", "shape"]].drop_duplicates("kind").to_numpy()]
    entries = [(*one, False) for one in entries if one[0]]
    if not points["is_certain"].all():
        entries += [] if entries else [(_KEYS[0], COLOURS["accent"], "o", False)]
        entries.append((_KEYS[1], MUTED, "o", True))
    if not entries:
        return 8
    x, y = 6.0, 10.0
    for kind, colour, shape, is_hollow in entries:
        said = shortened(kind, size=NORMAL, width=240 if is_hollow else 160)
        wide = 14 + text_width(said, NORMAL)
        if x > 6 and x + wide > paper.width:
            x, y = 6.0, y + 24
        paper.page.plot([x], [y], shape, markersize=10, **_mark(colour, is_hollow=is_hollow, edge=0))
        write(paper.page, said, (x + 14, y))
        x += wide + 24
    return y + 24


def _mark(colour: str, *, is_hollow: bool, edge: float) -> dict[str, object]:
    if is_hollow:
        return {"color": "white", "markeredgecolor": colour, "markeredgewidth": 2}
    return {"color": colour, "markeredgecolor": "white", "markeredgewidth": edge}


def _draw_ticks(paper: Sheet, axes: Axes, plan: Map) -> None:
    """Draw hair lines with their numbers, and the split lines over them."""
    (left, _), (bottom, _) = axes.get_xlim(), axes.get_ylim()
    across, up = (ticks for *_, ticks in plan.scales)
    style = {"size": SMALL, "colour": MUTED}
    for tick, said in zip(up, tick_text(up, unit=plan.units[1]), strict=True):
        axes.axhline(tick, color=RULE, linewidth=1, zorder=0)
        write(axes, said, (left, tick), shift=(-6, 0), align="right", **style)
    for tick, said in zip(across, tick_text(across, unit=plan.units[0]), strict=True):
        axes.axvline(tick, color=RULE, linewidth=1, zorder=0)
        is_last = pixels(axes, paper, tick, bottom)[0] + text_width(said, SMALL) / 2 > paper.width - 1
        write(axes, said, (tick, bottom), shift=(0, -12), align="right" if is_last else "center", **style)
    axes.axvline(plan.split[0], color=MUTED, linewidth=1.2, zorder=1)
    axes.axhline(plan.split[1], color=MUTED, linewidth=1.2, zorder=1)


def _draw_fields(paper: Sheet, axes: Axes, plan: Map) -> None:
    """Write the names of the fields into their corners, and those of the axes."""
    for at, text, (x, y) in _corners(axes, paper, plan):
        colour = plan.colours.get(at, MUTED)
        write(paper.page, text, (x, y), size=_FIELD_SIZE, colour=colour, align="right" if at[0] else "left")
    style = {"size": SMALL, "colour": MUTED}
    left, top, right, bottom = field_of(axes, paper)
    across = shortened(plan.labels[0], size=SMALL, width=paper.width - left - 10)
    write(paper.page, across, ((left + right) / 2, paper.height - 10), align="center", **style)
    up = shortened(plan.labels[1], size=SMALL, width=paper.height - 100)
    half = text_width(up, SMALL) / 2
    write(paper.page, up, (5, (top + bottom) / 2 + half), rotation=90, align="center", **style)


def _corners(axes: Axes, paper: Sheet, plan: Map) -> list[tuple[tuple[int, int], str, Point]]:
    """Give the key, the text and the place of each field's name."""
    left, top, right, bottom = field_of(axes, paper)
    split = pixels(axes, paper, *plan.split)[0]
    found = []
    for at in FIELDS:
        if text := plan.fields.get(at, ""):
            room = (right - split if at[0] else split - left) - 22
            said = shortened(printable(text), size=_FIELD_SIZE, width=max(room, 60))
            found.append((at, said, (right - 14 if at[0] else left + 14, top + 26 if at[1] else bottom - 26)))
    return found


def _draw_points(axes: Axes, points: pd.DataFrame) -> None:
    for point in points.dropna(subset=["x", "y"]).itertuples():
        band = {"color": point.colour, "alpha": 0.3, "linewidth": 5, "solid_capstyle": "round", "zorder": 2}
        axes.plot([point.x] * 2, [point.y_low, point.y_high], **band)
        axes.plot([point.x_low, point.x_high], [point.y] * 2, **band)
        look = _mark(point.colour, is_hollow=not point.is_certain, edge=1.2)
        axes.plot([point.x], [point.y], point.shape, markersize=11, **look, zorder=4)


def _name_points(paper: Sheet, axes: Axes, points: pd.DataFrame, plan: Map) -> None:
    """Name the points off each other; say how many had no room."""
    shown = points.dropna(subset=["x", "y"])
    places = [pixels(axes, paper, *pair) for pair in shown[["x", "y"]].to_numpy()]
    inks = [INK if colour == COLOURS["faint"] else colour for colour in shown["colour"]]
    taken = [*around(places, reach=7), *_corner_boxes(paper, axes, plan)]
    soft = [*_bands(paper, axes, shown), *_split_boxes(paper, axes, plan.split)]
    field_box = field_of(axes, paper)
    hidden = label_points(
        paper, places, list(shown["name"]), colours=inks, taken=taken, soft=soft, field=field_box, widest=150
    )
    notes = [f"{hidden} 项没有位置写名称" if hidden else "", f"{len(points) - len(shown)} 项没有数据"]
    told = "；".join(note for note in notes if note and not note.startswith("0 "))
    write(paper.page, told, (paper.width - 8, paper.height - 10), size=12, colour=MUTED, align="right")


def _bands(paper: Sheet, axes: Axes, shown: pd.DataFrame) -> list[Box]:
    """Cover the intervals."""
    boxes = []
    for point in shown.itertuples():
        for ends in (
            ((point.x, point.y_low), (point.x, point.y_high)),
            ((point.x_low, point.y), (point.x_high, point.y)),
        ):
            if np.isfinite(ends).all():
                boxes += along([pixels(axes, paper, *end) for end in ends], reach=4)
    return boxes


def _corner_boxes(paper: Sheet, axes: Axes, plan: Map) -> list[Box]:
    """Cover the fields' names."""
    boxes = []
    for at, text, (x, y) in _corners(axes, paper, plan):
        wide = text_width(text, _FIELD_SIZE)
        boxes.append((x - wide if at[0] else x, y - 12, x if at[0] else x + wide, y + 12))
    return boxes


def _split_boxes(paper: Sheet, axes: Axes, split: tuple[float, float]) -> list[Box]:
    """Cover the lines where the fields meet."""
    left, top, right, bottom = field_of(axes, paper)
    across, up = pixels(axes, paper, *split)
    return [(across - 1, top, across + 1, bottom), (left, up - 1, right, up + 1)]


# As data


def _plot(points: pd.DataFrame, plan: Map) -> Plot:
    """Give a series of heights for each kind and, in a unit of its own, one of the places along the axis.

    The last visible series is named as the horizontal axis: so both numbers of a point have their record, their
    interval and their unit. Points of one kind stand together.
    """
    across, up = (printable(label) for label in plan.labels)
    names = [
        _kind_name(up, kind, sure) for kind, sure in zip(points["kind"], points["is_certain"], strict=True)
    ]
    rows = points.assign(series=names)
    order = list(dict.fromkeys(sorted(names, key=lambda name: name.endswith(UNSURE))))
    rows = rows.sort_values("series", key=lambda one: one.map(order.index), kind="stable")
    printing = {"unit": plan.units[1], "decimals": plan.decimals[1]}
    series = [_heights(rows, name, **printing) for name in order]
    ends = interval_of(rows, "x")
    places = Series(across, plain_values(rows["x"]), **ends, unit=plan.units[0], decimals=plan.decimals[0])
    return Plot(
        "scatter",
        tuple(rows["name"]),
        (*series, places, split_series(plan, count=len(rows))),
        unit=plan.units[1],
        target=float(plan.split[1]),
        events=field_names(plan),
        x_label=across,
        notes=tuple(_field_name(row, plan) for row in rows.itertuples()),
    )


def _kind_name(label: str, kind: str, sure: bool) -> str:
    parts = (re.sub("（[^（）]*）", "", label), kind, "" if sure else UNSURE)
    return " · ".join(part for part in parts if part)


def _field_name(point: object, plan: Map) -> str:
    if pd.isna(point.x):
        return ""
    place = (int(point.x >= plan.split[0]), int(point.y >= plan.split[1]))
    return printable(plan.fields.get(place, "")) if point.is_certain else UNSURE


def _heights(rows: pd.DataFrame, name: str, **printing: object) -> Series:
    own = rows.where(rows["series"] == name)
    colours = [colour if isinstance(colour, str) else "" for colour in own["colour"]]
    usual = next((colour for colour in colours if colour), "")
    is_mixed = len({*colours} - {""}) > 1
    return Series(
        name,
        plain_values(own["y"]),
        colour=usual,
        colours=tuple(colour or usual for colour in colours) if is_mixed else (),
        **interval_of(own, "y"),
        texts=tuple(rows["name"]),
        **printing,
    )


def interval_of(rows: pd.DataFrame, axis: str) -> dict[str, tuple[float | None, ...]]:
    """Give both ends of the intervals, where any point has them."""
    low, high = rows[f"{axis}_low"], rows[f"{axis}_high"]
    if not (low.notna() & high.notna()).any():
        return {}
    return {"low": plain_values(low), "high": plain_values(high)}


def split_series(plan: Map, *, count: int, **ends: Sequence[float | None]) -> Series:
    """Hold where the fields meet across and the name of the vertical axis; at a category is nothing to draw.

    It also holds the ends of intervals across (``low``, ``high``) where no series of places does.
    """
    across, texts = (float(plan.split[0]),) * count, (printable(plan.labels[1]),) * count
    return Series(SPLIT, (None,) * count, x=across, texts=texts, is_hidden=True, **ends)


def field_names(plan: Map) -> tuple[tuple[int, str], ...]:
    """Give the names of the fields, each with its number in `FIELDS`."""
    return tuple((i, printable(plan.fields[at])) for i, at in enumerate(FIELDS) if plan.fields.get(at))


# Reading it back


def along_of(plot: Spec) -> Spec | None:
    """Give the series that holds the places along the horizontal axis, where there is one."""
    found = [one for one in plot["series"] if one["name"] == plot["x_label"] and not any_known(one["x"])]
    return found[-1] if found and len(plot["series"]) > 1 else None


def heights_of(plot: Spec) -> list[Spec]:
    """Give the series whose points are drawn."""
    along = along_of(plot)
    return [one for one in plot["series"] if one is not along and not one["is_hidden"]]


def across_of(plot: Spec, series: Spec) -> Sequence[float | None]:
    """Give the places of a series along the horizontal axis; none where it has no point."""
    along = along_of(plot)
    if along is None:
        return list(series["x"]) or [None] * len(series["values"])
    return [None if y is None else x for x, y in zip(along["values"], series["values"], strict=True)]


def ends_across(plot: Spec) -> list[tuple[float, float] | None]:
    """Give the ends of each point's interval along the horizontal axis, where it has one."""
    held = along_of(plot) or next((one for one in plot["series"] if one["is_hidden"]), None)
    if held is None or not held["low"] or not held["high"]:
        return [None] * len(plot["categories"])
    return [None if None in ends else ends for ends in zip(held["low"], held["high"], strict=True)]


def split_of(plot: Spec) -> tuple[float, float] | None:
    """Give where the fields of a scatter meet, as (x, y); nothing where it has none."""
    hidden = next((one for one in plot["series"] if one["is_hidden"] and any_known(one["x"])), None)
    if hidden is None or plot["target"] is None:
        return None
    return next(float(x) for x in hidden["x"] if x is not None), float(plot["target"])


def up_label(plot: Spec) -> str:
    """Give the name of the vertical axis."""
    hidden = [one for one in plot["series"] if one["is_hidden"] and one["texts"]]
    return str(plot["label"] or (hidden[0]["texts"][0] if hidden else ""))


def any_known(values: Sequence[float | None]) -> bool:
    """Say whether there is any value at all."""
    return any(value is not None for value in values)

"""Map of what a feature's presence gives against what its absence takes: the Kano model's four fields."""

from collections.abc import Sequence

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
    described,
    finish,
    is_blank,
    nothing,
    numbers_of,
    sheet,
    styled,
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

#: The model's categories in their order, and the shape of each: told apart without colour.
_SHAPES = {"期望": "o", "魅力": "D", "必备": "s", "无差异": "v", "反向": "X", "可疑": "P"}
_FIELDS = (("魅力", 0, 1), ("期望", 1, 1), ("必备", 1, 0), ("无差异", 0, 0))
_LEFT, _BOTTOM, _TOP = 64, 46, 34


@styled
def kano(
    frame: pd.DataFrame,
    *,
    by: str,
    better: str,
    worse: str,
    category: str,
    split: tuple[float, float] = (50.0, 50.0),
    labels: tuple[str, str] = ("有它时的满意（Better）", "没有它时的不满（|Worse|）"),
    decimals: int | None = 0,
    wide: bool = False,
) -> Chart:
    """Draw each feature at its Better (upward) and Worse (to the right) coefficient, both in percent.

    Parameters
    ----------
    better, worse
        Columns from 0 to 100; a Worse below zero is shown by its size. Intervals are drawn where the frame
        has ``<column>_low`` and ``<column>_high``.
    category
        Column with the category, such as 魅力 or 必备属性; it gives colour and shape.
    split
        Where the fields meet, as (Worse, Better).
    labels
        Names of the vertical and the horizontal axis.
    """
    if is_blank(frame, better) or is_blank(frame, worse):
        return nothing("kano", frame, wide=wide)
    points = _points(frame, by=by, better=better, worse=worse, category=category)
    paper = sheet(wide=wide)
    below = _shape_key(paper, points)
    axes = area(
        paper,
        left=_LEFT,
        top=below,
        width=paper.width - _LEFT - 8,
        height=paper.height - below - _BOTTOM,
    )
    axes.set(xlim=(-2, 102), ylim=(-2, 102))
    _draw_fields(paper, axes, split=split, labels=labels)
    _draw_points(axes, points)
    _name_points(paper, axes, points, split=split)
    names = list(points["name"])
    more = f"横向为{printable(labels[1])}。"
    alt = described("Kano 图", names, list(points["better"]), unit="percent", decimals=decimals, more=more)
    plot = _kano_plot(points, labels=labels, decimals=decimals)
    return finish(paper, kind="kano", data=frame, alt=alt, plot=plot)


def _points(frame: pd.DataFrame, *, by: str, better: str, worse: str, category: str) -> pd.DataFrame:
    kinds = [printable(kind) or "未分类" for kind in frame[category].fillna("")]
    points = pd.DataFrame({"name": names_of(list(frame[by])), "kind": kinds})
    for end in ("", "_low", "_high"):
        points[f"better{end}"] = numbers_of(frame, f"{better}{end}")
        points[f"worse{end}"] = np.abs(numbers_of(frame, f"{worse}{end}"))
    strange = [kind for kind in dict.fromkeys(kinds) if not _known(kind)]
    points["colour"] = [_colour(kind, strange) for kind in kinds]
    points["shape"] = [_SHAPES.get(_known(kind), "p") for kind in kinds]
    return points


def _known(kind: str) -> str:
    return next((name for name in _SHAPES if kind.startswith(name)), "")


def _colour(kind: str, strange: Sequence[str]) -> str:
    name = _known(kind)
    if name == "无差异":
        return COLOURS["faint"]
    return colour_of(name or kind, [one for one in _SHAPES if one != "无差异"] if name else strange)


def _shape_key(paper: Sheet, points: pd.DataFrame) -> float:
    """Write what shapes and colours mean, in as many lines as it takes; give the height used."""
    x, y = 6.0, 10.0
    for kind, colour, shape in points[["kind", "colour", "shape"]].drop_duplicates("kind").to_numpy():
        said = shortened(kind, size=NORMAL, width=160)
        wide = 14 + text_width(said, NORMAL)
        if x > 6 and x + wide > paper.width:
            x, y = 6.0, y + 24
        paper.page.plot([x], [y], shape, color=colour, markersize=10, markeredgewidth=0)
        write(paper.page, said, (x + 14, y))
        x += wide + 24
    return y + _TOP - 10


def _draw_fields(paper: Sheet, axes: Axes, *, split: tuple[float, float], labels: tuple[str, str]) -> None:
    across, up = split
    axes.axvline(across, color=MUTED, linewidth=1.2, zorder=1)
    axes.axhline(up, color=MUTED, linewidth=1.2, zorder=1)
    for tick in (0, 50, 100):
        axes.axhline(tick, color=RULE, linewidth=1, zorder=0)
        axes.axvline(tick, color=RULE, linewidth=1, zorder=0)
        ticks = {"size": SMALL, "colour": MUTED}
        said = printed(tick, unit="percent", decimals=0)
        write(axes, said, (-2, tick), shift=(-6, 0), align="right", **ticks)
        write(axes, said, (tick, -2), shift=(0, -12), align="right" if tick == 100 else "center", **ticks)
    for place, (name, right, _) in zip(_corners(axes, paper), _FIELDS, strict=True):
        write(paper.page, name, place, size=18, colour=MUTED, align="right" if right else "left")
    style = {"size": SMALL, "colour": MUTED}
    middle = pixels(axes, paper, 50, 50)
    room = paper.width - _LEFT - 10
    across_label = shortened(labels[1], size=SMALL, width=room)
    write(paper.page, across_label, (middle[0], paper.height - 10), align="center", **style)
    up_label = shortened(labels[0], size=SMALL, width=paper.height - 100)
    half = text_width(up_label, SMALL) / 2
    write(paper.page, up_label, (5, middle[1] + half), rotation=90, align="center", **style)


def _corners(axes: Axes, paper: Sheet) -> list[Point]:
    """Where the names of the fields stand, in the order of the fields."""
    left, bottom = pixels(axes, paper, -2, -2)
    right, top = pixels(axes, paper, 102, 102)
    return [
        (right - 14 if is_right else left + 14, top + 26 if is_top else bottom - 26)
        for _, is_right, is_top in _FIELDS
    ]


def _draw_points(axes: Axes, points: pd.DataFrame) -> None:
    for point in points.dropna(subset=["better", "worse"]).itertuples():
        band = {"color": point.colour, "alpha": 0.3, "linewidth": 5, "solid_capstyle": "round", "zorder": 2}
        axes.plot([point.worse] * 2, [point.better_low, point.better_high], **band)
        axes.plot([point.worse_low, point.worse_high], [point.better] * 2, **band)
        look = {"color": point.colour, "markeredgecolor": "white", "markeredgewidth": 1.2}
        axes.plot([point.worse], [point.better], point.shape, markersize=11, **look, zorder=4)


def _name_points(paper: Sheet, axes: Axes, points: pd.DataFrame, *, split: tuple[float, float]) -> None:
    """Name the points off each other; say how many had no room."""
    shown = points.dropna(subset=["better", "worse"])
    places = [pixels(axes, paper, *pair) for pair in shown[["worse", "better"]].to_numpy()]
    inks = [INK if colour == COLOURS["faint"] else colour for colour in shown["colour"]]
    taken = [*around(places, reach=7), *_corner_boxes(paper, axes)]
    soft = [*_bands(paper, axes, shown), *_split_boxes(paper, axes, split)]
    field = field_of(axes, paper)
    hidden = label_points(
        paper, places, list(shown["name"]), colours=inks, taken=taken, soft=soft, field=field, widest=150
    )
    notes = [f"{hidden} 项没有位置写名称" if hidden else "", f"{len(points) - len(shown)} 项没有数据"]
    told = "；".join(note for note in notes if note and not note.startswith("0 "))
    write(paper.page, told, (paper.width - 8, paper.height - 10), size=12, colour=MUTED, align="right")


def _bands(paper: Sheet, axes: Axes, shown: pd.DataFrame) -> list[Box]:
    """Cover the intervals."""
    boxes = []
    for point in shown.itertuples():
        for ends in (
            ((point.worse, point.better_low), (point.worse, point.better_high)),
            ((point.worse_low, point.better), (point.worse_high, point.better)),
        ):
            if np.isfinite(ends).all():
                boxes += along([pixels(axes, paper, *end) for end in ends], reach=4)
    return boxes


def _corner_boxes(paper: Sheet, axes: Axes) -> list[Box]:
    """Cover the fields' names."""
    boxes = []
    for (x, y), (name, is_right, _) in zip(_corners(axes, paper), _FIELDS, strict=True):
        wide = text_width(name, 18)
        boxes.append((x - wide if is_right else x, y - 12, x if is_right else x + wide, y + 12))
    return boxes


def _split_boxes(paper: Sheet, axes: Axes, split: tuple[float, float]) -> list[Box]:
    """Cover the lines where the fields meet."""
    left, top, right, bottom = field_of(axes, paper)
    across, up = pixels(axes, paper, *split)
    return [(across - 1, top, across + 1, bottom), (left, up - 1, right, up + 1)]


def _kano_plot(points: pd.DataFrame, *, labels: tuple[str, str], decimals: int | None) -> Plot:
    """Give a series for each category; other categories' points are missing in it."""
    series = []
    for kind, colour in points[["kind", "colour"]].drop_duplicates("kind").to_numpy():
        own = points.where(points["kind"] == kind)
        series.append(
            Series(
                kind,
                plain_values(own["better"]),
                colour=colour,
                low=plain_values(own["better_low"]) if own["better_low"].notna().any() else (),
                high=plain_values(own["better_high"]) if own["better_high"].notna().any() else (),
                x=plain_values(own["worse"]),
                texts=tuple(points["name"]),
            )
        )
    return Plot(
        "scatter",
        tuple(points["name"]),
        tuple(series),
        unit="percent",
        decimals=decimals,
        label=printable(labels[0]),
        x_label=printable(labels[1]),
        notes=tuple(points["kind"]),
    )

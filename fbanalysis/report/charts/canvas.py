"""The sheet that charts are drawn on: places in pixels, measured labels, keys, rows and time axes.

One point is one pixel (72 dpi), so the SVG's units are the slide's pixels.
"""

import base64
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from html import escape
from typing import ParamSpec

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import MaxNLocator

from fbanalysis.report.charts.plot import Plot
from fbanalysis.report.theme import (
    COLOURS,
    printable,
    printed,
    shortened,
    svg_of,
    text_width,
    themed,
    tint,
    wrapped,
)

WIDTH, WIDE, HEIGHT = 760, 1150, 484
LARGE, NORMAL, SMALL = 16, 14, 13
# The colours that no theme changes; accent and alarm are looked up where they are used.
INK, MUTED, RULE = COLOURS["ink"], COLOURS["muted"], COLOURS["rule"]
FAINT = COLOURS["faint"]

#: What a series is called in Office where nobody named it.
UNNAMED = "数值"

_BASELINE = 0.37  # of the size: from the middle of a line of 汉字 or digits down to its baseline
_COLUMN_GAP = 40
_HIGHEST_ROW = 116

P = ParamSpec("P")


@dataclass(frozen=True, eq=False)
class Chart:
    """A finished picture with the data that it shows; Jupyter displays it.

    ``plot`` is what the picture shows, as data; ``png`` (base64) is for the kinds that Office cannot draw.
    """

    kind: str
    data: pd.DataFrame
    svg: str
    alt: str
    aspect: float
    plot: Plot | None = None
    png: str = ""

    def _repr_html_(self) -> str:
        width = round(self.aspect * HEIGHT)
        return f'<figure class="chart" style="margin:0;max-width:{escape(str(width))}px">{self.svg}</figure>'


@dataclass(frozen=True)
class Sheet:
    """A figure and, over it, axes in pixels with the origin at the top left."""

    figure: Figure
    page: Axes
    width: float
    height: float


def styled(draw: Callable[P, Chart]) -> Callable[P, Chart]:
    """Let a kind of chart draw under the theme."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Chart:
        with themed():
            return draw(*args, **kwargs)

    return drawn


def sheet(*, wide: bool = False, height: float = HEIGHT) -> Sheet:
    """Open an empty sheet of the slide's chart box; a higher one is scaled down on the slide."""
    width = WIDE if wide else WIDTH
    figure = Figure(figsize=(width / 72, height / 72))
    page = figure.add_axes((0, 0, 1, 1), zorder=5)
    page.set(xlim=(0, width), ylim=(height, 0))
    page.axis("off")
    return Sheet(figure, page, width, height)


def finish(
    paper: Sheet, *, kind: str, data: pd.DataFrame, alt: str, plot: Plot | None = None, png: str = ""
) -> Chart:
    """Turn a sheet into a chart."""
    svg = svg_of(paper.figure, alt=alt)
    aspect = round(paper.width / paper.height, 4)
    return Chart(kind, data.copy(), svg, printable(alt), aspect, plot, png)


def picture(paper: Sheet) -> str:
    """Give a sheet as PNG of twice its size, in base64; the same sheet gives the same bytes."""
    buffer = io.BytesIO()
    paper.figure.savefig(buffer, format="png", dpi=144, transparent=True, metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def nothing(kind: str, data: pd.DataFrame, *, wide: bool = False) -> Chart:
    """Say that there is nothing to draw."""
    paper = sheet(wide=wide)
    write(
        paper.page, "没有数据", (paper.width / 2, paper.height / 2), size=LARGE, colour=MUTED, align="center"
    )
    return finish(paper, kind=kind, data=data, alt="没有数据。")


def is_blank(frame: pd.DataFrame, value: str) -> bool:
    """True where no row has a value."""
    return bool(frame[value].isna().all())


def numbers_of(frame: pd.DataFrame, name: str | None) -> np.ndarray:
    """A column as floats, missing where the frame does not have it."""
    if name is None or name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name]).to_numpy(dtype=float, na_value=np.nan)


def bases_of(frame: pd.DataFrame, *, value: str, name: str | None = None) -> tuple[int | None, ...]:
    """Give the base n of each row: of the named column, else of a column base or n that is not what is drawn.

    A row without a value has none, as the picture has none; nothing where no row has one.
    """
    column = name or next((one for one in ("base", "n") if one in frame and one != value), None)
    if column is None:
        return ()
    numbers = pd.to_numeric(frame[column], errors="coerce").where(frame[value].notna())
    known = tuple(None if pd.isna(number) else int(number) for number in numbers)
    return known if any(base is not None for base in known) else ()


def shared_bases(frame: pd.DataFrame, *, by: str, value: str) -> tuple[int | None, ...]:
    """Give the base n of each category of a long frame, or nothing unless each category has a single one."""
    bases = bases_of(frame, value=value)
    found: dict[object, set[int]] = {label: set() for label in frame[by]}
    for label, base in zip(frame[by], bases, strict=False):
        found[label] |= {base} - {None}
    if not bases or any(len(numbers) > 1 for numbers in found.values()):
        return ()
    return tuple(next(iter(numbers), None) for numbers in found.values())


def area(paper: Sheet, *, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes without any furniture at a place in pixels."""
    box = (left / paper.width, 1 - (top + height) / paper.height, width / paper.width, height / paper.height)
    axes = paper.figure.add_axes(box)
    bare(axes)
    return axes


def bare(axes: Axes) -> None:
    """Take ticks, spines, labels and ground away; charts write their own."""
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="", facecolor="none")
    axes.spines[:].set_visible(False)


def write(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    *,
    shift: tuple[float, float] = (0, 0),
    size: float = NORMAL,
    colour: str = INK,
    align: str = "left",
    coords: str | tuple[str, str] = "data",
    rotation: float = 0,
) -> None:
    """Write one line whose middle is at a point, shifted by pixels (right, up)."""
    drop = (_BASELINE * size, 0) if rotation else (0, -_BASELINE * size)
    axes.annotate(
        printable(text),
        at,
        xycoords=coords,
        xytext=(shift[0] + drop[0], shift[1] + drop[1]),
        textcoords="offset points",
        size=size,
        color=colour,
        ha=align,
        va="bottom" if rotation else "baseline",
        rotation=rotation,
        annotation_clip=False,
    )


def write_lines(
    axes: Axes,
    lines: Sequence[str],
    at: tuple[float, float],
    *,
    size: float = NORMAL,
    shift: tuple[float, float] = (0, 0),
    **style: object,
) -> None:
    """Write several lines whose middle is at a point."""
    step = size * 1.22
    for place, line in enumerate(lines):
        up = ((len(lines) - 1) / 2 - place) * step
        write(axes, line, at, size=size, shift=(shift[0], shift[1] + up), **style)


def key(
    paper: Sheet,
    entries: Sequence[tuple[str, str]],
    *,
    size: float = NORMAL,
    are_dots: bool = False,
    hollow: Sequence[str] = (),
) -> float:
    """Write what the colours mean, in as many lines as it takes; give the height used."""
    x, y = 0.0, 10.0
    for name, colour in entries:
        said = shortened(name, size=size, width=160)
        wide = 19 + text_width(said, size)
        if x > 0 and x + wide > paper.width:
            x, y = 0.0, y + 24
        look = {"facecolor": "white" if name in hollow else colour, "edgecolor": colour, "linewidth": 1.6}
        swatch = Circle((x + 6, y), 5.5, **look) if are_dots else Rectangle((x, y - 6), 12, 12, **look)
        paper.page.add_patch(swatch)
        write(paper.page, said, (x + 19, y), size=size)
        x += wide + 22
    return y + 14


def estimate_patch(left: float, top: float, width: float, height: float, colour: str) -> Rectangle:
    """A light, hatched rectangle: what is estimated."""
    return Rectangle(
        (left, top),
        width,
        height,
        facecolor=tint(colour, strength=0.14),
        hatch="////",
        edgecolor=tint(colour, strength=0.75),
        linewidth=0.8,
    )


# Rows: one category a row


@dataclass(frozen=True)
class Panel:
    """One column of rows: axes whose y is the row within the column."""

    axes: Axes
    first: int
    count: int
    width: float
    pitch: float
    size: float

    @property
    def rows(self) -> range:
        return range(self.first, self.first + self.count)


def row_sheet(
    names: Sequence[str],
    *,
    top: float = 0,
    bottom: float = 0,
    right: float = 0,
    wide: bool = False,
    least: float = 21,
    most: float = _HIGHEST_ROW,
) -> tuple[Sheet, list[Panel]]:
    """Open a sheet with a row for each name: in one column, two (three if wide), then growing downward.

    `top`, `bottom` and `right` are pixels kept free around the rows of every column.
    """
    room = max(HEIGHT - top - bottom, least)
    columns = min(math.ceil(len(names) * least / room), 3 if wide else 2)
    count = math.ceil(len(names) / columns)
    paper = sheet(wide=wide, height=max(HEIGHT, count * least + top + bottom))
    pitch = min((paper.height - top - bottom) / count, most)
    width = (paper.width - _COLUMN_GAP * (columns - 1)) / columns
    size = float(np.clip(pitch * 0.62, SMALL, LARGE if pitch < 80 else 18))
    gutter = min(max(text_width(name, size) for name in names), width * (0.3 if pitch > 34 else 0.36))
    gutter += 14 if gutter else 0
    above = top + (paper.height - top - bottom - pitch * count) / 2
    panels = []
    for place in range(columns):
        rows = min(count, len(names) - place * count)
        axes = area(
            paper,
            left=place * (width + _COLUMN_GAP) + gutter,
            top=above,
            width=width - gutter - right,
            height=pitch * rows,
        )
        axes.set_ylim(rows - 0.5, -0.5)
        panel = Panel(axes, place * count, rows, width - gutter - right, pitch, size)
        _name_rows(panel, names, gutter=gutter)
        panels.append(panel)
    return paper, panels


def _name_rows(panel: Panel, names: Sequence[str], *, gutter: float) -> None:
    lines = 2 if panel.pitch >= panel.size * 2.5 else 1
    for y, row in enumerate(panel.rows):
        parts = wrapped(names[row], size=panel.size, width=gutter - 14, lines=lines)
        write_lines(
            panel.axes,
            parts,
            (0, y),
            coords=("axes fraction", "data"),
            shift=(-14, 0),
            size=panel.size,
            align="right",
        )


def limits(extents: Sequence[tuple[float, float, float, float]], *, width: float) -> tuple[float, float]:
    """Find axis limits so that each mark and the pixels that its labels need fit into a width.

    `extents` are (low, high, pixels left of low, pixels right of high); missing numbers are skipped.

    >>> low, high = limits([(0, 10, 0, 50)], width=100)
    >>> low, round(high, 6)
    (0.0, 20.0)
    """
    known = np.array([extent for extent in extents if np.isfinite(extent[:2]).all()], dtype=float)
    if known.size == 0:
        return 0.0, 1.0
    lows, highs, left, right = known.T
    if lows.min() == highs.max():
        room = max(abs(highs.max()) * 0.05, 0.5)
        lows, highs = lows - room, highs + room
    squeeze = min(1.0, 0.92 * width / max(left.max() + right.max(), 1.0))
    left, right = left * squeeze, right * squeeze
    low, high = lows.min(), highs.max()
    for _ in range(200):
        scale = (high - low) / width
        low, high = (lows - left * scale).min(), (highs + right * scale).max()
    return float(low), float(high)


def spread(
    places: Sequence[float], *, gap: float, low: float = -math.inf, high: float = math.inf
) -> list[float]:
    """Push labels apart along one direction until neighbours keep a gap, inside bounds where they fit.

    >>> spread([10, 12, 40], gap=10)
    [6.0, 16.0, 40.0]
    """
    order = np.argsort(places, kind="stable")
    placed = np.asarray(places, dtype=float)[order]
    for _ in range(200):
        for i in range(len(placed) - 1):
            lack = gap - (placed[i + 1] - placed[i])
            if lack > 1e-9:
                placed[i] -= lack / 2
                placed[i + 1] += lack / 2
        if len(placed) and len(placed) * gap <= high - low + gap:
            placed = np.clip(placed, low, high)
    result = np.empty_like(placed)
    result[order] = placed
    return [round(float(place), 3) for place in result]


def flags(points: Sequence[float], widths: Sequence[float], *, width: float) -> list[tuple[float, int]]:
    """Place labels on lines that come up from points: (left pixel of the label, level from the top).

    No label meets another, and no line runs through one unless there is no other way. Labels that would
    leave the sheet stand left of their line; these are placed first, from the right.

    >>> flags([0, 10, 115], [40, 40, 40], width=120)
    [(6, 0), (16, 1), (69, 0)]
    """
    is_left = [at + 6 + wide > width for at, wide in zip(points, widths, strict=True)]
    order = sorted(
        range(len(points)), key=lambda i: (not is_left[i], -points[i] if is_left[i] else points[i])
    )
    placed: dict[int, _Flag] = {}
    for i in order:
        sides = [points[i] - 6 - widths[i], points[i] + 6][:: 1 if is_left[i] else -1]
        sides = [left for left in sides if left >= 0 and left + widths[i] <= width] or [max(sides[0], 0.0)]
        tries = [
            _Flag(points[i], left, left + widths[i], level) for level in range(len(points)) for left in sides
        ]
        free = (one for one in tries if not any(one.meets(other) for other in placed.values()))
        placed[i] = next(free, _Flag(points[i], sides[0], sides[0] + widths[i], len(points) - 1))
    return [(placed[i].left, placed[i].level) for i in range(len(points))]


@dataclass(frozen=True)
class _Flag:
    """A label between two pixels, on a line that comes up from a point to its level."""

    at: float
    left: float
    right: float
    level: int

    def meets(self, other: "_Flag") -> bool:
        if self.level == other.level:
            return self.left < other.right + 12 and other.left < self.right + 12
        upper, lower = sorted((self, other), key=lambda flag: flag.level)
        return lower.left - 4 < upper.at < lower.right + 4


# Scales


def value_scale(values: Sequence[float], *, unit: str, count: int = 5) -> tuple[float, float, list[float]]:
    """Give low, high and ticks of a value axis; it begins at zero where zero is near."""
    known = np.array([value for value in values if np.isfinite(value)], dtype=float)
    low, high = float(known.min()), float(known.max())
    if unit != "pp" and 0 <= low < 0.45 * high:
        low = 0.0
    if low == high:
        low, high = low - max(abs(low) * 0.05, 0.5), high + max(abs(high) * 0.05, 0.5)
    ticks = MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    pad = 0.04 * (high - low)
    kept = [float(tick) for tick in ticks if low - pad <= tick <= high + pad]
    return min(low if low == 0 else low - pad, kept[0]), max(high + pad, kept[-1]), kept


def tick_text(ticks: Sequence[float], *, unit: str) -> list[str]:
    """Print ticks with as few decimals as tell them apart."""
    for decimals in range(5):
        if all(abs(round(tick, decimals) - tick) < 1e-9 * max(abs(tick), 1) for tick in ticks):
            break
    return [printed(tick, unit=unit if unit == "percent" else "", decimals=decimals) for tick in ticks]


# What the alternative text says


def described(
    kind: str,
    names: Sequence[str],
    values: Sequence[float],
    *,
    unit: str,
    decimals: int | None = None,
    more: str = "",
) -> str:
    """Describe a chart in one or two sentences: kind, categories, range."""
    known = [value for value in values if pd.notna(value)]
    low, high = (printed(bound(known), unit=unit, decimals=decimals) for bound in (min, max))
    distinct = list(dict.fromkeys(names))
    shown = "、".join(distinct[:6]) + (f"等 {len(distinct)} 项" if len(distinct) > 6 else "")
    reach = f"数值为 {low}" if low == high else f"数值从 {low} 到 {high}"
    return f"{kind}：{shown}；{reach}。{more}"

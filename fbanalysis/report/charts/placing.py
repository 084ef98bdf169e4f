"""Labels of points: beside their point, off lines, marks and each other, tied to it where they stand away."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from fbanalysis.report.charts.canvas import SMALL, Sheet, write
from fbanalysis.report.theme import readable, shortened, text_width, tint

#: Left, top, right, bottom in pixels, counted from the top left.
Box = tuple[float, float, float, float]
Point = tuple[float, float]

_SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
_DISTANCES = (11, 17, 26, 38, 52, 68, 88, 112)
#: A label further away than this is tied to its point by a line.
_NEAR = 18
_WIDEST = 230


def pixels(axes: Axes, paper: Sheet, across: float, up: float) -> Point:
    """Find the place on the sheet of a point in axes."""
    x, y = axes.transData.transform((across, up))
    return float(x), float(paper.height - y)


def field_of(axes: Axes, paper: Sheet) -> Box:
    """Give the box of axes on the sheet."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    return (*pixels(axes, paper, left, high), *pixels(axes, paper, right, low))


def label_points(
    paper: Sheet,
    points: Sequence[Point],
    texts: Sequence[str],
    *,
    colours: Sequence[str],
    taken: Sequence[Box],
    field: Box,
    soft: Sequence[Box] = (),
    widest: float = _WIDEST,
) -> int:
    """Write a label for each point, first come first served; give how many had no room."""
    said = [shortened(text, size=SMALL, width=widest) for text in texts]
    widths = [text_width(text, SMALL) for text in said]
    boxes = beside(points, widths, height=17, taken=taken, field=field, soft=soft)
    for point, text, colour, box in zip(points, said, colours, boxes, strict=True):
        if box is None:
            continue
        if tie := leader(point, box):
            paper.page.plot(*zip(*tie, strict=True), color=tint(colour, strength=0.5), linewidth=0.9)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        write(paper.page, text, middle, size=SMALL, colour=readable(colour), align="center")
    return sum(box is None for box in boxes)


def around(points: Sequence[Point], *, reach: float) -> list[Box]:
    """Give the boxes that marks take.

    >>> around([(10, 10)], reach=3)
    [(7, 7, 13, 13)]
    """
    return [(x - reach, y - reach, x + reach, y + reach) for x, y in points]


def along(points: Sequence[Point], *, reach: float = 2) -> list[Box]:
    """Cover a line through points with small boxes.

    >>> along([(0, 0), (8, 0)], reach=1)
    [(-1.0, -1.0, 1.0, 1.0), (3.0, -1.0, 5.0, 1.0), (7.0, -1.0, 9.0, 1.0)]
    """
    stops: list[Point] = []
    for (x, y), (further, lower) in pairwise(points):
        count = int(max(abs(further - x), abs(lower - y)) // 4) + 1
        stops += zip(
            np.linspace(x, further, count).tolist(), np.linspace(y, lower, count).tolist(), strict=True
        )
    return around(stops, reach=reach)


def beside(
    points: Sequence[Point],
    widths: Sequence[float],
    *,
    height: float,
    taken: Sequence[Box],
    field: Box,
    soft: Sequence[Box] = (),
) -> list[Box | None]:
    """Find a box for the label of each point, first come first served; nothing where none is free.

    Parameters
    ----------
    taken
        Boxes that no label may cover: the marks themselves, lines, other texts.
    field
        Labels stay inside it.
    soft
        Boxes that labels keep off too, unless there is no other place; their ties may cross them.

    >>> beside([(10, 10)], [20], height=10, taken=[], field=(0, 0, 100, 100))
    [(21.0, 5.0, 41.0, 15.0)]
    """
    walls = [*taken]
    placed: list[Box | None] = [None] * len(points)
    for avoided in ([*soft], []) if soft else ([],):
        for i, box in enumerate(placed):
            if box is None:
                label = (widths[i], height)
                placed[i] = _first_free(points[i], label, walls=walls, soft=avoided, field=field)
                walls += _covered(points[i], placed[i])
    return placed


def _first_free(
    point: Point, label: Point, *, walls: Sequence[Box], soft: Sequence[Box], field: Box
) -> Box | None:
    candidates = _candidates(point, width=label[0], height=label[1])
    inside = (box for box in candidates if _is_inside(box, field) and not _is_met([box], soft))
    return next((box for box in inside if not _is_met(_covered(point, box), walls)), None)


def _covered(point: Point, box: Box | None) -> list[Box]:
    """Give what a label and its tie take, without the point's own mark."""
    if box is None:
        return []
    tie = leader(point, box)
    return [box, *along(tie, reach=1)[3:]] if tie else [box]


def leader(point: Point, box: Box) -> tuple[Point, Point] | None:
    """Give the line from a point to its label, where the label is not right beside it.

    >>> leader((0, 0), (50, -5, 80, 5))
    ((0, 0), (48, 0))
    """
    near = (min(max(point[0], box[0] - 2), box[2] + 2), min(max(point[1], box[1] + 2), box[3] - 2))
    return (point, near) if float(np.hypot(near[0] - point[0], near[1] - point[1])) > _NEAR else None


def _candidates(point: Point, *, width: float, height: float) -> Iterator[Box]:
    for away in _DISTANCES:
        for right, down in _SIDES:
            step = away * (0.75 if right and down else 1)
            left = point[0] + right * step + (right - 1) * width / 2
            top = point[1] + down * step + (down - 1) * height / 2
            yield (left, top, left + width, top + height)


def _is_inside(box: Box, field: Box) -> bool:
    return box[0] >= field[0] and box[1] >= field[1] and box[2] <= field[2] and box[3] <= field[3]


def _is_met(boxes: Sequence[Box], walls: Sequence[Box]) -> bool:
    if not walls:
        return False
    left, top, right, bottom = np.asarray(walls, dtype=float).T
    return any(
        bool(((left < box[2]) & (right > box[0]) & (top < box[3]) & (bottom > box[1])).any()) for box in boxes
    )

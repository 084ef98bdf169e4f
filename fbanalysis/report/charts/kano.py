"""Map of what a feature's presence gives against what its absence takes: the Kano model's four fields."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fbanalysis.report.charts.canvas import Chart, described, finish, is_blank, nothing, numbers_of, styled
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.charts.quadrants import Map, draw, field_names, interval_of, split_series
from fbanalysis.report.theme import COLOURS, colour_of, names_of, printable

#: The model's categories in their order, and the shape of each: told apart without colour.
_SHAPES = {"期望": "o", "魅力": "D", "必备": "s", "无差异": "v", "反向": "X", "可疑": "P"}
_FIELDS = {(0, 1): "魅力", (1, 1): "期望", (1, 0): "必备", (0, 0): "无差异"}
_SCALE = (-2.0, 102.0, (0.0, 50.0, 100.0))


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
    percent, places = ("percent", "percent"), (decimals, decimals)
    plan = Map(split, _FIELDS, labels[::-1], percent, places, (_SCALE, _SCALE), is_fixed=True)
    paper = draw(points, plan, wide=wide)
    more = f"横向为{printable(labels[1])}。"
    names, values = list(points["name"]), list(points["y"])
    alt = described("Kano 图", names, values, unit="percent", decimals=decimals, more=more)
    return finish(paper, kind="kano", data=frame, alt=alt, plot=_plot(points, plan))


def _points(frame: pd.DataFrame, *, by: str, better: str, worse: str, category: str) -> pd.DataFrame:
    kinds = [printable(kind) or "未分类" for kind in frame[category].fillna("")]
    points = pd.DataFrame({"name": names_of(list(frame[by])), "kind": kinds, "is_certain": True})
    for end in ("", "_low", "_high"):
        points[f"y{end}"] = numbers_of(frame, f"{better}{end}")
        points[f"x{end}"] = np.abs(numbers_of(frame, f"{worse}{end}"))
    # the interval of a Worse below zero turns round with its sign
    points[["x_low", "x_high"]] = np.sort(points[["x_low", "x_high"]].to_numpy(), axis=1)
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


def _plot(points: pd.DataFrame, plan: Map) -> Plot:
    """Give a series for each category; other categories' points are missing in it."""
    series = []
    for kind, colour in points[["kind", "colour"]].drop_duplicates("kind").to_numpy():
        own = points.where(points["kind"] == kind)
        series.append(
            Series(
                kind,
                plain_values(own["y"]),
                colour=colour,
                low=plain_values(own["y_low"]) if own["y_low"].notna().any() else (),
                high=plain_values(own["y_high"]) if own["y_high"].notna().any() else (),
                x=plain_values(own["x"]),
                texts=tuple(points["name"]),
            )
        )
    return Plot(
        "scatter",
        tuple(points["name"]),
        (*series, split_series(plan, count=len(points), **interval_of(points, "x"))),
        unit="percent",
        decimals=plan.decimals[1],
        target=float(plan.split[1]),
        events=field_names(plan),
        label=printable(plan.labels[1]),
        x_label=printable(plan.labels[0]),
        notes=tuple(points["kind"]),
    )

"""Slopes: two points in time joined by a line for each category, named at both ends."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from fbanalysis.report.charts.canvas import (
    FAINT,
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
    limits,
    nothing,
    numbers_of,
    sheet,
    spread,
    styled,
    write,
)
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.theme import (
    COLOURS,
    names_of,
    printable,
    printed,
    readable,
    shortened,
    text_width,
    tint,
)

_MOST_NAMED = 12
_TOP, _BOTTOM = 40, 26
#: From a point to its label: the tie, and the gaps at its ends.
_TIE = 26
_MOST_LANES = 3


@dataclass(frozen=True)
class _End:
    """One side of the chart: its columns, and where its labels stand."""

    column: str
    place: float
    side: int

    @property
    def align(self) -> str:
        return "left" if self.side > 0 else "right"


_ENDS = (_End("before", 0, -1), _End("after", 1, 1))


@styled
def slope(
    frame: pd.DataFrame,
    *,
    by: str = "stratum",
    before: str,
    after: str,
    low: str = "low",
    high: str = "high",
    before_low: str | None = None,
    before_high: str | None = None,
    labels: tuple[str, str] = ("上年", "本年"),
    change_label: str | None = None,
    unit: str = "percent",
    decimals: int | None = None,
    highlight: Collection[str] = (),
    wide: bool = False,
) -> Chart:
    """Draw two points in time of each category, joined by a line and named at both ends.

    Above twelve categories only those highlighted, the outermost and the steepest are named; the rest is grey.

    Parameters
    ----------
    low, high, before_low, before_high
        Columns of the intervals of `after` and of `before`, drawn where they are there.
    change_label
        Column with the change as text, phrased where it was tested; written after the name at the right.
    highlight
        Labels in alarm colour.
    """
    if is_blank(frame, after):
        return nothing("slope", frame, wide=wide)
    columns = {"after": after, "after_low": low, "after_high": high}
    columns |= {"before": before, "before_low": before_low, "before_high": before_high}
    lines = pd.DataFrame({name: numbers_of(frame, column) for name, column in columns.items()})
    lines.insert(0, "name", names_of(list(frame[by])))
    lines["is_highlighted"] = frame[by].isin(list(highlight)).to_numpy()
    for end in _ENDS:
        lines[f"{end.column}_text"] = [printed(v, unit=unit, decimals=decimals) for v in lines[end.column]]
    lines["change"] = [printable(text) for text in frame[change_label].fillna("")] if change_label else ""
    lines["is_named"] = _are_named(lines)
    lines["colour"] = [
        COLOURS["alarm"] if one.is_highlighted else COLOURS["accent"] if one.is_named else FAINT
        for one in lines.itertuples()
    ]
    paper = _drawn(lines, labels=labels, wide=wide)
    years = f"{printable(labels[0])}与{printable(labels[1])}"
    values = [*lines["before"], *lines["after"]]
    alt = described(f"斜率图（{years}）", list(lines["name"]), values, unit=unit, decimals=decimals)
    plot = _slope_plot(lines, labels=labels, unit=unit, decimals=decimals)
    return finish(paper, kind="slope", data=frame, alt=alt, plot=plot)


def _are_named(lines: pd.DataFrame) -> np.ndarray:
    """Say which lines get their names: all, or of many the highlighted, outermost and steepest."""
    if len(lines) <= _MOST_NAMED:
        return np.full(len(lines), True)
    telling = [lines["before"], lines["after"], lines["after"] - lines["before"]]
    ends = {place for one in telling if one.notna().any() for place in (one.idxmin(), one.idxmax())}
    outer = sorted(ends, key=lambda place: (not lines["is_highlighted"][place], place))
    wanted = [*lines.index[lines["is_highlighted"]], *outer]
    return lines.index.isin(list(dict.fromkeys(wanted))[: _MOST_NAMED + 4])


def _drawn(lines: pd.DataFrame, *, labels: tuple[str, str], wide: bool) -> Sheet:
    paper = sheet(wide=wide)
    named = lines[lines["is_named"]]
    size = NORMAL if len(named) > 8 else 15
    margins = [_margin(named, end, size=size, most=paper.width * 0.36) for end in _ENDS]
    height = paper.height - _TOP - _BOTTOM
    axes = area(
        paper,
        left=margins[0],
        top=_TOP,
        width=paper.width - sum(margins),
        height=height,
    )
    marks = (
        lines[["before", "after", "before_low", "before_high", "after_low", "after_high"]].to_numpy().ravel()
    )
    low, high = limits([(value, value, 10.0, 10.0) for value in marks], width=height)
    axes.set(xlim=(0, 1), ylim=(low, high))
    for end, label in zip(_ENDS, labels, strict=True):
        axes.axvline(end.place, color=RULE, linewidth=1.2, zorder=0)
        room = max(margins) * 1.2
        said = shortened(printable(label), size=NORMAL, width=room)
        write(axes, said, (end.place, 1), coords="axes fraction", shift=(0, 22), align="center", colour=MUTED)
    for line in lines.sort_values(["is_highlighted", "is_named"], kind="stable").itertuples():
        _draw_line(axes, line)
    for end, margin in zip(_ENDS, margins, strict=True):
        _draw_intervals(axes, named, end)
        _name_ends(axes, named, end, height=height, size=size, room=margin - _TIE)
    _tell_missing(paper, lines)
    return paper


def _margin(named: pd.DataFrame, end: _End, *, size: float, most: float) -> float:
    """How much room the labels of a side take."""
    texts = ["".join(parts) for parts in _parts(named, end)]
    widest = max((text_width(text, size) + 10 * 2 for text in texts), default=0)
    return float(min(max(widest + _TIE + 1, 60), most))


def _parts(named: pd.DataFrame, end: _End) -> list[tuple[str, str, str]]:
    """Value, name and change of each label of a side."""
    changes = named["change"] if end.side > 0 else [""] * len(named)
    return list(zip(named[f"{end.column}_text"], named["name"], changes, strict=True))


def _draw_line(axes: Axes, line: object) -> None:
    style = {"color": line.colour, "clip_on": False}
    weight = 2.6 if line.is_highlighted else 2 if line.is_named else 1.2
    axes.plot([0, 1], [line.before, line.after], linewidth=weight, zorder=3 if line.is_named else 2, **style)
    for place, value in ((0, line.before), (1, line.after)):
        axes.plot([place], [value], "o", markersize=9 if line.is_named else 5, **style, zorder=4)


def _draw_intervals(axes: Axes, named: pd.DataFrame, end: _End) -> None:
    """Draw the intervals of a side upright, those that overlap beside each other."""
    known = named.dropna(subset=[f"{end.column}_low", f"{end.column}_high"])
    tops: list[float] = []
    for line in known.sort_values(f"{end.column}_low", kind="stable").itertuples():
        low, high = getattr(line, f"{end.column}_low"), getattr(line, f"{end.column}_high")
        lane = next((lane for lane, top in enumerate(tops) if top < low), len(tops))
        tops[lane : lane + 1] = [high]
        shift = ScaledTranslation(end.side * min(lane, _MOST_LANES) * 5 / 72, 0, axes.figure.dpi_scale_trans)
        style = {"color": line.colour, "alpha": 0.35, "linewidth": 4, "solid_capstyle": "round"}
        at = [end.place, end.place]
        axes.plot(at, [low, high], **style, transform=axes.transData + shift, clip_on=False, zorder=1.5)


def _name_ends(
    axes: Axes, named: pd.DataFrame, end: _End, *, height: float, size: float, room: float
) -> None:
    """Write value, name and change beside the points of a side, pushed apart and tied to their points."""
    low, high = axes.get_ylim()
    known = named[named[end.column].notna()].sort_values(end.column, kind="stable")
    wanted = [(value - low) / (high - low) * height for value in known[end.column]]
    places = spread(wanted, gap=size * 1.32, low=0, high=height)
    lines = zip(_parts(known, end), known["colour"], wanted, places, strict=True)
    for (value, name, change), colour, at, place in lines:
        _tie(axes, end, at=at / height, to=place / height, colour=colour)
        style = {"coords": "axes fraction", "size": size, "align": end.align}
        spot, away = (end.place, place / height), end.side * _TIE
        write(axes, value, spot, shift=(away, 0), colour=readable(colour), **style)
        away += end.side * (text_width(value, size) + 10)
        tail = text_width(change, size) + 10 if change else 0
        said = shortened(name, size=size, width=max(room - abs(away) + _TIE - tail, 2 * size))
        write(axes, said, spot, shift=(away, 0), colour=INK, **style)
        away += end.side * (text_width(said, size) + 10)
        left = shortened(change, size=size, width=max(room + _TIE - abs(away), 2 * size))
        write(axes, left, spot, shift=(away, 0), colour=readable(colour), **style)


def _tie(axes: Axes, end: _End, *, at: float, to: float, colour: str) -> None:
    """Draw a hair line from a point to its label."""
    axes.annotate(
        "",
        (end.place, at),
        xycoords="axes fraction",
        xytext=(end.side * (_TIE - 4), (to - at) * axes.bbox.height),
        textcoords="offset points",
        arrowprops={
            "arrowstyle": "-",
            "color": tint(colour, strength=0.55),
            "linewidth": 1,
            "shrinkA": 0,
            "shrinkB": 7,
        },
        annotation_clip=False,
    )


def _tell_missing(paper: Sheet, lines: pd.DataFrame) -> None:
    """Say below which categories have no value at all."""
    missing = list(lines.loc[lines["before"].isna() & lines["after"].isna(), "name"])
    if missing:
        said = shortened(f"没有数据：{'、'.join(missing)}", size=SMALL, width=paper.width - 12)
        write(paper.page, said, (0, paper.height - 9), size=SMALL, colour=MUTED)


def _slope_plot(lines: pd.DataFrame, *, labels: tuple[str, str], unit: str, decimals: int | None) -> Plot:
    """Give a series for each category; the change follows the last value as it does in the picture."""
    series = []
    for line in lines.itertuples():
        lows, highs = ((line.before_low, line.after_low), (line.before_high, line.after_high))
        has_interval = bool(np.isfinite([*lows, *highs]).any())
        series.append(
            Series(
                line.name,
                plain_values((line.before, line.after)),
                colour=line.colour,
                low=plain_values(lows) if has_interval else (),
                high=plain_values(highs) if has_interval else (),
                texts=(line.before_text, f"{line.after_text} {line.change}".strip()),
            )
        )
    categories = tuple(printable(label) for label in labels)
    return Plot("slope", categories, tuple(series), unit=unit, decimals=decimals)

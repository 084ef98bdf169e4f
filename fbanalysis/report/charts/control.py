"""Control chart: values along time between the limits that they keep while nothing special happens."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import num2date

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
    spread,
    styled,
    tick_text,
    value_scale,
    write,
)
from fbanalysis.report.charts.placing import Box, Point, along, around, field_of, label_points, pixels
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.charts.timeaxis import HALF_MONTH, Places, bounds, name_axis, places_of, ticks_for
from fbanalysis.report.theme import (
    COLOURS,
    printable,
    printed,
    readable,
    shortened,
    text_width,
)

_LINES = ("upper", "centre", "lower")


class _Printing(NamedTuple):
    """How values are printed."""

    unit: str
    decimals: int | None

    def __call__(self, value: float) -> str:
        return printed(value, unit=self.unit, decimals=self.decimals)


@styled
def control(
    frame: pd.DataFrame,
    *,
    x: str,
    value: str,
    centre: str,
    lower: str | None = None,
    upper: str | None = None,
    flag: str | None = None,
    line_labels: tuple[str, str, str] = ("上限", "中心", "下限"),
    unit: str = "percent",
    decimals: int | None = None,
    label: str = "",
    wide: bool = False,
) -> Chart:
    """Draw values along time with centre and control limits; flagged points stand out with their value.

    Parameters
    ----------
    centre, lower, upper
        Columns; limits that vary from row to row are drawn as steps, missing ones are left out.
    flag
        Column that is true, or a text with the rule that was broken, where a point stands out.
    line_labels
        Names of upper limit, centre and lower limit, written at their right ends.
    label
        What the vertical axis shows, written above it.
    """
    given = frame.dropna(subset=[x])
    if is_blank(given, value):
        return nothing("control", frame, wide=wide)
    say = _Printing(unit, decimals)
    places = places_of(given[x])
    rows = _rows(given, places, value=value, lines=(upper, centre, lower), flag=flag)
    paper = _drawn(rows, places, names=line_labels, say=say, label=label, wide=wide)
    more = _flagged_sentence(rows)
    name = printable(label) or "数值"
    alt = described("控制图", [name], list(rows["value"]), unit=unit, decimals=decimals, more=more)
    plot = _control_plot(rows, names=line_labels, say=say, label=name)
    return finish(paper, kind="control", data=frame, alt=alt, plot=plot)


def _rows(
    frame: pd.DataFrame, places: Places, *, value: str, lines: Sequence[str | None], flag: str | None
) -> pd.DataFrame:
    rows = pd.DataFrame({"at": places.values, "value": numbers_of(frame, value)})
    for name, column in zip(_LINES, lines, strict=True):
        rows[name] = numbers_of(frame, column)
    flags = frame[flag] if flag else pd.Series(False, index=frame.index)
    known = flags.astype(object).where(flags.notna(), False)
    rows["rule"] = [printable(one) if isinstance(one, str) else "" for one in known]
    rows["is_flagged"] = [bool(printable(one)) if isinstance(one, str) else bool(one) for one in known]
    rows["name"] = _moments(places)
    return rows.sort_values("at", kind="stable", ignore_index=True)


def _moments(places: Places) -> list[str]:
    """Name each place in full: a month, a day, or the name that it has."""
    if places.names is not None:
        return [places.names[int(at)] for at in places.values]
    months = [num2date(at - HALF_MONTH) for at in places.values]
    is_monthly = all(month.day == 1 and month.hour == 0 for month in months)
    days = months if is_monthly else [num2date(at) for at in places.values]
    has_years = len({day.year for day in days}) > 1
    return [
        (f"{day.year}年" if has_years else "") + f"{day.month}月" + ("" if is_monthly else f"{day.day}日")
        for day in days
    ]


def _drawn(
    rows: pd.DataFrame,
    places: Places,
    *,
    names: Sequence[str],
    say: _Printing,
    label: str,
    wide: bool,
) -> Sheet:
    paper = sheet(wide=wide)
    low, high, ticks = value_scale(rows[["value", *_LINES]].to_numpy(dtype=float).ravel(), unit=say.unit)
    ends = _ends(rows, names=names, say=say)
    texts = tick_text(ticks, unit=say.unit)
    left = max(text_width(text, SMALL) for text in texts) + 12
    right = max((text_width(text, NORMAL) for _, text, _ in ends), default=0) + 18
    top = 30 if label else 12
    width, height = paper.width - left - right, paper.height - top - 34
    axes = area(paper, left=left, top=top, width=width, height=height)
    axes.set(xlim=bounds(rows["at"]), ylim=(low, high))
    _grid(axes, ticks, texts)
    _draw_limits(axes, rows)
    _draw_points(axes, rows, pitch=width / len(rows))
    name_axis(axes, _axis_names(places, rows["at"], width=width))
    _name_lines(axes, ends, height=height)
    _name_flagged(paper, axes, rows, say=say, ticks=ticks)
    said = shortened(printable(label), size=SMALL, width=paper.width)
    write(paper.page, said, (0, 11), size=SMALL, colour=MUTED)
    return paper


def _axis_names(places: Places, at: pd.Series, *, width: float) -> list[tuple[float, str]]:
    """Name as many places as fit side by side; long names are cut."""
    first, last = bounds(at)
    if places.names is None:
        return [tick for tick in ticks_for(places, low=first, high=last, width=width) if tick[0] <= at.max()]
    said = [shortened(name, size=SMALL, width=80) for name in places.names]
    widest = max(text_width(name, SMALL) for name in said) + 10
    every = int(np.ceil(len(said) * widest / width))
    return [(float(place), name) for place, name in enumerate(said) if place % every == 0]


def _grid(axes: Axes, ticks: Sequence[float], texts: Sequence[str]) -> None:
    style = {"coords": ("axes fraction", "data"), "shift": (-9, 0), "size": SMALL, "align": "right"}
    for tick, text in zip(ticks, texts, strict=True):
        axes.axhline(tick, color=RULE, linewidth=1, zorder=0)
        write(axes, text, (0, tick), colour=MUTED, **style)


def _draw_limits(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the centre, and the limits dashed around a light ground, as steps between the rows' middles."""
    edges, steps = _steps(rows)
    ground = {"color": COLOURS["muted_tint"], "alpha": 0.6, "linewidth": 0, "zorder": 0.5}
    axes.fill_between(edges, steps["lower"], steps["upper"], **ground)
    for name in ("lower", "upper"):
        axes.plot(edges, steps[name], color=MUTED, linewidth=1.4, dashes=(4, 3), zorder=2)
    axes.plot(edges, steps["centre"], color=MUTED, linewidth=1.4, zorder=2)


def _steps(rows: pd.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Give places and heights of the lines; each row's value reaches half-way to its neighbours."""
    at = rows["at"].to_numpy()
    first, last = bounds(rows["at"])
    middles = (at[1:] + at[:-1]) / 2
    edges = np.column_stack([[first, *middles], [*middles, last]]).ravel()
    return edges, {name: np.repeat(rows[name].to_numpy(), 2) for name in _LINES}


def _draw_points(axes: Axes, rows: pd.DataFrame, *, pitch: float) -> None:
    axes.plot(rows["at"], rows["value"], color=COLOURS["accent"], linewidth=2.2, zorder=3)
    usual = {
        "color": COLOURS["accent"],
        "markersize": float(np.clip(pitch * 0.4, 2, 7)),
        "markeredgewidth": 0,
    }
    axes.plot(rows["at"], rows["value"], "o", **usual, zorder=4)
    apart = rows[rows["is_flagged"]]
    look = {"color": COLOURS["alarm"], "markeredgecolor": "white", "markeredgewidth": 1.2}
    axes.plot(
        apart["at"], apart["value"], "D", markersize=float(np.clip(pitch * 0.7, 5, 10)), **look, zorder=5
    )


def _ends(rows: pd.DataFrame, *, names: Sequence[str], say: _Printing) -> list[tuple[float, str, str]]:
    """Give (place, text, colour) of each line's name at the right end."""
    ends = []
    for line, name in zip(_LINES, names, strict=True):
        known = rows[line].dropna()
        if len(known):
            said = f"{shortened(printable(name), size=NORMAL, width=110)} {say(known.iloc[-1])}"
            ends.append((float(known.iloc[-1]), said, INK))
    return ends


def _name_lines(axes: Axes, ends: Sequence[tuple[float, str, str]], *, height: float) -> None:
    low, high = axes.get_ylim()
    wanted = [(place - low) / (high - low) * height for place, *_ in ends]
    for at, (_, text, colour) in zip(spread(wanted, gap=20, low=6, high=height - 6), ends, strict=True):
        write(axes, text, (1, at / height), coords="axes fraction", shift=(8, 0), colour=colour)


def _name_flagged(
    paper: Sheet, axes: Axes, rows: pd.DataFrame, *, say: _Printing, ticks: Sequence[float]
) -> None:
    """Label flagged points, those furthest from the centre first, where there is room."""
    order = (rows["value"] - rows["centre"]).abs().sort_values(ascending=False, kind="stable").index
    apart = rows.loc[order]
    apart = apart[apart["is_flagged"] & apart["value"].notna()]
    texts = [
        f"{name} {say(value)} {rule}".strip()
        for name, value, rule in apart[["name", "value", "rule"]].itertuples(index=False)
    ]
    label_points(
        paper,
        _on_sheet(axes, paper, apart["at"], apart["value"]),
        texts,
        colours=[readable(COLOURS["alarm"], ground=COLOURS["muted_tint"])] * len(texts),
        taken=_line_boxes(axes, paper, rows),
        soft=_tick_boxes(axes, paper, ticks),
        field=field_of(axes, paper),
    )


def _line_boxes(axes: Axes, paper: Sheet, rows: pd.DataFrame) -> list[Box]:
    """Cover the values and the lines that they are held against."""
    path = _on_sheet(axes, paper, rows["at"], rows["value"])
    edges, steps = _steps(rows)
    lines = [_on_sheet(axes, paper, edges, steps[line]) for line in _LINES]
    return [
        *along(path, reach=3),
        *around(path, reach=6),
        *(box for line in lines for box in along(line, reach=1)),
    ]


def _tick_boxes(axes: Axes, paper: Sheet, ticks: Sequence[float]) -> list[Box]:
    left, _, right, _ = field_of(axes, paper)
    heights = [pixels(axes, paper, 0, tick)[1] for tick in ticks]
    return [(left, height - 1, right, height + 1) for height in heights]


def _on_sheet(axes: Axes, paper: Sheet, across: Sequence[float], up: Sequence[float]) -> list[Point]:
    pairs = zip(across, up, strict=True)
    return [pixels(axes, paper, *pair) for pair in pairs if np.isfinite(pair[1])]


def _flagged_sentence(rows: pd.DataFrame) -> str:
    named = list(rows.loc[rows["is_flagged"], "name"])
    if not named:
        return "没有点被标出。"
    listed = "、".join(named[:6]) + (f"等 {len(named)} 个点" if len(named) > 6 else "")
    return f"标出的点：{listed}。"


def _control_plot(rows: pd.DataFrame, *, names: Sequence[str], say: _Printing, label: str) -> Plot:
    accent, alarm = COLOURS["accent"], COLOURS["alarm"]
    colours = tuple(alarm if is_flagged else accent for is_flagged in rows["is_flagged"])
    texts = tuple(say(value) for value in rows["value"])
    values = Series(label, plain_values(rows["value"]), colour=accent, colours=colours, texts=texts)
    lines = [
        Series(printable(name), plain_values(rows[line]), colour=MUTED, is_dashed=True)
        for line, name in zip(_LINES, names, strict=True)
        if rows[line].notna().any()
    ]
    return Plot(
        "control",
        tuple(rows["name"]),
        (values, *lines),
        unit=say.unit,
        decimals=say.decimals,
        label=label,
        notes=tuple(rows["rule"]),
    )

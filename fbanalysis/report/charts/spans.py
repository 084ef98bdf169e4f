"""Charts along time as areas: columns by period, timeline of steps."""

import math
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.dates import date2num, num2date

from fbanalysis.report.charts.canvas import (
    HEIGHT,
    INK,
    MUTED,
    NORMAL,
    RULE,
    SMALL,
    UNNAMED,
    Chart,
    Panel,
    Sheet,
    area,
    bare,
    bases_of,
    described,
    finish,
    is_blank,
    nothing,
    numbers_of,
    row_sheet,
    sheet,
    styled,
    value_scale,
    write,
)
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.charts.timeaxis import (
    bounds,
    name_axis,
    period_name,
    time_ticks,
)
from fbanalysis.report.theme import (
    COLOURS,
    names_of,
    printable,
    printed,
    readable,
    shortened,
    text_width,
    wrapped,
)

# Columns


@styled
def columns(
    frame: pd.DataFrame,
    *,
    x: str,
    value: str,
    highlight: Collection[object] = (),
    target: float | None = None,
    line: str | None = None,
    unit: str = "count",
    decimals: int | None = None,
    line_unit: str = "percent",
    line_decimals: int | None = None,
    label: str = "",
    line_label: str = "",
    wide: bool = False,
) -> Chart:
    """Draw vertical columns by month, quarter or category, with a line in its own panel above if wanted.

    `highlight` names values of `x` in alarm colour; `target` is a dashed line across the columns, named in
    the heading; `label` and `line_label` say what the panels show.
    """
    line = line if line is not None and pd.to_numeric(frame[line]).notna().any() else None
    if is_blank(frame, value):
        return nothing("columns", frame, wide=wide)
    names = [period_name(one, of=x) for one in names_of(list(frame[x]))]
    colours = [COLOURS["alarm" if one in highlight else "accent"] for one in frame[x]]
    values = pd.to_numeric(frame[value]).to_numpy(dtype=float, na_value=np.nan)
    paper = sheet(wide=wide)
    slot = paper.width / len(frame)
    lines = _slot_names(names, slot=slot)
    bottom = 10 + 17 * max(map(len, lines))
    split = 0.0 if line is None else 140.0
    said = f"目标 {printed(target, unit=unit, decimals=decimals)}" if target is not None else ""
    heading = "，虚线为".join(filter(None, (label, said)))
    reach = values if target is None else np.append(values, target)
    axes = _column_area(paper, reach, top=split + (24 if heading else 4), bottom=bottom, names=names)
    texts = [printed(v, unit=unit, decimals=decimals) for v in values]
    _draw_columns(axes, values, texts, colours=colours, slot=slot, target=target)
    _name_columns(axes, lines, slot=slot)
    write(paper.page, heading, (0, split + 11), size=SMALL, colour=MUTED)
    series = [
        Series(printable(label) or UNNAMED, plain_values(values), texts=tuple(texts), **_tones(colours))
    ]
    if line is not None:
        above, printing = numbers_of(frame, line), {"unit": line_unit, "decimals": line_decimals}
        _line_panel(paper, above, slot=slot, **printing, label=line_label)
        series.append(_line_series(line_label or line, above, **printing))
    more = f"上方折线为{series[-1].name}。" if line else ""
    alt = described("柱形图", names, list(values), unit=unit, decimals=decimals, more=more)
    look = {"unit": unit, "decimals": decimals, "label": printable(label), "target_label": said}
    look |= {"base": bases_of(frame, value=value), "target": None if target is None else float(target)}
    plot = Plot("column", tuple(names), tuple(series), **look)
    return finish(paper, kind="columns", data=frame, alt=alt, plot=plot)


def _tones(colours: Sequence[str]) -> dict[str, object]:
    """The accent as a series' colour, and the colours one by one where some differ."""
    differ = any(colour != COLOURS["accent"] for colour in colours)
    return {"colour": COLOURS["accent"], "colours": tuple(colours) if differ else ()}


def _line_series(name: str, values: Sequence[float], *, unit: str, decimals: int | None) -> Series:
    known = plain_values(values)
    texts = tuple(printed(value, unit=unit, decimals=decimals) for value in known)
    return Series(printable(name), known, colour=INK, texts=texts, unit=unit, decimals=decimals, is_line=True)


def _slot_names(names: Sequence[str], *, slot: float) -> list[list[str]]:
    """Break names into their slots, or leave out those between where slots are narrow."""
    widest = max(text_width(name, SMALL) for name in names)
    if widest + 6 <= slot:
        return [[name] for name in names]
    if slot >= 56:
        return [wrapped(name, size=SMALL, width=slot - 8, lines=2) for name in names]
    most = min(widest, 90)
    every = math.ceil((most + 8) / slot)
    return [
        [shortened(name, size=SMALL, width=most)] if at % every == 0 else [] for at, name in enumerate(names)
    ]


def _column_area(
    paper: Sheet, values: np.ndarray, *, top: float, bottom: float, names: Sequence[str]
) -> Axes:
    height = paper.height - top - bottom
    axes = area(paper, left=0, top=top, width=paper.width, height=height)
    low, high = min(np.nanmin(values), 0.0), max(np.nanmax(values), 0.0)
    room = (high - low or 1.0) / max(height - 24 * (1 + (low < 0)), 1)
    axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(low - (24 * room if low < 0 else 0), high + 24 * room))
    return axes


def _draw_columns(
    axes: Axes,
    values: np.ndarray,
    texts: Sequence[str],
    *,
    colours: Sequence[str],
    slot: float,
    target: float | None,
) -> None:
    axes.bar(
        range(len(values)),
        np.nan_to_num(values),
        width=min(0.66, 84 / slot),
        color=list(colours),
        linewidth=0,
    )
    axes.axhline(0, color=INK, linewidth=1.2)
    if target is not None:
        axes.axhline(target, color=INK, linewidth=1.4, dashes=(4, 3), zorder=3)
    size = next((size for size in (15, 14, 13, 12) if max(text_width(t, size) for t in texts) + 4 <= slot), 0)
    told = range(len(values)) if size else _telling(values, colours, texts, slot=slot)
    for at in told:
        known = 0.0 if np.isnan(values[at]) else values[at]
        aside = _nudge(texts[at], size or SMALL, at=at, slot=slot, count=len(values))
        style = {"size": size or SMALL, "align": "center", "colour": readable(colours[at])}
        place = (at, _above_target(axes, known, target))
        write(axes, texts[at], place, shift=(aside, 12 if known >= 0 else -12), **style)


def _above_target(axes: Axes, value: float, target: float | None) -> float:
    """Where a label stands that the line of the target would otherwise run through: above that line."""
    low, high = axes.get_ylim()
    pixels = axes.get_position().height * HEIGHT / (high - low)
    return target if target is not None and 0 < (target - value) * pixels < 22 else value


def _name_columns(axes: Axes, lines: Sequence[Sequence[str]], *, slot: float) -> None:
    style = {"coords": ("data", "axes fraction"), "size": SMALL, "colour": MUTED, "align": "center"}
    for at, parts in enumerate(lines):
        for step, part in enumerate(parts):
            aside = _nudge(part, SMALL, at=at, slot=slot, count=len(lines))
            write(axes, part, (at, 0), shift=(aside, -14 - 17 * step), **style)


def _nudge(text: str, size: float, *, at: int, slot: float, count: int) -> float:
    """How far a text centred on its column must move to stay on the sheet."""
    centre, half = (at + 0.5) * slot, text_width(text, size) / 2
    return max(half - centre, 0) - max(centre + half - slot * count, 0)


def _telling(values: np.ndarray, colours: Sequence[str], texts: Sequence[str], *, slot: float) -> list[int]:
    """Where not all labels fit: those of highlighted, highest and lowest columns that keep apart."""
    wanted = [at for at, colour in enumerate(colours) if colour == COLOURS["alarm"]]
    wanted += [int(np.nanargmax(values)), int(np.nanargmin(values))]
    kept: list[int] = []
    for at in dict.fromkeys(wanted):
        if all(
            abs(at - one) * slot > (text_width(texts[at], SMALL) + text_width(texts[one], SMALL)) / 2 + 6
            for one in kept
        ):
            kept.append(at)
    return kept


def _line_panel(
    paper: Sheet, values: Sequence[float], *, slot: float, unit: str, decimals: int | None, label: str
) -> None:
    axes = area(paper, left=0, top=42, width=paper.width, height=68)
    low, high, _ = value_scale(values, unit="pp")
    sns.lineplot(
        x=list(range(len(values))),
        y=list(values),
        color=INK,
        linewidth=2,
        marker="o",
        markersize=7,
        markeredgewidth=0,
        estimator=None,
        errorbar=None,
        ax=axes,
    )
    axes.set(xlim=(-0.5, len(values) - 0.5), ylim=(low, high))
    bare(axes)
    texts = [printed(value, unit=unit, decimals=decimals) for value in values]
    fits = max(text_width(text, SMALL) for text in texts) + 4 <= slot
    told = (
        range(len(values))
        if fits
        else _telling(np.array(values, dtype=float), [INK] * len(values), texts, slot=slot)
    )
    for at in told:
        if pd.notna(values[at]):
            up = 14 if _is_peak(values, at) else -15
            aside = _nudge(texts[at], SMALL, at=at, slot=slot, count=len(values))
            write(axes, texts[at], (at, values[at]), shift=(aside, up), size=SMALL, align="center")
    write(paper.page, label, (0, 11), size=SMALL, colour=MUTED)


def _is_peak(values: Sequence[float], at: int) -> bool:
    """True where the line bends down, so that a label above keeps off it."""
    beside = [values[i] for i in (at - 1, at + 1) if 0 <= i < len(values) and pd.notna(values[i])]
    return not beside or values[at] >= sum(beside) / len(beside)


# Timeline


@styled
def timeline(
    frame: pd.DataFrame,
    *,
    start: str,
    end: str,
    label: str,
    note: str | None = None,
    highlight: Collection[str] = (),
    wide: bool = False,
) -> Chart:
    """Draw steps on a time axis, each named at its row with a note beside its bar.

    A step without an end, or whose end is its start, is a diamond.
    """
    if is_blank(frame, start):
        return nothing("timeline", frame, wide=wide)
    rows = frame.dropna(subset=[start]).sort_values(start, kind="stable")
    begins = date2num(pd.to_datetime(rows[start]))
    ends = date2num(pd.to_datetime(rows[end]).fillna(pd.to_datetime(rows[start])))
    notes = [printable(text) for text in rows[note].fillna("")] if note else [""] * len(rows)
    colours = [COLOURS["alarm" if one in highlight else "accent"] for one in rows[label]]
    names = names_of(list(rows[label]))
    paper, panels = row_sheet(names, bottom=30, right=34, wide=wide, least=26)
    first, last = bounds(pd.Series([*begins, *ends]))
    for panel in panels:
        panel.axes.set_xlim(first, last)
        ticks = time_ticks(first, last, width=panel.width * 0.96)
        for at, _ in ticks:
            panel.axes.axvline(at, color=RULE, linewidth=1, zorder=0)
        name_axis(panel.axes, ticks)
        for y, row in enumerate(panel.rows):
            span = {"begin": begins[row], "end": ends[row]}
            _draw_step(panel, y, **span, note=notes[row], colour=colours[row])
    spans = [f"{m.month}月{m.day}日" for m in (num2date(min(begins)), num2date(max(ends)))]
    listed = "、".join(names[:6])
    return finish(
        paper,
        kind="timeline",
        data=frame,
        alt=f"时间线：{listed}{f'等 {len(rows)} 步' if len(rows) > 6 else ''}；从 {spans[0]} 到 {spans[1]}。",
        plot=_step_plot(names, begins, ends, notes=notes if note else (), colours=colours),
    )


def _step_plot(
    names: Sequence[str],
    begins: np.ndarray,
    ends: np.ndarray,
    *,
    notes: Sequence[str],
    colours: Sequence[str],
) -> Plot:
    """Count days from midnight of the first step's day; a step that ends before it begins has none."""
    origin = math.floor(begins.min())
    starts = Series("开始", plain_values(begins - origin), is_hidden=True)
    lengths = Series("天数", plain_values(np.maximum(ends - begins, 0.0)), **_tones(colours))
    first = num2date(origin).date().isoformat()
    return Plot("gantt", tuple(names), (starts, lengths), notes=tuple(notes), origin=first)


def _draw_step(panel: Panel, y: int, *, begin: float, end: float, note: str, colour: str) -> None:
    axes = panel.axes
    first, last = axes.get_xlim()
    scale = panel.width / (last - first)
    if (end - begin) * scale < 4:
        axes.plot([begin], [y], "D", color=colour, markersize=min(panel.pitch * 0.34, 12))
    else:
        axes.barh(y, end - begin, left=begin, height=0.46, color=colour, linewidth=0)
    left_room, right_room = (begin - first) * scale - 18, (last - end) * scale - 18
    is_right = text_width(note, NORMAL) <= right_room or right_room >= left_room
    fitted = shortened(note, size=NORMAL, width=max(right_room if is_right else left_room, 30))
    inside = (end - begin) * scale - 16
    if fitted != note and text_width(note, NORMAL) <= inside:
        write(axes, note, (begin, y), shift=(8, 0), colour="white")
    else:
        write(
            axes,
            fitted,
            (end if is_right else begin, y),
            shift=(12 if is_right else -12, 0),
            colour=MUTED,
            align="left" if is_right else "right",
        )

"""Charts with a category in each row: dots, bars, dumbbells, waterfall."""

import re
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from fbanalysis.report.charts.canvas import (
    FAINT,
    INK,
    MUTED,
    NORMAL,
    RULE,
    SMALL,
    UNNAMED,
    Chart,
    Panel,
    bases_of,
    described,
    estimate_patch,
    finish,
    is_blank,
    key,
    limits,
    nothing,
    numbers_of,
    row_sheet,
    shared_bases,
    styled,
    write,
)
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.theme import (
    COLOURS,
    colour_of,
    names_of,
    printable,
    printed,
    readable,
    text_width,
    tint,
)

_LABEL_GAP = 10


def _row_colours(labels: Sequence[object], *, highlight: Collection[str]) -> list[str]:
    return [COLOURS["alarm" if label in highlight else "accent"] for label in labels]


# Dots


@styled
def dots(
    frame: pd.DataFrame,
    *,
    by: str = "stratum",
    value: str,
    low: str = "low",
    high: str = "high",
    target: float | None = None,
    target_label: str | None = None,
    from_target: bool = False,
    unit: str = "percent",
    decimals: int | None = None,
    highlight: Collection[str] = (),
    faint: Collection[str] = (),
    sort: bool = True,
    bands: str | None = None,
    base: str | None = None,
    wide: bool = False,
) -> Chart:
    """Draw a dot with its interval for each category, labelled beyond the interval.

    Parameters
    ----------
    target, target_label, from_target
        A vertical line with its name; `from_target` draws stems from it. Dots below it are grey.
    highlight, faint
        Labels in alarm colour; labels drawn hollow (small bases).
    bands
        Column whose neighbouring equal values get one ground: what cannot be told apart.
    base
        Column with the base n, written after the value.
    """
    if is_blank(frame, value):
        return nothing("dots", frame, wide=wide)
    rows = frame.sort_values(value, ascending=False, kind="stable", na_position="last") if sort else frame
    marks = _dot_marks(rows, by=by, value=value, low=low, high=high, unit=unit, decimals=decimals, base=base)
    marks["side"] = np.where(marks["value"] < target, -1, 1) if target is not None else 1
    marks["colour"] = _dot_colours(list(rows[by]), list(marks["side"]), highlight=highlight)
    marks["is_faint"] = rows[by].isin(list(faint)).to_numpy()
    marks["band"] = rows[bands].to_numpy() if bands else None
    paper, panels = row_sheet(list(marks["name"]), top=30 if target is not None else 0, wide=wide)
    ends = _dot_limits(marks, target=target, width=panels[0].width, size=panels[0].size)
    said = target_label or f"目标 {printed(target, unit=unit, decimals=decimals)}"
    for panel in panels:
        panel.axes.set_xlim(ends)
        _draw_dots(panel, marks, target=target, from_target=from_target)
        if target is not None:
            _target_line(panel, target, said)
    more = "横线为 95% 区间。" if marks["low"].notna().any() else ""
    names = tuple(marks["name"])
    alt = described("点图", names, list(marks["value"]), unit=unit, decimals=decimals, more=more)
    look = {"unit": unit, "decimals": decimals, "base": bases_of(rows, value=value, name=base)}
    look |= {"is_base_shown": base is not None, "bands": _runs(list(marks["band"]))}
    if target is not None:
        look |= {"target": float(target), "target_label": printable(said), "is_from_target": from_target}
    plot = Plot("dots", names, (_mark_series(marks, name=UNNAMED),), **look)
    return finish(paper, kind="dots", data=rows, alt=alt, plot=plot)


def _dot_colours(labels: Sequence[object], sides: Sequence[int], *, highlight: Collection[str]) -> list[str]:
    usual = [MUTED if side < 0 else COLOURS["accent"] for side in sides]
    return [
        COLOURS["alarm"] if label in highlight else plain for label, plain in zip(labels, usual, strict=True)
    ]


def _mark_series(marks: pd.DataFrame, *, name: str, colour: str = "") -> Series:
    """Turn drawn marks into a series; its colour is the usual one, and each has its own where they differ."""
    colours = tuple(marks["colour"])
    return Series(
        name,
        plain_values(marks["value"]),
        colour=colour or _usual(colours),
        low=_ends(marks["low"]),
        high=_ends(marks["high"]),
        texts=tuple(marks["text"]),
        colours=colours if len(set(colours)) > 1 else (),
    )


def _usual(colours: Sequence[str]) -> str:
    return max(dict.fromkeys(colours), key=colours.count)


def _ends(column: Sequence[float]) -> tuple[float | None, ...]:
    """Ends of intervals, or nothing where no mark has one."""
    known = plain_values(column)
    return known if any(end is not None for end in known) else ()


def _dot_marks(
    rows: pd.DataFrame,
    *,
    by: str,
    value: str,
    low: str,
    high: str,
    unit: str,
    decimals: int | None,
    base: str | None,
) -> pd.DataFrame:
    values = numbers_of(rows, value)
    return pd.DataFrame(
        {
            "name": names_of(list(rows[by])),
            "value": values,
            "low": numbers_of(rows, low),
            "high": numbers_of(rows, high),
            "text": [printed(v, unit=unit, decimals=decimals) for v in values],
            "base": [f"n = {printed(n, unit='count')}" for n in numbers_of(rows, base)] if base else "",
        }
    )


def _dot_limits(
    marks: pd.DataFrame, *, target: float | None, width: float, size: float
) -> tuple[float, float]:
    extents = [] if target is None else [(target, target, 8.0, 8.0)]
    for mark in marks.itertuples():
        needed = (
            _LABEL_GAP
            + 6
            + text_width(mark.text, size)
            + (18 + text_width(mark.base, SMALL) if mark.base else 0)
        )
        low, high = np.nanmin([mark.low, mark.value, np.inf]), np.nanmax([mark.high, mark.value, -np.inf])
        extents.append((low, high, 10.0, needed) if mark.side > 0 else (low, high, needed, 10.0))
    return limits(extents, width=width)


def _draw_dots(panel: Panel, marks: pd.DataFrame, *, target: float | None, from_target: bool) -> None:
    if marks["band"].notna().any():
        _ground_bands(panel, list(marks["band"]))
    for y, row in enumerate(panel.rows):
        mark = marks.iloc[row]
        if np.isnan(mark.value):
            at = (0, y)
            write(panel.axes, mark.text, at, coords=("axes fraction", "data"), colour=MUTED, size=panel.size)
            continue
        if from_target and target is not None:
            stem = {"color": mark.colour, "linewidth": 2.6, "solid_capstyle": "butt"}
            panel.axes.plot([target, mark.value], [y, y], **stem, zorder=2)
        else:
            left = panel.axes.get_xlim()[0]
            panel.axes.plot(
                [left, max(_guide_end(panel, mark), left)], [y, y], color=RULE, linewidth=1, zorder=2
            )
        _draw_dot(panel, mark, y, is_over=not from_target)
        _dot_label(panel, mark, y)


def _draw_dot(panel: Panel, mark: pd.Series, y: int, *, is_over: bool) -> None:
    band = {"color": tint(mark.colour, strength=0.3), "linewidth": min(panel.pitch * 0.28, 9)}
    panel.axes.plot(
        [mark.low, mark.high], [y, y], **band, solid_capstyle="round", zorder=3 if is_over else 1.5
    )
    look = {"markerfacecolor": "white" if mark.is_faint else mark.colour, "markeredgecolor": mark.colour}
    size = min(panel.pitch * 0.42, 12.5)
    panel.axes.plot([mark.value], [y], "o", markersize=size, markeredgewidth=2, **look, zorder=4)


def _guide_end(panel: Panel, mark: pd.Series) -> float:
    """Where the hair line from the name ends: at the mark, or before a label at its left."""
    start = np.nanmin([mark.low, mark.value])
    if mark.side > 0:
        return start
    said = text_width(mark.text, panel.size) + (text_width(mark.base, SMALL) + 8 if mark.base else 0)
    low, high = panel.axes.get_xlim()
    return start - (said + _LABEL_GAP + 13) * (high - low) / panel.width


def _dot_label(panel: Panel, mark: pd.Series, y: int) -> None:
    ends = (mark.low, mark.value) if mark.side < 0 else (mark.high, mark.value)
    at = np.nanmin(ends) if mark.side < 0 else np.nanmax(ends)
    away = mark.side * (_LABEL_GAP + 5)
    align = "right" if mark.side < 0 else "left"
    ground = COLOURS["muted_tint"]  # where rows have a band behind them
    colour = readable(mark.colour, ground=ground)
    write(panel.axes, mark.text, (at, y), shift=(away, 0), size=panel.size, colour=colour, align=align)
    if mark.base:
        further = away + mark.side * (text_width(mark.text, panel.size) + 8)
        colour = readable(MUTED, ground=ground)
        write(panel.axes, mark.base, (at, y), shift=(further, 0), size=SMALL, colour=colour, align=align)


def _runs(bands: Sequence[object]) -> tuple[tuple[int, int], ...]:
    """Give (first, last) of neighbouring rows that share a band; single rows have none."""
    firsts = [i for i, band in enumerate(bands) if i == 0 or pd.isna(band) or band != bands[i - 1]]
    lasts = [first - 1 for first in [*firsts[1:], len(bands)]]
    return tuple((first, last) for first, last in zip(firsts, lasts, strict=True) if last > first)


def _ground_bands(panel: Panel, bands: Sequence[object]) -> None:
    first = panel.first
    for row in panel.rows:
        is_last = row == panel.rows[-1] or pd.isna(bands[row]) or bands[row + 1] != bands[row]
        if not is_last:
            continue
        if row > first and pd.notna(bands[row]):
            panel.axes.add_patch(
                Rectangle(
                    (0, first - panel.first - 0.44),
                    1,
                    row - first + 0.88,
                    transform=panel.axes.get_yaxis_transform(),
                    facecolor=COLOURS["muted_tint"],
                    alpha=0.6,
                    zorder=0.5,
                )
            )
        first = row + 1


def _target_line(panel: Panel, target: float, label: str) -> None:
    panel.axes.plot([target, target], [-0.5, panel.count - 0.5], color=INK, linewidth=1.2, zorder=2.5)
    low, high = panel.axes.get_xlim()
    at = panel.width * (target - low) / (high - low)
    half = text_width(label, NORMAL) / 2
    nudge = max(half - at - 8, 0) - max(at + half - panel.width, 0)
    write(panel.axes, label, (target, -0.5), shift=(nudge, 16), colour=MUTED, align="center")


# Bars


@styled
def bars(
    frame: pd.DataFrame,
    *,
    by: str,
    value: str,
    unit: str = "count",
    decimals: int | None = None,
    group: str | None = None,
    low: str = "low",
    high: str = "high",
    highlight: Collection[str] = (),
    sort: bool = False,
    wide: bool = False,
) -> Chart:
    """Draw horizontal bars from zero, or up to three series side by side.

    Parameters
    ----------
    group
        Column that names the series of a row (long frame).
    low, high
        Columns of an interval, drawn as a whisker where they are there.
    """
    if is_blank(frame, value):
        return nothing("bars", frame, wide=wide)
    rows = frame.sort_values(value, ascending=False, kind="stable", na_position="last") if sort else frame
    series = list(dict.fromkeys(rows[group])) if group else [None]
    places = {label: place for place, label in enumerate(dict.fromkeys(rows[by]))} if group else None
    labels = list(places) if places else list(rows[by])
    marks = _bar_marks(rows, by=by, value=value, low=low, high=high, unit=unit, decimals=decimals)
    marks["row"] = [places[label] for label in rows[by]] if places else range(len(rows))
    marks["slot"] = [series.index(name) for name in rows[group]] if group else 0
    tones = _series_colours(series)
    marks["colour"] = (
        [tones[name] for name in rows[group]] if group else _row_colours(list(rows[by]), highlight=highlight)
    )
    paper, panels = row_sheet(
        names_of(labels), top=30 if group else 0, wide=wide, least=21 if not group else 16 * len(series) + 6
    )
    if group:
        key(paper, [(printable(name), tone) for name, tone in tones.items()])
    is_alone = len(labels) == len(rows)  # groups of rows, not series side by side
    _draw_bars(panels, marks.assign(slot=0) if is_alone else marks, series=1 if is_alone else len(series))
    alt = described("条形图", names_of(labels), list(marks["value"]), unit=unit, decimals=decimals)
    plot = Plot(
        "bar",
        tuple(names_of(labels)),
        _bar_series(marks, series, count=len(labels)),
        unit=unit,
        decimals=decimals,
        base=shared_bases(rows, by=by, value=value) if group else bases_of(rows, value=value),
    )
    return finish(paper, kind="bars", data=rows, alt=alt, plot=plot)


def _bar_series(marks: pd.DataFrame, series: Sequence[object], *, count: int) -> tuple[Series, ...]:
    """Give a series each slot, with a place for every row."""
    made = []
    for slot, name in enumerate(series):
        cut = marks[marks["slot"] == slot].drop_duplicates("row", keep="last").set_index("row")
        colour = _usual(list(cut["colour"]))
        cut = cut.reindex(range(count)).fillna({"text": "", "colour": colour})
        made.append(_mark_series(cut, name=UNNAMED if name is None else printable(name), colour=colour))
    return tuple(made)


def _series_colours(series: Sequence[object]) -> dict[object, str]:
    """Years go from grey to accent; other series have the colours of their labels."""
    if all(re.fullmatch(r"\d{4}", str(name)) for name in series):
        latest = max(series)
        return {name: COLOURS["accent"] if name == latest else FAINT for name in series}
    labels = [str(name) for name in series]
    return {name: colour_of(str(name), labels) for name in series}


def _bar_marks(
    rows: pd.DataFrame, *, by: str, value: str, low: str, high: str, unit: str, decimals: int | None
) -> pd.DataFrame:
    values = numbers_of(rows, value)
    return pd.DataFrame(
        {
            "value": values,
            "low": numbers_of(rows, low),
            "high": numbers_of(rows, high),
            "text": [printed(v, unit=unit, decimals=decimals) for v in values],
        }
    )


def _draw_bars(panels: Sequence[Panel], marks: pd.DataFrame, *, series: int) -> None:
    thick = (0.6 if series == 1 else 0.78) / series
    size = float(np.clip(panels[0].pitch * thick * 0.9, 12, panels[0].size))
    extents = [(0.0, 0.0, 0.0, 0.0)]
    for mark in marks.itertuples():
        needed = _LABEL_GAP + text_width(mark.text, size)
        low, high = np.nanmin([mark.low, mark.value, 0]), np.nanmax([mark.high, mark.value, 0])
        extents.append((low, high, needed, 0.0) if mark.value < 0 else (low, high, 0.0, needed))
    ends = limits(extents, width=panels[0].width)
    for panel in panels:
        panel.axes.set_xlim(ends)
        for mark in marks[marks["row"].isin(panel.rows)].itertuples():
            y = mark.row - panel.first + (mark.slot - (series - 1) / 2) * thick
            _draw_bar(panel, mark, y, thick=thick * (0.9 if series > 1 else 1), size=size)
        panel.axes.plot([0, 0], [-0.5, panel.count - 0.5], color=INK, linewidth=1.2, zorder=4)


def _draw_bar(panel: Panel, mark: object, y: float, *, thick: float, size: float) -> None:
    known = 0.0 if np.isnan(mark.value) else mark.value
    panel.axes.barh(y, known, height=thick, color=mark.colour, linewidth=0, zorder=2)
    if not np.isnan(mark.low):
        panel.axes.plot([mark.low, mark.high], [y, y], color=INK, linewidth=1.4, zorder=3)
    is_left = known < 0
    at = np.nanmin([mark.low, known]) if is_left else np.nanmax([mark.high, known])
    colour = MUTED if np.isnan(mark.value) else readable(mark.colour)
    write(
        panel.axes,
        mark.text,
        (at, y),
        shift=(-8 if is_left else 8, 0),
        size=size,
        colour=colour,
        align="right" if is_left else "left",
    )


# Two years


@styled
def dumbbell(
    frame: pd.DataFrame,
    *,
    by: str = "stratum",
    before: str,
    after: str,
    labels: tuple[str, str] = ("上年", "本年"),
    change_label: str | None = None,
    unit: str = "percent",
    decimals: int | None = None,
    highlight: Collection[str] = (),
    sort: bool = False,
    wide: bool = False,
) -> Chart:
    """Draw two years of each category as two joined dots, with the change at the right.

    `change_label` is a column with the change as text, phrased where it was tested.
    """
    if is_blank(frame, after):
        return nothing("dumbbell", frame, wide=wide)
    rows = frame.sort_values(after, ascending=False, kind="stable", na_position="last") if sort else frame
    pairs = _pairs(rows, by=by, ends=(before, after), change_label=change_label, highlight=highlight)
    for end in ("before", "after"):
        pairs[f"{end}_text"] = [printed(v, unit=unit, decimals=decimals) for v in pairs[end]]
    widest = max(text_width(text, 15) for text in ["变化", *pairs["change"]]) if change_label else 0
    names = names_of(list(rows[by]))
    paper, panels = row_sheet(names, top=36, right=widest + 26 if change_label else 0, wide=wide)
    key(paper, [(labels[0], FAINT), (labels[1], COLOURS["accent"])], hollow=(labels[0],), are_dots=True)
    ends = limits(_pair_extents(pairs, size=panels[0].size), width=panels[0].width)
    for panel in panels:
        panel.axes.set_xlim(ends)
        for y, row in enumerate(panel.rows):
            _draw_pair(panel, pairs.iloc[row], y, right=widest + 26)
        if change_label:
            _head_changes(panel, right=widest + 26)
    alt = described(
        f"哑铃图（{labels[0]}与{labels[1]}）",
        names,
        [*pairs["before"], *pairs["after"]],
        unit=unit,
        decimals=decimals,
    )
    plot = Plot(
        "pairs",
        tuple(names),
        _pair_series(pairs, labels=labels),
        unit=unit,
        decimals=decimals,
        base=bases_of(rows, value=after),
        notes=tuple(pairs["change"]) if change_label else (),
    )
    return finish(paper, kind="dumbbell", data=rows, alt=alt, plot=plot)


def _pairs(
    rows: pd.DataFrame,
    *,
    by: str,
    ends: tuple[str, str],
    change_label: str | None,
    highlight: Collection[str],
) -> pd.DataFrame:
    changes = rows[change_label].fillna("") if change_label else [""] * len(rows)
    return pd.DataFrame(
        {
            "before": numbers_of(rows, ends[0]),
            "after": numbers_of(rows, ends[1]),
            "change": [printable(text) for text in changes],
            "colour": _row_colours(list(rows[by]), highlight=highlight),
        }
    )


def _pair_series(pairs: pd.DataFrame, *, labels: tuple[str, str]) -> tuple[Series, Series]:
    colours = tuple(pairs["colour"])
    before = Series(
        printable(labels[0]),
        plain_values(pairs["before"]),
        colour=FAINT,
        texts=tuple(pairs["before_text"]),
    )
    after = Series(
        printable(labels[1]),
        plain_values(pairs["after"]),
        colour=COLOURS["accent"],
        texts=tuple(pairs["after_text"]),
        colours=colours if len(set(colours)) > 1 else (),
    )
    return before, after


def _head_changes(panel: Panel, *, right: float) -> None:
    place = {"coords": ("axes fraction", "data"), "shift": (right, 14), "align": "right"}
    write(panel.axes, "变化", (1, -0.5), size=SMALL, colour=MUTED, **place)


def _pair_extents(pairs: pd.DataFrame, *, size: float) -> list[tuple[float, float, float, float]]:
    extents = []
    for pair in pairs.itertuples():
        texts = sorted(
            [(pair.before, pair.before_text), (pair.after, pair.after_text)], key=lambda end: end[0]
        )
        left, right = (16 + text_width(text, size) for _, text in texts)
        extents.append(
            (
                np.nanmin([pair.before, pair.after, np.inf]),
                np.nanmax([pair.before, pair.after, -np.inf]),
                left,
                right,
            )
        )
    return extents


def _draw_pair(panel: Panel, pair: pd.Series, y: int, *, right: float) -> None:
    axes, dot = panel.axes, min(panel.pitch * 0.42, 13)
    axes.plot(
        [pair.before, pair.after], [y, y], color=tint(pair.colour, strength=0.45), linewidth=3, zorder=2
    )
    axes.plot(
        [pair.before],
        [y],
        "o",
        markersize=dot,
        markerfacecolor="white",
        markeredgecolor=FAINT,
        markeredgewidth=2,
        zorder=3,
    )
    axes.plot([pair.after], [y], "o", markersize=dot, color=pair.colour, zorder=4)
    is_up = not pair.after < pair.before
    for end, is_right, colour in (("before", not is_up, MUTED), ("after", is_up, pair.colour)):
        if np.isfinite(pair[end]):
            write(
                axes,
                pair[f"{end}_text"],
                (pair[end], y),
                shift=(14 if is_right else -14, 0),
                size=panel.size,
                colour=readable(colour),
                align="left" if is_right else "right",
            )
    write(
        axes,
        pair.change,
        (1, y),
        coords=("axes fraction", "data"),
        shift=(right, 0),
        size=min(panel.size, 15),
        colour=readable(pair.colour),
        align="right",
    )


# Waterfall


@styled
def waterfall(
    frame: pd.DataFrame,
    *,
    by: str,
    value: str,
    certain: str | None = None,
    total: str = "合计",
    unit: str = "cny_10k",
    decimals: int | None = None,
    wide: bool = False,
) -> Chart:
    """Draw items that build up to a total.

    Parameters
    ----------
    certain
        Boolean column; where False the item is an estimate: light, hatched and called 估计.
    total
        Label of the row whose bar stands on zero; it is drawn as given, not added up.
    """
    if is_blank(frame, value):
        return nothing("waterfall", frame, wide=wide)
    items = _steps(frame, by=by, value=value, certain=certain, total=total)
    items["text"] = [
        printed(v, unit=unit, decimals=decimals) + ("（估计）" if guess else "")
        for v, guess in zip(items["value"], items["is_estimate"], strict=True)
    ]
    paper, panels = row_sheet(list(items["label"]), wide=wide)
    extents = [
        (
            min(item.start, item.end, 0),
            max(item.start, item.end),
            4.0,
            _LABEL_GAP + text_width(item.text, panels[0].size),
        )
        for item in items.itertuples()
    ]
    ends = limits(extents, width=panels[0].width)
    for panel in panels:
        panel.axes.set_xlim(ends)
        _draw_steps(panel, items)
    alt = described(
        "瀑布图",
        list(items["label"]),
        list(items["value"]),
        unit=unit,
        decimals=decimals,
        more="斜线填充为估计。" if items["is_estimate"].any() else "",
    )
    plot = Plot(
        "waterfall",
        tuple(items["label"]),
        _step_series(items),
        unit=unit,
        decimals=decimals,
        base=bases_of(frame, value=value),
    )
    return finish(paper, kind="waterfall", data=frame, alt=alt, plot=plot)


def _steps(frame: pd.DataFrame, *, by: str, value: str, certain: str | None, total: str) -> pd.DataFrame:
    """Give each item its amount, where its bar starts and ends, what it is, and its colour."""
    items = pd.DataFrame(
        {"label": [printable(label) for label in frame[by]], "value": numbers_of(frame, value)}
    )
    items["value"] = items["value"].fillna(0.0)
    items["is_total"] = items["label"] == total
    items["is_estimate"] = ~frame[certain].astype(bool).to_numpy() if certain else False
    items["end"] = np.where(
        items["is_total"], items["value"], items["value"].where(~items["is_total"], 0).cumsum()
    )
    items["start"] = np.where(items["is_total"], 0.0, items["end"] - items["value"])
    items["colour"] = [
        INK if item.is_total else COLOURS["accent"] if item.value >= 0 else MUTED
        for item in items.itertuples()
    ]
    return items


def _step_series(items: pd.DataFrame) -> tuple[Series, Series]:
    """Give the hidden carriers, and the amounts with their sign; estimates are light."""
    colours = tuple(
        tint(item.colour, strength=0.35) if item.is_estimate else item.colour for item in items.itertuples()
    )
    carriers = Series("起点", plain_values(items[["start", "end"]].min(axis=1)), is_hidden=True)
    amounts = Series(
        UNNAMED,
        plain_values(items["value"]),
        colour=COLOURS["accent"],
        texts=tuple(items["text"]),
        colours=colours,
    )
    return carriers, amounts


def _draw_steps(panel: Panel, items: pd.DataFrame) -> None:
    for y, row in enumerate(panel.rows):
        item = items.iloc[row]
        left, wide = min(item.start, item.end), abs(item.end - item.start)
        if item.is_estimate:
            panel.axes.add_patch(estimate_patch(left, y - 0.29, wide, 0.58, item.colour))
        else:
            panel.axes.add_patch(Rectangle((left, y - 0.29), wide, 0.58, facecolor=item.colour, linewidth=0))
        write(
            panel.axes,
            item.text,
            (max(item.start, item.end), y),
            shift=(8, 0),
            size=panel.size,
            colour=readable(item.colour),
        )
        if y + 1 < panel.count:
            panel.axes.plot([item.end, item.end], [y + 0.29, y + 0.71], color=FAINT, linewidth=1)
    panel.axes.plot([0, 0], [-0.5, panel.count - 0.5], color=INK, linewidth=1.2)

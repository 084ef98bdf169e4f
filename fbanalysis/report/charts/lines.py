"""Charts along time as lines: trend, with events, expectation and small multiples."""

import math
from collections.abc import Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from fbanalysis.report.charts.canvas import (
    HEIGHT,
    MUTED,
    NORMAL,
    RULE,
    SMALL,
    UNNAMED,
    Chart,
    Sheet,
    area,
    bare,
    described,
    finish,
    flags,
    is_blank,
    nothing,
    shared_bases,
    sheet,
    spread,
    styled,
    tick_text,
    value_scale,
    write,
)
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.charts.timeaxis import (
    Places,
    bounds,
    name_axis,
    name_axis_ends,
    places_of,
    ticks_for,
)
from fbanalysis.report.theme import (
    COLOURS,
    colour_of,
    names_of,
    printable,
    printed,
    readable,
    shortened,
    text_width,
    tint,
)

_MOST_LINES = 7


@styled
def trend(
    frame: pd.DataFrame,
    *,
    x: str,
    value: str,
    low: str = "low",
    high: str = "high",
    group: str | None = None,
    expected: str | None = None,
    expected_label: str = "预期",
    events: Sequence[tuple[object, str]] = (),
    unit: str = "score",
    decimals: int | None = None,
    label: str = "",
    wide: bool = False,
) -> Chart:
    """Draw values along time with their band, events marked above the plot.

    Parameters
    ----------
    group
        Column of series, named at their ends; more than seven become small multiples.
    expected
        Column of what was expected without the event; with ``<expected>_low`` and ``_high`` as a grey
        band. Where ``is_lost`` says so (without such a column: where the value falls below the band),
        what is missing to the expected line is shaded. It may begin late, as a line that goes on from
        before an intervention does: then give ``is_lost`` as False lest a wanted fall looks like a loss.
    expected_label
        What the dashed line is called at its end.
    events
        (date or name on the axis, text).
    label
        What the vertical axis shows, written above it.
    """
    if is_blank(frame, value):
        return nothing("trend", frame, wide=wide)
    rows = frame.dropna(subset=[x, value]).copy()
    places = places_of(rows[x])
    rows["_at"] = places.values
    rows["_group"] = [printable(name) for name in names_of(list(rows[group]))] if group else ""
    rows = rows.sort_values("_at", kind="stable")
    band = [c for c in (low, high) if c in rows]
    wanted = [c for c in (expected, f"{expected}_low", f"{expected}_high") if c in rows] if expected else []
    look = {"value": value, "unit": unit, "decimals": decimals, "label": label, "wide": wide}
    if rows["_group"].nunique() > _MOST_LINES:
        paper = _multiples(rows, places, **look)
        band, wanted, events = [], [], ()
    else:
        look |= {"called": printable(expected_label)}
        paper = _one_trend(rows, places, band=band, wanted=wanted, events=events, **look)
    names = [*dict.fromkeys(rows["_group"])] if group else [printable(label) or UNNAMED]
    more = "标出的事件：" + "、".join(printable(text) for _, text in events) + "。" if events else ""
    alt = described("折线图", names, list(rows[value]), unit=unit, decimals=decimals, more=more)
    columns = {"value": value, "band": band, "wanted": wanted}
    lines = ["实际"] if wanted and not group and not label else names
    plot = Plot(
        "line",
        tuple(places.name(_moments(rows))),
        _line_series(rows, lines, **columns, printing=(unit, decimals), called=printable(expected_label)),
        unit=unit,
        decimals=decimals,
        base=_line_bases(rows, value=value),
        events=_nearest(events, places, _moments(rows)),
        label=printable(label),
    )
    return finish(paper, kind="trend", data=frame, alt=alt, plot=plot)


def _moments(rows: pd.DataFrame) -> list[float]:
    return sorted(set(rows["_at"]))


def _line_series(
    rows: pd.DataFrame,
    names: Sequence[str],
    *,
    value: str,
    band: Sequence[str],
    wanted: Sequence[str],
    printing: tuple[str, int | None],
    called: str,
) -> tuple[Series, ...]:
    """Give a series each line with its band, then what was expected, dashed."""
    ats, groups = _moments(rows), list(dict.fromkeys(rows["_group"]))
    lines = [
        (name, _group_colour(group, groups), rows[rows["_group"] == group], [value, *band])
        for group, name in zip(groups, names, strict=True)
    ]
    if wanted:
        lines.append((called, MUTED, rows.dropna(subset=wanted[:1]), wanted))
    return tuple(
        _line(name, cut, ats, columns, printing=printing, colour=colour, is_dashed=columns is wanted)
        for name, colour, cut, columns in lines
    )


def _line(
    name: str,
    cut: pd.DataFrame,
    ats: Sequence[float],
    columns: Sequence[str],
    *,
    printing: tuple[str, int | None],
    **look: object,
) -> Series:
    """Give one line a place for every moment; `columns` are its value and, where both are there, its band."""
    cut = cut.drop_duplicates("_at", keep="last").set_index("_at").reindex(ats)
    values, *band = (plain_values(cut[column]) for column in columns)
    low, high = band if len(band) == 2 else ((), ())
    texts = tuple(printed(v, unit=printing[0], decimals=printing[1]) for v in values)
    return Series(name, values, low=low, high=high, texts=texts, **look)


def _line_bases(rows: pd.DataFrame, *, value: str) -> tuple[int | None, ...]:
    """Give the base n of each moment, where the lines share it."""
    return shared_bases(rows.sort_values("_at", kind="stable"), by="_at", value=value)


def _nearest(
    events: Sequence[tuple[object, str]], places: Places, ats: Sequence[float]
) -> tuple[tuple[int, str], ...]:
    """Give each event that lies on the axis the index of the moment nearest to it.

    A month stands at its middle: what happens where one ends and the next begins belongs to the next.
    """
    first, last = bounds(pd.Series(ats))
    known = sorted((places.of(moment), printable(text)) for moment, text in events)
    slack = 0.1 * (ats[-1] - ats[0]) / max(len(ats) - 1, 1)
    return tuple(
        (min(range(len(ats)), key=lambda i: abs(ats[i] - place) - slack * (ats[i] > place)), text)
        for place, text in known
        if first <= place <= last
    )


def _group_colour(name: str, groups: Sequence[str]) -> str:
    """The colour of a line: its own among several, else the accent."""
    return colour_of(name, groups) if 1 < len(groups) <= _MOST_LINES else COLOURS["accent"]


def _one_trend(
    rows: pd.DataFrame,
    places: Places,
    *,
    value: str,
    band: list[str],
    wanted: list[str],
    events: Sequence[tuple[object, str]],
    unit: str,
    decimals: int | None,
    label: str,
    wide: bool,
    called: str,
) -> Sheet:
    paper = sheet(wide=wide)
    scale = value_scale(rows[[value, *band, *wanted]].to_numpy(dtype=float).ravel(), unit=unit)
    ends = _line_ends(
        rows,
        value=value,
        expected=wanted[0] if wanted else None,
        called=called,
        unit=unit,
        decimals=decimals,
    )
    left = max(text_width(text, SMALL) for text in tick_text(scale[2], unit=unit)) + 12
    width = paper.width - left - max(text_width(text, NORMAL) for _, text, _ in ends) - 18
    first, last = bounds(rows["_at"])
    strip = _event_strip(events, places, first=first, last=last, width=width)
    top = (26 if label else 8) + 24 * (1 + max((level for *_, level in strip), default=-1))
    axes = area(paper, left=left, top=top, width=width, height=paper.height - top - 30)
    axes.set(xlim=(first, last), ylim=scale[:2])
    _grid(axes, scale[2], unit=unit)
    _draw_lines(axes, rows, value=value, band=band, wanted=wanted)
    axes.set(xlim=(first, last), ylim=scale[:2])
    bare(axes)
    ticks = ticks_for(places, low=first, high=last, width=width)
    name_axis(axes, [tick for tick in ticks if tick[0] <= rows["_at"].max()])
    _draw_events(axes, strip)
    _name_ends(axes, ends, rows, value=value, size=(width, paper.height - top - 30))
    write(paper.page, label, (0, 11), size=SMALL, colour=MUTED)
    return paper


def _draw_lines(axes: Axes, rows: pd.DataFrame, *, value: str, band: list[str], wanted: list[str]) -> None:
    groups = list(dict.fromkeys(rows["_group"]))
    colours = {name: _group_colour(name, groups) for name in groups}
    if wanted:
        _draw_expected(axes, rows, value=value, wanted=wanted)
    for name, cut in rows.groupby("_group") if len(band) == 2 else ():
        _ground(axes, cut, *band, colour=tint(colours[name], strength=0.16 if len(groups) == 1 else 0.1))
    one = {
        "x": "_at",
        "y": value,
        "hue": "_group",
        "hue_order": groups,
        "palette": colours,
        "legend": False,
        "ax": axes,
    }
    sns.lineplot(data=rows, **one, estimator=None, errorbar=None, sort=False, linewidth=2.6, zorder=3)
    sns.scatterplot(data=rows.groupby("_group").tail(1), **one, s=60, linewidth=0, zorder=4)


def _draw_expected(axes: Axes, rows: pd.DataFrame, *, value: str, wanted: list[str]) -> None:
    """Dash what was expected, with its band, and shade what was lost where the band was left."""
    if len(wanted) == 3:
        _ground(axes, rows, *wanted[1:], colour=COLOURS["muted_tint"])
    if "is_lost" in rows:
        is_below = rows["is_lost"] & (rows[value] < rows[wanted[0]])
    else:
        is_below = rows[value] < rows[wanted[1] if len(wanted) == 3 else wanted[0]]
    axes.fill_between(
        rows["_at"],
        rows[value],
        rows[wanted[0]],
        where=is_below,
        interpolate=True,
        color=tint(COLOURS["alarm"], strength=0.22),
        linewidth=0,
        zorder=1.5,
    )
    axes.plot(rows["_at"], rows[wanted[0]], color=MUTED, linewidth=1.6, dashes=(4, 3), zorder=2)


def _ground(axes: Axes, rows: pd.DataFrame, low: str, high: str, *, colour: str) -> None:
    axes.fill_between(rows["_at"], rows[low], rows[high], color=colour, linewidth=0, zorder=1)


def _line_ends(
    rows: pd.DataFrame,
    *,
    value: str,
    expected: str | None,
    called: str,
    unit: str,
    decimals: int | None,
) -> list[tuple[float, str, str]]:
    """Give (place, text, colour) of each label at the right end of a line."""
    groups = list(dict.fromkeys(rows["_group"]))
    tails = rows.groupby("_group", sort=False).tail(1)
    ends = []
    for name, last in zip(tails["_group"], tails[value], strict=True):
        said = "实际" if expected and not name else shortened(name, size=NORMAL, width=150)
        colour = _group_colour(name, groups)
        ends.append((float(last), f"{said} {printed(last, unit=unit, decimals=decimals)}".strip(), colour))
    known = rows[expected].dropna() if expected else []
    if len(known):
        said = shortened(called, size=NORMAL, width=150)
        text = f"{said} {printed(known.iloc[-1], unit=unit, decimals=decimals)}"
        ends.append((float(known.iloc[-1]), text, MUTED))
    return ends


def _name_ends(
    axes: Axes,
    ends: Sequence[tuple[float, str, str]],
    rows: pd.DataFrame,
    *,
    value: str,
    size: tuple[float, float],
) -> None:
    """Write the names beside the axes, or at the end of a line that breaks off early where nothing is near."""
    (first, last), (low, high), (width, height) = axes.get_xlim(), axes.get_ylim(), size
    tails = rows.groupby("_group", sort=False).tail(1)["_at"]
    at_edge = list(ends)
    for end, tail in zip(ends, tails, strict=False):
        place, text, colour = end
        reach = tail + (text_width(text, NORMAL) + 24) / width * (last - first)
        near = (rows["_at"] > tail) & (rows["_at"] < reach)
        near &= (rows[value] - place).abs() * height / (high - low) < 24
        if reach < last and not near.any():
            at_edge.remove(end)
            write(axes, text, (tail, place), shift=(12, 0), colour=readable(colour))
    wanted = [(place - low) / (high - low) * height for place, *_ in at_edge]
    for at, (_, text, colour) in zip(spread(wanted, gap=20, low=6, high=height - 6), at_edge, strict=True):
        write(axes, text, (1, at / height), coords="axes fraction", shift=(8, 0), colour=readable(colour))


def _event_strip(
    events: Sequence[tuple[object, str]], places: Places, *, first: float, last: float, width: float
) -> list[tuple[float, float, str, int]]:
    """Give (place, left pixel of the text, text, level from the top) of each event within the axis."""
    known = sorted((places.of(moment), printable(text)) for moment, text in events)
    known = [
        (place, shortened(text, size=NORMAL, width=min(260, width * 0.6)))
        for place, text in known
        if first <= place <= last
    ]
    points = [(place - first) / (last - first) * width for place, _ in known]
    placed = flags(points, [text_width(text, NORMAL) for _, text in known], width=width)
    return [(place, left, text, level) for (place, text), (left, level) in zip(known, placed, strict=True)]


def _draw_events(axes: Axes, strip: Sequence[tuple[float, float, str, int]]) -> None:
    levels = 1 + max((level for *_, level in strip), default=-1)
    for place, left, text, level in strip:
        up = 24 * (levels - level) - 4
        axes.axvline(place, color=COLOURS["alarm"], linewidth=1.2, alpha=0.75, zorder=1.8)
        axes.annotate(
            "",
            (place, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, up),
            textcoords="offset points",
            arrowprops={
                "arrowstyle": "-",
                "color": tint(COLOURS["alarm"], strength=0.75),
                "linewidth": 1.2,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
        write(
            axes,
            text,
            (0, 1),
            coords="axes fraction",
            shift=(left, up - 9),
            colour=readable(COLOURS["alarm"]),
        )


def _multiples(
    rows: pd.DataFrame, places: Places, *, value: str, unit: str, decimals: int | None, label: str, wide: bool
) -> Sheet:
    """Draw each series in its own small panel, all on one scale."""
    groups = list(dict.fromkeys(rows["_group"]))
    columns = 5 if wide else 4
    lines = math.ceil(len(groups) / columns)
    top = 26 if label else 4
    paper = sheet(wide=wide, height=max(HEIGHT, lines * 88 + top))
    low, high, _ = value_scale(rows[value].tolist(), unit=unit)
    first, last = bounds(rows["_at"])
    wide_of, high_of = (paper.width - 28 * (columns - 1)) / columns, (paper.height - top) / lines
    for place, name in enumerate(groups):
        left, above = (place % columns) * (wide_of + 28), top + (place // columns) * high_of
        is_lowest = place + columns >= len(groups)
        axes = area(paper, left=left, top=above + 26, width=wide_of - 4, height=high_of - 26 - 24)
        cut = rows[rows["_group"] == name]
        sns.lineplot(
            data=cut,
            x="_at",
            y=value,
            estimator=None,
            errorbar=None,
            color=COLOURS["accent"],
            linewidth=2,
            ax=axes,
        )
        axes.plot(cut["_at"].iloc[-1:], cut[value].iloc[-1:], "o", color=COLOURS["accent"], markersize=6)
        axes.axhline(low, color=RULE, linewidth=1.4)
        axes.set(xlim=(first, last), ylim=(low, high))
        bare(axes)
        said = printed(cut[value].iloc[-1], unit=unit, decimals=decimals)
        write(
            paper.page,
            shortened(name, size=SMALL, width=wide_of - text_width(said, SMALL) - 18),
            (left, above + 12),
            size=SMALL,
        )
        write(
            paper.page,
            said,
            (left + wide_of - 4, above + 12),
            size=SMALL,
            colour=COLOURS["accent"],
            align="right",
        )
        if is_lowest:
            name_axis_ends(axes, places, low=rows["_at"].min(), high=rows["_at"].max())
    write(paper.page, label, (0, 11), size=SMALL, colour=MUTED)
    return paper


def _grid(axes: Axes, ticks: Sequence[float], *, unit: str) -> None:
    for tick, text in zip(ticks, tick_text(ticks, unit=unit), strict=True):
        axes.axhline(tick, color=RULE, linewidth=1, zorder=0)
        write(
            axes,
            text,
            (0, tick),
            coords=("axes fraction", "data"),
            shift=(-9, 0),
            size=SMALL,
            colour=MUTED,
            align="right",
        )

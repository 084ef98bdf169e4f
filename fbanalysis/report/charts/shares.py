"""Charts of parts of a whole: one or several 100 % bars, and answers on a scale astride the middle."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fbanalysis.report.charts.canvas import (
    FAINT,
    HEIGHT,
    Chart,
    Panel,
    Sheet,
    described,
    finish,
    flags,
    is_blank,
    key,
    nothing,
    numbers_of,
    row_sheet,
    shared_bases,
    sheet,
    spread,
    styled,
    write,
    write_lines,
)
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.theme import (
    COLOURS,
    colour_of,
    names_of,
    printable,
    printed,
    readable,
    shortened,
    text_on,
    text_width,
    tint,
    wrapped,
)

_STACK_HEIGHT = 236
_MOST_NAMED = 8
#: Bars this thick, of more parts than colours can tell, have their names inside; few bars get rows this high.
_THICK_BAR, _MANY_PARTS, _HIGH_ROW = 60, 5, 170


# Stacked


@styled
def stacked(
    frame: pd.DataFrame,
    *,
    by: str | None = None,
    parts: str,
    value: str = "percent",
    unit: str = "percent",
    decimals: int | None = None,
    wide: bool = False,
) -> Chart:
    """Draw one or several 100 % bars of parts.

    Parameters
    ----------
    by
        Column that names the bars; without it, or with one bar, the parts are named at the bar itself.
    parts
        Column that names the parts; their order is that of the frame.
    """
    if is_blank(frame, value):
        return nothing("stacked", frame, wide=wide)
    bars_of = list(dict.fromkeys(frame[by])) if by else [""]
    part_labels = list(dict.fromkeys(frame[parts]))
    segments = pd.DataFrame(
        {
            "row": [bars_of.index(label) for label in frame[by]] if by else 0,
            "part": [printable(part) for part in frame[parts]],
            "value": np.nan_to_num(numbers_of(frame, value)),
            "colour": [colour_of(str(part), [str(one) for one in part_labels]) for part in frame[parts]],
        }
    )
    segments["start"] = segments.groupby("row")["value"].cumsum() - segments["value"]
    segments["text"] = [printed(v, unit=unit, decimals=decimals) for v in segments["value"]]
    segments["is_known"] = frame[value].notna().to_numpy()
    if len(bars_of) == 1 and len(part_labels) <= _MOST_NAMED:
        paper = _single_stack(segments, name=names_of(bars_of)[0], wide=wide)
    else:
        paper = _many_stacks(segments, names=names_of(bars_of), wide=wide)
    alt = described(
        "百分比堆叠条形图",
        [*filter(None, names_of(bars_of)), *dict.fromkeys(segments["part"])],
        list(segments["value"]),
        unit=unit,
        decimals=decimals,
    )
    plot = Plot(
        "stacked",
        tuple(names_of(bars_of)),
        _part_series(segments, count=len(bars_of)),
        unit=unit,
        decimals=decimals,
        base=shared_bases(frame, by=by, value=value) if by else (),
    )
    return finish(paper, kind="stacked", data=frame, alt=alt, plot=plot)


def _part_series(segments: pd.DataFrame, *, count: int) -> tuple[Series, ...]:
    """Give a series each part, with a place for every bar."""
    made = []
    for (part, colour), cut in segments.groupby(["part", "colour"], sort=False):
        cut = cut.drop_duplicates("row", keep="last").set_index("row").reindex(range(count))
        is_known = cut["is_known"].eq(True)
        texts = cut["text"].where(is_known, printed(None, unit=""))
        made.append(
            Series(part, plain_values(cut["value"].where(is_known)), colour=colour, texts=tuple(texts))
        )
    return tuple(made)


def _many_stacks(segments: pd.DataFrame, *, names: list[str], wide: bool) -> Sheet:
    entries = list(dict.fromkeys(zip(segments["part"], segments["colour"], strict=True)))
    top = _key_height(entries, wide=wide) + 6
    paper, panels = row_sheet(names, top=top, right=2, wide=wide, most=_HIGH_ROW)
    key(paper, entries)
    total = segments.groupby("row")["value"].sum().max()
    for panel in panels:
        panel.axes.set_xlim(0, max(total, 1e-9))
        for row, cut in segments[segments["row"].isin(panel.rows)].groupby("row"):
            _stack(panel, cut, y=row - panel.first, thick=0.56 if panel.pitch > 34 else 0.76)
    return paper


def _key_height(entries: Sequence[tuple[str, str]], *, wide: bool) -> float:
    return key(sheet(wide=wide), entries)


def _stack(panel: Panel, cut: pd.DataFrame, *, y: float, thick: float) -> None:
    _segments(panel.axes, cut, y=y, thick=thick)
    first, last = panel.axes.get_xlim()
    scale = panel.width / (last - first)
    size = float(np.clip(panel.pitch * thick * 0.7, 12, 15))
    fits = [
        text_width(text, size) + 6 <= value * scale
        for text, value in zip(cut["text"], cut["value"], strict=True)
    ]
    for segment, fit in zip(cut.itertuples(), fits, strict=True):
        if fit:
            lines = [segment.text]
            room = segment.value * scale - 10
            if panel.pitch * thick >= _THICK_BAR and "part" in cut and len(cut) >= _MANY_PARTS:
                lines += [segment.part] if text_width(segment.part, size) <= room else []
            at, colour = (segment.start + segment.value / 2, y), text_on(segment.colour)
            write_lines(panel.axes, lines, at, size=size, colour=colour, align="center")
    # a share that rounds to nothing is not worth a label at a segment that nobody sees
    small = cut[~np.array(fits) & cut["text"].str.contains("[1-9]").to_numpy()]
    if panel.pitch * (1 - thick) >= 15 and len(small):
        _above(panel, small, y=y - thick / 2, scale=scale)


def _above(panel: Panel, small: pd.DataFrame, *, y: float, scale: float) -> None:
    """Write the shares of narrow segments above them, side by side; none where they are too many."""
    first = panel.axes.get_xlim()[0]
    centres = [(one.start + one.value / 2 - first) * scale for one in small.itertuples()]
    widest = max(text_width(text, 12) for text in small["text"])
    if len(small) * (widest + 6) > panel.width:
        return
    places = spread(centres, gap=widest + 6, low=widest / 2, high=panel.width - widest / 2)
    for segment, place in zip(small.itertuples(), places, strict=True):
        write(
            panel.axes,
            segment.text,
            (first + place / scale, y),
            shift=(0, 9),
            size=12,
            colour=readable(segment.colour),
            align="center",
        )


def _segments(axes: Axes, cut: pd.DataFrame, *, y: float, thick: float) -> None:
    for segment in cut.itertuples():
        axes.barh(
            y,
            segment.value,
            left=segment.start,
            height=thick,
            color=segment.colour,
            edgecolor="white",
            linewidth=1.4,
        )


def _single_stack(segments: pd.DataFrame, *, name: str, wide: bool) -> Sheet:
    """One thick bar: shares and names inside where they fit, else on lines above."""
    paper, [panel] = row_sheet([name], right=2, wide=wide, most=HEIGHT)
    panel.axes.set_xlim(0, max(segments["value"].sum(), 1e-9))
    scale = panel.width / panel.axes.get_xlim()[1]
    known = segments[segments["value"] > 0]
    inside = np.array([_share_size(one, scale=scale) > 0 for one in known.itertuples()], dtype=bool)
    outside = known[~inside]
    points = [(one.start + one.value / 2) * scale for one in outside.itertuples()]
    said = [f"{shortened(one.part, size=15, width=240)} {one.text}" for one in outside.itertuples()]
    placed = flags(points, [text_width(text, 15) for text in said], width=panel.width)
    levels = 1 + max((level for _, level in placed), default=-1)
    panel.axes.set_ylim(HEIGHT / 2 - 13 * levels, -HEIGHT / 2 - 13 * levels)
    thick = min(_STACK_HEIGHT, HEIGHT - 30 - 26 * levels)
    _segments(panel.axes, segments, y=0, thick=thick)
    for segment in known[inside].itertuples():
        _inside(panel, segment, scale=scale)
    for segment, point, text, (left, level) in zip(outside.itertuples(), points, said, placed, strict=True):
        top = -thick / 2 - 26 * (levels - level) - 6
        panel.axes.plot([point / scale] * 2, [-thick / 2, top], color=FAINT, linewidth=1.2)
        write(panel.axes, text, (left / scale, top + 8), size=15, colour=readable(segment.colour))
    return paper


def _share_size(segment: object, *, scale: float) -> int:
    """The largest size at which a share and its name, in two lines, fit into a segment; 0 where none does."""
    room = segment.value * scale - 12
    name = min(text_width(segment.part, 15), max(text_width(segment.part, 15) / 2, 45) + 15)
    return next((size for size in (26, 20) if max(text_width(segment.text, size), name) <= room), 0)


def _inside(panel: Panel, segment: object, *, scale: float) -> None:
    lines = wrapped(segment.part, size=15, width=segment.value * scale - 12, lines=2)
    at, colour = segment.start + segment.value / 2, text_on(segment.colour)
    write(
        panel.axes,
        segment.text,
        (at, -8 - 9 * len(lines)),
        size=_share_size(segment, scale=scale),
        colour=colour,
        align="center",
    )
    write_lines(panel.axes, lines, (at, 14), size=15, colour=colour, align="center")


# Likert


@styled
def likert(
    frame: pd.DataFrame,
    *,
    by: str = "stratum",
    score: str = "score",
    value: str = "percent",
    scale: tuple[int, int] = (1, 5),
    score_names: Sequence[str] | None = None,
    decimals: int | None = 0,
    wide: bool = False,
) -> Chart:
    """Draw answers on a scale as diverging bars, the neutral answer astride the middle.

    `frame` has a row for each category and score; `score_names` replaces 「1 分」….
    """
    if is_blank(frame, value):
        return nothing("likert", frame, wide=wide)
    scores = list(range(scale[0], scale[1] + 1))
    labels = list(dict.fromkeys(frame[by]))
    table = frame.pivot_table(index=by, columns=score, values=value, aggfunc="sum", sort=False, observed=True)
    table = table.reindex(index=labels, columns=scores).fillna(0.0)
    colours = _scale_colours(len(scores))
    score_names = [printable(name) for name in score_names or [f"{one} 分" for one in scores]]
    entries = list(zip(score_names, colours, strict=True))
    paper, panels = row_sheet(names_of(labels), top=34, right=2, wide=wide)
    key(paper, entries)
    starts = _centred(table)
    reach = (float(starts.iloc[:, 0].min()), max(float((starts.iloc[:, -1] + table.iloc[:, -1]).max()), 1e-9))
    for panel in panels:
        panel.axes.set_xlim(reach)
        for y, row in enumerate(panel.rows):
            cut = pd.DataFrame({"value": table.iloc[row], "start": starts.iloc[row], "colour": colours})
            cut["text"] = [printed(v, unit="percent", decimals=decimals) for v in cut["value"]]
            _stack(panel, cut, y=y, thick=0.62 if panel.pitch > 34 else 0.76)
    alt = described(
        "李克特发散条形图",
        names_of(labels),
        list(frame[value]),
        unit="percent",
        decimals=decimals,
        more="中立答案居中，向左为不满意，向右为满意。",
    )
    plot = Plot(
        "diverging",
        tuple(names_of(labels)),
        _score_series(table, entries, decimals=decimals),
        unit="percent",
        decimals=decimals,
        base=shared_bases(frame, by=by, value=value),
    )
    return finish(paper, kind="likert", data=frame, alt=alt, plot=plot)


def _score_series(
    table: pd.DataFrame, entries: Sequence[tuple[str, str]], *, decimals: int | None
) -> tuple[Series, ...]:
    """Give a series each score; a row in which nothing was answered has no values."""
    known = table.where(table.sum(axis=1) > 0, axis=0)
    return tuple(
        Series(
            name,
            plain_values(known[score]),
            colour=colour,
            texts=tuple(printed(v, unit="percent", decimals=decimals) for v in known[score]),
        )
        for score, (name, colour) in zip(table.columns, entries, strict=True)
    )


def _centred(table: pd.DataFrame) -> pd.DataFrame:
    """Where each segment starts so that the neutral answer lies astride zero."""
    half = table.shape[1] // 2
    below = table.iloc[:, :half].sum(axis=1)
    neutral = table.iloc[:, half] / 2 if table.shape[1] % 2 else 0.0
    return table.cumsum(axis=1).sub(table).sub(below + neutral, axis=0)


def _scale_colours(count: int) -> list[str]:
    half = count // 2
    strengths = [1 - 0.62 * place / max(half - 1, 1) for place in range(half)]
    middle = [COLOURS["rule"]] * (count % 2)
    return (
        [tint(COLOURS["alarm"], strength=s) for s in strengths]
        + middle
        + [tint(COLOURS["accent"], strength=s) for s in strengths[::-1]]
    )

"""Pareto: columns in falling order, and above them their cumulative share with the mark that it has to reach."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fbanalysis.report.charts.canvas import (
    FAINT,
    INK,
    MUTED,
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
from fbanalysis.report.charts.plot import Plot, Series, plain_values
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

_LEFT = 52
#: Top of the panel of the cumulative line, and its height.
_PANEL_TOP, _PANEL = 30, 112
_COLUMNS_TOP = 162
#: Narrower slots have their names upright.
_LEVEL_SLOT = 54


@styled
def pareto(
    frame: pd.DataFrame,
    *,
    by: str,
    value: str,
    cumulative: str,
    low: str = "low",
    high: str = "high",
    mark: float = 80.0,
    mark_label: str | None = None,
    line_label: str = "累计占比",
    label: str = "",
    unit: str = "count",
    decimals: int | None = None,
    wide: bool = False,
) -> Chart:
    """Draw columns in the order in which their shares were added up, and above them that sum.

    The vital few, up to the first whose cumulative share reaches the mark, are in accent, the rest is grey.

    Parameters
    ----------
    cumulative
        Column with the cumulative share in percent; rows are drawn in its order.
    low, high
        Columns of an interval of the value, drawn as a whisker where they are there.
    mark, mark_label
        A line across the cumulative share, and its name.
    label
        What the columns show.
    """
    if is_blank(frame, value):
        return nothing("pareto", frame, wide=wide)
    rows = frame.sort_values(cumulative, kind="stable", na_position="last")
    marks = _marks(rows, by=by, columns=(value, cumulative, low, high), mark=mark)
    marks["text"] = [printed(v, unit=unit, decimals=decimals) for v in marks["value"]]
    paper = sheet(wide=wide)
    said = printable(mark_label or printed(mark, unit="percent", decimals=None if mark % 1 else 0))
    _draw_cumulative(paper, marks, mark=mark, said=said, label=line_label)
    _draw_columns(paper, marks, label=label)
    names = list(marks["name"])
    vital = "、".join(marks.loc[marks["is_vital"], "name"][:6])
    more = f"上方折线为{printable(line_label)}；到 {said} 为止的是{vital}。" if vital else ""
    alt = described("帕累托图", names, list(marks["value"]), unit=unit, decimals=decimals, more=more)
    plot = Plot(
        "pareto",
        tuple(names),
        _pareto_series(marks, label=printable(label) or "数值", line_label=printable(line_label)),
        unit=unit,
        decimals=decimals,
        target=mark,
        target_label=said,
        label=printable(label),
    )
    return finish(paper, kind="pareto", data=rows, alt=alt, plot=plot)


def _marks(rows: pd.DataFrame, *, by: str, columns: tuple[str, str, str, str], mark: float) -> pd.DataFrame:
    names = ("value", "cumulative", "low", "high")
    marks = pd.DataFrame(
        {name: numbers_of(rows, column) for name, column in zip(names, columns, strict=True)}
    )
    marks.insert(0, "name", names_of(list(rows[by])))
    # A share that was summed in floats may miss its mark by a rounding error.
    has_reached = (marks["cumulative"] >= mark - 1e-9).shift(fill_value=False).cummax()
    marks["is_vital"] = marks["cumulative"].notna() & ~has_reached
    marks["colour"] = [COLOURS["accent"] if is_vital else FAINT for is_vital in marks["is_vital"]]
    return marks


def _axes(paper: Sheet, marks: pd.DataFrame, *, top: float, height: float) -> tuple[Axes, float]:
    """Open a panel whose slots stand under each other; give it with the width of a slot."""
    width = paper.width - _LEFT
    axes = area(paper, left=_LEFT, top=top, width=width, height=height)
    axes.set_xlim(-0.5, len(marks) - 0.5)
    return axes, width / len(marks)


def _draw_cumulative(paper: Sheet, marks: pd.DataFrame, *, mark: float, said: str, label: str) -> None:
    axes, slot = _axes(paper, marks, top=_PANEL_TOP, height=_PANEL)
    axes.set_ylim(0, 108)
    _draw_mark(axes, mark=mark, said=said)
    axes.plot(marks.index, marks["cumulative"], color=INK, linewidth=2, zorder=3)
    size = float(np.clip(slot * 0.3, 3, 7))
    axes.plot(marks.index, marks["cumulative"], "o", color=INK, markersize=size, zorder=4)
    texts = [
        printed(share, unit="percent", decimals=None if slot > 60 else 0) for share in marks["cumulative"]
    ]
    for at in _told(marks, texts, slot=slot):
        share = marks["cumulative"][at]
        colour = INK if marks["is_vital"][at] else MUTED
        aside = _nudge(texts[at], SMALL, at=at, slot=slot, count=len(marks))
        up = -15 if share > 22 else 14
        write(axes, texts[at], (at, share), shift=(aside, up), size=SMALL, colour=colour, align="center")
    heading = shortened(printable(label), size=SMALL, width=paper.width)
    write(paper.page, heading, (0, 11), size=SMALL, colour=MUTED)


def _draw_mark(axes: Axes, *, mark: float, said: str) -> None:
    """Draw the mark with its name, and the ends of the scale where they keep off it."""
    style = {"coords": ("axes fraction", "data"), "shift": (-8, 0), "align": "right", "size": SMALL}
    for tick in (0, 100):
        axes.axhline(tick, color=RULE, linewidth=1, zorder=0)
        if abs(mark - tick) * _PANEL / 108 >= 16:
            write(axes, f"{tick}%", (0, tick), colour=MUTED, **style)
    axes.axhline(mark, color=COLOURS["accent"], linewidth=1.4, dashes=(4, 3), zorder=1)
    name = shortened(said, size=SMALL, width=_LEFT - 10)
    write(axes, name, (0, mark), colour=readable(COLOURS["accent"]), **style)


def _told(marks: pd.DataFrame, texts: list[str], *, slot: float) -> list[int]:
    """Say which cumulative shares are written: all that fit, else the one that reaches the mark and the ends."""
    known = list(marks.index[marks["cumulative"].notna()])
    if not known:
        return []
    if max(text_width(text, SMALL) for text in texts) + 6 <= slot:
        return known
    reaching = list(marks.index[marks["is_vital"]])[-1:]
    kept: list[int] = []
    for at in dict.fromkeys([*reaching, known[0], known[-1]]):
        apart = (abs(at - one) * slot > text_width(texts[at], SMALL) + 10 for one in kept)
        kept += [at] if all(apart) else []
    return kept


def _draw_columns(paper: Sheet, marks: pd.DataFrame, *, label: str) -> None:
    slot = (paper.width - _LEFT) / len(marks)
    names = _names(marks, slot=slot)
    height = paper.height - _COLUMNS_TOP - _depth(names, slot=slot)
    axes, _ = _axes(paper, marks, top=_COLUMNS_TOP, height=height)
    _set_heights(axes, marks, height=height)
    thick = min(0.72, 84 / slot)
    axes.bar(marks.index, marks["value"].fillna(0), width=thick, color=list(marks["colour"]), linewidth=0)
    for one in marks.dropna(subset=["low", "high"]).itertuples():
        axes.plot([one.Index, one.Index], [one.low, one.high], color=INK, linewidth=1.4)
    axes.axhline(0, color=INK, linewidth=1.2)
    _write_values(axes, marks, slot=slot)
    _write_names(axes, names, slot=slot)
    heading = shortened(printable(label), size=SMALL, width=paper.width)
    write(paper.page, heading, (0, _COLUMNS_TOP - 2), size=SMALL, colour=MUTED)


def _set_heights(axes: Axes, marks: pd.DataFrame, *, height: float) -> None:
    low = min(np.nanmin(marks[["value", "low"]].to_numpy()), 0.0)
    high = max(np.nanmax(marks[["value", "high"]].to_numpy()), 0.0)
    room = (high - low or 1.0) / max(height - 24 * (1 + (low < 0)), 1)
    axes.set_ylim(low - (24 * room if low < 0 else 0), (high or (1.0 if low == 0 else 0.0)) + 24 * room)


def _write_values(axes: Axes, marks: pd.DataFrame, *, slot: float) -> None:
    """Write the values over their columns; where not all fit, those of the vital few that keep apart."""
    widest = max(text_width(text, 12) for text in marks["text"])
    size = next((size for size in (15, 14, 13, 12) if widest * size / 12 + 4 <= slot), 12)
    end = -np.inf
    for one in marks.itertuples():
        centre, half = (one.Index + 0.5) * slot, text_width(one.text, size) / 2
        aside = _nudge(one.text, size, at=one.Index, slot=slot, count=len(marks))
        if centre + aside - half < end:
            continue
        end = centre + aside + half + 4
        known = 0.0 if np.isnan(one.value) else one.value
        at = known if known < 0 else np.nanmax([known, one.high])
        colour = MUTED if np.isnan(one.value) else readable(one.colour)
        up = 12 if known >= 0 else -12
        write(axes, one.text, (one.Index, at), shift=(aside, up), size=size, colour=colour, align="center")


def _names(marks: pd.DataFrame, *, slot: float) -> list[list[str]]:
    """Break names into their slots; in narrow slots they stand upright, as many as keep apart."""
    if slot >= _LEVEL_SLOT:
        return [wrapped(name, size=SMALL, width=slot - 8, lines=3) for name in marks["name"]]
    every = int(np.ceil((SMALL + 3) / slot))
    return [
        [shortened(name, size=SMALL, width=118)] if at % every == 0 else [""]
        for at, name in enumerate(marks["name"])
    ]


def _depth(names: list[list[str]], *, slot: float) -> float:
    """How much room the names take below the columns."""
    if slot >= _LEVEL_SLOT:
        return 10 + 17 * max(len(lines) for lines in names)
    return 14 + max(text_width(line, SMALL) for lines in names for line in lines)


def _write_names(axes: Axes, names: list[list[str]], *, slot: float) -> None:
    style = {"coords": ("data", "axes fraction"), "size": SMALL, "colour": MUTED, "align": "center"}
    for at, lines in enumerate(names):
        for step, line in enumerate(lines):
            if slot >= _LEVEL_SLOT:
                aside = _nudge(line, SMALL, at=at, slot=slot, count=len(names))
                write(axes, line, (at, 0), shift=(aside, -15 - 17 * step), **style)
            else:
                write(axes, line, (at, 0), shift=(0, -8 - text_width(line, SMALL)), rotation=90, **style)


def _nudge(text: str, size: float, *, at: int, slot: float, count: int) -> float:
    """How far a text centred on its column must move to stay on the sheet."""
    centre, half = _LEFT + (at + 0.5) * slot, text_width(text, size) / 2
    return max(half - centre, 0) - max(centre + half - slot * count - _LEFT, 0)


def _pareto_series(marks: pd.DataFrame, *, label: str, line_label: str) -> tuple[Series, Series]:
    lows, highs = plain_values(marks["low"]), plain_values(marks["high"])
    has_interval = any(low is not None for low in lows)
    columns = Series(
        label,
        plain_values(marks["value"]),
        colour=COLOURS["accent"],
        colours=tuple(marks["colour"]),
        low=lows if has_interval else (),
        high=highs if has_interval else (),
        texts=tuple(marks["text"]),
    )
    line = Series(line_label, plain_values(marks["cumulative"]), colour=INK, unit="percent", is_line=True)
    return columns, line

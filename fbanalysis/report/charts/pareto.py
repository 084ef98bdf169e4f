"""Pareto: columns in falling order, and above them their cumulative share with the mark that it has to reach."""

from dataclasses import dataclass

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

#: Top of the panel of the cumulative line, its height, and its highest percent: labels stand above 100.
_PANEL_TOP, _PANEL, _HIGHEST = 14, 134, 122
_COLUMNS_TOP = 188
#: Narrower slots have their names upright.
_LEVEL_SLOT = 54
_THICK = 0.72


@dataclass(frozen=True)
class _Slots:
    """The slots of the columns, which both panels share: free pixels at the left, width of the sheet."""

    left: float
    width: float
    count: int

    @property
    def slot(self) -> float:
        return (self.width - self.left) / self.count

    @property
    def decimals(self) -> int | None:
        """Decimals of the cumulative shares: none where slots are narrow."""
        return None if self.slot > 60 else 0

    def nudge(self, wide: float, at: int) -> float:
        """How far a text centred on its column must move to stay on the sheet."""
        centre = self.left + (at + 0.5) * self.slot
        return max(wide / 2 - centre, 0) - max(centre + wide / 2 - self.width, 0)

    def axes(self, paper: Sheet, *, top: float, height: float) -> Axes:
        axes = area(paper, left=self.left, top=top, width=self.width - self.left, height=height)
        axes.set_xlim(-0.5, self.count - 0.5)
        return axes


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
    slots = _Slots(float(np.clip(text_width(said, SMALL) + 16, 52, 130)), paper.width, len(marks))
    _draw_cumulative(paper, marks, slots, mark=mark, said=said)
    _draw_columns(paper, marks, slots)
    for text, height in ((line_label, 11), (label, _COLUMNS_TOP - 12)):
        heading = shortened(printable(text), size=SMALL, width=paper.width)
        write(paper.page, heading, (0, height), size=SMALL, colour=MUTED)
    names = list(marks["name"])
    vital = "、".join(marks.loc[marks["is_vital"], "name"][:6])
    more = f"上方折线为{printable(line_label)}；到 {said} 为止的是{vital}。" if vital else ""
    alt = described("帕累托图", names, list(marks["value"]), unit=unit, decimals=decimals, more=more)
    plot = Plot(
        "pareto",
        tuple(names),
        _pareto_series(marks, slots, label=printable(label) or "数值", line_label=printable(line_label)),
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


def _draw_cumulative(paper: Sheet, marks: pd.DataFrame, slots: _Slots, *, mark: float, said: str) -> None:
    """Draw the line; shares that reach the mark are written above it, the others below."""
    axes = slots.axes(paper, top=_PANEL_TOP, height=_PANEL)
    axes.set_ylim(0, _HIGHEST)
    _draw_mark(axes, slots, mark=mark, said=said)
    axes.plot(marks.index, marks["cumulative"], color=INK, linewidth=2, zorder=3)
    size = float(np.clip(slots.slot * 0.3, 3, 7))
    axes.plot(marks.index, marks["cumulative"], "o", color=INK, markersize=size, zorder=4)
    texts = [printed(share, unit="percent", decimals=slots.decimals) for share in marks["cumulative"]]
    for at in _told(marks, texts, slot=slots.slot):
        share = marks["cumulative"][at]
        colour = INK if marks["is_vital"][at] else MUTED
        shift = (slots.nudge(text_width(texts[at], SMALL), at), -15 if 22 < share < mark else 14)
        write(axes, texts[at], (at, share), shift=shift, size=SMALL, colour=colour, align="center")


def _draw_mark(axes: Axes, slots: _Slots, *, mark: float, said: str) -> None:
    """Draw the mark with its name, and the ends of the scale where they keep off it."""
    style = {"coords": ("axes fraction", "data"), "shift": (-8, 0), "align": "right", "size": SMALL}
    axes.axhline(0, color=RULE, linewidth=1.2, zorder=0)
    for tick in (0, 100):
        if abs(mark - tick) * _PANEL / _HIGHEST >= 16:
            write(axes, f"{tick}%", (0, tick), colour=MUTED, **style)
    axes.axhline(mark, color=COLOURS["accent"], linewidth=1.4, dashes=(4, 3), zorder=1)
    name = shortened(said, size=SMALL, width=slots.left - 10)
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


def _draw_columns(paper: Sheet, marks: pd.DataFrame, slots: _Slots) -> None:
    names = _names(marks, slot=slots.slot)
    height = paper.height - _COLUMNS_TOP - _depth(names, slot=slots.slot)
    axes = slots.axes(paper, top=_COLUMNS_TOP, height=height)
    _set_heights(axes, marks, height=height)
    thick = min(_THICK, 84 / slots.slot)
    axes.bar(marks.index, marks["value"].fillna(0), width=thick, color=list(marks["colour"]), linewidth=0)
    for one in marks.dropna(subset=["low", "high"]).itertuples():
        axes.plot([one.Index, one.Index], [one.low, one.high], color=INK, linewidth=1.4)
    axes.axhline(0, color=INK, linewidth=1.2)
    _write_values(axes, marks, slots)
    _write_names(axes, names, slots)


def _set_heights(axes: Axes, marks: pd.DataFrame, *, height: float) -> None:
    low = min(np.nanmin(marks[["value", "low"]].to_numpy()), 0.0)
    high = max(np.nanmax(marks[["value", "high"]].to_numpy()), 0.0)
    room = (high - low or 1.0) / max(height - 24 * (1 + (low < 0)), 1)
    axes.set_ylim(low - (24 * room if low < 0 else 0), (high or (1.0 if low == 0 else 0.0)) + 24 * room)


def _write_values(axes: Axes, marks: pd.DataFrame, slots: _Slots) -> None:
    """Write the values over their columns; where not all fit, those that keep apart from the left on."""
    widest = max(text_width(text, 12) for text in marks["text"])
    size = next((size for size in (15, 14, 13, 12) if widest * size / 12 + 4 <= slots.slot), 12)
    end = -np.inf
    for one in marks.itertuples():
        wide = text_width(one.text, size)
        # A text wider than its column keeps off the higher column at its left.
        aside = max((wide - _THICK * slots.slot) / 2, 0) if wide > slots.slot else 0
        aside = min(aside, slots.width - wide / 2 - slots.left - (one.Index + 0.5) * slots.slot)
        start = (one.Index + 0.5) * slots.slot + aside - wide / 2
        if start < end:
            continue
        end = start + wide + 4
        known = 0.0 if np.isnan(one.value) else one.value
        at = known if known < 0 else np.nanmax([known, one.high])
        colour = MUTED if np.isnan(one.value) else readable(one.colour)
        shift = (aside, 12 if known >= 0 else -12)
        write(axes, one.text, (one.Index, at), shift=shift, size=size, colour=colour, align="center")


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


def _write_names(axes: Axes, names: list[list[str]], slots: _Slots) -> None:
    style = {"coords": ("data", "axes fraction"), "size": SMALL, "colour": MUTED}
    for at, lines in enumerate(names):
        for step, line in enumerate(lines):
            wide = text_width(line, SMALL)
            if slots.slot >= _LEVEL_SLOT:
                shift = (slots.nudge(wide, at), -15 - 17 * step)
                write(axes, line, (at, 0), shift=shift, align="center", **style)
            else:
                # Upright text that is aligned right stands a little left of the middle of its slot.
                shift = (slots.nudge(SMALL + 3, at) + 1.6, -8 - wide)
                write(axes, line, (at, 0), shift=shift, align="right", rotation=90, **style)


def _pareto_series(
    marks: pd.DataFrame, slots: _Slots, *, label: str, line_label: str
) -> tuple[Series, Series]:
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
    look = {"colour": INK, "unit": "percent", "decimals": slots.decimals, "is_line": True}
    return columns, Series(line_label, plain_values(marks["cumulative"]), **look)

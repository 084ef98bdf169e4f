"""Where times and named periods stand on a horizontal axis, and how the axis names them."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num, num2date

from fbanalysis.report.charts.canvas import (
    MUTED,
    SMALL,
    write,
)
from fbanalysis.report.theme import (
    names_of,
    printable,
    text_width,
)

_ISO = re.compile(r"\d{4}-\d{2}(-\d{2})?([ T]\d{2}:\d{2}(:\d{2})?)?")
_STEPS = (
    (1, "h"),
    (3, "h"),
    (6, "h"),
    (12, "h"),
    (1, "D"),
    (2, "D"),
    (7, "D"),
    (14, "D"),
    (1, "MS"),
    (2, "MS"),
    (3, "MS"),
    (6, "MS"),
    (12, "MS"),
    (24, "MS"),
    (60, "MS"),
)


#: A month's value and its name stand in the middle of the month, so that an event inside it lies where it was.
HALF_MONTH = 14.5


@dataclass(frozen=True)
class Places:
    """Where the rows of a column stand, and the names of places that are not times.

    ``shift`` is how far, in days, a row stands after the moment that it names.
    """

    values: np.ndarray
    names: tuple[str, ...] | None

    shift: float = 0.0

    def of(self, moment: object) -> float:
        """Place one moment or name."""
        if self.names is None:
            return float(date2num(pd.Timestamp(moment)))
        name = period_name(moment, of="")
        return float(self.names.index(name)) if name in self.names else math.nan

    def name(self, at: Sequence[float]) -> list[str]:
        """Name places one by one, as far as they differ: months, days or hours, with years where several."""
        if self.names is not None:
            return [self.names[int(place)] for place in at]
        moments = [pd.Timestamp(num2date(place - self.shift)).tz_localize(None).round("s") for place in at]
        is_dated = len({moment.year for moment in moments}) > 1
        is_timed = any(moment != moment.normalize() for moment in moments)
        is_monthly = len(moments) > 2 and all(moment.is_month_start for moment in moments) and not is_timed
        return [
            (f"{moment.year}年" if is_dated else "")
            + f"{moment.month}月"
            + ("" if is_monthly else f"{moment.day}日")
            + (f" {moment:%H:%M}" if is_timed else "")
            for moment in moments
        ]


def places_of(column: pd.Series) -> Places:
    if isinstance(column.dtype, pd.PeriodDtype):
        return Places(date2num(column.dt.to_timestamp()), None)
    is_dated = column.map(lambda x: isinstance(x, date) or bool(_ISO.fullmatch(str(x)))).all()
    if pd.api.types.is_datetime64_any_dtype(column) or is_dated:
        times = pd.to_datetime(column.astype(str))
        is_monthly = len(times) > 2 and times.dt.is_month_start.all()
        shift = HALF_MONTH if is_monthly else 0.0
        return Places(date2num(times) + shift, None, shift)
    names = [period_name(x, of=str(column.name)) for x in names_of(list(column))]
    distinct = tuple(dict.fromkeys(names))
    return Places(np.array([distinct.index(name) for name in names], dtype=float), distinct)


def period_name(x: object, *, of: str) -> str:
    """Name a month, quarter or anything else for an axis.

    >>> period_name("2023-05", of="x"), period_name(5, of="month"), period_name("2023Q2", of="x")
    ('5月', '5月', '二季度')
    """
    text = printable(x)
    month = re.fullmatch(r"\d{4}-(\d{2})(-01( 00:00:00)?)?", text)
    quarter = re.fullmatch(r"(?:\d{4})?-?Q([1-4])", text)
    if month:
        return f"{int(month[1])}月"
    if quarter:
        return "一二三四"[int(quarter[1]) - 1] + "季度"
    return f"{text}月" if of == "month" and text.isdigit() else text


def time_ticks(low: float, high: float, *, width: float, size: float = SMALL) -> list[tuple[float, str]]:
    """Choose months, days or hours so that their names fit side by side."""
    start, end = (pd.Timestamp(num2date(moment)).tz_localize(None).round("s") for moment in (low, high))
    for count, step in _STEPS:
        if (high - low) * (24 if step == "h" else 1) / count > 400:
            continue
        first = start.replace(month=1, day=1).normalize() if step == "MS" else start.normalize()
        slack = pd.Timedelta(days=HALF_MONTH if step == "MS" else 0)
        moments = [m for m in pd.date_range(first, end, freq=f"{count}{step}") if m + slack >= start]
        pairs = zip(moments, [None, *moments], strict=False)
        shift = HALF_MONTH if step == "MS" else 0
        ticks = [
            (float(date2num(m)) + shift, _moment_text(m, before or end, step=step)) for m, before in pairs
        ]
        ticks = [tick for tick in ticks if tick[0] <= high]
        if len(ticks) >= 2 and _keep_apart(ticks, scale=width / (high - low), size=size):
            return ticks
    return [(low, _full_day(start))]


def _full_day(moment: date) -> str:
    return f"{moment.year}年{moment.month}月{moment.day}日"


def _keep_apart(ticks: Sequence[tuple[float, str]], *, scale: float, size: float) -> bool:
    return all(
        (later - earlier) * scale >= (text_width(one, size) + text_width(other, size)) / 2 + 10
        for (earlier, one), (later, other) in pairwise(ticks)
    )


def _moment_text(moment: pd.Timestamp, other: pd.Timestamp, *, step: str) -> str:
    """Name a moment as far as it differs from another: the tick before, or for the first tick the end."""
    if step == "h" and moment.hour:
        is_later = other.date() == moment.date() and other < moment
        return f"{moment:%H:%M}" if is_later else f"{moment.month}月{moment.day}日 {moment:%H:%M}"
    if step in ("h", "D"):
        return f"{moment.month}月{moment.day}日"
    return f"{moment.month}月" if other.year == moment.year else f"{moment.year}年{moment.month}月"


def name_axis(axes: Axes, ticks: Sequence[tuple[float, str]], *, size: float = SMALL) -> None:
    for at, text in ticks:
        write(
            axes,
            text,
            (at, 0),
            coords=("data", "axes fraction"),
            shift=(0, -16),
            size=size,
            colour=MUTED,
            align="center",
        )


def ticks_for(places: Places, *, low: float, high: float, width: float) -> list[tuple[float, str]]:
    if places.names is None and len(set(places.values)) == 1:
        return [(places.values[0], _full_day(num2date(places.values[0])))]
    if places.names is None:
        return time_ticks(low, high, width=width)
    widest = max(text_width(name, SMALL) for name in places.names) + 10
    every = math.ceil(len(places.names) * widest / width)
    return [(float(at), name) for at, name in enumerate(places.names) if at % every == 0]


def bounds(at: pd.Series) -> tuple[float, float]:
    first, last = float(at.min()), float(at.max())
    pad = (last - first) * 0.02 if last > first else 0.5
    return first - pad, last + pad


def name_axis_ends(axes: Axes, places: Places, *, low: float, high: float) -> None:
    for at, align in ((low, "left"), (high, "right")):
        text = places.names[int(at)] if places.names else _day_or_month(num2date(at), span=high - low)
        write(
            axes,
            text,
            (at, 0),
            coords=("data", "axes fraction"),
            shift=(0, -13),
            size=12,
            colour=MUTED,
            align=align,
        )


def _day_or_month(moment: date, *, span: float) -> str:
    return f"{moment.month}月" if span > 80 else f"{moment.month}月{moment.day}日"

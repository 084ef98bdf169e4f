"""What a chart shows, as data: drawn natively in PowerPoint, written into the workbook, read by the audit.

It holds what readers see, in the units in which it is printed, and nothing that the picture does not show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

#: The kinds, and what an Office chart of the kind is made of.
KINDS: Mapping[str, str] = {
    "bar": "horizontal bars from zero, one series or several side by side",
    "column": "vertical columns; a series with ``is_line`` stands in a panel of its own above",
    "stacked": "horizontal 100 % bars",
    "diverging": "horizontal stacked bars astride the middle; series in the order of the scale",
    "dots": "a dot with its interval in each row",
    "pairs": "two dots joined by a line in each row: the first series before, the second after",
    "slope": "two points in time joined by a line; a series each category",
    "line": "values along time; ``is_dashed`` for what was expected",
    "pareto": "columns in falling order and, as second series with ``is_line``, the cumulative share",
    "control": "a line with centre and limits as dashed series; points that break a rule have their own colour",
    "scatter": "points at (x, value), named in ``texts``",
    "keyness": "words on either side of zero, a series each side",
    "waterfall": "items that build up to a total; the hidden first series carries them",
    "gantt": "spans of time in rows; the hidden first series carries them, both in days since the origin",
    "heat": "a table of values: a row each category, a column each series, cells coloured",
    "cloud": "words with their weight; a picture in every format",
}


@dataclass(frozen=True)
class Series:
    """One series of a plot.

    Parameters
    ----------
    values
        One a category; missing where there is none. Suppressed values are missing.
    low, high
        Ends of the intervals, or nothing.
    x
        Horizontal places of a scatter.
    texts
        Labels as printed, one a category, or nothing: then values are printed in the plot's unit.
    colours
        Where points differ in colour: one a category.
    keys
        The record behind each value, one a category, empty where there is none; filled in by
        `fbanalysis.report.tracing` when a slide is made.
    """

    name: str
    values: Sequence[float | None]
    colour: str = ""
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    x: Sequence[float | None] = ()
    texts: Sequence[str] = ()
    colours: Sequence[str] = ()
    unit: str = ""
    decimals: int | None = None
    is_line: bool = False
    is_hidden: bool = False
    is_dashed: bool = False
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class Plot:
    """What a chart shows.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    categories
        Names of the rows, columns or points in time, as printed.
    unit, decimals
        A key of `fbanalysis.report.ledger.UNITS`, and printed decimals (the unit's where missing).
    base, is_base_shown
        The base n of each category, where the chart knows it, and whether the picture writes it.
    target, target_label, is_from_target
        A line across all categories, its name, and whether dots hang on it by a stem.
    bands
        (first, last) of neighbouring categories that share one ground.
    events
        (place among the categories, text).
    label, x_label
        What the value axis shows; what the horizontal axis of a scatter shows.
    notes
        A text beside each category (steps of a timeline, changes of a pair).
    origin
        ISO date from which a gantt counts its days.
    lanes
        The group of each category, under whose heading it stands; or nothing.
    base_keys, target_key
        The records that have the bases as their n or value, and the record of the target, as `Series.keys`.
    """

    kind: str
    categories: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    decimals: int | None = None
    base: Sequence[int | None] = ()
    target: float | None = None
    target_label: str = ""
    events: Sequence[tuple[int, str]] = ()
    label: str = ""
    x_label: str = ""
    notes: Sequence[str] = ()
    origin: str = ""
    is_base_shown: bool = False
    is_from_target: bool = False
    bands: Sequence[tuple[int, int]] = ()
    lanes: Sequence[str] = ()
    base_keys: Sequence[str] = ()
    target_key: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(self.kind)

    def as_json(self) -> dict[str, object]:
        """Give the plot as plain data."""
        return asdict(self)


def plain_values(values: object) -> tuple[float | None, ...]:
    """Turn numbers of any frame into floats, missing ones into nothing.

    >>> plain_values([1, float("nan")])
    (1.0, None)
    """
    numbers = [None if value is None else float(value) for value in values]  # type: ignore[attr-defined]
    return tuple(None if number is None or number != number else number for number in numbers)

"""Which record stands behind every value of a chart, and what of a chart has none.

A value belongs to a record when both are the same number and the record's stratum is named by the value's category
or series. Nothing is computed and nothing is rounded: a number that is only nearly a record's is nobody's.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from fbanalysis.report.charts.plot import Plot, Series
from fbanalysis.report.charts.timeaxis import period_name
from fbanalysis.report.ledger import UNITS, Ledger, Record, format_number
from fbanalysis.report.theme import names_of

#: Two numbers are the same up to what floating-point sums in another order differ by.
_TOLERANCE = 1e-9

#: A number in a target's name, and words in the method of records that a target may be drawn from.
_DIGITS = re.compile(r"[0-9]")
_TARGETS = ("目标", "参数", "dataset.toml")


@dataclass(frozen=True)
class Untraced:
    """Something that a chart prints and no record stands behind: where it stands, and how it reads."""

    series: str
    category: str
    text: str

    def __str__(self) -> str:
        place = "，".join(
            part for part in (f"系列「{self.series}」", f"类别「{self.category}」") if "「」" not in part
        )
        return f"{place}：{self.text}"


@dataclass(frozen=True)
class _Mark:
    """One value of a chart: the number, its ends and unit, and the names that it goes by."""

    value: float
    low: float | None
    high: float | None
    unit: str
    category: str
    series: str


def trace(plot: Plot, ledger: Ledger) -> Plot:
    """Give every value of a plot, its bases and its target the keys of their records.

    Returns
    -------
    Plot
        The same plot with ``keys`` in its series, ``base_keys`` and ``target_key``; "" where no record fits.

    Notes
    -----
    Of all records with the value (relative tolerance 1e-9), in a unit of the same kind, whose stratum is named by
    the category or the series, those come first that are named best (each part of the stratum that is named counts
    for it, each that is not against it), that have the drawn interval and the same unit; among equals the
    metric that explains most values of the series, then the one recorded last. A bar of a plan belongs to the
    records of its first and last day.
    """
    if plot.kind == "gantt":
        return _trace_plan(plot, ledger)
    shelf = _Shelf(ledger)
    series = tuple(
        one if one.is_hidden else replace(one, keys=_series_keys(shelf, plot, one)) for one in plot.series
    )
    traced = replace(plot, series=series, target_key=_target_key(shelf, plot))
    return replace(traced, base_keys=_base_keys(traced, ledger))


class _Shelf:
    """The ledger's numbers in order, so that the records of a value are found without reading all."""

    def __init__(self, ledger: Ledger) -> None:
        numbers = sorted(
            (float(record.value), place, record)
            for place, record in enumerate(ledger)
            if not isinstance(record.value, str)
        )
        self._values = [value for value, _, _ in numbers]
        self._records = [(place, record) for _, place, record in numbers]

    def of(self, value: float) -> list[tuple[int, Record]]:
        """Give (place in the ledger, record) of all records with a value."""
        slack = max(abs(value) * _TOLERANCE, 1e-12)
        first, behind = bisect_left(self._values, value - slack), bisect_right(self._values, value + slack)
        return self._records[first:behind]


# Values


def _series_keys(shelf: _Shelf, plot: Plot, series: Series) -> tuple[str, ...]:
    return _chosen([_candidates(shelf, mark) if mark else [] for mark in _marks(plot, series)])


def _marks(plot: Plot, series: Series) -> Iterator[_Mark | None]:
    """Give the values of a series, nothing where one is missing."""
    unit = series.unit or plot.unit
    for i, value in enumerate(series.values):
        ends = (ends[i] if i < len(ends) else None for ends in (series.low, series.high))
        yield None if value is None else _Mark(value, *ends, unit, str(plot.categories[i]), series.name)


def _candidates(shelf: _Shelf, mark: _Mark) -> list[tuple[int, Record]]:
    """The records that fit a value best, in the order of the ledger."""
    fitting = [
        (_fit(record, mark), place, record)
        for place, record in shelf.of(mark.value)
        if _is_kin(record.unit, mark.unit) and _has_ends(record, mark)
    ]
    named = [one for one in fitting if one[0] is not None]
    most = max((fit for fit, _, _ in named), default=None)
    return [(place, record) for fit, place, record in named if fit == most]


def _chosen(found: Sequence[Sequence[tuple[int, Record]]]) -> tuple[str, ...]:
    """Choose a record for each value: the metric that explains most of them, then the one recorded last."""
    votes = Counter(metric for some in found for metric in {record.metric for _, record in some})
    best = (max(some, key=lambda one: (votes[one[1].metric], one[0]), default=None) for some in found)
    return tuple(one[1].key if one else "" for one in best)


def is_same(one: float, other: float) -> bool:
    """Say whether two numbers are one but for the order in which they were summed.

    >>> is_same(0.1 + 0.2, 0.3), is_same(4.1, 4.11)
    (True, False)
    """
    return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=1e-9)


def _is_kin(unit: str, other: str) -> bool:
    """Say whether values of two units may be the same number: counts of different things may."""
    return unit == other or all(one in UNITS and UNITS[one].is_count for one in (unit, other))


def _has_ends(record: Record, mark: _Mark) -> bool:
    """Say whether the interval that is drawn, if any, is the record's."""
    drawn, own = (mark.low, mark.high), (record.low, record.high)
    return all(
        one is None or (end is not None and is_same(one, end)) for one, end in zip(drawn, own, strict=True)
    )


def _fit(record: Record, mark: _Mark) -> tuple[int, bool, bool] | None:
    """Say how well a record's stratum is named by category and series; nothing where it is not."""
    category, series = _names(mark.category), _names(mark.series)
    parts = [_names(part) for part in re.split(r" × |/", record.stratum)] or [frozenset()]
    whole = _names(record.stratum)
    named = [bool(part & (category | series)) for part in parts]
    if not (whole & (category | series) or any(named)):
        return None
    score = len(parts) if whole & category else 2 * sum(named) - len(parts)
    return score, mark.low is None or record.has_interval, record.unit == mark.unit


@cache
def _names(text: str) -> frozenset[str]:
    """All names by which readers know a stratum: as printed, its parts, its month, quarter or day.

    >>> sorted(_names("2023-04-01"))
    ['2023-04-01', '2023年4月1日', '4月', '4月1日', '二季度']
    """
    said = re.sub(r"\s", "", text)
    forms = {said, *(re.sub(r"\s", "", one) for one in (*names_of([text]), period_name(text, of="x")))}
    forms |= {part for part in re.split("·", said) if part} | {re.sub("分$", "", said)}
    return frozenset(forms | _times(said) - {""})


def _times(text: str) -> set[str]:
    """The names of a day or month: 4月1日 and, of a first day, its month and the quarter that it opens."""
    found = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", text)
    if not found:
        return set()
    year, month, day = found[1], int(found[2]), int(found[3] or 1)
    names = {f"{month}月{day}日", f"{year}年{month}月{day}日"} if found[3] else set()
    if day == 1:
        names |= {f"{month}月"} | ({"一二三四"[(month - 1) // 3] + "季度"} if month % 3 == 1 else set())
    return names


# Bases and target


def _base_keys(plot: Plot, ledger: Ledger) -> tuple[str, ...]:
    """The record that has each base as its n, or as its value: one of the category's own where there is one."""
    records = list(ledger) if any(base is not None for base in plot.base) else []
    return tuple(
        "" if base is None else _base_key(plot, i, base, ledger, records) for i, base in enumerate(plot.base)
    )


def _base_key(plot: Plot, i: int, base: int, ledger: Ledger, records: Sequence[Record]) -> str:
    own = [series.keys[i] for series in plot.series if i < len(series.keys) and series.keys[i]]
    drawn = [ledger[key] for key in own]
    category = _names(str(plot.categories[i]))
    alike = (
        record for record in records if base in (record.n, record.value) and _names(record.stratum) & category
    )
    return next((record.key for record in (*(one for one in drawn if one.n == base), *alike)), "")


def _target_key(shelf: _Shelf, plot: Plot) -> str:
    """The record of a target: one that its label names, else a target, parameter or setting; the last recorded."""
    if plot.target is None:
        return ""
    line = next((one for one in plot.series if one.is_line and plot.kind == "pareto"), None)
    unit, named = (line.unit if line else "") or plot.unit, _names(plot.target_label)
    kin = [
        record
        for _, record in sorted(shelf.of(plot.target), key=lambda one: one[0])
        if _is_kin(record.unit, unit)
    ]
    meant = [record for record in kin if _names(record.stratum) & named]
    is_numbered = bool(_DIGITS.search(plot.target_label))
    said = [record for record in kin if is_numbered and any(word in record.method for word in _TARGETS)]
    return next((record.key for record in reversed([*said, *meant])), "")


# Plans


def _trace_plan(plot: Plot, ledger: Ledger) -> Plot:
    """Find the dates behind the bars of a plan: first days at the hidden series, last days at the others.

    The bar of what is done belongs to the record of its percentage, where the plan tells it apart.
    """
    hidden, *bars = plot.series
    lengths = [_sum([series.values[i] for series in bars]) for i in range(len(plot.categories))]
    pairs = zip(hidden.values, lengths, strict=True)
    ends = [None if None in pair else sum(pair) for pair in pairs]
    first, last = (_day_keys(plot, ledger, ats) for ats in (hidden.values, ends))
    done = _done_keys(plot, ledger, bars[0], lengths) if len(bars) > 1 else last
    keys = [first, done, *([last] * (len(bars) - 1))]
    today = None if plot.target is None else _day(plot, plot.target)
    marks = [one.key for one in ledger if one.unit == "date" and one.value == today and one.stratum == "all"]
    series = tuple(replace(one, keys=own) for one, own in zip(plot.series, keys, strict=True))
    return replace(plot, series=series, target_key=marks[-1] if marks else "")


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _day_keys(plot: Plot, ledger: Ledger, ats: Sequence[float | None]) -> tuple[str, ...]:
    """The record of each day whose stratum is the category, all of one metric where one has them all."""
    days = [None if at is None else _day(plot, at) for at in ats]
    dates = [record for record in ledger if record.unit == "date"]
    found = [
        [
            (i, one)
            for i, one in enumerate(dates)
            if one.value == day and _names(one.stratum) & _names(str(category))
        ]
        for day, category in zip(days, plot.categories, strict=True)
    ]
    return _chosen(found)


def _done_keys(plot: Plot, ledger: Ledger, done: Series, lengths: Sequence[float | None]) -> tuple[str, ...]:
    """The record of the percentage that a task's done part is of its whole length."""
    shelf = _Shelf(ledger)
    marks = [
        _Mark(100 * part / whole, None, None, "percent", str(category), "")
        if part is not None and whole
        else None
        for part, whole, category in zip(done.values, lengths, plot.categories, strict=True)
    ]
    found = [_candidates(shelf, mark) if mark else [] for mark in marks]
    return _chosen(found)


def _day(plot: Plot, at: float) -> str:
    # a length that was split into parts and summed again may miss midnight by a hair
    return (date.fromisoformat(plot.origin) + timedelta(days=math.floor(at + 1e-6))).isoformat()


# What has no record


def untraced(plot: Mapping[str, object] | None) -> list[Untraced]:
    """List what a chart prints and no record stands behind: values, bases, and a target with its number."""
    if plot is None:
        return []
    return [*_untraced_values(plot), *_untraced_bases(plot), *_untraced_target(plot)]


def _untraced_values(plot: Mapping[str, object]) -> Iterator[Untraced]:
    for series in plot["series"]:
        if series["is_hidden"] and plot["kind"] != "gantt":
            continue  # it only carries the series above it
        keys = series.get("keys") or [""] * len(series["values"])
        for category, value, key, i in zip(
            plot["categories"], series["values"], keys, range(len(keys)), strict=True
        ):
            if value is not None and not key:
                yield Untraced(series["name"], str(category), _printed(plot, series, i))


def _printed(plot: Mapping[str, object], series: Mapping[str, object], i: int) -> str:
    if i < len(series["texts"]) and series["texts"][i]:
        return str(series["texts"][i])
    unit = UNITS.get(series["unit"] or plot["unit"])
    places = series["decimals"] if series["unit"] or series["decimals"] is not None else plot["decimals"]
    digits = places if places is not None else unit.decimals if unit else 2
    return format_number(series["values"][i], decimals=digits) + (unit.suffix if unit else "")


def _untraced_bases(plot: Mapping[str, object]) -> Iterator[Untraced]:
    keys = plot.get("base_keys") or [""] * len(plot["base"])
    for category, base, key in zip(plot["categories"], plot["base"], keys, strict=False):
        if base is not None and not key:
            yield Untraced("n", str(category), f"n = {base:,}")


def _untraced_target(plot: Mapping[str, object]) -> Iterator[Untraced]:
    name = str(plot["target_label"])
    if plot["target"] is not None and _DIGITS.search(name) and not plot.get("target_key"):
        yield Untraced("目标线", "", name)


def points_of(plot: Mapping[str, object] | None) -> list[tuple[str, float | None]]:
    """Give (key, value) of all that a plot shows and that has a record; no value where it is a day or a base."""
    if plot is None:
        return []
    is_plan = plot["kind"] == "gantt"
    values = [
        (key, None if is_plan else value)
        for series in plot["series"]
        for key, value in zip(series.get("keys", ()), series["values"], strict=False)
    ]
    others = [(key, None) for key in (*plot.get("base_keys", ()), plot.get("target_key", ""))]
    return [(key, value) for key, value in (*values, *others) if key]


def named_points(plot: Mapping[str, object] | None) -> list[tuple[str, str]]:
    """Give (name, key) of the values of a plot that have a record: 类别 · 系列, or 类别 where there is one series.

    A record that stands behind several marks is named once.
    """
    if plot is None:
        return []
    drawn = [series for series in plot["series"] if any(series.get("keys", ()))]
    pairs = [
        (f"{category} · {series['name']}" if len(drawn) > 1 else str(category), key)
        for series in drawn
        for category, key in zip(plot["categories"], series["keys"], strict=True)
        if key
    ]
    return [(name, key) for key, name in {key: name for name, key in reversed(pairs)}.items()][::-1]

"""What a chart may say: the labels that its data explain, and the ticks of its axes.

A tick is known by its place: ticks stand on one line, and their numbers grow evenly with it. Whatever else is drawn
must be a value, a name, a base or a target of the plot.
"""

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from html import unescape

from fbanalysis.report.audit.ours.expected import CHART, COUNT, Spec
from fbanalysis.report.audit.ours.printed import Entry, at_mark, rounded, squeezed

TICK, LEGEND = "坐标刻度", "图例说明"

_PLACED = re.compile(r"(?s)<text\b([^>]*)>(.*?)</text>")
_NUMBER = re.compile(r"[+−-]?[\d,]*\.?\d+")


@dataclass(frozen=True)
class Drawing:
    """What a plot explains: whole texts, texts of which parts are drawn, and the ticks of its picture."""

    texts: frozenset[str]
    whole: str
    ticks: frozenset[str]
    counts: frozenset[int]

    def rule(self, text: str) -> str:
        """Name the rule under which a label stands; empty where nothing explains it."""
        bare = squeezed(text)
        if bare in self.texts:
            return CHART
        if bare in self.ticks:
            return TICK
        return CHART if bare and bare in self.whole else ""

    def number_rule(self, text: str, *, before: str = "", after: str = "") -> str:
        """Name the rule under which a number in a longer text stands, such as a description's range."""
        bare = squeezed(text)
        if bare in self.texts or bare.lstrip("+") in self.texts:
            return CHART
        is_count = after.lstrip().startswith(("项", "步", "行")) or bare.endswith(("项", "步", "行"))
        digits = re.sub(r"\D", "", bare)
        if is_count and digits and int(digits) in self.counts:
            return COUNT
        return CHART if bare and bare in self.whole else ""


@lru_cache(maxsize=512)
def _read(svg: str) -> tuple[tuple[float, float, str], ...]:
    """Read the texts of a drawing with their places."""
    found = []
    for attributes, inner in _PLACED.findall(svg):
        place = [re.search(rf'\b{name}="([-\d.]+)"', attributes) for name in "xy"]
        if all(place):
            found.append(
                (float(place[0][1]), float(place[1][1]), squeezed(unescape(re.sub(r"<[^>]+>", "", inner))))
            )
    return tuple(found)


def drawing_of(chart: Spec) -> Drawing:
    """Explain a chart by its plot."""
    plot = chart["plot"]
    if plot is None:
        return Drawing(frozenset(), "", frozenset(), frozenset())
    long = [*_long_texts(plot), *plot["categories"], *(series["name"] for series in plot["series"])]
    counts = {len(set(plot["categories"])), len(plot["categories"]), len(plot["series"])}
    counts |= {len({*plot["categories"], *(one["name"] for one in plot["series"])})}
    counts |= set(_statuses(plot))
    texts = {squeezed(str(text)) for text in (*long, *_numbers(plot), *_days(plot))}
    return Drawing(
        frozenset(texts - {""}),
        squeezed("\n".join(map(str, long)) + plot["x_label"]),
        frozenset(_ticks(str(chart["svg"]))),
        frozenset(counts),
    )


def _long_texts(plot: Spec) -> Iterator[str]:
    yield from plot["notes"]
    yield from (str(text) for _, text in plot["events"])
    yield from (plot["label"], plot["x_label"], plot["target_label"], *plot["lanes"])
    for series in plot["series"]:
        yield from series["texts"]


def _numbers(plot: Spec) -> Iterator[str]:
    """Give every number that the plot holds as it may be written."""
    for series in plot["series"]:
        unit = series["unit"] or plot["unit"]
        unit = "days" if plot["kind"] == "gantt" else unit
        for value in (*series["values"], *series["low"], *series["high"], *series["x"]):
            if value is not None:
                for decimals in _places(plot, series):
                    yield from at_mark(value, unit=unit, decimals=decimals)
                    yield rounded(abs(value), decimals)
    for base in plot["base"]:
        if base is not None:
            yield from (f"n={rounded(base, 0)}", rounded(base, 0))
    if plot["target"] is not None:
        yield from (
            text for d in (0, 1, 2) for text in at_mark(plot["target"], unit=plot["unit"], decimals=d)
        )


def _places(plot: Spec, series: Spec) -> tuple[int, ...]:
    given = series["decimals"] if series["decimals"] is not None else plot["decimals"]
    if plot["kind"] == "gantt":
        return (0, 1)
    return (given,) if given is not None else (0, 1, 2)


def _days(plot: Spec) -> Iterator[str]:
    """Give the days and months that a plan's picture names."""
    if not plot["origin"]:
        return
    origin = date.fromisoformat(plot["origin"][:10])
    starts = [series for series in plot["series"] if series["is_hidden"]]
    spans = [series for series in plot["series"] if not series["is_hidden"]]
    for i in range(len(plot["categories"])):
        begins = starts[0]["values"][i] if starts else 0
        if begins is None:
            continue
        length = sum(series["values"][i] or 0 for series in spans)
        for offset in (begins, begins + length, begins + length - 1):
            for days in (math.floor(offset), math.ceil(offset)):
                day = origin + timedelta(days=days)
                yield from (
                    f"{day.month}月{day.day}日",
                    f"{day.month}月",
                    f"{day.year}年{day.month}月",
                    day.isoformat(),
                )
            moment = datetime.combine(origin, time()) + timedelta(minutes=round(offset * 1440))
            yield f"{moment:%Y-%m-%d %H:%M}"


def _statuses(plot: Spec) -> Iterator[int]:
    """Count the rows of a plan in each state that its notes name."""
    notes = [str(note) for note in plot["notes"]]
    for state in ("已完成", "滞后", "进行中", "未开始", "延期", "按计划"):
        yield sum(state in note for note in notes)


def _ticks(svg: str) -> Iterator[str]:
    """Find texts on one line whose numbers, or months and days, grow evenly with their places."""
    texts = _read(svg)
    for axis in (0, 1):
        rows: dict[float, list[tuple[float, str]]] = {}
        for one in texts:
            rows.setdefault(round(one[1 - axis], 1), []).append((one[axis], one[2]))
        for row in rows.values():
            yield from _even(row)
            yield from _calendar(row)


def _even(row: list[tuple[float, str]]) -> Iterator[str]:
    """Keep the texts of a row whose numbers lie on one straight line over their places."""
    numbers = [
        (at, float(text.rstrip("%").replace(",", "").replace("−", "-")), text)
        for at, text in row
        if _NUMBER.fullmatch(text.rstrip("%"))
    ]
    numbers.sort()
    if len(numbers) < 2 or numbers[0][0] == numbers[-1][0]:
        return
    slope = (numbers[-1][1] - numbers[0][1]) / (numbers[-1][0] - numbers[0][0])
    step = abs(numbers[1][1] - numbers[0][1])
    fits = [
        abs(numbers[0][1] + slope * (at - numbers[0][0]) - value) <= 0.02 * step for at, value, _ in numbers
    ]
    if slope and all(fits):
        yield from (text for _, _, text in numbers)


_MONTH = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})日)?")


def _calendar(row: list[tuple[float, str]]) -> Iterator[str]:
    """Keep the months and days of a row where they follow each other from left to right."""
    found = [(at, match, text) for at, text in sorted(row) if (match := _MONTH.fullmatch(text))]
    orders = [(int(match[2]), int(match[3] or 1)) for _, match, _ in found]
    turns = sum(a >= b for a, b in itertools.pairwise(orders))
    if len(found) > 1 and turns <= 1:
        yield from (text for _, _, text in found)


def plotted(chart: Spec, ledger: Mapping[str, Entry]) -> Iterator[tuple[str, str, float, str, str]]:
    """Give each value of a plot: (category, series, value, the record's key or nothing, what is wrong with it)."""
    plot = chart["plot"]
    for series in plot["series"] if plot else ():
        keys = series.get("keys") or [""] * len(series["values"])
        for name, value, key in zip(plot["categories"], series["values"], keys, strict=False):
            if value is not None and not series["is_hidden"]:
                fault = (
                    _fault(value, ledger.get(key), plot, series) if key and plot["kind"] != "gantt" else ""
                )
                yield str(name), str(series["name"]), float(value), key, fault


def _fault(value: float, entry: Entry | None, plot: Spec, series: Spec) -> str:
    """Say what a plotted value should be where its record says another, at the precision that is drawn."""
    if entry is None:
        return "账本里没有这条记录"
    if entry.is_text:
        return str(entry.value)
    given = series["decimals"] if series["decimals"] is not None else plot["decimals"]
    places = entry.decimals if given is None else given
    same = rounded(value, places) in {
        rounded(float(entry.value), places),
        rounded(abs(float(entry.value)), places),
    }
    return "" if same else entry.show(float(entry.value), decimals=places)

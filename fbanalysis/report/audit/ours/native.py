"""Holds what a native chart stores, and the workbook inside it, against the plot that it was drawn from.

Columns that only place names and rows are no numbers of the report; they are counted as left out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import find_numbers
from fbanalysis.report.audit.ours.drawings import Drawing
from fbanalysis.report.audit.ours.expected import CHART, Spec
from fbanalysis.report.audit.ours.printed import at_mark, rounded, squeezed
from fbanalysis.report.audit.passages import Passage
from fbanalysis.report.charts.quadrants import across_of, along_of, heights_of
from fbanalysis.report.charts.steps import FALLING, has_falls, steps_of

#: Why a number of a chart is not held against anything.
PLACING = "图表里只管位置的列"
EMPTY = "工作簿图表里空着的格子"

_ACROSS = "（横轴）"
#: What the head of a column says that is there for a chart of the workbook only.
_HELPER = "（作图用）"
#: Kinds whose values lie along the horizontal axis of an XY chart.
_LYING = ("dots", "pairs", "keyness")
#: Kinds that the workbook shows as cells, or of which it draws the largest only.
_NOT_ON_SHEETS = ("heat", "cloud")
_POINT = re.compile(r"第 (\d+) 点")


@dataclass(frozen=True)
class Drawn:
    """What one thing in a native chart was held against: a record, a rule, a reason to leave it out, or a fault."""

    key: str = ""
    rule: str = ""
    skipped: str = ""
    finding: Finding | None = None


class NativeChart:
    """A plot as its native chart has to hold it.

    Parameters
    ----------
    is_sheet
        The chart stands in the workbook: it lies on cells, where nothing is stored as 0, and is never an XY chart
        unless the plot is a scatter.
    place
        Where the chart should stand.
    """

    def __init__(self, plot: Spec, drawing: Drawing, *, is_sheet: bool = False, place: str = "图表") -> None:
        self.plot, self.drawing, self.is_sheet, self.place = plot, drawing, is_sheet, place
        self.columns = dict(self._columns())
        self.falling = FALLING + _HELPER * is_sheet if has_falls(plot) else ""
        self.names = {squeezed(str(name)) for name in self._names()}
        self._places: dict[str, list[int]] = {}
        #: Where a number was read (the chart or its workbook) and its column → the places of the values found there.
        self._seen: dict[tuple[str, str], set[int]] = {}
        self._wrong: Counter[tuple[str, str]] = Counter()
        #: Rows and columns of the points whose label is written by hand, and held as such.
        self._written: set[tuple[str, str]] = set()
        for i, name in enumerate(plot["categories"]):
            self._places.setdefault(squeezed(str(name)), []).append(i)

    def _names(self) -> Iterator[str]:
        plot = self.plot
        yield from (
            *plot["categories"],
            *self.columns,
            plot["target_label"] or "目标",
            plot["label"],
            plot["x_label"],
        )
        yield from (f"【{lane}】" for lane in plot["lanes"])
        yield from ("事件", "–")

    @property
    def _is_lying(self) -> bool:
        return self.plot["kind"] in _LYING and not self.is_sheet

    def _columns(self) -> Iterator[tuple[str, tuple[Sequence[float | None], Sequence[str]]]]:
        """Name the columns that hold numbers of the report: values with the keys of their records."""
        plot = self.plot
        for series in plot["series"]:
            if series["is_hidden"]:
                continue
            name, values = str(series["name"]), list(series["values"])
            keys = list(series.get("keys") or [""] * len(values))
            yield from ((column, (lengths, keys)) for column, lengths in self._lengths())
            yield name + _ACROSS * self._is_lying, (values, keys)
            if self.is_sheet and len(plot["series"]) == 1 and plot["label"]:
                yield str(plot["label"]), (values, keys)
            yield f"{name}（标出）", (values, keys)
            if plot["kind"] == "scatter" and series is not self._along:
                yield name + _ACROSS, self._across(series)
            if series["low"] and series["high"]:
                pairs = list(zip(series["low"], series["high"], strict=True))
                yield f"{name} 下限", (list(series["low"]), keys)
                yield f"{name} 上限", (list(series["high"]), keys)
                yield (
                    f"{name} 区间宽",
                    ([None if None in pair else pair[1] - pair[0] for pair in pairs], keys),
                )
        if plot["target"] is not None:
            count = max(len(plot["categories"]), 3)  # a line across the rows is stored as three points
            name = str(plot["target_label"] or "目标")
            keys = [str(plot.get("target_key") or "")] * count
            if name not in self._series_names():
                yield name + _ACROSS * self._is_lying, ([plot["target"]] * count, keys)

    def _lengths(self) -> Iterator[tuple[str, Sequence[float | None]]]:
        """Name the columns of a waterfall that falls: how long its bars are, those that fall by themselves."""
        for one in steps_of(self.plot)[1:] if has_falls(self.plot) else ():
            yield f"{one['name']}{_HELPER * self.is_sheet}", one["values"]

    @property
    def _along(self) -> Spec | None:
        """The series of a scatter that holds the places of all others along the horizontal axis."""
        return along_of(self.plot) if self.plot["kind"] == "scatter" else None

    def _across(self, series: Spec) -> tuple[Sequence[float | None], Sequence[str]]:
        """Give the places of a scatter's series along the horizontal axis, with the keys of their records."""
        places = list(across_of(self.plot, series))
        return places, list((self._along or {}).get("keys") or [""] * len(places))

    def _series_names(self) -> list[str]:
        return [str(series["name"]) for series in self.plot["series"]]

    def hold(self, passages: Sequence[Passage]) -> Iterator[Drawn]:
        """Hold everything that a slide's charts store and write by hand."""
        waiting = Counter(squeezed(text) for text in self._labels())
        self._written = {(one.row, one.column) for one in passages if one.kind == "label"}
        self._seen.clear()
        self._wrong.clear()
        for passage in passages:
            if passage.kind == "label":
                yield self._label(passage, waiting)
            elif passage.value is None:
                yield self._name(passage)
            else:
                yield self._point(passage)
        yield from self._lost(passages)

    def _point(self, passage: Passage) -> Drawn:
        if passage.column not in self.columns:
            return self._helper(passage)
        values, keys = self.columns[passage.column]
        places = [i for i in self._indices(passage.row, len(values)) if i < len(values)]
        if self.is_sheet and self.plot["kind"] == "scatter":
            # cells hold the known points only
            known = [i for i, value in enumerate(values) if value is not None]
            places = [known[i] for i in places if i < len(known)]
        seen = self._seen.setdefault((_source(passage), passage.column), set())
        for i in sorted(places, key=lambda place: place in seen):
            if values[i] is None and self.is_sheet and passage.value == 0:
                return Drawn(skipped=EMPTY)
            if values[i] is not None and _is_close(values[i], passage.value):
                seen.add(i)
                if not self._is_printed(passage):
                    return Drawn(finding=_fault(passage, passage.text, f"{values[i]:.6g}"))
                return Drawn(key=keys[i] if i < len(keys) else "", rule=CHART)
        self._wrong[_source(passage), passage.column] += 1
        wanted = "、".join(f"{values[i]:.6g}" for i in places[:3] if values[i] is not None) or "（无）"
        return Drawn(finding=_fault(passage, f"{passage.value:.6g}", wanted))

    def _is_printed(self, passage: Passage) -> bool:
        """Say whether a label shows its value: a format may hold figures and words of its own."""
        value, text = passage.value, passage.text
        if _is_general(text, value) or (passage.row, passage.column) in self._written:
            return True
        # a bar that falls stores its length, and says its sign
        told = (-value,) if passage.column == self.falling else (value, abs(value))
        forms = {rounded(one, places) for one in told for places in range(10)}
        # what has grown may say so, unless it prints as nothing
        forms |= {f"+{form}" for form in forms if value > 0 and "−" not in form and re.search("[1-9]", form)}
        # a name may hold figures of its own
        text = text.replace(passage.column.removesuffix(_ACROSS), "", 1)
        rest, is_value = text, False
        for one in find_numbers(text):
            number = re.search(r"[+−-]?[\d,]*\.?\d+", one.text)
            is_own = number is not None and number[0].replace("-", "−") in forms
            if not is_own and not self.drawing.number_rule(one.text):
                return False
            is_value |= is_own
            rest = rest.replace(one.text, "", 1)
        return is_value and not re.search(r"\w", rest)

    def _lost(self, passages: Sequence[Passage]) -> Iterator[Drawn]:
        """Tell of values that the plot has and its chart has not: a chart, a series or some of its points."""
        if self.is_sheet and self.plot["kind"] in _NOT_ON_SHEETS:
            return
        sources = dict.fromkeys(_source(one) for one in passages if one.value is not None)
        if not sources:
            name = str(self.plot["label"] or self.plot["categories"][0])
            said = f"这里应有一张图（{name} 等 {len(self.plot['categories'])} 项），文件里没有它的数。"
            yield Drawn(finding=Finding(self.place, name, "缺少的文字", "（没有）", "图表", "矛盾", said))
            return
        for series in self.plot["series"]:
            wanted = {i for i, value in enumerate(series["values"]) if value is not None}
            if series["is_hidden"] or not wanted:
                continue
            for source in sources:
                seen = [self._seen.get((source, column), set()) for column in self._columns_of(series)]
                lost = sorted(wanted - set().union(*seen))
                # a value that was changed is told of as such already
                if len(lost) > sum(self._wrong[source, column] for column in self._columns_of(series)):
                    yield Drawn(finding=self._lacking(series, lost, passages))

    def _columns_of(self, series: Spec) -> list[str]:
        if series is self._along:
            return [f"{one['name']}{_ACROSS}" for one in heights_of(self.plot)]
        name = str(series["name"]) + _ACROSS * self._is_lying
        names = [name, *(column for column, _ in self._lengths())]
        return [*names, str(self.plot["label"])] if len(self.plot["series"]) == 1 else names

    def _lacking(self, series: Spec, lost: Sequence[int], passages: Sequence[Passage]) -> Finding:
        names = [str(self.plot["categories"][i]) for i in lost if i < len(self.plot["categories"])]
        wanted = "、".join(
            f"{name} {series['values'][i]:.6g}" for name, i in zip(names[:3], lost, strict=False)
        )
        said = (
            f"图表的「{series['name']}」少了 {len(lost)} 个值（{wanted}）：图、系列或类别被删过，或数被改过。"
        )
        place = passages[0].place.rpartition("（")[0] if passages else ""
        return Finding(place, str(series["name"]), "缺少的文字", "（没有）", wanted, "矛盾", said)

    def _indices(self, row: str, count: int) -> Sequence[int]:
        """Find the places of a row: by its number, or its name; one without a name may be any."""
        point = _POINT.fullmatch(row)
        return [int(point[1]) - 1] if point else self._places.get(squeezed(row)) or range(count)

    def _helper(self, passage: Passage) -> Drawn:
        """Leave out what places things; a column that nobody knows is a fault."""
        column = passage.column.removesuffix(_ACROSS)
        is_placing = (
            column.strip("\u00a0 ") == "" or column.startswith(("（", "事件")) or self._is_row(column)
        )
        is_placing |= column.endswith(_HELPER) or (self.is_sheet and self.plot["kind"] == "gantt")
        hidden = [str(series["name"]) for series in self.plot["series"] if series["is_hidden"]]
        if is_placing and not self._is_printed(passage) and not self.drawing.rule(passage.text):
            return Drawn(finding=_fault(passage, passage.text, f"{passage.value:.6g}"))
        if is_placing or column in hidden:
            return Drawn(skipped=PLACING)
        return Drawn(finding=_fault(passage, passage.text, "（图里没有这一列）"))

    def _is_row(self, column: str) -> bool:
        """Say whether a series of an XY chart only says in which row each of its points stands."""
        return self._is_lying and (column in self._series_names() or column + _ACROSS in self.columns)

    def _name(self, passage: Passage) -> Drawn:
        bare = squeezed(passage.text)
        is_placing = passage.column.startswith(("（", "事件")) or bare.endswith(_HELPER) or not bare
        if is_placing or bare in self.names or self.drawing.rule(bare):
            return Drawn()
        return Drawn(finding=_fault(passage, passage.text, "（图里没有这个名字）"))

    # labels written by hand

    def _labels(self) -> Iterator[str]:
        plot = self.plot
        yield from (*plot["categories"], *plot["notes"], *(text for _, text in plot["events"]))
        yield from (*plot["lanes"], plot["target_label"], *self._series_names(), plot["label"])
        for series in plot["series"]:
            yield from (_text_of(series, i, plot) for i in range(len(series["values"])))

    def _label(self, passage: Passage, waiting: Counter[str]) -> Drawn:
        """Hold a label against those that the plot still has to give; a joined one part by part."""
        bare = squeezed(passage.text)
        if waiting[bare] > 0:
            waiting[bare] -= 1
            return Drawn(rule=CHART)
        parts = [squeezed(part) for part in re.split("[\u3000\u00a0]+", passage.text) if part.strip()]
        lost = [part for part in parts if not self._part(part, waiting, is_alone=len(parts) == 1)]
        return Drawn(finding=_fault(passage, bare, "、".join(lost))) if lost else Drawn(rule=CHART)

    def _part(self, part: str, waiting: Counter[str], *, is_alone: bool) -> bool:
        """Say whether a part of a label is one that the plot gives, or speaks in its numbers."""
        if waiting[part] > 0:
            waiting[part] -= 1
            return True
        found = find_numbers(part)
        if is_alone and found and part in waiting:
            return False
        rules = [self.drawing.number_rule(one.text, after=part[one.end :]) for one in found]
        return all(rules) if found else bool(self.drawing.rule(part))


def _is_general(text: str, value: float) -> bool:
    try:
        return abs(float(text.replace(",", "").replace("−", "-")) - value) <= 1e-8 * max(abs(value), 1e-9)
    except ValueError:
        return False


def _source(passage: Passage) -> str:
    """Name what of a chart was read, without the sheet or slide: the stored values or the workbook inside."""
    return passage.place.rpartition("（")[2]


def _text_of(series: Spec, place: int, plot: Spec) -> str:
    value = series["values"][place]
    if value is None:
        return ""
    if series["texts"]:
        return str(series["texts"][place])
    decimals = plot["decimals"] if series["decimals"] is None else series["decimals"]
    unit = series["unit"] or plot["unit"]
    return (
        min(at_mark(value, unit=unit, decimals=decimals or 0), key=len)
        if value
        else rounded(value, decimals or 0)
    )


def _is_close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-8 * max(abs(one), abs(other), 1e-9)


def _fault(passage: Passage, printed: str, expected: str) -> Finding:
    where = " · ".join(filter(None, (passage.row, passage.column)))
    said = f"图表里「{where}」是 {printed}，报告画的是 {expected}：图表的数被改过，或与它内嵌的工作簿不一致。"
    return Finding(passage.place, f"{where} {passage.text}".strip(), "图值", printed, expected, "矛盾", said)

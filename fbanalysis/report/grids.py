"""Tables behind slides, charts and details: cells that store a number and show it as the report prints it.

Numbers come from the ledger's records and from what charts show; nothing is computed here.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from fbanalysis.report.charts.plot import Plot, Series
from fbanalysis.report.charts.steps import FALLING, RISING, has_falls, steps_of
from fbanalysis.report.layout import plain
from fbanalysis.report.ledger import UNITS, Ledger, Record, Unit, format_number

HIDDEN = "不公开"
#: So many words of a cloud, the most frequent, are drawn as bars.
MOST_WORDS = 20
DATE_FORMAT = "yyyy-mm-dd"
COUNT_FORMAT = "#,##0"

#: A text that readers line up by its digits: an interval, a p value, a base.
_FIGURES = re.compile(r"[+−<≥≤]?\s?\d[\d.,–−%\s<至]*( 分| 家| 个百分点| 小时| 天| 周| 万元)?")
_BLANK = ("", "–")


@dataclass(frozen=True)
class Cell:
    """What a cell stores and how it looks; nothing stored is an empty cell."""

    value: float | str | date | None = None
    format: str = ""
    fill: str = ""

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, float | int | date)


@dataclass(frozen=True)
class Place:
    """Where a series of a chart lies in a grid: first and last cell of its values, names and own name.

    Rows count from the first row of data; the header is row −1.
    """

    series: Series
    values: tuple[int, int, int, int]
    names: tuple[int, int, int, int]
    title: tuple[int, int]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """A table: heads, rows of cells, rows set apart, and where a chart finds its series."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    highlighted: frozenset[int] = frozenset()
    totals: frozenset[int] = frozenset()
    places: tuple[Place, ...] = ()
    filters: tuple[int, ...] = field(default_factory=tuple)

    def is_right(self, column: int) -> bool:
        """Say whether a column is set to the right: it holds numbers, or texts read by their digits."""
        cells = [row[column] for row in self.rows if row[column].value not in (None, HIDDEN)]
        return bool(cells) and all(_is_figure(cell) for cell in cells)


def _is_figure(cell: Cell) -> bool:
    return cell.is_number or bool(_FIGURES.fullmatch(str(cell.value)))


def number_format(unit: str, *, decimals: int | None = None, is_signed: bool = False) -> str:
    """Write a unit as Excel's number format, with the report's true minus sign.

    >>> number_format("percent")
    '#,##0.0"%";"−"#,##0.0"%"'
    """
    known = UNITS.get(unit, Unit("", 2))
    places = known.decimals if decimals is None else decimals
    digits = "#,##0" + ("." + "0" * places if places else "")
    shown = digits + (f'"{known.suffix}"' if known.suffix else "")
    return f'"+"{shown};"−"{shown};{shown}' if is_signed else f'{shown};"−"{shown}'


def number_cell(
    value: float | None, *, unit: str, decimals: int | None = None, is_signed: bool = False
) -> Cell:
    """Store a number in a unit; one that is not zero and prints as zero shows no sign."""
    if value is None or not math.isfinite(value):
        return Cell()
    places = UNITS.get(unit, Unit("", 2)).decimals if decimals is None else decimals
    is_zero = value != 0 and not re.search("[1-9]", format_number(value, decimals=places))
    shown = number_format(unit, decimals=places, is_signed=is_signed and not is_zero)
    positive = shown.split(";")[0]
    return Cell(value, f"{positive};{positive}" if is_zero else shown)


def record_cell(record: Record) -> Cell:
    """Store a record's value so that the cell shows what the report prints."""
    if isinstance(record.value, str):
        return text_cell(record.value, is_date=record.unit == "date")
    return number_cell(float(record.value), unit=record.unit, decimals=record.decimals)


def text_cell(text: str, *, is_date: bool = False) -> Cell:
    """Store a text; a dash is an empty cell, an ISO date where one is meant a date."""
    if text in _BLANK:
        return Cell()
    if is_date and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return Cell(date.fromisoformat(text), DATE_FORMAT)
    return Cell(text)


def sentence_cell(sentence: Sequence[Mapping[str, object]], ledger: Ledger) -> Cell:
    """Store what a composed cell prints: the record's number where it is that number alone, else its text."""
    text = plain(sentence)
    key = str(sentence[0].get("key", "")) if len(sentence) == 1 else ""
    if not key or key not in ledger:
        return text_cell(text)
    record = ledger[key]
    if _same(text, record.printed):
        return record_cell(record)
    if record.n is not None and text == f"{record.n:,.0f}":
        return Cell(record.n, COUNT_FORMAT)
    return text_cell(text)


def shown(cell: Cell) -> str:
    """Write a cell as the spreadsheet shows it.

    >>> shown(number_cell(-1234.5, unit="percent"))
    '−1,234.5%'
    """
    if isinstance(cell.value, datetime):
        return f"{cell.value:%Y-%m-%d %H:%M}" if "hh" in cell.format else f"{cell.value:%Y-%m-%d}"
    if isinstance(cell.value, date):
        return cell.value.isoformat()
    if not isinstance(cell.value, float | int):
        return cell.value or ""
    sections = cell.format.split(";")
    place = 1 if cell.value < 0 else 2 if cell.value == 0 else 0
    section = sections[place] if place < len(sections) else sections[0]
    digits = re.search(r"(?:#,##)?0(?:\.(0+))?", section)
    number = format_number(abs(cell.value), decimals=len(digits[1] or ""))
    return section.replace(digits[0], number).replace('"', "")


def _same(one: str, other: str) -> bool:
    """Compare printed texts; the space between numeral and 汉字 is thin in sentences."""
    return re.sub(r"\s", "", one) == re.sub(r"\s", "", other)


# Tables of slides and details


def table_grid(table: Mapping[str, object], ledger: Ledger) -> Grid:
    """Give a slide's table, number for number."""
    rows = table["rows"]
    return Grid(
        heads=tuple(map(plain, (table["header"], *table["columns"]))),
        rows=tuple(
            (Cell(row["name"]), *(sentence_cell(cell, ledger) for cell in row["cells"])) for row in rows
        ),
        highlighted=frozenset(i for i, row in enumerate(rows) if row["is_highlighted"]),
        totals=frozenset(i for i, row in enumerate(rows) if row["is_total"]),
    )


def figures_grid(figures: Sequence[Mapping[str, object]], ledger: Ledger) -> Grid:
    """Give a slide's large figures as a table."""
    rows = tuple(
        (Cell(plain(figure["caption"])), sentence_cell(figure["value"], ledger)) for figure in figures
    )
    return Grid(("说明", "数值"), rows)


def quotes_grid(quotes: Sequence[Mapping[str, object]]) -> Grid:
    """Give a slide's quotes."""
    return Grid(("来自", "原话"), tuple((Cell(one["stratum"]), Cell(one["comment"])) for one in quotes))


def detail_grid(detail: Mapping[str, object], ledger: Ledger) -> Grid:
    """Give a long table or list of quotes whole."""
    heads = tuple(str(column["name"]) for column in detail["columns"])
    rows = tuple(tuple(sentence_cell(cell, ledger) for cell in row) for row in detail["rows"])
    return Grid(heads, rows, filters=tuple(detail["filters"]))


# What charts show


def plot_of(given: Mapping[str, object]) -> Plot:
    """Read a plot back from its plain data."""
    return Plot(**{**given, "series": tuple(Series(**one) for one in given["series"])})


def plot_grid(plot: Plot) -> Grid:
    """Give what a chart shows: categories, values with their intervals, base and notes."""
    if plot.kind == "slope":
        return _slope_grid(plot)
    if plot.kind == "scatter":
        return _scatter_grid(plot)
    if plot.kind == "gantt":
        return _gantt_grid(plot)
    return _wide_grid(plot)


def _cell_of(plot: Plot, series: Series, values: Sequence[float | None], i: int) -> Cell:
    value = values[i] if i < len(values) else None
    if value is None and values is series.values and i < len(series.texts) and series.texts[i] == HIDDEN:
        return Cell(HIDDEN)
    fill = series.colours[i] if plot.kind == "heat" and i < len(series.colours) else ""
    unit, places = series.unit or plot.unit, decimals_of(plot, series)
    if plot.kind == "waterfall" and series.name in (RISING, FALLING):
        # a length, and no amount: without unit and sign
        unit, places = "ratio", UNITS[unit].decimals if places is None else places
    cell = number_cell(value, unit=unit, decimals=places, is_signed=unit == "pp" and values is series.values)
    return Cell(cell.value, cell.format, fill)


def decimals_of(plot: Plot, series: Series) -> int | None:
    """The decimals of a series: its own, else the plot's; one in a unit of its own has that unit's (nothing)."""
    if series.decimals is not None:
        return series.decimals
    return None if series.unit and series.unit != plot.unit else plot.decimals


def _titled(plot: Plot, series: Series) -> str:
    name = plot.label if len(plot.series) == 1 and plot.label and series.name == "数值" else series.name
    return f"{name or '数值'}（作图用）" if _is_helper(plot, series) else name or "数值"


def _is_helper(plot: Plot, series: Series) -> bool:
    """Say whether a column is there for the chart only: it carries bars, or holds how long they are."""
    return series.is_hidden or (plot.kind == "waterfall" and series.name in (RISING, FALLING))


def _series_columns(plot: Plot, series: Series) -> list[tuple[str, list[Cell]]]:
    """A column of values, and two for the interval where there is one."""
    many = f"{series.name} " if len(plot.series) > 1 else ""
    parts = [(_titled(plot, series), series.values)]
    parts += [(f"{many}下限", series.low), (f"{many}上限", series.high)] if any_known(series.low) else []
    rows = range(len(plot.categories))
    return [(name, [_cell_of(plot, series, values, i) for i in rows]) for name, values in parts]


def keys_in(plot: Plot, grid: Grid) -> dict[tuple[int, int], str]:
    """Say which cells of a plot's grid have a record: (row, column) → its key."""
    found = {}
    for place in grid.places:
        top, left, bottom, right = place.values
        keys = [
            key
            for key, value in zip(place.series.keys, place.series.values, strict=False)
            if value is not None
        ]
        every = plot.kind != "scatter"  # whose rows are the known values only
        cells = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
        found |= dict(zip(cells, place.series.keys if every else keys, strict=False))
    if "n" in grid.heads and len(plot.base_keys) == len(grid.rows):
        found |= {(row, grid.heads.index("n")): key for row, key in enumerate(plot.base_keys)}
    return {cell: key for cell, key in found.items() if key}


def any_known(values: Sequence[float | None]) -> bool:
    """Say whether there is any value at all."""
    return any(value is not None for value in values)


def _more_columns(plot: Plot) -> list[tuple[str, list[Cell]]]:
    """The target, the base, notes and events, as far as the chart has them."""
    count = len(plot.categories)
    events = {place: text for place, text in plot.events}
    columns = []
    if plot.target is not None:
        columns.append((plot.target_label or "目标", [_target(plot)] * count))
    if any_known(plot.base):
        columns.append(("n", [Cell(n, COUNT_FORMAT) for n in plot.base]))
    if any(plot.notes):
        columns.append(("备注", [text_cell(text) for text in plot.notes]))
    if events:
        columns.append(("事件", [text_cell(events.get(i, "")) for i in range(count)]))
    return columns


def _target(plot: Plot) -> Cell:
    """Store the target: a day of a gantt, a share of a pareto's cumulative line, else in the plot's unit."""
    if plot.kind == "gantt":
        return Cell(date.fromisoformat(plot.origin) + timedelta(days=math.floor(plot.target)), DATE_FORMAT)
    line = next((series for series in plot.series if series.is_line and plot.kind == "pareto"), None)
    unit, decimals = (line.unit, line.decimals) if line else (plot.unit, plot.decimals)
    return number_cell(plot.target, unit=unit, decimals=decimals)


def _wide_grid(plot: Plot) -> Grid:
    """A row a category; series that only carry others stand last, and the lengths of steps that fall."""
    count = len(plot.categories)
    last = (min(count, MOST_WORDS) if plot.kind == "cloud" else count) - 1
    columns: list[tuple[str, list[Cell]]] = [("", [Cell(name) for name in plot.categories])]
    places, stored = {}, _stored_series(plot)
    helpers = [series for series in stored if _is_helper(plot, series)]
    for series in [one for one in stored if one not in helpers] + helpers:
        if helpers and series is helpers[0]:
            columns += _more_columns(plot)
        at = len(columns)
        place = Place(series, (0, at, last, at), (0, 0, last, 0), (-1, at), labels=tuple(series.texts))
        places[id(series)] = place
        columns += _series_columns(plot, series)
    columns += [] if helpers else _more_columns(plot)
    heads = ("项目", *(name for name, _ in columns[1:]))
    rows = tuple(tuple(cells[i] for _, cells in columns) for i in range(count))
    found = [places[id(series)] for series in stored]
    return Grid(heads, rows, places=(*found, *_target_place(plot, heads)))


def _stored_series(plot: Plot) -> tuple[Series, ...]:
    """The series that have a column: the plot's; where steps fall, the amounts and what a chart stacks."""
    spec = plot.as_json()
    if not has_falls(spec):
        return tuple(plot.series)
    amounts = [series for series in plot.series if not series.is_hidden]
    return (*amounts, *(Series(**one) for one in steps_of(spec)))


def _target_place(plot: Plot, heads: Sequence[str]) -> list[Place]:
    """Where a chart finds its target: a dashed line across all categories."""
    if plot.target is None or not plot.categories:
        return []
    at, last = len(heads) - 1 - heads[::-1].index(plot.target_label or "目标"), len(plot.categories) - 1
    series = Series(heads[at], (plot.target,) * len(plot.categories), is_dashed=True)
    return [Place(series, (0, at, last, at), (0, 0, last, 0), (-1, at))]


def _slope_grid(plot: Plot) -> Grid:
    """A row a series: its values side by side, then what the picture says of it, then its intervals."""
    times, has_interval = len(plot.categories), any(any_known(series.low) for series in plot.series)
    ends = [f"{name} {end}" for name in plot.categories for end in ("下限", "上限")] if has_interval else []
    rows, places = [], []
    for i, series in enumerate(plot.series):
        values = [_cell_of(plot, series, series.values, k) for k in range(times)]
        bounds = [_cell_of(plot, series, part, k) for k in range(times) for part in (series.low, series.high)]
        said = text_cell(series.texts[-1] if series.texts else "")
        rows.append((Cell(series.name), *values, said, *(bounds if ends else [])))
        places.append(Place(series, (i, 1, i, times), (-1, 1, -1, times), (i, 0)))
    heads = ("项目", *plot.categories, "图上写法", *ends)
    return Grid(heads, tuple(rows), places=tuple(places))


def _scatter_grid(plot: Plot) -> Grid:
    """A row a point, series one below the other; no column for places that stand in rows of their own."""
    rows: list[tuple[Cell, ...]] = []
    places = []
    has_interval = any(any_known(series.low) for series in plot.series)
    has_across = any(any_known(series.x) for series in plot.series)
    for series in plot.series:
        points = [i for i, value in enumerate(series.values) if value is not None]
        first, last = len(rows), len(rows) + len(points) - 1
        parts = [*([series.x] if has_across else []), series.values]
        parts += [series.low, series.high] if has_interval else []
        rows += [
            (
                Cell(plot.categories[i]),
                Cell(series.name),
                *(_cell_of(plot, series, part, i) for part in parts),
            )
            for i in points
        ]
        if points:
            labels = tuple(plot.categories[i] for i in points)
            at = 2 + has_across
            names = (first, at - 1, last, at - 1) if has_across else (first, 0, last, 0)
            places.append(Place(series, (first, at, last, at), names, (first, 1), labels=labels))
    ends = ("下限", "上限") if has_interval else ()
    across = (plot.x_label or "横轴",) if has_across else ()
    heads = ("项目", "类别", *across, plot.label or "数值", *ends)
    return Grid(heads, tuple(rows), places=tuple(places))


def _gantt_grid(plot: Plot) -> Grid:
    """A row a step: when it begins, its days (done and open ones where the plan tells them apart), notes."""
    count = len(plot.categories)
    starts = next(series for series in plot.series if series.is_hidden)
    spans = [series for series in plot.series if not series.is_hidden]
    columns = [
        ("开始", _moments(plot, starts)),
        *((series.name or "天数", _day_cells(series)) for series in spans),
        *_more_columns(plot),
    ]
    rows = tuple((Cell(plot.categories[i]), *(cells[i] for _, cells in columns)) for i in range(count))
    places = tuple(
        Place(series, (0, at, count - 1, at), (0, 0, count - 1, 0), (-1, at))
        for at, series in enumerate((starts, *spans), start=1)
    )
    return Grid(("步骤", *(name for name, _ in columns)), rows, places=places)


def _moments(plot: Plot, starts: Series) -> list[Cell]:
    """Turn days since the origin into dates, with the hour where a step begins within a day."""
    origin = datetime.fromisoformat(plot.origin)
    is_timed = any(value is not None and value % 1 for value in starts.values)
    shown_as = f"{DATE_FORMAT} hh:mm" if is_timed else DATE_FORMAT
    return [
        Cell() if value is None else Cell(origin + timedelta(minutes=round(value * 1440)), shown_as)
        for value in starts.values
    ]


def _day_cells(series: Series) -> list[Cell]:
    is_whole = all(value is None or value % 1 == 0 for value in series.values)
    return [number_cell(value, unit="days", decimals=0 if is_whole else 1) for value in series.values]

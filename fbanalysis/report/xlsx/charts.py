"""Native charts of the workbook: linked to the cells beside them, in the report's colours and font.

Kinds that a spreadsheet cannot draw as the report does stay tables.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart

from fbanalysis.report import theme
from fbanalysis.report.charts.plot import Plot, Series
from fbanalysis.report.charts.quadrants import (
    across_of,
    along_of,
    ends_across,
    heights_of,
    outer_scale,
    split_of,
    up_label,
)
from fbanalysis.report.charts.steps import FALLING, has_falls, steps_of, zero_of
from fbanalysis.report.grids import MOST_WORDS, Grid, Place, decimals_of, number_cell, number_format, shown
from fbanalysis.report.theme import text_width

WIDTH = 660
#: Heights in pixels: of a chart with columns or lines, and between those of a chart with rows.
_HEIGHT, _LEAST, _MOST = 380, 240, 980
#: A chart of more rows or series than these is not read but searched: its table does better.
_MOST_ROWS, _MOST_SERIES = 60, 24

#: A line of more points is drawn without their dots.
_MOST_MARKS = 31

#: Kind of plot → Excel's type and subtype.
_TYPES: Mapping[str, tuple[str, str]] = {
    "bar": ("bar", ""),
    "cloud": ("bar", ""),
    "keyness": ("bar", "stacked"),
    "waterfall": ("bar", "stacked"),
    "gantt": ("bar", "stacked"),
    "stacked": ("bar", "percent_stacked"),
    "diverging": ("bar", "percent_stacked"),
    "column": ("column", ""),
    "pareto": ("column", ""),
    "line": ("line", ""),
    "control": ("line", ""),
    "slope": ("line", ""),
    "dots": ("line", ""),
    "pairs": ("line", ""),
    "scatter": ("scatter", ""),
}
#: The day that Excel counts as 0.
_DAY_ZERO = date(1899, 12, 30)
#: Kinds whose points are not joined along the axis.
_UNJOINED = ("dots", "pairs", "scatter")


@dataclass(frozen=True)
class Spot:
    """The sheet on which a chart stands and the place of its data: row and column of the first cell."""

    sheet: str
    row: int
    font: str

    def area(self, cells: Sequence[int]) -> list[object]:
        """Give cells of the grid as XlsxWriter names a range."""
        first, left, last, right = cells
        return [self.sheet, self.row + first, left, self.row + last, right]

    def cell(self, at: tuple[int, int]) -> list[object]:
        """Give one cell of the grid."""
        return [self.sheet, self.row + at[0], at[1]]


def height(plot: Plot) -> int:
    """Give a chart's height: one with rows grows with them."""
    if _TYPES[plot.kind][0] != "bar":
        return _HEIGHT
    slots = len(plot.series) if plot.kind == "bar" else 1
    rows = min(len(plot.categories), MOST_WORDS) if plot.kind == "cloud" else len(plot.categories)
    return int(min(max(_LEAST, 90 + rows * (14 * slots + 12)), _MOST))


def is_drawn(plot: Plot, grid: Grid) -> bool:
    """Say whether Excel draws a plot as the report does."""
    if plot.kind not in _TYPES or not grid.rows or not grid.places:
        return False
    values = [value for series in plot.series for value in series.values if value is not None]
    rows = 0 if plot.kind == "cloud" else len(grid.rows)
    return bool(values) and rows <= _MOST_ROWS and len(plot.series) <= _MOST_SERIES


def native_chart(book: Workbook, plot: Plot, grid: Grid, spot: Spot) -> Chart:
    """Make the chart of a plot whose data stand in the cells of a grid."""
    kind, subtype = _TYPES[plot.kind]
    chart = book.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})
    above = [place for place in grid.places if place.series.is_line]
    for place in _drawn_places(plot, grid):
        chart.add_series(_series(plot, place, spot) | _placed(plot, place, grid, spot))
    if above:
        chart.combine(_lines_above(book, plot, above, spot))
    _set_axes(chart, plot, font=_font(spot))
    _set_frame(chart, plot, grid, font=_font(spot))
    return chart


def _drawn_places(plot: Plot, grid: Grid) -> list[Place]:
    """The series of the chart itself; a line cannot cross bars or columns in Excel.

    Neither the places of a scatter along its axis nor amounts whose steps fall are series themselves.
    """
    has_lines = _TYPES[plot.kind][0] == "line"
    spec = plot.as_json()
    unseen = [_along(plot)]
    unseen += [one for one in plot.series if not one.is_hidden] if has_falls(spec) else []
    return [
        place
        for place in grid.places
        if all(place.series is not one for one in unseen)
        and not place.series.is_line
        and (has_lines or not place.series.is_dashed)
    ]


def _along(plot: Plot) -> Series | None:
    """Give the series that holds a scatter's places along the horizontal axis, where there is one."""
    if plot.kind != "scatter":
        return None
    found = along_of(plot.as_json())
    return next((one for one in plot.series if found and one.name == found["name"]), None)


def _placed(plot: Plot, place: Place, grid: Grid, spot: Spot) -> dict[str, object]:
    """Say where a scatter's series finds its places along the horizontal axis, and their intervals.

    Places in a unit of their own stand in rows of their own, in the order of the points.
    """
    if plot.kind != "scatter":
        return {}
    spec, series = plot.as_json(), place.series
    ends = ends_across(spec)
    known = [i for i, value in enumerate(series.values) if value is not None]
    across = across_of(spec, next(one for one in heights_of(spec) if one["name"] == series.name))
    low, high = ([pair[side] if pair else None for pair in (ends[i] for i in known)] for side in (0, 1))
    bars = _error_bars(replace(place, series=Series("", [across[i] for i in known], low=low, high=high)))
    found: dict[str, object] = {"x_error_bars": bars} if bars else {}
    if along := _along(plot):
        rows = [i for i, value in enumerate(along.values) if value is not None]
        first, column, *_ = next(one.values for one in grid.places if one.series is along)
        found["categories"] = spot.area(
            (first + rows.index(known[0]), column, first + rows.index(known[-1]), column)
        )
    return found


def _font(spot: Spot, *, colour: str = "muted") -> dict[str, object]:
    return {"name": spot.font, "size": 9, "color": theme.COLOURS[colour], "bold": False}


def _series(plot: Plot, place: Place, spot: Spot) -> dict[str, object]:
    series = place.series
    colour = series.colour or theme.COLOURS["muted" if series.is_dashed else "accent"]
    look = (
        _mark(plot, place, colour)
        if _TYPES[plot.kind][0] in ("line", "scatter")
        else _bar(plot, place, colour)
    )
    options = {
        "name": spot.cell(place.title),
        "categories": spot.area(place.names),
        "values": spot.area(place.values),
        **look,
    }
    if bars := _error_bars(place, are_own=plot.kind == "scatter"):
        options["x_error_bars" if _TYPES[plot.kind][0] == "bar" else "y_error_bars"] = bars
    if not series.is_hidden and not series.is_dashed and (labels := _labels(plot, place, spot)):
        options["data_labels"] = labels
    return options


def _bar(plot: Plot, place: Place, colour: str) -> dict[str, object]:
    series = place.series
    gap = {"gap": 60} if plot.kind != "column" else {"gap": 50}
    if _TYPES[plot.kind][1] or _is_single(plot):
        gap["overlap"] = 100
    if series.is_hidden:
        return {"fill": {"none": True}, "border": {"none": True}, **gap}
    points = [{"fill": {"color": one}, "border": {"none": True}} for one in series.colours if one]
    has_points = len(points) == len(series.values)
    return {
        "fill": {"color": colour},
        "border": {"none": True},
        **gap,
        **({"points": points} if has_points else {}),
    }


def _is_single(plot: Plot) -> bool:
    """Say whether every category has a value in one series only: then bars need no room side by side."""
    rows = zip(*(series.values for series in plot.series), strict=True)
    return all(sum(value is not None for value in row) <= 1 for row in rows)


def _mark(plot: Plot, place: Place, colour: str) -> dict[str, object]:
    """Draw a line, a dashed line, or dots; single points keep their colour."""
    series = place.series
    line = {"color": colour, "width": 1 if series.is_dashed else 2}
    line |= {"dash_type": "dash"} if series.is_dashed else {}
    dot = {"type": "circle", "size": 7, "fill": {"color": colour}, "border": {"color": colour}}
    colours = [one for one in series.colours if one]
    points = [_dot(one, joint=colour if plot.kind not in _UNJOINED else "") for one in colours]
    return {
        "line": {"none": True} if plot.kind in _UNJOINED and not series.is_dashed else line,
        "marker": {"type": "none"} if series.is_dashed or len(series.values) > _MOST_MARKS else dot,
        **(
            {"points": points}
            if points and len(points) == len(series.values) and len(set(colours)) > 1
            else {}
        ),
    }


def _dot(colour: str, *, joint: str) -> dict[str, object]:
    return {"fill": {"color": colour}, "border": {"color": joint or colour}}


def _error_bars(place: Place, *, are_own: bool = False) -> dict[str, object]:
    """The interval around each value, where it is known; of its own points only, as a scatter's series has."""
    series = place.series
    triples = list(zip(series.values, series.low, series.high, strict=False))
    known = [one for one in triples if one[0] is not None] if are_own else triples
    if not any(low is not None and value is not None for value, low, _ in known):
        return {}
    spans = [(0, 0) if None in one else (one[2] - one[0], one[0] - one[1]) for one in known]
    return {
        "type": "custom",
        "plus_values": [max(plus, 0) for plus, _ in spans],
        "minus_values": [max(minus, 0) for _, minus in spans],
        "line": {"color": theme.COLOURS["ink"], "width": 0.75},
    }


def _labels(plot: Plot, place: Place, spot: Spot) -> dict[str, object]:
    """Values at their marks where they have room; the names of points in a scatter."""
    if plot.kind == "scatter":
        return {
            "custom": [{"value": label[:60]} for label in place.labels],
            "value": True,
            "position": "right",
            "font": _font(spot),
        }
    is_full = len(plot.categories) > 16 and _TYPES[plot.kind][0] != "bar"
    if is_full or (plot.kind in ("line", "control", "slope") and len(plot.series) > 1):
        return {}
    labels: dict[str, object] = {"value": True, "num_format": _format(plot, place), "font": _font(spot)}
    return _unsigned_zeros(_positioned(labels, plot, place, spot), plot, place)


def _positioned(labels: dict[str, object], plot: Plot, place: Place, spot: Spot) -> dict[str, object]:
    """Say where labels stand, and in which ink they are read there."""
    if _TYPES[plot.kind][0] not in ("bar", "column"):
        return {**labels, "position": "right" if plot.kind in ("dots", "pairs") else "above"}
    if _TYPES[plot.kind][1] or _error_bars(place):
        grounds = place.series.colours or [place.series.colour or theme.COLOURS["accent"]]
        inks = [theme.text_on(ground or theme.COLOURS["accent"]) for ground in grounds]
        if plot.kind in ("waterfall", "bar"):
            inks = _inks(plot, place.series)
        fonts = [{**_font(spot), "color": ink} for ink in inks]
        inside = "center" if _TYPES[plot.kind][1] else "inside_base"
        each = {"custom": [{"font": font} for font in fonts]} if len(fonts) > 1 else {}
        if plot.kind == "waterfall":
            pairs = zip(fonts, place.series.values, strict=True)
            each = {
                "custom": [{"delete": True} if value is None else {"font": font} for font, value in pairs]
            }
        return {**labels, "position": inside, "font": fonts[0], **each}
    return {**labels, "position": "outside_end"}


def _unsigned_zeros(labels: dict[str, object], plot: Plot, place: Place) -> dict[str, object]:
    """Write labels by hand that print as zero and are not: the format would give them a sign."""
    series = place.series
    unit, decimals = series.unit or plot.unit, decimals_of(plot, series)
    is_signed = unit == "pp" or _is_falling(plot, series)
    texts = {
        i: shown(number_cell(value, unit=unit, decimals=decimals))
        for i, value in enumerate(series.values)
        if value and (value < 0 or is_signed)
    }
    written = {i: text for i, text in texts.items() if not re.search("[1-9]", text)}
    if not written:
        return labels
    custom = list(labels.get("custom", [None] * len(series.values)))
    for i, text in written.items():
        custom[i] = {"font": labels["font"], **(custom[i] or {}), "value": text}
    return {**labels, "custom": custom}


def _inks(plot: Plot, series: Series) -> list[str]:
    """Write in a bar in what is read on it; a label that its bar does not hold runs over the ground, and is dark."""
    unit, decimals = series.unit or plot.unit, decimals_of(plot, series)
    grounds = series.colours or [series.colour] * len(series.values)
    pixel = _reach_of_bars(plot) / (0.7 * WIDTH)
    inks = []
    for value, ground in zip(series.values, grounds, strict=True):
        room = text_width(shown(number_cell(value or 0.0, unit=unit, decimals=decimals)), 12) + 12
        is_held = abs(value or 0.0) > room * pixel
        inks.append(theme.text_on(ground or theme.COLOURS["accent"]) if is_held else theme.COLOURS["ink"])
    return inks


def _reach_of_bars(plot: Plot) -> float:
    """How much the axis of values spans: from zero, or what lies below it, to the end of the longest bar."""
    if plot.kind == "waterfall":
        rows = zip(*(one["values"] for one in steps_of(plot.as_json())), strict=True)
        return max([1e-9, *(sum(value or 0.0 for value in row) for row in rows)])
    ends = [end for one in plot.series for end in (*one.values, *one.low, *one.high) if end is not None]
    return max(1e-9, *ends) - min(0.0, *ends)


def _format(plot: Plot, place: Place) -> str:
    """Print marks in their unit; a part of nothing has no label."""
    unit = "days" if plot.kind == "gantt" else place.series.unit or plot.unit
    decimals = plot.decimals if place.series.decimals is None else place.series.decimals
    shown = number_format(unit, decimals=decimals, is_signed=unit == "pp")
    if _is_falling(plot, place.series):
        falling = shown.split(";")[1]  # the cells hold how far it falls
        return f"{falling};{falling};"
    return f"{shown};" if _TYPES[plot.kind][1] and shown.count(";") == 1 else shown


def _is_falling(plot: Plot, series: Series) -> bool:
    return series.name == FALLING and has_falls(plot.as_json())


def _lines_above(book: Workbook, plot: Plot, places: Sequence[Place], spot: Spot) -> Chart:
    """The lines of a combined chart, on an axis of their own."""
    chart = book.add_chart({"type": "line"})
    for place in places:
        colour = place.series.colour or theme.COLOURS["ink"]
        chart.add_series(
            {
                "name": spot.cell(place.title),
                "categories": spot.area(place.names),
                "values": spot.area(place.values),
                "y2_axis": True,
                "line": {"color": colour, "width": 2},
                "marker": {
                    "type": "circle",
                    "size": 6,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                },
            }
        )
    ends = {"min": 0, "max": 100} if plot.kind == "pareto" else {}
    chart.set_y2_axis(
        {"num_font": _font(spot), "num_format": _format(plot, places[0]), "line": {"none": True}, **ends}
    )
    return chart


def _set_axes(chart: Chart, plot: Plot, *, font: Mapping[str, object]) -> None:
    """Set the axes in grey with hair lines; rows read from the top, bars begin at zero."""
    grid = {"visible": True, "line": {"color": theme.COLOURS["muted_tint"], "width": 0.75}}
    rule = {"color": theme.COLOURS["rule"]}
    first = plot.series[0]
    shown = number_format(first.unit or plot.unit, decimals=0 if plot.unit == "percent" else plot.decimals)
    values = {"num_font": font, "num_format": shown, "line": {"none": True}, "major_gridlines": grid}
    values |= {"name": plot.label, "name_font": font} if plot.label else {}
    values |= _whole(plot)
    names = {"num_font": font, "line": rule, "major_tick_mark": "none", "major_gridlines": {"visible": False}}
    if plot.kind == "gantt":
        values |= {"num_format": "yyyy-mm-dd", "min": (date.fromisoformat(plot.origin) - _DAY_ZERO).days}
    if plot.kind in ("stacked", "diverging"):
        values |= {"num_format": "0%"}
    if plot.kind == "waterfall" and (zero := zero_of(plot.as_json())):
        # the bars were moved, and the axis' own numbers would be wrong
        values |= {"crossing": zero, "label_position": "none", "major_gridlines": {"visible": False}}
    if _TYPES[plot.kind][0] == "bar":
        # read from the top, with the axis of values at the foot
        chart.set_y_axis({**names, "reverse": True, "crossing": "max", "label_position": "low"})
        chart.set_x_axis(values)
    elif plot.kind == "scatter":
        _set_scatter_axes(chart, plot, values, font=font)
    else:
        chart.set_x_axis({**names, "label_position": "low"})
        chart.set_y_axis(values)


def _set_scatter_axes(
    chart: Chart, plot: Plot, values: Mapping[str, object], *, font: Mapping[str, object]
) -> None:
    """Set both axes of a scatter; where it has fields, the axes cross where these meet."""
    across = {**values, "name": plot.x_label, "name_font": font}
    if along := _along(plot):
        across |= {"num_format": number_format(along.unit, decimals=along.decimals)}
        across.pop("max", None)
        values = {**values, "name": up_label(plot.as_json()), "name_font": font}
    if split := split_of(plot.as_json()):
        line = {"line": {"color": theme.COLOURS["muted"]}, "label_position": "low", "major_tick_mark": "none"}
        (left, right), (low, high) = _reach(plot)
        across |= {"crossing": split[0], "min": left, "max": right, **line}
        values = {**values, "crossing": split[1], "min": low, "max": high, **line}
    chart.set_x_axis(across)
    chart.set_y_axis(values)


def _reach(plot: Plot) -> tuple[tuple[float, float], tuple[float, float]]:
    """Give low and high of both axes of a scatter with fields: round numbers around all that is drawn."""
    spec, along, split = plot.as_json(), _along(plot), split_of(plot.as_json())
    shown = heights_of(spec)
    across = [x for one in shown for x in across_of(spec, one)] + [
        end for ends in ends_across(spec) if ends for end in ends
    ]
    up = [end for one in shown for part in ("values", "low", "high") for end in one[part]]
    units = (along.unit if along else plot.unit, plot.unit)
    return tuple(
        outer_scale(values, split=at, unit=unit)[:2]
        for values, at, unit in zip((across, up), split, units, strict=True)
    )


def _whole(plot: Plot) -> dict[str, object]:
    """End an axis of percentages at 100 where values come near it."""
    ends = [end for series in plot.series for end in (*series.values, *series.high) if end is not None]
    is_near = plot.unit == "percent" and not _TYPES[plot.kind][1] and ends and 80 < max(ends) <= 100
    return {"max": 100} if is_near else {}


def _set_frame(chart: Chart, plot: Plot, grid: Grid, *, font: Mapping[str, object]) -> None:
    """Leave out frame and title (the message stands above); a legend only where series need names."""
    chart.set_title({"none": True})
    chart.set_chartarea({"border": {"none": True}, "fill": {"color": theme.COLOURS["ground"]}})
    places = [*_drawn_places(plot, grid), *(place for place in grid.places if place.series.is_line)]
    hidden = [i for i, place in enumerate(places) if place.series.is_hidden]
    if len(places) - len(hidden) > 1 and plot.kind != "waterfall":
        chart.set_legend({"position": "top", "font": font, "delete_series": hidden})
    else:
        chart.set_legend({"none": True})
    chart.set_size({"width": WIDTH, "height": height(plot)})
    chart.show_blanks_as("gap")
    if plot.kind == "pairs":
        chart.set_high_low_lines({"line": {"color": theme.COLOURS["faint"], "width": 1.5}})

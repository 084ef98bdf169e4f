"""Native charts of points: dots with intervals in rows, pairs, words on either side of zero, scatters.

They are XY charts; rows are numbered upward from the last, and names are labels of a series without marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fbanalysis.report import theme
from fbanalysis.report.charts.canvas import limits, value_scale
from fbanalysis.report.charts.placing import around
from fbanalysis.report.charts.quadrants import (
    FIELDS,
    UNSURE,
    across_of,
    along_of,
    ends_across,
    heights_of,
    outer_scale,
    split_of,
    up_label,
)
from fbanalysis.report.pptx.bars import (
    Spec,
    add_bases,
    colour_at,
    colour_of,
    ends_of,
    gutter_for,
    names_of,
    row_size,
    text_of,
)
from fbanalysis.report.pptx.parts import (
    Axis,
    Column,
    Data,
    Frame,
    Label,
    Native,
    Node,
    flag,
    heading,
    labels,
    line_look,
    look,
    marker,
    node,
    number_format,
    numbers,
    stroke,
)
from fbanalysis.report.pptx.units import Box
from fbanalysis.report.theme import text_width, wrapped

_X, _Y = 211, 212
_SPACE = 0.26  # of the size: a no-break space in most typefaces
_SMALL = 13


@dataclass(frozen=True)
class Rows:
    """Where rows stand: their names, the size of texts, and the inner plot area in pixels."""

    names: Sequence[str]
    size: float
    gutter: float
    width: float
    top: float
    box: Box
    scale: tuple[float, float]

    @property
    def count(self) -> int:
        return len(self.names)

    @property
    def pixel(self) -> float:
        """What one pixel is on the value axis."""
        return (self.scale[1] - self.scale[0]) / self.width

    @property
    def heights(self) -> list[float]:
        """The place of each row on the vertical axis; the first is on top."""
        return [float(self.count - i) for i in range(self.count)]

    @property
    def frame(self) -> Frame:
        wide, high = self.box.width, self.box.height
        return Frame(self.gutter / wide, self.top / high, self.width / wide, 1 - (self.top + 4) / high)

    def axes(self) -> list[Node]:
        """Build the hidden axes."""
        low, high = self.scale
        return [
            Axis("val", _X, _Y, "b", scale=(low, high), is_hidden=True, crossing=0, is_between=False).node(),
            Axis(
                "val",
                _Y,
                _X,
                "l",
                scale=(0.5, self.count + 0.5),
                is_hidden=True,
                crossing=low,
                is_between=False,
            ).node(),
        ]


@dataclass(frozen=True)
class Points:
    """One XY series: the columns of its places, and how it looks."""

    x: Column
    y: Column
    name: Column
    line: Node | None = None
    mark: Node | None = None
    points: Sequence[Node] = ()
    shown: Mapping[int, Label] | None = None
    error: Node | None = None

    def node(self, place: int) -> Node:
        """Build the series."""
        return node(
            "ser",
            *heading(place, self.name),
            line_look(stroke() if self.line is None else self.line),
            marker() if self.mark is None else self.mark,
            *self.points,
            labels(self.shown or {}, count=len(self.x.values)),
            self.error,
            numbers("xVal", self.x),
            numbers("yVal", self.y),
            flag("smooth", False),
        )


def _group(series: Sequence[Points]) -> Node:
    made = [one.node(place) for place, one in enumerate(series)]
    ids = [flag("axId", _X), flag("axId", _Y)]
    return node("scatterChart", flag("scatterStyle", "lineMarker"), flag("varyColors", False), *made, *ids)


def _name_points(rows: Rows, data: Data, y: Column, *, at: float | None = None) -> Points:
    """Write the names of rows in front of them."""
    # a little inside the axis: LibreOffice leaves out points that rounding puts outside
    place = rows.scale[0] + rows.pixel * 0.05 if at is None else at
    column = data.add("（名称位置）", [place] * rows.count)
    shown = {
        i: Label(
            wrapped(name, size=rows.size, width=rows.gutter - 10, lines=2) if name else ["–"],
            position="l",
            size=rows.size,
            align="r",
        )
        for i, name in enumerate(rows.names)
    }
    return Points(column, y, column, shown=shown)


def _segments(
    name: str, ends: Sequence[tuple[float, float, float, float]], data: Data, line: Node, *, rows: int = 0
) -> Points:
    """Draw separate lines from (x, y) to (x, y) as one series: an empty point divides them.

    Error bars would say the same, but LibreOffice does not draw horizontal ones of given lengths.
    """
    across = [place for x, _, end, _ in ends for place in (x, end, end)]
    up = [place for _, y, _, end in ends for place in (y, end, None)]
    rest = max(rows - len(up), 0)
    x = data.add(name, across + across[-1:] * rest)
    y = data.add(f"（{name} 行）", up + [None] * rest)
    return Points(x, y, x, line=line)


def _target(rows: Rows, plot: Spec, data: Data) -> list[Points]:
    """Draw the target as a line across all rows with its name on top."""
    if plot["target"] is None:
        return []
    name, place = str(plot["target_label"] or "目标"), plot["target"]
    drawn = _segments(
        name, [(place, 0.51, place, rows.count + 0.49)], data, stroke(theme.COLOURS["ink"], 1.2)
    )
    shown = {1: Label([name], position="t", size=_SMALL, colour=theme.COLOURS["muted"])}
    return [replace(drawn, shown=shown)]


def _interval_points(series: Spec, heights: Sequence[float], data: Data, *, width: float) -> list[Points]:
    """Draw the intervals as broad light lines, a series each colour."""
    spans: dict[str, list[tuple[float, float, float, float]]] = {}
    for i, y in enumerate(heights):
        ends = ends_of(series, i)
        if ends:
            spans.setdefault(colour_at(series, i), []).append((ends[0], y, ends[1], y))
    many = len(spans) > 1
    return [
        _segments(
            f"（{series['name']} 区间{i if many else ''}）",
            ends,
            data,
            stroke(colour, width, alpha=30),
        )
        for i, (colour, ends) in enumerate(spans.items(), start=1)
    ]


def _stems(plot: Spec, heights: Sequence[float], data: Data) -> list[Points]:
    """Hang each dot on the target by a line, a series each colour."""
    stems: dict[str, list[tuple[float, float, float, float]]] = {}
    for one in plot["series"] if plot["is_from_target"] else ():
        for i, (value, y) in enumerate(zip(one["values"], heights, strict=True)):
            if value is not None:
                stems.setdefault(colour_at(one, i), []).append((plot["target"], y, value, y))
    return [
        _segments(f"（到目标{i}）", ends, data, stroke(colour, 2.4, cap="flat"))
        for i, (colour, ends) in enumerate(stems.items(), start=1)
    ]


def _grounds(plot: Spec, rows: Rows, data: Data) -> list[Points]:
    """Shade neighbouring rows that share one ground, by a line as broad as they are high."""
    (low, high), thick = rows.scale, (rows.box.height - rows.top - 4) / rows.count
    return [
        _segments(
            f"（底色{i}）",
            [(low, rows.count - (first + last) / 2, high, rows.count - (first + last) / 2)],
            data,
            # see-through: PowerPoint draws later series on top, LibreOffice earlier ones
            stroke(theme.COLOURS["muted"], thick * (last - first + 0.88), cap="flat", alpha=12),
        )
        for i, (first, last) in enumerate(plot["bands"], start=1)
    ]


def _dot_points(series: Spec, usual: str, *, size: float) -> list[Node]:
    return [
        node(
            "dPt",
            flag("idx", i),
            marker(colour, size=size),
            flag("bubble3D", False),
            # PowerPoint reads the mark's colour; LibreOffice that of the point's line, which nobody sees
            look(colour, stroke(colour, alpha=0)),
        )
        for i, colour in enumerate(series["colours"])
        if colour and colour != usual
    ]


# Dots


def dots(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw a dot with its interval in each row, labelled beyond the interval."""
    data, series = Data(), plot["series"]
    rows = _rows(plot, box, top=28 if plot["target"] is not None else 2, side=_dot_side)
    y = _begin(plot, rows, data)
    drawn = []
    for one in series:
        drawn += _interval_points(one, y.values, data, width=min(9.0, box.height / rows.count * 0.4))
    drawn += [*_stems(plot, y.values, data), *_grounds(plot, rows, data)]
    for one in series:
        x = data.add(str(one["name"]), one["values"])
        ink = colour_of(one)
        shown = _beyond(plot, one, rows)
        points = _dot_points(one, ink, size=9)
        drawn.append(Points(x, y, x, mark=marker(ink, size=9), points=points, shown=shown))
    # never first: LibreOffice loses a first series that is shorter than the others
    drawn += [*_target(rows, plot, data), _name_points(rows, data, y)]
    has_legend = len(series) > 1
    unnamed = [i for i, one in enumerate(drawn) if one.name.name.startswith("（")]
    native = Native([_group(drawn), *rows.axes()], rows.frame, data, font, has_legend, unnamed=unnamed)
    return [(native, box)]


def _begin(plot: Spec, rows: Rows, data: Data) -> Column:
    """Begin the workbook: names, where their rows stand, and bases."""
    data.add("类别", rows.names)
    y = data.add("（行）", rows.heights)
    add_bases(data, plot)
    return y


def _base_text(plot: Spec, place: int) -> str:
    base = plot["base"][place] if plot["base"] and plot["is_base_shown"] else None
    return "" if base is None else f"n = {base:,}"


def _away(pixels: float, size: float) -> str:
    """Blanks as wide as a number of pixels: ideographic spaces are as wide as the size in every typeface."""
    whole, rest = divmod(max(pixels, 0) + 0.4 * size, size)
    return "\u3000" * int(whole) + "\u00a0" * (round(rest / (size * _SPACE)) + 1)


def _is_left(plot: Spec, value: float) -> bool:
    """A label stands on the far side of the target."""
    return plot["target"] is not None and value < plot["target"]


def _dot_side(plot: Spec, size: float) -> list[tuple[float, float, float, float]]:
    extents = []
    for one in plot["series"]:
        for i, value in enumerate(one["values"]):
            if value is not None:
                low, high = ends_of(one, i) or (value, value)
                room = text_width(text_of(one, i, plot) + _base_text(plot, i), size) + 40
                extents.append((low, high, *((room, 8) if _is_left(plot, value) else (8, room))))
    if plot["target"] is not None:
        half = text_width(str(plot["target_label"]), _SMALL) / 2
        extents.append((plot["target"], plot["target"], half, half))
    return extents


def _rows(plot: Spec, box: Box, *, top: float, side: object, right: float = 0) -> Rows:
    names = names_of(plot)
    size = row_size(len(names), box.height)
    gutter = gutter_for(names, size, width=box.width)
    width = box.width - gutter - 6 - right
    scale = limits(side(plot, size), width=width)
    return Rows(names, size, gutter, width, top, box, scale)


def _beyond(plot: Spec, series: Spec, rows: Rows) -> dict[int, Label]:
    """Labels beyond the ends of the intervals."""
    shown = {}
    for i, value in enumerate(series["values"]):
        text = text_of(series, i, plot)
        if value is None or not text:
            continue
        low, high = ends_of(series, i) or (value, value)
        is_left = _is_left(plot, value)
        spaces = _away((value - low if is_left else high - value) / rows.pixel, rows.size)
        shown[i] = Label(
            [text + spaces if is_left else spaces + text],
            position="l" if is_left else "r",
            size=rows.size,
            colour=theme.readable(colour_at(series, i)),
            more=_base_text(plot, i),
            is_mirrored=is_left,
        )
    return shown


# Pairs


def pairs(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Join the value before and after in each row; changes stand at the right."""
    data = Data()
    before, after = plot["series"][0], plot["series"][1]
    notes = [str(note) for note in plot["notes"]] or [""] * len(names_of(plot))
    right = max(text_width(note, _SMALL) for note in notes) + 20 if any(notes) else 0
    rows = _rows(plot, box, top=36, side=_pair_side, right=right)
    y = _begin(plot, rows, data)
    starts, ends = (data.add(str(one["name"]), one["values"]) for one in (before, after))
    drawn = [_joined(before, after, y.values, data)]
    for one, column in ((before, starts), (after, ends)):
        ink = colour_of(one)
        shown = _outside(plot, one, before, after, rows)
        points = _dot_points(one, ink, size=9)
        mark = marker(ink, size=9)
        drawn.append(Points(column, y, column, mark=mark, points=points, shown=shown))
    drawn.append(_name_points(rows, data, y))
    drawn += _change_points(notes, after, rows, data, y)
    unnamed = [i for i, one in enumerate(drawn) if one.name.name.startswith("（")]
    native = Native([_group(drawn), *rows.axes()], rows.frame, data, font, has_legend=True, unnamed=unnamed)
    return [(native, box)]


def _pair_side(plot: Spec, size: float) -> list[tuple[float, float, float, float]]:
    first, second = plot["series"][0], plot["series"][1]
    extents = []
    for i, both in enumerate(zip(first["values"], second["values"], strict=True)):
        known = [value for value in both if value is not None]
        room = max(text_width(text_of(one, i, plot), size) for one in (first, second)) + 20
        if known:
            extents.append((min(known), max(known), room, room))
    return extents


def _joined(before: Spec, after: Spec, heights: Sequence[float], data: Data) -> Points:
    """Draw the lines between the two points."""
    pairs_of = zip(before["values"], after["values"], heights, strict=True)
    ends = [(a, y, b, y) for a, b, y in pairs_of if a is not None and b is not None]
    return _segments("（连线）", ends, data, stroke(theme.COLOURS["faint"], 1.8))


def _outside(plot: Spec, one: Spec, before: Spec, after: Spec, rows: Rows) -> dict[int, Label]:
    """Labels on the outer side of each pair."""
    shown = {}
    for i, value in enumerate(one["values"]):
        other = (after if one is before else before)["values"][i]
        if value is None:
            continue
        is_left = other is not None and (value < other or (value == other and one is before))
        ink = theme.COLOURS["muted"] if one is before else theme.readable(colour_at(one, i))
        text = text_of(one, i, plot)
        line = text + "\u00a0" if is_left else "\u00a0" + text
        shown[i] = Label([line], position="l" if is_left else "r", size=rows.size, colour=ink)
    return shown


def _change_points(notes: Sequence[str], after: Spec, rows: Rows, data: Data, y: Column) -> list[Points]:
    if not any(notes):
        return []
    column = data.add("（变化）", [rows.scale[1] - rows.pixel * 0.05] * rows.count)
    shown = {
        i: Label([note], position="r", size=_SMALL, colour=theme.readable(colour_at(after, i)), align="l")
        for i, note in enumerate(notes)
        if note
    }
    return [Points(column, y, column, shown=shown)]


# Words on either side of zero


def keyness(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw each word's dot on its side of zero, with its name at the outer end of the interval."""
    data, series = Data(), plot["series"]
    ranks = _ranks(plot)
    count = max(ranks, default=1) + 1
    size = min(row_size(count, box.height - 60), 15)
    width = box.width - 8
    scale = limits(_word_extents(plot, size) or [(-1, 1, 0, 0)], width=width)
    rows = Rows([""] * count, size, 2, width, 34, box, scale)
    data.add("词", names_of(plot))
    y = data.add("（行）", [float(count - rank) for rank in ranks])
    add_bases(data, plot)
    zero = _segments("（零线）", [(0, 0.51, 0, count + 0.49)], data, stroke(theme.COLOURS["ink"], 1.2))
    drawn = []
    for one in series:
        drawn += _interval_points(one, y.values, data, width=min(9.0, box.height / count * 0.4))
    for one in series:
        x = data.add(str(one["name"]), one["values"])
        mark = marker(colour_of(one), size=8)
        drawn.append(
            Points(
                x,
                y,
                x,
                mark=mark,
                points=_dot_points(one, colour_of(one), size=8),
                shown=_words(plot, one, rows),
            )
        )
    drawn.append(zero)
    frame = Frame(4 / box.width, 34 / box.height, width / box.width, 1 - (34 + 62) / box.height)
    unnamed = [i for i, one in enumerate(drawn) if one.name.name.startswith("（")]
    axes = [_value_axis(plot, scale), rows.axes()[1]]
    return [(Native([_group(drawn), *axes], frame, data, font, has_legend=True, unnamed=unnamed), box)]


def _ranks(plot: Spec) -> list[int]:
    """The row of each word: the strongest of each side stand in the first."""
    seen = [0] * len(plot["series"])
    ranks = []
    for i in range(len(names_of(plot))):
        side = next((s for s, one in enumerate(plot["series"]) if one["values"][i] is not None), 0)
        ranks.append(seen[side])
        seen[side] += 1
    return ranks


def _word_extents(plot: Spec, size: float) -> list[tuple[float, float, float, float]]:
    extents = []
    for one in plot["series"]:
        for i, value in enumerate(one["values"]):
            if value is not None:
                low, high = ends_of(one, i) or (value, value)
                room = text_width(names_of(plot)[i], size) + 30
                extents.append((min(low, 0), max(high, 0), *((room, 0) if value < 0 else (0, room))))
    return extents


def _words(plot: Spec, series: Spec, rows: Rows) -> dict[int, Label]:
    shown = {}
    for i, value in enumerate(series["values"]):
        if value is None:
            continue
        low, high = ends_of(series, i) or (value, value)
        spaces = _away((value - low if value < 0 else high - value) / rows.pixel, rows.size)
        word = names_of(plot)[i]
        line = word + spaces if value < 0 else spaces + word
        ink = theme.readable(colour_at(series, i))
        shown[i] = Label([line], position="l" if value < 0 else "r", size=rows.size, colour=ink)
    return shown


def _value_axis(plot: Spec, scale: tuple[float, float]) -> Node:
    """Build the axis below the words, with the words' scale."""
    muted = theme.COLOURS["muted"]
    *_, ticks = value_scale(scale, unit="pp")
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1
    low = round(scale[0] / step - 0.499999) * step
    digits = number_format("", 0 if step >= 1 else 1)
    code = f"{digits};−{digits};0"
    title = str(plot["label"])
    look = {"size": 13, "colour": muted, "title": title, "code": code, "crossing": 0, "is_between": False}
    return Axis("val", _X, _Y, "b", scale=(low, scale[1]), unit=step, **look).node()


# Scatter

_FIELD_SIZE = 17
#: Where labels of a scatter may stand, the best first: the side as Office calls it, and pixels down from there.
_SIDES = (
    ("r", 0),
    ("l", 0),
    ("t", 0),
    ("b", 0),
    *((side, down) for down in (-13, 13, -26, 26) for side in "rl"),
)
#: Left, top, right, bottom in pixels.
Place = tuple[float, float, float, float]


@dataclass(frozen=True)
class Field:
    """The plot area of a scatter in pixels, the height of the chart, and the scale of either axis with its step."""

    width: float
    height: float
    whole: float
    across: tuple[float, float, float]
    up: tuple[float, float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Find the pixel of a point, from the top left of the plot area."""
        (left, right, _), (low, high, _) = self.across, self.up
        return (x - left) / (right - left) * self.width, (high - y) / (high - low) * self.height


def scatter(plot: Spec, box: Box, font: str) -> list[tuple[Native, Box]]:
    """Draw points at (x, value), each with its name; with intervals, and fields where the plot has them."""
    data, shown = Data(), heights_of(plot)
    data.add("类别", names_of(plot))
    add_bases(data, plot)
    has_legend = len(shown) > 1
    keys = sum(text_width(str(one["name"]), 14) + 40 for one in shown)
    top = (34 if keys < 0.6 * box.width else 58) if has_legend else 8
    frame = Frame(62 / box.width, top / box.height, 1 - 150 / box.width, 1 - (top + 62) / box.height)
    split = split_of(plot)
    scales = (_reach(plot, "x", split), _reach(plot, "values", split))
    room = Field(box.width - 150, box.height - top - 62, box.height, *scales)
    drawn = [bar for one in shown for bar in _crosses(plot, one, data)]
    drawn += _field_names(plot, room, data)
    placed = _named_places(plot, shown, room)
    for one in shown:
        x = data.add(f"{one['name']} {plot['x_label'] or 'x'}", across_of(plot, one))
        y = data.add(str(one["name"]), one["values"])
        ink = colour_of(one)
        named = {i: label for (name, i), label in placed.items() if name == one["name"]}
        points = _dot_points(one, ink, size=9)
        drawn.append(Points(x, y, y, mark=_scatter_mark(one, ink), points=points, shown=named))
    unnamed = [i for i, one in enumerate(drawn) if one.name.name.startswith("（")]
    content = [_group(drawn), *_scatter_axes(plot, room, split)]
    return [(Native(content, frame, data, font, has_legend, unnamed=unnamed), box)]


def _scatter_mark(series: Spec, ink: str) -> Node:
    """Draw a round mark, pale where it isn't sure to which field the points belong."""
    if not str(series["name"]).endswith(UNSURE):
        return marker(ink, size=9)
    return node(
        "marker",
        flag("symbol", "circle"),
        flag("size", 9),
        look(theme.tint(ink, strength=0.25), stroke(ink, 1.8)),
    )


def _crosses(plot: Spec, series: Spec, data: Data) -> list[Points]:
    """Draw the intervals of points, upward and across, as broad light lines: a series each way and colour."""
    flat = ends_across(plot)
    spans: dict[tuple[str, str], list[tuple[float, float, float, float]]] = {}
    for i, (x, y) in enumerate(zip(across_of(plot, series), series["values"], strict=True)):
        if x is None or y is None:
            continue
        if ends := ends_of(series, i):
            spans.setdefault(("纵", colour_at(series, i)), []).append((x, ends[0], x, ends[1]))
        if ends := flat[i]:
            spans.setdefault(("横", colour_at(series, i)), []).append((ends[0], y, ends[1], y))
    # as long as the longest: LibreOffice loses series that are shorter than the first
    full = len(series["values"])
    return [
        _segments(
            f"（{series['name']} {way}向区间{i}）", ends, data, stroke(colour, 5, alpha=30), rows=3 * full
        )
        for i, ((way, colour), ends) in enumerate(spans.items(), start=1)
    ]


def _field_names(plot: Spec, room: Field, data: Data) -> list[Points]:
    """Write the names of the fields into the corners of the plot area."""
    if not plot["events"]:
        return []
    (left, right, _), (low, high, _) = room.across, room.up
    inset = 18 / room.height * (high - low)
    corners = [FIELDS[place] for place, _ in plot["events"]]
    # a little inside the axis: LibreOffice leaves out points that rounding puts outside
    edge = (right - left) * 0.001
    x = data.add("（区域横）", [right - edge if at[0] else left + edge for at in corners])
    y = data.add("（区域）", [high - inset if at[1] else low + inset for at in corners])
    shown = {
        i: Label([str(text)], position="l" if at[0] else "r", size=_FIELD_SIZE, colour=theme.COLOURS["muted"])
        for i, (at, (_, text)) in enumerate(zip(corners, plot["events"], strict=True))
    }
    return [Points(x, y, y, shown=shown)]


def _named_places(plot: Spec, shown: Sequence[Spec], room: Field) -> dict[tuple[str, int], Label]:
    """Write each point's name on the side where it meets no other name, mark or interval."""
    marks = [
        (one, i, room.at(x, y))
        for one in shown
        for i, (x, y) in enumerate(zip(across_of(plot, one), one["values"], strict=True))
        if x is not None and y is not None
    ]
    walls = [*around([at for *_, at in marks], reach=6), *_corner_boxes(plot, room)]
    soft = [box for one, i, _ in marks for box in _cross_boxes(plot, one, i, room)]
    if split := split_of(plot):
        x, y = room.at(*split)
        soft += [(x - 1, 0, x + 1, room.height), (0, y - 1, room.width, y + 1)]
    found = {}
    for one, i, at in marks:
        text = str((one["texts"] or names_of(plot))[i])
        side, down, taken = _side(at, text_width(text, _SMALL) + 4, walls, soft, room)
        walls.append(taken)
        line = text + "\u00a0" if side == "l" else "\u00a0" + text if side == "r" else text
        ink = theme.readable(colour_at(one, i))
        shift = (0, down / room.whole)
        found[str(one["name"]), i] = Label([line], position=side, size=_SMALL, colour=ink, shift=shift)
    return found


def _side(
    at: tuple[float, float], wide: float, walls: Sequence[Place], soft: Sequence[Place], room: Field
) -> tuple[str, float, Place]:
    """Choose where beside a mark a label covers least: the side, how far down from it, and the box taken."""
    found = []
    for place, (side, down) in enumerate(_SIDES):
        right, under = {"r": (1, 0), "l": (-1, 0), "t": (0, -1), "b": (0, 1)}[side]
        left, top = at[0] + right * 8 + (right - 1) * wide / 2, at[1] + under * 17 - 9 + down
        box = (left, top, left + wide, top + 18)
        outside = box[0] < 0 or box[1] < 0 or box[2] > room.width + 70 or box[3] > room.height
        cost = 100 * outside + 10 * sum(_meets(box, wall) for wall in walls)
        found.append((cost + sum(_meets(box, one) for one in soft), place, side, down, box))
    return min(found)[2:]


def _meets(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _corner_boxes(plot: Spec, room: Field) -> list[Place]:
    boxes = []
    for place, text in plot["events"]:
        right, up = FIELDS[place]
        wide = text_width(str(text), _FIELD_SIZE) + 10
        left, top = (room.width - wide) * right, 6 if up else room.height - 30
        boxes.append((left, top, left + wide, top + 24))
    return boxes


def _cross_boxes(plot: Spec, series: Spec, i: int, room: Field) -> list[Place]:
    x, y = across_of(plot, series)[i], series["values"][i]
    lines = []
    if ends := ends_of(series, i):
        lines.append(((x, ends[1]), (x, ends[0])))
    if ends := ends_across(plot)[i]:
        lines.append(((ends[0], y), (ends[1], y)))
    boxes = []
    for start, end in lines:
        (left, top), (right, bottom) = room.at(*start), room.at(*end)
        boxes.append((left - 3, top - 3, right + 3, bottom + 3))
    return boxes


def _reach(plot: Spec, part: str, split: tuple[float, float] | None) -> tuple[float, float, float]:
    """Give low, high and step of an axis."""
    shown, own = heights_of(plot), along_of(plot)
    if part == "x":
        known = [v for one in shown for v in across_of(plot, one)]
        known += [end for ends in ends_across(plot) if ends for end in ends]
    else:
        known = [v for one in shown for v in (*one["values"], *(one["low"] or ()), *(one["high"] or ()))]
    known = [v for v in known if v is not None] or [0.0, 1.0]
    if split is not None:
        unit = own["unit"] if own and part == "x" else plot["unit"]
        return outer_scale(known, split=split[part == "values"], unit=str(unit))
    low, high, ticks = value_scale(known, unit="")
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    low = min(ticks[0], low) if low == ticks[0] else ticks[0] - step
    return low, max(high, ticks[-1]), step


def _scatter_axes(plot: Spec, room: Field, split: tuple[float, float] | None) -> list[Node]:
    """Build the axes; where fields meet at a split, they cross there, with their numbers at the edge."""
    own, first = along_of(plot), heights_of(plot)[0]
    plain = str(plot["unit"]) if split else ""
    units = {"x": str(own["unit"]) if own else plain, "values": str(first["unit"] or plot["unit"])}
    titles = {"x": str(plot["x_label"]), "values": up_label(plot)}
    axes = []
    for part, number, other, side, at in (("x", _X, _Y, "b", 0), ("values", _Y, _X, "l", 1)):
        low, high, step = (room.across, room.up)[at]
        decimals = next((i for i in range(4) if abs(round(step, i) - step) < 1e-9), 4)
        axes.append(
            Axis(
                "val",
                number,
                other,
                side,
                scale=(low, high),
                unit=step,
                grid=theme.COLOURS["rule"],
                code=number_format("percent" if units[part] == "percent" else "", decimals),
                size=13,
                colour=theme.COLOURS["muted"],
                title=titles[part],
                has_line=split is not None,
                crossing="min" if split is None else split[1 - at],
                is_between=False,
            ).node()
        )
    return axes

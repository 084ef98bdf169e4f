"""Where things stand on a slide, and at which size they fit: one set of measures for every format.

All lengths are pixels on a sheet of 1280 × 720. Texts are measured with the report's own font, so that what
fits here fits on the page; nothing is drawn here.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from fbanalysis.report.theme import shortened, text_width

WIDTH, HEIGHT = 1280, 720
LEFT, TOP, BOTTOM = 64, 44, 24
#: Twelve columns with gutters of 24.
COLUMNS, GUTTER = 12, 24
CONTENT = WIDTH - 2 * LEFT
COLUMN = (CONTENT - (COLUMNS - 1) * GUTTER) / COLUMNS

KICKER, SOURCE, CAPTION = 15, 12.5, 16
#: Large figures that are the slide's content stand in rows of three.
TILES_ACROSS = 3
KICKER_HEIGHT, TITLE_GAP, FOOT_GAP = 21, 24, 14
#: The reading beside a chart or a table, and the gap between them.
READING_WIDTH, READING_GAP = 340, 44
RULE_INDENT = 18.5

TITLES = (31, 28, 25, 22, 20, 18, 16, 15)
READINGS = (18.5, 17.5, 16.5, 15.5, 14.5, 13.5, 12.5, 11.5, 11)
FIGURES = (64, 52, 46, 40, 34, 28, 24, 20)
TABLES = (19, 17, 15, 14, 13, 12, 11, 10, 9)
QUOTES = (24, 22, 20.5, 19, 18, 17, 16, 15, 14, 13, 12)
ROWS_A_SHEET = 13
#: A table that only fits at a smaller size goes on on another sheet, while more rows than these stand on one.
_LEAST_TABLE, _LEAST_ROWS = 11, 4

_TITLE_LINE, _READING_LINE, _QUOTE_LINE, _SOURCE_LINE = 1.34, 1.62, 1.68, 1.5
#: Titles break behind closing punctuation and before an opening bracket.
_CLAUSE_END = re.compile("(?<=[，；：。！？、）”])|(?=[（“])")
_MOST_TITLE = 118
_HEAD = 0.86
_WORDS = re.compile(r"[!-~\u00A0-\u1FFF]+ ?|.", re.DOTALL)
_MOST_CHARACTERS = 360
_QUOTE_CUTS = (240, 200, 160, 130, 100, 80, 60, 44, 30)
_PARAGRAPH_GAP = 18


@dataclass(frozen=True)
class Fit:
    """Sizes at which a slide's texts fit, and the box that its body has."""

    title: float
    title_height: float
    reading: float
    figure: float
    table: float
    cell: float
    quote: float
    body_top: float
    body_height: float

    def as_json(self) -> dict[str, float]:
        """Give the sizes as plain data."""
        return asdict(self)


def fit(spec: Mapping[str, object]) -> Fit:
    """Find the largest sizes at which everything on a slide fits.

    Where even the smallest is too large, `cut` has to shorten the texts first.
    """
    size, title_height, top, height = _body(spec)
    figure = first_that(FIGURES[not is_tiled(spec) :], lambda size: _figures_fit(spec, size))
    table = _table_size(spec, height)
    return Fit(
        title=size,
        title_height=title_height,
        reading=first_that(READINGS, lambda size: reading_height(spec, size, figure=figure) <= height - 6),
        figure=figure,
        table=table,
        cell=_cell_padding(spec, table, height),
        quote=first_that(QUOTES, lambda size: quotes_height(spec, size) <= height),
        body_top=top,
        body_height=height,
    )


def _body(spec: Mapping[str, object]) -> tuple[float, float, float, float]:
    """Size and height of the title, then top and height of what stands between it and the foot."""
    title = plain(spec["title"])
    size = first_that(TITLES, lambda size: _title_height(title, size) <= _title_room(size))
    title_height = _title_height(title, size)
    top = TOP + KICKER_HEIGHT + title_height + TITLE_GAP
    source = text_height("来源：" + plain(spec["source"]), SOURCE, CONTENT - 80, _SOURCE_LINE)
    return size, title_height, top, HEIGHT - BOTTOM - FOOT_GAP - 10 - max(source, 22) - top


def plain(sentence: Sequence[Mapping[str, object]]) -> str:
    """Give a composed sentence without its marks."""
    return "".join(str(piece["text"]) for piece in sentence)


def first_that(sizes: Sequence[float], fits: Callable[[float], bool]) -> float:
    """Give the first size that fits, or the last."""
    return next((size for size in sizes if fits(size)), sizes[-1])


def text_height(text: str, size: float, width: float, line: float) -> float:
    """Height of a text in a column: each line may lose one character at its end.

    >>> text_height("反馈", 10, 100, 1.5)
    15.0
    """
    whole = text_width(text, size)
    lines = 1 if whole <= width else _broken_lines(text, size, width - size)
    return lines * size * line


def _broken_lines(text: str, size: float, width: float) -> int:
    """Count lines broken between 汉字 and at spaces; a word that no line holds is broken anywhere."""
    lines, used = 1, 0.0
    for word in _WORDS.findall(text):
        wide = text_width(word, size)
        if used and used + wide > width:
            lines, used = lines + 1, 0.0
        lines += math.ceil(wide / width) - 1
        used = wide % width if wide > width else used + wide
    return lines


def _title_height(title: str, size: float) -> float:
    return clause_lines(title, size, CONTENT) * size * _TITLE_LINE


def clause_lines(text: str, size: float, width: float) -> int:
    """Count the lines of a text that breaks between clauses, and inside one only where it is too long.

    >>> clause_lines("满意度提升，投诉下降", 10, 60)
    2
    """
    lines, used = 1, 0.0
    for clause in filter(None, _CLAUSE_END.split(text)):
        wide = text_width(clause, size)
        if used + wide <= width:
            used += wide
            continue
        lines += used > 0
        more = 0 if wide <= width else math.ceil(wide / (width - size)) - 1
        lines, used = lines + more, wide - more * (width - size)
    return lines


def _title_room(size: float) -> float:
    """Two lines at the sizes of ordinary titles, a little more where they are long."""
    return 2 * size * _TITLE_LINE + 1 if size > 20 else _MOST_TITLE


def has_side(spec: Mapping[str, object]) -> bool:
    """Say whether a column of reading stands beside the content."""
    content = spec["chart"] or spec["table"] or spec["quotes"] or is_tiled(spec)
    return bool(content and (spec["reading"] or (spec["figures"] and spec["chart"])))


def is_tiled(spec: Mapping[str, object]) -> bool:
    """Say whether the figures are the slide's content: tiles, three across."""
    return len(spec["figures"]) >= 3 and not (spec["chart"] or spec["table"] or spec["quotes"])


def figures_width(spec: Mapping[str, object]) -> float:
    """Width that one large figure has."""
    if is_tiled(spec):
        return (content_width(spec) - (TILES_ACROSS - 1) * READING_GAP) / TILES_ACROSS
    across = max(1, min(len(spec["figures"]), int(reading_width(spec) // 290)))
    return reading_width(spec) / across - 12


def content_width(spec: Mapping[str, object]) -> float:
    """Width of the chart, table or quotes."""
    return CONTENT - (READING_WIDTH + READING_GAP if has_side(spec) else 0)


def reading_width(spec: Mapping[str, object]) -> float:
    """Width of the reading."""
    return READING_WIDTH if has_side(spec) else CONTENT


def reading_height(spec: Mapping[str, object], size: float, *, figure: float) -> float:
    """Height of the reading's paragraphs at a size, and of the figures above them."""
    width = reading_width(spec)
    heights = [
        text_height(plain(paragraph["text"]), size, width - RULE_INDENT, _READING_LINE)
        for paragraph in spec["reading"]
    ]
    if not is_tiled(spec):
        heights += _figure_rows(spec, figure)
    return sum(heights) + _PARAGRAPH_GAP * max(len(heights) - 1, 0)


def _figure_rows(spec: Mapping[str, object], size: float) -> list[float]:
    width, figures = figures_width(spec), spec["figures"]
    across = max(1, int(reading_width(spec) // (width + 12)))
    captions = [text_height(plain(one["caption"]), CAPTION, width, 1.6) for one in figures]
    rows = [captions[i : i + across] for i in range(0, len(captions), across)]
    return [size * 1.15 + 4 + max(row) for row in rows]


def _figures_fit(spec: Mapping[str, object], size: float) -> bool:
    room = figures_width(spec)
    return all(text_width(plain(figure["value"]), size) <= room for figure in spec["figures"])


# Tables


def column_widths(table: Mapping[str, object], size: float, *, width: float) -> list[float]:
    """Give the widths of a table's columns: each as wide as its cells, the first takes the rest."""
    padding = 20
    cells = [
        max([text_width(plain(row["cells"][i]), size) for row in table["rows"]] + [_longest_word(head, size)])
        for i, head in enumerate(map(plain, table["columns"]))
    ]
    others = [cell + padding for cell in cells]
    return [max(width - sum(others), 0.0), *others]


def _longest_word(head: str, size: float) -> float:
    """The least width of a header that may break into two lines."""
    return max(text_width(head, size * _HEAD) / 2 + size, min(text_width(head, size * _HEAD), 4 * size))


def row_heights(table: Mapping[str, object], size: float, *, width: float) -> list[float]:
    """Give the heights of the header and of each row at a size; long names break into lines."""
    first = column_widths(table, size, width=width)[0]
    first, padding = max(min(first, _squeezed(table, size, width=width)) - 12, 2 * size), row_padding(size)
    head = size * _HEAD
    heads = [text_height(plain(name), head, 999, 1.6) for name in table["columns"]]
    lead = text_height(plain(table["header"]), head, first, 1.6)
    names = [text_height(str(row["name"]), size, first, 1.6) + 2 * padding + 1 for row in table["rows"]]
    return [max(2 * max(heads, default=size), lead) + 2 * padding, *names]


def _squeezed(table: Mapping[str, object], size: float, *, width: float) -> float:
    """The width that a browser leaves to the first column, whose names may break anywhere.

    It gives each column its least width, then shares the rest by how much more each could use (CSS 2.1, 17.5.2.2).
    """
    names = [text_width(str(row["name"]), size) for row in table["rows"]]
    lead = text_width(plain(table["header"]), size * _HEAD)
    least, most = [size + 10], [min(max([*names, lead]), 22 * size) + 10]
    for i, name in enumerate(map(plain, table["columns"])):
        cells = max((text_width(plain(row["cells"][i]), size) for row in table["rows"]), default=0)
        least.append(max(cells, size) + 20)
        most.append(max(cells, text_width(name, size * _HEAD)) + 20)
    spare, wanted = width - sum(least), sum(most) - sum(least)
    return width if spare >= wanted else least[0] + max(spare, 0) * (most[0] - least[0]) / wanted


def row_padding(size: float) -> float:
    """Space above and below the text of a row.

    >>> row_padding(19), row_padding(15), row_padding(11)
    (18, 6, 3)
    """
    return {19: 18, 17: 11, 15: 6, 14: 5}.get(size, 3)


def _table_size(spec: Mapping[str, object], height: float) -> float:
    table, width = spec["table"], content_width(spec)
    if not table:
        return TABLES[1]

    def is_roomy(size: float) -> bool:
        names = max((text_width(str(row["name"]), size) for row in table["rows"]), default=0)
        return column_widths(table, size, width=width)[0] - 12 >= min(names, 9 * size)

    fitting = [size for size in TABLES if _table_fits(spec, size, height)] or [TABLES[-1]]
    return first_that(fitting, is_roomy) if any(map(is_roomy, fitting)) else fitting[0]


def _cell_padding(spec: Mapping[str, object], size: float, height: float) -> float:
    """Space above and below the text of a row: what the rows leave over is theirs, up to a limit."""
    table, padding = spec["table"], row_padding(size)
    if not table:
        return padding
    spare = height - 16 - sum(row_heights(table, size, width=content_width(spec)))
    return padding + min(max(spare, 0) / (2 * len(table["rows"]) + 2), 0.45 * size)


def _table_fits(spec: Mapping[str, object], size: float, height: float) -> bool:
    return sum(row_heights(spec["table"], size, width=content_width(spec))) <= height


def paged(spec: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Spread a table that would be too small to read over several slides; anything else is one slide."""
    if not spec["table"]:
        return [spec]
    rows, room = len(spec["table"]["rows"]), _body(cut(spec))[3]
    fewest = 1 if rows <= ROWS_A_SHEET + 1 else math.ceil(rows / ROWS_A_SHEET)
    most = max(fewest, math.ceil(rows / _LEAST_ROWS))
    spreads = [_spread(spec, count) for count in range(fewest, most + 1)]
    legible = (
        pages for pages in spreads if all(_table_fits(cut(page), _LEAST_TABLE, room) for page in pages)
    )
    return next(legible, spreads[-1])


def _spread(spec: Mapping[str, object], count: int) -> list[Mapping[str, object]]:
    table = spec["table"]
    share = max(math.ceil(len(table["rows"]) / count), 1)
    parts = [table["rows"][i : i + share] for i in range(0, len(table["rows"]), share)] or [[]]
    return [{**spec, "table": {**table, "rows": rows}} for rows in parts]


# Quotes


def quote_groups(spec: Mapping[str, object]) -> dict[str, list[str]]:
    """Give the quotes by the group that they stand for, in their order."""
    groups: dict[str, list[str]] = {}
    for quote in spec["quotes"]:
        groups.setdefault(quote["stratum"], []).append(quote["comment"])
    return groups


def quotes_height(spec: Mapping[str, object], size: float) -> float:
    """Height of the quotes at a size: groups side by side, at most three across."""
    groups = quote_groups(spec)
    if not groups:
        return 0
    across = min(len(groups), 3 if content_width(spec) > 900 else 2)
    width = (content_width(spec) - 48 * (across - 1)) / across
    heights = [
        text_height(name, 16, width, 1.6)
        + 12
        + sum(text_height(f"“{said}”", size, width, _QUOTE_LINE) + 41 for said in comments)
        for name, comments in groups.items()
    ]
    rows = [heights[i : i + across] for i in range(0, len(heights), across)]
    return sum(max(row) for row in rows) + 26 * (len(rows) - 1)


# What is too long for any size


def cut(spec: Mapping[str, object]) -> Mapping[str, object]:
    """Shorten texts that no slide could hold; the long report has them whole."""
    made = {
        **spec,
        "kicker": cut_sentence(spec["kicker"], 60),
        "title": cut_sentence(spec["title"], _MOST_CHARACTERS),
        "source": cut_sentence(spec["source"], 170),
        "reading": [
            {**paragraph, "text": cut_sentence(paragraph["text"], 700 // max(len(spec["reading"]), 1))}
            for paragraph in spec["reading"]
        ],
        "figures": [
            {**one, "caption": cut_sentence(one["caption"], _caption_room(spec))} for one in spec["figures"]
        ],
        "table": _cut_table(spec["table"]),
    }
    return {**made, "quotes": _cut_quotes(made)}


def _caption_room(spec: Mapping[str, object]) -> int:
    """Characters of a caption: tiles share their height among their rows."""
    rows = math.ceil(len(spec["figures"]) / TILES_ACROSS)
    return 60 if rows < 2 or not is_tiled(spec) else 40 // (rows - 1)


def _cut_quotes(spec: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Cut all quotes to the same length, at which they fit."""
    room = _body(spec)[3]
    tried = [
        [
            {**quote, "stratum": cut_text(quote["stratum"], 24), "comment": cut_text(quote["comment"], most)}
            for quote in spec["quotes"]
        ]
        for most in _QUOTE_CUTS
    ]
    fitting = (one for one in tried if quotes_height({**spec, "quotes": one}, QUOTES[-1]) <= room)
    return next(fitting, tried[-1])


def cut_sentence(sentence: Sequence[Mapping[str, object]], most: int) -> list[Mapping[str, object]]:
    """Keep the pieces of a sentence up to so many characters; numbers are kept whole or left out."""
    kept, room = [], most
    for piece in sentence:
        text = str(piece["text"])
        if len(text) > room:
            return [*kept, {**piece, "text": ("" if piece["key"] else text[:room]) + "…", "key": ""}]
        kept.append(piece)
        room -= len(text)
    return kept


def cut_text(text: str, most: int) -> str:
    """Keep a text up to so many characters.

    >>> cut_text("客户服务热线", 4)
    '客户服…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def _cut_table(table: Mapping[str, object] | None) -> Mapping[str, object] | None:
    if not table:
        return table
    rows = [{**row, "name": shortened(str(row["name"]), size=15, width=420)} for row in table["rows"]]
    heads = [cut_sentence(head, 16) for head in table["columns"]]
    return {**table, "header": cut_sentence(table["header"], 16), "columns": heads, "rows": rows}

"""What stands on each kind of sheet: cover, summary, agenda, dividers, slides, gaps, limits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fbanalysis.report import layout, theme
from fbanalysis.report.pptx import tables, template
from fbanalysis.report.pptx.charts import NATIVE, drawn, has_values
from fbanalysis.report.pptx.stage import Stage
from fbanalysis.report.pptx.tables import Cell, Grid
from fbanalysis.report.pptx.text import Sentence, Style, plain, said
from fbanalysis.report.pptx.units import Box
from fbanalysis.report.story import Sheet, Story

#: Shapes in the order in which screen readers say them.
ORDER = (
    "眉题",
    "标题",
    "副标题",
    "年度",
    "图",
    "表",
    "引语",
    "正文",
    "读法",
    "本章内容",
    "说明",
    "来源",
    "页码",
)

#: No placeholder has it: the text stands in a box of its own.
_NOWHERE = -1

_TONES = {"good": "accent", "look": "alarm", "context": "rule"}


def layout_for(sheet: Sheet) -> str:
    """Give the name of our layout for a sheet."""
    fixed = {"cover": "封面", "summary": "摘要", "agenda": "目录", "part": "章节"}
    if sheet.spec is None:
        return fixed.get(sheet.kind, "引语与全文")
    spec = sheet.spec
    side = "与读法" if layout.has_side(spec) else ""
    plot = spec["chart"] and spec["chart"]["plot"]
    if plot and plot["kind"] in NATIVE:
        return "图" + side
    has_grid = spec["table"] or spec["chart"] or _across(spec) > 1 or layout.is_tiled(spec)
    return "表" + side if has_grid or (spec["quotes"] and side) else "引语与全文"


def draw(stage: Stage, sheet: Sheet, story: Story) -> None:
    """Fill a slide with what its sheet holds."""
    if sheet.spec is not None:
        _slide(stage, sheet.spec)
    else:
        kinds = {"cover": _cover, "summary": _summary, "agenda": _agenda, "part": _part, "gap": _gap}
        kinds.get(sheet.kind, _limits)(stage, sheet)
    if sheet.spec is None and sheet.kind != "cover":
        _foot(stage, said(story.foot))


def colour(name: str) -> str:
    return theme.COLOURS[name]


def _lines(text: str, size: float, width: float) -> int:
    return round(layout.text_height(text, size, width, 1) / size)


# The head and the foot


def _head(stage: Stage, kicker: Sentence, title: Sentence, *, size: float = 31) -> Box:
    """Write kicker and title; give the room that is left for the body."""
    height = layout.text_height(plain(title), size, layout.CONTENT - _blanks(plain(title), size), 1.34)
    top = layout.TOP if stage.is_own else stage.area.top
    box = Box(stage.area.left, top, stage.area.width, layout.KICKER_HEIGHT)
    stage.text(template.KICKER, [(kicker, Style(layout.KICKER, colour("accent"), 1.3))], box, name="眉题")
    style = Style(size, colour("ink"), 1.34, marks=True)
    if not stage.is_own:
        stage.title(title, style)
        return Box(stage.area.left, top + 34, stage.area.width, stage.area.height - 34 - 56)
    below = top + layout.KICKER_HEIGHT
    stage.title(title, style, box=Box(stage.area.left, below, stage.area.width, height + 4))
    body = below + height + layout.TITLE_GAP
    return Box(stage.area.left, body, stage.area.width, template.FOOT_TOP - layout.FOOT_GAP - body)


def _blanks(text: str, size: float) -> float:
    """Width of the blanks that LibreOffice sets between 汉字 and other letters, at most of one line."""
    borders = re.findall(r"[一-鿿](?=[0-9A-Za-z])|[0-9A-Za-z%](?=[一-鿿])", text)
    return min(len(borders), 12) * 0.24 * size


def _foot(stage: Stage, source: Sentence) -> None:
    """Write the source below the hair line, smaller where it is long."""
    width = 880.0 if stage.is_own else stage.area.width
    text = plain(source)
    size = layout.first_that(
        (layout.SOURCE, 11.5, 10.5, 9.5, 8.5), lambda one: layout.text_height(text, one, width, 1.35) <= 41
    )
    top = template.FOOT_TOP + 8 if stage.is_own else stage.area.bottom - 42
    box = Box(stage.area.left, top, width, 41)
    stage.text(template.SOURCE, [(source, Style(size, colour("muted"), 1.35))], box, name="来源")


# Cover, agenda, summary, dividers


def _cover(stage: Stage, sheet: Sheet) -> None:
    content = sheet.content
    title, lead = str(content["title"]), said(str(content["lead"]))
    width = 746.0 if stage.is_own else stage.area.width
    sizes = (58, 50, 44, 38, 32, 27, 23, 20)
    size = layout.first_that(
        sizes, lambda one: layout.text_height(title, one, width, 1.24) <= 2.5 * 1.24 * min(one, 58)
    )
    height = layout.text_height(title, size, width, 1.24)
    meta = [(_meta(name, text), Style(17, colour("ink"), 1.75)) for name, text in content["meta"]]
    stage.title(said(title), Style(size, colour("ink"), 1.24), box=Box(64, 202, width, height + 8))
    below = Box(64, 202 + height + 26, width, 40)
    if stage.is_own:
        stage.text(1, [(lead, Style(24, colour("muted"), 1.4))], below, name="副标题")
        stage.text(template.CONTENT, meta, Box(64, 540, width, 140), name="说明")
        year = [(said(str(content["year"])), Style(132, colour("ground"), 1.0, "ctr"))]
        stage.text(template.SECOND, year, Box(880, 520, 400, 170), name="年度")
        return
    _foreign_cover(stage, [(lead, Style(20, "", 1.4)), *meta])


def _foreign_cover(stage: Stage, paragraphs: Sequence[tuple[Sentence, Style]]) -> None:
    """Write the lead and what is known of the report into the template's subtitle, else below the title."""
    shape = next((one for one in stage.slide.placeholders if one.placeholder_format.idx == 1), None)
    if shape is None:
        stage.text(1, paragraphs, stage.area, name="副标题")
        return
    shape.name = "副标题"
    room = shape.height / stage.emus(1)
    needed = sum(style.size * style.line for _, style in paragraphs)
    stage.fill(shape, [(one, style.scaled(min(1, room / needed))) for one, style in paragraphs])


def _meta(name: str, text: str) -> Sentence:
    return said(f"{name}　{text}")


def _agenda(stage: Stage, sheet: Sheet) -> None:
    body = _head(stage, said("目录"), said("本报告回答的问题"))
    parts = sheet.content["parts"]
    size = min(22, body.height / max(len(parts), 1) * 0.4)
    rows = [_agenda_row(part, size) for part in parts]
    height = min(body.height / max(len(rows), 1), 72)
    grid = Grid(
        rows, _share(body.width, 60, 220, 0, 60), [height] * len(rows), has_header=False, links=stage.links
    )
    stage.table(
        template.CONTENT, grid, body, name="表", alt=f"目录：{'、'.join(str(p['name']) for p in parts)}"
    )


def _agenda_row(part: Mapping[str, object], size: float) -> list[Cell]:
    is_done, line = part["is_done"], {"top": (colour("rule"), 1), "bottom": (colour("rule"), 1)}
    about = part["about"] if is_done else part["gap"]
    texts = [
        (said(str(part["ordinal"])), Style(size, colour("accent"), 1.3)),
        (said(str(part["name"])), Style(size, colour("ink" if is_done else "muted"), 1.3)),
        (said(str(about)), Style(min(size * 0.76, 16), colour("muted"), 1.35)),
        (_to_page(part), Style(min(size * 0.76, 16), colour("muted"), 1.3, "r")),
    ]
    return [Cell([text], outdent=12 * (i < 3), **line) for i, text in enumerate(texts)]


def _to_page(target: Mapping[str, object], *, width: int = 0) -> Sentence:
    """The page of a target, which leads there; figure spaces fill it up to a width."""
    text = str(target.get("page") or "").rjust(width, "\u2007")
    return [{**said(text)[0], "href": str(target.get("anchor", ""))}] if text.strip() else said("")


def _share(width: float, *given: float) -> list[float]:
    """Widths of columns: zero takes the rest."""
    return [one or width - sum(given) for one in given]


def _summary(stage: Stage, sheet: Sheet) -> None:
    body = _head(stage, said("摘要"), said("一页看完：每章的回答"))
    answers = sheet.content["answers"]
    name = "name" if answers and "name" in answers[0] else "topic"
    _answer_table(stage, body, answers, name=name, most=20.5)


def _answer_table(
    stage: Stage, body: Box, answers: Sequence[Mapping[str, object]], *, name: str, most: float
) -> None:
    """Set the answers of several notebooks: name, answer, page."""
    widths = _share(body.width, 168, 0, 56)
    sizes = [most * step for step in (1, 0.93, 0.86, 0.8, 0.74, 0.68, 0.62, 0.56, 0.5, 0.45)]
    texts = [plain(one["answer"]) if one["is_done"] else str(one["gap"]) for one in answers]

    def heights(size: float) -> list[float]:
        return [layout.text_height(text, size, widths[1] - 16, 1.42) + 10 for text in texts]

    size = layout.first_that(sizes, lambda one: sum(heights(one)) <= body.height)
    room = max((body.height - sum(heights(size))) / max(len(answers), 1), 0)
    rows = [_answer_row(one, size, name=name) for one in answers]
    grid = Grid(
        rows, widths, [one + min(room, 26) for one in heights(size)], has_header=False, links=stage.links
    )
    alt = "各章的回答：" + "；".join(str(one[name]) for one in answers)
    if rows:
        stage.table(template.CONTENT, grid, body, name="表", alt=alt)


def _answer_row(answer: Mapping[str, object], size: float, *, name: str) -> list[Cell]:
    line = {"top": (colour("rule"), 1), "bottom": (colour("rule"), 1)}
    is_done = answer["is_done"]
    text = answer["answer"] if is_done else said(str(answer["gap"]))
    small = min(size * 0.82, 16)
    cells = [
        (said(str(answer[name])), Style(small, colour("accent"), 1.35)),
        (text, Style(size, colour("ink" if is_done else "alarm"), 1.42)),
        (_to_page(answer), Style(small, colour("muted"), 1.3, "r")),
    ]
    return [Cell([one], outdent=16 if i < 2 else 0, **line) for i, one in enumerate(cells)]


def _part(stage: Stage, sheet: Sheet) -> None:
    content = sheet.content
    is_numbered = content["ordinal"] != "附"
    ordinal = said(f"第{content['ordinal']}章" if is_numbered else "")
    name = said(str(content["name"]))
    answers, contents = content["answers"], content["contents"]
    if stage.is_own:
        style = Style(24, colour("accent"), 1.3)
        stage.text(template.KICKER, [(ordinal, style)], Box(64, 84, layout.CONTENT, 36), name="眉题")
        stage.title(name, Style(48, colour("ink"), 1.3), box=Box(64, 120, layout.CONTENT, 66))
        body = Box(64, 212, layout.CONTENT, 436)
    else:
        body = _head(stage, ordinal, name)
    shows_contents = len(answers) < 2 and contents
    above = Box(body.left, body.top, body.width, body.height - (190 if shows_contents else 0))
    if len(answers) == 1:
        _one_answer(stage, above, answers[0])
    elif answers:
        _answer_table(stage, above, answers, name="topic", most=22)
    if shows_contents:
        high = body.height if not answers else 186
        _contents(stage, Box(body.left, body.bottom - high, body.width, high), contents, at_top=not answers)


def _one_answer(stage: Stage, box: Box, answer: Mapping[str, object]) -> None:
    """Write the question and, with a rule before it, the answer of the chapter's only notebook."""
    text = answer["answer"] if answer["is_done"] else said(str(answer["gap"]))
    tone = colour("accent" if answer["is_done"] else "alarm")
    width = min(box.width, 1000)
    size = layout.first_that((26, 24, 22, 20, 18, 16), lambda one: _lines(plain(text), one, width - 30) <= 4)
    cells = [[Cell([(text, Style(size, colour("ink"), 1.5))], indent=22, padding=6)]]
    height = layout.text_height(plain(text), size, width - 30, 1.5) + 14
    cells[0].insert(0, Cell(ground=tone))
    question = str(answer["question"])
    if question:
        cells.insert(
            0, [Cell(), Cell([(said(question), Style(22, colour("muted"), 1.4))], indent=0, anchor="t")]
        )
    heights = [54, height] if question else [height]
    grid = Grid(cells, [4, width - 4], heights, has_header=False, links=stage.links)
    stage.table(template.CONTENT, grid, box, name="表", alt=f"{question}{plain(text)}")


def _contents(stage: Stage, box: Box, contents: Sequence[Mapping[str, object]], *, at_top: bool) -> None:
    """List the chapter's slides in two columns, from left to right, with their pages."""
    pages, gap = 36.0, 40.0
    half = (box.width - gap) / 2
    sizes = (15, 14, 13, 12, 11, 10, 9)

    def height(one: Mapping[str, object], size: float) -> float:
        # LibreOffice sets blanks between 汉字 and numerals that the measure does not know
        return layout.text_height(plain(one["title"]), size, (half - pages) * 0.93, 1.4) + 6

    def heights(size: float) -> list[float]:
        return [max(height(one, size) for one in pair) for pair in _pairs(contents)]

    size = layout.first_that(sizes, lambda one: sum(heights(one)) <= box.height)
    style = Style(size, colour("muted"), 1.4)
    rows = []
    for pair in _pairs(contents):
        cells = [[Cell([(_to_page(one), style)]), Cell([(one["title"], style)])] for one in pair]
        cells += [[Cell(), Cell()]] * (2 - len(cells))
        rows.append([replace(cell, anchor="t") for cell in (*cells[0], Cell(), *cells[1])])
    widths = [pages, half - pages, gap, pages, half - pages]
    high = sum(heights(size))
    place = Box(box.left, box.top if at_top else max(box.bottom - high, box.top), box.width, high)
    spare = min((box.height - high) / max(len(rows), 1), 16) if at_top else 0
    grid = Grid(rows, widths, [one + spare for one in heights(size)], has_header=False, links=stage.links)
    alt = "本章内容：" + "；".join(plain(one["title"]) for one in contents)
    stage.table(template.READING, grid, place, name="本章内容", alt=alt)


def _pairs(items: Sequence[object]) -> list[Sequence[object]]:
    return [items[i : i + 2] for i in range(0, len(items), 2)]


def _gap(stage: Stage, sheet: Sheet) -> None:
    content = sheet.content
    body = _head(stage, said(str(content["name"])), said(str(content["gap"])))
    width = body.width - 96
    reason = str(content["reason"])
    size = layout.first_that(
        (22, 19, 16, 13, 11), lambda one: layout.text_height(reason, one, width, 1.7) <= 260
    )
    paragraphs = [
        (said("此处留空，不以旧数代替"), Style(30, colour("alarm"), 1.5, after=14)),
        (said(reason), Style(size, colour("ink"), 1.7)),
    ]
    if content.get("error_link"):
        paragraphs.append((said(f"出错的单元格见 {content['error_link']}"), Style(15, colour("muted"), 1.7)))
    inner = Box(
        body.left,
        body.top + 20,
        body.width,
        min(body.height - 20, 130 + 1.7 * size * _lines(reason, size, width)),
    )
    shape = stage.text(template.CONTENT, paragraphs, inner, name="正文")
    stage.frame(shape, colour("alarm"))


def _limits(stage: Stage, sheet: Sheet) -> None:
    body = _head(stage, said("附录 · 局限"), said("这些数字没有说明什么"))
    gap = 56.0
    half = (body.width - gap) / 2
    groups = [
        (str(group["name"]), [str(one) for one in group["limits"]]) for group in sheet.content["groups"]
    ]

    def height(group: tuple[str, Sequence[str]], size: float) -> float:
        return sum(layout.text_height(one, size, half * 0.96, 1.5) for one in group[1]) + size * 1.5 + 18

    def heights(size: float) -> list[float]:
        return [max(height(group, size) for group in pair) for pair in _pairs(groups)]

    size = layout.first_that(
        (17, 16, 15, 14, 13, 12, 11, 10, 9, 8), lambda one: sum(heights(one)) <= body.height
    )
    rows = [_limits_row(pair, size) for pair in _pairs(groups)]
    grid = Grid(rows, [half, gap, half], heights(size), has_header=False, links=stage.links)
    alt = "各章的局限：" + "、".join(name for name, _ in groups)
    if rows:
        stage.table(template.CONTENT, grid, body, name="表", alt=alt)


def _limits_row(pair: Sequence[tuple[str, Sequence[str]]], size: float) -> list[Cell]:
    cells = [
        Cell(
            [
                (said(name), Style(size, colour("accent"), 1.5, after=2)),
                *[(said(one), Style(size, colour("ink"), 1.5)) for one in limits],
            ],
            anchor="t",
        )
        for name, limits in pair
    ]
    return [cells[0], Cell(), *(cells[1:] or [Cell()])]


# A slide


def _slide(stage: Stage, spec: Mapping[str, object]) -> None:
    fit = spec["fit"]
    body = _head(stage, spec["kicker"], spec["title"], size=fit["title"])
    has_side = layout.has_side(spec)
    narrow = body.width - layout.READING_WIDTH - layout.READING_GAP
    main = Box(body.left, body.top, narrow if has_side else body.width, body.height)
    if spec["chart"]:
        _chart(stage, spec["chart"], main)
    elif spec["table"]:
        grid = tables.data_grid(spec["table"], size=fit["table"], width=main.width, height=main.height)
        stage.table(template.CONTENT, grid, main, name="表", alt=_table_alt(spec))
    elif spec["quotes"]:
        _quotes(stage, spec, main)
    elif layout.is_tiled(spec):
        used = _tiles(stage, spec, main)
        main = Box(main.left, main.top + used, main.width, main.height - used)
    if has_side:
        side = Box(main.right + layout.READING_GAP, body.top, layout.READING_WIDTH, body.height)
        _reading(stage, spec, side, index=template.READING)
    elif not (spec["chart"] or spec["table"] or spec["quotes"]):
        _reading(stage, spec, main, index=template.SOURCE + 10 if layout.is_tiled(spec) else template.CONTENT)
    if plain(spec["source"]):
        _foot(stage, [*said("来源："), *spec["source"]])


def _table_alt(spec: Mapping[str, object]) -> str:
    heads = "、".join(plain(head) for head in spec["table"]["columns"])
    return f"表：{plain(spec['title'])}；{len(spec['table']['rows'])} 行，列为 {heads}。"


def _chart(stage: Stage, chart: Mapping[str, object], box: Box) -> None:
    plot, alt = chart["plot"], str(chart["alt"])
    if plot is not None and chart["png"] and plot["kind"] not in NATIVE and plot["kind"] != "heat":
        stage.picture(str(chart["png"]), box, name="图", alt=alt)
    elif plot is None or not has_values(plot):
        stage.text(_NOWHERE, [(said("没有数据"), Style(16, colour("muted")))], box, name="正文")
    elif plot["kind"] == "heat":
        grid = tables.heat_grid(plot, width=box.width, height=box.height)
        stage.table(template.CONTENT, grid, box, name="表", alt=alt)
    else:
        for native, place in reversed(drawn(plot, box, font=stage.font)):
            stage.chart(template.CONTENT, native, place, name="图", alt=alt)


def _reading(stage: Stage, spec: Mapping[str, object], box: Box, *, index: int) -> None:
    """Write the large figures and the paragraphs with their rules."""
    fit, paragraphs = spec["fit"], []
    if not layout.is_tiled(spec):
        for figure in spec["figures"]:
            tone = colour("alarm" if figure["tone"] == "look" else "accent")
            paragraphs.append((figure["value"], Style(fit["figure"], tone, 1.15, after=4)))
            paragraphs.append((figure["caption"], Style(layout.CAPTION, colour("muted"), 1.45, after=18)))
    for one in spec["reading"]:
        style = Style(fit["reading"], colour("ink"), 1.62, after=16, bar=colour(_TONES[one["tone"]]))
        paragraphs.append((one["text"], style))
    if paragraphs:
        stage.text(index, paragraphs, box, name="读法")


def _tiles(stage: Stage, spec: Mapping[str, object], box: Box) -> float:
    """Set large figures that are the slide's content as a table in rows of three; give the height used."""
    figures, fit = spec["figures"], spec["fit"]
    across = min(len(figures), layout.TILES_ACROSS)
    gap = 44.0
    wide = (box.width - gap * (across - 1)) / across
    widths = [wide if i % 2 == 0 else gap for i in range(2 * across - 1)]
    rows = [
        _tile_row(figures[i : i + across], across, size=fit["figure"]) for i in range(0, len(figures), across)
    ]
    captions = [layout.text_height(plain(one["caption"]), 17, wide, 1.45) for one in figures]
    height = fit["figure"] * 1.2 + max(captions) + 46
    grid = Grid(rows, widths, [height] * len(rows), has_header=False, links=stage.links)
    alt = "；".join(f"{plain(one['caption'])} {plain(one['value'])}" for one in figures)
    stage.table(template.CONTENT, grid, box, name="表", alt=alt)
    return sum(grid.heights) + 20


def _tile_row(figures: Sequence[Mapping[str, object]], across: int, *, size: float) -> list[Cell]:
    cells: list[Cell] = []
    for i in range(across):
        cells += [Cell()] if i else []
        if i >= len(figures):
            cells.append(Cell())
            continue
        tone = colour("alarm" if figures[i]["tone"] == "look" else "accent")
        texts = [
            (figures[i]["value"], Style(size, tone, 1.15, after=4)),
            (figures[i]["caption"], Style(17, colour("muted"), 1.45)),
        ]
        cells.append(Cell(texts, top=(tone, 2.5), anchor="t", padding=16))
    return cells


# Quotes


def _across(spec: Mapping[str, object]) -> int:
    groups = layout.quote_groups(spec)
    return min(len(groups), 3 if layout.content_width(spec) > 900 else 2)


def _quotes(stage: Stage, spec: Mapping[str, object], box: Box) -> None:
    """Set quotes as columns below the names of their groups."""
    groups, across = list(layout.quote_groups(spec).items()), _across(spec)
    size, gap = spec["fit"]["quote"], 48.0
    wide = (box.width - gap * (across - 1)) / across
    widths = [wide if i % 2 == 0 else gap for i in range(2 * across - 1)]
    rows: list[list[Cell]] = []
    for i in range(0, len(groups), across):
        rows += _quote_rows(groups[i : i + across], across, size=size, opens=i == 0)
    heights = [_quote_height(row, wide) for row in rows]
    grid = Grid(rows, widths, heights, links=stage.links)
    alt = "原话：" + "；".join(f"{name} {len(quotes)} 条" for name, quotes in groups)
    stage.table(template.CONTENT, grid, box, name="表", alt=alt)


def _quote_height(row: Sequence[Cell], wide: float) -> float:
    heights = [
        layout.text_height(plain(text), style.size, wide - style.size, style.line) + 2 * cell.padding
        for cell in row
        for text, style in cell.paragraphs
    ]
    return max(heights, default=10)


def _quote_rows(
    groups: Sequence[tuple[str, Sequence[str]]], across: int, *, size: float, opens: bool
) -> list[list[Cell]]:
    """One row with the groups' names, then a row for each quote of the longest group."""
    line, hair = (colour("accent"), 2.5), (colour("rule"), 1)
    padding = 8 if opens else 14
    head = [
        Cell([(said(name), Style(16, colour("accent"), 1.4))], bottom=line, padding=padding)
        for name, _ in groups
    ]
    rows = [_spaced(head, across)]
    for i in range(max(len(quotes) for _, quotes in groups)):
        cells = [
            Cell(
                [(said(f"“{quotes[i]}”"), Style(size, colour("ink"), 1.68))],
                bottom=hair,
                anchor="t",
                padding=18,
            )
            if i < len(quotes)
            else Cell()
            for _, quotes in groups
        ]
        rows.append(_spaced(cells, across))
    return rows


def _spaced(cells: Sequence[Cell], across: int) -> list[Cell]:
    filled = [*cells, *[Cell()] * (across - len(cells))]
    return [one for i, cell in enumerate(filled) for one in ([Cell(), cell] if i else [cell])]

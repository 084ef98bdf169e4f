"""What finished files should say, line by line in reading order, as the story has it.

A line is made of pieces; each number in them stands on a record's key or under a rule by which it is allowed. Nothing
is read from the files here, and nothing is judged.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape

from fbanalysis.report import layout
from fbanalysis.report.comments import Remark
from fbanalysis.report.fronts import fitted, short_foot
from fbanalysis.report.story import Sheet, Story

Spec = Mapping[str, object]

#: Rules by which numbers that are no record's may stand.
PAGE, FIGURE, ORDINAL = "页码", "图号", "章号"
QUOTE, COUNT, PERIOD, VERSION = "原话", "条数重算", "报告期与日期", "版本号"
CHART, NAME, PROSE, TEST = "图中数据", "名称", "说明文字", "检验说明"
DRIFT, GAP = "评注确认时的数", "缺章原因"


@dataclass(frozen=True)
class Piece:
    """A part of a line: its text, the record it prints, or the rule under which its numbers stand."""

    text: str
    key: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Line:
    """What one passage should say.

    ``row`` and ``column`` are the heads of a cell, or category and series of a chart's value; ``value`` is what a
    cell or a point stores; ``chart`` is the drawing or plot whose label it is.
    """

    kind: str
    pieces: tuple[Piece, ...]
    row: str = ""
    column: str = ""
    value: float | None = None
    chart: Spec | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def keys(self) -> tuple[str, ...]:
        """The records that it prints."""
        return tuple(piece.key for piece in self.pieces if piece.key)


@dataclass(frozen=True)
class Section:
    """The lines of a slide, a chapter of the long report, or a sheet of the workbook, in reading order."""

    name: str
    page: int
    lines: tuple[Line, ...]
    spec: Spec | None = field(default=None, repr=False, compare=False)


#: What of a slide's specification a page shows.
SHOWN = ("kicker", "title", "figures", "reading", "table", "source", "notes")
#: Sheets that open a column of the deck.
OPENING = ("cover", "summary", "agenda", "part")

Part = str | Piece | Sequence[Mapping[str, object]]


def line(kind: str, *parts: Part, rule: str = "", **more: object) -> Line:
    """Make a line of texts, pieces and composed sentences; ``rule`` is that of the texts' numbers."""
    pieces: list[Piece] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(Piece(part, rule=rule))
        else:
            pieces += [part] if isinstance(part, Piece) else said(part)
    return Line(kind, tuple(pieces), **more)


def said(sentence: Sequence[Mapping[str, object]]) -> list[Piece]:
    """Turn a composed sentence into pieces; a reference to another slide is a page or a figure's number."""
    return [Piece(str(one["text"]), str(one.get("key") or ""), _rule(one)) for one in sentence if one["text"]]


def _rule(piece: Mapping[str, object]) -> str:
    if not piece.get("href"):
        return ""
    return PAGE if str(piece["text"]).startswith("第") else FIGURE


# A slide's content


def hints(content: object) -> Iterator[Line]:
    """Give what readers of a page see when they point at a word: the test that it has passed."""
    if isinstance(content, Mapping):
        is_word = content.get("rule") and not content.get("key") and not content.get("href")
        if is_word and "is_typed" in content and not content["is_typed"]:
            yield line("alt", str(content["rule"]), rule=TEST)
        for name, value in content.items():
            if name not in ("chart", "fit", "notes_of"):
                yield from hints(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from hints(value)


def slide_lines(spec: Spec) -> Iterator[Line]:
    """Give content and reading of a slide, as both pages have them."""
    is_tiled = layout.is_tiled(spec)
    if is_tiled:
        yield from figure_lines(spec)
    elif spec["chart"]:
        yield from chart_lines(spec["chart"])
    elif spec["table"]:
        yield from table_lines(spec["table"])
    elif spec["quotes"]:
        yield from quote_lines(spec)
    if not is_tiled:
        yield from figure_lines(spec)
    for paragraph in spec["reading"]:
        yield line("text", paragraph["text"])


def is_table(spec: Spec) -> bool:
    """Say whether a table is a slide's content."""
    return bool(spec["table"]) and not spec["chart"] and not layout.is_tiled(spec)


def figure_lines(spec: Spec) -> Iterator[Line]:
    """Give the large figures with their captions."""
    for figure in spec["figures"]:
        yield line("text", figure["value"])
        yield line("text", figure["caption"])


def quote_lines(spec: Spec) -> Iterator[Line]:
    """Give the quotes below the names of their groups."""
    for group, comments in layout.quote_groups(spec).items():
        yield line("text", group, rule=NAME)
        for comment in comments:
            yield line("quote", comment, rule=QUOTE)


def table_lines(table: Spec) -> Iterator[Line]:
    """Give a table's heads, then each row: its name and its cells."""
    heads = [layout.plain(head) for head in table["columns"]]
    yield line("cell", table["header"])
    for head in table["columns"]:
        yield line("cell", head)
    for row in table["rows"]:
        yield line("cell", str(row["name"]), rule=NAME)
        for head, cell in zip(heads, row["cells"], strict=True):
            yield line("cell", cell, row=str(row["name"]), column=head)


def chart_lines(chart: Spec) -> Iterator[Line]:
    """Give what a drawing says: its description, then its labels in the order in which they are drawn."""
    yield line("alt", str(chart["alt"]), rule=CHART, chart=chart)
    for text in labels_of(str(chart["svg"])):
        yield line("label", text, rule=CHART, chart=chart)


def labels_of(svg: str) -> list[str]:
    """Read the texts of a drawing."""
    found = re.findall(r"(?s)<text\b[^>]*>(.*?)</text>", svg)
    return [unescape(re.sub(r"<[^>]+>", "", one)) for one in found]


# The deck


def deck_sections(story: Story) -> list[Section]:
    """Give what each sheet of the deck should say."""
    made = [
        Section(sheet.anchor, sheet.page, (*_sheet_lines(sheet, story), *_heard(sheet)), sheet.spec)
        for sheet in story.sheets
    ]
    first = replace(made[0], lines=(*made[0].lines, line("alt", "数字的来历"), *_logos(story)))
    return [first, *made[1:]]


def _heard(sheet: Sheet) -> Iterator[Line]:
    """Give what is heard or shown on pointing: the sheet's name, twice where it opens a column, and tests of words."""
    name = sheet.title if sheet.spec is not None and sheet.kind == "slide" else [{"text": sheet.label}]
    label = line("alt", name, rule=PERIOD)
    yield label if label.text == sheet.label else line("alt", sheet.label, rule=PERIOD)
    if sheet.kind in OPENING:
        yield line("alt", sheet.label, rule=PERIOD)
    shown = {name: part for name, part in (sheet.spec or {}).items() if name in SHOWN}
    yield from hints(shown if sheet.spec is not None else sheet.content)


def _logos(story: Story) -> list[Line]:
    logo = line("alt", story.dataset.organisation, rule=NAME)
    return [logo] * len(story.sheets) if story.dataset.theme.logo is not None else []


def _sheet_lines(sheet: Sheet, story: Story) -> Iterator[Line]:
    footer = story.dataset.theme.footer
    if sheet.spec is None:
        yield from _FRONTS[sheet.kind](fitted(sheet.kind, sheet.content))
        if sheet.kind != "cover":
            yield _foot(short_foot(footer or story.foot), sheet.page)
        return
    spec = sheet.spec
    yield line("text", spec["kicker"])
    yield line("title", spec["title"])
    yield from slide_lines(spec)
    if spec["source"]:
        yield line("foot", "来源：", spec["source"])
    yield _foot(short_foot(footer), sheet.page)
    if spec["notes"]:
        yield line("note", spec["notes"])
    for remark in story.remarks_on(sheet):
        yield from remark_lines(remark, story, pages=True)


def remark_lines(remark: Remark, story: Story, *, pages: bool) -> Iterator[Line]:
    """Give an analyst's comment: whose it is, what it says, what readers must know first."""
    said = story.referred({"pieces": remark.pieces}, pages=pages)["pieces"]
    yield line("text", remark.heading)
    yield line("text", said)
    yield from hints(said)
    if remark.caution:
        yield line("text", remark.caution, rule=DRIFT)


def _foot(foot: str, page: int) -> Line:
    return line("foot", Piece(f"{foot}　" if foot else "", rule=PERIOD), Piece(str(page), rule=PAGE))


def _cover(content: Spec) -> Iterator[Line]:
    yield line("title", str(content["title"]), rule=PERIOD)
    yield line("text", str(content["lead"]))
    yield line("text", str(content["year"]), rule=PERIOD)
    for name, text in content["meta"]:
        yield line("text", str(name))
        yield line("text", str(text), rule=PERIOD)


def _agenda(content: Spec) -> Iterator[Line]:
    yield line("text", "目录")
    yield line("title", "本报告回答的问题")
    for part in content["parts"]:
        yield line("text", str(part["ordinal"]), rule=ORDINAL)
        yield line("text", str(part["name"]))
        yield line("text", str(part["about"] if part["is_done"] else part["gap"]))
        yield line("text", str(part.get("page", "")), rule=PAGE)


def _summary(content: Spec) -> Iterator[Line]:
    yield line("text", "摘要")
    yield line("title", "一页看完：每章的回答")
    for answer in content["answers"]:
        yield line("text", str(answer["name"]))
        yield answered(answer)


def answered(answer: Spec) -> Line:
    """Give a chapter's answer, or why there is none."""
    return line("text", answer["answer"] if answer["is_done"] else str(answer["gap"]))


def _part(content: Spec) -> Iterator[Line]:
    answers = content["answers"]
    if content["ordinal"] != "附":
        yield line("text", f"第{content['ordinal']}章", rule=ORDINAL)
    yield line("title", str(content["name"]))
    for answer in answers:
        topic = answer["topic"] if len(answers) > 1 else answer["question"]
        if topic:
            yield line("text", str(topic))
        yield answered(answer)
    for entry in content["contents"] if len(answers) < 2 else ():
        yield line("text", str(entry.get("page", "")), rule=PAGE)
        yield line("text", entry["title"])


def _gap(content: Spec) -> Iterator[Line]:
    yield line("text", str(content["name"]))
    yield line("title", str(content["gap"]))
    link = " 看出错的单元格 →" if content["error_link"] else ""
    yield line("text", "此处留空，不以旧数代替", Piece(str(content["reason"]), rule=GAP), link)


def _limits(content: Spec) -> Iterator[Line]:
    yield line("text", "附录 · 局限")
    yield line("title", "这些数字没有说明什么")
    for group in content["groups"]:
        yield line("text", str(group["name"]))
        for limit in group["limits"]:
            yield line("text", str(limit))


_FRONTS: Mapping[str, Callable[[Spec], Iterator[Line]]] = {
    "cover": _cover,
    "agenda": _agenda,
    "summary": _summary,
    "part": _part,
    "gap": _gap,
    "limits": _limits,
}

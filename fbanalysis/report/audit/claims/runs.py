"""Finds enumerations: several numbers of one unit, each with its name, in a sentence, in bullets or in a column."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.claims.claims import Claim, Claims, Sentence, Table, quote_row
from fbanalysis.report.audit.numbers import Mention

#: Between the cells of a row that is written as a line.
_CELLS = re.compile(r"\s*[|｜]\s*")
_BREAK = re.compile(r"[！？\n]|。(?!其中|分别)")
_MOST_APART = 46
_LONGEST_QUOTE = 400
_SHORT_LINE = 48
_RESPECTIVELY = re.compile(
    r"([^。；;：:，,]{2,80}?)(?:[，,])?(?:所?占比?例?|得分|数量|人数|占比)?(?:分别|依次|各)(?:为|是|占|有|达到?|达|[^，。；,;0-9]{0,8})$"
)
_MOST_OR_LEAST = re.compile(r"最[多少高低大小长短]")
_QUARTERS = ("一季度", "二季度", "三季度", "四季度")
_NAMES = re.compile(r"[、]|以及|和|与|及")
#: What opens the lines of one list: a sign, or a number; a line that opens otherwise is none of them.
_MARK = re.compile(
    r"\s*(?:(?P<sign>[•·▪●■◆○*※\-—－–>])|(?P<number>[（(]?\d{1,2}[）).、．](?!\d)|[①-⑳])|(?P<title>[【〔\[第■#]))"
)


#: Words that count the same kind of thing: 份, 条 and 件 of feedback add up, and so do 人 and 名.
_COUNTERS = ("份条个件例起宗篇", "人名位")


def counter(unit: str) -> str:
    """Give the class of a unit: counters that may stand for each other are one."""
    return next((words for words in _COUNTERS if unit and unit in words), unit)


@dataclass(frozen=True)
class Item:
    """One number of an enumeration with its name."""

    label: str
    mention: Mention
    lead: str = ""
    tail: str = ""
    role: str = ""
    depth: int = 0
    clause: int = 0


@dataclass(frozen=True)
class Run:
    """An enumeration: what introduces it, its items in order, and what follows.

    ``style`` is inline, list (bullets, or names each with its number in brackets) or column.
    """

    place: str
    page: int
    passage: int
    quoted: str
    before: str
    after: str
    items: tuple[Item, ...]
    style: str
    head: str = ""

    @property
    def unit(self) -> str:
        return self.items[0].mention.unit

    @property
    def kind(self) -> str:
        return self.items[0].mention.kind

    @property
    def values(self) -> list[float]:
        return [float(item.mention.value) for item in self.items]


def find_runs(claims: Claims) -> tuple[Run, ...]:
    """Find all enumerations of a document: inside sentences, over bullets, and the columns of tables."""
    inline = [run for sentence in claims.sentences for run in sentence_runs(sentence)]
    columns = [run for table in claims.tables for run in column_runs(table)]
    return (*inline, *bullet_runs(claims.sentences), *columns)


def sentence_runs(sentence: Sentence) -> Iterator[Run]:
    """Find the enumerations of one sentence: numbers of one kind and unit that follow each other closely."""
    streams: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, claim in enumerate(sentence.claims):
        if not _stands_in_row(sentence, place):
            streams[claim.mention.kind, counter(claim.unit)].append(place)
    for places in streams.values():
        part: list[int] = []
        for place in places:
            if part and not _follows(sentence, part[-1], place):
                yield from _inline(sentence, part)
                part = []
            part.append(place)
        yield from _inline(sentence, part)


def _stands_in_row(sentence: Sentence, place: int) -> bool:
    """Say whether a number is a cell of a row; 26-35岁28.4 % is a share right behind the number that names it."""
    near = [at for at in (place - 1, place) if 0 <= at < len(sentence.claims) - 1]
    gaps = [sentence.gap(sentence.claims[at], sentence.claims[at + 1]) for at in near]
    if any(_CELLS.fullmatch(gap) for gap in gaps):
        return True
    claim = sentence.claims[place]
    is_named = claim.is_percent and place > 0 and claim.start == sentence.claims[place - 1].end
    behind = gaps[-1] if len(near) > 1 or near == [place] else "，"
    if is_named and sentence.claims[place - 1].unit not in ("", "%") and behind.strip(" +−–~-"):
        return False
    return sentence.stands_in_row(place)


def _follows(sentence: Sentence, one: int, other: int) -> bool:
    first, second = sentence.claims[one], sentence.claims[other]
    gap = sentence.gap(first, second)
    return len(gap) <= _MOST_APART and not _BREAK.search(gap)


def _inline(sentence: Sentence, places: Sequence[int]) -> Iterator[Run]:
    if len(places) < 2:
        return
    first, last = sentence.claims[places[0]], sentence.claims[places[-1]]
    start = first.start - len(first.lead)
    names = _respective_names(sentence.text[max(0, first.start - 120) : first.start], len(places))
    items = tuple(
        Item(
            names[at] if names else _label(sentence, place),
            sentence.claims[place].mention,
            sentence.claims[place].lead,
            sentence.claims[place].tail,
            sentence.claims[place].role,
            sentence.depths[sentence.claims[place].start],
            len(re.findall("[；;。]", sentence.text[first.start : sentence.claims[place].start])),
        )
        for at, place in enumerate(places)
    )
    yield Run(
        sentence.place,
        sentence.page,
        sentence.passage,
        sentence.around(first, last),
        sentence.text[max(0, start - 60) : first.start],
        sentence.text[last.end : last.end + 40],
        items,
        "list" if _is_list(sentence, places) else "inline",
    )


def _label(sentence: Sentence, place: int) -> str:
    """Name a number; a number in brackets behind another is named as that one."""
    claim = sentence.claims[place]
    if name := _naming(sentence, claim):
        return name
    if claim.label:
        return _with_number(sentence, claim)
    if not place:
        return ""
    before = sentence.claims[place - 1]
    return before.label if re.match(r"[^，。；,;0-9]{0,4}[（(]|[，,]?占", sentence.gap(before, claim)) else ""


def _with_number(sentence: Sentence, claim: Claim) -> str:
    """Give a label with the number that begins its name: 1号线."""
    if not claim.label.startswith("号"):
        return claim.label
    digits = re.search(r"\d+$", sentence.text[: claim.start - len(claim.lead)])
    return f"{digits.group()}{claim.label}" if digits else claim.label


def _naming(sentence: Sentence, claim: Claim) -> str:
    """Give the number right before another that names it: 一年级 18.2 %, 三季度 120 件."""
    words = _MOST_OR_LEAST.sub("", claim.lead).strip("为是：:（( ")
    if words or not claim.start:
        return ""
    begins = claim.start - len(claim.lead)
    near = [at for at in (begins, begins - 1) if at in sentence.endings]
    return sentence.endings[near[0]] if near else ""


def _respective_names(text: str, count: int) -> list[str]:
    match = _RESPECTIVELY.search(text)
    if match and count == len(_QUARTERS) and "季度" in match[1]:
        return list(_QUARTERS)
    names = [name.strip() for name in _NAMES.split(match[1]) if name.strip()] if match else []
    return names if len(names) == count else []


def _is_list(sentence: Sentence, places: Sequence[int]) -> bool:
    """Say whether each number stands in brackets behind its name, or behind a bullet."""
    marks = sum(
        "•" in sentence.text[max(0, c.start - 24) : c.start] for c in (sentence.claims[p] for p in places)
    )
    brackets = sum(
        bool(re.search(r"[（(][^（）()]{0,8}$", sentence.text[max(0, c.start - 10) : c.start]))
        for c in (sentence.claims[p] for p in places)
    )
    return len(places) >= 3 and (marks >= len(places) - 1 or brackets == len(places))


def bullet_runs(sentences: Sequence[Sentence]) -> Iterator[Run]:
    """Find lists: short lines one after another with one number of the same unit each."""
    run: list[tuple[Sentence, Claim]] = []
    before = ""
    heading = ""
    for sentence in sentences:
        claim = _only_number(sentence) or _last_of_list(run, sentence)
        if run and not (claim is not None and _continues(run, sentence, claim)):
            yield from _bullets(run, heading)
            run = []
        if claim is not None:
            heading = heading if run else before
            run.append((sentence, claim))
        before = sentence.text
    yield from _bullets(run, heading)


def _only_number(sentence: Sentence) -> Claim | None:
    is_line = len(sentence.text.strip()) <= _SHORT_LINE and 1 <= len(sentence.claims) <= 2
    if (
        not is_line
        or sentence.kind not in ("text", "label")
        or (not sentence.claims[-1].label and not _label(sentence, len(sentence.claims) - 1))
    ):
        return None
    first, last = sentence.claims[0], sentence.claims[-1]
    # two numbers of one unit are an enumeration of their own
    is_alike = first is not last and (first.mention.kind, first.unit) == (last.mention.kind, last.unit)
    return None if is_alike else last


def _last_of_list(run: Sequence[tuple[Sentence, Claim]], sentence: Sentence) -> Claim | None:
    """Give the number of a list's last line where the text below was read as one line with it."""
    if len(run) < 2 or sentence.passage - run[-1][0].passage != 1:
        return None
    last, number = run[-1]
    at = last.claims.index(number)
    if at + 1 >= len(sentence.claims) or len(last.claims) != at + 1:
        return None
    units = [(claim.mention.kind, claim.unit) for claim in last.claims]
    is_alike = units == [(claim.mention.kind, claim.unit) for claim in sentence.claims[: at + 1]]
    claim = sentence.claims[at]
    return claim if is_alike and sentence.text[claim.end : claim.end + 1].isspace() else None


def _continues(run: Sequence[tuple[Sentence, Claim]], sentence: Sentence, claim: Claim) -> bool:
    last, number = run[-1]
    return (
        last.page == sentence.page
        and sentence.passage - last.passage in (0, 1)
        and line_mark(run[0][0].text) == line_mark(sentence.text)
        and (claim.mention.kind, claim.unit) == (number.mention.kind, number.unit)
    )


def line_mark(text: str) -> str:
    """Name what opens a line: the sign of its list, ``number``, ``title``, or nothing.

    >>> line_mark("· 咨询 46%"), line_mark("2. 投诉 21%"), line_mark("其他 3%")
    ('·', 'number', '')
    """
    match = _MARK.match(text)
    return "" if match is None else match["sign"] or match.lastgroup or ""


def _bullets(run: Sequence[tuple[Sentence, Claim]], heading: str) -> Iterator[Run]:
    if len(run) < 2:
        return
    items = tuple(Item(_label(s, s.claims.index(c)), c.mention, c.lead, c.tail, c.role) for s, c in run)
    first = run[0][0]
    quoted = " ".join(sentence.text.strip() for sentence, _ in run)[:200]
    yield Run(first.place, first.page, first.passage, quoted, heading[-60:], "", items, "list")


def column_runs(table: Table) -> Iterator[Run]:
    """Give the columns of a table as enumerations."""
    for column, head in enumerate(table.heads):
        cells = table.column(column)
        kinds = {(m.kind, m.unit) for m in cells.values()}
        if len(cells) >= 2 and len({kind for kind, _ in kinds}) == 1:
            items = tuple(Item(table.labels[row], m, head, "") for row, m in cells.items())
            quoted = "；".join(quote_row(table, row) for row in cells)[:_LONGEST_QUOTE]
            yield Run(
                table.place, table.page, table.passage, quoted, table.caption, "", items, "column", head
            )

"""Gathers the tables of a file, from cells, from bars and from text where a table ran into one line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from fbanalysis.report.audit.claims.claims import KNOWN_HEADS, MEASURING, Claim, Claims, Sentence, Table, cut
from fbanalysis.report.audit.numbers import Mention, find_numbers, mend
from fbanalysis.report.audit.reading import Document, Passage

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_COLUMN_WORD = re.compile(f"同比变化|同比|环比|均值|平均值|{KNOWN_HEADS}|[\u4e00-\u9fff]{{2}}率")
_CODE = re.compile(r"^.{0,4}?[A-Z]\d+")
#: A cell is a number when hardly a word stands beside it.
_WORDS_BESIDE = 6
_FEWEST_ROWS = 3
_MOST_HEADS, _LONGEST_HEAD = 8, 12
#: 72 小时妥投率: a name may begin with a number.
_LEADING_NUMBER = re.compile(r"^[\d,.]+(?:小时|分钟|天|日|秒|元|万元|%)?")
#: A row that begins with its number, and heads that make the number a rank.
_ORDINAL = re.compile(r"\d{1,2}")
_RANKS = re.compile(r"排名|名次|位次|排序")
#: A cell that says whether the row's aim was reached.
_JUDGING = re.compile(r"[未不没基本已超额]{0,3}(?:达标|完成|达成|达到|合格|达到目标)|是|否")
#: Letters on each side of a line break that show whether it broke a number.
_TAIL = 16


def read_claims(document: Document) -> Claims:
    """Cut a document into sentences with their numbers, and gather its tables."""
    passages = list(mend_passages(document.passages))
    orders = count_blocks(passages)
    sentences = tuple(
        sentence
        for number, passage in zip(orders, passages, strict=True)
        if not _is_number_cell(passage)
        for sentence in cut(passage, number)
    )
    return Claims(sentences, tuple(read_tables(passages, sentences, orders=orders)))


def mend_passages(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Join lines that an extraction broke inside a number, and part numbers that it stuck together."""
    held: list[Passage] = []
    for passage in passages:
        if held and not _breaks_number(held[-1], passage):
            yield _joined(held)
            held = []
        held.append(passage)
    if held:
        yield _joined(held)


def _breaks_number(one: Passage, other: Passage) -> bool:
    """Say whether the break between two lines is one that `mend` takes away."""
    if not (one.kind == other.kind == "text" and one.page == other.page and other.text[:1].isdigit()):
        return False
    return "\n" not in mend(f"{one.text[-_TAIL:]}\n{other.text[:_TAIL]}")


def _joined(parts: Sequence[Passage]) -> Passage:
    if len(parts) == 1 and parts[0].kind != "text":
        return parts[0]
    return replace(parts[0], text=mend("\n".join(part.text for part in parts)), keys=())


def count_blocks(passages: Sequence[Passage]) -> list[int]:
    """Number passages so that a table counts as one: what stands around it is near it, however long it is; a cell full of text counts as text."""
    number, before = 0, ""
    orders = []
    for passage in passages:
        kind = "table" if passage.kind == "chart" or _is_number_cell(passage) else "text"
        number += not (kind == before == "table")
        orders.append(number)
        before = kind
    return orders


def read_tables(
    passages: Sequence[Passage], sentences: Sequence[Sentence], *, orders: Sequence[int]
) -> Iterator[Table]:
    """Gather tables from cells and charts, from lines with bars, and from runs of alike rows in text."""
    for table in (*_cell_tables(passages), *_bar_tables(passages), *_blank_tables(passages)):
        yield replace(table, passage=orders[table.passage])
    for sentence in sentences:
        yield from run_tables(sentence)


def single_number(text: str) -> Mention | None:
    """Give the number of a cell that is nothing but a number with its unit."""
    numbers = [m for m in find_numbers(text) if m.kind in MEASURING and m.value is not None]
    if len(numbers) == 0:
        return None
    rest = len(text.strip()) - len(numbers[0].text)
    return numbers[0] if rest <= _WORDS_BESIDE and len(numbers) == 1 else None


def _is_number_cell(passage: Passage) -> bool:
    return passage.kind == "cell" and len(_CHINESE.findall(passage.text)) <= 2 * _WORDS_BESIDE


def _cell_tables(passages: Sequence[Passage]) -> Iterator[Table]:
    rows: list[tuple[str, str, Mention]] = []
    names: dict[str, str] = {}
    words: dict[tuple[str, str], str] = {}
    first = 0
    caption = ""
    for number, passage in enumerate(passages):
        is_cell = passage.kind in ("cell", "chart") and bool(passage.row and passage.column)
        is_next = is_cell and bool(rows) and _starts_anew(rows, passage, passages[first])
        is_head = passage.kind == "cell" and not passage.row and not passage.column
        if (not is_cell and passage.kind != "cell") or is_next or is_head:
            yield from _table(
                _renamed(rows, names), passages[first], number=first, caption=caption, words=words
            )
            rows, names, words = [], {}, {}
        if is_cell and _ORDINAL.fullmatch(passage.row) and _CHINESE.search(passage.text):
            names.setdefault(passage.row, passage.text.strip())
        elif passage.kind == "cell" and passage.column and _ORDINAL.fullmatch(passage.text.strip()):
            names[""] = passage.column
        if is_cell and (mention := single_number(passage.text)) is not None:
            first = first if rows else number
            rows.append((passage.row, passage.column, mention))
        elif is_cell:
            words[passage.row, passage.column] = passage.text.strip()
        if not is_cell and passage.kind in ("title", "text"):
            caption = passage.text[:80]
    yield from _table(
        _renamed(rows, names),
        passages[first] if passages else None,
        number=first,
        caption=caption,
        words=words,
    )


def _renamed(rows: list[tuple[str, str, Mention]], names: dict[str, str]) -> list[tuple[str, str, Mention]]:
    """Name rows that begin with a number by what stands behind it; the number is a rank where its head says so."""
    corner = names.get("", "")
    labels = list(dict.fromkeys(row for row, _, _ in rows))
    if not names or not all(label in names or not _ORDINAL.fullmatch(label) for label in labels):
        return rows
    numbers = {label: single_number(label) for label in labels if _RANKS.search(corner)}
    ranks = [(names.get(label, label), corner, m) for label, m in numbers.items() if m is not None]
    return [*ranks, *((names.get(row, row), column, mention) for row, column, mention in rows)]


def _starts_anew(rows: Sequence[tuple[str, str, Mention]], passage: Passage, first: Passage) -> bool:
    """Say whether a cell belongs to another table: another page, or the table's first row and column again."""
    return (passage.page, passage.anchor, passage.kind) != (first.page, first.anchor, first.kind) or (
        (passage.row, passage.column) == rows[0][:2]
    )


def _table(
    rows: Sequence[tuple[str, str, Mention]],
    passage: Passage | None,
    *,
    number: int,
    caption: str,
    words: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Iterator[Table]:
    labels = tuple(dict.fromkeys(row for row, _, _ in rows))
    heads = tuple(dict.fromkeys(column for _, column, _ in rows))
    cells = {(labels.index(row), heads.index(column)): mention for row, column, mention in rows}
    # a label that stands twice is two rows: which is which is lost, so nothing is said of such a table
    if passage is not None and len(rows) >= 2 and len(cells) == len(rows):
        said = {(labels.index(row), head): text for (row, head), text in words.items() if row in labels}
        yield Table(passage.place, passage.page, number, labels, heads, cells, caption, said)


def _bar_tables(passages: Sequence[Passage]) -> Iterator[Table]:
    lines: list[list[str]] = []
    first, caption = 0, ""
    for number, passage in enumerate([*passages, None]):
        text = passage.text.strip() if passage is not None else ""
        if text.count("|") >= 2 and passage is not None and passage.kind == "text":
            first = first if lines else number
            parts = [part.strip() for part in text.strip("|").split("|")]
            if _is_ruler(parts) and len(lines) > 1:
                # the line above a ruler is the head of the next table
                yield from _from_lines(lines[:-1], passages, first=first, caption=caption)
                first, lines = number - 1, lines[-1:]
            lines.append(parts)
            continue
        yield from _from_lines(lines, passages, first=first, caption=caption)
        lines = []
        caption = text[:80] or caption


def _blank_tables(passages: Sequence[Passage]) -> Iterator[Table]:
    """Find tables whose cells blanks divide: a line of heads without a number, and lines with as many cells below."""
    heads: list[str] = []
    lines: list[list[str]] = []
    first, caption = 0, ""
    for number, passage in enumerate([*passages, None]):
        parts = passage.text.split() if passage is not None and passage.kind == "text" else []
        if heads and _is_blank_row(parts, heads):
            lines.append(parts)
            continue
        yield from _from_lines([heads, *lines], passages, first=first, caption=caption)
        caption = heads[0] if heads else caption
        is_head = _FEWEST_ROWS <= len(parts) <= _MOST_HEADS and all(map(_is_head_word, parts))
        heads, lines, first = parts if is_head else [], [], number


def _is_head_word(part: str) -> bool:
    return len(part) <= _LONGEST_HEAD and single_number(part) is None


def _is_blank_row(parts: Sequence[str], heads: Sequence[str]) -> bool:
    """Say whether a line is a row: a name without a number, and a number or a dash under each head."""
    is_named = bool(parts) and len(_CHINESE.findall(_LEADING_NUMBER.sub("", parts[0]))) >= 2
    numbers = [
        single_number(part) is not None or not _CHINESE.search(part) or bool(_JUDGING.fullmatch(part))
        for part in parts[1:]
    ]
    return is_named and len(parts) == len(heads) and all(numbers)


def _is_ruler(parts: Sequence[str]) -> bool:
    return all(set(part) <= set("-: ") for part in parts)


def _from_lines(
    lines: Sequence[Sequence[str]], passages: Sequence[Passage], *, first: int, caption: str
) -> Iterator[Table]:
    body = [line for line in lines[1:] if not _is_ruler(line)]
    if not body:
        return
    rows = [
        (line[0], head, mention)
        for line in body
        for head, part in zip(lines[0][1:], line[1:], strict=False)
        if (mention := single_number(part)) is not None
    ]
    words = {
        (line[0], head): part
        for line in body
        for head, part in zip(lines[0][1:], line[1:], strict=False)
        if part and single_number(part) is None
    }
    yield from _table(rows, passages[first], number=first, caption=caption, words=words)


def run_tables(sentence: Sentence) -> Iterator[Table]:
    """Find rows of a table that an extraction ran into one line: at least three rows of the same make."""
    rows = list(_rows(sentence))
    start = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or _make(rows[place]) != _make(rows[start]):
            if place - start >= _FEWEST_ROWS and len(rows[start]) >= 2:
                yield _run_table(sentence, rows[start:place])
            start = place


def _rows(sentence: Sentence) -> Iterator[list[Claim]]:
    row: list[Claim] = []
    for claim in sentence.claims:
        if row and len(_CHINESE.findall(sentence.gap(row[-1], claim))) >= 2:
            yield row
            row = []
        row.append(claim)
    if row:
        yield row


def _make(row: Sequence[Claim]) -> tuple[str, ...]:
    return tuple(claim.mention.kind + claim.unit for claim in row)


def _run_table(sentence: Sentence, rows: Sequence[Sequence[Claim]]) -> Table:
    ends = [None, *[row[-1] for row in rows[:-1]]]
    words = [
        sentence.text[end.end if end else max(0, row[0].start - 60) : row[0].start]
        for end, row in zip(ends, rows, strict=True)
    ]
    heads, words[0] = _heads(words[0], len(rows[0]))
    labels = tuple(_CODE.sub("", word).strip(" ，,、；;：:•")[-24:] for word in words)
    cells = {(r, c): claim.mention for r, row in enumerate(rows) for c, claim in enumerate(row)}
    return Table(
        sentence.place, sentence.page, sentence.passage, labels, tuple(heads), cells, sentence.text[:80]
    )


def _heads(words: str, count: int) -> tuple[list[str], str]:
    """Find the heads of a run-on table: as many names of measures one right after the other as it has columns.

    Gives the heads and what stands behind them; without heads empty words and all.
    """
    found = list(_COLUMN_WORD.finditer(words))
    for start in range(len(found) - count + 1):
        heads = found[start : start + count]
        if all(one.end() == other.start() for one, other in pairwise(heads)):
            return [match.group() for match in heads], words[heads[-1].end() :]
    return [""] * count, words

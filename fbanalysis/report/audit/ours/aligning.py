"""Finds the line that each passage of a finished file should be: by its place among its neighbours.

An altered passage keeps its neighbours, so that what should stand there is known; nothing is judged here.
"""

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import zip_longest

from fbanalysis.report.audit.ours.expected import Line, Section
from fbanalysis.report.audit.ours.printed import squeezed
from fbanalysis.report.audit.reading import Passage

#: Texts of these kinds stand apart from the body: a drawing's labels may be read before or after its description.
CHANNELS = ("alt", "label", "note", "chart", "hidden")
#: Passages less alike than this are not the same sentence with another number.
_LEAST_ALIKE = 0.5
#: Blocks longer than this are paired in order: what differs so widely is not the file of this story.
_LARGEST_BLOCK = 600
#: Lists of equal length that differ in at most this share of their texts are paired one by one.
_MOST_DIFFERING = 0.5
#: Stands between a cell's text and the heads of its row and column.
_MARK, _CELL = "\x1f", "\x1e"
#: From this share of equal cells on, both sides name rows and columns alike.
_NAMED_ALIKE = 0.9

Block = tuple[int, int, int, int]


@dataclass(frozen=True)
class Pair:
    """A passage with the line that should stand there; one of the two may be missing."""

    section: Section
    line: Line | None
    passage: Passage | None

    @property
    def is_alike(self) -> bool:
        """Say whether the passage says what it should, blanks aside."""
        both = self.line is not None and self.passage is not None
        return both and squeezed(self.line.text) == squeezed(self.passage.text)


def align(sections: Sequence[Section], passages: Sequence[Passage]) -> list[Pair]:
    """Pair all passages of sections with their lines, each channel for itself."""
    lines = [(section, one) for section in sections for one in section.lines]
    channels = dict.fromkeys(
        [*(channel(one.kind) for _, one in lines), *(channel(one.kind) for one in passages)]
    )
    made: list[Pair] = []
    for name in channels:
        wanted = [one for one in lines if channel(one[1].kind) == name]
        found = [one for one in passages if channel(one.kind) == name]
        made += _heard_pairs(wanted, found, sections) if name == "alt" else _pairs(wanted, found, sections)
    return made


def placed(sections: Sequence[Section], passages: Sequence[Passage]) -> list[Passage]:
    """Number pages as the story does where slides or sheets were taken out or put in.

    A page keeps its number where there are as many as there should be. Else pages and sections are paired in order so
    that they share as many texts as they can; a page that shares nothing becomes -1.
    """
    read: dict[int, Counter[str]] = {}
    for one in passages:
        read.setdefault(one.page, Counter())[squeezed(one.text)] += 1
    wanted = {one.page: Counter(squeezed(line.text) for line in one.lines) for one in sections}
    if set(wanted) in ({0}, set(read)):
        return list(passages)
    pages = _same_pages(wanted, read)
    return [_renumbered(one, pages.get(one.page, -1)) for one in passages]


def _renumbered(passage: Passage, page: int) -> Passage:
    """Give a passage another page; a page's own number goes with it."""
    is_number = passage.kind == "foot" and passage.text == str(passage.page)
    return replace(passage, page=page, text=str(page) if is_number else passage.text)


def _same_pages(wanted: dict[int, Counter[str]], read: dict[int, Counter[str]]) -> dict[int, int]:
    """Pair two rows of pages in order: the longest common subsequence, weighed by the texts in common."""
    rows, columns = sorted(wanted), sorted(read)
    shared = [[(wanted[i] & read[j]).total() for j in columns] for i in rows]
    best = [[0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for i, row in enumerate(shared, start=1):
        for j, weight in enumerate(row, start=1):
            best[i][j] = max(best[i - 1][j], best[i][j - 1], best[i - 1][j - 1] + weight)
    found: dict[int, int] = {}
    i, j = len(rows), len(columns)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            found[columns[j]] = rows[i]
    return found


def _heard_pairs(
    lines: Sequence[tuple[Section, Line]], passages: Sequence[Passage], sections: Sequence[Section]
) -> Iterator[Pair]:
    """Pair what is heard by its text first: it belongs to elements, and these have no order among paragraphs."""
    waiting: dict[str, list[tuple[Section, Line]]] = {}
    for one in lines:
        waiting.setdefault(squeezed(one[1].text), []).append(one)
    known, alone = {text: some[0] for text, some in waiting.items()}, []
    for passage in passages:
        text = squeezed(passage.text)
        if text in known:
            # a chart that is drawn as two has its description twice
            section, line = waiting[text].pop(0) if waiting[text] else known[text]
            yield Pair(section, line, passage)
        else:
            alone.append(passage)
    yield from _pairs([one for left in waiting.values() for one in left], alone, sections)


def channel(kind: str) -> str:
    """Name what a kind of passage is paired among."""
    return kind if kind in CHANNELS else "body"


def _pairs(
    lines: Sequence[tuple[Section, Line]], passages: Sequence[Passage], sections: Sequence[Section]
) -> Iterator[Pair]:
    texts, read = _tokens([line for _, line in lines], passages)
    last = sections[0] if sections else Section("", 0, ())
    for i, j in paired(texts, read):
        if i is not None:
            last = lines[i][0]
        yield Pair(last, None if i is None else lines[i][1], None if j is None else passages[j])


def _tokens(lines: Sequence[Line], passages: Sequence[Passage]) -> tuple[list[str], list[str]]:
    """Give what is compared: texts, of cells with the heads of row and column where both sides name them alike.

    With its heads a cell is one of a kind, and two that changed places are both seen to be wrong.
    """
    placed = [_placed(one) for one in lines], [_placed(one) for one in passages]
    same = sum((Counter(placed[0]) & Counter(placed[1])).values())
    if same >= _NAMED_ALIKE * max(*map(len, placed), 1):
        return placed
    return [_bare(one) for one in lines], [_bare(one) for one in passages]


def _placed(one: Line | Passage) -> str:
    place = f"{one.row}{one.column}" if one.row and one.column else ""
    return _bare(one) + squeezed(place)


def _bare(one: Line | Passage) -> str:
    """Give the text with a mark behind it, and of a cell a second one: cells are no landmarks."""
    return squeezed(one.text) + _MARK + _CELL * (one.kind in ("cell", "quote"))


def paired(wanted: Sequence[str], found: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Pair two lists of texts: equal ones in order, then those between the same neighbours, then the most alike.

    >>> paired(["a", "b 1", "c"], ["a", "b 2", "c", "d"])
    [(0, 0), (1, 1), (2, 2), (None, 3)]
    """
    made: list[tuple[int | None, int | None]] = []
    for block in _blocks(wanted, found, (0, len(wanted), 0, len(found))):
        made += _within(wanted, found, block)
    return made


def _blocks(wanted: Sequence[str], found: Sequence[str], block: Block) -> Iterator[Block]:
    """Divide into blocks of equal texts and blocks that differ, in order."""
    first, last, left, right = block
    head = _common(wanted[first:last], found[left:right])
    tail = _common(wanted[first + head : last][::-1], found[left + head : right][::-1])
    yield first, first + head, left, left + head
    inner = (first + head, last - tail, left + head, right - tail)
    if inner[0] < inner[1] or inner[2] < inner[3]:
        yield from _inner(wanted, found, inner)
    yield last - tail, last, right - tail, right


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the texts that two lists begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _inner(wanted: Sequence[str], found: Sequence[str], block: Block) -> Iterator[Block]:
    """Divide a block at the texts that occur in it once on either side; one of equal length stays whole."""
    first, last, left, right = block
    if last - first == right - left and _alike(wanted[first:last], found[left:right]):
        yield block
        return
    inner = wanted[first:last], found[left:right]
    anchors = _anchors(*inner, landmarks=True) or _anchors(*inner, landmarks=False)
    if not anchors:
        yield block
        return
    at, to = first, left
    for i, j in anchors:
        yield from _blocks(wanted, found, (at, first + i, to, left + j))
        yield first + i, first + i + 1, left + j, left + j + 1
        at, to = first + i + 1, left + j + 1
    yield from _blocks(wanted, found, (at, last, to, right))


def _alike(wanted: Sequence[str], found: Sequence[str]) -> bool:
    """Say whether lists of equal length differ in few texts, or are too short to tell; heads may have been swapped."""
    pairs = zip(wanted, found, strict=True)
    differing = sum(a.split(_MARK)[0] != b.split(_MARK)[0] for a, b in pairs)
    return differing <= max(4, _MOST_DIFFERING * len(wanted))


def _anchors(wanted: Sequence[str], found: Sequence[str], *, landmarks: bool) -> list[tuple[int, int]]:
    """Give the texts that occur once on either side, as many as keep their order (patience sorting).

    ``landmarks`` leaves the cells of tables out: two rows may have changed places.
    """
    counts = Counter(wanted), Counter(found)
    places = {
        text: j
        for j, text in enumerate(found)
        if counts[1][text] == 1 and not (landmarks and not text.endswith(_MARK))
    }
    both = [(i, places[text]) for i, text in enumerate(wanted) if counts[0][text] == 1 and text in places]
    tails: list[int] = []
    rows: list[tuple[int, int, int]] = []
    best: list[int] = []
    for place, (i, j) in enumerate(both):
        at = bisect.bisect_left(tails, j)
        before = best[at - 1] if at else -1
        rows.append((i, j, before))
        tails[at : at + 1] = [j]
        best[at : at + 1] = [place]
    kept, place = [], best[-1] if best else -1
    while place >= 0:
        i, j, place = rows[place]
        kept.append((i, j))
    return kept[::-1]


def _within(
    wanted: Sequence[str], found: Sequence[str], block: Block
) -> Iterable[tuple[int | None, int | None]]:
    """Pair what lies in a block: one by one where it is as long on either side, else the most alike."""
    first, last, left, right = block
    if last - first == right - left:
        return zip(range(first, last), range(left, right), strict=True)
    return _most_alike(wanted, found, block)


def _most_alike(
    wanted: Sequence[str], found: Sequence[str], block: Block
) -> list[tuple[int | None, int | None]]:
    """Pair equal texts, then similar ones; what has no like stays alone."""
    first, last, left, right = block
    if max(last - first, right - left) > _LARGEST_BLOCK:
        return list(zip_longest(range(first, last), range(left, right)))
    matcher = SequenceMatcher(None, wanted[first:last], found[left:right], autojunk=False)
    made: list[tuple[int | None, int | None]] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        rows, columns = range(first + i1, first + i2), range(left + j1, left + j2)
        if tag == "equal" or len(rows) == len(columns):
            made += zip(rows, columns, strict=True)
        else:
            made += _similar(wanted, found, rows, columns)
    return made


def _similar(
    wanted: Sequence[str], found: Sequence[str], rows: Sequence[int], columns: Sequence[int]
) -> list[tuple[int | None, int | None]]:
    """Let each passage take the line that it resembles most, the closest pair first."""
    rated = [
        (SequenceMatcher(None, wanted[i], found[j], autojunk=False).ratio(), i, j)
        for i in rows[:60]
        for j in columns[:60]
    ]
    line_of: dict[int, int] = {}
    for ratio, i, j in sorted(rated, reverse=True):
        if ratio >= _LEAST_ALIKE and j not in line_of and i not in line_of.values():
            line_of[j] = i
    alone = [i for i in rows if i not in line_of.values()]
    return [(line_of.get(j), j) for j in columns] + [(i, None) for i in alone]

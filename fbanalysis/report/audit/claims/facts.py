"""Says how likely each printed number is what another one was computed from: by distance, shared words and period."""

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fbanalysis.report.audit.claims.claims import PRIOR, Claims, Sentence, Table
from fbanalysis.report.audit.numbers import Mention

_IDLE = re.compile(r"[的了和与及为是在中有占约达仅只共比较从由到至对也还均都已将并其各个份条件人名位次]|\d")
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z]")
#: Periods are words of their own: digits and the words around them would make other pairs of letters.
_PERIOD = re.compile(
    r"20\d\d年?|1[0-2]月|\d月|[QH][1-4]|[一二三四]季度|[上下]半年|[上前去今本]年|[上本]月|[上本]季|[上本]期|同期|首轮|次轮|第[一二三四五]轮|第[一二三四五]周"
)
_CHANGES = re.compile(r"变化|变动|增减|同比|环比|升降|差[值距]|增幅|降幅|提升|增长")
_AIMS = re.compile(r"目标|计划|任务|预算|承诺|标准")
_STOP = re.compile(r"[。；;！？\n]")
_LEAD, _SCOPE, _TAIL = 20, 64, 8
#: So far before and behind a statement, in passages, numbers may belong to it without a word in common.
_BACK, _AHEAD = 12, 4
_POOL = 90
#: A pair of letters that so many numbers have beside them leads to none of them.
_COMMON = 12
_MOST_OVERLAP = 3.0


@dataclass(frozen=True)
class Fact:
    """A printed number with the words that say what it is of.

    ``sentence`` and ``at`` count sentences and numbers in them; a cell of a table has -1 and its row.
    ``group`` is shared by numbers of one sentence or of one column.
    """

    mention: Mention
    passage: int
    sentence: int
    at: int
    group: tuple[int, int]
    words: frozenset[str]
    role: str
    is_prior: bool
    is_aim: bool
    is_total: bool = False

    @property
    def value(self) -> float:
        return float(self.mention.value)

    @property
    def text(self) -> str:
        return self.mention.text


def words_of(text: str) -> frozenset[str]:
    """Cut a text into pairs of letters and periods, without words that say nothing.

    >>> sorted(words_of("2024年的接通率"))
    ['2024', '接通', '通率']
    """
    periods = {
        match.group().rstrip("年") if match.group()[0] == "2" else match.group()
        for match in _PERIOD.finditer(text)
    }
    parts = re.split(r"[^\u4e00-\u9fffA-Za-z]+", _IDLE.sub(" ", _PERIOD.sub(" ", text)))
    return frozenset(periods | {part[at : at + 2] for part in parts for at in range(len(part) - 1)})


class Stock:
    """All numbers of a document, found by place and by word."""

    def __init__(self, claims: Claims) -> None:
        self._sentences = claims.sentences
        self.facts = [*_said(claims.sentences), *_tabled(claims.tables)]
        self.facts.sort(
            key=lambda fact: (fact.passage, fact.sentence < 0, fact.sentence, fact.group, fact.at)
        )
        self._passages = [fact.passage for fact in self.facts]
        self._places = {(fact.sentence, fact.at): fact for fact in self.facts if fact.sentence >= 0}

    @cached_property
    def _weights(self) -> dict[str, float]:
        """Weigh words by how few numbers have them: 1 where one has it."""
        counts = Counter(word for fact in self.facts for word in fact.words)
        every = math.log(len(self.facts) + 1)
        return {
            word: math.log((len(self.facts) + 1) / (count + 0.5)) / every for word, count in counts.items()
        }

    @cached_property
    def _by_word(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            for word in fact.words:
                found[word].append(fact)
        return {word: facts for word, facts in found.items() if len(facts) <= _COMMON}

    def fact(self, sentence: int, at: int) -> Fact:
        """Give the fact of a sentence's number."""
        return self._places[sentence, at]

    def around(self, sentence: int, at: int) -> list[tuple[float, Fact]]:
        """Give the numbers that one may have been computed from, the likeliest first, each with its plausibility.

        Notes
        -----
        Plausibility adds nearness (3 for the number right before it in its sentence, falling to 0 some twelve
        passages away) and the weights of the words that it shares with the sentence before the number (at most 3).
        Changes and bounds count less. The scale was set on invented reports; it orders, and is no probability.
        """
        said = self._sentences[sentence]
        scope = self._scope(said, at)
        pool = self._pool(said, scope)
        found = [
            (
                self._nearness(fact, sentence, at, said.passage)
                + self.overlap(fact.words, scope)
                + _penalty(fact),
                fact,
            )
            for fact in pool
            if (fact.sentence, fact.at) != (sentence, at)
        ]
        return sorted(found, key=lambda pair: -pair[0])

    def overlap(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Add the weights of the words that two numbers share."""
        return min(_MOST_OVERLAP, sum(self._weights.get(word, 0.0) for word in one & other))

    def _scope(self, sentence: Sentence, at: int) -> frozenset[str]:
        claim = sentence.claims[at]
        before = _STOP.split(sentence.text[max(0, claim.start - _SCOPE) : claim.start])[-1]
        return words_of(before + "|" + sentence.text[claim.end : claim.end + _TAIL])

    def _pool(self, sentence: Sentence, scope: frozenset[str]) -> list[Fact]:
        first = bisect_left(self._passages, sentence.passage - _BACK)
        last = bisect_right(self._passages, sentence.passage + _AHEAD)
        here = bisect_left(self._passages, sentence.passage)
        near = self.facts[max(first, here - _POOL) : min(last, here + _POOL)]
        seen = {id(fact) for fact in near}
        named = (fact for word in scope for fact in self._by_word.get(word, ()) if id(fact) not in seen)
        return [*near, *{id(fact): fact for fact in named}.values()]

    def _nearness(self, fact: Fact, sentence: int, at: int, passage: int) -> float:
        if fact.sentence == sentence:
            return 3.0 - 0.25 * (at - fact.at - 1) if fact.at < at else 1.2 - 0.3 * (fact.at - at)
        steps = passage - fact.passage
        if steps == 0 and fact.sentence >= 0:
            return 2.0 - 0.3 * (sentence - fact.sentence - 1) if fact.sentence < sentence else 1.0
        return max(0.0, 1.5 - 0.12 * steps) if steps >= 0 else max(0.0, 1.0 + 0.15 * steps)


def _penalty(fact: Fact) -> float:
    return -1.5 * (fact.role == "change") - 0.5 * bool(fact.mention.bound)


def _said(sentences: Sequence[Sentence]) -> Iterator[Fact]:
    for place, sentence in enumerate(sentences):
        for at, claim in enumerate(sentence.claims):
            first = sentence.claims[at - 1].end if at else 0
            lead = sentence.text[max(first, claim.start - _LEAD) : claim.start]
            if len(_WORD.findall(lead)) < 2:
                lead = sentence.text[max(0, claim.start - _LEAD) : claim.start]
            tail = re.split(r"[，。；,;、\s（(]", sentence.text[claim.end : claim.end + _TAIL])[0]
            yield Fact(
                claim.mention,
                sentence.passage,
                place,
                at,
                (-1, place),
                words_of(f"{lead}|{claim.subject}|{tail}"),
                claim.role,
                bool(claim.period),
                claim.is_aim or claim.role == "target",
            )


def _tabled(tables: Iterable[Table]) -> Iterator[Fact]:
    for number, table in enumerate(tables):
        for (row, column), mention in sorted(table.cells.items(), key=lambda cell: cell[0][::-1]):
            head = table.heads[column]
            yield Fact(
                mention,
                table.passage,
                -1,
                row,
                (number, column),
                words_of(f"{table.labels[row]}|{head}"),
                "change" if _CHANGES.search(head) else "",
                bool(PRIOR.search(head)),
                bool(_AIMS.search(head)),
                bool(re.match(r"合计|总计|总体|全部|平均|小计", table.labels[row])),
            )

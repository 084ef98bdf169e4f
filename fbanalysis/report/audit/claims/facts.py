"""Says how likely each printed number is what another one was computed from: by distance, shared words and period."""

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fbanalysis.report.audit.claims.claims import PRIOR, Claim, Claims, Sentence, Table
from fbanalysis.report.audit.numbers import Mention, find_numbers

_IDLE = re.compile(
    r"[的了和与及为是在占仅只共比较从由至对也还均都已将并其各个份条件人名位次]|中(?!心)|有(?!效)|达(?!标)|到(?![访场期账货岗])"
    r"|(?<![续签预节违爽合履])约|\d"
)
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z]")
#: Periods are words of their own: digits and the words around them would make other pairs of letters.
PERIOD = re.compile(
    r"20\d\d年?|1[0-2]月|\d月|[QH][1-4]|[一二三四]季度|[上下]半年|[上前去今本]年|[上本]月|[上本]季|[上本]期|同期|首轮|次轮|第[一二三四五]轮|第[一二三四五]周"
)
_CHANGES = re.compile(r"变化|变动|增减|同比|环比|升降|差[值距]|增幅|降幅|提升|增长")
_AIMS = re.compile(r"目标|计划|任务|预算|承诺|标准")
_IDLE_VERB = r"(?:[了出至达约近为是的占仅只：:\s（(]|幅度|比例)*$"
#: The words right before a number that make it a difference or a change.
DIFFERS = re.compile(
    "(?:增|减|降|升|涨|跌|缩|差|差距|提高|提升|上升|增加|增长|下降|下滑|回落|减少|降低|缩短|压缩|压降|领先|落后|相差|隔着|变化|节省|省下|节约"
    "|改善|缺口|净增|走低|抬升|攀升|滑落|扩大|收窄|进步|退步|超出|拉开|反超|多出|少了|多了|提速"
    f"|[比较年期月于][^，。；,;\\d]{{0,16}}(?<!最)(?:[多少高低快慢短早晚]|(?<!时)长)|(?:^|[，,；;\\s])[^，。；,;\\d最]?[多少高低快慢][花用交等办收付赔拿跑走学借投开]?){_IDLE_VERB}"
)
#: What says when or whereto, and of nothing what it is.
_MOVES = re.compile(
    f"{PRIOR.pattern}|今年|本年|本期|本季度?|本月|现在|目前|[上升下降提高增减缩短压回落涨跌到至达为由从较比的了是]|20\\d\\d年?|\\d+月"
)
#: The words right before a value that was reached.
REACHED = re.compile(
    r"(?:[到至→]|(?:[降升增减压]|缩短|提高|压缩|下降|上升|提升|减少|增加|调整|扩大)[为成])\s*(?:了|约|近)?$"
)
_TELEPHONE = re.compile(r"\d[-－]$|电话[：:]?\s*[\d-]*\s*$")
_STOP = re.compile(r"[。；;！？\n]")
_LEADS_ON = re.compile(r"[^，,。；;]{0,4}[，,（(]?(?:由|从|即|自)")
#: So far off in letters a number of the same sentence counts like one of the next line.
_NEAR, _AWAY = 0.9, 160
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
    ``group`` is shared by numbers of one sentence or of one column, ``row`` by those of one row.
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
    row: tuple[int, int] = (-1, -1)
    stage: tuple[str, float] = ("", 0.0)

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
        for match in PERIOD.finditer(text)
    }
    parts = re.split(r"[^\u4e00-\u9fffA-Za-z]+", _IDLE.sub(" ", PERIOD.sub(" ", text)))
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
        passages away) and the weights of the words that it shares with the number's clause and sentence (at most 3).
        Changes and bounds count less. The scale was set on invented reports; it orders, and is no probability.
        """
        said = self._sentences[sentence]
        clause, scope = self._scopes(said, at)
        found = [
            (
                self._nearness(fact, sentence, at, said.passage)
                + self._likeness(fact, clause, scope)
                + _penalty(fact),
                fact,
            )
            for fact in self._pool(said, scope)
            if (fact.sentence, fact.at) != (sentence, at)
        ]
        return sorted(found, key=lambda pair: -pair[0])

    def overlap(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Add the weights of the words that two numbers share."""
        return min(_MOST_OVERLAP, sum(self._weights.get(word, 0.0) for word in one & other))

    def coverage(self, fact: Fact, sentence: int, at: int) -> float:
        """Give the share of the words of a number's clause, or of its sentence, that a fact has."""
        return max(self._covered(fact, words) for words in self._scopes(self._sentences[sentence], at))

    def _covered(self, fact: Fact, words: frozenset[str]) -> float:
        said = {word for word in words if not PERIOD.fullmatch(word)}
        whole = sum(self._weights.get(word, 0.0) for word in said)
        return sum(self._weights[word] for word in fact.words & said) / whole if whole else 1.0

    def belongs(self, fact: Fact, sentence: int, at: int) -> bool:
        """Say whether a number of a sentence may be one that another came of: it stands before, or words lead to it."""
        said = self._sentences[sentence]
        return fact.sentence != sentence or fact.at < at or self._nearness_within(said, fact.at, at) > 0

    def _likeness(self, fact: Fact, clause: frozenset[str], scope: frozenset[str]) -> float:
        """Weigh the words that a fact shares with a number's clause, and half as much with the rest of its sentence."""
        return (self.overlap(fact.words, clause) + self.overlap(fact.words, scope)) / 2

    def _scopes(self, sentence: Sentence, at: int) -> tuple[frozenset[str], frozenset[str]]:
        """Give the words of a number's clause, and those of its sentence up to there."""
        claim = sentence.claims[at]
        before = _STOP.split(sentence.text[max(0, claim.start - _SCOPE) : claim.start])[-1]
        behind = re.split("[，。；,;、]", sentence.text[claim.end : claim.end + _TAIL])[0]
        clauses = [part for part in re.split("[，,]", before) if _WORD.search(part)]
        return words_of(f"{clauses[-1] if clauses else ''}|{behind}"), words_of(f"{before}|{behind}")

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
            return self._nearness_within(self._sentences[sentence], fact.at, at)
        steps = passage - fact.passage
        if steps == 0 and fact.sentence >= 0:
            return 2.0 - 0.3 * (sentence - fact.sentence - 1) if fact.sentence < sentence else 1.0
        return max(0.0, _NEAR - 0.07 * steps) if steps >= 0 else max(0.0, 0.6 + 0.1 * steps)

    def _nearness_within(self, sentence: Sentence, fact: int, at: int) -> float:
        """Weigh a number of the same sentence; one behind belongs to it only where 由, 从 or 即 leads there."""
        claims = sentence.claims
        if fact < at:
            stops = len(_STOP.findall(sentence.text[claims[fact].end : claims[at].start]))
            least = _NEAR if claims[at].start - claims[fact].end <= _AWAY else 0.0
            return max(least, 3.0 - 0.25 * (at - fact - 1) - 1.5 * stops)
        leads = _LEADS_ON.match(sentence.text[claims[at].end : claims[at].end + _TAIL])
        return 2.5 if leads and fact - at <= 2 else -2.0


def _penalty(fact: Fact) -> float:
    return -9.0 * (fact.role == "name") - 1.5 * (fact.role == "change") - 0.5 * bool(fact.mention.bound)


def _said(sentences: Sequence[Sentence]) -> Iterator[Fact]:
    for place, sentence in enumerate(sentences):
        words: frozenset[str] = frozenset()
        for at, claim in enumerate(sentence.claims):
            words = _words_beside(sentence, at, words)
            is_named = bool(_TELEPHONE.search(sentence.text[: claim.start]))
            yield Fact(
                claim.mention,
                sentence.passage,
                place,
                at,
                (-1, place),
                words,
                "name"
                if is_named
                else "change"
                if is_change(sentence, at)
                else claim.role.replace("change", ""),
                bool(claim.period),
                claim.is_aim or claim.role == "target",
                stage=claim.stage,
            )


def _words_beside(sentence: Sentence, at: int, before: frozenset[str]) -> frozenset[str]:
    """Give the words of a number; one that only says when or whereto is of what the number before it is of."""
    claim = sentence.claims[at]
    first = sentence.claims[at - 1].end if at else 0
    lead = sentence.text[max(first, claim.start - _LEAD) : claim.start]
    tail = re.split(r"[，。；,;、\s（(]", sentence.text[claim.end : claim.end + _TAIL])[0]
    own = words_of(f"{lead}|{claim.subject}|{tail}")
    if at and len(_WORD.findall(_MOVES.sub("", lead))) < 2:
        return own | {word for word in before if not PERIOD.fullmatch(word)}
    return own


def with_unit(mention: Mention, head: str) -> Mention:
    """Give a cell's number the unit that its head names: 268.5 under 金额（万元） is 2,685,000 元."""
    unit = re.search(r"[（(]\s*([^（）()\d]{1,5})\s*[）)]", head)
    if unit is None or mention.unit or mention.kind != "number":
        return mention
    read = find_numbers(mention.text + unit[1])
    return read[0] if len(read) == 1 and read[0].unit else mention


def in_scale(mention: Mention, claim: Claim) -> Mention:
    """Take a number without a unit as written in 万 or 亿 where another number is, as cells often are."""
    factor = claim.mention.factor
    if factor <= 10 or mention.unit or mention.factor != 1 or mention.kind != "number":
        return mention
    return replace(mention, value=mention.value * factor, step=mention.step * factor, factor=factor)


def words_before(sentence: Sentence, at: int, size: int = 16) -> str:
    """Give the words between a number and the one before it."""
    first = sentence.claims[at - 1].end if at else 0
    return sentence.text[max(first, sentence.claims[at].start - size) : sentence.claims[at].start]


def is_change(sentence: Sentence, at: int) -> bool:
    """Say whether the words before a number make it a difference or a change, and not a value that was reached."""
    words = words_before(sentence, at)
    return not REACHED.search(words) and (
        sentence.claims[at].mention.kind == "points" or bool(DIFFERS.search(words))
    )


def _tabled(tables: Iterable[Table]) -> Iterator[Fact]:
    for number, table in enumerate(tables):
        for (row, column), mention in sorted(table.cells.items(), key=lambda cell: cell[0][::-1]):
            head = table.heads[column]
            yield Fact(
                with_unit(mention, head),
                table.passage,
                -1,
                row,
                (number, column),
                words_of(f"{table.labels[row]}|{head}"),
                "change" if _CHANGES.search(head) else "",
                bool(PRIOR.search(head)),
                bool(_AIMS.search(head)),
                bool(re.match(r"合计|总计|总体|全部|平均|小计", table.labels[row])),
                (number, row),
            )

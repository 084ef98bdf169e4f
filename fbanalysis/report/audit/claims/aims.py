"""Says which numbers of a document were set as aims, which are results, and which plans are still to come."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fbanalysis.report.audit.claims.claims import Claim, Claims, Sentence
from fbanalysis.report.audit.claims.facts import Fact, Stock, words_of

#: What is set in advance.
AIMS = (
    "目标(?!人群|客户|用户|群体|对象|市场)|计划|任务|要求|标准(?![差化])|承诺|上限|下限|控制[线值]|管控[线值]|考核[线值]"
    "|警戒线|达标线|合格线|红线|底线|规定|时限|限额|限值|阈值"
)
_AIM = re.compile(AIMS)
_BEFORE = re.compile(
    rf"(?:{AIMS}|指标值?|预算|应完成|应达到?)(?:(?!实[际到绩装得测]|完成|达成|办结|压|改|比|超|差|提|共|总|已|外|内)[^，。；,;、\d（()）]){{0,10}}[（(：:]?\s*$"
)
_AFTER = re.compile(
    rf"[”」\"’]?(?:左右)?(?:的?[“”\"]?(?P<of>[\u4e00-\u9fff]{{1,6}}?(?:率|(?<![年季月])度))(?:{AIMS})|的[“”\"]?[\u4e00-\u9fff]{{0,6}}?(?:{AIMS})|\s?(?:目标|上限|下限|时限|红线|底线|控制线|考核线))"
)
#: 低于目标 9 秒: how far from the aim, where the number is much smaller than what it is told of.
_DISTANCE = re.compile(
    rf"(?:高于|低于|超过|超出|超|优于|好于|差|距离?|离|多于|少于|突破|较|比|快于)[^，。；,;\d]{{0,8}}(?:{AIMS})[^，。；,;\d]{{0,3}}$"
)
_FAR_BELOW = 0.4
#: So many numbers before one, so many letters of a line and of a clause are looked at.
_WINDOW, _LINE, _CLAUSE_LENGTH = 12, 240, 80
_NORM = re.compile(rf"{AIMS}|须|不得|应|考核|守住|控制在|定为|设定")
#: What part of the words said a name must share; how much another word in it counts against it; what comes so near
#: to the best is as likely.
_PART, _STRANGE, _TIE = 0.4, 0.2, 0.25
_BESIDE, _NEARER = 4, 0.2
#: Of a word that very many names have, so many are looked at.
_MANY = 60
_OPENS = re.compile(
    r"^\s*(?:#|[（(][一二三四五六七八九十]+[)）]|【|■|第[一二三四五六七八九十\d]+[章节部页]|[一二三四五六七八九十]+[、.．])"
)
_HEAD_LENGTH = 32
_COMING = re.compile(r"明年|来年|下一?年|下一?步|下一?学年|下一?阶段|下季度|展望|打算|工作安排")
_LATER = re.compile(r"(?<!\d)(20\d\d)")
_LAST = re.compile(r"(?:去年|上年|上期|上一年)[^，。；,;\d]{0,6}$")
#: Under such a heading every number is an aim; under 目标完成情况 results stand, too.
_AIM_HEADING = re.compile(r"目标(?:分数?|值|设定|分解|要求|一览)?(?:[（(][^）)]*[）)])?[】：:]?$")
#: What is missing or left is no result.
_GAP = re.compile(r"(?:差|差距|缺口?|少|多|超出?|剩余?|剩下|欠|余|快|慢|高|低|增|减|省)(?:了|约|出)?\s*$")
_NAMES_NOTHING = re.compile(
    rf"{AIMS}|指标值?|实[际到绩测得装]|年[末底初]|全年|年度|[今本]年|完成|达到|[优好快高低]于|超过|为"
)
#: 高于全市平均 91.8 分: what a result is compared with.
_COMPARED = re.compile(
    r"(?:高于|低于|多于|少于|优于|好于|不及|(?<![占相价之])比(?![例重率])|较(?![好快高低多少大小]))(?:(?![至到为升降提增减])[^，。；,;\d]){0,10}$"
)
_AIM_OPENING = re.compile(r"[^：:，。；,;\d]{0,12}(?:目标|任务|要求|计划|承诺)值?[：:]")
#: 产出指标 3 项 counts aims.
_ITEMS = ("项", "条", "个")
_COUNTS_AIMS = re.compile(rf"(?:{AIMS}|指标)(?:[里中内]|当中|之中)?[，,]?(?:有|已有)?\s*$")
_AIMS_COUNTED = re.compile(rf"(?:年度|全年|核心|重点|主要|约束性|预期性)*(?:{AIMS}|指标)(?![为：:])")
#: Such words set a limit; 超过 and 以上 tell what was measured.
SET_BOUND = re.compile(r"不[低高少多大小超]|[≥≤<>]|至[少多]")
_CLAUSE = re.compile(r"[，。；,;、\n]")
_OPENING = re.compile(r"^[^：:，。；,;]{1,20}[：:]")
_AWAY = re.compile(r"^\s*(?:→|->|—>)")
TIMES = frozenset(("秒", "分钟", "小时", "天", "工作日", "自然日", "个月", "月", "日"))
_NAMED = re.compile(
    r"[”\"]?的?(?:[\u4e00-\u9fff]{1,8}(?:率|比例|占比|比重)|(?:办结|响应|修复|到场|回复|答复|处置|处理|退款|送达|妥投|解决|完成|接通|结案)(?!时))"
)
RESULT_HEADS = re.compile(
    r"实际|完成值|实绩|完成数|完成额|^完成$|实现值|达成值|实测|实到|本年值|^现状|本期值"
)


@dataclass(frozen=True)
class Aim:
    """A number that was set in advance; a cell of a table carries the result of its row."""

    fact: Fact
    name: str
    measure: str
    result: Fact | None = None


class Names:
    """Facts found by the words of their names, those that share most with what is said first."""

    def __init__(self, named: Iterable[tuple[Fact, str]]) -> None:
        self._entries = [(fact, words_of(name)) for fact, name in named]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for place, (_, words) in enumerate(self._entries):
            for word in words:
                self._by_word[word].append(place)

    def weigh(self, words: Iterable[str]) -> float:
        """Add the weights of words: 1 for one that a single name has, less for those that many have."""
        return sum(1 / max(1, len(self._by_word.get(word, ()))) ** 0.5 for word in words)

    def best(
        self,
        said: frozenset[str],
        may: Callable[[Fact], bool],
        *,
        also: frozenset[str] = frozenset(),
        near: Fact | None = None,
    ) -> list[Fact]:
        """Give the facts whose names share most of the words said; none where they share too little.

        Parameters
        ----------
        said, also
            Words that must be shared, and words that speak for a fact where it has them, too.
        may
            Says which facts may be meant at all.
        near
            Of what stands beside this fact one word in common is enough.
        """
        places = {place for word in said for place in self._by_word.get(word, ())[:_MANY]}
        scored = []
        for fact, words in (self._entries[place] for place in sorted(places)):
            is_near = near is not None and abs(near.passage - fact.passage) <= _BESIDE
            least, part = (1, _PART / 3) if is_near else (2, _PART)
            if may(fact) and len(words & said) >= least and len(words & said) >= part * len(said):
                strange = self.weigh(words - said - also)
                score = self.weigh(words & said) + self.weigh(words & also - said) / 2 - _STRANGE * strange
                scored.append((score + is_near * _NEARER, fact))
        best = max((score for score, _ in scored), default=0.0)
        scored.sort(key=lambda pair: -pair[0])
        return [fact for score, fact in scored if score >= best - abs(best) * _TIE]


class Ledger:
    """The aims and the results of a document, each with the words that say what it is of."""

    def __init__(self, claims: Claims, columns: Sequence[tuple[int, int] | None]) -> None:
        """Take a document's claims, and for each table the columns of its aims and its results, if it has them."""
        self.claims, self.columns = claims, columns
        self.stock = Stock(claims)

    @cached_property
    def year(self) -> int:
        """The year that the report speaks of most."""
        years = Counter(
            int(year) for sentence in self.claims.sentences for year in _LATER.findall(sentence.text)
        )
        return years.most_common(1)[0][0] if years else 0

    @cached_property
    def heads(self) -> list[int]:
        """Give for each sentence the heading that it stands under: its place, -1 before the first."""
        heads, head = [], -1
        for place, sentence in enumerate(self.claims.sentences):
            head = place if is_heading(sentence) else head
            heads.append(head)
        return heads

    def heading(self, place: int) -> str:
        head = self.heads[place]
        return self.claims.sentences[head].text if head >= 0 else ""

    def is_coming(self, place: int, at: int | None = None) -> bool:
        """Say whether a sentence speaks of what is still to come, up to the clause of one of its letters if given."""
        text = self.claims.sentences[place].text
        if at is not None:
            text = text[:at] + _CLAUSE.split(text[at:], maxsplit=1)[0]
        return self._names_later(text) or (self.heads[place] >= 0 and self._names_later(self.heading(place)))

    def _names_later(self, text: str) -> bool:
        years = {int(year) for year in _LATER.findall(text)}
        later = (
            bool(years) and max(years) > self.year and bool(_AIM.search(text) or len(text) <= _HEAD_LENGTH)
        )
        return later or bool(_COMING.search(text))

    def is_aim(self, place: int, at: int) -> bool:
        """Say whether a number of a sentence was set in advance, by its words, its bound or its heading."""
        sentence = self.claims.sentences[place]
        claim = sentence.claims[at]
        before = sentence.text[max(0, claim.start - 20) : claim.start]
        if not may_be_level(sentence, claim) or claim.role == "attainment" or _LAST.search(before):
            return False
        if _counts_aims(sentence, claim):
            return False
        if _BEFORE.search(before) or (claim.role == "target" and not claim.mention.is_signed):
            return not self._is_distance(sentence, at)
        if _AFTER.match(sentence.text, claim.end):
            return claim.unit not in _ITEMS or "的" in sentence.text[claim.end : claim.end + 2]
        if SET_BOUND.match(claim.text) and sentence.text[claim.end : claim.end + 1] != "的":
            return True
        if claim.mention.bound in ("≥", "≤") and _NORM.search(
            sentence.text[max(0, claim.start - 40) : claim.start]
        ):
            return True
        return claim.role in ("", "to") and self._is_under_aims(place, claim)

    def _is_under_aims(self, place: int, claim: Claim) -> bool:
        """Say whether a number stands in a list of aims: under such a heading, or in a line that opens with 年初目标：."""
        opening = _AIM_OPENING.match(text := self.claims.sentences[place].text)
        words = text[opening.end() : claim.start] if opening and claim.start <= _LINE else "；"
        is_listed = not re.search(r"[；;。]|实际|完成", words)
        return is_listed or bool(_AIM_HEADING.search(self.heading(place).strip()))

    def _is_distance(self, sentence: Sentence, at: int) -> bool:
        claim = sentence.claims[at]
        if claim.mention.kind == "points":
            return True
        alike = [
            c
            for c in sentence.claims[max(0, at - _WINDOW) : at]
            if c.unit == claim.unit and c.role != "change"
        ]
        is_small = not alike or claim.value < _FAR_BELOW * alike[-1].value
        return is_small and bool(_DISTANCE.search(sentence.text[max(0, claim.start - 20) : claim.start]))

    def is_result(self, place: int, at: int) -> bool:
        """Say whether a number of a sentence is what was reached: no aim, no change, nothing of an earlier period."""
        sentence = self.claims.sentences[place]
        claim = sentence.claims[at]
        if not may_be_level(sentence, claim) or claim.mention.is_signed:
            return False
        if claim.role in ("change", "from") or claim.period == "prior" or claim.mention.bound in ("≥", "≤"):
            return False
        before = sentence.text[max(0, claim.start - 14) : claim.start]
        if _GAP.search(before) or _COMPARED.search(before) or _counts_aims(sentence, claim):
            return False
        stage, year = claim.stage
        is_earlier = stage == "year" and self.year and year < self.year
        is_left = bool(_AWAY.match(sentence.text[claim.end : claim.end + 4]))
        return not (is_earlier or is_left or self.is_aim(place, at))

    def name(self, place: int, at: int) -> str:
        """Give the words that say what a number is of: those before it in its clause, and the opening of its line."""
        sentence = self.claims.sentences[place]
        claim = sentence.claims[at]
        first = sentence.claims[at - 1].end if at else 0
        lead = sentence.text[max(first, claim.start - 30) : claim.start]
        opening = _OPENING.match(sentence.text)
        head = opening.group() if opening and opening.end() <= claim.start else ""
        # a clause that names nothing itself speaks of what the one before it named
        behind = _AFTER.match(sentence.text, claim.end)
        if behind and behind["of"]:  # 85 %参评率任务
            return f"{head}|{lead}|{behind['of']}"
        if at == 0 or words_of(_NAMES_NOTHING.sub(" ", lead)):
            return f"{head}|{lead}"
        return f"{head}|{self._carried(sentence, at)}{lead}|{claim.subject}"

    def _carried(self, sentence: Sentence, at: int) -> str:
        one = sentence.claims[at - 1]
        first = sentence.claims[at - 2].end if at > 1 else 0
        return sentence.text[max(first, one.start - 30) : one.start]

    def measure(self, place: int, at: int) -> str:
        """Give the part of a number's name that says what is measured: the last of its clauses that names something."""
        parts = [part for part in re.split(r"[，,。；;、\n]", self.name(place, at).split("|")[1]) if part]
        named = [n for n, part in enumerate(parts) if len(words_of(_AIM.sub("", part))) >= 2]
        return "，".join(parts[named[-1] if named else 0 :])

    @cached_property
    def named_aims(self) -> Names:
        return Names((aim.fact, aim.name) for aim in self.aims)

    @cached_property
    def named_results(self) -> Names:
        return Names(self.results)

    @cached_property
    def aim_of(self) -> dict[int, Aim]:
        """Give the aim of a fact by its identity."""
        return {id(aim.fact): aim for aim in self.aims}

    @cached_property
    def aims(self) -> list[Aim]:
        return [*self._said(), *self._tabled()]

    def _said(self) -> Iterator[Aim]:
        for place, sentence in enumerate(self.claims.sentences):
            if self.is_coming(place):
                continue
            for at in range(len(sentence.claims)):
                if self.is_aim(place, at):
                    heading = self.heading(place)
                    of = heading if _AIM_HEADING.search(heading.strip()) else ""
                    yield Aim(
                        self.stock.fact(place, at), f"{self.name(place, at)}|{of}", self.measure(place, at)
                    )

    def _tabled(self) -> Iterator[Aim]:
        for number, (table, pair) in enumerate(zip(self.claims.tables, self.columns, strict=True)):
            if pair is None:
                continue
            for row in table.column(pair[0]):
                fact = self._cell(number, row, pair[0])
                result = self._cell(number, row, pair[1]) if (row, pair[1]) in table.cells else None
                yield Aim(fact, table.labels[row], table.labels[row], result)

    def _cell(self, number: int, row: int, column: int) -> Fact:
        return self._cells[number, column, row]

    @cached_property
    def _cells(self) -> dict[tuple[int, int, int], Fact]:
        return {(*fact.group, fact.at): fact for fact in self.stock.facts if fact.sentence < 0}

    @cached_property
    def results(self) -> list[tuple[Fact, str]]:
        """Numbers that tell what was reached, each with its name."""
        said = [
            (self.stock.fact(place, at), self.name(place, at))
            for place, sentence in enumerate(self.claims.sentences)
            if not self.is_coming(place)
            for at in range(len(sentence.claims))
            if self.is_result(place, at)
        ]
        return [*said, *self._results_of_tables()]

    def _results_of_tables(self) -> Iterator[tuple[Fact, str]]:
        for number, table in enumerate(self.claims.tables):
            years = [int(year) for head in table.heads for year in _LATER.findall(head)]
            for (row, column), _ in sorted(table.cells.items()):
                fact = self._cell(number, row, column)
                head = table.heads[column]
                is_old = any(int(year) < max(years) for year in _LATER.findall(head))
                if not (is_old or fact.is_prior or fact.is_aim or fact.role == "change"):
                    yield fact, f"{table.labels[row]}|{head}"


def may_be_level(sentence: Sentence, claim: Claim) -> bool:
    """Say whether a number may tell how much there is or should be; in 48 小时内修复率 it is a part of the name."""
    is_named = claim.unit in TIMES and _NAMED.match(sentence.text, claim.end)
    return claim.mention.kind in ("number", "percent") and not is_named


def _counts_aims(sentence: Sentence, claim: Claim) -> bool:
    """Say whether a number counts aims: 五个目标里四个达到."""
    if claim.unit not in _ITEMS:
        return False
    before = sentence.text[max(0, claim.start - 20) : claim.start]
    return bool(_COUNTS_AIMS.search(before) or _AIMS_COUNTED.match(sentence.text, claim.end))


def is_heading(sentence: Sentence) -> bool:
    """Say whether a line is a heading: a title, or a short line that opens like one and tells no number."""
    text = sentence.text.strip()
    is_short = len(text) <= _HEAD_LENGTH and not text.endswith(("。", "；", "，"))
    return sentence.kind == "title" or (is_short and bool(_OPENS.match(text)))


def names_aim(sentence: Sentence, claim: Claim) -> bool:
    """Say whether the words right beside a number call it an aim: 目标 95 %, 95 % 的目标."""
    before = sentence.text[max(0, claim.start - 20) : claim.start]
    return bool(_BEFORE.search(before) or _AFTER.match(sentence.text, claim.end))


def clause_before(text: str, end: int) -> str:
    """Give the words of the clause that ends at a place."""
    return _CLAUSE.split(text[max(0, end - _CLAUSE_LENGTH) : end])[-1]

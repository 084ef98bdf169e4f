"""Figures that return with two digits swapped or one digit changed, where the words say it is the same figure.

Any two figures of a document, in sentences and tables, are compared whose digits differ as slips of the pen do. The
weaker that likeness (one digit of two: 7.6 / 7.9), the more the words must say that one thing is meant. Wrong is the
one that nothing else supports: it returns nowhere, and no sum, difference or share near it leads to it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, takewhile

from fbanalysis.report.audit.claims.claims import GENERAL, Claim, Claims, Sentence, Table, quote_row
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.repeat import SCOPED, is_beyond, main_year, tell_plans
from fbanalysis.report.audit.rules.rounding import COUNTED

_REACH, _WIDE, _TAIL = 16, 48, 6
#: Words that two figures may share and yet be two.
_IDLE = re.compile(
    r"分钟|小时|工作日|百分点|[万亿][元件人份次]|平均|其中|合计|共计|一共|总计|分别|所占|占比?|全年|今年|本年度?|本学年|本次|本月|当月|当期|本期|全部|所有|感谢|上述|以上|综合|总体|现有|目前"
    r"|基于|截至|年末|年底|期末|数据|显示|来看|开展|进行|实施|组织|设有?|只有|仅有?|达到|受理|收到|接到|处理|成绩|结果|情况|实绩|实际|上下|左右|已经|都是"
    r"|高于|低于|超过|不足|较|比|的|了|和|与|及|为|是|在|有(?!效)|约|达|共|从|由|至|到|对|均|都|已|将|并|其|各|个|也"
)
_SCORE = re.compile(r"打分|得分|评分|分数|成绩单|均分")
_WHOLE = re.compile(
    r"总体|整体|综合|总(?:量|数|计|共|分)|全(?:部|年|省|市|院|行|校|公司|集团|区|县|国|网)|合计"
)
#: What is so now, where the sentence speaks of the next year.
_PRESENT = re.compile(r"现有|现在|目前|今年|本年|本学年|本期|实绩|实际|年末|年底")
#: A goal, an earlier value, a change, an extreme or a mean: another figure, though the words are the same.
_OTHER = re.compile(
    r"目标|计划|预计|力争|上学?年|去年|上期|上月|上季|上一|前年|同期|新增|净增|增[加至配长]|减[少至]|下降|剔除|扣除|去掉|标准|要求"
    r"|上限|下限|不低于|不超过|控制|行业|最[高低多少大小长短]|每[月季周天日个名位家户]|[月日季周]均|峰值|预算|(?:简单|直接|算术)平均|不加权|均[分值]|[和与及、][^，]*(?:共|合计)"
)
_NEXT = re.compile(r"明年|来年|下一?学?年")
_PART_OF_YEAR = re.compile(
    r"[上下]半年|[一二三四]季度?|[QqHh][1-4]|(?<!\d)(?:1[0-2]|\d)月(?!\d)|[上下]学期|第[一二]学期|[首次]轮|第[一二三四五]轮|周末|夜间|高峰"
)
_SHORT = {"上半年": "H1", "下半年": "H2", "一季": "Q1", "二季": "Q2", "三季": "Q3", "四季": "Q4"}
_YEAR = re.compile(r"20\d\d(?!\d)")
_STOP = re.compile(r"[。；;！？\n]")
_CLAUSE = re.compile(r"[。；;！？\n，,：:（）()、|｜/]")
_LETTERS = re.compile(r"[^\u4e00-\u9fffA-Za-z]+")
_CHANGES = re.compile(r"变化|变动|增减|同比|环比|升降|差[值距]|[增降升]幅")
#: 上年：承保 89.8｜保全 87.0: the head of a line holds for all of it.
_AT_HEAD = re.compile(r"\W*(?:上学?年|去年|上期|同期|前年|目标|计划|预算|20\d\d年?目标)[^，。；]{0,4}[：:]")
#: 对 1,480 件投诉逐件复盘: what is acted upon is there already.
_GIVEN = re.compile(
    r"(?:对|面向|针对|向|基于|以|把|将|按|综合|根据|围绕)(?:这|该|上述|全部|所有|现有|全体|已有)*\s*$"
)
#: 由 2023 年的 525 件降至 441 件: the year is of the number before.
_FROM = re.compile(r"(?:从|由|比|较|自)20\d\d年?")
_STATES = ("", "to", "actual", "from")
_OPENING = 3
_HEADING = 18
_LONG = 1e5
#: So many figures that share all but one digit are compared: time must not grow with their square.
_MOST = 30
#: So many figures before and behind one may support it.
_NEAR = 4
_RUN = 12
#: A letter that two figures share says less than a word.
_LETTER = 0.3
_FEWEST_PARTS = 3
_LETTERS_ALIKE = 2
#: Four digits with two swapped need but a letter in common.
_LONG_SWAP = 1.4
#: How well words and digits must agree.
_LIKELY, _CERTAIN = 1.3, 2.4
#: The members of a list have most of their words in common.
_LISTED = 0.8


@dataclass(frozen=True)
class Figure:
    """A figure with the words that say what it is of.

    ``near`` are the words before it in its clause, or of its row and column, ``behind`` those right behind it;
    ``wide`` are all of these and those of its heading and before it in its sentence, or of its table's caption. ``times`` names the year, and the part of it; ``is_state`` says that it is what its
    measure is, no goal, change or earlier value.
    """

    mention: Mention
    passage: int
    place: str
    quoted: str
    lead: str
    near: frozenset[str]
    behind: frozenset[str]
    wide: frozenset[str]
    times: frozenset[str]
    is_state: bool
    is_cell: bool = False
    is_scoped: bool = False
    order: int = 0

    @property
    def value(self) -> float:
        return abs(float(self.mention.value or 0.0))

    @property
    def steps(self) -> Sequence[float]:
        """Give the last digits to which it may be written: 386,400 is 38.64 万 elsewhere."""
        own = self.mention.step
        return (own, 10.0, 100.0, 1000.0) if own == 1 and self.value >= _LONG else (own,)

    def digits(self, step: float) -> str:
        """Write its figures down to a step."""
        return str(round(self.value / step))


@dataclass(frozen=True)
class Slip:
    """Two figures that differ as slips of the pen do, and how surely both are meant to be one."""

    right: Figure
    wrong: Figure
    score: float


def find_typos(claims: Claims) -> Iterator[Finding]:
    """Compare figures that differ like a slip of the pen and are said of the same.

    Notes
    -----
    Takes time in proportion to the length of the text: figures are found by the digits that they share.
    """
    yield from (_finding(slip) for slip in find_slips(claims))


def find_slips(claims: Claims) -> list[Slip]:
    """List the figures that are likely misprinted, each with the figure that it should be."""
    year = main_year(claims.sentences)
    figures = [*_said(claims.sentences, year), *_tabled(claims.tables, year)]
    figures = [replace(figure, order=order) for order, figure in enumerate(figures)]
    printed = Printed(figures)
    best: dict[int, Slip] = {}
    for one, other, step in _alike([figure for figure in printed.figures if figure.is_state]):
        slip = _judge(one, other, step, printed)
        if slip and (slip.wrong.order not in best or slip.score > best[slip.wrong.order].score):
            best[slip.wrong.order] = slip
    return [slip for _, slip in sorted(best.items())]


# ------------------------------------------------------------------ figures and their words


def _said(sentences: Sequence[Sentence], year: float) -> Iterator[Figure]:
    opening = " ".join(sentence.text[:_WIDE] for sentence in sentences[:_OPENING])
    usual = frozenset(part for part in _parts_of_year(opening) if not part.endswith("月"))
    heading = ""
    for sentence, is_plan in tell_plans(sentences):
        text = sentence.text.strip()
        if sentence.kind == "title" or (not sentence.claims and len(text) <= _HEADING):
            heading = text
        for at, claim in enumerate(sentence.claims):
            lead, tail, wide = _words_beside(sentence, at)
            words = f"{lead}|{tail}"
            is_now = bool(_PRESENT.search(words) or _GIVEN.search(sentence.text[: claim.start]))
            yield Figure(
                claim.mention,
                sentence.passage,
                sentence.place,
                sentence.around(claim),
                _plain(lead),
                _words(lead),
                _words(tail),
                _words(f"{heading}|{wide}|{words}"),
                _times(
                    words,
                    _stage(claim, year, is_plan=is_plan or bool(_NEXT.search(words)), is_now=is_now),
                    usual,
                ),
                is_state=_is_state(claim, words, is_now=is_now)
                and not (
                    sentence.kind == "alt"
                    or _AT_HEAD.match(sentence.text)
                    or is_beyond(sentence, claim, year)
                ),
                is_scoped=bool(SCOPED.search(words)),
            )


def _is_state(claim: Claim, words: str, *, is_now: bool) -> bool:
    """Say whether a figure is what its measure is: no goal, change, bound or earlier value."""
    is_plain = claim.mention.kind in ("number", "percent") and not claim.mention.is_signed
    is_aim = claim.is_aim and not is_now
    is_moved = claim.role == "from" and not is_now
    return (
        is_plain
        and claim.role in _STATES
        and not (
            claim.period or claim.mention.bound in ("≥", "≤") or is_aim or is_moved or _OTHER.search(words)
        )
    )


def _words_beside(sentence: Sentence, at: int) -> tuple[str, str, str]:
    """Give the words before a figure in its clause and behind it, without the other figures' own, and all before it.

    A clause that names nothing (接通率 95%，今年实绩 92.8%) speaks of what the one before it names.
    """
    claim, claims = sentence.claims[at], sentence.claims
    first = claims[at - 1].end if at else 0
    last = claims[at + 1].start if at + 1 < len(claims) else len(sentence.text)
    wide = _STOP.split(sentence.text[max(0, claim.start - _WIDE) : claim.start])[-1]
    own = sentence.text[max(first, claim.start - _REACH) : claim.start]
    parts = _CLAUSE.split(_STOP.split(own)[-1])
    behind = _CLAUSE.split(sentence.text[claim.end : min(last, claim.end + _TAIL)])[0].split(" ")[0]
    lead = parts[-1]
    for part in [*parts[-2::-1], wide]:
        if _has_word(_words(f"{lead}|{behind}")):
            break
        lead = f"{part}|{lead}"
    return lead, behind, wide


def _stage(claim: Claim, year: float, *, is_plan: bool, is_now: bool) -> float:
    """Give the year that a figure is of: among plans the next one, unless the words say that it is so already."""
    if is_now:
        return year
    if is_plan:
        return year + 1
    # 由 2023 年的 525 件降至 441 件: the year named is of the earlier number
    is_named = claim.stage[0] == "year" and claim.role != "to"
    return claim.stage[1] if is_named else year


def _times(words: str, year: float, usual: frozenset[str]) -> frozenset[str]:
    years = [] if _PRESENT.search(words) else _YEAR.findall(_FROM.sub("", words))
    named = float(years[-1]) if years else year
    return frozenset({f"{named:.0f}"}) | (_parts_of_year(words) or usual)


def _parts_of_year(words: str) -> frozenset[str]:
    found = {match.group().upper() for match in _PART_OF_YEAR.finditer(words)}
    return frozenset(_SHORT.get(word.removesuffix("度"), word) for word in found)


def _plain(text: str) -> str:
    """Leave out of a text what says nothing, and what is no letter."""
    return _LETTERS.sub(" ", _PART_OF_YEAR.sub(" ", _IDLE.sub(" ", _SCORE.sub("评分", text)))).strip()


def _words(text: str) -> frozenset[str]:
    """Cut a text into pairs of letters and letters, without words that say nothing."""
    parts = _plain(text).split()
    pairs = {pair for part in parts for pair in _cut(part)}
    whole = {"总体"} if _WHOLE.search(text) else set()
    return frozenset(pairs | whole | {letter for part in parts for letter in part})


def _cut(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _tabled(tables: Iterable[Table], year: float) -> Iterator[Figure]:
    for table in tables:
        # a caption is a heading; a paragraph that stands before a table says other things too
        caption = table.caption if len(table.caption) <= _WIDE and "。" not in table.caption else ""
        for (row, column), mention in table.cells.items():
            words = f"{table.labels[row]}|{table.heads[column]}"
            is_plain = mention.kind in ("number", "percent") and not (mention.is_signed or mention.bound)
            yield Figure(
                mention,
                table.passage,
                table.place,
                quote_row(table, row),
                _plain(words),
                _words(words),
                frozenset(),
                _words(f"{words}|{caption}"),
                _times(words, year, frozenset()),
                is_state=is_plain and not (_OTHER.search(words) or _CHANGES.search(words)),
                is_cell=True,
            )


# ------------------------------------------------------------------ figures of almost the same digits


def _alike(figures: Sequence[Figure]) -> Iterator[tuple[Figure, Figure, float]]:
    """Give pairs of figures that differ in one digit or have two swapped, with the step at which they do."""
    seen: dict[tuple[str, float, str], list[Figure]] = defaultdict(list)
    for figure in figures:
        kind = figure.mention.kind
        for step in figure.steps:
            digits = figure.digits(step)
            if len(digits) < 2:
                continue
            forms = {f"{digits[:at]}*{digits[at + 1 :]}" for at in range(len(digits))}
            for form in forms | {"".join(sorted(digits))}:
                known = seen[kind, step, form]
                for other in known:
                    if step == max(figure.mention.step, other.mention.step) and figure.digits(
                        step
                    ) != other.digits(step):
                        yield other, figure, step
                if len(known) < _MOST:
                    known.append(figure)


def _likeness(one: str, other: str) -> float:
    """Say how surely two rows of digits are one with a slip: swapped digits more than a changed one, long more than short."""
    wrong = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    size = max(len(one.rstrip("0")), len(other.rstrip("0")))
    if len(wrong) == 2 and wrong[1] - wrong[0] == 1:
        return {2: 0.0, 3: 1.0, 4: 1.4}.get(size, 1.8 if size > 4 else -1.0)
    return {2: -0.3, 3: 0.0, 4: 0.2}.get(size, 0.4 if size > 4 else -1.0) if len(wrong) == 1 else -9.0


# ------------------------------------------------------------------ what supports a figure


class Printed:
    """All figures of a document, in order: what each is supported by."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        places = {(word, f.passage, f.quoted) for f in figures for word in f.near | f.behind}
        said = Counter(word for word, *_ in places)
        # what follows the noun behind a number belongs to it no more: no other sentence names it
        figures = [replace(f, near=f.near | {w for w in f.behind if said[w] > 1}) for f in figures]
        self.figures = figures
        counts = Counter(word for figure in figures for word in figure.near)
        self._weights = {word: 1 / (1 + count / _RUN) for word, count in counts.items()}
        self._supports: dict[int, int] = {}
        self._equal: dict[tuple[str, float], list[Figure]] = defaultdict(list)
        for figure in figures:
            self._equal[figure.mention.kind, figure.value].append(figure)

    def weigh(self, words: Iterable[str]) -> float:
        """Add up what words say: a rare one more, a letter less."""
        return sum(self._weights.get(word, 1.0) * (1 if len(word) > 1 else _LETTER) for word in words)

    def around(self, figure: Figure) -> list[Figure]:
        """Give the figures before and behind one, in its sentence or the lines beside it."""
        first = max(0, figure.order - _NEAR)
        near = self.figures[first : figure.order + _NEAR + 1]
        return [
            other
            for other in near
            if abs(other.passage - figure.passage) <= 1 and other.order != figure.order
        ]

    def support(self, figure: Figure) -> int:
        """Count what supports a figure: where it returns, a table, the figures around it."""
        if figure.order not in self._supports:
            self._supports[figure.order] = self._count_support(figure)
        return self._supports[figure.order]

    def _count_support(self, figure: Figure) -> int:
        again = [
            other
            for other in self._equal[figure.mention.kind, figure.value][:_MOST]
            if other.order != figure.order
            and _fits(other.mention, figure.mention)
            and _has_word((other.near & figure.wide) | (other.wide & figure.near))
        ]
        return min(2, len(again)) + figure.is_cell + self._is_computed(figure)

    def _is_computed(self, figure: Figure) -> bool:
        near = [other for other in self.around(figure) if other.value]
        alike = [other.value for other in near if _is_summable(other.mention, figure.mention)]
        slack = figure.mention.step / 2
        is_sum = any(
            min(abs(one + other - figure.value), abs(abs(one - other) - figure.value)) < slack
            for one, other in combinations(alike, 2)
        )
        if is_sum or self._is_of_sum(figure):
            return True
        if figure.mention.kind == "percent":
            counts = [
                other for other in near if other.mention.kind == "number" and other.order < figure.order
            ]
            return any(self._has_share(count, figure.mention) for count in counts)
        if self._heads_list(figure):
            return True
        behind = [other for other in near if other.order > figure.order]
        return any(self._has_share(figure, other.mention) for other in behind)

    def _has_share(self, figure: Figure, share: Mention) -> bool:
        """Say whether a percentage near a figure is its share of another one printed before it."""
        if share.kind != "percent" or figure.mention.kind != "number" or not share.value:
            return False
        first = max(0, figure.order - 4 * _RUN)
        return any(
            abs(min(pair) / max(pair) * 100 - abs(float(share.value))) <= share.step / 2 + 1e-9
            for other in self.figures[first : figure.order]
            if _fits(other.mention, figure.mention) and max(pair := (figure.value, other.value))
        )

    def _heads_list(self, figure: Figure) -> bool:
        """Say whether the figures right behind one make it up: 窗口 108 个。社保 32 个，税务 24 个……"""
        total, count = 0.0, 0
        for other in self.figures[figure.order + 1 : figure.order + _RUN]:
            if other.passage - figure.passage > 1:
                break
            if _fits(other.mention, figure.mention):
                total, count = total + other.value, count + 1
                if count >= _FEWEST_PARTS and abs(total - figure.value) < figure.mention.step / 2:
                    return True
        return False

    def siblings(self, figure: Figure) -> list[Figure]:
        """Give the list in which a figure stands: the figures of its sentence beside it that have its unit."""
        near = self.figures[max(0, figure.order - _RUN) : figure.order + _RUN + 1]
        unit = (figure.mention.kind, figure.mention.unit, figure.passage, figure.quoted)
        return [o for o in near if (o.mention.kind, o.mention.unit, o.passage, o.quoted) == unit]

    def _is_of_sum(self, figure: Figure) -> bool:
        """Say whether the list in which a figure stands has its sum printed: the first, the last or one near it."""
        parts = [other.value for other in self.siblings(figure)]
        if len(parts) < _FEWEST_PARTS:
            return False
        total, slack = sum(parts), figure.mention.step / 2
        first = max(0, figure.order - 4 * _RUN)
        near = [other.value for other in self.figures[first : figure.order + 2 * _RUN]]
        ends = [2 * parts[0], 2 * parts[-1]]
        return any(abs(value - total) < slack for value in (*near, *ends))


def _is_summable(one: Mention, other: Mention) -> bool:
    kinds = {one.kind, other.kind}
    return kinds <= {"percent", "points"} or (kinds == {"number"} and _fits(one, other))


def _fits(one: Mention, other: Mention) -> bool:
    """Say whether two figures may be one by their units: the same, both counters, or one left out as in a table."""
    units = {one.unit, other.unit}
    return one.kind == other.kind and (
        len(units) == 1 or "" in units or all(unit in COUNTED or unit in _COUNTERS for unit in units)
    )


_COUNTERS = frozenset(("人", "名", "单", "通", "笔", "宗", "人次", "件次", "票", "封", "卷", "订单"))


# ------------------------------------------------------------------ judging


def _judge(one: Figure, other: Figure, step: float, printed: Printed) -> Slip | None:
    if (
        (one.is_cell and other.is_cell)
        or ((one.is_cell or other.is_cell) and other.passage == one.passage)
        or one.times != other.times
        or not _fits(one.mention, other.mention)
        or not (one.near & other.wide or other.near & one.wide)
        or _are_parallel(one, other)
    ):
        return None
    likeness = _likeness(one.digits(step), other.digits(step))
    if likeness < -1:
        return None
    supports = printed.support(one), printed.support(other)
    right, wrong = (other, one) if supports[0] < supports[1] else (one, other)
    if min(supports) or wrong.is_cell:
        return None
    score = likeness + _agreement(right, wrong, likeness, printed) + 0.2 * max(supports)
    if likeness < _LONG_SWAP and len(printed.siblings(wrong)) >= _FEWEST_PARTS:
        score -= _LISTED
    if score < _LIKELY or _is_told_apart(one, other, printed):
        return None
    return Slip(right, wrong, score)


def _is_told_apart(one: Figure, other: Figure, printed: Printed) -> bool:
    """Say whether a text itself tells two figures apart: side by side, or with their difference."""
    near = [*printed.around(one), *printed.around(other)]
    if any(figure.order in (one.order, other.order) for figure in near) and one.quoted == other.quoted:
        return True
    apart = abs(one.value - other.value)
    slack = max(one.mention.step, other.mention.step) / 2
    units = {one.mention.unit, other.mention.unit} - {""}
    return any(
        abs(figure.value - apart) < slack
        for figure in near
        if not figure.is_state or figure.mention.unit in units
    )


def _are_parallel(one: Figure, other: Figure) -> bool:
    """Say whether the names of two figures end alike and begin otherwise: 城东网点满意度, 城西网点满意度."""
    first, second = (re.sub(r"\s", "", GENERAL.sub("", figure.lead)) for figure in (one, other))
    backwards = zip(reversed(first), reversed(second), strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], backwards))
    heads = [name[: len(name) - same] for name in (first, second)]
    return same >= _LETTERS_ALIKE and all(heads) and not _cut(heads[0]) & _cut(heads[1])


def _agreement(right: Figure, wrong: Figure, likeness: float, printed: Printed) -> float:
    """Say how much of the words of each is said of the other too; short figures need a word in common both ways."""
    shared, back = wrong.near & right.wide, right.near & wrong.wide
    is_long = likeness >= _LONG_SWAP
    has_words = _has_word(right.near)
    if not shared or not (is_long or (_has_word(shared) and (_has_word(back) or not has_words))):
        return -9.0
    of_wrong = printed.weigh(shared) / max(printed.weigh(wrong.near), 0.1)
    of_right = printed.weigh(back) / max(printed.weigh(right.near), 0.1)
    has_unit = right.mention.unit == wrong.mention.unit != ""
    return of_wrong + 0.7 * of_right + 0.3 * has_unit


def _has_word(words: Iterable[str]) -> bool:
    return any(len(word) > 1 for word in words)


def _finding(slip: Slip) -> Finding:
    right, wrong = slip.right, slip.wrong
    is_certain = slip.score >= _CERTAIN and not (right.is_scoped or wrong.is_scoped or wrong.mention.bound)
    return Finding(
        wrong.place,
        wrong.quoted,
        "前后不一",
        wrong.mention.text,
        right.mention.text,
        "矛盾" if is_certain else "可能",
        f"{right.place} 写作 {right.mention.text}（{right.quoted[:60]}），这里写作 {wrong.mention.text}，"
        "只有个别数字不同，或为笔误",
    )

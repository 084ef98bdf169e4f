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
    r"|基于|截至|年末|年底|期末|数据|显示|来看|开展|进行|实施|组织|设有?|只有|仅有?|达到|受理|收到|接到|接听|处理|成绩|结果|情况|实绩|实际|上下|左右|已经|都是"
    r"|下一?步|公司|牵头|负责|解决|针对|围绕|面向|根据|按照|若按?|如果|推动|努力|继续|进一步|仍然?|只|还|要|把|将会?|按(?!时|期|揭|键)|以(?!上|下|内)|我们"
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
    r"上学?年|去年|上期|上月|上季|上一|前年|同期|新增|净增|增[加至配长]|减[少至]|下降|剔除|扣除|去掉|标准|要求"
    r"|上限|下限|不低于|不超过|行业|最[高低多少大小长短]|峰值|均[分值]|[和与及、][^，]*(?:共|合计)"
)
_AIMED = re.compile(r"目标|计划|预计|力争|控制|预算")
_NEXT = re.compile(r"明年|来年|下一?学?年")
#: 比急诊多等 24 分钟: a difference, though a verb stands between.
_APART = re.compile(
    r"(?:比|较|超|领先|落后)[^，。；]*[多少高低快慢早晚短长](?:[\u4e00-\u9fff]|出|了|约)*$|相差|差[了距值]"
)
#: 人均, 每店: a figure of each is compared with one of each alone.
_EACH = re.compile(r"[人户店车件日月季周天次点站校院家班台队组床案]均(?![已有为未由可能在是])|每[一-龥]")
_PARTIAL = re.compile(r"试点|示范|样板|某")
#: The last letter of a name of some among all: 管理岗, 城东区.
_VERB = re.compile(r"牵头|负责|解决|针对|围绕|面向|根据|按照|若按?|推动|努力|继续|把|将")
_GROUP = re.compile(
    r"[岗区组类型院部科店层站者员户村镇市县班级校厅点端]$|号线$|^[新老男女]|性$|重复|无效|[首一二]次|逾期|按[期时]|超[期时]|夜间|线[上下]$"
)
#: 少儿读者: what stands before these names some of them, where it is no verb.
_PEOPLE = re.compile(r"读者|客户|员工|居民|用户|学生|患者|职工|企业|市民|家长|住户|会员|[乘旅]客")
_TOOK_PART = re.compile(r"参[与加评训]|[回走受]访|调查|接受|服务|帮扶|惠及|涉及")
#: Letters that make two of one name: 培训前, 培训后.
_OPPOSITES = re.compile(
    r"前后|后前|上下|下上|男女|女男|有无|无有|新[老旧]|[老旧]新|内外|外内|[进入]出|出[进入]|收[发支]|[发支]收|城乡|乡城|春秋|秋春|早晚|晚早|[日白]夜|夜[日白]|[东南西北中]{2}|[A-D]{2}"
)
#: Whose report it is: no group of it.
_BODY = re.compile(r"学校|医院|公司|集团|[全本我][校院司店馆市区县省]")
#: 对全部 251 家: counted already, though it is planned to do something with them.
_ALL = re.compile(r"(?:全部|所有|全体|现有|上述|这)的?\s*$")
#: What follows is computed from the values in another way than the measure itself.
_OTHER_MEAN = re.compile(r"(?:简单|直接|算术)[^，。；]{0,10}平均|[不未]加权|加权前")
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
    r"(?:对|面向|针对|向|基于|以|把|将|按|综合|根据|围绕|这|该|上述|全部|所有|现有|全体|已有|在岗|在册|在籍)\s*$"
    r"|(?:针对|鉴于|由于|面对|围绕|考虑到|剖析|分析)[^，。；]*$|(?:只有|仅有?|已经?|仍为?|还是|不到|才)\s*$"
)
#: 80.7%、较上年不升反降的问题: what is told of it behind is so already.
_TOLD = re.compile(
    r"[^，。；：\d]{0,8}的?(?:问题|短板|现状|现实|情况|基础|水平偏|差距|偏[低高长短]|难以|不足以|压力)|[、，]?(?:较|比|低于|高于|不及)(?:上|去|前|今|本|全)"
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
_LABEL = 8
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
    #: What each of whom a figure is of: 人均.
    each: frozenset[str] = frozenset()
    #: The words of a cell's column, and of the heading above a statement.
    head: str = ""
    heading: str = ""
    #: The words before it in its sentence, without those of the heading.
    said: frozenset[str] = frozenset()
    #: What its sentence begins with: 东区：投诉 12 件，办结率 95%.
    topic: str = ""
    #: It is of some alone, not of all: 试点.
    is_partial: bool = False

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
    opening = " ".join(s.text[:_WIDE] for s in sentences[:_OPENING] if not s.claims)
    usual = frozenset(part for part in _parts_of_year(opening) if not part.endswith("月"))
    heading = ""
    for sentence, is_plan in tell_plans(sentences):
        text = sentence.text.strip()
        if sentence.kind == "title" or (not sentence.claims and len(text) <= _HEADING):
            heading = text
        for at, claim in enumerate(sentence.claims):
            lead, tail, wide = _words_beside(sentence, at)
            words = f"{lead}|{tail}"
            is_now = _is_so_now(sentence, claim, words, is_plan=is_plan)
            yield Figure(
                claim.mention,
                sentence.passage,
                sentence.place,
                sentence.around(claim),
                _plain(_VERB.split(lead)[-1]) or _plain(lead),
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
                    or _OTHER_MEAN.search(wide)
                    or _APART.search(lead)
                ),
                is_scoped=bool(SCOPED.search(words)),
                said=_words(wide),
                each=frozenset(_EACH.findall(lead)),
                heading=heading,
                topic=_topic(sentence, claim),
                is_partial=bool(_PARTIAL.search(f"{heading}|{wide}|{words}")),
            )


def _is_so_now(sentence: Sentence, claim: Claim, words: str, *, is_plan: bool) -> bool:
    """Say whether the words tell that a figure is so already, though it may stand among plans."""
    return bool(
        _PRESENT.search(words)
        or _GIVEN.search(sentence.text[max(0, claim.start - _WIDE) : claim.start])
        or _TOLD.match(sentence.text, claim.end)
        or (claim.role == "from" and (is_plan or claim.is_aim) and not claim.period)
        or _is_counted_subject(sentence, claim)
    )


def _topic(sentence: Sentence, claim: Claim) -> str:
    """Give the words with which a sentence begins, where a figure stands in a later clause; a label keeps its colon."""
    before = _STOP.split(sentence.text[max(0, claim.start - 2 * _WIDE) : claim.start])[-1]
    first = re.match(r"\W*([^，,、：:；\d]+)(\s*[：:])?", before)
    if first is None or first.end() >= len(before.rstrip()):
        return ""
    return _plain(first[1]) + (":" if first[2] else "")


def _is_counted_subject(sentence: Sentence, claim: Claim) -> bool:
    """Say whether a count and its noun begin a clause: 7,951 户会员是我们的财富. What is aimed at has a verb before it."""
    before = sentence.text[max(0, claim.start - 2) : claim.start].strip()
    return (
        (not before or bool(_CLAUSE.match(before[-1])))
        and claim.mention.kind == "number"
        and bool(claim.mention.unit)
        and bool(re.match(r"[\u4e00-\u9fff]{2}", sentence.text[claim.end : claim.end + 2]))
    )


def _is_state(claim: Claim, words: str, *, is_now: bool) -> bool:
    """Say whether a figure is what its measure is: no goal, change, bound or earlier value."""
    is_plain = claim.mention.kind in ("number", "percent") and not claim.mention.is_signed
    is_aim = (claim.is_aim or bool(_AIMED.search(words))) and not is_now
    is_moved = claim.role == "from" and not is_now
    is_all = is_now and claim.role == "target" and bool(_ALL.search(claim.lead))
    return (
        is_plain
        and (claim.role in _STATES or is_all)
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
                is_state=is_plain
                and not (any(pattern.search(words) for pattern in (_OTHER, _AIMED, _CHANGES))),
                is_cell=True,
                each=frozenset(_EACH.findall(words)),
                head=table.heads[column],
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
        self._named: dict[str, list[Figure]] = defaultdict(list)
        for figure in figures:
            self._equal[figure.mention.kind, figure.value].append(figure)
            self._named[figure.lead].append(figure)

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
            computed = self._is_computed(figure, self.around(figure))
            self._supports[figure.order] = self._returns(figure) + figure.is_cell + computed
        return self._supports[figure.order]

    def defence(self, figure: Figure) -> int:
        """Count what supports a figure so that it is no slip: of the figures around it, those of its passage alone.

        Figures of the line above lead to many a number by chance.
        """
        near = [other for other in self.around(figure) if other.passage == figure.passage]
        return self._returns(figure) + figure.is_cell + self._is_computed(figure, near)

    def _returns(self, figure: Figure) -> int:
        again = [
            other
            for other in self._equal[figure.mention.kind, figure.value][:_MOST]
            if other.order != figure.order
            and _fits(other.mention, figure.mention)
            and _has_word((other.near & figure.wide) | (other.wide & figure.near))
            and _is_named(other, figure)
        ]
        return min(2, len(again))

    def _is_computed(self, figure: Figure, near: Sequence[Figure]) -> bool:
        near = [other for other in near if other.value]
        alike = [other.value for other in near if _is_summable(other.mention, figure.mention)]
        slack = figure.mention.step / 2
        is_sum = any(
            min(abs(one + other - figure.value), abs(abs(one - other) - figure.value)) < slack
            for one, other in combinations(alike, 2)
        )
        if is_sum or self._is_of_sum(figure):
            return True
        if figure.mention.kind == "percent":
            counts = [o for o in near if o.mention.kind == "number" and o.order < figure.order]
            return any(self._has_share(count, figure.mention) for count in counts)
        behind = [other for other in near if other.order > figure.order]
        return self._heads_list(figure) or any(self._has_share(figure, other.mention) for other in behind)

    def _has_share(self, figure: Figure, share: Mention) -> bool:
        """Say whether a percentage near a figure is its share of another one printed before it."""
        if share.kind != "percent" or figure.mention.kind != "number" or not share.value:
            return False
        # 约四成, 三成以上: many numbers are that of another
        if share.step > 1 or share.bound:
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

    def are_of_groups(self, one: Figure, other: Figure) -> bool:
        """Say whether figures of one name stand under headings of many groups, each with its own value."""
        if one.lead != other.lead or one.heading == other.heading or one.is_cell or other.is_cell:
            return False
        alike = [f for f in self._named.get(one.lead, ())[:_MOST] if f.mention.unit == one.mention.unit]
        by_heading = {figure.heading: figure.value for figure in alike}
        return len(set(by_heading.values())) >= _FEWEST_PARTS or _begin_apart(one.heading, other.heading)

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


def _is_named(one: Figure, other: Figure) -> bool:
    """Say whether the column of a cell is of what the other figure is: its words or its unit are said there.

    A row of 口腔科 has a column of complaints; a sentence on its waiting time is of something else.
    """
    return _names(one, other) and _names(other, one)


def _names(cell: Figure, other: Figure) -> bool:
    if not cell.is_cell or other.is_cell:
        return True
    words = _words(cell.head)
    has_unit = bool(other.mention.unit) and other.mention.unit in cell.head
    is_bare = not _has_word(words) or (not cell.mention.unit and not other.mention.unit)
    return has_unit or is_bare or _has_word(words & (other.said | other.behind | other.near))


_COUNTERS = frozenset(("人", "名", "单", "通", "笔", "宗", "人次", "件次", "票", "封", "卷", "订单"))


# ------------------------------------------------------------------ judging


def _judge(one: Figure, other: Figure, step: float, printed: Printed) -> Slip | None:
    if (
        (one.is_cell and other.is_cell)
        or ((one.is_cell or other.is_cell) and other.passage == one.passage)
        or one.times != other.times
        or one.each != other.each
        or one.is_partial != other.is_partial
        or printed.are_of_groups(one, other)
        or _are_of_topics(one, other)
        or not _is_named(one, other)
        or not _fits(one.mention, other.mention)
        or not (one.near & other.wide or other.near & one.wide)
        or _are_parallel(one, other)
    ):
        return None
    likeness = _likeness(one.digits(step), other.digits(step))
    if likeness < -1:
        return None
    defences = [(printed.defence(figure), printed.support(figure)) for figure in (one, other)]
    supports = [support for _, support in defences]
    right, wrong = (other, one) if defences[0] < defences[1] else (one, other)
    if min(defences)[0] or wrong.is_cell:
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
    # 84% → 88%: the other value stands beside it, as an earlier one or a goal
    if any(
        (
            figure.passage == side.passage
            and figure.value == rival.value
            and _fits(figure.mention, rival.mention)
        )
        for side, rival in ((one, other), (other, one))
        for figure in printed.around(side)
    ):
        return True
    apart = abs(one.value - other.value)
    slack = max(one.mention.step, other.mention.step) / 2
    return any(
        abs(figure.value - apart) < min(slack, figure.mention.step)
        for figure in near
        if _is_summable(figure.mention, one.mention) and _is_summable(figure.mention, other.mention)
    )


def _are_parallel(one: Figure, other: Figure) -> bool:
    """Say whether the names of two figures end alike and begin otherwise: 城东网点满意度, 城西网点满意度.

    So does a name with more before it, where that names some among all: 人均培训, 管理岗人均培训.
    """
    leads = [(figure.lead, GENERAL.sub("", figure.lead)) for figure in (one, other)]
    return any(_begin_apart(*pair) for pair in zip(*leads, strict=True)) or (
        _is_of_some(one, other)
        or _is_of_some(other, one)
        or _end_apart(one, other)
        or _are_opposite(one, other)
    )


def _are_of_topics(one: Figure, other: Figure) -> bool:
    """Say whether figures of one name stand in sentences on two things: A 院区投诉 120 件，办结率 96%."""
    if one.lead != other.lead:
        return False
    labels = [topic for topic in (one.topic, other.topic) if topic.endswith(":") and len(topic) <= _LABEL]
    are_labelled = len(labels) == 2 and not _cut(labels[0]) & _cut(labels[1])
    return are_labelled or _begin_apart(one.topic.rstrip(":"), other.topic.rstrip(":"))


def _end_apart(one: Figure, other: Figure) -> bool:
    """Say whether the names of two figures begin alike and end otherwise: 维修费收入, 维修费支出."""
    first, second = (re.sub(r"\s", "", figure.lead) for figure in (one, other))
    same = _shared(first, second)
    rests = _cut(first[same:]), _cut(second[same:])
    return same >= _LETTERS_ALIKE and all(rests) and not (rests[0] & other.wide or rests[1] & one.wide)


def _begin_apart(one: str, other: str) -> bool:
    first, second = _heads(one, other)
    same = len(re.sub(r"\s", "", one)) - len(first)
    return same >= _LETTERS_ALIKE and bool(first and second) and not _cut(first) & _cut(second)


def _shared(one: str, other: str) -> int:
    """Count the letters that two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _heads(one: str, other: str) -> tuple[str, str]:
    """Give what two names begin with, without what they end with alike; verbs have left blanks."""
    first, second = (re.sub(r"\s", "", name) for name in (one, other))
    same = _shared(first[::-1], second[::-1])
    return first[: len(first) - same], second[: len(second) - same]


def _is_of_some(one: Figure, other: Figure) -> bool:
    """Say whether the first figure's name is the other's with a group before it that nothing near the other names."""
    long, short = (re.sub(r"\s", "", _BODY.sub("", figure.lead)) for figure in (one, other))
    same = _shared(long, short)
    extra, rest = _heads(long[same:], short[same:])
    if not extra or rest or len(short) < _LETTERS_ALIKE or _cut(extra) & other.wide:
        return False
    is_inside = same >= _LETTERS_ALIKE and len(extra) >= _LETTERS_ALIKE and len(short) > same
    is_who = not same and bool(_PEOPLE.match(short)) and not _TOOK_PART.search(extra)
    return is_inside or is_who or (not same and bool(_GROUP.search(extra)))


def _are_opposite(one: Figure, other: Figure) -> bool:
    """Say whether two names differ in one letter that makes them opposites: 培训前, 培训后."""
    first, second = (re.sub(r"\s", "", figure.lead) for figure in (one, other))
    if len(first) != len(second):
        return False
    unlike = [a + b for a, b in zip(first, second, strict=True) if a != b]
    return len(unlike) == 1 and bool(_OPPOSITES.fullmatch(unlike[0]))


def _agreement(right: Figure, wrong: Figure, likeness: float, printed: Printed) -> float:
    """Say how much of the words of each is said of the other too; short figures need a word in common both ways."""
    shared, back = wrong.near & right.wide, right.near & wrong.wide
    is_long = likeness >= _LONG_SWAP
    has_words = _has_word(right.near - {"总体"})
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

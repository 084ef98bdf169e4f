"""In how many ways a printed number may have been computed, and how plausible each is.

The words right before a number say what it is: a difference, a change, a sum, a mean, a share, an attainment. For each
all operands near it are tried; a way is as plausible as its operands are likely, and as they go together.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations, permutations

from fbanalysis.report.audit.claims.claims import PRIOR, Claim, Sentence
from fbanalysis.report.audit.claims.explaining import (
    Formula,
    added,
    difference,
    growth,
    kept,
    magnitude,
    mean,
    share,
    unit_of,
)
from fbanalysis.report.audit.claims.facts import (
    DIFFERS,
    PERIOD,
    REACHED,
    Fact,
    Stock,
    in_scale,
    is_change,
    words_before,
    words_of,
)
from fbanalysis.report.audit.claims.series import Series, Shelf
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.attainment import LESS_IS_BETTER, MORE_ANYWAY
from fbanalysis.report.audit.rules.rounding import COUNTED, Span, judge, span

_IDLE = r"(?:[了出至达约近为是的占仅只：:\s（(]|幅度|比例)*$"
CUES = {
    "差值": re.compile(
        f"{DIFFERS.pattern}|(?:还剩|剩余?|余下?|尚有|还有|其余|空置|空缺|闲置|(?:^|[，,；;\\s])未[\u4e00-\u9fff]{{1,3}}(?:的)?){_IDLE}|(?:(?:^|[，,；;\\s])[多少快慢]|(?:要|便|就|再)[多少快慢早晚])[\u4e00-\u9fff]?{_IDLE}"
    ),
    "升降幅度": re.compile(
        "(?:增|涨|升|降|减|跌|缩|增长|上涨|上升|增加|提高|提升|下降|下滑|回落|减少|降低|缩短|压缩|压降|提速|增幅|涨幅|升幅|降幅|减幅|跌幅"
        f"|增速|[多少]了|同比|环比|相差|差距|攀升|走低|走高|变化|[比较年期月于][^，。；,;\\d]{{0,16}}(?<!最)(?:[多少高低快慢短]|(?<!时)长)){_IDLE}"
    ),
    "分项合计": re.compile(
        "(?:合计|共计|总计|加起来|加总|相加|一共|总共|累计|共|总数|总量|合起来|(?<!第)[两三四五六七八九](?:项|者|类|组|家|个))[^，。；,;\\d]{0,6}$"
    ),
    "平均数": re.compile("(?:平均|均值|均分|[月季周日年天]均|[人户件]均)[^，。；,;\\d]{0,6}$"),
    "占比": re.compile(
        "(?:占[^，。；,;\\d]{0,10}的?|占比|比例|比重|[\u4e00-\u9fff]率|份额)[^，。；,;\\d]{0,6}$"
    ),
    "达成率": re.compile("(?:达成率|完成率|完成度|达成|完成)[^，。；,;\\d]{0,6}$"),
}
_RESTS = re.compile(
    f"(?:还剩|剩余?|余下?|尚有|还有|其余|空置|空缺|闲置|(?:^|[，,；;\\s])未[\u4e00-\u9fff]{{1,3}}(?:的)?){_IDLE}"
)
#: The kinds of numbers that each may be.
KINDS = {
    "差值": ("number", "points"),
    "升降幅度": ("percent",),
    "分项合计": ("number", "percent"),
    "平均数": ("number", "percent"),
    "占比": ("percent",),
    "达成率": ("percent",),
}
_WAY = re.compile(
    "(?P<down>降|减|跌|缩|少|压|回落|下滑|走低|收窄|低)|(?P<up>增|涨|升|提高|提升|上升|多|攀升|走高|扩大|高)"
)
_COMPARED = re.compile(r"(?:大于|小于|等于|超过|不足|不到)\s*$")
#: 接通 18,720 件，未接通 5,280 件: what is not done of two numbers before.
_UNDONE = re.compile(f"(?:^|[，,；;\\s])未[\u4e00-\u9fff]{{1,3}}(?:的)?{_IDLE}")
_NET = re.compile(f"(?:净增|净减|净流入|净流出|相差|差距|差额){_IDLE}")
#: A clause that begins with what became of a value is about that value, whatever it is listed with.
_OPENS = re.compile(r"^\s*[，,（(]?\s*(?:同比|环比|较[^，。；]{1,6})?(?:提|升|降|增|减|上|下|回|缩|压|涨|跌)")
_WIDENS = re.compile("收窄|扩大|缩小|拉大|缩窄|拉开")
PLAIN = re.compile("简单|算术|直接|不加权|相加|[项题]平均|平均下来")
_CLAUSE, _BEHIND, _WORDS, _LISTED = 60, 12, 10, 4
#: So many passages before a number a list may stand that it adds up.
_REACH, _FAR = 30, 12
#: So many of the likeliest numbers are combined, and so many combinations may contradict a number.
_CANDIDATES, NAMING = 20, 3
#: The rest of a whole that stands elsewhere needs more than that.
_FAR_REST = 1.5
_SIZES = 30.0
#: A mean is of its list's size, and what is printed of the size of what it should be.
LEAST, LEAST_SUM, _BESIDE_MEAN = 0.4, 0.8, 0.8
_NEAR_LIST, _BESIDE, NAMED_BASE = 6.0, 6.0, 20.0
#: A number bears so much of the words that name a base.
_NAMES_IT = 0.6
#: Where nothing else is said, 月均 is a twelfth of the year's total.
_OF_A_YEAR = 2.5
_OF_NAMED = re.compile(r"占(?:全部|全体|所有)?(?P<base>[\u4e00-\u9fff]{2,12})的(?:约|近)?\s*$")
_COUNT = re.compile(
    r"(?<![第\d.])([两二三四五六七八九十]|\d{1,2})\s*(个|家|项|类|大|组|条|档|种|省|城|线|店|区|季|月|者|门|所|市|县|站|局|部|科|校|餐|处|地|款|批|轮)"
)
_COUNTING = 24
_AND = re.compile("、|和|与|及|以及|[+＋]")
#: Words around a name: how many there are, and what is done with them.
_BARE = re.compile(
    r"^[●•·*－\s-]*(?:其中|上述|这|由于|仅|单是)?|等?(?:[两二三四五六七八九十]|\d)?(?:类|项|者|家|店|个|区|城|种|处|地|部)?(?:问题|投诉|工单|意见|合)?"
    r"(?:合计|共计?|加起来|总计|相加|合起来|一共)?(?:处理|受理|接待|完成|送达)?(?:了|为|是|达)?\s*$"
)
_SHORTEST, _MOST_NAMED, _SOME_OF_THEM = 2, 8, 5.5
_TOP = re.compile(r"(?:前|[居靠]前的|最[多大高]的)(?:[两二三四五六七八九十]|\d+)[^，。]{0,6}$")
_MONTHS = re.compile(r"((?:1?\d[、和,，至到—–~-])+1?\d)[^，。；\d]{0,3}月")
_EXTREMES = re.compile(
    "最高[^，。；]*最低|最低[^，。；]*最高|最多[^，。；]*最少|最[好优][^，。；]*最[差弱]|首尾|头尾|极差|高低(?:之间|相差)|两端"
)
_MOST_PARTS, _FEWEST_MEAN = 31, 3
_GROUPING = frozenset("人批轮期届位名个项类家组条线店区所站局部科校年天日月季")
_LONGEST = 12
_PER = {
    "日": "天|日|工作日",
    "天": "天|日|工作日",
    "周": "周|星期",
    "月": "个月|月",
    "季": "季度|个季度",
    "人": "人|名|位",
    "户": "户",
}


Candidates = Sequence[tuple[float, Fact]]


@dataclass(frozen=True)
class Trial:
    """One way in which a number may have been computed, and how plausible its operands are."""

    score: float
    rule: str
    formula: Formula
    parts: tuple[Fact | Mention, ...]

    @property
    def value(self) -> float:
        return self.formula(*[float(part.value) for part in self.parts])


@dataclass(frozen=True)
class Scene:
    """A number with what it may have been computed from."""

    claim: Claim
    sentence: Sentence
    place: int
    words: str
    candidates: Candidates
    stock: Stock
    shelf: Shelf

    @cached_property
    def clause(self) -> str:
        """The words of its clause before it, and of the one before where that only says what is compared."""
        before = self.sentence.text[max(0, self.claim.start - _CLAUSE) : self.claim.start]
        clauses = re.split("([，,。；;！？\\n])", before)
        is_open = len(clauses) > 2 and re.search("相比|对比|比较|来看|来说$", clauses[-3][-4:])
        return "".join(clauses[-3:]) if is_open else clauses[-1]


def cued(sentence: Sentence, at: int) -> list[str]:
    """Name what the words right before a number say that it is: 差值, 升降幅度, 分项合计, 平均数, 占比, 达成率."""
    claim = sentence.claims[at]
    words = words_before(sentence, at)
    if REACHED.search(words) or _COMPARED.search(words):
        return []
    found = [rule for rule, form in CUES.items() if claim.mention.kind in KINDS[rule] and form.search(words)]
    opens = _OPENS.match(words) or _RESTS.search(words) or _NET.search(words)
    if _is_listed(sentence, at) and not opens:
        found = [rule for rule in found if rule not in ("差值", "升降幅度")]
    if "占比" in found:
        found = [rule for rule in found if rule not in ("分项合计", "平均数")]
    if claim.role == "attainment" and claim.is_percent:
        found = [*found, "达成率"] if "达成率" not in found else found
    return found or (["差值"] if claim.mention.kind == "points" else [])


def _is_listed(sentence: Sentence, at: int) -> bool:
    """Say whether a number stands in an enumeration of its unit: 预算削减 17 家 被替换 12 家 功能不符 10 家."""
    unit = unit_of(sentence.claims[at].mention)
    size = 1
    for step in (-1, 1):
        place = at
        while 0 <= place + step < len(sentence.claims) and size < _LISTED:
            one, other = sentence.claims[min(place, place + step)], sentence.claims[max(place, place + step)]
            beside = sentence.claims[place + step]
            if (
                unit_of(beside.mention) != unit
                or len(sentence.gap(one, other)) > _WORDS
                or is_change(sentence, place + step)
            ):
                break
            size, place = size + 1, place + step
    return size >= _LISTED


def mention_of(part: Fact | Mention) -> Mention:
    return part if isinstance(part, Mention) else part.mention


def _spans(trial: Trial) -> list[Span]:
    """Give the values that the operands may stand for; an aim was set, not measured."""
    return [span(mention_of(part), is_exact=isinstance(part, Fact) and part.is_aim) for part in trial.parts]


def _printed(trial: Trial, mention: Mention) -> Span:
    """Give the values that a printed number may stand for; a mean of what is counted is rounded."""
    return magnitude(replace(mention, unit="") if trial.rule == "平均数" else mention)


def gives(trial: Trial, printed: Mention) -> bool:
    """Say whether a way gives a number without any doubt of rounding."""
    return not judge(trial.formula, _spans(trial), _printed(trial, printed)).severity


def explains(trial: Trial, printed: Mention) -> bool:
    """Say whether a way may give a number, however its operands were rounded."""
    return judge(trial.formula, _spans(trial), _printed(trial, printed)).severity != "矛盾"


def scene_of(stock: Stock, shelf: Shelf, sentence: Sentence, place: int, at: int) -> Scene:
    """Gather what a number may have been computed from."""
    claim = sentence.claims[at]
    candidates = [(score, _scaled(fact, claim)) for score, fact in stock.around(place, at)]
    return Scene(claim, sentence, place, words_before(sentence, at), candidates, stock, shelf)


def _scaled(fact: Fact, claim: Claim) -> Fact:
    """Take a cell without a unit as written in 万 or 亿 where the number is."""
    return fact if fact.sentence >= 0 else replace(fact, mention=in_scale(fact.mention, claim))


def is_computable(trial: Trial) -> bool:
    """Say whether a way gives a number at all: a printed 0 is nobody's base."""
    try:
        return math.isfinite(trial.value)
    except ZeroDivisionError:
        return False


def rank(scene: Scene, rules: Sequence[str]) -> list[Trial]:
    """List the ways in which a number may have been computed, the likeliest first."""
    found = [trial for rule in rules for trial in _WAYS[rule](scene) if is_computable(trial)]
    return sorted(found, key=lambda trial: -trial.score)


def _differences(scene: Scene) -> Iterator[Trial]:
    claim, candidates = scene.claim, scene.candidates
    rule = "百分点" if claim.mention.kind == "points" else "差值"
    if _RESTS.search(scene.words):
        yield from _rests(scene)
        if len(_before(scene)) >= 3:
            return
    yield from _extremes(scene, rule)
    is_gap, is_of_ends = bool(_WIDENS.search(scene.words)), bool(_EXTREMES.search(scene.clause))
    group = [pair for pair in candidates if _is_level_of(pair[1], claim, is_gap=is_gap)][:_CANDIDATES]
    run = _before(scene)[:_MOST_NAMED]
    for value in run if len(run) > 2 else ():
        # 锦旗 21 面、感谢信 34 封，较上年的 40 件增加 15 件: the sum of the others may be meant
        yield Trial(_SOME_OF_THEM, rule, rest, (value, *(other for other in run if other is not value)))
    for (one, a), (other, b) in combinations(group, 2):
        are_changes = a.role == b.role == "change" and not is_gap
        if a.value != b.value and is_of_size(a.value, b.value) and not are_changes:
            score = one + other + _bond(a, b) + _leads(scene, a, b) + _told_apart(scene, a, b)
            is_far = a.sentence != scene.place or b.sentence != scene.place
            score -= _FAR_REST * (is_far and bool(_RESTS.search(scene.words))) + 10 * is_of_ends
            yield Trial(score, rule, difference, (a, b))


def _rests(scene: Scene) -> Iterator[Trial]:
    """The rest of a whole: 收到 46 条，已回复 41 条，还剩 5 条, or behind a list of its parts."""
    run = _before(scene)
    if _UNDONE.search(scene.words) and len(run) != 2:
        return
    for first, whole in enumerate(run[:-1]):
        for start in range(first + 1, len(run)):
            if whole.value > sum(part.value for part in run[start:]):
                score = _BESIDE + 2 * (start == 1) + 0.1 * (len(run) - start)
                yield Trial(score, "差值", rest, (whole, *run[start:]))
    total = sum(part.value for part in run)
    wholes = [pair for pair in scene.candidates if _is_alike(pair[1].mention, scene.claim.mention)]
    for score, whole in wholes[:_CANDIDATES]:
        if run and whole.sentence != scene.place and total < whole.value:
            yield Trial(_BESIDE + 2 * (len(run) > 1) + score, "差值", rest, (whole.mention, *run))


def rest(whole: float, *parts: float) -> float:
    """|a − (b + c + …)|."""
    return abs(whole - sum(parts))


def _before(scene: Scene) -> list[Mention]:
    """Give the numbers of its unit before a number in its sentence, without changes and bounds."""
    sentence = scene.sentence
    return [
        claim.mention
        for at, claim in enumerate(sentence.claims)
        if claim.end <= scene.claim.start
        and _is_alike(claim.mention, scene.claim.mention)
        and not claim.mention.bound
        and not is_change(sentence, at)
        and claim.role != "from"
        and not (claim.role == "to" and at and sentence.claims[at - 1].role == "from")
        and claim.value != scene.claim.value
    ][-_LONGEST:]


def _extremes(scene: Scene, rule: str) -> Iterator[Trial]:
    """The greatest and the least of a list near by, where the words ask for them."""
    if not _EXTREMES.search(scene.clause) and not _EXTREMES.search(scene.sentence.text[: scene.claim.start]):
        return
    for number, series in enumerate(scene.shelf.near(scene.sentence.passage, scene.sentence.page, _REACH)):
        parts = sorted(series.parts.values(), key=lambda mention: mention.value)
        is_level = parts and (
            parts[0].kind == "percent" if rule == "百分点" else _is_alike(parts[0], scene.claim.mention)
        )
        if len(parts) >= _FEWEST_MEAN and is_level and not parts[0].is_signed:
            score = _NEAR_LIST - 0.15 * min(number, _FAR) + 1.5 * series.speaks(scene.clause)
            yield Trial(score, rule, difference, (parts[-1], parts[0]))


def _is_alike(one: Mention, other: Mention) -> bool:
    """Say whether two numbers may be of one unit: a table's cells often have none, but 三项 and 7 店 are no values."""
    first, second = unit_of(one), unit_of(other)
    if first == second:
        return True
    bare = first[0] == "number" == second[0] and "" in (first[1], second[1])
    if not bare or not {first[1], second[1]} & _GROUPING:
        return bare
    return min(one.value, other.value) >= _MOST_PARTS and min(one.step, other.step) >= 1


def _is_level_of(fact: Fact, claim: Claim, *, is_gap: bool) -> bool:
    """Say whether a difference may be one of such numbers; points are differences of shares."""
    if claim.mention.kind == "points":
        return fact.mention.kind == "percent" or (is_gap and fact.mention.kind == "points")
    return _is_alike(fact.mention, claim.mention)


def is_of_size(one: float, other: float) -> bool:
    small, large = sorted((abs(one), abs(other)))
    return large <= _SIZES * small if small else large < _SIZES


def _bond(one: Fact, other: Fact) -> float:
    """Say how well two numbers go together: one column, row or sentence, the same words."""
    shared = len(one.words & other.words) / max(1, min(len(one.words), len(other.words)))
    if one.sentence < 0 and other.sentence < 0 and one.row[0] == other.row[0]:
        return shared + (1.0 if one.group == other.group or one.row == other.row else -2.0)
    return shared + (one.group == other.group)


def tells_time(a: Fact, b: Fact) -> bool:
    """Say whether the words say which of two values came first: 从 … 到 …, 今年 … 上年 …."""
    is_moved = a.group == b.group and abs(a.at - b.at) == 1 and (a if a.at > b.at else b).role == "to"
    return is_moved or a.is_prior != b.is_prior


def _told_apart(scene: Scene, a: Fact, b: Fact) -> float:
    """Weigh two values of the two periods that the clause compares: 9 月较 8 月, Q4 比 Q3."""
    periods = PERIOD.findall(scene.clause)
    if len(set(periods)) != 2 or not re.search("较|比", scene.clause):
        return _told_one(scene, a, b)
    first, second = (period.rstrip("年") if period[0] == "2" else period for period in dict.fromkeys(periods))
    is_pair = (first in a.words and second in b.words) or (second in a.words and first in b.words)
    return 4.0 if is_pair else -0.5


def _told_one(scene: Scene, a: Fact, b: Fact) -> float:
    """Weigh two values of which one is of the period that the clause compares with: 较 2020 年, 比上年."""
    match = re.search("(?<!环)(?<!同)[较比](?P<than>[^，。；]{0,14})", scene.clause)
    if match is None:
        return _told_by_step(scene, a, b) if "环比" in scene.clause else 0.0
    if PRIOR.search(match["than"]):
        return 0.0 if a.is_prior != b.is_prior else -1.0
    found = PERIOD.findall(match["than"])
    if len(found) != 1:
        return 0.0
    period = found[0].rstrip("年") if found[0][0] == "2" else found[0]
    if not any(period in fact.words for _, fact in scene.candidates):
        return 0.0
    return 2.5 if (period in a.words) != (period in b.words) else -1.5


def _told_by_step(scene: Scene, a: Fact, b: Fact) -> float:
    """四季度环比: the quarter or month that the clause names, and the one before it."""
    now = next((at for at, name in enumerate(_STEPS) if name in PERIOD.findall(scene.clause)), 0)
    if not now or now == _QUARTERS:
        return 0.0
    new, old = _STEPS[now], _STEPS[now - 1]
    return 4.0 if (new in a.words and old in b.words) or (new in b.words and old in a.words) else -0.5


#: Periods in their order; the first of the months follows the last of the quarters.
_STEPS = ("一季度", "二季度", "三季度", "四季度", *(f"{month}月" for month in range(1, 13)))
_QUARTERS = 4


def _leads(scene: Scene, a: Fact, b: Fact) -> float:
    """Weigh two values right before a number, with nothing but changes between: 由 9.6 压到 7.2，缩短 25 %."""
    claims, sentence = scene.sentence.claims, scene.sentence
    last = claims.index(scene.claim)
    if a.sentence != b.sentence or a.sentence != scene.place:
        return 0.0
    first, second = sorted((a.at, b.at))
    states = [at for at in range(first, last) if not is_change(sentence, at)]
    is_beside = (
        states[:2] == [first, second] == states
        and len(sentence.gap(claims[second], claims[second + 1])) <= _WORDS
    )
    return 2.0 * is_beside


def _follows(scene: Scene, new: Fact, old: Fact) -> float:
    """Weigh two values of which one is of a change's own month or quarter, the other of the one before."""
    kind, number = scene.claim.stage
    if "同比" in scene.clause and new.stage[0] == old.stage[0] != "year" and new.stage != old.stage:
        return -2.0
    if kind not in ("month", "quarter") or new.stage[0] != kind or old.stage[0] != kind:
        return 0.0
    return 2.0 if new.stage == scene.claim.stage and old.stage == (kind, number - 1) else -1.0


def growths(scene: Scene) -> Iterator[Trial]:
    claim, candidates = scene.claim, scene.candidates
    group = [pair for pair in candidates if pair[1].mention.kind in ("number", "percent")][:_CANDIDATES]
    states = [pair for pair in group if pair[1].role != "change" and pair[1].value]
    way = _way(claim)
    for (one, a), (other, b) in combinations(states, 2):
        is_alike = a.mention.kind == b.mention.kind and _is_alike(a.mention, b.mention)
        if not is_alike or a.value == b.value or not is_of_size(a.value, b.value):
            continue
        score = one + other + _bond(a, b) + tells_time(a, b) + _leads(scene, a, b) + _told_apart(scene, a, b)
        for new, old in _orders(a, b, way):
            yield Trial(score + _follows(scene, new, old), "升降幅度", growth, (new, old))
    for one, size in group:
        if size.role == "change" and size.mention.kind == "number" and not _is_of_other_periods(scene, size):
            yield from _growths_by(one, size, states, way)


def grown_to(change: float, value: float) -> float:
    """d ÷ (a − d) in %: what rose by d to a."""
    return change / (value - change) * 100


def fallen_to(change: float, value: float) -> float:
    """d ÷ (a + d) in %: what fell by d to a."""
    return change / (value + change) * 100


_GROWTH_TO = {1: grown_to, -1: fallen_to}


def _is_of_other_periods(scene: Scene, size: Fact) -> bool:
    """8 月较 7 月减少 65 件，9 月较 8 月回落 36.8 %: a change of other periods than those of the clause."""
    return len(
        set(PERIOD.findall(scene.clause))
    ) == 2 and size.mention.end <= scene.claim.mention.start - len(scene.clause)


def _way(claim: Claim) -> int:
    """Say whether a change goes up (1), down (-1), or unsaid (0)."""
    if claim.mention.is_signed:
        return 1 if claim.value > 0 else -1
    match = _WAY.search(claim.lead[-10:]) or _WAY.match(claim.tail)
    return 0 if match is None else -1 if match["down"] else 1


def _orders(a: Fact, b: Fact, way: int) -> Iterator[tuple[Fact, Fact]]:
    """Give the later and the earlier of two values: what rose was less before, what fell was more."""
    if a.is_prior != b.is_prior:
        yield (b, a) if a.is_prior else (a, b)
    elif way:
        yield (a, b) if (a.value > b.value) == (way > 0) else (b, a)
    else:
        yield from ((a, b), (b, a))


def _growths_by(score: float, size: Fact, states: Candidates, way: int) -> Iterator[Trial]:
    """A change over the value that it started from: 减少 156 件，上年为 1404 件."""
    values = {state.value for _, state in states}
    for other, base in states:
        # 增加 20 件到 120 件: the value that a change leads to is not its base
        leads_here = (
            base.value - way * abs(size.value) in values and base.value + way * abs(size.value) not in values
        )
        if unit_of(base.mention) != unit_of(size.mention) or not base.value or base.value == abs(size.value):
            continue
        if not (way and leads_here) and base.role != "to":
            yield Trial(score + 1.5 + other, "升降幅度", share, (size, base))
        if way and not base.is_prior and base.value != way * abs(size.value) and size.value:
            yield Trial(score + 1 + other, "升降幅度", _GROWTH_TO[way], (size, base))


def _shares(scene: Scene) -> Iterator[Trial]:
    group = [pair for pair in scene.candidates if pair[1].mention.kind == "number"][:_CANDIDATES]
    for (one, a), (other, b) in permutations(group, 2):
        if _counts_alike(a.mention, b.mention) and a.value < b.value:
            yield Trial(one + other + (a.group == b.group), "占比", share, (a, b))
    part, base = _part_and_base(scene)
    if part is not None and base is not None and not _has_base(scene, part):
        yield Trial(NAMED_BASE, "占比", share, (part, base))


def _has_base(scene: Scene, part: Mention) -> bool:
    """Say whether any number of the document gives a share as its base."""
    printed = magnitude(scene.claim.mention)
    counts = (fact.mention for fact in scene.stock.facts if fact.mention.kind == "number")
    return any(
        _counts_alike(part, base)
        and part.value < base.value
        and judge(share, (span(part), span(base)), printed).severity != "矛盾"
        for base in counts
        if base.value
        and abs(part.value / base.value * 100 - scene.claim.value) <= 2 * scene.claim.mention.step
    )


def _part_and_base(scene: Scene) -> tuple[Mention | None, Fact | None]:
    """522 件，占全年工单总量的 8 %: the number right before, and the one that the words behind 占 name."""
    claims = scene.sentence.claims
    at = claims.index(scene.claim)
    match = _OF_NAMED.search(scene.sentence.text[: scene.claim.start])
    part = claims[at - 1].mention if at else None
    if (
        part is None
        or match is None
        or part.kind != "number"
        or match.start() - claims[at - 1].end > _WORDS // 2
    ):
        return None, None
    words = words_of(match["base"])
    bases = [
        (len(words & fact.words) / max(len(words), 1), -number, fact)
        for number, (_, fact) in enumerate(scene.candidates)
        if _counts_alike(part, fact.mention) and fact.mention.kind == "number" and fact.value > part.value
    ]
    best = max(bases, key=lambda base: base[:2], default=(0.0, 0, None))
    return (part, best[2]) if best[0] >= _NAMES_IT else (None, None)


def _counts_alike(one: Mention, other: Mention) -> bool:
    """Say whether one may be a part of the other: both of one unit, or both counted."""
    both = {unit_of(one)[1], unit_of(other)[1]}
    return len(both) == 1 or all(unit == "" or unit in COUNTED for unit in both)


def _attainments(scene: Scene) -> Iterator[Trial]:
    near = scene.sentence.text[max(0, scene.claim.start - _CLAUSE) : scene.claim.end + _BEHIND]
    is_small_good = bool(LESS_IS_BETTER.search(near)) and not MORE_ANYWAY.search(near)
    group = [pair for pair in scene.candidates if pair[1].mention.kind in ("number", "percent")][:_CANDIDATES]
    for (one, a), (other, b) in permutations(group, 2):
        if (
            unit_of(a.mention) != unit_of(b.mention)
            or not (a.value and b.value)
            or (a.is_aim and not b.is_aim)
        ):
            continue
        is_done = (a.role == "actual") - (b.role == "actual")
        score = one + other + (a.group == b.group) + (b.is_aim and not a.is_aim) + is_done
        yield Trial(score - 3 * is_small_good, "达成率", share, (a, b))
        if b.is_aim and is_small_good:
            yield Trial(score - 1, "达成率", kept, (a, b))
            yield Trial(score - 1, "达成率", share, (b, a))


def _sums(scene: Scene) -> Iterator[Trial]:
    told = {fact.value for _, fact in scene.candidates if not fact.is_total}
    for score, run in _lists(scene, 2):
        total = sum(part.value for part in run)
        # a list that makes another printed number, or a whole of shares, is not this one's
        is_taken = total in told or (run[0].kind == "percent" and abs(total - 100) < len(run) / 2)
        if is_of_size(total, scene.claim.value):
            yield Trial(score - 6 * is_taken, "分项合计", added, run)


def _means(scene: Scene) -> Iterator[Trial]:
    yield from (Trial(_SOME_OF_THEM, "平均数", mean, pair) for pair in combinations(_before(scene), 2))
    for score, run in _lists(scene, _FEWEST_MEAN):
        values = [part.value for part in run]
        if min(values) * _BESIDE_MEAN <= scene.claim.value <= max(values) / _BESIDE_MEAN:
            yield Trial(score, "平均数", mean, run)
    per = re.search(r"([日天周月季人户件单次场])均|平均每[个位]?(.)|每(.)平均", scene.clause[-_COUNTING:])
    if per:
        yield from _rates(scene, next(filter(None, per.groups())))


def _lists(scene: Scene, fewest: int) -> Iterator[tuple[float, tuple[Mention, ...]]]:
    """Give what may be added up: the numbers right before, a list near by, or those of its members that are named."""
    yield from _runs(scene, fewest)
    said = _count_said(scene) or _of_a_year(scene)
    top = _TOP.search(scene.clause)
    near = scene.shelf.near(scene.sentence.passage, scene.sentence.page, _REACH)
    for number, series in enumerate([*near, *scene.shelf.naming(scene.clause)]):
        parts = {
            name: in_scale(m, scene.claim)
            for name, m in series.parts.items()
            if (m.value != scene.claim.value or fewest == _FEWEST_MEAN) and not m.is_signed
        }
        if len(parts) < fewest or not _lists_alike(series, scene.claim.mention):
            continue
        is_plain = fewest == _FEWEST_MEAN and bool(PLAIN.search(scene.clause))
        score = _NEAR_LIST - 0.15 * min(number, _FAR) + 1.5 * series.speaks(scene.clause) + 2.5 * is_plain
        if _is_behind(scene, series):
            continue
        named = _named(scene.clause, parts) or [
            name for name in series.named_in(scene.clause) if name in parts
        ]
        if len(named) <= len(_AND.findall(scene.clause)):
            named = []
        values = list(parts.values())
        if len(named) >= fewest and (not said or said == len(named)):
            yield score + 4 + 2 * (said == len(named)), tuple(parts[name] for name in named)
        elif (
            half := _half(scene.clause, values) or _months(scene.clause, parts) or _these(scene, parts, said)
        ):
            yield score + 5, half
        elif top and said and said < len(values):
            # the greatest, or the first of a scale
            yield score + 4, tuple(sorted(values, key=lambda m: -m.value)[:said])
            yield score + 4, tuple(values[:said])
        elif not named:
            fits = (
                4 if said == len(values) > 2 else -3 if said != len(values) and said else -(len(values) == 2)
            )
            yield score + fits, tuple(values)
        if said:
            # which of a longer list are meant is not said: they may explain a number
            yield from ((0.5, tuple(values[at : at + said])) for at in range(len(values) - said + 1))


def _lists_alike(series: Series, mention: Mention) -> bool:
    """Say whether a list may add up to a number: its unit, or a table's counts without one."""
    first = series.mentions[0]
    is_counted = series.style != "inline" and first.kind == mention.kind == "number" and not first.unit
    return _is_alike(first, mention) or (
        is_counted and min(m.step for m in series.mentions) >= 1 <= mention.step
    )


def _named(clause: str, parts: Mapping[str, Mention]) -> list[str]:
    """Give the members of a list that a clause names one after the other, in full or by a part of their names."""
    words = re.split(r"[（(：:]", clause)[-1]
    names = [_BARE.sub("", word) for word in _AND.split(words)]
    found = []
    for name in names:
        alike = [part for part in parts if name and (name in part or part in name)]
        exact = [part for part in alike if part == name] or alike
        if len(exact) != 1 or len(name) < _SHORTEST:
            return []
        found.append(exact[0])
    return found if len(found) > 1 and len(set(found)) == len(found) else []


def _is_behind(scene: Scene, series: Series) -> bool:
    """Say whether a list follows a number in its sentence and is not said to be its parts."""
    first = series.mentions[0].start
    if series.passage != scene.sentence.passage or first < scene.claim.mention.end:
        return False
    between = scene.sentence.text[scene.claim.end : first - scene.sentence.offset]
    return not re.search("其中|分别|包括|由|[：:（(]", between)


def _of_a_year(scene: Scene) -> int:
    """Say how many a mean of months or quarters is of."""
    match = re.search("([月季])均", scene.words)
    return {"月": 12, "季": 4}[match[1]] if match else 0


def _half(clause: str, values: Sequence[Mention]) -> tuple[Mention, ...]:
    """上半年, 下半年: the first or the last two of four quarters, or six of twelve months."""
    match = re.search("([上下])半年[^，。；]{0,12}$", clause)
    size = len(values) // 2
    if match is None or len(values) not in (4, 12):
        return ()
    return tuple(values[:size] if match[1] == "上" else values[size:])


def _months(clause: str, parts: Mapping[str, Mention]) -> tuple[Mention, ...]:
    """6、7、8 三个月, 1—3 月: those months of a list of months."""
    match = _MONTHS.search(clause)
    if match is None:
        return ()
    ends = [int(number) for number in re.findall(r"\d+", match[1])]
    is_range = len(ends) == 2 and re.search("[至到—–~-]", match[1])
    named = [f"{month}月" for month in (range(ends[0], ends[1] + 1) if is_range else ends)]
    return tuple(parts[name] for name in named) if set(named) <= set(parts) else ()


def _before_sentence(scene: Scene, said: int) -> Iterator[tuple[float, tuple[Mention, ...]]]:
    """这两个月合计: as many numbers as are said, where the sentence before has just so many."""
    last = [
        fact
        for fact in scene.stock.facts
        if fact.sentence == scene.place - 1
        and fact.role != "change"
        and _is_alike(fact.mention, scene.claim.mention)
    ]
    if len(last) == said:
        yield _BESIDE + 3.5, tuple(fact.mention for fact in last)


def _these(scene: Scene, parts: Mapping[str, Mention], said: int) -> tuple[Mention, ...]:
    """1 月最旺，2 月次之；这两个月合计: the periods that the sentence has named before."""
    named = list(dict.fromkeys(PERIOD.findall(scene.sentence.text[: scene.claim.start])))
    is_meant = said == len(named) and re.search("这|上述|以上", scene.clause)
    return tuple(parts[name] for name in named) if is_meant and set(named) <= set(parts) else ()


def _is_close(scene: Scene, last: Mention) -> bool:
    """Say whether the last number of a list stands right before a number."""
    return scene.claim.mention.start - last.end <= 2 * _WORDS


def _count_said(scene: Scene) -> int:
    """Read how many are added up: 三类合计, 7 店平均, 前两项; a count of what the sum counts is a part of it."""
    found = [match for match in _COUNT.findall(scene.clause[-_COUNTING:]) if match[1] != scene.claim.unit]
    if not found:
        return 0
    count = int(found[-1][0]) if found[-1][0].isdecimal() else 2 + "二三四五六七八九十".find(found[-1][0])
    return max(count, 2) if count <= _MOST_PARTS else 0


def _has_count(scene: Scene, total: Fact, per: str) -> bool:
    """Say whether another count of the document gives a mean, and those near do not."""
    unit = re.compile(_PER.get(per, re.escape(per)))
    near = {id(fact) for _, fact in scene.candidates[:_CANDIDATES]}
    return any(
        fact.value > 1 and abs(total.value / fact.value - scene.claim.value) <= scene.claim.mention.step / 2
        for fact in scene.stock.facts
        if id(fact) not in near and (unit.fullmatch(fact.mention.unit) or not fact.mention.unit)
    )


def _rates(scene: Scene, per: str) -> Iterator[Trial]:
    """A total over how many days, months or people it is of: 全年 1,280,000 人次，开馆 320 天，日均 4,000 人次."""
    claim, group = scene.claim, scene.candidates[:_CANDIDATES]
    counts = [pair for pair in group if re.fullmatch(_PER.get(per, re.escape(per)), pair[1].mention.unit)]
    totals = [
        pair
        for pair in group
        if pair[1].value > claim.value
        and (_is_alike(pair[1].mention, claim.mention) or pair[1].mention.unit == f"{claim.unit}次")
    ]
    for one, total in totals:
        for other, count in [] if _has_count(scene, total, per) else counts:
            if count.value > 1 and count is not total:
                is_one = total.group == count.group or len(counts) == 1
                yield Trial(one + other + 2 * is_one, "平均数", divided, (total, count))
        for size in _PERIODS.get(per, ()):
            is_year = size in _WHOLE_YEAR and not total.is_prior
            score = one + _OF_A_YEAR * is_year
            yield Trial(score, "平均数", partial(divided, count=size), (total,))


#: Days, weeks, months and quarters of a year.
_PERIODS = {
    "日": (365, 366, 90, 91, 92, 30, 31),
    "天": (365, 366),
    "周": (52,),
    "月": (12, 6, 3),
    "季": (4, 2),
}


_WHOLE_YEAR = (4, 12, 52, 365, 366)


def divided(total: float, count: float) -> float:
    """a ÷ b."""
    return total / count


def _runs(scene: Scene, fewest: int) -> Iterator[tuple[float, tuple[Mention, ...]]]:
    """Give the numbers of its unit right before a number in its sentence, as many as the words say."""
    said, run = _count_said(scene), _before(scene)
    for size in range(fewest, len(run) + 1):
        if not said or said == size:
            is_whole = size == len(run) >= _FEWEST_MEAN and _is_close(scene, run[-1])
            bonus = 3.5 if fewest == _FEWEST_MEAN else 2.0
            yield _BESIDE + 0.1 * size + 4 * (said == size) + bonus * is_whole, tuple(run[-size:])
    listed = len(_AND.findall(scene.clause)) + 1
    if 2 <= listed < len(run) <= _MOST_NAMED:
        # A 与 B 合计: which of the numbers before are theirs may not be said in full
        yield from ((_SOME_OF_THEM, some) for some in combinations(run, listed))
    if said and not run:
        yield from _before_sentence(scene, said)
    behind = [c.mention for c in scene.sentence.claims if c.start >= scene.claim.end]
    behind = [m for m in behind if _is_alike(m, scene.claim.mention)][:_LONGEST]
    for last in range(fewest, len(behind) + 1):
        yield 1.0, tuple(behind[:last])


_WAYS: dict[str, Callable[[Scene], Iterator[Trial]]] = {
    "差值": _differences,
    "升降幅度": growths,
    "分项合计": _sums,
    "平均数": _means,
    "占比": _shares,
    "达成率": _attainments,
}

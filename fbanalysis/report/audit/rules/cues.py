"""Numbers whose words say what they come of: N 多, 增 N %, 合计 N, 平均 N; their parts are the nearest that fit.

A net below the rules that read a sentence's grammar. It speaks where the words give a formula, the nearest numbers of
the unit are told apart (two periods, two named things), and no other number near by explains what is printed.
"""

import re
from collections.abc import Iterator, Sequence

from fbanalysis.report.audit.claims.claims import PRIOR, Claim, Sentence
from fbanalysis.report.audit.claims.explaining import (
    Formula,
    added,
    difference,
    explained,
    mean,
    neighbours,
    unit_of,
)
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.rules.rounding import judge, show_like, span

_DOING = r"[\u4e00-\u9fff]?(?:了)?(?:约|近|达|出|为|[：:\s])*"
#: The words right before a difference.
_DIFFERS = re.compile(
    r"(?:多|少|高|低|快|慢|长|短|早|晚|增|减|省|降|升|涨|跌|缩|差|差距|提高|提升|上升|增加|增长|增幅|下降|下滑|回落|减少|降低|走低|缩短|压缩"
    rf"|领先|落后|相差|隔着|变化|节省|节约|改善|拉开|扩大|收窄|退步|进步){_DOING}$"
)
#: The words right before a relative change.
_GROWS = re.compile(
    r"(?:增|涨|升|降|减|跌|增长|上涨|上升|增加|提高|提升|下降|下滑|回落|减少|降低|缩短|压缩|压降|提速|增幅|涨幅|升幅|降幅|减幅|跌幅|同比|环比)"
    r"(?:了)?(?:约|近|达|为|[：:\s])*$"
)
_RISES = re.compile(r"(?:上升|上涨|增长|增加|涨幅?|增幅?)(?:了)?$")
_FALLS = re.compile(r"(?:下降|下滑|回落|减少|降低|降幅|减幅|跌幅?)(?:了)?$")
#: A difference from a goal.
_GOAL_GAP = re.compile(r"目标|标准|承诺|控制|管控|红线|要求|时限|缺口|还差|超出|提前")
_GOAL_NAME = re.compile(r"(?:目标|标准|承诺|控制[线值]?|管控线?|红线|要求|[上下]限)[^，。；\d]{0,3}$")
_SUMS = re.compile(
    r"(?:合计|共计|总计|加起来|加总|相加|一共|总共)[^，。；,;\d]{0,6}?(?:正好|刚好|恰好|是|为|达|[：:\s])*$"
)
_MEANS = re.compile(
    r"(?:平均|均值|均分|月均|季均|平均分|平均值)(?:下来|算下来|得分|分数|满意度|满意率|水平)?(?:就)?(?:是|为|达到?|约|[：:\s])*$"
)
_NO_MEAN = re.compile(
    r"加权|行业|全国|全省|同业|每|人均|日均|户均|件均|单均|周均|(?:高于|低于|超过|较|比)[^，。；\d]{0,10}$"
)
#: What names a period or a state right before a number.
_PERIOD = re.compile(
    rf"(?:{PRIOR.pattern}|今年|本年|本期|本季|本月|上季|上月|现在|如今|[QH][1-4]|[一二三四]季度|[上下]半年|\d+月份?|20\d\d年?|[春夏秋冬]季?班?|[春秋]招"
    r"|工作日|周末|平日|节假日|[白夜]班|[白黑]天|高峰|平峰|[改整实优升调]\S{0,2}[前后]|线上|线下)[^，。；,;\d]{0,6}$"
)
_TO = re.compile(r"[升降增减涨跌提压缩扩调到至→]|从|由")
#: Of an aim nothing is so yet; another subject, another sentence.
_STOPS = re.compile(r"[。！？\n]")
_GROUP = re.compile(
    r"([两二三四五六七八九十\d]+)(?:个|家|项|类|大|组|条|地|档|种|省|城|线|店|区|季|月|次|期)"
)
_STATES = ("", "to", "actual", "from", "target")
_FAR, _LEAST, _MOST = 48, 0.8, 1.25
_SIZES, _NEARLY = 5, 0.9
_REST = re.compile(r"(?:其他|其它|其余)[\u4e00-\u9fff]{0,4}(?:是|为|有)?$")
_NAMES = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


def find_cued(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Check every number whose words say that it is a difference, a change, a sum or a mean."""
    for place, sentence in enumerate(sentences):
        for at, claim in enumerate(sentence.claims):
            if claim.mention.bound or not claim.value:
                continue
            words = _words(sentence, at)
            for form, check in _CHECKS:
                if form.search(words):
                    yield from check(sentences, place, at)


def _words(sentence: Sentence, at: int) -> str:
    """Give the words between a number and the one before it."""
    claims = sentence.claims
    first = claims[at - 1].end if at else 0
    return sentence.text[max(first, claims[at].start - _FAR) : claims[at].start]


def _before(sentences: Sequence[Sentence], place: int, at: int, unit: tuple[str, str] | None) -> list[Claim]:
    """Give the numbers of a unit before one in its sentence; of any unit that measures where none is asked for."""
    return [
        claim
        for claim in sentences[place].claims[:at]
        if claim.mention.kind in ("number", "percent")
        and (unit is None or unit_of(claim.mention) == unit)
        and not claim.mention.is_signed
    ]


# ------------------------------------------------------------------ differences and changes


def _check_difference(sentences: Sequence[Sentence], place: int, at: int) -> Iterator[Finding]:
    claim = sentences[place].claims[at]
    if claim.mention.kind not in ("number", "points"):
        return
    unit = ("percent", "%") if claim.mention.kind == "points" else unit_of(claim.mention)
    alike = _before(sentences, place, at, unit)
    if len(alike) < 2 and claim.mention.kind == "number":
        alike = _before(sentences, place, at, ("number", ""))
    pair = _pair(sentences[place], at, alike)
    if pair:
        yield from _check_way(sentences[place], claim, pair)
        rule = "百分点" if claim.mention.kind == "points" else "差值"
        yield from _judge(sentences, place, at, rule, difference, pair)


def _check_growth(sentences: Sequence[Sentence], place: int, at: int) -> Iterator[Finding]:
    sentence = sentences[place]
    claim = sentence.claims[at]
    if claim.mention.kind != "percent":
        return
    others = [c for c in _before(sentences, place, at, None) if not c.is_percent and c.role in _STATES]
    alike = [c for c in others if unit_of(c.mention) == unit_of(others[-1].mention)]
    pair = _pair(sentence, at, alike) or _named_pair(sentences, place, at)
    if pair:
        yield from _check_way(sentence, claim, pair)
        yield from _judge(sentences, place, at, "升降幅度", _growth, pair)


def _check_way(sentence: Sentence, claim: Claim, pair: tuple[Claim, Claim]) -> Iterator[Finding]:
    """Check the word for a change against which way the two values go; 提升 of a time may be a fall."""
    words = sentence.text[max(0, claim.start - 8) : claim.start]
    rises, falls = _RISES.search(words), _FALLS.search(words)
    old, new = pair[0].value, pair[1].value
    formula = _growth if claim.is_percent else difference
    if not ((rises and new < old) or (falls and new > old)) or claim.mention.is_signed:
        return
    # only where the size is that of these two, and the words say which of them came first
    if not (_is_dated(sentence, pair) and _agrees(formula, pair, claim)):
        return
    word = (rises or falls).group()
    yield Finding(
        sentence.place,
        sentence.around(*pair, claim),
        "升降方向",
        claim.text,
        "上升" if new > old else "下降",
        "矛盾",
        f"从 {pair[0].text} 到 {pair[1].text} 是{'上升' if new > old else '下降'}，写作「{word}」",
    )


def _growth(old: float, new: float) -> float:
    return abs(new - old) / old * 100


def _pair(sentence: Sentence, at: int, alike: Sequence[Claim]) -> tuple[Claim, Claim] | None:
    """Give the nearest two numbers, the earlier one in time first, where the words tell them apart."""
    states = [c for c in alike if c.role in _STATES and not _DIFFERS.search(c.lead[-6:])]
    # what is compared is of one size
    states = [c for c in states if 1 / _SIZES < c.value / (states[-1].value or 1) < _SIZES][-2:]
    if len(states) < 2:
        return None
    first, second = states
    claim = sentence.claims[at]
    gaps = (sentence.gap(first, second), sentence.gap(second, claim))
    if any(_STOPS.search(gap) or len(gap) > _FAR for gap in gaps):
        return None
    is_told = _names_period(sentence, second) or (_names_period(sentence, first) and _TO.search(gaps[0]))
    if _GOAL_GAP.search(gaps[1]) and _is_goal(sentence, first) != _is_goal(sentence, second):
        return first, second
    if not is_told or second.is_aim or first.is_aim:
        return None
    return (second, first) if _is_earlier(sentence, second, first) else (first, second)


def _names_period(sentence: Sentence, claim: Claim) -> bool:
    return bool(_PERIOD.search(sentence.text[max(0, claim.start - 12) : claim.start])) or claim.role == "to"


def _is_earlier(sentence: Sentence, second: Claim, first: Claim) -> bool:
    """Say whether the number told second is the earlier one: 512 万，去年同期 400 万."""
    if second.role == "to" and first.role == "from":
        return False
    words = sentence.text[max(0, second.start - 12) : second.start]
    if second.period == "prior" or PRIOR.search(words):
        return True
    if first.stage[0] and first.stage[0] == second.stage[0]:
        return second.stage[1] < first.stage[1]
    # a number without a period is that of the report's own
    if first.stage[0] == "" and second.stage[0]:
        return True
    halves = [re.search(r"H([12])", sentence.text[max(0, c.start - 4) : c.start]) for c in (first, second)]
    return bool(halves[1]) and (not halves[0] or halves[1][1] < halves[0][1])


def _is_dated(sentence: Sentence, pair: tuple[Claim, Claim]) -> bool:
    """Say whether the words tell which of two numbers came first."""
    old, new = (sentence.text[max(0, claim.start - 12) : claim.start] for claim in pair)
    is_ordered = pair[0].stage[0] == pair[1].stage[0] != "" and pair[0].stage[1] < pair[1].stage[1]
    is_prior = bool(PRIOR.search(old)) and not PRIOR.search(new)
    return is_ordered or is_prior or (pair[0].role == "from" and pair[1].role == "to")


def _agrees(formula: Formula, pair: Sequence[Claim], claim: Claim) -> bool:
    return not judge(formula, [span(part.mention) for part in pair], span(claim.mention)).severity


def _is_goal(sentence: Sentence, claim: Claim) -> bool:
    return claim.role == "target" or bool(_GOAL_NAME.search(sentence.text[: claim.start][-8:]))


def _named_pair(sentences: Sequence[Sentence], place: int, at: int) -> tuple[Claim, Claim] | None:
    """5 月环比增 13.2 %: the number of that period and the one before it, of a row of periods right before."""
    sentence = sentences[place]
    claim = sentence.claims[at]
    if claim.stage[0] not in ("month", "quarter") or "环比" not in _words(sentence, at):
        return None
    rows = [*(sentences[place - 1].claims if place else ()), *sentence.claims[:at]]
    for second in reversed(rows):
        if second.stage == claim.stage and second.mention.kind == "number" and second.role in _STATES:
            before = (claim.stage[0], claim.stage[1] - 1)
            found = [c for c in rows if c.stage == before and unit_of(c.mention) == unit_of(second.mention)]
            return (found[0], second) if len(found) == 1 else None
    return None


# ------------------------------------------------------------------ sums and means


def _check_sum(sentences: Sequence[Sentence], place: int, at: int) -> Iterator[Finding]:
    claim = sentences[place].claims[at]
    parts = _list_before(sentences[place], at)
    total = sum(part.value for part in parts)
    if len(parts) >= 2 and claim.mention.kind == "number" and _LEAST <= total / claim.value <= _MOST:
        yield from _judge(sentences, place, at, "分项合计", added, parts)


def _check_rest(sentences: Sequence[Sentence], place: int, at: int) -> Iterator[Finding]:
    """投诉 63 件…。其中 A 27 件、B 18 件、其他 18 件: a list that ends with the rest makes a number told before it."""
    sentence = sentences[place]
    claim = sentence.claims[at]
    opening = sentence.text.rfind("其中", 0, claim.start)
    alike = [c for c in sentence.claims[: at + 1] if unit_of(c.mention) == unit_of(claim.mention)]
    parts = [c for c in alike if c.start > opening >= 0]
    wholes = [c for c in alike if c.start < opening and c.role in _STATES and not c.mention.bound]
    total = sum(part.value for part in parts)
    is_near = wholes and _NEARLY <= total / wholes[0].value <= 1 / _NEARLY
    is_told = any(abs(whole.value - total) <= whole.mention.step / 2 for whole in wholes)
    if claim.mention.kind != "number" or any(part.mention.bound for part in parts):
        return
    if len(parts) >= 3 and is_near and not is_told:
        listed = "＋".join(part.text for part in parts)
        shown = show_like(total, wholes[0].mention)
        quoted = sentence.around(wholes[0], claim)
        explanation = f"{listed}＝{shown}，印作 {wholes[0].text}"
        yield Finding(sentence.place, quoted, "分项合计", wholes[0].text, shown, "矛盾", explanation)


def _check_mean(sentences: Sequence[Sentence], place: int, at: int) -> Iterator[Finding]:
    sentence = sentences[place]
    claim = sentence.claims[at]
    if _NO_MEAN.search(_words(sentence, at)):
        return
    parts = _list_before(sentence, at)
    values = [part.value for part in parts]
    if len(parts) >= 3 and min(values) / 2 <= claim.value <= max(values) * 2:
        yield from _judge(sentences, place, at, "平均数", mean, parts)


def _list_before(sentence: Sentence, at: int) -> list[Claim]:
    """Give the list of one unit that ends right before a number: as long as the words say, where they say it."""
    claim = sentence.claims[at]
    parts: list[Claim] = []
    start = claim.start
    for one in reversed(sentence.claims[:at]):
        gap = sentence.text[one.end : start]
        if unit_of(one.mention) != unit_of(claim.mention):
            if parts and not one.is_percent:
                break
            continue
        if len(gap) > _FAR or _STOPS.search(gap) or one.role not in _STATES or one.mention.bound:
            break
        parts.insert(0, one)
        start = one.start
    said = _GROUP.search(re.split("[，。；,;]", _around(sentence, at))[-1])
    size = (_NAMES.get(said[1]) or (int(said[1]) if said[1].isdecimal() else 0)) if said else 0
    return parts[-size:] if 2 <= size < len(parts) else parts


def _around(sentence: Sentence, at: int) -> str:
    return sentence.text[max(0, sentence.claims[at].start - 16) : sentence.claims[at].start]


_CHECKS = (
    (_DIFFERS, _check_difference),
    (_GROWS, _check_growth),
    (_SUMS, _check_sum),
    (_REST, _check_rest),
    (_MEANS, _check_mean),
)


def _judge(
    sentences: Sequence[Sentence],
    place: int,
    at: int,
    rule: str,
    formula: Formula,
    parts: Sequence[Claim],
) -> Iterator[Finding]:
    sentence = sentences[place]
    claim = sentence.claims[at]
    printed = span(claim.mention)
    if claim.value < 0:
        formula, given = (lambda *v, of=formula: -of(*v)), formula
    else:
        given = formula
    if any(not part.value for part in parts):
        return
    verdict = judge(
        formula, [span(part.mention, is_exact=_is_goal(sentence, part)) for part in parts], printed
    )
    listed = "、".join(part.text for part in parts)
    near = neighbours(sentences, place, at)
    if verdict.severity != "矛盾" or explained(claim.mention, near, rule, tried=listed):
        return
    shown = show_like(abs(verdict.value), claim.mention)
    yield Finding(
        sentence.place,
        sentence.around(*[c for c in (*parts, claim) if c in sentence.claims]),
        rule,
        claim.text,
        shown,
        "矛盾" if given in (difference, added) or len(parts) == 2 else "可能",
        f"由 {listed} 算得 {shown}，印作 {claim.text}",
    )

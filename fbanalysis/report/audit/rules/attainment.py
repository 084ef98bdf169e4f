"""Targets: target, actual and attainment, in whichever direction is better, and what a scale allows."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

from fbanalysis.report.audit.claims.aims import TIMES
from fbanalysis.report.audit.claims.claims import Claim, Sentence, find_subject
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.rounding import Span, judge, show, span

#: Of these, less is better: attainment is target ÷ actual, or 2 − actual ÷ target.
LESS_IS_BETTER = re.compile(
    r"越[低短少小快]越好|负向|逆向|时间|时长|时限|耗时|用时|周期|工期|时效|天数|投诉(?![^率量数]{0,3}(?:解决|办结|处理|回复|满意))|故障|差错|错误|缺陷|流失|离职|事故|损耗|损失|成本|费用|能耗"
    r"|不良|破损|退货|退款|返工|返修|逾期|违约|感染|死亡|压床|候诊|辍学|失业|负债|不合格|超时|等待|排放|缺勤|空置|积压|坏账|漏|丢|停电|中断|工伤|伤亡|伤害|延误|误差|偏差|差评|纠纷|爽约|重复|离网|弃呼|线损|退单|退订|卡顿|掉线|违规|举报|信访|申诉|申告|抱怨|拒绝|等候|排队|欠费|拥堵|超限|失败|浪费|排放|污染|隐患"
)
_SAID_LESS = re.compile(r"越[低短少小快]越好|负向指标|逆向指标")
#: Of these more is better, whatever they are of.
MORE_ANYWAY = re.compile(
    r"及时率|达标率|解决率|办结率|完成率|满意|合格率|准时|按时|节约|压降|下降率|降幅|改善率|回收|修复率|处理率|回复率|受理率|处置率|整改率|培训|学习|志愿|续航|阅读|锻炼|提前量|开放时|营业时|无故障|归还率|覆盖率|响应(?:及时)?率|服务时[长间]|志愿|运动|陪伴|在线时|提前|(?:下降|减少|降低|压降|压减|缩减|削减|缩短|提升|增长)(?:率|幅度?|目标|计划|任务|比例|的目标)|(?:目标|计划|任务)[^，。；\d]{0,4}(?:下降|减少|降低|压降|压减|缩短)(?![到至为])|响应率|接通率|挽回|办结率|结案率|关闭率|治理率|整治率"
)
_BESIDE = re.compile(
    r"^[，,]?\s*(?:[（(]|为|是|占|年度目标|全年目标|目标|高于|低于|优于|超过|超出|未达到?|达到|已达到?|超额完成|完成)(?:了)?[^0-9，。；,;]{0,10}$"
)
#: The name of a target may say that it is a limit.
_UPPER = re.compile(r"上限|不高于|不超过|不大于|不多于|封顶|限值|不得[高超多]")
_LIMIT = re.compile(r"警戒|时限|红线|控制[线值]")
_LOWER = re.compile(r"下限|不低于|不少于|不小于|至少|底线")
#: 超过 90 % 的目标 compares with the target, it bounds nothing.
_NO_LIMIT = re.compile(r"超|逾|不足|不到|未满")
#: More of a time is seldom better; where neither is known of it, nothing is said.
_LESS_TIME = re.compile(
    r"承诺|响应|处理|处置|回复|答复|办理|办结|到场|到账|到货|送达|接电|等|候|修|审批|审核|结案|退款|查询|用|耗"
)
#: To spend less than planned may be thrift or delay.
_SPENT = re.compile(r"投资|支出|预算|经费|资金|造价|概算")
_MORE = re.compile(r"分|满意|NPS|推荐|指数|率|量|数|额|收入|产|评")
_UNIT_IN_NAME = re.compile(r"[（(]\s*([\u4e00-\u9fff]{1,3})\s*[）)]\s*(?:\||$)")
_FROM_TARGET = re.compile(r"(?:高于|低于|优于|好于|超过|超出|少于|多于|距|离|差)(?:年度)?目标值?\s*$")
_NEAR = 60
#: 还差 0.4 分: what is missing from the target.
_LEFT = re.compile(r"(?:差|缺|少|欠)了?\s*$")
_AROUND, _TINY = 8, 1e-9
_STOPS = re.compile(r"[。！？\n]")
#: Above these marks a share or a score cannot rise.
_FULL_MARK = re.compile(r"满分(?:为|是)?\s*(\d+)|(\d+)\s*分制|[（(/／](5|10|100)\s*分?[)）]?")


@dataclass(frozen=True)
class Goal:
    """A target with what became of it; one of the three may be missing."""

    place: str
    quoted: str
    name: str
    target: Mention
    actual: Mention | None
    attainment: Mention | None
    judged: str = ""


def find_attainment(sentence: Sentence) -> Iterator[Finding]:
    """Check every target of a sentence against its actual value and its attainment."""
    for goal in find_goals(sentence):
        if not is_given_beside(sentence, goal):
            yield from check_goal(goal)


def is_given_beside(sentence: Sentence, goal: Goal) -> bool:
    """Say whether other numbers of a sentence give its attainment: a part of a whole, or what is left of the target.

    全站共 24 处，已完成 18 处，完成率 75 %，年度目标 16 处: the rate is of all. 目标 89 分，达成率 99.6 %，还差 0.4 分: the result is
    what is left. Target ÷ actual is no such reading: where more is better it is the mistake that is looked for.
    """
    if goal.attainment is None or goal.attainment.kind != "percent" or not goal.target.value:
        return False
    place = bisect_left(sentence.claims, goal.attainment.start - sentence.offset, key=lambda c: c.start)
    near = sentence.claims[max(0, place - _AROUND) : place + _AROUND]
    counts = [c for c in near if c.mention.kind in ("number", "percent") and c.mention is not goal.attainment]
    tried = (goal.target, goal.actual)
    rates = [
        one.value / whole.value * 100
        for one, whole in permutations(counts, 2)
        if 0 < one.value <= whole.value
        and one.unit == whole.unit
        and one.mention != goal.target
        and not (one.mention in tried and whole.mention in tried)
    ]
    left = [c for c in counts if _LEFT.search(sentence.text[max(0, c.start - 4) : c.start])]
    rates += [(1 - c.value / goal.target.value) * 100 for c in left if c.unit == goal.target.unit]
    rates += [
        c.value / goal.target.value * 100 for c in counts if c.unit == goal.target.unit and c.role == "change"
    ]
    printed = goal.attainment
    return any(abs(rate - printed.value) <= printed.step / 2 + _TINY for rate in rates)


def find_goals(sentence: Sentence) -> Iterator[Goal]:
    """Find targets with their actual value and attainment, in any order, near each other."""
    claims = sentence.claims
    taken: set[int] = set()
    for place, claim in enumerate(claims):
        if place in taken or claim.role not in ("target", "actual", "attainment"):
            continue
        if _is_distance(sentence, place):
            continue
        run = _run(sentence, place)
        roles = {"actual" if claims[at].role in ("", "to") else claims[at].role: at for at in reversed(run)}
        if "target" in roles and (len(roles) >= 2 or _beside(sentence, roles["target"]) is not None):
            if "actual" not in roles and (at := _beside(sentence, roles["target"])) is not None:
                roles["actual"] = at
            taken |= set(roles.values())
            yield _goal(sentence, {role: claims[at] for role, at in roles.items()})


def _is_distance(sentence: Sentence, place: int) -> bool:
    """目标 50 秒，实测 41 秒，低于目标 9 秒: of two targets of one unit the second is the distance from the first."""
    claim = sentence.claims[place]
    earlier = [c for c in sentence.claims[:place] if c.role == "target" and c.unit == claim.unit]
    words = sentence.text[max(0, claim.start - 8) : claim.start]
    return claim.role == "target" and bool(earlier) and bool(_FROM_TARGET.search(words))


def _beside(sentence: Sentence, target: int) -> int | None:
    """回访率 88 %（目标 90 %）: the number right before a target is the actual one where the words say so."""
    if target == 0:
        return None
    actual, claim = sentence.claims[target - 1], sentence.claims[target]
    gap = sentence.gap(actual, claim)
    is_beside = (
        actual.unit == claim.unit and actual.role in ("", "to") and not actual.period and _BESIDE.search(gap)
    )
    return target - 1 if is_beside else None


def _run(sentence: Sentence, place: int) -> list[int]:
    """List the numbers from here on that belong to one goal: each role once, none far from the one before."""
    claims = sentence.claims
    run = [place]
    for at in range(place + 1, min(place + 4, len(claims))):
        gap = sentence.gap(claims[at - 1], claims[at])
        is_new = claims[at].role in {claims[p].role for p in run}
        if len(gap) > _NEAR or _STOPS.search(gap) or is_new:
            break
        # 完成率 100 %，满意度目标 90 %: another measure begins
        if "attainment" in {claims[p].role for p in run} and find_subject(gap) is not None:
            break
        if claims[at].role == "" and "attainment" in {claims[p].role for p in run}:
            break
        if (
            claims[at].role in ("target", "actual", "attainment")
            or (claims[at].role == "to" and _alike(claims, run, at))
            or (
                claims[at].role == ""
                and at == place + 1
                and claims[place].role == "target"
                and _alike(claims, run, at)
            )
        ):
            run.append(at)
    return run


def _alike(claims: tuple[Claim, ...], run: list[int], at: int) -> bool:
    return any(claims[p].role == "target" and claims[p].unit == claims[at].unit for p in run)


def _goal(sentence: Sentence, roles: dict[str, Claim]) -> Goal:
    first = min(roles.values(), key=lambda claim: claim.start)
    words = sentence.text[max(0, first.start - 24) : first.start]
    actual, attainment = roles.get("actual"), roles.get("attainment")
    return Goal(
        sentence.place,
        sentence.around(*roles.values()),
        roles["target"].subject + words,
        roles["target"].mention,
        actual.mention if actual else None,
        attainment.mention if attainment else None,
        _judging_words(sentence, list(roles.values())),
    )


def _judging_words(sentence: Sentence, claims: list[Claim]) -> str:
    """Give the words that may judge a goal: from its first number to the end of its clause."""
    first, last = min(claim.start for claim in claims), max(claim.end for claim in claims)
    return sentence.text[first:last] + re.split("[。；;]", sentence.text[last : last + 24])[0]


def is_less_better(name: str) -> bool:
    """Say whether less of what a name names is better."""
    return bool(LESS_IS_BETTER.search(name)) and (
        not MORE_ANYWAY.search(name) or bool(_SAID_LESS.search(name))
    )


def way_of(name: str, target: Mention) -> int:
    """Say which way is better of a goal: 1 for more, -1 for less, 0 where neither its bound nor its words tell."""
    if target.bound in ("≥", "≤") and not _NO_LIMIT.match(target.text):
        return 1 if target.bound == "≥" else -1
    if _SAID_LESS.search(name) or _UPPER.search(name):
        return -1
    if _LOWER.search(name) or MORE_ANYWAY.search(name):
        return 1
    if is_less_better(name) or _LIMIT.search(name):
        return -1
    if _SPENT.search(name):
        return 0
    unit = target.unit or _named_unit(name)
    if unit in TIMES:
        return -1 if _LESS_TIME.search(name) else 0
    is_bare = target.kind == "number" and unit == "" and target.step < 1
    return 0 if is_bare and not _MORE.search(name) else 1


def _named_unit(name: str) -> str:
    """Give the unit that the name of a row ends with: 日均翻台（次）; one of two words (吨/万元) says nothing of the way."""
    match = _UNIT_IN_NAME.search(name)
    return match[1] if match else ""


def _way(goal: Goal) -> int:
    """Say which way is better of a goal, by words right beside it, too."""
    return -1 if _SAID_LESS.search(goal.judged) else way_of(goal.name, goal.target)


def check_goal(goal: Goal) -> Iterator[Finding]:
    """Check a goal: its attainment against target and actual, and what its scale allows."""
    if not goal.target.value:
        return
    if goal.actual is not None and goal.attainment is not None and goal.attainment.kind == "percent":
        if _comparable(goal.target, goal.actual):
            yield from _check_rate(goal, goal.actual, goal.attainment)
    elif goal.attainment is not None and goal.attainment.kind == "percent":
        yield from _check_scale(goal, goal.attainment)


def _comparable(one: Mention, other: Mention) -> bool:
    return one.kind == other.kind and (one.unit == other.unit or "" in (one.unit, other.unit))


def _formulas(goal: Goal) -> list[Callable[..., float]]:
    more = [lambda actual, target: actual / target * 100]
    less = [
        lambda actual, target: target / actual * 100,
        lambda actual, target: (2 - actual / target) * 100,
    ]
    way = 0 if _SPENT.search(goal.name) else _way(goal)
    return more if way > 0 else less if way < 0 else [*more, *less]


def _check_rate(goal: Goal, actual: Mention, attainment: Mention) -> Iterator[Finding]:
    if not actual.value:
        return
    inputs = [span(actual), span(goal.target, is_exact=True)]
    inputs[1] = Span(inputs[1].value, (inputs[1].value,) * 2, (inputs[1].value,) * 2)
    verdicts = [judge(formula, inputs, span(attainment)) for formula in _formulas(goal)]
    if not all(verdict.severity for verdict in verdicts):
        return
    hard = all(verdict.severity == "矛盾" for verdict in verdicts)
    first, divided = verdicts[0], (goal.target, actual) if _way(goal) < 0 else (actual, goal.target)
    yield Finding(
        goal.place,
        goal.quoted,
        "达成率",
        attainment.text,
        f"{show(first.value)}%",
        "矛盾" if hard else "可能",
        f"目标 {goal.target.text}、实际 {actual.text}，达成率 {divided[0].text}÷{divided[1].text}＝{show(first.value)}%"
        f"（按舍入 {show(first.low)}%–{show(first.high)}%），印作 {attainment.text}{_beyond(goal, attainment)}",
    )


def _ceiling(goal: Goal) -> float | None:
    if goal.target.kind == "percent" and not re.search(r"增|利润|收益|回报|产能", goal.name):
        return 100.0
    match = _FULL_MARK.search(goal.quoted)
    return (
        float(next(part for part in match.groups() if part))
        if match and goal.target.unit in ("分", "")
        else None
    )


def _beyond(goal: Goal, attainment: Mention) -> str:
    ceiling = _ceiling(goal)
    implied = goal.target.value * attainment.value / 100
    if ceiling is None or _way(goal) <= 0 or implied <= ceiling:
        return ""
    return f"；照此实际应为 {show(implied, 2)}，高于上限 {show(ceiling)}"


def _check_scale(goal: Goal, attainment: Mention) -> Iterator[Finding]:
    low = Span(attainment.value, (attainment.value,) * 2, (attainment.value - attainment.step / 2,) * 2)
    if _beyond(goal, attainment) and goal.target.value * low.wide[0] / 100 > (_ceiling(goal) or 0):
        implied = show(goal.target.value * attainment.value / 100, 2)
        highest = show((_ceiling(goal) or 0) / goal.target.value * 100)
        yield Finding(
            goal.place,
            goal.quoted,
            "达成率",
            attainment.text,
            f"不高于 {highest}%",
            "矛盾",
            f"目标 {goal.target.text} 的 {attainment.text} 是 {implied}，高于这一指标的上限，达成率至多 {highest}%",
        )

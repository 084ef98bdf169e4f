"""Statements far apart: the same figure with two values, changes that no printed pair gives, goals and results."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.claims.claims import DOWN, UP, Claim, Sentence
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.change import Move, find_moves
from fbanalysis.report.audit.rules.rounding import show

#: 满意度（0.7）的波动: the number is not the measure itself.
_OF_OTHER = re.compile(r"\s*[）)]?的")
_JOINS = re.compile(r"^\s*(?:和|与|及|以及|至|到)\s*$")
_CURRENT = re.compile(r"目前|当前|现在|现|如今")
_STATES = ("", "to", "actual")
#: Words beside a subject that do not make it another one.
_IDLE = re.compile(
    r"目前|当前|现在|如今|全年|本年度?|今年|年末|年底|本次|数据显示|调查显示|结果显示|统计显示|显示|其中|最近一个月|改[进善造]后?|达到了?|达|保持|维持|稳定"
    r"|仅|只有|实现|表现|最为|突出|在|为|是|了|的|从|由|将|已|约|近|水平|实际|值|反映|表明|同时|使|到|至|我们|仍|高|低|较|公司|报告期内?|截至|年度"
    f"|{UP}|{DOWN}|整体|总体|累计|共|收集|有效|超过|以上|以下|不足|平均|更|得|分|个"
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Times of one kind under two names, where the text speaks of answering.
_WAITING = re.compile(r"等待时[间长]")
#: Qualifiers of a time that a text leaves out elsewhere.
_SERVING = re.compile(
    r"^(?:服务|系统|技术支持|客服|技术|响应|接口|页面|用户端|报表|处理|反馈|该)+(?=响应时[间长])"
)
#: Headings of what is to be done, and lines that begin with their own.
_PLANS = re.compile(
    r"20\d\d年?度?[^，。完]{0,4}(?:件事|重点|目标|计划|行动|打算|安排|任务|举措|工作)|明年|来年|下一?[年步季阶]|后续|展望|(?:改进|整改)(?:安排|计划|措施|方向|建议)"
    r"|(?:行动|工作|提升)(?:计划|方案|安排)|^[\d一二三四五六七八九十、.．\s]*(?:目标|计划)(?:与.{0,6})?$|目标[分值数]$"
)
_PLAN_LINE = re.compile(
    r"[\d一二三四五六七八九十、.．）)（(\s]*(?:20\d\d年度?|明年|下一?年度?|下一?季度|下一步)(?:的?主要)?(?:目标|计划|力争|拟|将)"
)
_HEADING = 18
#: A title names the year that its report is of: 2023年…报告.
_REPORT = re.compile(
    r"年报|报告|通报|简报|总结|回顾|分析|调查|评价|结果|情况|白皮书|复盘|蓝皮书|公报|述评|测评"
)
_OPENING, _TITLE = 5, 30
#: Another source or sample may give another value.
SCOPED = re.compile(
    r"抽[查样检]|回访|测评|台账|系统|口径|第三方|问卷|暗访|平台显示|复核|抽取|自评|样本|单[季月日]|试点|审计|快报|初步"
)
#: What is counted or timed has no percentage: that is a share of it, or a change.
_NO_SHARE = re.compile(
    r"时间|时长|周期|工期|耗时|用时|数量|人数|件数|份数|次数|户数|总数|总量|金额|收入|成本|费用|利润"
)
#: A goal stated behind its number: 不超过 3.5 小时的目标.
_AIMED = re.compile(r"[”」\"]?的?(?:年度|既定|控制|考核)?(?:目标|要求|标准|承诺|规定|上限|下限|控制线)")
#: 88 %（比今年 +1.3 个百分点）: compared with this year, so of another one.
_BEYOND = re.compile(
    r"\s*[（(，,]\s*(?:即|也就是)?(?:比|较|在)(?:(?:今年|本年|本期|现|目前|当前)|(20\d\d)年?)"
)
#: 若以性别论: what follows is of some alone.
_DIVIDED = re.compile(r"(?:以|按|分)[^，。；\d]{1,6}(?:论|来?看|而言|来?分|统计|划分)|分[^，。；\d]{1,4}看")
_SCALES = (5, 10, 100)
#: 90 分以上的课程: a class of values, no statement about one.
_BIN = re.compile(r"的|者|占|人群|群体")
#: So many statements of one measure are compared: time must not grow with their square.
_MOST_COMPARED = 200
_MOST_SHOWN = 8
_NEAR_PASSAGES = 3
_NEAR_BOUND = 0.85
_FAMILY_HEADS = re.compile(
    r"满意|时间|时长|周期|率$|样本|总数|总量|数量|人数|得分|评分|平均分|收入|成本|金额|利润|费用|产值|销售额"
)


@dataclass(frozen=True)
class Said:
    """A figure in its sentence, with the measure by which it is compared."""

    sentence: Sentence
    claim: Claim
    measure: str


def find_repeats(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Compare what a document says of one measure in different places."""
    year = main_year(sentences)
    states = _states(without_plans(sentences), year)
    yield from _two_values(states, year)
    yield from _loose_groups(states, year)
    yield from _near_bounds(sentences)
    yield from _changes(sentences)


def without_plans(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Leave out what stands under a heading of plans, or in a line that begins with one: nothing there is so yet."""
    return [sentence for sentence, is_plan in tell_plans(sentences) if not is_plan]


def tell_plans(sentences: Sequence[Sentence]) -> Iterator[tuple[Sentence, bool]]:
    """Say of every sentence whether it stands among plans."""
    is_plan = False
    for sentence in sentences:
        text = sentence.text.strip()
        if sentence.kind == "title" or (not sentence.claims and len(text) <= _HEADING):
            is_plan = bool(_PLANS.search(text))
        yield sentence, is_plan or bool(_PLAN_LINE.match(text))


def measure_of(sentence: Sentence, claim: Claim) -> str:
    """Name the measure of a figure so that one measure has one name: without 平均, 总体 and other general words."""
    name = claim.core
    if _WAITING.search(name) and "响应" in sentence.text[max(0, claim.start - 50) : claim.start]:
        name = _WAITING.sub("响应时间", name)
    return _SERVING.sub("", name.replace("响应时长", "响应时间"))


def is_beyond(sentence: Sentence, claim: Claim, year: float) -> bool:
    """Say whether a figure is compared with this year's, and so is of a later one."""
    match = _BEYOND.match(sentence.text, claim.end)
    return match is not None and (match[1] is None or float(match[1]) == year)


def is_divided(sentence: Sentence, place: int) -> bool:
    """Say whether a sentence tells the same of several: 女性 1,812 人，总体满意率 88.9%；男性 1,368 人，满意率 85.9%."""
    claim = sentence.claims[place]
    return bool(_DIVIDED.search(sentence.text[max(0, claim.start - 40) : claim.start])) or any(
        other.head and other.head == claim.head and other.role == claim.role and "；" in between
        for other in sentence.claims[place + 1 : place + 4]
        if (between := sentence.text[claim.end : other.start])
    )


def _states(sentences: Sequence[Sentence], year: float) -> list[Said]:
    return [
        Said(sentence, claim, measure_of(sentence, claim))
        for sentence in sentences
        if sentence.kind != "alt"
        for place, claim in enumerate(sentence.claims)
        if _is_state(sentence, place)
        and not (is_beyond(sentence, claim, year) or is_divided(sentence, place))
    ]


def _is_state(sentence: Sentence, place: int) -> bool:
    """Say whether a figure is what its measure is now, of the whole: no goal, no earlier value, no part, no change."""
    claim = sentence.claims[place]
    if (
        claim.is_owned
        or claim.subject.startswith("占")
        or not _CHINESE.search(_JOINS.sub("", claim.lead))
        or claim.lead.rstrip()[-1:] in "/／「"
        or sentence.stands_in_row(place)
        or _OF_OTHER.match(sentence.text[claim.end : claim.end + 6])
    ):
        return False
    is_present = claim.role in _STATES or (claim.role == "from" and bool(_CURRENT.search(claim.lead[-8:])))
    # 从 A 降到 B within a goal: B is not yet so
    aims = claim.is_aim and not (claim.role == "from" and is_present)
    follows_aim = claim.role == "to" and place > 0 and _is_goal_pair(sentence, place)
    plain = claim.mention.kind in ("number", "percent") and not claim.mention.is_signed
    plain = plain and not (claim.is_percent and _NO_SHARE.search(claim.head))
    return bool(
        claim.subject and is_present and plain and not (aims or follows_aim or claim.period or claim.is_part)
    ) and _is_plain(claim)


def _is_goal_pair(sentence: Sentence, place: int) -> bool:
    before = sentence.claims[place - 1]
    return before.role == "from" and (before.is_aim or bool(_CURRENT.search(before.lead[-8:])))


def _is_plain(claim: Claim) -> bool:
    """Say whether nothing but the subject and idle words stands before a figure in its clause."""
    words = claim.lead[-40:]
    at = words.rfind(claim.subject)
    rest = words[at + len(claim.subject) :] if at >= 0 else words
    owner = words[:at] if at >= 1 and words[at - 1] == "的" else ""
    if _CHINESE.search(_IDLE.sub("", owner)):
        return False
    return len(_CHINESE.findall(_IDLE.sub("", rest.replace(claim.head, "")))) <= 1 and bool(
        _FAMILY_HEADS.search(claim.head)
    )


def _two_values(states: Sequence[Said], year: float) -> Iterator[Finding]:
    """The same words, the same unit, the same period: two values."""
    groups: dict[tuple[str, str, str, tuple[str, float]], list[Said]] = defaultdict(list)
    for said in states:
        claim = said.claim
        if _is_specific(claim):
            stage = claim.stage if claim.stage[0] else ("year", year)
            groups[claim.subject, claim.mention.kind, claim.unit, stage].append(said)
    for group in groups.values():
        for other in group[1:]:
            if _differ(group[0].claim, other.claim) and other.sentence.passage != group[0].sentence.passage:
                yield _pair_finding(group[0], other)
                break


def main_year(sentences: Sequence[Sentence]) -> float:
    """Give the year that a document speaks of most: what names no year is of it."""
    for sentence in sentences[:_OPENING]:
        for mention in sentence.mentions:
            behind = sentence.text[mention.end - sentence.offset :][:_TITLE]
            if mention.kind == "year" and mention.value and _REPORT.search(behind):
                return float(mention.value)
    years = Counter(
        year
        for sentence in sentences
        for mention in sentence.mentions
        if (year := _year_of(mention)) is not None
    )
    # of two as frequent the first: a report names its own year in its title
    return max(years, key=years.__getitem__) if years else 0.0


def _year_of(mention: Mention) -> float | None:
    return (
        float(mention.year) if mention.year is not None else mention.value if mention.kind == "year" else None
    )


def _is_specific(claim: Claim) -> bool:
    """Say whether a subject says what is measured: more than its head noun, and named in the number's own clause."""
    return len(claim.subject) > len(claim.head) and len(claim.subject) >= 4 and claim.subject in claim.lead


def _differ(one: Claim, other: Claim) -> bool:
    half = (one.mention.step + other.mention.step) / 2
    if one.mention.step == other.mention.step:
        half = one.mention.step / 2
    if one.mention.bound or other.mention.bound:
        half = max(half, 0.1 * abs(one.value))
    return abs(one.value - other.value) > half + 1e-9


def _pair_finding(one: Said, other: Said) -> Finding:
    is_other_scope = SCOPED.search(_before(one)) or SCOPED.search(_before(other))
    return Finding(
        other.sentence.place,
        other.sentence.around(other.claim),
        "前后不一",
        f"{one.claim.text} / {other.claim.text}",
        one.claim.text,
        "可能" if is_other_scope else "矛盾",
        f"{one.claim.subject}在 {one.sentence.place} 印作 {one.claim.text}，在 {other.sentence.place} 印作 {other.claim.text}",
    )


def _before(said: Said) -> str:
    return said.sentence.text[max(0, said.claim.start - 30) : said.claim.start]


def _loose_groups(states: Sequence[Said], year: float) -> Iterator[Finding]:
    """One measure under general names with values that do not agree: to be looked at."""
    groups: dict[str, list[Said]] = defaultdict(list)
    for said in states:
        if said.claim.stage[0] == "year" and said.claim.stage[1] != year:
            continue
        if len(said.claim.subject) > len(said.claim.head) or said.claim.role == "actual":
            groups[said.measure].append(said)
    for measure, group in groups.items():
        for part in _by_unit(group):
            distinct = _distinct(part)
            if len(distinct) >= 2 and len({said.sentence.passage for said in distinct}) >= 2:
                yield _group_finding(measure, distinct)


def _by_unit(group: Sequence[Said]) -> Iterator[list[Said]]:
    """Part a measure's figures by what can be compared: times of alike size, shares and scores of satisfaction, one unit."""
    parts: dict[str, list[Said]] = defaultdict(list)
    for said in group:
        unit = said.claim.unit
        is_mark = "满意" in said.measure and (said.claim.is_percent or unit in ("分", ""))
        parts["mark" if is_mark else unit or said.claim.mention.kind].append(said)
    yield from parts.values()


def _distinct(group: Sequence[Said]) -> list[Said]:
    """Keep the first of the statements that agree with each other."""
    kept: list[Said] = []
    for said in group:
        if not any(_agree(said.claim, other.claim) for other in kept):
            kept.append(said)
        if len(kept) > _MOST_SHOWN:
            break
    return kept


def _agree(one: Claim, other: Claim) -> bool:
    """Say whether two figures may be one: equal, rounded, or a score as a part of its scale."""
    if one.is_percent == other.is_percent:
        return not _differ(one, other)
    share, score = (one, other) if one.is_percent else (other, one)
    marks = [scale for scale in _SCALES if score.value <= scale]
    half = share.mention.step / 2
    return any(
        abs(share.value - part * 100) <= half + score.mention.step / scale * 50 + 1e-9
        for scale in marks
        for part in (score.value / scale, (score.value - 1) / (scale - 1))
    )


def _group_finding(measure: str, group: Sequence[Said]) -> Finding:
    shown = group[:_MOST_SHOWN]
    places = "；".join(f"{said.sentence.place} {said.claim.subject} {said.claim.text}" for said in shown)
    more = f"（另有 {len(group) - len(shown)} 个值未列）" if len(group) > len(shown) else ""
    last = shown[-1]
    return Finding(
        last.sentence.place,
        last.sentence.around(last.claim),
        "前后不一",
        " / ".join(said.claim.text for said in shown),
        shown[0].claim.text,
        "可能",
        f"同一指标「{measure}」印有不同的值：{places}{more}；若口径或时点不同，应写明",
    )


# ------------------------------------------------------------------ bounds


def _near_bounds(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """超过 30 秒 beside a measured 28.5 秒: a bound that the figure beside it just misses."""
    recent: list[tuple[Sentence, Claim]] = []
    for sentence in sentences:
        recent = [(s, c) for s, c in recent if sentence.passage - s.passage <= _NEAR_PASSAGES][-60:]
        for claim in sentence.claims:
            if (
                claim.role in ("change", "target", "attainment")
                or claim.mention.kind != "number"
                or not claim.head
                or not claim.unit
            ):
                continue
            for other_sentence, other in recent:
                if _misses(claim, other) or _misses(other, claim):
                    yield _bound_finding(other_sentence, other, sentence, claim)
            recent.append((sentence, claim))


#: Such words tell what was measured; 不超过, 以内 and 以上 set limits and name classes.
_MEASURED = re.compile(r"超|逾|不足|不到")


def _misses(bound: Claim, figure: Claim) -> bool:
    same = bound.head == figure.head and bound.unit == figure.unit and not figure.mention.bound
    if (
        not same
        or bound.is_aim
        or figure.is_aim
        or _AIMED.match(bound.tail)
        or not _MEASURED.match(bound.text)
        or figure.stage != bound.stage
        or figure.role == "from"
        or figure.period == "prior"
        or bound.mention.bound not in ("≥", "≤")
        or bound.role == "to"
        or _BIN.match(bound.tail)
    ):
        return False
    ratio = figure.value / bound.value if bound.value else 1.0
    return _NEAR_BOUND <= ratio < 1 if bound.mention.bound == "≥" else 1 < ratio <= 2 - _NEAR_BOUND


def _bound_finding(first: Sentence, one: Claim, second: Sentence, other: Claim) -> Finding:
    bound, figure = (one, other) if one.mention.bound else (other, one)
    return Finding(
        second.place,
        f"{first.around(one)} … {second.around(other)}" if first is not second else second.around(one, other),
        "阈值",
        f"{bound.text} / {figure.text}",
        figure.text,
        "可能",
        f"{bound.head}写作 {bound.text}，旁边的测量值是 {figure.text}，不在这一范围",
    )


# ------------------------------------------------------------------ changes


@dataclass(frozen=True)
class Stated:
    """A change of a measure as stated: how much, of what, and whether it is a goal."""

    sentence: Sentence
    claim: Claim
    measure: str
    is_goal: bool


def _changes(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    stated: dict[str, list[Stated]] = defaultdict(list)
    implied: dict[str, list[Move]] = defaultdict(list)
    for sentence in sentences:
        if not sentence.claims:
            continue
        moves = find_moves(sentence)
        for claim in sentence.claims:
            if _is_stated(sentence, claim):
                measure = measure_of(sentence, claim)
                stated[measure].append(Stated(sentence, claim, measure, _is_goal(sentence, claim)))
        for move in moves:
            if move.new.subject and not _is_goal(sentence, move.new) and not move.old.is_part:
                implied[measure_of(sentence, move.new)].append(move)
    for measure, group in stated.items():
        yield from _unsupported(measure, group, implied.get(measure, []))
        yield from _missed_goals(measure, group)


def _is_stated(sentence: Sentence, claim: Claim) -> bool:
    words = sentence.text[max(0, claim.start - 14) : claim.start]
    plain = claim.role == "change" and claim.is_percent and claim.direction != 0
    return (
        plain
        and bool(claim.subject)
        and claim.subject in claim.lead
        and _is_plain(claim)
        and not re.search(r"同比|环比|短期|阶段|较|比", words)
    )


def _is_goal(sentence: Sentence, claim: Claim) -> bool:
    """Say whether a change is aimed at; a heading of goals counts for what stands close behind it."""
    before = sentence.text[max(0, claim.start - 60) : claim.start]
    return claim.is_aim or bool(
        re.search(r"目标(?!人群|客户|用户)|预期|预计|力争|计划将|希望|期望|有望|拟将?", before)
    )


def _unsupported(measure: str, group: Sequence[Stated], moves: Sequence[Move]) -> Iterator[Finding]:
    """Name the stated changes of a measure that differ from each other and that no printed pair gives."""
    done = [item for item in group if not item.is_goal]
    ways = {item.claim.direction for item in done}
    for way in ways:
        same = [item for item in done if item.claim.direction == way][:_MOST_COMPARED]
        pairs = [
            move
            for move in moves[:_MOST_COMPARED]
            if (move.new.value - move.old.value) * way > 0 and move.old.value
        ]
        odd = [item for item in same if pairs and not any(_gives(move, item.claim) for move in pairs)]
        values = {item.claim.value for item in same}
        if odd or (len(values) >= 2 and len({item.sentence.passage for item in same}) >= 2):
            yield _change_finding(measure, odd or same, same, pairs)


def _gives(move: Move, claim: Claim) -> bool:
    relative = abs(move.new.value - move.old.value) / abs(move.old.value) * 100
    points = abs(move.new.value - move.old.value)
    return abs(relative - claim.value) <= max(1.0, claim.mention.step) or (
        move.new.is_percent and abs(points - claim.value) <= 1
    )


def _change_finding(
    measure: str, odd: Sequence[Stated], same: Sequence[Stated], pairs: Sequence[Move]
) -> Finding:
    values = list(dict.fromkeys(item.claim.text for item in (*odd, *same)))[:_MOST_SHOWN]
    implied = [
        f"{move.old.text}→{move.new.text} 是 {show(abs(move.new.value - move.old.value) / abs(move.old.value) * 100)}%"
        for move in pairs[:3]
    ]
    given = f"；印出的起止值：{'，'.join(implied)}" if implied else ""
    first = odd[0]
    return Finding(
        first.sentence.place,
        first.sentence.around(first.claim),
        "变幅不一",
        " / ".join(values),
        implied[0] if implied else values[-1],
        "可能",
        f"「{measure}」的变化印作 {'、'.join(values)}{given}；若时段或口径不同，应写明",
    )


def _missed_goals(measure: str, group: Sequence[Stated]) -> Iterator[Finding]:
    """A goal of 30 % and a result of 22 % of one measure."""
    goals = [item for item in group if item.is_goal]
    results = [item for item in group if not item.is_goal]
    for goal in goals[:1]:
        short = [
            item
            for item in results
            if item.claim.direction == goal.claim.direction and item.claim.value < goal.claim.value
        ]
        if short and not any(item.claim.value >= goal.claim.value for item in results):
            result = max(short, key=lambda item: item.claim.value)
            yield Finding(
                result.sentence.place,
                result.sentence.around(result.claim),
                "目标与成绩",
                f"{goal.claim.text} / {result.claim.text}",
                goal.claim.text,
                "可能",
                f"「{measure}」的目标变化是 {goal.claim.text}，成绩印作 {result.claim.text}，未到目标；若目标属于下一期，应写明",
            )

"""Sums and parts: a total and its parts, a rate and its two counts, a count with its share."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.claims.runs import Item, Run
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.rules.rounding import Span, judge, show, show_like, span

_TOTAL_LEAD = re.compile(
    r"总|共|合计|累计|全部|全体|全院|全校|全市|全县|全区|收到|收集|受理|发放|接待|登记|汇总|[在本]$|本次|在.{0,4}$"
)
_TOTAL_TAIL = re.compile(r"^[^，。、；,;0-9]{0,10}(?:中|里|之中|当中)|^总")
_SUM_LEAD = re.compile(
    r"(?:合计|共计|总计|总和|总数|总额|总共|加总|相加|两者|三者|一共|累计)[^，。；,;0-9]{0,8}$|^[，,、\s]*(?:共|总)[^，。；,;0-9]{0,6}$"
)
_NOT_PARTS = re.compile(
    r"办结|完成|解决|有效|回收|合格|通过|回复|处理|整改|满意|按期|及时|达标|收回|核实|立案|转办|上年|去年|上期|同期|月均|日均|增至|减至|降至|升至|较上|较去|较年|比上|比去|同比|平均|人均|每"
)
#: What is done, under way and not begun leaves nothing out.
#: Sent, returned, sorted out: each counts what the one before left.
_CHAIN = re.compile(r"回收|收回|剔除|发放|筛[选除]|录用")
_STATUS = re.compile(r"不合格|不达标|未达标|未通过|无效|尚未|未开|未启|正在|在建|在办|待[办处]|其余")
_WHOLE = re.compile(r"包括|包含|分为|由.{1,20}(?:组成|构成)|其余|仅|只有|分别|分布|三类|两类|四类|构成")
_REST = re.compile(r"^(?:其余|其他|其它|剩余|余下|另有|另)")
_PAIRS = (
    ("内部", "外部"),
    ("男", "女"),
    ("线上", "线下"),
    ("有效", "无效"),
    ("门诊", "住院"),
    ("境内", "境外"),
    ("城镇", "农村"),
    ("上半年", "下半年"),
)
_ALLOWED = ("", "to", "actual")
#: Parts that come this near their total are taken as meant to make it up.
_NEAR, _OVER = 0.88, 1.22
_RATE = re.compile(r"([\u4e00-\u9fff]{1,8}?)(?:率|比例|占比)$")
#: 应参会 320 人: all who should.
_DUE = re.compile(r"应[\u4e00-\u9fff]{1,4}$")
_FAR = 90
_PART_OF = re.compile(r"^[^0-9，。；,;]{0,3}[，,]?\s*[（(]?(?:约)?(?:所?占)[^0-9，。；,;]{0,10}$")
_OF_NAMED = re.compile(r"占(?:全部|全体|所有)?([\u4e00-\u9fff]{2,8})的(?:约|近)?$")
_OF_ALL = re.compile(
    r"占(?:比|全部|总|全体|总体|所有|总数|总量|总样本|全年|受访|样本|比例)?[^0-9，。；,;]{0,4}$"
)


@dataclass(frozen=True)
class Whole:
    """A total and its parts as an enumeration gives them."""

    total: Item
    parts: tuple[Item, ...]
    is_said: bool


def find_sums(run: Run) -> Iterator[Finding]:
    """Check whether the parts of an enumeration make its total."""
    if run.kind not in ("number", "percent") or run.style == "column":
        return
    whole = _whole(run)
    if whole is not None and run.kind == "percent" and "其中" not in whole.parts[0].lead:
        return
    if whole is None or len(whole.parts) < 2:
        return
    total = span(whole.total.mention)
    parts = [span(item.mention) for item in whole.parts]
    verdict = judge(lambda *values: sum(values), parts, total)
    if verdict.severity and _is_meant(run, whole, verdict.value):
        like = whole.total.mention
        named = "＋".join(item.mention.text for item in whole.parts)
        yield Finding(
            run.place,
            run.quoted,
            "分项合计",
            whole.total.mention.text,
            show_like(verdict.value, like),
            verdict.severity if whole.is_said or _says_whole(run, whole) else "可能",
            f"{named}＝{show_like(verdict.value, like)}，与 {like.text} 差 {show_like(abs(verdict.value - total.value), like)}",
        )


def _whole(run: Run) -> Whole | None:
    """Find which number of an enumeration is the total: the last where a word says so, else the first."""
    items = [item for item in run.items if item.role in _ALLOWED or _opens_list(run, item)]
    if len(items) != len(run.items) or len(items) < 3 or any(item.mention.value < 0 for item in items):
        return None
    within = next((at for at, item in enumerate(items) if at and "其中" in item.lead), 0)
    if within >= 3 and len(items) - within < 2:
        # A、B、C 合计 N；其中有效 M: the last is no part of this list
        items, within = items[:within], 0
    if within > 1:
        parts = _same_depth([item for item in items[within:] if item.clause == items[within].clause])
        return Whole(items[within - 1], parts, is_said=False) if parts else None
    end = next(
        (at for at, item in enumerate(items) if at >= 2 and _SUM_LEAD.search(item.lead)), len(items) - 1
    )
    first, last, items = (
        items[0],
        items[end],
        items[: end + 1] if _SUM_LEAD.search(items[end].lead) else items,
    )
    if _SUM_LEAD.search(last.lead) and last.mention.value >= max(item.mention.value for item in items[:-1]):
        return Whole(last, tuple(items[:-1]), is_said="累计" not in last.lead)
    is_first = (
        "其中" in items[1].lead or _TOTAL_LEAD.search(first.lead[-12:]) or _TOTAL_TAIL.search(first.tail)
    )
    if is_first and first.mention.value >= max(item.mention.value for item in items[1:]):
        parts = _same_depth(items[1:])
        return Whole(first, parts, is_said=False)
    return None


def _opens_list(run: Run, item: Item) -> bool:
    """Say whether 由 before a number opens the parts of a whole (由 A 和 B 组成), and is no earlier value."""
    return item is run.items[0] and item.role == "from" and bool(re.search("组成|构成", run.quoted))


def _same_depth(items: Sequence[Item]) -> tuple[Item, ...]:
    """Leave out what stands in brackets behind a part: it is a part of that part."""
    level = [item for item in items if item.depth == items[0].depth]
    clause = [item for item in level if item.clause == level[0].clause]
    return tuple(clause if len(clause) >= 2 else level)


def _is_meant(run: Run, whole: Whole, value: float) -> bool:
    names = [item.label for item in whole.parts]
    if any(_CHAIN.search(item.lead) or "每" in item.lead[-4:] for item in whole.parts):
        return False
    is_status = any(_STATUS.search(item.lead + item.tail[:4]) for item in whole.parts)
    named = whole.parts[1:] if whole.is_said else whole.parts
    if (not is_status and any(_NOT_PARTS.search(item.lead) for item in named)) or len(
        set(filter(None, names))
    ) < len([*filter(None, names)]):
        return False
    if whole.is_said:
        return True
    if not whole.total.mention.value:
        return False
    near = _NEAR <= value / whole.total.mention.value <= _OVER
    return near or (_says_whole(run, whole) and 0.5 <= value / whole.total.mention.value <= 2 and value != 0)


def _says_whole(run: Run, whole: Whole) -> bool:
    words = run.before[-12:] + "".join(item.lead for item in whole.parts)
    names = [item.label for item in whole.parts]
    rest = any(_REST.search(name) for name in names)
    opposed = any(all(any(word in name for name in names) for word in pair) for pair in _PAIRS)
    return (
        rest
        or opposed
        or bool(_WHOLE.search(words))
        or (len(names) >= 3 and bool(_TOTAL_TAIL.search(whole.total.tail)))
    )


def find_rates(sentence: Sentence) -> Iterator[Finding]:
    """Check a rate against its two counts: 发放 N 份，回收 M 份，回收率 R."""
    for place, rate in enumerate(sentence.claims):
        match = _RATE.search(rate.subject) if rate.is_percent and rate.role in ("", "to", "actual") else None
        if match is None or rate.period or rate.is_aim or rate.head not in rate.lead:
            continue
        counts = _counts_before(sentence, place)
        part = next((c for c in reversed(counts) if _names_part(c, match[1])), None) or _only_part(counts)
        bases = [
            c for c in counts if part and c is not part and c.unit == part.unit and c.value >= part.value
        ]
        if part is not None and bases:
            yield from _check_rate(sentence, rate, part, bases)


def _counts_before(sentence: Sentence, place: int) -> list[Claim]:
    rate = sentence.claims[place]
    return [
        claim
        for claim in sentence.claims[max(0, place - 5) : place]
        if claim.mention.kind == "number"
        and claim.unit not in ("时", "点", "分类")
        and rate.start - claim.end <= _FAR
        and claim.role in ("", "to", "actual", "target")
    ]


def _only_part(counts: Sequence[Claim]) -> Claim | None:
    """78 个社区中 65 个 …，覆盖率: of two counts of which the first is the whole, the second is the part."""
    if len(counts) != 2 or counts[0].unit != counts[1].unit:
        return None
    if not (_TOTAL_TAIL.search(counts[0].tail) or _DUE.search(counts[0].lead)):
        return None
    return counts[1]


def _names_part(claim: Claim, stem: str) -> bool:
    """Say whether a count is the part that a rate counts: 回收 of 问卷回收率."""
    words = claim.lead[-10:] + claim.tail[:4]
    is_negated = bool(re.search(rf"[未不没无][^，。]{{0,2}}{re.escape(stem[-1])}", words))
    return len(stem) >= 2 and set(stem[-2:]) <= set(words) and not claim.period and not is_negated


def _check_rate(sentence: Sentence, rate: Claim, part: Claim, bases: Sequence[Claim]) -> Iterator[Finding]:
    verdicts = [
        (judge(lambda a, b: a / b * 100, (span(part.mention), span(base.mention)), span(rate.mention)), base)
        for base in bases
        if base.value > 1
    ]
    if not verdicts or not all(verdict.severity for verdict, _ in verdicts):
        return
    verdict, base = min(verdicts, key=lambda pair: abs(pair[0].value - rate.value))
    yield Finding(
        sentence.place,
        sentence.around(part, base, rate),
        "比率",
        rate.text,
        f"{show(verdict.value)}%",
        verdict.severity,
        f"{part.text}÷{base.text}＝{show(verdict.value)}%，印作 {rate.text}",
    )


def find_shares_of_counts(sentence: Sentence) -> Iterator[Finding]:
    """Check a count with its share against the total of the sentence: 共 1,200 件，投诉 300 件（占 25 %）."""
    claims = sentence.claims
    for place in range(1, len(claims)):
        count, share = claims[place - 1], claims[place]
        gap = sentence.gap(count, share)
        if not share.is_percent or count.mention.kind != "number" or not _PART_OF.search(gap):
            continue
        base = _named_base(sentence, place) or _base(sentence, place)
        if (
            base is not None
            and (_OF_ALL.search(gap) or _OF_NAMED.search(gap))
            and base.value >= count.value > 0
        ):
            yield from _check_rate(sentence, share, count, [base])


def find_shares_of_named_bases(sentence: Sentence) -> Iterator[Finding]:
    """Check 3,200 单，占订单总量 16 万单的 2 %: the base stands between the count and its share."""
    for count, base, share in zip(sentence.claims, sentence.claims[1:], sentence.claims[2:], strict=False):
        is_base = bool(re.search(r"占[^0-9，。；,;]{0,10}$", base.lead)) and _same_unit(count, base)
        is_of = share.is_percent and bool(re.fullmatch(r"的(?:约|近)?", sentence.gap(base, share)))
        if is_base and is_of and 0 < count.value <= base.value:
            yield from _check_rate(sentence, share, count, [base])


def _named_base(sentence: Sentence, place: int) -> Claim | None:
    """会员 320 万，占活跃用户的 64 %；活跃用户约 500 万: the base by the name that the share gives it."""
    match = _OF_NAMED.search(sentence.gap(sentence.claims[place - 1], sentence.claims[place]))
    if match is None:
        return None
    count = sentence.claims[place - 1]
    for claim in sentence.claims[max(0, place - 6) : place + 4]:
        if (
            claim is not count
            and claim.mention.kind == "number"
            and claim.unit == count.unit
            and match[1] in claim.lead[-14:]
        ):
            return claim
    return None


def _base(sentence: Sentence, place: int) -> Claim | None:
    """Find the total of which a share is said: the last total before it of the count's unit, in reach."""
    count = sentence.claims[place - 1]
    for claim in reversed(sentence.claims[max(0, place - 12) : place - 1]):
        is_total = _TOTAL_LEAD.search(claim.lead[-12:]) or _TOTAL_TAIL.search(claim.tail)
        is_alike = claim.mention.kind == "number" and claim.unit == count.unit and not claim.period
        if is_alike and is_total and not _is_neighbour(sentence, claim, count):
            return claim
    return None


def _is_neighbour(sentence: Sentence, one: Claim, count: Claim) -> bool:
    """热线受理 1,770 件，占 30 %；门店 590 件，占 10 %: what has a share of its own is no whole, unless 其中 opens its parts."""
    between = sentence.text[one.end : count.start]
    behind = next((claim for claim in sentence.claims if claim.start >= one.end), None)
    has_share = behind is not None and behind.is_percent and _PART_OF.search(sentence.gap(one, behind))
    return bool(has_share) and not re.search("其中|里面|当中", between)


_MEAN = re.compile(
    r"平均每(?P<each>[\u4e00-\u9fff]{1,2}?)[^0-9，。；,;]{0,6}$|(?<!平)(?P<per>[\u4e00-\u9fff])均[^0-9，。；,;]{0,6}$"
)
_PARTS_OF_YEAR = {"月": 12, "季": 4, "季度": 4, "个月": 12}
_YEAR = re.compile(r"全年|年度|本年|一年来|20\d\d年[^，。；\d]{0,3}共")
_PERSONS = frozenset("人名位")


def find_means(sentence: Sentence) -> Iterator[Finding]:
    """Check a mean against its total and count: 全年 12,480 次，月均 1,040 次; 36 场、1,850 人次，平均每场 51 人."""
    for place, claim in enumerate(sentence.claims):
        match = _MEAN.search(claim.lead) if claim.mention.kind == "number" and place else None
        if match is None:
            continue
        per = match["per"] or match["each"]
        before = [c for c in sentence.claims[max(0, place - 3) : place] if claim.start - c.end <= _FAR]
        totals = [
            c
            for c in before
            if _same_unit(c, claim) and c.value >= claim.value and c.role in ("", "to", "actual")
        ]
        count = _count_of(sentence, per, before, claim)
        if totals and count is not None and count.mention is not totals[-1].mention:
            yield from _check_mean(sentence, claim, totals[-1], count)


def _same_unit(one: Claim, other: Claim) -> bool:
    return one.mention.kind == "number" and (
        one.unit == other.unit or {one.unit[:1], other.unit[:1]} <= _PERSONS
    )


@dataclass(frozen=True)
class Divisor:
    """How many parts a mean is taken over, and the words that say so."""

    value: float
    text: str
    mention: object


def _count_of(sentence: Sentence, per: str, before: Sequence[Claim], claim: Claim) -> Divisor | None:
    if per in _PARTS_OF_YEAR:
        near = sentence.text[max(0, claim.start - _FAR) : claim.start]
        return Divisor(_PARTS_OF_YEAR[per], str(_PARTS_OF_YEAR[per]), None) if _YEAR.search(near) else None
    named = [c for c in before if c.unit and (c.unit == per or (per == "人" and c.unit in _PERSONS))]
    return Divisor(named[-1].value, named[-1].text, named[-1].mention) if named and named[-1].value else None


def _check_mean(sentence: Sentence, mean: Claim, total: Claim, count: Divisor) -> Iterator[Finding]:
    half = mean.mention.step / 2
    around = (mean.value - half, mean.value + half)
    verdict = judge(lambda a: a / count.value, (span(total.mention),), Span(mean.value, around, around))
    # 51 of 51.4: a mean is often printed whole
    if verdict.severity == "矛盾" or (
        verdict.severity and abs(verdict.value - mean.value) >= mean.mention.step
    ):
        yield Finding(
            sentence.place,
            sentence.around(total, mean),
            "平均数",
            mean.text,
            show_like(verdict.value, mean.mention),
            verdict.severity,
            f"{total.text}÷{count.text}＝{show_like(verdict.value, mean.mention)}，印作 {mean.text}",
        )

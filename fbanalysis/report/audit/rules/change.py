"""Changes: from A to B, up C %; last year A, this year B; twice as much; percent or percentage points."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from fbanalysis.report.audit.claims.aims import names_aim
from fbanalysis.report.audit.claims.claims import DOWN, PRIOR, UP, Claim, Sentence
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.rules.rounding import Span, Verdict, agrees, judge, show, show_like, span

#: Between the two ends of a change: 缩短到现在的, 增至, an arrow.
_TO = re.compile(r"^[^。！？；;]{0,34}?(?:到了?|至|为|成|达|→|->|—>|=>)[^0-9，。；,;]{0,8}$")
_ARROW = re.compile(r"^[^0-9，。；,;]{0,4}(?:→|->|—>|=>|⇒)[^0-9，。；,;]{0,4}$")
_VERB = re.compile(f"(?P<up>{UP})|(?P<down>{DOWN})")
#: What may stand between the ends of a change and its size without a new subject beginning.
_SAME_SUBJECT = re.compile(
    f"{UP}|{DOWN}|{PRIOR.pattern}|同比|环比|相比|比|较|与|和|同期|累计|合计|共计?|整体|总体|平均|净|即|也就是|相当于|意味着|已|又|再|实现了?|改善"
    "|幅度|时间|效率|速度|成本|周期|耗时|用时|水平|的|了|约|近|达到?|为|超过?|仅|分别|大幅|明显|显著|有所|进一步|率|绝对|以上|以内|左右|内|个|出|多|少|高|低|将|由此|年|度|累|计"
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: 上年为: an earlier value that is said of the same thing though a semicolon stands between.
_ONLY_PERIOD = re.compile(f"[（(\\s]*(?:{PRIOR.pattern}|同期)+(?:为|是|的)?")
_ENDS = re.compile(r"[。！？]")
_STOPS = re.compile(r"[。！？；;]")
_COMPARES = re.compile(r"较|比|相比|对比|同比|环比|与")
_FASTER = re.compile(r"效率|速度|性能|提速|加快|产能|吞吐")
_MORE_WORDS = ("高于", "多于", "大于", "超过")
_ABOVE = re.compile(
    r"^[，,]?\s*(?:略|明显|显著|远|仍|均|也)?(高于|多于|大于|超过|低于|少于|小于|不及)(?:[^0-9，。；,;]{0,10})$"
)
#: 高于全市平均 92.8 %，也高于目标 94 %: the first is compared with, too.
_COMPARED = re.compile(r"(?:高于|多于|大于|超过|低于|少于|小于|不及|较|比)[^0-9，。；,;]{0,10}$")
#: How far a multiple printed whole may be off.
_WHOLE_TIMES = 0.15
_RANKED = re.compile(r"排名|名次|位次|位列|第$")
#: How far the size of a change may stand from its ends, in characters.
_NEAR = 40
_MOST_SIZES = 3
#: 一年翻了一番, 三个月增长 8 %.
_DURATIONS, _HARDLY = frozenset(("年", "个月", "月", "周", "天")), 6
#: A number smaller than this part of another is its distance from something, not something it is compared with.
_LEAST_SIZE = 0.4
#: 72，2022 年为 68; 86.9 分 2022 年 84.2 分: nothing but the earlier period stands between.
_BARE_PERIOD = re.compile(r"[，,、；;（(\s]*(?:而|较|比)?(?:20\d\d)年?(?:度|同期|全年)?(?:的|为|是)?\s*")


@dataclass(frozen=True)
class Move:
    """Two ends of a change, and the sizes that the sentence gives it."""

    sentence: Sentence
    old: Claim
    new: Claim
    sizes: tuple[Claim, ...] = ()


def find_changes(sentence: Sentence) -> Iterator[Finding]:
    """Check every change of a sentence whose two ends are printed."""
    for move in find_moves(sentence):
        yield from _check_direction(move)
        yield from check_size(move)
    yield from _check_own_base(sentence)


def _check_own_base(sentence: Sentence) -> Iterator[Finding]:
    """4.8 万件，较上年增加 0.6 万件，增长 14.3 %: the earlier value is the new one less the difference."""
    ends = {claim for move in find_moves(sentence) for claim in (move.old, move.new)}
    for one, other, size in zip(sentence.claims, sentence.claims[1:], sentence.claims[2:], strict=False):
        if other in ends or one in ends:
            continue
        new, difference = (other, one) if one.role == "change" else (one, other)
        if _is_chain(sentence, new, difference, size):
            yield from _check_chain(sentence, new, difference, size)


def _is_chain(sentence: Sentence, new: Claim, difference: Claim, size: Claim) -> bool:
    first, second = sorted((new, difference), key=lambda claim: claim.start)
    goes = difference.role == size.role == "change" and difference.direction == size.direction != 0
    alike = _alike(new, difference) and new.mention.kind == "number" and size.is_percent
    plain = new.role in ("", "to", "actual") and not new.period
    words = sentence.text[second.end : size.start]
    near = len(sentence.gap(first, second)) <= _NEAR and not _names_other(words)
    return goes and alike and plain and near and not _STOPS.search(sentence.gap(first, size))


def _check_chain(sentence: Sentence, new: Claim, difference: Claim, size: Claim) -> Iterator[Finding]:
    way = difference.direction
    old = new.value - way * abs(difference.value)
    if old <= 0:
        return

    def relative(value: float, change: float) -> float:
        return abs(change) / (value - way * abs(change)) * 100

    verdict = judge(relative, (span(new.mention), span(difference.mention)), _absolute(span(size.mention)))
    if verdict.severity:
        yield Finding(
            sentence.place,
            sentence.around(*sorted((new, difference, size), key=lambda claim: claim.start)),
            "升降幅度",
            size.text,
            f"{show(verdict.value)}%",
            verdict.severity,
            f"由 {new.text} 与变化 {difference.text} 推得原值 {show_like(old, new.mention)}，变化 {show(verdict.value)}%，"
            f"印作 {size.text}",
        )


def find_moves(sentence: Sentence) -> list[Move]:
    """Find the pairs of numbers that a sentence says one thing moved between, with the sizes given."""
    claims = sentence.claims
    moves: list[Move] = []
    used: set[int] = set()
    for place in range(len(claims)):
        pair = _explicit(sentence, place) or _compared(sentence, place)
        if pair is None or pair[0] in used or (pair[1] in used and not _is_second_base(sentence, pair[0])):
            continue
        used |= set(pair)
        moves.append(Move(sentence, claims[pair[0]], claims[pair[1]], _sizes(sentence, pair, taken=used)))
    return moves


def _explicit(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """从 A 降到 B, A → B: the next number of the same unit is the other end."""
    if place + 1 >= len(sentence.claims):
        return None
    old, new = sentence.claims[place], sentence.claims[place + 1]
    gap = sentence.gap(old, new)
    is_pair = old.role == "from" and bool(_TO.search(gap)) and not _STOPS.search(gap)
    if not (is_pair or _ARROW.search(gap)) or not _alike(old, new) or _RANKED.search(old.lead):
        return None
    return place, place + 1


def _compared(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """本年 B，较上年的 A …; 上年 A，本年 B: an end of an earlier period beside one of this period."""
    claims = sentence.claims
    old = claims[place]
    if old.role == "change" or (old.role == "target" and not _is_compared(sentence, place)):
        return None
    if old.period != "prior" and not (_is_earlier(sentence, place) or _is_compared(sentence, place)):
        return _next_stage(sentence, place)
    before, after = place - 1, place + 1
    words = sentence.text[claims[before].end : old.start] if place else ""
    if place and _leads_back(words) and _is_other_end(sentence, before, place):
        return place, before
    if place >= 2 and claims[before].role == "change":
        if _is_other_end(sentence, before - 1, place) and not _is_base(sentence, before - 1):
            return place, before - 1
        if _is_second_base(sentence, place):
            return place, before - 2
    if (
        after < len(claims)
        and not _starts_other(sentence.gap(old, claims[after]))
        and _is_other_end(sentence, after, place)
    ):
        return place, after
    late = after + 1
    if late < len(claims) and claims[after].role == "change" and _is_other_end(sentence, late, place):
        return place, late
    # 5.6 万，上年同期为 4.8 万，增幅 16.7 %
    is_aside = (
        bool(_ONLY_PERIOD.fullmatch(old.lead)) and after < len(claims) and claims[after].role == "change"
    )
    return (place, before) if is_aside and place and _is_other_end(sentence, before, place) else None


def _is_base(sentence: Sentence, place: int) -> bool:
    """Say whether a number is what another is compared with: 比 A, 较二季度的 A."""
    start = sentence.claims[place - 1].end if place else 0
    return bool(_COMPARES.search(sentence.text[start : sentence.claims[place].start]))


def _is_second_base(sentence: Sentence, place: int) -> bool:
    """B，环比 A 增长 x，同比 C 下降 y: C is compared with B, too."""
    if place < 3 or not _is_base(sentence, place - 2):
        return False
    first, last = sentence.claims[place - 3], sentence.claims[place]
    gap = sentence.gap(first, last)
    is_end = first.role in ("", "to", "actual") and first.period != "prior" and _alike(first, last)
    return is_end and len(gap) <= 2 * _NEAR and not _STOPS.search(gap)


def _leads_back(words: str) -> bool:
    return bool(_COMPARES.search(words) or _ABOVE.search(words) or _BARE_PERIOD.fullmatch(words))


def _is_earlier(sentence: Sentence, place: int) -> bool:
    """Say whether a number is of an earlier year, quarter or month than the one before it, to which it is compared."""
    if not place:
        return False
    new, old = sentence.claims[place - 1], sentence.claims[place]
    is_year = old.stage[0] and (
        not new.stage[0] or (new.stage[0] == old.stage[0] and old.stage[1] < new.stage[1])
    )
    gap = sentence.gap(new, old)
    return bool(is_year) and bool(
        _BARE_PERIOD.fullmatch(gap)
        or _COMPARES.search(gap[-14:])
        or (new.role == "change" and re.match(r"[（(]", gap))
    )


def _is_compared(sentence: Sentence, place: int) -> bool:
    """3.2 天，比规定的 5 天缩短 1.8 天: a number that is compared with and has the size of the change right behind."""
    if not 0 < place < len(sentence.claims) - 1:
        return False
    before, old, size = sentence.claims[place - 1 : place + 2]
    is_size = size.role == "change" and len(sentence.gap(old, size)) <= 6
    return is_size and bool(
        re.search(r"(?:[较比]|高于|低于|超过|优于|领先)[^0-9，。；,;]{0,10}$", sentence.gap(before, old))
    )


def _next_stage(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """2022 年 A，2023 年 B: two numbers of following years, quarters or months."""
    if place + 1 >= len(sentence.claims):
        return None
    old, new = sentence.claims[place], sentence.claims[place + 1]
    follows = old.stage[0] and old.stage[0] == new.stage[0] and old.stage[1] < new.stage[1]
    return (place, place + 1) if follows and _is_other_end(sentence, place + 1, place) else None


def _starts_other(gap: str) -> bool:
    """Say whether the words between two numbers name another thing than the change of the first."""
    return bool(_STOPS.search(gap))


def _is_other_end(sentence: Sentence, place: int, old: int) -> bool:
    claim, prior = sentence.claims[place], sentence.claims[old]
    first, last = sorted((claim, prior), key=lambda c: c.start)
    gap = sentence.gap(first, last)
    return (
        claim.role not in ("change", "target", "attainment", "from")
        and claim.period != "prior"
        and _alike(prior, claim)
        and len(gap) <= _NEAR
        and not (_ENDS if _ONLY_PERIOD.fullmatch(prior.lead) else _STOPS).search(gap)
        and (not claim.head or not prior.head or claim.head[-1] == prior.head[-1])
    )


def _alike(one: Claim, other: Claim) -> bool:
    units = {one.unit, other.unit}
    kinds = {one.mention.kind, other.mention.kind}
    return len(kinds) == 1 and kinds <= {"number", "percent"} and (len(units) == 1 or "" in units)


def _sizes(sentence: Sentence, pair: tuple[int, int], *, taken: set[int]) -> tuple[Claim, ...]:
    """Find the sizes of a change: behind its ends, else right before them."""
    claims = sentence.claims
    place = max(pair) + 1
    sizes: list[Claim] = []
    # 一年翻了一番: how long it took is no size of a change
    while place + 1 < len(claims) and not sizes and _is_duration(sentence, place):
        place += 1
    while place < len(claims) and len(sizes) < _MOST_SIZES and _continues(sentence, place):
        sizes.append(claims[place])
        taken.add(place)
        place += 1
    between = [claims[p] for p in range(min(pair) + 1, max(pair)) if claims[p].role == "change"]
    before = min(pair) - 1
    if not sizes and not between and before >= 0 and before not in taken and _leads_to(sentence, before):
        return (claims[before],)
    return (*between, *sizes)


def _is_duration(sentence: Sentence, place: int) -> bool:
    claim, following = sentence.claims[place : place + 2]
    words = re.split("[，,]", sentence.text[sentence.claims[place - 1].end : claim.start])[-1]
    is_bare = not _CHINESE.search(_SAME_SUBJECT.sub("", words))
    return claim.unit in _DURATIONS and is_bare and len(sentence.gap(claim, following)) <= _HARDLY


def _continues(sentence: Sentence, place: int) -> bool:
    claim = sentence.claims[place]
    words = sentence.text[sentence.claims[place - 1].end : claim.start]
    return _is_size(claim) and len(words) <= _NEAR and not _STOPS.search(words) and not _names_other(words)


def _leads_to(sentence: Sentence, place: int) -> bool:
    """满意度提升 30 %，从 70 % …: the size stands right before the first end."""
    gap = sentence.text[sentence.claims[place].end : sentence.claims[place + 1].start]
    return _is_size(sentence.claims[place]) and bool(
        re.fullmatch(r"[，,：:（(\s以上左右]{0,5}(?:即|也就是)?(?:从|由|自)[^0-9，。；,;]{0,10}", gap)
    )


def _is_size(claim: Claim) -> bool:
    is_times = claim.mention.kind == "multiple"
    return claim.role == "change" or is_times or claim.mention.kind == "points"


def _names_other(words: str) -> bool:
    return len(_CHINESE.findall(_SAME_SUBJECT.sub("", words))) >= 2


def _verb(move: Move) -> int:
    """Say which way the words go that lead from one end to the other; those before a number between are that number's."""
    first, last = sorted((move.old, move.new), key=lambda c: c.start)
    between = [c for c in move.sentence.claims if first.end <= c.start < last.start]
    words = move.sentence.gap(between[-1] if between else first, last)
    ways = {1 if match["up"] else -1 for match in _VERB.finditer(words)}
    return ways.pop() if len(ways) == 1 else 0


def _check_direction(move: Move) -> Iterator[Finding]:
    way = _verb(move)
    difference = move.new.value - move.old.value
    is_bounded = bool(move.old.mention.bound or move.new.mention.bound)
    if way * difference < 0 and not is_bounded and move.old.start < move.new.start:
        word = "升" if way > 0 else "降"
        yield finding(
            move,
            "升降方向",
            f"{move.old.text}→{move.new.text}",
            "升" if difference > 0 else "降",
            "矛盾",
            f"写作{word}，而 {move.old.text} 到 {move.new.text} 是{'上升' if difference > 0 else '下降'}",
        )


def check_size(move: Move) -> Iterator[Finding]:
    """Check the sizes that are given of a change against its two ends."""
    for size in move.sizes:
        yield from _check_size(move, size)


def _check_size(move: Move, size: Claim) -> Iterator[Finding]:
    old, new = span(move.old.mention), span(move.new.mention)
    if size.mention.kind == "points" and _wrong_way(move, size) and move.new.is_percent:
        yield from _check_size_way(move, size, old, new)
    elif _wrong_way(move, size) and size.mention.kind in ("percent", "number"):
        yield from _check_word_of_size(move, size, old, new)
    elif size.mention.kind == "multiple":
        yield from _check_times(move, size, old, new)
    elif size.mention.kind == "percent":
        yield from _check_percent(move, size, old, new)
    elif (
        size.mention.kind == "points"
        or size.unit == move.new.unit
        or size.unit in ("", "点")
        or size.tail.startswith("点")
    ):
        yield from _check_difference(move, size, old, new)


def _check_size_way(move: Move, size: Claim, old: Span, new: Span) -> Iterator[Finding]:
    """97.2 %，比 98 % 高 0.8 个百分点: the size fits, its direction does not."""
    if agrees(lambda a, b: abs(b - a), (old, new), _absolute(span(size.mention))):
        word = "低" if size.direction > 0 else "高"
        said = f"{move.new.text} 比 {move.old.text} {word} {size.text}，所写方向相反"
        yield finding(move, "升降方向", size.text, word, "矛盾", said, size)


def _check_word_of_size(move: Move, size: Claim, old: Span, new: Span) -> Iterator[Finding]:
    """3.6 万人次，去年 3.0 万人次，同比下降 20 %: the size fits two values of which the words tell the earlier one."""
    is_told = move.old.period == "prior" or (move.old.role == "from" and move.new.role == "to")
    is_same_unit = size.unit == move.new.unit and not size.is_percent
    formula = _relative if size.is_percent else (lambda a, b: abs(b - a)) if is_same_unit else None
    if not is_told or formula is None or not move.old.value or move.old.is_percent:
        return
    if agrees(formula, (old, new), _absolute(span(size.mention))):
        way = "上升" if new.value > old.value else "下降"
        said = f"由 {move.old.text} 到 {move.new.text} 是{way}，所写方向相反"
        yield finding(move, "升降方向", size.text, way, "矛盾", said, size)


def _absolute(part: Span) -> Span:
    tight, wide = [tuple(sorted(abs(end) for end in ends)) for ends in (part.tight, part.wide)]
    return Span(abs(part.value), tight, wide)


def _relative(old: float, new: float) -> float:
    return abs(new - old) / abs(old) * 100


def _check_percent(move: Move, size: Claim, old: Span, new: Span) -> Iterator[Finding]:
    if move.old.value == 0 or _wrong_way(move, size):
        return
    printed = _absolute(span(size.mention))
    verdict = judge(_relative, (old, new), printed)
    if not verdict.severity or _is_speed(move, size, old, new, printed):
        return
    if move.new.is_percent and agrees(lambda a, b: abs(b - a), (old, new), printed):
        yield _points_finding(move, size, verdict)
        return
    yield finding(
        move,
        "升降幅度",
        size.text,
        f"{show(verdict.value)}%",
        verdict.severity,
        f"从 {move.old.text} 到 {move.new.text} 的变化是 |{show(new.value, 2)}−{show(old.value, 2)}|÷{show(old.value, 2)}"
        f"＝{show(verdict.value)}%，印作 {size.text}",
        size,
    )


def _wrong_way(move: Move, size: Claim) -> bool:
    """A size in a direction that the ends do not go is another thing's size, or told by the direction rule."""
    return size.direction * (move.new.value - move.old.value) < 0 and not _FASTER.search(size.lead)


def _is_speed(move: Move, size: Claim, old: Span, new: Span, printed: Span) -> bool:
    """Half the time is twice the speed: accept old ÷ new − 1 where the words speak of speed."""
    if not _FASTER.search(size.lead + size.tail[:6]) or new.value == 0:
        return False
    return agrees(lambda a, b: abs(a / b - 1) * 100 if b else 0.0, (old, new), printed)


def _points_finding(move: Move, size: Claim, verdict: Verdict) -> Finding:
    points = show(abs(move.new.value - move.old.value))
    return finding(
        move,
        "百分点",
        size.text,
        f"{points} 个百分点（相对变化 {show(verdict.value)}%）",
        "矛盾",
        f"{move.old.text} 到 {move.new.text} 差 {points} 个百分点，相对变化是 {show(verdict.value)}%；印作 {size.text}",
        size,
    )


def _check_difference(move: Move, size: Claim, old: Span, new: Span) -> Iterator[Finding]:
    printed = _absolute(span(size.mention))
    if (size.mention.kind == "points" and not move.new.is_percent) or _wrong_way(move, size):
        return
    verdict = judge(lambda a, b: abs(b - a), (old, new), printed)
    if not verdict.severity:
        return
    rule = "升降幅度"
    if size.mention.kind == "points" and move.old.value and agrees(_relative, (old, new), printed):
        rule = "百分点"
    yield finding(
        move,
        rule,
        size.text,
        show_like(verdict.value, size.mention),
        verdict.severity,
        f"{move.new.text} 与 {move.old.text} 相差 {show_like(verdict.value, size.mention)}，印作 {size.text}",
        size,
    )


def _check_times(move: Move, size: Claim, old: Span, new: Span) -> Iterator[Finding]:
    if move.old.value == 0 or move.new.value == 0:
        return
    printed = _times_span(size)
    words = move.sentence.text[max(0, size.start - 6) : size.end]
    adds = (
        bool(
            re.search(
                f"(?:{UP}|多)(?:了|约|近)*[^到至为]?$",
                move.sentence.text[max(0, size.start - 6) : size.start],
            )
        )
        and "翻" not in words
    )

    def times(a: float, b: float) -> float:
        return b / a if b >= a else a / b

    ratio = judge(times, (old, new), printed)
    added = judge(lambda a, b: times(a, b) - 1, (old, new), printed)
    if not ratio.severity or (adds and not added.severity):
        return
    value = added.value if adds else ratio.value
    yield finding(
        move,
        "倍数",
        size.text,
        f"{show(value, 2)} 倍",
        added.severity if adds else ratio.severity,
        f"{move.old.text} 到 {move.new.text} 是 {show(ratio.value, 2)} 倍，印作 {size.text}",
        size,
    )


#: 翻了一番还多.
_AND_MORE = re.compile(r"还要?多|有余|不止|还不止|出头|多")


def _times_span(size: Claim) -> Span:
    """Give what a multiple may stand for: who writes 一倍 means hardly less than 0.9 or more than 1.1."""
    printed = span(size.mention)
    value = printed.value
    if _AND_MORE.match(size.tail):
        return Span(value, (value, inf), (value, inf))
    is_whole = size.mention.step == 1 and not size.mention.bound
    return Span(value, (value - _WHOLE_TIMES, value + _WHOLE_TIMES), printed.wide) if is_whole else printed


def find_false_comparisons(sentence: Sentence) -> Iterator[Finding]:
    """Check 96.4 %，高于上年的 97.1 %: a number said to be above another that is greater; aims are judged elsewhere."""
    for new, old in pairwise(sentence.claims):
        match = _ABOVE.search(sentence.gap(new, old))
        if (
            match is None
            or not _alike(new, old)
            or new.mention.bound
            or old.mention.bound
            or new.unit != old.unit
        ):
            continue
        way = 1 if match[1] in _MORE_WORDS else -1
        if (
            way * (new.value - old.value) < 0
            and new.role in ("", "to", "actual")
            and _is_of_its_size(new, old)
            and not _COMPARED.search(new.lead)
            and not names_aim(sentence, old)
        ):
            yield Finding(
                sentence.place,
                sentence.around(new, old),
                "升降方向",
                f"{new.text}{match[1]}{old.text}",
                "低于" if way > 0 else "高于",
                "矛盾",
                f"写作 {new.text} {match[1]} {old.text}，而 {show(new.value, 2)} {'小' if way > 0 else '大'}于 {show(old.value, 2)}",
            )


def _is_of_its_size(new: Claim, old: Claim) -> bool:
    """Say whether a number may be what another is compared with: 48 秒，低于目标 12 秒 gives the distance."""
    return _LEAST_SIZE * abs(new.value) <= abs(old.value) <= abs(new.value) / _LEAST_SIZE


def finding(
    move: Move, rule: str, printed: str, expected: str, severity: str, explanation: str, *claims: Claim
) -> Finding:
    """Write a finding about a change down."""
    quoted = move.sentence.around(move.old, move.new, *claims)
    return Finding(move.sentence.place, quoted, rule, printed, expected, severity, explanation)

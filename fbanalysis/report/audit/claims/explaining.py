"""Says whether numbers that stand near a printed one give it by any formula that reports use.

A rule picks the numbers that it compares by their words, and words may mislead. What some pair, sum or mean of the
neighbours explains is no contradiction, whichever numbers the rule picked.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, permutations

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention, find_numbers
from fbanalysis.report.audit.rules.rounding import Span, agrees, span

#: Rules whose findings stand on numbers that the rule picked among several.
PICKING = frozenset(
    ("升降幅度", "百分点", "差值", "比率", "达成率", "平均数", "分项合计", "份额合计", "人均", "占比")
)
_BEFORE, _BEHIND, _EARLIER = 8, 2, 5
_LONGEST_RUN = 12
#: Before the later one of two.
_REACHED = re.compile(r"[到至]\s*$")
_TINY = 1e-9
_EACH = re.compile(r"各占?(?:约)?$")
_MOVED = re.compile(r"[多少高低快慢长短增减省升降涨跌缩差]")

Formula = Callable[..., float]


def unit_of(mention: Mention) -> tuple[str, str]:
    """Name what may be compared: kind and unit; 分, 点 and a bare number are scores alike."""
    return mention.kind, "" if mention.unit in ("分", "点") else mention.unit


def explained(printed: Mention, numbers: Sequence[Claim], kind: str, *, tried: str = "") -> bool:
    """Say whether numbers near a printed one give it.

    Parameters
    ----------
    printed
        A share, rate, change, difference, sum or mean.
    numbers
        Its neighbours in their order, without itself.
    kind
        The rule: it says which formulas are accepted.
    tried
        The numbers that the rule has compared itself: it knows what may be said of them.

    Notes
    -----
    Tried are, among numbers of one unit, every ordered pair and every run of neighbours. Takes time in proportion to
    the cube of their number, so callers give few.
    """
    groups: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for number in numbers:
        if number.mention.kind in ("number", "percent"):
            groups[unit_of(number.mention)].append(number)
    target = magnitude(printed)
    return any(
        _gives(formula, parts, target)
        for unit, group in groups.items()
        for formula, parts in _trials(printed, unit, group, kind, tried)
    )


def magnitude(printed: Mention) -> Span:
    """Give a printed number without its sign: words and signs say which way."""
    given = span(printed)
    tight, wide = (tuple(sorted(abs(end) for end in ends)) for ends in (given.tight, given.wide))
    return Span(abs(given.value), (tight[0], tight[1]), (wide[0], wide[1]))


def _gives(formula: Formula, parts: Sequence[Claim], target: Span) -> bool:
    try:
        if formula is difference:
            # of many pairs one comes near by chance: it must give what is printed
            low, high = target.wide
            return low - _TINY <= difference(*[part.value for part in parts]) <= high + _TINY
        given = [part.mention for part in parts]
        if formula in (share, kept):
            # a bound stands for its number here: taken as open it would explain whatever is printed
            given = [replace(mention, bound=mention.bound.strip("≥≤")) for mention in given]
        return agrees(formula, [span(mention) for mention in given], target)
    except ZeroDivisionError:
        return False


def _trials(
    printed: Mention, unit: tuple[str, str], group: Sequence[Claim], kind: str, tried: str
) -> Iterator[tuple[Formula, Sequence[Claim]]]:
    is_same = unit == unit_of(printed)
    is_level = unit[0] == "percent" if printed.kind == "points" else is_same and printed.kind == "number"
    if kind in ("百分点", "差值") and is_level:
        yield from ((difference, pair) for pair in combinations(group, 2))
    elif kind == "升降幅度" and printed.kind == "percent" and unit[0] == "number":
        yield from _growths(group, tried)
    elif kind in ("平均数", "分项合计") and is_same:
        formula = mean if kind == "平均数" else added
        yield from ((formula, run) for run in runs_of(group) if not _is_part_of(run, group, tried))
    elif kind in ("达成率", "比率", "占比", "人均"):
        yield from _shares(group, tried, is_goal=kind == "达成率")


def _growths(group: Sequence[Claim], tried: str) -> Iterator[tuple[Formula, Sequence[Claim]]]:
    """Give what a relative change may come of: a change of its base, or two values, the earlier one being the base."""
    # what a sentence names first is what it speaks of; the others are compared with it
    firsts = [c for at, c in enumerate(group) if at == 0 or c.start < group[at - 1].start]
    for one, base in permutations(group, 2):
        if one.role == "change" or _MOVED.search(one.lead[-4:]):
            if not _is_later(base, one, group):
                yield share, (one, base)
        elif not (one.text in tried and base.text in tried) and one in firsts:
            yield growth, (one, base)


def _is_later(base: Claim, change: Claim, group: Sequence[Claim]) -> bool:
    """Say whether a change leads to a number instead of from it: 108 件，较 135 件减少 27 件."""
    if base.role == "to" and _REACHED.search(base.lead[-4:]):
        return True
    start = base.value - change.direction * abs(change.value)
    return bool(change.direction) and any(abs(part.value - start) < _TINY * max(start, 1) for part in group)


def _is_part_of(run: Sequence[Claim], group: Sequence[Claim], tried: str) -> bool:
    """Say whether a run leaves out members of the list that the rule took, none of them the sum of the others."""
    if not all(part.text in tried for part in run):
        return False
    rest = [part for part in group if part.text in tried and part not in run]
    total = sum(part.value for part in run)
    return any(abs(part.value - total) > part.mention.step * len(run) for part in rest)


def _shares(
    group: Sequence[Claim], tried: str, *, is_goal: bool
) -> Iterator[tuple[Formula, Sequence[Claim]]]:
    for pair in permutations(group, 2):
        is_apart = is_goal and not _is_goal_pair(pair)
        if not is_apart and not all(part.text in tried for part in pair):
            yield share, pair
            if is_goal:
                yield kept, pair
    for run in () if is_goal else runs_of(group):
        yield from ((share_of_sum, [*run, whole]) for whole in group if whole not in run)


def _is_goal_pair(pair: Sequence[Claim]) -> bool:
    """Say whether one of two numbers is a target and neither a change or another attainment."""
    is_aimed = any(part.role == "target" or part.mention.bound or part.is_aim for part in pair)
    return is_aimed and all(part.role not in ("attainment", "change") for part in pair)


def runs_of(group: Sequence[Claim]) -> Iterator[Sequence[Claim]]:
    """Give every run of at least two neighbours."""
    for first in range(len(group)):
        for last in range(first + 2, min(len(group), first + _LONGEST_RUN) + 1):
            yield group[first:last]


def difference(one: float, other: float) -> float:
    """|a − b|."""
    return abs(one - other)


def share(one: float, other: float) -> float:
    """a ÷ b in %."""
    return one / other * 100


def growth(one: float, base: float) -> float:
    """|a − b| ÷ b in %."""
    return abs(one - base) / base * 100


def kept(one: float, other: float) -> float:
    """2 − a ÷ b in %, the attainment of what should be little."""
    return (2 - one / other) * 100


def added(*parts: float) -> float:
    """Sum."""
    return sum(parts)


def mean(*parts: float) -> float:
    """Simple mean."""
    return sum(parts) / len(parts)


def share_of_sum(*parts: float) -> float:
    """All but the last, of the last, in %."""
    return sum(parts[:-1]) / parts[-1] * 100


# ------------------------------------------------------------------ the neighbours of a number


def neighbours(sentences: Sequence[Sentence], place: int, at: int, *, is_last: bool = False) -> list[Claim]:
    """Give the numbers around one: those before it in its sentence and in the one before, and the next two.

    None behind it is given where it is the last word on what stands before it (`is_last`).
    """
    claims = sentences[place].claims
    before = claims[max(0, at - _BEFORE) : at]
    behind = () if is_last else claims[at + 1 : at + 1 + _BEHIND]
    earlier = _claims_before(sentences, place) if len(before) < _BEFORE else []
    return [*earlier[-_EARLIER:], *before, *behind]


def _claims_before(sentences: Sequence[Sentence], place: int) -> list[Claim]:
    if place == 0 or sentences[place].passage - sentences[place - 1].passage > 1:
        return []
    return list(sentences[place - 1].claims)


def sift(findings: Iterable[Finding], sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Leave out findings whose printed number its neighbours explain."""
    by_place: dict[str, list[int]] = defaultdict(list)
    for at, sentence in enumerate(sentences):
        by_place[sentence.place].append(at)
    for finding in findings:
        if finding.rule not in PICKING or not _is_explained(finding, sentences, by_place[finding.place]):
            yield finding


def _is_explained(finding: Finding, sentences: Sequence[Sentence], places: Sequence[int]) -> bool:
    printed = find_numbers(finding.printed.split("/")[0])
    if not printed:
        return False
    for place in places:
        sentence = sentences[place]
        text = sentence.text.strip()
        if not (text in finding.sentence or finding.sentence in text):
            continue
        if finding.rule == "份额合计":
            return _counts_each(sentence)
        if finding.rule == "分项合计" and _is_other_whole(finding, sentence):
            return True
        for at, claim in enumerate(sentence.claims):
            if claim.text == printed[0].text and not _has_own_pair(sentence, at):
                near = neighbours(sentences, place, at, is_last=finding.rule == "达成率")
                return explained(claim.mention, near, finding.rule, tried=finding.explanation)
    return False


def _is_other_whole(finding: Finding, sentence: Sentence) -> bool:
    """Say whether the parts make another number of the sentence: it is their whole."""
    expected = find_numbers(finding.expected)
    texts = {claim.text for claim in sentence.claims if claim.text != finding.printed}
    return bool(expected) and expected[0].text in texts


def _has_own_pair(sentence: Sentence, at: int) -> bool:
    """从 A 升至 B，上升 D: the words name both ends, no other number is meant."""
    if at < 2:
        return False
    first, second = sentence.claims[at - 2 : at]
    return first.role == "from" and second.role == "to" and sentence.claims[at].role == "change"


def _counts_each(sentence: Sentence) -> bool:
    """甲与乙各占 10 %: such a share counts for each of those named before it."""
    total, seen = 0.0, False
    slack = 0.0
    for claim in sentence.claims:
        if claim.is_percent:
            is_each = bool(_EACH.search(sentence.text[max(0, claim.start - 6) : claim.start]))
            seen = seen or is_each
            total += claim.value * (2 if is_each else 1)
            slack += claim.mention.step / 2
    return seen and abs(total - 100) <= slack + 1e-9

"""Numbers whose words say what they come of, held against the numbers that they most likely come of.

A net below the rules that read a sentence's grammar. For a difference, change, sum, mean, share or attainment all
operands near it are tried, the likeliest first. It speaks where none of them gives what is printed, and where the
likeliest are beyond doubt, or give a number that differs as slips of the pen do.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from fbanalysis.report.audit.claims.claims import Claim, Claims, Sentence
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
from fbanalysis.report.audit.claims.facts import Fact, Stock
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.rounding import COUNTED, judge, show_like, span

_IDLE = r"(?:[了出至达约近为是的占仅只：:\s（(]|幅度|比例)*$"
_CUES = {
    "差值": re.compile(
        "(?:多|少|高|低|快|慢|长|短|早|晚|增|减|省|降|升|涨|跌|缩|差|差距|提高|提升|上升|增加|增长|下降|下滑|回落|减少|降低|缩短|压缩|压降"
        "|领先|落后|相差|隔着|变化|节省|节约|改善|缺口|净增|还剩|剩余?|余下?|尚有|还有|未[\u4e00-\u9fff]{1,4}的?|走低|抬升|攀升|滑落|扩大"
        f"|收窄|进步|退步|超出|拉开|反超|多出|少了|提速){_IDLE}"
    ),
    "升降幅度": re.compile(
        "(?:增|涨|升|降|减|跌|缩|增长|上涨|上升|增加|提高|提升|下降|下滑|回落|减少|降低|缩短|压缩|压降|提速|增幅|涨幅|升幅|降幅|减幅|跌幅"
        f"|增速|同比|环比|多|少|攀升|走低|走高|变化){_IDLE}"
    ),
    "分项合计": re.compile(
        "(?:合计|共计|总计|加起来|加总|相加|一共|总共|累计|共|总数|总量|合起来|[两三四五六七八九]项|[两三四五六七八九]者)[^，。；,;\\d]{0,6}$"
    ),
    "平均数": re.compile("(?:平均|均值|均分|[月季周日年天]均|[人户件]均)[^，。；,;\\d]{0,6}$"),
    "占比": re.compile("(?:占|占比|比例|比重|[\u4e00-\u9fff]率|份额)[^，。；,;\\d]{0,6}$"),
    "达成率": re.compile("(?:达成率|完成率|完成度|达成|完成)[^，。；,;\\d]{0,6}$"),
}
#: The kinds of numbers that each may be.
_KINDS = {
    "差值": ("number", "points"),
    "升降幅度": ("percent",),
    "分项合计": ("number", "percent"),
    "平均数": ("number", "percent"),
    "占比": ("percent",),
    "达成率": ("percent",),
}
_REACHED = re.compile(r"[到至→]\s*$")
_WORDS = 14
#: So many of the likeliest numbers are combined, and so many combinations explain a number or contradict it.
_CANDIDATES, _EXPLAINING, _NAMING = 16, 24, 3
#: Operands as plausible as this are those meant; with a slip of the pen between, less will do.
_CERTAIN, _LIKELY = 11.0, 6.0
_SIZES = 30.0
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


@dataclass(frozen=True)
class Trial:
    """One way in which a number may have been computed, and how plausible its operands are."""

    score: float
    rule: str
    formula: Formula
    parts: tuple[Fact, ...]

    @property
    def value(self) -> float:
        return self.formula(*[part.value for part in self.parts])


def find_unsupported(claims: Claims) -> Iterator[Finding]:
    """Find numbers that the numbers they most likely come of contradict.

    Notes
    -----
    Takes time in proportion to the length of the text: each number has a bounded count of candidates.
    """
    stock = Stock(claims)
    for place, sentence in enumerate(claims.sentences):
        for at in range(len(sentence.claims)):
            yield from _check(stock, sentence, place, at)


def _check(stock: Stock, sentence: Sentence, place: int, at: int) -> Iterator[Finding]:
    claim = sentence.claims[at]
    rules = cued(sentence, at)
    if not rules or claim.mention.bound in ("≥", "≤") or not claim.value:
        return
    trials = rank(stock, claim, rules, stock.around(place, at))
    if not trials or any(_explains(trial, claim.mention) for trial in trials[:_EXPLAINING]):
        return
    for number, trial in enumerate(trials[:_NAMING]):
        is_slip = trial.score >= _LIKELY and is_slip_of(claim.mention, trial.value)
        if is_slip or (number == 0 and trial.score >= _CERTAIN):
            yield _finding(sentence, claim, trial)
            return


def cued(sentence: Sentence, at: int) -> list[str]:
    """Name what the words right before a number say that it is: 差值, 升降幅度, 分项合计, 平均数, 占比, 达成率."""
    claim = sentence.claims[at]
    first = sentence.claims[at - 1].end if at else 0
    words = sentence.text[max(first, claim.start - _WORDS) : claim.start]
    if _REACHED.search(words):
        return []
    found = [
        rule for rule, form in _CUES.items() if claim.mention.kind in _KINDS[rule] and form.search(words)
    ]
    return found or (["差值"] if claim.mention.kind == "points" else [])


def _explains(trial: Trial, printed: Mention) -> bool:
    return (
        judge(trial.formula, [span(part.mention) for part in trial.parts], magnitude(printed)).severity
        != "矛盾"
    )


# ------------------------------------------------------------------ what a number may come of


def rank(
    stock: Stock, claim: Claim, rules: Sequence[str], candidates: Sequence[tuple[float, Fact]]
) -> list[Trial]:
    """List the ways in which a number may have been computed, the likeliest first."""
    found = [trial for rule in rules for trial in _WAYS[rule](stock, claim, candidates)]
    return sorted(found, key=lambda trial: -trial.score)


Candidates = Sequence[tuple[float, Fact]]


def _differences(stock: Stock, claim: Claim, candidates: Candidates) -> Iterator[Trial]:
    unit = ("percent", "%") if claim.mention.kind == "points" else unit_of(claim.mention)
    group = [pair for pair in candidates if _is_alike(pair[1], unit)][:_CANDIDATES]
    for (one, a), (other, b) in combinations(group, 2):
        if a.value != b.value and _is_of_size(a.value, b.value):
            yield Trial(one + other + _bond(a, b), "百分点" if unit[1] == "%" else "差值", difference, (a, b))


def _is_alike(fact: Fact, unit: tuple[str, str]) -> bool:
    own = unit_of(fact.mention)
    return own == unit or (unit[0] == "number" == own[0] and "" in (own[1], unit[1]))


def _is_of_size(one: float, other: float) -> bool:
    small, large = sorted((abs(one), abs(other)))
    return large <= _SIZES * small if small else large < _SIZES


def _bond(one: Fact, other: Fact) -> float:
    """Say how well two numbers go together: one column or sentence, the same words."""
    shared = len(one.words & other.words) / max(1, min(len(one.words), len(other.words)))
    return (one.group == other.group) + shared


def _growths(stock: Stock, claim: Claim, candidates: Candidates) -> Iterator[Trial]:
    group = [pair for pair in candidates if pair[1].mention.kind in ("number", "percent")][:_CANDIDATES]
    for (one, a), (other, b) in permutations(group, 2):
        alike = unit_of(a.mention) == unit_of(b.mention)
        if not (alike and b.value and _is_of_size(a.value, b.value)) or (a.is_prior and not b.is_prior):
            continue
        if a.role == "change" and b.role != "change":
            yield Trial(one + other, "升降幅度", share, (a, b))
        elif a.value != b.value:
            told = b.is_prior and not a.is_prior
            yield Trial(one + other + _bond(a, b) + told, "升降幅度", growth, (a, b))


def _shares(stock: Stock, claim: Claim, candidates: Candidates) -> Iterator[Trial]:
    group = [pair for pair in candidates if pair[1].mention.kind == "number"][:_CANDIDATES]
    for (one, a), (other, b) in permutations(group, 2):
        if _counts_alike(a.mention, b.mention) and a.value < b.value:
            yield Trial(one + other + (a.group == b.group), "占比", share, (a, b))


def _counts_alike(one: Mention, other: Mention) -> bool:
    """Say whether one may be a part of the other: both of one unit, or both counted."""
    both = {unit_of(one)[1], unit_of(other)[1]}
    return len(both) == 1 or all(unit == "" or unit in COUNTED for unit in both)


def _attainments(stock: Stock, claim: Claim, candidates: Candidates) -> Iterator[Trial]:
    group = [pair for pair in candidates if pair[1].mention.kind in ("number", "percent")][:_CANDIDATES]
    for (one, a), (other, b) in permutations(group, 2):
        if unit_of(a.mention) != unit_of(b.mention) or not b.value or (a.is_aim and not b.is_aim):
            continue
        score = one + other + (a.group == b.group) + (b.is_aim and not a.is_aim)
        yield Trial(score, "达成率", share, (a, b))
        if b.is_aim:
            yield Trial(score - 2, "达成率", kept, (a, b))
            yield Trial(score - 2, "达成率", share, (b, a))


def _sums(stock: Stock, claim: Claim, candidates: Candidates) -> Iterator[Trial]:
    for score, run in _runs(claim, candidates, 2):
        yield Trial(score, "分项合计", added, run)


def _means(stock: Stock, claim: Claim, candidates: Candidates) -> Iterator[Trial]:
    for score, run in _runs(claim, candidates, 3):
        yield Trial(score, "平均数", mean, run)
    per = re.search(r"([日天周月季人户])均", claim.lead)
    if per:
        yield from _rates(claim, per[1], candidates)


def _rates(claim: Claim, per: str, candidates: Candidates) -> Iterator[Trial]:
    """A total over how many days, months or people it is of: 全年 1,280,000 人次，开馆 320 天，日均 4,000 人次."""
    group = candidates[:_CANDIDATES]
    counts = [pair for pair in group if re.fullmatch(_PER[per], pair[1].mention.unit)]
    totals = [
        pair for pair in group if _is_alike(pair[1], unit_of(claim.mention)) and pair[1].value > claim.value
    ]
    for one, total in totals:
        for other, count in counts:
            if count.value and count is not total:
                yield Trial(one + other, "平均数", divided, (total, count))


def divided(total: float, count: float) -> float:
    """a ÷ b."""
    return total / count


def _runs(claim: Claim, candidates: Candidates, fewest: int) -> Iterator[tuple[float, tuple[Fact, ...]]]:
    """Give lists of one unit: neighbours in one sentence, or in two that follow each other, or in one column."""
    unit = unit_of(claim.mention)
    group = [pair for pair in candidates if _is_alike(pair[1], unit) and not pair[1].is_total][: 2 * _LONGEST]
    group.sort(key=lambda pair: (pair[1].passage, pair[1].sentence < 0, pair[1].group, pair[1].at))
    for first in range(len(group)):
        for last in range(first + fewest, min(len(group), first + _LONGEST) + 1):
            run = group[first:last]
            groups = {fact.group for _, fact in run}
            if len(groups) <= 2:
                score = 2 * sum(score for score, _ in run) / len(run) + (len(groups) == 1) + 0.1 * len(run)
                yield score, tuple(fact for _, fact in run)


_WAYS: dict[str, Callable[[Stock, Claim, Candidates], Iterator[Trial]]] = {
    "差值": _differences,
    "升降幅度": _growths,
    "分项合计": _sums,
    "平均数": _means,
    "占比": _shares,
    "达成率": _attainments,
}


# ------------------------------------------------------------------ what a slip of the pen makes of a number


def is_slip_of(printed: Mention, value: float) -> bool:
    """Say whether a printed number differs from a computed one in one digit, or has two digits swapped.

    Of one figure nothing can be said; both are written to the last digit that is printed.
    """
    decimals = max(0, -math.floor(math.log10(printed.step) + 1e-9)) if printed.step < 1 else 0
    scale = max(printed.step, 1.0)
    one, other = (re.sub(r"\D", "", f"{abs(v) / scale:.{decimals}f}") for v in (printed.value, value))
    size = max(len(one), len(other))
    if size < 2:
        return False
    pairs = list(zip(one.zfill(size), other.zfill(size), strict=True))
    wrong = [pair for pair in pairs if pair[0] != pair[1]]
    return len(wrong) == 1 or (len(wrong) == 2 and wrong[0] == wrong[1][::-1])


def _finding(sentence: Sentence, claim: Claim, trial: Trial) -> Finding:
    shown = show_like(abs(trial.value), claim.mention)
    listed = "、".join(part.text for part in trial.parts)
    return Finding(
        sentence.place,
        sentence.around(claim),
        trial.rule,
        claim.text,
        shown,
        "矛盾",
        f"由 {listed} 算得 {shown}，印作 {claim.text}",
    )

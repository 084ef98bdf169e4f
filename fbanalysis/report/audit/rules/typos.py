"""Figures that return with two digits swapped or one digit changed, where the words say it is the same figure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.claims.explaining import explained, neighbours, unit_of
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.rules.repeat import tell_plans

_FEWEST_DIGITS = 3
#: Pairs of letters that two figures share, one of which is misprinted by one digit: a noun of four letters.
_SAME_NOUN = 3
#: So many figures of one form are compared: time must not grow with their square.
_MOST = 120
_REACH = 14
_CHINESE = re.compile(r"[\u4e00-\u9fffA-Za-z\d]")
#: Words that two figures may share and yet be two.
_IDLE = re.compile(
    r"平均|其中|合计|共计|一共|总计|分别|占比?|全年|今年|本年|本次|本月|当月|当期|全部|感谢|上述|这|那|该|的|是|为|有|达到?|和|与|及|了|将|对|从|由|以|在|各位?"
    r"|[上下]半年|季度?|年度?|月份?|比|较"
)
_SCORE = re.compile(r"打分|得分|评分|分数|成绩单?|均分")
_WHOLE = re.compile(r"总体|整体|综合|全部|总(?:量|数|计|共)|合计|共|一共|当月|全年")
_REACHED = re.compile(r"[高升降减增长缩短加压扩提调]至?到?$|[到至]$")
_STATES = ("", "to", "actual")
_OTHER = re.compile(
    r"目标|计划|预计|力争|上年|去年|上期|上月|上季|同期|新增|增加|减少|下降|明年|其中|剔除|扣除|去掉|标准|要求"
)


@dataclass(frozen=True)
class Figure:
    """A figure with its place and the words around it."""

    place: int
    at: int
    sentence: Sentence
    claim: Claim
    words: frozenset[str]
    is_whole: bool

    @property
    def digits(self) -> str:
        return re.sub(r"\D", "", self.claim.text)


def find_typos(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Compare figures of one unit and form that differ like a slip of the pen and are said of the same.

    Notes
    -----
    Figures stand in different passages, are no goals, changes or earlier values, share a word beside them, and the
    one that occurs once is explained by no numbers around it.
    """
    forms: dict[tuple[str, str, int, float], list[Figure]] = defaultdict(list)
    for figure in _figures(sentences):
        forms[(*unit_of(figure.claim.mention), len(figure.digits), figure.claim.mention.factor)].append(
            figure
        )
    for figures in forms.values():
        yield from _compare(figures[:_MOST], sentences)


def _figures(sentences: Sequence[Sentence]) -> Iterator[Figure]:
    for place, (sentence, is_plan) in enumerate(tell_plans(sentences)):
        for at, claim in enumerate(sentence.claims):
            digits = re.sub(r"\D", "", claim.text).lstrip("0")
            is_state = (
                claim.role in _STATES
                and not _REACHED.search(sentence.text[: claim.start])
                and not (claim.period or claim.is_aim or claim.mention.bound)
            )
            if len(digits) < _FEWEST_DIGITS or not is_state or claim.mention.is_signed:
                continue
            words = _beside(sentence, at)
            # of what is planned only a count of what there is may return
            if not _OTHER.search(words) and (not is_plan or claim.mention.kind == "number"):
                yield Figure(place, at, sentence, claim, _pairs(words), bool(_WHOLE.search(words)))


def _beside(sentence: Sentence, at: int) -> str:
    """Give the words of a figure's clause, without the other figures' own."""
    claim, claims = sentence.claims[at], sentence.claims
    first = claims[at - 1].end if at else 0
    last = claims[at + 1].start if at + 1 < len(claims) else len(sentence.text)
    before = re.split("[。；;\n]", sentence.text[max(first, claim.start - _REACH) : claim.start])[-1]
    behind = re.split("[。；;，,、\\s]", sentence.text[claim.end : min(last, claim.end + 8)])[0]
    return f"{before}|{behind}"


def _pairs(words: str) -> frozenset[str]:
    plain = _IDLE.sub(" ", _SCORE.sub("评分", _WHOLE.sub("总体", words)))
    found = {plain[at : at + 2] for at in range(len(plain) - 1) if _CHINESE.match(plain[at])}
    return frozenset(pair for pair in found if len(_CHINESE.findall(pair)) == 2)


def _compare(figures: Sequence[Figure], sentences: Sequence[Sentence]) -> Iterator[Finding]:
    counts: dict[str, int] = defaultdict(int)
    for figure in figures:
        counts[figure.digits] += 1
    for later, figure in enumerate(figures):
        if counts[figure.digits] > 1:
            continue
        for earlier in figures[:later]:
            if _is_slip(earlier, figure) and not _is_explained(figure, sentences):
                yield _finding(earlier, figure)
                break


def _is_slip(one: Figure, other: Figure) -> bool:
    if one.sentence.passage == other.sentence.passage and one.sentence.text == other.sentence.text:
        return False
    wrong = [at for at, (a, b) in enumerate(zip(one.digits, other.digits, strict=True)) if a != b]
    is_swapped = len(wrong) == 2 and sorted(one.digits) == sorted(other.digits)
    shared = one.words & other.words
    if is_swapped:
        return bool(shared) or one.claim.stage == other.claim.stage != ("", 0.0)
    return len(wrong) == 1 and (
        len(shared) >= _SAME_NOUN or ("总体" in shared and one.is_whole and other.is_whole)
    )


def _is_explained(figure: Figure, sentences: Sequence[Sentence]) -> bool:
    near = neighbours(sentences, figure.place, figure.at)
    rules = ("差值", "分项合计", "平均数", "比率")
    return any(explained(figure.claim.mention, near, rule) for rule in rules)


def _finding(one: Figure, other: Figure) -> Finding:
    return Finding(
        other.sentence.place,
        other.sentence.around(other.claim),
        "前后不一",
        other.claim.text,
        one.claim.text,
        "可能",
        f"{one.sentence.place} 写作 {one.claim.text}（{one.sentence.around(one.claim)[:60]}），这里写作 {other.claim.text}，"
        "只有个别数字不同，或为笔误",
    )

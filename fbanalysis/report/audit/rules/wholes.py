"""Wholes told first: 有效问卷 N 份，由 A、B、C 组成, also where the parts stand in the next line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.claims.runs import counter
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.rules.portions import find_false_portions, find_odd_portions, find_spread_shares
from fbanalysis.report.audit.rules.rounding import judge, show_like, span

#: Between a whole and its first part; what follows says whether the list is meant to leave nothing out.
_OPENS = re.compile(
    r"(?P<made>由|分为|分成|划分为|组成|构成|分别(?:为|是|来自))|(?P<has>包括|包含|涵盖|含|其中|[：:])"
)
_CLOSES = re.compile(
    r"^[^，。；,;0-9]{0,10}(?:组成|构成|[两二三四五六七八九\d]+(?:类|个|项|种|部分|大类|者|级|档|家))"
)
_REST = re.compile(r"^(?:其他|其它|其余|剩余|余下|另有|未)")
#: 由 of 由上年的, 由于: no list opens.
_NO_LIST = re.compile(
    r"由\s*$|由(?:于|此|上年|去年|原来|20\d\d|[^，。；]{0,12}(?:牵头|负责|组织|实施|承担|开展|升|降|增|减))|较|比|上年|去年|同比|环比|目标|平均|每"
)
_NO_PART = re.compile(
    r"办结|完成|解决|有效|回收|合格|通过|回复|处理|整改|满意|达标|收回|剔除|发放|核实|立案|转办|较|比|平均|人均|每|新增|增加|减少|同期|上年|去年|目标|计划|预计|累计"
)
_STATES = ("", "to", "actual")
_LEAST, _MOST = 0.85, 1.2
_NEAR = 46
_ALSO_HAS = 0.9


@dataclass(frozen=True)
class Division:
    """A whole and its parts in order, and whether the words leave nothing out."""

    sentence: Sentence
    whole: Claim
    parts: tuple[Claim, ...]
    is_all: bool


def find_false_wholes(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Check every whole that is told first against the parts that follow it, and shares told over several sentences."""
    yield from find_spread_shares(sentences)
    yield from find_false_portions(sentences)
    yield from find_odd_portions(sentences)
    for place, sentence in enumerate(sentences):
        for at, whole in enumerate(sentence.claims):
            if (
                whole.mention.kind != "number"
                or whole.role not in (*_STATES, "target")
                or whole.mention.bound
            ):
                continue
            following = sentences[place + 1] if place + 1 < len(sentences) else None
            division = _inside(sentence, at) or _next_line(sentence, at, following)
            if division is not None:
                yield from _check(division)


def _inside(sentence: Sentence, at: int) -> Division | None:
    """Find the parts of a whole in its own sentence, behind 由, 包括, 其中 or a colon."""
    whole = sentence.claims[at]
    behind = [
        c for c in sentence.claims[at + 1 :] if c.mention.kind == "number" and not _is_aside(sentence, c)
    ]
    if not behind:
        return None
    opening = sentence.text[whole.end : behind[0].start]
    opens = _OPENS.search(opening)
    if not opens or len(opening) > _NEAR or _NO_LIST.search(opening) or "。" in opening:
        return None
    parts = _run(sentence, whole, behind)
    closing = sentence.text[parts[-1].end :][:24] if parts else ""
    is_all = bool(opens["made"] or _CLOSES.match(closing)) or _names_rest(parts)
    return Division(sentence, whole, tuple(parts), is_all) if len(parts) >= 2 else None


def _next_line(sentence: Sentence, at: int, following: Sentence | None) -> Division | None:
    """Find the parts in the next line, where this one ends with 组成, 如下 or a colon behind the whole."""
    whole = sentence.claims[at]
    tail = sentence.text[whole.end :].strip()
    if following is None or following.passage - sentence.passage > 1 or len(tail) > 24:
        return None
    if not re.search(r"(?:组成|构成|如下|包括|分为|[：:])[^，。；]{0,4}$", tail):
        return None
    numbers = [c for c in following.claims if c.mention.kind == "number"]
    parts = _run(following, whole, numbers)
    return Division(sentence, whole, tuple(parts), is_all=True) if len(parts) >= 2 else None


def _is_aside(sentence: Sentence, claim: Claim) -> bool:
    return sentence.depths[claim.start] > 0


def _run(sentence: Sentence, whole: Claim, claims: Sequence[Claim]) -> list[Claim]:
    """Take the numbers of the whole's unit that follow each other, each with a name of its own."""
    parts: list[Claim] = []
    for claim in claims:
        gap = sentence.text[parts[-1].end : claim.start] if parts else ""
        is_other = bool(parts) and claim.unit != parts[0].unit
        if (
            is_other
            or counter(claim.unit) != counter(whole.unit)
            or not _is_state(claim, parts)
            or claim.mention.bound
        ):
            break
        if len(gap) > _NEAR or re.search("[。\n]|其中", gap) or _NO_PART.search(claim.lead):
            break
        parts.append(claim)
    return parts


def _is_state(claim: Claim, before: Sequence[Claim]) -> bool:
    """Say whether a number is what something is; 由直营 860 个 is no earlier value."""
    return claim.role in _STATES or (claim.role == "from" and not before)


def _names_rest(parts: Sequence[Claim]) -> bool:
    return bool(parts) and bool(_REST.match(parts[-1].label.split()[-1] if parts[-1].label.split() else ""))


def _check(division: Division) -> Iterator[Finding]:
    whole, parts = division.whole, division.parts
    verdict = judge(lambda *v: sum(v), [span(part.mention) for part in parts], span(whole.mention))
    if not verdict.severity or not whole.value or not _LEAST <= verdict.value / whole.value <= _MOST:
        return
    is_over = verdict.value > whole.value
    if not (division.is_all or is_over or verdict.value / whole.value >= _ALSO_HAS):
        return
    added = "＋".join(part.text for part in parts)
    yield Finding(
        division.sentence.place,
        division.sentence.around(whole, *[p for p in parts if p in division.sentence.claims]),
        "分项合计",
        whole.text,
        show_like(verdict.value, whole.mention),
        verdict.severity if division.is_all or is_over else "可能",
        f"{added}＝{show_like(verdict.value, whole.mention)}，与 {whole.text} 差 "
        f"{show_like(abs(verdict.value - whole.value), whole.mention)}",
    )

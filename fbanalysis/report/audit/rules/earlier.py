"""Changes told over two sentences: 受理 8,640 件。上年受理 7,200 件，同比增长 25 %."""

import re
from collections.abc import Iterator, Sequence

from fbanalysis.report.audit.claims.claims import PRIOR, Claim, Sentence
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.rules.change import Move, check_size, find_moves

_STATES = ("", "to", "actual")
_BACK = 2
_NOW = re.compile(r"(?:今年|本年度?|本期|同比|环比|较上年|比上年|提高|增长|增加|下降|减少|上升|降低|缩短)")
_STOPS = re.compile(r"[。；;！？\n]")
#: Words before an earlier value that name nothing.
_IDLE = re.compile(rf"{PRIOR.pattern}|[较比与和的为是共达占同期全年度20\d\s，,]")
_NEAR = 30


def find_changes_over_sentences(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Check a change whose earlier value stands in its own sentence and whose later one in a sentence before."""
    for place, sentence in enumerate(sentences):
        told = _told(sentence)
        if told is None:
            continue
        old, size = told
        ends = list(_candidates(sentences[max(0, place - _BACK) : place], sentence, old))
        findings = [list(check_size(_move(one, claim, sentence, old, size))) for one, claim in ends]
        if ends and all(findings):
            yield findings[0][0]


def _told(sentence: Sentence) -> tuple[Claim, Claim] | None:
    """Find an earlier value with a change right behind it, in a sentence that gives no later value itself."""
    if len(sentence.claims) < 2:
        return None
    old, size = sentence.claims[:2]
    gap = sentence.gap(old, size)
    if old.period != "prior" or old.role not in _STATES or size.role != "change" or len(gap) > _NEAR:
        return None
    if _STOPS.search(gap) or not _NOW.search(gap) or old.mention.bound or find_moves(sentence):
        return None
    return old, size


def _candidates(
    before: Sequence[Sentence], sentence: Sentence, old: Claim
) -> Iterator[tuple[Sentence, Claim]]:
    """Give the numbers of the earlier value's unit in the sentences before, those of its measure if there are some."""
    near = [
        (one, claim)
        for one in reversed(before)
        if sentence.passage - one.passage <= 1
        for claim in reversed(one.claims)
        if _is_end(claim, old)
    ]
    named = [pair for pair in near if old.head and pair[1].head == old.head]
    yield from (pair for pair in named or near if _is_of_same(*pair, sentence, old))


def _is_of_same(one: Sentence, claim: Claim, sentence: Sentence, old: Claim) -> bool:
    """Say whether what the earlier value is said of is named in the clause of the later one, too."""
    said = _IDLE.sub("", sentence.text[: old.start])
    clause = one.text[max(0, claim.start - 30) : claim.start]
    return len(said) < 2 or any(said[at : at + 2] in clause for at in range(len(said) - 1))


def _is_end(claim: Claim, old: Claim) -> bool:
    same = (claim.mention.kind, claim.unit) == (old.mention.kind, old.unit)
    is_now = claim.role in _STATES and claim.period != "prior" and not claim.is_aim
    return same and is_now and not claim.mention.bound and not claim.mention.is_signed


def _move(one: Sentence, new: Claim, sentence: Sentence, old: Claim, size: Claim) -> Move:
    quoted = Sentence(
        f"{one.around(new)}{sentence.around(old, size)}",
        sentence.place,
        sentence.passage,
        sentence.page,
        sentence.kind,
    )
    return Move(quoted, old, new, (size,))

"""Numbers whose words say what they come of, held against the numbers that they most likely come of.

A net below the rules that read a sentence's grammar. For a difference, change, sum, mean, share or attainment all
operands near it are tried, the likeliest first. It speaks where none of them gives what is printed, and where the
likeliest are beyond doubt, or give a number that differs as slips of the pen do.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fbanalysis.report.audit.claims.claims import PRIOR, Claim, Claims, Sentence
from fbanalysis.report.audit.claims.explaining import (
    added,
    difference,
    growth,
    mean,
)
from fbanalysis.report.audit.claims.facts import (
    PERIOD,
    Fact,
    Stock,
    is_change,
)
from fbanalysis.report.audit.claims.series import Shelf
from fbanalysis.report.audit.claims.ways import (
    CUES,
    KINDS,
    LEAST,
    LEAST_SUM,
    NAMED_BASE,
    NAMING,
    PLAIN,
    Scene,
    Trial,
    cued,
    explains,
    gives,
    growths,
    is_computable,
    is_of_size,
    mention_of,
    rank,
    scene_of,
    tells_time,
)
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.rounding import ABOUT, COUNTED, show, show_like

_APIECE = re.compile("分别|依次|各自?[为是减增提缩降升]")
_APART = re.compile(r"(?:相差|差距|落差|差)(?:为|是|达|约|了|[：:\s])*$")
#: Numbers that are added up as written, or that count for each of several.
_WRITTEN_OUT = re.compile(r"\d\s*[+＋−-]\s*\d[^，。；]{0,40}[=＝]")
_EACH = re.compile(r"各(?:有|为|占|约|配|设)?\d")
_ADDS = re.compile("合计|总计|加起来|加总|相加|合起来|共计")
#: Operands as plausible as this are those meant; with a slip of the pen between, less will do.
_LIKELY, _SURE_LIST, _NAMED_LIST = 5.5, 8.0, 9.5
#: So much less plausible must other operands be, and those that give what is printed.
_CLEAR, _UNLIKELY, _CLEAR_SLIP = 1.5, 3.5, 2.5
#: A slip of the pen in fewer digits is met by chance.
_LONG = 3
#: What each further way adds that comes to the same value.
_AGREEING = 0.6
_BY_ROUNDING = 2.0
#: Operands from other sentences bear so much of the words of a number's clause.
_COVERED = 0.16
#: Findings of these rules name a change.
_MOVED = frozenset(("升降幅度", "百分点", "差值"))
#: Findings of these rules name a number that was computed.
COMPUTED = frozenset((*CUES, "百分点", "比率", "人均")) - {"达成率"}


def find_unsupported(claims: Claims, stock: Stock, shelf: Shelf) -> Iterator[Finding]:
    """Find numbers that the numbers they most likely come of contradict.

    Notes
    -----
    Takes time in proportion to the length of the text: each number has a bounded count of candidates.
    """
    for place, sentence in enumerate(claims.sentences):
        for at in range(len(sentence.claims)):
            yield from _check(stock, shelf, place, sentence, at)


def _check(stock: Stock, shelf: Shelf, place: int, sentence: Sentence, at: int) -> Iterator[Finding]:
    claim = sentence.claims[at]
    rules = cued(sentence, at)
    if not rules or claim.mention.bound in ("≥", "≤") or not claim.value or claim.period:
        return
    if claim.is_aim and not is_change(sentence, at):
        return
    scene = scene_of(stock, shelf, sentence, place, at)
    trials = [] if _APIECE.search(scene.clause) else rank(scene, rules)
    given = _plausibility(trials, claim)
    likely = _by_value([trial for trial in trials if _is_of_its_size(trial, claim)], claim)
    if claim.mention.kind == "points" and (relative := _relative(scene, given)):
        yield _relative_finding(sentence, claim, relative)
        return
    for number, trial in enumerate(likely[:NAMING]):
        if _is_named(trial, scene, at) and _is_telling(likely, number, claim, given):
            yield _finding(sentence, claim, trial)
            return


def _relative(scene: Scene, given: float) -> Trial | None:
    """Find the two counts of which points are the relative change: 640 件，减少 96 件，下降 15 个百分点."""
    printed = replace(scene.claim.mention, kind="percent", unit="%")
    counts = [pair for pair in scene.candidates if pair[1].mention.kind == "number"]
    found = filter(is_computable, growths(replace(scene, candidates=counts)))
    trials = sorted(found, key=lambda trial: -trial.score)
    first = next((trial for trial in trials[:NAMING] if gives(trial, printed)), None)
    return first if first is not None and first.score >= max(_LIKELY, given + _UNLIKELY) else None


def _relative_finding(sentence: Sentence, claim: Claim, trial: Trial) -> Finding:
    listed = "、".join(part.text for part in trial.parts)
    shown = f"{show(abs(claim.value), 2)}%"
    told = f"{listed} 不是百分数，其变化是 {show(trial.value, 2)}%，印作 {claim.text}"
    return Finding(sentence.place, sentence.around(claim), "百分点", claim.text, shown, "矛盾", told)


def _is_named(trial: Trial, scene: Scene, at: int) -> bool:
    """Say whether operands from other sentences are of what the clause names; 约 asks for those of its own sentence."""
    every = [part for part in trial.parts if isinstance(part, Fact)]
    if not all(scene.stock.belongs(fact, scene.place, at) for fact in every):
        return False
    facts = [fact for fact in every if fact.sentence != scene.place]
    if scene.claim.mention.bound and facts:
        return False
    if trial.formula is growth and len(facts) == len(trial.parts) and not _is_dated(*facts):
        return False
    return all(scene.stock.coverage(fact, scene.place, at) >= _COVERED for fact in facts)


def _is_dated(new: Fact, old: Fact) -> bool:
    """Say whether it is told of two values that one came after the other: words, or two columns of one row."""
    is_row = new.sentence < 0 and new.row == old.row
    periods = {word for word in new.words ^ old.words if PERIOD.fullmatch(word)}
    return is_row or bool(periods) or tells_time(new, old)


def _by_value(trials: Sequence[Trial], claim: Claim) -> list[Trial]:
    """Take ways that come to the same value as one, the more plausible the more of them there are."""
    groups: dict[float, list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[round(trial.value / claim.mention.step)].append(trial)
    merged = [
        replace(same[0], score=same[0].score + _AGREEING * min(len(same) - 1, 2)) for same in groups.values()
    ]
    return sorted(merged, key=lambda trial: -trial.score)


def _is_of_its_size(trial: Trial, claim: Claim) -> bool:
    """Say whether a way comes near what is printed, as an error would, or makes points of what is printed in %."""
    if any(mention_of(part).bound for part in trial.parts):
        return False
    least = LEAST_SUM if trial.formula is added else LEAST
    return least <= abs(trial.value / claim.value) <= 1 / least or (
        is_slip_of(claim.mention, trial.value) or _is_in_points(trial, claim)
    )


def _is_telling(trials: Sequence[Trial], number: int, claim: Claim, given: float) -> bool:
    """Say whether a number's likeliest operands are beyond doubt, or give it but for a slip of the pen.

    ``given`` is the plausibility of the likeliest operands that give what is printed.
    """
    trial = trials[number]
    if (trial.rule == "占比" and trial.score < NAMED_BASE) or trial.score < _least_of(trial, claim):
        return False
    is_clear = number == 0 and trial.score - (trials[1].score if len(trials) > 1 else 0.0) >= _CLEAR
    is_near = trials[0].score - trial.score < _CLEAR
    if is_near and trial.score >= _LIKELY and _is_in_points(trial, claim):
        return True
    if is_slip_of(claim.mention, trial.value):
        # the more digits agree, the less it is met by chance
        digits = len(re.sub(r"\D", "", claim.text).lstrip("0"))
        least = _LIKELY if is_clear or digits == _LONG else _LIKELY - 1.5 if digits > _LONG else math.inf
        return trial.score >= least and trial.score - given >= _CLEAR_SLIP
    return is_clear and trial.score >= _LIKELY and trial.score - given >= _UNLIKELY


def _least_of(trial: Trial, claim: Claim) -> float:
    """Give the plausibility that a list needs: more where 共 or 平均 alone leads to no particular one."""
    if trial.formula is added:
        is_slip = len(trial.parts) > 2 and is_slip_of(claim.mention, trial.value)
        return _SURE_LIST - is_slip if _ADDS.search(claim.lead) else _NAMED_LIST
    if trial.formula is mean:
        return _SURE_LIST if PLAIN.search(claim.lead) else _NAMED_LIST
    return 0.0


def _is_in_points(trial: Trial, claim: Claim) -> bool:
    """Say whether a change printed in % is the difference of two shares: it is one of percentage points."""
    if trial.formula is not growth or any(part.mention.kind != "percent" for part in trial.parts):
        return False
    points = difference(*[part.value for part in trial.parts])
    if abs(trial.value - abs(claim.value)) <= claim.mention.step / 2 and not _APART.search(claim.lead):
        return False
    return abs(points - abs(claim.value)) < claim.mention.step / 2


def drop_explained(
    findings: Iterable[Finding], claims: Claims, stock: Stock, shelf: Shelf
) -> Iterator[Finding]:
    """Leave out findings on a number that the numbers which it most likely comes of give.

    A rule that reads a sentence's grammar may have picked the wrong operands.
    """
    by_place: dict[str, list[int]] = defaultdict(list)
    for number, sentence in enumerate(claims.sentences):
        by_place[sentence.place].append(number)
    for finding in findings:
        found = (
            _spot(finding, claims.sentences, by_place[finding.place]) if finding.rule in COMPUTED else None
        )
        if found is None:
            yield finding
            continue
        place, at = found
        sentence = claims.sentences[place]
        scene = scene_of(stock, shelf, sentence, place, at)
        if finding.rule == "分项合计" and (_WRITTEN_OUT.search(sentence.text) or _EACH.search(sentence.text)):
            continue
        is_told = not _lacks_earlier(scene) or finding.rule not in _MOVED
        if is_told and not (
            _APIECE.search(scene.clause) or is_explained(scene, {*cued(sentence, at), finding.rule})
        ):
            yield finding


def _lacks_earlier(scene: Scene) -> bool:
    """Say whether a clause compares with an earlier period of which its sentence prints nothing."""
    if not PRIOR.search(scene.clause):
        return False
    own = [fact for _, fact in scene.candidates if fact.sentence == scene.place]
    return not any(fact.is_prior or fact.role in ("from", "to") for fact in own)


def _spot(finding: Finding, sentences: Sequence[Sentence], places: Sequence[int]) -> tuple[int, int] | None:
    """Find the number that a finding speaks of, where it is one."""
    for place in places:
        sentence = sentences[place]
        if sentence.text.strip() in finding.sentence or finding.sentence in sentence.text:
            found = [at for at, claim in enumerate(sentence.claims) if claim.text == finding.printed]
            if len(found) == 1:
                return place, found[0]
    return None


def is_explained(scene: Scene, rules: Iterable[str]) -> bool:
    """Say whether some likely operands give a number by one of the formulas that its words allow."""
    kind = scene.claim.mention.kind
    trials = rank(scene, [rule for rule in rules if kind in KINDS.get(rule, ())])
    given = max((trial.score for trial in trials if gives(trial, scene.claim.mention)), default=0.0)
    return bool(given) and trials[0].score - given < _UNLIKELY / 2


def _plausibility(trials: Sequence[Trial], claim: Claim) -> float:
    """Say how plausible the likeliest operands are that give a number; less where only their rounding gives it."""
    about = ABOUT * abs(claim.value) if claim.mention.bound else 0.0
    near, best = max(1.01 * claim.mention.step, about), 0.0
    for trial in trials:
        if trial.score <= best:
            break
        if is_of_size(trial.value, claim.value) and explains(trial, claim.mention):
            is_rounded = abs(abs(trial.value) - abs(claim.value)) > near
            best = max(best, trial.score - _BY_ROUNDING * is_rounded)
    return best


def is_slip_of(printed: Mention, value: float) -> bool:
    """Say whether a printed number differs from a computed one in one digit, or has two digits swapped.

    Of one figure nothing can be said; both are written to the last digit that is printed.
    """
    decimals = max(0, -math.floor(math.log10(printed.step) + 1e-9)) if printed.step < 1 else 0
    scale = max(printed.step, 1.0)
    one, other = (re.sub(r"\D", "", f"{abs(v) / scale:.{decimals}f}") for v in (printed.value, value))
    if len(one) != len(other) or len(one) < 2:
        return False
    pairs = list(zip(one, other, strict=True))
    wrong = [pair for pair in pairs if pair[0] != pair[1]]
    return len(wrong) == 1 or (len(wrong) == 2 and wrong[0] == wrong[1][::-1])


def _finding(sentence: Sentence, claim: Claim, trial: Trial) -> Finding:
    if _is_in_points(trial, claim):
        return _points_finding(sentence, claim, trial)
    shown = show_like(abs(trial.value), claim.mention)
    listed = "、".join(part.text for part in trial.parts)
    return Finding(
        sentence.place,
        sentence.around(claim),
        trial.rule,
        claim.text,
        shown,
        "可能" if _is_doubtful(claim, trial) else "矛盾",
        f"由 {listed} 算得 {shown}，印作 {claim.text}",
    )


def _points_finding(sentence: Sentence, claim: Claim, trial: Trial) -> Finding:
    new, old = (part.text for part in trial.parts)
    shown = f"{show(abs(claim.value), 2)} 个百分点"
    told = f"{old} 与 {new} 相差 {shown}，相对变化是 {show(trial.value, 2)}%，印作 {claim.text}"
    return Finding(sentence.place, sentence.around(claim), "百分点", claim.text, shown, "矛盾", told)


def _is_doubtful(claim: Claim, trial: Trial) -> bool:
    """Say whether another way to round, or weights that are not told, may make the number."""
    mention = claim.mention
    if trial.rule == "平均数" and trial.formula is mean and not PLAIN.search(claim.lead):
        values = [float(part.value) for part in trial.parts]
        return min(values) <= claim.value <= max(values)
    return mention.unit not in COUNTED and abs(abs(trial.value) - abs(claim.value)) <= mention.step * 1.001

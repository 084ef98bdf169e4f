"""Shares over several sentences or lines that the words call all of one whole, and shares with the counts that they are."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.claims.runs import Item, Run, counter, line_mark
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.rules.rounding import judge, show, show_like, span
from fbanalysis.report.audit.rules.shares import MULTIPLE, SINGLE, find_share_sums, is_beside

_FEWEST = 3
#: Shares that are read as parts of one whole make about 100 %.
_LEAST, _MOST = 85.0, 120.0
_MOST_LINES = 12
_STATES = ("", "to", "actual")
#: 占 38 %，即 1,240 人; 38 %（1,240 人）.
_THEN_COUNT = re.compile(
    r"\s*(?:[，,、]?\s*(?:即|计|合|折合|约合|也就是|为|共|涉及|折算)\s*(?:约|近|有)?|[（(]\s*(?:约)?)"
)
#: 1,240 人，占 38 %; 1,240 人（38 %）.
_THEN_SHARE = re.compile(
    r"\s*(?:[，,]?\s*[（(]?(?:约|仅|只)?占比?(?P<of>[^0-9，。；,;（）()]{0,10})|[（(]\s*(?:约)?)"
)
_OF_NAME = re.compile(r"(?:占|其中|全部|全体|所有|总|的|约|近|为|是|比|了|到|达|据)")
_TOTAL = re.compile(
    r"共|总|合计|有效|样本|受访|回收|收回|发放|受理|收到|累计|接到|全年|全体|取得|登记|产生|接待|问卷|答卷"
)
_OF_ALL = re.compile(r"全年|年度|[总全]?[量数]$")
_ANSWERS = re.compile(r"样本|问卷|答卷|受访|有效")
_PERSONS = re.compile(r"[人名位份]$")
_REACH, _FEW = 8, 3
_MOST_BEFORE = 24
#: A share that misses its base by more was computed from another one.
_LOWEST, _HIGHEST = 0.75, 1.33


def find_spread_shares(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Check the shares of one question or division over the sentences of a paragraph, or over lines with more than one number."""
    for place, sentence in enumerate(sentences):
        cue = SINGLE.search(sentence.text)
        if cue is None or MULTIPLE.search(sentence.text):
            continue
        for group in (_of_paragraph(sentences, place, cue.start()), _of_lines(sentences, place)):
            if len(group) >= _FEWEST and len({one.text for one, _ in group}) > 1:
                yield from _check_spread(sentence, group)


Group = list[tuple[Sentence, Claim]]


def _of_paragraph(sentences: Sequence[Sentence], place: int, start: int) -> Group:
    """Take the shares that follow a cue up to the end of its paragraph."""
    group: Group = []
    for at in range(place, min(len(sentences), place + _MOST_LINES)):
        sentence = sentences[at]
        if sentence.passage != sentences[place].passage or MULTIPLE.search(sentence.text):
            break
        claims = [c for c in sentence.claims if _is_share(sentence, c) and (at > place or c.start > start)]
        group.extend((sentence, claim) for claim in claims)
    return group


def _of_lines(sentences: Sequence[Sentence], place: int) -> Group:
    """Take the first share of each line below a heading, where each line has one."""
    group: Group = []
    mark = ""
    for sentence in sentences[place + 1 : place + 1 + _MOST_LINES]:
        shares = [claim for claim in sentence.claims if _is_share(sentence, claim)]
        is_first = not group and sentence.passage > sentences[place].passage
        if not shares or not (is_first or (group and line_mark(sentence.text) == mark)):
            break
        mark = line_mark(sentence.text)
        group.append((sentence, shares[0]))
    return group


def _is_share(sentence: Sentence, claim: Claim) -> bool:
    if not claim.is_percent or claim.role not in _STATES or claim.mention.is_signed or claim.period:
        return False
    item = Item(claim.label, claim.mention, claim.lead, claim.tail, claim.role)
    return 0 < claim.value < 100 and not is_beside(item) and sentence.depths[claim.start] == 0


def _check_spread(cue: Sentence, group: Group) -> Iterator[Finding]:
    items = tuple(Item(c.label, c.mention, c.lead, c.tail, c.role) for _, c in group)
    if not _LEAST <= sum(float(item.mention.value) for item in items) <= _MOST:
        return
    texts = list(dict.fromkeys(sentence.text.strip() for sentence, _ in group))
    quoted = "".join(texts)[:400]
    run = Run(cue.place, cue.page, cue.passage, quoted, cue.text[-60:], "", items, "list")
    yield from find_share_sums(run)


# ------------------------------------------------------------------ a share and the count that it is


@dataclass(frozen=True)
class Portion:
    """A share and the count that it is printed with; ``of`` are the words that name its whole."""

    share: Claim
    count: Claim
    of: str
    is_count_last: bool

    def fits(self, base: float) -> bool:
        """Say whether the two agree over a base, whatever rounding did."""
        low, high = self.bases
        return low <= base <= high

    @property
    def bases(self) -> tuple[float, float]:
        """Give the least and the greatest base over which the two agree."""
        half, count = self.share.mention.step * 0.51, self.count.value
        slack = self.count.mention.step / 2 if self.count.mention.step > 1 else 0.5
        share = self.share.value
        return (count - slack) / (share + half) * 100, (count + slack) / max(share - half, 0.01) * 100


def find_false_portions(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Check shares printed with their counts against the total before them: 样本 3,000 份，手机银行占 38 %，即 1,240 人."""
    numbers = sorted(c.value for s in sentences for c in s.claims if c.mention.kind == "number")
    totals = [c for s in sentences for c in s.claims if _is_count(c) and _TOTAL.search(c.lead[-14:])]
    for place, sentence in enumerate(sentences):
        portions = list(_portions(sentence))
        for number, portion in enumerate(portions):
            near = portions[max(0, number - _FEW) : number + _FEW + 1]
            base = _base(sentences, place, portion) or _base_apart(totals, portion)
            low, high = portion.bases
            at = bisect_left(numbers, low)
            is_explained = at < len(numbers) and numbers[at] <= high
            if base is not None and not is_explained and _is_meant(portion, near, base):
                yield from _check_portion(sentence, portion, base)


def find_odd_portions(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Check a list of counts, each with its share: where all but one agree over one base, that one is wrong."""
    for line in _listed(sentences):
        bases = [sum(portion.count.value for _, portion in line)]
        bases += [
            c.value
            for c in line[0][0].claims[:_MOST_BEFORE]
            if _is_count(c) and c.end <= line[0][1].count.start
        ]
        for base in bases:
            odd = [(sentence, portion) for sentence, portion in line if not portion.fits(base)]
            if len(odd) == 1 and not _is_of_other(*odd[0]):
                yield _odd(*odd[0], base)
                break


def _listed(sentences: Sequence[Sentence]) -> Iterator[list[tuple[Sentence, Portion]]]:
    """Gather counts with their shares: several in a sentence, or one in each of several lines."""
    lines: list[tuple[Sentence, Portion]] = []
    for sentence in sentences:
        portions = list(_portions(sentence, is_said=False))
        if len(portions) >= _FEWEST and len({counter(p.count.unit) for p in portions}) == 1:
            yield [(sentence, portion) for portion in portions]
        is_next = bool(lines) and _is_next_line(lines[-1], sentence, portions)
        if lines and not is_next:
            if len(lines) >= _FEWEST:
                yield lines
            lines = []
        if len(portions) == 1:
            lines.append((sentence, portions[0]))
    if len(lines) >= _FEWEST:
        yield lines


def _is_next_line(last: tuple[Sentence, Portion], sentence: Sentence, portions: Sequence[Portion]) -> bool:
    before, portion = last
    return (
        len(portions) == 1
        and sentence.passage - before.passage == 1
        and line_mark(before.text) == line_mark(sentence.text)
        and counter(portion.count.unit) == counter(portions[0].count.unit)
    )


def _is_of_other(sentence: Sentence, portion: Portion) -> bool:
    """Say whether a share is of another number of its sentence: 其中女性 300 人（占会员的 25 %）."""
    others = [c for c in sentence.claims if c.mention.kind == "number" and c is not portion.count]
    return "其中" in portion.count.lead + portion.share.lead or any(portion.fits(c.value) for c in others)


def _odd(sentence: Sentence, portion: Portion, base: float) -> Finding:
    share, count = portion.share, portion.count
    right = count.value / base * 100
    # a last digit cut off or raised is a slip of rounding
    is_near = abs(right - share.value) < 1.5 * share.mention.step
    return Finding(
        sentence.place,
        sentence.around(share, count),
        "占比",
        share.text,
        f"{show(right)}%",
        "可能" if is_near else "矛盾",
        f"{count.text}÷{show(base)}＝{show(right)}%，印作 {share.text}；同列其余各项都与 {show(base)} 相符",
    )


def _portions(sentence: Sentence, *, is_said: bool = True) -> Iterator[Portion]:
    """Give shares that stand beside their counts; those that 占 calls shares, or all (`is_said` false)."""
    for one, other in zip(sentence.claims, sentence.claims[1:], strict=False):
        gap = sentence.gap(one, other)
        if one.is_percent and _is_count(other) and _THEN_COUNT.fullmatch(gap):
            pair = Portion(one, other, "", is_count_last=True)
        elif other.is_percent and _is_count(one) and (match := _THEN_SHARE.fullmatch(gap)):
            pair = Portion(other, one, _OF_NAME.sub("", match["of"] or ""), is_count_last=False)
        else:
            continue
        share = pair.share
        is_plain = share.role in _STATES and not share.mention.bound and not share.mention.is_signed
        if (
            is_plain
            and 0 < share.value < 100
            and share.mention.step <= 1
            and (not is_said or "占" in share.lead + gap)
        ):
            yield pair


def _is_count(claim: Claim) -> bool:
    return (
        claim.mention.kind == "number"
        and bool(claim.unit)
        and claim.role in _STATES
        and not (claim.mention.bound or claim.period)
        and claim.value >= 1
    )


def _base(sentences: Sequence[Sentence], place: int, portion: Portion) -> Claim | None:
    """Find the total nearest before a portion, in its sentence or a little earlier."""
    here = sentences[place].passage
    for at in range(place, max(-1, place - _REACH), -1):
        sentence = sentences[at]
        if here - sentence.passage > _FEW or (at < place and sentence.kind == "title"):
            return None
        first = portion.share.start if at == place else len(sentence.text)
        last = bisect_left(sentence.claims, first, key=lambda c: c.start)
        for claim in reversed(sentence.claims[max(0, last - _MOST_BEFORE) : last]):
            is_before = at < place or claim.end <= min(portion.share.start, portion.count.start)
            if is_before and _is_base(claim, portion):
                return claim
    return None


def _base_apart(totals: Sequence[Claim], portion: Portion) -> Claim | None:
    """占全年工单总量的 8 %: the only total of a document that the name of the whole speaks of."""
    found = [c for c in totals if _is_base(c, portion)] if _OF_ALL.search(portion.of) else []
    return found[0] if len({c.value for c in found}) == 1 else None


def _is_base(claim: Claim, portion: Portion) -> bool:
    words = claim.lead[-14:]
    is_alike = counter(claim.unit) == counter(portion.count.unit) or (
        bool(_ANSWERS.search(words) and _PERSONS.search(portion.count.unit)) and claim.unit == "份"
    )
    is_total = is_alike and _is_count(claim) and claim.value > portion.count.value and _TOTAL.search(words)
    names = {portion.of[at : at + 2] for at in range(len(portion.of) - 1)}
    return bool(is_total) and (not names or any(name in words for name in names))


def _is_meant(portion: Portion, portions: Sequence[Portion], base: Claim) -> bool:
    """Say whether a total is the base: the share comes near it, and no other share of the sentence speaks against it."""
    expected = portion.count.value / base.value * 100
    others = [other for other in portions if other is not portion and not other.fits(base.value)]
    return not others and _LOWEST <= expected / portion.share.value <= _HIGHEST


def _check_portion(sentence: Sentence, portion: Portion, base: Claim) -> Iterator[Finding]:
    share, count = portion.share, portion.count
    verdict = judge(lambda a, b: a / b * 100, (span(count.mention), span(base.mention)), span(share.mention))
    if not verdict.severity:
        return
    right = base.value * share.value / 100
    printed = count if portion.is_count_last else share
    yield Finding(
        sentence.place,
        sentence.around(share, count),
        "占比",
        printed.text,
        show_like(round(right), count.mention) if portion.is_count_last else f"{show(verdict.value)}%",
        verdict.severity,
        f"{base.text}×{share.text}＝{show_like(round(right), count.mention)}，印作 {count.text}（{show(verdict.value)}%）",
    )

"""Distances between two members of a list: A 比 B 高 D, A 与 B 相差 D, 最高与最低相差 D."""

import re
from collections.abc import Iterator, Sequence

from fbanalysis.report.audit.claims.claims import PRIOR, Claim, Sentence
from fbanalysis.report.audit.claims.facts import in_scale
from fbanalysis.report.audit.claims.series import Series, Shelf
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.rounding import Span, Verdict, judge, show_like, span

_IDLE = r"(?:到|为|是|仅|只|约|近|了|有|出|[：:\s])*$"
_APART = re.compile(
    rf"(?:相差|差距|分差|极差|级差|相距|之差|(?:[两二]者|首尾|头尾|两端|[高前]低|一头一尾)(?:只|仅)?(?:差|隔着|隔|拉开)了?|[，,\s](?:只|仅)?差)(?:达|在)?{_IDLE}"
)
_THAN = re.compile(
    rf"(?:比|较)(?P<other>[^，。；,;\d]{{2,16}}?)(?:还|要|又)?(?P<way>高|低|多|少|快|慢|长|短|领先|落后){_IDLE}"
)
_OVER = re.compile(
    rf"(?P<way>高出|低于|高于|领先|落后于?|多于|少于)(?P<other>[^，。；,;\d的]{{2,14}}){_IDLE}"
)
_ENDS = re.compile(
    r"最[高大多长好快优](?:分|者|值)?(?:与|和|、|及|同|跟)最[低小少短差慢弱]|最[低小少短差](?:分|者|值)?(?:与|和|、)最[高大多长好]|首尾|极差|最高[^，。；\d]{2,10}\s最低|最低[^，。；\d]{2,10}\s最高"
)
_BEST, _WORST = re.compile(r"最[高大多长好优]|居首|第一"), re.compile(r"最[低小少短差]|居末|末位|垫底")
#: What is compared with these stands in no list.
_ELSEWHERE = re.compile(
    f"{PRIOR.pattern}|目标|计划|行业|全国|同行|同业|标准|标杆|考核|预期|竞品|要求|承诺|[年季月]度?$|20\\d\\d"
)
_PROMOTION = (
    ("net", re.compile(r"(?:净推荐值|净推荐|NPS)[^，。；]{0,4}$")),
    ("for", re.compile(r"(?<!净)推荐者[^，。；]{0,4}$")),
    ("against", re.compile(r"贬损者[^，。；]{0,4}$")),
)
_STATES = ("", "to", "actual")
_SCORES = re.compile(r"满意|分|评|指数|CS|NPS|今年|本年|20\d\d|实际|得票|体验|忠诚")
_NOW = re.compile(r"今年|本年|本期|实际")
_CLAUSE = re.compile(r"[。；;！？\n]")
_NEAR = 70


def find_gaps(sentence: Sentence, shelf: Shelf) -> Iterator[Finding]:
    """Check every distance that a sentence states between two things whose numbers are printed near it."""
    for place, claim in enumerate(sentence.claims):
        words = sentence.text[max(0, claim.start - _NEAR) : claim.start]
        scope = _CLAUSE.split(words)[-1]
        if claim.mention.kind not in ("number", "points") or claim.mention.bound:
            continue
        if match := _APART.search(scope):
            yield from _check_apart(sentence, place, scope[: match.start()], shelf)
        elif (match := _THAN.search(scope) or _OVER.search(scope)) and not _ELSEWHERE.search(match["other"]):
            yield from _check_than(sentence, claim, scope[: match.start()], match["other"], shelf)


def find_false_scores(sentence: Sentence) -> Iterator[Finding]:
    """Check a net promoter score against the shares of promoters and detractors: NPS = 推荐者 − 贬损者."""
    named = {}
    for claim in sentence.claims:
        words = claim.lead[-10:]
        name = next((name for name, form in _PROMOTION if form.search(words)), "")
        if name and name not in named and claim.role not in ("target", "from") and not claim.period:
            named[name] = claim
    if len(named) < len(_PROMOTION) or not (named["for"].is_percent and named["against"].is_percent):
        return
    score = named["net"]
    yield from _judge(sentence, score, [(named["for"].mention, named["against"].mention)])


def _fits(mention: Mention, size: Claim) -> bool:
    """Say whether a number is of the kind that a distance is of."""
    if size.mention.kind == "points":
        return mention.kind == "percent"
    same = mention.unit == size.unit or "" in (mention.unit, size.unit) or size.unit in ("点", "个")
    return mention.kind == "number" and same


def _check_apart(sentence: Sentence, place: int, scope: str, shelf: Shelf) -> Iterator[Finding]:
    size = sentence.claims[place]
    if _ELSEWHERE.search(scope[-12:]):
        return
    pairs = _ends(sentence, size, scope, shelf) or _inline(sentence, place, scope)
    pairs = pairs or _by_name(sentence, size, scope, shelf)
    yield from _judge(sentence, size, pairs)


def _inline(sentence: Sentence, place: int, scope: str) -> list[tuple[Mention, Mention]]:
    """Two numbers of the same clause: A 81.4，B 70.3，相差 11.1; any two of three may be meant."""
    size = sentence.claims[place]
    near = [
        c
        for c in sentence.claims[:place]
        if size.start - c.start <= len(scope) + 8 and c.role in _STATES and _fits(c.mention, size)
    ]
    units = {(c.mention.kind, c.unit) for c in near}
    if len(near) < 2 or len(units) > 1:
        return []
    pairs = [(one.mention, other.mention) for at, one in enumerate(near) for other in near[at + 1 :]]
    return pairs[::-1]


def _ends(sentence: Sentence, size: Claim, scope: str, shelf: Shelf) -> list[tuple[Mention, Mention]]:
    """The greatest and the least of a list near by; of the lists that fit, those whose measure is named."""
    text = sentence.text[: size.start]
    if not _ENDS.search(scope) and not (_BEST.search(scope) and _WORST.search(scope)):
        return []
    fitting = _fitting(sentence, size, text[-_NEAR:], shelf)
    return [pair for one in fitting if (pair := _extremes(one)) is not None]


def _fitting(sentence: Sentence, size: Claim, text: str, shelf: Shelf) -> list[Series]:
    near = [
        one
        for one in shelf.near(sentence.passage, sentence.page)
        if one.style not in ("row", "change")
        and len(one.parts) >= 3
        and all(_is_level(one, m, size) for m in one.mentions)
    ]
    near.sort(key=_year_of, reverse=True)
    named = [one for one in near if one.speaks(text)]
    units = [one for one in near if one.unit == size.unit]
    return named or units or near


def _year_of(series: Series) -> int:
    years = re.findall(r"20\d\d", series.words) if series.style == "column" else []
    return int(years[-1]) if years else int(bool(_NOW.search(series.words)))


def _is_level(series: Series, mention: Mention, size: Claim) -> bool:
    """Say whether a number of a list is of the kind of a distance; a bare one is a score where its head says so."""
    is_bare_column = series.style == "column" and size.unit == "分" and mention.unit == ""
    return _fits(mention, size) and (not is_bare_column or bool(_SCORES.search(series.words)))


def _extremes(series: Series) -> tuple[Mention, Mention] | None:
    parts = list(series.parts.values())
    if len(parts) < 2:
        return None
    return max(parts, key=lambda m: m.value), min(parts, key=lambda m: m.value)


def _by_name(sentence: Sentence, size: Claim, scope: str, shelf: Shelf) -> list[tuple[Mention, Mention]]:
    """Two members of a list that the clause names, where it prints not both numbers."""
    pairs = []
    for one in shelf.near(sentence.passage, sentence.page):
        names = one.named_in(scope)
        is_about = (
            one.style == "list"
            or one.style == "inline"
            or one.words.strip()[:8] in scope
            or one.speaks(scope)
        )
        if len(names) >= 2 and is_about and one.style != "change" and _fits(one.mentions[0], size):
            pairs.append(_members(one, names[-2:]))
    return pairs


def _members(series: Series, names: Sequence[str]) -> tuple[Mention, Mention]:
    first, second = (series.mentions[series.names.index(name)] for name in names)
    return first, second


def _check_than(sentence: Sentence, size: Claim, scope: str, other: str, shelf: Shelf) -> Iterator[Finding]:
    """A 比 B 高 D: both named in one list near by, and the list's measure or row named, too."""
    pairs = []
    before = scope or sentence.text[: size.start][-_NEAR:]
    for one in shelf.near(sentence.passage, sentence.page):
        theirs, ours = one.named_in(other), one.named_in(before)
        is_row = one.style == "row" and one.words.strip() not in before + other
        if (
            len(theirs) == 1
            and ours
            and ours[-1] != theirs[0]
            and not is_row
            and one.style != "change"
            and _is_level(one, one.mentions[0], size)
        ):
            pairs.append(_members(one, (ours[-1], theirs[0])))
    yield from _judge(sentence, size, pairs)


def _judge(sentence: Sentence, size: Claim, pairs: Sequence[tuple[Mention, Mention]]) -> Iterator[Finding]:
    scaled = [(in_scale(one, size), in_scale(other, size)) for one, other in pairs]
    verdicts = [(_distance(one, other, size), one, other) for one, other in scaled]
    if not verdicts or not all(verdict.severity for verdict, _, _ in verdicts):
        return
    verdict, one, other = verdicts[0]
    hard = all(verdict.severity == "矛盾" for verdict, _, _ in verdicts)
    yield Finding(
        sentence.place,
        sentence.around(size),
        "差值",
        size.text,
        show_like(verdict.value, size.mention),
        "矛盾" if hard else "可能",
        f"{one.text} 与 {other.text} 相差 {show_like(verdict.value, size.mention)}，印作 {size.text}",
    )


def _distance(one: Mention, other: Mention, size: Claim) -> Verdict:
    printed = span(size.mention)
    ends = [tuple(sorted(abs(end) for end in ends)) for ends in (printed.tight, printed.wide)]
    return judge(
        lambda a, b: abs(a - b), (span(one), span(other)), Span(abs(printed.value), ends[0], ends[1])
    )

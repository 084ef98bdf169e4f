"""Lengths of periods: as many days, weeks or months as the two dates are apart, and days by which something is early or late."""

import calendar
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.claims.days import Span, Years, dates_of, day_of, spans_of
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import find_numbers

_SIZES = {"天": 1.0, "日": 1.0, "自然日": 1.0, "周": 7.0, "星期": 7.0}
_MONTHS, _WORKDAYS, _YEARS = "个月", "工作日", "年"
#: What is told behind these is how long the whole period was.
_WHOLE = re.compile(
    r"(?:历时|为期|历经|持续|延续|连续|前后|首尾|头尾|全程|跨度|时长|周期|工期|期限|耗时|用时|全长|经过|长达|一连)[^，。；,;\d（(]{0,6}$"
)
_TOTAL = re.compile(r"(?:共计?|合计|总计|一共|总共|计|整整)\s*$")
#: 共开放 12 天: of a period there may be fewer days, never more.
_SOME = re.compile(r"(?:共计?|合计|总计|累计|一共|总共)[^，。；,;\d（(]{1,6}$")
#: What a clause may say before the length without speaking of something else.
_OF_IT = re.compile(
    r"(?:^|[\s，,（(；;：:]|活动|调查|测评|评价|评议|征集|访谈|问卷|开展|组织|进行|实施|举行|举办|采集|窗口|窗口期|期间|采样|整个|全程|总共?|均|时间|前后|首尾|一共|共计?|[”」』])$"
)
_ENDS_CLAUSE = re.compile(r"\s*(?:[，,。；;、）)\]的]|$|时间|开展|接待)")
#: 平均用时 3 天 is that of one case.
_OF_ONE = re.compile(r"平均|人均|每|单[次件个项]|最[长短多少]|[件户次]均")
_NAKED = re.compile(r"\s*[，,（(：:＝=]?\s*(?:即|也就是|就是)?\s*")
_INCLUSIVE = re.compile(
    r"首尾(?:均|都|两天)?[计算]|含首尾|首尾[^，。]{0,2}(?:含|在内|计入)|头尾[都均]?[算计]|含当[天日]"
)
#: 首尾两天都算在内: the first day and the last.
_BOTH_ENDS = re.compile(r"[首头]尾$")
_EARLY_OR_LATE = re.compile(r"(?:提前|提早|推迟|延后|延迟|延期|逾期|超期|滞后|晚了?|早了?)(?:了|约)?\s*$")
_DUE = re.compile(r"原定|计划|应于|要求|目标|限期|期限|截止|约定|规定|应在|原计划|节点")
_BEFORE_SPAN = re.compile(r"(?:的[^，。；]{0,12})?\s*[（(，,：:]\s*(?:自|从|即|时间为?)?")
_NEAR, _FAR = 60, 90
_MOST_SPANS = 6
_MOST_MONTHS = 0.6
#: Months and days without a public holiday that moves workdays.
_QUIET = (((3, 1), (3, 31)), ((7, 1), (8, 31)), ((10, 13), (12, 26)))


def find_false_lengths(sentences: Sequence[Sentence], years: Years) -> Iterator[Finding]:
    """Check how long a period is said to be, in its own sentence or in the next one."""
    for place, sentence in enumerate(sentences):
        spans = spans_of(sentence)
        for claim in sentence.claims:
            if _is_length(claim):
                told = _of_span(sentence, claim, spans) or _of_earlier(sentences, place, claim)
                if told is not None:
                    yield from _check(sentence, claim, told, years.of(place, told[0].first))
        yield from _check_early(sentence)


def _is_length(claim: Claim) -> bool:
    units = (*_SIZES, _MONTHS, _WORKDAYS, _YEARS)
    is_both_ends = claim.value == 2 and bool(_BOTH_ENDS.search(claim.lead))
    return (
        claim.unit in units and claim.mention.kind == "number" and not (claim.mention.bound or is_both_ends)
    )


Told = tuple[Span, list[Span], bool]


def _of_span(sentence: Sentence, claim: Claim, spans: Sequence[Span]) -> Told | None:
    """Give the period that a length is said of, the others before it, and whether it may be longer than said."""
    ends = [span.second.end - sentence.offset for span in spans]
    last = bisect_right(ends, claim.start)
    before = spans[max(0, last - _MOST_SPANS) : last]
    for span in spans[last : last + 2]:
        gap = sentence.text[claim.end : max(claim.end, span.first.start - sentence.offset)][:_FAR]
        if _BEFORE_SPAN.fullmatch(gap) and _WHOLE.search(
            sentence.text[max(0, claim.start - _NEAR) : claim.start]
        ):
            return span, [span], False
    if not before or before[-1].is_reversed:
        return None
    end = ends[last - 1]
    gap = sentence.text[end : claim.start]
    if (
        len(gap) > _NEAR
        or re.search("[。；;]", gap)
        or any(m.kind in ("date", "month") for m in find_numbers(gap))
    ):
        return None
    if _NAKED.fullmatch(gap) and not _ENDS_CLAUSE.match(sentence.text, claim.end):
        return None
    is_said, is_least = _is_said(gap)
    return (before[-1], before, is_least) if is_said or is_least else None


def _is_said(gap: str) -> tuple[bool, bool]:
    """Say whether the words between a period and a number make it the period's length, or that of a part of it."""
    gap = re.sub(r"[（(][^（）()]{0,16}[）)]", "", gap)
    if _NAKED.fullmatch(gap.lstrip("）)")):
        return True, False
    if match := _WHOLE.search(gap):
        clause = re.split(r"[，,（(]", gap[: match.start()])[-1]
        if _OF_ONE.search(gap[match.start() - 4 if match.start() > 4 else 0 :]):
            return False, False
        return bool(_OF_IT.search(clause) or not clause.strip()), False
    if match := _TOTAL.search(gap):
        clause = gap[: match.start()].strip(" 日起止）)")
        return len(clause) <= 12 and bool(_OF_IT.search(clause) or clause[-1:] in "，,（("), False
    return False, bool(_SOME.search(gap)) and len(gap) <= 24


def _of_earlier(sentences: Sequence[Sentence], place: int, claim: Claim) -> Told | None:
    """Give the only period of the sentence or line before, where this one opens with its length."""
    sentence = sentences[place]
    if not place or dates_of(sentence):
        return None
    earlier = sentences[place - 1]
    words = sentence.text[: claim.start].strip(" •·▪●■◆○*-—－")
    spans = [span for span in spans_of(earlier) if not span.is_reversed]
    is_near = sentence.passage - earlier.passage <= 1 and len(earlier.text) <= _FAR
    if not is_near or len(spans) != 1 or len(dates_of(earlier)) != 2 or len(words) > 10:
        return None
    return (spans[0], spans, False) if _WHOLE.search(words) and _is_said(words)[0] else None


# ------------------------------------------------------------------ does it fit


def _check(sentence: Sentence, claim: Claim, told: Told, years: Sequence[int]) -> Iterator[Finding]:
    span, spans, is_least = told
    if span.first.kind == "month" and claim.unit not in (_MONTHS, _YEARS):
        return
    is_inclusive = bool(_INCLUSIVE.search(sentence.text))
    if is_least:
        if claim.unit not in ("天", "日") or claim.value <= span.days + 1:
            return
    elif any(_fits(claim, one, sentence.text, is_inclusive=is_inclusive, years=years) for one in spans):
        return
    elif len(spans) > 1 and claim.unit in _SIZES:
        every = sum(one.days + 1 for one in spans)
        whole = (max(one.end for one in spans) - min(one.start for one in spans)).days + 1
        if claim.value * _SIZES[claim.unit] in (every, whole, whole - 1):
            return
    expected = _expected(claim, span)
    if expected:
        yield Finding(
            sentence.place,
            sentence.around(claim, margin=60),
            "日期",
            claim.text,
            expected,
            "矛盾",
            f"{span.first.text} 至 {span.second.text} 是 {expected}，印作 {claim.text}",
        )


def _expected(claim: Claim, span: Span) -> str:
    if claim.unit == _WORKDAYS:
        return f"{_workdays(span.start, span.end)} 个工作日"
    if claim.unit in (_MONTHS, _YEARS):
        months = _months(span)
        return f"{months:.0f} 个月" if claim.unit == _MONTHS else f"{months / 12:.1f} 年"
    return f"{span.days + 1} 天"


def _fits(claim: Claim, span: Span, text: str, *, is_inclusive: bool, years: Sequence[int]) -> bool:
    """Say whether a length is one that somebody may count: with the first day or without it."""
    if claim.unit == _WORKDAYS:
        return _fits_workdays(claim.value, span, years)
    if claim.unit in (_MONTHS, _YEARS):
        said = claim.value * (12 if claim.unit == _YEARS else 1)
        return _fits_months(said, span, least=_MOST_MONTHS * (6 if claim.unit == _YEARS else 1))
    size = _SIZES[claim.unit]
    if size > 1:
        return size * claim.value - size <= span.days <= size * claim.value + size - 1
    least = span.days + 1 if is_inclusive else span.days
    # a leap day may lie in a period whose year is not said
    slack = 1 if not years and span.start.month <= 2 < span.end.month else 0
    is_work = "工作日" in text and claim.value == _workdays(span.start, span.end)
    return least - slack <= claim.value <= span.days + 1 or is_work


def _months(span: Span) -> float:
    """Count months: from 1 January to 31 December are 12, from 15 May to 15 August 3, from May to July 3."""
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month
    if span.first.kind == "month":
        return months + 1.0
    last = calendar.monthrange(span.end.year, span.end.month)[1]
    if span.start.day == 1 and span.end.day in (1, last):
        return months + (1.0 if span.end.day == last else 0.0)
    return months + (span.end.day - span.start.day + 1) / 30


def _fits_months(said: float, span: Span, *, least: float) -> bool:
    exact = _months(span)
    is_open = span.first.kind == "month" or span.start.day == span.end.day == 1
    # 3 月启动、6 月完成: three months or four
    return exact - (1.01 if is_open and span.is_stage else 0) - least <= said <= exact + least


def _fits_workdays(said: float, span: Span, years: Sequence[int]) -> bool:
    """Say whether workdays may be as many; sure only where no public holiday is near and the year is known."""
    if len(years) != 1 or not _is_quiet(span):
        return True
    start, end = span.start.replace(year=years[0]), span.end.replace(year=years[0])
    count = _workdays(start, end)
    return count - 1 <= said <= count


def _is_quiet(span: Span) -> bool:
    first, last = (span.start.month, span.start.day), (span.end.month, span.end.day)
    return span.start.year == span.end.year and any(
        begin <= first and last <= until for begin, until in _QUIET
    )


def _workdays(start: date, end: date) -> int:
    """Count the days from Monday to Friday, both ends with them."""
    weeks, rest = divmod((end - start).days + 1, 7)
    return weeks * 5 + sum((start + timedelta(days=day)).weekday() < 5 for day in range(rest))


def _check_early(sentence: Sentence) -> Iterator[Finding]:
    """Check 原定9月30日完成，实际9月25日完成，提前5天: two dates, one of them due."""
    dates = dates_of(sentence)
    if len(dates) != 2 or any(mention.kind != "date" or mention.is_impossible for mention in dates):
        return
    if not _DUE.search(sentence.text[: dates[1].start - sentence.offset]):
        return
    years = {mention.year for mention in dates if mention.year}
    year = min(years) if years else None
    days = abs((day_of(dates[1], year) - day_of(dates[0], year)).days)
    for claim in sentence.claims:
        lead = sentence.text[max(0, claim.start - 8) : claim.start]
        is_last = claim.start > dates[1].end - sentence.offset
        if claim.unit != "天" or not is_last or claim.mention.bound or not _EARLY_OR_LATE.search(lead):
            continue
        if abs(days - claim.value) > 1 and days < 180:
            said = f"{dates[0].text} 与 {dates[1].text} 相差 {days} 天，印作 {claim.text}"
            yield Finding(
                sentence.place, sentence.text.strip()[:160], "日期", claim.text, f"{days} 天", "矛盾", said
            )

"""Dates: those that no calendar has, periods that end before they begin, lengths, and what lies behind the report."""

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention, find_numbers
from fbanalysis.report.audit.reading import Passage

_UNTIL = re.compile(r"^(?:日|起|开始|启动|正式启动)?[，,\s]*(?:至|到|—{1,2}|–|-|~|～|―)\s*$")
_LENGTH = re.compile(r"为期|历时|共计?|持续|用时|耗时|周期|期限|总计|全长|合计|经过|时长")
_DAYS = {"天": 1.0, "日": 1.0, "周": 7.0, "星期": 7.0}
_WEEKDAY = re.compile(r"^\s*[（(]?(?:星期|周)([一二三四五六日天])[）)]?")
_MADE = re.compile(
    r"报告[^。，；]{0,6}(?:编制|撰写|完成|出具|发布|日期|提交)|编制(?:完成|日期|时间)|出具日期|撰写日期|发布日期|报告日期"
)
_THIS_YEAR = re.compile(r"(?:今年|本年度?|当年)\s*$")
_AHEAD = re.compile(
    r"计划|下次|复核|下一|预计|将|拟|目标|规划|展望|下一步|力争|后续|完成时限|截止|期限|到期|底前|前完成|届时"
)
#: Words that say what begins or ends on a day.
_BEGINS = re.compile(
    r"启动|开始|开工|上线|动工|立项|发起|起草|受理|开展|投入|发放|签订|进场|施工|试点|始于|开幕|发出"
)
_ENDS = re.compile(
    r"[日当]?(?:正式|全部|全面|基本|顺利)?(?:完成|结束|验收|截止|完工|竣工|关闭|终止|结项|结题|办结|交付|收尾|闭幕|收回|回收|止于|通过验收|整改到位|停止)"
)
_NEAR = 40
#: Stands for a year that is not said: it has every day that a year may have.
_LEAP_YEAR = 2024
_HOURS = re.compile(r"小时")


def find_date_faults(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Check the dates of a document."""
    made = report_date(sentences)
    for sentence in sentences:
        yield from _check_calendar(sentence)
        yield from _check_periods(sentence)
        yield from _check_stages(sentence)
        if made is not None:
            yield from _check_after(sentence, made)


def report_date(sentences: Sequence[Sentence]) -> date | None:
    """Find the day on which a report says it was made; missing where it says none or several."""
    days = set()
    for sentence in sentences:
        for mention in sentence.mentions:
            start = mention.start - sentence.offset
            words = sentence.text[max(0, start - 14) : start]
            behind = sentence.text[mention.end - sentence.offset :][:12]
            if mention.day is not None and (
                _MADE.search(words)
                or re.match(r"[，,\s]*(?:完成|编制完成|形成|出具)[^，。]{0,4}报告", behind)
            ):
                days.add(mention.day)
    return days.pop() if len(days) == 1 else None


def _finding(
    sentence: Sentence, mention: Mention, expected: str, severity: str, explanation: str, *, printed: str = ""
) -> Finding:
    start = mention.start - sentence.offset
    text = sentence.text if len(sentence.text) <= 160 else sentence.text[max(0, start - 40) : start + 60]
    return Finding(
        sentence.place, text.strip(), "日期", printed or mention.text, expected, severity, explanation
    )


def find_impossible_days(passage: Passage) -> Iterator[Finding]:
    """Check the dates of a note or an indented line, which hold what a report is of: 统计区间 9 月 1 日至 31 日."""
    if passage.kind not in ("quote", "note") or re.search("[“”「」]", passage.text):
        return
    for mention in find_numbers(passage.text):
        if mention.kind in ("date", "month") and mention.is_impossible:
            quoted = passage.text[max(0, mention.start - 60) : mention.end + 60].strip()
            explanation = f"日历上没有 {mention.text}"
            yield Finding(passage.place, quoted, "日期", mention.text, "日历上有的日期", "矛盾", explanation)


def _check_calendar(sentence: Sentence) -> Iterator[Finding]:
    for mention in sentence.mentions:
        if mention.kind in ("date", "month") and mention.is_impossible:
            yield _finding(sentence, mention, "日历上有的日期", "矛盾", f"日历上没有 {mention.text}")
        match = _WEEKDAY.match(sentence.text[mention.end - sentence.offset :][:8]) if mention.day else None
        if match and "一二三四五六日".find(match[1].replace("天", "日")) != mention.day.weekday():
            right = "周" + "一二三四五六日"[mention.day.weekday()]
            yield _finding(sentence, mention, right, "矛盾", f"{mention.text} 是{right}，印作周{match[1]}")


def _check_periods(sentence: Sentence) -> Iterator[Finding]:
    mentions = [mention for mention in sentence.mentions if mention.kind in ("date", "month")]
    for first, second in pairwise(mentions):
        gap = sentence.text[first.end - sentence.offset : second.start - sentence.offset]
        if not _UNTIL.match(gap) or first.kind != second.kind:
            continue
        start, end = _day(first, first), _day(second, first)
        if start is None or end is None:
            continue
        is_sure = second.year is not None or (first.year is None and first.month == second.month)
        if end < start and is_sure:
            yield _finding(
                sentence,
                first,
                f"止于 {first.text} 之后",
                "矛盾",
                f"{first.text} 在 {second.text} 之后，起止颠倒",
                printed=f"{first.text}–{second.text}",
            )
        elif end >= start:
            yield from _check_length(sentence, first, second, start, end)


def _check_stages(sentence: Sentence) -> Iterator[Finding]:
    """2023年6月15日启动，2023年4月30日验收: what ends lies before what begins."""
    mentions = [mention for mention in sentence.mentions if mention.kind in ("date", "month")]
    for first, second in pairwise(mentions):
        gap = sentence.text[first.end - sentence.offset : second.start - sentence.offset]
        behind = sentence.text[second.end - sentence.offset :][:10]
        if first.kind != second.kind or len(gap) > _NEAR or _UNTIL.match(gap) or re.search("[。；;]", gap):
            continue
        begins = _BEGINS.search(gap) or _BEGINS.search(_words_before(sentence, first))
        ends = _ENDS.match(behind) or _ENDS.search(gap[-6:])
        start, end = _day(first, first), _day(second, first)
        if not begins or not ends or start is None or end is None or end >= start:
            continue
        if second.year is not None or (first.year is None and first.kind == "date"):
            yield _finding(
                sentence,
                second,
                f"不早于 {first.text}",
                "矛盾",
                f"{second.text}{ends.group()}早于 {first.text}{begins.group()}，先后颠倒",
            )


def _words_before(sentence: Sentence, mention: Mention) -> str:
    start = mention.start - sentence.offset
    return sentence.text[max(0, start - 6) : start]


def _day(mention: Mention, first: Mention) -> date | None:
    """Give the day of a date, the first of a month; a year that only the first of two says is the second's, too."""
    year = mention.year or first.year
    if mention.day is not None:
        return mention.day
    if mention.is_impossible or mention.month is None:
        return None
    return date(year or _LEAP_YEAR, mention.month, mention.dom or 1)


def _check_length(
    sentence: Sentence, first: Mention, second: Mention, start: date, end: date
) -> Iterator[Finding]:
    claim = _length_near(sentence, first, second)
    if claim is None:
        return
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    days = (end - start).days
    fits = (
        _fits_months(claim.value, start, end, months)
        if claim.unit == "个月"
        else _fits_days(claim, first, second, days)
    )
    if not fits:
        expected = f"{months} 个月" if claim.unit == "个月" else f"{days + 1} 天"
        yield _finding(
            sentence,
            claim.mention,
            expected,
            "矛盾",
            f"{first.text} 至 {second.text} 是 {expected}，印作 {claim.text}",
        )


def _length_near(sentence: Sentence, first: Mention, second: Mention) -> Claim | None:
    """Find the length that is said of a period: right behind it, or right before it: 历时 12 天（…至…）."""
    start, end = first.start - sentence.offset, second.end - sentence.offset
    for claim in sentence.claims:
        between = sentence.text[claim.end : start] if claim.end <= start else None
        is_length = (
            claim.unit in ("个月", *_DAYS) and not claim.mention.bound and bool(_LENGTH.search(claim.lead))
        )
        if between is not None and is_length and re.fullmatch(r"\s*[（(，,]\s*(?:自|从|即)?", between):
            return claim
    for claim in sentence.claims:
        between = sentence.text[end : claim.start]
        if claim.start < end or len(between) > _NEAR:
            continue
        is_length = claim.unit in ("个月", *_DAYS) and not claim.mention.bound
        said = _LENGTH.search(claim.lead) or re.fullmatch(r"\s*[，,（(]?\s*", between)
        return claim if is_length and said else None
    return None


def _fits_months(said: float, start: date, end: date, months: int) -> bool:
    """From 1 January to 31 December are 12 months, from 15 May to 15 August 3."""
    last = calendar.monthrange(end.year, end.month)[1]
    whole = start.day == 1 and end.day in (1, last)
    exact = months - 1 + (end.day - start.day + 1) / 30
    return abs(said - months) < 0.01 if whole else abs(said - exact) <= 0.6


def _fits_days(claim: Claim, first: Mention, second: Mention, days: int) -> bool:
    size = _DAYS[claim.unit]
    if first.kind == "month":
        return True
    return (
        size * claim.value - size <= days <= size * claim.value + size - 1
        if size > 1
        else days <= claim.value <= days + 1
    )


def _check_after(sentence: Sentence, made: date) -> Iterator[Finding]:
    """Name what is told as done and lies behind the day of the report."""
    for mention in sentence.mentions:
        start = mention.start - sentence.offset
        words = sentence.text[max(0, start - 30) : start]
        behind = sentence.text[mention.end - sentence.offset :][:30]
        if (
            mention.kind == "month"
            and _THIS_YEAR.search(words)
            and mention.month
            and mention.month > made.month
        ):
            explanation = (
                f"报告日期 {made:%Y-%m-%d}，「今年」的 {mention.text} 还没有到；若指上一年，应写明年份"
            )
            yield _finding(
                sentence,
                mention,
                f"{made.year - 1} 年 {mention.month} 月",
                "可能",
                explanation,
                printed=f"今年{mention.text}",
            )
        elif mention.day is not None and mention.day > made and not _AHEAD.search(words + behind):
            yield _finding(
                sentence,
                mention,
                f"不晚于 {made:%Y-%m-%d}",
                "可能",
                f"{mention.text} 在报告日期 {made:%Y-%m-%d} 之后",
            )

"""Dates: those that no calendar has, wrong weekdays, periods that end before they begin, and what lies behind the report."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from fbanalysis.report.audit.claims.claims import Sentence
from fbanalysis.report.audit.claims.days import Span, Years, dates_of, spans_of
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention, find_numbers
from fbanalysis.report.audit.reading import Passage
from fbanalysis.report.audit.rules.lengths import find_false_lengths

_DAY_NAMES = "一二三四五六日"
_NAME = r"(?:星期|礼拜|周)[一二三四五六日天]"
_JOIN = r"\s*(?:至|到|、|和|及|[-–—~～/]{1,2})\s*"
#: 11月23日（周五）, 9月18日下午，星期四; with a second name the two belong to this date and the one before it.
_BEHIND = re.compile(
    rf"\s*(?:[上下]午|晚上?|当[天日])?\s*(?:[（(](?:[^（）()\d]{{0,8}}[，,、])?\s*|[，,]\s*(?={_NAME}[，,。）)上下晚]))?"
    rf"(?P<one>{_NAME})(?![末边期年刊岁报转均六])(?:{_JOIN}(?:星期|礼拜|周)?(?P<two>[一二三四五六日天]))?"
)
#: 周五（11月23日）; 每周五 and 周一至周五 are no one day.
_BEFORE = re.compile(rf"(?<![每逢各至到、和-]){_NAME}\s*[（(]\s*$")
#: A date that is quoted as a mistake is none of the report's own.
_CORRECTED = re.compile(r"勘误|笔误|误[写印填标作记为]|更正|更改为|写错")
_MADE = re.compile(
    r"报告[^。，；]{0,6}(?:编制|撰写|完成|出具|发布|日期|提交)|编制(?:完成|日期|时间)|出具日期|撰写日期|发布日期|报告日期"
)
_THIS_YEAR = re.compile(r"(?:今年|本年度?|当年)\s*$")
_AHEAD = re.compile(
    r"计划|下次|复核|下一|预计|将|拟|目标|规划|展望|下一步|力争|后续|完成时限|截止|期限|到期|底前|前完成|届时"
)


def find_date_faults(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Check the dates of a document."""
    made = report_date(sentences)
    years = Years(sentences, made)
    for place, sentence in enumerate(sentences):
        yield from _check_calendar(sentence, place, years)
        yield from _check_order(sentence)
        if made is not None:
            yield from _check_after(sentence, made)
    yield from find_false_lengths(sentences, years)


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
    """Check the dates of a note, an indented line or a cell, which hold what a report is of: 统计区间 9 月 1 日至 31 日."""
    if passage.kind not in ("quote", "note", "cell") or re.search("[“”「」]", passage.text):
        return
    kinds = ("date",) if passage.kind == "cell" else ("date", "month")
    for mention in find_numbers(passage.text):
        if mention.kind in kinds and (fault := _day_fault(passage.text, mention)):
            quoted = passage.text[max(0, mention.start - 60) : mention.end + 60].strip()
            yield Finding(passage.place, quoted, "日期", mention.text, fault[0], "矛盾", fault[1])


#: 七八月 is July and August.
_SOME_MONTHS = re.compile("[一二三四五六七八九][二三四五六七八九]月份?")


def _day_fault(text: str, mention: Mention) -> tuple[str, str] | None:
    """Say what is right, and why, where a date that stands for itself is impossible or has a wrong weekday."""
    if mention.is_impossible and not _SOME_MONTHS.fullmatch(mention.text):
        return "日历上有的日期", f"日历上没有 {mention.text}"
    names = _weekdays(text, mention.start, mention.end) if mention.day else ()
    if len(names) != 1 or mention.day is None or mention.day.weekday() == names[0]:
        return None
    right = "周" + _DAY_NAMES[mention.day.weekday()]
    return right, f"{mention.text} 是{right}，印作周{_DAY_NAMES[names[0]]}"


# ------------------------------------------------------------------ days and weekdays


def _check_calendar(sentence: Sentence, place: int, years: Years) -> Iterator[Finding]:
    mentions = dates_of(sentence)
    for before, mention in pairwise((None, *mentions)):
        if (mention.is_impossible and not _SOME_MONTHS.fullmatch(mention.text)) or _has_no_leap_day(
            mention, place, years
        ):
            if not _CORRECTED.search(sentence.text):
                yield _finding(sentence, mention, "日历上有的日期", "矛盾", f"日历上没有 {mention.text}")
            continue
        for one, name in _named_days(sentence, before, mention):
            yield from _check_weekday(sentence, one, name, years.of(place, one))


def _named_days(
    sentence: Sentence, before: Mention | None, mention: Mention
) -> Iterator[tuple[Mention, int]]:
    """Give a date, or the two ends of a period, with the weekday that is said of each."""
    text, offset = sentence.text, sentence.offset
    names = _weekdays(text, mention.start - offset, mention.end - offset) if mention.dom else ()
    if len(names) == 1:
        yield mention, names[0]
    elif before is not None and re.fullmatch(_JOIN, text[before.end - offset : mention.start - offset]):
        yield from zip((before, mention), names, strict=False)


def _has_no_leap_day(mention: Mention, place: int, years: Years) -> bool:
    """Say whether a 29 February stands in years that have none."""
    if (mention.month, mention.dom) != (2, 29) or mention.year is not None:
        return False
    candidates = years.of(place, mention)
    return bool(candidates) and all(_day_of(year, mention) is None for year in candidates)


def _weekdays(text: str, start: int, end: int) -> tuple[int, ...]:
    """Give the weekday that is said of a date, or the two that are said of it and of the one before it."""
    match = _BEHIND.match(text[end : end + 26])
    if match is not None:
        names = [match["one"][-1], *([match["two"]] if match["two"] else [])]
        return tuple(_number(name) for name in names)
    match = _BEFORE.search(text[max(0, start - 8) : start])
    return (_number(match.group().rstrip(" （(")[-1]),) if match is not None else ()


def _number(name: str) -> int:
    return _DAY_NAMES.find(name.replace("天", "日"))


def _check_weekday(
    sentence: Sentence, mention: Mention, name: int, candidates: Sequence[int]
) -> Iterator[Finding]:
    """Name a weekday that is wrong in every year that the date may be of."""
    days = [day for year in candidates if (day := _day_of(year, mention)) is not None]
    if not days or any(day.weekday() == name for day in days):
        return
    right = "周" + _DAY_NAMES[days[0].weekday()]
    told = mention.text if mention.year else f"{days[0].year} 年 {mention.text}"
    yield _finding(sentence, mention, right, "矛盾", f"{told} 是{right}，印作周{_DAY_NAMES[name]}")


def _day_of(year: int, mention: Mention) -> date | None:
    try:
        return date(year, mention.month or 1, mention.dom or 1)
    except ValueError:
        return None


# ------------------------------------------------------------------ what ends before it begins


def _check_order(sentence: Sentence) -> Iterator[Finding]:
    for span in spans_of(sentence):
        if not span.is_reversed:
            continue
        if span.is_stage:
            yield _finding(
                sentence,
                span.second,
                f"不早于 {span.first.text}",
                "矛盾",
                f"{span.second.text}{span.ends}早于 {span.first.text}{span.begins}，先后颠倒",
            )
        else:
            yield _reversed(sentence, span)


def _reversed(sentence: Sentence, span: Span) -> Finding:
    first, second = span.first, span.second
    return _finding(
        sentence,
        first,
        f"止于 {first.text} 之后",
        "矛盾",
        f"{first.text} 在 {second.text} 之后，起止颠倒",
        printed=f"{first.text}–{second.text}",
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

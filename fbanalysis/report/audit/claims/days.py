"""Days and periods as a report names them: the year that a date leaves out, and which two dates are one period."""

import calendar
import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from fbanalysis.report.audit.claims.claims import Sentence
from fbanalysis.report.audit.numbers import Mention

_ASIDE = re.compile(
    r"[（(][^（）()]{0,16}[）)]|[，,]?(?:星期|周)[一二三四五六日天]|[上下]午|零点|\d{1,2}(?:[:：]\d\d|[点时](?:\d\d分|整)?)"
)
_UNTIL = re.compile(r"(?:日|起|开始|启动|正式启动)?[，,\s]*(?:截?至|到|—{1,2}|–|-|~|～|―|→)\s*")
#: 自5月20日开放，至6月2日: a few words say what begins.
_SPANS = re.compile(r"[^。；;至到\d]{0,16}[，,]\s*(?:一直|持续|延续)?(?:截?至|到|止于)[^。；;，,\d]{0,4}")
_FROM = re.compile(r"(?:自|从|始于)\s*(?:20\d\d年)?\s*$")
#: Words that say what begins or ends on a day.
_BEGINS = re.compile(
    r"启动|开始|开工|上线|动工|立项|发起|起草|受理|开展|投入|发放|签订|进场|施工|试点|始于|开幕|发出|开放|启用|开通|起始|起算"
)
_ENDS = re.compile(
    r"[日当]?(?:正式|全部|全面|基本|顺利|陆续)?(?:完成|结束|验收|截止|完工|竣工|关闭|终止|结项|结题|办结|交付|收尾|闭幕|收回|回收|止于|通过验收|整改到位|停止|下线|收官)"
)
#: 11月24日收口，历时14天: whatever word stands there, what is so long ends on that day.
_SO_LONG = re.compile(
    r"[日当]?[\u4e00-\u9fff]{1,8}[，,]\s*(?:前后|首尾|总共|共)?(?:历时|为期|历经|持续|前后|首尾)"
)
#: 文号：客服〔2025〕12号.
_NUMBERED = re.compile(r"[〔\[［【(（]20\d\d[〕\]］】)）]\s*(?:第\s*)?\d+\s*号")
_OTHER_YEAR = re.compile(r"上年|去年|次年|翌年|来年|第二年|今年|本年|跨年|前年")
_NEXT_YEAR = re.compile(r"明年|次年|来年|下一年|下年")
_AHEAD = re.compile(r"计划|下次|下一|预计|将|拟|定于|定在|下步|展望|届时|新学期|新年|前完成|前报|下班前")
#: What begins is still to come where the report was written in the year after.
_STARTS = re.compile(r"起(?:试|实|执|施|推|正式|恢复|改|调|统一|开)|改到|改在|安排在")
_NEAR = 40
#: Stands for a year that is not said: it has every day that a year may have.
_LEAP_YEAR = 2024
#: Two dates whose first would have to lie in the year before are so many days apart at most.
_MOST_CROSSING = 240
_HEAD_PASSAGES, _SAME_MONTH = 3, 16
_MOST_BEFORE = 24
_KINDS = ("date", "month")


@dataclass(frozen=True)
class Span:
    """Two dates of a sentence that begin and end one period, or two stages of one thing.

    ``begins`` and ``ends`` are the words that say so of stages; ``start`` and ``end`` lie in a leap year where none is said.
    """

    first: Mention
    second: Mention
    start: date
    end: date
    is_reversed: bool
    is_stage: bool = False
    begins: str = ""
    ends: str = ""

    @property
    def days(self) -> int:
        """Days from the first to the last, the first not counted."""
        return (self.end - self.start).days


class Years:
    """Says which years a date without one may be of: that of the dates before it, else that of the report."""

    def __init__(self, sentences: Sequence[Sentence], made: date | None) -> None:
        self._sentences = sentences
        first = sentences[0].passage if sentences else 0
        self._title = _title_years([s for s in sentences[:12] if s.passage - first < _HEAD_PASSAGES])
        written = [m for s in sentences for m in s.mentions if m.kind in _KINDS and m.year and m.month]
        self._title = self._title or _only_year(written)
        last = max(((m.year, m.month) for m in written), default=(0, 0))
        self._last = (made.year, made.month) if made is not None else last
        self._known = self._carried()

    def _carried(self) -> list[int | None]:
        """Give for each sentence the year of the last full date before it in its passage."""
        known: list[int | None] = []
        passage, year = -1, None
        for sentence in self._sentences:
            year = year if sentence.passage == passage else None
            known.append(year)
            passage = sentence.passage
            year = next((m.year for m in reversed(sentence.mentions) if m.kind in _KINDS and m.year), year)
        return known

    def of(self, place: int, mention: Mention) -> tuple[int, ...]:
        """Give the years that a date of a sentence may be of; none where nothing tells."""
        if mention.year is not None:
            return (mention.year,)
        sentence = self._sentences[place]
        first = bisect_left(sentence.mentions, mention.start, key=lambda m: m.start)
        near = sentence.mentions[max(0, first - _MOST_BEFORE) : first]
        before = [m for m in near if m.kind in _KINDS and m.year]
        if before:
            # 2024年12月30日至1月3日
            is_over = bool(before[-1].month and mention.month and mention.month < before[-1].month)
            return (before[-1].year, before[-1].year + 1) if is_over else (before[-1].year,)
        said = {
            m.year
            for m in (*near, *sentence.mentions[first : first + _MOST_BEFORE])
            if m.year is not None and m.kind == "year"
        }
        known = self._known[place]
        return tuple(sorted(said | ({known} if known else self._of_report(sentence, mention))))

    def _of_report(self, sentence: Sentence, mention: Mention) -> set[int]:
        """Give the years of the title; what is still to come may be of the next one."""
        found = set(self._title)
        if not found or mention.month is None:
            return found
        latest, (year, month) = max(found), self._last
        is_ahead = bool(_AHEAD.search(sentence.text))
        is_written_later = year == latest + 1 and (
            is_ahead or mention.month <= month or bool(_STARTS.search(sentence.text))
        )
        is_past = is_ahead and year == latest and mention.month < month
        if _NEXT_YEAR.search(sentence.text) or is_written_later or is_past or (is_ahead and not month):
            found.add(latest + 1)
        return found


def _title_years(sentences: Sequence[Sentence]) -> set[int]:
    """Give the years that the first line with any names; that of a document's number says when it was sent."""
    for sentence in sentences:
        numbered = [(match.start(), match.end()) for match in _NUMBERED.finditer(sentence.text)]
        years = {
            m.year
            for m in sentence.mentions
            if m.year is not None
            and not any(first <= m.start - sentence.offset < last for first, last in numbered)
        }
        if years:
            return years
    return set()


def _only_year(dates: Sequence[Mention]) -> set[int]:
    """Give the year that all full dates of a report are of, where it has several of them."""
    years = {m.year for m in dates if m.year is not None}
    return years if len(years) == 1 and len(dates) > 1 else set()


def dates_of(sentence: Sentence) -> list[Mention]:
    """Give the dates and months of a sentence; a bare day has the month of the date before it: 9月9日、16日."""
    dates: list[Mention] = []
    for mention in sentence.mentions:
        if mention.kind not in _KINDS:
            continue
        if mention.month is not None:
            dates.append(mention)
        elif dates and dates[-1].kind == "date" and mention.start - dates[-1].end <= _SAME_MONTH:
            dates.append(_in_month(mention, dates[-1]))
    return dates


def _in_month(mention: Mention, before: Mention) -> Mention:
    year, month, dom = before.year, before.month or 1, mention.dom or 1
    exists = month <= 12 and dom <= calendar.monthrange(year or _LEAP_YEAR, month)[1]
    day = date(year, month, dom) if exists and year else None
    return replace(mention, year=year, month=month, day=day, is_impossible=not exists)


def spans_of(sentence: Sentence) -> list[Span]:
    """Find the periods of a sentence, and the stages of one thing, in order."""
    return list(_spans(sentence))


def _spans(sentence: Sentence) -> Iterator[Span]:
    for first, second in pairwise(dates_of(sentence)):
        if first.kind != second.kind or first.is_impossible or second.is_impossible:
            continue
        gap = sentence.text[first.end - sentence.offset : second.start - sentence.offset]
        bare = _ASIDE.sub("", gap)
        before = sentence.text[max(0, first.start - sentence.offset - 8) : first.start - sentence.offset]
        is_from = _FROM.search(before) or "起" in bare or _BEGINS.search(bare)
        is_period = bool(_UNTIL.fullmatch(bare) or (is_from and _SPANS.fullmatch(bare)))
        words = ("", "") if is_period else _stage_words(sentence, first, second, gap)
        if is_period or all(words):
            yield _span(first, second, words, said=before + gap)


def _stage_words(sentence: Sentence, first: Mention, second: Mention, gap: str) -> tuple[str, str]:
    """2023年6月15日启动，2023年4月30日验收: give the words that begin and end, empty where they do not."""
    if len(gap) > _NEAR or re.search("[。；;]", gap):
        return "", ""
    start = first.start - sentence.offset
    begins = _BEGINS.search(gap) or _BEGINS.search(sentence.text[max(0, start - 6) : start])
    behind = re.sub(r"^[（(][^（）()]{0,8}[）)]", "", sentence.text[second.end - sentence.offset :][:30])
    ends = _ENDS.match(behind[:10]) or _ENDS.search(gap[-6:]) or _SO_LONG.match(behind)
    return (begins.group(), ends.group()) if begins and ends else ("", "")


def _span(first: Mention, second: Mention, words: tuple[str, str], *, said: str) -> Span:
    start, end = day_of(first, second.year), day_of(second, first.year)
    is_stage = bool(words[0])
    is_reversed = end < start and _is_sure(first, second, start, end, said=said, is_stage=is_stage)
    if end < start and not is_reversed:
        end = _year_later(end)
    return Span(first, second, start, end, is_reversed, is_stage, *words)


def _is_sure(first: Mention, second: Mention, start: date, end: date, *, said: str, is_stage: bool) -> bool:
    """Say whether no turn of the year explains that the end lies before the beginning."""
    if second.year is not None and first.year is not None:
        return True
    if _OTHER_YEAR.search(said) or first.kind == "month":
        return False
    is_near = first.month == second.month or (_year_later(end) - start).days > _MOST_CROSSING
    return is_near or (is_stage and first.year is None and second.year is None)


def _year_later(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)


def day_of(mention: Mention, other_year: int | None) -> date:
    """Give the day of a date, the first of a month; a year that only the other of two says is this one's, too.

    Of a date that no calendar has it is the month's last: that it is impossible is told elsewhere.
    """
    if mention.day is not None:
        return mention.day
    year, month = mention.year or other_year or _LEAP_YEAR, min(mention.month or 1, 12)
    return date(year, month, min(mention.dom or 1, monthrange(year, month)[1]))

"""Finds every number in a Chinese text: digits and Chinese numerals, with unit, precision and bound.

Names that contain digits (P0, ISO 9001, 7×24, 1.2.3, telephone numbers) and words that contain numerals
(统一, 十分, 第三方, 一次性) are no numbers. What a number means, and whether it is right, is not asked.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from fbanalysis.report.audit.measures import (
    ABOUT,
    AFTER,
    BLANK,
    LOWER,
    SCALE,
    UNIT,
    UNIT_NAMES,
    UPPER,
    bound_of,
)
from fbanalysis.report.audit.numerals import read_figures, read_numeral


@dataclass(frozen=True)
class Mention:
    """A number as it stands in a text.

    Parameters
    ----------
    text
        As written, with sign, unit and the words that bound it.
    start, end
        Its place in the text: ``text[start:end]`` of the passage.
    kind
        ``number`` (plain or with a unit), ``percent`` (12 %, 百分之十二, 三成, 一半), ``points`` (百分点),
        ``multiple`` (两倍, 翻一番), ``rank`` (第三, 第3名, 首位), ``date``, ``month``, ``year``, ``quarter``, ``time``.
    value
        In its unit: 12 for 12 % and for 百分之十二, 30 for 三成, 12000 for 1.2万, 35000 for 3.5 万元, 2 for
        两倍; negative with a minus sign and for a rank from the bottom (倒数第一). Of a year, month or
        quarter its number, of a time the hours since midnight; missing for a date.
    unit
        ``%``, ``百分点``, ``倍``, or the unit behind it (分, 小时, 家, 条, 元); empty where none. 个小时 is
        小时, 12 pp is 百分点. The first number of a range (3–5 天) has the unit of the second.
    step
        Size of the last digit in the unit of the value: 0.1 for 4.2, 1000 for 1.2万, 10 for 三成, 100 for
        三百. What was rounded lies within half a step.
    bound
        ``""`` as it stands, ``"≥"`` (以上, 超过, 至少, +), ``"≤"`` (以内, 以下, 不足, 不到), ``"≈"`` (约, 近, 左右, 余, 多).
    is_signed
        Whether a plus or minus sign is written.
    day
        The date of a date, where it exists; missing for one that can't be or that has no year.
    year, month, dom
        Parts of a date, month, quarter or year, as far as they are written; `dom` is the day of the month.
    is_impossible
        Whether no calendar has this date or month: 2月30日, 2023-13-01.
    factor
        What the figures were multiplied by to give the value: 1e4 for 万, 10 for 成.
    """

    text: str
    start: int
    end: int
    kind: str
    value: float | None
    unit: str = ""
    step: float = 1.0
    bound: str = ""
    is_signed: bool = False
    day: date | None = None
    year: int | None = None
    month: int | None = None
    dom: int | None = None
    is_impossible: bool = False
    factor: float = 1.0


def find_numbers(text: str) -> list[Mention]:
    """Find all numbers of a text, in order, none overlapping another.

    Notes
    -----
    A bare 1990–2049 (but for 2000) inside a text is a year, alone in a cell a number. 二十 is exact, 三百 is
    not (step 100). 一个 counts where 一 stands for itself, not in 同一个 or 下一个. A bare 一 to 九 counts
    only with a measure word behind, longer numerals without one too. 几十, 数百 and 十几 are no numbers.
    Takes time in proportion to the length of the text.

    Examples
    --------
    >>> [(found.text, found.value, found.unit) for found in find_numbers("约 1,250 家，占三成半，第一")]
    [('约 1,250 家', 1250.0, '家'), ('三成半', 35.0, '%'), ('第一', 1.0, '')]
    """
    return list(_find(text))


@lru_cache(maxsize=16_384)
def _find(text: str) -> tuple[Mention, ...]:
    """Find the numbers of a text once: cells of a workbook repeat one another."""
    plain = text.translate(_HALF_WIDTH)
    found: list[Mention] = []
    for read in _read_all(plain):
        for mention in read:
            if found and _CONNECTOR.fullmatch(plain, found[-1].end, mention.start):
                found[-1], mention = _as_range(found[-1], mention, plain)
            found.append(replace(mention, text=text[mention.start : mention.end]))
    return tuple(found)


def mend(text: str) -> str:
    """Join the numbers that a careless extraction broke over lines or stuck to one another.

    A break inside 1,␤256 or 4.2/␤5 or before a decimal number goes; a break between whole numbers stays,
    for nobody can tell 1␤2 from 12. After three digits of a group the next digit begins a new number, and
    a score out of 5 or 10 doesn't go on, and does not exceed what it is out of: 8523.8/5 is 852 and 3.8/5.

    Examples
    --------
    >>> mend("产品满意度1,\\n256达到\\n4.2/\\n5")
    '产品满意度1,256达到4.2/5'
    """
    joined = _BROKEN.sub("", text.replace("\r\n", "\n"))
    return _STUCK_COUNT.sub(r"\1 ", _STUCK_SCORE.sub(" ", _STUCK_GROUP.sub(" ", joined)))


# What stands around a number

_FIGURES = "零〇一二三四五六七八九"
_NUMERALS = f"{_FIGURES}十百千万亿两"
_HAN = "\u3400-\u9fff"

#: Full-width forms as half-width ones, character by character; ，：； stay what they are.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，：；"} | {
    ord("￥"): "¥",
    ord("﹣"): "-",
}

_CONNECTOR = re.compile(rf"{BLANK}[–—~−至到-]{BLANK}")

#: A hyphen is a minus sign only behind these: elsewhere it joins (移动端-3 期) or means "to".
_BEFORE_MINUS = re.compile(
    r"[\s(（\[【:：,，;；=<>≤≥|、。“\"'比化降增升幅率差值为是了至到于从达得分较]|^", re.MULTILINE
)
_LEAD = re.compile(rf"(?:(?P<bound>{LOWER}|{UPPER}|{ABOUT}){BLANK})?(?P<sign>[+−–-])?(?P<money>[¥$€])?$")
_LONGEST_LEAD = 8

_MORE = rf"[余多来](?={BLANK}(?:{SCALE}|{UNIT})|[^{_HAN}]|$)"
_PLUS = rf"\+(?!{BLANK}\d)"
_TAIL = re.compile(
    rf"(?:{BLANK}(?P<early>{_MORE}))?(?:{BLANK}(?P<scale>{SCALE}))?(?P<late>{_MORE})?(?P<plus>{_PLUS})?"
    rf"(?:{BLANK}(?P<unit>{UNIT}))?(?P<half>(?<=[年天倍成周])半(?![价年数天成径程自个途夜点]))?(?P<tenth>(?<=[一二三四五六七八九]成)[一二三四五六七八九](?![十百千万个成月年线些样般致直定部起旦方次]))?"
    rf"(?:{BLANK}(?P<after>{AFTER}|{_PLUS}))?"
)
_AFTER_WORD = re.compile(rf"(?:{BLANK}(?P<after>{AFTER}))?")

#: 从 3 起 begins at three, 共 3 起 are three cases.
_SINCE = re.compile(rf"[从自]{BLANK}$")

_CURRENCIES = {"¥": "元", "$": "美元", "€": "欧元"}
_SCALES = {"k": 1e3, "w": 1e4, "十": 10.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_KINDS = {"%": "percent", "百分点": "points", "倍": "multiple", "成": "percent"}
_DIRECTIONS = {"−": -1, "-": -1, "–": -1}

#: 2023 and its neighbours inside a text are years; 2000 is more often a count.
_BARE_YEAR = re.compile(r"199\d|200[1-9]|20[1-4]\d")


@dataclass(frozen=True)
class _Lead:
    """What stands before a number: its sign, its currency and a word that bounds it."""

    start: int
    sign: str = ""
    money: str = ""
    bound: str = ""


def _lead(plain: str, start: int, floor: int) -> _Lead:
    """Read what stands before a number, back to the end of the one before it."""
    found = _LEAD.search(plain, max(floor, start - _LONGEST_LEAD), start)
    if found is None or found.start() == start:
        return _Lead(start)
    sign, money, bound = found["sign"] or "", found["money"] or "", bound_of(found["bound"] or "")
    if sign and not _is_sign(plain, found, floor=floor):
        return _Lead(found.start("money") if money else start, money=money)
    if found["bound"] == "~" and found.start() == floor > 0:
        return _Lead(found.end("bound"), sign, money)
    return _Lead(found.start(), sign, money, bound)


def _is_sign(plain: str, found: re.Match[str], *, floor: int) -> bool:
    """Tell a sign from a range and from a sum: it doesn't follow a number directly."""
    place = found.start("sign")
    if place == floor > 0 and not plain[place - 1].isspace():
        return False
    return (
        found["sign"] in "+−" or bool(found["bound"]) or bool(_BEFORE_MINUS.match(plain, max(place - 1, 0)))
    )


def _is_more(plain: str, tail: re.Match[str]) -> bool:
    """Tell 100+ and 100+ 家 from a sum: 3,650＋缴费 5,110."""
    is_sum = not tail["unit"] and bool(re.match(rf"[{_HAN}]", plain[tail.end() : tail.end() + 1]))
    return "+" in tail.group() and not is_sum


def _scale(word: str) -> float:
    factor = 1.0
    for character in word.lower():
        factor *= _SCALES[character]
    return factor


def _quantity(plain: str, core: tuple[int, int], read: tuple[float, float], floor: int) -> Mention:
    """Build the mention of a number from its core and from what stands around it."""
    lead, tail = _lead(plain, core[0], floor), _TAIL.match(plain, core[1])
    if tail["unit"] == "起" and _SINCE.search(plain, max(lead.start - 3, 0), lead.start):
        tail = _TAIL.match(plain, core[1], tail.start("unit"))
    word = tail["unit"] or ""
    has_half = bool(tail["half"]) or word.startswith("个半")
    factor = _scale(tail["scale"] or "") * (10 if word == "成" else 1)
    value, step = (read[0] + 0.5, 0.5) if has_half else read
    if tail["tenth"]:
        value, step = value + 0.1 * (1 + "一二三四五六七八九".index(tail["tenth"])), 0.1
    bound = bound_of(tail["early"] or tail["late"] or "") or ("≥" if _is_more(plain, tail) else "")
    unit = UNIT_NAMES.get(word, word) or _CURRENCIES.get(lead.money, "")
    return Mention(
        text="",
        start=lead.start,
        end=tail.end(),
        kind=_KINDS.get(unit, "number"),
        value=_round(value * factor * _DIRECTIONS.get(lead.sign, 1)),
        unit="%" if unit == "成" else unit,
        step=_round(step * factor),
        bound=lead.bound or bound or bound_of((tail["after"] or "").replace("+", "")),
        is_signed=bool(lead.sign),
        factor=factor,
    )


def _round(value: float) -> float:
    """Drop the binary rest of a product: 1.13 × 10,000 is 11,300."""
    return float(f"{value:.15g}")


# Readers: (text, match of their pattern, end of the number before) → mentions

_Reader = Callable[[str, re.Match[str], int], list[Mention]]


def _nothing(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    return []


def _arabic(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    digits = re.sub("[,，]", "", match.group())
    mantissa, _, exponent = digits.lower().partition("e")
    step = float(f"1e{int(exponent or 0) - len(mantissa.partition('.')[2])}")
    mention = _quantity(plain, match.span(), (float(digits), step), floor)
    is_year = mention.end - mention.start == 4 and _BARE_YEAR.fullmatch(match.group())
    if is_year and plain.strip() != match.group():
        return [replace(mention, kind="year", year=int(digits))]
    return [mention]


_PAIR = re.compile("([一二两三四五六七八])([二两三四五六七八九])([十百千万亿]?)")
_PLACES = frozenset("十百千万亿")
#: 同一个, 下一步, 每一天: here 一 counts nothing.
_NO_ONE_AFTER = frozenset("上下同某每另这那哪任唯之进统单逐万前后第其")
_RANGE_GOES_ON = re.compile(rf"[至到–—~-](?:[{_NUMERALS}]{{1,8}}|\d{{1,8}})(?:{SCALE})?(?:{UNIT})")


def _chinese(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    start, end = match.span()
    if _is_part_of_word(plain, start, end):
        return []
    if pair := _PAIR.fullmatch(match.group()):
        return _neighbours(plain, match, pair, floor)
    read = read_numeral(match.group())
    if read is None:
        return []
    mention = _quantity(plain, (start, end), read, floor)
    has_place = end - start > 1 and _PLACES & set(match.group())
    counts = mention.unit or mention.factor > 1 or _RANGE_GOES_ON.match(plain, end)
    return [mention] if counts or (has_place and "点" not in match.group()) else []


def _is_part_of_word(plain: str, start: int, end: int) -> bool:
    before, behind = plain[max(start - 1, 0) : start], plain[end : end + 1]
    if (before and before in "数几") or (behind and behind in "几数"):
        return True
    return plain[start:end] == "一" and (before in _NO_ONE_AFTER or plain[end + 1 : end + 2] == behind != "")


def _neighbours(plain: str, match: re.Match[str], pair: re.Match[str], floor: int) -> list[Mention]:
    """Read 六七成 and 两三百家 as the two ends of a range."""
    (low, _), (high, _) = read_numeral(pair[1]), read_numeral(pair[2])
    place = _scale(pair[3])
    second = _quantity(plain, match.span(), (high * place, place), floor)
    if high != low + 1 or not second.unit:
        return []
    middle = match.start() + 1
    first = replace(second, end=middle, value=_round(second.value * low / high))
    return [first, replace(second, start=middle)]


_FRACTIONS = {1000.0: "‰", 1e4: "‱", 1e5: "十万分之", 1e6: "百万分之"}


def _fraction(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    """Read 百分之十二 as 12 percent, 三分之一 as a third in percent (spoken of roughly: step 5)."""
    whole = {"十": 10.0, "百": 100.0, "千": 1000.0, "万": 1e4, "十万": 1e5, "百万": 1e6}.get(
        match["whole"]
    ) or _spoken(match["whole"])[0]
    part, step = (100.0, 1.0) if match["part"] == "百" else _spoken(match["part"])
    if not whole or part is None:
        return []
    unit = _FRACTIONS.get(whole, "%")
    if whole != 100.0 and unit == "%":
        part, step = _round(100 * part / whole), 5.0
    return [_worded(plain, match, floor, "percent" if unit == "%" else "number", part, unit=unit, step=step)]


def _spoken(text: str) -> tuple[float | None, float]:
    if text[0] in "0123456789":
        return float(text), float(f"1e-{len(text.partition('.')[2])}")
    return read_numeral(text) or (None, 1.0)


def _worded(
    plain: str, match: re.Match[str], floor: int, kind: str, value: float, *, unit: str, step: float = 1.0
) -> Mention:
    """Build the mention of a number that is a word of its own, bounded by what stands around it."""
    lead, tail = _lead(plain, match.start(), floor), _AFTER_WORD.match(plain, match.end())
    sign = _DIRECTIONS.get(lead.sign, 1)
    bound = lead.bound or bound_of(tail["after"] or "")
    return Mention("", lead.start, tail.end(), kind, value * sign, unit, step, bound, bool(lead.sign))


def _half(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    mention = _worded(plain, match, floor, "percent", 50.0, unit="%", step=10.0)
    return [replace(mention, bound="≥")] if match.group().startswith("过") else [mention]


def _doubling(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    times = int(_spoken(match["times"] or "一")[0])
    return [_worded(plain, match, floor, "multiple", 2.0**times, unit="倍")]


_RANK_TAIL = re.compile(rf"(?:{BLANK}(?P<unit>{UNIT}))?")


def _rank(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    """Read 第三名; 第一，… at the head of a clause only counts the reasons."""
    order = _spoken(match["order"])[0]
    tail = _RANK_TAIL.match(plain, match.end())
    opens = match.start() == 0 or plain[match.start() - 1] in "。；;！？!?\n:："
    if order is None or (opens and plain[tail.end() : tail.end() + 1] in tuple("、，,：:")):
        return []
    sign = -1 if match["bottom"] else 1
    return [Mention("", match.start(), tail.end(), "rank", sign * order, tail["unit"] or "")]


def _first(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    return [Mention("", *match.span(), "rank", 1.0)]


def _calendar(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    """Read a date, a month or a year from the groups that its pattern has."""
    parts = {name: _small(text) for name, text in match.groupdict().items() if text and name != "rest"}
    if match.groupdict().get("rest"):
        month, dom = re.findall(r"\d+", match["rest"])
        parts |= {"month": int(month), "dom": int(dom)}
    if None in parts.values():
        return []
    return [_dated(Mention("", *match.span(), "date", None), **parts)]


def _dated(
    mention: Mention, *, year: int | None = None, month: int | None = None, dom: int | None = None
) -> Mention:
    kind = "date" if dom is not None else "month" if month is not None else "year"
    value, unit = {"date": (None, ""), "month": (month, "月"), "year": (year, "年")}[kind]
    exists = _exists(year, month, dom)
    return replace(
        mention,
        kind=kind,
        value=None if value is None else float(value),
        unit=unit,
        day=date(year, month, dom) if exists and None not in (year, month, dom) else None,
        year=year,
        month=month,
        dom=dom,
        is_impossible=not exists,
    )


def _exists(year: int | None, month: int | None, dom: int | None) -> bool:
    """Say whether a calendar has this date; without a year 2月29日 exists."""
    if month is not None and not 1 <= month <= 12:
        return False
    last = 31 if month is None else calendar.monthrange(2000 if year is None else year, month)[1]
    return dom is None or 1 <= dom <= last


def _small(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    read = read_numeral(text)
    return read_figures(text) if read is None else int(read[0])


def _fiscal(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    year = int(match["short"])
    year += 2000 if year < 100 else 0
    return [Mention("", *match.span(), "year", float(year), "财年", year=year)]


def _quarter(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    number = _small(match["latin"] or match["han"])
    year = _small(match["year"]) if match["year"] else None
    return [Mention("", *match.span(), "quarter", float(number), "季度", year=year)]


def _time(plain: str, match: re.Match[str], floor: int) -> list[Mention]:
    hours = int(match["hour"]) + int(match["minute"]) / 60
    return [Mention("", *match.span(), "time", hours, step=1 / 60)]


def _as_range(first: Mention, second: Mention, plain: str) -> tuple[Mention, Mention]:
    """Give each end of a range what only the other one says: 3–5 天, 1–3 万, 5月15日-16日, 百分之十至二十."""
    if second.kind == "date" and second.month is None and first.kind == "date":
        return first, _dated(second, year=first.year, month=first.month, dom=second.dom)
    if second.kind == "date" and second.year is None and first.year and first.kind == "date":
        return first, _dated(second, year=first.year, month=second.month, dom=second.dom)
    if (
        first.kind == "percent"
        and second.kind == "number"
        and not second.unit
        and "分之" in plain[first.start : first.end]
    ):
        return first, replace(second, kind="percent", unit="%")
    is_bare = first.kind in ("number", "year") and not first.unit and first.factor == 1
    if not is_bare or second.kind in ("date", "time", "rank") or (second.kind == "year" and not second.unit):
        return first, second
    scaled = _round(first.value * second.factor)
    factor = second.factor if second.value is not None and scaled <= second.value else 1.0
    shared = replace(
        first,
        kind=second.kind,
        unit=second.unit,
        value=_round(first.value * factor),
        step=_round(first.step * factor),
        factor=factor,
        year=None,
    )
    if second.kind == "year":
        return replace(shared, year=int(first.value)), second
    return (replace(shared, month=int(first.value)) if second.kind == "month" else shared), second


# The grammar: what is tried first, wins

_YEAR = rf"(?P<year>(?:19|20)\d\d|[一二][零〇九][{_FIGURES}]{{2}})"
_MONTH = r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,3})"
_DOM = r"(?P<dom>\d{1,2}|[一二三四五六七八九十]{1,3})"
_MONTH_WORD = rf"{_MONTH}{BLANK}月(?![薪报均底初末度])"
_LABELS = "图|表|附录|附件|公式|幻灯片|编号|序号"
_STANDARDS = (
    "ISO(?:/IEC)?|IEC|GB(?:/T)?|RFC|IEEE|UTF|SHA|WCAG|Windows|Office|Excel|Word|Python|iPhone|Android|iOS|HTTP|TOP"
    "|Version|Ver|No\\.?"
)
_CODE = rf"(?!(?:{UNIT}|{SCALE}|[eE][-+]?\d{{1,3}})(?![A-Za-z]))"

#: Words of numerals that count nothing, and numbers that are names.
_NAMES = (
    r"(?:https?://|www\.)[!-~]+",
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,64}",
    rf"(?i:{_STANDARDS}){BLANK}[-:]?\d[\d.:-]*(?!{BLANK}%)",
    r"[A-Z]{2,}(?=\d+(?:\.\d+)?[ \u202f]?(?:%|分))",
    r"[A-Za-z_][A-Za-z0-9_]*(?:[-./](?!\d{1,6}(?:\.\d{1,6})?%)[A-Za-z0-9_]+)*",
    rf"(?m:^){BLANK}(?:\d{{1,2}}(?:[.、)）](?=\s*[^\d\s]))|[(（]?[{_NUMERALS}]{{1,3}}[、)）.])",
    r"1[3-9]\d{9}(?!\d)|0\d{2,3}-\d{7,8}(?!\d)|400-?\d{3}-?\d{4}(?!\d)|\d{12,}|\d{5}(?=热线|平台)",
)
_NUMBER_NAMES = (
    r"7\s?[×xX*]\s?24|24/7(?!\d)|\d{1,5}[×xX*]\d{1,5}(?![\d.])",
    r"\d{1,6}(?:\.\d{1,6}){2,}|\d{1,8}(?:-\d{1,8}){2,}",
    rf"0\d{{1,11}}(?!\d|%|\.\d|{BLANK}(?:{UNIT}))",
    rf"\d[\d.]{{0,20}}{_CODE}[A-Za-z][A-Za-z0-9]*",
    rf"(?<![报代外发列])(?:{_LABELS}){BLANK}\d{{1,6}}(?:[-.–]\d{{1,4}}){{0,2}}(?!\d|[,，.]\d|{BLANK}(?:{UNIT}|{SCALE}))",
    rf"双(?:十一|十二|11|12)|(?:\d+|[{_NUMERALS}]{{1,6}})(?:分制|问法|年代)|(?:\d00|[一二三五]百)强|[056789]0后",
    "三天两头|三番五次|四分五裂|一分为二|一年一度|一日三餐|一日千里|一次性|一部分|一方面|一成不变|一步|一条龙|一家[人子]|一大"
    "|十一(?=期间|长假|假期|黄金周)|一起(?![事投案故纠])|一点(?!五倍)|十分(?![钟之])|百分百|一时|一个劲",
    "第(?:三方|三者|一时间|一手|一线|二天|一责任|一负责|三产业|一性|一反应|一印象|一现场|二曲线)",
)
_GRAMMAR: tuple[tuple[str, str, _Reader], ...] = (
    (
        "quarter",
        rf"(?:{_YEAR}{BLANK}年?{BLANK})?(?:Q(?P<latin>[1-4])(?![0-9A-Za-z])|第?{BLANK}(?P<han>[1-4一二三四]){BLANK}季度)",
        _quarter,
    ),
    ("fiscal", r"FY ?(?P<short>20\d\d|\d\d)(?![0-9A-Za-z])", _fiscal),
    ("best", r"(?:NO|No|no)\. ?1(?![\d.])|居首位?|(?<=[名列于在据占踞])首位|榜首", _first),
    ("names", "|".join(_NAMES), _nothing),
    (
        "iso",
        rf"{_YEAR}(?P<rest>(?:-\d{{1,2}}){{2}}|(?:/\d{{1,2}}){{2}}|(?:\.\d{{1,2}}){{2}})(?![\d]|[-/.]\d)(?:T\d\d:\d\d(?::\d\d)?[.\d]{{0,8}}Z?)?",
        _calendar,
    ),
    ("date", rf"(?:{_YEAR}{BLANK}年{BLANK})?{_MONTH}{BLANK}月{BLANK}{_DOM}{BLANK}[日号]", _calendar),
    ("month_of_year", rf"{_YEAR}{BLANK}年{BLANK}{_MONTH_WORD}份?", _calendar),
    (
        "iso_month",
        rf"{_YEAR}(?:[-/]|\.(?=0\d|1[0-2]))(?P<month>0\d|1[0-2])(?!\d|[-/.]\d|{BLANK}(?:{UNIT}|{SCALE}))",
        _calendar,
    ),
    ("fiscal_year", rf"(?P<short>20\d\d){BLANK}(?:财政年度|财年)", _fiscal),
    ("year", rf"{_YEAR}{BLANK}(?:年度|学年|年(?!代|级))", _calendar),
    ("month", rf"{_MONTH_WORD}份?", _calendar),
    ("short_date", r"(?P<rest>0[1-9][.-](?:[0-2]\d|3[01]))(?!\d|[.-]\d)", _calendar),
    ("day_of_month", r"(?P<dom>\d{1,2})日(?![内后以左上常志报益程本均])", _calendar),
    ("time", r"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:])", _time),
    ("clock", r"(?P<hour>[01]?\d|2[0-4]) ?[点时] ?(?P<minute>[0-5]?\d) ?分", _time),
    ("number_names", "|".join(_NUMBER_NAMES), _nothing),
    (
        "fraction",
        rf"(?P<whole>[{_NUMERALS}]{{1,8}}|\d{{1,6}}){BLANK}分之{BLANK}(?P<part>[{_NUMERALS}]{{1,8}}(?:点[{_FIGURES}]{{1,8}})?|\d{{1,8}}(?:\.\d{{1,8}})?)",
        _fraction,
    ),
    ("half", "过?(?:一半|半数)|过半(?![年天个小])", _half),
    ("doubling", rf"翻了?{BLANK}(?:(?P<times>[一二两三四五1-5]){BLANK}番|番|一?倍)", _doubling),
    ("rank", rf"(?P<bottom>倒数)?第{BLANK}(?P<order>\d{{1,6}}|[{_NUMERALS}]{{1,8}})", _rank),
    (
        "arabic",
        rf"(?:\d{{1,3}}(?:[,，]\d{{3}}){{1,6}}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<![0-9A-Za-z.{_HAN}])\.\d+)(?:[eE][-+]?\d{{1,3}}(?![0-9A-Za-z]))?",
        _arabic,
    ),
    ("chinese", rf"[{_NUMERALS}]+(?:点[{_FIGURES}]+)?", _chinese),
)
_READERS = {name: (re.compile(pattern), read) for name, pattern, read in _GRAMMAR}
#: All of the grammar in one pattern, behind a look at the first character that spares most of them.
_TOKEN = re.compile(
    rf"(?=[0-9A-Za-z.{_NUMERALS}第倒首榜居过半翻双图表附公幻编序_%+(（ \u00a0\u2000-\u200a\u202f\u3000-])(?:"
    + "|".join(f"(?P<{name}>{re.sub('[?]P<[a-z]+>', '?:', pattern)})" for name, pattern, _ in _GRAMMAR)
    + ")"
)


def _read_all(plain: str) -> Iterator[list[Mention]]:
    position = 0
    while token := _TOKEN.search(plain, position):
        pattern, read = _READERS[token.lastgroup]
        mentions = read(plain, pattern.match(plain, token.start()), position)
        position = max([token.end(), *(mention.end for mention in mentions)])
        yield mentions


_BROKEN = re.compile(
    r"(?<=\d[,，])[ \t]*\n[ \t]*(?=\d{3}(?!\d{1,2}(?!\d|\.)))|(?<=[/+−.])[ \t]*\n[ \t]*(?=\d)|(?<=[^\d\s])[ \t]*\n[ \t]*(?=\d+\.\d)"
)
_STUCK_GROUP = re.compile(r"(?<=\d[,，]\d{3})(?=\d+\.\d)|(?<=\d[,，]\d{3})(?=\d{1,3}[,，]\d{3})")
_STUCK_COUNT = re.compile(r"(?<![\d.,])(\d+)(?=\d\.\d+/(?:5|10)(?!\d))")
_STUCK_SCORE = re.compile(r"(?<=/5)(?=\d\.\d)|(?<=/10)(?=\d\.\d)")

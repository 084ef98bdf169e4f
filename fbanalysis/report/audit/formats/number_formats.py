"""Shows a stored number as Excel would under a number format: digits, percent, signs, texts, dates."""

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

#: The formats that files name by number only (ECMA-376, part 1, 18.8.30), as a Chinese Excel shows them.
BUILT_IN = {
    **{0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00"},
    **{14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM"},
    **{20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 30: "m-d-yy"},
    **{
        31: 'yyyy"年"m"月"d"日"',
        32: 'h"时"mm"分"',
        33: 'h"时"mm"分"ss"秒"',
        37: "#,##0;-#,##0",
        38: "#,##0;-#,##0",
    },
    **{
        39: "#,##0.00;-#,##0.00",
        40: "#,##0.00;-#,##0.00",
        45: "mm:ss",
        46: "[h]:mm:ss",
        47: "mm:ss.0",
        48: "##0.0E+0",
    },
    **{49: "@", 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"'},
}

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<noon>AM/PM|上午/下午)'
    r"|(?P<digits>[0#?][0#?,]*(?:\.[0#?]*)?,*|\.[0#?]+,*)(?P<exponent>[eE][+-]0+)?|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?|aaa+)"
    r"|(?P<percent>%)|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)$")
_DAY_ZERO = datetime(1899, 12, 30)
_LAST_DAY = 2_958_465
_WEEKDAYS = "一二三四五六日"
#: Excel keeps fifteen digits; what lies behind is what binary numbers leave.
_FIFTEEN = Context(prec=15)
#: Room for the largest float and the longest format.
_ROOM = Context(prec=700)


def shown(value: float, code: str) -> str:
    """Show a number as a cell with this format does.

    Rounds half away from zero, as Excel does, on the fifteen digits that Excel keeps. Colours are left out; a
    format that can't be read shows the number as it is.

    Examples
    --------
    >>> shown(0.586, "0.0%"), shown(-1250.5, '#,##0;"−"#,##0'), shown(4.25, '0.0" 分"'), shown(45000, "yyyy-mm-dd")
    ('58.6%', '−1,251', '4.3 分', '2023-03-15')
    """
    if not math.isfinite(value):
        return str(value)
    section, magnitude = _section(value, code)
    tokens = _tokens(section)
    if any(name == "date" for name, _ in tokens):
        return _moment(value, tokens)
    scale = Decimal(100) ** sum(name == "percent" for name, _ in tokens)
    number = _FIFTEEN.create_decimal_from_float(magnitude) * scale
    return "".join(_piece(name, text, number) for name, text in tokens).strip() or _general(value)


def _section(value: float, code: str) -> tuple[str, float]:
    """Choose the part of a format for a number, and the number that it shows: the second part writes its own minus."""
    sections = _split(code or "General")
    conditions = [_condition(section) for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _holds(value, *condition):
                return section, value
        return "General", value
    numeric = sections[:3]
    if len(numeric) > 1 and value < 0:
        return numeric[1], -value
    if len(numeric) > 2 and value == 0:
        return numeric[2], value
    return numeric[0], value


@lru_cache(maxsize=512)
def _split(code: str) -> list[str]:
    """Cut a format at its semicolons, but not inside quotes."""
    parts = re.findall(r'(?:"[^"]*"|\\.|[^;"\\]|["\\])+|(?<=;)(?=;|$)', code)
    return parts or ["General"]


def _condition(section: str) -> tuple[str, float] | None:
    for bracket in re.findall(r"\[([^\]]*)\]", section):
        if found := _CONDITION.match(bracket):
            return found[1], float(found[2])
    return None


def _holds(value: float, sign: str, bound: float) -> bool:
    return {
        "<": value < bound,
        ">": value > bound,
        "<=": value <= bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[sign]


@lru_cache(maxsize=512)
def _tokens(section: str) -> tuple[tuple[str, str], ...]:
    return tuple(_read_tokens(section))


def _read_tokens(section: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(section):
        name = found.lastgroup
        if name == "bracket":
            yield from _bracket(found["bracket"])
        elif name in ("digits", "exponent"):
            yield "digits", found["digits"] + (found["exponent"] or "")
        elif name in ("quoted", "escaped", "plain"):
            yield "text", found[name]
        elif name is not None:
            yield name, found[name]


def _bracket(text: str) -> Iterator[tuple[str, str]]:
    """A bracket holds a currency ([$¥-804]), hours that go on beyond a day ([h]), or a colour."""
    if text.startswith("$"):
        yield "text", text[1:].partition("-")[0]
    elif re.fullmatch("[hms]+", text, re.IGNORECASE):
        yield "date", f"[{text}]"


def _piece(name: str, text: str, number: Decimal) -> str:
    if name == "digits":
        return _digits(text, number)
    if name == "general":
        return _general(float(number))
    return "" if text == "@" else text


def _digits(pattern: str, number: Decimal) -> str:
    base, _, exponent = pattern.lower().partition("e")
    if exponent:
        places = len(base.partition(".")[2])
        mantissa, _, power = f"{number:.{places}e}".partition("e")
        return f"{mantissa}E{int(power):+0{len(exponent)}d}"
    bare = base.rstrip(",")
    thousands = len(base) - len(bare)
    whole, _, decimals = bare.partition(".")
    kept = (number / Decimal(1000) ** thousands).quantize(
        Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, _ROOM
    )
    return _pad(kept, whole, decimals)


def _pad(number: Decimal, whole: str, decimals: str) -> str:
    """Write a rounded number with as many places as zeros stand in the pattern."""
    sign = "-" if number < 0 else ""
    before, _, after = f"{abs(number):f}".partition(".")
    least = decimals.rstrip("#?")
    after = after.rstrip("0").ljust(len(least), "0") if len(least) < len(decimals) else after
    before = before.lstrip("0").rjust(whole.count("0"), "0")
    grouped = f"{int(before):,}".rjust(len(before), "0") if "," in whole and before else before
    return f"{sign}{grouped}.{after}" if after else f"{sign}{grouped}"


def _general(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.11g}"


def _moment(value: float, tokens: tuple[tuple[str, str], ...]) -> str:
    """Show a date or time: days since 1899-12-30, the time as the part of a day."""
    if not 0 <= value <= _LAST_DAY:
        return _general(value)
    moment = _DAY_ZERO + timedelta(seconds=round(value * 86400))
    has_noon = any(name == "noon" for name, _ in tokens)
    texts = []
    for i, (name, text) in enumerate(tokens):
        if name == "date":
            texts.append(
                _part(text.lower(), moment, value, is_minute=_is_minute(tokens, i), has_noon=has_noon)
            )
        elif name == "noon":
            texts.append("AM" if moment.hour < 12 else "PM")
        else:
            texts.append("" if text == "@" else text)
    return "".join(texts).strip()


def _is_minute(tokens: tuple[tuple[str, str], ...], place: int) -> bool:
    """Tell minutes from months: they follow hours or stand before seconds."""
    before = [text.lower().strip("[]") for name, text in tokens[:place] if name == "date"]
    behind = [text.lower() for name, text in tokens[place + 1 :] if name == "date"]
    return (bool(before) and before[-1][0] == "h") or (bool(behind) and behind[0][0] == "s")


def _part(text: str, moment: datetime, value: float, *, is_minute: bool, has_noon: bool) -> str:
    if text.startswith("["):
        per_day = {"h": 24, "m": 1440, "s": 86400}[text[1]]
        return str(int(round(value * 86400) // (86400 // per_day)))
    size = min(len(text), 2)
    if text[0] == "m" and not is_minute and len(text) > 2:
        return moment.strftime("%b" if len(text) == 3 else "%B")
    if text[0] == "y":
        return f"{moment.year:04d}" if len(text) > 2 else f"{moment.year % 100:02d}"
    if text[0] == "a" or (text[0] == "d" and len(text) > 2):
        return ("星期" if len(text) > 3 else "周") + _WEEKDAYS[moment.weekday()]
    hour = (moment.hour % 12 or 12) if has_noon else moment.hour
    numbers = {
        "m": moment.minute if is_minute else moment.month,
        "d": moment.day,
        "h": hour,
        "s": moment.second,
    }
    return f"{numbers[text[0]]:0{size}d}"

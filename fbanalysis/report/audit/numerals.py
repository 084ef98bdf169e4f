"""Reads Chinese numerals strictly: what no rule of writing makes is no number (万一, 千万别, 三五)."""

import re

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_ONE_TO_NINE = "[一二三四五六七八九]"
_COUNT = "[一二三四五六七八九两]"

#: Below 10,000: 三千五百二十八, 一百零五, 十二, and as spoken 三千五 (3,500).
_SECTION = re.compile(
    rf"(?:(?P<thousands>{_COUNT})千)?(?:零?(?P<hundreds>{_COUNT})百)?"
    rf"(?:零?(?P<tens>{_ONE_TO_NINE}?)十)?(?P<gap>[零〇]?)(?P<ones>{_ONE_TO_NINE})?"
)

#: The longest that anybody writes; beyond it there is no number but a row of characters.
LONGEST = 24


def read_numeral(text: str) -> tuple[float, float] | None:
    """Read a Chinese numeral, decimals after 点 included.

    Returns
    -------
    tuple of float or None
        Its value and its step, the size of what was rounded: 1 for 十二 and 二十, 100 for 三百, 1000 for
        三千, 0.1 for 三点五. Round hundreds are often round by choice, tens seldom. None where the
        characters make no numeral.

    Examples
    --------
    >>> read_numeral("三千五百二十八"), read_numeral("两百"), read_numeral("三点五")
    ((3528.0, 1.0), (200.0, 100.0), (3.5, 0.1))
    >>> read_numeral("千万") is None
    True
    """
    whole, point, decimals = text.partition("点")
    if not whole or len(text) > LONGEST or bool(point) != bool(decimals):
        return None
    read = _whole(whole)
    if read is None or not point:
        return read
    if not all(character in _DIGITS and character != "两" for character in decimals):
        return None
    typed = "".join(str(_DIGITS[character]) for character in decimals)
    return float(f"{read[0]:.0f}.{typed}"), float(f"1e-{len(typed)}")


def _whole(text: str) -> tuple[float, float] | None:
    if text in ("零", "〇", "两"):
        return float(_DIGITS[text]), 1.0
    for mark, size in (("亿", 1e8), ("万", 1e4)):
        high, found, low = text.rpartition(mark)
        if found:
            return _joined(_whole(high) if high else None, low, size)
    return _section(text)


def _joined(high: tuple[float, float] | None, low: str, size: float) -> tuple[float, float] | None:
    """Put the part above 万 or 亿 and the part below it together; 一万二 is 12,000."""
    if high is None:
        return None
    value, step = high[0] * size, high[1] * size
    if not low:
        return value, step
    rest = _whole(low)
    if rest is None:
        return None
    spoken = size / 10 if len(low) == 1 else 1.0
    return value + rest[0] * spoken, rest[1] * spoken


def _section(text: str) -> tuple[float, float] | None:
    found = _SECTION.fullmatch(text)
    if found is None or not text.strip("零〇") or (found["gap"] and not found["ones"]):
        return None
    value = sum(
        size * (_DIGITS.get(found[place], 1) if found[place] is not None else 0)
        for place, size in (("thousands", 1000), ("hundreds", 100), ("tens", 10))
    )
    last = _last_place(found)
    if found["ones"] is None:
        return float(value), float(last)
    # 一百五 is 150, 一百零五 is 105, 二十五 is 25
    spoken = last / 10 if last >= 100 and not found["gap"] else 1
    return float(value + _DIGITS[found["ones"]] * spoken), float(spoken)


def _last_place(found: re.Match[str]) -> int:
    if found["tens"] is not None:
        return 1
    return 100 if found["hundreds"] is not None else 1000 if found["thousands"] is not None else 1


def read_figures(text: str) -> int | None:
    """Read a row of figures without places, as years are written: 二〇二三."""
    if not text or not all(character in _DIGITS for character in text):
        return None
    return int("".join(str(_DIGITS[character]) for character in text))

"""Personal data in free text: phone numbers, identity numbers, e-mail addresses and card numbers.

Masks what has the form of such a number, whether or not its check digit is right: a mistyped number
still points to a person. Names and street addresses are not found.
"""

import re
import unicodedata
from collections import Counter

import pandas as pd

# `\b` is no boundary between 汉字 and digits, hence the look-arounds.
_GAP = r"[ \-—–]?"
_DAY = r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_FOUR = rf"{_GAP}\d{{4}}"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("邮箱", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    ("身份证", re.compile(rf"(?<!\d)[1-9]\d{{5}}{_GAP}{_DAY}{_GAP}\d{{3}}[\dXx](?!\d)")),
    ("卡号", re.compile(rf"(?<!\d)[3-69]\d{{3}}{_FOUR}{_FOUR}{_FOUR}(?:{_GAP}\d{{1,3}})?(?!\d)")),
    ("电话", re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_FOUR}{_FOUR}(?!\d)")),
    ("电话", re.compile(rf"(?<!\d)(?:\(0\d{{2,3}}\)|0\d{{2,3}}){_GAP}[2-8]\d{{6,7}}(?!\d)")),
)
# Everything that can be masked has an @ or seven digits, be they full-width or spaced.
_SUSPECT = r"[@＠]|(?:[0-9０-９][^0-9０-９]{0,4}){7}"
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


def mask(texts: pd.Series) -> tuple[pd.Series, dict[str, int]]:
    """Replace personal data by 〔电话〕〔身份证〕〔邮箱〕〔卡号〕.

    Returns
    -------
    tuple
        The masked texts, and how many pieces of each kind were masked.

    Examples
    --------
    >>> masked, found = mask(pd.Series(["请回电13800138000谢谢", None], dtype="str"))
    >>> masked[0], found
    ('请回电〔电话〕谢谢', {'电话': 1})
    """
    suspect = texts[texts.str.contains(_SUSPECT, na=False)]
    found: Counter[str] = Counter()
    masked = texts.copy()
    if len(suspect):
        masked[suspect.index] = [mask_text(text, found=found) for text in suspect]
    return masked, dict(sorted(found.items()))


def mask_text(text: str, *, found: Counter[str] | None = None) -> str:
    """Mask one text, count what was masked in ``found``, and leave every other character as it was."""
    plain, origins = _folded(text)
    for kind, pattern in _PATTERNS:
        spans = [match.span() for match in pattern.finditer(plain)]
        for start, end in reversed(spans):
            text = f"{text[: origins[start]]}〔{kind}〕{text[origins[end - 1] + 1 :]}"
        if spans:
            plain, origins = _folded(text)
        if found is not None and spans:
            found[kind] += len(spans)
    return text


def _folded(text: str) -> tuple[str, list[int]]:
    """Fold widths and drop invisible characters, keeping the place each character came from."""
    folded = [
        (plain, place)
        for place, character in enumerate(text)
        if character not in _INVISIBLE
        for plain in unicodedata.normalize("NFKC", character)
    ]
    return "".join(plain for plain, _ in folded), [place for _, place in folded]

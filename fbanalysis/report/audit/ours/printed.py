"""The printed forms of a record, worked out anew from what ``metrics.json`` stores.

A second route beside the ledger's own formatting: it rounds decimal numbers as they are written, and knows the
units by itself, so that a fault in one of the two shows.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property
from pathlib import Path

from fbanalysis.errors import DataError

#: What readers see behind a number of each unit.
SUFFIXES: Mapping[str, str] = {
    "percent": "%",
    "pp": "个百分点",
    "score": "分",
    "count": "",
    "customers": "家",
    "seconds": "秒",
    "minutes": "分钟",
    "hours": "小时",
    "days": "天",
    "weeks": "周",
    "cny_10k": "万元",
    "ratio": "",
    "date": "",
    "text": "",
}

#: Charts leave these out: their axis names the unit.
_UNSAID = ("score", "pp")
#: Ends of intervals of these are never given a decimal more.
_WHOLE = ("count", "customers", "date", "text")
#: Twelve digits: what arithmetic with 64 bits leaves behind them is no part of the number.
_DIGITS = Context(prec=12)


@dataclass(frozen=True)
class Entry:
    """A record as the folder's ledger holds it."""

    key: str
    metric: str
    stratum: str
    value: float | str
    unit: str
    decimals: int
    printed: str
    n: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    p: float | None = None
    effect: float | None = None
    verdict: str = ""
    method: str = ""
    notebook: str = ""
    cell: int | None = None
    tables: Mapping[str, str] = field(default_factory=dict)
    filter: str = ""
    weight: str = ""
    formula: str = ""

    @property
    def is_text(self) -> bool:
        return isinstance(self.value, str)

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None

    @cached_property
    def forms(self) -> Mapping[str, str]:
        """What may stand for the record in a sentence, without blanks → what of the record it is."""
        return {squeezed(text): what for what, text in _forms(self)}

    def show(self, value: float, *, suffix: bool = True, decimals: int | None = None) -> str:
        """Write a number in the record's unit, to its decimals."""
        text = rounded(value, self.decimals if decimals is None else decimals)
        return text + (SUFFIXES[self.unit] if suffix else "")


def read_ledger(folder: Path) -> dict[str, Entry]:
    """Read the records of a report's folder, by their keys.

    Raises
    ------
    DataError
        There is no ledger, it is no list of records, or it uses a unit that nobody told the audit of.
    """
    path = folder / "metrics.json"
    if not path.is_file():
        raise DataError(f"{folder} 里没有账本 metrics.json，无从核对；请先运行 python run_all.py")
    try:
        rows = json.loads(path.read_text("utf-8"))
        entries = [Entry(**{name: row[name] for name in _FIELDS if name in row}) for row in rows]
    except (ValueError, TypeError) as error:
        raise DataError(f"{path} 不是完整的账本（{error}）；请重新运行 python run_all.py --force") from error
    strange = sorted({entry.unit for entry in entries} - SUFFIXES.keys())
    if strange:
        raise DataError(f"{path} 里有核对还不认识的单位：{'、'.join(strange)}；请写进 printed.SUFFIXES")
    return {entry.key: entry for entry in entries}


_FIELDS = tuple(Entry.__dataclass_fields__)


def squeezed(text: str) -> str:
    """Take out all blanks, thin and wide ones too, and characters that nobody sees.

    >>> squeezed("4.2 分，\\u202f5\\u3000家")
    '4.2分，5家'
    """
    return _UNSEEN.sub("", text)


#: Blanks, controls, zero-width characters, and marks that turn the direction of text.
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]+")


def rounded(value: float, decimals: int) -> str:
    """Write a number to so many decimals, halves away from zero, with thousands separators and a true minus.

    >>> rounded(2.675, 2), rounded(-1234.5, 0), rounded(-0.04, 1)
    ('2.68', '−1,235', '0.0')
    """
    exact = _DIGITS.create_decimal(repr(float(value)))
    text = f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):,f}"
    return text.replace("-", "−") if re.search("[1-9]", text) else text.removeprefix("-")


def _forms(entry: Entry) -> Iterator[tuple[str, str]]:
    """Give what may be printed of a record: (what it is, text). The value itself comes last and so wins."""
    if entry.n is not None:
        yield "n", rounded(entry.n, 0)
    if entry.p is not None:
        p = "<0.001" if entry.p < 0.001 else rounded(entry.p, 3)
        yield from (("p", p), ("p", f"p={p}".replace("=<", "<")))
    if entry.effect is not None:
        yield "effect", rounded(entry.effect, 2)
    if entry.has_interval:
        yield from (("interval", f"{_level(entry)}区间{ends}") for ends in [_ends(entry)])
        yield "interval", _ends(entry)
    if entry.is_text:
        yield "value", str(entry.value)
        return
    yield "magnitude", entry.show(abs(entry.value))
    yield "value", entry.show(entry.value)


def _level(entry: Entry) -> str:
    return f"{rounded(100 * entry.level, 0)}%"


def _ends(entry: Entry) -> str:
    """Both ends: one decimal more where the value is coarse, and 至 between them where one is negative."""
    is_coarse = (entry.decimals == 0 and entry.unit not in _WHOLE) or (entry.unit, entry.decimals) == (
        "score",
        1,
    )
    places = entry.decimals + is_coarse
    joint = "至" if min(entry.low, entry.high) < 0 else "–"
    return (
        entry.show(entry.low, suffix=False, decimals=places) + joint + entry.show(entry.high, decimals=places)
    )


def origin(entry: Entry) -> str:
    """Write the line that a slide's notes give on a record: name, value, base, interval, method."""
    parts = [f"{entry.key}={_plain_value(entry)}"]
    parts += [f"n={rounded(entry.n, 0)}"] if entry.n is not None else []
    if entry.has_interval:
        level = f"{Decimal(repr(entry.level)) * 100:f}".rstrip("0").rstrip(".")
        parts.append(f"{level}%区间{entry.show(entry.low, suffix=False)}–{entry.show(entry.high)}")
    return squeezed("；".join([*parts, *filter(None, [entry.method])]))


def _plain_value(entry: Entry) -> str:
    return str(entry.value) if entry.is_text else entry.show(entry.value)


def at_mark(value: float, *, unit: str, decimals: int) -> set[str]:
    """Give what a chart may write at a value: with its unit or without, with a plus or without.

    >>> sorted(at_mark(8.65, unit="pp", decimals=1))
    ['+8.7', '+8.7个百分点', '8.7', '8.7个百分点']
    """
    text = rounded(value, decimals)
    suffix = SUFFIXES.get(unit, "")
    signs = ["", "+"] if value > 0 and re.search("[1-9]", text) else [""]
    return {sign + text + one for sign in signs for one in ("", suffix)}

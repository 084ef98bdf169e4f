"""Whether every number that slides and details print is a number of the merged ledger, in a form that its record has.

Sentences are composed where a notebook runs; what reaches readers is held against the ledger once more here.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from fbanalysis.report import tracing
from fbanalysis.report.layout import plain
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.slides import sentences
from fbanalysis.report.wording import PHRASES

#: What sentences print of a record besides its value.
_FORMS = ("interval", "n", "p", "effect")


def unrecorded(
    specs: Sequence[Mapping[str, object]], details: Sequence[Mapping[str, object]], ledger: Ledger
) -> Iterator[tuple[str, str, str]]:
    """List the numbers of a chapter that a ledger has not, or prints otherwise: (slide, sentence, why)."""
    forms = functools.cache(lambda key: printed_forms(ledger, key))
    for spec in specs:
        title = plain(spec["title"])
        for sentence in sentences(spec):
            yield from ((title, plain(sentence), why) for why in _strays(sentence, ledger, forms))
        points = tracing.points_of((spec["chart"] or {}).get("plot"))
        yield from ((title, "图中的数", why) for why in dict.fromkeys(_stray_points(points, ledger)))
    for detail in details:
        for sentence in (detail["note"], *(cell for row in detail["rows"] for cell in row)):
            yield from ((detail["name"], plain(sentence), why) for why in _strays(sentence, ledger, forms))


def _strays(
    sentence: Sequence[Mapping[str, object]], ledger: Ledger, forms: Callable[[str], frozenset[str]]
) -> Iterator[str]:
    for piece in sentence:
        key = str(piece["key"])
        if key and key not in ledger:
            yield _lost(key)
        elif key and _squeezed(str(piece["text"])) not in forms(key):
            yield f"印的是「{str(piece['text']).strip()}」，账本里「{key}」是「{ledger[key].printed}」"


def _stray_points(points: Sequence[tuple[str, float | None]], ledger: Ledger) -> Iterator[str]:
    for key, value in points:
        if key not in ledger:
            yield _lost(key)
        elif value is not None and not tracing.is_same(value, float(ledger[key].value)):
            yield f"画的是 {value:.6g}，账本里「{key}」是「{ledger[key].printed}」"


def _lost(key: str) -> str:
    return f"账本里没有记录「{key}」"


def printed_forms(ledger: Ledger, key: str) -> frozenset[str]:
    """All that a record prints, without spaces: its value, also without sign, interval, base, p and effect size."""
    record = ledger[key]
    said = [record.printed, *(PHRASES[name](ledger, key)[0].text for name in _FORMS)]
    said += [PHRASES["abs"](ledger, key)[0].text] if not isinstance(record.value, str) else []
    said += [re.sub(r"^(95% 区间|p =|p) ", "", text) for text in said]  # cells leave out what their head says
    return frozenset(_squeezed(text) for text in said)


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", text)

"""Sentences are templates over the ledger: numbers come from records, strong words from tests.

A template is ordinary text with expressions in braces: ``{metric[stratum]}`` prints a record's value,
``{change(metric[stratum])}`` and its kin (see `PHRASES`) print what the record's test allows. A digit or
a strong word that is typed by hand is remembered in `Sentence.typed`; publishing refuses it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from fbanalysis.errors import LedgerError, WordingError, listed
from fbanalysis.report import judgements, phrases
from fbanalysis.report.ledger import THIN_SPACE, AbsentRecordError, Ledger, SuppressedRecordError
from fbanalysis.report.phrases import Segment, interval, label, number, side_of
from fbanalysis.report.words import EARNED, find_typed, rules

__all__ = [
    "ABSENT",
    "EARNED",
    "PHRASES",
    "THIN_SPACE",
    "Segment",
    "Sentence",
    "compose",
    "find_typed",
    "interval",
    "label",
    "number",
    "rules",
    "side_of",
]

#: What stands in place of a record that is not there: no data, none of the year before, too few people.
ABSENT = ("（无数据）", "（无上年数据）", "（人数不足，不公开）")

#: What may stand in braces before a parenthesis.
PHRASES: dict[str, Callable[..., list[Segment]]] = {
    "abs": phrases.magnitude,
    "interval": phrases.interval,
    "n": phrases.base,
    "p": phrases.p_value,
    "effect": phrases.effect,
    "label": phrases.stratum_name,
    "verdict": phrases.verdict,
    "which": phrases.which,
    "outcomes": phrases.outcomes,
    "largest": phrases.largest,
    "smallest": phrases.smallest,
    "see": phrases.reference,
    "change": judgements.change,
    "highest": judgements.highest,
    "lowest": judgements.lowest,
    "leads": judgements.leads,
    "moved": judgements.moved,
    "rank": judgements.rank,
    "trend": judgements.trend,
    "causes": judgements.causes,
    "works": judgements.works,
}

#: Phrases that print words of the author's own, and which earned words they earn these for.
_OWN_WORDS = {"change": (), "causes": (), "highest": ("最",), "lowest": ("最",)}

_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_REFERENCE = re.compile(r"^\s*([A-Za-z_]\w*)\[([^\[\]]+)\]\s*$")
_CALL = re.compile(r"^\s*([a-z_]+)\((.*)\)\s*$")
_HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
_BOTH_HAN = re.compile(f"{_HAN}{_HAN}")
_GAP = re.compile(rf"(?<={_HAN}) ?(?=[0-9A-Za-z−+#])|(?<=[0-9A-Za-z%#]) ?(?={_HAN})")


@dataclass(frozen=True)
class Sentence:
    """A composed sentence. ``typed`` lists what stands in it without a record."""

    segments: tuple[Segment, ...]
    template: str

    @property
    def plain(self) -> str:
        return "".join(segment.text for segment in self.segments)

    @property
    def typed(self) -> tuple[str, ...]:
        return tuple(segment.text.strip() for segment in self.segments if segment.is_typed)

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(segment) for segment in self.segments]


def compose(template: str, ledger: Ledger, *, allowed: Sequence[str] = ()) -> Sentence:
    """Turn a template into a sentence, every number of which has a record.

    Parameters
    ----------
    template
        Text with ``{metric[stratum]}`` and ``{phrase(…)}`` in braces.
    allowed
        Names that contain digits and may stand in text (P0, 7×24).

    Raises
    ------
    WordingError
        A reference to no record, an unknown phrase, or an unclosed brace; names the template.
    """
    segments: list[Segment] = []
    position = 0
    for match in _EXPRESSION.finditer(template):
        segments += _literal(template[position : match.start()], allowed=allowed)
        segments += _evaluate(match.group(1), ledger, template=template)
        position = match.end()
    segments += _literal(template[position:], allowed=allowed)
    return Sentence(segments=_spaced(segments), template=template)


def _literal(text: str, *, allowed: Sequence[str]) -> list[Segment]:
    if "{" in text or "}" in text:
        raise WordingError(f"句子里的花括号没有成对：「{text}」")
    segments, position = [], 0
    for match in find_typed(text, allowed=allowed):
        segments += [Segment(text[position : match.start()]), Segment(match.group(), is_typed=True)]
        position = match.end()
    return [segment for segment in [*segments, Segment(text[position:])] if segment.text]


def _evaluate(expression: str, ledger: Ledger, *, template: str) -> list[Segment]:
    try:
        if reference := _REFERENCE.match(expression):
            return [number(ledger[f"{reference[1]}[{reference[2].strip()}]"])]
        if call := _CALL.match(expression):
            return _call(call[1], _arguments(call[2]), ledger)
    except SuppressedRecordError as hidden:
        return [Segment(ABSENT[2], rule=str(hidden))]
    except AbsentRecordError as absent:
        return [Segment(ABSENT["@prior" in expression], rule=str(absent))]
    except LedgerError as error:
        raise WordingError(f"句子「{template}」用不了：{error}") from error
    raise WordingError(f"句子「{template}」里的「{{{expression}}}」看不懂；写法：指标[层] 或 短语(指标[层])")


def _call(name: str, arguments: list[str], ledger: Ledger) -> list[Segment]:
    if name not in PHRASES:
        raise WordingError(f"没有短语「{name}」；可用：{listed(PHRASES, most=40)}")
    says = arguments[1:] if name in _OWN_WORDS else []
    free = [given for given in says if "[" not in given and not given.endswith("/")]
    earned = _OWN_WORDS.get(name, ())
    if typed := [match.group() for given in free for match in find_typed(given, allowed=earned)]:
        raise WordingError(f"短语「{name}」的用词里有手打的数字或判断词：{listed(typed)}")
    try:
        return PHRASES[name](ledger, *arguments)
    except (TypeError, ValueError) as error:
        raise WordingError(f"短语「{name}」不能这样用：「{'、'.join(arguments)}」") from error


def _arguments(text: str) -> list[str]:
    """Split at commas outside square brackets."""
    return [part.strip() for part in re.split(r"[,，](?![^\[]*\])", text)]


def _spaced(segments: list[Segment]) -> tuple[Segment, ...]:
    """Put a thin space between 汉字 and numerals or Latin letters, across segments too."""
    texts = [_GAP.sub(THIN_SPACE, segment.text) for segment in segments]
    for i in range(len(texts) - 1):
        left, right = texts[i].rstrip(" "), texts[i + 1].lstrip(" ")
        blanks = len(texts[i]) + len(texts[i + 1]) - len(left) - len(right)
        if blanks == 1 and _BOTH_HAN.fullmatch(left[-1:] + right[:1]):
            texts[i], texts[i + 1] = left, right
        if blanks <= 1 and _GAP.search(left[-1:] + right[:1]):
            # the space belongs to the words, not to the number
            texts[i : i + 2] = [left, THIN_SPACE + right] if segments[i].key else [left + THIN_SPACE, right]
    return tuple(replace(segment, text=text) for segment, text in zip(segments, texts, strict=True))

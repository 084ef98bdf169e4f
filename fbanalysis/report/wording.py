"""Sentences are templates over the ledger: numbers come from records, strong words from tests.

A template is ordinary text with expressions in braces: ``{metric[stratum]}`` prints a record's value,
``{change(metric[stratum])}`` and its kin (see `PHRASES`) print what the record's test allows. A digit or
a strong word that is typed by hand is remembered in `Sentence.typed`; publishing refuses it.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from fbanalysis.errors import LedgerError, WordingError, listed
from fbanalysis.report.ledger import (
    THIN_SPACE,
    AbsentRecordError,
    Ledger,
    Record,
    SuppressedRecordError,
    format_number,
)

#: Words that a test must earn. Typed in a template they count as typed by hand.
EARNED = ("显著(?!性)", "明显", "大幅", "领先", "第一", "持续", "导致")

#: From this size of effect on (Cohen's g, h or d: "small") a difference that is significant may be
#: called 显著. Cohen (1988), Statistical Power Analysis, section 2.2.3.
SMALL_EFFECT = 0.2

#: Level of the tests of ties where no year says another.
ALPHA = 0.05

#: Verdicts of directed tests, and of those that could not be made.
_ROSE, _FELL = ("上升", "较高", "偏多"), ("下降", "较低", "偏少")
_UNTESTED = {"基数不足": "基数不足，不作比较", "无法检验": "无法检验，不作比较"}

#: What stands in place of a record that is not there: no data, none of the year before, too few people.
ABSENT = ("（无数据）", "（无上年数据）", "（人数不足，不公开）")

#: Units whose ends of intervals stay whole.
_WHOLE = ("count", "customers", "date", "text")

#: Names of strata are cut at this many characters in text.
LONGEST_NAME = 24

_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_REFERENCE = re.compile(r"^\s*([A-Za-z_]\w*)\[([^\[\]]+)\]\s*$")
_CALL = re.compile(r"^\s*([a-z_]+)\((.*)\)\s*$")
_HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
_BOTH_HAN = re.compile(f"{_HAN}{_HAN}")
_GAP = re.compile(rf"(?<={_HAN}) ?(?=[0-9A-Za-z−+#])|(?<=[0-9A-Za-z%#]) ?(?={_HAN})")


@dataclass(frozen=True)
class Segment:
    """A piece of a sentence: plain text, a number with its record, a word with its rule, or a reference.

    ``see`` names the topic of another slide; publishing turns it into a link with page or number.
    """

    text: str
    key: str = ""
    rule: str = ""
    is_typed: bool = False
    see: str = ""


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


def find_typed(text: str, *, allowed: Sequence[str] = ()) -> list[re.Match[str]]:
    """Find numbers in digits and earned words in a text, names of the allow-list left out."""
    names = sorted(map(re.escape, allowed), key=len, reverse=True)
    pattern = "|".join([f"(?P<name>{'|'.join(names)})"] * bool(names) + [_TYPED])
    return [match for match in re.finditer(pattern, text) if not match.groupdict().get("name")]


_TYPED = rf"(?P<typed>[0-9０-９][0-9０-９,.，．%％]*|{'|'.join(EARNED)})"


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
    says = arguments[1:] if name in ("change", "highest", "lowest") else []
    free = [given for given in says if "[" not in given and not given.endswith("/")]
    if typed := [match.group() for given in free for match in find_typed(given)]:
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


# Phrases: (ledger, arguments as written) → segments


def number(record: Record, *, value: float | None = None) -> Segment:
    """Print a record's value, or another value in its unit and decimals."""
    return Segment(record.show(record.value if value is None else value), key=record.key)


def magnitude(ledger: Ledger, key: str) -> list[Segment]:
    """Print the value without its sign, where the words say the direction."""
    record = ledger[key]
    return [number(record, value=abs(float(record.value)))]


def interval(ledger: Ledger, key: str) -> list[Segment]:
    """Print ``95% 区间 4.08–4.12``: one decimal more for coarse values.

    A range with a negative end reads 至 in place of the dash.
    """
    record = ledger[key]
    if not record.has_interval:
        return [Segment("（无区间）", rule=f"{record.key} 没有区间")]
    is_coarse = record.decimals == 0 and record.unit not in _WHOLE
    record = replace(
        record, decimals=record.decimals + (is_coarse or (record.unit, record.decimals) == ("score", 1))
    )
    joint = " 至 " if min(record.low, record.high) < 0 else "–"
    ends = record.show(record.low, suffix=False) + joint + record.show(record.high)
    return [Segment(f"{record.level:.0%} 区间 {ends}", key=record.key)]


def base(ledger: Ledger, key: str) -> list[Segment]:
    """Print the base n of a record."""
    record = ledger[key]
    if record.n is None:
        return [Segment("（无样本量）", rule=f"{record.key} 没有样本量")]
    return [Segment(f"{record.n:,.0f}", key=record.key)]


def p_value(ledger: Ledger, key: str) -> list[Segment]:
    """Print ``p = 0.012``, below .001 as ``p < 0.001``."""
    record = ledger[key]
    if record.p is None:
        return [Segment("（无检验）", rule=f"{record.key} 没有检验")]
    return [Segment("p < 0.001" if record.p < 0.001 else f"p = {record.p:.3f}", key=record.key)]


def change(ledger: Ledger, key: str, up: str = "提升", down: str = "下降") -> list[Segment]:
    """Say a difference as its test allows: 显著提升 0.3 分, 下降 …, or 没有差异 and stop.

    The record's ``verdict`` is the outcome of its adjusted test (上升, 下降, 没有差异, 基数不足); 显著 needs
    an effect of at least `SMALL_EFFECT` besides. ``up`` and ``down`` are the verbs.
    """
    record = ledger[key]
    if record.verdict in _UNTESTED:
        return [Segment(_UNTESTED[record.verdict], rule=f"{record.verdict}（{record.key}）")]
    if not record.verdict:
        return [number(record), Segment("（无检验，不作比较）", rule=f"{record.key} 没有检验")]
    if record.verdict == "没有差异":
        return [Segment("没有差异", rule=_rule(record)), Segment("（差 "), number(record), Segment("）")]
    if record.verdict not in (*_ROSE, *_FELL):
        raise LedgerError(f"记录「{key}」的结论是「{record.verdict}」，不是升降，不能说变化")
    verb = up if record.verdict in _ROSE else down
    degree = degree_of(record, small_effect=_small_effect(ledger))
    return [Segment(f"{degree}{verb}", rule=_rule(record)), Segment(" "), *magnitude(ledger, key)]


def degree_of(record: Record, *, small_effect: float = SMALL_EFFECT) -> str:
    """Give 显著 where test and effect allow, and else nothing: a small effect is told by its number."""
    if record.p is None or record.effect is None or record.verdict not in (*_ROSE, *_FELL):
        return ""
    return "显著" if abs(record.effect) >= small_effect else ""


def _alpha(ledger: Ledger) -> float:
    return ALPHA if ledger.year is None else ledger.year.dataset.thresholds.alpha


def _small_effect(ledger: Ledger) -> float:
    return SMALL_EFFECT if ledger.year is None else ledger.year.dataset.thresholds.small_effect


def effect(ledger: Ledger, key: str) -> list[Segment]:
    """Print the effect size of a record, with two decimals."""
    record = ledger[key]
    if record.effect is None:
        return [Segment("（无效应量）", rule=f"{record.key} 没有效应量")]
    return [Segment(format_number(record.effect, decimals=2), key=record.key)]


def stratum_name(ledger: Ledger, key: str) -> list[Segment]:
    """Print the name of a record's stratum."""
    return [Segment(label(ledger[key].stratum))]


def verdict(ledger: Ledger, key: str) -> list[Segment]:
    """Print the verdict of a record's test as it stands."""
    record = ledger[key]
    if not record.verdict:
        raise LedgerError(f"记录「{key}」没有结论")
    return [Segment(record.verdict, rule=_rule(record))]


def reference(ledger: Ledger, topic: str) -> list[Segment]:
    """Refer to the slide of a topic; where topics repeat, ``41/各领域`` names the notebook's number too."""
    return [Segment(f"「{topic}」", see=topic)]


def which(ledger: Ledger, metric: str, outcome: str) -> list[Segment]:
    """List the strata of a metric with a verdict, or 无."""
    names = [label(record.stratum) for record in ledger.of(metric) if record.verdict == outcome]
    return [Segment("、".join(names) or "无", rule=f"结论为「{outcome}」的「{metric}」")]


def largest(ledger: Ledger, metric: str, within: str = "") -> list[Segment]:
    """Print the largest value of a metric, without naming its stratum."""
    return [number(_sorted_parts(ledger, metric, within=within, sign=1)[0])]


def smallest(ledger: Ledger, metric: str, within: str = "") -> list[Segment]:
    """Print the smallest value of a metric, without naming its stratum."""
    return [number(_sorted_parts(ledger, metric, within=within, sign=-1)[0])]


def outcomes(ledger: Ledger, metric: str) -> list[Segment]:
    """List the strata of a metric by the verdict of their test, those verdicts only that occur."""
    groups: dict[str, list[str]] = {}
    for record in ledger.of(metric):
        groups.setdefault(record.verdict or "未检验", []).append(label(record.stratum))
    said = "；".join(f"{verdict}：{'、'.join(names)}" for verdict, names in groups.items())
    return [Segment(said, rule=f"「{metric}」各层的检验结论")]


def highest(ledger: Ledger, metric: str, within: str = "", word: str = "最高") -> list[Segment]:
    """Name the stratum with the largest value, and those that can't be told apart from it.

    ``within`` is a prefix such as ``internal/``; ``word`` replaces 最高.
    """
    return _extreme(ledger, metric, within=within, word=word, sign=1)


def lowest(ledger: Ledger, metric: str, within: str = "", word: str = "最低") -> list[Segment]:
    """Name the stratum with the smallest value, as `highest` does for the largest."""
    return _extreme(ledger, metric, within=within, word=word, sign=-1)


def _extreme(ledger: Ledger, metric: str, *, within: str, word: str, sign: int) -> list[Segment]:
    first, *others = _sorted_parts(ledger, metric, within=within, sign=sign)
    ties = _ties(first, others, alpha=_alpha(ledger))
    rule = f"{metric}：与其余各层两两比较，Holm 校正"
    said = [
        Segment(label(first.stratum)),
        Segment(word, rule=rule),
        Segment("（"),
        number(first),
        Segment("）"),
    ]
    if not ties:
        return said
    if 2 * len(ties) > len(others) and len(ties) > 2:
        return [*said, Segment("，但与多数难分先后", rule=rule)]
    names = "、".join(label(record.stratum) for record in ties[:3]) + ("等" if len(ties) > 3 else "")
    return [*said, Segment(f"，与{names}难分先后", rule=rule)]


def _ties(first: Record, others: list[Record], *, alpha: float = ALPHA) -> list[Record]:
    """Those that cannot be told apart from the first: z of the difference, Holm over the comparisons.

    A standard error is the width of the 95 % interval over 2 · 1.96, the interval taken as symmetric;
    values without interval are full counts and differ unless they are equal.
    """
    p = [_p_of_difference(first, record) for record in others]
    order = sorted(range(len(p)), key=p.__getitem__)
    for place, i in enumerate(order):
        if p[i] * (len(p) - place) > alpha:
            return [others[j] for j in sorted(order[place:])]
    return []


def _p_of_difference(a: Record, b: Record) -> float:
    if not (a.has_interval and b.has_interval):
        return float(a.value == b.value)
    spread = math.hypot(a.high - a.low, b.high - b.low) / (2 * 1.959964)
    gap = abs(float(a.value) - float(b.value))
    return math.erfc(gap / spread / math.sqrt(2)) if spread else float(gap == 0)


def _sorted_parts(ledger: Ledger, metric: str, *, within: str, sign: int) -> list[Record]:
    """The records of a metric's parts (totals left out), the extreme one first."""
    records = [record for record in ledger.of(metric) if _is_part(record, within=within)]
    if not records and within in ("", "internal/", "external/"):
        raise AbsentRecordError(f"指标「{metric}」下没有分层")
    if not records:
        raise LedgerError(f"指标「{metric}」下没有以「{within}」开头的层")
    return sorted(records, key=lambda record: -sign * float(record.value))


def _is_part(record: Record, *, within: str) -> bool:
    if within:
        return record.stratum.startswith(within)
    return record.stratum not in ("all", "internal", "external", "合计", "总体满意度")


def label(stratum: str, *, longest: int = LONGEST_NAME) -> str:
    """Give the short name of a stratum for readers, cut at ``longest`` characters.

    >>> label("internal/一线员工"), label("all"), label("2023Q3")
    ('一线员工', '全体', '三季度')
    """
    if month := re.fullmatch(r"\d{4}-(\d{2})", stratum):
        return f"{int(month[1])}{THIN_SPACE}月"
    if quarter := re.fullmatch(r"\d{4}Q([1-4])", stratum):
        return "一二三四"[int(quarter[1]) - 1] + "季度"
    side, _, rest = stratum.partition("/")
    names = {"all": "全体", "internal": "内部", "external": "外部"}
    name = (rest or names[side]) if side in names else stratum
    return name if len(name) <= longest else name[: longest - 1] + "…"


def side_of(stratum: str) -> str:
    """Give the side that a stratum belongs to, for readers.

    >>> side_of("internal/一线员工")
    '内部'
    """
    return label(stratum.split("/")[0])


def _rule(record: Record) -> str:
    said = [record.method]
    said += [f"校正后 p = {record.p:.3g}"] if record.p is not None else []
    said += [f"效应量 {record.effect:.2f}"] if record.effect is not None else []
    return "；".join(said)


#: What may stand in braces before a parenthesis.
PHRASES: dict[str, Callable[..., list[Segment]]] = {
    "abs": magnitude,
    "interval": interval,
    "n": base,
    "p": p_value,
    "effect": effect,
    "label": stratum_name,
    "change": change,
    "verdict": verdict,
    "which": which,
    "outcomes": outcomes,
    "highest": highest,
    "lowest": lowest,
    "largest": largest,
    "smallest": smallest,
    "see": reference,
}

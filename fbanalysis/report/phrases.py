"""Phrases that print what a record holds: its value, interval, base, p, names. They judge nothing.

A phrase takes the ledger and its arguments as they are written in a template, and gives segments.
"""

import re
from dataclasses import dataclass, replace

from fbanalysis.errors import LedgerError
from fbanalysis.report.ledger import THIN_SPACE, AbsentRecordError, Ledger, Record, format_number

#: Units whose ends of intervals stay whole.
_WHOLE = ("count", "customers", "date", "text")

#: Names of strata are cut at this many characters in text.
LONGEST_NAME = 24


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
    return [Segment(record.verdict, rule=rule_of(record))]


def reference(ledger: Ledger, topic: str) -> list[Segment]:
    """Refer to the slide of a topic; where topics repeat, ``41/各领域`` names the notebook's number too."""
    return [Segment(f"「{topic}」", see=topic)]


def which(ledger: Ledger, metric: str, outcome: str) -> list[Segment]:
    """List the strata of a metric with a verdict, or 无."""
    names = [label(record.stratum) for record in ledger.of(metric) if record.verdict == outcome]
    return [Segment("、".join(names) or "无", rule=f"结论为「{outcome}」的「{metric}」")]


def largest(ledger: Ledger, metric: str, within: str = "") -> list[Segment]:
    """Print the largest value of a metric, without naming its stratum."""
    return [number(sorted_parts(ledger, metric, within=within, sign=1)[0])]


def smallest(ledger: Ledger, metric: str, within: str = "") -> list[Segment]:
    """Print the smallest value of a metric, without naming its stratum."""
    return [number(sorted_parts(ledger, metric, within=within, sign=-1)[0])]


def outcomes(ledger: Ledger, metric: str) -> list[Segment]:
    """List the strata of a metric by the verdict of their test, those verdicts only that occur."""
    groups: dict[str, list[str]] = {}
    for record in ledger.of(metric):
        groups.setdefault(record.verdict or "未检验", []).append(label(record.stratum))
    said = "；".join(f"{verdict}：{'、'.join(names)}" for verdict, names in groups.items())
    return [Segment(said, rule=f"「{metric}」各层的检验结论")]


def sorted_parts(ledger: Ledger, metric: str, *, within: str, sign: int) -> list[Record]:
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


def rule_of(record: Record) -> str:
    said = [record.method]
    said += [f"校正后 p = {record.p:.3g}"] if record.p is not None else []
    said += [f"效应量 {record.effect:.2f}"] if record.effect is not None else []
    return "；".join(said)

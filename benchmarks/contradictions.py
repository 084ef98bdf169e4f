"""Measure the audit of a text against a table of its claims, each judged by hand: recall and precision.

Run it: ``python benchmarks/contradictions.py TEXT --claims CSV``. The table has a row per claim with the columns
`id`, `claim`, `printed`, `recomputed`, `verdict` (inconsistent, consistent, not derivable), `severity` (hard, soft),
`kind`. The text is any file that the audit reads: txt, md, html, docx, pptx, pdf.

A finding matches a row when its rule is one of the row's kind and it names the row's printed numbers: all of a
pair of statements that do not agree, at least one and the most of a list. A finding that matches no inconsistent
row is a false alarm. Rows named by ``--beyond`` need knowledge that no rule has; recall is printed with and
without them.
"""

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

from fbanalysis.report.audit.contradictions import find_contradictions
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.reading import read_document

#: Which rules can speak to a row of a kind.
RULES: Mapping[str, Sequence[str]] = {
    "share-sum": ("份额合计",),
    "sum": ("分项合计", "比率"),
    "weighted mean": ("加权平均",),
    "mean": ("加权平均",),
    "pooled SD": ("合并标准差",),
    "attainment": ("达成率", "达标判断"),
    "pct-change": ("升降幅度", "升降方向", "百分点", "倍数"),
    "wording": ("程度词", "最高级", "一概而论"),
    "rank": ("最高级", "排序"),
    "direction": ("升降方向", "一概而论", "阈值"),
    "date": ("日期",),
    "count": ("列举数目",),
    "repeat": ("前后不一",),
    "share": ("比率", "份额合计"),
    "cross-statement": ("前后不一", "变幅不一", "目标与成绩", "阈值", "口径", "份额与样本", "最高级", "基数"),
}
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def main() -> None:
    """Read, audit, match, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path)
    parser.add_argument("--claims", type=Path, required=True)
    parser.add_argument("--beyond", nargs="*", default=[], help="ids of rows that no rule can decide")
    given = parser.parse_args()
    rows = list(csv.DictReader(given.claims.open(encoding="utf-8-sig")))
    began = perf_counter()
    findings = find_contradictions(read_document(given.text))
    seconds = perf_counter() - began
    report(rows, findings, beyond=given.beyond)
    print(f"{seconds:.2f} s")


def numbers(text: str) -> set[float]:
    """Give the numbers of a text, without signs and units."""
    return {float(match.replace(",", "")) for match in NUMBER.findall(text)}


def matches(finding: Finding, row: Mapping[str, str]) -> bool:
    """Say whether a finding is what a row describes."""
    if finding.rule not in RULES.get(row["kind"], ()):
        return False
    printed = numbers(row["printed"])
    found = numbers(finding.printed)
    if not printed:
        return _quotes(finding, row)
    shared = printed & found
    if row["kind"] == "cross-statement" and len(printed) >= 2:
        return len(shared) >= 2
    if row["kind"] in ("cross-statement", "date", "wording"):
        return bool(shared & (found or printed)) and _mostly(
            numbers(row["claim"]), found | numbers(finding.explanation)
        )
    return len(shared) >= max(1, len(printed) // 2)


def _quotes(finding: Finding, row: Mapping[str, str]) -> bool:
    """A row without a printed number is matched by its words: half of its pairs of letters stand in the finding."""
    words = re.sub(r"[^\u4e00-\u9fff]", "", row["claim"])
    pairs = {words[at : at + 2] for at in range(len(words) - 1)}
    return sum(pair in finding.sentence + finding.explanation for pair in pairs) * 2 >= len(pairs)


def _mostly(wanted: set[float], found: set[float]) -> bool:
    return not wanted or 2 * len(wanted & found) > len(wanted)


def report(rows: Sequence[Mapping[str, str]], findings: Sequence[Finding], *, beyond: Iterable[str]) -> None:
    """Print what was found, what was missed, what is a false alarm, and the rates."""
    wrong = [row for row in rows if row["verdict"] == "inconsistent"]
    found = {row["id"]: [finding for finding in findings if matches(finding, row)] for row in wrong}
    right = [finding for finding in findings if any(finding in hits for hits in found.values())]
    for finding in findings:
        ids = " ".join(row for row, hits in found.items() if finding in hits)
        print(
            f"{ids or 'FALSE ALARM':<22} {finding.severity} {finding.rule}：{finding.printed}｜{finding.explanation[:110]}"
        )
    for row in wrong:
        if not found[row["id"]]:
            print(f"MISSED {row['id']} {row['severity']} {row['kind']}: {row['claim']}")
    for name, part in _parts(wrong, set(beyond)).items():
        hits = sum(bool(found[row["id"]]) for row in part)
        print(f"recall {name:<28} {hits}/{len(part)} = {hits / len(part):.2f}" if part else name)
    print(f"precision {len(right)}/{len(findings)} = {len(right) / max(1, len(findings)):.2f}")


def _parts(wrong: Sequence[Mapping[str, str]], beyond: set[str]) -> Mapping[str, list[Mapping[str, str]]]:
    parts: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in wrong:
        parts["all"].append(row)
        parts[f"severity {row['severity']}"].append(row)
        if row["id"] not in beyond:
            parts["that a rule can decide"].append(row)
    for row in wrong:
        parts[f"kind {row['kind']}"].append(row)
    return parts


if __name__ == "__main__":
    main()

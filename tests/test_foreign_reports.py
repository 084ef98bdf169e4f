"""The audit of anybody's report, measured on sixteen invented reports with planted contradictions.

A finding is right when it is what a row of the table describes: it stands at the row's sentence, or prints the row's
number in its table row or list. A row that rounding or another scope may explain (soft) need not be found; named as a
contradiction without doubt it is an error.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from fbanalysis.report.audit.contradictions import find_contradictions
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.reading import read_document

REPORTS = Path(__file__).parent / "foreign_reports"
KINDS = (".md", ".txt", ".docx", ".pptx")
#: What the rules must keep; what they reach is printed (pytest -s).
LEAST_RECALL, LEAST_PRECISION = 0.95, 0.95
#: Letters of a row that a finding must quote one after the other, where neither holds the other whole.
QUOTED = 10

Row = Mapping[str, str]


def bare(text: str) -> str:
    """Leave out blanks and what divides cells."""
    return re.sub(r"[\s*|#：；]+", "", text)


def numbers(text: str) -> set[float]:
    return {float(part.replace(",", "")) for part in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)}


def is_of(finding: Finding, row: Row) -> bool:
    """Say whether a finding is what a row describes."""
    said, quoted = bare(row["sentence"]), bare(finding.sentence)
    told = bare(finding.explanation)
    shares = bool(numbers(row["printed"]) & numbers(finding.printed))
    if len(said) < QUOTED:
        return said in quoted and shares
    if said in quoted or quoted in said or said in told:
        return True
    return shares and any(said[at : at + QUOTED] in quoted for at in range(len(said) - QUOTED + 1))


def truth() -> Mapping[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in csv.DictReader((REPORTS / "truth.csv").read_text("utf-8-sig").splitlines()):
        rows[row["file"]].append(row)
    return rows


def is_right(finding: Finding, rows: Sequence[Row]) -> bool:
    """Say whether a row stands behind a finding; one that rounding may explain must be told as possible."""
    of = [row for row in rows if is_of(finding, row)]
    return any(row["severity"] == "hard" or finding.severity == "可能" for row in of)


@pytest.fixture(scope="module")
def found() -> Mapping[str, list[Finding]]:
    files = sorted(path for path in REPORTS.iterdir() if path.suffix in KINDS)
    return {path.name: find_contradictions(read_document(path)) for path in files}


def test_the_table_names_what_the_reports_print(found):
    assert set(truth()) < set(found)


def test_planted_contradictions_are_found(found):
    hard = [row for rows in truth().values() for row in rows if row["severity"] == "hard"]
    hit = [row for row in hard if any(is_of(finding, row) for finding in found[row["file"]])]
    kinds = Counter(row["kind"] for row in hard)
    for kind, count in Counter(row["kind"] for row in hit).items():
        print(f"{kind} {count}/{kinds[kind]}")
    print(f"recall {len(hit)}/{len(hard)}")
    assert len(hit) >= LEAST_RECALL * len(hard)


def judged(found: Mapping[str, list[Finding]]) -> Iterator[tuple[Finding, bool]]:
    rows = truth()
    for name, findings in found.items():
        for finding in findings:
            yield finding, is_right(finding, rows.get(name, []))


def test_findings_are_planted_contradictions(found):
    all_of_them = list(judged(found))
    right = sum(is_right for _, is_right in all_of_them)
    for finding, is_right in all_of_them:
        if not is_right:
            print(f"{finding.severity} {finding.rule} {finding.sentence}: {finding.explanation}")
    print(f"precision {right}/{len(all_of_them)}")
    assert right >= LEAST_PRECISION * len(all_of_them)


@pytest.mark.parametrize("name", ["08_saas_support.md", "14_water_supply.docx"])
def test_a_report_without_contradictions_has_none(found, name):
    assert [finding for finding in found[name] if finding.severity == "矛盾"] == []

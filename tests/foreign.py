"""Audits a few lines or a small table as if they were somebody's report: for tests of the rules."""

from pathlib import Path

from fbanalysis.report.audit.contradictions import find_contradictions
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.reading import Document, Passage


def found(text: str) -> list[Finding]:
    """Audit lines of text."""
    lines = [Passage(f"第 {n} 行", "text", line) for n, line in enumerate(text.splitlines(), 1)]
    return find_contradictions(Document(Path("report.txt"), "txt", tuple(lines)))


def named(text: str) -> list[tuple[str, str]]:
    """Give rule and right value of what is found."""
    return [(finding.rule, finding.expected) for finding in found(text)]


def rows(*lines: str) -> list[Passage]:
    """Make the cells of a table: heads first, names in the first column."""
    heads, *body = [line.split() for line in lines]
    cells = [Passage("表", "cell", head) for head in heads]
    for name, *numbers in body:
        cells.append(Passage("表", "cell", name, column=heads[0]))
        cells += [
            Passage("表", "cell", number, row=name, column=head)
            for head, number in zip(heads[1:], numbers, strict=True)
        ]
    return cells


def audit(cells: list[Passage], *sentences: str) -> list[tuple[str, str]]:
    """Audit a table with sentences below it."""
    lines = [Passage(f"第 {n} 段", "text", text) for n, text in enumerate(sentences, 1)]
    document = Document(Path("report.md"), "md", (*cells, *lines))
    return [(finding.rule, finding.expected) for finding in find_contradictions(document)]

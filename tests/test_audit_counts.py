"""Counts of what reached a goal, lies beyond a bound or is named."""

from pathlib import Path

import pytest

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


GOALS = ("指标 目标 实际", "准时率 95% 96%", "投诉时长 24 30", "满意率 90% 91%", "破损率 2% 1%")


def test_reached_goals_are_counted_in_the_direction_that_is_better():
    # 30 hours miss 24, 1 % of breakage keeps 2 %
    assert audit(rows(*GOALS), "四项指标中三项达标。") == []
    assert audit(rows(*GOALS), "四项指标中两项达标。") == [("列举数目", "3")]
    assert audit(rows(*GOALS), "未达标的有一项，达到目标的有4项。") == [("列举数目", "3")]


def test_what_lies_beyond_a_bound_is_counted():
    listed = "，甲所98.9%、乙所98.4%、丙所97.6%、丁所98.2%"
    assert named("高于98%的站所3个" + listed) == []
    assert named("高于98%的站所4个" + listed) == [("列举数目", "3")]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("得分较高的有机电学院、信息学院和外语学院4个学院。", "3"),
        ("全年开展四次专项检查，时间分别为3月、6月、9月。", "3"),
    ],
)
def test_what_is_named_is_counted(text, right):
    assert named(text) == [("列举数目", right)]


def test_rows_that_fell_are_counted():
    cells = rows("小区 去年 今年", "甲苑 84.2 87.0", "乙苑 85.0 84.4", "丙苑 91.2 92.8")
    assert audit(cells, "一个小区得分下降。") == []
    assert audit(cells, "两个小区得分下降。") == [("列举数目", "1")]

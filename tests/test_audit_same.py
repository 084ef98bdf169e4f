"""One measure with two values."""

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


def test_a_measure_has_one_value_over_the_whole_report():
    text = "2023年服务报告\n今年人均培训46.5小时。\n结尾\n今年人均培训时长45.6小时。"
    assert named(text) == [("前后不一", "46.5小时")]
    assert found(text.replace("45.6", "46.5")) == []


def test_a_survey_of_its_own_may_give_another_value():
    text = "2023年报告\n全年用户满意率98.1%。\n抽查回访\n抽查显示，全年用户满意率97.3%。"
    assert [finding.severity for finding in found(text)] == ["可能"]


def test_plans_for_the_next_year_are_no_second_value():
    text = "2023年报告\n全年综合满意度88.4分。\n2024年目标\n综合满意度90.0分。"
    assert found(text) == []


def test_a_table_and_a_sentence_print_one_value():
    cells = rows("项目 2022年 2023年", "员工服务 92.3 93.5", "数字服务 80.6 84.9")
    assert audit(cells, "员工服务得分为93.5分。") == []
    assert audit(cells, "员工服务得分为92.5分。") == [("前后不一", "93.5")]

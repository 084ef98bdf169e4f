"""Means of what is listed."""

from foreign import audit, found, rows


def severities(text: str) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.expected, finding.severity) for finding in found(text)]


def test_a_mean_of_a_list_is_recomputed():
    # (88 + 90 + 92 + 86) ÷ 4
    assert severities("四个分中心的得分分别为88、90、92、86，算术平均为91分。") == [
        ("平均数", "89分", "矛盾")
    ]
    assert found("四个分中心的得分分别为88、90、92、86，算术平均为89分。") == []


def test_weights_may_explain_a_mean_among_its_parts_and_none_beyond():
    assert [s for _, _, s in severities("三店得分82、84、90，平均86.5。")] == ["可能"]
    assert [s for _, _, s in severities("三店得分82、84、90，平均91.5。")] == ["矛盾"]


def test_a_mean_of_a_list_in_the_line_above():
    assert severities("四区得分 甲区89.5 乙区88.2 丙区86.7 丁区84.4\n四区简单平均88.2分") == [
        ("平均数", "87.2分", "矛盾")
    ]


def test_a_row_of_means_is_recomputed():
    lines = ["项目 2022年 2023年", "环境 89.2 91.0", "资源 85.4 86.1", "服务 92.4 93.5"]
    assert audit(rows(*lines, "平均 89.0 90.2")) == []
    assert audit(rows(*lines, "平均 89.0 91.2")) == [("平均数", "90.2")]


def test_a_column_of_the_whole_lies_among_its_parts():
    lines = ["指标 城区 县城 农村 全省", "装机 90.2 88.6 86.0 89.0", "热线 87.5 87.1 86.3 87.2"]
    assert audit(rows(*lines, "网络 85.4 83.0 78.5 83.4")) == []
    assert audit(rows(*lines, "网络 85.4 83.0 78.5 86.4")) == [("加权平均", "在 78.5–85.4 之间")]

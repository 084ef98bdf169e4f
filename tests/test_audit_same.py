"""One measure with two values."""

from foreign import audit, found, named, rows


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

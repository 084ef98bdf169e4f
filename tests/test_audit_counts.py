"""Counts of what reached a goal, lies beyond a bound or is named."""

import pytest
from foreign import audit, named, rows

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

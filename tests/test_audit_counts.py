"""Counts of what reached a goal, lies beyond a bound or is named."""

import pytest
from foreign import audit, found, named, rows

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


HALLS = rows(
    "大厅 平均等候（分钟） 满意度（分）",
    "市中心 14.6 90.2",
    "东城 11.2 92.4",
    "西城 9.8 93.1",
    "开发区 12.3 89.5",
    "海滨 6.5 95.0",
)


@pytest.mark.parametrize(
    "text",
    [
        "平均等候在10分钟以上的大厅有三个。",
        "五个大厅中满意度有四个超过90分，只有开发区未到90分。",
        "满意度超过92分的有三家，92分以下的有两家。",
        "走访18家单位，得分90分以上的有7家。",
        "开发区是唯一满意度低于90分的大厅。",
    ],
)
def test_right_tallies_are_left_alone(text):
    assert audit(HALLS, text) == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("平均等候在10分钟以上的大厅只剩两个。", "3"),
        ("五个大厅里有五个满意度在90分以上。", "4"),
        ("满意度低于91分的大厅有三个。", "2"),
        ("开发区是唯一满意度低于91分的大厅。", "2"),
    ],
)
def test_wrong_tallies_are_found(text, right):
    assert audit(HALLS, "本节另述线上渠道。", text) == [("列举数目", right)]


TWO_YEARS = rows("项目 上年 今年", "保洁 88.2 90.5", "安保 86.0 88.9", "绿化 84.7 84.1", "客服 85.1 85.1")


def test_ways_that_rows_went_are_counted():
    assert audit(TWO_YEARS, "四个项目两升一降一平。", "绿化是唯一下降的项目。") == []
    assert audit(TWO_YEARS, "四个项目三升一降。") == [("列举数目", "2 / 1")]


YEARS = "近四年得分：2021年 84.6 → 2022年 86.2 → 2023年 {} → 2024年 89.3，连续三年上升。"


def test_a_streak_is_held_against_its_years():
    assert named(YEARS.format(88.1)) == []
    assert named(YEARS.format(85.9)) == [("最高级", "2023年 85.9")]


@pytest.mark.parametrize(
    "text",
    [
        "明年抓好三件事：管网改造、智能水表、热线扩容。",
        "四个季度的样本分别是1,180份、1,310份、1,420份和1,210份。",
        "头尾差21.4个百分点\n· 甲区较高\n· 乙区较低",
        "第3页 三大区\n- 华东 89.4分\n- 华南 87.8分\n- 华北 86.2分\n- 三区差距收窄",
    ],
)
def test_right_lists_are_left_alone(text):
    assert named(text) == []


def test_things_of_a_list_are_counted():
    assert named("明年抓好三件事：管网改造、智能水表、水质检测、热线扩容。") == [("列举数目", "4")]
    text = "明年重点抓好以下三项工作：\n1. 改造管网12公里。\n2. 更换水表。\n3. 扩容热线。\n4. 培训员工。"
    assert named(text) == [("列举数目", "4")]


DIMENSIONS = (
    "各维度（今年 | 去年）\n服务 | 92.4 | 91.0\n效能 | 88.7 | 86.1\n环境 | 85.2 | 85.9\n公开 | 83.6 | 81.2\n"
)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("四个维度升三降一。", []),
        ("四个维度升二降二。", ["列举数目"]),
        ("唯一下降的是环境。", []),
        ("下降的只有公开。", ["列举数目"]),
        ("四个维度全部高于80分。", []),
        ("四个维度全部高于84分。", ["一概而论"]),
    ],
)
def test_lines_without_heads_are_counted(text, rules):
    assert [rule for rule, _ in named(DIMENSIONS + text)] == rules


def test_a_list_announced_in_a_clause_of_its_own_is_counted():
    lines = "（1）延长取药窗口；\n（2）公示收费；\n（3）增设导诊；\n（4）分时预约；\n本纪要发各科室。"
    assert found("新议定整改事项四项，列示如下：\n" + lines) == []
    assert len(found("新议定整改事项三项，列示如下：\n" + lines)) == 1


def test_how_many_are_of_each_kind_is_no_list_of_names():
    assert found("去年承诺12条：做完9、在做2、放弃1") == []
    assert len(found("去年承诺4条：缩短排队、公示收费、增设导诊")) == 1


WARDS = "分所情况\n东桥　受理310　办结率61.0%\n西桥　受理280　办结率65.0%\n南桥　受理250　办结率64.0%\n北桥　受理230　办结率62.8%\n"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("办结率高于全所水平（63.0%）的分所有两个。", []),
        ("办结率高于全所水平（63.0%）的分所有三个。", [("列举数目", "2")]),
        ("办结率高于平均值62.0%的分所有两个。", [("列举数目", "3")]),
    ],
)
def test_a_bound_may_have_a_name(text, right):
    assert [one for one in named(WARDS + text) if one[0] == "列举数目"] == right


def test_a_member_called_one_item_counts_nothing():
    cells = rows("事项 去年 今年", "食堂 84.2 87.0", "宿舍 85.0 88.4", "浴室 91.2 92.8")
    assert audit(cells, "浴室一项的改善得益于换灯。") == []


def test_a_year_in_a_heading_is_no_count():
    lines = "\n①加装扶手\n②更换座椅\n③增设夜班\n④修补屋顶\n费用另列。"
    assert named("以下四项列入2026年计划：" + lines) == []
    assert named("以下三项列入2026年计划：" + lines) == [("列举数目", "4")]

"""One measure with two values."""

import pytest
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


@pytest.mark.parametrize(
    ("first", "second", "right", "wrong"),
    [
        (
            "投诉电话全年受理4,736件，咨询电话全年受理9,120件。",
            "热线投诉4,376件，件件有回音。",
            "4,736件",
            "4,376件",
        ),
        (
            "在册会员58,320人，其中女性31,204人，男性27,116人。",
            "将面向53,820名会员推出新规则。",
            "58,320人",
            "53,820名",
        ),
        (
            "全馆设座位三千四百六十个。",
            "明年拟对三千六百四十个座位加装插座。",
            "三千四百六十个",
            "三千六百四十个",
        ),
        ("全年受理工单486,200件。", "全年48.26万张工单无一积压。", "486,200件", "48.26万张"),
        ("召开座谈会36场，参加540人。", "全年63场座谈会收集意见。", "36场", "63场"),
    ],
)
def test_a_figure_returns_with_a_slip_of_the_pen(first, second, right, wrong):
    findings = found(f"2024年度报告\n{first}\n结尾\n{second}")
    assert [(finding.printed, finding.expected) for finding in findings] == [(wrong, right)]


@pytest.mark.parametrize(
    "text",
    [
        "城东网点满意度88.6分。\n城西网点满意度86.8分。",
        "物流类投诉678件。\n质量类投诉687件。",
        "一季度受理工单1,320件。\n二季度受理工单1,230件。",
        "2023年投诉425件。\n全年投诉452件。",
        "全年接通率94.5%。\n2025年目标\n接通率达到95.4%。",
        "热线来电23,540通，接通22,540通。",
        "回收问卷3,268份，剔除32份，有效问卷3,236份。\n以下以3,268份回收问卷计。",
        "加权后总体满意度87.4分。\n五个分项的简单平均为84.7分。",
        "上年：承保 84.9｜理赔 80.1。\n承保 84.0｜理赔 83.5。",
    ],
)
def test_figures_of_two_things_may_be_alike(text):
    assert [finding for finding in found(f"2024年度报告\n{text}") if finding.rule == "前后不一"] == []


def test_what_another_number_supports_is_no_slip():
    text = "2024年度报告\n回收4,980份，剔除180份，有效问卷4,800份。\n其中一组\n线上2,460份，线下2,400份，两组共4,860份问卷。"
    assert found(text) == []


def test_a_percentage_of_a_time_is_no_second_value_of_it():
    text = "2024年度报告\n投诉原因：等候时间28.4%。\n小结\n等候时间较上年缩短，合18.8%。"
    assert [finding for finding in found(text) if finding.rule == "前后不一"] == []


def test_a_figure_above_this_year_s_is_of_another_year():
    text = "2024年度报告\n全年综合满意度86.7%。\n安排\n综合满意度88%（比今年高1.3个百分点）。"
    assert [finding for finding in found(text) if finding.rule == "前后不一"] == []


@pytest.mark.parametrize(
    ("first", "second", "right", "wrong"),
    [
        ("公司共有直营网点37家，分布在6个区。", "全部39家直营网点均已完成消防验收。", "37家", "39家"),
        ("学校食堂满意度76.4%。", "由后勤处牵头解决食堂满意度仅74.6%的问题。", "76.4%", "74.6%"),
        ("退货率4.9%，去年5.6%。", "下一步\n要把退货率从4.6%降到4.0%以内。", "4.9%", "4.6%"),
        ("会员总数达到7,915户。", "展望\n7,951户会员是我们最大的财富。", "7,915户", "7,951户"),
        ("现有网点215家，覆盖18个县。", "下一步\n计划对全部251家网点更新标识。", "215家", "251家"),
        (
            "有效问卷2,916份，其中线上1,944份，线下972份。",
            "在2,961份有效问卷中，八成表示满意。",
            "2,916份",
            "2,961份",
        ),
    ],
)
def test_what_is_so_already_is_compared_among_plans_too(first, second, right, wrong):
    findings = found(f"2024年度报告\n{first}\n结尾\n{second}")
    assert (wrong, right) in [(finding.printed, finding.expected) for finding in findings]


@pytest.mark.parametrize(
    "text",
    [
        "人均培训46.5小时。\n管理岗人均培训45.6小时。",
        "读者满意率93.6%。\n少儿读者满意率96.3%。",
        "培训前得分72.4分。\n培训后得分74.2分。",
        "维修费收入1,268万元。\n维修费支出1,286万元。",
        "A院区投诉120件，办结率96.3%。\nB院区投诉130件，办结率93.6%。",
        "试点网点18家，满意率93.5%。\n全部网点满意率95.3%。",
        "东城分公司\n满意度88.4分。\n西城分公司\n满意度84.8分。",
        "维修平均用时32分钟。\n维修比上门检测多花23分钟。",
        "全年工单1,020张。\n班组12个，人均办理工单1,200张左右。",
        "总体满意率87.6%。\n若以性别论，女性512人，总体满意率88.9%；男性468人，满意率86.2%。",
        "按期率84%。\n明年\n按期率84%→88%。",
    ],
)
def test_a_name_with_more_or_other_words_is_of_something_else(text):
    assert [finding for finding in found(f"2024年度报告\n{text}") if finding.rule == "前后不一"] == []


def test_a_cell_is_named_by_its_column_too():
    cells = rows("科室 投诉 表扬", "口腔科 49 82", "内科 163 255")
    assert audit(cells, "口腔科平均候诊45分钟。") == []


def test_a_result_told_with_what_it_was_is_a_value_of_the_measure():
    text = "2024年度报告\n评价5,200条，NPS 为 48，去年 43。\n结尾\n全年 NPS 由 43 上行到 51，投诉减少。"
    assert "前后不一" in [finding.rule for finding in found(text)]


@pytest.mark.parametrize(
    ("second", "count"),
    [
        ("全年六十六期班总体平稳。", 1),
        ("全年六十四期班总体平稳。", 0),
        ("全年六十期讲座总体平稳。", 0),
    ],
)
def test_what_is_held_in_a_year_has_one_number(second, count):
    text = "2024年度通报\n全年办班六十四期，平均每期六十人。\n与会人员意见\n" + second
    assert len(found(text)) == count

"""Days, periods and their lengths, and the shares of one whole, alone and with the counts that they are."""

from pathlib import Path

import pytest
from foreign import found, named

from fbanalysis.report.audit.contradictions import find_contradictions
from fbanalysis.report.audit.numbers import find_numbers
from fbanalysis.report.audit.reading import read_document

TITLE = "2024年某热线满意度年报\n"
RULES = ("日期", "份额合计", "占比")


def told(text: str) -> list[tuple[str, str]]:
    return [(rule, right) for rule, right in named(TITLE + text) if rule in RULES]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        # weekdays: the year is said, or that of the title, of the sentence or of the date before
        ("座谈会于3月12日（周三）召开。", "周二"),
        ("周五（11月23日）举行开放日。", "周六"),
        ("培训在2024年4月9日，星期四，举行。", "周二"),
        ("2024年6月11日上午（周三）开会。", "周二"),
        ("现场测评为9月9日至13日（周二至周五）。", "周一"),
        ("恳谈会：3月16日（周六）、12月14日（周日），均为2024年。", "周六"),
        # days that no calendar has
        ("9月9日、16日、31日各办一场。", "日历上有的日期"),
        ("统计口径为6月1日至31日。", "日历上有的日期"),
        ("截至二〇二四年六月三十一日。", "日历上有的日期"),
        # what ends before it begins
        ("改造于2024年7月15日开工，2024年6月30日竣工。", "不早于 2024年7月15日"),
        ("网上问卷自2024年10月28日（周一）起，至10月15日（周二）止。", "止于 2024年10月28日 之后"),
        # lengths
        ("调查期为2024年9月2日（周一）到9月20日（周五），前后21天。", "19 天"),
        ("问卷自3月4日开放，至3月29日关闭，历时30天。", "26 天"),
        ("公示期为期10天（7月1日至7月7日）。", "7 天"),
        ("入户访谈（6月3日—6月28日，共30天）。", "26 天"),
        ("7月1日至7月7日，首尾都算共6天。", "7 天"),
        ("项目2023年4月启动，2024年3月完成，历时18个月。", "12 个月"),
        ("大促从11月1日0点到11月11日24点，共13天。", "11 天"),
        ("本次调查于2024年10月14日启动，10月27日收官。历时20天。", "14 天"),
        ("6月3日至6月9日集中走访，共走访12天。", "7 天"),
        ("整改期7月1日至7月31日，共计25个工作日。", "23 个工作日"),
        ("调查在2024年3月4日开始，3月15日收尾汇总，历时20天。", "12 天"),
        ("原定9月30日交付，实际9月24日交付，提前10天。", "6 天"),
    ],
)
def test_wrong_days_are_named(text, right):
    assert told(text) == [("日期", right)]


@pytest.mark.parametrize(
    "text",
    [
        "每周五（11月22日起）接待；9月至11月，每周三开放。",
        "现场测评为9月9日至13日（周一至周五），9月9日（周一）至13日（周五）共五天。",
        "调研自3月4日至3月29日，共20个工作日；7月1日至8月31日共开放48天。",
        "首尾两天都算，10月8日开始，10月28日截止，共21天。",
        "9月2日至9月20日发放问卷，整改历时12天。",
        "7月1日至7月31日整改，平均用时3天。",
        "2023年12月26日至2024年1月8日，共14天；12月26日至1月8日，为期两周。",
        "2023年11月至2024年2月，历时4个月。",
        "11月18日至22日和11月25日至29日，共10天。",
        "下一步，各站于2025年1月10日（周五）前完成。",
        "原表误写为9月31日，现予勘误。",
        "调查在2024年3月4日开始，3月15日收尾汇总，历时12天。",
    ],
)
def test_right_days_are_left_alone(text):
    assert told(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "满意的占七成二，一般的占二成一，不满意的占一成二。",
        "每人只选一项。选“很满意”的占48.6%，选“满意”的占34.2%，两者合起来是82.8%。选“一般”的占14.9%。不满意的有两档，“不满意”为3.7%，“很不满意”为1.6%。",
        "工单类型（单选）\n· 咨询 44%（上年 40%）\n· 投诉 26%（上年 30%）\n· 求助 20%（上年 20%）\n· 其他 14%（上年 10%）",
        "· 差评占2.5%\n【二】来源（单选，全体=100%）\n· 电话 46%\n· 网络 21%\n· 现场 18%\n· 信函 9%\n· 其他 11%",
        "占比：咨询45%、投诉30%、建议15%、失物12%",
        "“非常满意”五成六，“满意”三成一，“一般”一成四，“不满意”百分之四，均为单项选择。",
        "客户类型：企业客户62%，个人客户43%。",
        "常去时段（限选其一）：早晨41%，午间33%，傍晚21%，夜间14%。",
        "每人限选一项，愿按次付费的46%，愿按月付费的35%，愿按年付费的26%。",
        "年龄：18-25岁31.6%／26-35岁28.4%／36-50岁25.3%／50岁以上24.7%",
    ],
)
def test_shares_that_do_not_make_their_whole_are_named(text):
    assert ("份额合计", "100%") in told(text)


@pytest.mark.parametrize(
    "text",
    [
        "满意的占七成二，一般的占一成八，不满意的占一成。",
        "工单类型（可多选）\n· 咨询 44%\n· 投诉 36%\n· 求助 30%",
        "负面占50.0%，比2023年54.0%回落4个百分点。",
        "食堂与宿舍两项占该类的75.0%，相当于全部意见的三分之一。",
        "知道的仅占45.3%，比总体水平72.8%低27.5个百分点。",
        "各校区好评占比：东区45%，西区38%，南区41%。",
        "男性占47%，女性占53%，党员占21%。",
        "常去时段（限选两项）：早晨61%，午间53%，傍晚41%，夜间14%。",
        "常去时段（限选1-3项）：早晨61%，午间53%，傍晚41%，夜间14%。",
        "课程与教材两类意见占58.0%，接近六成。",
        "渠道如下：柜台报修3,540件，占60.0%；热线受理1,770件，占30.0%；门店及其他590件，占10.0%。",
        "年龄：18-25岁31.6%／26-35岁28.4%／36-50岁25.3%／50岁以上14.7%",
        "构成如下：甲占24%，乙占37%，丙占3%，丁占34%，戊占1%，己占1%。",
        # 5, 1, 1 and 1 of 8
        "构成如下：甲占63%，乙占13%，丙占13%，丁占13%。",
    ],
)
def test_shares_that_make_it_or_have_no_whole_are_left_alone(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("有效样本2,400份。其中女性占55%，即1,230人。", "1,320人"),
        (
            "以电话取得样本3,000份。受访客户中，用过手机银行的占38%，即1,240人；用存折的占21%，即630人。",
            "1,140人",
        ),
        ("会员1,200人(40%)、散客1,500人(50%)、团队300人(14%)。", "10%"),
    ],
)
def test_shares_that_are_not_their_counts_are_named(text, right):
    assert ("占比", right) in told(text)


@pytest.mark.parametrize(
    "text",
    [
        "有效样本2,400份。其中女性占55%，即1,320人。",
        "有效样本2,400份，老客户1,200份，其中女性占55%，即660人。",
        "会员1,200人(40%)、散客1,500人(50%)、团队300人(10%)，其中学生团队150人(50%)。",
    ],
)
def test_shares_that_are_their_counts_are_left_alone(text):
    assert [
        finding
        for finding in found(TITLE + text)
        if "×" in finding.explanation or "同列" in finding.explanation
    ] == []


def test_a_share_that_is_off_by_its_last_digit_is_only_possible():
    text = "参评3,000件。满意1,850件，占61.7%；一般1,102件，占36.7%；不满意48件，占1.5%。"
    assert [finding.severity for finding in found(TITLE + text) if finding.rule == "占比"] == ["可能"]


def test_the_number_of_a_document_tells_no_year():
    text = "关于热线的评估\n编制：客服部　文号：客评〔2025〕7号\n2024年9月28日（星期六）启动，2024年10月8日（星期二）收尾。"
    assert named(text + "\n12月6日（星期五）座谈。") == []
    assert ("日期", "周五") in named(text + "\n12月6日（星期四）座谈。")


def test_a_row_written_as_a_line_divides_nothing():
    assert told("全部 | 20,000 | 18,560 | 92.8% | 18,234 | 98.2%") == []


def test_columns_of_shares_are_checked_by_their_head_or_their_title(tmp_path: Path):
    body = ("| 电话 | 45% | 47% |", "| 网络 | 33% | 28% |", "| 现场 | 17% | 20% |", "| 其他 | 10% | 5% |")
    for caption, count in (("投诉来源构成（单选）", 1), ("最关注的方面（可多选）", 0), ("各区情况", 0)):
        path = tmp_path / "report.md"
        table = ("| 来源 | 2024年 | 2023年 |", "|---|---|---|", *body)
        path.write_text("\n".join(["# 年报", "", caption, "", *table]), encoding="utf-8")
        assert [f.rule for f in find_contradictions(read_document(path))] == ["份额合计"] * count


def test_tenths_may_have_a_second_figure():
    values = [(one.value, one.step) for one in find_numbers("占二成二，八成一线员工，三成半，七成")]
    assert values == [(22, 1), (80, 10), (35, 5), (70, 10)]

"""Finding the numbers of a Chinese text: what is one, what only looks like one, and in what time."""

import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbanalysis.report.audit.numbers import Mention, find_numbers, mend
from fbanalysis.report.audit.numerals import read_numeral


def only(text: str) -> Mention:
    """Give the one number of a text."""
    (mention,) = find_numbers(text)
    return mention


def values(text: str) -> list[float | None]:
    return [mention.value for mention in find_numbers(text)]


# ------------------------------------------------------------------ digits, signs, scales

DIGITS = [
    # text, what is taken as the number, value, unit, step
    ("共 3,528 份反馈", "3,528 份", 3528, "份", 1),
    ("共3，528份反馈", "3，528份", 3528, "份", 1),
    ("共３，５２８份反馈", "３，５２８份", 3528, "份", 1),
    ("达到4.10分", "4.10分", 4.10, "分", 0.01),
    ("达到 4.1\u202f分（很好）", "4.1\u202f分", 4.1, "分", 0.1),
    ("样本 1.2万", "1.2万", 12000, "", 1000),
    ("用户 3 亿", "3 亿", 3e8, "", 1e8),
    ("服务 12 万人", "12 万人", 120000, "人", 10000),
    ("服务 12 万人次", "12 万人次", 120000, "人次", 10000),
    ("损失 3.5 万元", "3.5 万元", 35000, "元", 1000),
    ("损失 3.51 亿元", "3.51 亿元", 351e6, "元", 1e6),
    ("损失 ¥1,200 整", "¥1,200", 1200, "元", 1),
    ("阅读 3千 次", "3千 次", 3000, "次", 1000),
    ("阅读 3.5k 次", "3.5k 次", 3500, "次", 100),
    ("浓度 2e-5 。", "2e-5", 2e-5, "", 1e-5),
    ("p = .03 时", ".03", 0.03, "", 0.01),
    ("等了 12 个小时", "12 个小时", 12, "小时", 1),
    ("等了 12h，", "12h", 12, "小时", 1),
    ("等了两年半，", "两年半", 2.5, "年", 0.5),
    ("等了一个半小时", "一个半小时", 1.5, "小时", 0.5),
    ("为期 12 个月", "12 个月", 12, "个月", 1),
    ("有 3 个人", "3 个", 3, "个", 1),
    ("三大类", "三大类", 3, "大类", 1),
    ("得 4.2分布图", "4.2", 4.2, "", 0.1),
]


@pytest.mark.parametrize(("text", "printed", "value", "unit", "step"), DIGITS)
def test_a_number_has_its_value_unit_and_step(text, printed, value, unit, step):
    found = only(text)
    assert (found.text, found.kind, found.unit) == (printed, "number", unit)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.step == pytest.approx(step, rel=1e-9)
    assert text[found.start : found.end] == printed


SIGNS = [
    ("变化 −0.3 分", -0.3),
    ("同比-3.2", -3.2),
    ("（-5 家）", -5),
    ("（+0.2）", 0.2),
    ("从 −1.5 起", -1.5),
]


@pytest.mark.parametrize(("text", "value"), SIGNS)
def test_a_sign_belongs_to_its_number(text, value):
    found = only(text)
    assert (found.value, found.is_signed) == (value, True)
    assert found.text[0] in "+−-"


RANGES = [
    ("4.08–4.12", [4.08, 4.12], ["", ""]),
    ("4.08-4.12 分", [4.08, 4.12], ["分", "分"]),
    ("2-3个", [2, 3], ["个", "个"]),
    ("38%−45%", [38, 45], ["%", "%"]),
    ("38–45%", [38, 45], ["%", "%"]),
    ("3 至 5 天", [3, 5], ["天", "天"]),
    ("三到五天", [3, 5], ["天", "天"]),
    ("1–3万元", [10000, 30000], ["元", "元"]),
    ("2000-3000份", [2000, 3000], ["份", "份"]),
    ("六七成", [60, 70], ["%", "%"]),
    ("两三百家", [200, 300], ["家", "家"]),
    ("百分之十至二十", [10, 20], ["%", "%"]),
    ("−0.3 至 −0.1", [-0.3, -0.1], ["", ""]),
    ("1-6月", [1, 6], ["月", "月"]),
    ("移动端-3 期", [3], ["期"]),
    ("P0(危机级-2小时)", [2], ["小时"]),
]


@pytest.mark.parametrize(("text", "numbers", "units"), RANGES)
def test_a_range_is_two_numbers_and_its_dash_no_sign(text, numbers, units):
    found = find_numbers(text)
    assert [mention.value for mention in found] == numbers
    assert [mention.unit for mention in found] == units


# ------------------------------------------------------------------ shares, multiples, ranks

KINDS = [
    ("12%", "percent", 12, "%", 1),
    ("12.5 ％", "percent", 12.5, "%", 0.1),
    ("百分之十二", "percent", 12, "%", 1),
    ("百分之三点五", "percent", 3.5, "%", 0.1),
    ("百分之百", "percent", 100, "%", 1),
    ("百分之 12.5", "percent", 12.5, "%", 0.1),
    ("三成", "percent", 30, "%", 10),
    ("三成半", "percent", 35, "%", 5),
    ("一半", "percent", 50, "%", 10),
    ("半数", "percent", 50, "%", 10),
    ("四分之三", "percent", 75, "%", 5),
    ("5‰", "number", 5, "‰", 1),
    ("千分之五", "number", 5, "‰", 1),
    ("3 个百分点", "points", 3, "百分点", 1),
    ("3.5百分点", "points", 3.5, "百分点", 0.1),
    ("十二个百分点", "points", 12, "百分点", 1),
    ("2 pp", "points", 2, "百分点", 1),
    ("两倍", "multiple", 2, "倍", 1),
    ("1.5倍", "multiple", 1.5, "倍", 0.1),
    ("三点五倍", "multiple", 3.5, "倍", 0.1),
    ("翻一番", "multiple", 2, "倍", 1),
    ("翻番", "multiple", 2, "倍", 1),
    ("翻了两番", "multiple", 4, "倍", 1),
    ("翻倍", "multiple", 2, "倍", 1),
    ("第三", "rank", 3, "", 1),
    ("第 2", "rank", 2, "", 1),
    ("第三名", "rank", 3, "名", 1),
    ("第 12 页", "rank", 12, "页", 1),
    ("居首", "rank", 1, "", 1),
    ("榜首", "rank", 1, "", 1),
    ("倒数第一", "rank", -1, "", 1),
    ("14:30", "time", 14.5, "", 1 / 60),
]


@pytest.mark.parametrize(("text", "kind", "value", "unit", "step"), KINDS)
def test_a_number_is_of_its_kind(text, kind, value, unit, step):
    found = only(f"其中为{text}，如上")
    assert (found.text, found.kind, found.unit) == (text, kind, unit)
    assert found.value == pytest.approx(value)
    assert found.step == pytest.approx(step)


def test_reasons_that_are_counted_are_no_ranks():
    assert find_numbers("第一，响应慢；第二、文档旧。") == []
    assert only("在各部门中排名第一，领先").kind == "rank"
    assert find_numbers("首位接收反馈的人负责") == []


# ------------------------------------------------------------------ Chinese numerals

NUMERALS = [
    ("共三千五百二十八。", 3528, 1),
    ("共两百人", 200, 100),
    ("共十二人", 12, 1),
    ("共二十人", 20, 1),
    ("共一百零五份", 105, 1),
    ("共一万二千家", 12000, 1000),
    ("共三千五家", 3500, 100),
    ("共两万零三份", 20003, 1),
    ("共十万", 100000, 10000),
    ("共零次", 0, 1),
    ("共两个月", 2, 1),
    ("共一年", 1, 1),
    ("共三十个工作日", 30, 1),
]


@pytest.mark.parametrize(("text", "value", "step"), NUMERALS)
def test_a_chinese_numeral_is_a_number(text, value, step):
    assert (only(text).value, only(text).step) == (value, step)


NO_NUMBERS = [
    "一些",
    "一定",
    "一致",
    "统一",
    "一样",
    "一方面",
    "一线员工",
    "一起",
    "一下",
    "万一",
    "千万别",
    "三番五次",
    "十分重要",
    "四分五裂",
    "之一",
    "唯一",
    "第三方",
    "一站式",
    "一对一",
    "五问法",
    "一直",
    "一般",
    "一旦",
    "一次性",
    "一步",
    "进一步",
    "百姓",
    "七嘴八舌",
    "半天",
    "同一个",
    "下一年",
    "每一位",
    "一个个",
    "几十个",
    "数百家",
    "十几个",
    "上百人",
    "成千上万",
    "三五个",
    "一点",
    "十四五规划",
    "双十一",
    "五百强",
    "80后",
    "一、背景",
    "十二、附录",
    "第二天",
    "第一时间",
    "一体化",
    "一部分",
    "三天两头",
    "七手八脚",
    "百分制",
    "十分制",
    "一年一度",
    "统一一下",
    "一日千里",
]


@pytest.mark.parametrize("word", NO_NUMBERS)
def test_words_of_numerals_are_no_numbers(word):
    assert find_numbers(word) == []
    assert find_numbers(f"说明{word}的情况" if "、" not in word else word) == []


NAMES = [
    "P0",
    "问题P3处理",
    "7×24 小时",
    "7×24小时支持",
    "24/7 全天候",
    "ISO 9001 认证",
    "GB/T 19001",
    "版本 1.2.3",
    "v2.0",
    "A0-12",
    "INC-2023-0042",
    "https://example.org/2023/1?x=12",
    "ask12@example.org",
    "电话 13812345678",
    "电话 010-12345678",
    "400-123-4567",
    "36cb979d94e3",
    "5G 网络",
    "3D 打印",
    "12345热线",
    "工号 007",
    "图 3",
    "表 2-1",
    "1. 概述",
    "3、建议",
    "5分制",
    "1920×1080",
    "report_2023.xlsx",
    "世界500强",
    "90年代",
]


@pytest.mark.parametrize("text", NAMES)
def test_names_with_digits_are_no_numbers(text):
    found = find_numbers(text)
    assert [mention.text for mention in found] in ([], ["小时"])


def writes(number: int) -> str:
    """Write a number below 10¹² in Chinese numerals, digit by digit from the left."""
    if number == 0:
        return "零"
    written, was_zero = "", False
    figures = str(number)
    for place, figure in zip(range(len(figures) - 1, -1, -1), figures, strict=True):
        small, group = place % 4, place // 4
        if figure == "0":
            was_zero = True
        else:
            written += ("零" if was_zero and written else "") + "零一二三四五六七八九"[int(figure)]
            written += ("", "十", "百", "千")[small]
            was_zero = False
        if small == 0 and group and figures[: len(figures) - place][-4:].strip("0"):
            written += ("", "万", "亿")[group]
            was_zero = False
    return written.removeprefix("一") if written.startswith("一十") else written


def test_the_writer_of_this_test_writes_as_people_do():
    assert [writes(n) for n in (10, 12, 105, 110, 3528, 20003, 10000, 120500)] == [
        "十",
        "十二",
        "一百零五",
        "一百一十",
        "三千五百二十八",
        "二万零三",
        "一万",
        "十二万零五百",
    ]


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_what_is_written_in_numerals_is_read_back(number):
    value, step = read_numeral(writes(number))
    assert value == number
    assert step >= 1
    assert value % step == 0


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=3))
def test_what_is_written_in_digits_is_read_back(number, decimals):
    value = number / 10**decimals
    found = only(f"共为 {value:,.{decimals}f} 家")
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.step == pytest.approx(10.0**-decimals)
    assert found.unit == "家"


@given(st.text("0123456789,.，%一二三十百千万亿两点零第年月日分个成倍 至–-+−约超以上内半翻Pp:/", max_size=40))
def test_numbers_stand_in_order_and_none_overlaps(text):
    found = find_numbers(text)
    assert all(mention.text == text[mention.start : mention.end] != "" for mention in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(mention.step > 0 for mention in found)


# ------------------------------------------------------------------ bounds

BOUNDS = [
    ("约 1,250 家", "≈"),
    ("近48小时", "≈"),
    ("3,500余份", "≈"),
    ("300多家", "≈"),
    ("十余项", "≈"),
    ("3天左右", "≈"),
    ("三百家上下", "≈"),
    ("超过24小时", "≥"),
    ("逾三成", "≥"),
    ("至少3次", "≥"),
    ("不低于90%", "≥"),
    ("90%以上", "≥"),
    ("4分及以上", "≥"),
    ("1,250+", "≥"),
    ("10万+", "≥"),
    ("过半", "≥"),
    ("不超过5%", "≤"),
    ("不足两成", "≤"),
    ("不到一半", "≤"),
    ("最多 5 个", "≤"),
    ("24 小时以内", "≤"),
    ("两天内", "≤"),
    ("2%以下", "≤"),
    ("< 0.001", "≤"),
]


@pytest.mark.parametrize(("text", "bound"), BOUNDS)
def test_words_around_a_number_bound_it(text, bound):
    found = only(f"结果{text}。")
    assert (found.text, found.bound) == (text, bound)


@pytest.mark.parametrize(
    "text", ["预约3次", "节约3万元", "附近3家", "合约 3 份", "最近3天", "高达3%", "低于3分"]
)
def test_words_that_end_like_a_bound_bound_nothing(text):
    assert only(text).bound == ""


# ------------------------------------------------------------------ the calendar

DATES = [
    ("2023-01-05", date(2023, 1, 5)),
    ("2023/1/5", date(2023, 1, 5)),
    ("2023.03.15", date(2023, 3, 15)),
    ("2023年1月15日", date(2023, 1, 15)),
    ("2023 年 1 月 15 日", date(2023, 1, 15)),
    ("二〇二三年一月十五日", date(2023, 1, 15)),
    ("2024-02-29", date(2024, 2, 29)),
    ("2023-05-15T14:30:00", date(2023, 5, 15)),
]


@pytest.mark.parametrize(("text", "day"), DATES)
def test_a_date_is_a_day(text, day):
    found = only(f"于{text}起")
    assert (found.kind, found.value, found.day, found.is_impossible) == ("date", None, day, False)
    assert (found.year, found.month, found.dom) == (day.year, day.month, day.day)


@pytest.mark.parametrize("text", ["2月30日", "2023-13-01", "2023年2月29日", "13月5日", "2023/4/31"])
def test_a_date_that_no_calendar_has_is_marked(text):
    found = only(text)
    assert (found.kind, found.day, found.is_impossible) == ("date", None, True)


@pytest.mark.parametrize("text", ["1月15日", "2月29日", "03.15", "05-22"])
def test_a_date_without_year_has_its_parts(text):
    found = only(f"{text} 起")
    assert (found.kind, found.day, found.year, found.is_impossible) == ("date", None, None, False)
    assert found.month is not None


def test_the_second_day_of_a_range_has_the_month_of_the_first():
    first, second = find_numbers("5月15日-16日连续排查")
    assert (first.month, first.dom, second.month, second.dom) == (5, 15, 5, 16)
    assert find_numbers("2023年5月15日至18日")[1].day == date(2023, 5, 18)


PERIODS = [
    ("2023年3月", "month", 3, 2023),
    ("2023-03", "month", 3, 2023),
    ("3月", "month", 3, None),
    ("十二月", "month", 12, None),
    ("2023年", "year", 2023, 2023),
    ("2023年度", "year", 2023, 2023),
    ("2023财年", "year", 2023, 2023),
    ("FY23", "year", 2023, 2023),
    ("三季度", "quarter", 3, None),
    ("第三季度", "quarter", 3, None),
    ("Q3", "quarter", 3, None),
    ("2023年第三季度", "quarter", 3, 2023),
]


@pytest.mark.parametrize(("text", "kind", "value", "year"), PERIODS)
def test_a_period_is_no_count(text, kind, value, year):
    found = only(f"在{text}里")
    assert (found.text, found.kind, found.value, found.year) == (text, kind, value, year)


def test_three_quarters_and_three_months_are_counts():
    assert [(m.kind, m.unit) for m in find_numbers("三个季度、三个月、30日内")] == [
        ("number", "季度"),
        ("number", "个月"),
        ("number", "日"),
    ]


def test_a_bare_year_in_a_sentence_is_a_year_and_in_a_cell_a_number():
    assert [mention.kind for mention in find_numbers("2022 与 2023 比较")] == ["year", "year"]
    assert only("2023").kind == "number"
    assert only("共 2000，").kind == "number"


# ------------------------------------------------------------------ sentences

SENTENCES = [
    ("满意度达到4.1分(满分5分),提升了0.2分", [4.1, 5, 0.2]),
    ("10项指标中,7项超额完成,2项达标,仅1项未达", [10, 7, 2, 1]),
    ("达成率127%118%投诉", [127, 118]),
    ("2,315内部反馈1,213", [2315, 1213]),
    ("占比38%、42%和20%", [38, 42, 20]),
    ("67%->86%", [67, 86]),
    ("4.2/5", [4.2, 5]),
    ("1,2,3", [1, 2, 3]),
    ("1,2345", [1, 2345]),
    ("目标：92%，实际：97%", [92, 97]),
    ("n=1,256，P<0.001", [1256, 0.001]),
]


@pytest.mark.parametrize(("text", "numbers"), SENTENCES)
def test_all_numbers_of_a_sentence_are_found(text, numbers):
    assert values(text) == numbers


def test_cases_are_counted_and_beginnings_are_not():
    assert [(m.value, m.unit) for m in find_numbers("发生 3 起，从 0.9 起为正常")] == [(3, "起"), (0.9, "")]


def test_a_list_that_is_changed_changes_no_later_answer():
    find_numbers("共 3 家").clear()
    assert values("共 3 家") == [3]


def test_empty_text_has_no_numbers():
    assert find_numbers("") == find_numbers("没有数字。") == []


MENDED = [
    ("满意度1,\n256份", "满意度1,256份"),
    ("4.2/\n5", "4.2/5"),
    ("提升+\n0.3", "提升+0.3"),
    ("达到\n4.1分", "达到4.1分"),
    ("1,\n2564.2/\n50.7+\n0.3", "1,256 4.2/5 0.7+0.3"),
    ("3,5281,256", "3,528 1,256"),
    ("1\n2", "1\n2"),
    ("第 3 页\n12 家", "第 3 页\n12 家"),
    ("各 38,\n42", "各 38,\n42"),
]


@pytest.mark.parametrize(("broken", "whole"), MENDED)
def test_numbers_broken_over_lines_are_joined(broken, whole):
    assert mend(broken) == whole


#: What makes a careless grammar try everything again from every character.
HOSTILE = [
    "一",
    "1",
    "1,",
    "1,111,",
    "1.",
    "1-",
    "a",
    "1a",
    "百分之",
    "第",
    "三分之",
    "0",
    "%",
    "1%",
    "约约",
    "2023-",
    "2023年",
    "一百",
    "零",
    "a@",
    "a.b@",
    "一点",
    "图1-",
    "1e",
    "1e5",
    ".",
    "(",
    "六七",
    "+",
    "三五",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_and_no_faster(piece):
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        before = time.process_time()
        find_numbers(text)
        mend(text)
        return time.process_time() - before

    # a quadratic grammar takes 64 times as long for 8 times the text, a linear one 8 times
    assert seconds(80_000) < 30 * max(seconds(10_000), 0.02)

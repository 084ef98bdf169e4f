"""Aims, results and the words that judge them: in one sentence, in rows of a table, and far apart."""

import time
from pathlib import Path

import pytest

from fbanalysis.report.audit.claims.claims import Table
from fbanalysis.report.audit.claims.tables import read_claims
from fbanalysis.report.audit.contradictions import find_contradictions
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import find_numbers
from fbanalysis.report.audit.passages import Document, Passage
from fbanalysis.report.audit.reading import read_document
from fbanalysis.report.audit.rules.attainment import way_of
from fbanalysis.report.audit.rules.goals import find_false_verdicts, judging_words

RULES = ("达成率", "达标判断", "阈值", "倍数", "升降方向")
CARDS = "2024年初签订责任书：综合满意度不低于88分，投诉率不高于1.5%，热线接通率不低于92%。"


def told(text: str, folder: Path, name: str = "report.txt") -> list[Finding]:
    path = folder / name
    path.write_text(text, "utf-8")
    return [finding for finding in find_contradictions(read_document(path)) if finding.rule in RULES]


@pytest.mark.parametrize(
    "text",
    [
        "读者到馆满意度目标为90分，最终得分87.6分，顺利达标。",
        "- 一次办结率 77.9%（目标80%），达标",
        "年检平均等待控制在20分钟以内，全年实测23分钟，优于要求。",
        "- 退件率 3.6%（控制线3.0%以内），守住了",
        "补贴审核时限目标为不超过3个工作日，实际平均2.5个工作日，未能达标。",
        "全年任务新建驿站60座，实际建成54座，提前完成全年任务。",
        "收缴率93.8%，高于95%的年度目标。",
        "收缴率95.8%，没有达到95%的年度目标。",
        "退订率3.4%，低于3%的控制线。",
        "目标：差错率≤0.05%；实际：0.08%；结论：达标。",
        "首次响应承诺2小时，实际2.6小时，兑现承诺。",
        "本季完成率93.8%，超额完成。",
        "借阅量目标40万册。借阅量实际37万册，实现了年度目标。",
        "年度目标为90分。综合得分88.4分，实现了年度目标。",
        "全年回访率87.5%。\n回访率考核线90%，该项评定为达标。",
        "送达件数9,120件，送达率88.4%。\n对照下达的92%送达率任务，这一项已达标。",
        "签约率76.0%，比80%的年度目标高出4个百分点。",
    ],
)
def test_a_word_against_its_aim_and_result_is_found(text, tmp_path):
    assert [finding.rule for finding in told(text, tmp_path)] == ["达标判断"]


@pytest.mark.parametrize(
    "text",
    [
        "读者到馆满意度目标为90分，最终得分90.6分，顺利达标。",
        "退件率 2.6%（控制线3.0%以内），守住了；收缴率93.8%，目标95%，未达标。",
        "办结率98.2%，超过97%的目标1.2个百分点，其中城区99.1%，郊区96.5%，郊区未达标。",
        "响应时间目标30分钟，白班实际26分钟，夜班实际34分钟，夜班未达标。",
        "达标的网点有71家，未达标的13家，达标率84.5%。",
        "投诉下降目标10%，实际下降8.5%，未达标。",
        "签约率84.0%，比80%的年度目标高出4个百分点。",
        "送达率94.4%。\n对照下达的92%送达率任务，这一项已达标。",
        "为达标，全年加开3条专线；回访率87.5%，目标90%。",
        "全区共有泵房40座，已改造30座，改造完成率75.0%，年度目标28座。",
        "印刷费用预算500万元，实际支出480万元，执行率96.0%。",
        "人均培训时长目标40小时，实际45.6小时，超额完成。",
        "置信水平95%下的抽样误差不超过3%，符合设计要求。",
        "计划投资8,600万元，实际支出8,342万元，完成年度建设任务。",
        "2024年满意度90.6分。2025年目标为满意度92分，力争达标。",
        "全年计划48场，上半年办了30场，完成全年计划的62.5%。",
        "问卷可多选，各项之和超过100%。一项占38.2%，目标达成。",
    ],
)
def test_what_agrees_or_may_agree_is_left_alone(text, tmp_path):
    assert told(text, tmp_path) == []


@pytest.mark.parametrize(
    ("results", "words", "printed"),
    [
        ("综合满意度88.6分。热线接通率90.4%。", "热线接通率同样达标。", ["达标（90.4%）"]),
        (
            "综合满意度86.9分，上年85.0分。",
            "综合满意度超额完成责任书目标。",
            ["超额完成（86.9分）"],
        ),
        ("投诉率1.8%，上年2.1%。", "投诉率守住了责任书上限。", ["守住（1.8%）"]),
        ("热线接通率93.1%，其中一季度90.2%。", "热线接通率达标。", []),
        ("投诉率1.2%，上年2.1%。", "投诉率守住了责任书上限，满意度还要再提升。", []),
    ],
)
def test_aim_result_and_word_may_stand_in_three_places(results, words, printed, tmp_path):
    text = f"一、目标\n{CARDS}\n二、结果\n{results}\n三、小结\n{words}\n"
    assert [finding.printed for finding in told(text, tmp_path)] == printed


def test_an_attainment_whose_operands_stand_apart_is_checked(tmp_path):
    text = "- 新增读者：全年目标15,000人\n- 到年末，新增读者实际13,800人\n- 年末盘点\n- 新增读者完成率{}，形势不错\n"
    assert [f.expected for f in told(text.format("108.7%"), tmp_path)] == ["92%"]
    assert told(text.format("92.0%"), tmp_path) == []


def test_all_of_a_list_of_aims(tmp_path):
    text = "【年度任务】\n- 签约：目标2,400人，年末2,496人\n- 体检：目标620人，实到{}人\n【点评】\n- 两项年度任务全部完成\n"
    assert [f.expected for f in told(text.format(589), tmp_path)] == ["1项"]
    assert told(text.format(631), tmp_path) == []


HEADS = "| 指标 | 2023年 | 2024年 | 年度目标 | 是否达标 |\n|---|---|---|---|---|\n"


@pytest.mark.parametrize(
    ("row", "printed"),
    [
        ("| 72小时到账率 | 88.7% | 91.4% | ≥92% | 达标 |", ["达标（91.4%）"]),
        ("| 审核周期 | 14.0天 | 13.1天 | ≤12天 | 是 |", ["是（13.1天）"]),
        ("| 首响时长 | 52秒 | 36秒 | 不超过40秒 | 未达标 |", ["未达标（36秒）"]),
        ("| 首响时长 | 52秒 | 36秒 | 不超过40秒 | 优于目标 |", []),
        ("| 72小时到账率 | 88.7% | 91.4% | ≥92% | 否 |", []),
    ],
)
def test_cells_that_judge_a_row(row, printed, tmp_path):
    other = "| 读者满意度 | 90.1 | 92.3 | 92.0 | 达标 |\n"
    assert [finding.printed for finding in told(f"{HEADS}{other}{row}\n", tmp_path, "report.md")] == printed


@pytest.mark.parametrize(("rate", "rules"), [("88%", ["达标判断"]), ("92.5%", [])])
def test_each_of_those_named_has_reached_its_aim(rate, rules, tmp_path):
    text = f"指标　目标　实际\n图书归还率　90%　{rate}\n座位预约率　60%　64.2%\n流通部说明：座位预约和图书归还两项都超过了目标。"
    assert [finding.rule for finding in told(text, tmp_path)] == rules


@pytest.mark.parametrize(("rate", "rules"), [("112.0%", ["达成率"]), ("89.3%", [])])
def test_a_row_has_the_unit_of_its_name(rate, rules, tmp_path):
    text = f"| 指标 | 目标 | 实际 | 达成率 |\n|---|---|---|---|\n| 人均借阅（册） | 2.8 | 2.5 | {rate} |\n| 办证（张） | 400 | 380 | 95.0% |\n"
    assert [finding.rule for finding in told(text, tmp_path, "report.md")] == rules


def test_limits_in_the_names_of_rows(tmp_path):
    text = "| 指标 | 目标 | 实际 | 评价 |\n|---|---|---|---|\n| 回访率（不低于） | 95.0% | 93.8% | 达标 |\n| 重复来件占比（不高于） | 5.0% | 4.1% | 达标 |\n"
    assert [finding.printed for finding in told(text, tmp_path, "report.md")] == ["达标（93.8%）"]


@pytest.mark.parametrize(
    ("name", "target", "way"),
    [
        ("平均等待时间", "20分钟", -1),
        ("平均等待时间上限", "20分钟", -1),
        ("人均培训时长", "20小时", 1),
        ("投诉7日办结率", "95%", 1),
        ("投诉率", "2%", -1),
        ("停电通知提前量", "≥72小时", 1),
        ("活动用时之外的某时", "72天", -1),
        ("沙龙", "72天", 0),
        ("投入产出比", "3.0", 1),
        ("某比", "3.0", 0),
        ("建设投资", "300万元", 0),
    ],
)
def test_which_way_is_better(name, target, way):
    assert way_of(name, find_numbers(target)[0]) == way


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("如期达标", ["met"]),
        ("达标率为96%", []),
        ("是否达标", []),
        ("力争达标", []),
        ("未能达标", ["unmet"]),
        ("超额完成任务", ["over"]),
        ("低于年度目标", ["below"]),
        ("没有突破上限", ["not above"]),
        ("三家达标", []),
        ("完成年度任务的93%", []),
    ],
)
def test_judging_words(text, says):
    assert [word.says for word in judging_words(text)] == says


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("窗口由4个增加到9个，翻了一番还多。", 0),
        ("受理15,840件，上年为14,400件，同比增长10.0%，月均1,320件。", 0),
        ("审核由4.0小时压缩到3.0小时，优于“不超过3.5小时”的目标。", 0),
        ("得分92.4分，高于全市平均91.8分，也高于目标92分。", 0),
        ("完成率九成六，计划讲座3,600场，实际3,312场。", 1),
    ],
)
def test_ways_multiples_and_tenths(text, count, tmp_path):
    assert len(told(text, tmp_path)) == count


LIST = "## 一、整改台账\n\n年初立项50项。\n\n- 已销号41项\n- 正在推进9项\n\n"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("苗圃计划移栽3,000株，种成2,610株，完成计划的92.0%。", ["达成率"]),
        ("苗圃计划移栽3,000株，种成2,760株，完成计划的92.0%。", []),
        ("客诉处理时限24小时，实际平均30小时，达成率80%。", []),
        ("回访率：目标90%，实际87.2%，高于目标2.8个百分点。", ["达标判断"]),
        ("回访率：目标90%，实际87.2%，低于目标2.8个百分点。", []),
        ("接通时长目标20秒，实际26秒，低于目标6秒。", ["达标判断"]),
        ("接通时长目标20秒，实际26秒，超出目标6秒。", []),
        ("今年目标4,000家，明年目标提到4,400家，较今年目标多400家。", []),
        ("读者3.6万人次，上年4.5万人次，同比增长20.0%。", ["升降方向"]),
        ("读者3.6万人次，上年4.5万人次，同比下降20.0%。", []),
        ("粉丝由2.0万升至3.0万，半年翻了一番。", ["倍数"]),
        ("四个目标里三个达到，惟有回访率没有完成。", []),
        (f"{LIST}整改台账完成率为86.0%。", ["达成率"]),
        (f"{LIST}整改台账完成率为82.0%。", []),
    ],
)
def test_operands_and_directions_are_those_that_the_words_name(text, rules, tmp_path):
    assert [finding.rule for finding in told(text, tmp_path, "report.md")] == rules


def test_tables_keep_the_words_of_their_cells():
    assert Table("", 0, 0, (), ()).words == {}


def test_time_grows_with_the_length_of_the_document():
    def seconds(count: int) -> float:
        lines = [
            f"第{at}项满意度目标{at % 50 + 40}分，实际{at % 47 + 45}分，达标，接通率达标。"
            for at in range(count)
        ]
        document = Document(
            Path("report.txt"),
            "txt",
            tuple(Passage(f"第 {at} 行", "text", line) for at, line in enumerate(lines)),
        )
        claims = read_claims(document)
        start = time.perf_counter()
        list(find_false_verdicts(claims))
        return time.perf_counter() - start

    assert seconds(800) < 8 * max(seconds(200), 0.05)

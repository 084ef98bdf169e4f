"""Numbers whose words say what they come of, and the numbers around them that explain them."""

import pytest
from foreign import found, named

from fbanalysis.report.audit.contradictions import find_contradictions
from fbanalysis.report.audit.passages import Document, Passage


def told(text, tmp_path):
    passages = [Passage(f"第 {at} 行", "text", line) for at, line in enumerate(text.split("\n"), 1)]
    return find_contradictions(Document(tmp_path / "a.txt", "txt", tuple(passages)))


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("人均借书春季4.2册 秋季5.7册 多借2.5册", "差值", "1.5册"),
        ("平均候车7.4分钟，目标9分钟，比目标快2.6分钟。", "差值", "1.6分钟"),
        ("接通率Q1 81.4% Q2 84.6% 提升5.2个百分点", "升降幅度", "3.2 个百分点"),
        ("学员3.6万人次，去年3.0万人次，同比下降20.0%。", "升降方向", "上升"),
        ("报修原因（单选）：漏水52%、断电31%、其他11%。", "份额合计", "100%"),
        ("投诉90件，上季100件。其中服务40件、环境30件、其他25件。", "分项合计", "95件"),
    ],
)
def test_a_number_that_its_words_contradict_is_found(text, rule, expected, tmp_path):
    found = [(finding.rule, finding.expected) for finding in told(text, tmp_path)]
    assert (rule, expected) in found


@pytest.mark.parametrize(
    "text",
    [
        "全年用电60万度，上年80万度，省下20万度，减幅25%。",
        "抽查500户，接通400户。其中满意300户、基本满意60户、不满意40户，满意率90.0%。",
        "4月110万票 5月120万票 6月130万票 Q2合计360万票 月均120万票",
        "原因：漏水50件，占50.0%；断电30件，占30.0%；噪声与其他各10件，各占10.0%。",
    ],
)
def test_a_number_that_another_pair_explains_is_none(text, tmp_path):
    assert told(text, tmp_path) == []


def test_the_later_value_may_stand_in_the_sentence_before():
    # 1,440 ÷ 7,200
    assert named("全年受理咨询8,640件。上年受理7,200件，同比增长25.0%。") == [("升降幅度", "20%")]
    assert found("全年受理咨询8,640件。上年受理7,200件，同比增长20.0%。") == []


def test_one_of_several_numbers_before_may_be_meant():
    text = "全年受理咨询8,640件，投诉960件。去年投诉1,200件，今年下降20.0%。"
    assert found(text) == []


@pytest.mark.parametrize("text", ["去年7,200件，增长20%。", "全年86分。上年7,200件，增长25%。"])
def test_without_a_later_value_of_its_unit_nothing_is_said(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "投诉0件，上年0件，同比下降12.5%，占全年总量的8.0%，完成率0%。",
        "投诉0件，上年15件，减少15件，下降100%，月均0件，平均0分。",
        "共0件，其中甲0件、乙0件、丙0件，合计0件，占比0%、0%、0%。",
        "目标0件，实际0件，达成率100%；目标3件，实际0件，达成率0%。",
        "自2月30日（周五）至6月31日，历时40天；13月1日起至2月29日，共9天。",
    ],
)
def test_nothing_is_divided_by_zero_and_no_date_is_made_up(text, tmp_path):
    assert all(finding.explanation for finding in told(text, tmp_path))

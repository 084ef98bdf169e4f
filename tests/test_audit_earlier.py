"""Changes over two sentences."""

import pytest
from foreign import found, named


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

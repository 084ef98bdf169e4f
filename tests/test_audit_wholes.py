"""Wholes told before their parts."""

import pytest
from foreign import found, named


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("共有门店320家，分为旗舰店45家、标准店185家和社区店100家。", "330家"),
        ("有效答卷2,980份 由两类住户组成\n自住户1,820份 租住户1,260份", "3,080份"),
        ("全年诉求9,200件：维修4,600件；租金1,380件；邻里1,104件；其他2,316件。", "9,400件"),
        ("线上1,200份、现场480份、电话240份，三种方式合计1,820份；其中有效1,700份。", "1,920份"),
    ],
)
def test_parts_that_do_not_make_their_whole_are_named(text, right):
    assert named(text) == [("分项合计", right)]


@pytest.mark.parametrize(
    "text",
    [
        "共有门店330家，分为旗舰店45家、标准店185家和社区店100家。",
        "有效答卷3,080份 由两类住户组成\n自住户1,820份 租住户1,260份",
        "共处理来电5,000次，包括咨询1,200次、投诉300次。",
    ],
)
def test_parts_that_make_it_and_lists_of_some_are_left_alone(text):
    assert found(text) == []

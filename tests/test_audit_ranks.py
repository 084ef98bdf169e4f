"""Stated ranks, columns of ranks, and what rose most."""

import pytest
from foreign import audit, found, named, rows

SHOPS = "五家分店得分：甲店90.1、乙店88.3、丙店86.5、丁店84.2、戊店91.7，"


def test_a_rank_is_compared_with_the_list():
    assert named(SHOPS + "丙店在五家分店中列第三位。") == [("最高级", "第4位")]
    assert named(SHOPS + "丙店在五家分店中列第四位。") == []


@pytest.mark.parametrize("text", ["在12家同行中排名第3位。", "丙店在全国同业中列第三位。"])
def test_a_rank_among_others_is_left_alone(text):
    assert found(SHOPS + text) == []


def test_a_column_of_ranks_follows_the_amounts():
    right = rows("排名 事项 件数", "1 噪音 820", "2 停车 640", "3 绿化 510", "4 照明 300")
    wrong = rows("排名 事项 件数", "1 噪音 820", "2 停车 510", "3 绿化 640", "4 照明 300")
    assert audit(right) == []
    assert audit(wrong) == [("最高级", "第 2 位")]


def test_what_rose_most_is_told_from_the_table():
    cells = rows("指标 2022年 2023年", "准点 84.2 87.0", "舒适 85.0 86.4", "安全 91.2 92.8")
    assert audit(cells, "准点提升最多，提高2.8分。") == []
    assert audit(cells, "安全提升最多。") == [("最高级", "准点 2.8")]

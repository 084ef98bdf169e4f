"""Distances between members of a list."""

import pytest
from foreign import audit, found, named, rows

SHOPS = "五家分店得分：甲店90.1、乙店88.3、丙店86.5、丁店84.2、戊店91.7，"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        # 92.4 − 88.1, 91.7 − 84.2, 4.52 − 4.31, 55 − 15
        ("东部校区满意度92.4%，西部校区满意度88.1%，两者相差4.8个百分点。", "4.3 个百分点"),
        (SHOPS + "最高与最低相差6.5分。", "7.5分"),
        ("线上渠道评分4.52分，线下渠道评分4.31分，线上比线下高0.31分。", "0.21分"),
        ("推荐者占55%，中立者占30%，贬损者占15%，净推荐值为45。", "40"),
    ],
)
def test_a_distance_is_recomputed(text, right):
    assert named(text) == [("差值", right)]


@pytest.mark.parametrize(
    "text",
    [
        SHOPS + "最高与最低相差7.5分。",
        "南门店88.4分，比全国平均高3.1分。",
        "铃声响应目标不超过50秒，实测平均41秒，低于目标9秒。",
        "推荐者占55%，中立者占30%，贬损者占15%，净推荐值为40。",
    ],
)
def test_a_right_distance_is_left_alone(text):
    assert found(text) == []


def test_a_distance_of_rows_is_taken_from_their_table():
    cells = rows("馆 满意度 到馆人次", "城南馆 93.1 42,500", "高新馆 91.8 56,300", "河东馆 87.6 26,400")
    assert audit(cells, "城南馆比河东馆高5.5分。") == []
    assert audit(cells, "城南馆比河东馆高6.5分。") == [("差值", "5.5分")]

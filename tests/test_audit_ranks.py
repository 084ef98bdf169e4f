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


PARKS = rows(
    "公园 2024年得分 2025年得分 投诉量",
    "东湖 86.2 88.9 120",
    "西山 90.1 91.4 64",
    "南苑 84.0 83.2 158",
    "北坡 88.3 92.5 41",
    "滨河 79.5 84.6 97",
)


@pytest.mark.parametrize(
    "text",
    [
        "从得分看，北坡最高，西山仅次于它，南苑垫底。",
        "投诉量最多的是南苑，最少的是北坡，东湖排第二位。",
        "进步最快的是滨河，北坡次之。",
        "滨河得分提升最多，东湖在五个公园中位列第三。",
        "得分进步最快的前三项依次为滨河、北坡、东湖。",
        "南苑是全市投诉最少的公园之一。",
    ],
)
def test_right_places_are_left_alone(text):
    assert audit(PARKS, text) == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("从得分看，西山最高。", "北坡 92.5"),
        ("得分最低的是滨河。", "南苑 83.2"),
        ("得分上仅次于北坡的是东湖。", "西山 91.4"),
        ("投诉量最多的是东湖。", "南苑 158"),
        ("东湖投诉量在五个公园中位列第三。", "第2位"),
        ("得分进步最快的是北坡。", "滨河 5.1"),
        ("得分进步最快的前三项依次为滨河、东湖、北坡。", "滨河、北坡、东湖"),
    ],
)
def test_wrong_places_are_found_far_from_their_table(text, right):
    assert audit(PARKS, "本节另述园容。", "以下为小结。", text) == [("最高级", right)]


LINES = "各所得分\n· 城中所 91.2\n· 河东所 88.6\n· 新城所 86.9\n· 港口所 90.3\n小结\n"


def test_lines_are_a_list():
    assert named(LINES + "· 城中所第一，港口所第二，新城所垫底") == []
    assert named(LINES + "· 城中所第一，河东所第二") == [("最高级", "第3位")]


def test_a_list_of_two_lines_of_periods_gives_changes():
    text = "各环节得分\n· 承保 90.4｜理赔 83.5｜退保 78.6\n· 上年：承保 89.8｜理赔 80.1｜退保 75.5\n"
    assert named(text + "· 涨得最多：理赔") == []
    assert named(text + "· 涨得最多：退保") == [("最高级", "理赔 3.4")]


POOLS = rows(
    "分馆 客流 满意率 上年满意率 投诉",
    "东湖馆 42300 91.2% 89.0% 36",
    "西岭馆 38150 88.6% 89.4% 52",
    "南苑馆 51020 93.4% 92.1% 41",
    "北桥馆 29870 86.3% 84.2% 28",
    "中心馆 60400 90.1% 87.5% 63",
)


@pytest.mark.parametrize(
    "text",
    [
        "客流最少的北桥馆投诉也最少。",
        "中心馆满意率在五个馆中排名倒数第三，东湖馆则排第二。",
        "投诉最多的三个馆依次是中心馆、西岭馆、南苑馆。",
        "按客流排，中心馆第一、南苑馆第二；按满意率排，南苑馆第一、东湖馆第二。",
    ],
)
def test_each_place_is_of_the_measure_of_its_own_clause(text):
    assert audit(POOLS, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "客流最少的西岭馆投诉不少。",
        "投诉最多的三个馆依次是中心馆、南苑馆、西岭馆。",
        "按客流排，中心馆第一、东湖馆第二。",
    ],
)
def test_a_wrong_place_of_one_of_several_measures_is_found(text):
    assert [rule for rule, _ in audit(POOLS, text)] == ["最高级"]


SPOTS = rows(
    "景区 投诉（件） 上年投诉（件） 满意率 平均排队（分钟）",
    "云台山 212 240 91.2% 18",
    "翠湖 148 131 94.5% 9",
    "古堡 96 104 89.7% 14",
    "花海 75 75 96.1% 7",
    "冰川谷 183 160 87.4% 26",
)
MONTHS = "逐月投诉：\n1月42 2月38 3月51 4月66 5月83 6月70\n7月92 8月104 9月61 10月58 11月27 12月22\n"


@pytest.mark.parametrize(
    "text",
    [
        "投诉第三多的是古堡。",
        "冰川谷满意率最低，排队时间却最短。",
        "仅翠湖投诉上升。",
        "没有一个景区满意率低于88%。",
        "五个景区里有四个投诉比上年少。",
    ],
)
def test_a_false_place_in_a_table_is_found(text):
    assert len(audit(SPOTS, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "投诉第三多的是翠湖。",
        "翠湖满意率排第二，但投诉也不少，是第三多。",
        "只有翠湖和花海排队时间在10分钟以内。",
        "没有一个景区满意率低于87%。",
        "翠湖、花海并列最好。",
        "满意率最高与最低的景区相差8.7个百分点。",
        "8月单日最高入园11,420人次，为最大承载量14,000人次的81.6%。",
    ],
)
def test_what_names_no_false_place_is_left(text):
    assert audit(SPOTS, text) == []


@pytest.mark.parametrize(
    "text", ["投诉最少的是11月。", "6月70件，为全年第三高。", "上半年最多的是6月。", "1月至8月逐月上升。"]
)
def test_months_in_two_lines_are_one_list(text):
    assert [rule for rule, _ in named(MONTHS + text)] == ["最高级"]


@pytest.mark.parametrize(
    "text", ["投诉最少的是12月。", "5月83件，为全年第三高。", "上半年最多的是5月。", "四季度里10月最多。"]
)
def test_a_place_among_some_months_is_of_these(text):
    assert named(MONTHS + text) == []


def test_quarters_that_are_said_to_rise_one_by_one():
    text = "四个季度投诉分别为92件、85件、78件、65件。\n"
    assert named(text + "一季度最多，逐季下降。") == []
    assert [rule for rule, _ in named(text + "一季度最多，逐季上升。")] == ["最高级"]


def test_the_sum_before_its_parts_is_no_member_of_them():
    text = "投诉84件，费用21件、候诊26件、态度17件、探视12件、餐食8件。\n"
    assert named(text + "候诊类最多。") == []
    assert [rule for rule, _ in named(text + "费用类最多。")] == ["最高级"]


def test_who_stands_behind_the_place_is_meant():
    text = "打分：环境9.1、茶品8.9、服务8.4、茶点7.8、性价比7.2。\n"
    assert named(text + "第一是环境，末位是性价比。") == []
    assert [rule for rule, _ in named(text + "第一是环境，末位是茶点。")] == ["最高级"]


def test_complaints_that_end_like_comparisons_are_members():
    text = "投诉：等候时间长112件、服务态度83件、收费不清58件、环境卫生41件。\n"
    assert named(text + "投诉最多的是等候时间长。") == []
    assert [rule for rule, _ in named(text + "投诉最多的是服务态度。")] == ["最高级"]


SITES = rows(
    "项目 场次 学员数 场均学员 上季评分 本季评分",
    "陶艺 24 480 20 86 91",
    "书法 18 396 22 84 83",
    "木工 16 384 24 78 85",
    "合唱 14 252 18 80 79",
)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("场均学员以木工最多，合唱最少。", []),
        ("场均学员以书法最多。", [("最高级", "木工 24")]),
        ("合唱的评分最低。", []),
        ("上季木工的评分最低。", []),
        ("木工的评分最低。", [("最高级", "合唱 79")]),
    ],
)
def test_a_measure_is_no_member_and_the_earlier_season_is_not_meant(text, right):
    assert audit(SITES, text) == right


def test_what_ends_like_a_gap_may_be_a_member():
    cells = rows("原因 件数", "送货慢 238", "色彩偏差 214", "掉漆 127", "缺件 61")
    assert audit(cells, "送货慢居首，色彩偏差排第二。") == []
    assert audit(cells, "色彩偏差居首，多为灯光所致。") == [("最高级", "送货慢 238")]

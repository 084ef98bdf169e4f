"""Reach of problems, the vital few, and chains of whys."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from fbanalysis.analysis.causes import (
    categories_by_step,
    chain,
    count_levels,
    ends,
    last_of_few,
    levels_of,
    problem_pareto,
    reach,
    root_categories,
    vital_few,
)

TICKETS = pd.DataFrame(
    [
        ("慢", "K1", "销售", "投诉", "容量"),
        ("慢", "K1", "销售", "投诉", "容量"),
        ("慢", "K2", None, "故障", "测试"),
        ("慢", "K3", "客服", "咨询", None),
        ("乱", "K1", "客服", "投诉", None),
        ("乱", "K4", None, "投诉", "测试"),
        ("断", None, "财务", "投诉", "衔接"),
        ("断", None, "法务", "故障", "衔接"),
        (None, "K9", "客服", "投诉", "测试"),
    ],
    columns=["issue", "customer_id", "reported_by", "kind", "cause"],
).astype("str")
CAUSES = pd.DataFrame(
    [
        ("慢", 1, "查询扫全表", "技术", "日志"),
        ("慢", 3, "没有人负责", "管理", "考核表"),
        ("慢", 2, "评审不问快慢", "流程", None),
        ("乱", 1, "各记各的", "技术", "表格"),
        ("乱", 2, "没有规定", "流程", "制度"),
    ],
    columns=["issue", "level", "statement", "category", "evidence"],
).astype({"level": "Int64", "evidence": "str"})


def pareto_of(counts: dict[str, int]) -> pd.DataFrame:
    issues = [name for name, count in counts.items() for _ in range(count)]
    return problem_pareto(pd.DataFrame({"kind": "投诉", "issue": pd.Series(issues, dtype="str")}))


# Reach


def test_customers_and_departments_count_once_a_problem():
    table = reach(TICKETS, departments=8, medium=2, high=3)
    expected = pd.DataFrame(
        {
            "stratum": ["慢", "乱", "断"],
            "n": [4, 2, 2],
            "customers": [3, 2, 0],
            "departments": [2, 1, 2],
            "share": [25.0, 12.5, 25.0],
            "level": [3.0, 2.0, np.nan],
            "level_name": ["高", "中", np.nan],
            "priority": [0.0, 1.0, np.nan],
            "priority_name": ["P0", "P1", np.nan],
        }
    ).astype({"stratum": "str", "level_name": "str", "priority_name": "str"})
    assert_frame_equal(table, expected)


def test_equal_counts_share_their_priority_and_none_is_below_p3():
    issues = [f"问题{i}" for i in range(6)]
    rows = [(issue, f"{issue}客户{k}", None) for i, issue in enumerate(issues) for k in range(max(6 - i, 2))]
    table = reach(pd.DataFrame(rows, columns=["issue", "customer_id", "reported_by"]))
    assert table["priority_name"].tolist() == ["P0", "P1", "P2", "P3", "P3", "P3"]
    tied = reach(pd.DataFrame([("甲", "K1", None), ("乙", "K2", None)], columns=table_columns()))
    assert tied["priority_name"].tolist() == ["P0", "P0"]


def table_columns() -> list[str]:
    return ["issue", "customer_id", "reported_by"]


@pytest.mark.parametrize(("customers", "level"), [(1, "低"), (4, "低"), (5, "中"), (8, "高")])
def test_limits_of_the_levels_belong_to_the_higher_one(customers, level):
    rows = [("慢", f"K{i}", "客服") for i in range(customers)]
    table = reach(pd.DataFrame(rows, columns=table_columns()), medium=5, high=8)
    assert table["level_name"].tolist() == [level]


def test_shares_are_missing_where_nobody_counted_the_departments():
    assert reach(TICKETS)["share"].isna().all()


def test_no_tickets_reach_nobody():
    table = reach(TICKETS.iloc[:0], departments=3)
    assert table.empty
    assert count_levels(table)["value"].tolist() == [0, 0, 0, 0]


def test_problems_without_customers_have_no_level():
    counts = count_levels(reach(TICKETS, medium=2, high=3)).set_index("stratum")["value"]
    assert counts.to_dict() == {"高": 1, "中": 1, "低": 0, "all": 3}


# The vital few


def test_only_problems_are_counted_and_their_shares_add_up():
    table = problem_pareto(TICKETS, mark=60)
    low, high = proportion_confint([3, 2, 2], 7, method="wilson")
    assert table["stratum"].tolist() == ["慢", "乱", "断"]
    assert table["count"].tolist() == [3, 2, 2]
    assert table["n"].unique().tolist() == [7]
    assert table["cumulative"].tolist() == pytest.approx([300 / 7, 500 / 7, 100])
    assert table["is_vital"].tolist() == [True, True, False]
    assert_series_equal(table["low"], pd.Series(100 * low), check_names=False)
    assert_series_equal(table["high"], pd.Series(100 * high), check_names=False)


def test_any_column_may_be_counted():
    table = problem_pareto(TICKETS, by="cause")
    assert dict(zip(table["stratum"], table["count"], strict=True)) == {"测试": 3, "容量": 2, "衔接": 2}


def test_a_share_that_meets_the_mark_exactly_ends_the_few():
    assert pareto_of({"甲": 7, "乙": 1, "丙": 2})["is_vital"].tolist() == [True, True, False]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.randoms())
def test_order_of_the_tickets_is_irrelevant_and_the_end_is_100(counts, rng):
    issues = [f"问题{i}" for i, count in enumerate(counts) for _ in range(count)]
    shuffled = rng.sample(issues, len(issues))
    tables = [problem_pareto(pd.DataFrame({"kind": "故障", "issue": names})) for names in (issues, shuffled)]
    assert_frame_equal(*tables)
    assert tables[0]["cumulative"].iloc[-1] == 100
    assert tables[0].loc[tables[0]["is_vital"], "cumulative"].iloc[-1] >= 80 - 1e-9


def test_the_few_are_summed_up():
    row = vital_few(pareto_of({"甲": 70, "乙": 15, "丙": 10, "丁": 5})).iloc[0]
    low, high = proportion_confint(85, 100, method="wilson")
    assert (row["few"], row["many"], row["n"]) == (2, 4, 100)
    assert (row["part"], row["value"]) == (50, 85)
    assert (row["low"], row["high"]) == pytest.approx((100 * low, 100 * high))


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [((70, 15, 10, 5), "基数不足"), ((700, 150, 100, 50), "有差异"), ((700, 130, 120, 50), "没有差异")],
)
def test_the_end_of_the_list_is_tested(counts, verdict):
    row = last_of_few(pareto_of(dict(zip("甲乙丙丁", counts, strict=True)))).iloc[0]
    assert (row["stratum"], row["other"], row["value"]) == ("乙", "丙", counts[1] - counts[2])
    assert row["p"] == pytest.approx(binomtest(counts[1], counts[1] + counts[2]).pvalue)
    assert row["verdict"] == verdict


def test_equal_counts_at_the_end_are_no_difference():
    row = last_of_few(pareto_of({"甲": 60, "乙": 20, "丙": 20})).iloc[0]
    assert (row["p"], row["verdict"]) == (1.0, "没有差异")


def test_where_all_are_among_the_few_nothing_is_tested():
    assert last_of_few(pareto_of({"甲": 10})).empty
    assert last_of_few(pareto_of({"甲": 10, "乙": 10})).empty


def test_no_tickets_have_no_few():
    table = problem_pareto(TICKETS.iloc[:0])
    assert [len(part) for part in (table, vital_few(table), last_of_few(table))] == [0, 0, 0]


# Chains of whys


def test_answers_stand_in_the_order_of_their_levels():
    table = levels_of(CAUSES)
    assert table["stratum"].tolist() == ["慢/第一层", "慢/第二层", "慢/第三层", "乱/第一层", "乱/第二层"]
    assert table.loc[table["is_root"], "statement"].tolist() == ["没有人负责", "没有规定"]


def test_evidence_may_be_left_out():
    assert levels_of(CAUSES.drop(columns="evidence"))["evidence"].isna().all()


@pytest.mark.parametrize(("wanted", "found"), [("乱", "乱"), ("", "慢"), ("没有这个", "慢")])
def test_a_chain_that_is_not_there_gives_way_to_the_first(wanted, found):
    whys = chain(levels_of(CAUSES), wanted)
    assert whys["issue"].unique().tolist() == [found]
    assert whys["stratum"].tolist() == ["第一层", "第二层", "第三层"][: len(whys)]
    assert ends(whys) == ("第一层", whys["step"].iloc[-1])


def test_every_step_has_all_categories_in_the_dictionary_s_order():
    table = categories_by_step(levels_of(CAUSES))
    expected = pd.DataFrame(
        {
            "step": [step for step in ("第一层", "第二层", "第三层") for _ in range(3)],
            "category": ["流程", "技术", "管理"] * 3,
            "value": [0, 2, 0, 2, 0, 0, 0, 0, 1],
            "n": [2] * 6 + [1] * 3,
            "percent": [0.0, 100, 0, 100, 0, 0, 0, 0, 100],
        }
    )
    assert_frame_equal(table, expected, check_dtype=False)


def test_roots_are_the_last_answers():
    table = root_categories(levels_of(CAUSES))
    assert table.to_numpy().tolist() == [["流程", 1, 2], ["管理", 1, 2]]


def test_no_causes_have_no_chain():
    levels = levels_of(CAUSES.iloc[:0])
    parts = (chain(levels), categories_by_step(levels), root_categories(levels))
    assert [len(part) for part in parts] == [0, 0, 0]
    assert ends(chain(levels)) == ("", "")

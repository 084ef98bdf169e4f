"""Outcome rates of people counted by hand, and those that can't be stated."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from fbanalysis.analysis.intervals import wilson_interval
from fbanalysis.analysis.response import (
    FUNNEL,
    OUTCOMES,
    completion_by_stratum,
    completion_funnel,
    outcome_rates,
)

FEEDBACK = pd.DataFrame(
    [
        ("a", "internal", "一线员工", "在线问卷"),
        ("a", "internal", "一线员工", "热线"),
        ("b", "internal", "一线员工", "热线"),
        ("c", "internal", "一线员工", "在线问卷"),
        ("d", "external", "核心客户", "在线问卷"),
        ("e", "external", "访客", "热线"),
    ],
    columns=["respondent_id", "side", "stratum", "channel"],
)
POPULATION = pd.DataFrame(
    {
        "side": ["internal", "external"],
        "stratum": ["一线员工", "核心客户"],
        "population": pd.array([20, 10], dtype="Int64"),
        "invited": pd.array([10, 5], dtype="Int64"),
        "started": pd.array([6, 2], dtype="Int64"),
    }
)
STATED = ["参与率", "完成率", "中断率", "RR1", "RR5"]


def rates(
    feedback: pd.DataFrame = FEEDBACK, population: pd.DataFrame = POPULATION, **given: object
) -> pd.DataFrame:
    return outcome_rates(feedback, population, **given).set_index("stratum")


def test_rates_are_those_of_the_definitions():
    table = rates(self_initiated=["热线"])
    expected = {"参与率": (4, 15), "完成率": (4, 8), "中断率": (4, 8), "RR1": (3, 15), "RR5": (3, 15)}
    assert {name: (table.loc[name, "count"], table.loc[name, "n"]) for name in STATED} == expected
    assert table.loc["RR1", "percent"] == pytest.approx(20)
    low, high = wilson_interval(3, 15)
    assert table.loc["RR1", ["low", "high"]].tolist() == pytest.approx([low, high])
    assert "不计自己找上门的渠道" in table.loc["RR1", "reason"]


def test_a_person_who_also_answered_the_questionnaire_is_a_response_once():
    assert rates(self_initiated=["在线问卷"]).loc["RR1", "count"] == 2
    assert rates(self_initiated=["热线", "在线问卷"]).loc["RR1", "count"] == 0


def test_without_channels_named_all_count_and_it_is_said():
    table = rates()
    assert table.loc["RR1", "count"] == table.loc["参与率", "count"] == 4
    assert "没有说明哪些渠道不经邀请" in table.loc["RR1", "reason"]


def test_rates_that_would_need_what_is_not_recorded_are_not_stated():
    table = rates()
    assert outcome_rates(FEEDBACK, POPULATION).columns.tolist() == OUTCOMES
    silent = table.drop(index=STATED)
    assert silent.index.tolist() == ["RR2", "RR3", "RR4", "RR6", "COOP1", "REF1", "CON1"]
    assert silent[["count", "n", "percent", "low", "high"]].isna().all(axis=None)
    assert silent["reason"].str.match("不能声明|不声明").all()


def test_unknown_counts_leave_their_rates_unstated():
    table = rates(population=POPULATION.assign(started=pd.array([None, None], dtype="Int64")))
    assert table.loc[["完成率", "中断率"], "percent"].isna().all()
    assert table.loc["参与率", "percent"] == pytest.approx(100 * 4 / 15)
    none = rates(population=POPULATION.assign(invited=pd.array([None, None], dtype="Int64")))
    assert none.loc[["参与率", "RR1", "RR5"], "percent"].isna().all()


def test_nobody_answered_is_zero_not_unknown():
    table = rates(FEEDBACK.iloc[:0])
    assert table.loc[["参与率", "RR1", "完成率"], "percent"].tolist() == [0, 0, 0]
    assert table.loc["中断率", "percent"] == 100


def test_completion_is_of_those_who_started():
    table = completion_by_stratum(FEEDBACK, POPULATION).set_index("stratum")
    assert table["percent"].to_dict() == {
        "all": 50,
        "internal": 50,
        "external": 50,
        "internal/一线员工": 50,
        "external/核心客户": 50,
    }
    more = completion_by_stratum(FEEDBACK, POPULATION.assign(started=[2, 2])).set_index("stratum")
    assert np.isnan(more.loc["internal/一线员工", "percent"])
    assert more.loc["all", ["n", "started"]].tolist() == [1, 2]


def test_the_funnel_counts_who_is_left_at_each_step():
    table = completion_funnel(FEEDBACK, POPULATION)
    expected = pd.DataFrame(
        [
            ("all/受邀", "all", "受邀", 15, 100.0, np.nan, np.nan),
            ("all/开始作答", "all", "开始作答", 8, 100 * 8 / 15, 100 * 8 / 15, 7.0),
            ("all/给了反馈", "all", "给了反馈", 4, 100 * 4 / 15, 50.0, 4.0),
        ],
        columns=FUNNEL,
    )
    assert_frame_equal(table.head(3), expected, check_dtype=False)
    assert table["side"].unique().tolist() == ["all", "internal", "external"]
    parts = table[table["side"].ne("all")].groupby("step", sort=False)["n"].sum()
    assert parts.tolist() == expected["n"].tolist()


def test_a_stratum_whose_counts_grow_or_are_unknown_is_not_in_the_funnel():
    odd = POPULATION.assign(started=pd.array([6, None], dtype="Int64"))
    assert completion_funnel(FEEDBACK, odd)["n"].tolist()[:3] == [10, 6, 3]
    grown = POPULATION.assign(invited=pd.array([5, 5], dtype="Int64"))
    assert completion_funnel(FEEDBACK, grown)["side"].unique().tolist() == ["all", "external"]
    none = completion_funnel(FEEDBACK, POPULATION.assign(started=pd.array([None, None], dtype="Int64")))
    assert none.empty
    assert none.columns.tolist() == FUNNEL

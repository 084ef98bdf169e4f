"""Estimates of few people are hidden, and so that nobody finds them by subtraction."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from fbanalysis.analysis.disclosure import UNNAMED, remark, suppress, without_small_names


def scored(*sizes: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stratum": [f"组{i}" for i in range(len(sizes))],
            "n": sizes,
            "mean": [3.0 + i for i in range(len(sizes))],
            "verdict": "没有差异",
        }
    )


def shown(frame: pd.DataFrame) -> list[str]:
    return frame.loc[frame["mean"].notna(), "stratum"].tolist()


def test_groups_at_the_threshold_are_shown():
    assert_frame_equal(suppress(scored(5, 9, 40), below=5), scored(5, 9, 40))


def test_a_lone_small_group_takes_the_next_smallest_with_it():
    assert shown(suppress(scored(40, 9, 3, 12), below=5)) == ["组0", "组3"]


def test_two_small_groups_hide_each_other():
    assert shown(suppress(scored(40, 4, 3), below=5)) == ["组0"]


def test_the_first_of_equals_is_hidden():
    assert shown(suppress(scored(4, 9, 9), below=5)) == ["组2"]


def test_without_a_printed_total_only_the_small_one_is_hidden():
    assert shown(suppress(scored(40, 9, 3), below=5, has_total=False)) == ["组0", "组1"]


def test_empty_groups_tell_nothing_and_hide_nobody():
    """A group without people can't be what is subtracted, nor can it hide another."""
    assert shown(suppress(scored(0, 3, 7, 40), below=5)) == ["组0", "组3"]
    assert shown(suppress(scored(0, 7, 40), below=5)) == ["组0", "组1", "组2"]


def test_the_only_group_is_hidden_alone():
    assert shown(suppress(scored(3), below=5)) == []


def test_counts_texts_and_kept_columns_stay():
    frame = scored(40, 9, 3).assign(weight=[0.5, 0.3, 0.2])
    hidden = suppress(frame, below=5, keep=["weight"])
    unchanged = ["stratum", "n", "verdict", "weight"]
    assert_frame_equal(hidden[unchanged], frame[unchanged])
    assert frame["mean"].notna().all(), "the frame given is not changed"


def test_rows_of_a_group_are_hidden_together():
    frame = pd.DataFrame(
        {
            "group": ["甲", "甲", "乙", "乙", "丙", "丙"],
            "base": [3, 3, 8, 8, 50, 50],
            "percent": [66.7, 33.3, 50.0, 50.0, 20.0, 80.0],
        }
    )
    hidden = suppress(frame, below=5, base="base", group="group")
    assert hidden["percent"].isna().tolist() == [True] * 4 + [False] * 2


def test_each_whole_is_closed_by_itself():
    frame = scored(3, 20, 30, 60, 70).assign(side=["内", "内", "内", "外", "外"])
    assert shown(suppress(frame, below=5, within=["side"])) == ["组2", "组3", "组4"]


def test_what_another_whole_hid_counts_as_hidden():
    """A table of departments by regions is taken through its rows, then through its columns."""
    frame = pd.DataFrame(
        {
            "row": ["甲", "甲", "乙", "乙", "丙", "丙"],
            "column": ["东", "西"] * 3,
            "n": [3, 20, 30, 9, 40, 50],
            "mean": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        }
    )
    rows = suppress(frame, below=5, within=["row"])
    assert rows["mean"].isna().tolist() == [True, True, False, False, False, False]
    both = suppress(rows, below=5, within=["column"])
    assert both["mean"].isna().tolist() == [True, True, True, True, False, False]


def test_an_empty_frame_stays_empty():
    assert suppress(scored(), below=5).empty


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_no_group_is_the_only_hidden_one(sizes: list[int]):
    hidden = suppress(scored(*sizes), below=5)
    is_hidden = hidden["mean"].isna()
    n = hidden["n"]
    assert is_hidden[n.between(1, 4)].all()
    assert is_hidden.sum() != 1 or (n > 0).sum() == 1
    assert not is_hidden.any() or n[is_hidden].sum() >= 5 or is_hidden[n > 0].all()
    spared = n[is_hidden].sort_values().iloc[:-1]
    needs_last = len(spared) < 2 or spared.sum() < 5 or (spared < 5).sum() < n.between(1, 4).sum()
    assert not is_hidden.any() or needs_last, "no more than needed"


def test_names_of_few_are_not_told():
    names = pd.Series(["客户", "客户", "客户", "厂长", "厂医", np.nan], dtype="str")
    told = without_small_names(names, below=2).fillna("缺").tolist()
    assert told == ["客户", "客户", "客户", UNNAMED, UNNAMED, "缺"]


def test_the_only_one_without_a_name_is_not_found_by_elimination():
    names = pd.Series(["客户"] * 4 + ["员工"] * 3 + ["厂长"])
    assert without_small_names(names, below=2).tolist() == ["客户"] * 4 + [UNNAMED] * 4


def test_hidden_groups_together_are_not_few_people_either():
    """Total less shown groups is the estimate of the hidden ones together: three and one are still four."""
    assert shown(suppress(scored(26, 3, 1), below=5)) == []
    assert shown(suppress(scored(26, 3, 1, 9), below=5)) == ["组0"]


def test_the_number_of_answers_goes_with_its_share():
    frame = pd.DataFrame({"stratum": ["甲", "乙", "丙"], "n": [2, 4, 9], "base": [3, 9, 20], "percent": 10.0})
    hidden = suppress(frame, below=5, base="base")
    assert hidden["n"].isna().tolist() == [True, True, False]
    assert hidden["base"].tolist() == [3, 9, 20]


@pytest.mark.parametrize("kind", ["float64", "Float64"])
def test_estimates_of_either_kind_of_fraction_are_hidden(kind: str):
    assert shown(suppress(scored(3, 4, 40).astype({"mean": kind}), below=5)) == ["组2"]


def test_charts_say_so_only_where_something_is_hidden():
    assert remark(suppress(scored(40, 9, 3), below=5), "mean")
    assert remark(suppress(scored(40, 9, 0), below=5), "mean") == ""

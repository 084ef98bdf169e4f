"""The Kano table, categories, strength, Fong's test and Better/Worse against what is printed and worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from fbanalysis.analysis.customers.kano import (
    CATEGORIES,
    EVALUATION,
    MIXED,
    better_worse,
    category_counts,
    category_shares,
    classify,
    count_categories,
    evaluate,
    pair_table,
    questionable,
)
from fbanalysis.schema import KANO_ANSWERS

#: A pair of answers that stands for each category.
PAIR = {
    "M": ("expect", "dislike"),
    "O": ("like", "dislike"),
    "A": ("like", "neutral"),
    "I": ("neutral", "neutral"),
    "R": ("dislike", "like"),
    "Q": ("like", "like"),
}


def asked(feature: str = "离线", **counts: int) -> pd.DataFrame:
    rows = [(feature, *PAIR[code]) for code, count in counts.items() for _ in range(count)]
    return pd.DataFrame(rows, columns=["feature", "functional", "dysfunctional"])


def test_evaluation_table_is_the_printed_one():
    """Berger et al. (1993), figure 5: rows functional, columns dysfunctional: like, must-be, neutral, live with, dislike."""
    printed = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]
    assert ["".join(row) for row in EVALUATION.to_numpy()] == printed
    frame = pd.DataFrame(
        [("x", a, b) for a in KANO_ANSWERS for b in KANO_ANSWERS],
        columns=["feature", "functional", "dysfunctional"],
    )
    assert "".join(classify(frame)["category"]) == "".join(printed)


def test_half_a_pair_is_no_pair():
    frame = pd.DataFrame(
        {"feature": "x", "functional": ["like", None, "好"], "dysfunctional": [None, "like", "like"]}
    )
    assert len(classify(frame)) == 0


def test_category_strength_and_total_strength_by_hand():
    row = evaluate(asked(M=60, O=40, A=10, I=8, R=1, Q=1)).iloc[0]
    assert (row["category"], row["second"], row["n"]) == ("必备", "期望", 120)
    assert row["strength"] == pytest.approx(100 * 20 / 120)
    assert row["total_strength"] == pytest.approx(100 * 110 / 120)
    # Fong: |60 − 40| against 1.65 · √(100 · 140 / 240) = 12.6
    assert row["statistic"] == pytest.approx(20 / np.sqrt(100 * 140 / 240))
    assert row["settled"] == "必备"


def test_two_categories_too_close_are_mixed_whichever_rule_says_so():
    close_but_large = evaluate(asked(M=5200, O=4800)).iloc[0]
    assert (close_but_large["strength"], close_but_large["verdict"], close_but_large["settled"]) == (
        4,
        "有差异",
        MIXED,
    )
    far_but_few = evaluate(asked(M=20, O=16)).iloc[0]
    assert far_but_few["strength"] > 6
    assert (far_but_few["verdict"], far_but_few["settled"]) == ("没有差异", MIXED)


@pytest.mark.parametrize(("pair", "wins"), [("AO", "O"), ("OM", "M"), ("IA", "A"), ("RI", "I")])
def test_of_equals_the_one_that_counts_more_comes_first(pair: str, wins: str):
    row = evaluate(asked(**dict.fromkeys(pair, 40))).iloc[0]
    assert (row["category"], row["is_mixed"], row["verdict"]) == (CATEGORIES[wins], True, "没有差异")


def test_few_answers_settle_nothing():
    row = evaluate(asked(M=29)).iloc[0]
    assert (row["verdict"], row["settled"], row["percent"]) == ("基数不足", MIXED, 100)


def test_features_are_one_family():
    both = pd.concat([asked("甲", M=60, O=40), asked("乙", A=58, I=42)])
    table = evaluate(both)
    assert table["stratum"].tolist() == ["甲", "乙"]
    assert table["p"].tolist() == pytest.approx(
        [2 * table["p_raw"][0], max(2 * table["p_raw"][0], table["p_raw"][1])]
    )


def test_better_and_worse_by_hand():
    row = better_worse(asked(M=30, O=20, A=40, I=10, R=50, Q=7)).iloc[0]
    assert (row["n"], row["better"], row["worse"]) == (100, 60, 50)
    low, high = proportion_confint(60, 100, method="wilson")
    assert (row["better_low"], row["better_high"]) == (pytest.approx(100 * low), pytest.approx(100 * high))


def test_only_reverse_answers_have_no_better():
    row = better_worse(asked(R=10)).iloc[0]
    assert row["n"] == 0
    assert row[["better", "worse", "better_low"]].isna().all()


@settings(max_examples=20, deadline=None)
@given(st.fixed_dictionaries({code: st.integers(0, 30) for code in PAIR}))
def test_shares_sum_to_one_and_the_order_of_rows_does_not_matter(counts: dict[str, int]):
    frame = asked(**counts)
    shares, grid = category_shares(frame), pair_table(frame)
    assert grid["n"].sum() == len(frame) == category_counts(frame)["n"].sum()
    if len(frame):
        assert shares["percent"].sum() == pytest.approx(100)
        pd.testing.assert_frame_equal(evaluate(frame), evaluate(frame.iloc[::-1]))


def test_contradictions_are_counted():
    row = questionable(asked(M=49, Q=1)).iloc[0]
    assert (row["n"], row["count"], row["percent"]) == (50, 1, 2)


def test_features_are_counted_by_settled_category():
    both = pd.concat([asked("甲", M=60, O=10), asked("乙", A=30, I=30)])
    counted = count_categories(evaluate(both)).set_index("stratum")["n"]
    assert (counted["all"], counted["必备"], counted["魅力"], counted[MIXED]) == (2, 1, 0, 1)


def test_no_answers_give_empty_frames():
    none = asked()
    frames = [
        evaluate(none),
        better_worse(none),
        category_counts(none),
        category_shares(none),
        questionable(none),
    ]
    assert [len(frame) for frame in frames] == [0] * 5
    assert list(frames[0].columns) == list(evaluate(asked(M=1)).columns)
    assert pair_table(none)["n"].sum() == 0

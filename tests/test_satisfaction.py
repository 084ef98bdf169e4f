"""Scores summarised and followed, against plain pandas and figures worked by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats

from fbanalysis.analysis.satisfaction import (
    monthly_satisfaction,
    satisfaction_by,
    satisfaction_by_area,
    score_distribution,
    variance_between,
    weighted_satisfaction,
)

FEEDBACK = pd.DataFrame(
    [
        ("2023-01-05", "客服部", "服务满意度", 4, 5),
        ("2023-01-20", "客服部", "服务满意度", 5, 4),
        ("2023-03-01", "客服部", "环境", 2, 3),
        ("2023-03-02", "研发部", "产品满意度", 3, 3),
        ("2023-03-31", "研发部", "服务满意度", 3, None),
        ("2023-04-01", None, None, None, 1),
    ],
    columns=["submitted_at", "department", "area", "area_score", "overall_score"],
).astype({"submitted_at": "datetime64[us]", "area_score": "float64", "overall_score": "float64"})

# Cushny & Peebles' sleep data (Student 1908) and Dobson's plants (1983), as scores of departments
DRUGS = pd.DataFrame(
    {
        "department": ["1"] * 10 + ["2"] * 10,
        "overall_score": [
            0.7,
            -1.6,
            -0.2,
            -1.2,
            -0.1,
            3.4,
            3.7,
            0.8,
            0.0,
            2.0,
            1.9,
            0.8,
            1.1,
            0.1,
            -0.1,
            4.4,
            5.5,
            1.6,
            4.6,
            3.4,
        ],
    }
)


def departments(scores: dict[str, list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [(name, score) for name, values in scores.items() for score in values],
        columns=["department", "overall_score"],
    )


def test_areas_stand_in_the_order_of_the_report():
    table = satisfaction_by_area(FEEDBACK, scale_maximum=5)
    assert table.columns.tolist() == [
        "stratum",
        "n",
        "mean",
        "sd",
        "se",
        "low",
        "high",
        "median",
        "percent_top2",
        "top2_low",
        "top2_high",
    ]
    assert table["stratum"].tolist() == ["产品满意度", "服务满意度", "环境", "总体满意度"]
    assert table["n"].tolist() == [1, 3, 1, 5]
    np.testing.assert_allclose(table["mean"], [3, 4, 2, 3.2])
    np.testing.assert_allclose(table["median"], [3, 4, 2, 3])
    np.testing.assert_allclose(table["percent_top2"], [0, 200 / 3, 0, 40])


def test_area_statistics_agree_with_scipy():
    row = satisfaction_by_area(FEEDBACK, scale_maximum=5).set_index("stratum").loc["总体满意度"]
    scores = [5.0, 4, 3, 3, 1]
    interval = stats.ttest_1samp(scores, 0).confidence_interval()
    share = stats.binomtest(2, 5).proportion_ci(method="wilson")
    assert row["sd"] == pytest.approx(np.std(scores, ddof=1))
    assert row["se"] == pytest.approx(stats.sem(scores))
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))
    assert (row["top2_low"], row["top2_high"]) == pytest.approx((100 * share.low, 100 * share.high))


def test_one_score_has_a_mean_and_no_spread():
    row = satisfaction_by_area(FEEDBACK.iloc[:1], scale_maximum=5).iloc[0]
    assert row["mean"] == 4
    assert row[["sd", "se", "low", "high"]].isna().all()


@pytest.mark.parametrize(
    "frame", [FEEDBACK.iloc[:0], FEEDBACK.assign(area_score=np.nan, overall_score=np.nan)]
)
def test_no_scores_give_no_areas(frame):
    assert satisfaction_by_area(frame, scale_maximum=5).empty
    assert score_distribution(frame, scale=(1, 5)).empty
    assert satisfaction_by(frame, "department").empty


def test_equal_scores_have_an_interval_without_width():
    row = satisfaction_by_area(FEEDBACK.assign(overall_score=4.1), scale_maximum=5).iloc[-1]
    assert row[["sd", "se", "low", "high"]].tolist() == [0, 0, 4.1, 4.1]


def test_distribution_has_a_row_for_every_step_of_the_scale():
    table = score_distribution(FEEDBACK, scale=(1, 5))
    overall = table[table["stratum"] == "总体满意度"]
    assert overall["score"].tolist() == [1, 2, 3, 4, 5]
    assert overall["n"].tolist() == [1, 0, 2, 1, 1]
    np.testing.assert_allclose(overall["percent"], [20, 0, 40, 20, 20])


@given(st.lists(st.integers(1, 5), min_size=1))
def test_distribution_sums_to_a_hundred_in_any_order(scores):
    frame = pd.DataFrame(
        {"area": "服务满意度", "area_score": np.array(scores, dtype=float), "overall_score": np.nan}
    )
    table = score_distribution(frame, scale=(1, 5))
    assert table["percent"].sum() == pytest.approx(100)
    assert table["n"].sum() == len(scores)
    assert_frame_equal(score_distribution(frame.iloc[::-1], scale=(1, 5)), table)


def test_departments_are_ranked_and_small_ones_flagged():
    table = satisfaction_by(FEEDBACK, "department", minimum_base=2)
    expected = pd.DataFrame(
        {
            "stratum": ["客服部", "研发部"],
            "n": [3, 1],
            "mean": [4.0, 3.0],
            "sd": [1.0, np.nan],
            "is_low_base": [False, True],
        }
    )
    assert_frame_equal(table[expected.columns.tolist()], expected)


def test_one_area_can_be_looked_at():
    table = satisfaction_by(FEEDBACK, "department", score="area_score", area="服务满意度")
    assert dict(zip(table["stratum"], table["n"], strict=True)) == {"客服部": 2, "研发部": 1}


def test_months_without_scores_are_shown():
    table = monthly_satisfaction(FEEDBACK, start=date(2023, 1, 1), end=date(2023, 3, 31))
    assert table["stratum"].tolist() == ["2023-01", "2023-02", "2023-03"]
    assert table["n"].tolist() == [2, 0, 2]
    np.testing.assert_array_equal(table["mean"], [4.5, np.nan, 3.0])
    half = stats.t.ppf(0.975, 1) * np.sqrt(0.5) / np.sqrt(2)
    np.testing.assert_allclose(table["low"], [4.5 - half, np.nan, 3.0])


# ---------------------------------------------------------------- variance between groups


def test_variance_between_two_groups_is_the_square_of_welchs_t():
    result = variance_between(DRUGS, "department", score="overall_score", minimum_base=2)
    welch = stats.ttest_ind(DRUGS["overall_score"][:10], DRUGS["overall_score"][10:], equal_var=False)
    pooled = stats.ttest_ind(DRUGS["overall_score"][:10], DRUGS["overall_score"][10:])
    assert result.statistic == pytest.approx(welch.statistic**2)
    assert result.p == pytest.approx(welch.pvalue)
    assert result.eta2 == pytest.approx(pooled.statistic**2 / (pooled.statistic**2 + 18))
    # equal groups of ten: ICC = (F - 1) / (F + 9)
    assert result.icc == pytest.approx((pooled.statistic**2 - 1) / (pooled.statistic**2 + 9))
    assert result.verdict == "没有差异"


def test_variance_between_nist_certified_values_of_smls01():
    pattern = np.array([1.4] + [1.3, 1.5] * 10)
    frame = departments({str(group): list(pattern + group / 10) for group in range(9)})
    result = variance_between(frame, "department", score="overall_score", minimum_base=2)
    between, within = 21 * sum((g / 10 - 0.4) ** 2 for g in range(9)), 9 * 20 * 0.01
    assert result.eta2 == pytest.approx(between / (between + within), rel=1e-9)


def test_departments_that_are_alike_have_no_variance_between():
    result = variance_between(
        departments({"a": [1, 2, 3], "b": [1, 2, 3]}), "department", score="overall_score", minimum_base=2
    )
    assert (result.eta2, result.effect, result.icc) == (0, 0, 0)


@pytest.mark.parametrize("frame", [DRUGS.iloc[:0], DRUGS.iloc[:10], DRUGS.assign(overall_score=np.nan)])
def test_one_group_has_nothing_between(frame):
    result = variance_between(frame, "department", score="overall_score", minimum_base=2)
    assert np.isnan([result.eta2, result.effect, result.icc, result.p]).all()
    assert result.verdict == "基数不足"


def test_every_stratum_counts_at_its_share_of_the_population() -> None:
    feedback = pd.DataFrame(
        {
            "side": "internal",
            "stratum": ["a", "a", "a", "b"],
            "overall_score": [5.0, 4.0, 3.0, 2.0],
        }
    )
    population = pd.DataFrame({"side": "internal", "stratum": ["a", "b", "c"], "population": [10, 30, 99]})
    row = weighted_satisfaction(feedback, population).loc[0]
    assert (row["mean"], row["unweighted"], row["n"]) == (pytest.approx((10 * 4 + 30 * 2) / 40), 3.5, 4)
    half = 1.959964 * ((10 / 40) ** 2 * (1 - 3 / 10) * 1.0 / 3) ** 0.5
    assert row["high"] - row["mean"] == pytest.approx(half)
    assert weighted_satisfaction(feedback.iloc[:0], population).empty

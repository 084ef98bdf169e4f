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
    SUMMARY,
    compare_periods,
    monthly_satisfaction,
    on_hundred,
    period_names,
    pooled,
    prior_periods,
    satisfaction_by,
    satisfaction_by_area,
    satisfaction_by_period,
    score_distribution,
    summarise,
    survey_items,
    variance_between,
    weakest_first,
)
from fbanalysis.errors import DataError

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


# ---------------------------------------------------------------- any group, any grain


def test_a_summary_by_two_columns_agrees_with_scipy():
    frame = FEEDBACK.assign(side=["内", "内", "外", "外", "外", "内"])
    table = summarise(frame, ["side", "quarter"], scale_maximum=5).set_index("stratum")
    assert table.index.tolist() == ["内/2023Q1", "内/2023Q2", "外/2023Q1"]
    assert [*table.columns] == ["side", "quarter", *SUMMARY, "is_low_base"]
    row, scores = table.loc["内/2023Q1"], [5.0, 4.0]
    interval = stats.ttest_1samp(scores, 0).confidence_interval()
    share = stats.binomtest(2, 2).proportion_ci(method="wilson")
    assert (row["n"], row["mean"], row["median"]) == (2, 4.5, 4.5)
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))
    assert (row["top2_low"], row["top2_high"]) == pytest.approx((100 * share.low, 100 * share.high))
    assert np.isnan(table.loc["内/2023Q2", "sd"])


def test_a_summary_by_stratum_keeps_its_name_for_the_key():
    frame = FEEDBACK.assign(stratum=["甲", "甲", "乙", "乙", "乙", None])
    table = summarise(frame, ["stratum", "department"], scale_maximum=5, minimum_base=2)
    assert table["stratum"].tolist() == ["乙/客服部", "乙/研发部", "甲/客服部"]
    assert table["group"].tolist() == ["乙", "乙", "甲"]
    assert table["is_low_base"].tolist() == [True, True, False]


@pytest.mark.parametrize("frame", [FEEDBACK.iloc[:0], FEEDBACK.assign(overall_score=np.nan)])
def test_a_summary_of_nothing_has_its_columns(frame):
    table = summarise(frame, ["department", "month"], scale_maximum=5)
    assert table.empty
    assert [*table.columns] == ["stratum", "department", "month", *SUMMARY, "is_low_base"]


def test_times_are_named_by_month_quarter_and_year():
    times = pd.Series(pd.to_datetime(["2023-12-31", None, "2024-01-01"])).astype("datetime64[us]")
    expected = {
        "month": ["2023-12", "2024-01"],
        "quarter": ["2023Q4", "2024Q1"],
        "year": ["2023", "2024"],
    }
    for grain, names in expected.items():
        found = period_names(times, grain=grain)
        assert found.isna().tolist() == [False, True, False]
        assert found.dropna().tolist() == names
    with pytest.raises(DataError, match="week"):
        period_names(times, grain="week")


def test_quarters_on_a_hundred_are_the_same_test():
    span = {"start": date(2023, 1, 1), "end": date(2023, 6, 30), "grain": "quarter"}
    raw = satisfaction_by_period(FEEDBACK, **span)
    scaled = satisfaction_by_period(FEEDBACK, **span, scale=(1, 5))
    assert raw["stratum"].tolist() == ["2023Q1", "2023Q2"]
    np.testing.assert_allclose(scaled["mean"], 25 * (raw["mean"] - 1))
    np.testing.assert_allclose(scaled["high"] - scaled["low"], 25 * (raw["high"] - raw["low"]))
    assert on_hundred(raw, scale=(1, 5))["sd"].iloc[0] == pytest.approx(25 * raw["sd"].iloc[0])


def periods(n: list[int], means: list[float], *, first: int = 1, sd: float = 1.0) -> pd.DataFrame:
    names = [f"2023Q{first + at}" for at in range(len(n))]
    return pd.DataFrame({"stratum": names, "n": n, "mean": means, "sd": sd})


def test_each_period_is_compared_with_the_one_before():
    table = compare_periods(periods([200, 300, 250], [3.0, 3.5, 3.45]))
    assert table["against"].tolist() == ["", "2023Q1", "2023Q2"]
    expected = stats.ttest_ind_from_stats(3.5, 1, 300, 3.0, 1, 200, equal_var=False)
    assert table["p_raw"].iloc[1] == pytest.approx(expected.pvalue)
    # Holm over the two comparisons that could be made
    assert table["p"].iloc[1] == pytest.approx(2 * expected.pvalue)
    assert table["verdict"].tolist() == ["基数不足", "上升", "没有差异"]


def test_a_rolling_baseline_pools_the_scores_of_the_periods_before():
    rng = np.random.default_rng(2)
    quarters = [rng.normal(mean, 1, size) for mean, size in ((3, 40), (4, 60), (3.5, 50), (3, 70), (4, 80))]
    table = pd.DataFrame(
        [(f"Q{at}", len(x), x.mean(), x.std(ddof=1)) for at, x in enumerate(quarters)],
        columns=["stratum", "n", "mean", "sd"],
    )
    found = compare_periods(table.iloc[4:], table.iloc[:4], window=4).iloc[0]
    expected = stats.ttest_ind(quarters[4], np.concatenate(quarters[:4]), equal_var=False)
    assert found["against"] == "Q0–Q3"
    assert found["prior_n"] == 220
    assert found["p_raw"] == pytest.approx(expected.pvalue)
    assert compare_periods(table, window=4)["value"].isna().tolist() == [True] * 4 + [False]


def test_an_empty_period_before_leaves_nothing_to_compare_with():
    gap = periods([100, 0, 100], [3.0, np.nan, 4.0])
    table = compare_periods(gap)
    assert table["value"].isna().all()
    assert set(table["verdict"]) == {"基数不足"}
    assert compare_periods(gap, window=2)["value"].isna().all()
    assert compare_periods(gap.iloc[:0]).empty


@given(st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=9), min_size=1, max_size=5))
def test_pooled_moments_are_those_of_all_scores_together(groups):
    rows = [(len(g), np.mean(g), np.std(g, ddof=1) if len(g) > 1 else np.nan) for g in groups]
    n, mean, sd = pooled(pd.DataFrame(rows, columns=["n", "mean", "sd"]))
    everything = np.concatenate(groups)
    assert (n, mean) == pytest.approx((len(everything), everything.mean()))
    assert sd == pytest.approx(np.std(everything, ddof=1) if n > 1 else np.nan, nan_ok=True)


def test_pooling_nothing_gives_no_mean():
    assert pooled(pd.DataFrame({"n": [0], "mean": [np.nan], "sd": [np.nan]}))[0] == 0


def test_last_years_periods_are_found_by_their_grain():
    prior = pd.DataFrame(
        {
            "metric": ["satisfaction_period"] * 4 + ["coverage"],
            "stratum": ["2022Q2", "2022Q1", "2022", "2022-01", "2022Q3"],
            "n": pd.array([20, 10, 30, 5, 1], dtype="Int64"),
            "mean": [4.0, 3.0, 3.7, 3.0, np.nan],
            "sd": 1.0,
            "share": np.nan,
        }
    )
    quarters = prior_periods(prior, grain="quarter", scale=(1, 5))
    assert quarters["stratum"].tolist() == ["2022Q1", "2022Q2"]
    assert quarters["mean"].tolist() == [50, 75]
    assert prior_periods(prior, grain="year")["n"].tolist() == [30]
    assert prior_periods(prior.iloc[:0], grain="month").empty


RATINGS = pd.DataFrame(
    [
        ("问卷", None, "甲", 4.0),
        ("问卷", None, "乙", 2.0),
        ("问卷", None, "丙", 2.0),
        ("回访", None, "丁", 5.0),
        ("指数", "质量", "戊", 7.0),
    ],
    columns=["survey", "dimension", "item", "score"],
)


def test_the_largest_survey_without_dimensions_is_taken_unless_another_is_named():
    assert set(survey_items(RATINGS)["survey"]) == {"问卷"}
    assert set(survey_items(RATINGS, survey="指数")["item"]) == {"戊"}
    assert survey_items(RATINGS.iloc[4:]).empty
    assert survey_items(RATINGS.iloc[:0]).empty
    with pytest.raises(DataError, match="回访、指数、问卷"):
        survey_items(RATINGS, survey="没有")


def test_items_stand_weakest_first():
    table = weakest_first(summarise(survey_items(RATINGS), "item", score="score", scale_maximum=5))
    assert table["stratum"].tolist() == ["丙", "乙", "甲"]


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

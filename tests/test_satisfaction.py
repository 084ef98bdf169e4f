"""Scores summarised, followed and ranked, against plain pandas and figures worked by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats

from fbanalysis.analysis.satisfaction import (
    compare_complaint_rates,
    complaint_rates,
    drill_down,
    monthly_satisfaction,
    rank_bands,
    satisfaction_by,
    satisfaction_by_area,
    score_distribution,
    total_complaint_rate,
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


# ---------------------------------------------------------------- complaints


def operations(year: int, **months: tuple[float, float]) -> pd.DataFrame:
    rows = [
        (f"{year}-{name[1:]}-01", "month", measure, value)
        for name, pair in months.items()
        for measure, value in zip(("投诉量", "服务量"), pair, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["period_start", "grain", "measure", "value"])
    return table.astype({"period_start": "datetime64[us]"})


THIS = operations(2023, m01=(20, 1000), m02=(0, 0), m03=(10, 1000))
LAST = operations(2022, m01=(50, 1000), m03=(12, 1000), m04=(99, 100))


def test_complaint_rates_are_per_service():
    table = complaint_rates(THIS)
    assert table["stratum"].tolist() == ["2023-01", "2023-02", "2023-03"]
    np.testing.assert_array_equal(table["percent"], [2, np.nan, 1])
    expected = stats.binomtest(20, 1000).proportion_ci(method="wilson")
    assert (table["low"].iloc[0], table["high"].iloc[0]) == pytest.approx(
        (100 * expected.low, 100 * expected.high)
    )


def test_complaint_rates_of_no_measures_are_empty():
    assert complaint_rates(THIS.iloc[:0]).empty
    assert complaint_rates(THIS[THIS["measure"] == "投诉量"]).empty


def test_complaint_rates_are_compared_over_common_months():
    table = compare_complaint_rates(complaint_rates(THIS), complaint_rates(LAST))
    assert table["stratum"].tolist() == ["all", "01", "03"]
    np.testing.assert_allclose(table["value"], [100 * (30 - 62) / 2000, -3, -0.2])
    assert table["verdict"].tolist() == ["下降", "下降", "没有差异"]


# ---------------------------------------------------------------- ranks


def ranked(means: list[float], *, n: int = 100, sd: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame({"stratum": list("abcdefgh")[: len(means)], "n": n, "mean": means, "sd": sd})


def test_bands_are_cut_from_the_top():
    # se of a difference is 0.1414; Holm over six pairs asks for about 0.3 to 0.4
    table = rank_bands(ranked([4.0, 5.0, 4.9, 3.9]))
    assert table["stratum"].tolist() == ["b", "c", "a", "d"]
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["band"].tolist() == [1, 1, 2, 2]
    assert table["rank_low"].tolist() == [1, 1, 3, 3]
    assert table["rank_high"].tolist() == [2, 2, 4, 4]


def test_groups_that_cannot_be_told_apart_share_one_band():
    table = rank_bands(ranked([4.0, 4.01, 4.02]))
    assert table["band"].tolist() == [1, 1, 1]
    assert table["rank_high"].tolist() == [3, 3, 3]


def test_a_member_of_a_band_differs_from_nobody_but_perhaps_its_neighbours_neighbour():
    table = rank_bands(ranked([5.0, 4.7, 4.4]))
    assert table["band"].tolist() == [1, 1, 2]
    assert table["rank_low"].tolist() == [1, 1, 2]


def test_equal_means_share_the_best_rank():
    assert rank_bands(ranked([4.0, 4.0, 3.0]))["rank"].tolist() == [1, 1, 3]


def test_ranks_of_nothing_and_of_one_group():
    assert rank_bands(ranked([])).empty
    assert rank_bands(ranked([4.0]))[["rank", "rank_low", "rank_high", "band"]].to_numpy().tolist() == [
        [1, 1, 1, 1]
    ]


@given(st.lists(st.floats(1, 5), min_size=1, max_size=8))
def test_every_rank_lies_in_its_interval_whatever_the_row_order(means):
    table = rank_bands(ranked(means))
    assert table["rank"].between(table["rank_low"], table["rank_high"]).all()
    assert table["band"].is_monotonic_increasing
    assert_frame_equal(rank_bands(ranked(means).iloc[::-1]), table)


def test_the_years_complaint_rate_pools_all_months() -> None:
    rates = pd.DataFrame({"complaints": [10.0, 30.0], "n": [1000.0, 1000.0]})
    whole = total_complaint_rate(rates)
    assert whole.loc[0, ["stratum", "base", "percent"]].tolist() == ["all", 2000.0, 2.0]
    assert whole.loc[0, "low"] < 2.0 < whole.loc[0, "high"]
    assert total_complaint_rate(rates.iloc[:0]).empty


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


def drillable(counts: dict[tuple[str, str, str, str | None], int]) -> pd.DataFrame:
    """Feedback of side, stratum, department and region, so many of each; scores 4, 2, 4, 2 …"""
    rows = [key for key, count in counts.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["side", "stratum", "department", "region"]).astype("str")
    scores = [4.0 - 2 * (i % 2) for i in range(len(frame))]
    return frame.assign(overall_score=scores, kind=["表扬" if score > 3 else "问题反映" for score in scores])


def test_drill_down_goes_from_everybody_to_the_region_of_a_department() -> None:
    feedback = drillable(
        {("external", "客户", "研发/一部", "华东"): 6, ("internal", "员工", "客服部", None): 8}
    )
    table = drill_down(feedback, ["department", "region"], scale_maximum=5, below=5)
    assert table["stratum"].is_unique
    rows = table.set_index("stratum")
    assert rows.loc["下钻/全部/全部/全部", "n"] == 14
    row = rows.loc["下钻/外部/研发／一部/华东"]
    assert (row["n"], row["mean"], row["percent_top2"], row["percent_problem"]) == (6, 3.0, 50.0, 50.0)
    half = stats.t.ppf(0.975, 5) * np.std([4, 2] * 3, ddof=1) / 6**0.5
    assert row["high"] - row["mean"] == pytest.approx(half)
    assert {"下钻/外部·客户/研发／一部/全部", "下钻/全部/客服部/全部", "下钻/全部/全部/未填写"} <= set(
        rows.index
    )


def test_drill_down_hides_small_groups_and_what_would_give_them_away() -> None:
    sizes = {"东": 3, "西": 6, "南": 20}
    feedback = drillable({("internal", "员工", "客服部", region): n for region, n in sizes.items()})
    rows = drill_down(feedback, ["department", "region"], scale_maximum=5, below=5).set_index("stratum")
    hidden = rows.index[rows["mean"].isna()]
    assert {name for name in hidden if "客服部" in name} == {"下钻/内部/客服部/东", "下钻/内部/客服部/西"}
    assert {name for name in hidden if "客服部" not in name} == {"下钻/全部/全部/东", "下钻/全部/全部/西"}
    assert rows["n"].notna().all()


def test_drill_down_without_departments_stops_at_the_strata() -> None:
    feedback = drillable({("internal", "员工", "客服部", "东"): 8}).assign(department=None, region=None)
    table = drill_down(feedback, ["department", "region"], scale_maximum=5, below=5)
    assert table["stratum"].tolist() == ["下钻/全部", "下钻/内部", "下钻/内部·员工"]

"""Tests of differences against published figures, plain scipy and edge cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower

from fbanalysis.analysis.significance import (
    adjust,
    all_tests,
    association,
    cohens_h,
    compare_groups,
    compare_ranks,
    compare_two_groups,
    compare_with_prior,
    count_by_family,
    count_outcomes,
    group_moments,
    rank_biserial,
    two_proportions,
    verdicts,
)

# Cushny & Peebles' sleep data, as in Student (1908) and R's ?t.test
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
SLEEP = pd.DataFrame({"drug": ["1"] * 10 + ["2"] * 10, "extra": DRUG_1 + DRUG_2})

# Dobson (1983), R's PlantGrowth
WEIGHTS = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}
PLANTS = pd.DataFrame(
    [(name, weight) for name, all_of in WEIGHTS.items() for weight in all_of], columns=["group", "weight"]
)

# Agresti (2007) p. 39: gender and party
PARTY = pd.DataFrame(
    [
        ("F", "Democrat", 762),
        ("F", "Independent", 327),
        ("F", "Republican", 468),
        ("M", "Democrat", 484),
        ("M", "Independent", 239),
        ("M", "Republican", 477),
    ],
    columns=["gender", "party", "count"],
)
VOTERS = PARTY.loc[PARTY.index.repeat(PARTY["count"])]

# Benjamini & Hochberg (1995), section 3.2
BH_1995 = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0000,
]


# ---------------------------------------------------------------- p-values and verdicts


@pytest.mark.parametrize(("method", "found"), [("bh", 4), ("holm", 3), ("bonferroni", 3), ("none", 9)])
def test_adjust_rejects_as_often_as_benjamini_and_hochberg_1995_print(method, found):
    assert (adjust(BH_1995, method=method) <= 0.05).sum() == found


@pytest.mark.parametrize(
    ("method", "name"), [("holm", "holm"), ("bh", "fdr_bh"), ("bonferroni", "bonferroni")]
)
@settings(max_examples=20, deadline=None)  # statsmodels' Holm collects garbage each time
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjust_agrees_with_statsmodels_in_any_order(method, name, p):
    np.testing.assert_allclose(adjust(p, method=method), multipletests(p, method=name)[1], atol=1e-12)


def test_adjust_leaves_missing_p_values_out_of_the_family():
    np.testing.assert_allclose(
        adjust([0.01, np.nan, 0.02, 0.03, 0.04, 0.05]), [0.05, np.nan, 0.08, 0.09, 0.09, 0.09]
    )
    assert adjust([]).size == 0
    assert np.isnan(adjust([np.nan])).all()


def test_verdicts_need_base_and_test():
    said = verdicts(
        [1, -1, 1, 1, np.nan, 0, 1],
        [0.01, 0.01, 0.05, 0.01, np.nan, np.nan, np.nan],
        [30, 30, 30, 29, 30, 30, 30],
    )
    assert said.tolist() == ["上升", "下降", "没有差异", "基数不足", "基数不足", "没有差异", "无法检验"]


# ---------------------------------------------------------------- means


def test_two_groups_reproduce_students_sleep_data():
    row = compare_two_groups(SLEEP, score="extra", group="drug", pair=("1", "2"), minimum_base=2).iloc[0]
    printed = {"statistic": -1.8608, "df": 17.776, "p_raw": 0.07939, "low": -3.3654832, "high": 0.2054832}
    for name, value in printed.items():
        assert row[name] == pytest.approx(value, rel=1e-4)
    assert row["value"] == pytest.approx(-1.58)
    assert row[["effect", "effect_low", "effect_high"]].tolist() == pytest.approx(
        [-0.797, -1.665, 0.091], abs=1e-3
    )
    assert row["verdict"] == "没有差异"


def test_two_groups_agree_with_scipy_on_ranks():
    row = compare_two_groups(SLEEP, score="extra", group="drug", pair=("1", "2")).iloc[0]
    expected = stats.brunnermunzel(DRUG_2, DRUG_1)
    u = stats.mannwhitneyu(DRUG_1, DRUG_2).statistic
    assert row["rank_statistic"] == pytest.approx(expected.statistic)
    assert row["rank_p"] == pytest.approx(expected.pvalue)
    assert row["rank_biserial"] == pytest.approx(2 * u / 100 - 1)
    assert row["verdict"] == "基数不足"


def test_two_groups_turned_round_change_only_their_sign():
    there = compare_two_groups(SLEEP, score="extra", group="drug", pair=("1", "2")).iloc[0]
    back = compare_two_groups(SLEEP, score="extra", group="drug", pair=("2", "1")).iloc[0]
    for name in ("value", "statistic", "effect", "rank_biserial", "rank_statistic"):
        assert there[name] == pytest.approx(-back[name])
    assert there["effect_low"] == pytest.approx(-back["effect_high"], abs=1e-6)


def test_groups_that_do_not_overlap_have_no_rank_test():
    frame = pd.DataFrame({"side": ["a"] * 3 + ["b"] * 3, "score": [1.0, 2, 3, 4, 5, 6]})
    row = compare_two_groups(frame, score="score", group="side", pair=("a", "b"), minimum_base=2).iloc[0]
    assert row["rank_biserial"] == -1
    assert np.isnan(row["rank_p"])
    assert row["verdict"] == "较低"


def test_a_missing_group_is_a_small_base():
    row = compare_two_groups(SLEEP, score="extra", group="drug", pair=("1", "3")).iloc[0]
    assert row["other_n"] == 0
    assert row[["value", "p", "effect", "rank_biserial"]].isna().all()
    assert row["verdict"] == "基数不足"


def areas(**columns):
    return pd.DataFrame(
        {"stratum": ["产品满意度", "服务满意度"], "n": [1256, 1103], "mean": [4.2, 4.5], "sd": [0.7, 0.5]}
    ).assign(**columns)


def prior(**columns):
    table = pd.DataFrame(
        {
            "metric": "satisfaction",
            "stratum": ["服务满意度", "产品满意度"],
            "n": [900, 1000],
            "mean": [4.49, 3.9],
            "sd": [0.5, 0.8],
            "share": np.nan,
        }
    )
    return table.astype({"n": "Int64"}).assign(**columns)


def test_years_are_compared_as_scipy_does_from_summaries():
    table = compare_with_prior(areas(), prior())
    product = stats.ttest_ind_from_stats(4.2, 0.7, 1256, 3.9, 0.8, 1000, equal_var=False)
    service = stats.ttest_ind_from_stats(4.5, 0.5, 1103, 4.49, 0.5, 900, equal_var=False)
    np.testing.assert_allclose(table["statistic"], [product.statistic, service.statistic])
    np.testing.assert_allclose(table["p_raw"], [product.pvalue, service.pvalue])
    np.testing.assert_allclose(table["p"], [2 * product.pvalue, service.pvalue])
    np.testing.assert_allclose(table["value"], [0.3, 0.01])
    assert table["verdict"].tolist() == ["上升", "没有差异"]
    assert table["prior_n"].tolist() == [1000, 900]


def test_smallest_detectable_difference_has_the_power_that_statsmodels_solves_for():
    same = {"n": [300, 300], "sd": [1.0, 1.0]}
    found = compare_with_prior(areas(**same), prior(**same))["smallest_detectable"].iloc[0]
    assert found == pytest.approx(TTestIndPower().solve_power(nobs1=300, alpha=0.05, power=0.8), rel=1e-3)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"n": [12, 12]}, "基数不足"),
        ({"stratum": ["甲", "乙"]}, "基数不足"),
        ({"mean": np.nan}, "基数不足"),
        ({"sd": np.nan}, "无法检验"),
    ],
)
def test_last_year_without_its_figures_gives_no_change(change, verdict):
    assert compare_with_prior(areas(), prior(**change))["verdict"].tolist() == [verdict] * 2


def test_comparison_of_no_areas_is_empty():
    assert compare_with_prior(areas().iloc[:0], prior()).empty


def test_moments_of_equal_scores_have_no_spread_left_by_rounding():
    table = group_moments(pd.DataFrame({"g": ["a"] * 7 + ["b"], "s": [4.1] * 7 + [2.0]}), score="s", by="g")
    expected = pd.DataFrame({"stratum": ["a", "b"], "n": [7, 1], "mean": [4.1, 2.0], "sd": [0.0, np.nan]})
    assert_frame_equal(table, expected)


# ---------------------------------------------------------------- several groups


def test_welch_anova_and_effects_of_plant_growth():
    result = compare_groups(PLANTS, score="weight", group="group", minimum_base=2)
    assert (result.statistic, result.df, result.df2, result.p) == pytest.approx(
        (5.181, 2, 17.128, 0.01739), rel=1e-3
    )
    assert (result.eta2, result.effect) == pytest.approx((0.2641, 0.2041), abs=1e-4)
    assert result.verdict == "有差异"


def test_games_howell_pairs_of_plant_growth():
    pairs = compare_groups(PLANTS, score="weight", group="group", minimum_base=2).pairs
    expected = stats.tukey_hsd(*WEIGHTS.values(), equal_var=False)
    bounds = expected.confidence_interval()
    places = [(0, 1), (0, 2), (1, 2)]
    assert pairs["stratum"].tolist() == ["ctrl 与 trt1", "ctrl 与 trt2", "trt1 与 trt2"]
    np.testing.assert_allclose(pairs["value"], [expected.statistic[place] for place in places])
    np.testing.assert_allclose(pairs["p"], [expected.pvalue[place] for place in places], rtol=1e-4)
    np.testing.assert_allclose(pairs["low"], [bounds.low[place] for place in places], rtol=1e-4)
    np.testing.assert_allclose(pairs["high"], [bounds.high[place] for place in places], rtol=1e-4)
    assert pairs["verdict"].tolist() == ["没有差异", "没有差异", "较低"]


def test_kruskal_agrees_with_scipy():
    result = compare_ranks(PLANTS, score="weight", group="group", minimum_base=2)
    expected = stats.kruskal(*WEIGHTS.values())
    assert (result.statistic, result.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert result.effect == pytest.approx(expected.statistic / 29)


def test_groups_below_the_minimum_base_are_shown_and_not_tested():
    small = pd.concat([PLANTS, pd.DataFrame({"group": ["new"] * 3, "weight": [9.0, 9.5, 9.9]})])
    result = compare_groups(small, score="weight", group="group", minimum_base=10)
    assert result.groups.loc[result.groups["is_low_base"], "stratum"].tolist() == ["new"]
    assert result.n == 30
    assert result.statistic == pytest.approx(5.181, rel=1e-3)


@pytest.mark.parametrize(
    "frame", [PLANTS.iloc[:0], PLANTS.iloc[:1], PLANTS.iloc[:10], PLANTS.assign(weight=np.nan)]
)
def test_fewer_than_two_groups_are_a_small_base(frame):
    for result in (
        compare_groups(frame, score="weight", group="group", minimum_base=2),
        compare_ranks(frame, score="weight", group="group", minimum_base=2),
    ):
        assert np.isnan(result.statistic)
        assert result.verdict == "基数不足"


def test_groups_of_equal_scores_cannot_be_tested():
    result = compare_groups(PLANTS.assign(weight=4.0), score="weight", group="group", minimum_base=2)
    assert np.isnan(result.p)
    assert result.verdict == "无法检验"
    assert result.pairs["verdict"].tolist() == ["没有差异"] * 3


def test_row_order_does_not_matter_to_groups():
    there = compare_groups(PLANTS, score="weight", group="group", minimum_base=2)
    back = compare_groups(PLANTS.iloc[::-1], score="weight", group="group", minimum_base=2)
    assert_frame_equal(there.groups, back.groups)
    assert_frame_equal(there.pairs, back.pairs)


# ---------------------------------------------------------------- counts and shares


def test_association_reproduces_agresti_2007():
    result = association(VOTERS, row="gender", column="party")
    assert (result.statistic, result.df, result.n) == pytest.approx((30.07, 2, 2757), abs=0.005)
    assert result.p == pytest.approx(2.954e-07, rel=1e-3)
    assert (result.effect, result.effect_corrected) == pytest.approx((0.1044, 0.1009), abs=5e-5)
    first = result.table.iloc[0]
    assert (first["stratum"], first["verdict"]) == ("F × Democrat", "偏多")
    assert (first["expected"], first["statistic"]) == pytest.approx((703.7, 4.502), rel=1e-3)


def test_cells_of_an_association_share_their_rows():
    table = association(VOTERS, row="gender", column="party").table
    np.testing.assert_allclose(table.groupby("row")["percent"].sum(), [100, 100])
    assert table["count"].tolist() == PARTY["count"].tolist()


@pytest.mark.parametrize(
    "frame", [VOTERS.iloc[:0], VOTERS.iloc[:1], VOTERS.iloc[:50], VOTERS.assign(party=None)]
)
def test_one_row_or_column_has_no_association(frame):
    result = association(frame, row="gender", column="party")
    assert np.isnan([result.statistic, result.p, result.effect, result.effect_corrected]).all()
    assert result.verdict == "基数不足"


def test_sparse_tables_get_no_verdict():
    frame = pd.DataFrame({"a": ["x"] * 38 + ["y"] * 2, "b": ["u"] * 38 + ["v"] * 2})
    result = association(frame, row="a", column="b")
    assert result.is_sparse
    assert result.verdict == "基数不足"


def test_two_proportions_square_to_pearsons_chi_square():
    row = two_proportions(83, 186, 70, 182).iloc[0]
    chi2, p, _, _ = stats.chi2_contingency([[83, 103], [70, 112]], correction=False)
    assert row["statistic"] ** 2 == pytest.approx(chi2)
    assert row["p_raw"] == pytest.approx(p)
    assert row["verdict"] == "没有差异"


def test_two_proportions_of_an_array_are_one_family():
    table = two_proportions([60, 50, 0], [100, 100, 0], [40, 50, 1], [100, 100, 50])
    assert table["p"].iloc[0] == pytest.approx(2 * table["p_raw"].iloc[0])
    assert table["verdict"].tolist() == ["上升", "没有差异", "基数不足"]
    assert table.loc[2, ["percent", "value", "low", "high", "p", "effect"]].isna().all()


def test_equal_certainties_do_not_differ():
    row = two_proportions(50, 50, 40, 40).iloc[0]
    assert np.isnan(row["p"])
    assert row["verdict"] == "没有差异"


def test_cohens_h_is_the_one_of_cohens_table():
    assert float(cohens_h(0.80, 0.75)) == pytest.approx(0.1199, abs=5e-5)


@given(scores=st.lists(st.integers(1, 5), min_size=1, max_size=30), split=st.integers(0, 30))
def test_rank_biserial_counts_wins_less_losses(scores, split):
    first, other = scores[:split], scores[split:]
    if not first or not other:
        assert np.isnan(rank_biserial(first, other))
        return
    wins = np.sign(np.subtract.outer(first, other)).mean()
    assert rank_biserial(first, other) == pytest.approx(wins)


# ---------------------------------------------------------------- all of them


def test_all_tests_lists_every_test_with_its_pairs_and_cells():
    table = all_tests(
        {
            "与上年相比": compare_with_prior(areas(), prior()),
            "处理之间": compare_groups(PLANTS, score="weight", group="group", minimum_base=2),
            "排序检验": compare_ranks(PLANTS, score="weight", group="group", minimum_base=2),
            "性别与党派": association(VOTERS, row="gender", column="party"),
        }
    )
    assert table["comparison"].tolist()[:4] == [
        "与上年相比：产品满意度",
        "与上年相比：服务满意度",
        "处理之间",
        "处理之间：ctrl 与 trt1",
    ]
    assert len(table) == 2 + 1 + 3 + 1 + 3 + 1 + 6
    assert table["effect_name"].iloc[0] == "Hedges g"
    assert table["verdict"].notna().all()


def test_all_tests_of_nothing_is_empty():
    assert all_tests({}).empty
    assert all_tests({"无": compare_with_prior(areas().iloc[:0], prior())}).empty


def test_outcomes_are_counted_before_and_after_adjustment() -> None:
    tests = pd.DataFrame(
        {
            "comparison": ["去年：a", "去年：b", "去年：c", "地区"],
            "p_raw": [0.001, 0.04, 0.8, np.nan],
            "p": [0.003, 0.08, 0.8, 0.01],
            "verdict": ["上升", "没有差异", "基数不足", "有差异"],
        }
    )
    counts = count_outcomes(tests).set_index("stratum")["n"].to_dict()
    assert counts == {"all": 4, "有差异": 2, "没有差异": 1, "未检验": 1, "校正前": 3}
    families = count_by_family(tests)
    assert families.to_numpy().tolist() == [["去年", 3, 2, 1], ["地区", 1, 1, 1]]

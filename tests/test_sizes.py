"""Intervals of effects, several shares, and the classic tests: against printed figures, scipy and simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fbanalysis.analysis import significance as s

# R's ?PlantGrowth (Dobson 1983): n, mean, sd
PLANTS = pd.DataFrame(
    {"n": [10, 10, 10], "mean": [5.032, 4.661, 5.526], "sd": [0.5830914, 0.7936757, 0.4425733]}
)
RNG = np.random.default_rng(11)
FRAME = pd.DataFrame({"g": np.repeat(list("abc"), [12, 20, 9]), "y": RNG.normal(4, 1, 41)})
GROUPS = [part["y"].to_numpy() for _, part in FRAME.groupby("g")]


def test_intervals_turn_the_observed_statistic_into_its_quantiles() -> None:
    low, high = s.cramers_v_interval(30.07, 2757, df=2, smaller=1)
    assert stats.ncx2.sf(30.07, 2, low**2 * 2757) == pytest.approx(0.025)
    assert stats.ncx2.cdf(30.07, 2, high**2 * 2757) == pytest.approx(0.025)
    low, high = s.variance_share_interval(4.846, 2, 27, 30)
    assert stats.ncf.cdf(4.846, 2, 27, 30 * high / (1 - high)) == pytest.approx(0.025, abs=1e-4)
    assert 0 < low < 0.204 < high


def test_no_effect_reaches_down_to_zero_and_nothing_has_no_interval() -> None:
    assert s.cramers_v_interval(0.1, 500, df=4, smaller=2)[0] == 0
    assert s.variance_share_interval(0.2, 3, 50, 54)[0] == 0
    assert np.isnan(s.cramers_v_interval(np.nan, 0, df=0, smaller=0)).all()
    assert np.isnan(s.variance_share_interval(np.nan, 0, 0, 0)).all()


def test_the_interval_of_h_covers_as_often_as_it_says() -> None:
    a, b = RNG.binomial(150, 0.6, 4000), RNG.binomial(100, 0.45, 4000)
    low, high = s.cohens_h_interval(s.cohens_h(a / 150, b / 100), 150, 100)
    true = float(s.cohens_h(0.6, 0.45))
    assert ((low <= true) & (true <= high)).mean() == pytest.approx(0.95, abs=0.015)
    assert np.isnan(s.cohens_h_interval(0.3, 0, 5)).all()


def test_correlations_are_scipys() -> None:
    x, y = GROUPS[1], GROUPS[1] + RNG.normal(0, 1, 20)
    found, expected = s.correlation(x, y), stats.pearsonr(x, y)
    ends = expected.confidence_interval()
    assert (found.effect, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert (found.effect_low, found.effect_high) == pytest.approx((ends.low, ends.high))
    ranks = s.correlation(np.append(x, np.nan), np.append(y, 1.0), by_rank=True)
    assert (ranks.n, ranks.effect) == (20, pytest.approx(stats.spearmanr(x, y).statistic))
    assert np.isnan(s.correlation([1, 2, 3], [1, 2, 3]).p)
    assert np.isnan(s.correlation([1, 1, 1, 1], [1, 2, 3, 4]).effect)
    assert s.correlation([1, 2, 3, 4], [2, 4, 6, 8]).p == 0


def test_the_whole_comparison_carries_the_interval_of_its_effect() -> None:
    found = s.compare_groups(FRAME, score="y", group="g", minimum_base=2)
    assert found.effect_low <= found.effect <= found.effect_high
    link = s.association(FRAME.assign(big=FRAME["y"] > 4), row="g", column="big")
    assert link.effect_low <= link.effect <= link.effect_high


# ---------------------------------------------------------------- several shares

SMOKERS, PATIENTS = [83, 90, 129, 70], [86, 93, 136, 82]  # Fleiss (1981), p. 139, as in R's ?prop.test


def test_shares_and_their_trend_reproduce_fleiss() -> None:
    found, trend = s.compare_k_shares(SMOKERS, PATIENTS), s.share_trend(SMOKERS, PATIENTS)
    assert (found.statistic, found.df, found.p) == pytest.approx((12.6004, 3, 0.005585), rel=1e-3)
    assert (trend.statistic, trend.p, trend.verdict) == (
        pytest.approx(8.2249, rel=1e-4),
        pytest.approx(0.004132, rel=1e-3),
        "下降",
    )
    assert found.effect == pytest.approx(np.sqrt(12.6004 / sum(PATIENTS)), rel=1e-4)
    slope = np.polyfit(
        np.repeat([1, 2, 3, 4], PATIENTS),
        np.concatenate([np.r_[np.ones(k), np.zeros(n - k)] for k, n in zip(SMOKERS, PATIENTS, strict=True)]),
        1,
    )[0]
    assert trend.value == pytest.approx(100 * slope)


def test_shares_without_base_or_variance() -> None:
    assert s.compare_k_shares([], []).verdict == "基数不足"
    assert s.compare_k_shares([5, 0], [40, 0]).verdict == "基数不足"
    assert s.compare_k_shares([0, 1, 0], [50, 40, 60]).is_sparse
    assert s.share_trend([40, 50], [40, 50]).verdict in ("没有差异", "无法检验")
    assert s.share_trend([4], [40]).verdict == "基数不足"
    assert np.isnan(s.fisher_exact(0, 0, 3, 9)).all()


def test_fishers_tea() -> None:
    assert s.fisher_exact(3, 4, 1, 4)[1] == pytest.approx(0.4857, abs=5e-5)


# ---------------------------------------------------------------- classic tests


def test_classic_analysis_of_variance_of_plant_growth() -> None:
    found = s.one_way_anova(PLANTS)
    assert (found.statistic, found.df, found.df2, found.p) == pytest.approx((4.846, 2, 27, 0.01591), rel=1e-3)


def test_many_leading_digits_do_no_harm() -> None:
    # as NIST StRD SmLs: constant leading digits, certified F = 21 within groups of 0.1 steps
    y = pd.DataFrame(
        {
            "g": np.repeat(range(9), 21),
            "y": np.tile(np.arange(21) % 2 * 0.1 + 0.2, 9) + np.repeat(range(9), 21) * 0.1,
        }
    )
    plain, shifted = (
        s.one_way_anova(s.group_moments(y.assign(y=y["y"] + shift), score="y", by="g")) for shift in (0, 1e6)
    )
    assert shifted.statistic == pytest.approx(plain.statistic, rel=1e-6)


def test_student_pairwise_tukey_and_levene_agree_with_scipy() -> None:
    a, b, c = GROUPS
    t, expected = s.student_t(a, b), stats.ttest_ind(a, b)
    assert (t["statistic"], t["p"], t["low"]) == pytest.approx(
        (expected.statistic, expected.pvalue, expected.confidence_interval().low)
    )
    found = s.tukey(FRAME, score="y", group="g")
    np.testing.assert_allclose(found["p"], stats.tukey_hsd(a, b, c).pvalue[[0, 0, 1], [1, 2, 2]])
    for centre in ("median", "mean"):
        expected = stats.levene(a, b, c, center=centre)
        assert s.levene(FRAME, score="y", group="g", centre=centre) == pytest.approx(
            (expected.statistic, expected.pvalue)
        )
    two = s.pairwise_t(FRAME[FRAME["g"] != "c"], score="y", group="g")
    assert two["p"].iloc[0] == pytest.approx(stats.ttest_ind(a, b).pvalue)


def test_normality_is_not_asked_of_large_samples() -> None:
    assert s.shapiro(GROUPS[1]) == pytest.approx(tuple(stats.shapiro(GROUPS[1])))
    assert np.isnan([*s.shapiro(RNG.integers(1, 6, 300)), *s.shapiro([1.0, 2]), *s.shapiro([3.0] * 9)]).all()


def test_classic_tests_of_nothing() -> None:
    assert np.isnan(s.one_way_anova(PLANTS.iloc[:0]).p)
    assert np.isnan(s.one_way_anova(PLANTS.assign(sd=0.0)).p)
    assert s.student_t([], [1.0, 2]).isna().all()
    assert s.pairwise_t(FRAME.iloc[:0], score="y", group="g").empty

"""Paired forms against published figures, scipy, statsmodels and edge cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference

from fbanalysis.analysis.significance import mcnemar, mcnemar_of_counts, pair_scores, paired_t, signed_rank

# Cushny & Peebles' sleep data, as in Student (1908) and R's ?t.test
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# Hollander & Wolfe (1973), p. 29: depression before and after, as in R's ?wilcox.test
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def test_paired_t_reproduces_students_sleep_data() -> None:
    found = paired_t(DRUG_1, DRUG_2, minimum_base=10)
    assert (found.statistic, found.df, found.p) == pytest.approx((-4.0621, 9, 0.002833), rel=1e-4)
    assert (found.value, found.low, found.high) == pytest.approx((-1.58, -2.4598858, -0.7001142))
    assert found.effect == pytest.approx(-1.58 / np.std(np.subtract(DRUG_1, DRUG_2), ddof=1))
    assert found.verdict == "较低"


def test_the_interval_of_d_z_turns_the_observed_t_into_its_quantiles() -> None:
    found = paired_t(DRUG_1, DRUG_2)
    tails = [
        stats.nct.cdf(found.statistic, 9, end * np.sqrt(10)) for end in (found.effect_low, found.effect_high)
    ]
    assert tails == pytest.approx([0.975, 0.025], abs=1e-6)


def test_signed_rank_reproduces_hollander_and_wolfe() -> None:
    found = signed_rank(BEFORE, AFTER, minimum_base=9)
    assert (found.statistic, found.p) == pytest.approx((40, 2 * 0.01953125))
    assert found.effect == pytest.approx((40 - 5) / 45)
    assert (found.is_exact, found.verdict) == (True, "较高")


def test_signed_rank_with_ties_is_normal_as_scipy_has_it() -> None:
    first, other = [5, 4, 3, 5, 4, 4, 2, 5], [4, 4, 4, 3, 2, 5, 1, 3]
    found = signed_rank(first, other)
    gap = np.subtract(first, other)
    expected = stats.wilcoxon(gap[gap != 0], correction=True, method="asymptotic")
    assert (found.is_exact, found.n) == (False, 8)
    assert found.p == pytest.approx(expected.pvalue)


def test_people_are_matched_by_who_they_are_and_not_by_their_order() -> None:
    frame = pd.DataFrame(
        {
            "who": ["a", "b", "c", "b", "a", "d", "a"],
            "wave": ["1", "1", "1", "2", "2", "2", "2"],
            "score": [1.0, 2, 3, 5, 4, 9, 2],
        }
    )
    both = pair_scores(
        frame.sample(frac=1, random_state=3), person="who", score="score", group="wave", pair=("1", "2")
    )
    assert both.to_numpy().tolist() == [["a", 1.0, 3.0], ["b", 2.0, 5.0]]


@pytest.mark.parametrize("correction", [True, False])
def test_mcnemar_reproduces_agresti(correction: bool) -> None:
    # Agresti (1990), p. 350: 150 turned from approval, 86 to it
    found = mcnemar_of_counts(150, 86, 1600, correction=correction)
    assert found.statistic == pytest.approx(16.8178 if correction else 17.3559, rel=1e-5)
    assert (found.value, found.verdict) == (4.0, "较高")
    assert found.low < 4 < found.high
    assert found.effect == pytest.approx(150 / 236 - 0.5)


def test_few_changes_are_tested_exactly() -> None:
    found = mcnemar([1] * 9 + [0] * 31 + [1] * 10, [0] * 9 + [1] * 2 + [0] * 29 + [1] * 10)
    assert found.is_exact
    assert found.p == pytest.approx(reference([[0, 9], [2, 0]], exact=True).pvalue)
    assert (found.n, found.value) == (50, 14.0)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 100))
def test_mcnemar_turned_round_changes_only_its_sign(b: int, c: int, same: int) -> None:
    there, back = mcnemar_of_counts(b, c, b + c + same), mcnemar_of_counts(c, b, b + c + same)
    np.testing.assert_allclose([there.value, there.low, there.p], [-back.value, -back.high, back.p])


@pytest.mark.parametrize("test", [paired_t, signed_rank, mcnemar])
def test_nobody_one_and_no_change_have_no_test(test) -> None:
    nobody, one, same = test([], []), test([1.0], [0.0]), test([1.0] * 40, [1.0] * 40)
    assert (nobody.n, nobody.verdict) == (0, "基数不足")
    assert (one.n, one.verdict) == (1, "基数不足")
    assert (same.n, same.verdict) == (40, "没有差异")
    assert np.isnan(same.p)
    missing = test([1.0, np.nan, 0.0], [np.nan, 1.0, 1.0])
    assert missing.n == 1


def test_differences_without_spread_cannot_be_tested_by_means() -> None:
    assert paired_t([4.0] * 40, [3.0] * 40).verdict == "无法检验"

"""Intervals against published figures and edge cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_1samp

from fbanalysis.analysis.intervals import mean_interval, newcombe_interval, percent_of, wilson_interval


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.00, 16.11), (1, 29, 0.61, 17.18)],
)
def test_wilson_interval_is_the_printed_one_of_newcombe_1998_table_1(count, base, low, high):
    np.testing.assert_allclose(wilson_interval(count, base), (low, high), atol=0.006)


def test_newcombe_interval_is_the_printed_one_of_newcombe_1998_method_10():
    np.testing.assert_allclose(newcombe_interval(56, 70, 48, 80), (5.24, 33.39), atol=0.006)


@given(base=st.integers(1, 5000), part=st.floats(0, 1))
def test_wilson_interval_holds_the_share_and_agrees_with_scipy(base, part):
    count = round(part * base)
    low, high = wilson_interval(count, base)
    expected = binomtest(count, base).proportion_ci(method="wilson")
    np.testing.assert_allclose((low, high), (100 * expected.low, 100 * expected.high), atol=1e-9)
    assert low <= 100 * count / base + 1e-9
    assert high >= 100 * count / base - 1e-9


def test_impossible_shares_have_no_interval():
    low, high = wilson_interval([0, 5, -1, 1], [0, 4, 4, np.nan])
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    np.testing.assert_array_equal(percent_of([1, 3], [0, 4]), [np.nan, 75.0])


def test_mean_interval_agrees_with_scipy_and_needs_two_scores():
    scores = [1.0, 2.0, 4.0, 5.0]
    expected = ttest_1samp(scores, 0).confidence_interval()
    np.testing.assert_allclose(mean_interval(3.0, np.std(scores, ddof=1), 4), expected)
    np.testing.assert_array_equal(mean_interval([4.0, 4.0], [np.nan, 0.0], [1, 5]), [[np.nan, 4.0]] * 2)

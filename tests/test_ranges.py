"""Quantiles of the studentised range, against printed tables and scipy."""

import numpy as np
import pytest
from scipy import stats

from fbanalysis.analysis.significance.ranges import range_quantiles


@pytest.mark.parametrize(
    ("groups", "df", "expected"),
    [(3, 10, 3.877), (5, 20, 4.232), (8, 60, 4.441), (10, 120, 4.560), (20, 40, 5.358)],
)
def test_quantiles_are_those_of_the_printed_table(groups, df, expected):
    """Upper 5 percent points as in H. L. Harter (1960), Annals of Mathematical Statistics 31: 1122–1147."""
    assert range_quantiles(0.95, groups, [df])[0] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("groups", "df"), [(2, 2.5), (2, 5.0), (8, 7.3), (15, 6.0), (40, 3000.0)])
def test_quantiles_are_those_of_scipy(groups, df):
    expected = stats.studentized_range.ppf(0.95, groups, df)
    assert range_quantiles(0.95, groups, [df])[0] == pytest.approx(expected, rel=2e-5)


def test_two_groups_are_students_t():
    df = np.array([3.0, 8.0, 500.0, 1e6])
    np.testing.assert_allclose(range_quantiles(0.95, 2, df), np.sqrt(2) * stats.t.ppf(0.975, df), rtol=1e-5)


def test_unknown_freedom_has_no_quantile_and_none_gives_none():
    found = range_quantiles(0.95, 3, [np.nan, 20])
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(3.578, abs=1e-3)
    assert range_quantiles(0.95, 3, []).shape == (0,)

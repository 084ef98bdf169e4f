"""Power against Cohen's tables, R's printed figures and statsmodels."""

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import FTestAnovaPower, GofChisquarePower, TTestIndPower

from fbanalysis.analysis import significance as s


@pytest.mark.parametrize(("d", "n"), [(0.2, 394), (0.5, 64), (0.8, 26)])
def test_two_groups_need_what_cohen_1988_prints(d: float, n: int) -> None:
    assert math.ceil(s.n_for_means(d)) == n
    assert s.power_of_means(d, n=n) >= 0.8 > s.power_of_means(d, n=n - 1)


def test_pairs_need_what_g_power_prints() -> None:
    assert [math.ceil(s.n_for_paired(d)) for d in (0.5, 0.3)] == [34, 90]


def test_shares_need_what_r_prints() -> None:
    assert s.n_for_shares(0.50, 0.75, power=0.9) == pytest.approx(76.7, abs=0.01)  # ?power.prop.test
    assert s.n_for_shares(0.80, 0.75) == pytest.approx(1093.739, abs=0.001)
    assert s.n_for_shares(0.80, 0.75, formula="arcsine") == pytest.approx(1091.896, rel=1e-5)
    assert s.n_for_shares(0.3, 0.3) == math.inf


def test_groups_and_tables_need_what_the_pwr_package_prints() -> None:
    assert s.n_for_groups(0.25, k=5) == pytest.approx(39.15340, abs=1e-4)
    assert s.n_for_table(0.1, df=20) == pytest.approx(2096.079, abs=1e-2)
    assert 4 * s.n_for_groups(0.25, k=4) == pytest.approx(
        FTestAnovaPower().solve_power(effect_size=0.25, k_groups=4, alpha=0.05, power=0.8), rel=1e-5
    )


@pytest.mark.parametrize(("n", "other_n"), [(30, 30), (64, 64), (1256, 930)])
def test_the_smallest_detectable_difference_has_the_asked_power(n: int, other_n: int) -> None:
    d = float(s.detectable_mean(n, other_n))
    assert TTestIndPower().power(d, nobs1=n, ratio=other_n / n, alpha=0.05) == pytest.approx(0.8, abs=1e-4)
    assert s.detectable_w(n, df=3) == pytest.approx(
        GofChisquarePower().solve_power(nobs=n, n_bins=4, alpha=0.05, power=0.8), rel=1e-3
    )
    assert s.detectable_f(n, k=4) == pytest.approx(
        FTestAnovaPower().solve_power(nobs=n, k_groups=4, alpha=0.05, power=0.8), rel=1e-3
    )
    h = float(s.detectable_h(n, n))
    assert s.n_for_h(h) == pytest.approx(n)


def test_what_has_no_base_detects_nothing() -> None:
    assert np.isnan(s.detectable_mean([1, 0], [50, 50])).all()
    assert np.isnan(s.detectable_h(0, 10))
    assert np.isnan(
        [s.detectable_f(3, k=3), s.detectable_f(10, k=1), s.detectable_w(0, df=2), s.detectable_w(9, df=0)]
    ).all()


def test_each_test_of_a_list_gets_the_measure_of_its_own() -> None:
    tests = pd.DataFrame(
        {
            "test": [s.WELCH_T, s.TWO_PROPORTIONS, s.CHI_SQUARE, s.WELCH_ANOVA, s.GAMES_HOWELL, s.WELCH_T],
            "n": [64, 100, 200, 180, 40, np.nan],
            "other_n": [64, np.nan, np.nan, np.nan, np.nan, np.nan],
            "df": [126, np.nan, 4, 3, 60, np.nan],
        }
    )
    expected = [
        0.5,
        2.801585 * math.sqrt(0.02),
        s.detectable_w(200, df=4),
        s.detectable_f(180, k=4),
        np.nan,
        np.nan,
    ]
    np.testing.assert_allclose(s.smallest_effects(tests), expected, rtol=5e-3)
    assert s.smallest_effects(tests.iloc[:0]).empty

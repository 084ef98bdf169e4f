"""Alpha, omega and item statistics against pingouin, statsmodels, plain sums and covariances built to order."""

import time

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats
from statsmodels.multivariate.factor import Factor

from fbanalysis.analysis.reliability import (
    ITEM_COLUMNS,
    RELIABLE,
    UNDECIDED,
    UNRELIABLE,
    Reliability,
    reliability,
    reliability_table,
    wide_items,
)


def with_covariance(covariance: np.ndarray, *, n: int = 200) -> pd.DataFrame:
    """Answers whose sample covariance is exactly this one."""
    raw = np.random.default_rng(5).normal(size=(n, len(covariance)))
    white = np.linalg.solve(np.linalg.cholesky(np.cov(raw.T)), (raw - raw.mean(axis=0)).T).T
    return pd.DataFrame(white @ np.linalg.cholesky(covariance).T, columns=list("abcdefgh")[: len(covariance)])


def one_factor(loadings: list[float], uniqueness: list[float]) -> np.ndarray:
    return np.outer(loadings, loadings) + np.diag(uniqueness)


def likert(n: int = 300, k: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    scores = np.clip(np.round(3 + rng.normal(size=(n, 1)) + rng.normal(size=(n, k))), 1, 5)
    return pd.DataFrame(scores, columns=list("abcdefgh")[:k])


def test_alpha_and_its_interval_agree_with_pingouin():
    answers = likert()
    alpha, interval = pingouin.cronbach_alpha(answers)
    found = reliability(answers)
    assert found.alpha == pytest.approx(alpha)
    np.testing.assert_allclose([found.low, found.high], interval, atol=0.0005)
    assert (found.n, found.k, found.n_dropped) == (300, 6, 0)


def test_feldts_interval_as_printed():
    found = reliability(likert(n=40))
    for bound, quantile in ((found.low, 0.975), (found.high, 0.025)):
        assert bound == pytest.approx(1 - (1 - found.alpha) * stats.f.ppf(quantile, 39, 39 * 5))


def test_alpha_of_covariances_built_to_order():
    # parallel items: alpha is Spearman-Brown's k r / (1 + (k - 1) r)
    found = reliability(with_covariance(np.full((4, 4), 0.5) + 0.5 * np.eye(4)))
    assert found.alpha == pytest.approx(4 * 0.5 / (1 + 3 * 0.5))
    assert found.alpha_standardised == pytest.approx(0.8)
    assert found.omega == pytest.approx(0.8)


def test_standardised_alpha_leaves_the_spread_of_items_out():
    answers = likert()
    stretched = answers.assign(a=10 * answers["a"])
    r = answers.corr().to_numpy()[np.triu_indices(6, k=1)].mean()
    assert reliability(stretched).alpha_standardised == pytest.approx(6 * r / (1 + 5 * r))
    assert reliability(stretched).alpha < reliability(answers).alpha


def test_omega_of_one_factor_built_to_order():
    loadings, unique = [0.9, 0.7, 0.5, 0.6], [0.3, 0.5, 0.9, 0.4]
    found = reliability(with_covariance(one_factor(loadings, unique)))
    assert found.omega == pytest.approx(2.7**2 / (2.7**2 + 2.1))
    assert found.srmr == pytest.approx(0, abs=1e-6)
    # items that weigh differently: alpha is the lower bound
    assert found.alpha < found.omega


def test_omega_agrees_with_the_principal_axes_of_statsmodels():
    answers = likert(n=80, k=5)
    fitted = Factor(corr=answers.corr().to_numpy(), n_factor=1, method="pa").fit(maxiter=5000, tol=1e-12)
    loading, sd = fitted.loadings[:, 0], answers.std().to_numpy()
    common = (loading * sd).sum() ** 2
    expected = common / (common + ((1 - loading**2) * sd**2).sum())
    assert reliability(answers).omega == pytest.approx(expected, rel=1e-5)


def test_items_agree_with_sums_of_the_others():
    answers = likert(n=60)
    table = reliability(answers).items.set_index("stratum")
    assert ["stratum", *table.columns] == ITEM_COLUMNS
    for name in answers:
        others = answers.drop(columns=name)
        assert table.loc[name, "item_rest_r"] == pytest.approx(
            np.corrcoef(answers[name], others.sum(axis=1))[0, 1]
        )
        assert table.loc[name, "alpha_if_dropped"] == pytest.approx(pingouin.cronbach_alpha(others)[0])
        assert table.loc[name, "mean"] == pytest.approx(answers[name].mean())
        assert table.loc[name, "sd"] == pytest.approx(answers[name].std())


def test_incomplete_rows_are_dropped_before_n_is_taken():
    answers = likert(n=100)
    holey = answers.copy()
    holey.iloc[:20, 0] = np.nan
    holey.iloc[20] = np.nan
    found = reliability(holey)
    assert (found.n, found.n_dropped) == (79, 20)
    assert found.low == reliability(answers.iloc[21:]).low


def test_an_item_that_was_not_turned_round_is_named():
    answers = likert()
    found = reliability(answers.assign(a=6 - answers["a"]))
    assert "反向计分：a" in found.caution
    assert found.alpha < reliability(answers).alpha
    assert reliability(answers).caution == ""


def test_two_dimensions_are_no_single_factor():
    block = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    found = reliability(with_covariance(np.block([[block, 0.1 + 0 * block], [0.1 + 0 * block, block]])))
    assert "不止一个维度" in found.caution
    assert found.srmr > 0.08


def test_a_heywood_case_has_no_omega():
    # r(ab) r(ac) / r(bc) = 0.9 · 0.9 / 0.7 > 1: the first item would be explained beyond its variance
    correlation = np.array([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]])
    found = reliability(with_covariance(correlation))
    assert np.isnan(found.omega)
    assert "不算 ω" in found.caution
    assert not np.isnan(found.alpha)


def test_respondents_who_tick_one_answer_throughout_are_counted():
    answers = pd.DataFrame([[3, 3, 3], [4, 4, 4], [1, 2, 3], [5, 4, 5]])
    assert reliability(answers).percent_same == 50


@pytest.mark.parametrize(
    "answers",
    [
        likert().iloc[:0],
        likert().iloc[:1],
        likert()[["a"]],
        likert()[[]],
        likert() * 0 + 3.1,
        likert() * np.nan,
    ],
    ids=["no rows", "one row", "one item", "no items", "all equal", "all missing"],
)
def test_nothing_to_compute_gives_nan_and_a_caution(answers):
    found = reliability(answers)
    assert np.isnan([found.alpha, found.low, found.high, found.omega]).all()
    assert found.caution
    assert list(found.items.columns) == ITEM_COLUMNS
    assert len(found.items) == answers.shape[1]


def test_a_constant_item_is_named_and_takes_omega_away():
    found = reliability(likert().assign(z=4.0))
    assert "人人答得一样：z" in found.caution
    assert np.isnan(found.omega)
    assert np.isnan(found.items.set_index("stratum").loc["z", "item_rest_r"])


def test_two_items_have_an_alpha_and_no_omega():
    found = reliability(likert()[["a", "b"]])
    assert found.alpha > 0
    assert np.isnan(found.omega)
    assert found.items["alpha_if_dropped"].isna().all()


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_and_items_does_not_matter(random):
    answers = likert(n=30, k=4)
    rows, columns = list(answers.index), list(answers.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    one, other = reliability(answers), reliability(answers.loc[rows, columns])
    assert other.alpha == pytest.approx(one.alpha)
    assert other.omega == pytest.approx(one.omega)
    assert_frame_equal(other.items.sort_values("stratum", ignore_index=True), one.items)


def test_long_ratings_are_laid_out_wide():
    ratings = pd.DataFrame(
        [("s", "p1", "乙", 2.0), ("s", "p1", "甲", 5.0), ("s", "p2", "甲", 4.0), ("t", "p1", "丙", 1.0)],
        columns=["survey", "respondent_id", "item", "score"],
    )
    wide = wide_items(ratings, survey="s")
    expected = ratings[ratings["survey"].eq("s")].pivot(index="respondent_id", columns="item", values="score")
    assert_frame_equal(wide, expected, check_names=False, check_index_type=False, check_column_type=False)
    assert wide_items(ratings.iloc[:0]).shape == (0, 0)
    assert wide_items(ratings).shape == (2, 3)


def scale(alpha: float, low: float, high: float, n: int = 200) -> Reliability:
    return Reliability(5, n, 0, alpha, low, high, alpha, alpha, 0.01, 1.0, pd.DataFrame(), "")


def test_a_table_says_what_the_interval_allows():
    nan = float("nan")
    table = reliability_table(
        {
            "a": scale(0.8, 0.75, 0.84),
            "b": scale(0.71, 0.65, 0.76),
            "c": scale(0.5, 0.4, 0.6),
            "d": scale(0.9, 0.8, 0.95, n=12),
            "e": scale(nan, nan, nan),
        }
    )
    assert table["verdict"].tolist() == [RELIABLE, UNDECIDED, UNRELIABLE, "基数不足", "无法检验"]
    assert list(reliability_table({}).columns) == list(table.columns)


def test_a_million_rows_of_fourteen_items_are_no_trouble():
    rng = np.random.default_rng(1)
    answers = pd.DataFrame(rng.integers(1, 8, size=(1_000_000, 14)).astype(float))
    started = time.process_time()
    reliability(answers)
    assert time.process_time() - started < 4

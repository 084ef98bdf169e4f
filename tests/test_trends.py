"""Series of periods: what keeps rising, what stays the same, and what only looks so."""

import itertools

import numpy as np
import pytest
from scipy.stats import norm

from fbanalysis.analysis.trends import is_equivalent, is_never_set_back, judge_series, mann_kendall

NARROW = [0.05] * 8


def exact_p(series: list[float]) -> float:
    """The share of all orders whose S is at least as far from 0."""

    def s(values: tuple[float, ...]) -> float:
        return sum(np.sign(b - a) for a, b in itertools.combinations(values, 2))

    orders = [abs(s(order)) for order in itertools.permutations(series)]
    return float(np.mean([one >= abs(s(tuple(series))) for one in orders]))


@pytest.mark.parametrize(
    "series", [[1, 2, 3, 4, 5], [2, 1, 3, 5, 4], [1, 2, 4, 3, 6, 5], [3, 1, 2, 5, 4, 6, 7]]
)
def test_p_without_ties_is_the_share_of_orders(series: list[float]) -> None:
    assert mann_kendall(series)[1] == pytest.approx(exact_p(series))


def test_p_with_ties_is_normal_with_the_corrected_variance() -> None:
    series = [23, 24, 29, 6, 29, 24, 24, 29, 23]
    pairs = list(itertools.combinations(series, 2))
    s = sum(np.sign(b - a) for a, b in pairs)
    n, ties = len(series), [2, 3, 3]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    assert mann_kendall(series)[1] == pytest.approx(2 * norm.sf(abs(s) / np.sqrt(variance)))


@pytest.mark.parametrize("series", [[], [1.0], [2.0, 2.0, 2.0]])
def test_nothing_to_order_gives_nothing(series: list[float]) -> None:
    assert np.isnan(mann_kendall(series)).all()


@pytest.mark.parametrize(
    ("values", "is_kept"),
    [([1, 2, 3], True), ([1.0, 2.0, 1.95, 3.0], True), ([1.0, 2.0, 1.5, 3.0], False)],
)
def test_a_step_back_within_its_interval_does_not_count(values: list[float], is_kept: bool) -> None:
    half = [0.05] * len(values)
    assert is_never_set_back(values, half, sign=1) is is_kept
    assert is_never_set_back([-value for value in values], half, sign=-1) is is_kept


def test_counts_have_no_interval_and_forgive_no_step_back() -> None:
    assert not is_never_set_back([5, 7, 6, 9], [np.nan] * 4, sign=1)


@pytest.mark.parametrize(
    ("error", "expected"), [(0.03, True), (0.09, True), (0.11, False), (np.nan, False), (0.0, False)]
)
def test_sameness_needs_precision(error: float, expected: bool) -> None:
    """The margin is 0.2 · 0.9 = 0.18; with the values equal, 1.645 standard errors have to fit into it."""
    assert is_equivalent([4.0] * 6, [error] * 6, [0.9] * 6, margin=0.2) is expected


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7], "持续上升"),
        ([4.7, 4.6, 4.5, 4.4, 4.45, 4.3, 4.2, 4.0], "持续下降"),
        ([4.0, 4.1, 4.2, 4.6, 4.3, 4.5, 4.6, 4.7], "没有一致的走向"),
        ([4.0, 4.01, 4.0, 3.99, 4.0, 4.01, 4.0, 3.99], "稳定"),
        ([4.0, 4.5, 4.1, 4.4, 4.0, 4.6, 4.1, 4.3], "没有一致的走向"),
    ],
)
def test_a_series_is_judged_by_direction_steps_and_sameness(values: list[float], verdict: str) -> None:
    assert judge_series(values, NARROW, [1200] * 8, margin=0.2).verdict == verdict


def test_a_few_periods_show_no_direction_but_may_be_the_same() -> None:
    assert judge_series([1, 2, 3, 4], [0.1] * 4, [100] * 4, margin=0.2).verdict == "期数不足"
    assert judge_series([4.0, 4.01, 4.0, 4.01], [0.03] * 4, [3000] * 4, margin=0.2).verdict == "稳定"
    assert judge_series([4.0], [0.03], [3000], margin=0.2).verdict == "期数不足"


def test_without_intervals_nothing_is_stable() -> None:
    assert (
        judge_series([7, 8, 7, 8, 7, 8], [np.nan] * 6, [np.nan] * 6, margin=0.2).verdict == "没有一致的走向"
    )

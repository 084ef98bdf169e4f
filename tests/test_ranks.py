"""Rank tests against published figures, scipy, pairs counted one by one, and edge cases."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fbanalysis.analysis.significance import (
    adjust,
    compare_ranks,
    dunn,
    mann_whitney,
    rank_biserial,
    rank_biserial_interval,
)

# Hollander & Wolfe (1973), p. 69: permeability of human chorioamnion, as in R's ?wilcox.test
TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLIER = [1.15, 0.88, 0.90, 0.74, 1.21]


def test_mann_whitney_reproduces_hollander_and_wolfe_exactly() -> None:
    found = mann_whitney(TERM, EARLIER)
    assert (found.statistic, found.p, found.is_exact) == (35, pytest.approx(0.2544122544), True)
    assert found.effect == pytest.approx(2 * 35 / 50 - 1)


@pytest.mark.parametrize("continuity", [True, False])
def test_mann_whitney_with_ties_is_normal_as_worked_out_by_hand(continuity: bool) -> None:
    first, other = [1, 2, 2, 3, 5, 5], [2, 3, 4, 5, 5, 5, 5]
    found = mann_whitney(first, other, continuity=continuity)
    u = sum((a > b) + (a == b) / 2 for a, b in itertools.product(first, other))
    tied = sum(t**3 - t for t in (1, 3, 2, 1, 6))
    variance = 6 * 7 / 12 * (14 - tied / (13 * 12))
    z = (abs(u - 21) - 0.5 * continuity) / np.sqrt(variance)
    assert (found.statistic, found.p) == pytest.approx((u, 2 * stats.norm.sf(z)))
    assert not found.is_exact


def test_mann_whitney_of_a_hundred_thousand_ranks_only() -> None:
    rng = np.random.default_rng(1)
    found = mann_whitney(rng.integers(1, 6, 100_000), rng.integers(1, 6, 100_000))
    assert 0 < found.p < 1
    assert found.effect_low < found.effect < found.effect_high


def test_the_interval_of_a_rank_biserial_correlation_is_the_one_effectsize_prints() -> None:
    assert rank_biserial_interval(-0.6599190, 19, 13) == pytest.approx((-0.8355616, -0.3618869), abs=1e-6)
    assert np.isnan(rank_biserial_interval(1.0, 5, 5)).all()


@pytest.mark.parametrize(("first", "other"), [([], [1.0]), ([3, 3], [3, 3, 3]), ([np.nan], [1.0, 2.0])])
def test_nothing_and_no_spread_have_no_rank_test(first: list[float], other: list[float]) -> None:
    found = mann_whitney(first, other)
    assert np.isnan([found.p, found.effect]).all()


def stacked(**groups: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        [(name, score) for name, all_of in groups.items() for score in all_of], columns=["group", "score"]
    )


def test_dunn_as_worked_out_by_hand() -> None:
    frame = stacked(a=[1, 2, 2, 3], b=[2, 4, 5], c=[4, 5, 5, 5, 3])
    ranks = stats.rankdata(frame["score"])
    mean = frame.assign(rank=ranks).groupby("group")["rank"].mean()
    tied = sum(t**3 - t for t in frame["score"].value_counts())
    variance = 12 * 13 / 12 - tied / (12 * 11)
    z = [
        (mean[x] - mean[y]) / np.sqrt(variance * (1 / n + 1 / m))
        for (x, n), (y, m) in itertools.combinations({"a": 4, "b": 3, "c": 5}.items(), 2)
    ]
    found = dunn(frame, minimum_base=2)
    np.testing.assert_allclose(found["statistic"], z)
    np.testing.assert_allclose(found["p"], adjust(2 * stats.norm.sf(np.abs(z))))
    groups = dict(list(frame.groupby("group")["score"]))
    expected = [rank_biserial(groups[a], groups[b]) for a, b in itertools.combinations("abc", 2)]
    np.testing.assert_allclose(found["effect"], expected)
    assert found["verdict"].tolist() == ["没有差异", "较低", "没有差异"]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 5)), min_size=4, max_size=40))
def test_two_groups_of_dunn_are_kruskal_wallis(rows: list[tuple[str, int]]) -> None:
    frame = pd.DataFrame(rows, columns=["group", "score"])
    if frame["group"].nunique() < 2 or frame["score"].nunique() < 2:
        return
    whole = compare_ranks(frame, score="score", group="group", minimum_base=0)
    if whole.groups["n"].min() > 1:
        assert whole.pairs["statistic"].iloc[0] ** 2 == pytest.approx(whole.statistic)


def test_pairs_follow_the_overall_test_and_can_be_left_out() -> None:
    frame = stacked(a=[1, 2, 2, 3] * 10, b=[2, 4, 5] * 12, c=[4, 5, 5, 5, 3] * 8, few=[1.0] * 5)
    found = compare_ranks(frame, score="score", group="group")
    assert found.pairs["stratum"].tolist() == ["a 与 b", "a 与 c", "b 与 c"]
    assert set(found.pairs["verdict"]) == {"较低"}
    assert compare_ranks(frame, score="score", group="group", has_pairs=False).pairs.empty


def test_dunn_of_nothing_one_group_and_equal_scores() -> None:
    assert dunn(stacked()).empty
    assert dunn(stacked(a=[1, 2, 3])).empty
    equal = dunn(stacked(a=[3] * 40, b=[3] * 40))
    assert np.isnan(equal["p"]).all()
    assert equal["verdict"].tolist() == ["没有差异"]

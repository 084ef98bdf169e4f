"""Ranks, bands and shrunk means against worked figures, statsmodels' meta-analysis and simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from statsmodels.stats.meta_analysis import combine_effects

from fbanalysis.analysis.ranking import ALONE, TIED, band_summary, rank_bands, shrink


def ranked(means: list[float], *, n: int | list[int] = 100, sd: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame({"stratum": list("abcdefgh")[: len(means)], "n": n, "mean": means, "sd": sd})


def test_bands_are_cut_from_the_top():
    # se of a difference is 0.1414; Holm over six pairs asks for about 0.3 to 0.4
    table = rank_bands(ranked([4.0, 5.0, 4.9, 3.9]))
    assert table["stratum"].tolist() == ["b", "c", "a", "d"]
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["band"].tolist() == [1, 1, 2, 2]
    assert table["rank_low"].tolist() == [1, 1, 3, 3]
    assert table["rank_high"].tolist() == [2, 2, 4, 4]
    assert set(table["standing"]) == {TIED}


def test_groups_that_cannot_be_told_apart_share_one_band():
    table = rank_bands(ranked([4.0, 4.01, 4.02]))
    assert table["band"].tolist() == [1, 1, 1]
    assert table["rank_high"].tolist() == [3, 3, 3]


def test_a_member_of_a_band_differs_from_nobody_but_perhaps_its_neighbours_neighbour():
    table = rank_bands(ranked([5.0, 4.7, 4.4]))
    assert table["band"].tolist() == [1, 1, 2]
    assert table["rank_low"].tolist() == [1, 1, 2]
    assert table["standing"].tolist() == [TIED, TIED, ALONE]


def test_equal_means_share_the_best_rank():
    assert rank_bands(ranked([4.0, 4.0, 3.0]))["rank"].tolist() == [1, 1, 3]


def test_ranks_of_nothing_and_of_one_group():
    assert rank_bands(ranked([])).empty
    columns = ["rank", "rank_low", "rank_high", "band"]
    assert rank_bands(ranked([4.0]))[columns].to_numpy().tolist() == [[1, 1, 1, 1]]


@given(st.lists(st.floats(1, 5), min_size=1, max_size=8))
def test_every_rank_lies_in_its_interval_whatever_the_row_order(means):
    table = rank_bands(ranked(means))
    assert table["rank"].between(table["rank_low"], table["rank_high"]).all()
    assert table["band"].is_monotonic_increasing
    assert_frame_equal(rank_bands(ranked(means).iloc[::-1]), table)


def test_rank_intervals_hold_all_true_ranks_together():
    rng, truth = np.random.default_rng(3), np.array([4.2, 4.0, 4.0, 3.9, 3.5])
    best = 1 + (truth[:, None] < truth).sum(axis=1)
    worst = 5 - (truth[:, None] > truth).sum(axis=1)
    kept = 0
    for _ in range(300):
        scores = rng.normal(truth, 1, size=(60, 5))
        table = ranked(list(scores.mean(axis=0)), n=60).assign(sd=scores.std(axis=0, ddof=1))
        found = rank_bands(table).sort_values("stratum")
        kept += bool(((found["rank_low"] <= best) & (found["rank_high"] >= worst)).all())
    assert kept / 300 >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)


def test_bands_are_told_with_their_members():
    table = band_summary(rank_bands(ranked([4.0, 5.0, 4.9, 3.0])))
    expected = pd.DataFrame(
        {
            "stratum": ["第 1 档", "第 2 档", "第 3 档"],
            "groups": [2, 1, 1],
            "n": [200, 100, 100],
            "highest": [5.0, 4.0, 3.0],
            "lowest": [4.9, 4.0, 3.0],
            "members": ["b、c", "a", "d"],
            "standing": [TIED, ALONE, ALONE],
        }
    )
    assert_frame_equal(table, expected, check_dtype=False)
    assert band_summary(rank_bands(ranked([]))).empty


# ---------------------------------------------------------------- shrinkage


def test_shrinkage_by_hand_where_all_groups_are_alike_in_size():
    # Paule-Mandel with equal v: tau² is the variance of the means less v; v = 1/25
    table = shrink(ranked([3.0, 4.0, 5.0], n=25))
    tau2 = 1.0 - 0.04
    own = tau2 / (tau2 + 0.04)
    np.testing.assert_allclose(table["reliability"], own)
    np.testing.assert_allclose(table["shrunk"], [4 - own, 4, 4 + own])
    half = 1.959964 * np.sqrt(own * 0.04 + (1 - own) ** 2 / 3)
    np.testing.assert_allclose(table["shrunk_high"] - table["shrunk"], half, rtol=1e-6)


def test_the_variance_between_agrees_with_statsmodels():
    means, n = [3.1, 3.9, 4.4, 2.5, 3.6], [12, 40, 9, 30, 100]
    tau2 = combine_effects(np.array(means), 1 / np.array(n), method_re="iterated").tau2
    table = shrink(ranked(means, n=n))
    np.testing.assert_allclose(table["reliability"], tau2 / (tau2 + 1 / np.array(n)), rtol=1e-4)
    centre = np.average(means, weights=1 / (tau2 + 1 / np.array(n)))
    expected = centre + table["reliability"] * (np.array(means) - centre)
    np.testing.assert_allclose(table["shrunk"], expected, rtol=1e-4)


def test_small_groups_are_drawn_further():
    table = shrink(ranked([5.0, 5.0, 3.0, 3.2], n=[3, 300, 300, 300])).set_index("stratum")
    assert table.loc["a", "shrunk"] < table.loc["b", "shrunk"] < 5
    assert table.loc["a", "reliability"] < table.loc["b", "reliability"]


def test_means_that_chance_explains_become_one():
    table = shrink(ranked([4.0, 4.05, 3.98], n=20))
    np.testing.assert_allclose(table["reliability"], 0)
    np.testing.assert_allclose(table["shrunk"], table["mean"].mean())


def test_a_group_of_one_score_takes_the_others_spread():
    groups = ranked([4.0, 3.0, 5.0], n=[50, 50, 1]).assign(sd=[1.0, 1.0, np.nan])
    table = shrink(groups)
    assert table["shrunk"].notna().all()
    assert table["shrunk"].iloc[2] < 5


@pytest.mark.parametrize(
    "table",
    [ranked([]), ranked([4.0]), ranked([4.0, 3.0], sd=0.0), ranked([4.0, 3.0], n=1).assign(sd=np.nan)],
    ids=["nothing", "one group", "no spread", "one score each"],
)
def test_without_spread_or_others_the_means_stay(table):
    found = shrink(table)
    np.testing.assert_array_equal(found["shrunk"], table["mean"])
    assert found[["reliability", "shrunk_low", "shrunk_high"]].isna().all(axis=None)


def test_shrunk_means_are_nearer_to_the_truth():
    rng = np.random.default_rng(4)
    truth = rng.normal(4, 0.2, size=200)
    n = rng.integers(5, 60, size=200)
    means = rng.normal(truth, 1 / np.sqrt(n))
    table = shrink(pd.DataFrame({"stratum": np.arange(200).astype(str), "n": n, "mean": means, "sd": 1.0}))
    assert ((table["shrunk"] - truth) ** 2).mean() < 0.7 * ((means - truth) ** 2).mean()
    assert table["shrunk_low"].le(truth).mean() > 0.9
    assert (table["shrunk_low"].le(truth) & table["shrunk_high"].ge(truth)).mean() > 0.9


@given(st.lists(st.tuples(st.integers(2, 500), st.floats(1, 5)), min_size=2, max_size=8))
def test_shrunk_means_lie_between_the_raw_ones(groups):
    n, means = zip(*groups, strict=True)
    found = shrink(ranked(list(means), n=list(n)))["shrunk"]
    assert found.between(min(means) - 1e-9, max(means) + 1e-9).all()

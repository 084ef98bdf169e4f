"""The like-for-like change against figures by hand, plain respondents, a bootstrap and simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fbanalysis.analysis.mix import (
    GROUP_COLUMNS,
    LEFT_OUT,
    MIX,
    PART_COLUMNS,
    REAL,
    TOTAL,
    like_for_like,
    suppress_groups,
    suppress_parts,
)
from fbanalysis.analysis.significance import group_moments


def moments(n: list[int], mean: list[float], sd: float | list[float] = 1.0) -> pd.DataFrame:
    return pd.DataFrame({"stratum": list("abcdefgh")[: len(n)], "n": n, "mean": mean, "sd": sd})


def values(this: pd.DataFrame, prior: pd.DataFrame) -> pd.Series:
    return like_for_like(this, prior).parts.set_index("stratum")["value"]


def test_kitagawa_by_hand():
    found = like_for_like(moments([60, 40], [4.2, 3.5]), moments([30, 70], [4.0, 3.0]))
    parts = found.parts.set_index("stratum")
    # shares .6/.4 and .3/.7: means 3.92 and 3.30
    assert parts.loc[TOTAL, "value"] == pytest.approx(0.62)
    assert parts.loc[REAL, "value"] == pytest.approx(0.45 * 0.2 + 0.55 * 0.5)
    assert parts.loc[MIX, "value"] == pytest.approx(4.1 * 0.3 - 3.25 * 0.3)
    assert parts.loc[LEFT_OUT, "value"] == 0
    np.testing.assert_allclose(found.groups["real"], [0.45 * 0.2, 0.55 * 0.5])
    np.testing.assert_allclose(found.groups["share"], [60, 40])
    assert found.groups["mix"].sum() == pytest.approx(0.255)
    # the group above the mean that grew adds, the group below it that shrank adds too
    assert (found.groups["mix"] > 0).all()
    assert [*found.parts.columns] == [*PART_COLUMNS, "verdict"]
    assert [*found.groups.columns] == GROUP_COLUMNS


def test_other_people_with_the_same_opinions_are_no_change():
    found = like_for_like(moments([500, 100], [4.0, 3.0]), moments([100, 500], [4.0, 3.0]))
    parts = found.parts.set_index("stratum")
    assert parts.loc[REAL, "value"] == pytest.approx(0)
    assert parts.loc[REAL, "verdict"] == "没有差异"
    assert parts.loc[MIX, "low"] > 0
    assert parts.loc[TOTAL, "low"] > 0


def test_the_same_people_with_other_opinions_are_all_change():
    found = like_for_like(moments([200, 100], [4.3, 3.3]), moments([200, 100], [4.0, 3.0]))
    parts = found.parts.set_index("stratum")
    assert parts.loc[REAL, "value"] == pytest.approx(0.3)
    assert parts.loc[MIX, "value"] == pytest.approx(0)
    assert parts.loc[REAL, "verdict"] == "上升"
    assert parts.loc[REAL, "effect"] == pytest.approx(0.3)


def test_simpsons_reversal_is_seen():
    # everybody became more content, the total fell
    parts = like_for_like(moments([100, 900], [4.4, 3.2]), moments([900, 100], [4.2, 3.0])).parts
    by_name = parts.set_index("stratum")
    assert by_name.loc[TOTAL, "value"] < 0 < by_name.loc[REAL, "value"]
    assert by_name.loc[REAL, "verdict"] == "上升"


def test_one_group_is_welchs_test():
    this, prior = moments([40], [4.0], 0.9), moments([50], [3.5], 1.2)
    row = like_for_like(this, prior).parts.set_index("stratum").loc[REAL]
    expected = stats.ttest_ind_from_stats(4.0, 0.9, 40, 3.5, 1.2, 50, equal_var=False)
    assert (row["statistic"], row["p"]) == pytest.approx((expected.statistic, expected.pvalue))
    assert row["effect"] == pytest.approx(0.5 / np.sqrt((39 * 0.81 + 49 * 1.44) / 88))


def test_total_change_is_that_of_the_respondents():
    rng = np.random.default_rng(6)
    years = [
        pd.DataFrame({"g": rng.choice(list("abc"), n), "s": rng.integers(1, 6, n).astype(float)})
        for n in (300, 200)
    ]
    found = like_for_like(*(group_moments(year, score="s", by="g") for year in years)).parts
    expected = stats.ttest_ind(years[0]["s"], years[1]["s"], equal_var=False)
    interval = expected.confidence_interval()
    total = found.set_index("stratum").loc[TOTAL]
    np.testing.assert_allclose([total["low"], total["high"]], [interval.low, interval.high])
    assert found["value"].iloc[1:].sum() == pytest.approx(total["value"])


def test_spread_of_both_parts_agrees_with_a_bootstrap():
    rng = np.random.default_rng(7)
    truth = {"a": (4.2, 4.0), "b": (3.4, 2.8), "c": (3.0, 3.0)}

    def year(shares: list[float], at: int) -> pd.DataFrame:
        groups = rng.choice(list(truth), 400, p=shares)
        return pd.DataFrame({"g": groups, "s": [truth[g][at] for g in groups] + rng.normal(size=400)})

    years = year([0.5, 0.3, 0.2], 0), year([0.3, 0.3, 0.4], 1)
    summed = [group_moments(one, score="s", by="g") for one in years]
    found = like_for_like(*summed).parts.set_index("stratum")
    drawn = pd.DataFrame(
        [
            values(*(group_moments(one.iloc[rng.integers(0, 400, 400)], score="s", by="g") for one in years))
            for _ in range(100)
        ]
    )
    for name in (REAL, MIX):
        error = (found.loc[name, "high"] - found.loc[name, "low"]) / (2 * 1.96)
        assert error == pytest.approx(drawn[name].std(), rel=0.25), name


def test_the_interval_of_the_real_change_holds_the_truth():
    rng = np.random.default_rng(9)
    shares, means = np.array([[0.6, 0.4], [0.3, 0.7]]), np.array([[4.2, 3.3], [4.0, 3.0]])
    truth = (shares.mean(axis=0) * (means[0] - means[1])).sum()
    kept = 0
    for _ in range(120):
        years = []
        for share, mean in zip(shares, means, strict=True):
            n = rng.multinomial(60, share)
            scores = [rng.normal(m, 1, size) for m, size in zip(mean, n, strict=True)]
            years.append(moments(list(n), [x.mean() for x in scores], [x.std(ddof=1) for x in scores]))
        row = like_for_like(*years).parts.iloc[1]
        kept += row["low"] <= truth <= row["high"]
    assert kept / 120 == pytest.approx(0.95, abs=0.06)


def test_groups_of_one_year_are_left_out_and_named():
    prior = moments([100, 100], [4.0, 3.0]).replace({"stratum": {"b": "z"}})
    found = like_for_like(moments([100, 50, 1], [4.1, 3.0, 2.0], [1.0, 1.0, np.nan]), prior)
    assert found.left_out == ("b", "c", "z")
    assert (found.n_left_out, found.prior_n_left_out) == (51, 100)
    assert "3 个组" in found.caution
    parts = found.parts.set_index("stratum")
    assert parts.loc[REAL, "value"] == pytest.approx(0.1)
    assert parts.loc[REAL, "n"] == 100
    assert parts.loc[[REAL, MIX, LEFT_OUT], "value"].sum() == pytest.approx(parts.loc[TOTAL, "value"])


@pytest.mark.parametrize(
    ("this", "prior"),
    [
        (moments([], []), moments([], [])),
        (moments([50], [4.0]), moments([], [])),
        (moments([50], [4.0]), moments([1], [3.0]).assign(sd=np.nan)),
    ],
)
def test_nothing_in_common_cannot_be_compared(this, prior):
    found = like_for_like(this, prior)
    parts = found.parts.set_index("stratum")
    assert parts.loc[[REAL, MIX], "value"].isna().all()
    assert parts.loc[REAL, "verdict"] == "基数不足"
    assert "分不开" in found.caution
    assert found.groups["real"].isna().all()


def test_no_spread_at_all_has_no_test():
    found = like_for_like(moments([50, 50], [4.0, 3.0], 0.0), moments([50, 50], [3.9, 3.0], 0.0))
    row = found.parts.set_index("stratum").loc[REAL]
    assert np.isnan(row["p"])
    assert row["verdict"] == "无法检验"


def test_few_scores_decide_nothing():
    found = like_for_like(moments([9, 9], [5.0, 4.0]), moments([300, 300], [3.0, 2.0]))
    assert found.parts.set_index("stratum").loc[REAL, "verdict"] == "基数不足"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(2, 500), st.integers(2, 500), st.floats(1, 5), st.floats(1, 5)),
        min_size=1,
        max_size=8,
    )
)
def test_parts_add_up_and_turning_the_years_round_turns_the_sign(groups):
    n, prior_n, mean, prior_mean = zip(*groups, strict=True)
    this, prior = moments(list(n), list(mean)), moments(list(prior_n), list(prior_mean))
    found, back = values(this, prior), values(prior, this)
    assert found.iloc[1:].sum() == pytest.approx(found[TOTAL], abs=1e-9)
    np.testing.assert_allclose(found, -back, atol=1e-9)


def test_groups_that_were_small_last_year_stay_hidden_with_a_second_one():
    this, prior = moments([40, 40, 30], [4.0, 3.0, 3.5]), moments([3, 40, 9], [4.0, 3.0, 3.5])
    groups = like_for_like(this, prior).groups.assign(side=["内", "内", "外"])
    shown = suppress_groups(groups, below=5)
    assert shown["difference"].isna().tolist() == [True, False, True]
    assert shown[["n", "prior_n"]].notna().all(axis=None)
    by_side = suppress_groups(groups, below=5, within=[["side"], []])
    assert by_side["difference"].isna().tolist() == [True, True, False]


def test_few_people_without_a_counterpart_are_not_given_away_by_what_is_left():
    prior = moments([100, 100, 50], [4.0, 3.0, 3.5])
    this = pd.concat([prior, pd.DataFrame({"stratum": ["z"], "n": [3], "mean": [1.0], "sd": [1.0]})])
    found = like_for_like(this, prior)
    shown = suppress_parts(found, below=5).set_index("stratum")
    assert shown.loc[[MIX, LEFT_OUT], "value"].isna().all()
    assert shown.loc[[TOTAL, REAL], "value"].notna().all()
    # c goes with z this year, and a with c last year, when z was not there
    groups = suppress_groups(found.groups, below=5)
    assert groups.loc[groups["mean"].isna(), "stratum"].tolist() == ["a", "c"]
    many = suppress_parts(found, below=3).set_index("stratum")
    assert many["value"].notna().all()

"""The satisfaction index against hand and scipy: weights, missing items, gaps, last year, and reliability."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbanalysis.analysis.customers.csi import (
    Weights,
    contributions,
    csi_by,
    dimension_reliability,
    dimension_scores,
    gap_waterfall,
    item_gaps,
    prior_index,
    prior_rows,
    weights_for,
    with_index,
)
from fbanalysis.analysis.significance import compare_with_prior
from fbanalysis.errors import DataError

ITEMS = {"产品": ("稳定", "完整", "准确"), "服务": ("及时", "清楚")}
WEIGHTS = Weights(pd.Series({"产品": 0.6, "服务": 0.4}))


def ratings(
    answers: dict[str, list[float | None]], *, top: float = 7, stratum: str | None = "甲"
) -> pd.DataFrame:
    named = [(dimension, item) for dimension, items in ITEMS.items() for item in items]
    rows = [
        ("CSI", who, stratum, dimension, item, top, score)
        for who, scores in answers.items()
        for (dimension, item), score in zip(named, scores, strict=True)
        if score is not None
    ]
    columns = ["survey", "respondent_id", "stratum", "dimension", "item", "scale_maximum", "score"]
    return pd.DataFrame(rows, columns=columns)


def drawn(n: int, *, seed: int, lift: float = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    scores = np.clip(np.rint(4.5 + lift + common + rng.normal(size=(n, 5))), 1, 7)
    parts = [
        ratings({f"{stratum}{i}": list(scores[i]) for i in range(n) if i % 3 in kinds}, stratum=stratum)
        for stratum, kinds in {"甲": (0, 1), "乙": (2,)}.items()
    ]
    return pd.concat(parts, ignore_index=True)


def declared(**weights: float) -> pd.DataFrame:
    return pd.DataFrame({"metric": "csi_weight", "stratum": list(weights), "value": list(weights.values())})


def test_index_of_one_respondent_by_hand():
    # 产品: mean of 7, 4, 1 is 4 → 50; 服务: mean of 7, 4 is 5.5 → 75; 0.6 · 50 + 0.4 · 75 = 60
    row = with_index(dimension_scores(ratings({"a": [7, 4, 1, 7, 4]})), WEIGHTS).iloc[0]
    assert (row["产品"], row["服务"], row["index"]) == (50, 75, pytest.approx(60))


def test_ends_of_any_scale_are_zero_and_hundred():
    ten = dimension_scores(ratings({"a": [10] * 5, "b": [1] * 5}, top=10)).drop(columns="stratum")
    assert ten.to_numpy().tolist() == [[100, 100], [0, 0]]


def test_half_the_items_are_enough_and_fewer_are_not():
    # of three items two are needed, of two one
    scores = dimension_scores(
        ratings({"full": [4] * 5, "a": [7, 7, None, 1, None], "b": [7, None, None, 1, 1]})
    )
    a, b = scores.loc[("CSI", "a")], scores.loc[("CSI", "b")]
    assert (a["产品"], a["服务"]) == (100, 0)
    assert np.isnan(b["产品"])
    assert np.isnan(with_index(scores, WEIGHTS)["index"]).tolist() == [False, False, True]


def test_other_surveys_have_no_dimension_and_do_not_count():
    frame = ratings({"a": [7, 4, 1, 7, 4]})
    other = frame.assign(survey="在线问卷", dimension=None, score=1.0)
    pd.testing.assert_frame_equal(dimension_scores(pd.concat([frame, other])), dimension_scores(frame))


def test_declared_weights_become_shares():
    found = weights_for(declared(产品=60, 服务=40), ratings({"a": [4] * 5}))
    assert (found.shares.to_dict(), found.caution) == ({"产品": 0.6, "服务": 0.4}, "")


@pytest.mark.parametrize(
    ("given_weights", "shares", "said"),
    [
        ({"产品": 30.0, "服务": 10.0}, [0.75, 0.25], "权重之和为 40"),
        ({"产品": 60.0, "服务": 20.0, "价值": 20.0}, [0.75, 0.25], "价值"),
        ({}, [0.5, 0.5], "等权"),
    ],
)
def test_other_weights_are_normalised_and_it_is_said(
    given_weights: dict[str, float], shares: list[float], said: str
):
    found = weights_for(declared(**given_weights), ratings({"a": [4] * 5}))
    assert found.shares.tolist() == pytest.approx(shares)
    assert said in found.caution


@pytest.mark.parametrize(
    ("given_weights", "match"),
    [
        ({"产品": 60.0}, "服务」?没有权重"),
        ({"产品": -10.0, "服务": 110.0}, "产品.*为负"),
        ({"产品": float("nan"), "服务": 100.0}, "产品.*缺失"),
        ({"产品": 0.0, "服务": 0.0}, "都是零"),
    ],
)
def test_weights_that_make_no_sense_are_refused(given_weights: dict[str, float], match: str):
    with pytest.raises(DataError, match=match):
        weights_for(declared(**given_weights), ratings({"a": [4] * 5}))


def test_a_weight_of_zero_leaves_a_dimension_out_of_the_index():
    weights = weights_for(declared(产品=100, 服务=0), ratings({"a": [7, 4, 1, 7, 4]}))
    assert with_index(dimension_scores(ratings({"a": [7, 4, 1, 7, 4]})), weights)["index"].tolist() == [50]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(1, 7), min_size=5, max_size=5), min_size=1, max_size=8))
def test_parts_sum_to_the_index_and_gaps_to_what_is_missing(people: list[list[int]]):
    frame = ratings({str(i): list(map(float, one)) for i, one in enumerate(people)})
    table = csi_by(with_index(dimension_scores(frame), WEIGHTS), WEIGHTS)
    parts, index = contributions(table, WEIGHTS), table.loc[table["kind"].eq("index"), "mean"].item()
    assert parts["value"].sum() == pytest.approx(index)
    assert parts["gap"].sum() == pytest.approx(100 - index)
    assert item_gaps(frame, WEIGHTS)["gap"].sum() == pytest.approx(100 - index)
    steps = gap_waterfall(table, parts)["value"]
    assert steps.iloc[:-1].sum() == pytest.approx(steps.iloc[-1])
    assert 0 <= index <= 100


def test_waterfall_starts_at_the_top_and_ends_at_the_index():
    table = csi_by(
        with_index(dimension_scores(ratings({"a": [7, 4, 1, 7, 4], "b": [7, 4, 1, 7, 4]})), WEIGHTS), WEIGHTS
    )
    steps = gap_waterfall(table, contributions(table, WEIGHTS))
    assert steps["stratum"].tolist() == ["满分", "产品", "服务", "指数"]
    assert steps["value"].tolist() == pytest.approx([100, -30, -10, 60])


def test_full_marks_leave_no_gap_to_share():
    table = csi_by(with_index(dimension_scores(ratings({"a": [7] * 5})), WEIGHTS), WEIGHTS)
    assert contributions(table, WEIGHTS)["percent_of_gap"].isna().all()


def test_gap_of_an_item_is_weight_times_what_is_missing():
    table = item_gaps(ratings({"a": [7, 4, 1, 7, 4], "b": [7, 4, 1, 7, None]}), WEIGHTS).set_index("stratum")
    assert table["gap"].to_dict() == pytest.approx({"准确": 20, "完整": 10, "清楚": 10, "及时": 0, "稳定": 0})
    assert table.loc["清楚", ["n", "mean", "weight"]].tolist() == [1, 50, pytest.approx(20)]


def test_index_last_year_has_this_years_weights_and_comes_close_to_its_own_spread():
    this, last = drawn(600, seed=1, lift=0.4), drawn(600, seed=2)
    indexed = with_index(dimension_scores(this), WEIGHTS)
    before = prior_index(prior_rows(last), indexed, WEIGHTS).set_index("stratum")
    true = csi_by(with_index(dimension_scores(last), WEIGHTS), WEIGHTS).set_index("stratum")
    assert set(before.index) == set(true.index) == {"all", "all/产品", "all/服务", "甲", "乙"}
    assert before["mean"].to_dict() == pytest.approx(true["mean"].to_dict())
    assert before["n"].to_dict() == true["n"].to_dict()
    assert before["sd"].to_dict() == pytest.approx(true["sd"].to_dict(), rel=0.02)
    changed = compare_with_prior(csi_by(indexed, WEIGHTS), before.reset_index(), metric="csi")
    assert changed.loc[0, "verdict"] == "上升"


def test_a_dimension_that_was_not_asked_last_year_leaves_no_index():
    last = drawn(50, seed=2)
    rows = prior_rows(last[last["dimension"].eq("产品")])
    indexed = with_index(dimension_scores(drawn(50, seed=1)), WEIGHTS)
    assert prior_index(rows, indexed, WEIGHTS)["stratum"].tolist() == ["all/产品"]


def test_reliability_is_that_of_the_items_by_pingouin():
    import pingouin as pg

    frame = drawn(200, seed=4)
    table = dimension_reliability(frame).set_index("stratum")
    wide = frame[frame["dimension"].eq("产品")].pivot(index="respondent_id", columns="item", values="score")
    assert table.loc["产品", "value"] == pytest.approx(pg.cronbach_alpha(data=wide)[0])
    assert table["n"].tolist() == [200, 200]


def test_a_file_without_dimensions_has_nothing_for_an_index():
    frame = drawn(40, seed=5).drop(columns="dimension")
    weights = weights_for(declared(产品=60, 服务=40), frame)
    assert (
        len(item_gaps(frame, weights))
        == len(csi_by(with_index(dimension_scores(frame), weights), weights))
        == 0
    )


def test_a_file_without_strata_has_an_index_and_no_groups():
    frame = drawn(40, seed=5).drop(columns="stratum")
    table = csi_by(with_index(dimension_scores(frame), WEIGHTS), WEIGHTS)
    assert table["kind"].tolist() == ["index", "dimension", "dimension"]


@pytest.mark.parametrize("weights", [declared(), declared(产品=60, 服务=40)], ids=["no weights", "weights"])
def test_no_answers_give_empty_frames(weights: pd.DataFrame):
    none = ratings({}).astype({"score": "float64", "scale_maximum": "float64"})
    found = weights_for(weights, none)
    indexed = with_index(dimension_scores(none), found)
    table = csi_by(indexed, found)
    parts = contributions(table, found)
    frames = [table, parts, item_gaps(none, found), gap_waterfall(table, parts), prior_rows(none)]
    frames += [dimension_reliability(none), prior_index(prior_rows(drawn(30, seed=1)), indexed, found)]
    assert [len(frame) for frame in frames] == [0] * 7


def test_one_respondent_has_no_interval():
    table = csi_by(with_index(dimension_scores(ratings({"a": [7, 4, 1, 7, 4]})), WEIGHTS), WEIGHTS)
    assert table[["sd", "low", "high"]].isna().all(axis=None)

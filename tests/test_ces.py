"""Effort scores against scipy and statsmodels, and what a target comes to."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from fbanalysis.analysis.customers.ces import (
    MET,
    MISSED,
    UNDECIDED,
    against_target,
    effort_by,
    effort_distribution,
    hard_for_people,
    high_effort,
    respondent_scores,
    target_of,
)

ITEMS = ("找到入口", "说明问题", "等待回应", "重复联系")


def answers(**people: list[float | None]) -> pd.DataFrame:
    rows = [
        (who, "热线" if who.startswith("h") else "在线", item, score)
        for who, told in people.items()
        for item, score in zip(ITEMS, told, strict=True)
    ]
    return pd.DataFrame(rows, columns=["respondent_id", "channel", "item", "score"]).dropna(subset=["score"])


def means(**scores: np.ndarray) -> pd.DataFrame:
    frame = pd.concat([pd.DataFrame({"channel": name, "score": values}) for name, values in scores.items()])
    return effort_by(frame, "channel")


def test_a_respondent_is_the_mean_of_at_least_half_the_items():
    told = respondent_scores(answers(h1=[1, 2, 3, 4], a=[1, None, 2, None], b=[5, None, None, None]))
    assert told[["respondent_id", "score", "is_high"]].to_numpy().tolist() == [
        ["h1", 2.5, True],
        ["a", 1.5, False],
    ]


def test_all_and_groups_are_summarised():
    scores = respondent_scores(answers(h1=[2, 2, 2, 2], h2=[4, 4, 4, 4], a=[1, 1, 1, 1]))
    whole, groups = effort_by(scores), effort_by(scores, "channel")
    assert whole[["stratum", "n", "mean"]].to_numpy().tolist() == [["all", 3, pytest.approx(7 / 3)]]
    assert groups[["stratum", "n", "mean"]].to_numpy().tolist() == [["热线", 2, 3.0], ["在线", 1, 1.0]]
    ends = stats.t.interval(0.95, 2, loc=7 / 3, scale=stats.sem([2, 4, 1]))
    assert whole.loc[0, ["low", "high"]].tolist() == pytest.approx(list(ends))


def test_target_is_tested_as_scipy_tests_it_and_all_means_are_one_family():
    rng = np.random.default_rng(3)
    drawn = {"难": rng.normal(2.6, 0.8, 80), "平": rng.normal(2.02, 0.8, 90), "易": rng.normal(1.5, 0.7, 70)}
    table = against_target(means(**drawn), target=2.0).set_index("stratum")
    expected = {name: stats.ttest_1samp(values, 2.0) for name, values in drawn.items()}
    assert table["statistic"].to_dict() == pytest.approx(
        {name: one.statistic for name, one in expected.items()}
    )
    assert table["p_raw"].to_dict() == pytest.approx({name: one.pvalue for name, one in expected.items()})
    assert table["p"].tolist() == pytest.approx(multipletests(table["p_raw"], method="holm")[1])
    assert table["verdict"].to_dict() == {"难": MISSED, "平": UNDECIDED, "易": MET}
    assert table.loc["难", "effect"] == pytest.approx((drawn["难"].mean() - 2) / drawn["难"].std(ddof=1))


def test_few_people_meet_no_target_and_miss_none():
    assert against_target(means(少=np.array([1.0, 1.1] * 14)), target=2.0)["verdict"].tolist() == ["基数不足"]


def test_answers_without_spread_are_not_tested():
    table = against_target(means(一=np.full(40, 1.0), 二=np.full(40, 2.0)), target=2.0).set_index("stratum")
    assert table["verdict"].to_dict() == {"一": "无法检验", "二": UNDECIDED}
    assert table["effect"].isna().all()


def test_without_a_target_nothing_is_judged():
    assert len(against_target(means(一=np.arange(40.0)), target=float("nan"))) == 0


def test_target_is_read_from_what_was_declared():
    declared = pd.DataFrame(
        {"metric": ["kpi_target", "ces_target"], "stratum": ["all", "all"], "value": [4.0, 2.0]}
    )
    assert target_of(declared) == 2.0
    assert np.isnan(target_of(declared.head(1)))


def test_hard_answers_and_people_with_one_are_counted():
    frame = answers(h1=[1, 4, 5, 1], h2=[1, 1, 1, 1], a=[3, 3, 3, 4])
    by_item = high_effort(frame, "item").set_index("stratum")["count"].to_dict()
    assert by_item == {"找到入口": 0, "说明问题": 1, "等待回应": 1, "重复联系": 1}
    whole = high_effort(frame).iloc[0]
    low, high = proportion_confint(3, 12, method="wilson")
    assert (whole["percent"], whole["low"], whole["high"]) == (
        25,
        pytest.approx(100 * low),
        pytest.approx(100 * high),
    )
    people = hard_for_people(respondent_scores(frame), "channel")
    assert people[["stratum", "count", "n"]].to_numpy().tolist() == [["在线", 1, 1], ["热线", 1, 2]]


def test_every_step_of_the_scale_has_a_row_in_the_order_of_the_questions():
    table = effort_distribution(answers(h1=[1, 4, 5, 1], h2=[1, 1, 1, None]))
    assert table["stratum"].drop_duplicates().tolist() == list(ITEMS)
    assert table.loc[table["stratum"].eq("说明问题"), "percent"].tolist() == [50, 0, 0, 50, 0]
    assert table.loc[table["stratum"].eq("重复联系"), "base"].unique().tolist() == [1]


def test_a_file_without_channels_has_no_groups():
    scores = respondent_scores(answers(a=[1, 1, 1, 1]).drop(columns="channel"))
    assert (len(effort_by(scores)), len(effort_by(scores, "channel"))) == (1, 0)


def test_no_answers_give_empty_frames():
    none = answers().astype({"score": "float64"})
    scores = respondent_scores(none)
    frames = [scores, effort_by(scores), against_target(effort_by(scores), target=2.0), high_effort(none)]
    frames += [hard_for_people(scores, "channel"), effort_distribution(none)]
    assert [len(frame) for frame in frames] == [0] * 6
    assert list(frames[1].columns) == list(effort_by(respondent_scores(answers(a=[1, 1, 1, 1]))).columns)

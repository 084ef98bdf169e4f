"""Annotation: each distinct text is cut and scored once, and the score is measured. The model is trained once."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats
from sklearn.metrics import accuracy_score, f1_score
from statsmodels.stats.proportion import proportion_confint

from fbanalysis.analysis import annotation, text_models
from fbanalysis.analysis.annotation import (
    annotate_comments,
    classify,
    comment_hash,
    cut_texts,
    measure_quality,
)
from fbanalysis.analysis.sentiment import disagreement, with_sentiment

GOOD = ["客服回复很快", "界面清楚好用", "功能很实用", "老师傅讲得很细致", "系统稳定", "非常满意", "点赞"]
BAD = ["系统太慢了", "经常闪退", "客服没人理", "流程太繁琐", "说明看不懂", "数据又丢了", "非常失望", "差评"]
PLACES = ["上海", "北京", "广州", "成都", "武汉", "西安", "杭州", "南京", "青岛", "厦门"]


@pytest.fixture(scope="module")
def feedback() -> pd.DataFrame:
    """Make 300 comments, each a pair of phrases with a place; one in twenty carries the wrong rating."""
    rng = np.random.default_rng(11)
    rows = []
    for i in range(300):
        is_good = rng.random() < 0.6
        first, second = rng.choice(GOOD if is_good else BAD, 2, replace=False)
        is_slip = rng.random() < 0.05
        comment = f"{PLACES[i % 10]}的{first}，{second}，第{i}次"
        rows.append((f"F{i:03d}", comment, 5.0 if is_good != is_slip else 1.0))
    frame = pd.DataFrame(rows, columns=["feedback_id", "comment", "overall_score"])
    times = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(300), unit="D")
    return frame.assign(submitted_at=times, area_score=np.nan)


@pytest.fixture(scope="module")
def annotated_year(feedback) -> tuple[pd.DataFrame, pd.DataFrame]:
    return annotate_comments(feedback, seed=1)


def test_words_are_cut_and_signs_dropped():
    assert cut_texts(["APP 打不开！！😀", " \n", "请打〔电话〕找我"]) == ["app 打不开", "", "请 打 找 我"]


def test_comments_are_distinct_and_follow_the_data_dictionary(feedback, annotated_year):
    comments, checks = annotated_year
    assert comments.columns.tolist() == ["comment_hash", "tokens", "positive", "sentiment"]
    assert checks.columns.tolist() == ["check", "n", "value", "low", "high"]
    assert comments["comment_hash"].is_unique
    assert comments["comment_hash"].tolist() == sorted(map(comment_hash, feedback["comment"]))
    assert comments["positive"].between(0, 1).all()
    assert not checks["value"].isna().any()


def test_the_same_comments_in_another_order_score_the_same(feedback, annotated_year):
    again = feedback.head(20).assign(feedback_id="again")
    comments, _ = annotate_comments(pd.concat([feedback, again]).sample(frac=1, random_state=3), seed=1)
    assert_frame_equal(comments, annotated_year[0])


def test_the_year_is_learned_from_its_own_ratings_and_checked_on_its_last_third(annotated_year):
    checks = annotated_year[1].set_index("check")
    assert annotation.OWN_AND_GENERAL in checks.index
    assert checks.loc["准确率（按时间留出）", "n"] == 100
    assert checks.loc["准确率（按时间留出）", "value"] > 85
    low, high = proportion_confint(round(checks.loc["准确率（按时间留出）", "value"]), 100, method="wilson")
    assert checks.loc["准确率（按时间留出）", ["low", "high"]].astype(float).tolist() == pytest.approx(
        [100 * low, 100 * high]
    )


def test_a_rating_does_not_decide_how_its_own_text_is_read(feedback, annotated_year):
    table = disagreement(with_sentiment(feedback, annotated_year[0]))
    is_praise = feedback["comment"].str.contains("|".join(GOOD))
    slips = [
        int((~is_praise & (feedback["overall_score"] == 5)).sum()),
        int((is_praise & (feedback["overall_score"] == 1)).sum()),
    ]
    assert min(slips) > 0
    np.testing.assert_allclose(table["n"], slips, atol=1)


def test_turning_a_rating_round_leaves_the_score_of_its_own_text(feedback, annotated_year):
    turned = feedback.copy()
    turned.loc[7, "overall_score"] = 6 - turned.loc[7, "overall_score"]
    comments, _ = annotate_comments(turned, seed=1)
    own = comment_hash(turned.loc[7, "comment"])
    before, after = (frame.set_index("comment_hash")["positive"] for frame in (annotated_year[0], comments))
    assert after[own] == pytest.approx(before[own], abs=1e-9)
    assert (after - before).abs().max() > 1e-6


def test_few_ratings_leave_it_to_the_general_model(feedback):
    comments, checks = annotate_comments(feedback.head(60), seed=1)
    texts = annotation._distinct(feedback.head(60)).set_index("comment_hash")["text"]
    logits = text_models.general_model(1).logits(texts[comments["comment_hash"]])
    np.testing.assert_allclose(comments["positive"], 1 / (1 + np.exp(-logits)))
    assert annotation.GENERAL_ONLY in set(checks["check"])
    assert checks.set_index("check").loc["准确率（全部有评分）", "n"] == 60


def test_no_negative_comment_leaves_it_to_the_general_model(feedback):
    _, checks = annotate_comments(feedback.assign(overall_score=5.0), seed=1)
    by_check = checks.set_index("check")
    assert by_check.loc[annotation.GENERAL_ONLY, "n"] == 300
    assert by_check.loc["多数类基线准确率（全部有评分）", "value"] == 100


def test_negative_comments_that_all_come_late_do_not_stop_the_check(feedback):
    late = feedback.sort_values("overall_score", ascending=False, ignore_index=True)
    late = late.assign(submitted_at=feedback["submitted_at"])
    _, checks = annotate_comments(late, seed=1)
    assert checks["value"].notna().all()


def test_the_area_score_goes_before_the_overall_score(feedback):
    rated = annotation._distinct(feedback.head(2).assign(area_score=[2.0, None], overall_score=[5.0, 4.0]))
    assert rated["area_first"].tolist() == [2.0, 4.0]
    assert rated["overall_first"].tolist() == [5.0, 4.0]


def test_blank_comments_are_not_scored():
    feedback = pd.DataFrame({"feedback_id": ["1", "2", "3"], "comment": ["", " \n", None]}).astype("str")
    comments, checks = annotate_comments(feedback, seed=1)
    assert comments.empty
    assert comments.columns.tolist() == annotation.COMMENT_COLUMNS
    assert checks["check"].tolist()[0] == annotation.GENERAL_ONLY
    assert with_sentiment(feedback, comments)["sentiment"].isna().all()


def test_comments_without_any_rating_are_scored_and_nothing_is_measured():
    feedback = pd.DataFrame({"feedback_id": ["1"], "comment": ["质量非常好，很喜欢"]})
    comments, checks = annotate_comments(feedback, seed=1)
    assert comments["sentiment"].tolist() == ["正面"]
    assert checks["n"].tolist() == [0, 0, 0]


def test_ratings_that_say_nothing_about_words_do_not_teach(feedback):
    rng = np.random.default_rng(4)
    scores = rng.choice([1.0, 5.0], 300, p=[0.2, 0.8])
    _, checks = annotate_comments(feedback.assign(overall_score=scores), seed=1)
    assert annotation.GENERAL_ONLY in set(checks["check"])


def test_with_ratings_near_the_ceiling_the_top_box_teaches(feedback):
    high = feedback.assign(overall_score=feedback["overall_score"].map({5.0: 5.0, 1.0: 3.0}))
    _, checks = annotate_comments(high, seed=1)
    by_check = checks.set_index("check")
    assert annotation.OWN_AND_GENERAL in by_check.index
    assert by_check.loc["负面示例：领域评分不高于", "value"] == 3


def test_thresholds_are_inclusive():
    labels = classify(pd.Series([0.6, 0.59, 0.41, 0.4]), positive=0.6, negative=0.4)
    assert labels.tolist() == ["正面", "中性", "中性", "负面"]


def test_quality_against_sklearn_and_by_hand():
    rng = np.random.default_rng(2)
    truth = rng.random(200) < 0.7
    p = np.clip(truth * 0.4 + rng.random(200) * 0.6, 0, 1)
    judged = pd.DataFrame({"positive": p, "is_positive": truth})
    rows = measure_quality(judged, basis="x", positive=0.6, negative=0.4)
    values = {row[0]: row for row in rows}
    assert values["准确率（x）"][2] == pytest.approx(100 * accuracy_score(truth, p > 0.5))
    assert values["宏平均F1（x）"][2] == pytest.approx(100 * f1_score(truth, p > 0.5, average="macro"))
    error = values["正面份额误差（百分点，x）"]
    assert error[2] == pytest.approx(100 * ((p >= 0.6).mean() - truth.mean()))
    interval = stats.ttest_rel((p >= 0.6) * 100.0, truth * 100.0).confidence_interval()
    assert error[3:] == pytest.approx(tuple(interval))
    assert values["多数类基线准确率（x）"][2] == pytest.approx(100 * truth.mean())
    bins = [np.floor(p * 10) == k for k in range(10)]
    expected = sum(abs(p[b].mean() - truth[b].mean()) * b.mean() for b in bins if b.any())
    assert values["校准误差（百分点，x）"][2] == pytest.approx(100 * expected)


# Tables

"""Codings: what people read in comments settles the label, teaches the model and judges it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from fbanalysis.analysis.annotation import annotate_comments
from fbanalysis.analysis.codings import CODED, CODED_AND_RATED, are_enough, check_codings, settle_codings
from fbanalysis.schema import SENTIMENTS

SAID = {
    "正面": [
        "客服回复很快",
        "界面清楚好用",
        "功能很实用",
        "老师傅讲得细致",
        "系统稳定不掉线",
        "这次处理让人放心",
    ],
    "中性": [
        "想了解是否支持导出",
        "我们每周用三次",
        "请登记一项需求",
        "目前装的是网页版",
        "建议增加一列",
        "由小组统一提交",
    ],
    "负面": ["系统太慢了", "经常闪退", "客服没人理", "流程太繁琐", "说明看不懂", "数据又丢了"],
}
PLACES = ["上海", "北京", "广州", "成都", "武汉", "西安", "杭州", "南京", "青岛", "厦门"]


def frame(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["comment", "coder", "sentiment"]).astype("str")


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    """Make 900 comments of known feelings, half of them positive."""
    rng = np.random.default_rng(5)
    feelings = rng.choice(SENTIMENTS, 900, p=[0.5, 0.3, 0.2])
    comments = [
        f"{PLACES[i % 10]}的{'，'.join(rng.choice(SAID[feeling], 2, replace=False))}，第{i}次"
        for i, feeling in enumerate(feelings)
    ]
    times = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(900) * 9, unit="h")
    rows = {"feedback_id": [f"F{i:03d}" for i in range(900)], "submitted_at": times, "comment": comments}
    return pd.DataFrame(rows).assign(feeling=feelings)


@pytest.fixture(scope="module")
def codings(year: pd.DataFrame) -> pd.DataFrame:
    """Let one coder read 400 of them, another 100 of these, who errs in one of ten."""
    chosen = year.sample(400, random_state=3)
    rows = [(row.comment, "甲", row.feeling) for row in chosen.itertuples()]
    slips = {"正面": "中性", "中性": "负面", "负面": "中性"}
    rows += [
        (row.comment, "乙", slips[row.feeling] if i % 10 == 0 else row.feeling)
        for i, row in enumerate(chosen.head(100).itertuples())
    ]
    return frame(rows)


def test_most_coders_settle_a_label_and_the_main_coder_a_tie():
    rows = [("a", "甲", "正面"), ("a", "乙", "负面"), ("b", "乙", "负面"), ("c", "乙", "中性")]
    rows += [("d", name, label) for name, label in zip("甲乙丙", ("负面", "中性", "负面"), strict=True)]
    settled = settle_codings(frame(rows)).set_index("comment")["label"]
    assert settled.to_dict() == {"a": "负面", "b": "负面", "c": "中性", "d": "负面"}


def test_few_codings_or_a_rare_feeling_do_not_teach():
    assert are_enough(pd.Series(["正面"] * 140 + ["中性"] * 30 + ["负面"] * 30))
    assert not are_enough(pd.Series(["正面"] * 139 + ["中性"] * 30 + ["负面"] * 30))
    assert not are_enough(pd.Series(["正面"] * 300 + ["中性"] * 300 + ["负面"] * 29))
    assert not are_enough(pd.Series(["正面"] * 300 + ["中性"] * 300))


def test_codings_teach_three_feelings_and_carry_their_shares(year, codings):
    comments, checks = annotate_comments(year, seed=1, codings=codings)
    assert CODED in set(checks["check"])
    given = year.assign(**comments_of(year, comments))
    assert (given["sentiment"] == given["feeling"]).mean() > 0.97
    shares = given["sentiment"].value_counts(normalize=True)
    truth = year["feeling"].value_counts(normalize=True)
    assert (shares - truth).abs().max() < 0.015


def comments_of(year: pd.DataFrame, comments: pd.DataFrame) -> dict[str, pd.Series]:
    from fbanalysis.analysis.annotation import comment_hash

    by_hash = comments.set_index("comment_hash")
    return {name: year["comment"].map(comment_hash).map(by_hash[name]) for name in ("positive", "sentiment")}


def test_a_coding_does_not_decide_how_its_own_text_is_read(year, codings):
    odd = codings.loc[(codings["coder"] == "甲") & (codings["sentiment"] == "正面"), "comment"].iloc[0]
    turned = codings.assign(sentiment=codings["sentiment"].mask(codings["comment"] == odd, "负面"))
    read = []
    for table in (codings, turned):
        comments, _ = annotate_comments(year, seed=1, codings=table)
        read.append(
            year["comment"]
            .map(dict(zip(year["comment"], comments_of(year, comments)["positive"], strict=True)))[
                year["comment"] == odd
            ]
            .iloc[0]
        )
    assert read[0] == pytest.approx(read[1], abs=0.02)


def test_ratings_of_other_texts_help_to_read_a_text(year, codings):
    """With few codings, ratings tell which words go with low scores."""
    few = codings[codings["coder"] == "甲"].head(200)
    scores = year["feeling"].map({"正面": 5.0, "中性": 4.0, "负面": 3.0})
    bare, _ = annotate_comments(year, seed=1, codings=few)
    rated, checks = annotate_comments(year.assign(overall_score=scores), seed=1, codings=few)
    assert CODED_AND_RATED in set(checks["check"])
    right = [(comments_of(year, table)["sentiment"] == year["feeling"]).mean() for table in (bare, rated)]
    assert right[1] > right[0]


def test_a_timid_model_still_gives_the_shares_that_people_gave(year, codings):
    """Half of the texts say nothing: argmax alone would give them all to the commonest feeling."""
    rng = np.random.default_rng(8)
    blank = rng.random(900) < 0.5
    comment = year["comment"].where(~blank, [f"{PLACES[i % 10]}第{i}次" for i in range(900)])
    vague = year.assign(comment=comment)
    known = dict(zip(vague["comment"], vague["feeling"], strict=True))
    chosen = vague.sample(400, random_state=3)["comment"]
    coded = frame([(text, "甲", known[text]) for text in chosen])
    comments, _ = annotate_comments(vague, seed=1, codings=coded)
    shares = comments_of(vague, comments)["sentiment"].value_counts(normalize=True)
    truth = pd.Series(chosen.map(known)).value_counts(normalize=True)
    assert (shares - truth).abs().max() < 0.05


def test_agreement_against_sklearn(year, codings):
    coded = pd.DataFrame({"label": [], "comment_hash": []})
    rows = {row[0]: row[1:] for row in check_codings(coded, codings, seed=1)}
    wide = codings.pivot(index="comment", columns="coder", values="sentiment").dropna()
    n, value, low, high = rows["标注人Kappa（两人都读过）"]
    assert n == 100
    assert value == pytest.approx(100 * cohen_kappa_score(wide["甲"], wide["乙"]))
    assert low < value < high
    assert rows["标注人一致率（两人都读过）"][:2] == (100, 90.0)


def test_a_feeling_that_is_rare_early_in_the_year_leaves_the_check_out(year, codings):
    """Held out by time, the past may know a feeling from one text only, and none when that is held out."""
    late = year.assign(
        submitted_at=year["submitted_at"].mask(year["feeling"] == "负面", pd.Timestamp("2024-01-01"))
    )
    comments, checks = annotate_comments(late, seed=1, codings=codings)
    assert "准确率（按时间留出）" not in set(checks["check"])
    assert comments["sentiment"].nunique() == 3


def test_one_coder_gives_no_agreement(codings):
    alone = codings[codings["coder"] == "甲"]
    rows = check_codings(pd.DataFrame({"label": [], "comment_hash": []}), alone, seed=1)
    assert [row[0] for row in rows] == [CODED]


def test_quality_is_that_of_later_texts_and_matches_sklearn(year, codings):
    """The first two thirds teach, the last third judges, by another route."""
    from fbanalysis.analysis import codings as module

    given = pd.Series(["正面", "中性", "负面", "正面", "中性"], dtype="str")
    truth = pd.Series(["正面", "中性", "正面", "正面", "负面"], dtype="str")
    rows = {row[0]: row[1:] for row in module._quality(given, truth)}
    assert rows["准确率（按时间留出）"][:2] == (5, 60.0)
    expected = 100 * f1_score(truth, given, average="macro", labels=list(SENTIMENTS), zero_division=0)
    assert rows["宏平均F1（按时间留出）"][1] == pytest.approx(expected)
    assert rows["中性份额误差（百分点，按时间留出）"][1] == pytest.approx(20.0)
    assert rows["多数类基线准确率（按时间留出）"][1] == 60.0
    _, checks = annotate_comments(year, seed=1, codings=codings)
    by_check = checks.set_index("check")
    assert by_check.loc["准确率（按时间留出）", "n"] == 134
    assert by_check.loc["准确率（按时间留出）", "value"] > 95

"""Sentiment: scoring once a year, and the tables made of the scores. The model is trained once a session."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from fbanalysis.analysis.sentiment import (
    choose_quotes,
    comment_hash,
    disagreement,
    keyness,
    leaning,
    model_quality,
    quote_list,
    rating_bounds,
    sentiment_by,
    sentiment_shares,
    telling_words,
    with_sentiment,
    word_counts,
)
from fbanalysis.analysis.significance import compare_shares


@pytest.fixture
def annotated() -> pd.DataFrame:
    rows = [
        ("1", "内部", "系统 很 慢", "系统很慢，每天都要等很久才能打开页面", "负面", 2.0),
        ("2", "内部", "系统 慢 卡", "系统慢，还总是卡住，等很久没有反应", "负面", 5.0),
        ("3", "内部", "客服 热情", "客服热情，每个问题都回答得清楚细致", "正面", 5.0),
        ("4", "外部", "客服 热情 系统", "客服热情，系统也比去年稳定了不少啊", "正面", 1.0),
        ("5", "外部", "一般 2023", "一般", "中性", 3.0),
        ("6", "外部", None, None, None, 4.0),
    ]
    columns = ["feedback_id", "group", "tokens", "comment", "sentiment", "overall_score"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"tokens": "str", "comment": "str", "sentiment": "str"})


# Annotate


def test_rows_without_text_stay(annotated):
    comments = annotated.dropna(subset=["comment"]).assign(
        comment_hash=lambda frame: frame["comment"].map(comment_hash), positive=0.5
    )
    joined = with_sentiment(annotated[["feedback_id", "comment"]], comments)
    assert joined["feedback_id"].tolist() == list("123456")
    assert joined["sentiment"].fillna("–").tolist() == ["负面", "负面", "正面", "正面", "中性", "–"]


def test_shares_by_hand(annotated):
    table = sentiment_shares(annotated)
    assert table["stratum"].tolist() == ["正面", "中性", "负面"]
    assert table["n"].tolist() == [2, 1, 2]
    assert table["base"].tolist() == [5, 5, 5]
    assert table["percent"].tolist() == [40.0, 20.0, 40.0]
    low, high = proportion_confint(np.array([2, 1, 2]), 5, method="wilson")
    np.testing.assert_allclose(table[["low", "high"]], 100 * np.column_stack([low, high]))


def test_no_comment_gives_three_rows_without_shares(annotated):
    table = sentiment_shares(annotated.iloc[5:])
    assert table["base"].tolist() == [0, 0, 0]
    assert table["percent"].isna().all()


def test_shares_by_group(annotated):
    table = sentiment_by(annotated, "group")
    assert table["stratum"].tolist()[:4] == ["内部/正面", "内部/中性", "内部/负面", "外部/正面"]
    assert table["n"].tolist() == [1, 0, 2, 1, 1, 0]
    assert table["base"].tolist() == [3, 3, 3, 2, 2, 2]
    assert sentiment_by(annotated.iloc[5:], "group").columns.tolist() == table.columns.tolist()


@given(st.lists(st.sampled_from(["正面", "中性", "负面", None]), max_size=30))
@settings(max_examples=30, deadline=None)
def test_shares_sum_to_a_hundred_and_duplicates_keep_them(feelings):
    frame = pd.DataFrame({"sentiment": pd.Series(feelings, dtype="str")})
    table = sentiment_shares(frame)
    if table["base"].iloc[0]:
        assert table["percent"].sum() == pytest.approx(100)
    twice = sentiment_shares(pd.concat([frame, frame]))
    np.testing.assert_allclose(twice["percent"], table["percent"])


def test_change_of_shares_against_statsmodels():
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    shares = pd.DataFrame({"stratum": ["正面", "中性", "负面"], "base": 1000, "percent": [58.0, 24.0, 18.0]})
    prior = pd.DataFrame(
        {
            "metric": "sentiment_share",
            "stratum": ["正面", "负面", "中性"],
            "n": pd.array([800] * 3, dtype="Int64"),
            "share": [0.46, 0.29, 0.25],
        }
    )
    table = compare_shares(shares, prior, metric="sentiment_share").set_index("stratum")
    assert table["difference"].tolist() == pytest.approx([12.0, -1.0, -11.0])
    low, high = confint_proportions_2indep(580, 1000, 368, 800, compare="diff", method="newcomb")
    assert table.loc["正面", ["low", "high"]].astype(float).tolist() == pytest.approx([100 * low, 100 * high])
    counts = [(580, 368), (240, 200), (180, 232)]
    raw = [proportions_ztest(pair, (1000, 800))[1] for pair in counts]
    assert table["p"].tolist() == pytest.approx(multipletests(raw, method="holm")[1].tolist())
    assert table["verdict"].tolist() == ["上升", "没有差异", "下降"]


def test_no_prior_year_or_a_small_base_gives_no_verdict(annotated):
    prior = pd.DataFrame(
        {
            "metric": ["sentiment_share", "other"],
            "stratum": ["正面", "负面"],
            "n": [500, 500],
            "share": [0.4, 0.2],
        }
    )
    table = compare_shares(sentiment_shares(annotated), prior, metric="sentiment_share")
    assert table["verdict"].tolist() == ["基数不足"] * 3
    assert table["prior_percent"].isna().tolist() == [False, True, True]


def test_words_count_once_a_comment_and_function_words_never(annotated):
    twice = annotated.assign(tokens=annotated["tokens"] + " 系统 我们")
    assert word_counts(twice, most=1)[["word", "n", "base"]].to_numpy().tolist() == [["系统", 5, 5]]
    table = word_counts(annotated).set_index("word")
    assert table["n"].to_dict() == {"系统": 3, "客服": 2, "慢": 2, "热情": 2, "卡": 1}
    feelings = table.loc["系统", ["percent_positive", "percent_negative"]]
    assert feelings.tolist() == pytest.approx([100 / 3, 200 / 3])


def test_keyness_against_scipy():
    texts = ["系统 慢"] * 30 + ["系统"] * 20 + ["客服 慢"] * 5 + ["客服"] * 45 + ["少见 客服"]
    frame = pd.DataFrame({"tokens": texts, "sentiment": ["负面"] * 50 + ["正面"] * 51})
    table = keyness(frame, target="负面", reference="正面").set_index("word")
    assert "少见" not in table.index
    g2 = stats.chi2_contingency([[30, 5], [20, 46]], correction=False, lambda_="log-likelihood")
    assert table.loc["慢", "g2"] == pytest.approx(g2.statistic)
    raw = [stats.chi2.sf(value, 1) for value in table["g2"]]
    assert table["p"].tolist() == pytest.approx(stats.false_discovery_control(raw).tolist())
    assert table.loc["慢", "log_ratio"] == pytest.approx(np.log2((30.5 / 50.5) / (5.5 / 51.5)))
    half = 1.959964 * np.sqrt(1 / 30.5 - 1 / 50.5 + 1 / 5.5 - 1 / 51.5) / np.log(2)
    assert table.loc["慢", "high"] - table.loc["慢", "log_ratio"] == pytest.approx(half)
    assert table.loc["客服", "log_ratio"] < 0
    assert table["n_target"].to_dict() == {"系统": 50, "客服": 0, "慢": 30}


def test_keyness_without_a_reference_is_empty(annotated):
    negative = annotated[annotated["sentiment"] == "负面"]
    assert keyness(negative, target="负面", reference="正面", minimum=1).empty
    assert keyness(annotated.iloc[5:], target="负面", reference="正面").empty


def test_quotes_speak_like_their_group():
    long = "这是一段足够长的原文用来引用，编号"
    rows = [(f"{i}", f"{long}{i}", "系统 慢", "负面") for i in range(3)]
    rows += [("9", f"{long}9", "完全 不同 的 话题", "负面"), ("0", "太短", "系统 慢", "负面")]
    rows += [("a", f"{long}〔电话〕", "系统 慢", "负面"), ("b", f"{long}0", "系统 慢", "负面")]
    frame = pd.DataFrame(rows, columns=["feedback_id", "comment", "tokens", "sentiment"])
    quotes = choose_quotes(frame, by="sentiment", each=2)
    assert quotes["feedback_id"].tolist() == ["0", "1"] or quotes["feedback_id"].tolist() == ["1", "2"]
    assert quotes["comment"].is_unique
    assert quotes["n"].tolist() == [7, 7]
    assert choose_quotes(frame.sample(frac=1, random_state=1), by="sentiment", each=2).equals(quotes)


def test_no_comment_gives_no_quote(annotated):
    assert choose_quotes(annotated.iloc[5:], by="sentiment").empty


def test_disagreement_by_hand(annotated):
    table = disagreement(annotated).set_index("stratum")
    assert table.loc["高分而文字负面", ["n", "base"]].tolist() == [1, 2]
    assert table.loc["低分而文字正面", ["n", "base"]].tolist() == [1, 2]
    assert table["percent"].tolist() == [50.0, 50.0]


def test_qualities_keep_their_names_whatever_the_test() -> None:
    checks = pd.DataFrame(
        {
            "check": [
                "训练方式：仅通用语料",
                "准确率（按时间留出）",
                "正面份额误差（百分点，按时间留出）",
                "准确率（仅通用语料，按时间留出）",
            ],
            "n": [0, 517, 517, 517],
            "value": [0.0, 83.0, -7.5, 78.9],
            "low": [None, 79.5, -11.3, 75.2],
            "high": [None, 86.0, -3.8, 82.2],
        }
    )
    quality = model_quality(checks)
    assert quality["stratum"].tolist() == ["准确率", "正面份额误差", "准确率（仅通用语料）"]
    assert quality["unit"].tolist() == ["percent", "pp", "percent"]
    assert quality["basis"].unique().tolist() == ["按时间留出"]
    assert (
        model_quality(checks.replace("按时间留出", "全部有评分", regex=True))["stratum"].tolist()
        == quality["stratum"].tolist()
    )


def test_telling_words_are_sure_and_named_by_their_side() -> None:
    words = pd.DataFrame(
        {
            "word": ["慢", "好", "系统", "卡"],
            "log_ratio": [3.0, -2.0, 0.1, 1.0],
            "p": [0.001, 0.001, 0.9, 0.01],
            "g2": [30.0, 20.0, 0.1, 8.0],
        }
    )
    told = telling_words(words, each=1)
    assert told[["stratum", "verdict"]].to_numpy().tolist() == [["慢", "偏多"], ["好", "偏少"]]
    counts = pd.DataFrame({"word": ["系统", "慢", "好", "没检验过"], "n": [9, 5, 4, 1]})
    assert leaning(counts, words)["leaning"].tolist() == ["两者皆有", "负面", "正面", "两者皆有"]


def test_the_bounds_of_the_examples_are_read_from_the_checks() -> None:
    checks = pd.DataFrame(
        {
            "check": ["正面示例：总体评分不低于", "负面示例：总体评分不高于", "准确率（按时间留出）"],
            "value": [5.0, 3.0, 82.0],
            "n": [972, 577, 522],
        }
    )
    assert rating_bounds(checks).to_numpy().tolist() == [["正面", 5.0, 972], ["负面", 3.0, 577]]


def test_quotes_of_joint_classes_leave_out_those_that_stand_elsewhere() -> None:
    texts = [f"食堂的饭菜第{word}回送来时已经凉了，希望早一点" for word in "一二三四五六七八"]
    frame = pd.DataFrame(
        {
            "feedback_id": [f"F{i}" for i in range(8)],
            "kind": ["建议"] * 4 + ["表扬"] * 4,
            "topic": ["食堂", "食堂", "食堂", "班车"] * 2,
            "area": pd.Series([None] * 8, dtype="str"),
            "comment": texts,
            "tokens": [" ".join(text) for text in texts],
            "sentiment": "负面",
        }
    )
    first = quote_list(frame, by=["kind", "topic", "area"], each=1)
    assert first[["kind", "topic"]].to_numpy().tolist() == [
        ["建议", "班车"],
        ["建议", "食堂"],
        ["表扬", "班车"],
        ["表扬", "食堂"],
    ]
    second = quote_list(frame, by=["kind", "topic"], each=1, without=first["feedback_id"])
    assert not set(first["feedback_id"]) & set(second["feedback_id"])
    assert second["topic"].tolist() == ["食堂", "食堂"], "the only ones about the bus stand elsewhere"


def test_no_comment_gives_an_empty_list_of_quotes(annotated) -> None:
    assert quote_list(annotated.iloc[:0], by=["group"]).empty

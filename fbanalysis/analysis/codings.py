"""Learn three feelings from comments that people coded, and measure against people what was learned."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import softmax
from scipy.stats import norm

from fbanalysis.analysis.intervals import mean_interval, wilson_interval
from fbanalysis.analysis.text_models import FOLDS, features_of, fold_of, vectorizer_of
from fbanalysis.schema import SENTIMENTS

#: From so many distinct coded comments on, and so many of each feeling among them, codings teach.
ENOUGH, ENOUGH_EACH = 200, 30
CODED, CODED_AND_RATED = "训练方式：人工标注 + 通用语料", "训练方式：人工标注 + 本年评分 + 通用语料"
BASIS, BOTH = "按时间留出", "两人都读过"


def settle_codings(codings: pd.DataFrame) -> pd.DataFrame:
    """Give each coded comment one feeling: what most of its coders say, in a tie what the main coder says.

    Parameters
    ----------
    codings
        ``comment``, ``coder``, ``sentiment``.

    Returns
    -------
    DataFrame
        ``comment``, ``label``. The main coder is whoever coded most, the first by name among equals.

    Examples
    --------
    >>> rows = [("好", "甲", "正面"), ("好", "乙", "中性"), ("慢", "甲", "负面")]
    >>> settle_codings(pd.DataFrame(rows, columns=["comment", "coder", "sentiment"])).to_numpy().tolist()
    [['好', '正面'], ['慢', '负面']]
    """
    order = codings["coder"].value_counts().rename_axis("coder").reset_index(name="size")
    order = order.sort_values(["size", "coder"], ascending=[False, True], ignore_index=True)
    rank = codings["coder"].map(pd.Series(order.index, index=order["coder"]))
    votes = codings.assign(rank=rank).groupby(["comment", "sentiment"], as_index=False)
    counted = votes.agg(votes=("coder", "size"), rank=("rank", "min"))
    best = counted.sort_values(["comment", "votes", "rank"], ascending=[True, False, True])
    settled = best.drop_duplicates("comment", ignore_index=True)
    return settled[["comment", "sentiment"]].rename(columns={"sentiment": "label"})


def are_enough(labels: pd.Series) -> bool:
    """Say whether so many comments were coded, of every feeling, that they can teach."""
    counts = labels.value_counts().reindex(list(SENTIMENTS), fill_value=0)
    return len(labels) >= ENOUGH and int(counts.min()) >= ENOUGH_EACH


def _can_teach(coded: pd.DataFrame) -> bool:
    """Say whether every feeling is left in the codings when any part of them is held out."""
    fold = coded["comment_hash"].map(fold_of)
    return all(set(coded.loc[fold != part, "label"].dropna()) == set(SENTIMENTS) for part in range(FOLDS))


def score_by_codings(texts: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Score all texts by those of them that are coded.

    Parameters
    ----------
    texts
        ``comment_hash``, ``text``, ``logit`` (general model), further ``logit_…`` of models taught by ratings of
        other texts, ``label`` (missing where not coded); in order of submission.

    Returns
    -------
    DataFrame
        ``positive`` (probability 0–1) and ``sentiment``, same index.

    Notes
    -----
    Multinomial logistic regression on characters 1–3-gram TF-IDF and the other models' log-odds. A coded text is scored
    by a model taught by the other four fifths of the codings, never by its own. To each feeling's log-odds a
    constant is added, chosen so that among the coded texts each feeling is given as often as people gave it
    (adjusted classify and count: Forman 2008, Data Mining and Knowledge Discovery 17: 164–206): the shares are
    those of the random sample that was coded, carried to all texts, however timid or bold the model is.
    """
    logits = _out_of_fold(texts, seed=seed)
    is_coded = texts["label"].notna().to_numpy()
    shift = _shift(logits[is_coded], texts.loc[is_coded, "label"])
    return _judged(logits + shift, index=texts.index)


def check_codings(coded: pd.DataFrame, codings: pd.DataFrame, *, seed: int) -> list[tuple]:
    """Measure how well later comments are read by what earlier ones taught, and how far coders agree.

    Parameters
    ----------
    coded
        The coded texts, columns as in `score_by_codings`.
    codings
        What the coders said, one row a coder and comment.

    Returns
    -------
    list of tuple
        ``check``, ``n``, ``value``, ``low``, ``high``: 准确率 and 多数类基线准确率 (Wilson), 宏平均F1 and F1 of each
        feeling, the error of each feeling's share in points (t interval of the paired difference), and 标注人一致率
        (Wilson) with Cohen's kappa × 100 (Cohen 1960; interval from its large-sample standard error).
    """
    cut = 2 * len(coded) // 3
    past, later = coded.iloc[:cut], coded.iloc[cut:]
    way = CODED_AND_RATED if coded.filter(regex="^logit_").shape[1] else CODED
    rows = [(way, len(coded), float(len(coded)), None, None)]
    if _can_teach(past) and len(later):
        shift = _shift(_out_of_fold(past, seed=seed), past["label"])
        judged = _judged(_fit(past, seed=seed)(later) + shift, index=later.index)
        rows += _quality(judged["sentiment"], later["label"])
    return [*rows, *_agreement(codings)]


def _fit(coded: pd.DataFrame, *, seed: int) -> Callable[[pd.DataFrame], np.ndarray]:
    """Teach a model; gives a function from texts to log-odds, one column a feeling in the order of `SENTIMENTS`."""
    from sklearn.linear_model import LogisticRegression

    vectorizer = vectorizer_of(longest=3).fit(coded["text"])
    regression = LogisticRegression(C=10, max_iter=2000, random_state=seed)
    regression.fit(features_of(vectorizer, coded), coded["label"].astype(object))
    order = [list(regression.classes_).index(feeling) for feeling in SENTIMENTS]
    return lambda texts: regression.decision_function(features_of(vectorizer, texts))[:, order]


def _out_of_fold(texts: pd.DataFrame, *, seed: int) -> np.ndarray:
    """Score coded texts by the other folds' codings, the rest by the mean of the five models."""
    fold = texts["comment_hash"].map(fold_of).to_numpy()
    is_coded = texts["label"].notna().to_numpy()
    logits = np.zeros((len(texts), len(SENTIMENTS)))
    for part in range(FOLDS):
        model = _fit(texts[is_coded & (fold != part)], seed=seed)
        own, free = is_coded & (fold == part), ~is_coded
        if own.any():
            logits[own] = model(texts[own])
        if free.any():
            logits[free] += model(texts[free]) / FOLDS
    return logits


def _shift(logits: np.ndarray, labels: pd.Series, *, rounds: int = 200) -> np.ndarray:
    """Find the constants with which each feeling is given as often as it was coded."""
    wanted = labels.value_counts(normalize=True).reindex(list(SENTIMENTS)).to_numpy()
    shift, best, least = np.zeros(len(SENTIMENTS)), np.zeros(len(SENTIMENTS)), np.inf
    for step in range(rounds):
        given = np.bincount((logits + shift).argmax(axis=1), minlength=len(SENTIMENTS)) / len(logits)
        if (off := float(np.abs(given - wanted).sum())) < least:
            best, least = shift.copy(), off
        shift = shift + (wanted - given) * 2 / (1 + step / 20)
    return best


def _judged(logits: np.ndarray, *, index: pd.Index) -> pd.DataFrame:
    feelings = np.array(SENTIMENTS, dtype=object)[logits.argmax(axis=1)]
    positive = softmax(logits, axis=1)[:, 0]
    return pd.DataFrame(
        {"positive": positive, "sentiment": pd.Series(feelings, index=index, dtype="str")}, index
    )


def _quality(given: pd.Series, truth: pd.Series) -> list[tuple]:
    n, correct = len(truth), int((given == truth).sum())
    common = int(truth.value_counts().max())
    scores = {feeling: _f1(given == feeling, truth == feeling) for feeling in SENTIMENTS}
    return [
        share_row(f"准确率（{BASIS}）", correct, n),
        (f"宏平均F1（{BASIS}）", n, float(np.nanmean(list(scores.values()))), None, None),
        *[(f"{feeling}F1（{BASIS}）", n, score, None, None) for feeling, score in scores.items()],
        *[_error_row(feeling, given=given, truth=truth) for feeling in SENTIMENTS],
        share_row(f"多数类基线准确率（{BASIS}）", common, n),
    ]


def _f1(given: pd.Series, truth: pd.Series) -> float:
    total = int(given.sum() + truth.sum())
    return 200 * int((given & truth).sum()) / total if total else np.nan


def _error_row(feeling: str, *, given: pd.Series, truth: pd.Series) -> tuple:
    errors = 100.0 * ((given == feeling).astype(float) - (truth == feeling))
    low, high = mean_interval(errors.mean(), errors.std(), len(errors))
    return f"{feeling}份额误差（百分点，{BASIS}）", len(errors), float(errors.mean()), float(low), float(high)


def share_row(check: str, count: int, base: int) -> tuple:
    """Make a row of checks of a share: percent with its Wilson interval."""
    low, high = wilson_interval(count, base)
    return check, base, 100 * count / base, float(low), float(high)


def _agreement(codings: pd.DataFrame) -> list[tuple]:
    """Compare the two coders who read most comments in common."""
    wide = codings.pivot(index="comment", columns="coder", values="sentiment")
    names = wide.notna().sum().sort_values(ascending=False, kind="stable").index[:2]
    both = wide[list(names)].dropna()
    if len(names) < 2 or both.empty:
        return []
    one, other = both[names[0]], both[names[1]]
    low, high = _kappa_interval(one, other)
    return [
        share_row(f"标注人一致率（{BOTH}）", int((one == other).sum()), len(both)),
        (f"标注人Kappa（{BOTH}）", len(both), *(100 * value for value in (_kappa(one, other), low, high))),
    ]


def _kappa(one: pd.Series, other: pd.Series) -> float:
    observed, expected = _agreements(one, other)
    return (observed - expected) / (1 - expected) if expected < 1 else 1.0


def _agreements(one: pd.Series, other: pd.Series) -> tuple[float, float]:
    shares = [
        side.value_counts(normalize=True).reindex(list(SENTIMENTS), fill_value=0) for side in (one, other)
    ]
    return float((one == other).mean()), float((shares[0] * shares[1]).sum())


def _kappa_interval(one: pd.Series, other: pd.Series) -> tuple[float, float]:
    """Give kappa ± 1.96 √(p(1 − p)/n)/(1 − e), with p the observed and e the expected agreement."""
    observed, expected = _agreements(one, other)
    if expected == 1:
        return 1.0, 1.0
    error = norm.ppf(0.975) * np.sqrt(observed * (1 - observed) / len(one)) / (1 - expected)
    return max(_kappa(one, other) - error, -1.0), min(_kappa(one, other) + error, 1.0)

"""What people feel in their comments: the tables made of the scores that annotation gave each text."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc, xlogy

from fbanalysis.analysis.annotation import (
    COMMENT_COLUMNS,
    NEGATIVE,
    POSITIVE,
    SENTIMENTS,
    comment_hash,
    is_text,
)
from fbanalysis.analysis.intervals import percent_of, wilson_interval
from fbanalysis.analysis.significance import adjust
from fbanalysis.analysis.text_models import MASK

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


def with_sentiment(feedback: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    """Join feedback with its comments' ``comment_hash``, ``tokens``, ``positive`` and ``sentiment``.

    Rows without a text stay, with these columns missing.
    """
    texts = feedback.reindex(columns=["comment"])["comment"]
    hashes = texts.where(is_text(texts)).map(comment_hash, na_action="ignore").astype("str")
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
        is_masked=scored["comment"].str.contains(MASK),
    ).sort_values(["stratum", "closeness", "feedback_id"], ascending=[True, False, True])
    fitting = ranked[ranked["length"].between(min_chars, max_chars) & ~ranked["is_masked"]]
    fitting = fitting.drop_duplicates("comment")
    return fitting.groupby("stratum").head(each)[columns].reset_index(drop=True)


def quote_list(
    annotated: pd.DataFrame, *, by: Sequence[str], each: int = 5, without: pd.Series | None = None
) -> pd.DataFrame:
    """Choose the comments that speak most like the class they belong to by several columns together.

    Parameters
    ----------
    by
        Columns that make the classes, such as ``kind`` and ``topic``; columns without any value are left out.
    without
        ``feedback_id`` of comments that stand elsewhere already.

    Returns
    -------
    DataFrame
        The rows of ``annotated`` chosen, class by class and the most typical first; the rule of
        `choose_quotes`.
    """
    known = [name for name in by if annotated[name].notna().any()]
    classes = annotated[known].astype("str").agg("/".join, axis=1).where(annotated[known].notna().all(axis=1))
    taken = [] if without is None else list(without)
    most = each + len(taken)
    chosen = choose_quotes(annotated.assign(stratum=classes), by="stratum", each=most)
    chosen = chosen[~chosen["feedback_id"].isin(taken)].groupby("stratum").head(each)
    return annotated.set_index("feedback_id").loc[chosen["feedback_id"]].reset_index()


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
        ``stratum`` (准确率, 宏平均F1, 多数类基线准确率, …), ``n``, ``value``, ``low``, ``high``, ``unit`` (percent, pp, or
        ratio for kappa), ``decimals`` and ``basis`` (how it was tested: 按时间留出, 全部有评分 or 两人都读过).
    """
    parts = checks["check"].str.extract(
        r"^(?P<name>[^（]+)（(?P<detail>[^）]*(?:按时间留出|全部有评分|两人都读过))）$"
    )
    table = checks.assign(**parts).dropna(subset=["name"])
    detail = table["detail"].str.replace(r"[，,]?(?:按时间留出|全部有评分|两人都读过)$", "", regex=True)
    kind = detail.where(~detail.isin(["", "百分点"]), "")
    is_kappa = table["name"].str.endswith("Kappa")
    unit = np.select([is_kappa, detail.eq("百分点")], ["ratio", "pp"], "percent")
    numbers = table[["value", "low", "high"]].div(np.where(is_kappa, 100, 1), axis=0)
    return pd.DataFrame(
        {
            "stratum": table["name"] + kind.map(lambda text: f"（{text}）" if text else ""),
            "n": table["n"],
            **numbers,
            "unit": unit,
            "decimals": np.where(is_kappa, 2, 1),
            "basis": table["detail"].str.extract("(按时间留出|全部有评分|两人都读过)$")[0],
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

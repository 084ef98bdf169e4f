"""Kano model: what people take for granted, want more of, or are delighted by, from pairs of answers.

It sorts what people say of features that they may never have used; it measures no behaviour.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from fbanalysis.analysis.intervals import percent_of, wilson_interval
from fbanalysis.analysis.significance import ALPHA, DIFFERENT, MINIMUM_BASE, adjust, verdicts
from fbanalysis.schema import KANO_ANSWERS

#: Categories, the one that counts more first where two are given equally often (Berger et al. 1993: M > O > A > I).
CATEGORIES = {"M": "必备", "O": "期望", "A": "魅力", "I": "无差异", "R": "反向", "Q": "可疑"}
#: A feature whose first category does not stand apart from the second.
MIXED = "未定"
ANSWERS_SHOWN = dict(zip(KANO_ANSWERS, ("很喜欢", "理应如此", "无所谓", "能忍受", "很不喜欢"), strict=True))
#: A lead of so many percentage points makes a category strong (Lee and Newcomb 1997).
STRONG_LEAD = 6.0
FONG = "Fong 检验"
#: Rows: how people feel if the feature is there; columns: if it is not; both in the order of `KANO_ANSWERS`.
EVALUATION = pd.DataFrame(
    ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"], index=list(KANO_ANSWERS), columns=["codes"]
)["codes"].apply(lambda codes: pd.Series(list(codes), index=list(KANO_ANSWERS)))


def classify(answers: pd.DataFrame) -> pd.DataFrame:
    """Keep the pairs with both answers, and give each its ``category`` by the evaluation table.

    Notes
    -----
    The 5 × 5 table of Kano et al. [1]_ with the codes of Berger et al. [2]_: M must-be, O one-dimensional, A attractive,
    I indifferent, R reverse, Q questionable (both answers contradict each other).

    .. [1] N. Kano et al. (1984), Journal of the Japanese Society for Quality Control 14: 39–48.
    .. [2] C. Berger et al. (1993), Center for Quality of Management Journal 2(4): 3–36.

    Examples
    --------
    >>> pair = {"feature": ["离线"], "functional": ["like"], "dysfunctional": ["neutral"]}
    >>> classify(pd.DataFrame(pair))["category"].tolist()
    ['A']
    """
    row, column = _places(answers)
    is_known = (row >= 0) & (column >= 0)
    return answers[is_known].assign(category=EVALUATION.to_numpy()[row[is_known], column[is_known]])


def _places(answers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give the row and the column of each pair in the evaluation table; −1 where an answer is missing."""
    order = pd.Index(KANO_ANSWERS)
    sides = [pd.factorize(answers[side]) for side in ("functional", "dysfunctional")]
    row, column = (np.append(order.get_indexer(names), -1)[codes] for codes, names in sides)
    return row, column


def pair_table(answers: pd.DataFrame) -> pd.DataFrame:
    """Count all pairs of answers in the full 5 × 5 table.

    Returns
    -------
    pandas.DataFrame
        25 rows: ``stratum`` ("functional × dysfunctional"), ``row`` (if it is there), ``column`` (if it is not), ``category``
        (Chinese), ``n``, ``base``, ``percent``.
    """
    row, column = _places(answers)
    order, is_known = list(KANO_ANSWERS), (row >= 0) & (column >= 0)
    cells = np.bincount(len(order) * row[is_known] + column[is_known], minlength=len(order) ** 2)
    counts = pd.DataFrame(cells.reshape(len(order), -1), index=order, columns=order)
    rows = [
        (ANSWERS_SHOWN[a], ANSWERS_SHOWN[b], CATEGORIES[EVALUATION.loc[a, b]], int(counts.loc[a, b]))
        for a in order
        for b in order
    ]
    table = pd.DataFrame(rows, columns=["row", "column", "category", "n"])
    table.insert(0, "stratum", table["row"] + " × " + table["column"])
    return table.assign(base=int(cells.sum()), percent=percent_of(table["n"], cells.sum()))


def category_counts(answers: pd.DataFrame) -> pd.DataFrame:
    """Count the categories of every feature: ``stratum``, ``n``, and M, O, A, I, R, Q (pairs)."""
    row, column = _places(answers)
    is_known = (row >= 0) & (column >= 0)
    feature, names = pd.factorize(answers["feature"][is_known].astype("str"))
    category = pd.Index(list(CATEGORIES)).get_indexer(EVALUATION.to_numpy().ravel())
    category = category[len(KANO_ANSWERS) * row[is_known] + column[is_known]]
    cells = np.bincount(len(CATEGORIES) * feature + category, minlength=len(CATEGORIES) * len(names))
    counts = pd.DataFrame(cells.reshape(-1, len(CATEGORIES)), columns=list(CATEGORIES)).astype("int64")
    counts.insert(0, "n", counts.sum(axis=1).astype("int64"))
    counts.insert(0, "stratum", pd.Series(names, dtype="str"))
    return counts


def evaluate(
    answers: pd.DataFrame, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Put every feature into its category, and say how firmly it belongs there.

    Parameters
    ----------
    answers
        Table ``kano``: ``feature``, ``functional``, ``dysfunctional``; all features are one family of tests.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (feature), ``n`` (pairs), ``category`` (Chinese, the most frequent), ``second``, ``percent`` (share of the
        first) with ``low``, ``high`` (Wilson), ``strength`` (its lead, percentage points), ``total_strength`` (share of
        M + O + A), ``is_mixed``, ``settled`` (the category, or 未定 where mixed), ``test``, ``statistic``, ``p_raw``, ``p`` (Holm),
        ``effect`` (lead as a share of both), ``verdict`` (有差异: the first stands apart from the second).

    Notes
    -----
    Of categories given equally often, the one counts that stands first in M > O > A > I > R > Q [1]_. A lead below 6
    points is mixed [2]_, and so is a first that Fong's test does not tell from the second [3]_: z = (a − b)/√((a + b)(2n − a
    − b)/2n) of the two largest counts, two-sided here (Fong's bound of 1.65 is the level of 10 percent). A feature that all
    put into one category has b = 0.

    .. [1] C. Berger et al. (1993), Center for Quality of Management Journal 2(4): 3–36.
    .. [2] M. C. Lee, J. F. Newcomb (1997), Quality Management Journal 4(3): 95–110.
    .. [3] D. Fong (1996), Center for Quality of Management Journal 5(3): 17–23.
    """
    counts = category_counts(answers)
    frequency, n = counts[list(CATEGORIES)].to_numpy(), counts["n"].to_numpy(dtype=float)
    places = np.argsort(-frequency, axis=1, kind="stable")[:, :2]
    first, second = np.take_along_axis(frequency, places, axis=1).T.astype(float)
    names = np.array(list(CATEGORIES.values()), dtype=object)[places].reshape(-1, 2)
    z = fong(first, second, n)
    p = adjust(2 * ndtr(-np.abs(z)))
    verdict = verdicts(
        first - second, p, n, alpha=alpha, minimum_base=minimum_base, words=(DIFFERENT, DIFFERENT)
    )
    strength = percent_of(first - second, n)
    is_mixed = (strength < STRONG_LEAD) | (verdict.astype(str) != DIFFERENT)
    low, high = wilson_interval(first, n)
    return pd.DataFrame(
        {
            "stratum": counts["stratum"],
            "n": counts["n"],
            "category": names[:, 0],
            "second": names[:, 1],
            "percent": percent_of(first, n),
            "low": low,
            "high": high,
            "strength": strength,
            "total_strength": percent_of(counts[["M", "O", "A"]].sum(axis=1), n),
            "is_mixed": is_mixed,
            "settled": np.where(is_mixed, MIXED, names[:, 0]),
            "test": FONG,
            "statistic": z,
            "p_raw": 2 * ndtr(-np.abs(z)),
            "p": p,
            "effect": (first - second) / (first + second),
            "verdict": verdict,
        }
    )


def fong(first: np.ndarray, second: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Give Fong's z of the two most frequent categories' counts; NaN without pairs.

    >>> print(f"{fong(np.array([60.0]), np.array([40.0]), np.array([120.0]))[0]:.3f}")
    2.619
    """
    both = first + second
    spread = both * (2 * n - both) / (2 * n)
    return (first - second) / np.sqrt(np.where(spread > 0, spread, np.nan))


def better_worse(answers: pd.DataFrame) -> pd.DataFrame:
    """Give every feature's Better and Worse coefficients, in percent.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n`` (pairs in A, O, M, I), ``better`` with ``better_low``, ``better_high``, and ``worse`` without its
        customary minus, with ``worse_low``, ``worse_high``.

    Notes
    -----
    Better = (A + O)/(A + O + M + I): of whom it would please to have it; Worse = (O + M)/(A + O + M + I): whom it would
    annoy to miss it (Berger et al. 1993). Reverse and questionable pairs don't count. Wilson intervals; NaN without a pair.
    """
    counts = category_counts(answers)
    n = counts[list("AOMI")].sum(axis=1).astype("int64")
    table = pd.DataFrame({"stratum": counts["stratum"], "n": n})
    for name, pair in {"better": ["A", "O"], "worse": ["O", "M"]}.items():
        count = counts[pair].sum(axis=1)
        low, high = wilson_interval(count, n)
        table = table.assign(**{name: percent_of(count, n), f"{name}_low": low, f"{name}_high": high})
    return table


def category_shares(answers: pd.DataFrame) -> pd.DataFrame:
    """Give the share of every category in every feature: ``stratum``, ``category``, ``n``, ``base``, ``percent``."""
    counts = category_counts(answers)
    table = counts.melt(["stratum", "n"], list(CATEGORIES), "category", "count", ignore_index=False)
    table = table.sort_index(kind="stable").reset_index(drop=True)
    table["category"] = table["category"].map(CATEGORIES)
    table = table.assign(percent=percent_of(table["count"], table["n"])).rename(
        columns={"n": "base", "count": "n"}
    )
    return table[["stratum", "category", "n", "base", "percent"]]


def questionable(answers: pd.DataFrame) -> pd.DataFrame:
    """Give the share of pairs that contradict themselves: one row ``all``: ``n``, ``count``, ``percent``, ``low``, ``high``."""
    counts = category_counts(answers.assign(feature="all"))
    n, count = int(counts["n"].sum()), int(counts["Q"].sum())
    low, high = wilson_interval(count, n)
    row = {"stratum": "all", "n": n, "count": count, "percent": float(percent_of(count, n))}
    return pd.DataFrame([row | {"low": float(low), "high": float(high)}]).head(min(n, 1))


def count_categories(evaluated: pd.DataFrame) -> pd.DataFrame:
    """Count the features: ``stratum`` (all, the categories that stand apart, 未定 for mixed ones), ``n``."""
    kinds = evaluated["settled"].value_counts()
    names = [*CATEGORIES.values(), MIXED]
    rows = [("all", len(evaluated)), *((name, int(kinds.get(name, 0))) for name in names)]
    return pd.DataFrame(rows, columns=["stratum", "n"])

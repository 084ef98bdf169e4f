"""One door to the tests: it picks the right one for the scale, the groups and the bases, and says why.

Where an assumption or a base fails it switches or refuses, and says that too; it never does so silently.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from fbanalysis.analysis.significance.decisions import (
    ALPHA,
    HIGHER,
    LOWER,
    MINIMUM_BASE,
    SMALL_BASE,
    UNTESTABLE,
    verdict_of,
    verdicts,
)
from fbanalysis.analysis.significance.groups import compare_groups, compare_ranks
from fbanalysis.analysis.significance.means import compare_two_groups
from fbanalysis.analysis.significance.paired import PairedTest, mcnemar, pair_scores, paired_t, signed_rank
from fbanalysis.analysis.significance.ranks import (
    BRUNNER_MUNZEL,
    brunner_munzel,
    mann_whitney,
    rank_biserial,
    rank_biserial_interval,
)
from fbanalysis.analysis.significance.shares import FISHER, fisher_exact
from fbanalysis.analysis.significance.tables import association

Scale = Literal["interval", "ordinal", "nominal"]
#: From so many scores a side on Brunner and Munzel's t is near enough (their paper's simulations begin at ten).
ENOUGH_FOR_BRUNNER_MUNZEL = 10


@dataclass(frozen=True)
class Comparison:
    """The test that was chosen, ``why``, and what it came to.

    ``value``, ``low``, ``high`` are the difference of means or of shares where the test has one. ``effect`` is named by
    ``effect_name``. ``pairs`` are the tests of pairs or cells that follow a test of several groups (None else).
    """

    test: str
    why: str
    n: int
    p: float
    verdict: str
    statistic: float = float("nan")
    df: float = float("nan")
    df2: float = float("nan")
    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    effect: float = float("nan")
    effect_low: float = float("nan")
    effect_high: float = float("nan")
    effect_name: str = ""
    pairs: pd.DataFrame | None = None


def compare(
    frame: pd.DataFrame,
    *,
    score: str,
    group: str,
    scale: Scale = "interval",
    paired: str | None = None,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> Comparison:
    """Compare groups by the test that fits: the scale of the score, how many groups, paired or not.

    Parameters
    ----------
    score, group
        The column that is compared (a category for ``nominal``), and the one that makes the groups.
    paired
        The column that says who it is, where the same people are in both groups; else groups are independent.

    Notes
    -----
    ==========  =====================  =============================  ===========================
    scale       two groups             several groups                 the same people twice
    ==========  =====================  =============================  ===========================
    interval    Welch                  Welch's ANOVA, Games–Howell    paired t
    ordinal     Brunner–Munzel, or     Kruskal–Wallis, Dunn           Wilcoxon's signed ranks
                Mann–Whitney if small
    nominal     χ² and residuals, or Fisher's exact test (2 × 2)      McNemar (yes or no)
    ==========  =====================  =============================  ===========================

    Each test's formula and source stand with its own function. A verdict needs ``minimum_base`` in every group. With
    fewer than two groups nothing is tested (基数不足); pairs of more than two groups or categories are 无法检验.

    Examples
    --------
    >>> data = pd.DataFrame({"side": ["a"] * 40 + ["b"] * 40, "score": [1, 2, 3, 4] * 10 + [2, 3, 4, 5] * 10})
    >>> found = compare(data, score="score", group="side", scale="ordinal")
    >>> found.test, found.verdict
    ('Brunner–Munzel 检验', '较低')
    """
    columns = [group, score, *([paired] if paired else [])]
    known = frame[columns].dropna()
    known = known.assign(**{group: known[group].astype("str")})
    names = sorted(known[group].unique())
    if len(names) < 2:
        return _refused("只有一组有数据，没有可比的", n=len(known), verdict=SMALL_BASE)
    options = {"alpha": alpha, "minimum_base": minimum_base}
    if paired:
        return _paired(known, score, group, names, person=paired, scale=scale, **options)
    if scale == "nominal":
        return _nominal(known, score, group, **options)
    if len(names) > 2:
        return _several(known, score, group, scale=scale, **options)
    return _two(known, score, group, names, scale=scale, **options)


def _refused(why: str, *, n: int, verdict: str) -> Comparison:
    return Comparison(test="", why=why, n=n, p=float("nan"), verdict=verdict)


def _two(
    known: pd.DataFrame, score: str, group: str, names: list[str], *, scale: Scale, **options: float
) -> Comparison:
    """Two independent groups: means by Welch, order by Brunner–Munzel or Mann–Whitney."""
    first, other = (known.loc[known[group].eq(name), score].to_numpy(dtype=float) for name in names)
    if scale == "interval":
        row = compare_two_groups(known, score=score, group=group, pair=(names[0], names[1]), **options).iloc[
            0
        ]
        if np.isfinite(row["p"]):
            fields = ("statistic", "df", "value", "low", "high", "effect", "effect_low", "effect_high")
            return Comparison(
                test=row["test"], why="两组均值之差，不设两组离散相等", n=len(known), p=row["p"],
                verdict=row["verdict"], effect_name="Hedges g", **{name: row[name] for name in fields},
            )  # fmt: skip
        return _order(first, other, why="两组都没有离散，或只有一个评分，均值没法检验；改看次序：", **options)
    return _order(first, other, why="评分是有序的等级：", **options)


def _order(first: np.ndarray, other: np.ndarray, *, why: str, alpha: float, minimum_base: int) -> Comparison:
    """Test order; exactly, or nearly so, where Brunner and Munzel's t isn't good enough."""
    n, other_n = len(first), len(other)
    statistic, p = brunner_munzel(first, other)
    effect = rank_biserial(first, other)
    low, high = rank_biserial_interval(effect, n, other_n)
    is_small = min(n, other_n) < ENOUGH_FOR_BRUNNER_MUNZEL
    test, said = BRUNNER_MUNZEL, "比较哪一组更常给得高，不设两组离散相等"
    if is_small or np.isnan(p):
        found = mann_whitney(first, other)
        test, statistic, p = found.test, found.statistic, found.p
        said = "人数太少" if is_small else "两组没有交叠，或全都相同"
        said += "，用" + ("精确的" if found.is_exact else "正态近似的") + "秩和检验"
    words = {"alpha": alpha, "minimum_base": minimum_base, "words": (HIGHER, LOWER)}
    verdict = str(verdicts(effect, p, min(n, other_n), **words))
    return Comparison(
        test=test, why=why + said, n=n + other_n, p=p, verdict=verdict, statistic=statistic, effect=effect,
        effect_low=low, effect_high=high, effect_name="秩二列相关",
    )  # fmt: skip


def _several(known: pd.DataFrame, score: str, group: str, *, scale: Scale, **options: float) -> Comparison:
    """Several independent groups: means by Welch's analysis of variance, order by Kruskal–Wallis."""
    if scale == "interval":
        found = compare_groups(known, score=score, group=group, **options)
        if found.verdict != UNTESTABLE:
            return Comparison(
                test=found.test, why="几组均值，不设各组离散相等；两两比较用 Games–Howell", n=found.n, p=found.p,
                verdict=found.verdict, statistic=found.statistic, df=found.df, df2=found.df2, effect=found.effect,
                effect_low=found.effect_low, effect_high=found.effect_high, effect_name="ω²", pairs=found.pairs,
            )  # fmt: skip
    ranks = compare_ranks(known, score=score, group=group, **options)
    why = "评分是有序的等级" if scale == "ordinal" else "有一组评分全都相同，均值没法检验；改看次序"
    return Comparison(
        test=ranks.test, why=why + "；两两比较用 Dunn，Holm 校正", n=ranks.n, p=ranks.p, verdict=ranks.verdict,
        statistic=ranks.statistic, df=ranks.df, effect=ranks.effect, effect_name="ε²", pairs=ranks.pairs,
    )  # fmt: skip


def _nominal(known: pd.DataFrame, score: str, group: str, *, alpha: float, minimum_base: int) -> Comparison:
    """Two categories: χ² with residuals; exactly where a 2 × 2 table expects too little."""
    link = association(known, row=group, column=score, alpha=alpha, minimum_base=minimum_base)
    counts = pd.crosstab(known[group], known[score]).to_numpy()
    base = int(counts.sum(axis=1).min())
    if link.is_sparse and counts.shape == (2, 2):
        (a, b), (c, d) = counts.tolist()
        _, p = fisher_exact(a, a + b, c, c + d)
        verdict = verdict_of(p, base, alpha=alpha, minimum_base=minimum_base)
        return Comparison(
            test=FISHER, why="期望频数太小，卡方不准；二乘二的表改用精确检验", n=link.n, p=p, verdict=verdict,
            effect=link.effect, effect_name="Cramér V",
        )  # fmt: skip
    if link.is_sparse:
        return _refused(
            "期望频数太小（超过五分之一不足 5，或有不足 1 的），卡方不准；请合并类别",
            n=link.n,
            verdict=SMALL_BASE,
        )
    return Comparison(
        test=link.test, why="两个都是类别；在哪一格看校正残差", n=link.n, p=link.p,
        verdict=verdict_of(link.p, base, alpha=alpha, minimum_base=minimum_base), statistic=link.statistic, df=link.df,
        effect=link.effect, effect_low=link.effect_low, effect_high=link.effect_high, effect_name="Cramér V",
        pairs=link.table,
    )  # fmt: skip


def _paired(
    known: pd.DataFrame,
    score: str,
    group: str,
    names: list[str],
    *,
    person: str,
    scale: Scale,
    **options: float,
) -> Comparison:
    """The same people in two groups: differences within people."""
    if len(names) > 2:
        return _refused("配对的检验只有两次的；请选两组", n=len(known), verdict=UNTESTABLE)
    if scale == "nominal":
        answers = sorted(known[score].unique())
        if len(answers) > 2:
            return _refused("配对的类别只有两类的可检验；请合并类别", n=len(known), verdict=UNTESTABLE)
        known = known.assign(**{score: known[score].eq(answers[-1]).astype("float64")})
    both = pair_scores(known, person=person, score=score, group=group, pair=(names[0], names[1]))
    if both.empty:
        return _refused("没有人两次都答", n=0, verdict=SMALL_BASE)
    test, name, why = _PAIRED[scale]
    found: PairedTest = test(both["first"], both["other"], **options)
    ends = {
        field: getattr(found, field)
        for field in ("value", "low", "high", "effect", "effect_low", "effect_high")
    }
    return Comparison(
        test=found.test, why=why + ("；人数少，p 为精确的" if found.is_exact else ""), n=found.n, p=found.p,
        verdict=found.verdict, statistic=found.statistic, df=found.df, effect_name=name, **ends,
    )  # fmt: skip


_PAIRED = {
    "interval": (paired_t, "d_z", "同一批人的两次评分，看每个人的差"),
    "ordinal": (signed_rank, "配对秩二列相关", "同一批人的两次等级，看差的次序"),
    "nominal": (mcnemar, "Cohen g", "同一批人的两次是非，只看改了的人"),
}

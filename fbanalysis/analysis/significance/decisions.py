"""Adjusted p-values, and what a test came to: verdicts need the adjusted p and a base; they word no sentence."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

ALPHA = 0.05
#: Below this base nothing is concluded.
MINIMUM_BASE = 30
#: Power at which the smallest detectable difference is given.
POWER = 0.8
RISE, FALL = "上升", "下降"
HIGHER, LOWER = "较高", "较低"
MORE, FEWER = "偏多", "偏少"
DIFFERENT, NO_DIFFERENCE = "有差异", "没有差异"
SMALL_BASE = "基数不足"
UNTESTABLE = "无法检验"


def adjust(p: ArrayLike, *, method: Literal["holm", "bh", "bonferroni", "none"] = "holm") -> np.ndarray:
    """Adjust a family of p-values for their number; missing ones stay missing and don't count.

    Parameters
    ----------
    method
        ``holm`` and ``bonferroni`` hold the chance of any false finding, ``bh`` the expected share of
        false ones among the findings.

    Notes
    -----
    For the m p-values that are not NaN, ascending: Holm [1]_ max over j ≤ i of (m − j + 1) p₍ⱼ₎;
    Benjamini–Hochberg [2]_ min over j ≥ i of m p₍ⱼ₎ / j; Bonferroni m p. All cut at 1, as R's ``p.adjust``.

    .. [1] S. Holm (1979), Scandinavian Journal of Statistics 6: 65–70.
    .. [2] Y. Benjamini, Y. Hochberg (1995), JRSS B 57: 289–300.

    Examples
    --------
    >>> adjust([0.04, float("nan"), 0.01, 0.03]).tolist()
    [0.06, nan, 0.03, 0.06]
    """
    p = np.asarray(p, dtype=float)
    adjusted, known = np.full(p.shape, np.nan), np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted[order] = np.minimum(_ADJUSTMENTS[method](p[order], np.arange(1, len(order) + 1)), 1)
    return adjusted


_ADJUSTMENTS = {
    "holm": lambda p, rank: np.maximum.accumulate((len(p) - rank + 1) * p),
    "bh": lambda p, rank: np.minimum.accumulate((len(p) / rank * p)[::-1])[::-1],
    "bonferroni": lambda p, rank: len(p) * p,
    "none": lambda p, rank: p,
}


def verdicts(
    value: ArrayLike,
    p: ArrayLike,
    base: ArrayLike,
    *,
    alpha: float = ALPHA,
    minimum_base: float = MINIMUM_BASE,
    words: tuple[str, str] = (RISE, FALL),
) -> np.ndarray:
    """Say what tests came to: one of the two words, 没有差异, 基数不足 or 无法检验.

    Parameters
    ----------
    value, p, base
        The difference, its adjusted p and the smaller of its two bases.
    words
        What is said of a positive and of a negative difference.

    Notes
    -----
    基数不足 goes before everything, also where the base or the difference is unknown. No difference and no
    spread at all is 没有差异; a difference without any spread has no test and is 无法检验.

    Examples
    --------
    >>> verdicts([0.3, 0.1, -0.3], [0.01, 0.20, 0.01], [900, 900, 12]).tolist()
    ['上升', '没有差异', '基数不足']
    """
    value, p, base = (np.asarray(part, dtype=float) for part in (value, p, base))
    is_small, is_untested = ~(base >= minimum_base) | np.isnan(value), np.isnan(p) & (value != 0)
    conditions = [is_small, is_untested, (p < alpha) & (value > 0), (p < alpha) & (value < 0)]
    chosen = np.select(np.broadcast_arrays(*conditions), range(4), 4)
    return np.array([SMALL_BASE, UNTESTABLE, *words, NO_DIFFERENCE], dtype=object)[chosen]


def verdict_of(p: float, base: float, *, alpha: float, minimum_base: int) -> str:
    """Say what an undirected test came to."""
    return str(verdicts(1, p, base, alpha=alpha, minimum_base=minimum_base, words=(DIFFERENT, DIFFERENT)))

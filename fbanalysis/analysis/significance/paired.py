"""Two scores or answers of the same people: paired t, Wilcoxon's signed ranks and McNemar's test.

People are matched by who they are, never by the order of rows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.significance.decisions import ALPHA, HIGHER, LOWER, MINIMUM_BASE, verdicts
from fbanalysis.analysis.significance.means import noncentrality

PAIRED_T = "配对 t 检验"
SIGNED_RANK = "Wilcoxon 符号秩检验"
MCNEMAR = "McNemar 检验"
#: From so many changed answers on McNemar's p comes from χ², below from the exact binomial distribution.
EXACT_CHANGES = 25


@dataclass(frozen=True)
class PairedTest:
    """A test of paired values, first minus other; ``n`` counts the pairs that were complete.

    ``value``, ``low``, ``high`` are the mean difference (percentage points for McNemar, NaN for ranks); ``effect`` is
    Cohen's d_z, the matched-pairs rank-biserial correlation, or Cohen's g, with its interval where there is one.
    """

    test: str
    n: int
    value: float
    low: float
    high: float
    statistic: float
    df: float
    p: float
    effect: float
    effect_low: float
    effect_high: float
    verdict: str
    is_exact: bool = False


def pair_scores(
    frame: pd.DataFrame, *, person: str, score: str, group: str, pair: tuple[str, str]
) -> pd.DataFrame:
    """Bring two scores of the same people side by side.

    Returns
    -------
    pandas.DataFrame
        ``person``, ``first``, ``other``: those who have both, in the order of ``person``; of several scores in one
        group the mean counts.
    """
    known = frame.loc[frame[group].isin(pair), [person, group, score]].dropna()
    means = known.groupby([person, group], observed=True)[score].mean().unstack(group)
    both = means.reindex(columns=list(pair)).dropna().set_axis(["first", "other"], axis=1)
    return both.rename_axis("person").reset_index()


def _differences(first: ArrayLike, other: ArrayLike) -> np.ndarray:
    gap = np.asarray(first, dtype=float) - np.asarray(other, dtype=float)
    return gap[~np.isnan(gap)]


def _said(value: float, p: float, n: int, *, alpha: float, minimum_base: int) -> str:
    return str(verdicts(value, p, n, alpha=alpha, minimum_base=minimum_base, words=(HIGHER, LOWER)))


def paired_t(
    first: ArrayLike, other: ArrayLike, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> PairedTest:
    """Test whether the mean of paired differences is zero.

    Notes
    -----
    t = d̄ / (s / √n) on n − 1 degrees of freedom [1]_; d_z = d̄ / s, its interval from the non-centrality of t over √n
    [2]_. d_z is larger than Hedges' g where the two scores go together, and is not compared with it. Fewer than two
    pairs, or differences that are all equal, have no test.

    .. [1] Student (1908), Biometrika 6: 1–25.
    .. [2] G. Cumming, S. Finch (2001), Educational and Psychological Measurement 61: 532–574.

    Examples
    --------
    >>> found = paired_t([3, 4, 5, 4], [2, 4, 3, 3], minimum_base=2)
    >>> round(found.statistic, 3), found.df, found.verdict
    (2.449, 3.0, '没有差异')
    """
    gap = _differences(first, other)
    n, value = len(gap), float(gap.mean()) if len(gap) else float("nan")
    sd = float(gap.std(ddof=1)) if n > 1 and np.ptp(gap) > 0 else float("nan")
    df, se = float(max(n - 1, 0)), sd / np.sqrt(max(n, 1))
    t, half = float(value / se), float(stdtrit(max(df, 1), (1 + LEVEL) / 2) * se)
    p = float(2 * stdtr(max(df, 1), -abs(t)))
    ends = (
        float(noncentrality(np.array([t]), np.array([df]), quantile=q)[0] / np.sqrt(max(n, 1)))
        for q in ((1 + LEVEL) / 2, (1 - LEVEL) / 2)
    )
    verdict = _said(value, p, n, alpha=alpha, minimum_base=minimum_base)
    return PairedTest(PAIRED_T, n, value, value - half, value + half, t, df, p, value / sd, *ends, verdict)


def signed_rank(
    first: ArrayLike, other: ArrayLike, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> PairedTest:
    """Test whether paired differences lie around zero, by the ranks of their sizes.

    Notes
    -----
    V sums the ranks of |d| where d > 0, differences of zero left out [1]_; two-sided p exact without ties and with
    fewer than 50 differences, else normal with the variance corrected for ties and a continuity correction. The effect
    is (V − V₋) / (V + V₋), the matched-pairs rank-biserial correlation [2]_, without interval. ``n`` counts the pairs,
    those without a difference too; no difference at all has no test and is 没有差异.

    .. [1] F. Wilcoxon (1945), Biometrics Bulletin 1: 80–83.
    .. [2] D. S. Kerby (2014), Comprehensive Psychology 3: 11.IT.3.1.

    Examples
    --------
    >>> found = signed_rank([3, 4, 5, 4.5], [2, 4, 2.5, 4], minimum_base=2)
    >>> found.statistic, found.p, found.effect
    (6.0, 0.25, 1.0)
    """
    from scipy.stats import rankdata, wilcoxon

    gap = _differences(first, other)
    moved = gap[gap != 0]
    if not len(moved):
        verdict = _said(0.0 if len(gap) else np.nan, np.nan, len(gap), alpha=alpha, minimum_base=minimum_base)
        return PairedTest(SIGNED_RANK, len(gap), *[float("nan")] * 9, verdict)
    ranks = rankdata(np.abs(moved))
    v, total = float(ranks[moved > 0].sum()), float(ranks.sum())
    is_exact = len(moved) < 50 and len(np.unique(np.abs(moved))) == len(moved)
    p = float(wilcoxon(moved, correction=True, method="exact" if is_exact else "asymptotic").pvalue)
    effect, none = 2 * v / total - 1, float("nan")
    verdict = _said(effect, p, len(gap), alpha=alpha, minimum_base=minimum_base)
    return PairedTest(
        SIGNED_RANK, len(gap), none, none, none, v, none, p, effect, none, none, verdict, is_exact
    )


def mcnemar(
    first: ArrayLike,
    other: ArrayLike,
    *,
    correction: bool = True,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> PairedTest:
    """Test whether a yes is as frequent at first as at the other time, among the same people.

    Parameters
    ----------
    first, other
        1 or True for yes, 0 or False for no, NaN for no answer; the same people at the same places.

    Notes
    -----
    `mcnemar_of_counts` of b yes–no and c no–yes.
    """
    a, o = (np.asarray(part, dtype=float) for part in (first, other))
    known = ~(np.isnan(a) | np.isnan(o))
    b, c = int(((a > o) & known).sum()), int(((a < o) & known).sum())
    return mcnemar_of_counts(
        b, c, int(known.sum()), correction=correction, alpha=alpha, minimum_base=minimum_base
    )


def mcnemar_of_counts(
    b: int,
    c: int,
    n: int,
    *,
    correction: bool = True,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> PairedTest:
    """Test b changes from yes to no against c from no to yes, among n people.

    Notes
    -----
    χ² = (|b − c| − 1)² / (b + c) on one degree of freedom, without the 1 where ``correction`` is off [1]_; below
    `EXACT_CHANGES` changes p is exactly binomial. The difference (b − c)/n in percentage points has Agresti and Min's
    interval, half a count added to each cell [2]_. The effect is Cohen's g, the share of the b among the changes less
    a half: 0.05 small, 0.15 medium, 0.25 large (Cohen 1988, chapter 5). Without a change there is no test: 没有差异.

    .. [1] Q. McNemar (1947), Psychometrika 12: 153–157.
    .. [2] A. Agresti, Y. Min (2005), Statistics in Medicine 24: 729–740.

    >>> round(mcnemar_of_counts(150, 86, 1600).statistic, 3)
    16.818
    """
    from statsmodels.stats.contingency_tables import mcnemar as tested

    nan = float("nan")
    value, (low, high) = 100 * (b - c) / n if n else nan, _paired_interval(b, c, n)
    is_exact = b + c < EXACT_CHANGES
    found = tested([[0, b], [c, 0]], exact=is_exact, correction=correction) if b + c else None
    p = float(found.pvalue) if found else nan
    return PairedTest(
        test=MCNEMAR,
        n=n,
        value=value,
        low=low,
        high=high,
        statistic=float(found.statistic) if found and not is_exact else nan,
        df=nan if is_exact else 1.0,
        p=p,
        effect=b / (b + c) - 0.5 if b + c else nan,
        effect_low=nan,
        effect_high=nan,
        verdict=_said(value, p, n, alpha=alpha, minimum_base=minimum_base),
        is_exact=is_exact,
    )


def _paired_interval(b: int, c: int, n: int) -> tuple[float, float]:
    """Agresti and Min's interval of a paired difference, in percentage points."""
    if not n:
        return float("nan"), float("nan")
    from scipy.special import ndtri

    gap, total = (b - c) / (n + 2), n + 2
    half = ndtri((1 + LEVEL) / 2) * np.sqrt(max((b + c + 1) - total * gap**2, 0)) / total
    return 100 * max(gap - half, -1.0), 100 * min(gap + half, 1.0)

"""Power: how many answers a test needs, and the smallest effect that a test which was made could have found."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtri, chndtrinc, fdtri, ncfdtrinc, nctdtrinc, ndtri, stdtrit

from fbanalysis.analysis.significance.decisions import ALPHA, POWER
from fbanalysis.analysis.significance.groups import WELCH_ANOVA
from fbanalysis.analysis.significance.means import WELCH_T
from fbanalysis.analysis.significance.shares import TWO_PROPORTIONS, cohens_h
from fbanalysis.analysis.significance.tables import CHI_SQUARE

#: The measure in which each test's smallest detectable effect is given.
DETECTABLE = {WELCH_T: "d", TWO_PROPORTIONS: "h", WELCH_ANOVA: "f", CHI_SQUARE: "w"}


def n_for_means(d: float, *, alpha: float = ALPHA, power: float = POWER) -> float:
    """Give the answers that each of two groups needs for a difference of d standard deviations.

    Notes
    -----
    Solved from the non-central t of the two-sided test with equal groups [1]_, by statsmodels. Round upwards.

    .. [1] J. Cohen (1988), Statistical Power Analysis, chapter 2.

    >>> round(n_for_means(0.5), 2)
    63.77
    """
    from statsmodels.stats.power import TTestIndPower

    return float(TTestIndPower().solve_power(effect_size=d, alpha=alpha, power=power))


def power_of_means(d: float, *, n: float, alpha: float = ALPHA) -> float:
    """Give the chance that two groups of n answers each show a difference of d standard deviations."""
    from statsmodels.stats.power import TTestIndPower

    return float(TTestIndPower().power(effect_size=d, nobs1=n, alpha=alpha))


def n_for_paired(d_z: float, *, alpha: float = ALPHA, power: float = POWER) -> float:
    """Give the pairs that a paired t test needs for a mean of d_z standard deviations of the differences."""
    from statsmodels.stats.power import TTestPower

    return float(TTestPower().solve_power(effect_size=d_z, alpha=alpha, power=power))


def n_for_shares(
    share: float,
    other_share: float,
    *,
    alpha: float = ALPHA,
    power: float = POWER,
    formula: Literal["normal", "arcsine"] = "normal",
) -> float:
    """Give the answers that each of two groups needs for two shares (0–1) to be told apart.

    Notes
    -----
    (z(1 − α/2) √(2 p̄ q̄) + z(power) √(p₁q₁ + p₂q₂))² / (p₁ − p₂)² [1]_, as R's ``power.prop.test``; or by Cohen's h
    (`n_for_h`). Equal shares would need infinitely many.

    .. [1] J. L. Fleiss, B. Levin, M. C. Paik (2003), Statistical Methods for Rates and Proportions, section 4.2.

    >>> round(n_for_shares(0.50, 0.75, power=0.9), 1)
    76.7
    """
    if share == other_share:
        return float("inf")
    if formula == "arcsine":
        return n_for_h(float(cohens_h(share, other_share)), alpha=alpha, power=power)
    mean = (share + other_share) / 2
    spread = share * (1 - share) + other_share * (1 - other_share)
    root = ndtri(1 - alpha / 2) * np.sqrt(2 * mean * (1 - mean)) + ndtri(power) * np.sqrt(spread)
    return float(root**2 / (share - other_share) ** 2)


def n_for_h(h: float, *, alpha: float = ALPHA, power: float = POWER) -> float:
    """Give the answers that each of two groups needs for Cohen's h: 2 (z(1 − α/2) + z(power))² / h²."""
    return float(2 * (ndtri(1 - alpha / 2) + ndtri(power)) ** 2 / h**2)


def n_for_groups(f: float, *, k: int, alpha: float = ALPHA, power: float = POWER) -> float:
    """Give the answers that each of k groups needs for Cohen's f (0.10 small, 0.25 medium, 0.40 large).

    >>> round(n_for_groups(0.25, k=5), 2)
    39.15
    """
    from scipy.optimize import brentq
    from scipy.special import ncfdtr

    def missing(n: float) -> float:
        df, df2 = k - 1, k * (n - 1)
        return 1 - ncfdtr(df, df2, k * n * f**2, fdtri(df, df2, 1 - alpha)) - power

    return float(brentq(missing, 1.01, 1e7))


def n_for_table(w: float, *, df: int, alpha: float = ALPHA, power: float = POWER) -> float:
    """Give the answers that a table needs in all for Cohen's w (0.1 small, 0.3 medium, 0.5 large).

    Notes
    -----
    λ / w² with the λ under which χ² exceeds its critical value with this chance (Cohen 1988, chapter 7).

    >>> round(n_for_table(0.3, df=1), 1)
    87.2
    """
    return float(chndtrinc(chdtri(df, alpha), df, 1 - power) / w**2)


def detectable_mean(
    n: ArrayLike, other_n: ArrayLike, *, alpha: float = ALPHA, power: float = POWER
) -> np.ndarray:
    """Give the smallest difference of means, in standard deviations, that a test of these bases finds.

    Notes
    -----
    The non-centrality of t under which the upper critical value is exceeded with chance ``power``, times
    √(1/n₁ + 1/n₂) (Cohen 1988, chapter 2). NaN below two answers a side.

    >>> round(float(detectable_mean(64, 64)), 2)
    0.5
    """
    n, other_n = (np.asarray(part, dtype=float) for part in (n, other_n))
    known = (n >= 2) & (other_n >= 2)
    a, b = np.where(known, n, 2.0), np.where(known, other_n, 2.0)
    df = a + b - 2
    found = nctdtrinc(df, 1 - power, stdtrit(df, 1 - alpha / 2)) * np.sqrt(1 / a + 1 / b)
    return np.where(known, found, np.nan)


def detectable_h(
    n: ArrayLike, other_n: ArrayLike, *, alpha: float = ALPHA, power: float = POWER
) -> np.ndarray:
    """Give the smallest Cohen's h that a test of these bases finds: (z(1 − α/2) + z(power)) √(1/n₁ + 1/n₂)."""
    n, other_n = (np.asarray(part, dtype=float) for part in (n, other_n))
    known = (n > 0) & (other_n > 0)
    inverse = 1 / np.where(known, n, 1.0) + 1 / np.where(known, other_n, 1.0)
    return np.where(known, (ndtri(1 - alpha / 2) + ndtri(power)) * np.sqrt(inverse), np.nan)


def detectable_f(n: float, *, k: int, alpha: float = ALPHA, power: float = POWER) -> float:
    """Give the smallest Cohen's f that a comparison of k groups with n answers in all finds; NaN below k + 1."""
    if k < 2 or n <= k:
        return float("nan")
    df, df2 = float(k - 1), float(n - k)
    return float(np.sqrt(ncfdtrinc(df, df2, 1 - power, fdtri(df, df2, 1 - alpha)) / n))


def detectable_w(n: float, *, df: float, alpha: float = ALPHA, power: float = POWER) -> float:
    """Give the smallest Cohen's w that a table with n answers in all finds; NaN without a table."""
    if not (df > 0 and n > 0):
        return float("nan")
    return float(np.sqrt(chndtrinc(chdtri(df, alpha), df, 1 - power) / n))


def smallest_effects(tests: pd.DataFrame, *, alpha: float = ALPHA, power: float = POWER) -> pd.Series:
    """Give the smallest effect that each test of a list could have found, NaN where no formula is known.

    Parameters
    ----------
    tests
        As `all_tests` gives them, with ``other_n`` where two groups were compared.

    Notes
    -----
    d, h, f or w, as `DETECTABLE` says; two groups of which only ``n`` is known count as equally large. Each test for
    itself at ``alpha``: after adjustment a little more is needed. Values say what the design could find, not what the
    data turned out to show.
    """
    other = tests["other_n"] if "other_n" in tests else pd.Series(np.nan, index=tests.index)
    rows = zip(tests["test"], tests["n"], other.fillna(tests["n"]), tests["df"], strict=True)
    found = [_smallest(*row, alpha=alpha, power=power) for row in rows]
    return pd.Series(found, index=tests.index, dtype="float64")


def _smallest(test: str, n: float, other_n: float, df: float, *, alpha: float, power: float) -> float:
    level = {"alpha": alpha, "power": power}
    if test == WELCH_T:
        return float(detectable_mean(n, other_n, **level))
    if test == TWO_PROPORTIONS:
        return float(detectable_h(n, other_n, **level))
    if test == WELCH_ANOVA:
        return detectable_f(n, k=int(df) + 1 if df > 0 else 0, **level)
    return detectable_w(n, df=df, **level) if test == CHI_SQUARE else float("nan")

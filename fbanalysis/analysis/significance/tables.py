"""Two categories of the same rows: the χ² test of independence and the residuals of its cells."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from fbanalysis.analysis.intervals import percent_of
from fbanalysis.analysis.significance.decisions import (
    ALPHA,
    FEWER,
    MINIMUM_BASE,
    MORE,
    adjust,
    verdict_of,
    verdicts,
)
from fbanalysis.analysis.significance.sizes import cramers_v_interval

CHI_SQUARE = "卡方独立性检验"
GOODNESS_OF_FIT = "卡方拟合优度检验"
RESIDUAL = "标准化残差 z 检验"


@dataclass(frozen=True)
class Association:
    """How two categories go together: the test of independence, and where the table departs from it.

    ``table`` has a row a cell: ``stratum`` ("row × column"), ``row``, ``column``, ``count``, ``n`` (row
    total), ``percent`` (of the row), ``expected``, ``test``, ``statistic`` (adjusted residual), ``p_raw``,
    ``p`` (Holm over the cells), ``effect`` (NaN), ``verdict`` (偏多, 偏少, 没有差异, 基数不足). ``effect``
    is Cramér's V with its interval, ``effect_corrected`` the same without its upward bias; ``is_sparse`` says that expected
    counts are too small for the test.
    """

    table: pd.DataFrame
    n: int
    statistic: float
    df: float
    p: float
    effect: float
    effect_corrected: float
    is_sparse: bool
    verdict: str
    test: str = CHI_SQUARE
    effect_low: float = float("nan")
    effect_high: float = float("nan")

    def with_table(self, table: pd.DataFrame) -> "Association":
        """Give the same test with its cells as they may be shown."""
        return replace(self, table=table)


def association(
    frame: pd.DataFrame, *, row: str, column: str, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> Association:
    """Test whether two categories of the same rows are independent, and which cells stand out.

    Notes
    -----
    Pearson's χ² without continuity correction. Cramér's V = √(χ² / (n · min(r − 1, c − 1))); the corrected
    V is Bergsma's [1]_. A cell's adjusted residual (O − E) / √(E (1 − row share)(1 − column share)) is
    normal under independence [2]_. By Cochran's rule [3]_ a table with more than a fifth of the expected
    counts below 5, or one below 1, is sparse and gets 基数不足, as does a cell that expects fewer than 5.
    Rows where either is missing don't count; with a single row or column there is nothing to test.

    .. [1] W. Bergsma (2013), Journal of the Korean Statistical Society 42: 323–328.
    .. [2] S. J. Haberman (1973), Biometrics 29: 205–220.
    .. [3] W. G. Cochran (1954), Biometrics 10: 417–451.
    """
    known = frame[[row, column]].dropna().astype("str").reset_index(drop=True)
    observed = pd.crosstab(known[row], known[column])
    counts, n = observed.to_numpy(dtype=float), len(known)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(n, 1)
    df = float(max(counts.shape[0] - 1, 0) * max(counts.shape[1] - 1, 0))
    statistic = float(((counts - expected) ** 2 / expected).sum()) if df else float("nan")
    p = float(chdtrc(df, statistic)) if df else float("nan")
    plain, corrected = _cramers_v(statistic, n, shape=counts.shape)
    low, high = cramers_v_interval(statistic, n, df=df, smaller=min(counts.shape, default=0) - 1)
    is_sparse = sparse(expected)
    return Association(
        table=_cells(observed, expected, alpha=alpha),
        n=n,
        statistic=statistic,
        df=df,
        p=p,
        effect=plain,
        effect_corrected=corrected,
        effect_low=low,
        effect_high=high,
        is_sparse=is_sparse,
        verdict=verdict_of(p, 0 if is_sparse or not df else n, alpha=alpha, minimum_base=minimum_base),
    )


def sparse(expected: ArrayLike) -> bool:
    """Say whether expected counts are too small for χ²: over a fifth below 5, or any below 1."""
    expected = np.asarray(expected, dtype=float)
    return bool(expected.size == 0 or (expected < 5).mean() > 0.2 or expected.min() < 1)


def _cramers_v(chi2: float, n: int, *, shape: tuple[int, int]) -> tuple[float, float]:
    """Give Cramér's V, plain and with Bergsma's correction."""
    r, c = shape
    if min(r, c) < 2 or n < 2:
        return float("nan"), float("nan")
    plain = np.sqrt(chi2 / (n * (min(r, c) - 1)))
    phi2 = max(0.0, chi2 / n - (r - 1) * (c - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(plain), float(np.sqrt(phi2 / smaller)) if smaller > 0 else float("nan")


def _cells(observed: pd.DataFrame, expected: np.ndarray, *, alpha: float) -> pd.DataFrame:
    """List the cells of a table with their adjusted residuals; see `Association`."""
    counts = observed.to_numpy(dtype=float)
    total = max(counts.sum(), 1)
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    variance = expected * (1 - rows / total) * (1 - columns / total)
    residual = (counts - expected) / np.sqrt(np.where(variance > 0, variance, np.nan))
    names = pd.MultiIndex.from_product([observed.index, observed.columns], names=["row", "column"])
    table = names.to_frame(index=False).astype("str")
    table = table.assign(
        stratum=table["row"].str.cat(table["column"], sep=" × "),
        count=counts.astype("int64").ravel(),
        n=np.repeat(rows.astype("int64").ravel(), counts.shape[1]),
        percent=percent_of(counts, rows).ravel(),
        expected=expected.ravel(),
    )
    tested = residual_tests(residual.ravel(), expected.ravel(), alpha=alpha)
    shown = ["stratum", "row", "column", "count", "n", "percent", "expected"]
    return pd.concat([table[shown], tested], axis=1)


def residual_tests(residual: np.ndarray, expected: np.ndarray, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Judge adjusted residuals as one family: 偏多, 偏少, 没有差异; 基数不足 where fewer than 5 are expected.

    Returns
    -------
    pandas.DataFrame
        ``test``, ``statistic``, ``p_raw`` (two-sided normal), ``p`` (Holm), ``effect`` (NaN), ``verdict``.
    """
    p_raw = 2 * ndtr(-np.abs(residual))
    p = adjust(p_raw)
    verdict = verdicts(residual, p, expected, alpha=alpha, minimum_base=5, words=(MORE, FEWER))
    return pd.DataFrame(
        {
            "test": RESIDUAL,
            "statistic": residual,
            "p_raw": p_raw,
            "p": p,
            "effect": np.nan,
            "verdict": verdict,
        }
    )


def residual_bound(cells: int, *, alpha: float = ALPHA) -> float:
    """Size from which one of many adjusted residuals is no chance: z(1 − α/2m), Bonferroni over the cells.

    >>> round(residual_bound(1), 2), round(residual_bound(21), 2)
    (1.96, 3.04)
    """
    return float(ndtri(1 - alpha / (2 * max(cells, 1))))

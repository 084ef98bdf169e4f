"""Whether items that several questions share measure one thing: alpha, omega and what each item adds.

Everything comes from one covariance matrix; no item is turned round or left out, odd ones are named.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtri

from fbanalysis.analysis.intervals import LEVEL, percent_of
from fbanalysis.analysis.significance import MINIMUM_BASE, SMALL_BASE, UNTESTABLE

#: From here on a scale counts as consistent enough to compare groups (Nunnally 1978).
ACCEPTABLE = 0.7
#: Up to this standardised residual one factor is said to fit (Hu and Bentler 1999).
FITTING = 0.08
RELIABLE, UNRELIABLE, UNDECIDED = "一致", "不够一致", "不能断定"
ITEM_COLUMNS = ["stratum", "n", "mean", "sd", "item_rest_r", "alpha_if_dropped"]
_STEPS, _TOLERANCE = 2000, 1e-9


@dataclass(frozen=True)
class Reliability:
    """How consistently the items of a scale were answered.

    ``n`` respondents answered all ``k`` items, ``n_dropped`` some and not all. ``alpha`` with ``low``,
    ``high``; ``alpha_standardised`` is that of items with equal spread, ``omega`` that of one factor, whose fit
    ``srmr`` tells. ``percent_same`` of the respondents gave one answer throughout. ``items`` has `ITEM_COLUMNS`.
    ``caution`` says what speaks against the figures; empty where nothing does.
    """

    k: int
    n: int
    n_dropped: int
    alpha: float
    low: float
    high: float
    alpha_standardised: float
    omega: float
    srmr: float
    percent_same: float
    items: pd.DataFrame
    caution: str


def wide_items(ratings: pd.DataFrame, *, survey: str | None = None) -> pd.DataFrame:
    """Lay ratings out with a row a respondent and a column an item, in the order of the items' names.

    Parameters
    ----------
    ratings
        Table ``ratings``: ``survey``, ``respondent_id``, ``item``, ``score``.
    survey
        Only this survey; all of them by default, where a respondent's row then holds the items of each.
    """
    rows = ratings if survey is None else ratings.loc[ratings["survey"].eq(survey)]
    people, who = pd.factorize(rows["respondent_id"])
    items, names = pd.factorize(rows["item"], sort=True)
    square = np.full((len(who), len(names)), np.nan)
    square[people, items] = rows["score"].to_numpy(dtype=float, na_value=np.nan)
    return pd.DataFrame(square, columns=list(names), index=pd.Index(who, name="respondent_id"))


def reliability(
    items: pd.DataFrame, *, minimum_base: int = MINIMUM_BASE, level: float = LEVEL
) -> Reliability:
    """Give Cronbach's alpha, McDonald's omega and the statistics of each item.

    Parameters
    ----------
    items
        One numeric column an item, one row a respondent. A row without an answer to each doesn't count.

    Notes
    -----
    With C the covariance matrix: α = k/(k − 1) · (1 − tr C / ΣC) [1]_, its interval 1 − (1 − α) F with the
    quantiles of F(n − 1, (n − 1)(k − 1)) [2]_, as `pingouin.cronbach_alpha` gives it to three places.
    Standardised: the same of the correlations. ω = (Σλ)² / ((Σλ)² + Σψ) [3]_ of one factor, fitted by
    principal axes to a fixed point (the unweighted least-squares solution) and scaled back to the items' spread.
    It needs three items; NaN, and said in ``caution``, where the axes don't settle or an item has no variance
    of its own left (Heywood). Fewer than two items or complete rows, or answers that never differ, give NaN.

    .. [1] L. J. Cronbach (1951), Psychometrika 16: 297–334.
    .. [2] L. S. Feldt (1965), Psychometrika 30: 357–370.
    .. [3] R. P. McDonald (1999), Test Theory, p. 89.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 2, 3, 5, 4], "c": [1, 3, 3, 4, 4]})
    >>> found = reliability(answers)
    >>> f"{found.alpha:.3f} {found.low:.3f} {found.caution}"
    '0.938 0.684 作答齐全的只有 5 人'
    """
    values = items.to_numpy(dtype=float, na_value=np.nan)
    answered = ~np.isnan(values)
    complete = values[answered.all(axis=1)]
    n, k = complete.shape
    covariance = _covariance(complete)
    alpha = _alpha(covariance)
    low, high = _feldt(alpha, n=n, k=k, level=level)
    correlation = _correlation(covariance)
    loading, srmr = _one_factor(correlation)
    sd = np.sqrt(np.diag(covariance))
    table = _item_table(list(map(str, items.columns)), complete, covariance)
    omega = _omega(loading, sd)
    return Reliability(
        k=k,
        n=n,
        n_dropped=int(answered.any(axis=1).sum()) - n if k else 0,
        alpha=alpha,
        low=low,
        high=high,
        alpha_standardised=_alpha(correlation),
        omega=omega,
        srmr=srmr,
        percent_same=float(percent_of((complete == complete[:, :1]).all(axis=1).sum(), n))
        if k > 1
        else np.nan,
        items=table,
        caution=_caution(table, n=n, omega=omega, srmr=srmr, minimum_base=minimum_base),
    )


def reliability_table(
    scales: Mapping[str, Reliability], *, acceptable: float = ACCEPTABLE, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Put several scales into one table, a row each, with what their intervals allow to say.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``k``, ``value`` (alpha), ``low``, ``high``, ``alpha_standardised``, ``omega``, ``srmr``,
        ``percent_same``, ``verdict``, ``caution``.

    Notes
    -----
    一致 where the whole interval lies at ``acceptable`` or above, 不够一致 where it lies below, 不能断定 where it
    contains it; 基数不足 below ``minimum_base``, 无法检验 without an alpha.
    """
    columns = ["k", "alpha", "low", "high", "alpha_standardised", "omega", "srmr", "percent_same", "caution"]
    rows = [
        {"stratum": name, "n": scale.n, **{column: getattr(scale, column) for column in columns}}
        for name, scale in scales.items()
    ]
    table = pd.DataFrame(rows, columns=["stratum", "n", *columns]).rename(columns={"alpha": "value"})
    conditions = [table["n"].lt(minimum_base), table["low"].isna()]
    conditions += [table["low"].ge(acceptable), table["high"].lt(acceptable)]
    words = [SMALL_BASE, UNTESTABLE, RELIABLE, UNRELIABLE]
    verdict = np.select(conditions, words, UNDECIDED) if len(table) else []
    return table.assign(verdict=verdict)[[*table.columns.drop("caution"), "verdict", "caution"]]


def _covariance(complete: np.ndarray) -> np.ndarray:
    """Give the covariances (divisor n − 1); NaN for fewer than two rows, exactly 0 where an item never varies."""
    n, k = complete.shape
    if n < 2 or not k:
        return np.full((k, k), np.nan)
    centred = complete - complete.mean(axis=0)
    centred[:, (complete == complete[0]).all(axis=0)] = 0.0
    return centred.T @ centred / (n - 1)


def _correlation(covariance: np.ndarray) -> np.ndarray:
    sd = np.sqrt(np.diag(covariance))
    return covariance / np.where(np.outer(sd, sd) > 0, np.outer(sd, sd), np.nan)


def _alpha(covariance: np.ndarray) -> float:
    k, total = len(covariance), float(covariance.sum())
    return k / (k - 1) * (1 - float(np.trace(covariance)) / total) if k > 1 and total > 0 else float("nan")


def _feldt(alpha: float, *, n: int, k: int, level: float) -> tuple[float, float]:
    if np.isnan(alpha):
        return float("nan"), float("nan")
    upper, lower = (fdtri(n - 1, (n - 1) * (k - 1), q) for q in ((1 + level) / 2, (1 - level) / 2))
    return float(1 - (1 - alpha) * upper), float(1 - (1 - alpha) * lower)


def _one_factor(correlation: np.ndarray) -> tuple[np.ndarray, float]:
    """Fit one factor by iterated principal axes: loadings and SRMR, NaN where there is no proper solution."""
    k = len(correlation)
    if k < 3 or np.isnan(correlation).any():
        return np.full(k, np.nan), float("nan")
    shared, settled = np.abs(correlation - np.eye(k)).max(axis=0), False
    for _ in range(_STEPS):
        reduced = correlation.copy()
        np.fill_diagonal(reduced, shared)
        size, axis = np.linalg.eigh(reduced)
        loading = axis[:, -1] * np.sqrt(max(size[-1], 0))
        settled = float(np.abs(loading**2 - shared).max()) < _TOLERANCE
        shared = loading**2
        if settled or shared.max() >= 1:
            break
    if not settled or shared.max() >= 1:
        return np.full(k, np.nan), float("nan")
    residual = (correlation - np.outer(loading, loading))[np.tril_indices(k, k=-1)]
    # the diagonal, reproduced exactly, counts among the k(k + 1)/2 elements
    return loading * (np.sign(loading.sum()) or 1), float(np.sqrt((residual**2).sum() / (k * (k + 1) / 2)))


def _omega(loading: np.ndarray, sd: np.ndarray) -> float:
    common = float((loading * sd).sum()) ** 2
    unique = float(((1 - loading**2) * sd**2).sum())
    return common / (common + unique) if common + unique > 0 else float("nan")


def _item_table(names: list[str], complete: np.ndarray, covariance: np.ndarray) -> pd.DataFrame:
    """Give each item's correlation with the sum of the others, and the alpha of the others."""
    n, k = complete.shape
    variance, with_total, total = np.diag(covariance), covariance.sum(axis=1), covariance.sum()
    rest = total - 2 * with_total + variance
    traces = variance.sum() - variance
    spread = np.sqrt(np.where((variance > 0) & (rest > 1e-12 * variance.sum()), variance * rest, np.nan))
    others = (k - 1) / (k - 2) * (1 - traces / np.where(rest > 0, rest, np.nan)) if k > 2 else np.nan
    return pd.DataFrame(
        {
            "stratum": names,
            "n": n,
            "mean": complete.mean(axis=0) if n else np.full(k, np.nan),
            "sd": np.sqrt(variance),
            "item_rest_r": (with_total - variance) / spread,
            "alpha_if_dropped": others,
        },
        columns=ITEM_COLUMNS,
    )


def _caution(items: pd.DataFrame, *, n: int, omega: float, srmr: float, minimum_base: int) -> str:
    """Say what speaks against the figures, in the words of the report."""
    turned = items.loc[items["item_rest_r"].lt(0), "stratum"]
    constant = items.loc[items["sd"].eq(0), "stratum"]
    remarks = [
        (n < minimum_base, f"作答齐全的只有 {n} 人"),
        (len(turned), f"与其余题项负相关，疑为反向计分：{'、'.join(turned)}"),
        (len(constant), f"人人答得一样：{'、'.join(constant)}"),
        (n >= 2 and len(items) < 3, "题项不足三个，不算 ω"),
        (
            n >= 2 and len(items) >= 3 and not len(constant) and np.isnan(omega),
            "单因子模型没有合适的解，不算 ω",
        ),
        (srmr > FITTING, f"单因子拟合欠佳（SRMR {srmr:.2f}），题项可能不止一个维度"),
    ]
    return "；".join(text for applies, text in remarks if applies)

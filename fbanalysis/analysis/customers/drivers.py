"""What an overall score hangs on: shares of explained variance with intervals, and importance against performance.

It shows association: a driver that explains much need not move the score when it is improved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
import pandas as pd
from scipy.special import stdtr

from fbanalysis.analysis.customers.wide import places_of, wide_means
from fbanalysis.analysis.intervals import LEVEL, mean_interval
from fbanalysis.analysis.significance import ALPHA, HIGHER, LOWER, MINIMUM_BASE, adjust, verdicts
from fbanalysis.errors import DataError

#: More drivers than this are refused: the subsets double with each.
MOST_DRIVERS = 12
#: A variance inflation from here on is called high collinearity.
HIGH_VIF = 5.0
#: Up to this many rows the rows are drawn again; above it the moments are, by the central limit theorem.
MOST_RESAMPLED = 20_000
KEEP, IMPROVE, MINOR, EXCESS = "保持", "优先改进", "次要", "过剩"
REGRESSION_T = "回归系数的 t 检验"


@dataclass(frozen=True)
class Drivers:
    """How much of an overall score its drivers explain, each by itself.

    ``table`` has a row a driver, the largest share first: ``stratum``, ``n``, ``mean``, ``mean_low``,
    ``mean_high``, ``gap``, ``gap_low``, ``gap_high`` (mean less that of all drivers), ``r`` (correlation),
    ``lmg``, ``johnson`` (shares of the variance of the outcome), ``value`` (LMG in percent of R²), each with
    ``_low`` and ``_high`` (``value``: ``low``, ``high``), ``beta`` (standardised), ``beta_low``, ``beta_high``,
    ``test``, ``statistic``, ``df``, ``p_raw``, ``p`` (Holm), ``effect`` (beta), ``verdict``, ``vif``.
    ``dropped`` counts rows with a missing value; ``caution`` says in Chinese what weakens the result, or nothing.
    """

    table: pd.DataFrame
    n: int
    dropped: int
    r2: float
    r2_low: float
    r2_high: float
    r2_adjusted: float
    caution: str


def driver_scores(
    ratings: pd.DataFrame, feedback: pd.DataFrame, *, survey: str, by: str = "item"
) -> pd.DataFrame:
    """Put the ratings of a survey beside the overall score that the same people gave.

    Parameters
    ----------
    by
        ``item`` or ``dimension``: the mean of a respondent's items of a dimension.

    Returns
    -------
    pandas.DataFrame
        A row a respondent with both: ``outcome`` and a column an item, in the order of the survey. Of several
        overall scores of a respondent the first counts.
    """
    rows = ratings.loc[ratings["survey"].eq(survey), ["respondent_id", by, "score"]]
    wide = wide_means(rows, index="respondent_id", columns=by, value="score")
    known = feedback[["submitted_at", "respondent_id", "overall_score"]].dropna(
        subset=["overall_score", "respondent_id"]
    )
    place = places_of(known["respondent_id"], wide.index)
    known = known.assign(place=place)[place >= 0][["submitted_at", "place", "overall_score"]]
    known = known.sort_values("submitted_at", kind="stable").drop_duplicates("place")
    outcome = known.set_index("place")["overall_score"].reindex(range(len(wide)))
    wide = wide.rename_axis(columns=None).astype("float64")
    wide.insert(0, "outcome", outcome.to_numpy(dtype=float, na_value=np.nan))
    return wide.dropna(subset=["outcome"]).reset_index(drop=True)


def explain(
    scores: pd.DataFrame,
    *,
    outcome: str = "outcome",
    seed: int,
    draws: int = 500,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> Drivers:
    """Share the explained variance of an outcome among its drivers, with intervals.

    Parameters
    ----------
    scores
        The outcome and a numeric column a driver, at most `MOST_DRIVERS`; rows with a missing value are left out,
        and so are drivers that are all equal.

    Raises
    ------
    DataError
        More drivers than `MOST_DRIVERS`: group them first.

    Notes
    -----
    LMG [1]_ [2]_, the Shapley value of R²: what a driver adds to R², averaged over all orders of entering. Johnson's
    relative weights [3]_ approximate it through the nearest orthogonal variables. Both sum to R². Standardised betas
    with HC3 errors [4]_ beside them; p adjusted by Holm over the drivers. Intervals of the shares are percentile
    intervals of ``draws`` samples drawn again from the rows; above `MOST_RESAMPLED` rows the second moments are drawn
    from their normal limit, which needs no rows. A share can't fall below zero: a driver without any weight has an
    interval that begins just above zero. Fewer rows than ``minimum_base``, or than five a driver, give no intervals,
    and fewer than drivers + 3 or an outcome without spread give a table without rows.

    .. [1] R. H. Lindeman, P. F. Merenda, R. Z. Gold (1980), Introduction to Bivariate and Multivariate Analysis, p. 119.
    .. [2] U. Grömping (2006), Journal of Statistical Software 17 (1).
    .. [3] J. W. Johnson (2000), Multivariate Behavioral Research 35: 1–19.
    .. [4] J. G. MacKinnon, H. White (1985), Journal of Econometrics 29: 305–325.
    """
    known, names = _usable(scores, outcome=outcome)
    n = len(known)
    if len(names) > MOST_DRIVERS:
        raise DataError(f"自变量 {len(names)} 个，超过 {MOST_DRIVERS} 个：子集太多，请先按维度合并")
    if not names or n < len(names) + 3 or known[outcome].nunique() < 2:
        return Drivers(_EMPTY.copy(), n, len(scores) - n, *(float("nan"),) * 4, caution="基数不足")
    values = known[[*names, outcome]].to_numpy(dtype=float)
    moments = np.cov(values, rowvar=False)[None]
    is_enough = n >= max(minimum_base, 5 * len(names))
    drawn = _draw_moments(values, draws=draws if is_enough else 0, rng=np.random.default_rng(seed))
    shares, again = _shares(moments), _shares(drawn)
    table = pd.DataFrame({"stratum": names, "n": n})
    table = _with_performance(table, values[:, :-1])
    table = _with_shares(table, shares, again).assign(**_regression(values, alpha=alpha, base=minimum_base))
    table["vif"] = shares["vif"][0]
    r2 = float(shares["r2"][0])
    low, high = _percentiles(again["r2"])
    return Drivers(
        table=table[list(_EMPTY.columns)].sort_values(
            "value", ascending=False, kind="stable", ignore_index=True
        ),
        n=n,
        dropped=len(scores) - n,
        r2=100 * r2,
        r2_low=100 * float(low),
        r2_high=100 * float(high),
        r2_adjusted=100 * (1 - (1 - r2) * (n - 1) / (n - len(names) - 1)),
        caution=_caution(table, is_enough=is_enough),
    )


def _usable(scores: pd.DataFrame, *, outcome: str) -> tuple[pd.DataFrame, list[str]]:
    """Keep complete rows, and the drivers that have any spread in them."""
    known = scores.dropna()
    names = [name for name in known.columns if name != outcome and known[name].nunique() > 1]
    return known, names


def _caution(table: pd.DataFrame, *, is_enough: bool) -> str:
    highest = table["vif"].max()
    told = "样本不够算区间" if not is_enough else ""
    if not highest < HIGH_VIF:
        told += ("；" if told else "") + "题项之间高度相关，各自的份额难以分清"
    return told


# ---------------------------------------------------------------- moments


def _draw_moments(values: np.ndarray, *, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw covariance matrices of samples drawn again: a stack of ``draws`` of them."""
    n, q = values.shape
    if not draws:
        return np.full((1, q, q), np.nan)
    left, right = np.triu_indices(q)
    centred = values - values.mean(axis=0)
    products = np.hstack([centred, centred[:, left] * centred[:, right]])
    again = (
        _resampled(products, draws=draws, rng=rng) if n <= MOST_RESAMPLED else _normal(products, draws, rng)
    )
    square = np.empty((draws, q, q))
    square[:, left, right] = again[:, q:] - again[:, left] * again[:, right]
    square[:, right, left] = square[:, left, right]
    return square


def _resampled(products: np.ndarray, *, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Give the means of samples drawn with replacement, by how often each row was drawn; in blocks of draws."""
    n, block = len(products), 50
    means = []
    for start in range(0, draws, block):
        size = min(block, draws - start)
        picked = rng.integers(0, n, (size, n)) + n * np.arange(size)[:, None]
        counts = np.bincount(picked.ravel(), minlength=size * n).reshape(size, n)
        means.append(counts @ products / n)
    return np.concatenate(means)


def _normal(products: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the means from their normal limit."""
    spread = np.cov(products, rowvar=False) / len(products)
    return rng.multivariate_normal(
        products.mean(axis=0), spread, size=draws, method="eigh", check_valid="ignore"
    )


# ---------------------------------------------------------------- shares of R²


def _shares(covariances: np.ndarray) -> dict[str, np.ndarray]:
    """Give ``lmg``, ``johnson``, ``beta``, ``r``, ``vif``, ``r2`` of a stack of covariance matrices, outcome last."""
    spread = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    with np.errstate(invalid="ignore", divide="ignore"):
        related = covariances / spread[:, :, None] / spread[:, None, :]
    bad = ~np.isfinite(related).all(axis=(1, 2))
    related[bad] = np.eye(related.shape[1])
    inner, outer = related[:, :-1, :-1], related[:, :-1, -1]
    inverse = np.linalg.pinv(inner, hermitian=True)
    found = {
        "lmg": lmg(related),
        "johnson": johnson_weights(related),
        "beta": np.einsum("dij,dj->di", inverse, outer),
        "r": outer.copy(),
        "vif": np.where(_is_singular(inner)[:, None], np.inf, np.diagonal(inverse, axis1=1, axis2=2)),
    }
    found["r2"] = found["lmg"].sum(axis=1)
    for part in found.values():
        part[bad] = np.nan
    return found


def _is_singular(inner: np.ndarray) -> np.ndarray:
    return np.linalg.eigvalsh(inner)[:, 0] < 1e-10


def lmg(correlations: np.ndarray) -> np.ndarray:
    """Share R² among the drivers by the mean of what each adds, over all orders of entering.

    Parameters
    ----------
    correlations
        A stack of correlation matrices (draws × q × q); the outcome is last.

    Returns
    -------
    numpy.ndarray
        draws × drivers; the rows sum to R².

    Notes
    -----
    Σ over sets S without j of |S|! (p − 1 − |S|)! / p! · (R²(S ∪ j) − R²(S)) (Lindeman, Merenda & Gold 1980, p.
    119). All 2ᵖ values of R² come from pivoting once a set; a driver that others give exactly adds nothing to them.

    Examples
    --------
    >>> related = np.array([[[1.0, 0.5, 0.6], [0.5, 1.0, 0.4], [0.6, 0.4, 1.0]]])
    >>> print(lmg(related).round(3).tolist())
    [[0.287, 0.087]]
    """
    p = correlations.shape[1] - 1
    r2 = np.zeros((2**p, len(correlations)))
    _explained(correlations, r2, chosen=0, first=0)
    sets = np.arange(2**p)
    sizes = sum((sets >> place) & 1 for place in range(p))
    weights = np.array([factorial(s) * factorial(p - 1 - s) / factorial(p) for s in range(p)])
    shares = np.empty((len(correlations), p))
    for place in range(p):
        without = sets[(sets >> place) & 1 == 0]
        shares[:, place] = weights[sizes[without]] @ (r2[without | (1 << place)] - r2[without])
    return shares


def _explained(rest: np.ndarray, r2: np.ndarray, *, chosen: int, first: int) -> None:
    """Fill in R² of every set that extends ``chosen`` by drivers from ``first`` on.

    ``rest`` is what remains of the correlations of those drivers and of the outcome, given the chosen ones.
    """
    for place in range(rest.shape[1] - 1):
        pivot = rest[:, place, place]
        line = rest[:, place, place + 1 :]
        scale = np.where(pivot > 1e-10, 1 / np.where(pivot > 1e-10, pivot, 1.0), 0.0)
        after = rest[:, place + 1 :, place + 1 :] - scale[:, None, None] * line[:, :, None] * line[:, None, :]
        extended = chosen | (1 << (first + place))
        r2[extended] = 1 - after[:, -1, -1]
        _explained(after, r2, chosen=extended, first=first + place + 1)


def johnson_weights(correlations: np.ndarray) -> np.ndarray:
    """Share R² among the drivers through the orthogonal variables that are nearest to them.

    Notes
    -----
    With the inner correlations P D P′: Λ = P √D P′, β = Λ⁻¹ r, weight εⱼ = Σₖ Λⱼₖ² βₖ² (Johnson 2000). Takes and
    gives what `lmg` does.
    """
    inner, outer = correlations[:, :-1, :-1], correlations[:, :-1, -1]
    sizes, vectors = np.linalg.eigh(inner)
    roots = np.sqrt(np.clip(sizes, 0, None))
    inverted = np.where(roots > 1e-6, 1 / np.where(roots > 1e-6, roots, 1.0), 0.0)
    link = np.einsum("dij,dj,dkj->dik", vectors, roots, vectors)
    slopes = np.einsum("dij,dj,dkj,dk->di", vectors, inverted, vectors, outer)
    return np.einsum("dij,dj->di", link**2, slopes**2)


# ---------------------------------------------------------------- the table


def _percentiles(drawn: np.ndarray) -> np.ndarray:
    tails = [50 * (1 - LEVEL), 50 * (1 + LEVEL)]
    return np.percentile(drawn, tails, axis=0)


def _with_shares(
    table: pd.DataFrame, shares: dict[str, np.ndarray], again: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Add the shares with their intervals; ``value`` is LMG in percent of R²."""
    parts = {"r": shares["r"][0]}
    for name in ("lmg", "johnson"):
        low, high = _percentiles(again[name])
        parts |= {name: shares[name][0], f"{name}_low": low, f"{name}_high": high}
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = _percentiles(100 * again["lmg"] / again["r2"][:, None])
        parts |= {"value": 100 * shares["lmg"][0] / shares["r2"][0], "low": low, "high": high}
    return table.assign(**parts)


def _with_performance(table: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    """Add the means, and how far each lies from the mean of all; the same people answered, so pairs count."""
    n, mean, sd = len(values), values.mean(axis=0), values.std(axis=0, ddof=1)
    low, high = mean_interval(mean, sd, n)
    apart = values - values.mean(axis=1, keepdims=True)
    gap_low, gap_high = mean_interval(apart.mean(axis=0), apart.std(axis=0, ddof=1), n)
    return table.assign(
        mean=mean, mean_low=low, mean_high=high, gap=apart.mean(axis=0), gap_low=gap_low, gap_high=gap_high
    )


def _regression(values: np.ndarray, *, alpha: float, base: int) -> dict[str, np.ndarray]:
    """Regress the standardised outcome on the standardised drivers, with HC3 errors."""
    import statsmodels.api as sm
    from scipy.special import stdtrit

    n, q = values.shape
    scaled = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    df = float(n - q)
    model = sm.OLS(scaled[:, -1], sm.add_constant(scaled[:, :-1], has_constant="add"))
    if np.linalg.matrix_rank(scaled[:, :-1]) < q - 1:
        beta, error = np.full(q - 1, np.nan), np.full(q - 1, np.nan)
    else:
        fit = model.fit(cov_type="HC3")
        beta, error = fit.params[1:], fit.bse[1:]
    error = np.where(error > 0, error, np.nan)
    half, statistic = stdtrit(df, (1 + LEVEL) / 2) * error, beta / error
    p_raw = 2 * stdtr(df, -np.abs(statistic))
    p = adjust(p_raw)
    return {
        "beta": beta,
        "beta_low": beta - half,
        "beta_high": beta + half,
        "test": np.full(q - 1, REGRESSION_T, dtype=object),
        "statistic": statistic,
        "df": np.full(q - 1, df),
        "p_raw": p_raw,
        "p": p,
        "effect": beta,
        "verdict": verdicts(
            np.nan_to_num(beta, nan=1.0), p, n, alpha=alpha, minimum_base=base, words=(HIGHER, LOWER)
        ),
    }


_NUMBERS = (
    "n mean mean_low mean_high gap gap_low gap_high r lmg lmg_low lmg_high johnson johnson_low johnson_high value "
    "low high beta beta_low beta_high test statistic df p_raw p effect verdict vif"
)
_EMPTY = pd.DataFrame(
    {"stratum": pd.Series(dtype="str")}
    | {
        name: pd.Series(dtype={"n": "int64", "test": "object", "verdict": "object"}.get(name, "float64"))
        for name in _NUMBERS.split()
    }
)


# ---------------------------------------------------------------- importance against performance


def importance_performance(table: pd.DataFrame) -> pd.DataFrame:
    """Say into which of four fields each driver falls, and whether that is certain.

    Parameters
    ----------
    table
        As `explain` gives it.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``importance``, ``importance_low``, ``importance_high`` (percent of R²),
        ``performance``, ``performance_low``, ``performance_high`` (mean), ``importance_split``,
        ``performance_split``, ``field`` (优先改进, 保持, 次要, 过剩), ``is_certain``.

    Notes
    -----
    Martilla and James [1]_, the cross at the mean of each axis: the shares of p drivers have the mean 100 / p
    whatever the data, and the performances are compared with the mean of the same people's answers. A field is
    certain where neither interval holds its split; without intervals none is.

    .. [1] J. A. Martilla, J. C. James (1977), Journal of Marketing 41 (1): 77–79.
    """
    split = 100 / max(len(table), 1)
    is_important, is_good = table["value"].ge(split), table["gap"].ge(0)
    fields = np.select(
        [part.to_numpy() for part in (is_important & ~is_good, is_important, ~is_good)],
        [IMPROVE, KEEP, MINOR],
        EXCESS,
    )
    is_apart = (table["low"].gt(split) | table["high"].lt(split)) & (
        table["gap_low"].gt(0) | table["gap_high"].lt(0)
    )
    shown = {
        "value": "importance",
        "low": "importance_low",
        "high": "importance_high",
        "mean": "performance",
        "mean_low": "performance_low",
        "mean_high": "performance_high",
    }
    return (
        table[["stratum", "n", *shown]]
        .rename(columns=shown)
        .assign(
            importance_split=split,
            performance_split=table["mean"].mean(),
            field=pd.Series(fields, index=table.index, dtype="str"),
            is_certain=is_apart,
        )
    )


def compare_waves(now: Drivers, before: Drivers, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Compare the shares of two waves of other people: did the weight of a driver change.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n`` (the smaller wave), ``percent``, ``prior_percent``, ``value`` (percentage points),
        ``low``, ``high``, ``p_raw``, ``p`` (Holm), ``effect`` (value over the standard error), ``verdict``; drivers
        that both waves have.

    Notes
    -----
    Each wave's standard error is the width of its interval over 2 · 1.96; the difference is taken as normal with the
    root of the sum of squares. The change of a share says nothing of its cause.
    """
    columns = ["stratum", "value", "low", "high"]
    both = now.table[columns].merge(before.table[columns], on="stratum", suffixes=("", "_prior"))
    spread = np.hypot(both["high"] - both["low"], both["high_prior"] - both["low_prior"]) / 2
    value = both["value"] - both["value_prior"]
    z = value / (spread / 1.959964).where(spread > 0)
    p_raw = 2 * stdtr(np.inf, -np.abs(z)) if len(both) else np.zeros(0)
    p, base = adjust(p_raw), float(min(now.n, before.n))
    return pd.DataFrame(
        {
            "stratum": both["stratum"],
            "n": base,
            "percent": both["value"],
            "prior_percent": both["value_prior"],
            "value": value,
            "low": value - spread,
            "high": value + spread,
            "p_raw": p_raw,
            "p": p,
            "effect": z,
            "verdict": verdicts(value, p, base, alpha=alpha),
        }
    )


def surveys_with_overall(ratings: pd.DataFrame, feedback: pd.DataFrame) -> Sequence[str]:
    """Name the surveys whose respondents also gave an overall score, the one with most of them first."""
    people = feedback.loc[feedback["overall_score"].notna(), "respondent_id"].dropna().unique()
    respondent, names = pd.factorize(ratings["respondent_id"])
    is_heard = places_of(names, people) >= 0
    is_known = (respondent >= 0) & is_heard[respondent]
    known = pd.DataFrame({"survey": ratings["survey"][is_known], "respondent": respondent[is_known]})
    return known.drop_duplicates()["survey"].value_counts().index.tolist()

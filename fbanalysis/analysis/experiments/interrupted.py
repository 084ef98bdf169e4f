"""Interrupted time series: did the level or the slope of a series change at a moment, and what would have come without.

One series without a control: whatever else began at that moment is in the result too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from fbanalysis.analysis.significance import ALPHA, UNTESTABLE, adjust, verdicts
from fbanalysis.errors import DataError, listed

#: Fewer points than this before or after are not judged.
FEWEST_POINTS = 8
LEVEL, SLOPE, AVERAGE = "水平", "趋势", "平均"
METHOD = "中断时间序列，分段回归；一阶自相关，限制似然加权，Holm 校正"
AUTO, PLAIN = "auto", "plain"
#: Durbin–Watson outside of this: neighbours hang together, plain errors are too small.
WATSON = (1.5, 2.5)
#: Correlations of neighbours that are gone through.
_CORRELATIONS = np.linspace(-0.5, 0.98, 75)
#: Days of a step, the length of a cycle in steps, and how many pairs of waves stand for it.
_CYCLES = {1: 7, 7: 52, 30: 12, 91: 4}
_SERIES = {"period": "datetime64[us]", "value": "float64"}
_COLUMNS = [
    "stratum", "n", "n_before", "n_after", "value", "low", "high", "p_raw", "p", "effect", "verdict",
    "slope", "slope_low", "slope_high", "slope_p", "slope_verdict", "average", "average_low", "average_high",
    "correlation", "durbin_watson", "caution",
]  # fmt: skip


@dataclass(frozen=True)
class Interruption:
    """A segmented regression: its terms, the course with and without the interruption, and how it was fitted.

    ``terms`` has the rows 水平, 趋势 and 平均 (mean distance from the course without it): ``stratum``, ``n``,
    ``value``, ``low``, ``high``, ``p_raw``, ``effect`` (over the residual standard deviation). ``course``
    has ``period``, ``value``, ``fitted``, ``expected`` (without the interruption), ``expected_low``,
    ``expected_high``, ``is_after``, ``is_lost`` (always False: no loss is claimed). ``caution`` is empty where nothing
    is to be said; then all terms may be read.
    """

    terms: pd.DataFrame
    course: pd.DataFrame
    n_before: int
    n_after: int
    lag: int
    correlation: float
    durbin_watson: float
    dispersion: float
    season: int
    caution: str


def interrupt(
    series: pd.DataFrame,
    *,
    at: object,
    lag: int | str = AUTO,
    has_season: bool | None = None,
    base: str | None = None,
    has_slope: bool = True,
) -> Interruption:
    """Fit a line before and after a moment, and say how far level and slope changed at it.

    Parameters
    ----------
    series
        ``period``, ``value``, a row a period; with ``base`` counts.
    at
        The first period that contains it, or begins after it, is the first one after.
    lag
        Neighbours that may hang together, for Newey and West's errors: a number, or `AUTO` as below; `PLAIN` for
        the errors of independent periods.
    has_season
        Take out the calendar's cycle (week of days, year of weeks, months or quarters); default where two are seen.
    base
        Column of what the counts come from: quasi-Poisson with its logarithm as offset; terms are then percent.
    has_slope
        Without it only the level changes.

    Raises
    ------
    DataError
        Periods that repeat.

    Notes
    -----
    value = a + b·t + level·after + slope·(t − t₀)·after (+ season), t₀ the first period after [1]_: level is read at
    t₀. By default neighbours hang together (autoregression of order 1): Prais and Winsten's least squares for every
    correlation from −0.5 to 0.98, averaged with its restricted likelihood as weight [2]_, so that not to know the
    correlation widens the interval; t(n − k). Plugging one estimate in, or Newey and West's errors [3]_ (with a given
    lag, corrected by n/(n − k)), find too much in series of this length. Counts: φ from Pearson's χ², normal
    quantiles, no allowance for neighbours. Season: dummies of the months, quarters or weekdays, two pairs of waves of
    the weeks. Fewer than eight points on a side [4]_, or no degrees of freedom, give NaN and a caution; so does, of
    counts, Durbin and Watson's statistic outside of 1.5–2.5. A period that is missing counts as none between its
    neighbours for the correlation.

    .. [1] J. Lopez Bernal, S. Cummins, A. Gasparrini (2017), International Journal of Epidemiology 46: 348–355.
    .. [2] D. A. Harville (1974), Biometrika 61: 383–385; S. L. Turner et al. (2021), BMC Medical Research
       Methodology 21: 181, on short series.
    .. [3] W. K. Newey, K. D. West (1987), Econometrica 55: 703–708.
    .. [4] R. B. Penfold, F. Zhang (2013), Academic Pediatrics 13: S38–S44.

    Examples
    --------
    >>> weeks = pd.date_range("2023-01-02", periods=20, freq="7D")
    >>> values = [10, 11] * 5 + [15, 16] * 5
    >>> found = interrupt(pd.DataFrame({"period": weeks, "value": values}), at=weeks[10])
    >>> found.terms["value"].round(2).tolist()
    [4.92, 0.0, 4.92]
    """
    rows = _ordered(series, base=base)
    t = _steps(rows["period"])
    is_after = (rows["period"] >= _first_after(rows["period"], at)).to_numpy()
    season = _season(rows["period"], wanted=has_season)
    start = t[is_after][0] if is_after.any() else 0.0
    ramp = [np.where(is_after, t - start, 0.0)] if has_slope else []
    design = np.column_stack([np.ones(len(t)), t, is_after.astype(float), *ramp, season])
    sides = int((~is_after).sum()), int(is_after.sum())
    caution = _refusal(sides, design)
    if caution:
        return _nothing(rows, is_after, sides=sides, season=season.shape[1], caution=caution)
    fitted = _counts(rows, design, base) if base else _line(rows, design, lag=lag)
    return _found(rows, design, is_after, fitted, has_slope=has_slope, season=season.shape[1])


@dataclass(frozen=True)
class _Fit:
    """Coefficients and covariances, a row a correlation of neighbours that may be, and how likely each is.

    ``df`` is infinite for normal quantiles; ``is_log`` says that the coefficients are those of counts.
    """

    params: np.ndarray
    cov: np.ndarray
    weights: np.ndarray
    df: float
    residuals: np.ndarray
    sd: float
    lag: int
    correlation: float
    dispersion: float
    is_log: bool
    base: np.ndarray


def _ordered(series: pd.DataFrame, *, base: str | None) -> pd.DataFrame:
    wanted = ["period", "value", *([base] if base else [])]
    rows = series[wanted].dropna().astype(_SERIES).sort_values("period", ignore_index=True)
    if rows["period"].duplicated().any():
        again = rows.loc[rows["period"].duplicated(), "period"].dt.strftime("%Y-%m-%d")
        raise DataError(f"时间序列的时期{listed(again)}有不止一个值；请先汇总")
    return rows


def _step_days(periods: pd.Series) -> float:
    return float(periods.diff().dt.days.median()) if len(periods) > 1 else 1.0


def _steps(periods: pd.Series) -> np.ndarray:
    """Count periods from the first one; a missing period leaves its place."""
    if len(periods) < 2:
        return np.zeros(len(periods))
    days, step = (periods - periods.iloc[0]).dt.days.to_numpy(float), _step_days(periods)
    months = 12 * periods.dt.year + periods.dt.month
    counted = (months - months.iloc[0]).to_numpy(float)
    return counted // max(round(step / 30.4), 1) if step > 27 else np.round(days / step)


def _first_after(periods: pd.Series, at: object) -> pd.Timestamp:
    """Give the start of the period that contains a moment."""
    moment = pd.Timestamp(at)  # type: ignore[arg-type]
    if periods.empty or moment <= periods.iloc[0]:
        return moment
    last = periods.iloc[-1] + pd.Timedelta(days=_step_days(periods))
    return periods[periods <= moment].iloc[-1] if moment < last else moment


def _season(periods: pd.Series, *, wanted: bool | None) -> np.ndarray:
    """Give columns for the calendar's cycle; none where fewer than two cycles are seen."""
    none, days = np.empty((len(periods), 0)), _step_days(periods)
    step = min(_CYCLES, key=lambda one: abs(one - days))
    if wanted is False or len(periods) < 2 * _CYCLES[step]:
        return none
    if step == 7:
        angle = 2 * np.pi * periods.dt.day_of_year.to_numpy(float) / 365.25
        return np.column_stack([wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)])
    names = {1: periods.dt.day_of_week, 30: periods.dt.month, 91: periods.dt.quarter}[step]
    return pd.get_dummies(names, drop_first=True, dtype=float).to_numpy()


def _refusal(sides: tuple[int, int], design: np.ndarray) -> str:
    if min(sides) < FEWEST_POINTS:
        return f"前后至少各要 {FEWEST_POINTS} 期，实有前 {sides[0]} 期、后 {sides[1]} 期"
    if len(design) <= design.shape[1] + 2 or np.linalg.matrix_rank(design) < design.shape[1]:
        return "期数不够定出季节与趋势"
    return ""


def _line(rows: pd.DataFrame, design: np.ndarray, *, lag: int | str) -> _Fit:
    from statsmodels.regression.linear_model import OLS

    n, k = design.shape
    y = rows["value"].to_numpy(float)
    plain = OLS(y, design).fit()
    sd, ones = float(np.sqrt(plain.mse_resid)), np.ones(n)
    sd = sd if sd > 1e-9 * float(np.abs(y).max()) else 0.0
    if lag == AUTO and sd > 0:
        params, cov, weights, correlations = _by_correlation(design, y)
        likely = float(weights @ correlations)
        return _Fit(params, cov, weights, float(n - k), plain.resid, sd, 0, likely, 1.0, False, ones)
    lags = 0 if isinstance(lag, str) else lag
    cov = plain.cov_params()
    if not isinstance(lag, str):
        robust = plain.get_robustcov_results("HAC", maxlags=lags, use_correction=True, use_t=True)
        cov = robust.cov_params()
    known = np.asarray(plain.params)[None], np.asarray(cov)[None], np.ones(1)
    return _Fit(*known, float(n - k), plain.resid, sd, lags, 0.0, 1.0, False, ones)


def _by_correlation(design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """Fit by generalised least squares for every correlation of neighbours; weigh by the restricted likelihood.

    Correlations less likely than the likeliest by e¹² are left out.
    """
    n, k = design.shape
    fits = [_whitened(design, y, rho) for rho in _CORRELATIONS]
    params, cov, rss, volume = (np.array(part) for part in zip(*fits, strict=True))
    log = 0.5 * np.log(1 - _CORRELATIONS**2) - 0.5 * volume - 0.5 * (n - k) * np.log(rss)
    likely = np.flatnonzero(log > log.max() - 12)
    weights = np.exp(log[likely] - log.max())
    return params[likely], cov[likely], weights / weights.sum(), _CORRELATIONS[likely]


def _whitened(design: np.ndarray, y: np.ndarray, rho: float) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Prais and Winsten's least squares: coefficients, covariance, residual sum of squares, log |X'V⁻¹X|."""
    both = np.column_stack([design, y])
    both = np.vstack([np.sqrt(1 - rho**2) * both[:1], both[1:] - rho * both[:-1]])
    x, z = both[:, :-1], both[:, -1]
    inner = x.T @ x
    inverse = np.linalg.inv(inner)
    params = inverse @ (x.T @ z)
    rss = float(((z - x @ params) ** 2).sum())
    return params, inverse * rss / (len(y) - x.shape[1]), rss, float(np.linalg.slogdet(inner)[1])


def _counts(rows: pd.DataFrame, design: np.ndarray, base: str) -> _Fit:
    import statsmodels.api as sm

    size = rows[base].to_numpy(float)
    model = sm.GLM(rows["value"].to_numpy(float), design, family=sm.families.Poisson(), offset=np.log(size))
    fit = model.fit(scale="X2")
    known = np.asarray(fit.params)[None], np.asarray(fit.cov_params())[None], np.ones(1)
    return _Fit(*known, np.inf, fit.resid_pearson, 1.0, 0, 0.0, float(fit.scale), True, size)


def _mixture(picks: np.ndarray, fit: _Fit) -> tuple[np.ndarray, ...]:
    """Give value, low, high and p of linear combinations (rows), over the correlations by their weights."""
    centres = fit.params @ picks.T
    errors = np.sqrt(np.maximum(np.einsum("ij,rjk,ik->ri", picks, fit.cov, picks), 0.0))
    value = fit.weights @ centres
    with np.errstate(divide="ignore", invalid="ignore"):
        below = fit.weights @ _chance(-centres / errors, fit.df)
    ends = [_quantile(level, centres, errors, fit) for level in (0.025, 0.975)]
    return value, *ends, 2 * np.minimum(below, 1 - below)


def _chance(t: np.ndarray, df: float) -> np.ndarray:
    return ndtr(t) if np.isinf(df) else stdtr(df, t)


def _quantile(level: float, centres: np.ndarray, errors: np.ndarray, fit: _Fit) -> np.ndarray:
    """Halve until the weighted distributions have the level below; of one distribution at once."""
    unit = float(ndtri(level) if np.isinf(fit.df) else stdtrit(fit.df, level))
    each = centres + unit * errors
    low, high = each.min(axis=0), each.max(axis=0)
    for _ in range(45 if len(each) > 1 else 0):
        middle = (low + high) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            is_low = fit.weights @ _chance((middle - centres) / errors, fit.df) < level
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return (low + high) / 2


def _found(
    rows: pd.DataFrame, design: np.ndarray, is_after: np.ndarray, fit: _Fit, *, has_slope: bool, season: int
) -> Interruption:
    added = np.zeros_like(design)
    added[:, 2 : 3 + has_slope] = design[:, 2 : 3 + has_slope]
    picks = {LEVEL: np.eye(design.shape[1])[2], AVERAGE: added[is_after].mean(axis=0)}
    if has_slope:
        picks[SLOPE] = np.eye(design.shape[1])[3]
    order = [name for name in (LEVEL, SLOPE, AVERAGE) if name in picks]
    terms = pd.DataFrame([_term(name, picks[name], fit, n=len(rows)) for name in order])
    change = np.diff(fit.residuals)
    watson = float((change**2).sum() / (fit.residuals**2).sum()) if (fit.residuals**2).sum() > 0 else np.nan
    is_odd = fit.is_log and not WATSON[0] <= watson <= WATSON[1]
    return Interruption(
        terms=terms.astype({"stratum": "str"}),
        course=_course(rows, design, design - added, fit, is_after),
        n_before=int((~is_after).sum()),
        n_after=int(is_after.sum()),
        lag=fit.lag,
        correlation=fit.correlation,
        durbin_watson=watson,
        dispersion=fit.dispersion,
        season=season,
        caution="相邻各期相关，区间偏窄" if is_odd else "",
    )


def _term(name: str, pick: np.ndarray, fit: _Fit, *, n: int) -> dict[str, object]:
    value, low, high, p = (float(part[0]) for part in _mixture(pick[None], fit))
    shown = [100 * np.expm1(part) if fit.is_log else part for part in (value, low, high)]
    has_spread = fit.sd > 0
    effect = value / fit.sd if has_spread and not fit.is_log else np.nan
    named = dict(zip(["value", "low", "high"], shown, strict=True))
    return {"stratum": name, "n": n, **named, "p_raw": p if has_spread else np.nan, "effect": effect}


def _course(
    rows: pd.DataFrame, design: np.ndarray, without: np.ndarray, fit: _Fit, is_after: np.ndarray
) -> pd.DataFrame:
    expected, low, high, _ = _mixture(without, fit)
    lines = {
        "fitted": design @ (fit.weights @ fit.params),
        "expected": expected,
        "expected_low": low,
        "expected_high": high,
    }
    if fit.is_log:
        lines = {name: fit.base * np.exp(line) for name, line in lines.items()}
    return rows[["period", "value"]].assign(**lines, is_after=is_after, is_lost=False)


def _nothing(
    rows: pd.DataFrame, is_after: np.ndarray, *, sides: tuple[int, int], season: int, caution: str
) -> Interruption:
    blank = dict.fromkeys(["value", "low", "high", "p_raw", "effect"], np.nan)
    terms = pd.DataFrame([{"stratum": name, "n": len(rows), **blank} for name in (LEVEL, SLOPE, AVERAGE)])
    course = rows[["period", "value"]].assign(
        fitted=np.nan,
        expected=np.nan,
        expected_low=np.nan,
        expected_high=np.nan,
        is_after=is_after,
        is_lost=False,
    )
    return Interruption(
        terms.astype({"stratum": "str"}), course, *sides, 0, *[float("nan")] * 3, season, caution
    )


def interruptions(
    series: pd.DataFrame,
    moments: pd.DataFrame,
    *,
    lag: int | str = AUTO,
    has_season: bool | None = None,
    alpha: float = ALPHA,
) -> pd.DataFrame:
    """Fit one series once for every moment at which something began.

    Parameters
    ----------
    series
        As in `interrupt`.
    moments
        ``stratum`` (what began), ``at``.

    Returns
    -------
    DataFrame
        ``stratum``, ``n``, ``n_before``, ``n_after`` (periods), ``value``, ``low``, ``high``, ``p_raw``, ``p``,
        ``effect``, ``verdict`` (the level), ``slope``, ``slope_low``, ``slope_high``, ``slope_p``,
        ``slope_verdict``, ``average``, ``average_low``, ``average_high``, ``correlation``, ``durbin_watson``, ``caution``.
        P-values are Holm's over all levels and slopes; refused series are 基数不足.

    Notes
    -----
    Every moment is fitted alone: where two follow each other soon, each finds what the other did too.
    """
    found = [interrupt(series, at=at, lag=lag, has_season=has_season) for at in moments["at"]]
    rows = [{"stratum": name, **_summary(one)} for name, one in zip(moments["stratum"], found, strict=True)]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    adjusted = adjust([*table["p_raw"], *table["slope_p"]])
    table = table.assign(p=adjusted[: len(table)], slope_p=adjusted[len(table) :])
    base = np.where(table["caution"].eq(""), FEWEST_POINTS, 0)
    for value, p, verdict in (("value", "p", "verdict"), ("slope", "slope_p", "slope_verdict")):
        table[verdict] = verdicts(table[value], table[p], base, alpha=alpha, minimum_base=FEWEST_POINTS)
    return table.astype(dict.fromkeys(["stratum", "verdict", "slope_verdict", "caution"], "str"))


def _summary(one: Interruption) -> dict[str, object]:
    terms = one.terms.set_index("stratum")
    level, slope, average = (terms.loc[name] for name in (LEVEL, SLOPE, AVERAGE))
    ends = ("value", "low", "high")
    return {
        "n": one.n_before + one.n_after, "n_before": one.n_before, "n_after": one.n_after,
        **{name: level[name] for name in (*ends, "p_raw", "effect")},
        **dict(zip(("slope", "slope_low", "slope_high"), slope[list(ends)], strict=True)),
        **dict(zip(("average", "average_low", "average_high"), average[list(ends)], strict=True)),
        "slope_p": slope["p_raw"], "correlation": one.correlation, "durbin_watson": one.durbin_watson, "caution": one.caution,
    }  # fmt: skip


def placebo_interruptions(
    series: pd.DataFrame, moments: pd.DataFrame, *, lag: int | str = AUTO, alpha: float = ALPHA
) -> pd.DataFrame:
    """Do as if each interruption had come in the middle of the time before it: nothing should be found.

    Returns
    -------
    DataFrame
        As `interruptions`, with the smaller p of level and slope, doubled, in ``p``, and its ``verdict``; p-values are
        not adjusted over the moments.
    """
    rows = [_placebo(series, at=at, name=name, lag=lag, alpha=alpha) for name, at in _pairs(moments)]
    columns = ["stratum", "n", "value", "low", "high", "p_raw", "p", "effect", "verdict", "caution"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(["stratum", "verdict", "caution"], "str"))


def _pairs(moments: pd.DataFrame) -> list[tuple[str, object]]:
    return list(zip(moments["stratum"], moments["at"], strict=True))


def _placebo(
    series: pd.DataFrame, *, at: object, name: str, lag: int | str, alpha: float
) -> Mapping[str, object]:
    early = series[series["period"] < _first_after(series["period"].sort_values(), at)].sort_values("period")
    middle = early["period"].iloc[len(early) // 2] if len(early) else at
    one = interrupt(early, at=middle, lag=lag, has_season=False)
    level, slope = (one.terms.set_index("stratum").loc[term] for term in (LEVEL, SLOPE))
    p = min(1.0, 2 * np.nanmin([level["p_raw"], slope["p_raw"]])) if not one.caution else np.nan
    base = FEWEST_POINTS if not one.caution else 0
    said = verdicts(level["value"], p, base, alpha=alpha, minimum_base=FEWEST_POINTS)
    verdict = UNTESTABLE if np.isnan(p) and not one.caution else str(said)
    return {
        "stratum": name, "n": len(early), **level[["value", "low", "high", "effect"]].to_dict(),
        "p_raw": p, "p": p, "verdict": verdict, "caution": one.caution,
    }  # fmt: skip


def series_of(operations: pd.DataFrame, *, measure: str, grain: str, has_weeks: bool = False) -> pd.DataFrame:
    """Give a measure of table ``operations`` by period: ``period``, ``value``; none of them gives no rows.

    Parameters
    ----------
    has_weeks
        Bring days to means of whole weeks from Monday on; weeks with a missing day are left out.
    """
    rows = operations.reindex(columns=["period_start", "grain", "measure", "value"])
    rows = rows[rows["grain"].eq(grain) & rows["measure"].eq(measure)]
    series = rows[["period_start", "value"]].rename(columns={"period_start": "period"})
    series = series.astype(_SERIES).dropna().sort_values("period", ignore_index=True)
    if not has_weeks or grain != "day":
        return series
    monday = series["period"] - pd.to_timedelta(series["period"].dt.day_of_week, unit="D")
    weeks = series.groupby(monday)["value"].agg(["mean", "size"])
    weeks = weeks.loc[weeks["size"].eq(7), "mean"]
    return weeks.rename("value").reset_index().astype(_SERIES)


def most_even(breaks: pd.DataFrame) -> str:
    """Name the moment with the most periods on its shorter side, of those that could be judged; empty without one.

    >>> sides = {"n_before": [9, 20], "n_after": [30, 19], "caution": ["", ""]}
    >>> most_even(pd.DataFrame({"stratum": ["甲", "乙"]} | sides))
    '乙'
    """
    judged = breaks[breaks["caution"].eq("")]
    if judged.empty:
        return ""
    return str(judged.loc[judged[["n_before", "n_after"]].min(axis=1).idxmax(), "stratum"])


def course_at(series: pd.DataFrame, moments: pd.DataFrame) -> pd.DataFrame:
    """Give the course of a series around the first of some moments, with ``stratum`` (day) as its record's name.

    Parameters
    ----------
    moments
        ``stratum``, ``at``; none gives no rows.
    """
    at = moments["at"].iloc[0] if len(moments) else pd.Timestamp("2000-01-01")
    course = interrupt(series, at=at).course.assign(
        stratum=lambda rows: rows["period"].dt.strftime("%Y-%m-%d").astype("str")
    )
    return course if len(moments) else course.head(0)

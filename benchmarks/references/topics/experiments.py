"""Experiments without random draw: differences in differences, interrupted series."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from benchmarks.references.comparing import SetAside
from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis.experiments.differences import two_by_two
from fbanalysis.analysis.experiments.interrupted import LEVEL, PLAIN, SLOPE, Interruption, interrupt

Rows = dict[str, dict[str, object]]
NO_R2 = SetAside("the effect is given, not how much the regression explains")
LINE = SetAside("the line before the interruption is drawn, without errors of its own")


# ---------------------------------------------------------------- differences in differences


@computes("did_kielmc")
def incinerator(reference: Reference) -> object:
    houses = reference.table()
    arms = houses["nearinc"].to_numpy(), houses["y81"].to_numpy()
    plain = two_by_two(houses["rprice"].to_numpy(), *arms, errors="nonrobust")
    robust = two_by_two(houses["rprice"].to_numpy(), *arms)
    logged = two_by_two(np.log(houses["rprice"].to_numpy()), *arms, errors="nonrobust")
    return {
        "did": plain["estimate"],
        "se_ols": plain["se"],
        "t": plain["estimate"] / plain["se"],
        "p": plain["p"],
        "se_hc1": robust["se"],
        "n": len(houses),
        "R2": NO_R2,
        "log_did": logged["estimate"],
        "log_se": logged["se"],
    }


@computes("did_injury_ky")
def injuries(reference: Reference) -> object:
    cases = reference.table().query("ky == 1")
    values = (cases[name].to_numpy() for name in ("ldurat", "highearn", "afchnge"))
    found = two_by_two(*values, errors="nonrobust")
    return {"did": found["estimate"], "se": found["se"], "p": found["p"], "n": len(cases), "R2": NO_R2}


# ---------------------------------------------------------------- interrupted series


def _sicily(reference: Reference) -> tuple[pd.DataFrame, pd.Timestamp]:
    table = reference.table()
    period = pd.to_datetime(table[["year", "month"]].assign(day=1))
    series = table.assign(period=period, value=table["aces"])
    return series, period[table["smokban"].eq(1)].iloc[0]


@computes("its_sicily_poisson")
def smoking_ban(reference: Reference) -> object:
    series, at = _sicily(reference)
    found = interrupt(series, at=at, base="stdpop", has_season=False, has_slope=False)
    level = found.terms.set_index("stratum").loc[LEVEL]
    return {
        "rr": 1 + level["value"] / 100,
        "rr_quasi_ci95": [1 + level["low"] / 100, 1 + level["high"] / 100],
        "dispersion": found.dispersion,
        "ci95": SetAside("intervals allow for overdispersion"),
    }


def _coefficients(found: Interruption, *, names: tuple[str, str], line: Mapping[str, float]) -> Rows:
    """Name the terms as the references do; ``line`` are the coefficients that only the drawn course tells."""
    terms = found.terms.set_index("stratum").loc[[LEVEL, SLOPE]]
    quantile = stdtrit(len(found.course) - 4 - found.season, 0.975)
    rows = {
        name: {"b": term.value, "se": (term.high - term.low) / 2 / quantile, "p": term.p_raw}
        for name, term in zip(names, terms.itertuples(), strict=True)
    }
    return rows | {name: {"b": b, "se": LINE, "p": LINE} for name, b in line.items()}


def _line(found: Interruption, *, time: str) -> dict[str, float]:
    """Read intercept and slope off the course that is expected without the interruption; time begins at 1."""
    first, second = found.course["expected"].iloc[:2]
    return {"(Intercept)": first - (second - first), time: second - first}


@computes("its_sicily_segmented_ols")
def smoking_ban_rates(reference: Reference) -> object:
    series, at = _sicily(reference)
    series = series.assign(value=1e5 * series["aces"] / series["stdpop"])
    lags = {"ols": PLAIN, "newey_west_lag1": 1, "newey_west_lag3": 3}
    fits = {name: interrupt(series, at=at, lag=lag, has_season=False) for name, lag in lags.items()}
    found = fits["ols"]
    return {
        **{
            name: _coefficients(fit, names=("smokban", "post"), line=_line(fit, time="time"))
            for name, fit in fits.items()
        },
        "dw": found.durbin_watson,
        "n_pre": found.n_before,
        "n_post": found.n_after,
    }


@computes("its_seatbelts")
def seatbelts(reference: Reference) -> object:
    table = reference.table()
    period = pd.date_range("1969-01-01", periods=len(table), freq="MS")
    at = period[table["law"].eq(1)][0]
    series = pd.DataFrame({"period": period, "value": table["drivers"]})
    lags = {"ols": PLAIN, "newey_west_lag12": 12}
    fits = {name: interrupt(series, at=at, lag=lag, has_season=False) for name, lag in lags.items()}
    logged = interrupt(series.assign(value=np.log(series["value"])), at=at, lag=PLAIN, has_season=True)
    expected, names = logged.course["expected"], ("law", "lt")
    terms = _coefficients(logged, names=names, line={"t": (expected[12] - expected[0]) / 12})
    return {
        **{name: _coefficients(fit, names=names, line=_line(fit, time="t")) for name, fit in fits.items()},
        "t0": fits["ols"].n_before + 1,
        "dw": fits["ols"].durbin_watson,
        "log_month_ols": terms,
        "log_month_level_pct": 100 * np.expm1(terms["law"]["b"]),
    }

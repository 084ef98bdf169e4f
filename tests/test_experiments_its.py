"""Interrupted series: against statsmodels by another route, published ones, and what has to be refused."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.stattools import durbin_watson

from fbanalysis.analysis.experiments import (
    AVERAGE,
    INTERRUPTED,
    LEVEL,
    PLAIN,
    SLOPE,
    course_at,
    interrupt,
    interruptions,
    most_even,
    placebo_interruptions,
    series_of,
)
from fbanalysis.errors import DataError
from fbanalysis.report.methods import formulas_for


def series(
    n: int,
    *,
    at: int,
    level: float = 0.0,
    slope: float = 0.0,
    rho: float = 0.0,
    freq: str = "7D",
    seed: int = 0,
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    noise, t = rng.normal(size=n), np.arange(n)
    for i in range(1, n):
        noise[i] += rho * noise[i - 1]
    value = 50 + 0.1 * t + noise + (t >= at) * (level + slope * (t - at))
    return pd.DataFrame({"period": pd.date_range("2022-01-03", periods=n, freq=freq), "value": value})


def design(n: int, at: int) -> np.ndarray:
    t = np.arange(n, dtype=float)
    after = (t >= at).astype(float)
    return np.column_stack([np.ones(n), t, after, after * (t - at)])


@pytest.mark.parametrize("lag", [0, 1, 4])
def test_given_lag_is_newey_and_west_as_by_hand(lag: int) -> None:
    rows, x = series(40, at=18, level=3), design(40, 18)
    y = rows["value"].to_numpy()
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    scores = x * (y - x @ beta)[:, None]
    middle = scores.T @ scores
    for j in range(1, lag + 1):
        cross = scores[j:].T @ scores[:-j]
        middle += (1 - j / (lag + 1)) * (cross + cross.T)
    se = np.sqrt(np.diag(inverse @ middle @ inverse) * 40 / 36)
    found = interrupt(rows, at=rows["period"][18], lag=lag)
    terms = found.terms.set_index("stratum")
    half = stats.t.ppf(0.975, 36) * se
    for name, place in ((LEVEL, 2), (SLOPE, 3)):
        ends = [beta[place], beta[place] - half[place], beta[place] + half[place]]
        assert terms.loc[name, ["value", "low", "high"]].astype(float).tolist() == pytest.approx(ends)
    assert found.durbin_watson == pytest.approx(durbin_watson(y - x @ beta))
    assert (found.n_before, found.n_after, found.lag) == (18, 22, lag)


def test_plain_is_least_squares_and_average_a_combination() -> None:
    rows, x = series(30, at=12, level=2, slope=0.2), design(30, 12)
    fit = sm.OLS(rows["value"].to_numpy(), x).fit()
    terms = interrupt(rows, at=rows["period"][12], lag=PLAIN).terms.set_index("stratum")
    assert terms.loc[SLOPE, "p_raw"] == pytest.approx(fit.pvalues[3])
    mean = fit.t_test([0, 0, 1, np.arange(18).mean()])
    assert terms.loc[AVERAGE, ["value", "low", "high", "p_raw"]].astype(float).tolist() == pytest.approx(
        [float(mean.effect[0]), *mean.conf_int()[0], float(mean.pvalue)]
    )
    assert terms.loc[LEVEL, "effect"] == pytest.approx(fit.params[2] / np.sqrt(fit.mse_resid))


def test_default_allows_for_neighbours_that_hang_together() -> None:
    rows = series(60, at=30, rho=0.8, seed=1)
    default, plain = interrupt(rows, at=rows["period"][30]), interrupt(rows, at=rows["period"][30], lag=PLAIN)
    widths = [(one.terms["high"] - one.terms["low"]).iloc[0] for one in (default, plain)]
    assert widths[0] > 1.3 * widths[1]
    assert 0.5 < default.correlation < 0.98
    assert default.durbin_watson < 1.5


def test_default_is_near_glsar_in_a_long_series() -> None:
    rows, x = series(300, at=150, level=2, rho=0.5, seed=2), design(300, 150)
    fit = sm.GLSAR(rows["value"].to_numpy(), x, rho=1).iterative_fit(20)
    term = interrupt(rows, at=rows["period"][150], has_season=False).terms.set_index("stratum").loc[LEVEL]
    assert term["value"] == pytest.approx(fit.params[2], rel=0.05)
    assert term["high"] - term["low"] == pytest.approx(2 * 1.96 * fit.bse[2], rel=0.1)


def test_counts_are_quasi_poisson_with_offset() -> None:
    rng = np.random.default_rng(3)
    t = np.arange(40)
    base = rng.integers(900, 1100, 40)
    value = rng.poisson(base * np.exp(-3 + 0.005 * t - 0.3 * (t >= 20)))
    rows = pd.DataFrame(
        {"period": pd.date_range("2020-01-01", periods=40, freq="MS"), "value": value, "base": base}
    )
    x = np.column_stack([np.ones(40), t, t >= 20]).astype(float)
    fit = sm.GLM(value, x, family=sm.families.Poisson(), offset=np.log(base)).fit(scale="X2")
    found = interrupt(rows, at="2021-09-01", base="base", has_slope=False, has_season=False)
    term = found.terms.iloc[0]
    assert term[["value", "low", "high"]].astype(float).tolist() == pytest.approx(
        [100 * (np.exp(part) - 1) for part in (fit.params[2], *fit.conf_int()[2])]
    )
    assert found.dispersion == pytest.approx(fit.scale)
    assert list(found.terms["stratum"]) == [LEVEL, AVERAGE]
    expected = base[30] * np.exp(fit.params[0] + 30 * fit.params[1])
    assert found.course["expected"].iloc[30] == pytest.approx(expected)


def test_level_is_read_in_the_first_period_after_and_months_count_as_one() -> None:
    rows = pd.DataFrame({"period": pd.date_range("2020-01-01", periods=24, freq="MS")})
    t = np.arange(24)
    rows["value"] = 5.0 + 2 * t + np.where(t >= 12, 10 + 3 * (t - 12), 0)
    terms = interrupt(rows, at="2021-01-01", has_season=False, lag=PLAIN).terms.set_index("stratum")["value"]
    assert terms[[LEVEL, SLOPE]].tolist() == pytest.approx([10, 3])
    assert terms[AVERAGE] == pytest.approx(10 + 3 * 5.5)


def test_a_moment_inside_a_period_belongs_to_it() -> None:
    rows = series(30, at=15)
    inside = rows["period"][15] + pd.Timedelta(days=3)
    assert interrupt(rows, at=inside).n_before == 15
    assert interrupt(rows, at=rows["period"].iloc[-1] + pd.Timedelta(days=30)).n_after == 0


def test_season_is_taken_out_where_two_cycles_are_seen() -> None:
    rows = series(56, at=28, freq="D")
    rows["value"] += np.where(rows["period"].dt.day_of_week >= 5, -20, 0)
    found, without = (interrupt(rows, at=rows["period"][28], has_season=has) for has in (None, False))
    widths = [one.terms["high"].iloc[0] - one.terms["low"].iloc[0] for one in (found, without)]
    assert (found.season, without.season) == (6, 0)
    assert widths[0] < widths[1] / 3
    assert interrupt(series(60, at=30), at="2022-08-01").season == 0
    assert interrupt(series(120, at=60), at="2023-03-01").season == 4


@pytest.mark.parametrize(("n", "at"), [(0, 0), (1, 0), (15, 7), (40, 7), (40, 33)])
def test_fewer_than_eight_points_a_side_are_refused(n: int, at: int) -> None:
    rows = series(n, at=at)
    found = interrupt(rows, at=rows["period"][at] if n else "2022-01-01")
    assert "前后至少各要 8 期" in found.caution
    assert found.terms["value"].isna().all()
    assert len(found.course) == n


def test_values_that_are_all_equal_have_no_test() -> None:
    found = interrupt(series(30, at=15).assign(value=4.0), at="2022-05-01")
    assert found.terms["p_raw"].isna().all()
    assert found.terms["value"].abs().max() < 1e-9
    table = interruptions(
        series(30, at=15).assign(value=4.0), pd.DataFrame({"stratum": ["甲"], "at": ["2022-05-01"]})
    )
    assert table["verdict"].isin(["没有差异", "无法检验"]).all()


def test_repeated_periods_are_an_error() -> None:
    rows = series(20, at=10)
    with pytest.raises(DataError, match="2022-01-03"):
        interrupt(pd.concat([rows, rows.head(1)]), at="2022-03-14")


def test_course_without_interruption_goes_on_as_before() -> None:
    rows = series(40, at=20, level=8, seed=5)
    found = interrupt(rows, at=rows["period"][20])
    course = found.course
    before, after = course[~course["is_after"]], course[course["is_after"]]
    assert before["fitted"].to_numpy() == pytest.approx(before["expected"].to_numpy())
    gap = (after["fitted"] - after["expected"]).mean()
    assert gap == pytest.approx(found.terms.set_index("stratum").loc[AVERAGE, "value"])
    assert (course["expected_low"] < course["expected"]).all()


def test_many_moments_are_one_family() -> None:
    rows = series(60, at=30, level=12)
    moments = pd.DataFrame({"stratum": ["真", "晚"], "at": [rows["period"][30], rows["period"][56]]})
    table = interruptions(rows, moments).set_index("stratum")
    assert table.loc["真", "verdict"] == "上升"
    assert table.loc["真", "p"] >= table.loc["真", "p_raw"]
    assert table.loc["晚", ["verdict", "slope_verdict"]].tolist() == ["基数不足", "基数不足"]
    assert most_even(table.reset_index()) == "真"
    assert most_even(table.head(0).reset_index()) == ""


def test_placebo_finds_a_change_before_and_nothing_in_a_straight_line() -> None:
    moments = pd.DataFrame({"stratum": ["甲"], "at": ["2023-05-01"]})
    bent, straight = series(100, at=34, level=15), series(100, at=200)
    assert placebo_interruptions(bent, moments)["verdict"].tolist() == ["上升"]
    assert placebo_interruptions(straight, moments)["verdict"].tolist() == ["没有差异"]
    short = placebo_interruptions(straight.tail(20), moments)
    assert short["verdict"].tolist() == ["基数不足"]


def test_no_series_and_no_moments_give_no_crash() -> None:
    none = series_of(pd.DataFrame(), measure="来电", grain="day")
    moments = pd.DataFrame({"stratum": ["甲"], "at": pd.to_datetime(["2023-05-01"])})
    assert list(none.columns) == ["period", "value"]
    assert interruptions(none, moments)["verdict"].tolist() == ["基数不足"]
    assert placebo_interruptions(none, moments)["verdict"].tolist() == ["基数不足"]
    for table in (interruptions(none, moments.head(0)), placebo_interruptions(none, moments.head(0))):
        assert table.empty
    assert course_at(none, moments).empty
    assert course_at(series(30, at=15), moments.head(0)).empty
    assert course_at(series(30, at=15), moments)["stratum"].iloc[0] == "2022-01-03"


def test_series_of_a_measure() -> None:
    table = pd.DataFrame(
        {
            "period_start": pd.to_datetime(["2023-01-08", "2023-01-01", "2023-01-01"]),
            "grain": ["week", "week", "day"],
            "measure": "来电",
            "value": [2.0, 1.0, 9.0],
        }
    )
    assert series_of(table, measure="来电", grain="week")["value"].tolist() == [1.0, 2.0]


def test_days_become_means_of_whole_weeks() -> None:
    days = pd.date_range("2022-12-31", "2023-01-16")
    table = pd.DataFrame({"period_start": days, "grain": "day", "measure": "来电", "value": np.arange(17.0)})
    weeks = series_of(table, measure="来电", grain="day", has_weeks=True)
    assert weeks["period"].dt.strftime("%m-%d").tolist() == ["01-02", "01-09"]
    assert weeks["value"].tolist() == [5.0, 12.0]
    assert len(series_of(table, measure="来电", grain="day")) == 17


def test_the_method_has_its_entries_in_the_glossary() -> None:
    kinds = {term.kind for term in formulas_for(INTERRUPTED)}
    assert kinds >= {"估计", "区间", "检验", "校正", "效应量"}

"""Simulations: 95 % intervals cover the truth in 93 to 97 of 100 runs.

What is cheap is run 4,000 times. What takes a fit a run is run a few hundred times, with bounds that are wider by what
chance does to so few; ``SIMULATION_RUNS=4000`` in the environment runs it as often, with the bounds as they are.
"""

import os
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from fbanalysis.analysis import experiments, intervals, mix, reliability, significance, weighting
from fbanalysis.analysis.customers import churn, drivers, nps

RUNS = 4000
#: In how many runs the truth lies within a 95 % interval; 4,000 runs leave an error of ± 0.7 points.
BOUNDS = (0.93, 0.97)
#: Five answers with the lower ones rare, as satisfied people answer.
ANSWERS, CHANCES = np.arange(1, 6), np.array([0.04, 0.08, 0.18, 0.42, 0.28])
MEAN = float(ANSWERS @ CHANCES)


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def covered(low: np.ndarray, high: np.ndarray, truth: object) -> float:
    """Say in which part of the runs the truth lies inside."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    assert np.isfinite(np.concatenate([low, high])).all()
    return float(((low <= truth) & (truth <= high)).mean())


def moments(scores: np.ndarray) -> pd.DataFrame:
    """Summarise a row of scores each."""
    return pd.DataFrame({"n": scores.shape[1], "mean": scores.mean(axis=1), "sd": scores.std(axis=1, ddof=1)})


def answers(n: int, *, seed: int) -> np.ndarray:
    return rng(seed).choice(ANSWERS, size=(RUNS, n), p=CHANCES)


# Intervals


@pytest.mark.parametrize("n", [30, 100, 1000])
def test_wilson_covers_shares(n: int) -> None:
    truth = rng(n).uniform(0.05, 0.95, RUNS)
    low, high = intervals.wilson_interval(rng(n + 1).binomial(n, truth), n)
    assert BOUNDS[0] <= covered(low, high, 100 * truth) <= BOUNDS[1]


@pytest.mark.parametrize(("n", "other_n"), [(30, 40), (100, 300), (1000, 800)])
def test_newcombe_covers_differences_of_shares(n: int, other_n: int) -> None:
    chances = rng(n).uniform(0.1, 0.9, (2, RUNS))
    counts = rng(n + 1).binomial(n, chances[0]), rng(n + 2).binomial(other_n, chances[1])
    low, high = intervals.newcombe_interval(counts[0], n, counts[1], other_n)
    assert BOUNDS[0] <= covered(low, high, 100 * (chances[0] - chances[1])) <= BOUNDS[1]


@pytest.mark.parametrize("n", [30, 100, 300])
def test_t_covers_means_of_five_point_scores(n: int) -> None:
    table = moments(answers(n, seed=n))
    low, high = intervals.mean_interval(table["mean"], table["sd"], table["n"])
    assert BOUNDS[0] <= covered(low, high, MEAN) <= BOUNDS[1]


@pytest.mark.parametrize(("n", "other_n"), [(30, 60), (100, 400)])
def test_welch_covers_differences_of_means(n: int, other_n: int) -> None:
    first, other = moments(answers(n, seed=1)), moments(rng(2).normal(3, 2, (RUNS, other_n)))
    table = significance.welch(first, other)
    assert BOUNDS[0] <= covered(table["low"], table["high"], MEAN - 3) <= BOUNDS[1]


@pytest.mark.parametrize("truth", [0.0, 0.5])
def test_the_interval_of_hedges_g_covers_the_true_effect(truth: float) -> None:
    first = moments(rng(3).normal(truth, 1, (RUNS, 40)))
    table = significance.hedges_g(first, moments(rng(4).normal(0, 1, (RUNS, 50))))
    assert BOUNDS[0] <= covered(table["effect_low"], table["effect_high"], truth) <= BOUNDS[1]


def test_an_interval_that_is_too_narrow_is_found_out() -> None:
    table = moments(answers(100, seed=5))
    low, high = intervals.mean_interval(table["mean"], table["sd"], table["n"], level=0.9)
    assert covered(low, high, MEAN) < BOUNDS[0]


@pytest.mark.parametrize("n", [50, 300])
def test_the_interval_of_nps_covers_it(n: int) -> None:
    counts = rng(n).multinomial(n, [0.45, 0.35, 0.2], RUNS)
    low, high = nps.score_interval(counts[:, 0], counts[:, 2], n)
    assert BOUNDS[0] <= covered(low, high, 25) <= BOUNDS[1]


# Intervals that take a fit


def covers(one_run: Callable[[np.random.Generator], tuple[float, float]], truth: float, *, runs: int) -> None:
    """Hold what an interval covers against the bounds, widened by 2.6 standard errors of so few runs."""
    runs = int(os.environ.get("SIMULATION_RUNS", runs))
    generator = rng(11)
    low, high = np.array([one_run(generator) for _ in range(runs)], dtype=float).T
    slack = 2.6 * np.sqrt(0.95 * 0.05 / runs) if runs < RUNS else 0.0
    assert BOUNDS[0] - slack <= covered(low, high, truth) <= BOUNDS[1] + slack


def ends(row: pd.Series) -> tuple[float, float]:
    return float(row["low"]), float(row["high"])


def test_the_raked_mean_covers_that_of_the_population() -> None:
    levels, shares = [("a", "b", "c"), ("x", "y")], [np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.4])]
    means = np.array([[3.0, 3.5], [4.0, 4.2], [3.2, 4.5]])
    people = np.outer(*shares)
    heard = people * np.outer([0.9, 0.5, 0.3], [0.8, 0.5])
    margins = pd.DataFrame(
        {
            "side": "internal",
            "variable": ["stratum"] * 3 + ["age_band"] * 2,
            "level": [*levels[0], *levels[1]],
            "population": [*(1000 * shares[0]), *(1000 * shares[1])],
        }
    )

    def one_run(generator: np.random.Generator) -> tuple[float, float]:
        cell = generator.choice(6, size=300, p=(heard / heard.sum()).ravel())
        strata, ages = np.array(levels[0])[cell // 2], np.array(levels[1])[cell % 2]
        frame = pd.DataFrame({"side": "internal", "stratum": strata, "age_band": ages})
        scores = pd.Series(means.ravel()[cell] + generator.normal(0, 1, 300))
        return ends(weighting.weighted_mean(scores, weighting.rake(frame, margins)).iloc[0])

    covers(one_run, float((people * means).sum()), runs=400)


def test_feldt_covers_alpha() -> None:
    loadings = np.array([0.7, 0.6, 0.8, 0.5, 0.65])
    covariance = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    truth = 5 / 4 * (1 - np.trace(covariance) / covariance.sum())

    def one_run(generator: np.random.Generator) -> tuple[float, float]:
        answers = generator.multivariate_normal(np.zeros(5), covariance, size=150)
        found = reliability.reliability(pd.DataFrame(answers, columns=list("abcde")))
        return found.low, found.high

    covers(one_run, float(truth), runs=800)


def test_the_like_for_like_change_covers_the_real_one() -> None:
    shares = {"prior": np.array([0.5, 0.3, 0.2]), "this": np.array([0.3, 0.4, 0.3])}
    means = {"prior": np.array([4.0, 3.5, 3.0]), "this": np.array([4.1, 3.7, 3.0])}
    truth = ((shares["this"] + shares["prior"]) / 2 * (means["this"] - means["prior"])).sum()

    def year(name: str, n: int, generator: np.random.Generator) -> pd.DataFrame:
        counts = generator.multinomial(n, shares[name])
        scores = [generator.normal(mean, 0.8, size) for mean, size in zip(means[name], counts, strict=True)]
        rows = [
            (group, len(part), part.mean(), part.std(ddof=1))
            for group, part in zip("abc", scores, strict=True)
        ]
        return pd.DataFrame(rows, columns=["stratum", "n", "mean", "sd"])

    def one_run(generator: np.random.Generator) -> tuple[float, float]:
        found = mix.like_for_like(year("this", 400, generator), year("prior", 300, generator))
        return ends(found.parts.set_index("stratum").loc[mix.REAL])

    covers(one_run, float(truth), runs=300)


def test_the_rank_biserial_correlation_of_tied_answers_is_covered() -> None:
    others = np.array([0.08, 0.15, 0.25, 0.35, 0.17])
    truth = float((np.sign(ANSWERS[:, None] - ANSWERS) * np.outer(CHANCES, others)).sum())

    def one_run(generator: np.random.Generator) -> tuple[float, float]:
        first, other = generator.choice(ANSWERS, 120, p=CHANCES), generator.choice(ANSWERS, 150, p=others)
        found = significance.mann_whitney(first, other)
        return found.effect_low, found.effect_high

    covers(one_run, truth, runs=1000)


def test_kaplan_and_meier_cover_the_share_that_stays() -> None:
    def one_run(generator: np.random.Generator) -> tuple[float, float]:
        leaving, end = generator.exponential(10, 200), generator.uniform(0, 20, 200)
        times = pd.DataFrame({"time": np.minimum(leaving, end), "event": (leaving <= end).astype(int)})
        return ends(pd.Series(churn.at_time(churn.survival(times), 7)))

    covers(one_run, 100 * float(np.exp(-0.7)), runs=800)


def test_the_bootstrap_covers_the_shares_of_the_drivers() -> None:
    weights, related = np.array([0.6, 0.3, 0.1]), np.array([[1, 0.3, 0.2], [0.3, 1, 0.3], [0.2, 0.3, 1]])
    outcome = related @ weights / np.sqrt(weights @ related @ weights + 1)
    whole = np.block([[related, outcome[:, None]], [outcome[None], np.ones((1, 1))]])
    shares = drivers.lmg(whole[None])[0]
    root = np.linalg.cholesky(related)

    def one_run(generator: np.random.Generator) -> tuple[float, float]:
        scores = generator.normal(size=(300, 3)) @ root.T
        frame = pd.DataFrame(scores, columns=list("abc"))
        frame.insert(0, "outcome", scores @ weights + generator.normal(size=300))
        found = drivers.explain(frame, seed=int(generator.integers(2**31)), draws=300)
        return ends(found.table.set_index("stratum").loc["b"])

    covers(one_run, 100 * float(shares[1] / shares.sum()), runs=200)


def pilot(units: int, periods: int, generator: np.random.Generator) -> pd.DataFrame:
    """Half of the units get better by one in the second half of the periods; neighbours in time hang together."""
    noise = generator.normal(0, 0.5, (units, periods))
    for period in range(1, periods):
        noise[:, period] += 0.4 * noise[:, period - 1]
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    is_treated, is_after = unit < units // 2, period >= periods // 2
    return pd.DataFrame(
        {
            "experiment": "试点",
            "metric": "处理时长（小时）",
            "unit_id": unit.astype(str),
            "arm": np.where(is_treated, "treatment", "control"),
            "period_start": pd.date_range("2023-01-01", periods=periods, freq="MS")[period],
            "phase": np.where(is_after, "after", "before"),
            "value": generator.normal(9, 1, units)[unit] + noise.ravel() - (is_treated & is_after),
        }
    )


@pytest.mark.parametrize(("units", "periods"), [(48, 12), (12, 6)])
def test_the_effect_of_a_pilot_is_covered(units: int, periods: int) -> None:
    def one_run(generator: np.random.Generator) -> tuple[float, float]:
        return ends(experiments.pilot_effects(pilot(units, periods, generator)).iloc[0])

    covers(one_run, -1.0, runs=120)


@pytest.mark.parametrize("correlation", [0.0, 0.4])
def test_the_step_of_an_interrupted_series_is_covered(correlation: float) -> None:
    def one_run(generator: np.random.Generator) -> tuple[float, float]:
        noise = generator.normal(size=52)
        noise[0] /= np.sqrt(1 - correlation**2)
        for week in range(1, 52):
            noise[week] += correlation * noise[week - 1]
        weeks = pd.date_range("2023-01-02", periods=52, freq="7D")
        values = 10 + 0.05 * np.arange(52) + 2 * (np.arange(52) >= 26) + noise
        found = experiments.interrupt(
            pd.DataFrame({"period": weeks, "value": values}), at=weeks[26], has_season=False
        )
        return ends(found.terms.set_index("stratum").loc["水平"])

    covers(one_run, 2.0, runs=60)

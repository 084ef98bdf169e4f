"""Simulations: intervals cover what they say they cover, and chance alone earns no strong word."""

import numpy as np
import pandas as pd
import pytest

from fbanalysis.analysis import intervals, significance

RUNS = 4000
#: The truth is within a 95 % interval in so many runs; 4,000 runs leave an error of ± 0.7 points.
BOUNDS = (0.93, 0.97)
#: Five answers with the lower ones rare, as satisfied people answer.
ANSWERS, CHANCES = np.arange(1, 6), np.array([0.04, 0.08, 0.18, 0.42, 0.28])
MEAN = float(ANSWERS @ CHANCES)


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def covered(low: np.ndarray, high: np.ndarray, truth: object) -> float:
    """Say in which part of the runs the truth lies inside."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    assert np.isfinite(low).all() and np.isfinite(high).all()
    return float(((low <= truth) & (truth <= high)).mean())


def moments(scores: np.ndarray) -> pd.DataFrame:
    """Summarise a row of scores each."""
    return pd.DataFrame(
        {"n": scores.shape[1], "mean": scores.mean(axis=1), "sd": scores.std(axis=1, ddof=1)}
    )


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

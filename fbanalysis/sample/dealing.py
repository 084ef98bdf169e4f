"""Deal exact counts: shares become whole numbers, latent values become scores. It knows no table."""

from collections.abc import Sequence
from math import erf

import numpy as np


def apportion(weights: Sequence[float] | np.ndarray, *, total: int) -> np.ndarray:
    """Share out a whole number in proportion to weights, the rest by largest remainders.

    Examples
    --------
    >>> apportion([0.5, 0.3, 0.2], total=7).tolist()
    [4, 2, 1]
    """
    exact = np.asarray(weights, dtype=float)
    exact = exact / exact.sum() * total
    counts = np.floor(exact + 1e-9).astype(int)
    largest = np.argsort(counts - exact, kind="stable")
    counts[largest[: total - counts.sum()]] += 1
    return counts


def pack(shares: dict[str, float], *, total: int, rng: np.random.Generator) -> np.ndarray:
    """Mix ``total`` labels, each in its exact share."""
    labels = np.array(list(shares), dtype=object)
    return rng.permutation(np.repeat(labels, apportion(list(shares.values()), total=total)))


def dealt_evenly(groups: np.ndarray, *, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Deal label 0, 1, … ``counts`` times each, so that no group gets more than its part by chance.

    Notes
    -----
    Rows stand in the order of their groups, at random within one, and each label comes at even
    distances from a random start (systematic sampling).
    """
    places = [(np.arange(count) + rng.random()) / max(count, 1) for count in counts]
    labels = np.repeat(np.arange(len(counts)), counts)[np.argsort(np.concatenate(places), kind="stable")]
    dealt = np.empty(len(groups), dtype=int)
    dealt[np.lexsort((rng.random(len(groups)), groups))] = labels
    return dealt


def score_counts(size: int, *, mean: float, spread: float, maximum: int) -> np.ndarray:
    """Say how many of ``size`` answers have the score 1, 2, … so that their mean is ``mean``.

    Notes
    -----
    A normal distribution cut at the half points; its centre is found by bisection, since the ends of
    the scale pull the mean inwards. Whole numbers move the mean by less than ``maximum / size``.
    """
    points = np.arange(1, maximum + 1)
    low, high = -2.0 * maximum, 3.0 * maximum
    for _ in range(60):
        centre = (low + high) / 2
        chances = _chances(centre, spread=spread, maximum=maximum)
        low, high = (centre, high) if chances @ points < mean else (low, centre)
    return apportion(chances, total=size)


def _chances(centre: float, *, spread: float, maximum: int) -> np.ndarray:
    cuts = [(cut + 0.5 - centre) / spread for cut in range(1, maximum)]
    below = [0.0, *(0.5 + 0.5 * erf(cut / 2**0.5) for cut in cuts), 1.0]
    return np.diff(below)


def ranked(latent: np.ndarray, *, counts: np.ndarray) -> np.ndarray:
    """Give the lowest latent values score 1, the next ones score 2, and so on, ``counts`` of each."""
    scores = np.empty(len(latent), dtype=int)
    scores[np.argsort(latent, kind="stable")] = np.repeat(np.arange(1, len(counts) + 1), counts)
    return scores


def codes(prefix: str, size: int, *, rng: np.random.Generator, digits: int = 6) -> list[str]:
    """Draw distinct pseudonyms such as NP204718; above a third of the numbers they get a digit more."""
    digits = max(digits, len(str(3 * size)))
    first = 10 ** (digits - 1)
    return [f"{prefix}{number}" for number in (first + rng.choice(9 * first, size, replace=False)).tolist()]

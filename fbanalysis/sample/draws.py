"""Weighted draws of labels and rows, with and without exact counts. It knows no table."""

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd


def chosen(weights: np.ndarray, *, count: int, rng: np.random.Generator) -> np.ndarray:
    """Choose ``count`` positions by weight, without replacement; positions of weight 0 never.

    Notes
    -----
    The ``k`` largest of ``log(u) / w`` are a weighted sample (Efraimidis and Spirakis, 2006,
    Information Processing Letters 97, 181–185). Fewer are chosen where fewer have a weight.
    """
    open_rows = np.flatnonzero(np.asarray(weights) > 0)
    keys = np.log(rng.random(len(open_rows))) / np.asarray(weights, dtype=float)[open_rows]
    return open_rows[np.argsort(-keys, kind="stable")[:count]]


def packed(counts: Mapping[str, int]) -> np.ndarray:
    """List every label as often as counted."""
    return np.repeat(np.array(list(counts), dtype=object), list(counts.values()))


def dealt(
    counts: Mapping[str, int], *, weights: Mapping[str, np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Deal each label its exact number of rows, by weight; labels in their order, the last takes the rest."""
    labels = np.full(len(next(iter(weights.values()))), None, dtype=object)
    is_free = np.ones(len(labels), dtype=bool)
    *first, last = counts
    for label in first:
        rows = chosen(np.where(is_free, weights[label], 0.0), count=counts[label], rng=rng)
        labels[rows], is_free[rows] = label, False
    labels[is_free] = last
    return labels


def evened(
    labels: np.ndarray,
    *,
    counts: Mapping[str, int],
    weights: Mapping[str, np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    """Relabel as few rows as need be, by weight, until each label stands exactly as often as counted."""
    evened_labels = labels.copy()
    for label, count in counts.items():
        missing = count - int((evened_labels == label).sum())
        if missing <= 0:
            continue
        spare = {other: int((evened_labels == other).sum()) - wanted for other, wanted in counts.items()}
        for other, surplus in spare.items():
            moved = max(0, min(missing, surplus))
            rows = chosen(np.where(evened_labels == other, weights[label], 0.0), count=moved, rng=rng)
            evened_labels[rows] = label
            missing -= len(rows)
    return evened_labels


def drawn(shares: Mapping[str, float], *, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ``size`` labels, each with its share."""
    cuts = np.cumsum(list(shares.values()))
    places = np.searchsorted(cuts, rng.random(size) * cuts[-1], side="right")
    return np.array(list(shares), dtype=object)[np.minimum(places, len(cuts) - 1)]


def drawn_by_group(
    groups: pd.Series, *, shares: Mapping[Hashable, Mapping[str, float]], rng: np.random.Generator
) -> np.ndarray:
    """Draw a label for every row, with the shares of its group; groups in order of appearance."""
    labels = np.full(len(groups), "", dtype=object)
    for group, rows in groups.groupby(groups, sort=False).indices.items():
        labels[rows] = drawn(shares[group], size=len(rows), rng=rng)
    return labels


def spread(values: np.ndarray) -> np.ndarray:
    """Standardise: mean 0, standard deviation 1."""
    return (values - values.mean()) / (values.std() or 1.0)

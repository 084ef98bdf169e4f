"""A file a topic: how the product's functions are called to get what a reference expects."""

from benchmarks.references.entries import CALCULATIONS
from benchmarks.references.topics import (
    coverage,
    customers,
    experiments,
    means,
    others,
    power,
    satisfaction,
    shares,
    weighting,
)

__all__ = [
    "CALCULATIONS",
    "coverage",
    "customers",
    "experiments",
    "means",
    "others",
    "power",
    "satisfaction",
    "shares",
    "weighting",
]

"""Samples: margins of error, and how many answers they need."""

import re

from scipy.optimize import brentq

from benchmarks.references.comparing import INPUT
from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis.coverage import margin_of_error, required_n


def exact_n(margin: float, *, population: float | None = None, level: float = 0.95) -> float:
    """Give the sample, unrounded, whose margin of error is just this one."""
    most = 1e6 if population is None else population
    return brentq(
        lambda n: margin_of_error(n, population=population, level=level) - margin, 1e-3, most, xtol=1e-9
    )


@computes("sample_size_infinite")
def sample_sizes(reference: Reference) -> object:
    return {
        **{f"e{margin:02}": exact_n(margin) for margin in (1, 2, 3, 5)},
        **{f"e{margin:02}_rounded_up": required_n(margin) for margin in (3, 5)},
        "e03_90pct": exact_n(3, level=0.9),
        "e03_99pct": exact_n(3, level=0.99),
    }


@computes("krejcie_morgan")
def finite_populations(reference: Reference) -> object:
    sizes = reference.expected["N"]
    return {
        "N": INPUT,
        "n": [required_n(5, population=size) for size in sizes],
        "unrounded_formula": [exact_n(5, population=size) for size in sizes],
    }


@computes("moe_fpc")
def margins(reference: Reference) -> object:
    return {name: _margin(name) for name in reference.expected}


def _margin(name: str) -> float:
    """Read a case as n322_N2000 or n30_N100_p20, and give its margin as a share."""
    n, size, percent = re.match(r"n(\d+)_N(\d+|inf)(?:_p(\d+))?", name).groups()
    population = None if size == "inf" else float(size)
    return margin_of_error(float(n), population=population, proportion=float(percent or 50) / 100) / 100

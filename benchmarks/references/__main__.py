"""Recompute published results with the product's own functions, and compare every number within its tolerance.

Run it from the project's folder: ``python -m benchmarks.references REFERENCES.json --data FOLDER``. The file has
`references`, each with `id`, `topic`, `file` (inside the folder, or the data themselves behind "inline"), `method`,
`expected` (numbers, nested as one likes) and `tolerance` (`rel`, `abs`). What the product does not give is set aside
with its reason, never silently; a reference that nobody computes counts as missed. The exit code is 1 when any is.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.references.comparing import Comparison, compare
from benchmarks.references.entries import Calculation, Reference, read_references

#: Columns that the table needs to be read.
WIDTH = 100
OK, MISS, NOT_OURS = "ok", "MISS", "not ours"


@dataclass(frozen=True)
class Outcome:
    """What became of a reference: its comparisons, or why there are none."""

    reference: Reference
    comparisons: Sequence[Comparison] = ()
    error: str = ""

    @property
    def compared(self) -> list[Comparison]:
        return [one for one in self.comparisons if one.reason is None]

    @property
    def result(self) -> str:
        if self.error or not all(one.is_ok for one in self.compared):
            return MISS
        return OK if self.compared else NOT_OURS

    @property
    def worst(self) -> float:
        return max((one.deviation for one in self.compared), default=0.0)

    @property
    def reasons(self) -> dict[str, list[str]]:
        """Reason → the places that were set aside for it; inputs have none."""
        found: dict[str, list[str]] = {}
        for one in self.comparisons:
            if one.reason:
                found.setdefault(one.reason, []).append(one.place)
        return found


def main() -> int:
    """Compute, compare, print, and give 1 where a number is off."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("references", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder with the files that references name")
    parser.add_argument("--only", nargs="*", default=(), help="ids")
    given = parser.parse_args()
    references = read_references(given.references, folder=given.data)
    chosen = [one for one in references if not given.only or one.id in given.only]
    outcomes = [check(one, own_calculations()) for one in chosen]
    report(outcomes, console=Console(width=max(Console().width, WIDTH)))
    return int(any(one.result == MISS for one in outcomes))


def own_calculations() -> Mapping[str, Calculation]:
    """Load the calculations of all topics."""
    from benchmarks.references import topics

    return topics.CALCULATIONS


def check(reference: Reference, calculations: Mapping[str, Calculation]) -> Outcome:
    """Compute one reference and compare it; an error in the calculation is a miss, not an end."""
    if reference.id not in calculations:
        return Outcome(reference, error="nobody computes it")
    try:
        computed = calculations[reference.id](reference)
    except Exception as error:
        return Outcome(reference, error=f"{type(error).__name__}: {error}")
    tolerance = {"rel": reference.rel, "absolute": reference.absolute}
    return Outcome(reference, list(compare(reference.expected, computed, **tolerance)))


def report(outcomes: Sequence[Outcome], *, console: Console) -> None:
    """Print a row a reference, then what was missed, what was set aside and why, and the sums."""
    table = Table(
        "reference", "topic", "numbers", "set aside", "worst relative\ndeviation", "result", box=SIMPLE
    )
    for one in outcomes:
        aside = sum(map(len, one.reasons.values()))
        worst = f"{one.worst:.1e}" if one.compared else "–"
        style = {OK: "green", MISS: "bold red", NOT_OURS: "dim"}[one.result]
        numbers = (str(len(one.compared)), str(aside or "–"), worst, f"[{style}]{one.result}[/]")
        table.add_row(one.reference.id, one.reference.topic, *numbers)
    console.print(table)
    for line in [*_misses(outcomes), *_reasons(outcomes), _sums(outcomes)]:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _misses(outcomes: Sequence[Outcome]) -> list[str]:
    lines = [f"MISS {one.reference.id}: {one.error}" for one in outcomes if one.error]
    return lines + [
        f"MISS {one.reference.id} {wrong.place}: expected {wrong.expected}, computed {wrong.computed}"
        for one in outcomes
        for wrong in one.compared
        if not wrong.is_ok
    ]


def _reasons(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        f"set aside {one.reference.id} ({', '.join(filter(None, places)) or 'all'}): {reason}"
        for one in outcomes
        for reason, places in one.reasons.items()
    ]


def _sums(outcomes: Sequence[Outcome]) -> str:
    results = [one.result for one in outcomes]
    numbers = sum(len(one.compared) for one in outcomes)
    counts = ", ".join(f"{results.count(result)} {result}" for result in (OK, MISS, NOT_OURS))
    return f"{len(results)} references: {counts}; {numbers} numbers compared"


if __name__ == "__main__":
    sys.exit(main())

"""Measure a whole report against the plain way: papermill and nbconvert by command line, one by one.

Both run on temporary copies of this project, in alternation, from the same processed tables. The plain way
makes slides only; run_all.py also makes the long report, Office files, prints, the index and the ledger. Run it:
``python benchmarks/report.py --repeat 3``. Needs Linux or macOS.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from costs import Cost, cpu_seconds, watch_memory
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
#: What a run may cost at most, as a part of the plain way's CPU seconds and of its wall seconds.
TARGETS = {"cold": 0.7, "one changed": 0.3, "unchanged": 0.03}
PEAK_GIB = 1.5


def main() -> int:
    """Measure, print the table, and give 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, help="how often each way runs; medians are compared")
    parser.add_argument("--year", type=int, default=max(_years()), help="the year; default: the newest")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = copy_project(Path(folder) / "project")
        has_prior = given.year - 1 in _years()
        making = ["--only", "annotate", *(["prior-year"] if has_prior else [])]
        tables = measure(project, [[*run_all(given.year), *making]])
        measure(project, [run_all(given.year)])
        runs = [dict(one_round(project, year=given.year, number=number)) for number in range(given.repeat)]
    costs = {name: middle([run[name] for run in runs]) for name in runs[0]}
    return report(costs, tables=tables, repeat=given.repeat)


def copy_project(target: Path) -> Path:
    """Copy what a run reads, without anything made by an earlier run."""
    ignore = shutil.ignore_patterns(".ipynb_checkpoints", "processed")
    for name in ("fbanalysis", "notebooks", "data"):
        shutil.copytree(ROOT / name, target / name, ignore=ignore)
    shutil.copy2(ROOT / "run_all.py", target)
    return target


def one_round(project: Path, *, year: int, number: int) -> Iterator[tuple[str, Cost]]:
    """Run both ways once; every other round the other way begins."""
    ways: list[Callable[[], Iterator[tuple[str, Cost]]]] = [
        lambda: plain_way(project, year=year),
        lambda: our_way(project, year=year, number=number),
    ]
    for way in ways if number % 2 == 0 else reversed(ways):
        yield from way()


def plain_way(project: Path, *, year: int) -> Iterator[tuple[str, Cost]]:
    """Execute and convert every notebook by the command lines that everybody knows."""
    folder = project / "plain"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    notebooks = sorted((project / "notebooks").glob("*.ipynb"))
    executed = [folder / path.name for path in notebooks]
    papermill = [sys.executable, "-m", "papermill", "--cwd", str(project / "notebooks")]
    convert = [sys.executable, "-m", "nbconvert", "--to", "slides"]
    commands = [
        [*papermill, "-p", "year", str(year), str(path), str(made)]
        for path, made in zip(notebooks, executed, strict=True)
    ]
    yield "plain", measure(project, [*commands, *([*convert, str(path)] for path in executed)])


def our_way(project: Path, *, year: int, number: int) -> Iterator[tuple[str, Cost]]:
    """Run everything; again with one cell changed; again with nothing changed."""
    shutil.rmtree(project / "reports", ignore_errors=True)
    yield "cold", measure(project, [run_all(year)])
    notebooks = sorted((project / "notebooks").glob("*.ipynb"))
    change_a_cell(notebooks[number % len(notebooks)], mark=f"# round {number}")
    yield "one changed", measure(project, [run_all(year)])
    yield "unchanged", measure(project, [run_all(year)])


def change_a_cell(notebook: Path, *, mark: str) -> None:
    """Add a comment to the last code cell."""
    content = json.loads(notebook.read_text("utf-8"))
    cell = [cell for cell in content["cells"] if cell["cell_type"] == "code"][-1]
    cell["source"] = "".join(cell["source"]) + f"\n{mark}"
    notebook.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def run_all(year: int) -> list[str]:
    """The command that is measured."""
    return [sys.executable, "run_all.py", "--year", str(year)]


def measure(project: Path, commands: Sequence[Sequence[str]]) -> Cost:
    """Run commands one after the other and sum up what they cost.

    CPU is that of all ended descendants (``RUSAGE_CHILDREN``). The peak is the largest sum, over all
    processes alive, of their proportional set sizes (Linux; elsewhere resident sizes, which count shared
    pages once a process).
    """
    environment = {**os.environ, "FBANALYSIS_ROOT": str(project), "PYTHONPATH": str(project)}
    before, began = cpu_seconds(), time.monotonic()
    with watch_memory() as peaks:
        for command in commands:
            done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Cost(cpu_seconds() - before, time.monotonic() - began, max(peaks, default=0.0))


def _years() -> list[int]:
    return [int(path.parent.name) for path in (ROOT / "data" / "raw").glob("*/dataset.toml")]


def middle(costs: Sequence[Cost]) -> Cost:
    """Take the median of CPU and wall, and the largest peak."""
    cpu, wall = median(cost.cpu for cost in costs), median(cost.wall for cost in costs)
    return Cost(cpu, wall, peak=max(cost.peak for cost in costs))


def report(costs: dict[str, Cost], *, tables: Cost, repeat: int) -> int:
    """Print what each way cost and whether the targets are met."""
    plain = costs["plain"]
    verdicts = {name: is_met(costs[name], plain, target=target) for name, target in TARGETS.items()}
    table = Table(title=f"Medians of {repeat}, same processed tables on both sides")
    for heading in ("run", "CPU s", "wall s", "peak GiB", "CPU / plain", "wall / plain", "target", "met"):
        table.add_column(heading, justify="left" if heading == "run" else "right")
    for name in ("plain", *TARGETS):
        cost, target = costs[name], f"{TARGETS[name]}, {PEAK_GIB} GiB" if name in TARGETS else ""
        figures = [f"{cost.cpu:.2f}", f"{cost.wall:.2f}", f"{cost.peak:.2f}"]
        ratios = [f"{cost.cpu / plain.cpu:.3f}", f"{cost.wall / plain.wall:.3f}"]
        met = {True: "yes", False: "NO", None: ""}[verdicts.get(name)]
        table.add_row(name, *figures, *ratios, target, met)
    console = Console(width=110)
    console.print(table)
    total = (costs["cold"].cpu + tables.cpu) / (plain.cpu + tables.cpu)
    console.print(
        f"Making the tables (intake, annotate, prior year; once, apart): {tables.cpu:.1f} CPU s, "
        f"{tables.wall:.1f} s, {tables.peak:.2f} GiB. "
        f"Cold with them on both sides: {total:.2f} of the plain CPU."
    )
    return 0 if all(verdicts.values()) else 1


def is_met(cost: Cost, plain: Cost, *, target: float) -> bool:
    """Hold a run's CPU, wall and peak against the targets."""
    return max(cost.cpu / plain.cpu, cost.wall / plain.wall) <= target and cost.peak <= PEAK_GIB


if __name__ == "__main__":
    sys.exit(main())

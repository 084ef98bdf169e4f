"""Measure the statistical chapters on a year of a million rows, and whether their cost grows with the rows.

The sample year's tables are repeated under new ids until each holds the wanted rows; the chapters then run as in a
report, two at a time, from Parquet to executed notebook, charts included. Reading raw files and annotating comments
are steps of their own and not measured here. Run it: ``python benchmarks/scale.py``. Needs Linux or macOS.
"""

import argparse
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
from costs import Cost, cpu_seconds, watch_memory
from rich.console import Console
from rich.table import Table

from fbanalysis.analysis.prior_year import summarise_prior_year
from fbanalysis.pipeline.chapters import fill_parameters, find_notebooks, read_outline
from fbanalysis.pipeline.kernels import run_notebook

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ("21", "41", "42", "46", "47", "62")
ROWS = 1_000_000
WALL_SECONDS, PEAK_GIB = 60, 4
#: Rows of the smaller run, as a part of the larger one's.
PART = 4
#: Tables with a row a person, an answer or an event; the others describe the organisation and stay as they are.
ROWWISE = (
    "feedback",
    "nps",
    "ratings",
    "ces",
    "kano",
    "orders",
    "journey",
    "tickets",
    "experiments",
    "customers",
)
#: Columns whose ids are new in every copy, so that copies are other people.
IDS = ("feedback_id", "respondent_id", "customer_id", "order_id", "ticket_id", "unit_id")
#: Columns that count the people of whom every copy brings as many again.
SIZES = ("population", "invited", "started")


def main() -> int:
    """Measure, print the table, and give 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of every large table")
    parser.add_argument("--chapters", nargs="+", default=CHAPTERS, help="numbers of the notebooks")
    parser.add_argument("--year", type=int, default=2023)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            rows: measure(Path(folder) / str(rows), rows=rows, year=given.year, chapters=given.chapters)
            for rows in (given.rows // PART, given.rows)
        }
    return report(runs)


def measure(root: Path, *, rows: int, year: int, chapters: Sequence[str]) -> dict[str, Cost]:
    """Make a year of so many rows and run its chapters: what each cost, and ``all`` together."""
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    shutil.copytree(ROOT / "data" / "processed", root / "data" / "processed")
    enlarge(root / "data" / "processed" / str(year), rows=rows)
    os.environ |= {"FBANALYSIS_ROOT": str(root), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    paths = [path for path in find_notebooks(root / "notebooks") if path.stem.split("_")[0] in chapters]
    before, began = cpu_seconds(), time.monotonic()
    with (
        watch_memory() as peaks,
        ProcessPoolExecutor(2, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool,
    ):
        costs = dict(pool.map(one_chapter, paths, [year] * len(paths)))
    whole = Cost(cpu_seconds() - before, time.monotonic() - began, max(peaks, default=0.0))
    return {**costs, "all": whole}


def one_chapter(path: Path, year: int) -> tuple[str, Cost]:
    """Execute a chapter and say what it took."""
    before, began = cpu_seconds(), time.monotonic()
    parameters = fill_parameters(read_outline(path), given={"year": year}, notebook=path)
    with watch_memory() as peaks:
        error = run_notebook(path, path.parents[1] / "executed" / path.name, parameters=parameters)
    if error is not None:
        raise RuntimeError(f"{path.name}: {error}")
    return path.stem, Cost(cpu_seconds() - before, time.monotonic() - began, max(peaks, default=0.0))


def enlarge(processed: Path, *, rows: int) -> None:
    """Repeat the large tables of a year and of the year before until each holds so many rows."""
    tables = {name: processed / f"{name}.parquet" for name in ROWWISE}
    frames = {name: pd.read_parquet(path) for name, path in tables.items() if path.is_file()}
    copies = {name: math.ceil(rows / len(frame)) for name, frame in frames.items()}
    copies["customers"] = max(copies.get(name, 0) for name in ("orders", "feedback"))
    for name, frame in frames.items():
        repeated(frame, times=copies[name]).to_parquet(tables[name], index=False)
    grow_people(processed, times=copies["feedback"])
    enlarge_prior(processed, rows=rows)


def enlarge_prior(processed: Path, *, rows: int) -> None:
    """Sum last year up as if it had been as large."""
    prior = processed.with_name(str(int(processed.name) - 1))
    frames = {path.stem: pd.read_parquet(path) for path in prior.glob("*.parquet")}
    large = {
        name: repeated(frame, times=math.ceil(rows / len(frame))) if name in ROWWISE else frame
        for name, frame in frames.items()
    }
    times = math.ceil(rows / len(frames["feedback"]))
    large["population"] = multiplied(frames["population"], times=times)
    summarise_prior_year(large).to_parquet(processed / "prior_year.parquet", index=False)


def repeated(frame: pd.DataFrame, *, times: int) -> pd.DataFrame:
    """Repeat a table under new ids: copy 7 of customer K1 is K1-7."""
    whole = pd.concat([frame] * times, ignore_index=True)
    copy = pd.Series(range(times)).repeat(len(frame)).astype("str").reset_index(drop=True)
    for name in (name for name in IDS if name in frame):
        whole[name] = whole[name].str.cat(copy, sep="-")
    return whole


def grow_people(processed: Path, *, times: int) -> None:
    """Multiply the frame and the margins, so that coverage stays what it was."""
    for name in ("population", "margins"):
        path = processed / f"{name}.parquet"
        if path.is_file():
            multiplied(pd.read_parquet(path), times=times).to_parquet(path, index=False)


def multiplied(frame: pd.DataFrame, *, times: int) -> pd.DataFrame:
    """Multiply the counts of people in a table."""
    return frame.assign(**{name: frame[name] * times for name in SIZES if name in frame})


def report(runs: Mapping[int, Mapping[str, Cost]]) -> int:
    """Print what the chapters took at both sizes, and hold the whole against the limits."""
    (few, small), (many, large) = runs.items()
    bound = PART * math.log(many) / math.log(few)
    table = Table(
        title=f"{many:,} rows a table, two chapters at a time; growth from {few:,} rows, n log n gives {bound:.1f}"
    )
    for heading in ("chapter", "CPU s", "wall s", "peak GiB", f"CPU / CPU at {few:,}"):
        table.add_column(heading, justify="left" if heading == "chapter" else "right")
    for name, cost in large.items():
        figures = [f"{figure:.1f}" for figure in (cost.cpu, cost.wall, cost.peak)]
        table.add_row(name, *figures, f"{cost.cpu / small[name].cpu:.1f}")
    Console(width=110).print(table)
    whole = large["all"]
    is_within = whole.wall <= WALL_SECONDS and whole.peak <= PEAK_GIB
    grows = [name for name, cost in large.items() if cost.cpu / small[name].cpu > bound]
    print(
        f"Limits: {WALL_SECONDS} s, {PEAK_GIB} GiB: {'kept' if is_within else 'BROKEN'}; faster than n log n: {grows or 'none'}"
    )
    return 0 if is_within and not grows else 1


if __name__ == "__main__":
    sys.exit(main())

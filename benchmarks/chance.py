"""Measure how often a report of nothing but chance says a strong word.

The sample year's labels are dealt out again (tests/shuffling.py), all its chapters that judge are run, and the words
that their tests earned are read from the slides. A run with any of them is a false report; under no effect at most
five in a hundred may be. Run it: ``python benchmarks/chance.py --runs 400``.
"""

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from shuffling import copy_tables, inside, judging, shuffle, strong_words, without_charts  # noqa: E402

LEVEL = 0.05


def main() -> int:
    """Run, print how many reports said a strong word and which, and give 1 where they are too many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.runs)
    halves = [list(seeds[start::2]) for start in range(2)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        said = [words for half in pool.map(some_years, halves) for words in half]
    false = [words for words in said if words]
    for (chapter, word, sentence), count in Counter(one for words in false for one in words).most_common(20):
        print(f"{count:4d}  {chapter}  {word}  {sentence[:90]}")
    print(
        f"{len(false)} of {given.runs} reports of chance said a strong word ({len(false) / given.runs:.1%})"
    )
    return 0 if len(false) <= LEVEL * given.runs else 1


def some_years(seeds: list[int]) -> list[set[tuple[str, str, str]]]:
    """Give the strong words of years shuffled with these seeds: (chapter, word, sentence)."""
    with tempfile.TemporaryDirectory() as folder, without_charts():
        root = Path(folder) / "project"
        copy_tables(root)
        return [one_year(root, seed=seed) for seed in seeds]


def one_year(root: Path, *, seed: int) -> set[tuple[str, str, str]]:
    """Shuffle the sample's tables once more and run its chapters."""
    shuffle(root, seed=seed)
    with inside(root):
        return {(path.stem, *said) for path in judging() for said in strong_words(path)}


if __name__ == "__main__":
    sys.exit(main())

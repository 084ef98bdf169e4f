"""Shuffled labels leave no strong word: a report of a year without differences claims none.

The sample's two years are pooled and dealt out again, and every group label, moment, arm and phase is shuffled
against what people said; then the chapters that judge are run, and their pages are read as a reader would.
"""

import os
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest
import seeing
from shuffling import (
    EARNED,
    READS_THE_OTHERS,
    ROOT,
    SHUFFLED,
    WITHOUT_OUTCOMES,
    YEAR,
    copy_tables,
    folder,
    judging,
    shuffle,
)

from fbanalysis.dataset import load_dataset
from fbanalysis.pipeline.chapters import fill_parameters, find_notebooks, read_outline
from fbanalysis.pipeline.kernels import run_notebook
from fbanalysis.report.publishing import PAGES, publish
from fbanalysis.report.story import Chapter
from fbanalysis.report.words import RULES, rules
from fbanalysis.schema import TABLES

# Running


def execute(notebook: Path, target: Path) -> str:
    parameters = fill_parameters(read_outline(notebook), given={"year": YEAR}, notebook=notebook)
    error = run_notebook(notebook, target, parameters=parameters)
    return f"{notebook.stem}: {error}" if error else ""


def run(root: Path) -> list[str]:
    """Run the chapters that judge, two at a time, and give their errors."""
    place = root / "reports" / str(YEAR) / "notebooks"
    early, late = [], []
    for path in judging():
        (late if READS_THE_OTHERS in path.read_text("utf-8") else early).append(
            root / "notebooks" / path.name
        )
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        errors = list(pool.map(execute, early, [place / path.name for path in early]))
        errors += pool.map(execute, late, [place / path.name for path in late])
    return [error for error in errors if error]


def chapters(root: Path) -> list[Chapter]:
    """All chapters; those that were not run are gaps."""
    place, run_ones = root / "reports" / str(YEAR) / "notebooks", {path.stem for path in judging()}
    return [
        Chapter(
            path.stem.split("_")[0],
            path.stem,
            read_outline(path).title,
            place / path.name if path.stem in run_ones else None,
            "done" if path.stem in run_ones else "left out",
        )
        for path in find_notebooks(root / "notebooks")
    ]


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory, sample_report: Path) -> Path:
    """The pages of the sample year with all labels shuffled."""
    assert sample_report.is_dir()
    root = tmp_path_factory.mktemp("shuffled")
    copy_tables(root)
    shuffle(root, seed=2023)
    before = dict(os.environ)
    os.environ |= {
        "FBANALYSIS_ROOT": str(root),
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
    }
    try:
        assert run(root) == []
        publish(load_dataset(root, YEAR), chapters(root))
    finally:
        os.environ.clear()
        os.environ.update(before)
    return root / "reports" / str(YEAR)


# Reading


def patterns() -> list[str]:
    """What finds the words themselves, and not 显著性 or 有效反馈."""
    return [rule.kin[0] for rule in RULES if rule.word in EARNED]


def given_texts() -> list[str]:
    """Names and texts in the data that hold a strong word: nobody's claim."""
    found: set[str] = set()
    for path in folder(ROOT, YEAR).parent.glob("202[23]/*.parquet"):
        for _, column in pd.read_parquet(path).select_dtypes(["object", "str"]).items():
            found |= {
                text for text in column.dropna().astype(str).unique() if any(word in text for word in EARNED)
            }
    return sorted(found)


def claims(report: Path) -> list[str]:
    """Strong words in the text of the pages, with their surroundings: names, quotes and the table of rules left out."""
    words = re.compile("|".join(EARNED))
    known = {
        text[max(0, m.start() - 3) : m.end() + 3]
        for text in map(squeezed, given_texts())
        for m in words.finditer(text)
    }
    left_out = [
        rf"(?:{row.stratum})?{re.escape(squeezed(said))}" for row in rules().itertuples() for said in row[2:4]
    ]
    left_out += [re.escape(text) for text in sorted(known, key=len, reverse=True)]
    found = []
    for page in PAGES:
        text = re.sub(r"(?s)<pre.*?</pre>", " ", (report / page).read_text("utf-8"))
        text = re.sub("|".join(left_out), "□", squeezed(seeing.visible_text(text)))
        found += [
            text[max(0, m.start() - 20) : m.end() + 15] for one in patterns() for m in re.finditer(one, text)
        ]
    return found


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_table_of_a_judging_chapter_is_shuffled_or_holds_no_outcome() -> None:
    outlines = [read_outline(path) for path in judging()]
    read = {name for outline in outlines for name in (*outline.needs, *outline.mentioned) if name in TABLES}
    assert read <= SHUFFLED | WITHOUT_OUTCOMES, "shuffle these too"
    assert len(outlines) > 5


def test_shuffled_labels_leave_no_strong_word(shuffled: Path) -> None:
    assert claims(shuffled) == []


def test_the_report_as_it_is_has_strong_words(sample_report: Path) -> None:
    found = "\n".join(claims(sample_report))
    assert {word for word in EARNED if word in found} >= {"显著", "大幅", "导致", "有效"}


def test_the_shuffled_report_says_that_there_is_no_difference(shuffled: Path) -> None:
    text = squeezed(seeing.visible_text((shuffled / "deck.html").read_text("utf-8")))
    assert len(re.findall("没有差异|看不出差异|未见差异", text)) > 5
    assert re.findall(".{20}(?:没有|看不出|未见)差异(?:（差[^）]*）)?，[但却而].{20}", text) == []
    assert "看不出效果" in text

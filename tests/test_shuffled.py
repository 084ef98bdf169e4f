"""Shuffled labels leave no strong word: a report of a year without differences claims none.

The sample's two years are pooled and dealt out again, and every group label, moment, arm and phase is shuffled
against what people said; then the chapters that judge are run, and their pages are read as a reader would.
"""

import os
import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import seeing

from fbanalysis.analysis.prior_year import summarise_prior_year
from fbanalysis.dataset import load_dataset
from fbanalysis.pipeline.chapters import fill_parameters, find_notebooks, read_outline
from fbanalysis.pipeline.kernels import run_notebook
from fbanalysis.report.publishing import PAGES, publish
from fbanalysis.report.story import Chapter
from fbanalysis.report.words import RULES, rules
from fbanalysis.schema import TABLES

ROOT = Path(__file__).parents[1]
YEAR = 2023
JUDGES = re.compile(r"\{(?:change|moved|leads|rank|trend|causes|works)\(")
READS_THE_OTHERS = "earlier_records"
EARNED = ("显著", "明显", "大幅", "领先", "导致", "有效", "持续")

#: What is shuffled, and what holds no outcome that a group could be compared by.
SHUFFLED = {
    "feedback",
    "comments",
    "prior_year",
    "operations",
    "measures",
    "incident_customers",
    "experiments",
}
WITHOUT_OUTCOMES = {
    "population",
    "sentiment_checks",
    "incidents",
    "incident_steps",
    "incident_losses",
    "actions",
    "milestones",
    "policies",
    "kpis",
    "margins",
    "customers",
}


# Shuffling


def permuted(frame: pd.DataFrame, columns: Sequence[str], *, rng: np.random.Generator) -> pd.DataFrame:
    """Deal some columns out again over the rows, kept together."""
    columns = list(columns)
    order = rng.permutation(len(frame))
    return frame.assign(**{name: frame[name].to_numpy()[order] for name in columns})


def permuted_within(
    frame: pd.DataFrame, columns: Sequence[str], *, by: Sequence[str], rng: np.random.Generator
) -> pd.DataFrame:
    """Deal some columns out again within each group."""
    frame = frame.reset_index(drop=True)
    parts = [
        permuted(part, columns, rng=rng) for _, part in frame.groupby(list(by), dropna=False, sort=False)
    ]
    return pd.concat(parts).sort_index()


def shuffled_feedback(frame: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Deal what people said out again over who they are, where and when they said it."""
    for columns in (["kind", "topic", "tags"], ["area", "area_score"], ["overall_score"], ["comment"]):
        frame = permuted(frame, columns, rng=rng)
    is_rated = frame.assign(is_rated=frame["area_score"].notna())
    return permuted_within(is_rated, ["area_score"], by=["is_rated"], rng=rng).drop(columns="is_rated")


def dealt(
    feedback: dict[int, pd.DataFrame], people: dict[int, pd.DataFrame], *, rng: np.random.Generator
) -> dict[int, pd.DataFrame]:
    """Deal the rows of both years out again, stratum by stratum: who would have answered in which year.

    As many fall to a year as if every member of both years' strata had been as ready to answer (hypergeometric), so
    that no stratum has more rows than members.
    """
    pooled = pd.concat(feedback.values(), ignore_index=True)
    sizes = {year: frame.groupby("stratum")["population"].sum() for year, frame in people.items()}
    years = np.empty(len(pooled), dtype=int)
    for stratum, rows in pooled.groupby("stratum").indices.items():
        this, last = (int(sizes[year].get(stratum, len(rows))) for year in (YEAR, YEAR - 1))
        taken = rng.hypergeometric(this, last, len(rows))
        years[rng.permutation(rows)] = [YEAR] * taken + [YEAR - 1] * (len(rows) - taken)
    moved = pooled.assign(
        submitted_at=[at.replace(year=year) for at, year in zip(pooled["submitted_at"], years, strict=True)]
    )
    return {year: moved[years == year].reset_index(drop=True) for year in feedback}


def swapped(customers: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Change before and after of half of the customers."""
    is_swapped = rng.random(len(customers)) < 0.5
    before, after = customers["score_before"], customers["score_after"]
    return customers.assign(
        score_before=before.mask(is_swapped, after), score_after=after.mask(is_swapped, before)
    )


def shuffle(root: Path, *, seed: int) -> None:
    """Shuffle the processed tables of the report year, and sum up last year's as shuffled."""
    rng, read = (
        np.random.default_rng(seed),
        lambda name, year=YEAR: pd.read_parquet(folder(root, year) / f"{name}.parquet"),
    )
    years = (YEAR, YEAR - 1)
    people, comments = (
        {year: read("population", year) for year in years},
        pd.concat([read("comments", year) for year in years]),
    )
    feedback = dealt({year: read("feedback", year) for year in years}, people, rng=rng)
    whole = shuffled_feedback(
        pd.concat(feedback, names=["year"]).reset_index("year").reset_index(drop=True), rng=rng
    )
    whole["feedback_id"] = [f"F{number}" for number in range(len(whole))]
    parts = {year: whole[whole["year"] == year].drop(columns="year").reset_index(drop=True) for year in years}
    operations = pd.concat({year: read("operations", year) for year in years}, names=["year"]).reset_index(
        "year"
    )
    operations = permuted_within(operations, ["value"], by=["grain", "measure"], rng=rng)
    ops = {year: operations[operations["year"] == year].drop(columns="year") for year in years}
    comments = comments.drop_duplicates("comment_hash", ignore_index=True)
    last = {
        "feedback": parts[YEAR - 1],
        "comments": comments,
        "population": people[YEAR - 1],
        "operations": ops[YEAR - 1],
    }
    made = {
        "feedback": parts[YEAR],
        "comments": comments,
        "operations": ops[YEAR],
        "prior_year": summarise_prior_year(last),
        "measures": permuted_within(
            read("measures"), ["value", "n", "sd"], by=["action_id", "metric", "stratum"], rng=rng
        ),
        "experiments": permuted_within(read("experiments"), ["value"], by=["experiment", "metric"], rng=rng),
        "incident_customers": swapped(read("incident_customers"), rng=rng),
    }
    assert made.keys() == SHUFFLED
    for name, frame in made.items():
        frame.to_parquet(folder(root, YEAR) / f"{name}.parquet", index=False)


def folder(root: Path, year: int) -> Path:
    return root / "data" / "processed" / str(year)


# Running


def judging() -> list[Path]:
    """The notebooks that judge; those that read the records of the others at the end."""
    found = [path for path in find_notebooks(ROOT / "notebooks") if JUDGES.search(path.read_text("utf-8"))]
    return sorted(found, key=lambda path: READS_THE_OTHERS in path.read_text("utf-8"))


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
    for part in ("notebooks", "data/processed", "data/raw"):
        shutil.copytree(ROOT / part, root / part)
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
    assert {word for word in EARNED if word in found} >= {"显著", "大幅", "导致", "有效", "持续"}


def test_the_shuffled_report_says_that_there_is_no_difference(shuffled: Path) -> None:
    text = squeezed(seeing.visible_text((shuffled / "deck.html").read_text("utf-8")))
    assert len(re.findall("没有差异|看不出差异|未见差异", text)) > 5
    assert re.findall(".{20}(?:没有|看不出|未见)差异(?:（差[^）]*）)?，[但却而].{20}", text) == []
    assert "看不出效果" in text

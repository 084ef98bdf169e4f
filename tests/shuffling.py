"""A year without differences: the sample's labels dealt out again, and its chapters run on it in this process."""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fbanalysis.analysis.prior_year import summarise_prior_year
from fbanalysis.pipeline.chapters import find_notebooks
from fbanalysis.report import charts, slides
from fbanalysis.report.layout import plain
from fbanalysis.report.slides import Slide, sentences
from fbanalysis.report.words import RULES

ROOT = Path(__file__).parents[1]
YEAR = 2023
EARNED = ("显著", "明显", "大幅", "领先", "导致", "有效", "持续")

JUDGES = re.compile(r"\{(?:change|moved|leads|rank|trend|causes|works)\(")
READS_THE_OTHERS = "earlier_records"

#: What is shuffled, and what holds no outcome that a group could be compared by.
SHUFFLED = {
    "feedback",
    "population",
    "comments",
    "prior_year",
    "operations",
    "measures",
    "incident_customers",
    "experiments",
    "nps",
    "ratings",
    "ces",
    "kano",
    "orders",
    "journey",
    "customers",
}
WITHOUT_OUTCOMES = {
    "sentiment_checks",
    "incidents",
    "incident_steps",
    "incident_losses",
    "actions",
    "milestones",
    "policies",
    "kpis",
    "margins",
    "declared",
    "tickets",
    "codings",
}


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


def asked_alike(people: dict[int, pd.DataFrame]) -> dict[int, pd.DataFrame]:
    """Let as large a part of a stratum have been invited, and have begun to answer, in one year as in the other."""
    both = pd.concat(people.values()).groupby(["side", "stratum"])[["population", "invited", "started"]].sum()
    parts = both[["invited", "started"]].div(both["population"], axis=0).astype("float64")
    made = {}
    for year, frame in people.items():
        known = parts.reindex(pd.MultiIndex.from_frame(frame[["side", "stratum"]])).reset_index(drop=True)
        counts = known.mul(frame["population"].astype("float64").to_numpy(), axis=0).round().astype("Int64")
        made[year] = frame.assign(invited=counts["invited"], started=counts["started"])
    return made


Reader = Callable[..., pd.DataFrame]


def both_years(read: Reader, name: str, *, rng: np.random.Generator) -> dict[int, pd.DataFrame]:
    """Deal the scores of a survey out again over both years, item by item."""
    pooled = pd.concat({year: read(name, year) for year in (YEAR, YEAR - 1)}, names=["year"]).reset_index(
        "year"
    )
    by = [column for column in ("survey", "item") if column in pooled]
    mixed = permuted_within(pooled, ["score"], by=by, rng=rng) if by else permuted(pooled, ["score"], rng=rng)
    return {
        year: mixed[mixed["year"] == year].drop(columns="year").reset_index(drop=True)
        for year in (YEAR, YEAR - 1)
    }


def shuffled_customers(read: Reader, *, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Deal out again who left, who ordered, and what was said of efforts, features and touchpoints.

    Customers who came during the year stay as they are: nobody leaves before having come.
    """
    customers = read("customers")
    is_old = customers.assign(is_old=customers["since"].lt(f"{YEAR}-01-01"))
    left = permuted_within(is_old, ["status", "churned_at"], by=["is_old"], rng=rng)
    kept = left["is_old"].to_numpy()
    customers.loc[kept, ["status", "churned_at"]] = left.loc[kept, ["status", "churned_at"]]
    return {
        "customers": customers,
        "ces": permuted_within(read("ces"), ["score"], by=["item"], rng=rng),
        "kano": permuted(read("kano"), ["functional", "dysfunctional"], rng=rng),
        "orders": permuted(read("orders"), ["customer_id"], rng=rng),
        "journey": permuted(read("journey"), ["score"], rng=rng),
    }


def shuffle(root: Path, *, seed: int) -> None:
    """Shuffle the processed tables of the report year, and sum up last year's as shuffled."""
    rng, read = (
        np.random.default_rng(seed),
        lambda name, year=YEAR: pd.read_parquet(folder(ROOT, year) / f"{name}.parquet"),
    )
    years = (YEAR, YEAR - 1)
    people = asked_alike({year: read("population", year) for year in years})
    comments = pd.concat([read("comments", year) for year in years])
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
    surveys = {name: both_years(read, name, rng=rng) for name in ("nps", "ratings")}
    last = {
        **{name: frames[YEAR - 1] for name, frames in surveys.items()},
        "feedback": parts[YEAR - 1],
        "comments": comments,
        "population": people[YEAR - 1],
        "operations": ops[YEAR - 1],
    }
    made = {
        "feedback": parts[YEAR],
        "population": people[YEAR],
        "comments": comments,
        "operations": ops[YEAR],
        "prior_year": summarise_prior_year(last),
        "measures": permuted_within(
            read("measures"), ["value", "n", "sd"], by=["action_id", "metric", "stratum"], rng=rng
        ),
        "experiments": permuted_within(read("experiments"), ["value"], by=["experiment", "metric"], rng=rng),
        "incident_customers": swapped(read("incident_customers"), rng=rng),
        **{name: frames[YEAR] for name, frames in surveys.items()},
        **shuffled_customers(read, rng=rng),
    }
    assert made.keys() == SHUFFLED
    for name, frame in made.items():
        frame.to_parquet(folder(root, YEAR) / f"{name}.parquet", index=False)


def folder(root: Path, year: int) -> Path:
    return root / "data" / "processed" / str(year)


def copy_tables(root: Path) -> None:
    """Copy what a shuffled year is made of."""
    for part in ("notebooks", "data/processed", "data/raw"):
        shutil.copytree(ROOT / part, root / part)


# Running


def judging() -> list[Path]:
    """The notebooks that judge; those that read the records of the others at the end."""
    found = [path for path in find_notebooks(ROOT / "notebooks") if JUDGES.search(path.read_text("utf-8"))]
    return sorted(found, key=lambda path: READS_THE_OTHERS in path.read_text("utf-8"))


@contextlib.contextmanager
def without_charts() -> Iterator[None]:
    """Draw nothing until the block ends: only words are wanted."""
    kinds = {
        name: getattr(charts, name)
        for name in charts.__all__
        if getattr(getattr(charts, name), "__module__", "").startswith("fbanalysis.report.charts")
        and name.islower()
    }
    try:
        for name in kinds:
            setattr(charts, name, lambda *_, **__: None)
        yield
    finally:
        for name, kind in kinds.items():
            setattr(charts, name, kind)


@contextlib.contextmanager
def inside(root: Path) -> Iterator[None]:
    """Let notebooks find this project."""
    before, folder_before = dict(os.environ), Path.cwd()
    os.environ["FBANALYSIS_ROOT"] = str(root)
    os.chdir(root)
    try:
        yield
    finally:
        os.chdir(folder_before)
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def collecting() -> Iterator[list[Slide]]:
    """Collect the slides that notebooks make until the block ends."""
    made: list[Slide] = []
    make = slides.make_slide

    def remember(*arguments: object, **options: object) -> Slide:
        made.append(make(*arguments, **options))
        return made[-1]

    slides.make_slide = remember
    try:
        yield made
    finally:
        slides.make_slide = make


def slides_of(notebook: Path) -> list[Slide]:
    """Run the cells of a notebook in this process and give its slides, without their charts."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    space: dict[str, object] = {}
    with collecting() as made:
        for cell in (cell for cell in cells if cell["cell_type"] == "code"):
            exec(compile("".join(cell["source"]), notebook.stem, "exec"), space)
    return made


def strong_words(notebook: Path) -> list[tuple[str, str]]:
    """Run a notebook and list the words that its tests earned: (word, sentence)."""
    words = re.compile("|".join(rule.kin[0] for rule in RULES if rule.word in EARNED))
    return [
        (found.group(), plain(sentence))
        for slide in slides_of(notebook)
        for sentence in sentences(slide.spec)
        for piece in sentence
        if piece["rule"] and (found := words.search(piece["text"]))
    ]

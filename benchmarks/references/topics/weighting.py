"""Weighted means: strata, post-stratification, raking, clusters."""

import pandas as pd

from benchmarks.references.comparing import INPUT, SetAside
from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis.weighting import Weighting, margins_of, rake, stratified_mean, weighted_mean

SIDE = "external"
JACKKNIFE = SetAside("errors of clusters are linearised, those expected come from a jackknife")
POPULATION = "textbook/api_pop_min.csv"


@computes("api_stratified_mean")
def stratified(reference: Reference) -> object:
    schools = reference.table()
    scores, pupils = (stratified_mean(_cells(schools, score)).iloc[0] for score in ("api00", "enroll"))
    return {
        "mean": scores["value"],
        "se": scores["se"],
        "deff": scores["deff"],
        "total_enroll": pupils["total"],
        "total_se": pupils["total_se"],
    }


def _cells(schools: pd.DataFrame, score: str) -> pd.DataFrame:
    groups = schools.groupby("stype")
    cells = groups[score].agg(n="count", mean="mean", sd="std")
    return cells.assign(population=groups["fpc"].first()).reset_index()


def raked(reference: Reference, *, is_wide: bool) -> tuple[pd.DataFrame, Weighting]:
    """Weight schools by their type, and by whether they met the school-wide target, as the population has them."""
    schools = reference.table().rename(columns={"stype": "stratum", "sch.wide": "wide"}).assign(side=SIDE)
    everybody = pd.read_csv(reference.folder / POPULATION)
    types = _counts(everybody["stype"], "stratum")
    targets = _counts(everybody["sch.wide"], "level").assign(variable="wide")
    weighting = rake(schools, margins_of(types, targets if is_wide else None))
    return schools.assign(weight=weighting.weights), weighting


def _counts(column: pd.Series, name: str) -> pd.DataFrame:
    return column.value_counts().rename_axis(name).reset_index(name="population").assign(side=SIDE)


def _estimates(schools: pd.DataFrame, weighting: Weighting) -> dict[str, object]:
    found = weighted_mean(schools["api00"], weighting).iloc[0]
    return {
        "mean": found["value"],
        "se": found["se"],
        "kish": {"deff_kish": weighting.deff, "n_eff": weighting.effective_n},
        "sum_w": weighting.weights.sum(),
        "min_w": weighting.weights.min(),
        "max_w": weighting.weights.max(),
    }


@computes("api_poststratify")
def post_stratified(reference: Reference) -> object:
    schools, weighting = raked(reference, is_wide=False)
    cells = schools.groupby("stratum")["weight"].first()
    return _estimates(schools, weighting) | {"pop": INPUT, "weight_by_cell": cells.to_dict()}


@computes("api_raking")
def raked_twice(reference: Reference) -> object:
    schools, weighting = raked(reference, is_wide=True)
    cells = schools.groupby(["wide", "stratum"])["weight"].first()
    listed = [{"stype": kind, "sch.wide": wide, "w": weight} for (wide, kind), weight in cells.items()]
    return _estimates(schools, weighting) | {
        "margin_stype": schools.groupby("stratum")["weight"].sum().to_dict(),
        "margin_schwide": schools.groupby("wide")["weight"].sum().to_dict(),
        "weight_by_cell": listed,
    }


@computes("api_cluster_poststrat_rake")
def clusters(reference: Reference) -> object:
    found = {}
    for name, is_wide in (("poststrat", False), ("rake", True)):
        schools, weighting = raked(reference, is_wide=is_wide)
        row = weighted_mean(schools["api00"], weighting, cluster=schools["dnum"]).iloc[0]
        found |= {f"mean_{name}": row["value"], f"se_{name}": JACKKNIFE}
    return found

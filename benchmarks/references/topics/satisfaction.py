"""Scales and scores: how consistent items are, and how they were rated."""

import numpy as np
import pandas as pd

from benchmarks.references.comparing import SetAside
from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis.coverage import share_by
from fbanalysis.analysis.reliability import reliability
from fbanalysis.analysis.satisfaction import summarise
from fbanalysis.analysis.significance import association


@computes("alpha_attitude")
def attitude(reference: Reference) -> object:
    found = reliability(reference.table().drop(columns="rownames"))
    items = found.items.set_index("stratum")
    return {
        "raw_alpha": found.alpha,
        "std_alpha": found.alpha_standardised,
        "ci95_feldt": [found.low, found.high],
        "item_rest_r": items["item_rest_r"].to_dict(),
        "alpha_if_dropped": items["alpha_if_dropped"].to_dict(),
    }


@computes("alpha_bfi_agree")
def agreeableness(reference: Reference) -> object:
    asked = reference.table()[["A1", "A2", "A3", "A4", "A5"]]
    found = reliability(asked.assign(A1=7 - asked["A1"]))
    return {
        "raw_alpha_listwise": found.alpha,
        "n_listwise": found.n,
        "ci95_feldt_listwise": [found.low, found.high],
        "raw_alpha_without_reversal_listwise": reliability(asked).alpha,
        "raw_alpha_pairwise": SetAside("only those who answered every item count"),
    }


@computes("alpha_turkiye_28")
def course_items(reference: Reference) -> object:
    found = reliability(reference.table().iloc[:, 5:33])
    return {
        "raw_alpha": found.alpha,
        "n": found.n,
        "k": found.k,
        "grand_mean": found.items["mean"].mean(),
        "share_straightlined_all_equal": found.percent_same / 100,
    }


@computes("airline_items")
def airline(reference: Reference) -> object:
    table = reference.table()
    first, last = (table.columns.get_loc(name) for name in ("Inflight wifi service", "Cleanliness"))
    items = table.iloc[:, first : last + 1]
    rated = items.melt(var_name="item", value_name="score").replace({"score": {0: np.nan}})
    means = summarise(rated, "item", scale_maximum=5, score="score").set_index("stratum")
    satisfied = share_by(table, "satisfaction").set_index("stratum").loc["satisfied"]
    travel = association(table, row="Type of Travel", column="satisfaction")
    named = _named_as_in_r(means)
    return {
        "rows": satisfied["base"],
        "satisfied": satisfied["percent"] / 100,
        "item_means": named["mean"].to_dict(),
        "zeros": (len(table) - named["n"]).to_dict(),
        "missing_arrival_delay": SetAside("missing values of a column that no analysis uses are not counted"),
        "chi2_type_of_travel": travel.statistic,
        "cramers_v_type_of_travel": travel.effect,
    }


def _named_as_in_r(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_axis(table.index.str.replace(r"[ /-]", ".", regex=True))

"""Customers: net promoter score, drivers of an overall score, how long they stay."""

import numpy as np
import pandas as pd

from benchmarks.references.comparing import SetAside
from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis.customers.churn import at_time, log_rank, median_time, restricted_mean, survival
from fbanalysis.analysis.customers.drivers import explain
from fbanalysis.analysis.customers.nps import normal_interval, nps_by, variance

LOG_LOG = SetAside("intervals of survival are log–log")
STANDARDISED = SetAside("coefficients are standardised, with HC3 errors")


@computes("nps_small_counts")
def net_promoter_score(reference: Reference) -> object:
    promoters, passives, detractors = map(int, reference.file.split()[-1].split("/"))
    scores = np.repeat([10.0, 7.0, 0.0], [promoters, passives, detractors])
    row = nps_by(pd.DataFrame({"score": scores})).iloc[0]
    counts = row["promoters"], row["detractors"], row["n"]
    return {
        "nps": row["value"],
        "se": np.sqrt(variance(*counts) / row["n"]),
        "ci95": normal_interval(*counts),
    }


def explained(scores: pd.DataFrame) -> dict[str, object]:
    """Share the variance of the column ``outcome`` among all others."""
    found = explain(scores, seed=0, draws=50)
    table = found.table.set_index("stratum")
    names = {"lmg": "lmg", "std_beta": "beta", "vif": "vif", "johnson_rw": "johnson", "pearson": "r"}
    return {
        "R2": found.r2 / 100,
        "adj_R2": found.r2_adjusted / 100,
        "lmg_share": (table["value"] / 100).to_dict(),
        **{name: table[column].to_dict() for name, column in names.items()},
    }


@computes("lmg_swiss")
def swiss(reference: Reference) -> object:
    return explained(reference.table().drop(columns="rownames").rename(columns={"Fertility": "outcome"}))


@computes("lmg_attitude")
def attitude(reference: Reference) -> object:
    found = explained(reference.table().drop(columns="rownames").rename(columns={"rating": "outcome"}))
    return found | {"b": STANDARDISED, "p": STANDARDISED}


@computes("lmg_turkiye")
def course_items(reference: Reference) -> object:
    items = reference.table().iloc[:, 5:33]
    first = items.iloc[:, :6].set_axis([f"Q{number}" for number in range(1, 7)], axis=1)
    return explained(first.assign(outcome=items.iloc[:, 12:].mean(axis=1)))


# ---------------------------------------------------------------- survival


def medians(times: pd.DataFrame, *, by: str) -> dict[str, list[float]]:
    """Give the median time of every group with its limits."""
    found = [median_time(survival(part)) for _, part in times.groupby(by)]
    names = {"median": "median", "lower": "low", "upper": "high"}
    return {name: [one[own] for one in found] for name, own in names.items()}


@computes("km_lung")
def lung(reference: Reference) -> object:
    table = reference.table()
    times = table.assign(event=table["status"].eq(2).astype(int))
    curve, test = survival(times), log_rank(times, by="sex", minimum_base=0)
    whole, year = median_time(curve), at_time(curve, 365.25)
    aside = {"lower": LOG_LOG, "upper": LOG_LOG}
    return {
        "n": int(curve["at_risk"].iloc[0]),
        "events": int(curve["events"].sum()),
        "loglog": {"median": whole["median"], "lower": whole["low"], "upper": whole["high"]},
        "log": whole | aside,
        "plain": whole | aside,
        "by_sex_loglog": medians(times, by="sex"),
        "by_sex_log": medians(times, by="sex") | aside,
        "S_365_25": year["percent"] / 100,
        "S_365_25_ci_log": LOG_LOG,
        "se_greenwood": year["se"] / 100,
        "logrank_chi2": test.statistic,
        "logrank_p": test.p,
        "rmst365": restricted_mean(curve, until=365),
    }


@computes("km_veteran")
def veteran(reference: Reference) -> object:
    times = reference.table().rename(columns={"status": "event"})
    test = log_rank(times, by="trt", minimum_base=0)
    return medians(times, by="trt") | {"logrank_chi2": test.statistic, "logrank_p": test.p}

"""Shares and tables: χ², intervals of shares, adjusted p-values."""

import pandas as pd

from benchmarks.references.comparing import INPUT, SetAside
from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis import significance
from fbanalysis.analysis.intervals import newcombe_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import adjust, association

NO_CORRECTION = SetAside("tests and intervals are made without continuity correction")
OTHER_INTERVAL = SetAside("Wilson's interval is the one that is given")


def independence(counts: pd.DataFrame, *, row: str, column: str) -> dict[str, object]:
    """Spread a table of counts into rows, as feedback comes, and test them."""
    rows = counts.loc[counts.index.repeat(counts["Freq"])]
    found = association(rows, row=row, column=column)
    return {
        "chi2": found.statistic,
        "df": found.df,
        "p": found.p,
        "n": found.n,
        "cramers_v": found.effect,
        "cramers_v_bias_corrected": found.effect_corrected,
        "cells": found.table.set_index(["row", "column"]),
    }


@computes("chisq_agresti_party")
def party(reference: Reference) -> object:
    found = independence(reference.table(), row="gender", column="party")
    cell = found["cells"].loc[("F", "Democrat")]
    return found | {"std_residual_F_Democrat": cell["statistic"], "expected_F_Democrat": cell["expected"]}


@computes("chisq_hair_eye")
def hair_eye(reference: Reference) -> object:
    return independence(reference.table(), row="Hair", column="Eye")


@computes("chisq_2x2_yates_ucb")
def admissions(reference: Reference) -> object:
    found = independence(reference.table(), row="Admit", column="Gender")
    return {
        "chi2_pearson": found["chi2"],
        "phi": found["cramers_v"],
        "chi2_yates": NO_CORRECTION,
        "odds_ratio": SetAside("a difference of shares is given in percentage points, not as an odds ratio"),
    }


@computes("prop_test_fleiss_smokers")
def smokers(reference: Reference) -> object:
    values = list(map(int, reference.numbers()))
    have, whole = values[: len(values) // 2], values[len(values) // 2 :]
    found, trend = significance.compare_k_shares(have, whole), significance.share_trend(have, whole)
    return {
        "chi2": found.statistic,
        "df": found.df,
        "p": found.p,
        "trend_chi2": trend.statistic,
        "trend_p": trend.p,
    }


@computes("mcnemar_agresti")
def approval(reference: Reference) -> object:
    first, down, up, last = map(int, reference.numbers()[-4:])
    people = first + down + up + last
    found, plain = (
        significance.mcnemar_of_counts(up, down, people, correction=given) for given in (True, False)
    )
    return {"chi2": found.statistic, "df": found.df, "p": found.p, "chi2_no_correction": plain.statistic}


# ---------------------------------------------------------------- intervals


@computes("wilson_newcombe1998")
def wilson(reference: Reference) -> object:
    others = dict.fromkeys(("wilson_cc", "clopper_pearson", "wald"), OTHER_INTERVAL)
    return [
        {"x": INPUT, "n": INPUT, "wilson": _over_100(wilson_interval(one["x"], one["n"])), **others}
        for one in reference.expected
    ]


@computes("newcombe_diff_1998")
def newcombe(reference: Reference) -> object:
    count, base, other_count, other_base = reference.numbers()
    return {
        "diff": float(percent_of(count, base) - percent_of(other_count, other_base)) / 100,
        "ci95": _over_100(newcombe_interval(count, base, other_count, other_base)),
        "wald_ci95": SetAside("Newcombe's interval is the one that is given"),
    }


def _over_100(limits: tuple[float, float]) -> list[float]:
    return [float(limit) / 100 for limit in limits]


# ---------------------------------------------------------------- families of p-values


@computes("bh1995_15pvalues")
def adjusted(reference: Reference) -> object:
    methods = {"bh": "bh", "holm": "holm", "bonferroni": "bonferroni"}
    found = {name: adjust(reference.expected["p"], method=method) for name, method in methods.items()}
    return {
        "p": INPUT,
        **{f"p_{name}": p for name, p in found.items()},
        **{f"rejected_{name}_05": int((p <= 0.05).sum()) for name, p in found.items()},
    }


@computes("padjust_na_and_order")
def adjusted_with_missing(reference: Reference) -> object:
    given = reference.expected
    return {
        "p": INPUT,
        "p_unsorted": INPUT,
        "p_holm": adjust(given["p"]),
        "p_bh": adjust(given["p"], method="bh"),
        "p_unsorted_holm": adjust(given["p_unsorted"]),
        "p_unsorted_bh": adjust(given["p_unsorted"], method="bh"),
    }

"""Power: how many answers a difference of a given size needs."""

from math import ceil

from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis import significance
from fbanalysis.analysis.significance import cohens_h


@computes("power_t_two_sample")
def means(reference: Reference) -> object:
    needed = {f"d{size}": significance.n_for_means(size) for size in (0.2, 0.5, 0.8)}
    return {
        **needed,
        **{f"rounded_up_{name}": ceil(n) for name, n in needed.items()},
        "d0.5_power90": significance.n_for_means(0.5, power=0.9),
        "power_at_n20_d0.5": significance.power_of_means(0.5, n=20),
    }


@computes("power_paired")
def pairs(reference: Reference) -> object:
    return {f"d{size}": significance.n_for_paired(size) for size in (0.3, 0.5)}


@computes("power_prop")
def shares(reference: Reference) -> object:
    return {
        "n_50_75_90": significance.n_for_shares(0.5, 0.75, power=0.9),
        "n_80_75_80": significance.n_for_shares(0.8, 0.75),
        "n_80_75_80_arcsine": significance.n_for_shares(0.8, 0.75, formula="arcsine"),
        "h_n_0.3_power80": significance.n_for_h(0.3),
        "cohen_h_80_75": float(cohens_h(0.8, 0.75)),
    }


@computes("power_anova_chisq")
def groups_and_tables(reference: Reference) -> object:
    return {
        "anova_n": significance.n_for_groups(0.25, k=5),
        "anova_k4_f25": significance.n_for_groups(0.25, k=4),
        "chisq_N": significance.n_for_table(0.1, df=20),
        "chisq_w3_df1": significance.n_for_table(0.3, df=1),
    }

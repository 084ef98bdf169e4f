"""Means and ranks: two groups, several groups, pairs."""

import re

import pandas as pd

from benchmarks.references.comparing import SetAside
from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis import significance
from fbanalysis.analysis.significance import compare_groups, compare_ranks, compare_two_groups, group_moments

ONLY_G = SetAside("effect sizes are given as Hedges' g, with the noncentral interval")
TWO_SIDED = SetAside("tests are two-sided")


def two_groups(frame: pd.DataFrame, *, score: str, group: str, pair: tuple[str, str]) -> dict[str, float]:
    """Compare two groups as a chapter does, by the names of the references."""
    frame = frame.assign(**{group: frame[group].astype("str")})
    row = compare_two_groups(frame, score=score, group=group, pair=pair, minimum_base=0).iloc[0]
    return {
        "t": row["statistic"],
        "df": row["df"],
        "p": row["p_raw"],
        "mean1": row["mean"],
        "mean2": row["other_mean"],
        "diff": row["value"],
        "ci95": [row["low"], row["high"]],
        "g": row["effect"],
        "g_ci95": [row["effect_low"], row["effect_high"]],
        "rank_biserial": row["rank_biserial"],
    }


@computes("welch_t_sleep")
def welch_sleep(reference: Reference) -> object:
    return two_groups(reference.table(), score="extra", group="group", pair=("1", "2"))


@computes("welch_t_toothgrowth")
def welch_toothgrowth(reference: Reference) -> object:
    return two_groups(reference.table(), score="len", group="supp", pair=("OJ", "VC")) | {"d": ONLY_G}


@computes("student_t_sleep")
def student(reference: Reference) -> object:
    table = reference.table()
    found = significance.student_t(*(table.loc[table["group"].eq(group), "extra"] for group in (1, 2)))
    return {
        "t": found["statistic"],
        "df": found["df"],
        "p": found["p"],
        "ci95": [found["low"], found["high"]],
    }


@computes("paired_t_sleep")
def paired(reference: Reference) -> object:
    table = reference.table().sample(frac=1, random_state=1)
    table["group"] = table["group"].astype("str")
    pairs = significance.pair_scores(table, person="ID", score="extra", group="group", pair=("1", "2"))
    found = significance.paired_t(pairs["first"], pairs["other"], minimum_base=2)
    return {
        "t": found.statistic,
        "df": found.df,
        "p": found.p,
        "mean_diff": found.value,
        "ci95": [found.low, found.high],
        "d_z": found.effect,
    }


@computes("cohens_d_sleep")
def hedges_sleep(reference: Reference) -> object:
    found = two_groups(reference.table(), score="extra", group="group", pair=("1", "2"))
    others = ("d", "d_ci95", "d_ci95_normal_approx", "d_ci95_pingouin", "g_pingouin")
    return found | dict.fromkeys(others, ONLY_G)


@computes("cohens_d_mtcars")
def hedges_mtcars(reference: Reference) -> object:
    found = two_groups(reference.table(), score="mpg", group="am", pair=("0", "1"))
    others = ("d", "d_ci95", "glass_delta", "d_ci95_pingouin")
    table = reference.table()
    ranks = significance.mann_whitney(*(table.loc[table["am"].eq(group), "mpg"] for group in (0, 1)))
    return found | dict.fromkeys(others, ONLY_G) | {"rb_ci95": [ranks.effect_low, ranks.effect_high]}


# ---------------------------------------------------------------- several groups


def several(frame: pd.DataFrame, *, score: str, group: str) -> dict[str, object]:
    """Compare several groups by means, with Welch's test and with the classic one."""
    found = compare_groups(frame, score=score, group=group, minimum_base=0, has_pairs=False)
    classic = significance.one_way_anova(found.groups)
    between, within, *_ = significance.sums_of_squares(found.groups)
    return {
        "welch_F": found.statistic,
        "welch_df1": found.df,
        "welch_df2": found.df2,
        "welch_p": found.p,
        "eta2": found.eta2,
        "omega2": found.effect,
        "F": classic.statistic,
        "df1": classic.df,
        "df2": classic.df2,
        "p": classic.p,
        "SS_between": between,
        "SS_within": within,
        "resid_sd": (within / classic.df2) ** 0.5,
        "R2": found.eta2,
    }


@computes("anova_plantgrowth")
def anova_plantgrowth(reference: Reference) -> object:
    return several(reference.table(), score="weight", group="group")


@computes("nist_anova_SiRstv", "nist_anova_AtmWtAg", "nist_anova_SmLs01")
def nist(reference: Reference) -> object:
    text = reference.path.read_text("utf-8")
    first, last = map(int, re.search(r"Data\s+\(lines\s+(\d+)\s+to\s+(\d+)\)", text).groups())
    rows = [line.split() for line in text.splitlines()[first - 1 : last]]
    frame = pd.DataFrame([(row[0], float(row[1])) for row in rows], columns=["group", "score"])
    return several(frame, score="score", group="group")


@computes("welch_anova_plantgrowth")
def welch_plantgrowth(reference: Reference) -> object:
    return _welch(several(reference.table(), score="weight", group="group"))


@computes("welch_anova_insectsprays")
def welch_insectsprays(reference: Reference) -> object:
    found = several(reference.table(), score="count", group="spray")
    return _welch(found) | {"F_classic": found["F"], "p_classic": found["p"]}


def _welch(found: dict[str, object]) -> dict[str, object]:
    return {name: found[f"welch_{name}"] for name in ("F", "df1", "df2", "p")}


@computes("turkiye_groups")
def turkiye(reference: Reference) -> object:
    table = reference.table()
    frame = pd.DataFrame(
        {"group": table["instcode"].astype("str"), "score": table.iloc[:, 5:33].mean(axis=1)}
    )
    moments = group_moments(frame, score="score", by="group").set_index("stratum")
    ranks = ranked(frame, score="score", group="group")
    return {
        **several(frame, score="score", group="group"),
        "means": moments["mean"].to_dict(),
        "n": moments["n"].to_dict(),
        "H": ranks["H"],
        "H_p": ranks["p"],
    }


# ---------------------------------------------------------------- ranks


def ranked(frame: pd.DataFrame, *, score: str, group: str) -> dict[str, object]:
    found = compare_ranks(frame, score=score, group=group, minimum_base=0)
    return {"H": found.statistic, "df": found.df, "p": found.p, "n": found.n, "epsilon2": found.effect}


@computes("kruskal_insectsprays")
def kruskal_insectsprays(reference: Reference) -> object:
    return ranked(reference.table(), score="count", group="spray")


@computes("kruskal_airquality")
def kruskal_airquality(reference: Reference) -> object:
    other = {"eta2_H": SetAside("ε² is the effect size that is given for ranks")}
    return ranked(reference.table(), score="Ozone", group="Month") | other


# ---------------------------------------------------------------- pairs


@computes("games_howell_plantgrowth")
def games_howell_plantgrowth(reference: Reference) -> object:
    return _games_howell(reference.table(), score="weight", group="group")


@computes("games_howell_insectsprays")
def games_howell_insectsprays(reference: Reference) -> object:
    return _games_howell(reference.table(), score="count", group="spray")


def _games_howell(frame: pd.DataFrame, *, score: str, group: str) -> list[dict[str, object]]:
    pairs = compare_groups(frame, score=score, group=group, minimum_base=0).pairs
    return [
        {
            "a": row.first,
            "b": row.second,
            "diff_a_minus_b": row.value,
            "t": row.statistic,
            "df": row.df,
            "p": row.p,
            "ci95": [row.low, row.high],
        }
        for row in pairs.sort_values(["first", "second"]).itertuples()
    ]


@computes("pairwise_t_airquality_holm")
def pooled_pairs(reference: Reference) -> object:
    pairs = significance.pairwise_t(reference.table(), score="Ozone", group="Month")
    p = {frozenset((row.first, row.second)): row.p for row in pairs.itertuples()}
    months = sorted({month for pair in p for month in pair})
    triangle = [
        [p[frozenset((row, column))] if column < row else None for column in months[:-1]]
        for row in months[1:]
    ]
    return {"p_holm_lower_triangle": triangle}


@computes("tukey_plantgrowth")
def tukey(reference: Reference) -> object:
    """Turn every pair round: the reference subtracts the earlier group from the later."""
    pairs = significance.tukey(reference.table(), score="weight", group="group")
    return [
        {"pair": f"{row.second}-{row.first}", "diff": -row.value, "ci95": [-row.high, -row.low], "p": row.p}
        for row in pairs.itertuples()
    ]


# ---------------------------------------------------------------- ranks of two groups, and of pairs


@computes("mwu_airquality")
def ozone(reference: Reference) -> object:
    table = reference.table()
    months = [table.loc[table["Month"].eq(month), "Ozone"] for month in (5, 8)]
    found, plain = (significance.mann_whitney(*months, continuity=given) for given in (True, False))
    return {
        "U": found.statistic,
        "n1": found.n,
        "n2": found.other_n,
        "p_continuity": found.p,
        "p_no_continuity": plain.p,
        "rank_biserial": found.effect,
        "cles_P_x_gt_y": (found.effect + 1) / 2,
    }


@computes("mwu_exact_permeability")
def permeability(reference: Reference) -> object:
    groups = reference.table().groupby("group", sort=False)["value"]
    found = significance.mann_whitney(*(values for _, values in groups))
    return {"U": found.statistic, "p_two_sided": found.p, "p_greater": TWO_SIDED}


@computes("wilcoxon_signed_depression")
def depression(reference: Reference) -> object:
    table = reference.table()
    found = significance.signed_rank(table["before"], table["after"], minimum_base=2)
    return {"V": found.statistic, "p_two_sided": found.p, "p_greater": TWO_SIDED}


# ---------------------------------------------------------------- assumptions, correlation


@computes("levene_insectsprays")
def levene(reference: Reference) -> object:
    found = {
        name: significance.levene(reference.table(), score="count", group="spray", centre=name)
        for name in ("median", "mean")
    }
    return {
        f"{name}_{centre}": value
        for centre, pair in found.items()
        for name, value in zip("Fp", pair, strict=True)
    }


@computes("shapiro_plantgrowth")
def shapiro(reference: Reference) -> object:
    statistic, p = significance.shapiro(reference.table()["weight"])
    return {"W": statistic, "p": p}


@computes("correlation_mtcars")
def correlation(reference: Reference) -> object:
    table = reference.table()
    found, ranks = (
        significance.correlation(table["mpg"], table["wt"], by_rank=by_rank) for by_rank in (False, True)
    )
    return {
        "r": found.effect,
        "r_ci95": [found.effect_low, found.effect_high],
        "p": found.p,
        "rho": ranks.effect,
    }

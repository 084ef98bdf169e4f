"""Which problems weigh most, and what lies beneath them: reach, the vital few, chains of whys.

It counts tickets and answers as they were filed; that a cause was named does not prove it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binom

from fbanalysis.analysis.intervals import percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    DIFFERENT,
    MINIMUM_BASE,
    verdicts,
)
from fbanalysis.schema import CAUSE_CATEGORIES

#: Kinds of tickets that report a problem; the others ask or wish.
PROBLEMS = ("投诉", "故障")
#: Customers from which on the impact of a problem is 中 and 高.
MEDIUM, HIGH = 500, 800
LEVELS = {1: "低", 2: "中", 3: "高"}
#: Share in percent that the vital few have to reach.
MARK = 80.0
#: The levels of a chain, as readers count them.
_ORDINALS = "一二三四五六七八九"


# Reach


def reach(
    tickets: pd.DataFrame, *, departments: int | None = None, medium: int = MEDIUM, high: int = HIGH
) -> pd.DataFrame:
    """Count the customers and departments that each problem reaches, and grade its impact.

    Parameters
    ----------
    tickets
        Table ``tickets``; those without an issue are left out.
    departments
        How many departments there are; without it shares are missing.
    medium, high
        Customers from which on the impact is 中 (2) and 高 (3); below it is 低 (1).

    Returns
    -------
    DataFrame
        ``stratum`` (issue), ``n`` (tickets), ``customers``, ``departments`` (that reported it), ``share``
        (of all departments, percent), ``level`` (1–3), ``level_name``, ``priority`` (0–3), ``priority_name``;
        by customers, then departments. A problem that reached no customer has neither level nor priority.

    Notes
    -----
    A customer or department counts once a problem, however many tickets it sent. These are full counts of
    the tickets of a period, without interval; what nobody reported is not in them. The priority is the rank
    by customers: P0 the first, P1 the second, P2 the third, P3 all others; equal counts share the rank.

    Examples
    --------
    >>> rows = {"issue": ["慢", "慢", "乱"], "customer_id": ["甲", "乙", "甲"], "reported_by": ["销售", None, None]}
    >>> reach(pd.DataFrame(rows), medium=2, high=9)[["stratum", "customers", "level_name"]].to_numpy().tolist()
    [['慢', 2, '中'], ['乱', 1, '低']]
    """
    known = tickets.dropna(subset=["issue"])
    table = known.groupby("issue").agg(
        n=("issue", "size"), customers=("customer_id", "nunique"), departments=("reported_by", "nunique")
    )
    table = table.rename_axis("stratum").reset_index().astype({"stratum": "str"})
    table["share"] = percent_of(table["departments"], np.nan if departments is None else departments)
    table = _graded(table, medium=medium, high=high)
    return table.sort_values(
        ["customers", "departments", "stratum"], ascending=[False, False, True], ignore_index=True
    )[
        [
            "stratum",
            "n",
            "customers",
            "departments",
            "share",
            "level",
            "level_name",
            "priority",
            "priority_name",
        ]
    ]


def _graded(table: pd.DataFrame, *, medium: int, high: int) -> pd.DataFrame:
    has_customers = table["customers"] > 0
    level = 1 + (table["customers"] >= medium).astype(int) + (table["customers"] >= high)
    rank = table["customers"].where(has_customers).rank(ascending=False, method="min")
    priority = (rank - 1).clip(upper=3)
    return table.assign(
        level=level.where(has_customers).astype("float64"),
        level_name=level.map(LEVELS).where(has_customers).astype("str"),
        priority=priority,
        priority_name=("P" + priority.fillna(0).astype(int).astype("str")).where(has_customers).astype("str"),
    )


def count_levels(reached: pd.DataFrame) -> pd.DataFrame:
    """Count the problems by level of impact: ``stratum`` (高, 中, 低, all), ``value``."""
    counts = reached["level_name"].value_counts()
    names = list(reversed(LEVELS.values()))
    values = [*(int(counts.get(name, 0)) for name in names), len(reached)]
    return pd.DataFrame({"stratum": [*names, "all"], "value": values}).astype({"stratum": "str"})


# The vital few


def problem_pareto(
    tickets: pd.DataFrame, *, by: str = "issue", kinds: Sequence[str] = PROBLEMS, mark: float = MARK
) -> pd.DataFrame:
    """Order problems by their tickets and add up their shares.

    Parameters
    ----------
    by
        Column whose values are counted: ``issue`` or ``cause``; rows without one are left out of the base.
    kinds
        Kinds of tickets that are counted.
    mark
        Percent; the vital few are the rows up to the first whose cumulative share reaches it.

    Returns
    -------
    DataFrame
        ``stratum``, ``count``, ``n`` (all counted tickets), ``value`` (share, percent), ``low``, ``high``
        (Wilson), ``cumulative`` (percent), ``is_vital``; by count. No tickets give no rows.

    Notes
    -----
    Juran's vital few, Quality Control Handbook (1951). The cumulative share is summed as counts, so that
    it is exactly 100 at the end. Equal counts stand in the order of their names.

    Examples
    --------
    >>> table = problem_pareto(pd.DataFrame({"kind": "投诉", "issue": [*"甲甲甲甲乙"]}))
    >>> table[["stratum", "count", "cumulative", "is_vital"]].to_numpy().tolist()
    [['甲', 4, 80.0, True], ['乙', 1, 100.0, False]]
    """
    counts = tickets.loc[tickets["kind"].isin(kinds), by].dropna().value_counts()
    table = counts.rename_axis("stratum").reset_index(name="count")
    table = table.astype({"stratum": "str", "count": "int64"})
    table = table.sort_values(["count", "stratum"], ascending=[False, True], ignore_index=True)
    table["n"] = int(table["count"].sum())
    table["value"] = percent_of(table["count"], table["n"])
    table["low"], table["high"] = wilson_interval(table["count"], table["n"])
    table["cumulative"] = percent_of(table["count"].cumsum(), table["n"])
    table["is_vital"] = ~(table["cumulative"] >= mark - 1e-9).shift(fill_value=False)
    return table[["stratum", "count", "n", "value", "low", "high", "cumulative", "is_vital"]]


def vital_few(pareto: pd.DataFrame) -> pd.DataFrame:
    """Sum up the vital few of a `problem_pareto`.

    Returns
    -------
    DataFrame
        One row, none without tickets: ``stratum`` (all), ``few``, ``many`` (all problems), ``part`` (few of
        many, percent), ``value`` (share of the tickets, percent), ``n``, ``low``, ``high`` (Wilson).

    Notes
    -----
    The few were chosen because they are large in these tickets; in another period the same problems would
    have a somewhat smaller share than here. The interval doesn't know that.
    """
    few = pareto[pareto["is_vital"]]
    count, n = few["count"].sum(), pareto["count"].sum()
    low, high = wilson_interval(count, n)
    row = {"stratum": "all", "few": len(few), "many": len(pareto), "part": percent_of(len(few), len(pareto))}
    row |= {"value": percent_of(count, n), "n": n, "low": low, "high": high}
    return pd.DataFrame([row]).astype(dict.fromkeys(["part", "value", "low", "high"], float)).iloc[: len(few)]


def last_of_few(
    pareto: pd.DataFrame, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Test whether the last of the vital few can be told apart from the first that is not among them.

    Returns
    -------
    DataFrame
        One row, none where all are among the few: ``stratum`` (the last of the few), ``other``, ``value``
        (tickets more), ``n`` (tickets of both), ``p``, ``effect`` (NaN), ``verdict`` (有差异, 没有差异, 基数不足).

    Notes
    -----
    Given the sum of two Poisson counts, one of them is binomial with 1/2 where their rates are equal; the
    two-sided p is twice the tail, at most 1 (Przyborowski & Wilenski 1940, Biometrika 31: 313–323). The
    pair was picked by looking at the counts, so that p is a guide and not a strict level.
    """
    place = int(pareto["is_vital"].sum())
    pair = pareto.iloc[max(place - 1, 0) : place + 1]
    columns = ["stratum", "other", "value", "n", "p", "effect", "verdict"]
    if not 0 < place < len(pareto):
        return pd.DataFrame(columns=columns)
    more, fewer = (int(count) for count in pair["count"])
    p = min(1.0, 2 * float(binom.cdf(fewer, more + fewer, 0.5)))
    words = (DIFFERENT, DIFFERENT)
    said = verdicts(1, p, more + fewer, alpha=alpha, minimum_base=minimum_base, words=words)
    row = [*pair["stratum"], more - fewer, more + fewer, p, np.nan, str(said)]
    return pd.DataFrame([row], columns=columns)


# Chains of whys


def levels_of(causes: pd.DataFrame) -> pd.DataFrame:
    """Give every answer its place in its chain, as text.

    Returns
    -------
    DataFrame
        ``stratum`` (issue/第一层), ``issue``, ``step`` (第一层 …), ``level``, ``statement``, ``category``,
        ``evidence``, ``is_root`` (the last answer of its chain); in the order of the issues' first rows.
    """
    order = {issue: place for place, issue in enumerate(causes["issue"].drop_duplicates())}
    table = causes.assign(_order=causes["issue"].map(order)).sort_values(
        ["_order", "level"], ignore_index=True
    )
    steps = [f"第{_ordinal(int(level))}层" for level in table["level"]]
    table = table.assign(step=pd.Series(steps, index=table.index, dtype="str"))
    table["stratum"] = table["issue"].astype("str") + "/" + table["step"]
    table["is_root"] = ~table["issue"].duplicated(keep="last")
    table = table.reindex(columns=[*table.columns, *({"evidence"} - {*table.columns})])
    return table[["stratum", "issue", "step", "level", "statement", "category", "evidence", "is_root"]]


def _ordinal(level: int) -> str:
    return _ORDINALS[level - 1] if level <= len(_ORDINALS) else str(level)


def chain(levels: pd.DataFrame, issue: str = "") -> pd.DataFrame:
    """Take the chain of one problem, or the first one there is, with its steps as strata.

    Parameters
    ----------
    levels
        As `levels_of` gives them.
    issue
        The problem; where it is empty or has no chain, the first one of the table.
    """
    issues = list(levels["issue"].drop_duplicates())
    wanted = issue if issue in issues else next(iter(issues), "")
    rows = levels[levels["issue"] == wanted]
    return rows.assign(stratum=rows["step"]).reset_index(drop=True)


def ends(whys: pd.DataFrame) -> tuple[str, str]:
    """Name the first and the last step of a `chain`; empty where there is none.

    >>> ends(pd.DataFrame({"stratum": ["第一层", "第二层", "第三层"]}))
    ('第一层', '第三层')
    """
    return ("", "") if whys.empty else (str(whys["stratum"].iloc[0]), str(whys["stratum"].iloc[-1]))


def categories_by_step(levels: pd.DataFrame) -> pd.DataFrame:
    """Count the answers of each step by category of cause.

    Returns
    -------
    DataFrame
        ``step``, ``category``, ``value`` (answers), ``n`` (answers of the step), ``percent``; a row for each
        step and each category that occurs.

    Notes
    -----
    Full counts of the answers that people gave and classified: no sample, and so no interval.
    """
    counts = pd.crosstab(levels["step"], levels["category"])
    counts = counts.reindex(index=_steps(levels), columns=_known(levels["category"]))
    table = counts.rename_axis(index="step", columns="category").stack().rename("value").reset_index()
    table["n"] = table.groupby("step")["value"].transform("sum")
    table["percent"] = percent_of(table["value"], table["n"])
    return table


def _steps(levels: pd.DataFrame) -> list[str]:
    return list(levels.sort_values("level", kind="stable")["step"].drop_duplicates())


def _known(categories: pd.Series) -> list[str]:
    """The categories that occur, in the order of the data dictionary."""
    return [name for name in CAUSE_CATEGORIES if name in set(categories)]


def root_categories(levels: pd.DataFrame) -> pd.DataFrame:
    """Count the chains by the category of their last answer: ``stratum``, ``value``, ``n`` (chains).

    Examples
    --------
    >>> rows = {"issue": ["慢", "慢"], "level": [1, 2], "statement": "…", "category": ["技术", "管理"]}
    >>> root_categories(levels_of(pd.DataFrame(rows)))[["stratum", "value"]].to_numpy().tolist()
    [['管理', 1]]
    """
    counts = levels.loc[levels["is_root"], "category"].value_counts()
    table = counts.rename_axis("stratum").reset_index(name="value").astype({"stratum": "str"})
    table = table.sort_values(["value", "stratum"], ascending=[False, True], ignore_index=True)
    return table.assign(n=int(table["value"].sum()))[["stratum", "value", "n"]]

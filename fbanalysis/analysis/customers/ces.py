"""Customer effort score: how hard it was to get something solved, against a target. 1 is no effort at all, 5 the most."""

import numpy as np
import pandas as pd
from scipy.special import stdtr

from fbanalysis.analysis.intervals import mean_interval, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    MINIMUM_BASE,
    SMALL_BASE,
    UNTESTABLE,
    adjust,
    group_moments,
    verdicts,
)

#: What the target came to: the mean lies below it, above it, or the interval holds both.
MET, MISSED, UNDECIDED = "达到", "未达", "分不清"
ONE_SAMPLE_T = "单样本 t 检验"
#: From this answer on it was hard work.
HIGH_EFFORT = 4
#: Of the items so many have to be answered.
LEAST_ANSWERED = 0.5
TARGET_METRIC = "ces_target"


def target_of(declared: pd.DataFrame) -> float:
    """Read the declared target of all (highest effort that is still good); NaN where nobody declared one."""
    found = declared.loc[
        declared["metric"].eq(TARGET_METRIC) & declared["stratum"].eq("all"), "value"
    ].dropna()
    return float(found.iloc[0]) if len(found) else float("nan")


def respondent_scores(answers: pd.DataFrame) -> pd.DataFrame:
    """Give every respondent's mean effort over the items answered.

    Parameters
    ----------
    answers
        Table ``ces``: one row an answered item.

    Returns
    -------
    pandas.DataFrame
        ``respondent_id``, ``channel`` (of the first answer), ``score``, ``highest`` (the hardest item), ``is_high`` (an
        item of `HIGH_EFFORT` or more). Who answered fewer than half the items is left out.
    """
    known = answers.reindex(columns=["respondent_id", "channel", "item", "score"]).dropna(subset=["score"])
    known = known.astype({"score": "float64"})
    people = known.groupby("respondent_id", sort=False)
    table = people.agg(
        channel=("channel", "first"), score=("score", "mean"), highest=("score", "max"), n=("item", "nunique")
    )
    table = table[table["n"] >= LEAST_ANSWERED * known["item"].nunique()].drop(columns="n").reset_index()
    return table.assign(is_high=table["highest"].ge(HIGH_EFFORT))


def effort_by(scores: pd.DataFrame, by: str | None = None, *, score: str = "score") -> pd.DataFrame:
    """Give the mean effort of all, or of each group of a column (channel of respondents, item of answers).

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``mean``, ``sd``, ``low``, ``high`` (t interval); hardest first.
    """
    frame = scores.assign(whole="all").astype({score: "float64"})
    table = group_moments(frame, score=score, by=by or "whole")
    low, high = mean_interval(table["mean"], table["sd"], table["n"])
    return table.assign(low=low, high=high)


def against_target(
    groups: pd.DataFrame, *, target: float, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Say of each mean whether it meets the target: 达到, 未达, or 分不清.

    Parameters
    ----------
    groups
        As `effort_by` gives them; all rows are one family.
    target
        Highest mean that is still good; NaN where there is none.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``mean``, ``sd``, ``low``, ``high``, ``value`` (mean minus target), ``test``, ``statistic`` (t),
        ``df``, ``p_raw``, ``p`` (Holm), ``effect`` (value over sd), ``verdict``; no rows without a target.

    Notes
    -----
    t = (m − target)/(s/√n) with n − 1 degrees of freedom, two-sided (Student 1908). 达到 means that the true mean lies
    below the target, 未达 above, at level alpha after adjustment; 分不清 that the answers allow both, which is not 达到.
    基数不足 below ``minimum_base``; without spread 无法检验, unless the mean is the target (分不清).
    """
    rows = groups if np.isfinite(target) else groups.iloc[:0]
    value, n = rows["mean"] - target, rows["n"].astype("float64")
    error = rows["sd"] / np.sqrt(n)
    statistic = value / error.where(error > 0)
    p_raw = 2 * stdtr(n - 1, -statistic.abs())
    p = adjust(p_raw)
    found = verdicts(value, p, n, alpha=alpha, minimum_base=minimum_base, words=(MISSED, MET))
    known = np.isin(found.astype(str), [MISSED, MET, SMALL_BASE, UNTESTABLE])
    names = ["stratum", "n", "mean", "sd", "low", "high"]
    return rows[names].assign(
        value=value,
        test=ONE_SAMPLE_T,
        statistic=statistic,
        df=n - 1,
        p_raw=p_raw,
        p=p,
        effect=value / rows["sd"].where(rows["sd"] > 0),
        verdict=np.where(known, found, UNDECIDED),
    )


def high_effort(answers: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Give the share of answers of `HIGH_EFFORT` or more, of all or by a column.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``count`` (hard answers), ``n``, ``percent``, ``low``, ``high`` (Wilson); highest first.
    """
    known = answers.assign(whole="all", is_high=answers["score"].ge(HIGH_EFFORT))
    known = known[known["score"].notna()].dropna(subset=[by or "whole"])
    table = known.groupby(by or "whole", observed=True)["is_high"].agg(count="sum", n="size").reset_index()
    return _with_shares(table.set_axis(["stratum", "count", "n"], axis=1))


def hard_for_people(scores: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Give the share of people for whom at least one step was hard, as `high_effort` does for answers."""
    rows = scores.assign(whole="all").dropna(subset=[by or "whole"])
    table = rows.groupby(by or "whole", observed=True)["is_high"].agg(count="sum", n="size").reset_index()
    return _with_shares(table.set_axis(["stratum", "count", "n"], axis=1))


def _with_shares(table: pd.DataFrame) -> pd.DataFrame:
    low, high = wilson_interval(table["count"], table["n"])
    table = table.assign(percent=percent_of(table["count"], table["n"]), low=low, high=high)
    table = table.astype({"stratum": "str", "count": "int64", "n": "int64"})
    return table.sort_values(["percent", "stratum"], ascending=[False, True], ignore_index=True)


def effort_distribution(answers: pd.DataFrame, *, scale: tuple[int, int] = (1, 5)) -> pd.DataFrame:
    """Count every answer to every item, in the order in which the items were first answered.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (item), ``score``, ``n``, ``base``, ``percent``; a row for every step of the scale.
    """
    known = answers.loc[answers["score"].notna(), ["item", "score"]].astype({"item": "str"})
    step = np.floor(known["score"].astype("float64") + 0.5).astype("int64")
    counts = known.groupby(["item", step]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=range(scale[0], scale[1] + 1), fill_value=0)
    counts = counts.reindex(known["item"].unique())
    table = counts.rename_axis("stratum").rename_axis("score", axis=1).stack().rename("n").reset_index()
    table = table.astype({"stratum": "str", "score": "int64", "n": "int64"})
    base = table.groupby("stratum")["n"].transform("sum")
    return table.assign(base=base, percent=percent_of(table["n"], base))

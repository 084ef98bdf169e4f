"""Customer satisfaction index: items to dimensions to one index of 0–100, and what pulls it down.

The weights are somebody's declaration; nothing here derives them from answers.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fbanalysis.analysis.intervals import mean_interval
from fbanalysis.analysis.reliability import reliability, reliability_table, wide_items
from fbanalysis.analysis.significance import MINIMUM_BASE, group_moments
from fbanalysis.errors import DataError, listed

#: Names of the rows of `csi_by` and of ``prior_year``: the index is ``all`` or a stratum, a dimension stands behind.
INDEX, WEIGHT_METRIC = "csi", "csi_weight"
#: Of a dimension's items, so many at least have to be answered.
LEAST_ANSWERED = 0.5
_RATINGS = ["survey", "respondent_id", "stratum", "dimension", "item", "scale_maximum", "score"]
_MOMENTS = ["stratum", "n", "mean", "sd"]


@dataclass(frozen=True)
class Weights:
    """Shares of the dimensions in the index: ``shares`` sum to 1, ``caution`` says where they were not declared so."""

    shares: pd.Series
    caution: str = ""


def weights_for(declared: pd.DataFrame, ratings: pd.DataFrame) -> Weights:
    """Read the weights of the dimensions that were asked about.

    Parameters
    ----------
    declared
        Table ``declared``; its rows of ``csi_weight``: dimension, and weight in percent.
    ratings
        Table ``ratings``: its dimensions are those that were asked about.

    Raises
    ------
    DataError
        A weight that is missing or below zero, all weights zero, or a dimension without one.

    Notes
    -----
    Weights that don't sum to 100, or declare dimensions nobody was asked about, are divided by their sum, and
    ``caution`` says so. Without any declared weight all dimensions weigh the same, which ``caution`` says too.

    Examples
    --------
    >>> declared = pd.DataFrame({"metric": "csi_weight", "stratum": ["产品", "服务"], "value": [60.0, 20.0]})
    >>> ratings = pd.DataFrame({"dimension": ["产品", "服务"], "score": [5, 6]})
    >>> weights_for(declared, ratings).shares.tolist()
    [0.75, 0.25]
    """
    asked = sorted(_of_dimensions(ratings)["dimension"].unique())
    given = declared.loc[declared["metric"].eq(WEIGHT_METRIC)].set_index("stratum")["value"].astype("float64")
    if given.empty:
        return Weights(pd.Series(1 / max(len(asked), 1), index=asked), "没有给出权重，各维度等权")
    _refuse_strange(given, asked)
    used = given[given.index.isin(asked)]
    total = used.sum()
    unasked = [name for name in given.index if name not in asked]
    reasons = [f"{listed(unasked)}没有评分，其余维度按比例放大"] if unasked and asked else []
    if not reasons and asked and not np.isclose(total, 100):
        reasons = [f"权重之和为 {total:g}，按比例换算为 100"]
    return Weights(used / total if len(used) else used, "；".join(reasons))


def _refuse_strange(given: pd.Series, asked: list[str]) -> None:
    doubled = given.index[given.index.duplicated()]
    wrong = [*given.index[~(given >= 0)], *doubled]
    if wrong:
        raise DataError(
            f"满意度指数的权重{listed(wrong)}缺失、为负或重复；请改 declared 表的 {WEIGHT_METRIC}"
        )
    if without := [name for name in asked if name not in given.index]:
        raise DataError(
            f"维度{listed(without)}没有权重；declared 表的 {WEIGHT_METRIC} 只有{listed(given.index)}"
        )
    if asked and not given[given.index.isin(asked)].sum() > 0:
        raise DataError(f"满意度指数的权重都是零；请改 declared 表的 {WEIGHT_METRIC}")


def dimension_scores(ratings: pd.DataFrame) -> pd.DataFrame:
    """Give every respondent's score of each dimension, from 0 (lowest answer) to 100 (highest).

    Parameters
    ----------
    ratings
        Table ``ratings``; rows without a dimension belong to other surveys and don't count.

    Returns
    -------
    pandas.DataFrame
        Index ``survey``, ``respondent_id``; ``stratum`` (of the first answer), then a column a dimension in the order
        of their names.

    Notes
    -----
    100 · (m − 1)/(top − 1) with m the mean of the items answered: a dimension of which fewer than half the items were
    answered is missing. Items count alike within their dimension.
    """
    rows = _of_dimensions(ratings)
    asked = rows.groupby("dimension")["item"].nunique()
    scaled = (rows["score"] - 1) / (rows["scale_maximum"] - 1) * 100
    who = [rows["survey"], rows["respondent_id"]]
    cells = scaled.astype("float64").groupby([*who, rows["dimension"]], sort=False).agg(["mean", "count"])
    needed = LEAST_ANSWERED * cells.index.get_level_values("dimension").map(asked).to_numpy(dtype=float)
    wide = cells["mean"].where(cells["count"] >= needed).unstack("dimension").sort_index(axis=1)
    wide.columns = list(wide.columns)
    wide.insert(0, "stratum", rows["stratum"].groupby(who, sort=False).first().reindex(wide.index))
    return wide


def _of_dimensions(ratings: pd.DataFrame) -> pd.DataFrame:
    """Keep the answers that belong to a dimension; a file without dimensions or strata has none."""
    rows = ratings.reindex(columns=[*_RATINGS])
    return rows[rows["dimension"].notna() & rows["score"].notna()]


def with_index(scores: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Add each respondent's ``index``, the weighted mean of the dimensions; missing where one of them is."""
    parts = scores[list(weights.shares.index)]
    return scores.assign(
        index=(parts * weights.shares).sum(axis=1, skipna=False) if parts.shape[1] else np.nan
    )


def csi_by(indexed: pd.DataFrame, weights: Weights, *, by: str = "stratum") -> pd.DataFrame:
    """Give the index of all, of every dimension, and of every group.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (``all``; ``all/`` and a dimension; a group), ``kind`` (index, dimension, group), ``n``, ``mean``,
        ``sd``, ``low``, ``high`` (t interval).

    Notes
    -----
    All rows rest on the respondents whose index is known, so that weight × dimension adds up to the index.
    """
    complete = indexed.dropna(subset=["index"])
    names = list(weights.shares.sort_values(ascending=False, kind="stable").index)
    long = [_as_long(complete, "index", stratum="all", kind="index")]
    long += [_as_long(complete, name, stratum=f"all/{name}", kind="dimension") for name in names]
    table = pd.concat([*long, _groups(complete, by=by)], ignore_index=True)
    low, high = mean_interval(table["mean"], table["sd"], table["n"])
    return table.assign(low=low, high=high)


def _as_long(complete: pd.DataFrame, column: str, *, stratum: str, kind: str) -> pd.DataFrame:
    one = complete.reset_index(drop=True)[[column]].astype("float64").assign(whole=stratum)
    return group_moments(one, score=column, by="whole").assign(kind=kind)[["stratum", "kind", *_MOMENTS[1:]]]


def _groups(complete: pd.DataFrame, *, by: str) -> pd.DataFrame:
    plain = complete.reset_index(drop=True)[[by, "index"]].astype({"index": "float64"})
    return group_moments(plain, score="index", by=by).assign(kind="group")[["stratum", "kind", *_MOMENTS[1:]]]


def contributions(table: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Say what every dimension gives to the index, and what it keeps from it.

    Parameters
    ----------
    table
        As `csi_by` gives it.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (dimension), ``n``, ``weight`` (percent), ``mean``, ``value`` (weight × mean: its part of the
        index), ``gap`` (weight × (100 − mean): what it keeps the index from 100) with ``low``, ``high``, ``percent_of_gap``;
        widest gap first.

    Notes
    -----
    The values sum to the index, the gaps to 100 minus the index. A gap is arithmetic, not a cause: a dimension with
    much weight has a wide gap already at a middling score.
    """
    rows = table.loc[table["kind"].eq("dimension")]
    names = rows["stratum"].str.removeprefix("all/")
    share = names.map(weights.shares).astype("float64")
    parts = pd.DataFrame({"stratum": names, "n": rows["n"], "weight": 100 * share, "mean": rows["mean"]})
    parts = parts.assign(value=share * rows["mean"], gap=share * (100 - rows["mean"]))
    parts = parts.assign(low=share * (100 - rows["high"]), high=share * (100 - rows["low"]))
    return _shared(parts)


def _shared(parts: pd.DataFrame) -> pd.DataFrame:
    total = parts["gap"].sum()
    parts = parts.assign(percent_of_gap=100 * parts["gap"] / total if total > 0 else np.nan)
    return parts.sort_values(["gap", "stratum"], ascending=[False, True], ignore_index=True)


def item_gaps(ratings: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Say which items pull the index down: weight × what is missing to 100.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (item; dimension and item where a name occurs twice), ``dimension``, ``n``, ``mean`` (0–100), ``low``,
        ``high`` (t interval), ``weight`` (percent: the dimension's over its items), ``gap`` with ``gap_low``,
        ``gap_high``, ``percent_of_gap``; widest first.

    Notes
    -----
    An item's mean is of all who answered it, the index of those who answered enough: with few missing answers the gaps
    sum to 100 minus the index all but exactly.
    """
    rows = _of_dimensions(ratings)
    rows = rows[rows["dimension"].isin(weights.shares.index)]
    scaled = ((rows["score"] - 1) / (rows["scale_maximum"] - 1) * 100).astype("float64")
    cells = (
        scaled.groupby([rows["dimension"], rows["item"]]).agg(n="count", mean="mean", sd="std").reset_index()
    )
    share = cells["dimension"].map(weights.shares).astype("float64") / cells.groupby("dimension")[
        "item"
    ].transform("size")
    is_double = cells["item"].duplicated(keep=False)
    low, high = mean_interval(cells["mean"], cells["sd"], cells["n"])
    parts = cells.assign(low=low, high=high, weight=100 * share, gap=share * (100 - cells["mean"]))
    parts = parts.assign(gap_low=share * (100 - high), gap_high=share * (100 - low))
    parts["stratum"] = cells["item"].where(
        ~is_double, cells["dimension"].astype("str") + "/" + cells["item"].astype("str")
    )
    names = ["stratum", "dimension", "n", "mean", "low", "high", "weight", "gap", "gap_low", "gap_high"]
    return _shared(parts)[[*names, "percent_of_gap"]]


def gap_waterfall(table: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Give the steps from 100 down to the index: ``stratum`` (满分, the dimensions, 指数), ``value`` (gaps below zero)."""
    index = table.loc[table["kind"].eq("index"), "mean"]
    rows = [
        ("满分", 100.0),
        *zip(parts["stratum"], -parts["gap"], strict=True),
        *(("指数", one) for one in index),
    ]
    return pd.DataFrame(rows if len(index) else [], columns=["stratum", "value"])


def dimension_reliability(ratings: pd.DataFrame, *, minimum_base: int = MINIMUM_BASE) -> pd.DataFrame:
    """Give Cronbach's alpha and McDonald's omega of every dimension's items, as `reliability_table` does."""
    rows = _of_dimensions(ratings)
    scales = {str(name): reliability(wide_items(part)) for name, part in rows.groupby("dimension")}
    return reliability_table(scales, minimum_base=minimum_base)


def prior_rows(ratings: pd.DataFrame) -> pd.DataFrame:
    """Sum a year's ratings up for the next: the dimensions of all and of every stratum.

    Returns
    -------
    pandas.DataFrame
        ``metric`` (csi), ``stratum`` (``all/`` or a stratum, and the dimension), ``n``, ``mean``, ``sd`` of the scores 0–100
        of those who have a score in every dimension. Weights don't enter: they are this year's.
    """
    scores = dimension_scores(ratings).reset_index(drop=True)
    names = list(scores.columns.drop("stratum"))
    complete = scores.dropna(subset=names)
    parts = []
    for name in names:
        for prefix, by in (("all", pd.Series("all", index=complete.index)), ("", complete["stratum"])):
            one = pd.DataFrame({"by": by, "score": complete[name]})
            moments = group_moments(one, score="score", by="by")
            parts.append(moments.assign(stratum=(prefix or moments["stratum"]) + "/" + name))
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_MOMENTS)
    return rows.assign(metric=INDEX)[["metric", *_MOMENTS]]


def prior_index(prior_year: pd.DataFrame, indexed: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Give last year's index under this year's weights, for `compare_with_prior`.

    Returns
    -------
    pandas.DataFrame
        ``metric`` (csi), ``stratum``, ``n``, ``mean``, ``sd``: as `csi_by` names its rows. An index has no row where a
        dimension of it has none.

    Notes
    -----
    mean = Σ w m and sd = √(v′ R v) with v = w · sd of the dimensions. How the dimensions went together last year is
    not kept in ``prior_year``: R is this year's correlation.
    """
    names = list(weights.shares.index)
    known = prior_year.loc[prior_year["metric"].eq(INDEX), _MOMENTS].astype({"n": "float64"})
    if known.empty or not names:
        return known.iloc[:0].assign(metric=INDEX)[["metric", *_MOMENTS]]
    pattern = f"(?P<group>.*)/(?P<dimension>{'|'.join(map(re.escape, names))})$"
    known = known.join(known["stratum"].str.extract(pattern)).dropna(subset=["dimension"])
    wide = known.pivot(index="group", columns="dimension", values=["n", "mean", "sd"])
    wide = wide.reindex(columns=pd.MultiIndex.from_product([["n", "mean", "sd"], names])).dropna()
    correlation = (
        indexed.dropna(subset=["index"])[names].astype("float64").corr().fillna(0).to_numpy(copy=True)
    )
    np.fill_diagonal(correlation, 1.0)
    v = wide["sd"].to_numpy(dtype=float) * weights.shares.to_numpy()
    index = pd.DataFrame({"stratum": wide.index, "n": wide["n"].min(axis=1).to_numpy()})
    index["mean"] = wide["mean"].to_numpy(dtype=float) @ weights.shares.to_numpy()
    index["sd"] = np.sqrt(np.einsum("ij,jk,ik->i", v, correlation, v))
    rows = pd.concat([index, known.loc[known["group"].eq("all"), _MOMENTS]], ignore_index=True)
    return rows.assign(metric=INDEX)[["metric", *_MOMENTS]].astype({"stratum": "str"})

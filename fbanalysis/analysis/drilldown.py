"""The same few numbers step by step, from everybody down to small groups, and nothing that tells who is in them."""

from collections.abc import Sequence

import pandas as pd

from fbanalysis.analysis.disclosure import suppress
from fbanalysis.analysis.intervals import mean_interval

#: Stands where a column is not split.
WHOLE = "全部"


def drill_down(
    feedback: pd.DataFrame, by: Sequence[str], *, scale_maximum: float, below: int
) -> pd.DataFrame:
    """Summarise the overall score step by step: everybody, side, stratum, and the columns given below them.

    Parameters
    ----------
    by
        Columns in the order of the way down, such as ``department`` and ``region``; columns without any value
        are left out, rows without a value stand under 未填写.
    below
        From how many people on a group's estimates are shown.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("下钻/外部·核心客户/技术支持部/全部"), ``who``, the columns of ``by`` (全部 where not split),
        ``n`` (feedback), ``mean``, ``low``, ``high`` (t interval), ``percent_top2`` (of the scores) and
        ``percent_problem`` (of the feedback).

    Notes
    -----
    The rows: everybody; each column by itself; each side, and below it the columns of ``by`` one after another;
    each stratum, and below it the first column. All of them together with their totals are printed, so that
    `disclosure.suppress` is taken along every column, until no group stands as the only hidden one of its whole.
    """
    known = [name for name in by if feedback[name].notna().any()]
    rows = _drillable(feedback, known, scale_maximum=scale_maximum)
    tables = [_drilled(rows, path, by=known) for path in _paths(known)]
    table = _hidden(pd.concat(tables, ignore_index=True), ["side", "group", *known], below=below)
    who = table["side"].where(table["group"].eq(WHOLE), table["side"] + "·" + table["group"])
    parts = pd.concat([who, table[known]], axis=1).apply(lambda part: part.str.replace("/", "／"))
    keys = parts.agg("/".join, axis=1)
    table = table.assign(stratum="下钻/" + keys, who=who)
    return table[["stratum", "who", *known, "n", "mean", "low", "high", "percent_top2", "percent_problem"]]


def _drillable(feedback: pd.DataFrame, by: Sequence[str], *, scale_maximum: float) -> pd.DataFrame:
    """Give every piece of feedback its names at each step, its score, and whether it is among the shares."""
    score = feedback["overall_score"].astype("float64")
    return (
        feedback[list(by)]
        .fillna("未填写")
        .assign(
            side=feedback["side"].map({"internal": "内部", "external": "外部"}),
            group=feedback["stratum"].fillna("未填写"),
            score=score,
            is_top2=score.ge(scale_maximum - 1).where(score.notna()).astype("Float64"),
            is_problem=feedback["kind"].eq("问题反映").astype("float64"),
        )
    )


def _paths(by: Sequence[str]) -> list[list[str]]:
    """List the columns that are split at each kind of row."""
    down = [["side", *by[:depth]] for depth in range(len(by) + 1)]
    return [
        [],
        *[[name] for name in by],
        *down,
        ["side", "group"],
        *[["side", "group", name] for name in by[:1]],
    ]


def _drilled(rows: pd.DataFrame, path: Sequence[str], *, by: Sequence[str]) -> pd.DataFrame:
    """Summarise the groups of one path; columns that it does not split say 全部."""
    others = {name: WHOLE for name in ["side", "group", *by] if name not in path}
    groups = rows.assign(**others).groupby(["side", "group", *by], observed=True)
    table = groups.agg(
        n=("score", "size"),
        scores=("score", "count"),
        mean=("score", "mean"),
        sd=("score", "std"),
        percent_top2=("is_top2", "mean"),
        percent_problem=("is_problem", "mean"),
    ).reset_index()
    low, high = mean_interval(table["mean"], table["sd"], table["scores"])
    shares = {name: 100 * table[name].astype("float64") for name in ("percent_top2", "percent_problem")}
    return table.assign(low=low, high=high, **shares)


def _hidden(table: pd.DataFrame, columns: Sequence[str], *, below: int) -> pd.DataFrame:
    """Take a table along every column where it has totals, until hiding one group asks for no other."""
    before = -1
    while (count := int(table["mean"].isna().sum())) != before:
        before = count
        for column in columns:
            others = [name for name in columns if name != column]
            totals = pd.MultiIndex.from_frame(table.loc[table[column].eq(WHOLE), others])
            has_total = pd.MultiIndex.from_frame(table[others]).isin(totals)
            is_part = table[column].ne(WHOLE) & has_total
            parts = suppress(table[is_part], below=below, within=others)
            table = pd.concat([table[~is_part], parts]).sort_index()
    return table

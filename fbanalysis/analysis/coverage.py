"""Who was heard: coverage, participation, shares, monthly volume and representativeness.

It counts people and items; it reads no score and no text. What of those invited may be called a response rate
stands in `response`, what weights do to a mean in `weighting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc, ndtri

from fbanalysis.analysis.intervals import LEVEL, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    DIFFERENT,
    GOODNESS_OF_FIT,
    MINIMUM_BASE,
    SMALL_BASE,
    Association,
    association,
    residual_tests,
    sparse,
    two_proportions,
    verdicts,
)
from fbanalysis.errors import DataError, listed
from fbanalysis.schema import LIST_JOINT, SIDES

_SHARES = ["stratum", "n", "base", "percent", "low", "high"]


# ---------------------------------------------------------------- people against the frame


def coverage_by_stratum(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Say which part of every stratum of the target population gave feedback at all.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``label``, ``side``, ``n`` (distinct respondents), ``population``, ``percent``,
        ``low``, ``high``; rows ``all``, the sides, then the strata in the population table's order, also
        those that nobody answered from. Respondents of strata that the population table does not know don't
        count (`outside_frame` lists them).

    Raises
    ------
    DataError
        More respondents than people in a stratum.

    Notes
    -----
    percent = 100 · n / population, with the Wilson interval [1]_ of n cases in ``population`` trials: (p +
    z²/2N ± z √(p(1 − p)/N + z²/4N²)) / (1 + z²/N). Everybody in the finite population was either heard or
    not, so the share itself is exact and takes no finite-population correction, which would leave no width;
    the interval is that of the chance to be heard, from which other years differ too. People chose to
    answer: neither number says that those who did speak for those who did not. Whoever stands in two strata
    counts in both, and once in their sum. A population of zero gives NaN.

    .. [1] E. B. Wilson (1927), JASA 22: 209–212.
    """
    heard = _heard(feedback)
    cells = _counted(heard, population, size="population").astype({"population": "int64"})
    _refuse_too_many(cells)
    return _with_rates(pd.concat([_totals(heard, cells, size="population"), cells], ignore_index=True))


def participation_by_stratum(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Say which part of those invited answered.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``label``, ``side``, ``n`` (distinct respondents), ``invited``, ``percent``, ``low``,
        ``high``, in the order of `coverage_by_stratum`.

    Notes
    -----
    100 · n / invited with the Wilson interval: the participation rate of AAPOR [1]_, which is its word where
    people choose to answer; `response.outcome_rates` says which of its response rates fit. A stratum without
    invitations, or from which more people answered than were invited, has no rate: NaN. Such strata count
    neither in ``n`` nor in ``invited`` of their side and of all.

    .. [1] AAPOR (2023), Standard Definitions, 10th edition.
    """
    return rate_by_stratum(feedback, population, size="invited")


def rate_by_stratum(feedback: pd.DataFrame, population: pd.DataFrame, *, size: str) -> pd.DataFrame:
    """Say which part of a count of the population table answered: of those invited, of those who started.

    Returns
    -------
    pandas.DataFrame
        As `participation_by_stratum`, with the column ``size`` in place of ``invited``.
    """
    return rates_by_stratum(feedback, population, sizes=[size])[0]


def rates_by_stratum(
    feedback: pd.DataFrame, population: pd.DataFrame, *, sizes: Sequence[str]
) -> list[pd.DataFrame]:
    """Give `rate_by_stratum` of several counts; people are told apart once, which takes most of the time."""
    heard = _heard(feedback)
    return [_rates(heard, population, size=size) for size in sizes]


def _rates(heard: pd.DataFrame, population: pd.DataFrame, *, size: str) -> pd.DataFrame:
    cells = _counted(heard, population, size=size)
    rated = cells.loc[cells[size].gt(0) & cells["n"].le(cells[size])]
    return _with_rates(pd.concat([_totals(heard, rated, size=size), cells], ignore_index=True))


def coverage_by_level(feedback: pd.DataFrame, margins: pd.DataFrame, *, variable: str) -> pd.DataFrame:
    """Say which part of every level of a declared margin gave feedback, both sides together.

    Parameters
    ----------
    margins
        Table ``margins``; the rows of ``variable`` are used, in their order.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (level), ``n`` (distinct respondents who name it), ``population``, ``percent``, ``low``,
        ``high`` (Wilson); no rows where the variable is declared nowhere.

    Notes
    -----
    Who names no level counts in none, so that the rates are lowest ones. More respondents than people: NaN.
    """
    declared = margins.loc[margins["variable"].eq(variable)]
    people = declared.groupby("level", sort=False)["population"].sum().astype("float64")
    heard = feedback.loc[feedback["side"].isin(declared["side"])]
    n = heard.groupby(variable)["respondent_id"].nunique() if len(declared) else pd.Series(dtype="int64")
    table = pd.DataFrame(
        {"stratum": people.index.astype("str"), "n": n.reindex(people.index).fillna(0).to_numpy()}
    )
    return _with_rates(table.astype({"n": "int64"}).assign(population=people.to_numpy()))


def outside_frame(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """List strata of feedback that the population table does not know: ``stratum``, ``side``, ``n``."""
    heard = _heard(feedback)
    counts = heard.groupby(["stratum", "side"], observed=True).size().rename("n").reset_index()
    counts = counts.astype({"stratum": "str", "side": "str"}).sort_values(["stratum", "side"])
    return counts.loc[~counts["stratum"].isin(_label(population))].reset_index(drop=True)


def _label(frame: pd.DataFrame) -> pd.Series:
    return frame["side"].astype("str").str.cat(frame["stratum"].astype("str"), sep="/")


def _heard(feedback: pd.DataFrame) -> pd.DataFrame:
    """List who was heard where: a row a person and stratum, ``stratum`` (label), ``side``, ``person`` (a number).

    Codes are compared, not texts: a million rows take less than a second.
    """
    person, people = pd.factorize(feedback["respondent_id"])
    side, sides = pd.factorize(feedback["side"])
    stratum, strata = pd.factorize(feedback["stratum"])
    is_known = (side >= 0) & (stratum >= 0) & (person >= 0)
    place = side.astype("int64") * len(strata) + stratum
    once = pd.unique((place * max(len(people), 1) + person)[is_known])
    place, person = np.divmod(once, max(len(people), 1))
    labels = [f"{one}/{other}" for one in sides for other in strata]
    return pd.DataFrame(
        {
            "stratum": pd.Categorical.from_codes(place, labels),
            "side": pd.Categorical.from_codes(place // max(len(strata), 1), list(map(str, sides))),
            "person": person,
        }
    )


def _counted(heard: pd.DataFrame, population: pd.DataFrame, *, size: str) -> pd.DataFrame:
    """Count distinct respondents of every stratum of the population table, beside its size."""
    cells = population.assign(label=population["stratum"].astype("str"), stratum=_label(population))
    people = heard["stratum"].value_counts()
    people.index = people.index.astype("str")
    cells["n"] = cells["stratum"].map(people).fillna(0).astype("int64")
    cells[size] = cells[size].astype("float64")
    return cells[["stratum", "label", "side", "n", size]].reset_index(drop=True)


def _totals(heard: pd.DataFrame, cells: pd.DataFrame, *, size: str) -> pd.DataFrame:
    """Count distinct respondents of these strata together, in all and by side."""
    inside = heard.loc[heard["stratum"].isin(cells["stratum"])]
    sides = [side for side in SIDES if cells["side"].eq(side).any()]
    parts = {side: (inside["side"].eq(side), cells["side"].eq(side)) for side in sides}
    parts = {"all": (inside["side"].notna(), cells["side"].notna())} | parts
    rows = [
        (name, _LABELS[name], name, inside.loc[people, "person"].nunique(), cells[size][part].sum())
        for name, (people, part) in parts.items()
    ]
    return pd.DataFrame(rows, columns=["stratum", "label", "side", "n", size])


_LABELS = {"all": "全体", "internal": "内部", "external": "外部"}


def _with_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Append percent and Wilson interval over the last column; impossible rates are NaN."""
    count, base = table["n"].to_numpy(dtype=float), table.iloc[:, -1].to_numpy(dtype=float)
    low, high = wilson_interval(count, base)
    percent = np.where(count <= base, percent_of(count, base), np.nan)
    return table.assign(percent=percent, low=low, high=high)


def _refuse_too_many(cells: pd.DataFrame) -> None:
    wrong = cells.loc[cells["n"].gt(cells["population"])]
    if len(wrong):
        cases = [f"{row.stratum}：反馈者 {row.n}，目标人群 {row.population}" for row in wrong.itertuples()]
        raise DataError(
            f"反馈者多于目标人群，算不出覆盖率：{listed(cases)}。"
            "请更正人群表的 population 列，或反馈的 stratum 列"
        )


# ---------------------------------------------------------------- this year against last


def compare_coverage(
    covered: pd.DataFrame,
    prior_year: pd.DataFrame,
    *,
    year: int,
    metric: str = "coverage",
    base: str = "population",
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare the coverage (or another rate) of the whole target population with last year's.

    Parameters
    ----------
    covered
        As `coverage_by_stratum` gives it; or as `rate_by_stratum`, with its ``metric`` and its ``base``.
    prior_year
        Table ``prior_year``; its row of ``metric`` and stratum ``all`` is used (n = population).

    Returns
    -------
    pandas.DataFrame
        One row: ``stratum`` ("2023 vs 2022"), ``n`` and ``prior_n`` (populations), ``percent``,
        ``prior_percent``, ``value`` (percentage points), ``low``, ``high``, ``test``, ``statistic``,
        ``df``, ``p_raw``, ``p``, ``effect`` (Cohen h), ``verdict``; no row where last year's is not known.

    Notes
    -----
    `two_proportions`: Newcombe's interval, pooled z. Both populations count as independent although mostly
    the same people work and buy in both years; who answers once tends to answer again, so that the truth is
    narrower.
    """
    n, share = _prior_rate(prior_year, metric=metric)
    whole = covered.loc[covered["stratum"].eq("all")].head(len(n))
    table = two_proportions(
        whole["n"], whole[base], np.round(share * n), n, alpha=alpha, minimum_base=minimum_base
    )
    table = table.rename(columns={"other_n": "prior_n", "other_percent": "prior_percent"})
    table.insert(0, "stratum", f"{year} vs {year - 1}")
    return table


def compare_strata(
    rates: pd.DataFrame,
    prior_year: pd.DataFrame,
    *,
    metric: str = "coverage",
    base: str = "population",
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare the coverage (or another rate) of every stratum with last year's: where did it rise or fall.

    Parameters
    ----------
    rates
        As `coverage_by_stratum`, `participation_by_stratum` or `rate_by_stratum` give them.
    prior_year
        Table ``prior_year``; the rows of ``metric`` are used (``n``: the base, ``share`` 0–1).
    base
        Column of ``rates`` with the number of people that a rate is of.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``label``, ``side``, ``n``, ``percent``, ``prior_n``, ``prior_percent``, ``value`` (percentage
        points), ``low``, ``high`` (Newcombe), ``test``, ``statistic``, ``df``, ``p_raw``, ``p`` (Holm over the
        strata), ``effect`` (Cohen h), ``verdict``; a row a stratum that has a rate in both years, without all and
        the sides: those are sums of the rows.

    Notes
    -----
    `two_proportions`. Mostly the same people work and buy in both years; counting them as independent makes the
    intervals wider than they need be. A stratum that was cut differently last year compares what is not alike.
    """
    prior = prior_year.loc[prior_year["metric"].eq(metric)].dropna(subset=["n", "share"])
    prior = prior[["stratum", "n", "share"]].astype({"n": "float64", "share": "float64"})
    parts = rates.loc[rates["stratum"].str.contains("/") & rates["percent"].notna()]
    both = parts.rename(columns={"n": "count"}).merge(prior, on="stratum")
    table = two_proportions(
        both["count"],
        both[base],
        np.round(both["share"] * both["n"]),
        both["n"],
        alpha=alpha,
        minimum_base=minimum_base,
    )
    table = table.rename(columns={"other_n": "prior_n", "other_percent": "prior_percent"})
    return pd.concat([both[["stratum", "label", "side"]].reset_index(drop=True), table], axis=1)


def coverage_by_year(covered: pd.DataFrame, prior_year: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Put the coverage of this and of last year below each other.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("2023", "2022"), ``n`` (population), ``percent``, ``low``, ``high`` (Wilson); without
        last year's row where it is not known.
    """
    n, share = _prior_rate(prior_year, metric="coverage")
    whole = covered.loc[covered["stratum"].eq("all")]
    table = pd.DataFrame(
        {
            "stratum": [str(year)] * len(whole) + [str(year - 1)] * len(n),
            "n": np.concatenate([whole["population"].to_numpy(dtype=float), n]),
        }
    )
    count = np.concatenate([whole["n"].to_numpy(dtype=float), np.round(share * n)])
    low, high = wilson_interval(count, table["n"])
    percent = np.concatenate([whole["percent"].to_numpy(dtype=float), 100 * share])
    return table.assign(percent=percent, low=low, high=high)


def _prior_rate(prior_year: pd.DataFrame, *, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Give last year's population and share (0–1), each of one value, or of none where either is missing."""
    is_whole = prior_year["metric"].eq(metric) & prior_year["stratum"].eq("all")
    known = prior_year.loc[is_whole, ["n", "share"]].astype("float64").dropna()
    return known["n"].to_numpy(), known["share"].to_numpy()


# ---------------------------------------------------------------- shares and volume


def count_by_side(feedback: pd.DataFrame) -> pd.DataFrame:
    """Count feedback items: ``stratum`` (all, internal, external), ``n``."""
    counts = feedback["side"].value_counts().reindex(list(SIDES), fill_value=0)
    return pd.DataFrame({"stratum": ["all", *SIDES], "n": [len(feedback), *counts]}).astype({"n": "int64"})


def share_by(
    frame: pd.DataFrame, by: str, *, order: Sequence[str] | None = None, rest: str | None = None
) -> pd.DataFrame:
    """Count the rows of every value of a column, and their share of all rows that name one.

    Parameters
    ----------
    order
        Values to list first, also where nobody named them; others follow, most frequent first.
    rest
        Name of a last row for those that name no value: they then count in the base, and the shares make 100.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (the value), ``n`` (rows with it), ``base`` (rows that name any value), ``percent``,
        ``low``, ``high`` (Wilson).

    Notes
    -----
    Shares of one column depend on each other: an interval is for its own row, not for differences between
    rows. Missing values are no value and not in the base, unless they are the ``rest``. Without any row: no
    row, or NaN for ``order``.

    Examples
    --------
    >>> share_by(pd.DataFrame({"kind": ["建议", "表扬", "建议", None]}), "kind")[["stratum", "n", "base"]]
      stratum  n  base
    0      建议  2     3
    1      表扬  1     3
    """
    counts = frame[by].dropna().astype("str").value_counts().rename_axis("stratum").rename("n").reset_index()
    counts = counts.sort_values(["n", "stratum"], ascending=[False, True]).set_index("stratum")["n"]
    names = list(dict.fromkeys([*(order or ()), *counts.index]))
    table = counts.reindex(names, fill_value=0).rename_axis("stratum").reset_index()
    if rest is not None:
        table.loc[len(table)] = [rest, int(frame[by].isna().sum())]
    return _shares(table.assign(base=int(table["n"].sum())))


def share_within(feedback: pd.DataFrame, *, by: str = "stratum", within: str = "side") -> pd.DataFrame:
    """Count the rows of every value inside every group, and their share of the group.

    Returns
    -------
    pandas.DataFrame
        As `share_by`, with ``stratum`` as "internal/一线员工"; groups in the order of ``SIDES`` or else of
        their names, inside them most frequent first.
    """
    groups = sorted(feedback[within].dropna().unique(), key=lambda name: ([*SIDES, name].index(name), name))
    tables = [
        share_by(feedback.loc[feedback[within].eq(name), [by]], by).assign(
            stratum=lambda table, name=name: f"{name}/" + table["stratum"]
        )
        for name in groups
    ]
    return pd.concat(tables, ignore_index=True) if tables else share_by(feedback, by)


def tag_shares(feedback: pd.DataFrame) -> pd.DataFrame:
    """Count the feedback that carries each tag, and its share of all feedback given, tagged or not.

    Returns
    -------
    pandas.DataFrame
        As `share_by`; one piece of feedback may carry several tags, so that the shares may add up to more than
        100. Most frequent first, equals by name.

    Examples
    --------
    >>> table = tag_shares(pd.DataFrame({"tags": ["流程优化；培训资源完善", "流程优化", None]}))
    >>> table[["stratum", "n", "base"]].to_numpy().tolist()
    [['流程优化', 2, 3], ['培训资源完善', 1, 3]]
    """
    tags = feedback["tags"].dropna().astype("str").str.split(LIST_JOINT).explode().str.strip()
    pairs = tags[tags.ne("")].rename("stratum").reset_index().drop_duplicates()
    counts = pairs["stratum"].value_counts().rename_axis("stratum").rename("n").reset_index()
    counts = counts.sort_values(["n", "stratum"], ascending=[False, True], ignore_index=True)
    return _shares(counts.assign(base=len(feedback)))


def path_counts(
    intake: pd.DataFrame, feedback: pd.DataFrame, tickets: pd.DataFrame, *, end: date
) -> pd.DataFrame:
    """Count what is left at each step from the files received to the tickets that were resolved.

    Parameters
    ----------
    intake
        ``stratum``, ``rows_in``, ``accepted``, with the row ``all``.
    tickets
        May be empty; tickets come from a system of their own and are no part of the feedback counted before.
    end
        The last day of the period: what was resolved later is not counted as resolved.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (the step), ``path`` (反馈 or 工单), ``n``; steps of a table without rows are left out.
    """
    rows, after = intake.set_index("stratum").loc["all"], pd.Timestamp(end) + pd.Timedelta(days=1)
    steps = [
        ("读入的行", "反馈", rows["rows_in"]),
        ("采用的反馈", "反馈", rows["accepted"]),
        ("写有文字", "反馈", feedback["comment"].fillna("").str.strip().ne("").sum()),
        ("问题反映", "反馈", feedback["kind"].eq("问题反映").sum()),
        ("登记的工单", "工单", len(tickets)),
        ("已首次响应", "工单", tickets["first_response_at"].notna().sum()),
        ("期内已解决", "工单", tickets["resolved_at"].lt(after).sum()),
        ("已告知结果", "工单", tickets["notified_at"].notna().sum()),
    ]
    table = pd.DataFrame(steps, columns=["stratum", "path", "n"]).astype({"n": "int64"})
    return table[table["n"].gt(0)].reset_index(drop=True)


def _shares(counts: pd.DataFrame) -> pd.DataFrame:
    low, high = wilson_interval(counts["n"], counts["base"])
    shares = counts.assign(percent=percent_of(counts["n"], counts["base"]), low=low, high=high)
    return shares.astype({"stratum": "str", "n": "int64", "base": "int64"})[_SHARES]


def channel_mix(feedback: pd.DataFrame) -> pd.DataFrame:
    """Count the channels, in all and on each side: which way did feedback come.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (channel, or "internal/channel"), ``channel``, ``side`` (all, internal, external),
        ``n``, ``base`` (items of the side), ``percent``, ``low``, ``high`` (Wilson); a row for every
        channel on every side that sent anything, most frequent channel first.
    """
    order = share_by(feedback, "channel")["stratum"].tolist()
    sides = [side for side in SIDES if feedback["side"].eq(side).any()]
    parts = {side: feedback.loc[feedback["side"].eq(side), ["channel"]] for side in sides}
    parts = {"all": feedback} | parts
    tables = [share_by(part, "channel", order=order).assign(side=side) for side, part in parts.items()]
    table = pd.concat(tables, ignore_index=True).rename(columns={"stratum": "channel"})
    prefix = table["side"].map({side: f"{side}/" for side in SIDES}).fillna("")
    return table.assign(stratum=prefix.astype("str") + table["channel"])[
        ["stratum", "channel", "side", "n", "base", "percent", "low", "high"]
    ]


def channel_levels(
    feedback: pd.DataFrame, margins: pd.DataFrame, *, variable: str, frame_label: str = "目标人群"
) -> pd.DataFrame:
    """Put the make-up of every channel's feedback beside that of the target population: who speaks where.

    Parameters
    ----------
    margins
        Table ``margins``: its rows of ``variable`` give the first bar; without them only the channels stand.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("渠道 × 取值"), ``channel``, ``level``, ``count``, ``n`` (of the channel, those who name a
        level), ``percent``; the population first, then the channels, most frequent first; levels in the order
        of the margins, others behind them. No rows where nobody names a level.

    Notes
    -----
    Shares of each row. Items count, not people; who names no level is left out here (`share_by` with a ``rest`` counts
    them).
    """
    declared = margins.loc[margins["variable"].eq(variable)]
    people = declared.groupby("level", sort=False)["population"].sum()
    known = feedback[["channel", variable]].dropna()
    counts = known.groupby(["channel", variable]).size().unstack(fill_value=0)
    if counts.empty:
        return pd.DataFrame(columns=["stratum", "channel", "level", "count", "n", "percent"])
    counts = counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    if len(people):
        counts = pd.concat([people.astype("int64").to_frame(frame_label).T, counts])
    levels = list(dict.fromkeys([*people.index, *counts.columns]))
    counts = counts.reindex(columns=levels).fillna(0).astype("int64")
    table = counts.rename_axis("channel").rename_axis("level", axis=1).stack().rename("count").reset_index()
    table["n"] = table.groupby("channel")["count"].transform("sum")
    table.insert(0, "stratum", table["channel"] + " × " + table["level"])
    return table.assign(percent=percent_of(table["count"], table["n"]))


def channel_association(
    feedback: pd.DataFrame, *, variable: str, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> Association:
    """Test whether channels hear the same kinds of people; see `significance.association`."""
    return association(feedback, row="channel", column=variable, alpha=alpha, minimum_base=minimum_base)


def monthly_volume(feedback: pd.DataFrame, *, start: date, end: date) -> pd.DataFrame:
    """Count feedback in every month of the period, also where nothing came.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("2023-01"), ``month`` (its first day), ``n``, ``index``, ``is_gap`` (nothing came in),
        ``days`` (of the month inside the period).

    Notes
    -----
    index = 100 · (n / days) / (all n / all days), so that 100 is the period's mean day, and a short month,
    or one that the period cuts, is not low for its length. One year can't tell season from trend. NaN where
    nothing came in at all. Feedback outside the period is not counted.
    """
    months = month_frame(start=start, end=end)
    submitted = feedback.loc[in_period(feedback, start=start, end=end), "submitted_at"]
    n = months["stratum"].map(_count_months(submitted)).fillna(0).astype("int64")
    mean = n.sum() / months["days"].sum()
    index = 100 * n / months["days"] / (mean if mean > 0 else np.nan)
    return months[["stratum", "month"]].assign(n=n, index=index, is_gap=n.eq(0), days=months["days"])


def _count_months(days: pd.Series) -> pd.Series:
    """Count days by the name of their month; a million days are not written out one by one."""
    counts = (12 * days.dt.year + days.dt.month - 1).value_counts()
    return counts.set_axis([f"{month // 12:.0f}-{month % 12 + 1:02.0f}" for month in counts.index])


def month_evenness(
    feedback: pd.DataFrame,
    *,
    start: date,
    end: date,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> "GoodnessOfFit":
    """Test whether feedback came evenly over the months, and which months stand out.

    Returns
    -------
    GoodnessOfFit
        ``table`` has a row a month, ``population_percent`` being its share of the days; ``statistic`` is F.

    Notes
    -----
    With E = n · days / all days: χ² = Σ (O − E)² / E. Feedback comes in batches (a focus group, a campaign), so
    that counts spread wider than Poisson's; χ² / (k − 1) is therefore divided by the dispersion φ of the days,
    Σ (o − e)² / e / (days − k − 6) with e the month's daily mean times the weekday's share, at least 1, and is
    F(k − 1, days − k) [1]_; residuals are divided by √φ. Public holidays count as days. Cohen's w as in
    `representativeness`.
    One year can't tell season from trend or from what happened once: `season_of` needs another year.

    .. [1] P. McCullagh, J. A. Nelder (1989), Generalized Linear Models, 2nd ed., sections 4.5 and 6.2.3.
    """
    months = monthly_volume(feedback, start=start, end=end)
    n, k, days = int(months["n"].sum()), len(months), months["days"].sum()
    share = months["days"] / days
    expected = n * share
    fit, phi = _misfit(months["n"], expected), _dispersion(feedback, months, start=start, end=end)
    is_tested = k > 1 and n > 0 and days > k
    f = fit / (k - 1) / phi if is_tested else float("nan")
    p = float(fdtrc(k - 1, days - k, f)) if is_tested else float("nan")
    residual = (months["n"] - expected) / np.sqrt(phi * expected.where(expected > 0) * (1 - share))
    tested = residual_tests(residual.to_numpy(), expected.to_numpy(), alpha=alpha)
    base = 0 if sparse(expected) or not is_tested else n
    return GoodnessOfFit(
        table=pd.concat([_composition(months, expected=expected, share=share), tested], axis=1),
        n=n,
        df=float(max(k - 1, 0)),
        p=p,
        statistic=f,
        effect=float(np.sqrt(fit / n)) if n else float("nan"),
        verdict=str(
            verdicts(fit, p, base, alpha=alpha, minimum_base=minimum_base, words=(DIFFERENT, DIFFERENT))
        ),
        test=EVEN_MONTHS,
    )


EVEN_MONTHS = "各月均匀的 F 检验"


def _dispersion(feedback: pd.DataFrame, months: pd.DataFrame, *, start: date, end: date) -> float:
    """Say how many times wider than Poisson's days spread about their month's mean and weekday's share; at least 1."""
    submitted = feedback.loc[in_period(feedback, start=start, end=end), "submitted_at"]
    days = pd.date_range(pd.Timestamp(start).normalize(), pd.Timestamp(end).normalize())
    heard = submitted.dt.normalize().value_counts().reindex(days, fill_value=0)
    daily = (months["n"] / months["days"]).set_axis(months["stratum"])
    weekday = heard.groupby(days.day_of_week).mean() / max(heard.mean(), 1e-12)
    mean = daily[days.strftime("%Y-%m")].to_numpy() * weekday[days.day_of_week].to_numpy()
    spare = (mean > 0).sum() - months["n"].gt(0).sum() - weekday.gt(0).sum() + 1
    spread = ((heard - mean) ** 2 / np.where(mean > 0, mean, np.nan)).sum()
    return max(1.0, float(spread / spare)) if spare > 0 else 1.0


@dataclass(frozen=True)
class Season:
    """Whether the months of two years go up and down alike.

    ``months`` counts those that both years have; ``correlation`` is Spearman's; ``verdict`` is 只有一年, 两年相似,
    看不出共同的季节 or 基数不足.
    """

    months: int
    correlation: float
    p: float
    verdict: str

    @property
    def statement(self) -> str:
        """What readers are told of it, in Chinese."""
        return _SEASONS[self.verdict]


ONE_YEAR, ALIKE, UNLIKE = "只有一年", "两年相似", "看不出共同的季节"
_SEASONS = {
    ONE_YEAR: "只有一年的月份，分不开季节、趋势与当年的事件，不谈季节性。",
    ALIKE: "两年的月份起伏相似，像是季节；两年仍少，每年同时办的活动看起来也一样。",
    UNLIKE: "两年的月份起伏不相似，看不出共同的季节。",
    SMALL_BASE: "两年共有的月份太少，不谈季节性。",
}


def season_of(monthly: pd.DataFrame, prior_year: pd.DataFrame, *, alpha: float = ALPHA) -> Season:
    """Say whether the months' ups and downs return: with one year nothing tells season from trend.

    Parameters
    ----------
    monthly
        As `monthly_volume` gives it.
    prior_year
        Table ``prior_year``; its rows of metric ``month_share`` are used (``stratum`` "01" … "12", ``share``).

    Notes
    -----
    Spearman's ρ of the daily means of the months in both years, two-sided, over at least six months; a ρ above
    zero with p below ``alpha`` is 两年相似. Two years are the least that can speak of a season, and still few: a
    campaign that is run every spring looks the same. A decomposition (STL) needs whole years more and isn't made.
    """
    from scipy.stats import spearmanr

    prior = prior_year.loc[prior_year["metric"].eq("month_share"), ["stratum", "share"]].dropna()
    if prior.empty:
        return Season(0, float("nan"), float("nan"), ONE_YEAR)
    both = monthly.assign(stratum=monthly["month"].dt.strftime("%m")).merge(prior, on="stratum")
    daily, earlier = both["n"] / both["days"], both["share"].astype("float64") / both["days"]
    if len(both) < 6 or daily.nunique() < 2 or earlier.nunique() < 2:
        return Season(len(both), float("nan"), float("nan"), SMALL_BASE)
    rho, p = (float(part) for part in spearmanr(daily, earlier))
    return Season(len(both), rho, p, ALIKE if p < alpha and rho > 0 else UNLIKE)


def month_frame(*, start: date, end: date) -> pd.DataFrame:
    """List the months of a period: ``stratum`` ("2023-01"), ``month`` (first day), ``days`` inside it."""
    first, last = pd.Timestamp(start).normalize(), pd.Timestamp(end).normalize()
    months = pd.Series(pd.period_range(first, last, freq="M"))
    begin, finish = months.dt.start_time.clip(lower=first), months.dt.end_time.dt.normalize().clip(upper=last)
    return pd.DataFrame(
        {
            "stratum": months.dt.strftime("%Y-%m").astype("str"),
            "month": months.dt.to_timestamp(),
            "days": (finish - begin).dt.days + 1,
        }
    )


def in_period(feedback: pd.DataFrame, *, start: date, end: date) -> pd.Series:
    """Say of each row whether it was submitted in the period, both days included."""
    day = feedback["submitted_at"].dt.normalize()
    return day.ge(pd.Timestamp(start).normalize()) & day.le(pd.Timestamp(end).normalize())


# ---------------------------------------------------------------- representativeness and precision


@dataclass(frozen=True)
class GoodnessOfFit:
    """How the respondents' composition fits that of the target population.

    ``table`` has ``stratum``, ``n``, ``expected``, ``percent``, ``population_percent``, ``difference``
    (percentage points), ``test``, ``statistic`` (adjusted residual), ``p_raw``, ``p`` (Holm), ``effect``
    (NaN), ``verdict`` (偏多, 偏少, 没有差异, 基数不足). ``effect`` is Cohen's w; ``n`` counts respondents.
    """

    table: pd.DataFrame
    n: int
    statistic: float
    df: float
    p: float
    effect: float
    verdict: str
    test: str = GOODNESS_OF_FIT

    @property
    def chi2(self) -> float:
        return self.statistic

    @property
    def dof(self) -> float:
        return self.df


def representativeness(
    feedback: pd.DataFrame,
    population: pd.DataFrame,
    *,
    is_finite: bool = True,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> GoodnessOfFit:
    """Test whether every stratum answered in proportion to its size.

    Parameters
    ----------
    is_finite
        Respondents are part of the population that is counted; False treats it as endless.

    Notes
    -----
    χ² = Σ (O − E)² / E with E = n · N_h / N, and where the population is finite divided by 1 − n/N: this is
    exactly Pearson's χ² of stratum × (answered or not), and without it the test would see too little when
    most people answered. Residuals (O − E) / √(E (1 − N_h/N)(1 − n/N)) [1]_. Cohen's w = √(Σ (o − e)² / e)
    of the shares is the size of the misfit, whatever n (0.1 small, 0.3 medium). A fit in strata says
    nothing about who answered inside them. Cochran's rule on E as in `association`. Who stands in two
    strata counts in both; strata without people are left out.

    .. [1] A. Agresti (2013), Categorical Data Analysis, sections 1.5 and 3.3.
    """
    cells = _counted(_heard(feedback), population, size="population")
    cells = cells.loc[cells["population"].gt(0)].reset_index(drop=True)
    n, size = int(cells["n"].sum()), cells["population"].sum()
    share, unseen = cells["population"] / size, _unseen(n, size, is_finite=is_finite)
    expected = n * share
    variance = expected * (1 - share) * unseen
    residual = (cells["n"] - expected) / np.sqrt(variance.where(variance > 0))
    fit = _misfit(cells["n"], expected)
    df, statistic = float(max(len(cells) - 1, 0)), float(fit / unseen)
    p = float(chdtrc(df, statistic)) if df else float("nan")
    table = _composition(cells, expected=expected, share=share)
    tested = residual_tests(residual.to_numpy(), expected.to_numpy(), alpha=alpha)
    base = 0 if sparse(expected) or not df else n
    words = (DIFFERENT, DIFFERENT)
    return GoodnessOfFit(
        table=pd.concat([table, tested], axis=1),
        n=n,
        df=df,
        p=p,
        statistic=statistic if df else float("nan"),
        effect=float(np.sqrt(fit / n)) if n else float("nan"),
        verdict=str(verdicts(fit, p, base, alpha=alpha, minimum_base=minimum_base, words=words)),
    )


def _unseen(n: int, size: float, *, is_finite: bool) -> float:
    """Give the part of the population that was not heard; NaN where all were: nothing is left to chance."""
    if not is_finite:
        return 1.0
    return 1 - n / size if n < size else float("nan")


def _misfit(observed: pd.Series, expected: pd.Series) -> float:
    return float(((observed - expected) ** 2 / expected.where(expected > 0)).sum())


def _composition(cells: pd.DataFrame, *, expected: pd.Series, share: pd.Series) -> pd.DataFrame:
    percent = percent_of(cells["n"], cells["n"].sum())
    return cells[["stratum", "n"]].assign(
        expected=expected, percent=percent, population_percent=100 * share, difference=percent - 100 * share
    )


def margin_of_error(
    n: float, *, population: float | None = None, proportion: float = 0.5, level: float = LEVEL
) -> float:
    """Give the half-width of the interval of a share from a simple random sample, in percentage points.

    Notes
    -----
    100 z √(p(1 − p)/n · (N − n)/(N − 1)) [1]_; without ``population`` the last factor is 1. Holds for a
    random sample only: who chose to answer may differ more. NaN for an empty sample, 0 for a census.

    .. [1] W. G. Cochran (1977), Sampling Techniques, chapter 3.

    Examples
    --------
    >>> print(f"{margin_of_error(1067):.2f} {margin_of_error(322, population=2000):.2f}")
    3.00 5.00
    """
    if not n > 0:
        return float("nan")
    unseen = 1.0 if population is None else max(0.0, (population - n) / max(population - 1, 1))
    return float(100 * ndtri((1 + level) / 2) * np.sqrt(proportion * (1 - proportion) / n * unseen))


def required_n(
    margin: float, *, population: float | None = None, proportion: float = 0.5, level: float = LEVEL
) -> int:
    """Give the smallest random sample whose share has at most this margin of error (percentage points).

    Notes
    -----
    n₀ = z² p(1 − p) / e², and n = n₀ N / (n₀ + N − 1) of a finite population, rounded up [1]_; tables that
    round to the nearest are one lower here and there (Krejcie & Morgan 1970).

    .. [1] W. G. Cochran (1977), Sampling Techniques, section 4.4.

    Examples
    --------
    >>> required_n(3), required_n(5, population=1000)
    (1068, 278)
    """
    endless = ndtri((1 + level) / 2) ** 2 * proportion * (1 - proportion) / (margin / 100) ** 2
    n = endless if population is None else endless * population / (endless + population - 1)
    return ceil(round(n, 9))


def sample_sizes(
    counts: pd.DataFrame,
    *,
    margins: Sequence[float] = (3, 5),
    population: str | None = "population",
    level: float = LEVEL,
) -> pd.DataFrame:
    """Put the sample that each group has beside the one that a margin of error would need.

    Parameters
    ----------
    counts
        ``stratum``, ``n``, and the group's people in the column ``population``; other columns stay.
    margins
        Half-widths in percentage points, for shares of a half.
    population
        Column with the size of the finite population; None where it is not known or endless.

    Returns
    -------
    pandas.DataFrame
        ``counts`` with ``margin`` (what n would give), and for every margin ``required_3`` and ``is_enough_3``.

    Notes
    -----
    `margin_of_error` and `required_n`, with the finite population correction where the population is known. They
    hold for a simple random sample; for opt-in feedback they only tell how much there is, not how near the truth.

    Examples
    --------
    >>> heard = pd.DataFrame({"stratum": ["nps"], "n": [1200]})
    >>> sample_sizes(heard, margins=(3,), population=None)[["required_3", "is_enough_3"]].to_numpy().tolist()
    [[1068, True]]
    """
    sizes = [None] * len(counts) if population is None else _known_sizes(counts[population])
    heard = counts["n"].astype("float64").tolist()
    table = counts.assign(
        margin=[
            margin_of_error(n, population=size, level=level) for n, size in zip(heard, sizes, strict=True)
        ]
    )
    for margin in margins:
        needed = [required_n(margin, population=size, level=level) for size in sizes]
        table[f"required_{margin:g}"] = np.array(needed, dtype="int64")
        table[f"is_enough_{margin:g}"] = np.array(heard) >= np.array(needed)
    return table


def _known_sizes(column: pd.Series) -> list[float | None]:
    """Give sizes of populations, None where one is not known."""
    return [None if pd.isna(size) else float(size) for size in column]

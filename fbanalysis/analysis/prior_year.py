"""Last year's totals, from last year's own rows: what this year is compared with."""

from collections.abc import Mapping

import pandas as pd

from fbanalysis.analysis.complaints import complaint_rates, total_complaint_rate
from fbanalysis.analysis.coverage import coverage_by_stratum, rate_by_stratum, share_by
from fbanalysis.analysis.customers import ces, csi, nps
from fbanalysis.analysis.satisfaction import PERIODS, period_names, satisfaction_by_area
from fbanalysis.analysis.sentiment import sentiment_shares, with_sentiment
from fbanalysis.analysis.significance import group_moments

COLUMNS = ["metric", "stratum", "n", "mean", "sd", "share"]
SCORED = {"area", "area_score", "overall_score"}
#: Columns by whose groups the overall score is kept, each by itself.
GROUPS = ("stratum", "department", "region", "channel")


def summarise_prior_year(previous: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Sum up a year's tables as the ``prior_year`` table of the next year.

    Parameters
    ----------
    previous
        The year's processed tables by name; all but ``feedback`` may be missing, and with them the metrics
        that come from them.

    Returns
    -------
    pandas.DataFrame
        ``metric``, ``stratum``, ``n``, ``mean``, ``sd``, ``share`` (0–1): *satisfaction* (areas and
        总体满意度), *satisfaction_period* (overall, of the year 2022, its quarters 2022Q1 and months 2022-01),
        *satisfaction_by_stratum*, *…_department*, *…_region*, *…_channel* (overall), *coverage* (n = population),
        *participation* (n = invited), *completion* (n = started), *month_share* ("01" … "12", n = feedback),
        *feedback_type*, *topic_share*, *sentiment_share* (n = base), *complaint_rate* (n = served), *nps* (mean of the points), *csi* (dimensions, 0–100), *ces*.

    Notes
    -----
    The functions that describe this year are applied to last year's rows, so that both years are measured
    in one way. A metric whose columns were not delivered has no row.
    """
    feedback = previous["feedback"]
    parts = [_satisfaction(feedback), *_overall(feedback), _coverage(feedback, previous.get("population"))]
    parts += [_rates(feedback, previous.get("population")), _months(feedback)]
    parts += [_shares(feedback, column, metric=metric) for metric, column in _NAMED.items()]
    parts.append(_sentiment(feedback, previous.get("comments")))
    parts.append(_complaints(previous.get("operations")))
    parts += [read(previous[name]) for name, read in _RATED.items() if name in previous]
    known = [part.reindex(columns=COLUMNS) for part in parts if len(part)]
    rows = pd.concat(known or [pd.DataFrame(columns=COLUMNS)], ignore_index=True)
    return rows.astype({"n": "Int64", "mean": "float64", "sd": "float64", "share": "float64"})


_NAMED = {"feedback_type": "kind", "topic_share": "topic"}


def _satisfaction(feedback: pd.DataFrame) -> pd.DataFrame:
    scored = feedback.reindex(columns=sorted({*feedback.columns} | SCORED))
    # The scale only matters for the share of the two highest answers, which is not kept.
    areas = satisfaction_by_area(scored, scale_maximum=float("inf"))
    return areas[["stratum", "n", "mean", "sd"]].assign(metric="satisfaction")


def _overall(feedback: pd.DataFrame) -> list[pd.DataFrame]:
    """Sum up the overall score by period and by group, for comparisons within groups and with earlier periods."""
    if "overall_score" not in feedback:
        return []
    groups = [(f"satisfaction_by_{name}", feedback[name]) for name in GROUPS if name in feedback]
    if "submitted_at" in feedback:
        times = feedback["submitted_at"]
        groups += [("satisfaction_period", period_names(times, grain=grain)) for grain in PERIODS]
    scored = feedback["overall_score"].rename("score").to_frame()
    tables = [(metric, group_moments(scored.assign(by=by), score="score", by="by")) for metric, by in groups]
    return [table.assign(metric=metric).sort_values("stratum") for metric, table in tables]


def _coverage(feedback: pd.DataFrame, population: pd.DataFrame | None) -> pd.DataFrame:
    if population is None:
        return pd.DataFrame()
    covered = coverage_by_stratum(feedback, population)
    return pd.DataFrame(
        {
            "metric": "coverage",
            "stratum": covered["stratum"],
            "n": covered["population"],
            "share": covered["percent"] / 100,
        }
    )


def _rates(feedback: pd.DataFrame, population: pd.DataFrame | None) -> pd.DataFrame:
    """Give the rates whose bases the population table knows."""
    sizes = {"participation": "invited", "completion": "started"}
    tables = [
        rate_by_stratum(feedback, population, size=size)
        .dropna(subset=["percent"])
        .assign(
            metric=metric, share=lambda table: table["percent"] / 100, n=lambda table, size=size: table[size]
        )
        for metric, size in sizes.items()
        if population is not None and size in population
    ]
    return pd.concat(tables)[["metric", "stratum", "n", "share"]] if tables else pd.DataFrame()


def _months(feedback: pd.DataFrame) -> pd.DataFrame:
    """Give the share of each calendar month that had any feedback."""
    if "submitted_at" not in feedback:
        return pd.DataFrame()
    counts = feedback["submitted_at"].dt.strftime("%m").value_counts().sort_index()
    shares = {
        "metric": "month_share",
        "stratum": counts.index,
        "n": counts.sum(),
        "share": counts / counts.sum(),
    }
    return pd.DataFrame(shares).reset_index(drop=True)


def _shares(frame: pd.DataFrame, column: str, *, metric: str) -> pd.DataFrame:
    if column not in frame:
        return pd.DataFrame()
    return _as_rows(share_by(frame, column), metric=metric)


def _sentiment(feedback: pd.DataFrame, comments: pd.DataFrame | None) -> pd.DataFrame:
    if comments is None:
        return pd.DataFrame()
    return _as_rows(sentiment_shares(with_sentiment(feedback, comments)), metric="sentiment_share")


def _complaints(operations: pd.DataFrame | None) -> pd.DataFrame:
    if operations is None:
        return pd.DataFrame()
    return _as_rows(total_complaint_rate(complaint_rates(operations)), metric="complaint_rate")


def _nps(answers: pd.DataFrame) -> pd.DataFrame:
    tables = [nps.nps_by(answers, by) for by in (None, "stratum")]
    return pd.concat(tables, ignore_index=True)[["stratum", "n", "mean", "sd"]].assign(metric="nps")


def _ces(answers: pd.DataFrame) -> pd.DataFrame:
    scores = ces.respondent_scores(answers)
    tables = [ces.effort_by(scores, by) for by in (None, "channel")]
    return pd.concat(tables, ignore_index=True)[["stratum", "n", "mean", "sd"]].assign(metric="ces")


_RATED = {"nps": _nps, "ratings": csi.prior_rows, "ces": _ces}


def _as_rows(shares: pd.DataFrame, *, metric: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "metric": metric,
            "stratum": shares["stratum"],
            "n": shares["base"],
            "share": shares["percent"] / 100,
        }
    )

"""Last year's totals by group and period, against plain pandas."""

import pandas as pd
import pytest

from fbanalysis.analysis.prior_year import COLUMNS, summarise_prior_year
from fbanalysis.schema import schema

FEEDBACK = pd.DataFrame(
    {
        "respondent_id": list("abcde"),
        "submitted_at": pd.to_datetime(["2022-01-05", "2022-03-31", "2022-04-01", "2022-12-31", None]),
        "side": "internal",
        "stratum": ["员工", "员工", "经理", "经理", "经理"],
        "department": ["研发", None, "研发", "客服", "客服"],
        "overall_score": [4.0, 2.0, 5.0, 3.0, None],
    }
)


def rows_of(metric: str) -> pd.DataFrame:
    summary = summarise_prior_year({"feedback": FEEDBACK})
    return summary[summary["metric"].eq(metric)].set_index("stratum")


def test_the_overall_score_is_kept_by_month_quarter_and_year():
    rows = rows_of("satisfaction_period")
    assert rows["n"].to_dict() == {
        **{"2022-01": 1, "2022-03": 1, "2022-04": 1, "2022-12": 1},
        **{"2022Q1": 2, "2022Q2": 1, "2022Q4": 1, "2022": 4},
    }
    assert rows.loc["2022Q1", ["mean", "sd"]].tolist() == pytest.approx([3.0, 2**0.5])
    assert rows.loc["2022", "mean"] == 3.5


def test_the_overall_score_is_kept_by_group():
    assert rows_of("satisfaction_by_stratum")["mean"].to_dict() == {"员工": 3.0, "经理": 4.0}
    assert rows_of("satisfaction_by_department")["n"].to_dict() == {"客服": 1, "研发": 2}


def test_columns_that_were_not_delivered_have_no_rows():
    assert rows_of("satisfaction_by_region").empty
    bare = FEEDBACK[["respondent_id", "side", "stratum"]]
    summary = summarise_prior_year({"feedback": bare})
    assert not summary["metric"].str.startswith("satisfaction").any()
    assert list(summary.columns) == COLUMNS


def test_no_feedback_at_all_gives_an_empty_summary_of_the_right_kind():
    summary = summarise_prior_year({"feedback": FEEDBACK.iloc[:0]})
    assert list(summary.columns) == COLUMNS
    schema("prior_year").validate(summarise_prior_year({"feedback": FEEDBACK}))


def test_rates_are_kept_over_those_invited_and_those_who_began():
    people = pd.DataFrame(
        {
            "side": "internal",
            "stratum": ["员工", "经理"],
            "population": [10, 5],
            "invited": [8, 4],
            "started": [4, 3],
        }
    )
    summary = summarise_prior_year({"feedback": FEEDBACK, "population": people}).set_index(
        ["metric", "stratum"]
    )
    assert summary.loc[("participation", "internal/员工"), ["n", "share"]].tolist() == [8, 2 / 8]
    assert summary.loc[("completion", "internal/经理"), ["n", "share"]].tolist() == [3, 1.0]
    assert summary.loc[("participation", "all"), ["n", "share"]].tolist() == pytest.approx([12, 5 / 12])


def test_months_are_kept_as_shares_of_the_year():
    rows = rows_of("month_share")
    assert rows["share"].to_dict() == {"01": 0.25, "03": 0.25, "04": 0.25, "12": 0.25}
    assert rows["n"].eq(4).all()


def test_recommendations_and_effort_are_kept_as_means_of_people():
    asked = pd.DataFrame(
        {
            "respondent_id": list("abcd"), "score": [10, 9, 7, 3], "stratum": "普通客户", "region": "华北", "channel": "短信",
            "asked_at": pd.Timestamp("2022-02-02"),
        }
    )  # fmt: skip
    effort = pd.DataFrame(
        {"respondent_id": list("aabb"), "item": ["一", "二"] * 2, "score": [1.0, 3.0, 2.0, 4.0]}
    )
    summary = summarise_prior_year({"feedback": FEEDBACK, "nps": asked, "ces": effort})
    found = summary[summary["stratum"].eq("all")].set_index("metric")
    assert found.loc["nps", "mean"] == 25.0
    assert found.loc["nps", "sd"] == pytest.approx(pd.Series([100, 100, 0, -100]).std())
    assert found.loc["ces", ["n", "mean"]].tolist() == [2, 2.5]

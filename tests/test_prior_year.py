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

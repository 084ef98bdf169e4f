"""Coverage, shares and representativeness on small tables counted by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats

from fbanalysis.analysis.coverage import (
    channel_mix,
    compare_coverage,
    count_by_side,
    coverage_by_stratum,
    coverage_by_year,
    margin_of_error,
    monthly_volume,
    outside_frame,
    participation_by_stratum,
    path_counts,
    representativeness,
    required_n,
    share_by,
    share_within,
    tag_shares,
)
from fbanalysis.errors import DataError

FEEDBACK = pd.DataFrame(
    [
        ("a", "internal", "一线员工", "在线问卷", "2023-01-31 23:59"),
        ("a", "internal", "一线员工", "服务热线", "2023-01-05 08:00"),
        ("b", "internal", "一线员工", "在线问卷", "2023-03-15 12:00"),
        ("c", "external", "核心客户", "服务热线", "2023-03-01 00:00"),
        ("d", "external", "访客", "服务热线", "2023-03-16 00:00"),
    ],
    columns=["respondent_id", "side", "stratum", "channel", "submitted_at"],
).astype({"submitted_at": "datetime64[us]"})

POPULATION = pd.DataFrame(
    {
        "side": ["internal", "internal", "external"],
        "stratum": ["一线员工", "高层领导", "核心客户"],
        "population": pd.array([10, 2, 5], dtype="Int64"),
        "invited": pd.array([4, None, 1], dtype="Int64"),
    }
)

PRIOR = pd.DataFrame(
    {
        "metric": ["coverage", "satisfaction"],
        "stratum": ["all", "all"],
        "n": pd.array([4000, 9], dtype="Int64"),
        "share": [0.67, np.nan],
    }
)


def covered(n: int, population: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"stratum": ["all"], "n": [n], "population": [population], "percent": [100 * n / population]}
    )


# ---------------------------------------------------------------- people against the frame


def test_coverage_counts_people_once_and_shows_strata_without_answers():
    table = coverage_by_stratum(FEEDBACK, POPULATION)
    assert table.columns.tolist() == ["stratum", "label", "side", "n", "population", "percent", "low", "high"]
    expected = pd.DataFrame(
        [
            ("all", 3, 17),
            ("internal", 2, 12),
            ("external", 1, 5),
            ("internal/一线员工", 2, 10),
            ("internal/高层领导", 0, 2),
            ("external/核心客户", 1, 5),
        ],
        columns=["stratum", "n", "population"],
    )
    assert_frame_equal(table[["stratum", "n", "population"]], expected)
    np.testing.assert_allclose(table["percent"], [300 / 17, 200 / 12, 20, 20, 0, 20])
    assert (table["low"].iloc[4], table["high"].iloc[4]) == pytest.approx((0, 65.76), abs=0.01)


def test_people_outside_the_frame_do_not_cover_it_and_are_listed():
    expected = pd.DataFrame({"stratum": ["external/访客"], "side": ["external"], "n": [1]})
    assert_frame_equal(outside_frame(FEEDBACK, POPULATION), expected)
    assert outside_frame(FEEDBACK.iloc[:4], POPULATION).empty


def test_coverage_of_nobody_is_zero_and_of_no_population_undefined():
    table = coverage_by_stratum(FEEDBACK.iloc[:0], POPULATION.assign(population=[10, 0, 5]))
    assert table["n"].tolist() == [0] * 6
    assert table["percent"].isna().tolist() == [False, False, False, False, True, False]


def test_more_respondents_than_people_are_refused_with_their_numbers():
    with pytest.raises(DataError, match="internal/一线员工：反馈者 2，目标人群 1"):
        coverage_by_stratum(FEEDBACK, POPULATION.assign(population=[1, 2, 5]))


def test_participation_leaves_out_strata_without_a_rate():
    table = participation_by_stratum(FEEDBACK, POPULATION).set_index("stratum")
    assert table.loc["internal/一线员工", "percent"] == 50
    assert np.isnan(table.loc["internal/高层领导", "percent"])
    assert table.loc[["all", "internal"], "invited"].tolist() == [5, 4]
    assert table.loc["all", "percent"] == 60


def test_more_answers_than_invitations_are_no_rate():
    table = participation_by_stratum(FEEDBACK, POPULATION.assign(invited=[1, 2, 2])).set_index("stratum")
    assert table.loc["internal/一线员工", ["percent", "low", "high"]].isna().all()
    assert table.loc["all", ["n", "invited", "percent"]].tolist() == [1, 4, 25]


def test_row_order_does_not_matter_to_coverage():
    assert_frame_equal(
        coverage_by_stratum(FEEDBACK.iloc[::-1], POPULATION), coverage_by_stratum(FEEDBACK, POPULATION)
    )


def test_coverage_is_compared_with_last_year():
    row = compare_coverage(covered(3528, 4102), PRIOR, year=2023).iloc[0]
    chi2, p, _, _ = stats.chi2_contingency([[3528, 574], [2680, 1320]], correction=False)
    assert row["stratum"] == "2023 vs 2022"
    assert row[["n", "prior_n", "percent", "prior_percent"]].tolist() == pytest.approx(
        [4102, 4000, 86.007, 67], abs=1e-3
    )
    assert row["value"] == pytest.approx(19.007, abs=1e-3)
    assert row["statistic"] == pytest.approx(np.sqrt(chi2))
    assert row["p"] == pytest.approx(p, rel=1e-6)
    assert row["low"] < row["value"] < row["high"]
    assert row["verdict"] == "上升"


@pytest.mark.parametrize(
    ("n", "population", "verdict"), [(67, 100, "没有差异"), (40, 100, "下降"), (20, 25, "基数不足")]
)
def test_change_of_coverage_obeys_its_test(n, population, verdict):
    assert compare_coverage(covered(n, population), PRIOR, year=2023)["verdict"].item() == verdict


def test_unknown_coverage_of_last_year_is_no_row():
    assert compare_coverage(covered(20, 25), PRIOR.iloc[1:], year=2023).empty
    assert coverage_by_year(covered(20, 25), PRIOR.iloc[1:], year=2023)["stratum"].tolist() == ["2023"]


def test_both_years_stand_below_each_other():
    table = coverage_by_year(covered(3528, 4102), PRIOR, year=2023)
    assert table["stratum"].tolist() == ["2023", "2022"]
    np.testing.assert_allclose(table["percent"], [86.0068, 67], atol=1e-4)


# ---------------------------------------------------------------- shares and volume


def test_count_by_side_has_every_side():
    expected = pd.DataFrame({"stratum": ["all", "internal", "external"], "n": [3, 3, 0]})
    assert_frame_equal(count_by_side(FEEDBACK.iloc[:3]), expected)


def test_shares_leave_missing_values_out_of_their_base():
    frame = pd.DataFrame({"kind": ["建议", "表扬", None, "建议", "问题反映"]})
    table = share_by(frame, "kind", order=["问题反映", "咨询"])
    assert table["stratum"].tolist() == ["问题反映", "咨询", "建议", "表扬"]
    assert table["n"].tolist() == [1, 0, 2, 1]
    assert table["base"].tolist() == [4] * 4
    np.testing.assert_allclose(table["percent"], [25, 0, 50, 25])


def test_shares_of_nothing_are_empty_or_missing():
    assert share_by(FEEDBACK.iloc[:0], "channel").empty
    assert share_within(FEEDBACK.iloc[:0]).empty
    assert share_by(FEEDBACK.iloc[:0], "channel", order=["在线问卷"])["percent"].isna().all()


@given(st.lists(st.sampled_from(["甲", "乙", "丙", None]), min_size=1))
def test_shares_sum_to_a_hundred_in_any_order_and_doubled(values):
    frame = pd.DataFrame({"kind": pd.array(values, dtype="str")})
    table = share_by(frame, "kind")
    assert table["percent"].sum() == pytest.approx(100 if len(table) else 0)
    assert_frame_equal(share_by(frame.iloc[::-1], "kind"), table)
    doubled = share_by(pd.concat([frame, frame]), "kind")
    assert_frame_equal(doubled[["stratum", "percent"]], table[["stratum", "percent"]])


def test_shares_within_a_side_are_of_that_side():
    table = share_within(FEEDBACK)
    assert table["stratum"].tolist() == ["internal/一线员工", "external/核心客户", "external/访客"]
    np.testing.assert_allclose(table["percent"], [100, 50, 50])


def test_channels_have_a_row_on_every_side():
    table = channel_mix(FEEDBACK)
    assert table["stratum"].tolist() == [
        "服务热线",
        "在线问卷",
        "internal/服务热线",
        "internal/在线问卷",
        "external/服务热线",
        "external/在线问卷",
    ]
    assert table["n"].tolist() == [3, 2, 1, 2, 2, 0]
    np.testing.assert_allclose(table.groupby("side")["percent"].sum(), [100, 100, 100])


def test_monthly_volume_shows_gaps_and_allows_for_cut_months():
    table = monthly_volume(FEEDBACK, start=date(2023, 1, 1), end=date(2023, 3, 15))
    assert table["stratum"].tolist() == ["2023-01", "2023-02", "2023-03"]
    assert table["n"].tolist() == [2, 0, 2]
    assert table["is_gap"].tolist() == [False, True, False]
    np.testing.assert_allclose(table["index"], [100 * (2 / 31) / (4 / 74), 0, 100 * (2 / 15) / (4 / 74)])


def test_monthly_volume_of_nothing_has_no_index():
    table = monthly_volume(FEEDBACK.iloc[:0], start=date(2023, 1, 1), end=date(2023, 2, 28))
    assert table["n"].tolist() == [0, 0]
    assert table["index"].isna().all()


# ---------------------------------------------------------------- representativeness and precision


def crowd(**counts: int) -> pd.DataFrame:
    """People who answered, by stratum."""
    strata = [name for name, n in counts.items() for _ in range(n)]
    return pd.DataFrame(
        {"respondent_id": map(str, range(len(strata))), "side": "internal", "stratum": strata}
    )


FRAME = pd.DataFrame(
    {
        "side": "internal",
        "stratum": ["甲", "乙", "丙"],
        "population": pd.array([100, 200, 100], dtype="Int64"),
    }
)


def test_representativeness_is_the_test_of_stratum_and_answer():
    fit = representativeness(crowd(甲=70, 乙=95, 丙=35), FRAME)
    chi2, p, dof, _ = stats.chi2_contingency([[70, 95, 35], [30, 105, 65]], correction=False)
    assert (fit.chi2, fit.p, fit.dof) == pytest.approx((chi2, p, dof))
    assert fit.table["verdict"].tolist() == ["偏多", "没有差异", "偏少"]
    assert fit.verdict == "有差异"


def test_representativeness_of_an_endless_population_is_the_plain_goodness_of_fit():
    fit = representativeness(crowd(甲=80, 乙=90, 丙=30), FRAME, is_finite=False)
    expected = stats.chisquare([80, 90, 30], [50, 100, 50])
    assert (fit.statistic, fit.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert fit.effect == pytest.approx(np.sqrt(expected.statistic / 200))
    assert fit.table["statistic"].iloc[0] == pytest.approx(30 / np.sqrt(50 * 0.75))


def test_proportional_answers_fit_exactly():
    fit = representativeness(crowd(甲=50, 乙=100, 丙=50), FRAME)
    assert (fit.statistic, fit.p, fit.effect) == (0, 1, 0)
    assert fit.verdict == "没有差异"
    np.testing.assert_allclose(fit.table["percent"], fit.table["population_percent"])


@pytest.mark.parametrize("people", [{}, {"甲": 1}, {"甲": 4, "乙": 4, "丙": 4}])
def test_few_answers_give_no_verdict(people):
    fit = representativeness(crowd(**people), FRAME)
    assert fit.verdict == "基数不足"
    assert set(fit.table["verdict"]) <= {"基数不足", "没有差异"}


def test_a_census_leaves_nothing_to_test():
    fit = representativeness(crowd(甲=100, 乙=200, 丙=100), FRAME)
    assert np.isnan(fit.p)
    assert fit.verdict == "没有差异"


@pytest.mark.parametrize(
    ("n", "population", "proportion", "points"),
    [(1000, None, 0.5, 3.0990), (400, 500, 0.5, 2.1935), (400, 400, 0.5, 0.0), (30, 100, 0.2, 12.0359)],
)
def test_margin_of_error_is_cochrans(n, population, proportion, points):
    assert margin_of_error(n, population=population, proportion=proportion) == pytest.approx(points, abs=1e-4)


def test_margin_of_an_empty_sample_is_unknown():
    assert np.isnan(margin_of_error(0))


@pytest.mark.parametrize(("size", "printed"), [(10, 10), (100, 80), (1000, 278), (2000, 322), (10000, 370)])
def test_required_n_is_krejcie_and_morgans_1970_table_or_one_more(size, printed):
    assert required_n(5, population=size) in (printed, printed + 1)


def test_required_n_rounds_up():
    assert [required_n(margin) for margin in (3, 5, 2, 1)] == [1068, 385, 2401, 9604]


@given(margin=st.floats(0.5, 20), population=st.integers(2, 100_000))
def test_required_n_reaches_its_margin(margin, population):
    n = required_n(margin, population=population)
    assert n <= population
    assert margin_of_error(n, population=population) <= margin + 1e-6


def test_tags_count_once_an_item_and_untagged_items_stay_in_the_base() -> None:
    feedback = pd.DataFrame({"tags": ["流程；培训", "流程；流程", "", None, "培训 ；报表"]})
    table = tag_shares(feedback)
    assert table[["stratum", "n", "base"]].to_numpy().tolist() == [
        ["培训", 2, 5],
        ["流程", 2, 5],
        ["报表", 1, 5],
    ]
    assert table["percent"].tolist() == [40.0, 40.0, 20.0]


@pytest.mark.parametrize("tags", [[], [None, None]])
def test_no_tags_give_no_rows(tags: list[None]) -> None:
    assert tag_shares(pd.DataFrame({"tags": pd.Series(tags, dtype="str")})).empty


def test_the_path_counts_what_is_left_and_leaves_out_tables_without_rows() -> None:
    intake = pd.DataFrame({"stratum": ["甲.csv", "all"], "rows_in": [5, 5], "accepted": [4, 4]})
    feedback = pd.DataFrame(
        {"comment": ["慢", " ", None, "好"], "kind": ["问题反映", "问题反映", "建议", "表扬"]}
    ).astype("str")
    days = pd.to_datetime(["2023-03-01 08:00", "2023-12-31 23:00", "2024-01-01 00:00", None])
    tickets = pd.DataFrame(
        {"first_response_at": days, "resolved_at": days, "notified_at": days[[3, 3, 3, 3]]}
    )
    path = path_counts(intake, feedback, tickets, end=date(2023, 12, 31))
    assert dict(zip(path["stratum"], path["n"], strict=True)) == {
        "读入的行": 5,
        "采用的反馈": 4,
        "写有文字": 2,
        "问题反映": 2,
        "登记的工单": 4,
        "已首次响应": 3,
        "期内已解决": 2,
    }
    assert set(path_counts(intake, feedback, tickets.iloc[:0], end=date(2023, 12, 31))["path"]) == {"反馈"}

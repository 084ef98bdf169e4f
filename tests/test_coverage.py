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
    channel_association,
    channel_levels,
    channel_mix,
    compare_coverage,
    compare_strata,
    count_by_side,
    coverage_by_level,
    coverage_by_stratum,
    coverage_by_year,
    margin_of_error,
    month_evenness,
    monthly_volume,
    outside_frame,
    participation_by_stratum,
    path_counts,
    rate_by_stratum,
    representativeness,
    required_n,
    sample_sizes,
    season_of,
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


# ---------------------------------------------------------------- every stratum against last year


def rates_of(**strata: tuple[int, int]) -> pd.DataFrame:
    """Rates of strata: n of how many people."""
    table = pd.DataFrame(strata, index=["n", "population"]).T.rename_axis("stratum").reset_index()
    table = table.assign(stratum="internal/" + table["stratum"], label=table["stratum"], side="internal")
    whole = pd.DataFrame(
        {"stratum": ["all"], "n": [table["n"].sum()], "population": [table["population"].sum()]}
    )
    table = pd.concat([whole, table], ignore_index=True)
    return table.assign(percent=100 * table["n"] / table["population"])


def prior_of(**shares: tuple[int, float]) -> pd.DataFrame:
    rows = [("coverage", f"internal/{name}", n, share) for name, (n, share) in shares.items()]
    rows.append(("coverage", "all", 999, 0.5))
    return pd.DataFrame(rows, columns=["metric", "stratum", "n", "share"]).astype({"n": "Int64"})


def test_every_stratum_is_compared_with_last_year_and_adjusted_together():
    rates = rates_of(甲=(80, 100), 乙=(60, 100), 丙=(57, 100), 新=(5, 10))
    table = compare_strata(rates, prior_of(甲=(100, 0.5), 乙=(100, 0.45), 丙=(100, 0.55))).set_index("label")
    assert table.index.tolist() == ["甲", "乙", "丙"], "without all, and without who has no last year"
    raw = [
        stats.chi2_contingency([[n, 100 - n], [m, 100 - m]], correction=False).pvalue
        for n, m in ((80, 50), (60, 45), (57, 55))
    ]
    np.testing.assert_allclose(table["p_raw"], raw)
    np.testing.assert_allclose(table["p"], [3 * raw[0], 2 * raw[1], raw[2]])
    np.testing.assert_allclose(table["value"], [30, 15, 2])
    assert table["verdict"].to_dict() == {"甲": "上升", "乙": "没有差异", "丙": "没有差异"}
    assert raw[1] < 0.05, "by itself it would have been a difference"


def test_few_people_or_no_last_year_give_no_verdict_or_no_row():
    assert compare_strata(rates_of(甲=(8, 10)), prior_of(甲=(100, 0.5)))["verdict"].tolist() == ["基数不足"]
    assert compare_strata(rates_of(甲=(8, 10)), prior_of()).empty
    assert compare_strata(rates_of(甲=(8, 10)), prior_of(甲=(100, np.nan))).empty


def test_another_rate_is_compared_by_its_own_name_and_base():
    rates = rates_of(甲=(80, 100)).rename(columns={"population": "invited"})
    prior = prior_of(甲=(100, 0.5)).assign(metric="participation")
    assert compare_strata(rates, prior, base="invited").empty
    table = compare_strata(rates, prior, metric="participation", base="invited")
    assert table["verdict"].tolist() == ["上升"]
    whole = compare_coverage(rates, prior, year=2023, metric="participation", base="invited")
    assert whole[["n", "prior_n", "value"]].to_numpy().tolist() == [[100, 999, pytest.approx(30, abs=0.1)]]


def test_rates_take_any_count_of_the_population_table():
    started = POPULATION.assign(started=pd.array([8, None, 4], dtype="Int64"))
    table = rate_by_stratum(FEEDBACK, started, size="started").set_index("stratum")
    assert table["percent"].round(6).tolist()[:3] == [25, 25, 25]
    assert np.isnan(table.loc["internal/高层领导", "percent"])


# ---------------------------------------------------------------- declared margins and channels

MARGINS = pd.DataFrame(
    [
        ("internal", "age_band", "少", 6),
        ("internal", "age_band", "老", 4),
        ("external", "age_band", "少", 4),
        ("external", "age_band", "老", 0),
        ("external", "region", "北", 4),
    ],
    columns=["side", "variable", "level", "population"],
)
AGED = FEEDBACK.assign(age_band=["少", "少", "老", "少", None])


def test_coverage_of_a_level_counts_people_of_both_sides_once():
    table = coverage_by_level(AGED, MARGINS, variable="age_band")
    assert table.columns.tolist() == ["stratum", "n", "population", "percent", "low", "high"]
    assert table[["stratum", "n", "population", "percent"]].to_numpy().tolist() == [
        ["少", 2, 10, 20],
        ["老", 1, 4, 25],
    ]
    assert coverage_by_level(AGED.iloc[:0], MARGINS, variable="age_band")["percent"].tolist() == [0, 0]
    assert coverage_by_level(AGED, MARGINS, variable="size").empty


def test_a_level_of_nobody_has_no_coverage():
    nobody = MARGINS.assign(population=0)
    assert coverage_by_level(AGED, nobody, variable="age_band")["percent"].isna().all()


def test_the_population_stands_before_the_channels():
    table = channel_levels(AGED, MARGINS, variable="age_band")
    assert table[["channel", "level", "count", "n", "percent"]].to_numpy().tolist() == [
        ["目标人群", "少", 10, 14, pytest.approx(1000 / 14)],
        ["目标人群", "老", 4, 14, pytest.approx(400 / 14)],
        ["在线问卷", "少", 1, 2, 50],
        ["在线问卷", "老", 1, 2, 50],
        ["服务热线", "少", 2, 2, 100],
        ["服务热线", "老", 0, 2, 0],
    ]
    assert table.loc[0, "stratum"] == "目标人群 × 少"


def test_channels_stand_alone_without_margins_and_nothing_without_levels():
    alone = channel_levels(AGED, MARGINS.iloc[:0], variable="age_band")
    assert alone["channel"].unique().tolist() == ["在线问卷", "服务热线"]
    assert channel_levels(AGED.assign(age_band=None), MARGINS, variable="age_band").empty


def test_a_level_that_no_margin_declares_stands_behind_the_others():
    table = channel_levels(
        AGED.assign(age_band=["少", "少", "老", "少", "不详"]), MARGINS, variable="age_band"
    )
    assert table["level"].unique().tolist() == ["少", "老", "不详"]
    assert table.loc[table["stratum"].eq("目标人群 × 不详"), "count"].tolist() == [0]


def test_channels_that_hear_other_ages_are_told():
    frame = pd.DataFrame(
        {
            "channel": ["网"] * 100 + ["电话"] * 100,
            "age": ["少"] * 80 + ["老"] * 20 + ["少"] * 30 + ["老"] * 70,
        }
    )
    link = channel_association(frame, variable="age")
    chi2, p, _, _ = stats.chi2_contingency([[30, 70], [80, 20]], correction=False)
    assert (link.statistic, link.p, link.effect) == pytest.approx((chi2, p, np.sqrt(chi2 / 200)))
    assert link.verdict == "有差异"


def test_the_rest_makes_shares_a_hundred():
    frame = pd.DataFrame({"age": ["少", "少", "老", None]})
    table = share_by(frame, "age", rest="未填写")
    assert table["stratum"].tolist() == ["少", "老", "未填写"]
    assert table["base"].tolist() == [4] * 3
    assert table["percent"].sum() == pytest.approx(100)
    assert share_by(frame.iloc[:0], "age", rest="未填写")["n"].tolist() == [0]


# ---------------------------------------------------------------- months


def feedback_of(counts: dict[str, int]) -> pd.DataFrame:
    """So many items on each day."""
    days = [day for day, n in counts.items() for _ in range(n)]
    return pd.DataFrame({"submitted_at": pd.to_datetime(pd.Series(days, dtype="str"))})


def daily(low: int, high: int) -> dict[str, int]:
    """``low`` items a day, from July on ``high``."""
    days = pd.date_range("2023-01-01", "2023-12-31")
    return {str(day.date()): (low if day.month < 7 else high) for day in days}


YEAR = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}


def test_even_days_make_even_months_however_long():
    even = month_evenness(feedback_of(daily(3, 3)), **YEAR)
    assert (even.statistic, even.p, even.effect) == pytest.approx((0, 1, 0))
    assert even.verdict == "没有差异"
    assert set(even.table["verdict"]) == {"没有差异"}


def test_uneven_months_are_found_and_named():
    even = month_evenness(feedback_of(daily(2, 6)), **YEAR)
    counts = np.array([2 * d for d in (31, 28, 31, 30, 31, 30)] + [6 * d for d in (31, 31, 30, 31, 30, 31)])
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    chi2 = stats.chisquare(counts, counts.sum() * days / 365).statistic
    assert even.statistic == pytest.approx(chi2 / 11), "days don't vary inside months: no dispersion"
    assert even.effect == pytest.approx(np.sqrt(chi2 / counts.sum()))
    assert even.p == pytest.approx(stats.f.sf(chi2 / 11, 11, 353))
    assert even.verdict == "有差异"
    assert even.table["verdict"].tolist() == ["偏少"] * 6 + ["偏多"] * 6


def test_batches_widen_the_test():
    """The same months' counts, delivered on one day each: nothing stands out any more."""
    spread = month_evenness(feedback_of(daily(3, 4)), **YEAR)
    months = pd.Series(daily(3, 4)).groupby(lambda day: day[:7]).sum()
    batches = month_evenness(feedback_of({f"{month}-10": n for month, n in months.items()}), **YEAR)
    assert spread.effect == pytest.approx(batches.effect)
    assert (spread.verdict, batches.verdict) == ("有差异", "没有差异")


def test_a_working_week_does_not_count_as_chance():
    """Five days of 10 and two of none: the weekday explains it, and the months' test stays as narrow."""
    days = pd.date_range("2023-01-01", "2023-12-31")
    counts = {str(d.date()): (0 if d.day_of_week > 4 else 10 + 3 * (d.month > 6)) for d in days}
    even = month_evenness(feedback_of(counts), **YEAR)
    assert even.verdict == "有差异"


def test_chance_alone_is_rarely_called_uneven():
    rng, found = np.random.default_rng(11), 0
    days = [str(day.date()) for day in pd.date_range("2023-01-01", "2023-12-31")]
    for _ in range(100):
        counts = dict(zip(days, rng.negative_binomial(2, 0.3, 365), strict=True))
        found += month_evenness(feedback_of(counts), **YEAR).verdict == "有差异"
    assert found <= 12


@pytest.mark.parametrize("counts", [{}, {"2023-03-01": 1}, {"2023-03-01": 40}])
def test_hardly_any_feedback_has_no_verdict_on_months(counts):
    even = month_evenness(feedback_of(counts), **YEAR)
    assert even.verdict == "基数不足"
    assert len(even.table) == 12


def test_one_month_alone_has_nothing_to_compare():
    even = month_evenness(feedback_of({"2023-03-01": 90}), start=date(2023, 3, 1), end=date(2023, 3, 31))
    assert (even.verdict, np.isnan(even.p)) == ("基数不足", True)


def prior_months(shares: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "metric": "month_share",
            "stratum": [f"{month:02d}" for month in range(1, len(shares) + 1)],
            "share": shares,
        }
    )


def test_one_year_cannot_tell_season_from_trend():
    monthly = monthly_volume(feedback_of(daily(2, 6)), **YEAR)
    season = season_of(monthly, PRIOR)
    assert (season.verdict, season.months) == ("只有一年", 0)
    assert "分不开季节" in season.statement


def test_two_years_alike_are_a_season_and_two_unlike_are_not():
    monthly = monthly_volume(feedback_of(daily(2, 6)), **YEAR)
    alike = season_of(monthly, prior_months([0.04] * 6 + [0.12] * 6))
    unlike = season_of(monthly, prior_months([0.12] * 6 + [0.04] * 6))
    assert (alike.verdict, unlike.verdict) == ("两年相似", "看不出共同的季节")
    earlier = np.array([0.04] * 6 + [0.12] * 6) / monthly["days"]
    assert alike.correlation == pytest.approx(
        stats.spearmanr(monthly["n"] / monthly["days"], earlier).statistic
    )


@pytest.mark.parametrize("shares", [[0.5, 0.3, 0.2], [1 / 12] * 0 + [0.1] * 5])
def test_too_few_common_months_speak_of_no_season(shares):
    monthly = monthly_volume(feedback_of(daily(2, 6)), **YEAR)
    assert season_of(monthly, prior_months(shares)).verdict == "基数不足"


# ---------------------------------------------------------------- required and achieved


def test_required_and_achieved_stand_beside_each_other():
    counts = pd.DataFrame({"stratum": ["甲", "乙", "丙"], "n": [278, 277, 0], "population": [1000, 1000, 0]})
    table = sample_sizes(counts, margins=(5,))
    assert table["required_5"].tolist() == [278, 278, 0]
    assert table["is_enough_5"].tolist() == [True, False, True]
    np.testing.assert_allclose(table["margin"], [4.9967, 5.0092, np.nan], atol=1e-4)


def test_an_unknown_population_counts_as_endless():
    counts = pd.DataFrame({"stratum": ["nps", "x"], "n": [1067, 1068], "population": [np.nan, np.nan]})
    for table in (sample_sizes(counts), sample_sizes(counts, population=None)):
        assert table["required_3"].tolist() == [1068, 1068]
        assert table["is_enough_3"].tolist() == [False, True]
    assert sample_sizes(counts.iloc[:0])["required_3"].tolist() == []


@pytest.mark.parametrize(
    ("size", "unrounded"), [(10, 9.771), (50, 44.343), (500, 217.473), (5000, 356.765), (1_000_000, 383.952)]
)
def test_required_n_rounds_krejcie_and_morgans_formula_up(size, unrounded):
    assert required_n(5, population=size) == int(np.ceil(unrounded))

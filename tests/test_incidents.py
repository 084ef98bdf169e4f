"""What an incident did: by hand, and against statsmodels and scipy by another route."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from pandas.testing import assert_frame_equal
from scipy import stats

from fbanalysis.analysis.incidents import (
    before_after,
    difference_in_differences,
    durations,
    expected_without_incident,
    late_recoveries,
    losses,
    mark_loss,
    mean_gap,
    measure_series,
    outage_bins,
    outages,
    rate_before_after,
    reach,
    recovery_week,
    satisfaction_change,
    steps_of,
    weekly_satisfaction,
)
from fbanalysis.errors import DataError

AT = "2023-05-15"


@pytest.fixture
def incidents() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "incident": ["甲", "乙"],
            "started_at": pd.to_datetime(["2023-05-15 00:00", "2023-06-01 08:00"]),
            "detected_at": pd.to_datetime(["2023-05-15 01:30", None]),
            "diagnosed_at": pd.to_datetime(["2023-05-16 00:00", None]),
            "resolved_at": pd.to_datetime(["2023-05-18 00:00", "2023-06-01 20:00"]),
            "active_users": pd.array([100, 0], dtype="Int64"),
            "affected_users": pd.array([15, 0], dtype="Int64"),
        }
    )


@pytest.fixture
def customers() -> pd.DataFrame:
    start = pd.Timestamp("2023-05-15")
    hours = [70, 72, 74]
    return pd.DataFrame(
        {
            "incident": "甲",
            "customer_id": ["a", "b", "c"],
            "outage_started_at": start,
            "outage_ended_at": [start + pd.Timedelta(hours=h) for h in hours],
            "score_before": [4.0, 5.0, 4.0],
            "score_after": [3.0, 4.5, None],
        }
    )


def weeks_of(values: list[float], *, measure: str = "咨询", start: str = "2023-03-20") -> pd.DataFrame:
    days = pd.date_range(start, periods=len(values), freq="7D")
    return pd.DataFrame({"period_start": days, "grain": "week", "measure": measure, "value": values})


# Hours, reach, customers, money


def test_hours_from_the_start(incidents):
    table = durations(incidents).set_index("stratum")
    hours = ["detection_hours", "diagnosis_hours", "mitigation_hours", "resolution_hours"]
    np.testing.assert_array_equal(table.loc["甲", hours].astype(float), [1.5, 24, np.nan, 72])
    np.testing.assert_array_equal(table.loc["乙", hours].astype(float), [np.nan, np.nan, np.nan, 12])


def test_a_moment_before_the_start_is_refused(incidents):
    with pytest.raises(DataError, match="事件「甲」「乙」有早于发生时间的时刻"):
        durations(incidents.assign(detected_at=pd.Timestamp("2023-05-14")))


def test_steps_in_their_order():
    steps = pd.DataFrame(
        {
            "incident": ["甲", "甲", "乙"],
            "step": ["修复", "排查", "别的"],
            "started_at": pd.to_datetime(["2023-05-16", "2023-05-15", "2023-06-01"]),
            "ended_at": pd.to_datetime(["2023-05-18", "2023-05-16", "2023-06-02"]),
        }
    )
    table = steps_of(steps, "甲")
    assert table["stratum"].tolist() == ["排查", "修复"]
    assert table["hours"].tolist() == [24.0, 48.0]
    assert table.columns.tolist() == ["stratum", "started_at", "ended_at", "hours", "note"]
    assert steps_of(steps, "丙").empty


def test_reach_by_hand(incidents, customers):
    table = reach(incidents, customers).set_index("stratum")
    assert table.loc["甲", "percent"] == 15.0
    assert table.loc["甲", ["low", "high"]].astype(float).round(2).tolist() == [9.31, 23.28]
    assert table.loc["甲", "mean_outage_hours"] == 72.0
    low, high = stats.ttest_1samp([70, 72, 74], 0).confidence_interval()
    assert table.loc["甲", ["outage_low", "outage_high"]].tolist() == pytest.approx([low, high])
    assert table.loc["甲", "customer_hours"] == 216.0


def test_an_incident_without_customers_or_users_stays(incidents, customers):
    for given in (customers, None):
        row = reach(incidents, given).set_index("stratum").loc["乙"]
        assert row["customers"] == 0
        assert row["customer_hours"] == 0
        assert pd.isna(row["percent"])
        assert pd.isna(row["mean_outage_hours"])


def test_more_affected_than_active_is_refused(incidents):
    with pytest.raises(DataError, match="「甲」的受影响用户多于活跃用户"):
        reach(incidents.assign(affected_users=pd.array([101, 0], dtype="Int64")))


def test_one_customer_has_an_outage_without_interval(customers):
    row = outages(customers.head(1)).iloc[0]
    assert row["mean_outage_hours"] == 70
    assert np.isnan(row["low"])


@pytest.fixture
def many_customers() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    before = rng.integers(3, 6, 157).astype(float)
    after = np.clip(before - rng.integers(0, 3, 157), 1, 5)
    scores = {"score_before": before, "score_after": after}
    return pd.DataFrame({"incident": "甲", "customer_id": range(157)} | scores)


def test_paired_change_against_scipy(many_customers):
    row = satisfaction_change(many_customers).iloc[0]
    before, after = many_customers["score_before"], many_customers["score_after"]
    test = stats.ttest_rel(after, before)
    assert row["p"] == pytest.approx(test.pvalue)
    bounds = row[["difference_low", "difference_high"]].tolist()
    assert bounds == pytest.approx(list(test.confidence_interval()))
    assert row["effect"] == pytest.approx(test.statistic / np.sqrt(157))
    assert row["wilcoxon_p"] == pytest.approx(stats.wilcoxon(after, before).pvalue)
    assert row["percent_change"] == pytest.approx(100 * (after.mean() / before.mean() - 1))
    assert row["verdict"] == "下降"


def test_fieller_bounds_are_where_the_t_test_has_p_005(many_customers):
    row = satisfaction_change(many_customers).iloc[0]
    for bound in row[["low", "high"]]:
        ratio = 1 + bound / 100
        rest = many_customers["score_after"] - ratio * many_customers["score_before"]
        assert stats.ttest_1samp(rest, 0).pvalue == pytest.approx(0.05)


def test_customers_with_one_score_are_left_out(customers):
    row = satisfaction_change(customers).iloc[0]
    assert row["n"] == 2
    assert row["difference"] == -0.75
    assert row["verdict"] == "基数不足"


def test_one_pair_and_equal_differences_have_no_test(customers):
    one = satisfaction_change(customers.head(1)).iloc[0]
    assert one["difference"] == -1
    assert one[["difference_low", "low", "p"]].isna().all()
    same = satisfaction_change(customers.assign(score_after=customers["score_before"] - 1)).iloc[0]
    assert np.isnan(same["p"])
    unchanged = satisfaction_change(customers.assign(score_after=customers["score_before"])).iloc[0]
    assert np.isnan(unchanged["wilcoxon_p"])


def test_no_pairs_give_an_empty_table(customers):
    assert satisfaction_change(customers.assign(score_after=np.nan)).empty


def test_losses_keep_estimates_apart():
    table = pd.DataFrame(
        {
            "incident": "甲",
            "item": ["赔偿", "加班", "流失"],
            "amount_cny_10k": [25.0, 8.0, 100.0],
            "certainty": ["actual", "actual", "estimate"],
        }
    )
    expected = pd.DataFrame(
        {
            "stratum": ["赔偿", "加班", "流失", "直接损失", "估计损失", "合计"],
            "value": [25.0, 8.0, 100.0, 33.0, 100.0, 133.0],
            "certainty": ["actual", "actual", "estimate", "actual", "estimate", "estimate"],
        }
    )
    assert_frame_equal(losses(table), expected)
    assert losses(table, incident="乙")["value"].tolist() == [0.0, 0.0, 0.0]


# Before and after


def test_change_of_a_count_against_a_quasi_poisson_model():
    old, new = [100, 130, 90, 120, 80, 110, 125, 95], [150, 170, 120, 140]
    row = before_after(weeks_of([*old, *new]), measure="咨询", at=AT).iloc[0]
    design = sm.add_constant(np.repeat([0.0, 1.0], [8, 4]))
    fit = sm.GLM([*old, *new], design, family=sm.families.Poisson()).fit(scale="X2")
    half = stats.t.ppf(0.975, 10) * fit.bse[1]
    expected = 100 * np.expm1(fit.params[1] + np.array([0, -half, half]))
    assert row[["percent_change", "low", "high"]].tolist() == pytest.approx(list(expected))
    assert row["dispersion"] == pytest.approx(fit.scale)
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(fit.tvalues[1]), 10))
    assert row["verdict"] == "上升"


def test_a_missing_period_is_not_replaced_by_an_earlier_one():
    operations = weeks_of([1.0] * 3 + [10.0] * 10, start="2023-02-27").drop(index=5)
    row = before_after(operations, measure="咨询", at="2023-05-17", before=8, after=2).iloc[0]
    assert row["n_before"] == 7
    assert row["n_after"] == 2
    assert row["mean_before"] == 10.0


def test_no_period_after_gives_no_verdict():
    row = before_after(weeks_of([10.0] * 8), measure="咨询", at=AT).iloc[0]
    assert row["verdict"] == "基数不足"
    assert np.isnan(row["percent_change"])


def test_no_case_before_gives_no_percent():
    row = before_after(weeks_of([0.0] * 8 + [3.0] * 4), measure="咨询", at=AT).iloc[0]
    assert np.isnan(row["percent_change"])


def test_an_unknown_measure_is_named_with_those_available():
    with pytest.raises(DataError, match="没有时期为「week」的「投诉」；有：「咨询」"):
        before_after(weeks_of([1.0]), measure="投诉", at=AT)


def test_change_of_a_rate_by_hand():
    operations = pd.concat(
        [
            weeks_of([20.0] * 8 + [17.0] * 4, measure="成交"),
            weeks_of([100.0] * 12, measure="咨询"),
        ]
    )
    row = rate_before_after(operations, numerator="成交", denominator="咨询", at=AT).iloc[0]
    assert row["percent_change"] == pytest.approx(-15.0)
    assert row["n"] == 1200
    table = sm.stats.Table2x2([[68, 332], [160, 640]])
    low, high = table.riskratio_confint()
    assert row[["low", "high"]].tolist() == pytest.approx([100 * (low - 1), 100 * (high - 1)])
    chi2 = stats.chi2_contingency([[68, 332], [160, 640]], correction=False)
    assert row["p"] == pytest.approx(chi2.pvalue)
    assert row["verdict"] == "没有差异"


def test_a_rate_above_one_is_refused():
    operations = pd.concat([weeks_of([2.0], measure="成交"), weeks_of([1.0])])
    with pytest.raises(DataError, match="不能作为比率"):
        rate_before_after(operations, numerator="成交", denominator="咨询", at=AT)


def test_a_rate_that_falls_to_zero_has_no_interval():
    operations = pd.concat([weeks_of([5.0] * 8 + [0.0] * 4, measure="成交"), weeks_of([50.0] * 12)])
    row = rate_before_after(operations, numerator="成交", denominator="咨询", at=AT).iloc[0]
    assert row["percent_change"] == -100
    assert np.isnan(row["low"])
    assert row["p"] < 0.001


# Satisfaction over the weeks


@pytest.fixture
def feedback() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    times = pd.Timestamp("2023-01-02") + pd.to_timedelta(rng.integers(0, 7 * 40, 4000), unit="D")
    side = rng.choice(["internal", "external"], 4000)
    fell = (side == "external") & (times >= AT) & (times < "2023-06-05")
    scores = np.clip(np.round(4.2 - 1.5 * fell + rng.normal(0, 0.6, 4000)), 1, 5)
    return pd.DataFrame({"submitted_at": times, "side": side, "overall_score": scores})


def test_weeks_begin_on_monday_and_gaps_stay():
    feedback = pd.DataFrame(
        {
            "submitted_at": pd.to_datetime(["2023-05-15 08:00", "2023-05-21 23:59", "2023-05-29 00:00"]),
            "side": "external",
            "overall_score": [4.0, 5.0, 3.0],
        }
    )
    table = weekly_satisfaction(feedback, score="overall_score")
    assert table["week"].tolist() == list(pd.to_datetime(["2023-05-15", "2023-05-22", "2023-05-29"]))
    assert table["n"].tolist() == [2, 0, 1]
    np.testing.assert_array_equal(table["mean"], [4.5, np.nan, 3.0])
    assert weekly_satisfaction(feedback, score="overall_score", side="internal").empty


def test_the_expected_course_against_statsmodels(feedback):
    weekly = weekly_satisfaction(feedback, score="overall_score", side="external")
    table = expected_without_incident(weekly, at=AT, until="2023-07-31")
    base = table[table["is_baseline"]]
    fit = sm.WLS(base["mean"], sm.add_constant(base["weeks_since"].astype(float)), weights=base["n"]).fit()
    design = sm.add_constant(table["weeks_since"].astype(float))
    frame = fit.get_prediction(design, weights=table["n"].to_numpy()).summary_frame(alpha=0.05)
    assert table["expected"].tolist() == pytest.approx(frame["mean"].tolist())
    assert table["expected_low"].tolist() == pytest.approx(frame["obs_ci_lower"].tolist())
    assert table["expected_high"].tolist() == pytest.approx(frame["obs_ci_upper"].tolist())


def test_the_incident_lies_below_the_band_and_recovers(feedback):
    weekly = weekly_satisfaction(feedback, score="overall_score", side="external")
    table = expected_without_incident(weekly, at="2023-05-17", until="2023-07-31").set_index("weeks_since")
    assert (table.loc[0:2, "mean"] < table.loc[0:2, "expected_low"]).all()
    assert recovery_week(table.reset_index())["weeks"].tolist() == [3.0]
    assert recovery_week(table.loc[:2].reset_index())["weeks"].isna().all()


def test_few_weeks_before_give_no_line(feedback):
    weekly = weekly_satisfaction(feedback, score="overall_score").iloc[16:]
    table = expected_without_incident(weekly, at=AT)
    assert table["expected"].isna().all()
    assert recovery_week(table)["weeks"].isna().all()


def test_no_feedback_gives_no_weeks(feedback):
    weekly = weekly_satisfaction(feedback.iloc[:0], score="overall_score")
    assert weekly.empty
    assert expected_without_incident(weekly, at=AT).empty


def test_difference_in_differences_is_that_of_the_four_means(feedback):
    row = difference_in_differences(feedback, at=AT, weeks=3, score="overall_score").iloc[0]
    span = feedback[feedback["submitted_at"].between("2023-04-24", "2023-06-04")]
    span = span.assign(is_after=span["submitted_at"] >= AT)
    cells = span.groupby(["side", "is_after"])["overall_score"].agg(["mean", "var", "size"])
    means = cells["mean"].unstack()
    change = means[True] - means[False]
    assert row["estimate"] == pytest.approx(change["external"] - change["internal"])
    n = len(span)
    se = np.sqrt((cells["var"] * (cells["size"] - 1) / cells["size"] ** 2).sum() * n / (n - 4))
    assert row["high"] - row["estimate"] == pytest.approx(stats.t.ppf(0.975, n - 4) * se)
    assert row["verdict"] == "下降"


def test_without_a_comparison_group_there_is_no_estimate(feedback):
    external = feedback[feedback["side"] == "external"]
    row = difference_in_differences(external, at=AT, weeks=3, score="overall_score").iloc[0]
    assert np.isnan(row["estimate"])
    assert row["verdict"] == "基数不足"


def test_the_mean_gap_weighs_the_first_weeks_by_their_scores() -> None:
    expected = pd.DataFrame(
        {
            "weeks_since": [-1, 0, 1, 4],
            "n": [50, 10, 30, 50],
            "gap": [0.0, -1.0, -0.2, 0.0],
            "expected": [4.0] * 4,
            "expected_high": [4.2, 4.3, 4.1, 4.2],
        }
    )
    gap = mean_gap(expected, weeks=4).loc[0]
    assert (gap["n"], gap["value"]) == (40, pytest.approx((10 * -1.0 + 30 * -0.2) / 40))
    assert gap["high"] - gap["value"] == pytest.approx(np.hypot(10 * 0.3, 30 * 0.1) / 40)
    assert gap["verdict"] == "较低"
    near = expected.assign(gap=[0.0, -0.2, 0.0, 0.0])
    assert mean_gap(near, weeks=4)["verdict"].tolist() == ["没有差异"]
    assert mean_gap(expected.iloc[:1]).empty


def test_outages_are_counted_in_classes_without_holes() -> None:
    start = pd.Timestamp("2023-05-15")
    hours = [0, 11.9, 12, 40]
    customers = pd.DataFrame(
        {
            "outage_started_at": start,
            "outage_ended_at": [*(start + pd.Timedelta(hours=hour) for hour in hours), pd.NaT],
        }
    )
    customers["outage_started_at"] = start
    bins = outage_bins(customers, hours=12)
    assert bins["stratum"].tolist() == ["0–12 小时", "12–24 小时", "24–36 小时", "36–48 小时"]
    assert bins["n"].tolist() == [2, 1, 0, 1]
    assert outage_bins(customers.iloc[:0]).empty


def test_a_measure_is_given_by_period_and_an_unknown_one_lists_those_there_are() -> None:
    operations = pd.DataFrame(
        {
            "period_start": pd.to_datetime(["2023-04-01", "2023-01-01"]),
            "grain": "quarter",
            "measure": "工单量",
            "value": [3.0, 2.0],
        }
    )
    series = measure_series(operations, measure="工单量", grain="quarter")
    assert series["period"].dt.month.tolist() == [1, 4]
    assert series["value"].tolist() == [2.0, 3.0]
    with pytest.raises(DataError, match="「工单量」"):
        measure_series(operations, measure="投诉量", grain="quarter")


def test_customers_back_after_the_resolution_are_counted() -> None:
    resolved = pd.Timestamp("2023-05-18 09:00")
    incidents = pd.DataFrame({"incident": ["甲"], "resolved_at": [resolved]})
    ends = [resolved - pd.Timedelta(hours=1), resolved, resolved + pd.Timedelta(minutes=1), pd.NaT]
    late = late_recoveries(incidents, pd.DataFrame({"incident": "甲", "outage_ended_at": ends}))
    assert late.to_numpy().tolist() == [["甲", 3, 1]]


def test_the_loss_ends_with_the_recovery() -> None:
    weeks = pd.DataFrame({"weeks_since": [-1, 0, 1, 2]})
    assert mark_loss(weeks, weeks=2.0)["is_lost"].tolist() == [False, True, True, False]
    assert mark_loss(weeks, weeks=float("nan"))["is_lost"].tolist() == [False, True, True, True]

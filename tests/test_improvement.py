"""State of actions, completion on time, and measures before and after."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from fbanalysis.analysis.improvement import (
    as_read,
    best_measured,
    by_week,
    clearest,
    compare_phases,
    count_gains,
    count_kinds,
    count_states,
    on_time,
    plan_families,
    relative_change,
    track,
)

DAY = "2023-12-31"
ACTIONS = pd.DataFrame(
    [
        ("A1", "扩容", "性能", None, "2023-01-01", "2023-03-31", "2023-03-31", "已完成", 100.0, 10.0, 9.0),
        ("A2", "手册", "文档", None, "2023-02-01", "2023-05-31", "2023-06-05", "已完成", 100.0, 5.0, 6.0),
        ("A3", "校验", "性能", None, "2023-03-01", "2023-09-30", None, "进行中", 70.0, 8.0, 4.0),
        ("A4", "视频", "文档", None, "2023-10-01", "2024-01-31", None, "进行中", 80.0, 3.0, None),
        ("A5", "培训", "文档", None, "2023-10-01", "2024-01-31", None, "进行中", 60.0, 3.0, None),
        ("A6", "演练", "整改", "停机", "2023-10-01", "2024-01-31", None, "进行中", 30.0, None, None),
        ("A7", "平台", "性能", None, "2024-02-01", "2024-12-31", None, "未开始", 0.0, 50.0, None),
        ("A8", "旧案", "性能", None, "2023-01-01", "2023-06-30", None, "已取消", 10.0, 1.0, 1.0),
    ],
    columns=[
        "action_id", "action", "family", "incident", "starts_on", "due_on", "done_on", "status",
        "progress_percent", "budget_cny_10k", "spent_cny_10k",
    ],
).astype(dict.fromkeys(["starts_on", "due_on", "done_on"], "datetime64[us]"))  # fmt: skip
MILESTONES = pd.DataFrame(
    [
        ("A4", "2023-12-01", 0.8),
        ("A4", "2024-01-31", 0.2),
        ("A5", "2023-12-31", 3.0),
        ("A5", "2024-01-31", 1.0),
    ],
    columns=["action_id", "due_on", "weight"],
).assign(done_on=pd.Series([pd.Timestamp("2023-12-02"), None, None, None], dtype="datetime64[us]"))
MILESTONES["due_on"] = MILESTONES["due_on"].astype("datetime64[us]")


@pytest.fixture
def tracked() -> pd.DataFrame:
    return track(ACTIONS, MILESTONES, as_of=DAY)


def measured(rows: list[tuple], **columns: object) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["metric", "phase", "value"])
    given = {
        "action_id": "A1",
        "stratum": None,
        "unit": "hours",
        "direction": "lower",
        "n": None,
        "sd": np.nan,
    }
    return table.assign(**given | columns).astype({"n": "Int64"})


def two_phases(
    before: list[float], after: list[float], metric: str = "等待", **columns: object
) -> pd.DataFrame:
    rows = [
        (metric, phase, v) for phase, values in {"before": before, "after": after}.items() for v in values
    ]
    return measured(rows, **columns)


# Actions


def test_states_follow_limit_and_planned_progress(tracked):
    states = tracked.set_index("action_id")["state"].to_dict()
    assert states == {
        "A1": "已完成",
        "A2": "已完成",
        "A3": "滞后",  # past its limit, however far it is
        "A4": "正常",  # 80 of 80
        "A5": "关注",  # 60 of 75
        "A6": "滞后",  # 30 of 91/122 by time
        "A7": "未开始",
        "A8": "已取消",
    }
    assert count_states(tracked)["value"].tolist() == [8, 2, 1, 1, 2, 1, 1]


def test_planned_progress_is_the_weight_of_milestones_due_or_else_the_time_passed(tracked):
    planned = tracked.set_index("action_id")["planned"]
    assert planned[["A3", "A4", "A5", "A7"]].tolist() == pytest.approx([100, 80, 75, 0])
    assert planned["A6"] == pytest.approx(100 * 91 / 122)


def test_progress_that_nobody_reported_is_the_weight_of_milestones_reached():
    table = track(ACTIONS.assign(progress_percent=np.nan), MILESTONES, as_of=DAY).set_index("action_id")
    assert table["progress"][["A1", "A4", "A5", "A6"]].tolist() == pytest.approx([100, 80, 0, 0])


def test_an_action_done_after_the_day_is_not_done_yet():
    table = track(ACTIONS.iloc[:2], MILESTONES, as_of="2023-06-01").set_index("action_id")
    assert table["state"].to_dict() == {"A1": "已完成", "A2": "滞后"}
    assert table["days_late"].to_dict() == {"A1": 0, "A2": 1}


def test_an_action_done_on_an_unknown_day_is_neither_on_time_nor_late():
    table = track(ACTIONS.iloc[:1].assign(done_on=pd.NaT), MILESTONES, as_of=DAY)
    assert table["state"].tolist() == ["已完成"]
    assert on_time(table)[["n", "on_time", "late", "open"]].to_numpy().tolist() == [[0, 0, 0, 0]]


def test_an_action_of_no_length_is_planned_in_full_on_its_day():
    action = ACTIONS.iloc[:1].assign(starts_on=ACTIONS["due_on"])
    assert track(action, MILESTONES, as_of="2023-03-31")["planned"].tolist() == [100]
    assert track(action, MILESTONES, as_of="2023-03-30")["planned"].tolist() == [0]


def test_equal_names_have_their_number_behind_them():
    table = track(ACTIONS.iloc[:3].assign(action=["甲", "甲", "乙"]), MILESTONES, as_of=DAY)
    assert table["stratum"].tolist() == ["甲（A1）", "甲（A2）", "乙"]


def test_share_on_time_is_of_those_due_and_not_cancelled(tracked):
    low, high = proportion_confint(1, 3, method="wilson")
    row = on_time(tracked).iloc[0]
    assert row[["count", "n", "on_time", "late", "open", "budget", "spent"]].tolist() == [
        8,
        3,
        1,
        1,
        1,
        80,
        20,
    ]
    assert row[["value", "low", "high"]].tolist() == pytest.approx([100 / 3, 100 * low, 100 * high])


def test_groups_add_up_to_all(tracked):
    counted = ["count", "n", "on_time", "late", "open"]
    groups = on_time(tracked, by="family")
    assert groups[counted].sum().tolist() == on_time(tracked)[counted].iloc[0].tolist()
    assert groups.loc[groups["n"].eq(0), "value"].isna().all()


def test_families_that_answer_incidents_stand_apart():
    table = plan_families(ACTIONS)
    assert table.to_numpy().tolist() == [
        ["性能", "改进计划", 4],
        ["文档", "改进计划", 3],
        ["整改", "事件整改", 1],
    ]


def test_both_kinds_are_counted_also_where_there_is_none():
    table = plan_families(ACTIONS)
    assert count_kinds(table).to_numpy().tolist() == [["改进计划", 2, 7], ["事件整改", 1, 1]]
    assert count_kinds(table.iloc[:0])["actions"].tolist() == [0, 0]


def test_no_actions_have_no_state():
    table = track(ACTIONS.iloc[:0], MILESTONES.iloc[:0], as_of=DAY)
    assert [len(part) for part in (table, on_time(table), plan_families(table))] == [0, 0, 0]
    assert count_states(table)["value"].sum() == 0


# Before and after


def test_single_measurements_are_compared_by_welch():
    rng = np.random.default_rng(1)
    before, after = rng.normal(8, 2, 60), rng.normal(6, 1, 40)
    row = compare_phases(two_phases(list(before), list(after))).iloc[0]
    test = stats.ttest_ind(after, before, equal_var=False)
    interval = stats.t.interval(0.95, 59, loc=before.mean(), scale=stats.sem(before))
    assert row[["before", "after"]].tolist() == pytest.approx([before.mean(), after.mean()])
    assert (row["before_low"], row["before_high"]) == pytest.approx(interval)
    assert row["p"] == pytest.approx(test.pvalue)
    assert row["value"] == pytest.approx(100 * (after.mean() / before.mean() - 1))
    assert row[["n", "verdict", "outcome"]].tolist() == [40, "下降", "改善"]


def test_p_is_adjusted_over_all_metrics():
    rng = np.random.default_rng(2)
    samples = {
        name: (rng.normal(8, 2, 40), rng.normal(8 - shift, 2, 40))
        for name, shift in zip("甲乙丙", (0, 1, 2), strict=True)
    }
    measures = pd.concat([two_phases(list(b), list(a), name) for name, (b, a) in samples.items()])
    raw = [stats.ttest_ind(b, a, equal_var=False).pvalue for b, a in samples.values()]
    assert compare_phases(measures)["p"].tolist() == pytest.approx(multipletests(raw, method="holm")[1])


def test_weekly_means_count_as_weeks_and_weigh_by_their_cases():
    values, cases = [10.0, 20.0, 40.0], [100, 300, 100]
    measures = two_phases(values, [5.0, 6.0, 7.0], n=[*cases, 10, 10, 10])
    row = compare_phases(measures).iloc[0]
    mean = np.average(values, weights=cases)
    # Linearised by hand: Σ w²(x − m)² = 100²·12² + 300²·2² + 100²·18², over 500² and times 3/2
    error = np.sqrt(1.5 * (100**2 * 12**2 + 300**2 * 2**2 + 100**2 * 18**2)) / 500
    assert mean == 22
    assert row["before"] == pytest.approx(22)
    assert (row["before_high"] - 22) / stats.t.ppf(0.975, 2) == pytest.approx(error)
    assert row[["before_n", "after_n", "n"]].tolist() == [500, 30, 30]


def test_a_single_summary_takes_its_own_n_and_sd():
    measures = two_phases([8.0], [6.0], n=50, sd=2.0)
    row = compare_phases(measures).iloc[0]
    test = stats.ttest_ind_from_stats(6, 2, 50, 8, 2, 50, equal_var=False)
    assert row[["p", "n"]].tolist() == pytest.approx([test.pvalue, 50])


def test_few_measurements_have_no_verdict():
    row = compare_phases(two_phases([8.0, 9.0, 8.5], [2.0, 2.5, 3.0])).iloc[0]
    assert row[["verdict", "outcome"]].tolist() == ["基数不足", "基数不足"]


@pytest.mark.parametrize(
    ("direction", "shift", "outcome"),
    [("lower", -2, "改善"), ("lower", 2, "变差"), ("higher", 2, "改善"), ("higher", -2, "变差")],
)
def test_better_is_what_the_direction_says_and_its_gain_is_positive(direction, shift, outcome):
    before = [8.0, 9.0, 10.0] * 20
    row = compare_phases(two_phases(before, [v + shift for v in before], direction=direction)).iloc[0]
    assert row["outcome"] == outcome
    assert (row["gain"] > 0) == (outcome == "改善")
    assert row["gain_low"] < row["gain"] < row["gain_high"]
    assert sorted(abs(row[["low", "high"]])) == pytest.approx(sorted(abs(row[["gain_low", "gain_high"]])))


def test_relative_change_keeps_fieller_s_promise():
    """Its ends are the ratios that a t test of after − ratio · before just doesn't reject."""
    sides = [pd.DataFrame({"n": [40], "mean": [m], "sd": [s]}) for m, s in ((8.0, 2.0), (6.0, 1.5))]
    row = relative_change(*sides).iloc[0]
    error, other = 4 / 40, 2.25 / 40
    r = 0.75
    df = (other + r**2 * error) ** 2 / (other**2 / 39 + r**4 * error**2 / 39)
    for end in (row["low"], row["high"]):
        ratio = 1 + end / 100
        t = (6 - ratio * 8) / np.sqrt(other + ratio**2 * error)
        assert abs(t) == pytest.approx(stats.t.ppf(0.975, df))


@pytest.mark.parametrize("mean", [0.0, -1.0, 0.1])
def test_a_start_that_is_not_clearly_above_zero_has_no_interval(mean):
    sides = [pd.DataFrame({"n": [10], "mean": [m], "sd": [3.0]}) for m in (mean, 6.0)]
    assert relative_change(*sides)[["low", "high"]].isna().all(axis=None)


@given(st.floats(0.01, 100))
def test_the_unit_does_not_matter_to_the_relative_change(factor):
    sides = [pd.DataFrame({"n": [40], "mean": [m], "sd": [2.0]}) for m in (8.0, 6.0)]
    scaled = [side.assign(mean=side["mean"] * factor, sd=side["sd"] * factor) for side in sides]
    assert_frame_equal(relative_change(*sides), relative_change(*scaled))


def test_values_without_any_spread_have_no_test():
    row = compare_phases(two_phases([8.0] * 40, [6.0] * 40)).iloc[0]
    assert row["outcome"] == "无法检验"
    assert count_gains(pd.DataFrame([row]))["value"].tolist() == [1, 0, 0, 0, 1]


def test_metrics_with_one_phase_are_left_out_and_scopes_kept_apart():
    parts = [two_phases([8.0, 9], [6.0, 7], stratum=scope) for scope in ("东区", "西区")]
    parts += [measured([("只有前", "before", 1.0)])]
    assert compare_phases(pd.concat(parts))["stratum"].tolist() == ["等待（东区）", "等待（西区）"]


def test_hours_below_one_are_read_in_minutes():
    table = as_read(compare_phases(two_phases([4.0, 4.0, 4.0], [0.4, 0.5, 0.6])))
    assert table["unit"].tolist() == ["hours", "minutes"]
    assert table["value"].tolist() == pytest.approx([4, 30])
    assert table["high"].iloc[1] == pytest.approx(60 * (0.5 + stats.t.ppf(0.975, 2) * 0.1 / np.sqrt(3)))


def test_no_measures_compare_nothing():
    table = compare_phases(two_phases([], []).astype({"value": float}))
    assert [len(table), len(as_read(table)), count_gains(table)["value"].sum()] == [0, 0, 0]
    assert best_measured(table) == ""


def test_weeks_begin_on_mondays_and_phases_stay_apart():
    days = pd.to_datetime(["2023-01-02", "2023-01-08", "2023-01-17", "2023-01-18"])
    rows = two_phases([4.0, 8.0], [1.0, 3.0]).assign(observed_on=days, n=[1, 3, None, None])
    table = by_week(rows.astype({"n": "Int64"}), action_id="A1", metric="等待")
    assert table["stratum"].tolist() == ["改进前/2023-01-02", "改进后/2023-01-16"]
    assert table["n"].tolist() == [4, 2]
    assert table["value"].tolist() == pytest.approx([7, 2])
    assert table["high"].iloc[1] == pytest.approx(2 + stats.t.ppf(0.975, 1))


def test_an_action_that_nobody_measured_has_no_weeks():
    rows = two_phases([4.0], [1.0]).assign(observed_on=pd.Timestamp("2023-01-02"))
    assert by_week(rows, action_id="A9", metric="等待").empty
    assert clearest(compare_phases(rows.iloc[:0])) == ""

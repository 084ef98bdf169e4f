"""Actions, measurements and trials of the sample year, recomputed with plain pandas, numpy and scipy."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from fbanalysis.sample import improvement
from fbanalysis.sample.improvement import EFFECTS, LAYOUTS
from fbanalysis.sample.improvement.experiments import PILOT_DEPARTMENTS
from fbanalysis.sample.improvement.measures import SCORED, with_mean
from fbanalysis.sample.records import DEPARTMENTS
from fbanalysis.sample.records.incident import INCIDENT
from fbanalysis.sample.service.causes import PROBLEMS
from fbanalysis.schema import TABLES

GOLDEN = Path(__file__).parents[1] / "golden_2023.csv"
SEEDS = (20230227, 7, 11)
Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module", params=SEEDS)
def made(request) -> Frames:
    return improvement.tables(2023, rng=np.random.default_rng(request.param))


# ---- planted effects, by other routes ----


def values(frames: Frames, metric: str, *, phase: str) -> pd.DataFrame:
    table = frames["measures"]
    return table[(table["metric"] == metric) & (table["phase"] == phase)]


def measured_mean(frames: Frames, metric: str, *, phase: str) -> float:
    part = values(frames, metric, phase=phase)
    return np.average(part["value"], weights=part["n"].fillna(1).astype(float))


def monthly_changes(frames: Frames, metric: str) -> pd.Series:
    """Give the mean of each month after over the mean before, less 1, in percent."""
    before = values(frames, metric, phase="before")["value"].mean()
    after = values(frames, metric, phase="after")
    means = after.groupby(after["observed_on"].dt.to_period("M"))["value"].mean()
    return (means / before - 1) * 100


def half_life(frames: Frames) -> float:
    gains = -monthly_changes(frames, "跨部门事项办理时长").to_numpy()
    fitted, _ = optimize.curve_fit(
        lambda t, first, life: first * 0.5 ** (t / life), np.arange(10), gains, (30, 3)
    )
    return fitted[1]


def worst_of(changes: pd.Series, *, size: float) -> float:
    return changes.iloc[(changes - size).abs().argmax()]


def trial(frames: Frames, name: str) -> pd.DataFrame:
    table = frames["experiments"]
    return table[table["experiment"] == name]


def difference_in_differences(table: pd.DataFrame) -> float:
    """Regress on treated × after, units and months taken out by demeaning (both arms are balanced panels)."""
    treated = ((table["arm"] == "treatment") & (table["phase"] == "after")).astype(float)
    within = []
    for column in (table["value"], treated):
        by_unit = column - column.groupby(table["unit_id"]).transform("mean")
        within.append(by_unit - by_unit.groupby(table["period_start"]).transform("mean"))
    outcome, effect = within
    return (outcome * effect).sum() / (effect**2).sum()


def slope_before(table: pd.DataFrame) -> float:
    before = table[table["phase"] == "before"]
    means = before.pivot_table(index="period_start", columns="arm", values="value")
    gap = means["treatment"] - means["control"]
    return stats.linregress(np.arange(len(gap)), gap).slope


def split_difference(table: pd.DataFrame) -> float:
    shares = table.groupby("arm")["value"].mean() * 100
    return shares["treatment"] - shares["control"]


def share_done(frames: Frames) -> float:
    year = frames["actions"].query("horizon == '本年'")
    return (year["status"] == "已完成").mean() * 100


def share_on_time(frames: Frames) -> float:
    done = frames["milestones"].dropna(subset="done_on")
    return (done["done_on"] <= done["due_on"]).mean() * 100


REALISED: dict[str, Callable[[Frames], float]] = {
    "done_share": share_done,
    "milestones_on_time": share_on_time,
    "lasting_change": lambda frames: (
        (
            measured_mean(frames, "热线等待时间", phase="after")
            / measured_mean(frames, "热线等待时间", phase="before")
            - 1
        )
        * 100
    ),
    "lasting_months": lambda frames: worst_of(monthly_changes(frames, "热线等待时间"), size=-25),
    "no_change": lambda frames: (
        (
            measured_mean(frames, "功能使用咨询办理时长", phase="after")
            / measured_mean(frames, "功能使用咨询办理时长", phase="before")
            - 1
        )
        * 100
    ),
    "fading_first": lambda frames: monthly_changes(frames, "跨部门事项办理时长").iloc[0],
    "fading_half_life": half_life,
    "faded": lambda frames: monthly_changes(frames, "跨部门事项办理时长").iloc[7],
    "dispatch_pilot": lambda frames: difference_in_differences(trial(frames, "工单智能分派试点")),
    "dispatch_parallel": lambda frames: slope_before(trial(frames, "工单智能分派试点")),
    "department_pilot": lambda frames: difference_in_differences(trial(frames, "部门限时办结试点")),
    "callback_split": lambda frames: split_difference(trial(frames, "回访短信改版")),
    "home_page_split": lambda frames: split_difference(trial(frames, "新首页")),
}


def realised(frames: Frames, key: str) -> float:
    if key.startswith("measured_"):
        phase, metric = key.removeprefix("measured_").removesuffix("]").split("[", 1)
        return measured_mean(frames, metric, phase=phase)
    return REALISED[key](frames)


def test_every_effect_has_its_check():
    keys = [effect.key for effect in EFFECTS]
    assert len(set(keys)) == len(keys)
    assert {key for key in keys if not key.startswith("measured_")} == set(REALISED)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.key)
def test_effects(made, effect):
    assert realised(made, effect.key) == pytest.approx(effect.size, abs=effect.tolerance)


GOLDEN_CASES = pd.read_csv(GOLDEN, dtype={"value": str})
GOLDEN_CASES = GOLDEN_CASES[GOLDEN_CASES["metric"].str.fullmatch(r"(case|improvement)_(before|after)")]


@pytest.mark.parametrize(
    "row", list(GOLDEN_CASES.itertuples()), ids=lambda row: f"{row.metric}[{row.stratum}]"
)
def test_printed_cases(made, row):
    mean = measured_mean(made, row.stratum, phase=row.metric.split("_")[1])
    mean = mean * 60 if row.unit == "minutes" else mean
    assert round(mean, row.decimals) == float(row.value)
    assert mean == pytest.approx(float(row.value), abs=1e-9)


# ---- tests that an analyst would run ----


def two_proportions(table: pd.DataFrame) -> float:
    counts = table.groupby("arm")["value"].agg(["sum", "size"])
    pooled = counts["sum"].sum() / counts["size"].sum()
    spread = np.sqrt(pooled * (1 - pooled) * (1 / counts["size"]).sum())
    shares = counts["sum"] / counts["size"]
    return 2 * stats.norm.sf(abs(shares["treatment"] - shares["control"]) / spread)


def test_the_message_wins_and_the_home_page_does_not(made):
    assert two_proportions(trial(made, "回访短信改版")) < 0.01
    assert 0.2 < two_proportions(trial(made, "新首页")) < 0.9


@pytest.mark.parametrize(("name", "sizes"), [("回访短信改版", (620, 600)), ("新首页", (540, 530))])
def test_split_tests_are_dealt_at_random(made, name, sizes):
    table = trial(made, name)
    arms = table["arm"].value_counts()
    assert (arms["treatment"], arms["control"]) == sizes
    assert set(table["value"]) == {0, 1}
    assert table["period_start"].isna().all()
    assert set(table["phase"]) == {"after"}
    assert_dealt_at_random(table)


def assert_dealt_at_random(units: pd.DataFrame) -> None:
    """Neither out of balance nor in a balance that chance hardly gives."""
    for by in ("region", "size"):
        p = stats.chi2_contingency(pd.crosstab(units["arm"], units[by]), correction=False).pvalue
        assert 0.1 < p < 0.95, by


def test_the_dispatch_pilot_is_a_balanced_panel(made):
    table = trial(made, "工单智能分派试点")
    assert table.groupby("arm")["unit_id"].nunique().to_dict() == {"treatment": 24, "control": 24}
    assert (table.groupby("unit_id").size() == 12).all()
    assert table.query("phase == 'after'")["period_start"].min() == pd.Timestamp("2023-07-01")
    assert (table.groupby("unit_id")[["region", "size"]].nunique() == 1).all(axis=None)
    assert_dealt_at_random(table.drop_duplicates("unit_id"))
    by_unit = table.pivot_table(index="unit_id", columns=["arm", "phase"], values="value", aggfunc="mean")
    gains = {
        arm: (by_unit[arm]["after"] - by_unit[arm]["before"]).dropna() for arm in ("treatment", "control")
    }
    assert stats.ttest_ind(*gains.values(), equal_var=False).pvalue < 1e-6


def test_noise_lasts_into_the_next_month(made):
    table = trial(made, "工单智能分派试点")
    wide = table.pivot(index="unit_id", columns="period_start", values="value")
    arm = table.drop_duplicates("unit_id").set_index("unit_id")["arm"]
    rest = wide - wide.groupby(arm).transform("mean")
    rest = rest.sub(rest.mean(axis=1), axis=0).to_numpy()
    follows = np.corrcoef(rest[:, :-1].ravel(), rest[:, 1:].ravel())[0, 1]
    assert 0.2 < follows < 0.5  # 0.5 less what demeaning twelve months takes


def test_estimates_are_not_exact(made):
    pilots = {"工单智能分派试点": -1.2, "部门限时办结试点": -3.0}
    misses = [difference_in_differences(trial(made, name)) - effect for name, effect in pilots.items()]
    assert np.abs(misses).max() > 0.005


def test_the_small_pilot_has_ten_departments(made):
    table = trial(made, "部门限时办结试点")
    assert len(table) == 60
    assert set(table["unit_id"]) == set(PILOT_DEPARTMENTS) < set(DEPARTMENTS)
    treated = set(table.query("arm == 'treatment'")["unit_id"])
    assert treated == {"客户服务部", "市场部", "采购部", "财务部"}


def test_welch_finds_what_is_there(made):
    table = made["measures"]
    for metric, part in table[table["n"].isna()].groupby("metric"):
        by_phase = dict(list(part.groupby("phase")["value"]))
        p = stats.ttest_ind(by_phase["before"], by_phase["after"], equal_var=False).pvalue
        assert (p > 0.2) if metric == "功能使用咨询办理时长" else (p < 0.001), metric


def test_videos_were_measured_often_enough(made):
    for phase in ("before", "after"):
        part = values(made, "功能使用咨询办理时长", phase=phase)
        assert len(part) == 200
        assert part["observed_on"].dt.to_period("M").nunique() == 3


@pytest.mark.parametrize(("metric", "months"), [("热线等待时间", 8), ("跨部门事项办理时长", 10)])
def test_monthly_series_are_long_enough(made, metric, months):
    after = values(made, metric, phase="after")["observed_on"].dt.to_period("M").value_counts()
    assert len(after) == months
    assert after.min() >= 60


@pytest.mark.parametrize("metric", ["热线等待时间", "跨部门事项办理时长"])
def test_months_vary_as_samples_do(made, metric):
    """What is left of the months' means beside their course has the spread that the single values imply."""
    ratios = []
    for phase in ("before", "after"):
        part = values(made, metric, phase=phase)
        months = part.groupby(part["observed_on"].dt.to_period("M"))["value"].agg(["mean", "sem"])
        course = months["mean"].mean()
        if metric == "跨部门事项办理时长" and phase == "after":
            course = 40 * (1 - 0.3 * 0.5 ** (np.arange(len(months)) / 3))
        ratios += (((months["mean"] - course) / months["sem"]) ** 2).tolist()
    assert 0.2 < np.mean(ratios) < 3


def test_cases_name_what_was_measured(made):
    """Where tickets or answers of the year say something else, the scope is another one."""
    named = made["measures"].dropna(subset="stratum").groupby("metric")["stratum"].first()
    assert {"技术支持响应时间", "紧急问题响应时间", "平均响应时间", "总体满意度(最近一个月)"} <= set(
        named.index
    )


def test_scores_are_whole_numbers_of_different_people(made):
    for metric in SCORED:
        part = made["measures"][made["measures"]["metric"] == metric]
        assert set(part["value"]) <= {1, 2, 3, 4, 5}
        assert not part.duplicated(["phase", "unit_id"]).any()


def test_weekly_shares_are_possible(made):
    weekly = made["measures"].dropna(subset="n")
    shares = weekly[weekly["unit"] == "percent"]
    assert shares["value"].between(0, 100).all()
    counts = shares["value"] * shares["n"].astype(float) / 100
    assert (counts - counts.round()).abs().max() < 1e-6
    assert (weekly["observed_on"].dt.day_of_week == 0).all()


def test_measurements_lie_around_their_action(made):
    both = made["measures"].merge(made["actions"], on="action_id", suffixes=("", "_action"))
    after = both[both["phase"] == "after"]
    assert (after["observed_on"] > after["done_on"]).all()
    before = both[both["phase"] == "before"]
    assert (before["observed_on"] <= before["done_on"]).all()
    assert (made["measures"]["observed_on"].dt.day_of_week < 5).all()
    assert (made["measures"]["value"] > 0).all()


# ---- actions, milestones, policies ----


def test_actions_of_the_year(made):
    table = made["actions"]
    own = table[(table["horizon"] == "本年") & table["incident"].isna()]
    assert own["family"].value_counts().to_dict() == dict.fromkeys(
        ("性能优化", "服务响应", "流程优化", "培训与文档"), 6
    )
    assert (own["status"] == "已完成").sum() == 21
    done = table.dropna(subset="done_on")
    assert (done["done_on"] > done["due_on"]).sum() == 6
    assert table["action"].is_unique
    assert set(table["issue"]) <= set(PROBLEMS)
    assert set(table["department"]) <= set(DEPARTMENTS)


def test_actions_after_the_incident(made):
    table = made["actions"].dropna(subset="incident")
    assert set(table["incident"]) == {INCIDENT}
    assert table["family"].value_counts().to_dict() == {"技术整改": 4, "客户补偿": 4, "管理改进": 4}
    assert (table["starts_on"] >= "2023-05-15").all()


def test_actions_of_the_next_year(made):
    table = made["actions"].query("horizon != '本年'")
    assert table["horizon"].value_counts().to_dict() == {"近期": 4, "中期": 4, "长期": 4}
    months = {"近期": (1, 3), "中期": (4, 6), "长期": (7, 12)}
    for horizon, (first, last) in months.items():
        part = table[table["horizon"] == horizon]
        assert part["starts_on"].dt.month.between(first, last).all()
        assert part["due_on"].dt.month.between(first, last).all()
    assert set(table["status"]) == {"未开始"}
    assert (table["starts_on"].dt.year == 2024).all()


def test_states_dates_and_money_agree(made):
    table = made["actions"]
    is_done = table["status"] == "已完成"
    assert (is_done == table["done_on"].notna()).all()
    assert (is_done == (table["progress_percent"] == 100)).all()
    assert (table["starts_on"] < table["due_on"]).all()
    assert not (table["done_on"] < table["starts_on"]).any()
    assert not (table["done_on"] > "2023-12-31").any()
    assert (table["spent_cny_10k"].isna() == (table["status"] == "未开始")).all()
    spent = table.loc[is_done, "spent_cny_10k"].sum() / table.loc[is_done, "budget_cny_10k"].sum()
    assert spent == pytest.approx(1, abs=0.05)
    assert set(table.loc[~is_done, "pdca"]) == {"执行", "计划"}
    assert set(table.loc[is_done, "pdca"]) == {"检查", "处理"}


def test_the_measure_against_data_synchronisation_has_stalled(made):
    stalled = made["actions"].set_index("action").loc["数据同步增量校验"]
    assert (stalled["status"], stalled["issue"]) == ("进行中", "数据同步异常")
    assert stalled["due_on"] < pd.Timestamp("2023-10-01")
    own = made["milestones"].query("action_id == @stalled.action_id")
    assert own["done_on"].max() < pd.Timestamp("2023-08-01")


def test_milestones_add_up(made):
    table = made["milestones"]
    year = made["actions"].query("horizon == '本年'").set_index("action_id")
    by_action = table.groupby("action_id")
    assert set(by_action.groups) == set(year.index)
    assert len(table) == 110
    assert by_action.size().between(3, 4).all()
    assert by_action["weight"].sum().to_list() == pytest.approx([1] * len(year))
    done = table.dropna(subset="done_on").groupby("action_id")
    assert (done["weight"].sum() * 100).to_dict() == pytest.approx(year["progress_percent"].to_dict())
    last = table.groupby("action_id").last().loc[year.index]
    assert (last["due_on"] == year["due_on"]).all()
    finished = year["done_on"].dropna()
    assert (done["done_on"].max()[finished.index] == finished).all()


def test_milestones_come_in_order(made):
    for _, part in made["milestones"].groupby("action_id"):
        assert part["due_on"].is_monotonic_increasing
        assert part["done_on"].dropna().is_monotonic_increasing
        assert part["done_on"].notna().tolist() == sorted(part["done_on"].notna(), reverse=True)
    first = made["milestones"].groupby("action_id")["done_on"].min().dropna()
    starts = made["actions"].set_index("action_id")["starts_on"]
    assert (first >= starts[first.index]).all()


def test_policies(made):
    table = made["policies"].set_index("policy")["effective_on"]
    assert table.dt.strftime("%m-%d").to_dict() == {
        "反馈管理条例": "03-15",
        "系统变更管理规范": "05-22",
        "客户服务标准": "07-10",
        "跨部门协作指南": "09-01",
        "持续改进奖励制度": "11-15",
    }
    assert made["policies"][["change", "scope"]].notna().all(axis=None)


# ---- files, seeds and sizes ----


def test_tables_keep_to_the_data_dictionary(made):
    assert set(made) == set(LAYOUTS)
    for name, frame in made.items():
        assert list(frame) == [column for column in TABLES[name].columns if column in frame]
        assert set(TABLES[name].required) <= set(frame)
        assert not TABLES[name].key or not frame.duplicated(list(TABLES[name].key)).any()
        for column in frame:
            rule = TABLES[name].columns[column]
            assert rule.nullable or frame[column].notna().all(), column
            assert not rule.allowed or set(frame[column].dropna()) <= set(rule.allowed)
            assert rule.kind != "time" or frame[column].dtype == "datetime64[us]", column
            assert rule.minimum is None or not (frame[column] < rule.minimum).any()
            assert rule.maximum is None or not (frame[column] > rule.maximum).any()


@pytest.mark.parametrize(("name", "layout"), LAYOUTS.items())
def test_layouts_deliver_every_column(made, name, layout):
    assert layout.file == "改进台账.xlsx"
    assert set(layout.headers) == set(made[name])
    assert len({*layout.headers.values(), *layout.filler}) == len(layout.headers) + len(layout.filler)
    for column, words in layout.values.items():
        assert len(set(words.values())) == len(words)
        assert set(made[name][column].dropna()) <= set(words.values())
    assert layout.faults
    assert all(set(row) <= set(layout.headers.values()) for row in layout.faults)


def test_last_year_has_none():
    assert improvement.tables(2022, rng=np.random.default_rng(1)) == {}


def test_the_same_seed_gives_the_same_tables(made):
    first, second = (improvement.tables(2023, rng=np.random.default_rng(3)) for _ in range(2))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[name])
    assert not first["measures"]["value"].equals(made["measures"]["value"])


@pytest.mark.parametrize("scale", [0.1, 20.0])
def test_other_sizes_keep_the_effects(scale):
    frames = improvement.tables(2023, rng=np.random.default_rng(5), scale=scale)
    assert len(frames["actions"]) == 48
    assert measured_mean(frames, "平均响应时间", phase="before") == pytest.approx(28.5, abs=0.01)
    assert scale < 1 or half_life(frames) == pytest.approx(3, abs=0.3)
    assert difference_in_differences(trial(frames, "工单智能分派试点")) == pytest.approx(-1.2, abs=0.45)
    assert split_difference(trial(frames, "回访短信改版")) == pytest.approx(7, abs=2)
    assert frames["experiments"].groupby("experiment")["unit_id"].nunique()["工单智能分派试点"] == max(
        8, round(24 * scale) * 2
    )


def test_means_are_met_exactly():
    drawn = np.random.default_rng(1).random(37) * 9
    moved = with_mean(drawn, mean=4.8, decimals=2)
    assert moved.mean() == pytest.approx(4.8, abs=0.005 / 37)
    assert np.ptp(moved - drawn) < 0.03

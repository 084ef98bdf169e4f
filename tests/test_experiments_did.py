"""Difference in differences: against statsmodels with dummies, linearmodels' formula by hand, and permutation by hand."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from fbanalysis.analysis.experiments import (
    CLUSTERED,
    COLLAPSED,
    arms_by_period,
    checks,
    clustered,
    composition,
    effects_by_period,
    overview,
    panel,
    parallel_trends,
    pilot_effects,
    pilot_placebos,
    spoken,
    two_by_two,
    unit_changes,
)


def pilot(
    treated: int,
    control: int,
    *,
    effect: float = 0.0,
    drift: float = 0.0,
    months: int = 6,
    start: int = 3,
    noise: float = 0.5,
    seed: int = 0,
    name: str = "试点甲",
) -> pd.DataFrame:
    """A panel of units by month, with an effect from ``start`` on and a drift of the treated before it."""
    rng = np.random.default_rng(seed)
    units = treated + control
    is_treated = np.arange(units) < treated
    month = np.arange(months)
    values = (
        10
        + rng.normal(size=(units, 1))
        + rng.normal(size=(1, months))
        + noise * rng.normal(size=(units, months))
    )
    values += is_treated[:, None] * (drift * month + effect * (month >= start))
    return pd.DataFrame(
        {
            "experiment": name,
            "metric": "时长（小时）",
            "unit_id": np.repeat([f"U{i}" for i in range(units)], months),
            "arm": np.repeat(np.where(is_treated, "treatment", "control"), months),
            "period_start": np.tile(pd.date_range("2023-01-01", periods=months, freq="MS"), units),
            "phase": np.tile(np.where(month >= start, "after", "before"), units),
            "value": values.ravel(),
            "region": None,
            "size": None,
        }
    )


EMPTY = pilot(1, 1).head(0)


def with_dummies(rows: pd.DataFrame) -> object:
    d = ((rows["arm"] == "treatment") & (rows["phase"] == "after")).astype(float)
    data = pd.DataFrame(
        {"y": rows["value"], "d": d, "u": rows["unit_id"], "t": rows["period_start"].astype(str)}
    )
    fit = smf.ols("y ~ d + C(u) + C(t)", data=data.reset_index(drop=True))
    return fit.fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(rows["unit_id"])[0]}, use_t=True)


@pytest.mark.parametrize("is_complete", [True, False])
def test_clustered_is_that_of_dummies(is_complete: bool) -> None:
    rows = pilot(22, 25, effect=-1.0, seed=4)
    if not is_complete:
        rows = rows[np.random.default_rng(5).random(len(rows)) > 0.15]
        rows = rows[rows.groupby("unit_id")["phase"].transform("nunique").eq(2)]
    found, fit = clustered(panel(rows)), with_dummies(rows)
    assert found["value"] == pytest.approx(fit.params["d"], rel=1e-8)
    n, k, units, months = (
        fit.nobs,
        fit.df_model + 1,
        rows["unit_id"].nunique(),
        rows["period_start"].nunique(),
    )
    own = (n - 1) / (n - months - 1)
    se = fit.bse["d"] * np.sqrt(own / ((n - 1) / (n - k)))
    half = stats.t.ppf(0.975, units - 1) * se
    assert [found["low"], found["high"]] == pytest.approx(
        [found["value"] - half, found["value"] + half], rel=1e-6
    )
    assert found["df"] == units - 1


def test_many_units_are_clustered_and_complete_panels_compare_mean_changes() -> None:
    rows = pilot(24, 24, effect=-1.2, seed=1)
    row = pilot_effects(rows).iloc[0]
    change = unit_changes(panel(rows)).groupby("is_treated")["change"].mean()
    assert row["value"] == pytest.approx(change[True] - change[False])
    assert (row["method"], row["verdict"], row["caution"], row["df"]) == (CLUSTERED, "下降", "", 47)
    assert (row["said"], row["unit"]) == ("时长", "hours")
    ends = [row[f"{side}_{when}"] for side in ("treatment", "control") for when in ("after", "before")]
    assert row["value"] == pytest.approx(ends[0] - ends[1] - ends[2] + ends[3])


def test_few_units_are_collapsed_and_permuted_exactly() -> None:
    rows = pilot(4, 6, effect=-2.0, seed=2)
    row = pilot_effects(rows).iloc[0]
    units = unit_changes(panel(rows))
    change, is_treated = units["change"].to_numpy(), units["is_treated"].to_numpy()
    welch = stats.ttest_ind(change[is_treated], change[~is_treated], equal_var=False)
    sizes = [
        abs(stats.ttest_ind(change[list(some)], np.delete(change, some), equal_var=False).statistic)
        for some in combinations(range(10), 4)
    ]
    exact = np.mean(np.array(sizes) >= abs(welch.statistic) - 1e-9)
    assert row["p_raw"] == pytest.approx(max(welch.pvalue, exact))
    assert [row["low"], row["high"]] == pytest.approx(list(welch.confidence_interval()))
    assert (row["method"], row["caution"]) == (COLLAPSED, "两边单位不足 20 个")


def test_two_against_two_can_find_nothing() -> None:
    row = pilot_effects(pilot(2, 2, effect=-50.0, noise=0.01)).iloc[0]
    assert row["verdict"] == "基数不足"
    assert row["p_raw"] >= 1 / 3
    assert (
        pilot_effects(pilot(2, 2, effect=-50.0, noise=0.01), minimum_units=2)["verdict"].iloc[0] == "没有差异"
    )


def test_effect_size_is_over_the_spread_before() -> None:
    rows = pilot(8, 12, effect=1.0, seed=3)
    row = pilot_effects(rows).iloc[0]
    units = unit_changes(panel(rows))
    sides = [units.loc[units["is_treated"] == arm, "before"] for arm in (True, False)]
    pooled = np.sqrt(sum((len(side) - 1) * side.var() for side in sides) / 18)
    assert row["effect"] == pytest.approx(row["value"] / pooled * (1 - 3 / (4 * 18 - 1)), rel=1e-3)


def test_published_house_prices_near_the_incinerator() -> None:
    """Wooldridge, Introductory Econometrics, table 13.2: −11,863.90 from the four means, of which it is the difference."""
    means = {(0, 0): 82517.23, (1, 0): 63692.86, (0, 1): 101307.51, (1, 1): 70619.24}
    rows = [(mean + away, near, after) for (near, after), mean in means.items() for away in (-1000, 0, 1000)]
    value, near, after = np.array(rows).T
    assert two_by_two(value, near, after)["estimate"] == pytest.approx(-11863.90, abs=0.01)


@pytest.mark.parametrize("errors", ["HC1", "nonrobust"])
def test_two_by_two_as_statsmodels_fits_it(errors: str) -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"x": rng.integers(0, 2, 120), "a": rng.integers(0, 2, 120)})
    frame["y"] = rng.normal(size=120) * (1 + frame["x"]) + frame["x"] * frame["a"]
    fit = smf.ols("y ~ x * a", data=frame).fit(cov_type=errors, use_t=True)
    found = two_by_two(frame["y"].to_numpy(), frame["x"].to_numpy(), frame["a"].to_numpy(), errors=errors)
    assert [found["estimate"], found["se"], found["p"]] == pytest.approx(
        [fit.params["x:a"], fit.bse["x:a"], fit.pvalues["x:a"]]
    )


def test_two_by_two_clustered_and_with_an_empty_cell() -> None:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {"x": np.repeat([0, 1], 60), "a": np.tile([0, 1], 60), "u": np.repeat(np.arange(30), 4)}
    )
    frame["y"] = rng.normal(size=120)
    fit = smf.ols("y ~ x * a", data=frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame["u"]}, use_t=True
    )
    columns = [frame[name].to_numpy() for name in ("y", "x", "a")]
    assert two_by_two(*columns, errors="cluster", unit=frame["u"].to_numpy())["se"] == pytest.approx(
        fit.bse["x:a"]
    )
    assert np.isnan(two_by_two(*(part[:61] for part in columns))["estimate"])


def test_placebo_and_trends_find_a_drift_and_let_a_sound_pilot_pass() -> None:
    sound, drifting = pilot(24, 24, effect=-1.2, seed=1), pilot(24, 24, drift=0.6, seed=1, name="试点乙")
    rows = pd.concat([sound, drifting])
    effects, placebos, trends = pilot_effects(rows), pilot_placebos(rows), parallel_trends(rows)
    assert list(placebos["verdict"]) == ["没有差异", "上升"]
    assert list(trends["verdict"]) == ["没有差异", "上升"]
    assert list(trends["joint_verdict"]) == ["没有差异", "有差异"]
    told = checks(effects, placebos, trends)
    assert list(told["outcome"]) == ["通过", "未通过"]
    assert list(told["made"]) == [3, 3]


def test_slopes_of_units_and_joint_test_by_hand() -> None:
    rows = pilot(6, 8, seed=9)
    row = parallel_trends(rows).iloc[0]
    early = rows[rows["phase"] == "before"]
    wide = early.pivot(index=["arm", "unit_id"], columns="period_start", values="value")
    slope = (wide.iloc[:, 2] - wide.iloc[:, 0]) / 2
    means = slope.groupby("arm").mean()
    assert row["value"] == pytest.approx(means["treatment"] - means["control"])
    leads = wide.iloc[:, :2].sub(wide.iloc[:, 2], axis=0)
    first, other = (leads.loc[arm].to_numpy() for arm in ("treatment", "control"))
    pooled = (5 * np.cov(first, rowvar=False) + 7 * np.cov(other, rowvar=False)) / 12
    gap = first.mean(axis=0) - other.mean(axis=0)
    f = 6 * 8 / 14 * gap @ np.linalg.inv(pooled) @ gap * 11 / (12 * 2)
    assert [row["joint"], row["joint_df"], row["joint_df2"]] == pytest.approx([f, 2, 11])
    assert row["joint_p"] == pytest.approx(stats.f.sf(f, 2, 11))


def test_one_period_before_cannot_be_checked() -> None:
    rows = pilot(24, 24, months=4, start=1)
    effects, placebos, trends = pilot_effects(rows), pilot_placebos(rows), parallel_trends(rows)
    assert len(effects) == 1
    assert placebos.empty
    assert trends.empty
    assert list(checks(effects, placebos, trends)["outcome"]) == ["未检验"]


def test_units_that_start_at_different_times_are_not_judged() -> None:
    rows = pilot(24, 24, effect=-3.0)
    is_late = rows["unit_id"].eq("U0") & rows["period_start"].eq("2023-04-01")
    row = pilot_effects(rows.assign(phase=rows["phase"].mask(is_late, "before"))).iloc[0]
    assert (row["verdict"], row["caution"]) == ("无法检验", "各单位开始的时间不同")


def test_who_comes_and_goes_is_counted_and_left_out() -> None:
    rows = pilot(5, 5)
    is_gone = rows["unit_id"].eq("U0") & rows["phase"].eq("after")
    is_new = rows["unit_id"].eq("U9") & rows["phase"].eq("before")
    moved = rows["unit_id"].eq("U1") & rows["phase"].eq("after")
    rows = rows.assign(arm=rows["arm"].mask(moved, "control"))[~is_gone & ~is_new]
    row = composition(rows).iloc[0]
    assert row[["n", "both", "left", "joined", "switched"]].tolist() == [10, 8, 1, 1, 1]
    assert row["value"] == pytest.approx(70.0)
    assert pilot_effects(rows)["n"].tolist() == [7]


def test_effects_by_period_are_differences_from_the_mean_before() -> None:
    rows = pilot(4, 6, effect=-2.0)
    table = effects_by_period(rows)
    assert table["since"].tolist() == [-2, -1, 0, 1, 2, 3]
    assert table["stratum"].iloc[0] == "试点甲/2023-01"
    assert table["value"].iloc[:3].sum() == pytest.approx(0)
    assert table["value"].iloc[3:].mean() == pytest.approx(pilot_effects(rows)["value"].iloc[0])


def test_arms_by_period_are_plain_means() -> None:
    rows = pilot(4, 6)
    table = arms_by_period(rows).set_index("stratum")
    part = rows[(rows["arm"] == "control") & (rows["period_start"] == "2023-02-01")]["value"]
    row = table.loc["试点甲/对照/2023-02"]
    assert [row["n"], row["value"]] == pytest.approx([6, part.mean()])
    assert row["high"] - row["value"] == pytest.approx(stats.t.ppf(0.975, 5) * part.std() / np.sqrt(6))


def test_no_rows_give_no_rows() -> None:
    tables = [pilot_effects(EMPTY), pilot_placebos(EMPTY), parallel_trends(EMPTY), composition(EMPTY)]
    tables += [arms_by_period(EMPTY), effects_by_period(EMPTY), overview(EMPTY), checks(*tables[:3])]
    for table in tables:
        assert len(table) == 0
        assert "stratum" in table


@pytest.mark.parametrize(("treated", "control"), [(1, 1), (1, 5), (3, 30)])
def test_hardly_any_units_are_no_base(treated: int, control: int) -> None:
    rows = pilot(treated, control, effect=-5.0)
    assert pilot_effects(rows)["verdict"].tolist() == ["基数不足"]
    assert len(parallel_trends(rows)) == len(pilot_placebos(rows)) == 1


def test_values_that_are_all_equal_are_no_difference() -> None:
    for units in (5, 25):
        rows = pilot(units, units).assign(value=3.0)
        row = pilot_effects(rows).iloc[0]
        assert (row["value"], row["verdict"]) == (pytest.approx(0), "没有差异")


def test_order_of_rows_is_irrelevant() -> None:
    rows = pilot(21, 23, effect=1.0)
    shuffled = rows.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(pilot_effects(rows), pilot_effects(shuffled), atol=1e-9)


def test_a_pilot_without_periods_has_two() -> None:
    rows = pilot(6, 6, effect=-2.0, months=2, start=1).assign(period_start=pd.NaT)
    assert pilot_effects(rows)["verdict"].tolist() == ["下降"]
    assert parallel_trends(rows).empty


def test_metrics_are_spoken_with_their_unit() -> None:
    assert [spoken(text) for text in ("时长(分钟)", "满意度（分）", "得分", "比例（‰）")] == [
        ("时长", "minutes"),
        ("满意度", "score"),
        ("得分", "ratio"),
        ("比例", "ratio"),
    ]

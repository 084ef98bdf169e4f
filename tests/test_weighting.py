"""Weights on tables small enough to be worked out by hand, against scipy, statsmodels and published results."""

import time
import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from fbanalysis.analysis.weighting import (
    BALANCE,
    ESTIMATES,
    MARGINS,
    compare_weightings,
    design_effect,
    margins_of,
    rake,
    score_cells,
    stratified_mean,
    weighted_mean,
    weighting_shift,
)
from fbanalysis.errors import DataError


def heard(**columns: list[object]) -> pd.DataFrame:
    """Rows of one side."""
    return pd.DataFrame({"side": "internal", **columns})


def margin(variable: str, side: str = "internal", **people: float) -> pd.DataFrame:
    return pd.DataFrame([(side, variable, level, n) for level, n in people.items()], columns=MARGINS)


def crossed(*, seed: int = 5, n: int = 600) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two sides with two margins each, unevenly heard, and scores that go with age."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "side": rng.choice(["internal", "external"], n, p=[0.7, 0.3]),
            "stratum": rng.choice(["甲", "乙", "丙"], n, p=[0.6, 0.3, 0.1]),
            "age_band": rng.choice(["少", "中", "老"], n, p=[0.5, 0.4, 0.1]),
        }
    )
    frame["score"] = rng.normal(3.5, 0.7, n) + frame["age_band"].eq("老") * 0.8
    parts = [
        margin(name, side, **people)
        for side, size in (("internal", 900), ("external", 500))
        for name, people in {
            "stratum": {"甲": 0.4 * size, "乙": 0.4 * size, "丙": 0.2 * size},
            "age_band": {"少": 0.3 * size, "中": 0.3 * size, "老": 0.4 * size},
        }.items()
    ]
    return frame, pd.concat(parts, ignore_index=True)


# ---------------------------------------------------------------- weights


def test_one_margin_is_post_stratification_in_one_round():
    found = rake(heard(stratum=["甲", "甲", "甲", "乙"]), margin("stratum", 甲=60, 乙=40))
    assert found.weights.tolist() == pytest.approx([20, 20, 20, 40])
    assert (found.rounds, found.is_converged, found.trimmed, found.n) == (1, True, 0, 4)
    assert found.notes == ()


def test_raking_of_a_two_by_two_table_keeps_its_odds_ratio_and_reaches_both_margins():
    counts = {("甲", "少"): 40, ("甲", "老"): 10, ("乙", "少"): 30, ("乙", "老"): 20}
    rows = [cell for cell, n in counts.items() for _ in range(n)]
    frame = heard(stratum=[row[0] for row in rows], age_band=[row[1] for row in rows])
    found = rake(frame, pd.concat([margin("stratum", 甲=500, 乙=500), margin("age_band", 少=400, 老=600)]))
    table = found.weights.groupby([frame["stratum"], frame["age_band"]]).sum().unstack()
    assert table.sum(axis=1).to_dict() == pytest.approx({"甲": 500, "乙": 500}, abs=1e-4)
    assert table.sum(axis=0).to_dict() == pytest.approx({"少": 400, "老": 600}, abs=1e-4)
    odds = table.loc["甲", "少"] * table.loc["乙", "老"] / (table.loc["甲", "老"] * table.loc["乙", "少"])
    assert odds == pytest.approx(40 * 20 / (10 * 30))
    assert found.is_converged


def test_raking_is_the_poisson_fit_that_matches_the_margins():
    """An independent route: weights of raking are exp(a + b) with the margins' log-linear model (offset: counts)."""
    frame, margins = crossed()
    inside = frame[frame["side"].eq("internal")].reset_index(drop=True)
    found = rake(inside, margins[margins["side"].eq("internal")], cap=None, tolerance=1e-9)
    cells = (
        inside.assign(w=found.weights)
        .groupby(["stratum", "age_band"])["w"]
        .agg(["size", "sum"])
        .reset_index()
    )
    design = pd.get_dummies(cells[["stratum", "age_band"]], drop_first=True, dtype=float)
    with warnings.catch_warnings(action="ignore"):  # the fit is exact, which statsmodels warns of
        fit = sm.GLM(
            cells["sum"], sm.add_constant(design), family=sm.families.Poisson(), offset=np.log(cells["size"])
        ).fit(tol=1e-14, maxiter=200)
    np.testing.assert_allclose(fit.mu, cells["sum"], rtol=1e-6)


def test_sides_are_raked_by_themselves_and_stand_for_their_people():
    frame, margins = crossed()
    found = rake(frame, margins)
    assert found.weights.groupby(frame["side"]).sum().to_dict() == pytest.approx(
        {"internal": 900, "external": 500}
    )
    assert found.balance.columns.tolist() == BALANCE
    assert found.deviation <= 1e-6
    assert found.balance["stratum"].is_unique
    assert found.balance.loc[0, "stratum"] == "内部·人群层·甲"


def test_a_missing_answer_is_left_alone_by_its_variable():
    frame = heard(stratum=["甲"] * 6, age_band=["少", "少", "少", "老", None, "外星"])
    found = rake(frame, pd.concat([margin("stratum", 甲=600), margin("age_band", 少=50, 老=50)]))
    assert found.weights.tolist() == pytest.approx([200 / 3] * 3 + [200, 100, 100], rel=1e-6)
    assert "年龄段未填写的 2 条不受这一项的调整" in found.notes
    assert any("合计与人群表不同" in note for note in found.notes)


def test_whose_stratum_is_not_declared_has_no_weight():
    found = rake(heard(stratum=["甲", "访客", None]), margin("stratum", 甲=10))
    assert found.weights.isna().tolist() == [False, True, True]
    assert found.n == 1
    assert "不在人群表里的 2 条没有权重" in found.notes


def test_a_level_without_a_row_is_refused_with_its_people():
    margins = pd.concat([margin("stratum", 甲=60, 丙=40), margin("age_band", 少=50, 老=50)])
    frame = heard(stratum=["甲", "甲"], age_band=["少", "少"])
    with pytest.raises(DataError, match="「内部·人群层·丙（40 人）」「内部·年龄段·老（50 人）」"):
        rake(frame, margins)


def test_a_level_without_a_row_may_be_left_out_with_a_note():
    found = rake(heard(stratum=["甲", "乙"]), margin("stratum", 甲=60, 乙=20, 丙=40), empty="leave_out")
    assert found.weights.tolist() == pytest.approx([60, 20])
    assert found.unheard == ("丙",)
    assert "没有反馈、因而不代表：「丙」" in found.notes
    assert found.balance["level"].tolist() == ["甲", "乙"]


def test_a_variable_that_nobody_answered_changes_nothing():
    frame = heard(stratum=["甲", "乙"], age_band=pd.Series([None, None], dtype="str"))
    found = rake(
        frame, pd.concat([margin("stratum", 甲=60, 乙=40), margin("age_band", 少=1, 老=1)]), empty="leave_out"
    )
    assert found.weights.tolist() == pytest.approx([60, 40])


def test_trimmed_weights_stay_below_the_cap_and_say_what_is_off():
    frame = heard(stratum=["甲"] * 99 + ["乙"])
    free, cut = (rake(frame, margin("stratum", 甲=500, 乙=500), cap=cap) for cap in (None, 5))
    assert free.largest_ratio == pytest.approx(50)
    assert cut.weights.max() <= 5 * 10 * (1 + 1e-6)
    assert (cut.trimmed, cut.is_converged) == (1, False)
    assert cut.deviation == pytest.approx(50 - 5)
    assert "1 条的权重截在平均权重的 5 倍" in cut.notes


def test_trimming_and_raking_again_reach_both_where_both_can_hold():
    frame = heard(
        stratum=["甲"] * 60 + ["乙"] * 60, age_band=["少"] * 57 + ["老"] * 3 + ["少"] * 30 + ["老"] * 30
    )
    margins = pd.concat([margin("stratum", 甲=800, 乙=400), margin("age_band", 少=780, 老=420)])
    free, cut = rake(frame, margins, cap=None), rake(frame, margins, cap=2.0)
    assert free.largest_ratio > 2.2
    assert cut.largest_ratio < free.largest_ratio
    assert cut.weights.max() <= 2.0 * 10 * (1 + 1e-6)


def test_no_row_gives_no_weights():
    found = rake(heard(stratum=pd.Series([], dtype="str")), margin("stratum", 甲=1), empty="leave_out")
    assert (len(found.weights), found.n, found.effective_n) == (0, 0, 0)
    assert np.isnan(found.deff)
    assert weighted_mean(pd.Series([], dtype=float), found).empty


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("甲乙"), st.sampled_from(["少", "老", None])), min_size=1, max_size=40
    ),
    people=st.tuples(*[st.integers(1, 50)] * 4),
)
def test_weights_sum_to_the_people_heard_for_in_any_order(rows, people):
    frame = heard(stratum=[row[0] for row in rows], age_band=pd.array([row[1] for row in rows], dtype="str"))
    margins = pd.concat(
        [margin("stratum", 甲=people[0], 乙=people[1]), margin("age_band", 少=people[2], 老=people[3])]
    )
    found = rake(frame, margins, cap=None, empty="leave_out")
    present = margins[margins["variable"].eq("stratum") & margins["level"].isin(frame["stratum"])]
    assert found.weights.sum() == pytest.approx(present["population"].sum())
    assert found.weights.gt(0).all()
    turned = rake(frame.iloc[::-1], margins, cap=None, empty="leave_out")
    pd.testing.assert_series_equal(turned.weights.sort_index(), found.weights, rtol=1e-6)


def test_margins_of_put_the_strata_first_and_leave_out_levels_of_nobody():
    population = pd.DataFrame(
        {"side": "internal", "stratum": ["甲", "乙"], "population": pd.array([5, 0], dtype="Int64")}
    )
    table = margins_of(population, margin("age_band", 少=5))
    assert table["variable"].tolist() == ["stratum", "age_band"]
    assert table.columns.tolist() == MARGINS
    assert len(margins_of(population)) == 1


# ---------------------------------------------------------------- design effect


@pytest.mark.parametrize(
    ("weights", "expected"), [([2.0, 2.0], 1), ([1.0, 1.0, 4.0], 1.5), ([3.0], 1), ([1.0, 0.0], 2)]
)
def test_design_effect_is_kishs(weights, expected):
    assert design_effect(pd.Series(weights)) == pytest.approx(expected)
    cv = np.std(weights) / np.mean(weights)
    assert design_effect(pd.Series(weights)) == pytest.approx(1 + cv**2)


def test_design_effect_of_no_weights_is_unknown():
    assert np.isnan(design_effect(pd.Series([], dtype=float)))
    assert np.isnan(design_effect(pd.Series([np.nan, 0.0])))


# ---------------------------------------------------------------- estimates


def test_weighted_mean_is_that_of_statsmodels():
    frame, margins = crossed()
    found = rake(frame, margins)
    row = weighted_mean(frame["score"], found).iloc[0]
    assert row["value"] == pytest.approx(DescrStatsW(frame["score"], weights=found.weights).mean)
    assert row["effective_n"] == pytest.approx(found.effective_n)
    assert row["low"] < row["value"] < row["high"]


def test_post_stratified_standard_error_is_that_inside_the_strata():
    """The residuals are those from the strata's means, so that only the spread inside them is left."""
    score = pd.Series([1.0, 2, 3, 5, 5, 7, 9, 4])
    frame = heard(stratum=list("甲甲甲甲乙乙乙乙"))
    row = weighted_mean(score, rake(frame, margin("stratum", 甲=300, 乙=100))).iloc[0]
    inside = [((part - part.mean()) ** 2).sum() for part in (score[:4], score[4:])]
    variance = 8 / 7 * ((0.75 / 4) ** 2 * inside[0] + (0.25 / 4) ** 2 * inside[1])
    assert (row["value"], row["se"]) == pytest.approx((0.75 * 2.75 + 0.25 * 6.25, np.sqrt(variance)))


def test_raked_standard_error_takes_the_residuals_of_both_margins():
    frame, margins = crossed()
    inside = frame[frame["side"].eq("internal")].reset_index(drop=True)
    found = rake(inside, margins[margins["side"].eq("internal")])
    design = pd.get_dummies(inside[["stratum", "age_band"]], drop_first=True, dtype=float)
    residual = sm.OLS(inside["score"], sm.add_constant(design)).fit().resid
    z, n = found.weights * residual / found.weights.sum(), len(inside)
    expected = np.sqrt(n / (n - 1) * ((z - z.mean()) ** 2).sum())
    assert weighted_mean(inside["score"], found)["se"].item() == pytest.approx(expected)


def test_raked_standard_error_covers_what_repeated_samples_show():
    """Over 150 samples of one population the linearised error is the spread of the raked means."""
    rng, means, errors = np.random.default_rng(3), [], []
    people = heard(stratum=rng.choice(["甲", "乙"], 20_000), age_band=rng.choice(["少", "老"], 20_000))
    people["score"] = (
        people["stratum"].eq("甲") + 2.0 * people["age_band"].eq("老") + rng.normal(0, 0.5, 20_000)
    )
    margins = pd.concat(
        [margin(name, **people[name].value_counts().to_dict()) for name in ("stratum", "age_band")]
    )
    for _ in range(150):
        part = people.sample(150, random_state=rng)
        row = weighted_mean(part["score"], rake(part, margins)).iloc[0]
        means.append(row["value"])
        errors.append(row["se"])
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.15)
    assert np.std(means) < 0.6 * people["score"].std() / np.sqrt(150)


#: Type and school-wide target of the 200 schools of the survey package's apisrs: n, mean and sd of their score.
SCHOOLS = {
    ("E", "No"): (15, 572.8, 121.257224),
    ("E", "Yes"): (127, 677.165354, 133.503568),
    ("H", "No"): (13, 593.153846, 136.597246),
    ("H", "Yes"): (12, 618.583333, 85.821653),
    ("M", "No"): (9, 548.333333, 120.705219),
    ("M", "Yes"): (24, 694.0, 109.933181),
}


def schools() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Made-up scores with the moments of `SCHOOLS` (mean and error depend on them only), and the population's margins."""
    parts = []
    for (kind, target), (n, mean, sd) in SCHOOLS.items():
        line = np.linspace(-1, 1, n)
        parts.append(heard(kind=[kind] * n, target=target, score=mean + sd * line / line.std(ddof=1)))
    margins = [margin("kind", E=4421, H=755, M=1018), margin("target", No=1072, Yes=5122)]
    return pd.concat(parts, ignore_index=True), pd.concat(margins, ignore_index=True)


@pytest.mark.parametrize(
    ("variables", "mean", "se", "effective"),
    [(["kind"], 656.7816, 9.308046, 199.98), (["kind", "target"], 657.7915, 8.971712, 199.8109)],
)
def test_schools_come_out_as_in_the_survey_package(variables, mean, se, effective):
    """What R's survey 4.1 gives for postStratify and rake of apisrs, svymean(~api00)."""
    frame, margins = schools()
    found = rake(frame, margins[margins["variable"].isin(variables)])
    row = weighted_mean(frame["score"], found).iloc[0]
    assert (row["value"], row["se"]) == pytest.approx((mean, se), rel=1e-5)
    assert found.effective_n == pytest.approx(effective, abs=0.005)


def test_weights_of_raked_schools_are_those_of_the_survey_package():
    frame, margins = schools()
    weights = rake(frame, margins).weights.groupby([frame["target"], frame["kind"]]).first()
    expected = [28.910768, 29.003103, 29.033127, 31.396366, 31.496639, 31.529244]
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_rows_of_one_person_do_not_count_as_independent():
    frame, margins = crossed(n=100)
    double = pd.concat([frame, frame], ignore_index=True)
    person = pd.Series([*range(100), *range(100)])
    once = weighted_mean(frame["score"], rake(frame, margins)).iloc[0]
    twice = weighted_mean(double["score"], rake(double, margins), cluster=person).iloc[0]
    naive = weighted_mean(double["score"], rake(double, margins)).iloc[0]
    assert twice["se"] == pytest.approx(once["se"], rel=1e-6)
    assert naive["se"] < 0.75 * once["se"]


def test_missing_scores_and_rows_outside_are_left_out():
    frame = heard(stratum=["甲", "甲", "乙", "访客"])
    found = rake(frame, margin("stratum", 甲=50, 乙=50))
    row = weighted_mean(pd.Series([1.0, np.nan, 3.0, 100.0]), found).iloc[0]
    assert (row["n"], row["value"]) == (2, pytest.approx((25 * 1 + 50 * 3) / 75))
    assert weighted_mean(pd.Series([np.nan] * 4), found).columns.tolist() == ESTIMATES


def test_one_row_has_no_standard_error_and_equal_scores_no_width():
    one = weighted_mean(pd.Series([4.0]), rake(heard(stratum=["甲"]), margin("stratum", 甲=9))).iloc[0]
    assert (one["value"], np.isnan(one["se"])) == (4, True)
    same = weighted_mean(pd.Series([4.0] * 3), rake(heard(stratum=["甲"] * 3), margin("stratum", 甲=9))).iloc[
        0
    ]
    assert (same["low"], same["high"]) == pytest.approx((4, 4))


def test_a_yes_or_no_column_gives_the_weighted_share():
    found = rake(heard(stratum=["甲", "甲", "乙"]), margin("stratum", 甲=50, 乙=50))
    assert weighted_mean(pd.Series([True, False, True]), found)["value"].item() == pytest.approx(0.75)


def test_the_unweighted_mean_stands_beside_the_weighted_ones():
    frame, margins = crossed()
    found = rake(frame, margins)
    table = compare_weightings(frame["score"], {"构成": found})
    assert table["stratum"].tolist() == ["不加权", "构成"]
    assert table.loc[0, ["value", "deff"]].tolist() == pytest.approx([frame["score"].mean(), 1])
    assert table.loc[0, "se"] == pytest.approx(frame["score"].sem())
    assert table.loc[1, "value"] > table.loc[0, "value"]
    assert compare_weightings(frame["score"] * np.nan, {"构成": found}).empty


def test_what_weighting_does_to_the_mean_is_tested():
    frame, margins = crossed()
    weightings = {
        "构成": rake(frame, margins),
        "无": rake(heard(stratum=["甲"] * 600), margin("stratum", 甲=9)),
    }
    table = weighting_shift(frame["score"], weightings).set_index("stratum")
    assert table["verdict"].to_dict() == {"构成": "较高", "无": "没有差异"}
    row = table.loc["构成"]
    means = compare_weightings(frame["score"], weightings)["value"]
    assert row["value"] == pytest.approx(means[1] - means[0])
    assert row["effect"] == pytest.approx(row["value"] / frame["score"].std())
    assert (row["value"] - row["low"]) == pytest.approx(row["high"] - row["value"])
    assert row["p"] >= row["p_raw"]


def test_the_shift_of_too_few_has_no_verdict():
    found = rake(heard(stratum=["甲", "乙", "乙"]), margin("stratum", 甲=50, 乙=50))
    table = weighting_shift(pd.Series([1.0, 2, 3]), {"层": found})
    assert table["verdict"].tolist() == ["基数不足"]
    assert weighting_shift(pd.Series([1.0, np.nan, np.nan]), {"层": found})["verdict"].tolist() == [
        "基数不足"
    ]
    assert weighting_shift(pd.Series([1.0]), {}).empty


def test_a_shift_that_is_there_is_found_and_one_that_is_not_is_rarely_found():
    """Over 100 samples whose scores don't go with the stratum, about one in twenty says there is a shift."""
    rng, found = np.random.default_rng(8), 0
    people = margin("stratum", 甲=500, 乙=500)
    for _ in range(100):
        frame = heard(stratum=rng.choice(["甲", "乙"], 200, p=[0.75, 0.25]).tolist())
        table = weighting_shift(pd.Series(rng.normal(size=200)), {"层": rake(frame, people)})
        found += table["verdict"].item() in ("较高", "较低")
    assert found <= 12


# ---------------------------------------------------------------- strata of a finite population


def test_stratified_mean_is_cochrans():
    """Cochran (1977) eq. 5.1 and 5.7 by hand: two strata, 4 of 40 and 5 of 10 heard."""
    cells = pd.DataFrame({"n": [4, 5], "mean": [10.0, 20.0], "sd": [2.0, 3.0], "population": [40, 10]})
    row = stratified_mean(cells).iloc[0]
    variance = 0.8**2 * 0.9 * 4 / 4 + 0.2**2 * 0.5 * 9 / 5
    assert (row["value"], row["se"]) == pytest.approx((12, np.sqrt(variance)))
    assert (row["total"], row["total_se"]) == pytest.approx((600, 50 * np.sqrt(variance)))


def test_stratified_mean_of_the_schools_of_california():
    """Mean, error, total and design effect that the survey package's vignette prints for its data set apistrat.

    T. Lumley, survey: 662.29 (9.4089) and 3687178 (114642); the strata's moments are typed from the data.
    """
    cells = pd.DataFrame({"n": [100, 50, 50], "population": [4421, 755, 1018]})
    score = cells.assign(mean=[674.43, 625.82, 636.60], sd=[125.249428, 109.302742, 117.579153])
    row = stratified_mean(score).iloc[0]
    assert (row["value"], row["se"]) == pytest.approx((662.29, 9.4089), abs=0.005)
    assert row["deff"] == pytest.approx(1.2045, abs=1e-4)
    pupils = cells.assign(mean=[416.78, 1320.70, 832.48], sd=[166.062881, 671.073713, 395.357149])
    row = stratified_mean(pupils).iloc[0]
    assert (row["total"], row["total_se"]) == pytest.approx((3687178, 114642), abs=1)


def test_one_score_of_a_stratum_adds_no_spread_and_a_census_leaves_none():
    one = stratified_mean(
        pd.DataFrame({"n": [1, 3], "mean": [4.0, 3.0], "sd": [np.nan, 1.0], "population": [5, 5]})
    )
    assert one["se"].item() == pytest.approx(np.sqrt(0.25 * 0.4 / 3))
    census = stratified_mean(pd.DataFrame({"n": [5], "mean": [4.0], "sd": [1.0], "population": [5]}))
    assert census["se"].item() == 0
    assert stratified_mean(one.iloc[:0].reindex(columns=["n", "mean", "sd", "population"])).empty


def test_score_cells_count_scores_of_strata_in_the_population():
    feedback = heard(stratum=["甲", "甲", "乙", "访客"], overall_score=[4.0, None, 2.0, 1.0])
    population = pd.DataFrame({"side": "internal", "stratum": ["甲", "乙"], "population": [3, 4]})
    cells = score_cells(feedback, population, score="overall_score")
    assert cells[["stratum", "n", "mean", "population"]].to_numpy().tolist() == [
        ["乙", 1, 2.0, 4],
        ["甲", 1, 4.0, 3],
    ]


# ---------------------------------------------------------------- size


def test_a_million_rows_are_weighted_in_seconds():
    frame, margins = crossed(n=1_000_000)
    begun = time.perf_counter()
    found = rake(frame, margins)
    weighted_mean(frame["score"], found)
    assert time.perf_counter() - begun < 4
    assert found.is_converged

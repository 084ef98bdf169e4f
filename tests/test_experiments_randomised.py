"""Split tests: against statsmodels and scipy, by hand, and where the deal went wrong."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from fbanalysis.analysis.experiments import (
    balance,
    balance_tests,
    overview,
    sample_ratios,
    split_effects,
    split_power,
)


def split(
    treated: list[float] | np.ndarray,
    control: list[float] | np.ndarray,
    *,
    name: str = "新按钮",
    **columns: object,
) -> pd.DataFrame:
    """A split test with a value a unit."""
    values = np.concatenate([treated, control]).astype(float)
    rows = pd.DataFrame(
        {
            "experiment": name,
            "metric": "是否点击",
            "unit_id": [f"U{i}" for i in range(len(values))],
            "arm": ["treatment"] * len(treated) + ["control"] * len(control),
            "period_start": pd.NaT,
            "phase": "after",
            "value": values,
            "region": None,
            "size": None,
        }
    )
    return rows.assign(**columns)


def shares(a: int, n: int, b: int, m: int, **columns: object) -> pd.DataFrame:
    return split(np.repeat([1, 0], [a, n - a]), np.repeat([1, 0], [b, m - b]), **columns)


EMPTY = split([], []).head(0)


def test_shares_as_statsmodels_and_scipy_compare_them() -> None:
    row = split_effects(shares(192, 620, 144, 600)).iloc[0]
    low, high = confint_proportions_2indep(192, 620, 144, 600, method="newcomb", compare="diff")
    assert [row["value"], row["low"], row["high"]] == pytest.approx(
        [100 * (192 / 620 - 0.24), 100 * low, 100 * high]
    )
    assert row["p"] == pytest.approx(proportions_ztest([192, 144], [620, 600])[1])
    ratio = stats.contingency.relative_risk(192, 620, 144, 600)
    ends = ratio.confidence_interval(0.95)
    assert [row["risk_ratio"], row["risk_low"], row["risk_high"]] == pytest.approx(
        [ratio.relative_risk, *ends]
    )
    assert (row["verdict"], row["caution"], row["kind"]) == ("较高", "", "share")


def test_means_as_scipy_compares_them() -> None:
    rng = np.random.default_rng(1)
    first, other = rng.normal(10, 2, 60), rng.normal(12, 5, 45)
    row = split_effects(split(first, other)).iloc[0]
    test = stats.ttest_ind(first, other, equal_var=False)
    assert row["p"] == pytest.approx(test.pvalue)
    assert [row["low"], row["high"]] == pytest.approx(list(test.confidence_interval()))
    assert row["sd"] == pytest.approx(np.sqrt((59 * first.var(ddof=1) + 44 * other.var(ddof=1)) / 103))
    assert (row["kind"], row["verdict"], row["caution"]) == ("mean", "较低", "每组不足 500 个")


def test_all_experiments_are_one_family() -> None:
    table = split_effects(
        pd.concat([shares(60, 200, 40, 200, name="甲"), shares(50, 200, 45, 200, name="乙")])
    )
    assert list(table["stratum"]) == ["甲", "乙"]
    assert table["p"].iloc[0] == pytest.approx(2 * table["p_raw"].iloc[0])
    assert table["p"].iloc[1] == table["p_raw"].iloc[1]


def test_units_in_both_arms_are_left_out_and_repeats_count_once() -> None:
    rows = shares(30, 100, 20, 100)
    both = rows.iloc[[0]].assign(arm="control")
    again = rows.iloc[[150]].assign(value=1.0)
    row = split_effects(pd.concat([rows, both, again])).iloc[0]
    assert (row["n_treatment"], row["n_control"]) == (99, 100)
    assert row["control"] == pytest.approx(20.0)
    assert row["caution"] == "1 个单位两组都有，已剔除；1 个单位重复，只取首次；每组不足 500 个"


def test_a_lopsided_deal_is_not_judged() -> None:
    rows = shares(300, 600, 100, 450)
    row = split_effects(rows).iloc[0]
    assert (row["verdict"], row["caution"]) == ("无法检验", "分组人数与约定的比例不符")
    assert np.isnan(row["p"])
    declared = split_effects(rows, ratios={"新按钮": 600 / 1050}).iloc[0]
    assert declared["verdict"] == "较高"


def test_sample_ratio_is_the_test_of_goodness_of_fit() -> None:
    row = sample_ratios(shares(1, 620, 1, 540), ratios={"新按钮": 0.5}).iloc[0]
    assert row["p"] == pytest.approx(stats.chisquare([620, 540]).pvalue)
    row = sample_ratios(shares(1, 300, 1, 100), ratios={"新按钮": 0.7}).iloc[0]
    assert row["p"] == pytest.approx(stats.chisquare([300, 100], [280, 120]).pvalue)
    assert (row["value"], row["declared"], row["verdict"]) == (75.0, pytest.approx(70.0), "没有差异")


def test_standardised_differences_by_hand() -> None:
    region = ["北"] * 30 + ["南"] * 70 + ["北"] * 20 + ["南"] * 80
    table = balance(shares(30, 100, 20, 100, region=region)).set_index("level")
    spread = np.sqrt((0.3 * 0.7 + 0.2 * 0.8) / 2)
    assert table.loc["北", "value"] == pytest.approx(0.1 / spread)
    assert table.loc["南", "value"] == pytest.approx(-0.1 / spread)
    assert table["is_flagged"].all()
    assert table.loc["北", "stratum"] == "新按钮/北"
    assert not balance(shares(30, 100, 20, 100, region=region), limit=0.3)["is_flagged"].any()


def test_omnibus_of_one_covariate_is_pearsons_chi_square() -> None:
    region = ["北"] * 30 + ["南"] * 50 + ["东"] * 20 + ["北"] * 20 + ["南"] * 40 + ["东"] * 60
    row = balance_tests(shares(30, 100, 20, 120, region=region)).iloc[0]
    chi2 = stats.chi2_contingency([[30, 50, 20], [20, 40, 60]], correction=False)
    assert row["value"] == pytest.approx(chi2.statistic * 219 / 220)
    assert (row["df"], row["levels"], row["flagged"]) == (2, 3, 3)
    assert row["verdict"] == "有差异"


def test_two_covariates_together_have_the_rank_of_their_levels() -> None:
    rng = np.random.default_rng(3)
    rows = shares(60, 200, 60, 200, region=rng.choice(list("abcd"), 400), size=rng.choice(list("xyz"), 400))
    row = balance_tests(rows).iloc[0]
    assert (row["df"], row["levels"]) == (5, 7)
    assert 0 < row["p"] <= 1


def test_power_as_statsmodels_gives_it() -> None:
    effects = split_effects(shares(192, 620, 144, 600))
    row = split_power(effects, relevant=5).iloc[0]
    size = abs(2 * np.arcsin(np.sqrt(0.29)) - 2 * np.arcsin(np.sqrt(0.24)))
    power = NormalIndPower()
    assert row["power"] == pytest.approx(100 * power.power(size, 620, 0.05, ratio=600 / 620))
    assert row["required"] == np.ceil(power.solve_power(size, alpha=0.05, power=0.8))
    found = 0.24 + row["value"] / 100
    again = abs(2 * np.arcsin(np.sqrt(found)) - 2 * np.arcsin(np.sqrt(0.24)))
    assert power.power(again, 620, 0.05, ratio=600 / 620) == pytest.approx(0.8, abs=1e-3)
    assert bool(row["is_enough"]) is True


def test_power_of_means_is_in_the_metrics_unit() -> None:
    rng = np.random.default_rng(2)
    effects = split_effects(split(rng.normal(0, 10, 100), rng.normal(0, 10, 100)))
    row = split_power(effects).iloc[0]
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert row["value"] == pytest.approx(z / np.sqrt(50) * effects["sd"].iloc[0])
    assert row["required"] == np.ceil(2 * (z / 0.2) ** 2)
    assert not row["is_enough"]


def test_a_share_near_the_top_is_measured_downwards() -> None:
    row = split_power(split_effects(shares(195, 200, 196, 200)), relevant=5).iloc[0]
    size = abs(2 * np.arcsin(np.sqrt(0.93)) - 2 * np.arcsin(np.sqrt(0.98)))
    assert row["required"] == np.ceil(NormalIndPower().solve_power(size, alpha=0.05, power=0.8))


@pytest.mark.parametrize("rows", [EMPTY, EMPTY.drop(columns=["region", "size"])])
def test_no_rows_give_no_rows(rows: pd.DataFrame) -> None:
    effects = split_effects(rows)
    for table in (
        overview(rows),
        effects,
        sample_ratios(rows),
        balance(rows),
        balance_tests(rows),
        split_power(effects),
    ):
        assert len(table) == 0
        assert "stratum" in table


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        (shares(1, 1, 0, 1), "基数不足"),
        (shares(40, 40, 40, 40), "没有差异"),
        (shares(0, 40, 0, 40), "没有差异"),
        (split([5.0] * 40, [7.0] * 40), "无法检验"),
        (split([5.0] * 40, [5.0] * 40), "没有差异"),
        (shares(10, 29, 2, 29), "基数不足"),
    ],
)
def test_edges(rows: pd.DataFrame, verdict: str) -> None:
    effects = split_effects(rows)
    assert list(effects["verdict"]) == [verdict]
    assert len(split_power(effects)) == 1
    assert len(balance_tests(rows)) == 1


def test_missing_values_and_an_arm_alone() -> None:
    rows = shares(10, 40, 10, 40)
    assert split_effects(rows.assign(value=np.nan)).empty
    alone = rows[rows["arm"].eq("treatment")]
    assert list(overview(alone)["design"]) == ["缺对照"]
    assert split_effects(alone).empty


def test_an_experiment_with_two_metrics_is_told_apart_by_them() -> None:
    rows = pd.concat([shares(10, 40, 10, 40), shares(20, 40, 10, 40, metric="是否购买")])
    assert list(split_effects(rows)["stratum"]) == ["新按钮（是否点击）", "新按钮（是否购买）"]

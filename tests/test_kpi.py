"""Targets and what was reached: attainments, their intervals, statuses, bands and weights."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal
from statsmodels.stats.proportion import proportion_confint

from fbanalysis.analysis.kpi import (
    attainment,
    certainty,
    department_attainment,
    quarterly,
    resolve_actuals,
    status_counts,
    weakest,
)
from fbanalysis.errors import DataError

SERVICE = "satisfaction_mean[服务]"
KPI_ROWS = [
    ("客户满意度", "客服", "2023", "higher", "score", 4.0, np.nan, SERVICE, None, None, np.nan, None, 3.0),
    ("投诉解决率", "客服", "2023", "higher", "percent", 92.0, np.nan, None, 970, 1000, np.nan, None, 1.0),
    ("响应时间", "支持", "2023", "lower", "hours", 4.0, 5.0, None, None, None, 2.0, 100, 1.0),
    ("上线周期", "研发", "2023", "lower", "days", 28.0, 29.0, None, None, None, np.nan, None, 0.0),
    ("投诉解决率", "客服", "2023Q2", "higher", "percent", 92.0, np.nan, None, 190, 200, np.nan, None, 1.0),
    ("投诉解决率", "客服", "2023Q1", "higher", "percent", 92.0, np.nan, None, 90, 100, np.nan, None, 1.0),
]
KPI_COLUMNS = [
    "kpi",
    "department",
    "period",
    "direction",
    "unit",
    "target",
    "actual",
    "actual_metric",
    "numerator",
    "denominator",
    "sd",
    "n",
    "weight",
]


@pytest.fixture
def kpis() -> pd.DataFrame:
    return pd.DataFrame(KPI_ROWS, columns=KPI_COLUMNS).astype(
        {"numerator": "Int64", "denominator": "Int64", "n": "Int64", "actual_metric": "str"}
    )


@pytest.fixture
def areas() -> pd.DataFrame:
    return pd.DataFrame(
        {"stratum": ["产品", "服务"], "n": [1256, 1103], "mean": [4.2, 4.5], "sd": [0.7, 0.5]}
    )


@pytest.fixture
def attained(kpis, areas) -> pd.DataFrame:
    return attainment(resolve_actuals(kpis, satisfaction_mean=areas), scale_maximum=5)


def test_actuals_come_from_fractions_and_from_other_analyses(kpis, areas):
    resolved = resolve_actuals(kpis, satisfaction_mean=areas)
    assert resolved["actual"].tolist() == [4.5, 97.0, 5.0, 29.0, 95.0, 90.0]
    assert resolved["n"].fillna(-1).tolist() == [1103, 1000, 100, -1, 200, 100]


def test_a_series_serves_as_a_metric(kpis, areas):
    resolved = resolve_actuals(kpis, satisfaction_mean=areas.set_index("stratum")["mean"])
    assert resolved["actual"].iloc[0] == 4.5


def test_an_interval_that_the_metric_brings_is_kept(kpis, areas):
    frame = areas.assign(low=[4.1, 4.4], high=[4.3, 4.6])
    attained = attainment(resolve_actuals(kpis, satisfaction_mean=frame)).set_index("stratum")
    assert attained.loc["客户满意度", ["low", "high"]].astype(float).round(6).tolist() == [110.0, 115.0]


def test_an_unknown_metric_is_named_with_those_available(kpis, areas):
    with pytest.raises(DataError, match=r"「satisfaction_mean」不存在；可用：「sla」"):
        resolve_actuals(kpis, sla=areas)


def test_an_unknown_stratum_is_named_with_those_available(kpis, areas):
    with pytest.raises(DataError, match=r"层「服务」不存在；「satisfaction_mean」下有：「产品」"):
        resolve_actuals(kpis, satisfaction_mean=areas.head(1))


def test_a_metric_without_value_column_is_refused(kpis, areas):
    with pytest.raises(DataError, match="没有数值列"):
        resolve_actuals(kpis, satisfaction_mean=areas[["stratum", "n"]])


def test_a_percentage_that_contradicts_its_fraction_is_refused(kpis):
    kpis.loc[1, "actual"] = 90.0
    with pytest.raises(DataError, match="「投诉解决率」的实际值与分子、分母不符"):
        resolve_actuals(kpis)


def test_attainment_by_hand(attained):
    assert attained["stratum"].tolist() == ["客户满意度", "投诉解决率", "上线周期", "响应时间"]
    expected = [112.5, 97 / 92 * 100, 28 / 29 * 100, 80.0]
    assert_series_equal(attained["value"], pd.Series(expected, name="value"))
    assert attained["verdict"].tolist() == ["超额完成", "超额完成", "基本达标", "未达预期"]


def test_bounds_pass_through_the_ratio(attained):
    rows = attained.set_index("stratum")
    low, high = proportion_confint(970, 1000, method="wilson")
    assert rows.loc["投诉解决率", "low"] == pytest.approx(100 * low / 0.92)
    assert rows.loc["投诉解决率", "high"] == pytest.approx(100 * high / 0.92)
    half = 1.9842169515086827 * 2 / 10
    assert rows.loc["响应时间", "low"] == pytest.approx(100 * 4 / (5 + half))
    assert rows.loc["响应时间", "high"] == pytest.approx(100 * 4 / (5 - half))
    assert rows.loc["上线周期", ["low", "high"]].isna().all()


def test_what_can_be_attained_at_most(attained):
    maximum = attained.set_index("stratum")["attainable_maximum"]
    assert maximum["客户满意度"] == 125.0
    assert maximum["投诉解决率"] == pytest.approx(108.6957, abs=1e-4)
    assert maximum[["响应时间", "上线周期"]].isna().all()


def test_ranks_that_overlap_share_a_band():
    rows = [
        (name, "部", "2023", "higher", "score", 4.0, mean, 1.0, 100, 1.0)
        for name, mean in [("甲", 4.5), ("乙", 4.4), ("丙", 3.5)]
    ]
    kpis = pd.DataFrame(
        rows,
        columns=["kpi", "department", "period", "direction", "unit", "target", "actual", "sd", "n", "weight"],
    )
    assert attainment(kpis)["band"].tolist() == [1, 1, 2]


def test_a_wide_interval_at_the_top_does_not_tie_what_others_tell_apart(kpis):
    wide = kpis.iloc[[2, 2, 2]].assign(
        kpi=["甲", "乙", "丙"], direction="higher", actual=[5.0, 4.6, 4.0], n=100, sd=[9.0, 1.0, 1.0]
    )
    assert attainment(wide)["band"].tolist() == [1, 1, 2]


def test_meeting_the_target_and_nearly_meeting_it(kpis):
    actual = [4.0, 28 / 0.95, 28 / 0.949]
    exact = kpis.iloc[[2, 3, 3]].assign(kpi=["甲", "乙", "丙"], actual=actual, sd=np.nan)
    verdicts = attainment(exact).set_index("stratum")["verdict"]
    assert verdicts.to_dict() == {"甲": "超额完成", "乙": "基本达标", "丙": "未达预期"}


def test_zero_outages_meet_a_lower_target_without_a_ratio(kpis):
    attained = attainment(kpis.iloc[[2]].assign(actual=0.0, sd=np.nan))
    assert attained["verdict"].tolist() == ["超额完成"]
    assert attained["value"].isna().all()
    assert attained["band"].isna().all()


def test_an_indicator_without_actual_is_said_to_lack_it(kpis):
    attained = attainment(kpis.iloc[[2]].assign(actual=np.nan))
    assert attained["verdict"].tolist() == ["缺少实际值"]
    assert status_counts(attained)["stratum"].tolist()[-1] == "缺少实际值"


def test_the_same_indicator_in_two_departments_is_two_strata(kpis):
    twice = kpis.iloc[[2, 2]].assign(department=["支持", "研发"])
    assert attainment(twice)["stratum"].tolist() == ["响应时间/支持", "响应时间/研发"]


def test_counts_by_status(attained):
    counts = status_counts(attained)
    expected = pd.DataFrame(
        {"stratum": ["all", "超额完成", "基本达标", "未达预期"], "value": [4, 2, 1, 1], "n": [4, 4, 4, 4]}
    )
    assert_frame_equal(counts, expected)


def test_department_means_are_weighted(attained, kpis):
    table = department_attainment(attained, kpis).set_index("stratum")
    assert table.loc["客服", "value"] == pytest.approx((3 * 112.5 + 97 / 0.92) / 4)
    assert table.loc["客服", "n"] == 2


def test_weight_zero_gives_no_department_mean(attained, kpis):
    table = department_attainment(attained, kpis).set_index("stratum")
    assert np.isnan(table.loc["研发", "value"])
    assert table.loc["研发", "n"] == 0


def test_row_order_is_irrelevant(kpis, areas):
    resolved = resolve_actuals(kpis, satisfaction_mean=areas)
    assert_frame_equal(attainment(resolved), attainment(resolved.iloc[::-1]))


def test_quarters_in_their_order_with_missing_ones_left_out(kpis):
    table = quarterly(resolve_actuals(kpis.iloc[1:]), "投诉解决率")
    assert table["period"].tolist() == ["2023Q1", "2023Q2"]
    assert table["actual"].tolist() == [90.0, 95.0]
    low, high = proportion_confint(np.array([90, 190]), np.array([100, 200]), method="wilson")
    np.testing.assert_allclose(table[["low", "high"]], 100 * np.column_stack([low, high]))


def test_an_indicator_without_quarters_has_no_rows_and_an_unknown_one_is_refused(kpis):
    resolved = resolve_actuals(kpis.iloc[1:])
    assert quarterly(resolved, "响应时间").empty
    with pytest.raises(DataError, match=r"没有指标「响应」；指标表里有：.*「投诉解决率」"):
        quarterly(resolved, "响应")


def test_the_weakest_indicator_is_the_furthest_below_its_target_among_those_with_quarters() -> None:
    attained = pd.DataFrame({"stratum": ["a", "b", "c", "d"], "value": [112.0, 80.0, np.nan, 70.0]})
    quarters = pd.DataFrame({"kpi": ["a", "b", "d"], "period": ["2023Q1", "2023Q2", "2023"]})
    assert weakest(attained, quarters) == "b"
    assert weakest(attained, quarters.iloc[2:]) == "d"
    with pytest.raises(DataError, match="没有一项指标"):
        weakest(attained.assign(value=np.nan), quarters)


def test_an_interval_around_the_target_is_said_to_be_uncertain() -> None:
    attained = pd.DataFrame(
        {
            "stratum": list("abc"),
            "value": [136.0, 105.0, 99.0],
            "low": [99.0, 104.0, np.nan],
            "high": [188.0, 106.0, np.nan],
        }
    )
    assert certainty(attained)["verdict"].tolist() == ["区间含目标", "区间不含目标", "没有区间"]

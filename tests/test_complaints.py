"""Complaints per service, month by month and between years, against scipy and figures worked by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fbanalysis.analysis.complaints import compare_complaint_rates, complaint_rates, total_complaint_rate


def operations(year: int, **months: tuple[float, float]) -> pd.DataFrame:
    rows = [
        (f"{year}-{name[1:]}-01", "month", measure, value)
        for name, pair in months.items()
        for measure, value in zip(("投诉量", "服务量"), pair, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["period_start", "grain", "measure", "value"])
    return table.astype({"period_start": "datetime64[us]"})


THIS = operations(2023, m01=(20, 1000), m02=(0, 0), m03=(10, 1000))
LAST = operations(2022, m01=(50, 1000), m03=(12, 1000), m04=(99, 100))


def test_complaint_rates_are_per_service():
    table = complaint_rates(THIS)
    assert table["stratum"].tolist() == ["2023-01", "2023-02", "2023-03"]
    np.testing.assert_array_equal(table["percent"], [2, np.nan, 1])
    expected = stats.binomtest(20, 1000).proportion_ci(method="wilson")
    assert (table["low"].iloc[0], table["high"].iloc[0]) == pytest.approx(
        (100 * expected.low, 100 * expected.high)
    )


def test_complaint_rates_of_no_measures_are_empty():
    assert complaint_rates(THIS.iloc[:0]).empty
    assert complaint_rates(THIS[THIS["measure"] == "投诉量"]).empty


def test_complaint_rates_are_compared_over_common_months():
    table = compare_complaint_rates(complaint_rates(THIS), complaint_rates(LAST))
    assert table["stratum"].tolist() == ["all", "01", "03"]
    np.testing.assert_allclose(table["value"], [100 * (30 - 62) / 2000, -3, -0.2])
    assert table["verdict"].tolist() == ["下降", "下降", "没有差异"]


def test_the_years_complaint_rate_pools_all_months() -> None:
    rates = pd.DataFrame({"complaints": [10.0, 30.0], "n": [1000.0, 1000.0]})
    whole = total_complaint_rate(rates)
    assert whole.loc[0, ["stratum", "base", "percent"]].tolist() == ["all", 2000.0, 2.0]
    assert whole.loc[0, "low"] < 2.0 < whole.loc[0, "high"]
    assert total_complaint_rate(rates.iloc[:0]).empty

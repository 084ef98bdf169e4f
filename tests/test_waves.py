"""Trends over waves: the straight line against ordinary regression, and what up, level and down need."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from fbanalysis.analysis.significance import trend_over_waves, wave_moments
from fbanalysis.analysis.significance.waves import WAVE_COLUMNS


def moments(means: dict[str, list[float]], *, n: int = 200, sd: float = 0.7) -> pd.DataFrame:
    rows = [
        (name, f"2023Q{i}", n, mean, sd)
        for name, all_of in means.items()
        for i, mean in enumerate(all_of, start=1)
    ]
    return pd.DataFrame(rows, columns=["stratum", "wave", "n", "mean", "sd"])


def test_up_down_level_and_unclear() -> None:
    table = moments(
        {"升": [3.8, 3.9, 4.0, 4.1], "降": [4.1, 4.0, 3.9, 3.8], "平": [4.0, 4.01, 3.99, 4.0]}, n=600
    )
    vague = moments({"难说": [4.0, 4.1, 3.95, 4.08]}, n=60)
    found = trend_over_waves(pd.concat([table, vague])).set_index("stratum")
    assert found["course"].to_dict() == {"升": "上升", "降": "下降", "平": "持平", "难说": "看不出"}
    assert found["verdict"].to_dict() == {"升": "上升", "降": "下降", "平": "没有差异", "难说": "没有差异"}
    assert found.loc["升", ["value", "first_mean", "last_mean", "n", "waves"]].tolist() == pytest.approx(
        [0.3, 3.8, 4.1, 2400, 4]
    )


def test_the_line_is_the_one_of_regression_where_waves_are_alike() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"area": "x", "wave": np.repeat(list("abcd"), 50)})
    frame["score"] = rng.normal(4, 0.7, 200) + 0.05 * frame["wave"].map(ord)
    fit = sm.OLS(frame["score"], sm.add_constant(frame["wave"].map(ord) - ord("a"))).fit()
    found = trend_over_waves(wave_moments(frame, score="score", group="area", wave="wave")).iloc[0]
    assert found["value"] == pytest.approx(3 * fit.params["wave"])
    assert found["p_raw"] == pytest.approx(fit.pvalues["wave"], abs=0.02)


def test_two_waves_are_welchs_test() -> None:
    from scipy.stats import ttest_ind_from_stats

    table = pd.DataFrame(
        {"stratum": "x", "wave": ["a", "b"], "n": [40, 60], "mean": [4.0, 4.3], "sd": [0.9, 0.5]}
    )
    found = trend_over_waves(table).iloc[0]
    expected = ttest_ind_from_stats(4.3, 0.5, 60, 4.0, 0.9, 40, equal_var=False)
    assert (found["value"], found["statistic"], found["p_raw"]) == pytest.approx(
        (0.3, expected.statistic, expected.pvalue)
    )


def test_a_wave_that_is_missing_leaves_its_gap() -> None:
    table = pd.concat(
        [moments({"x": [4.0, 4.1, 4.2, 4.3]}), moments({"y": [4.0, 4.1, 4.2, 4.3]}).iloc[[0, 1, 3]]]
    )
    assert trend_over_waves(table)["value"].tolist() == pytest.approx([0.3, 0.3])


def test_small_waves_one_wave_and_nothing() -> None:
    table = pd.concat(
        [moments({"小": [4.0, 4.9]}, n=10), moments({"单": [4.0]}), moments({"同": [4.0, 4.5]}, sd=0.0)]
    )
    found = trend_over_waves(table).set_index("stratum")
    assert found["verdict"].to_dict() == {"小": "基数不足", "单": "基数不足", "同": "无法检验"}
    assert trend_over_waves(table.iloc[:0]).columns.tolist() == WAVE_COLUMNS
    empty = pd.DataFrame({"area": [], "score": [], "wave": []})
    assert wave_moments(empty, score="score", group="area", wave="wave").empty

"""Shares of explained variance, against all orders of entering, published values and statsmodels."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.outliers_influence import variance_inflation_factor

from fbanalysis.analysis.customers.drivers import (
    compare_waves,
    driver_scores,
    explain,
    importance_performance,
    johnson_weights,
    lmg,
    surveys_with_overall,
)
from fbanalysis.errors import DataError

# Correlations of Chatterjee & Price's survey of clerks (R's data set attitude), as cor(attitude) prints them;
# rating last. The shares are those of relaimpo::calc.relimp(lm(rating ~ ., attitude), type = "lmg").
NAMES = ["complaints", "privileges", "learning", "raises", "critical", "advance"]
ATTITUDE = np.array(
    [
        [1.0000000, 0.5582882, 0.5967358, 0.6691975, 0.1877143, 0.2245796, 0.8254176],
        [0.5582882, 1.0000000, 0.4933310, 0.4454779, 0.1472331, 0.3432934, 0.4261169],
        [0.5967358, 0.4933310, 1.0000000, 0.6403144, 0.1159652, 0.5316198, 0.6236782],
        [0.6691975, 0.4454779, 0.6403144, 1.0000000, 0.3768830, 0.5741862, 0.5901390],
        [0.1877143, 0.1472331, 0.1159652, 0.3768830, 1.0000000, 0.2833432, 0.1564392],
        [0.2245796, 0.3432934, 0.5316198, 0.5741862, 0.2833432, 1.0000000, 0.1550863],
        [0.8254176, 0.4261169, 0.6236782, 0.5901390, 0.1564392, 0.1550863, 1.0000000],
    ]
)
LMG = [0.37081614, 0.05090379, 0.15576599, 0.12034508, 0.00658872, 0.02818221]
JOHNSON = [0.36276020, 0.05600228, 0.16361091, 0.12178040, 0.00825547, 0.02019274]


def made(n: int = 400, *, weights: tuple[float, ...] = (0.8, 0.4, 0.1, 0.0), seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    items = np.clip(np.round(3.5 + 0.5 * common + 0.8 * rng.normal(size=(n, len(weights)))), 1, 5)
    frame = pd.DataFrame(items, columns=[f"项{place}" for place in range(len(weights))])
    frame["outcome"] = np.round(items @ np.array(weights) + 0.7 * rng.normal(size=n))
    return frame


def r_squared(frame: pd.DataFrame, names: list[str]) -> float:
    return sm.OLS(frame["outcome"], sm.add_constant(frame[names])).fit().rsquared if names else 0.0


def test_published_shares_of_the_clerks() -> None:
    np.testing.assert_allclose(lmg(ATTITUDE[None])[0], LMG, atol=2e-6)
    np.testing.assert_allclose(johnson_weights(ATTITUDE[None])[0], JOHNSON, atol=2e-6)
    assert lmg(ATTITUDE[None]).sum() == pytest.approx(0.7326020, abs=2e-6)


def test_lmg_is_the_mean_over_all_orders_of_entering() -> None:
    frame = made()
    names = [name for name in frame if name != "outcome"]
    gains = dict.fromkeys(names, 0.0)
    orders = list(permutations(names))
    for order in orders:
        for place, name in enumerate(order):
            gains[name] += r_squared(frame, list(order[: place + 1])) - r_squared(frame, list(order[:place]))
    table = explain(frame, seed=1, draws=20).table.set_index("stratum")
    for name in names:
        assert table.loc[name, "lmg"] == pytest.approx(gains[name] / len(orders), abs=1e-9)


def test_regression_and_inflation_as_statsmodels_gives_them() -> None:
    frame = made()
    names = [name for name in frame if name != "outcome"]
    found = explain(frame, seed=1, draws=20)
    z = (frame - frame.mean()) / frame.std()
    fit = sm.OLS(z["outcome"], sm.add_constant(z[names])).fit(cov_type="HC3", use_t=True)
    table = found.table.set_index("stratum").loc[names]
    np.testing.assert_allclose(table["beta"], fit.params[names])
    np.testing.assert_allclose(table[["beta_low", "beta_high"]], fit.conf_int().loc[names])
    np.testing.assert_allclose(table["p_raw"], fit.pvalues[names], atol=1e-12)
    assert found.r2 == pytest.approx(100 * fit.rsquared)
    assert found.r2_adjusted == pytest.approx(100 * fit.rsquared_adj)
    design = sm.add_constant(frame[names]).to_numpy()
    np.testing.assert_allclose(
        table["vif"], [variance_inflation_factor(design, i + 1) for i in range(len(names))]
    )


def test_intervals_hold_the_values_and_the_strongest_stands_first() -> None:
    found = explain(made(), seed=1)
    table = found.table
    assert table["stratum"].tolist()[:2] == ["项0", "项1"]
    for name in ("lmg", "johnson"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[f"{name}_high"] >= table[name]).all()
    assert (table["low"] < table["value"]).all()
    assert found.r2_low < found.r2 < found.r2_high
    assert table["value"].sum() == pytest.approx(100)
    assert explain(made(), seed=1).table.equals(table), "the same seed draws the same"


def test_drawing_moments_agrees_with_drawing_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = made(3000)
    rows = explain(frame, seed=1, draws=1500).table
    monkeypatch.setattr("fbanalysis.analysis.customers.drivers.MOST_RESAMPLED", 100)
    moments = explain(frame, seed=1, draws=1500).table
    np.testing.assert_allclose(moments[["low", "high"]], rows[["low", "high"]], atol=0.6)


def test_bootstrap_covers_the_share_of_the_population() -> None:
    truth = explain(made(200_000, seed=0), seed=1).table.set_index("stratum")["value"]
    hits = []
    for seed in range(60):
        table = explain(made(300, seed=100 + seed), seed=seed, draws=200).table.set_index("stratum")
        hits.append(table.loc["项0", "low"] <= truth["项0"] <= table.loc["项0", "high"])
    assert np.mean(hits) > 0.85


def test_a_doubled_driver_is_warned_of_and_shares_its_weight() -> None:
    frame = made()
    twin = explain(frame.assign(孪生=frame["项0"]), seed=1, draws=50)
    table = twin.table.set_index("stratum")
    assert "高度相关" in twin.caution
    assert table.loc["孪生", "lmg"] == pytest.approx(table.loc["项0", "lmg"])
    assert np.isinf(table.loc["孪生", "vif"])
    assert table["beta"].isna().all()
    assert set(table["verdict"]) == {"无法检验"}
    assert twin.r2 == pytest.approx(explain(frame, seed=1, draws=50).r2)


def test_edges() -> None:
    empty = explain(pd.DataFrame({"outcome": [], "项": []}, dtype="float64"), seed=1)
    assert (empty.n, len(empty.table), empty.caution) == (0, 0, "基数不足")
    assert "value" in empty.table
    flat = made().assign(outcome=3.0)
    assert explain(flat, seed=1).table.empty
    constant = explain(made().assign(同=4.0), seed=1, draws=20)
    assert "同" not in set(constant.table["stratum"])
    few = explain(made(12), seed=1)
    assert few.table["low"].isna().all()
    assert set(few.table["verdict"]) == {"基数不足"}
    assert "样本不够" in few.caution
    holes = made().astype(float)
    holes.iloc[:7, 0] = np.nan
    assert (explain(holes, seed=1, draws=20).n, explain(holes, seed=1, draws=20).dropped) == (393, 7)
    with pytest.raises(DataError, match="自变量 13 个"):
        explain(made(weights=(0.1,) * 13), seed=1)


def test_answers_are_put_beside_the_overall_score_of_the_same_people() -> None:
    ratings = pd.DataFrame(
        [
            ("问卷", "a", "快", 4.0),
            ("问卷", "a", "好", 5.0),
            ("问卷", "b", "快", 2.0),
            ("别的", "c", "快", 1.0),
        ],
        columns=["survey", "respondent_id", "item", "score"],
    )
    feedback = pd.DataFrame(
        {
            "respondent_id": ["a", "a", "c"],
            "overall_score": [3.0, 5.0, 4.0],
            "submitted_at": pd.to_datetime(["2023-02-01", "2023-01-01", "2023-01-01"]),
        }
    )
    wide = driver_scores(ratings, feedback, survey="问卷")
    assert wide.to_dict("list") == {"outcome": [5.0], "快": [4.0], "好": [5.0]}
    assert list(surveys_with_overall(ratings, feedback)) in (["问卷", "别的"], ["别的", "问卷"])
    assert list(surveys_with_overall(ratings.iloc[:0], feedback)) == []


def test_fields_and_whether_they_are_certain() -> None:
    table = pd.DataFrame(
        {
            "stratum": ["甲", "乙", "丙", "丁"],
            "n": 900,
            "value": [40.0, 35.0, 15.0, 10.0],
            "low": [35.0, 20.0, 10.0, 5.0],
            "high": [45.0, 50.0, 20.0, 15.0],
            "mean": [3.0, 4.0, 3.2, 4.2],
            "mean_low": [2.9, 3.9, 3.1, 4.1],
            "mean_high": [3.1, 4.1, 3.3, 4.3],
            "gap": [-0.6, 0.4, -0.4, 0.6],
            "gap_low": [-0.7, 0.3, -0.5, 0.5],
            "gap_high": [-0.5, 0.5, -0.3, 0.7],
        }
    )
    found = importance_performance(table)
    assert found["field"].tolist() == ["优先改进", "保持", "次要", "过剩"]
    assert found["is_certain"].tolist() == [True, False, True, True], "乙's importance may lie below 25"
    assert found["importance_split"].unique().tolist() == [25.0]
    assert importance_performance(table.iloc[:0]).empty
    unknown = importance_performance(table.assign(low=np.nan, high=np.nan))
    assert not unknown["is_certain"].any()


def test_waves_alike_have_no_difference_and_other_weights_have() -> None:
    now, same = (explain(made(1500, seed=seed), seed=1, draws=200) for seed in (3, 4))
    assert set(compare_waves(now, same)["verdict"]) == {"没有差异"}
    other = explain(made(1500, weights=(0.1, 0.8, 0.4, 0.0), seed=5), seed=1, draws=200)
    table = compare_waves(now, other).set_index("stratum")
    assert table.loc["项0", "verdict"] == "上升"
    assert table.loc["项1", "verdict"] == "下降"
    assert (table["low"] < table["value"]).all()
    nothing = explain(made(0), seed=1)
    assert compare_waves(now, nothing).empty


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_shares_sum_to_r2_and_are_not_negative(seed: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    related = np.corrcoef(rng.normal(size=(30, p + 1)) @ rng.normal(size=(p + 1, p + 1)), rowvar=False)[None]
    inner, outer = related[0, :-1, :-1], related[0, :-1, -1]
    r2 = outer @ np.linalg.pinv(inner) @ outer
    for shares in (lmg(related), johnson_weights(related)):
        assert shares.sum() == pytest.approx(r2, abs=1e-6)
        assert (shares > -1e-9).all()

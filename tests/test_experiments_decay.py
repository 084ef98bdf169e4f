"""Whether an effect wears off: planted decay is found, what lasts and what is too short is told apart."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from test_experiments_did import EMPTY, pilot

from fbanalysis.analysis.experiments import decay, half_life, panel, pilot_effects
from fbanalysis.analysis.experiments.decay import NO_EFFECT, STRONGER, TOO_SHORT, WEAKER


def fading(
    rate: float, *, effect: float = -3.0, months: int = 14, units: int = 24, seed: int = 0
) -> pd.DataFrame:
    """A pilot from month six on whose effect is worth exp(−rate) of itself each month."""
    rows = pilot(units, units, months=months, start=6, noise=0.3, seed=seed)
    since = rows.groupby("unit_id").cumcount() - 6
    is_hit = rows["arm"].eq("treatment") & (since >= 0)
    return rows.assign(
        value=rows["value"] + np.where(is_hit, effect * np.exp(-rate * since.clip(lower=0)), 0)
    )


def judged(rows: pd.DataFrame) -> pd.Series:
    return decay(rows, pilot_effects(rows)).iloc[0]


def test_planted_half_life_is_found() -> None:
    row = judged(fading(0.2))
    assert row["verdict"] == WEAKER
    assert row["half_low"] < np.log(2) / 0.2 < row["half_high"]
    assert row["half_life"] == pytest.approx(np.log(2) / 0.2, rel=0.15)
    assert row["initial"] == pytest.approx(-3.0, abs=0.3)
    assert (row["periods"], round(row["months"])) == (8, 8)


def test_without_noise_the_half_life_is_exact() -> None:
    rows = fading(0.1)
    rows["value"] = np.where(
        rows["arm"].eq("treatment"), -3 * np.exp(-0.1 * (rows.groupby("unit_id").cumcount() - 6)), 0
    )
    rows["value"] = rows["value"].where(rows["phase"].eq("after"), 0.0)
    first, life, _, _ = half_life(panel(rows))
    assert [first, life] == pytest.approx([-3, np.log(2) / 0.1])


def test_slope_is_that_of_the_units() -> None:
    rows = fading(0.2, units=5)
    row = judged(rows)
    late = rows[rows["phase"] == "after"].assign(t=lambda made: made.groupby("unit_id").cumcount())
    slope = late.groupby(["arm", "unit_id"])[["t", "value"]].apply(
        lambda part: np.polyfit(part["t"], part["value"], 1)[0]
    )
    test = stats.ttest_ind(slope["treatment"], slope["control"], equal_var=False)
    assert row["value"] == pytest.approx(slope["treatment"].mean() - slope["control"].mean())
    assert [row["low"], row["high"]] == pytest.approx(list(test.confidence_interval()))


def test_what_lasts_or_grows_has_no_half_life() -> None:
    lasting, growing = judged(fading(0.0)), judged(fading(-0.1))
    assert (lasting["verdict"], growing["verdict"]) == ("没有差异", STRONGER)
    assert np.isnan([lasting["half_life"], growing["half_life"]]).all()


def test_under_six_months_nothing_is_said() -> None:
    row = judged(fading(0.5, months=11))
    assert (row["verdict"], row["periods"]) == (TOO_SHORT, 5)
    assert np.isnan(row["p"])
    assert judged(fading(0.5, months=12))["verdict"] == WEAKER


def test_six_weeks_are_no_six_months() -> None:
    rows = fading(0.5, months=12)
    week = rows.groupby("unit_id").cumcount()
    rows["period_start"] = pd.Timestamp("2023-01-02") + pd.to_timedelta(7 * week, unit="D")
    assert judged(rows)["verdict"] == TOO_SHORT


def test_without_an_effect_there_is_nothing_to_wear_off() -> None:
    row = judged(pilot(24, 24, months=14, start=6))
    assert (row["verdict"], np.isnan(row["half_life"])) == (NO_EFFECT, True)


def test_few_units_and_no_rows() -> None:
    assert judged(fading(0.5, units=2))["verdict"] == "基数不足"
    assert decay(EMPTY, pilot_effects(EMPTY)).empty


def test_several_pilots_keep_their_order_and_are_one_family() -> None:
    rows = pd.concat([fading(0.0), fading(0.3).assign(experiment="试点乙")])
    table = decay(rows, pilot_effects(rows))
    assert table["verdict"].tolist() == ["没有差异", WEAKER]
    assert table["p"].iloc[1] == pytest.approx(2 * table["p_raw"].iloc[1])

"""Stages of the relation and of the journey, against figures worked by hand and scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fbanalysis.analysis.customers.stages import (
    against_the_others,
    count_groups,
    customer_scores,
    drop_off,
    journey_scores,
    last_activity,
    life_stages,
    scores_by_group,
    shares_by_group,
    stage_order,
    tenure_bands,
    usage_bands,
)
from fbanalysis.analysis.intervals import wilson_interval

AS_OF = "2023-12-31"
CUSTOMERS = pd.DataFrame(
    [
        ("老", "2015-01-01", None, "在用", 9),
        ("新", "2023-07-04", None, "在用", 1),  # 180 days before the end
        ("近新", "2023-07-03", None, "在用", 3),  # 181 days: no longer new
        ("静", "2018-01-01", None, "在用", None),
        ("走", "2023-08-01", "2023-10-01", "流失", 3),
        ("无", None, None, "在用", 2),
    ],
    columns=["customer_id", "since", "churned_at", "status", "active_users"],
).astype({"since": "datetime64[us]", "churned_at": "datetime64[us]", "active_users": "Int64"})


def seen(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer_id", "at"]).astype({"at": "datetime64[us]"})


def test_last_sign_of_life_over_all_tables() -> None:
    orders = seen(("老", "2023-03-01"), ("老", "2023-09-01")).rename(columns={"at": "ordered_at"})
    tickets = seen(("老", "2023-10-01"), ("静", "2022-01-01")).rename(columns={"at": "created_at"})
    last = last_activity({"ordered_at": orders, "created_at": tickets})
    assert last.to_dict() == {"老": pd.Timestamp("2023-10-01"), "静": pd.Timestamp("2022-01-01")}
    assert last_activity({}).empty


def test_stages_at_their_cut_offs() -> None:
    activity = seen(("老", "2023-07-04"), ("近新", "2023-07-03"), ("静", "2022-01-01"), ("无", "2024-01-05"))
    stages = life_stages(CUSTOMERS, activity.set_index("customer_id")["at"], as_of=AS_OF)
    assert stages.set_index("customer_id")["stage"].to_dict() == {
        "老": "活跃",  # quiet for 180 days
        "新": "新客",
        "近新": "沉默",  # quiet for 181
        "静": "沉默",
        "走": "流失",
        "无": "沉默",  # what comes after the end is not known at it
    }
    assert stages["quiet_days"].iloc[:3].tolist()[0] == 180
    nobody = life_stages(CUSTOMERS.iloc[:0], activity.set_index("customer_id")["at"], as_of=AS_OF)
    assert nobody.empty


def test_bands_hold_their_upper_end_and_missing_stay_missing() -> None:
    bands = tenure_bands(CUSTOMERS, as_of=AS_OF)
    assert bands.tolist()[:5] == ["五年以上", "不足一年", "不足一年", "五年以上", "不足一年"]
    assert pd.isna(bands.iloc[5])
    early = tenure_bands(CUSTOMERS, as_of="2023-01-01")
    assert early.iloc[[1, 2, 4]].isna().all(), "they came later"
    stayed = tenure_bands(CUSTOMERS.assign(churned_at=pd.NaT), as_of="2023-09-01")
    assert tenure_bands(CUSTOMERS, as_of="2023-09-01").equals(stayed), "who leaves later is not known yet"
    used = usage_bands(CUSTOMERS)
    assert used.iloc[0] == "使用多"
    assert used.iloc[1] == "使用少"
    assert used.iloc[2] == used.iloc[4], "the same number of users, the same band"
    assert pd.isna(used.iloc[3])


def test_groups_are_counted_in_order() -> None:
    table = count_groups(pd.Series(["乙", "甲", "甲", None]), order=["甲", "乙", "丙"])
    assert table.to_dict("list") == {"stratum": ["甲", "乙"], "n": [2, 1], "percent": [200 / 3, 100 / 3]}
    assert count_groups(pd.Series([], dtype="str")).empty


FEEDBACK = pd.DataFrame(
    [
        ("老", "表扬", 5.0),
        ("老", "表扬", 3.0),
        ("老", "建议", None),
        ("新", "问题反映", 2.0),
        (None, "表扬", 5.0),
        ("外", "表扬", 1.0),
    ],
    columns=["customer_id", "kind", "overall_score"],
)


def test_a_customer_who_speaks_often_counts_once() -> None:
    scores = customer_scores(FEEDBACK, pd.Series({"老": "甲", "新": "乙"}))
    assert scores.set_index("customer_id")["score"].to_dict() == {"老": 4.0, "新": 2.0}
    assert scores.set_index("customer_id").loc["老", ["is_praise", "is_problem"]].tolist() == [True, False]
    table = scores_by_group(scores, order=["乙", "甲", "丙"])
    assert table["stratum"].tolist() == ["乙", "甲"]
    assert table["low"].isna().all(), "one customer has no interval"
    none = customer_scores(FEEDBACK.iloc[:0], pd.Series({"老": "甲"}))
    assert scores_by_group(none).empty
    assert shares_by_group(none, "is_praise").empty


def test_shares_by_group_and_their_test_by_hand() -> None:
    scores = pd.DataFrame(
        {
            "group": ["甲"] * 80 + ["乙"] * 70,
            "is_praise": [True] * 48 + [False] * 32 + [True] * 56 + [False] * 14,
        }
    )
    table = shares_by_group(scores, "is_praise", order=["甲", "乙"]).set_index("stratum")
    assert table["percent"].tolist() == [60.0, 80.0]
    np.testing.assert_allclose(table.loc["甲", ["low", "high"]].astype(float), wilson_interval(48, 80))
    assert table["difference"].tolist() == [-20.0, 20.0]
    np.testing.assert_allclose(
        table.loc["乙", ["difference_low", "difference_high"]].astype(float), [5.24, 33.39], atol=0.01
    )
    assert table["verdict"].tolist() == ["较低", "较高"]
    chi2 = stats.chi2_contingency([[48, 32], [56, 14]], correction=False)
    np.testing.assert_allclose(table["p_raw"], [chi2.pvalue] * 2)


def test_a_group_without_others_or_of_few_is_not_judged() -> None:
    assert against_the_others(np.array([5]), np.array([50]))["verdict"].tolist() == ["基数不足"]
    assert against_the_others(np.array([5, 20]), np.array([10, 90]))["verdict"].tolist() == ["基数不足"] * 2


def trips(*rows: tuple[str, str, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer_id", "stage", "happened_at", "score"]).astype(
        {"happened_at": "datetime64[us]", "score": "float64"}
    )


WAY = trips(
    ("a", "问", "2023-01-01", 5.0),
    ("a", "买", "2023-02-01", 3.0),
    ("a", "用", "2023-03-01", 4.0),
    ("b", "问", "2023-06-01", 4.0),
    ("b", "用", "2023-08-01", 4.0),  # skipped a stage
    ("c", "问", "2023-01-05", None),
    ("d", "问", "2023-12-20", 5.0),  # still on the way
)


def test_order_comes_from_each_customers_own_way() -> None:
    assert stage_order(WAY) == ["问", "买", "用"]
    late = trips(
        ("x", "用", "2023-01-01", 1.0), ("y", "问", "2023-12-01", 1.0), ("y", "用", "2023-12-09", 1.0)
    )
    assert stage_order(late) == ["问", "用"], "the dates of other customers don't matter"
    assert stage_order(WAY.iloc[:0]) == []


def test_drop_off_by_hand() -> None:
    table = drop_off(WAY, as_of=AS_OF, order=["问", "买", "用"]).set_index("stratum")
    assert table["reached"].tolist() == [4, 2, 2]
    assert table["reached_percent"].tolist() == [100.0, 50.0, 50.0]
    assert table["open"].tolist() == [1, 0, 0]
    assert table["n"].tolist() == [3, 2, 0]
    assert table["stopped"].tolist() == [1, 0, 0]
    np.testing.assert_allclose(table["percent"], [100 / 3, 0, np.nan])
    assert drop_off(WAY.iloc[:0], as_of=AS_OF).empty


def test_scores_against_the_rest_are_paired() -> None:
    rng = np.random.default_rng(8)
    mood = rng.normal(size=60)
    rows = [
        (f"K{who}", stage, "2023-01-01", 3 + mood[who] + shift + 0.3 * rng.normal())
        for who in range(60)
        for stage, shift in (("问", 0.0), ("买", -0.5), ("用", 0.0))
        if not (stage == "用" and who > 40)
    ]
    journey = trips(*rows)
    table = journey_scores(journey, scale_maximum=5, order=["问", "买", "用"]).set_index("stratum")
    wide = journey.pivot(index="customer_id", columns="stage", values="score")
    rest = wide[["问", "用"]].mean(axis=1)
    expected = stats.ttest_rel(wide["买"], rest)
    assert table.loc["买", "p_raw"] == pytest.approx(expected.pvalue)
    assert table.loc["买", "value"] == pytest.approx((wide["买"] - rest).mean())
    np.testing.assert_allclose(
        table.loc["买", ["value_low", "value_high"]].astype(float), expected.confidence_interval()
    )
    assert table["verdict"].tolist() == ["较高", "较低", "较高"] or table.loc["买", "verdict"] == "较低"
    assert table["n"].tolist() == [60, 60, 41]
    assert table.loc["用", "mean"] == pytest.approx(wide["用"].mean())


def test_journeys_of_few_or_without_spread() -> None:
    one = journey_scores(WAY, scale_maximum=5).set_index("stratum")
    assert set(one["verdict"]) == {"基数不足"}
    same = trips(*[(f"K{who}", stage, "2023-01-01", 4.0) for who in range(40) for stage in "问买"])
    assert set(journey_scores(same, scale_maximum=5)["verdict"]) == {"没有差异"}
    alone = trips(*[(f"K{who}", "问", "2023-01-01", 4.0) for who in range(40)])
    assert journey_scores(alone, scale_maximum=5)["verdict"].tolist() == ["基数不足"]
    assert journey_scores(WAY.iloc[:0], scale_maximum=5).empty
    assert journey_scores(same, scale_maximum=5)["percent_top2"].tolist() == [100.0, 100.0]

"""Leaving, against Freireich's patients, statsmodels and figures worked by hand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from fbanalysis.analysis.customers.churn import (
    at_time,
    beside_published,
    churn_by,
    churn_hazard,
    churn_rates,
    durations,
    hazards_table,
    landmarks,
    log_rank,
    median_time,
    open_at_leaving,
    repurchase,
    restricted_mean,
    retention_by_month,
    survival,
)

YEAR = {"start": "2023-01-01", "end": "2023-12-31"}

# Weeks of remission of 42 children with leukaemia, 0 = still in remission (Freireich et al. 1963, Blood 21: 699;
# printed in Cox 1972, JRSS B 34: 187, table 1)
MERCAPTOPURINE = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [1] * 9 + [0] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
CHILDREN = pd.DataFrame(
    {
        "time": MERCAPTOPURINE + PLACEBO,
        "event": RELAPSED + [1] * 21,
        "stratum": ["6-MP"] * 21 + ["placebo"] * 21,
    }
)


def test_published_curve_of_the_children() -> None:
    curve = survival(CHILDREN[CHILDREN["stratum"] == "6-MP"]).set_index("time")
    # Lawless (1982), Statistical Models and Methods for Lifetime Data, example 2.1.1
    np.testing.assert_allclose(
        curve["percent"].to_numpy(), [100, 85.7, 80.7, 75.3, 69.0, 62.7, 53.8, 44.8], atol=0.06
    )
    assert curve["at_risk"].tolist() == [21, 21, 17, 15, 12, 11, 7, 6]
    assert median_time(curve.reset_index())["median"] == 23
    assert median_time(survival(CHILDREN[CHILDREN["stratum"] == "placebo"]))["median"] == 8


def test_published_log_rank_of_the_children() -> None:
    found = log_rank(CHILDREN, minimum_base=10)
    assert found.statistic == pytest.approx(
        16.79, abs=0.005
    )  # Cox & Oakes (1984), Analysis of Survival Data, p. 104
    assert found.groups.set_index("stratum")["expected"].round(2).to_dict() == {
        "6-MP": 19.25,
        "placebo": 10.75,
    }
    assert found.verdict == "有差异"


def test_median_is_the_middle_where_the_curve_lies_on_half() -> None:
    times = pd.DataFrame({"time": [1, 2, 5, 9], "event": [1, 1, 1, 1]})
    assert median_time(survival(times))["median"] == 3.5


def test_curve_test_and_late_entry_as_statsmodels_gives_them() -> None:
    rng = np.random.default_rng(6)
    times = pd.DataFrame({"time": rng.integers(5, 60, 300).astype(float), "event": rng.integers(0, 2, 300)})
    times["entry"] = np.where(
        rng.random(300) < 0.5, 0.0, np.minimum(rng.integers(0, 40, 300), times["time"] - 1)
    )
    times["stratum"] = rng.choice(list("甲乙丙"), 300)
    for entry in (None, "entry"):
        late = {} if entry is None else {"entry": times["entry"]}
        theirs = SurvfuncRight(times["time"], times["event"], **late)
        ours = survival(times, entry=entry).set_index("time").iloc[1:]
        expected = pd.Series(100 * theirs.surv_prob, index=theirs.surv_times).reindex(ours.index)
        np.testing.assert_allclose(ours["percent"], expected)
        chi2, p = survdiff(times["time"], times["event"], times["stratum"], **late)
        found = log_rank(times, entry=entry)
        assert (found.statistic, found.p) == pytest.approx((chi2, p))


def test_limits_and_area_by_hand() -> None:
    times = pd.DataFrame({"time": [2, 4, 4, 6], "event": [1, 1, 0, 0]})
    curve = survival(times)
    share, se = 0.5, 0.5 * np.sqrt(1 / (4 * 3) + 1 / (3 * 2))
    half = 1.959964 * se / (share * np.log(share))
    last = at_time(curve, 99)
    assert last["percent"] == pytest.approx(50)
    assert (last["low"], last["high"]) == pytest.approx(
        (100 * share ** np.exp(-half), 100 * share ** np.exp(half))
    )
    assert last["low"] < 50 < last["high"]
    assert at_time(curve, 3)["percent"] == 75
    assert restricted_mean(curve, until=6) == pytest.approx(2 + 2 * 0.75 + 2 * 0.5)
    assert restricted_mean(curve, until=3) == pytest.approx(2 + 0.75)


def test_curves_without_events_or_rows() -> None:
    nobody = survival(CHILDREN.iloc[:0])
    assert nobody["percent"].tolist() == [100.0]
    assert np.isnan(median_time(nobody)["median"])
    stayed = CHILDREN.assign(event=0)
    assert survival(stayed)["percent"].tolist() == [100.0]
    assert log_rank(stayed, minimum_base=10).verdict == "无法检验"
    assert log_rank(CHILDREN).verdict == "基数不足"
    assert log_rank(CHILDREN.iloc[:0]).verdict == "基数不足"


def customers_of(*rows: tuple[str, str, str | None, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "since", "churned_at", "contract_cny_10k"])
    frame = frame.astype(
        {"since": "datetime64[us]", "churned_at": "datetime64[us]", "contract_cny_10k": "float64"}
    )
    return frame.assign(size=["大", "小"] * (len(frame) // 2) + ["大"] * (len(frame) % 2), stratum="核心")


FEW = customers_of(
    ("a", "2020-01-01", None, 10.0),
    ("b", "2020-01-01", "2023-06-01", 20.0),
    ("c", "2020-01-01", "2022-06-01", 5.0),  # left before the period
    ("d", "2024-02-01", None, 5.0),  # came after it
    ("e", "2023-07-01", "2023-12-31", None),
    ("f", "2023-07-01", "2024-01-01", 7.0),  # left after it
)


def test_rates_count_those_who_were_there() -> None:
    [row] = churn_rates(FEW, **YEAR).to_dict("records")
    assert (row["n"], row["churned"], row["percent"]) == (4, 2, 50.0)
    assert (row["lost"], row["contracts"], row["unknown"]) == (20.0, 37.0, 1)
    by = churn_rates(FEW, by="size", **YEAR).set_index("stratum")
    assert by["n"].sum() == 4
    assert set(by["verdict"]) == {"基数不足"}
    assert churn_rates(FEW.iloc[:0], **YEAR).empty
    assert churn_rates(FEW.iloc[:0], by="size", **YEAR).empty


def test_ways_to_group_are_one_family_of_tests() -> None:
    rows = [(f"K{i}", "2020-01-01", "2023-06-01" if i % 2 and i < 60 else None, 1.0) for i in range(400)]
    customers = customers_of(*rows).assign(region=["北", "南", "北", "南"] * 100)
    table = churn_by(customers, {"规模": "size", "地区": "region"}, **YEAR).set_index("stratum")
    assert table.index.tolist() == ["规模·小", "规模·大", "地区·南", "地区·北"]
    assert table.loc["规模·小", "percent"] == 15.0
    np.testing.assert_allclose(table["p"], np.minimum(4 * table["p_raw"], 1))
    assert table["verdict"].tolist() == ["较高", "较低", "较高", "较低"]
    assert churn_by(customers.iloc[:0], {"规模": "size"}, **YEAR).empty


def test_time_runs_with_the_calendar_and_newcomers_enter_late() -> None:
    times = durations(FEW, **YEAR).set_index("customer_id")
    assert times.index.tolist() == ["a", "b", "e", "f"]
    assert times["entry"].tolist() == [0, 0, 181, 181]
    assert times["time"].tolist() == [364, 151, 364, 364]
    assert times["event"].tolist() == [0, 1, 1, 0]
    same_day = durations(customers_of(("x", "2023-05-01", "2023-05-01", 1.0)), **YEAR)
    assert (same_day["time"] > same_day["entry"]).all()


def tickets_of(*rows: tuple[str | None, str, str | None, str | None]) -> pd.DataFrame:
    names = ["customer_id", "created_at", "first_response_at", "resolved_at"]
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[1:], "datetime64[us]"))


def test_only_what_was_known_on_the_day_counts() -> None:
    customers = customers_of(("a", "2020-01-01", None, 1.0), ("b", "2020-01-01", "2023-05-01", 1.0))
    tickets = tickets_of(
        ("a", "2023-03-31 12:00", "2023-04-02 12:00", None),  # unanswered on 1 April: 12 hours so far
        ("a", "2023-04-02", "2023-04-02 01:00", "2023-04-03"),
        ("b", "2023-03-01", "2023-03-01 02:00", "2023-04-20"),
        ("b", "2023-03-05", "2023-03-05 04:00", "2023-03-06"),
        (None, "2023-03-05", None, None),
    )
    table = landmarks(customers, tickets, back_days=90, **YEAR).set_index(["customer_id", "landmark"])
    first = pd.Timestamp("2023-04-01")
    assert table.loc[("a", first)].tolist() == [1, 12.0, 1, 0]
    assert table.loc[("b", first)].tolist() == [2, 3.0, 1, 1]
    assert ("b", pd.Timestamp("2023-07-01")) not in table.index, "who has left is no longer looked at"
    assert table.loc[("a", pd.Timestamp("2023-07-01")), "hours"] == 1.0
    assert landmarks(customers, tickets.iloc[:0], **YEAR).empty


def test_waiting_that_only_stayers_can_have_makes_no_hazard() -> None:
    """Immortal time: tickets are as slow for all, those who stay have more of them."""
    rng = np.random.default_rng(3)
    size = 3000
    left = np.where(rng.random(size) < 0.4, rng.integers(1, 364, size), 10_000)
    ids = np.array([f"K{i}" for i in range(size)])
    day = pd.Timestamp("2023-01-01")
    customers = pd.DataFrame(
        {
            "customer_id": ids,
            "since": pd.Timestamp("2020-01-01"),
            "churned_at": pd.Series(day + pd.to_timedelta(np.minimum(left, 400), unit="D")).where(left < 400),
        }
    )
    who, at = rng.integers(0, size, 9000), rng.integers(0, 364, 9000)
    kept = at < left[who]
    created = day + pd.to_timedelta(at[kept] * 24.0 + 9, unit="h")
    response = created + pd.to_timedelta(rng.exponential(4, kept.sum()), unit="h")
    tickets = pd.DataFrame(
        {
            "customer_id": ids[who[kept]],
            "created_at": created,
            "first_response_at": response,
            "resolved_at": response,
        }
    )
    seen = landmarks(customers, tickets, **YEAR)
    found = churn_hazard(seen, exposure="hours")
    assert found.low < 1 < found.high
    assert found.verdict == "没有差异"


def seen_of(n: int, *, slope: float, seed: int = 4, level: float = -2.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"tickets": rng.integers(1, 5, n), "hours": rng.exponential(4, n)})
    frame["landmark"] = rng.choice(pd.to_datetime(["2023-04-01", "2023-07-01"]), n)
    odds = np.exp(level + slope * frame["hours"])
    return frame.assign(churned=(rng.random(n) < odds / (1 + odds)).astype(int))


def test_hazard_as_a_logistic_regression_gives_it() -> None:
    seen = seen_of(3000, slope=0.113)
    design = pd.DataFrame(
        {
            "hours": seen["hours"],
            "tickets": np.log(seen["tickets"]),
            "april": (seen["landmark"] == "2023-04-01").astype(float),
            "one": 1.0,
        }
    )
    fit = sm.Logit(seen["churned"], design).fit(disp=0)
    found = churn_hazard(seen, exposure="hours")
    assert found.value == pytest.approx(np.exp(fit.params["hours"]))
    assert (found.low, found.high) == pytest.approx(tuple(np.exp(fit.conf_int().loc["hours"])))
    assert found.p == pytest.approx(fit.pvalues["hours"])
    assert found.low < np.exp(0.113) < found.high
    assert found.verdict == "较高"
    table = hazards_table({"快慢": found, "空": churn_hazard(seen.iloc[:0], exposure="hours")})
    assert table["verdict"].tolist() == ["较高", "基数不足"]
    assert table["p"].iloc[0] == pytest.approx(found.p), "what was not tested does not count"


def test_hazards_of_few_events_are_not_claimed() -> None:
    few = churn_hazard(seen_of(300, slope=0.0, level=-4.5), exposure="hours")
    assert (few.verdict, few.caution) == ("基数不足", "流失的太少，不作估计")
    thin = churn_hazard(seen_of(300, slope=0.0, level=-2.6), exposure="hours")
    assert thin.caution == "流失的不多，估计不牢"
    assert churn_hazard(seen_of(300, slope=0.0).assign(hours=2.0), exposure="hours").verdict == "无法检验"
    split = seen_of(300, slope=0.0)
    split["hours"] = split["churned"] * 10.0 + np.linspace(0, 1, 300)
    assert churn_hazard(split, exposure="hours").verdict == "无法检验"


def test_open_tickets_at_leaving() -> None:
    customers = customers_of(
        ("a", "2020-01-01", "2023-06-01", 10.0),
        ("b", "2020-01-01", "2023-06-01", 20.0),
        ("c", "2020-01-01", "2023-06-01", 30.0),
        ("d", "2020-01-01", None, 40.0),
    )
    tickets = tickets_of(
        ("a", "2023-05-01", None, None),
        ("a", "2023-05-02", None, "2023-06-05"),
        ("b", "2023-05-01", None, "2023-05-31"),  # resolved in time
        ("c", "2022-01-01", None, None),  # long ago
        ("c", "2023-06-02", None, None),  # after leaving
        ("d", "2023-05-01", None, None),  # still there
    )
    [row] = open_at_leaving(customers, tickets, **YEAR).to_dict("records")
    assert (row["n"], row["count"], row["lost"]) == (3, 1, 10.0)
    assert row["percent"] == pytest.approx(100 / 3)
    assert open_at_leaving(customers[customers["churned_at"].isna()], tickets, **YEAR).empty


def test_buying_again_counts_orders_after_the_score_only() -> None:
    scored = pd.DataFrame(
        [
            ("a", "2023-03-01", 5.0),  # buys 90 days later
            ("b", "2023-03-01", 4.0),  # buys 91 days later
            ("c", "2023-03-01", 2.0),  # bought the same moment and before
            ("d", "2023-12-01", 5.0),  # its 90 days are not over
            ("a", "2023-05-01", 1.0),  # a second score
            ("e", "2023-03-01", None),
        ],
        columns=["customer_id", "at", "score"],
    ).astype({"at": "datetime64[us]"})
    orders = pd.DataFrame(
        [
            ("a", "2023-05-30", 9.0),
            ("b", "2023-05-31", 9.0),
            ("c", "2023-03-01", 9.0),
            ("c", "2023-02-01", 9.0),
            ("c", "2023-03-05", -9.0),
        ],
        columns=["customer_id", "ordered_at", "amount_cny"],
    ).astype({"ordered_at": "datetime64[us]"})
    [row] = repurchase(scored.assign(stratum="all"), orders, as_of="2023-12-31", satisfied_from=4).to_dict(
        "records"
    )
    assert (row["satisfied"], row["unsatisfied"], row["n"]) == (2, 1, 1)
    assert (row["percent"], row["other_percent"]) == (50.0, 0.0)
    assert row["verdict"] == "基数不足"
    assert repurchase(
        scored.assign(stratum="all").iloc[:0], orders, as_of="2023-12-31", satisfied_from=4
    ).empty


def test_buying_again_finds_a_difference_that_is_there() -> None:
    rng = np.random.default_rng(2)
    scored = pd.DataFrame(
        {"customer_id": [f"K{i:04d}" for i in range(600)], "score": rng.integers(1, 6, 600).astype(float)}
    )
    scored = scored.assign(at=pd.Timestamp("2023-03-01"), stratum="all")
    buys = rng.random(600) < np.where(scored["score"] >= 4, 0.7, 0.4)
    orders = pd.DataFrame(
        {
            "customer_id": scored.loc[buys, "customer_id"],
            "ordered_at": pd.Timestamp("2023-03-20"),
            "amount_cny": 5.0,
        }
    )
    [row] = repurchase(scored, orders, as_of="2023-12-31", satisfied_from=4).to_dict("records")
    assert row["verdict"] == "较高"
    assert row["percent"] == pytest.approx(100 * buys[scored["score"] >= 4].mean())
    assert row["low"] < row["value"] < row["high"]


def test_retention_is_read_at_the_end_of_each_month() -> None:
    times = pd.DataFrame({"time": [30, 31, 40, 364], "event": [1, 1, 0, 0]})  # 31 January and 1 February
    table = retention_by_month(survival(times), **YEAR).set_index("stratum")
    assert len(table) == 12
    assert table.loc["2023-01", "percent"] == pytest.approx(75)
    assert table.loc["2023-02", "percent"] == pytest.approx(50)
    assert table.loc["2023-12", "percent"] == pytest.approx(50)


def test_published_figures_stand_beside_the_own_estimate() -> None:
    hazards = pd.DataFrame(
        {
            "stratum": ["甲", "乙", "丙"],
            "value": [1.1, 1.1, np.nan],
            "low": [1.0, 1.0, np.nan],
            "high": [1.2, 1.2, np.nan],
        }
    )
    table = beside_published(hazards, {"甲": 12.0, "丙": 12.0})
    assert table["percent"].round(6).tolist()[:2] == [10.0, 10.0]
    assert table["agrees"].tolist()[0] == "在区间内"
    assert table["agrees"].isna().tolist() == [False, True, True]
    assert beside_published(hazards, {"甲": 30.0})["agrees"].iloc[0] == "不在区间内"

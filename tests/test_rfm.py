"""RFM scores, segments, concentration and clusters, against values worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from fbanalysis.analysis.customers.rfm import (
    ACTIONS,
    RULES,
    cluster_customers,
    concentration,
    order_base,
    score_customers,
    segment_of,
    summarise_segments,
)

AS_OF = "2023-12-31"


def orders_of(*rows: tuple[str | None, str | None, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount_cny"])
    return frame.astype({"customer_id": "str", "ordered_at": "datetime64[us]", "amount_cny": "float64"})


MIXED = orders_of(
    ("甲", "2023-12-31 18:00", 100.0),  # on the last day: still counted
    ("甲", "2023-12-01", 200.0),
    ("甲", "2023-12-20", -50.0),  # a return lowers the amount and is no order
    ("乙", "2022-01-01", 40.0),  # the first day of 24 months
    ("乙", "2021-12-31", 900.0),  # a day too early
    ("丙", "2024-01-01", 900.0),  # a day too late
    (None, "2023-05-05", 70.0),
    ("丁", None, 70.0),
    ("丁", "2023-05-05", None),
    ("戊", "2023-06-01", -10.0),  # returns alone make no customer
)


def test_every_order_is_used_or_has_a_reason() -> None:
    base = order_base(MIXED, as_of=AS_OF).set_index("stratum")["n"].to_dict()
    assert base == {
        "全部": 10,
        "采用": 3,
        "没有客户编号": 1,
        "没有金额或时间": 2,
        "不在时期内": 2,
        "退货": 2,
    }


def test_measures_by_hand() -> None:
    scored = score_customers(MIXED, as_of=AS_OF).set_index("customer_id")
    assert scored.index.tolist() == ["乙", "甲"] or scored.index.tolist() == ["甲", "乙"]
    assert scored.loc["甲", ["recency_days", "frequency", "monetary"]].tolist() == [0, 2, 250.0]
    assert scored.loc["乙", ["recency_days", "frequency", "monetary"]].tolist() == [729, 1, 40.0]


def test_quintiles_of_distinct_values_hold_a_fifth_each() -> None:
    days = pd.date_range("2023-01-01", periods=50).astype(str)
    scored = score_customers(
        orders_of(*[(f"K{i:02d}", day, 10.0 + i) for i, day in enumerate(days)]), as_of=AS_OF
    )
    assert scored["r"].value_counts().to_dict() == dict.fromkeys(range(1, 6), 10)
    assert scored["m"].tolist() == sorted(scored["m"])
    assert scored["r"].tolist() == scored["m"].tolist(), "the latest also spent most"
    assert set(scored["f"]) == {3}, "all ordered once: nobody is above another"


def test_ties_share_a_score_and_one_customer_is_in_the_middle() -> None:
    rows = [(f"K{i}", "2023-05-01", 1.0) for i in range(8)] + [
        ("L", "2023-05-01", 1.0),
        ("L", "2023-05-01", 1.0),
    ]
    scored = score_customers(orders_of(*rows), as_of=AS_OF).set_index("customer_id")
    assert scored.loc["L", "f"] == 5
    assert scored["f"].drop("L").nunique() == 1
    alone = score_customers(orders_of(("K", "2023-05-01", 1.0)), as_of=AS_OF)
    assert alone[["r", "f", "m"]].to_numpy().tolist() == [[3, 3, 3]]


@pytest.mark.parametrize(
    ("r", "f", "m", "segment"),
    [
        (3, 4, 5, "重要价值"),
        (2, 5, 4, "重要挽留"),
        (5, 3, 5, "一般发展"),
        (3, 2, 5, "新客户"),
        (2, 4, 4, "流失风险"),
    ],
)
def test_segments_follow_their_rules(r: int, f: int, m: int, segment: str) -> None:
    assert segment_of(pd.DataFrame({"r": [r], "f": [f], "m": [m]})).tolist() == [segment]
    assert ACTIONS.keys() == RULES.keys()


def test_segments_make_up_everybody_and_everything() -> None:
    rng = np.random.default_rng(1)
    rows = [
        (f"K{rng.integers(60)}", str(pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(day))), float(amount))
        for day, amount in zip(rng.integers(0, 360, 300), rng.lognormal(3, 1, 300), strict=True)
    ]
    scored = score_customers(orders_of(*rows), as_of=AS_OF)
    customers = pd.DataFrame({"customer_id": scored["customer_id"], "status": "在用"})
    customers.loc[0, "status"] = "流失"
    table = summarise_segments(scored, customers)
    assert table["n"].sum() == len(scored)
    assert table["amount"].sum() == pytest.approx(scored["monetary"].sum() / 1e4)
    assert table["amount_percent"].sum() == pytest.approx(100)
    assert table["left"].sum() == 1
    assert table["stratum"].tolist() == list(ACTIONS)
    one = summarise_segments(scored.assign(segment="新客户"), customers).set_index("stratum")
    assert one["n"].drop("新客户").eq(0).all()
    assert one["percent"].dropna().to_dict() == {"新客户": 100.0}, "a group without customers has no share"


def test_without_orders_there_are_columns_and_no_rows() -> None:
    scored = score_customers(orders_of(), as_of=AS_OF)
    assert scored.empty
    assert "segment" in scored
    customers = pd.DataFrame({"customer_id": [], "status": []}, dtype="str")
    assert summarise_segments(scored, customers).empty
    assert concentration(scored).empty
    assert cluster_customers(scored, seed=1).table.empty
    assert order_base(orders_of(), as_of=AS_OF)["n"].sum() == 0


def test_concentration_by_hand() -> None:
    scored = pd.DataFrame({"monetary": [50.0, 20.0, 10.0, 10.0, 10.0, -5.0]})
    table = concentration(scored, tops=(1, 20, 50)).set_index("stratum")
    assert table["n"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(table["percent"], [50.0, 70.0, 80.0])
    assert concentration(pd.DataFrame({"monetary": [0.0, 0.0]})).empty


def test_clusters_find_two_kinds_of_customers_and_describe_them() -> None:
    rng = np.random.default_rng(5)
    scored = pd.DataFrame(
        {
            "recency_days": np.r_[rng.normal(300, 10, 60), rng.normal(20, 3, 40)],
            "frequency": np.r_[rng.integers(1, 3, 60), rng.integers(15, 19, 40)],
            "monetary": np.r_[rng.normal(2e4, 1e3, 60), rng.normal(5e5, 1e4, 40)],
        }
    )
    found = cluster_customers(scored, seed=3)
    assert found.silhouette > 0.5
    best = found.choices.set_index("stratum")["silhouette"]
    assert found.silhouette == best.max()
    assert found.table["n"].sum() == 100
    assert found.table["monetary"].is_monotonic_decreasing
    assert_frame_equal(found.table, cluster_customers(scored, seed=3).table)


def test_customers_all_alike_have_no_clusters() -> None:
    scored = pd.DataFrame({"recency_days": [5.0] * 50, "frequency": [2] * 50, "monetary": [9.0] * 50})
    assert cluster_customers(scored, seed=1).table.empty


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 700), st.floats(0.01, 1e6)), min_size=1, max_size=20)
)
def test_order_of_rows_and_unit_of_money_are_irrelevant(rows: list[tuple[int, int, float]]) -> None:
    made = orders_of(
        *[(f"K{who}", str(pd.Timestamp(AS_OF) - pd.Timedelta(days=ago)), amount) for who, ago, amount in rows]
    )
    scored = score_customers(made, as_of=AS_OF)
    backwards = score_customers(made.iloc[::-1], as_of=AS_OF)
    assert scored[["r", "f"]].equals(backwards[["r", "f"]])
    assert scored[["r", "f", "m"]].isin(range(1, 6)).all(axis=None)
    assert concentration(scored)["percent"].is_monotonic_increasing

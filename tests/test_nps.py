"""Net promoter scores against hand, brute force, scipy and statsmodels; what the interval covers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from fbanalysis.analysis.customers.nps import (
    DETRACTOR,
    PASSIVE,
    PROMOTER,
    asked_in_time,
    compare_segments,
    compare_with_rest,
    group_shares,
    normal_interval,
    nps_by,
    nps_by_quarter,
    sample_size,
    score_interval,
    variance,
    with_points,
)

counts = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)).filter(
    lambda one: sum(one) > 0
)


def answers(promoters: int, passives: int, detractors: int, **columns: object) -> pd.DataFrame:
    score = [10] * promoters + [8] * passives + [3] * detractors
    return pd.DataFrame({"score": pd.array(score, dtype="Int64")}).assign(**columns)


def test_scores_fall_into_three_groups_at_seven_and_nine():
    told = with_points(pd.DataFrame({"score": pd.array([*range(11), None], dtype="Int64")}))
    assert told["points"].tolist() == [-100.0] * 7 + [0.0] * 2 + [100.0] * 2


def test_score_and_normal_interval_of_counts_by_hand():
    # 60 promoters, 25 passives, 15 detractors: 45 ± 1.96 · √(.5475/100)
    row = nps_by(answers(60, 25, 15)).iloc[0]
    assert (row["value"], row["n"], row["promoters"], row["detractors"]) == (45, 100, 60, 15)
    low, high = normal_interval(60, 15, 100)
    assert float(low) == pytest.approx(30.497590760465, abs=1e-6)
    assert float(high) == pytest.approx(59.502409239535, abs=1e-6)
    assert np.sqrt(variance(60, 15, 100) / 100) == pytest.approx(7.399324293474)


def test_mean_and_spread_are_those_of_the_points():
    row = nps_by(answers(7, 5, 4)).iloc[0]
    points = np.array([100.0] * 7 + [0.0] * 5 + [-100.0] * 4)
    assert row["mean"] == pytest.approx(points.mean())
    assert row["sd"] == pytest.approx(points.std(ddof=1))


def log_likelihood(up: int, down: int, n: int, *, share: np.ndarray, delta: float) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [(up, share + delta), (n - up - down, 1 - 2 * share - delta), (down, share)]
        return sum(count * np.log(np.maximum(p, 1e-300)) for count, p in parts if count)


@pytest.mark.parametrize(("up", "down", "n"), [(60, 15, 100), (8, 1, 10), (3, 9, 20)])
def test_score_interval_ends_where_the_score_test_by_brute_force_does(up: int, down: int, n: int):
    def statistic(delta: float) -> float:
        grid = np.linspace(max(0, -delta), (1 - delta) / 2, 400_001)
        share = grid[np.argmax(log_likelihood(up, down, n, share=grid, delta=delta))]
        return (up - down - n * delta) / np.sqrt(n * (2 * share + delta - delta**2))

    low, high = (float(end) / 100 for end in score_interval(up, down, n))
    assert statistic(low) == pytest.approx(1.959964, abs=2e-3)
    assert statistic(high) == pytest.approx(-1.959964, abs=2e-3)


@given(counts)
def test_interval_holds_the_score_mirrors_and_stays_on_the_scale(found: tuple[int, int, int]):
    up, passive, down = found
    n = up + passive + down
    low, high = (float(end) for end in score_interval(up, down, n))
    assert -100 - 1e-9 <= low <= 100 * (up - down) / n + 1e-9
    assert 100 * (up - down) / n - 1e-9 <= high <= 100 + 1e-9
    mirrored = [float(end) for end in score_interval(down, up, n)]
    assert mirrored == pytest.approx([-high, -low], abs=1e-6)
    assert high > low


def test_everybody_of_one_mind_still_has_an_interval_with_a_width():
    low, high = score_interval([12, 0, 0], [0, 0, 12], [12, 12, 12])
    assert (high[0], low[2]) == (pytest.approx(100), pytest.approx(-100))
    assert (high - low > 10).all()


def test_score_interval_covers_where_the_normal_one_does_not():
    rng = np.random.default_rng(7)
    drawn = rng.multinomial(20, [0.85, 0.13, 0.02], size=8_000)
    covers = [
        np.mean((low <= 83) & (high >= 83))
        for low, high in (way(drawn[:, 0], drawn[:, 2], 20) for way in (score_interval, normal_interval))
    ]
    assert covers[0] > 0.945 > 0.87 > covers[1]


def test_groups_come_highest_first_and_without_a_name_do_not_count():
    frame = pd.concat([answers(2, 1, 1, who="甲"), answers(3, 0, 0, who="乙"), answers(1, 0, 4, who=None)])
    table = nps_by(frame, "who")
    assert table[["stratum", "n", "value"]].to_numpy().tolist() == [["乙", 3, 100.0], ["甲", 4, 25.0]]


def test_shares_are_of_the_group_and_sum_to_all():
    shares = group_shares(nps_by(answers(47, 38, 15)))
    assert shares["group"].tolist() == [DETRACTOR, PASSIVE, PROMOTER]
    assert shares["percent"].tolist() == [15, 38, 47]
    low, high = proportion_confint(15, 100, method="wilson")
    assert shares.loc[0, ["low", "high"]].tolist() == pytest.approx([100 * low, 100 * high])


def segments() -> pd.DataFrame:
    parts = [answers(80, 30, 10, who="甲", where="东"), answers(40, 40, 40, who="乙", where="西")]
    return pd.concat([*parts, answers(30, 30, 20, who="丙", where="东")], ignore_index=True)


def test_group_and_rest_are_compared_as_scipy_compares_their_points():
    frame = segments()
    table = compare_with_rest(nps_by(frame, "who")).set_index("stratum")
    points = with_points(frame)["points"]
    expected = [
        stats.ttest_ind(points[frame["who"] == w], points[frame["who"] != w], equal_var=False)
        for w in table.index
    ]
    assert table["p_raw"].tolist() == pytest.approx([one.pvalue for one in expected])
    assert table["p"].tolist() == pytest.approx(multipletests(table["p_raw"], method="holm")[1])
    ends = [one.confidence_interval() for one in expected]
    assert table["low"].tolist() == pytest.approx([one.low for one in ends])
    assert table["verdict"].to_dict() == {"甲": "较高", "丙": "没有差异", "乙": "较低"}


def test_segments_of_several_columns_are_one_family():
    frame = segments()
    table = compare_segments(frame, {"谁": "who", "哪": "where"})
    assert table["stratum"].tolist() == ["谁·甲", "谁·丙", "谁·乙", "哪·东", "哪·西"]
    assert table["p"].tolist() == pytest.approx(multipletests(table["p_raw"], method="holm")[1])
    assert table.loc[3, "p_raw"] == pytest.approx(table.loc[4, "p_raw"])


def test_one_group_has_nobody_to_be_compared_with():
    assert compare_with_rest(nps_by(answers(30, 20, 10, who="甲"), "who"))["verdict"].tolist() == ["基数不足"]


def test_sample_for_three_points_is_larger_than_for_a_share():
    size = sample_size(nps_by(answers(564, 456, 180))).set_index("stratum")
    assert size["required"].tolist() == [
        1068,
        int(np.ceil(1.959963984540054**2 * (0.62 - 0.32**2) * 1e4 / 9)),
    ]
    assert size.loc["NPS", "margin"] == pytest.approx(1.959964 * np.sqrt((0.62 - 0.32**2) / 1200) * 100)
    assert size["is_enough"].tolist() == [True, False]


def test_answers_of_one_kind_tell_nothing_of_the_sample_that_is_needed():
    size = sample_size(nps_by(answers(5, 0, 0))).set_index("stratum")
    assert size["required"].isna().tolist() == size["margin"].isna().tolist() == [False, True]
    assert not size["is_enough"].any()


def test_in_time_is_from_the_service_to_so_many_hours_after():
    event = pd.Timestamp("2023-05-01 08:00")
    waits = [0, 24, 24.1, -1, None]
    frame = pd.DataFrame(
        {
            "asked_at": event,
            "event_at": [event - pd.Timedelta(hours=w) if w is not None else pd.NaT for w in waits],
        }
    )
    row = asked_in_time(frame).iloc[0]
    assert (row["n"], row["in_time"], row["before"], row["percent"]) == (4, 2, 1, 50)


def test_quarters_are_named_and_counted():
    days = pd.to_datetime(["2023-01-02", "2023-03-31", "2023-04-01"])
    frame = pd.DataFrame({"score": pd.array([10, 0, 10], dtype="Int64"), "asked_at": days, "channel": "邮件"})
    cells = nps_by_quarter(frame)
    assert cells[["stratum", "row", "column", "n", "value"]].to_numpy().tolist() == [
        ["邮件 × 2023Q1", "邮件", "一季度", 2, 0.0],
        ["邮件 × 2023Q2", "邮件", "二季度", 1, 100.0],
    ]


def test_no_answers_give_empty_frames():
    none = answers(0, 0, 0, asked_at=pd.Series(dtype="datetime64[us]"))
    frames = [
        nps_by(none),
        group_shares(nps_by(none)),
        compare_with_rest(nps_by(none)),
        sample_size(nps_by(none)),
    ]
    frames += [
        nps_by(none, "channel"),
        nps_by_quarter(none),
        asked_in_time(none),
        compare_segments(none, {"渠道": "channel"}),
    ]
    assert [len(frame) for frame in frames] == [0] * 8
    assert list(frames[0].columns) == list(nps_by(answers(1, 1, 1)).columns)


def test_a_single_answer_has_no_spread():
    row = nps_by(answers(1, 0, 0)).iloc[0]
    assert (row["value"], np.isnan(row["sd"])) == (100, True)

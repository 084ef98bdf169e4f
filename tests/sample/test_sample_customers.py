"""Customers, orders, journey and surveys of the sample years, recomputed with plain pandas and numpy."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from fbanalysis.sample import customers as sample
from fbanalysis.sample.customers import EFFECTS, LAYOUTS, affected_customers
from fbanalysis.sample.dealing import apportion, codes, dealt_evenly, score_counts
from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.schema import TABLES

SEEDS = (20230227, 7)
STRATA = {"核心客户": 530, "普通客户": 790, "潜在客户": 180, "合作伙伴": 70, "供应商": 30}
Frames = dict[str, pd.DataFrame]
Years = dict[int, Frames]


def generate(year: int, *, seed: int, scale: float = 1.0) -> Frames:
    base = sample.customers(year, rng=np.random.default_rng(seed), scale=scale)
    return sample.tables(year, customers=base, rng=np.random.default_rng([seed, year]), scale=scale)


@pytest.fixture(scope="module", params=SEEDS)
def made(request) -> Years:
    return {year: generate(year, seed=request.param) for year in (2022, 2023)}


# ---- the same figures by other routes ----


def share(mask: pd.Series) -> float:
    return mask.mean() * 100


def has_left(customers: pd.DataFrame) -> pd.Series:
    return customers["status"] == "流失"


def pooled_odds_ratio(exposed: pd.Series, outcome: pd.Series, by: pd.Series) -> float:
    """Mantel and Haenszel: sum of ad/n over sum of bc/n."""
    top = bottom = 0.0
    for level in by.unique():
        part = by == level
        a, b = (part & exposed & outcome).sum(), (part & exposed & ~outcome).sum()
        c, d = (part & ~exposed & outcome).sum(), (part & ~exposed & ~outcome).sum()
        top, bottom = top + a * d / part.sum(), bottom + b * c / part.sum()
    return top / bottom


def cramers_v(rows: pd.Series, columns: pd.Series) -> float:
    seen = pd.crosstab(rows, columns).to_numpy()
    expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    return np.sqrt(((seen - expected) ** 2 / expected).sum() / seen.sum() / (min(seen.shape) - 1))


def churn_odds(customers: pd.DataFrame, *, of: str) -> float:
    small, recent = customers["size"] == "小型", customers["since"].dt.year >= 2021
    exposed, other = (small, recent) if of == "small" else (recent, small)
    return pooled_odds_ratio(exposed, has_left(customers), other)


def users_in_may(customers: pd.DataFrame) -> float:
    there = (customers["since"] <= "2023-05-15") & ~(customers["churned_at"] <= "2023-05-15")
    return customers.loc[there, "active_users"].sum()


def quintile(values: pd.Series) -> pd.Series:
    return pd.qcut(values.rank(method="first"), 5, labels=False) + 1


def rfm(orders: pd.DataFrame) -> pd.DataFrame:
    by_customer = orders.groupby("customer_id")
    table = pd.DataFrame(
        {
            "days": (pd.Timestamp("2024-01-01") - by_customer["ordered_at"].max()).dt.days,
            "orders": by_customer.size(),
            "amount": by_customer["amount_cny"].sum(),
        }
    )
    lately = quintile(-table["days"]) >= 3
    often = quintile(table["orders"])
    valuable = often + quintile(table["amount"]) >= 9
    table["group"] = np.select(
        [lately & valuable, ~lately & valuable, lately & (often <= 2), lately],
        ["champions", "win_back", "new", "developing"],
        "at_risk",
    )
    return table


def fourth_quarter(frames: Frames) -> float:
    known = frames["customers"].loc[frames["customers"]["since"] < "2022-01-01", "customer_id"]
    orders = frames["orders"][frames["orders"]["customer_id"].isin(known)]
    times = orders["ordered_at"]
    late = times.between("2022-10-01", "2023-01-01", inclusive="left").sum() / 92
    return late / ((times < "2022-10-01").sum() / 273)


def net_promoters(scores: pd.Series) -> float:
    return ((scores >= 9).mean() - (scores <= 6).mean()) * 100


def nps_apart(nps: pd.DataFrame, mask: pd.Series) -> float:
    return net_promoters(nps.loc[mask, "score"]) - net_promoters(nps.loc[~mask, "score"])


def in_dip(nps: pd.DataFrame) -> pd.Series:
    return (nps["asked_at"] >= "2023-05-15") & (nps["asked_at"] < "2023-06-26")


def nps_groups(nps: pd.DataFrame) -> pd.Series:
    return pd.cut(nps["score"].astype(int), [-1, 6, 8, 10], labels=["detractor", "passive", "promoter"])


def in_time(nps: pd.DataFrame) -> pd.Series:
    wait = nps["asked_at"] - nps["event_at"]
    return (wait > pd.Timedelta(0)) & (wait <= pd.Timedelta(hours=24))


def dimension_score(ratings: pd.DataFrame, dimension: str) -> float:
    part = ratings[ratings["dimension"] == dimension]
    return ((part.groupby("item")["score"].mean() - 1) / 6 * 100).mean()


def csi(ratings: pd.DataFrame) -> float:
    weights = {"产品质量": 0.4, "服务": 0.3, "价值": 0.2, "情感联结": 0.1}
    return sum(weight * dimension_score(ratings, name) for name, weight in weights.items())


def wide(ratings: pd.DataFrame) -> pd.DataFrame:
    return ratings.pivot(index="respondent_id", columns="item", values="score")


def alpha(ratings: pd.DataFrame, dimension: str) -> float:
    """Cronbach: k / (k - 1) x (1 - sum of the items' variances / variance of their sum)."""
    answers = wide(ratings[ratings["dimension"] == dimension]).dropna()
    k = answers.shape[1]
    return k / (k - 1) * (1 - answers.var().sum() / answers.sum(axis=1).var())


def csi_between_waves(ratings: pd.DataFrame) -> float:
    late = ratings["answered_at"] >= "2023-07-01"
    return csi(ratings[late]) - csi(ratings[~late])


#: The evaluation table of Kano: rows functional, columns dysfunctional, both from like to dislike.
ANSWERS = ("like", "expect", "neutral", "tolerate", "dislike")
EVALUATION = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")


def kano_categories(kano: pd.DataFrame) -> pd.Series:
    pairs = zip(kano["functional"], kano["dysfunctional"], strict=True)
    letters = [EVALUATION[ANSWERS.index(with_it)][ANSWERS.index(without)] for with_it, without in pairs]
    return pd.Series(letters, index=kano.index)


def kano_share(kano: pd.DataFrame, feature: str, letter: str) -> float:
    return share(kano_categories(kano[kano["feature"] == feature]) == letter)


def reached(journey: pd.DataFrame, stage: str) -> float:
    there = journey.loc[journey["stage"] == stage, "customer_id"].nunique()
    return there / journey["customer_id"].nunique() * 100


GROUPS = ("champions", "win_back", "developing", "new", "at_risk")
DIMENSIONS = {"product": "产品质量", "service": "服务", "value": "价值", "bond": "情感联结"}
FEATURES = {
    "stability": ("系统稳定运行", "M"),
    "accuracy": ("数据准确", "M"),
    "security": ("权限安全", "M"),
    "speed": ("响应速度", "O"),
    "reports": ("报表能力", "O"),
    "interfaces": ("接口开放", "O"),
    "assistant": ("智能问答", "A"),
    "offline": ("移动端离线", "A"),
    "skins": ("换肤主题", "I"),
    "popups": ("弹窗公告", "R"),
}
STAGES = {
    "awareness": "认知",
    "inquiry": "咨询",
    "trial": "试用",
    "contract": "签约",
    "setup": "实施",
    "use": "使用",
    "support": "售后",
    "renewal": "续约",
}
#: Effect → how to recompute it from the tables of its year.
MEASURED: dict[str, Callable[[Frames], float]] = {
    "active_users": lambda t: users_in_may(t["customers"]),
    "contract_by_size": lambda t: (
        t["customers"].groupby("size")["contract_cny_10k"].median()["大型"]
        / t["customers"].groupby("size")["contract_cny_10k"].median()["小型"]
    ),
    "orders_fourth_quarter": fourth_quarter,
    "nps_incident": lambda t: nps_apart(t["nps"], in_dip(t["nps"])),
    "csi_straight": lambda t: share(wide(t["ratings"]).nunique(axis=1) == 1),
    "csi_missing": lambda t: wide(t["ratings"]).isna().to_numpy().mean() * 100,
    "csi_waves": lambda t: csi_between_waves(t["ratings"]),
    "ces": lambda t: t["ces"]["score"].mean(),
    "ces_hotline": lambda t: t["ces"].loc[t["ces"]["channel"] == "客户服务热线", "score"].mean(),
    "kano_questionable": lambda t: share(kano_categories(t["kano"]) == "Q"),
}
for _year in (2022, 2023):
    MEASURED |= {
        f"churn_{_year}": lambda t: share(has_left(t["customers"])),
        f"churn_small_{_year}": lambda t: churn_odds(t["customers"], of="small"),
        f"churn_recent_{_year}": lambda t: churn_odds(t["customers"], of="recent"),
        f"churn_region_{_year}": lambda t: cramers_v(t["customers"]["region"], has_left(t["customers"])),
        f"nps_{_year}": lambda t: net_promoters(t["nps"]["score"]),
        f"nps_core_{_year}": lambda t: nps_apart(t["nps"], t["nps"]["stratum"] == "核心客户"),
        f"nps_region_{_year}": lambda t: cramers_v(t["nps"]["region"], nps_groups(t["nps"])),
        f"nps_in_time_{_year}": lambda t: share(in_time(t["nps"])),
        f"csi_{_year}": lambda t: csi(t["ratings"]),
    }
    MEASURED |= {
        f"csi_{key}_{_year}": lambda t, name=name: dimension_score(t["ratings"], name)
        for key, name in DIMENSIONS.items()
    }
MEASURED |= {
    f"csi_alpha_{k}": lambda t, name=name: alpha(t["ratings"], name) for k, name in DIMENSIONS.items()
}
MEASURED |= {f"rfm_{g}": lambda t, g=g: share(rfm(t["orders"])["group"] == g) for g in GROUPS}
MEASURED |= {
    f"rfm_{g}_orders": lambda t, g=g: rfm(t["orders"]).groupby("group")["orders"].mean()[g] for g in GROUPS
}
MEASURED |= {
    f"kano_{key}": lambda t, which=which: kano_share(t["kano"], *which) for key, which in FEATURES.items()
}
MEASURED |= {f"journey_reach_{key}": lambda t, s=s: reached(t["journey"], s) for key, s in STAGES.items()}
MEASURED |= {
    f"journey_score_{key}": lambda t, s=s: t["journey"].loc[t["journey"]["stage"] == s, "score"].mean()
    for key, s in STAGES.items()
}


def test_every_effect_is_recomputed_and_none_twice():
    keys = [effect.key for effect in EFFECTS]
    assert len(set(keys)) == len(keys)
    assert set(keys) == set(MEASURED)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.key)
def test_planted_effects_are_found(made, effect):
    assert effect.table in made[effect.year]
    assert MEASURED[effect.key](made[effect.year]) == pytest.approx(effect.size, abs=effect.tolerance)


# ---- customers ----


def test_strata_and_years(made):
    now, then = made[2023]["customers"], made[2022]["customers"]
    assert now["stratum"].value_counts().to_dict() == STRATA
    assert (len(now), len(then)) == (1600, 1430)
    assert now["since"].between("2012-01-01", "2023-12-31").all()
    assert now["customer_id"].str.fullmatch(r"KH\d{5}").all()
    assert now["customer_id"].is_unique


def test_customers_of_2022_who_stayed_are_there_in_2023(made):
    then, now = (made[year]["customers"].set_index("customer_id") for year in (2022, 2023))
    stayed = then.index[then["status"] == "在用"]
    assert set(stayed) == set(now.index[now["since"].dt.year < 2023])
    facts = ["stratum", "size", "industry", "region", "since", "contract_cny_10k"]
    pd.testing.assert_frame_equal(then.loc[stayed, facts], now.loc[stayed, facts])
    assert not set(then.index[then["status"] == "流失"]) & set(now.index)


@pytest.mark.parametrize("year", [2022, 2023])
def test_leavers_have_a_day_within_the_year_and_after_their_start(made, year):
    table = made[year]["customers"]
    left = table[has_left(table)]
    assert table["churned_at"].notna().equals(has_left(table))
    assert (left["churned_at"].dt.year == year).all()
    assert (left["churned_at"] - left["since"] >= pd.Timedelta(days=90)).all()
    buyers = table[table["stratum"].isin(["核心客户", "普通客户"])]
    assert share(has_left(buyers)) == pytest.approx(9.0, abs=0.1)


def test_only_who_uses_the_product_has_a_contract_and_users(made):
    table = made[2023]["customers"]
    is_using = table["stratum"].isin(["核心客户", "普通客户", "合作伙伴"])
    assert table["contract_cny_10k"].notna().equals(is_using)
    assert table["active_users"].notna().equals(is_using)
    assert table["active_users"].dropna().min() >= 1


def test_affected_customers_are_in_use_and_have_the_users(made):
    table = made[2023]["customers"]
    at = pd.Timestamp("2023-05-15 09:00")
    ids = affected_customers(table, count=157, users=1296, at=at, rng=np.random.default_rng(5))
    hit = table[table["customer_id"].isin(ids)]
    assert len(hit) == len(set(ids)) == 157
    assert hit["active_users"].sum() == pytest.approx(1296, rel=0.03)
    assert (hit["since"] <= at).all()
    assert not (hit["churned_at"] <= at).any()


# ---- orders and journey ----


def test_orders(made):
    orders, customers = made[2023]["orders"], made[2023]["customers"]
    assert len(orders) == pytest.approx(9000, abs=150)
    assert orders["ordered_at"].is_monotonic_increasing
    assert orders["ordered_at"].between("2022-01-01", "2024-01-01").all()
    assert (orders["amount_cny"] >= 100).all()
    buyers = customers.loc[customers["stratum"].isin(["核心客户", "普通客户"]), "customer_id"]
    assert set(orders["customer_id"]) == set(buyers)


def test_nobody_orders_before_the_start_or_after_the_end(made):
    joined = made[2023]["orders"].merge(made[2023]["customers"], on="customer_id")
    day = joined["ordered_at"].dt.normalize()
    assert (day >= joined["since"]).all()
    assert not (day >= joined["churned_at"]).any()


def test_journey_runs_forward(made):
    journey = made[2023]["journey"]
    assert journey["customer_id"].nunique() == 700
    place = journey["stage"].map({stage: place for place, stage in enumerate(STAGES.values())})
    seen = place.groupby(journey["customer_id"]).agg(["max", "nunique"])
    assert (seen["max"] + 1 == seen["nunique"]).all()
    first = journey.groupby(["customer_id", "stage"], sort=False)["happened_at"].min().unstack()
    steps = first[list(STAGES.values())].diff(axis=1).iloc[:, 1:].stack().dropna()
    assert (steps >= pd.Timedelta(0)).all()
    assert (journey["happened_at"].dt.year == 2023).all()
    assert (journey["happened_at"].dt.day_of_week < 5).all()
    assert journey.groupby("stage")["touchpoint"].nunique().between(2, 3).all()
    assert not journey.duplicated(["customer_id", "touchpoint"]).any()


def test_prospects_never_sign(made):
    joined = made[2023]["journey"].merge(made[2023]["customers"], on="customer_id")
    stages = set(joined.loc[joined["stratum"] == "潜在客户", "stage"])
    assert stages == {"认知", "咨询", "试用"}


# ---- surveys ----


def test_nps_shares(made):
    for year, size, shares in ((2023, 1200, (47, 38, 15)), (2022, 1067, (44, 37, 19))):
        nps = made[year]["nps"]
        assert len(nps) == nps["respondent_id"].nunique() == size
        counts = nps_groups(nps).value_counts(normalize=True) * 100
        assert counts[["promoter", "passive", "detractor"]].round().tolist() == list(shares)
        assert set(nps["score"]) == set(range(11))
        assert (nps["asked_at"].dt.year == year).all()


def test_nps_names_customers_of_that_time(made):
    for year in (2022, 2023):
        nps = made[year]["nps"]
        joined = nps.merge(made[year]["customers"], on="customer_id", suffixes=("", "_known"))
        assert len(joined) == len(nps)
        assert joined["stratum"].equals(joined["stratum_known"])
        assert joined["region"].equals(joined["region_known"])
        assert (joined["event_at"] >= joined["since"]).all()
        assert not (joined["asked_at"] >= joined["churned_at"]).any()


def test_last_year_has_no_nps_dip(made):
    nps = made[2022]["nps"]
    spring = (nps["asked_at"] >= "2022-05-15") & (nps["asked_at"] < "2022-06-26")
    assert nps_apart(nps, spring) == pytest.approx(0, abs=15)


def test_csi_items_and_scale(made):
    for year, size in ((2022, 800), (2023, 900)):
        ratings = made[year]["ratings"]
        assert ratings["respondent_id"].nunique() == size
        items = ratings.groupby("dimension", sort=False)["item"].nunique()
        assert items.to_dict() == {"产品质量": 4, "服务": 4, "价值": 3, "情感联结": 3}
        assert ratings["score"].between(1, 7).all()
        assert set(ratings["scale_maximum"]) == {7}
        assert ratings.groupby("respondent_id")["answered_at"].nunique().eq(1).all()


def test_csi_alphas_are_in_the_range_of_good_scales(made):
    for year in (2022, 2023):
        for dimension in DIMENSIONS.values():
            assert 0.80 <= alpha(made[year]["ratings"], dimension) <= 0.88


def test_effort(made):
    ces = made[2023]["ces"]
    assert ces["respondent_id"].nunique() == 600
    assert ces["item"].nunique() == 5
    assert ces["score"].between(1, 5).all()
    others = ces.loc[ces["channel"] != "客户服务热线"].groupby("channel")["score"].mean()
    assert others.max() - others.min() < 0.35


def test_kano_verdicts_are_clear(made):
    kano = made[2023]["kano"]
    assert kano["respondent_id"].nunique() == 420
    for feature, letter in FEATURES.values():
        shares = kano_categories(kano[kano["feature"] == feature]).value_counts(normalize=True) * 100
        assert shares.index[0] == letter
        assert shares.iloc[0] >= 45
        assert shares.iloc[0] - shares.iloc[1] >= 12


# ---- tables as the data dictionary wants them, and how they are delivered ----


def test_tables_of_each_year(made):
    common = {"customers", "nps", "ratings"}
    assert set(made[2022]) == common
    assert set(made[2023]) == set(LAYOUTS) == common | {"orders", "ces", "kano", "journey"}


@pytest.mark.parametrize("year", [2022, 2023])
def test_tables_keep_to_the_data_dictionary(made, year):
    for name, frame in made[year].items():
        assert list(frame) == [column for column in TABLES[name].columns if column in frame]
        for column, rule in TABLES[name].columns.items():
            if column not in frame:
                assert rule.nullable
                continue
            cells = frame[column]
            assert rule.nullable or cells.notna().all()
            assert not rule.allowed or set(cells) <= set(rule.allowed)
            if rule.kind == "time":
                assert cells.dtype == "datetime64[us]"
        if TABLES[name].key:
            assert not frame.duplicated(list(TABLES[name].key)).any()


def sheets() -> list[tuple[str, TableFile]]:
    return [
        (name, layout)
        for name, given in LAYOUTS.items()
        for layout in (given if isinstance(given, tuple) else (given,))
    ]


@pytest.mark.parametrize(("name", "layout"), sheets())
def test_layouts_deliver_every_column(made, name, layout):
    frame = made[2023][name]
    melted = {layout.melt.name, layout.melt.value} if layout.melt else set()
    assert set(layout.headers) | set(layout.constants) | melted == set(frame)
    for column, value in layout.constants.items():
        frame = frame[frame[column].astype(str) == value]
    assert len(frame)
    if layout.melt:
        assert set(layout.melt.headers) == set(frame[layout.melt.name])
    for column, words in layout.values.items():
        assert len(set(words.values())) == len(words)
        assert set(frame[column].dropna()) <= set(words.values())


@pytest.mark.parametrize(("name", "layout"), sheets())
def test_faulty_rows_use_the_headers_of_the_file(name, layout):
    known = {*layout.headers.values(), *(layout.melt.headers.values() if layout.melt else ())}
    assert len(layout.faults) >= 2
    assert all(set(row) <= known for row in layout.faults)


def test_no_company_is_named(made):
    for frames in made.values():
        for frame in frames.values():
            text = frame.select_dtypes("str").stack()
            assert not text.str.contains(r"公司|集团|有限|股份").any()


# ---- seeds and sizes ----


def test_the_same_seed_gives_the_same_tables():
    first, second = (generate(2023, seed=3) for _ in range(2))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[name])


@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_other_sizes_keep_the_shares(scale):
    frames = generate(2023, seed=11, scale=scale)
    assert len(frames["customers"]) == 1600 * scale
    assert len(frames["nps"]) == 1200 * scale
    assert frames["ratings"]["respondent_id"].nunique() == 900 * scale
    assert frames["kano"]["respondent_id"].nunique() == 420 * scale
    assert frames["journey"]["customer_id"].nunique() == 700 * scale
    assert len(frames["orders"]) == pytest.approx(9000 * scale, rel=0.05)
    assert share(has_left(frames["customers"])) == pytest.approx(9.0, abs=0.3)
    assert net_promoters(frames["nps"]["score"]) == pytest.approx(32, abs=1)
    assert csi(frames["ratings"]) == pytest.approx(74.0, abs=0.6)


# ---- dealing ----


def test_apportion_gives_the_total_with_the_largest_remainders_first():
    assert apportion([1, 1, 1], total=10).tolist() == [4, 3, 3]
    assert apportion([0.15, 0.10, 0.30, 0.15, 0.30], total=1320).tolist() == [198, 132, 396, 198, 396]
    assert apportion([2, 0], total=3).tolist() == [3, 0]


def test_dealt_evenly_gives_each_group_its_part():
    groups = np.repeat([0, 1, 2], [40, 40, 20])
    dealt = dealt_evenly(groups, counts=np.array([75, 25]), rng=np.random.default_rng(1))
    taken = pd.Series(dealt).groupby(groups).sum()
    assert dealt.sum() == 25
    assert (taken - np.array([10, 10, 5])).abs().max() <= 1


@pytest.mark.parametrize(("mean", "maximum"), [(1.8, 5), (4.2, 5), (5.44, 7)])
def test_score_counts_have_the_wanted_mean(mean, maximum):
    counts = score_counts(600, mean=mean, spread=1.0, maximum=maximum)
    assert counts.sum() == 600
    assert counts @ np.arange(1, maximum + 1) / 600 == pytest.approx(mean, abs=0.01)


def test_codes_get_longer_before_they_run_out():
    few, many = (codes("CS", size, rng=np.random.default_rng(2)) for size in (50, 400_000))
    assert all(re.fullmatch(r"CS\d{6}", code) for code in few)
    assert len(set(many)) == 400_000
    assert len(many[0]) == 9

"""Draw the feedback items of one sample year: exact margins, known effects; no texts, no files.

Margins are exact because every label is dealt from a counted pack, and every score from a counted pack
in the order of a latent value (noise plus effects). What is planted is listed in :data:`EFFECTS`; beyond
that:

- *Kinds* and *feelings* follow the overall score closely, though not blindly; the hotline and social
  media have more 问题反映 than their scores explain.
- *Areas*: area scores correlate with overall scores (about 0.4), and so follow the dip and trend weakly.
- *Departments*: many praise 客户服务部, so that the scores of its items are higher; departments have no
  effect of their own on 产品满意度, 服务满意度 and overall scores.

Not planted (a test that finds it found noise): regions have no effect on scores, channels none on overall
scores beyond the strata and ages that use them, and hours of the day none on scores.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion
from fbanalysis.sample.draws import chosen, dealt, drawn, drawn_by_group, evened, packed
from fbanalysis.sample.feedback import accounts, meetings, tagging
from fbanalysis.sample.feedback.accounts import REGIONS, settled
from fbanalysis.sample.feedback.meetings import FOCUS_GROUPS, INTERVIEWS, MEETINGS
from fbanalysis.sample.feedback.moods import (
    BLAME_LOW,
    LOW,
    LOW_UNHAPPY,
    draw_feelings,
    draw_kinds,
    draw_moods,
)
from fbanalysis.sample.feedback.questionnaire import (
    DRIVERS,
    ONLINE,
    SPEEDERS,
    STRAIGHT_LINERS,
    draw_answers,
    driven,
    filled_in,
)
from fbanalysis.sample.feedback.tagging import UNSTABLE_TAG, tagged
from fbanalysis.sample.plans import HOLIDAYS, PLANS, SILENT_SHARE, Effect, Plan

SEED = 20230962

DIP_START = pd.Timestamp("2023-05-15")
DIP_FULL = pd.Timedelta(weeks=4)
DIP_END = pd.Timedelta(weeks=8)

STRATUM_EFFECTS = {"离职员工": -0.35, "潜在客户": -0.12, "高层领导": 0.15, "核心客户": 0.10}
DEPARTMENT_EFFECTS = {
    "技术支持部": -0.36,
    "市场部": -0.30,
    "客户服务部": 0.06,
    "产品研发部": 0.13,
    "人力资源部": 0.26,
    "运营管理部": 0.19,
}
DEPARTMENTS = {
    "产品质量": {"产品研发部": 0.66, "技术支持部": 0.21, "客户服务部": 0.08, "运营管理部": 0.05},
    "服务体验": {"客户服务部": 0.48, "技术支持部": 0.44, "市场部": 0.08},
    "内部管理": dict.fromkeys(DEPARTMENT_EFFECTS, 1 / 6),
    "战略方向": {"市场部": 0.40, "产品研发部": 0.28, "运营管理部": 0.22, "人力资源部": 0.10},
}
SERVICE = "客户服务部"
#: How much likelier praise about a topic is meant for :data:`SERVICE`; other topics keep their shares.
SERVICE_PRAISE = {"服务体验": 6.0, "产品质量": 1.0}
#: How much likelier than a 一线员工 or 普通客户 a stratum is met in a channel.
CHANNEL_AFFINITY = {
    "面对面深度访谈": {
        "高层领导": 5,
        "中层管理者": 2.5,
        "核心客户": 6,
        "合作伙伴": 2,
        "离职员工": 1.5,
        "潜在客户": 0.3,
    },
    "焦点小组讨论": {"核心客户": 4, "新入职员工": 1.6, "离职员工": 0.1, "高层领导": 0.3, "潜在客户": 0.3},
    "客户服务热线": {"核心客户": 1.5, "潜在客户": 0.6, "供应商": 0.2, "离职员工": 0.2},
    "社交媒体监测": {"离职员工": 30, "潜在客户": 2, "供应商": 0.2, "高层领导": 0.01, "中层管理者": 0.1},
}

AGES = ("30岁以下", "30—39岁", "40—49岁", "50岁及以上")
AGE_EFFECTS = {"30岁以下": -0.10, "50岁及以上": 0.30}
CHANNEL_AGES = {
    ONLINE: (0.34, 0.37, 0.20, 0.09),
    "社交媒体监测": (0.48, 0.34, 0.13, 0.05),
    "客户服务热线": (0.12, 0.26, 0.34, 0.28),
    "面对面深度访谈": (0.10, 0.30, 0.35, 0.25),
    "焦点小组讨论": (0.24, 0.36, 0.27, 0.13),
}
STRATUM_AGES = {
    "新入职员工": (2.0, 1.0, 0.35, 0.15),
    "高层领导": (0.03, 0.4, 1.3, 2.2),
    "中层管理者": (0.3, 1.1, 1.4, 1.1),
}
UNKNOWN_AGE = 0.01

#: Standard deviation of the latent overall score that no effect explains.
NOISE = 0.68
#: Rounding to points leaves this much of an effect, which is made larger for it.
ROUNDING = 0.93
WEEKEND_WEIGHT = 0.3
WEEKEND_WEIGHTS = {"社交媒体监测": 0.75}
HOLIDAY_WEIGHT = 0.2
BUSY_MONTHS = {3: 1.3, 6: 1.3, 9: 1.3, 11: 1.35, 12: 0.9}
INCIDENT_RUSH = 1.8

PEAK_HOURS = (9, 10, 14, 15)
PEAK_RATIO = 2.0
PLATFORMS = {"网页端": 0.48, "移动端": 0.30, "客户端": 0.22}
UNSTABLE_PLATFORMS = {"网页端": 0.28, "移动端": 0.55, "客户端": 0.17}
WITH_PLATFORM = ("产品质量", "服务体验")
CODE_DIGITS = 6


def draw_items(plan: Plan, *, customers: pd.DataFrame, seed: int = SEED) -> pd.DataFrame:
    """Draw one year's feedback items without their comments, in the order of submission.

    Parameters
    ----------
    plan
        The year's margins.
    customers
        The year's table ``customers``, from which 核心客户 and 普通客户 come.
    seed
        Start of the random numbers, together with the year.

    Returns
    -------
    pandas.DataFrame
        The columns of the table ``feedback`` that are not the file's own (id, file, row) and not the
        comment; the answers to the questionnaire's matrix, one column an item; and what no export shows:
        ``issue``, ``issue2``, ``feeling``, ``is_incident``, ``is_silent`` (no comment) and ``care``
        (of online answers: hurried, alike or "").
    """
    rng = np.random.default_rng([seed, plan.year])
    items = pd.concat([_draw_side(plan, side=side, rng=rng) for side in plan.strata], ignore_index=True)
    items = _with_days(items, plan=plan, rng=rng)
    items["dip"] = dip_share(items["day"])
    items["age_band"] = _draw_ages(items, plan=plan, rng=rng)
    items["area"] = _draw_areas(items, plan=plan, rng=rng)
    items["department"] = drawn_by_group(items["topic"], shares=DEPARTMENTS, rng=rng)
    items = _with_scores(_with_answers(items, rng=rng), plan=plan, rng=rng)
    mood = draw_moods(items["latent"].to_numpy(), rng=rng)
    items["kind"] = draw_kinds(items, mood=mood, plan=plan, rng=rng)
    items = _with_praised_service(items, plan=plan, rng=rng)
    items["feeling"] = draw_feelings(items, mood=mood, plan=plan, rng=rng)
    items = tagged(items, plan=plan, rng=rng)
    items["is_incident"] = _draw_incident(items, rng=rng)
    # a stream of its own, so that other customers change nothing else
    items = settled(items, customers=customers, rng=np.random.default_rng([seed, plan.year, 0]))
    items["submitted_at"] = _draw_times(items, rng=rng)
    items["platform"] = _draw_platforms(items, rng=rng)
    items = items.sort_values("submitted_at", kind="stable", ignore_index=True)
    items = _as_filled_in(items, rng=rng)
    items["is_silent"] = _draw_silent(items, rng=rng)
    return _with_codes(items, plan=plan, rng=rng).drop(columns=["latent", "dip", "day", "start"])


def _draw_side(plan: Plan, *, side: str, rng: np.random.Generator) -> pd.DataFrame:
    items = pd.DataFrame({"side": side, "stratum": rng.permutation(packed(plan.strata[side]))})
    items["topic"] = rng.permutation(packed(plan.topics[side]))
    affinity = {
        channel: items["stratum"].map(CHANNEL_AFFINITY.get(channel, {})).fillna(1.0).to_numpy()
        for channel in plan.channels[side]
    }
    items["channel"] = dealt(plan.channels[side], weights=affinity, rng=rng)
    return items


def _day_weights(days: pd.DatetimeIndex, *, channel: str, side: str) -> np.ndarray:
    """Give each day's share of a channel's items; nobody is met on a weekend or public holiday."""
    is_work = meetings.working_days(days)
    on_leave = np.where(days.day_of_week < 5, 1.0, WEEKEND_WEIGHTS.get(channel, WEEKEND_WEIGHT))
    for first, last, _ in HOLIDAYS[days[0].year]:
        on_leave[(days >= first) & (days <= last)] *= HOLIDAY_WEIGHT
    weights = np.where(is_work, 1.0, 0.0 if channel in MEETINGS else on_leave)
    weights = weights * days.month.map(lambda month: BUSY_MONTHS.get(month, 1.0)).to_numpy()
    if side == "external":
        weights[(days >= DIP_START) & (days < DIP_START + DIP_FULL)] *= INCIDENT_RUSH
    return weights / weights.sum()


def _with_days(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Give every item its ``day``, and those of focus groups the ``start`` of their session in seconds."""
    days = pd.date_range(f"{plan.year}-01-01", f"{plan.year}-12-31", freq="D", unit="us")
    drawn_days = np.zeros(len(items), dtype=int)
    starts = np.full(len(items), -1, dtype="int64")
    for (side, channel), rows in items.groupby(["side", "channel"], sort=False).indices.items():
        weights = _day_weights(days, channel=channel, side=side)
        drawn_days[rows] = rng.choice(len(days), size=len(rows), p=weights)
    grouped = np.flatnonzero(items["channel"] == FOCUS_GROUPS)
    weights = {side: _day_weights(days, channel=FOCUS_GROUPS, side=side) for side in plan.strata}
    drawn_days[grouped], starts[grouped] = meetings.draw_sessions(
        items["side"].to_numpy()[grouped], weights=weights, rng=rng
    )
    return items.assign(day=days[drawn_days].to_numpy(), start=starts)


def dip_share(times: pd.Series) -> np.ndarray:
    """Give the share (0–1) of the full dip that is felt at each time."""
    since = (times - DIP_START) / pd.Timedelta(weeks=1)
    full, end = DIP_FULL / pd.Timedelta(weeks=1), DIP_END / pd.Timedelta(weeks=1)
    fading = np.clip((end - since) / (end - full), 0, 1)
    return np.where(since >= 0, fading, 0.0)


def _draw_ages(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    """Draw age bands by channel and stratum, and let each side have exactly its counts."""
    shares = np.array([CHANNEL_AGES[channel] for channel in items["channel"]])
    shares = shares * np.array(
        [STRATUM_AGES.get(stratum, (1.0,) * len(AGES)) for stratum in items["stratum"]]
    )
    ages = np.empty(len(items), dtype=object)
    for _, rows in items.groupby(["channel", "stratum"], sort=False).indices.items():
        ages[rows] = drawn(dict(zip(AGES, shares[rows[0]], strict=True)), size=len(rows), rng=rng)
    for side, bands in plan.ages.items():
        rows = np.flatnonzero(items["side"] == side)
        counts = {band: answered for band, (_, answered) in bands.items()}
        weights = dict(zip(AGES, shares[rows].T, strict=True))
        ages[rows] = evened(ages[rows], counts=counts, weights=weights, rng=rng)
    return ages


def _draw_areas(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    areas = np.full(len(items), "", dtype=object)
    for topic, counts in plan.areas.items():
        rows = np.flatnonzero(items["topic"] == topic)
        insiders = np.where(items["side"].iloc[rows] == "internal", 1.0, 1e-9)
        anyone = np.ones(len(rows))
        weights = {area: insiders if area == "内部流程评价" else anyone for area in counts}
        areas[rows] = dealt(counts, weights=weights, rng=rng)
    return areas


def _with_answers(items: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Give online items considered answers to the matrix question, and all items their inclination."""
    rows = np.flatnonzero(items["channel"] == ONLINE)
    given = np.full((len(items), len(DRIVERS)), np.nan)
    given[rows] = draw_answers(len(rows), rng=rng)
    inclined = rng.normal(size=len(items))
    inclined[rows] = driven(given[rows], rng=rng)
    return items.assign(**dict(zip(DRIVERS, given.T, strict=True)), inclined=inclined)


def _with_scores(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    latent = _effects(items, plan=plan) + NOISE * items["inclined"].to_numpy()
    overall = _ranked(latent, counts=plan.scores["总体满意度"])
    scores = np.full(len(items), np.nan)
    own = 0.55 * latent + rng.normal(0, 0.55, len(items))
    for area in ("产品满意度", "服务满意度", "内部流程评价"):
        rows = np.flatnonzero(items["area"] == area)
        effect = items["department"].iloc[rows].map(DEPARTMENT_EFFECTS) if area == "内部流程评价" else 0.0
        scores[rows] = _ranked(own[rows] + np.asarray(effect, dtype=float), counts=plan.scores[area])
    scored = items.assign(overall_score=overall, area_score=scores, latent=latent)
    unknown = rng.random(len(items)) < UNKNOWN_AGE
    return scored.assign(age_band=items["age_band"].mask(unknown, "")).drop(columns="inclined")


def _effects(items: pd.DataFrame, *, plan: Plan) -> np.ndarray:
    days = (items["day"] - pd.Timestamp(f"{plan.year}-01-01")).dt.days.to_numpy()
    outside = (items["side"] == "external").to_numpy()
    strata = items["stratum"].map(STRATUM_EFFECTS).fillna(0.0).to_numpy()
    ages = items["age_band"].map(AGE_EFFECTS).fillna(0.0).to_numpy()
    dip = plan.dip * items["dip"].to_numpy() * outside
    return (plan.trend * days / 365 + dip + strata + ages) / ROUNDING


def _ranked(latent: np.ndarray, *, counts: tuple[int, ...]) -> np.ndarray:
    """Give the lowest latent values score 1, the next ones score 2, and so on, ``counts`` of each."""
    scores = np.empty(len(latent))
    scores[np.argsort(latent, kind="stable")] = np.repeat(np.arange(1, len(counts) + 1), counts)
    return scores


def _with_praised_service(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Let exactly ``plan.service_praise`` items of 表扬 be meant for 客户服务部."""
    praises = (items["kind"] == "表扬").to_numpy()
    movable = praises & items["topic"].isin(SERVICE_PRAISE).to_numpy()
    fixed = (praises & ~movable & (items["department"] == SERVICE).to_numpy()).sum()
    weights = np.where(movable, items["topic"].map(SERVICE_PRAISE).fillna(0.0), 0.0)
    meant = chosen(weights, count=plan.service_praise - int(fixed), rng=rng)
    others = {
        topic: {name: share for name, share in shares.items() if name != SERVICE}
        for topic, shares in DEPARTMENTS.items()
    }
    departments = items["department"].to_numpy(dtype=object)
    departments[movable] = drawn_by_group(items["topic"][movable], shares=others, rng=rng)
    departments[meant] = SERVICE
    return items.assign(department=departments)


def _draw_incident(items: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Say which items speak of the incident: most about its issues while it is felt, fewer later.

    Prospects, who had no data to lose, never do.
    """
    is_user = (items["side"] == "external") & (items["stratum"] != "潜在客户")
    outside = (is_user & items["issue"].isin(tagging.INCIDENT_ISSUES)).to_numpy()
    felt = items["dip"].to_numpy()
    return outside & (felt > 0) & (rng.random(len(items)) < 0.25 + 0.6 * felt)


def _draw_times(items: pd.DataFrame, *, rng: np.random.Generator) -> pd.Series:
    seconds = np.zeros(len(items), dtype="int64")
    for channel, rows in items.groupby("channel", sort=False).indices.items():
        seconds[rows] = _draw_seconds(len(rows), channel=channel, rng=rng)
    in_session = (items["start"] >= 0).to_numpy()
    seconds[in_session] = items["start"].to_numpy()[in_session]
    is_unstable = items["tags"].str.contains(UNSTABLE_TAG, regex=False).to_numpy()
    is_peak = np.isin(seconds // 3600, PEAK_HOURS)
    wanted = round(PEAK_RATIO * is_peak[~is_unstable].mean() * is_unstable.sum())
    moved = rng.permutation(np.flatnonzero(is_unstable & ~is_peak & ~in_session))
    moved = moved[: max(0, wanted - int((is_unstable & is_peak).sum()))]
    hours = np.array(PEAK_HOURS)[rng.integers(0, len(PEAK_HOURS), size=len(moved))]
    seconds[moved] = 3600 * hours + rng.integers(0, 3600, size=len(moved))
    return items["day"] + pd.to_timedelta(seconds, unit="s").as_unit("us")


def _draw_seconds(size: int, *, channel: str, rng: np.random.Generator) -> np.ndarray:
    first, last = {ONLINE: (7.5, 22.5), "社交媒体监测": (7.0, 23.8), INTERVIEWS: (9.0, 17.9)}.get(
        channel, (8.6, 17.9)
    )
    share = (
        0.5 * (rng.random(size) + rng.random(size))
    ) ** 1.15  # few early and late, most before noon and after
    hours = first + (last - first) * share
    return (hours * 3600).astype("int64")


def _draw_platforms(items: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Deal platforms in exact shares, to items about stability and to others."""
    platforms = np.full(len(items), "", dtype=object)
    has_one = items["topic"].isin(WITH_PLATFORM).to_numpy()
    is_unstable = items["tags"].str.contains(UNSTABLE_TAG, regex=False).to_numpy()
    for rows, shares in ((has_one & is_unstable, UNSTABLE_PLATFORMS), (has_one & ~is_unstable, PLATFORMS)):
        counts = apportion(list(shares.values()), total=int(rows.sum()))
        platforms[rows] = rng.permutation(packed(dict(zip(shares, counts, strict=True))))
    return platforms


def _as_filled_in(items: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Replace the considered answers by those given, with the time they took."""
    rows = np.flatnonzero(items["channel"] == ONLINE)
    told = (
        filled_in(items[list(DRIVERS)].to_numpy()[rows], rng=rng).set_index(rows).reindex(range(len(items)))
    )
    return items.assign(**{name: told[name] for name in told}).assign(care=told["care"].fillna(""))


def _draw_silent(items: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Choose online rows without a comment, the same share of every feeling."""
    silent = np.zeros(len(items), dtype=bool)
    online = (items["channel"] == ONLINE).to_numpy()
    counts = items["feeling"].value_counts(sort=False)
    for feeling in ("正面", "中性", "负面"):
        rows = np.flatnonzero(online & (items["feeling"] == feeling))
        silent[rng.permutation(rows)[: round(SILENT_SHARE * counts.get(feeling, 0))]] = True
    return silent


def _with_codes(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Give every respondent a pseudonym; N is 内部, W is 外部. Its first digit tells even years from odd ones."""
    tens = 10 ** (max(CODE_DIGITS, len(str(3 * len(items)))) - 1)
    first = (1 if plan.year % 2 == 0 else 5) * tens
    numbers = pd.Series(first + rng.choice(4 * tens, len(items), replace=False)).astype(str).astype(object)
    return items.assign(respondent_id=items["side"].map({"internal": "N", "external": "W"}) + numbers)


def frame_margins(plan: Plan) -> pd.DataFrame:
    """List the composition of each side's population by age and by region: the table ``margins``."""
    rows = []
    for side, strata in plan.strata.items():
        population = sum(plan.frame[stratum][0] for stratum in strata)
        rows += [(side, "age_band", band, people) for band, (people, _) in plan.ages[side].items()]
        shares = plan.regions[side]
        counts = apportion(list(shares.values()), total=population).tolist()
        rows += [(side, "region", level, count) for level, count in zip(shares, counts, strict=True)]
    return pd.DataFrame(rows, columns=["side", "variable", "level", "population"])


# ------------------------------------------------------------------ what should be found

_REGRESSION = "coefficient in a regression of overall_score on external dip, trend, strata and age bands"
_PEAK = "9:00-10:59 and 14:00-15:59"


def _trend_effects() -> tuple[Effect, ...]:
    dip = "coefficient of dip_share in a regression of {side} overall_score on dip_share and the part of the year"
    trend = "coefficient of the part of the year (0-1) in the regression of internal overall_score"
    moved = dip.format(side="external") + ", days moved on by 365"
    return (
        Effect("incident_dip", "feedback", dip.format(side="external"), PLANS[2023].dip, 0.08, "points"),
        Effect("incident_dip_inside", "feedback", dip.format(side="internal"), 0.0, 0.06, "points"),
        Effect("incident_dip_2022", "feedback", moved, 0.0, 0.15, "points", 2022),
        Effect("trend_2023", "feedback", trend, PLANS[2023].trend, 0.07, "points"),
        Effect("trend_2022", "feedback", trend, PLANS[2022].trend, 0.1, "points", 2022),
    )


def _group_effects() -> tuple[Effect, ...]:
    strata = {"离职员工": "former", "潜在客户": "prospects", "高层领导": "leaders", "核心客户": "core"}
    ages = {"30岁以下": "young", "50岁及以上": "old"}
    return tuple(
        Effect(f"score_{key}", "feedback", f"{name}: {_REGRESSION}", effects[name], 0.1, "points")
        for effects, keys in ((STRATUM_EFFECTS, strata), (AGE_EFFECTS, ages))
        for name, key in keys.items()
    )


def _answer_effects() -> tuple[Effect, ...]:
    driver = (
        "standardised coefficient of {item} where overall_score of careful online answers (neither hurried "
        "nor eight times the same) is regressed on the eight items"
    )
    hurried = "share of online items with duration_seconds below 0.4 of the median"
    alike = "share of online respondents who gave one answer below 5 to all eight items"
    lower = "mean of 系统稳定 in 问题反映 tagged 系统稳定性问题 minus its mean in other 问题反映"
    return (
        *(
            Effect(f"driver_{place}", "ratings", driver.format(item=item), weight, 0.05, "beta")
            for place, (item, weight) in enumerate(DRIVERS.items(), start=1)
        ),
        Effect("item_correlation", "ratings", "mean correlation of the eight items", 0.32, 0.03, "r"),
        Effect("speeders", "feedback", hurried, SPEEDERS, 0.001, "share"),
        Effect("straight_liners", "ratings", alike, STRAIGHT_LINERS, 0.001, "share"),
        Effect("low_rating_low_stability", "ratings, feedback", lower, -0.31, 0.2, "points"),
    )


def _place_effects() -> tuple[Effect, ...]:
    north = "share of 华北 and 东北 among items tagged 响应时间过长 over their share among the others"
    peak = f"share sent at {_PEAK} of items tagged 系统稳定性问题 over that of the others"
    mobile = "share of 移动端 among items with a platform that are {which} 系统稳定性问题"
    usual = sum(REGIONS[name] for name in accounts.NORTH)
    tilted = accounts.NORTH_WEIGHT / (1 + (accounts.NORTH_WEIGHT - 1) * usual)
    stable, unstable = PLATFORMS["移动端"], UNSTABLE_PLATFORMS["移动端"]
    return (
        Effect("north_slow", "feedback", north, round(tilted, 2), 0.3, "ratio"),
        Effect("peak_hours", "feedback", peak, PEAK_RATIO, 0.05, "ratio"),
        Effect("mobile_unstable", "feedback", mobile.format(which="tagged"), unstable, 0.01, "share"),
        Effect("mobile_others", "feedback", mobile.format(which="not tagged"), stable, 0.01, "share"),
        Effect("region_scores", "feedback", "eta squared of region for overall_score", 0.0, 0.004, "eta2"),
        Effect("hour_scores", "feedback", "eta squared of the hour for overall_score", 0.0, 0.008, "eta2"),
        Effect(
            "channel_scores",
            "feedback",
            "part of the variance of overall_score that channels explain beyond strata, age bands, dip and trend",
            0.0,
            0.003,
            "eta2",
        ),
    )


def _customer_effects() -> tuple[Effect, ...]:
    size = "odds ratio (Mantel-Haenszel over strata) of {size} customers for issues {issues} in their 建议"
    old = "share of 表扬 in items of customers since before 2019 over that of the other customers"
    busy = (
        "share of 问题反映 in items of 核心客户 with more active_users than their median customer, over that of "
        "the other 核心客户"
    )
    large = size.format(size="大型", issues="、".join(accounts.LARGE_ISSUES))
    small = size.format(size="小型", issues="、".join(accounts.SMALL_ISSUES))
    tables = "feedback, customers"
    return (
        Effect("large_customers", tables, large, accounts.SIZE_ODDS, 1.0, "odds ratio"),
        Effect("small_customers", tables, small, accounts.SIZE_ODDS, 1.0, "odds ratio"),
        Effect("old_customers_praise", tables, old, accounts.OLD_PRAISE, 0.3, "ratio"),
        Effect("busy_customers_complain", tables, busy, accounts.BUSY_BLAME, 0.25, "ratio"),
    )


def _word_effects() -> tuple[Effect, ...]:
    eta = "eta squared of department for area_score of 内部流程评价"
    channel = "share of 问题反映 in external items of the hotline and social media minus that in external online ones"
    burst = (
        "share of 系统稳定性问题 in external 问题反映 of the four weeks from 2023-05-15 over that of the rest of "
        "the year"
    )
    low = f"share of 负面 items with an overall_score up to {LOW}"
    unhappy = f"share of 负面 and 中性 in items with an overall_score up to {LOW}"
    raked = "mean overall_score{where} raked to the frame's age bands by side, minus the plain mean{where}"
    return (
        Effect("department_processes", "feedback", eta, 0.10, 0.02, "eta2"),
        Effect("area_overall", "feedback", "correlation of area_score and overall_score", 0.43, 0.04, "r"),
        Effect("problem_channels", "feedback", channel, 0.10, 0.05, "share"),
        Effect("incident_topic", "feedback", burst, 1.9, 0.6, "ratio"),
        Effect("age_raking", "feedback, margins", raked.format(where=""), 0.025, 0.01, "points"),
        Effect(
            "age_raking_online",
            "feedback, margins",
            raked.format(where=" of online items"),
            0.035,
            0.015,
            "points",
        ),
        Effect("blame_low", "feedback, planted feelings", low, BLAME_LOW, 0.002, "share"),
        Effect("low_unhappy", "feedback, planted feelings", unhappy, LOW_UNHAPPY, 0.002, "share"),
    )


EFFECTS: tuple[Effect, ...] = (
    *_trend_effects(),
    *_group_effects(),
    *_answer_effects(),
    *_place_effects(),
    *_customer_effects(),
    *_word_effects(),
)

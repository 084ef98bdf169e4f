"""Draw the feedback items of one sample year: exact margins, known effects, nothing read or written.

Margins are exact because every label is dealt from a counted pack, and every score from a counted pack
in the order of a latent value (noise plus effects). Planted, in points of the five-point score:

- *Incident*: external overall scores fall by about 0.6 in the four weeks from 2023-05-15 and recover in a
  straight line until 2023-07-10 (week 8). Internal scores do not move. 2022 has no such dip. Externals
  write about 1.8 times as much in those four weeks.
- *Trend*: about +0.12 over 2023 and +0.05 over 2022 in overall scores, both sides.
- *Strata*: 离职员工 −0.35, 潜在客户 −0.12, 高层领导 +0.15, 核心客户 +0.10 in overall scores; others none.
- *Departments*: 内部流程评价 differs (eta² about 0.10); 技术支持部 and 市场部 lowest.
- *Areas*: area scores correlate with overall scores (about 0.4), and so follow the dip and trend weakly.
- *Kinds*: low scores give more 问题反映, high scores more 表扬; the hotline and social media have more
  问题反映 than their scores explain.
- *Feelings* of comments: 58/24/18 % 正面/中性/负面 in 2023, 46/26/28 % in 2022, also among the 94 % of
  items that have a comment. They follow kind and overall score, with noise.
- *Regions*: 华北 and 东北 have 2.5 times their weight in negative 响应时间 items, and their usual weight
  elsewhere.
- *Issues* of negative items: about 18 % 响应时间 and 5 % 速度, 19 % 稳定性, 14 % 文档; among internal ones
  about 26 % 沟通.

Not planted (a test that finds it found noise): regions have no effect on scores, channels none on overall
scores beyond who uses them, departments none on 产品满意度, 服务满意度 and overall scores, and hours of the
day none on anything.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fbanalysis.sample.plans import SILENT_SHARE, Counts, Plan
from fbanalysis.sample.texts import add_contacts, write_comments

SEED = 20230227

DIP_START = pd.Timestamp("2023-05-15")
DIP_FULL = pd.Timedelta(weeks=4)
DIP_END = pd.Timedelta(weeks=8)

NORTH = ("华北", "东北")
REGIONS = {"华北": 0.19, "华东": 0.28, "华南": 0.19, "华中": 0.12, "西南": 0.10, "西北": 0.05, "东北": 0.07}
NORTH_WEIGHT = 2.5
SLOW = "响应时间"

STRATUM_EFFECTS = {"离职员工": -0.35, "潜在客户": -0.12, "高层领导": 0.15, "核心客户": 0.10}
DEPARTMENT_EFFECTS = {
    "技术支持部": -0.34,
    "市场部": -0.28,
    "客户服务部": 0.06,
    "产品研发部": 0.12,
    "人力资源部": 0.24,
    "运营管理部": 0.18,
}
DEPARTMENTS = {
    "产品质量": {"产品研发部": 0.72, "技术支持部": 0.23, "运营管理部": 0.05},
    "服务体验": {"客户服务部": 0.48, "技术支持部": 0.44, "市场部": 0.08},
    "内部管理": dict.fromkeys(DEPARTMENT_EFFECTS, 1 / 6),
    "战略方向": {"市场部": 0.40, "产品研发部": 0.28, "运营管理部": 0.22, "人力资源部": 0.10},
}
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
KIND_PROBLEM_BIAS = {"客户服务热线": 0.7, "社交媒体监测": 0.5}
FEELING_BASE = {"表扬": 2.1, "建议": 0.35, "问题反映": -1.5}

#: Issue weights by topic: (usual, among negative items). Keys are the issues of ``clauses``.
ISSUES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "产品质量": {
        "稳定性": (12, 64),
        "速度": (10, 18),
        "报表": (16, 3),
        "导出": (10, 4),
        "移动端": (13, 3),
        "接口": (9, 3),
        "易用性": (16, 3),
        "升级": (7, 3),
        "数据准确": (7, 3),
        "文档": (4, 22),
    },
    "服务体验": {
        SLOW: (27, 60),
        "客服": (27, 6),
        "文档": (16, 24),
        "客户培训": (14, 3),
        "实施": (10, 3),
        "热线": (6, 3),
    },
    "内部管理": {
        "沟通": (18, 110),
        "审批": (22, 9),
        "内部培训": (20, 4),
        "协作": (14, 5),
        "考核激励": (10, 3),
        "制度工具": (16, 2),
        "商务对接": (10, 10),
    },
    "战略方向": {
        "产品路线": (28, 30),
        "行业方案": (18, 12),
        "价格": (14, 24),
        "生态": (14, 10),
        "品牌": (14, 10),
        "人才": (12, 14),
        "经营策略": (16, 20),
    },
}
#: Issues that only one side can have.
ONE_SIDED = {
    "external": {"商务对接", "客户培训", "行业方案", "价格", "生态"},
    "internal": {"沟通", "审批", "内部培训", "协作", "考核激励", "制度工具", "人才", "经营策略"},
}
WEEKEND_WEIGHTS = {"社交媒体监测": 0.75, "面对面深度访谈": 0.08, "焦点小组讨论": 0.08}
HOLIDAYS = {
    2022: (("01-31", "02-06"), ("04-03", "04-05"), ("04-30", "05-04"), ("10-01", "10-07")),
    2023: (("01-21", "01-27"), ("04-29", "05-03"), ("06-22", "06-24"), ("09-29", "10-06")),
}
#: Comments with invented personal data, a year.
CONTACT_COUNT = 20

BUSY_MONTHS = {3: 1.3, 6: 1.3, 9: 1.3, 11: 1.35, 12: 0.9}


def draw_items(plan: Plan, *, seed: int = SEED) -> pd.DataFrame:
    """Draw one year's feedback items with their comments, in the order of submission.

    Columns are those of the table ``feedback`` that are not the file's own (id, file, row), plus the
    planted ``issue`` and ``feeling``, which no export shows.
    """
    rng = np.random.default_rng([seed, plan.year])
    items = pd.concat([_draw_side(plan, side=side, rng=rng) for side in plan.strata], ignore_index=True)
    items["submitted_at"] = _draw_times(items, plan=plan, rng=rng)
    items["area"] = _draw_areas(items, plan=plan, rng=rng)
    items["department"] = _draw_by_group(items["topic"], weights=DEPARTMENTS, rng=rng)
    items = _with_scores(items, plan=plan, rng=rng)
    items["kind"] = _draw_kinds(items, plan=plan, rng=rng)
    items["feeling"] = _draw_feelings(items, plan=plan, rng=rng)
    items["issue"] = _draw_issues(items, rng=rng)
    items["region"] = _draw_regions(items, rng=rng)
    items = items.sort_values("submitted_at", kind="stable", ignore_index=True)
    items["comment"] = _draw_comments(items, rng=rng)
    items["respondent_id"] = _draw_codes(items, rng=rng)
    return items.drop(columns="latent")


def _pack(counts: Counts) -> np.ndarray:
    return np.repeat(np.array(list(counts), dtype=object), list(counts.values()))


def _draw_side(plan: Plan, *, side: str, rng: np.random.Generator) -> pd.DataFrame:
    items = pd.DataFrame({"side": side, "stratum": rng.permutation(_pack(plan.strata[side]))})
    items["topic"] = rng.permutation(_pack(plan.topics[side]))
    affinity = {
        channel: items["stratum"].map(CHANNEL_AFFINITY.get(channel, {})).fillna(1.0)
        for channel in plan.channels[side]
    }
    items["channel"] = _deal(plan.channels[side], weights=affinity, rng=rng)
    return items


def _deal(counts: Counts, *, weights: Mapping[str, pd.Series], rng: np.random.Generator) -> np.ndarray:
    """Deal each label its exact number of rows, by weighted sampling without replacement.

    Notes
    -----
    The ``k`` largest of ``log(u) / w`` are a weighted sample (Efraimidis and Spirakis, 2006,
    Information Processing Letters 97, 181–185). Labels are dealt in their order; the last takes the rest.
    """
    dealt = np.full(len(next(iter(weights.values()))), None, dtype=object)
    for label, count in counts.items():
        free = np.flatnonzero(np.equal(dealt, None))
        keys = np.log(rng.random(len(free))) / weights[label].to_numpy()[free]
        dealt[free[np.argsort(-keys, kind="stable")[:count]]] = label
    return dealt


def _day_weights(days: pd.DatetimeIndex, *, channel: str, side: str) -> np.ndarray:
    weights = np.where(days.day_of_week < 5, 1.0, WEEKEND_WEIGHTS.get(channel, 0.3))
    weights = weights * days.month.map(lambda month: BUSY_MONTHS.get(month, 1.0)).to_numpy()
    for first, last in HOLIDAYS[days[0].year]:
        weights[(days >= f"{days[0].year}-{first}") & (days <= f"{days[0].year}-{last}")] *= 0.2
    if side == "external":
        weights[(days >= DIP_START) & (days < DIP_START + DIP_FULL)] *= 1.8
    return weights / weights.sum()


def _draw_times(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.Series:
    days = pd.date_range(f"{plan.year}-01-01", f"{plan.year}-12-31", freq="D")
    times = pd.Series(pd.NaT, index=items.index, dtype="datetime64[us]")
    for (side, channel), rows in items.groupby(["side", "channel"], sort=False).groups.items():
        drawn = rng.choice(len(days), size=len(rows), p=_day_weights(days, channel=channel, side=side))
        times[rows] = (days[drawn] + _draw_clock(len(rows), channel=channel, rng=rng)).to_numpy()
    return times


def _draw_clock(size: int, *, channel: str, rng: np.random.Generator) -> pd.TimedeltaIndex:
    first, last = {"在线问卷调查": (7.5, 22.5), "社交媒体监测": (7.0, 23.8)}.get(channel, (8.6, 17.9))
    hours = first + (last - first) * rng.beta(1.6, 1.9, size=size)
    return pd.to_timedelta((hours * 3600).astype(int), unit="s")


def _draw_areas(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.Series:
    areas = pd.Series("", index=items.index, dtype=object)
    for topic, counts in plan.areas.items():
        rows = items[items["topic"] == topic]
        insiders = (rows["side"] == "internal").map({True: 1.0, False: 1e-9})
        anyone = pd.Series(1.0, index=rows.index)
        weights = {area: insiders if area == "内部流程评价" else anyone for area in counts}
        areas[rows.index] = _deal(counts, weights=weights, rng=rng)
    return areas


def _draw_by_group(
    groups: pd.Series, *, weights: Mapping[str, Mapping[str, float]], rng: np.random.Generator
) -> pd.Series:
    drawn = pd.Series("", index=groups.index, dtype=object)
    for group, rows in groups.groupby(groups, sort=False).groups.items():
        labels, chances = list(weights[group]), np.array(list(weights[group].values()))
        drawn[rows] = rng.choice(np.array(labels, dtype=object), size=len(rows), p=chances / chances.sum())
    return drawn


def dip_share(times: pd.Series) -> np.ndarray:
    """Give the share (0–1) of the full dip that is felt at each time."""
    since = (times - DIP_START) / pd.Timedelta(weeks=1)
    full, end = DIP_FULL / pd.Timedelta(weeks=1), DIP_END / pd.Timedelta(weeks=1)
    fading = np.clip((end - since) / (end - full), 0, 1)
    return np.where(since >= 0, fading, 0.0)


def _ranked(latent: np.ndarray, *, counts: tuple[int, ...]) -> np.ndarray:
    """Give the lowest latent values score 1, the next ones score 2, and so on, ``counts`` of each."""
    scores = np.empty(len(latent))
    scores[np.argsort(latent, kind="stable")] = np.repeat(np.arange(1, len(counts) + 1), counts)
    return scores


def _with_scores(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    latent = _overall_latent(items, plan=plan, rng=rng)
    scored = items.assign(
        overall_score=_ranked(latent, counts=plan.scores["总体满意度"]), area_score=np.nan, latent=latent
    )
    own = 0.55 * latent + rng.normal(0, 0.55, len(items))
    for area in ("产品满意度", "服务满意度", "内部流程评价"):
        rows = np.flatnonzero(items["area"] == area)
        effect = items["department"].iloc[rows].map(DEPARTMENT_EFFECTS) if area == "内部流程评价" else 0.0
        value = own[rows] + np.asarray(effect, dtype=float)
        scored.loc[rows, "area_score"] = _ranked(value, counts=plan.scores[area])
    return scored


def _overall_latent(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    days = (items["submitted_at"] - pd.Timestamp(f"{plan.year}-01-01")).dt.days.to_numpy()
    outside = (items["side"] == "external").to_numpy()
    strata = items["stratum"].map(STRATUM_EFFECTS).fillna(0.0).to_numpy()
    effects = plan.trend * days / 365 + plan.dip * dip_share(items["submitted_at"]) * outside + strata
    return effects + rng.normal(0, 0.68, len(items))


def _draw_kinds(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    bias = items["channel"].map(KIND_PROBLEM_BIAS).fillna(0.0)
    problem = bias - 0.9 * items["latent"] + rng.normal(0, 0.9, len(items))
    praise = 0.7 * items["latent"] + rng.normal(0, 0.9, len(items))
    kinds = np.full(len(items), "建议", dtype=object)
    kinds[np.argsort(-problem, kind="stable")[: plan.kinds["问题反映"]]] = "问题反映"
    rest = np.flatnonzero(kinds == "建议")
    kinds[rest[np.argsort(-praise.to_numpy()[rest], kind="stable")[: plan.kinds["表扬"]]]] = "表扬"
    return kinds


def _draw_feelings(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    value = items["kind"].map(FEELING_BASE) + 0.6 * items["latent"] + rng.normal(0, 0.85, len(items))
    feelings = np.empty(len(items), dtype=object)
    order = np.argsort(value.to_numpy(), kind="stable")
    feelings[order] = _pack({name: plan.feelings[name] for name in ("负面", "中性", "正面")})
    return feelings


def _draw_issues(items: pd.DataFrame, *, rng: np.random.Generator) -> list[str]:
    facts = zip(items["topic"], items["side"], items["feeling"], strict=True)
    return [_draw_issue(*fact, rng=rng) for fact in facts]


def _draw_issue(topic: str, side: str, feeling: str, *, rng: np.random.Generator) -> str:
    barred = ONE_SIDED["internal" if side == "external" else "external"]
    names = [name for name in ISSUES[topic] if name not in barred]
    weights = np.array([ISSUES[topic][name][feeling == "负面"] for name in names], dtype=float)
    return names[rng.choice(len(names), p=weights / weights.sum())]


def _draw_regions(items: pd.DataFrame, *, rng: np.random.Generator) -> pd.Series:
    slow = (items["issue"] == SLOW) & (items["feeling"] == "负面")
    tilted = {name: share * (NORTH_WEIGHT if name in NORTH else 1) for name, share in REGIONS.items()}
    weights = {"usual": REGIONS, "slow": tilted}
    regions = _draw_by_group(slow.map({True: "slow", False: "usual"}), weights=weights, rng=rng)
    regions[rng.random(len(items)) < 0.02] = ""
    return regions


def _draw_comments(items: pd.DataFrame, *, rng: np.random.Generator) -> pd.Series:
    comments = pd.Series(write_comments(items, rng=rng), dtype=object)
    comments[_silent_rows(items, rng=rng)] = ""
    return add_contacts(comments, count=CONTACT_COUNT, rng=rng)


def _silent_rows(items: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Choose online rows without a comment, the same share of every feeling."""
    online = items["channel"] == "在线问卷调查"
    counts = items["feeling"].value_counts(sort=False)
    free = [items.index[online & (items["feeling"] == feeling)] for feeling in counts.index]
    chosen = [
        rng.choice(rows, round(SILENT_SHARE * count), replace=False)
        for rows, count in zip(free, counts, strict=True)
    ]
    return np.concatenate(chosen)


def _draw_codes(items: pd.DataFrame, *, rng: np.random.Generator) -> list[str]:
    """Give every respondent a pseudonym; N is 内部, W is 外部."""
    codes = 100000 + rng.choice(900000, size=len(items), replace=False)
    sides = items["side"].map({"internal": "N", "external": "W"})
    return [f"{side}{code}" for side, code in zip(sides, codes, strict=True)]

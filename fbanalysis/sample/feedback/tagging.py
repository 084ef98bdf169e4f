"""What each item is about: its issue, often a second one, and the fine tags that a coder would give.

Tags that the plan counts are exact: most of their items have the issue as their first one, the rest as
their second. Other tags follow from the issue. Planted: complaints about stability pile up after the
incident, and those who rate an item of the questionnaire low complain of it more.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fbanalysis.sample.draws import chosen
from fbanalysis.sample.plans import Plan, TagCount

SEPARATOR = "；"
SLOW = "响应时间"
SLOW_TAG = "响应时间过长"
UNSTABLE_TAG = "系统稳定性问题"
QUICK_TAG = "紧急情况下的快速响应"

#: Issue weights by topic: (usual, in 问题反映). Keys are the issues of ``clauses``.
ISSUES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "产品质量": {
        "稳定性": (12, 55),
        "速度": (10, 18),
        "报表": (16, 8),
        "导出": (10, 8),
        "移动端": (13, 8),
        "接口": (9, 6),
        "易用性": (16, 9),
        "升级": (7, 7),
        "数据准确": (7, 8),
        "文档": (4, 22),
    },
    "服务体验": {
        SLOW: (27, 60),
        "客服": (27, 11),
        "文档": (16, 24),
        "客户培训": (14, 6),
        "实施": (10, 9),
        "热线": (6, 6),
    },
    "内部管理": {
        "沟通": (18, 70),
        "审批": (22, 22),
        "内部培训": (20, 9),
        "协作": (14, 16),
        "考核激励": (10, 9),
        "制度工具": (16, 10),
        "商务对接": (10, 10),
    },
    "战略方向": {
        "产品路线": (28, 24),
        "行业方案": (18, 12),
        "价格": (14, 24),
        "生态": (14, 10),
        "品牌": (14, 10),
        "人才": (12, 14),
        "经营策略": (16, 20),
    },
}
#: What externals suggest more often than the usual weights say.
OUTSIDE_WISHES = {"接口": 2.2, "易用性": 1.5, "行业方案": 1.8, "价格": 2.2}
#: Issues that only one side can have.
ONE_SIDED = {
    "external": {"商务对接", "客户培训", "行业方案", "价格", "生态"},
    "internal": {"沟通", "审批", "内部培训", "协作", "考核激励", "制度工具", "人才", "经营策略"},
}
PRODUCT = ("稳定性", "速度", "报表", "导出", "移动端", "接口", "易用性", "升级", "数据准确")
#: Kind → issue → tag.
TAGS: Mapping[str, Mapping[str, str]] = {
    "问题反映": {
        SLOW: SLOW_TAG,
        "稳定性": UNSTABLE_TAG,
        "文档": "文档说明不清",
        "沟通": "沟通不畅",
        "速度": "系统运行缓慢",
        "报表": "报表问题",
        "导出": "数据导出受限",
        "移动端": "移动端问题",
        "接口": "接口对接问题",
        "易用性": "操作复杂",
        "升级": "升级影响使用",
        "数据准确": "数据不准确",
        "客服": "服务态度与能力",
        "客户培训": "培训不足",
        "内部培训": "培训不足",
        "实施": "实施进度问题",
        "热线": "热线难接通",
        "审批": "审批繁琐",
        "协作": "跨部门协作问题",
        "考核激励": "考核激励问题",
        "制度工具": "制度与工具不便",
        "商务对接": "商务对接不顺",
        "产品路线": "产品方向不明",
        "行业方案": "行业方案欠缺",
        "价格": "价格偏高",
        "生态": "生态支持不足",
        "品牌": "品牌认知不足",
        "人才": "人才流失",
        "经营策略": "经营策略存疑",
    },
    "建议": dict.fromkeys((*PRODUCT, "产品路线", "行业方案"), "产品功能优化")
    | dict.fromkeys((SLOW, "客服", "热线", "实施"), "服务响应速度")
    | dict.fromkeys(("审批", "协作", "制度工具", "沟通"), "流程优化")
    | dict.fromkeys(("内部培训", "客户培训"), "培训资源完善")
    | {
        "文档": "文档完善",
        "价格": "价格与商务",
        "商务对接": "价格与商务",
        "考核激励": "考核与激励",
        "生态": "生态合作",
        "品牌": "品牌宣传",
        "人才": "人才发展",
        "经营策略": "经营策略",
    },
    "表扬": {
        "稳定性": "系统稳定",
        "速度": "运行流畅",
        "报表": "报表与导出好用",
        "导出": "报表与导出好用",
        "移动端": "移动办公方便",
        "接口": "接口开放",
        "易用性": "操作简便",
        "升级": "升级平稳",
        "数据准确": "数据可靠",
        "文档": "文档清晰",
        SLOW: "响应及时",
        "客服": "服务态度",
        "热线": "服务态度",
        "实施": "专业能力",
        "商务对接": "专业能力",
        "沟通": "团队协作",
        "协作": "团队协作",
        "审批": "流程顺畅",
        "制度工具": "流程顺畅",
        "考核激励": "管理关怀",
        "人才": "管理关怀",
        "产品路线": "方向清晰",
        "经营策略": "方向清晰",
        "行业方案": "方案贴合行业",
        "价格": "性价比",
        "生态": "生态与品牌",
        "品牌": "生态与品牌",
    }
    | dict.fromkeys(("内部培训", "客户培训"), "培训支持"),
}
#: Issues in which somebody can help in an emergency.
EMERGENCIES = (SLOW, "客服", "热线", "实施", "稳定性")
#: Share of a counted tag's items that have it as their first tag.
FIRST_SHARES = {
    SLOW_TAG: 0.70,
    UNSTABLE_TAG: 0.80,
    "文档说明不清": 0.68,
    "沟通不畅": 0.72,
    QUICK_TAG: 0.65,
    "产品功能优化": 0.88,
    "服务响应速度": 0.76,
    "流程优化": 0.78,
    "培训资源完善": 0.46,
}
#: No counted tag takes more of the items that could have it first.
MOST_FIRST = 0.94
#: Topics whose items have the tag as their second one four times as often as others.
HOMES = {
    SLOW_TAG: ("产品质量", "服务体验"),
    UNSTABLE_TAG: ("产品质量", "服务体验"),
    "文档说明不清": ("产品质量", "服务体验"),
    "沟通不畅": ("内部管理",),
    QUICK_TAG: ("产品质量", "服务体验"),
    "产品功能优化": ("服务体验", "战略方向"),
    "服务响应速度": ("产品质量", "服务体验"),
    "流程优化": ("内部管理", "战略方向"),
    "培训资源完善": ("内部管理", "产品质量", "服务体验"),
}
AWAY = 0.25
#: Low ratings of an item of the questionnaire go with complaints of the issue.
RATED = {"稳定性": "系统稳定", SLOW: "响应及时", "文档": "文档易懂", "沟通": "流程顺畅", "审批": "流程顺畅"}
RATED_TILT = 0.8
#: How much heavier the incident's issues weigh when it is felt most, outside the company.
INCIDENT_ISSUES = ("稳定性", "数据准确")
INCIDENT_TILT = 7.0


def tagged(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Give every item ``issue``, ``issue2`` and ``tags``.

    ``items`` needs side, topic, kind, ``dip`` (how much of the incident is felt, 0–1) and the answers to
    the questionnaire.
    """
    drafts = items.assign(issue="", issue2="", first="", second="")
    for kind in TAGS:
        rows = np.flatnonzero(items["kind"] == kind)
        counted = [tag for tag in plan.tags if tag.kind == kind]
        draft = _of_kind(drafts.iloc[rows].reset_index(drop=True), kind=kind, counted=counted, rng=rng)
        for column in ("issue", "issue2", "first", "second"):
            drafts.iloc[rows, drafts.columns.get_loc(column)] = draft[column].to_numpy(dtype=object)
    joined = drafts["first"] + np.where(drafts["second"] == "", "", SEPARATOR) + drafts["second"]
    return drafts.drop(columns=["first", "second"]).assign(tags=joined)


def _of_kind(
    draft: pd.DataFrame, *, kind: str, counted: list[TagCount], rng: np.random.Generator
) -> pd.DataFrame:
    """Tag the items of one kind: counted tags first, then the rest, then second tags."""
    weights = _weights(draft, kind=kind)
    tags = dict(TAGS[kind])
    if kind == "表扬":
        _draw_rest(draft, weights=weights, kind=kind, counted=(), rng=rng)
        left = [_praise_emergencies(draft, tag=tag, rng=rng) for tag in counted]
    else:
        left = [_deal_first(draft, tag=tag, weights=weights, tags=tags, rng=rng) for tag in counted]
        _draw_rest(draft, weights=weights, kind=kind, counted=counted, rng=rng)
    for tag, count in zip(counted, left, strict=True):
        issues = EMERGENCIES if tag.tag == QUICK_TAG else [name for name in tags if tags[name] == tag.tag]
        _deal_second(draft, tag=tag, count=count, issues=issues, rng=rng)
    return draft


def _weights(draft: pd.DataFrame, *, kind: str) -> pd.DataFrame:
    """Weigh every issue for every item; 0 where the topic or the side doesn't have it."""
    columns: dict[str, np.ndarray] = {}
    for topic, issues in ISSUES.items():
        is_here = (draft["topic"] == topic).to_numpy()
        for issue, (usual, problem) in issues.items():
            weight = np.where(is_here, float(problem if kind == "问题反映" else usual), 0.0)
            columns[issue] = columns.get(issue, 0.0) + weight
    outside = (draft["side"] == "external").to_numpy()
    for side, issues in ONE_SIDED.items():
        for issue in issues:
            columns[issue] = np.where(outside == (side == "external"), columns[issue], 0.0)
    if kind == "建议":
        for issue, tilt in OUTSIDE_WISHES.items():
            columns[issue] = columns[issue] * np.where(outside, tilt, 1.0)
    for issue in INCIDENT_ISSUES:
        columns[issue] = columns[issue] * (1 + INCIDENT_TILT * draft["dip"].to_numpy() * outside)
    if kind == "问题反映":
        for issue, item in RATED.items():
            low = (draft[item].mean() - draft[item].fillna(draft[item].mean())) / draft[item].std()
            columns[issue] = columns[issue] * np.exp(RATED_TILT * np.nan_to_num(low.to_numpy()))
    return pd.DataFrame(columns)


def _deal_first(
    draft: pd.DataFrame,
    *,
    tag: TagCount,
    weights: pd.DataFrame,
    tags: Mapping[str, str],
    rng: np.random.Generator,
) -> int:
    """Deal a tag to items of fitting topics as their first one; give how many are left for second ones."""
    issues = [name for name in weights if tags[name] == tag.tag]
    share = weights[issues].sum(axis=1) / weights.sum(axis=1)
    is_open = (draft["first"] == "") & (
        draft["side"].isin([tag.side] if tag.side else draft["side"].unique())
    )
    odds = np.where(is_open, share / (1.05 - share), 0.0)
    count = min(round(FIRST_SHARES[tag.tag] * tag.count), int(MOST_FIRST * (odds > 0).sum()))
    rows = chosen(odds, count=count, rng=rng)
    _note(draft, rows, column="issue", values=_pick(weights.iloc[rows][issues], rng=rng))
    _note(draft, rows, column="first", values=tag.tag)
    return tag.count - len(rows)


def _draw_rest(
    draft: pd.DataFrame,
    *,
    weights: pd.DataFrame,
    kind: str,
    counted: Sequence[TagCount],
    rng: np.random.Generator,
) -> None:
    """Draw the issues of all other items, none of which gets a tag that is counted on its side."""
    rows = np.flatnonzero(draft["first"] == "")
    left = weights.iloc[rows].copy()
    for tag in counted:
        here = (draft["side"].iloc[rows] == tag.side).to_numpy() if tag.side else slice(None)
        left.loc[here, [name for name in left if TAGS[kind][name] == tag.tag]] = 0.0
    issues = _pick(left, rng=rng)
    _note(draft, rows, column="issue", values=issues)
    _note(draft, rows, column="first", values=[TAGS[kind][name] for name in issues])


def _praise_emergencies(draft: pd.DataFrame, *, tag: TagCount, rng: np.random.Generator) -> int:
    could = draft["issue"].isin(EMERGENCIES).to_numpy(dtype=float)
    count = min(round(FIRST_SHARES[tag.tag] * tag.count), int(MOST_FIRST * could.sum()))
    rows = chosen(could, count=count, rng=rng)
    _note(draft, rows, column="first", values=tag.tag)
    return tag.count - len(rows)


def _deal_second(
    draft: pd.DataFrame,
    *,
    tag: TagCount,
    count: int,
    issues: list[str] | tuple[str, ...],
    rng: np.random.Generator,
) -> None:
    """Deal a tag to items with another first one, with an issue that their side can have."""
    is_open = (draft["second"] == "") & (draft["first"] != tag.tag) & ~draft["issue"].isin(issues)
    if tag.side:
        is_open &= draft["side"] == tag.side
    odds = np.where(is_open, draft["topic"].isin(HOMES[tag.tag]).map({True: 1.0, False: AWAY}), 0.0)
    rows = chosen(odds, count=count, rng=rng)
    usual = {
        name: issue[tag.kind == "问题反映"] for topic in ISSUES.values() for name, issue in topic.items()
    }
    table = pd.DataFrame({name: np.full(len(rows), float(usual[name])) for name in issues})
    outside = draft["side"].to_numpy()[rows] == "external"
    for side, barred in ONE_SIDED.items():
        table.loc[outside != (side == "external"), [name for name in issues if name in barred]] = 0.0
    _note(draft, rows, column="issue2", values=_pick(table, rng=rng))
    _note(draft, rows, column="second", values=tag.tag)


def _pick(weights: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Draw a column's name for every row, by the row's weights."""
    cuts = np.cumsum(weights.to_numpy(), axis=1)
    if not len(cuts):
        return np.empty(0, dtype=object)
    places = (cuts <= (rng.random(len(cuts)) * cuts[:, -1])[:, None]).sum(axis=1)
    return weights.columns.to_numpy(dtype=object)[np.minimum(places, weights.shape[1] - 1)]


def _note(draft: pd.DataFrame, rows: np.ndarray, *, column: str, values: object) -> None:
    draft.iloc[rows, draft.columns.get_loc(column)] = values

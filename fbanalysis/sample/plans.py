"""What each sample year contains: the exact counts, as plain data, for any number of rows. It draws nothing.

Every mapping counts accepted feedback items; the rows that intake has to refuse and the matters sent
twice come on top (see :mod:`fbanalysis.sample.files`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fbanalysis.sample.dealing import apportion

Counts = Mapping[str, int]

#: Share of items without a comment.
SILENT_SHARE = 0.02

#: Where the company's people and customers are, as shares.
REGIONS = {"华北": 0.19, "华东": 0.28, "华南": 0.19, "华中": 0.12, "西南": 0.10, "西北": 0.05, "东北": 0.07}
#: Public holidays of a year: first day, last day, weekend days worked instead.
HOLIDAYS = {
    2022: (
        ("2022-01-01", "2022-01-03", ()),
        ("2022-01-31", "2022-02-06", ("2022-01-29", "2022-01-30")),
        ("2022-04-03", "2022-04-05", ("2022-04-02",)),
        ("2022-04-30", "2022-05-04", ("2022-04-24", "2022-05-07")),
        ("2022-06-03", "2022-06-05", ()),
        ("2022-09-10", "2022-09-12", ()),
        ("2022-10-01", "2022-10-07", ("2022-10-08", "2022-10-09")),
        ("2022-12-31", "2023-01-02", ()),
    ),
    2023: (
        ("2022-12-31", "2023-01-02", ()),
        ("2023-01-21", "2023-01-27", ("2023-01-28", "2023-01-29")),
        ("2023-04-05", "2023-04-05", ()),
        ("2023-04-29", "2023-05-03", ("2023-04-23", "2023-05-06")),
        ("2023-06-22", "2023-06-24", ("2023-06-25",)),
        ("2023-09-29", "2023-10-06", ("2023-10-07", "2023-10-08")),
        ("2023-12-30", "2024-01-01", ()),
    ),
}


@dataclass(frozen=True)
class Effect:
    """One thing an analysis of the sample should find (or, at size 0, should not find).

    ``finding`` says what is compared with what, so that it can be recomputed; ``tolerance`` is how far
    the realised size may be from ``size``.
    """

    key: str
    table: str
    finding: str
    size: float
    tolerance: float
    unit: str
    year: int = 2023


@dataclass(frozen=True)
class TagCount:
    """How many items of a kind carry a tag, as first or second one; ``side`` where only that side has it."""

    kind: str
    tag: str
    count: int
    side: str | None = None


@dataclass(frozen=True)
class Plan:
    """The margins of one sample year.

    ``strata``, ``topics``, ``channels`` and ``kinds`` are per side; ``areas`` is per topic, with ``""``
    for items that rate no area; ``scores`` gives how many items have the score 1, 2, 3, 4, 5; ``frame``
    is (population, invited) per stratum, ``ages`` (population, answers) per side and age band, ``regions``
    the population's shares per side. ``quality_problems`` are 问题反映 about 产品质量,
    ``service_praise`` is 表扬 for 客户服务部. ``resubmissions`` come on top of the accepted items, of them
    ``crossings`` through another channel; ``codings`` are the comments that the two coders read.
    """

    year: int
    strata: Mapping[str, Counts]
    frame: Mapping[str, tuple[int, int]]
    ages: Mapping[str, Mapping[str, tuple[int, int]]]
    regions: Mapping[str, Mapping[str, float]]
    topics: Mapping[str, Counts]
    channels: Mapping[str, Counts]
    areas: Mapping[str, Counts]
    kinds: Mapping[str, Counts]
    quality_problems: int
    tags: tuple[TagCount, ...]
    service_praise: int
    feelings: Counts
    scores: Mapping[str, tuple[int, ...]]
    resubmissions: int
    crossings: int
    codings: tuple[int, int]
    trend: float
    dip: float

    @property
    def size(self) -> int:
        """All accepted items."""
        return sum(self.feelings.values())


def _apportioned(counts: Iterable[int], total: int) -> list[int]:
    """Share out a total in proportion to counts, all of which may be 0."""
    counts = list(counts)
    return apportion(counts, total=total).tolist() if sum(counts) else counts


def _shared(counts: Counts, total: int) -> dict[str, int]:
    return dict(zip(counts, _apportioned(counts.values(), total), strict=True))


def scaled(plan: Plan, *, rows: int) -> Plan:
    """Give the plan of a year with ``rows`` accepted items: the same shares, margins that fit together."""
    if rows == plan.size:
        return plan
    ratio = rows / plan.size
    sides = _shared({side: sum(strata.values()) for side, strata in plan.strata.items()}, rows)
    per_side = {
        name: {side: _shared(counts, sides[side]) for side, counts in getattr(plan, name).items()}
        for name in ("strata", "topics", "channels", "kinds")
    }
    areas = {
        topic: _shared(counts, sum(per_side["topics"][side].get(topic, 0) for side in sides))
        for topic, counts in plan.areas.items()
    }
    frame = _scaled_frame(plan, strata=per_side["strata"], ratio=ratio)
    return replace(
        plan,
        **per_side,
        areas=areas,
        frame=frame,
        ages=_scaled_ages(plan, frame=frame, answers=sides),
        feelings=_shared(plan.feelings, rows),
        scores=_scaled_scores(plan, areas=areas, rows=rows),
        tags=tuple(replace(tag, count=round(tag.count * ratio)) for tag in plan.tags),
        quality_problems=round(plan.quality_problems * ratio),
        service_praise=round(plan.service_praise * ratio),
        resubmissions=round(plan.resubmissions * ratio),
        crossings=round(plan.crossings * ratio),
        codings=tuple(min(count, round(count * ratio)) for count in plan.codings),
    )


def _scaled_frame(plan: Plan, *, strata: Mapping[str, Counts], ratio: float) -> dict[str, tuple[int, int]]:
    """Scale the frame so that nobody answers who was not invited."""
    answered = {name: count for counts in strata.values() for name, count in counts.items()}
    frame = {}
    for name, (population, invited) in plan.frame.items():
        asked = max(answered[name], round(invited * ratio))
        frame[name] = (max(asked, round(population * ratio)), asked)
    return frame


def _scaled_ages(
    plan: Plan, *, frame: Mapping[str, tuple[int, int]], answers: Counts
) -> dict[str, dict[str, tuple[int, int]]]:
    """Scale those who answered and those who did not, so that no age band has more answers than people."""
    scaled_ages = {}
    for side, bands in plan.ages.items():
        absent = sum(frame[stratum][0] for stratum in plan.strata[side]) - answers[side]
        told = _shared({band: answered for band, (_, answered) in bands.items()}, answers[side])
        missing = _shared({band: people - answered for band, (people, answered) in bands.items()}, absent)
        scaled_ages[side] = {band: (told[band] + missing[band], told[band]) for band in bands}
    return scaled_ages


def _scaled_scores(plan: Plan, *, areas: Mapping[str, Counts], rows: int) -> dict[str, tuple[int, ...]]:
    rated = {area: sum(counts.get(area, 0) for counts in areas.values()) for area in plan.scores}
    totals = rated | {"总体满意度": rows}
    return {area: tuple(_apportioned(counts, totals[area])) for area, counts in plan.scores.items()}


def _tags(counts: Mapping[tuple[str, str | None], Counts]) -> tuple[TagCount, ...]:
    return tuple(
        TagCount(kind=kind, tag=tag, count=count, side=side)
        for (kind, side), tags in counts.items()
        for tag, count in tags.items()
    )


PLANS = {
    2023: Plan(
        year=2023,
        strata={
            "internal": {
                "一线员工": 880,
                "中层管理者": 509,
                "高层领导": 116,
                "新入职员工": 347,
                "离职员工": 232,
                "其他人员": 231,
            },
            "external": {"核心客户": 485, "普通客户": 364, "潜在客户": 182, "合作伙伴": 121, "供应商": 61},
        },
        frame={
            "一线员工": (1004, 980),
            "中层管理者": (548, 545),
            "高层领导": (121, 121),
            "新入职员工": (388, 380),
            "离职员工": (322, 290),
            "其他人员": (268, 255),
            "核心客户": (530, 526),
            "普通客户": (438, 420),
            "潜在客户": (264, 231),
            "合作伙伴": (144, 138),
            "供应商": (75, 72),
        },
        ages={
            "internal": {
                "30岁以下": (680, 653),
                "30—39岁": (895, 860),
                "40—49岁": (594, 547),
                "50岁及以上": (482, 255),
            },
            "external": {
                "30岁以下": (356, 344),
                "30—39岁": (412, 389),
                "40—49岁": (341, 307),
                "50岁及以上": (342, 173),
            },
        },
        regions={
            "internal": {
                "华北": 0.2,
                "华东": 0.27,
                "华南": 0.182,
                "华中": 0.115,
                "西南": 0.1,
                "西北": 0.05,
                "东北": 0.083,
            },
            "external": {
                "华北": 0.19,
                "华东": 0.285,
                "华南": 0.19,
                "华中": 0.115,
                "西南": 0.095,
                "西北": 0.05,
                "东北": 0.075,
            },
        },
        topics={
            "internal": {"产品质量": 560, "服务体验": 480, "内部管理": 862, "战略方向": 413},
            "external": {"产品质量": 569, "服务体验": 508, "内部管理": 20, "战略方向": 116},
        },
        channels={
            "internal": {
                "社交媒体监测": 12,
                "客户服务热线": 40,
                "焦点小组讨论": 305,
                "面对面深度访谈": 230,
                "在线问卷调查": 1728,
            },
            "external": {
                "社交媒体监测": 260,
                "客户服务热线": 320,
                "焦点小组讨论": 93,
                "面对面深度访谈": 110,
                "在线问卷调查": 430,
            },
        },
        areas={
            "产品质量": {"产品满意度": 1060, "服务满意度": 20, "": 49},
            "服务体验": {"产品满意度": 18, "服务满意度": 940, "": 30},
            "内部管理": {"内部流程评价": 800, "服务满意度": 20, "": 62},
            "战略方向": {"内部流程评价": 52, "产品满意度": 178, "服务满意度": 123, "": 176},
        },
        kinds={
            "internal": {"建议": 1335, "表扬": 540, "问题反映": 440},
            "external": {"建议": 521, "表扬": 303, "问题反映": 389},
        },
        quality_problems=284,
        tags=_tags(
            {
                ("问题反映", None): {"响应时间过长": 191, "系统稳定性问题": 149, "文档说明不清": 124},
                ("问题反映", "internal"): {"沟通不畅": 119},
                ("表扬", None): {"紧急情况下的快速响应": 194},
                ("建议", None): {"产品功能优化": 780, "服务响应速度": 520},
                ("建议", "internal"): {"流程优化": 467, "培训资源完善": 360},
            }
        ),
        service_praise=320,
        feelings={"正面": 2046, "中性": 847, "负面": 635},
        scores={
            "产品满意度": (4, 10, 168, 623, 451),
            "服务满意度": (0, 2, 10, 526, 565),
            "内部流程评价": (6, 59, 235, 351, 201),
            "总体满意度": (12, 34, 577, 1871, 1034),
        },
        resubmissions=200,
        crossings=82,
        codings=(1500, 300),
        trend=0.14,
        dip=-0.61,
    ),
    2022: Plan(
        year=2022,
        strata={
            "internal": {
                "一线员工": 664,
                "中层管理者": 357,
                "高层领导": 68,
                "新入职员工": 238,
                "离职员工": 170,
                "其他人员": 205,
            },
            "external": {"核心客户": 346, "普通客户": 291, "潜在客户": 136, "合作伙伴": 91, "供应商": 46},
        },
        frame={
            "一线员工": (1000, 900),
            "中层管理者": (470, 460),
            "高层领导": (80, 80),
            "新入职员工": (345, 320),
            "离职员工": (345, 260),
            "其他人员": (290, 260),
            "核心客户": (450, 440),
            "普通客户": (440, 400),
            "潜在客户": (260, 200),
            "合作伙伴": (140, 125),
            "供应商": (78, 70),
        },
        ages={
            "internal": {
                "30岁以下": (620, 494),
                "30—39岁": (840, 604),
                "40—49岁": (600, 406),
                "50岁及以上": (470, 198),
            },
            "external": {
                "30岁以下": (320, 223),
                "30—39岁": (430, 308),
                "40—49岁": (310, 213),
                "50岁及以上": (308, 166),
            },
        },
        regions={
            "internal": {
                "华北": 0.205,
                "华东": 0.275,
                "华南": 0.18,
                "华中": 0.12,
                "西南": 0.1,
                "西北": 0.05,
                "东北": 0.07,
            },
            "external": {
                "华北": 0.185,
                "华东": 0.285,
                "华南": 0.195,
                "华中": 0.12,
                "西南": 0.095,
                "西北": 0.05,
                "东北": 0.07,
            },
        },
        topics={
            "internal": {"产品质量": 430, "服务体验": 370, "内部管理": 612, "战略方向": 290},
            "external": {"产品质量": 458, "服务体验": 361, "内部管理": 15, "战略方向": 76},
        },
        channels={
            "internal": {
                "社交媒体监测": 7,
                "客户服务热线": 28,
                "焦点小组讨论": 197,
                "面对面深度访谈": 170,
                "在线问卷调查": 1300,
            },
            "external": {
                "社交媒体监测": 190,
                "客户服务热线": 240,
                "焦点小组讨论": 70,
                "面对面深度访谈": 80,
                "在线问卷调查": 330,
            },
        },
        areas={
            "产品质量": {"产品满意度": 800, "服务满意度": 15, "": 73},
            "服务体验": {"产品满意度": 12, "服务满意度": 690, "": 29},
            "内部管理": {"内部流程评价": 575, "服务满意度": 15, "": 37},
            "战略方向": {"内部流程评价": 55, "产品满意度": 118, "服务满意度": 95, "": 98},
        },
        kinds={
            "internal": {"建议": 809, "表扬": 370, "问题反映": 523},
            "external": {"建议": 339, "表扬": 228, "问题反映": 343},
        },
        quality_problems=369,
        tags=_tags(
            {
                ("问题反映", None): {"响应时间过长": 216, "系统稳定性问题": 173, "文档说明不清": 121},
                ("问题反映", "internal"): {"沟通不畅": 120},
                ("表扬", None): {"紧急情况下的快速响应": 120},
                ("建议", None): {"产品功能优化": 459, "服务响应速度": 333},
                ("建议", "internal"): {"流程优化": 271, "培训资源完善": 202},
            }
        ),
        service_praise=197,
        feelings={"正面": 1202, "中性": 679, "负面": 731},
        scores={
            "产品满意度": (4, 24, 231, 473, 198),
            "服务满意度": (2, 1, 55, 450, 307),
            "内部流程评价": (5, 52, 193, 257, 123),
            "总体满意度": (9, 68, 650, 1333, 552),
        },
        resubmissions=120,
        crossings=49,
        codings=(1500, 300),
        trend=0.05,
        dip=0.0,
    ),
}

"""What each sample year contains: the exact counts, as plain data. It draws nothing.

Every mapping counts accepted feedback items; the rows that intake has to refuse come on top
(see :mod:`fbanalysis.sample.files`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

Counts = Mapping[str, int]

#: Share of items without a comment.
SILENT_SHARE = 0.06


@dataclass(frozen=True)
class Plan:
    """The margins of one sample year.

    ``strata``, ``topics`` and ``channels`` are per side; ``areas`` is per topic, with ``""`` for items
    that rate no area; ``scores`` gives how many items have the score 1, 2, 3, 4, 5; ``frame`` is
    (population, invited) per stratum.
    """

    year: int
    strata: Mapping[str, Counts]
    frame: Mapping[str, tuple[int, int]]
    topics: Mapping[str, Counts]
    channels: Mapping[str, Counts]
    areas: Mapping[str, Counts]
    kinds: Counts
    feelings: Counts
    scores: Mapping[str, tuple[int, ...]]
    trend: float
    dip: float


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
        kinds={"建议": 1856, "表扬": 843, "问题反映": 829},
        feelings={"正面": 2046, "中性": 847, "负面": 635},
        scores={
            "产品满意度": (4, 10, 168, 623, 451),
            "服务满意度": (0, 2, 10, 526, 565),
            "内部流程评价": (6, 59, 235, 351, 201),
            "总体满意度": (12, 34, 577, 1871, 1034),
        },
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
        kinds={"建议": 1148, "表扬": 598, "问题反映": 866},
        feelings={"正面": 1202, "中性": 679, "负面": 731},
        scores={
            "产品满意度": (4, 24, 231, 473, 198),
            "服务满意度": (2, 1, 55, 450, 307),
            "内部流程评价": (5, 52, 193, 257, 123),
            "总体满意度": (9, 68, 650, 1333, 552),
        },
        trend=0.05,
        dip=0.0,
    ),
}

"""Draw how customers came to a further module in 2023: stages, touchpoints, scores, and who stopped where.

Customers of long standing are on this way too: it begins with hearing of the module, not of the company.

实施 and 售后 are the low points between 认知 and 续约; known shares reach each stage.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.customers.orders import PAYING
from fbanalysis.sample.dealing import ranked, score_counts
from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.plans import Effect

TRAVELLERS = 700
#: Percent of those who start that reach each stage.
REACH = {"认知": 100, "咨询": 86, "试用": 68, "签约": 52, "实施": 50, "使用": 47, "售后": 40, "续约": 32}
STAGE_MEAN = 4.2
LOW_POINTS = {"实施": 3.5, "售后": 3.7}
STAGE_SPREAD = 0.85
#: Usual days from the stage before.
GAPS = {"认知": 0, "咨询": 12, "试用": 15, "签约": 25, "实施": 18, "使用": 25, "售后": 35, "续约": 45}
TOUCHPOINTS = {
    "认知": ("产品发布会", "客户经理介绍", "站内推送"),
    "咨询": ("售前咨询", "方案讲解"),
    "试用": ("试用开通", "试用答疑", "试用回访"),
    "签约": ("商务谈判", "合同签署"),
    "实施": ("数据迁移", "系统配置", "上线培训"),
    "使用": ("日常使用", "功能更新"),
    "售后": ("报障受理", "现场支持", "问题回访"),
    "续约": ("续约沟通", "续费结算"),
}
UNSCORED = 0.08
#: Prospects among the travellers; none of them signs.
PROSPECTS = 0.15


def journey(customers: pd.DataFrame, *, rng: np.random.Generator, scale: float = 1.0) -> pd.DataFrame:
    """Draw how customers came to a further module in 2023, from hearing of it to renewing it."""
    people = _travellers(customers, size=round(TRAVELLERS * scale), rng=rng)
    start = pd.Timestamp("2023-01-03") + pd.to_timedelta(rng.integers(0, 70, len(people)), unit="D")
    mood = rng.normal(size=len(people))
    parts = []
    for place, stage in enumerate(REACH):
        start = start + pd.to_timedelta(
            np.rint(GAPS[stage] * (0.6 + 0.8 * rng.random(len(people)))), unit="D"
        )
        rows = np.flatnonzero(people["stages"] > place)
        met = _met(len(rows), points=len(TOUCHPOINTS[stage]), rng=rng)
        person, point = np.nonzero(met)
        days = start[rows[person]] + pd.to_timedelta(2 * point, unit="D")
        part = pd.DataFrame(
            {
                "customer_id": people["customer_id"].to_numpy()[rows[person]],
                "stage": stage,
                "touchpoint": np.array(TOUCHPOINTS[stage], dtype=object)[point],
                "happened_at": _on_workdays(days),
            }
        )
        part["score"] = _stage_scores(mood[rows[person]], mean=LOW_POINTS.get(stage, STAGE_MEAN), rng=rng)
        parts.append(part)
    return pd.concat(parts).sort_values("happened_at", kind="stable", ignore_index=True)


def _travellers(customers: pd.DataFrame, *, size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Choose customers who were there all year, and the number of stages that each passes."""
    stays = customers[(customers["since"] < "2023-01-01") & (customers["status"] == "在用")]
    buyers = rng.permutation(stays.loc[stays["stratum"].isin(PAYING), "customer_id"].to_numpy(dtype=object))
    prospects = rng.permutation(
        stays.loc[stays["stratum"] == "潜在客户", "customer_id"].to_numpy(dtype=object)
    )
    reached = [round(share * size / 100) for share in REACH.values()]
    ends = np.array(reached) - np.array([*reached[1:], 0])
    stages = np.repeat(np.arange(1, len(REACH) + 1), ends)
    unsigned = int(ends[: list(REACH).index("签约")].sum())
    guests = min(round(PROSPECTS * size), len(prospects), unsigned)
    early = rng.permutation(np.concatenate([prospects[:guests], buyers[: unsigned - guests]]))
    late = buyers[unsigned - guests : size - guests]
    return pd.DataFrame({"customer_id": np.concatenate([early, late]), "stages": stages})


def _met(size: int, *, points: int, rng: np.random.Generator) -> np.ndarray:
    """Say which touchpoints of a stage each customer met: one at least, the others usually."""
    met = rng.random((size, points)) < 0.6
    met[np.arange(size), rng.integers(0, points, size)] = True
    return met


def _on_workdays(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    past_friday = np.maximum(days.day_of_week.to_numpy() - 4, 0)
    return (days + pd.to_timedelta(np.where(past_friday > 0, 3 - past_friday, 0), unit="D")).as_unit("us")


def _stage_scores(mood: np.ndarray, *, mean: float, rng: np.random.Generator) -> pd.Series:
    """Deal scores 1–5 with an exact mean; some touchpoints stay without one."""
    latent = 0.5 * mood + rng.normal(size=len(mood))
    scored = rng.random(len(mood)) >= UNSCORED
    counts = score_counts(int(scored.sum()), mean=mean, spread=STAGE_SPREAD, maximum=5)
    scores = pd.Series(pd.NA, index=range(len(mood)), dtype="Int64")
    scores[scored] = ranked(latent[scored], counts=counts)
    return scores


LAYOUTS = {
    "journey": TableFile(
        file="客户旅程.csv",
        headers={
            "customer_id": "客户号",
            "stage": "旅程阶段",
            "touchpoint": "触点",
            "happened_at": "日期",
            "score": "触点评分",
        },
        formats={"happened_at": "%Y%m%d"},
        filler={"记录方式": ("系统", "系统", "人工")},
        faults=(
            {
                "客户号": "KH10000",
                "旅程阶段": "试用",
                "触点": "试用答疑",
                "日期": "{year}1340",
                "触点评分": "4",
            },
            {
                "客户号": "KH10000",
                "旅程阶段": "售后",
                "触点": "问题回访",
                "日期": "{year}0908",
                "触点评分": "四分",
            },
        ),
    ),
}


def _journey_effects() -> tuple[Effect, ...]:
    keys = ("awareness", "inquiry", "trial", "contract", "setup", "use", "support", "renewal")
    named = dict(zip(REACH, keys, strict=True))
    reached = [
        Effect(
            f"journey_reach_{key}",
            "journey",
            f"percent of customers with a row in {stage}",
            REACH[stage],
            0.2,
            "percent",
        )
        for stage, key in named.items()
    ]
    scores = [
        Effect(
            f"journey_score_{key}",
            "journey",
            f"mean score of the touchpoints of {stage}",
            LOW_POINTS.get(stage, STAGE_MEAN),
            0.02,
            "score_1_5",
        )
        for stage, key in named.items()
    ]
    return (*reached, *scores)


EFFECTS = _journey_effects()

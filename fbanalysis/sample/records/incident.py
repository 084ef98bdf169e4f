"""The one large incident of 2023: its course, its cost, and the customers who lost service."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fbanalysis.sample.customers import USING, affected_customers
from fbanalysis.sample.customers.orders import PAYING
from fbanalysis.sample.dealing import apportion
from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.plans import Effect

INCIDENT = "A系统数据同步错误"
INCIDENT_START = pd.Timestamp("2023-05-15 09:00")
#: Users of all customers and of those affected, and the customers affected, in the committed sample.
ACTIVE_USERS = 8640
AFFECTED_SHARE = 0.15
INCIDENT_CUSTOMERS = 157

MEAN_OUTAGE_HOURS = 72.0
#: Customers served again by the interim fix (none before it), by the repair, and once their data were checked.
OUTAGES = (31, 98, 28)
#: When their service came back, in hours from the start of the incident; the three overlap.
INTERIM_HOURS = (48, 70)
REPAIR_HOURS = (70.2, 4.5)
LATE_HOURS = (72, 121)
#: What follows from these: percent of outages over before 05-18, and only from 05-19 on.
OUTAGES_EARLY, OUTAGES_LATE = 17.4, 14.6

#: Customers with a score before and after: how many gave 3, 4, 5 before and 5, 4, 3, 2, 1 after.
PAIRED = 120
SCORES_BEFORE = (20, 60, 40)
SCORES_AFTER = (9, 49, 48, 11, 3)
SCORE_CHANGE = -0.18

LOSSES = (("直接赔偿", 25, "actual"), ("加班处理", 8, "actual"), ("潜在客户流失", 100, "estimate"))
STEPS = (
    ("故障排查", "2023-05-15 09:00", "2023-05-16 09:00", "连续排查，定位到升级中的数据迁移脚本"),
    ("应急恢复", "2023-05-16 09:00", "2023-05-17 09:00", "回退写入队列，临时方案恢复基本业务"),
    ("根本修复", "2023-05-17 09:00", "2023-05-18 09:00", "改正脚本逻辑，重新同步数据并全量核对"),
    ("客户安抚", "2023-05-15 14:00", "2023-05-19 18:00", "逐户说明情况、补偿并回访"),
)


def tables(
    customers: pd.DataFrame, *, rng: np.random.Generator, affected: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Collect the four tables of the incident by name; ``customers`` is the table of 2023.

    ``affected`` lists the customers who lost service (``customer_id``); without it they are drawn.
    """
    active = _active_users(customers)
    affected = draw_affected(customers, rng=rng) if affected is None else affected
    return {
        "incidents": incidents(active_users=active),
        "incident_steps": incident_steps(),
        "incident_losses": incident_losses(),
        "incident_customers": incident_customers(affected, rng=rng),
    }


def draw_affected(customers: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Choose the customers who lost service, as many as fits the users: one column, ``customer_id``."""
    active = _active_users(customers)
    ids = affected_customers(
        customers[customers["stratum"].isin(PAYING)],
        count=max(1, round(INCIDENT_CUSTOMERS * active / ACTIVE_USERS)),
        users=round(AFFECTED_SHARE * active),
        at=INCIDENT_START,
        rng=rng,
    )
    return pd.DataFrame({"customer_id": ids})


def _active_users(customers: pd.DataFrame) -> int:
    there = (customers["since"] <= INCIDENT_START) & ~(customers["churned_at"] <= INCIDENT_START)
    return int(customers.loc[there & customers["stratum"].isin(USING), "active_users"].sum())


def incidents(*, active_users: int = ACTIVE_USERS) -> pd.DataFrame:
    """Describe the incident."""
    return pd.DataFrame(
        [
            {
                "incident": INCIDENT,
                "system": "A系统",
                "cause": "数据迁移脚本逻辑错误",
                "started_at": INCIDENT_START,
                "detected_at": INCIDENT_START,
                "diagnosed_at": pd.Timestamp("2023-05-16 09:00"),
                "mitigated_at": pd.Timestamp("2023-05-17 09:00"),
                "resolved_at": pd.Timestamp("2023-05-18 09:00"),
                "active_users": active_users,
                "affected_users": round(AFFECTED_SHARE * active_users),
            }
        ]
    )


def incident_steps() -> pd.DataFrame:
    """List the four steps of handling."""
    steps = pd.DataFrame(STEPS, columns=["step", "started_at", "ended_at", "note"])
    steps[["started_at", "ended_at"]] = steps[["started_at", "ended_at"]].apply(pd.to_datetime)
    steps.insert(0, "incident", INCIDENT)
    return steps


def incident_losses() -> pd.DataFrame:
    """List what the incident cost, in 10,000 CNY."""
    losses = pd.DataFrame(LOSSES, columns=["item", "amount_cny_10k", "certainty"])
    losses.insert(0, "incident", INCIDENT)
    return losses


def incident_customers(affected: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """List the customers who lost service and when; 72 h on average, 120 with both scores."""
    ids = affected["customer_id"].tolist()
    starts = INCIDENT_START + pd.to_timedelta(_start_minutes(len(ids), rng=rng), unit="min")
    ends = starts + pd.to_timedelta(_outage_minutes(starts, rng=rng), unit="min")
    before, after = _scores(len(ids), rng=rng)
    return pd.DataFrame(
        {
            "incident": INCIDENT,
            "customer_id": ids,
            "outage_started_at": starts,
            "outage_ended_at": ends,
            "score_before": before,
            "score_after": after,
        }
    )


def _start_minutes(size: int, *, rng: np.random.Generator) -> np.ndarray:
    """Most lose service within the hour, some when their first batch runs in the afternoon."""
    soon = rng.integers(0, 60, size)
    late = rng.integers(120, 420, size)
    return np.where(rng.random(size) < 0.12, late, soon)


def _outage_minutes(starts: pd.DatetimeIndex, *, rng: np.random.Generator) -> np.ndarray:
    """Some are served again by the interim fix or soon after, most about the repair, some later; 72 h on average.

    The mean is exact because those served by the repair take up what is missing.
    """
    interim, repaired, late = apportion(OUTAGES, total=len(starts))
    middle, spread = REPAIR_HOURS
    hours = np.concatenate(
        [
            INTERIM_HOURS[0] + np.ptp(INTERIM_HOURS) * rng.random(interim) ** 1.6,
            middle + spread * np.clip(rng.normal(size=repaired), -2.5, 2.5),
            LATE_HOURS[0] + np.ptp(LATE_HOURS) * rng.random((late, 2)).mean(axis=1),
        ]
    )
    group = np.repeat([0, 1, 2], [interim, repaired, late])
    order = rng.permutation(len(starts))
    begun = ((starts - INCIDENT_START) / pd.Timedelta(minutes=1)).to_numpy()
    minutes = np.ceil(hours[order] * 60).astype(int) - begun.astype(int)
    by_repair = np.flatnonzero(group[order] == 1)
    missing = round(len(starts) * MEAN_OUTAGE_HOURS * 60) - minutes.sum()
    minutes[by_repair] += np.diff(np.linspace(0, missing, len(by_repair) + 1).round()).astype(int)
    return minutes


def _scores(size: int, *, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Give paired scores with 18 % less after than before; a few customers answered only before."""
    pairs = np.full((size, 2), np.nan)
    count = round(PAIRED * size / INCIDENT_CUSTOMERS)
    before = _repeated((3, 4, 5), counts=SCORES_BEFORE, size=count)
    best_first = np.argsort(-before + rng.normal(0, 1.1, count), kind="stable")
    after = np.empty(count)
    after[best_first] = _repeated((5, 4, 3, 2, 1), counts=SCORES_AFTER, size=count)
    rows = rng.permutation(size)
    pairs[rows[:count]] = np.column_stack([before, after])
    single = rows[count : count + count // 10]
    pairs[single, 0] = _repeated((4, 5), counts=(5, 1), size=len(single))
    return pairs[:, 0], pairs[:, 1]


def _repeated(values: Sequence[int], *, counts: Sequence[int], size: int) -> np.ndarray:
    return np.repeat(values, apportion(counts, total=size))


LAYOUTS: dict[str, TableFile] = {
    "incidents": TableFile(
        file="事件.csv",
        headers={
            "incident": "事件",
            "system": "系统",
            "cause": "原因",
            "started_at": "发生时间",
            "detected_at": "发现时间",
            "diagnosed_at": "查明原因时间",
            "mitigated_at": "应急恢复时间",
            "resolved_at": "彻底解决时间",
            "active_users": "活跃用户数",
            "affected_users": "受影响用户数",
        },
    ),
    "incident_steps": TableFile(
        file="事件步骤.csv",
        headers={
            "incident": "事件",
            "step": "步骤",
            "started_at": "开始",
            "ended_at": "结束",
            "note": "说明",
        },
    ),
    "incident_losses": TableFile(
        file="事件损失.csv",
        headers={"incident": "事件", "item": "项目", "amount_cny_10k": "金额（万元）", "certainty": "性质"},
        values={"certainty": {"实际": "actual", "估计": "estimate"}},
    ),
    "incident_customers": TableFile(
        file="受影响客户.csv",
        headers={
            "incident": "事件",
            "customer_id": "客户编号",
            "outage_started_at": "中断开始",
            "outage_ended_at": "中断结束",
            "score_before": "事件前满意度",
            "score_after": "回访满意度",
        },
    ),
}

EFFECTS: tuple[Effect, ...] = (
    Effect(
        "outage_mean",
        "incident_customers",
        "mean hours from outage_started_at to outage_ended_at",
        MEAN_OUTAGE_HOURS,
        0.05,
        "hours",
    ),
    Effect(
        "outage_first_end",
        "incident_customers, incidents",
        "hours from mitigated_at to the earliest outage_ended_at: nobody is served before the interim fix",
        1.0,
        1.2,
        "hours",
    ),
    Effect(
        "outage_interim",
        "incident_customers",
        "percent of outages that ended before 2023-05-18: the interim fix was enough, or the repair came early",
        OUTAGES_EARLY,
        6.5,
        "percent",
    ),
    Effect(
        "outage_late",
        "incident_customers",
        "percent of outages that ended on 2023-05-19 or later",
        OUTAGES_LATE,
        5.0,
        "percent",
    ),
    Effect(
        "outage_hole",
        "incident_customers",
        "longest stretch without an end of an outage among the middle four fifths: ends have no holes",
        4.0,
        4.5,
        "hours",
    ),
    Effect(
        "incident_score",
        "incident_customers",
        "mean score after over mean score before, less 1, of customers with both",
        100 * SCORE_CHANGE,
        0.1,
        "percent",
    ),
    Effect(
        "incident_users",
        "incident_customers, customers",
        "active users of the affected customers over those of all customers in use on 2023-05-15",
        100 * AFFECTED_SHARE,
        0.5,
        "percent",
    ),
)

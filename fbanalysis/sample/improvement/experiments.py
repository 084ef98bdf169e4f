"""Pilots and split tests of 2023: two pilots against comparable units, two tests on customers.

Planted: 工单智能分派 saves 1.2 hours a ticket, the callback message wins 31 against 24 percent replies, the
new home page changes nothing (the two points between its arms are chance), and a pilot in four of ten
departments saves 3 hours. Teams differ, months differ alike for all, disturbances last into the next month,
and before the pilots both arms run parallel but for them. Teams and customers were dealt to the arms at
random, again until region and size were neither out of balance nor in balance too perfect for chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from fbanalysis.sample.dealing import codes, pack
from fbanalysis.sample.feedback.accounts import REGIONS
from fbanalysis.sample.records import DEPARTMENTS


@dataclass(frozen=True)
class Pilot:
    """Units observed month by month, part of them with the change from month ``start`` on (0 is the first)."""

    experiment: str
    metric: str
    units: tuple[int, int]
    first_month: str
    months: int
    start: int
    mean: float
    effect: float
    unit_spread: float
    noise: float


@dataclass(frozen=True)
class Split:
    """Customers dealt to two arms: people and observed share of successes, treatment first."""

    experiment: str
    metric: str
    sizes: tuple[int, int]
    shares: tuple[float, float]


DISPATCH = Pilot("工单智能分派试点", "处理时长（小时）", (24, 24), "2023-01", 12, 6, 9.0, -1.20, 0.8, 0.35)
TEN_DEPARTMENTS = Pilot(
    "部门限时办结试点", "事项办理时长（小时）", (4, 6), "2023-03", 6, 3, 20.0, -3.0, 2.0, 0.6
)
#: The departments of the small pilot, those with the change first.
PILOT_DEPARTMENTS = (
    "客户服务部",
    "市场部",
    "采购部",
    "财务部",
    "产品研发部",
    "技术支持部",
    "人力资源部",
    "运营管理部",
    "销售部",
    "行政部",
)
CALLBACK = Split("回访短信改版", "是否回复", (620, 600), (0.31, 0.24))
HOME_PAGE = Split("新首页", "是否完成任务", (540, 530), (0.43, 0.41))

#: A disturbance's part that lasts into the next month.
CARRIED = 0.5
#: Part of an arm's own chance that is taken away, so that the effect found lies near the one planted.
CALMED = 0.5
#: Arms are dealt again until the p-values of their balance by region and by size lie between these.
BALANCE, DEALS = (0.1, 0.95), 200
#: Spread of what all units share in a month.
MONTH_SPREAD = 0.3
TEAM_SIZES: Mapping[str, float] = {"大组": 0.5, "小组": 0.5}
CUSTOMER_SIZES: Mapping[str, float] = {"大型": 0.2, "中型": 0.4, "小型": 0.4}

_COLUMNS = ["experiment", "metric", "unit_id", "arm", "period_start", "phase", "value", "region", "size"]


def experiments(*, rng: np.random.Generator, scale: float = 1.0) -> pd.DataFrame:
    """List all observations; teams and customers grow with ``scale``, departments don't."""
    teams = [max(4, round(count * scale)) for count in DISPATCH.units]
    ids = np.array(codes("ZD", sum(teams), rng=rng), dtype=object)
    groups = _groups(teams, sizes=TEAM_SIZES, rng=rng)
    pilot = _observed(DISPATCH, ids=ids, treated=teams[0], rng=rng).merge(
        groups.assign(unit_id=ids), on="unit_id"
    )
    names = np.array(PILOT_DEPARTMENTS, dtype=object)
    small = _observed(TEN_DEPARTMENTS, ids=names, treated=TEN_DEPARTMENTS.units[0], rng=rng)
    small["size"] = small["unit_id"].map(lambda name: DEPARTMENTS[name][0])
    splits = [_dealt(split, rng=rng, scale=scale) for split in (CALLBACK, HOME_PAGE)]
    table = pd.concat([pilot, small, *splits], ignore_index=True).reindex(columns=_COLUMNS)
    return table.astype({"period_start": "datetime64[us]"})


def _groups(counts: list[int], *, sizes: Mapping[str, float], rng: np.random.Generator) -> pd.DataFrame:
    """Deal units with regions and sizes to the arms at random; the rows of the first arm come first."""
    total = sum(counts)
    table = pd.DataFrame(
        {"region": pack(REGIONS, total=total, rng=rng), "size": pack(sizes, total=total, rng=rng)}
    )
    for _ in range(DEALS):
        table = table.iloc[rng.permutation(total)]
        chances = [_balance(table[name], first=counts[0]) for name in table]
        if BALANCE[0] < min(chances) and max(chances) < BALANCE[1]:
            break
    return table.reset_index(drop=True)


def _balance(labels: pd.Series, *, first: int) -> float:
    """Give the p-value of the chi-square test that the ``first`` rows have the same shares as the others."""
    codes, names = pd.factorize(labels, sort=True)
    observed = np.array(
        [np.bincount(part, minlength=len(names)) for part in (codes[:first], codes[first:])], dtype=float
    )
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / len(codes)
    return float(chdtrc(len(names) - 1, ((observed - expected) ** 2 / expected).sum()))


def _observed(pilot: Pilot, *, ids: np.ndarray, treated: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw a pilot's units by month: unit + month + lasting noise, and the effect where it applies."""
    is_treated = np.arange(len(ids)) < treated
    noise = _lasting_noise(len(ids), pilot=pilot, rng=rng)
    for arm in (is_treated, ~is_treated):
        noise[arm] -= CALMED * _drift(noise[arm].mean(axis=0), start=pilot.start)
    shared = MONTH_SPREAD * rng.normal(size=pilot.months)
    units = pilot.unit_spread * rng.normal(size=(len(ids), 1))
    is_after = np.arange(pilot.months) >= pilot.start
    effect = pilot.effect * is_treated[:, None] * is_after
    values = np.round(pilot.mean + units + shared + noise + effect, 2)
    months = pd.date_range(f"{pilot.first_month}-01", periods=pilot.months, freq="MS")
    return pd.DataFrame(
        {
            "experiment": pilot.experiment,
            "metric": pilot.metric,
            "unit_id": np.repeat(ids, pilot.months),
            "arm": np.repeat(np.where(is_treated, "treatment", "control"), pilot.months),
            "period_start": np.tile(months.to_numpy(), len(ids)),
            "phase": np.tile(np.where(is_after, "after", "before"), len(ids)),
            "value": values.ravel(),
        }
    )


def _lasting_noise(size: int, *, pilot: Pilot, rng: np.random.Generator) -> np.ndarray:
    """Draw noise of which a part lasts into the next month (autoregressive of order one)."""
    fresh = rng.normal(size=(size, pilot.months)) * pilot.noise
    noise = fresh / np.sqrt(1 - CARRIED**2)
    for month in range(1, pilot.months):
        noise[:, month] = CARRIED * noise[:, month - 1] + fresh[:, month]
    return noise


def _drift(means: np.ndarray, *, start: int) -> np.ndarray:
    """Give what an arm's noise has on average after the start, and its straight line before it.

    Were it all taken away, the effect would be exact and the arms quite parallel before the pilot.
    """
    months = np.arange(start) - (start - 1) / 2
    slope = (months * means[:start]).sum() / (months**2).sum()
    return np.concatenate(
        [means[:start].mean() + slope * months, np.full(len(means) - start, means[start:].mean())]
    )


def _dealt(split: Split, *, rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """Deal customers to two arms at random, and successes within them, in exact shares."""
    sizes = [max(20, round(size * scale)) for size in split.sizes]
    table = _groups(sizes, sizes=CUSTOMER_SIZES, rng=rng)
    arms = np.repeat([0, 1], sizes)
    value = np.empty(len(table))
    for arm, share in enumerate(split.shares):
        won = round(share * sizes[arm])
        value[arms == arm] = rng.permutation(np.repeat([1.0, 0.0], [won, sizes[arm] - won]))
    table = table.assign(
        experiment=split.experiment,
        metric=split.metric,
        unit_id=codes("SY", len(table), rng=rng),
        arm=np.array(["treatment", "control"], dtype=object)[arms],
        phase="after",
        value=value,
        period_start=pd.NaT,
    )
    return table.iloc[rng.permutation(len(table))]

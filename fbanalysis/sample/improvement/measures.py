"""Measurements before and after improvement actions: cases, a lasting effect, none, and one that fades.

Means of a phase are exact because what was drawn is moved to them by single units of the last decimal; the
months within it vary as samples do. Planted: the cases of ``CASES``; waiting on the hotline falls by a
quarter and stays there for eight months; videos change nothing; the gain of the ledger of cross-department
matters starts at 30 % and halves every three months, so that 6 % are left in the eighth.

A case looks at a part of the business (``stratum``: one team, one kind of report), where tickets and answers
of the year look at all of it: levels differ, and both are right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion, codes
from fbanalysis.sample.improvement.actions import actions


@dataclass(frozen=True)
class Case:
    """One before-and-after comparison of single measurements.

    ``size`` are the measurements per phase, ``spread`` the standard deviation as a part of the mean,
    ``days`` the first and last day of each phase, ``stratum`` the part of the business that was measured.
    """

    metric: str
    action: str | None
    unit: str
    direction: str
    before: float
    after: float
    size: int
    spread: float
    days: tuple[tuple[str, str], tuple[str, str]]
    decimals: int = 2
    stratum: str | None = None


CASES = (
    Case(
        "平均响应时间", "报表引擎重构", "seconds", "lower", 28.5, 4.8, 120, 0.22,
        (("2023-01-09", "2023-02-24"), ("2023-07-03", "2023-08-18")), stratum="大报表查询",
    ),
    Case(
        "技术支持响应时间", "扩充技术支持团队", "hours", "lower", 8.0, 2.5, 140, 0.45,
        (("2023-01-03", "2023-03-10"), ("2023-11-01", "2023-12-22")), stratum="扩编班组",
    ),
    Case(
        "紧急问题响应时间", "紧急问题绿色通道", "hours", "lower", 4.0, 0.5, 60, 0.35,
        (("2022-12-01", "2023-02-17"), ("2023-04-03", "2023-07-28")), stratum="升级通道",
    ),
    Case(
        "新功能上线周期", "双周迭代发布", "days", "lower", 45, 28, 18, 0.16,
        (("2022-06-01", "2023-01-20"), ("2023-06-01", "2023-12-15")), 0, "双周迭代团队",
    ),
    Case(
        "跨部门协作流程处理时间", "精简审批环节", "days", "lower", 10, 6.8, 90, 0.35,
        (("2023-01-03", "2023-03-03"), ("2023-09-04", "2023-12-22")), 1, "需会签的事项",
    ),
    Case(
        "工作效率", "反馈跟进机制上线", "count", "higher", 8, 9.4, 80, 0.2,
        (("2023-01-03", "2023-03-10"), ("2023-09-04", "2023-12-22")), 1, "客服专员每日办结",
    ),
    Case(
        "功能使用咨询办理时长", "操作视频教程", "minutes", "lower", 18.2, 18.1, 200, 0.3,
        (("2023-06-01", "2023-08-29"), ("2023-09-01", "2023-11-30")), 1,
    ),
)  # fmt: skip
NO_EFFECT = CASES[-1]

#: Scores 1, 2, 3, 4, 5 before and after.
SCORED = {
    "用户满意度评分": ((20, 36, 24, 7, 3), (0, 1, 3, 27, 59)),
    "总体满意度(最近一个月)": ((3, 8, 28, 52, 29), (0, 2, 9, 36, 73)),
}
SCORED_ACTION = {"用户满意度评分": "报表引擎重构"}
SCORED_STRATUM = {"用户满意度评分": "报表中心用户", "总体满意度(最近一个月)": "回访样本"}
SCORED_DAYS = {
    "用户满意度评分": (("2023-01-09", "2023-02-24"), ("2023-07-03", "2023-08-18")),
    "总体满意度(最近一个月)": (("2022-12-01", "2022-12-31"), ("2023-12-01", "2023-12-31")),
}

#: Weekly figures: weeks per phase, first Mondays, measurements a week, means.
WEEKS = 20
WEEK_STARTS = ("2022-08-15", "2023-07-03")
SUCCESS_N, SUCCESS = 400, (85.0, 99.7)
SPEED_N, SPEED, SPEED_SD = 500, (2.0, 1.1), 0.6
FAULT_N, FAULTS = 2500, (2.0, 0.44)

#: Monthly series: measurements a month, months before, months after, first month after.
LASTING_N, LASTING_MONTHS, LASTING_START = 60, (3, 8), "2023-05"
LASTING_BEFORE, LASTING_CHANGE = 6.0, -0.25
FADING_N, FADING_MONTHS, FADING_START = 200, (3, 10), "2023-03"
FADING_BEFORE, FADING_CHANGE = 40.0, -0.30
HALF_LIFE_MONTHS = 3.0
LASTING_SPREAD, FADING_SPREAD = 0.3, 0.2

_COLUMNS = [
    "action_id",
    "metric",
    "stratum",
    "unit",
    "direction",
    "phase",
    "observed_on",
    "value",
    "n",
    "sd",
    "unit_id",
]


def measures(*, rng: np.random.Generator, scale: float = 1.0) -> pd.DataFrame:
    """List all measurements, single ones and weekly aggregates."""
    parts = [_case(case, rng=rng, scale=scale) for case in CASES]
    parts += [_scored(metric, rng=rng, scale=scale) for metric in SCORED]
    parts += [*_weekly(rng=rng), _lasting(rng=rng, scale=scale), _fading(rng=rng, scale=scale)]
    table = pd.concat(parts, ignore_index=True).reindex(columns=[*_COLUMNS[1:], "action"])
    ids = actions().set_index("action")["action_id"]
    return table.assign(action_id=table["action"].map(ids), n=table["n"].astype("Int64"))[_COLUMNS]


def with_mean(values: np.ndarray, *, mean: float, decimals: int) -> np.ndarray:
    """Round numbers and move them, by as few units of the last decimal as it takes, to a mean.

    Examples
    --------
    >>> with_mean(np.array([1.0, 2.0, 4.0]), mean=2.5, decimals=1).round(1).tolist()
    [1.2, 2.2, 4.1]
    """
    units = 10**decimals
    whole = np.rint(values * units).astype(int)
    missing = round(mean * units * len(whole)) - whole.sum()
    each, rest = divmod(missing, len(whole))
    return (whole + each + (np.arange(len(whole)) < rest)) / units


def _size(size: int, *, scale: float) -> int:
    return max(5, round(size * scale))


def _positive(size: int, *, mean: float, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Draw positive numbers, skewed to the right, about a mean."""
    sigma = np.sqrt(np.log1p(spread**2))
    drawn = np.exp(sigma * rng.normal(size=size))
    return mean * drawn / drawn.mean()


def _days(size: int, *, first: str, last: str, rng: np.random.Generator) -> pd.DatetimeIndex:
    """Draw days without weekends, in order."""
    days = pd.bdate_range(first, last)
    return days[np.sort(rng.integers(0, len(days), size))]


def _case(case: Case, *, rng: np.random.Generator, scale: float) -> pd.DataFrame:
    size = _size(case.size, scale=scale)
    parts = []
    means = {"before": case.before, "after": case.after}
    for (phase, mean), (first, last) in zip(means.items(), case.days, strict=True):
        drawn = _positive(size, mean=mean, spread=case.spread, rng=rng)
        values = with_mean(drawn, mean=mean, decimals=case.decimals)
        days = _days(size, first=first, last=last, rng=rng)
        parts.append(pd.DataFrame({"phase": phase, "observed_on": days, "value": values}))
    return pd.concat(parts).assign(
        metric=case.metric,
        stratum=case.stratum,
        action=case.action,
        unit=case.unit,
        direction=case.direction,
    )


def _scored(metric: str, *, rng: np.random.Generator, scale: float) -> pd.DataFrame:
    parts = []
    for phase, counts, (first, last) in zip(
        ("before", "after"), SCORED[metric], SCORED_DAYS[metric], strict=True
    ):
        size = _size(sum(counts), scale=scale)
        scores = rng.permutation(np.repeat(np.arange(1, 6), apportion(counts, total=size)))
        days = _days(size, first=first, last=last, rng=rng)
        people = codes("YH", size, rng=rng)
        parts.append(pd.DataFrame({"phase": phase, "observed_on": days, "value": scores, "unit_id": people}))
    action = SCORED_ACTION.get(metric)
    facts = {"metric": metric, "stratum": SCORED_STRATUM[metric], "action": action}
    return pd.concat(parts).assign(**facts, unit="score", direction="higher")


def _weekly(*, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Draw what is only known by week: shares of runs that succeed or fail, mean times with their spread."""
    success = [_shares(SUCCESS_N, percent=percent, rng=rng) for percent in SUCCESS]
    faults = [_shares(FAULT_N, percent=percent, rng=rng) for percent in FAULTS]
    speed = [with_mean(mean * (1 + 0.05 * rng.normal(size=WEEKS)), mean=mean, decimals=3) for mean in SPEED]
    facts = {"sd": [SPEED_SD * mean for mean in SPEED], "n": SPEED_N}
    return [
        _weeks(
            "成功率", values=success, n=SUCCESS_N, action="报表引擎重构", unit="percent", direction="higher"
        ),
        _weeks(
            "系统故障率",
            values=faults,
            n=FAULT_N,
            action="服务器扩容与负载均衡",
            unit="percent",
            direction="lower",
        ),
        _weeks(
            "系统平均响应时间",
            values=speed,
            action="数据库查询优化",
            unit="seconds",
            direction="lower",
            **facts,
        ),
    ]


def _shares(n: int, *, percent: float, rng: np.random.Generator) -> np.ndarray:
    """Draw weekly percentages of ``n`` that are ``percent`` over all weeks."""
    share = percent / 100
    counts = n * share + np.sqrt(n * share * (1 - share)) * rng.normal(size=WEEKS)
    return 100 * _below(with_mean(counts, mean=n * share, decimals=0), most=n) / n


def _below(counts: np.ndarray, *, most: int) -> np.ndarray:
    """Hand what is above the most to the weeks that have least."""
    extra = int(np.maximum(counts - most, 0).sum())
    capped = np.minimum(counts, most)
    capped[np.argsort(capped, kind="stable")[:extra]] += 1
    return capped


def _weeks(
    metric: str, *, values: list[np.ndarray], sd: list[float] | None = None, **facts: object
) -> pd.DataFrame:
    parts = []
    for number, phase in enumerate(("before", "after")):
        weeks = pd.date_range(WEEK_STARTS[number], periods=WEEKS, freq="7D")
        part = pd.DataFrame({"phase": phase, "observed_on": weeks, "value": values[number]})
        parts.append(part.assign(sd=sd[number] if sd else np.nan))
    return pd.concat(parts).assign(metric=metric, **facts)


def _lasting(*, rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """Draw the wait on the hotline: lower by a quarter from the new rota on, month after month."""
    before, after = LASTING_MONTHS
    means = [LASTING_BEFORE] * before + [LASTING_BEFORE * (1 + LASTING_CHANGE)] * after
    size = _size(LASTING_N, scale=scale)
    table = _monthly(means, start=LASTING_START, before=before, size=size, spread=LASTING_SPREAD, rng=rng)
    return table.assign(metric="热线等待时间", action="热线高峰排班", unit="minutes", direction="lower")


def _fading(*, rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """Draw the time that cross-department matters take: the gain halves every three months."""
    before, after = FADING_MONTHS
    months = np.arange(after)
    gains = FADING_CHANGE * 0.5 ** (months / HALF_LIFE_MONTHS)
    means = [FADING_BEFORE] * before + (FADING_BEFORE * (1 + gains)).tolist()
    size = _size(FADING_N, scale=scale)
    table = _monthly(means, start=FADING_START, before=before, size=size, spread=FADING_SPREAD, rng=rng)
    return table.assign(metric="跨部门事项办理时长", action="跨部门协作台账", unit="hours", direction="lower")


def _monthly(
    means: list[float], *, start: str, before: int, size: int, spread: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw ``size`` measurements in each month, ``before`` of the months before ``start``; phases have exact means."""
    first = pd.Period(start, freq="M") - before
    months = [first + number for number in range(len(means))]
    days = [_days(size, first=str(at.start_time), last=str(at.end_time), rng=rng) for at in months]
    parts = []
    for phase, own in (("before", slice(before)), ("after", slice(before, None))):
        expected = np.repeat(means[own], size)
        drawn = expected * _positive(len(expected), mean=1.0, spread=spread, rng=rng)
        drawn *= expected.mean() / drawn.mean()
        values = rng.permuted(with_mean(drawn, mean=expected.mean(), decimals=2).reshape(-1, size), axis=1)
        observed = np.concatenate(days[own])
        parts.append(pd.DataFrame({"phase": phase, "observed_on": observed, "value": values.ravel()}))
    return pd.concat(parts)


EXPECTED: Mapping[str, tuple[float, float]] = {
    **{case.metric: (case.before, case.after) for case in CASES},
    **{
        metric: tuple(float(np.average(range(1, 6), weights=counts)) for counts in pair)
        for metric, pair in SCORED.items()
    },
    "成功率": SUCCESS,
    "系统故障率": FAULTS,
    "系统平均响应时间": SPEED,
    "热线等待时间": (LASTING_BEFORE, LASTING_BEFORE * (1 + LASTING_CHANGE)),
}

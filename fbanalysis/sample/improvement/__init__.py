"""What was done about the feedback of 2023: actions, milestones, measurements, trials and policies.

Collects the tables of ``actions``, ``measures`` and ``experiments``, says how their owner delivers them
and what is planted in them. Only 2023 has them.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.improvement import measures as measured
from fbanalysis.sample.improvement.actions import DONE_SHARE, ON_TIME_SHARE, actions, milestones, policies
from fbanalysis.sample.improvement.experiments import (
    CALLBACK,
    DISPATCH,
    HOME_PAGE,
    TEN_DEPARTMENTS,
    experiments,
)
from fbanalysis.sample.improvement.measures import measures
from fbanalysis.sample.plans import Effect


def tables(year: int, *, rng: np.random.Generator, scale: float = 1.0) -> dict[str, pd.DataFrame]:
    """Collect the tables by name; 2022 has none.

    ``scale`` multiplies measurements, teams and customers of trials; actions, milestones and policies are
    what they are.
    """
    if year != 2023:
        return {}
    listed = actions()
    return {
        "actions": listed,
        "milestones": milestones(listed, rng=rng),
        "measures": measures(rng=rng, scale=scale),
        "experiments": experiments(rng=rng, scale=scale),
        "policies": policies(),
    }


FILE = "改进台账.xlsx"
LAYOUTS: dict[str, TableFile] = {
    "actions": TableFile(
        file=FILE,
        sheet="措施",
        title="年度改进措施台账",
        headers={
            "action_id": "编号",
            "action": "改进措施",
            "family": "类别",
            "issue": "针对问题",
            "incident": "针对事件",
            "department": "牵头部门",
            "priority": "优先级",
            "effort": "投入（1-5）",
            "impact": "效果预期（1-5）",
            "starts_on": "计划开始",
            "due_on": "计划完成",
            "done_on": "实际完成",
            "status": "当前状态",
            "progress_percent": "完成进度",
            "budget_cny_10k": "预算（万元）",
            "spent_cny_10k": "实支（万元）",
            "horizon": "计划期",
            "pdca": "PDCA",
        },
        values={
            "priority": {"特急": "P0", "紧急": "P1", "一般": "P2", "可缓": "P3"},
            "status": {"待启动": "未开始", "推进中": "进行中", "已验收": "已完成", "已撤销": "已取消"},
            "horizon": {
                "当年措施": "本年",
                "近期（1-3月）": "近期",
                "中期（4-6月）": "中期",
                "长期（7-12月）": "长期",
            },
            "pdca": {"P": "计划", "D": "执行", "C": "检查", "A": "处理"},
        },
        formats=dict.fromkeys(("starts_on", "due_on", "done_on"), "%Y/%m/%d"),
        filler={"经办人": tuple(f"JB{number:02d}" for number in range(1, 16))},
        faults=(
            {
                "编号": "CS90",
                "改进措施": "会议室预约改造",
                "类别": "流程优化",
                "牵头部门": "行政部",
                "计划开始": "{year}/4/31",
                "计划完成": "{year}/6/30",
                "当前状态": "推进中",
                "计划期": "当年措施",
            },
            {
                "编号": "CS91",
                "改进措施": "待认领事项",
                "类别": "服务响应",
                "牵头部门": "客户服务部",
                "计划开始": "{year}/9/1",
                "计划完成": "{year}/12/1",
                "当前状态": "再议",
                "计划期": "当年措施",
            },
            {"编号": "导出时间：{next}/1/5 17:20"},
        ),
    ),
    "milestones": TableFile(
        file=FILE,
        sheet="里程碑",
        headers={
            "action_id": "措施编号",
            "milestone": "节点",
            "due_on": "应完成",
            "done_on": "实完成",
            "weight": "权重",
        },
        formats=dict.fromkeys(("due_on", "done_on"), "%Y年%m月%d日"),
        filler={"确认人": ("项目办", "牵头部门", "项目办、牵头部门")},
        faults=({"措施编号": "CS03", "节点": "补充验收", "应完成": "下季度", "权重": "0"},),
    ),
    "measures": TableFile(
        file=FILE,
        sheet="测量",
        headers={
            "action_id": "措施编号",
            "metric": "测量指标",
            "stratum": "范围",
            "unit": "计量单位",
            "direction": "好的方向",
            "phase": "阶段",
            "observed_on": "测量日期",
            "value": "测得值",
            "n": "汇总次数",
            "sd": "标准差",
            "unit_id": "被测对象",
        },
        values={
            "unit": {
                "秒": "seconds",
                "分钟": "minutes",
                "小时": "hours",
                "天": "days",
                "%": "percent",
                "分": "score",
                "件": "count",
            },
            "direction": {"升": "higher", "降": "lower"},
            "phase": {"改前": "before", "改后": "after"},
        },
        faults=(
            {
                "测量指标": "平均响应时间",
                "计量单位": "秒",
                "好的方向": "降",
                "阶段": "改后",
                "测量日期": "{year}-07-19",
                "测得值": "超时",
            },
            {
                "测量指标": "平均响应时间",
                "计量单位": "秒",
                "好的方向": "降",
                "阶段": "试测",
                "测量日期": "{year}-06-29",
                "测得值": "6.1",
            },
        ),
    ),
    "experiments": TableFile(
        file=FILE,
        sheet="试验",
        headers={
            "experiment": "试验名称",
            "metric": "观测指标",
            "unit_id": "试验单位",
            "arm": "组别",
            "period_start": "月份",
            "phase": "试点前后",
            "value": "观测值",
            "region": "大区",
            "size": "规模",
        },
        values={
            "arm": {"试点组": "treatment", "对照组": "control"},
            "phase": {"前": "before", "后": "after"},
        },
        formats={"period_start": "%Y/%m/%d"},
        faults=(
            {
                "试验名称": "新首页",
                "观测指标": "是否完成任务",
                "试验单位": "SY000001",
                "组别": "两组都在",
                "试点前后": "后",
                "观测值": "1",
            },
        ),
    ),
    "policies": TableFile(
        file=FILE,
        sheet="制度",
        headers={"policy": "制度名称", "change": "修订要点", "effective_on": "生效日", "scope": "适用范围"},
        formats={"effective_on": "%Y.%m.%d"},
        filler={"发文部门": ("运营管理部", "客户服务部", "运营管理部")},
        faults=({"制度名称": "远程办公管理办法（征求意见）", "生效日": "待定"},),
    ),
}


def _case_effects() -> tuple[Effect, ...]:
    """State the mean of every metric before and after, weighted by ``n`` where given."""
    return tuple(
        Effect(
            f"measured_{phase}[{metric}]",
            "measures",
            f"mean of {metric} {phase} the action, weighted by n where given",
            means[number],
            0.004,
            "as measured",
        )
        for metric, means in measured.EXPECTED.items()
        for number, phase in enumerate(("before", "after"))
    )


EFFECTS: tuple[Effect, ...] = (
    Effect(
        "done_share",
        "actions",
        "已完成 in percent of the actions of 本年",
        100 * DONE_SHARE,
        0.05,
        "percent",
    ),
    Effect(
        "milestones_on_time",
        "milestones",
        "milestones done by due_on in percent of those done",
        100 * ON_TIME_SHARE,
        0.5,
        "percent",
    ),
    *_case_effects(),
    Effect(
        "lasting_change",
        "measures",
        "热线等待时间: mean after over mean before, less 1",
        100 * measured.LASTING_CHANGE,
        0.1,
        "percent",
    ),
    Effect(
        "lasting_months",
        "measures",
        "热线等待时间: mean of a month after over the mean before, less 1, of the month farthest from the size",
        100 * measured.LASTING_CHANGE,
        12.0,
        "percent",
    ),
    Effect(
        "no_change",
        "measures",
        f"{measured.NO_EFFECT.metric}: mean after over mean before, less 1; Welch's test has p > .2",
        0.0,
        1.0,
        "percent",
    ),
    Effect(
        "fading_first",
        "measures",
        "跨部门事项办理时长: mean of the first month after over the mean before, less 1",
        100 * measured.FADING_CHANGE,
        4.0,
        "percent",
    ),
    Effect(
        "fading_half_life",
        "measures",
        "跨部门事项办理时长: half-life of an exponential fitted to the gains of all months after (least squares)",
        measured.HALF_LIFE_MONTHS,
        1.0,
        "months",
    ),
    Effect(
        "faded",
        "measures",
        "跨部门事项办理时长: mean of the eighth month after over the mean before, less 1",
        100 * measured.FADING_CHANGE * 0.5 ** (7 / measured.HALF_LIFE_MONTHS),
        5.0,
        "percent",
    ),
    Effect(
        "dispatch_pilot",
        "experiments",
        f"{DISPATCH.experiment}: difference in differences by units and months",
        DISPATCH.effect,
        0.15,
        "hours",
    ),
    Effect(
        "dispatch_parallel",
        "experiments",
        f"{DISPATCH.experiment}: slope a month of treatment less control before the pilot",
        0.0,
        0.05,
        "hours",
    ),
    Effect(
        "department_pilot",
        "experiments",
        f"{TEN_DEPARTMENTS.experiment}: difference in differences by units and months",
        TEN_DEPARTMENTS.effect,
        0.6,
        "hours",
    ),
    Effect(
        "callback_split",
        "experiments",
        f"{CALLBACK.experiment}: replies of treatment less control",
        100 * (CALLBACK.shares[0] - CALLBACK.shares[1]),
        0.1,
        "points",
    ),
    Effect(
        "home_page_split",
        "experiments",
        f"{HOME_PAGE.experiment}: successes of treatment less control; none in truth, p > .2",
        0.0,
        3.0,
        "points",
    ),
)

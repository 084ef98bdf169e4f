"""What the company has declared for 2023: commitments, targets and dates that no data yield. Data only.

Where another table holds a declared figure too (KPI targets, the incident, policies, the plan of the next
year), both say the same.
"""

from collections.abc import Mapping

import pandas as pd

from fbanalysis.sample.delivery.exports import TableFile

#: A line a figure, behind the source of those that follow: metric, stratum, value or day, unit.
FIGURES = """
年度报告计划
period_start|all|2023-01-01|date
midyear_check_date|all|2023-06-30|date
period_end|all|2023-12-31|date
report_date|all|2024-01-15|date
fiscal_year|all|2023|year
period_months|all|12|months
反馈收集方案
channel_count|all|5|count
channel_listed|在线问卷调查|1|flag
channel_listed|面对面深度访谈|1|flag
channel_listed|焦点小组讨论|1|flag
channel_listed|客户服务热线|1|flag
channel_listed|社交媒体监测|1|flag
问卷说明
satisfaction_scale_max|all|5|score_1_5
年度指标责任书
kpi_target|客户满意度|4|score_1_5
kpi_target|投诉解决率|92|percent
kpi_target|首次解决率|75|percent
kpi_target|响应时间|4|hours
事件记录
incident_start|A系统数据同步错误|2023-05-15|date
incident_diagnosis_end|A系统数据同步错误|2023-05-16|date
incident_mitigation|A系统数据同步错误|2023-05-17|date
incident_resolved|A系统数据同步错误|2023-05-18|date
diagnosis_hours|A系统数据同步错误|24|hours
continuous_work_hours|A系统数据同步错误|48|hours
事件损失核算
incident_cost|直接赔偿|25|cny_10k
incident_cost|加班处理|8|cny_10k
incident_cost|潜在客户流失|100|cny_10k
客户补偿方案
fee_waiver_months_min|受影响客户|1|months
fee_waiver_months_max|受影响客户|3|months
dedicated_support_months|受影响客户|3|months
《反馈管理条例》
stage_limit|反馈收集与分类|24|hours
stage_limit|问题分析与分发|48|hours
stage_limit|解决方案制定|5|workdays
stage_limit_min|方案实施与验证|1|weeks
stage_limit_max|方案实施与验证|4|weeks
stage_limit|反馈闭环与总结|3|workdays
response_limit|P0|2|hours
response_limit|P1|8|hours
response_limit|P2|24|hours
response_limit|P3|48|hours
escalation_threshold|P0/P1 -> 部门主管|50|percent_of_limit
escalation_threshold|P0/P1 -> 公司高管|100|percent_of_limit
mechanism_start_month|反馈跟进机制|2023-03-01|month
问题分析方法
five_whys_levels|系统响应慢|5|count
方案评估办法
options_per_problem_min|all|2|count
options_per_problem_max|all|3|count
年度改进计划
expected_speed_gain|数据库查询优化|50|percent
planned_new_staff|技术支持团队|10|count
expected_wait_cut|审批环节|-50|percent
expected_performance_gain_min|系统整体性能|30|percent
response_time_current|客户支持|4|hours
response_time_target|客户支持|2|hours
plan_families|all|4|count
年度改进目标
target_baseline|系统平均响应时间|2|seconds
target_value|系统平均响应时间|1|seconds
target_baseline|系统故障率|2|percent
target_value|系统故障率|0.4|percent
target_baseline|客户满意度|70|percent
target_value|客户满意度|91|percent
target_baseline|客户投诉率|5|percent
target_value|客户投诉率|2|percent
敏捷改进办法
iteration_weeks|敏捷改进|2|weeks
制度文件
policy_effective_date|反馈管理条例|2023-03-15|date
policy_effective_date|系统变更管理规范|2023-05-22|date
policy_effective_date|客户服务标准|2023-07-10|date
policy_effective_date|跨部门协作指南|2023-09-01|date
policy_effective_date|持续改进奖励制度|2023-11-15|date
下一年行动计划
phase_start_month|近期行动|1|months
phase_end_month|近期行动|3|months
phase_start_month|中期行动|4|months
phase_end_month|中期行动|6|months
phase_start_month|长期规划|7|months
phase_end_month|长期规划|12|months
报告大纲
chapter_count|all|7|count
客户满意度指数方案
csi_weight|产品质量|40|percent
csi_weight|服务|30|percent
csi_weight|价值|20|percent
csi_weight|情感联结|10|percent
客户费力度方案
ces_target|all|2|score_1_5
"""
#: Units of figures that are days.
DAYS = ("date", "month")

WORDS: Mapping[str, str] = {
    "报告期开始": "period_start",
    "半年核查日": "midyear_check_date",
    "报告期结束": "period_end",
    "报告日期": "report_date",
    "财政年度": "fiscal_year",
    "报告期月数": "period_months",
    "收集渠道数": "channel_count",
    "列入的渠道": "channel_listed",
    "满意度最高分": "satisfaction_scale_max",
    "指标目标": "kpi_target",
    "事件发生日": "incident_start",
    "事件查明日": "incident_diagnosis_end",
    "事件应急恢复日": "incident_mitigation",
    "事件解决日": "incident_resolved",
    "连续排查时长": "diagnosis_hours",
    "连续工作时长": "continuous_work_hours",
    "事件损失": "incident_cost",
    "服务费减免最少月数": "fee_waiver_months_min",
    "服务费减免最多月数": "fee_waiver_months_max",
    "专属支持月数": "dedicated_support_months",
    "环节时限": "stage_limit",
    "环节时限下限": "stage_limit_min",
    "环节时限上限": "stage_limit_max",
    "首次响应时限": "response_limit",
    "升级阈值": "escalation_threshold",
    "机制启用月": "mechanism_start_month",
    "追问层数": "five_whys_levels",
    "每个问题最少方案数": "options_per_problem_min",
    "每个问题最多方案数": "options_per_problem_max",
    "预期提速": "expected_speed_gain",
    "计划增员": "planned_new_staff",
    "预期等待变化": "expected_wait_cut",
    "预期性能提升下限": "expected_performance_gain_min",
    "现行响应时长": "response_time_current",
    "目标响应时长": "response_time_target",
    "改进方案类数": "plan_families",
    "目标基线": "target_baseline",
    "目标水平": "target_value",
    "迭代周期": "iteration_weeks",
    "制度生效日": "policy_effective_date",
    "阶段起始月": "phase_start_month",
    "阶段结束月": "phase_end_month",
    "报告章数": "chapter_count",
    "满意度指数权重": "csi_weight",
    "费力度目标": "ces_target",
}
UNITS: Mapping[str, str] = {
    "日期": "date",
    "月份": "month",
    "年": "year",
    "个月": "months",
    "个": "count",
    "是否": "flag",
    "分（1-5）": "score_1_5",
    "%": "percent",
    "小时": "hours",
    "工作日": "workdays",
    "周": "weeks",
    "时限的%": "percent_of_limit",
    "万元": "cny_10k",
    "秒": "seconds",
}


def declared() -> pd.DataFrame:
    """List the declared figures; a day stands in ``day``, any other figure in ``value``."""
    rows, source = [], ""
    for line in FIGURES.strip().splitlines():
        if "|" in line:
            rows.append([*line.split("|"), source])
        else:
            source = line
    table = pd.DataFrame(rows, columns=["metric", "stratum", "figure", "unit", "source"])
    is_day = table["unit"].isin(DAYS)
    table["value"] = pd.to_numeric(table["figure"].where(~is_day))
    table["day"] = pd.to_datetime(table["figure"].where(is_day))
    return table[["metric", "stratum", "value", "day", "unit", "source"]]


DECLARED_LAYOUT = TableFile(
    file="承诺与目标.xlsx",
    sheet="承诺与目标",
    title="对内对外承诺、目标与约定一览",
    headers={
        "metric": "事项",
        "stratum": "对象",
        "value": "数值",
        "day": "日期",
        "unit": "计量",
        "source": "依据",
    },
    values={"metric": WORDS, "stratum": {"全部": "all"}, "unit": UNITS},
    formats={"day": "%Y/%m/%d"},
    filler={"核对": ("已核对", "已核对", "已核对", "待核对")},
    faults=(
        {"事项": "目标水平", "对象": "渠道续约率", "数值": "另行确定", "计量": "%", "依据": "年度改进目标"},
        {"事项": "制度生效日", "对象": "远程办公管理办法", "日期": "{next}/2/30", "计量": "日期"},
    ),
)

"""The improvement actions of 2023 and of the year to come, their milestones, and the policies. Mostly data.

Planted: 31 of the year's 36 actions are done, 25 of them in time, and the one on data synchronisation has
stalled. Of the milestones done, 78 % were done in time; progress is the weight of the milestones done.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.records.incident import INCIDENT

DONE_SHARE = 31 / 36
ON_TIME_SHARE = 0.78

#: A line an action of 2023, behind the family's: action, issue, department, priority, effort, impact, start,
#: due, done, budget, spent (10,000 CNY), milestones done where it isn't finished, PDCA phase.
YEAR = """
性能优化
数据库查询优化|系统响应慢|产品研发部|P0|3|5|02-06|04-28|04-26|38|36.5||处理
报表引擎重构|响应速度慢|产品研发部|P1|5|5|03-01|06-30|06-28|95|101.2||处理
服务器扩容与负载均衡|系统稳定性问题|运营管理部|P0|3|4|01-09|03-31|03-29|120|116.4||处理
导出任务异步化|数据导出限制|产品研发部|P3|3|3|07-03|09-28|10-16|26|27.8||检查
移动端闪退专项|移动端体验差|产品研发部|P2|3|3|06-05|09-15|09-12|22|20.9||检查
数据同步增量校验|数据同步异常|产品研发部|P1|5|5|06-12|09-29||48|11.6|1|执行
服务响应
工单智能分派|响应速度慢|技术支持部|P1|4|4|05-08|07-31|07-28|42|40.9||检查
扩充技术支持团队|响应速度慢|技术支持部|P1|4|4|08-01|10-31|10-31|150|141||检查
紧急问题绿色通道|系统稳定性问题|技术支持部|P0|2|5|02-20|03-31|03-30|6|5.2||处理
重点客户专人对接|需求答复不清|客户服务部|P2|3|4|04-03|06-30|07-10|18|18.6||处理
热线高峰排班|客服答复不一|客户服务部|P2|1|4|03-06|04-28|04-28|2|1.8||处理
智能问答知识补全|客服答复不一|客户服务部|P2|4|3|08-14|12-15||30|22.4|2|执行
流程优化
精简审批环节|审批环节多|运营管理部|P1|2|4|03-06|05-31|05-29|4|3.1||处理
双周迭代发布|响应速度慢|产品研发部|P2|3|4|02-01|05-31|05-30|12|11.4||处理
跨部门协作台账|沟通协作不畅|运营管理部|P1|2|3|01-16|02-28|02-28|3|2.6||检查
反馈跟进机制上线|需求答复不清|客户服务部|P0|3|5|01-10|03-15|03-15|16|15.7||处理
交接班清单|部门交接断档|技术支持部|P2|1|3|07-10|08-31|08-29|1|0.8||处理
建议积分奖励|需求答复不清|人力资源部|P3|2|2|09-11|11-30|12-08|10|9.1||检查
培训与文档
产品手册重写|文档不完善|产品研发部|P3|3|4|04-10|08-31|09-18|15|16.9||处理
操作视频教程|功能使用复杂|市场部|P2|2|3|05-15|08-31|08-30|20|19.3||检查
新员工带教计划|培训跟不上|人力资源部|P3|2|3|06-01|09-28|09-26|9|8.4||处理
客户培训月|功能使用复杂|客户服务部|P2|2|3|09-04|11-30|11-29|14|13.8||检查
接口示例文档补全|接口对接困难|产品研发部|P3|2|3|08-07|11-15|11-14|7|6.5||检查
报表口径说明会|报表口径不准|产品研发部|P3|2|2|10-09|12-22||5|2.3|2|执行
"""
#: The same for the actions that follow the incident.
REMEDIES = """
技术整改
迁移脚本改正与复核|数据同步异常|产品研发部|P0|2|5|05-16|05-19|05-19|3|2.8||处理
升级前自动比对|数据同步异常|产品研发部|P0|3|5|05-22|07-14|07-12|16|15.2||处理
一键回退工具|系统稳定性问题|产品研发部|P1|4|4|05-29|08-31|09-14|24|26.3||检查
同步延迟监控告警|数据同步异常|运营管理部|P1|2|4|05-22|06-30|06-28|8|7.7||处理
客户补偿
服务费减免|数据同步异常|客户服务部|P0|1|4|05-18|06-15|06-14|25|25||处理
专属技术支持|数据同步异常|技术支持部|P1|2|4|05-19|08-18|08-18|12|11.5||处理
逐户数据核对|数据同步异常|技术支持部|P1|3|4|05-18|06-30|07-07|6|6.4||处理
客户回访与致歉|数据同步异常|客户服务部|P1|1|3|05-18|05-31|05-31|1|0.9||处理
管理改进
变更评审与灰度发布|系统稳定性问题|产品研发部|P0|2|5|05-22|06-30|06-29|4|3.6||处理
重大变更值守|系统稳定性问题|运营管理部|P1|2|4|06-01|07-31|07-28|5|4.8||处理
应急演练|系统稳定性问题|运营管理部|P2|2|3|07-03|12-08||6|3.9|2|执行
供应商升级联合测试|系统稳定性问题|采购部|P2|3|3|08-01|12-15||9|4.1|1|执行
"""
#: A line an action of 2024, behind the horizon's: action, family, issue, department, priority, effort, impact,
#: start, due, budget.
NEXT_YEAR = """
近期
支持时效提升到半日|服务响应|响应速度慢|技术支持部|P1|3|5|01-08|03-29|20
数据同步增量校验续建|性能优化|数据同步异常|产品研发部|P0|4|5|01-02|03-29|45
热线与在线客服统一知识库|服务响应|客服答复不一|客户服务部|P2|3|4|01-15|03-29|18
首批文档按场景重排|培训与文档|文档不完善|产品研发部|P3|2|3|01-22|03-22|8
中期
审批流再精简|流程优化|审批环节多|运营管理部|P2|2|4|04-01|06-14|6
看板口径统一|性能优化|报表口径不准|产品研发部|P2|3|3|04-08|06-28|22
跨部门事项限时办结|流程优化|沟通协作不畅|运营管理部|P1|3|4|04-01|06-28|5
开放平台沙箱|性能优化|接口对接困难|产品研发部|P3|4|4|04-15|06-28|36
长期
客户分级服务体系|服务响应|需求答复不清|客户服务部|P2|4|4|07-01|11-29|60
系统架构拆分|性能优化|系统稳定性问题|产品研发部|P1|5|5|07-01|12-27|180
客户学院|培训与文档|功能使用复杂|市场部|P3|4|3|07-15|12-20|40
反馈数据平台|流程优化|沟通协作不畅|运营管理部|P2|5|4|08-01|12-27|90
"""

#: Names and weights of milestones by family; whatever costs most effort has four.
STAGES = {
    "性能优化": ("方案评审通过", "开发测试完成", "上线验收"),
    "服务响应": ("规则与人员到位", "试运行", "全面运行验收"),
    "流程优化": ("流程草案定稿", "试点部门运行", "全公司执行验收"),
    "培训与文档": ("内容大纲确定", "首批内容完成", "使用效果验收"),
    "技术整改": ("原因复核", "修改与测试", "上线验收"),
    "客户补偿": ("名单与标准核定", "逐户执行", "回访确认"),
    "管理改进": ("办法起草", "部门试行", "执行情况验收"),
}
EXTRA_STAGE = "阶段复盘"
WEIGHTS = {3: (0.25, 0.45, 0.30), 4: (0.20, 0.30, 0.20, 0.30)}
LARGE_EFFORT = 5

POLICIES = (
    ("反馈管理条例", "2023-03-15", "按紧急程度分四级受理，写明每一级的首次响应时限与升级路径", "全体部门"),
    (
        "系统变更管理规范",
        "2023-05-22",
        "重大变更先比对数据、再小范围发布，并备好回退方案",
        "产品研发部、运营管理部",
    ),
    ("客户服务标准", "2023-07-10", "统一各渠道的答复口径与时限，办结后须告知客户", "客户服务部、技术支持部"),
    ("跨部门协作指南", "2023-09-01", "跨部门事项指定一名牵头人，交接须有书面记录", "全体部门"),
    ("持续改进奖励制度", "2023-11-15", "被采纳的改进建议按效果记分，可兑换奖励", "全体员工"),
)

_TEXTS = ("action", "issue", "department", "priority")
_DONE = [
    "effort",
    "impact",
    "starts_on",
    "due_on",
    "done_on",
    "budget_cny_10k",
    "spent_cny_10k",
    "stages_done",
    "pdca",
]
_NEXT = ["effort", "impact", "starts_on", "due_on", "budget_cny_10k"]
_COLUMNS = [
    "action_id",
    "action",
    "family",
    "issue",
    "incident",
    "department",
    "priority",
    "effort",
    "impact",
    "starts_on",
    "due_on",
    "done_on",
    "status",
    "progress_percent",
    "budget_cny_10k",
    "spent_cny_10k",
    "horizon",
    "pdca",
]


def actions() -> pd.DataFrame:
    """List the actions: of the year, after the incident, of the next year; numbered in this order."""
    year = _listed(YEAR, columns=(*_TEXTS, *_DONE), heading="family").assign(horizon="本年", year=2023)
    remedies = _listed(REMEDIES, columns=(*_TEXTS, *_DONE), heading="family")
    remedies = remedies.assign(horizon="本年", year=2023, incident=INCIDENT)
    next_year = _listed(NEXT_YEAR, columns=("action", "family", *_TEXTS[1:], *_NEXT), heading="horizon")
    next_year = next_year.assign(year=2024, pdca="计划")
    table = pd.concat([year, remedies, next_year], ignore_index=True)
    table["action_id"] = [f"CS{number:02d}" for number in range(1, len(table) + 1)]
    for day in ("starts_on", "due_on", "done_on"):
        has_day = table[day].fillna("") != ""
        texts = table["year"].astype(str) + "-" + table[day].fillna("")
        table[day] = pd.to_datetime(texts.where(has_day))
    for name in ("effort", "impact", "budget_cny_10k", "spent_cny_10k", "stages_done"):
        table[name] = pd.to_numeric(table[name])
    table["progress_percent"] = [_progress(row) for row in table.itertuples()]
    table["status"] = np.select(
        [table["progress_percent"] == 100, table["progress_percent"] > 0], ["已完成", "进行中"], "未开始"
    )
    return table[_COLUMNS]


def _listed(text: str, *, columns: tuple[str, ...], heading: str) -> pd.DataFrame:
    """Read lines of cells; a line without cells names the ``heading`` of those that follow."""
    rows, current = [], ""
    for line in text.strip().splitlines():
        if "|" in line:
            rows.append(dict(zip(columns, line.split("|"), strict=True)) | {heading: current})
        else:
            current = line
    return pd.DataFrame(rows)


def _weights(effort: float) -> tuple[float, ...]:
    return WEIGHTS[4 if effort >= LARGE_EFFORT else 3]


def _progress(row: tuple) -> int:
    if pd.notna(row.done_on):
        return 100
    stages = 0 if pd.isna(row.stages_done) else int(row.stages_done)
    return round(100 * sum(_weights(row.effort)[:stages]))


def milestones(table: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """List the milestones of the year's actions; 78 % of those done were done in time."""
    year = table[table["horizon"] == "本年"]
    rows = pd.concat([_stages(row) for row in year.itertuples()], ignore_index=True)
    is_done, is_last = rows["is_done"].to_numpy(), rows["is_last"].to_numpy()
    late = is_done & is_last & (rows["finished_on"] > rows["due_on"]).to_numpy()
    wanted = is_done.sum() - round(ON_TIME_SHARE * is_done.sum()) - late.sum()
    roomy = np.flatnonzero(is_done & ~is_last & (rows["room_days"] > 8).to_numpy())
    late[rng.permutation(roomy)[:wanted]] = True
    shift = np.where(late, rng.integers(2, 6, len(rows)), -rng.integers(0, 4, len(rows)))
    shift = np.maximum(shift, -rows["span_days"].to_numpy())
    done = rows["due_on"] + pd.to_timedelta(shift, unit="D")
    done = done.where(~is_last, rows["finished_on"])
    latest = rows["finished_on"].fillna(pd.Timestamp("2023-12-31"))
    rows["done_on"] = done.where(done <= latest, latest).where(is_done).astype("datetime64[us]")
    return rows[["action_id", "milestone", "due_on", "done_on", "weight"]]


def _stages(row: tuple) -> pd.DataFrame:
    """List one action's milestones, due in step with their weights."""
    weights = _weights(row.effort)
    first, *middle, last = STAGES[row.family]
    names = [first, *middle, *([EXTRA_STAGE] if len(weights) == 4 else []), last]
    span = (row.due_on - row.starts_on).days
    days = np.rint(np.cumsum(weights) * span).astype(int)
    done = int((100 * np.cumsum(weights) <= row.progress_percent + 0.5).sum())
    return pd.DataFrame(
        {
            "action_id": row.action_id,
            "milestone": names,
            "due_on": row.starts_on + pd.to_timedelta(days, unit="D"),
            "weight": weights,
            "is_done": np.arange(len(weights)) < done,
            "is_last": np.arange(len(weights)) == len(weights) - 1,
            "finished_on": row.done_on,
            "span_days": np.diff(days, prepend=0) // 2,
            "room_days": np.append(np.diff(days), 0),
        }
    )


def policies() -> pd.DataFrame:
    """List the policies that were issued in the year."""
    table = pd.DataFrame(POLICIES, columns=["policy", "effective_on", "change", "scope"])
    return table.assign(effective_on=pd.to_datetime(table["effective_on"]))

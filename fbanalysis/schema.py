"""The tables and columns that the analyses know: the data dictionary.

Plain Python, so that reading dataset.toml costs no import; :func:`schema` builds the pandera schema of
a table, against which intake validates. Columns that the dictionary does not know are kept out. Text
columns are pandas strings, times are naive local time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandera.pandas as pa

SIDES = ("internal", "external")
KINDS = ("建议", "表扬", "问题反映")
SENTIMENTS = ("正面", "中性", "负面")
DIRECTIONS = ("higher", "lower")
GRAINS = ("day", "week", "month", "quarter", "year")
CERTAINTIES = ("actual", "estimate")
PRIORITIES = ("P0", "P1", "P2", "P3")
TICKET_KINDS = ("咨询", "投诉", "故障", "需求")
CUSTOMER_STATES = ("在用", "流失")
ACTION_STATES = ("未开始", "进行中", "已完成", "已取消")
HORIZONS = ("本年", "近期", "中期", "长期")
CAUSE_CATEGORIES = ("人员", "流程", "技术", "管理", "环境")
PHASES = ("before", "after")
ARMS = ("treatment", "control")
KANO_ANSWERS = ("like", "expect", "neutral", "tolerate", "dislike")

#: The score columns of ``feedback``: validated against the scale that dataset.toml declares.
SCORES = ("area_score", "overall_score")
#: Columns in which people write freely: personal data in them is masked.
FREE_TEXT = ("comment", "note", "statement", "evidence", "description")
#: Columns whose cells may hold several answers, and what joins them in a table.
LISTS, LIST_JOINT = ("tags",), "；"
#: Columns that intake itself fills in.
PROVENANCE = ("source_file", "source_row")
#: Tables that nobody delivers: intake writes the first, the annotating of comments the others.
ANNOTATED = ("comments", "sentiment_checks")
DERIVED = ("resubmissions", *ANNOTATED)

#: The pandas type of each kind of column.
DTYPES = {"text": "str", "time": "datetime64[us]", "number": "float64", "count": "Int64"}


@dataclass(frozen=True)
class Column:
    """What one column of a table may hold.

    A ``nullable`` column may be empty and need not be delivered; ``allowed`` lists all values of a
    closed set, ``minimum`` and ``maximum`` are the smallest and the largest number.
    """

    kind: Literal["text", "time", "number", "count"]
    description: str
    nullable: bool = False
    unique: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Table:
    """What one table holds: a row, its columns in their order, and the columns that together are unique."""

    description: str
    columns: Mapping[str, Column]
    unique: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell one row from another; empty when rows may repeat."""
        return self.unique or tuple(name for name, column in self.columns.items() if column.unique)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that whoever delivers the table has to deliver."""
        return tuple(
            name for name, column in self.columns.items() if not column.nullable and name not in PROVENANCE
        )


def _text(
    description: str, *, nullable: bool = False, unique: bool = False, allowed: tuple[str, ...] = ()
) -> Column:
    return Column("text", description, nullable=nullable, unique=unique, allowed=allowed)


def _time(description: str, *, nullable: bool = False) -> Column:
    return Column("time", description, nullable=nullable)


def _number(
    description: str, *, nullable: bool = False, minimum: float | None = None, maximum: float | None = None
) -> Column:
    return Column("number", description, nullable=nullable, minimum=minimum, maximum=maximum)


def _count(
    description: str, *, nullable: bool = False, minimum: int = 0, maximum: int | None = None
) -> Column:
    return Column("count", description, nullable=nullable, minimum=minimum, maximum=maximum)


TABLES: dict[str, Table] = {
    "feedback": Table(
        "一行一条反馈",
        {
            "feedback_id": _text("反馈编号", unique=True),
            "respondent_id": _text("反馈者编号（假名）"),
            "submitted_at": _time("提交时间"),
            "channel": _text("渠道"),
            "side": _text("内部或外部", allowed=SIDES),
            "stratum": _text("人群层"),
            "customer_id": _text("客户编号（假名），与 customers 表相连", nullable=True),
            "age_band": _text("年龄段", nullable=True),
            "department": _text("所涉部门", nullable=True),
            "region": _text("地区", nullable=True),
            "platform": _text("使用平台", nullable=True),
            "kind": _text("反馈类型", allowed=KINDS),
            "topic": _text("话题", nullable=True),
            "tags": _text("细分标签，多个以「；」相连", nullable=True),
            "area": _text("被评价的领域", nullable=True),
            "area_score": _number("领域评分", nullable=True),
            "overall_score": _number("总体评分", nullable=True),
            "duration_seconds": _number("答题用时（秒）", nullable=True, minimum=0),
            "comment": _text("原文（已遮蔽个人信息）", nullable=True),
            "source_file": _text("来自哪个文件"),
            "source_row": _count("文件中的第几行"),
        },
    ),
    "population": Table(
        "一行一个人群层：规模与邀请数；按人计（员工、客户方的联系人），与按家计的 customers 表不同",
        {
            "side": _text("内部或外部", allowed=SIDES),
            "stratum": _text("人群层"),
            "population": _count("目标人群人数"),
            "invited": _count("邀请人数", nullable=True),
            "started": _count("开始作答人数", nullable=True),
        },
        unique=("side", "stratum"),
    ),
    "margins": Table(
        "一行一个总体构成：某一侧人群按某个变量的人数，供加权",
        {
            "side": _text("内部或外部", allowed=SIDES),
            "variable": _text("变量，如 age_band、region"),
            "level": _text("取值"),
            "population": _count("人数"),
        },
        unique=("side", "variable", "level"),
    ),
    "departments": Table(
        "一行一个部门",
        {
            "department": _text("部门", unique=True),
            "group": _text("部门类别", nullable=True),
            "headcount": _count("在职人数，不含已离职的", nullable=True),
        },
    ),
    "holidays": Table(
        "一行一个法定节假日或调休上班日；其余日子按周末休息",
        {
            "day": _time("日期"),
            "name": _text("节日"),
            "is_workday": _count("上班为 1，放假为 0", maximum=1),
        },
        unique=("day",),
    ),
    "customers": Table(
        "一行一家客户；按公司计，一家可有多名联系人",
        {
            "customer_id": _text("客户编号（假名）", unique=True),
            "stratum": _text("人群层"),
            "size": _text("规模", nullable=True),
            "industry": _text("行业", nullable=True),
            "region": _text("地区", nullable=True),
            "since": _time("合作开始", nullable=True),
            "contract_cny_10k": _number("年合同额（万元）", nullable=True, minimum=0),
            "active_users": _count("活跃用户数", nullable=True),
            "status": _text("状态", allowed=CUSTOMER_STATES),
            "churned_at": _time("流失日期", nullable=True),
        },
    ),
    "orders": Table(
        "一行一笔订单",
        {
            "order_id": _text("订单号", unique=True),
            "customer_id": _text("客户编号（假名）"),
            "ordered_at": _time("下单时间"),
            "amount_cny": _number("金额（元）", minimum=0),
            "product": _text("产品", nullable=True),
        },
    ),
    "tickets": Table(
        "一行一张工单",
        {
            "ticket_id": _text("工单号", unique=True),
            "created_at": _time("创建"),
            "channel": _text("来源渠道", nullable=True),
            "kind": _text("工单类型", allowed=TICKET_KINDS),
            "priority": _text("优先级", allowed=PRIORITIES),
            "customer_id": _text("客户编号（假名）", nullable=True),
            "respondent_id": _text("反馈者编号（假名），与 feedback 表相连", nullable=True),
            "side": _text("内部或外部", allowed=SIDES),
            "region": _text("地区", nullable=True),
            "platform": _text("使用平台", nullable=True),
            "department": _text("承办部门"),
            "reported_by": _text("提出或受影响的部门", nullable=True),
            "issue": _text("问题，与 issues 表相连", nullable=True),
            "topic": _text("话题", nullable=True),
            "cause": _text("问题原因", nullable=True),
            "delay_cause": _text("延误原因", nullable=True),
            "classified_at": _time("完成分类", nullable=True),
            "dispatched_at": _time("完成分析与分发", nullable=True),
            "first_response_at": _time("首次响应", nullable=True),
            "planned_at": _time("方案制定完成", nullable=True),
            "resolved_at": _time("解决", nullable=True),
            "closed_at": _time("关闭", nullable=True),
            "notified_at": _time("告知反馈者", nullable=True),
            "escalated_at": _time("升级时间", nullable=True),
            "escalated_to": _text("升级到谁", nullable=True),
            "reopened": _count("重开次数"),
            "transfers": _count("转派次数"),
            "score": _number("处理评分", nullable=True),
        },
    ),
    "ticket_steps": Table(
        "一行一张工单在一个部门的停留",
        {
            "ticket_id": _text("工单号"),
            "step": _count("第几步", minimum=1),
            "department": _text("部门"),
            "entered_at": _time("进入"),
            "left_at": _time("离开", nullable=True),
        },
        unique=("ticket_id", "step"),
    ),
    "issues": Table(
        "一行一个归并后的问题",
        {
            "issue": _text("问题", unique=True),
            "domain": _text("问题领域", nullable=True),
            "family": _text("问题族", nullable=True),
            "description": _text("现象", nullable=True),
            "first_seen": _time("首次出现", nullable=True),
            "frequency": _number("发生频次评分 1–5", nullable=True, minimum=1, maximum=5),
            "scope": _number("影响范围评分 1–5", nullable=True, minimum=1, maximum=5),
            "difficulty": _number("解决难度评分 1–5", nullable=True, minimum=1, maximum=5),
            "resources": _number("所需资源评分 1–5", nullable=True, minimum=1, maximum=5),
        },
    ),
    "causes": Table(
        "一行一层追问：问题 × 第几个为什么",
        {
            "issue": _text("问题，与 issues 表相连"),
            "level": _count("第几层", minimum=1),
            "statement": _text("回答"),
            "category": _text("原因类别", allowed=CAUSE_CATEGORIES),
            "evidence": _text("依据", nullable=True),
        },
        unique=("issue", "level"),
    ),
    "actions": Table(
        "一行一项改进措施",
        {
            "action_id": _text("措施编号", unique=True),
            "action": _text("措施"),
            "family": _text("措施类别"),
            "issue": _text("针对的问题，与 issues 表相连", nullable=True),
            "incident": _text("针对的事件，与 incidents 表相连", nullable=True),
            "department": _text("责任部门"),
            "priority": _text("优先级", nullable=True, allowed=PRIORITIES),
            "effort": _number("投入评分 1–5", nullable=True, minimum=1, maximum=5),
            "impact": _number("预期效果评分 1–5", nullable=True, minimum=1, maximum=5),
            "starts_on": _time("开始"),
            "due_on": _time("期限"),
            "done_on": _time("完成", nullable=True),
            "status": _text("状态", allowed=ACTION_STATES),
            "progress_percent": _number("进度（%）", nullable=True, minimum=0, maximum=100),
            "budget_cny_10k": _number("预算（万元）", nullable=True, minimum=0),
            "spent_cny_10k": _number("已用（万元）", nullable=True, minimum=0),
            "horizon": _text("计划期", allowed=HORIZONS),
            "pdca": _text("PDCA 阶段", nullable=True),
        },
    ),
    "milestones": Table(
        "一行一个措施里程碑",
        {
            "action_id": _text("措施编号，与 actions 表相连"),
            "milestone": _text("里程碑"),
            "due_on": _time("期限"),
            "done_on": _time("完成", nullable=True),
            "weight": _number("权重", minimum=0),
        },
        unique=("action_id", "milestone"),
    ),
    "measures": Table(
        "一行一次改进前或改进后的测量",
        {
            "action_id": _text("措施编号，与 actions 表相连", nullable=True),
            "metric": _text("指标"),
            "stratum": _text("测量的范围，如班组、通道、回访样本；空为不限", nullable=True),
            "unit": _text("单位"),
            "direction": _text("越高越好 higher，越低越好 lower", allowed=DIRECTIONS),
            "phase": _text("改进前 before 或改进后 after", allowed=PHASES),
            "observed_on": _time("测量日期"),
            "value": _number("数值"),
            "n": _count("该数值由多少个测量汇成", nullable=True),
            "sd": _number("这些测量的标准差", nullable=True, minimum=0),
            "unit_id": _text("被测对象（假名）", nullable=True),
        },
    ),
    "experiments": Table(
        "一行一个试验单位的一次观测",
        {
            "experiment": _text("试验"),
            "metric": _text("指标"),
            "unit_id": _text("试验单位（假名）"),
            "arm": _text("试点 treatment 或对照 control", allowed=ARMS),
            "period_start": _time("时期的第一天", nullable=True),
            "phase": _text("试点前 before 或试点后 after", allowed=PHASES),
            "value": _number("数值"),
            "region": _text("地区", nullable=True),
            "size": _text("规模", nullable=True),
        },
    ),
    "policies": Table(
        "一行一项制度",
        {
            "policy": _text("制度", unique=True),
            "effective_on": _time("生效日期"),
            "change": _text("修订内容", nullable=True),
            "scope": _text("适用范围", nullable=True),
        },
    ),
    "ratings": Table(
        "一行一名受访者对一个题项的评分",
        {
            "survey": _text("调查"),
            "answered_at": _time("作答时间", nullable=True),
            "respondent_id": _text("受访者编号（假名）"),
            "stratum": _text("人群层", nullable=True),
            "dimension": _text("维度", nullable=True),
            "item": _text("题项"),
            "scale_maximum": _number("量表的最高分；最低分为 1", minimum=2),
            "score": _number("评分", minimum=1),
        },
        unique=("survey", "respondent_id", "item"),
    ),
    "nps": Table(
        "一行一名受访者的推荐意愿",
        {
            "respondent_id": _text("受访者编号（假名）"),
            "customer_id": _text("客户编号（假名）", nullable=True),
            "stratum": _text("人群层", nullable=True),
            "region": _text("地区", nullable=True),
            "channel": _text("渠道", nullable=True),
            "asked_at": _time("作答时间"),
            "event_at": _time("所评服务的时间", nullable=True),
            "score": _count("推荐意愿 0–10", maximum=10),
        },
    ),
    "ces": Table(
        "一行一名受访者对一个费力度题项的评分",
        {
            "respondent_id": _text("受访者编号（假名）"),
            "answered_at": _time("作答时间", nullable=True),
            "channel": _text("渠道", nullable=True),
            "item": _text("题项"),
            "score": _number("费力度 1–5，1 为毫不费力", minimum=1, maximum=5),
        },
        unique=("respondent_id", "item"),
    ),
    "kano": Table(
        "一行一名受访者对一项功能的正反两问",
        {
            "respondent_id": _text("受访者编号（假名）"),
            "feature": _text("功能"),
            "functional": _text("有此功能时的感受", allowed=KANO_ANSWERS),
            "dysfunctional": _text("无此功能时的感受", allowed=KANO_ANSWERS),
        },
        unique=("respondent_id", "feature"),
    ),
    "journey": Table(
        "一行一家客户在一段旅程中经过一个触点；老客户走的是选用又一模块的旅程",
        {
            "customer_id": _text("客户编号（假名）"),
            "stage": _text("阶段"),
            "touchpoint": _text("触点"),
            "happened_at": _time("时间"),
            "score": _number("评分", nullable=True),
        },
    ),
    "kpis": Table(
        "一行一个指标 × 部门 × 时期",
        {
            "kpi": _text("指标名称"),
            "department": _text("责任部门；数值的口径为全公司"),
            "period": _text("时期：年如 2023，季如 2023Q3"),
            "direction": _text("越高越好 higher，越低越好 lower", allowed=DIRECTIONS),
            "unit": _text("单位：percent、score、hours、days、count"),
            "target": _number("目标值"),
            "actual": _number("实际值；空则由分子分母或账本指标得出", nullable=True),
            "actual_metric": _text("账本指标，如 satisfaction_mean[服务满意度]", nullable=True),
            "numerator": _count("比率的分子", nullable=True),
            "denominator": _count("比率的分母", nullable=True),
            "sd": _number("均值型指标的标准差", nullable=True, minimum=0),
            "n": _count("均值型指标的样本量", nullable=True),
            "weight": _number("部门内权重", minimum=0),
        },
        unique=("kpi", "department", "period"),
    ),
    "incidents": Table(
        "一行一个重大事件",
        {
            "incident": _text("事件名称", unique=True),
            "system": _text("系统"),
            "cause": _text("原因"),
            "started_at": _time("发生"),
            "detected_at": _time("发现", nullable=True),
            "diagnosed_at": _time("查明原因", nullable=True),
            "mitigated_at": _time("应急恢复", nullable=True),
            "resolved_at": _time("彻底解决", nullable=True),
            "active_users": _count("当时的活跃用户"),
            "affected_users": _count("受影响的活跃用户"),
        },
    ),
    "incident_steps": Table(
        "一行一个处理步骤",
        {
            "incident": _text("事件名称"),
            "step": _text("步骤"),
            "started_at": _time("开始"),
            "ended_at": _time("结束"),
            "note": _text("做了什么", nullable=True),
        },
    ),
    "incident_losses": Table(
        "一行一项损失",
        {
            "incident": _text("事件名称"),
            "item": _text("项目"),
            "amount_cny_10k": _number("金额（万元）", minimum=0),
            "certainty": _text("实际 actual 或估计 estimate", allowed=CERTAINTIES),
        },
        unique=("incident", "item"),
    ),
    "incident_customers": Table(
        "一行一家受影响客户",
        {
            "incident": _text("事件名称"),
            "customer_id": _text("客户编号（假名）"),
            "outage_started_at": _time("中断开始"),
            "outage_ended_at": _time("中断结束"),
            "score_before": _number("回访调查（独立于其他调查）的评分，事件前最近一次", nullable=True),
            "score_after": _number("同一回访调查的评分，事件后四周内", nullable=True),
        },
        unique=("incident", "customer_id"),
    ),
    "operations": Table(
        "一行一个时期 × 运行量",
        {
            "period_start": _time("时期的第一天"),
            "grain": _text("时期长度", allowed=GRAINS),
            "measure": _text("运行量名称，如 工单量（新建的工单）、投诉量、新客户转化（咨询后注册试用）"),
            "value": _number("数值"),
        },
        unique=("period_start", "grain", "measure"),
    ),
    "declared": Table(
        "一行一个声明的数：承诺、目标、假设，不由数据算出",
        {
            "metric": _text("指标"),
            "stratum": _text("层"),
            "value": _number("数值", nullable=True),
            "day": _time("日期；声明的是日期时", nullable=True),
            "unit": _text("单位"),
            "source": _text("出处", nullable=True),
        },
        unique=("metric", "stratum"),
    ),
    "published": Table(
        "一行一个旧稿或演示稿里印出的数",
        {
            "claim_id": _text("编号", unique=True),
            "page": _text("页", nullable=True),
            "statement": _text("印出的说法"),
            "metric": _text("指标", nullable=True),
            "stratum": _text("层", nullable=True),
            "printed": _text("印出的字样"),
            "value": _number("数值", nullable=True),
            "unit": _text("单位，与账本的叫法相同", nullable=True),
            "decimals": _count("印出几位小数", nullable=True),
        },
    ),
    "codings": Table(
        "一行一人对一段原文的情感判断，出自随机抽取的原文",
        {
            "comment": _text("原文（已遮蔽个人信息）"),
            "coder": _text("标注人（代号）"),
            "sentiment": _text("情感", allowed=SENTIMENTS),
            "coded_on": _time("标注日期", nullable=True),
        },
        unique=("comment", "coder"),
    ),
    "prior_year": Table(
        "上一年的汇总，由上一年的文件算出，或由只留下总数的文件给出",
        {
            "metric": _text("指标"),
            "stratum": _text("层"),
            "n": _count("样本量", nullable=True),
            "mean": _number("均值", nullable=True),
            "sd": _number("标准差", nullable=True, minimum=0),
            "share": _number("份额 0–1", nullable=True, minimum=0),
        },
        unique=("metric", "stratum"),
    ),
    "resubmissions": Table(
        "一行一次重复提交：同一人再次反映同一件事，由读入步骤认出，不计入 feedback",
        {
            "feedback_id": _text("再次提交的编号", unique=True),
            "first_id": _text("首次提交的编号"),
            "respondent_id": _text("反馈者编号（假名）"),
            "channel": _text("再次提交的渠道"),
            "first_channel": _text("首次提交的渠道"),
            "submitted_at": _time("再次提交的时间"),
            "first_at": _time("首次提交的时间"),
            "similarity": _number("原文相似度 0–100", minimum=0, maximum=100),
        },
    ),
    "comments": Table(
        "一行一段不同的原文：分词与情感，由批注步骤写出",
        {
            "comment_hash": _text("原文的内容哈希", unique=True),
            "tokens": _text("分词结果，以空格相连"),
            "positive": _number("正面概率 0–1", minimum=0),
            "sentiment": _text("正面、中性、负面"),
        },
    ),
    "sentiment_checks": Table(
        "一行一项情感模型的实测质量",
        {
            "check": _text("测了什么"),
            "n": _count("样本量"),
            "value": _number("数值"),
            "low": _number("区间下限", nullable=True),
            "high": _number("区间上限", nullable=True),
        },
        unique=("check",),
    ),
}


@cache
def schema(table: str, *, scale: tuple[float, float] | None = None) -> "pa.DataFrameSchema":
    """Build the pandera schema of a table; its check texts are what an analyst reads.

    Parameters
    ----------
    table
        A name in :data:`TABLES`.
    scale
        Lowest and highest value of the score columns, for ``feedback``.
    """
    import pandera.pandas as pa

    known = TABLES[table]
    columns = {
        name: _checked(column, scale=scale if table == "feedback" and name in SCORES else None)
        for name, column in known.columns.items()
    }
    return pa.DataFrameSchema(
        columns, strict="filter", unique=list(known.unique) or None, description=known.description
    )


def _checked(column: Column, *, scale: tuple[float, float] | None) -> "pa.Column":
    """Turn a column of the dictionary into a pandera column."""
    import pandera.pandas as pa

    checks = []
    if column.allowed:
        checks.append(pa.Check.isin(column.allowed, error=f"应为 {'、'.join(column.allowed)} 之一"))
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum, error=f"不应小于 {column.minimum:g}"))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum, error=f"不应大于 {column.maximum:g}"))
    if scale is not None:
        checks.append(pa.Check.in_range(*scale, error=f"应在 {scale[0]:g} 到 {scale[1]:g} 之间"))
    return pa.Column(
        DTYPES[column.kind],
        checks,
        nullable=column.nullable,
        required=not column.nullable,
        unique=column.unique,
        coerce=column.kind != "time",  # pandera coerces every time to nanoseconds
        description=column.description,
    )

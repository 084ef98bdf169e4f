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
DIRECTIONS = ("higher", "lower")
GRAINS = ("day", "week", "month", "quarter", "year")
CERTAINTIES = ("actual", "estimate")

#: The score columns of ``feedback``: validated against the scale that dataset.toml declares.
SCORES = ("area_score", "overall_score")
#: Columns in which people write freely: personal data in them is masked.
FREE_TEXT = ("comment", "note")
#: Columns that intake itself fills in.
PROVENANCE = ("source_file", "source_row")
#: Tables that a step of the pipeline writes and nobody delivers.
DERIVED = ("comments", "sentiment_checks")

#: The pandas type of each kind of column.
DTYPES = {"text": "str", "time": "datetime64[us]", "number": "float64", "count": "Int64"}


@dataclass(frozen=True)
class Column:
    """What one column of a table may hold.

    A ``nullable`` column may be empty and need not be delivered; ``allowed`` lists all values of a
    closed set, ``minimum`` is the smallest number.
    """

    kind: Literal["text", "time", "number", "count"]
    description: str
    nullable: bool = False
    unique: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None


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


def _number(description: str, *, nullable: bool = False, minimum: float | None = None) -> Column:
    return Column("number", description, nullable=nullable, minimum=minimum)


def _count(description: str, *, nullable: bool = False) -> Column:
    return Column("count", description, nullable=nullable, minimum=0)


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
            "department": _text("所涉部门", nullable=True),
            "region": _text("地区", nullable=True),
            "kind": _text("反馈类型", allowed=KINDS),
            "topic": _text("话题", nullable=True),
            "area": _text("被评价的领域", nullable=True),
            "area_score": _number("领域评分", nullable=True),
            "overall_score": _number("总体评分", nullable=True),
            "comment": _text("原文（已遮蔽个人信息）", nullable=True),
            "source_file": _text("来自哪个文件"),
            "source_row": _count("文件中的第几行"),
        },
    ),
    "population": Table(
        "一行一个人群层：规模与邀请数",
        {
            "side": _text("内部或外部", allowed=SIDES),
            "stratum": _text("人群层"),
            "population": _count("目标人群人数"),
            "invited": _count("邀请人数", nullable=True),
        },
        unique=("side", "stratum"),
    ),
    "kpis": Table(
        "一行一个指标 × 部门 × 时期",
        {
            "kpi": _text("指标名称"),
            "department": _text("责任部门"),
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
            "score_before": _number("事件前最近一次满意度", nullable=True),
            "score_after": _number("事件后四周内回访满意度", nullable=True),
        },
        unique=("incident", "customer_id"),
    ),
    "operations": Table(
        "一行一个时期 × 运行量",
        {
            "period_start": _time("时期的第一天"),
            "grain": _text("时期长度", allowed=GRAINS),
            "measure": _text("运行量名称"),
            "value": _number("数值"),
        },
        unique=("period_start", "grain", "measure"),
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

"""The glossary of methods: what each phrase in a record's method means, as a formula, with its source.

It says what the package really computes and names the function that does; it computes nothing itself.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from fbanalysis.report.methods import (
    coverage,
    customer_ratings,
    customer_value,
    experiments,
    general,
    satisfaction,
    significance,
)
from fbanalysis.report.methods.term import KINDS, Term

if TYPE_CHECKING:
    from fbanalysis.report.ledger import Record

#: Methods that need no formula: counts and sums, entries of registers, settings and parameters.
_PLAIN = re.compile(
    "计数|评分数|工单数$|客户数$|部门数$|问题数$|指标数$|记录数$|月份数$|小时数$|层数$|个数$|合计$|之和$|逐项相加"
    "|台账$|记录$|制度文件|处理步骤表|事件记录|指标表$|追问记录|dataset\\.toml|笔记本的参数|数据表 SHA|文件或工作表"
    "|出现的渠道|置信水平|把握的指标|工单最多的问题|与账本记录比对|指标名的数|计项目$|计要求$|条数$|算法术语$|^采用的反馈$|按校正后的结论|减期限"
)

_TOPICS = (general, coverage, satisfaction, significance, experiments, customer_ratings, customer_value)
#: All entries, in the order in which the chapter on method prints them.
TERMS: tuple[Term, ...] = tuple(
    sorted((term for topic in _TOPICS for term in topic.TERMS), key=lambda term: KINDS.index(term.kind))
)


@cache
def formulas_for(method: str) -> tuple[Term, ...]:
    """Give the entries of the glossary that a record's method names.

    >>> [term.name for term in formulas_for("两年均值之差；Welch 检验，Holm 校正，效应量 Hedges g")]
    ['均值', 'Welch 区间', 'Welch t 检验', 'Holm 校正', 'Hedges g']
    """
    return tuple(term for term in TERMS if re.search(term.pattern, method))


def is_plain(method: str) -> bool:
    """Say whether a method needs no formula: a count, a sum, an entry of a register, a setting.

    >>> is_plain("有效反馈计数"), is_plain("均值；t 区间")
    (True, False)
    """
    return bool(_PLAIN.search(method))


def formula_of(record: "Record") -> str:
    """Say how a record's value is worked out: its own formula, else those of its method."""
    told = (f"{term.name}：{term.formula}" for term in formulas_for(record.method))
    return record.formula or "；".join(told)


def terms_used(records: Iterable["Record"]) -> pd.DataFrame:
    """List the entries that the records' methods name.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (the term), ``kind``, ``formula``, ``source``, ``function``, ``records`` (how many records use it);
        in the order of `TERMS`, terms that no record uses left out.
    """
    methods = pd.Series([record.method for record in records], dtype=object)
    used = [
        (term, int(methods.map(lambda method, term=term: term in formulas_for(method)).sum()))
        for term in TERMS
    ]
    rows = [
        {
            "stratum": term.name,
            "kind": term.kind,
            "formula": term.formula,
            "source": term.source,
            "function": f"fbanalysis.analysis.{term.function}",
            "records": count,
        }
        for term, count in used
        if count
    ]
    return pd.DataFrame(rows, columns=["stratum", "kind", "formula", "source", "function", "records"])

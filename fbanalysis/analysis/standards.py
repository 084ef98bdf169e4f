"""What standards of practice ask a report to say of its method, as plain data, and how this report stands to them.

The items are told in our own words and name their source; nothing here claims that a standard is kept as a whole.
It reads no file: what was declared, counted and found in the project's folder is handed in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

#: How an item stands.
SAID, TO_SAY = "已说明", "待补"
ALIKE, DIFFERENT = "对应", "做法不同"
MET, UNMET = "满足", "未满足"
#: What stands where somebody has still to say something.
BLANK = "待补"

#: On what an answer rests.
DECLARED, COUNTED = "机构声明", "账本"
CHECKED = "程序核对"

_DECLARED = re.compile(r"\{disclosure\[(\w+)\]\}")
_REFERENCE = re.compile(r"\{[^{}]+\}")


@dataclass(frozen=True)
class Item:
    """One thing that a standard asks for.

    ``clauses`` are templates over the ledger: ``disclosure[key]`` is what dataset.toml declares, the others are
    counted; a clause of whose records one is absent is left out. ``brief`` is the clause that a slide has
    room for. ``stands`` is the standing where nothing is missing.
    """

    name: str
    term: str
    source: str
    clauses: tuple[str, ...]
    brief: str
    stands: str = SAID

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of [disclosure] that it needs."""
        return tuple(dict.fromkeys(key for clause in self.clauses for key in _DECLARED.findall(clause)))

    @property
    def basis(self) -> str:
        """Whether its answer is declared, counted, or both."""
        others = {one for clause in self.clauses for one in _REFERENCE.findall(clause)}
        is_counted = any(not _DECLARED.fullmatch(one) for one in others)
        return "与".join([DECLARED] * bool(self.keys) + [COUNTED] * is_counted) or "做法说明"


_AAPOR = "AAPOR 职业道德与实务守则（2021 年 4 月），第三部分甲：即时披露"

#: The eleven items for immediate disclosure of the AAPOR Code of Professional Ethics and Practices, revised April 2021.
AAPOR: tuple[Item, ...] = (
    Item(
        "数据收集策略",
        "Data collection strategy",
        _AAPOR,
        (
            "经 {collected[渠道]} 收集自愿的反馈，采用 {collected[条数]} 条",
            "目的：{disclosure[purpose]}",
            "酬谢：{disclosure[incentives]}",
        ),
        "多渠道收集自愿的反馈，采用 {collected[条数]} 条",
    ),
    Item(
        "主办与执行",
        "Who sponsored the research and who conducted it",
        _AAPOR,
        (
            "主办：{disclosure[sponsor]}",
            "执行：{disclosure[conducted_by]}",
            "经费：{funding[all]}",
            "联系：{disclosure[contact]}",
        ),
        "主办：{disclosure[sponsor]}；执行：{disclosure[conducted_by]}",
    ),
    Item(
        "测量工具",
        "Measurement tools and instruments",
        _AAPOR,
        ("{disclosure[instruments]}", "语言：{disclosure[languages]}"),
        "{disclosure[instruments]}",
    ),
    Item(
        "研究总体",
        "Population under study",
        _AAPOR,
        ("{disclosure[population]}", "人群表合计 {target_population[all]} 人"),
        "{disclosure[population]}",
    ),
    Item(
        "样本的产生与招募",
        "Method used to generate and recruit the sample",
        _AAPOR,
        (
            "自愿参加，不是概率样本",
            "抽样框：{disclosure[sampling_frame]}",
            "招募：{disclosure[recruitment]}",
        ),
        "自愿参加，不是概率样本；抽样框：{disclosure[sampling_frame]}",
    ),
    Item(
        "收集方式",
        "Methods and modes of data collection",
        _AAPOR,
        ("{modes[all]}", "各渠道的份额见样本与覆盖一章"),
        "{modes[all]}",
    ),
    Item(
        "收集日期",
        "Dates of data collection",
        _AAPOR,
        ("{collected[首条]} 至 {collected[末条]}",),
        "{collected[首条]} 至 {collected[末条]}",
    ),
    Item(
        "样本量与精度",
        "Sample sizes and discussion of the precision of the results",
        _AAPOR,
        (
            "采用 {collected[条数]} 条",
            "覆盖目标人群的 {coverage[all]}",
            "自愿反馈没有抽样概率，不声称总体的抽样误差范围",
            "区间的条件：答的人与没有答的人想法相同；不成立时，偏差不在区间之内",
        ),
        "{collected[条数]} 条；自愿反馈，不声称总体的抽样误差范围",
    ),
    Item(
        "加权",
        "How the data were weighted",
        _AAPOR,
        (
            "写明加权的以外，各数不加权",
            "总体满意度不加权 {satisfaction_mean[总体满意度]}，按人群表事后分层 {weighted_satisfaction[all]}",
        ),
        "写明加权的以外，各数不加权",
    ),
    Item(
        "数据处理与质量",
        "How the data were processed and procedures to ensure data quality",
        _AAPOR,
        (
            "{disclosure[quality_procedures]}",
            "反馈读入 {rows_in[反馈]} 行，采用 {rows_kept[反馈]} 行，隔离 {rows_refused[反馈]} 行",
            "模型与自动判断：{disclosure[ai_use]}",
        ),
        "读入 {rows_in[反馈]} 行，采用 {rows_kept[反馈]} 行，隔离 {rows_refused[反馈]} 行",
    ),
    Item(
        "设计与收集的局限",
        "General statement acknowledging limitations of the design and data collection",
        _AAPOR,
        ("{disclosure[limitations]}", "各章的局限列在附录末尾", "下次复核方法：{disclosure[next_review]}"),
        "{disclosure[limitations]}",
    ),
)

_GB38 = "GB/T 19038—2009《顾客满意测评模型和方法指南》的适用范围"
_GB39 = "GB/T 19039—2009《顾客满意测评通则》的适用范围"

#: What the two national standards on measuring customer satisfaction cover by their scope; no clause is quoted.
NATIONAL: tuple[Item, ...] = (
    Item(
        "测评对象",
        "外部顾客",
        _GB38,
        (
            "外部反馈 {collected[外部条数]} 条",
            "员工等内部反馈 {collected[内部条数]} 条，不在标准的范围，另列",
        ),
        "外部 {collected[外部条数]} 条；内部反馈不在标准范围",
        ALIKE,
    ),
    Item(
        "测评模型",
        "结构方程模型，也可参照用于其他模型",
        _GB38,
        ("不用结构方程模型：逐领域报告评分均值与分布，不合成潜变量", "全部算法列在附录"),
        "逐领域报告评分，不用结构方程模型",
        DIFFERENT,
    ),
    Item(
        "抽样方案",
        "抽样设计与样本量",
        _GB38,
        (
            "没有抽样：{disclosure[recruitment]}",
            "样本少于 {base_limit[all]} 条的层不作检验",
        ),
        "没有抽样，自愿参加；少于 {base_limit[all]} 条不作检验",
        DIFFERENT,
    ),
    Item("数据收集方法", "收集方法的选择", _GB38, ("{modes[all]}",), "{modes[all]}", ALIKE),
    Item(
        "问卷设计",
        "问题与量表",
        _GB38,
        ("{disclosure[instruments]}", "评分由 {scale_end[最低]} 到 {scale_end[最高]}"),
        "评分由 {scale_end[最低]} 到 {scale_end[最高]}；{disclosure[instruments]}",
        ALIKE,
    ),
    Item(
        "数据的收集与审核",
        "收集、整理、统计",
        _GB38,
        (
            "{disclosure[quality_procedures]}",
            "反馈读入 {rows_in[反馈]} 行，隔离 {rows_refused[反馈]} 行，逐行写明原因",
        ),
        "读入 {rows_in[反馈]} 行，隔离 {rows_refused[反馈]} 行，逐行有原因",
        ALIKE,
    ),
    Item(
        "数据的分析",
        "统计分析",
        _GB38,
        ("均值、份额都带区间", "比较都作检验并按族校正，个数列在附录"),
        "均值、份额带区间；比较作检验并校正",
        ALIKE,
    ),
    Item(
        "目的与实施",
        "测评的原则与实施过程",
        _GB39,
        ("目的：{disclosure[purpose]}", "执行：{disclosure[conducted_by]}"),
        "目的：{disclosure[purpose]}",
        ALIKE,
    ),
    Item(
        "结果的应用",
        "测评结果的应用",
        _GB39,
        ("措施台账里有 {action_count[all]} 项改进措施", "下次复核方法：{disclosure[next_review]}"),
        "下次复核方法：{disclosure[next_review]}",
        ALIKE,
    ),
)

_PIPL = "个人信息保护法"

#: What the law on personal information asks to be told of, by article.
PRIVACY: tuple[Item, ...] = (
    Item("处理目的", "目的明确、合理，限于最小范围", f"{_PIPL}第六条", ("{disclosure[purpose]}",), "{disclosure[purpose]}"),
    Item("合法性基础与告知", "取得同意或其他法定情形；处理前告知", f"{_PIPL}第十三条、第十七条", ("{disclosure[consent]}",), "{disclosure[consent]}"),
    Item("保存期限与本人权利", "为实现目的所必要的最短时间", f"{_PIPL}第十九条、第四十四条", ("{disclosure[retention]}",), "{disclosure[retention]}"),
    Item("自动化判断", "透明、公平，不作不合理的差别待遇", f"{_PIPL}第二十四条", ("{disclosure[ai_use]}",), "{disclosure[ai_use]}"),
    Item("联系方式", "告知处理者的名称与联系方式", f"{_PIPL}第十七条", ("{disclosure[contact]}",), "{disclosure[contact]}"),
)  # fmt: skip


@dataclass(frozen=True)
class Criterion:
    """One requirement on reproducible analysis: at which level, what it asks, and the check that answers it."""

    level: str
    name: str
    term: str
    check: str

    @property
    def stratum(self) -> str:
        return f"{self.level}：{self.name}"


#: Checks that nobody can read off the folder: [disclosure] says them, or they count as not met.
DECLARED_CHECKS = ("peer_review", "code_published", "schedule")

LEAST, BASELINE, SILVER, GOLD = "基本要求", "基础级", "银级", "金级"
#: Level → where it is written.
RAP_SOURCES = {
    LEAST: "英国政府分析职能部门，RAP 战略（2022）",
    BASELINE: "NHS，Levels of RAP：Baseline",
    SILVER: "NHS，Levels of RAP：Silver",
    GOLD: "NHS，Levels of RAP：Gold",
}

#: Requirements on reproducible analytical pipelines: the Analysis Function's minimum, and the NHS's three levels.
RAP_ITEMS: tuple[Criterion, ...] = (
    Criterion(LEAST, "尽量少手工步骤", "Minimise manual steps", "one_command"),
    Criterion(LEAST, "用开源软件建成", "Built using open-source software", "open_source"),
    Criterion(LEAST, "经过同行评审", "Quality assurance deepened with peer review", "peer_review"),
    Criterion(LEAST, "用版本控制留痕", "Audit trail by version control, preferably Git", "version_control"),
    Criterion(LEAST, "对任何人开放", "Open to anyone", "code_published"),
    Criterion(LEAST, "遵循质量保证的惯例", "Follow existing good practice for quality assurance", "tests"),
    Criterion(
        LEAST, "注释与文档随代码", "Well-commented code, documentation within the product", "documentation"
    ),
    Criterion(
        BASELINE, "数据由开源语言的代码产生", "Produced by code in an open-source language", "open_source"
    ),
    Criterion(BASELINE, "代码有版本控制", "Code is version controlled", "version_control"),
    Criterion(BASELINE, "README 写明怎样重跑", "README details the steps to reproduce", "readme"),
    Criterion(BASELINE, "代码经过同行评审", "Code has been peer reviewed", "peer_review"),
    Criterion(BASELINE, "代码公开并与报告互相链接", "Code is published in the open", "code_published"),
    Criterion(
        SILVER, "产出由代码完成，少有手工", "Outputs produced with minimal manual intervention", "one_command"
    ),
    Criterion(SILVER, "代码文档齐全", "Code is well documented, with docstrings", "documentation"),
    Criterion(SILVER, "目录结构规范", "Standard directory format", "layout"),
    Criterion(SILVER, "函数可复用", "Reusable functions", "functions"),
    Criterion(SILVER, "遵守代码规范", "Agreed coding standards", "style"),
    Criterion(SILVER, "有测试框架", "Testing framework", "tests"),
    Criterion(SILVER, "写明依赖", "Dependency information", "dependencies"),
    Criterion(SILVER, "自动记录运行", "Logs are recorded automatically", "logs"),
    Criterion(SILVER, "数据整洁", "Tidy data", "tidy"),
    Criterion(GOLD, "代码完整打包", "Code is fully packaged", "packaged"),
    Criterion(GOLD, "自动测试（CI）", "Tests run automatically by CI", "automation"),
    Criterion(GOLD, "按事件或按时运行", "Runs on events or on a schedule", "schedule"),
    Criterion(GOLD, "变更有明示", "Changes are signposted, as in a changelog", "changelog"),
)


def stand_of(items: Sequence[Item], *, missing: Iterable[str]) -> pd.DataFrame:
    """Say how each item stands, given the keys that nobody has declared.

    Parameters
    ----------
    missing
        Keys of [disclosure] without a text.

    Returns
    -------
    DataFrame
        ``stratum`` (the item), ``term``, ``source``, ``basis`` (机构声明, 账本 or both), ``standing``; in the
        order of the items.

    Examples
    --------
    >>> item = Item("主办", "Sponsor", "AAPOR", ("{disclosure[sponsor]}",), "")
    >>> stand_of([item], missing=["sponsor"])["standing"].tolist(), stand_of([item], missing=[])["standing"].tolist()
    (['待补'], ['已说明'])
    """
    lacking = set(missing)
    rows = [
        (one.name, one.term, one.source, one.basis, TO_SAY if lacking & set(one.keys) else one.stands)
        for one in items
    ]
    return pd.DataFrame(rows, columns=["stratum", "term", "source", "basis", "standing"])


def count_standings(standing: pd.Series, *, order: Sequence[str]) -> pd.DataFrame:
    """Count how many items stand how, all of ``order`` and a last row ``all``.

    >>> count_standings(pd.Series(["满足", "满足"]), order=["满足", "未满足"]).to_numpy().tolist()
    [['满足', 2], ['未满足', 0], ['all', 2]]
    """
    counts = standing.value_counts().reindex(list(order), fill_value=0)
    counts.loc["all"] = len(standing)
    return counts.rename("value").rename_axis("stratum").reset_index()


def assess_rap(evidence: Mapping[str, str], declared: Mapping[str, str]) -> pd.DataFrame:
    """Hold the requirements on reproducible analysis against what was found and declared.

    A requirement is met where there is evidence, and never by default: what nobody looked for or declared is not.

    Parameters
    ----------
    evidence
        Check → what was found, empty where nothing was.
    declared
        The checks of `DECLARED_CHECKS` → what the organisation says, empty where nothing.

    Returns
    -------
    DataFrame
        ``stratum`` (level and name), ``level``, ``name``, ``term``, ``source``, ``basis`` (程序核对 or 机构声明),
        ``evidence`` and ``standing`` (满足 or 未满足).

    Examples
    --------
    >>> found = assess_rap({"tests": "九个测试"}, {"peer_review": ""}).set_index("stratum")
    >>> found.loc[["银级：有测试框架", "基础级：代码经过同行评审"], "standing"].tolist()
    ['满足', '未满足']
    """
    rows = []
    for one in RAP_ITEMS:
        is_declared = one.check in DECLARED_CHECKS
        text = (declared if is_declared else evidence).get(one.check, "")
        basis, none = (DECLARED, "没有声明") if is_declared else (CHECKED, "没有找到")
        rows.append(
            (
                one.stratum,
                one.level,
                one.name,
                one.term,
                RAP_SOURCES[one.level],
                basis,
                text or none,
                MET if text else UNMET,
            )
        )
    columns = ["stratum", "level", "name", "term", "source", "basis", "evidence", "standing"]
    return pd.DataFrame(rows, columns=columns)


def count_levels(assessed: pd.DataFrame) -> pd.DataFrame:
    """Count requirements by level: ``stratum``, ``items``, ``met``, ``unmet``, ``standing``.

    A level stands when all its requirements and those of every level below it are met.
    """
    levels = assessed.assign(met=assessed["standing"].eq(MET), items=1)
    table = levels.groupby("level", sort=False, as_index=False)[["items", "met"]].sum()
    table = table.rename(columns={"level": "stratum"}).assign(unmet=table["items"] - table["met"])
    return table.assign(standing=table["unmet"].cumsum().eq(0).map({True: MET, False: UNMET}))


# What was left out, and what the feedback is

#: Why a row was refused, by what intake's reason says; the first that fits.
EXCLUSIONS: Mapping[str, str] = {
    "同一人重复提交": "同一人重复提交",
    "编号或行重复": r"与第 \d+ 行.*重复|与.+第 \d+ 行.*重复",
    "必填项为空": "为空",
    "时间读不出": "读不出时间",
    "不在报告期": r"应在 \d{4}-\d\d-\d\d 到",
    "超出允许范围": r"应在 .+ 到 .+ 之间|不应大于|不应小于",
    "不是数": "应是数|应是整数",
    "不在允许的取值里": "应为 .+ 之一|之一",
}
OTHERWISE = "其他原因"


def count_exclusions(quarantine: pd.DataFrame) -> pd.DataFrame:
    """Count refused rows by reason; a row with several reasons counts once, by the first class that fits.

    Parameters
    ----------
    quarantine
        Columns ``table`` and ``reason``, a row a refused row.

    Returns
    -------
    DataFrame
        ``stratum`` (the reason, last ``all``), ``feedback`` (refused rows of feedback) and ``others`` (of the other
        tables); reasons that do not occur are left out.

    Examples
    --------
    >>> rows = pd.DataFrame({"table": ["feedback", "orders"], "reason": ["「评分」为空", "怪"]})
    >>> count_exclusions(rows).to_numpy().tolist()
    [['必填项为空', 1, 0], ['其他原因', 0, 1], ['all', 1, 1]]
    """
    reasons = quarantine["reason"].map(_class_of).astype(object)
    is_feedback = quarantine["table"].eq("feedback")
    table = pd.DataFrame({
        "feedback": reasons[is_feedback].value_counts(), "others": reasons[~is_feedback].value_counts(),
    })  # fmt: skip
    table = table.reindex([*EXCLUSIONS, OTHERWISE]).fillna(0).astype(int)
    table = table[table.sum(axis=1) > 0]
    table.loc["all"] = [int(is_feedback.sum()), int((~is_feedback).sum())]
    return table.rename_axis("stratum").reset_index()


def _class_of(reason: str) -> str:
    return next((name for name, pattern in EXCLUSIONS.items() if re.search(pattern, reason)), OTHERWISE)


def describe_collection(feedback: pd.DataFrame) -> dict[str, object]:
    """Tell what was collected: items, channels by size, first and last day, items from inside and outside.

    Parameters
    ----------
    feedback
        Columns ``channel``, ``submitted_at`` and ``side``.

    Returns
    -------
    dict
        渠道 (text), 首条 and 末条 (dates), 条数, 内部条数 and 外部条数 (counts).

    Examples
    --------
    >>> day = pd.Timestamp("2023-05-01")
    >>> frame = pd.DataFrame({"channel": ["热线"], "submitted_at": [day], "side": ["external"]})
    >>> describe_collection(frame)["渠道"], describe_collection(frame)["外部条数"]
    ('热线', 1)
    """
    days, sides = feedback["submitted_at"].dropna(), feedback["side"]
    return {
        "渠道": "、".join(map(str, feedback["channel"].value_counts().index)),
        "首条": days.min().date() if len(days) else None,
        "末条": days.max().date() if len(days) else None,
        "条数": len(feedback),
        "内部条数": int((sides == "internal").sum()),
        "外部条数": int((sides == "external").sum()),
    }

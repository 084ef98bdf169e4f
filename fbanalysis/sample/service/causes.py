"""The problems that tickets are about, as people of the invented company merged them, and why they arise.

Plain data and two small tables (2023 only). ``service`` deals tickets by it; nothing is drawn here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from fbanalysis.sample.delivery.exports import TableFile

#: The departments that deal with tickets; others of the company only report.
HANDLERS = ("技术支持部", "产品研发部", "客户服务部", "运营管理部", "市场部", "人力资源部")

COMMUNICATION = "沟通协作不畅"
STABILITY = "系统稳定性问题"
SYNC = "数据同步异常"
#: The problem of every feedback item whose issue is no problem of its own here.
OTHER = "需求答复不清"


@dataclass(frozen=True)
class Problem:
    """One problem: what it is, who has it and how it shows in tickets.

    ``customers`` is the number of distinct customers by year (empty: the rest of the tickets is shared
    out by ``weight``); ``insiders`` the number of internal tickets; ``reporters`` all departments that
    report it; ``handlers`` weights of the departments that deal with it; ``kinds`` weights of 咨询, 投诉,
    故障, 需求; ``factors`` frequency, scope, difficulty, resources (1–5); ``feedback`` the issues of
    feedback items that it stands for.
    """

    domain: str
    family: str
    topic: str
    description: str
    first_seen: str
    factors: tuple[int, int, int, int]
    kinds: tuple[float, float, float, float]
    handlers: Mapping[str, float]
    reporters: tuple[str, ...]
    customers: Mapping[int, int] = field(default_factory=dict)
    weight: float = 0.0
    insiders: Mapping[int, int] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()


PROBLEMS: dict[str, Problem] = {
    STABILITY: Problem(
        domain="系统功能",
        family="产品能力不足",
        topic="产品质量",
        description="页面报错、自动退出或整段时间打不开，早上和下午开工时最多，手机上又比电脑上多",
        first_seen="2021-03-08",
        factors=(5, 5, 4, 4),
        kinds=(0.5, 1.1, 4.0, 0.2),
        handlers={"技术支持部": 0.55, "产品研发部": 0.40, "运营管理部": 0.05},
        reporters=("产品研发部", "技术支持部", "客户服务部", "运营管理部", "销售部"),
        customers={2023: 1263, 2022: 1015},
        insiders={2023: 24, 2022: 20},
        feedback=("稳定性", "升级"),
    ),
    "响应速度慢": Problem(
        domain="服务流程",
        family="资源配置不足",
        topic="服务体验",
        description="问题提交以后迟迟没有人回，催了才有动静，周末和节假日等得更久",
        first_seen="2021-06-21",
        factors=(5, 4, 3, 4),
        kinds=(1.0, 2.0, 0.4, 0.3),
        handlers={"技术支持部": 0.45, "客户服务部": 0.55},
        reporters=("技术支持部", "客户服务部", "销售部"),
        customers={2023: 828, 2022: 764},
        insiders={2023: 18, 2022: 16},
        feedback=("响应时间",),
    ),
    "功能使用复杂": Problem(
        domain="系统功能",
        family="产品能力不足",
        topic="产品质量",
        description="常用操作藏得深、步骤多，新手要有人带着才会用",
        first_seen="2021-09-13",
        factors=(4, 3, 3, 3),
        kinds=(1.8, 0.6, 0.2, 1.6),
        handlers={"产品研发部": 0.45, "技术支持部": 0.25, "客户服务部": 0.30},
        reporters=("产品研发部", "客户服务部"),
        customers={2023: 657, 2022: 590},
        insiders={2023: 14, 2022: 12},
        feedback=("易用性", "产品路线"),
    ),
    "文档不完善": Problem(
        domain="服务流程",
        family="流程标准化不足",
        topic="服务体验",
        description="手册跟不上版本，照着做做不通；接口文档缺例子",
        first_seen="2021-05-10",
        factors=(4, 3, 2, 2),
        kinds=(2.2, 0.6, 0.1, 0.6),
        handlers={"技术支持部": 0.50, "产品研发部": 0.30, "客户服务部": 0.20},
        reporters=("技术支持部", "客户服务部", "产品研发部", "人力资源部"),
        customers={2023: 486, 2022: 431},
        insiders={2023: 18, 2022: 16},
        feedback=("文档",),
    ),
    "数据导出限制": Problem(
        domain="系统功能",
        family="产品能力不足",
        topic="产品质量",
        description="一次能导出的行数有限，格式也少，月末只能分批手工拼",
        first_seen="2022-01-17",
        factors=(3, 2, 2, 3),
        kinds=(1.2, 0.5, 0.4, 2.0),
        handlers={"产品研发部": 0.65, "技术支持部": 0.35},
        reporters=("运营管理部", "财务部"),
        customers={2023: 324, 2022: 296},
        insiders={2023: 14, 2022: 12},
        feedback=("导出",),
    ),
    COMMUNICATION: Problem(
        domain="沟通机制",
        family=COMMUNICATION,
        topic="内部管理",
        description="一件事要找几个部门，各说各的口径，进展没有人汇总",
        first_seen="2021-02-22",
        factors=(4, 4, 4, 2),
        kinds=(1.5, 0.0, 0.2, 1.2),
        handlers={"运营管理部": 0.50, "客户服务部": 0.20, "产品研发部": 0.15, "人力资源部": 0.15},
        reporters=(
            "产品研发部",
            "技术支持部",
            "客户服务部",
            "市场部",
            "人力资源部",
            "运营管理部",
            "销售部",
            "财务部",
            "采购部",
            "质量部",
            "信息安全部",
            "行政部",
        ),
        insiders={2023: 150, 2022: 130},
        feedback=("沟通", "协作"),
    ),
    "系统响应慢": Problem(
        domain="系统功能",
        family="产品能力不足",
        topic="产品质量",
        description="结账和月初几天查询、打开报表要等很久，有时转圈到超时",
        first_seen="2021-11-01",
        factors=(3, 3, 4, 4),
        kinds=(0.6, 1.0, 2.0, 0.5),
        handlers={"产品研发部": 0.55, "技术支持部": 0.45},
        reporters=("财务部", "运营管理部", "客户服务部"),
        weight=1.3,
        feedback=("速度",),
    ),
    SYNC: Problem(
        domain="系统功能",
        family="产品能力不足",
        topic="产品质量",
        description="两边的数据对不上或迟到，五月升级那几天最集中",
        first_seen="2022-02-14",
        factors=(3, 3, 4, 3),
        kinds=(0.6, 0.0, 1.5, 0.3),
        handlers={"产品研发部": 0.50, "技术支持部": 0.50},
        reporters=("技术支持部", "运营管理部"),
        weight=0.4,
        feedback=("数据准确",),
    ),
    "移动端体验差": Problem(
        domain="系统功能",
        family="产品能力不足",
        topic="产品质量",
        description="手机上看板显示不全，消息收不到，审批要点好几层",
        first_seen="2022-08-15",
        factors=(3, 2, 3, 3),
        kinds=(0.9, 0.7, 1.0, 1.2),
        handlers={"产品研发部": 0.70, "技术支持部": 0.30},
        reporters=("市场部", "销售部"),
        weight=1.0,
        feedback=("移动端",),
    ),
    "报表口径不准": Problem(
        domain="系统功能",
        family="产品能力不足",
        topic="产品质量",
        description="同一个数在两张报表里不一样，要人工核对才敢往上报",
        first_seen="2021-07-05",
        factors=(3, 2, 3, 2),
        kinds=(1.2, 0.8, 1.0, 0.8),
        handlers={"产品研发部": 0.60, "运营管理部": 0.40},
        reporters=("财务部", "运营管理部"),
        weight=1.0,
        feedback=("报表",),
    ),
    "接口对接困难": Problem(
        domain="系统功能",
        family="资源配置不足",
        topic="产品质量",
        description="接口返回的提示看不懂，联调要约人约时间",
        first_seen="2021-10-18",
        factors=(2, 2, 4, 4),
        kinds=(1.5, 0.4, 0.8, 1.2),
        handlers={"技术支持部": 0.55, "产品研发部": 0.45},
        reporters=("技术支持部",),
        weight=0.8,
        feedback=("接口",),
    ),
    "客服答复不一": Problem(
        domain="人员能力",
        family="流程标准化不足",
        topic="服务体验",
        description="同一个问题问两个人，得到两种答复；转接以后要从头再讲一遍",
        first_seen="2021-04-12",
        factors=(3, 2, 2, 2),
        kinds=(0.9, 1.8, 0.0, 0.1),
        handlers={"客户服务部": 0.90, "技术支持部": 0.10},
        reporters=("客户服务部", "销售部"),
        weight=1.0,
        feedback=("客服", "热线"),
    ),
    "培训跟不上": Problem(
        domain="人员能力",
        family="资源配置不足",
        topic="服务体验",
        description="新版本上线时没有同步培训，新人靠自己摸索",
        first_seen="2022-03-21",
        factors=(2, 2, 2, 3),
        kinds=(1.5, 0.5, 0.0, 1.0),
        handlers={"人力资源部": 0.45, "客户服务部": 0.40, "技术支持部": 0.15},
        reporters=("人力资源部", "客户服务部", "质量部"),
        weight=0.8,
        insiders={2023: 20, 2022: 18},
        feedback=("客户培训", "内部培训", "人才"),
    ),
    "审批环节多": Problem(
        domain="服务流程",
        family="流程标准化不足",
        topic="内部管理",
        description="一张单子要过几道审批，有的环节看的是同样的内容",
        first_seen="2021-01-11",
        factors=(3, 3, 3, 1),
        kinds=(1.0, 0.0, 0.1, 1.4),
        handlers={"运营管理部": 0.75, "人力资源部": 0.25},
        reporters=("财务部", "采购部", "法务部", "行政部"),
        insiders={2023: 80, 2022: 70},
        feedback=("审批", "制度工具", "考核激励"),
    ),
    "部门交接断档": Problem(
        domain="沟通机制",
        family=COMMUNICATION,
        topic="服务体验",
        description="销售答应过的事服务不知道，人一换，前面谈好的就没有人接",
        first_seen="2022-05-16",
        factors=(2, 2, 3, 1),
        kinds=(0.8, 1.6, 0.0, 0.3),
        handlers={"客户服务部": 0.45, "市场部": 0.35, "运营管理部": 0.20},
        reporters=("销售部", "客户服务部", "市场部"),
        weight=0.6,
        feedback=("商务对接", "实施"),
    ),
    OTHER: Problem(
        domain="沟通机制",
        family=COMMUNICATION,
        topic="战略方向",
        description="提出的需求做不做、什么时候做，没有人给明确的答复",
        first_seen="2021-12-06",
        factors=(2, 2, 2, 2),
        kinds=(1.0, 0.5, 0.0, 1.6),
        handlers={"产品研发部": 0.50, "市场部": 0.50},
        reporters=("市场部", "销售部"),
        weight=0.7,
    ),
}
#: From the issue of a feedback item to the problem of its ticket.
PROBLEM_OF = {issue: name for name, problem in PROBLEMS.items() for issue in problem.feedback}

#: Impact level by customers affected: the first threshold reached counts, 1 below all.
LEVELS = ((800, 3), (500, 2), (0, 1))

#: Chains of five questions: problem -> (answer, category, evidence), from the symptom down.
CHAINS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "系统响应慢": (
        ("月初打开报表时，查询直接扫全部历史明细", "技术", "慢查询日志里排在前面的都是明细表扫描"),
        ("按月汇总的中间表一直没有建起来", "技术", "数据库里只有明细表，没有汇总表"),
        ("建中间表的任务两次排进版本，两次让给了新功能", "流程", "春、秋两季版本计划的变更记录"),
        ("版本评审只问有什么新功能，不问要多快", "流程", "评审模板里没有性能一栏"),
        ("没有哪个岗位对整体速度负责，速度也不进考核", "管理", "产品研发部岗位说明与考核表"),
    ),
    STABILITY: (
        ("早上集中登录时，会话服务把内存占满后重启", "技术", "监控曲线上重启与登录高峰重合"),
        ("移动端每次切到前台都重新建立连接", "技术", "移动端抓包记录"),
        ("连接方式改动以后没有做过高峰压测", "流程", "改动单的测试项里只有功能测试"),
        ("测试环境的机器太少，压不出高峰的样子", "环境", "测试环境资源清单"),
        ("测试资源按项目临时申请，没有固定预算", "管理", "年度预算表里没有测试环境科目"),
    ),
    "文档不完善": (
        ("手册里的截图和步骤还是上一个大版本的", "流程", "手册修订页的日期早于上线日期"),
        ("版本上线时不要求手册一起更新", "流程", "上线检查单没有文档一项"),
        ("写手册的只有两个人，同时兼着培训", "人员", "技术支持部排班表"),
        ("文档工作量从来没有算进版本的人天", "管理", "版本工时估算表"),
        ("大家把文档当作售后的事，不当作产品的一部分", "管理", "产品定义书里没有文档要求"),
    ),
    COMMUNICATION: (
        ("客户的问题转过两个部门以后，没有人知道到了哪一步", "流程", "流转记录里的停留没有说明"),
        ("各部门用自己的表格登记，彼此看不到", "技术", "三个部门交来的登记表格式各不相同"),
        ("转办时只写一句话，背景和承诺都没有带过去", "人员", "抽查转办说明，多数不到一行"),
        ("没有规定转办要交代哪些内容、由谁跟到底", "流程", "现行制度中没有转办的条文"),
        ("考核只看本部门的数，帮别的部门不算成绩", "管理", "各部门年度考核表"),
    ),
    SYNC: (
        ("升级时的迁移脚本漏掉了排队中的写入", "技术", "事件复盘中的脚本比对"),
        ("脚本只在空闲的库上试跑过", "流程", "试跑记录显示没有并发写入"),
        ("升级演练不包括业务高峰时段", "流程", "演练方案里的时间安排"),
        ("高峰演练要几个部门同时配合，没有人牵头", "管理", "演练会议纪要，两次改期"),
        ("升级的责任分散在三个小组，缺一个总负责人", "管理", "升级分工表"),
    ),
}


def issues() -> pd.DataFrame:
    """List the problems with their factor scores."""
    rows = [
        (
            name,
            problem.domain,
            problem.family,
            problem.description,
            pd.Timestamp(problem.first_seen),
            *problem.factors,
        )
        for name, problem in PROBLEMS.items()
    ]
    names = ["issue", "domain", "family", "description", "first_seen"]
    return pd.DataFrame(rows, columns=[*names, "frequency", "scope", "difficulty", "resources"])


def causes() -> pd.DataFrame:
    """List the chains of five questions, one row an answer."""
    rows = [
        (issue, level, *answer)
        for issue, chain in CHAINS.items()
        for level, answer in enumerate(chain, start=1)
    ]
    return pd.DataFrame(rows, columns=["issue", "level", "statement", "category", "evidence"])


LAYOUTS: dict[str, TableFile] = {
    "issues": TableFile(
        file="问题清单.xlsx",
        sheet="问题",
        title="问题清单（运营管理部归并）",
        headers={
            "issue": "问题名称",
            "domain": "所属领域",
            "family": "问题族",
            "description": "现象描述",
            "first_seen": "首次出现日期",
            "frequency": "频次（1-5）",
            "scope": "影响面（1-5）",
            "difficulty": "解决难度（1-5）",
            "resources": "所需资源（1-5）",
        },
        formats={"first_seen": "%Y/%m/%d"},
        filler={"登记人": ("运营甲", "运营乙", "运营丙"), "看板颜色": ("蓝", "绿", "橙")},
        faults=(
            {"问题名称": "（待归并）", "所属领域": "系统功能", "频次（1-5）": "高"},
            {"问题名称": "（待归并2）", "所属领域": "服务流程", "首次出现日期": "{year}/13/01"},
        ),
    ),
    "causes": TableFile(
        file="问题清单.xlsx",
        sheet="五问",
        title="追问记录（每题五问）",
        headers={
            "issue": "问题名称",
            "level": "第几问",
            "statement": "为什么",
            "category": "归类",
            "evidence": "依据",
        },
        values={
            "level": {f"第{word}问": str(level) for level, word in enumerate("一二三四五", start=1)},
            "category": {
                "人": "人员",
                "流程": "流程",
                "技术": "技术",
                "管理": "管理",
                "环境": "环境",
            },
        },
        filler={"记录人": ("运营甲", "运营乙")},
        faults=(
            {"问题名称": "系统响应慢", "第几问": "第三问", "为什么": "（重复记录）", "归类": "技术"},
            {"问题名称": "系统响应慢", "第几问": "总结", "为什么": "见上", "归类": "管理"},
        ),
    ),
}

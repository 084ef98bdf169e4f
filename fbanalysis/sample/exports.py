"""How each source would export the feedback: file names, headers, raw values and faulty rows, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

INTERNAL = ("一线员工", "中层管理者", "高层领导", "新入职员工", "离职员工", "其他人员")
EXTERNAL = ("核心客户", "普通客户", "潜在客户", "合作伙伴", "供应商")
SIDE_OF = dict.fromkeys(INTERNAL, "internal") | dict.fromkeys(EXTERNAL, "external")

#: Marks a faulty row that repeats an earlier one with its number.
REPEATED = "(repeated)"


@dataclass(frozen=True)
class Export:
    """One source of feedback.

    ``headers`` maps table columns to headers of the file and may name one header twice; ``values`` maps
    raw values to table values per column; ``filler`` are headers that no analysis uses; ``order`` is the
    file's order of headers; ``faults`` are (table column, raw value) of rows that intake must refuse,
    ``{year}`` and ``{next}`` standing for this and the next year.
    """

    file: str
    channel: str
    owner: str
    headers: Mapping[str, str]
    order: tuple[str, ...]
    time_format: str
    id_format: str
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    filler: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[tuple[str, str], ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    line_end: str = "\n"


STAFF = ("李敏", "王磊", "陈晨", "赵琳")

EXPORTS = (
    Export(
        file="在线问卷.xlsx",
        channel="在线问卷调查",
        owner="客户与员工体验部",
        headers={
            "feedback_id": "序号",
            "submitted_at": "提交答卷时间",
            "respondent_id": "1、您的答卷编号（见邀请信）",
            "side": "2、您的身份是？",
            "stratum": "2、您的身份是？",
            "region": "3、您所在的地区是？",
            "department": "4、您的反馈主要涉及哪个部门？",
            "overall_score": "5、总体而言，您对我们的满意程度（1-5分）",
            "area": "6、您想评价哪个方面？",
            "area_score": "7、您对该方面的满意程度（1-5分）",
            "kind": "8、您这次反馈属于？",
            "topic": "9、您的反馈与哪个话题有关？",
            "comment": "10、请具体说说您的想法",
        },
        order=(
            "序号",
            "提交答卷时间",
            "所用时间",
            "来源",
            "1、您的答卷编号（见邀请信）",
            "2、您的身份是？",
            "3、您所在的地区是？",
            "4、您的反馈主要涉及哪个部门？",
            "5、总体而言，您对我们的满意程度（1-5分）",
            "6、您想评价哪个方面？",
            "7、您对该方面的满意程度（1-5分）",
            "8、您这次反馈属于？",
            "9、您的反馈与哪个话题有关？",
            "10、请具体说说您的想法",
        ),
        time_format="%Y/%m/%d %H:%M:%S",
        id_format="{number}",
        values={"side": SIDE_OF},
        filler={
            "所用时间": tuple(f"{seconds}秒" for seconds in range(64, 480, 7)),
            "来源": ("邮件邀请", "邮件邀请", "手机提交", "手机提交", "链接", "扫码"),
        },
        faults=(
            ("overall_score", "9"),
            ("overall_score", "非常满意吧"),
            ("area_score", "0"),
            ("submitted_at", "{year}/13/40 10:22:11"),
            ("submitted_at", ""),
            ("stratum", "路过的"),
            ("stratum", "不方便透露"),
            ("kind", ""),
            ("submitted_at", "{next}/1/3 9:12:40"),
            ("feedback_id", REPEATED),
        ),
    ),
    Export(
        file="访谈与座谈.xlsx",
        sheet="访谈记录",
        channel="面对面深度访谈",
        owner="客户与员工体验部",
        headers={
            "feedback_id": "记录编号",
            "submitted_at": "访谈时间",
            "respondent_id": "受访者代码",
            "side": "内/外",
            "stratum": "受访者身份",
            "region": "所在地区",
            "department": "所涉部门",
            "kind": "性质",
            "topic": "议题",
            "area": "评价领域",
            "area_score": "领域评分",
            "overall_score": "总体评分",
            "comment": "要点摘录",
        },
        order=(
            "记录编号",
            "访谈时间",
            "访谈人",
            "受访者代码",
            "内/外",
            "受访者身份",
            "所在地区",
            "所涉部门",
            "性质",
            "议题",
            "评价领域",
            "领域评分",
            "总体评分",
            "要点摘录",
        ),
        time_format="%Y年%m月%d日 %H:%M",
        id_format="FT-{year}-{number:04d}",
        values={"side": {"内": "internal", "外": "external"}},
        filler={"访谈人": STAFF},
        faults=(("submitted_at", "待补"), ("kind", ""), ("feedback_id", REPEATED)),
    ),
    Export(
        file="访谈与座谈.xlsx",
        sheet="焦点小组",
        channel="焦点小组讨论",
        owner="客户与员工体验部",
        headers={
            "feedback_id": "发言编号",
            "submitted_at": "座谈时间",
            "respondent_id": "参与者代码",
            "side": "内/外",
            "stratum": "参与者身份",
            "region": "所在地区",
            "department": "所涉部门",
            "kind": "性质",
            "topic": "议题",
            "area": "评价领域",
            "area_score": "领域评分",
            "overall_score": "总体评分",
            "comment": "发言摘要",
        },
        order=(
            "发言编号",
            "座谈时间",
            "主持人",
            "参与者代码",
            "内/外",
            "参与者身份",
            "所在地区",
            "所涉部门",
            "性质",
            "议题",
            "评价领域",
            "领域评分",
            "总体评分",
            "发言摘要",
        ),
        time_format="%Y年%m月%d日 %H:%M",
        id_format="JD-{year}-{number:04d}",
        values={"side": {"内": "internal", "外": "external"}},
        filler={"主持人": STAFF},
        faults=(("overall_score", "9"), ("submitted_at", "{next}年01月05日 10:00")),
    ),
    Export(
        file="热线记录.csv",
        channel="客户服务热线",
        owner="客户服务部",
        encoding="gb18030",
        line_end="\r\n",
        headers={
            "feedback_id": "来电编号",
            "submitted_at": "来电时间",
            "respondent_id": "来电人代码",
            "side": "来电人类别",
            "stratum": "来电人类别",
            "region": "归属地区",
            "department": "转办部门",
            "kind": "来电性质",
            "topic": "归类",
            "area": "回访评价项",
            "area_score": "评价项得分",
            "overall_score": "总体得分",
            "comment": "来电内容",
        },
        order=(
            "来电编号",
            "来电时间",
            "坐席",
            "通话秒数",
            "来电人代码",
            "来电人类别",
            "归属地区",
            "来电性质",
            "归类",
            "转办部门",
            "来电内容",
            "办理状态",
            "回访评价项",
            "评价项得分",
            "总体得分",
        ),
        time_format="%Y-%m-%d %H:%M",
        id_format="RX{year}-{number:05d}",
        values={
            "side": {
                "员工": "internal",
                "主管": "internal",
                "高管": "internal",
                "新员工": "internal",
                "前员工": "internal",
                "其他内部": "internal",
                "重点客户": "external",
                "一般客户": "external",
                "意向客户": "external",
                "渠道伙伴": "external",
                "供货方": "external",
            },
            "stratum": {
                "员工": "一线员工",
                "主管": "中层管理者",
                "高管": "高层领导",
                "新员工": "新入职员工",
                "前员工": "离职员工",
                "其他内部": "其他人员",
                "重点客户": "核心客户",
                "一般客户": "普通客户",
                "意向客户": "潜在客户",
                "渠道伙伴": "合作伙伴",
                "供货方": "供应商",
            },
            "kind": {"投诉": "问题反映", "建议": "建议", "感谢": "表扬"},
        },
        filler={
            "坐席": tuple(f"坐席{seat:02d}" for seat in range(1, 13)),
            "通话秒数": tuple(str(seconds) for seconds in range(48, 900, 23)),
            "办理状态": ("已办结", "已办结", "已办结", "已回访", "办理中"),
        },
        faults=(
            ("overall_score", "9"),
            ("submitted_at", "{year}-13-40 09:10"),
            ("stratum", "打错电话"),
            ("kind", ""),
            ("submitted_at", "{next}-01-02 08:41"),
            ("feedback_id", REPEATED),
        ),
    ),
    Export(
        file="社交媒体.csv",
        channel="社交媒体监测",
        owner="市场部",
        encoding="utf-8-sig",
        headers={
            "feedback_id": "内容编号",
            "submitted_at": "发布时间",
            "respondent_id": "账号代号",
            "side": "用户分层",
            "stratum": "用户分层",
            "region": "IP属地",
            "department": "关联部门",
            "kind": "内容类型",
            "topic": "话题标签",
            "area": "提及领域",
            "area_score": "领域星级",
            "overall_score": "综合星级",
            "comment": "正文",
        },
        order=(
            "内容编号",
            "平台",
            "发布时间",
            "账号代号",
            "用户分层",
            "IP属地",
            "正文",
            "点赞数",
            "内容类型",
            "话题标签",
            "关联部门",
            "提及领域",
            "领域星级",
            "综合星级",
        ),
        time_format="%Y-%m-%dT%H:%M:%S",
        id_format="SM-{year}-{number:04d}",
        values={"side": SIDE_OF, "kind": {"吐槽": "问题反映", "心愿": "建议", "好评": "表扬"}},
        filler={
            "平台": ("行业论坛", "行业论坛", "问答社区", "微博客", "短视频评论"),
            "点赞数": tuple(str(likes) for likes in (0, 0, 0, 1, 1, 2, 3, 5, 8, 13, 27, 64)),
        },
        faults=(
            ("overall_score", "五星"),
            ("submitted_at", ""),
            ("stratum", "营销号"),
            ("kind", ""),
        ),
    ),
)


@dataclass(frozen=True)
class TableFile:
    """One small table: its file, headers, and raw values (raw → table) per column."""

    file: str
    headers: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    faults: tuple[Mapping[str, str], ...] = ()


CUSTOMER_HEADERS = {
    "incident": "事件",
    "customer_id": "客户编号",
    "outage_started_at": "中断开始",
    "outage_ended_at": "中断结束",
    "score_before": "事件前满意度",
    "score_after": "回访满意度",
}
TABLE_FILES = {
    "population": TableFile(
        file="人群.csv",
        headers={"side": "类别", "stratum": "人群", "population": "总人数", "invited": "邀请人数"},
        values={"side": {"内部": "internal", "外部": "external"}},
    ),
    "kpis": TableFile(
        file="指标.csv",
        headers={
            "kpi": "指标",
            "department": "责任部门",
            "period": "时期",
            "direction": "方向",
            "unit": "单位",
            "target": "目标值",
            "actual": "实际值",
            "actual_metric": "取自报告的指标",
            "numerator": "分子",
            "denominator": "分母",
            "sd": "标准差",
            "n": "样本量",
            "weight": "部门内权重",
        },
        values={
            "direction": {"越高越好": "higher", "越低越好": "lower"},
            "unit": {"百分比": "percent", "分": "score", "小时": "hours"},
        },
    ),
    "incidents": TableFile(
        file="事件.csv",
        headers={
            "incident": "事件",
            "system": "系统",
            "cause": "原因",
            "started_at": "发生时间",
            "detected_at": "发现时间",
            "diagnosed_at": "查明原因时间",
            "mitigated_at": "应急恢复时间",
            "resolved_at": "彻底解决时间",
            "active_users": "活跃用户数",
            "affected_users": "受影响用户数",
        },
    ),
    "incident_steps": TableFile(
        file="事件步骤.csv",
        headers={
            "incident": "事件",
            "step": "步骤",
            "started_at": "开始",
            "ended_at": "结束",
            "note": "说明",
        },
    ),
    "incident_losses": TableFile(
        file="事件损失.csv",
        headers={"incident": "事件", "item": "项目", "amount_cny_10k": "金额（万元）", "certainty": "性质"},
        values={"certainty": {"实际": "actual", "估计": "estimate"}},
    ),
    "incident_customers": TableFile(file="受影响客户.csv", headers=CUSTOMER_HEADERS),
    "operations": TableFile(
        file="运行.csv",
        headers={"period_start": "开始日期", "grain": "周期", "measure": "运行量", "value": "数值"},
        values={"grain": {"周": "week", "月": "month", "季": "quarter"}},
        faults=({"开始日期": "{year}-13-01", "周期": "月", "运行量": "投诉量", "数值": "95"},),
    ),
}

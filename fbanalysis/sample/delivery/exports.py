"""How the files of the sample look: file names, headers, raw words and faulty rows, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from fbanalysis.sample.feedback.questionnaire import DRIVERS, ONLINE

INTERNAL = ("一线员工", "中层管理者", "高层领导", "新入职员工", "离职员工", "其他人员")
EXTERNAL = ("核心客户", "普通客户", "潜在客户", "合作伙伴", "供应商")
SIDE_OF = dict.fromkeys(INTERNAL, "internal") | dict.fromkeys(EXTERNAL, "external")

#: Marks a faulty row that repeats an earlier one with its number.
REPEATED = "(repeated)"
#: A sheet with more rows than this is delivered as a csv file.
MOST_IN_A_SHEET = 100_000


@dataclass(frozen=True)
class Export:
    """One source of feedback.

    ``headers`` maps table columns to headers of the file and may name one header twice; ``values`` maps
    raw values to table values per column; ``filler`` are headers that no analysis uses; ``order`` is the
    file's order of headers; ``faults`` are (table column, raw value) of rows that intake must refuse,
    ``{year}`` and ``{next}`` standing for this and the next year. ``units`` are suffixes of numbers,
    ``list_separator`` stands between tags. A workbook's sheet may have a ``title`` above all and merged
    ``groups`` (label, columns) above the headers. A csv file may have a blank line after
    ``blank_after`` records; ``footer`` stands in the last row; ``spaced`` are headers in whose cells
    somebody left spaces now and then. ``ratings`` are the headers of the matrix question, ``total`` that
    of the sum of all scores.
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
    units: Mapping[str, str] = field(default_factory=dict)
    list_separator: str | None = None
    sheet: str | None = None
    title: str | None = None
    groups: tuple[tuple[str, int], ...] = ()
    encoding: str | None = None
    line_end: str = "\n"
    blank_after: int | None = None
    footer: str | None = None
    spaced: tuple[str, ...] = ()
    ratings: Mapping[str, str] = field(default_factory=dict)
    total: str | None = None

    @property
    def header_row(self) -> int:
        """The row of the headers as a spreadsheet counts."""
        return 1 + (self.title is not None) + bool(self.groups)


def at_size(layout: "Export | TableFile", *, rows: int) -> "Export | TableFile":
    """Give the layout in which so many rows are delivered: large sheets become csv files of their own."""
    path = PurePath(layout.file)
    if path.suffix != ".xlsx" or rows <= MOST_IN_A_SHEET:
        return layout
    stem = path.stem if layout.sheet is None else f"{path.stem}-{layout.sheet}"
    plain = replace(layout, file=f"{stem}.csv", sheet=None, title=None, encoding="utf-8-sig")
    return replace(plain, groups=()) if isinstance(plain, Export) else plain


@dataclass(frozen=True)
class Melt:
    """A wide file whose item columns become rows, one row per item answered.

    ``name`` is the table column that gets the item's name, ``value`` the one that gets the cell,
    ``headers`` the header of each item in the file.
    """

    name: str
    value: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class TableFile:
    """How the owner of one table delivers it.

    ``headers`` maps table columns to headers of the file, ``values`` the file's words to those of the
    table, ``formats`` table columns to strptime formats where times are not ISO-like, ``constants`` table
    columns to one value for all rows. ``filler`` are headers that no analysis uses, with the values to
    draw from; ``faults`` are raw rows that intake must refuse, ``{year}`` and ``{next}`` standing for
    this and the next year. Several tables may share a workbook, each on its ``sheet``; ``title`` is a
    merged row above the header. ``encoding`` and ``line_end`` are those of a csv file.
    """

    file: str
    headers: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    filler: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[Mapping[str, str], ...] = ()
    encoding: str = "utf-8-sig"
    line_end: str = "\n"
    sheet: str | None = None
    title: str | None = None
    melt: Melt | None = None

    @property
    def header_row(self) -> int:
        """The row of the headers as a spreadsheet counts."""
        return 1 + (self.title is not None)


STAFF = ("李敏", "王磊", "陈晨", "赵琳")
#: Addresses for documentation, which nobody has.
ADDRESSES = tuple(f"{net}.{host}" for net in ("192.0.2", "198.51.100") for host in range(1, 255))
QUESTION = "11、各方面评价—{item}"

QUESTIONNAIRE = Export(
    file="在线问卷.xlsx",
    channel=ONLINE,
    owner="客户与员工体验部",
    headers={
        "feedback_id": "序号",
        "submitted_at": "提交答卷时间",
        "duration_seconds": "所用时间",
        "respondent_id": "1、您的答卷编号（见邀请信）",
        "side": "2、您的身份是？",
        "stratum": "2、您的身份是？",
        "age_band": "3、您的年龄段？",
        "region": "4、您所在的地区是？",
        "customer_id": "5、贵公司的客户编号（客户填写）",
        "department": "6、您的反馈主要涉及哪个部门？",
        "platform": "7、您主要在哪个端使用？",
        "overall_score": "8、总体而言，您对我们的满意程度（1-5分）",
        "area": "9、您想评价哪个方面？",
        "area_score": "10、您对该方面的满意程度（1-5分）",
        "kind": "12、您这次反馈属于？",
        "topic": "13、您的反馈与哪个话题有关？",
        "tags": "14、具体涉及哪些方面？（多选）",
        "comment": "15、请具体说说您的想法",
    },
    order=(
        "序号",
        "提交答卷时间",
        "所用时间",
        "来源",
        "来源详情",
        "来自IP",
        "1、您的答卷编号（见邀请信）",
        "2、您的身份是？",
        "3、您的年龄段？",
        "4、您所在的地区是？",
        "5、贵公司的客户编号（客户填写）",
        "6、您的反馈主要涉及哪个部门？",
        "7、您主要在哪个端使用？",
        "8、总体而言，您对我们的满意程度（1-5分）",
        "9、您想评价哪个方面？",
        "10、您对该方面的满意程度（1-5分）",
        *(QUESTION.format(item=item) for item in DRIVERS),
        "12、您这次反馈属于？",
        "13、您的反馈与哪个话题有关？",
        "14、具体涉及哪些方面？（多选）",
        "15、请具体说说您的想法",
        "总分",
    ),
    time_format="%Y/%m/%d %H:%M:%S",
    id_format="{number}",
    values={"side": SIDE_OF},
    units={"duration_seconds": "秒"},
    list_separator="┋",
    ratings={item: QUESTION.format(item=item) for item in DRIVERS},
    total="总分",
    filler={
        "来源": ("邮件邀请", "邮件邀请", "手机提交", "手机提交", "链接", "扫码"),
        "来源详情": ("直接访问", "直接访问", "企业邮箱", "企业内网", "微信", "二维码海报"),
        "来自IP": ADDRESSES,
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
)

#: What a note taker fills in about a talk, in three groups of columns.
NOTES = {
    "side": "内/外",
    "age_band": "年龄段",
    "region": "所在地区",
    "customer_id": "客户编号",
    "department": "所涉部门",
    "platform": "使用终端",
    "kind": "性质",
    "topic": "议题",
    "tags": "标签",
    "area": "评价领域",
    "area_score": "领域评分",
    "overall_score": "总体评分",
}
NOTE_WORDS = {
    "side": {"内": "internal", "外": "external"},
    "age_band": {
        "30以下": "30岁以下",
        "30-39": "30—39岁",
        "40-49": "40—49岁",
        "50以上": "50岁及以上",
    },
    "platform": {"网页": "网页端", "手机": "移动端", "桌面": "客户端"},
}
INTERVIEWS = Export(
    file="访谈与座谈.xlsx",
    sheet="访谈记录",
    title="深度访谈记录汇总（内部资料）",
    groups=(("基本信息", 10), ("评价", 5), ("内容", 3)),
    channel="面对面深度访谈",
    owner="客户与员工体验部",
    headers={
        "feedback_id": "记录编号",
        "submitted_at": "访谈时间",
        "respondent_id": "受访者代码",
        "stratum": "受访者身份",
        **NOTES,
        "comment": "要点摘录",
    },
    order=(
        "记录编号",
        "访谈时间",
        "访谈人",
        "受访者代码",
        "内/外",
        "受访者身份",
        "年龄段",
        "所在地区",
        "客户编号",
        "使用终端",
        "性质",
        "评价领域",
        "领域评分",
        "总体评分",
        "所涉部门",
        "议题",
        "标签",
        "要点摘录",
    ),
    time_format="%Y年%m月%d日 %H:%M",
    id_format="FT-{year}-{number:04d}",
    values=NOTE_WORDS,
    filler={"访谈人": STAFF},
    faults=(("submitted_at", "待补"), ("kind", ""), ("feedback_id", REPEATED)),
    footer="注：以上记录经受访者确认；合计见汇总表",
)
GROUPS = Export(
    file="访谈与座谈.xlsx",
    sheet="焦点小组",
    title="焦点小组发言记录",
    groups=(("基本信息", 10), ("评价", 5), ("内容", 3)),
    channel="焦点小组讨论",
    owner="客户与员工体验部",
    headers={
        "feedback_id": "发言编号",
        "submitted_at": "座谈时间",
        "respondent_id": "参与者代码",
        "stratum": "参与者身份",
        **NOTES,
        "comment": "发言摘要",
    },
    order=(
        "发言编号",
        "座谈时间",
        "主持人",
        "参与者代码",
        "内/外",
        "参与者身份",
        "年龄段",
        "所在地区",
        "客户编号",
        "使用终端",
        "性质",
        "评价领域",
        "领域评分",
        "总体评分",
        "所涉部门",
        "议题",
        "标签",
        "发言摘要",
    ),
    time_format="%Y年%m月%d日 %H:%M",
    id_format="JD-{year}-{number:04d}",
    values=NOTE_WORDS,
    filler={"主持人": STAFF},
    faults=(("overall_score", "9"), ("submitted_at", "{next}年01月05日 10:00")),
)
HOTLINE = Export(
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
        "age_band": "来电人年龄",
        "customer_id": "客户号",
        "region": "归属地区",
        "department": "转办部门",
        "platform": "所用终端",
        "kind": "来电性质",
        "topic": "归类",
        "tags": "细类",
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
        "来电人年龄",
        "客户号",
        "归属地区",
        "所用终端",
        "来电性质",
        "归类",
        "细类",
        "转办部门",
        "来电内容",
        "办理状态",
        "回访评价项",
        "评价项得分",
        "总体得分",
    ),
    time_format="%Y-%m-%d %H:%M:%S",
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
        "age_band": {
            "29岁及以下": "30岁以下",
            "30至39岁": "30—39岁",
            "40至49岁": "40—49岁",
            "50岁以上": "50岁及以上",
        },
        "platform": {"网页": "网页端", "APP": "移动端", "PC客户端": "客户端"},
        "kind": {"投诉": "问题反映", "建议": "建议", "感谢": "表扬"},
    },
    filler={
        "坐席": tuple(f"坐席{seat:02d}" for seat in range(1, 13)),
        "通话秒数": tuple(str(seconds) for seconds in range(48, 900, 23)),
        "办理状态": ("已办结", "已办结", "已办结", "已回访", "办理中"),
    },
    spaced=("来电时间", "来电人类别", "归属地区", "来电性质", "归类", "转办部门"),
    faults=(
        ("overall_score", "9"),
        ("submitted_at", "{year}-13-40 09:10:00"),
        ("stratum", "打错电话"),
        ("kind", ""),
        ("submitted_at", "{next}-01-02 08:41:26"),
        ("feedback_id", REPEATED),
    ),
    footer="导出时间：{next}-01-02 08:55  导出人：坐席03",
)
SOCIAL = Export(
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
        "age_band": "画像年龄",
        "customer_id": "对应客户",
        "region": "IP属地",
        "department": "关联部门",
        "platform": "使用端",
        "kind": "内容类型",
        "topic": "话题标签",
        "tags": "细分标签",
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
        "画像年龄",
        "对应客户",
        "IP属地",
        "正文",
        "点赞数",
        "内容类型",
        "话题标签",
        "细分标签",
        "关联部门",
        "使用端",
        "提及领域",
        "领域星级",
        "综合星级",
    ),
    time_format="%Y-%m-%dT%H:%M:%S",
    id_format="SM-{year}-{number:04d}",
    values={
        "side": SIDE_OF,
        "age_band": {"<30": "30岁以下", "30~39": "30—39岁", "40~49": "40—49岁", ">=50": "50岁及以上"},
        "platform": {"web": "网页端", "mobile": "移动端", "desktop": "客户端"},
        "kind": {"吐槽": "问题反映", "心愿": "建议", "好评": "表扬"},
    },
    filler={
        "平台": ("行业论坛", "行业论坛", "问答社区", "微博客", "短视频评论"),
        "点赞数": tuple(str(likes) for likes in (0, 0, 0, 1, 1, 2, 3, 5, 8, 13, 27, 64)),
    },
    blank_after=57,
    faults=(
        ("overall_score", "五星"),
        ("submitted_at", ""),
        ("stratum", "营销号"),
        ("kind", ""),
    ),
)
EXPORTS = (QUESTIONNAIRE, INTERVIEWS, GROUPS, HOTLINE, SOCIAL)

#: The matrix question of the questionnaire, read from the same file as a table of its own.
ONLINE_RATINGS = TableFile(
    file=QUESTIONNAIRE.file,
    headers={
        "answered_at": QUESTIONNAIRE.headers["submitted_at"],
        "respondent_id": QUESTIONNAIRE.headers["respondent_id"],
        "stratum": QUESTIONNAIRE.headers["stratum"],
    },
    formats={"answered_at": QUESTIONNAIRE.time_format},
    constants={"survey": "在线问卷", "scale_maximum": "5"},
    melt=Melt(name="item", value="score", headers=QUESTIONNAIRE.ratings),
)

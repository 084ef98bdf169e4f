"""Write ``dataset.toml`` for a sample year, with a comment for the analyst who copies it."""

from collections.abc import Mapping, Sequence

from fbanalysis.sample.delivery.exports import Export, TableFile

HEAD = """\
# The one file to write for a new year: copy it, change what differs, run `python run_all.py --year {year}`.
# Left of "=" stand this project's names, right of it your own: file names, headers, answers.

seed = {year}1231                     # all random steps (bootstrap and the like) start here

[report]
title = "年度反馈分析报告"
organisation = "云衡科技（示例公司）"  # an invented company
author = "客户与员工体验部"
report_date = {report_date}             # printed on the cover
allowed = ["P0", "P1", "P2", "P3", "7×24"]   # names with digits that may stand in sentences

[period]
start = {year}-01-01                  # items before or after the period are set aside
end = {year}-12-31
midyear_check = {year}-06-30

[scale]                             # of area_score and overall_score; other values are set aside
minimum = 1
maximum = 5

[thresholds]                        # all optional; these are the defaults
alpha = 0.05                        # level of the tests, after adjustment
minimum_base = 30                   # below this base no verdict is given
suppress_below = 5                  # estimates of fewer people than this are not printed (不公开)
small_effect = 0.2                  # Hedges g below which nothing is called 明显 or 显著
kpi_basically_met = 95              # attainment in percent: from here 基本达标, from 100 超额完成
sentiment_positive = 0.6            # probability from which a comment counts as 正面, where nobody coded any
sentiment_negative = 0.4            # probability up to which a comment counts as 负面, where nobody coded any
resubmission_days = 30              # so long after an item the same matter of the same person is a repetition
resubmission_similarity = 70        # from this similarity (0-100) two texts say the same

# [theme]                           # your organisation's look: all optional, files beside this one
# accent = "#00594C"                # the report's one colour; refused below a contrast of 4.5 on white
# alarm = "#B23A1E"                 # look here
# logo = "logo.png"                 # PNG or JPEG
# font = "思源黑体"                  # named first in pages and PowerPoint
# font_file = "brand.otf"           # drawn in charts, embedded in pages
# footer = "内部资料"                # at the foot of every slide
# template = "brand.pptx"           # PowerPoint: its master and layouts are used

[disclosure]                        # what only people can say of the method; the chapter on method prints it as it stands
sponsor = "云衡科技（示例公司）管理层"      # who wanted the report
conducted_by = "客户与员工体验部"          # who collected and analysed
funding = "公司年度预算，没有外部资助"      # optional: where it is not the sponsor's money
population = "报告期内的员工（含离职）、客户、合作伙伴与供应商；不含没有业务往来的公众"
sampling_frame = "人力与客户系统的人群表，潜在客户名单或不全"
recruitment = "问卷邀请人群表内全部人员，自愿作答；访谈与座谈由部门推荐；热线与社交媒体由本人提出"
instruments = "问卷原文与访谈提纲可向编制部门索取"
# modes = "网上自填、面谈、座谈、电话"        # optional: else the channels of the data
languages = "中文"
incentives = "答完问卷者参加纪念品抽奖，其余渠道没有酬谢"
purpose = "改进产品、服务与内部流程；不用于考核个人"                    # personal information: what for
consent = "作答前告知目的、处理方式与撤回办法，本人同意后提交；社交媒体只取公开内容"   # on what ground
retention = "原始文件保存三年，遮蔽后的表保存五年，到期删除；本人可要求查阅、更正或删除"
quality_procedures = "读入时逐行校验、去重、遮蔽个人信息；部分原话由两人独立标注并核对"
limitations = "自愿反馈，没有开口的人可能想法不同；热线与社交媒体偏向遇到问题的人；评分出自自报"
ai_use = "原话的情感由统计分类模型判断，模型用人工标注训练并留出检验；没有用生成式模型写结论"
contact = "客户与员工体验部，feedback@example.com"
next_review = {next_review}            # when the method is looked at again
# peer_review = "张三，2024-01-10"         # optional: who else reviewed code and method; without, it counts as not met
# code_published = "https://git.example.com/report"   # optional: where others can read the code
# schedule = "每月一日由任务计划运行"         # optional: when the run starts by itself


# ---- Feedback: one [[feedback]] block a source file (or a sheet of one) -------------------------
# columns   table column = header in your file; one header may serve two columns
# values    per table column: word in your file = word of the table; words not listed stay as they are
# formats   how times are written (strptime)
# units     what stands behind a number in its cell
# constants table column = one fixed value for every row
# header_row      the row of the headers, where titles stand above them
# list_separator  what stands between several answers in one cell
"""
TABLES_HEAD = """

# ---- The other tables: all optional. A chapter whose table is missing is left out and says so -----
# A table that several files bring has one [[tables.x]] block a file. Of a wide file (one row a respondent)
# [tables.x.melt] makes one row an answer: item = header in your file.
"""
REPORT_DATES = {2022: "2023-01-16", 2023: "2024-01-15"}
NEXT_REVIEWS = {2022: "2023-06-30", 2023: "2024-06-30"}


def dataset_toml(year: int, *, exports: Sequence[Export], layouts: Mapping[str, Sequence[TableFile]]) -> str:
    """Write the settings of a year with its sources of feedback and the files of its other tables."""
    feedback = "".join(_feedback_block(export) for export in exports)
    others = "".join(_table_blocks(name, layouts=files) for name, files in layouts.items())
    dates = {"report_date": REPORT_DATES[year], "next_review": NEXT_REVIEWS[year]}
    return HEAD.format(year=year, **dates) + feedback + TABLES_HEAD + others


def _feedback_block(export: Export) -> str:
    facts = {"file": export.file, "sheet": export.sheet, "channel": export.channel}
    facts |= {"encoding": _declared(export), "owner": export.owner, "list_separator": export.list_separator}
    columns = _section("feedback.columns", pairs=export.headers)
    values = _value_sections("feedback", values=export.values)
    formats = _section("feedback.formats", pairs={"submitted_at": export.time_format})
    units = _section("feedback.units", pairs=export.units)
    return f"\n[[feedback]]\n{_facts(facts, layout=export)}{columns}{values}{formats}{units}"


def _table_blocks(name: str, *, layouts: Sequence[TableFile]) -> str:
    head = f"[[tables.{name}]]" if len(layouts) > 1 else f"[tables.{name}]"
    return "".join(f"\n{head}\n{_table_block(name, layout=layout)}" for layout in layouts)


def _table_block(name: str, *, layout: TableFile) -> str:
    facts = {"file": layout.file, "sheet": layout.sheet, "encoding": _declared(layout)}
    sections = [
        _section(f"tables.{name}.columns", pairs=layout.headers),
        _section(f"tables.{name}.constants", pairs=layout.constants),
        _value_sections(f"tables.{name}", values=layout.values),
        _section(f"tables.{name}.formats", pairs=layout.formats),
    ]
    if layout.melt:
        pairs = {"name": layout.melt.name, "value": layout.melt.value}
        sections.append(_section(f"tables.{name}.melt", pairs=pairs))
        sections.append(_section(f"tables.{name}.melt.headers", pairs=layout.melt.headers))
    return _facts(facts, layout=layout) + "".join(sections)


def _facts(facts: Mapping[str, str | None], *, layout: Export | TableFile) -> str:
    """Write what is said of a file besides its columns; the row of the headers only where it isn't the first."""
    given = "".join(f"{key} = {_quoted(value)}\n" for key, value in facts.items() if value)
    is_workbook = layout.file.endswith(".xlsx")
    return given + (f"header_row = {layout.header_row}\n" if is_workbook and layout.header_row > 1 else "")


def _declared(layout: Export | TableFile) -> str | None:
    """Name only an encoding that is not recognised by its byte order mark."""
    is_plain = layout.file.endswith(".xlsx") or layout.encoding in (None, "utf-8-sig")
    return None if is_plain else layout.encoding


def _value_sections(title: str, *, values: Mapping[str, Mapping[str, str]]) -> str:
    return "".join(_section(f"{title}.values.{column}", pairs=words) for column, words in values.items())


def _section(title: str, *, pairs: Mapping[str, str]) -> str:
    lines = "".join(f"{_key(key)} = {_quoted(value)}\n" for key, value in pairs.items())
    return f"[{title}]\n{lines}" if lines else ""


def _key(name: str) -> str:
    return name if name.isascii() and name.isidentifier() else _quoted(name)


def _quoted(text: str) -> str:
    return f'"{text}"'

"""Write ``dataset.toml`` for a sample year, with a comment for the analyst who copies it."""

from collections.abc import Mapping, Sequence

from fbanalysis.sample.exports import EXPORTS, TABLE_FILES, Export, TableFile

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
small_effect = 0.2                  # Hedges g below which nothing is called 明显 or 显著
kpi_basically_met = 95              # attainment in percent: from here 基本达标, from 100 超额完成
sentiment_positive = 0.6            # probability from which a comment counts as 正面
sentiment_negative = 0.4            # probability up to which a comment counts as 负面


# ---- Feedback: one [[feedback]] block a source file (or a sheet of one) -------------------------
# columns   table column = header in your file; one header may serve two columns
# values    per table column: word in your file = word of the table; words not listed stay as they are
# formats   how times are written (strptime)
# constants table column = one fixed value for every row (not needed here)
"""
TABLES_HEAD = """

# ---- The other tables: all optional. A chapter whose table is missing is left out and says so -----
"""
REPORT_DATES = {2022: "2023-01-16", 2023: "2024-01-15"}


def dataset_toml(year: int, *, names: Sequence[str]) -> str:
    """Write the settings of a year that has the tables ``names``."""
    feedback = "".join(_feedback_block(export) for export in EXPORTS)
    others = "".join(_table_block(name, layout=TABLE_FILES[name]) for name in names)
    return HEAD.format(year=year, report_date=REPORT_DATES[year]) + feedback + TABLES_HEAD + others


def _feedback_block(export: Export) -> str:
    facts = {
        "file": export.file,
        "sheet": export.sheet,
        "channel": export.channel,
        "encoding": _declared(export),
        "owner": export.owner,
    }
    given = "".join(f"{key} = {_quoted(value)}\n" for key, value in facts.items() if value)
    columns = _section("feedback.columns", pairs=export.headers)
    values = _value_sections("feedback", values=export.values)
    formats = _section("feedback.formats", pairs={"submitted_at": export.time_format})
    return f"\n[[feedback]]\n{given}{columns}{values}{formats}"


def _declared(export: Export) -> str | None:
    """Name only an encoding that is not recognised by its byte order mark."""
    return None if export.encoding == "utf-8-sig" else export.encoding


def _table_block(name: str, *, layout: TableFile) -> str:
    columns = _section(f"tables.{name}.columns", pairs=layout.headers)
    values = _value_sections(f"tables.{name}", values=layout.values)
    return f"\n[tables.{name}]\nfile = {_quoted(layout.file)}\n{columns}{values}"


def _value_sections(title: str, *, values: Mapping[str, Mapping[str, str]]) -> str:
    return "".join(_section(f"{title}.values.{column}", pairs=words) for column, words in values.items())


def _section(title: str, *, pairs: Mapping[str, str]) -> str:
    lines = "".join(f"{_key(key)} = {_quoted(value)}\n" for key, value in pairs.items())
    return f"[{title}]\n{lines}"


def _key(name: str) -> str:
    return name if name.isascii() and name.isidentifier() else _quoted(name)


def _quoted(text: str) -> str:
    return f'"{text}"'

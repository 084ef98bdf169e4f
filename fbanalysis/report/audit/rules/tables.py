"""Tables: rows against their total, weighted means and pooled deviations, and columns that follow from others."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from fbanalysis.report.audit.claims.aims import RESULT_HEADS
from fbanalysis.report.audit.claims.claims import Claim, Sentence, Table, quote_row
from fbanalysis.report.audit.claims.explaining import unit_of
from fbanalysis.report.audit.claims.series import WHOLE, earlier_and_later
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.attainment import Goal, check_goal
from fbanalysis.report.audit.rules.change import Move, check_size
from fbanalysis.report.audit.rules.rounding import Verdict, judge, show, show_like, span

_TOTAL_ROW = re.compile(
    r"^(?:合计|总计|总体|总数|全部|整体|全体|总|全院|全校|全市|全省|全国|汇总|Total|total)"
)
#: The overall question of a questionnaire has its own answers: its row need not be the total of the others.
_OVERALL = re.compile(r"^(?:总体|整体|综合)(?:满意度|评分|评价|得分|感受|印象)")
#: Says that the overall row has answers of its own.
_NO_SUM = re.compile(
    r"单独(?:的|设|成|问)*一?(?:道)?题|另设一题|独立(?:的|设)*一?题|单独(?:评分|评价|作答)|不(?:是|等于)各\S{0,8}(?:之和|合计|相加)|可多选|多选题"
)
#: Passages this near each other belong together.
NEAR = 12
_SUM_ROW = re.compile(r"(?:合计|总计|共计)$")
_SUBTOTAL = re.compile(r"小计|其中|^[-–—·]|^\s")
_COUNT = re.compile(
    r"样本|人数|份数|件数|数量|户数|家数|次数|基数|总数|回收|受访|答卷|有效|[人件份户家次]$|^[nN]$|金额|收入|支出|费用|销售额|产量|销量|投入|工单|投诉(?!率)|[量数额]$|[（(](?:万|亿)?[人件份户家次条个项例台套所辆张起宗元篇场]次?[）)]$"
)
_SIZE = re.compile(r"样本|人数|份数|件数|基数|受访|答卷|有效|数量|^[nN]\b|[人件份]数")
_MEAN = re.compile(r"平均|均值|均分|得分|评分|满意度|分数|成绩")
_DEVIATION = re.compile(r"标准差|^(?:SD|sd|s)$")
_SHARE = re.compile(r"占比|比例|构成|比重|份额|百分比")
_NOT_ADDED = re.compile(
    r"率|均|标准差|得分|评分|满意度|单价|排名|同比|环比|增|占比|比例|目标|时长|时间|周期|指数|最[大小高低]|中位"
)
_PRIOR = re.compile(r"去年|上年|上期|同期|基期|前期|改[进造善]前|上季|上月|实施前|之前|前测")
_NOW = re.compile(r"今年|本年|本期|当期|本季|本月|改[进造善]后|实施后|之后|后测|当年")
_CHANGE = re.compile(r"同比|环比|增长|增幅|变化|增减|变动|升降|提升|降幅|升幅|差值|差异|差额|涨幅|较上")
_TARGET = re.compile(
    r"目标|计划|预算|指标值|(?:年度|考核|控制|下达)指标|考核[值线]|任务|标准(?!差)|要求|[上下]限|承诺|控制[值线]|红线|底线|限值|规定|阈值"
)
_RATE = re.compile(r"达成率|完成率|达成|完成度|完成比例|执行率|达标程度|实现率")
_FEWEST, _SHORT = 2, 12


@dataclass(frozen=True)
class Layout:
    """A table with its total row: which rows are parts, which is the whole."""

    table: Table
    total: int
    parts: tuple[int, ...]

    def values(self, column: int) -> list[Mention]:
        return [self.table.cells[row, column] for row in self.parts]

    def is_full(self, column: int) -> bool:
        return all((row, column) in self.table.cells for row in (*self.parts, self.total))


def explained_pages(sentences: Sequence[Sentence]) -> set[tuple[int, int]]:
    """Find where a text says that a total is no sum: 总体满意度是单独的一题; gives pages with blocks of passages."""
    return {
        (sentence.page, sentence.passage // NEAR + step)
        for sentence in sentences
        if _NO_SUM.search(sentence.text)
        for step in (-1, 0, 1)
    }


def find_table_faults(table: Table, *, is_explained: bool = False) -> Iterator[Finding]:
    """Check a table: totals of its columns and rows, and what its columns say of each other.

    Where the text beside says that the total is no sum of the rows, totals are left alone.
    """
    layout = None if is_explained else lay_out(table)
    if layout is not None:
        yield from _check_totals(layout)
    yield from _check_rows(table)


def lay_out(table: Table) -> Layout | None:
    """Find the total row of a table: the last or the first that is named so, with all other rows as its parts."""
    named = [row for row, label in enumerate(table.labels) if _TOTAL_ROW.match(label.strip())]
    if not named and _is_group(table.labels[-1]):
        named = [len(table.labels) - 1]
    if (
        len(named) != 1
        or named[0] not in (0, len(table.labels) - 1)
        or any(map(_SUBTOTAL.search, table.labels))
    ):
        return None
    parts = tuple(row for row in range(len(table.labels)) if row != named[0])
    return Layout(table, named[0], parts) if len(parts) >= _FEWEST else None


def _is_group(label: str) -> bool:
    """Say whether a last row is the whole by its name alone: 集团, 全公司."""
    return (
        bool(WHOLE.match(label)) and len(label) <= _SHORT and not label.startswith(("平均", "均值", "综合"))
    )


def _columns(table: Table, form: re.Pattern[str], *, without: re.Pattern[str] | None = None) -> list[int]:
    return [
        column
        for column, head in enumerate(table.heads)
        if form.search(head) and not (without and without.search(head))
    ]


def _check_totals(layout: Layout) -> Iterator[Finding]:
    table = layout.table
    sizes = [column for column in _columns(table, _SIZE, without=_NOT_ADDED) if layout.is_full(column)]
    doubtful = False
    for column, head in enumerate(table.heads):
        if not layout.is_full(column) or _SHARE.search(head):
            continue
        found = list(_check_sum(layout, column)) if _adds_up(layout, column) else []
        doubtful = doubtful or bool(found)
        yield from found
    for column in _columns(table, _MEAN, without=re.compile(r"同比|环比|变化|排名|目标|去年|上年")):
        if layout.is_full(column) and column not in sizes:
            yield from _check_mean(layout, column, sizes, doubtful=doubtful)


def _adds_up(layout: Layout, column: int) -> bool:
    head = layout.table.heads[column]
    cells = [*layout.values(column), layout.table.cells[layout.total, column]]
    plain = all(cell.kind == "number" and cell.value >= 0 and not cell.is_signed for cell in cells)
    is_sum = bool(_SUM_ROW.match(layout.table.labels[layout.total].strip()))
    return plain and (is_sum or bool(_COUNT.search(head))) and not _NOT_ADDED.search(head)


def _check_sum(layout: Layout, column: int) -> Iterator[Finding]:
    parts, total = layout.values(column), layout.table.cells[layout.total, column]
    verdict = judge(lambda *values: sum(values), [span(part) for part in parts], span(total))
    # a table of the largest only, or of answers that overlap, lies far from its total
    if verdict.severity and total.value and 0.5 <= verdict.value / total.value <= 1.5:
        added = "＋".join(part.text for part in parts)
        gap = show_like(abs(verdict.value - total.value), total)
        yield _finding(
            layout,
            column,
            "分项合计",
            verdict,
            f"{added}＝{show_like(verdict.value, total)}，与 {total.text} 差 {gap}",
        )


def _check_mean(layout: Layout, column: int, sizes: Sequence[int], *, doubtful: bool) -> Iterator[Finding]:
    parts, total = layout.values(column), layout.table.cells[layout.total, column]
    plain = _plain_mean(parts, total)
    weighted = [(_weighted_mean(layout, column, size, total), size) for size in sizes]
    # a table without sizes may weigh as it likes: its total need only lie among its parts
    if not weighted:
        yield from _check_among(layout, column)
        return
    verdict, size = weighted[0]
    severity = _mean_severity(verdict, plain, total, doubtful=doubtful)
    if severity:
        explanation = (
            f"各行按「{layout.table.heads[size]}」加权的平均是 {show(verdict.value, 3)}，简单平均是 {show(plain.value, 3)}，"
            f"都与 {total.text} 不符"
        )
        yield _finding(
            layout,
            column,
            "加权平均",
            Verdict(verdict.value, verdict.low, verdict.high, severity),
            explanation,
        )
    yield from _check_deviation(layout, column, size, doubtful=doubtful or bool(verdict.severity))


def _mean_severity(weighted: Verdict, plain: Verdict, total: Mention, *, doubtful: bool) -> str:
    """Grade a total's mean: nothing where the weighted or the simple mean of the rows rounds to it.

    Where the total's size already contradicts the rows, a mean that both miss is named as possible even though
    rounding may explain it.
    """
    if any(abs(verdict.value - total.value) <= total.step / 2 + 1e-9 for verdict in (weighted, plain)):
        return ""
    if weighted.severity == plain.severity == "矛盾":
        return "矛盾"
    return "可能" if weighted.severity or doubtful else ""


def _plain_mean(parts: Sequence[Mention], total: Mention) -> Verdict:
    return judge(lambda *values: sum(values) / len(values), [span(part) for part in parts], span(total))


def _weighted_mean(layout: Layout, column: int, size: int, total: Mention) -> Verdict:
    sizes = [float(cell.value) for cell in layout.values(size)]
    parts = [span(part) for part in layout.values(column)]
    if not sum(sizes):
        return Verdict(float(total.value), 0.0, 0.0, "")

    def mean(*values: float) -> float:
        return sum(n * value for n, value in zip(sizes, values, strict=True)) / sum(sizes)

    return judge(mean, parts, span(total))


def _check_among(layout: Layout, column: int) -> Iterator[Finding]:
    parts, total = [float(p.value) for p in layout.values(column)], layout.table.cells[layout.total, column]
    slack = total.step
    if not min(parts) - slack <= total.value <= max(parts) + slack:
        bounds = f"{show(min(parts), 2)}–{show(max(parts), 2)}"
        verdict = Verdict(sum(parts) / len(parts), min(parts), max(parts), "矛盾")
        yield _finding(
            layout,
            column,
            "加权平均",
            verdict,
            f"总体 {total.text} 不在各行的 {bounds} 之间，怎样加权都得不到",
        )


def _check_deviation(layout: Layout, column: int, size: int, *, doubtful: bool) -> Iterator[Finding]:
    """Check the total's standard deviation against the one pooled from the rows.

    Notes
    -----
    s² = [Σ(nᵢ−1)sᵢ² + Σnᵢ(mᵢ−m)²] ÷ (Σnᵢ−1), m the weighted mean. Where the total's size or mean already
    contradicts the rows, a deviation that rounds to another number than printed is named as possible too.
    """
    for deviation in _columns(layout.table, _DEVIATION):
        if not layout.is_full(deviation):
            continue
        total = layout.table.cells[layout.total, deviation]
        sizes = [float(cell.value) for cell in layout.values(size)]
        inputs = [span(cell) for cell in (*layout.values(column), *layout.values(deviation))]
        verdict = judge(_pooled(sizes), inputs, span(total)) if sum(sizes) > 1 else Verdict(0.0, 0.0, 0.0, "")
        rounds_off = abs(verdict.value - total.value) > total.step / 2
        if verdict.severity or (doubtful and rounds_off):
            explanation = f"由各行的样本量、均值、标准差合并得 {show(verdict.value, 3)}，印作 {total.text}"
            severity = verdict.severity or "可能"
            yield _finding(
                layout,
                deviation,
                "合并标准差",
                Verdict(verdict.value, verdict.low, verdict.high, severity),
                explanation,
            )


def _pooled(sizes: Sequence[float]) -> Callable[..., float]:
    def deviation(*values: float) -> float:
        means, deviations = values[: len(sizes)], values[len(sizes) :]
        n = sum(sizes)
        middle = sum(size * mean for size, mean in zip(sizes, means, strict=True)) / n
        within = sum((size - 1) * s**2 for size, s in zip(sizes, deviations, strict=True))
        between = sum(size * (mean - middle) ** 2 for size, mean in zip(sizes, means, strict=True))
        return sqrt((within + between) / (n - 1))

    return deviation


def _finding(layout: Layout, column: int, rule: str, verdict: Verdict, explanation: str) -> Finding:
    table = layout.table
    total = table.cells[layout.total, column]
    severity = verdict.severity
    if _OVERALL.match(table.labels[layout.total].strip()):
        severity, explanation = (
            "可能",
            f"{explanation}；若「{table.labels[layout.total]}」是单独的一题，应写明",
        )
    rows = "；".join(
        f"{table.labels[row]} {table.cells[row, column].text}" for row in (*layout.parts, layout.total)
    )
    head = f"{table.heads[column]}：" if table.heads[column] else ""
    return Finding(
        table.place,
        f"{head}{rows}"[:240] + f"；{quote_row(table, layout.total)}",
        rule,
        total.text,
        show_like(round(verdict.value, 3), total),
        severity,
        explanation,
    )


# ------------------------------------------------------------------ what columns say of each other


def _check_rows(table: Table) -> Iterator[Finding]:
    columns = _roles(table)
    goals = goal_columns(table)
    if goals is not None and "rate" in columns:
        yield from _check_goals(table, (*goals, columns["rate"]))
    if {"old", "new", "change"} <= columns.keys():
        yield from _check_changes(table, columns)


def _roles(table: Table) -> Mapping[str, int]:
    """Name the columns of targets and of changes; a role that two columns could have is left out."""
    forms = {
        "target": _TARGET,
        "actual": RESULT_HEADS,
        "rate": _RATE,
        "old": _PRIOR,
        "new": _NOW,
        "change": _CHANGE,
    }
    found = {role: _columns(table, form) for role, form in forms.items()}
    found["target"] = [c for c in found["target"] if c not in found["rate"]]
    found["actual"] = [c for c in found["actual"] if c not in found["rate"]]
    for role in ("old", "new"):
        found[role] = [c for c in found[role] if c not in found["change"]]
    roles = {role: columns[0] for role, columns in found.items() if len(columns) == 1}
    pair = earlier_and_later(table)
    if pair is not None:
        roles["old"], roles["new"] = pair
        if "actual" not in roles and "target" in roles:
            roles["actual"] = pair[1]
    return roles


def goal_columns(table: Table) -> tuple[int, int] | None:
    """Give the columns of targets and of results of a table: named so, or the only other column of levels."""
    roles = _roles(table)
    if "target" not in roles:
        return None
    if "actual" in roles:
        return roles["target"], roles["actual"]
    taken = {*_columns(table, _RATE), *_columns(table, _CHANGE), *_columns(table, _PRIOR), roles["target"]}
    others = [column for column in range(len(table.heads)) if column not in taken]
    if len(others) > 1:
        others = [column for column in others if _kinds(table, column) == _kinds(table, roles["target"])]
    return (roles["target"], others[0]) if len(others) == 1 else None


def _kinds(table: Table, column: int) -> set[tuple[str, str]]:
    return {unit_of(cell) for cell in table.column(column).values()}


def _check_goals(table: Table, columns: tuple[int, int, int]) -> Iterator[Finding]:
    for row, label in enumerate(table.labels):
        cells = [table.cells.get((row, column)) for column in columns]
        if all(cell is not None for cell in cells):
            yield from check_goal(Goal(table.place, quote_row(table, row), label, *cells))


def _check_changes(table: Table, columns: Mapping[str, int]) -> Iterator[Finding]:
    for row, label in enumerate(table.labels):
        cells = [table.cells.get((row, columns[role])) for role in ("old", "new", "change")]
        if all(cell is not None for cell in cells):
            for finding in check_size(_as_move(table, label, cells)):
                yield replace(finding, sentence=quote_row(table, row))


def _as_move(table: Table, label: str, cells: Sequence[Mention]) -> Move:
    """Write a row as a sentence, so that the rule for sentences checks it."""
    text, claims = f"{label}：", []
    for mention in cells:
        start = len(text)
        text += mention.text + "，"
        sign = (mention.value > 0) - (mention.value < 0) if mention.is_signed or mention.value < 0 else 0
        claims.append(Claim(mention, start, len(text) - 1, "", "", direction=sign))
    sentence = Sentence(text, table.place, table.passage, table.page, "cell", tuple(claims))
    return Move(sentence, claims[0], claims[1], (claims[2],))

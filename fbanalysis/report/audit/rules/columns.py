"""Columns of a table that come of two others in most rows: a row that breaks what the others keep is wrong."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from fbanalysis.report.audit.claims.claims import Table, quote_row
from fbanalysis.report.audit.claims.explaining import Formula, share
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.rounding import judge, show, span

_MOST_COLUMNS, _FEWEST_KEPT = 8, 2
_KEPT = 0.6
_CHANGE = re.compile(
    r"增减|变化|变动|升降|增长|增幅|降幅|升幅|涨幅|提升|差(?!评|错)|较|同比|环比|缺口|[+＋]/?[-－]|净增"
)
_RATE = re.compile(r"率$|占比|比例|比重")
_GOAL = re.compile("目标|达成|完成|计划")


def _less(one: float, other: float) -> float:
    return one - other


def _more(one: float, other: float) -> float:
    return (one - other) / other * 100


@dataclass(frozen=True)
class Relation:
    """Which two columns give a third, and how."""

    column: int
    parts: tuple[int, int]
    formula: Formula
    rule: str
    sign: str


def find_broken_rows(table: Table) -> Iterator[Finding]:
    """Check every column against what two others give in most rows: difference, relative change, ratio.

    Notes
    -----
    What a column means is not read but found: a relation that holds in at least two rows and in three of five. Only
    the first relation of a column is used; takes time in proportion to the rows of a table with few columns.
    """
    if not 3 <= len(table.heads) <= _MOST_COLUMNS or len(table.labels) < _FEWEST_KEPT + 1:
        return
    for column in range(len(table.heads)):
        found = _relation(table, column)
        if found is not None:
            yield from _broken(table, found)


def _relation(table: Table, column: int) -> Relation | None:
    cells = table.column(column)
    if len(cells) < _FEWEST_KEPT + 1:
        return None
    for parts in permutations([c for c in range(len(table.heads)) if c != column], 2):
        for formula, rule, sign in _formulas(table.heads, column, parts, next(iter(cells.values()))):
            relation = Relation(column, parts, formula, rule, sign)
            verdicts = [_holds(table, row, relation) for row in cells]
            told = [verdict for verdict in verdicts if verdict is not None]
            if told.count(True) >= max(_FEWEST_KEPT, _KEPT * len(told)) and any(
                c.value for c in cells.values()
            ):
                return relation
    return None


def _formulas(
    heads: Sequence[str], column: int, parts: tuple[int, int], cell: Mention
) -> Sequence[tuple[Formula, str, str]]:
    # which way an attainment is counted differs from row to row
    if any(_GOAL.search(heads[c]) for c in (column, *parts)):
        return ()
    head = heads[column]
    if cell.kind == "percent":
        change = ((_more, "升降幅度", "变化"),) if _CHANGE.search(head) else ()
        return (*change, (share, "比率", "÷")) if _RATE.search(head) else change
    return ((_less, "差值", "－"),) if _CHANGE.search(head) or cell.is_signed else ()


def _cells(table: Table, row: int, relation: Relation) -> list[Mention] | None:
    cells = [table.cells.get((row, c)) for c in (*relation.parts, relation.column)]
    if any(cell is None or cell.bound for cell in cells):
        return None
    one, other, last = cells
    same = one.kind == other.kind and one.unit == other.unit
    if relation.sign == "－":
        fits = last.kind == "points" or last.unit in ("", one.unit)
    else:
        fits = one.kind == "number"
    return cells if same and fits and other.value else None


def _holds(table: Table, row: int, relation: Relation) -> bool | None:
    cells = _cells(table, row, relation)
    if cells is None:
        return None
    return judge(relation.formula, [span(cell) for cell in cells[:2]], span(cells[2])).severity != "矛盾"


def _broken(table: Table, relation: Relation) -> Iterator[Finding]:
    for row in table.column(relation.column):
        if _holds(table, row, relation) is not False:
            continue
        one, other, last = _cells(table, row, relation)
        value = relation.formula(float(one.value), float(other.value))
        heads = [table.heads[c] for c in (*relation.parts, relation.column)]
        yield Finding(
            table.place,
            quote_row(table, row),
            relation.rule,
            last.text,
            show(value, 2),
            "矛盾",
            f"其余各行的「{heads[2]}」都由「{heads[0]}」与「{heads[1]}」算得；这一行 {one.text}{relation.sign}{other.text}"
            f"＝{show(value, 2)}，印作 {last.text}",
        )

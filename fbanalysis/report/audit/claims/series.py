"""Gathers series, names each with its number of one measure, and finds those that stand near a statement."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from fbanalysis.report.audit.claims.claims import Table
from fbanalysis.report.audit.claims.runs import Item, Run
from fbanalysis.report.audit.numbers import Mention

#: Rows and columns that are the whole of the others, or a mean of them.
WHOLE = re.compile(
    r"^(?:合计|总计|总体|总数|总分|全部|整体|全体|总|综合|平均|均值|汇总|全(?:公司|集团|院|校|省|市|县|区|国|网|行|系统|员|年|部|渠道|平台)|集团|Total|total)"
)
#: Names that say nothing of what is named.
_EMPTY = re.compile(
    r"^(?:[为是约达共占的]|得分|评分|其中|分别|依次|平均|合计|总计|今年|去年|本年|上年|同期|20\d\d年?)*$"
)
_TAIL = re.compile(r"(?:的?(?:得分|评分|满意度|满意率)?(?:最[高低多少])?(?:为|是|达到?|占|约|共)?)$")
_CHANGE = re.compile(r"变化|变动|增减|升降|差值|差异|同比|环比|增长|增幅|升幅|降幅|提升|涨幅")
#: Heads of what is no value of a period.
_NO_VALUE = re.compile(f"{_CHANGE.pattern}|目标|计划|达成|完成率|排名|名次|占比|比例")
_PRIOR = re.compile(r"去年|上年|上期|上季度?|上月|同期|改进前|整改前|实施前|前测|基期|上半年")
_NOW = re.compile(r"今年|本年|本期|本季度?|本月|改进后|整改后|实施后|后测|当年|当期|下半年")
_KIND = re.compile(
    r"(?:渠道|客户|用户|部门|大区|片区|小区|校区|分公司|分店|门店|店|部|区|组|类|业务|人群|居民|员工|产品|学院|中心|服务|满意度|满意率|投诉)$"
)
_STATES = ("", "to", "actual")
_BACK, _AHEAD = 9, 2
_PAGES = 2
#: So many series near a statement are compared: time must not grow with their square.
_MOST = 40
#: So many of a document's series are searched for names.
_SERIES = 300


@dataclass(frozen=True)
class Series:
    """Names with their numbers; ``words`` say what is measured, ``style`` where they stand."""

    names: tuple[str, ...]
    mentions: tuple[Mention, ...]
    words: str
    style: str
    page: int
    passage: int
    place: str

    @cached_property
    def values(self) -> dict[str, float]:
        return {name: float(m.value) for name, m in zip(self.names, self.mentions, strict=True)}

    @cached_property
    def parts(self) -> dict[str, Mention]:
        """The numbers of all that is not the whole of the others."""
        return {name: m for name, m in zip(self.names, self.mentions, strict=True) if not WHOLE.match(name)}

    @property
    def unit(self) -> str:
        return self.mentions[0].unit

    @property
    def is_percent(self) -> bool:
        return self.mentions[0].kind == "percent"

    def named_in(self, text: str) -> list[str]:
        """Give the names that stand in a text, in its order; a name inside a longer one is not named."""
        found: list[tuple[int, str]] = []
        for name in sorted(set(self.names), key=len, reverse=True):
            said = [word for word in (name, self._stems.get(name, "")) if word and word in text]
            if said:
                found.append((max(text.rfind(word) for word in said), name))
            for word in said:
                text = text.replace(word, "\0" * len(word))
        return [name for _, name in sorted(found)]

    @cached_property
    def _stems(self) -> dict[str, str]:
        """Names without the word for what kind of thing they are, where that leaves each its own."""
        stems = {name: _KIND.sub("", name) for name in self.names}
        kept = {name: stem for name, stem in stems.items() if len(stem) >= 2 and stem != name}
        return kept if len(set(stems.values())) == len(stems) else {}

    def speaks(self, text: str) -> bool:
        """Say whether a text names what is measured."""
        words = re.sub(r"[^\u4e00-\u9fffA-Za-z]", "", self.words)
        return any(words[at : at + 2] in text for at in range(len(words) - 1))


class Shelf:
    """Series by where they stand."""

    def __init__(self, series: Sequence[Series]) -> None:
        self._all = series[:_SERIES]
        self._by_passage: dict[int, list[Series]] = defaultdict(list)
        for one in series:
            self._by_passage[one.passage].append(one)

    def near(self, passage: int, page: int, back: int = _BACK) -> list[Series]:
        """Give the series around a passage, the nearest before it first."""
        order = sorted(range(-back, _AHEAD + 1), key=lambda step: (abs(step), step > 0))
        found = (one for step in order for one in self._by_passage.get(passage + step, ()))
        return [one for one in found if abs(one.page - page) <= _PAGES][:_MOST]

    def naming(self, clause: str) -> list[Series]:
        """Give the series, wherever they stand, of which a clause names two members or more."""
        return [one for one in self._all if len(one.named_in(clause)) >= 2]


def gather(runs: Sequence[Run], tables: Sequence[Table]) -> list[Series]:
    """Gather the series of a document: its enumerations, and the columns and rows of its tables."""
    lists = [one for run in runs if run.style != "column" and (one := _of_run(run)) is not None]
    return [*lists, *_pooled(lists), *(one for table in tables for one in _of_table(table))]


def _pooled(lists: Sequence[Series]) -> Iterator[Series]:
    """Join lists of one unit that stand in lines one after the other: 高于 98 % 的 A、B; 其余 C、D."""
    for one, other in pairwise(lists):
        alike = (one.mentions[0].kind, one.unit) == (other.mentions[0].kind, other.unit)
        if alike and other.passage - one.passage in (0, 1) and not set(one.names) & set(other.names):
            yield replace(one, names=one.names + other.names, mentions=one.mentions + other.mentions)


def _of_run(run: Run) -> Series | None:
    pairs = {}
    for item in run.items:
        name = plain_name(item)
        if item.role in _STATES and name and name not in pairs:
            pairs[name] = item.mention
    if len(pairs) < 2:
        return None
    words = f"{run.before[-24:]} {run.head}"
    return Series(tuple(pairs), tuple(pairs.values()), words, run.style, run.page, run.passage, run.place)


def plain_name(item: Item) -> str:
    """Give an item's name without the words around it; empty where it has none."""
    parts = re.split(r"[\s，,、；;：:（(]+", item.label.strip("）)（( ，,：:"))
    name = _TAIL.sub("", re.sub(r"^(?:其中|和|与|及|以及)", "", parts[-1])) if parts else ""
    return "" if _EMPTY.match(name) or len(name) < 2 else name


def _of_table(table: Table) -> Iterator[Series]:
    yield from _changes(table)
    for column, head in enumerate(table.heads):
        cells = table.column(column)
        yield from _same_kind({table.labels[row]: m for row, m in cells.items()}, head, "column", table)
    for row, label in enumerate(table.labels):
        cells = {
            table.heads[c]: table.cells[row, c] for c in range(len(table.heads)) if (row, c) in table.cells
        }
        yield from _same_kind(cells, label, "row", table)


def _changes(table: Table) -> Iterator[Series]:
    """Give a table's changes: its columns of them, and the differences of an earlier and a later column."""
    columns = [table.column(c) for c, head in enumerate(table.heads) if _CHANGE.search(head)]
    pair = earlier_and_later(table)
    if pair:
        old, new = table.column(pair[0]), table.column(pair[1])
        both = {row: (old[row], new[row]) for row in old if row in new and old[row].value}
        columns.append({r: _difference(a, b, 1.0) for r, (a, b) in both.items()})
        columns.append({r: _difference(a, b, 100 / abs(a.value)) for r, (a, b) in both.items()})
    for cells in columns:
        if len(cells) >= 2:
            names = tuple(table.labels[row] for row in cells)
            yield Series(names, tuple(cells.values()), "", "change", table.page, table.passage, table.place)


def _difference(old: Mention, new: Mention, scale: float) -> Mention:
    return replace(new, value=round((new.value - old.value) * scale, 6), is_signed=True)


def earlier_and_later(table: Table) -> tuple[int, int] | None:
    """Find the column of an earlier period and that of the later one, where a table has one of each."""
    plain = [(c, head) for c, head in enumerate(table.heads) if not _NO_VALUE.search(head)]
    years = {int(match[0]): c for c, head in plain if (match := re.search(r"20\d\d", head))}
    if len(years) == 2:
        return years[min(years)], years[max(years)]
    old = [c for c, head in plain if _PRIOR.search(head)]
    if len(old) != 1:
        return None
    named = _PRIOR.sub("", table.heads[old[0]]).strip()
    new = [c for c, head in plain if c != old[0] and (_NOW.search(head) or (named and head.strip() == named))]
    return (old[0], new[0]) if len(new) == 1 else None


def _same_kind(cells: dict[str, Mention], words: str, style: str, table: Table) -> Iterator[Series]:
    kinds = {(m.kind, m.unit) for m in cells.values()}
    if len(cells) >= 2 and len(kinds) == 1:
        yield Series(
            tuple(cells), tuple(cells.values()), words, style, table.page, table.passage, table.place
        )

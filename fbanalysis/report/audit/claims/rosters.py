"""Gathers every list of a document whose members have a number each, and finds those that a statement may speak of.

A roster is a column or a row of a table, lines one below the other, an enumeration in a sentence, or what two rosters
of an earlier and a later period give: the changes.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fbanalysis.report.audit.claims.claims import Claims, Sentence, Table
from fbanalysis.report.audit.claims.entries import BULLET, Entry, chains, entries
from fbanalysis.report.audit.claims.facts import words_of
from fbanalysis.report.audit.claims.runs import Run
from fbanalysis.report.audit.claims.series import WHOLE, Series, plain_name
from fbanalysis.report.audit.numbers import Mention

_CHANGE = re.compile(
    r"变化|变动|增减|升降|差值|差异|同比|环比|增长|增幅|升幅|降幅|提升|涨幅|较上年|比上年|[+＋]/?[-－]"
)
_NO_VALUE = re.compile(r"目标|计划|达成|完成率|排名|名次|位次|序号|权重|结论")
_PRIOR = re.compile(
    r"去年|上年|上学年|上期|(?<!以)上(?:季度?|轮|届)|上月|同期|改进前|整改前|实施前|前测|基期|期初|年初|首轮|第一轮"
)
_NOW = re.compile(
    r"今年|本年度?|本学年|本期|本季度?|本轮|本届|本月|改进后|整改后|实施后|后测|当年|当期|期末|年末|次轮|第二轮"
)
_YEAR = re.compile(r"20\d\d(?:[—-]20\d\d)?(?:学年|年度?)?")
_MEAN = re.compile(r"(?:平均|均值|均分|合计|小计|累计|总数)$")
_AIM = re.compile(r"目标|计划|任务|预算")
#: Under 目标与实际 stand results, too.
_REACHED = re.compile(r"实际|实绩|完成")
_COUNTERS = frozenset(
    ("件", "单", "条", "人", "次", "份", "通", "笔", "起", "人次", "台次", "户", "张", "个")
)
_REST = re.compile(r"^(?:其他|其它|其余|余下|不详|未填)")
_HEADING = re.compile(
    r"^\s*(?:【|■|◆|#|P\d|第[\d一二三四五六七八九十]+[页部章节]|[一二三四五六七八九十]{1,3}[、\s]|（[一二三四五六七八九十]+）|[\d.]+[\s、.](?=[\u4e00-\u9fff]))"
)
_KIND = re.compile(
    r"(?:渠道|客户|用户|部门|大区|片区|小区|校区|院区|分公司|分店|门店|店|部|区|组|类|站|业务|人群|居民|员工|产品|学院|大厅|中心|服务|满意度|满意率|投诉|问题|环节)$"
)
#: 满意率 beside 2024满意率: what has no year is of the report's own period.
_LATEST = 9999
_BRACKET = re.compile(r"[（(][^（）()]*[）)]")
_TIME = re.compile(
    r"20\d\d|^(?:[QＱ][1-4]|第?[一二三四1-4]季度?|\d{1,2}月份?|[一二三四五六七八九十]{1,2}月份?|第[一二三四五六七八九十\d]+[周轮期])"
)
#: 成功率61.0% in a line that begins with its name.
_HEADED_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,8})[：:]?[＋+−-]?\d[\d,.]*(?:[%％]|[\u4e00-\u9fff]{0,4})")
_LABEL = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,10}[：:]?")
_FEWEST_INLINE = 2
_MONTH = re.compile(r"(\d{1,2})月份?")
_STRETCH = re.compile(
    r"(?P<half>[上下])半年|(?P<quarter>[一二三四])季度|(?P<first>\d{1,2})月?份?[至到—～~-]+(?P<until>\d{1,2})月|(?P<year>全年|各月|十二个月|12个月)"
)
#: So many rosters before and behind a statement are looked at, and those of a word that no more than so many have.
_POOL, _COMMON = 60, 30
_EXACT = 1e-6
_FEWEST, _LONGEST_HEADING, _LONGEST_LINE, _AWAY = 3, 40, 60, 6


@dataclass(frozen=True)
class Roster:
    """Members with a number each.

    ``title`` says what is measured (a column's head, the words before a list), ``section`` what stands above it;
    ``style`` is column, row, lines or inline; ``change`` tells changes from levels.
    """

    names: tuple[str, ...]
    mentions: tuple[Mention, ...]
    title: str
    section: str
    style: str
    page: int
    passage: int
    place: str
    is_prior: bool = False
    is_change: bool = False
    is_whole: bool = False

    @cached_property
    def parts(self) -> dict[str, Mention]:
        """The members that are not the whole of the others, by their names or by their sum."""
        listed = {name: m for name, m in zip(self.names, self.mentions, strict=True) if not _is_whole(name)}
        first = next(iter(listed), "")
        if len(listed) > _FEWEST and not self.is_change and self.style == "inline":
            others = sum(float(m.value) for name, m in listed.items() if name != first)
            if abs(others - float(listed[first].value)) < _EXACT:
                del listed[first]
        return listed

    @cached_property
    def named(self) -> dict[str, Mention]:
        """The members with a name of their own: without 其他."""
        return {name: m for name, m in self.parts.items() if not _REST.match(name)}

    @cached_property
    def values(self) -> dict[str, float]:
        return {name: float(m.value) for name, m in self.parts.items()}

    @cached_property
    def own_words(self) -> frozenset[str]:
        return words_of(self.title)

    @cached_property
    def section_words(self) -> frozenset[str]:
        return words_of(self.section)

    @cached_property
    def name_words(self) -> frozenset[str]:
        return words_of("|".join(self.names))

    @property
    def unit(self) -> str:
        return next((m.unit for m in self.mentions if m.unit), "")

    @property
    def kind(self) -> str:
        return self.mentions[0].kind

    @property
    def is_aim(self) -> bool:
        words = f"{self.title[-24:]}|{self.section}"
        return self.style != "column" and bool(_AIM.search(words)) and not _REACHED.search(self.section)

    @property
    def is_of_time(self) -> bool:
        return all(_TIME.search(name) for name in self.parts)

    def has_size(self, size: int) -> bool:
        """Say whether it has so many members, with or without 其他."""
        return size in (len(self.parts), len(self.named))

    def within(self, text: str) -> "Roster":
        """Give the months of the one stretch of the year that a text speaks of last: 上半年, 三季度, 6月至8月."""
        scopes = list(_STRETCH.finditer(text))
        last = scopes[-1] if scopes else None
        if last is None or last["year"] or not all(_MONTH.fullmatch(name) for name in self.parts):
            return self
        months = _months_of(last)
        kept = [(n, m) for n, m in self.parts.items() if int(_MONTH.fullmatch(n)[1]) in months]
        if len(kept) < 2 or len({scope.group() for scope in scopes}) > 1:
            return self
        return replace(self, names=tuple(n for n, _ in kept), mentions=tuple(m for _, m in kept))

    def measures(self, kind: str, unit: str) -> bool:
        """Say whether a number of this kind and unit may be one of its values; a head may give the unit."""
        if kind != self.kind and "percent" in (kind, self.kind):
            is_headed = (
                not self.unit and unit == "%" and bool(re.search("率|%|％|占比", self.title + self.section))
            )
            return is_headed or (self.kind == "percent" and not unit and not self.is_change)
        if unit == self.unit or not unit or unit in ("分", "个百分点"):
            return unit == self.unit or "" in (unit, self.unit)
        is_whole = all(m.value == int(m.value) for m in self.mentions)
        return not self.unit and (
            unit in self.title or unit in self.section or (is_whole and unit in _COUNTERS)
        )

    def named_in(self, text: str) -> list[tuple[int, str]]:
        """Give the members that a text names, each with the place where its name ends, in its order."""
        found: list[tuple[int, str]] = []
        for name, words in self._aliases:
            at = next((text.rfind(word) + len(word) for word in words if word in text), -1)
            if at >= 0:
                found.append((at, name))
                for word in words:
                    text = text.replace(word, "\0" * len(word))
        return sorted(found)

    @cached_property
    def _aliases(self) -> list[tuple[str, list[str]]]:
        bare = {name: _BRACKET.sub("", name) for name in self.parts}
        stems = {name: _KIND.sub("", word) for name, word in bare.items()}
        found = []
        for name in sorted(self.parts, key=len, reverse=True):
            words = [name, bare[name], stems[name]]
            is_own = list(stems.values()).count(stems[name]) == 1
            heads = [
                name[:size]
                for size in (4, 3, 2)
                if len(name) > size + 1 and self._is_alone(name[:size], name)
            ]
            words = words if is_own else words[:2]
            found.append((name, [word for word in dict.fromkeys([*words, *heads]) if len(word) >= 2]))
        return found

    def _is_alone(self, head: str, name: str) -> bool:
        return not any(head in other for other in self.parts if other != name)


def _months_of(match: re.Match[str]) -> range:
    """Give the months of a stretch of the year."""
    if match["half"]:
        return range(1, 7) if match["half"] == "上" else range(7, 13)
    if match["quarter"]:
        first = 3 * "一二三四".index(match["quarter"]) + 1
        return range(first, first + 3)
    return range(int(match["first"]), int(match["until"]) + 1)


def _is_whole(name: str) -> bool:
    return bool(WHOLE.match(name) or _MEAN.search(name))


def gather_rosters(claims: Claims, runs: Sequence[Run]) -> list[Roster]:
    """Gather the rosters of a document, in reading order of their first number."""
    headings = _Headings(claims.sentences)
    found = [
        *_of_sentences(claims.sentences, headings),
        *_of_labelled(claims.sentences, headings),
        *_of_respective(runs, headings),
        *(one for table in claims.tables for one in _of_table(table, headings)),
    ]
    return [*found, *_changes_between(found)]


def as_series(rosters: Iterable[Roster], known: Sequence[Series]) -> Iterator[Series]:
    """Give the rosters of this period's values as series, each list once."""
    seen = {tuple(mention.value for mention in one.mentions) for one in known}
    for roster in rosters:
        values = tuple(mention.value for mention in roster.mentions)
        if values in seen or roster.is_prior or roster.is_change:
            continue
        seen.add(values)
        words, style = f"{roster.section} {roster.title}", "list" if roster.style == "lines" else roster.style
        yield Series(roster.names, roster.mentions, words, style, roster.page, roster.passage, roster.place)


class _Headings:
    """Headings by the passage that they stand in."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        lines = [(s.passage, s.text.strip()) for s in sentences if _is_heading(s)]
        self._passages = [passage for passage, _ in lines]
        self._texts = [text for _, text in lines]

    def over(self, passage: int) -> str:
        at = bisect_right(self._passages, passage)
        return self._texts[at - 1] if at else ""


def _is_heading(sentence: Sentence) -> bool:
    text = sentence.text.strip()
    is_short = len(text) <= _LONGEST_HEADING and text[-1:] not in "。；;，"
    return sentence.kind == "title" or (sentence.kind == "text" and is_short and bool(_HEADING.match(text)))


# ------------------------------------------------------------------ lists in text


def _of_sentences(sentences: Sequence[Sentence], headings: _Headings) -> Iterator[Roster]:
    lines: list[tuple[Sentence, Entry]] = []
    loose: list[Roster] = []
    before, intro = "", ""
    for sentence in sentences:
        found = entries(sentence)
        line = _line_entry(sentence, found)
        if lines and (line is None or not _continues(lines[-1], sentence, line)):
            yield from _of_lines(lines, headings, intro)
            lines = []
        if line is not None:
            intro = intro if lines else before
            lines.append((sentence, line))
        above = before if before.endswith(("：", ":")) else ""
        before = sentence.text.strip()[-_LONGEST_HEADING:]
        inline = [one for chain in chains(found) for one in _of_chain(chain, sentence, headings)]
        inline = [replace(one, section=f"{one.section}|{above}") for one in inline] if above else inline
        if loose and inline and _goes_on_in(loose[-1], inline[0]):
            inline = [_joined(loose.pop(), inline[0]), *inline[1:]]
        yield from loose
        yield from _pooled(loose, inline)
        loose = inline
    yield from loose
    yield from _of_lines(lines, headings, intro)


def _line_entry(sentence: Sentence, found: Sequence[Entry]) -> Entry | None:
    """Give the first entry of a line that begins with its name."""
    is_line = bool(found) and found[0].is_first and len(sentence.text.strip()) <= _LONGEST_LINE
    begins = is_line and BULLET.sub("", sentence.text).lstrip('“"「').startswith(found[0].name)
    # 1月3120 2月2860 3月3340: a line of a list that goes on in the next
    is_stretch = len(found) >= _FEWEST and all(_MONTH.fullmatch(entry.name) for entry in found)
    return found[0] if begins and not found[0].intro and not is_stretch else None


def _continues(last: tuple[Sentence, Entry], sentence: Sentence, entry: Entry) -> bool:
    is_next = sentence.passage - last[0].passage in (0, 1) and sentence.page == last[0].page
    alike = len(entry.claims) == len(sentence.claims) and len(last[1].claims) == len(last[0].claims)
    return is_next and entry.make[0] == last[1].make[0] and (alike or _make(sentence) == _make(last[0]))


def _make(sentence: Sentence) -> list[tuple[str, str]]:
    return [(claim.mention.kind, claim.unit) for claim in sentence.claims]


def _of_lines(lines: Sequence[tuple[Sentence, Entry]], headings: _Headings, intro: str) -> Iterator[Roster]:
    if len(lines) >= _FEWEST and len({entry.name for _, entry in lines}) == len(lines):
        first = lines[0][0]
        section = f"{headings.over(first.passage)}|{intro}"
        yield from _columns([entry for _, entry in lines], intro, section, "lines", first)


def _of_chain(chain: Sequence[Entry], sentence: Sentence, headings: _Headings) -> Iterator[Roster]:
    if len(chain) >= _FEWEST_INLINE:
        first = chain[0].claims[0].start
        title = sentence.text[max(0, first - 50) : first]
        yield from _columns(chain, title, headings.over(sentence.passage), "inline", sentence)


def _columns(
    listed: Sequence[Entry], title: str, section: str, style: str, sentence: Sentence
) -> Iterator[Roster]:
    """Give the first, second, third number of all entries, where they are of one kind, and the changes."""
    makes = {entry.make for entry in listed}
    width = min(map(len, makes))
    for column in range(width):
        if len({make[column] for make in makes}) > 1:
            break
        older = _older(listed[0], f"{section}|{title}") if width == 2 else -1
        is_pair = older >= 0
        is_prior = column == older if is_pair else bool(_PRIOR.search(re.split("[，,。；;]", title)[-1]))
        mentions = tuple(entry.claims[column].mention for entry in listed)
        names = tuple(entry.name for entry in listed)
        one = Roster(names, mentions, title, section, style, sentence.page, sentence.passage, sentence.place)
        yield replace(one, is_prior=is_prior)
        if column and is_pair:
            first = replace(one, mentions=tuple(entry.claims[0].mention for entry in listed))
            yield from _differences(*((first, one) if older == 0 else (one, first)))


def _older(entry: Entry, words: str) -> int:
    """Say which of the two numbers of a name is the earlier one, -1 where they are not of one measure.

    Notes
    -----
    The words above the list tell (今年 | 去年); an arrow leads to the later one, and brackets hold the earlier one.
    Numbers in columns without such words may be of two measures.
    """
    if entry.make[0] != entry.make[1]:
        return -1
    then, now = _PRIOR.search(words), _NOW.search(words)
    years = [int(year) for year in re.findall(r"20\d\d", words)[-2:]]
    if then and now:
        return int(then.start() > now.start())
    if entry.is_piped:
        return int(years[0] > years[1]) if len(years) == 2 and years[0] != years[1] else -1
    return 0 if entry.arrow else 1


def _of_labelled(sentences: Sequence[Sentence], headings: _Headings) -> Iterator[Roster]:
    """Give the measures of lines that print a name and then each measure with its number: 东城 受理3,180 成功率61.0%."""
    block: list[tuple[Sentence, str, tuple[str, ...]]] = []
    for sentence in sentences:
        name, heads = _labelled(sentence)
        last = block[-1] if block else None
        goes_on = last and heads == last[2] and sentence.passage - last[0].passage in (0, 1)
        if not goes_on:
            yield from _of_block(block, headings)
            block = []
        if heads:
            block.append((sentence, name, heads))
    yield from _of_block(block, headings)


def _labelled(sentence: Sentence) -> tuple[str, tuple[str, ...]]:
    """Give the name that a line begins with and what each of its numbers measures; nothing for other lines."""
    text = BULLET.sub("", sentence.text)
    cells = text.split()
    heads = tuple(match[1] for cell in cells[1:] if (match := _HEADED_NUMBER.fullmatch(cell)))
    is_line = len(cells) > _FEWEST_INLINE and len(heads) == len(cells) - 1 == len(sentence.claims)
    is_line = is_line and bool(_LABEL.fullmatch(cells[0])) and len(set(heads)) == len(heads)
    return (cells[0].rstrip("：:"), heads) if is_line else ("", ())


def _of_block(
    block: Sequence[tuple[Sentence, str, tuple[str, ...]]], headings: _Headings
) -> Iterator[Roster]:
    """Give a roster for each measure of lines of one make."""
    if len(block) < _FEWEST or len({name for _, name, _ in block}) < len(block):
        return
    first, _, heads = block[0]
    section, names = headings.over(first.passage), tuple(name for _, name, _ in block)
    for at, head in enumerate(heads):
        mentions = tuple(sentence.claims[at].mention for sentence, _, _ in block)
        if len({mention.kind for mention in mentions}) == 1:
            is_prior, is_change = bool(_PRIOR.search(head)), bool(_CHANGE.search(head))
            one = Roster(names, mentions, head, section, "column", first.page, first.passage, first.place)
            yield replace(one, is_prior=is_prior, is_change=is_change)


def _goes_on_in(one: Roster, other: Roster) -> bool:
    """Say whether the months of one line go on in the next: 1月至4月 above 5月至8月 are one list."""
    ends = [_MONTH.fullmatch(name) for name in (one.names[-1], other.names[0])]
    alike = (one.kind, one.unit) == (other.kind, other.unit) and one.is_prior == other.is_prior
    is_next = other.passage - one.passage in (0, 1)
    return bool(all(ends) and alike and is_next and int(ends[0][1]) + 1 == int(ends[1][1]))


def _joined(one: Roster, other: Roster) -> Roster:
    """Give the lists of two lines as one; what it is of stands above the first."""
    names, mentions = one.names + other.names, one.mentions + other.mentions
    return replace(other, names=names, mentions=mentions, title=one.title, section=one.section)


def _pooled(before: Sequence[Roster], now: Sequence[Roster]) -> Iterator[Roster]:
    """Join enumerations of one unit in lines one after the other."""
    for one in before[-1:]:
        for other in now[:1]:
            alike = (one.kind, one.unit) == (other.kind, other.unit) and one.is_prior == other.is_prior
            if alike and other.passage - one.passage in (0, 1) and not set(one.names) & set(other.names):
                yield _joined(one, other)


def _of_respective(runs: Sequence[Run], headings: _Headings) -> Iterator[Roster]:
    """Give the enumerations whose names stand before all numbers: 甲、乙和丙分别为 1、2、3."""
    for run in runs:
        is_told = run.style != "column" and re.search("分别|依次|各", run.before[-12:])
        names = [plain_name(item) for item in run.items] if is_told else []
        if len(names) >= _FEWEST and all(names) and len(set(names)) == len(names):
            mentions = tuple(item.mention for item in run.items)
            section = headings.over(run.passage)
            yield Roster(
                tuple(names), mentions, run.before, section, "inline", run.page, run.passage, run.place
            )


# ------------------------------------------------------------------ tables


def _of_table(table: Table, headings: _Headings) -> Iterator[Roster]:
    if _has_no_heads(table):
        return
    section = f"{table.caption}|{headings.over(table.passage)}"
    columns: dict[int, Roster] = {}
    older, newer = {a for a, _ in pairs(table)}, {b for _, b in pairs(table)}
    for column, head in enumerate(table.heads):
        cells = table.column(column)
        if len(cells) < 2 or len({m.kind for m in cells.values()}) > 1:
            continue
        is_prior = column in older or (column not in newer and bool(_PRIOR.search(head)))
        columns[column] = _roster(
            {table.labels[row]: m for row, m in cells.items()},
            table,
            (head, section, "column"),
            is_prior=is_prior,
            is_change=bool(_CHANGE.search(head)),
            is_whole=bool(WHOLE.match(head)),
        )
    yield from (one for column, one in columns.items() if not _NO_VALUE.search(table.heads[column]))
    for old, new in pairs(table):
        if old in columns and new in columns:
            yield from _differences(columns[old], columns[new])
    yield from _rows(table, section)


def _has_no_heads(table: Table) -> bool:
    """Say whether the first row stands where the heads should: such lines are read as a list."""
    return any(table.heads) and all(not re.search("[\u4e00-\u9fffA-Za-z]", head) for head in table.heads)


def _roster(
    cells: Mapping[str, Mention],
    table: Table,
    words: tuple[str, str, str],
    *,
    is_prior: bool = False,
    is_change: bool = False,
    is_whole: bool = False,
) -> Roster:
    return Roster(
        tuple(cells),
        tuple(cells.values()),
        *words,
        table.page,
        table.passage,
        table.place,
        is_prior=is_prior,
        is_change=is_change,
        is_whole=is_whole,
    )


def pairs(table: Table) -> list[tuple[int, int]]:
    """Find the columns of one measure in an earlier and a later period."""
    measures: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for column, head in enumerate(table.heads):
        if _CHANGE.search(head) or _NO_VALUE.search(head):
            continue
        year = re.search(r"20\d\d", head)
        age = int(year.group()) if year else (-1 if _PRIOR.search(head) else _LATEST)
        rest = re.sub(r"\W", "", _NOW.sub("", _PRIOR.sub("", _YEAR.sub("", head))))
        measures[rest].append((age, column))
    found = [sorted(columns) for columns in measures.values()]
    paired = [(one[0][1], one[1][1]) for one in found if len(one) == 2 and one[0][0] != one[1][0]]
    alone = [one[0][1] for one in found if len(one) == 1]
    older = [column for column in alone if column and _is_of_one_before(table, column)]
    # 占比 and 上年: what the head of the earlier column leaves out stands before it
    return [*paired, *((column - 1, column)[::-1] for column in older if column - 1 in alone)]


def _is_of_one_before(table: Table, column: int) -> bool:
    """Say whether a column gives the earlier values of the one before it: 上年, or 上年指数 beside 综合指数."""
    name = _name_of_measure(table.heads[column])
    before = _BRACKET.sub("", table.heads[column - 1])
    return not name or (name != table.heads[column] and before != name and before.endswith(name))


def _name_of_measure(head: str) -> str:
    return re.sub(r"\W", "", _PRIOR.sub("", _BRACKET.sub("", head))) if _PRIOR.search(head) else head


def _rows(table: Table, section: str) -> Iterator[Roster]:
    """Give the rows of a table whose heads name things of one kind."""
    for row, label in enumerate(table.labels):
        cells = {
            head: table.cells[row, column]
            for column, head in enumerate(table.heads)
            if (row, column) in table.cells and not (_CHANGE.search(head) or _NO_VALUE.search(head))
        }
        kinds = Counter((m.kind, m.unit) for m in cells.values())
        most = kinds.most_common(1)[0][0] if kinds else ("", "")
        alike = {head: m for head, m in cells.items() if (m.kind, m.unit) == most}
        if len(alike) >= _FEWEST:
            yield _roster(alike, table, (label, section, "row"), is_whole=bool(WHOLE.match(label)))


# ------------------------------------------------------------------ changes


def _differences(old: Roster, new: Roster) -> Iterator[Roster]:
    """Give what changed from an earlier to a later roster: once in units, once in percent of the earlier."""
    before = dict(zip(old.names, old.mentions, strict=True))
    after = dict(zip(new.names, new.mentions, strict=True))
    both = {name: (before[name], m) for name, m in after.items() if name in before}
    if len(both) < 2:
        return
    words = f"{old.title}|{new.title}"
    base = replace(new, names=tuple(both), title=words, is_prior=False, is_change=True)
    yield replace(base, mentions=tuple(_less(a, b, 1.0) for a, b in both.values()))
    if all(a.value for a, _ in both.values()):
        yield replace(base, mentions=tuple(_less(a, b, 100 / abs(a.value)) for a, b in both.values()))


def _less(old: Mention, new: Mention, scale: float) -> Mention:
    return replace(new, value=round((new.value - old.value) * scale, 6), is_signed=True)


def _changes_between(found: Sequence[Roster]) -> Iterator[Roster]:
    """Give the changes between two lists of the same members near each other, one of them of an earlier period."""
    by_names: dict[frozenset[str], list[Roster]] = defaultdict(list)
    for one in found:
        if one.style in ("inline", "lines") and not one.is_change:
            by_names[frozenset(one.parts)].append(one)
    for alike in by_names.values():
        for old in (one for one in alike if one.is_prior):
            for new in (one for one in alike if not one.is_prior):
                is_near = abs(old.passage - new.passage) <= _AWAY
                if is_near and (old.kind, old.unit) == (new.kind, new.unit):
                    yield from _differences(old, new)


# ------------------------------------------------------------------ finding


class Rosters:
    """All rosters of a document, found by what a statement says."""

    def __init__(self, found: Iterable[Roster], sentences: Sequence[Sentence]) -> None:
        self._all = sorted(found, key=lambda one: one.passage)
        self._passages = [one.passage for one in self._all]
        self._headings = _Headings(sentences)
        by_word: dict[str, list[Roster]] = defaultdict(list)
        for one in self._all:
            for word in one.own_words | one.section_words | one.name_words:
                by_word[word].append(one)
        self._by_word = {word: listed for word, listed in by_word.items() if len(listed) <= _COMMON}

    def around(self, said: "Said", text: str = "") -> list[Roster]:
        """Give the rosters that stand near a statement, and those farther away that share a word with it."""
        at = bisect_right(self._passages, said.passage)
        near = self._all[max(0, at - _POOL) : at + _POOL]
        words = said.words | words_of(text)
        named = (one for word in sorted(words) for one in self._by_word.get(word, ()))
        return list({id(one): one for one in (*near, *named)}.values())

    def meant(self, fitting: Sequence[Roster], said: "Said") -> list[Roster]:
        """Give those of fitting rosters that a statement most likely speaks of.

        Notes
        -----
        First come those whose title shares most words with the statement's own words, then those whose section does,
        then those whose title or section the sentence before names, then the nearest.
        """
        ranked: dict[tuple[float, ...], list[Roster]] = defaultdict(list)
        for one in fitting:
            ranked[self._rank(one, said)].append(one)
        best = ranked[max(ranked)] if ranked else []
        # beside a column of totals its parts are not meant
        totals = {(one.passage, one.style) for one in best if one.is_whole}
        return [one for one in best if one.is_whole or (one.passage, one.style) not in totals]

    def _rank(self, one: Roster, said: "Said") -> tuple[float, ...]:
        own, before = said.words - one.name_words, said.before - one.name_words
        title, section = one.own_words - one.name_words, one.section_words - one.name_words
        steps = abs(said.passage - one.passage)
        near = 2 if steps <= _AWAY else 1 if steps <= 2 * _AWAY else 0
        return (
            len(own & title),
            len(own & section),
            len(before & (title | section)),
            self._headings.over(said.passage) == self._headings.over(one.passage),
            near,
        )


@dataclass(frozen=True)
class Said:
    """Where a statement stands and what words it has of its own and before it."""

    passage: int
    page: int
    words: frozenset[str]
    before: frozenset[str]

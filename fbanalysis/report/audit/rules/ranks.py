"""Ranks: 排第四位 against the list that it is said of, a column of ranks against the numbers beside it, 提升最快."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from fbanalysis.report.audit.claims.claims import DOWN, Sentence, Table, quote_row
from fbanalysis.report.audit.claims.series import Series, Shelf
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.numerals import read_numeral
from fbanalysis.report.audit.rules.attainment import is_less_better
from fbanalysis.report.audit.rules.rounding import show

_PLACED = re.compile(r"(?:排名|排在|排|位列|位居|名列|列|居|处于)[^，。；;]{0,8}$")
_GROUP = re.compile(r"(?P<count>\d+|[二两三四五六七八九十]+)(?:个|家|项|类|大|店|名|所|条|种|区|省|市|县)")
_OUTSIDE = re.compile(
    r"全国|全省|全市|全县|全球|行业|同行|同业|可比|对标|同类|亚洲|世界|集团内|省内|市内|国内|运营商"
)
_RANK_HEAD = re.compile(r"^(?:排名|名次|位次|排序|序位|名列)$")
_OTHER_HEAD = re.compile(r"排名|名次|位次|序号|变化|同比|环比|增|升|降|上年|去年|目标|^[上前]")
_FASTEST = re.compile(
    r"(?:(?P<size>升幅|增幅|涨幅|降幅|跌幅|增速|增量)|(?P<verb>提升|提高|增长|上升|上涨|增加|改善|进步|下降|下滑|回落|降低|减少))"
    r"(?:幅度)?(?:均)?(?:最(?:快|大|多|高|明显|显著|为明显|为显著)|居首|排第一)"
)
_ENDS = re.compile(r"[。；;！？\n]")
_FEWEST = 3


def find_false_ranks(sentence: Sentence, shelf: Shelf) -> Iterator[Finding]:
    """Check every stated rank, and every 提升最快, against the lists near it."""
    for mention in sentence.mentions:
        if mention.kind == "rank" and mention.value is not None:
            yield from _check_rank(sentence, mention, shelf)
    for match in _FASTEST.finditer(sentence.text):
        yield from _check_fastest(sentence, match, shelf)


def _check_rank(sentence: Sentence, rank: Mention, shelf: Shelf) -> Iterator[Finding]:
    start = rank.start - sentence.offset
    clause = re.split(r"[。；;！？\n]", sentence.text[max(0, start - 50) : start])[-1]
    if not _PLACED.search(clause) or _OUTSIDE.search(clause) or abs(rank.value) > 30:
        return
    printed = [c for c in sentence.claims if start - len(clause) <= c.start < start]
    found = [
        (one, name, _rank(one, name))
        for one in shelf.near(sentence.passage, sentence.page)
        if (name := _subject(one, clause, sentence.text[:start])) and _is_meant(one, name, clause, printed)
    ]
    shown = [c.value for c in printed]
    found = [it for it in found if it[0].parts[it[1]].value in shown] or found
    if not found or any(_agrees(rank.value, places, one) for one, _, places in found):
        return
    one, name, (falling, _) = found[0]
    value = one.parts[name].text
    yield Finding(
        sentence.place,
        _quote(sentence, start),
        "最高级",
        f"{value}（{rank.text}）",
        f"第{falling}位",
        "矛盾",
        f"{name} {value} 在「{'、'.join(f'{key} {m.text}' for key, m in one.parts.items())}」里由高到低排第 {falling}，"
        f"写作{rank.text}",
    )


def _subject(series: Series, clause: str, before: str) -> str:
    """Find whom a rank is said of: the last member of a list that the clause names, else the sentence."""
    names = [
        name for name in series.named_in(clause) or series.named_in(before[-90:]) if name in series.parts
    ]
    return names[0] if len(set(names)) == 1 else (names[-1] if names else "")


def _is_meant(series: Series, name: str, clause: str, printed: Sequence) -> bool:
    """Say whether a list is the one that a rank speaks of: as long as said, and with the value printed beside."""
    if series.style == "row" or len(series.parts) < _FEWEST or "排" in series.words[-4:]:
        return False
    group = _GROUP.search(clause)
    if group and not _counts(group["count"], len(series.parts)):
        return False
    values = [c.value for c in printed if c.mention.kind == series.mentions[0].kind]
    is_printed = series.parts[name].value in values
    return is_printed or bool(group) or series.speaks(clause)


def _counts(word: str, length: int) -> bool:
    read = (int(word), 1) if word.isdecimal() else read_numeral("二" if word == "两" else word)
    return bool(read) and int(read[0]) == length


def _rank(series: Series, name: str) -> tuple[int, int]:
    value = series.parts[name].value
    above = sum(m.value > value for m in series.parts.values())
    below = sum(m.value < value for m in series.parts.values())
    return above + 1, below + 1


def _agrees(said: float, places: tuple[int, int], series: Series) -> bool:
    falling, rising = places
    if said < 0:
        return -said in (rising, falling)
    return said == falling or (said == rising and is_less_better(series.words))


def _quote(sentence: Sentence, at: int) -> str:
    return (
        sentence.text.strip()
        if len(sentence.text) <= 160
        else sentence.text[max(0, at - 60) : at + 40].strip()
    )


def _check_fastest(sentence: Sentence, match: re.Match[str], shelf: Shelf) -> Iterator[Finding]:
    before = _ENDS.split(sentence.text[max(0, match.start() - 40) : match.start()])[-1]
    before = re.split(r"[，,]", before)[-1]
    behind = sentence.text[match.end() : match.end() + 16]
    way = -1 if re.search(DOWN, match.group()) else 1
    judged = []
    for one in shelf.near(sentence.passage, sentence.page):
        names = one.named_in(before) or (one.named_in(behind) if behind[:1] in "的是为" else [])
        names = [name for name in names if name in one.parts]
        if one.style == "change" and len(names) == 1 and len(one.parts) >= _FEWEST:
            judged.append((one, names[0], _beaten_by(one, names[0], way)))
    if judged and all(better for _, _, better in judged):
        one, name, better = judged[0]
        own, best = one.values[name], one.values[better]
        yield Finding(
            sentence.place,
            _quote(sentence, match.start()),
            "最高级",
            f"{name} {show(own, 2)}",
            f"{better} {show(best, 2)}",
            "矛盾",
            f"「{match.group()}」说的是 {name}（变化 {show(own, 2)}），同一表里 {better} 变化 {show(best, 2)}",
        )


def _beaten_by(series: Series, name: str, way: int) -> str:
    best = max(series.parts, key=lambda key: way * series.values[key])
    return best if way * (series.values[best] - series.values[name]) > 1e-9 else ""


def find_rank_disorder(table: Table) -> Iterator[Finding]:
    """Check a column of ranks against the first column of amounts: the better rank has the greater one."""
    ranks = next((c for c, head in enumerate(table.heads) if _RANK_HEAD.match(head.strip())), None)
    if ranks is None:
        return
    others = [c for c, head in enumerate(table.heads) if c != ranks and not _OTHER_HEAD.search(head)]
    full = [c for c in others if all((row, c) in table.cells for row in table.column(ranks))]
    faults = [_inversions(table, ranks, column) for column in full]
    if not faults or not all(faults):
        return
    fewest = min(faults, key=len)
    if 2 * len(fewest) < len(table.column(ranks)):
        yield from _rank_findings(table, ranks, full[faults.index(fewest)], fewest)


def _inversions(table: Table, ranks: int, column: int) -> list[tuple[int, int]]:
    """List the neighbours in rank whose amounts go the other way than most."""
    cells = table.column(ranks)
    rows = sorted(cells, key=lambda row: cells[row].value)
    values = table.column(column)
    steps = [(a, b, values[b].value - values[a].value) for a, b in pairwise(rows)]
    rising = [(a, b) for a, b, step in steps if step > 0]
    falling = [(a, b) for a, b, step in steps if step < 0]
    return min(rising, falling, key=len)


def _rank_findings(
    table: Table, ranks: int, column: int, pairs: Sequence[tuple[int, int]]
) -> Iterator[Finding]:
    for first, second in pairs:
        one, other = table.cells[first, column], table.cells[second, column]
        yield Finding(
            table.place,
            f"{quote_row(table, first)}；{quote_row(table, second)}",
            "最高级",
            other.text,
            f"第 {show(table.cells[first, ranks].value)} 位",
            "矛盾",
            f"{table.labels[second]} {other.text} 与 {table.labels[first]} {one.text} 的先后和排名列不符",
        )

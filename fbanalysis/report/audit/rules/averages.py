"""Means of what is listed: 四大区简单平均, a row 平均, and a column 全省 beside the columns of its parts."""

import re
from collections.abc import Iterator, Sequence

from fbanalysis.report.audit.claims.claims import KNOWN_HEADS, Sentence, Table, quote_row
from fbanalysis.report.audit.claims.series import WHOLE, Series, Shelf
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.numerals import read_numeral
from fbanalysis.report.audit.rules.rounding import Verdict, judge, show_like, span

_MEAN = re.compile(
    r"(?P<plain>简单|算术)?(?P<word>平均|均值|均分|季均|季度均值|月均)(?:得分|分数|分值|满意度|满意率|评分|成绩|水平|值|数|分)?(?:达到?|为|是|仅|约|[：:\s])*$"
)
#: 人均, 日均 and 平均每场 divide a total; 高于平均 compares with another mean.
_OTHER_MEAN = re.compile(
    r"[人户日周年次场件单店车机][平]?均$|平均每|(?:高于|低于|超过|达到|好于|优于|不及|比|较)[^，。；,;]{0,12}$|加权|行业|全国|全省|全市|同业|上年|去年"
)
_GROUP = re.compile(
    r"(?P<count>\d+|[两二三四五六七八九十]+)(?:个|家|项|类|大|组|批|次|店|期|名|轮|条|季|区|科|月)"
)
_MEAN_ROW = re.compile(r"^(?:简单|算术)?(?:平均|均值|平均值|平均分|均分)$")
_NO_MEMBER = re.compile(
    r"目标|计划|变化|同比|环比|增|差|上年|去年|今年|本年|排名|占比|样本|权重|20\d\d|达成|完成|实际"
)
_MEASURES = re.compile(f"(?:{KNOWN_HEADS}|率|数)$")
_GROUPING = frozenset("个家项类大组批次店期名轮条季区科")
_STATES = ("", "to", "actual")
_NEAR, _APART = 120, 46
_WHOLE_SUM = 1.0


def find_false_means(sentence: Sentence, shelf: Shelf) -> Iterator[Finding]:
    """Check every mean that a sentence states of a list before it, or of one near by that is as long as said."""
    for place, claim in enumerate(sentence.claims):
        words = sentence.text[max(0, claim.start - 24) : claim.start]
        match = _MEAN.search(re.split(r"[，。；,;：:、]", words)[-1])
        if match is None or claim.mention.kind not in ("number", "percent") or claim.mention.bound:
            continue
        lead = words[: len(words) - len(match.group())]
        if _OTHER_MEAN.search(lead + match["word"]) or _OTHER_MEAN.search(lead):
            continue
        group = _GROUP.search(re.split(r"[，。；,;：:、]", lead)[-1])
        parts = _listed_before(sentence, place, group) or _listed_near(sentence, claim.mention, group, shelf)
        if parts:
            yield from _check(sentence, claim.mention, parts, is_plain=bool(match["plain"]))


def _size(group: re.Match[str] | None) -> int:
    if group is None:
        return 0
    if group["count"].isdecimal():
        return int(group["count"])
    read = read_numeral("二" if group["count"] == "两" else group["count"])
    return int(read[0]) if read else 0


def _listed_before(sentence: Sentence, place: int, group: re.Match[str] | None) -> list[Mention]:
    """Give the numbers of one kind right before a mean; as many as the words say, where they say it."""
    mean = sentence.claims[place].mention
    parts: list[Mention] = []
    start = sentence.claims[place].start
    for claim in reversed(sentence.claims[:place]):
        gap = sentence.text[claim.end : start]
        if not parts and not _alike(claim.mention, mean) and claim.unit in _GROUPING:
            continue
        if not _alike(claim.mention, mean) or len(gap) > _APART or re.search("[。；;！？\n]|^[—–~～-]$", gap):
            break
        if claim.role not in _STATES:
            break
        parts.append(claim.mention)
        start = claim.start
    said = _size(group)
    is_list = len(parts) >= 2 and (not said or said == len(parts))
    return parts if is_list else []


def _alike(part: Mention, mean: Mention) -> bool:
    return part.kind == mean.kind and (part.unit == mean.unit or {part.unit, mean.unit} <= {"", "分", "点"})


def _listed_near(
    sentence: Sentence, mean: Mention, group: re.Match[str] | None, shelf: Shelf
) -> list[Mention]:
    said = _size(group)
    if said < 2:
        return []
    for one in shelf.near(sentence.passage, sentence.page):
        if one.style in ("list", "inline", "column") and len(one.parts) == said and _is_level(one, mean):
            return list(one.parts.values())
    return []


def _is_level(series: Series, mean: Mention) -> bool:
    """Say whether a mean is of a list's size: within half and double of its members."""
    values = [m.value for m in series.parts.values()]
    return _alike(series.mentions[0], mean) and min(values) / 2 <= mean.value <= max(values) * 2


def _check(
    sentence: Sentence, mean: Mention, parts: Sequence[Mention], *, is_plain: bool
) -> Iterator[Finding]:
    verdict = judge(lambda *v: sum(v) / len(v), [span(part) for part in parts], span(mean))
    if not verdict.severity or max(m.value for m in parts) > 3 * max(mean.value, 1e-9):
        return
    severity = verdict.severity if is_plain or _is_beyond(mean, parts) else "可能"
    start = mean.start - sentence.offset
    text = sentence.text.strip()
    yield Finding(
        sentence.place,
        text if len(text) <= 160 else sentence.text[max(0, start - 100) : start + 40].strip(),
        "平均数",
        mean.text,
        show_like(verdict.value, mean),
        severity,
        _explain(verdict, mean, parts),
    )


def _explain(verdict: Verdict, mean: Mention, parts: Sequence[Mention]) -> str:
    listed = "、".join(part.text for part in reversed(parts))
    beyond = "，且不在各数之间，怎样加权都得不到" if _is_beyond(mean, parts) else ""
    return f"{listed} 的简单平均是 {show_like(verdict.value, mean)}，印作 {mean.text}{beyond}"


def _is_beyond(mean: Mention, parts: Sequence[Mention]) -> bool:
    values = [part.value for part in parts]
    return not min(values) - mean.step <= mean.value <= max(values) + mean.step


# ------------------------------------------------------------------ tables


def find_mean_rows(table: Table, shelf: Shelf) -> Iterator[Finding]:
    """Check a table's row of means, and a column that is the whole of the columns beside it."""
    yield from _check_mean_row(table)
    yield from _check_whole_column(table, shelf)


def _check_mean_row(table: Table) -> Iterator[Finding]:
    rows = [row for row, label in enumerate(table.labels) if _MEAN_ROW.match(label.strip())]
    if len(rows) != 1:
        return
    found = [_mean_of_column(table, rows[0], column) for column in range(len(table.heads))]
    judged = [one for one in found if one is not None]
    some_fit = any(not verdict.severity for _, _, verdict in judged)
    for mean, parts, verdict in judged:
        if verdict.severity:
            hard = some_fit or _is_beyond(mean, parts)
            yield _row_finding(
                table, rows[0], mean, parts, verdict, severity=verdict.severity if hard else "可能"
            )


def _mean_of_column(table: Table, row: int, column: int) -> tuple[Mention, list[Mention], Verdict] | None:
    cells = table.column(column)
    parts = [cell for at, cell in cells.items() if at != row and not WHOLE.match(table.labels[at])]
    if (
        row not in cells
        or cells[row].is_signed
        or len(parts) < 2
        or any(part.kind != cells[row].kind for part in parts)
    ):
        return None
    if _is_beyond(cells[row], parts) and max(p.value for p in parts) * 1.5 < cells[row].value:
        return None
    return cells[row], parts, judge(lambda *v: sum(v) / len(v), [span(p) for p in parts], span(cells[row]))


def _row_finding(
    table: Table, row: int, mean: Mention, parts: Sequence[Mention], verdict: Verdict, *, severity: str
) -> Finding:
    return Finding(
        table.place,
        quote_row(table, row),
        "平均数",
        mean.text,
        show_like(verdict.value, mean),
        severity,
        _explain(verdict, mean, parts[::-1]),
    )


def _check_whole_column(table: Table, shelf: Shelf) -> Iterator[Finding]:
    """全省 beside 城区, 县城, 农村: among them where it is a mean, their sum where it is one, in every row alike."""
    wholes = [c for c, head in enumerate(table.heads) if WHOLE.match(head) and not _MEASURES.search(head[2:])]
    parts = [c for c, h in enumerate(table.heads) if c not in wholes and not _NO_MEMBER.search(h)]
    if len(wholes) != 1 or len(parts) < 2 or any(_MEASURES.search(table.heads[c]) for c in parts):
        return
    rows = {row: _row_parts(table, row, wholes[0], parts) for row in range(len(table.labels))}
    full = {row: cells for row, cells in rows.items() if cells is not None}
    sums = {row for row, (whole, cells) in full.items() if _is_sum(whole, cells)}
    among = {row for row, (whole, cells) in full.items() if row not in sums and not _is_beyond(whole, cells)}
    odd = sorted(set(full) - sums - among)
    if len(sums) > max(len(among), len(odd)):
        yield from (_sum_finding(table, row, *full[row]) for row in sorted(set(full) - sums))
    elif len(among) > max(len(sums), len(odd)):
        yield from (_among_finding(table, row, *full[row], shelf, parts) for row in odd)


def _row_parts(
    table: Table, row: int, whole: int, parts: Sequence[int]
) -> tuple[Mention, list[Mention]] | None:
    cells = [table.cells.get((row, column)) for column in (whole, *parts)]
    if any(cell is None or cell.is_signed for cell in cells) or len({cell.kind for cell in cells}) > 1:
        return None
    return cells[0], cells[1:]


def _is_sum(whole: Mention, parts: Sequence[Mention]) -> bool:
    return not judge(lambda *v: sum(v), [span(part) for part in parts], span(whole)).severity


def _sum_finding(table: Table, row: int, whole: Mention, parts: Sequence[Mention]) -> Finding:
    total = show_like(sum(part.value for part in parts), whole)
    added = "＋".join(part.text for part in parts)
    said = f"{added}＝{total}，印作 {whole.text}；其余各行都是分项之和"
    return Finding(table.place, quote_row(table, row), "分项合计", whole.text, total, "矛盾", said)


def _among_finding(
    table: Table, row: int, whole: Mention, parts: Sequence[Mention], shelf: Shelf, columns: Sequence[int]
) -> Finding:
    bounds = f"{min(p.value for p in parts):g}–{max(p.value for p in parts):g}"
    expected = _weighted(table, parts, shelf, columns)
    shown = f"约 {show_like(expected, whole)}" if expected is not None else f"在 {bounds} 之间"
    said = f"{table.labels[row]}的{whole.text}不在各部分的 {bounds} 之间，怎样加权都得不到"
    return Finding(table.place, quote_row(table, row), "加权平均", whole.text, shown, "矛盾", said)


def _weighted(table: Table, parts: Sequence[Mention], shelf: Shelf, columns: Sequence[int]) -> float | None:
    """Compute the mean by weights that the text prints for the parts, where it does."""
    heads = [table.heads[column] for column in columns]
    for one in shelf.near(table.passage, table.page):
        if (
            one.is_percent
            and set(heads) <= set(one.names)
            and abs(sum(one.values[h] for h in heads) - 100) <= _WHOLE_SUM
        ):
            return sum(one.values[h] / 100 * p.value for h, p in zip(heads, parts, strict=True))
    return None

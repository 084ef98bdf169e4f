"""Statements that share a base: shares against the counts of a table, a count and its share against a third count."""

import re
from collections.abc import Iterator, Mapping, Sequence

from fbanalysis.report.audit.claims.claims import Claim, Sentence, Table
from fbanalysis.report.audit.claims.runs import Item, Run
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.rounding import show, span
from fbanalysis.report.audit.rules.tables import lay_out

_SIZE = re.compile(r"样本|人数|份数|件数|数量|^[nN]$")
_REACHED = re.compile(r"(?:影响|涉及|波及|覆盖|惠及)(?:了|到|约|近|直接|的|范围|\s)*$")
_WHO = re.compile(r"^的?[\u4e00-\u9fff]{0,4}?(客户|用户|员工|企业|居民|学生|患者|商户|家庭|社区|门店)")
#: Two words for those whom a company serves.
_SAME_PEOPLE = {"用户": "客户", "商户": "客户"}
#: So many tables are compared with statements elsewhere; a longer report names more, and time must not grow with their square.
_MOST_TABLES = 200
_WHOLE_SLACK = 3.0
_LETTERS = 2
_FEWEST = 2
_CATEGORY = re.compile(
    r"([\u4e00-\u9fff]{2,4}?)(?:相关|类|方面)的?(?:问题|投诉|诉求|建议|反馈|意见)[^，。；,;]{0,8}$"
)
_LEADS = re.compile(r"占据主导|占主导|居首|首位|最多|最为集中|第一")


def find_base_conflicts(
    sentences: Sequence[Sentence], runs: Sequence[Run], tables: Sequence[Table]
) -> Iterator[Finding]:
    """Compare statements that share a base, over the whole document."""
    yield from _shares_against_counts(sentences, runs, tables)
    yield from _implied_bases(sentences)
    yield from _leading_categories(sentences, runs)


# ------------------------------------------------------------------ shares of N, and a table of N


def _shares_against_counts(
    sentences: Sequence[Sentence], runs: Sequence[Run], tables: Sequence[Table]
) -> Iterator[Finding]:
    counts = [(total, parts) for table in tables for total, parts in _size_columns(table)][:_MOST_TABLES]
    if not counts:
        return
    printed: Mapping[int, set[float]] = _counts_by_passage(sentences)
    for run in runs:
        if run.style != "inline" or run.kind != "percent" or abs(sum(run.values) - 100) > _WHOLE_SLACK:
            continue
        for total, parts in counts:
            if total.value in printed.get(run.passage, set()):
                yield from _compare(run, total, parts)


def _size_columns(table: Table) -> Iterator[tuple[Mention, Mapping[str, Mention]]]:
    layout = lay_out(table)
    if layout is None:
        return
    for column, head in enumerate(table.heads):
        if _SIZE.search(head) and layout.is_full(column):
            yield (
                table.cells[layout.total, column],
                {table.labels[row]: table.cells[row, column] for row in layout.parts},
            )


def _counts_by_passage(sentences: Sequence[Sentence]) -> Mapping[int, set[float]]:
    printed: dict[int, set[float]] = {}
    for sentence in sentences:
        printed.setdefault(sentence.passage, set()).update(
            c.value for c in sentence.claims if c.mention.kind == "number" and c.value >= 30
        )
    return printed


def _compare(run: Run, total: Mention, parts: Mapping[str, Mention]) -> Iterator[Finding]:
    pairs = list(_pairs(run.items, parts))
    if len(pairs) < _FEWEST:
        return
    off = [
        (item, count)
        for item, count in pairs
        if abs(count.value / total.value * 100 - item.mention.value) > item.mention.step
    ]
    if len(off) * 2 > len(pairs):
        shares = "、".join(
            f"{item.label} {item.mention.text} 与 {count.text}÷{total.text}＝{show(count.value / total.value * 100)}%"
            for item, count in pairs
        )
        yield Finding(
            run.place,
            run.quoted,
            "份额与样本",
            " / ".join(item.mention.text for item, _ in pairs),
            " / ".join(f"{show(count.value / total.value * 100)}%" for _, count in pairs),
            "可能",
            f"同一总数 {total.text} 的两处划分不合：{shares}；若两处分类不同，应写明",
        )


def _pairs(items: Sequence[Item], parts: Mapping[str, Mention]) -> Iterator[tuple[Item, Mention]]:
    """Pair the names of two divisions that begin alike, where only one name does."""
    for item in items:
        alike = [count for label, count in parts.items() if label[:_LETTERS] == item.label[:_LETTERS] != ""]
        if len(alike) == 1:
            yield item, alike[0]


# ------------------------------------------------------------------ k are x %: the base, and a greater count


def _implied_bases(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    shares, counts = _reached(sentences)
    counts = list({c.value: (s, c, who) for s, c, who in reversed(counts)}.values())[-_MOST_TABLES:]
    for sentence, share, who in shares:
        near = [
            (_apart(sentence, share, s, c), c)
            for s, c, whom in counts
            if whom == who and s.passage == sentence.passage
        ]
        if not near or not share.value:
            continue
        count = min(near, key=lambda pair: pair[0])[1]
        low = span(share.mention).wide[0]
        base = count.value / (max(low, 0.1) / 100)
        above = [(s, c) for s, c, whom in counts if whom == who and c.value > base and c.value != count.value]
        for other_sentence, other in above[:1]:
            middle = show(count.value / share.value * 100, 0)
            yield Finding(
                other_sentence.place,
                other_sentence.around(other),
                "基数",
                f"{count.text} / {share.text} / {other.text}",
                f"不多于 {show(base, 0)}",
                "可能",
                f"{count.text}是{share.text}，全部约 {middle}（至多 {show(base, 0)}），而另一处有 {other.text}；若单位不同，应写明",
            )


def _apart(sentence: Sentence, share: Claim, other_sentence: Sentence, count: Claim) -> int:
    return abs(sentence.offset + share.start - other_sentence.offset - count.start)


def _reached(
    sentences: Sequence[Sentence],
) -> tuple[list[tuple[Sentence, Claim, str]], list[tuple[Sentence, Claim, str]]]:
    """List what is said to be reached or affected: as a share of whom, and as a count of whom."""
    shares, counts = [], []
    for sentence in sentences:
        for claim in sentence.claims:
            match = _WHO.match(sentence.text[claim.end : claim.end + 12])
            if match is None or not _REACHED.search(claim.lead):
                continue
            who = _SAME_PEOPLE.get(match[1], match[1])
            if claim.is_percent:
                shares.append((sentence, claim, who))
            elif claim.mention.kind == "number":
                counts.append((sentence, claim, who))
    return shares, counts


# ------------------------------------------------------------------ what leads, and a table elsewhere


def _leading_categories(sentences: Sequence[Sentence], runs: Sequence[Run]) -> Iterator[Finding]:
    """功能类问题占据主导, while a table of the document has two greater rows."""
    columns = [run for run in runs if run.style == "column" and len(run.items) >= 3 and run.kind == "number"][
        :_MOST_TABLES
    ]
    for sentence in sentences if columns else ():
        for match in _LEADS.finditer(sentence.text):
            category = _CATEGORY.search(sentence.text[max(0, match.start() - 24) : match.start()])
            if category is None:
                continue
            stem = category[1][-2:]
            for run in columns:
                named = [item for item in run.items if item.label.startswith(stem)]
                greatest = max(run.items, key=lambda item: float(item.mention.value))
                if len(named) == 1 and float(named[0].mention.value) < float(greatest.mention.value):
                    yield _leading_finding(sentence, match, run, named[0], greatest)
                    break


def _leading_finding(
    sentence: Sentence, match: re.Match[str], run: Run, item: Item, greatest: Item
) -> Finding:
    place = sorted(-float(other.mention.value) for other in run.items).index(-float(item.mention.value)) + 1
    return Finding(
        sentence.place,
        sentence.text[max(0, match.start() - 40) : match.end() + 30].strip(),
        "最高级",
        f"{item.label} {item.mention.text}",
        f"{greatest.label[-12:]} {greatest.mention.text}",
        "可能",
        f"「{match.group()}」说的是这一类，{run.place} 的表里 {item.label} {item.mention.text} 只居第 {place}；若分类不同，应写明",
    )

"""Says what is wrong with a passage that is not what should stand at its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.ours.aligning import Pair
from fbanalysis.report.audit.ours.expected import FIGURE, Line, Piece, Section
from fbanalysis.report.audit.ours.printed import Entry, squeezed
from fbanalysis.report.audit.ours.resolving import mentions
from fbanalysis.report.words import find_words

_SUPERLATIVES = ("最高", "最低", "最多", "最少", "最大", "最小", "第一", "首位", "居首", "领先", "垫底")
#: Kinds of lines in which no element can stand.
_KEYLESS = ("alt", "label", "hidden")
_HARD, _SOFT = "矛盾", "可能"

#: Kind of number → name of the rule that it breaks when another one stands in its place.
_RULES = {"year": "年份", "date": "日期", "month": "日期", "quarter": "日期", "time": "日期", "rank": "名次"}


def differences(pair: Pair, *, ledger: Mapping[str, Entry]) -> Iterator[Finding]:
    """Compare a passage with its line: each number that differs is one finding, and so are changed words."""
    line, text, place = pair.line, pair.passage.text, pair.passage.place
    wanted, found = mentions(line.text), mentions(text)
    changed = list(_changed(wanted, found))
    for old, new in changed:
        key = _key_at(line.pieces, old) if old else next(iter(line.keys), "")
        yield Finding(
            place,
            text,
            _rule(old, new),
            new.text if new else "（没有了）",
            old.text if old else "（这里没有数）",
            _HARD,
            _explained(line, old, new, ledger.get(key)),
            key,
        )
    if not changed:
        yield _reworded(line, text, place)


def _changed(
    wanted: Sequence[Mention], found: Sequence[Mention]
) -> Iterator[tuple[Mention | None, Mention | None]]:
    """Give the numbers that differ: what should stand there, and what does."""
    texts = [squeezed(one.text) for one in wanted], [squeezed(one.text) for one in found]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag != "equal":
            for k in range(max(i2 - i1, j2 - j1)):
                old = wanted[i1 + k] if i1 + k < i2 else None
                new = found[j1 + k] if j1 + k < j2 else None
                yield old, new


def _key_at(pieces: Sequence[Piece], mention: Mention) -> str:
    start = 0
    for piece in pieces:
        end = start + len(piece.text)
        if piece.key and start < mention.end and mention.start < end:
            return piece.key
        start = end
    return ""


def _rule(old: Mention | None, new: Mention | None) -> str:
    """Name what was changed: the kind of number, its unit, its sign, or its value."""
    if old is None or new is None:
        return "无记录" if new else "缺数"
    if old.kind in _RULES or new.kind in _RULES:
        return _RULES.get(old.kind) or _RULES[new.kind]
    if {old.kind, new.kind} == {"percent", "points"}:
        return "百分点"
    if None not in (old.value, new.value) and old.value == -new.value != 0 and old.unit == new.unit:
        return "正负号"
    if old.value == new.value and old.unit != new.unit:
        return "单位"
    return "数值"


def _explained(line: Line, old: Mention | None, new: Mention | None, entry: Entry | None) -> str:
    said = f"这里应为「{line.text}」"
    if old is None:
        return f"{said}，没有「{new.text}」这个数，账本也没有为它留记录。"
    seen = f"「{new.text}」" if new else "没有数"
    if entry is None:
        return f"{said}：「{old.text}」变成了{seen}。"
    return f"{said}：记录 {entry.key} 印作「{entry.printed}」，这里写「{old.text}」，文件里是{seen}。"


def _reworded(line: Line, text: str, place: str) -> Finding:
    """Tell of changed words: a name, a superlative, or the sentence."""
    old, new = _changed_words(squeezed(line.text), squeezed(text))
    around = f"{old}{new}"
    rule = (
        "最高级"
        if any(word in _around(line.text, old) or word in around for word in _SUPERLATIVES)
        else "句子改动"
    )
    if (line.row == "" and line.kind in ("cell", "label", "chart")) or _is_name(old):
        rule = "层名" if rule == "句子改动" else rule
    explanation = f"这里应为「{line.text}」：「{old or '（空）'}」变成了「{new or '（空）'}」，数与名不再是同一条记录的。"
    return Finding(
        place, text, rule, new or text, old or line.text, _HARD, explanation, next(iter(line.keys), "")
    )


def _changed_words(old: str, new: str) -> tuple[str, str]:
    """Give what differs between two texts, their common beginning and end left out."""
    start = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    rest = min(len(old), len(new)) - start
    tails = zip(old[::-1][:rest], new[::-1][:rest], strict=False)
    end = next((i for i, (a, b) in enumerate(tails) if a != b), rest)
    return old[start : len(old) - end], new[start : len(new) - end]


def _around(text: str, part: str) -> str:
    """Give a part of a text with the word behind it."""
    at = squeezed(text).find(part)
    return squeezed(text)[at : at + len(part) + 3] if part and at >= 0 else ""


def _is_name(text: str) -> bool:
    return bool(re.search("(部|客户|员工|管理者|领导|满意度|评价|渠道|问题)$", text))


def stored_differences(pair: Pair, *, has_keys: bool = False) -> Iterator[Finding]:
    """Compare what a cell or a point stores with what it should, and the records behind its numbers.

    ``has_keys`` says that every record's number of such a file carries its key.
    """
    line, passage = pair.line, pair.passage
    if line.value is not None and passage.value is not None and not _same(line.value, passage.value):
        key = next(iter(line.keys), "")
        text = f"单元格存的是 {passage.value:.12g}，应为 {line.value:.12g}（{line.row} · {line.column}）。"
        yield Finding(
            passage.place,
            passage.text,
            "数值",
            f"{passage.value:.12g}",
            f"{line.value:.12g}",
            _HARD,
            text,
            key,
        )
    keys = tuple(key for _, _, key in passage.keys)
    # an entry of the list of figures is a link as a whole, in which no number can be one
    is_keyless = line.kind in _KEYLESS or (bool(line.pieces) and line.pieces[0].rule == FIGURE)
    is_bare = not keys and (is_keyless or not has_keys)
    if keys != line.keys and not is_bare:
        both = zip_longest(keys, line.keys, fillvalue="（没有）")
        wrong = next((a, b) for a, b in both if a != b)
        text = f"这里的数应带记录 {wrong[1]}，文件里带的是 {wrong[0]}：点开会看到别的来历。"
        yield Finding(
            passage.place, passage.text, "来历", str(wrong[0]), str(wrong[1]), _HARD, text, str(wrong[1])
        )


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1e-12)


def unexpected(pair: Pair, *, ledger: Mapping[str, Entry]) -> Iterator[Finding]:
    """Tell of a passage that stands where the story has nothing: its numbers are some record's, or nobody's."""
    text, place = pair.passage.text, pair.passage.place
    found = mentions(text)
    if not found:
        yield from _moved(pair)
        return
    keys = dict.fromkeys(key for line in pair.section.lines for key in line.keys)
    forms = {form: key for key in keys if key in ledger for form in ledger[key].forms}
    known = [forms.get(squeezed(one.text), "") for one in found]
    printed = "、".join(one.text for one in found)
    if all(known):
        said = f"报告在这里没有这句话；它的数是这一处记录里的（{known[0]}），句子却是改过的或多出来的。"
        yield Finding(place, text, "句子改动", printed, "（没有这一句）", _HARD, said, known[0])
    else:
        lost = "、".join(one.text for one, key in zip(found, known, strict=True) if not key)
        said = f"报告在这里没有这句话，账本里也没有它的数 {lost}。"
        yield Finding(place, text, "无记录", lost, "（没有这一句）", _HARD, said)


def _moved(pair: Pair) -> Iterator[Finding]:
    """Tell of a passage without numbers: a name at another's place, or words that nobody wrote for it."""
    names = {squeezed(line.text) for line in pair.section.lines if not mentions(line.text)}
    text, place = pair.passage.text, pair.passage.place
    if any(character.isdigit() for character in text):
        said = "报告在这里没有这句话：它是改过的，或多出来的。"
        yield Finding(place, text, "句子改动", text, "（没有这一句）", _HARD, said)
    elif squeezed(text) in names and len(text) > 1:
        said = f"「{text}」不该在这里：名字换了位置，旁边的数就成了别人的。"
        yield Finding(place, text, "层名", text, "（别处的名字）", _HARD, said)
    else:
        strong = find_words(text)
        said = f"报告在这里没有「{text}」" + (f"，「{strong[0]}」也没有检验可凭。" if strong else "。")
        hardness = _HARD if strong else _SOFT
        yield Finding(place, text, "多出的文字", text, "（没有这一句）", hardness, said)


def missing(pair: Pair) -> Finding:
    """Tell of a line that no passage says; one with records, or a stored number, is a contradiction."""
    line, key = pair.line, next(iter(pair.line.keys), "")
    said = f"「{line.text}」应在这里，文件里没有。"
    hardness = _HARD if key or line.value is not None else _SOFT
    return Finding(where(pair.section), line.text, "缺少的文字", "（没有）", line.text, hardness, said, key)


def missing_section(lost: Sequence[Pair]) -> Finding:
    """Tell of a slide, a sheet or a section of which nothing is there, given all its lines."""
    section = lost[0].section
    title = next((pair.line.text for pair in lost if pair.line.kind == "title"), lost[0].line.text)
    said = f"{where(section)}「{title}」整个不在文件里，少了 {len(lost)} 处文字。"
    return Finding(where(section), title, "缺少整页", "（没有）", title, _HARD, said)


def where(section: Section) -> str:
    """Say where a section should stand."""
    return f"第 {section.page} 页" if section.page else section.name

"""Superlatives, rankings and sweeping words against the numbers they stand beside."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from fbanalysis.report.audit.claims.claims import DOWN, UP, Claim, Sentence
from fbanalysis.report.audit.claims.runs import Item, Run
from fbanalysis.report.audit.claims.series import WHOLE
from fbanalysis.report.audit.findings import Finding

_WIDE = re.compile(
    r"(?:影响)?(?:面|范围|涉及面|规模)?(?:都|均)?(?:较|比较|相对较|非常|十分)(?:广泛?|大|多|高)"
)
_SMALL = re.compile(r"相对较(?:小|低|少|短)|(?:都|均)?较(?:小|低|少|短)")
#: Letters around a word in which its enumeration is looked for, and how many at most.
_REACH = 240
_MOST_NEAR = 40
_NEAR = 90
_ALL_UP = re.compile(
    r"(?:(?<!平)均|(?<!首)都|全部|全面|普遍|各项[^，。]{0,6}皆)(?:有所|呈现?|实现了?|保持|取得|出现)?[^，。；0-9]{0,6}?(?:(?P<up>正?增长|提升|上升|提高|正向增长|向好)|(?P<down>下降|降低|减少|缩短))"
)
_ALL_BOUND = re.compile(
    r"(?:(?<!平)均|(?<!首)都|全部)(?:已|能|保持|维持)?(?:在)?(?P<way>超过|高于|不低于|达到|突破|低于|不足|不超过|控制在|未超过)[^0-9，。]{0,6}$"
)
_OF_OTHERS = re.compile(rf"其[余他它]|(?:{UP}|{DOWN})[^，。；]{{0,4}}(?:均|都)")
_BOUNDING = re.compile(r"[^\d+−-]*")
_ORDERED = re.compile(
    r"依次(?:为|是)|从高到低|由高到低|按[^，。]{1,10}排序|排名前|前[二三四五六七八九十]位?|位列前|排在前"
)
#: Words that make 依次 an order of rank; otherwise it may be 分别.
_RANKING = re.compile(
    r"从高到低|由高到低|排序|排名|前[二三四五六七八九十]|排在前|位列前|集中|主要|突出|最[多高]|原因|诉求|问题"
)
_TIME_NAME = re.compile(
    r"季度|\d月|[一二三四五六七八九十]月|批次|年[初末]?$|周|阶段|学期|上半年|历年|近[三四五]年|各月|逐[年月季]"
)
#: 排后三位的是: another order begins.
_FROM_BELOW = re.compile(r"排在?后|后[二两三四五六]位|末[二两三四五]位|垫底|居后|靠后|最低|最少")
_TWO_ORDERS = re.compile(r"排在?后|后[二两三四五六]位|末[二两三四五]位")
_ADDED = re.compile(r"其他|其它|其余|剩余|未填|相加|合计|总计|共计|之和|总和")
#: What all members are told together with.
_TOGETHER = re.compile(
    r"共$|共[收计有占]|总共|合计|合占|之和|加起来|占(?:全部|总|派|[^，,。；;、]{0,4}[的量数])|^[\s，,）)]*占[^比]{2,}|(?:[两二三四五六七八九十\d]|上述|以上|[这前].)[类项条个者家种][^，,。；;、]{0,4}$"
)
_SLACK = 0.005
_NO_MEMBER = re.compile(
    r"相差|差距|分差|(?:^|\s)共|共[收计有]|总共|合计|单[件笔次日月周季台]|每[件笔次日月周季台]|平均|[季月日周年人户件次]均"
)
_FEWEST = 2


class Nearby:
    """Enumerations by where they stand, so that a word finds those around it without looking at all."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._inline: dict[tuple[int, int], list[Run]] = defaultdict(list)
        self._others: dict[int, list[Run]] = defaultdict(list)
        for run in runs:
            if run.style == "column" or not _stands_in_text(run):
                self._others[run.passage].append(run)
            else:
                self._inline[run.passage, run.items[-1].mention.start // _REACH].append(run)

    def around(self, sentence: Sentence, at: int) -> Iterator[Run]:
        """Give the enumerations near a place of a sentence, those of its own passage first."""
        block = (sentence.offset + at) // _REACH
        for number in (block, block - 1, block + 1):
            yield from self._inline.get((sentence.passage, number), [])
        for apart in (0, -1, 1, -2, 2):
            for run in self._others.get(sentence.passage + apart, [])[:_MOST_NEAR]:
                if run.page == sentence.page:
                    yield run
            for number in (0, 1) if apart else ():
                yield from self._inline.get((sentence.passage + apart, number), [])[:_MOST_NEAR]


def _stands_in_text(run: Run) -> bool:
    """Say whether all items stand in one passage, one behind the other."""
    starts = [item.mention.start for item in run.items]
    return all(one < other for one, other in pairwise(starts))


def _clause_before(text: str, end: int) -> str:
    return re.split(r"[。；;！？\n]", text[max(0, end - 40) : end])[-1]


def _is_total(label: str) -> bool:
    return bool(
        re.match(r"合计|总计|全部|整体|总|平均|其他|其余|(?:全[院校市省县区国公]|本[院校市公]).{0,2}", label)
        or "总体" in label
        or WHOLE.match(label)
    )


def _quote(sentence: Sentence, match: re.Match[str]) -> str:
    if len(sentence.text) <= 160:
        return sentence.text.strip()
    return sentence.text[max(0, match.start() - 50) : match.end() + 40].strip()


# ------------------------------------------------------------------ wide, small, all, in order


def find_loose_words(sentences: Sequence[Sentence], runs: Sequence[Run]) -> Iterator[Finding]:
    """Check 较广, 较大 and 相对较小 against the enumeration that names what they are said of."""
    columns = [run for run in runs if run.style == "column" and len(run.items) >= 3]
    by_passage: dict[int, list[Run]] = defaultdict(list)
    for run in columns:
        by_passage[run.passage].append(run)
    for sentence in sentences:
        near = [
            run
            for p in range(sentence.passage - 3, sentence.passage + 4)
            for run in by_passage.get(p, [])
            if run.page == sentence.page
        ][:_MOST_NEAR]
        if near:
            yield from _wide_words(sentence, near)
            yield from _small_words(sentence, near)


def _wide_words(sentence: Sentence, runs: Sequence[Run]) -> Iterator[Finding]:
    """较广 said of what comes last in every column of its table."""
    for match in _WIDE.finditer(sentence.text):
        clause = _clause_before(sentence.text, match.start())
        tables: dict[tuple[str, ...], list[Run]] = defaultdict(list)
        for run in runs:
            tables[tuple(item.label for item in run.items)].append(run)
        for labels, columns in tables.items():
            named = [label for label in labels if _names(clause, label)]
            last = [label for label in named if all(_is_least(run, label) for run in columns)]
            if last and _reaches(clause, labels):
                yield _loose(sentence, match, columns[0], last, "小")
                break


def _reaches(clause: str, labels: Sequence[str]) -> bool:
    return not all(_names(clause, label) for label in labels)


def _names(clause: str, label: str) -> bool:
    """Say whether a clause names a row: by its name, or by the name's first four letters or more."""
    core = re.sub(r"(?:的?问题|情况|方面|类)$", "", label)
    return len(core) >= 3 and (core in clause or (len(core) >= 4 and core[:4] in clause))


def _is_least(run: Run, label: str) -> bool:
    values = {item.label: float(item.mention.value) for item in run.items}
    return values[label] == min(values.values()) and min(values.values()) < max(values.values())


def _loose(sentence: Sentence, match: re.Match[str], run: Run, labels: Sequence[str], word: str) -> Finding:
    said = "、".join(f"{item.label} {item.mention.text}" for item in run.items if item.label in labels)
    listed = "、".join(item.mention.text for item in run.items)
    return Finding(
        sentence.place,
        _quote(sentence, match),
        "程度词",
        said,
        f"最{word}",
        "矛盾",
        f"「{match.group()}」说的 {said} 在表里各列都最{word}（{listed}）",
    )


def _small_words(sentence: Sentence, runs: Sequence[Run]) -> Iterator[Finding]:
    """A set is called 较小 while the smallest of all is left out."""
    for match in _SMALL.finditer(sentence.text):
        clause = _clause_before(sentence.text, match.start())
        given = [c for c in sentence.claims if match.start() - len(clause) <= c.start < match.start()]
        for run in runs:
            named = [
                item
                for item in run.items
                if (item.label in clause or _names(clause, item.label))
                and any(c.value == item.mention.value for c in given)
            ]
            left_out = [item for item in run.items if item not in named]
            if len(named) < _FEWEST or not left_out:
                continue
            least = min(left_out, key=lambda item: float(item.mention.value))
            if float(least.mention.value) < min(float(item.mention.value) for item in named):
                yield _left_out(sentence, match, named, least)
                break


def _left_out(sentence: Sentence, match: re.Match[str], named: Sequence[Item], least: Item) -> Finding:
    said = "、".join(f"{item.label} {item.mention.text}" for item in named)
    return Finding(
        sentence.place,
        _quote(sentence, match),
        "程度词",
        " / ".join(item.mention.text for item in named),
        f"{least.label} {least.mention.text}",
        "可能",
        f"「{match.group()}」说的是 {said}，表里更小的 {least.label} {least.mention.text} 没有提到",
    )


def find_false_alls(sentences: Sequence[Sentence], runs: Sequence[Run]) -> Iterator[Finding]:
    """Check 均增长 and 均超过 90 % against the enumeration beside them."""
    nearby = Nearby(runs)
    for sentence in sentences:
        for match in _ALL_UP.finditer(sentence.text):
            yield from _all_one_way(sentence, match, list(nearby.around(sentence, match.start())))
        yield from _all_beyond(sentence)


def _all_one_way(sentence: Sentence, match: re.Match[str], runs: Sequence[Run]) -> Iterator[Finding]:
    way = 1 if match["up"] else -1
    items = [item for run in runs for item in run.items if _tells_change(run, item, sentence, match)]
    shown = [f"{item.label} {item.mention.text}" for item in items if way * float(item.mention.value) < 0]
    shown += [
        claim.lead[-12:] + claim.text for claim in sentence.claims if _contradicts(sentence, claim, match)
    ]
    if shown:
        yield Finding(
            sentence.place,
            _quote(sentence, match),
            "一概而论",
            match.group(),
            shown[0],
            "矛盾",
            f"写作「{match.group()}」，而 {'、'.join(shown[:3])} 与此相反",
        )


def _tells_change(run: Run, item: Item, sentence: Sentence, match: re.Match[str]) -> bool:
    """Say whether an item is a change near a sweeping word: in a column of changes, or a signed number beside it."""
    if run.style == "column":
        return _is_change_column(run)
    return run.passage == sentence.passage and item.mention.is_signed and _quotes(run, sentence, match)


def _contradicts(sentence: Sentence, claim: Claim, match: re.Match[str]) -> bool:
    """Say whether a fall stands right behind 均增长; that less complaints are named along is no fault."""
    falls = bool(match["up"]) and claim.role == "change" and claim.direction < 0
    return falls and 0 < claim.start - match.end() < _NEAR and not _excepted(sentence, claim)


def _is_change_column(run: Run) -> bool:
    return bool(re.search(r"同比|环比|变化|增减|增幅|增速|增长", run.head))


def _quotes(run: Run, sentence: Sentence, match: re.Match[str]) -> bool:
    return abs(run.items[0].mention.start - sentence.offset - match.start()) <= _NEAR


def _excepted(sentence: Sentence, claim: Claim) -> bool:
    return bool(
        re.search(
            r"但|除|仅|只有|唯|例外|时间|时长|投诉|故障|成本|周期|率",
            sentence.text[max(0, claim.start - 24) : claim.start],
        )
    )


def _all_beyond(sentence: Sentence) -> Iterator[Finding]:
    for place, claim in enumerate(sentence.claims):
        words = sentence.text[max(0, claim.start - 20) : claim.start] + _BOUNDING.match(claim.text).group()
        match = _ALL_BOUND.search(words)
        # 其余均不足 1.5 分, 提升均不足 1.5 分: neither speaks of the numbers beside
        if match is None or _OF_OTHERS.search(words):
            continue
        is_least = match["way"] in ("超过", "高于", "不低于", "达到", "突破")
        beside = (*sentence.claims[max(0, place - 6) : place], *sentence.claims[place + 1 : place + 7])
        against = [
            other
            for other in beside
            if _is_listed(other, claim) and _is_beyond(other, claim, is_least=is_least)
        ]
        if against:
            yield Finding(
                sentence.place,
                sentence.around(claim, *against),
                "一概而论",
                claim.text,
                against[0].text,
                "矛盾",
                f"写作均{match['way']} {show_bare(claim)}，而列出的 {against[0].label or '数'} 是 {against[0].text}",
            )


def _is_listed(other: Claim, bound: Claim) -> bool:
    same = other.unit == bound.unit and other.mention.kind == bound.mention.kind
    is_member = not _NO_MEMBER.search(f"{other.label} {other.lead}") and not _is_total(other.label)
    return (
        same
        and is_member
        and other.role in ("", "to", "actual", "attainment")
        and abs(other.start - bound.start) <= _NEAR
    )


def _is_beyond(other: Claim, bound: Claim, *, is_least: bool) -> bool:
    return other.value < bound.value if is_least else other.value > bound.value


def show_bare(claim: Claim) -> str:
    """Write a number without the words that bound it."""
    return claim.text[_BOUNDING.match(claim.text).end() :]


def _members(run: Run) -> list[Item]:
    """Give the items of a list up to the number that tells of them together: 五类共 44,457 件, 占全部的 53 %, or their sum."""
    members: list[Item] = []
    for item in run.items:
        told = f"{item.label}|{item.lead}"
        values = [float(one.mention.value) for one in members]
        is_sum = len(values) > 1 and abs(sum(values) - float(item.mention.value)) <= _SLACK * sum(values)
        if members and (_TOGETHER.search(item.lead) or is_sum):
            break
        if not _ADDED.search(told):
            members.append(item)
    return members


def find_disorder(run: Run) -> Iterator[Finding]:
    """Check an enumeration that is said to be in order."""
    words = run.before[-40:]
    listed = _members(run)
    last = next((at for at, item in enumerate(listed) if at and _FROM_BELOW.search(item.lead)), len(listed))
    run = replace(run, items=tuple(listed[:last]))
    if (
        len(run.items) < 3
        or run.style == "column"
        or not _ORDERED.search(words)
        or not _RANKING.search(words)
        or _TWO_ORDERS.search(run.quoted)
        or any(_TIME_NAME.search(item.label) for item in run.items)
        or _TIME_NAME.search(words)
        or run.kind not in ("number", "percent")
    ):
        return
    values = run.values
    falls = all(a >= b for a, b in pairwise(values))
    rises = all(a <= b for a, b in pairwise(values))
    if not falls and not (rises and not re.search(r"从高到低|由高到低", words)):
        listed = "、".join(item.mention.text for item in run.items)
        yield Finding(
            run.place,
            run.quoted,
            "排序",
            listed,
            "递减",
            "矛盾",
            f"说是按次序列出，而 {listed} 既非递减也非递增",
        )

"""Shares: the parts of a whole make 100 %, as far as the text presents all of them."""

import re
from collections.abc import Iterator, Sequence

from fbanalysis.report.audit.claims.runs import Item, Run
from fbanalysis.report.audit.claims.series import plain_name
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.reading import Passage
from fbanalysis.report.audit.rules.rounding import show

_SHARE = re.compile(r"占|比例|比重|份额|构成|分布|结构")
#: Rates of different things, or answers of which one may give several, have no total.
_NO_WHOLE = re.compile(
    r"多选|[限任]选|可选多项|满意率|满意度|覆盖率|达标率|完成率|达成率|解决率|合格率|及时率|增长率|参与率|回收率|有效率|使用率|知晓率|利用率|占用率|渗透率"
    r"|通过率|就业率|准确率|好评率|复购率|转化率|增速|同比|环比|目标"
)
_PART_ONLY = re.compile(
    r"主要|前[一二三四五六七八九十\d]|[Tt][Oo][Pp]|排名|部分|典型|居前|突出|集中|尤其|较多|最多|首位|为主"
)
_WHOLE = re.compile(
    r"分为|构成|分布|结构|组成|三者|四者|五类|合计|全部|所有|分别占|划分|由.{1,12}(?:组成|构成)|占比分别|比例分别"
)
#: 满意度构成: shares of answers, not rates.
_SPLIT = re.compile(r"(?:构成|分布)[^，。；多]*$")
_REST = re.compile(r"其余|其他|其它|余下|剩余|剩下|未[^，。]{0,6}$")
#: Answers that exclude each other and leave nothing out, by the words in the names.
_OPPOSED = (
    ("男", "女"),
    ("正面", "负面", "中性"),
    ("满意", "不满意", "一般"),
    ("线上", "线下"),
    ("内部", "外部"),
    ("城镇", "农村"),
)
#: A share that each group has of its own: 华东负面占比, 华南负面占比.
_OF_EACH = re.compile(
    r"好评|差评|中评|负面|正面|满意|优秀|良好|达标|合格|女性|男性|线上|线下|投诉|建议|表扬|党员|本科"
)
_PLAIN_HEAD = re.compile(
    r"^(?:人数|样本量?|数量|金额|件数|份数|收入|支出|费用|次数|户数)?的?(?:所占)?(?:占比|比例|比重|份额|构成比?|百分比)(?:[（(]?[%％][）)]?)?$"
)
#: 结案率 98 %，占赔付的 6 %: a rate of its own beside a share.
_DEGREE = re.compile(r"非常|很不|很|比较|较为|较|十分|基本|不太|不")
_OWN_RATE = re.compile(r"(?<!比)率(?:为|是|达到?|约)?\s*$")
#: What divides a whole by its name, where 占 is not said.
_DIVIDES = re.compile(
    r"类型|构成|来源|渠道|原因|主题|目的|结构|分布|类别|组成|方式|年龄|学历|性别|职业|行业|地区|区域|品类|诉求|用途|去向|险种|等级|星级|评价|占比|比例|身份|岗位|工龄|司龄|收入|业务|终端|时段"
)
_FEWEST_BARE, _HEADING = 3, 10
_MULTIPLE = re.compile(
    r"多选|[限任可]选[一二三两\d]|可选多|不止一|(?:大于|超过|高于|不等于)\s*100\s*%|百分之百|多项选择|同时选|可同时|可重复|有重叠"
)
_NOTE = re.compile(r"\s*[（(]?(?:注|说明|备注|[※*])")
_SHORT = 24
_BARE = (92.0, 112.0)
_YEAR_NAME = re.compile(r"^20\d\d年?$|(?:20\d\d|去|今|上|前)年$")
_ALLOWED = ("", "to", "actual")
_TOTAL_ROW = re.compile(r"(?:合计|总计|总体|总数|全部|整体|全体|小计|平均|总)(?:数|量|占比|比例|人数)?$")
#: Between these an enumeration of shares is taken as meant to be complete.
_LEAST, _MOST = 85.0, 130.0
_LIST_LEAST = 80.0
_FEWEST_SIDE_BY_SIDE = 6
_TINY = 1e-6


def find_share_sums(run: Run) -> Iterator[Finding]:
    """Check whether the shares of an enumeration make 100 %."""
    words = run.before[-30:] + run.head
    if run.kind != "percent" or (_NO_WHOLE.search(words) and not _SPLIT.search(words)):
        return
    for items in _divisions(run):
        if _is_division(run, items):
            yield from _check(run, items, is_whole=_stood_beside(run, items))


def find_multiple_answers(passages: Sequence[Passage]) -> set[str]:
    """Find where a text says that one may give several answers: such shares have no total.

    Gives places: of the passage itself, of the one below a heading that says so, and of the one above a note.
    """
    places: set[str] = set()
    for at, passage in enumerate(passages):
        if not _MULTIPLE.search(passage.text):
            continue
        is_note = bool(_NOTE.match(passage.text))
        is_heading = passage.kind == "title" or (len(passage.text) <= _SHORT and not is_note)
        near = (
            passages[at : at + 3]
            if is_heading
            else passages[max(0, at - 1) : at + 1]
            if is_note
            else [passage]
        )
        places.update(one.place for one in near)
    return places


def _stood_beside(run: Run, items: Sequence[Item]) -> bool:
    """Say whether a list was parted from one that stood beside it and makes 100 %: then this one is meant to, too."""
    return run.style == "list" and any(tuple(part) == tuple(items) for part in _columns(run.items))


def _divisions(run: Run) -> Iterator[tuple[Item, ...]]:
    """Cut an enumeration where one whole ends: at brackets, at 其中, and where the shares have made 100 %."""
    for items in _by_depth([item for item in run.items if not _TOTAL_ROW.match(item.label)]):
        parts = list(_by_whole(items))
        side = _columns(items) if len(items) >= _FEWEST_SIDE_BY_SIDE else []
        yield from map(tuple, side if _covered(side) > _covered(parts) else parts)


def _covered(parts: Sequence[Sequence[Item]]) -> int:
    """Count the items that stand in a part which makes 100 %."""
    return sum(len(part) for part in parts if abs(_total(part) - 100) <= _slack(part))


def _total(items: Sequence[Item]) -> float:
    return sum(float(item.mention.value) for item in items)


def _by_depth(items: Sequence[Item]) -> list[list[Item]]:
    parts: dict[tuple[int, int, int], list[Item]] = {}
    clauses = [item.clause for item in items]
    by_clause = all(clauses.count(clause) >= 2 for clause in clauses)
    inner = 0
    for place, item in enumerate(items):
        if "其中" in item.lead and place:
            inner += 1
        parts.setdefault((item.depth, inner, item.clause if by_clause else 0), []).append(item)
    # what stands behind 其中 is a part of the share before it: the rule for sums compares the two
    return [part for (_, within, _), part in parts.items() if not within]


def _by_whole(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    start, total = 0, 0.0
    for place, item in enumerate(items):
        total += float(item.mention.value)
        if abs(total - 100) <= _slack(items[start : place + 1]) and place > start:
            yield tuple(items[start : place + 1])
            start, total = place + 1, 0.0
    if start < len(items):
        yield tuple(items[start:])


def _slack(items: Sequence[Item]) -> float:
    half = sum(
        item.mention.step / 2 + (abs(item.mention.value) * 0.05 if item.mention.bound else 0)
        for item in items
    )
    return half + _TINY


def _is_division(run: Run, items: Sequence[Item]) -> bool:
    words = run.before[-40:] + run.head + "".join(item.lead + item.tail[:6] for item in items)
    names = [item.label for item in items]
    is_share = bool(_SHARE.search(words)) or _is_opposed(names) or _is_bare_division(run, items)
    fits = all(item.role in _ALLOWED and 0 <= item.mention.value <= 100 for item in items)
    if (run.style == "column" and not _PLAIN_HEAD.match(run.head.strip())) or _is_of_each(names):
        return False
    strange = any(_NO_WHOLE.search(item.lead) or _OWN_RATE.search(item.lead) for item in items)
    return len(items) >= 2 and is_share and fits and not strange and not _is_of_years(names)


def _is_bare_division(run: Run, items: Sequence[Item]) -> bool:
    """住客类型：商务 46 %，家庭 28 %，…: at least three names, each with its share and no other word, near 100 % in all."""
    names = [plain_name(item) for item in items]
    is_plain = len(items) >= _FEWEST_BARE and all(names) and len(set(names)) == len(names)
    is_bare = all(
        len(item.lead.strip(" ：:（(")) <= len(name) + _HEADING
        for item, name in zip(items, names, strict=True)
    )
    is_said = bool(_DIVIDES.search(run.before[-24:] + items[0].lead)) or bool(_REST.match(names[-1] or ""))
    return is_plain and is_bare and is_said and _BARE[0] <= _total(items) <= _BARE[1]


def _is_of_years(names: Sequence[str]) -> bool:
    """Say whether one share is told of several years or quarters: they divide nothing."""
    return sum(bool(_YEAR_NAME.search(name)) for name in names) >= 2


def _is_of_each(names: Sequence[str]) -> bool:
    plain = [_DEGREE.sub("", name) for name in names]
    words = [
        match.group()
        for name in plain
        if (match := _OF_EACH.search(name)) and len(name) >= len(match.group()) + 2
    ]
    return len(words) >= 2 and len(set(words)) < len(words)


def _is_opposed(names: Sequence[str]) -> bool:
    return any(all(any(name.startswith(word) for name in names) for word in words) for words in _OPPOSED)


def _check(run: Run, items: Sequence[Item], *, is_whole: bool) -> Iterator[Finding]:
    total = _total(items)
    slack = _slack(items)
    if abs(total - 100) <= slack:
        return
    severity = _over(run, total) if total > 100 else "矛盾" if is_whole else _under(run, items, total)
    if severity:
        yield _finding(run, items, total, severity)


def _columns(items: Sequence[Item]) -> list[list[Item]]:
    """Part lists that stood side by side and were read line by line: a list whose shares make 100 shows it."""
    for width in (2, 3):
        parts = [list(items[at::width]) for at in range(width)]
        whole = [abs(_total(part) - 100) <= _slack(part) for part in parts]
        if any(whole) and all(len(part) >= 2 for part in parts):
            return parts
    return []


def _over(run: Run, total: float) -> str:
    if total > _MOST and not _WHOLE.search(run.before[-40:] + run.head):
        return ""
    return "矛盾" if total <= 2 * _MOST else ""


def _under(run: Run, items: Sequence[Item], total: float) -> str:
    words = run.before[-40:] + run.head + run.after[:12]
    rest = _REST.search(run.after) or any(_REST.search(item.label) for item in items[:-1])
    names_rest = any(_REST.match(item.label) for item in items)
    if names_rest or _is_opposed([item.label for item in items]):
        return "矛盾"
    if rest or _PART_ONLY.search(words + "".join(item.lead for item in items)):
        return ""
    is_whole = bool(_WHOLE.search(words + "".join(item.lead for item in items)))
    if run.style in ("list", "column") and len(items) >= 3 and total >= _LIST_LEAST:
        return "矛盾"
    if is_whole and total >= _LEAST - 15:
        return "矛盾"
    return "可能" if len(items) >= 3 and total >= _LEAST else ""


def _finding(run: Run, items: Sequence[Item], total: float, severity: str) -> Finding:
    parts = "＋".join(show(item.mention.value, 2) for item in items)
    low, high = total - _slack(items), total + _slack(items)
    more = "多" if total > 100 else "少"
    return Finding(
        run.place,
        run.quoted,
        "份额合计",
        " / ".join(item.mention.text for item in items),
        "100%",
        severity,
        f"{parts}＝{show(total, 2)}%，按舍入最多在 {show(low, 2)}%–{show(high, 2)}% 之间，比 100% {more} {show(abs(100 - total), 2)} 个百分点",
    )

"""Shares: the parts of a whole make 100 %, as far as the text presents all of them."""

import math
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
    r"多选|[限任]选(?!择?其?[一1](?![至到\d~～–—-]))|可选多项|满意率|满意度|覆盖率|达标率|完成率|达成率|解决率|合格率|及时率|增长率|参与率|回收率|有效率|使用率|知晓率|利用率|占用率|渗透率"
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
#: A share of a whole that the head names: 占有效卷比例. Of an aim, an earlier year or a row's own number it would be none.
_OF_WHOLE_HEAD = re.compile(
    r"^占(?!目标|计划|预算|任务|上|去|同|各|本|该|其)[^，。；]{1,8}?的?(?:比例?|比重|份额|百分比|[%％])(?:[（(][%％][）)])?$"
)
_IN_PERCENT = re.compile(r"[（(][%％][）)]$")
_NAMED_HEAD = re.compile(
    r"^(?:20\d\d年?|本[年期]|今年|[上去]年)?(?:占)?(?:样本|人数|问卷|工单|投诉|诉求|来电|咨询|业务|订单|金额|件数|数量|客户|用户|受访者?|收入|销售额?|总量|全部|总体|合计|总数)*(?:占比|比例|比重|份额|构成比?|百分比)(?:[（(][%％][）)])?$"
)
_PERIOD_HEAD = re.compile(r"^(?:20\d\d年?|本[年期]|今年|[上去]年)(?:[（(][%％][）)])?$")
_DIVISION = re.compile(r"构成|分布|结构|来源|占比|组成|比例")
#: 结案率 98 %，占赔付的 6 %: a rate of its own beside a share.
_DEGREE = re.compile(r"非常|很不|很|比较|较为|较|十分|基本|不太|不")
#: 选“满意”的: an answer, not a share of something's own.
_QUOTING = re.compile(r"[“”\"「」『』]|^(?:选择?|表示|认为|评价为|回答)")
_OWN_RATE = re.compile(r"(?<!比)率(?:为|是|达到?|约)?\s*$")
#: What divides a whole by its name, where 占 is not said.
_DIVIDES = re.compile(
    r"类型|构成|来源|渠道|原因|主题|目的|结构|分布|类别|组成|方式|年龄|学历|性别|职业|行业|地区|区域|品类|诉求|用途|去向|险种|等级|星级|评价|占比|比例|身份|岗位|工龄|司龄|收入|业务|终端|时段"
)
#: One answer, one class for each: what is listed makes 100 %.
SINGLE = re.compile(
    r"单选|单项选择|[只仅限任]能?选[择]?其?[一1](?![至到\d~～–—-])|选[择]?其?[一1]项|[只仅][归记计登][^，。；]{0,6}[一1]|全[体部]\s*[=＝为]\s*100|合计\s*[=＝为应]*\s*100|互斥|不重不漏|互不[重交]|再?无其他|别无其他"
)
#: Shares that are sums of others, or of another whole, period or group than their neighbours.
_SUMMED = re.compile(
    r"合计|合起来|加起来|相加|两者|二者|三者|四者|共占|合占|累计|总计|全体|前[两三二四]|[两二三四]项|[两二三四]类|[两二三四]档|以上$"
)
_COMPARED = re.compile(
    r"去年|上年|上期|同期|同比|环比|(?<![占百对])比(?![例重较])|比较?(?:20\d\d|上|去|全|总)|[高低][于出]|相当于|(?:平均|总体|整体)(?:水平|的)|目标|该类"
)
_CLAUSE = re.compile(r"[：:。；;]")
#: 客户类型：企业 62 %，个人 38 %.
_TITLED = re.compile(rf"(?:{_DIVIDES.pattern})[^，。；\d]{{0,4}}[：:][^，。；：:\d]{{1,8}}$")
#: 各校区好评占比：东区 45 %，…: each has a share of its own.
_EACH_HAS = re.compile(rf"[各每][^，。；：:]{{1,8}}(?:{_OF_EACH.pattern})")
_ROUGHLY = re.compile(r"接近|将近|超过|达到|约|近|超|逾|占比?|即|达|为|也就是|大致|左右|相当于")
_FEWEST_BARE, _HEADING = 3, 10
MULTIPLE = re.compile(
    r"多选|[限任可]选择?(?:[二三两四五2-9]|[一1][至到\d~～–—-])|可选多|不止一|(?:大于|超过|高于|不等于)\s*100\s*%|百分之百|多项选择|同时选|可同时|可重复|有重叠"
)
_NOTE = re.compile(r"\s*[（(]?(?:注|说明|备注|[※*])")
_SHORT = 24
_BARE = (92.0, 112.0)
_YEAR_NAME = re.compile(r"^20\d\d年?$|(?:20\d\d|去|今|上|前)年$")
_ALLOWED = ("", "to", "actual")
_TOTAL_ROW = re.compile(r"(?:合计|总计|总体|总数|全部|整体|全体|小计|平均|总)(?:数|量|占比|比例|人数)?$")
#: So many standard deviations of the sum's rounding error no rounding makes.
_MOST_DEVIATIONS = 3.4
_FEWEST_ALIKE = 4
#: Between these an enumeration of shares is taken as meant to be complete.
_LEAST, _MOST = 85.0, 130.0
_LIST_LEAST = 80.0
_FULL = 100.0
_FEWEST_SIDE_BY_SIDE = 6
_TINY = 1e-6


def find_share_sums(run: Run) -> Iterator[Finding]:
    """Check whether the shares of an enumeration make 100 %."""
    words = run.before[-30:] + run.head
    is_percent = run.kind == "percent" or (run.style == "column" and bool(_IN_PERCENT.search(run.head)))
    if not is_percent or (_NO_WHOLE.search(words) and not _SPLIT.search(words)):
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
        if not MULTIPLE.search(passage.text):
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
    for items in _by_depth(_own_shares(run)):
        parts = [tuple(items)] if run.style == "column" and _ends_whole(items) else list(_by_whole(items))
        side = _columns(items) if len(items) >= _FEWEST_SIDE_BY_SIDE else []
        yield from map(tuple, side if _covered(side) > _covered(parts) else parts)


def _ends_whole(items: Sequence[Item]) -> bool:
    """Say whether the last of a column's shares would be left over alone: no whole has a single part."""
    parts = list(_by_whole(items))
    return len(parts) > 1 and len(parts[-1]) == 1


def _own_shares(run: Run) -> list[Item]:
    """Leave out totals, and what compares or adds up: 投诉占30 %，较上年下降 2 %，两者合起来 75 %."""
    items = [item for item in run.items if not _TOTAL_ROW.match(item.label)]
    kept: list[Item] = []
    for item in items:
        if not (is_beside(item) or item.mention.value == _FULL or (kept and _is_said_again(kept[-1], item))):
            kept.append(item)
    return kept


def _is_said_again(before: Item, item: Item) -> bool:
    """58.0 %，接近六成: a rougher number that names nothing is the share before it in other words."""
    is_rougher = item.mention.step > before.mention.step or bool(item.mention.bound)
    is_nameless = not item.label and not re.search(r"[\u4e00-\u9fff]", _ROUGHLY.sub("", item.lead))
    gap = abs(float(item.mention.value) - float(before.mention.value))
    return is_rougher and is_nameless and gap <= max(item.mention.step, before.mention.step) + _TINY


def is_beside(item: Item) -> bool:
    """Say whether a number is a change, or a share of another period, group or sum than its neighbours are."""
    words = _CLAUSE.split(item.lead)[-1]
    return item.role == "change" or bool(_SUMMED.search(words) or _COMPARED.search(words))


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
    """Cut where the shares have made 100 %; near 100 % only if what follows is no single last share."""
    start, total = 0, 0.0
    for place, item in enumerate(items):
        total += float(item.mention.value)
        part = items[start : place + 1]
        is_near = abs(total - _FULL) <= _slack(part) and place > start
        rest = items[place + 1 :]
        is_nearest = not rest or abs(total + float(rest[0].mention.value) - _FULL) >= abs(total - _FULL)
        if is_near and is_nearest and (abs(total - _FULL) <= _TINY or len(rest) != 1):
            yield tuple(part)
            start, total = place + 1, 0.0
    if start < len(items):
        yield tuple(items[start:])


def _slack(items: Sequence[Item]) -> float:
    bounds = sum(abs(item.mention.value) * 0.05 for item in items if item.mention.bound)
    return sum(_step(item, items) / 2 for item in items) + bounds + _TINY


def _step(item: Item, items: Sequence[Item]) -> float:
    """Give the step of a share; beside 二成二 and 一成七, 三成 is 30 % and no round word."""
    step = item.mention.step
    is_fine = "成" in item.mention.text and any(other.mention.step <= 1 for other in items)
    return 1.0 if is_fine and not item.mention.bound else step


def _is_beyond_rounding(items: Sequence[Item], total: float) -> bool:
    """Say whether shares miss 100 % by more than rounding makes.

    Just as much as rounding could make at most it makes only of a handful of answers: each share would have to be cut
    in the middle. Of many shares the errors cancel out.
    """
    off, slack = abs(total - _FULL), _slack(items)
    steps = {_step(item, items) for item in items}
    if off > slack or any(item.mention.bound for item in items) or len(steps) > 1:
        return off > slack
    step = steps.pop()
    if off < slack - 2 * _TINY:
        return off > _MOST_DEVIATIONS * step * math.sqrt(len(items) / 12) + _TINY
    sign = 1 if total < _FULL else -1
    middles = [round(2 * float(item.mention.value) / step) + sign for item in items]
    return len(items) >= _FEWEST_ALIKE and math.gcd(*middles, round(200 / step)) == 1


def _is_division(run: Run, items: Sequence[Item]) -> bool:
    words = run.before[-40:] + run.head + "".join(item.lead + item.tail[:6] for item in items)
    names = [item.label for item in items]
    if _EACH_HAS.search(run.before[-40:] + run.head):
        return False
    is_share = bool(_SHARE.search(words) or SINGLE.search(run.before)) or run.style == "column"
    is_share = (
        is_share
        or _is_opposed(names)
        or (len(items) == 2 and _is_said_whole(run, items))
        or _is_bare_division(run, items)
    )
    fits = all(item.role in _ALLOWED and 0 <= item.mention.value <= 100 for item in items)
    if (run.style == "column" and not _is_share_column(run, items)) or (
        _is_of_each(names) and not SINGLE.search(run.before)
    ):
        return False
    strange = any(_NO_WHOLE.search(item.lead) or _OWN_RATE.search(item.lead) for item in items)
    if len(items) == 2 and not (_is_opposed(names) or _is_said_whole(run, items)):
        return False
    return len(items) >= 2 and is_share and fits and not strange and not _is_of_years(names)


def _is_share_column(run: Run, items: Sequence[Item]) -> bool:
    """Say whether a column holds the shares of its rows: by its head, or, under a year, by what the table is called."""
    head = run.head.strip()
    if _PLAIN_HEAD.match(head):
        return True
    is_titled = bool(SINGLE.search(run.before) or _DIVISION.search(run.before))
    is_named = (
        _NAMED_HEAD.match(head) or _OF_WHOLE_HEAD.match(head) or (is_titled and _PERIOD_HEAD.match(head))
    )
    return bool(is_named) and _BARE[0] <= _total(items) <= _BARE[1]


def _is_said_whole(run: Run, items: Sequence[Item]) -> bool:
    """Say whether words tell that two shares are all: 分别占, 构成, 单选, or the rest as the last one."""
    words = run.before[-40:] + run.head + items[0].lead
    is_compared = any(is_beside(item) for item in items)
    is_listed = _TITLED.search(words) and _BARE[0] <= _total(items) <= _BARE[1]
    is_said = _WHOLE.search(words) or SINGLE.search(words) or _REST.match(items[-1].label)
    return not is_compared and bool(is_said or is_listed)


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
    plain = [_DEGREE.sub("", _QUOTING.sub("", name)) for name in names]
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
    if not _is_beyond_rounding(items, total):
        return
    severity = _over(run, total) if total > 100 else "矛盾" if is_whole else _under(run, items, total)
    if severity and abs(total - _FULL) <= _mistaken_rounding(items, total):
        severity = "可能"
    if severity:
        yield _finding(run, items, total, severity)


def _mistaken_rounding(items: Sequence[Item], total: float) -> float:
    """Give by how much shares miss 100 % at most if all were cut off, or if one last digit was raised."""
    steps = [_step(item, items) for item in items]
    return (_slack(items) + max(steps) if total > _FULL else sum(steps)) + _TINY


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
    if names_rest or _is_opposed([item.label for item in items]) or SINGLE.search(run.before):
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

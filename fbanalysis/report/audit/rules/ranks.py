"""Places: 最高, 垫底, 列第二, 仅次于, 进步最快, 前三项依次为, against the list that they are said of; columns of ranks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from fbanalysis.report.audit.claims.claims import DOWN, HEADS, UP, Claim, Sentence, Table, quote_row
from fbanalysis.report.audit.claims.facts import words_of
from fbanalysis.report.audit.claims.rosters import Roster, Rosters, Said
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.rules.attainment import is_less_better
from fbanalysis.report.audit.rules.counts import count_of
from fbanalysis.report.audit.rules.rounding import show

_RANK_HEAD = re.compile(r"^(?:排名|名次|位次|排序|序位|名列)$")
_OTHER_HEAD = re.compile(r"排名|名次|位次|序号|变化|同比|环比|增|升|降|上年|去年|目标|^[上前]")
_NUMERAL = r"[一二三四五六七八九十]{1,3}|\d{1,2}"
_MOST = r"最[高多大长广强重贵忙]|最(?:集中|为?突出|为?显著|为?明显|普遍|严重|好|优)|居首|(?:[位排名]?[列居]|排名?|排在|处于)(?:全\S{1,3})?(?:第一|首)位?|首位|榜首|头名|占据?主导|居多"
_LEAST = r"最[低少小短窄弱轻闲差]|末位|居末|垫底|最后一[位名]|倒数第一"
_PLACE = re.compile(
    rf"(?P<second>仅次于|次之|居次(?!数))|(?P<rank>(?:位列|名列|分列|列|位居|居|排名|排在|排|处于)[^，。；;\d]{{0,6}}?第(?P<number>{_NUMERAL})(?:位|名)?|(?<=[\u4e00-\u9fffA-Za-z])第(?P<bare>{_NUMERAL})(?:位|名)?(?=[，,；;。、\s]|$))"
    rf"|(?P<most>{_MOST})|(?P<least>{_LEAST})|(?P<fast>最[快慢])"
)
#: What is best may be most or least.
_BEST = re.compile(r"突出|最好|最优|最差|第一|首|头名|垫底|末|最后")
#: 全国最高, 历史最低, 连续三年居首: the list is not here.
_OUTSIDE = re.compile(
    r"(?:历史|历年|全国|全省|(?<!居)全[市县区]|全球|同行|同业|行业|同类|可比|对标|亚洲|世界|集团|省内|市内|国内|运营商|创|近.{1,3}年|以来|打|之|单[日月笔周次件]|一天|一次|连续[^，。；]{1,6})(?:中|内|的|新|上)?[^，。；;]{0,6}$"
)
_NOT_OF_LIST = re.compile(
    r"最[^，。]{1,5}?之一|最高(?:分|可|达|值|奖|级|人民|两|时|限)|最低(?:分|限|工资|生活|值|标准|时)|最[大小](?:差值|样本|可检|单位|二乘|显著|日|承载)|最大(?:值|限度|程度|化|的?动力|努力)"
    r"|最[长短高低多少大小](?:一次|一天|等待|排队|不超过|可|选|勾|能|限|\d)|第一(?:手|时间|次|批|版|阶段|季度|步|责任|产业|线|医院|中学|小学|梯队|书记|届|期|轮|章|部分)"
    r"|最[为突明严][^，。]{0,3}的?(?:短板|问题|弱项|不足|矛盾)|首[次批]|[^，。；]{0,3}[至到、]第"
)
_MOVE = re.compile(
    f"(?P<down>{DOWN}|掉)?(?P<up>{UP}|进步|改善|改观|拉升)?(?P<size>幅度?|得|速度?|分|了|均|也|为|是|变化)*$"
)
#: 在六类中, 全市: the list, between a measure and its place.
_SCOPE = re.compile(
    rf"(?:在|是|为|居)?(?:{_NUMERAL}|两|各|全部|所有)[^，。；;\d]{{1,5}}[中里]$|(?:在|列|居)$"
)
_MEASURE = re.compile(f"(?:{HEADS}|比重)(?:上|也|均|都|仍|又|还|依然|则)*$")
_SHARES = re.compile(r"占比|比重|比例|份额")
#: These say which way; 进步 and 改善 do not.
_MOVES = f"{UP}|{DOWN}|进步|改善"
#: The first of complaints has most of them.
_COUNTS = re.compile("件|单|量|数|次|起|条|人")
_DIRECTED = re.compile(f"{UP}|{DOWN}")
_GAP_WORDS = re.compile(r"差得?$|相差$|差距$|分歧|波动|单项$")
_ORDERED = re.compile(
    r"(?:前(?P<top>[二两三四五六七八\d])(?:项|名|位|类|家|个|大)?[^，。；;：:\d]{0,6}?(?:依次|分别)(?:为|是)|(?:从高到低|由高到低|按[^，。；：:]{1,6}排[序列名]?)(?:依次|分别)?(?:[为是：:]))(?P<list>[^。；;\d]{4,80})"
)
_SIZE = re.compile(
    rf"(?P<count>{_NUMERAL}|两)(?:个|家|项|类|大|店|名|所|条|种|区|省|市|县|门|处|座|栋|城|厅|院|组|站|方面|季度|环节|模块)(?=[^，。；;\d]{{0,8}}?(?:中|里|当中|之中|第|[最居列排垫末首]))"
)
_ENDS = re.compile(r"[。；;！？\n]")
_COMMAS = re.compile(r"[，,：:（()）、\s]")
_COUNTERS = frozenset("个家项类名所条种区门处座栋组方年城厅店")
_FEWEST_HERE = 2
_FEWEST, _BEFORE, _BEHIND, _MOST_MEMBERS = 3, 60, 20, 31


def find_false_places(sentences: Sequence[Sentence], rosters: Rosters) -> Iterator[Finding]:
    """Check what a text says of a member's place in its list against the lists that hold the member."""
    for at, sentence in enumerate(sentences):
        before = sentences[at - 1].text if at and sentences[at - 1].passage == sentence.passage else ""
        for match in _PLACE.finditer(sentence.text):
            place = _place(sentence, match, before)
            if place is not None:
                yield from _check(place, rosters)
        for match in _ORDERED.finditer(sentence.text):
            yield from _check_order(sentence, match, rosters, before)


@dataclass(frozen=True)
class Place:
    """A place that a text gives to a member of a list.

    ``clause`` are the words before it in its clause, ``lead`` those from the sentence's part before it, ``behind`` those after it;
    ``way`` is 1 counted from the greatest, -1 from the least; ``number`` counts from 1; ``is_change`` speaks of changes.
    """

    sentence: Sentence
    match: re.Match[str]
    clause: str
    lead: str
    behind: str
    way: int
    number: int
    said: Said
    is_change: bool = False

    @property
    def follows_change(self) -> bool:
        """Say whether the words before it speak of changes while it does not say of what it speaks."""
        return not self.is_change and bool(_DIRECTED.search(self.lead) or re.search("进步|改善", self.lead))

    @property
    def is_best(self) -> bool:
        """Say whether the word judges: the best may be the least."""
        return bool(self.match["rank"] or self.match["second"] or _BEST.search(self.match.group()))


def _place(sentence: Sentence, match: re.Match[str], before: str) -> Place | None:
    text, start = sentence.text, match.start()
    lead = _ENDS.split(text[max(0, start - _BEFORE) : start])[-1]
    clause = _COMMAS.split(lead)[-1]
    if _OUTSIDE.search(lead[-14:]) or _NOT_OF_LIST.match(text, start) or _GAP_WORDS.search(lead):
        return None
    number = count_of(match["number"] or match["bare"]) if match["rank"] else 2 if match["second"] else 1
    moved = _MOVE.search(_SCOPE.sub("", lead)[-8:])
    is_change = bool(moved["up"] or moved["down"]) or _tells_only_changes(sentence, start, lead)
    if number < 1 or (match["fast"] and not is_change):
        return None
    way = -1 if match["least"] or match["fast"] == "最慢" else 1
    way = -way if is_change and moved["down"] else way
    words = lead + re.split("[。；;！？\n，,]", text[match.end() : match.end() + 8])[0]
    said = Said(sentence.passage, sentence.page, words_of(words), words_of(before[-80:]))
    behind = _ENDS.split(text[match.end() : match.end() + _BEHIND])[0]
    return Place(sentence, match, clause, lead, behind, way, number, said, is_change=is_change)


def _tells_only_changes(sentence: Sentence, start: int, lead: str) -> bool:
    """Say whether the clause that a place belongs to prints a change and nothing else: 园内道路增加 4.5 分，仅次于…."""
    first = start - len(re.split("[，,]", lead.rstrip("，, "))[-1]) - len(lead) + len(lead.rstrip("，, "))
    words = re.sub(f"{UP}|{DOWN}|比?上年|同比|环比", "", sentence.text[first:start])
    if len(re.findall("[\u4e00-\u9fff]", words)) < _FEWEST:
        return False
    roles = [claim.role for claim in sentence.claims if first <= claim.start < start]
    return bool(roles) and all(role == "change" for role in roles)


def _check(place: Place, rosters: Rosters) -> Iterator[Finding]:
    meant = _meant(place, rosters)
    # 甲提升最多，乙次之: the second place may be one among changes, too
    changes = _meant(replace(place, is_change=True), rosters) if place.follows_change else []
    if not meant or any(_holds(place, one, name) for one, name in (*meant, *changes)):
        return
    one, name = meant[0]
    right = _right(place, one)
    printed = place.match.group()
    is_rank = bool(place.match["rank"])
    yield _finding(
        place.sentence,
        place.match.start(),
        f"{one.parts[name].text}（{printed}）" if is_rank else f"{name} {_shown(one, name)}",
        f"第{_rank(one, name, place.way)}位" if is_rank else f"{right} {_shown(one, right)}",
        f"「{printed}」说的是 {name}（{_shown(one, name)}），同一列里第 {place.number} 的是 {right}（{_shown(one, right)}）",
    )


def _meant(place: Place, rosters: Rosters) -> list[tuple[Roster, str]]:
    """Give the lists that a place most likely speaks of, each with the member that it is said of."""
    names: dict[int, str] = {}
    around = rosters.around(place.said, place.lead + "|" + place.behind)
    for one in around:
        is_here = one.passage == place.said.passage and one.style == "inline"
        is_list = len(one.parts) >= (_FEWEST_HERE if is_here else _FEWEST)
        name = _subject(place, one) if is_list and one.is_change == place.is_change else ""
        if name and _fits(place, one, name):
            names[id(one)] = name
    listed = [one for one in around if id(one) in names]
    listed = [one for one in listed if len(one.parts) >= _FEWEST] or listed
    listed = [one for one in listed if names[id(one)] in place.sentence.text] or listed
    return [(one, names[id(one)]) for one in rosters.meant(_printed(place, listed, names), place.said)]


def _shown(one: Roster, name: str) -> str:
    return show(one.values[name], 2) if one.is_change and one.mentions[0].is_signed else one.parts[name].text


def _finding(sentence: Sentence, at: int, printed: str, expected: str, explanation: str) -> Finding:
    text = sentence.text.strip()
    quoted = text if len(text) <= 160 else sentence.text[max(0, at - 60) : at + 50].strip()
    return Finding(sentence.place, quoted, "最高级", printed, expected, "矛盾", explanation)


# ------------------------------------------------------------------ whom a place is said of


def _subject(place: Place, one: Roster) -> str:
    """Find the member that a place is said of: right behind it where the words turn round, else the last before it."""
    if place.match["second"] == "仅次于":
        return _second(place, one)
    behind = place.behind.lstrip("）) ")
    if behind.startswith("的") and (name := _leading(behind[1:], one)):
        return name
    turned = re.match(r"[的者]?[^，。；;、：:\d]{0,8}?(?:[仍还依]?[是为]|：|:|=|＝)\s*", behind)
    if turned:
        return _leading(behind[turned.end() :], one) or ("" if behind[0] in "的者" else _last(place, one))
    if behind.startswith("的"):
        is_said_of = re.search(r"[是为]\D{0,10}$", place.clause) and re.match(
            r"的[^，,。；;是为]{1,4}(?:[，,。；;]|$)", behind
        )
        named = one.named_in(place.lead) if is_said_of else []
        return named[-1][1] if named else ""
    return (_leading(behind, one) if not place.clause else "") or _last(place, one) or _leading(behind, one)


def _last(place: Place, one: Roster) -> str:
    named = one.named_in(place.clause)
    if not named and not re.search(r"[\u4e00-\u9fff]{2}", _bare_clause(place)):
        named = one.named_in(place.lead)
        named = named if len(named) == 1 or _last_clause(place.lead, named) else []
    # 咨询引导、网上办理两项最低: two share a place
    both = len(named) > 1 and bool(
        re.fullmatch(r"[、和与及]?", place.clause[named[-2][0] : named[-1][0] - len(named[-1][1])])
    )
    return named[-1][1] if named and not both else ""


def _bare_clause(place: Place) -> str:
    """Give the clause without numbers and the words of a change: what is left may name somebody else."""
    return re.sub(
        rf"在?(?:{_NUMERAL})[^，。；]{{1,4}}[中里]|{_MOVES}|{HEADS}|[\d.%％]+[^，。；\d]?|但|仍|虽|也|又|均|幅度|得分?|排名?|位[列居]|分数|稳|依然|依旧|依|还|暂|就|达|为|以|继续",
        "",
        _MOVE.sub("", place.clause),
    )


def _last_clause(lead: str, named: Sequence[tuple[int, str]]) -> bool:
    """Say whether only the last named member stands in the clause right before."""
    parts = [part for part in re.split("[，,]", lead) if part.strip()]
    last = parts[-1] if parts else ""
    return sum(name in last for _, name in named) == 1


def _leading(text: str, one: Roster) -> str:
    """Give the member that a text begins with, unless others follow it right behind."""
    text = text.lstrip('“"「 ')
    text = re.split("[，,。；;（(：:]", text)[0]
    named = one.named_in(text[:16])
    if not named or named[0][0] > len(named[0][1]) + 2 or text.find(named[0][1][:2]) != 0:
        return ""
    both = len(named) > 1 and re.fullmatch(
        "[”」]?[、和与及]", text[named[0][0] : named[1][0] - len(named[1][1])]
    )
    return "" if both or re.match("[”」]?、", text[named[0][0] :]) else named[0][1]


def _second(place: Place, one: Roster) -> str:
    """仅次于甲的是乙, 乙仅次于甲: 乙 must be the next behind 甲."""
    turned = re.match(r"[^，。；;的]{1,14}的[^，。；;]{0,4}?是", place.behind)
    name = _leading(place.behind[turned.end() :], one) if turned else _last(place, one)
    other = _leading(place.behind, one)
    return name if name and name != other and (other or re.match("[它其前]|后者", place.behind)) else ""


# ------------------------------------------------------------------ which list, and whether it holds


def _fits(place: Place, one: Roster, name: str) -> bool:
    if (
        one.is_prior
        or (one.is_aim and "目标" not in place.lead)
        or one.kind not in ("number", "percent", "points", "multiple")
    ):
        return False
    if one.style == "row" and not (one.is_whole or one.title[:2] in place.lead):
        return False
    measure = _MEASURE.search(_SCOPE.sub("", place.lead))
    if measure and _SHARES.search(measure.group()) and not _SHARES.search(one.title + one.section):
        return False
    sizes = [count_of(match["count"]) for match in _SIZE.finditer(place.lead)]
    return not sizes or any(one.has_size(size) for size in sizes)


def _printed(place: Place, fitting: Sequence[Roster], names: dict[int, str]) -> list[Roster]:
    """Leave those lists that print the number beside a place for its member; all of them where it has none."""
    own = _own_numbers(place)
    if not own:
        return list(fitting)
    return [
        one
        for one in fitting
        if any(abs(abs(one.values[names[id(one)]]) - abs(claim.value)) < 1e-9 for claim in own)
    ]


def _own_numbers(place: Place) -> list[Claim]:
    """Give the numbers that a place prints: 高新 93.5 % 居首, 最多（210 件）, 最低，为 4.57 分."""
    start, end = place.match.start(), place.match.end()
    first = start - len(place.lead) + max(place.lead.rfind("，"), place.lead[:-1].rfind(",")) + 1
    text = place.sentence.text
    if not place.clause:
        first = start - len(place.lead.rstrip("，,")) - 1 + 0
        first = start - len(re.split("[，,]", place.lead.rstrip("，, "))[-1]) - 1
    found = []
    for claim in place.sentence.claims:
        before = first <= claim.start and claim.end <= start
        words = text[end : claim.start]
        is_near = end <= claim.start and len(words) <= 14 and not re.search(r"[。；;、]", words)
        behind = is_near and re.fullmatch(
            r"(?:[^，。；;]{0,12}?(?:是|为))?[^，。；;\d]{0,7}[，,（(：:]?(?:[达为有仅约共得提升高降低少了下增加减多只是在]|[＋+-])*",
            words,
        )
        is_level = (claim.role == "change") == place.is_change and claim.role not in ("from", "target")
        if (before or behind) and is_level and not claim.period and not _is_size(claim):
            found.append(claim)
    return found


def _is_size(claim: Claim) -> bool:
    """Say whether a number tells how many members there are: 四个季度, 6 家."""
    is_small = claim.value <= _MOST_MEMBERS and claim.value == int(claim.value)
    is_counted = claim.unit in _COUNTERS or not re.search(r"\d", claim.text)
    return claim.mention.kind == "rank" or (claim.mention.kind == "number" and is_small and is_counted)


def _holds(place: Place, one: Roster, name: str) -> bool:
    ways = [place.way]
    if place.is_best and not place.is_change:
        is_counted = bool(place.match["rank"] or place.match["second"]) and _COUNTS.search(
            one.title + one.unit
        )
        is_turned = is_less_better(one.title) and one.unit not in ("分", "%") and not is_counted
        ways = [place.way, -place.way] if is_turned else ways
    if place.is_change and is_less_better(one.title) and not _DIRECTED.search(place.lead[-8:]):
        ways = [place.way, -place.way]
    return any(_stands(one, name, way, place.number) for way in ways)


def _stands(one: Roster, name: str, way: int, number: int) -> bool:
    value = one.values[name]
    others = [float(m.value) for key, m in one.named.items() if key != name]
    before = sum(way * (other - value) > 1e-9 for other in others)
    return before < number <= before + 1 + sum(abs(other - value) <= 1e-9 for other in others)


def _rank(one: Roster, name: str, way: int) -> int:
    return 1 + sum(way * (float(m.value) - one.values[name]) > 1e-9 for m in one.named.values())


def _right(place: Place, one: Roster) -> str:
    ordered = sorted(one.named, key=lambda key: -place.way * one.values[key])
    return ordered[min(place.number, len(ordered)) - 1]


def _check_order(
    sentence: Sentence, match: re.Match[str], rosters: Rosters, before: str
) -> Iterator[Finding]:
    """进步最快的前三项依次为甲、乙、丙: the first of the list, in order."""
    lead = _ENDS.split(sentence.text[max(0, match.start() - _BEFORE) : match.start()])[-1]
    words = lead + match.group()[: match.start("list") - match.start()]
    moved = re.search(f"(?P<down>{DOWN})|(?P<up>{UP}|进步|改善)", words)
    said = Said(sentence.passage, sentence.page, words_of(words), words_of(before[-80:]))
    listed = [name for name in re.split("、|以及|和|与|及", re.split("[，,]", match["list"])[0]) if name]
    top = count_of(match["top"] or "") or len(listed)
    way = -1 if re.search("最[低少小短]|从低到高|由低到高", words) or (moved and moved["down"]) else 1
    fitting = [
        one
        for one in rosters.around(said, match["list"])
        if one.is_change == bool(moved)
        and not one.is_prior
        and len(listed) == top <= len(one.parts)
        and [name for _, name in one.named_in("、".join(listed))]
        and _names_all(one, listed)
    ]
    meant = rosters.meant(fitting, said)
    orders = [sorted(one.named, key=lambda key, r=one: -way * r.values[key])[:top] for one in meant]
    if len(listed) >= 2 and orders and all(not _same_order(one, listed, way) for one in meant):
        yield _finding(
            sentence,
            match.start(),
            "、".join(listed),
            "、".join(orders[0]),
            f"按数排列，前 {top} 位是 {'、'.join(orders[0])}",
        )


def _names_all(one: Roster, listed: Sequence[str]) -> bool:
    return len([name for _, name in one.named_in("、".join(listed))]) == len(listed)


def _same_order(one: Roster, listed: Sequence[str], way: int) -> bool:
    names = [name for _, name in one.named_in("、".join(listed))]
    values = [way * one.values[name] for name in names]
    left = [way * float(m.value) for name, m in one.named.items() if name not in names]
    falls = all(a >= b - 1e-9 for a, b in pairwise(values))
    return falls and (not left or max(left) <= values[-1] + 1e-9)


# ------------------------------------------------------------------ columns of ranks


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

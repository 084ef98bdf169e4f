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
_MOST = r"最[高多大长广强重贵忙久猛热]|最(?:集中|为?突出|为?显著|为?明显|普遍|严重|好|优)|居首|(?:[位排名]?[列居]|排名?|排在|处于)(?:全\S{1,3})?(?:第一|首)位?|首位|榜首|头名|占据?主导|居多"
_LEAST = r"最[低少小短窄弱轻闲差]|末位|居末|垫底|最后一[位名]"
#: 高峰在 7 月, 为全年低谷: said of periods alone; 早高峰 and 高峰期 are others.
_PEAK = (
    r"(?<![早晚午])(?:(?P<top>峰值|高峰(?![期时段日])|最高点)|(?P<foot>谷值|低谷(?![期时段])|谷底|最低点))"
)
_PLACE = re.compile(
    rf"(?P<second>仅次于|次之|居次(?!数)|紧随其后|紧跟其后|(?<=[，,；;])其次[是为：]?(?=[\u4e00-\u9fff]{{2}}))"
    rf"|(?P<rank>(?:位列|名列|分列|列|位居|居|排名|排在|排|处于)[^，。；;\d]{{0,6}}?(?P<back>倒数)?第(?P<number>{_NUMERAL})(?:位|名)?(?P<low>[低少短小差](?![\u4e00-\u9fff]))?|(?<=[\u4e00-\u9fffA-Za-z])(?P<last>倒数)?第(?P<bare>{_NUMERAL})(?:位|名)?(?=[，,；;。、\s（(]|$)|第(?P<nth>{_NUMERAL})(?:[高多大长强]|(?P<lesser>[低少短小]))(?=的?[月季年]|的|[，,；;。、\s（(]|$))"
    rf"|(?P<most>{_MOST})|(?P<least>{_LEAST})|(?P<fast>最[快慢])|(?P<peak>{_PEAK})"
)
#: What is best may be most or least.
_BEST = re.compile(r"突出|最好|最优|最差|第一|首|头名|垫底|末|最后")
#: 全国最高, 历史最低, 连续三年居首: the list is not here.
_OUTSIDE = re.compile(
    r"(?:历史|历年|全国|全省|(?<!居)全[市县区]|全球|同行|同业|行业|同类|可比|对标|亚洲|世界|集团|省内|市内|国内|运营商|创|近.{1,3}年|以来|打|之|单[笔周次件]|一天|一次|连续[^，。；]{1,6})(?:中|内|的|新|上)?[^，。；;]{0,6}$"
)
_NOT_OF_LIST = re.compile(
    r"最[^，。]{1,5}?之一|最高(?:分|可|达|值|奖|级|人民|两|时|限)|最低(?:分|限|工资|生活|值|标准|时)|最[大小](?:差值|样本|可检|单位|二乘|显著|日|承载)|最大(?:值|限度|程度|化|的?动力|努力)"
    r"|最[长短高低多少大小](?:一次|一天|等待|排队|不超过|可|选|勾|能|限|\d)|第一(?:手|时间|次|批|版|阶段|季度|步|责任|产业|线|医院|中学|小学|梯队|书记|届|期|轮|章|部分)"
    r"|最[为突明严][^，。]{0,3}的?(?:短板|问题|弱项|不足|矛盾)|首[次批]|[^，。；]{0,3}[至到、]第|最[^，。]{1,3}[与和、跟及]最|最[^，。]单[日月周季次笔]"
)
_MOVE = re.compile(
    f"(?P<down>{DOWN}|掉)?(?P<up>{UP}|进步|改善|改观|拉升)?(?P<size>幅度?|得|速度?|分|了|均|也|为|是|变化)*$"
)
#: 在六类中, 全市: the list, between a measure and its place.
#: 单月最高, 单日最低: said of a list of months or days.
_SINGLE = re.compile(r"单(?P<period>[日月])[^，。；;]{0,6}$")
#: 上季投诉以甲线最多: the list of the earlier period may be meant.
_OF_EARLIER = re.compile(
    r"(?<![较比与同])(?:去年|上年|上学年|上期|上季度?|上轮|上届|上月|同期)(?!相比|同期相比)"
)
#: 按增幅排: the measure of the places behind it.
_BY = re.compile(r"按照?(?P<measure>[^，。；;、按]{2,10}?)(?:来)?(?:排[名序列]?|[计看论])")
_GREAT, _SMALL = re.compile(f"{_MOST}|第一"), re.compile(f"{_LEAST}|倒数第一")
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
#: 相差最大 is of a gap; 尺码偏差居首 and 服务态度差居首 are of members.
_GAP_WORDS = re.compile(
    r"并列(?=\S?$)|最\S的?[与和、跟及](?=\S?$)|(?<![偏误色温])差得?(?=最$)|相差(?=\S?$)|差距(?=\S?$)|分歧|波动|单项(?=\S?$)"
)
_ORDERED = re.compile(
    r"(?:(?P<side>[前末后]|最[高低多少大小长短快慢好差重久]的前?)(?P<top>[二两三四五六七八\d])(?:项|名|位|类|家|个|大)?[^，。；;：:\d、]{0,6}?(?:(?P<each>依次|分别)(?:[为是有]|[：:])?|[为是有]|[：:])|(?P<whole>从高到低|由高到低|按[^，。；：:]{1,6}排[序列名]?)(?:依次|分别)?(?:[为是：:]))(?P<list>[^。；;\n]{4,120})"
)
_SIZE = re.compile(
    rf"(?P<count>{_NUMERAL}|两)(?:个|家|项|类|大|店|名|所|条|种|区|省|市|县|门|处|座|栋|城|厅|院|组|站|方面|季度|环节|模块)(?=[^，。；;\d]{{0,8}}?(?:中|里|当中|之中|第|[最居列排垫末首]))"
)
_ENDS = re.compile(r"[。；;！？\n]")
_COMMAS = re.compile(r"[，：:（()）、\s]|,(?!\d{3})")
#: 11月428件，为全年第二低: the number stands in the clause before.
_OF_BEFORE = re.compile(r"[为是在](?!由)")
_COUNTERS = frozenset("个家项类名所条种区门处座栋组方年城厅店")
#: What is said behind a rate is said of percents, until a count is named.
_RATES, _OF_COUNTS = (
    re.compile("[满意知晓接通办结达标复修合格]{1,2}率|占比"),
    re.compile("[量数]|[件单]|分|时|投诉|工单|来电"),
)
_HEADS_RATE = re.compile("率|比|[%％]")
_BRACKETED = re.compile(r"[（(][^）)]*[）)]")
#: 末位是性价比: who stands behind 是 is meant, not the last one named before.
_OTHER_NAMED = r"(?!因为|由于|受|得益|近|历|全|今|本|上)[\u4e00-\u9fff]{2,8}(?:[，,。；;（(]|$)"
_MOST_NAMED = r"最[高低大小多少长短快慢]"
_SHORTEST_HEAD = 2
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
    period: str = ""
    measure: str = ""

    @property
    def follows_change(self) -> bool:
        """Say whether the words before it speak of changes while it does not say of what it speaks."""
        return not self.is_change and bool(_DIRECTED.search(self.lead) or re.search("进步|改善", self.lead))

    @property
    def is_best(self) -> bool:
        """Say whether the word judges: the best may be the least."""
        is_place = self.match["rank"] and not self.match["nth"]
        return bool(is_place or self.match["second"] or _BEST.search(self.match.group()))


def _place(sentence: Sentence, match: re.Match[str], before: str) -> Place | None:
    text, start = sentence.text, match.start()
    lead = _ENDS.split(text[max(0, start - _BEFORE) : start])[-1]
    clause = _COMMAS.split(lead)[-1]
    if (
        _OUTSIDE.search(lead[-14:])
        or _NOT_OF_LIST.match(text, start)
        or _GAP_WORDS.search(lead + match.group()[:1])
    ):
        return None
    number = (
        count_of(match["number"] or match["bare"] or match["nth"])
        if match["rank"]
        else 2
        if match["second"]
        else 1
    )
    by = [found["measure"] for found in _BY.finditer(lead)][-1:]
    moved = _MOVE.search((by[0] if by else _SCOPE.sub("", lead))[-8:])
    told = bool(by) or bool(match["peak"])
    is_change = bool(moved["up"] or moved["down"]) or (
        not told and _tells_only_changes(sentence, start, lead)
    )
    if (
        number < 1
        or (match["fast"] and not is_change)
        or (match["second"] or "").startswith("其次") > bool(_first_way(lead))
    ):
        return None
    way = _way(match, lead)
    way = -way if is_change and moved["down"] else way
    words = by[0] if by else lead + re.split("[。；;！？\n，,]", text[match.end() : match.end() + 8])[0]
    said = Said(sentence.passage, sentence.page, words_of(words), words_of(before[-80:]))
    behind = _ENDS.split(text[match.end() : match.end() + _BEHIND])[0]
    single = _SINGLE.search(lead)
    period = single["period"] if single else ""
    place = Place(sentence, match, clause, lead, behind, way, number, said, is_change=is_change)
    return replace(place, period=period, measure="".join(by))


def _way(match: re.Match[str], lead: str) -> int:
    """Say from which end a place is counted; the second is counted as the first before it."""
    if match["second"] and not match["second"].startswith("仅"):
        return _first_way(lead) or 1
    is_least = (
        match["least"] or match["foot"] or match["back"] or match["last"] or match["low"] or match["lesser"]
    )
    return -1 if is_least or match["fast"] == "最慢" else 1


def _first_way(lead: str) -> int:
    """Give the end from which the first place in the words before is counted; 0 where none is told."""
    great = max((found.start() for found in _GREAT.finditer(lead)), default=-1)
    small = max((found.start() for found in _SMALL.finditer(lead)), default=-1)
    return 0 if great < 0 and small < 0 else 1 if great > small else -1


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
    around = [one.within(place.lead) for one in rosters.around(place.said, place.lead + "|" + place.behind)]
    for one in around:
        is_here = one.passage == place.said.passage and one.style == "inline"
        is_list = len(one.parts) >= (_FEWEST_HERE if is_here else _FEWEST)
        name = _subject(place, one) if is_list and one.is_change == place.is_change else ""
        if name and _fits(place, one, name):
            names[id(one)] = name
    listed = _without_heads(place, [one for one in around if id(one) in names], names)
    # the lower of two beside it may be meant, the second of two hardly
    here = place.said.passage if place.number == 1 else None
    listed = [one for one in listed if len(one.parts) >= _FEWEST or one.passage == here] or listed
    listed = [one for one in listed if names[id(one)] in place.sentence.text] or listed
    told = [name for name in names.values() if name in place.sentence.text]
    # 薪酬福利 is no member of a list that has 薪酬
    listed = [one for one in listed if not any(names[id(one)] in name != names[id(one)] for name in told)]
    listed = _headed(place, listed)
    printed = _printed(place, listed, names)
    members = [names[id(one)] for one in around if id(one) in names and one.style != "row"]
    own = words_of(_own_clause(place)) - words_of("|".join(members))
    # 超时最少的甲，评分第二: a clause that names its measure speaks of no other
    sharing = [one for one in printed if (own - one.name_words) & (one.own_words | one.section_words)]
    said = replace(place.said, words=own) if sharing and not place.measure else place.said
    return [
        (one, names[id(one)]) for one in rosters.meant(sharing if said is not place.said else printed, said)
    ]


def _without_heads(place: Place, listed: Sequence[Roster], names: dict[int, str]) -> list[Roster]:
    """Leave out the rows whose member is the measure that the last name is judged by: 班均人数以体育最多."""
    heads = {
        _core(one.title)
        for one in listed
        if one.style == "column"
        and 0 <= place.clause.rfind(_core(one.title)) < place.clause.rfind(names[id(one)])
    }
    return [one for one in listed if one.style != "row" or _core(names[id(one)]) not in heads]


def _own_clause(place: Place) -> str:
    """Give the clause that says of what a place is: the one before where its own has no words."""
    if place.clause and not _OF_BEFORE.match(place.clause):
        return place.clause
    parts = [part for part in _COMMAS.split(place.lead[: len(place.lead) - len(place.clause)]) if part]
    return parts[-1] if parts else ""


def _headed(place: Place, listed: Sequence[Roster]) -> list[Roster]:
    """Leave those lists whose head is the measure right before a place or opens its clause: 满意率也最高, 班均人数以体育最多."""
    words = re.sub("(?:也|却|都|又|还|则|仍|依然|同样)+$", "", _SCOPE.sub("", place.clause))
    cores = {id(one): _core(one.title) for one in listed if one.style == "column"}
    told = [core for core in cores.values() if len(core) >= _SHORTEST_HEAD]
    fitting = [core for core in told if words.endswith(core)]
    fitting = fitting or [core for core in told if words.startswith(core)]
    longest = max(fitting, key=len, default="")
    return [one for one in listed if cores.get(id(one)) == longest] if longest else list(listed)


def _core(title: str) -> str:
    """Give a head without its unit and its period."""
    return re.sub(r"[（(].*?[）)]|20\d\d年?|今年|本年度?|本期|\s", "", title)


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
    if place.match["peak"] or (place.match["second"] or "").startswith("其次"):
        name = _leading(re.sub(r"^(?:出现|落|发生)?[在为是：: ]+", "", behind), one)
        return name or (_last(place, one) if place.match["peak"] else "")
    if behind.startswith("的") and (name := _leading(behind[1:], one)):
        return name
    turned = re.match(
        r"[的者]?[^，。；;、：:\d]{0,8}?(?:[仍还依]?[是为]|(?:出现|落|发生)?在|出在|[当要]?[属数](?:于)?|：|:|=|＝)\s*",
        behind,
    )
    if turned:
        told = behind[turned.end() :]
        is_other = behind[0] in "的者" or re.match(_OTHER_NAMED, told)
        return _leading(told, one) or ("" if is_other else _last(place, one))
    if behind.startswith("的"):
        is_said_of = re.search(r"[是为]\D{0,10}$", place.clause) and re.match(
            r"的[^，,。；;是为]{1,4}(?:[，,。；;]|$)", behind
        )
        named = one.named_in(place.lead) if is_said_of else []
        return named[-1][1] if named else ""
    return (_leading(behind, one) if not place.clause else "") or _last(place, one) or _leading(behind, one)


def _last(place: Place, one: Roster) -> str:
    named = one.named_in(place.clause)
    if not named and not re.search(r"[\u4e00-\u9fff]{2}", _bare_clause(place, one)):
        named = one.named_in(place.lead)
        named = named if len(named) == 1 or _last_clause(place.lead, named) else []
    # 咨询引导、网上办理两项最低: two share a place
    both = len(named) > 1 and bool(
        re.fullmatch(r"[、和与及]?", place.clause[named[-2][0] : named[-1][0] - len(named[-1][1])])
    )
    return named[-1][1] if named and not both else ""


def _bare_clause(place: Place, one: Roster) -> str:
    """Give the clause without numbers, the words of a change and the list's measure: what is left may name somebody else."""
    bare = re.sub(
        rf"在?(?:{_NUMERAL})[^，。；]{{1,4}}[中里]|{_MOVES}|{HEADS}|[\d.%％]+[^，。；\d]?|但|仍|虽|也|又|均|幅度|得分?|排名?|位[列居]|分数|全[年市区省行院校馆县]|却|反而|稳|依然|依旧|依|还|暂|就|达|为|以|继续",
        "",
        _MOVE.sub("", place.clause),
    )
    measured = "|".join(map(re.escape, sorted(one.own_words))) if one.style == "column" else ""
    return re.sub(measured, "", bare) if measured else bare


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
        (one.is_prior and not _OF_EARLIER.search(place.lead))
        or (one.is_aim and "目标" not in place.lead)
        or one.kind not in ("number", "percent", "points", "multiple")
    ):
        return False
    # the busiest has most of what is counted, not the best score
    if place.match.group()[-1] in "忙闲" and any(value != int(value) for value in one.values.values()):
        return False
    # 第三多 counts, it ranks no rates
    if place.match["nth"] and one.kind == "percent" and re.search("[多少]", place.match.group()):
        return False
    if one.style == "row" and not (one.is_whole or one.title[:2] in place.lead):
        return False
    # 8月单日最高入馆 is what another number is of, no member
    if any(re.search(_MOST_NAMED, key) for key in one.parts):
        return False
    if (place.match["peak"] and not one.is_of_time) or not all(place.period in key for key in one.parts):
        return False
    if place.measure and not place.is_change and not words_of(place.measure) & one.own_words:
        return False
    rates = list(_RATES.finditer(place.lead))
    is_rate = rates and not place.is_change and not _OF_COUNTS.search(place.lead[rates[-1].end() :])
    if is_rate and one.kind != "percent" and (one.unit or not _HEADS_RATE.search(one.title + one.section)):
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
    text, lead = place.sentence.text, place.lead
    if not place.clause or _OF_BEFORE.match(place.clause):
        lead = lead[: len(lead) - len(place.clause)].rstrip("，, ")
    first = start - len(place.lead) + len(lead) - len(re.split(r"，|,(?!\d{3})", lead)[-1])
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
    moved = re.search(f"(?P<down>{DOWN})|(?P<up>{UP}|进步|改善)", re.split("[，,]", words)[-1])
    said = Said(sentence.passage, sentence.page, words_of(words), words_of(before[-80:]))
    names = re.split("[，,](?![\\d])", _BRACKETED.sub("", match["list"]))[0]
    listed = [name for name in re.split("、|以及|和|与|及", names) if name.strip()]
    top = count_of(match["top"] or "") or len(listed)
    is_low = bool(re.search("最[低少小短慢差]|从低到高|由低到高", words)) or match["side"] in ("末", "后")
    way = -1 if is_low != bool(moved and moved["down"]) else 1
    is_ordered = bool(match["each"] or match["whole"]) and match["side"] not in ("末", "后")
    fitting = [
        one
        for one in rosters.around(said, match["list"])
        if one.is_change == bool(moved)
        and not one.is_prior
        and (one.style != "row" or one.is_whole or one.title[:2] in lead)
        and len(listed) == top <= len(one.parts)
        and [name for _, name in one.named_in("、".join(listed))]
        and _names_all(one, listed)
    ]
    meant = rosters.meant(fitting, said)
    orders = [sorted(one.named, key=lambda key, r=one: -way * r.values[key])[:top] for one in meant]
    if (
        len(listed) >= 2
        and orders
        and all(not _same_order(one, listed, way, is_ordered=is_ordered) for one in meant)
    ):
        yield _finding(
            sentence,
            match.start(),
            "、".join(listed),
            "、".join(orders[0]),
            f"按数排列，前 {top} 位是 {'、'.join(orders[0])}",
        )


def _names_all(one: Roster, listed: Sequence[str]) -> bool:
    return len([name for _, name in one.named_in("、".join(listed))]) == len(listed)


def _same_order(one: Roster, listed: Sequence[str], way: int, *, is_ordered: bool) -> bool:
    names = [name for _, name in one.named_in("、".join(listed))]
    values = [way * one.values[name] for name in names]
    left = [way * float(m.value) for name, m in one.named.items() if name not in names]
    falls = all(a >= b - 1e-9 for a, b in pairwise(values))
    return (falls or not is_ordered) and (not left or max(left) <= min(values) + 1e-9)


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

"""How many of a list lie beyond a bound or moved one way: 七城里有五城在86分以上, 唯一低于85分, 六升一降, 连续五年上升."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.claims.facts import words_of
from fbanalysis.report.audit.claims.rosters import Roster, Rosters, Said
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.attainment import is_less_better
from fbanalysis.report.audit.rules.counts import count_of
from fbanalysis.report.audit.rules.rounding import show

_N = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_C = r"(?:个|项|家|类|城|处|所|座|门|条|店|区|厅|站|种|款|市|县|省|院|片|支|间|层|组|队|校|镇|街道|方面|部门|环节|维度|指标)"
_COUNTED_HERE = rf"{_N}{_C}"
_COUNT = rf"(?P<count>{_N})(?P<kind>{_C})"
_ABOVE = r"高于|超过|超出|大于|多于|高过|突破|优于|过|超|破|上|>|＞|迈过"
_AT_LEAST = r"不低于|不少于|不小于|达到?|达|至少|在|站上|站稳|≥"
_BELOW = r"低于|未破|不足|不到|未到|没到|没有?到|未达到?|没有?达到?|未超过|小于|少于|跌破|未满|不满|<|＜|没有?(?:迈过|超过|突破)|未(?:能)?(?:迈过|超过|突破|过)"
_AT_MOST = r"不超过|不高于|不多于|≤"
_WAY = re.compile(
    rf"(?:(?P<most>{_AT_MOST})|(?P<below>{_BELOW})|(?P<least>不低于|不少于|不小于)|(?P<above>{_ABOVE})|(?P<in>{_AT_LEAST}))\s*$"
)
_SIDE = re.compile(
    r"^\s*(?:大关|这条?线|线|关口?|门槛|整)?(?:(?P<up>(?:及|或|含)?以上|之上|上方)|(?P<down>(?:及|或|含)?以下|以内|之内|之下|下方))"
)
_BEHIND = re.compile(
    rf"^[）)]?(?:大关|线|关口?|门槛)?(?:(?:及|或|含)?以[上下内]|之[上下内])?(?:者|的)?[^，,。；;：:（(\d、]{{0,10}}?(?:目前|已经?|仅|只|还|就|共|也|都|仍|总共|一共|累计)*(?:有|为|是|剩下?|占|达)*(?P<open>了)?\s*{_COUNT}"
)
_BEFORE = re.compile(
    rf"(?<![第前后\d.至到—-]){_COUNT}(?![^，,。；;]{{0,4}}?(?:中|里|当中|之中))(?P<noun>(?![^，,。；;]*(?:均|都|全部|之和|合计|相加|加起来|总))[^，,。；;：:\d、]{{0,12}})$"
)
_ONLY = re.compile(
    r"唯一|仅有的|只有[^，,。；、和与及]{2,10}$|仅(?![向对从就由按以将把给为限需要在])[^，,。；、\d和与及]{2,10}$"
)
#: 没有一个景区低于, 无一超过: none of them.
_NONE = re.compile(rf"(?:(?:没有|并?无)(?:任何)?一{_C}|无一)[^，,。；;\d]{{0,10}}$")
_SIZE = re.compile(rf"(?P<count>{_N}){_C}[^，,。；;\d]{{0,6}}?(?:中|里|当中|之中)")
_JUDGED = r"改善|进步|退步|倒退"
_UP = r"上升|提升|提高|增长|增加|上涨|改善|回升|进步|走高|攀升|上扬|延长|变长|拉长|[较比](?:上年|去年)(?:同期)?[高多](?!出)|[高好多]于(?:上年|去年)(?:同期|水平)?"
_DOWN = r"下降|回落|下滑|降低|减少|退步|下跌|走低|丢分|失分|掉分|倒退|缩短|变短|[较比](?:上年|去年)(?:同期)?[低少]|[低少]于(?:上年|去年)(?:同期|水平)?"
_MOVE = rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))"
_MOVED = re.compile(
    rf"(?<![\d.]){_COUNT}(?!工作日|百分点|小时|星期)(?P<noun>(?!的(?:{_UP}|{_DOWN}))(?:(?!{_COUNTED_HERE})[^，,。；;：:\d、中里]){{0,8}}?)(?:均|都|同比|环比|比上年|较上年)?(?:有所|出现|实现|得到|了)?{_MOVE}(?!的|\d|[为至到]|了?[\d一二三])"
)
_MOVED_ARE = re.compile(
    rf"{_MOVE}(?:了)?的(?:[^，,。；;：:\d、]{{0,6}}?)(?:只|仅|共|也|还)?(?:有|为|是)(?P<only>只|仅)?\s*{_COUNT}"
)
_BOTH = re.compile(
    rf"(?:升|涨|增)(?P<rose>{_N})(?:个|项|类|家|门)?[、，,]?(?:降|跌|减)(?P<fell>{_N})(?:[、，,]?(?:持平|平)(?P<same>{_N}))?|(?P<up>{_N})(?:个|项|类|家|门)?(?:上?升|涨|增)[、，,]?(?P<flat1>{_N}平)?[、，,]?(?P<down>{_N})(?:个|项|类|家|门)?(?:下?降|跌|减)[、，,]?(?P<flat>{_N}(?:个|项)?(?:持?平))?"
)
#: 过万, 破千, 不足百件, 过半: bounds without a figure.
_WORDED = re.compile(
    r"(?:突破|超过?|(?<![通经不])过|破|(?<![线网以之])上|不足|不到|未满)(?P<number>[百千万](?![\d一二三四五六七八九十百千万余多分位])|半(?=数?的))(?P<unit>件|单|条|通|起|人次|次|人|户|元)?"
)
_FIGURES = {"百": 100.0, "千": 1000.0, "万": 10000.0, "半": 50.0}
#: 五个馆全部高于上年, 各维度得分均在80分以上.
_ALL = re.compile(
    rf"(?:(?P<count>{_N}){_C}(?P<noun>[^，,。；;：:\d、]{{0,14}}?)|(?:各|所有)(?P<kind>[^，,。；;：:\d、]{{1,12}}?))(?:(?<!平)均|都|全部|全都|(?<![安健完])全)(?:较上年|比上年|较去年|比去年|同比|环比|有所|出现|实现|得到|保持|已经?|有|呈|处|稳定|在)*"
)
_EXCEPTED = re.compile(r"除|以外|之外|例外|其[余他它]|另外|不[都全]|未[都全]|并非|没有全")
#: 不足900件的只有3月, 下降的两项为甲、乙.
_LINK = r"(?P<link>只有|仅有?|只剩|分别[是为]|[是为有：:])(?P<names>[^，,。；;：:]{2,60})"
_NAMED_BEHIND = re.compile(
    rf"^(?:大关|线|关口?)?(?:(?:及|或|含)?以[上下内]|之[上下内])?(?:者|的)(?P<noun>[^，,。；;：:、]{{0,8}}?){_LINK}"
)
#: 仅翠湖投诉上升: who is named moved alone.
_NAMED_ALONE = re.compile(
    rf"(?P<link>仅有?|只有|唯有|唯独)(?P<names>[^，,。；;：:\d]{{2,24}}?)(?:同比|环比|比上年|较上年|有所|出现)*{_MOVE}(?!的|\d|[为至到]|了?[\d一二三])"
)
_ONLY_MOVED = re.compile(rf"(?:唯一|仅有的)(?:一[个项类家])?(?:有所|出现)?{_MOVE}")
_NOT_HERE = re.compile(r"第|[前后近每另其余他]\S?$|连续|累计|^\d")
#: 卫生间一项上升 names the member, it counts none.
_APPOSED = re.compile(r"(?![^，。]*[有仅只中里为剩是])[\u4e00-\u9fff]{2}$")
#: 高于全中心水平（63.0%）: the name of a bound stands between its word and its number.
_BOUND_NAMED = re.compile(
    r"[^，,。；;：:\d（(）)于过]{0,8}(?:水平|平均[值分数]?|均值|均分|总体|整体)\s*[（(]?$"
)
_PRIOR = re.compile(r"(?<![较比与])(?:上年|去年|上学年|上期|此前|原来)(?!相比|同期相比)")
_CHANGE = re.compile(rf"(?:{_UP}|{_DOWN}|增幅|降幅|升幅|涨幅|变化)[^，,。；;]{{0,6}}$")
_STREAK = re.compile(
    rf"连续(?:第)?(?P<count>{_N})(?:个)?(?P<unit>年|学年|季度?|个?月|期|轮|周)[^，,。；;\d]{{0,4}}?(?:(?P<up>{_UP}|走升|升)|(?P<down>{_DOWN}|走降|降))"
)
_PERIOD = r"\d{1,2}月|[一二三四]季度|20\d\d年"
#: 1月至7月逐月上升, 7月之后连续四个月下降.
_RANGE = re.compile(
    rf"(?:(?<![\d.])(?P<first>{_PERIOD}|\d{{1,2}}(?=[至到—-]))份?(?:[至到—-]+(?P<until>{_PERIOD})份?|[之以]?后|以来|起))[^，,。；;\d]{{0,10}}?(?:逐[月季年]|连续(?:(?P<count>{_N})个?[月季年]度?)?|持续|一路)[^，,。；;\d]{{0,3}}?(?:(?P<up>{_UP}|走升|升)|(?P<down>{_DOWN}|走降|降|下行))"
)
#: 逐季上升 of the whole list, where no stretch of it is named.
_EACH_STEP = re.compile(
    rf"(?<![^，,。；;])(?P<lead>(?!总体|大体|基本|此后|随后)[^，,。；;\d后起至到从自前]{{0,14}}?)逐(?P<unit>[月季年])(?P<word>[^，,。；;\d]{{0,3}}?)(?:(?P<up>{_UP}|走升)|(?P<down>{_DOWN}|走降|下行))(?=[，,。；;]|$)"
)
_BRACKETED = re.compile(r"[（(][^）)]*[）)]")
_OTHERS = re.compile(r"等|其[余他它]|以及?其|外$")
_ENDS = re.compile(r"[。；;！？\n]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FEWEST, _LEAD = 3, 70
_COUNTED = re.compile(_COUNT)
_NEAR = 4
_UNITS = ("件", "单", "条", "通", "起", "分钟", "天", "万元")
_GENERAL = frozenset("个家项类处所条种")


def find_false_tallies(sentences: Sequence[Sentence], rosters: Rosters) -> Iterator[Finding]:
    """Check how many members of a list a text says lie beyond a bound, rose or fell, and for how long something rose."""
    for at, sentence in enumerate(sentences):
        before = sentences[at - 1].text if at and sentences[at - 1].passage == sentence.passage else ""
        for tally in (*_beyond(sentence, before), *_moved(sentence, before)):
            yield from _check(tally, rosters)
        for tally in _all(sentence, before):
            yield from _check(tally, rosters)
        for tally, names, is_closed in _named(sentence, before):
            yield from _check_named(tally, names, rosters, is_closed=is_closed)
        for match in _RANGE.finditer(sentence.text):
            yield from _check_range(sentence, match, rosters, before)
        for match in _EACH_STEP.finditer(sentence.text):
            yield from _check_range(sentence, match, rosters, before)
        for match in _STREAK.finditer(sentence.text):
            yield from _check_streak(sentence, match, rosters, before)


@dataclass(frozen=True)
class Tally:
    """A statement of how many members of a list have a property.

    ``counts`` are the numbers said, ``tell`` gives those of a roster (each a tuple of what they may be),
    ``size`` is the size of the list where the words give it.
    """

    sentence: Sentence
    at: int
    lead: str
    printed: str
    counts: tuple[int, ...]
    tell: Callable[[Roster], Sequence[tuple[int, ...]]]
    fits: Callable[[Roster], bool]
    said: Said
    sizes: tuple[int, ...]
    is_change: bool = False
    is_sum: bool = False
    is_all: bool = False
    members: Callable[[Roster], Sequence[frozenset[str]]] | None = None


def _is_table_above(tally: Tally, one: Roster) -> bool:
    lines = len(one.names) if one.style == "lines" else 0
    is_near = 0 < tally.said.passage - one.passage <= _NEAR + lines and one.page == tally.said.page
    told = [count_of(match["count"]) for match in _COUNTED.finditer(tally.lead)]
    return (
        one.style in ("column", "lines")
        and one.is_change
        and is_near
        and all(one.has_size(size) for size in told)
    )


def _check(tally: Tally, rosters: Rosters) -> Iterator[Finding]:
    if _PRIOR.search(tally.lead):
        return
    around = rosters.around(tally.said, tally.lead)
    fitting = _fitting(tally, around)
    if not fitting and tally.is_sum:
        # 七升一降 of eight: the numbers themselves do not add up to the table above
        fitting = [one for one in around if _is_table_above(tally, one)]
    meant = rosters.meant(fitting, tally.said)
    if (
        not meant
        or not (_is_sure(tally, meant[0]) or _is_only(tally, meant))
        or any(tally.counts in tally.tell(one) for one in meant)
    ):
        return
    yield _tallied(tally, meant[0])


def _fitting(tally: Tally, around: Sequence[Roster]) -> list[Roster]:
    """Give the lists that a tally may be said of."""
    beside = tally.is_all and len(tally.sentence.claims) > _FEWEST
    return [
        one
        for one in around
        if (one.passage == tally.said.passage or not beside)
        and len(one.parts) >= max(_FEWEST, sum(tally.counts))
        and not one.is_prior
        and one.is_change == tally.is_change
        and (not one.is_aim or "目标" in tally.lead)
        and (one.style != "row" or (one.is_of_time and (one.is_whole or one.title[:2] in tally.lead)))
        and all(one.has_size(size) for size in tally.sizes)
        and tally.fits(one)
    ]


def _tallied(tally: Tally, one: Roster) -> Finding:
    if tally.is_all:
        return _not_all(tally, one)
    right = " / ".join(map(str, tally.tell(one)[0]))
    listed = "、".join(f"{name} {_shown(one, name)}" for name in one.parts)
    said = f"写作「{tally.printed}」，而列出的是 {listed}：符合的有 {right} 个"
    return Finding(tally.sentence.place, _quoted(tally), "列举数目", tally.printed, right, "矛盾", said)


def _quoted(tally: Tally) -> str:
    text = tally.sentence.text.strip()
    return text if len(text) <= 160 else tally.sentence.text[max(0, tally.at - 60) : tally.at + 60].strip()


def _shown(one: Roster, name: str) -> str:
    return show(one.values[name], 2) if one.is_change else one.parts[name].text


def _is_sure(tally: Tally, one: Roster) -> bool:
    """Say whether a statement surely speaks of a list: by its size, by its measure, or because it stands right above."""
    shared = (tally.said.words | tally.said.before) & (one.own_words | one.section_words)
    lines = len(one.names) if one.style == "lines" else 0
    is_near = abs(one.passage - tally.said.passage) <= _NEAR + lines
    return bool(tally.sizes or shared - one.name_words) or is_near


def _is_only(tally: Tally, meant: Sequence[Roster]) -> bool:
    """Say whether one list alone is of the unit that a bound prints."""
    units = {unit for unit in _UNITS if re.search(rf"\d\s*{unit}", tally.sentence.text[tally.at :])}
    return len(meant) == 1 and any(unit == meant[0].unit or unit in meant[0].title for unit in units)


def _said(sentence: Sentence, at: int, end: int, before: str) -> tuple[Said, str]:
    lead = _ENDS.split(sentence.text[max(0, at - _LEAD) : at])[-1]
    words = lead + _ENDS.split(sentence.text[at : end + 8])[0]
    return Said(sentence.passage, sentence.page, words_of(words), words_of(before[-80:])), lead


def _sizes(sentence: Sentence, until: int) -> tuple[int, ...]:
    """Give how many members the words before a place say there are: 六类中, 七城里."""
    lead = _ENDS.split(sentence.text[max(0, until - _LEAD) : until])[-1]
    return tuple(count_of(match["count"]) for match in _SIZE.finditer(lead))


# ------------------------------------------------------------------ beyond a bound


def _beyond(sentence: Sentence, before: str) -> Iterator[Tally]:
    for bound in _bounds(sentence):
        way = _way(sentence, bound)
        if not way or bound.mention.kind not in ("number", "percent", "points"):
            continue
        found = _counted(sentence, bound)
        if found is None:
            continue
        count, printed, first, last = found
        months = sentence.text[last : last + 1] == "月" or f"{printed}月" in sentence.text[first:last]
        said, lead = _said(sentence, min(first, bound.start), max(last, bound.end), before)
        phrase = _ENDS.split(sentence.text[: bound.start])[-1]
        yield Tally(
            sentence,
            min(first, bound.start),
            lead,
            printed,
            (count,),
            lambda one, bound=bound, way=way: _tell(one, bound.value, way),
            lambda one, bound=bound, months=months: (
                _may_hold(one, bound, sentence) and (not months or one.is_of_time)
            ),
            said,
            _sizes(sentence, max(last, bound.end)),
            is_change=bool(_CHANGE.search(_bare(phrase))),
        )


def _bounds(sentence: Sentence) -> Iterator[Claim]:
    """Give the numbers of a sentence and the bounds that it words: 过万, 破千, 过半的."""
    yield from sentence.claims
    for match in _WORDED.finditer(sentence.text):
        number, unit = match["number"], match["unit"] or ""
        kind, unit = ("percent", "%") if number == "半" else ("number", unit)
        text = f"{_FIGURES[number]:.0f}{unit}"
        mention = Mention(text, match.start("number"), match.end(), kind, _FIGURES[number], unit)
        yield Claim(mention, match.start("number"), match.end(), "", "")


def _bare(phrase: str) -> str:
    return _WAY.sub("", phrase.rstrip())


def _way(sentence: Sentence, bound: Claim) -> str:
    """Say on which side of a bound the counted lie; empty where the number is no bound."""
    written = re.match(r"[^\d一二三四五六七八九十百]*", bound.text).group()
    lead = sentence.text[max(0, bound.start - 8) : bound.start] + written
    way = _WAY.search(lead) or _WAY.search(
        _BOUND_NAMED.sub("", sentence.text[max(0, bound.start - 20) : bound.start] + written)
    )
    unit = re.search(r"(?:(?:及|或|含)?以[上下内]|之[上下内])$", bound.text)
    side = _SIDE.match(unit.group() if unit else sentence.text[bound.end : bound.end + 8])
    if way and way["in"] == "在" and not side:
        return ""
    if side:
        is_up = bool(side["up"])
        is_turned = bool(way and (way["below"] or "").startswith(("未", "没", "不")) and is_up)
        return "<" if is_turned else "≥" if is_up else "≤"
    if way is None:
        return ""
    return next(
        sign
        for name, sign in (("most", "≤"), ("below", "<"), ("least", "≥"), ("above", ">"), ("in", "≥"))
        if way[name]
    )


def _tell(one: Roster, bound: float, way: str) -> Sequence[tuple[int, ...]]:
    """Count the members beyond a bound."""
    return [(len(members),) for members in _members(one, bound, way)]


def _members(one: Roster, bound: float, way: str) -> Sequence[frozenset[str]]:
    """Give the members beyond a bound: once of all, once without 其他."""
    tests = {
        "≥": lambda value: value >= bound - 1e-9,
        "≤": lambda value: value <= bound + 1e-9,
        ">": lambda value: value > bound + 1e-9,
        "<": lambda value: value < bound - 1e-9,
    }
    listed = (one.parts, one.named)
    return [frozenset(name for name, m in some.items() if tests[way](float(m.value))) for some in listed]


def _may_hold(one: Roster, bound: Claim, sentence: Sentence) -> bool:
    """Say whether a list may be what a bound is set for: of one unit, round about the bound, no smaller than another count beside it."""
    values = list(one.values.values())
    if (
        bound.mention in one.mentions
        or not one.measures(bound.mention.kind, bound.unit)
        or (one.is_of_time and bound.unit in _GENERAL)
    ):
        return False
    spread = max(values) - min(values)
    is_near = min(values) - spread / 2 <= bound.value <= max(values) + spread / 2
    is_near = is_near and (min(values) <= 0 or min(values) / 2 <= bound.value <= 2 * max(values))
    counted = [
        c.value
        for c in sentence.claims
        if c.unit in _GENERAL and c is not bound and abs(c.start - bound.start) < _LEAD
    ]
    return is_near and all(value <= len(values) for value in counted)


def _counted(sentence: Sentence, bound: Claim) -> tuple[int, str, int, int] | None:
    """Give the number of members that a bound is said of: right behind it, right before it, or the only one."""
    text = sentence.text
    end = bound.end - (len(re.search(r"(?:(?:及|或|含)?以[上下内]|之[上下内])?$", bound.text).group()))
    behind = _BEHIND.match(text[end : end + 30])
    if behind and _follows(text, end + behind.end()):
        return (
            count_of(behind["count"]),
            f"{behind['count']}{behind['kind']}",
            bound.start,
            end + behind.end(),
        )
    start = bound.start
    lead = _ENDS.split(text[max(0, start - 40) : start])[-1]
    phrase = _WAY.sub("", lead + re.match(r"[^\d]*", bound.text).group())
    phrase = phrase if phrase else lead
    none = _NONE.search(phrase)
    if none:
        return 0, none.group(), start - len(lead) + none.start(), bound.end
    before = _BEFORE.search(phrase)
    if before and not _NOT_HERE.search(phrase[: before.start()][-3:]):
        return (
            count_of(before["count"]),
            f"{before['count']}{before['kind']}",
            start - len(lead) + before.start(),
            bound.end,
        )
    only = _ONLY.search(phrase)
    if only:
        return 1, only.group()[:2], start - len(lead) + only.start(), bound.end
    return None


def _follows(text: str, at: int) -> bool:
    """Say whether a count ends there: not 三个百分点, 五年级, 两个月."""
    return not re.match(r"百分点|小时|工作日|星期|\d|年级|多", text[at : at + 4])


# ------------------------------------------------------------------ moved one way


def _moved(sentence: Sentence, before: str) -> Iterator[Tally]:
    for match in _BOTH.finditer(sentence.text):
        counts = (count_of(match["rose"] or match["up"]), count_of(match["fell"] or match["down"]))
        flat = re.match(_N, match["same"] or match["flat"] or match["flat1"] or "")
        size = sum(counts) + (count_of(flat.group()) if flat else 0)
        tally = _tally(sentence, match, before, counts, lambda one: (_ways(one),), (size,))
        yield replace(tally, is_sum=True)
    single = [*_MOVED.finditer(sentence.text), *_MOVED_ARE.finditer(sentence.text)]
    for match in (*single, *_ONLY_MOVED.finditer(sentence.text)):
        lead = sentence.text[max(0, match.start() - 4) : match.start()]
        count = count_of(match.groupdict().get("count") or "一")
        at = 0 if match["up"] else 1
        if not _NOT_HERE.search(lead) and not (count == 1 and _APPOSED.search(lead)) and count:
            sizes = _sizes(sentence, match.end())
            yield _tally(sentence, match, before, (count,), lambda one, at=at: ((_ways(one)[at],),), sizes)


def _ways(one: Roster) -> tuple[int, int]:
    values = list(one.values.values())
    return sum(value > 0 for value in values), sum(value < 0 for value in values)


def _tally(
    sentence: Sentence,
    match: re.Match[str],
    before: str,
    counts: tuple[int, ...],
    tell: Callable[[Roster], Sequence[tuple[int, ...]]],
    sizes: tuple[int, ...],
) -> Tally:
    said, lead = _said(sentence, match.start(), match.end(), before)
    lead = _PRIOR.sub("", lead)
    return Tally(
        sentence,
        match.start(),
        lead,
        match.group(),
        counts,
        tell,
        lambda one: _may_move(one, match.group()),
        said,
        sizes,
        is_change=True,
    )


def _may_move(one: Roster, words: str) -> bool:
    """Say whether rise and fall tell a list's changes: 改善 of what is better the less may be either."""
    return one.style != "row" and not (re.search(_JUDGED, words) and is_less_better(one.title))


# ------------------------------------------------------------------ all of them, or the ones that are named


def _all(sentence: Sentence, before: str) -> Iterator[Tally]:
    """Read 五个馆全部高于上年 and 各维度得分均在80分以上: none is an exception."""
    for match in _ALL.finditer(sentence.text):
        lead = _ENDS.split(sentence.text[max(0, match.start() - _LEAD) : match.start()])[-1]
        if _EXCEPTED.search(lead + match.group()) or _NOT_HERE.search(lead[-4:]):
            continue
        size = (count_of(match["count"]),) if match["count"] else ()
        move = re.match(rf"{_MOVE}(?!的|了?[\d一二三])", sentence.text[match.end() :])
        if move:
            way = 1 if move["up"] else -1
            tally = _tally(sentence, match, before, (0,), lambda one, way=way: _unmoved(one, way), size)
            yield _as_all(tally, match, move.group(), lambda one, m=move: _may_move(one, m.group()))
        for bound in sentence.claims:
            if match.end() <= bound.start <= match.end() + _NEAR and (way := _way(sentence, bound)):
                yield _all_beyond(sentence, match, before, bound, way, size)


def _all_beyond(
    sentence: Sentence, match: re.Match[str], before: str, bound: Claim, way: str, size: tuple[int, ...]
) -> Tally:
    def tell(one: Roster) -> Sequence[tuple[int, ...]]:
        return [(len(one.parts) - len(_members(one, bound.value, way)[0]),)]

    tally = _tally(sentence, match, before, (0,), tell, size)
    tally = replace(tally, is_change=bool(_CHANGE.search(match.group())))
    return _as_all(
        tally,
        match,
        sentence.text[match.end() : bound.end],
        lambda one: _may_hold(one, bound, sentence) and one.style != "row",
    )


def _as_all(tally: Tally, match: re.Match[str], words: str, fits: Callable[[Roster], bool]) -> Tally:
    kind = match["kind"] or ""
    return replace(
        tally,
        printed=match.group() + words,
        fits=lambda one: fits(one) and (not kind or _is_of_kind(one, kind)),
        is_all=True,
    )


def _is_of_kind(one: Roster, kind: str) -> bool:
    """Say whether the members of a list are what 各 names: by the last letter of their names, or by the words above them."""
    if one.is_of_time:
        return bool(re.search("[季月年周期]", kind))
    alike = sum(name[-1] in kind for name in one.parts)
    return 2 * alike > len(one.parts) or kind[:2] in f"{one.section}|{one.title}"


def _unmoved(one: Roster, way: int) -> Sequence[tuple[int, ...]]:
    return [(sum(way * value <= 0 for value in one.values.values()),)]


def _not_all(tally: Tally, one: Roster) -> Finding:
    count = tally.tell(one)[0][0]
    listed = "、".join(f"{name} {_shown(one, name)}" for name in one.parts)
    said = f"写作「{tally.printed}」，而列出的是 {listed}：有 {count} 个不符"
    return Finding(
        tally.sentence.place,
        _quoted(tally),
        "一概而论",
        tally.printed,
        f"{len(one.parts) - count} 个",
        "矛盾",
        said,
    )


def _named(sentence: Sentence, before: str) -> Iterator[tuple[Tally, str, bool]]:
    """Read who is named as lying beyond a bound or as having moved, and whether nobody else is meant."""
    for bound in _bounds(sentence):
        way = _way(sentence, bound)
        end = bound.end - len(re.search(r"(?:(?:及|或|含)?以[上下内]|之[上下内])?$", bound.text).group())
        match = _NAMED_BEHIND.match(sentence.text[end : end + 90]) if way else None
        if match and bound.mention.kind in ("number", "percent", "points"):
            tally = _tally_named(sentence, bound.start, end + match.end(), before)
            phrase = _bare(_ENDS.split(sentence.text[: bound.start])[-1])
            yield (
                replace(
                    tally,
                    fits=lambda one, bound=bound: _may_hold(one, bound, sentence),
                    members=lambda one, bound=bound, way=way: _members(one, bound.value, way),
                    is_change=bool(_CHANGE.search(phrase)),
                ),
                match["names"],
                _is_closed(match),
            )
    for match in _NAMED_ALONE.finditer(sentence.text):
        yield _named_moved(sentence, match, match.end(), match, before), match["names"], True
    for move in re.finditer(_MOVE, sentence.text):
        match = _NAMED_BEHIND.match(sentence.text[move.end() : move.end() + 90])
        if match:
            tally = _named_moved(sentence, move, move.end() + match.end(), move, before)
            yield tally, match["names"], _is_closed(match)


def _named_moved(
    sentence: Sentence, told: re.Match[str], end: int, move: re.Match[str], before: str
) -> Tally:
    """Read who is named as having moved one way."""
    sign = 1 if move["up"] else -1
    return replace(
        _tally_named(sentence, told.start(), end, before),
        fits=lambda one: _may_move(one, move["up"] or move["down"]),
        members=lambda one: [frozenset(name for name, value in one.values.items() if sign * value > 0)],
        is_change=True,
    )


def _is_closed(match: re.Match[str]) -> bool:
    """Say whether the words name all: 只有甲, 两项为甲、乙, 有甲和乙两家; 有甲 leaves others open."""
    is_counted = re.search(rf"{_N}{_C}月?[^，、]{{0,4}}$", match["names"])
    return match["link"] != "有" or bool(is_counted)


def _tally_named(sentence: Sentence, at: int, end: int, before: str) -> Tally:
    said, lead = _said(sentence, at, end, before)
    lead = _PRIOR.sub("", lead)
    return Tally(
        sentence,
        at,
        lead,
        sentence.text[at:end],
        (),
        lambda _: (),
        lambda _: True,
        said,
        _sizes(sentence, end),
    )


def _check_named(tally: Tally, names: str, rosters: Rosters, *, is_closed: bool) -> Iterator[Finding]:
    """Compare the members that are named with those of the list that have the property."""
    listed = [part for part in re.split("、|以及|和|与|及", _BRACKETED.sub("", names)) if part.strip()]
    if not listed or _OTHERS.search(names) or _EXCEPTED.search(tally.lead):
        return
    fitting = [one for one in _fitting(tally, rosters.around(tally.said, names)) if _members_in(one, listed)]
    meant = rosters.meant(fitting, tally.said)
    for one in meant:
        told = _members_in(one, listed)
        if any(told == right or (not is_closed and told <= right) for right in tally.members(one)):
            return
    if meant:
        one, right = meant[0], tally.members(meant[0])[0]
        shown = "、".join(f"{name} {_shown(one, name)}" for name in one.parts)
        expected = "、".join(name for name in one.parts if name in right) or "无"
        said = f"点名的是 {'、'.join(listed)}，而列出的是 {shown}：符合的是 {expected}"
        yield Finding(
            tally.sentence.place, _quoted(tally), "列举数目", "、".join(listed), expected, "矛盾", said
        )


def _members_in(one: Roster, listed: Sequence[str]) -> frozenset[str]:
    """Give the members that are named, if every name is that of one member; else none."""
    found = [one.named_in(part) for part in listed]
    is_each = all(len(names) == 1 for names in found)
    return frozenset(names[0][1] for names in found) if is_each else frozenset()


# ------------------------------------------------------------------ one after the other


def _check_streak(
    sentence: Sentence, match: re.Match[str], rosters: Rosters, before: str
) -> Iterator[Finding]:
    """连续五年上升: so many steps at the end of a list of periods, or as many as it has, go one way."""
    said, _ = _said(sentence, match.start(), match.end(), before)
    way, number = (1 if match["up"] else -1), count_of(match["count"])
    fitting = [
        one
        for one in rosters.around(said)
        if one.is_of_time
        and len(one.parts) >= _FEWEST
        and not one.is_change
        and (one.passage == sentence.passage or (one.own_words | one.section_words) & said.words)
    ]
    meant = rosters.meant(fitting, said)
    if meant and not any(_goes_on(one, way, number) for one in meant):
        one = meant[0]
        values = list(one.values.items())
        broken = next(b for (_, a), (b, c) in pairwise(values) if way * (c - a) <= 0)
        yield Finding(
            sentence.place,
            sentence.text.strip()[-160:],
            "最高级",
            match.group(),
            f"{broken} {one.parts[broken].text}",
            "矛盾",
            f"写作「{match.group()}」，而列出的是 {'、'.join(f'{name} {m.text}' for name, m in one.parts.items())}",
        )


def _check_range(
    sentence: Sentence, match: re.Match[str], rosters: Rosters, before: str
) -> Iterator[Finding]:
    """1月至7月逐月上升, 7月之后连续四个月下降: every step of the stretch that the words give goes one way."""
    said, _ = _said(sentence, match.start(), match.end(), before)
    way = 1 if match["up"] else -1
    fitting = [
        one
        for one in rosters.around(said, match.group())
        if one.is_of_time
        and not one.is_change
        and not one.is_prior
        and one.style != "row"
        and len(one.parts) >= _FEWEST
        and _stretch(one, match)
    ]
    meant = rosters.meant(fitting, said)
    broken = [
        next((pair for pair in pairwise(_stretch(one, match)) if not _goes(one, pair, way)), None)
        for one in meant
    ]
    if meant and all(broken):
        one, (last, name) = meant[0], broken[0]
        yield Finding(
            sentence.place,
            sentence.text.strip()[-160:],
            "最高级",
            match.group(),
            f"{name} {one.parts[name].text}",
            "矛盾",
            f"写作「{match.group()}」，而 {last} 是 {one.parts[last].text}，{name} 是 {one.parts[name].text}",
        )


def _stretch(one: Roster, match: re.Match[str]) -> list[str]:
    """Give the periods that a statement runs through; none where the list has not all of them."""
    names = list(one.parts)
    if "first" not in match.groupdict():
        is_whole = one.within(match["lead"]) is one and len(names) >= _FEWEST
        return names if is_whole and all(match["unit"] in name for name in names) else []
    keys = [re.sub("份$", "", name) for name in names]
    first = match["first"] + (
        "" if match["first"][-1] in "月年度" else match["until"][-1:] if match["until"] else ""
    )
    if first not in keys or (match["until"] and match["until"] not in keys):
        return []
    start = keys.index(first)
    steps = count_of(match["count"]) if match["count"] else len(names) - 1 - start
    end = keys.index(match["until"]) if match["until"] else start + steps
    return names[start : end + 1] if start < end < len(names) else []


def _goes(one: Roster, pair: tuple[str, str], way: int) -> bool:
    return way * (one.values[pair[1]] - one.values[pair[0]]) > 0


def _goes_on(one: Roster, way: int, number: int) -> bool:
    steps = [way * (b - a) > 0 for a, b in pairwise(one.values.values())]
    return all(steps[-min(number, len(steps)) :])

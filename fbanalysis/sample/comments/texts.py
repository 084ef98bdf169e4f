"""Compose the sample's comments: shapes of a channel filled with clauses of the planted issue and feeling.

What a comment says follows issue, feeling, kind, side, stratum, tags and month; how it says it follows the
channel. The feeling is the one a careful reader would give. Nothing is read or written here.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import NamedTuple

import numpy as np
import pandas as pd

from fbanalysis.sample.comments import shapes, voices
from fbanalysis.sample.comments.phrases import Line, Parts, clauses, parse, weighted, weighted_blocks, words
from fbanalysis.sample.comments.proofreading import (
    clashes,
    in_third_person,
    is_clumsy,
    is_likely,
    is_timely,
    is_timely_of_incident,
    overlaps,
    smoothed,
)
from fbanalysis.sample.comments.spelling import TRADITIONAL, roughen

SIGNS = {"正面": "正", "中性": "中", "负面": "负"}
#: An issue that a tag promises.
TAG_ISSUES = {
    "响应时间过长": "响应时间",
    "系统稳定性问题": "稳定性",
    "文档说明不清": "文档",
    "沟通不畅": "沟通",
}
EMERGENCY_TAG = "紧急情况下的快速响应"
#: Who lends a line about an emergency to an issue that has none.
LENDERS = ("响应时间", "热线", "客服", "稳定性", "实施")
INCIDENT = "事件"
#: Issues of which a comment on the incident speaks anyway.
INCIDENT_ISSUES = ("数据准确", "升级", "稳定性")

REDRAWS = 8
BRIEF_DRAWS = 4
BRIEF_SHARE = {
    "在线问卷调查": 0.125,
    "社交媒体监测": 0.11,
    "客户服务热线": 0.06,
    "焦点小组讨论": 0.02,
    "面对面深度访谈": 0.01,
}
TERSE_SHARE = {"在线问卷调查": 0.5, "社交媒体监测": 0.34, "客户服务热线": 0.2}
TERSE_NOTES = 0.11
STORY_SHARE = {
    "在线问卷调查": 0.012,
    "社交媒体监测": 0.09,
    "客户服务热线": 0.08,
    "焦点小组讨论": 0.14,
    "面对面深度访谈": 0.195,
}
STOCK_SHARE = {"正": 0.017, "中": 0.08, "负": 0.01}
NUMBERED_SHARE = 0.033
OPENING_SHARE = {"在线问卷调查": 0.11, "社交媒体监测": 0.42}
STRATUM_OPENING_SHARE = 0.35
REGION_OPENING_SHARE = 0.015
ENDING_SHARE = {"正": 0.11, "中": 0.05, "负": 0.1}
EMOJI_SHARE = {"社交媒体监测": 0.36, "在线问卷调查": 0.012}
#: How a comment stops: (sign, weight) by manner.
STOPS = {
    "在线问卷调查": ("。",) * 11 + ("",) * 7 + ("！",),
    "社交媒体监测": ("",) * 10 + ("。",) * 3 + ("！",) * 3 + ("～", "……", "！！"),
}
USUAL_STOPS = ("。",) * 19 + ("",)


class Fact(NamedTuple):
    """One item to be put into words."""

    side: str
    stratum: str
    channel: str
    kind: str
    topic: str
    feeling: str
    issue: str
    issue2: str
    region: str
    department: str
    tags: str
    is_incident: bool
    year: int
    month: int
    day: int


class MissingClauseError(LookupError):
    """Nothing of this kind can be said; another shape is drawn."""


_SLOT = re.compile(r"\{(.+?)\}")
#: Channels whose notes are written by somebody else.
_NOTES = ("面对面深度访谈", "焦点小组讨论", "客户服务热线")
#: A request that is a bare verb phrase goes with every form of a wish, another one only with the plain forms.
_VERBAL = re.compile(
    "(?!公司|提前|提醒|提单|开课|开启|做完|清单|更新前|换人|换负|打分|推送|推销|保存|取数|讲义|讲课|调课|调岗|派单|补录|"
    "统计|编制|配置|对账|按钮|在场|先招|加班|每次)"
    "[把给支增公加多提开做让建将允设清放更统写补固录派换砍组办说优延打推保取留听默精减为合安在每按先请再对与和跟归编搞锁避"
    "聚配画引调挂继讲]"
)
_STOPPED = frozenset("？！～…。、」" + "".join(sign[-1] for signs in voices.EMOJI.values() for sign in signs))
_PLAIN = re.compile(r"(^|[，：。]|希望|建议|请|最好|至少|起码)\{求\}")


_SHAPES, _PAIRS, _TERSE = (
    weighted_blocks(shapes.SHAPES),
    weighted_blocks(shapes.PAIRS),
    weighted_blocks(shapes.TERSE),
)
_OWN = {channel: (weighted_blocks(own), share) for channel, (own, share) in shapes.MANNERS.items()}
_STORIES = {channel: weighted_blocks(stories) for channel, stories in shapes.STORIES.items()}
_WISHES = weighted_blocks(voices.WISHES)
_SOCIAL_WISHES = {sign: wishes + weighted(voices.SOCIAL_WISHES) * 2 for sign, wishes in _WISHES.items()}
_OPENINGS, _SOCIAL_OPENINGS = weighted_blocks(voices.OPENINGS), weighted_blocks(voices.SOCIAL_OPENINGS)
_STRATUM_OPENINGS = weighted_blocks(voices.STRATUM_OPENINGS)
_ENDINGS, _WISH_ENDINGS = weighted_blocks(voices.ENDINGS), weighted_blocks(voices.WISH_ENDINGS)
_THANKS, _CALL_ENDINGS = weighted(voices.THANKS), weighted_blocks(voices.CALL_ENDINGS)
_WORDS = {name: words(block) for name, block in voices.WORDS.items()}
_SMALL = {
    (kind, topic, side): words(re.sub(rf"^{other} .*\n|^{own} ", "", block, flags=re.MULTILINE))
    for kind, blocks in voices.SMALL.items()
    for topic, block in blocks.items()
    for side, own, other in (("internal", "内", "外"), ("external", "外", "内"))
}
_ADDED = weighted(shapes.ADDED)
_REGION_OPENING = parse(voices.REGION_OPENING)
#: What the answers of a numbered list are, by case.
_NUMBERED = {
    "正": ("正", "正2", "正3"),
    "正求": ("正", "正2", "愿3"),
    "解": ("正", "正2", "正3"),
    "中": ("中", "中2", "中3"),
    "中求": ("求", "求2", "求3"),
    "中问": ("中", "求2", "求3"),
    "负": ("负", "负2", "负3"),
    "负求": ("负", "负2", "求3"),
}


def write_comments(items: pd.DataFrame, *, rng: np.random.Generator) -> list[str]:
    """Write one comment per item, almost all of them different.

    Parameters
    ----------
    items
        Columns ``side stratum channel kind topic feeling issue issue2 region submitted_at department tags
        is_incident``; missing ones count as empty.
    """
    writer = Writer(int(rng.integers(2**62)))
    return [writer.write(fact) for fact in _facts(items)]


def _facts(items: pd.DataFrame) -> Iterator[Fact]:
    when = items["submitted_at"].dt
    dates = {"year": when.year, "month": when.month, "day": when.day}
    columns = []
    for name in Fact._fields:
        column = dates.get(name, items.get(name))
        empty = False if name == "is_incident" else ""
        columns.append([empty] * len(items) if column is None else column.fillna(empty).tolist())
    return map(Fact._make, zip(*columns, strict=True))


class Writer:
    """Puts items into words; remembers what was said, so that clauses take turns and comments differ."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random
        self.turns: dict[int, int] = {}
        self.seen: set[str] = set()

    def write(self, item: Fact) -> str:
        """Write one comment, drawn again while it is clumsy or was given before."""
        self.item, self.sign = item, SIGNS[item.feeling]
        self._choose_issues()
        text = self._stock()
        if text:
            return text
        wants_brief = self._is_brief()
        for attempt in range(REDRAWS):
            try:
                text = self._brief() if wants_brief and attempt < BRIEF_DRAWS else self._full()
            except MissingClauseError:
                continue
            # among many comments the shortest come again, as they do in life
            if text not in self.seen or (wants_brief and attempt == BRIEF_DRAWS - 1):
                break
        text = text or self._plain()
        self.seen.add(text)
        return text

    # ---- what has to be said ----

    def _choose_issues(self) -> None:
        """Set the issues to speak of: first, second, and others that get a sentence at the end."""
        item = self.item
        promised = [TAG_ISSUES[tag] for tag in item.tags.split("；") if tag in TAG_ISSUES]
        wanted = [issue for issue in (item.issue, item.issue2) if issue]
        if item.is_incident:
            wanted = [INCIDENT, *(issue for issue in wanted if issue not in INCIDENT_ISSUES)]
        wanted += promised
        self.has_promise = bool(promised)
        self.is_urgent = EMERGENCY_TAG in item.tags
        if self.is_urgent and not self._lines_of("急", wanted[0]):
            lenders = [issue for issue in LENDERS if self._lines_of("急", issue)]
            wanted[:0] = [self._pick(lenders)] if lenders else []
        self.issues = list(dict.fromkeys(wanted))

    def _lines_of(self, tag: str, issue: str) -> tuple[Line, ...]:
        item = self.item
        return clauses(issue, tag, item.side, item.year, item.month)

    def _case(self) -> str:
        kind, sign = self.item.kind, self.sign
        if kind == "建议":
            return sign + "求"
        if kind == "问题反映":
            return {"正": "解", "中": "中问", "负": "负"}[sign]
        return sign

    # ---- short answers ----

    def _stock(self) -> str:
        item = self.item
        is_free = len(self.issues) == 1 and not (self.has_promise or self.is_urgent or item.is_incident)
        if item.channel != "在线问卷调查" or item.kind == "问题反映" or not is_free:
            return ""
        if self.random() >= STOCK_SHARE[self.sign]:
            return ""
        return self._pick(voices.STOCK[self.sign])

    def _is_brief(self) -> bool:
        if len(self.issues) > 1 or self.is_urgent:
            return False
        share = BRIEF_SHARE[self.item.channel] * (1.35 if self.item.kind != "建议" else 1)
        return self.random() < share

    def _brief(self) -> str:
        self._start()
        tag = "短求" if self._case() == "中求" else f"短{self.sign}"
        text = self._filled(self._clause(tag, self.issues[0]))
        stop = self._pick(("", "", "", "。", "。", "！") if self.sign != "中" else ("", "", "。"))
        return self._with_emoji(text + stop)

    # ---- full comments ----

    def _plain(self) -> str:
        """Say the bare clauses, where every shape failed."""
        self._start()
        return "。".join(self._filled(self._clause(self.sign, issue)) for issue in self.issues) + "。"

    def _start(self) -> None:
        self.used: set[int] = set()
        self.said: dict[str, str] = {}
        self.spoken: set[str] = set()
        self.is_due = True
        self.last = ""

    def _full(self) -> str:
        self._start()
        shape, is_framed = self._shape()
        text = self._filled(self._expand(shape)) + self._rest()
        text = smoothed(text)
        text = self._told(text, is_third=is_framed and self.item.channel in _NOTES)
        if is_clumsy(text, size=2 if self.is_terse else 4):
            raise MissingClauseError(text)
        if not is_framed:
            text = self._closed(self._opened(text))
        return self._finished(text)

    def _shape(self) -> tuple[Parts, bool]:
        """Draw a shape, and say whether it is a whole frame, without opening and ending."""
        self.is_terse = False
        channel, case = self.item.channel, self._case()
        has_story = self.sign == "正" or not self.is_urgent
        if has_story and self.random() < STORY_SHARE[channel]:
            return self._pick(_STORIES[channel][self.sign]), True
        if self.is_urgent:
            case = {"正": "急", "中": "急中", "负": "急负"}[self.sign]
        if channel == "在线问卷调查" and not self.is_urgent and self.random() < NUMBERED_SHARE:
            return self._numbered(case), False
        if self.random() < TERSE_SHARE.get(channel, TERSE_NOTES):
            self.is_terse = True
            return self._pick(_TERSE[case]), False
        own, share = _OWN.get(channel, ({}, 0.0))
        if case in own and self.random() < share:
            return self._pick(own[case]), channel in _NOTES
        return self._pick((_PAIRS if len(self.issues) > 1 else _SHAPES)[case]), False

    def _rest(self) -> str:
        """Give a sentence on each issue that the shape had no place for."""
        rest = [issue for issue in self.issues if issue not in self.spoken]
        joints = [self._expand(self._pick(_ADDED)), "；", "。"]
        clauses = [self._clause(self._added_tag(), issue) for issue in rest]
        return self._filled(
            "".join(f"{joint}{clause}" for joint, clause in zip(joints, clauses, strict=False))
        )

    def _added_tag(self) -> str:
        return ("短" if self.is_terse else "") + ("求" if self._case() == "中求" else self.sign)

    def _numbered(self, case: str) -> Parts:
        text = self._pick(shapes.NUMBERED)
        for name, slot in zip("一二三", _NUMBERED[case], strict=True):
            text = text.replace(f"{{{name}}}", f"{{{slot}}}")
        return (text,)

    # ---- filling ----

    def _pick(self, choices: Sequence) -> object:
        return choices[int(self.random() * len(choices))]

    def _expand(self, parts: Parts) -> str:
        random = self.random
        return "".join([part if part.__class__ is str else part[int(random() * len(part))] for part in parts])

    def _filled(self, text: str) -> str:
        while "{" in text:
            text = _SLOT.sub(self._slot, text)
        return text

    def _slot(self, match: re.Match) -> str:
        name = match[1]
        if name in _CLAUSE_SLOTS:
            tag, place = _CLAUSE_SLOTS[name]
            issues = self.issues
            issue = issues[1] if place == 2 and len(issues) > 1 else issues[0]
            if self.is_urgent and self.is_due and not place and tag in "正急":
                tag, self.is_due = "急", False
            return self._wish(tag, issue) if tag in _WISHED else self._clause(tag, issue)
        if name == "系统" and match.string[: match.start()].endswith("还是"):
            return "云衡"
        if name in self.said:
            return self.said[name]
        word = _MAKERS[name](self)
        if name not in _FLEETING:
            self.said[name] = word
        return word

    def _clause(self, tag: str, issue: str) -> str:
        """Say a clause that fits, none twice in a comment."""
        lines = self._lines_of(tag, issue)
        if self.item.kind == "问题反映" and tag in _REPORTED:
            lines = self._lines_of(_REPORTED[tag], issue) or lines
        for line in self._in_turn(lines):
            text = self._expand(line.parts)
            if line.number in self.used or not self._fits(text, issue=issue):
                continue
            self.used.add(line.number)
            self.spoken.add(issue)
            self.last = tag[-1]
            self.turns[line.number] = self.turns.get(line.number, 0) + 1
            return text
        raise MissingClauseError(f"{issue} {tag}")

    def _in_turn(self, lines: Sequence[Line]) -> Iterator[Line]:
        """Give the less used of two random lines, a few times, and then all of them."""
        turns = self.turns
        for _ in range(REDRAWS if lines else 0):
            one, other = self._pick(lines), self._pick(lines)
            yield one if turns.get(one.number, 0) <= turns.get(other.number, 0) else other
        yield from lines

    def _fits(self, text: str, *, issue: str) -> bool:
        """Say whether a clause fits the month, and the job that was told of the speaker."""
        item = self.item
        if not is_likely(text, stratum=item.stratum, has_job="履历" in self.said):
            return False
        if issue == INCIDENT:
            return is_timely_of_incident(text, month=item.month, day=item.day)
        return is_timely(text, year=item.year, month=item.month)

    def _wish(self, tag: str, issue: str) -> str:
        wish = self._clause(_WISHED[tag], issue)
        forms = (_SOCIAL_WISHES if self.item.channel == "社交媒体监测" else _WISHES)[self.sign]
        is_verbal = _VERBAL.match(wish)
        for _ in range(REDRAWS):
            form = self._expand(self._pick(forms))
            if form[0] == "～":
                if "，" in wish:
                    continue
                form = form[1:]
            if is_verbal or _PLAIN.search(form):
                return form.replace("{求}", wish)
        return "希望" + wish

    # ---- the last touch ----

    def _told(self, text: str, *, is_third: bool) -> str:
        """Turn what is told of somebody else into the third person, outside the quotation marks."""
        if not is_third or not ("我" in text or "咱" in text or "你们" in text):
            return text
        you = "云衡" if self.item.side == "external" else "公司"
        return in_third_person(text, he=self.said.get("他", "他"), you=you)

    def _opened(self, text: str) -> str:
        item, random = self.item, self.random
        if self.is_terse or random() >= OPENING_SHARE.get(item.channel, 0.06):
            return text
        if item.channel == "社交媒体监测":
            opening = self._expand(self._pick(_SOCIAL_OPENINGS[self.sign]))
        elif item.region and random() < REGION_OPENING_SHARE / 0.11:
            opening = self._expand(_REGION_OPENING)
        elif self.sign != "中" and random() < STRATUM_OPENING_SHARE:
            opening = self._expand(self._pick(_STRATUM_OPENINGS[item.stratum]))
        else:
            opening = self._expand(self._pick(_OPENINGS[self.sign]))
        opening = self._filled(opening)
        if opening[0] in "@#" and opening[-1] not in "，：":
            opening += " "
        return text if overlaps(opening, text[:14]) or clashes(opening, text) else opening + text

    def _closed(self, text: str) -> str:
        """Add thanks, anger or an agent's note, seldom."""
        if text[-1] in "？！”" or self.random() >= ENDING_SHARE[self.sign]:
            return text
        ending = self._filled(self._expand(self._pick(self._endings())))
        return text if overlaps(ending, text) else text + ending

    def _endings(self) -> tuple[Parts, ...]:
        if self.item.channel in _NOTES:
            return _CALL_ENDINGS[self.sign] if self.item.channel == "客户服务热线" else ((),)
        if self.last == "求":
            return _WISH_ENDINGS[self.sign]
        if self.last in "讽缺":
            return ((),)
        is_thanks = self.sign == "正" and self.item.kind == "表扬" and self.random() < 0.5
        return _THANKS if is_thanks else _ENDINGS[self.sign]

    def _finished(self, text: str) -> str:
        text = self._with_emoji(text)
        if text[-1] not in _STOPPED and text[-2:] not in ("。”", "？”", "！”"):
            text += self._stop()
        return roughen(text, channel=self.item.channel, sign=self.sign, random=self.random)

    def _stop(self) -> str:
        stop = self._pick(STOPS.get(self.item.channel, USUAL_STOPS))
        return "" if self.sign == "中" and stop[:1] == "！" else stop

    def _with_emoji(self, text: str) -> str:
        if self.random() >= EMOJI_SHARE.get(self.item.channel, 0):
            return text
        sign = self._pick(voices.EMOJI[self.sign])
        return text + sign * (1 if sign[0] == "[" else 1 + int(self.random() * 1.5))


# ---- words ----


@cache
def _times(month: int, day: int) -> tuple[str, ...]:
    """List the ways to say when something happened, as seen from a day of the year."""
    middle = ("月初", "这个月初") if day > 8 else ()
    late = ("月中",) if day > 20 else ()
    return (*voices.TIMES, *middle, *late, *(voices.MONTH_TIMES[month] if day > 8 else ()))


def _word(name: str) -> Callable[[Writer], str]:
    return lambda writer: writer._expand(writer._pick(_WORDS[name]))


def _small(kind: str) -> Callable[[Writer], str]:
    return lambda writer: writer._expand(writer._pick(_SMALL[kind, writer.item.topic, writer.item.side]))


def _noun(tag: str, *, place: int = 0) -> Callable[[Writer], str]:
    return lambda writer: writer._expand(
        writer._pick(writer._lines_of(tag, writer.issues[min(place, len(writer.issues) - 1)])).parts
    )


def _by_stratum(texts: Mapping[str, str]) -> Callable[[Writer], str]:
    return lambda writer: writer._expand(parse(texts.get(writer.item.stratum, texts.get(""))))


def _department(writer: Writer) -> str:
    name = writer.item.department if writer.random() < 0.7 else ""
    return writer._pick(voices.DEPARTMENT_NAMES[name or writer._pick(tuple(voices.DEPARTMENT_NAMES))])


def _caller(writer: Writer) -> str:
    item = writer.item
    return writer._expand(parse(voices.CALLERS_OF.get(item.stratum, voices.CALLERS[item.side])))


def _career(writer: Writer) -> str:
    item = writer.item
    return writer._expand(parse(voices.JOBS_OF.get(item.stratum, voices.JOBS[item.side])))


def _trouble(name: str) -> Callable[[Writer], str]:
    return lambda writer: (
        _MAKERS[name](writer) + writer._pick(("的问题", "的问题", "的事", "的情况", "这个问题"))
    )


_TAGS = (*"正中负求叙果赞讽急缺否愿", "短正", "短中", "短负", "短求", "短愿")
#: A wish is a request in one of the forms of wishes.
_WISHED = {"愿": "求", "短愿": "短求"}
#: A neutral 问题反映 reports a fault soberly, where there are such lines.
_REPORTED = {"中": "报", "短中": "短报"}
#: Slots that are clauses: the tag and whether it is of the second issue.
_CLAUSE_SLOTS = {f"{tag}{place or ''}": (tag, place) for tag in _TAGS for place in (0, 2, 3)}
_MAKERS: dict[str, Callable[[Writer], str]] = {
    "系统": lambda writer: writer._pick(
        voices.SYSTEM["notes" if writer.item.channel in _NOTES else writer.item.side]
    ),
    "时间": lambda writer: writer._pick(_times(writer.item.month, writer.item.day)),
    "部门": _department,
    "题": _noun("题"),
    "题2": _noun("题", place=1),
    "事": _noun("事"),
    "事2": _noun("事", place=1),
    "事情": _trouble("事"),
    "事情2": _trouble("事2"),
    "小正": _small("小正"),
    "小负": _small("小负"),
    "谁": _by_stratum(voices.SPEAKERS),
    "谁2": lambda writer: writer._pick(("其", "本人也")),
    "他": lambda writer: writer._pick(("他", "她")),
    "组员": lambda writer: writer._expand(parse(voices.MEMBERS[writer.item.side])),
    "一员": lambda writer: writer._expand(parse(voices.ONE_MEMBER[writer.item.side])),
    "群": _by_stratum(voices.GROUPS),
    "来电": _caller,
    "其": lambda writer: writer._pick(
        ("来电人", "对方") if writer.item.side == "internal" else ("客户", "对方")
    ),
    "履历": _career,
    "资历": _by_stratum(voices.TENURES),
    "区": lambda writer: writer.item.region,
    **{name: _word(name) for name in voices.WORDS},
}
#: Words that may differ within one comment.
_FLEETING = {"时间", "组员", "一员", "谁", "夸标", "推脱", "追问"}


# ---- the report on text variety ----

SAMPLE = 20_000


def variety(comments: Sequence[str]) -> pd.DataFrame:
    """Measure how varied the comments are: one row a measure, named in Chinese.

    Distinct texts are counted among all comments, the rest in an even sample of 20,000.
    """
    spoken = [text for text in comments if text]
    step = max(1, -(-len(spoken) // SAMPLE))
    texts = pd.Series(spoken[::step], dtype="str")
    lengths = texts.str.len()
    rows = {"非空评论": len(spoken), "互不相同的评论占比（%）": 100 * len(set(spoken)) / len(spoken)}
    rows |= _word_measures(texts)
    rows |= {f"长度 {share}% 分位（字）": lengths.quantile(share / 100) for share in (5, 25, 50, 75, 95, 99)}
    rows["超过 120 字的占比（%）"] = 100 * (lengths > 120).mean()
    rows["不足 10 字的占比（%）"] = 100 * (lengths < 10).mean()
    opening = texts[lengths >= 4].str[:4].value_counts(sort=True)
    rows[f"最常见的开头四字“{opening.index[0]}”的占比（%）"] = 100 * opening.iloc[0] / len(texts)
    for name, pattern in _TRAITS.items():
        rows[f"{name}的占比（%）"] = 100 * texts.str.contains(pattern).mean()
    return pd.DataFrame({"指标": list(rows), "值": [round(float(value), 2) for value in rows.values()]})


_TRAITS = {
    "带表情": r"[\U0001F300-\U0001FAFF\u2600-\u27BF]|\[(?:赞|鼓掌|怒|流泪)\]",
    "带繁体字": f"[{TRADITIONAL}]",
    "带拉丁字母": "[A-Za-z]",
}


def _word_measures(texts: pd.Series) -> dict[str, float]:
    import jieba  # takes a second, and only this report wants it

    jieba.setLogLevel(60)
    spoken = [word for text in texts for word in jieba.cut(text) if "\u4e00" <= word[0] <= "\u9fff"]
    first = {word for text in texts[:1000] for word in jieba.cut(text) if "\u4e00" <= word[0] <= "\u9fff"}
    return {"前一千条中不同的词": len(first), "词型与词次之比（%）": 100 * len(set(spoken)) / len(spoken)}

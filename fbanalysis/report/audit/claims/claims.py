"""Cuts what a file says into numbers with their words: subject, measure, role and period. It judges nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from fbanalysis.report.audit.numbers import Mention, find_numbers
from fbanalysis.report.audit.reading import Passage

#: What readers take as the report's own statements; quotes, code and properties are not.
SPOKEN = ("title", "text", "note", "label", "alt", "cell")
#: Numbers that measure something; dates and ranks order things.
MEASURING = ("number", "percent", "points", "multiple")
#: Numbers that name something and count nothing.
NAMING_UNITS = frozenset(("年级", "号", "届", "期", "版", "班", "楼", "层"))

#: A line of a machine's listing, as name[stratum] = 4.2: no statement for readers.
_LISTING = re.compile(r"\s*[A-Za-z_][\w.]*(?:\[[^\]]*\])?\s*=")
_SENTENCE = re.compile(r"(?:[^。！？!?\n]|。(?=其中|分别))*[。！？!?\n]*")
_HARD = re.compile(r"[，,、；;。！？!?•·▪●■◆○|\n\t]")
_TRAILING = re.compile(
    r"(?:[\s:：（(「“\"【=]|分别|依次|大约|总共|共计|合计|共有|共|为|是|达到了?|达|约|占比|所占比例|比例|占|仅有?|只有"
    r"|有|均|了|高达|多达|的|则|也|还|已|就|在|至|到|位)+$"
)
_LEADING = re.compile(
    r"^(?:[\s:：）)（(「“」”\"】]|其中|其次是?|首先|然后|而|且|并|和|与|及|以及|但|同时|此外|另外|另有|还有|包括|包含|主要是?"
    r"|[^，]{0,12}(?:分别|依次)(?:为|是)|第[一二三四五六七八九十]|是|为|有(?!效)|即|例如|如|[①-⑳]|[-–—*#]+|的)+"
)
#: The nouns that a figure measures. A longer one stands before the shorter one that it ends with.
KNOWN_HEADS = (
    "满意度|满意率|忠诚度|净推荐值|覆盖率|响应时间|响应时长|等待时间|处理时间|处理时长|办理时间|平均分|得分|评分|分数|成绩"
    "|样本量|数量|总数|总量|总额|人数|件数|份数|次数|户数|家数|金额|收入|营收|利润|成本|费用|支出|预算|产量|产值|销量|销售额"
    "|投诉量|工单量|业务量|访问量|门诊量|订单量|周期|工期|时长|耗时|用时|时间|占比|比例|比重|份额|标准差|均值|均分|单价|价格"
    "|效率|速度|性能|稳定性|知晓度|参与度|认可度"
)
HEADS = f"{KNOWN_HEADS}|[\u4e00-\u9fff]{{1,3}}率|[\u4e00-\u9fff]{{1,3}}量|[\u4e00-\u9fff]{{1,3}}额|[\u4e00-\u9fff]{{1,3}}数"
_HEAD = re.compile(f"(?:{HEADS})")
#: Ends the words that qualify a measure when one looks back from it.
_CUT = re.compile(
    r"[^\u4e00-\u9fffA-Za-z]|的|了|将|使|把|与|和|及|较|比|从|由|对|在|让|显示|表明|反映|实现|促进|推动|带来|因此|所以|特别是"
    r"|其中|目前|当前|如今|现在|现有|已有|本年度?|今年|去年|上年|全年|年度|我们|通过|同时|此外|意味着|说明|预计|计划|力争|目标是?|实际|以及"
    r"|其|该|此|这|是|为|更|也|但|而|并|且|前|后|得|各项?|上述|等|随着|由于|因|依据|根据|据|调查|统计|结果|完成|发现|至|到|达(?!标)|有效(?!率)|降低|提升|缩短|减少|增长|提高|下降|上升|增加|改善|优化|没有|未|[实施进造]后|一步"
)
#: Never part of a measure's name, not even of its last noun.
_JOINT = re.compile(r"将|把|使其|的|了|[与和及、](?=[\u4e00-\u9fff]{2})|其中|该")
#: Qualifiers that name the whole and tell no part of it from another.
GENERAL = re.compile(r"平均|总体|整体|客户|用户|顾客|综合|全体|全部|最终|整个|公司|的|总(?!数|量|额)")
PRIOR = re.compile(
    r"去年|上年|上学年|上一年|前一年|上半年同期|上期|上季度?|上月|同期|基期|期初|年初|原来|原先|原有|此前|之前|以前|过去|[改整实优升]\S{1,3}前"
)
AIM = re.compile(
    r"目标(?!人群|客户|用户|群体|市场|对象)|计划|预期|预计|力争|争取|拟|将把|要求|指标值|任务数|规划|期望|有望|到20\d\d年末?将|标准(?!差)|不得"
)
PART_SCOPE = re.compile(
    r"紧急|高峰|周末|节假日|夜间|部分|某|个别|单次|最长|最短|最快|最慢|最高|最低|短期|阶段性|P\d|一级|二级|重大"
)
UP = "提升|提高|增长|增加|上升|上涨|升高|攀升|扩大|增幅|涨幅|增速|增长率|走高|跃升|上调|上浮|增收|增值|升幅|升|增|涨"
DOWN = "下降|降低|减少|缩短|压缩|下滑|回落|下跌|降幅|跌幅|减幅|收窄|节约|节省|压降|缩减|削减|走低|下调|缩小|降|减|跌"
EITHER = "改善|优化|变化|变动|同比|环比|高出|高于|低于|相差|差距|分差|相距|(?<=比)[^0-9，。；,;]{1,12}(?:高|低|多|少|快|慢|长|短)|(?<=[年期月度值均上])(?:多了?|少了?|高|低)|^(?:高|低)(?:出|了)?"
_MOVED = re.compile(f"{UP}|{DOWN}|改善|优化|今年|本年|本期|[到至]")
_FILL = r"(?:幅度?|成本|费用|时间|人力|了|约|近|达到?|为|超过?|仅|率|[：:\s（(])*"
_CHANGE = re.compile(f"(?P<up>{UP})?(?P<down>{DOWN})?(?P<either>{EITHER})?{_FILL}$")
#: 完成计划 1,200 人的 95 %: what follows is the attainment.
#: Between two numbers that stand side by side; a score may print what it is out of.
_BESIDE = re.compile(r"(?:分?[/／]\d+)?[\s+−–~-]*")
_OUT_OF = re.compile(r"^\s*分?[/／]\s*$|满分(?:为|是)?\s*$")
#: A period in brackets or behind 较 is that of the next number alone.
_ASIDE = re.compile(r"(?:[较比与于（(]|相比)\s*$")
_OF_IT = re.compile(r"^的(?:约|近)?$")
#: 1号线, 3号楼: the number is a part of the name.
_NUMBERED = re.compile(r"号(?=[\u4e00-\u9fff])")
_PERIODS = ("year", "quarter", "month")
_ROLES = (
    (
        "attainment",
        re.compile(
            r"(?:达成率|完成率|完成度|达成度|实现率|完成比例|完成进度|达标进度|执行率|达成|(?:完成|达到?|为|占)?(?:了)?(?:年度|全年|年初|预定)?(?:目标|计划|任务|预算)(?:任务|值|数)?的)[为是达到约了\s:：(（]*$"
        ),
    ),
    (
        "target",
        re.compile(
            r"(?:(?:目标(?!人群|客户|用户|市场|群体|对象)|计划)[^0-9，。；,;、共总完]{0,6}|(?:预算|指标|任务|要求|标准(?!差))(?:值|数|量|额|是|为|定为|设定为|时长|时间|不低于|不超过)*)[\s:：(（≥≤<>]*$"
        ),
    ),
    ("actual", re.compile(r"(?:实际|实绩|实得|实现|完成值|达成值|完成)[^0-9，。；,;]{0,8}[\s:：(（]*$")),
    (
        "from",
        re.compile(
            r"(?:从(?![业而事属未不来没])|(?<![理缘自事])由(?![于此])|(?<!来)自(?=(?:去年|上年|原来|最初|年初|此前)?的?$))[^0-9，。；,;从由]{0,14}$"
        ),
    ),
    ("to", re.compile(r"(?:到|至|为|成|达|→|->)(?:了|目前的|现在的|今年的|当前的|如今的|约|的)*[\s:：]*$")),
)


@dataclass(frozen=True)
class Claim:
    """A number in a sentence with the words around it.

    ``lead`` and ``tail`` are the words of its clause before and behind it, up to the next number;
    ``start`` and ``end`` count from the sentence's beginning; ``stage`` is the year, quarter or month in force.
    ``is_owned`` says that the subject is somebody's (食堂的满意度, 一年级满意度) whom its name does not name.
    """

    mention: Mention
    start: int
    end: int
    lead: str
    tail: str
    role: str = ""
    direction: int = 0
    head: str = ""
    subject: str = ""
    period: str = ""
    is_aim: bool = False
    is_part: bool = False
    stage: tuple[str, float] = ("", 0.0)
    is_owned: bool = False

    @property
    def value(self) -> float:
        return float(self.mention.value)

    @property
    def unit(self) -> str:
        return self.mention.unit

    @property
    def text(self) -> str:
        return self.mention.text

    @property
    def is_percent(self) -> bool:
        return self.mention.kind == "percent"

    @cached_property
    def label(self) -> str:
        """What the number is said of, where the clause itself names it."""
        words = _TRAILING.sub("", self.lead[-60:])
        return _LEADING.sub("", re.split(r"[:：]", words)[-1])[-24:]

    @cached_property
    def core(self) -> str:
        """The subject without the qualifiers that only name the whole."""
        return GENERAL.sub("", self.subject)


@dataclass(frozen=True)
class Sentence:
    """A sentence with its numbers, in order."""

    text: str
    place: str
    passage: int
    page: int
    kind: str
    claims: tuple[Claim, ...] = ()
    mentions: tuple[Mention, ...] = ()
    offset: int = 0

    @cached_property
    def endings(self) -> dict[int, str]:
        """Numbers that may name the one right behind them, by where they end."""
        return {m.end - self.offset: m.text for m in self.mentions if m.kind != "percent"}

    @cached_property
    def depths(self) -> list[int]:
        """How many brackets are open at each letter."""
        if not ("（" in self.text or "(" in self.text):
            return [0] * (len(self.text) + 1)
        depths, depth = [], 0
        for letter in self.text:
            depth = max(0, depth + (letter in "（(") - (letter in "）)"))
            depths.append(depth)
        return depths

    def gap(self, first: Claim, second: Claim) -> str:
        """Give the words between two of its numbers."""
        return self.text[first.end : second.start]

    def stands_in_row(self, place: int) -> bool:
        """Say whether another number stands right beside one: a range, or a table that ran into one line."""
        claims = self.claims
        after = place + 1 < len(claims) and bool(
            _BESIDE.fullmatch(self.gap(claims[place], claims[place + 1]))
        )
        return after or (place > 0 and bool(_BESIDE.fullmatch(self.gap(claims[place - 1], claims[place]))))

    def around(self, *claims: Claim, margin: int = 30) -> str:
        """Quote what stands around some of its numbers; a short sentence is quoted whole."""
        if len(self.text) <= 160:
            return self.text.strip()
        first = max(0, min(claim.start for claim in claims) - margin)
        return self.text[first : max(claim.end for claim in claims) + margin].strip()


@dataclass(frozen=True)
class Table:
    """Numbers in rows and columns, however the file lays them out.

    ``cells`` maps (row, column) to the number there; ``heads`` may be empty words where a file has no heads.
    ``words`` maps a row and the head of a column to the words of a cell without a number.
    """

    place: str
    page: int
    passage: int
    labels: tuple[str, ...]
    heads: tuple[str, ...]
    cells: dict[tuple[int, int], Mention] = field(default_factory=dict)
    caption: str = ""
    words: dict[tuple[int, str], str] = field(default_factory=dict)

    def column(self, column: int) -> dict[int, Mention]:
        """Give the numbers of a column by their row."""
        return {
            row: self.cells[row, column] for row in range(len(self.labels)) if (row, column) in self.cells
        }


def quote_row(table: Table, row: int) -> str:
    """Write a row of a table as it stands: its name and its numbers, divided by bars."""
    cells = [table.cells[at] for at in sorted(table.cells) if at[0] == row]
    return " | ".join([table.labels[row], *[cell.text for cell in cells]])


@dataclass(frozen=True)
class Claims:
    """All that a file says in numbers."""

    sentences: tuple[Sentence, ...]
    tables: tuple[Table, ...]

    @cached_property
    def pairs(self) -> tuple[tuple[Sentence, Claim], ...]:
        return tuple((sentence, claim) for sentence in self.sentences for claim in sentence.claims)


def cut(passage: Passage, number: int = 0) -> Iterator[Sentence]:
    """Cut a passage into sentences; passages that are no statement of the report give none."""
    if passage.kind not in SPOKEN:
        return
    mentions = find_numbers(passage.text)
    first = 0
    for match in _SENTENCE.finditer(passage.text):
        last = first
        while last < len(mentions) and mentions[last].start < match.end():
            last += 1
        if match.group().strip() and not _LISTING.match(match.group()):
            yield _sentence(passage, number, match, mentions[first:last])
        first = last


def _sentence(passage: Passage, number: int, match: re.Match[str], mentions: Sequence[Mention]) -> Sentence:
    claims = tuple(_claims(match.group(), match.start(), mentions))
    return Sentence(
        match.group(),
        passage.place,
        number,
        passage.page,
        passage.kind,
        claims,
        tuple(mentions),
        match.start(),
    )


@dataclass(frozen=True)
class Heard:
    """What a sentence has said so far: the subject, whether it is somebody's, and the period in force.

    ``aside`` is a period that holds for the next number only: 91 分，较 2022 年的 89 分提高 2 分.
    """

    subject: str = ""
    head: str = ""
    is_owned: bool = False
    stage: tuple[str, float] = ("", 0.0)
    aside: tuple[str, float] | None = None

    def hear(self, between: str, mention: Mention, before: Mention | None) -> "Heard":
        """Take in the words before a number, and the number where it is a period."""
        heard = self
        if (found := find_subject(between)) is not None:
            is_owned = _is_owned(between, found[0], is_named=before is not None and _is_name(before))
            heard = replace(heard, subject=found[0], head=found[1], is_owned=is_owned)
        if mention.kind not in _PERIODS or mention.value is None:
            return heard
        stage = (mention.kind, mention.value)
        return replace(heard, aside=stage) if _ASIDE.search(between) else replace(heard, stage=stage)


def _claims(text: str, offset: int, mentions: Sequence[Mention]) -> Iterator[Claim]:
    heard = Heard()
    last: Claim | None = None
    before, said = 0, ""
    for place, mention in enumerate(mentions):
        start, end = mention.start - offset, mention.end - offset
        after = mentions[place + 1].start - offset if place + 1 < len(mentions) else len(text)
        between = text[before:start]
        # 从三季度的 78 % 升到 81 %: a period between 从 and its number parts them not
        said = said + between if place and mentions[place - 1].kind in _PERIODS else between
        heard = heard.hear(between, mention, mentions[place - 1] if place else None)
        before = end
        if _measures(mention) and not _is_scale(mention, between) and not _NUMBERED.match(text, end):
            claim = describe(text, mention, Words(between, start, end, after, heard, said))
            if last is not None and last.role == "target" and _OF_IT.search(between):
                claim = replace(claim, role="attainment")
            last = claim
            heard = replace(heard, aside=None)
            yield claim


def _is_name(mention: Mention) -> bool:
    return mention.kind in ("rank", "month", "quarter") or mention.unit in NAMING_UNITS


def _measures(mention: Mention) -> bool:
    return mention.kind in MEASURING and mention.value is not None and mention.unit not in NAMING_UNITS


def _is_scale(mention: Mention, between: str) -> bool:
    """Say whether a number is what a score is out of: 4.2/5, 满分 100 分."""
    return bool(_OUT_OF.search(between[-8:])) and mention.value in (3, 4, 5, 7, 10, 100, 120, 150)


@dataclass(frozen=True)
class Words:
    """Where a number stands in its sentence, and what the sentence has said before it."""

    between: str
    start: int
    end: int
    after: int
    heard: Heard
    said: str


def describe(text: str, mention: Mention, words: Words) -> Claim:
    """Give a number its words: clause, role, direction, subject and period."""
    between, start, end = words.between, words.start, words.end
    lead = _HARD.split(between)[-1]
    tail = _HARD.split(text[end : words.after])[0]
    near = re.split(r"[。；;]", text[max(0, start - 40) : start])[-1]
    role = next((name for name, form in _ROLES if form.search(words.said[-30:])), "")
    direction, is_change = _direction(between, mention)
    if is_change and role not in ("attainment", "target", "actual"):
        role = "change"
    return Claim(
        mention,
        start,
        end,
        lead,
        tail,
        role,
        direction,
        words.heard.head,
        words.heard.subject,
        _period(words.said),
        bool(AIM.search(between[-40:])) and role != "actual",
        bool(PART_SCOPE.search(near)),
        words.heard.aside or words.heard.stage,
        words.heard.is_owned,
    )


def _direction(between: str, mention: Mention) -> tuple[int, bool]:
    """Say whether a number is a change, and whether up (1), down (-1) or unsaid (0)."""
    match = _CHANGE.search(between[-20:])
    sign = (mention.value > 0) - (mention.value < 0) if mention.value is not None and mention.is_signed else 0
    if match is None or match.group("up", "down", "either") == (None, None, None):
        return sign, mention.kind == "points" or bool(mention.is_signed)
    if match["down"]:
        return -1, True
    if match["up"]:
        return 1, True
    return (1 if match["either"][0] in "高多" else -1 if match["either"][0] in "低少" else sign), True


def _is_owned(between: str, subject: str, *, is_named: bool) -> bool:
    """Say whether words or a number right before a subject tell whose it is."""
    at = between.rfind(subject)
    before = _HARD.split(between[max(0, at - 20) : at])[-1]
    if before.endswith("的"):
        return bool(re.search(r"[\u4e00-\u9fff]{2}的$", before)) and not re.search(
            r"(?:目前|当前|现在|今年|本年度?|全年)的$", before
        )
    return at == 0 and is_named


def find_subject(text: str) -> tuple[str, str] | None:
    """Find the last thing measured that a piece of text names: the phrase, and its head noun."""
    found = _last(_HEAD, text)
    if found is None:
        return None
    before = text[max(0, found.start() - 14) : found.start()]
    words = _CUT.split(before)[-1]
    return _JOINT.split(words + found.group())[-1], found.group()


def _period(between: str) -> str:
    """Say whether the words before a number place it in an earlier period: 去年的 67 %, not 较去年提升至 86 %."""
    match = _last(PRIOR, between[-40:])
    return "prior" if match and not _MOVED.search(between[-40:][match.end() :]) else ""


def _last(form: re.Pattern[str], text: str) -> re.Match[str] | None:
    match = None
    for found in form.finditer(text):
        match = found
    return match

"""Reads names with their numbers from lines and sentences: 本部 91.8 % (661/720), 报表 3.88→4.05, 水电 35 %、停车 8 %."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.claims.claims import KNOWN_HEADS, Claim, Sentence

BULLET = re.compile(r"^\s*(?:[-•·▪●*－–—■◆○]|[（(]\d{1,2}[）)]|\d{1,2}[）)]|\d{1,2}[、.．](?![\d])|[①-⑳])\s*")
_PARTS = re.compile(r"[，,；;。、｜|／/：:\s•·→＝=（）()“”\"「」]+|->")
_OPENING = re.compile(r"[\s|｜（(：:＝=“”\"「」]+$")
_SAID = re.compile(
    r"(?:分别|依次|总共|共计|共有|大约|高达|多达|占比?|仅有?|只有|达到?了?|为|是|有|得|约|则|也|还|均|以|的|共)+$"
)
#: 柑橘居首（214公斤）: what is said of the member stands between its name and its number.
_PLACED = re.compile(
    r"(?<=[\u4e00-\u9fffA-Za-z]{2})(?:居首位?|居次|次之|垫底|居末|殿后|紧随其后|(?:[位排]列?|居)?第[一二三四五六七八九十\d]+位?)$"
)
_JOINT = re.compile(r"^(?:以及|其中|首先|其次|最后|另外|同时|选择?|选|和|与|及|而|则|且|但|又|以)+(?=.{2})")
_MEASURE = re.compile(f"(?:{KNOWN_HEADS}|平均)$")
#: What a number stands behind that is no member of a list.
_NOISE = re.compile(
    r"^(?:比|较|由|从|至|到|又|再|每|单(?!车|元)|约|即|如|前(?![台厅端])|后(?![勤台厨])|头|首(?![诊层都])|末|各|全(?!科)|本(?![部科馆])|共|总(?![院部馆店台])|在|上年|去年|今年|本年|上升|下降|同比|环比)"
    r"|(?:(?<!性价)比|较|到|至|(?<![偏过太难新])(?:高|低|多|少|长|短|快|慢)|增|减|升|降|了|出|差|满分|上年|去年|同期|增幅|降幅|升幅)$"
    r"|合计|总计|总数|总共|共收|共有|平均|均值|相差|差距|分差|之和|相加|目标|计划|提高|提升|增加|减少|缩短|累计|折合|相当"
)
_NO_NAME = re.compile(
    r"平均|总共|最[高低大小多少长短快慢](?!$)|合计|共[收计有]?$|之和|加起来|加在一起|领先|落后|第[一二三四五六七八九十\d]+名|因"
)
_NAME = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]|\d[\u4e00-\u9fff]")
_LETTER = re.compile(r"[\u4e00-\u9fffA-Za-z]")
#: Between the numbers of one name: brackets, an arrow, a share.
_SAME_NAME = re.compile(r"[\s（(）)→/／|｜＋~～-]*(?:->|，|,)?\s*(?:占比?|即|为|升至|降至)?[\s（(]*")
_BOUNDS = ("≥", "≤")
_SLOW = re.compile(r"(?![^比较]*[比较])[\u4e00-\u9fff]{2,9}[长慢久]|[\u4e00-\u9fff]{3,9}[少短]")
_TOLD_IN = frozenset(("件", "条", "人次", "起", "例", "单", "次"))
_NAMING = frozenset("组队班路")
_LONGEST_NAME, _LONGEST_ASIDE = 13, 12
_ASIDE_ROLES = ("change", "from", "target")
_PERIODS = re.compile(
    r"(?:20\d\d年)?(?:(?P<month>\d{1,2}月份?)|(?P<quarter>第?[一二三四1-4]季度?|[QＱ][1-4])|(?P<half>[上下]半年))$"
)


@dataclass(frozen=True)
class Entry:
    """A name with the numbers right behind it; ``intro`` are the words before the name, ``is_tight`` that nothing but marks stands between it and the entry before."""

    name: str
    claims: tuple[Claim, ...]
    intro: str
    is_tight: bool
    is_first: bool
    arrow: bool = False
    is_piped: bool = False

    @property
    def make(self) -> tuple[tuple[str, str], ...]:
        """Say of what kinds the numbers are."""
        return tuple((claim.mention.kind, claim.unit) for claim in self.claims)


def entries(sentence: Sentence) -> list[Entry]:
    """Cut a sentence into names with their numbers; numbers without a name are left out."""
    found: list[Entry] = []
    claims = sentence.claims
    before, at = 0, 0
    while at < len(claims):
        last = _last_of_name(sentence, at)
        between = sentence.text[before : claims[at].start]
        name, rest = name_before(BULLET.sub("", between) if not before else between)
        own = claims[at : last + 1]
        name = name or _complaint_before(between, own[0])
        if not name and len(own) > 1 and _names_next(sentence, own):
            name, own = own[0].text, own[1:]
        if name and own[0].role not in _ASIDE_ROLES and own[0].mention.bound not in _BOUNDS:
            gap = sentence.gap(own[0], own[1]) if len(own) > 1 else ""
            is_tight, is_piped = len(rest) <= _LONGEST_ASIDE, bool(re.search("[|｜]", gap))
            arrow = bool(re.search("→|->|升至|降至", gap))
            found.append(
                Entry(name, own, rest, is_tight, is_first=not before, arrow=arrow, is_piped=is_piped)
            )
        before, at = claims[last].end, last + 1
    return found


def _complaint_before(text: str, claim: Claim) -> str:
    """Give what is complained of, where it ends like a comparison: 等候时间长112件, 处理慢41.5%."""
    name = _PARTS.split(text.rstrip("占为有的约"))[-1]
    is_told = _SLOW.fullmatch(name) and (claim.is_percent or claim.unit in _TOLD_IN)
    return name if is_told and not _NOISE.search(name[:-1]) else ""


def _names_next(sentence: Sentence, own: Sequence[Claim]) -> bool:
    """Say whether a number is the name of the one right behind it: 2组287份."""
    return own[0].unit in _NAMING and not sentence.gap(own[0], own[1])


def _last_of_name(sentence: Sentence, at: int) -> int:
    last = at
    while last + 1 < len(sentence.claims) and last - at < 3:
        gap = sentence.gap(sentence.claims[last], sentence.claims[last + 1])
        if not _SAME_NAME.fullmatch(gap):
            break
        last += 1
    return last


def name_before(text: str) -> tuple[str, str]:
    """Give the name that stands right before a number, and the words before the name; the name is empty where none does."""
    words = _SAID.sub("", _OPENING.sub("", text))
    words = _OPENING.sub("", _SAID.sub("", words))
    cuts = [match.end() for match in _PARTS.finditer(words)]
    start = cuts[-1] if cuts else 0
    name = _JOINT.sub("", words[start:])
    short = _MEASURE.sub("", name)
    name = (short if len(short) >= 2 else name).strip()
    name = _SAID.sub("", name) if len(_SAID.sub("", name)) >= 2 else name
    name = _PLACED.sub("", name)
    rest = _LETTER.findall(words[:start])
    is_name = bool(_NAME.search(name)) and len(name) <= _LONGEST_NAME
    is_name = is_name and not _NOISE.search(name) and not _NO_NAME.search(words[start:] + text[len(words) :])
    return (name if is_name else ""), "".join(rest)


def _period_of(name: str) -> str:
    """Say of what length a period is; empty for what is none."""
    match = _PERIODS.match(name)
    return (match.lastgroup or "") if match else ""


def chains(found: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut entries into lists: tight ones whose first numbers are of one kind, no name twice."""
    chain: list[Entry] = []
    for entry in found:
        fits = chain and entry.is_tight and entry.make[0] == chain[0].make[0]
        # half-years behind months sum them up, and kinds behind quarters are of another list
        fits = fits and _period_of(entry.name) == _period_of(chain[0].name)
        if chain and (not fits or any(entry.name == other.name for other in chain)):
            yield chain
            chain = []
        chain.append(entry)
    if chain:
        yield chain

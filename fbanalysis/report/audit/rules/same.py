"""One figure, one value: the same measure of the same whole printed with two values, in sentences and in tables."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.claims.claims import GENERAL, KNOWN_HEADS, Claim, Sentence, Table, quote_row
from fbanalysis.report.audit.claims.series import WHOLE, earlier_and_later
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention
from fbanalysis.report.audit.rules.counts import count_of
from fbanalysis.report.audit.rules.repeat import SCOPED, is_beyond, is_divided, main_year, tell_plans

_BREAK = re.compile(r"[，,。；;！？：:（）()、\n\t]|\s+(?=[\u4e00-\u9fff])|其中")
_PERIOD = re.compile(
    r"20\d\d年?度?末?底?|今年|本年度?|全年度?|年末|年底|年度|截至|报告期内?|本次|当前|目前|(?:为|是|达到?|约|共计?|合计|累计|了|的|已|实际|仅|均|升至|降至|提高到|提升到|下降到|增至|减至|增加到|减少到|升到|降到|至|到)+$"
)
_MOVED = re.compile(r"(?:由|从)?$")
_MEASURE = re.compile(rf"(?:{KNOWN_HEADS}|NPS|CSAT|CSI|率|[数量额]|指数|时长|天数|培训)$")
_GENERAL_WORD = re.compile(r"总体|整体|综合|全[年省市县区院校公行网国]|人均|户均|件均|平均|集团|公司")
#: What follows these is a part, an aim or another's figure.
_NOT_WHOLE = re.compile(
    r"目标|计划|预计|力争|上年|去年|同期|上期|上半年|下半年|季度|\d月|夜间|高峰|周末|节假日|单[月日季次笔]|其中|最高|最低|行业|全国|全省|同行|试点|新增|净增|部分|某|类|比|较|占|变化|增|降|升|减|差|率达|每"
)
#: NPS 由 43 上行到: what it was is no part of the name.
_ROSE = re.compile(r"\s*(?:由|从)[^，。；]*\d[^，。；]*[到至为]\s*$")
#: The blank beside a Latin name parts no clauses.
_GAP = re.compile(r"(?<=[A-Za-z])\s+(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])\s+(?=[A-Za-z])")
_TAIL = re.compile(r"(?:时长|时间|值|数|量|人数|得分|评分|水平|情况)$")
_ACTUAL = re.compile(r"^(?:实际|完成值|实绩|实测|本年|今年|本期)值?$")
#: A unit or a direction in brackets behind a name; other words there make it another figure.
_QUALIFIER = re.compile(
    r"[（(](?:[^（）()]{1,3}|[^（）()]*越[^（）()]*好|[^（）()]{0,6}[，,][^（）()]{0,8})[）)]$"
)
#: A name and a number and nothing else may be of a picture, and of any year.
_FRAGMENT = re.compile(r"[\u4e00-\u9fff]+\s+[\d.,%]+")
_AFTER = re.compile(r"后|下半年")
_SCORE = re.compile(r"满意度|满意率|得分|评分|敬业度|净推荐值|NPS|CSI|CSAT")
#: 全年办班六十四期, 全年六十六期班: what is held stands before the number or behind it.
_ROUNDS = re.compile(
    r"(?:全年|今年|本年度?)(?P<before>(?![^，。；]{0,3}第)[\u4e00-\u9fff]{0,6}?)(?P<count>\d{1,3}|[一二三四五六七八九十百]{1,5})(?P<each>[期场届轮])(?P<behind>[\u4e00-\u9fff]{0,4})"
)
_HELD = re.compile(r"[一共总]?(?:举办|开办|开展|组织|召开|举行|完成|安排|累计|[办开共计了已的])")
_STATES = ("", "to", "actual")
_LEAST_LIKE, _MOST_LIKE = 0.6, 1.67
_MOST_VALUES = 2
_FEWEST = 3


@dataclass(frozen=True)
class Fact:
    """A figure with the measure that it is of, and where it stands."""

    name: str
    mention: Mention
    stage: tuple[str, float]
    place: str
    passage: int
    quoted: str
    is_scoped: bool
    is_cell: bool = False


def find_unlike_values(sentences: Sequence[Sentence], tables: Sequence[Table]) -> Iterator[Finding]:
    """Compare the figures that sentences and tables print of one measure of the whole."""
    year = main_year(sentences)
    facts = [*_of_sentences(sentences, year), *_of_tables(tables, year)]
    groups: dict[tuple[str, str, str, tuple[str, float]], list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda fact: fact.passage):
        key = _TAIL.sub("", fact.name) or fact.name
        unit = "" if fact.mention.unit == "分" else fact.mention.unit
        groups[key, fact.mention.kind, unit, fact.stage].append(fact)
    for group in groups.values():
        yield from _compare(group)
    yield from _unlike_rounds(sentences)


def _unlike_rounds(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Compare how often something took place in the year: 全年办班六十四期 and 全年六十六期班."""
    told: dict[tuple[str, str], tuple[float, Sentence, str]] = {}
    for sentence in sentences:
        for match in _ROUNDS.finditer(sentence.text) if "年" in sentence.text else ():
            before, behind = _HELD.sub("", match["before"]), match["behind"]
            names = [before] if before else [behind[:size] for size in range(1, len(behind) + 1)]
            value = count_of(match["count"])
            known = next((told[match["each"], name] for name in names if (match["each"], name) in told), None)
            # two that tell of who came, too, may be of two kinds
            is_one = known and min(len(sentence.claims), len(known[1].claims)) < _FEWEST
            if known and is_one and value != known[0] and _LEAST_LIKE <= value / known[0] <= _MOST_LIKE:
                yield _unlike(sentence, match.group().strip(), known)
            for name in names if value and not known else ():
                told[match["each"], name] = (value, sentence, match["count"] + match["each"])


def _unlike(sentence: Sentence, printed: str, known: tuple[float, Sentence, str]) -> Finding:
    _, other, right = known
    said = f"{other.place} 印作 {right}（{other.text.strip()[:80]}），{sentence.place} 印作 {printed}"
    return Finding(
        sentence.place, sentence.text.strip()[-160:], "前后不一", f"{right} / {printed}", right, "矛盾", said
    )


def _of_sentences(sentences: Sequence[Sentence], year: float) -> Iterator[Fact]:
    this_year = re.compile(rf"今年|本年|{year:.0f}年")
    for sentence, is_plan in tell_plans(sentences):
        if sentence.kind in ("alt", "cell"):
            continue
        for place, claim in enumerate(sentence.claims):
            name = _name(sentence, claim) if _is_state(sentence, place) else ""
            # among plans only what is said of this year is so already
            if is_beyond(sentence, claim, year) or is_divided(sentence, place):
                continue
            if name and (not is_plan or this_year.search(_clause(sentence, claim))):
                stage = claim.stage if claim.stage[0] else ("year", year)
                near = sentence.text[max(0, claim.start - 40) : claim.start]
                yield Fact(
                    name,
                    claim.mention,
                    stage,
                    sentence.place,
                    sentence.passage,
                    sentence.around(claim),
                    bool(SCOPED.search(near) or _FRAGMENT.fullmatch(sentence.text.strip())),
                )


def _is_state(sentence: Sentence, place: int) -> bool:
    claim = sentence.claims[place]
    is_plain = claim.mention.kind in ("number", "percent") and not (
        claim.mention.is_signed or claim.mention.bound
    )
    is_now = claim.role in _STATES and not (claim.is_aim or claim.is_part or claim.period or claim.is_owned)
    return is_plain and is_now and not sentence.stands_in_row(place)


def _clause(sentence: Sentence, claim: Claim) -> str:
    before = sentence.text[max(0, claim.start - 30) : claim.start]
    if claim.role == "to":
        before = _ROSE.sub("", before)
    return _BREAK.split(_GAP.sub("", before))[-1]


def _name(sentence: Sentence, claim: Claim) -> str:
    """Name what a figure is of, from its own clause; empty where the clause says too little or of a part."""
    clause = _clause(sentence, claim)
    if re.search(r"由[^，。]*(?:升|降|增|减|提高|缩短)|从", clause) and claim.role != "to":
        return ""
    name = clause
    for _ in range(3):
        name = _PERIOD.sub("", name).strip()
    if not re.fullmatch(r"[\u4e00-\u9fffA-Za-z]{3,12}", name) or _NOT_WHOLE.search(name):
        return ""
    return (
        name
        if _MEASURE.search(name) and (_GENERAL_WORD.search(name) or len(name) >= 4 or name.isascii())
        else ""
    )


def _of_tables(tables: Sequence[Table], year: float) -> Iterator[Fact]:
    """Give what a table prints of the whole: its total row, and the actual column beside the names of measures."""
    for table in tables:
        pair = earlier_and_later(table)
        for (row, column), mention in table.cells.items():
            head = re.sub(r"[（(].*", "", table.heads[column]).strip()
            label = _QUALIFIER.sub("", table.labels[row].strip())
            is_now = bool(_ACTUAL.match(head) or (pair and column == pair[1] and not _AFTER.search(head)))
            name = label if is_now else label + head if _SCORE.fullmatch(head) else ""
            if (
                re.fullmatch(r"[\u4e00-\u9fffA-Za-z]{4,14}", name)
                and not WHOLE.match(label)
                and not (mention.bound or mention.is_signed or _NOT_WHOLE.search(name))
            ):
                quoted = quote_row(table, row)
                yield Fact(
                    name,
                    mention,
                    ("year", year),
                    table.place,
                    table.passage,
                    quoted,
                    is_scoped=False,
                    is_cell=True,
                )


def _compare(group: Sequence[Fact]) -> Iterator[Finding]:
    first = group[0]
    others = [fact for fact in group[1:] if _differ(first.mention, fact.mention)]
    values = {fact.mention.value for fact in group}
    # many values of one name are those of many groups, each in its own chapter
    if not others or len(values) > _MOST_VALUES or all(fact.is_cell for fact in group):
        return
    odd = min(
        group, key=lambda fact: (sum(f.mention.value == fact.mention.value for f in group), -fact.passage)
    )
    kept = next(fact for fact in group if _differ(fact.mention, odd.mention))
    one, other = sorted((kept, odd), key=lambda fact: fact.passage)
    if kept.passage == odd.passage and kept.quoted == odd.quoted:
        return
    yield Finding(
        odd.place,
        odd.quoted,
        "前后不一",
        f"{one.mention.text} / {other.mention.text}",
        one.mention.text,
        "可能" if kept.is_scoped != odd.is_scoped or _is_other(kept, odd) else "矛盾",
        f"{one.name}在 {one.place} 印作 {one.mention.text}（{one.quoted[:80]}），在 {other.place} 印作 {other.mention.text}",
    )


def _is_other(one: Fact, other: Fact) -> bool:
    """Say whether two names differ so that they may name two things: only one of them says of the whole."""
    return GENERAL.sub("", one.name) != one.name and GENERAL.sub("", other.name) == other.name


def _differ(one: Mention, other: Mention) -> bool:
    half = max(one.step, other.step) / 2
    is_near = other.value and _LEAST_LIKE <= one.value / other.value <= _MOST_LIKE
    return bool(is_near) and abs(one.value - other.value) > half + 1e-9

"""Judging words (达标, 超额完成, 优于目标, 守住) against aim and result, wherever in the document these two stand."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fbanalysis.report.audit.claims.aims import AIMS, Aim, Ledger, clause_before, may_be_level
from fbanalysis.report.audit.claims.claims import Claim, Claims, Sentence, Table
from fbanalysis.report.audit.claims.explaining import unit_of
from fbanalysis.report.audit.claims.facts import Fact, words_of
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import Mention, find_numbers
from fbanalysis.report.audit.rules.attainment import Goal, check_goal, is_given_beside, way_of
from fbanalysis.report.audit.rules.tables import goal_columns

_GOALS = f"{AIMS}|指标|预期"
_OBJECT = rf"[^，。；,;：:\d]{{0,14}}?(?:{_GOALS})(?:{_GOALS}|值|数|量|线)*"
_NOT = r"(?:未能?|没有?能?|尚未|并未|不(?![仅但断过]))"
_DONE = "达标|达成|过线|过关|守住|守牢|达线"
_HOW = "(?:完全|全部|如期|按期|全面|如数|足额|按时)?"
_END = r"(?=\s*(?:[，。；,;）)】|！]|$))"
#: How far from its aim a result is.
_FAR_OFF = r"(?:了|约|整整|仅)*\s*(?:\d+(?:\.\d+)?|[零一二两三四五六七八九十点]+)\s*(?:个?百分点|个工作日|分钟|小时|秒|天|分)"
#: What judging words say of a result; the longer and the negated ones are tried first.
_FORMS = {
    "unmet": rf"{_NOT}{_HOW}(?:(?:{_DONE})|(?:完成|(?<!可)实现(?!性)|达到?|满足|符合|兑现)(?:{_OBJECT}|{_END}))|失守|落空|(?:不及|逊于|差于|劣于|慢于){_OBJECT}",
    "unmet it": rf"{_NOT}(?:达到?|满足|符合|兑现|控制在)",
    "not above": rf"{_NOT}(?:突破|超过|超出|高于|越过)(?:{_OBJECT}|{_END})",
    "not below": rf"{_NOT}(?:低于|跌破)(?:{_OBJECT})",
    "over": rf"超额(?:完成|达成|(?<!可)实现(?!性)|兑现)?|超(?:计划|目标|预期)完成|(?:优于|好于|快于|胜过){_OBJECT}",
    "lacks": rf"(?:距离?|离|比|较){_OBJECT}[，,]?(?:仍|还|尚|仅)*(?:差|缺|欠)了?(?=\s*[\d一二两三四五六七八九十])",
    "above": rf"(?:{_GOALS})值?(?:还|要)?(?:高|多)(?:出|了)?(?={_FAR_OFF})|[比较]{_OBJECT}(?:还|要)?(?:高|多)(?:出|了)?|(?:高于|超过|超出|突破|多于|超){_OBJECT}",
    "below": rf"(?:{_GOALS})值?(?:还|要)?(?:低|少)(?:出|了)?(?={_FAR_OFF})|[比较]{_OBJECT}(?:还|要)?(?:低|少)(?:出|了)?|(?:低于|少于|短于){_OBJECT}",
    "met": rf"(?:{_DONE})|(?:{_GOALS})(?:值|任务)?(?:均|都|全部|已经?|全面|如期|顺利|圆满)*(?:完成|(?<!可)实现(?!性)|达成|兑现){_END}|(?:如数|足额|圆满|提前|如期|按期)(?:完成|兑现|达成)|(?:完成|(?<!可)实现(?!性)|达到|达成|兑现|满足|符合)了?{_OBJECT}"
    rf"|在[^，。；,;\d]{{0,10}}(?:线|上限|时限|要求|标准|承诺|范围|目标|控制值?)(?:范围)?(?:之|以)?内{_END}",
    "over it": r"优于|好于|快于",
    "above it": r"高于|超过|超出|突破",
    "below it": r"低于|少于|短于|不及",
    "met it": r"达到|满足|符合|兑现",
}
_WORDS = re.compile("|".join(f"(?P<{name.replace(' ', '_')}>{form})" for name, form in _FORMS.items()))
#: Behind these no judgement was made: 达标率, 达标的 3 项, 完成任务的 93 %, 达成 110 %.
_NO_WORD = re.compile(
    r"率|度|数(?!据)|准|情况|与否|时间|程度|的|者|有|[家户项店人]数|(?:[为是约近达仅：:]|比例)*\s*[\d一二两三四五六七八九十]+(?:\.\d+)?\s*[%％成家项个店户条类]"
)
_NUMBER = re.compile(r"\s*\d")
_DISTANCE = re.compile(_FAR_OFF)
#: Before these none was made, or none of what is.
_NO_LEAD = re.compile(
    r"(?:是否|能否|有无|方可|才能|力争|争取|确保|拟|即将|预计|有望|若|如果|(?<![主重需])要|(?<![响反适相对])应当?|为了|距离?|还差|尚差|难以|接近|基本|大致"
    r"|有待|尽快|早日|去年|上年|上期|(?<![定判评视认论果态列均成])为|以)[^，。；,;]{0,8}$"
)
_COUNTED = re.compile(
    r"(?<![这该此本那])(?:[一二两三四五六七八九十]|\d)+\s*(?:项|个|家|条|门|类|店|城|区|县|市|所|大)(?!月|工作日|百分点|小时)[^，。；,;]{0,10}$"
)
_SEGMENT = re.compile(r"[。；;！？\n]")
_IDLE = re.compile(
    r"同样|已经|已|全年|本年度?|今年|目前|顺利|成功|最终|也|亦|均|都|对照|年初|实际值?|整体|方面|继续|仍|依然|，|我们"
)
_CONCLUDES = re.compile(r"\s*(?:结论|结果|评价|判定|评定|状态|完成情况|是否达标)?[：:为是\s]*(?:均|都|已)*")
_AHEAD = 16
#: So many letters and numbers around a word are looked at.
_LONGEST, _WINDOW = 300, 24
_NAMELESS = re.compile(
    rf"{_GOALS}|年度|全年|本年|今年|年初|设定|确定|下达|对照|按照|根据|制定|[定给设]为?|总|完成率|达成率|实际|[为是的：:|，●○·•*■－-]"
)
_OF_RATE = re.compile(rf"{_GOALS}|(?:达成|完成|实现)[率度]?")
#: 立项 44 项; 已销号 37 项.
_LISTED = re.compile(
    r"(?:立项|列入|列出|梳理|确定|部署|下达|计划|应[^，。；,;\d]{0,3}|共[^，。；,;\d]{0,3}|总数|总计|受理|收到|征集)[^，。；,;\d]{0,4}$"
)
_FINISHED = re.compile(
    r"(?<![未没应须待])(?:销号|办结|完成|整改到位|落实|兑现|解决|办理完毕|完工|交付)了?[：:]?\s*$"
)
_OPEN_LEFT = re.compile(r"(?:未|没有?|尚未|待)[^，。；,;\d]{0,6}$")
_TINY = 1e-9
_FULL = 100.0


@dataclass(frozen=True)
class Word:
    """A judging word in a sentence: what it says, and where."""

    says: str
    text: str
    start: int
    end: int


def find_false_verdicts(claims: Claims) -> Iterator[Finding]:
    """Check every word that judges a result, in texts and in cells, and attainments whose operands stand apart."""
    ledger = Ledger(claims, [goal_columns(table) for table in claims.tables])
    for place, sentence in enumerate(claims.sentences):
        if sentence.kind == "title":
            continue
        for word in judging_words(sentence.text):
            if (
                not ledger.is_coming(place, word.start)
                and not _is_of_aims(ledger, place, word)
                and not _is_part_of_number(ledger, place, word)
            ):
                yield from _check_word(ledger, place, word)
                yield from _check_excess(ledger, place, word)
        yield from _check_rates(ledger, place)
        if not ledger.is_coming(place):
            yield from _check_all_met(ledger, place)
            yield from _check_named_met(ledger, place)
    for table in claims.tables:
        yield from _check_cells(table)


def judging_words(text: str) -> Iterator[Word]:
    """Find the words of a text that judge one result."""
    for match in _WORDS.finditer(text):
        says = match.lastgroup.replace("_", " ")
        behind = text[match.end() : match.end() + 12]
        lead = clause_before(text, match.start())
        is_open = says.endswith(" it")
        if (
            (
                not is_open
                and (_is_no_word(says, behind) or (says in ("met", "unmet") and _NUMBER.match(behind)))
            )
            or _NO_LEAD.search(lead)
            or _COUNTED.search(lead)
        ):
            continue
        yield Word(says, match.group(), *match.span())


def _is_no_word(says: str, behind: str) -> bool:
    """Say whether what stands behind a word makes it no judgement; how far a result is from its aim does not."""
    is_distance = says in ("above", "below", "lacks") and _DISTANCE.match(behind)
    return not is_distance and bool(_NO_WORD.match(behind))


def _is_of_aims(ledger: Ledger, place: int, word: Word) -> bool:
    """目标提到 4,000 家次，较今年目标多 400: the number that is compared with an aim is an aim, too."""
    before = [at for at, claim in _around(ledger.claims.sentences[place], word) if claim.end <= word.start]
    return word.text[0] in "比较" and bool(before) and ledger.is_aim(place, before[-1])


def _is_part_of_number(ledger: Ledger, place: int, word: Word) -> bool:
    """Say whether a word only bounds a number: 不超过 40 秒; 超过 90 % 的目标 compares."""
    return any(
        claim.start < word.end
        and word.start < claim.end
        and not (claim.start == word.start and claim.text.startswith("超") and ledger.is_aim(place, at))
        for at, claim in _around(ledger.claims.sentences[place], word)
    )


# ------------------------------------------------------------------ what a word says of


@dataclass(frozen=True)
class Pair:
    """An aim with a result that a judging word may speak of."""

    aim: Mention
    result: Mention
    name: str


def _check_word(ledger: Ledger, place: int, word: Word) -> Iterator[Finding]:
    pairs = _pairs(ledger, place, word)
    verdicts = [_contradicts(word.says.removesuffix(" it"), pair) for pair in pairs]
    if pairs and all(verdicts):
        yield _finding(ledger.claims.sentences[place], word, pairs[0], verdicts[0])


def _pairs(ledger: Ledger, place: int, word: Word) -> list[Pair]:
    """Give the aims and results that a word may speak of: of its own sentence first, then those that share its words."""
    sentence = ledger.claims.sentences[place]
    at = _aim_beside(ledger, place, word)
    if at is None and word.says.endswith(" it"):
        return []
    if at is None:
        return _pairs_apart(ledger, place, word)
    aim, name = sentence.claims[at].mention, ledger.measure(place, at)
    beside = [
        Pair(aim, sentence.claims[n].mention, f"{name}|{ledger.measure(place, n)}")
        for n in _results_beside(ledger, place, word, at)
    ]
    return beside or [Pair(aim, result, name) for result in _results_apart(ledger, place, word, at)]


def _aim_beside(ledger: Ledger, place: int, word: Word) -> int | None:
    """Find the aim that stands with a word: the one it leads to, else the last before it in its part of the sentence."""
    sentence = ledger.claims.sentences[place]
    first = _scope(sentence, word)
    found = None
    for at, claim in _around(sentence, word):
        if claim.start < first or not (ledger.is_aim(place, at) or _bounds(sentence, at)):
            continue
        if claim.start == word.start:
            return at
        if claim.end <= word.start:
            found = None if word.says.endswith(" it") else at
        else:
            gap = sentence.text[word.end : claim.start]
            is_led = len(gap) <= _AHEAD and not re.search(r"[，。；,;\d]", gap)
            return at if is_led and (found is None or word.says.endswith(" it")) else found
    return found


def _around(sentence: Sentence, word: Word) -> list[tuple[int, Claim]]:
    """Give the numbers around a word with their places, in order."""
    claims = sentence.claims
    middle = bisect_left(claims, word.start, key=lambda claim: claim.start)
    places = range(max(0, middle - _WINDOW), min(len(claims), middle + _WINDOW))
    return [(at, claims[at]) for at in places]


def _bounds(sentence: Sentence, at: int) -> bool:
    """Say whether a number is a bound that stands for itself: ≥ 95 %, 不超过 40 秒; 90 分以上的 3 家 counts."""
    claim = sentence.claims[at]
    behind = sentence.text[claim.end : claim.end + 2]
    is_bound = claim.mention.bound in ("≥", "≤") and may_be_level(sentence, claim)
    return is_bound and claim.role != "change" and not behind.startswith("的")


def _scope(sentence: Sentence, word: Word) -> int:
    """Give where the words begin that a word may speak of: its part of the sentence; 结论：达标 sums the whole up."""
    first = _segment(sentence.text, word.start)
    words = sentence.text[first : word.start]
    return 0 if _CONCLUDES.fullmatch(words) else first


def _segment(text: str, end: int) -> int:
    """Give where the part of a sentence begins that ends at a place."""
    start = max(0, end - _LONGEST)
    breaks = [match.end() for match in _SEGMENT.finditer(text, start, end)]
    return breaks[-1] if breaks else start


def _said_before(text: str, word: Word) -> str:
    """Give the words of its clause that name what a judging word judges."""
    return _IDLE.sub("", re.split("[：:→（(“”、]", clause_before(text, word.start))[-1])


def _results_beside(ledger: Ledger, place: int, word: Word, aim: int) -> list[int]:
    """Give the results of the aim's unit in its part of the sentence: one where the words tell which, else all."""
    sentence = ledger.claims.sentences[place]
    alike = _alike_beside(ledger, place, word, aim)
    said = words_of(_said_before(sentence.text, word))
    named = [at for at in alike if said & words_of(ledger.name(place, at))]
    if named and len(named) < len(alike):
        return named
    told = [at for at in alike if sentence.claims[at].role == "actual"]
    if len(told) == 1:
        return told
    # aim and result stand side by side right before the word, or right behind it
    last = max([at for at in (*alike, aim) if sentence.claims[at].end <= word.start], default=aim)
    nearest = [at for at in alike if abs(at - aim) == 1 and last in (at, aim)]
    return nearest if len(nearest) == 1 and not said else alike


def _alike_beside(ledger: Ledger, place: int, word: Word, aim: int) -> list[int]:
    """Give the results of an aim's unit that stand before a word in its part of the sentence."""
    sentence = ledger.claims.sentences[place]
    first, unit = _scope(sentence, word), unit_of(sentence.claims[aim].mention)
    alike = [
        at
        for at, claim in _around(sentence, word)
        if first <= claim.start < word.start
        and at != aim
        and unit_of(claim.mention) == unit
        and ledger.is_result(place, at)
        and not _is_of_another(ledger, place, aim, at)
    ]
    rates = [at for at in alike if sentence.claims[at].role == "attainment"]
    return [at for at in alike if at not in rates] or rates


def _is_of_another(ledger: Ledger, place: int, aim: int, at: int) -> bool:
    """置信水平 95 % 下的抽样误差不超过 3 %: a bound that names a measure of its own behind another's result."""
    sentence = ledger.claims.sentences[place]
    if at > aim:
        return False
    words = sentence.text[sentence.claims[aim - 1].end : sentence.claims[aim].start]
    end = sentence.claims[aim].end
    behind = re.split("[，。；,;]", sentence.text[end : end + 8])[0]
    named = words_of(words)
    is_own = len(named) >= 2 and not re.search(_GOALS, words + behind)
    return is_own and not named & words_of(ledger.name(place, at))


def _results_apart(ledger: Ledger, place: int, word: Word, at: int) -> list[Mention]:
    """Give results of an aim's unit elsewhere: those that share most words, else those of the sentence before."""
    sentence = ledger.claims.sentences[place]
    aim = ledger.stock.fact(place, at)
    said = words_of(_said_before(sentence.text, word) + "|" + ledger.name(place, at))
    if word.says == "":  # an attainment: what names aims and rates names nothing that was reached
        said = words_of(_OF_RATE.sub("|", f"{_said_before(sentence.text, word)}|{ledger.name(place, at)}"))
    found = ledger.named_results.best(
        said, lambda fact: _is_alike(fact, aim) and fact.sentence != place, near=aim
    )
    if found:
        return [fact.mention for fact in found]
    before = ledger.claims.sentences[place - 1] if place else None
    # a line that names nothing speaks of what the line before it named
    farthest = 0 if words_of(_NAMELESS.sub("", ledger.name(place, at))) else 1
    if before is None or sentence.passage - before.passage > farthest:
        return []
    return [
        claim.mention
        for number, claim in reversed(list(enumerate(before.claims)))
        if unit_of(claim.mention) == unit_of(aim.mention) and ledger.is_result(place - 1, number)
    ]


def _is_alike(fact: Fact, aim: Fact) -> bool:
    return unit_of(fact.mention) == unit_of(aim.mention) and fact is not aim


def _pairs_apart(ledger: Ledger, place: int, word: Word) -> list[Pair]:
    """Give aims elsewhere that share the word's words, with the result beside the word or elsewhere."""
    text = ledger.claims.sentences[place].text
    said = words_of(_said_before(text, word))
    own = _own_result(ledger, place, word, said)
    if own is not None and len(said) < 2:
        said = words_of(ledger.name(place, own.at))
    found = ledger.named_aims.best(said, lambda fact: own is None or _is_alike(own, fact), near=own)
    aims = [ledger.aim_of[id(fact)] for fact in found] or _nameless_before(ledger, place, own)
    return [
        Pair(aim.fact.mention, result.mention, f"{aim.name}|{_said_before(text, word)}")
        for aim in aims
        for result in ([own] if own else _results_of(ledger, aim, said))
    ]


def _nameless_before(ledger: Ledger, place: int, own: Fact | None) -> list[Aim]:
    """年度目标为 90 分。综合得分 88.4 分，实现了目标: an aim right before that names nothing is that of what follows."""
    sentences = ledger.claims.sentences
    if own is None or place == 0 or sentences[place].passage - sentences[place - 1].passage > 1:
        return []
    return [
        ledger.aim_of[id(fact)]
        for at in range(len(sentences[place - 1].claims))
        if id(fact := ledger.stock.fact(place - 1, at)) in ledger.aim_of
        and _is_alike(own, fact)
        and not words_of(_NAMELESS.sub("", ledger.aim_of[id(fact)].name))
    ]


def _own_result(ledger: Ledger, place: int, word: Word, said: frozenset[str]) -> Fact | None:
    """Give the last result before a word in its part of the sentence, unless the word's own clause names another."""
    sentence = ledger.claims.sentences[place]
    first = _segment(sentence.text, word.start)
    before = [
        at
        for at, claim in _around(sentence, word)
        if first <= claim.start and claim.end <= word.start and ledger.is_result(place, at)
    ]
    if not before or (len(said) >= 2 and not said & words_of(ledger.name(place, before[-1]))):
        return None
    return ledger.stock.fact(place, before[-1])


def _results_of(ledger: Ledger, aim: Aim, said: frozenset[str]) -> list[Fact]:
    if aim.result is not None:
        return [aim.result]
    beside = _beside(ledger, aim.fact)
    if beside is not None:
        return [beside]
    return ledger.named_results.best(
        said, lambda fact: _is_alike(fact, aim.fact), also=words_of(aim.name), near=aim.fact
    )


def _beside(ledger: Ledger, aim: Fact) -> Fact | None:
    """Give the result that an aim's own sentence tells, where it tells one."""
    if aim.sentence < 0:
        return None
    sentence = ledger.claims.sentences[aim.sentence]
    near = range(max(0, aim.at - _WINDOW), min(len(sentence.claims), aim.at + _WINDOW))
    found = [
        at
        for at in near
        if abs(at - aim.at) <= 2
        and unit_of(sentence.claims[at].mention) == unit_of(aim.mention)
        and sentence.claims[at].role != "attainment"
        and ledger.is_result(aim.sentence, at)
    ]
    others = [at for at in near if at != aim.at and ledger.is_aim(aim.sentence, at)]
    return ledger.stock.fact(aim.sentence, found[0]) if len(found) == 1 and not others else None


# ------------------------------------------------------------------ judging


def _contradicts(says: str, pair: Pair) -> str:
    """Say whether a word contradicts an aim and its result: empty, 可能 where rounding may explain it, or 矛盾."""
    gap = pair.result.value - pair.aim.value
    way = way_of(pair.name, pair.aim)
    if pair.result.bound or pair.aim.bound == "≈":
        return ""
    better = gap * way
    wrong = {
        "met": better < -_TINY,
        "over": better < -_TINY,
        "unmet": better > _TINY,
        "lacks": better > _TINY,
        "above": gap < -_TINY,
        "not above": gap > _TINY,
        "below": gap > _TINY,
        "not below": gap < -_TINY,
    }[says]
    is_near = abs(gap) < pair.aim.step / 2 and pair.result.step < pair.aim.step
    return ("可能" if is_near and pair.aim.step > 1 else "矛盾") if wrong else ""


def _finding(sentence: Sentence, word: Word, pair: Pair, severity: str) -> Finding:
    is_met = (pair.result.value - pair.aim.value) * way_of(pair.name, pair.aim) >= 0
    quoted = sentence.text.strip()
    if len(quoted) > 160:
        quoted = sentence.text[max(0, word.start - 70) : word.end + 40].strip()
    state = "已达" if is_met else "未达"
    return Finding(
        sentence.place,
        quoted,
        "达标判断",
        f"{word.text}（{pair.result.text}）",
        f"{state}目标",
        severity,
        f"目标 {pair.aim.text}，实际 {pair.result.text}，{state}目标，写作「{word.text}」",
    )


def _check_cells(table: Table) -> Iterator[Finding]:
    """Check the column of a table that says whether the aim of a row was reached."""
    columns = goal_columns(table)
    for (row, head), text in table.words.items() if columns else ():
        aim, result = (table.cells.get((row, column)) for column in columns)
        word = next(judging_words(_spelled(text)), None)
        if aim is None or result is None or word is None or not _is_verdict(head, text):
            continue
        pair = Pair(aim, result, f"{table.labels[row]}|{table.heads[columns[0]]}")
        if severity := _contradicts(word.says, pair):
            line = " | ".join([table.labels[row], *_row_texts(table, row), text])
            sentence = Sentence(line, table.place, table.passage, table.page, "cell")
            yield replace(_finding(sentence, word, pair, severity), printed=f"{text}（{result.text}）")


_YES, _NO = (
    re.compile(r"^(?:是|√|✓|✔|完成|已完成|达到|合格|OK|优于)$"),
    re.compile(r"^(?:否|×|✗|未完成|未达到?|不合格|超标)$"),
)


def _spelled(text: str) -> str:
    return "达标" if _YES.match(text) else "未达标" if _NO.match(text) else text


def _is_verdict(head: str, text: str) -> bool:
    """Say whether a cell judges: a judging word, or yes and no under a head that asks for it."""
    asks = re.search(r"达标|达成|结果|结论|评价|判定|判断|完成|情况|是否|评估|状态|备注", head)
    return bool(asks) or not (_YES.match(text) or _NO.match(text))


def _row_texts(table: Table, row: int) -> list[str]:
    return [table.cells[at].text for at in sorted(table.cells) if at[0] == row]


def _check_excess(ledger: Ledger, place: int, word: Word) -> Iterator[Finding]:
    """完成率 93.8 %，超额完成: an attainment below 100 % beside a word that says more."""
    sentence = ledger.claims.sentences[place]
    first = _segment(sentence.text, word.start)
    rates = [c for _, c in _around(sentence, word) if first <= c.start and c.end <= word.start]
    if not word.text.startswith(("超额", "如数", "足额")) or not rates or rates[-1].role != "attainment":
        return
    rate = rates[-1].mention
    if rate.kind == "percent" and rate.value + rate.step / 2 < _FULL and rate.bound != "≥":
        full = replace(rate, text="100%", value=_FULL)
        yield _finding(sentence, word, Pair(full, rate, "完成率"), "矛盾")


# ------------------------------------------------------------------ attainments whose operands stand apart


def _check_rates(ledger: Ledger, place: int) -> Iterator[Finding]:
    """新增学员完成率 108.7 %: aim and result stand in other sentences."""
    sentence = ledger.claims.sentences[place]
    for at, claim in enumerate(sentence.claims):
        if claim.role != "attainment" or not claim.is_percent or claim.mention.bound:
            continue
        if ledger.is_coming(place, claim.start):
            continue
        aims = [other for other in range(max(0, at - _WINDOW), at) if ledger.is_aim(place, other)]
        goals = list(_goals_beside(ledger, place, at, aims[-1]) if aims else _goals_apart(ledger, place, at))
        goals = goals or list(_goals_of_counts(ledger, place, at))
        if any(is_given_beside(sentence, goal) for goal in goals):
            continue
        found = [list(check_goal(goal)) for goal in goals]
        if goals and all(found):
            yield found[0][0]


def _goals_beside(ledger: Ledger, place: int, at: int, aim: int) -> Iterator[Goal]:
    """对照 95 % 的年度目标，达成率为 98.9 %: the result stands in the sentence before, or where its words are."""
    sentence = ledger.claims.sentences[place]
    claim = sentence.claims[at]
    word = Word("", "", claim.start, claim.start)
    beside = _results_beside(ledger, place, word, aim)
    if beside:
        # where the words before the aim name it plainly, the rule for sentences has checked it
        if len(beside) == 1 and sentence.claims[aim].role != "target":
            numbers = sentence.claims[aim].mention, sentence.claims[beside[0]].mention
            yield Goal(
                sentence.place, sentence.around(claim), ledger.name(place, aim), *numbers, claim.mention
            )
        return
    for result in _results_apart(ledger, place, word, aim):
        target = sentence.claims[aim].mention
        quoted = sentence.around(sentence.claims[aim], claim)
        yield Goal(sentence.place, quoted, ledger.name(place, aim), target, result, claim.mention)


def _goals_apart(ledger: Ledger, place: int, at: int) -> Iterator[Goal]:
    sentence = ledger.claims.sentences[place]
    claim = sentence.claims[at]
    lead = clause_before(sentence.text, claim.start)
    word = Word("", "", claim.start, claim.end)
    said = words_of(re.sub("(?:达成|完成|实现)[率度]", "", _said_before(sentence.text, word)))
    first = _segment(sentence.text, claim.start)
    own = [
        n
        for n in range(max(0, at - _WINDOW), at)
        if _is_own(sentence, n, first) and ledger.is_result(place, n)
    ]
    if len(own) > 1 or _COUNTED.search(lead):
        return
    result = ledger.stock.fact(place, own[0]) if own else None
    if result is not None and len(said) < 2:
        said = words_of(ledger.name(place, own[0]))
    may = (lambda fact: _is_alike(result, fact)) if result else (lambda fact: True)
    for fact in ledger.named_aims.best(said, may, near=result):
        aim = ledger.aim_of[id(fact)]
        for one in [result] if result else _results_of(ledger, aim, said):
            yield Goal(
                sentence.place, sentence.around(claim), aim.name, aim.fact.mention, one.mention, claim.mention
            )


def _goals_of_counts(ledger: Ledger, place: int, at: int) -> Iterator[Goal]:
    """立项 44 项 … 已销号 37 项 … 完成率 88.1 %: what was listed and what was done, told before under one heading."""
    sentence, head = ledger.claims.sentences[place], ledger.heads[place]
    claim = sentence.claims[at]
    said = words_of(_OF_RATE.sub("|", _said_before(sentence.text, Word("", "", claim.start, claim.end))))
    if head < 0 or not said & words_of(ledger.heading(place)) or place - head > _WINDOW:
        return
    listed: list[Claim] = []
    done: list[Claim] = []
    for one in ledger.claims.sentences[head + 1 : place]:
        for number in one.claims:
            words = one.text[max(0, number.start - 12) : number.start]
            if number.mention.kind == "number" and number.unit and not number.mention.bound:
                (listed if _LISTED.search(words) else done if _FINISHED.search(words) else []).append(number)
    left = [c for c in sentence.claims if _OPEN_LEFT.search(sentence.text[max(0, c.start - 10) : c.start])]
    for whole in listed:
        of = [c for c in done if c.unit == whole.unit and c.value <= whole.value]
        of += [
            replace(c, mention=replace(c.mention, value=whole.value - c.value))
            for c in left
            if c.unit == whole.unit
        ]
        for part in of:
            yield Goal(
                sentence.place, sentence.around(claim), "完成率", whole.mention, part.mention, claim.mention
            )


def _is_own(sentence: Sentence, at: int, first: int) -> bool:
    claim = sentence.claims[at]
    return (
        claim.start >= first
        and claim.mention.kind == "number"
        and (bool(claim.unit) or claim.role == "actual")
    )


# ------------------------------------------------------------------ all of a list of aims

_ALL = "(?:全部|均已?|都已?|悉数|如数|全数|全面)[^，。；,;]{0,4}?"
_ALL_MET = re.compile(
    rf"(?P<count>[两二三四五六七八九十]|\d{{1,2}})\s*(?:项|个|条|大|家)(?:[^，。；,;\d]{{0,10}}?(?:{_GOALS}|工作)[^，。；,;\d]{{0,4}}?{_ALL}(?:完成|实现|兑现|{_DONE})|[^，。；,;\d]{{0,8}}?{_ALL}(?:{_DONE}))(?!率)"
)


_NAMED_MET = re.compile(
    rf"(?:^|[，。；,;：:])(?P<names>[^，。；,;：:\d]{{4,40}}?)(?:[两二三四五六]|\d)(?:项|个|类)(?:指标)?(?:均|都)(?:已经?|全部|顺利|如期)*"
    rf"(?P<how>(?:超过|超额完成|优于|好于|高于|达到|完成|实现)了?[^，。；,;\d]{{0,6}}?(?:{_GOALS})值?|{_DONE})(?!率)"
)
_AND = re.compile("、|以及|和|与|及")


def _check_named_met(ledger: Ledger, place: int) -> Iterator[Finding]:
    """复查和喂养两项都超过了目标: each that is named has an aim and a result of its own."""
    sentence = ledger.claims.sentences[place]
    for match in _NAMED_MET.finditer(sentence.text):
        for name in _AND.split(match["names"]):
            said = words_of(name)
            aims = [ledger.aim_of[id(fact)] for fact in ledger.named_aims.best(said, lambda fact: True)]
            pairs = [
                Pair(aim.fact.mention, result.mention, f"{aim.name}|{name}")
                for aim in aims
                for result in _results_of(ledger, aim, said)
            ]
            if pairs and all(_contradicts("met", pair) == "矛盾" for pair in pairs):
                word = Word("met", match["how"], match.start("how"), match.end("how"))
                yield _finding(sentence, word, pairs[0], "矛盾")


def _check_all_met(ledger: Ledger, place: int) -> Iterator[Finding]:
    """三项年度任务全部完成: the aims of one section, as many as are said, with their results."""
    sentence = ledger.claims.sentences[place]
    for match in _ALL_MET.finditer(sentence.text):
        count = find_numbers(match["count"] + "个")
        lists = [pairs for pairs in _lists(ledger) if count and len(pairs) == count[0].value]
        said = words_of(match.group())
        named = [pairs for pairs in lists if words_of(pairs[0].name) & said] or lists
        missed = [[pair for pair in pairs if _contradicts("met", pair)] for pairs in named]
        if named and all(missed):
            met = len(named[0]) - len(missed[0])
            told = "；".join(f"目标 {pair.aim.text}、实际 {pair.result.text}" for pair in missed[0])
            yield Finding(
                sentence.place,
                sentence.text.strip()[:160],
                "达标判断",
                match.group(),
                f"{met}项",
                "矛盾",
                f"写作「{match.group()}」，而未达到的有：{told}",
            )


def _lists(ledger: Ledger) -> Iterator[list[Pair]]:
    """Give the aims of each section and of each table whose results are told."""
    groups: dict[tuple[int, int], list[Pair]] = {}
    for aim in ledger.aims:
        fact, found = aim.fact, _results_of(ledger, aim, words_of(aim.measure))
        key = fact.group if fact.sentence < 0 else (-1, ledger.heads[fact.sentence])
        heading = ledger.heading(fact.sentence) if fact.sentence >= 0 else ""
        # where several results may be meant, the first stands for them if all are on the same side
        pairs = [Pair(fact.mention, result.mention, f"{aim.name}|{heading}") for result in found]
        if len({_contradicts("met", pair) for pair in pairs}) == 1:
            groups.setdefault(key, []).append(pairs[0])
    yield from groups.values()

"""Lists that the words close: single-choice shares, things named as many as said, and lines below a heading."""

import re
from collections.abc import Iterator, Sequence

from fbanalysis.report.audit.claims.claims import Claim, Sentence
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.reading import Passage
from fbanalysis.report.audit.rules.counts import count_of
from fbanalysis.report.audit.rules.rounding import show

#: Nothing is counted twice or left out.
_CLOSED = re.compile(
    r"单选|只[归记计选登][^，。；]{0,6}|仅[归记计选登][^，。；]{0,6}|再?无其他|再没有别的|没有其他|别无其他|全部由|互不[重交]|不重复计|加起来|恰好|正好|归为一类|合计100|合计为100|分为|由[^，。；]{0,10}(?:构成|组成)"
)
_OPEN = re.compile(r"多选|可选[多两三2-9]|[限任]选|前[两三四五六七八九十\d]|目标|同比|环比")
#: Of the greatest parts only; a question of one choice lists all the same.
_SOME = re.compile(r"主要|其中")
_SURE = re.compile(r"单选|只[归记计选登]|仅[归记计选登]|再?无其他")
_EACH = re.compile(r"各占?(?:约)?$")
_FEWEST, _LEAST, _MOST = 3, 80.0, 120.0
_WHOLE = 100.0
_N = r"(?P<count>[二两三四五六七八九十]|\d{1,2})"
_KINDS = r"(?:个|项|家|座|所|条|处|类|名|店|站|区|地|款|种|位|间|城|门|支)"
#: 有三座车站得分不足 80 分，即 A（78）和 B（79）.
_NAMED = re.compile(
    rf"(?:有|共有|共|仅有|只有){_N}{_KINDS}[^，。；：:、\d]{{0,10}}[^。；：:、]{{0,16}}[，,：:—]{{1,2}}(?:即|分别是|分别为|依次是|它们是|包括|为)?(?P<list>[^。；;]+)"
)
_BRACKETS = re.compile(r"（[^）]*）|\([^)]*\)")
_HEADING = re.compile(
    r"(?:^|[^第\d.前后])(?:[二两三四五六七八九十]|\d)(?:大|个(?!百分点)|项|条|点|类|件|种)(?:[\u4e00-\u9fff]{1,8}|[\u4e00-\u9fff]{0,8}[，,]?[\u4e00-\u9fff]{0,4}(?:如下|列下))[：:]?$"
)
_COUNT = re.compile(
    r"(?P<count>[二两三四五六七八九十]|\d)(?:大|个|项|条|点|类|件|种)[\u4e00-\u9fff，,]{1,14}[：:]?$"
)
_LINE_MARK = re.compile(
    r"^\s*(?:[-•·▪●*]|[（(]?[一二三四五六七八九十\d]{1,2}[）)]|[一二三四五六七八九十\d]{1,2}[、.．](?!\d)|[①-⑨])\s*"
)
_YEAR = re.compile(r"20\d\d年度?")
_MOST_LINES = 13
_LONGEST_LINE, _LONGEST_HEADING, _LONGEST_OPENING = 16, 20, 80


def find_open_shares(sentence: Sentence) -> Iterator[Finding]:
    """Check shares of a whole that the words close: they make 100 %, a share told with 各 counting for each name."""
    text = sentence.text
    if not _CLOSED.search(text) or _OPEN.search(text) or (_SOME.search(text) and not _SURE.search(text)):
        return
    shares = _shares(sentence)
    if len(shares) < _FEWEST:
        return
    total, slack = 0.0, 0.0
    for claim in shares:
        times = 2 if _EACH.search(sentence.text[max(0, claim.start - 6) : claim.start]) else 1
        total, slack = total + times * claim.value, slack + times * claim.mention.step / 2
    if _LEAST <= total <= _MOST and abs(total - 100) > slack + 1e-9:
        added = "＋".join(show(claim.value, 2) for claim in shares)
        yield Finding(
            sentence.place,
            sentence.around(*shares),
            "份额合计",
            " / ".join(claim.text for claim in shares),
            "100%",
            "矛盾",
            f"{added}＝{show(total, 2)}%，文中写明各类不重不漏，应合计 100%",
        )


def _shares(sentence: Sentence) -> list[Claim]:
    """Give the percents of a sentence that stand side by side, none a change or a goal, none between them."""
    shares: list[Claim] = []
    for claim in sentence.claims:
        if (
            claim.is_percent
            and claim.value < _WHOLE
            and claim.role in ("", "to")
            and not claim.mention.is_signed
        ):
            if shares and len(sentence.gap(shares[-1], claim)) > 30:
                break
            shares.append(claim)
    return shares


def find_named_counts(sentence: Sentence) -> Iterator[Finding]:
    """Check how many things meet a condition against those named behind it, each with its number or not."""
    for match in _NAMED.finditer(sentence.text):
        said = count_of(match["count"])
        names = _BRACKETS.sub("", match["list"])
        if said < 2 or re.search(
            r"等|[的者][为是]|[，,]|其中|[两三四五六七八九十\d](?:项|个|家|座|处|条)", names
        ):
            continue
        parts = [part for part in re.split("、|以及|和|与|及", names) if len(part.strip()) >= 2]
        is_list = len(parts) >= 2 and all(len(part) <= 12 for part in parts)
        if is_list and len(parts) != said and names.count("、") + 1 != said:
            yield _miscount(sentence.place, match.group().strip("，。"), match["count"], len(parts), "列出")


def find_miscounted_lines(passages: Sequence[Passage]) -> Iterator[Finding]:
    """Check a heading that says how many things follow against the lines below it."""
    for at, passage in enumerate(passages):
        # 以下三项列入2025年重点：the year is no count
        text = _YEAR.sub("", passage.text.strip())
        is_short = len(text) <= _LONGEST_HEADING
        opens = len(text) <= _LONGEST_OPENING and text.endswith(("：", ":"))
        heading = _COUNT.search(text) if _HEADING.search(text) and (is_short or opens) else None
        if heading is None or passage.kind not in ("text", "title"):
            continue
        said = count_of(heading["count"])
        counted = _lines_below(passages[at + 1 : at + 1 + _MOST_LINES])
        if counted >= 2 and said >= 2 and counted != said:
            yield _miscount(passage.place, passage.text.strip(), heading["count"], counted, "其下列出")


def _lines_below(passages: Sequence[Passage]) -> int:
    """Count the lines of a list: marked ones of one make, or short ones without a number up to a line that has one."""
    if not passages or passages[0].kind != "text":
        return 0
    if _LINE_MARK.match(passages[0].text):
        marked = [bool(_LINE_MARK.match(p.text)) and p.kind == "text" for p in passages]
        end = marked.index(False) if False in marked else len(marked) * (len(marked) < _MOST_LINES)
        ordinals = [_ordinal(passage.text) for passage in passages[:end]]
        if ordinals == list(range(1, end + 1)):
            return end
        # lines of another make: remarks stand behind the list
        return end if not any(ordinals) and len({_units(passage) for passage in passages[:end]}) == 1 else 0
    plain = [
        p.kind == "text" and len(p.text.strip()) <= _LONGEST_LINE and not re.search(r"[\d。，；：:]", p.text)
        for p in passages
    ]
    if False not in plain:
        return 0
    end = plain.index(False)
    # without a page number behind them the last line may be the next heading
    return end if re.fullmatch(r"\s*(?:P|第)?\s*\d{1,2}\s*页?\s*", passages[end].text) else 0


def _ordinal(line: str) -> int:
    """Give the number that a line begins with as its mark, 0 where it has none."""
    mark = re.match(r"\s*[（(]?([一二三四五六七八九十]{1,2}|\d{1,2})[）)、.．]|\s*([①-⑨])", line)
    if mark is None:
        return 0
    return count_of(mark[1]) if mark[1] else "①②③④⑤⑥⑦⑧⑨".index(mark[2]) + 1


def _units(passage: Passage) -> tuple[str, ...]:
    """Give what stands behind each number of a line."""
    return tuple(re.findall(r"\d+(?:[.,]\d+)*\s*([^\d\s，。；、：:（(]?)", _LINE_MARK.sub("", passage.text)))


def _miscount(place: str, quoted: str, said: str, counted: int, verb: str) -> Finding:
    return Finding(place, quoted, "列举数目", said, str(counted), "矛盾", f"写作 {said}，{verb} {counted} 项")

"""Counts of listed things: 四大类, 五个环节, 三项措施, against the list that stands beside them."""

import re
from collections.abc import Iterator

from fbanalysis.report.audit.claims.claims import Sentence
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numerals import read_numeral

_COUNT = r"(?P<count>[二两三四五六七八九十]|1[0-2]|[2-9])"
_KIND = r"(?:大|个|项|件|类|种|条|点|方面|步|级|环节|阶段|维度|层面|部分|渠道|领域|举措|措施)"
#: 三个方面：A、B、C. The list begins behind a colon or 分别是 and ends with the sentence.
_FORWARD = re.compile(
    rf"(?<![第前后\d.十百选多至])(?:共|有|分为|包括|围绕|从|以下)?{_COUNT}{_KIND}(?P<named>[^，。：:；;、\d\n]{{0,12}}?)"
    rf"(?:[：:]|[，,—]{{0,2}}(?:分别是|分别为|依次是|依次为|具体为|具体是|即|包括|包含|涵盖))(?P<list>[^。；;：:\n]+)"
)
#: A、B 和 C 三大领域. Only kinds of things that are named one by one.
_BACKWARD = re.compile(
    r"(?P<list>[^，。；;：:、\s（）()\d]{2,24}(?:、[^，。；;：:、\s（）()\d]{1,16})+?(?:(?:和|与|及|以及)[^，。；;：:、\s（）()\d]{1,14}?)?)(?P<open>等)?"
    r"(?P<count>[二两三四五六七八九])(?:大|类|种|方面|维度|领域|环节|个(?:方面|维度|领域|环节|阶段|部门|层面|渠道|地区|校区|城市|科室|层次|板块|指标|类别|区域))"
)
_MARKS = (
    ("一是", "二是", "三是", "四是", "五是", "六是", "七是", "八是"),
    ("①", "②", "③", "④", "⑤", "⑥", "⑦", "⑧", "⑨"),
    ("（一）", "（二）", "（三）", "（四）", "（五）", "（六）", "（七）", "（八）"),
    ("（1）", "（2）", "（3）", "（4）", "（5）", "（6）", "（7）", "（8）"),
    ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"),
    ("首先", "其次", "再次"),
)
#: 四项，列示如下： the words that lead over to the list may be a clause of their own.
_ANNOUNCED = re.compile(
    rf"(?<![第前后\d.十百]){_COUNT}{_KIND}[^，。：:；;、\d\n]{{0,14}}(?:20\d\d年度?[^，。：:；;、\d\n]{{0,8}})?(?:[，,][^，。：:；;、\d\n]{{0,6}}(?:如下|列下)[：:。]|[：:，,。])"
)
_OPEN = re.compile(r"等(?:[^、，]{0,6})?$")
_COUNTED_PART = re.compile(r"[\u4e00-\u9fff](\d+)[个项条件类种]?$")
_COMMA = re.compile(r"、")
_AND = re.compile(r"以及|和|与|及")
_NUMBERED = re.compile(r"\s*(?:[（(]?[一1][）)、.]|①|一是|首先|第一)")
_LONGEST_NAME, _LONGEST_QUOTE = 26, 160


def find_miscounts(sentence: Sentence) -> Iterator[Finding]:
    """Check how many things a sentence says it lists against those that it lists."""
    if "、" not in sentence.text:
        return
    for match in _FORWARD.finditer(sentence.text):
        yield from _check(sentence, match, match["list"], is_open=bool(_OPEN.search(match["list"])))
    for match in _BACKWARD.finditer(sentence.text):
        yield from _check(sentence, match, match["list"], is_open=bool(match["open"]))


def _check(sentence: Sentence, match: re.Match[str], listed: str, *, is_open: bool) -> Iterator[Finding]:
    said = _number(match["count"])
    fewest, most = _length(listed)
    if not fewest or fewest <= said <= most or (is_open and said > most):
        return
    # 12条：做完9、在做2、放弃1 tells how many are of each kind
    parts = [_COUNTED_PART.search(name) for name in _COMMA.split(listed)]
    if all(parts) and [int(part[1]) for part in parts] != list(range(1, len(parts) + 1)):
        return
    # 三件事：一、食堂… numbers its things itself
    if _NUMBERED.match(listed):
        return
    counted = fewest if said < fewest else most
    yield _finding(sentence, match.start(), said, counted)


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    read = read_numeral("二" if word == "两" else word)
    return int(read[0]) if read else 0


def _length(listed: str) -> tuple[int, int]:
    """Count the names of a list: at least by its 、, at most where every 和 parts two names, too."""
    names = _COMMA.split(_OPEN.sub("", listed))
    if len(names) < 2 or any(len(name) > _LONGEST_NAME or "，" in name for name in names[:-1]):
        return 0, 0
    last = re.split(r"，|,(?!\d{3})", names[-1])[0]
    sure = len(names) + (1 if len(_AND.findall(last)) == 1 and len(last) >= 3 else 0)
    most = len(names) + sum(len(_AND.findall(name)) for name in [*names[:-1], last])
    return min(len(names) if most > sure else sure, most), most


def find_missing_marks(text: str, place: str) -> Iterator[Finding]:
    """Check an announced number of things against 一是、二是、三是 or ①②③ behind it."""
    for match in _ANNOUNCED.finditer(text):
        behind = text[match.end() : match.end() + 1200]
        for marks in _MARKS[:-1]:
            if not behind.lstrip().startswith(marks[0]):
                continue
            counted = next((at for at, mark in enumerate(marks) if mark not in behind), len(marks))
            said = _number(match["count"])
            if counted >= 2 and counted != said and counted < len(marks):
                quoted = (
                    re.split(r"[。；;！？\n]", text[: match.start()])[-1][-60:] + match.group() + behind[:90]
                )
                yield Finding(
                    place,
                    quoted,
                    "列举数目",
                    match.group(),
                    str(counted),
                    "矛盾",
                    f"写作 {said}，列出 {counted} 项",
                )


def _finding(sentence: Sentence, at: int, said: int, counted: int) -> Finding:
    text = sentence.text.strip()
    quoted = text if len(text) <= _LONGEST_QUOTE else sentence.text[max(0, at - 40) : at + 120].strip()
    return Finding(
        sentence.place, quoted, "列举数目", str(said), str(counted), "矛盾", f"写作 {said}，列出 {counted} 项"
    )

"""Counts of what reached its goal or is named: 五项指标三项达标, A、B 和 C 4 个学院, against what is listed."""

import re
from collections.abc import Iterator, Sequence

from fbanalysis.report.audit.claims.claims import Sentence, Table
from fbanalysis.report.audit.claims.series import WHOLE, earlier_and_later
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numerals import read_numeral
from fbanalysis.report.audit.rules.attainment import is_less_better

_N = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_KIND = r"(?:个|项|家|类|所|条|名)"
_GOAL_WORDS = r"(?:达标|达到(?:了)?(?:年度)?目标|达成(?:年度)?目标|完成(?:年度)?目标|实现目标)"
_MET = re.compile(
    rf"(?:(?P<all>{_N}){_KIND}[^，,。；;\d]{{0,8}}?(?:中|里|，|,)?)?(?:有|共有|其中)?(?P<count>{_N}){_KIND}(?!中|里|[\u4e00-\u9fff]{{0,3}}[中里])(?P<noun>(?:(?!{_N}{_KIND})[\u4e00-\u9fff]){{0,4}}?)(?:已|均|全部|都)?(?P<not>未|没有|尚未)?{_GOAL_WORDS}"
)
_MET_OF = re.compile(
    rf"(?P<not>未|没有|尚未)?{_GOAL_WORDS}(?:或[\u4e00-\u9fff]{{2,6}})?的(?:指标|维度|事项)?(?:共?有|为|共|是|只有|仅)?(?P<count>{_N}){_KIND}"
)
_TARGET, _ACTUAL = (
    re.compile(r"目标|计划|考核值|指标值"),
    re.compile(r"实际|完成值|实绩|完成$|实测|达成值|实现值"),
)
_RATE = re.compile(r"达成|完成率|完成度|达标")
_KINDS_NAMED = "学院|部门|科室|地区|小区|区县|网点|门店|渠道|方面|环节|维度|指标|省份|城市|片区|品牌|领域|校区|班级|街道|社区|大区|中心|品类|项目|触点|分店|支行|车间|基地|机构|板块|类别"
_NAMED = re.compile(
    rf"(?P<list>(?:[^，。；;：:、\s（）()\d]{{2,24}}、)*[^，。；;：:、\s（）()\d]{{2,24}}(?:和|与|及|以及)[^，。；;：:、\s（）()\d]{{2,12}}?|(?:[^，。；;：:、\s（）()\d]{{2,24}}、){{2,}}[^，。；;：:、\s（）()\d]{{2,12}}?)"
    rf"(?P<open>等)?(?P<count>\d{{1,2}}|[二两三四五六七八九十])(?:个|家|大|类|所|项)(?:主要|重点|服务|核心)?(?P<noun>{_KINDS_NAMED})"
)
_DATED = re.compile(
    rf"(?P<count>{_N})(?:起|次|场|期|批|天|家|所|处|座)[^，。；：:\d]{{0,6}}[，,：:](?:日期|时间|分别|依次|具体)(?:分别|依次)?(?:为|是|在|于)(?P<list>[^。；;，]+)"
)
_VERB = re.compile(r"新增|新设|新建|增加|达|比|各|共|分别|的$")


def count_of(word: str) -> int:
    """Read a small number in figures or characters; 0 where it is none."""
    if word.isdecimal():
        return int(word)
    read = read_numeral("二" if word == "两" else word)
    return int(read[0]) if read else 0


def find_false_counts(sentence: Sentence) -> Iterator[Finding]:
    """Check counts of what is named or dated one by one."""
    yield from _check_named(sentence)
    yield from _check_dated(sentence)


def _finding(sentence: Sentence, at: int, said: str, counted: int, explanation: str) -> Finding:
    text = sentence.text.strip()
    quoted = text if len(text) <= 160 else sentence.text[max(0, at - 60) : at + 80].strip()
    return Finding(sentence.place, quoted, "列举数目", said, str(counted), "矛盾", explanation)


def _check_named(sentence: Sentence) -> Iterator[Finding]:
    for match in _NAMED.finditer(sentence.text):
        names = [name for name in re.split(r"、|以及|和|与|及", match["list"]) if name]
        last, said = names[-1], count_of(match["count"])
        is_kind = last.endswith(match["noun"]) or len(last) <= max(map(len, names[1:-1]), default=0) + 1
        if not is_kind or _VERB.search(last) or said == len(names) or (match["open"] and said > len(names)):
            continue
        # a name may hold a 和 of its own
        if match["list"].count("、") + 1 <= said <= len(names):
            continue
        yield _finding(sentence, match.start(), str(said), len(names), f"写作 {said}，列出 {len(names)} 项")


def _check_dated(sentence: Sentence) -> Iterator[Finding]:
    for match in _DATED.finditer(sentence.text):
        names = [part for part in re.split(r"、|以及|和", match["list"]) if part.strip()]
        said = count_of(match["count"])
        if len(names) >= 2 and said and said != len(names) and not re.search("等$", match["list"]):
            yield _finding(
                sentence, match.start(), str(said), len(names), f"写作 {said}，列出 {len(names)} 项"
            )


def find_false_successes(sentences: Sequence[Sentence], tables: Sequence[Table]) -> Iterator[Finding]:
    """Check how many goals a text says were reached against the tables of goals near it."""
    judged = [(table, goals) for table in tables if (goals := _goals(table)) is not None]
    for sentence in sentences if judged else ():
        for match in (*_MET.finditer(sentence.text), *_MET_OF.finditer(sentence.text)):
            near = [
                goals
                for table, goals in judged
                if abs(table.passage - sentence.passage) <= 9 and abs(table.page - sentence.page) <= 1
            ]
            yield from _check_met(sentence, match, near)


def _check_met(
    sentence: Sentence, match: re.Match[str], near: Sequence[tuple[int, int]]
) -> Iterator[Finding]:
    said, whole = count_of(match["count"]), count_of(match.groupdict().get("all") or "")
    fitting = [goals for goals in near if not whole or sum(goals) == whole]
    at = 1 if match["not"] else 0
    if fitting and said <= sum(fitting[-1]) and all(goals[at] != said for goals in fitting):
        met, missed = fitting[-1]
        yield _finding(
            sentence,
            match.start(),
            match["count"],
            (met, missed)[at],
            f"写作「{match.group()}」，表里 {met} 项达到目标、{missed} 项没有",
        )


def _goals(table: Table) -> tuple[int, int] | None:
    """Count the rows of a table that reached their target and those that did not."""
    targets = [c for c, head in enumerate(table.heads) if _TARGET.search(head) and not _RATE.search(head)]
    actual = [c for c, head in enumerate(table.heads) if _ACTUAL.search(head) and not _RATE.search(head)]
    if not actual and (pair := earlier_and_later(table)):
        actual = [pair[1]]
    if len(targets) != 1 or len(actual) != 1:
        return None
    rows = [row for row in table.column(targets[0]) if (row, actual[0]) in table.cells]
    rows = [row for row in rows if not WHOLE.match(table.labels[row])]
    met = sum(_is_met(table, row, targets[0], actual[0]) for row in rows)
    return (met, len(rows) - met) if len(rows) >= 2 else None


def _is_met(table: Table, row: int, target: int, actual: int) -> bool:
    goal, result = table.cells[row, target], table.cells[row, actual]
    is_less = is_less_better(table.labels[row]) or goal.bound == "≤"
    return result.value <= goal.value if is_less else result.value >= goal.value

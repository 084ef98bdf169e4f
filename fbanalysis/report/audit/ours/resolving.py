"""Holds each number of a line against the ledger, or names the rule under which it may stand without a record."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from fbanalysis.report.audit.numbers import Mention, find_numbers
from fbanalysis.report.audit.ours.drawings import LEGEND, Drawing, drawing_of
from fbanalysis.report.audit.ours.expected import CHART, NAME, PERIOD, PROSE, TEST, Line, Piece, Spec
from fbanalysis.report.audit.ours.printed import Entry, origin, rounded, squeezed
from fbanalysis.report.audit.ours.testing_words import record_tested, said_of_tests
from fbanalysis.report.story import Story
from fbanalysis.report.wording import label

ALLOWED, LEVEL, IDIOM, ORIGIN, ROW = "名单", "置信水平", "惯用语", "来历", "账本行"
FEWEST = "公开界限"

#: Words in which a Chinese numeral counts nothing that data decide; each was looked at where it stands.
IDIOMS = (
    *(
        "一线",
        "一般",
        "一样",
        "一致",
        "一起",
        "一定",
        "一些",
        "一种",
        "一直",
        "一旦",
        "一并",
        "一律",
        "一次性",
        "一次",
    ),
    *(
        "一个",
        "一条",
        "一项",
        "一行",
        "一格",
        "一列",
        "一页",
        "一类",
        "一段",
        "一句",
        "一处",
        "一层",
        "一位",
        "一人",
    ),
    *(
        "之一",
        "统一",
        "唯一",
        "单一",
        "第一手",
        "同一",
        "另一",
        "每一",
        "逐一",
        "任一",
        "进一步",
        "下一",
        "上一",
        "某一",
    ),
    *(
        "一端",
        "一边",
        "一头",
        "一面",
        "一半以上",
        "一句话",
        "一组",
        "一份",
        "一张",
        "一道",
        "一点",
        "一周",
        "一月",
        "一致",
    ),
    *(
        "一度",
        "一批",
        "一章",
        "一件",
        "一年",
        "一分钟",
        "每加一",
        "按半次计",
        "一两项",
        "一两条",
        "两三项",
        "两三个",
    ),
    *(
        "两年",
        "两次",
        "两者",
        "两端",
        "两侧",
        "两个",
        "两类",
        "两组",
        "两条",
        "两种",
        "两边",
        "两点",
        "两项",
        "两两",
    ),
    *(
        "两段",
        "两件事",
        "两本账",
        "前后两批",
        "两名标注人",
        "三方",
        "第三方",
        "第三种去处",
        "三类",
        "四个季度",
        "五个为什么",
    ),
    *(
        "六个数",
        "三句话",
        "翻一番",
        "十分",
        "百分",
        "平均为一百",
        "日均为一百",
        "超过一百",
        "不一定是一百",
        "万一",
        "千万",
        "成倍",
        "半数",
    ),
)


@dataclass(frozen=True)
class Held:
    """What one number was held against: a record's key, or the rule that lets it stand, or nothing."""

    mention: Mention
    key: str = ""
    rule: str = ""
    fault: str = ""

    @property
    def is_held(self) -> bool:
        return bool(self.key or self.rule) and not self.fault


@lru_cache(maxsize=65536)
def mentions(text: str) -> tuple[Mention, ...]:
    """Find the numbers of a text; the same text is read once."""
    return tuple(find_numbers(text)) if _MAY_COUNT.search(text) else ()


_MAY_COUNT = re.compile("[0-9０-９零〇一二两三四五六七八九十百千万亿半]")


class Judge:
    """Knows the ledger and what else a report's numbers may be."""

    def __init__(self, story: Story, ledger: Mapping[str, Entry]) -> None:
        self.story, self.ledger = story, ledger
        self._drawings: dict[int, Drawing] = {}

    @cached_property
    def strata(self) -> Mapping[str, list[str]]:
        """The names of each metric's strata, as readers see them."""
        found: dict[str, list[str]] = {}
        for entry in self.ledger.values():
            found.setdefault(entry.metric, []).append(squeezed(label(entry.stratum)))
        return found

    @cached_property
    def _names(self) -> str:
        """All names of strata, whole and as short as readers see them, in one text to look a number up in."""
        shown = (one for entry in self.ledger.values() for one in (entry.stratum, label(entry.stratum)))
        texts = (str(entry.value) for entry in self.ledger.values() if entry.is_text)
        return squeezed(
            "\n".join(dict.fromkeys([*shown, *texts, self.story.dataset.organisation])).replace("\n", "|")
        )

    @cached_property
    def _tests(self) -> Mapping[str, str]:
        return said_of_tests(self.ledger)

    @cached_property
    def _labels(self) -> frozenset[str]:
        return frozenset(name for names in self.strata.values() for name in names)

    @cached_property
    def _days(self) -> frozenset[str]:
        dataset = self.story.dataset
        days = (dataset.period_start, dataset.period_end, dataset.report_date)
        return frozenset({*map(str, days), *(f"{day.year}年{day.month}月{day.day}日" for day in days)})

    def hold(self, line: Line) -> Iterator[Held]:
        """Hold each number of a line that says what it should."""
        drawing = self.drawing(line.chart)
        yield from self._faults(line)
        for mention in mentions(line.text):
            piece = _piece_at(line.pieces, mention)
            yield self._held(mention, piece, line, drawing)

    def drawing(self, chart: Spec | None) -> Drawing | None:
        """Explain a chart by its plot, once for all files."""
        if chart is None:
            return None
        if id(chart) not in self._drawings:
            self._drawings[id(chart)] = drawing_of(chart)
        return self._drawings[id(chart)]

    def _faults(self, line: Line) -> Iterator[Held]:
        """Find keys whose text is none of their record's printed forms, worked out anew."""
        is_plan = line.chart is not None and (line.chart["plot"] or {}).get("kind") == "gantt"
        for piece in line.pieces:
            # a plan draws the days between two dates: its records are behind the number, not the number
            if piece.rule == CHART and is_plan:
                continue
            if piece.key and piece.rule != ROW and (fault := self.fault_of(piece)):
                start = line.text.find(piece.text)
                mention = Mention(piece.text, start, start + len(piece.text), "number", None)
                yield Held(mention, piece.key, fault=fault)

    def fault_of(self, piece: Piece) -> str:
        """Say what a piece with a key should be, where it is none of its record's printed forms."""
        entry, bare = self.ledger.get(piece.key), squeezed(piece.text)
        if entry is None:
            return "账本里没有这条记录"
        if piece.rule == ORIGIN:
            return "" if bare == origin(entry) else origin(entry)
        if piece.rule == CHART:
            return "" if _is_part(bare, entry) else entry.printed
        is_verdict = bare == entry.verdict or bare in ("–", "不公开")
        return "" if bare in entry.forms or is_verdict else entry.printed

    def _held(self, mention: Mention, piece: Piece, line: Line, drawing: Drawing | None) -> Held:
        if piece.key:
            return Held(mention, key=piece.key, rule=piece.rule)
        if piece.rule == TEST:
            key = record_tested(piece.text, self._tests)
            return Held(
                mention, key=key, rule="" if key else self._allowance(mention, line.text, is_name=False)
            )
        if piece.rule and piece.rule not in (NAME, PROSE, CHART):
            return Held(mention, rule=piece.rule)
        if drawing is not None and (rule := _drawn_rule(mention, line.text, drawing)):
            return Held(mention, rule=rule)
        return Held(mention, rule=self._allowance(mention, line.text, is_name=piece.rule == NAME))

    def _allowance(self, mention: Mention, text: str, *, is_name: bool) -> str:
        """Name the first of the rules that lets a number stand without a record."""
        tries = (
            (ALLOWED, lambda: _is_within(mention, text, self.story.dataset.allowed)),
            (PERIOD, lambda: self._is_period(mention)),
            (FEWEST, lambda: self._is_fewest(mention, text)),
            (LEVEL, lambda: _is_level(mention, text, self.ledger)),
            (IDIOM, lambda: _is_within(mention, text, IDIOMS)),
            (NAME, lambda: self._is_name(mention, text) or is_name),
        )
        return next((rule for rule, holds in tries if holds()), "")

    def _is_period(self, mention: Mention) -> bool:
        year = self.story.dataset.year
        if mention.kind == "year":
            return mention.value in (year, year - 1)
        bare = squeezed(mention.text)
        return bare in self._days or bare in (str(year), str(year - 1), f"{year}年", f"{year - 1}年")

    def _is_fewest(self, mention: Mention, text: str) -> bool:
        """Say whether it is how few people are too few to be published, as the settings have it."""
        fewest = self.story.dataset.thresholds.suppress_below
        return (
            mention.value == fewest
            and text[: mention.start].endswith("少于 ")
            and "人" in text[mention.start :][:6]
        )

    def _is_name(self, mention: Mention, text: str) -> bool:
        """Say whether a number is part of a stratum's name: its neighbours are, too."""
        if squeezed(mention.text) in self._labels:
            return True
        around = text[max(mention.start - 2, 0) : mention.end + 2]
        parts = (around, text[mention.start : mention.end + 2], text[max(mention.start - 2, 0) : mention.end])
        return any(len(bare := squeezed(one)) > 2 and bare in self._names for one in parts) or (
            bool(text) and squeezed(text) in self._names
        )


def _is_part(bare: str, entry: Entry) -> bool:
    """Say whether a chart's number is its record's value, base or end of an interval, at the decimals written."""
    digits = re.search(r"[\d,]*\.?\d+", bare)
    if entry.is_text or digits is None:
        return bare in entry.forms
    decimals = len(digits[0].partition(".")[2])
    parts = (entry.value, entry.n, entry.low, entry.high)
    return digits[0] in {rounded(abs(part), decimals) for part in parts if part is not None}


def _piece_at(pieces: Sequence[Piece], mention: Mention) -> Piece:
    """Find the piece in which a number stands: one with a key before one without."""
    start, touched = 0, []
    for piece in pieces:
        end = start + len(piece.text)
        if start < mention.end and mention.start < end:
            touched.append(piece)
        start = end
    return next((piece for piece in touched if piece.key), touched[0] if touched else Piece(""))


def _drawn_rule(mention: Mention, text: str, drawing: Drawing) -> str:
    whole = drawing.rule(text)
    if whole:
        return whole
    before, after = text[: mention.start], text[mention.end :]
    rule = drawing.number_rule(mention.text, before=before, after=after)
    is_legend = text.startswith(("加框", "深色为")) or "虚线" in text
    return rule or (LEGEND if is_legend else "")


def _is_within(mention: Mention, text: str, names: Sequence[str]) -> bool:
    """Say whether a number lies inside one of the names at its place."""
    reach = max(map(len, names), default=0)
    first = max(mention.start - reach, 0)
    around = text[first : mention.end + reach]
    for name in names:
        at = around.find(name)
        while at >= 0:
            if first + at < mention.end and mention.start < first + at + len(name):
                return True
            at = around.find(name, at + 1)
    return False


def _is_level(mention: Mention, text: str, ledger: Mapping[str, Entry]) -> bool:
    """Say whether it is the level of an interval, as the ledger has it."""
    levels = {round(100 * entry.level, 6) for entry in ledger.values() if entry.has_interval}
    return mention.value in levels and squeezed(text[mention.end :]).startswith(
        ("区间", "置信", "的把握", "）")
    )

"""Reads the sentences themselves: whose number it is, what its unit is, of how many, of which year.

A sentence may be printed as the story has it and still say something else than its record: these rules ask.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.ours.expected import Line, Piece, Section, Spec, line
from fbanalysis.report.audit.ours.printed import Entry, squeezed
from fbanalysis.report.layout import plain
from fbanalysis.report.story import Story
from fbanalysis.report.wording import label

#: Words that name nobody's group.
_TOTALS = ("全体", "内部", "外部", "总体", "合计", "其他", "全部", "总体满意度")
_CLAUSE = re.compile("[，。；：！？\n]")
_UNITS = {"%": ("percent",), "个百分点": ("pp",), "百分点": ("pp",)}


@dataclass(frozen=True)
class Clause:
    """A part of a sentence up to the next comma or stop, with its pieces."""

    text: str
    pieces: tuple[Piece, ...]


def clauses(pieces: Sequence[Piece]) -> Iterator[Clause]:
    """Divide a sentence at its commas and stops; a piece with a key stays whole."""
    text, kept = "", []
    for piece in pieces:
        parts = [piece.text] if piece.key else _CLAUSE.split(piece.text)
        for i, part in enumerate(parts):
            if i:
                yield Clause(text, tuple(kept))
                text, kept = "", []
            text += part
            kept.append(Piece(part, piece.key, piece.rule))
    yield Clause(text, tuple(kept))


class Reader:
    """Reads the sentences of slides for what their words say of the records printed in them."""

    def __init__(self, story: Story, ledger: Mapping[str, Entry]) -> None:
        self.story, self.ledger = story, ledger
        self.labels: dict[str, dict[str, str]] = {}
        for entry in ledger.values():
            self.labels.setdefault(entry.metric, {})[entry.stratum] = squeezed(label(entry.stratum))

    def read(self, section: Section) -> Iterator[Finding]:
        """Give what does not hold in the sentences of a section."""
        place = f"第 {section.page} 页" if section.page else section.name
        for one in section.lines:
            if one.kind in ("title", "text", "foot", "note") and one.keys:
                for clause in clauses(one.pieces):
                    yield from self._named(clause, one, place)
                yield from self._units(one, place)
            yield from self._years(one, place)
        if section.spec is not None:
            yield from self._unnamed_base(section.spec, place)

    def _named(self, clause: Clause, whole: Line, place: str) -> Iterator[Finding]:
        """Find a group named beside a number that is another group's of the same metric."""
        entries = [self.ledger[piece.key] for piece in clause.pieces if piece.key in self.ledger]
        for entry in entries:
            own = {self.labels[one.metric][one.stratum] for one in entries if one.metric == entry.metric}
            text = squeezed(clause.text)
            named = _longest(text, self.labels[entry.metric].values())
            strange = [name for name in named if name not in own and not any(name in one for one in own)]
            if strange and not own & set(named):
                yield Finding(
                    place,
                    whole.text,
                    "层名",
                    "、".join(strange),
                    label(entry.stratum),
                    "矛盾",
                    f"这里的数是「{label(entry.stratum)}」的（{entry.key}），句子却说的是{'、'.join(strange)}。",
                    entry.key,
                )

    def _units(self, whole: Line, place: str) -> Iterator[Finding]:
        """Find shares that are called points and differences of shares that are called percent."""
        for i, piece in enumerate(whole.pieces):
            entry = self.ledger.get(piece.key)
            if entry is None or entry.unit not in ("percent", "pp", "score", "count"):
                continue
            after = squeezed(whole.pieces[i + 1].text) if i + 1 < len(whole.pieces) else ""
            said = next((unit for unit in _UNITS if after.startswith(unit)), "")
            if said and entry.unit not in _UNITS[said]:
                yield Finding(
                    place,
                    whole.text,
                    "百分点",
                    piece.text + said,
                    entry.printed,
                    "矛盾",
                    f"记录 {entry.key} 的写法是「{entry.printed}」，句子里后面又写了「{said}」。",
                    entry.key,
                )

    def _years(self, whole: Line, place: str) -> Iterator[Finding]:
        """Find a year stated before a number that is another year's."""
        for clause in clauses(whole.pieces):
            years = {int(year) for year in re.findall(r"(?<!\d)(20\d\d)\s*年(?!\s*\d)", clause.text)}
            for piece in clause.pieces:
                entry = self.ledger.get(piece.key)
                own = re.fullmatch(r"20\d\d", entry.stratum) if entry is not None else None
                if own and years and int(own[0]) not in years:
                    yield Finding(
                        place,
                        whole.text,
                        "年份",
                        "、".join(map(str, sorted(years))),
                        own[0],
                        "矛盾",
                        f"这里的数是 {own[0]} 年的（{entry.key}），句子却写着另一年。",
                        entry.key,
                    )

    def _unnamed_base(self, spec: Spec, place: str) -> Iterator[Finding]:
        """Find a slide with estimates of which neither source nor text, table or chart says of how many."""
        keys = dict.fromkeys(
            _keys({name: part for name, part in spec.items() if name not in ("chart", "notes")})
        )
        shown = [self.ledger[key] for key in keys if key in self.ledger]
        estimates = [one for one in shown if one.n is not None and (one.has_interval or one.p is not None)]
        if estimates and not self._names_base(spec):
            yield Finding(
                place,
                plain(spec["source"]) or plain(spec["title"]),
                "口径",
                plain(spec["source"]) or "（无来源行）",
                f"n = {estimates[0].n:,.0f}",
                "可能",
                f"这一页印了估计（如 {estimates[0].key}），来源行与正文都没有说基数 n 是多少。",
                estimates[0].key,
            )

    def _names_base(self, spec: Spec) -> bool:
        plot = (spec["chart"] or {}).get("plot")
        if plot and (plot["is_base_shown"] or any(n is not None for n in plot["base"])):
            return True
        counts = ("count", "customers")
        for piece in _pieces({name: part for name, part in spec.items() if name not in ("chart", "notes")}):
            entry = self.ledger.get(piece.key)
            what = entry.forms.get(squeezed(piece.text), "") if entry else ""
            if entry and (what == "n" or (entry.unit in counts and what == "value")):
                return True
        return False


def _longest(text: str, names: Sequence[str]) -> list[str]:
    """Find the names in a text, the longest first; one inside another is not named."""
    found = []
    for name in sorted(set(names) - set(_TOTALS), key=len, reverse=True):
        if len(name) > 1 and name in text:
            found.append(name)
            text = text.replace(name, "\u0000")
    return found


def _pieces(content: object) -> Iterator[Piece]:
    """Give the pieces with a key in nested data."""
    if isinstance(content, Mapping):
        if content.get("key") and "text" in content:
            yield Piece(str(content["text"]), str(content["key"]))
        for value in content.values():
            yield from _pieces(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _pieces(value)


def _keys(content: object) -> Iterator[str]:
    return (piece.key for piece in _pieces(content))


def check_story(story: Story) -> Iterator[Finding]:
    """Check that pages are the sheets' places, and that references lead where they say."""
    places = {sheet.anchor: i for i, sheet in enumerate(story.sheets, start=1)}
    for sheet in story.sheets:
        if sheet.page != places[sheet.anchor]:
            yield _wrong_page(sheet.label, sheet.page, places[sheet.anchor])
    for name, reference in story.references.items():
        if reference.anchor in places and reference.page != places[reference.anchor]:
            yield _wrong_page(name, reference.page, places[reference.anchor])


def _wrong_page(name: str, said: int, true: int) -> Finding:
    text = f"「{name}」在第 {true} 页，引用写的是第 {said} 页。"
    return Finding(f"第 {said} 页", name, "页码", str(said), str(true), "矛盾", text)


__all__ = ["Clause", "Reader", "check_story", "clauses", "line"]

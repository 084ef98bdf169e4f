"""Reads our finished files back and holds every number in them against the folder's ledger and the story.

A number is some record's, or a named rule lets it stand; whatever else a file says is a finding. Nothing is computed
anew but what the story itself can be counted from.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fbanalysis.errors import DataError
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.ours.aligning import Pair, align, placed
from fbanalysis.report.audit.ours.differing import (
    differences,
    missing,
    missing_section,
    stored_differences,
    unexpected,
)
from fbanalysis.report.audit.ours.drawings import plotted
from fbanalysis.report.audit.ours.embedded import RECORDS, carried
from fbanalysis.report.audit.ours.expected import PAGE, Section, Spec, deck_sections
from fbanalysis.report.audit.ours.expected_paper import door_sections, paper_sections
from fbanalysis.report.audit.ours.expected_pptx import has_plot, is_native, pptx_sections
from fbanalysis.report.audit.ours.expected_xlsx import xlsx_sections
from fbanalysis.report.audit.ours.native import Drawn, NativeChart
from fbanalysis.report.audit.ours.printed import Entry, read_ledger, squeezed
from fbanalysis.report.audit.ours.resolving import Held, Judge
from fbanalysis.report.audit.ours.semantics import Reader, check_story
from fbanalysis.report.audit.reading import Document, Passage, read_document
from fbanalysis.report.story import Story

#: The files of a report that are read back.
FILES = ("deck.html", "report.html", "index.html", "report.pptx", "report.xlsx")

#: What the pages' own controls say when they are pointed at: no part of the story.
CONTROLS = frozenset({("alt", "点击看图中数字的来历"), ("alt", "评注"), ("foot", "评注")})

#: A section of which more lines than this are gone, and hardly one is left, is told of at once.
_FEW = 2
#: So many lines gone for each that is left, too: what else says the same is somewhere else.
_MOSTLY = 4

#: What a slide's notes say before they list where its numbers come from.
_NOTED = "数字来历"

#: Kinds of passages that claim nothing of their own, and why.
SKIPPED: Mapping[str, str] = {
    "code": "代码与单元格的输出，不是报告的话",
    "hidden": "文件属性与随页的账本副本",
}


@dataclass(frozen=True)
class FileAudit:
    """What was read in one file and what came of it."""

    name: str
    passages: int
    numbers: int
    matched: int
    allowed: Mapping[str, int]
    skipped: Mapping[str, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Audit:
    """What reading a report back came to, file by file, and what does not hold in the story itself."""

    files: tuple[FileAudit, ...]
    story: tuple[Finding, ...] = field(default=())

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.story, *(finding for one in self.files for finding in one.findings))


class Readback:
    """Everything about a story that reading its files back needs, made once for all of them."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.story, self.folder = story, folder
        self._footer = story.dataset.theme.footer or "\0"
        self.ledger = read_ledger(folder)
        self.judge = Judge(story, self.ledger)
        self._sections: dict[str, list[Section]] = {}
        self._held: dict[int, list[Held]] = {}

    def sections(self, name: str) -> list[Section]:
        """Give what a file should say."""
        makers: Mapping[str, Callable[[], list[Section]]] = {
            "deck.html": lambda: deck_sections(self.story),
            "report.html": lambda: paper_sections(self.story),
            "index.html": lambda: door_sections(self.story),
            "report.pptx": lambda: pptx_sections(self.story, self.ledger),
            "report.xlsx": lambda: xlsx_sections(self.story, self.ledger),
        }
        if name not in makers:
            raise DataError(f"「{name}」不是报告的文件；能读回的：{'、'.join(makers)}")
        if name not in self._sections:
            self._sections[name] = makers[name]()
        return self._sections[name]

    def read(self, document: Document, *, name: str = "") -> FileAudit:
        """Read one file back; ``name`` says which of the report's files it is, where it was renamed."""
        name = name or document.path.name
        said = placed(self.sections(name), [one for one in document.passages if one.kind not in SKIPPED])
        skipped = Counter(SKIPPED[one.kind] for one in document.passages if one.kind in SKIPPED)
        skipped.update(reason for _, reason in document.skipped)
        tally, sections = _Tally(has_keys=name in ("deck.html", "report.html")), self.sections(name)
        drawn = self._native(sections, said, name)
        pages = {one.page for one in said}
        for page, passages in drawn.items():
            if page not in pages:
                continue
            chart = next(one.spec["chart"] for one in sections if one.page == page)
            native = NativeChart(
                chart["plot"],
                self.judge.drawing(chart),
                is_sheet=name.endswith(".xlsx"),
                place=f"第 {page} 页",
            )
            tally.take(native.hold(passages))
        left = [one for one in said if one.page not in drawn or one.kind not in ("chart", "label")]
        pairs = list(pairs_of(sections, left))
        for pair in pairs:
            self._take(pair, tally)
        tally.findings += _lost(pairs)
        tally.findings += carried(document, self.ledger)
        skipped.update(tally.skipped)
        return FileAudit(
            name,
            len(said),
            tally.matched + sum(tally.allowed.values()) + tally.wrong,
            tally.matched,
            dict(tally.allowed),
            dict(skipped),
            tuple(dict.fromkeys(tally.findings)),
        )

    def _native(
        self, sections: Sequence[Section], passages: Sequence[Passage], name: str
    ) -> dict[int, list[Passage]]:
        """Give what native charts hold and write, by the page."""
        is_drawn: Mapping[str, Callable[[Spec | None], bool]] = {".pptx": is_native, ".xlsx": has_plot}
        asks = is_drawn.get(Path(name).suffix, lambda _: False)
        found: dict[int, list[Passage]] = {one.page: [] for one in sections if asks(one.spec)}
        for passage in passages:
            if passage.page in found and passage.kind in ("chart", "label"):
                found[passage.page].append(passage)
        return found

    def _take(self, pair: Pair, tally: "_Tally") -> None:
        if pair.passage is None:
            return
        said = (pair.passage.kind, pair.passage.text)
        # a template of the organisation's own has a footer wherever its layouts put one
        if pair.line is None and (said in CONTROLS or squeezed(said[1]) == squeezed(self._footer)):
            return
        if pair.line is None:
            tally.add(unexpected(pair, ledger=self.ledger))
        elif pair.is_alike:
            tally.findings += stored_differences(pair, has_keys=tally.has_keys)
            for held in self._hold(pair):
                tally.count(held, pair)
        else:
            tally.add(differences(pair, ledger=self.ledger))

    def _hold(self, pair: Pair) -> list[Held]:
        place = id(pair.line)
        if place not in self._held:
            self._held[place] = list(self.judge.hold(pair.line))
        return self._held[place]

    def of_story(self) -> tuple[Finding, ...]:
        """Read the sentences themselves, and hold the charts' values against their records."""
        reader = Reader(self.story, self.ledger)
        found = [one for section in self.sections("deck.html") for one in reader.read(section)]
        found += check_story(self.story)
        for chapter in self.story.chapters:
            for spec in chapter.specs if chapter.is_done else ():
                found += _plotted_faults(spec, self.ledger, self.story)
        return tuple(dict.fromkeys(found))


@dataclass
class _Tally:
    has_keys: bool = False
    matched: int = 0
    wrong: int = 0
    allowed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def add(self, found: Iterator[Finding]) -> None:
        more = list(found)
        self.wrong += len(more)
        self.findings += more

    def take(self, drawn: Iterator[Drawn]) -> None:
        """Count what native charts hold."""
        for one in drawn:
            if one.finding is not None:
                self.add(iter([one.finding]))
            elif one.key:
                self.matched += 1
            elif one.rule:
                self.allowed[one.rule] += 1
            elif one.skipped:
                self.skipped[one.skipped] += 1

    def count(self, held: Held, pair: Pair) -> None:
        """Count a number by what it was held against; one held against nothing is a finding."""
        if held.is_held and held.key:
            self.matched += 1
        elif held.is_held:
            self.allowed[held.rule] += 1
        else:
            self.add(iter([_unheld(held, pair.passage)]))


def _unheld(held: Held, passage: Passage) -> Finding:
    text = held.mention.text
    if held.fault:
        said = f"记录 {held.key} 按账本应印作「{held.fault}」，这里印的是「{text}」。"
        return Finding(passage.place, passage.text, "数值", text, held.fault, "矛盾", said, held.key)
    is_spoken = not any(character.isdigit() for character in text)
    said = f"「{text}」没有账本记录，也不在允许的名单里。"
    return Finding(
        passage.place, passage.text, "无记录", text, "（无）", "可能" if is_spoken else "矛盾", said
    )


def pairs_of(sections: Sequence[Section], passages: Sequence[Passage]) -> Iterator[Pair]:
    """Pair passages with lines: page by page, sheet by sheet, or over the whole file where it has no pages."""
    pages = {section.page for section in sections}
    if pages == {0}:
        yield from align(sections, passages)
        return
    heard = [replace(one, lines=tuple(line for line in one.lines if line.kind == "alt")) for one in sections]
    yield from align(heard, [one for one in passages if one.kind == "alt"])
    sorted_in: dict[int, list[Passage]] = {}
    for passage in passages:
        if passage.kind != "alt":
            sorted_in.setdefault(passage.page, []).append(passage)
    for one in sections:
        read = replace(one, lines=tuple(line for line in one.lines if line.kind != "alt"))
        yield from align([read], sorted_in.pop(one.page, []))
    nowhere = Section("", 0, ())
    yield from (Pair(nowhere, None, passage) for left in sorted_in.values() for passage in left)


def _lost(pairs: Sequence[Pair]) -> Iterator[Finding]:
    """Tell of what is not in the file: line by line, or at once where nothing of a section is there."""
    there = Counter((pair.section.page, pair.section.name) for pair in pairs if pair.is_alike)
    heard = {squeezed(pair.passage.text) for pair in pairs if pair.passage is not None}
    lines: dict[tuple[int, str], list[Pair]] = {}
    for pair in pairs:
        # a word's test is heard once where the word is shown once, whatever else of the slide repeats it
        is_repeated = pair.line is not None and pair.line.kind == "alt" and squeezed(pair.line.text) in heard
        is_lost = pair.passage is None and pair.line.kind not in SKIPPED and squeezed(pair.line.text)
        # a template may show no page numbers, or show one on the cover
        is_number = is_lost and all(piece.rule == PAGE for piece in pair.line.pieces)
        if is_lost and not is_repeated and not is_number:
            lines.setdefault((pair.section.page, pair.section.name), []).append(pair)
    for section, lost in lines.items():
        is_whole = len(lost) > max(_FEW, _MOSTLY * there[section])
        yield from [missing_section(lost)] if is_whole else map(missing, lost)


def _plotted_faults(spec: Spec, ledger: Mapping[str, Entry], story: Story) -> Iterator[Finding]:
    if not spec["chart"] or not spec["chart"]["plot"]:
        return
    title = "".join(str(piece["text"]) for piece in spec["title"])
    for name, series, value, key, fault in plotted(spec["chart"], ledger):
        if fault:
            said = f"图里「{name}」（{series}）画的是 {value:.6g}，它的记录 {key} 是 {fault}。"
            yield Finding(
                f"图：{title}", f"{name} {series}", "图值", f"{value:.6g}", fault, "矛盾", said, key
            )


def origin(document: Document) -> tuple[int, str] | None:
    """Say of which year's report a document is which file; nothing of a foreign one.

    Its properties say it; where they were taken out, what only our files have: the records that a page carries, the
    sheets of a workbook, the notes of a presentation. The year is 0 where nothing tells it.
    """
    found = re.search(r"\bfbanalysis (\d{4}) ([a-z.]+)", " ".join(document.properties.values()))
    if found:
        return int(found[1]), found[2]
    name = _RECOGNISED[document.kind](document) if document.kind in _RECOGNISED else ""
    return (_year(document), name) if name else None


def _page_name(document: Document) -> str:
    if RECORDS not in document.attached:
        return ""
    return "deck.html" if any(one.page for one in document.passages) else "report.html"


def _workbook_name(document: Document) -> str:
    return "report.xlsx" if {"目录", "账本"} <= {one.anchor for one in document.passages} else ""


def _slides_name(document: Document) -> str:
    notes = sum(one.kind == "note" and one.text.startswith(_NOTED) for one in document.passages)
    return "report.pptx" if notes > _FEW else ""


_RECOGNISED: Mapping[str, Callable[[Document], str]] = {
    "html": _page_name,
    "xlsx": _workbook_name,
    "pptx": _slides_name,
}


def _year(document: Document) -> int:
    """Tell the year from the period that the records name, else from a title; 0 where neither does."""
    told = re.findall(r'"filter":"(\d{4})-\d\d-\d\d 至', document.attached.get(RECORDS, ""))
    titles = [one.text for one in document.passages[:40] if one.kind != "hidden"]
    told = told or re.findall(r"(?<!\d)(20\d\d)(?!\d)", " ".join(titles))
    return int(Counter(told).most_common(1)[0][0]) if told else 0


def audit_report(story: Story, folder: Path, *, files: Sequence[str] = FILES) -> Audit:
    """Read a report's finished files back against its ledger and its story.

    Parameters
    ----------
    story
        The story from which the files were made.
    folder
        ``reports/<year>/`` with the files and ``metrics.json``, which is read by itself.
    files
        Names of the files to read; those that are not there are left out.

    Raises
    ------
    DataError
        No ledger in the folder, none of the files, or a name that is no file of a report.
    """
    there = [name for name in files if (folder / name).is_file()]
    if not there:
        raise DataError(f"{folder} 里没有可以读回的文件；应有其中之一：{'、'.join(files)}")
    readback = Readback(story, folder)
    read = tuple(readback.read(read_document(folder / name)) for name in there)
    return Audit(read, readback.of_story())

"""The passages of a finished file in its markup, with their places in it, so that one can be altered."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from fbanalysis.report.audit.ours.printed import squeezed

_BLOCKS = r"p|h[1-6]|td|th|dt|dd|figcaption"
_BLOCK = re.compile(
    rf"(?s)<(?P<tag>{_BLOCKS})\b(?P<look>[^>]*)>(?P<inner>(?:(?!<(?:{_BLOCKS}|div|ul|ol|table|svg)\b).)*?)</(?P=tag)>"
    r'|<footer class="fb-foot"><span>(?P<source>.*?)</span><span class="fb-page">(?P<page>[^<]*)</span></footer>'
    r'|<aside class="notes">(?P<notes>.*?)</aside>'
    r"|<text\b[^>]*>(?P<drawn>[^<]*)</text>"
)
_SECTION = re.compile(r'<section (?:id="[^"]*" )?[^>]*\bclass="fb-slide\b')
_PARAGRAPH = re.compile(r"(?s)<a:p>.*?</a:p>|<a:p [^>]*>.*?</a:p>")
_WRITTEN = re.compile(r"<a:t>([^<]*)</a:t>")


@dataclass(frozen=True)
class Run:
    """A piece of text in the markup: its place in the part, its text, and the record that it names."""

    start: int
    end: int
    text: str
    key: str = ""


@dataclass(frozen=True)
class Unit:
    """A passage in the markup: its runs, what it is, and where.

    ``role`` is text, cell, name (of a row), head, source, page, note, label or title; ``area`` is shared by
    neighbours; ``whole`` the place of the passage with its tags.
    """

    part: str
    role: str
    runs: tuple[Run, ...]
    whole: tuple[int, int]
    page: int = 0
    area: str = ""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    def with_run(self, place: int, text: str) -> str:
        """Give the text, without blanks, with another run in one place."""
        texts = [run.text for run in self.runs]
        texts[place] = text
        return squeezed("".join(texts))


@dataclass
class Parts:
    """A finished file as its text parts: one page of HTML, or what an Office archive holds."""

    path: Path
    texts: dict[str, str]
    others: dict[str, bytes]

    @property
    def name(self) -> str:
        return self.path.name

    def save(self) -> None:
        """Write the file anew."""
        if self.path.suffix == ".html":
            self.path.write_text(self.texts[""], "utf-8", newline="\n")
            return
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in {**self.others, **self.texts}.items():
                archive.writestr(name, content)


def open_parts(path: Path) -> Parts:
    """Read a finished file as text parts."""
    if path.suffix == ".html":
        return Parts(path, {"": path.read_text("utf-8")}, {})
    texts, others = {}, {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith((".xml", ".rels")):
                texts[name] = content.decode("utf-8")
            else:
                others[name] = content
    return Parts(path, texts, others)


def units_of(parts: Parts) -> list[Unit]:
    """Find the passages of deck, long report or PowerPoint file in their markup."""
    if parts.path.suffix == ".pptx":
        return list(_office_units(parts))
    text = parts.texts[""]
    return list(_deck_units(text) if _SECTION.search(text) else _paper_units(text))


def _deck_units(text: str) -> Iterator[Unit]:
    starts = [found.start() for found in _SECTION.finditer(text)]
    for page, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), start=1):
        yield from _blocks(text, start, end, page=page, area=str(page))


def _paper_units(text: str) -> Iterator[Unit]:
    """Give the passages of the long report; code and what stands below it are nobody's claims."""
    first, last = text.index("<main"), text.index("</main>")
    folded = [found.span() for found in re.finditer(r'(?s)<details class="fb-code".*?</details>', text)]
    anchors = [
        (found.start(), found[1])
        for found in re.finditer(r'<(?:figure|h[3-6]|div)\b[^>]*\bid="([^"]+)"', text)
    ]
    for unit in _blocks(text, first, last, page=0, area=""):
        at = unit.whole[0]
        if not any(start <= at < end for start, end in folded):
            area = next((name for start, name in reversed(anchors) if start <= at), "head")
            yield Unit(unit.part, unit.role, unit.runs, unit.whole, 0, area)


def _blocks(text: str, start: int, end: int, *, page: int, area: str) -> Iterator[Unit]:
    for found in _BLOCK.finditer(text, start, end):
        for group, role in (
            ("inner", ""),
            ("source", "source"),
            ("page", "page"),
            ("notes", "note"),
            ("drawn", "label"),
        ):
            if found[group]:
                # the link to a heading is a mark, no part of it
                runs = tuple(run for run in _runs(text, *found.span(group)) if run.text != "#")
                whole = found.span() if group in ("inner", "notes") else found.span(group)
                if "".join(run.text for run in runs).strip():
                    yield Unit("", role or _role(found), runs, whole, page, area)


def _role(found: re.Match[str]) -> str:
    tag, look = found["tag"], found["look"]
    if tag == "th":
        return "name" if "row" in look else "head"
    if tag == "td":
        return "cell"
    if "fb-source" in look:
        return "source"
    return "title" if tag.startswith("h") else "text"


def _runs(text: str, start: int, end: int) -> Iterator[Run]:
    """Divide markup into its texts; the text of a ``<data>`` element names a record."""
    key, at = "", start
    for found in re.finditer(r"<[^>]*>", text[start:end]):
        left, right = start + found.start(), start + found.end()
        if at < left:
            yield Run(at, left, unescape(text[at:left]), key)
        opened = re.match(r'<data value="([^"]*)"', found[0])
        key = unescape(opened[1]) if opened else "" if found[0] == "</data>" else key
        at = right
    if at < end:
        yield Run(at, end, unescape(text[at:end]), key)


def _office_units(parts: Parts) -> Iterator[Unit]:
    for name in slide_names(parts):
        page = int(re.findall(r"\d+", name)[-1])
        for kind, part in (("text", name), ("note", notes_of(parts, name))):
            yield from _paragraphs(parts.texts.get(part, ""), part, page=page, kind=kind)


def slide_names(parts: Parts) -> list[str]:
    """Name the parts of the slides, in their order."""
    names = [name for name in parts.texts if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
    return sorted(names, key=lambda name: int(re.findall(r"\d+", name)[-1]))


def related(parts: Parts, name: str, kind: str) -> list[str]:
    """Name the parts of a kind to which a part leads, such as charts or notesSlides."""
    folder, file = name.rsplit("/", 1)
    relations = parts.texts.get(f"{folder}/_rels/{file}.rels", "")
    return [f"ppt/{kind}/{found}" for found in re.findall(rf'Target="\.\./{kind}/([^"]+)"', relations)]


def notes_of(parts: Parts, name: str) -> str:
    """Name the part with a slide's notes."""
    return next(iter(related(parts, name, "notesSlides")), "")


def _paragraphs(text: str, part: str, *, page: int, kind: str) -> Iterator[Unit]:
    tables = [found.span() for found in re.finditer(r"(?s)<a:tbl>.*?</a:tbl>", text)]
    for found in _PARAGRAPH.finditer(text):
        runs = tuple(
            Run(found.start() + one.start(1), found.start() + one.end(1), unescape(one[1]))
            for one in _WRITTEN.finditer(found[0])
        )
        said = "".join(run.text for run in runs)
        if said.strip() and said != "‹#›":
            is_cell = any(start <= found.start() < end for start, end in tables)
            role = (
                kind
                if kind == "note"
                else "source"
                if said.startswith("来源：")
                else "cell"
                if is_cell
                else "text"
            )
            yield Unit(part, role, runs, found.span(), page, str(page))


def rows_of(parts: Parts, units: Sequence[Unit]) -> list[list[Unit]]:
    """Group the cells of tables by their rows."""
    rows: Mapping[tuple[str, int], list[Unit]] = {}
    starts = {
        part: [found.start() for found in re.finditer(r"<tr\b|<a:tr\b", text)]
        for part, text in parts.texts.items()
    }
    for unit in units:
        if unit.role in ("cell", "name"):
            before = [start for start in starts[unit.part] if start < unit.whole[0]]
            rows.setdefault((unit.part, before[-1] if before else 0), []).append(unit)
    return list(rows.values())

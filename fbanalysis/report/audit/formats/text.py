"""Reads plain texts, Markdown and tables of separated values, in UTF-8 or the Chinese national encoding."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from fbanalysis.errors import AuditError
from fbanalysis.report.audit.passages import Document, Passage, squeezed, table_cells

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LARGEST = 256 * 1024**2
#: A line this full beside the longest, and no narrower than an old terminal's half, may go on in the next one.
_WRAPPED, _NARROWEST = 0.85, 40
_ENDED = re.compile(r"[。！？；：:;!?]\s*$")
#: What begins a line of its own: bullets, numbers, headings.
_STARTS = re.compile(
    r"\s*(?:[-–—－*•·▪●■◆○□▲△★☆※➤►>＞#+|]|[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[）)、.．]|[①-⑳]|【|第[一二三四五六七八九十\d]{1,3}[部章节页条])"
)


def decoded(path: Path) -> str:
    """Read a text file in UTF-8 (with or without mark), UTF-16 with mark, or GB 18030.

    Raises
    ------
    AuditError
        Another encoding, a file that is no text, or one above 256 MiB.
    """
    if path.stat().st_size > _LARGEST:
        raise AuditError(f"「{path.name}」超过 256 MiB，不像一份报告；请只导出报告本身")
    content = path.read_bytes()
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    for encoding in marked or ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise AuditError(f"「{path.name}」不是文字文件，或编码不是 UTF-8、GB 18030；请另存为 UTF-8")


def read(path: Path) -> Document:
    """Read a text; see `reading.read_document`."""
    text = decoded(path)
    ending = path.suffix.lower()
    if ending in (".csv", ".tsv"):
        return Document(
            path, "csv", tuple(_separated(text, path, separator="\t" if ending == ".tsv" else ""))
        )
    if ending in (".md", ".markdown"):
        return Document(path, "md", tuple(_Markdown(text).passages()))
    return Document(path, "txt", tuple(_paragraphs(text)))


def _paragraphs(text: str) -> Iterator[Passage]:
    """Give each paragraph, and each line of a list or an outline; lines that were wrapped are one."""
    lines = text.splitlines()
    full = _WRAPPED * max((_width(line) for line in lines), default=0)
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if block and not _goes_on(block[-1], line, full):
            yield Passage(f"第 {number - len(block)} 行", "text", _joined(block))
            block = []
        if line.strip():
            block.append(line)


def _goes_on(line: str, following: str, full: float) -> bool:
    """Say whether a line was broken only because it was full."""
    is_full = _width(line) >= max(full, _NARROWEST) and not _ENDED.search(line)
    return is_full and bool(following.strip()) and not _STARTS.match(following)


def _width(line: str) -> int:
    """Count columns: a Chinese character takes two."""
    return sum(1 if letter < "\u2e80" else 2 for letter in line.strip())


def _joined(lines: list[str]) -> str:
    return squeezed("\n".join(lines))


def _separated(text: str, path: Path, *, separator: str) -> Iterator[Passage]:
    head = text.split("\n", 1)[0]
    delimiter = separator or max(",;\t|", key=head.count)
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error as error:
        raise AuditError(f"「{path.name}」不是规整的表；请用 Excel 重新另存为 CSV UTF-8") from error
    for i, j, cell, row, column in table_cells(rows):
        place = f"第 {i + 1} 行第 {j + 1} 列"
        yield Passage(place, "cell", cell, row=row, column=column, value=number_of(cell))


def number_of(text: str) -> float | None:
    """Read a cell that holds a plain number and nothing else.

    >>> number_of("1,250.5"), number_of("−3"), number_of("12 家")
    (1250.5, -3.0, None)
    """
    bare = text.strip().replace("−", "-")
    if re.fullmatch(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?", bare):
        return float(bare.replace(",", ""))
    return None


_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_RULE = re.compile(r"\s*(?:[-*_]\s*){3,}$|\s*=+\s*$")
_LINK = re.compile(r"!?\[([^\]\n]{0,400})\]\([^)\n]{0,800}\)")
_MARKERS = re.compile(r"(\*\*|__|~~|`+)(?=\S)(.{1,2000}?)(?<=\S)\1")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,400}>")


class _Markdown:
    """Markdown by its lines: headings, paragraphs, items, quotes, tables and fenced code."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._block: list[str] = []
        self._kind = "text"
        self._start = 1
        self._fence = ""

    def passages(self) -> Iterator[Passage]:
        table: list[tuple[int, str]] = []
        for number, line in enumerate([*self._lines, ""], start=1):
            is_row = not self._fence and line.strip().startswith("|")
            if table and not is_row:
                yield from _table(table)
                table = []
            if is_row:
                yield from self._flush()
                table.append((number, line))
            else:
                yield from self._take(number, line)
        yield from self._flush()

    def _take(self, number: int, line: str) -> Iterator[Passage]:
        fence = _FENCE.match(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence):
                yield from self._flush()
                self._fence = ""
            else:
                self._put(number, line, "code")
        elif fence:
            yield from self._flush()
            self._fence = fence[1]
        elif heading := _HEADING.match(line):
            yield from self._flush()
            yield Passage(f"第 {number} 行", "title", _bare(heading[2]))
        elif _RULE.match(line) or not line.strip():
            yield from self._flush()
        else:
            yield from self._take_text(number, line)

    def _take_text(self, number: int, line: str) -> Iterator[Passage]:
        is_quote = line.lstrip().startswith(">")
        if _ITEM.match(line) or (self._block and (self._kind == "quote") != is_quote):
            yield from self._flush()
        stripped = re.sub(r"^\s*(?:>\s?)+", "", line) if is_quote else _ITEM.sub("", line, count=1)
        self._put(number, stripped, "quote" if is_quote else "text")

    def _put(self, number: int, line: str, kind: str) -> None:
        if not self._block:
            self._start, self._kind = number, kind
        self._block.append(line)

    def _flush(self) -> Iterator[Passage]:
        text = _joined(self._block) if self._kind == "code" else _bare(_joined(self._block))
        if text:
            yield Passage(f"第 {self._start} 行", self._kind, text)
        self._block = []


def _bare(text: str) -> str:
    """Drop the marks of emphasis, links and tags."""
    return squeezed(_TAG.sub("", _MARKERS.sub(r"\2", _LINK.sub(r"\1", text))))


def _table(lines: list[tuple[int, str]]) -> Iterator[Passage]:
    rows = [(number, line) for number, line in lines if not re.fullmatch(r"[\s|:-]+", line)]
    texts = [[_bare(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for _, line in rows]
    for i, j, text, row, column in table_cells(texts):
        place = f"第 {rows[i][0]} 行第 {j + 1} 列"
        yield Passage(place, "cell", text, row=row, column=column, value=number_of(text))

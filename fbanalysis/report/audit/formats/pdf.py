"""Reads the text layer of a PDF, page by page, its lines joined into paragraphs; what is only a picture stays unread."""

import re
from collections.abc import Iterator, Sequence
from ctypes import byref
from dataclasses import dataclass
from pathlib import Path

from fbanalysis.errors import AuditError
from fbanalysis.report.audit.formats.package import property_passages
from fbanalysis.report.audit.passages import Document, Passage, squeezed

_HAN = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_ENDS = re.compile(r"[。！？!?；]\s*$")
_STARTS = re.compile(
    r"\s*(?:[•·●▪◆■○]|[（(]?[一二三四五六七八九十\d]{1,3}[、）)]|第[一二三四五六七八九十\d]+[章节])"
)
#: Between 汉字, and between 汉字 and digits, a break leaves no blank; nor inside a number.
_SEAMLESS = re.compile(rf"(?<=[{_HAN}])\n(?=[{_HAN}\d])|(?<=\d)\n(?=[{_HAN}])|(?<=\d[,.])\n(?=\d)")

# All in heights of a line: a wider gap is another column or another paragraph.
_WIDE_GAP = 2.0
_LINE_GAP = 1.0
_INDENT = 2.5
_OFF_BASELINE = 0.5
_OTHER_SIZE = 0.15
#: Anything narrower is a label or a cell and never goes on.
_NARROWEST = 8.0
#: A line that ends this far before the next one's end closes a paragraph, where it also ends a sentence.
_SHORT = 0.6


@dataclass
class _Line:
    """A line of text and where it stands, in points from the lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 1.0)


def read(path: Path) -> Document:
    """Read a PDF; see `reading.read_document`.

    Raises
    ------
    AuditError
        A broken PDF, or one that asks for a password.
    """
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise AuditError(f"「{path.name}」打不开；有密码的请取消密码，损坏的请重新导出") from error
    try:
        pages = [_page(pdf, number) for number in range(1, len(pdf) + 1)]
        properties = {name: text for name, text in pdf.get_metadata_dict(skip_empty=True).items()}
    finally:
        pdf.close()
    passages = [
        Passage(f"第 {number} 页", "text", text, number)
        for number, (page, _) in enumerate(pages, start=1)
        for text in page
    ]
    skipped = [(f"第 {number} 页", reason) for number, (_, reason) in enumerate(pages, start=1) if reason]
    return Document(path, "pdf", (*passages, *property_passages(properties)), tuple(skipped), properties)


def _page(pdf: object, number: int) -> tuple[list[str], str]:
    """Read a page, or say why it can't be."""
    import pypdfium2

    try:
        texts = paragraphs(_lines(pdf, number))
    except pypdfium2.PdfiumError:
        return [], "这一页已损坏，没有读；请重新导出"
    return texts, "" if texts else "没有文字层（扫描件或整页图片），没有读；请先做文字识别"


def _lines(pdf: object, number: int) -> list[_Line]:
    """Put the characters of a page into lines: a line ends where the next character stands elsewhere."""
    page = pdf[number - 1]
    layer = page.get_textpage()
    lines: list[_Line] = []
    is_open = False
    try:
        for character, box in _characters(layer):
            if character == "\n":
                is_open = False
            elif character == " ":
                if is_open:
                    lines[-1].text += " "
            elif is_open and _is_next(lines[-1], box):
                _extend(lines[-1], character, box)
            else:
                lines.append(_Line(character, *box))
                is_open = True
    finally:
        layer.close()
        page.close()
    return [line for line in lines if line.text.strip()]


Box = tuple[float, float, float, float]


def _characters(layer: object) -> Iterator[tuple[str, Box]]:
    """Give the characters of a page with their boxes; blanks of all kinds as one, breaks as a line feed."""
    import pypdfium2.raw as pdfium

    rectangle = pdfium.FS_RECTF()
    for i in range(layer.count_chars()):
        code = pdfium.FPDFText_GetUnicode(layer, i)
        # 0, 2 and 0xFFFE: no character, a character without a code, a hyphen at the end of a line
        if code in (0, 2, 0xFFFE, 0xFFFF) or 0xD800 <= code <= 0xDFFF:
            continue
        if code in (9, 32, 160):
            yield " ", (0.0, 0.0, 0.0, 0.0)
        elif code in (10, 13):
            yield "\n", (0.0, 0.0, 0.0, 0.0)
        else:
            pdfium.FPDFText_GetLooseCharBox(layer, i, byref(rectangle))
            yield chr(code), (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


def _is_next(line: _Line, box: Box) -> bool:
    left, bottom, _, top = box
    middle, height = (bottom + top) / 2, line.height
    is_level = abs(middle - (line.bottom + line.top) / 2) < _OFF_BASELINE * height
    return is_level and -height < left - line.right < _WIDE_GAP * height


def _extend(line: _Line, character: str, box: Box) -> None:
    line.text += character
    line.right = max(line.right, box[2])
    line.bottom, line.top = min(line.bottom, box[1]), max(line.top, box[3])


def paragraphs(lines: Sequence[_Line]) -> list[str]:
    """Join the lines of a page into paragraphs.

    A line goes on in the next one where that stands close below, begins at about the same place, has the same
    size, begins no item of a list, and unless it ends a sentence well before the next one's end.
    """
    blocks: list[list[_Line]] = []
    for line in lines:
        if blocks and _goes_on(blocks[-1], line):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return [squeezed(_SEAMLESS.sub("", "\n".join(line.text.strip() for line in block))) for block in blocks]


def _goes_on(block: Sequence[_Line], line: _Line) -> bool:
    last = block[-1]
    height = last.height
    gap = last.bottom - line.top
    is_below = -0.6 * height < gap < _LINE_GAP * height
    is_under = abs(line.left - min(one.left for one in block)) < _INDENT * height
    is_alike = abs(line.height - height) < _OTHER_SIZE * height
    widest = max(one.right - one.left for one in (*block, line))
    ends = bool(_ENDS.search(last.text)) and last.right - last.left < 0.95 * widest
    is_short = last.right - last.left < max(_SHORT * widest, _NARROWEST * height)
    return is_below and is_under and is_alike and not ends and not is_short and not _STARTS.match(line.text)

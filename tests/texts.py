"""Reads everything that a finished file says, in any format: for tests that look for what must not be there."""

import io
import re
import zipfile
from html import unescape
from pathlib import Path

import pypdfium2


def text_of(path: Path) -> str:
    """Give all text of a file: pages and scripts, Office parts with their embedded workbooks, PDF pages."""
    if path.suffix in (".pptx", ".xlsx"):
        return _office(path.read_bytes())
    if path.suffix == ".pdf":
        return _pdf(path)
    return unescape(path.read_text("utf-8"))


def _office(content: bytes) -> str:
    parts = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".xlsx"):
                parts.append(_office(archive.read(name)))
            elif name.endswith((".xml", ".rels")):
                text = archive.read(name).decode("utf-8")
                # attributes hold alternative texts; runs of one paragraph belong together
                attributes = re.findall(r'(?:descr|title|name)="([^"]*)"', text)
                paragraphs = re.split(r"</a:p>|</si>|</c:pt>|</row>", text)
                parts += [*attributes, *(re.sub(r"<[^>]+>", "", paragraph) for paragraph in paragraphs)]
    return unescape("\n".join(parts))


def _pdf(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)

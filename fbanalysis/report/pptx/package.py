"""The finished file: what it says of itself, and the same bytes for the same story."""

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

from pptx.opc.constants import RELATIONSHIP_TYPE as RELATION
from pptx.presentation import Presentation as Deck

from fbanalysis.report.pptx.text import clean, pin_colours, set_typeface

#: The earliest time that a zip archive can hold.
_EPOCH = (1980, 1, 1, 0, 0, 0)

_PROPERTIES = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>Microsoft Office PowerPoint</Application></Properties>"
)


def describe(deck: Deck, *, title: str, organisation: str, author: str, day: date, mark: str) -> None:
    """Write title, author, language, date and where it comes from into the document's properties."""
    moment = datetime(day.year, day.month, day.day)
    properties = deck.core_properties
    properties.title = clean(title)[:255]
    properties.author = clean("，".join(filter(None, (organisation, author))))[:255]
    properties.last_modified_by = clean(author)[:255]
    properties.subject, properties.keywords, properties.comments = "年度反馈分析", mark, ""
    properties.language = "zh-CN"
    properties.created = properties.modified = moment
    properties.revision = 1


def save(deck: Deck, path: Path) -> Path:
    """Save a presentation so that the same content gives the same bytes."""
    buffer = io.BytesIO()
    deck.save(buffer)
    path.write_bytes(normalised(buffer.getvalue(), stamp=_stamp(deck)))
    return path


def _stamp(deck: Deck) -> str:
    return deck.core_properties.created.strftime("%Y-%m-%dT%H:%M:%SZ")


def normalised(archive: bytes, *, stamp: str) -> bytes:
    """Pack an Office file anew: fixed times and order, workbooks inside it likewise."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in sorted(old.namelist(), key=_order):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = (
                zipfile.ZIP_DEFLATED,
                0o600 << 16,
                3,
            )
            new.writestr(entry, _settled(name, old.read(name), stamp=stamp))
    return packed.getvalue()


def _order(name: str) -> tuple[bool, bool, list[str]]:
    """Office looks for the content types first, then for the relationships of the package."""
    parts = [part.zfill(6) for part in re.split(r"(\d+)", name)]
    return name != "[Content_Types].xml", name != "_rels/.rels", parts


def _settled(name: str, content: bytes, *, stamp: str) -> bytes:
    if name.endswith(".xlsx"):
        return normalised(content, stamp=stamp)
    if name == "docProps/core.xml":
        return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", stamp.encode(), content)
    return content


def settle(deck: Deck, *, font: str, is_own: bool) -> None:
    """Name language and typeface on every run of slides and notes; in a foreign template, our colours too."""
    for slide in deck.slides:
        for holder in (slide, slide.notes_slide):
            set_typeface(holder._element, font=font)
        if not is_own:
            charts = [shape.chart._chartSpace for shape in slide.shapes if shape.has_chart]
            for root in (slide._element, *charts):
                pin_colours(root)
    set_typeface(deck.notes_master._element, font=font)
    _restate(deck)


def _restate(deck: Deck) -> None:
    """Leave out what another presentation's program said of it."""
    relations = deck.part.package._rels
    for name, relation in list(relations.items()):
        if relation.reltype == RELATION.EXTENDED_PROPERTIES:
            relation.target_part._blob = _PROPERTIES
        elif relation.reltype == RELATION.THUMBNAIL:
            relations.pop(name)

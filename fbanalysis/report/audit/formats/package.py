"""Opens Office files as packages of XML parts; refuses what is encrypted, broken, swollen or declares entities."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from fbanalysis.errors import AuditError
from fbanalysis.report.audit.passages import Passage, squeezed

#: More than this unpacked is no report but a bomb, or full of videos that are not read anyway.
MOST_BYTES = 1024**3
_MOST_PARTS = 100_000
_LARGEST_PART = 256 * 1024**2
#: What Office writes in place of a zip archive when a password is set, and up to 2003.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_ENTITIES = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")


def local(element: etree._Element) -> str:
    """Name an element without its namespace, of which Office has two for everything (ISO's strict one as well)."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def named(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Give all elements below one that have a name, in any namespace."""
    return element.iter(*(f"{{*}}{name}" for name in names))


def first(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Follow a path of names down, taking the first at each step; None where it ends."""
    for name in path:
        element = None if element is None else element.find(f"{{*}}{name}")
    return element


def attribute(element: etree._Element | None, name: str, default: str = "") -> str:
    """Read an attribute by its name, in whatever namespace."""
    if element is None:
        return default
    return next(
        (str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), default
    )


@dataclass
class Package:
    """An Office file: its parts and how they refer to one another."""

    path: Path
    archive: zipfile.ZipFile
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> "Package":
        """Open a file after a look at its size and its kind.

        Raises
        ------
        AuditError
            An encrypted, old, broken or swollen file.
        """
        return cls._checked(path, path.name, path.read_bytes()[:8], path)

    @classmethod
    def within(cls, path: Path, name: str, content: bytes) -> "Package":
        """Open a package that is a part of another, such as the workbook of a chart."""
        return cls._checked(path, f"{path.name} 里的 {name}", content[:8], BytesIO(content))

    @classmethod
    def _checked(cls, path: Path, name: str, head: bytes, source: Path | BytesIO) -> "Package":
        if head.startswith(_COMPOUND):
            raise AuditError(f"「{name}」加了密码，或是 2003 年以前的格式；请取消密码，另存为新格式再试")
        try:
            archive = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise AuditError(f"「{name}」已损坏，打不开；请重新导出或下载") from error
        _check_size(archive, name)
        return cls(
            path, archive, {one.filename.lower().lstrip("/"): one.filename for one in archive.infolist()}
        )

    def has(self, part: str) -> bool:
        return part.lower() in self.names

    def bytes(self, part: str) -> bytes:
        """Unpack a part; it never gives more than the archive said."""
        entry = self.archive.getinfo(self.names[part.lower()])
        if entry.file_size > _LARGEST_PART:
            raise AuditError(
                f"「{self.path.name}」里的 {part} 展开后超过 256 MiB，没有读；请删去大表或附件再试"
            )
        try:
            with self.archive.open(entry) as stream:
                return stream.read(_LARGEST_PART)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise AuditError(f"「{self.path.name}」里的 {part} 已损坏；请重新导出或下载") from error

    def xml(self, part: str) -> etree._Element:
        """Parse a part; entities are neither declared nor resolved, nothing is fetched."""
        content = self.bytes(part)
        if _ENTITIES.search(content):
            raise AuditError(
                f"「{self.path.name}」里的 {part} 声明了实体，正常的 Office 文件不会这样；请重新导出"
            )
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        try:
            return etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise AuditError(f"「{self.path.name}」里的 {part} 已损坏；请重新导出或下载") from error

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Give id → (kind, part) of what a part refers to within the package; the package itself is ``""``."""
        folder, name = posixpath.split(part)
        listing = f"{folder}/_rels/{name}.rels".lstrip("/")
        if not self.has(listing):
            return {}
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                _target(folder, one.get("Target", "")),
            )
            for one in self.xml(listing).iter(_RELATION)
            if one.get("TargetMode") != "External"
        }

    def related(self, part: str, kind: str) -> list[str]:
        """List the parts of a kind to which a part refers, as far as they exist."""
        return [one for given, one in self.relations(part).values() if given == kind and self.has(one)]

    def main(self, *, what: str) -> str:
        """Name the part with which reading begins."""
        found = self.related("", "officeDocument")
        if not found:
            raise AuditError(f"「{self.path.name}」不是{what}，或已损坏；请重新导出或下载")
        return found[0]

    def properties(self) -> dict[str, str]:
        """Read title, author and whatever else the file says of itself."""
        parts = [*self.related("", "core-properties"), *self.related("", "custom-properties")]
        return {
            one.get("name") or local(one): squeezed(" ".join(one.itertext()))
            for part in parts
            for one in self.xml(part)
            if squeezed(" ".join(one.itertext()))
        }


def property_passages(properties: dict[str, str]) -> list[Passage]:
    """Give a file's properties as passages."""
    return [Passage("文件属性", "hidden", f"{name}：{text}") for name, text in properties.items()]


def _check_size(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES or len(entries) > _MOST_PARTS:
        raise AuditError(
            f"「{name}」展开后有 {size / 1024**2:,.0f} MiB，超过 1,024 MiB，没有打开；请删去视频和附件再试"
        )
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise AuditError(f"「{name}」加了密码；请取消密码，另存后再试")


@lru_cache(maxsize=4096)
def _target(folder: str, target: str) -> str:
    clean = unquote(target).replace("\\", "/")
    return clean.lstrip("/") if clean.startswith("/") else posixpath.normpath(posixpath.join(folder, clean))

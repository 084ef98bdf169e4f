"""Reads what a finished file says, passage by passage, whatever its format; it judges nothing."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from fbanalysis.errors import AuditError
from fbanalysis.report.audit.passages import Document, Passage

__all__ = ["Document", "Passage", "read_document"]

_ROOM = "fbanalysis.report.audit.formats"

#: Ending of a file → the module that reads it. Each is opened when it is needed: a text needs no PDF library.
_READERS = {
    ".html": "html",
    ".htm": "html",
    ".pptx": "pptx",
    ".pptm": "pptx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".docx": "docx",
    ".docm": "docx",
    ".pdf": "pdf",
    ".md": "text",
    ".markdown": "text",
    ".txt": "text",
    ".csv": "text",
    ".tsv": "text",
}

#: What people have instead, and how they make of it what can be read.
_REMEDIES = {
    ".ppt": "请用 PowerPoint 或 WPS 另存为 .pptx",
    ".xls": "请用 Excel 或 WPS 另存为 .xlsx",
    ".doc": "请用 Word 或 WPS 另存为 .docx",
    ".wps": "请用 WPS 另存为 .docx",
    ".rtf": "请另存为 .docx",
    ".odt": "请另存为 .docx",
    ".odp": "请另存为 .pptx",
    ".ods": "请另存为 .xlsx",
    ".mht": "请在浏览器里另存为 .html",
    ".ipynb": "请导出为 .html",
}


def read_document(path: Path) -> Document:
    """Read a file: html, pptx, xlsx, docx, pdf, md, txt, csv.

    Nothing in the file is run, and nothing is fetched. What could not be read (pictures without a text,
    scanned pages, media) is listed in ``skipped``.

    Raises
    ------
    AuditError
        No such file, a format that is not read, an encrypted, broken or swollen file; says what to do.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if path.is_dir():
        raise AuditError(f"「{path}」是文件夹；请指明里面的文件，或用 verify 核对整个文件夹")
    if path.exists() and not path.is_file():
        raise AuditError(f"「{path}」不是普通文件（管道、设备之类），不读；请先存成文件")
    if not path.is_file():
        raise AuditError(f"找不到文件「{path}」；请检查路径，路径里有空格时加引号")
    if ending not in _READERS:
        remedy = _REMEDIES.get(ending, "请另存为 html、pptx、xlsx、docx、pdf、md、txt 或 csv")
        raise AuditError(f"「{path.name}」的格式读不了；{remedy}")
    if not path.stat().st_size:
        raise AuditError(f"「{path.name}」是空文件；请重新导出或下载")
    read: Callable[[Path], Document] = import_module(f"{_ROOM}.{_READERS[ending]}").read
    return read(path)

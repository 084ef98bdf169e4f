"""Editions of a report, opened to be compared: the records of each, and the receipt of what made it.

Reads finished or released folders and changes none of them.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from fbanalysis.dataset import Dataset
from fbanalysis.errors import DataError

RECORDS, RECEIPT, RELEASE = "metrics.json", "manifest.json", "release.json"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Edition:
    """One edition: its records by key, and its receipt.

    ``receipt`` may lack parts: nothing is then said of them. ``released_on`` and ``note`` are empty for one that was not
    delivered.
    """

    name: str
    records: Mapping[str, Row]
    receipt: Mapping[str, Any]
    released_on: str = ""
    note: str = ""

    @property
    def year(self) -> int:
        return int(self.receipt["report"]["year"])

    @property
    def is_whole(self) -> bool:
        """Whether its receipt says which notebooks and programs made it."""
        return "notebooks" in self.receipt

    def uses(self, key: str) -> list[str]:
        """Name the slides that print a record."""
        return [slide for slide, keys in self.receipt.get("uses", {}).items() if key in keys]


def open_edition(folder: Path) -> Edition:
    """Open a finished report's folder, or a released copy of one.

    Raises
    ------
    DataError
        Records or receipt are missing or cannot be read.
    """
    try:
        rows, receipt = json.loads(_text(folder / RECORDS)), json.loads(_text(folder / RECEIPT))
        release = json.loads(_text(folder / RELEASE)) if (folder / RELEASE).is_file() else {}
        _ = int(receipt["report"]["year"])
        records = {str(row["key"]): row for row in rows}
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        raise DataError(
            f"「{folder}」里没有 {missing}：比较的两边都要有 {RECORDS} 和 {RECEIPT}；先运行 python run_all.py 生成报告"
        ) from error
    except (ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile) as error:
        raise DataError(f"「{folder}」里的 {RECORDS} 或 {RECEIPT} 读不懂：请重新生成这一版") from error
    return Edition(
        name=folder.resolve().name,
        records=records,
        receipt=receipt,
        released_on=str(release.get("released_on", "")),
        note=str(release.get("note", "")),
    )


def _text(path: Path) -> str:
    """Read a file, or the packed one beside its place."""
    packed = path.with_name(path.name + ".gz")
    if packed.is_file() and not path.is_file():
        return gzip.decompress(packed.read_bytes()).decode("utf-8")
    return path.read_text("utf-8")


def releases(dataset: Dataset) -> list[Edition]:
    """Open all that was delivered of a year, in the order of delivery."""
    folders = [path.parent for path in dataset.released.glob(f"*/{RELEASE}")]
    order = {folder: json.loads(_text(folder / RELEASE))["sequence"] for folder in folders}
    return [open_edition(folder) for folder in sorted(folders, key=order.__getitem__)]


def current_edition(dataset: Dataset, records: pd.DataFrame, *, like: Edition) -> Edition:
    """Make an edition of the records at hand, before a receipt of them exists.

    Parameters
    ----------
    records
        As `Ledger.frame` gives them.
    like
        The edition that it will be compared with: packages and raw files are looked up by its names.
    """
    receipt = {
        "report": {"year": dataset.year},
        "settings": dataset.settings,
        "raw": {name: _sha256(dataset.root / name) for name in like.receipt.get("raw", {})},
        "sources": like.receipt.get("sources", {}),
        "packages": {name: _version(name) for name in like.receipt.get("packages", {})},
    }
    rows = [_row(row) for row in records.to_dict("records")]
    return Edition("现在的报告", {row["key"]: row for row in rows}, receipt)


def _row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """One line of the ledger's table as a record: what is missing is None, hashes of tables by name."""
    plain = {str(name): None if _is_missing(value) else value for name, value in row.items()}
    tables = plain.get("tables") or {}
    if isinstance(tables, str):
        tables = dict(part.rsplit(":", 1) for part in tables.split())
    return plain | {"key": f"{plain['metric']}[{plain['stratum']}]", "tables": tables}


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""

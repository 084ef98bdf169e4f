"""Keeping what was delivered: records and receipt of a report, so that later changes can be told as corrections."""

import gzip
import json
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from fbanalysis.dataset import Dataset
from fbanalysis.errors import DataError, UsageError, listed
from fbanalysis.pipeline.receipts import NAME, verify
from fbanalysis.report.changes import corrected
from fbanalysis.report.editions import RECORDS, RELEASE, Edition, open_edition, releases


@dataclass(frozen=True)
class Release:
    """One delivery: where its copy is kept, and which figures of the delivery before it were corrected."""

    folder: Path
    sequence: int
    receipt: str
    released_on: str
    corrected: pd.DataFrame


def release(dataset: Dataset, *, note: str, today: date | None = None) -> Release:
    """Keep a copy of a year's records and receipt in ``data/released/<year>/<report date>/``.

    Parameters
    ----------
    note
        What was delivered, and to whom: one sentence.
    today
        The day of delivery; default: today.

    Raises
    ------
    DataError
        A file is not as its receipt says, or there is no receipt.
    UsageError
        A draft, a delivery without a note, or one that was kept already.
    """
    earlier = releases(dataset)
    receipt = _refuse(dataset, note=note, earlier=earlier)
    told = {
        "sequence": len(earlier) + 1,
        "released_on": (today or date.today()).isoformat(),
        "note": note.strip(),
        "receipt": receipt,
    }
    folder = _keep(dataset, told)
    return Release(folder, len(earlier) + 1, receipt, str(told["released_on"]), _corrected(earlier, folder))


def _refuse(dataset: Dataset, *, note: str, earlier: list[Edition]) -> str:
    """Refuse what cannot be vouched for; give the receipt of what can."""
    checked = verify(dataset.reports)
    wrong = [*checked.changed, *checked.missing, *([NAME] if checked.is_altered else [])]
    if wrong:
        raise DataError(
            f"reports/{dataset.year} 里{listed(wrong)}与收据不符：请先运行 python run_all.py --year {dataset.year}，再登记交付"
        )
    if checked.is_draft:
        raise UsageError(
            f"reports/{dataset.year} 是用 --draft 做的草稿：请先不带 --draft 运行一次，再登记交付"
        )
    if not note.strip():
        raise UsageError("登记交付要写一句说明：交付了什么、交给谁")
    if earlier and earlier[-1].receipt["receipt"] == checked.receipt:
        raise UsageError(
            f"与 {earlier[-1].released_on} 交付的那一版（收据 {checked.receipt}）完全相同，不再登记"
        )
    return checked.receipt


def _keep(dataset: Dataset, told: dict[str, object]) -> Path:
    """Write the copy aside and move it in whole; records are packed without the time."""
    folder = _free_folder(dataset)
    aside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    packed = gzip.compress((dataset.reports / RECORDS).read_bytes(), mtime=0)
    (aside / f"{RECORDS}.gz").write_bytes(packed)
    shutil.copyfile(dataset.reports / NAME, aside / NAME)
    (aside / RELEASE).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")
    os.replace(aside, folder)
    return folder


def _free_folder(dataset: Dataset) -> Path:
    """The report's date; a second delivery of the same date has a number behind it."""
    day, count = dataset.report_date.isoformat(), 1
    folder = dataset.released / day
    while folder.exists():
        count += 1
        folder = dataset.released / f"{day}-{count}"
    return folder


def _corrected(earlier: list[Edition], folder: Path) -> pd.DataFrame:
    """The figures of the delivery before that this one prints otherwise or no more."""
    now = open_edition(folder)
    return corrected(earlier[-1] if earlier else now, now)

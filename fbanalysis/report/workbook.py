"""The report's numbers as an Excel workbook: a sheet each chart, table and list, the ledger, and a contents.

It formats what the story holds; it computes no number, and it writes every text as text.
"""

import io
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook

from fbanalysis.report.page import mark
from fbanalysis.report.story import Story
from fbanalysis.report.xlsx.binder import Binder
from fbanalysis.report.xlsx.comments import write_comments
from fbanalysis.report.xlsx.entries import entries
from fbanalysis.report.xlsx.sheets import write_contents, write_entry, write_ledger, write_limits

CONTENTS, LEDGER, LIMITS, COMMENTS = "目录", "账本", "局限", "评注"
LONGEST_NAME = 31

_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff]+")


def write_workbook(story: Story, path: Path) -> Path:
    """Write a year's report as a workbook; the same story gives the same bytes.

    Parameters
    ----------
    story
        With its references resolved; charts, tables and quotes of every place are written, whole.
    path
        The file; it is swapped in whole.
    """
    found = list(entries(story))
    own = (LEDGER, LIMITS, *([COMMENTS] if story.remarks else []))
    names = sheet_names([f"{_short(entry.number)} {entry.topic}" for entry in found])
    buffer = io.BytesIO()
    with Workbook(buffer, _OPTIONS | _look(story)) as book:
        _describe(book, story)
        binder = Binder(book, story, contents=CONTENTS)
        write_contents(binder, list(zip(found, names, strict=True)), more=own)
        for entry, name in zip(found, names, strict=True):
            write_entry(binder, entry, name=name)
        write_ledger(binder, name=LEDGER)
        write_limits(binder, name=LIMITS)
        if story.remarks:
            write_comments(binder, name=COMMENTS)
    aside = path.with_suffix(".xlsx.new")
    aside.write_bytes(buffer.getvalue())
    os.replace(aside, path)
    return path


_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def _look(story: Story) -> dict[str, object]:
    font = {"font_name": story.dataset.theme.office_font, "font_size": 10}
    return {"default_format_properties": font}


def _describe(book: Workbook, story: Story) -> None:
    dataset = story.dataset
    day = dataset.report_date
    book.set_properties(
        {
            "title": dataset.title[:255],
            "author": dataset.author[:255],
            "company": dataset.organisation[:255],
            "keywords": f"{mark(dataset.year)} report.xlsx",
            "subject": f"{dataset.period_start} 至 {dataset.period_end}",
            "created": datetime(day.year, day.month, day.day),
        }
    )


def _short(number: str) -> str:
    return number.removeprefix("图").strip()


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Make names that Excel takes: legal, short enough, and each only once.

    >>> sheet_names(["4-3 各/领域", "4-3 各*领域"])
    ['4-3 各 领域', '4-3 各 领域 2']
    """
    taken = {name.casefold() for name in (CONTENTS, LEDGER, LIMITS, COMMENTS, "History")}
    made = []
    for raw in wanted:
        legal = " ".join(_ILLEGAL.sub(" ", raw).split()).strip("' ") or "表"
        name, count = _cut(legal, LONGEST_NAME), 1
        while name.casefold() in taken:
            count += 1
            name = f"{_cut(legal, LONGEST_NAME - len(str(count)) - 1)} {count}"
        taken.add(name.casefold())
        made.append(name)
    return made


def _cut(text: str, most: int) -> str:
    """Cut to so many UTF-16 units, as Excel counts; no apostrophe stands last."""
    units = text.encode("utf-16-le")[: 2 * most]
    return units.decode("utf-16-le", errors="ignore").strip("' ")

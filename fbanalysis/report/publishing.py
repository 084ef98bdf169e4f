"""Executed notebooks become the finished pages and the merged ledger of a year."""

from collections.abc import Sequence
from pathlib import Path

from fbanalysis.dataset import Dataset
from fbanalysis.errors import LedgerError
from fbanalysis.report.deck import deck
from fbanalysis.report.disclosing import refuse_unfinished
from fbanalysis.report.door import index
from fbanalysis.report.ledger import write_whole
from fbanalysis.report.paper import report
from fbanalysis.report.story import Chapter, Story, refuse_typed, tell
from fbanalysis.report.theme import use

#: The pages for readers.
PAGES = ("deck.html", "report.html")


def publish(dataset: Dataset, chapters: Sequence[Chapter], *, draft: bool = False) -> tuple[Path, ...]:
    """Write deck, long report and merged ledger of a year.

    Parameters
    ----------
    chapters
        In the order of their numbers; those that failed or were left out become gaps.
    draft
        Let typed numbers through, marked; else they stop the build.

    Returns
    -------
    tuple of Path
        The files written into ``reports/<year>/``.

    Raises
    ------
    WordingError
        A number or an earned word typed by hand; names slide and sentence. The pages of an earlier run are
        taken away then, lest they pass for this one's.
    LedgerError
        A chapter that kept its ledger to itself or contradicts an earlier one. All pages are written first, with a
        gap in its place.
    """
    use(dataset.theme)
    try:
        story = tell(dataset, chapters)
        made = _write(story, draft=draft)
    except BaseException:
        for name in PAGES:
            (dataset.reports / name).unlink(missing_ok=True)
        raise
    refuse_kept_out(chapters, story)
    return made


def open_door(dataset: Dataset, chapters: Sequence[Chapter]) -> tuple[Path, ...]:
    """Write the page that leads to every file of the report that is there."""
    use(dataset.theme)
    path = dataset.reports / "index.html"
    write_whole(path, index(tell(dataset, chapters)))
    return (path,)


def _write(story: Story, *, draft: bool) -> tuple[Path, ...]:
    if not draft:
        refuse_typed(story.chapters, allowed=story.dataset.allowed)
        refuse_unfinished(story)
    folder = story.dataset.reports
    folder.mkdir(parents=True, exist_ok=True)
    pages = dict(zip(PAGES, (deck(story), report(story)), strict=True))
    saved = story.ledger.save(folder)
    for name, text in pages.items():
        write_whole(folder / name, text)
    return (*(folder / name for name in pages), *saved)


def refuse_kept_out(chapters: Sequence[Chapter], story: Story) -> None:
    """Say which finished chapters could not be taken in."""
    kept_out = [
        new.reason
        for old, new in zip(chapters, story.chapters, strict=True)
        if old.is_done and not new.is_done
    ]
    if kept_out:
        raise LedgerError(f"其余各章已发布，这里留空：{'；'.join(kept_out)}")

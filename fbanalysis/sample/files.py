"""Make a whole sample year: draw it, tell it, and put it into the files that an analyst would get."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from fbanalysis.sample import customers, improvement, records, service
from fbanalysis.sample.comments.contacts import add_contacts
from fbanalysis.sample.comments.texts import write_comments
from fbanalysis.sample.delivery.exports import EXPORTS, ONLINE_RATINGS, Export, TableFile, at_size
from fbanalysis.sample.delivery.raw import file_part, raw_feedback, raw_table
from fbanalysis.sample.delivery.settings import dataset_toml
from fbanalysis.sample.delivery.workbooks import Sheet, csv_bytes, workbook_bytes
from fbanalysis.sample.feedback import coders
from fbanalysis.sample.feedback.again import resubmissions
from fbanalysis.sample.feedback.items import SEED, draw_items
from fbanalysis.sample.feedback.questionnaire import DRIVERS, ONLINE
from fbanalysis.sample.plans import PLANS, Plan, scaled

#: Comments with invented personal data, a year.
CONTACT_COUNT = 48
Layout = Export | TableFile
LAYOUTS: Mapping[str, TableFile | tuple[TableFile, ...]] = {
    **records.LAYOUTS,
    **customers.LAYOUTS,
    **service.LAYOUTS,
    **improvement.LAYOUTS,
    **coders.LAYOUTS,
    "ratings": (ONLINE_RATINGS, *customers.LAYOUTS["ratings"]),
}


@dataclass(frozen=True)
class SampleYear:
    """A drawn year: its items with comments, those sent again behind them, and the other tables.

    ``key`` lists the personal data in the comments: row (label in ``items``), kind, text.
    """

    year: int
    seed: int
    items: pd.DataFrame
    key: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class File:
    """One finished file; ``places`` says in which row of which sheet each item with a comment stands."""

    name: str
    content: bytes
    places: pd.DataFrame | None = None


@dataclass(frozen=True)
class Delivery:
    """A year's files (name → bytes), and where personal data stands in them."""

    files: Mapping[str, bytes]
    key: pd.DataFrame


def write_year(drawn: SampleYear, *, folder: Path) -> tuple[dict[str, int], pd.DataFrame]:
    """Write a drawn year into a folder, file by file; give the files' sizes and the key to personal data."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes, places = {}, []
    for file in make_files(drawn):
        (folder / file.name).write_bytes(file.content)
        sizes[file.name] = len(file.content)
        places.append(file.places)
    return sizes, _key(drawn, places=places)


def delivered(drawn: SampleYear) -> Delivery:
    """Make all files of a drawn year in memory."""
    files = list(make_files(drawn))
    key = _key(drawn, places=[file.places for file in files])
    return Delivery(files={file.name: file.content for file in files}, key=key)


def year_files(year: int, *, rows: int | None = None, seed: int = SEED) -> Mapping[str, bytes]:
    """Make all files of one year in memory: name → bytes."""
    return delivered(draw_year(year, rows=rows, seed=seed)).files


def personal_data_key(year: int, *, rows: int | None = None, seed: int = SEED) -> pd.DataFrame:
    """List the invented personal data in a year's files.

    Returns
    -------
    pandas.DataFrame
        ``file``, ``sheet``, ``row`` (as a person counts who opens the file), ``kind`` and ``text``.
    """
    return delivered(draw_year(year, rows=rows, seed=seed)).key


# ------------------------------------------------------------------ drawing


def draw_year(year: int, *, rows: int | None = None, seed: int = SEED) -> SampleYear:
    """Draw a whole year with ``rows`` accepted feedback items, everything else in proportion."""
    usual = PLANS[year]
    plan = scaled(usual, rows=rows or usual.size)
    scale = plan.size / usual.size
    known = customers.customers(year, rng=np.random.default_rng([seed, 0]), scale=scale)
    silent = draw_items(plan, customers=known, seed=seed)
    items, key = with_comments(silent, count=round(CONTACT_COUNT * max(scale, 1)), seed=seed, year=year)
    rng = _stream(seed, year, 2)
    again = resubmissions(items, plan=plan, barred=key["row"].to_numpy(dtype=int), rng=rng)
    return SampleYear(
        year=year,
        seed=seed,
        items=pd.concat([items.assign(first=np.nan), again], ignore_index=True),
        key=key,
        tables=_other_tables(items, plan=plan, known=known, scale=scale, seed=seed),
    )


def with_comments(
    items: pd.DataFrame, *, count: int, seed: int, year: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the comments, personal data in ``count`` of them; give the items and the key to that data."""
    rng = _stream(seed, year, 1)
    comments = pd.Series(write_comments(items, rng=rng), index=items.index, dtype=object)
    comments[items["is_silent"]] = ""
    comments, key = add_contacts(items, comments, count=count, rng=rng)
    return items.assign(comment=comments), key


def _other_tables(
    items: pd.DataFrame, *, plan: Plan, known: pd.DataFrame, scale: float, seed: int
) -> dict[str, pd.DataFrame]:
    """Draw all tables but the feedback, each room from random numbers of its own."""
    year = plan.year
    affected = records.incident.draw_affected(known, rng=_stream(seed, year, 9)) if year == 2023 else None
    rng = _stream(seed, year, 3)
    tables = service.tables(year, items=items, customers=known, affected=affected, rng=rng, scale=scale)
    tables |= customers.tables(year, customers=known, rng=_stream(seed, year, 4), scale=scale)
    small = _stream(seed, year, 5)
    tables |= records.tables(
        year, plan=plan, customers=known, tickets=tables["tickets"], affected=affected, rng=small
    )
    tables |= improvement.tables(year, rng=_stream(seed, year, 6), scale=scale)
    tables["codings"] = coders.codings(items, plan=plan, rng=_stream(seed, year, 7))
    tables["ratings"] = pd.concat([online_ratings(items), tables["ratings"]], ignore_index=True)
    return tables


def _stream(seed: int, year: int, room: int) -> np.random.Generator:
    return np.random.default_rng([seed, year, room])


def online_ratings(items: pd.DataFrame) -> pd.DataFrame:
    """Give the answers to the matrix question as rows of the table ``ratings``."""
    online = items[items["channel"] == ONLINE]
    long = online.melt(
        id_vars=["submitted_at", "respondent_id", "stratum"],
        value_vars=list(DRIVERS),
        var_name="item",
        value_name="score",
    )
    named = long.rename(columns={"submitted_at": "answered_at"}).dropna(subset="score")
    return named.assign(survey=ONLINE_RATINGS.constants["survey"], scale_maximum=5.0)


# ------------------------------------------------------------------ delivering


def make_files(drawn: SampleYear) -> Iterator[File]:
    """Put a drawn year into the files that its owners deliver, one after the other; the settings last."""
    rng = _stream(drawn.seed, drawn.year, 8)
    told = drawn.items["comment"].loc[drawn.key["row"].unique()]
    labels = pd.Series(told.index, index=told.to_numpy())
    exports: list[Export] = []
    for sheets in _feedback_sheets(drawn, rng=rng):
        exports += [layout for layout, _ in sheets]
        yield from _files([(layout, raw, raw.index.to_series()) for layout, raw in sheets])
    layouts: dict[str, list[TableFile]] = {name: [] for name in drawn.tables}
    for group in _by_file([(name, layout) for name in drawn.tables for layout in _usual_layouts(name)]):
        sheets = []
        for name, usual in group:
            if usual is ONLINE_RATINGS:  # stands in the questionnaire's own file
                layouts[name].append(replace(usual, file=exports[0].file))
                continue
            part = file_part(drawn.tables[name], layout=usual)
            layouts[name].append(at_size(usual, rows=len(part)))
            sheets.append(
                (layouts[name][-1], raw_table(part, layout=layouts[name][-1], year=drawn.year, rng=rng))
            )
        yield from _files([(layout, raw, _comments(layout, raw).map(labels)) for layout, raw in sheets])
    yield File("dataset.toml", dataset_toml(drawn.year, exports=exports, layouts=layouts).encode())


def _feedback_sheets(
    drawn: SampleYear, *, rng: np.random.Generator
) -> Iterator[list[tuple[Export, pd.DataFrame]]]:
    """Show the feedback as its sources would, file by file."""
    items = drawn.items.sort_values("submitted_at", kind="stable")
    barred = drawn.key["row"].to_numpy(dtype=int)
    for group in _by_file([("feedback", export) for export in EXPORTS]):
        sheets = []
        for _, usual in group:
            raw = raw_feedback(items, export=usual, year=drawn.year, barred=barred, rng=rng)
            sheets.append((at_size(usual, rows=len(raw)), raw))
        yield sheets


def _usual_layouts(name: str) -> tuple[TableFile, ...]:
    usual = LAYOUTS[name]
    return usual if isinstance(usual, tuple) else (usual,)


def _by_file(named: Sequence[tuple[str, Layout]]) -> list[list[tuple[str, Layout]]]:
    """Put together what stands in one file."""
    groups: dict[str, list[tuple[str, Layout]]] = {}
    for name, layout in named:
        groups.setdefault(layout.file, []).append((name, layout))
    return list(groups.values())


def _comments(layout: TableFile, raw: pd.DataFrame) -> pd.Series:
    if "comment" in layout.headers:
        return raw[layout.headers["comment"]]
    return pd.Series(np.nan, index=raw.index, dtype=object)


def _files(sheets: Sequence[tuple[Layout, pd.DataFrame, pd.Series]]) -> Iterator[File]:
    """Write the sheets of one workbook, or csv files; labels say which item each row is."""
    for name in dict.fromkeys(layout.file for layout, _, _ in sheets):
        parts = [part for part in sheets if part[0].file == name]
        places = pd.concat([_places(layout, labels=labels) for layout, _, labels in parts])
        yield File(name, _content([(layout, raw) for layout, raw, _ in parts]), places)


def _content(parts: Sequence[tuple[Layout, pd.DataFrame]]) -> bytes:
    layout, frame = parts[0]
    if layout.file.endswith(".xlsx"):
        return workbook_bytes([_sheet(layout, frame) for layout, frame in parts])
    return csv_bytes(
        frame,
        encoding=layout.encoding or "utf-8-sig",
        line_end=layout.line_end,
        blank_after=getattr(layout, "blank_after", None),
    )


def _sheet(layout: Layout, frame: pd.DataFrame) -> Sheet:
    groups = getattr(layout, "groups", ())
    return Sheet(name=layout.sheet or "Sheet1", frame=frame, title=layout.title, groups=groups)


def _key(drawn: SampleYear, *, places: Iterable[pd.DataFrame | None]) -> pd.DataFrame:
    """Find the rows of the files in which the comments with personal data stand."""
    found = pd.concat([part[part["row"].isin(drawn.key["row"])] for part in places if part is not None])
    key = found.merge(drawn.key, on="row").rename(columns={"row": "item", "line": "row"})
    return key[["file", "sheet", "row", "kind", "text"]]


def _places(layout: Layout, *, labels: pd.Series) -> pd.DataFrame:
    """Tell where in a file each item stands; ``labels`` has one of them, or none, for every row."""
    lines = _lines(layout, rows=len(labels))
    places = pd.DataFrame(
        {"row": labels.to_numpy(), "file": layout.file, "sheet": layout.sheet or "", "line": lines}
    )
    return places.dropna(subset="row").astype({"row": "int64"})


def _lines(layout: Layout, *, rows: int) -> np.ndarray:
    """Number the rows of a file as a person counts them: headings and a blank line are rows too."""
    lines = np.arange(rows) + 1 + (layout.header_row if layout.file.endswith(".xlsx") else 1)
    blank_after = getattr(layout, "blank_after", None)
    return lines if blank_after is None or blank_after >= rows else lines + (np.arange(rows) >= blank_after)

"""Write the sample's raw exports: workbooks and CSV files with the same bytes at every run."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook

from fbanalysis.sample.exports import EXPORTS, REPEATED, TABLE_FILES, Export, TableFile
from fbanalysis.sample.plans import PLANS
from fbanalysis.sample.records import tables
from fbanalysis.sample.settings import dataset_toml
from fbanalysis.sample.year import SEED, draw_items

#: The moment that every workbook claims to be written at.
STAMP = (2024, 1, 2, 8, 0, 0)
MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(<)")


def write_year(year: int, *, out: Path) -> list[Path]:
    """Write all files of one year into ``out/<year>`` and list them."""
    folder = out / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in year_files(year).items():
        written.append(folder / name)
        written[-1].write_bytes(content)
    return written


def year_files(year: int) -> dict[str, bytes]:
    """Make all files of one year in memory: name → bytes."""
    items = draw_items(PLANS[year])
    rng = np.random.default_rng([SEED, year, 1])
    frames = [(export, raw_feedback(items, export=export, year=year, rng=rng)) for export in EXPORTS]
    small = tables(year, rng=rng)
    files = _feedback_files(frames) | {
        TABLE_FILES[name].file: _csv(raw_table(table, layout=TABLE_FILES[name], year=year))
        for name, table in small.items()
    }
    return files | {"dataset.toml": dataset_toml(year, names=list(small)).encode()}


def raw_feedback(items: pd.DataFrame, *, export: Export, year: int, rng: np.random.Generator) -> pd.DataFrame:
    """Show one channel's items as its source would: its headers, its words, its faulty rows."""
    rows = items[items["channel"] == export.channel].reset_index(drop=True)
    rows, faults = _with_faulty_copies(rows, export=export, year=year, rng=rng)
    raw = pd.DataFrame(
        {
            header: _raw_column(rows, column=column, export=export)
            for column, header in export.headers.items()
            if column != "feedback_id"
        }
    )
    raw[export.headers["feedback_id"]] = _numbers(faults, export=export, year=year)
    for header, choices in export.filler.items():
        raw[header] = rng.choice(np.array(choices, dtype=object), size=len(raw))
    return _spoiled(raw, faults=faults, export=export, year=year)[list(export.order)]


def _with_faulty_copies(
    rows: pd.DataFrame, *, export: Export, year: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.Series]:
    """Put a copy of some rows behind them, to be spoiled; 2022 has every second fault only."""
    wanted = export.faults if year == 2023 else export.faults[::2]
    rated = rows.index[rows["area_score"].notna() & (rows["comment"] != "")]
    chosen = rng.choice(rated, size=len(wanted), replace=False)
    copies = rows.loc[chosen].assign(fault=range(len(wanted)))
    fresh = [fault != ("feedback_id", REPEATED) for fault in wanted]
    copies.loc[fresh, "respondent_id"] = [
        f"Z{code}" for code in rng.choice(900000, sum(fresh), replace=False)
    ]
    mixed = pd.concat([rows.assign(fault=-1), copies]).sort_index(kind="stable").reset_index(drop=True)
    faults = mixed["fault"].map(dict(enumerate(wanted))).where(mixed["fault"] >= 0, None)
    return mixed, faults


def _raw_column(rows: pd.DataFrame, *, column: str, export: Export) -> pd.Series:
    if column == "submitted_at":
        return _time_texts(rows[column], form=export.time_format)
    if column in ("overall_score", "area_score"):
        return rows[column].map(lambda score: "" if pd.isna(score) else str(int(score)))
    shared = [other for other in ("stratum", column) if export.headers[other] == export.headers[column]]
    source = shared[0] if shared else column
    words = {meant: raw for raw, meant in export.values.get(source, {}).items()}
    return rows[source].map(lambda value: words.get(value, value))


def _time_texts(times: pd.Series, *, form: str) -> pd.Series:
    texts = times.dt.strftime(form)
    if "/" not in form:
        return texts
    return texts.str.replace("/0", "/", regex=False)


def _numbers(faults: pd.Series, *, export: Export, year: int) -> list[str]:
    """Number the rows as they stand; a repeated row keeps the number of the row before it."""
    repeats = faults.map(lambda fault: fault == ("feedback_id", REPEATED)).astype(int)
    numbers = np.arange(1, len(faults) + 1) - repeats.cumsum()
    return [export.id_format.format(number=number, year=year) for number in numbers]


def _spoiled(raw: pd.DataFrame, *, faults: pd.Series, export: Export, year: int) -> pd.DataFrame:
    spoiled = raw.copy()
    for row, (column, value) in faults.dropna().items():
        if value != REPEATED:
            spoiled.loc[row, export.headers[column]] = value.format(year=year, next=year + 1)
    return spoiled


def raw_table(table: pd.DataFrame, *, layout: TableFile, year: int) -> pd.DataFrame:
    """Show one small table as its owner would deliver it."""
    raw = pd.DataFrame(
        {
            header: _raw_values(table[column], words=layout.values.get(column, {}))
            for column, header in layout.headers.items()
        }
    )
    extra = [{header: value.format(year=year) for header, value in row.items()} for row in layout.faults]
    return pd.concat([raw, pd.DataFrame(extra, columns=raw.columns)], ignore_index=True) if extra else raw


def _raw_values(values: pd.Series, *, words: Mapping[str, str]) -> list[str]:
    named = {meant: raw for raw, meant in words.items()}
    return [named.get(text, text) for text in map(_raw_text, values)]


def _raw_text(value: object) -> str:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _feedback_files(frames: Sequence[tuple[Export, pd.DataFrame]]) -> dict[str, bytes]:
    files = {}
    for name in dict.fromkeys(export.file for export, _ in frames):
        parts = [(export, frame) for export, frame in frames if export.file == name]
        first, frame = parts[0]
        if name.endswith(".xlsx"):
            files[name] = _xlsx([(export.sheet or "Sheet1", part) for export, part in parts])
        else:
            files[name] = _csv(frame, encoding=first.encoding or "utf-8-sig", line_end=first.line_end)
    return files


def _csv(frame: pd.DataFrame, *, encoding: str = "utf-8-sig", line_end: str = "\n") -> bytes:
    return frame.to_csv(index=False, lineterminator=line_end).encode(encoding)


def _xlsx(sheets: Iterable[tuple[str, pd.DataFrame]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, frame in sheets:
        sheet = book.create_sheet(name)
        sheet.append(list(frame.columns))
        for row in frame.itertuples(index=False):
            sheet.append([_cell(text) for text in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue())


def _cell(text: str) -> str | int | None:
    """Write digits as a number, as survey tools do, and nothing as an empty cell."""
    return int(text) if text.isdigit() else text or None


def _without_clock(content: bytes) -> bytes:
    """Write the archive again with one fixed time in its entries and properties."""
    fixed = io.BytesIO()
    stamp = "{}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*STAMP).encode()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(fixed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<3>", data)
            entry = zipfile.ZipInfo(name, date_time=STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, data, compresslevel=9)
    return fixed.getvalue()

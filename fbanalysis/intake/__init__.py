"""From the files as received to one Parquet a table, with an account of every row that was refused.

::

    reading     files → text, each row with its number
    cleaning    text → typed rows that keep to the data dictionary, or refused with all reasons
    duplicates  which row repeats which, and which item was sent once more
    privacy     personal data in free text is masked
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from fbanalysis.dataset import DELIVERABLE, INTAKE_REPORT, QUARANTINE_NAME, Dataset, Source
from fbanalysis.errors import DataError
from fbanalysis.intake.cleaning import QUARANTINE, Cleaned, clean
from fbanalysis.intake.duplicates import find_resubmissions
from fbanalysis.intake.privacy import mask
from fbanalysis.intake.reading import read_source
from fbanalysis.schema import FREE_TEXT, TABLES, schema

__all__ = ["FileCount", "IntakeReport", "take_in"]

# What a spreadsheet would take for a formula.
_FORMULA = r"^(?=[=+\-@＝＋－＠])"


@dataclass(frozen=True)
class FileCount:
    """What became of the rows of one file."""

    file: str
    sheet: str | None
    table: str
    rows_in: int
    accepted: int
    quarantined: int
    sha256: str

    @property
    def place(self) -> str:
        """The file's name, and the sheet if one is named."""
        return self.file if self.sheet is None else f"{self.file}「{self.sheet}」"


@dataclass(frozen=True)
class IntakeReport:
    """What intake read, kept, refused and masked; intake.json holds the same."""

    year: int
    files: tuple[FileCount, ...]
    tables: Mapping[str, int]
    masked: Mapping[str, int]

    @property
    def rows_in(self) -> int:
        """Rows read, over all files."""
        return sum(count.rows_in for count in self.files)

    @property
    def accepted(self) -> int:
        """Rows that entered a table, over all files."""
        return sum(count.accepted for count in self.files)

    @property
    def quarantined(self) -> int:
        """Rows refused, over all files."""
        return sum(count.quarantined for count in self.files)

    def summary(self) -> str:
        """Tell the analyst in a few lines what was read and refused."""
        feedback = [count for count in self.files if count.table == "feedback"]
        lines = [f"反馈：{_balance(feedback)}"]
        lines += [f"  {count.place}：{_balance([count])}" for count in feedback]
        lines += [
            f"{count.table}（{count.place}）：{_balance([count])}"
            for count in self.files
            if count.table != "feedback"
        ]
        if self.masked:
            lines.append("已遮蔽：" + "、".join(f"{kind} {n:,}" for kind, n in self.masked.items()))
        if self.quarantined:
            lines.append(f"隔离的行与原因见 data/processed/{self.year}/{QUARANTINE_NAME}")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Part:
    """One file on its way into a table."""

    source: Source
    rows_in: int
    cleaned: Cleaned


def take_in(dataset: Dataset) -> IntakeReport:
    """Read, check and store all files of a year.

    Writes ``<table>.parquet`` for every delivered table, ``quarantine.csv`` and ``intake.json`` into
    ``dataset.processed``. The same files give the same bytes.

    Raises
    ------
    DataError
        A file cannot be read, two feedback files are the same, or no feedback is left.
    """
    _refuse_copies(dataset)
    parts, resubmissions = _set_aside(_refuse_joint_repeats(_read_all(dataset)), dataset=dataset)
    dataset.processed.mkdir(parents=True, exist_ok=True)
    _write_quarantine(dataset.processed / QUARANTINE_NAME, parts)
    tables, masked = _assemble(dataset, parts)
    tables["resubmissions"] = schema("resubmissions").validate(resubmissions)
    report = IntakeReport(
        year=dataset.year,
        files=tuple(_count(part) for part in parts),
        tables={name: len(frame) for name, frame in tables.items()},
        masked=masked,
    )
    _check_balance(report)
    _store(dataset.processed, tables, report=report)
    return report


def _refuse_copies(dataset: Dataset) -> None:
    """Refuse a file that was delivered twice under two names: all its rows would count double."""
    seen: dict[tuple[object, ...], str] = {}
    for source in [*dataset.feedback, *(file for files in dataset.tables.values() for file in files)]:
        part = (source.columns, source.melt) if source.table != "feedback" else ()
        name, content = source.file.name, (source.table, _sha256(source.file), source.sheet, repr(part))
        if content in seen:
            title = "[[feedback]]" if source.table == "feedback" else f"[[tables.{source.table}]]"
            raise DataError(f"{seen[content]} 与 {name} 内容相同：请从 dataset.toml 删去其中一节 {title}。")
        seen[content] = name


def _read_all(dataset: Dataset) -> list[_Part]:
    """Read and clean every file; the population first, because feedback must belong to its strata."""
    frame = [_read(source, dataset=dataset) for source in dataset.tables.get("population", ())]
    known = pd.concat([part.cleaned.accepted for part in frame]) if frame else None
    feedback = [_read(source, dataset=dataset, population=known) for source in dataset.feedback]
    others = [
        _read(source, dataset=dataset)
        for name, sources in dataset.tables.items()
        if name != "population"
        for source in sources
    ]
    return [*feedback, *frame, *others]


def _set_aside(parts: Sequence[_Part], *, dataset: Dataset) -> tuple[list[_Part], pd.DataFrame]:
    """Move items that were sent once more from the accepted to the refused rows of their file."""
    accepted = [part.cleaned.accepted for part in parts if part.source.table == "feedback"]
    limits = dataset.thresholds
    found = find_resubmissions(
        pd.concat(accepted, ignore_index=True),
        days=limits.resubmission_days,
        similarity=limits.resubmission_similarity,
    )
    reasons = _reasons(found, parts=parts)
    return [_without(part, reasons) if part.source.table == "feedback" else part for part in parts], found


def _reasons(found: pd.DataFrame, *, parts: Sequence[_Part]) -> pd.Series:
    """Say of every repeated item which one it repeats."""
    firsts = set(found["first_id"])
    places = {
        item: f"{part.source.place}第 {row} 行"
        for part in parts
        if part.source.table == "feedback"
        for item, row in zip(part.cleaned.accepted["feedback_id"], part.cleaned.rows, strict=True)
        if item in firsts
    }
    days = (found["submitted_at"].dt.normalize() - found["first_at"].dt.normalize()).dt.days
    texts = [
        f"同一人重复提交：与{places[row.first_id]}为同一件事（相隔 {gap} 天，原文相似度 {row.similarity:g}）"
        for row, gap in zip(found.itertuples(index=False), days, strict=True)
    ]
    return pd.Series(texts, index=found["feedback_id"], dtype="str")


def _without(part: _Part, reasons: pd.Series) -> _Part:
    """Take the items with a reason out of a part."""
    accepted = part.cleaned.accepted
    refused = accepted["feedback_id"].map(reasons).dropna()
    cleaned = part.cleaned.without(refused, source=part.source, column="comment", values=accepted["comment"])
    return replace(part, cleaned=cleaned)


def _refuse_joint_repeats(parts: Sequence[_Part]) -> list[_Part]:
    """Refuse rows whose key a row of another file has, or another row once personal data are masked."""
    told = list(parts)
    for table in dict.fromkeys(part.source.table for part in parts):
        key = list(TABLES[table].key)
        numbers = [number for number, part in enumerate(parts) if part.source.table == table]
        if not key or (len(numbers) == 1 and not set(key) & set(FREE_TEXT)):
            continue
        keys = pd.concat({number: _masked_key(parts[number], key) for number in numbers})
        is_again = keys.duplicated() & keys.notna().all(axis=1)
        for number in numbers:
            again = is_again.loc[number]
            reason = f"{'、'.join(key)} 与前面的行或另一个文件的行重复"
            refused = pd.Series(reason, index=again.index[again], dtype="str")
            cleaned = parts[number].cleaned
            values = cleaned.accepted[key[0]]
            told[number] = replace(
                told[number],
                cleaned=cleaned.without(refused, source=parts[number].source, column=key[0], values=values),
            )
    return told


def _masked_key(part: _Part, key: Sequence[str]) -> pd.DataFrame:
    keys = part.cleaned.accepted[list(key)]
    return keys.assign(**{name: mask(keys[name])[0] for name in key if name in FREE_TEXT})


def _read(source: Source, *, dataset: Dataset, population: pd.DataFrame | None = None) -> _Part:
    raw = read_source(source)
    return _Part(source, len(raw), clean(raw, source=source, dataset=dataset, population=population))


def _assemble(dataset: Dataset, parts: Sequence[_Part]) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Join the parts of each table, mask its free text and check it once more as a whole."""
    tables: dict[str, pd.DataFrame] = {}
    masked: Counter[str] = Counter()
    for name in ("feedback", *dataset.tables):
        accepted = [part.cleaned.accepted for part in parts if part.source.table == name]
        frame = pd.concat(accepted, ignore_index=True)
        for column in frame.columns.intersection(FREE_TEXT):
            frame[column], found = mask(frame[column])
            masked.update(found)
        tables[name] = schema(name).validate(frame)
    if tables["feedback"].empty:
        where = f"data/processed/{dataset.year}/{QUARANTINE_NAME}"
        raise DataError(f"{dataset.year} 年没有一条反馈可用：原因逐行写在 {where}。")
    return tables, dict(sorted(masked.items()))


def _count(part: _Part) -> FileCount:
    return FileCount(
        file=part.source.file.name,
        sheet=part.source.sheet,
        table=part.source.table,
        rows_in=part.rows_in,
        accepted=len(part.cleaned.accepted),
        quarantined=len(part.cleaned.quarantined),
        sha256=_sha256(part.source.file),
    )


def _check_balance(report: IntakeReport) -> None:
    """Stop if a row was lost or counted twice."""
    for count in report.files:
        if count.rows_in != count.accepted + count.quarantined:
            raise DataError(f"{count.place} 的行数对不上：{_balance([count])}；没有写出任何表。")


def _balance(counts: Sequence[FileCount]) -> str:
    rows_in, accepted = sum(count.rows_in for count in counts), sum(count.accepted for count in counts)
    return f"读入 {rows_in:,} 行 = 接受 {accepted:,} + 隔离 {sum(count.quarantined for count in counts):,}"


def _store(folder: Path, tables: Mapping[str, pd.DataFrame], *, report: IntakeReport) -> None:
    """Put the tables in place; without its intake.json a half-written year can't be opened."""
    stale = _written_before(folder) - tables.keys()
    (folder / INTAKE_REPORT).unlink(missing_ok=True)
    for name in stale:
        (folder / f"{name}.parquet").unlink(missing_ok=True)
    for name, frame in tables.items():
        _swap_in(folder / f"{name}.parquet", partial(frame.to_parquet, engine="pyarrow", index=False))
    account = asdict(report) | {
        "rows_in": report.rows_in,
        "accepted": report.accepted,
        "quarantined": report.quarantined,
    }
    text = json.dumps(account, ensure_ascii=False, indent=2) + "\n"
    _swap_in(folder / INTAKE_REPORT, lambda path: path.write_text(text, encoding="utf-8"))


def _written_before(folder: Path) -> set[str]:
    """List the tables that an earlier intake wrote; all that files can bring, when it left no account."""
    try:
        return set(json.loads((folder / INTAKE_REPORT).read_text(encoding="utf-8"))["tables"])
    except (OSError, ValueError, KeyError):
        return set(DELIVERABLE)


def _write_quarantine(path: Path, parts: Sequence[_Part]) -> None:
    """Write the refused rows so that a spreadsheet shows them and computes nothing from them."""
    lines = pd.concat([part.cleaned.quarantined for part in parts], ignore_index=True)
    texts = {
        name: lines[name].astype("str").str.replace(_FORMULA, "'", regex=True)
        for name in QUARANTINE
        if name != "row"
    }
    write = partial(lines.assign(**texts).to_csv, index=False, encoding="utf-8-sig", lineterminator="\n")
    _swap_in(path, write)


def _swap_in(path: Path, write: Callable[[Path], object]) -> None:
    """Write aside and swap the finished file in, so that nobody meets half a file."""
    aside = path.with_name(f"{path.name}.part")
    write(aside)
    os.replace(aside, path)


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{file.name} 打不开：可能正被别的程序占用，或没有读取权限。") from error

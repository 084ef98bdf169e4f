"""Text as delivered becomes typed rows that keep to the data dictionary, or is refused with every reason.

Nothing is repaired by guessing: a number is a plain number, a time has a declared or unmistakable form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pandera.errors import SchemaErrors

from fbanalysis.dataset import Dataset, Source
from fbanalysis.intake.duplicates import first_of_repeats
from fbanalysis.intake.privacy import mask
from fbanalysis.schema import LIST_JOINT, LISTS, PROVENANCE, SIDES, TABLES, Column, schema

#: What quarantine.csv tells about a refused row; several reasons stand in one cell, joined by ；.
QUARANTINE = ("file", "row", "table", "column", "value", "reason")

#: Times that can be read in one way only: the year first, in four digits.
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%Y年%m月%d日%H:%M:%S",
    "%Y年%m月%d日%H:%M",
)
# How reading writes a real time cell of a workbook; no other format reads it.
_ISO = "%Y-%m-%dT%H:%M:%S"
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
_INVISIBLE = "[\u200b\u200c\u200d\u2060\ufeff\u00ad]"
_WANTED = {
    "time": "读不出时间，应像 2023-05-18 14:03，或在 dataset.toml 的 formats 里写明",
    "number": "应是数，不带单位、百分号或千分位",
    "count": "应是整数，不带单位或千分位",
}
_EMPTY = "为空"
# How the dictionary's rule for a closed set begins; in a translated column the file's own words are named.
_ONE_OF = "应为 "
#: Characters of a refused value that the quarantine shows.
LONGEST = 60


@dataclass(frozen=True)
class Cleaned:
    """The rows of one file: those that entered the table with their numbers, and those refused, with reasons."""

    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    rows: pd.Series

    def without(self, refused: pd.Series, *, source: Source, column: str, values: pd.Series) -> "Cleaned":
        """Refuse accepted rows after all: ``refused`` gives the reason by the label of the row."""
        if refused.empty:
            return self
        labels = refused.index
        lines = pd.DataFrame(
            {
                "file": source.place,
                "row": self.rows[labels].astype("int64"),
                "table": source.table,
                "column": source.columns.get(column, column),
                "value": mask(values[labels].astype("str"))[0].str.slice(0, LONGEST),
                "reason": refused,
            }
        )
        quarantined = pd.concat([self.quarantined, lines], ignore_index=True)
        return Cleaned(
            self.accepted.drop(labels).reset_index(drop=True),
            quarantined.sort_values("row", kind="stable", ignore_index=True),
            self.rows.drop(labels).reset_index(drop=True),
        )


def clean(
    raw: pd.DataFrame, *, source: Source, dataset: Dataset, population: pd.DataFrame | None = None
) -> Cleaned:
    """Type and check the rows of one file.

    Parameters
    ----------
    raw
        What ``read_source`` returned.
    source, dataset
        The file's entry in dataset.toml, and the year with its period and scale.
    population
        The accepted strata; where given, feedback of another stratum is refused.

    Returns
    -------
    Cleaned
        Every row of ``raw`` is in one of the two frames, once, in the order of the file. Accepted rows
        have all columns of the table, in the order of the dictionary.
    """
    text = _tidy(raw, source=source)
    typed = _typed(text, source=source)
    if source.table == "feedback":
        typed = _identified(typed, raw=raw, source=source)
    problems = [_unread(text, typed, source=source), _against_schema(typed, source=source, dataset=dataset)]
    if source.table == "feedback":
        problems += [_outside_period(typed, dataset=dataset), _unknown_strata(typed, population=population)]
    found = _merged(problems)
    repeats = _repeats(typed, table=source.table, bad_rows=found["row"], numbers=raw["source_row"])
    found = _merged([found, repeats])
    is_bad = typed.index.isin(found["row"])
    return Cleaned(
        typed[~is_bad].reset_index(drop=True),
        _quarantine(found, raw=raw, source=source),
        raw.loc[~is_bad, "source_row"].reset_index(drop=True),
    )


def _tidy(raw: pd.DataFrame, *, source: Source) -> pd.DataFrame:
    """Give every column of the table as trimmed text, translated as declared; empty cells are missing."""
    known = TABLES[source.table].columns
    tidied = {
        name: _tidy_cells(
            _delivered(raw, name, source=source),
            is_code=_is_code(name, column),
            values=source.values.get(name, {}),
            separator=source.list_separator if name in LISTS else None,
            unit=source.units.get(name, ""),
        )
        for name, column in known.items()
        if name not in PROVENANCE
    }
    return pd.DataFrame(tidied, index=raw.index)


def _is_code(name: str, column: Column) -> bool:
    """Say whether a full-width digit in this column means the digit, and not a way of writing."""
    return column.kind != "text" or name.endswith("_id")


def _delivered(raw: pd.DataFrame, name: str, *, source: Source) -> pd.Series:
    """Give a column as delivered: from the file, the same for all rows, or empty."""
    if name in raw:
        return raw[name]
    return pd.Series(source.constants.get(name, ""), index=raw.index, dtype="str")


def _tidy_cells(
    cells: pd.Series, *, is_code: bool, values: Mapping[str, str], separator: str | None, unit: str
) -> pd.Series:
    cells = cells.str.strip()
    if separator:
        answers = cells.str.split(separator, regex=False)
        cells = answers.map(lambda given: _joined(given, values=values)).astype("str")
    elif values:
        cells = cells.mask(cells.isin(list(values)), cells.map(values).astype("str"))
    if is_code:
        cells = _narrow(cells)
    if unit:
        cells = cells.str.removesuffix(unit).str.rstrip()
    return cells.where(cells != "")


def _joined(answers: Sequence[str], *, values: Mapping[str, str]) -> str:
    """Translate each of several answers in one cell and join them as the tables do, each once."""
    given = (answer.strip() for answer in answers)
    return LIST_JOINT.join(dict.fromkeys(values.get(answer, answer) for answer in given if answer))


def _narrow(cells: pd.Series) -> pd.Series:
    """Fold full-width characters and drop invisible ones; plain ASCII is left alone."""
    wide = cells[~cells.str.isascii()]
    if wide.empty:
        return cells
    cells = cells.copy()
    cells[wide.index] = wide.str.normalize("NFKC").str.replace(_INVISIBLE, "", regex=True).str.strip()
    return cells


def _typed(text: pd.DataFrame, *, source: Source) -> pd.DataFrame:
    """Turn text into the types of the dictionary; what can't be read is missing."""
    known = TABLES[source.table].columns
    typed = {
        name: _parsed(text[name], kind=known[name].kind, declared=source.formats.get(name)) for name in text
    }
    return pd.DataFrame(typed, index=text.index)


def _identified(typed: pd.DataFrame, *, raw: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Make ids unique over all files, and say of each row where it came from.

    Where a source knows no respondents, every item counts as a respondent of its own.
    """
    ids = source.label + "-" + typed["feedback_id"]
    has_respondents = "respondent_id" in source.columns or "respondent_id" in source.constants
    return typed.assign(
        feedback_id=ids,
        respondent_id=typed["respondent_id"] if has_respondents else ids,
        source_file=raw["source_file"],
        source_row=raw["source_row"].astype("Int64"),
    )


def _parsed(cells: pd.Series, *, kind: str, declared: str | None) -> pd.Series:
    if kind == "text":
        return cells
    if kind == "time":
        return parse_times(cells, declared=declared)
    numbers = cells.where(cells.str.fullmatch(_NUMBER, na=False)).astype("float64")
    if kind == "number":
        return numbers
    return numbers.where((numbers % 1 == 0) & (numbers.abs() < 2**53)).astype("Int64")


def parse_times(cells: pd.Series, *, declared: str | None = None) -> pd.Series:
    """Read times in the declared format, or in one of :data:`TIME_FORMATS`; others become missing.

    Examples
    --------
    >>> parse_times(pd.Series(["2023/5/18 14:03", "05/06/2023"], dtype="str")).tolist()
    [Timestamp('2023-05-18 14:03:00'), NaT]
    """
    times = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
    left = cells[cells.str.contains(r"[0-9]", na=False)]
    for pattern in (_ISO, *((declared,) if declared else TIME_FORMATS)):
        if left.empty:
            break
        read = pd.to_datetime(left, format=pattern, errors="coerce").dropna().astype("datetime64[us]")
        times[read.index] = read
        left = left.drop(read.index)
    return times


def _problems(rows: Sequence[int] | pd.Index, *, column: str, rule: str | pd.Series) -> pd.DataFrame:
    frame = pd.DataFrame({"row": rows, "column": column})
    return frame.assign(rule=rule if isinstance(rule, str) else rule.to_numpy())


def _merged(problems: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Join problems, dropping those that follow from an earlier one in the same cell."""
    told = [frame for frame in problems if len(frame)]
    if not told:
        return pd.DataFrame({"row": pd.Series(dtype="int64"), "column": "", "rule": ""})
    return pd.concat(told, ignore_index=True).drop_duplicates(["row", "column"], ignore_index=True)


def _unread(text: pd.DataFrame, typed: pd.DataFrame, *, source: Source) -> pd.DataFrame:
    """Find cells that hold something, of which nothing could be read."""
    unread = {name: text.index[text[name].notna() & typed[name].isna()] for name in text}
    return _merged(
        [
            _problems(rows, column=name, rule=_wanted(name, source=source))
            for name, rows in unread.items()
            if len(rows)
        ]
    )


def _wanted(name: str, *, source: Source) -> str:
    if name in source.formats:
        return f"读不出时间：formats 里写的是 {source.formats[name]}"
    return _WANTED[TABLES[source.table].columns[name].kind]


def _against_schema(typed: pd.DataFrame, *, source: Source, dataset: Dataset) -> pd.DataFrame:
    """Find cells that break a rule of the dictionary; repeated keys are looked at elsewhere."""
    rules = schema(source.table, scale=(dataset.scale_minimum, dataset.scale_maximum))
    try:
        rules.validate(typed, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        is_cell = cases["column"].isin(_given(source)) & cases["index"].notna()
        cases = cases[is_cell & ~cases["check"].str.contains("uniqueness")]
        rule = cases["check"].mask(cases["check"] == "not_nullable", _EMPTY)
        return pd.DataFrame({"row": cases["index"].astype("int64"), "column": cases["column"], "rule": rule})
    return _merged([])


def _given(source: Source) -> list[str]:
    """List the columns that a source fills."""
    melted = [source.melt.name, source.melt.value] if source.melt else []
    return [*source.columns, *source.constants, *melted]


def _outside_period(typed: pd.DataFrame, *, dataset: Dataset) -> pd.DataFrame:
    """Find feedback of another time than the report's."""
    start, end = pd.Timestamp(dataset.period_start), pd.Timestamp(dataset.period_end) + pd.Timedelta(days=1)
    times = typed["submitted_at"]
    rule = f"应在 {dataset.period_start} 到 {dataset.period_end} 之间"
    return _problems(typed.index[(times < start) | (times >= end)], column="submitted_at", rule=rule)


def _unknown_strata(typed: pd.DataFrame, *, population: pd.DataFrame | None) -> pd.DataFrame:
    """Find feedback of a stratum that the population table does not have on that side."""
    if population is None:
        return _merged([])
    known = {side: list(strata) for side, strata in population.groupby("side", sort=False)["stratum"]}
    return _merged(
        [
            _problems(
                typed.index[
                    (typed["side"] == side) & typed["stratum"].notna() & ~typed["stratum"].isin(strata)
                ],
                column="stratum",
                rule=f"population 表里 {side} 只有 {'、'.join(strata) or '（没有人群层）'}",
            )
            for side, strata in ((side, known.get(side, [])) for side in SIDES)
        ]
    )


def _repeats(typed: pd.DataFrame, *, table: str, bad_rows: pd.Series, numbers: pd.Series) -> pd.DataFrame:
    """Find rows whose key an earlier good row of the file has, and name that row."""
    key = TABLES[table].key
    if not key:
        return _merged([])
    is_bad = pd.Series(typed.index.isin(bad_rows), index=typed.index)
    first = first_of_repeats(typed, key=key, is_bad=is_bad)
    same = "" if len(key) == 1 else f" {'、'.join(key)} "
    rule = "与第 " + numbers[first].astype("str") + f" 行{same}重复"
    return _problems(first.index, column=key[0], rule=rule)


def _quarantine(found: pd.DataFrame, *, raw: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Write one line for every refused row, with all its reasons."""
    if found.empty:
        return pd.DataFrame(columns=list(QUARANTINE), dtype="str").astype({"row": "int64"})
    cells = _explained(found, raw=raw, source=source)
    lines = cells.groupby("row")[["column", "value", "reason"]].agg("；".join)
    lines = lines.assign(file=source.place, table=source.table, row=raw.loc[lines.index, "source_row"])
    return lines.reset_index(drop=True)[list(QUARANTINE)]


def _explained(found: pd.DataFrame, *, raw: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Add header, masked value and reason to every problem, in the order of rows and columns."""
    order = {name: place for place, name in enumerate(TABLES[source.table].columns)}
    found = found.assign(place=found["column"].map(order)).sort_values(["row", "place"], kind="stable")
    told = [_told(cells, raw=raw, source=source) for _, cells in found.groupby("column", sort=False)]
    return pd.concat(told).sort_values(["row", "place"], kind="stable")


def _own_words(name: str, *, source: Source) -> str:
    """List what may stand in a translated column: the words translated, and the values no word stands for."""
    translated = source.values[name]
    left = [value for value in TABLES[source.table].columns[name].allowed if value not in translated.values()]
    return "、".join([*translated, *left])


def _told(cells: pd.DataFrame, *, raw: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Explain the problems of one column in the words of its file."""
    name = cells["column"].iloc[0]
    headers = _headers(cells["row"], name=name, raw=raw, source=source).set_axis(cells.index)
    values = _delivered(raw, name, source=source)[cells["row"]].set_axis(cells.index)
    values, _ = mask(values.str.strip().str.replace(r"\s+", " ", regex=True))
    values = values.str.slice(0, LONGEST)
    rules = cells["rule"]
    if name in source.values:
        rules = rules.mask(rules.str.startswith(_ONE_OF), f"{_ONE_OF}{_own_words(name, source=source)} 之一")
    reason = "「" + headers + "」= " + values + "，" + rules
    empty = "「" + headers + "」" + _EMPTY
    return cells.assign(column=headers, value=values, reason=reason.mask(cells["rule"] == _EMPTY, empty))


def _headers(rows: pd.Series, *, name: str, raw: pd.DataFrame, source: Source) -> pd.Series:
    """Name the header that each cell of a column stands under: of a wide file, that of its item."""
    if source.melt and name == source.melt.value:
        return raw.loc[rows, source.melt.name].map(source.melt.headers).astype("str")
    return pd.Series(source.columns.get(name, name), index=rows, dtype="str")

"""Show tables as their owners would deliver them: their headers, their words, their faulty rows."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fbanalysis.sample.delivery.exports import REPEATED, Export, TableFile
from fbanalysis.sample.feedback.questionnaire import DRIVERS
from fbanalysis.sample.feedback.tagging import SEPARATOR

#: Share of cells in which somebody left a space.
SPACED_SHARE = 0.03
SPACES = (" ", "  ", "\u3000")
SCORES = ("overall_score", "area_score", "duration_seconds")

# ------------------------------------------------------------------ feedback


def raw_feedback(
    items: pd.DataFrame, *, export: Export, year: int, barred: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Show one channel's items as its source would, faulty rows among them.

    Parameters
    ----------
    items
        All items with comments and those sent again (``first`` is given), in the order of time.
    barred
        Labels of items of which no faulty copy is made.

    Returns
    -------
    pandas.DataFrame
        Texts by header, in the order of the file; the index keeps the label of the item, -1 where a row
        is none.
    """
    rows = items[items["channel"] == export.channel]
    rows, faults = _with_faulty_copies(rows, export=export, year=year, barred=barred, rng=rng)
    raw = {
        header: _raw_column(rows, column=column, export=export)
        for column, header in export.headers.items()
        if column != "feedback_id"
    }
    raw[export.headers["feedback_id"]] = _numbers(faults, export=export, year=year)
    raw |= {header: _scores(rows[item]) for item, header in export.ratings.items()}
    if export.total:
        raw[export.total] = _scores(rows[["overall_score", "area_score", *DRIVERS]].sum(axis=1))
    raw |= {
        header: rng.choice(np.array(choices, dtype=object), size=len(rows))
        for header, choices in export.filler.items()
    }
    frame = pd.DataFrame(raw, dtype=object)[list(export.order)]
    frame = _spoiled(frame, faults=faults, export=export, year=year)
    frame = _with_spaces(frame, export=export, rng=rng).set_axis(rows["label"].to_numpy(), axis=0)
    return _with_footer(frame, export=export, year=year)


def _with_faulty_copies(
    rows: pd.DataFrame, *, export: Export, year: int, barred: np.ndarray, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Put a copy of some rows behind them, to be spoiled; 2022 has every second fault only."""
    wanted = export.faults if year == 2023 else export.faults[::2]
    fit = rows["area_score"].notna() & (rows["comment"] != "") & rows["first"].isna()
    fit &= ~rows.index.isin(barred)
    places = rng.permutation(np.flatnonzero(fit))[: len(wanted)]
    wanted = wanted[: len(places)]  # a small year may have fewer rows to spoil
    order = np.concatenate([np.arange(len(rows)), places])
    faults = np.concatenate([np.full(len(rows), -1), np.arange(len(wanted))])
    behind = np.argsort(order, kind="stable")
    order, faults = order[behind], faults[behind]
    mixed = rows.iloc[order].assign(label=np.where(faults < 0, rows.index[order], -1)).reset_index(drop=True)
    mixed.loc[faults >= 0, list(DRIVERS)] = np.nan
    fresh = [
        place for place in np.flatnonzero(faults >= 0) if wanted[faults[place]] != ("feedback_id", REPEATED)
    ]
    strangers = [f"Z{code}" for code in rng.choice(900000, len(fresh), replace=False)]
    mixed.loc[fresh, "respondent_id"] = strangers
    named = np.full(len(mixed), None, dtype=object)
    for place in np.flatnonzero(faults >= 0):
        named[place] = wanted[faults[place]]
    return mixed, named


def _raw_column(rows: pd.DataFrame, *, column: str, export: Export) -> np.ndarray:
    if column == "submitted_at":
        return _time_texts(rows[column], form=export.time_format)
    if column in SCORES:
        return _scores(rows[column], unit=export.units.get(column, ""))
    shared = [other for other in ("stratum", column) if export.headers[other] == export.headers[column]]
    source = shared[0] if shared else column
    cells = rows[source]
    if source == "tags" and export.list_separator:
        cells = cells.str.replace(SEPARATOR, export.list_separator, regex=False)
    words = {meant: raw for raw, meant in export.values.get(source, {}).items()}
    return (cells.map(lambda value: words.get(value, value)) if words else cells).to_numpy(dtype=object)


def _scores(numbers: pd.Series, *, unit: str = "") -> np.ndarray:
    texts = {number: f"{int(number)}{unit}" for number in numbers.dropna().unique()}
    return numbers.map(texts).astype(object).where(numbers.notna(), "").to_numpy(dtype=object)


def _numbers(faults: np.ndarray, *, export: Export, year: int) -> list[str]:
    """Number the rows as they stand; a repeated row keeps the number of the row before it."""
    repeats = np.array([fault == ("feedback_id", REPEATED) for fault in faults], dtype=int)
    numbers = np.arange(1, len(faults) + 1) - repeats.cumsum()
    return [export.id_format.format(number=number, year=year) for number in numbers.tolist()]


def _spoiled(raw: pd.DataFrame, *, faults: np.ndarray, export: Export, year: int) -> pd.DataFrame:
    for row in np.flatnonzero(np.not_equal(faults, None)):
        column, value = faults[row]
        if value != REPEATED:
            raw.loc[row, export.headers[column]] = value.format(year=year, next=year + 1)
    return raw


def _with_spaces(raw: pd.DataFrame, *, export: Export, rng: np.random.Generator) -> pd.DataFrame:
    """Leave a space before or behind some cells, as people do who type."""
    for header in export.spaced:
        for row in np.flatnonzero((rng.random(len(raw)) < SPACED_SHARE) & (raw[header] != "").to_numpy()):
            space, cell = SPACES[int(rng.integers(len(SPACES)))], raw.at[row, header]
            raw.at[row, header] = f"{space}{cell}" if rng.random() < 0.4 else f"{cell}{space}"
    return raw


def _with_footer(raw: pd.DataFrame, *, export: Export, year: int) -> pd.DataFrame:
    if export.footer is None:
        return raw
    cells = [export.footer.format(year=year, next=year + 1), *[""] * (raw.shape[1] - 1)]
    return pd.concat([raw, pd.DataFrame([cells], columns=raw.columns, index=[-1], dtype=object)])


# ------------------------------------------------------------------ other tables


def file_part(table: pd.DataFrame, *, layout: TableFile) -> pd.DataFrame:
    """Give the rows of a table that one file brings, and of a wide file one row a respondent."""
    for column, value in layout.constants.items():
        if column in table:
            table = table[_texts(table[column]) == value]
    return _wide(table, layout=layout) if layout.melt else table


def raw_table(part: pd.DataFrame, *, layout: TableFile, year: int, rng: np.random.Generator) -> pd.DataFrame:
    """Show what :func:`file_part` gave as its owner would, faulty rows behind the others.

    Times without a declared format stay times: a workbook has cells for them.
    """
    running = [str(number) for number in range(1, len(part) + 1)]
    raw = {header: running for header, choices in layout.filler.items() if not choices}
    raw |= {
        header: _raw_values(part[column], layout=layout, column=column, rng=rng)
        for column, header in layout.headers.items()
    }
    if layout.melt:
        raw |= {header: _texts(part[item]) for item, header in layout.melt.headers.items()}
    raw |= {
        header: rng.choice(np.array(choices, dtype=object), size=len(part))
        for header, choices in layout.filler.items()
        if choices
    }
    frame = pd.DataFrame(raw, dtype=object)
    extra = [
        {header: value.format(year=year, next=year + 1) for header, value in row.items()}
        for row in layout.faults
    ]
    if not extra:
        return frame
    return pd.concat([frame, pd.DataFrame(extra, columns=frame.columns, dtype=object).fillna("")])


def _wide(table: pd.DataFrame, *, layout: TableFile) -> pd.DataFrame:
    """Turn one row an answered item into one row a respondent, in the order of appearance."""
    melt, kept = layout.melt, list(layout.headers)
    keys = [name for name in kept if name in table]
    person = table.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    first = table.loc[~pd.Series(person, index=table.index).duplicated(), kept].reset_index(drop=True)
    items = {item: place for place, item in enumerate(melt.headers)}
    answers = np.full((len(first), len(items)), np.nan)
    answers[person, table[melt.name].map(items).to_numpy(dtype=int)] = table[melt.value].to_numpy(dtype=float)
    return first.assign(**dict(zip(items, answers.T, strict=True)))


def _raw_values(values: pd.Series, *, layout: TableFile, column: str, rng: np.random.Generator) -> np.ndarray:
    if pd.api.types.is_datetime64_any_dtype(values):
        form = layout.formats.get(column)
        if form is None and layout.file.endswith(".xlsx"):
            return _time_cells(values)
        return _time_texts(values, form=form or _usual_form(values))
    texts = _texts(values)
    named: dict[str, list[str]] = {}
    for raw, meant in layout.values.get(column, {}).items():
        named.setdefault(meant, []).append(raw)
    return _worded(texts, words=named, rng=rng) if named else texts


def _worded(texts: np.ndarray, *, words: Mapping[str, list[str]], rng: np.random.Generator) -> np.ndarray:
    """Replace the table's words by the owner's, who may have several for one."""
    places, meanings = pd.factorize(texts)
    worded = np.array([words.get(meant, [meant])[0] for meant in meanings], dtype=object)[places]
    for place, meant in enumerate(meanings):
        if len(words.get(meant, ())) > 1:
            rows = np.flatnonzero(places == place)
            worded[rows] = rng.choice(np.array(words[meant], dtype=object), size=len(rows))
    return worded


def _texts(values: pd.Series) -> np.ndarray:
    """Write each value as text: whole numbers without a point, nothing as ""."""
    places, distinct = pd.factorize(values, use_na_sentinel=True)
    texts = np.array([*(_text(value) for value in distinct), ""], dtype=object)
    return texts[places]


def _text(value: object) -> str:
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(round(float(value), 6))
    return str(value)


def _time_cells(times: pd.Series) -> np.ndarray:
    """Give times as cells: days where no clock is kept."""
    is_day = _usual_form(times) == "%Y-%m-%d"
    cells = times.dt.date if is_day else pd.Series(times.dt.to_pydatetime(), index=times.index, dtype=object)
    return cells.astype(object).where(times.notna(), "").to_numpy(dtype=object)


def _usual_form(times: pd.Series) -> str:
    given = times.dropna()
    if (given == given.dt.normalize()).all():
        return "%Y-%m-%d"
    return "%Y-%m-%d %H:%M" if (given.dt.second == 0).all() else "%Y-%m-%d %H:%M:%S"


def _time_texts(times: pd.Series, *, form: str) -> np.ndarray:
    """Write times; after a slash or a point, people leave out the zero of 03.

    Days and clocks are written once each and then joined: years of data have few of them.
    """
    place = form.find("%H")
    day_form, clock_form = (form, "") if place < 0 else (form[:place], form[place:])
    given = times.dropna()
    days = _written(given.dt.normalize(), form=day_form)
    for sign in ("/", "."):
        if sign in day_form:
            days = days.str.replace(f"{sign}0", sign, regex=False)
    clock = given - given.dt.normalize()
    clocks = _written(pd.Timestamp("2000-01-01") + clock, form=clock_form) if clock_form else ""
    return (days + clocks).reindex(times.index).fillna("").to_numpy(dtype=object)


def _written(times: pd.Series, *, form: str) -> pd.Series:
    places, distinct = pd.factorize(times)
    texts = np.array([f"{time:{form}}" for time in pd.DatetimeIndex(distinct)], dtype=object)
    return pd.Series(texts[places] if len(texts) else [], index=times.index, dtype=object)

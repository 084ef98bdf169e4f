"""The sample years as drawn, as delivered, and as a plain reader finds them in the files."""

import io
import tomllib
from collections.abc import Iterator

import pandas as pd
import pytest
from rapidfuzz import fuzz

from fbanalysis.sample.files import Delivery, SampleYear, delivered, draw_year
from fbanalysis.sample.plans import PLANS

#: From this similarity on, two comments of one respondent are the same matter.
ALIKE = 70


def read_grid(content: bytes, *, source: dict) -> pd.DataFrame:
    """Read one delivered file as texts under its own headers; the index is the row as a person counts."""
    first = source.get("header_row", 1)
    if source["file"].endswith(".xlsx"):
        sheet = source.get("sheet", 0)
        grid = pd.read_excel(io.BytesIO(content), sheet, header=None, dtype=str, engine="calamine")
    else:
        text = content.decode(source.get("encoding", "utf-8-sig"))
        grid = pd.read_csv(io.StringIO(text), header=None, dtype=str, skip_blank_lines=False)
    grid = grid.fillna("")
    body = grid.iloc[first:].set_axis(grid.iloc[first - 1].tolist(), axis=1)
    return body.set_axis(body.index + 1, axis=0)[(body != "").any(axis=1).to_numpy()]


def read(content: bytes, *, source: dict) -> pd.DataFrame:
    """Read one delivered file as texts, columns and words replaced as dataset.toml says."""
    raw = read_grid(content, source=source)
    table = pd.DataFrame({column: raw[header].str.strip() for column, header in source["columns"].items()})
    if melt := source.get("melt"):
        wide = {item: raw[header].str.strip() for item, header in melt["headers"].items()}
        long = pd.concat(
            [table.assign(**{melt["name"]: item, melt["value"]: cells}) for item, cells in wide.items()]
        )
        table = long[long[melt["value"]] != ""].sort_index(kind="stable")
    for column, words in source.get("values", {}).items():
        table[column] = table[column].replace(words)
    for column, unit in source.get("units", {}).items():
        table[column] = table[column].str.removesuffix(unit)
    if separator := source.get("list_separator"):
        table["tags"] = table["tags"].str.replace(separator, "；", regex=False)
    for column, form in source.get("formats", {}).items():
        table[column] = pd.to_datetime(table[column], format=form, errors="coerce")
    return table.assign(**source.get("constants", {}))


def read_feedback(files: dict[str, bytes], *, settings: dict) -> pd.DataFrame:
    """Read all feedback; ``is_good`` says which rows a strict reader would keep, repeated matters among them."""
    sources = settings["feedback"]
    parts = [
        read(files[source["file"]], source=source).assign(channel=source["channel"]) for source in sources
    ]
    table = pd.concat(parts, ignore_index=True)
    scores = table[["area_score", "overall_score"]]
    table["is_good"] = (
        scores.isin(["", "1", "2", "3", "4", "5"]).all(axis=1)
        & (table["submitted_at"].dt.date >= settings["period"]["start"])
        & (table["submitted_at"].dt.date <= settings["period"]["end"])
        & table["side"].isin(["internal", "external"])
        & table["kind"].isin(["建议", "表扬", "问题反映"])
        & ~table["feedback_id"].duplicated()
    )
    numbers = ["area_score", "overall_score", "duration_seconds"]
    return table.assign(**table[numbers].apply(pd.to_numeric, errors="coerce"))


def repeats(table: pd.DataFrame) -> Iterator[tuple[int, int, float]]:
    """Find good rows that repeat an earlier one of the same respondent: (row, first row, similarity)."""
    ordered = table.sort_values("submitted_at", kind="stable")
    for _, rows in ordered[ordered["respondent_id"].duplicated(keep=False)].groupby("respondent_id"):
        first, *later = rows.index
        for row in later:
            yield row, first, fuzz.ratio(table.at[first, "comment"], table.at[row, "comment"])


@pytest.fixture(scope="session")
def drawn() -> dict[int, SampleYear]:
    return {year: draw_year(year) for year in PLANS}


@pytest.fixture(scope="session")
def deliveries(drawn) -> dict[int, Delivery]:
    return {year: delivered(part) for year, part in drawn.items()}


@pytest.fixture(scope="session")
def made(deliveries) -> dict[int, dict[str, bytes]]:
    return {year: delivery.files for year, delivery in deliveries.items()}


@pytest.fixture(scope="session")
def settings(made) -> dict[int, dict]:
    return {year: tomllib.loads(files["dataset.toml"].decode()) for year, files in made.items()}


@pytest.fixture(scope="session")
def raw(made, settings) -> dict[int, pd.DataFrame]:
    return {year: read_feedback(made[year], settings=settings[year]) for year in made}


@pytest.fixture(scope="session")
def again(raw) -> dict[int, pd.DataFrame]:
    """The matters sent twice: one row a later sending, with ``first`` and ``similarity``."""
    found = {}
    for year, table in raw.items():
        good = table[table["is_good"]]
        pairs = pd.DataFrame(repeats(good), columns=["row", "first", "similarity"]).set_index("row")
        found[year] = good.loc[pairs.index].join(pairs)
    return found


@pytest.fixture(scope="session")
def good(raw, again) -> dict[int, pd.DataFrame]:
    """What intake should accept."""
    return {
        year: table[
            table["is_good"] & ~table.index.isin(again[year].index[again[year]["similarity"] >= ALIKE])
        ]
        for year, table in raw.items()
    }


@pytest.fixture(scope="session")
def tables(made, settings) -> dict[int, dict[str, pd.DataFrame]]:
    """All other tables as texts, faulty rows among them."""
    found = {}
    for year, files in made.items():
        found[year] = {}
        for name, sources in settings[year]["tables"].items():
            sources = sources if isinstance(sources, list) else [sources]
            parts = [read(files[source["file"]], source=source) for source in sources]
            found[year][name] = pd.concat(parts, ignore_index=True)
    return found


@pytest.fixture(scope="session")
def answers(tables) -> dict[int, pd.DataFrame]:
    """The questionnaire's matrix question: one row a respondent, one column an item."""
    found = {}
    for year, names in tables.items():
        ratings = names["ratings"][names["ratings"]["survey"] == "在线问卷"]
        wide = ratings.pivot(index="respondent_id", columns="item", values="score")
        found[year] = wide.apply(pd.to_numeric).astype(float)
    return found


@pytest.fixture(scope="session")
def planted(drawn) -> dict[int, pd.DataFrame]:
    """The accepted items with what no file shows (feelings, issues), by respondent."""
    return {
        year: part.items[part.items["first"].isna()].set_index("respondent_id")
        for year, part in drawn.items()
    }


@pytest.fixture(scope="session")
def customers(drawn) -> dict[int, pd.DataFrame]:
    return {year: part.tables["customers"] for year, part in drawn.items()}


@pytest.fixture(scope="session")
def matched(good, customers) -> dict[int, pd.DataFrame]:
    """Accepted feedback of customers with what is known of them."""
    return {
        year: table[table["customer_id"] != ""].merge(
            customers[year].drop(columns=["stratum", "region"]), on="customer_id"
        )
        for year, table in good.items()
    }

"""What was drawn is what intake gives back: nothing lost, nothing changed but masks, nothing faulty let in."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from fbanalysis.dataset import Year, load_dataset, open_year
from fbanalysis.intake import take_in
from fbanalysis.sample.files import SampleYear, draw_year
from fbanalysis.schema import DTYPES, FREE_TEXT, TABLES

ROOT = Path(__file__).parents[2]
YEARS = (2022, 2023)


@pytest.fixture(scope="module", params=YEARS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[SampleYear, Year]:
    """A year as it was drawn, and as intake reads its committed files."""
    year = request.param
    root = tmp_path_factory.mktemp(f"taken-{year}")
    shutil.copytree(ROOT / "data" / "raw" / str(year), root / "data" / "raw" / str(year))
    take_in(load_dataset(root, year))
    return draw_year(year), open_year(year, root=root)


def typed(frame: pd.DataFrame, *, table: str) -> pd.DataFrame:
    """Give a drawn table the dictionary's types, in an order that both sides can be put in."""
    columns = [name for name in TABLES[table].columns if name in frame and name not in FREE_TEXT]
    known = TABLES[table].columns
    cells = {name: frame[name].replace("", None).astype(DTYPES[known[name].kind]) for name in columns}
    return pd.DataFrame(cells).sort_values(columns, ignore_index=True)


def test_every_table_comes_back_as_it_was_drawn(pair: tuple[SampleYear, Year]) -> None:
    drawn, taken = pair
    assert set(drawn.tables) <= {name for name in TABLES if taken.has(name)}
    for name, frame in drawn.tables.items():
        expected = typed(frame, table=name)
        found = typed(taken.table(name), table=name)[expected.columns]
        pd.testing.assert_frame_equal(found.sort_values(list(found), ignore_index=True), expected, obj=name)


def test_items_come_back_once_and_those_sent_again_are_set_aside(pair: tuple[SampleYear, Year]) -> None:
    drawn, taken = pair
    items = drawn.items
    firsts, again = items[items["first"].isna()], items[items["first"].notna()]
    feedback, set_aside = taken.feedback, taken.table("resubmissions")
    assert sorted(feedback["respondent_id"]) == sorted(firsts["respondent_id"])
    assert sorted(set_aside["respondent_id"]) == sorted(again["respondent_id"])
    by_respondent = feedback.set_index("respondent_id").loc[firsts["respondent_id"]]
    for column in ("kind", "topic", "stratum", "side", "channel"):
        assert by_respondent[column].tolist() == firsts[column].tolist(), column
    tags = by_respondent["tags"].fillna("").tolist()
    assert tags == firsts["tags"].tolist()
    elsewhere = (set_aside["channel"] != set_aside["first_channel"]).mean()
    assert elsewhere == pytest.approx(0.41, abs=0.005)

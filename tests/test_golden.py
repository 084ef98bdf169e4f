"""The sample year's ledger holds the figures of a typical printed report, to their printed decimals."""

from pathlib import Path

import pandas as pd
import pytest

from fbanalysis.report.ledger import round_half_up

GOLDEN = pd.read_csv(Path(__file__).with_name("golden_2023.csv"))


@pytest.fixture(scope="module")
def metrics(sample_report: Path) -> pd.DataFrame:
    return pd.read_csv(sample_report / "metrics.csv").set_index(["metric", "stratum"])


@pytest.mark.parametrize(
    "row", list(GOLDEN.itertuples(index=False)), ids=lambda row: f"{row.metric}[{row.stratum}]"
)
def test_the_ledger_holds_the_golden_figure(row: object, metrics: pd.DataFrame) -> None:
    record = metrics.loc[(row.metric, row.stratum)]
    assert round_half_up(float(record["value"]), decimals=row.decimals) == pytest.approx(
        round_half_up(row.value, decimals=row.decimals), abs=1e-9
    )
    assert record["notebook"]
    assert record["method"]


def test_every_record_says_its_unit_method_notebook_and_tables(metrics: pd.DataFrame) -> None:
    for column in ("unit", "method", "notebook", "cell", "tables", "printed"):
        assert metrics[column].notna().all(), column
    assert not metrics.index.has_duplicates

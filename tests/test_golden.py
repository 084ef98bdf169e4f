"""The sample year gives the figures of a typical printed report, to their printed decimals.

Where a chapter prints a figure, its ledger must hold it; the others are computed here from the tables by
plain pandas, until their chapter exists.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fbanalysis.dataset import Year, open_year
from fbanalysis.report.ledger import round_half_up

ROOT = Path(__file__).parents[1]
GOLDEN = pd.read_csv(Path(__file__).with_name("golden_2023.csv"), dtype={"value": str})
REPRODUCED = GOLDEN[GOLDEN["kind"] == "reproduce"]
#: A model measures these, with an error of its own: points by which they may differ.
MODEL_ERROR = {"sentiment_share": 1.5, "sentiment_share_prior_year": 1.5, "sentiment_yoy": 1.5}
MECHANISM_START = pd.Timestamp("2023-03-15")
LIMITS = {"P0": 2, "P1": 8, "P2": 24, "P3": 48}


@pytest.fixture(scope="module")
def metrics(sample_report: Path) -> pd.DataFrame:
    return pd.read_csv(sample_report / "metrics.csv").set_index(["metric", "stratum"])


@pytest.fixture(scope="module")
def years(sample_report: Path) -> dict[int, Year]:
    return {year: open_year(year, root=ROOT) for year in (2022, 2023)}


def of_kind(years: dict[int, Year], kind: str, *, side: str | None = None, year: int = 2023) -> pd.DataFrame:
    items = years[year].feedback
    items = items[items["kind"] == kind]
    return items if side is None else items[items["side"] == side]


def change(now: float, before: float) -> float:
    return 100 * (now / before - 1)


def problem_type_yoy(years: dict[int, Year], stratum: str) -> float:
    assert stratum == "功能相关问题"
    counts = [(of_kind(years, "问题反映", year=year)["topic"] == "产品质量").sum() for year in (2023, 2022)]
    return change(*counts)


def employee_suggestion_yoy(years: dict[int, Year], stratum: str) -> float:
    assert stratum == "员工改进建议"
    return change(*(len(of_kind(years, "建议", side="internal", year=year)) for year in (2023, 2022)))


def waiting(tickets: pd.DataFrame) -> pd.Series:
    return (tickets["first_response_at"] - tickets["created_at"]) / pd.Timedelta(hours=1)


def mean_first_response_hours(years: dict[int, Year], stratum: str) -> float:
    assert stratum == "技术支持(负面反馈)"
    problems = of_kind(years, "问题反映")
    senders = problems.loc[problems["department"] == "技术支持部", "respondent_id"]
    tickets = years[2023].table("tickets")
    return waiting(tickets[tickets["respondent_id"].isin(senders)]).mean()


def around_mechanism(years: dict[int, Year]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the year's tickets at the start of the follow-up mechanism: after it, before it."""
    tickets = years[2023].table("tickets")
    is_after = tickets["created_at"] >= MECHANISM_START
    return tickets[is_after], tickets[~is_after]


def handling_time_change(years: dict[int, Year], _: str) -> float:
    return change(*((part["resolved_at"] - part["created_at"]).mean() for part in around_mechanism(years)))


def customer_satisfaction_change(years: dict[int, Year], _: str) -> float:
    return change(*(part["score"].mean() for part in around_mechanism(years)))


def on_time_response_rate(years: dict[int, Year], stratum: str) -> float:
    after, before = around_mechanism(years)
    tickets = after if stratum.endswith("after") else before
    urgent = tickets[tickets["priority"].isin(["P0", "P1"]) & tickets["first_response_at"].notna()]
    return 100 * (waiting(urgent) <= urgent["priority"].map(LIMITS)).mean()


#: How figures whose chapter is still to come follow from the tables.
COMPUTED: dict[str, Callable[[dict[int, Year], str], float]] = {
    "problem_type_yoy": problem_type_yoy,
    "employee_suggestion_yoy": employee_suggestion_yoy,
    "mean_first_response_hours": mean_first_response_hours,
    "handling_time_change": handling_time_change,
    "customer_satisfaction_change": customer_satisfaction_change,
    "on_time_response_rate": on_time_response_rate,
}


def named(row: object) -> str:
    return f"{row.metric}[{row.stratum}]"


def value_of(row: object, *, metrics: pd.DataFrame, years: dict[int, Year]) -> float:
    """Take a figure from the ledger, or compute it where no chapter prints it yet."""
    if row.metric not in COMPUTED:
        record = metrics.loc[(row.metric, row.stratum)]
        assert record["notebook"]
        assert record["method"]
        return float(record["value"])
    return COMPUTED[row.metric](years, row.stratum)


@pytest.mark.parametrize("row", list(REPRODUCED.itertuples(index=False)), ids=named)
def test_the_sample_year_gives_the_printed_figure(
    row: object, metrics: pd.DataFrame, years: dict[int, Year]
) -> None:
    value, printed = value_of(row, metrics=metrics, years=years), float(row.value)
    if row.bound == "at least":
        assert printed <= value <= 1.15 * printed
    elif row.metric in MODEL_ERROR:
        assert value == pytest.approx(printed, abs=MODEL_ERROR[row.metric])
    else:
        rounded = round_half_up(value, decimals=row.decimals)
        assert rounded == pytest.approx(round_half_up(printed, decimals=row.decimals), abs=1e-9)


def test_figures_that_a_chapter_prints_are_taken_from_its_ledger(metrics: pd.DataFrame) -> None:
    """Whoever writes a chapter takes its figures out of COMPUTED."""
    assert not set(COMPUTED) & set(metrics.index.get_level_values("metric"))


@pytest.mark.parametrize("row", list(GOLDEN[GOLDEN["kind"] == "declared"].itertuples(index=False)), ids=named)
def test_what_the_organisation_declares_is_in_its_settings_or_tables(
    row: object, years: dict[int, Year]
) -> None:
    year = years[2023]
    settings = {
        "period_start": year.dataset.period_start,
        "midyear_check_date": year.dataset.midyear_check,
        "period_end": year.dataset.period_end,
        "report_date": year.dataset.report_date,
        "fiscal_year": year.year,
        "satisfaction_scale_max": year.dataset.scale_maximum,
    }
    if row.metric in settings:
        assert str(settings[row.metric]).removesuffix(".0") == row.value
        return
    if row.metric == "kpi_target":
        kpis = year.table("kpis")
        targets = kpis.loc[(kpis["kpi"] == row.stratum) & (kpis["period"] == "2023"), "target"]
        assert targets.tolist() == [float(row.value)]
        return
    declared = year.table("declared").set_index(["metric", "stratum"]).loc[(row.metric, row.stratum)]
    if row.unit in ("date", "month"):
        assert str(declared["day"].date()).startswith(row.value)
    else:
        assert declared["value"] == float(row.value)
    assert declared["unit"] == row.unit


@pytest.mark.parametrize("row", list(GOLDEN[GOLDEN["kind"] == "claim"].itertuples(index=False)), ids=named)
def test_what_the_hand_made_deck_claims_is_among_the_published_figures(
    row: object, years: dict[int, Year]
) -> None:
    published = years[2023].table("published")
    rows = published[(published["metric"] == row.metric) & (published["stratum"] == row.stratum)]
    assert float(row.value) in rows["value"].tolist()


def test_every_record_says_its_unit_method_notebook_and_tables(metrics: pd.DataFrame) -> None:
    for column in ("unit", "method", "notebook", "cell", "tables", "printed"):
        assert metrics[column].notna().all(), column
    assert not metrics.index.has_duplicates

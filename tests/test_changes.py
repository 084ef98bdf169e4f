"""What differs between two editions of a report, and the log of corrections, on records typed in full."""

import gzip
import json
import math
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fbanalysis.dataset import Dataset, Theme, Thresholds
from fbanalysis.errors import ConfigError, DataError
from fbanalysis.pipeline.screen import show_changes
from fbanalysis.report.changes import (
    CHANGED,
    COLUMNS,
    CORRECTION_COLUMNS,
    GONE,
    INSIDE,
    KEPT,
    NEW,
    OUTSIDE,
    WITHDRAWN,
    Changes,
    compare,
    compare_reports,
    corrections,
)
from fbanalysis.report.changes_page import draw_changes, facts, write_changes
from fbanalysis.report.editions import Edition, open_edition
from fbanalysis.report.ledger import Ledger, Record

BOOK = "41_satisfaction"


def row(
    metric: str = "share", stratum: str = "all", value: float | str = 50.0, **more: Any
) -> dict[str, Any]:
    """One record as ``metrics.json`` holds it."""
    told = {"unit": "percent", "method": "Wilson 区间", "decimals": 1, "notebook": BOOK} | more
    return Record(metric=metric, stratum=stratum, value=value, **told).as_json()


def edition(*rows: dict[str, Any], name: str = "一稿", year: int = 2023, **receipt: Any) -> Edition:
    """An edition with the receipt that goes with it; ``receipt`` replaces parts."""
    parts = {
        "report": {"year": year, "title": "题", "organisation": "司", "is_draft": False},
        "receipt": "0000-0000-0000-0000",
        "raw": {"data/raw/2023/问卷.xlsx": "a", "data/raw/2023/dataset.toml": "b"},
        "sources": {"feedback": ["data/raw/2023/问卷.xlsx"]},
        "notebooks": {
            BOOK: {"source": "s", "parameters": {"year": year, "most": 5}, "modules": ["analysis/kpi.py"]}
        },
        "package": {"analysis/kpi.py": "k", "report/deck.py": "d"},
        "settings": {"alpha": 0.05, "seed": 1},
        "python": "3.12.3",
        "packages": {"pandas": "3.1.0"},
        "results": {BOOK: {}},
        "uses": {f"{BOOK}「各领域」": ["share[all]"]},
    }
    return Edition(name, {one["key"]: one for one in rows}, parts | receipt)


def only(frame: pd.DataFrame) -> dict[str, Any]:
    assert len(frame) == 1
    return frame.iloc[0].to_dict()


# ------------------------------------------------------------------ figure by figure


def test_every_figure_is_kept_changed_new_or_gone():
    before = edition(row("a", value=1.0), row("b", value=2.0), row("c", value=3.0))
    after = edition(row("a", value=1.04), row("b", value=2.1), row("d", value=4.0))
    frame = compare(before, after)
    assert list(frame.columns) == COLUMNS
    assert dict(zip(frame["metric"], frame["status"], strict=True)) == {
        "b": CHANGED,
        "d": NEW,
        "c": GONE,
        "a": KEPT,
    }
    assert frame.set_index("metric").loc["b", ["old", "new", "change"]].tolist() == [
        "2.0%",
        "2.1%",
        "+0.1 个百分点",
    ]


@pytest.mark.parametrize(
    ("unit", "old", "new", "said"),
    [
        ("percent", 60.0, 47.5, "−12.5 个百分点"),
        ("score", 3.5, 4.25, "+0.8 分"),
        ("count", 1200.0, 3400.0, "+2,200.0"),
        ("ratio", 1.0, 1.0, "0.0"),
    ],
)
def test_a_change_is_told_in_the_units_of_its_value(unit, old, new, said):
    frame = compare(edition(row(value=old, unit=unit)), edition(row(value=new, unit=unit)))
    assert only(frame)["change"] == said


def test_a_difference_is_set_beside_the_intervals_of_both_figures():
    """Standard errors by hand: a half width of 1.96 is one, so z of 3 against errors of 1 and 1 is 3 over root 2."""
    half = 1.959963984540054
    before = edition(row(value=50.0, low=50 - half, high=50 + half))
    near = only(compare(before, edition(row(value=51.5, low=51.5 - half, high=51.5 + half))))
    far = only(compare(before, edition(row(value=53.0, low=53 - half, high=53 + half))))
    assert near["z"] == pytest.approx(1.5 / math.sqrt(2))
    assert (near["is_inside"], near["sampling"]) == (True, INSIDE)
    assert far["z"] == pytest.approx(3 / math.sqrt(2))
    assert (far["is_inside"], far["sampling"]) == (False, OUTSIDE)


def test_an_interval_counts_by_its_own_level():
    """At 90 percent the half width of 1.645 is one standard error."""
    ends = {"low": 50 - 1.6448536, "high": 50 + 1.6448536, "level": 0.9}
    line = only(compare(edition(row(value=50.0, **ends)), edition(row(value=52.0, low=50.04, high=53.96))))
    assert line["z"] == pytest.approx(2 / math.sqrt(2), abs=1e-4)


def test_figures_without_interval_texts_and_other_units_have_no_z():
    before = edition(row("a", value=1.0), row("b", value="2023-01-02", unit="date"), row("c", value=1.0))
    after = edition(
        row("a", value=2.0, low=1.0, high=3.0),
        row("b", value="2023-02-02", unit="date"),
        row("c", unit="score"),
    )
    frame = compare(before, after).set_index("metric")
    assert frame["z"].isna().all()
    assert frame["sampling"].tolist() == [""] * 3
    assert frame.loc["c", "change"] == ""
    assert "单位「percent」→「score」" in frame.loc["c", "causes"]


def test_the_largest_come_first():
    def pair(metric: str, old: float, new: float, **ends: Any) -> tuple[dict, dict]:
        wide = {"low": old - 2, "high": old + 2} if ends else {}
        return row(metric, value=old, **wide), row(metric, value=new, **wide)

    pairs = [
        pair("inside", 50, 50.5, ends=True),
        pair("doubled", 10, 20),
        pair("far", 50, 90, ends=True),
        pair("tenth", 100, 90),
        pair("farther", 50, 99, ends=True),
    ]
    frame = compare(edition(*(one for one, _ in pairs)), edition(*(one for _, one in pairs)))
    assert frame["metric"].tolist() == ["farther", "far", "doubled", "tenth", "inside"]


def test_another_verdict_is_a_change_although_the_figure_is_printed_alike():
    line = only(compare(edition(row(verdict="上升")), edition(row(verdict="没有差异"))))
    assert line["status"] == CHANGED
    assert "结论：上升 → 没有差异" in line["causes"]


def test_nothing_to_compare():
    assert compare(edition(), edition()).empty
    assert list(compare(edition(), edition()).columns) == COLUMNS


def test_fields_that_older_records_lack_are_no_other_definition():
    old = row(value=1.0)
    for name in ("filter", "weight", "formula"):
        old.pop(name, None)
    line = only(compare(edition(old), edition(row(value=2.0) | {"filter": "有评分的", "weight": "不加权"})))
    assert "口径" not in line["causes"]


# ------------------------------------------------------------------ two years


def test_strata_of_two_years_are_matched_by_their_place():
    before = edition(row("m", "2022-03"), row("v", "2022 vs 2021"), row("d", "改进前/2022-03-14"), year=2022)
    after = edition(
        row("m", "2023-03", 60.0),
        row("v", "2023 vs 2022"),
        row("d", "改进前/2023-03-14"),
        row("m", "2022-03"),
    )
    frame = compare(before, after).set_index(["metric", "stratum"])
    assert frame.loc[("m", "2023-03"), ["status", "old_stratum", "old", "new"]].tolist() == [
        *(CHANGED, "2022-03", "50.0%", "60.0%")
    ]
    assert frame.loc[("m", "2022-03"), "status"] == NEW
    assert frame.loc[("v", "2023 vs 2022"), "status"] == KEPT
    assert frame.loc[("d", "改进前/2023-03-14"), "status"] == KEPT


def test_two_years_differ_by_their_data_and_periods_are_no_other_setting():
    before = edition(
        row(filter="2022-01-01 至 2022-12-31；不分层") if "filter" in Record.__dataclass_fields__ else row(),
        year=2022,
        settings={"alpha": 0.05, "seed": 2, "period_start": "2022-01-01"},
    )
    after_row = row(value=70.0, tables={"feedback": "other"})
    after = edition(
        after_row | {"filter": "2023-01-01 至 2023-12-31；不分层"},
        settings={"alpha": 0.05, "seed": 1, "period_start": "2023-01-01"},
    )
    assert only(compare(before, after))["causes"] == "不同年份的数据（2022 与 2023）"


def test_a_number_that_is_no_year_is_left_alone():
    frame = compare(edition(row("m", "前20230部"), year=2022), edition(row("m", "前20230部")))
    assert only(frame)["status"] == KEPT


# ------------------------------------------------------------------ why


OTHER_BOOK = {"source": "s", "parameters": {"year": 2023, "most": 5}, "modules": ["analysis/kpi.py"]}


@pytest.mark.parametrize(
    ("changed", "after", "said"),
    [
        (
            {"tables": {"feedback": "t2"}},
            {"raw": {"data/raw/2023/问卷.xlsx": "A", "data/raw/2023/dataset.toml": "b"}},
            "数据：表「feedback」，原始文件「问卷.xlsx」",
        ),
        (
            {"tables": {"feedback": "t2"}},
            {},
            "表「feedback」不同，原始文件没有变化：读入的程序、设置或软件包有变化",
        ),
        ({}, {"notebooks": {BOOK: OTHER_BOOK | {"source": "S"}}}, f"笔记本 {BOOK}"),
        ({}, {"package": {"analysis/kpi.py": "K", "report/deck.py": "d"}}, "程序「analysis/kpi.py」"),
        (
            {},
            {"notebooks": {BOOK: OTHER_BOOK | {"parameters": {"year": 2023, "most": 9}}}},
            "参数 most：5 → 9",
        ),
        ({}, {"settings": {"alpha": 0.01, "seed": 1}}, "设置 alpha：0.05 → 0.01"),
        ({}, {"packages": {"pandas": "3.2.0"}}, "软件包「pandas 3.1.0 → 3.2.0」"),
        ({}, {"python": "3.13.0"}, "软件包「Python 3.12.3 → 3.13.0」"),
        ({"method": "自助法"}, {}, "口径：方法「Wilson 区间」→「自助法」"),
        ({}, {"package": {"analysis/kpi.py": "k", "report/deck.py": "D"}}, "来自它引用的其他章"),
    ],
    ids=[
        *("data", "intake", "notebook", "program", "parameter", "setting", "package", "python", "definition"),
        "a program that it does not use",
    ],
)
def test_why_a_figure_may_have_changed(changed, after, said):
    before = edition(row(tables={"feedback": "t1"}))
    new = row(**({"value": 60.0, "tables": {"feedback": "t1"}} | changed))
    causes = only(compare(before, edition(new, **after)))["causes"]
    assert said in causes
    assert "；" not in causes, "one thing changed, one thing is told"


def test_a_chapter_that_the_other_edition_has_not_is_named():
    frame = compare(edition(results={}), edition(row()))
    assert only(frame)["causes"] == f"「一稿」没有章节 {BOOK}"


# ------------------------------------------------------------------ folders, table and page


def write_edition(folder: Path, one: Edition, *, is_packed: bool = False) -> Path:
    folder.mkdir(parents=True)
    text = json.dumps(list(one.records.values()), ensure_ascii=False)
    if is_packed:
        (folder / "metrics.json.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (folder / "metrics.json").write_text(text, "utf-8")
    (folder / "manifest.json").write_text(json.dumps(one.receipt, ensure_ascii=False), "utf-8")
    return folder


def test_finished_and_released_folders_are_compared(tmp_path):
    before = write_edition(tmp_path / "released" / "2024-01-15", edition(row(value=40.0)), is_packed=True)
    after = write_edition(tmp_path / "2023", edition(row(value=50.0)))
    changes = compare_reports(before, after)
    assert (changes.name, changes.are_years) == ("diff-2024-01-15-2023", False)
    assert changes.counts == {CHANGED: 1, NEW: 0, GONE: 0, KEPT: 0}


@pytest.mark.parametrize(
    ("name", "text", "said"), [("manifest.json", None, "没有 manifest.json"), ("metrics.json", "[", "读不懂")]
)
def test_a_folder_that_cannot_be_compared_is_named(tmp_path, name, text, said):
    folder = write_edition(tmp_path / "2023", edition(row()))
    (folder / name).unlink()
    if text is not None:
        (folder / name).write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        open_edition(folder)


def changes_of(before: Edition, after: Edition) -> Changes:
    return Changes(before, after, compare(before, after))


def test_the_files_hold_every_figure_and_the_page_those_that_differ(tmp_path):
    before = edition(row("a", value=1.0), row("=b", value=2.0))
    after = edition(row("a", value=1.5), row("=b", value=2.0), name="<二稿>")
    csv, page = write_changes(changes_of(before, after), tmp_path)
    assert csv.name == "diff-一稿-_二稿_.csv"
    table = pd.read_csv(csv, dtype=str, keep_default_na=False)
    assert table["metric"].tolist() == ["a", "'=b"]
    assert table["change"].tolist() == ["'+0.5 个百分点", "0.0 个百分点"]
    text = page.read_text("utf-8")
    assert "1.5%" in text
    assert "2.0%" not in text


def test_the_page_opens_no_element_that_a_name_holds():
    bad = "<img src=x onerror=alert(1)>"
    before = edition(row(bad, bad, 1.0, method=bad), name=bad)
    after = edition(row(bad, bad, 2.0, method="乙"), name="</script>", settings={"alpha": bad, "seed": 1})
    page = draw_changes(changes_of(before, after), theme=Theme())
    assert "<img" not in page
    assert page.count("</script>") == len(re.findall(r"<script", page))
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_page_says_what_changed_as_a_whole():
    after = edition(packages={"pandas": "3.2.0"}, notebooks={BOOK: OTHER_BOOK | {"source": "S"}})
    assert facts(changes_of(edition(), after)) == [
        ("笔记本", f"「{BOOK}」"),
        ("软件包", "pandas 3.1.0 → 3.2.0"),
    ]


def test_notebooks_of_two_years_are_the_same_although_given_another_year():
    before = edition(year=2022)
    assert facts(changes_of(before, edition())) == []


@pytest.mark.browser
def test_the_tables_of_the_page_answer(tmp_path, browser):
    before = edition(*(row("m", f"层{i}", float(i)) for i in range(40)))
    after = edition(*(row("m", f"层{i}", float(i + 1)) for i in range(40)))
    _, path = write_changes(changes_of(before, after), tmp_path)
    page, faults = browser.new_page(), []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri())
    assert page.locator(".fb-detail.fb-live tbody tr").count() == 25
    page.locator("input[type=search]").fill("层17")
    page.locator(".fb-count", has_text="符合 1 行，共 40 行").wait_for()
    assert "18.0%" in page.locator(".fb-live tbody tr").inner_text()
    page.close()
    assert faults == []


# ------------------------------------------------------------------ corrections


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    (tmp_path / "data/raw/2023").mkdir(parents=True)
    return Dataset(
        root=tmp_path,
        year=2023,
        seed=1,
        title="题",
        organisation="司",
        author="部",
        report_date=date(2024, 1, 15),
        allowed=(),
        period_start=date(2023, 1, 1),
        period_end=date(2023, 12, 31),
        midyear_check=None,
        scale_minimum=1,
        scale_maximum=5,
        thresholds=Thresholds(),
        feedback=(),
        tables={},
    )


@pytest.fixture
def deliver(dataset: Dataset) -> Callable[..., None]:
    """Give a function that keeps records as delivered on a day."""

    def keep(*rows: dict[str, Any], day: str = "2024-02-01", sequence: int = 1) -> None:
        one = edition(*rows, raw={}, packages={}, settings=dataset.settings)
        folder = write_edition(dataset.released / f"{sequence}", one, is_packed=True)
        told = {"sequence": sequence, "released_on": day, "note": "交付"}
        (folder / "release.json").write_text(json.dumps(told), "utf-8")

    return keep


def ledger_of(*rows: dict[str, Any]) -> pd.DataFrame:
    """The ledger's own table of records."""
    ledger = Ledger()
    ledger.merge([{**one, "tables": one["tables"]} for one in rows], notebook=BOOK)
    return ledger.frame()


def test_without_a_delivery_there_is_nothing_to_correct(dataset):
    frame = corrections(dataset, ledger_of(row()))
    assert frame.empty
    assert list(frame.columns) == CORRECTION_COLUMNS


def test_an_unchanged_delivery_needs_no_correction(dataset, deliver):
    deliver(row(low=1.0, high=2.0, tables={"feedback": "t1"}))
    assert corrections(dataset, ledger_of(row(low=1.0, high=2.0, tables={"feedback": "t1"}))).empty


def test_a_delivered_figure_that_is_printed_otherwise_is_a_correction(dataset, deliver):
    deliver(row(value=50.0, tables={"feedback": "t1"}), row("b", value=1.0))
    now = ledger_of(row(value=51.0, tables={"feedback": "t1"}), row("b", value=1.01))
    assert only(corrections(dataset, now)) == {
        "stratum": "share[all]",
        "old": "50.0%",
        "new": "51.0%",
        "released_on": "2024-02-01",
        "reason": "数据、设置、软件包都没有变化：笔记本或程序有变化",
        "used": f"{BOOK}「各领域」",
    }


def test_what_changed_since_the_delivery_is_the_reason(dataset, deliver):
    deliver(row(value=50.0))
    looser = replace(dataset, thresholds=replace(dataset.thresholds, alpha=0.1))
    assert only(corrections(looser, ledger_of(row(value=51.0))))["reason"] == "设置 alpha：0.05 → 0.1"
    assert asdict(looser.thresholds)["alpha"] == looser.settings["alpha"] == 0.1


def test_corrected_raw_files_are_named(dataset, deliver):
    raw = dataset.raw / "问卷.csv"
    raw.write_text("旧", "utf-8")
    one = edition(
        row(value=50.0, tables={"feedback": "t1"}),
        raw={"data/raw/2023/问卷.csv": "0" * 64},
        sources={"feedback": ["data/raw/2023/问卷.csv"]},
        packages={},
        settings=dataset.settings,
    )
    folder = write_edition(dataset.released / "1", one)
    (folder / "release.json").write_text('{"sequence": 1, "released_on": "2024-02-01"}', "utf-8")
    now = ledger_of(row(value=51.0, tables={"feedback": "t2"}))
    assert only(corrections(dataset, now))["reason"] == "数据：表「feedback」，原始文件「问卷.csv」"


def test_corrections_between_deliveries_stay_in_the_log(dataset, deliver):
    deliver(row(value=50.0))
    deliver(row(value=51.0), day="2024-03-01", sequence=2)
    frame = corrections(dataset, ledger_of(row(value=52.0)))
    assert frame[["old", "new", "released_on"]].values.tolist() == [
        ["50.0%", "51.0%", "2024-02-01"],
        ["51.0%", "52.0%", "2024-03-01"],
    ]


def test_a_withdrawn_figure_is_a_correction_and_a_missing_chapter_is_none(dataset, deliver):
    deliver(row("gone"), row("kept"), row("elsewhere", notebook="81_proof"))
    frame = corrections(dataset, ledger_of(row("kept")))
    assert frame[["stratum", "new"]].values.tolist() == [["gone[all]", WITHDRAWN]]


def test_the_analysts_reason_stands_before_the_computed_one(dataset, deliver):
    deliver(row(value=50.0))
    (dataset.released / "corrections.toml").write_text('"share[all]" = "问卷漏了一个部门"\n', "utf-8")
    assert only(corrections(dataset, ledger_of(row(value=51.0))))["reason"] == "问卷漏了一个部门"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"shore[all]" = "x"', "「shore\\[all\\]」从来没有交付过"),
        ('"share[all]" = 1', "不是文字"),
        ("x", "不是完整的 TOML"),
    ],
)
def test_a_reason_that_fits_no_figure_is_an_error(dataset, deliver, text, said):
    deliver(row(value=50.0))
    (dataset.released / "corrections.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=said):
        corrections(dataset, ledger_of(row(value=51.0)))


# ------------------------------------------------------------------ the screen


def test_the_screen_shows_counts_and_the_first_changes(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    before = edition(*(row("m", f"层{i:02}", 10.0) for i in range(30)), row("[b]x[/b]", value=1.0))
    after = edition(*(row("m", f"层{i:02}", 11.0 + i) for i in range(30)), row("[b]x[/b]", value=900.0))
    show_changes(changes_of(before, after), [Path("reports/diff.html")])
    said = capsys.readouterr().out
    assert "有变化 31 个" in said
    assert said.count("个百分点") == 20
    assert "[b]x[/b][all]" in said
    assert "写出 reports/diff.html" in said

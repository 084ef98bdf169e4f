"""The sample year made a second time from its raw files, elsewhere and under other conditions."""

import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from seeing import CHROMIUM

from fbanalysis.dataset import load_dataset
from fbanalysis.errors import DataError, UsageError
from fbanalysis.pipeline import reproducing
from fbanalysis.pipeline.plan import Plan, make_plan
from fbanalysis.pipeline.reproducing import ALIKE, OTHER, SAME, Item, Reproduction, reproduce
from fbanalysis.pipeline.screen import show_reproduction

ROOT = Path(__file__).parents[1]


@pytest.fixture
def plan(sample_report: Path) -> Plan:
    return make_plan(load_dataset(ROOT, 2023))


@pytest.mark.slow
def test_another_place_zone_language_order_and_number_of_workers_give_the_same_report(plan, capsys):
    """One whole run; the first is the report that is there. Without a browser the PDFs are left out."""
    assert os.environ.get("TZ") != "Pacific/Auckland"
    done = reproduce(plan, workers=1, has_prints=CHROMIUM is not None)
    assert done.differing == []
    assert {"TZ", "LC_ALL", "PYTHONHASHSEED"} <= done.conditions.keys()
    for kind in reproducing.KINDS:
        count, same = done.counts(kind)
        assert count == same > 10
    if not done.skipped:
        assert done.receipts[0] == done.receipts[1]
    show_reproduction(done)
    assert "全部一致" in capsys.readouterr().out


# ------------------------------------------------------------------ what is refused


def test_a_report_that_was_edited_is_not_made_again(plan, tmp_path):
    moved = make_plan(load_dataset(copied(plan, tmp_path), 2023))
    page = moved.dataset.reports / "deck.html"
    page.write_text(page.read_text("utf-8") + " ", "utf-8")
    with pytest.raises(DataError, match=r"「deck\.html」与收据不符"):
        reproduce(moved)


def test_a_report_of_other_inputs_is_not_made_again(plan, tmp_path):
    moved = make_plan(load_dataset(copied(plan, tmp_path), 2023))
    raw = moved.dataset.raw / "人群.csv"
    raw.write_bytes(raw.read_bytes() + b"\n")
    with pytest.raises(UsageError, match="原始文件有变化"):
        reproduce(moved)


def copied(plan: Plan, place: Path) -> Path:
    """Copy the project's data, notebooks and finished year."""
    reproducing._lay_out(plan, place)
    reports = place / "reports" / "2023"
    reports.mkdir(parents=True)
    for path in [*plan.delivered(), plan.dataset.reports / "manifest.json"]:
        copy = reports / path.relative_to(plan.dataset.reports)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return place


def test_only_an_empty_folder_is_used(plan, tmp_path):
    (tmp_path / "旧文件").write_text("x", "utf-8")
    with pytest.raises(UsageError, match="不是空文件夹"):
        reproduce(plan, folder=tmp_path)


def test_nothing_that_was_made_is_taken_along(plan, tmp_path):
    reproducing._lay_out(plan, tmp_path)
    assert (tmp_path / "run_all.py").is_file()
    assert {path.name for path in (tmp_path / "data" / "raw").iterdir()} == {"2022", "2023"}
    assert not (tmp_path / "reports").exists()
    assert not (tmp_path / "data" / "processed").exists()
    assert not list(tmp_path.rglob("__pycache__"))


# ------------------------------------------------------------------ what is said of differences


def test_a_table_of_other_bytes_and_the_same_rows_is_alike(tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "b": ["甲", None]})
    for name, packing in (("one", "snappy"), ("two", "gzip")):
        frame.to_parquet(tmp_path / f"{name}.parquet", compression=packing)
    paths = [tmp_path / f"{name}.parquet" for name in ("one", "two")]
    assert reproducing._table("2023/x", OTHER, *paths).state == ALIKE
    frame.assign(b=["甲", "乙"]).to_parquet(paths[1])
    found = reproducing._table("2023/x", OTHER, *paths)
    assert (found.state, found.where) == (OTHER, "2 行 × 2 列 与 2 行 × 2 列；不同的列：「b」")


@pytest.mark.parametrize(
    ("suffix", "one", "other", "said"),
    [
        ("html", b"a\nb\nc", b"a\nB\nc", "第 2 行起不同：「b」 与 「B」"),
        ("html", b"a", b"a\nb", "第 2 行起不同：「」 与 「b」"),
        ("png", b"abc", b"abd", "第 3 个字节起不同"),
    ],
)
def test_the_first_difference_of_files_is_shown(tmp_path, suffix, one, other, said):
    paths = [tmp_path / f"{name}.{suffix}" for name in ("one", "two")]
    for path, content in zip(paths, (one, other), strict=True):
        path.write_bytes(content)
    assert reproducing._first_difference(*paths) == said


def test_the_part_of_an_office_file_that_differs_is_named(tmp_path):
    for name, text in (("one", "甲"), ("two", "乙")):
        with zipfile.ZipFile(tmp_path / f"{name}.xlsx", "w") as packed:
            packed.writestr("same.xml", "x")
            packed.writestr("xl/sheet1.xml", text)
    assert (
        reproducing._first_difference(tmp_path / "one.xlsx", tmp_path / "two.xlsx")
        == "第一个不同的部件：xl/sheet1.xml"
    )


def test_differences_are_counted_and_shown(capsys):
    items = (Item("记录", "a[all]", SAME), Item("记录", "b[all]", OTHER, "value：1 与 2"))
    show_reproduction(Reproduction({"workers": "1"}, ("x", "y"), items, (), 3.0))
    said = capsys.readouterr().out
    assert "记录　2 个，一致 1 个，不同 1 个" in said
    assert "不同　记录　b[all]：value：1 与 2" in said
    assert "没有完全重现" in said

"""The receipt of a report, the checking of delivered files against it, and the keeping of deliveries."""

import gzip
import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import nbformat
import pytest

from fbanalysis.dataset import load_dataset
from fbanalysis.errors import DataError, UsageError
from fbanalysis.pipeline import freshness
from fbanalysis.pipeline.plan import MANIFEST, Plan, make_plan
from fbanalysis.pipeline.receipts import (
    NAME,
    installed_packages,
    make_receipt,
    read_receipt,
    short_digest,
    verify,
    write_receipt,
)
from fbanalysis.pipeline.releasing import release
from fbanalysis.pipeline.screen import show_release, show_verification
from fbanalysis.report.editions import releases
from fbanalysis.report.ledger import MIME, Ledger
from fbanalysis.report.slides import MIME as SLIDE_MIME

CONFIG = """
seed = 7
[report]
title = "年度报告"
organisation = "测试公司"
author = "测试部"
report_date = 2024-01-15
[period]
start = 2023-01-01
end = 2023-12-31
[scale]
minimum = 1
maximum = 5
[[feedback]]
file = "反馈.csv"
channel = "问卷"
[feedback.columns]
feedback_id = "编号"
submitted_at = "时间"
side = "侧"
stratum = "层"
kind = "类型"
[feedback.constants]
respondent_id = "甲"
"""
CHAPTER = "41_words"


def ledger_of(value: float) -> list[dict[str, object]]:
    ledger = Ledger()
    ledger.note("share", "all", value, unit="percent", method="占比")
    return [record.as_json() | {"notebook": CHAPTER} for record in ledger]


def write_executed(path: Path, *, value: float, picture: str = "aGk=") -> None:
    """Write an executed notebook that carries a slide, a picture and a ledger."""
    spec = {
        "kicker": [{"text": "各领域", "key": ""}],
        "title": [{"text": "50%", "key": "share[all]"}],
        "rows": [1, None],
    }
    bundles = [{SLIDE_MIME: spec}, {"image/png": picture}, {MIME: ledger_of(value)}]
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in bundles]
    cell = nbformat.v4.new_code_cell("ledger", outputs=outputs, execution_count=1, id="cell-0")
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def remember(plan: Plan, name: str, *files: Path) -> None:
    """Leave behind what a step's run leaves: which files it wrote."""
    record = freshness.Record({}, freshness.hash_outputs(files, root=plan.root))
    freshness.save_record(plan.record_path(plan.steps[name]), record)


def write_finished(root: Path, *, value: float = 50.0) -> Plan:
    """Write a year as its steps leave it: one chapter, two pages, the merged ledger."""
    raw, reports = root / "data/raw/2023", root / "reports/2023"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "dataset.toml").write_text(CONFIG, "utf-8")
    (raw / "反馈.csv").write_text("编号,时间,侧,层,类型\n1,2023-01-02,internal,一线,建议\n", "utf-8")
    (root / "data/processed/2023").mkdir(parents=True, exist_ok=True)
    (root / "data/processed/2023/feedback.parquet").write_bytes(b"rows")
    cell = nbformat.v4.new_code_cell("year = 2023\nmost = 5", metadata={"tags": ["parameters"]}, id="cell-0")
    (root / "notebooks").mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), root / f"notebooks/{CHAPTER}.ipynb")
    (root / f"notebooks/{CHAPTER}.comments.toml").write_text("", "utf-8")
    (root / "requirements.lock").write_text("pandas==3.1.1 ; x\n    --hash=a\nnowhere-at-all==1.0\n", "utf-8")
    plan = make_plan(load_dataset(root, 2023))
    write_executed(reports / f"notebooks/{CHAPTER}.ipynb", value=value)
    files = {
        "deck.html": f"<p>{value}</p>",
        "report.html": "<p>全文</p>",
        "metrics.json": json.dumps(ledger_of(value)),
    }
    for name, text in files.items():
        (reports / name).write_text(text, "utf-8")
    remember(plan, CHAPTER, reports / f"notebooks/{CHAPTER}.ipynb")
    remember(plan, "publish", *(reports / name for name in files))
    return plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return write_finished(tmp_path / "project")


@pytest.fixture
def delivered(plan: Plan, tmp_path: Path) -> Path:
    """A folder as somebody else receives it: the files and the receipt, without the project."""
    write_receipt(plan)
    shutil.copytree(plan.dataset.reports, tmp_path / "交付", ignore=shutil.ignore_patterns(".run"))
    return tmp_path / "交付"


# ------------------------------------------------------------------ what a receipt says


def test_the_receipt_lists_inputs_and_outputs(plan):
    told = make_receipt(plan)
    assert list(told["raw"]) == ["data/raw/2023/dataset.toml", "data/raw/2023/反馈.csv"]
    assert told["tables"] == {"2023/feedback": hashlib.sha256(b"rows").hexdigest()}
    assert told["comments"] == {f"notebooks/{CHAPTER}.comments.toml": hashlib.sha256(b"").hexdigest()}
    assert told["notebooks"][CHAPTER]["parameters"] == {"year": 2023, "most": 5}
    assert list(told["files"]) == ["deck.html", "metrics.json", f"notebooks/{CHAPTER}.ipynb", "report.html"]
    assert told["files"]["deck.html"] == hashlib.sha256(b"<p>50.0</p>").hexdigest()
    assert told["results"][CHAPTER]["records"]["count"] == 1
    assert told["uses"] == {f"{CHAPTER}「各领域」": ["share[all]"]}
    assert (told["settings"]["seed"], told["report"]["report_date"]) == (7, "2024-01-15")
    assert told["sources"]["feedback"] == ["data/raw/2023/反馈.csv"]
    assert "analysis/coverage.py" in told["package"]
    assert not [name for name in told["package"] if name.startswith("sample/") or "__pycache__" in name]


def test_the_same_files_give_the_same_bytes_anywhere(tmp_path):
    written = [write_receipt(write_finished(tmp_path / name)).read_bytes() for name in ("一", "二")]
    assert written[0] == written[1]
    assert str(tmp_path).encode() not in written[0]


@pytest.mark.parametrize("part", ["raw", "processed", "notebook", "comments", "lock", "page", "setting"])
def test_whatever_changes_changes_the_digest(plan, part):
    before = make_receipt(plan)["receipt"]
    config = plan.root / "data/raw/2023/dataset.toml"
    changed = {
        "raw": plan.root / "data/raw/2023/反馈.csv",
        "processed": plan.root / "data/processed/2023/feedback.parquet",
        "comments": plan.root / f"notebooks/{CHAPTER}.comments.toml",
        "lock": plan.root / "requirements.lock",
        "page": plan.dataset.reports / "deck.html",
    }
    if part == "notebook":
        cell = nbformat.v4.new_code_cell(
            "year = 2023\nmost = 6", metadata={"tags": ["parameters"]}, id="cell-0"
        )
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), plan.root / f"notebooks/{CHAPTER}.ipynb")
    elif part == "setting":
        config.write_text(CONFIG.replace("seed = 7", "seed = 8"), "utf-8")
    else:
        changed[part].write_bytes(changed[part].read_bytes() + b"\n")
    assert make_receipt(make_plan(load_dataset(plan.root, 2023)))["receipt"] != before


def test_the_digest_leaves_the_platform_out():
    told = {"files": {"a": "1"}}
    assert short_digest(told | {"platform": {"system": "Linux"}, "receipt": "x"}) == short_digest(told)
    assert short_digest({"files": {"a": "2"}}) != short_digest(told)


def test_outputs_left_in_a_stored_notebook_do_not_count(plan):
    before = make_receipt(plan)["receipt"]
    path = plan.root / f"notebooks/{CHAPTER}.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"][0]["execution_count"] = 3
    path.write_text(json.dumps(notebook), "utf-8")
    assert make_receipt(plan)["receipt"] == before


def test_a_result_is_found_in_the_notebook_that_carries_it(plan):
    path = plan.executed(plan.steps[CHAPTER])
    before = make_receipt(plan)["results"][CHAPTER]
    write_executed(path, value=50.0, picture="aG8=")
    after = make_receipt(plan)["results"][CHAPTER]
    assert [kind for kind in before if before[kind] != after[kind]] == ["pictures"]


def test_files_that_no_step_wrote_are_not_listed(plan):
    (plan.dataset.reports / "我的笔记.txt").write_text("x", "utf-8")
    assert "我的笔记.txt" not in make_receipt(plan)["files"]


def test_versions_are_those_installed_of_what_the_lock_names(plan):
    import pandas

    assert installed_packages(plan.lock) == {"pandas": pandas.__version__}
    assert "numpy" in installed_packages(plan.root / "no such file")


@pytest.mark.parametrize(
    "changed", ["reports/2023/deck.html", "data/raw/2023/反馈.csv", f"notebooks/{CHAPTER}.comments.toml"]
)
def test_the_step_depends_on_everything_listed(plan, changed):
    step = plan.steps[MANIFEST]
    before = plan.inputs(step, settled={})
    path = plan.root / changed
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    after = plan.inputs(step, settled={})
    assert [name for name in before if before[name] != after[name]] == [f"文件 {changed}"]


def test_pages_depend_on_comments_beside_the_notebooks(plan):
    for name in ("publish", "office", "index"):
        assert f"文件 notebooks/{CHAPTER}.comments.toml" in plan.inputs(plan.steps[name], settled={})


# ------------------------------------------------------------------ checking a delivery


def test_an_untouched_delivery_is_good(delivered, plan, capsys):
    checked = verify(delivered)
    assert checked.is_good
    assert len(checked.same) == 4
    assert checked.receipt == read_receipt(plan.dataset.reports)["receipt"]
    show_verification(checked)
    assert f"收据 {checked.receipt}" in capsys.readouterr().out


def test_changed_missing_and_extra_files_are_named(delivered, capsys):
    (delivered / "deck.html").write_text("<p>90</p>", "utf-8")
    (delivered / "report.html").unlink()
    (delivered / "附件.txt").write_text("x", "utf-8")
    checked = verify(delivered)
    assert (checked.changed, checked.missing, checked.extra) == (
        ("deck.html",),
        ("report.html",),
        ("附件.txt",),
    )
    assert not checked.is_good
    show_verification(checked)
    said = capsys.readouterr().out
    assert "被改动 1 个：deck.html" in said
    assert "缺少 1 个：report.html" in said
    assert "附件.txt" in said
    assert "核对不通过" in said


def test_other_files_beside_a_delivery_are_no_fault(delivered):
    (delivered / "附件.txt").write_text("x", "utf-8")
    assert verify(delivered).is_good


def test_a_receipt_made_to_fit_forged_files_shows(delivered):
    quoted = verify(delivered).receipt
    (delivered / "deck.html").write_text("<p>90</p>", "utf-8")
    told = json.loads((delivered / NAME).read_text("utf-8"))
    told["files"]["deck.html"] = hashlib.sha256(b"<p>90</p>").hexdigest()
    (delivered / NAME).write_text(json.dumps(told), "utf-8")
    checked = verify(delivered)
    assert (checked.is_altered, checked.is_good, checked.changed) == (True, False, ())
    assert checked.receipt != quoted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "没有收据 manifest.json"),
        ("{", "读不懂"),
        ("[]", "读不懂"),
        ('{"format": 99}', "格式是 99"),
        ('{"format": 1, "files": {"../../etc/passwd": "0"}}', "文件夹以外"),
        ('{"format": 1, "files": {"C:/x": "0"}}', "文件夹以外"),
        ('{"format": 1, "files": {"/etc/passwd": "0"}}', "文件夹以外"),
    ],
)
def test_a_receipt_that_cannot_be_used_is_one_message(tmp_path, text, said):
    if text is not None:
        (tmp_path / NAME).write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        verify(tmp_path)


# ------------------------------------------------------------------ keeping deliveries

DAY = date(2024, 2, 1)


def test_a_delivery_is_kept_packed_with_its_note(plan, capsys):
    write_receipt(plan)
    made = release(plan.dataset, note="交给董事会", today=DAY)
    assert made.folder == plan.root / "data/released/2023/2024-01-15"
    assert sorted(path.name for path in made.folder.iterdir()) == [
        "manifest.json",
        "metrics.json.gz",
        "release.json",
    ]
    kept = gzip.decompress((made.folder / "metrics.json.gz").read_bytes())
    assert kept == (plan.dataset.reports / "metrics.json").read_bytes()
    assert [(one.released_on, one.note) for one in releases(plan.dataset)] == [("2024-02-01", "交给董事会")]
    show_release(made)
    assert "第 1 次交付" in capsys.readouterr().out


def test_a_second_delivery_tells_what_it_corrects(plan, capsys):
    write_receipt(plan)
    release(plan.dataset, note="初版", today=DAY)
    write_receipt(write_finished(plan.root, value=51.0))
    made = release(plan.dataset, note="更正版", today=DAY)
    assert (made.sequence, made.folder.name) == (2, "2024-01-15-2")
    assert made.corrected[["stratum", "old", "new"]].values.tolist() == [["share[all]", "50.0%", "51.0%"]]
    show_release(made)
    assert "share[all]：50.0% → 51.0%" in capsys.readouterr().out


def test_the_same_delivery_is_not_kept_twice(plan):
    write_receipt(plan)
    release(plan.dataset, note="初版", today=DAY)
    with pytest.raises(UsageError, match=r"2024-02-01 交付的那一版.*完全相同"):
        release(plan.dataset, note="再来", today=DAY)


def test_changed_files_drafts_and_deliveries_without_a_note_are_refused(plan):
    with pytest.raises(DataError, match="没有收据"):
        release(plan.dataset, note="初版")
    write_receipt(plan, is_draft=True)
    with pytest.raises(UsageError, match="草稿"):
        release(plan.dataset, note="初版")
    write_receipt(plan)
    with pytest.raises(UsageError, match="一句说明"):
        release(plan.dataset, note=" ")
    (plan.dataset.reports / "deck.html").write_text("改", "utf-8")
    with pytest.raises(DataError, match=r"「deck\.html」与收据不符"):
        release(plan.dataset, note="初版")
    assert not plan.dataset.released.exists()

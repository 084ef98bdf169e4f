"""The commands beside making the report, run as users run them on the sample year's finished report."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pptx import Presentation

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run_all.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_the_finished_report_reads_back_clean(sample_report: Path) -> None:
    done = run("audit", "--year", "2023")
    assert done.returncode == 0, done.stdout
    assert "每个数字都有记录，或有允许它的规则" in done.stdout
    for name in ("deck.html", "report.html", "index.html", "report.pptx", "report.xlsx"):
        assert f"{name}：读 " in done.stdout


def test_a_renamed_copy_with_an_edited_title_is_known_and_refused(
    sample_report: Path, tmp_path: Path
) -> None:
    deck = Presentation(sample_report / "report.pptx")
    runs = [
        piece
        for slide in deck.slides
        for paragraph in slide.shapes.title.text_frame.paragraphs
        for piece in paragraph.runs
        if piece.text.strip().startswith("4.1")
    ]
    runs[0].text = runs[0].text.replace("4.1", "4.8")
    deck.save(tmp_path / "最终版.pptx")
    done = run("audit", str(tmp_path / "最终版.pptx"), "--csv", str(tmp_path / "发现.csv"))
    assert done.returncode == 1
    assert "4.8" in done.stdout
    with (tmp_path / "发现.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any("4.8" in row["印作"] and row["程度"] == "矛盾" for row in rows)


def test_a_foreign_report_is_searched_without_data(tmp_path: Path) -> None:
    said = "投诉量从 400 件降至 300 件，下降 35%。处理及时率目标 90%，实际 81%，达成率 90%。"
    (tmp_path / "去年.md").write_text(f"# 年度报告\n\n{said}\n", "utf-8")
    done = run("audit", str(tmp_path / "去年.md"))
    assert done.returncode == 1
    assert "矛盾 1 处" in done.stdout
    assert "25%" in done.stdout
    (tmp_path / "去年.md").write_text("# 年度报告\n\n" + said.replace("35%", "25%") + "\n", "utf-8")
    assert run("audit", str(tmp_path / "去年.md")).returncode == 0


@pytest.mark.parametrize(
    ("name", "content"), [("没有.pptx", None), ("空.pptx", b""), ("旧.doc", b"\xd0\xcf")]
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run("audit", str(tmp_path / name))
    assert done.returncode in (1, 2)
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_delivered_files_are_held_against_their_receipt(sample_report: Path, tmp_path: Path) -> None:
    told = json.loads((sample_report / "manifest.json").read_text("utf-8"))
    folder = tmp_path / "收到的"
    shutil.copytree(sample_report, folder, ignore=shutil.ignore_patterns(".run"))
    done = run("verify", str(folder))
    assert done.returncode == 0, done.stdout
    assert told["receipt"] in done.stdout
    with (folder / "deck.html").open("a", encoding="utf-8") as file:
        file.write(" ")
    done = run("verify", str(folder))
    assert done.returncode == 1
    assert "deck.html" in done.stdout


def test_comments_are_listed_with_their_state(sample_report: Path) -> None:
    done = run("comments", "--year", "2023")
    assert done.returncode == 0
    assert done.stdout.count("已确认") == 2


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    done = run("audti")
    assert done.returncode == 2
    assert "是不是 audit" in done.stderr


def test_two_editions_of_the_same_report_do_not_differ(sample_report: Path, tmp_path: Path) -> None:
    copy = tmp_path / "又一份"
    copy.mkdir()
    for name in ("metrics.json", "manifest.json"):
        shutil.copy(sample_report / name, copy)
    done = run("diff", str(copy), "2023")
    for path in (ROOT / "reports").glob("diff-又一份-*"):
        path.unlink()
    assert done.returncode == 0, done.stderr
    assert "有变化 0 个" in done.stdout or "有变化" not in done.stdout

"""The commands beside making the report, run as users run them on the sample year's finished report."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pptx import Presentation

from fbanalysis.errors import DataError
from fbanalysis.pipeline import commands
from fbanalysis.pipeline.receipts import Verification
from fbanalysis.pipeline.screen import show_verification

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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit", "notebooks"), "是文件夹"),
        (("audit", "README.md", "--csv", "README.md"), "就是要审核的文件"),
        (("audit", "README.md", "--csv", "没有的目录/发现.csv"), "「没有的目录/发现.csv」所在的文件夹不存在"),
        (("verify", "README.md"), "「README.md」是文件"),
        (("diff", "README.md", "2023"), "「README.md」是文件"),
        (("diff", "2023"), "缺少「现在」"),
        (("release",), "缺少「--note」"),
    ],
)
def test_a_misuse_is_one_chinese_sentence(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "required" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes on this system")
    os.mkfifo(tmp_path / "a.txt")
    assert "不是普通文件" in run("audit", str(tmp_path / "a.txt")).stderr


def test_a_scanned_pdf_says_that_nothing_was_read(tmp_path: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    document.save(tmp_path / "扫描.pdf")
    done = run("audit", str(tmp_path / "扫描.pdf"))
    assert done.returncode == 1
    assert "什么也没有读到" in done.stderr


def test_nothing_in_a_file_steers_the_terminal(tmp_path: Path) -> None:
    said = "投诉量从 400 件降至 300 件，\x1b[31m下降 35%\u202e，其余\x9b2J不变。"
    (tmp_path / "a.md").write_text(said, "utf-8")
    done = run("audit", str(tmp_path / "a.md"))
    assert "下降 35%" in done.stdout
    assert not set(done.stdout) & set("\x1b\x9b\u202e")


def test_an_own_file_is_held_against_its_fingerprint(sample_report: Path, tmp_path: Path) -> None:
    shutil.copy(sample_report / "deck.html", tmp_path / "a.html")
    assert "与收据一致（逐字节相同）" in run("audit", str(tmp_path / "a.html")).stdout
    with (tmp_path / "a.html").open("a", encoding="utf-8") as file:
        file.write("<style>.fb-foot{display:none}</style>")
    done = run("audit", str(tmp_path / "a.html"))
    assert "【收据·可能】" in done.stdout
    assert done.returncode == 0


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


def test_a_ledger_that_was_cut_short_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('[{"metric": ', "utf-8")
    with pytest.raises(DataError, match=r"metrics\.json 读不懂"):
        commands._records(tmp_path)


def test_what_a_receipt_quotes_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "报告\x1b[31m\x1b]0;标题\x07\u202e"
    show_verification(
        Verification(Path("收到的"), hostile, 2023, "aa-bb", False, False, (), ("deck.html\x1b[2J",), (), ())
    )
    said = capsys.readouterr().out
    assert "《报告" in said
    assert "deck.html" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)

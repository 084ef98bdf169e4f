"""The command line, run as users run it, on a tiny project whose intake, scoring and pages are stand-ins."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

ROOT = Path(__file__).parents[1]

CONFIG = """
seed = 1
[report]
title = "测试报告"
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
respondent_id = "人"
submitted_at = "时间"
side = "侧"
stratum = "层"
kind = "类型"
comment = "原文"
[tables.population]
file = "人群.csv"
[tables.population.columns]
side = "侧"
stratum = "层"
population = "人数"
"""
FEEDBACK = "编号,人,时间,侧,层,类型,原文\n1,甲,2023-01-02,internal,一线员工,建议,很好\n"

#: Stand-ins: a table is the bytes of its file, a page lists the chapters that it was given.
INTAKE = """
from dataclasses import dataclass

@dataclass
class Report:
    tables: tuple
    def summary(self):
        return "读入 1 行 = 接受 1 + 隔离 0"

def take_in(dataset):
    dataset.processed.mkdir(parents=True, exist_ok=True)
    sources = [*dataset.feedback, *(file for files in dataset.tables.values() for file in files)]
    for source in sources:
        (dataset.processed / f"{source.table}.parquet").write_bytes(source.file.read_bytes().strip())
    for name in ("quarantine.csv", "intake.json"):
        (dataset.processed / name).write_text("{}")
    return Report(tuple(source.table for source in sources))
"""
WORK = """
def _annotate(order):
    paths = [order.root / f"data/processed/{order.year}/{name}.parquet" for name in ANNOTATED]
    for path in paths:
        path.write_bytes(b"fixed")
    return Result("done", tuple(paths))

def _written(name):
    def write(order):
        path = order.root / "reports" / str(order.year) / name
        path.write_text(name, "utf-8")
        return Result("done", (path,))
    return write

_STEPS = {**_STEPS, "annotate": _annotate, "office": _written("report.pptx"), "print": _written("deck.pdf")}
_STEPS["audit"] = _written("audit.json")
"""
STORY = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Chapter:
    number: str
    name: str
    title: str
    executed: object
    status: str
    reason: str = ""
"""
PAGES = """
def publish(dataset, chapters, *, draft=False):
    paths = dataset.reports / "deck.html", dataset.reports / "report.html"
    for path in paths:
        path.write_text(f"draft {draft}", "utf-8")
    return paths

def open_door(dataset, chapters):
    path = dataset.reports / "index.html"
    lines = [f"{c.number}|{c.name}|{c.status}|{c.title}|{c.reason}" for c in chapters]
    path.write_text("\\n".join(["door", *lines]), "utf-8")
    return (path,)
"""


def write_notebook(
    project: Path, name: str, *code: str, parameters: str = "year = 2023", needs: str = '["feedback"]'
) -> Path:
    """Write a notebook that names its needs without opening anything, so that its kernel starts fast."""
    opening = f"open_year = lambda year, needs: year\nopen_year(year, needs={needs})"
    cells = [nbformat.v4.new_markdown_cell(f"# 标题 {name}"), nbformat.v4.new_code_cell(parameters)]
    cells[1].metadata["tags"] = ["parameters"]
    cells += [nbformat.v4.new_code_cell(source) for source in (opening, *code)]
    path = project / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def write_project(project: Path) -> Path:
    for name in ("", "analysis", "intake", "report", "pipeline"):
        (project / "fbanalysis" / name).mkdir(parents=True)
        for path in (ROOT / "fbanalysis" / name).glob("*.py"):
            if name in ("", "pipeline"):
                shutil.copy(path, project / "fbanalysis" / name)
    shutil.copy(ROOT / "run_all.py", project)
    for name in ("analysis", "report"):
        (project / "fbanalysis" / name / "__init__.py").write_text('"""Stand-in."""\n', "utf-8")
    (project / "fbanalysis" / "intake" / "__init__.py").write_text(INTAKE, "utf-8")
    (project / "fbanalysis" / "analysis" / "sentiment.py").write_text('"""Stand-in."""\n', "utf-8")
    (project / "fbanalysis" / "report" / "publishing.py").write_text(PAGES, "utf-8")
    (project / "fbanalysis" / "report" / "story.py").write_text(STORY, "utf-8")
    with (project / "fbanalysis" / "pipeline" / "work.py").open("a", encoding="utf-8") as stream:
        stream.write(WORK)
    raw = project / "data" / "raw" / "2023"
    raw.mkdir(parents=True)
    (raw / "dataset.toml").write_text(CONFIG, "utf-8")
    (raw / "反馈.csv").write_text(FEEDBACK, "utf-8")
    (raw / "人群.csv").write_text("侧,层,人数\ninternal,一线员工,9\n", "utf-8")
    return project


def run(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run_all.py", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "FBANALYSIS_ROOT": str(project), **environment},
    )


def written(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The files that a run says it wrote."""
    lines = re.findall(r"^写出 \S+/：(.+)$", done.stdout, flags=re.MULTILINE)
    return {piece.split()[0] for line in lines for piece in line.split("、")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A project that was run once: two chapters, one that fails, one without its table."""
    project = write_project(tmp_path_factory.mktemp("built") / "project")
    write_notebook(project, "01_first", "print(year)")
    write_notebook(project, "02_broken", "1 + 1", "raise ValueError('坏了\\n第二行')", "print('never')")
    write_notebook(project, "03_incident", needs='["feedback", "incidents"]')
    write_notebook(project, "04_words", needs='["comments"]')
    return project, run(project)


@pytest.fixture
def project(built: tuple[Path, object], tmp_path: Path) -> Path:
    """A copy of the built project, to be changed."""
    return Path(shutil.copytree(built[0], tmp_path / "copy"))


@pytest.fixture(scope="module")
def mended(built: tuple[Path, object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built project with the failing chapter mended, run once more."""
    project = Path(shutil.copytree(built[0], tmp_path_factory.mktemp("mended") / "project"))
    write_notebook(project, "02_broken", "1 + 1")
    assert run(project).returncode == 0
    return project


@pytest.fixture
def sound(mended: Path, tmp_path: Path) -> Path:
    """A copy of the mended project, to be changed."""
    return Path(shutil.copytree(mended, tmp_path / "copy"))


def state(path: Path) -> dict[str, str]:
    lines = (path / "reports" / "2023" / "index.html").read_text("utf-8").splitlines()[1:]
    return {line.split("|")[1]: line.split("|")[2] for line in lines}


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be collected does not."""
    _, alive = psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=0.5)
    return any(process.status() != psutil.STATUS_ZOMBIE for process in alive)


# ------------------------------------------------------------------ usage


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--yaer", "2023"], "不认识「--yaer」，是不是 --year"),
        (["--year", "abc"], "--year"),
        (["--year", "1999"], "没有 1999 年的数据；可用的年份：「2023」"),
        (["--only", "99"], "没有叫「99」的步骤；可用：「intake」"),
        (["--only", "publsh"], "「publish」"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_wrong_usage_is_one_chinese_sentence(project, arguments, said):
    done = run(project, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_wrong_config_is_one_sentence(project):
    path = project / "data" / "raw" / "2023" / "dataset.toml"
    path.write_text(path.read_text("utf-8").replace("seed = 1", "seeed = 1"), "utf-8")
    done = run(project)
    assert done.returncode == 2
    assert "seeed" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_year_at_all(tmp_path):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    done = run(ROOT, FBANALYSIS_ROOT=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "data/raw" in done.stderr


def test_help_is_chinese_and_complete(project):
    done = run(project, "--help")
    assert done.returncode == 0
    assert "退出码" in done.stdout


# ------------------------------------------------------------------ the first run


def test_failing_chapter_does_not_stop_the_others(built):
    project, done = built
    assert done.returncode == 1, done.stderr
    assert state(project) == {
        "01_first": "done",
        "02_broken": "failed",
        "03_incident": "left out",
        "04_words": "done",
    }
    assert "Traceback" not in done.stdout + done.stderr


def test_failure_names_the_saved_notebook_and_its_cell(built):
    project, done = built
    assert "reports/2023/notebooks/02_broken.ipynb#cell 5：ValueError: 坏了\n" in done.stdout
    saved = json.loads((project / "reports/2023/notebooks/02_broken.ipynb").read_text("utf-8"))
    kinds = [output["output_type"] for cell in saved["cells"] for output in cell.get("outputs", [])]
    assert "error" in kinds


def test_missing_table_leaves_a_chapter_out_with_its_remedy(built):
    done = built[1]
    assert "缺少表 incidents" in done.stdout
    assert "[tables.incidents]" in done.stdout


def test_summary_balances_the_rows_and_names_the_files(built):
    done = built[1]
    assert "读入 2023：读入 1 行 = 接受 1 + 隔离 0" in done.stdout
    assert {"feedback.parquet", "comments.parquet", "01_first.ipynb", "index.html"} <= written(done)


def test_executed_notebook_holds_no_path_of_the_machine(built):
    text = (built[0] / "reports/2023/notebooks/01_first.ipynb").read_text("utf-8")
    assert str(built[0]) not in text
    assert "2023\\n" in text


# ------------------------------------------------------------------ the next runs


def test_failed_chapter_runs_again_and_nothing_else(project):
    done = run(project)
    assert done.returncode == 1
    assert "执行中" not in done.stdout
    assert written(done) == set()
    assert "02_broken.ipynb#cell 5" in done.stdout


def test_unchanged_report_executes_nothing(sound):
    done = run(sound)
    assert done.returncode == 0
    assert "没有变化，无需重新执行" in done.stdout
    assert written(done) == set()


def test_changed_notebook_runs_alone(sound):
    write_notebook(sound, "01_first", "print(year + 1)")
    assert written(run(sound)) == {
        "01_first.ipynb",
        "deck.html",
        "report.html",
        "report.pptx",
        "index.html",
        "audit.json",
        "manifest.json",
    }


def test_notebook_saved_with_outputs_but_the_same_code_is_unchanged(sound):
    stored = sound / "notebooks" / "01_first.ipynb"
    notebook = json.loads(stored.read_text("utf-8"))
    printed = {"output_type": "stream", "name": "stdout", "text": ["2023"]}
    notebook["cells"][-1].update(execution_count=7, outputs=[printed])
    stored.write_text(json.dumps(notebook), "utf-8")
    assert written(run(sound)) == set()


def test_removed_or_edited_output_is_made_again(sound):
    (sound / "reports/2023/notebooks/01_first.ipynb").unlink()
    (sound / "reports/2023/index.html").write_text("edited", "utf-8")
    assert written(run(sound)) == {"01_first.ipynb", "index.html"}
    assert "edited" not in (sound / "reports/2023/index.html").read_text("utf-8")


def test_raw_file_that_gives_the_same_table_wakes_intake_alone(sound):
    path = sound / "data" / "raw" / "2023" / "反馈.csv"
    path.write_text(FEEDBACK + "\n\n", "utf-8")
    done = run(sound)
    assert written(done) == {
        *("feedback.parquet", "population.parquet", "quarantine.csv", "intake.json"),
        "manifest.json",
    }


def test_changed_table_wakes_the_notebooks_that_read_it(sound):
    path = sound / "data" / "raw" / "2023" / "反馈.csv"
    path.write_text(FEEDBACK.replace("很好", "很差"), "utf-8")
    done = written(run(sound))
    assert {"01_first.ipynb", "02_broken.ipynb"} <= done
    assert "04_words.ipynb" not in done


def test_changed_package_source_wakes_who_imports_it(sound):
    module = sound / "fbanalysis" / "analysis" / "coverage.py"
    module.write_text('"""One."""\nVALUE = 1\n', "utf-8")
    write_notebook(sound, "01_first", "from fbanalysis.analysis.coverage import VALUE", "print(VALUE)")
    run(sound)
    module.write_text('"""One."""\nVALUE = 2\n', "utf-8")
    assert written(run(sound)) == {
        "01_first.ipynb",
        "deck.html",
        "report.html",
        "report.pptx",
        "index.html",
        "audit.json",
        "manifest.json",
    }


def test_draft_is_passed_on_and_remembered(sound):
    made = {
        "deck.html",
        "report.html",
        "report.pptx",
        "deck.pdf",
        "audit.json",
        "index.html",
        "manifest.json",
    }
    assert written(run(sound, "--draft")) == made
    assert (sound / "reports/2023/deck.html").read_text("utf-8") == "draft True"
    assert written(run(sound)) == made


def test_only_runs_a_step_with_what_it_needs(sound):
    shutil.rmtree(sound / "data" / "processed")
    shutil.rmtree(sound / "reports")
    done = written(run(sound, "--only", "04"))
    assert {"feedback.parquet", "comments.parquet", "04_words.ipynb"} <= done
    assert not done & {
        "01_first.ipynb",
        "deck.html",
        "report.html",
        "report.pptx",
        "index.html",
        "audit.json",
        "manifest.json",
    }


def test_force_with_only_repeats_that_step_alone(sound):
    assert written(run(sound, "--only", "01_first", "--force")) == {"01_first.ipynb"}


def test_list_shows_states_and_runs_nothing(project):
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*") if path.is_file()}
    done = run(project, "--list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert any("没有变化" in line and "01_first" in line for line in lines)
    assert any("需要执行" in line and "02_broken" in line and "上次失败" in line for line in lines)
    assert any("略过" in line and "incidents" in line for line in lines)
    after = {path: path.stat().st_mtime_ns for path in project.rglob("*") if path.is_file()}
    assert {path for path in after if "__pycache__" not in path.parts} == {
        path for path in before if "__pycache__" not in path.parts
    }


def test_notebook_without_the_parameter_stops_before_it_runs(project):
    write_notebook(project, "02_broken", parameters="jahr = 2023")
    done = run(project)
    assert done.returncode == 1
    assert "没有参数「year」" in done.stdout
    assert "「jahr」" in done.stdout


def test_removed_notebook_leaves_no_executed_copy(project):
    (project / "notebooks" / "02_broken.ipynb").unlink()
    assert run(project).returncode == 0
    assert not (project / "reports/2023/notebooks/02_broken.ipynb").exists()


def test_killed_kernel_is_reported_and_its_notebook_saved(project):
    write_notebook(project, "02_broken", "import os, signal", "os.kill(os.getpid(), signal.SIGKILL)")
    done = run(project)
    assert done.returncode == 1
    assert "02_broken.ipynb#cell 5：DeadKernelError" in done.stdout
    assert state(project)["02_broken"] == "failed"


def test_early_exit_in_a_cell_is_no_success(project):
    write_notebook(project, "02_broken", "import sys; sys.exit(0)", "print('unrun')")
    done = run(project)
    assert done.returncode == 1
    assert "02_broken.ipynb#cell 4：SystemExit" in done.stdout


def test_ordinary_kernels_serve_where_forking_is_not_possible(project):
    write_notebook(project, "02_broken", "print('ordinary')")
    done = run(project, FBANALYSIS_FORK="0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"02_broken.ipynb", "index.html"} <= written(done)


def test_wide_tables_look_alike_in_forked_and_ordinary_kernels(project):
    write_notebook(project, "02_broken", "import pandas as pd", "pd.DataFrame([range(30)])")
    looks = []
    for fork in ("1", "0"):
        assert run(project, "--only", "02", "--force", FBANALYSIS_FORK=fork).returncode == 0
        looks.append((project / "reports/2023/notebooks/02_broken.ipynb").read_text("utf-8"))
    assert looks[0] == looks[1]
    assert "<th>...</th>" in looks[0]


def test_numpy_draws_differ_between_forked_kernels(project):
    code = "import numpy as np", "print('draw', np.random.randint(10**9))"
    for name in ("01_first", "02_broken"):
        write_notebook(project, name, *code)
    assert run(project).returncode == 0
    executed = sorted((project / "reports/2023/notebooks").glob("0[12]*.ipynb"))
    draws = {re.search(r"draw (\d+)", path.read_text("utf-8"))[1] for path in executed}
    assert len(draws) == 2


def start(project: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "run_all.py"],
        cwd=project,
        text=True,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "FBANALYSIS_ROOT": str(project)},
    )


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="POSIX signals")
def test_ctrl_c_while_everything_is_imported_does_not_hang(project):
    process = start(project)
    end = time.monotonic() + 60
    while len(family := psutil.Process(process.pid).children()) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told.count("\n")) == (130, 1)
    assert not any(is_alive(child.pid) for child in family)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="POSIX signals")
def test_ctrl_c_leaves_no_process_and_no_half_file(project):
    told = f"open({str(project / 'pid')!r}, 'w').write(str(os.getpid()))"
    write_notebook(project, "02_broken", "import os", told, "while True: pass")
    before = (project / "reports/2023/notebooks/02_broken.ipynb").read_bytes()
    process = start(project)
    end = time.monotonic() + 60
    while not ((project / "pid").is_file() and (project / "pid").read_text()) and time.monotonic() < end:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.count("\n") == 1
    assert not is_alive(int((project / "pid").read_text()))
    assert (project / "reports/2023/notebooks/02_broken.ipynb").read_bytes() == before
    assert [path.name for path in (project / "reports/2023/notebooks").glob(".*")] == []


def test_prints_of_an_earlier_run_do_not_stay_when_none_can_be_made(sound):
    folder = sound / "reports" / "2023"
    assert (folder / "deck.pdf").exists()
    with (sound / "fbanalysis" / "pipeline" / "work.py").open("a", encoding="utf-8") as stream:
        stream.write('_STEPS = {**_STEPS, "print": lambda order: Result("left out", reason="没有浏览器")}\n')
    done = run(sound, "--force", "--only", "print")
    assert done.returncode == 0
    assert "没有浏览器" in done.stdout
    assert not (folder / "deck.pdf").exists()
    assert (folder / "deck.html").exists()

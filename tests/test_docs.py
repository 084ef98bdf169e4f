"""What the documents promise exists: options, targets, paths, and one list of packages in three files."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from fbanalysis.pipeline.commands import COMMANDS
from fbanalysis.sample.planted import PLANTED

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh.md")
#: conda-forge calls these otherwise.
CONDA_NAMES = {"matplotlib-base": "matplotlib", "playwright-python": "playwright"}
#: Made by a run or by the user (NN_topic.ipynb stands for any notebook), so they need not be there.
MADE_BY_A_RUN = re.compile(r"^(NN_|\.venv|reports/\d|data/processed/\d|data/raw/\d)")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def code_pieces(markdown: str) -> list[str]:
    """List the lines of fenced blocks and the `inline pieces` of a page."""
    fence = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
    lines = [line for block in fence.findall(markdown) for line in block.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", fence.sub("", markdown))


def readme_pieces() -> list[str]:
    return [piece for name in READMES if (ROOT / name).exists() for piece in code_pieces(text(name))]


# ------------------------------------------------------------------ commands


@cache
def help_options() -> frozenset[str]:
    said = ""
    for name in ("", *COMMANDS):
        command = [sys.executable, "run_all.py", *([name] if name else []), "--help"]
        said += subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(re.findall(r"(?<![\w-])--[a-z][a-z-]*", said)) - {"--help"}


def test_options_in_the_readme_exist():
    told = [
        piece
        for piece in readme_pieces()
        if "run_all.py" in piece or "ARGS=" in piece or piece.startswith("--")
    ]
    options = {option for piece in told for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", piece)}
    assert options - {"--help"} <= help_options()


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_readme(command, readme):
    assert any(piece.startswith(f"python run_all.py {command}") for piece in code_pieces(text(readme)))


def test_every_option_stands_in_the_readme():
    pieces = code_pieces(text("README.md"))
    missing = {option for option in help_options() if not any(option in piece for piece in pieces)}
    assert not missing


def test_the_sample_program_has_the_options_that_the_readme_names():
    done = subprocess.run(
        [sys.executable, "-m", "fbanalysis.sample", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    known = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", done.stdout))
    told = [piece for piece in readme_pieces() if "fbanalysis.sample" in piece]
    options = {option for piece in told for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", piece)}
    assert options
    assert options <= known


@pytest.mark.parametrize("name", READMES)
def test_the_readme_counts_the_planted_findings(name):
    told = re.search(r"(?:埋下的 |planted: )(\d+)", " ".join(text(name).split()))
    assert int(told[1]) == len(PLANTED)


def make_targets() -> set[str]:
    return set(re.findall(r"(?m)^([a-z]+):", text("Makefile")))


def test_make_commands_in_the_readme_exist():
    told = {target for piece in readme_pieces() for target in re.findall(r"\bmake ([a-z]+)", piece)}
    assert told
    assert told <= make_targets()


def test_make_alone_lists_every_target():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"(?m)^  make ([a-z]+)", done.stdout)) == make_targets() - {"install"}


# ------------------------------------------------------------------ paths


def is_path(piece: str) -> bool:
    """Take a piece of code for a path of this repository, or of nothing (a placeholder, a name)."""
    if not re.fullmatch(r"[\w./-]+", piece) or piece.startswith(("/", "-")):
        return False
    is_inside = "/" in piece and (ROOT / piece.split("/")[0]).exists()
    return is_inside or bool(re.search(r"\.(py|md|yml|lock|ipynb)$", piece))


def told_paths(name: str) -> set[str]:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text(name))
    return {*links, *(piece for piece in code_pieces(text(name)) if is_path(piece))}


def exists(path: str) -> bool:
    """Look for a path from the root, from the package, or, for a bare name, anywhere in the source."""
    if MADE_BY_A_RUN.match(path) or any((base / path).exists() for base in (ROOT, ROOT / "fbanalysis")):
        return True
    sources = ("fbanalysis", "notebooks", "tests", "benchmarks", "docs", "data/raw")
    return "/" not in path and any(any((ROOT / source).rglob(path)) for source in sources)


@pytest.mark.parametrize("name", [name for name in READMES if name == "README.md" or (ROOT / name).exists()])
def test_paths_in_the_readme_exist(name):
    assert not {path for path in told_paths(name) if not exists(path)}


# ------------------------------------------------------------------ packages


def declared() -> dict[str, SpecifierSet]:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, lines)}


def conda() -> dict[str, SpecifierSet]:
    """Read environment.yml, its pip block included and Python and pip left out."""
    entries = yaml.safe_load(text("environment.yml"))["dependencies"]
    lines = [entry for entry in entries if isinstance(entry, str)]
    lines += [line for entry in entries if isinstance(entry, dict) for line in entry["pip"] if line[0] != "-"]
    found = [Requirement(line) for line in lines]
    names = [CONDA_NAMES.get(requirement.name, requirement.name) for requirement in found]
    ranges = dict(zip(map(canonicalize_name, names), (r.specifier for r in found), strict=True))
    return {name: accepted for name, accepted in ranges.items() if name not in ("python", "pip")}


@cache
def locked() -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", text("requirements.lock")))


def test_conda_users_get_the_same_packages_and_ranges():
    assert conda() == declared()


def test_conda_users_get_the_same_python():
    entries = yaml.safe_load(text("environment.yml"))["dependencies"]
    [python] = [
        Requirement(entry) for entry in entries if isinstance(entry, str) and entry.startswith("python ")
    ]
    assert python.specifier == SpecifierSet(
        tomllib.loads(text("pyproject.toml"))["project"]["requires-python"]
    )


def test_the_lock_satisfies_every_range():
    outside = {
        name: (locked().get(name), str(accepted))
        for name, accepted in declared().items()
        if name not in locked() or not accepted.contains(locked()[name], prereleases=True)
    }
    assert not outside


def test_every_locked_package_has_hashes_and_no_address():
    stanzas = re.findall(
        r"(?m)^[a-z0-9][^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+", text("requirements.lock")
    )
    assert len(stanzas) == len(locked())
    assert "://" not in text("requirements.lock")


def test_the_build_tool_is_the_locked_one():
    """Jieba and snownlp are built with the setuptools that the Makefile installs first."""
    [built_with] = tomllib.loads(text("pyproject.toml"))["build-system"]["requires"]
    assert built_with == f"setuptools=={locked()['setuptools']}"

"""What the project's own folder shows of how it is made: version control, tests, lock file, documentation, packages.

It looks and counts; whether that meets a standard is decided by `fbanalysis.analysis.standards`. What it finds
is the same for everybody who has the same files: no time, no commit, no path of a machine.
"""

import ast
import hashlib
import platform
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

#: The folder in which the package lies, with its tests and its lock file.
PROJECT = Path(__file__).parents[2]

#: From this share of public functions and classes with a docstring on, code counts as documented.
WELL_DOCUMENTED = 0.9

_PACKAGE = Path(__file__).parents[1]
_README, _LOCK, _PYPROJECT, _COMMAND = "README*.md", "requirements.lock", "pyproject.toml", "run_all.py"
_AUTOMATION = (".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml", "Jenkinsfile")
_CHANGES = ("CHANGELOG*", "CHANGES*", "NEWS*")
_ROOMS = ("data/raw", "notebooks", "tests", "docs")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def project_evidence(folder: Path = PROJECT) -> dict[str, str]:
    """Look for what reproducible analysis is expected to have.

    Parameters
    ----------
    folder
        The project; by default the one in which this package lies.

    Returns
    -------
    dict
        Name of the check (`fbanalysis.analysis.standards.RAP_ITEMS` names them) → what was found, in a phrase;
        an empty text where nothing was.
    """
    trees = [ast.parse(path.read_text("utf-8")) for path in _modules(folder)]
    return {
        "open_source": f"{platform.python_implementation()} 与 {len(_pins(folder))} 个锁定版本的开源包"
        * bool(_pins(folder)),
        "version_control": "代码在 Git 仓库里" * is_versioned(folder),
        "readme": _readme(folder),
        "one_command": f"{_COMMAND}：一条命令从原始文件到报告" * (folder / _COMMAND).is_file(),
        "documentation": _documentation(trees),
        "layout": "、".join(_ROOMS) * all((folder / room).is_dir() for room in _ROOMS),
        "functions": _counted(_functions(trees), "个函数，供各章共用"),
        "style": "ruff 的规则写在 pyproject.toml 里" * ("ruff" in _pyproject(folder).get("tool", {})),
        "tests": _counted(_tests(folder), "个测试函数（这里只数个数，结果以测试运行为准）"),
        "dependencies": _dependencies(folder),
        "packaged": _packaged(folder),
        "automation": "、".join(_found(folder, _AUTOMATION)),
        "changelog": "、".join(_found(folder, _CHANGES)),
    }


def is_versioned(folder: Path = PROJECT) -> bool:
    """Say whether the project lies in a repository of Git."""
    return (folder / ".git").exists()


def evidence_files(folder: Path = PROJECT) -> list[Path]:
    """List the files outside the package on which `project_evidence` rests."""
    patterns = (_README, _LOCK, _PYPROJECT, _COMMAND, *_AUTOMATION, *_CHANGES, "tests/**/test_*.py")
    return sorted({path for pattern in patterns for path in folder.glob(pattern)})


def package_versions(folder: Path = PROJECT) -> dict[str, str]:
    """Give Python's version and those of the packages that the project names as its own, by name."""
    named = [_NAME.match(line)[0] for line in _pyproject(folder).get("project", {}).get("dependencies", ())]
    return {"Python": platform.python_version()} | {name: metadata.version(name) for name in sorted(named)}


def code_digest(folder: Path = PROJECT) -> str:
    """Give the first twelve hexadecimal digits of the sha256 of the package's modules and their names."""
    whole = hashlib.sha256()
    for path in _modules(folder):
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def lock_digest(folder: Path = PROJECT) -> str:
    """Give the first twelve hexadecimal digits of the lock file's sha256; empty where there is none."""
    lock = folder / _LOCK
    return hashlib.sha256(lock.read_bytes()).hexdigest()[:12] if lock.is_file() else ""


def _modules(folder: Path) -> list[Path]:
    return sorted((folder / _PACKAGE.name).rglob("*.py"))


def _pins(folder: Path) -> list[str]:
    """The blocks of the lock file, one a package: its pin and its hashes."""
    lock = folder / _LOCK
    text = lock.read_text("utf-8") if lock.is_file() else ""
    return re.findall(r"(?m)^[A-Za-z0-9._-]+==[^\n]*(?:\n[ \t]+[^\n]*)*", text)


def _pyproject(folder: Path) -> Mapping[str, Mapping[str, object]]:
    path = folder / _PYPROJECT
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def _readme(folder: Path) -> str:
    names = [path.name for path in sorted(folder.glob(_README)) if _COMMAND in path.read_text("utf-8")]
    return f"{'、'.join(names)} 写明怎样重跑" if names else ""


def _documentation(trees: list[ast.Module]) -> str:
    told = sum(ast.get_docstring(tree) is not None for tree in trees)
    public = [node for tree in trees for node in tree.body if _is_public(node)]
    said = sum(ast.get_docstring(node) is not None for node in public)
    is_told = trees and told == len(trees) and said >= WELL_DOCUMENTED * len(public)
    return (
        f"{told} 个模块都写明用途；公开的函数与类 {len(public):,} 个里 {said:,} 个有说明" if is_told else ""
    )


def _is_public(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")


def _functions(trees: list[ast.Module]) -> int:
    return sum(isinstance(node, ast.FunctionDef) for tree in trees for node in ast.walk(tree))


def _tests(folder: Path) -> int:
    files = (folder / "tests").rglob("test_*.py")
    return sum(len(re.findall(r"(?m)^ *def test_", path.read_text("utf-8"))) for path in files)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count else ""


def _dependencies(folder: Path) -> str:
    pins = _pins(folder)
    is_hashed = pins and all("--hash=sha256:" in pin for pin in pins)
    return f"{_LOCK}：{len(pins)} 个包，版本与哈希都已锁定" if is_hashed else ""


def _packaged(folder: Path) -> str:
    project = _pyproject(folder)
    name = project.get("project", {}).get("name")
    return f"可安装的包 {name} {project['project'].get('version', '')}".strip() if name else ""


def _found(folder: Path, patterns: tuple[str, ...]) -> Iterator[str]:
    return (
        path.relative_to(folder).as_posix() for pattern in patterns for path in sorted(folder.glob(pattern))
    )

"""Whether a step has to run: content hashes of what it reads and of what it wrote, kept beside its outputs.

Times of files decide nothing, so that a fresh checkout or a touched file costs no run.
"""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fbanalysis.pipeline.chapters import imported

PACKAGE = "fbanalysis"
#: Packages whose version can change a result.
WATCHED = (
    "beautifulsoup4",
    "fonttools",
    "ipykernel",
    "jieba",
    "jinja2",
    "lxml",
    "matplotlib",
    "mistune",
    "nbclient",
    "nbconvert",
    "nbformat",
    "nh3",
    "numpy",
    "openpyxl",
    "pandas",
    "pandera",
    "papermill",
    "pillow",
    "pingouin",
    "pyarrow",
    "pypdfium2",
    "python_calamine",
    "python_pptx",
    "rapidfuzz",
    "scikit_learn",
    "scipy",
    "seaborn",
    "snownlp",
    "sphinx_revealjs",
    "statsmodels",
    "wordcloud",
    "xlsxwriter",
    "zhplot",
)


def hash_bytes(content: bytes) -> str:
    """Give the first 16 hexadecimal digits of a sha256."""
    return hashlib.sha256(content).hexdigest()[:16]


def hash_file(path: Path) -> str:
    """Hash a file's content; a missing file has the hash "-"."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return "-"


def hash_whole(path: Path) -> str:
    """Give a file's sha256 in full, for what others are to check."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_json(value: object) -> str:
    """Hash plain data by what it says, not by how it is laid out."""
    return hash_bytes(json.dumps(value, sort_keys=True, default=str).encode())


def hash_notebook(path: Path) -> str:
    """Hash what decides a notebook's run: its cells and their metadata, not outputs left in the file."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        told = [(cell["cell_type"], "".join(cell["source"]), cell.get("metadata")) for cell in cells]
    except (OSError, ValueError, KeyError, TypeError):
        return hash_file(path)
    return hash_json(told)


def hash_versions() -> str:
    """Hash Python's version and those of the installed packages that can change a result.

    Reads the names of the ``.dist-info`` folders: a hundredth of the time of `importlib.metadata`.
    """
    folders = [Path(entry) for entry in sys.path if os.path.isdir(entry)]
    names = {name for folder in folders for name in os.listdir(folder) if name.endswith(".dist-info")}
    watched = sorted(name for name in names if name.split("-")[0].lower().replace(".", "_") in WATCHED)
    return hash_json([sys.version, watched])


class Sources:
    """The package's own files, and which of them a module's work depends on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._imports: dict[Path, list[str]] = {}
        self._digests: dict[Path, str] = {}
        self._everything: dict[str, str] = {}

    def digest(self, modules: Iterable[str]) -> str:
        """Hash all files of the package that modules import, directly or not, with the data beside them."""
        found = self._used(modules)
        return hash_json([(path.relative_to(self.folder).as_posix(), self._hash(path)) for path in found])

    def names(self, modules: Iterable[str]) -> list[str]:
        """Name the files that `digest` hashes, by their path in the package."""
        return [path.relative_to(self.folder).as_posix() for path in self._used(modules)]

    def everything(self) -> dict[str, str]:
        """Hash all files of the package that reports can depend on: its code and data, not the sample's maker."""
        if not self._everything:
            self._everything = {name: hash_whole(path) for name, path in self._kept()}
        return self._everything

    def _kept(self) -> list[tuple[str, Path]]:
        found = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        parts = {path: path.relative_to(self.folder).parts for path in found}
        kept = [
            path
            for path in found
            if not {"__pycache__", ".ipynb_checkpoints"} & set(parts[path])
            and parts[path][0] != "sample"
            and not path.name.startswith(".")
            and path.suffix not in (".pyc", ".part", ".new")
        ]
        return [("/".join(parts[path]), path) for path in kept]

    def _used(self, modules: Iterable[str]) -> list[Path]:
        files = self._closure(modules)
        folders = {path.parent for path in files}
        return sorted(files | {data for folder in folders for data in _data_files(folder)})

    def _closure(self, modules: Iterable[str]) -> set[Path]:
        waiting, found = list(modules), set()
        while waiting:
            name = waiting.pop()
            path = self._file(name)
            if path is not None and path not in found:
                found.add(path)
                waiting += [*self._imported(path, name=name), name.rpartition(".")[0]]
        return found

    def _file(self, name: str) -> Path | None:
        top, *rest = name.split(".")
        if top != PACKAGE:
            return None
        base = self.folder.joinpath(*rest)
        candidates = (base / "__init__.py", base.with_suffix(".py"))
        return next((path for path in candidates if path.is_file()), None)

    def _imported(self, path: Path, *, name: str) -> list[str]:
        if path not in self._imports:
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            self._imports[path] = _imports_of(path.read_bytes(), package=package)
        return self._imports[path]

    def _hash(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = hash_file(path)
        return self._digests[path]


def _imports_of(source: bytes, *, package: str) -> list[str]:
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return []
    names = imported(nodes, package=package)
    return [name for name in dict.fromkeys(names) if name.split(".")[0] == PACKAGE]


def _data_files(folder: Path) -> Iterator[Path]:
    """Templates and word lists beside a module, also in folders that are no packages."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != "__pycache__" and not (path / "__init__.py").exists():
            yield from _data_files(path)
        elif path.is_file() and path.suffix not in (".py", ".pyc") and not path.name.startswith("."):
            yield path


@dataclass(frozen=True)
class Record:
    """What is remembered of a step's last run."""

    inputs: Mapping[str, str]
    outputs: Mapping[str, str] = field(default_factory=dict)
    status: str = "done"
    reason: str = ""
    seconds: float = 0.0
    note: str = ""


def load_record(path: Path) -> Record | None:
    """Read a record; one that is missing or damaged counts as none."""
    try:
        return Record(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def save_record(path: Path, record: Record) -> None:
    """Swap a record in whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=1), "utf-8")
    os.replace(aside, path)


def hash_outputs(paths: Sequence[Path], *, root: Path) -> dict[str, str]:
    """Hash the files that a step wrote, by their path in the project."""
    return {path.relative_to(root).as_posix(): hash_file(path) for path in paths}


def why_stale(record: Record | None, inputs: Mapping[str, str], *, root: Path) -> str:
    """Say in Chinese why a step has to run; empty where nothing changed since its last good run."""
    if record is None:
        return "还没有执行过"
    if record.status == "failed":
        return "上次失败"
    names = sorted(inputs.keys() | record.inputs.keys())
    if changed := [name for name in names if inputs.get(name) != record.inputs.get(name)]:
        return f"{changed[0]}有变化" if len(changed) == 1 else f"{changed[0]}等 {len(changed)} 项有变化"
    touched = [name for name, digest in record.outputs.items() if hash_file(root / name) != digest]
    return f"产出 {touched[0]} 被删改" if touched else ""

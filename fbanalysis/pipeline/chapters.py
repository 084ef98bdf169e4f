"""What a notebook says of itself, read without running it: its number, title, parameters, needs, imports.

A notebook named ``NN_topic.ipynb`` is a chapter; nothing is registered anywhere.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fbanalysis.dataset import ALTERNATIVE
from fbanalysis.errors import DataError, UsageError, listed

NAME = re.compile(r"([0-9]+)_\w+")
PARAMETERS_TAG = "parameters"


@dataclass(frozen=True)
class Outline:
    """The parts of a notebook that decide when it has to run.

    ``needs`` are the tables without which it is left out; ``"nps|ces"`` is one of several.
    ``mentioned`` are the words of its code, text literals, attributes and imported names: a table named there is read if it is
    there.
    """

    title: str
    needs: tuple[str, ...]
    mentioned: tuple[str, ...]
    imports: tuple[str, ...]
    parameters: Mapping[str, object]

    @property
    def needed(self) -> tuple[str, ...]:
        """The tables named in ``needs``, each by itself."""
        return tuple(table for need in self.needs for table in need.split(ALTERNATIVE))


def find_notebooks(folder: Path) -> list[Path]:
    """List the chapters of a folder in the order of their numbers."""
    found = [path for path in folder.glob("*.ipynb") if NAME.fullmatch(path.stem)]
    return sorted(found, key=lambda path: (int(path.stem.split("_")[0]), path.stem))


def find_ignored(folder: Path) -> list[str]:
    """Name the notebooks that are no chapters because their names don't begin with a number."""
    return sorted(path.name for path in folder.glob("*.ipynb") if not NAME.fullmatch(path.stem))


def read_outline(notebook: Path) -> Outline:
    """Read what a notebook says of itself.

    Raises
    ------
    DataError
        Not a notebook, a cell that is no Python, or needs or parameters that are not plainly written out.
    """
    cells = _cells(notebook)
    prose = [_source(cell) for cell in cells if cell.get("cell_type") == "markdown"]
    code = [(_tags(cell), _source(cell)) for cell in cells if cell.get("cell_type") == "code"]
    trees = [(tags, _parse(source, notebook=notebook)) for tags, source in code]
    nodes = [node for _, tree in trees for node in ast.walk(tree)]
    return Outline(
        title=_title(prose, default=notebook.stem),
        needs=_needs(nodes, notebook=notebook),
        mentioned=tuple(dict.fromkeys(_literals(nodes))),
        imports=tuple(dict.fromkeys(imported(nodes))),
        parameters=_parameters([tree for tags, tree in trees if PARAMETERS_TAG in tags], notebook=notebook),
    )


def fill_parameters(outline: Outline, *, given: Mapping[str, object], notebook: Path) -> dict[str, object]:
    """Give the full set of a notebook's parameters; papermill would only warn at an unknown one.

    Raises
    ------
    UsageError
        A given parameter is not among the notebook's own.
    """
    unknown = [name for name in given if name not in outline.parameters]
    if unknown:
        raise UsageError(
            f"笔记本 {notebook.name} 没有参数{listed(unknown)}；它的 parameters 单元格里有："
            f"{listed(outline.parameters, most=20) or '（没有）'}；"
            f"请补上，例如 {unknown[0]} = {given[unknown[0]]!r}"
        )
    return {**outline.parameters, **given}


def imported(nodes: Sequence[ast.AST], *, package: str = "") -> Iterator[str]:
    """Name the modules that Python code imports; ``from a import b`` gives both ``a`` and ``a.b``."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package=package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _base(node: ast.ImportFrom, *, package: str) -> str:
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _cells(notebook: Path) -> list[dict]:
    try:
        return json.loads(notebook.read_text("utf-8"))["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{notebook.name} 不是一个完整的笔记本文件（{error}）；请在 JupyterLab 里打开并重新保存"
        ) from error


def _source(cell: Mapping) -> str:
    return "".join(cell.get("source", ""))


def _tags(cell: Mapping) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _parse(source: str, *, notebook: Path) -> ast.Module:
    """Parse a cell; lines of IPython's own (``%magic``, ``!command``, ``?help``) count as blank."""
    plain = re.sub(r"^[ \t]*[%!?].*$", "", source, flags=re.MULTILINE)
    try:
        return ast.parse(plain)
    except SyntaxError as error:
        line = source.splitlines()[(error.lineno or 1) - 1].strip()
        raise DataError(f"笔记本 {notebook.name} 的代码有语法错误（{error.msg}）：「{line}」") from error


def _title(prose: Sequence[str], *, default: str) -> str:
    headings = re.findall(r"^#+[ \t]+(.+?)\s*$", "\n".join(prose), flags=re.MULTILINE)
    return headings[0] if headings else default


def _needs(nodes: Sequence[ast.AST], *, notebook: Path) -> tuple[str, ...]:
    """The tables listed in ``open_year(year, needs=[...])``; without ``needs`` it opens ``feedback``."""
    calls = [node for node in nodes if isinstance(node, ast.Call) and _called(node) == "open_year"]
    listings = [[key.value for key in call.keywords if key.arg == "needs"] for call in calls]
    names = [_names(given[0], notebook=notebook) if given else ["feedback"] for given in listings]
    return tuple(dict.fromkeys(name for some in names for name in some))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _names(node: ast.expr, *, notebook: Path) -> list[str]:
    try:
        names = list(ast.literal_eval(node))
    except (ValueError, TypeError) as error:
        raise DataError(
            f'笔记本 {notebook.name} 的 open_year(…, needs=…) 要直接写出表名，例如 needs=["feedback", "kpis"]'
        ) from error
    return names


def _literals(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _parameters(cells: Sequence[ast.Module], *, notebook: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for statement in (statement for cell in cells for statement in cell.body):
        name, value = _assigned(statement)
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, TypeError) as error:
            raise DataError(
                f"笔记本 {notebook.name} 的 parameters 单元格只能写「名称 = 数值或文字」，"
                f"读不懂「{ast.unparse(statement)}」"
            ) from error
    return found


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return name, value
    return "", ast.Name("…")

"""Making a year's report again from the raw files, elsewhere and under other conditions, and comparing every result.

What a report rests on besides its inputs shows here: the order of work, the clock's zone, the language of the system,
the order of sets, the place on the disk. Processed tables and executed notebooks are never taken along.
"""

import locale
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fbanalysis.dataset import ROOT_VARIABLE
from fbanalysis.errors import DataError, FeedbackError, UsageError, listed
from fbanalysis.pipeline.browsers import VARIABLE
from fbanalysis.pipeline.plan import AUDIT, DOOR, PRINT, Plan
from fbanalysis.pipeline.receipts import inputs_of, read_receipt, verify
from fbanalysis.report.changes import different
from fbanalysis.report.editions import open_edition

if TYPE_CHECKING:
    import pandas as pd

SAME, ALIKE, OTHER, LOST, ADDED = "一致", "内容一致", "不同", "只在原报告", "只在重做"
KINDS = ("记录", "数据表", "图片", "幻灯片", "文件")
#: What of the inputs must be as it was when the report was made.
_INPUTS = {
    "raw": "原始文件",
    "comments": "评注",
    "notebooks": "笔记本",
    "package": "程序",
    "project": "项目的文件",
    "settings": "设置",
    "packages": "软件包",
    "python": "Python",
    "lock": "锁文件",
}
#: Zones far from most, and languages that write numbers and sort otherwise; the first that is not in use is taken.
_ZONES = ("Pacific/Auckland", "America/Los_Angeles")
_LANGUAGES = ("de_DE.UTF-8", "tr_TR.UTF-8", "fr_FR.UTF-8", "C")
_HASH_SEED = "20240229"
#: The folders of the project that are taken along as they are; what is made in them is not.
_ROOMS = ("fbanalysis", "tests", "docs", ".github")
_UNWANTED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.pyc", ".*.ipynb")


@dataclass(frozen=True)
class Item:
    """One result of both runs: a record, table, picture or file, and whether it is the same."""

    kind: str
    name: str
    state: str
    where: str = ""

    @property
    def is_same(self) -> bool:
        return self.state in (SAME, ALIKE)


@dataclass(frozen=True)
class Reproduction:
    """What came of making a report again.

    ``conditions`` says what was different about the second run; ``skipped`` names files that it did not make.
    """

    conditions: Mapping[str, str]
    receipts: tuple[str, str]
    items: tuple[Item, ...]
    skipped: tuple[str, ...]
    seconds: float

    @property
    def is_same(self) -> bool:
        return all(item.is_same for item in self.items)

    def counts(self, kind: str) -> tuple[int, int]:
        """How many results of a kind there are, and how many of them are the same."""
        found = [item for item in self.items if item.kind == kind]
        return len(found), sum(item.is_same for item in found)

    @property
    def differing(self) -> list[Item]:
        return [item for item in self.items if not item.is_same]


def reproduce(
    plan: Plan,
    *,
    workers: int | None = None,
    folder: Path | None = None,
    has_prints: bool = True,
    environment: Mapping[str, str] | None = None,
) -> Reproduction:
    """Make a year again in an empty folder and compare every record, table, picture and file.

    Parameters
    ----------
    plan
        Of a year whose report is finished and up to date.
    workers
        How many steps at once; default: one, or two on a machine where one is the default.
    folder
        An empty folder, to keep what is made; default: a temporary one.
    has_prints
        Whether PDFs are printed again, which takes a browser; without them the door is not compared either.
    environment
        Environment variables of the second run, instead of another zone, language and seed of hashes.

    Raises
    ------
    UsageError
        The report was made from other inputs than those there now, or the folder is not empty.
    DataError
        The report is not as its receipt says.
    FeedbackError
        The second run failed; its last words are in the message.
    """
    before = _finished(plan)
    conditions = {
        "workers": str(workers or (1 if _processors() > 1 else 2)),
        **(_other_conditions() if environment is None else environment),
    }
    began = time.monotonic()
    with _empty(folder) as place:
        _lay_out(plan, place)
        _run(plan, place, conditions, has_prints=has_prints, is_draft=before["report"]["is_draft"])
        skipped = () if has_prints else _unprinted(plan)
        items = tuple(_compare(plan, place, before, skipped=skipped))
        again = read_receipt(place / "reports" / str(plan.dataset.year))
    told = (before["receipt"], again["receipt"])
    return Reproduction(conditions, told, items, skipped, time.monotonic() - began)


def _finished(plan: Plan) -> Mapping[str, Any]:
    """The receipt of the report that is there, which must be up to date and untouched."""
    year = plan.dataset.year
    checked, told = verify(plan.dataset.reports), read_receipt(plan.dataset.reports)
    wrong = [*checked.changed, *checked.missing]
    if wrong:
        raise DataError(
            f"reports/{year} 里{listed(wrong)}与收据不符：请先运行 python run_all.py --year {year}，再重做比对"
        )
    now = inputs_of(plan)
    stale = [name for part, name in _INPUTS.items() if told.get(part) != now[part]]
    if stale:
        raise UsageError(
            f"reports/{year} 做好以后，{'、'.join(stale)}有变化：请先运行 python run_all.py --year {year}，再重做比对"
        )
    return told


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _other_conditions() -> dict[str, str]:
    """Another zone, language and order of sets than this process has."""
    zone = next(name for name in _ZONES if name != os.environ.get("TZ"))
    language = next(name for name in _LANGUAGES if _is_known(name) and name != os.environ.get("LC_ALL"))
    return {"TZ": zone, "LC_ALL": language, "LANG": language, "PYTHONHASHSEED": _HASH_SEED}


def _is_known(language: str) -> bool:
    """Whether the system has a language; asked and put back at once."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, language)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_ALL, before)
    return True


@contextmanager
def _empty(folder: Path | None) -> Iterator[Path]:
    """Give a folder with nothing in it: the one named, which is kept, or a temporary one."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="fbanalysis-again-", ignore_cleanup_errors=True) as made:
            yield Path(made).resolve()
        return
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UsageError(f"「{folder}」不是空文件夹：请指明一个空的，免得旧文件混进来")
    yield folder.resolve()


def _lay_out(plan: Plan, place: Path) -> None:
    """Copy what people put in: raw files, notebooks with comments, deliveries, the project. Nothing that was made."""
    project = plan.sources.folder.parent
    if not (project / "run_all.py").is_file():
        raise DataError(f"{project.name}/ 里没有 run_all.py：请在项目文件夹里重做比对")
    for path in sorted(project.iterdir()):
        if path.is_dir() and path.name in _ROOMS:
            shutil.copytree(path, place / path.name, ignore=_UNWANTED)
        elif path.is_file() and path.name != ".git":
            shutil.copyfile(path, place / path.name)
    if (project / ".git").exists():
        (
            place / ".git"
        ).mkdir()  # the method chapter says that the project is versioned; its history is not needed
    shutil.copytree(plan.root / "notebooks", place / "notebooks", ignore=_UNWANTED)
    for year in plan.years:
        shutil.copytree(plan.root / "data" / "raw" / str(year), place / "data" / "raw" / str(year))
    if plan.dataset.released.is_dir():
        shutil.copytree(plan.dataset.released, place / "data" / "released" / str(plan.dataset.year))


def _run(plan: Plan, place: Path, conditions: Mapping[str, str], *, has_prints: bool, is_draft: bool) -> None:
    """Make the report in its new place, as a user would."""
    given = {name: value for name, value in conditions.items() if name != "workers"}
    unset = ("PYTHONPATH", *(() if has_prints else (VARIABLE,)))
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    command = [
        sys.executable,
        "run_all.py",
        "--year",
        str(plan.dataset.year),
        "--workers",
        conditions["workers"],
    ]
    done = subprocess.run(
        [*command, *["--draft"] * is_draft],
        cwd=place,
        env=kept | given | {ROOT_VARIABLE: str(place)} | ({} if has_prints else {VARIABLE: ""}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "；".join([*done.stdout.strip().splitlines(), *done.stderr.strip().splitlines()][-4:])
        raise FeedbackError(f"在空文件夹里重做没有成功（退出码 {done.returncode}）：{last}")


def _unprinted(plan: Plan) -> tuple[str, ...]:
    """What is not made without a browser, and the pages that tell whether it is there."""
    paths = plan.delivered(PRINT, AUDIT, DOOR)
    return tuple(path.relative_to(plan.dataset.reports).as_posix() for path in paths)


# Comparing


def _compare(plan: Plan, place: Path, before: Mapping[str, Any], *, skipped: Sequence[str]) -> Iterator[Item]:
    reports = (plan.dataset.reports, place / "reports" / str(plan.dataset.year))
    after = read_receipt(reports[1])
    yield from _records(*reports)
    processed = [root / "data" / "processed" for root in (plan.root, place)]
    for name, state in _paired(before["tables"], after["tables"]):
        yield _table(name, state, *(folder / f"{name}.parquet" for folder in processed))
    for kind, part in (("图片", "pictures"), ("幻灯片", "slides"), ("幻灯片", "details")):
        told = [{name: found[part] for name, found in one["results"].items()} for one in (before, after)]
        yield from (Item(kind, f"{name} {part}", state) for name, state in _paired(*told))
    files = [{k: v for k, v in one["files"].items() if k not in skipped} for one in (before, after)]
    for name, state in _paired(*files):
        where = _first_difference(*(folder / name for folder in reports)) if state == OTHER else ""
        yield Item("文件", name, state, where)


def _paired(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys([*one, *other]):
        if name not in one or name not in other:
            yield name, LOST if name in one else ADDED
        else:
            yield name, SAME if one[name] == other[name] else OTHER


def _records(one: Path, other: Path) -> Iterator[Item]:
    """Compare all fields of every record, in the order of the first run."""
    rows = [open_edition(folder).records for folder in (one, other)]
    for key, state in _paired(*rows):
        fields = different(rows[0][key], rows[1][key]) if state == OTHER else []
        told = [f"{name}：{rows[0][key].get(name)} 与 {rows[1][key].get(name)}" for name in fields]
        yield Item("记录", key, state, "；".join(told))


def _table(name: str, state: str, one: Path, other: Path) -> Item:
    """Compare a table by content where its bytes differ: other versions may write the same rows otherwise."""
    if state != OTHER:
        return Item("数据表", name, state)
    import pandas as pd

    frames = [pd.read_parquet(path) for path in (one, other)]
    if frames[0].equals(frames[1]):
        return Item("数据表", name, ALIKE, "字节不同，行列相同")
    shapes = " 与 ".join(f"{len(frame)} 行 × {frame.shape[1]} 列" for frame in frames)
    columns = [column for column in frames[0] if not _is_equal(column, *frames)]
    return Item("数据表", name, OTHER, f"{shapes}；不同的列：{listed(columns)}")


def _is_equal(column: str, one: "pd.DataFrame", other: "pd.DataFrame") -> bool:
    return column in other and one[column].equals(other[column])


def _first_difference(one: Path, other: Path) -> str:
    """Say where two files first differ: the part of an Office file, the line of a text, else the byte."""
    if zipfile.is_zipfile(one) and zipfile.is_zipfile(other):
        parts = [_parts(path) for path in (one, other)]
        found = [name for name, state in _paired(*parts) if state != SAME]
        return f"第一个不同的部件：{found[0]}" if found else "部件相同，压缩包的写法不同"
    contents = [path.read_bytes() for path in (one, other)]
    if one.suffix in (".pdf", ".png"):
        place = next(i for i, (a, b) in enumerate(zip_longest(*contents)) if a != b)
        return f"第 {place + 1} 个字节起不同"
    lines = zip_longest(*(content.splitlines() for content in contents))
    number, pair = next((i, pair) for i, pair in enumerate(lines, start=1) if pair[0] != pair[1])
    return f"第 {number} 行起不同：{' 与 '.join(_excerpt(pair[0] or b'', pair[1] or b''))}"


def _excerpt(one: bytes, other: bytes) -> Iterator[str]:
    """Show both lines from shortly before they part: lines of a page can be very long."""
    start = max(0, next((i for i, (a, b) in enumerate(zip_longest(one, other)) if a != b), 0) - 20)
    for line in (one, other):
        yield f"「{line[start : start + 60].decode('utf-8', errors='replace').strip()}」"


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}

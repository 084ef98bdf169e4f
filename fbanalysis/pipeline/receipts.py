"""The receipt of a report: what it was made from and what it is made of, as hashes that anybody can check.

It holds no time of day and no path of this machine, so that the same inputs give the same receipt. Nothing is judged
here: which figures are right is the audit's business.
"""

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from fbanalysis.dataset import Source
from fbanalysis.errors import DataError
from fbanalysis.pipeline import freshness
from fbanalysis.pipeline.plan import CHAPTER, MODULES, PRIOR_TABLE, Plan, Step
from fbanalysis.schema import ANNOTATED, DERIVED

NAME = "manifest.json"
FORMAT = 1
#: Told, but no part of what is hashed and compared.
_ASIDE = ("platform", "receipt")
#: What executed notebooks carry, by output type (`fbanalysis.report.ledger`, `.slides`; matplotlib).
_CARRIED = {
    "records": ("application/vnd.fbanalysis.ledger+json",),
    "slides": ("application/vnd.fbanalysis.slide+json",),
    "details": ("application/vnd.fbanalysis.detail+json",),
    "pictures": ("image/png", "image/svg+xml", "image/jpeg"),
}

Receipt = Mapping[str, Any]


# Making


def write_receipt(plan: Plan, *, is_draft: bool = False) -> Path:
    """Write ``manifest.json`` beside a finished report and give its place."""
    path = plan.dataset.reports / NAME
    aside = path.with_suffix(".json.new")
    told = make_receipt(plan, is_draft=is_draft)
    aside.write_text(
        json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8", newline="\n"
    )
    os.replace(aside, path)
    return path


def make_receipt(plan: Plan, *, is_draft: bool = False) -> dict[str, Any]:
    """Hash everything that a report was made from, and everything that was made.

    Returns
    -------
    dict
        Plain data: ``report`` (year, titles, dates), ``settings`` (seed, thresholds), ``raw``, ``comments``,
        ``tables``, ``notebooks``, ``package``, ``project`` (what of the project's folder a chapter looks at),
        ``lock``, ``python``, ``packages``, ``results`` (what each executed
        notebook carries), ``uses`` (which records each slide prints), ``files``, ``platform`` and ``receipt``, the
        short digest of all but the last two. Hashes are sha256 in full.
    """
    carried = {step.name: _carried(plan.executed(step)) for step in plan.chapters}
    reports = plan.dataset.reports
    told = inputs_of(plan) | {
        "format": FORMAT,
        "report": _report(plan) | {"is_draft": is_draft},
        "tables": _tables(plan),
        "results": {name: _results(found) for name, found in carried.items() if found},
        "uses": _uses({name: found["slides"] for name, found in carried.items() if found}),
        "files": {
            path.relative_to(reports).as_posix(): freshness.hash_whole(path) for path in plan.delivered()
        },
        "platform": _platform(),
    }
    return told | {"receipt": short_digest(told)}


def inputs_of(plan: Plan) -> dict[str, Any]:
    """Hash what people put in: files, notebooks, program, packages, settings; nothing that a run makes."""
    return {
        "settings": plan.dataset.settings,
        "raw": _hashed(plan.raw_files, plan),
        "sources": _sources(plan),
        "comments": _hashed(plan.comments, plan),
        "notebooks": {step.name: _notebook(plan, step) for step in plan.chapters},
        "package": plan.sources.everything(),
        "project": _hashed(plan.evidence, plan),
        "lock": freshness.hash_whole(plan.lock) if plan.lock.is_file() else "",
        "python": platform.python_version(),
        "packages": installed_packages(plan.lock),
    }


def short_digest(receipt: Receipt) -> str:
    """Give the first 16 hexadecimal digits of a receipt's sha256 in groups of four, to be quoted.

    >>> short_digest({"files": {}})
    'aae5-a71d-b7cd-4238'
    >>> short_digest({"files": {}, "platform": "any"}) == short_digest({"files": {}})
    True
    """
    told = {name: part for name, part in receipt.items() if name not in _ASIDE}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digits = hashlib.sha256(text.encode()).hexdigest()[:16]
    return "-".join(re.findall("....", digits))


def installed_packages(lock: Path) -> dict[str, str]:
    """Give the installed version of every package that a lock file names, or without one, of those watched."""
    text = lock.read_text("utf-8") if lock.is_file() else "\n".join(f"{name}==" for name in freshness.WATCHED)
    names = sorted({name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)})
    found = {name: _version(name) for name in names}
    return {name: version for name, version in found.items() if version}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _platform() -> dict[str, str]:
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "implementation": platform.python_implementation(),
    }


def _report(plan: Plan) -> dict[str, Any]:
    dataset = plan.dataset
    return {
        "year": dataset.year,
        "title": dataset.title,
        "organisation": dataset.organisation,
        "author": dataset.author,
        "report_date": dataset.report_date.isoformat(),
        "period": [dataset.period_start.isoformat(), dataset.period_end.isoformat()],
    }


def _hashed(paths: Iterable[Path], plan: Plan) -> dict[str, str]:
    return {plan.name_of(path): freshness.hash_whole(path) for path in paths}


def _tables(plan: Plan) -> dict[str, str]:
    paths = [path for year in plan.years for path in plan.processed(year).glob("*.parquet")]
    return {f"{path.parent.name}/{path.stem}": freshness.hash_whole(path) for path in sorted(paths)}


def _sources(plan: Plan) -> dict[str, list[str]]:
    """Which raw files each table comes from; what is derived comes from where its table does."""
    dataset = plan.dataset
    tables: Mapping[str, Sequence[Source]] = {"feedback": dataset.feedback, **dataset.tables}
    found = {
        name: sorted({source.file.relative_to(plan.root).as_posix() for source in files})
        for name, files in tables.items()
    }
    prior = f"data/raw/{dataset.year - 1}/"
    names = [path.relative_to(plan.root).as_posix() for path in plan.raw_files]
    found |= {name: found["feedback"] for name in DERIVED}
    found |= {name: sorted({*found["feedback"], *found.get("codings", [])}) for name in ANNOTATED}
    found.setdefault(PRIOR_TABLE, [name for name in names if name.startswith(prior)])
    return found


def _notebook(plan: Plan, step: Step) -> dict[str, Any]:
    outline = step.outline
    return {
        "source": freshness.hash_notebook(step.notebook),
        "parameters": {} if outline is None else plan.parameters(step),
        "modules": plan.sources.names([*MODULES[CHAPTER], *([] if outline is None else outline.imports)]),
    }


def _carried(executed: Path) -> dict[str, list[Any]]:
    """What an executed notebook carries, in order; nothing where there is none."""
    if not executed.is_file():
        return {}
    cells = json.loads(executed.read_text("utf-8"))["cells"]
    bundles = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return {
        kind: [bundle[mime] for bundle in bundles for mime in mimes if mime in bundle]
        for kind, mimes in _CARRIED.items()
    }


def _results(carried: Mapping[str, list[Any]]) -> dict[str, Any]:
    records = (carried["records"] or [[]])[-1]
    content = {**carried, "records": records}
    return {kind: {"count": len(items), "sha256": _hash_data(items)} for kind, items in content.items()}


def _hash_data(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _uses(slides: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[str]]:
    """Name the records that each slide prints, by notebook and topic."""
    return {
        f"{name}「{_text(spec.get('kicker', ()))}」": sorted(set(_keys(spec)))
        for name, specs in slides.items()
        for spec in specs
    }


def _text(sentence: Iterable[Mapping[str, Any]]) -> str:
    return "".join(str(piece.get("text", "")) for piece in sentence)


def _keys(value: object) -> Iterator[str]:
    """Find the record of every number in nested data."""
    if isinstance(value, Mapping):
        if value.get("key") and "text" in value:
            yield str(value["key"])
        for one in value.values():
            yield from _keys(one)
    elif isinstance(value, list):
        for one in value:
            yield from _keys(one)


# Checking


@dataclass(frozen=True)
class Verification:
    """Delivered files against their receipt, by name.

    ``receipt`` is computed from what the receipt lists; ``is_altered`` says that it states another itself.
    """

    folder: Path
    title: str
    year: int
    receipt: str
    is_altered: bool
    is_draft: bool
    same: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether every file that the receipt lists is there as it was made; others may lie beside them."""
        return not (self.is_altered or self.changed or self.missing)


def verify(folder: Path) -> Verification:
    """Check the files of a folder against the receipt that lies there; needs no data and no notebook.

    Raises
    ------
    DataError
        No receipt, or one that cannot be read.
    """
    told = read_receipt(folder)
    files = told["files"]
    hashes = {name: freshness.hash_whole(folder / name) for name in files if (folder / name).is_file()}
    return Verification(
        folder=folder,
        title=str(told["report"]["title"]),
        year=int(told["report"]["year"]),
        receipt=short_digest(told),
        is_altered=short_digest(told) != told["receipt"],
        is_draft=bool(told["report"]["is_draft"]),
        same=tuple(name for name, digest in hashes.items() if digest == files[name]),
        changed=tuple(name for name, digest in hashes.items() if digest != files[name]),
        missing=tuple(name for name in files if name not in hashes),
        extra=tuple(name for name in _files_in(folder) if name not in files and name != NAME),
    )


def _files_in(folder: Path) -> list[str]:
    """All files of a folder but hidden ones: what a run keeps for itself is in ``.run``."""
    names = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts)]


def read_receipt(folder: Path) -> Receipt:
    """Read the receipt in a folder.

    Raises
    ------
    DataError
        It is missing or damaged, is of another format, or lists a path that leads out of the folder.
    """
    path = folder / NAME
    try:
        told = json.loads(path.read_text("utf-8"))
        _check(told, path=path)
    except FileNotFoundError as error:
        raise DataError(
            f"「{folder}」里没有收据 {NAME}：请指明交付的文件夹，或先运行 python run_all.py 生成报告"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"收据「{path}」读不懂：请换回交付时的那一份") from error
    return told


def _check(told: Receipt, *, path: Path) -> None:
    if told["format"] != FORMAT:
        raise DataError(f"收据「{path}」的格式是 {told['format']}，这个程序只认识 {FORMAT}：请更新程序再核对")
    outside = [name for name in told["files"] if _leads_out(name)]
    if outside:
        raise DataError(
            f"收据「{path}」列出了文件夹以外的路径「{outside[0]}」，不予核对：请换回交付时的那一份"
        )
    _ = told["receipt"], told["report"]["title"], int(told["report"]["year"]), told["report"]["is_draft"]


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or ":" in name

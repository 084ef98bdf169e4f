"""What differs between two editions of a report, figure by figure, and what was corrected since a delivery.

A difference is set beside the sampling error of both figures, and beside everything on record that changed between
the editions and can bear on it; which of these made the difference is not decided here.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pandas as pd

from fbanalysis.dataset import Dataset
from fbanalysis.errors import ConfigError, listed
from fbanalysis.report.editions import Edition, Row, current_edition, open_edition, releases
from fbanalysis.report.ledger import UNITS, format_number

KEPT, CHANGED, NEW, GONE = "未变", "有变化", "新增", "不再有"
INSIDE, OUTSIDE = "在抽样误差之内", "在抽样误差之外"
#: A difference is outside sampling error from this |z| on (two-sided, 5 percent, one comparison).
CRITICAL = NormalDist().inv_cdf(0.975)
#: What readers take for the same figure only where it was worked out in the same way.
DEFINITION = {
    "method": "方法",
    "unit": "单位",
    "decimals": "小数位",
    "filter": "筛选",
    "weight": "加权",
    "formula": "算法",
}
COLUMNS = [
    *("status", "metric", "stratum", "old_stratum", "notebook", "old", "new", "change", "difference", "unit"),
    *("is_inside", "z", "sampling", "causes", "key", "old_key"),
]
CORRECTION_COLUMNS = ["stratum", "old", "new", "released_on", "reason", "used"]
#: Where an analyst writes why a figure was corrected: key = "reason".
REASONS = "corrections.toml"
WITHDRAWN = "（不再报告）"


@dataclass(frozen=True)
class Changes:
    """Two editions and the table of their differences; see `compare`."""

    before: Edition
    after: Edition
    frame: pd.DataFrame

    @property
    def are_years(self) -> bool:
        """Whether the editions are of different years."""
        return self.before.year != self.after.year

    @property
    def counts(self) -> dict[str, int]:
        """How many figures there are of each status."""
        return {status: int((self.frame["status"] == status).sum()) for status in (CHANGED, NEW, GONE, KEPT)}

    @property
    def compared(self) -> tuple[int, int]:
        """How many figures have intervals in both editions, and how many of these differ beyond sampling error."""
        return int(self.frame["z"].notna().sum()), int((self.frame["sampling"] == OUTSIDE).sum())

    @property
    def name(self) -> str:
        """A name for files: ``diff-2022-2023``."""
        return "-".join(["diff", *(re.sub(r"[^\w.-]+", "_", one.name) for one in (self.before, self.after))])


def compare_reports(before: Path, after: Path) -> Changes:
    """Compare two finished or released folders: two years, or two editions of one.

    Raises
    ------
    DataError
        A folder without records or receipt.
    """
    editions = open_edition(before), open_edition(after)
    return Changes(*editions, compare(*editions))


def compare(before: Edition, after: Edition) -> pd.DataFrame:
    """Compare all records of two editions.

    Returns
    -------
    pandas.DataFrame
        A row a figure, with `COLUMNS`: ``old`` and ``new`` as printed; ``change`` printed with its sign, percent in
        percentage points; ``is_inside``, whether the new value lies in the old interval; ``z`` of the difference;
        ``causes``, what changed that can bear on it. Changed figures come first: those beyond sampling error by |z|,
        then those without interval by relative change, then the rest; then new, gone and unchanged ones.

    Notes
    -----
    z = (b − a) / √(sₐ² + s_b²), where s is the width of an interval over twice the normal quantile of its level, the
    interval taken as symmetric and the two figures as independent. Two editions from the same rows are not
    independent: their true z is larger than the one given. Comparisons are not adjusted for their number. Strata that
    name a year are matched by their distance to the edition's own year: 2022-03 with 2023-03, "2022 vs 2021" with
    "2023 vs 2022".
    """
    facts = _Facts(before, after)
    old = {_place(row, before.year): row for row in before.records.values()}
    new = {_place(row, after.year): row for row in after.records.values()}
    rows = [_line(old.get(place), new.get(place), facts) for place in dict.fromkeys([*new, *old])]
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "order", "size"])
    frame = frame.sort_values(["order", "size"], ascending=[True, False], kind="stable")
    return frame[COLUMNS].reset_index(drop=True)


def _place(row: Row, year: int) -> tuple[str, str]:
    return str(row["metric"]), relative(str(row["stratum"]), year)


def relative(text: str, year: int) -> str:
    """Write the years in a text as distances to a year.

    >>> relative("2023 vs 2022", 2023), relative("2022-03", 2022)
    ('〔0〕 vs 〔-1〕', '〔0〕-03')
    """
    return re.sub(r"(?<!\d)(?:19|20)\d\d(?!\d)", lambda found: f"〔{int(found[0]) - year}〕", text)


def _line(old: Row | None, new: Row | None, facts: "_Facts") -> dict[str, object]:
    row = new or old or {}
    line = {
        "status": _status(old, new),
        "metric": row["metric"],
        "stratum": row["stratum"],
        "old_stratum": old["stratum"] if old else "",
        "notebook": row.get("notebook", ""),
        "old": old["printed"] if old else "",
        "new": new["printed"] if new else "",
        "unit": row["unit"],
        "causes": facts.causes(old, new),
        "key": new["key"] if new else "",
        "old_key": old["key"] if old else "",
        "is_inside": None,
        "change": "",
        "sampling": "",
    }
    line |= _difference(old, new) if old and new else {}
    return line | _order(line, old, new)


def _status(old: Row | None, new: Row | None) -> str:
    if old is None or new is None:
        return NEW if old is None else GONE
    is_same = all(old.get(name) == new.get(name) for name in ("printed", "unit"))
    return KEPT if is_same and (old.get("verdict") or "") == (new.get("verdict") or "") else CHANGED


def _difference(old: Row, new: Row) -> dict[str, object]:
    """Set the difference of two numbers of one unit beside their intervals."""
    if old["unit"] != new["unit"] or any(isinstance(row["value"], str) for row in (old, new)):
        return {}
    gap = float(new["value"]) - float(old["value"])
    spread = [_standard_error(row) for row in (old, new)]
    low, high = old.get("low"), old.get("high")
    z = gap / math.hypot(*spread) if None not in spread and any(spread) else None
    return {
        "change": _signed(gap, new),
        "difference": gap,
        "is_inside": None if low is None or high is None else bool(low <= float(new["value"]) <= high),
        "z": z,
        "sampling": "" if z is None else (INSIDE if abs(z) < CRITICAL else OUTSIDE),
    }


def _standard_error(row: Row) -> float | None:
    low, high = row.get("low"), row.get("high")
    if low is None or high is None:
        return None
    return (high - low) / (2 * NormalDist().inv_cdf((1 + (row.get("level") or 0.95)) / 2))


def _signed(gap: float, row: Row) -> str:
    unit = {"percent": "pp"}.get(row["unit"], row["unit"])
    text = format_number(gap, decimals=int(row["decimals"]))
    return ("+" if gap > 0 and not re.fullmatch(r"[0.,]+", text) else "") + text + UNITS[unit].suffix


def _order(line: Mapping[str, Any], old: Row | None, new: Row | None) -> dict[str, float]:
    if line["status"] != CHANGED:
        return {"order": 3 + (NEW, GONE, KEPT).index(line["status"]), "size": 0.0}
    if line.get("z") is not None:
        return {"order": 0 if line["sampling"] == OUTSIDE else 2, "size": abs(line["z"])}
    if line.get("difference") is None:
        return {"order": 1, "size": 1.0}
    largest = max(abs(float(row["value"])) for row in (old, new))
    return {"order": 1, "size": abs(line["difference"]) / largest if largest else 0.0}


# What changed between two editions


class _Facts:
    """What is on record as different between two editions; a part that either receipt lacks is passed over."""

    def __init__(self, before: Edition, after: Edition) -> None:
        self.before, self.after = before, after
        self._is_judged = before.is_whole and after.is_whole

    def causes(self, old: Row | None, new: Row | None) -> str:
        """Say what changed that can bear on a record."""
        if old is None or new is None:
            return self._standing_alone(old or new or {})
        definition = self._definition(old, new)
        if _status(old, new) == KEPT:
            return "；".join(definition)
        found = [*self._verdict(old, new), *self._year, *self._data(old, new), *definition]
        found += [*self._parameters(new), *self._code(new), *self.settings, *self.packages]
        return "；".join(found) or self._nothing

    def _standing_alone(self, row: Row) -> str:
        other = self.before if row["key"] in self.after.records else self.after
        chapters = other.receipt.get("results")
        is_absent = chapters is not None and row.get("notebook") not in chapters
        return f"「{other.name}」没有章节 {row.get('notebook')}" if is_absent else ""

    @property
    def _nothing(self) -> str:
        if self._is_judged:
            return "它自己的数据、笔记本、程序都没有变化：来自它引用的其他章"
        return "数据、设置、软件包都没有变化：笔记本或程序有变化"

    @property
    def _year(self) -> list[str]:
        years = self.before.year, self.after.year
        return [] if years[0] == years[1] else [f"不同年份的数据（{years[0]} 与 {years[1]}）"]

    @staticmethod
    def _verdict(old: Row, new: Row) -> list[str]:
        said = [row.get("verdict") or "无" for row in (old, new)]
        return [] if said[0] == said[1] else [f"结论：{said[0]} → {said[1]}"]

    def _definition(self, old: Row, new: Row) -> list[str]:
        """Name what of the definition differs; what only one of the editions knows is not compared."""
        both = [name for name in DEFINITION if not {old.get(name), new.get(name)} & {None, ""}]
        said = {
            name: [
                relative(str(row[name]), year) for row, year in zip((old, new), self._both_years, strict=True)
            ]
            for name in both
        }
        return [
            f"口径：{DEFINITION[name]}「{old[name]}」→「{new[name]}」"
            for name in both
            if len({*said[name]}) > 1
        ]

    @property
    def _both_years(self) -> tuple[int, int]:
        return self.before.year, self.after.year

    def _data(self, old: Row, new: Row) -> list[str]:
        """Name the tables that a record's notebook had read and that differ, with the raw files behind them."""
        if self._year:
            return []
        tables = [row.get("tables") or {} for row in (old, new)]
        names = [
            name
            for name in dict.fromkeys([*tables[0], *tables[1]])
            if tables[0].get(name) != tables[1].get(name)
        ]
        behind = [file for name in names for file in self._raw(name)]
        if not names:
            return []
        if not behind:
            return [f"表{listed(names, most=3)}不同，原始文件没有变化：读入的程序、设置或软件包有变化"]
        files = [Path(name).name for name in dict.fromkeys(behind)]
        return [f"数据：表{listed(names, most=3)}，原始文件{listed(files, most=3)}"]

    def _raw(self, table: str) -> list[str]:
        """The files behind a table that differ; dataset.toml says how they are read, and counts with them."""
        sources = [edition.receipt.get("sources", {}).get(table, []) for edition in (self.before, self.after)]
        return [name for name in dict.fromkeys([*sources[0], *sources[1]]) if name in self._raw_changed]

    @cached_property
    def _raw_changed(self) -> frozenset[str]:
        return frozenset(different(self.before.receipt.get("raw", {}), self.after.receipt.get("raw", {})))

    def _parameters(self, row: Row) -> list[str]:
        given = [
            edition.receipt.get("notebooks", {}).get(row.get("notebook"), {}).get("parameters", {})
            for edition in (self.before, self.after)
        ]
        names = [name for name in different(*given) if name != "year"] if all(given) else []
        return [f"参数 {name}：{given[0].get(name)} → {given[1].get(name)}" for name in names]

    def _code(self, row: Row) -> list[str]:
        """Name the notebook and the package's files that it uses, where they differ."""
        books = [e.receipt.get("notebooks", {}).get(row.get("notebook")) for e in (self.before, self.after)]
        if None in books:
            return []
        is_other = books[0]["source"] != books[1]["source"]
        used = {*books[0]["modules"], *books[1]["modules"]}
        files = [name for name in self._package_changed if name in used]
        files.sort(key=lambda name: (not name.startswith(("analysis/", "intake/")), name))
        found = [f"笔记本 {row['notebook']}"] if is_other else []
        return [*found, *([f"程序{listed(files, most=3)}"] if files else [])]

    @cached_property
    def _package_changed(self) -> list[str]:
        return different(self.before.receipt.get("package", {}), self.after.receipt.get("package", {}))

    @cached_property
    def settings(self) -> list[str]:
        """Name the settings of dataset.toml that differ; between years, periods do not count."""
        given = [edition.receipt.get("settings", {}) for edition in (self.before, self.after)]
        dates = ("seed", "period_start", "period_end", "midyear_check") if self._year else ()
        names = [name for name in different(*given) if name not in dates] if all(given) else []
        return [f"设置 {name}：{given[0].get(name)} → {given[1].get(name)}" for name in names]

    @cached_property
    def packages(self) -> list[str]:
        """Name the packages of other versions."""
        given = [
            {"Python": edition.receipt.get("python"), **edition.receipt.get("packages", {})}
            for edition in (self.before, self.after)
        ]
        names = [name for name in different(*given) if given[0].get(name) and given[1].get(name)]
        told = [f"{name} {given[0][name]} → {given[1][name]}" for name in names]
        return [f"软件包{listed(told, most=3)}"] if told else []


def different(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    """Name what two parts of receipts say differently, sorted."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


# Corrections


def corrections(dataset: Dataset, records: pd.DataFrame) -> pd.DataFrame:
    """List the figures that were delivered and have been printed otherwise since.

    Parameters
    ----------
    dataset
        The year; what was delivered is in ``data/released/<year>/``, reasons in ``corrections.toml`` there.
    records
        The records now, as `Ledger.frame` gives them. Figures of notebooks that are not among them are passed over.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (the record's key), ``old``, ``new`` as printed, ``released_on`` (when the old one was delivered),
        ``reason`` (the analyst's, else what changed), ``used`` (the slides that printed it). Empty where nothing was
        delivered or nothing has changed.

    Raises
    ------
    ConfigError
        A reason for a figure that was never delivered, or one that is no text.
    """
    delivered = releases(dataset)
    if not delivered:
        return pd.DataFrame(columns=CORRECTION_COLUMNS)
    known = {key for edition in delivered for key in edition.records}
    reasons = read_reasons(dataset.released / REASONS, known=known)
    later = [*delivered[1:], current_edition(dataset, records, like=delivered[-1])]
    chapters = set(records["notebook"])
    tables = [
        corrected(before, after, reasons=reasons, chapters=chapters)
        for before, after in zip(delivered, later, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


def corrected(
    before: Edition,
    after: Edition,
    *,
    reasons: Mapping[str, str] | None = None,
    chapters: set[str] | None = None,
) -> pd.DataFrame:
    """List the figures of an edition that the next one prints otherwise or no more; columns as `corrections`."""
    frame = compare(before, after)
    wrong = frame[(frame["old"] != frame["new"]) & frame["status"].isin([CHANGED, GONE])]
    rows = [
        {
            "stratum": row["old_key"],
            "old": row["old"],
            "new": row["new"] or WITHDRAWN,
            "released_on": before.released_on,
            "reason": (reasons or {}).get(row["old_key"]) or row["causes"] or "这一章不再计算它",
            "used": "、".join(before.uses(row["old_key"])),
        }
        for row in wrong.to_dict("records")
        if chapters is None or row["notebook"] in chapters
    ]
    return pd.DataFrame(rows, columns=CORRECTION_COLUMNS)


def read_reasons(path: Path, *, known: Iterable[str]) -> dict[str, str]:
    """Read why figures were corrected, by key; nothing where nobody wrote any."""
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise ConfigError(f'{path.name} 不是完整的 TOML（{error}）：每行写成 "指标[层]" = "原因"') from error
    known = set(known)
    _refuse([key for key in found if key not in known], "从来没有交付过", path=path)
    _refuse([key for key, text in found.items() if not isinstance(text, str)], "的原因不是文字", path=path)
    return {key: str(text) for key, text in found.items()}


def _refuse(keys: Sequence[str], why: str, *, path: Path) -> None:
    if keys:
        raise ConfigError(
            f'{path.parent.name}/{path.name} 里{listed(keys)}{why}：每行写成 "指标[层]" = "原因"'
        )

"""The ledger: every number that a report prints has a record here, and only here.

It stores and formats; it computes no statistic and decides no wording.
"""

import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from html import escape
from pathlib import Path

import pandas as pd

from fbanalysis.errors import LedgerError, listed
from fbanalysis.report.methods import formula_of

#: Output type under which an executed notebook carries its records.
MIME = "application/vnd.fbanalysis.ledger+json"


#: What a record says in words, given to `Ledger.record` and `Ledger.note` as texts and not as columns.
TEXTS = ("filter", "weight", "formula", "period")

#: How records are weighted that say nothing else.
UNWEIGHTED = "不加权"

#: Stands between 汉字 and numerals or Latin letters: narrow, and no line breaks at it.
THIN_SPACE = "\u202f"


class AbsentRecordError(LedgerError):
    """A record that could not be made because its data are not there."""


class SuppressedRecordError(AbsentRecordError):
    """A record of so few people that printing it would tell what one of them said."""


@dataclass(frozen=True)
class Unit:
    """How values of a unit are printed: what follows the digits, and how many decimals.

    ``is_count`` is for units that count or name; they say nothing of what few people answered.
    """

    suffix: str
    decimals: int
    is_count: bool = False


UNITS: Mapping[str, Unit] = {
    "percent": Unit("%", 1),
    "pp": Unit(" 个百分点", 1),
    "score": Unit(" 分", 1),
    "count": Unit("", 0, is_count=True),
    "customers": Unit(" 家", 0, is_count=True),
    "seconds": Unit(" 秒", 1),
    "minutes": Unit(" 分钟", 1),
    "hours": Unit(" 小时", 1),
    "days": Unit(" 天", 0),
    "weeks": Unit(" 周", 0),
    "cny_10k": Unit(" 万元", 0, is_count=True),
    "ratio": Unit("", 2),
    "date": Unit("", 0, is_count=True),
    "text": Unit("", 0, is_count=True),
}


@dataclass(frozen=True)
class Record:
    """One printed number: its value with base, interval, method and the verdict of its test.

    ``filter`` says who is counted (period, subset, stratum), ``weight`` how they are weighted, ``formula`` how the
    value is worked out where the glossary of methods does not say it.
    """

    metric: str
    stratum: str
    value: float | str
    unit: str
    method: str
    decimals: int
    n: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    p: float | None = None
    effect: float | None = None
    verdict: str = ""
    filter: str = ""
    weight: str = ""
    formula: str = ""
    notebook: str = ""
    cell: int | None = None
    tables: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name by which sentences refer to the record: ``metric[stratum]``."""
        return f"{self.metric}[{self.stratum}]"

    @property
    def printed(self) -> str:
        """The value as it stands in every output."""
        return self.show(self.value)

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None

    def show(self, value: float | str, *, suffix: bool = True) -> str:
        """Format a value in this record's unit and decimals, with a true minus sign."""
        if isinstance(value, str):
            return value
        return format_number(value, decimals=self.decimals) + (UNITS[self.unit].suffix if suffix else "")

    def as_json(self) -> dict[str, object]:
        """Give the record as plain data, with its printed form."""
        return asdict(self) | {"key": self.key, "printed": self.printed}


def format_number(value: float, *, decimals: int) -> str:
    """Print a number with thousands separators and a true minus; never as minus zero.

    >>> format_number(-1234.56, decimals=1), format_number(-0.04, decimals=1)
    ('−1,234.6', '0.0')
    """
    if math.isnan(value):
        return "–"
    text = f"{round_half_up(value, decimals=decimals):,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def round_half_up(value: float, *, decimals: int) -> float:
    """Round halves away from zero, as readers of a printed table do (not to even).

    A relative tolerance of 1e-9 lets 2.675, stored as 2.67499999…, count as the half that it is.

    >>> round_half_up(112.45, decimals=1), round_half_up(0.5, decimals=0)
    (112.5, 1.0)
    """
    scaled = abs(value) * 10**decimals
    return math.copysign(math.floor(scaled + 0.5 + min(scaled * 1e-9, 1e-6)) / 10**decimals, value)


class Ledger:
    """Records of one notebook, or of a whole report once merged.

    Parameters
    ----------
    year
        The opened year: gives the hashes of the tables read and the organisation's allow-list.
    """

    def __init__(self, year: object | None = None) -> None:
        self.year = year
        self._records: dict[str, Record] = {}
        self._absent: set[str] = set()
        self._suppressed: set[str] = set()
        self._is_closed = True
        self._roles = {} if year is None else {"year": str(year.year), "prior": str(year.year - 1)}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def __contains__(self, key: str) -> bool:
        return self._resolved(key) in self._records

    def __getitem__(self, key: str) -> Record:
        """Look a record up; ``@year`` and ``@prior`` stand for this year and the one before (see `alias`).

        Raises
        ------
        AbsentRecordError
            The analysis had nothing to compute it from; sentences then say so.
        LedgerError
            Nobody recorded it; the message names what there is.
        """
        is_of_prior = "@prior" in key
        key = self._resolved(key)
        metric = key.split("[")[0]
        is_absent = (is_of_prior and self.knows(metric)) or self._absent & {key, metric}
        if key in self._suppressed and key not in self._records:
            raise SuppressedRecordError(f"「{key}」的人数少于 {self._fewest} 人")
        if (is_absent or not self._is_closed) and key not in self._records:
            raise AbsentRecordError(f"「{key}」没有数据")
        if key not in self._records:
            raise LedgerError(f"账本里没有记录「{key}」；{self._near(key)}")
        return self._records[key]

    @property
    def _fewest(self) -> int:
        """From how many people on an estimate may be printed."""
        return 0 if self.year is None else self.year.dataset.thresholds.suppress_below

    def alias(self, role: str, stratum: str) -> None:
        """Let ``@role`` in a key stand for a stratum that only the data know, such as an incident's name."""
        self._roles[role] = stratum

    def knows(self, metric: str) -> bool:
        """Say whether a metric was recorded, or tried and found without data."""
        return metric in {name.split("[")[0] for name in (*self._records, *self._absent)}

    def _resolved(self, key: str) -> str:
        if key in self._records:
            return key
        return re.sub(r"@([A-Za-z_]\w*)", lambda match: self._role(match[1]), key, flags=re.ASCII)

    def _role(self, name: str) -> str:
        if name not in self._roles and not self._is_closed:
            raise AbsentRecordError(f"「@{name}」没有数据")
        if name not in self._roles:
            raise LedgerError(f"没有叫「@{name}」的角色；可用：{listed('@' + role for role in self._roles)}")
        return self._roles[name]

    def _near(self, key: str) -> str:
        metric = key.split("[")[0]
        strata = [record.stratum for record in self if record.metric == metric]
        if strata:
            return f"指标「{metric}」下有：{listed(strata, most=20)}"
        return f"已有的指标：{listed(dict.fromkeys(record.metric for record in self), most=40)}"

    def of(self, metric: str) -> list[Record]:
        """All records of a metric, in the order in which they were recorded."""
        found = [record for record in self if record.metric == metric]
        if not found and (not self._is_closed or metric in {name.split("[")[0] for name in self._absent}):
            raise AbsentRecordError(f"「{metric}」没有数据")
        if not found:
            raise LedgerError(f"账本里没有指标「{metric}」；{self._near(metric)}")
        return found

    def signed(self, metric: str, strata: Iterable[str]) -> list[str]:
        """Give printed differences with their sign, for labels of a chart; empty where there is none."""
        keys = [f"{metric}[{stratum}]" for stratum in strata]
        found = [self._records.get(key) for key in keys]
        return ["" if r is None else ("+" if float(r.value) > 0 else "") + r.printed for r in found]

    def record(
        self,
        frame: pd.DataFrame,
        *,
        metric: str,
        value: str,
        unit: str,
        method: str,
        decimals: int | str | None = None,
        are_people: bool = True,
        **columns: str,
    ) -> pd.DataFrame:
        """Record a column of an analysis frame, a record a row, and give the frame back as it may be shown.

        Parameters
        ----------
        frame
            One row a stratum. The columns ``stratum``, ``n``, ``low``, ``high``, ``p``, ``effect`` and
            ``verdict`` are taken along where present; ``n="population"`` takes another column instead,
            ``low=""`` none. A row without a value, or a frame without rows, is remembered as absent.
        metric, value, unit, method
            The metric's name, the column with its values, their unit (a key of `UNITS`, or a column that
            holds one a row), and the method in a phrase, in Chinese.
        decimals
            Printed decimals, or a column that holds them; default: the unit's.
        are_people
            Whether n counts people: then an estimate from fewer than ``suppress_below`` of them is not kept,
            and the frame given back holds no fraction of such a row: a cell that ends here displays it.
        **columns
            Other columns for the above, and in words, in Chinese, what readers see behind the number: ``filter``
            (who of all is counted: 有总体评分的反馈), ``weight`` (how they are weighted; default 不加权), ``formula``
            (where the glossary does not know the method), ``period`` (default: the report's).

        Raises
        ------
        LedgerError
            An unknown unit or column, or a record that exists with another value.
        """
        texts = {name: columns.pop(name) for name in TEXTS if name in columns}
        taken = {
            name: columns.get(name, name)
            for name in ("stratum", "n", "low", "high", "p", "effect", "verdict")
        }
        wanted = [value, *columns.values()]
        unknown = [name for name in wanted if name and name not in frame.columns]
        if strange := columns.keys() - taken.keys():
            raise LedgerError(
                f"记录「{metric}」不认识{listed(sorted(strange))}；可指定的列：{listed(taken, most=20)}"
            )
        if unknown:
            raise LedgerError(
                f"记录「{metric}」要的列{listed(unknown)}不在表里；表里有：{listed(frame.columns, most=40)}"
            )
        if frame.empty:
            self._absent.add(metric)
        strata = [str(row.get(taken["stratum"], "all")) for row in frame.to_dict("records")]
        for stratum, row in zip(strata, frame.to_dict("records"), strict=True):
            self.note(
                metric,
                stratum,
                row[value],
                method=method,
                unit=unit if unit in UNITS else row.get(unit, unit),
                decimals=row.get(decimals, decimals),
                are_people=are_people,
                **texts,
                **{
                    name: row.get(column)
                    for name, column in taken.items()
                    if name != "stratum" and column in row
                },
            )
        is_hidden = [f"{metric}[{stratum}]" in self._suppressed for stratum in strata]
        return _without_estimates(frame, is_hidden) if any(is_hidden) else frame

    def note(
        self,
        metric: str,
        stratum: str,
        value: object,
        *,
        unit: str,
        method: str,
        decimals: int | None = None,
        are_people: bool = True,
        **rest: object,
    ) -> Record | None:
        """Record one value; without a value, or from too few people, it is remembered as absent.

        ``rest`` are ``n``, ``low``, ``high``, ``p``, ``effect``, ``verdict``, and the texts of `record`. The same
        again is the same record; another value, base, unit or verdict under its name is an error.
        """
        if unit not in UNITS:
            raise LedgerError(f"记录「{metric}」的单位「{unit}」不认识；可用：{listed(UNITS, most=20)}")
        said = {name: str(rest.pop(name, "")) for name in TEXTS}
        n = _bound(rest.get("n"))
        if are_people and not UNITS[unit].is_count and n is not None and 0 < n < self._fewest:
            self._suppressed.add(f"{metric}[{stratum}]")
            value = None
        if _number_or_none(value) is None or (isinstance(value, float) and math.isnan(value)):
            self._absent.add(f"{metric}[{stratum}]")
            return None
        record = Record(
            metric=metric,
            stratum=stratum,
            value=_plain(value),
            unit=unit,
            method=method,
            decimals=UNITS[unit].decimals if decimals is None else int(decimals),
            verdict=_text(rest.pop("verdict", None)),
            filter=self._counted(stratum, said),
            weight=said["weight"] or UNWEIGHTED,
            formula=said["formula"],
            cell=_current_cell(),
            tables=dict(self.year.read) if self.year is not None else {},
            **{name: _bound(given) for name, given in rest.items()},
        )
        self._add(record)
        return record

    def _counted(self, stratum: str, said: Mapping[str, str]) -> str:
        """Say who is counted: when, which of them, of which stratum."""
        layer = "不分层" if stratum == "all" else f"层「{stratum}」"
        return "；".join(part for part in (said["period"] or self._period, said["filter"], layer) if part)

    @property
    def _period(self) -> str:
        """The report's period; nothing for a ledger without a dataset."""
        dataset = getattr(self.year, "dataset", None)
        start, end = (getattr(dataset, f"period_{part}", None) for part in ("start", "end"))
        return f"{start} 至 {end}" if start and end else ""

    def _add(self, record: Record) -> None:
        self._check(record)
        self._records[record.key] = _completed(self._records.get(record.key, record), record)

    def _check(self, record: Record) -> None:
        known = self._records.get(record.key)
        if known is not None and not _same(known.value, record.value):
            raise LedgerError(
                f"同一条记录「{record.key}」有两个值：{_told(known)}与 {_told(record)}；请统一口径或改名"
            )
        if known is not None and _said(known) != _said(record):
            raise LedgerError(
                f"同一条记录「{record.key}」有两种口径（单位、小数、样本量、结论）：{_said(known)} 与 {_said(record)}；"
                "请统一口径或改名"
            )

    def merge(self, records: Iterable[Mapping[str, object]], *, notebook: str) -> None:
        """Take in the records that an executed notebook carries: all of them, or none if one contradicts."""
        names = {item.name for item in fields(Record)}
        taken = [
            Record(**{k: v for k, v in row.items() if k in names} | {"notebook": notebook}) for row in records
        ]
        for record in taken:
            self._check(record)
        for record in taken:
            self._add(record)

    def adopt(self, records: Iterable[Mapping[str, object]]) -> None:
        """Take in the records of earlier chapters; from then on a record that nobody made counts as absent.

        A chapter that was left out leaves its records missing, and sentences about them are left out too.
        """
        self._is_closed = False
        for row in records:
            self.merge([row], notebook=str(row["notebook"]))
            for table, digest in row["tables"].items() if self.year is not None else ():
                self.year.read.setdefault(table, digest)

    def frame(self) -> pd.DataFrame:
        """All records as a table, in the column order of ``metrics.csv``."""
        rows = [_whole(record) | {"tables": _hashes(record.tables)} for record in self]
        return pd.DataFrame(rows, columns=COLUMNS)

    def _safe_frame(self) -> pd.DataFrame:
        """The table with texts that a spreadsheet would take for formulas kept as text (an apostrophe before)."""
        frame = self.frame()
        texts = ["stratum", "value", "method", "filter", "weight", "formula", "verdict", "printed"]
        return frame.assign(**{name: frame[name].map(guarded) for name in texts})

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Write ``metrics.csv`` and ``metrics.json`` into a folder."""
        csv, js = folder / "metrics.csv", folder / "metrics.json"
        text = self._safe_frame().to_csv(index=False, lineterminator="\n")
        write_whole(csv, "\ufeff" + text)
        write_whole(js, json.dumps([_whole(record) for record in self], ensure_ascii=False, indent=1))
        return csv, js

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {
            MIME: [record.as_json() for record in self],
            "text/html": f"<p>账本：{len(self)} 条记录。</p>" + _preview(self),
            "text/plain": f"账本：{len(self)} 条记录",
        }


COLUMNS = [
    "metric",
    "stratum",
    "value",
    "unit",
    "n",
    "low",
    "high",
    "level",
    "method",
    "filter",
    "weight",
    "formula",
    "p",
    "effect",
    "verdict",
    "printed",
    "decimals",
    "notebook",
    "cell",
    "tables",
]


def _whole(record: Record) -> dict[str, object]:
    """Give a record with the formulas of its method, which the executed notebooks need not carry."""
    return record.as_json() | {"formula": formula_of(record)}


def _without_estimates(frame: pd.DataFrame, is_hidden: Sequence[bool]) -> pd.DataFrame:
    """Leave counts and texts of hidden rows only."""
    fractions = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name])]
    rows = pd.Series(is_hidden, index=frame.index)
    return frame.assign(**{name: frame[name].mask(rows) for name in fractions})


def _preview(ledger: Ledger) -> str:
    rows = "".join(
        f"<tr><td>{escape(r.metric)}</td><td>{escape(r.stratum)}</td><td>{escape(r.printed)}</td>"
        f"<td>{escape(r.method)}</td></tr>"
        for r in ledger
    )
    return f"<details><summary>全部记录</summary><table>{rows}</table></details>"


def write_whole(path: Path, text: str) -> None:
    """Swap a file in whole, so that a reader never sees half of one."""
    aside = path.with_suffix(path.suffix + ".new")
    aside.write_text(text, "utf-8", newline="\n")
    os.replace(aside, path)


def _hashes(tables: Mapping[str, str]) -> str:
    return " ".join(f"{name}:{digest}" for name, digest in tables.items())


def _plain(value: object) -> float | str:
    if isinstance(value, datetime | pd.Timestamp | date):
        return pd.Timestamp(value).date().isoformat()
    return value if isinstance(value, str) else _finite(value)


def _finite(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        raise LedgerError(f"不能记录没有数值的结果（{value}）；请先说明为什么缺失，再决定是否报告")
    return number


def _number_or_none(value: object) -> float | str | None:
    """A finite number, a date as text, or nothing."""
    if isinstance(value, str) or value is None:
        return value
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    return _plain(value) if isinstance(value, date) else float(value)  # type: ignore[arg-type]


def _bound(value: object) -> float | None:
    """An end of an interval, a p or an effect: what is not a finite number is not known."""
    number = _number_or_none(value)
    return number if isinstance(number, float) and math.isfinite(number) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def guarded(value: object) -> object:
    """Keep a text from being taken for a formula by a spreadsheet; what is no text stays as it is."""
    if not isinstance(value, str):
        return value
    return re.sub(r"^(?=\s*[=+\-@＝＋－＠\t\r])", "'", re.sub(r"[\x00-\x08\x0b-\x1f\x7f]+", " ", value))


def _told(record: Record) -> str:
    return f"{record.printed}（{record.notebook or '本笔记本'}，{record.method}）"


def _said(record: Record) -> tuple[object, ...]:
    """What of a record readers see besides its value."""
    return record.unit, record.decimals, record.n, record.verdict


def _completed(known: Record, other: Record) -> Record:
    """Add what only the other one knows: a chapter that printed an interval needs it in the merged ledger."""
    names = ("low", "high", "p", "effect")
    missing = {name: getattr(other, name) for name in names if getattr(known, name) is None}
    return replace(known, **missing) if any(one is not None for one in missing.values()) else known


def _same(a: float | str, b: float | str) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def _current_cell() -> int | None:
    """The execution count of the notebook cell that records, where there is one.

    IPython counts on before it runs a cell (from 9 on) or behind it (before); the inputs it has stored are those
    up to this cell in either, after an empty one.
    """
    from IPython import get_ipython

    shell = get_ipython()
    return None if shell is None else len(shell.history_manager.input_hist_parsed) - 1

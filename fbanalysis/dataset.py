"""What dataset.toml says about one year's files, and the opening of that year's processed tables.

Reads no data file and imports no data library: a run that has nothing to do costs only this.
"""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fbanalysis.colours import ACCENT, ALARM, LEGIBLE, WHITE, contrast, distance, is_colour, readable
from fbanalysis.config import Keys, Section, meant, read_config
from fbanalysis.errors import ConfigError, DataError, MissingTableError, listed
from fbanalysis.schema import DERIVED, DTYPES, PROVENANCE, TABLES, Table

if TYPE_CHECKING:
    import pandas as pd

ROOT_VARIABLE = "FBANALYSIS_ROOT"
CONFIG_NAME = "dataset.toml"
#: Intake's own account of what it wrote; its presence says that a year was taken in.
INTAKE_REPORT = "intake.json"
#: Where intake tells which rows it refused, and why.
QUARANTINE_NAME = "quarantine.csv"
#: The tables that a file in data/raw can bring, besides ``feedback``.
DELIVERABLE = tuple(name for name in TABLES if name not in (*DERIVED, "feedback"))

#: The font of PowerPoint files where [theme] names none: every Windows and Office has it.
OFFICE_FONT = "微软雅黑"
#: Characters that a font's name may not have, for it stands in quotes in pages and pictures.
UNQUOTABLE = "\"'\\<>{};"


@dataclass(frozen=True)
class Theme:
    """An organisation's look, all of it optional; colours that are not given are our own.

    ``font`` is a family that pages name first and PowerPoint uses; ``font_file`` is what charts are measured
    and drawn in and pages carry. ``footer`` stands at the foot of every slide; ``template`` is a .pptx.
    """

    accent: str = ""
    alarm: str = ""
    logo: Path | None = None
    font: str = ""
    font_file: Path | None = None
    footer: str = ""
    template: Path | None = None

    @property
    def office_font(self) -> str:
        """The font that PowerPoint sets the slides in."""
        return self.font or OFFICE_FONT


@dataclass(frozen=True)
class Melt:
    """A wide file whose item columns become rows: item → header, and the columns that get item and cell."""

    name: str
    value: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """One delivered file and how its columns become those of a table.

    ``columns`` maps a table column to the file's header, ``constants`` to one value for every row,
    ``values`` to raw value → table value, ``formats`` to a strptime format, ``units`` to a suffix that
    numbers carry. ``header_row`` is the row of the headers as a spreadsheet counts, the first with content
    when not given; ``list_separator`` stands between several answers in one cell.
    """

    file: Path
    table: str
    channel: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    melt: Melt | None = None
    sheet: str | None = None
    header_row: int | None = None
    list_separator: str | None = None
    encoding: str | None = None
    owner: str | None = None

    @property
    def place(self) -> str:
        """Where to look for a row: the file's name, and the sheet if one is named."""
        return self.file.name if self.sheet is None else f"{self.file.name}（工作表「{self.sheet}」）"

    @property
    def label(self) -> str:
        """A name that no other source of the year has: the file's stem, and the sheet if one is named."""
        return self.file.stem if self.sheet is None else f"{self.file.stem}-{self.sheet}"


@dataclass(frozen=True)
class Thresholds:
    """The limits at which a number changes its word; dataset.toml may set each."""

    alpha: float = 0.05
    minimum_base: int = 30
    suppress_below: int = 5
    small_effect: float = 0.2
    kpi_basically_met: float = 95.0
    sentiment_positive: float = 0.6
    sentiment_negative: float = 0.4
    resubmission_days: int = 30
    resubmission_similarity: float = 70.0


@dataclass(frozen=True)
class Disclosure:
    """What only people can say of how the feedback came about; the method chapter prints it as it stands.

    An empty text is not said yet. The keys of `OPTIONAL_DISCLOSURE` may stay so; each of the others is asked
    for by a standard (AAPOR Code of 2021, section III A; 个人信息保护法, articles 6, 13 and 19), and the final
    report waits for it.
    """

    sponsor: str = ""
    conducted_by: str = ""
    population: str = ""
    sampling_frame: str = ""
    recruitment: str = ""
    instruments: str = ""
    languages: str = ""
    incentives: str = ""
    purpose: str = ""
    consent: str = ""
    retention: str = ""
    quality_procedures: str = ""
    limitations: str = ""
    ai_use: str = ""
    contact: str = ""
    next_review: str = ""
    funding: str = ""
    modes: str = ""
    peer_review: str = ""
    code_published: str = ""
    schedule: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that the final report waits for."""
        return tuple(
            item.name
            for item in fields(self)
            if item.name not in OPTIONAL_DISCLOSURE and not getattr(self, item.name)
        )


#: What [disclosure] may leave out: it is told from the data, or counts as not met.
OPTIONAL_DISCLOSURE = ("funding", "modes", "peer_review", "code_published", "schedule")


@dataclass(frozen=True)
class Dataset:
    """One year as dataset.toml describes it."""

    root: Path
    year: int
    seed: int
    title: str
    organisation: str
    author: str
    report_date: date
    allowed: tuple[str, ...]
    period_start: date
    period_end: date
    midyear_check: date | None
    scale_minimum: float
    scale_maximum: float
    thresholds: Thresholds
    feedback: tuple[Source, ...]
    tables: Mapping[str, tuple[Source, ...]]
    theme: Theme = Theme()
    disclosure: Disclosure = Disclosure()

    @property
    def raw(self) -> Path:
        """Where the files lie as received."""
        return _raw_folder(self.root, year=self.year)

    @property
    def processed(self) -> Path:
        """Where intake puts the tables."""
        return self.root / "data" / "processed" / str(self.year)

    @property
    def reports(self) -> Path:
        """Where the report and its proof are put."""
        return self.root / "reports" / str(self.year)

    def owner_of(self, file: str, sheet: str | None) -> str:
        """Who answers for a source, as dataset.toml says; empty where it does not."""
        sources = [*self.feedback, *(source for parts in self.tables.values() for source in parts)]
        named = [one.owner for one in sources if (one.file.name, one.sheet) == (file, sheet) and one.owner]
        return named[0] if named else ""

    @property
    def released(self) -> Path:
        """Where a copy of what was delivered is kept."""
        return self.root / "data" / "released" / str(self.year)

    @property
    def settings(self) -> dict[str, object]:
        """What dataset.toml sets besides the files: seed, period, scale and every threshold, as plain data."""
        days = {"period_start": self.period_start, "period_end": self.period_end}
        days |= {"midyear_check": self.midyear_check}
        return {
            "seed": self.seed,
            "scale_minimum": self.scale_minimum,
            "scale_maximum": self.scale_maximum,
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
            **asdict(self.thresholds),
        }


@dataclass(frozen=True)
class Year:
    """The processed tables of one year, read when asked for.

    ``read`` keeps the hash of every table that was read: what a result may rest on.
    """

    dataset: Dataset
    read: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def year(self) -> int:
        """The year as a number."""
        return self.dataset.year

    @property
    def feedback(self) -> "pd.DataFrame":
        """All accepted feedback, one row an item."""
        return self.table("feedback")

    def has(self, name: str) -> bool:
        """Say whether a table was delivered or derived for this year."""
        return self._path(name).is_file()

    def table(self, name: str) -> "pd.DataFrame":
        """Read a table afresh; the caller may change it without harm.

        Raises
        ------
        MissingTableError
            The table is not there; the message says which file would bring it.
        """
        import pandas as pd

        if not self.has(name):
            raise MissingTableError(_why_missing(self.dataset, name))
        self.read.setdefault(name, self._hash(name))
        return pd.read_parquet(self._path(name))

    def optional(self, name: str) -> "pd.DataFrame":
        """Read a table that an analysis can do without: where it is not there, empty with all its columns."""
        import pandas as pd

        if self.has(name):
            return self.table(name)
        columns = TABLES[name].columns
        return pd.DataFrame({key: pd.Series(dtype=DTYPES[column.kind]) for key, column in columns.items()})

    def intake_counts(self) -> "pd.DataFrame":
        """Rows read, accepted and quarantined of every feedback file: ``stratum`` (file, last ``all``) and counts."""
        import pandas as pd

        files = [part for part in self._intake_report()["files"] if part["table"] == "feedback"]
        names = [part["file"] + (f"「{part['sheet']}」" if part["sheet"] else "") for part in files]
        counts = pd.DataFrame(files, index=names)[["rows_in", "accepted", "quarantined"]]
        counts.loc["all"] = counts.sum()
        return counts.rename_axis("stratum").reset_index()

    def raw_files(self) -> "pd.DataFrame":
        """The files as received, one row a source, in the order of dataset.toml.

        Returns
        -------
        DataFrame
            ``stratum`` (file, sheet if one is named, and table), ``owner`` (empty where none is named),
            ``rows_in``, ``accepted``, ``digest`` (first twelve hexadecimal digits of the file's SHA-256).
        """
        import pandas as pd

        columns = ["stratum", "owner", "rows_in", "accepted", "digest"]
        rows = [
            (
                f"{part['file']}{'「' + part['sheet'] + '」' if part['sheet'] else ''} → {part['table']}",
                self.dataset.owner_of(part["file"], part["sheet"]),
                *(part["rows_in"], part["accepted"], part["sha256"][:12]),
            )
            for part in self._intake_report()["files"]
        ]
        return pd.DataFrame(rows, columns=columns).drop_duplicates("stratum", ignore_index=True)

    def masked(self) -> "pd.DataFrame":
        """Personal data masked at intake: ``stratum`` (kind) and ``n`` (places), most frequent first."""
        import pandas as pd

        counts = self._intake_report()["masked"].items()
        table = pd.DataFrame(counts, columns=["stratum", "n"])
        return table.sort_values(["n", "stratum"], ascending=[False, True], ignore_index=True)

    def _intake_report(self) -> dict[str, Any]:
        return json.loads((self.dataset.processed / INTAKE_REPORT).read_text("utf-8"))

    def quarantine(self) -> "pd.DataFrame":
        """The rows that intake refused: file, row, table, column, value (masked) and reason, all text."""
        import pandas as pd

        return pd.read_csv(self.dataset.processed / QUARANTINE_NAME, dtype=str, keep_default_na=False)

    def hashes(self, names: Iterable[str]) -> dict[str, str]:
        """Give the first twelve hexadecimal digits of each table's sha256."""
        return {name: self._hash(name) for name in names}

    def _hash(self, name: str) -> str:
        if not self.has(name):
            raise MissingTableError(_why_missing(self.dataset, name))
        with self._path(name).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:12]

    def _path(self, name: str) -> Path:
        if name not in TABLES:
            raise DataError(f"没有叫「{name}」的表{meant(name, TABLES)}可用的表：{'、'.join(TABLES)}。")
        return self.dataset.processed / f"{name}.parquet"


def find_root(start: Path | None = None) -> Path:
    """Find the project folder: the environment variable, else the nearest parent with data/raw."""
    if named := os.environ.get(ROOT_VARIABLE):
        if not (Path(named) / "data" / "raw").is_dir():
            raise ConfigError(f"环境变量 {ROOT_VARIABLE} 指向「{named}」，那里没有 data/raw 文件夹。")
        return Path(named).resolve()
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "data" / "raw").is_dir():
            return folder
    raise ConfigError(
        f"从「{start}」向上找不到 data/raw 文件夹：请在项目文件夹里运行，或设置环境变量 {ROOT_VARIABLE}。"
    )


def available_years(root: Path) -> tuple[int, ...]:
    """List the years that have a dataset.toml, ascending."""
    found = (root / "data" / "raw").glob(f"[0-9][0-9][0-9][0-9]/{CONFIG_NAME}")
    return tuple(sorted(int(path.parent.name) for path in found))


def load_dataset(root: Path, year: int) -> Dataset:
    """Read data/raw/<year>/dataset.toml.

    Raises
    ------
    ConfigError
        With one sentence: the line, what is wrong there, and everything that would be right.
    """
    root = Path(root).resolve()
    top = _read_config(root, year=year)
    given = top.read(_KEYS["top"])
    if given["seed"] is not None and not 0 <= given["seed"] < 2**32:
        top.fail(f"seed 是 {given['seed']}，应是 0 到 4294967295 之间的整数。", key="seed")
    report = top.section("report").read(_KEYS["report"])
    period = _read_period(top.section("period"), year=year)
    scale = _read_scale(top.section("scale"))
    feedback = tuple(_read_source(entry, table="feedback") for entry in top.entries("feedback"))
    tables = _read_tables(top.section("tables"))
    _check_labels(top, feedback)
    return Dataset(
        root=root,
        year=year,
        seed=_default_seed(period["end"]) if given["seed"] is None else given["seed"],
        title=report["title"],
        organisation=report["organisation"],
        author=report["author"],
        report_date=report["report_date"],
        allowed=tuple(report["allowed"]),
        period_start=period["start"],
        period_end=period["end"],
        midyear_check=period["midyear_check"],
        scale_minimum=scale["minimum"],
        scale_maximum=scale["maximum"],
        thresholds=_read_thresholds(top.section("thresholds")),
        feedback=feedback,
        tables=tables,
        theme=_read_theme(top.section("theme")),
        disclosure=_read_disclosure(top.section("disclosure")),
    )


#: Stands between tables of which a notebook needs one.
ALTERNATIVE = "|"


def open_year(year: int, *, needs: Iterable[str] = ("feedback",), root: Path | None = None) -> Year:
    """Open a year's processed tables, as a notebook does first.

    Parameters
    ----------
    year
        The year's folder in data/raw.
    needs
        Tables without which the caller has nothing to say; ``"nps|ces"`` is one of several.
    root
        The project folder; found from the current folder when not given.

    Raises
    ------
    DataError
        The year was not taken in yet.
    MissingTableError
        A needed table is not there; the message says which file would bring it.
    """
    opened = Year(load_dataset(root or find_root(), year))
    if not (opened.dataset.processed / INTAKE_REPORT).is_file():
        raise DataError(f"{year} 年的文件还没有读入：先运行 {_intake_command(year)}。")
    for names in (need.split(ALTERNATIVE) for need in needs):
        if not any(map(opened.has, names)):
            raise MissingTableError("\n".join(_why_missing(opened.dataset, name) for name in names))
    return opened


# What may stand in dataset.toml, section by section.
_KEYS: dict[str, Keys] = {
    "top": {
        "seed": ("whole", None),
        "report": ("section", ...),
        "period": ("section", ...),
        "scale": ("section", ...),
        "thresholds": ("section", {}),
        "theme": ("section", {}),
        "disclosure": ("section", {}),
        "feedback": ("sections", ...),
        "tables": ("section", {}),
    },
    "report": {
        "title": ("text", ...),
        "organisation": ("text", ...),
        "author": ("text", ...),
        "report_date": ("date", ...),
        "allowed": ("texts", ()),
    },
    "period": {"start": ("date", ...), "end": ("date", ...), "midyear_check": ("date", None)},
    "scale": {"minimum": ("number", ...), "maximum": ("number", ...)},
    "thresholds": {
        limit.name: ("whole" if limit.type is int else "number", limit.default)
        for limit in fields(Thresholds)
    },
    "theme": {look.name: ("text", None) for look in fields(Theme)},
    "disclosure": {
        said.name: ("date" if said.name == "next_review" else "text", "") for said in fields(Disclosure)
    },
    "source": {
        "file": ("text", ...),
        "sheet": ("text", None),
        "encoding": ("text", None),
        "owner": ("text", None),
        "columns": ("section", {}),
        "constants": ("section", {}),
        "values": ("section", {}),
        "formats": ("section", {}),
        "units": ("section", {}),
        "melt": ("section", None),
        "header_row": ("whole", None),
        "list_separator": ("text", None),
    },
    "melt": {"name": ("text", ...), "value": ("text", ...), "headers": ("section", ...)},
}
_KEYS["feedback"] = {"file": ("text", ...), "channel": ("text", None), **_KEYS["source"]}


def _raw_folder(root: Path, *, year: int) -> Path:
    return root / "data" / "raw" / str(year)


def _intake_command(year: int) -> str:
    return f"python run_all.py --year {year} --only intake"


def _default_seed(end: date) -> int:
    return int(end.strftime("%Y%m%d"))


def _read_config(root: Path, *, year: int) -> Section:
    """Read the year's dataset.toml, or say which years there are."""
    label = f"data/raw/{year}/{CONFIG_NAME}"
    try:
        return read_config(_raw_folder(root, year=year) / CONFIG_NAME, label=label)
    except FileNotFoundError as error:
        years = "、".join(map(str, available_years(root))) or "无"
        raise ConfigError(f"没有 {label}；有 {CONFIG_NAME} 的年份：{years}。") from error
    except OSError as error:
        raise ConfigError(f"{label} 打不开：{error.strerror}。") from error


def _read_period(section: Section, *, year: int) -> dict[str, Any]:
    period = section.read(_KEYS["period"])
    start, end, midyear = period["start"], period["end"], period["midyear_check"]
    if start > end:
        section.fail(f"时期的开始 {start} 晚于结束 {end}。", key="start")
    if year not in (start.year, end.year):
        section.fail(f"时期 {start} 至 {end} 不在 {year} 年，请改成这一年的时期。", key="start")
    if midyear is not None and not start <= midyear <= end:
        section.fail(f"「midyear_check」= {midyear}，应在 {start} 至 {end} 之间。", key="midyear_check")
    return period


def _read_scale(section: Section) -> dict[str, float]:
    scale = section.read(_KEYS["scale"])
    if scale["minimum"] >= scale["maximum"]:
        section.fail(f"评分下限 {scale['minimum']} 应小于上限 {scale['maximum']}。", key="minimum")
    return {key: float(value) for key, value in scale.items()}


def _read_thresholds(section: Section) -> Thresholds:
    limits = section.read(_KEYS["thresholds"])
    if not 0 < limits["alpha"] < 1:
        section.fail(f"「alpha」= {limits['alpha']}，应在 0 与 1 之间。", key="alpha")
    if not 0 <= limits["sentiment_negative"] <= limits["sentiment_positive"] <= 1:
        section.fail("应有 0 ≤ sentiment_negative ≤ sentiment_positive ≤ 1。", key="sentiment_negative")
    for key in ("minimum_base", "small_effect", "kpi_basically_met", "resubmission_days"):
        if limits[key] < 0:
            section.fail(f"「{key}」= {limits[key]}，不应小于 0。", key=key)
    if not 0 < limits["resubmission_similarity"] <= 100:
        section.fail(
            f"「resubmission_similarity」= {limits['resubmission_similarity']}，应大于 0、不大于 100。",
            key="resubmission_similarity",
        )
    return Thresholds(**limits)


def _read_theme(section: Section) -> Theme:
    """Read [theme]: colours that can be read and told apart, and files that are what they should be."""
    given = {key: text for key, text in section.read(_KEYS["theme"]).items() if text is not None}
    for key in ("accent", "alarm"):
        if key in given:
            _check_colour(section, given[key], key=key)
    _check_apart(section, accent=given.get("accent", ACCENT), alarm=given.get("alarm", ALARM))
    if strange := [mark for mark in UNQUOTABLE if mark in given.get("font", "")]:
        section.fail(f'「font」只写字体的名字，如 "{OFFICE_FONT}"，不能有 {" ".join(strange)}。', key="font")
    if len(given.get("footer", "")) > _LONGEST_FOOTER:
        section.fail(
            f"「footer」有 {len(given['footer'])} 个字，最多 {_LONGEST_FOOTER} 个，请写短些。", key="footer"
        )
    files = {key: _theme_file(section, given[key], key=key) for key in _THEME_FILES if key in given}
    return Theme(**{**given, **files})


def _read_disclosure(section: Section) -> Disclosure:
    """Read [disclosure]; what is missing is no fault here, but the final report will ask for it."""
    return Disclosure(**{key: str(said) for key, said in section.read(_KEYS["disclosure"]).items()})


def _check_colour(section: Section, colour: str, *, key: str) -> None:
    if not is_colour(colour):
        section.fail(f'「{key}」= 「{colour}」不是颜色，应写成 # 和六位十六进制数，如 "{ACCENT}"。', key=key)
    ratio = contrast(colour, WHITE)
    if ratio < LEGIBLE:
        section.fail(
            f"「{key}」= 「{colour}」在白底上的对比度是 {int(ratio * 10) / 10}，低于 {LEGIBLE}，字会看不清；"
            f'可改用同一色相中深一些的 "{readable(colour).upper()}"。',
            key=key,
        )


def _check_apart(section: Section, *, accent: str, alarm: str) -> None:
    """Refuse two colours that readers would take for one."""
    if distance(accent, alarm) >= _LEAST_APART:
        return
    key = "alarm" if "alarm" in section.content else "accent"
    usable = max((ALARM, *_OTHER_ALARMS), key=lambda colour: distance(colour, accent))
    section.fail(
        f"accent「{accent}」与 alarm「{alarm}」太接近，图上分不出要留意的一项；"
        f'请在 [theme] 里改写 alarm，如 alarm = "{usable}"。',
        key=key,
    )


def _theme_file(section: Section, name: str, *, key: str) -> Path:
    """Find a file beside dataset.toml and look at how it begins, for names may lie."""
    file, (wanted, is_right) = section.folder / name, _THEME_FILES[key]
    _check_beside(section, name, key=key)
    if not is_right(file):
        section.fail(f"文件「{name}」的内容不是{wanted}，请另存为{wanted}再放进来。", key=key)
    return file


def _begins(*marks: bytes) -> Callable[[Path], bool]:
    """Make a check of a file's first bytes."""

    def begins(file: Path) -> bool:
        with file.open("rb") as stream:
            return stream.read(8).startswith(marks)

    return begins


def _is_presentation(file: Path) -> bool:
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return "ppt/presentation.xml" in archive.namelist()


#: Key of [theme] → what its file is, and how to tell.
_THEME_FILES: Mapping[str, tuple[str, Callable[[Path], bool]]] = {
    "logo": ("PNG 或 JPEG 图片", _begins(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")),
    "font_file": ("TTF 或 OTF 字体", _begins(b"\x00\x01\x00\x00", b"OTTO", b"true")),
    "template": ("没有密码的 .pptx 演示文稿", _is_presentation),
}
#: What may stand for alarm where the accent is much like ours: legible, and far from red or from violet.
_OTHER_ALARMS = ("#8A5A00", "#7A3E9D")
#: CIE76; the eye must find the one alarming mark among many, which takes more than telling two apart.
_LEAST_APART = 35.0
_LONGEST_FOOTER = 60


def _read_tables(section: Section) -> dict[str, tuple[Source, ...]]:
    """Read [tables.x] sections; a table that several files bring has one [[tables.x]] each."""
    section.read({name: ("section or sections", {}) for name in DELIVERABLE})
    tables = {}
    for name in DELIVERABLE:
        if name in section.content:
            is_many = isinstance(section.content[name], list)
            entries = section.entries(name) if is_many else [section.section(name)]
            tables[name] = tuple(_read_source(entry, table=name) for entry in entries)
    return tables


def _read_source(section: Section, *, table: str) -> Source:
    """Read one [[feedback]] or [tables.x] entry and check it against the data dictionary."""
    given = section.read(_KEYS["feedback" if table == "feedback" else "source"])
    file = _existing_file(section, given["file"])
    _check_reading(section, file=file, sheet=given["sheet"], encoding=given["encoding"])
    columns = _read_map(section.section("columns"), table=table, kind="text")
    constants = _read_map(section.section("constants"), table=table, kind="scalar")
    if given["header_row"] is not None and given["header_row"] < 1:
        section.fail(f"「header_row」= {given['header_row']}，表头所在的行从 1 数起。", key="header_row")
    melt = _read_melt(section, table=table) if given["melt"] is not None else None
    melted = {melt.name: "", melt.value: ""} if melt else {}
    filled = {**columns, **melted}
    values = _read_values(section.section("values"), table=table, columns=filled)
    formats = _read_formats(section.section("formats"), table=table, columns=columns)
    if channel := given.get("channel"):
        if "channel" in {**columns, **constants}:
            section.fail(
                "「channel」既写成固定值，又写进了 columns 或 constants，只能留一处。", key="channel"
            )
        constants = {"channel": channel, **constants}
    _check_columns(section, table=table, columns=columns, others=(*constants, *melted))
    return Source(
        file=file,
        table=table,
        channel=channel,
        columns=columns,
        constants=constants,
        values=values,
        formats=formats,
        units=_read_units(section.section("units"), table=table, columns=filled),
        melt=melt,
        sheet=given["sheet"],
        header_row=given["header_row"],
        list_separator=given["list_separator"],
        encoding=given["encoding"],
        owner=given["owner"],
    )


def _existing_file(section: Section, name: str) -> Path:
    file = section.folder / name
    if file.suffix.lower() not in (".xlsx", ".csv"):
        section.fail(f"文件「{name}」应是 .xlsx 或 .csv，请另存为其中一种。", key="file")
    _check_beside(section, name, key="file")
    return file


def _check_beside(section: Section, name: str, *, key: str) -> None:
    """Refuse a file that does not lie in the folder of dataset.toml."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        section.fail(f"文件「{name}」应放在 {section.folder.name} 文件夹里，这里只写文件名。", key=key)
    if not (section.folder / name).is_file():
        there = _delivered(section.folder)
        section.fail(
            f"找不到文件「{name}」{meant(name, there)}文件夹里有：{'、'.join(there) or '（没有文件）'}。",
            key=key,
        )


def _delivered(folder: Path) -> list[str]:
    """List the files that somebody may have meant: no settings, hidden or lock files."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != CONFIG_NAME and not path.name.startswith((".", "~$"))
    )


def _check_reading(section: Section, *, file: Path, sheet: str | None, encoding: str | None) -> None:
    is_workbook = file.suffix.lower() == ".xlsx"
    if sheet is not None and not is_workbook:
        section.fail(f"「sheet」只用于 .xlsx，「{file.name}」是 .csv，请删去。", key="sheet")
    if encoding is None:
        return
    if is_workbook:
        section.fail(f"「encoding」只用于 .csv，「{file.name}」是 .xlsx，请删去。", key="encoding")
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    except LookupError:
        usual = "utf-8、utf-8-sig、utf-16、gb18030、gbk、big5"
        section.fail(f"不认识的编码「{encoding}」；常用的有：{usual}。", key="encoding")


def _columns_of(table: str) -> tuple[str, ...]:
    return tuple(name for name in TABLES[table].columns if name not in PROVENANCE)


def _read_map(section: Section, *, table: str, kind: str) -> dict[str, str]:
    """Read table column → header or constant."""
    given = section.read({name: (kind, None) for name in _columns_of(table)})
    named = {name: str(given[name]) for name in section.content}
    if kind == "scalar":
        for name, value in named.items():
            _check_allowed(section, TABLES[table], column=name, value=value, key=name)
    return named


def _read_values(section: Section, *, table: str, columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Read, per table column, raw value → table value."""
    section.read({name: ("section", {}) for name in _columns_of(table)})
    translations = {}
    for name in section.content:
        inner = section.section(name)
        _check_mapped(inner, name, columns=columns)
        translations[name] = {raw: str(inner.checked(raw, kind="scalar")) for raw in inner.content}
        for raw, value in translations[name].items():
            _check_allowed(inner, TABLES[table], column=name, value=value, key=raw)
    return translations


def _read_formats(section: Section, *, table: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Read, per time column, its strptime format."""
    times = tuple(name for name in _columns_of(table) if TABLES[table].columns[name].kind == "time")
    given = section.read({name: ("text", None) for name in times})
    formats = {name: text for name, text in given.items() if text}
    for name, text in formats.items():
        _check_mapped(section, name, columns=columns, key=name)
        if not _is_format(text):
            section.fail(f"「{text}」不是时间格式，应像 %Y-%m-%d %H:%M:%S。", key=name)
    return formats


def _read_units(section: Section, *, table: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Read, per number column, the unit that its cells carry behind the number."""
    known = TABLES[table].columns
    numbers = tuple(name for name in _columns_of(table) if known[name].kind in ("number", "count"))
    given = section.read({name: ("text", None) for name in numbers})
    units = {name: text for name, text in given.items() if text}
    for name in units:
        _check_mapped(section, name, columns=columns, key=name)
    return units


def _read_melt(section: Section, *, table: str) -> Melt:
    """Read which headers of a wide file are items, and which two columns get the item and its cell."""
    melt = section.section("melt")
    given = melt.read(_KEYS["melt"])
    for key in ("name", "value"):
        if given[key] not in _columns_of(table):
            there = _columns_of(table)
            melt.fail(
                f"「{given[key]}」不是列名{meant(given[key], there)}可用：{'、'.join(there)}。", key=key
            )
    headers = melt.section("headers")
    items = {item: headers.checked(item, kind="text") for item in headers.content}
    if doubled := [header for header in items.values() if list(items.values()).count(header) > 1]:
        headers.fail(f"表头{listed(dict.fromkeys(doubled))}写给了不止一个题项，答案会算两次。")
    if not items:
        headers.fail('没有写出任何题项：应像 "题项" = "文件里的表头"。')
    return Melt(name=given["name"], value=given["value"], headers=items)


def _is_format(text: str) -> bool:
    """Say whether a format reads back a day that it wrote."""
    day = datetime(2001, 2, 3)
    try:
        return datetime.strptime(day.strftime(text), text) == day
    except ValueError:
        return False


def _check_mapped(section: Section, name: str, *, columns: Mapping[str, str], key: str | None = None) -> None:
    if name not in columns:
        there = "、".join(columns) or "（空）"
        section.fail(f"「{name}」没有写在 columns 里；columns 里有：{there}。", key=key)


def _check_allowed(section: Section, table: Table, *, column: str, value: str, key: str) -> None:
    allowed = table.columns[column].allowed
    if allowed and value not in allowed:
        question = meant(value, allowed)
        section.fail(f"「{value}」不是 {column} 的值{question}可用：{'、'.join(allowed)}。", key=key)


def _check_columns(
    section: Section, *, table: str, columns: Mapping[str, str], others: Iterable[str]
) -> None:
    """Refuse an entry that gives a column twice or leaves a required one out."""
    elsewhere = tuple(others)
    if both := [name for name in columns if name in elsewhere]:
        section.fail(f"{listed(both)}既在 columns 又在 constants 或 melt 里，只能留一处。")
    given = {*columns, *elsewhere, *(("respondent_id",) if table == "feedback" else ())}
    if missing := [name for name in TABLES[table].required if name not in given]:
        section.fail(
            f"{section.title}没有给出必需的列{listed(missing, most=99)}，请写进 columns 或 constants；"
            f"{table} 表可用的列：{'、'.join(_columns_of(table))}。"
        )


def _check_labels(top: Section, sources: tuple[Source, ...]) -> None:
    """Refuse two feedback sources whose items could not be told apart by their ids."""
    seen: set[str] = set()
    for entry, source in zip(top.entries("feedback"), sources, strict=True):
        if source.label in seen:
            entry.fail(
                f"有两个来源都叫「{source.label}」，编号会混在一起；请改文件名，或各写不同的 sheet。",
                key="file",
            )
        seen.add(source.label)


def _why_missing(dataset: Dataset, name: str) -> str:
    """Say what would bring a table back."""
    known, year = TABLES[name], dataset.year
    absent = f"{year} 年没有表「{name}」（{known.description}）"
    if name in DERIVED:
        return f"{absent}：先运行 python run_all.py --year {year}。"
    if name == "feedback" or name in dataset.tables:
        return f"{absent}，虽然已在 {CONFIG_NAME} 登记：先运行 {_intake_command(year)}。"
    prior = f"；或放入 data/raw/{year - 1}" if name == "prior_year" else ""
    return (
        f"{absent}：在 data/raw/{year}/{CONFIG_NAME} 加一节 [tables.{name}]，"
        f"写明 file 和 columns（{'、'.join(known.required)}）{prior}。"
    )

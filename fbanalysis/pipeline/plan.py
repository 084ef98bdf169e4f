"""Which steps a year's report takes, and which step depends on which files."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fbanalysis.dataset import ALTERNATIVE, CONFIG_NAME, INTAKE_REPORT, Dataset
from fbanalysis.errors import FeedbackError, UsageError, listed
from fbanalysis.pipeline import freshness
from fbanalysis.pipeline.browsers import find_chromium
from fbanalysis.pipeline.chapters import Outline, fill_parameters, find_notebooks, read_outline
from fbanalysis.schema import ANNOTATED, TABLES

INTAKE, ANNOTATE, PRIOR, CHAPTER = "intake", "annotate", "prior-year", "chapter"
PUBLISH, OFFICE, PRINT, AUDIT, DOOR, MANIFEST = "publish", "office", "print", "audit", "index", "manifest"
TITLES = {
    INTAKE: "读入",
    ANNOTATE: "批注原文",
    PRIOR: "汇总上一年",
    PUBLISH: "发布报告",
    OFFICE: "PowerPoint 与工作簿",
    PRINT: "PDF 与缩略图",
    AUDIT: "读回审核",
    DOOR: "首页",
    MANIFEST: "收据",
}
PRIOR_TABLE = "prior_year"
#: The list of every package's version.
LOCK = "requirements.lock"
#: The pages that are printed.
PAGES = ("deck.html", "report.html")
#: What the door leads to.
DELIVERED = (".pdf", ".pptx", ".xlsx", ".csv")
#: The name by which a notebook reads the records of the others (`fbanalysis.report.story.earlier_records`).
EARLIER_RECORDS = "earlier_records"
#: The name by which a notebook asks what was delivered before (`fbanalysis.report.changes.corrections`).
CORRECTIONS = "corrections"
#: The name by which a notebook looks at the project's own files (`fbanalysis.report.evidence`).
EVIDENCE = "project_evidence"
#: What people say beside a notebook.
COMMENTS = "*.comments.toml"
#: The modules in which a step's work is written.
MODULES = {
    INTAKE: ["fbanalysis.intake", "fbanalysis.dataset"],
    ANNOTATE: ["fbanalysis.analysis.annotation"],
    PRIOR: ["fbanalysis.analysis.prior_year"],
    CHAPTER: ["fbanalysis.pipeline.kernels"],
    PUBLISH: ["fbanalysis.report.publishing"],
    OFFICE: ["fbanalysis.report.pptx", "fbanalysis.report.workbook"],
    PRINT: ["fbanalysis.report.printing"],
    AUDIT: ["fbanalysis.report.audit.readback"],
    DOOR: ["fbanalysis.report.publishing"],
    MANIFEST: ["fbanalysis.pipeline.receipts"],
}
#: The steps whose outputs lie in the report's folder.
REPORTING = (CHAPTER, PUBLISH, OFFICE, PRINT, AUDIT, DOOR, MANIFEST)


@dataclass(frozen=True)
class Step:
    """One step of a run: what it is, and the steps whose outputs it reads."""

    name: str
    kind: str
    year: int
    after: tuple[str, ...] = ()
    notebook: Path | None = None
    outline: Outline | None = None
    fault: str = ""

    @property
    def title(self) -> str:
        """What readers of the screen see."""
        if self.outline is not None:
            return f"{self.name}　{self.outline.title}"
        return self.name if self.kind == CHAPTER else f"{TITLES[self.kind]} {self.year}"


@dataclass(frozen=True)
class Plan:
    """All steps of a year's report, in an order in which they could run."""

    dataset: Dataset
    steps: Mapping[str, Step]

    @property
    def root(self) -> Path:
        """The project folder."""
        return self.dataset.root

    @property
    def chapters(self) -> list[Step]:
        """The notebooks' steps, in the order of the deck."""
        return [step for step in self.steps.values() if step.kind == CHAPTER]

    @cached_property
    def sources(self) -> freshness.Sources:
        """The package's files."""
        return freshness.Sources(Path(__file__).parents[1])

    @cached_property
    def versions(self) -> str:
        """The hash of the installed versions."""
        return freshness.hash_versions()

    def processed(self, year: int) -> Path:
        """Where a year's tables are."""
        return self.root / "data" / "processed" / str(year)

    def executed(self, step: Step) -> Path:
        """Where a chapter's executed notebook is put."""
        return self.dataset.reports / "notebooks" / f"{step.name}.ipynb"

    def record_path(self, step: Step) -> Path:
        """Where a step's last run is remembered: beside its outputs, so that deleting these forgets it."""
        if step.kind in REPORTING:
            return self.dataset.reports / ".run" / f"{step.name}.json"
        return self.processed(step.year) / ".steps" / f"{step.kind}.json"

    @property
    def raw_files(self) -> list[Path]:
        """The files as received that the report rests on, of this year and the one before where it is taken in."""
        return [path for year in self.years for path in self._received(year)]

    @property
    def years(self) -> list[int]:
        """The years that are taken in: this one, and the one before where its files are there."""
        return sorted(step.year for step in self.steps.values() if step.kind == INTAKE)

    @property
    def comments(self) -> list[Path]:
        """The files of comments beside the notebooks."""
        return sorted((self.root / "notebooks").glob(COMMENTS))

    def delivered(self, *kinds: str) -> list[Path]:
        """List the files of the report that are there, as the last runs of its steps wrote them.

        Parameters
        ----------
        kinds
            Of which steps; without any, of all but the receipt's own.
        """
        wanted = kinds or tuple(kind for kind in REPORTING if kind != MANIFEST)
        steps = [step for step in self.steps.values() if step.kind in wanted]
        records = [freshness.load_record(self.record_path(step)) for step in steps]
        names = {name for record in records if record is not None for name in record.outputs}
        return sorted(path for path in (self.root / name for name in names) if path.is_file())

    def missing_tables(self, step: Step) -> list[str]:
        """The tables that a chapter needs and that the year does not have; of alternatives all, where none is there."""
        needs = [need.split(ALTERNATIVE) for need in (step.outline.needs if step.outline else ())]
        return [name for names in needs if not any(map(self._has(step.year), names)) for name in names]

    def _has(self, year: int) -> Callable[[str], bool]:
        return lambda name: (self.processed(year) / f"{name}.parquet").is_file()

    def why_left_out(self, step: Step) -> str:
        """Say which tables a chapter lacks and what would bring it back; empty where it has all."""
        return "；".join(self._remedy(name) for name in self.missing_tables(step))

    def _remedy(self, table: str) -> str:
        year, what = self.dataset.year, f"缺少表 {table}（{TABLES[table].description}）"
        if table in ANNOTATED:
            return f"{what}：给 feedback 的来源写上 [feedback.columns] 的 comment 列，本章就会回来"
        prior = f"，或放入 data/raw/{year - 1}" if table == PRIOR_TABLE else ""
        place = f"data/raw/{year}/{CONFIG_NAME}"
        return f"{what}：在 {place} 写上 [tables.{table}] 和它的文件{prior}，本章就会回来"

    def parameters(self, step: Step) -> dict[str, object]:
        """The full set of a chapter's parameters."""
        return fill_parameters(step.outline, given={"year": step.year}, notebook=step.notebook)

    def inputs(self, step: Step, *, settled: Mapping[str, str]) -> dict[str, str]:
        """Hash everything that a step reads, by a name that a message can show.

        ``settled`` says for each chapter how it ended; publishing depends on it.
        """
        modules = [*MODULES[step.kind], *(step.outline.imports if step.outline else ())]
        found = {"程序": self.sources.digest(modules), "Python 或软件包的版本": self.versions}
        return found | {
            INTAKE: self._intake_inputs,
            ANNOTATE: self._annotate_inputs,
            PRIOR: self._prior_inputs,
            CHAPTER: self._chapter_inputs,
            PUBLISH: lambda _: self._publish_inputs(settled),
            OFFICE: lambda _: self._publish_inputs(settled),
            PRINT: lambda _: self._print_inputs(),
            AUDIT: lambda _: self._publish_inputs(settled) | self._contents(PUBLISH, OFFICE, PRINT),
            DOOR: lambda _: self._publish_inputs(settled) | self._files(),
            MANIFEST: lambda _: self._manifest_inputs(settled),
        }[step.kind](step)

    def _intake_inputs(self, step: Step) -> dict[str, str]:
        return self._hashed(self._received(step.year))

    def _received(self, year: int) -> list[Path]:
        folder = self.root / "data" / "raw" / str(year)
        return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name[0] not in ".~"]

    def _hashed(self, files: Iterable[Path]) -> dict[str, str]:
        return {f"文件 {self.name_of(path)}": freshness.hash_file(path) for path in files}

    def name_of(self, path: Path) -> str:
        """A file by its place in the project, or in the folder of the program where that is another."""
        places = (self.root, self.sources.folder.parent)
        return path.relative_to(next(place for place in places if path.is_relative_to(place))).as_posix()

    def _annotate_inputs(self, step: Step) -> dict[str, str]:
        config = self._config(step.year)
        limits = {key: config.get(key) for key in ("seed", "period", "thresholds")}
        return self._tables(step.year, ["feedback", "codings"]) | {
            "dataset.toml 的阈值": freshness.hash_json(limits)
        }

    def _prior_inputs(self, step: Step) -> dict[str, str]:
        return self._tables(step.year - 1, TABLES)

    def _chapter_inputs(self, step: Step) -> dict[str, str]:
        tables = [name for name in TABLES if name in (*step.outline.needed, *step.outline.mentioned)]
        counts = self.processed(step.year) / INTAKE_REPORT
        counted = (
            {"读入记录": freshness.hash_file(counts)} if "intake_counts" in step.outline.mentioned else {}
        )
        earlier = [self.steps[name] for name in step.after if self.steps[name].kind == CHAPTER]
        return (
            self._tables(step.year, tables)
            | counted
            | {f"{one.name} 的结果": freshness.hash_file(self.executed(one)) for one in earlier}
            | (self._releases() if CORRECTIONS in step.outline.mentioned else {})
            | (self._project() if EVIDENCE in step.outline.mentioned else {})
            | self._looks()
            | {
                "笔记本": freshness.hash_notebook(step.notebook),
                "参数": freshness.hash_json(self.parameters(step)),
                CONFIG_NAME: freshness.hash_json(self._config(step.year)),
            }
        )

    def _publish_inputs(self, settled: Mapping[str, str]) -> dict[str, str]:
        chapters = self.chapters
        hashes = {f"{step.name} 的结果": freshness.hash_file(self.executed(step)) for step in chapters}
        states = {f"{step.name} 的状态": settled.get(step.name, "") for step in chapters}
        config = freshness.hash_json(self._config(self.dataset.year))
        looks = self._looks() | self._hashed(self.comments)
        return hashes | states | looks | {CONFIG_NAME: config, "--draft": settled.get("draft", "")}

    def _releases(self) -> dict[str, str]:
        """What was delivered before, and the raw files: corrections are explained by them."""
        kept = [
            path
            for path in sorted(self.dataset.released.rglob("*"))
            if path.is_file() and path.name[0] != "."
        ]
        return self._hashed([*kept, *self._received(self.dataset.year)]) if kept else {}

    def _project(self) -> dict[str, str]:
        """What the project's folder shows of how it is made, the whole package with it."""
        from fbanalysis.report.evidence import is_versioned

        whole = {path.name: freshness.hash_file(path) for path in self.evidence}
        return {"项目的文件": freshness.hash_json([whole, self.sources.everything(), is_versioned()])}

    @property
    def evidence(self) -> list[Path]:
        """The project's files that a notebook looks at, where one does."""
        if not any(step.outline and EVIDENCE in step.outline.mentioned for step in self.chapters):
            return []
        from fbanalysis.report.evidence import evidence_files

        return evidence_files()

    def _contents(self, *kinds: str) -> dict[str, str]:
        return self._hashed(self.delivered(*kinds))

    def _manifest_inputs(self, settled: Mapping[str, str]) -> dict[str, str]:
        """Everything that a receipt lists."""
        tables = [path for year in self.years for path in sorted(self.processed(year).glob("*.parquet"))]
        listed_files = [*self.raw_files, *self.comments, *tables, *self.delivered(), *self.evidence]
        states = {f"{step.name} 的状态": settled.get(step.name, "") for step in self.chapters}
        parameters = {step.name: self.parameters(step) for step in self.chapters if step.outline}
        told = {
            "程序包": freshness.hash_json(self.sources.everything()),
            "锁文件": freshness.hash_file(self.lock),
            "参数": freshness.hash_json(parameters),
            "--draft": settled.get("draft", ""),
        }
        sources = {f"笔记本 {step.name}": freshness.hash_notebook(step.notebook) for step in self.chapters}
        return self._hashed(listed_files) | sources | states | told

    @property
    def lock(self) -> Path:
        """The list of locked packages: the project's, or the one beside the package."""
        places = (self.root, Path(__file__).parents[2])
        found = [folder / LOCK for folder in places if (folder / LOCK).is_file()]
        return found[0] if found else places[0] / LOCK

    def _looks(self) -> dict[str, str]:
        theme = self.dataset.theme
        files = [path for path in (theme.logo, theme.font_file, theme.template) if path is not None]
        return {f"文件 {path.name}": freshness.hash_file(path) for path in files}

    def _files(self) -> dict[str, str]:
        names = sorted(path.name for path in self.dataset.reports.glob("*.*") if path.suffix in DELIVERED)
        return {"报告里的文件": " ".join(names)}

    def _print_inputs(self) -> dict[str, str]:
        pages = {name: freshness.hash_file(self.dataset.reports / name) for name in PAGES}
        return pages | {"浏览器": str(find_chromium() or "")}

    def _tables(self, year: int, names: Iterable[str]) -> dict[str, str]:
        folder = self.processed(year)
        return {f"表 {name}": freshness.hash_file(folder / f"{name}.parquet") for name in names}

    def _config(self, year: int) -> object:
        path = self.root / "data" / "raw" / str(year) / CONFIG_NAME
        try:
            return tomllib.loads(path.read_text("utf-8-sig"))
        except (OSError, ValueError):
            return {"": freshness.hash_file(path)}


def make_plan(dataset: Dataset) -> Plan:
    """List the steps of a year: the year before where its files are there, intake, chapters, publishing."""
    year = dataset.year
    has_prior = (dataset.root / "data" / "raw" / str(year - 1) / CONFIG_NAME).is_file()
    this_year, steps = _taken_in(year), []
    if has_prior and PRIOR_TABLE not in dataset.tables:
        steps += _taken_in(year - 1, suffix=f"-{year - 1}")
        # intake clears the folder in which the summary is put
        steps.append(Step(PRIOR, PRIOR, year, after=(*(step.name for step in steps), INTAKE)))
    steps += this_year
    makers = _makers(steps)
    notebooks = find_notebooks(dataset.root / "notebooks")
    _refuse_doubles(notebooks)
    chapters = [_chapter(path, year=year, makers=makers) for path in notebooks]
    chapters = [_after_earlier(step, chapters) for step in chapters]
    told = (INTAKE, *(step.name for step in chapters))
    last = [
        Step(PUBLISH, PUBLISH, year, told),
        Step(OFFICE, OFFICE, year, told),
        Step(PRINT, PRINT, year, (PUBLISH,)),
        Step(AUDIT, AUDIT, year, (*told, PUBLISH, OFFICE, PRINT)),
        Step(DOOR, DOOR, year, (*told, PUBLISH, OFFICE, PRINT, AUDIT)),
    ]
    before = tuple(step.name for step in [*steps, *chapters, *last])
    last.append(Step(MANIFEST, MANIFEST, year, before))
    return Plan(dataset, {step.name: step for step in [*steps, *chapters, *last]})


def _refuse_doubles(notebooks: Sequence[Path]) -> None:
    numbers = [int(path.stem.split("_")[0]) for path in notebooks]
    doubled = [
        path.name for path, number in zip(notebooks, numbers, strict=True) if numbers.count(number) > 1
    ]
    if doubled:
        raise UsageError(f"notebooks/ 里{listed(doubled)}的编号相同；一个编号是一章，请改名")


def _taken_in(year: int, *, suffix: str = "") -> list[Step]:
    intake = Step(INTAKE + suffix, INTAKE, year)
    return [intake, Step(ANNOTATE + suffix, ANNOTATE, year, after=(intake.name,))]


def _makers(steps: Sequence[Step]) -> dict[str, str]:
    """Name the step that writes each table."""
    names = {step.name for step in steps}
    makers = dict.fromkeys(TABLES, INTAKE) | dict.fromkeys(ANNOTATED, ANNOTATE)
    return makers | ({PRIOR_TABLE: PRIOR} if PRIOR in names else {})


def _chapter(notebook: Path, *, year: int, makers: Mapping[str, str]) -> Step:
    try:
        outline = read_outline(notebook)
        fill_parameters(outline, given={"year": year}, notebook=notebook)
        _refuse_unknown_tables(outline, notebook=notebook)
    except FeedbackError as error:
        return Step(notebook.stem, CHAPTER, year, (INTAKE,), notebook, fault=str(error))
    read = [name for name in (*outline.needed, *outline.mentioned) if name in makers]
    after = tuple(dict.fromkeys([INTAKE, *(makers[name] for name in read)]))
    return Step(notebook.stem, CHAPTER, year, after, notebook, outline)


def _after_earlier(step: Step, chapters: Sequence[Step]) -> Step:
    """Let a notebook that reads the records of the others run behind all of them that do not."""
    if not _reads_records(step):
        return step
    earlier = [other.name for other in chapters if not _reads_records(other)]
    return replace(step, after=(*step.after, *earlier))


def _reads_records(step: Step) -> bool:
    return step.outline is not None and EARLIER_RECORDS in step.outline.mentioned


def _refuse_unknown_tables(outline: Outline, *, notebook: Path) -> None:
    unknown = [name for name in outline.needed if name not in TABLES]
    if unknown:
        known = listed(TABLES, most=40)
        raise UsageError(f"笔记本 {notebook.name} 的 needs 里写了没有的表{listed(unknown)}；可用：{known}")


def select(plan: Plan, names: Sequence[str]) -> dict[str, Step]:
    """Pick steps by name, or a notebook by its number, with all that they need.

    Raises
    ------
    UsageError
        A name that no step has.
    """
    chosen = {name for given in names for name in matching(plan, given)} or set(plan.steps)
    for name in reversed(plan.steps):
        if name in chosen:
            chosen |= set(plan.steps[name].after)
    return {name: step for name, step in plan.steps.items() if name in chosen}


def matching(plan: Plan, given: str) -> list[str]:
    """Name the steps that a name or a notebook's number stands for."""
    wanted = given.removesuffix(".ipynb").removeprefix("notebooks/")
    heads = {name: name.split("_")[0] for name in plan.steps}
    numbers = [
        n for n, head in heads.items() if wanted.isdecimal() and head.isdecimal() and int(head) == int(wanted)
    ]
    found = [wanted] if wanted in plan.steps else numbers
    if not found:
        known = listed(plan.steps, most=40)
        raise UsageError(f"没有叫「{given}」的步骤；可用：{known}，笔记本也可以只写编号")
    return found

"""Which steps a year's report takes, and which step depends on which files."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fbanalysis.dataset import CONFIG_NAME, INTAKE_REPORT, Dataset
from fbanalysis.errors import FeedbackError, UsageError, listed
from fbanalysis.pipeline import freshness
from fbanalysis.pipeline.browsers import find_chromium
from fbanalysis.pipeline.chapters import Outline, fill_parameters, find_notebooks, read_outline
from fbanalysis.schema import ANNOTATED, TABLES

INTAKE, ANNOTATE, PRIOR, CHAPTER = "intake", "annotate", "prior-year", "chapter"
PUBLISH, OFFICE, PRINT, DOOR = "publish", "office", "print", "index"
TITLES = {
    INTAKE: "读入",
    ANNOTATE: "批注原文",
    PRIOR: "汇总上一年",
    PUBLISH: "发布报告",
    OFFICE: "PowerPoint 与工作簿",
    PRINT: "PDF 与缩略图",
    DOOR: "首页",
}
PRIOR_TABLE = "prior_year"
#: The pages that are printed.
PAGES = ("deck.html", "report.html")
#: What the door leads to.
DELIVERED = (".pdf", ".pptx", ".xlsx", ".csv")
#: The name by which a notebook reads the records of the others (`fbanalysis.report.story.earlier_records`).
EARLIER_RECORDS = "earlier_records"
#: The modules in which a step's work is written.
MODULES = {
    INTAKE: ["fbanalysis.intake", "fbanalysis.dataset"],
    ANNOTATE: ["fbanalysis.analysis.annotation"],
    PRIOR: ["fbanalysis.analysis.prior_year"],
    CHAPTER: ["fbanalysis.pipeline.kernels"],
    PUBLISH: ["fbanalysis.report.publishing"],
    OFFICE: ["fbanalysis.report.pptx", "fbanalysis.report.workbook"],
    PRINT: ["fbanalysis.report.printing"],
    DOOR: ["fbanalysis.report.publishing"],
}


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
        if step.kind in (CHAPTER, PUBLISH, OFFICE, PRINT, DOOR):
            return self.dataset.reports / ".run" / f"{step.name}.json"
        return self.processed(step.year) / ".steps" / f"{step.kind}.json"

    def missing_tables(self, step: Step) -> list[str]:
        """The tables that a chapter needs and that the year does not have."""
        needs = step.outline.needs if step.outline else ()
        return [name for name in needs if not (self.processed(step.year) / f"{name}.parquet").is_file()]

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
            DOOR: lambda _: self._publish_inputs(settled) | self._files(),
        }[step.kind](step)

    def _intake_inputs(self, step: Step) -> dict[str, str]:
        folder = self.root / "data" / "raw" / str(step.year)
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name[0] not in ".~"]
        return {f"文件 {path.relative_to(self.root).as_posix()}": freshness.hash_file(path) for path in files}

    def _annotate_inputs(self, step: Step) -> dict[str, str]:
        config = self._config(step.year)
        limits = {key: config.get(key) for key in ("seed", "period", "thresholds")}
        return self._tables(step.year, ["feedback", "codings"]) | {
            "dataset.toml 的阈值": freshness.hash_json(limits)
        }

    def _prior_inputs(self, step: Step) -> dict[str, str]:
        return self._tables(step.year - 1, TABLES)

    def _chapter_inputs(self, step: Step) -> dict[str, str]:
        tables = [name for name in TABLES if name in (*step.outline.needs, *step.outline.mentioned)]
        counts = self.processed(step.year) / INTAKE_REPORT
        counted = (
            {"读入记录": freshness.hash_file(counts)} if "intake_counts" in step.outline.mentioned else {}
        )
        earlier = [self.steps[name] for name in step.after if self.steps[name].kind == CHAPTER]
        return (
            self._tables(step.year, tables)
            | counted
            | {f"{one.name} 的结果": freshness.hash_file(self.executed(one)) for one in earlier}
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
        return hashes | states | self._looks() | {CONFIG_NAME: config, "--draft": settled.get("draft", "")}

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
        Step(DOOR, DOOR, year, (*told, PUBLISH, OFFICE, PRINT)),
    ]
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
    read = [name for name in (*outline.needs, *outline.mentioned) if name in makers]
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
    unknown = [name for name in outline.needs if name not in TABLES]
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

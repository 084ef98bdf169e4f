"""What each step does. Runs in a process of its own; what a step says on its streams goes to its log."""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fbanalysis.dataset import load_dataset
from fbanalysis.errors import ConfigError, FeedbackError, listed
from fbanalysis.pipeline.browsers import find_chromium
from fbanalysis.schema import ANNOTATED, TABLES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Order:
    """What a worker has to do, as plain data."""

    kind: str
    root: Path
    year: int
    log: Path
    notebook: Path | None = None
    executed: Path | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    chapters: tuple[Mapping[str, object], ...] = ()
    is_draft: bool = False
    is_forked: bool = False


@dataclass(frozen=True)
class Result:
    """How a step ended: ``done``, ``left out`` or ``failed``, with the files it wrote."""

    status: str
    outputs: tuple[Path, ...] = ()
    reason: str = ""
    cell: int | None = None
    note: str = ""
    is_config: bool = False


def work(order: Order, answer: connection.Connection) -> None:
    """Do a step and send its result; the entry of a worker process."""
    with order.log.open("w", encoding="utf-8", buffering=1) as log:
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):
                os.dup2(log.fileno(), stream.fileno())
        answer.send(_perform(order, _prepare(order)))
        sys.stdout.flush()
        sys.stderr.flush()


def _prepare(order: Order) -> Any:
    """Become the head of a process group, so that one signal ends kernel and all; fork the twin first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not order.is_forked:
        return None
    os.setpgid(0, 0)
    twin = None
    if order.kind == "chapter":
        from fbanalysis.pipeline.kernels import Twin

        twin = Twin()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return twin


def _end_with_parent() -> None:
    connection.wait([parent_process().sentinel])
    os.killpg(0, signal.SIGKILL)


def _perform(order: Order, twin: Any) -> Result:
    try:
        return _chapter(order, twin) if order.kind == "chapter" else _STEPS[order.kind](order)
    except FeedbackError as error:
        return Result("failed", reason=str(error), is_config=isinstance(error, ConfigError))
    except Exception as error:
        traceback.print_exc()
        first = (str(error).strip().splitlines() or [""])[0]
        log = order.log.relative_to(order.root).as_posix()
        return Result("failed", reason=f"{type(error).__name__}: {first}（详见 {log}）")


def _intake(order: Order) -> Result:
    from fbanalysis.intake import take_in

    dataset = load_dataset(order.root, order.year)
    report = take_in(dataset)
    written = ["quarantine.csv", "intake.json", *(f"{name}.parquet" for name in report.tables)]
    balance = report.summary().splitlines()[0]
    return Result("done", tuple(dataset.processed / name for name in written), note=balance)


def _annotate(order: Order) -> Result:
    import pandas as pd

    from fbanalysis.analysis.annotation import annotate_comments

    dataset = load_dataset(order.root, order.year)
    feedback = pd.read_parquet(dataset.processed / "feedback.parquet")
    paths = [dataset.processed / f"{name}.parquet" for name in ANNOTATED]
    if "comment" not in feedback or not feedback["comment"].notna().any():
        for path in paths:
            path.unlink(missing_ok=True)
        return Result("left out", reason="反馈里没有原文（comment 列），无需批注")
    limits, coded = dataset.thresholds, dataset.processed / "codings.parquet"
    frames = annotate_comments(
        feedback,
        seed=dataset.seed,
        codings=pd.read_parquet(coded) if coded.is_file() else None,
        positive=limits.sentiment_positive,
        negative=limits.sentiment_negative,
    )
    for name, path, frame in zip(ANNOTATED, paths, frames, strict=True):
        _store(path, frame, table=name)
    return Result("done", tuple(paths), note=f"批注 {len(frames[0]):,} 段不同的原文")


def _summarise(order: Order) -> Result:
    import pandas as pd

    from fbanalysis.analysis.prior_year import summarise_prior_year

    folders = [order.root / "data" / "processed" / str(year) for year in (order.year - 1, order.year)]
    files = {name: folders[0] / f"{name}.parquet" for name in TABLES}
    frames = {name: pd.read_parquet(path) for name, path in files.items() if path.is_file()}
    path = folders[1] / "prior_year.parquet"
    _store(path, summarise_prior_year(frames), table="prior_year")
    return Result("done", (path,))


def _store(path: Path, frame: "pd.DataFrame", *, table: str) -> None:
    """Check a table against the data dictionary and swap it in whole."""
    from fbanalysis.schema import schema

    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    schema(table).validate(frame).to_parquet(aside, index=False)
    os.replace(aside, path)


def _chapter(order: Order, twin: Any) -> Result:
    from fbanalysis.pipeline.kernels import run_notebook

    error = run_notebook(order.notebook, order.executed, parameters=order.parameters, twin=twin)
    if error is None:
        return Result("done", (order.executed,))
    return Result("failed", (order.executed,), reason=error.message, cell=error.cell)


def _publish(order: Order) -> Result:
    from fbanalysis.report.publishing import publish
    from fbanalysis.report.story import Chapter

    chapters = [Chapter(**chapter) for chapter in order.chapters]
    files = publish(load_dataset(order.root, order.year), chapters, draft=order.is_draft)
    return Result("done", tuple(files))


def _office(order: Order) -> Result:
    from fbanalysis.report.disclosing import refuse_unfinished
    from fbanalysis.report.pptx import write_pptx
    from fbanalysis.report.story import Chapter, refuse_typed, tell
    from fbanalysis.report.theme import use
    from fbanalysis.report.workbook import write_workbook

    dataset = load_dataset(order.root, order.year)
    use(dataset.theme)
    story = tell(dataset, [Chapter(**chapter) for chapter in order.chapters])
    if not order.is_draft:
        refuse_typed(story.chapters, allowed=dataset.allowed)
        refuse_unfinished(story)
    dataset.reports.mkdir(parents=True, exist_ok=True)
    made = (
        write_pptx(story, dataset.reports / "report.pptx"),
        write_workbook(story, dataset.reports / "report.xlsx"),
    )
    return Result("done", made)


def _door(order: Order) -> Result:
    from fbanalysis.report.publishing import open_door
    from fbanalysis.report.story import Chapter

    chapters = [Chapter(**chapter) for chapter in order.chapters]
    return Result("done", open_door(load_dataset(order.root, order.year), chapters))


def _print(order: Order) -> Result:
    from fbanalysis.report.printing import print_pages

    chromium, folder = find_chromium(), load_dataset(order.root, order.year).reports
    if chromium is None:
        return Result(
            "left out",
            reason="没有找到 Chromium、Chrome 或 Edge，没有生成 PDF 与缩略图；装上一个再运行，或用环境变量 FBANALYSIS_CHROMIUM 指明",
        )
    return Result("done", print_pages(folder, chromium=chromium))


def _audit(order: Order) -> Result:
    from fbanalysis.report.audit.readback import FILES, audit_report
    from fbanalysis.report.story import Chapter, tell
    from fbanalysis.report.theme import use

    dataset = load_dataset(order.root, order.year)
    use(dataset.theme)
    story = tell(dataset, [Chapter(**chapter) for chapter in order.chapters])
    # the door is made after this step: one of an earlier run says nothing of this report
    found = audit_report(story, dataset.reports, files=[name for name in FILES if name != "index.html"])
    path = dataset.reports / "audit.json"
    aside = path.with_suffix(".json.new")
    aside.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")
    os.replace(aside, path)
    wrong = [one for one in found.findings if one.severity == "矛盾"]
    counted = f"读回 {len(found.files)} 个文件的 {sum(one.numbers for one in found.files):,} 个数"
    if wrong:
        said = listed((f"{one.place}：{one.explanation}" for one in wrong), most=3)
        return Result(
            "failed", (path,), reason=f"{counted}，{len(wrong)} 处矛盾：{said}（全部在 audit.json）"
        )
    return Result("done", (path,), note=f"{counted}，没有矛盾，{len(found.findings)} 处请人看一眼")


def _receipt(order: Order) -> Result:
    from fbanalysis.pipeline.plan import make_plan
    from fbanalysis.pipeline.receipts import read_receipt, write_receipt

    plan = make_plan(load_dataset(order.root, order.year))
    path = write_receipt(plan, is_draft=order.is_draft)
    return Result("done", (path,), note=f"收据 {read_receipt(path.parent)['receipt']}")


_STEPS: Mapping[str, Callable[[Order], Result]] = {
    "intake": _intake,
    "annotate": _annotate,
    "prior-year": _summarise,
    "publish": _publish,
    "office": _office,
    "print": _print,
    "audit": _audit,
    "index": _door,
    "manifest": _receipt,
}

"""Runs the steps of a plan: several at once, the longest first, and the rest although one failed.

Every step runs in a process of its own, forked where the platform can from one that has imported
everything; no step runs in this process, which therefore stays small and imports no data library.
"""

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import connection, forkserver, resource_tracker
from pathlib import Path
from typing import Any

from fbanalysis.errors import ConfigError
from fbanalysis.pipeline import freshness, warm
from fbanalysis.pipeline import plan as plans
from fbanalysis.pipeline.plan import Plan, Step
from fbanalysis.pipeline.work import Order, Result, work

FORK_VARIABLE = "FBANALYSIS_FORK"
#: What every kernel and its worker use, whatever the notebooks import.
ALWAYS_WARM = (
    "fbanalysis.pipeline.kernels",
    "ipykernel.kernelapp",
    "pyarrow.parquet",
    "matplotlib.backends.backend_agg",
)


@dataclass(frozen=True)
class Settled:
    """What became of a step.

    ``status`` is done, unchanged, left out, failed, or blocked (because of a step before it).
    """

    step: Step
    status: str
    reason: str = ""
    seconds: float = 0.0
    outputs: tuple[Path, ...] = ()
    cell: int | None = None
    note: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether the step did not end as it should."""
        return self.status in ("failed", "blocked")


@dataclass(frozen=True)
class Job:
    """A step that is running."""

    step: Step
    process: Any
    answer: connection.Connection
    inputs: Mapping[str, str]
    log: Path
    began: float


@dataclass(frozen=True)
class Options:
    """How to run: at once, although unchanged, with typed numbers let through."""

    workers: int
    forced: frozenset[str] = frozenset()
    is_draft: bool = False


def count_processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Say whether kernels are forked: not on Windows, and not where FBANALYSIS_FORK is 0."""
    return "forkserver" in multiprocessing.get_all_start_methods() and os.environ.get(FORK_VARIABLE) != "0"


def preview(plan: Plan, steps: Mapping[str, Step], *, options: Options) -> dict[str, Settled]:
    """Say of every step whether it would run, without running any.

    A step behind one that would run is said to run too, although unchanged output will spare it.
    """
    seen: dict[str, Settled] = {}
    for name, step in steps.items():
        waking = [before for before in step.after if before in seen and seen[before].status == "would run"]
        settled = _decide(plan, step, seen, options=options)
        if waking and (settled is None or not settled.step.fault):
            seen[name] = Settled(step, "would run", reason=f"{waking[0]} 会先执行")
        else:
            seen[name] = settled or Settled(step, "would run", reason=_why(plan, step, seen, options=options))
    return seen


def run(
    plan: Plan, steps: Mapping[str, Step], *, options: Options, watch: Callable[[Step | Settled | None], None]
) -> dict[str, Settled]:
    """Bring the steps up to date.

    Parameters
    ----------
    steps
        Those to run, with all that they need; see `select`.
    watch
        Is told of every step that began and of what became of it; None before one begins, which at first
        takes the time to import everything once.

    Raises
    ------
    ConfigError
        A dataset.toml is wrong; nothing else was begun after it was read.
    """
    settled: dict[str, Settled] = {}
    jobs: dict[str, Job] = {}
    with _workplace(plan, steps, options=options) as begin:
        while len(settled) < len(steps):
            _begin_ready(plan, steps, settled, jobs, begin=begin, options=options, watch=watch)
            for job in _finished(jobs):
                del jobs[job.step.name]
                settled[job.step.name] = _settle(plan, job)
                _drop_stale(plan, settled[job.step.name])
                watch(settled[job.step.name])
    return {name: settled[name] for name in steps}


def _begin_ready(
    plan: Plan,
    steps: Mapping[str, Step],
    settled: dict[str, Settled],
    jobs: dict[str, Job],
    *,
    begin: Callable[[Order], tuple[Any, connection.Connection]],
    options: Options,
    watch: Callable,
) -> None:
    """Settle what needs no run, and begin what does while there are workers; the longest first."""
    while ready := _ready(plan, steps, settled, jobs):
        for step in ready:
            known = _decide(plan, step, settled, options=options)
            if known is None and len(jobs) >= options.workers:
                continue
            if known is None:
                watch(None)
                jobs[step.name] = _begin(plan, step, settled, begin=begin, options=options)
                watch(step)
            else:
                settled[step.name] = known
                _drop_outdated(plan, known)
                watch(known)
        if len(jobs) >= options.workers or not any(step.name in settled for step in ready):
            return


#: The kinds of step without which nothing behind them makes sense; a report is made although a chapter failed.
_FIRST = (plans.INTAKE, plans.ANNOTATE, plans.PRIOR)

#: The kinds of step that are told how each chapter ended.
_TOLD = (plans.PUBLISH, plans.OFFICE, plans.AUDIT, plans.DOOR, plans.MANIFEST)

#: What the last steps write, by pattern.
_MADE = {
    plans.PUBLISH: ["deck.html", "report.html"],
    plans.OFFICE: ["report.pptx", "report.xlsx"],
    plans.PRINT: ["*.pdf", "contact-sheet.png"],
    plans.AUDIT: ["audit.json"],
    plans.DOOR: ["index.html"],
    plans.MANIFEST: ["manifest.json"],
}


def _drop_outdated(plan: Plan, item: Settled) -> None:
    """Remove the notebook of a chapter that is left out, and the pages if they can't be made: none may pass for new."""
    if item.step.kind == plans.CHAPTER and (item.status == "left out" or item.step.fault):
        plan.executed(item.step).unlink(missing_ok=True)
    for pattern in _MADE.get(item.step.kind, ()) if item.is_bad else ():
        _remove(plan, item, pattern)


def _remove(plan: Plan, item: Settled, pattern: str) -> None:
    """Remove what an earlier run made; a failed step may have left its findings on purpose."""
    for path in plan.dataset.reports.glob(pattern):
        if path not in item.outputs:
            path.unlink()


def _drop_stale(plan: Plan, item: Settled) -> None:
    """Remove an earlier run's Office files, prints, findings, door or receipt where this run made none."""
    is_last = item.step.kind in _MADE and item.step.kind != plans.PUBLISH
    for pattern in _MADE[item.step.kind] if is_last and item.status != "done" else ():
        _remove(plan, item, pattern)


def _ready(plan: Plan, steps: Mapping[str, Step], settled: Mapping, jobs: Mapping) -> list[Step]:
    waiting = [step for name, step in steps.items() if name not in settled and name not in jobs]
    ready = [step for step in waiting if all(name in settled for name in step.after if name in steps)]
    return sorted(ready, key=lambda step: -_expected_seconds(plan, step))


def _expected_seconds(plan: Plan, step: Step) -> float:
    """The seconds of the last run; without one, a notebook's size stands for its length."""
    record = freshness.load_record(plan.record_path(step))
    if record is not None:
        return record.seconds
    return step.notebook.stat().st_size / 10_000 if step.notebook else 0.0


def _decide(plan: Plan, step: Step, settled: Mapping[str, Settled], *, options: Options) -> Settled | None:
    """Settle a step that need not run; None means that it has to."""
    if step.fault:
        return Settled(step, "failed", step.fault)
    needed = _needed(plan, step)
    if broken := [name for name in needed if name in settled and settled[name].is_bad]:
        return Settled(step, "blocked", f"因为「{settled[broken[0]].step.title}」没有完成")
    if step.kind == plans.CHAPTER and (lacking := plan.why_left_out(step)):
        return Settled(step, "left out", lacking)
    if _why(plan, step, settled, options=options):
        return None
    record = freshness.load_record(plan.record_path(step))
    outputs = tuple(plan.root / name for name in record.outputs)
    status = "left out" if record.status == "left out" else "unchanged"
    return Settled(step, status, record.reason, outputs=outputs, note=record.note)


def _needed(plan: Plan, step: Step) -> list[str]:
    """The steps without which a step can't be done; a receipt is only for a whole report."""
    if step.kind == plans.MANIFEST:
        return list(step.after)
    if step.kind == plans.PRINT:
        return [
            name
            for name in step.after
            if not all((plan.dataset.reports / page).is_file() for page in plans.PAGES)
        ]
    return [name for name in step.after if plan.steps[name].kind in _FIRST]


def _why(plan: Plan, step: Step, settled: Mapping[str, Settled], *, options: Options) -> str:
    if step.name in options.forced:
        return "--force"
    inputs = _inputs(plan, step, settled, options=options)
    return freshness.why_stale(freshness.load_record(plan.record_path(step)), inputs, root=plan.root)


def _inputs(plan: Plan, step: Step, settled: Mapping[str, Settled], *, options: Options) -> dict[str, str]:
    states = {name: f"{_chapter_status(item)} {item.reason}" for name, item in settled.items()}
    return plan.inputs(step, settled=states | {"draft": str(options.is_draft)})


def _chapter_status(item: Settled) -> str:
    """The status as the report knows it: done, failed or left out."""
    return {"unchanged": "done", "blocked": "failed", "would run": "done"}.get(item.status, item.status)


def _begin(
    plan: Plan, step: Step, settled: Mapping[str, Settled], *, begin: Callable, options: Options
) -> Job:
    inputs = _inputs(plan, step, settled, options=options)
    log = plan.dataset.reports / ".run" / f"{step.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    order = Order(kind=step.kind, root=plan.root, year=step.year, log=log, is_forked=can_fork())
    if step.kind == plans.CHAPTER:
        order = replace(
            order, notebook=step.notebook, executed=plan.executed(step), parameters=plan.parameters(step)
        )
    elif step.kind in _TOLD:
        chapters = tuple(for_report(plan, chapter, settled) for chapter in plan.chapters)
        order = replace(order, chapters=chapters, is_draft=options.is_draft)
    process, answer = begin(order)
    return Job(step, process, answer, inputs, log, time.monotonic())


def for_report(plan: Plan, step: Step, settled: Mapping[str, Settled]) -> dict[str, object]:
    """Give a chapter as the report takes it: its name, title, executed notebook, and how it ended."""
    item, executed = settled[step.name], plan.executed(step)
    return {
        "number": step.name.split("_")[0],
        "name": step.name,
        "reason": item.reason,
        "status": _chapter_status(item),
        "title": step.outline.title if step.outline else step.name,
        "executed": executed if executed.is_file() and item.status != "blocked" else None,
    }


def _finished(jobs: Mapping[str, Job]) -> list[Job]:
    if not jobs:
        return []
    ready = connection.wait([end for job in jobs.values() for end in (job.answer, job.process.sentinel)])
    return [job for job in jobs.values() if job.answer in ready or job.process.sentinel in ready]


def _settle(plan: Plan, job: Job) -> Settled:
    """Take a step's result, remember it, and leave no process behind."""
    result = _result(plan, job)
    _end(job.process)
    job.answer.close()
    seconds = time.monotonic() - job.began
    if result.is_config:
        raise ConfigError(result.reason)
    outputs = freshness.hash_outputs(result.outputs, root=plan.root)
    record = freshness.Record(
        job.inputs,
        outputs,
        status=result.status,
        reason=result.reason,
        seconds=round(seconds, 2),
        note=result.note,
    )
    freshness.save_record(plan.record_path(job.step), record)
    if job.log.is_file() and not job.log.stat().st_size:
        job.log.unlink()
    return Settled(
        job.step, result.status, result.reason, seconds, tuple(result.outputs), result.cell, result.note
    )


def _result(plan: Plan, job: Job) -> Result:
    with suppress(EOFError, OSError):
        if job.answer.poll():
            result = job.answer.recv()
            job.process.join()
            return result
    job.process.join()
    log = job.log.relative_to(plan.root).as_posix()
    return Result("failed", reason=f"进程意外终止（退出码 {job.process.exitcode}，详见 {log}）")


def _end(process: Any) -> None:
    """End a worker with all that it began: its kernel is in its process group."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():
        process.kill()
    process.join()


@contextmanager
def _workplace(plan: Plan, steps: Mapping[str, Step], *, options: Options) -> Iterator[Callable]:
    """Give a function that begins a worker; set up nothing until it is first called."""
    context = multiprocessing.get_context("forkserver" if can_fork() else "spawn")
    before, scratch = dict(os.environ), Path(tempfile.gettempdir()) / f"fbanalysis-{os.getpid()}"
    is_ready = False

    def begin(order: Order) -> tuple[Any, connection.Connection]:
        nonlocal is_ready
        if not is_ready:
            os.environ.update(_environment(plan, scratch, modules=_modules(plan, steps, options=options)))
            _start_server()
            is_ready = True
        answer, sender = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(order, sender), name=order.kind)
        process.start()
        sender.close()
        return process, answer

    is_whole = False
    try:
        yield begin
        is_whole = True
    finally:
        for process in multiprocessing.active_children():
            _end(process)
        if is_ready and can_fork():
            _stop_server(is_killed=not is_whole)
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(scratch, ignore_errors=True)


def _start_server() -> None:
    """Start the process from which workers are forked.

    It inherits that SIGINT is blocked, so Ctrl-C reaches this process alone, which then ends all others.
    """
    if not can_fork():
        return
    multiprocessing.set_forkserver_preload([__name__, warm.__name__])
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop_server(*, is_killed: bool) -> None:
    """End the fork server and wait for it, so that no process outlives the run.

    An interrupted run kills it: it may be about to fork a worker that nobody waits for. The standard
    library has no public way for either; without these names the server ends by itself after us.
    """
    server = forkserver._forkserver
    if is_killed and (pid := getattr(server, "_forkserver_pid", None)):
        os.kill(pid, signal.SIGKILL)
    if stop := getattr(server, "_stop", None):
        stop()


def _modules(plan: Plan, steps: Mapping[str, Step], *, options: Options) -> list[str]:
    """The modules worth importing once: those of the notebooks that will probably run."""
    seen = preview(plan, steps, options=options)
    waking = [item.step for item in seen.values() if item.status == "would run" and item.step.outline]
    wanted = [*ALWAYS_WARM, *(name for step in waking for name in step.outline.imports)]
    return list(dict.fromkeys(wanted)) if waking else []


def _environment(plan: Plan, scratch: Path, *, modules: Sequence[str]) -> dict[str, str]:
    """The run's own folders for IPython, Jupyter and matplotlib; one thread a kernel; our package's path."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    folders = {
        "IPYTHONDIR": scratch / "ipython",
        "JUPYTER_CONFIG_DIR": scratch / "config",
        "JUPYTER_DATA_DIR": scratch / "data",
        "JUPYTER_RUNTIME_DIR": scratch / "runtime",
        "MPLCONFIGDIR": plan.dataset.reports / ".run" / "matplotlib",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {name: str(folder) for name, folder in folders.items()} | {
        "FBANALYSIS_ROOT": str(plan.root),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "0"),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        warm.VARIABLE: " ".join(modules),
        # pyarrow's allocator would start a thread in the process that is forked
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }


def clear_orphans(plan: Plan) -> list[Path]:
    """Remove executed notebooks whose notebook is gone, and what an interrupted run left half written."""
    known = {plan.executed(step) for step in plan.chapters}
    folder = plan.dataset.reports / "notebooks"
    orphans = [path for path in folder.glob("[!.]*.ipynb") if path not in known] if folder.is_dir() else []
    for path in orphans:
        path.unlink()
    return orphans

"""What the command line shows: the steps while they run, and at the end what was made, skipped and failed."""

import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from fbanalysis.pipeline.chapters import find_ignored
from fbanalysis.pipeline.plan import CHAPTER, INTAKE, Plan, Step
from fbanalysis.pipeline.running import Settled

WORDS = {
    "done": "完成",
    "unchanged": "没有变化",
    "left out": "略过",
    "failed": "失败",
    "blocked": "未执行",
    "would run": "需要执行",
}
COLOURS = {"done": "green", "failed": "bold red", "blocked": "red", "left out": "yellow"}


class Screen:
    """Shows the steps as they run: a live table on a terminal, else a line for each that ended."""

    def __init__(self, steps: Mapping[str, Step]) -> None:
        self.steps = steps
        self.began: dict[str, float] = {}
        self.settled: dict[str, Settled] = {}
        self._live: Any = None

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def watch(self, event: Step | Settled | None) -> None:
        """Take in that a step is about to begin, began, or ended."""
        if event is None:
            self._open()
        elif isinstance(event, Step):
            self.began[event.name] = time.monotonic()
        else:
            self.settled[event.step.name] = event
            if self._live is None and event.step.name in self.began:
                print(_line(event), flush=True)

    def _open(self) -> None:
        """Start the live table at the first step that runs: an unchanged report needs none."""
        if self._live is None and sys.stdout.isatty():
            from rich.live import Live

            self._live = Live(get_renderable=self._table, refresh_per_second=8)
            self._live.start()

    def _table(self) -> Any:
        from rich.markup import escape
        from rich.table import Table

        caption = None if self.began else "正在准备执行环境 …"
        table = Table(box=None, pad_edge=False, caption=caption, caption_justify="left")
        for heading in ("步骤", "状态", "秒"):
            table.add_column(heading, justify="right" if heading == "秒" else "left")
        for name, step in self.steps.items():
            table.add_row(escape(step.title), *self._state(name))
        return table

    def _state(self, name: str) -> tuple[str, str]:
        if item := self.settled.get(name):
            word, colour = WORDS[item.status], COLOURS.get(item.status, "dim")
            return f"[{colour}]{word}[/]", f"{item.seconds:.1f}" if item.seconds else ""
        if name in self.began:
            return "[cyan]执行中[/]", f"{time.monotonic() - self.began[name]:.1f}"
        return "[dim]等待[/]", ""


def show_preview(seen: Mapping[str, Settled]) -> None:
    """List the steps with their state and its reason."""
    for name, item in seen.items():
        reason = f"：{item.reason}" if item.reason else ""
        title = "" if item.step.title.startswith(name) else f"　{item.step.title}"
        shown = item.step.title if not title else name
        print(f"{WORDS[item.status]:　<4}　{shown}{title}{reason}")


def show_summary(plan: Plan, settled: Mapping[str, Settled], *, seconds: float) -> None:
    """Say what was read, made, skipped and what failed."""
    items = list(settled.values())
    if ignored := find_ignored(plan.root / "notebooks"):
        print(f"不是章节：{'、'.join(ignored)}；文件名要写成「编号_主题.ipynb」，如 46_新主题.ipynb")
    by_status = {status: [item for item in items if item.status == status] for status in WORDS}
    if not by_status["done"] and not any(item.is_bad for item in items):
        _show_left_out(by_status["left out"])
        door = plan.dataset.reports / "index.html"
        place = f"；报告在 {_shown(plan, door)}" if door.is_file() else ""
        print(f"没有变化，无需重新执行（{seconds:.1f} 秒）{place}")
        return
    print()
    for item in items:
        if item.step.kind == INTAKE and item.note:
            print(f"{item.step.title}：{item.note}")
    _show_files(plan, by_status["done"])
    if unchanged := by_status["unchanged"]:
        print(f"没有变化：{'、'.join(item.step.name for item in unchanged)}")
    _show_left_out(by_status["left out"])
    for item in (*by_status["failed"], *by_status["blocked"]):
        print(f"{WORDS[item.status]}：{_place(plan, item)}：{item.reason}")
    print(f"共 {seconds:.1f} 秒")


def _show_files(plan: Plan, items: Iterable[Settled]) -> None:
    folders: dict[Path, list[Path]] = {}
    for path in (path for item in items for path in item.outputs):
        folders.setdefault(path.parent, []).append(path)
    for folder, paths in folders.items():
        files = "、".join(f"{path.name} {_size(path)}" for path in paths)
        print(f"写出 {_shown(plan, folder)}/：{files}")


def _show_left_out(items: Iterable[Settled]) -> None:
    for item in items:
        print(f"略过：{item.step.title}：{item.reason}")


def _place(plan: Plan, item: Settled) -> str:
    """Where to look: the saved notebook and its cell, or the step."""
    if item.step.kind == CHAPTER and item.cell is not None:
        return f"{_shown(plan, plan.executed(item.step))}#cell {item.cell}"
    return _shown(plan, item.step.notebook) if item.step.notebook else item.step.title


def _shown(plan: Plan, path: Path) -> str:
    return path.relative_to(plan.root).as_posix()


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1024:,.0f} KB" if size < 1024**2 else f"{size / 1024**2:,.1f} MB"


def _line(item: Settled) -> str:
    reason = f"：{item.reason}" if item.reason else ""
    return f"{WORDS[item.status]}　{item.step.title}　{item.seconds:.1f} 秒{reason}"

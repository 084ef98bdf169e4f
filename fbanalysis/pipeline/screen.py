"""What the command line shows: the steps while they run, and at the end what was made, skipped and failed."""

import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from fbanalysis.errors import UsageError
from fbanalysis.pipeline.chapters import find_ignored
from fbanalysis.pipeline.plan import AUDIT, CHAPTER, INTAKE, MANIFEST, Plan, Step
from fbanalysis.pipeline.running import Settled

if TYPE_CHECKING:
    import pandas as pd

    from fbanalysis.pipeline.receipts import Verification
    from fbanalysis.pipeline.releasing import Release
    from fbanalysis.pipeline.reproducing import Reproduction
    from fbanalysis.report.audit.findings import Finding
    from fbanalysis.report.changes import Changes
    from fbanalysis.report.comments import Remark

#: How many lines of a long list stand on the screen.
MOST = 20

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
        _show_receipt(items)
        return
    print()
    for item in items:
        if item.step.kind in (INTAKE, AUDIT) and item.note:
            print(f"{item.step.title}：{item.note}")
    _show_files(plan, by_status["done"])
    if unchanged := by_status["unchanged"]:
        print(f"没有变化：{'、'.join(item.step.name for item in unchanged)}")
    _show_left_out(by_status["left out"])
    for item in (*by_status["failed"], *by_status["blocked"]):
        print(f"{WORDS[item.status]}：{_place(plan, item)}：{item.reason}")
    print(f"共 {seconds:.1f} 秒")
    _show_receipt(items)


def _show_receipt(items: Iterable[Settled]) -> None:
    """Say the receipt's digest, to be quoted when the files are handed over."""
    for item in items:
        if item.step.kind == MANIFEST and item.note:
            print(f"{item.note}（交付时请一并写上；manifest.json 列出全部文件的指纹）")


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


# What the other commands found


def _say(text: str) -> None:
    """Print what may quote somebody's file: its control characters stay out of the terminal."""
    print(plain(text))


def show_verification(checked: "Verification") -> None:
    """Say which delivered files are as their receipt says."""
    draft = "（草稿）" if checked.is_draft else ""
    _say(f"《{checked.title}》{checked.year}{draft}　收据 {checked.receipt}　{checked.folder}")
    if checked.is_altered:
        _say("收据本身被改过：它写明的编号与内容算出的不同；请与交付时记下的编号核对")
    for word, names in (("相符", checked.same), ("被改动", checked.changed), ("缺少", checked.missing)):
        _show_names(word, names, is_listed=word != "相符")
    _show_names("收据里没有（不影响核对）", checked.extra, is_listed=True)
    _say("全部相符" if checked.is_good else "核对不通过：请换回交付时的文件，或重新生成并重新交付")


def _show_names(word: str, names: Sequence[str], *, is_listed: bool) -> None:
    if names:
        shown = f"：{'、'.join(names[:MOST])}{' …' * (len(names) > MOST)}" if is_listed else ""
        _say(f"{word} {len(names)} 个{shown}")


def show_reproduction(done: "Reproduction") -> None:
    """Say what of a report came out the same when it was made again."""
    _say("重做的条件：" + "，".join(f"{name}={value}" for name, value in done.conditions.items()))
    for kind in dict.fromkeys(item.kind for item in done.items):
        count, same = done.counts(kind)
        _say(f"{kind}　{count:,} 个，一致 {same:,} 个，不同 {count - same:,} 个")
    for item in done.differing[:MOST]:
        _say(f"{item.state}　{item.kind}　{item.name}{f'：{item.where}' if item.where else ''}")
    if len(done.differing) > MOST:
        _say(f"…… 另有 {len(done.differing) - MOST:,} 处")
    if done.skipped:
        _say(f"没有比较（这次不打印）：{'、'.join(done.skipped)}")
    verdict = "全部一致" if done.is_same else "没有完全重现：上面是不同之处"
    _say(f"{verdict}；收据 {done.receipts[0]}，重做 {done.receipts[1]}（{done.seconds:.0f} 秒）")


def show_changes(changes: "Changes", files: Sequence[Path] = ()) -> None:
    """Show how many figures differ between two editions, and the largest differences as a table."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from fbanalysis.report.changes import CHANGED

    _say(f"{changes.before.name} → {changes.after.name}：" + "，".join(_counted(changes.counts)))
    pairs, outside = changes.compared
    _say(f"两版都有区间的 {pairs:,} 个数里，{outside:,} 个的差在抽样误差之外（单次比较，未按个数校正）")
    table = Table(box=None, pad_edge=False)
    for head in ("指标[层]", "原来", "现在", "变化", "抽样误差", "有关的变化"):
        table.add_column(
            head, overflow="fold", justify="right" if head in ("原来", "现在", "变化") else "left"
        )
    for row in changes.frame[changes.frame["status"] == CHANGED].head(MOST).to_dict("records"):
        cells = [row[name] for name in ("key", "old", "new", "change", "sampling", "causes")]
        table.add_row(*(escape(str(cell)) for cell in cells))
    if table.row_count:
        Console().print(table)
    for path in files:
        _say(f"写出 {path}")


def _counted(counts: Mapping[str, int]) -> Iterable[str]:
    return (f"{status} {count:,} 个" for status, count in counts.items())


def show_release(made: "Release") -> None:
    """Say where the copy of a delivery is kept and which figures it corrects."""
    _say(f"已登记第 {made.sequence} 次交付（{made.released_on}）　收据 {made.receipt}　{made.folder}")
    show_corrections(made.corrected)


def show_corrections(frame: "pd.DataFrame") -> None:
    """List figures that were delivered and are printed otherwise now."""
    if len(frame):
        _say(f"更正 {len(frame):,} 个已交付的数：")
    for row in frame.head(MOST).to_dict("records"):
        _say(f"　{row['stratum']}：{row['old']} → {row['new']}　{row['reason']}")
    if len(frame) > MOST:
        _say(f"　…… 另有 {len(frame) - MOST:,} 个")


#: What steers a terminal or turns the direction of text: escape sequences, controls, marks of direction.
_STEERING = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def plain(text: str) -> str:
    """Take out of a text from a file whatever would steer the terminal that shows it; line ends stay.

    >>> plain("4.1\\x1b[31m 分\\u202e")
    '4.1 分'
    """
    return _STEERING.sub("", text)


def write_findings(path: Path, findings: Sequence["Finding"]) -> None:
    """Write an audit's findings as a table that a spreadsheet opens; texts that look like formulas stay texts."""
    import pandas as pd

    from fbanalysis.report.ledger import guarded

    heads = {
        "place": "位置",
        "severity": "程度",
        "rule": "规则",
        "printed": "印作",
        "expected": "应为",
        "explanation": "说明",
        "sentence": "原句",
        "key": "记录",
    }
    rows = [{name: guarded(plain(getattr(one, field))) for field, name in heads.items()} for one in findings]
    try:
        pd.DataFrame(rows, columns=[*heads.values()]).to_csv(path, index=False, encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"清单写不到「{path}」：没有权限，或正被别的程序打开；请换一个地方") from error
    _say(f"写出 {path}：{len(rows):,} 条")


def show_remarks(remarks: Sequence["Remark"]) -> None:
    """List an analyst's comments, how each stands, and what moved."""
    for one in remarks:
        _say(f"{one.comment.name}　{one.status}　{one.comment.place}：{one.sentence.plain}")
        for drift in one.drifts:
            _say(f"　　{drift.said}")
    if not remarks:
        _say("这一年没有评注；写法见 notebooks/41_satisfaction.comments.toml")

"""One command from the files as received to the finished report: the method on one screen.

intake → annotate → one notebook a chapter → publish; only what changed is run.
"""

import argparse
import difflib
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from fbanalysis.dataset import available_years, find_root, load_dataset
from fbanalysis.errors import ConfigError, FeedbackError, UsageError, listed
from fbanalysis.pipeline.plan import Plan, make_plan, matching, select
from fbanalysis.pipeline.running import Options, clear_orphans, count_processors, preview, run
from fbanalysis.pipeline.screen import Screen, show_preview, show_summary

SUCCESS, FAILURE, MISUSE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring a year's report up to date and give the exit code."""
    began = time.monotonic()
    try:
        return build(read_arguments(sys.argv[1:] if arguments is None else arguments), began=began)
    except KeyboardInterrupt:
        print("已中断：已完成的步骤都已保存，再次运行会接着做。", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        print(
            f"「{error.filename}」读写不了：{error.strerror}；可能正被别的程序占用，或没有权限",
            file=sys.stderr,
        )
        return FAILURE
    except FeedbackError as error:
        print(error, file=sys.stderr)
        return MISUSE if isinstance(error, ConfigError | UsageError) else FAILURE


def build(given: argparse.Namespace, *, began: float) -> int:
    """Plan the year, run what changed, and say what came of it."""
    plan = plan_year(given.year)
    steps = select(plan, given.only)
    named = {name for only in given.only for name in matching(plan, only)} or set(steps)
    options = Options(
        workers=given.workers or min(count_processors(), 8),
        is_draft=given.draft,
        forced=frozenset(named if given.force else ()),
    )
    if given.list:
        show_preview(preview(plan, steps, options=options))
        return SUCCESS
    clear_orphans(plan)
    with Screen(steps) as screen:
        settled = run(plan, steps, options=options, watch=screen.watch)
    show_summary(plan, settled, seconds=time.monotonic() - began)
    return FAILURE if any(item.is_bad for item in settled.values()) else SUCCESS


def plan_year(year: int | None) -> Plan:
    """Plan a year, by default the newest."""
    root = find_root(Path(__file__).parent)
    years = available_years(root)
    if not years:
        raise UsageError("data/raw 里还没有任何一年：请建立 data/raw/<年份>/，放入文件和 dataset.toml")
    if year is not None and year not in years:
        raise UsageError(f"没有 {year} 年的数据；可用的年份：{listed(years, most=20)}")
    newest = max(int(path.name) for path in (root / "data" / "raw").glob("[0-9][0-9][0-9][0-9]"))
    if year is None and newest > years[-1]:
        raise UsageError(
            f"data/raw/{newest} 里没有 dataset.toml：请照 data/raw/{years[-1]}/dataset.toml 写一份，或用 --year 指明年份"
        )
    return make_plan(load_dataset(root, years[-1] if year is None else year))


class Parser(argparse.ArgumentParser):
    """Says in one Chinese sentence what is wrong with a command line."""

    def error(self, message: str) -> NoReturn:
        """Turn argparse's English into one sentence that names what is allowed."""
        named = message.removeprefix("argument ").split(":")[0]
        raise UsageError(f"命令行「{named}」用得不对；用法：{' '.join(self.format_usage().split()[1:])}")


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python run_all.py",
        add_help=False,
        allow_abbrev=False,
        usage="python run_all.py [--year 年份] [--only 步骤 …] [--force] [--workers 个数] [--list] [--draft]",
        description="从收到的文件到年度反馈报告：读入 → 批注 → 逐章执行笔记本 → 发布；没有变化的不重做。",
        epilog="结果在 reports/<年份>/：index.html 是入口。退出码：0 完成，1 有步骤失败，2 用法或配置有误。",
    )
    add = parser.add_argument_group("选项").add_argument
    add("--year", type=int, metavar="年份", help="哪一年的报告；默认 data/raw 里最新的一年")
    add("--only", nargs="+", default=[], metavar="步骤", help="只做这些步骤和所需的前步；笔记本可写编号")
    add("--force", action="store_true", help="没有变化也重做（与 --only 同用时只重做所列的步骤）")
    add("--workers", type=_positive, metavar="个数", help="同时做几个步骤；默认等于处理器个数，最多 8")
    add("--list", action="store_true", help="列出各步骤和状态，不执行")
    add("--draft", action="store_true", help="起草：放行手打的数字，但在页面上标出")
    add("--help", action="help", help="显示本说明")
    given, unknown = parser.parse_known_args(arguments)
    if unknown:
        options = [name for action in parser._actions for name in action.option_strings]
        near = difflib.get_close_matches(unknown[0], options, n=1)
        hint = f"，是不是 {near[0]}" if near else ""
        raise UsageError(f"不认识「{unknown[0]}」{hint}；可用的选项：{listed(options, most=20)}")
    return given


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    sys.exit(main())

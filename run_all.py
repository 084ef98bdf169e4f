"""One command from the files as received to the finished report: the method on one screen.

intake → annotate → one notebook a chapter → publish; only what changed is run.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fbanalysis.dataset import find_root
from fbanalysis.errors import ConfigError, FeedbackError, UsageError
from fbanalysis.pipeline.commands import COMMANDS, Parser, plan_year, positive, run_command
from fbanalysis.pipeline.plan import matching, select
from fbanalysis.pipeline.running import Options, clear_orphans, count_processors, preview, run
from fbanalysis.pipeline.screen import Screen, plain, show_preview, show_summary

SUCCESS, FAILURE, MISUSE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring a year's report up to date, or do what a command says, and give the exit code."""
    began = time.monotonic()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given and given[0] in COMMANDS:
            return run_command(given[0], given[1:], root=find_root(Path(__file__).parent))
        return build(read_arguments(given), began=began)
    except KeyboardInterrupt:
        print("已中断：已完成的步骤都已保存，再次运行会接着做。", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        said = f"「{error.filename}」读写不了；可能正被别的程序占用，没有权限，或磁盘已满"
        print(plain(said), file=sys.stderr)
        return FAILURE
    except FeedbackError as error:
        print(plain(str(error)), file=sys.stderr)
        return MISUSE if isinstance(error, ConfigError | UsageError) else FAILURE


def build(given: argparse.Namespace, *, began: float) -> int:
    """Plan the year, run what changed, and say what came of it."""
    plan = plan_year(find_root(Path(__file__).parent), given.year)
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


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line of making the report."""
    commands = "\n".join(f"  {name:10}{command.says}" for name, command in COMMANDS.items())
    parser = Parser(
        prog="python run_all.py",
        add_help=False,
        allow_abbrev=False,
        usage="python run_all.py [--year 年份] [--only 步骤 …] [--force] [--workers 个数] [--list] [--draft]\n       python run_all.py 命令 …",
        description="从收到的文件到年度反馈报告：读入 → 批注 → 逐章执行笔记本 → 发布；没有变化的不重做。",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"命令（各有 --help）：\n{commands}\n\n结果在 reports/<年份>/：index.html 是入口。退出码：0 完成，1 有步骤失败，2 用法或配置有误。",
    )
    add = parser.add_argument_group("选项").add_argument
    add("--year", type=int, metavar="年份", help="哪一年的报告；默认 data/raw 里最新的一年")
    add("--only", nargs="+", default=[], metavar="步骤", help="只做这些步骤和所需的前步；笔记本可写编号")
    add("--force", action="store_true", help="没有变化也重做（与 --only 同用时只重做所列的步骤）")
    add("--workers", type=positive, metavar="个数", help="同时做几个步骤；默认等于处理器个数，最多 8")
    add("--list", action="store_true", help="列出各步骤和状态，不执行")
    add("--draft", action="store_true", help="起草：放行手打的数字，但在页面上标出")
    add("--help", action="help", help="显示本说明")
    return parser.read(arguments, words=[*COMMANDS])


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    sys.exit(main())

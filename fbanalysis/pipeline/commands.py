"""The commands beside making the report: read finished files back, compare, prove, release, confirm comments.

Each takes its command line and gives the exit code; what it finds is computed elsewhere and printed here.
"""

import argparse
import difflib
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from fbanalysis.dataset import available_years, load_dataset
from fbanalysis.errors import AuditError, DataError, UsageError, listed
from fbanalysis.pipeline import screen
from fbanalysis.pipeline.plan import Plan, make_plan
from fbanalysis.pipeline.running import Options, for_report, preview

if TYPE_CHECKING:
    from fbanalysis.report.audit.findings import Finding
    from fbanalysis.report.audit.reading import Document
    from fbanalysis.report.story import Story

SUCCESS, FAILURE = 0, 1


class Parser(argparse.ArgumentParser):
    """Says in one Chinese sentence what is wrong with a command line."""

    def error(self, message: str) -> NoReturn:
        """Turn argparse's English into one sentence that names what is allowed."""
        required = message.removeprefix("the following arguments are required: ")
        if required != message:
            raise UsageError(f"缺少「{required}」；用法：{' '.join(self.format_usage().split()[1:])}")
        named = message.removeprefix("argument ").split(":")[0]
        raise UsageError(f"命令行「{named}」用得不对；用法：{' '.join(self.format_usage().split()[1:])}")

    def read(self, arguments: Sequence[str], *, words: Sequence[str] = ()) -> argparse.Namespace:
        """Read a command line; an unknown option or word is answered with the nearest one."""
        given, unknown = self.parse_known_args(arguments)
        if unknown:
            options = [name for action in self._actions for name in action.option_strings]
            near = difflib.get_close_matches(unknown[0], [*options, *words], n=1)
            hint = f"，是不是 {near[0]}" if near else ""
            allowed = f"；可用的命令：{listed(words, most=20)}" if words else ""
            raise UsageError(f"不认识「{unknown[0]}」{hint}；可用的选项：{listed(options, most=20)}{allowed}")
        return given


@dataclass(frozen=True)
class Command:
    """A word behind run_all.py: what it does in a line, how it is called, its options, and the work."""

    says: str
    usage: str
    options: Callable[[Parser], None]
    work: Callable[[argparse.Namespace, Path], int]


def run_command(name: str, arguments: Sequence[str], *, root: Path) -> int:
    """Run a command and give its exit code."""
    command = COMMANDS[name]
    usage = f"python run_all.py {name} {command.usage}".strip()
    parser = Parser(
        prog=f"python run_all.py {name}",
        usage=usage,
        description=command.says,
        add_help=False,
        allow_abbrev=False,
    )
    command.options(parser)
    parser.add_argument("--help", action="help", help="显示本说明")
    return command.work(parser.read(arguments), root)


def plan_year(root: Path, year: int | None) -> Plan:
    """Plan a year, by default the newest."""
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


def positive(text: str) -> int:
    """Read a count from the command line."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _year_option(parser: Parser) -> None:
    parser.add_argument("--year", type=int, metavar="年份", help="哪一年的报告；默认 data/raw 里最新的一年")


def _audit_options(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "files",
        nargs="*",
        type=Path,
        metavar="文件",
        help="pptx、docx、xlsx、html、pdf、md、txt；默认这一年的成品",
    )
    _year_option(parser)
    add("--self-test", action="store_true", help="在成品的副本里植入各种错误，看审核找到多少")
    add("--csv", type=Path, metavar="清单", help="把全部发现写成 CSV")


def _audit(given: argparse.Namespace, root: Path) -> int:
    if given.csv is not None:
        _check_list(given.csv, given.files)
    if given.files:
        findings = [one for path in given.files for one in _audit_file(path, root)]
    else:
        findings = _audit_year(plan_year(root, given.year), is_tested=given.self_test)
    if given.csv is not None:
        screen.write_findings(given.csv, findings)
    return FAILURE if any(one.severity == "矛盾" for one in findings) else SUCCESS


def _check_list(path: Path, files: Sequence[Path]) -> None:
    """Refuse a place for the list of findings that would be lost on writing, or overwrite what is audited."""
    if any(path.resolve() == one.resolve() for one in files):
        raise UsageError(f"--csv 写的「{path}」就是要审核的文件，会把它盖掉；请换一个名字")
    if path.is_dir():
        raise UsageError(f"--csv 写的「{path}」是文件夹；请写文件名，如 {path / '发现.csv'}")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"--csv 写的「{path}」所在的文件夹不存在或写不进去；请换一个地方")


def _audit_year(plan: Plan, *, is_tested: bool) -> list["Finding"]:
    from fbanalysis.report.audit.readback import audit_report
    from fbanalysis.report.audit.selftest import self_test
    from fbanalysis.report.audit.verdict import self_tested, summary

    story = finished_story(plan)
    if is_tested:
        tested = self_test(story, plan.dataset.reports)
        print(screen.plain(self_tested(tested)))
        return [*tested.clean, *(one for _, one in tested.false_alarms)]
    found = audit_report(story, plan.dataset.reports)
    print(screen.plain(summary(found)))
    return list(found.findings)


def _audit_file(path: Path, root: Path) -> Sequence["Finding"]:
    """Hold one of our own files against the report that it is of; look for contradictions in any other."""
    from fbanalysis.report.audit.reading import read_document

    document = read_document(path)
    if not any(one.kind != "hidden" for one in document.passages):
        why = "；".join(dict.fromkeys(reason for _, reason in document.skipped)) or "文件里没有文字"
        raise AuditError(f"「{path.name}」里什么也没有读到（{why}），无从审核")
    if document.kind == "pdf" and (year := _printed_in(path, root)):
        return _audit_print(path, root / "reports" / year)
    # opened only now: a file that cannot be read is refused at once
    from fbanalysis.report.audit.readback import origin

    own = origin(document)
    return _audit_foreign(document) if own is None else _audit_own(document, own, root)


def _audit_foreign(document: "Document") -> Sequence["Finding"]:
    from fbanalysis.report.audit.contradictions import find_contradictions
    from fbanalysis.report.audit.verdict import contradictions

    findings = find_contradictions(document)
    print(screen.plain(contradictions(document, findings)))
    return findings


def _audit_own(document: "Document", own: tuple[int, str], root: Path) -> Sequence["Finding"]:
    from fbanalysis.report.audit.readback import Audit, Readback
    from fbanalysis.report.audit.verdict import summary

    plan = plan_year(root, own[0] or None)
    folder = plan.dataset.reports
    read = Readback(finished_story(plan), folder).read(document, name=own[1])
    changed = _held_by_receipt(document.path, folder, name=own[1])
    audit = Audit((replace(read, findings=(*read.findings, *changed)),))
    print(screen.plain(summary(audit)))
    return audit.findings


def _fingerprints(folder: Path) -> Mapping[str, str]:
    """Give the sha256 of the files that a report's receipt names; nothing where there is none."""
    from fbanalysis.pipeline.receipts import NAME, read_receipt

    return read_receipt(folder)["files"] if (folder / NAME).is_file() else {}


def _held_by_receipt(path: Path, folder: Path, *, name: str) -> list["Finding"]:
    """Hold a file against its fingerprint: what nobody reads (style, scripts, pictures) is held by it alone."""
    from fbanalysis.report.audit.findings import Finding

    wanted = _fingerprints(folder).get(name)
    if wanted is None:
        return []
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found == wanted:
        print(screen.plain(f"{path.name}：与收据一致（逐字节相同）"))
        return []
    said = "文件做好之后又改过，或是另一版的；样式、脚本、图片的改动不在读回之列，verify 指出哪些文件被改。"
    return [Finding(path.name, name, "收据", found[:12], wanted[:12], "可能", said)]


def _printed_in(path: Path, root: Path) -> str:
    """Name the year of whose report a PDF is, by its place or its fingerprint; nothing of a foreign one."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    for folder in sorted((root / "reports").glob("[0-9][0-9][0-9][0-9]")):
        is_there = path.resolve().parent == folder.resolve() and path.name in _PRINTS
        if is_there or found in _fingerprints(folder).values():
            return folder.name
    return ""


def _audit_print(path: Path, folder: Path) -> Sequence["Finding"]:
    print(
        screen.plain(
            f"{path.name}：由同名的 HTML 打印而成，不作为别人的报告去找矛盾；它由收据里的指纹（verify）保证"
        )
    )
    names = {digest: name for name, digest in _fingerprints(folder).items()}
    name = names.get(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
    return _held_by_receipt(path, folder, name=name)


#: What is printed from the page of the same name.
_PRINTS = ("deck.pdf", "report.pdf")


def finished_story(plan: Plan) -> "Story":
    """Tell the story of a year again, from the executed notebooks as they lie there."""
    from fbanalysis.report.story import Chapter, tell
    from fbanalysis.report.theme import use

    use(plan.dataset.theme)
    settled = preview(plan, plan.steps, options=Options(workers=1))
    return tell(plan.dataset, [Chapter(**for_report(plan, step, settled)) for step in plan.chapters])


def _verify_options(parser: Parser) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="目录", help="收到的报告所在的目录；默认最新一年的"
    )
    _year_option(parser)


def _verify(given: argparse.Namespace, root: Path) -> int:
    from fbanalysis.pipeline.receipts import verify

    if given.folder is not None:
        _check_folder(given.folder)
    checked = verify(given.folder or plan_year(root, given.year).dataset.reports)
    screen.show_verification(checked)
    return SUCCESS if checked.is_good else FAILURE


def _reproduce_options(parser: Parser) -> None:
    _year_option(parser)
    parser.add_argument("--workers", type=positive, metavar="个数", help="同时做几个步骤；默认与上次不同")
    parser.add_argument(
        "--keep", type=Path, metavar="目录", help="在这个空目录里重做并留下结果；默认用完即删"
    )


def _reproduce(given: argparse.Namespace, root: Path) -> int:
    from fbanalysis.pipeline.reproducing import reproduce

    done = reproduce(plan_year(root, given.year), workers=given.workers, folder=given.keep)
    screen.show_reproduction(done)
    return SUCCESS if done.is_same else FAILURE


def _diff_options(parser: Parser) -> None:
    parser.add_argument("before", metavar="原来", help="年份，或报告（登记的交付）所在的目录")
    parser.add_argument("after", metavar="现在", help="年份，或报告（登记的交付）所在的目录")


def _diff(given: argparse.Namespace, root: Path) -> int:
    from fbanalysis.report.changes import compare_reports
    from fbanalysis.report.changes_page import write_changes

    changes = compare_reports(_edition(root, given.before), _edition(root, given.after))
    files = write_changes(changes, root / "reports", theme=plan_year(root, None).dataset.theme)
    screen.show_changes(changes, files)
    return SUCCESS


def _edition(root: Path, given: str) -> Path:
    folder = root / "reports" / given if given.isdecimal() else Path(given)
    _check_folder(folder)
    return folder


def _check_folder(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise UsageError(f"「{path}」是文件；这里要写报告所在的文件夹，如 {path.parent}")


def _release_options(parser: Parser) -> None:
    _year_option(parser)
    parser.add_argument("--note", required=True, metavar="说明", help="交付了什么、给谁：一句话")


def _release(given: argparse.Namespace, root: Path) -> int:
    from fbanalysis.pipeline.releasing import release

    screen.show_release(
        release(plan_year(root, given.year).dataset, note=" ".join(screen.plain(given.note).split()))
    )
    return SUCCESS


def _comments_options(parser: Parser) -> None:
    _year_option(parser)
    add = parser.add_argument
    add("--confirm", nargs="*", metavar="编号", help="确认这些评注（41-2）现在印出的数；不写编号就是全部")


def _comments(given: argparse.Namespace, root: Path) -> int:
    from fbanalysis.report.comments import CONFIRMED, confirm, judge, ledger_for, read_comments

    dataset, notebooks = plan_year(root, given.year).dataset, root / "notebooks"
    ledger = ledger_for(dataset, _records(dataset.reports), is_whole=False)
    if given.confirm is not None:
        remarks = confirm(notebooks, dataset.year, ledger, only=given.confirm)
    else:
        remarks = judge(read_comments(notebooks, dataset.year), ledger, allowed=dataset.allowed)
    screen.show_remarks(remarks)
    return SUCCESS if all(one.status == CONFIRMED for one in remarks) else FAILURE


def _records(folder: Path) -> list[dict[str, object]]:
    path = folder / "metrics.json"
    if not path.is_file():
        raise DataError(f"没有 {path}：请先运行 python run_all.py 做好这一年的报告")
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{path} 读不懂，可能被改过：请重新运行 python run_all.py") from error


COMMANDS: dict[str, Command] = {
    "audit": Command(
        "读回成品，逐个数字对账；别人的报告，找算术上的矛盾",
        "[文件 …] [--year 年份] [--self-test] [--csv 清单]",
        _audit_options,
        _audit,
    ),
    "comments": Command(
        "列出评注，哪些过期；--confirm 按现在的数确认",
        "[--year 年份] [--confirm [编号 …]]",
        _comments_options,
        _comments,
    ),
    "diff": Command("比较两份报告：哪些数变了、为什么", "原来 现在", _diff_options, _diff),
    "verify": Command(
        "按收据核对交付的文件，不需要原始数据", "[目录] [--year 年份]", _verify_options, _verify
    ),
    "reproduce": Command(
        "在空目录里从头再做一次，逐条比较",
        "[--year 年份] [--workers 个数] [--keep 目录]",
        _reproduce_options,
        _reproduce,
    ),
    "release": Command(
        "登记一次交付，此后改动的数进入更正记录", "[--year 年份] --note 说明", _release_options, _release
    ),
}

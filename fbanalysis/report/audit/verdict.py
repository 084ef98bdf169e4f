"""Says in Chinese what an audit came to: of our finished files, of its own test, of anybody's report."""

from collections import Counter
from collections.abc import Iterator, Sequence

from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import find_numbers
from fbanalysis.report.audit.passages import Document
from fbanalysis.report.audit.readback import Audit, FileAudit
from fbanalysis.report.audit.selftest import SelfTest


def summary(audit: Audit, *, most: int = 20) -> str:
    """Write what was read file by file, what let each number stand, and the findings.

    Parameters
    ----------
    most
        At most so many findings are written out; the rest are counted.
    """
    lines = [line for one in audit.files for line in _file_lines(one)]
    findings = audit.findings
    lines.append(f"共 {len(findings)} 处不符。" if findings else "每个数字都有记录，或有允许它的规则。")
    return "\n".join([*lines, *_listed(findings, most=most)])


def contradictions(document: Document, findings: Sequence[Finding], *, most: int = 40) -> str:
    """Write what was read of anybody's report and what contradicts itself there, the hard ones first.

    Parameters
    ----------
    most
        At most so many findings are written out; the rest are counted.
    """
    numbers = sum(len(find_numbers(one.text)) for one in document.passages)
    lines = [f"{document.path.name}：读 {len(document.passages):,} 处文字，{numbers:,} 个数"]
    skipped = Counter(why for _, why in document.skipped)
    if skipped:
        lines.append("  没有读：" + "；".join(f"{why}（{count:,} 处）" for why, count in skipped.items()))
    hard = [one for one in findings if one.severity == "矛盾"]
    soft = [one for one in findings if one.severity != "矛盾"]
    lines.append(f"  矛盾 {len(hard)} 处（舍入解释不了），可能 {len(soft)} 处（舍入、时段或口径可能解释）")
    return "\n".join([*lines, *_listed([*hard, *soft], most=most, has_sentence=True)])


def self_tested(test: SelfTest) -> str:
    """Write how many planted errors the audit found, kind by kind."""
    kinds = "、".join(f"{kind} {found}/{planted}" for kind, (planted, found) in test.by_kind.items())
    lines = [
        f"自检：植入 {len(test.planted)} 处错误，找到 {len(test.planted) - len(test.missed)} 处，误报 {len(test.false_alarms)} 处；"
        f"查全率 {test.recall:.3f}，查准率 {test.precision:.3f}",
        f"  {kinds}",
    ]
    lines += [f"  漏掉：{one.file} {one.kind} {one.old} → {one.new}" for one in test.missed]
    lines += [f"  误报：{name} {one.place} {one.explanation}" for name, one in test.false_alarms]
    return "\n".join(lines)


def _listed(findings: Sequence[Finding], *, most: int, has_sentence: bool = False) -> Iterator[str]:
    for one in findings[:most]:
        yield f"  {one.place}【{one.rule}·{one.severity}】{one.explanation}"
        if has_sentence:
            yield f"    {one.sentence[:80]}"
    if len(findings) > most:
        yield f"  另有 {len(findings) - most} 处；全部可用 --csv 写出"


def _file_lines(one: FileAudit) -> Iterator[str]:
    yield f"{one.name}：读 {one.passages:,} 处文字，{one.numbers:,} 个数；{one.matched:,} 个有记录"
    if one.allowed:
        yield "  允许：" + "、".join(f"{rule} {count:,}" for rule, count in sorted(one.allowed.items()))
    if one.skipped:
        yield "  没有读：" + "；".join(
            f"{reason}（{count:,} 处）" for reason, count in sorted(one.skipped.items())
        )
    yield f"  不符：{len(one.findings)} 处"

"""Says in Chinese what an audit of finished files, or its self-test, came to."""

from collections.abc import Iterator

from fbanalysis.report.audit.readback import Audit, FileAudit


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
    for one in findings[:most]:
        lines.append(f"  {one.place}【{one.rule}·{one.severity}】{one.explanation}")
    if len(findings) > most:
        lines.append(f"  另有 {len(findings) - most} 处，见导出的清单。")
    return "\n".join(lines)


def _file_lines(one: FileAudit) -> Iterator[str]:
    yield f"{one.name}：读 {one.passages:,} 处文字，{one.numbers:,} 个数；{one.matched:,} 个有记录"
    if one.allowed:
        yield "  允许：" + "、".join(f"{rule} {count:,}" for rule, count in sorted(one.allowed.items()))
    if one.skipped:
        yield "  没有读：" + "；".join(
            f"{reason}（{count:,} 处）" for reason, count in sorted(one.skipped.items())
        )
    yield f"  不符：{len(one.findings)} 处"

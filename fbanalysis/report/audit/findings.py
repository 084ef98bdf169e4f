"""What the audit has to say of one place in a finished file; it decides nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing in a file that does not hold.

    Parameters
    ----------
    place
        Where a person finds it: 第 12 页, 幻灯片 12.
    sentence
        The sentence or the cell as it stands.
    rule
        Short Chinese name of the rule: 份额合计, 达成率, 升降幅度, 前后不一, 百分点, 最高级, 日期, 数值, 单位, 无记录, 层名, 口径.
    printed
        The number as printed; several are parted by a slash.
    expected
        The value computed anew, or the record's printed form.
    severity
        ``矛盾`` where no rounding explains it, ``可能`` where rounding or another definition may.
    explanation
        One Chinese sentence with the arithmetic, for a reviewer.
    key
        The record concerned, where there is one.
    """

    place: str
    sentence: str
    rule: str
    printed: str
    expected: str
    severity: str
    explanation: str
    key: str = ""

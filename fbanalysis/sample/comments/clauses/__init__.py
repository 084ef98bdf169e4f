"""The hand-written clauses of the sample's comments, merged: issue -> lines, one clause a line.

A line is ``<tag><marks> <text>``. Tags: 正 praise · 中 a neutral statement · 负 a complaint · 求 a request as a verb
phrase · 叙 context that opens a story · 果 what came of something bad · 赞 what came of something good · 讽 irony ·
急 quick help in an emergency · 缺 an understated complaint · 否 praise by negation · 报 a fault
reported soberly. Marks: 内 or 外 (the only side that
says so), 22 or 23 (the only year), ``:7`` (from July on). In the text ``[a|b]`` are alternatives, ``{系统}`` a word.
"""

from collections.abc import Mapping

from fbanalysis.sample.comments.clauses import (
    incident,
    inside,
    product_daily,
    product_platform,
    reported,
    service,
    strategy,
)
from fbanalysis.sample.comments.clauses.brief import BRIEF

__all__ = ["BRIEF", "CLAUSES"]


def _merged(*blocks: Mapping[str, str]) -> dict[str, str]:
    """Join the blocks of an issue that is written of in several files."""
    merged: dict[str, str] = {}
    for issue, lines in ((issue, lines) for block in blocks for issue, lines in block.items()):
        merged[issue] = f"{merged.get(issue, '').rstrip()}\n{lines.strip()}\n".lstrip()
    return merged


CLAUSES = _merged(
    product_daily.CLAUSES,
    product_platform.CLAUSES,
    service.CLAUSES,
    inside.CLAUSES,
    strategy.CLAUSES,
    reported.CLAUSES,
    incident.CLAUSES,
)

"""Read the written phrases: texts with ``[a|b]`` alternatives, weighted blocks, and the marked clauses of issues."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from fbanalysis.sample.comments.clauses import BRIEF, CLAUSES

#: A text cut into fixed pieces and tuples of alternatives.
Parts = tuple[str | tuple[str, ...], ...]

_BRACKET = re.compile(r"\[([^\]]*)\]")
_MARKED = re.compile(r"(\D+?)(内|外)?(22|23)?(?::(\d+))? (.+)")
_WEIGHTED = re.compile(r"(～?)(\d+) (.*)")


class Line(NamedTuple):
    """A clause that can be said: its text in parts, its number, and who says it when."""

    number: int
    parts: Parts
    side: str
    year: int
    first_month: int


@cache
def parse(text: str) -> Parts:
    """Split a text into fixed pieces and tuples of alternatives."""
    pieces = _BRACKET.split(text)
    parts = (tuple(piece.split("|")) if place % 2 else piece for place, piece in enumerate(pieces))
    return tuple(part for part in parts if part)


def weighted(block: str) -> tuple[Parts, ...]:
    """Repeat each line of a block as often as its weight says."""
    drawn: list[Parts] = []
    for line in block.strip("\n").splitlines():
        mark, weight, text = _WEIGHTED.fullmatch(line).groups()
        drawn += [parse(mark + text)] * int(weight)
    return tuple(drawn)


#: Words of a customer's trade: a clause with one of them is no employee's, if not marked otherwise.
_OUTSIDE = re.compile(
    "门店|车间|工厂|旅客|乘客|病人|夫妻店|发车|收银|快递|送货|货架|抄表|排\\[产|调货|进货|工人|我们厂"
    "|站里|队里|班长|供应商都|合作方|续费前|本科室|我们机房"
)


def _marked(blocks: Mapping[str, str], *, prefix: str = "") -> Iterator[tuple[tuple[str, str], tuple]]:
    for issue, block in blocks.items():
        for line in block.strip().splitlines():
            tag, side, year, month, text = _MARKED.fullmatch(line).groups()
            if not side and _OUTSIDE.search(text):
                side = "外"
            name = prefix + tag if tag in ("正", "中", "负", "求") else tag
            yield (issue, name), (parse(text), side or "", int(f"20{year}") if year else 0, int(month or 1))


@cache
def _lines() -> dict[tuple[str, str], list[Line]]:
    lines: dict[tuple[str, str], list[Line]] = {}
    marked = [*_marked(CLAUSES), *_marked(BRIEF, prefix="短")]
    for number, (key, facts) in enumerate(marked):
        lines.setdefault(key, []).append(Line(number, *facts))
    return lines


@cache
def clauses(issue: str, tag: str, side: str, year: int, month: int) -> tuple[Line, ...]:
    """List the clauses of an issue that this side can say in this month."""
    other = "外" if side == "internal" else "内"
    return tuple(
        line
        for line in _lines().get((issue, tag), ())
        if line.side != other and line.year in (0, year) and line.first_month <= month
    )


def weighted_blocks(blocks: Mapping[str, str]) -> dict[str, tuple[Parts, ...]]:
    return {name: weighted(block) for name, block in blocks.items()}


def words(block: str) -> tuple[Parts, ...]:
    return tuple(parse(line) for line in block.strip("\n").splitlines())

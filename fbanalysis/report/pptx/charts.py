"""Which native chart shows which kind of plot."""

from collections.abc import Callable, Mapping

from fbanalysis.report.pptx import bars, lines, points, stacks
from fbanalysis.report.pptx.parts import Native
from fbanalysis.report.pptx.units import Box

#: Kinds that Office draws; a heat map is a table and a cloud is a picture.
NATIVE: Mapping[str, Callable[[Mapping[str, object], Box, str], list[tuple[Native, Box]]]] = {
    "bar": bars.bar,
    "column": bars.column,
    "stacked": stacks.stacked,
    "diverging": stacks.diverging,
    "dots": points.dots,
    "pairs": points.pairs,
    "slope": lines.slope,
    "line": lines.line,
    "pareto": stacks.pareto,
    "control": lines.control,
    "scatter": points.scatter,
    "keyness": points.keyness,
    "waterfall": stacks.waterfall,
    "gantt": stacks.gantt,
}


def has_values(plot: Mapping[str, object]) -> bool:
    """Say whether there is anything to draw."""
    return any(value is not None for series in plot["series"] for value in series["values"])


def drawn(plot: Mapping[str, object], box: Box, *, font: str) -> list[tuple[Native, Box]]:
    """Draw a plot as one or more native charts, each with the box in which it stands."""
    return NATIVE[plot["kind"]](plot, box, font)

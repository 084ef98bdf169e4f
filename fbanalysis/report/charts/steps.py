"""What Office stacks where a waterfall falls: a carrier, bars that rise or stand, and bars that fall.

Stacked bars hold lengths, and Office stacks what is negative on the other side of zero. So a step that falls is
as long as it is large, in a series of its own; and where bars reach below zero, all are moved to the right.
"""

from collections.abc import Callable, Mapping

Spec = Mapping[str, object]

RISING, FALLING = "柱长", "下降"


def has_falls(plot: Spec) -> bool:
    """Say whether a plot is a waterfall with a step, or a total, below zero.

    >>> has_falls({"kind": "waterfall", "series": [{"values": [100.0, -9.6, 90.4]}]})
    True
    """
    values = [value for series in plot["series"] for value in series["values"]]
    return plot["kind"] == "waterfall" and any(value is not None and value < 0 for value in values)


def amounts_of(plot: Spec) -> Spec:
    """Give the series of the amounts, with their signs."""
    return next(one for one in plot["series"] if not one["is_hidden"])


def zero_of(plot: Spec) -> float:
    """Say where zero stands after all bars were moved: none begins left of the axis' end."""
    return max(0.0, *(-one for one in _starts(plot)))


def steps_of(plot: Spec) -> list[Spec]:
    """Give the series to stack, the carrier first; where nothing falls, those of the plot.

    A category without an amount has no length. All arithmetic is that of the plot's own carrier.
    """
    amounts, zero = amounts_of(plot), zero_of(plot)
    plain = {**amounts, "texts": (), "keys": (), "low": (), "high": ()}
    carrier = {**plain, "name": "起点", "colours": (), "is_hidden": True}
    carrier = next((one for one in plot["series"] if one["is_hidden"]), carrier)
    carrier = {**carrier, "values": [start + zero for start in _starts(plot)]}
    if not has_falls(plot):
        return [carrier, amounts]
    return [
        carrier,
        {**plain, "name": RISING, "values": _lengths(amounts, where=lambda value: value >= 0)},
        {**plain, "name": FALLING, "values": _lengths(amounts, where=lambda value: value < 0)},
    ]


def _starts(plot: Spec) -> list[float]:
    """Give the left end of each bar; zero where no carrier says."""
    carrier = next((one for one in plot["series"] if one["is_hidden"]), None)
    if carrier is None:
        return [0.0] * len(plot["categories"])
    return [start or 0.0 for start in carrier["values"]]


def _lengths(amounts: Spec, *, where: Callable[[float], bool]) -> list[float | None]:
    return [abs(value) if value is not None and where(value) else None for value in amounts["values"]]

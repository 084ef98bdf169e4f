"""Compare what was computed with what was expected, number by number, however deep they are nested."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real


@dataclass(frozen=True)
class SetAside:
    """Stands in a computed result for what the product does not give, with the reason; it is not compared."""

    reason: str


#: Stands for what was given to the calculation and is not its result.
INPUT = SetAside("")


@dataclass(frozen=True)
class Comparison:
    """One expected value beside the computed one; ``reason`` says why it was set aside, or is None."""

    place: str
    expected: object
    computed: object
    is_ok: bool
    deviation: float = 0.0
    reason: str | None = None


def compare(
    expected: object, computed: object, *, rel: float, absolute: float, place: str = ""
) -> Iterator[Comparison]:
    """Give every expected value beside the computed one.

    Parameters
    ----------
    expected
        Numbers, words, None, and lists and mappings of them. What is computed beyond it is not looked at.
    computed
        The same structure; a `SetAside` anywhere takes what is expected there out of the comparison.
    rel, absolute
        A number is right where it is off by at most the larger of ``rel`` · expected and ``absolute``.
    """
    tolerance = {"rel": rel, "absolute": absolute}
    if isinstance(computed, SetAside):
        yield Comparison(place, expected, None, True, reason=computed.reason)
    elif isinstance(expected, Mapping):
        yield from _mappings(expected, computed, place=place, **tolerance)
    elif isinstance(expected, Sequence) and not isinstance(expected, str):
        yield from _lists(expected, computed, place=place, **tolerance)
    else:
        yield _values(expected, computed, place=place, **tolerance)


def _mappings(
    expected: Mapping[str, object], computed: object, *, place: str, **tolerance: float
) -> Iterator[Comparison]:
    given = computed if isinstance(computed, Mapping) else {}
    for name, value in expected.items():
        here = f"{place}.{name}".lstrip(".")
        if name in given:
            yield from compare(value, given[name], place=here, **tolerance)
        else:
            yield Comparison(here, value, "nothing", False, math.inf)


def _lists(
    expected: Sequence[object], computed: object, *, place: str, **tolerance: float
) -> Iterator[Comparison]:
    given = (
        list(computed) if hasattr(computed, "__iter__") and not isinstance(computed, str | Mapping) else []
    )
    if len(given) != len(expected):
        yield Comparison(place, expected, computed, False, math.inf)
        return
    for at, (value, own) in enumerate(zip(expected, given, strict=True)):
        yield from compare(value, own, place=f"{place}[{at}]", **tolerance)


def _values(expected: object, computed: object, *, place: str, rel: float, absolute: float) -> Comparison:
    if _is_missing(expected) or _is_missing(computed) or not _are_numbers(expected, computed):
        is_ok = _is_missing(expected) == _is_missing(computed) and (
            _is_missing(expected) or expected == computed
        )
        return Comparison(place, expected, computed, is_ok, 0.0 if is_ok else math.inf)
    wanted, got = float(expected), float(computed)  # type: ignore[arg-type]
    off = 0.0 if got == wanted else abs(got - wanted)
    deviation = off / abs(wanted) if wanted else off
    return Comparison(place, expected, computed, off <= max(rel * abs(wanted), absolute), deviation)


def _are_numbers(*values: object) -> bool:
    return all(isinstance(value, Real) for value in values)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, Real) and math.isnan(value))

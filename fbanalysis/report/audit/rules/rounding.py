"""What a printed number may have been before it was rounded, and whether a recomputed one agrees with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf, isfinite, sqrt

from fbanalysis.report.audit.numbers import Mention

#: How far a number may be off that is printed as 约 or 近, as a part of it.
ABOUT = 0.05
#: Corners are looked at one by one up to this many inputs; beyond, each input is moved by itself.
_MOST_CORNERS = 6
_TINY = 1e-9
#: What is counted is not rounded; hours, days and yuan may be.
COUNTED = frozenset(
    (
        *"份条个件例起宗篇人名位家户所项次种类台床张部场天期门本册辆趟列间座只单票通笔处题班组店站校周月季轮批",
        "人次",
        "个月",
        "工作日",
    )
)
_SCALES = {"": 1, "万": 1e4, "亿": 1e8}


@dataclass(frozen=True)
class Span:
    """The values that a printed number may stand for.

    ``tight`` takes a whole number at its word (5 小时 is 5), ``wide`` as rounded to its last digit (4.5–5.5).
    """

    value: float
    tight: tuple[float, float]
    wide: tuple[float, float]


@dataclass(frozen=True)
class Verdict:
    """What a recomputation says of a printed number: the value, its range, and ``""``, 可能 or 矛盾."""

    value: float
    low: float
    high: float
    severity: str


def span(mention: Mention, *, is_exact: bool = False, scale: float = 1.0) -> Span:
    """Give the values that a printed number may stand for.

    Parameters
    ----------
    is_exact
        The number was set, not measured: a target.
    scale
        Multiplies value and range: 0.01 makes percents parts.
    """
    value = float(mention.value) * scale
    half = 0.0 if is_exact else mention.step * abs(scale) / 2
    whole = mention.step == 1 and mention.kind in ("number", "multiple")
    tight = 0.0 if whole else half
    half = 0.0 if whole and mention.unit in COUNTED else half
    if mention.bound == "≈":
        half = tight = max(half, abs(value) * ABOUT)
    low, high = value - half, value + half
    if mention.bound == "≥":
        return Span(value, (value - tight, inf), (low, inf))
    if mention.bound == "≤":
        return Span(value, (-inf, value + tight), (-inf, high))
    return Span(value, (value - tight, value + tight), (low, high))


def exact(value: float) -> Span:
    """Give a number that is known without rounding."""
    return Span(value, (value, value), (value, value))


def judge(formula: Callable[..., float], inputs: Sequence[Span], printed: Span) -> Verdict:
    """Compare a printed number with a formula of other printed numbers.

    Nothing is said where the recomputed value rounds to the printed one, or comes to it while every input stays
    well within its rounding. 可能: only corners of the rounding reach it, or only if whole numbers are taken as
    rounded, or one was cut instead of rounded or rounded twice. 矛盾: no rounding reaches it.

    Raises
    ------
    ZeroDivisionError
        As the formula does for the values as printed; a rule asks for these before.

    Notes
    -----
    Inputs are taken as evenly spread over their rounding (variance step²/12) and independent; a printed value
    beyond two standard deviations of the result needs a corner. Bounds (以上, 以内) make one side open.
    """
    nominal = formula(*[part.value for part in inputs])
    low, high = _range(formula, [part.tight for part in inputs], nominal)
    wide = _range(formula, [part.wide for part in inputs], nominal)
    if not _meet(wide, printed.wide):
        # cut instead of rounded, or rounded twice: within one unit of the last digit
        half = (printed.wide[1] - printed.wide[0]) / 2
        is_near = isfinite(half) and abs(nominal - printed.value) <= 2 * half + _TINY
        return Verdict(nominal, *wide, "可能" if is_near and half > 0 else "矛盾")
    if not _meet((low, high), printed.tight if printed.tight[0] < printed.tight[1] else printed.wide):
        return Verdict(nominal, low, high, "可能")
    spread = 2 * _deviation(formula, inputs, nominal)
    is_near = printed.wide[0] - spread - _TINY <= nominal <= printed.wide[1] + spread + _TINY
    return Verdict(nominal, low, high, "" if is_near else "可能")


def agrees(formula: Callable[..., float], inputs: Sequence[Span], printed: Span) -> bool:
    """Say whether a printed number needs no comment beside what a formula gives."""
    return judge(formula, inputs, printed).severity == ""


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    slack = _TINY * max(1.0, *[abs(end) for end in (*one, *other) if isfinite(end)], 1.0)
    return one[0] <= other[1] + slack and other[0] <= one[1] + slack


def _range(
    formula: Callable[..., float], ends: Sequence[tuple[float, float]], nominal: float
) -> tuple[float, float]:
    """Give the least and the greatest value of a formula over ranges of its inputs."""
    if len(ends) > _MOST_CORNERS:
        return _range_by_steps(formula, ends, nominal)
    values = [nominal]
    for corner in product(*[sorted(set(end)) for end in ends]):
        values.append(_limit(formula, corner, nominal))
    return min(values), max(values)


def _range_by_steps(
    formula: Callable[..., float], ends: Sequence[tuple[float, float]], nominal: float
) -> tuple[float, float]:
    """Add up what each input moves by itself: for sums and means this is the whole range."""
    middle = [
        (low + high) / 2 if isfinite(low + high) else (low if isfinite(low) else high) for low, high in ends
    ]
    down, up = 0.0, 0.0
    for place, end in enumerate(ends):
        moves = [
            _limit(formula, [*middle[:place], at, *middle[place + 1 :]], nominal) - nominal for at in end
        ]
        down, up = down + min(0.0, *moves), up + max(0.0, *moves)
    return nominal + down, nominal + up


def _limit(formula: Callable[..., float], corner: Sequence[float], nominal: float) -> float:
    """Compute a corner; an open side is taken as a very great number."""
    try:
        return formula(*[at if isfinite(at) else (1e9 if at > 0 else _TINY) for at in corner])
    except (ZeroDivisionError, ValueError):
        return nominal


def _deviation(formula: Callable[..., float], inputs: Sequence[Span], nominal: float) -> float:
    total = 0.0
    values = [part.value for part in inputs]
    for place, part in enumerate(inputs):
        width = part.tight[1] - part.tight[0]
        if not isfinite(width):
            return inf
        if width > 0:
            moved = [*values[:place], part.value + width / 2, *values[place + 1 :]]
            total += (_limit(formula, moved, nominal) - nominal) ** 2 / 3
    return sqrt(total)


def show(value: float, decimals: int = 1) -> str:
    """Write a recomputed number: 112.5, 80, 1,047."""
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_like(value: float, mention: Mention) -> str:
    """Write a recomputed number as a printed one is written: in 万 or 亿 where that is, with its unit.

    Examples
    --------
    >>> show_like(1_330_000, Mention("143万元", 0, 5, "number", 1_430_000, "元", 10_000, factor=1e4))
    '133万元'
    """
    scale = {1e4: "万", 1e8: "亿"}.get(mention.factor, "")
    unit = {"百分点": " 个百分点"}.get(mention.unit, mention.unit)
    return f"{show(value / _SCALES[scale], 2)}{scale}{unit}"

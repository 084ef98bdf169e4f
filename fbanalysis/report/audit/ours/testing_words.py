"""What readers see when they point at a word that a test has earned, worked out anew from the ledger's records."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from fbanalysis.report.audit.ours.printed import Entry, squeezed

#: Strata that are periods, behind any prefix: a month, a quarter, a week, a day.
_PERIOD = re.compile(r"(?P<within>.*?)(?P<when>20\d\d(?:-\d\d(?:-\d\d)?|Q[1-4]|-W\d\d))")
_CHECKS = "；设计检查："


def said_of_tests(ledger: Mapping[str, Entry]) -> dict[str, str]:
    """Give all that may be said of tests, without blanks → the record, or the first of a series, that it is about."""
    said = {squeezed(said_of(entry)): entry.key for entry in ledger.values()}
    for series in _series(ledger):
        said |= {squeezed(text): series[0].key for text in _trend(series)}
    return said


def record_tested(text: str, said: Mapping[str, str]) -> str:
    """Find the record of a text on a test; names of further checks may follow it."""
    return said.get(squeezed(text.split(_CHECKS)[0]), "")


def said_of(entry: Entry) -> str:
    """Write what is said of a record's test: method, adjusted p to three digits, effect size."""
    said = [entry.method]
    said += [f"校正后 p = {entry.p:.3g}"] if entry.p is not None else []
    said += [f"效应量 {entry.effect:.2f}"] if entry.effect is not None else []
    return "；".join(said)


def _series(ledger: Mapping[str, Entry]) -> Iterator[list[Entry]]:
    """Give the records of each metric's periods, in their order."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in ledger.values():
        period = _PERIOD.fullmatch(entry.stratum)
        if period and not entry.is_text:
            found.setdefault((entry.metric, period["within"]), []).append(entry)
    for entries in found.values():
        yield sorted(entries, key=lambda entry: entry.stratum)


def _trend(series: Sequence[Entry]) -> Iterator[str]:
    values = [float(entry.value) for entry in series]
    if len(values) > 2:
        tau, p = mann_kendall(values)
        yield f"Mann–Kendall 检验（{len(values)} 期，τ = {tau:.2f}，p = {p:.3g}）与等效检验"


def mann_kendall(values: Sequence[float]) -> tuple[float, float]:
    """Test a series for a monotone trend: Kendall's tau-b with time, and the two-sided p of S.

    Notes
    -----
    S counts the pairs that rise less those that fall. Without ties p is exact, from the number of orders with as few
    inversions; with ties it is the normal approximation with the variance (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18, t the
    sizes of ties (Kendall 1975, Rank Correlation Methods, chapters 4 and 5). Without any change tau is 0 and p is 1.

    Examples
    --------
    >>> tau, p = mann_kendall([1, 2, 3, 4, 5])
    >>> tau, round(p, 4)
    (1.0, 0.0167)
    """
    n = len(values)
    s = sum((b > a) - (b < a) for i, a in enumerate(values) for b in values[i + 1 :])
    ties = [t for t in Counter(values).values() if t > 1]
    pairs = n * (n - 1) // 2
    untied = pairs - sum(t * (t - 1) // 2 for t in ties)
    if not untied:
        return 0.0, 1.0
    tau = s / math.sqrt(pairs * untied)
    if not ties:
        return tau, _exact(n, (pairs - abs(s)) // 2)
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    return tau, math.erfc(abs(s) / math.sqrt(2 * variance))


def _exact(n: int, inversions: int) -> float:
    """Give the share, on both sides, of the orders of n that have at most so many inversions (Mahonian numbers)."""
    counts = [1]
    for size in range(2, n + 1):
        longer = [0] * (len(counts) + size - 1)
        for i, count in enumerate(counts):
            for more in range(size):
                longer[i + more] += count
        counts = longer
    return min(2 * sum(counts[: inversions + 1]) / math.factorial(n), 1.0)

"""Phrases that judge: they print a strong word where the record's test earned it, and the plain word otherwise.

The decision is the record's (verdict, adjusted p, size of effect, intervals, method); here the rules of
`fbanalysis.report.words.RULES` are applied to it, and nothing else is said after "no difference". Verdicts hold at
the level of their family; strong words need `strong_level`, so that a whole report keeps alpha.
"""

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import replace

from fbanalysis.analysis.significance import strong_level
from fbanalysis.analysis.trends import KEEPS_FALLING, KEEPS_RISING, STABLE, TOO_SHORT, Trend, judge_series
from fbanalysis.errors import LedgerError
from fbanalysis.report.ledger import AbsentRecordError, Ledger, Record
from fbanalysis.report.phrases import Segment, label, magnitude, number, rule_of, sorted_parts
from fbanalysis.report.words import ALPHA, SMALL_EFFECT, STRONG, ladder_of, numeral

#: Verdicts of directed tests, and of those that could not be made.
ROSE, FELL = ("上升", "较高", "偏多"), ("下降", "较低", "偏少")
UNTESTED = {"基数不足": "基数不足，不作比较", "无法检验": "无法检验，不作比较"}
SAME, BETTER = "没有差异", "改善"

#: The same said in several ways; the record's name picks one, so that a record is always told alike.
NO_DIFFERENCE = ("没有差异", "看不出差异", "未见差异")
UP, DOWN = ("上升", "提高", "升高"), ("下降", "降低")

#: Methods that show a cause, and whether the design needs a check of its own (parallel trends, placebo).
CAUSAL = {"双重差分": True, "中断时间序列": True, "间断时间序列": True, "随机": False}
#: Methods that compare the same before and after, without others to compare with.
BEFORE_AFTER = ("前后", "配对")

_PERIOD = re.compile(r"\d{4}(?:-\d{2}){0,2}|\d{4}Q[1-4]|\d{4}-?W\d{2}")


def change(ledger: Ledger, key: str, up: str = "", down: str = "") -> list[Segment]:
    """Say a difference as its test allows: 显著上升 0.3 分, 下降 …, or 没有差异 and stop.

    The record's ``verdict`` is the outcome of its adjusted test (上升, 下降, 没有差异, 基数不足); `degree_of` says
    how strong a word goes before the verb. ``up`` and ``down`` are the verbs, else one of `UP` and `DOWN`.
    """
    record = ledger[key]
    if record.verdict in UNTESTED:
        return [Segment(UNTESTED[record.verdict], rule=f"{record.metric}：{record.verdict}")]
    if not record.verdict:
        return [number(record), Segment("（无检验，不作比较）", rule=f"{record.metric}：没有检验")]
    if record.verdict == SAME:
        return _no_difference(record)
    return _directed(ledger, record, up=up, down=down)


def _no_difference(record: Record) -> list[Segment]:
    said = Segment(variant(record.key, NO_DIFFERENCE), rule=rule_of(record))
    return [said, Segment("（差 "), number(record), Segment("）")]


def _directed(ledger: Ledger, record: Record, *, up: str = "", down: str = "") -> list[Segment]:
    if record.verdict not in (*ROSE, *FELL):
        raise LedgerError(f"记录「{record.key}」的结论是「{record.verdict}」，不是升降，不能说变化")
    verbs = (up and [up]) or UP if record.verdict in ROSE else (down and [down]) or DOWN
    degree = degree_of(record, small_effect=_small_effect(ledger), level=_strong(ledger))
    said = Segment(f"{degree}{variant(record.key, verbs)}", rule=rule_of(record))
    return [said, Segment(" "), *magnitude(ledger, record.key)]


def variant(key: str, words: Sequence[str]) -> str:
    """Pick one of several words of one meaning by a record's name: always the same for the same record."""
    return words[zlib.crc32(key.encode()) % len(words)]


def degree_of(record: Record, *, small_effect: float = SMALL_EFFECT, level: float = STRONG) -> str:
    """Give 显著, 明显 or 大幅 where test and effect allow, else nothing: a small effect is told by its number.

    Notes
    -----
    All three need a directed verdict and an adjusted p below ``level``, which is alpha over the families of the report
    (`fbanalysis.analysis.significance.strong_level`); the size of the effect then picks the word, on the ladder of its
    measure (`fbanalysis.report.words.ladder_of`). An adjustment that holds the rate of false findings (BH) and not the
    chance of any earns no degree.
    """
    if record.effect is None or "BH" in record.method or not _is_strong(record, level=level):
        return ""
    if record.verdict not in (*ROSE, *FELL):
        return ""
    ladder, size = ladder_of(record.method, small_effect=small_effect), abs(record.effect)
    steps = {"大幅": ladder.large, "明显": ladder.medium, "显著": ladder.small}
    return next((word for word, limit in steps.items() if size >= limit), "")


def _is_strong(record: Record, *, level: float) -> bool:
    return record.p is not None and record.p < level


def _strong(ledger: Ledger) -> float:
    """The level that strong words need in this report."""
    return strong_level(_alpha(ledger))


def _alpha(ledger: Ledger) -> float:
    return ALPHA if ledger.year is None else ledger.year.dataset.thresholds.alpha


def _small_effect(ledger: Ledger) -> float:
    return SMALL_EFFECT if ledger.year is None else ledger.year.dataset.thresholds.small_effect


# Who is ahead


def highest(ledger: Ledger, metric: str, within: str = "", word: str = "最高") -> list[Segment]:
    """Name the stratum with the largest value, and those that can't be told apart from it; see `_named`.

    ``within`` is a prefix such as ``internal/``; ``word`` replaces 最高.
    """
    return _extreme(ledger, metric, within=within, word=word, sign=1)


def lowest(ledger: Ledger, metric: str, within: str = "", word: str = "最低") -> list[Segment]:
    """Name the stratum with the smallest value, as `highest` does for the largest."""
    return _extreme(ledger, metric, within=within, word=word, sign=-1)


def leads(ledger: Ledger, metric: str, within: str = "") -> list[Segment]:
    """Say that a stratum 领先 where its value is above every other's beyond chance; else what `highest` says.

    A value without an interval is never ahead: nothing says how much of it is chance.
    """
    first, *others = sorted_parts(ledger, metric, within=within, sign=1)
    is_tested = bool(others) and all(record.has_interval for record in (first, *others))
    is_ahead = is_tested and all(told_apart(first, others, level=_strong(ledger)))
    return _extreme(ledger, metric, within=within, word="领先" if is_ahead else "最高", sign=1)


def rank(ledger: Ledger, key: str, within: str = "") -> list[Segment]:
    """Say the place of a stratum among a metric's parts, the largest value first: 第一, or how far it may range.

    Notes
    -----
    Places are taken by those alone that can be told apart from it (`told_apart`): with a above and b below of k, the
    place lies between a + 1 and k − b. A range that holds the first place is told as a tie.
    """
    record = ledger[key]
    others = [one for one in sorted_parts(ledger, record.metric, within=within, sign=1) if one is not record]
    apart = told_apart(record, others, level=_strong(ledger))
    known = [
        float(one.value) > float(record.value)
        for one, is_apart in zip(others, apart, strict=True)
        if is_apart
    ]
    best, worst = 1 + sum(known), 1 + len(others) - (len(known) - sum(known))
    is_tested = record.has_interval and all(one.has_interval for one in others)
    return [
        Segment(
            _place(best, worst, is_first_earned=is_tested and bool(others)), rule=_pairwise(record.metric)
        )
    ]


def _place(best: int, worst: int, *, is_first_earned: bool) -> str:
    if best == worst:
        return f"第{numeral(best)}" if best > 1 or is_first_earned else "数值居前"
    return "名次难分先后" if best == 1 else f"第{numeral(best)}至第{numeral(worst)}"


def _pairwise(metric: str) -> str:
    return f"{metric}：与其余各层两两比较，Holm 校正"


def moved(ledger: Ledger, metric: str, within: str = "") -> list[Segment]:
    """Name the stratum that changed most, up or down, of those whose test found a change; else 都没有差异.

    上升最多 and 下降最多 need the level of strong words; where no change reaches it, those found are only told.
    """
    parts = sorted_parts(ledger, metric, within=within, sign=1)
    changed = [record for record in parts if record.verdict in (*ROSE, *FELL)]
    if not changed:
        return [Segment("都没有差异", rule=f"{metric}：各层的检验都没有查出差异")]
    level = _strong(ledger)
    sizes = sorted(map(_without_sign, changed), key=lambda record: -float(record.value))
    first = next((record for record in sizes if _is_strong(record, level=level)), None)
    if first is None:
        return _merely_changed(sizes)
    word = "上升最多" if first.verdict in ROSE else "下降最多"
    others = [record for record in sizes if record is not first]
    return _named(first, others, word=word, level=level, alpha=_alpha(ledger))


def _merely_changed(sizes: Sequence[Record]) -> list[Segment]:
    """Name up to three strata that changed, without saying which did most."""
    said: list[Segment] = []
    for record in sizes[:3]:
        verb = "上升" if record.verdict in ROSE else "下降"
        named = [Segment(label(record.stratum)), Segment(verb, rule=rule_of(record))]
        said += [Segment("、")] * bool(said) + [*named, Segment("（"), number(record), Segment("）")]
    return [*said, *[Segment("等")] * (len(sizes) > 3)]


def _without_sign(record: Record) -> Record:
    """Turn a fall and its interval into their size."""
    if float(record.value) >= 0 or not record.has_interval:
        return replace(record, value=abs(float(record.value)))
    return replace(record, value=-float(record.value), low=-record.high, high=-record.low)


def _extreme(ledger: Ledger, metric: str, *, within: str, word: str, sign: int) -> list[Segment]:
    first, *others = sorted_parts(ledger, metric, within=within, sign=sign)
    return _named(first, others, word=word, level=_strong(ledger), alpha=_alpha(ledger))


def _named(
    first: Record, others: Sequence[Record], *, word: str, level: float, alpha: float
) -> list[Segment]:
    """Name the first with those who tie with it at ``alpha``; 最 without a tie needs all apart at ``level``, else 较."""
    apart = told_apart(first, others, level=alpha)
    ties = [record for record, is_apart in zip(others, apart, strict=True) if not is_apart]
    rule = _pairwise(first.metric)
    is_undisputed = not ties and all(told_apart(first, others, level=level))
    named = [
        Segment(label(first.stratum)),
        Segment(word if ties or is_undisputed else word.replace("最", "较"), rule=rule),
    ]
    said = [*named, Segment("（"), number(first), Segment("）")]
    if not ties:
        return said
    if 2 * len(ties) > len(others) and len(ties) > 2:
        return [*said, Segment("，但与多数难分先后", rule=rule)]
    names = "、".join(label(record.stratum) for record in ties[:3]) + ("等" if len(ties) > 3 else "")
    return [*said, Segment(f"，与{names}难分先后", rule=rule)]


def told_apart(first: Record, others: Sequence[Record], *, level: float = STRONG) -> list[bool]:
    """Say which others differ from a record beyond chance: z of the difference, Holm over the comparisons at ``level``.

    Notes
    -----
    A standard error is the width of the 95 % interval over 2 · 1.96, the interval taken as symmetric;
    values without interval are full counts and differ unless they are equal. That the record was picked because it is
    the largest does no harm to its lead over all others: the second is as near as any [1]_.

    .. [1] S. Gutmann, Z. Maymin (1987), Annals of Statistics 15: 456–461.
    """
    p = [_p_of_difference(first, record) for record in others]
    is_apart = [False] * len(p)
    for place, i in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        if p[i] * (len(p) - place) > level:
            break
        is_apart[i] = True
    return is_apart


def _p_of_difference(a: Record, b: Record) -> float:
    if not (a.has_interval and b.has_interval):
        return float(a.value == b.value)
    spread = math.hypot(a.high - a.low, b.high - b.low) / (2 * 1.959964)
    gap = abs(float(a.value) - float(b.value))
    return math.erfc(gap / spread / math.sqrt(2)) if spread else float(gap == 0)


# What a series of periods does


def trend(ledger: Ledger, metric: str, within: str = "") -> list[Segment]:
    """Say what a metric does over its periods: 持续上升, 持续下降, 稳定, 有上升的走向, …, or 没有一致的走向.

    The strata are periods (2023-01, 2023Q1, 2023-W05, 2023-01-02), behind the prefix ``within``; see
    `fbanalysis.analysis.trends.judge_series` for the tests. 稳定 takes the dataset's small effect as its margin. 持续
    needs the level of strong words; a course that is found at alpha only is told without it.
    """
    found = [one for one in ledger.of(metric) if _PERIOD.fullmatch(one.stratum.removeprefix(within))]
    series = sorted(found, key=lambda record: record.stratum)
    if not series:
        raise LedgerError(f"指标「{metric}」的层不是时期（如 2023-01、2023Q1），不能说走势")
    judged = _judged(series, margin=_small_effect(ledger), alpha=_alpha(ledger))
    rule = f"Mann–Kendall 检验（{judged.n} 期，τ = {judged.tau:.2f}，p = {judged.p:.3g}）与等效检验"
    if judged.verdict == TOO_SHORT:
        return [Segment("期数太少，不谈走势", rule=rule)]
    if judged.verdict in _PLAIN_COURSE and not judged.p < _strong(ledger):
        return [Segment(_PLAIN_COURSE[judged.verdict], rule=rule), *_course(series, judged.verdict)]
    return [Segment(judged.verdict, rule=rule), *_course(series, judged.verdict)]


_PLAIN_COURSE = {KEEPS_RISING: "有上升的走向", KEEPS_FALLING: "有下降的走向"}


def _judged(series: Sequence[Record], *, margin: float, alpha: float) -> Trend:
    half = [(one.high - one.low) / 2 if one.has_interval else math.nan for one in series]
    n = [math.nan if one.n is None else one.n for one in series]
    values = [float(one.value) for one in series]
    return judge_series(values, half, n, margin=margin, alpha=alpha, level=series[0].level)


def _course(series: Sequence[Record], verdict: str) -> list[Segment]:
    """From where to where; of what stays the same, between what."""
    if verdict in (KEEPS_RISING, KEEPS_FALLING):
        return [Segment("（由 "), number(series[0]), Segment("到 "), number(series[-1]), Segment("）")]
    if verdict == STABLE:
        ends = sorted(series, key=lambda record: float(record.value))
        return [Segment("（在 "), number(ends[0]), Segment("与 "), number(ends[-1]), Segment("之间）")]
    return []


# What comes of what


def causes(ledger: Ledger, key: str, what: str, *checks: str) -> list[Segment]:
    """Say that something 导致 a change where the design shows it; else that both came 同时, or that nothing changed.

    Parameters
    ----------
    key
        The record of the estimated effect.
    what
        What changed, in a word or two: ``事件{causes(effect[x], 外部满意度, placebo[x])}``.
    checks
        Records of the design's checks (parallel trends, placebo); they pass with the verdict 没有差异. One that is
        not there, or whose base is too small, doesn't pass.

    Notes
    -----
    Which methods are causal designs stands in `CAUSAL`: differences in differences and interrupted time series need at
    least one check, a random experiment needs none.
    """
    record = ledger[key]
    if record.verdict in UNTESTED or not record.verdict:
        return [
            Segment(f"前后{what}：{UNTESTED.get(record.verdict, '无检验，不作比较')}", rule=rule_of(record))
        ]
    if record.verdict == SAME:
        return [Segment(f"前后{what}"), *_no_difference(record)]
    said = [Segment(what), *_directed(ledger, record)]
    rule = "；".join([rule_of(record), *(f"设计检查：{check}" for check in checks)])
    if _is_caused(ledger, record, checks):
        return [Segment("导致", rule=rule), *said]
    return [Segment("与"), *said, Segment("同时发生", rule=rule)]


def _is_caused(ledger: Ledger, record: Record, checks: Sequence[str]) -> bool:
    needed = next((needs for name, needs in CAUSAL.items() if name in record.method), None)
    if needed is None or not _is_strong(record, level=_strong(ledger)):
        return False
    return (bool(checks) or not needed) and all(_passes(ledger, check) for check in checks)


def _passes(ledger: Ledger, check: str) -> bool:
    try:
        return ledger[check].verdict == SAME
    except AbsentRecordError:
        return False


def works(ledger: Ledger, key: str, good: str = BETTER) -> list[Segment]:
    """Say that a measure was 有效 where before and after, or an experiment, show an improvement of some size.

    有效 needs the level of strong words; an improvement that is found at alpha only is called 有改善.

    Parameters
    ----------
    key
        The record with the test of the change: its adjusted p and effect.
    good
        The verdict that is an improvement (改善, 上升, 下降), or a record whose verdict 改善 says so.
    """
    record = ledger[key]
    design = _design(record)
    if record.verdict in UNTESTED or not record.verdict:
        return [Segment(f"{record.verdict or '无检验'}，不作结论", rule=rule_of(record))]
    is_better = ledger[good].verdict == BETTER if "[" in good else record.verdict == good
    is_found = record.p is not None and record.p < _alpha(ledger) and record.verdict != SAME
    if not (is_better and is_found):
        return [Segment("看不出效果", rule=rule_of(record))]
    limit = ladder_of(record.method, small_effect=_small_effect(ledger)).small
    if record.effect is None or abs(record.effect) < limit:
        return [Segment("有改善，但幅度小", rule=rule_of(record))]
    if not _is_strong(record, level=_strong(ledger)):
        return [Segment("有改善", rule=rule_of(record)), *([Segment(design)] if design else [])]
    return [Segment("有效", rule=rule_of(record)), *([Segment(design)] if design else [])]


def _design(record: Record) -> str:
    """Give what has to be said of the design besides; refuse what is neither an experiment nor before and after."""
    if any(name in record.method for name in CAUSAL):
        return ""
    if any(name in record.method for name in BEFORE_AFTER):
        return "（前后对比，没有对照组）"
    raise LedgerError(f"记录「{record.key}」的方法是「{record.method}」，不是前后对比或实验，不能说有没有效")

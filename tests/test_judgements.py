"""Words obey tests: a strong word stands only where its rule holds, whatever the records say."""

import itertools
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, norm

from fbanalysis.errors import WordingError
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.wording import PHRASES, THIN_SPACE, compose
from fbanalysis.report.words import RULES, STRONG, find_words, rules

WORDS = [rule.word for rule in RULES]


def plain(template: str, ledger: Ledger) -> str:
    return compose(template, ledger).plain.replace(THIN_SPACE, " ")


def noted(verdict: str = "", *, method: str = "Welch 检验", key: str = "x", **rest: object) -> Ledger:
    """A ledger with one record of a difference of 0.3 points."""
    ledger = Ledger()
    ledger.note("m", key, rest.pop("value", 0.3), unit="score", method=method, verdict=verdict, **rest)
    return ledger


def means(
    values: list[float], *, half: float | None = 0.05, names: str | list[str] = "甲乙丙丁戊己庚辛"
) -> Ledger:
    """A ledger with one record a value, each with its interval."""
    ledger = Ledger()
    for name, value in zip(names, values, strict=False):
        ends = {} if half is None else {"low": value - half, "high": value + half}
        ledger.note("m", name, value, unit="score", method="均值；t 区间", n=400, decimals=2, **ends)
    return ledger


def months(values: list[float], *, half: float | None = 0.05) -> Ledger:
    return means(values, half=half, names=[f"2023-{i:02d}" for i in range(1, 13)])


# Degrees


@pytest.mark.parametrize(
    ("method", "effect", "p", "text"),
    [
        ("Welch 检验", 0.19, 0.0001, "多 0.3 分"),
        ("Welch 检验", 0.2, 0.0001, "显著多 0.3 分"),
        ("Welch 检验", 0.5, 0.0001, "明显多 0.3 分"),
        ("Welch 检验", -0.8, 0.0001, "大幅多 0.3 分"),
        ("卡方检验，效应量 Cramér V", 0.35, 0.0001, "明显多 0.3 分"),
        ("方差占比 ω²", 0.15, 0.0001, "大幅多 0.3 分"),
        ("Welch 检验", 0.9, 0.001, "多 0.3 分"),
        ("G² 检验，BH 校正", 0.9, 0.0001, "多 0.3 分"),
        ("Welch 检验", 0.9, None, "多 0.3 分"),
        ("Welch 检验", None, 0.0001, "多 0.3 分"),
    ],
)
def test_the_degree_climbs_with_the_effect_of_its_measure(
    method: str, effect: float | None, p: float | None, text: str
) -> None:
    assert plain("{change(m[x],多,少)}", noted("上升", method=method, effect=effect, p=p)) == text


def test_no_difference_is_said_in_several_ways_and_stops() -> None:
    said = {
        plain(f"{{change(m[{key}])}}", noted("没有差异", key=key, p=0.4, effect=0.9)) for key in "abcdefghij"
    }
    assert said == {f"{words}（差 0.3 分）" for words in ("没有差异", "看不出差异", "未见差异")}


def test_a_record_is_always_told_alike() -> None:
    told = [plain("{change(m[x])}", noted("上升", p=0.0001, effect=0.1)) for _ in range(3)]
    assert len(set(told)) == 1
    assert told[0] in ("上升 0.3 分", "提高 0.3 分", "升高 0.3 分")


def test_falls_have_verbs_of_their_own() -> None:
    said = {plain(f"{{change(m[{key}])}}", noted("下降", key=key, value=-0.3)) for key in "abcdefghij"}
    assert said == {"下降 0.3 分", "降低 0.3 分"}


# Who is ahead


@pytest.mark.parametrize(
    ("values", "half", "led", "ranked"),
    [
        ([4.5, 4.2, 4.0], 0.05, "甲领先（4.50 分）", "第一"),
        ([4.22, 4.2, 4.0], 0.05, "甲最高（4.22 分），与乙难分先后", "名次难分先后"),
        ([4.5, 4.2, 4.0], None, "甲最高（4.50 分）", "数值居前"),
        ([4.5], 0.05, "甲最高（4.50 分）", "数值居前"),
    ],
)
def test_to_lead_all_others_have_to_be_beaten(
    values: list[float], half: float | None, led: str, ranked: str
) -> None:
    ledger = means(values, half=half)
    assert plain("{leads(m)}", ledger) == led
    assert plain("{rank(m[甲])}", ledger) == ranked


def test_a_place_is_told_as_far_as_the_tests_know_it() -> None:
    ledger = means([4.9, 4.7, 4.5, 4.49, 4.0])
    assert [plain(f"{{rank(m[{name}])}}", ledger) for name in "乙丙戊"] == ["第二", "第三至第四", "第五"]


def test_the_largest_change_may_be_a_fall_and_has_to_be_found_first() -> None:
    ledger = Ledger()
    parts = {"产品": (0.1, "上升"), "服务": (-0.4, "下降"), "流程": (0.9, "没有差异")}
    for name, (value, verdict) in parts.items():
        ends = {"low": value - 0.05, "high": value + 0.05}
        ledger.note("yoy", name, value, unit="score", method="Welch", verdict=verdict, p=0.0001, **ends)
    assert plain("{moved(yoy)}", ledger) == "服务下降最多（0.4 分）"
    ledger.note(
        "yoy", "战略", 0.41, unit="score", method="Welch", verdict="上升", low=0.36, high=0.46, p=0.0001
    )
    assert plain("{moved(yoy)}", ledger) == "战略上升最多（0.4 分），与服务难分先后"


def test_changes_found_within_their_family_only_are_told_and_none_is_the_largest() -> None:
    ledger = Ledger()
    for name, value, verdict in [("产品", 0.1, "上升"), ("服务", -0.4, "下降"), ("流程", 0.9, "没有差异")]:
        ledger.note("yoy", name, value, unit="score", method="Welch", verdict=verdict, p=0.004)
    assert plain("{moved(yoy)}", ledger) == "服务下降（0.4 分）、产品上升（0.1 分）"
    for name in "甲乙":
        ledger.note("yoy", name, 0.01, unit="score", method="Welch", verdict="上升", p=0.04)
    assert plain("{moved(yoy)}", ledger).endswith("（0.0 分）等")
    ledger.note("yoy", "战略", 0.2, unit="score", method="Welch", verdict="上升", p=0.0001, low=0.1, high=0.3)
    assert plain("{moved(yoy)}", ledger).startswith("战略上升最多（0.2 分）")


def test_where_nothing_changed_nothing_changed_most() -> None:
    ledger = noted("没有差异", p=0.4)
    ledger.note("m", "y", 0.2, unit="score", method="Welch", verdict="基数不足")
    assert plain("各领域之中{moved(m)}", ledger) == "各领域之中都没有差异"


# Series


@pytest.mark.parametrize(
    ("values", "half", "text"),
    [
        ([4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6], 0.05, "持续上升（由 4.00 分到 4.60 分）"),
        ([4.6, 4.5, 4.4, 4.3, 4.2, 4.1, 4.0], 0.05, "持续下降（由 4.60 分到 4.00 分）"),
        ([4.0, 4.1, 4.2, 4.3, 4.4, 4.5], 0.05, "有上升的走向（由 4.00 分到 4.50 分）"),
        ([4.5, 4.4, 4.3, 4.2, 4.1], 0.05, "有下降的走向（由 4.50 分到 4.10 分）"),
        ([4.0, 4.01, 4.0, 3.99, 4.0, 4.01], 0.05, "稳定（在 3.99 分与 4.01 分之间）"),
        ([4.0, 4.5, 4.1, 4.4, 4.0, 4.6], 0.05, "没有一致的走向"),
        ([4.0, 4.01, 4.0, 3.99, 4.0, 4.01], None, "没有一致的走向"),
        ([4.0, 4.5, 4.9], 0.05, "期数太少，不谈走势"),
    ],
)
def test_a_series_is_told_by_its_tests(values: list[float], half: float | None, text: str) -> None:
    assert plain("{trend(m)}", months(values, half=half)) == text


def test_a_series_is_read_in_the_order_of_time_and_without_its_total() -> None:
    ledger = Ledger()
    for name, value in [
        ("2023-03", 3.2),
        ("2023-01", 3.0),
        ("all", 9),
        ("2023-05", 3.4),
        ("2023-02", 3.1),
        ("2023-04", 3.3),
        ("2023-07", 3.6),
        ("2023-06", 3.5),
    ]:
        ledger.note("m", f"外部/{name}", value, unit="score", method="均值")
    assert plain("{trend(m,外部/)}", ledger) == "持续上升（由 3.0 分到 3.6 分）"


def test_a_trend_over_what_is_no_time_is_refused() -> None:
    with pytest.raises(WordingError, match="不是时期"):
        plain("{trend(m)}", means([4.0, 4.1]))


# What comes of what

FOUND = {"p": 0.0001, "effect": -1.0, "value": -0.7}


@pytest.mark.parametrize(
    ("method", "check", "text"),
    [
        ("双重差分，外部对内部", "没有差异", "事件导致评分大幅下降 0.7 分"),
        ("双重差分，外部对内部", "下降", "事件与评分大幅下降 0.7 分同时发生"),
        ("双重差分，外部对内部", "基数不足", "事件与评分大幅下降 0.7 分同时发生"),
        ("随机对照实验", "没有差异", "事件导致评分大幅下降 0.7 分"),
        ("前后两段均值之差", "没有差异", "事件与评分大幅下降 0.7 分同时发生"),
    ],
)
def test_a_cause_needs_its_design_and_the_check_of_the_design(method: str, check: str, text: str) -> None:
    ledger = noted("下降", method=method, **FOUND)
    ledger.note("placebo", "x", 0.1, unit="score", method="安慰剂检验", verdict=check, p=0.5)
    assert plain("事件{causes(m[x],评分,placebo[x])}", ledger) == text


def test_a_cause_needs_the_level_of_strong_words() -> None:
    ledger = noted("下降", method="随机实验", p=0.001, effect=-1.0)
    assert plain("事件{causes(m[x],评分)}", ledger) == "事件与评分下降 0.3 分同时发生"


def test_a_check_that_nobody_could_make_does_not_pass() -> None:
    ledger = noted("下降", method="双重差分", **FOUND)
    ledger.note("placebo", "x", None, unit="score", method="安慰剂检验")
    assert plain("事件{causes(m[x],评分,placebo[x])}", ledger).endswith("同时发生")
    assert plain("事件{causes(m[x],评分)}", ledger).endswith("同时发生")
    assert plain("事件{causes(m[x],评分)}", noted("下降", method="随机实验", **FOUND)).startswith("事件导致")


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [
        ("没有差异", "评分未见差异（差 0.3 分）"),
        ("基数不足", "评分：基数不足，不作比较"),
        ("", "评分：无检验，不作比较"),
    ],
)
def test_where_nothing_is_found_no_cause_is_spoken_of(verdict: str, ending: str) -> None:
    said = plain("事件{causes(m[y],评分)}", noted(verdict, method="双重差分", key="y", p=0.5))
    assert said == "事件前后" + ending


@pytest.mark.parametrize(
    ("verdict", "p", "effect", "method", "text"),
    [
        ("改善", 0.0001, 0.3, "改进前后均值之差", "有效（前后对比，没有对照组）"),
        ("改善", 0.0001, 0.3, "双重差分", "有效"),
        ("改善", 0.0001, 0.1, "双重差分", "有改善，但幅度小"),
        ("改善", 0.001, 0.3, "双重差分", "有改善"),
        ("改善", 0.001, 0.3, "改进前后均值之差", "有改善（前后对比，没有对照组）"),
        ("改善", 0.2, 0.3, "双重差分", "看不出效果"),
        ("改善", None, 0.3, "双重差分", "看不出效果"),
        ("变差", 0.0001, 0.9, "双重差分", "看不出效果"),
        ("没有差异", 0.0001, 0.9, "双重差分", "看不出效果"),
        ("基数不足", 0.0001, 0.9, "双重差分", "基数不足，不作结论"),
    ],
)
def test_to_work_is_to_improve_by_some_size(
    verdict: str, p: float | None, effect: float, method: str, text: str
) -> None:
    assert plain("{works(m[x])}", noted(verdict, method=method, p=p, effect=effect)) == text


def test_the_good_direction_comes_from_a_word_or_from_another_record() -> None:
    ledger = noted("下降", method="改进前后的差", p=0.0001, effect=-0.9)
    for name, verdict in {"好": "改善", "坏": "变差"}.items():
        ledger.note("gain", name, 1, unit="percent", method="向好为正", verdict=verdict)
    told = [plain(f"{{works(m[x],{good})}}", ledger) for good in ("下降", "上升", "gain[好]", "gain[坏]")]
    assert told == ["有效（前后对比，没有对照组）", "看不出效果"] * 2


def test_what_is_no_before_and_after_is_never_said_to_work() -> None:
    with pytest.raises(WordingError, match="不是前后对比或实验"):
        plain("{works(m[x])}", noted("改善", p=0.0001, effect=0.9))


# The table of rules and the code agree

HOLDS: dict[str, tuple[Callable[[], Ledger], str]] = {
    "显著": (lambda: noted("上升", p=0.0001, effect=0.3), "{change(m[x])}"),
    "明显": (lambda: noted("上升", p=0.0001, effect=0.6), "{change(m[x])}"),
    "大幅": (lambda: noted("上升", p=0.0001, effect=0.9), "{change(m[x])}"),
    "最": (lambda: means([4.5, 4.2]), "{highest(m)}"),
    "第一": (lambda: means([4.5, 4.2]), "{rank(m[甲])}"),
    "领先": (lambda: means([4.5, 4.2]), "{leads(m)}"),
    "持续": (lambda: months([4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6]), "{trend(m)}"),
    "稳定": (lambda: months([4.0, 4.01, 4.0, 4.01, 4.0]), "{trend(m)}"),
    "导致": (lambda: noted("下降", method="随机实验", **FOUND), "{causes(m[x],评分)}"),
    "有效": (lambda: noted("改善", method="随机实验", **FOUND), "{works(m[x])}"),
}
FAILS: dict[str, tuple[Callable[[], Ledger], str]] = {
    "显著": (lambda: noted("上升", p=0.01, effect=0.3), "{change(m[x])}"),
    "明显": (lambda: noted("上升", p=0.0001, effect=0.4), "{change(m[x])}"),
    "大幅": (lambda: noted("上升", p=0.0001, effect=0.7), "{change(m[x])}"),
    "最": (lambda: means([4.5, 4.2]), "{largest(m)}"),
    "第一": (lambda: means([4.21, 4.2]), "{rank(m[甲])}"),
    "领先": (lambda: means([4.21, 4.2]), "{leads(m)}"),
    "持续": (lambda: months([4.0, 4.1, 4.2, 4.3, 4.4]), "{trend(m)}"),
    "稳定": (lambda: months([4.0, 4.3, 4.0, 4.3, 4.0]), "{trend(m)}"),
    "导致": (lambda: noted("下降", method="相关", **FOUND), "{causes(m[x],评分)}"),
    "有效": (lambda: noted("改善", method="随机实验", p=0.01, effect=0.9), "{works(m[x])}"),
}


def test_each_row_of_the_table_is_said_where_its_rule_holds_and_not_where_it_fails() -> None:
    assert list(HOLDS) == list(FAILS) == rules()["stratum"].tolist() == WORDS
    for word in WORDS:
        (made, template), (failing, other) = HOLDS[word], FAILS[word]
        assert word in find_words(plain(template, made())), word
        assert word not in find_words(plain(other, failing())), word


def test_strong_words_carry_the_test_that_earned_them() -> None:
    for word, (made, template) in HOLDS.items():
        segments = compose(template, made()).segments
        assert [one for one in segments if word in one.text and one.rule and not one.is_typed], word


def test_a_phrase_that_judges_is_open_to_templates() -> None:
    assert {
        "change",
        "moved",
        "leads",
        "rank",
        "trend",
        "causes",
        "works",
        "highest",
        "lowest",
    } <= PHRASES.keys()


# Whatever the records say

VERDICTS = st.sampled_from(
    [
        "上升",
        "下降",
        "较高",
        "较低",
        "偏多",
        "偏少",
        "没有差异",
        "基数不足",
        "无法检验",
        "改善",
        "变差",
        "有差异",
        "",
    ]
)
CHANCES = st.none() | st.floats(0, 0.002) | st.floats(0, 1)
EFFECTS = st.none() | st.floats(-3, 3)
METHODS = st.sampled_from(
    ["Welch 检验", "双重差分", "随机实验", "改进前后之差", "中断时间序列", "卡方，Cramér V", "ω²"]
)
LIMITS = {"卡方，Cramér V": (0.1, 0.3, 0.5), "ω²": (0.01, 0.06, 0.14)}


def said(template: str, ledger: Ledger) -> list[str]:
    """The strong words of a sentence; none where it may not be written at all."""
    try:
        return find_words(plain(template, ledger))
    except WordingError:
        return []


@given(verdict=VERDICTS, p=CHANCES, effect=EFFECTS, method=METHODS)
def test_degrees_need_verdict_chance_and_size(
    verdict: str, p: float | None, effect: float | None, method: str
) -> None:
    ledger = noted(verdict, method=method, p=p, effect=effect)
    is_found = verdict in ("上升", "下降", "较高", "较低", "偏多", "偏少") and p is not None and p < STRONG
    steps = (
        [limit <= abs(effect) for limit in LIMITS.get(method, (0.2, 0.5, 0.8))] if effect is not None else []
    )
    word = ["", "显著", "明显", "大幅"][sum(steps)]
    assert said("{change(m[x])}", ledger) == [word] * bool(is_found and word)


@given(verdict=VERDICTS, p=CHANCES, effect=EFFECTS, method=METHODS, check=VERDICTS, has_check=st.booleans())
def test_causes_need_design_chance_and_check(
    verdict: str, p: float | None, effect: float | None, method: str, check: str, has_check: bool
) -> None:
    ledger = noted(verdict, method=method, p=p, effect=effect)
    ledger.note("check", "x", 0.0, unit="score", method="安慰剂检验", verdict=check)
    words = said("{causes(m[x],评分" + ",check[x]" * has_check + ")}", ledger)
    is_checked = check == "没有差异" if has_check else method == "随机实验"
    is_design = method in ("双重差分", "中断时间序列", "随机实验")
    is_found = verdict in ("上升", "下降", "较高", "较低", "偏多", "偏少") and p is not None and p < STRONG
    assert ("导致" in words) == (is_design and is_checked and is_found)


@given(verdict=VERDICTS, p=CHANCES, effect=EFFECTS, method=METHODS)
def test_to_work_needs_improvement_chance_and_size(
    verdict: str, p: float | None, effect: float | None, method: str
) -> None:
    words = said("{works(m[x])}", noted(verdict, method=method, p=p, effect=effect))
    is_design = method in ("双重差分", "中断时间序列", "随机实验", "改进前后之差")
    is_found = (
        verdict == "改善" and p is not None and p < STRONG and effect is not None and abs(effect) >= 0.2
    )
    assert words == ["有效"] * (is_design and is_found)


@given(st.lists(st.tuples(st.integers(300, 500), st.integers(1, 30)), min_size=1, max_size=8), st.booleans())
def test_leads_need_every_comparison(parts: list[tuple[int, int]], has_intervals: bool) -> None:
    ledger = Ledger()
    for i, (value, half) in enumerate(parts):
        ends = {"low": (value - half) / 100, "high": (value + half) / 100} if has_intervals else {}
        ledger.note("m", f"层{i}", value / 100, unit="score", decimals=2, method="均值", **ends)
    first, *others = sorted(parts, key=lambda part: -part[0])
    z = [(first[0] - value) / math.hypot(first[1], half) * norm.ppf(0.975) for value, half in others]
    # Holm (1979) rejects all of m when the i-th smallest p is at most alpha / (m - i + 1)
    found = enumerate(sorted(2 * norm.sf(z)))
    is_ahead = bool(others) and has_intervals and all(p <= STRONG / (len(others) - i) for i, p in found)
    assert ("领先" in said("{leads(m)}", ledger)) == is_ahead
    top = parts.index(first)
    assert ("第一" in said(f"{{rank(m[层{top}])}}", ledger)) == is_ahead


@given(st.lists(st.integers(380, 420), min_size=2, max_size=12), st.integers(1, 20))
def test_to_keep_rising_needs_order_and_no_step_back(values: list[int], half: int) -> None:
    series = [value / 100 for value in values]
    words = said("{trend(m)}", months(series, half=half / 100))
    found = kendalltau(range(len(values)), values)
    sign = 1 if found.statistic > 0 else -1
    back = max(-sign * (b - a) for a, b in itertools.pairwise(values))
    is_clear = abs(back - half * math.sqrt(2)) > 1e-6
    if is_clear:
        assert ("持续" in words) == (found.pvalue < STRONG and back <= half * math.sqrt(2))
    assert not {"稳定", "持续"} <= set(words)

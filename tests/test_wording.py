"""Sentences: numbers come from records, strong words from tests, and typed ones are caught."""

import pytest

from fbanalysis.errors import WordingError
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.wording import THIN_SPACE, compose


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger()
    note = ledger.note
    note("coverage", "all", 86.0, unit="percent", decimals=0, method="Wilson", n=4102, low=84.9, high=87.1)
    for name, value, low, high in (
        ("一线员工", 92, 90, 94),
        ("离职员工", 61, 55, 66),
        ("高层领导", 66, 57, 74),
    ):
        note(
            "coverage",
            f"internal/{name}",
            value,
            unit="percent",
            decimals=0,
            method="Wilson",
            low=low,
            high=high,
        )
    up = {"unit": "score", "method": "Welch", "verdict": "上升"}
    note("yoy", "产品", 0.31, n=1256, p=0.0001, effect=0.44, low=0.2, high=0.4, **up)
    note("yoy", "内部", 0.1, n=852, p=0.021, effect=0.11, **up)
    note(
        "yoy",
        "服务",
        -0.31,
        unit="score",
        method="Welch",
        verdict="下降",
        p=0.0001,
        effect=-0.4,
        low=-0.4,
        high=-0.2,
    )
    note("yoy", "战略", 0.1, unit="score", method="Welch", verdict="没有差异", p=0.4, effect=0.5)
    note("yoy", "小组", 0.9, unit="score", method="Welch", verdict="基数不足", n=4)
    months = {"2023-01": 3.9, "2023-05": 4.2, "2023-06": 4.18, "2023-07": 4.05}
    for month, value in months.items():
        note("month", month, value, unit="score", method="t", low=value - 0.05, high=value + 0.05)
    for quarter in range(1, 5):
        value = 4.2 - quarter / 1000
        note("flat", f"2023Q{quarter}", value, unit="score", method="t", low=value - 0.05, high=value + 0.05)
    note("yoy", "全等", 0.2, unit="score", method="Welch", verdict="无法检验")
    return ledger


def plain(template: str, ledger: Ledger, **options: object) -> str:
    return compose(template, ledger, **options).plain.replace(THIN_SPACE, " ")


def test_a_reference_prints_its_record_and_carries_its_key(ledger: Ledger) -> None:
    sentence = compose("覆盖了{coverage[all]}的人群", ledger)
    assert sentence.plain == f"覆盖了{THIN_SPACE}86%{THIN_SPACE}的人群"
    assert [segment.key for segment in sentence.segments] == ["", "coverage[all]", ""]
    assert sentence.typed == ()


def test_every_number_of_a_long_sentence_gets_one_space_on_each_side(ledger: Ledger) -> None:
    text = compose("读入 {coverage[all]} 行，采用{n(coverage[all])}行，隔离 {yoy[产品]}", ledger).plain
    joined = compose("由 {yoy[产品]} 与 {yoy[内部]} 之间", ledger).plain.replace(THIN_SPACE, " ")
    assert joined == "由 0.3 分与 0.1 分之间"
    assert text == "读入 86% 行，采用 4,102 行，隔离 0.3 分".replace(" ", THIN_SPACE)


def test_spaces_typed_around_a_number_become_one_thin_space(ledger: Ledger) -> None:
    assert (
        compose("覆盖了 {coverage[all]} 的人群", ledger).plain
        == compose("覆盖了{coverage[all]}的人群", ledger).plain
    )


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{change(yoy[产品],提升)}", "显著提升 0.3 分"),
        ("{change(yoy[内部],提升)}", "提升 0.1 分"),
        ("{change(yoy[服务],提升,减少)}", "显著减少 0.3 分"),
        ("{change(yoy[服务],上升,回落)}", "显著回落 0.3 分"),
        ("{change(yoy[战略])}", "未见差异（差 0.1 分）"),
        ("{change(yoy[全等])}", "无法检验，不作比较"),
        ("{change(yoy[小组])}", "基数不足，不作比较"),
        ("{change(coverage[all])}", "86%（无检验，不作比较）"),
        ("{p(coverage[all])}", "（无检验）"),
        ("{interval(yoy[战略])}", "（无区间）"),
        ("{interval(coverage[all])}", "95% 区间 84.9–87.1%"),
        ("{interval(yoy[服务])}", "95% 区间 −0.40 至 −0.20 分"),
        ("{smallest(coverage,internal/)}至{largest(coverage,internal/)}", "61% 至 92%"),
        ("{p(yoy[产品])}；{p(yoy[内部])}", "p < 0.001；p = 0.021"),
        ("{n(coverage[all])}人", "4,102 人"),
        ("{abs(yoy[服务])}", "0.3 分"),
        ("{which(yoy, 上升)}", "产品、内部"),
        ("{which(yoy, 持平)}", "无"),
        ("{highest(coverage,internal/)}", "一线员工最高（92%）"),
        ("{outcomes(yoy)}", "上升：产品、内部；下降：服务；没有差异：战略；基数不足：小组；无法检验：全等"),
        ("{highest(month)}", "5 月最高（4.2 分），与 6 月难分先后"),
        ("{lowest(month)}", "1 月最低（3.9 分）"),
        ("{highest(flat)}", "一季度最高（4.2 分），但与多数难分先后"),
        ("{lowest(coverage,internal/)}", "离职员工最低（61%），与高层领导难分先后"),
    ],
)
def test_phrases_say_what_the_test_allows(template: str, text: str, ledger: Ledger) -> None:
    assert plain(template, ledger) == text


def test_strong_words_name_their_rule(ledger: Ledger) -> None:
    word = compose("{change(yoy[产品],提升)}", ledger).segments[0]
    assert word.text == "显著提升"
    assert "p = 0.0001" in word.rule
    assert "0.44" in word.rule


@pytest.mark.parametrize(
    ("template", "typed"),
    [
        ("共 3,528 条", ("3,528",)),
        ("提升了１２％", ("１２％",)),
        ("明显好转", ("明显",)),
        ("连续第一，持续向好", ("第一", "持续")),
        ("P0 在 7×24 内", ()),
        ("P0 共 3 件", ("3",)),
        ("显著提升 0.3 分", ("显著", "0.3")),
    ],
)
def test_typed_numbers_and_words_are_remembered(
    template: str, typed: tuple[str, ...], ledger: Ledger
) -> None:
    assert compose(template, ledger, allowed=["P0", "7×24"]).typed == typed


@pytest.mark.parametrize(
    ("template", "match"),
    [
        ("覆盖{coverage[external]}", "没有记录「coverage.external.」"),
        ("{cover[all]}", "已有的指标"),
        ("{chang(yoy[产品])}", "没有短语「chang」；可用"),
        ("覆盖{coverage}", "看不懂"),
        ("覆盖{coverage[all]", "花括号"),
        ("{change(yoy[产品],大幅提升 12% 即)}", "手打的数字或判断词：「大幅」「12%」"),
        ("{highest(coverage,,领先)}", "手打的数字或判断词：「领先」"),
        ("{change(yoy[产品],创新高后又升)}", "手打的数字或判断词：「创新高」"),
        ("{causes(yoy[产品],P0)}", "手打的数字或判断词：「0」"),
        ("{which(coverage)}", "短语「which」不能这样用"),
        ("{lowest(coverage,abroad/)}", "没有以「abroad/」开头的层"),
    ],
)
def test_a_reference_to_nothing_says_what_there_is(template: str, match: str, ledger: Ledger) -> None:
    with pytest.raises(WordingError, match=match):
        compose(template, ledger)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        # standard error of a difference 0.0325; the intervals of 4.00 and 3.92 overlap
        (3.87, "a 最高（4.00 分）"),
        (3.92, "a 较高（4.00 分）"),
        (3.95, "a 最高（4.00 分），与 c 难分先后"),
    ],
)
def test_ties_are_found_by_the_test_of_the_difference_not_by_overlapping_intervals(
    second: float, said: str
) -> None:
    ledger = Ledger()
    for name, value in (("a", 4.00), ("b", 3.80), ("c", second)):
        ledger.note(
            "m", name, value, unit="score", decimals=2, method="t", low=value - 0.045, high=value + 0.045
        )
    assert plain("{highest(m)}", ledger) == said

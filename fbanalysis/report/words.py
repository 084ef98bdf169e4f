"""Strong words: what each stands for, when it may be said, and how to find one that was typed by hand.

The table of rules is data, printed in the report's own chapter on method; `judgements` acts by it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from fbanalysis.analysis.significance import strong_level

#: Level of the tests where no year says another, and the one that strong words then need.
ALPHA = 0.05
STRONG = strong_level(ALPHA)

#: From this size of effect on (Cohen's d, g or h: "small") a difference that is significant may be called 显著.
SMALL_EFFECT = 0.2


@dataclass(frozen=True)
class Ladder:
    """The sizes of effect from which a significant difference is called 显著, 明显, 大幅."""

    small: float
    medium: float
    large: float


#: Cohen (1988), Statistical Power Analysis, sections 2.2.3 (d, and with it g) and 6.2.2 (h).
OF_DIFFERENCES = Ladder(SMALL_EFFECT, 0.5, 0.8)
_OF_TABLES, _OF_VARIANCE = Ladder(0.1, 0.3, 0.5), Ladder(0.01, 0.06, 0.14)

#: Other measures of effect, as methods name them, have their own limits: Cohen (1988), sections 3.2.1 (r), 5.2 (g), 7.2.3 (w;
#: Cramér's V is w in tables with two rows or columns, and in larger ones smaller than w) and 8.2.3 (f = 0.10, 0.25,
#: 0.40, as shares of variance).
LADDERS: Mapping[str, Ladder] = {
    "Cohen w": _OF_TABLES,
    "Cohen g": Ladder(0.05, 0.15, 0.25),
    "秩二列": _OF_TABLES,
    "Cramér V": _OF_TABLES,
    "相关系数": _OF_TABLES,
    "ω²": _OF_VARIANCE,
    "ε²": _OF_VARIANCE,
    "η²": _OF_VARIANCE,
}


def ladder_of(method: str, *, small_effect: float = SMALL_EFFECT) -> Ladder:
    """Give the limits for the effect of a method; ``small_effect`` moves those of d, g and h upwards."""
    named = next((ladder for name, ladder in LADDERS.items() if name in method), None)
    if named is not None:
        return named
    usual = OF_DIFFERENCES
    return Ladder(small_effect, max(usual.medium, small_effect), max(usual.large, small_effect))


@dataclass(frozen=True)
class Rule:
    """A strong word: what finds it and its kin in a text, when it may be said, what is said otherwise, and by whom.

    ``kin`` holds regular expressions; what only looks like the word (最近, 稳定性, 有效反馈, 第一季度) is left out there.
    """

    word: str
    kin: tuple[str, ...]
    rule: str
    otherwise: str
    source: str


_COHEN = "Cohen（1988）2.2.3、6.2.2 节"
_HOLM = "Holm（1979）"
RULES = (
    Rule(
        "显著",
        ("显著(?!性)",),
        "同族校正后的 p 低于 {strong}（{alpha} 分给全报告至多 {room} 族检验），且效应量（g、d 或 h）不小于 {small}；w 与 V 为 0.1，ω² 为 0.01",
        "够不上或效应小：只说升降与数值；没有差异：说没有差异，就此打住",
        f"族内{_HOLM}，族间 Dunn（1961）的 Bonferroni 法；{_COHEN}",
    ),
    Rule(
        "明显",
        ("明显",),
        "可以说“显著”，且效应量不小于 {medium}；w 与 V 为 0.3，ω² 为 0.06",
        "说“显著”",
        f"{_COHEN}：中等效应",
    ),
    Rule(
        "大幅",
        ("大幅", "急剧", "[骤陡][升降增减跌]", "[暴飙狂][升涨跌增]", "[激猛剧]增", "锐减"),
        "可以说“显著”，且效应量不小于 {large}；w 与 V 为 0.5，ω² 为 0.14",
        "说“明显”或“显著”",
        f"{_COHEN}：大效应",
    ),
    Rule(
        "最",
        (
            "最(?!近|后|终|新|初|早|晚|迟|小样本|少人数|小可|小差|小值|大值|大绝对|小二乘|大似然|[高低][一二两三]?档|[高低]分)",
            "创下?(?:历史)?新[高低]",
        ),
        "数值居首；分不开的层（校正后 p 不低于 {alpha}）一并写出；没有分不开的，p 都要低于 {strong}；全数没有区间，只看大小",
        "写“与某某（或多数）难分先后”；都分得开而没有都低于 {strong}，说“较”",
        f"两两 z 检验；{_HOLM}",
    ),
    Rule(
        "第一",
        ("第一(?!季|次|层|步|章|节|页|周|天|个|年|批|行|列|手|线|轮|期|版|阶段|部分|类|项|例|条|句|段|时间)", "首位", "居首", "榜首", "夺冠"),
        "带区间的数值居首，且与其余每一层的差异在校正后都成立（p 低于 {strong}）",
        "写出可能的名次范围，或“名次难分先后”",
        f"Goldstein、Spiegelhalter（1996）；{_HOLM}",
    ),
    Rule(
        "领先",
        ("领先", "名列前茅", "独占鳌头", "一枝独秀", "遥遥在前"),
        "同“第一”",
        "说“最高”，并写出与谁难分先后",
        f"两两 z 检验；{_HOLM}",
    ),
    Rule(
        "持续",
        ("持续(?!时间|时长)", "始终", "一直", "一路[上下走攀]", "[逐连][年月季周](?=.{0,4}[上下升降增减提改好])", "逐年", "不断(?![开电网线])", "稳步", "节节"),
        "至少五期；Mann–Kendall 检验（含结的校正）的 p 低于 {strong}，且没有一步回头超出这一步的区间",
        "p 只低于 {alpha}：说“有上升的走向”或“有下降的走向”；否则：没有一致的走向",
        "Mann（1945）；Kendall（1975）第 4、13 章",
    ),
    Rule(
        "稳定",
        ("稳定(?!性|版)", "平稳"),
        "等效检验：每一期与各期平均之差，两个单侧检验都说小于 {small} 个标准差",
        "没有一致的走向；查不出升降不等于稳定",
        "Schuirmann（1987）；Berger、Hsu（1996）",
    ),
    Rule(
        "导致",
        ("导致", "造成", "致使", "使得", "促使", "促成", "引发", "引起", "带来", "得益于", "归功于", "归因于", "归咎于", "证明", "证实"),
        "方法是因果设计（双重差分、中断时间序列、随机实验），校正后 p 低于 {strong}；前两种还要有平行趋势或安慰剂检验，且都查不出差异",
        "有差异：说“同时发生”；没有差异：说没有差异，就此打住",
        "Shadish、Cook、Campbell（2002）第 4–8 章；Angrist、Pischke（2009）第 5 章",
    ),
    Rule(
        "有效",
        ("(?<![没无])有效(?!反馈|样本|问卷|评[价分]|率|性|期|值|回[收复]|答|响应|数|位|载荷|工单|记录|名单|票|作答| ?n)", "奏效", "卓有成效", "行之有效", "成效显"),
        "方法是前后对比或实验，结论是“改善”，校正后 p 低于 {strong}，且效应量不小于 {small}；前后对比须写明没有对照组",
        "p 只低于 {alpha}：说“有改善”；否则：看不出效果",
        f"Shadish、Cook、Campbell（2002）第 4 章；{_COHEN}",
    ),
)  # fmt: skip

#: What counts as typed by hand where it stands in a template: words that a test must earn, and their kin.
EARNED = tuple(pattern for rule in RULES for pattern in rule.kin)

_TYPED = rf"(?P<typed>[0-9０-９][0-9０-９,.，．%％]*|{'|'.join(EARNED)})"


def rules(*, alpha: float = ALPHA, small_effect: float = SMALL_EFFECT) -> pd.DataFrame:
    """Give the table of rules for readers.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (the word), ``rule`` (when it is said), ``otherwise`` (what is said instead), ``source``; all Chinese.
    """
    ladder = ladder_of("", small_effect=small_effect)
    limits = {
        "alpha": f"{alpha:g}",
        "strong": f"{strong_level(alpha):g}",
        "room": f"{alpha / strong_level(alpha):.0f}",
        **{name: f"{limit:g}" for name, limit in vars(ladder).items()},
    }
    rows = [
        (one.word, one.rule.format(**limits), one.otherwise.format(**limits), one.source) for one in RULES
    ]
    return pd.DataFrame(rows, columns=["stratum", "rule", "otherwise", "source"])


def find_typed(text: str, *, allowed: Sequence[str] = ()) -> list[re.Match[str]]:
    """Find numbers in digits and earned words in a text, names of the allow-list left out."""
    names = sorted(map(re.escape, allowed), key=len, reverse=True)
    pattern = "|".join([f"(?P<name>{'|'.join(names)})"] * bool(names) + [_TYPED])
    return [match for match in re.finditer(pattern, text) if not match.groupdict().get("name")]


def find_words(text: str, *, allowed: Sequence[str] = ()) -> list[str]:
    """Find earned words only, without numbers.

    >>> find_words("最近系统稳定性第一，比去年 3 月明显好")
    ['第一', '明显']
    """
    return [match.group() for match in find_typed(text, allowed=allowed) if not match.group()[0].isdigit()]


_DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """Write a number from 1 to 99 in Chinese numerals.

    >>> [numeral(number) for number in (3, 10, 12, 20, 41)]
    ['三', '十', '十二', '二十', '四十一']
    """
    tens, ones = divmod(number, 10)
    lead = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return lead + (_DIGITS[ones] if ones or not tens else "")

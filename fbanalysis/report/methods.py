"""The glossary of methods: what each phrase in a record's method means, as a formula, with its source.

It says what the package really computes and names the function that does; it computes nothing itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from fbanalysis.report.ledger import Record

ESTIMATE, INTERVAL, TEST, ADJUSTMENT, EFFECT, RULE = "估计", "区间", "检验", "校正", "效应量", "规则"

#: Methods that need no formula: counts and sums, entries of registers, settings and parameters.
_PLAIN = re.compile(
    "计数|评分数|工单数$|客户数$|部门数$|问题数$|指标数$|记录数$|月份数$|小时数$|层数$|个数$|合计$|之和$|逐项相加"
    "|台账$|记录$|制度文件|处理步骤表|事件记录|指标表$|追问记录|dataset\\.toml|笔记本的参数|数据表 SHA|文件或工作表"
    "|出现的渠道|置信水平|把握的指标|工单最多的问题|与账本记录比对|指标名的数|计项目$|计要求$|条数$|算法术语$|^采用的反馈$|按校正后的结论|减期限"
)

_COHEN = "Cohen (1988)，Statistical Power Analysis for the Behavioral Sciences，第 2 版，"
_COCHRAN = "Cochran (1977)，Sampling Techniques，第 3 版，"
_AGRESTI = "Agresti (2013)，Categorical Data Analysis，第 3 版，"


@dataclass(frozen=True)
class Term:
    """One entry of the glossary.

    Parameters
    ----------
    name, kind
        What readers call it, and what it is: 估计, 区间, 检验, 校正, 效应量 or 规则.
    pattern
        Regular expression that finds it in a record's method.
    formula, source
        In plain text, and where it is published, with year and section or page.
    function
        What computes it: module and name below ``fbanalysis.analysis``.
    """

    name: str
    kind: str
    pattern: str
    formula: str
    source: str
    function: str

    def as_json(self) -> dict[str, str]:
        """Give what readers see of it."""
        return {"name": self.name, "kind": self.kind, "formula": self.formula, "source": self.source}


_ESTIMATES = (
    Term(
        "份额",
        ESTIMATE,
        "份额；|份额$|份额之差|份额；|占比|比例|÷(?!.*日均量)(?!.*目标（)|率之差|覆盖率|转化率$|构成",
        "100 · k ÷ n；k 为有此特征的个数，n 为基数，缺失的不计入",
        _COCHRAN + "第 3 章",
        "intervals.percent_of",
    ),
    Term(
        "均值",
        ESTIMATE,
        "(?<!加权的)(?<!分层的)均值(?!.*加权)(?!的相对变化)(?!.*预测区间)",
        "x̄ = Σxᵢ ÷ n，缺失的不计入",
        _COCHRAN + "第 2 章",
        "significance.group_moments",
    ),
    Term(
        "标准差",
        ESTIMATE,
        "标准差",
        "s = √(Σ(xᵢ − x̄)² ÷ (n − 1))",
        _COCHRAN + "第 2 章",
        "satisfaction.satisfaction_by_area",
    ),
    Term(
        "按次数加权的均值",
        ESTIMATE,
        "按次数加权",
        "m = Σwᵢxᵢ ÷ Σwᵢ，w 为次数；标准误 = √(k ÷ (k − 1) · Σwᵢ²(xᵢ − m)²) ÷ Σwᵢ，k 为行数",
        _COCHRAN + "6.3 节",
        "improvement.compare_phases",
    ),
    Term(
        "加权平均的达成率",
        ESTIMATE,
        "达成率的加权平均",
        "Σwᵢaᵢ ÷ Σwᵢ；a 为各指标的达成率，w 为指标表的权重，没有达成率的连同权重略去",
        "约定：加权平均，权重由指标表给出",
        "kpi.department_attainment",
    ),
    Term(
        "事后分层",
        ESTIMATE,
        "事后分层",
        "Σ Wₕ · x̄ₕ，Wₕ = Nₕ ÷ N；Nₕ 为人群表里该层的人数",
        _COCHRAN + "式 5.1",
        "satisfaction.weighted_satisfaction",
    ),
    Term(
        "达成率",
        ESTIMATE,
        "达成率 =|达成率的区间是否含目标",
        "越高越好：100 · 实际 ÷ 目标；越低越好：100 · 目标 ÷ 实际；区间的两端照样换算",
        "约定：达成率的方向由指标表给出，不是统计估计",
        "kpi.attainment",
    ),
    Term(
        "相对变化",
        ESTIMATE,
        "相对变化",
        "100 · (后 ÷ 前 − 1)；“向好为正”的，越低越好的指标取相反的符号",
        "Fieller (1954)，JRSS B 16：175–185",
        "improvement.relative_change",
    ),
    Term(
        "双重差分",
        ESTIMATE,
        "双重差分",
        "评分 = a + b·外部 + c·事后 + d·外部·事后，最小二乘；结果为 d",
        "Angrist 与 Pischke (2009)，Mostly Harmless Econometrics，5.2 节",
        "incidents.difference_in_differences",
    ),
    Term(
        "预期线",
        ESTIMATE,
        "直线趋势|减预期|回到预测区间",
        "未受影响各周的均值对周次作直线，按评分数 n 加权的最小二乘；差值 = Σn(均值 − 预期) ÷ Σn",
        "Draper 与 Smith (1998)，Applied Regression Analysis，第 3 版，9.2 节",
        "incidents.expected_without_incident",
    ),
    Term(
        "对数比",
        ESTIMATE,
        "对数比",
        "log₂(p₁ ÷ p₂)；p 为出现该词的文字所占的比例，每个计数加 ½",
        "Hardie (2014)，Log Ratio，CASS；加 ½ 见 Walter (1975)",
        "sentiment.keyness",
    ),
    Term(
        "占比之差",
        ESTIMATE,
        "样本占比 − 人群占比|占比之差的最大",
        "100 · (nₕ ÷ n − Nₕ ÷ N)",
        _AGRESTI + "1.5 节",
        "coverage.representativeness",
    ),
    Term(
        "日均指数",
        ESTIMATE,
        "日均量",
        "100 · (当月条数 ÷ 当月天数) ÷ (全期条数 ÷ 全期天数)",
        "Hyndman 与 Athanasopoulos (2021)，Forecasting，第 3 版，3.1 节（按天数调整）",
        "coverage.monthly_volume",
    ),
    Term(
        "累计份额",
        ESTIMATE,
        "从多到少累计|累计到规定份额",
        "从多到少逐项相加，再除以总数；“主要”的是使累计份额达到规定值的最少几项",
        "Juran (1951)，Quality Control Handbook",
        "causes.problem_pareto",
    ),
    Term(
        "情感模型",
        ESTIMATE,
        "模型判断|情感份额|留出检验",
        "字符 n 元 TF-IDF 加逻辑回归给出正面、中性、负面；判断某条时，模型没有学过它的标注或评分",
        "Jurafsky 与 Martin (2025)，Speech and Language Processing，第 3 版，逻辑回归一章",
        "annotation.annotate_comments",
    ),
    Term(
        "留出检验的准确率",
        ESTIMATE,
        "留出检验",
        "按时间留出后三分之一：准确率 = 判对数 ÷ 条数；F1 = 2tp ÷ (2tp + fp + fn)，宏平均为各类的均值；"
        "份额误差 = 判为某类的份额 − 样例的份额，配对 t 区间；κ = (pₒ − pₑ) ÷ (1 − pₑ)",
        "Sokolova 与 Lapalme (2009)，Information Processing & Management 45：427–437；κ 见 Cohen (1960)，EPM 20：37–46",
        "annotation.measure_quality",
    ),
    Term(
        "八成把握能查出的最小差值",
        ESTIMATE,
        "能查出的最小差值",
        "(t(1 − α/2) + t(0.8)) · 标准误，自由度同 Welch 检验",
        "Bloom (1995)，Evaluation Review 19：547–556",
        "significance.compare_with_prior",
    ),
)

_INTERVALS = (
    Term(
        "Wilson 区间",
        INTERVAL,
        "Wilson|留出检验",
        "(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) ÷ (1 + z²/n)，z = 1.96",
        "Wilson (1927)，JASA 22：209–212；Newcombe (1998)，Stat. Med. 17：857–872，方法 3",
        "intervals.wilson_interval",
    ),
    Term(
        "t 区间",
        INTERVAL,
        "t 区间|留出检验",
        "x̄ ± t(n − 1; 0.975) · s ÷ √n；加权的均值用其标准误，自由度为行数减一",
        "Student (1908)，Biometrika 6：1–25",
        "intervals.mean_interval",
    ),
    Term(
        "Newcombe 区间",
        INTERVAL,
        "Newcombe",
        "d = p₁ − p₂；d − √((p₁ − l₁)² + (u₂ − p₂)²) 至 d + √((u₁ − p₁)² + (p₂ − l₂)²)，l、u 为各自的 Wilson 区间",
        "Newcombe (1998)，Stat. Med. 17：873–890，方法 10",
        "intervals.newcombe_interval",
    ),
    Term(
        "Welch 区间",
        INTERVAL,
        "均值之差；Welch|外部减内部；Welch",
        "m₁ − m₂ ± t(ν; 0.975) · √(s₁²/n₁ + s₂²/n₂)，ν 为 Satterthwaite 自由度",
        "Welch (1947)，Biometrika 34：28–35",
        "significance.welch",
    ),
    Term(
        "换算的区间",
        INTERVAL,
        "由实际值换算",
        "实际值的区间（自带的，或比例的 Wilson 区间，或均值的 t 区间）两端按达成率的公式换算；越低越好的两端互换",
        "Wilson (1927)，JASA 22：209–212；Student (1908)，Biometrika 6：1–25；目标按常数计",
        "kpi.attainment",
    ),
    Term(
        "Fieller 区间",
        INTERVAL,
        "Fieller|相对变化，向好为正",
        "满足 (ȳ − ρx̄)² ≤ t² · Var(ȳ − ρx̄) 的全部 ρ，减一乘百；配对时 Var = (s_yy − 2ρ·s_xy + ρ²·s_xx) ÷ n，两批独立时 s_xy = 0",
        "Fieller (1954)，JRSS B 16：175–185",
        "improvement.relative_change",
    ),
    Term(
        "事后分层的区间",
        INTERVAL,
        "Cochran 式 5.14",
        "± 1.96 · √(Σ Wₕ²(1 − nₕ/Nₕ)sₕ²/nₕ)；(1 − nₕ/Nₕ) 为有限总体修正",
        _COCHRAN + "式 5.14",
        "satisfaction.weighted_satisfaction",
    ),
    Term(
        "预测区间",
        INTERVAL,
        "预测区间",
        "预期 ± t(k − 2; 0.975) · √(x′(X′WX)⁻¹x·s² + s²/n)；数周合成：± √(Σ(n·h)²) ÷ Σn，h 为各周半宽，各周按独立计",
        "Draper 与 Smith (1998)，Applied Regression Analysis，第 3 版，1.4 与 9.2 节",
        "incidents.expected_without_incident",
    ),
    Term(
        "HC1 区间",
        INTERVAL,
        "HC1",
        "d ± t(n − 4; 0.975) · 标准误；方差 = n ÷ (n − 4) · (X′X)⁻¹X′diag(eᵢ²)X(X′X)⁻¹",
        "MacKinnon 与 White (1985)，Journal of Econometrics 29：305–325",
        "incidents.difference_in_differences",
    ),
    Term(
        "Katz 对数区间",
        INTERVAL,
        "Katz|对数比",
        "ln(p₁/p₂) ± 1.96 · √(1/a₁ − 1/n₁ + 1/a₂ − 1/n₂)，再还原",
        "Katz 等 (1978)，Biometrics 34：469–474",
        "incidents.rate_before_after",
    ),
    Term(
        "准泊松区间",
        INTERVAL,
        "准泊松",
        "ln(m₂/m₁) ± t(k₁ + k₂ − 2; 0.975) · √(φ(1/S₁ + 1/S₂))，S 为前后的总数，φ = Pearson χ² ÷ 自由度，不小于 1",
        "McCullagh 与 Nelder (1989)，Generalized Linear Models，第 2 版，6.2.3 节",
        "incidents.before_after",
    ),
)

_TESTS = (
    Term(
        "Welch t 检验",
        TEST,
        "Welch 检验",
        "t = (m₁ − m₂) ÷ √(s₁²/n₁ + s₂²/n₂)，自由度按 Satterthwaite，双侧",
        "Welch (1947)，Biometrika 34：28–35",
        "significance.welch",
    ),
    Term(
        "Welch 方差分析",
        TEST,
        "Welch 方差分析",
        "F = Σwₖ(x̄ₖ − x̃)² ÷ (K − 1) ÷ (1 + 2(K − 2)Λ/3)，wₖ = nₖ/sₖ²，x̃ = Σwₖx̄ₖ/Σwₖ，"
        "Λ = 3·Σ((1 − wₖ/Σw)²/(nₖ − 1))/(K² − 1)",
        "Welch (1951)，Biometrika 38：330–336",
        "significance.welch_anova",
    ),
    Term(
        "两比例 z 检验",
        TEST,
        "两比例|比例之比",
        "z = (p₁ − p₂) ÷ √(p(1 − p)(1/n₁ + 1/n₂))，p 为合并的比例，双侧，不作连续性校正",
        _AGRESTI + "3.2 节",
        "significance.two_proportions",
    ),
    Term(
        "卡方独立性检验",
        TEST,
        "卡方检验",
        "χ² = Σ(O − E)² ÷ E，E = 行合计·列合计 ÷ n，自由度 (r − 1)(c − 1)，不作连续性校正",
        _AGRESTI + "3.2 节；期望过小的判断见 Cochran (1954)，Biometrics 10：417–451",
        "significance.association",
    ),
    Term(
        "卡方适合度检验",
        TEST,
        "适合度",
        "χ² = Σ(O − E)² ÷ E ÷ (1 − n/N)，E = n·Nₕ/N；除以 (1 − n/N) 是有限总体修正",
        _AGRESTI + "1.5 节",
        "coverage.representativeness",
    ),
    Term(
        "校正残差检验",
        TEST,
        "校正残差",
        "(O − E) ÷ √(E(1 − 行份额)(1 − 列份额))，按标准正态，双侧；与人群表比时分母为 √(E(1 − Nₕ/N)(1 − n/N))",
        "Haberman (1973)，Biometrics 29：205–220",
        "significance.residual_tests",
    ),
    Term(
        "配对 t 检验",
        TEST,
        "配对 t",
        "t = d̄ ÷ (s_d/√n)，d 为同一客户的后减前，自由度 n − 1，双侧",
        "Student (1908)，Biometrika 6：1–25",
        "incidents.satisfaction_change",
    ),
    Term(
        "G² 检验",
        TEST,
        "G²",
        "G² = 2·ΣO·ln(O/E)，词的有无 × 组别，自由度 1",
        "Dunning (1993)，Computational Linguistics 19：61–74",
        "sentiment.keyness",
    ),
    Term(
        "准泊松模型的 t 检验",
        TEST,
        "准泊松",
        "t = ln(m₂/m₁) ÷ √(φ(1/S₁ + 1/S₂))，自由度 k₁ + k₂ − 2，双侧",
        "McCullagh 与 Nelder (1989)，Generalized Linear Models，第 2 版，6.2.3 节",
        "incidents.before_after",
    ),
    Term(
        "HC1 标准误的 t 检验",
        TEST,
        "HC1",
        "t = d ÷ HC1 标准误，自由度 n − 4，双侧",
        "MacKinnon 与 White (1985)，Journal of Econometrics 29：305–325",
        "incidents.difference_in_differences",
    ),
    Term(
        "精确二项检验",
        TEST,
        "精确二项",
        "两个计数之和固定时，较小者服从 B(和, ½)；p = 2·P(X ≤ 较小者)，不大于 1",
        "Przyborowski 与 Wilenski (1940)，Biometrika 31：313–323",
        "causes.last_of_few",
    ),
    Term(
        "Games–Howell 检验",
        TEST,
        "Games",
        "q = |x̄ᵢ − x̄ⱼ| ÷ √((sᵢ²/nᵢ + sⱼ²/nⱼ)/2)，按学生化极差分布，各对一起校正",
        "Games 与 Howell (1976)，Journal of Educational Statistics 1：113–125",
        "significance.compare_groups",
    ),
)

_ADJUSTMENTS = (
    Term(
        "Holm 校正",
        ADJUSTMENT,
        "Holm",
        "p 从小到大排，校正后 p₍ᵢ₎ = max(j ≤ i) (m − j + 1)·p₍ⱼ₎，不大于 1；m 为一起比较的检验数",
        "Holm (1979)，Scandinavian Journal of Statistics 6：65–70",
        "significance.adjust",
    ),
    Term(
        "BH 校正",
        ADJUSTMENT,
        "BH",
        "p 从小到大排，校正后 p₍ᵢ₎ = min(j ≥ i) m·p₍ⱼ₎/j，不大于 1；m 为一起比较的检验数",
        "Benjamini 与 Hochberg (1995)，JRSS B 57：289–300",
        "significance.adjust",
    ),
)

_EFFECTS = (
    Term(
        "Hedges g",
        EFFECT,
        "Hedges|Fieller 区间，Welch",
        "g = J·(m₁ − m₂)/s，s 为合并标准差 √(((n₁ − 1)s₁² + (n₂ − 1)s₂²)/ν)，ν = n₁ + n₂ − 2，"
        "J = Γ(ν/2) ÷ (√(ν/2)·Γ((ν − 1)/2))",
        "Hedges (1981)，Journal of Educational Statistics 6：107–128",
        "significance.hedges_g",
    ),
    Term(
        "Cohen h",
        EFFECT,
        "两比例|比例之比",
        "h = 2·arcsin√p₁ − 2·arcsin√p₂",
        _COHEN + "6.2 节",
        "significance.cohens_h",
    ),
    Term(
        "Cohen w",
        EFFECT,
        "Cohen w",
        "w = √(Σ(o − e)²/e)，o、e 为样本与人群表中的份额（0–1）",
        _COHEN + "7.2 节",
        "coverage.representativeness",
    ),
    Term(
        "Cramér V",
        EFFECT,
        "Cramér",
        "V = √(χ² ÷ (n·min(r − 1, c − 1)))",
        "Cramér (1946)，Mathematical Methods of Statistics，第 282 页",
        "significance.association",
    ),
    Term(
        "ω²",
        EFFECT,
        "ω²",
        "ω² = (SSB − (K − 1)·MSW) ÷ (SST + MSW)，不小于 0",
        _COHEN + "8.2 节",
        "significance.variance_shares",
    ),
    Term(
        "d_z",
        EFFECT,
        "配对 t",
        "d_z = d̄ ÷ s_d",
        _COHEN + "2.3.5 节",
        "incidents.satisfaction_change",
    ),
    Term(
        "合并标准差下的差值",
        EFFECT,
        "准泊松",
        "(m₂ − m₁) ÷ 前后各期的合并标准差",
        _COHEN + "2.2 节",
        "incidents.before_after",
    ),
    Term(
        "残差标准差下的差值",
        EFFECT,
        "HC1",
        "d ÷ √(残差均方)",
        _COHEN + "2.2 节",
        "incidents.difference_in_differences",
    ),
)

_RULES = (
    Term(
        "恢复的判断",
        RULE,
        "回到预测区间的首周",
        "连续两周的均值不低于预测区间的下限，取其中的第一周，从事件那一周起数",
        "Draper 与 Smith (1998)，Applied Regression Analysis，第 3 版，1.4 节（预测区间）",
        "incidents.recovery_week",
    ),
    Term(
        "影响程度与优先级",
        RULE,
        "按受影响客户数",
        "影响程度按受影响客户数与两个界限分高、中、低；优先级为 1 + 客户数更多的问题个数，从零起、最多到三",
        "约定：界限为笔记本的参数，客户数相同的名次相同",
        "causes.reach",
    ),
    Term(
        "进度与应有进度",
        RULE,
        "报告期末的进度|里程碑的权重",
        "应有进度 = 已到期里程碑的权重 ÷ 全部权重，没有里程碑的按时间；进度 ÷ 应有进度从 0.9 起为正常，从 0.75 起为关注，"
        "再低或过了期限为滞后",
        "PMI (2011)，Practice Standard for Earned Value Management，第 2 版（进度绩效指数）；两个界限是约定",
        "improvement.track",
    ),
    Term(
        "含目标的判断",
        RULE,
        "区间是否含目标",
        "达成率的区间含 100% 时，不能排除偶然",
        "Altman 等 (2000)，Statistics with Confidence，第 2 版",
        "kpi.certainty",
    ),
)

#: All entries, in the order in which the chapter on method prints them.
TERMS: tuple[Term, ...] = (*_ESTIMATES, *_INTERVALS, *_TESTS, *_ADJUSTMENTS, *_EFFECTS, *_RULES)


@cache
def formulas_for(method: str) -> tuple[Term, ...]:
    """Give the entries of the glossary that a record's method names.

    >>> [term.name for term in formulas_for("两年均值之差；Welch 检验，Holm 校正，效应量 Hedges g")]
    ['均值', 'Welch 区间', 'Welch t 检验', 'Holm 校正', 'Hedges g']
    """
    return tuple(term for term in TERMS if re.search(term.pattern, method))


def is_plain(method: str) -> bool:
    """Say whether a method needs no formula: a count, a sum, an entry of a register, a setting.

    >>> is_plain("有效反馈计数"), is_plain("均值；t 区间")
    (True, False)
    """
    return bool(_PLAIN.search(method))


def formula_of(record: "Record") -> str:
    """Say how a record's value is worked out: its own formula, else those of its method."""
    told = (f"{term.name}：{term.formula}" for term in formulas_for(record.method))
    return record.formula or "；".join(told)


def terms_used(records: Iterable["Record"]) -> pd.DataFrame:
    """List the entries that the records' methods name.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (the term), ``kind``, ``formula``, ``source``, ``function``, ``records`` (how many records use it);
        in the order of `TERMS`, terms that no record uses left out.
    """
    methods = pd.Series([record.method for record in records], dtype=object)
    used = [
        (term, int(methods.map(lambda method, term=term: term in formulas_for(method)).sum()))
        for term in TERMS
    ]
    rows = [
        {
            "stratum": term.name,
            "kind": term.kind,
            "formula": term.formula,
            "source": term.source,
            "function": f"fbanalysis.analysis.{term.function}",
            "records": count,
        }
        for term, count in used
        if count
    ]
    return pd.DataFrame(rows, columns=["stratum", "kind", "formula", "source", "function", "records"])

"""Entries of the glossary on coverage, weighting and precision of samples."""

from fbanalysis.report.methods.term import COCHRAN, EFFECT, ESTIMATE, INTERVAL, RULE, TEST, Term

_AAPOR = "AAPOR (2023)，Standard Definitions，第 10 版"
_DEVILLE = "Deville 与 Särndal (1992)，JASA 87：376–382"
_QUASI = "McCullagh 与 Nelder (1989)，Generalized Linear Models，第 2 版，4.5 与 6.2.3 节"

TERMS: tuple[Term, ...] = (
    Term(
        "参与率",
        ESTIMATE,
        "参与率 =",
        "100 · 给过反馈的人数 ÷ 受邀人数；自愿参加的反馈用这个名称，各渠道都计入",
        _AAPOR,
        "coverage.participation_by_stratum",
    ),
    Term(
        "完成率",
        ESTIMATE,
        "完成率 =",
        "100 · 给过反馈的人数 ÷ 开始作答人数；中断率 = 100 − 完成率",
        "Callegaro 与 DiSogra (2008)，Public Opinion Quarterly 72：1008–1032",
        "response.completion_by_stratum",
    ),
    Term(
        "AAPOR 应答率",
        ESTIMATE,
        "AAPOR",
        "RR1 = I ÷ (I + P + R + NC + O + UH + UO)：I 为经邀请渠道给过反馈的人，分母为全部受邀的人；"
        "受邀者都在人群表里，没有资格不明的，RR5 与之相同",
        _AAPOR,
        "response.outcome_rates",
    ),
    Term(
        "迭代加权",
        ESTIMATE,
        "迭代加权",
        "内外各自从相等的权重起，逐项乘以 目标人数 ÷ 加权人数，反复到各项占比都与总体构成相差不到 10⁻⁶ 个百分点；"
        "超过平均权重 5 倍的截去后再来；未填写的不受该项调整；加权均值 = Σwy ÷ Σw",
        "Deming 与 Stephan (1940)，Annals of Mathematical Statistics 11：427–444；"
        "截尾见 DeBell 与 Krosnick (2009)，ANES nes012427",
        "weighting.rake",
    ),
    Term(
        "Kish 设计效应",
        ESTIMATE,
        "Kish|有效样本量",
        "deff = n·Σw² ÷ (Σw)²；有效样本量 = n ÷ deff",
        "Kish (1965)，Survey Sampling，11.7 节",
        "weighting.design_effect",
    ),
    Term(
        "有限总体的分层均值",
        ESTIMATE,
        "有限总体分层",
        "Σ Wₕ·x̄ₕ，Wₕ = Nₕ ÷ N；标准误 = √(Σ Wₕ²(1 − nₕ/Nₕ)sₕ²/nₕ)；设计效应 = 方差 ÷ 同样多的简单随机样本的方差",
        COCHRAN + "式 5.1 与 5.7",
        "weighting.stratified_mean",
    ),
    Term(
        "线性化的区间",
        INTERVAL,
        "Taylor",
        "m ± t(k − 1; 0.975) · 标准误；方差 = k ÷ (k − 1) · Σ(zᵢ − z̄)²，zᵢ 为每人的 Σ w·e ÷ Σw，e 为评分对加权各项取值的回归残差，k 为人数",
        _DEVILLE,
        "weighting.weighted_mean",
    ),
    Term(
        "有限总体的分层区间",
        INTERVAL,
        "有限总体分层",
        "m ± t(n − 层数; 0.975) · √(Σ Wₕ²(1 − nₕ/Nₕ)sₕ²/nₕ)；没有回答的人与同层回答的人想法相同时才成立",
        COCHRAN + "式 5.7 与 5.16",
        "weighting.stratified_mean",
    ),
    Term(
        "误差限",
        INTERVAL,
        "误差限(?!所需)",
        "1.96 · √(p(1 − p)/n · (N − n)/(N − 1))，p = 0.5；只对简单随机样本成立",
        COCHRAN + "第 3 章",
        "coverage.margin_of_error",
    ),
    Term(
        "误差限所需的样本量",
        RULE,
        "误差限所需",
        "n₀ = 1.96²·p(1 − p) ÷ e²，n = n₀N ÷ (n₀ + N − 1)，p = 0.5，向上取整",
        COCHRAN + "4.4 节；Krejcie 与 Morgan (1970)，EPM 30：607–610",
        "coverage.required_n",
    ),
    Term(
        "线性化的 t 检验",
        TEST,
        "线性化的? ?t 检验",
        "t = (加权均值 − 不加权均值) ÷ 两者之差的线性化标准误，自由度 k − 1，双侧",
        _DEVILLE + "；DuMouchel 与 Duncan (1983)，JASA 78：535–543",
        "weighting.weighting_shift",
    ),
    Term(
        "各月均匀的 F 检验",
        TEST,
        "各月均匀",
        "F = Σ(O − E)²/E ÷ (k − 1) ÷ φ，E = n·当月天数 ÷ 全期天数，φ 为各日对当月日均（按星期几调整）的离散倍数，不小于 1；"
        "逐月用 (O − E) ÷ √(φE(1 − 天数占比))，按标准正态，双侧",
        _QUASI,
        "coverage.month_evenness",
    ),
    Term(
        "标准化差值",
        EFFECT,
        "标准化差值",
        "(加权均值 − 不加权均值) ÷ 评分的标准差",
        "Cohen (1988)，Statistical Power Analysis for the Behavioral Sciences，第 2 版，2.2 节",
        "weighting.weighting_shift",
    ),
    Term(
        "月份的效应量 w",
        EFFECT,
        "月份的效应量",
        "w = √(Σ(o − e)²/e)，o、e 为当月条数与天数的占比（0–1）",
        "Cohen (1988)，Statistical Power Analysis for the Behavioral Sciences，第 2 版，7.2 节",
        "coverage.month_evenness",
    ),
)

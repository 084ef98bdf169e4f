"""Entries of the glossary on satisfaction, reliability and ranking."""

from fbanalysis.report.methods.term import COCHRAN, COHEN, EFFECT, ESTIMATE, INTERVAL, RULE, TEST, Term

_ESTIMATES = (
    Term(
        "中位数",
        ESTIMATE,
        "评分的中位数",
        "从小到大排在正中的评分；个数为偶数时取正中两个的平均",
        "Hyndman 与 Fan (1996)，The American Statistician 50：361–365，定义 7",
        "satisfaction.summarise",
    ),
    Term(
        "百分制的评分",
        ESTIMATE,
        "折算成百分制",
        "100 · (x̄ − 最低分) ÷ (最高分 − 最低分)；标准差与区间按同一比例折算",
        "约定：线性折算，不改变任何检验",
        "satisfaction.on_hundred",
    ),
    Term(
        "滚动基准",
        ESTIMATE,
        "各期合并",
        "M = Σnₜx̄ₜ ÷ N，s² = [Σ(nₜ − 1)sₜ² + Σnₜ(x̄ₜ − M)²] ÷ (N − 1)；t 为此前的各期",
        COCHRAN + "5.1 节",
        "satisfaction.pooled",
    ),
    Term(
        "Kitagawa 分解",
        ESTIMATE,
        "Kitagawa",
        "m₁ − m₀ = Σ ½(w₁ + w₀)(x̄₁ − x̄₀)〔同口径〕+ Σ ½(x̄₁ + x̄₀)(w₁ − w₀)〔构成〕；w 为各组占评分数的份额，两年都有的组参加",
        "Kitagawa (1955)，JASA 50：1168–1194",
        "mix.like_for_like",
    ),
    Term(
        "经验贝叶斯收缩",
        ESTIMATE,
        "经验贝叶斯",
        "B·x̄ + (1 − B)·μ，B = τ² ÷ (τ² + s²/n)；s² 为合并的组内方差，τ² 按 Paule–Mandel，μ 以 1/(τ² + s²/n) 加权",
        "Efron 与 Morris (1975)，JASA 70：311–319；Paule 与 Mandel (1982)，J. Res. NBS 87：377–385",
        "ranking.shrink",
    ),
    Term(
        "Cronbach α",
        ESTIMATE,
        "Cronbach α",
        "α = k ÷ (k − 1) · (1 − Σsᵢ² ÷ s²总)；k 个题项，s²总 为总分的方差，只计各题都答了的人",
        "Cronbach (1951)，Psychometrika 16：297–334",
        "reliability.reliability",
    ),
    Term(
        "McDonald ω",
        ESTIMATE,
        "McDonald ω",
        "ω = (Σλᵢ)² ÷ ((Σλᵢ)² + Σψᵢ)；λ、ψ 为单因子模型的载荷与独特方差，按主轴法迭代到不变",
        "McDonald (1999)，Test Theory，第 6 章",
        "reliability.reliability",
    ),
    Term(
        "题项与其余之和的相关",
        ESTIMATE,
        "其余题项之和的相关",
        "r(xᵢ, Σⱼ≠ᵢ xⱼ)，Pearson 相关；为负时疑为反向计分",
        "Nunnally (1978)，Psychometric Theory，第 2 版，第 8 章",
        "reliability.reliability",
    ),
)
_INTERVALS = (
    Term(
        "名次区间",
        INTERVAL,
        "名次区间",
        "1 + 检验高于它的组数，至 k − 检验低于它的组数；全部两两比较一起作 Holm 校正，各组的名次同时成立的把握为 95%",
        "Mogstad、Romano、Shaikh 与 Wilhelm (2024)，Review of Economic Studies 91：476–518",
        "ranking.rank_bands",
    ),
    Term(
        "经验贝叶斯区间",
        INTERVAL,
        "经验贝叶斯",
        "± 1.96 · √(B·s²/n + (1 − B)² ÷ Σ 1/(τ² + s²/n))；τ² 按已知计，组少时略窄",
        "Morris (1983)，JASA 78：47–55",
        "ranking.shrink",
    ),
    Term(
        "Feldt 区间",
        INTERVAL,
        "Feldt",
        "1 − (1 − α)·F；F 为 F(n − 1, (n − 1)(k − 1)) 的 97.5% 与 2.5% 分位数",
        "Feldt (1965)，Psychometrika 30：357–370",
        "reliability.reliability",
    ),
    Term(
        "分层差的区间",
        INTERVAL,
        "Kitagawa",
        "同口径：方差 = Σw̄²(s₁²/n₁ + s₀²/n₀) + ¼Σ[Σwd² − (Σwd)²]/N；构成：Σ¼(w₁ − w₀)²(s₁²/n₁ + s₀²/n₀) + Σ[Σwc² − (Σwc)²]/N；"
        "d 为组均值之差，c 为其两年的平均；delta 法",
        "Kitagawa (1955)，JASA 50：1168–1194；delta 法见 Agresti (2013)，Categorical Data Analysis，第 3 版，16.1 节",
        "mix.like_for_like",
    ),
)
_TESTS = (
    Term(
        "分层差的 t 检验",
        TEST,
        "分层差的 t 检验",
        "t = 同口径变化 ÷ 标准误，自由度按 Satterthwaite，双侧；两年按独立样本计",
        "Satterthwaite (1946)，Biometrics Bulletin 2：110–114",
        "mix.like_for_like",
    ),
)
_OTHERS = (
    Term(
        "组内标准差的 Cohen d",
        EFFECT,
        "组内 Cohen d",
        "d = 同口径变化 ÷ s，s 为两年各组合并的组内标准差",
        COHEN + "2.2 节",
        "mix.like_for_like",
    ),
    Term(
        "不可区分的档",
        RULE,
        "名次区间|不可区分",
        "从均值最高的组起一档，其后各组与档首没有差异的同档；与档首有差异的另起一档。同档的不分先后",
        "Mogstad、Romano、Shaikh 与 Wilhelm (2024)，Review of Economic Studies 91：476–518",
        "ranking.rank_bands",
    ),
)
TERMS: tuple[Term, ...] = (*_ESTIMATES, *_INTERVALS, *_TESTS, *_OTHERS)

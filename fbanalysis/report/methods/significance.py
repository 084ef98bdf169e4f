"""Entries of the glossary on tests of differences, paired forms and power."""

from fbanalysis.report.methods.term import AGRESTI, COHEN, EFFECT, INTERVAL, RULE, TEST, Term

_RANKS = (
    Term(
        "Kruskal–Wallis 检验",
        TEST,
        "Kruskal",
        "H = 12 ÷ (N(N + 1)) · ΣRₖ²/nₖ − 3(N + 1)，再除以 1 − Σ(t³ − t)/(N³ − N)；t 为同分的个数，自由度 K − 1",
        "Kruskal 与 Wallis (1952)，JASA 47：583–621",
        "significance.compare_ranks",
    ),
    Term(
        "Dunn 检验",
        TEST,
        "Dunn 检验",
        "z = (R̄ᵢ − R̄ⱼ) ÷ √((N(N + 1)/12 − Σ(t³ − t)/(12(N − 1)))(1/nᵢ + 1/nⱼ))，双侧，各对 Holm 校正",
        "Dunn (1964)，Technometrics 6：241–252",
        "significance.dunn",
    ),
    Term(
        "Brunner–Munzel 检验",
        TEST,
        "Brunner",
        "P(X > Y) + ½P(X = Y) 是否为 ½；各组的秩方差分别估计，t 分布，自由度按 Satterthwaite，双侧",
        "Brunner 与 Munzel (2000)，Biometrical Journal 42：17–25",
        "significance.brunner_munzel",
    ),
    Term(
        "Mann–Whitney 检验",
        TEST,
        "Mann–Whitney",
        "U = R₁ − n₁(n₁ + 1)/2；没有同分且每组不到五十的取精确分布，否则正态近似，含同分与连续性校正",
        "Mann 与 Whitney (1947)，Annals of Mathematical Statistics 18：50–60",
        "significance.mann_whitney",
    ),
    Term(
        "Wilcoxon 符号秩检验",
        TEST,
        "Wilcoxon",
        "V = 差为正者的秩和，差为零的不计；没有同分且不到五十对的取精确分布",
        "Wilcoxon (1945)，Biometrics Bulletin 1：80–83",
        "significance.signed_rank",
    ),
)

_SHARES = (
    Term(
        "McNemar 检验",
        TEST,
        "McNemar",
        "χ² = (|b − c| − 1)² ÷ (b + c)，b、c 为前后改变的人数，自由度 1；改变的不到二十五人时取精确二项",
        "McNemar (1947)，Psychometrika 12：153–157",
        "significance.mcnemar",
    ),
    Term(
        "Fisher 精确检验",
        TEST,
        "Fisher 精确",
        "边缘固定时，概率不大于观察表的各表概率之和",
        "Fisher (1935)，JRSS 98：39–82",
        "significance.fisher_exact",
    ),
    Term(
        "多比例卡方检验",
        TEST,
        "多比例卡方",
        "χ² = Σnᵢ(pᵢ − p)² ÷ (p(1 − p))，自由度 K − 1",
        AGRESTI + "3.2 节；Fleiss (1981)，Statistical Methods for Rates and Proportions，9.1 节",
        "significance.compare_k_shares",
    ),
    Term(
        "Cochran–Armitage 趋势检验",
        TEST,
        "Cochran–Armitage",
        "χ² = (Σxᵢ(kᵢ − nᵢp))² ÷ (p(1 − p)Σnᵢ(xᵢ − x̄)²)，自由度 1",
        "Cochran (1954)，Biometrics 10：417–451；Armitage (1955)，Biometrics 11：375–386",
        "significance.share_trend",
    ),
)

_WAVES = (
    Term(
        "线性趋势检验",
        TEST,
        "线性趋势检验",
        "t = Σcᵢx̄ᵢ ÷ √(Σcᵢ²sᵢ²/nᵢ)，cᵢ = (K − 1)(i − ī) ÷ Σ(i − ī)²，自由度按 Satterthwaite，双侧",
        "Welch (1947)，Biometrika 34：28–35（对比的方差与自由度）",
        "significance.trend_over_waves",
    ),
    Term(
        "直线变化的区间",
        INTERVAL,
        "直线变化",
        "Σcᵢx̄ᵢ ± t(ν; 0.975) · √(Σcᵢ²sᵢ²/nᵢ)，即沿直线从首期到末期的变化",
        "Welch (1947)，Biometrika 34：28–35",
        "significance.trend_over_waves",
    ),
    Term(
        "标准化变化",
        EFFECT,
        "标准化变化",
        "沿直线从首期到末期的变化 ÷ 各期的合并标准差",
        COHEN + "2.2 节",
        "significance.trend_over_waves",
    ),
    Term(
        "持平的判断",
        RULE,
        "趋势检验与等效检验",
        "没有查出升降，且两个单侧检验都说变化小于一个小效应（以标准差计）的，为持平；两样都不成立的，看不出",
        "Schuirmann (1987)，Journal of Pharmacokinetics and Biopharmaceutics 15：657–680",
        "significance.trend_over_waves",
    ),
)

_SIZES = (
    Term(
        "秩二列相关",
        EFFECT,
        "秩二列",
        "r = 2U ÷ (n₁n₂) − 1，即一组高出的对数比例减去低于的；配对时为 (V₊ − V₋) ÷ (V₊ + V₋)",
        "Kerby (2014)，Comprehensive Psychology 3：11.IT.3.1",
        "significance.rank_biserial",
    ),
    Term(
        "ε²",
        EFFECT,
        "ε²",
        "ε² = H ÷ (N − 1)",
        "Tomczak 与 Tomczak (2014)，Trends in Sport Sciences 21：19–25",
        "significance.compare_ranks",
    ),
    Term(
        "Cohen g",
        EFFECT,
        "Cohen g",
        "g = b ÷ (b + c) − ½",
        COHEN + "第 5 章",
        "significance.mcnemar",
    ),
    Term(
        "效应量的区间",
        INTERVAL,
        "效应量的区间",
        "使观察到的 t、χ² 或 F 恰为 97.5% 与 2.5% 分位数的两个非中心参数，换算成效应量；秩二列相关为 tanh(artanh r ± 1.96 · √((n₁ + n₂ + 1)/(3n₁n₂)))",
        "Cumming 与 Finch (2001)，Educational and Psychological Measurement 61：532–574；Steiger (2004)，Psychological Methods 9：164–182",
        "significance.variance_share_interval",
    ),
    Term(
        "能查出的最小效应量",
        RULE,
        "能查出的最小效应量",
        "使检验有八成把握的非中心参数 λ 换算成的 d、h、f 或 w；如 w = √(λ/n)，d = λ·√(1/n₁ + 1/n₂)；各检验按未校正的水平",
        COHEN + "第 2、6、7、8 章",
        "significance.smallest_effects",
    ),
)

TERMS: tuple[Term, ...] = (*_RANKS, *_SHARES, *_WAVES, *_SIZES)

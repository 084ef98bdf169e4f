"""The declared families of tests of a whole report, and the level at which a strong word may be said.

A family is a set of tests whose p-values were adjusted together. Here they are listed and nothing is tested.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from fbanalysis.analysis.significance.decisions import ALPHA

#: For how many families a report has room; chapters of your own, undeclared ones too, take of what is left.
ROOM = 100

#: Family → the metrics whose records hold its p. A line is ONE set of p-values adjusted together (Holm, Games–Howell,
#: …) or a single test. ADD A LINE for every metric that a notebook records with ``p``: the metric's name, or
#: "metric[stratum]" where each stratum is a test of its own. Metrics that repeat the p of the same tests stand on
#: the same line. Metrics whose order is told by {leads(…)} or {rank(…)}, or course by {trend(…)}, are a family too.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    # 21 样本与覆盖
    "覆盖率与去年相比": ("coverage_change",),
    "样本构成与人群相比": ("representativeness",),
    "样本构成逐层相比": ("sample_excess",),
    "各层覆盖率与去年相比": ("coverage_yoy",),
    "参与率与去年相比": ("participation_change",),
    "各层参与率与去年相比": ("participation_yoy",),
    "完成率与去年相比": ("completion_change",),
    "各层完成率与去年相比": ("completion_yoy",),
    "渠道与人群": ("channel_usage",),
    "渠道与人群逐格": ("channel_residual",),
    "渠道与年龄": ("channel_age_link",),
    "各月是否均匀": ("month_evenness",),
    "各月逐月相比": ("month_excess",),
    "加权前后": ("weighting_shift",),
    # 31 反馈内容
    "反馈类型与去年相比": ("feedback_type_yoy",),
    # 41 满意度
    "投诉率与去年相比": ("complaint_rate_change",),
    "部门之间": ("department_variance",),
    "部门满意度的名次": ("department_satisfaction",),
    "满意度逐月的走势": ("satisfaction_month",),
    "满意度与上一期相比": ("satisfaction_index_change",),
    "满意度与前几期相比": ("satisfaction_baseline_change",),
    "同样的人群构成下的变化": ("like_for_like[人群/同口径变化]",),
    "同样的渠道构成下的变化": ("like_for_like[渠道/同口径变化]",),
    "同样的部门构成下的变化": ("like_for_like[部门/同口径变化]",),
    "同样的地区构成下的变化": ("like_for_like[地区/同口径变化]",),
    # 42 显著性
    "满意度与去年相比": ("satisfaction_yoy",),
    "满意度逐季的走势": ("quarter_trend",),
    "外部与内部": ("side_difference",),
    "人群之间": ("stratum_variance",),
    "地区与反馈类型": ("association[region × kind]",),
    "地区与反馈类型逐格": ("residual",),
    # 43 情感
    "情感与去年相比": ("sentiment_yoy",),
    "主题与情感": ("association[topic × sentiment]",),
    "正面与负面的用词": ("word_log_ratio",),
    # 44 事件影响
    "事件对评分的影响": ("incident_effect",),
    "事件影响的安慰剂检验": ("incident_placebo",),
    "受影响客户的评分": ("satisfaction_change_short_term",),
    "事件前后的负面讨论": ("negative_discussion_change",),
    "事件前后的咨询转化": ("inquiry_conversion_change",),
    # 46 客户评价
    "净推荐值与去年相比": ("nps_yoy",),
    "净推荐值各人群与去年相比": ("nps_yoy_group",),
    "净推荐值各组与其余": ("nps_segment_difference",),
    "满意度指数与去年相比": ("csi_yoy",),
    "费力度与目标": ("ces_gap",),
    "各步的费力度与目标": ("ces_item_gap",),
    "功能的 Kano 类别": ("kano_lead",),
    # 47 客户价值
    "题项与总体评分": ("driver_beta",),
    "题项分量的变化": ("driver_change",),
    "旅程各阶段与其余": ("journey_gap",),
    "旅程各触点与其余": ("touchpoint_gap",),
    "满意与复购": ("repurchase_gap",),
    "表扬与合作年限": ("praise_gap",),
    "问题与使用多少": ("problem_gap",),
    "各类客户的满意度": ("customer_group_variance",),
    "流失率各组与其余": ("churn_gap",),
    "留存与人群": ("retention_tiers",),
    "流失与等候": ("churn_odds",),
    # 51 根本原因
    "主要问题的末位": ("vital_few_margin",),
    # 61 改进
    "改进前后": ("improvement_change",),
    # 62 试点与实验：检查（平行趋势、安慰剂、分组）的 p 不校正，也不作为记录的 p
    "随机试验的效果": ("ab_effect",),
    "有对照的试点": ("pilot_effect",),
    "试点效果的保持": ("pilot_decay",),
    "制度生效前后的序列": ("break_level", "break_slope"),
}

#: Metrics of tables that list tests again which belong to a family already; nothing is said by them.
REPEATED = ("test_statistic", "test_raw", "report_test")


def family_of(metric: str, stratum: str = "") -> str | None:
    """Name the declared family of a record; None where nobody declared it.

    >>> family_of("satisfaction_yoy", "产品满意度"), family_of("association", "region × kind"), family_of("mine")
    ('满意度与去年相比', '地区与反馈类型', None)
    """
    keys = {metric, f"{metric}[{stratum}]"}
    return next((family for family, metrics in FAMILIES.items() if keys & set(metrics)), None)


def strong_level(alpha: float = ALPHA) -> float:
    """Give the level that an adjusted p has to stay below for a strong word: alpha over the families of a report.

    Notes
    -----
    Bonferroni over the families [1]_, Holm (or another method that holds the family-wise error) inside each: in a
    report where nothing differs, the chance that any strong word is said is at most ``alpha``, whatever the tests
    have to do with each other, and where some differ, the chance of one about the others is no larger. Counted are
    `ROOM` families, or as many as are declared where that is more; those that a year has no data for count too.

    .. [1] O. J. Dunn (1961), Journal of the American Statistical Association 56: 52–64.

    >>> strong_level(0.05)
    0.0005
    """
    return alpha / max(ROOM, len(FAMILIES))


def undeclared(records: pd.DataFrame) -> list[str]:
    """List the records with a p that no family was declared for, as ``metric[stratum]``.

    Parameters
    ----------
    records
        Columns ``metric``, ``stratum``, ``p``, as `fbanalysis.report.ledger.Ledger.frame` gives them.
    """
    tested = records.loc[records["p"].notna(), ["metric", "stratum"]]
    pairs: Iterable[tuple[str, str]] = tested.itertuples(index=False, name=None)
    return [
        f"{metric}[{stratum}]"
        for metric, stratum in pairs
        if metric not in REPEATED and family_of(metric, stratum) is None
    ]


def report_tests(records: pd.DataFrame) -> pd.DataFrame:
    """List the tests behind a report's records, family by family, each test once.

    Parameters
    ----------
    records
        Columns ``metric``, ``stratum``, ``p`` and others, as `fbanalysis.report.ledger.Ledger.frame` gives them.

    Returns
    -------
    pandas.DataFrame
        The columns of ``records`` for those that have a p, tables that repeat tests left out, with ``family`` (未声明
        where nobody declared it) in the order of `FAMILIES`, and ``stratum`` as "metric：stratum", ``name`` as it was.
    """
    tested = records.loc[records["p"].notna() & ~records["metric"].isin(REPEATED)].reset_index(drop=True)
    names = [family_of(*pair) or "未声明" for pair in zip(tested["metric"], tested["stratum"], strict=True)]
    place = {family: place for place, family in enumerate(FAMILIES)}
    table = tested.assign(
        family=names, name=tested["stratum"], stratum=tested["metric"] + "：" + tested["stratum"]
    )
    return table.sort_values("family", key=lambda family: family.map(place), kind="stable", ignore_index=True)

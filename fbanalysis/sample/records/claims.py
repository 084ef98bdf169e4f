"""What a deck made by hand for 2023 prints: its figures, and the statements built on them. Data only.

Which of them contradict each other or the data is not said here: finding that out is the audit's work.
Units are those of the ledger (and seconds, minutes, months, which no printed metric of it has yet); levels
and priorities are printed as a word (``text``), ``value`` being their rank.
"""

import pandas as pd

from fbanalysis.sample.delivery.exports import TableFile

#: A line a figure: page, statement, metric, stratum, printed, value, unit, decimals.
FIGURES = """
6|内部受访者里，一线员工占38%|respondent_share|internal/一线员工|38%|38|percent|0
6|内部受访者里，中层管理者占22%|respondent_share|internal/中层管理者|22%|22|percent|0
6|内部受访者里，高层领导占5%|respondent_share|internal/高层领导|5%|5|percent|0
6|内部受访者里，新入职员工占15%|respondent_share|internal/新入职员工|15%|15|percent|0
6|内部受访者里，离职员工占10%|respondent_share|internal/离职员工|10%|10|percent|0
6|外部受访者里，核心客户占40%|respondent_share|external/核心客户|40%|40|percent|0
6|外部受访者里，普通客户占30%|respondent_share|external/普通客户|30%|30|percent|0
6|外部受访者里，潜在客户占15%|respondent_share|external/潜在客户|15%|15|percent|0
6|外部受访者里，合作伙伴占10%|respondent_share|external/合作伙伴|10%|10|percent|0
6|外部受访者里，供应商占5%|respondent_share|external/供应商|5%|5|percent|0
7|全年收到有效反馈3,528份|feedback_n|all|3,528|3528|count|0
7|其中内部反馈2,315份|feedback_n|internal|2,315|2315|count|0
7|其中外部反馈1,213份|feedback_n|external|1,213|1213|count|0
7|2023年反馈覆盖了86%的目标人群|coverage|2023|86%|86|percent|0
7|2022年反馈覆盖了67%的目标人群|coverage|2022|67%|67|percent|0
11|建议类反馈共1,856份|feedback_type_n|建议|1,856|1856|count|0
11|表扬类反馈共843份|feedback_type_n|表扬|843|843|count|0
11|问题反映类反馈共829份|feedback_type_n|问题反映|829|829|count|0
11|谈产品质量的反馈占32%|topic_share|产品质量|32%|32|percent|0
11|谈服务体验的反馈占28%|topic_share|服务体验|28%|28|percent|0
11|谈内部管理的反馈占25%|topic_share|内部管理|25%|25|percent|0
11|谈战略方向的反馈占15%|topic_share|战略方向|15%|15|percent|0
13|负面反馈中23%说的是响应时间过长|negative_issue_share|响应时间过长|23%|23|percent|0
13|负面反馈中18%说的是系统稳定性问题|negative_issue_share|系统稳定性问题|18%|18|percent|0
13|负面反馈中15%说的是文档说明不清|negative_issue_share|文档说明不清|15%|15|percent|0
13|内部负面反馈中27%说的是沟通不畅|internal_negative_issue_share|沟通不畅|27%|27|percent|0
13|给技术支持提负面反馈的人，平均等首次答复超过24小时|mean_first_response_hours|技术支持(负面反馈)|超过24小时|24|hours|0
14|表扬里38%给了客户服务团队|praise_team_share|客户服务团队|38%|38|percent|0
14|表扬里23%说到紧急情况下的快速响应|praise_theme_share|紧急情况下的快速响应|23%|23|percent|0
15|建议里42%关于产品功能优化|suggestion_category_share|产品功能优化|42%|42|percent|0
15|建议里28%关于服务响应速度|suggestion_category_share|服务响应速度|28%|28|percent|0
15|员工建议里35%关于流程优化|employee_suggestion_share|流程优化|35%|35|percent|0
15|员工建议里27%关于培训资源完善|employee_suggestion_share|培训资源完善|27%|27|percent|0
16|给出产品满意度评分的有1,256份|satisfaction_n|产品满意度|1,256|1256|count|0
16|产品满意度均分4.2分|satisfaction_mean|产品满意度|4.2分|4.2|score|1
16|产品满意度评分的标准差为0.7分|satisfaction_sd|产品满意度|0.7分|0.7|score|1
16|产品满意度比上年提高0.3分|satisfaction_yoy|产品满意度|+0.3分|0.3|score|1
16|给出服务满意度评分的有1,103份|satisfaction_n|服务满意度|1,103|1103|count|0
16|服务满意度均分4.5分|satisfaction_mean|服务满意度|4.5分|4.5|score|1
16|服务满意度评分的标准差为0.5分|satisfaction_sd|服务满意度|0.5分|0.5|score|1
16|服务满意度比上年提高0.2分|satisfaction_yoy|服务满意度|+0.2分|0.2|score|1
16|给出内部流程评价评分的有852份|satisfaction_n|内部流程评价|852|852|count|0
16|内部流程评价均分3.8分|satisfaction_mean|内部流程评价|3.8分|3.8|score|1
16|内部流程评价评分的标准差为0.9分|satisfaction_sd|内部流程评价|0.9分|0.9|score|1
16|内部流程评价比上年提高0.1分|satisfaction_yoy|内部流程评价|+0.1分|0.1|score|1
16|给出总体满意度评分的有3,528份|satisfaction_n|总体满意度|3,528|3528|count|0
16|总体满意度均分4.1分|satisfaction_mean|总体满意度|4.1分|4.1|score|1
16|总体满意度评分的标准差为0.7分|satisfaction_sd|总体满意度|0.7分|0.7|score|1
16|总体满意度比上年提高0.2分|satisfaction_yoy|总体满意度|+0.2分|0.2|score|1
20|正面情绪的反馈占58%|sentiment_share|正面|58%|58|percent|0
20|负面情绪的反馈占18%|sentiment_share|负面|18%|18|percent|0
20|正面情绪占比比上年提高12个百分点|sentiment_yoy|正面|+12个百分点|12|pp|0
20|功能相关问题比上年少了23%|problem_type_yoy|功能相关问题|23%|-23|percent|0
21|客户满意度的实际值为4.5分|kpi_actual|客户满意度|4.5分|4.5|score|1
21|客户满意度的达成率为127%|kpi_attainment_printed|客户满意度|127%|127|percent|0
21|投诉解决率的实际值为97%|kpi_actual|投诉解决率|97%|97|percent|0
21|投诉解决率的达成率为118%|kpi_attainment_printed|投诉解决率|118%|118|percent|0
21|首次解决率的实际值为79%|kpi_actual|首次解决率|79%|79|percent|0
21|首次解决率的达成率为105%|kpi_attainment_printed|首次解决率|105%|105|percent|0
21|响应时间的实际值为5小时|kpi_actual|响应时间|5小时|5|hours|0
21|响应时间的达成率为92%|kpi_attainment_printed|响应时间|92%|92|percent|0
21|核心指标共10项|kpi_count|all|10|10|count|0
21|核心指标中7项超额完成|kpi_count|超额完成|7|7|count|0
21|核心指标中2项基本达标|kpi_count|基本达标|2|2|count|0
21|核心指标中1项未达预期|kpi_count|未达预期|1|1|count|0
21|客户服务部整体达成率115%|department_attainment|客户服务部|115%|115|percent|0
21|产品研发部整体达成率108%|department_attainment|产品研发部|108%|108|percent|0
21|市场部整体达成率103%|department_attainment|市场部|103%|103|percent|0
25|事件波及约15%的活跃用户|active_user_share_affected|A系统数据同步错误|15%|15|percent|0
25|事件波及157家客户|customers_affected|A系统数据同步错误|157家|157|customers|0
26|受影响客户平均中断72小时|mean_outage_hours|A系统数据同步错误|72小时|72|hours|0
26|事件后客户满意度短期下降18%|satisfaction_change_short_term|A系统数据同步错误|18%|-18|percent|0
26|行业论坛里的负面讨论多了32%|negative_discussion_change|行业论坛|32%|32|percent|0
26|新客户咨询转化率下降15%|inquiry_conversion_change|新客户咨询转化率|15%|-15|percent|0
31|反馈跟进机制启用后处理时间缩短35%|handling_time_change|反馈跟进机制|35%|-35|percent|0
31|反馈跟进机制启用后客户满意度提高18%|customer_satisfaction_change|反馈跟进机制|18%|18|percent|0
31|机制启用前，P0与P1的按时响应率为78%|on_time_response_rate|P0/P1 before|78%|78|percent|0
31|机制启用后，P0与P1的按时响应率为96%|on_time_response_rate|P0/P1 after|96%|96|percent|0
34|超过85%的部门提到沟通协作不畅|departments_reporting_share|沟通协作不畅|超过85%|85|percent|0
35|系统稳定性问题影响1,250+家客户|issue_customers_affected|系统稳定性问题|1,250+家|1250|customers|0
35|系统稳定性问题涉及5个部门|issue_departments_affected|系统稳定性问题|5|5|count|0
35|系统稳定性问题的影响程度定为高|issue_impact_level|系统稳定性问题|高|3|text|0
35|系统稳定性问题列为P0|issue_priority|系统稳定性问题|P0|0|text|0
35|响应速度慢影响820+家客户|issue_customers_affected|响应速度慢|820+家|820|customers|0
35|响应速度慢涉及3个部门|issue_departments_affected|响应速度慢|3|3|count|0
35|响应速度慢的影响程度定为高|issue_impact_level|响应速度慢|高|3|text|0
35|响应速度慢列为P1|issue_priority|响应速度慢|P1|1|text|0
35|功能使用复杂影响650+家客户|issue_customers_affected|功能使用复杂|650+家|650|customers|0
35|功能使用复杂涉及2个部门|issue_departments_affected|功能使用复杂|2|2|count|0
35|功能使用复杂的影响程度定为中|issue_impact_level|功能使用复杂|中|2|text|0
35|功能使用复杂列为P2|issue_priority|功能使用复杂|P2|2|text|0
35|文档不完善影响480+家客户|issue_customers_affected|文档不完善|480+家|480|customers|0
35|文档不完善涉及4个部门|issue_departments_affected|文档不完善|4|4|count|0
35|文档不完善的影响程度定为低|issue_impact_level|文档不完善|低|1|text|0
35|文档不完善列为P3|issue_priority|文档不完善|P3|3|text|0
35|数据导出限制影响320+家客户|issue_customers_affected|数据导出限制|320+家|320|customers|0
35|数据导出限制涉及2个部门|issue_departments_affected|数据导出限制|2|2|count|0
35|数据导出限制的影响程度定为低|issue_impact_level|数据导出限制|低|1|text|0
35|数据导出限制列为P3|issue_priority|数据导出限制|P3|3|text|0
40|响应时间的目标：-50%|target_change|响应时间|-50%|-50|percent|0
40|故障率的目标：-80%|target_change|故障率|-80%|-80|percent|0
40|客户满意度的目标：+30%|target_change|客户满意度|+30%|30|percent|0
40|工作效率的目标：+25%|target_change|工作效率|+25%|25|percent|0
40|客户投诉率的目标：-60%|target_change|客户投诉率|-60%|-60|percent|0
40|跨部门协作流程处理时间的目标：-40%|target_change|跨部门协作流程处理时间|-40%|-40|percent|0
41|改造前系统响应要等30秒以上|case_claim|系统响应时间 before (lower bound)|30秒|30|seconds|0
41|改造后报表处理在5秒以内|case_claim|报表处理时间 after (upper bound)|5秒|5|seconds|0
41|改造前平均响应时间为28.5秒|case_before|平均响应时间|28.5秒|28.5|seconds|1
41|改造后平均响应时间为4.8秒|case_after|平均响应时间|4.8秒|4.8|seconds|1
41|平均响应时间改善83%|case_change_printed|平均响应时间|83%|83|percent|0
41|改造前成功率为85%|case_before|成功率|85%|85|percent|0
41|改造后成功率为99.7%|case_after|成功率|99.7%|99.7|percent|1
41|成功率改善17%|case_change_printed|成功率|17%|17|percent|0
41|改造前用户满意度评分为2.3分|case_before|用户满意度评分|2.3分|2.3|score|1
41|改造后用户满意度评分为4.6分|case_after|用户满意度评分|4.6分|4.6|score|1
41|用户满意度评分改善100%|case_change_printed|用户满意度评分|100%|100|percent|0
41|改进前技术支持响应时间为8小时|improvement_before|技术支持响应时间|8小时|8|hours|0
41|改进后技术支持响应时间为2.5小时|improvement_after|技术支持响应时间|2.5小时|2.5|hours|1
41|改进前紧急问题响应时间为4小时|improvement_before|紧急问题响应时间|4小时|4|hours|0
41|改进后紧急问题响应时间为30分钟|improvement_after|紧急问题响应时间|30分钟|30|minutes|0
41|改进前新功能上线周期为45天|improvement_before|新功能上线周期|45天|45|days|0
41|改进后新功能上线周期为28天|improvement_after|新功能上线周期|28天|28|days|0
41|新功能上线周期变化-38%|improvement_change_printed|新功能上线周期|-38%|-38|percent|0
41|改进前总体满意度(最近一个月)为3.8分|improvement_before|总体满意度(最近一个月)|3.8分|3.8|score|1
41|改进后总体满意度(最近一个月)为4.5分|improvement_after|总体满意度(最近一个月)|4.5分|4.5|score|1
41|总体满意度(最近一个月)变化+18%|improvement_change_printed|总体满意度(最近一个月)|+18%|18|percent|0
45|员工改进建议比上年多65%|employee_suggestion_yoy|员工改进建议|65%|65|percent|0
47|系统稳定性提高78%|achievement|系统稳定性|78%|78|percent|0
47|客户满意度提高22%|achievement|客户满意度|22%|22|percent|0
47|服务响应时间缩短45%|achievement|服务响应时间|45%|-45|percent|0
"""
#: A line a statement: page, printed, statement, and where one figure stands for it: metric, stratum, value,
#: unit, decimals.
STATEMENTS = """
5|12个月|报告覆盖2023年1月1日到12月31日，一共12个月|period_months|all|12|months|0
5|2023-06-30|6月30日做了半年核查
5|2024-01-15|报告于2024年1月15日编完
5、31|今年3月|跟进机制从今年3月起执行
31、46|3月；2023-03-15|跟进机制3月启用，《反馈管理条例》3月15日生效
46|03-15、05-22、07-10、09-01、11-15|五项制度分别于3月15日、5月22日、7月10日、9月1日、11月15日生效
25、46|2023-05-22|《系统变更管理规范》5月22日生效，用来应对此前的稳定性问题
31、46|3月；7月10日|分级响应时限从3月执行，《客户服务标准》7月10日又更新了服务时限
25、26|5月15日—18日；72小时|故障从5月15日持续到18日，平均中断72小时
25、26|72小时；5月17日|平均中断72小时，5月17日业务已基本恢复
25|24小时|5月15日到16日连续排查了24小时|diagnosis_hours|A系统数据同步错误|24|hours|0
25|近48小时|团队连续工作近48小时，5月17日完成应急处理|continuous_work_hours|A系统数据同步错误|48|hours|0
13、22|超过24小时|有客户周五下午提交、周一上午才收到答复，平均要等24小时以上|mean_first_response_hours|技术支持(负面反馈)|24|hours|0
48|1—3、4—6、7—12个月|行动分三段：头1至3个月、4至6个月、7至12个月
2|7章|全文分七章|chapter_count|all|7|count|0
封面|48页|页脚显示后面还有48页
7|3,528=2,315+1,213|3,528份反馈由内部2,315份和外部1,213份组成|feedback_n|all|3528|count|0
11|3,528=1,856+843+829|3,528份里建议1,856份、表扬843份、问题829份|feedback_n|all|3528|count|0
6|38%、22%、5%、15%、10%|内部受访者分五类，占38%、22%、5%、15%和10%
6|40%、30%、15%、10%、5%|外部受访者分五类，占40%、30%、15%、10%和5%
11|32%、28%、25%、15%|四类话题各占32%、28%、25%和15%
7|86%、67%|覆盖率由67%升到86%，参与更广
7|86%|反馈者占到目标人群的86%|coverage|2023|86|percent|0
7、11、16|3,528|各页写的反馈总数都是3,528份|feedback_n|all|3528|count|0
11、14、15|843；1,856|表扬843份、建议1,856份，在两页上都出现
16|3,528|满意度分析用到全部3,528份，分三个领域：1,256、1,103和852份|satisfaction_n|总体满意度|3528|count|0
16|4.1分|三个领域4.2、4.5、3.8分，总体4.1分|satisfaction_mean|总体满意度|4.1|score|1
16|4.1分|总体4.1分，与三个领域的平均水平相当|satisfaction_mean|总体满意度|4.1|score|1
16|0.7分|三个领域的标准差为0.7、0.5、0.9，总体为0.7|satisfaction_sd|总体满意度|0.7|score|1
16|+0.2分|三个领域提高0.3、0.2、0.1分，总体提高0.2分|satisfaction_yoy|总体满意度|0.2|score|1
16|4.1分、+0.2分|正文与表格都写总体4.1分、提高0.2分
16|4.5分|三个领域里服务得分最高，4.5分|satisfaction_mean|服务满意度|4.5|score|1
16|+0.3分|三个领域里产品提高最多，0.3分|satisfaction_yoy|产品满意度|0.3|score|1
16|+0.3、+0.2、+0.1、+0.2分|各项评分都比上年高
16|0.9分|内部流程的评分最分散，标准差0.9|satisfaction_sd|内部流程评价|0.9|score|1
16|0.7分|产品与总体的评分比较集中，标准差都是0.7
16|3个|评分集中在三个核心领域
11、16|32%、28%、25%；1,256、1,103、852|话题占32%、28%、25%，对应领域的评分有1,256、1,103和852份
16、21|4.5分；4.1分|指标里客户满意度为4.5分，调查里总体满意度为4.1分
16、40|70%|客户满意度现为70%，调查得分为4.1分|target_baseline|客户满意度|70|percent|0
16、31、41、47|22%；18%；18%；+0.2分|满意度的增幅：成果页22%，机制页18%，案例页18%，调查0.2分
16、41|3.8分；4.5分|总体满意度由改进前的3.8分升到最近一个月的4.5分，全年为4.1分
11、20|829；18%|问题反映有829份，负面情绪占18%
11、20|843；58%|表扬有843份，正面情绪占58%
13|23%、18%、15%|负面反馈最集中的三个问题占23%、18%和15%
13|23%、18%、15%|响应慢占负面反馈的23%，稳定性占18%，文档占15%
13|27%|内部负面反馈里沟通问题占27%|internal_negative_issue_share|沟通不畅|27|percent|0
14|38%|843份表扬里有38%写给客户服务团队|praise_team_share|客户服务团队|38|percent|0
14|38%|客户服务团队得到的表扬最多，占38%|praise_team_share|客户服务团队|38|percent|0
14|23%|23%的正面反馈说到紧急时答复快|praise_theme_share|紧急情况下的快速响应|23|percent|0
15|42%|产品功能方面的建议最多，占42%|suggestion_category_share|产品功能优化|42|percent|0
15|42%、28%|建议以产品功能和服务响应为主，占42%和28%
15|35%、27%|员工的建议以流程和培训为主，占35%和27%
20|58%、18%|正面情绪占58%，负面占18%
20|18%|负面情绪降到18%，是历年最低|sentiment_share|负面|18|percent|0
20|23%|功能方面的问题比上年少23%|problem_type_yoy|功能相关问题|-23|percent|0
13、20、35|主要问题|功能方面的问题仍是主要问题
21|127%|客户满意度目标4.0分、实际4.5分，达成率127%|kpi_attainment_printed|客户满意度|127|percent|0
21|118%|投诉解决率目标92%、实际97%，达成率118%|kpi_attainment_printed|投诉解决率|118|percent|0
21|105%|首次解决率目标75%、实际79%，达成率105%|kpi_attainment_printed|首次解决率|105|percent|0
21|92%|响应时间目标4小时、实际5小时，达成率92%|kpi_attainment_printed|响应时间|92|percent|0
21|127%、118%、105%、92%|达成率由高到低：客户满意度、投诉解决率、首次解决率、响应时间
21|10=7+2+1|10项指标里7项超额、2项基本达标、1项未达|kpi_count|all|10|count|0
21|10项|列出了10项核心指标中的4项|kpi_count|all|10|count|0
21|127%、118%、105%、92%|卡片与正文的达成率相同
21|115%、108%、103%|客户服务部达成115%，产品研发部108%，市场部103%
21、38|5小时；4小时|指标里响应时间为5小时，方案里现在的响应时间为4小时
38、41|4小时；2.5小时|方案页说现在4小时响应，成果页说现在2.5小时
13、21|超过24小时；5小时|负面反馈的人平均等24小时以上，响应时间指标为5小时
41、47|45%；8小时→2.5小时|服务响应时间缩短45%，技术支持响应由8小时降到2.5小时|achievement|服务响应时间|-45|percent|0
31|35%|处理一份反馈的平均时间缩短35%|handling_time_change|反馈跟进机制|-35|percent|0
31|78%→96%|P0与P1的按时响应率由78%升到96%
31|4级|反馈按P0到P3分四级
31|2、8、24、48小时|P0到P3的响应时限为2、8、24、48小时
29、31|24小时；2小时、8小时|初步分类限24小时，P0与P1限2小时和8小时响应
29|5个|处理流程有五个节点
32|5层|系统响应慢的原因追问了五层|five_whys_levels|系统响应慢|5|count|0
34|超过85%|85%以上的部门受沟通协作问题影响|departments_reporting_share|沟通协作不畅|85|percent|0
35|1,250+、820+、650+|影响面的表与正文写的客户数相同：1,250、820和650家以上
35|1,250+家；5个部门|受稳定性问题困扰的最多：1,250家以上客户、5个部门|issue_customers_affected|系统稳定性问题|1250|customers|0
35|P0、P1、P2、P3、P3|优先级按影响程度和客户数排列
35|820+家|响应慢影响的客户较少，820家以上|issue_customers_affected|响应速度慢|820|customers|0
35|480+家、320+家|文档和数据导出的问题影响面较广，480家和320家以上
25、35|157家、15%；1,250+家|故障波及157家客户、约15%的活跃用户，稳定性问题影响1,250家以上
25|157家、15%|157家客户约为活跃用户的15%
25、26|157家|两页都写有157家客户受影响|customers_affected|A系统数据同步错误|157|customers|0
26|18%、32%、15%|满意度降18%，论坛负面讨论增32%，转化率降15%
7、35|1,250+家；1,213份|稳定性问题影响1,250家以上客户，外部反馈共1,213份
13、35|23%、18%；1,250+、820+家|负面反馈里响应慢多于稳定性，影响的客户里稳定性多于响应慢
38|4类|改进方案分四类|plan_families|all|4|count|0
38、40|30%以上；50%|系统整体性能提升30%以上，响应时间缩短50%
38|4小时→2小时|响应时间由4小时缩短到2小时以内|response_time_target|客户支持|2|hours|0
40|50%|响应时间由2秒降到1秒，缩短50%|target_change|响应时间|-50|percent|0
40|80%|故障率由2%降到0.4%，降低80%|target_change|故障率|-80|percent|0
40|30%|客户满意度由70%升到91%，提高30%|target_change|客户满意度|30|percent|0
40|60%|客户投诉率由5%降到2%，降低60%|target_change|客户投诉率|-60|percent|0
40|25%、40%|工作效率提高25%，跨部门流程时间缩短40%
40、47|78%、22%、45%；80%、30%、50%|稳定性、满意度、响应时间改善78%、22%、45%，目标为80%、30%、50%
47|78%|系统比从前稳定，改善78%|achievement|系统稳定性|78|percent|0
47|22%|客户比上一年满意，幅度22%|achievement|客户满意度|22|percent|0
47|历史新高|客户满意度达到历年最高
41|83%|平均响应时间由28.5秒降到4.8秒，改善83%|case_change_printed|平均响应时间|83|percent|0
41|17%|成功率由85%升到99.7%，改善17%|case_change_printed|成功率|17|percent|0
41|100%|用户评分由2.3升到4.6，改善100%|case_change_printed|用户满意度评分|100|percent|0
41|38%|新功能上线由45天缩短到28天，缩短38%|improvement_change_printed|新功能上线周期|-38|percent|0
41|18%|总体满意度由3.8分升到4.5分，提高18%|improvement_change_printed|总体满意度(最近一个月)|18|percent|0
41|5秒以内；4.8秒|报表处理降到5秒以内，测得平均4.8秒|case_claim|报表处理时间 after (upper bound)|5|seconds|0
41|30秒以上；28.5秒|系统响应曾超过30秒，测得平均28.5秒|case_claim|系统响应时间 before (lower bound)|30|seconds|0
45|65%|员工提出的改进建议增加65%|employee_suggestion_yoy|员工改进建议|65|percent|0
"""
_COLUMNS = ["claim_id", "page", "statement", "metric", "stratum", "printed", "value", "unit", "decimals"]
_FIGURE = ("page", "statement", "metric", "stratum", "printed", "value", "unit", "decimals")
_STATEMENT = ("page", "printed", "statement", "metric", "stratum", "value", "unit", "decimals")


def published() -> pd.DataFrame:
    """List the printed figures (claim ids from F001) and statements (from S001)."""
    figures = _listed(FIGURES, columns=_FIGURE, prefix="F")
    statements = _listed(STATEMENTS, columns=_STATEMENT, prefix="S")
    table = pd.concat([figures, statements], ignore_index=True)
    table["value"] = pd.to_numeric(table["value"])
    table["decimals"] = pd.to_numeric(table["decimals"]).astype("Int64")
    return table[_COLUMNS]


def _listed(text: str, *, columns: tuple[str, ...], prefix: str) -> pd.DataFrame:
    """Read lines of cells, of which the last may be missing, and number them."""
    rows = [dict(zip(columns, line.split("|"), strict=False)) for line in text.strip().splitlines()]
    table = pd.DataFrame(rows, columns=list(columns))
    return table.assign(claim_id=[f"{prefix}{number:03d}" for number in range(1, len(table) + 1)])


PUBLISHED_LAYOUT = TableFile(
    file="published.csv",
    headers={
        "claim_id": "条目",
        "page": "页码",
        "statement": "说法",
        "metric": "指标代码",
        "stratum": "对象",
        "printed": "印出",
        "value": "数值",
        "unit": "单位",
        "decimals": "小数位",
    },
    filler={"录入人": ("校对甲", "校对甲", "校对乙")},
    faults=(
        {"条目": "F900", "页码": "19", "说法": "热线接通率待核", "印出": "约九成", "数值": "约90"},
        {"条目": "录入时间：{next}/1/11"},
    ),
    line_end="\r\n",
)

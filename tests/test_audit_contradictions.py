"""A report's own arithmetic: each rule on sentences of many kinds of report, right ones and wrong ones."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbanalysis.report.audit.claims.claims import cut
from fbanalysis.report.audit.claims.tables import read_claims
from fbanalysis.report.audit.contradictions import find_contradictions
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import find_numbers
from fbanalysis.report.audit.reading import Document, Passage
from fbanalysis.report.audit.rules.rounding import judge, span


def document(text: str) -> Document:
    """Make a document with a passage a line."""
    lines = [
        Passage(f"第 {n} 段", "text", line) for n, line in enumerate(text.splitlines(), 1) if line.strip()
    ]
    return Document(Path("report.txt"), "txt", tuple(lines))


def found(text: str) -> list[Finding]:
    return find_contradictions(document(text))


# ------------------------------------------------------------------ one sentence, one fault

#: sentence, rule, the right value as the finding names it
WRONG = [
    # changes
    ("营业收入由2022年的18.6亿元增至2023年的21.4亿元，同比增长18.1%。", "升降幅度", "15.1%"),
    ("2023年全市共办理政务服务事项48.6万件，较2022年的41.2万件增长12.5%。", "升降幅度", "18%"),
    ("窗口平均等候时间由上年的18分钟压缩到11分钟，降幅达到50%。", "升降幅度", "38.9%"),
    ("医院门诊量达86.4万人次，同比增长8.2%（上年为82.1万人次）。", "升降幅度", "5.2%"),
    ("上年受理申诉1,200件，今年960件，减少240件，下降25%。", "升降幅度", "20%"),
    ("平均办结时间3.2天，比规定的5天缩短2.8天。", "升降幅度", "1.8天"),
    ("噪音扰民全年受理4.8万件，较上年增加0.6万件，增长24.3%。", "升降幅度", "14.3%"),
    ("客诉量同比减少36件，降至144件，降幅25%。", "升降幅度", "20%"),
    ("培训满意度达4.6分，较上年提高0.3分；上年为4.1分。", "升降幅度", "0.5分"),
    ("一季度受理1,120件，二季度受理1,260件，环比增长10.5%。", "升降幅度", "12.5%"),
    ("推荐值由上半年的38提升到下半年的45，提升9个点。", "升降幅度", "7"),
    ("配送时长6小时→3小时（缩短40%）", "升降幅度", "50%"),
    ("今年目标是将退货率降低60%，从目前的5%降至3%。", "升降幅度", "40%"),
    # percent and percentage points
    ("群众满意率从92.3%提高到96.8%，上升了4.5%。", "百分点", "4.5 个百分点"),
    ("老客户复购率从25%提高到40%，提高了15%。", "百分点", "15 个百分点"),
    ("订单及时率从80%提升到92%，提升了15个百分点。", "百分点", "12 个百分点"),
    ("三季度受理640件，环比二季度的600件增长6.7%，同比上年三季度的800件下降25%。", "升降幅度", "20%"),
    ("入住2.4万套，低于上年的3.0万套，下降25%。", "升降幅度", "20%"),
    ("从三季度的78.4%提升到81.6%，提升4.1个百分点。", "百分点", "3.2 个百分点"),
    # direction and multiples
    ("库存周转天数由45天增加到38天。", "升降方向", "降"),
    ("客服中心接通率由76%下降至81%。", "升降方向", "升"),
    ("客户数从1,500家增长到4,500家，翻了一番。", "倍数", "3 倍"),
    ("库存周转率由4次提高到6次，提高了一倍。", "倍数", "0.5 倍"),
    ("培训满意率为96.4%，高于上年的97.1%。", "升降方向", "低于"),
    ("接诊5.6万人次，上年同期为4.8万人次，增幅达25%。", "升降幅度", "16.7%"),
    ("处理及时率为97.2%，比目标值98%高0.8个百分点。", "升降方向", "低"),
    # attainment
    ("招聘计划120人，到岗102人，完成率88%。", "达成率", "85%"),
    ("销售额目标8,000万元，实际8,600万元，达成率117.5%。", "达成率", "107.5%"),
    ("全年新增就业岗位3.2万个，为年度目标3万个的112%。", "达成率", "106.7%"),
    ("投诉处理时长目标48小时，实际60小时，达成率125%。", "达成率", "80%"),
    ("系统可用率目标99.5%，达成率为102%。", "达成率", "不高于 100.5%"),
    ("学生出勤率目标为98%，实际为96.5%，超额完成目标任务。", "达标判断", "未达目标"),
    ("平均修复时长目标4小时，实际3.2小时，未达标。", "达标判断", "已达目标"),
    # shares
    ("本科生占61.5%，硕士生占24.3%，博士生占10.8%，其他占8.2%。", "份额合计", "100%"),
    ("资金来源构成：财政拨款60%，事业收入25%，其他收入10%。", "份额合计", "100%"),
    ("男性受访者占53.2%，女性受访者占48.8%。", "份额合计", "100%"),
    ("网络、电话、窗口分别占52.3%、30.1%和27.7%。", "份额合计", "100%"),
    ("问卷中，很满意占45%，满意占38%，一般占12%，不满意占8%。", "份额合计", "100%"),
    ("•团体票(占比38%)•散客票(占比22%)•学生票(占比15%)•老年票(占比15%)", "份额合计", "100%"),
    ("总体评价为优秀的占38%，良好的占45%，合格的占13%，不合格的占8%。", "份额合计", "100%"),
    # sums, parts, rates, means
    ("全年共受理诉求3,528件，其中内部2,215件，外部1,213件。", "分项合计", "3,428件"),
    ("在全部15个项目中，已完工9个，在建4个，未开工3个。", "分项合计", "16个"),
    ("直接经济损失120万元，间接损失85万元，两项合计215万元。", "分项合计", "205万元"),
    ("学校现有专任教师1,520人，其中教授304人、副教授532人、讲师608人、助教96人。", "分项合计", "1,540人"),
    ("发出问卷2,000份，收回有效问卷1,764份，有效回收率为92.4%。", "比率", "88.2%"),
    ("本年度共处置安全隐患428项，已整改396项，整改率为95.5%。", "比率", "92.5%"),
    ("应参会代表320人，实到288人，到会率85%。", "比率", "90%"),
    ("全年投诉共1,200件，其中收费类240件（占18%），环境类660件（占55%）。", "比率", "20%"),
    ("会员数达到320万，占活跃用户的64%；活跃用户共有400万。", "比率", "80%"),
    ("全年累计接听热线12,480次，月均接听1,240次。", "平均数", "1,040次"),
    ("全年开展培训36场，覆盖1,850人次，平均每场61人。", "平均数", "51.39人"),
    ("本次考核共有58人参加，其中优秀12人、合格41人、不合格7人。", "分项合计", "60人"),
    ("整改任务共25项，已完成21项，正在推进5项，尚未启动1项。", "分项合计", "27项"),
    ("发生一般事故18起、较大事故2起、重大事故1起，合计23起。", "分项合计", "21起"),
    ("全年退换货3,200单，占订单总量16万单的3%。", "比率", "2%"),
    # divisions without 占, of answers whose words share a stem, of people named with 由
    ("住户类型：自住48%，出租29%，空置18%，其他9%。", "份额合计", "100%"),
    ("非常满意占31.2%，比较满意占54.5%，一般占10.6%，不满意占5.7%。", "份额合计", "100%"),
    ("职业构成：职员48.6%，学生22.4%，退休17.5%，自由职业7.8%，其他5.7%。", "份额合计", "100%"),
    # superlatives, order, sweeping words
    ("各科室满意度分别为：内科91.2分、外科93.5分、儿科88.7分，其中内科得分最高。", "最高级", "外科 93.5分"),
    ("东区投诉320件、西区投诉415件、南区投诉280件，东区投诉最多。", "最高级", "西区投诉 415件"),
    ("各部门投诉量中，物流部320件、客服部210件，客服部投诉量最多（210件）。", "最高级", "物流部 320件"),
    ("四个季度投诉量分别为210件、186件、245件、198件，其中一季度投诉量最多。", "最高级", "三季度 245件"),
    (
        "门诊满意度90.3分，住院满意度93.8分，急诊满意度92.8分，急诊患者评价最高。",
        "最高级",
        "住院 93.8分",
    ),
    ("诉求集中在排队、收费、环境，依次为42%、38%、40%。", "排序", "递减"),
    ("三个校区就业率均超过95%，其中东校区96.2%、西校区94.1%。", "一概而论", "94.1%"),
    ("各项指标均实现正增长，其中销售额增长12%，客单价下降3%。", "一概而论", "客单价下降3%"),
    # counts of listed things
    ("今年重点推进五项工作：窗口改造、系统升级、人员培训、流程再造。", "列举数目", "4"),
    ("评价覆盖环境、态度和技术四大领域。", "列举数目", "3"),
    ("存在两方面不足：一是响应不及时；二是记录不完整；三是回访不到位。", "列举数目", "3"),
    # dates
    ("平台2023年6月15日上线，2023年5月30日通过验收。", "日期", "不早于 2023年6月15日"),
    ("走访历时15天（11月6日至11月17日）。", "日期", "12 天"),
    ("活动时间：2023年11月15日至2023年11月5日。", "日期", "止于 2023年11月15日 之后"),
    ("评估周期为2023年4月1日至2023年9月30日，历时8个月。", "日期", "6 个月"),
    ("截至2023年6月31日，累计完成项目38个。", "日期", "日历上有的日期"),
    ("会议于2023年10月9日（星期三）召开。", "日期", "周一"),
]


@pytest.mark.parametrize(("text", "rule", "expected"), WRONG)
def test_a_contradiction_is_found_with_the_right_value(text, rule, expected):
    findings = found(text)
    assert [(finding.rule, expected in finding.expected) for finding in findings] == [(rule, True)]
    assert findings[0].place == "第 1 段"


RIGHT = [
    "营业收入由2022年的18.6亿元增至2023年的21.4亿元，同比增长15.1%。",
    "门诊平均候诊时间由45分钟缩短至28分钟，缩短了38%。",
    "退货率由3.6%降至2.1%，降低1.5个百分点，降幅41.7%。",
    "页面加载时间从4秒降至2秒，速度提升100%。",
    "客户数从1,500家增长到4,500家，增长了2倍。",
    "专利申请量是上年的2倍，由120件增加到240件。",
    "流程周期从45天缩短到28天，满意度提升了12%。",
    "参保人数从32.5万人扩大到38.1万人，净增5.6万人。",
    "18至25岁占比从12%上升到15%。",
    "平均候诊时长目标30分钟，实际25分钟，达成率120%。",
    "平均候诊时长目标30分钟，实际33分钟，达成率90%。",
    "准时送达率94.8%，目标95%，达成率99.8%；破损率0.12%，目标0.15%以内，优于目标。",
    "响应及时率为96.4%，较目标值95%高1.4个百分点。",
    "本科生占61.5%，硕士生占24.3%，博士生占10.8%，其他占3.4%。",
    "网络、电话、窗口分别占33.3%、33.3%和33.3%。",
    "主要诉求集中在停车（占28%）、噪音（占19%）、绿化（占13%）。",
    "受访者可多选：价格占62%，质量占58%，服务占41%。",
    "门诊满意率95.2%，住院满意率93.8%，体检满意率96.1%。",
    "国内市场占62%，海外市场占38%，其中欧洲占15%、东南亚占13%、其他地区占10%。",
    "男性占48%，女性占52%；35岁以下占30%，35岁以上占70%。",
    "新员工占15%，而在流失员工中新员工占45%。",
    "全年共受理诉求3,528件，其中内部2,315件，外部1,213件。",
    "共处理工单1,000件，其中投诉300件，咨询200件。",
    "全公司员工3,260人，其中男员工1,980人，女员工1,280人；35岁以下1,200人，本科以上1,850人。",
    "共收回问卷856份，剔除无效问卷34份，有效问卷822份，有效率96.0%。",
    "共发放问卷1,200份，回收1,100份，有效1,050份，回收率91.7%，有效率95.5%。",
    "共发放问卷5,200份，回收4,836份，剔除无效问卷136份后，有效问卷4,700份。",
    "全院总体满意度为91.6分，较2022年的89.4分提高2.2分。其中，门诊满意度90.3分，住院满意度93.8分，门诊最低。",
    "全年共开展培训36场，覆盖1,850人次，平均每场51人。",
    "三年分别投入1.2亿元、1.5亿元和1.8亿元，合计4.5亿元。",
    "一线员工离职率最高（18%），其次为管理层（15%），职能部门最低（6%）。",
    "南区最低（72%），北区中新用户最低（69%）。",
    "等候时间得分84.5分，收费透明得分90.2分，等候时间是最突出的短板，得分最低。",
    "四个季度投诉量分别为210件、186件、245件、198件，其中三季度投诉量最多，二季度最少。",
    "各分公司客户满意度均超过90%，其中华东92.1%、华南91.4%。",
    "各项指标均实现正增长，其中销售额增长12%，投诉量下降3%。",
    "从技术可行性、周期、资源和效果等多个维度评估。",
    "报告从产品、价格、渠道、促销四个维度展开分析。",
    "合同期自2023年3月1日起至2024年2月29日止，为期12个月。",
    "从5月3日到5月9日，为期7天的活动吸引了3,000余人参加。",
    "一级事件不超过15分钟，二级事件不超过1小时，三级事件不超过4小时。",
    "评教得分在90分以上的课程占82%，80至89分的占15%，80分以下的占3%。",
    "约三成受访者表示不满意，七成以上受访者表示会继续使用。",
    "年末在职职工1,280人，比年初增加56人，增长4.6%。",
    "按10分制计，培训内容8.7分，培训师资9.1分，组织安排8.4分，综合得分8.7分。",
]


#: Sentences of other kinds of report: bounds, ranks outside, answers of which several count, plans, groups.
RIGHT_TOO = [
    "全市共有养老机构126家，其中公办42家、民办84家，床位18,600张。",
    "平均响应时长目标15分钟以内，实际12分钟，达成率125%，优于目标。",
    "投诉处理时限要求5个工作日，实际平均3.6个工作日，比要求快1.4个工作日。",
    "五项指标中四项达标，一项未达标，达标率为80%。",
    "甲院区93.2分，乙院区90.8分，两院区相差2.4分；丙院区88.1分，比最高的甲院区低5.1分。",
    "全年培训48场，参训2,160人次，平均每场45人次，满意度96.5%。",
    "客户满意度连续三年提升，2021年88.2%、2022年89.6%、2023年91.3%，三年累计提高3.1个百分点。",
    "在12家同行中排名第3位，比上年上升2位。",
    "主要不满意原因依次为排队久32.5%、收费高18.6%、态度差12.4%，其他原因占36.5%。",
    "对食堂的意见（最多选三项）：口味52.3%，价格44.8%，卫生31.2%，排队28.9%。",
    "一季度82.4分、二季度83.6分、三季度84.2分、四季度85.8分，全年平均84.0分。",
    "2024年力争总体满意度提高到92%，投诉量控制在300件以内。",
    "本次调查覆盖12个区县、36个街道，每个街道抽取50户，共1,800户。",
    "网点平均等候时间由12.5分钟降至9.8分钟，缩短2.7分钟，降幅21.6%。",
    "全年总收入2.36亿元，其中政府购买服务收入1.12亿元，占47.5%。",
    "受访者中男性占46.8%，女性占53.2%；本科及以上占61.3%，大专占24.5%，高中及以下占14.2%。",
    "东区、西区、南区、北区得分依次为91.2、89.4、90.6、87.8。",
    "处理及时率98.6%，高于考核目标1.6个百分点；考核目标为97%。",
    "投诉量312件，低于上年的365件，减少53件，下降14.5%。",
    "三家分公司增速最快的是华南公司，增长18.2%，华东公司增长12.5%，华北公司增长9.1%。",
    "新办业务1.2万笔，变更业务0.8万笔，注销业务0.3万笔，合计2.3万笔。",
    "自2023年3月15日起至4月15日止，历时一个月。",
    "项目2022年11月启动，2023年6月完成验收，历时8个月。",
    "问卷回收率为92.3%，有效率98.1%，推荐率84.6%，三项均高于上年。",
    "客户经理人均管户由320户增至352户，增长10.0%。",
    "满意率92.5%，不满意率2.3%，一般5.2%。",
    "好评4,560条，中评320条，差评120条，好评率91.2%。",
    "净推荐值为42，其中推荐者占56%，贬损者占14%。",
    "高于90分的科室有7个，低于85分的有2个。",
    "意见建议共收集1,286条，采纳412条，采纳率32.0%。",
    "线上受理占比由2021年的45.2%提高到2022年的56.8%，再提高到2023年的63.5%，两年提高18.3个百分点。",
    "门诊次均费用285元，比上年减少12元；住院次均费用9,860元，比上年减少245元。",
    "第一产业占8.2%，第二产业占41.5%，第三产业占50.3%。",
    "平均处理时长24.6小时，其中最快0.5小时，最慢96小时。",
    "共发放问卷1,500份，回收1,425份，回收率95%；其中有效问卷1,382份，有效率97.0%。",
    "从年龄看，30岁以下满意度88.6分，30至50岁90.2分，50岁以上92.4分，呈逐步上升趋势。",
    "与2022年相比，4个指标上升、1个指标下降。",
    "平台注册用户86.5万，月活跃用户32.4万，活跃率37.5%。",
    "甲街道得分95.1分，居全市第一；乙街道93.4分，居第二。",
    "投诉总量同比下降12.3%，其中服务类下降18.6%，收费类下降5.2%，网络类上升3.1%。",
    "四个季度满意度分别为86.5%、87.2%、88.9%和90.1%，四季度比一季度提高3.6个百分点。",
    "窗口每日接待约350人，全年工作日250天，年接待8.75万人次。",
    "优秀率由28.4%升至33.6%，提高5.2个百分点，增幅18.3%。",
    "培训计划24期，实际完成26期，完成率108.3%。",
    "目标满意度90分，实际得分91.8分，超出目标1.8分。",
    "响应时长目标4小时，实际3.5小时，达成率112.5%。",
    "共有员工580人，其中管理岗86人、技术岗214人、操作岗280人。",
    "2023年受理工单5.62万件，2022年为5.11万件，增长10.0%。",
    "去年同期为1,820件，今年为1,638件，下降10.0%。",
    "上半年受理1,120件，下半年受理1,340件，下半年比上半年多220件，增长19.6%。",
    "全年满意度89.6分，一季度为87.2分，高出2.4分。",
    "三大渠道中，App渠道占比58.6%，较上年提高6.2个百分点；网点占比24.1%，下降4.5个百分点；电话占比17.3%，下降1.7个百分点。",
    "建议类420条（35.0%）、投诉类360条（30.0%）、咨询类300条（25.0%）、表扬类120条（10.0%），共1,200条。",
    "不合格项由15项减至9项，减少6项。",
    "10个乡镇中有8个乡镇满意度超过90%，2个乡镇低于90%。",
]


@pytest.mark.parametrize("text", [*RIGHT, *RIGHT_TOO])
def test_a_consistent_sentence_is_left_alone(text):
    assert found(text) == []


def test_all_right_sentences_together_hold_no_contradiction():
    assert [finding for finding in found("\n".join([*RIGHT, *RIGHT_TOO])) if finding.severity == "矛盾"] == []


# ------------------------------------------------------------------ over passages and tables


def test_a_list_over_several_lines_makes_one_hundred_or_is_named():
    lines = ["满意度构成", "很好（占比41%）", "较好（占比33%）", "一般（占比14%）", "较差（占比5%）"]
    assert [finding.rule for finding in found("\n".join(lines))] == ["份额合计"]
    assert found("\n".join([*lines[:-1], "较差（占比12%）"])) == []


def test_lists_read_side_by_side_are_parted():
    left = ["甲类(占比40%)", "乙类(占比25%)", "丙类(占比20%)", "丁类(占比5%)"]
    right = ["子组(占比50%)", "丑组(占比20%)", "寅组(占比20%)", "卯组(占比10%)"]
    text = "".join(f"•{one}•{other}" for one, other in zip(left, right, strict=True))
    [finding] = found(text)
    assert finding.printed == "40% / 25% / 20% / 5%"


def table(*rows: str, page: int = 1) -> list[Passage]:
    """Make the cells of a table: the first row holds the heads, the first column the names."""
    heads, *body = [row.split() for row in rows]
    cells = [Passage("表", "cell", head, page=page) for head in heads]
    for name, *numbers in body:
        cells += [
            Passage("表", "cell", number, page=page, row=name, column=head)
            for head, number in zip(heads[1:], numbers, strict=True)
        ]
    return cells


def audit(*parts: Passage) -> list[Finding]:
    return find_contradictions(Document(Path("x.html"), "html", tuple(parts)))


def test_a_tables_totals_are_added_up():
    rows = ["街道 件数 占比", "东风 1,380 50.0%", "解放 860 31.2%", "和平 520 18.8%"]
    assert audit(*table(*rows, "合计 2,760 100.0%")) == []
    [finding] = audit(*table(*rows, "合计 2,860 100.0%"))
    assert (finding.rule, finding.printed, finding.expected, finding.severity) == (
        "分项合计",
        "2,860",
        "2,760",
        "矛盾",
    )


def test_a_total_mean_is_weighted_by_the_rows():
    rows = ["科室 样本量 平均分", "内科 1,600 92.1", "外科 1,300 93.0", "妇儿 1,000 90.5", "其他 800 89.8"]
    # (1600·92.1 + 1300·93.0 + 1000·90.5 + 800·89.8) ÷ 4700 = 91.617
    assert audit(*table(*rows, "合计 4,700 91.6")) == []
    [finding] = audit(*table(*rows, "合计 4,700 93.6"))
    assert (finding.rule, finding.severity) == ("加权平均", "矛盾")
    assert "91.617" in finding.explanation


def test_a_deviation_is_pooled_with_the_means_of_the_rows():
    rows = ["班 人数 平均分 标准差", "甲 101 70.0 5.0", "乙 101 90.0 5.0"]
    # s² = (100·25 + 100·25 + 101·10² + 101·10²) ÷ 201 = 125.37, s = 11.2
    assert audit(*table(*rows, "合计 202 80.0 11.2")) == []
    [finding] = audit(*table(*rows, "合计 202 80.0 5.0"))
    assert (finding.rule, finding.printed) == ("合并标准差", "5.0")


def test_an_overall_question_need_not_be_the_sum_of_the_others():
    rows = ["领域 样本量", "产品 600", "服务 500", "总体满意度 1,400"]
    assert [finding.severity for finding in audit(*table(*rows))] == ["可能"]
    note = Passage("第 9 段", "text", "总体满意度是单独的一题，不是各领域之和。", page=1)
    assert audit(*table(*rows), note) == []


def test_columns_of_targets_and_years_are_checked_row_by_row():
    goals = table("指标 目标 实际 达成率", "满意率 95% 96.9% 102.0%", "办件量 12,000 11,400 98.0%")
    years = table("街道 2022年 2023年 同比", "东风 1,200 1,380 15.0%", "解放 800 860 9.5%")
    assert [(f.rule, f.printed, f.expected) for f in audit(*goals, *years)] == [
        ("达成率", "98.0%", "95%"),
        ("升降幅度", "9.5%", "7.5%"),
    ]


def test_rates_of_groups_in_a_column_are_no_division():
    assert audit(*table("大区 负面占比", "东部 28%", "南部 31%", "北部 25%")) == []


def test_a_table_that_ran_into_one_line_is_read_as_one():
    text = "部门样本量平均分标准差研发部120 4.2 0.6市场部80 3.9 0.8客服部100 4.6 0.5"
    [read] = read_claims(document(text)).tables
    assert read.labels == ("研发部", "市场部", "客服部")
    assert read.heads == ("样本量", "平均分", "标准差")
    assert [mention.value for mention in read.column(1).values()] == [4.2, 3.9, 4.6]


def test_wide_is_not_said_of_the_narrowest_row():
    cells = table("问题 客户数 部门数", "登录失败 900 6", "报表缺页 400 4", "打印错位 120 2")
    said = Passage("第 2 段", "text", "登录失败影响面较广，应先处理。", page=1)
    wrong = Passage("第 2 段", "text", "打印错位虽影响面较广，但不紧急。", page=1)
    assert audit(*cells, said) == []
    assert [(f.rule, f.expected) for f in audit(*cells, wrong)] == [("程度词", "最小")]


def test_a_set_called_small_includes_the_smallest():
    cells = table("班级 标准差", "甲班 0.7", "乙班 0.5", "丙班 0.9", "丁班 0.7")
    said = Passage("第 2 段", "text", "甲班（0.7）和丁班（0.7）的波动相对较小。", page=1)
    right = Passage("第 2 段", "text", "甲班（0.7）和乙班（0.5）的波动相对较小。", page=1)
    assert [f.expected for f in audit(*cells, said)] == ["乙班 0.5"]
    assert audit(*cells, right) == []


# ------------------------------------------------------------------ statements far apart


def test_one_figure_has_one_value():
    text = "全院总体满意度为91.6分。\n投诉办结率98.7%。\n综上，全院总体满意度为92.6分。"
    [finding] = found(text)
    assert (finding.rule, finding.printed, finding.severity) == ("前后不一", "91.6分 / 92.6分", "矛盾")


def test_years_and_groups_are_not_one_figure():
    text = "2022年总体满意度为84.6%。\n2023年总体满意度为88.3%。\n食堂的满意度为76.8%。\n去年的总体满意度为84.6%。"
    assert found(text) == []


def test_a_measure_with_two_present_values_is_a_contradiction():
    text = "热线平均等待时间目标3分钟。\n目前平均等待时间为6分钟，群众有意见。\n如今平均等待时间为4分钟。"
    assert [(f.rule, f.printed, f.severity) for f in found(text)] == [("前后不一", "6分钟 / 4分钟", "矛盾")]
    loose = text.replace("如今平均等待", "如今群众等待")
    assert [(f.rule, f.severity) for f in found(loose)] == []


def test_a_stated_change_that_no_pair_gives_is_possible():
    text = "受理时长由8小时缩短到2.5小时。\n总之，受理时长缩短了45%。"
    [finding] = found(text)
    assert (finding.rule, finding.severity) == ("变幅不一", "可能")
    assert "68.8%" in finding.explanation
    assert found(text.replace("45%", "69%")) == []


def test_a_result_short_of_its_goal_is_possible():
    text = "目标是将客户投诉率降低60%。\n总之，客户投诉率降低了45%。"
    assert [(f.rule, f.printed) for f in found(text)] == [("目标与成绩", "60% / 45%")]


def test_a_bound_that_the_figure_beside_it_misses_is_possible():
    assert [f.rule for f in found("查询响应时间超过30秒，实测响应时间28.5秒。")] == ["阈值"]
    assert found("查询响应时间超过30秒，实测响应时间31.2秒。") == []


def test_two_divisions_of_one_total_agree():
    cells = table("领域 样本量", "环境质量 600", "服务水平 300", "总体 1,000", page=1)
    said = Passage("第 2 段", "text", "在1,000份答卷中，环境方面占45%，服务方面占38%，其他占17%。", page=1)
    assert "份额与样本" in [f.rule for f in audit(*cells, said)]


def test_a_count_is_not_greater_than_the_base_that_another_implies():
    text = "故障影响了15%的用户，直接影响了150家用户。\n另有一处：迟缓涉及1,400家用户。"
    [finding] = found(text)
    assert (finding.rule, finding.severity) == ("基数", "可能")


def test_this_year_is_not_a_month_to_come():
    text = "报告编制日期：2024年2月20日。\n自今年5月上线以来，平台运行平稳。"
    assert [(f.rule, f.severity) for f in found(text)] == [("日期", "可能")]
    assert found(text.replace("今年5月", "去年5月")) == []


# ------------------------------------------------------------------ rounding, and what is no statement


def test_rounding_decides_between_contradiction_and_possibility():
    def grade(old: str, new: str, size: str) -> str:
        numbers = [span(find_numbers(text)[0]) for text in (old, new, size)]
        return judge(lambda a, b: (b - a) / a * 100, numbers[:2], numbers[2]).severity

    assert grade("3.8分", "4.5分", "18%") == ""
    assert grade("1.2亿元", "1.5亿元", "35%") == "可能"  # only 1.15 → 1.55 gives it
    assert grade("3.8分", "4.5分", "28%") == "矛盾"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=3, max_size=6), st.integers(0, 3))
def test_shares_rounded_from_counts_are_never_a_contradiction(counts, decimals):
    total = sum(counts)
    names = ["甲组", "乙组", "丙组", "丁组", "戊组", "己组"]
    parts = "，".join(
        f"{name}占{count / total * 100:.{decimals}f}%" for name, count in zip(names, counts, strict=False)
    )
    assert found(f"构成如下：{parts}。") == []


@settings(max_examples=50, deadline=None)
@given(st.integers(10, 900), st.integers(10, 900))
def test_a_change_computed_from_its_ends_is_never_a_contradiction(old, new):
    if old == new:
        return
    word = "增加" if new > old else "减少"
    size = abs(new - old) / old * 100
    assert found(f"工单由{old}件{word}到{new}件，{word}{size:.1f}%。") == []


def test_quotes_and_listings_are_no_statements_of_the_report():
    quote = Passage("第 1 段", "quote", "男性占58%，女性占52%。")
    listing = Passage("第 2 段", "note", "share[男] = 58%；n = 20；女性占52%，男性占58%。")
    assert audit(quote, listing) == []


def test_a_score_and_what_it_is_out_of_are_one_number():
    [sentence] = cut(Passage("第 1 段", "text", "总体评分4.2/5，满分5分，样本120份。"))
    assert [claim.value for claim in sentence.claims] == [4.2, 120]


def test_numbers_broken_over_lines_are_joined():
    lines = ["全年共受理诉求3,", "528件，其中内部2,", "215件，外部1,213件。"]
    [finding] = found("\n".join(lines))
    assert (finding.rule, finding.expected) == ("分项合计", "3,428件")


def test_a_finding_that_two_places_give_is_named_once():
    text = "男性占58%，女性占52%。\n男性占58%，女性占52%。"
    assert len(found(text)) == 1


def test_a_document_without_text_has_no_findings():
    assert audit() == []


@pytest.mark.slow
def test_time_grows_with_the_length_and_not_with_its_square():
    line = "上年受理1,200件，今年960件，下降20%，其中投诉量最多（320件），咨询占45%，求助占55%。总体满意度为88.6分。"

    def seconds(times: int) -> float:
        one = document(line * times)
        began = time.process_time()
        find_contradictions(one)
        return time.process_time() - began

    seconds(20)
    assert seconds(1600) < 4 * 4 * max(seconds(400), 0.05)

"""The measure words that make a number one of something, and the words around a number that bound it.

A measure word is one only where no longer word begins with it: 分 in 4.2 分, but not in 分布 or 十分钟.
"""

import re

#: Blanks that may stand between a number and its unit: ordinary, no-break, thin, full-width.
BLANK = "[ \u00a0\u2000-\u200a\u202f\u3000]{0,2}"

#: Measure word → the characters behind it that make it the beginning of another word.
_GUARDED = {
    "分": "钟之别析布类组为成公支项级享担区歧散裂开配工解层段批行店管明制数摊发给流离量",
    "个": "别性",
    "人": "民力均际事类性",
    "例": "如外会行子",
    "起": "来到初因草步点重诉床码义伏",
    "批": "评准量改",
    "位": "于列居置移",
    "户": "外籍均",
    "部": "署件长位委",
    "期": "间望末内待刊货许",
    "层": "面出",
    "级": "联",
    "行": "业动为程政驶使",
    "列": "为出入表举示",
    "名": "称单义字词气",
    "次": "要日年级序生于品数",
    "天": "气然津空下性",
    "周": "期边末报转围知到刊密一二三四五六日",
    "年": "级龄代轻终报会均薪底初末中",
    "月": "薪报均底初末度",
    "日": "常志报益程本均",
    "份": "额量",
    "件": "均",
    "条": "件例款约理",
    "项": "目",
    "家": "庭属长乡具电",
    "章": "程",
    "节": "约省假目能",
    "段": "时落",
    "步": "入伐行",
    "台": "账阶湾风",
    "套": "路",
    "款": "式待",
    "场": "景所地合面外",
    "所": "有以在需属致示谓",
    "间": "接隔断距",
    "组": "织合成长件建",
    "句": "子",
    "字": "段典母体面样",
    "只": "有是能要需为",
    "笔": "记者试",
    "单": "位独一个项选向纯元品价",
    "点": "击评赞明滴出缀",
    "星": "期级巴",
    "折": "旧算叠扣合射磨",
    "轮": "换流岗值候",
    "门": "户店禁槛诊口票",
    "秒": "杀",
    "元": "旦素件数",
    "成": "立果本功为长效熟交都品千百就绩型因不了",
    "倍": "受感加增数率",
    "岁": "月",
    "种": "子",
    "票": "据价务",
    "篇": "幅",
    "版": "本权面",
    "册": "子",
    "本": "次年月周报季章文期轮人身质科来",
    "度": "过",
    "张": "贴扬",
    "大": "约概致多量于家小幅型众体部力",
    "处": "理于置长罚分方",
    "座": "谈位席椅",
    "辆": "",
    "遍": "布及",
    "页": "面码脚眉",
    "宗": "旨教",
    "类": "似别",
}

_LONGER = (
    "个百分点|百分点|个工作日|工作日|个自然日|自然日|个小时|小时|个钟头|钟头|分钟|秒钟|毫秒|个季度|季度|个星期|星期"
    "|个月|周年|人次|人日|人月|人天|例次|台次|场次|批次|部门|类型|阶段|步骤|维度|方面|项目|条款|星级|层级|年级"
    "|字符|公里|千米|厘米|毫米|平方米|千克|公斤|吨|米|美元|欧元|港元|日元|英镑|元|大类|大项|大块|城市"
)
_LATIN = "pp|ppt|hrs?|h|mins?|ms|s|kg|km|[KMGT]B|px|pt"

_SHORT = "|".join(word + (f"(?![{guard}])" if guard else "") for word, guard in _GUARDED.items())

#: A unit directly behind a number. 成员工 is 成 + 员工 only behind a number, 成员 never.
UNIT = rf"%|‰|{_LONGER}|(?:{_LATIN})(?![A-Za-z])|个半(?:小时|月|钟头)|成(?=员工)|(?!成员)(?:{_SHORT})|x(?![A-Za-z])"

#: Multiplies the number before it; 百分点, 千克 and their kin are no multipliers.
SCALE = r"[十百千]?万(?![一])亿?|[十百千]?亿|百(?![分货科])|千(?![克米瓦兆])|十(?=[万亿])|[kKwW](?![A-Za-z])"

#: Units whose word differs from what stands in the text.
UNIT_NAMES = {
    "个百分点": "百分点",
    "pp": "百分点",
    "ppt": "百分点",
    "个工作日": "工作日",
    "个自然日": "自然日",
    "个小时": "小时",
    "个钟头": "小时",
    "钟头": "小时",
    "h": "小时",
    "hr": "小时",
    "hrs": "小时",
    "个季度": "季度",
    "个星期": "星期",
    "min": "分钟",
    "mins": "分钟",
    "秒钟": "秒",
    "s": "秒",
    "ms": "毫秒",
    "x": "倍",
    "个半小时": "小时",
    "个半钟头": "小时",
    "个半月": "个月",
}

#: Before a number: 预约, 节约, 合约 end in 约 and bound nothing; neither do 附近 and 最近.
LOWER = "不低于|不少于|不小于|至少|起码|超过|超出|不止|逾|超|≥|(?<![-=])>"
UPPER = "不超过|不高于|不多于|不大于|至多|最多|不足|不到|未满|≤|<"
ABOUT = "大约|大概|将近|接近|几近|几乎|差不多|约莫|(?<![预合节条契特违签制履解邀失爽续公])约|(?<![最附靠新临相远])近|≈|~"

_AFTER_LOWER = "以上|之上|开外|起步"
_AFTER_UPPER = "以内|之内|以下|之下|内(?![部外容在地])"
_AFTER_ABOUT = r"左右|上下|(?<!\s)余(?![额下地量])|(?<!\s)多(?![元样种次维数项])"

#: Behind a number and its unit.
AFTER = rf"(?:及|或|含|（含）|\(含\))?(?:{_AFTER_LOWER}|{_AFTER_UPPER}|{_AFTER_ABOUT})"

_BOUNDS = (
    ("≥", re.compile(rf"(?:{LOWER}|.*(?:{_AFTER_LOWER}))$")),
    ("≤", re.compile(rf"(?:{UPPER}|.*(?:{_AFTER_UPPER}))$")),
)


def bound_of(word: str) -> str:
    """Say how a word bounds the number beside it: ≥, ≤ or ≈; empty for no word.

    >>> [bound_of(word) for word in ("不超过", "超过", "及以上", "左右", "")]
    ['≤', '≥', '≥', '≈', '']
    """
    if not word:
        return ""
    return next((sign for sign, pattern in _BOUNDS if pattern.match(word)), "≈")

"""Compose the sample's comments from the clauses: opening, one or two clauses, request, ending.

What a comment says follows the planted issue and feeling, how it says it follows channel, kind and
stratum. Neutral comments are statements and requests without praise or blame.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

from fbanalysis.sample.clauses import CLAUSES

#: Rows of ``items`` as ``itertuples`` gives them; named for the annotations only.
Item = tuple

LONGEST = 120
SHORTEST = 8
REDRAWS = 6

WORDS = {
    "系统": ("A系统", "A系统", "云衡A系统", "平台", "数据平台"),
    "时间": ("上周", "上个月", "前几天", "月初", "上周三", "昨天", "前阵子", "这周一"),
    "人": ("李工", "王工", "小陈", "张经理", "刘老师", "小周", "赵工", "孙姐", "小何"),
    "功能": (
        "看板",
        "批量导入",
        "权限设置",
        "字段配置",
        "数据查询",
        "消息提醒",
        "指标卡",
        "数据录入",
        "审计日志",
    ),
    "部门": ("产品研发部", "技术支持部", "客户服务部", "市场部", "人力资源部", "运营管理部"),
}
OPENINGS = {
    "在线问卷调查": (
        "",
        "",
        "",
        "",
        "总体来说，",
        "个人感觉，",
        "实话实说，",
        "说一点体会：",
        "就我的体验而言，",
        "用了大半年，",
        "说说最近的情况，",
        "简单反馈一下，",
    ),
    "面对面深度访谈": ("", "受访者认为，", "访谈中提到，", "据受访者介绍，", "受访者说，", "谈到日常使用，"),
    "焦点小组讨论": (
        "",
        "讨论中有人提到，",
        "有组员说，",
        "几位组员都提到，",
        "小组的看法是，",
        "组里的意见：",
    ),
    "客户服务热线": ("", "客户来电：", "用户来电说，", "来电记录：", "来电转述，", "电话中说，"),
    "内线": ("", "内线来电：", "员工来电说，", "来电记录：", "同事来电："),
    "社交媒体监测": ("", "", "@云衡科技 ", "#云衡科技# ", "说说云衡，", "路过说一句，", "真实体验："),
}
STRATUM_OPENINGS = {
    "离职员工": ("在职的时候，", "离开之前的感受是，", "以前在公司时，"),
    "新入职员工": ("刚入职不久，", "作为新人，", "入职两个月，"),
    "高层领导": ("从管理角度看，", "从全局看，"),
    "中层管理者": ("从团队管理的角度看，", "带团队的体会是，"),
    "一线员工": ("在一线干活，", "我们一线的感受是，", "站在一线看，"),
    "核心客户": ("合作这几年，", "作为老客户，"),
    "普通客户": ("用下来，", "我们公司规模不大，"),
    "潜在客户": ("还在试用，", "试用下来，", "选型阶段了解到，"),
    "合作伙伴": ("作为合作伙伴，", "从伙伴的角度看，"),
    "供应商": ("作为供应商，", "从供货方来看，"),
}
NO_OPINION = ("体会", "感受", "感觉", "体验", "实话", "看法", "认为", "意见", "：")
SHORT_ACQUAINTANCE = ("新入职员工", "潜在客户", "离职员工")
STRATUM_OPENING_SHARE = {"在线问卷调查": 0.25, "面对面深度访谈": 0.3}
REGION_SHARE = 0.06

JOINTS = {
    "正面": ("，而且", "，另外", "；", "，同时"),
    "中性": ("；", "，另外"),
    "负面": ("，而且", "，再加上", "，更麻烦的是", "；"),
}
SECOND_SHARE = {"正面": 0.25, "中性": 0.2, "负面": 0.35}
#: Notes of a talk are longer.
TALKS = ("面对面深度访谈", "焦点小组讨论")
TAGS = {"正面": "正", "中性": "中", "负面": "负"}

WISHES_AFTER_PRAISE = (
    "，如果能{求}就更好了",
    "，希望能{求}",
    "，建议下一步{求}",
    "，期待今后能{求}",
    "，顺便提个小建议：{求}",
    "。建议{求}",
)
WISHES = (
    "建议{求}",
    "希望{求}",
    "建议今后{求}",
    "希望可以{求}",
    "请考虑{求}",
    "能不能{求}？",
    "提个建议：{求}",
    "下一版请{求}",
    "想请你们{求}",
)
WISHES_AFTER_BLAME = ("，希望{求}", "，建议{求}", "，希望能{求}", "，至少应该{求}", "。强烈建议{求}")
REPORTS = (
    "登记一项：需要{求}",
    "有个待处理的事项：需要{求}",
    "{中}，需要{求}",
    "{中}，请问能否{求}？",
    "同事让我转告：希望{求}",
    "想问一下什么时候能{求}",
    "想了解是否计划{求}",
    "请问能否{求}？",
    "转达一条需求：{求}",
    "待确认：是否会{求}",
    "我们这边需要{求}",
)
SOLVED = ("之前反映的问题已经解决，", "上次报的问题处理好了，", "有个小问题已经修好，", "问题很快就解决了，")

ENDINGS = {
    "正面": (
        "",
        "。",
        "。",
        "，继续保持！",
        "，谢谢！",
        "，点赞！",
        "，给个好评。",
        "，辛苦了！",
        "，值得肯定。",
        "，非常满意。",
        "！",
    ),
    "中性": ("", "。", "。", "。", "，供参考。", "，仅作说明。", "。以上。"),
    "负面": (
        "。",
        "。",
        "",
        "！",
        "，请重视！",
        "，实在不满意。",
        "，太影响工作了。",
        "，希望给个说法。",
        "，请尽快处理。",
        "，真的很无奈。",
    ),
}
WISH_WORDS = ("建议", "希望", "期待", "更好了", "请", "需要", "至少", "想问", "想了解")
ENDINGS_AFTER_WISH = {
    "正面": ("", "。", "。", "，谢谢！", "，辛苦了。"),
    "中性": ("", "。", "。", "。", "，谢谢。", "，供参考。"),
    "负面": ("。", "。", "", "！", "，别再拖了。", "，越快越好。"),
}
THANKS = (
    "，非常感谢！",
    "，感谢{人}！",
    "，特意来表扬一下。",
    "，谢谢你们的付出。",
    "，必须点赞！",
    "，希望继续保持。",
)

EMOJI = {
    "正面": ("👍", "😊", "🎉", "❤️", "💯"),
    "中性": ("🙂", "🤔", "📌"),
    "负面": ("😡", "😤", "😭", "👎", "🙄"),
}
EMOJI_SHARE = {"社交媒体监测": 0.35, "在线问卷调查": 0.012}
SLIPS = (
    ("登录", "登陆"),
    ("账号", "帐号"),
    ("再也", "在也"),
    ("的时候", "得时候"),
    ("截图", "截屏图"),
    ("非常", "非长"),
    ("已经", "以经"),
    ("做得", "做的"),
    ("部门", "部们"),
)
SLIP_SHARE = 0.03
CASUAL_SHARE = 0.06


def write_comments(items: pd.DataFrame, *, rng: np.random.Generator) -> list[str]:
    """Write one comment per item, almost all of them different."""
    seen: set[str] = set()
    return [_write_new(item, seen=seen, rng=rng) for item in items.itertuples(index=False)]


def _write_new(item: Item, *, seen: set[str], rng: np.random.Generator) -> str:
    for _ in range(REDRAWS):
        text = _write(item, rng=rng)
        if text not in seen and SHORTEST <= len(text) <= LONGEST:
            break
    seen.add(text)
    return text


@cache
def clauses(issue: str, tag: str, side: str, year: int, month: int) -> tuple[str, ...]:
    """List the clauses of an issue that this side can say in this month."""
    lines = (line.split(" ", 1) for line in CLAUSES[issue].strip().splitlines())
    return tuple(
        text
        for marks, text in lines
        if marks[0] == tag and _fits(marks[1:], side=side, year=year, month=month)
    )


def _fits(marks: str, *, side: str, year: int, month: int) -> bool:
    names, _, first_month = marks.partition(":")
    other_side = "外" if side == "internal" else "内"
    other_year = "22" if year == 2023 else "23"
    return other_side not in names and other_year not in names and month >= int(first_month or 1)


def _pick(choices: Sequence[str], *, rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _write(item: Item, *, rng: np.random.Generator) -> str:
    body = _BODIES[item.feeling](item, rng=rng)
    text = _opening(item, rng=rng) + body
    text = text + _ending(text, item=item, rng=rng)
    return _with_emoji(_roughened(_filled(text, rng=rng), rng=rng), item=item, rng=rng)


def _clause(item: Item, tag: str, *, rng: np.random.Generator) -> str:
    when = item.submitted_at
    return _pick(clauses(item.issue, tag, item.side, when.year, when.month), rng=rng)


def _statement(item: Item, *, rng: np.random.Generator) -> str:
    tag = TAGS[item.feeling]
    first = _clause(item, tag, rng=rng)
    second = _clause(item, tag, rng=rng)
    share = SECOND_SHARE[item.feeling] * (2 if item.channel in TALKS else 1)
    if second == first or rng.random() > share:
        return first
    return first + _pick(JOINTS[item.feeling], rng=rng) + second


def _positive(item: Item, *, rng: np.random.Generator) -> str:
    said = _statement(item, rng=rng)
    if item.kind == "问题反映":
        return _pick(SOLVED, rng=rng) + said
    if item.kind == "建议" and rng.random() < 0.55:
        wish = _clause(item, "求", rng=rng)
        return said + _pick(WISHES_AFTER_PRAISE, rng=rng).replace("{求}", wish)
    return said


def _neutral(item: Item, *, rng: np.random.Generator) -> str:
    if item.kind == "问题反映":
        report = _pick(REPORTS, rng=rng).replace("{中}", _clause(item, "中", rng=rng))
        return report.replace("{求}", _clause(item, "求", rng=rng))
    said = _statement(item, rng=rng)
    if item.kind == "表扬" or rng.random() < 0.12:
        return said
    wish = _pick(WISHES, rng=rng).replace("{求}", _clause(item, "求", rng=rng))
    return f"{said}，{wish}" if rng.random() < 0.4 else wish


def _negative(item: Item, *, rng: np.random.Generator) -> str:
    said = _statement(item, rng=rng)
    if rng.random() > (0.85 if item.kind == "建议" else 0.22):
        return said
    wish = _clause(item, "求", rng=rng)
    return said + _pick(WISHES_AFTER_BLAME, rng=rng).replace("{求}", wish)


_BODIES = {"正面": _positive, "中性": _neutral, "负面": _negative}


def _opening(item: Item, *, rng: np.random.Generator) -> str:
    own = _fitting(STRATUM_OPENINGS.get(item.stratum, ()), item=item)
    if own and rng.random() < STRATUM_OPENING_SHARE.get(item.channel, 0):
        return _pick(own, rng=rng)
    if item.region and rng.random() < REGION_SHARE:
        return f"我们{item.region}这边，"
    is_inside_call = item.channel == "客户服务热线" and item.side == "internal"
    return _pick(_fitting(OPENINGS["内线" if is_inside_call else item.channel], item=item), rng=rng)


def _fitting(openings: Sequence[str], *, item: Item) -> list[str]:
    """Leave out openings that announce an opinion before a neutral statement, or a long acquaintance."""
    barred = NO_OPINION if item.feeling == "中性" else ()
    if item.stratum in SHORT_ACQUAINTANCE:
        barred = (*barred, "大半年")
    if item.feeling == "中性" and item.stratum == "离职员工":
        barred = (*barred, "在职", "以前")
    return [opening for opening in openings if not any(word in opening for word in barred)]


def _ending(text: str, *, item: Item, rng: np.random.Generator) -> str:
    if text.endswith("？"):
        return ""
    if any(wish in text for wish in WISH_WORDS):
        return _pick(ENDINGS_AFTER_WISH[item.feeling], rng=rng)
    is_praise = item.kind == "表扬" and item.feeling == "正面"
    ending = _pick(THANKS if is_praise and rng.random() < 0.5 else ENDINGS[item.feeling], rng=rng)
    core = ending.strip("，。！")[-2:]
    return "。" if core and (core in text or core[-1] in text[-4:]) else ending


def _filled(text: str, *, rng: np.random.Generator) -> str:
    for slot, words in WORDS.items():
        word = _pick(words, rng=rng)
        text = text.replace(f"{{{slot}}}", word)
    return text


def _roughened(text: str, *, rng: np.random.Generator) -> str:
    """Let some writers slip, and some type half-width or no punctuation."""
    slips = [slip for slip in SLIPS if slip[0] in text]
    if slips and rng.random() < SLIP_SHARE:
        text = text.replace(*slips[int(rng.integers(len(slips)))], 1)
    if rng.random() < CASUAL_SHARE:
        comma, stop = ((",", "."), (" ", ""), ("，", "～"))[int(rng.integers(3))]
        text = text.replace("，", comma).removesuffix("。") + (stop if text.endswith("。") else "")
    return text


def _with_emoji(text: str, *, item: Item, rng: np.random.Generator) -> str:
    if rng.random() >= EMOJI_SHARE.get(item.channel, 0):
        return text
    return text + _pick(EMOJI[item.feeling], rng=rng) * int(rng.integers(1, 3))


#: Invented contact data: number ranges and a region that nobody has, reserved domains.
CONTACTS = (
    "，我的电话是130{zeros}{four}，请回电。",
    "，联系方式１３０００００{four}。",
    "，手机130-0000-{four}，方便时联系。",
    "，请发邮件到user{four}@example.com。",
    "，邮箱cs.{four}@example.org，谢谢。",
    "，本人身份证号990000199007{two}{four}。",
    "，身份证990101198511{two}{three}X，用于核实。",
    "，微信同号130{zeros}{four}。",
    "，退款请打到卡号9000 0000 0000 {four}。",
)


def add_contacts(comments: pd.Series, *, count: int, rng: np.random.Generator) -> pd.Series:
    """Add invented telephone numbers, e-mail addresses and identity numbers to ``count`` comments."""
    told = comments.copy()
    short = comments.index[(comments != "") & (comments.str.len() < 80)]
    for order, row in enumerate(rng.choice(short, size=count, replace=False)):
        four, two = f"{rng.integers(10000):04d}", f"{rng.integers(10, 20)}"
        digits = {"four": four, "three": four[:3], "two": two, "zeros": "0000"}
        told[row] = comments[row].rstrip("。！，.!～ ") + CONTACTS[order % len(CONTACTS)].format(**digits)
    return told

"""Put invented personal data into some comments, and keep the key that says what stands where.

Nobody has these data: mobile numbers begin 130 0000, landlines 0000 (no local number begins with 0), identity
numbers have the province 99, cards begin 9000, mail goes to reserved domains, plates have the letters O and I,
WeChat names are longer than allowed, QQ numbers higher than any issued; towns and people are made up.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

import numpy as np
import pandas as pd

KINDS = ("姓名", "电话", "身份证", "卡号", "邮箱", "地址", "车牌", "微信", "QQ")
#: Comments of these lengths are told something more.
SHORTEST, LONGEST = 10, 110
#: How much likelier than a questionnaire a channel's comment names somebody.
AFFINITY = {"客户服务热线": 4.0, "社交媒体监测": 1.5, "面对面深度访谈": 0.8, "焦点小组讨论": 0.3}
HOTLINE, SOCIAL = "客户服务热线", "社交媒体监测"
NOTES = (HOTLINE, "面对面深度访谈", "焦点小组讨论")
#: Wordings of the hotline's agents only, and what nobody writes on the net.
CALLS_ONLY, NEVER_SOCIAL = "核验", ("来访", "麻烦登记")


class Occasion(NamedTuple):
    """Why data is given: where it stands in the comment, and how the person or a note taker words it."""

    place: str
    own: tuple[str, ...]
    noted: tuple[str, ...]


#: Dealt in turn: sixteen occasions name every kind at least twice.
OCCASIONS = (
    Occasion(
        "end",
        ("我是{姓名}，电话{电话}", "联系人：{姓名}，{电话}", "有事找{姓名}，打{电话}"),
        ("姓名{姓名}，回电{电话}", "联系人{姓名}，电话{电话}"),
    ),
    Occasion(
        "start",
        ("我叫{姓名}，", "本人{姓名}。", "上次接待我的是{姓名}经理。"),
        ("来电人{姓名}，", "联系人{姓名}。", "{姓名}来电。"),
    ),
    Occasion(
        "end",
        ("我的手机{电话}", "方便的话回个电话{电话}", "打我电话也行，{电话}", "有结果请打{电话}"),
        ("留电{电话}", "要求回电{电话}", "联系电话：{电话}"),
    ),
    Occasion(
        "end",
        ("核实身份用这个：{身份证}", "我的身份证号是{身份证}", "实名登记填的是{身份证}"),
        ("证件号{身份证}，已核验", "报身份证号{身份证}"),
    ),
    Occasion(
        "start",
        ("本人{姓名}，身份证号{身份证}，", "我是{姓名}（{身份证}），"),
        ("{姓名}，证件号{身份证}，", "核验{姓名}，身份证{身份证}。"),
    ),
    Occasion(
        "end",
        ("钱请打到{卡号}", "我的卡号{卡号}", "绑的卡是{卡号}"),
        ("收款账号{卡号}", "提供卡号{卡号}"),
    ),
    Occasion(
        "end",
        ("户名{姓名}，卡号{卡号}", "退到{姓名}的卡上，{卡号}"),
        ("收款人{姓名}，卡号{卡号}，已录入", "户名{姓名}，账号{卡号}"),
    ),
    Occasion(
        "end",
        ("资料发我邮箱{邮箱}", "有回复请发{邮箱}", "邮箱：{邮箱}"),
        ("回复发至{邮箱}", "对方邮箱{邮箱}"),
    ),
    Occasion(
        "middle",
        ("（截图发过{邮箱}）", "（我的邮箱{邮箱}）", "（抄送{邮箱}）"),
        ("（邮箱{邮箱}）", "（附件已发{邮箱}）"),
    ),
    Occasion(
        "end",
        ("发票请寄{地址}", "我在{地址}", "上门的话到{地址}"),
        ("上门地址{地址}", "对方地址：{地址}"),
    ),
    Occasion(
        "end",
        ("收件人{姓名}，{地址}，{电话}", "寄{地址}，{姓名}收，电话{电话}"),
        ("寄送信息：{姓名}，{电话}，{地址}", "收件{姓名}，{地址}，联系电话{电话}"),
    ),
    Occasion(
        "end",
        ("下次来访开{车牌}，麻烦登记", "来访车辆{车牌}", "车牌{车牌}"),
        ("来访车辆{车牌}", "登记车牌{车牌}"),
    ),
    Occasion(
        "middle",
        ("（车牌{车牌}，电话{电话}）", "（手机{电话}，车{车牌}）"),
        ("（电话{电话}，来访车{车牌}）", "（车号{车牌}，{电话}）"),
    ),
    Occasion(
        "end",
        ("加我微信{微信}细说", "微信号{微信}", "vx：{微信}"),
        ("微信{微信}，待添加", "对方微信号：{微信}"),
    ),
    Occasion(
        "start",
        ("我的微信{微信}，QQ{QQ}。", "加微信{微信}或者QQ{QQ}都行。"),
        ("微信{微信}，QQ{QQ}：", "联系方式：微信{微信}、QQ{QQ}。"),
    ),
    Occasion(
        "end",
        ("QQ：{QQ}", "扣扣{QQ}，晚上在线", "加Q{QQ}"),
        ("QQ{QQ}，下班后联系", "对方QQ号{QQ}"),
    ),
)

SURNAMES = [
    "邬",
    "褚",
    "阎",
    "卞",
    "晏",
    "柏",
    "冼",
    "郗",
    "戚",
    "温",
    "傅",
    "程",
    "沈",
    "梁",
    "陆",
    "骆",
    "尹",
    "邵",
    "万俟",
    "欧阳",
    "上官",
    "司徒",
    "端木",
    "慕容",
    "令狐",
    "简",
    "丘",
    "楚",
    "霍",
    "闵",
]
GIVEN = "怀远曼清知微予安景行书砚若溪承泽念慈以沫亦凡思源牧之南乔望舒云舟青禾嘉树"
TOWNS = ("澜州市东澜区", "望川市新川区", "青屿市北屿区", "梧溪市溪东区", "澜州市银沙镇", "望川市柳亭县")
ROADS = ("听松路", "银帆大道", "杏坛街", "石桥巷", "云帆路", "和畅路", "晚枫路")
PROVINCES = "沪京苏粤浙鲁川鄂"
PINYIN = [
    "wuman",
    "chuhuai",
    "yanxing",
    "bianruo",
    "baishu",
    "wenzhou",
    "fuan",
    "shenxi",
    "liangmu",
    "luoqing",
    "yinshu",
    "huoran",
]
CHINESE_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def add_contacts(
    items: pd.DataFrame, comments: Sequence[str], *, count: int, rng: np.random.Generator
) -> tuple[pd.Series, pd.DataFrame]:
    """Put invented personal data into ``count`` comments.

    Parameters
    ----------
    items
        One row a comment, with ``channel``.
    comments
        The comments, empty where nothing was said.

    Returns
    -------
    told
        The comments, as a column beside ``items``.
    key
        ``row`` (position among the comments), ``kind``, ``text`` (the piece exactly as it stands there).
    """
    told = pd.Series(list(comments), index=items.index, dtype=object)
    teller = _Teller(Random(int(rng.integers(2**62))))
    channels = items["channel"].to_numpy()
    key = []
    for order, row in enumerate(_rows(told, channels=channels, count=count, rng=rng)):
        told.iloc[row], pieces = teller.tell(
            told.iloc[row], occasion=OCCASIONS[order % len(OCCASIONS)], channel=channels[row]
        )
        key += [(row, kind, piece) for kind, piece in pieces]
    frame = pd.DataFrame(key, columns=["row", "kind", "text"])
    return told, frame.astype({"row": int}).sort_values("row", kind="stable", ignore_index=True)


def _rows(comments: pd.Series, *, channels: np.ndarray, count: int, rng: np.random.Generator) -> list[int]:
    """Draw the rows by weight, without replacement; quotations and lists are left alone."""
    fits = comments.str.len().between(SHORTEST, LONGEST) & ~comments.str.contains(r"[“#@①]|^[1（一]")
    free = np.flatnonzero(fits.to_numpy())
    weights = pd.Series(channels[free]).map(AFFINITY).fillna(1.0).to_numpy()
    keys = np.log(rng.random(len(free))) / weights
    return free[np.argsort(-keys, kind="stable")[:count]].tolist()


class _Teller:
    """Invents data, in another spelling each time, and no name twice."""

    def __init__(self, random: Random) -> None:
        self.random = random.random
        self.turns = dict.fromkeys(KINDS, 0)
        self.names: set[str] = set()

    def tell(self, comment: str, *, occasion: Occasion, channel: str) -> tuple[str, list[tuple[str, str]]]:
        wordings = occasion.noted if channel in NOTES else occasion.own
        text = self.pick([wording for wording in wordings if _is_fit(wording, channel=channel)])
        pieces = []
        for kind in sorted((kind for kind in KINDS if f"{{{kind}}}" in text), key=text.index):
            piece = _MAKERS[kind](self, self.turns[kind])
            self.turns[kind] += 1
            text = text.replace(f"{{{kind}}}", piece)
            pieces.append((kind, piece))
        return _joined(comment, text, place=occasion.place), pieces

    def pick(self, choices: Sequence) -> object:
        return choices[int(self.random() * len(choices))]

    def digits(self, size: int) -> str:
        return f"{int(self.random() * 10**size):0{size}d}"


def _is_fit(wording: str, *, channel: str) -> bool:
    """Say whether data is given in these words in a channel."""
    if channel == SOCIAL and any(word in wording for word in NEVER_SOCIAL):
        return False
    return channel == HOTLINE or CALLS_ONLY not in wording


def _joined(comment: str, text: str, *, place: str) -> str:
    if place == "start":
        return text + comment
    ends = [comment.find(sign) for sign in "，；。" if 0 < comment.find(sign) < len(comment) - 1]
    if place == "middle" and ends:
        return comment[: min(ends)] + text + comment[min(ends) :]
    core = comment.rstrip("。！，.!～~ ")
    joint = "" if text[0] == "（" else " " if core[-1] in "？?" else "，" if len(core) < 40 else "。"
    return f"{core}{joint}{text}。"


def _name(teller: _Teller, turn: int) -> str:
    while True:
        given = teller.pick(GIVEN) + (teller.pick(GIVEN) if turn % 4 else "")
        name = teller.pick(SURNAMES) + given
        if name not in teller.names and len(set(given)) == len(given):
            teller.names.add(name)
            return name


def _phone(teller: _Teller, turn: int) -> str:
    four = teller.digits(4)
    plain = f"1300000{four}"
    if turn == 3:  # once in a year somebody writes the digits out
        return plain.translate(CHINESE_DIGITS)
    forms = (
        plain,
        f"130-0000-{four}",
        f"130 0000 {four}",
        f"010-0000{four}",
        plain.translate(FULL_WIDTH),
        f"(021)0000 {four}",
        f"+86 {plain}",
        plain,
    )
    return forms[turn % len(forms)]


def _identity(teller: _Teller, turn: int) -> str:
    year, month, day = (
        1965 + int(teller.random() * 38),
        1 + int(teller.random() * 12),
        10 + int(teller.random() * 18),
    )
    body = f"990{teller.digits(3)}{year}{month:02d}{day}{teller.digits(3)}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    number = body + "10X98765432"[total % 11]
    forms = (
        number,
        f"{number[:6]} {number[6:14]} {number[14:]}",
        number.lower(),
        number.translate(FULL_WIDTH),
        f"{number[:6]}-{number[6:14]}-{number[14:]}",
    )
    return forms[turn % len(forms)]


def _card(teller: _Teller, turn: int) -> str:
    four = teller.digits(4)
    forms = (f"9000 0000 0000 {four}", f"900000000000{four}", f"9000-0000-0000-{four}")
    return (*forms, f"900000000000{four}".translate(FULL_WIDTH))[turn % 4]


def _mail(teller: _Teller, turn: int) -> str:
    user = teller.pick(PINYIN)
    forms = (
        f"{user}{teller.digits(2)}@example.com",
        f"{user}.{teller.pick(PINYIN)}@example.org",
        f"{user.upper()}@EXAMPLE.COM",
        f"{user}_{teller.digits(3)}@mail.example.com",
        f"{user}＠example.org",
        f"{user}-cw@example.net",
    )
    return forms[turn % len(forms)]


def _address(teller: _Teller, turn: int) -> str:
    street = f"{teller.pick(TOWNS)}{teller.pick(ROADS)}{1 + int(teller.random() * 300)}号"
    floor, room = 1 + int(teller.random() * 20), 1 + int(teller.random() * 9)
    forms = (
        f"{street}{room}栋{floor}0{room}室",
        f"{street}科创园B座{floor}层",
        f"{street}",
        f"{street} {room}单元{floor}0{room}",
    )
    return forms[turn % len(forms)]


def _plate(teller: _Teller, turn: int) -> str:
    forms = ("{}O·I{}", "{}OI{}", "{}I·{}O", "{}O-I{}", "{}O I{}")
    return forms[turn % len(forms)].format(teller.pick(PROVINCES), teller.digits(4))


def _wechat(teller: _Teller, turn: int) -> str:
    forms = ("wxid_{}_0000_example{}", "{}_0000example_cw{}", "{}-example-0000-{}-wx")
    return forms[turn % len(forms)].format(teller.pick(PINYIN), teller.digits(4))


def _qq(teller: _Teller, turn: int) -> str:
    five = teller.digits(5)
    forms = (f"90000{five}", f"90000 {five}", f"90000{five}".translate(FULL_WIDTH), f"90000-{five}")
    return forms[turn % len(forms)]


_MAKERS: dict[str, Callable[[_Teller, int], str]] = {
    "姓名": _name,
    "电话": _phone,
    "身份证": _identity,
    "卡号": _card,
    "邮箱": _mail,
    "地址": _address,
    "车牌": _plate,
    "微信": _wechat,
    "QQ": _qq,
}

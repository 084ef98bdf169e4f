"""Read a comment once more before it is given: is it clumsy, can it be said now and by this person, who says 我?"""

import re
from functools import cache

#: From which month on something of the year can be spoken of.
_SEASONS = {
    "开春": 3,
    "清明|(?<!第)一季度": 4,
    "五一": 5,
    "端午|年中|上半年|夏天": 6,
    "二季度|暑假|暑期|酷暑": 7,
    "三季度|下半年": 8,
    "中秋|秋天|入秋|秋季|秋后": 9,
    "国庆": 10,
    "双十一|四季度|入冬": 11,
}
_MONTHS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
#: What came only in 2023, with the month, and what was over by then.
_NEW = {"智能问答": 7, "协作指南": 9, "权限中心|查询引擎|同步(?:错误|出错)|五月[^，]*(?:升级|出错|出事)": 1}
_OVER = "疫情|封控|居家|旧版客户端|闪退那一版|纸质审批单"
_EARLIER = re.compile("去年|前年|往年|那年|每年|每逢")


@cache
def _out_of_season(year: int, month: int) -> re.Pattern[str]:
    """Match the times of the year that are still to come, or last year's troubles."""
    words = [word for word, first in _SEASONS.items() if month < first]
    words += [f"(?<!十){name}月" for order, name in enumerate(_MONTHS, start=1) if month < order]
    words += [f"(?<!十){name}月(?:以来|以后|之后|往后|起)" for name in _MONTHS[month - 1 : month]]
    words += [_OVER] if year > 2022 else []
    words += ["春节|过年|大年|年后"] if month == 1 else ["五月"] if (year, month) == (2023, 5) else []
    return re.compile("|".join(words) or "(?!)")


@cache
def _unheard_of(year: int, month: int) -> re.Pattern[str]:
    """Match what does not exist yet, however it is put."""
    words = [word for word, first in _NEW.items() if year < 2023 or month < first]
    words += ["快年底|年底了"] if month < 10 else []
    return re.compile("|".join(words) or "(?!)")


def is_timely(text: str, *, year: int, month: int) -> bool:
    """Say whether a clause can be said in a month, by the seasons and novelties that it names."""
    if _unheard_of(year, month).search(text):
        return False
    return not _out_of_season(year, month).search(text) or bool(_EARLIER.search(text))


#: What is said of the incident only after it was mended, on 18 May.
_AFTERWARDS = re.compile(
    "那次|那几天|期间|三[天晚]|几天|一周|补齐|补偿|赔|恢复以?后|连着|周四|说明会|全部找回|补是补|补回来|重复的"
    "|道歉|恢复了|修好|补数|应急处理|出错以后|半天内|核对结果|逐[条笔]"
)


def is_timely_of_incident(text: str, *, month: int, day: int) -> bool:
    """Say whether a clause about the incident can be said so soon."""
    return (month, day) >= (5, 19) or not _AFTERWARDS.search(text)


_AFTER_QUESTION = re.compile("？[，。；]")
_CLUMSY = re.compile(
    r"(但是?|可是?|不过|而且|另外|结果|最后|现在|已经|还是|希望|建议|能|可以|就是|只好|要是|最好|虽然|同时)，?\1"
    r"|，，|。。|，。|。，|；，|，；|：，|的的|了了|能能|吗吗|了吧了|！。|”“|”。”|：：|吗吧|呢吗|但[却但]"
    r"|[但可]是?(不过|但|可是|虽然)|希望(请|建议|能够?能)|建议(请|希望|麻烦)|请(请|希望)|能(希望|建议|请)"
)
_OCCUPATION = re.compile("我[管在是](?!等)|我这种|作为|做[^，]{2,4}的|我负责|我跑|我带")
#: What newcomers don't say.
_UNLIKELY = {
    "潜在客户": re.compile(
        "老客户|续[签约费]|合作.{1,3}年|[二三四五六七八十]年|去年|前年|往年|老用户|五月|半年|账户|合同[里写]|老员工"
        "|关账|月结|我们这样的集团|连锁门店|服务费|货款|赔|双十一|不续|又签|几年|签约的时候|发票寄不到|旧版客户端|老客户端"
    ),
    "普通客户": re.compile("我们这样的集团"),
    "供应商": re.compile("新来的文员.*月结"),
    "新入职员工": re.compile("干了.{1,3}年|[二三四五六七八十]来?年|去年|前年|往年|年年|老员工的"),
}
#: What only suppliers say: they are the ones who are paid.
_SUPPLIERS = re.compile("做供应商的|货款|^款(?:到期就付|按合同日子到)")
_ME = re.compile("(?<![自追])(?:我|咱)")
_SEVERAL = re.compile("几位|两位组员|多位|多家|大家|组内|小组")
#: An opening that spans some time does not go before a clause with a date.
_SPAN = re.compile("最近|这半年|这一年|今年|这段时间|这阵子|这两个月")
_DATED = re.compile(
    "[一二三四五六七八九十]月|[去前今那]年|[年月]初|[年月]底|半年|季度|年中|昨天|前天|周[一二三四五六日末]|上周|那次"
)
#: The end of a context that is no sentence.
_HANGING = re.compile("(的时候|以后|之后|之前|期间|那几?[天周]|那阵子|那段时间|那个月)。(?=[^”])")
_QUOTED = re.compile(r"(“[^”]*”)")
_BEGUN = (
    "真",
    "确实",
    "总",
    "说实",
    "老实",
    "今年",
    "最近",
    "目前",
    "虽",
    "尽管",
    "关于",
    "除",
    "“",
    "1",
    "（1",
    "①",
    "一、",
    "一是",
    "首先",
)


def is_clumsy(text: str, *, size: int) -> bool:
    """Say whether joints or words clash, or so many neighbouring characters stand twice."""
    return bool(_CLUMSY.search(text)) or _repeats(text, size=size)


def smoothed(text: str) -> str:
    """Drop the sign after a question or a quotation that has its own; let no sentence end with its context."""
    return _HANGING.sub(r"\1，", _AFTER_QUESTION.sub("？", text).replace("。”。", "。”"))


def is_likely(text: str, *, stratum: str, has_job: bool) -> bool:
    """Say whether somebody of this stratum, whose job was told or not, can say so of himself."""
    if (has_job or stratum == "高层领导") and _OCCUPATION.search(text):
        return False
    if stratum != "供应商" and _SUPPLIERS.search(text):
        return False
    return stratum not in _UNLIKELY or not _UNLIKELY[stratum].search(text)


def in_third_person(text: str, *, he: str, you: str) -> str:
    """Tell what somebody said of himself as a note taker does; quotations stay as they are.

    Examples
    --------
    >>> in_third_person("客户说我们等了两天，“我很急”", he="他", you="云衡")
    '客户说他们等了两天，“我很急”'
    """
    speaker = "他们" if _SEVERAL.search(text) else he
    pieces = _QUOTED.split(text)
    for place in range(0, len(pieces), 2):
        piece = pieces[place].replace("你们", you).replace("咱们", "他们").replace("我司", "他们公司")
        pieces[place] = _ME.sub(speaker, piece.replace("我们", "他们"))
    return "".join(pieces)


def overlaps(phrase: str, text: str) -> bool:
    """Say whether two neighbouring characters of a phrase stand in the text already."""
    core = phrase.strip("，。！：#@ ")
    return any(core[place : place + 2] in text for place in range(len(core) - 1))


def clashes(opening: str, text: str) -> bool:
    """Say whether an opening and what follows would both begin with 我们 or a time."""
    if _SPAN.search(opening) and _DATED.search(text):
        return True
    return text.startswith(_BEGUN) or ("我" in opening and "我" in text[:6])


def _repeats(text: str, *, size: int) -> bool:
    """Say whether so many neighbouring characters stand twice in a text that is no story."""
    if len(text) > 100:
        return False
    seen: set[str] = set()
    for place in range(len(text) - size + 1):
        piece = text[place : place + size]
        if piece in seen:
            return True
        seen.add(piece)
    return False

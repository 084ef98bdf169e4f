"""Say a sentence again in slightly other words, as people do: no number, no denial and no meaning changes."""

import re

import numpy as np
from rapidfuzz.fuzz import ratio

#: Texts that people reword are this much alike (0–100), signs left out.
LEAST_ALIKE, MOST_ALIKE = 76.0, 96.5
#: What must stand in both texts alike.
MEANT = re.compile(r"[0-9０-９不没无未别非勿莫]")
TRIES = 20
MOST_EDITS = 3

#: What people say → how they say it the next time; None of them touches a number or a denial.
WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        ("(?<!没)(?<!有)希望", "盼望"),
        ("(?<!小)建议", "提议"),
        ("能否", "可否"),
        ("想问(?![问一])", "想问问"),
        ("想问一下", "想问问"),
        ("请问", "请教"),
        ("(?:此外|另外)(?=，)(?!.*还有)", "还有"),
        ("现在", "眼下"),
        ("每次", "每回"),
        ("每回", "每次"),
        ("经常", "常常"),
        ("总是", "老是"),
        ("老是", "总是"),
        ("只能(?=[^，。])", "只好"),
        ("收到", "接到"),
        ("回复", "答复"),
        ("解决了", "搞定了"),
        ("处理好了", "弄好了"),
        ("手册", "说明书"),
        ("页面", "界面"),
        ("周末(?!周会)", "双休日"),
        ("以后", "之后"),
        ("之前", "以前"),
        ("马上", "立刻"),
        ("立刻", "马上"),
        ("夜里", "半夜"),
        ("(?<=，)但(?![愿凡是])", "可"),
        ("(?<!得)很(?=[快慢好难乱多清细稳烦高])", "挺"),
        ("提醒", "提示"),
        ("(?<=[户人])称", "说"),
        ("(?<=[户人])反映", "说"),
        ("感谢", "谢谢"),
        ("(?<!感)谢谢", "多谢"),
        ("有点(?=[^，。])", "有些"),
        ("耽误", "耽搁"),
        ("我们", "咱们"),
        ("觉得", "感觉"),
        ("碰到|碰上", "遇上"),
        ("遇到|遇上", "碰上"),
        ("一直", "始终"),
        ("终于", "总算"),
        ("恳请|烦请", "麻烦"),
        ("快速", "迅速"),
        ("如果", "要是"),
        ("应该", "该"),
        ("需要", "要"),
        (
            "(?<=[问映解])一下|其实，?|确实(?=[^，。])|真的(?=[^，。])|稍微|整整|总之，|说实话，|实话说，|真心话，",
            "",
        ),
        ("(?<=[上刻])就能", "能"),
        ("求解决", "请解决"),
        ("增加", "加上"),
        ("领导(?![层力小])", "上级"),
        ("电话打(?=[过去来])", "电话拨"),
        ("大家都", "人人都"),
        ("太(?=[慢乱难差久])", "实在"),
        ("(?<=前)通知", "告知"),
        ("公布", "公开"),
        ("说清楚?", "说明白"),
        ("尽快", "早日"),
        ("抓紧", "尽快"),
        ("白干", "白忙"),
        ("干瞪眼", "干着急"),
        ("天天", "每天"),
        ("崩了", "挂了"),
        ("掉线", "断线"),
        ("推迟", "延后"),
        ("设个", "弄个"),
        ("多讲", "多说"),
        ("多办", "多搞"),
        ("放在", "放到"),
        ("单子", "单据"),
        ("截图", "截屏"),
        ("(?<=[，。])老师(?!傅)", "讲师"),
        ("回音", "回信"),
        ("快多了", "快了很多"),
        ("顺手", "好用"),
        ("解决方案", "办法"),
        ("两码事", "两回事"),
        ("一拖再拖", "拖了又拖"),
        ("对接人", "接口人"),
        ("求问", "想问"),
        ("节假日", "放假期间"),
        ("太(?=[虚勤死长闷臃])", "实在"),
        ("手抖", "手滑"),
        ("就出事", "就闯祸"),
        ("看不懂", "看不明白"),
        ("排队", "排号"),
        ("紧急", "着急"),
        ("太频繁", "实在频繁"),
        ("死板", "呆板"),
        ("漫长", "长长"),
        ("索性", "干脆"),
        ("真心(?=[^话])", "实在"),
        ("怄气", "生气"),
        ("气得", "恼得"),
        ("整体", "总体"),
        ("恭喜", "祝贺"),
        ("差距", "差别"),
        ("找一句", "查一句"),
        ("天荒地老", "花儿都谢了"),
        ("走运", "幸运"),
        ("(?<!加)急单", "加急单"),
        ("(?<=[写讲])清楚", "明白"),
        ("刚入职", "刚来"),
        ("事先", "提前"),
        ("演个过场", "走个过场"),
        ("刷新也没反应", "刷新也没动静"),
        ("忍不住夸", "忍不住表扬"),
        ("究竟", "到底"),
        ("汇报一下", "说一下"),
        ("堪忧", "让人担心"),
        ("办公软件", "办公系统"),
        ("省事", "省心"),
        ("隔三差五", "三天两头"),
        ("挺失望", "很失望"),
        ("有待改进", "需要改进"),
        ("打招呼", "通知"),
        ("修好了", "解决了"),
        ("接着(?=填)", "继续"),
        ("前途", "出路"),
        ("保存时", "存的时候"),
        ("提交时", "递交时"),
        ("关于", "说到"),
        ("盼(?=处理|能)", "望"),
        ("漏单", "丢单"),
        ("吹得太满", "吹得过头"),
        ("海报满天飞", "到处是海报"),
        ("首屏", "第一屏"),
        ("建模板|做模板", "弄模板"),
        ("顺带", "顺便"),
        ("方便的话", "可以的话"),
        ("赶上", "碰上"),
        ("老点到", "总点到"),
        ("偶尔", "有时"),
        ("踢来踢去", "推来推去"),
        ("及时(?=[^不])", "迅速"),
        ("辛苦了", "费心了"),
    )
)
_SENTENCES = re.compile(r"[^。；！]+[。；！]")
#: A sentence that begins so leans on the one before it, or introduces the one behind it.
_LEANING = re.compile(
    r"^(但|可|只是|所以|因此|另|此外|还|再|其|然后|而|这|那|它|他|她|也|才|就|结果|下一步|一是|二|三|一、|①|（|最后|后来)"
    r"|^\d|来电|反映|称|说|问|如下|：|[@#]"
)
_SIGNS = re.compile(r"[\W_]+")


def reworded(text: str, *, rng: np.random.Generator) -> str:
    """Change a few words of a text, or the order of two sentences; "" where that can't be done lightly."""
    for _ in range(TRIES):
        told = text
        for _ in range(int(rng.integers(1, MOST_EDITS + 1))):
            told = _edited(told, rng=rng)
        if MEANT.findall(told) == MEANT.findall(text) and LEAST_ALIKE <= alike(text, told) <= MOST_ALIKE:
            return told
    return ""


def alike(one: str, other: str) -> float:
    """Give the similarity of two texts without their signs, 0–100; 100 where one holds the other."""
    short, long = sorted((_SIGNS.sub("", one).lower(), _SIGNS.sub("", other).lower()), key=len)
    return 100.0 if short in long else ratio(short, long)


def _edited(text: str, *, rng: np.random.Generator) -> str:
    """Make one change, if there is one to make."""
    edits = [pattern.sub(word, text, count=1) for pattern, word in WORDS if pattern.search(text)]
    if swapped := _swapped(text):
        edits.append(swapped)
    return edits[int(rng.integers(len(edits)))] if edits else text


def _swapped(text: str) -> str:
    """Change the order of the two sentences of a text, unless one leans on the other."""
    parts = _SENTENCES.findall(text)
    if len(parts) != 2 or "".join(parts) != text or any(_LEANING.search(part) for part in parts):
        return ""
    first, second = parts
    return f"{second[:-1]}{first[-1]}{first[:-1]}{second[-1]}"

"""Personal data in free text: numbers and addresses of all kinds, licence plates, and people's names.

Masks what has the form of such a thing, whether or not its check digit is right: a mistyped number still
points to a person. Names are found by what stands around them: a title behind (张经理, 李工), 小 before, or
words that introduce a person (我叫, 联系人). A full name that stands alone is not found.
"""

import re
import unicodedata
from collections import Counter

import pandas as pd

# `\b` is no boundary between 汉字 and digits, hence the look-arounds.
_GAP = r"[ \-—–]?"
_DAY = r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_FOUR = rf"{_GAP}\d{{4}}"
_IS = r"(?:号码|号|账号|ID|id)?[是为: ]{0,3}"
# Surnames that are no everyday word beside the words around them.
_CLEAR = (
    "王李张刘陈杨赵黄周吴徐孙胡朱郭林罗梁宋郑谢韩唐冯董萧曹袁邓许傅沈曾彭吕苏卢蒋蔡贾魏薛叶阎潘杜戴夏钟汪姜"
    "范廖邹熊陆孔崔邱秦顾侯邵孟龙钱汤尹黎贺龚乔赖庞樊兰殷施陶洪翟颜倪严牛俞柳邢齐伍庄章鲁葛楚柏卞戚霍晏闵邬冼"
    "郗褚窦裴岑缪祁骆冉鄢阮匡邝佟桂甄宓靳滕虞翁荀戈湛瞿闫詹覃蔺"
)
# Surnames that are everyday words too, with the characters after which they are one (如何, 对方, 担任 …).
_UNCLEAR = {
    "何": "如为任几",
    "高": "最提较更很",
    "马": "立",
    "方": "对甲乙官我贵户厂校双资各供需地",
    "程": "课工全教流过进日",
    "任": "现前责主担兼历上新继离就信班",
    "余": "剩其多",
    "江": "长",
    "石": "",
    "姚": "",
    "谭": "",
    "金": "资现奖基",
    "史": "历",
    "康": "健",
    "毛": "",
    "白": "明空",
    "万": "千百十一",
    "段": "阶一手这地",
    "雷": "",
    "武": "",
    "温": "保",
    "丁": "",
    "丘": "",
    "安": "平治保公晚",
    "于": "对关由属位在至等处终基低高",
    "简": "",
    "聂": "",
    "梅": "",
    "盛": "",
    "柯": "",
}
_OTHERS = "常时成连平易向关全单管水华米艾古文尚童苗项祝车"
_COMPOUND = (
    "欧阳|上官|诸葛|司徒|司马|慕容|令狐|东方|独孤|南宫|皇甫|公孙|轩辕|尉迟|长孙|宇文|夏侯|端木|万俟|百里|东郭|呼延|申屠|"
    "太史|钟离|鲜于|闾丘|濮阳|淳于|澹台|公冶|宗政|赫连|拓跋|公羊"
)
_BEFORE_TITLE = "|".join(
    [
        _COMPOUND,
        f"(?<![感多答致申道实谢不])(?<![一二两三四五六七八九十几半上下本这每](?=周))[{_CLEAR}]",
        *(f"(?<![{barred}]){name}" if barred else name for name, barred in _UNCLEAR.items()),
    ]
)
_SURNAME = f"(?:{_COMPOUND}|[{_CLEAR}{''.join(_UNCLEAR)}{_OTHERS}])"
_FULL_NAME = rf"{_SURNAME}[\u4e00-\u9fa5]{{1,2}}?"
# Everyday words that begin like a name and may stand where one could.
_WORDS = (
    "谢谢|许多|许可|施工|顾客|顾问|陶瓷|陆续|严格|夏季|龙头|罗列|章程|钟点|高管|高层|高级|高峰|江苏|金融|金额|华北|华东|"
    "华南|华中|华为|任何|任意|任务|方便|方案|方面|时候|时间|安排|安全|连续|连接|平时|平台|全体|全部|全国|单位|单独|管理|"
    "管道|成员|成功|于是|向上|温和|简单|常见|常用|文员|文档|关于|关闭|上海|成都|安徽|水电|水平|程序|程度|马上|马路|白天|"
    "万一|武汉|石家|余下|余额|古老|项目|车间|易用|米兰|童鞋|盛大|曾[到在向经是于]|和|的"
)
_LONG_TITLE = "(?:先生|女士|小姐|经理|老师|主任|总监|主管|师傅|专员|医生|律师|会计|教授|总工|工程师)"
_SHORT_TITLE = (
    "(?:姐|哥|工(?!程|作|单|具|时|资|厂|业|会|期|艺|号|位|序|牌|况|段|种|龄|地|人|商)|"
    "总(?!部|是|监|结|体|的|算|共|数|额|得|之|计|量|会|公司|线|分|长|有|在))"
)
# After these a name follows, unless it is one of the words behind; after the others only what begins as one.
_NAMED = "姓名|户名|(?:联系|收件|收款|经办|来电)人"
_NO_NAME = (
    "必填|不详|未知|电话|手机|暂无|没有|同上|不符|如下|地址|匿名|客户|本人|变更|信息|方式|分机|空缺|待定"
)
_INTRODUCED = "我叫|本人|我是|这里是|我的名字是|名字叫|有事找|请找|回电找|收件|核验|退到|转给|打给"
_NICK_WORDS = (
    "小(?:许多|熊|施工|贺卡|洪水|汤|程序|方[块案法面]|高[峰潮]|任务|余|金|万|白|钱|龙|孙[女子儿]|牛|叶|钟|陶|夏|林|严|齐|庄|"
    "俞|鲁|石|江|毛|段|安|简|温|丘|梅|盛|史|康)|"
    "老(?:赖|方[法案式]|程序|任务|江湖|毛病|白|金|牛|龙|庄|宋体|钱|夏|高层|余|段|万|石|安|于|简|温|盛|史)"
)
# No step of a place may end where another could, or a list of towns takes forever to be refused.
_NOT_STREET = "到在于住送寄是往从去址"
_PLACE = rf"(?:(?:(?![省市区县镇乡州旗{_NOT_STREET}])[\u4e00-\u9fa5]){{1,7}}(?:自治区|[省市区县镇乡州旗]))"
_STREET = (
    rf"(?:(?![{_NOT_STREET}])[\u4e00-\u9fa5]){{1,5}}?"
    r"(?:(?<![线公链电网回通思])路|街|大道|巷|弄|胡同|小区|花园|公寓|新村)"
)
_HOUSE = r"\d{1,5}(?:-\d+)?(?:号|弄|栋|幢|座)"
_ROOM = r"(?:[ ,]?[\dA-Za-z\-一二三四五六七八九十]{1,6}(?:号楼|号|栋|幢|座|单元|楼|层|室|户)){0,5}(?:\d{2,5}(?!\d))?"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_DIGITS = "零〇一二三四五六七八九幺"
_WECHAT = "(?:微信|薇信|威信|[Vv][Xx]|[Ww][Xx]|WeChat|wechat)"
_NUMBERS = (
    (
        "邮箱",
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}",
    ),
    ("身份证", rf"(?<!\d)[1-9]\d{{5}}{_GAP}{_DAY}{_GAP}\d{{3}}[\dXx](?!\d)"),
    ("卡号", rf"(?<!\d)[3-69]\d{{3}}{_FOUR}{_FOUR}{_FOUR}(?:{_GAP}\d{{1,3}})?(?!\d)"),
    ("电话", rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_FOUR}{_FOUR}(?!\d)"),
    ("电话", rf"(?<!\d)(?:\(0\d{{2,3}}\)|0\d{{2,3}}){_GAP}[2-8]\d{{6,7}}(?!\d)"),
    ("电话", r"(?<!\d)(?:\(0\d{2,3}\) ?|0\d{2,3}[-—–])\d{3,4} ?\d{4}(?!\d)"),
    ("电话", rf"(?<![{_DIGITS}])[一幺][三四五六七八九][{_DIGITS}]{{9}}(?![{_DIGITS}])"),
    ("QQ", rf"(?:[Qq]{{2}}|(?<=加)[Qq]|扣扣|企鹅){_IS}(?P<it>[1-9]\d{{3,6}}[ -]?\d{{1,6}})(?!\d)"),
    ("微信", rf"{_WECHAT}(?:号码|号|账号|ID|id|[是为:])[是为: ]{{0,2}}(?P<it>[A-Za-z][A-Za-z0-9_-]{{5,29}})"),
    ("微信", rf"{_WECHAT} ?(?P<it>(?=[A-Za-z-]{{0,28}}[\d_])[A-Za-z][A-Za-z0-9_-]{{5,29}})"),
    ("车牌", rf"[{_PROVINCES}][A-Z][·•. -]?(?=[A-Za-z]?\d)[A-Za-z0-9]{{5,6}}(?![A-Za-z0-9])"),
    ("地址", rf"{_PLACE}{{1,4}}+(?:{_STREET}|[\u4e00-\u9fa5]{{1,5}}?[村里]){_HOUSE}{_ROOM}"),
    ("地址", rf"{_STREET}{_HOUSE}{_ROOM}"),
)
_END = r"(?=[^\u4e00-\u9fa5]|$)"
_NAMES = (
    # 联系人：某某
    rf"(?:{_NAMED})[是: ]{{1,2}}(?!{_NO_NAME})(?P<it>(?:{_COMPOUND})?[\u4e00-\u9fa5]{{2,3}}){_END}",
    rf"(?:{_NAMED})(?!{_WORDS})(?P<it>{_FULL_NAME}){_END}",
    # 我叫某某
    rf"(?:{_INTRODUCED})(?!{_WORDS})(?P<it>{_FULL_NAME})(?=[^\u4e00-\u9fa5]|$|电话|手机|的(?:卡|账)|{_LONG_TITLE})",
    # 某某来电；某某，〔电话〕
    rf"(?:^|[。；;，,:〕 ])(?!{_WORDS})(?P<it>{_FULL_NAME})(?=来电|致电|收[，,。 ]|收$|[,，、]?\(?〔|,?(?:身份证|证件号))",
    # 某某经理, where a clause begins or after a word that takes a person
    rf"(?:(?<![\u4e00-\u9fa5])|(?<=[是找由和与叫给]))(?!{_WORDS})(?P<it>{_FULL_NAME})(?={_LONG_TITLE})",
    # 张经理, 李工
    rf"(?!{_WORDS})(?P<it>{_BEFORE_TITLE})(?={_LONG_TITLE})",
    rf"(?!{_WORDS}|高)(?P<it>{_BEFORE_TITLE})(?={_SHORT_TITLE})",
    # 小陈, 老王
    rf"(?<![大缩最减较细])(?!{_NICK_WORDS})(?P<it>[小老][{_CLEAR}{''.join(_UNCLEAR)}])(?![期末边围岁年转程子家乡村林木牛龙夏])",
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern)) for kind, pattern in (*_NUMBERS, *(("姓名", name) for name in _NAMES))
)
# What can be masked has an @, some digits (be they full-width or spaced), or one of these words.
_SUSPECT = (
    rf"[@＠]|(?:[0-9０-９][^0-9０-９]{{0,4}}){{5}}|[{_DIGITS}]{{11}}|{_WECHAT}|[{_PROVINCES}][A-ZＡ-Ｚ]|[0-9０-９][号弄栋幢座]|"
    rf"[\u4e00-\u9fa5]{_LONG_TITLE}|(?:{_COMPOUND}|[{_CLEAR}{''.join(_UNCLEAR)}])(?:姐|哥|工|总)|{_NAMED}|"
    rf"(?:{_INTRODUCED}){_SURNAME}|[小老][{_CLEAR}{''.join(_UNCLEAR)}]|来电|致电"
)
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


def mask(texts: pd.Series) -> tuple[pd.Series, dict[str, int]]:
    """Replace personal data by what it was: 〔电话〕〔身份证〕〔邮箱〕〔卡号〕〔微信〕〔QQ〕〔车牌〕〔地址〕〔姓名〕.

    Returns
    -------
    tuple
        The masked texts, and how many pieces of each kind were masked.

    Examples
    --------
    >>> masked, found = mask(pd.Series(["请回电13800138000谢谢", None], dtype="str"))
    >>> masked[0], found
    ('请回电〔电话〕谢谢', {'电话': 1})
    """
    suspect = texts[texts.str.contains(_SUSPECT, na=False)]
    found: Counter[str] = Counter()
    masked = texts.copy()
    if len(suspect):
        masked[suspect.index] = [mask_text(text, found=found) for text in suspect]
    return masked, dict(sorted(found.items()))


def mask_text(text: str, *, found: Counter[str] | None = None) -> str:
    """Mask one text, count what was masked in ``found``, and leave every other character as it was."""
    plain, origins = _folded(text)
    for kind, pattern in _PATTERNS:
        group = "it" if "it" in pattern.groupindex else 0
        spans = [match.span(group) for match in pattern.finditer(plain)]
        for start, end in reversed(spans):
            text = f"{text[: origins[start]]}〔{kind}〕{text[origins[end - 1] + 1 :]}"
        if spans:
            plain, origins = _folded(text)
        if found is not None and spans:
            found[kind] += len(spans)
    return text


def _folded(text: str) -> tuple[str, list[int]]:
    """Fold widths and drop invisible characters, keeping the place each character came from."""
    folded = [
        (plain, place)
        for place, character in enumerate(text)
        if character not in _INVISIBLE
        for plain in unicodedata.normalize("NFKC", character)
    ]
    return "".join(plain for plain, _ in folded), [place for _, place in folded]

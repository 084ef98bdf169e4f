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
# Surnames that are no everyday word beside the words around them, then those that need a clearer setting.
_SURNAME = "王李张刘陈杨赵黄周吴徐孙胡朱郭林罗梁宋郑谢韩唐冯董萧曹袁邓许傅沈曾彭吕苏卢蒋蔡贾魏薛叶阎潘杜戴夏钟汪姜范廖邹熊陆孔崔邱秦顾侯邵孟龙钱汤尹黎贺龚乔赖庞樊兰殷施陶洪翟颜倪严牛俞柳邢齐伍庄章鲁葛"
_ANY_SURNAME = f"{_SURNAME}何高马方任程余江石姚谭金史康毛白万段雷武欧阳上官诸司徒慕容"
# Everyday words that begin like a name and may stand before a title.
_WORDS = "谢谢|许多|许可|施工|顾客|顾问|陶瓷|陆续|严格|夏季|龙头|罗列|章程|钟点"
_TITLE = "(?:先生|女士|小姐|经理|老师|主任|总监|主管|师傅|专员|顾问|医生|律师|会计|总工|工(?!程|作|单|具|时|资|厂|业|会|期|艺|号|位|序|牌|况|段|种|龄)|总(?!部|是|监|结|体|的|算|共|数|额|得|之|计|量|会|公司)|姐|哥)"
_INTRODUCED = "我叫|本人叫|我的名字是|名字叫|姓名[是: ]{0,2}|联系人[是: ]{0,2}|收件人[是: ]{0,2}|经办人[是: ]{0,2}|负责人[是: ]{0,2}|请找|回电找|叫"
_PLACE = r"(?:[\u4e00-\u9fa5]{2,7}(?:省|自治区|市|区|县|镇|乡|州|旗))"
_STREET = r"[\u4e00-\u9fa5]{1,10}(?:路|街|大道|巷|弄|胡同|村|里|小区|花园|公寓|新村)"
_HOUSE = r"\d{1,5}(?:-\d+)?(?:号|弄|栋|幢|座)"
_ROOM = r"(?:[ ,]?[\dA-Za-z\-一二三四五六七八九十]{1,6}(?:号楼|号|栋|幢|座|单元|楼|层|室|户))*"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("邮箱", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    ("身份证", re.compile(rf"(?<!\d)[1-9]\d{{5}}{_GAP}{_DAY}{_GAP}\d{{3}}[\dXx](?!\d)")),
    ("卡号", re.compile(rf"(?<!\d)[3-69]\d{{3}}{_FOUR}{_FOUR}{_FOUR}(?:{_GAP}\d{{1,3}})?(?!\d)")),
    ("电话", re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_FOUR}{_FOUR}(?!\d)")),
    ("电话", re.compile(rf"(?<!\d)(?:\(0\d{{2,3}}\)|0\d{{2,3}}){_GAP}[2-8]\d{{6,7}}(?!\d)")),
    (
        "电话",
        re.compile(
            r"(?<![零〇一二三四五六七八九幺])[一幺][三四五六七八九][零〇一二三四五六七八九幺]{9}(?![零〇一二三四五六七八九幺])"
        ),
    ),
    ("QQ", re.compile(rf"(?:[Qq]{{2}}|扣扣|企鹅){_IS}(?P<it>[1-9]\d{{4,11}})(?!\d)")),
    (
        "微信",
        re.compile(
            rf"(?:微信|薇信|威信|[Vv][Xx]|[Ww][Xx]|WeChat|wechat){_IS}(?P<it>[A-Za-z][A-Za-z0-9_-]{{5,19}})"
        ),
    ),
    (
        "车牌",
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•. -]?(?=[A-Za-z]?\d)[A-Za-z0-9]{5,6}(?![A-Za-z0-9])"
        ),
    ),
    ("地址", re.compile(rf"{_PLACE}*{_STREET}{_HOUSE}{_ROOM}")),
    (
        "姓名",
        re.compile(
            rf"(?:{_INTRODUCED})(?P<it>[{_ANY_SURNAME}][\u4e00-\u9fa5]{{1,2}}?)(?=[^\u4e00-\u9fa5]|$|{_TITLE}|电话|手机|的|，|在)"
        ),
    ),
    (
        "姓名",
        re.compile(
            rf"(?:我是|这里是)(?P<it>[{_SURNAME}][\u4e00-\u9fa5]{{1,2}}?)(?=[^\u4e00-\u9fa5]|$|电话|手机)"
        ),
    ),
    (
        "姓名",
        re.compile(
            rf"(?<![感多答致申道实谢])(?!{_WORDS})(?P<it>[{_SURNAME}](?:[\u4e00-\u9fa5]{{1,2}}(?=先生|女士|小姐|经理|老师|主任|总监|师傅))?)(?={_TITLE})"
        ),
    ),
    (
        "姓名",
        re.compile(rf"(?<![大缩最减较细])(?P<it>[小老][{_SURNAME}])(?![期末边围岁年转程子家乡村林木牛龙夏])"),
    ),
)
# Whatever can be masked has an @, seven digits (be they full-width or spaced), or one of these words.
_SUSPECT = (
    r"[@＠]|(?:[0-9０-９][^0-9０-９]{0,4}){5}|[零〇一二三四五六七八九幺]{11}|微信|薇信|威信|[VvWw][Xx]|"
    rf"[0-9０-９][号弄栋幢座]|[{_SURNAME}]{_TITLE[:-1]}|[\u4e00-\u9fa5]{{1,2}}(?:先生|女士|小姐|经理|老师|主任|总监|师傅))|"
    rf"{_INTRODUCED}|我是[{_SURNAME}]|这里是[{_SURNAME}]|[小老][{_SURNAME}]"
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

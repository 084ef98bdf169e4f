"""One look for every picture: colours, the Chinese font, printed numbers, and figure → inline SVG.

It knows nothing about kinds of chart, and it never touches matplotlib's global settings.
"""

import hashlib
import io
import math
import re
import unicodedata
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import seaborn as sns
from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags

from fbanalysis.colours import ACCENT, ALARM, ALIKE, BLACK, LEGIBLE, WHITE, contrast, distance, tint
from fbanalysis.colours import readable as readable
from fbanalysis.dataset import UNQUOTABLE, Theme
from fbanalysis.errors import ConfigError, listed
from fbanalysis.report.ledger import THIN_SPACE, UNITS, Unit, format_number

#: The family of the font that comes with the package; `font_name` says which one is in use.
FONT = "Noto Sans SC"
#: Width of the narrow space, in parts of the font's size; pages carry a glyph of this width.
NARROW_SPACE = 0.2

_NEUTRAL: Mapping[str, str] = MappingProxyType(
    {
        "ground": WHITE,
        "ink": "#1F2A37",
        "muted": "#6B7280",
        "rule": "#D9DEE5",
        "faint": "#A6AEBA",
        "muted_tint": "#E9ECF0",
    }
)

# In fixed order behind the accent; with the accent of our own the least CIE76 distance of two is 12 under
# simulated deuteranopia (Machado 2009), 15 under protanopia and tritanopia. Purple stands in only for a
# colour that is hardly another than the accent: deuteranopes see it as blue.
_FURTHER = ("#E6A532", "#26324A", "#63B79A", "#7A4B20", "#A9D3EC", "#A6AEBA")
_STAND_IN = "#9C6B9E"

_MEANT: Mapping[str, str] = MappingProxyType(
    {
        "正面": "accent",
        "中性": "faint",
        "负面": "alarm",
        "表扬": "accent",
        "建议": "#E6A532",
        "问题反映": "alarm",
        "两者皆有": "muted",
        "有差异": "accent",
        "没有差异": "faint",
        "未检验": "rule",
        "其他": "rule",
        "未知": "rule",
    }
)


def _palette(theme: Theme) -> dict[str, str]:
    accent, alarm = theme.accent or ACCENT, theme.alarm or ALARM
    tints = {"accent_tint": tint(accent, strength=0.2), "alarm_tint": tint(alarm, strength=0.2)}
    return {**_NEUTRAL, "accent": accent, "alarm": alarm, **tints}


def _categories(accent: str) -> list[str]:
    return [accent, *(one if distance(one, accent) >= ALIKE else _STAND_IN for one in _FURTHER)]


def _meanings(palette: Mapping[str, str]) -> dict[str, str]:
    return {label: palette.get(name, name) for label, name in _MEANT.items()}


_palette_now = _palette(Theme())
_categories_now = _categories(ACCENT)
_meanings_now = _meanings(_palette_now)
_font_now: dict[str, str | Path] = {}

#: Views of the look in use: look them up when drawing, for `use` changes what they hold.
COLOURS: Mapping[str, str] = MappingProxyType(_palette_now)
CATEGORIES: Sequence[str] = _categories_now
#: Labels whose colour has a meaning keep it whatever stands beside them.
MEANINGS: Mapping[str, str] = MappingProxyType(_meanings_now)

# A font that has these has the characters of the report.
_NEEDED = "反馈年率0−"

# Said once, by the axis or the slide, not at every mark.
_UNSAID_SUFFIXES = ("score", "pp")

_SIDES = {"all": "全体", "internal": "内部", "external": "外部"}
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"


# The look in use


def use(theme: Theme) -> None:
    """Set the look of everything that this process draws from now on; `Theme()` is our own.

    Raises
    ------
    ConfigError
        The font cannot be opened, or has no Chinese characters.
    """
    font = {"path": theme.font_file, "name": _family(theme.font_file)} if theme.font_file else {}
    font |= {"first": theme.font} if theme.font else {}
    palette = _palette(theme)
    _font_now.clear()
    _font_now.update(font)
    _palette_now.update(palette)
    _categories_now[:] = _categories(palette["accent"])
    _meanings_now.update(_meanings(palette))


def css() -> str:
    """Give the look as CSS custom properties, to stand inside a rule.

    >>> css().split(";")[0]
    '--accent:#0B6E99'
    """
    accent = COLOURS["accent"]
    properties = {
        "accent": accent,
        "alarm": COLOURS["alarm"],
        **{name: COLOURS[name] for name in ("ink", "muted", "rule", "ground")},
        "accent-tint": COLOURS["accent_tint"],
        "alarm-tint": COLOURS["alarm_tint"],
        "accent-faint": tint(accent, strength=0.05),
        "accent-soft": tint(accent, strength=0.09),
        "accent-stage": tint(accent, strength=0.1),
        "font": font_stack(),
    }
    return "".join(f"--{name}:{value};" for name, value in properties.items())


def font_name() -> str:
    """Name the family of the font that charts are measured and drawn in."""
    return str(_font_now.get("name", FONT))


def font_stack() -> str:
    """Give the families of a page: the organisation's, the one that the page carries, then any.

    >>> font_stack()
    "'Noto Sans SC', sans-serif"
    """
    families = dict.fromkeys([str(_font_now.get("first", font_name())), font_name()])
    return ", ".join([*(f"'{family}'" for family in families), "sans-serif"])


def _family(path: Path) -> str:
    """Read the family's name out of a font file that charts of Chinese words can be drawn in."""
    try:
        font = font_manager.get_font(str(path))
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            f"[theme] 的 font_file「{path.name}」打不开，请换一个 TTF 或 OTF 字体文件。"
        ) from error
    if missing := [c for c in _NEEDED if ord(c) not in font.get_charmap()]:
        raise ConfigError(
            f"[theme] 的 font_file「{path.name}」没有{listed(missing)}等字，画不了中文图表："
            "请换一个含简体中文的字体，或删去 font_file。"
        )
    if set(font.family_name) & set(UNQUOTABLE):
        raise ConfigError(f"[theme] 的 font_file「{path.name}」的字体名里有引号或括号，请换一个字体文件。")
    return font.family_name


# Colours


def colour_of(label: str, labels: Sequence[str]) -> str:
    """Give the colour of one label among all labels, the same on every slide.

    >>> colour_of("核心客户", ["核心客户", "普通客户"])
    '#0B6E99'
    >>> colour_of("负面", ["正面", "负面"])
    '#C35037'
    """
    if label in MEANINGS:
        return MEANINGS[label]
    place = list(labels).index(label)
    base = CATEGORIES[place % len(CATEGORIES)]
    rounds = place // len(CATEGORIES)
    return base if rounds == 0 else tint(base, strength=max(0.75 - 0.15 * rounds, 0.15))


def text_on(colour: str) -> str:
    """White or ink, whichever reads better on a filled area; black where neither reads.

    >>> text_on("#E6A532"), text_on("#C35037"), text_on("#808080")
    ('#1F2A37', '#FFFFFF', '#000000')
    """
    best = max((COLOURS["ground"], COLOURS["ink"]), key=lambda text: contrast(text, colour))
    return best if contrast(best, colour) >= LEGIBLE else BLACK


# Words and numbers


def printable(text: object) -> str:
    """Make any label one line of printable text: no control, format or private characters.

    >>> printable(" a\\nb\\u202e ")
    'a b'
    """
    kept = (" " if unicodedata.category(c) in ("Cc", "Zs", "Zl", "Zp") else c for c in str(text))
    return " ".join("".join(c for c in kept if c == " " or unicodedata.category(c)[0] != "C").split())


def names_of(labels: Sequence[object]) -> list[str]:
    """Turn stratum labels into the names that readers see; sides are added where names repeat.

    >>> names_of(["all", "internal/一线员工"])
    ['全体', '一线员工']
    >>> names_of(["internal/其他人员", "external/其他人员"])
    ['内部·其他人员', '外部·其他人员']
    >>> names_of(["登录/注册"])
    ['登录/注册']
    """
    parts = {label: _parts(label) for label in labels}
    tails = [part[-1] for part in parts.values()]
    return ["·".join(parts[one]) if tails.count(parts[one][-1]) > 1 else parts[one][-1] for one in labels]


def _parts(label: object) -> list[str]:
    """Split a stratum into side and name; any other label, with or without a slash, stays whole."""
    side, *rest = printable(label).split("/", 1)
    return [_SIDES[side], *rest] if side in _SIDES else [printable(label)]


def printed(value: float | None, *, unit: str, decimals: int | None = None) -> str:
    """Print a value at its mark, as the ledger prints it; differences carry their sign.

    >>> printed(86.25, unit="percent"), printed(-0.58, unit="score", decimals=2)
    ('86.3%', '−0.58')
    >>> printed(19, unit="pp"), printed(float("nan"), unit="percent")
    ('+19.0', '–')
    """
    known = UNITS.get(unit, Unit("", 2))
    text = format_number(
        math.nan if pd.isna(value) else float(value),
        decimals=known.decimals if decimals is None else decimals,
    )
    if pd.isna(value):
        return text
    sign = "+" if unit == "pp" and value > 0 and re.search("[1-9]", text) else ""
    return sign + text + ("" if unit in _UNSAID_SUFFIXES else known.suffix)


# Font and measured text


def font_file() -> Path:
    """Find the font in use: the organisation's, else the Chinese font that the zhplot package carries."""
    return Path(_font_now["path"]) if "path" in _font_now else _carried_font()


@lru_cache(maxsize=1)
def _carried_font() -> Path:
    """Find the font without importing the package that carries it."""
    package = find_spec("zhplot")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("缺少中文字体：请按 requirements.lock 安装 zhplot")
    return next(Path(package.submodule_search_locations[0]).rglob("NotoSansSC-Regular.ttf"))


@lru_cache(maxsize=8192)
def _advance(character: str, path: str) -> float:
    if character == THIN_SPACE:
        return NARROW_SPACE
    font = font_manager.get_font(path)
    font.set_size(100, 72)
    glyph = font.load_glyph(font.get_charmap().get(ord(character), 0), LoadFlags.NO_HINTING)
    return glyph.linearHoriAdvance / 65536 / 100


def text_width(text: str, size: float) -> float:
    """Width in pixels of one line set at a size in pixels.

    >>> text_width("反馈", 16)
    32.0
    """
    path = str(font_file())
    return round(size * sum(_advance(character, path) for character in text), 2)


def shortened(text: str, *, size: float, width: float) -> str:
    """Cut a line with … so that it fits into a width.

    >>> shortened("客户服务热线", size=10, width=41)
    '客户服…'
    """
    if not text or text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(text: str, *, size: float, width: float, lines: int = 2) -> list[str]:
    """Break a text into at most so many lines of like length; the last is shortened if need be.

    No line begins with closing punctuation.

    >>> wrapped("新入职员工", size=10, width=40)
    ['新入职', '员工']
    """
    greedy = _broken(text, size=size, width=width, lines=lines)
    even = text_width(text, size) / len(greedy) + 0.6 * size
    balanced = _broken(text, size=size, width=min(even, width), lines=len(greedy))
    return greedy if balanced[-1].endswith("…") else balanced


def _broken(text: str, *, size: float, width: float, lines: int) -> list[str]:
    done: list[str] = []
    while len(done) < lines - 1 and text_width(text, size) > width:
        cut = _break(text, size=size, width=width)
        done.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*done, shortened(text, size=size, width=width)]


def _break(text: str, *, size: float, width: float) -> int:
    cut = 1
    while cut < len(text) and text_width(text[: cut + 1], size) <= width:
        cut += 1
    latin = re.search(r"[A-Za-z0-9]+$", text[:cut])
    if latin and latin.start() and cut < len(text) and re.match(r"[A-Za-z0-9]", text[cut]):
        cut = latin.start()
    while cut > 1 and cut < len(text) and text[cut] in "，。；：、！？）》」』〕%…":
        cut -= 1
    return cut


# Figure → SVG


@contextmanager
def themed() -> Iterator[None]:
    """Draw inside this block under the theme; matplotlib's settings return to what they were."""
    _register_font(font_file())
    settings = {
        **sns.axes_style("white"),
        "font.family": [font_name()],
        "font.size": 14,
        "figure.dpi": 72,
        "text.parse_math": False,
        "text.color": COLOURS["ink"],
        "hatch.linewidth": 1.4,
        "svg.fonttype": "none",
        "svg.hashsalt": "fbanalysis",
    }
    with rc_context(settings), warnings.catch_warnings():
        # A character of the data that our font lacks (an emoji) stays text: the browser has another font.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield


@lru_cache(maxsize=8)
def _register_font(path: Path) -> None:
    font_manager.fontManager.addfont(path)


def svg_of(figure: Figure, *, alt: str) -> str:
    """Turn a figure into SVG that can stand inline in a page beside others.

    Text stays text, ids are unique by content, the same figure gives the same bytes.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    drawn = buffer.getvalue()
    root = ET.fromstring(drawn)
    prefix = "c" + hashlib.sha256((drawn + alt).encode()).hexdigest()[:10]
    _drop_furniture(root)
    _rename_ids(root, prefix=prefix)
    _plain_tags(root)
    _describe(root, alt=printable(alt))
    return ET.tostring(root, encoding="unicode")


def _drop_furniture(root: ET.Element) -> None:
    for parent in root.iter():
        for child in list(parent):
            # matplotlib's <style> would restyle the whole page around the picture
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style") or _is_empty(child):
                parent.remove(child)


def _is_empty(element: ET.Element) -> bool:
    """No-fill, no-stroke shapes and groups without content, which transparent grounds leave behind."""
    if element.tag == f"{_SVG}path":
        return element.get("style", "").replace(" ", "") in ("fill:none", "opacity:0")
    return element.tag == f"{_SVG}g" and len(element) == 0


def _rename_ids(root: ET.Element, *, prefix: str) -> None:
    wanted = re.findall(r'(?:url\(#|href="#)([\w.-]+)', ET.tostring(root, encoding="unicode"))
    fresh = {old: f"{prefix}-{place}" for place, old in enumerate(dict.fromkeys(wanted))}
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in fresh:
            element.set("id", fresh[name])
        for key, value in list(element.attrib.items()):
            element.set(key, _pointed(value, fresh) if "#" in value else value)


def _pointed(value: str, fresh: Mapping[str, str]) -> str:
    if value.startswith("#"):
        return "#" + fresh.get(value[1:], value[1:])
    return re.sub(r"url\(#([\w.-]+)\)", lambda match: f"url(#{fresh[match[1]]})", value)


def _plain_tags(root: ET.Element) -> None:
    """Write <svg> and href without name-space prefixes, as HTML reads them."""
    family = f"'{font_name()}'"
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if element.tag != "text" and not (element.text or "").strip():
            element.text = None
        element.tail = None
        if f"{_XLINK}href" in element.attrib:
            element.set("href", element.attrib.pop(f"{_XLINK}href"))
        for key in ("d", "style"):
            if key in element.attrib:
                element.set(
                    key, " ".join(element.get(key, "").split()).replace(family, f"{family}, sans-serif")
                )


def _describe(root: ET.Element, *, alt: str) -> None:
    view = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": view,
            "preserveAspectRatio": "xMinYMin meet",
            "role": "img",
            "aria-label": alt,
        }
    )
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    title = ET.Element("title")
    title.text = alt
    root.insert(0, title)

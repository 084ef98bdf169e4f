"""The deck's own template: colours and fonts of the theme, a master, and layouts with real placeholders.

It starts from the empty presentation that python-pptx carries and leaves nothing of its look.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RELATION
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.parts.slide import SlideMasterPart
from pptx.presentation import Presentation as Deck

from fbanalysis.report import layout, theme
from fbanalysis.report.pptx.text import clean, scheme_name
from fbanalysis.report.pptx.units import Box, centipoints, emu

#: Placeholders by their index on every layout.
KICKER, CONTENT, READING, SOURCE, PAGE, SECOND = 10, 11, 12, 13, 14, 15

FOOT_TOP = 664
BODY_TOP = 132
_BODY_HEIGHT = FOOT_TOP - 14 - BODY_TOP
_MAIN = layout.CONTENT - layout.READING_WIDTH - layout.READING_GAP
_READING_LEFT = layout.LEFT + _MAIN + layout.READING_GAP
_TITLE_BOX = Box(layout.LEFT, layout.TOP + layout.KICKER_HEIGHT, layout.CONTENT, 56)
_BODY_BOX = Box(layout.LEFT, BODY_TOP, layout.CONTENT, _BODY_HEIGHT)
_MAIN_BOX = Box(layout.LEFT, BODY_TOP, _MAIN, _BODY_HEIGHT)
_PAGE_BOX = Box(1280 - layout.LEFT - 60, FOOT_TOP + 8, 60, 24)


@dataclass(frozen=True)
class Place:
    """A placeholder of a layout: what it takes, where it stands, and how its text is set."""

    kind: str
    index: int
    name: str
    box: Box
    size: float = 18.5
    colour: str = "ink"
    anchor: str = "t"
    align: str = "l"


@dataclass(frozen=True)
class Plan:
    """A layout: its placeholders in reading order and the shapes that decorate it."""

    name: str
    places: Sequence[Place]
    decoration: str = ""
    ground: str = ""
    is_bare: bool = False


#: The area of a sheet of our own, in pixels.
SHEET_AREA = Box(layout.LEFT, layout.TOP, layout.CONTENT, FOOT_TOP - layout.TOP)

_KICKER = Place(
    "body", KICKER, "眉题", Box(64, layout.TOP, layout.CONTENT, 21), layout.KICKER, "accent", "ctr"
)
_TITLE = Place("title", 0, "标题", _TITLE_BOX, 31)
_READING = Place(
    "body", READING, "读法", Box(_READING_LEFT, BODY_TOP, layout.READING_WIDTH, _BODY_HEIGHT), 18.5
)
_SOURCE = Place("body", SOURCE, "来源", Box(64, FOOT_TOP + 8, 880, 40), layout.SOURCE, "muted")
_NUMBER = Place("sldNum", PAGE, "页码", _PAGE_BOX, layout.SOURCE, "muted", align="r")
_HEAD, _FOOT = (_KICKER, _TITLE), (_SOURCE, _NUMBER)


def _bar(box: Box, colour: str, *, number: int, name: str = "装饰") -> str:
    """Draw a filled rectangle without text, marked as decoration for screen readers."""
    left, top, width, height = box.emus
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name} {number}"><a:extLst>'
        '<a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
        'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
        '</p:cNvPr><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{_fill(colour)}<a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )


def _fill(colour: str) -> str:
    value = theme.COLOURS.get(colour, colour)
    named = scheme_name(value)
    inner = f'<a:schemeClr val="{named}"/>' if named else f'<a:srgbClr val="{value.lstrip("#").upper()}"/>'
    return f"<a:solidFill>{inner}</a:solidFill>"


def _plans() -> list[Plan]:
    wide = Place("tbl", CONTENT, "表", _BODY_BOX, 17)
    return [
        Plan(
            "封面",
            (
                Place("ctrTitle", 0, "标题", Box(64, 202, 746, 156), 58),
                Place("subTitle", 1, "副标题", Box(64, 380, 746, 40), 24, "muted"),
                Place("body", CONTENT, "说明", Box(64, 540, 746, 140), 19, anchor="b"),
                Place("body", SECOND, "年度", Box(880, 520, 400, 170), 132, "ground", "b", "ctr"),
            ),
            _bar(Box(880, 0, 400, 720), "accent", number=80) + _bar(Box(64, 162, 96, 5), "accent", number=81),
            is_bare=True,
        ),
        Plan("目录", (*_HEAD, wide, *_FOOT)),
        Plan("摘要", (*_HEAD, wide, *_FOOT)),
        Plan(
            "章节",
            (
                Place("body", KICKER, "章号", Box(64, 96, 1152, 36), 24, "accent"),
                Place("title", 0, "标题", Box(64, 132, 1152, 68), 48),
                Place("tbl", CONTENT, "回答", Box(64, 226, 1152, 250), 19),
                Place("body", READING, "本章内容", Box(64, 496, 1152, 150), 15, "muted", "b"),
                *_FOOT,
            ),
            ground="section",
        ),
        Plan("图与读法", (*_HEAD, Place("chart", CONTENT, "图", _MAIN_BOX), _READING, *_FOOT)),
        Plan("图", (*_HEAD, Place("chart", CONTENT, "图", _BODY_BOX), *_FOOT)),
        Plan("表与读法", (*_HEAD, Place("tbl", CONTENT, "表", _MAIN_BOX, 17), _READING, *_FOOT)),
        Plan("表", (*_HEAD, wide, *_FOOT)),
        Plan("引语与全文", (*_HEAD, Place("body", CONTENT, "正文", _BODY_BOX, 19), *_FOOT)),
    ]


def own_deck(footer: str = "", *, font: str, logo: Path | None = None) -> Deck:
    """Make an empty presentation in the report's look."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = emu(layout.WIDTH), emu(layout.HEIGHT)
    deck.part._element.find(qn("p:sldSz")).attrib.pop("type", None)
    _drop_leftovers(deck)
    _dress_theme(deck, font)
    master = deck.slide_master
    _replace_tree(master, [_place(place, is_master=True) for place in _master_places()], _foot_line(footer))
    _set_styles(master)
    for plan, old in zip(_plans(), _only(deck, len(_plans())), strict=True):
        _replace_tree(old, [_place(place) for place in plan.places], plan.decoration)
        _name(old, plan)
    if logo is not None:
        _place_logo(master.part, logo)
    return deck


def _drop_leftovers(deck: Deck) -> None:
    """Leave out the printer's settings and the thumbnail of another presentation."""
    for holder in (deck.part.rels, deck.part.package._rels):
        for name, relation in list(holder.items()):
            if relation.reltype in (RELATION.PRINTER_SETTINGS, RELATION.THUMBNAIL):
                holder.pop(name)


def _only(deck: Deck, count: int) -> list[object]:
    layouts = list(deck.slide_layouts)
    for old in layouts[count:]:
        deck.slide_layouts.remove(old)
    return layouts[:count]


def _name(old: object, plan: Plan) -> None:
    element = old._element
    for attribute in ("type", "showMasterSp"):
        element.attrib.pop(attribute, None)
    element.set("userDrawn", "1")
    if plan.is_bare:
        element.set("showMasterSp", "0")
    content = element.find(qn("p:cSld"))
    content.set("name", plan.name)
    if plan.ground:
        colour = theme.tint(theme.COLOURS["accent"], strength=0.05)
        ground = f"<p:bg {nsdecls('p', 'a')}><p:bgPr>{_fill(colour)}<a:effectLst/></p:bgPr></p:bg>"
        content.insert(0, parse_xml(ground))


def _master_places() -> tuple[Place, ...]:
    return (
        Place("title", 0, "标题", _TITLE_BOX, 31),
        Place("body", 1, "正文", _BODY_BOX, 18.5),
        Place("sldNum", 4, "页码", _PAGE_BOX, layout.SOURCE, "muted", align="r"),
    )


def _foot_line(footer: str) -> str:
    """Draw the hair line above the foot, and beside the page number the organisation's own words."""
    line = _bar(Box(layout.LEFT, FOOT_TOP, layout.CONTENT, 1), "rule", number=80)
    if not footer:
        return line
    left, top, width, height = Box(960, FOOT_TOP + 8, 200, 24).emus
    return line + (
        '<p:sp><p:nvSpPr><p:cNvPr id="82" name="页脚文字"/><p:cNvSpPr txBox="1"/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr>'
        f'<p:txBody><a:bodyPr {_INSETS} wrap="square"><a:noAutofit/></a:bodyPr><a:lstStyle/><a:p><a:pPr algn="r"/>'
        f'<a:r><a:rPr lang="zh-CN" sz="{centipoints(layout.SOURCE)}">{_fill("muted")}</a:rPr>'
        f"<a:t>{escape(clean(footer), quote=False)}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


_INSETS = 'lIns="0" tIns="0" rIns="0" bIns="0"'
_RECTANGLE = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
_PROMPTS = {
    "title": "用一句话写出结论",
    "ctrTitle": "报告标题",
    "subTitle": "副标题",
    "chart": "插入图表",
    "tbl": "插入表格",
}


def _place(place: Place, *, is_master: bool = False) -> str:
    left, top, width, height = place.box.emus
    index = "" if place.index == 0 else f' idx="{place.index}"'
    number = 20 + place.index
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{place.name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f'<p:nvPr><p:ph type="{place.kind}"{index}/></p:nvPr></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f"{_RECTANGLE if is_master else ''}</p:spPr>"
        f'<p:txBody><a:bodyPr {_INSETS} anchor="{place.anchor}"><a:noAutofit/></a:bodyPr>'
        f"<a:lstStyle>{_level(place)}</a:lstStyle>{_prompt(place)}</p:txBody></p:sp>"
    )


def _level(place: Place) -> str:
    return (
        f'<a:lvl1pPr marL="0" indent="0" algn="{place.align}"><a:buNone/>'
        f'<a:defRPr lang="zh-CN" sz="{centipoints(place.size)}" b="0">{_fill(place.colour)}</a:defRPr></a:lvl1pPr>'
    )


def _prompt(place: Place) -> str:
    if place.kind == "sldNum":
        return (
            '<a:p><a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum">'
            '<a:rPr lang="zh-CN"/><a:t>‹#›</a:t></a:fld><a:endParaRPr lang="zh-CN"/></a:p>'
        )
    text = _PROMPTS.get(place.kind, place.name)
    return f'<a:p><a:r><a:rPr lang="zh-CN"/><a:t>{text}</a:t></a:r><a:endParaRPr lang="zh-CN"/></a:p>'


def _replace_tree(holder: object, places: Sequence[str], decoration: str) -> None:
    """Put our shapes in the place of all that the master or layout had."""
    tree = holder._element.find(qn("p:cSld")).find(qn("p:spTree"))
    for old in list(tree)[2:]:
        tree.remove(old)
    wrapped = f"<p:spTree {nsdecls('p', 'a', 'r')}>{decoration}{''.join(places)}</p:spTree>"
    for shape in list(parse_xml(wrapped)):
        tree.append(shape)


def _set_styles(master: object) -> None:
    """Let the master's titles and texts stand left, without bullets, in the report's sizes."""
    styles = master._element.find(qn("p:txStyles"))
    for tag, size, spacing in (("titleStyle", 31, 100), ("bodyStyle", 18.5, 120)):
        levels = "".join(
            f'<a:lvl{level}pPr marL="{emu(20) * (level - 1)}" indent="0" algn="l" rtl="0" eaLnBrk="1" '
            f'latinLnBrk="0" hangingPunct="1"><a:lnSpc><a:spcPct val="{spacing * 1000}"/></a:lnSpc><a:spcBef>'
            f'<a:spcPts val="0"/></a:spcBef><a:buNone/><a:defRPr lang="zh-CN" sz="{centipoints(size)}" b="0" '
            f'kern="1200">{_fill("ink")}<a:latin typeface="+mn-lt"/>'
            '<a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/></a:defRPr>'
            f"</a:lvl{level}pPr>"
            for level in range(1, 10)
        )
        old = styles.find(qn(f"p:{tag}"))
        styles.replace(old, parse_xml(f"<p:{tag} {nsdecls('p', 'a')}>{levels}</p:{tag}>"))


def _dress_theme(deck: Deck, font: str) -> None:
    """Write colours and fonts into the theme, so that whatever is added later takes them too."""
    part = deck.slide_master.part.part_related_by(RELATION.THEME)
    part._blob = dressed(part.blob.decode("utf-8"), font=font).encode("utf-8")


def dressed(xml: str, *, font: str) -> str:
    """Give a theme's XML our colours and fonts."""
    colours = "".join(
        f'<a:{name}><a:srgbClr val="{value.lstrip("#").upper()}"/></a:{name}>' for name, value in _scheme()
    )
    face = escape(clean(font))
    fonts = f'<a:latin typeface="{face}"/><a:ea typeface="{face}"/><a:cs typeface="{face}"/>'
    fonts += f'<a:font script="Hans" typeface="{face}"/>'
    for tag, inner in (("clrScheme", colours), ("majorFont", fonts), ("minorFont", fonts)):
        head = ' name="反馈分析"' if tag == "clrScheme" else ""
        body = f"<a:{tag}{head}>{inner}</a:{tag}>"
        xml = re.sub(rf"<a:{tag}\b.*?</a:{tag}>", lambda _, body=body: body, xml, flags=re.DOTALL)
    xml = re.sub(r'<a:fontScheme name="[^"]*"', '<a:fontScheme name="反馈分析"', xml)
    return re.sub(r'(<a:theme [^>]*?)name="[^"]*"', r'\1name="反馈分析"', xml)


def _scheme() -> list[tuple[str, str]]:
    colours = theme.COLOURS
    rest = [colour for colour in theme.CATEGORIES if colour != colours["accent"]]
    return [
        ("dk1", colours["ink"]),
        ("lt1", colours["ground"]),
        ("dk2", colours["muted"]),
        ("lt2", colours["muted_tint"]),
        ("accent1", colours["accent"]),
        ("accent2", colours["alarm"]),
        *[(f"accent{i}", colour) for i, colour in enumerate(rest[:4], start=3)],
        ("hlink", colours["accent"]),
        ("folHlink", colours["accent"]),
    ]


def _place_logo(part: SlideMasterPart, logo: Path) -> None:
    """Set the logo at the top right of every sheet that shows the master's shapes."""
    image, relation = part.get_or_add_image_part(str(logo))
    width, height = image._native_size
    high = emu(26)
    wide = min(round(width * high / height), emu(160))
    left, top = emu(layout.WIDTH - layout.LEFT) - wide, emu(layout.TOP - 14)
    picture = (
        f'<p:pic {nsdecls("p", "a", "r")}><p:nvPicPr><p:cNvPr id="83" name="标志" descr="机构标志"/>'
        '<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr userDrawn="1"/></p:nvPicPr>'
        f'<p:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )
    part._element.find(qn("p:cSld")).find(qn("p:spTree")).append(parse_xml(picture))

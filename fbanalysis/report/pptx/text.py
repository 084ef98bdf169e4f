"""Text as text: sentences as runs, with a language, a Chinese typeface and no character that XML forbids."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree
from pptx.oxml.ns import qn

from fbanalysis.report import theme
from fbanalysis.report.pptx.units import centipoints, emu

_FORBIDDEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AFTER_FONTS = [qn(f"a:{name}") for name in ("sym", "hlinkClick", "hlinkMouseOver", "rtl", "extLst")]

Sentence = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Style:
    """How a paragraph is set: sizes in pixels, line height as a multiple of the size.

    ``marks`` colours numbers and earned words; ``after`` is the space below; ``bar`` is the colour of a rule
    that stands before the paragraph; ``hang`` is how many characters its first line stands out.
    """

    size: float
    colour: str = ""
    line: float = 1.5
    align: str = "l"
    marks: bool = False
    after: float = 0
    bar: str = ""
    hang: float = 0

    def scaled(self, factor: float) -> "Style":
        """Give the same style for a sheet of another size."""
        return replace(self, size=self.size * factor, after=self.after * factor)


def clean(text: object) -> str:
    """Drop characters that XML forbids; line ends and tabs become spaces.

    >>> clean("a\\x00\\x1bb\\nc")
    'ab c'
    """
    return re.sub(r"[\t\n\r]", " ", _FORBIDDEN.sub("", str(text).replace("\r", " ")))


def said(text: str) -> list[dict[str, object]]:
    """Make a sentence of plain text.

    >>> said("目录")[0]["text"]
    '目录'
    """
    return [{"text": text, "key": "", "rule": "", "is_typed": False, "see": ""}]


def plain(sentence: Sentence) -> str:
    """Give a sentence without its marks."""
    return "".join(clean(piece["text"]) for piece in sentence)


def paragraph(sentence: Sentence, style: Style, *, links: Mapping[str, str] | None = None) -> etree._Element:
    """Build an ``a:p``; ``links`` gives the relationship of each anchor that a reference may point to."""
    element = etree.Element(qn("a:p"), nsmap={"a": _namespace("a"), "r": _namespace("r")})
    element.append(_paragraph_style(style))
    for piece in _merged(sentence, style):
        element.append(_run(piece, style, links=links or {}))
    if len(element) == 1:
        element.append(_properties("a:endParaRPr", style, colour=style.colour))
    return element


def fill(body: etree._Element, paragraphs: Iterable[etree._Element]) -> None:
    """Replace the paragraphs of a text body; text is never resized by the reader's program."""
    for old in body.findall(qn("a:p")):
        body.remove(old)
    for new in paragraphs:
        body.append(new)
    properties = body.find(qn("a:bodyPr"))
    for fitting in ("a:noAutofit", "a:normAutofit", "a:spAutoFit"):
        for old in properties.findall(qn(fitting)):
            properties.remove(old)
    properties.insert(0, etree.Element(qn("a:noAutofit")))


def _namespace(prefix: str) -> str:
    return qn(f"{prefix}:x")[1:-2]


def _paragraph_style(style: Style) -> etree._Element:
    indent = emu(style.size if style.bar else style.hang * style.size)
    element = etree.Element(qn("a:pPr"), marL=str(indent), indent=str(-indent), algn=style.align)
    for tag, pixels in (("lnSpc", style.size * style.line), ("spcBef", 0), ("spcAft", style.after)):
        spacing = etree.SubElement(element, qn(f"a:{tag}"))
        etree.SubElement(spacing, qn("a:spcPts"), val=str(centipoints(pixels)))
    if style.bar:
        bullet = etree.SubElement(element, qn("a:buClr"))
        bullet.extend(solid(style.bar))
        etree.SubElement(element, qn("a:buChar"), char="▎")
    else:
        etree.SubElement(element, qn("a:buNone"))
    return element


def _merged(sentence: Sentence, style: Style) -> list[tuple[str, str, str]]:
    """Give (text, colour, anchor); neighbours of one look become one run."""
    merged: list[tuple[str, str, str]] = []
    for piece in sentence:
        text, colour, href = clean(piece["text"]), _colour(piece, style), str(piece.get("href") or "")
        if merged and merged[-1][1:] == (colour, href):
            merged[-1] = (merged[-1][0] + text, colour, href)
        elif text:
            merged.append((text, colour, href))
    return merged


def _colour(piece: Mapping[str, object], style: Style) -> str:
    if piece.get("is_typed"):
        return theme.COLOURS["alarm"]
    is_marked = style.marks and (piece.get("key") or piece.get("rule"))
    return theme.COLOURS["accent"] if is_marked else style.colour


def _run(piece: tuple[str, str, str], style: Style, *, links: Mapping[str, str]) -> etree._Element:
    text, colour, href = piece
    run = etree.Element(qn("a:r"))
    properties = _properties("a:rPr", style, colour=colour)
    if href in links:
        link = etree.SubElement(properties, qn("a:hlinkClick"), action="ppaction://hlinksldjump")
        link.set(qn("r:id"), links[href])
    run.append(properties)
    etree.SubElement(run, qn("a:t")).text = text
    return run


def _properties(tag: str, style: Style, *, colour: str) -> etree._Element:
    element = etree.Element(qn(tag), lang="zh-CN", sz=str(centipoints(style.size)), b="0")
    if colour:
        element.append(solid(colour))
    return element


def solid(colour: str) -> etree._Element:
    """Build a fill: one of the theme's colours by its name there, so that it follows the theme."""
    element = etree.Element(qn("a:solidFill"))
    named = scheme_name(colour)
    if named:
        etree.SubElement(element, qn("a:schemeClr"), val=named)
    else:
        etree.SubElement(element, qn("a:srgbClr"), val=colour.lstrip("#").upper())
    return element


def pin_colours(root: etree._Element) -> None:
    """Write our colours out, for a template whose theme has others; text keeps the template's own."""
    ours = {"accent1": "accent", "accent2": "alarm", "tx2": "muted"}
    for element in root.iter(qn("a:schemeClr")):
        if element.get("val") in ours:
            element.tag = qn("a:srgbClr")
            element.set("val", theme.COLOURS[ours[element.get("val")]].lstrip("#").upper())


def scheme_name(colour: str) -> str:
    """Name a colour in the document's theme, or nothing."""
    names = {"ink": "tx1", "ground": "bg1", "accent": "accent1", "alarm": "accent2", "muted": "tx2"}
    known = {theme.COLOURS[ours].upper(): name for ours, name in names.items()}
    return known.get(colour.upper(), "")


def set_typeface(root: etree._Element, *, font: str) -> None:
    """Name the typeface for Latin, East-Asian and complex script on every set of run properties."""
    for run in list(root.iter(qn("a:r"), qn("a:fld"))):
        if run.find(qn("a:rPr")) is None:
            run.insert(0, etree.Element(qn("a:rPr")))
    for properties in root.iter(qn("a:rPr"), qn("a:endParaRPr"), qn("a:defRPr")):
        properties.set("lang", "zh-CN")
        properties.set("altLang", "en-US")
        _name_fonts(properties, font)


def _name_fonts(properties: etree._Element, font: str) -> None:
    for tag in ("a:latin", "a:ea", "a:cs"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    place = next((i for i, child in enumerate(properties) if child.tag in _AFTER_FONTS), len(properties))
    for tag in ("a:cs", "a:ea", "a:latin"):
        properties.insert(place, etree.Element(qn(tag), typeface=font))

"""What every HTML page of the report carries: fonts, colours, records, and a policy that lets nothing else in."""

import base64
import hashlib
import io
import json
from collections.abc import Sequence
from html import unescape
from typing import TYPE_CHECKING

from fbanalysis.dataset import Dataset, Theme
from fbanalysis.report.ledger import THIN_SPACE, Ledger
from fbanalysis.report.slides import TEMPLATES
from fbanalysis.report.story import Story
from fbanalysis.report.theme import NARROW_SPACE, css, font_file, font_name
from fbanalysis.report.wording import interval

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

#: Characters of the templates and scripts, beside those of the content.
_ALWAYS = "0123456789%.,−–—·“”‘’'…（），。；：、？！代码与数据表目录跳到正文关闭数字的来历看出错的单元格→来源"


def page(story: Story, *, body: str, scripts: Sequence[str], styles: Sequence[str]) -> dict[str, object]:
    """Give a template what every page has.

    Parameters
    ----------
    body
        All text of the page, so that the embedded font has its characters.
    scripts
        Names of templates, or scripts themselves where they are longer than a line; only these may run.
    styles
        Names of templates, or style sheets themselves.
    """
    dataset = story.dataset
    text = {
        "title": dataset.title,
        "organisation": dataset.organisation,
        "lead": lead(dataset),
        "colophon": colophon(),
    }
    records, code = records_of(story.ledger), [_content(script) for script in scripts]
    characters = body + records + "".join(text.values()) + "".join(code)
    return text | {
        "font": font_face(characters),
        "css": "\n".join([f":root {{ {css()} }}", *map(_content, styles)]),
        "records": records,
        "scripts": code,
        "policy": policy(code),
        "logo": logo(dataset.theme),
    }


def _content(named: str) -> str:
    """Read a template by its name; a text with line breaks is taken as it is."""
    return named if "\n" in named else (TEMPLATES / named).read_text("utf-8")


def logo(theme: Theme) -> str:
    """The organisation's logo as a data address; empty where there is none."""
    if theme.logo is None:
        return ""
    data = theme.logo.read_bytes()
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def lead(dataset: Dataset) -> str:
    """Period, date and author in a line."""
    return f"报告期 {dataset.period_start} 至 {dataset.period_end}；报告日期 {dataset.report_date}；{dataset.author}"


def colophon() -> str:
    """Name the versions of what computed and rendered."""
    import platform
    from importlib.metadata import version

    names = ("pandas", "scipy", "statsmodels", "pingouin", "scikit-learn", "papermill", "nbconvert")
    return f"Python {platform.python_version()} · " + " · ".join(f"{name} {version(name)}" for name in names)


def records_of(ledger: Ledger) -> str:
    """The records that numbers open, as JSON that cannot end its script element."""
    shown = {
        record.key: {
            "printed": record.printed,
            "value": record.value if isinstance(record.value, str) else f"{record.value:.6g}",
            "n": record.n,
            "method": record.method,
            "interval": interval(ledger, record.key)[0].text if record.has_interval else "",
            "p": None if record.p is None else ("< 0.001" if record.p < 0.001 else f"{record.p:.3f}"),
            "effect": None if record.effect is None else round(record.effect, 3),
            "verdict": record.verdict,
            "origin": f"{record.notebook} 单元格 {record.cell}",
            "tables": " ".join(f"{name} {digest}" for name, digest in record.tables.items()),
        }
        for record in ledger
    }
    return json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")


def policy(scripts: Sequence[str]) -> str:
    """A content-security policy under which only our own scripts run and nothing is fetched."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _add_narrow_space(font: "TTFont") -> None:
    """Give the font the narrow space that stands between 汉字 and numerals, so that it is alike everywhere."""
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    code, name = ord(THIN_SPACE), "narrowspace"
    if "glyf" not in font or code in font.getBestCmap():
        return
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = Glyph()
    font["hmtx"][name] = (round(NARROW_SPACE * font["head"].unitsPerEm), 0)
    if "vmtx" in font:
        font["vmtx"][name] = (font["head"].unitsPerEm, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[code] = name


def font_face(characters: str) -> str:
    """Embed the part of the font that a page needs, as WOFF (W3C WOFF 1.0, zlib-compressed)."""
    from fontTools import subset

    options = subset.Options(
        flavor="woff", desubroutinize=True, layout_features=["kern", "palt"], notdef_outline=True
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=unescape(characters) + _ALWAYS)
    buffer = io.BytesIO()
    with subset.load_font(str(font_file()), options) as font:
        _add_narrow_space(font)
        subsetter.subset(font)
        subset.save_font(font, buffer, options)
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return f'@font-face {{ font-family: "{font_name()}"; src: url(data:font/woff;base64,{encoded}) format("woff"); }}'

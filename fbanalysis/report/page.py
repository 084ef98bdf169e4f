"""What every HTML page of the report carries: fonts, colours, records, and a policy that lets nothing else in."""

import base64
import hashlib
import io
import json
from collections.abc import Sequence
from html import unescape
from typing import TYPE_CHECKING

from fbanalysis.analysis.significance import strong_level
from fbanalysis.dataset import Dataset, Theme
from fbanalysis.report.ledger import THIN_SPACE, Ledger, Record, format_number
from fbanalysis.report.methods import TERMS, formulas_for
from fbanalysis.report.methods.term import ADJUSTMENT, EFFECT, TEST
from fbanalysis.report.slides import TEMPLATES
from fbanalysis.report.story import Story
from fbanalysis.report.theme import NARROW_SPACE, css, font_file, font_name
from fbanalysis.report.wording import interval, label
from fbanalysis.report.words import ladder_of

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
        "mark": mark(dataset.year),
        "title": dataset.title,
        "organisation": dataset.organisation,
        "lead": lead(dataset),
        "colophon": colophon(),
    }
    records, glossary = records_of(story), glossary_of(story)
    code = [_content(script) for script in scripts]
    characters = body + records + glossary + "".join(text.values()) + "".join(code)
    return text | {
        "font": font_face(characters),
        "css": "\n".join([f":root {{ {css()} }}", *map(_content, styles)]),
        "records": records,
        "glossary": glossary,
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


def mark(year: int) -> str:
    """What the properties of every finished file say of where it comes from; the audit knows its own by it."""
    return f"fbanalysis {year}"


def lead(dataset: Dataset) -> str:
    """Period, date and author in a line."""
    return f"报告期 {dataset.period_start} 至 {dataset.period_end}；报告日期 {dataset.report_date}；{dataset.author}"


def colophon() -> str:
    """Name the versions of what computed and rendered."""
    import platform
    from importlib.metadata import version

    names = ("pandas", "scipy", "statsmodels", "pingouin", "scikit-learn", "papermill", "nbconvert")
    return f"Python {platform.python_version()} · " + " · ".join(f"{name} {version(name)}" for name in names)


def records_of(story: Story) -> str:
    """The records that numbers open, as JSON that cannot end its script element; what is empty is left out.

    Formulas and tables stand in `glossary_of`, to which a record's ``terms`` and ``tables`` are places.
    """
    anchors = {chapter.name: chapter.anchor for chapter in story.chapters if chapter.is_done}
    tables = _tables(story.ledger)
    limits = story.dataset.thresholds
    rows = {}
    for record in story.ledger:
        shown = _told(record, story.ledger) | _tested(record, alpha=limits.alpha, small=limits.small_effect)
        shown |= {
            "origin": f"{record.notebook} 单元格 {record.cell}",
            "href": f"{anchors[record.notebook]}-c{record.cell}"
            if record.cell and record.notebook in anchors
            else "",
            "terms": [TERMS.index(term) for term in formulas_for(record.method)],
            "tables": tables.index(tuple(record.tables.items())),
        }
        rows[record.key] = {name: value for name, value in shown.items() if value not in (None, "", [])}
    return _in_script(rows)


def _told(record: Record, ledger: Ledger) -> dict[str, object]:
    """What a record is and how it was made, in words and numbers for readers."""
    return {
        "printed": record.printed,
        "name": label(record.stratum),
        "value": record.value if isinstance(record.value, str) else f"{record.value:.6g}",
        "n": None if record.n is None else f"{record.n:,.0f}",
        "interval": interval(ledger, record.key)[0].text if record.has_interval else "",
        "filter": record.filter,
        "weight": record.weight,
        "method": record.method,
        "formula": record.formula,
    }


def _tested(record: Record, *, alpha: float, small: float) -> dict[str, object]:
    """The test behind a record: its name, adjusted p, family, effect by name, and the rule of its verdict."""
    named = {kind: "、".join(_names(record, kind)) for kind in (TEST, ADJUSTMENT, EFFECT)}
    if record.p is None:
        return {"verdict": record.verdict}
    p = "p < 0.001" if record.p < 0.001 else f"p = {record.p:.3f}"
    family = (
        f"{named[ADJUSTMENT]}，同一次比较的各项为一族" if named[ADJUSTMENT] else "单独一个检验，不需要校正"
    )
    size = (
        None
        if record.effect is None
        else f"{named[EFFECT] or '效应量'} = {format_number(record.effect, decimals=3)}"
    )
    enough = ladder_of(record.method, small_effect=small).small
    strong = f"；p < {strong_level(alpha):g} 且效应量不小于 {enough:g} 才说“显著”"
    rule = f"校正后 p < {alpha:g} 才说有差异" + (strong if size else "")
    return {
        "test": f"{named[TEST]}，{p}".lstrip("，"),
        "family": family,
        "effect": size,
        "verdict": f"{record.verdict or '无结论'}（{rule}）",
    }


def _names(record: Record, kind: str) -> list[str]:
    return [term.name for term in formulas_for(record.method) if term.kind == kind]


def _tables(ledger: Ledger) -> list[tuple[tuple[str, str], ...]]:
    """The sets of tables that records were read from, each once."""
    return list(dict.fromkeys(tuple(record.tables.items()) for record in ledger))


def glossary_of(story: Story) -> str:
    """What records share: formulas with their sources, sets of tables with their fingerprints, the report's name."""
    return _in_script(
        {
            "title": story.dataset.title,
            "year": story.dataset.year,
            "terms": [term.as_json() for term in TERMS],
            "tables": [[f"{name} {digest}" for name, digest in some] for some in _tables(story.ledger)],
        }
    )


def _in_script(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


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

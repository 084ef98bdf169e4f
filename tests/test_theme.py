"""An organisation's look: every kind follows it, pages get it as CSS, and our own comes back unchanged."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties, findfont
from test_charts import KINDS, STRATA, drawn

from fbanalysis.colours import contrast, distance, is_colour, readable
from fbanalysis.dataset import Theme
from fbanalysis.errors import ConfigError
from fbanalysis.report import theme
from fbanalysis.report.theme import CATEGORIES, COLOURS, MEANINGS, colour_of

OTHER = Theme(accent="#1B5E20", alarm="#7A3E9D")
OWN_COLOURS = ("#0b6e99", "#c35037")
every_kind = pytest.mark.parametrize("kind", KINDS)
FAMILY = "Brand Han"


@pytest.fixture(autouse=True)
def our_own_look() -> Iterator[None]:
    yield
    theme.use(Theme())


@pytest.fixture(scope="session")
def brand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our font under another name, its characters half as wide again."""
    theme.use(Theme())
    path = tmp_path_factory.mktemp("fonts") / "brand.ttf"
    with TTFont(theme.font_file()) as font:
        for record in list(font["name"].names):
            if record.nameID in (1, 16):
                font["name"].setName(FAMILY, 1, record.platformID, record.platEncID, record.langID)
        font["name"].names = [one for one in font["name"].names if one.nameID != 16]
        for name, (advance, bearing) in font["hmtx"].metrics.items():
            font["hmtx"].metrics[name] = (advance * 3 // 2, bearing)
        font.save(path)
    return path


def shown(kind: str) -> str:
    """Everything that a chart of the kind says, in lower case: picture and data."""
    chart = KINDS[kind](STRATA)
    assert chart.plot is not None
    return (chart.svg + str(chart.plot.as_json())).lower()


@every_kind
def test_another_look_is_in_every_chart_and_our_own_in_none(kind: str) -> None:
    theme.use(OTHER)
    said = shown(kind)
    own = {"heat": theme.tint(OTHER.accent, strength=0.85), "one stack": "#e6a532"}.get(kind, OTHER.accent)
    assert own.lower() in said
    old = [theme.tint(one, strength=s / 100) for one in OWN_COLOURS for s in (14, 16, 22, 30, 38, 75, 85)]
    assert [colour for colour in (*OWN_COLOURS, *old) if colour in said] == []


@every_kind
def test_our_own_look_comes_back_unchanged(kind: str) -> None:
    before = drawn(kind)
    theme.use(OTHER)
    theme.use(Theme())
    after = KINDS[kind](STRATA)
    assert after.svg == before.svg
    assert after.plot == before.plot


def test_views_of_the_look_follow_it() -> None:
    theme.use(OTHER)
    assert (COLOURS["accent"], COLOURS["alarm"], CATEGORIES[0]) == ("#1B5E20", "#7A3E9D", "#1B5E20")
    assert (MEANINGS["正面"], MEANINGS["负面"], MEANINGS["建议"]) == ("#1B5E20", "#7A3E9D", "#E6A532")
    assert COLOURS["accent_tint"] == theme.tint("#1B5E20", strength=0.2)
    assert colour_of("甲", ["甲"]) == "#1B5E20"


@pytest.mark.parametrize("accent", ["#26324A", "#7A4B20", "#22304C", "#6B3E1A", "#C00000"])
def test_no_category_is_taken_for_the_accent(accent: str) -> None:
    theme.use(Theme(accent=accent, alarm="#8A5A00"))
    assert CATEGORIES[0] == accent
    assert len(set(CATEGORIES)) == 7
    assert min(distance(accent, other) for other in CATEGORIES[1:]) >= 25


def test_css_gives_colours_grounds_and_font() -> None:
    assert dict(re.findall(r"--([\w-]+):([^;]+);", theme.css())) == {
        "accent": "#0B6E99", "alarm": "#C35037", "accent-tint": "#cee2eb", "alarm-tint": "#f3dcd7",
        "accent-faint": "#f3f8fa", "accent-soft": "#e9f2f6", "accent-stage": "#e7f0f5",
        "ink": "#1F2A37", "muted": "#6B7280", "rule": "#D9DEE5", "ground": "#FFFFFF",
        "font": "'Noto Sans SC', sans-serif",
    }  # fmt: skip
    theme.use(Theme(accent="#1B5E20", font="思源黑体"))
    assert "--accent:#1B5E20;--alarm:#C35037;" in theme.css()
    assert theme.font_stack() == "'思源黑体', 'Noto Sans SC', sans-serif"


def test_charts_are_measured_and_set_in_the_font_given(brand: Path) -> None:
    own = theme.text_width("反馈", 16)
    theme.use(Theme(font_file=brand))
    svg = KINDS["dots"](STRATA).svg
    with theme.themed():
        assert findfont(FontProperties()) == str(brand)
    assert theme.font_file() == brand
    assert theme.text_width("反馈", 16) == pytest.approx(1.5 * own, abs=0.1)
    assert f"'{FAMILY}', sans-serif" in svg
    assert "Noto Sans" not in svg
    theme.use(Theme())
    assert theme.text_width("反馈", 16) == own
    assert theme.font_name() == "Noto Sans SC"


def test_a_picture_of_words_is_drawn_in_the_font_given(brand: Path) -> None:
    own = KINDS["cloud"](STRATA).png
    theme.use(Theme(font_file=brand))
    assert KINDS["cloud"](STRATA).png != own


def test_a_font_without_chinese_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    options = subset.Options()
    options.ignore_missing_glyphs = True
    latin = tmp_path / "latin.ttf"
    with subset.load_font(str(theme.font_file()), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(text="abc0123−")
        cutter.subset(font)
        subset.save_font(font, str(latin), options)
    with pytest.raises(ConfigError, match=r"latin\.ttf」没有「反」「馈」「年」「率」等字.*删去 font_file"):
        theme.use(Theme(accent="#1B5E20", font_file=latin))
    assert COLOURS["accent"] == "#0B6E99"


def test_a_font_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    shutil.copy(theme.font_file(), broken)
    broken.write_bytes(broken.read_bytes()[:200])
    with pytest.raises(ConfigError, match=r"broken\.ttf」打不开"):
        theme.use(Theme(font_file=broken))


def test_colours_are_six_hexadecimal_digits() -> None:
    assert is_colour("#0b6E99")
    assert not any(map(is_colour, ("#0B6E9", "#0B6E9G", "0B6E99", "#0B6E99FF", "", "#0B6E99\n")))
    with pytest.raises(ValueError, match="blue"):
        contrast("blue", "#FFFFFF")


@pytest.mark.parametrize("colour", ["#FFFFFF", "#FFFF00", "#C8553D", "#E6A532", "#777777"])
def test_a_darkened_colour_is_enough(colour: str) -> None:
    assert contrast(colour, "#FFFFFF") < 4.5 <= contrast(readable(colour), "#FFFFFF") < 6

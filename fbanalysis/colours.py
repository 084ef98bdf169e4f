"""Arithmetic of colours written as #RRGGBB: contrast, mixing, darkening, distance."""

import colorsys
import re

WHITE, BLACK = "#FFFFFF", "#000000"
#: Our own: what carries the reading, and what must be looked at.
ACCENT, ALARM = "#0B6E99", "#C35037"
#: Colours that lie less apart (CIE76) are hard to tell from each other in a chart.
ALIKE = 25.0
#: The least contrast of text with its ground (WCAG 2.2, AA).
LEGIBLE = 4.5

_HEX = re.compile("#[0-9A-Fa-f]{6}")
_D65 = (0.95047, 1.0, 1.08883)


def is_colour(text: str) -> bool:
    """Say whether a text is a colour.

    >>> is_colour("#0B6E99"), is_colour("blue")
    (True, False)
    """
    return _HEX.fullmatch(text) is not None


def tint(colour: str, *, strength: float) -> str:
    """Mix a colour with white; strength 1 leaves it as it is.

    >>> tint("#000000", strength=0.2)
    '#cccccc'
    """
    return _hex(*(1 - strength * (1 - part) for part in _parts(colour)))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance).

    >>> contrast("#000000", "#FFFFFF")
    21.0
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, *, ground: str = WHITE) -> str:
    """Darken a colour until text set in it reads on a light ground (contrast 4.5).

    >>> readable("#0B6E99"), readable("#6B7280", ground="#E9ECF0")
    ('#0B6E99', '#626875')
    """
    hue, light, full = colorsys.rgb_to_hls(*_parts(colour))
    while contrast(colour, ground) < LEGIBLE:
        light -= 0.02
        colour = _hex(*colorsys.hls_to_rgb(hue, light, full))
    return colour


def distance(one: str, other: str) -> float:
    """How far two colours lie apart (CIE76, black to white is 100).

    >>> round(distance("#FFFFFF", "#000000"))
    100
    """
    return sum((a - b) ** 2 for a, b in zip(_lab(one), _lab(other), strict=True)) ** 0.5


def _parts(colour: str) -> tuple[float, float, float]:
    if not is_colour(colour):
        raise ValueError(f"not a colour as #RRGGBB: {colour}")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(*parts: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _linear(colour: str) -> tuple[float, ...]:
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _parts(colour))


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lab(colour: str) -> tuple[float, float, float]:
    red, green, blue = _linear(colour)
    tristimulus = (
        0.4124 * red + 0.3576 * green + 0.1805 * blue,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        0.0193 * red + 0.1192 * green + 0.9505 * blue,
    )
    x, y, z = (_curve(part / white) for part, white in zip(tristimulus, _D65, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _curve(part: float) -> float:
    return part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116

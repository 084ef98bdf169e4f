"""Pixels of the deck's sheet of 1280 × 720 in Office's units."""

from dataclasses import dataclass

EMU = 9525


def emu(pixels: float) -> int:
    """Turn pixels into English metric units.

    >>> emu(2)
    19050
    """
    return round(pixels * EMU)


def centipoints(pixels: float) -> int:
    """Turn a size in pixels into hundredths of a point, rounded to tenths of a point.

    >>> centipoints(31)
    2320
    """
    return round(pixels * 7.5) * 10


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emus(self) -> tuple[int, int, int, int]:
        """Left, top, width and height in English metric units."""
        return emu(self.left), emu(self.top), emu(self.width), emu(self.height)

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

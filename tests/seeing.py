"""What a reader would see on a page: walks over a deck in Chromium, and the empty part of a picture."""

import base64
import io
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

#: How many cells the coarse grid has across on which empty rectangles are searched.
CELLS_ACROSS = 80

#: Everything below runs on the current slide; boxes are those of the ink, not of the line.
TOOLS = r"""() => {
  const inset = (box) => {
    const isUpright = box.height > 1.6 * box.width;
    const [across, down] = isUpright ? [.15 * box.width, 0] : [0, box.height];
    return { left: box.left + across, right: box.right - across, top: box.top + .19 * down, bottom: box.bottom - .1 * down };
  };
  const isSeen = (node) => node.data.trim() && !node.parentElement.closest("aside.notes, [hidden], script, style, title, desc, defs");
  const blockOf = (element) => {
    const label = element.closest("svg text");
    while (!label && getComputedStyle(element).display.startsWith("inline")) element = element.parentElement;
    return label ?? element;
  };
  const textsOf = (slide) => {
    const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT), texts = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!isSeen(node)) continue;
      const range = document.createRange(), label = node.parentElement.closest("svg text");
      range.selectNodeContents(node);
      const boxes = label ? [label.getBoundingClientRect()] : [...range.getClientRects()];
      texts.push({ node, element: node.parentElement, block: blockOf(node.parentElement),
                   boxes: boxes.filter((box) => box.width > .5 && box.height > .5).map(inset) });
    }
    return texts;
  };
  const named = (text) => text.node.data.trim().slice(0, 30);
  const sticksOut = (box, edge, room) =>
    box.left < edge.left - room || box.right > edge.right + room || box.top < edge.top - room || box.bottom > edge.bottom + room;

  const clips = (element) => getComputedStyle(element).overflow !== "visible";
  const outside = (slide, texts) => {
    const found = [], room = 1.5 * slide.getBoundingClientRect().width / 1280;
    for (const text of texts)
      for (let holder = text.element; holder !== slide.parentElement; holder = holder.parentElement) {
        const isBox = holder.matches("section, svg, .fb-body, .fb-body > *") || (!holder.closest("svg") && clips(holder));
        if (isBox && text.boxes.some((box) => sticksOut(box, holder.getBoundingClientRect(), room)))
          found.push(`sticks out of ${holder.tagName}.${holder.getAttribute("class")}: ${named(text)}`);
      }
    for (const element of slide.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      if (box.width && box.height && !element.closest("defs, aside") && sticksOut(box, slide.getBoundingClientRect(), room))
        found.push(`outside the slide: ${element.tagName}.${element.getAttribute("class") ?? ""}`);
    }
    for (const element of [slide, ...slide.querySelectorAll("*:not(svg, svg *)")])
      if ((clips(element) || element.matches(".fb-body, .fb-body > *")) && element.clientWidth
          && (element.scrollHeight > element.clientHeight + 2 || element.scrollWidth > element.clientWidth + 2))
        found.push(`clips its content: ${element.tagName}.${element.className} ${element.scrollWidth - element.clientWidth} ${element.scrollHeight - element.clientHeight}`);
    return found;
  };

  // The words of a cloud are laid out by their ink, so that their boxes may touch.
  const overlaps = (texts) => {
    const found = [], pieces = texts.flatMap((text) => text.boxes.map((box) => ({ box, text })));
    for (let i = 0; i < pieces.length; i++) for (let j = i + 1; j < pieces.length; j++) {
      const [a, b] = [pieces[i], pieces[j]];
      if (a.text.block === b.text.block) continue;
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      if (across <= 2 || down <= 1) continue;
      const inChart = a.text.block.closest("svg") && b.text.block.closest("svg");
      if (inChart && a.text.block.closest("[data-kind=cloud]")) continue;
      const least = Math.min(a.box.bottom - a.box.top, b.box.bottom - b.box.top);
      const narrow = Math.min(a.box.right - a.box.left, b.box.right - b.box.left);
      if (!inChart || (down > .2 * least && across > .2 * Math.min(narrow, 20))) found.push(`${named(a.text)} × ${named(b.text)} (${Math.round(100 * down / least)} %)`);
    }
    return found;
  };

  const colour = (value) => { const parts = (value.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number); return [...parts.slice(0, 3), parts[3] ?? 1]; };
  const paintOf = (element, style) => {
    if (!element.closest("svg") || element.tagName === "svg") return colour(style.backgroundColor);
    const pattern = style.fill.match(/url\("?#([^")]+)/);
    if (pattern) return paintOf(document.getElementById(pattern[1]).firstElementChild, getComputedStyle(document.getElementById(pattern[1]).firstElementChild));
    const [r, g, b, a] = style.fill === "none" ? [0, 0, 0, 0] : colour(style.fill);
    return [r, g, b, a * Number(style.fillOpacity) * Number(style.opacity)];
  };
  const over = (top, ground) => [0, 1, 2].map((i) => top[3] * top[i] + (1 - top[3]) * ground[i]);
  const groundAt = (text, x, y) => {
    const paints = [];
    for (const element of document.elementsFromPoint(x, y)) {
      if (element.closest("text") || element === document.documentElement) continue;
      const paint = paintOf(element, getComputedStyle(element));
      if (paint[3] > 0) paints.push(paint);
      if (paint[3] >= 1) break;
    }
    return paints.reverse().reduce((ground, paint) => over(paint, ground), [255, 255, 255]);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => { value /= 255; return value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const faint = (texts) => texts.flatMap((text) => {
    if (!text.boxes.length) return [];
    const box = text.boxes[0], style = getComputedStyle(text.element), isLabel = text.block.matches("text");
    const ink = isLabel ? colour(style.fill) : colour(style.color);
    ink[3] *= Number(style.opacity) * (isLabel ? Number(style.fillOpacity) : 1);
    const ground = groundAt(text, (box.left + box.right) / 2, (box.top + box.bottom) / 2);
    const ratio = contrast(over(ink, ground), ground), least = parseFloat(style.fontSize) >= 24 ? 3 : 4.5;
    return ratio < least - .01 ? [`${ratio.toFixed(2)}: ${named(text)} ${style.color} on ${ground.map(Math.round)}`] : [];
  });
  // How large a text is drawn, in pixels of a slide of 1280.
  const sizeOf = (slide, text) => {
    const size = parseFloat(getComputedStyle(text.element).fontSize), scale = slide.getBoundingClientRect().width / 1280;
    const matrix = text.block.matches("text") ? text.block.getScreenCTM() : null;
    return matrix ? size * Math.hypot(matrix.a, matrix.b) / scale : size;
  };
  const smallest = (slide, texts) => Math.min(...texts.filter((text) => text.boxes.length).map((text) => sizeOf(slide, text)));
  window.seeing = { textsOf, outside, overlaps, faint, smallest };
}"""

#: Turns to every slide and measures it at once: one call for the whole deck.
WALK = """() => [...document.querySelectorAll(".slides section section")].map((slide) => {
  const { h, v } = Reveal.getIndices(slide);
  Reveal.slide(h, v);
  const texts = seeing.textsOf(slide);
  return {
    anchor: slide.id,
    kind: slide.className.match(/fb-(cover|summary|agenda|part|slide|gap|limits)\\b(?!.*fb-(cover|summary|agenda|part|gap|limits))/)[1],
    title: slide.querySelector("h1, h2").textContent,
    text: texts.map((text) => text.node.data).join(""),
    pieces: texts.filter((text) => text.boxes.length).length,
    smallest: seeing.smallest(slide, texts),
    outside: seeing.outside(slide, texts),
    overlaps: seeing.overlaps(texts),
    faint: seeing.faint(texts),
  };
})"""


@dataclass(frozen=True)
class Seen:
    """A slide as the walk found it; ``smallest`` is its least size of text, the last three list its faults."""

    anchor: str
    kind: str
    title: str
    text: str
    pieces: int
    smallest: float
    outside: Sequence[str]
    overlaps: Sequence[str]
    faint: Sequence[str]


def open_deck(page: Any, address: str) -> None:
    """Open a deck and wait until it can be read."""
    page.goto(address)
    page.wait_for_function("window.Reveal && Reveal.isReady() && document.fonts.status === 'loaded'")
    page.evaluate(TOOLS)


def walk(page: Any, *, size: tuple[int, int]) -> list[Seen]:
    """See every slide of the open deck at a size of the window."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("Reveal.layout()")
    return [Seen(**slide) for slide in page.evaluate(WALK)]


def turn_to(page: Any, anchor: str) -> None:
    """Show a slide."""
    page.evaluate(
        "anchor => { const { h, v } = Reveal.getIndices(document.getElementById(anchor)); Reveal.slide(h, v) }",
        anchor,
    )
    page.wait_for_function("anchor => Reveal.getCurrentSlide().id === anchor", arg=anchor)


def picture(page: Any) -> Image.Image:
    """Take the window's picture."""
    return Image.open(io.BytesIO(page.screenshot(type="jpeg", quality=92))).convert("RGB")


def embedded_characters(page_text: str) -> set[int]:
    """The characters of the font that a page carries."""
    woff = base64.b64decode(re.search(r"data:font/woff;base64,([^)]+)\)", page_text)[1])
    with TTFont(io.BytesIO(woff)) as font:
        return set(font.getBestCmap())


def visible_text(page_text: str) -> str:
    """All text of a page outside its scripts, styles and tags."""
    return unescape(re.sub(r"(?s)<script.*?</script>|<style.*?</style>|<[^>]+>", " ", page_text))


def is_emoji(character: str) -> bool:
    """Emoji come in colour from the reader's system, as do their joiners."""
    code = ord(character)
    return code >= 0x1F000 or 0x2600 <= code <= 0x27BF or code in (0x200D, 0xFE0F)


def ink(image: Image.Image) -> np.ndarray:
    """Say for each cell of a coarse grid whether anything is drawn on its ground, the most frequent colour."""
    pixels = np.asarray(image.convert("RGB"), dtype=int)
    ground = Counter(map(tuple, pixels[::7, ::7].reshape(-1, 3).tolist())).most_common(1)[0][0]
    drawn = np.abs(pixels - np.array(ground)).max(axis=2) > 24
    cell = drawn.shape[1] // CELLS_ACROSS
    rows, columns = drawn.shape[0] // cell, drawn.shape[1] // cell
    return drawn[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell).any(axis=(1, 3))


def largest_gap(cells: np.ndarray) -> float:
    """Share of the grid that the largest rectangle without ink covers."""
    best, heights = 0, np.zeros(cells.shape[1], dtype=int)
    for row in cells:
        heights = np.where(row, 0, heights + 1)
        best = max(best, _under_histogram([*heights.tolist(), 0]))
    return best / cells.size


def _under_histogram(heights: list[int]) -> int:
    best, open_bars = 0, []
    for i, height in enumerate(heights):
        left = i
        while open_bars and open_bars[-1][1] >= height:
            left, tall = open_bars.pop()
            best = max(best, tall * (i - left))
        open_bars.append((left, height))
    return best

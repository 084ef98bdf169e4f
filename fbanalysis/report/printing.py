"""The finished pages on paper: Chromium prints them to PDF, and all slides stand on one contact sheet.

It composes nothing: what is printed is what `publishing` wrote, and the dates in the files are the report's own,
so that the same pages give the same bytes.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from fbanalysis.errors import DataError, FeedbackError
from fbanalysis.report.theme import COLOURS, font_file

#: The pages that are printed, and what becomes of each.
PRINTED = {"deck.html": "deck.pdf", "report.html": "report.pdf"}
CONTACT_SHEET = "contact-sheet.png"

TIMEOUT_SECONDS = 180
#: How far the page's own clock may run before it is printed: fonts and reveal.js are ready long before.
_VIRTUAL_MILLISECONDS = 10_000
_THUMB_WIDTH, _GAP, _NUMBER_HEIGHT, _NUMBER_SIZE = 384, 16, 26, 15
_PALETTE = 128


def print_pages(folder: Path, *, chromium: Path) -> tuple[Path, ...]:
    """Print deck and long report of a year, and lay the deck's pages out on a contact sheet.

    Parameters
    ----------
    folder
        ``reports/<year>/`` with the finished pages.
    chromium
        A browser of the Chromium family, version 120 or newer.

    Raises
    ------
    DataError
        A page is missing.
    FeedbackError
        The browser gave no PDF; its last words are in the message.
    """
    stamp = _stamp(_read(folder / "deck.html"))
    with ThreadPoolExecutor() as pool:
        printed = list(
            pool.map(lambda names: _print(folder, *names, chromium=chromium, stamp=stamp), PRINTED.items())
        )
    return (*printed, contact_sheet(printed[0], folder / CONTACT_SHEET))


def _read(page: Path) -> str:
    if not page.is_file():
        raise DataError(f"没有「{page.name}」，无从打印；先运行 python run_all.py --only publish")
    return page.read_text("utf-8")


def _stamp(deck: str) -> bytes:
    """The report's date, as the cover states it, in the digits that a PDF uses."""
    found = re.search(r"报告日期\D{1,20}(\d{4})-(\d\d)-(\d\d)", deck)
    if found is None:
        raise DataError("deck.html 的封面上没有报告日期；先运行 python run_all.py --only publish --force")
    return "".join([*found.groups(), "000000"]).encode()


def _print(folder: Path, page: str, name: str, *, chromium: Path, stamp: bytes) -> Path:
    alone = _standing_alone(_read(folder / page))
    with tempfile.TemporaryDirectory(prefix="fbanalysis-print-", ignore_cleanup_errors=True) as aside:
        made, copy = Path(aside) / name, Path(aside) / page
        copy.write_text(alone, "utf-8", newline="\n")
        command = _command(chromium, profile=Path(aside) / "profile", page=copy, made=made)
        said = _run(command, page=page)
        if not made.is_file() or not made.stat().st_size:
            raise FeedbackError(_refusal(page, chromium, said))
        pdf = _dated(made.read_bytes(), stamp)
    return _swap_in(folder / name, pdf)


def _standing_alone(page: str) -> str:
    """Take away links to the files beside a page: a PDF would carry them as paths of this machine."""
    parts = re.split(r"(?s)(<script.*?</script>)", page)
    parts[::2] = [re.sub(r'(<a\b[^>]*?) href="[^#"][^"]*"', r"\1", markup) for markup in parts[::2]]
    return "".join(parts)


def _command(chromium: Path, *, profile: Path, page: Path, made: Path) -> list[str]:
    # Chromium refuses its sandbox to root; everybody else keeps it
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [
        str(chromium),
        "--headless",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        *["--no-sandbox"] * is_root,
        "--no-first-run",
        "--disable-extensions",
        f"--user-data-dir={profile}",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
        f"--virtual-time-budget={_VIRTUAL_MILLISECONDS}",
        f"--print-to-pdf={made}",
        page.resolve().as_uri(),
    ]


def _run(command: Sequence[str], *, page: str) -> str:
    """Run the browser and give what it complained of."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise FeedbackError(
            f"打印「{page}」超过 {TIMEOUT_SECONDS} 秒没有结束：{command[0]}；关掉别的程序再运行一次，"
            "或用环境变量 FBANALYSIS_CHROMIUM 换一个浏览器"
        ) from error
    except OSError as error:
        raise FeedbackError(_refusal(page, Path(command[0]), str(error))) from error
    return done.stderr.decode("utf-8", errors="replace")


def _refusal(page: str, chromium: Path, said: str) -> str:
    last = "；".join(line.strip() for line in said.strip().splitlines()[-5:]) or "（没有留下任何信息）"
    return (
        f"浏览器没有把「{page}」打印成 PDF：{chromium} 说：{last}。"
        "请更新浏览器，或用环境变量 FBANALYSIS_CHROMIUM 指明另一个 Chromium、Chrome 或 Edge，再运行一次；"
        "也可以在浏览器里打开这个页面，自己打印成 PDF"
    )


def _dated(pdf: bytes, stamp: bytes) -> bytes:
    """Put the report's date in place of the clock's; the length stays, on which a PDF's index depends."""
    return re.sub(
        rb"(/(?:CreationDate|ModDate) \(D:)\d{14}\+00'00'", lambda found: found[1] + stamp + b"+00'00'", pdf
    )


def _swap_in(path: Path, content: bytes) -> Path:
    aside = path.with_suffix(path.suffix + ".new")
    aside.write_bytes(content)
    os.replace(aside, path)
    return path


def contact_sheet(pdf: Path, path: Path, *, across: int = 5) -> Path:
    """Draw all pages of a PDF as thumbnails with their numbers beneath, as one small PNG."""
    with pypdfium2.PdfDocument(pdf) as document:
        thumbs = [_thumb(page) for page in document]
    height = max(thumb.height for thumb in thumbs) + _NUMBER_HEIGHT
    rows = -(-len(thumbs) // across)
    size = (across * (_THUMB_WIDTH + _GAP) + _GAP, rows * (height + _GAP) + _GAP)
    sheet = Image.new("RGB", size, COLOURS["ground"])
    font = ImageFont.truetype(str(font_file()), _NUMBER_SIZE)
    for i, thumb in enumerate(thumbs):
        corner = (_GAP + i % across * (_THUMB_WIDTH + _GAP), _GAP + i // across * (height + _GAP))
        _place(sheet, thumb, corner=corner, number=i + 1, font=font)
    sheet.quantize(_PALETTE, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def _thumb(page: pypdfium2.PdfPage) -> Image.Image:
    """Draw a page twice as large and halve it: thin strokes of 汉字 stay whole."""
    drawn = page.render(scale=2 * _THUMB_WIDTH / page.get_width()).to_pil().convert("RGB")
    height = round(_THUMB_WIDTH * drawn.height / drawn.width)
    return drawn.resize((_THUMB_WIDTH, height), Image.Resampling.LANCZOS)


def _place(
    sheet: Image.Image,
    thumb: Image.Image,
    *,
    corner: tuple[int, int],
    number: int,
    font: ImageFont.FreeTypeFont,
) -> None:
    left, top = corner
    sheet.paste(thumb, corner)
    brush = ImageDraw.Draw(sheet)
    edges = (left - 1, top - 1, left + thumb.width, top + thumb.height)
    brush.rectangle(edges, outline=COLOURS["rule"])
    middle = (left + thumb.width / 2, top + thumb.height + 4)
    brush.text(middle, str(number), font=font, fill=COLOURS["muted"], anchor="ma")

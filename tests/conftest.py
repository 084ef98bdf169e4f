"""What several test files share: the project's root, the sample year's report, a browser, LibreOffice."""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from seeing import CHROMIUM

from fbanalysis.dataset import Theme
from fbanalysis.report.theme import font_file, use

ROOT = Path(__file__).parents[1]
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")

#: LibreOffice sees the package's font folder, and takes its font where a presentation names Microsoft's.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>{fonts}</dir><cachedir>{cache}</cachedir>
{aliases}</fontconfig>"""
ALIAS = """<match target="pattern"><test name="family"><string>{family}</string></test>
<edit name="family" mode="assign" binding="strong"><string>Noto Sans SC</string></edit></match>
"""


# The machine's load is no fault of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """What is imported by now stays: statsmodels collects garbage at every call, and need not look at it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _own_look() -> Iterator[None]:
    """Whatever look a module drew in, the next one begins with ours."""
    yield
    use(Theme())


@pytest.fixture(scope="session")
def sample_report() -> Path:
    """The finished report of the sample year, made now or found up to date."""
    run = subprocess.run(
        [sys.executable, "run_all.py", "--year", "2023"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return ROOT / "reports" / "2023"


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Where Chromium is."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    return Path(CHROMIUM)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Any]:
    """One Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Give a function that turns an Office file into a PDF, with the report's own font at hand."""
    if SOFFICE is None:
        pytest.skip("no LibreOffice on this machine")
    folder = tmp_path_factory.mktemp("libreoffice")
    aliases = "".join(ALIAS.format(family=name) for name in ("微软雅黑", "Microsoft YaHei"))
    fonts = FONTS.format(fonts=font_file().parent, cache=folder / "cache", aliases=aliases)
    (folder / "fonts.conf").write_text(fonts, "utf-8")

    def convert(path: Path) -> Path:
        run = subprocess.run(
            [
                SOFFICE,
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                *("--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)),
            ],
            env={**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")},
            capture_output=True,
            text=True,
            timeout=180,
        )
        made = folder / f"{path.stem}.pdf"
        assert made.is_file(), run.stdout + run.stderr
        return made

    return convert

"""Finds the browser that prints the report; knows nothing of how it is driven."""

import os
import shutil
from pathlib import Path

#: Names a browser of the Chromium family, where it stands nowhere usual.
VARIABLE = "FBANALYSIS_CHROMIUM"
_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)


def find_chromium() -> Path | None:
    """Find Chromium, Chrome or Edge: the one that the environment names, on the path, or in its usual place."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if Path(named).is_file() else None
    found = [path for path in map(shutil.which, _COMMANDS) if path]
    places = [*map(Path, found), *(Path(place) for place in _PLACES if Path(place).is_file())]
    return places[0] if places else None

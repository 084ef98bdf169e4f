"""What several test files share: the project's root and the report of the sample year."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


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

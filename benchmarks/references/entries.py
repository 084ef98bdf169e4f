"""The file of references, and which function computes which of them."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Reference:
    """One published or independently computed result.

    ``file`` names its data inside ``folder`` (a remark in brackets may follow), or holds them: "inline 56/70 vs 48/80".
    """

    id: str
    topic: str
    file: str
    method: str
    expected: Mapping[str, object] | list[Mapping[str, object]]
    rel: float
    absolute: float
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / self.file.split(" (")[0]

    def table(self) -> pd.DataFrame:
        """Read the data."""
        return pd.read_csv(self.path)

    def numbers(self) -> list[float]:
        """Give the numbers of inline data in their order."""
        return [float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", self.file)]


Calculation = Callable[[Reference], object]
#: Id of a reference → the function that computes it.
CALCULATIONS: dict[str, Calculation] = {}


def computes(*ids: str) -> Callable[[Calculation], Calculation]:
    """Register a function as the one that computes these references."""

    def register(calculation: Calculation) -> Calculation:
        if again := CALCULATIONS.keys() & set(ids):
            raise ValueError(f"computed twice: {sorted(again)}")
        CALCULATIONS.update(dict.fromkeys(ids, calculation))
        return calculation

    return register


def read_references(path: Path, *, folder: Path) -> list[Reference]:
    """Read the references; ``folder`` holds their data."""
    entries = json.loads(path.read_text("utf-8"))["references"]
    return [
        Reference(
            *(entry[name] for name in ("id", "topic", "file", "method", "expected")),
            rel=entry["tolerance"]["rel"],
            absolute=entry["tolerance"]["abs"],
            folder=folder,
        )
        for entry in entries
    ]

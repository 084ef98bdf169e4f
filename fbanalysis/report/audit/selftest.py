"""Asks the audit which of the errors it finds that were planted into copies of a report, and what it finds besides."""

import math
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random

from fbanalysis.errors import DataError
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.ours.printed import squeezed
from fbanalysis.report.audit.planting import FILES, KINDS, Candidate, Copy, Planted, apply, open_copy
from fbanalysis.report.audit.readback import Readback
from fbanalysis.report.audit.reading import read_document
from fbanalysis.report.story import Story

#: A seed like any other.
SEED = 20240115
#: Texts longer than this are not said twice on one slide.
_TELLING = 8


@dataclass(frozen=True)
class SelfTest:
    """How many planted errors were found, and what was found where nothing was planted.

    ``clean`` are the findings on the files as they are: they count neither way.
    """

    planted: tuple[Planted, ...]
    missed: tuple[Planted, ...]
    false_alarms: tuple[tuple[str, Finding], ...]
    clean: tuple[Finding, ...]
    hits: int

    @property
    def recall(self) -> float:
        """Share of the planted errors that were found (0–1)."""
        return 1 - len(self.missed) / len(self.planted) if self.planted else math.nan

    @property
    def precision(self) -> float:
        """Share of the findings that stand at a planted error (0–1)."""
        found = self.hits + len(self.false_alarms)
        return self.hits / found if found else math.nan

    @property
    def by_kind(self) -> Mapping[str, tuple[int, int]]:
        """Kind of error → (planted, found)."""
        planted = Counter(one.kind for one in self.planted)
        missed = Counter(one.kind for one in self.missed)
        return {kind: (count, count - missed[kind]) for kind, count in planted.items()}


def self_test(story: Story, folder: Path, *, count: int = 81, seed: int = SEED) -> SelfTest:
    """Plant errors of every kind into a copy of a report, read it back, and say which were found.

    The errors of a file stand in one copy, far apart: no two in the same neighbourhood (slide, figure, sheet).

    Parameters
    ----------
    count
        How many errors to plant; each kind gets as many, more or less.

    Raises
    ------
    DataError
        None of the files is there.
    """
    there = [name for name in FILES if (folder / name).is_file()]
    if not there:
        raise DataError(f"{folder} 里没有可以种错的文件；应有其中之一：{'、'.join(FILES)}")
    readback, rng = Readback(story, folder), Random(seed)
    planted: list[Planted] = []
    missed: list[Planted] = []
    alarms: list[tuple[str, Finding]] = []
    clean: list[Finding] = []
    hits = 0
    with tempfile.TemporaryDirectory(prefix="fbanalysis-audit-") as aside:
        for name, errors in _sown(folder, Path(aside), there, readback, count=count, rng=rng):
            before = readback.read(read_document(folder / name)).findings
            after = readback.read(read_document(Path(aside) / name)).findings
            new = [finding for finding in after if finding not in set(before)]
            found = {i for i, one in enumerate(errors) if any(is_at(finding, one) for finding in new)}
            strange = [finding for finding in new if not any(is_at(finding, one) for one in errors)]
            planted += errors
            missed += [one for i, one in enumerate(errors) if i not in found]
            alarms += [(name, finding) for finding in strange]
            clean += before
            hits += len(new) - len(strange)
    return SelfTest(tuple(planted), tuple(missed), tuple(alarms), tuple(clean), hits)


def _sown(
    folder: Path, aside: Path, names: Sequence[str], readback: Readback, *, count: int, rng: Random
) -> Iterator[tuple[str, list[Planted]]]:
    """Copy each file, plant its share of the errors, and give them."""
    shares = _shares(names, count=count)
    for name in names:
        shutil.copyfile(folder / name, aside / name)
        copy = open_copy(aside / name, readback.ledger)
        yield name, apply(copy, _chosen(copy, shares[name], rng))


def _shares(names: Sequence[str], *, count: int) -> dict[str, list[str]]:
    """Deal the kinds of errors out to the files in which they can stand, in turn."""
    files = {kind: cycle([name for name in of if name in names]) for kind, (_, of) in KINDS.items()}
    possible = [kind for kind, (_, of) in KINDS.items() if set(of) & set(names)]
    shares: dict[str, list[str]] = {name: [] for name in names}
    turns = cycle(possible)
    for _ in range(count):
        kind = next(turns)
        shares[next(files[kind])].append(kind)
    return shares


def _chosen(copy: Copy, kinds: Sequence[str], rng: Random) -> list[tuple[str, Candidate]]:
    """Choose where to plant: those kinds first that fit in few places, none beside another."""
    offered = {kind: list(KINDS[kind][0](copy, rng)) for kind in dict.fromkeys(kinds)}
    taken: set[str] = set()
    chosen = []
    for kind in sorted(kinds, key=lambda one: len({candidate.area for candidate in offered[one]})):
        free = [one for one in offered[kind] if one.area not in taken and _is_plain(one)]
        if free:
            one = rng.choice(free)
            taken.add(one.area)
            chosen.append((kind, one))
    return chosen


def _is_plain(candidate: Candidate) -> bool:
    """Say whether an error changes what is read, blanks aside."""
    return bool(candidate.embedded) or squeezed(candidate.old) != squeezed(candidate.new)


def is_at(finding: Finding, planted: Planted) -> bool:
    """Say whether a finding stands at a planted error: its page or sheet, and its passage or number."""
    if planted.sheet:
        return f"「{planted.sheet}」" in finding.place and any(
            re.search(rf"\b{cell}\b", finding.place) for cell in planted.said
        )
    if planted.page and planted.page not in map(int, re.findall(r"\d+", finding.place)[:1]):
        return False
    sentence = squeezed(finding.sentence)
    if finding.rule == "图值" and _is_number(planted.new):
        numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", finding.printed)]
        return any(math.isclose(one, float(planted.new), rel_tol=1e-4) for one in numbers)
    return any(_is_said(said, sentence, squeezed(finding.printed)) for said in planted.said)


def _is_said(said: str, sentence: str, printed: str) -> bool:
    """Say whether a finding's sentence is a planted passage, or holds it: a short one with the number found in it."""
    if said == sentence:
        return True
    is_telling = len(said) > _TELLING or printed in said or sentence.startswith(said)
    return (said in sentence and is_telling) or (sentence in said and len(sentence) > _TELLING)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text))

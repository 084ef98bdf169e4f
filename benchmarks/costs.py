"""What a block of work costs with all processes that it began: CPU seconds, wall seconds, peak memory."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

SAMPLE_SECONDS = 0.25


@dataclass(frozen=True)
class Cost:
    """What a command took, with all processes that it began."""

    cpu: float
    wall: float
    peak: float


@contextmanager
def watch_memory() -> Iterator[list[float]]:
    """Sample the memory of all descendants, in GiB, until the block ends."""
    peaks: list[float] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            family = psutil.Process().children(recursive=True)
            peaks.append(sum(_memory(process) for process in family) / 1024**3)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def _memory(process: psutil.Process) -> int:
    try:
        return getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss
    except psutil.Error:
        return 0


def cpu_seconds() -> float:
    """CPU seconds of all ended descendants."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

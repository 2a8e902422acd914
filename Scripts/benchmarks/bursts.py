"""Short bursts of equal work, between which contestants take turns."""

import statistics
import time
from collections.abc import Callable
from typing import Protocol

BURST_SECONDS = 0.2
FEWEST_RUNS = 3


class CannotRun(Exception):
    """A contestant cannot execute a model; the text says why."""


class Contestant(Protocol):
    """Something that executes one model again and again."""

    def burst(self) -> float:
        """Works for a moment; returns the median time of one execution in seconds.

        Raises `CannotRun` if it cannot.
        """

    def close(self) -> None:
        """Gives back what it holds."""


def time_burst(work: Callable[[], object]) -> float:
    """Runs `work` once to warm up, then for a burst; its median time in seconds."""
    work()
    times: list[float] = []
    end = time.perf_counter() + BURST_SECONDS
    while len(times) < FEWEST_RUNS or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def runs_in_burst(seconds: float) -> int:
    """How many executions of that time make a burst."""
    return max(FEWEST_RUNS, round(BURST_SECONDS / max(seconds, 1e-7)))

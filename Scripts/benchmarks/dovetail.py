"""Dovetail as a contestant: inference on the CPU or a simulated target, and a whole process."""

import re
from pathlib import Path

from .bursts import FEWEST_RUNS, CannotRun, runs_in_burst, time_burst
from .processes import Measurement, ProcessFailure, run

TIME_LINE = re.compile(r"^time: median ([0-9.]+) ms", re.MULTILINE)


class Inference:
    """Inference alone, as `dovetail run --repeat` times it: a model is loaded before."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.repetitions = FEWEST_RUNS
        self.burst()

    def burst(self) -> float:
        """One process, which warms up by itself; as many runs as the burst before says."""
        messages = execute([*self.command, "--repeat", str(self.repetitions)]).messages
        if not (found := TIME_LINE.search(messages)):
            raise CannotRun("`dovetail run --repeat` printed no time")
        seconds = float(found[1]) / 1000
        self.repetitions = runs_in_burst(seconds)
        return seconds

    def close(self) -> None:
        """Holds nothing."""


class WholeProcess:
    """A process from its start to its end, with everything read and prepared for one inference."""

    def __init__(self, command: list[str]) -> None:
        self.command = command

    def burst(self) -> float:
        """Several processes, one after the other."""
        return time_burst(lambda: execute(self.command))

    def close(self) -> None:
        """Holds nothing."""


def execute(command: list[str]) -> Measurement:
    """Runs dovetail; raises `CannotRun` with the first line of its complaint."""
    try:
        return run(command)
    except ProcessFailure as failure:
        complaint = failure.messages.partition("\n")[0]
        model = command[2]  # `dovetail run MODEL …`
        raise CannotRun(complaint.replace(model, Path(model).name)) from failure

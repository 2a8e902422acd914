"""Processes that are run to their end and measured."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path


class ProcessFailure(Exception):
    """A process ended otherwise than well; the text says which, and what it said."""

    def __init__(self, command: list[str], messages: str) -> None:
        self.messages = messages.strip()
        super().__init__(f"`{' '.join(command)}` failed:\n{self.messages}")


@dataclass(frozen=True)
class Measurement:
    """What one run of a process took, and what it said on standard error."""

    seconds: float
    cpu_seconds: float
    peak_kibibytes: int
    messages: str


def run(command: list[str]) -> Measurement:
    """Runs a command to its end and measures it; its output is dropped.

    Raises `ProcessFailure` if its exit status is not 0.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with process.stderr as errors:
        messages = errors.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    # `wait4` has taken the status already, so that nobody has to wait for it again.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise ProcessFailure(command, messages)
    return Measurement(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, messages)


def run_alone(command: list[str]) -> Measurement:
    """As `run`, from a process so small that its own memory does not count.

    The peak of a process is at least what its parent held when it was started.
    """
    launcher = [sys.executable, "-S", "-E", str(Path(__file__)), *command]
    launched = subprocess.run(launcher, stdout=subprocess.PIPE, check=False)
    result = json.loads(launched.stdout)
    if "failure" in result:
        raise ProcessFailure(command, result["failure"])
    return Measurement(**result)


def launch(command: list[str]) -> dict[str, object]:
    """What `run_alone` reads."""
    try:
        return asdict(run(command))
    except ProcessFailure as failure:
        return {"failure": failure.messages}


if __name__ == "__main__":
    print(json.dumps(launch(sys.argv[1:])))

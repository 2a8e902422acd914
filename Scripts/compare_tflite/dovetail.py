"""Dovetail, one process per input of a model."""

import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np

from .description import Description
from .inputs import input_path
from .litert import TIMEOUT_SECONDS, failure
from .settings import Settings
from .tally import Tally

# The exit status that says that an operator or a type of it is not there yet.
UNSUPPORTED = 69
# The first function of a crash for which Swift's runtime knows the line.
BACKTRACE = re.compile(r"0x[0-9a-f]+ (.+?)(?: \+ \d+)? in dovetail at \S*?(Sources/\S+:\d+):\d+$",
                       re.MULTILINE)


def dovetail_values(settings: Settings, model: Path, folder: Path, name: str,
                    flags: list[str], description: Description,
                    tally: Tally) -> dict[int, np.ndarray] | None:
    """Runs dovetail on one case; returns what it wrote by tensor index, or notes why it failed."""
    output = folder / name
    command = [settings.dovetail, "run", str(model), *flags, "--output-dir", str(output)]
    for number, each in enumerate(description.inputs):
        command += ["--input", f"{each.name}={input_path(folder, number)}"]
    if description.steps is not None:
        command += ["--steps", str(description.steps)]
    if settings.threads is not None:
        command += ["--threads", str(settings.threads)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        if run.returncode == UNSUPPORTED:
            reason = failure(UNSUPPORTED, run.stderr).replace(f"{model}, ", "")
            tally.unsupported.setdefault(f"dovetail run failed: {reason}", []).append(folder.name)
            return None
        if run.returncode != 0:
            raise ValueError(crash(run.stderr) or failure(run.returncode, run.stderr))
        values = read_values(output)
    except (OSError, ValueError, LookupError, TypeError, subprocess.TimeoutExpired) as error:
        reason = str(error).replace(f"{folder}{os.sep}", "").replace(f"{model}, ", "")
        tally.errors.setdefault(f"dovetail run failed: {reason}", []).append(folder.name)
        return None
    tally.inputs += 1
    return values


def crash(messages: str) -> str | None:
    """Where a backtrace begins, without the addresses that are others each time."""
    found = BACKTRACE.search(messages)
    return found and f"crashed in `{found[1]}` at {found[2]}"


def read_values(folder: Path) -> dict[int, np.ndarray]:
    """Reads `values.json` and the files it names; values without a tensor in the file are left."""
    entries = json.loads((folder / "values.json").read_text())
    return {entry["index"]: np.load(folder / entry["file"]) for entry in entries
            if entry["index"] is not None}

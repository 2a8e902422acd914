"""Dovetail, one process per input of a model."""

import json
import os
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


def dovetail_values(settings: Settings, model: Path, folder: Path, name: str,
                    flags: list[str], description: Description,
                    tally: Tally) -> dict[int, np.ndarray] | None:
    """Runs dovetail on one case; returns what it wrote by tensor index, or notes why it failed."""
    output = folder / name
    command = [settings.dovetail, "run", str(model), *flags, "--output-dir", str(output)]
    for number, each in enumerate(description.inputs):
        command += ["--input", f"{each.name}={input_path(folder, number)}"]
    if settings.threads is not None:
        command += ["--threads", str(settings.threads)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        if run.returncode == UNSUPPORTED:
            reason = failure(UNSUPPORTED, run.stderr).replace(f"{model}, ", "")
            tally.unsupported.setdefault(f"dovetail run failed: {reason}", []).append(folder.name)
            return None
        if run.returncode != 0:
            raise ValueError(failure(run.returncode, run.stderr))
        values = read_values(output)
    except (OSError, ValueError, LookupError, TypeError, subprocess.TimeoutExpired) as error:
        reason = str(error).replace(f"{folder}{os.sep}", "").replace(f"{model}, ", "")
        tally.errors.setdefault(f"dovetail run failed: {reason}", []).append(folder.name)
        return None
    tally.inputs += 1
    return values


def read_values(folder: Path) -> dict[int, np.ndarray]:
    """Reads `values.json` and the files it names; values without a tensor in the file are left."""
    entries = json.loads((folder / "values.json").read_text())
    return {entry["index"]: np.load(folder / entry["file"]) for entry in entries
            if entry["index"] is not None}

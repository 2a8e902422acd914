"""Lets `dovetail quantize` write a model."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .schemes import LACKING

# The exit status of what is not supported, and the diagnostic for a scheme that a format lacks.
UNSUPPORTED, NOT_IN_FORMAT = 69, "[scheme-not-in-format]"
TIMEOUT_SECONDS = 600
SEED = 1


@dataclass(frozen=True)
class Source:
    """A float model, and samples of what it reads; without files, seeded noise."""

    model: Path
    # For `--calibration`.
    calibration: Path | None
    # What becomes of the numbers of both files.
    preprocessing: str
    # What is run, one sample after another.
    data: Path | None
    samples: int

    def inputs(self, dovetail: str) -> np.ndarray:
        """The samples as the model reads them: `(number − mean) / scale`, in single precision."""
        if self.data is None:
            shape = input_shape(dovetail, self.model)
            noise = np.random.default_rng(SEED).standard_normal((self.samples, *shape[1:]))
            return noise.astype(np.float32)
        choices = dict(each.split("=", 1) for each in self.preprocessing.split(",") if each)
        if unknown := choices.keys() - {"mean", "scale"}:
            raise ValueError(f"only a mean and a scale can be applied here, not {sorted(unknown)}")
        numbers = np.load(self.data, mmap_mode="r")[:self.samples].astype(np.float64)
        mean, scale = (float(choices.get(name, default))
                       for name, default in (("mean", 0), ("scale", 1)))
        return ((numbers - mean) / scale).astype(np.float32)


def input_shape(dovetail: str, model: Path) -> list[int]:
    """The shape of a model's input."""
    summary = subprocess.run([dovetail, "inspect", str(model), "--json", "-"], capture_output=True,
                             text=True, check=True, timeout=TIMEOUT_SECONDS).stdout
    [port] = json.loads(summary)["inputs"]
    return port["shape"]


@dataclass
class Written:
    """What became of a model under a scheme."""

    path: Path
    # Why the format cannot hold it, as it must be.
    refusal: str = ""
    # Why it could not be written, as it must not be.
    problem: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a file to be run."""
        return not (self.refusal or self.problem)


def write(dovetail: str, source: Source, scheme: str, path: Path,
          flags: tuple[str, ...] = ()) -> Written:
    """Quantizes the model to a file, or tells that it is refused."""
    command = [dovetail, "quantize", str(source.model), "--scheme", scheme, "--quiet",
               "--no-report", "-o", str(path), *flags]
    if source.calibration:
        command += ["--calibration", str(source.calibration)]
    if source.preprocessing:
        command += ["--preprocess", source.preprocessing]
    run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    written, message = Written(path), run.stderr.strip()
    is_lacking = scheme in LACKING[path.suffix[1:]]
    if run.returncode == UNSUPPORTED and NOT_IN_FORMAT in message and "help:" in message:
        if is_lacking:
            written.refusal = message.splitlines()[0].removeprefix("error: ")
        else:
            written.problem = f"refused: {message.splitlines()[0]}"
    elif run.returncode != 0:
        written.problem = f"quantize ended with {run.returncode}: {message}"
    elif is_lacking:
        written.problem = "written, though the format lacks such numbers"
    return written

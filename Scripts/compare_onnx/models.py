"""One model, computed by ONNX Runtime and by Dovetail."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from .inputs import SHAPES, random_inputs
from .topologies import expected

TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Settings:
    """What the user chose."""

    dovetail: str
    samples: int
    shapes: dict[str, str]


@dataclass
class Tally:
    """What became of one model, with its open extents bound in one way."""

    name: str
    samples: int = 0
    outputs: int = 0
    elements: int = 0
    equal: int = 0
    worst: float = 0.0
    problem: str = ""

    @property
    def status(self) -> int:
        """The exit status that the model asks for."""
        return 2 if self.problem else int(self.worst > 1e-5)

    @property
    def verdict(self) -> str:
        """One or two words for the table."""
        if self.problem:
            return "not run"
        if self.equal == self.elements:
            return "equal"
        return "close" if self.worst <= 1e-5 else "differs"


def compare(settings: Settings, model: Path, folder: Path) -> list[Tally]:
    """A tally for each way in which the model's open extents are bound."""
    bindings = SHAPES.get(model.name, [{}])
    tallies = []
    for binding in bindings:
        label = " ".join(f"{name}={shape}" for name, shape in binding.items())
        tally = Tally(" ".join([model.stem, label]).strip())
        try:
            run_samples(settings, model, settings.shapes | binding, folder, tally)
        except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
            tally.problem = str(error).strip().splitlines()[0]
        tallies.append(tally)
    return tallies + compare_expected(settings, model, folder)


def compare_expected(settings: Settings, model: Path, folder: Path) -> list[Tally]:
    """A tally for the outputs that lie beside the model, if there are any."""
    known = expected(model)
    if known is None:
        return []
    tally = Tally(f"{model.stem}, expected outputs", samples=1)
    try:
        found = dovetail_outputs(settings, model, {}, known[0], folder)
        for tensor, output in zip(known[1], found.values()):
            count(tally, tensor, output)
    except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
        tally.problem = str(error).strip().splitlines()[0]
    return [tally]


def run_samples(settings: Settings, model: Path, shapes: dict[str, str], folder: Path,
                tally: Tally) -> None:
    """Computes all samples by both; what a run leaves for the next is fed back to it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    states: dict[str, np.ndarray] = {}
    for sample in range(settings.samples):
        inputs = random_inputs(session, shapes, sample) | states
        expected = session.run(None, inputs)
        found = dovetail_outputs(settings, model, shapes, inputs, folder)
        for name, tensor in zip(names, expected):
            count(tally, np.asarray(tensor), found.get(name))
        tally.samples += 1
        states = next_states(session, names, expected)


def next_states(session: onnxruntime.InferenceSession, names: list[str],
                outputs: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Outputs that stand for the next value of an input: `hn` of `h`, `stateN` of `state`."""
    by_name = dict(zip(names, outputs))
    return {each.name: by_name[next_name] for each in session.get_inputs()
            for next_name in (f"{each.name}n", f"{each.name}N") if next_name in by_name}


def dovetail_outputs(settings: Settings, model: Path, shapes: dict[str, str],
                     inputs: dict[str, np.ndarray], folder: Path) -> dict[str, np.ndarray]:
    """Runs dovetail; returns its outputs by name."""
    command = [settings.dovetail, "run", str(model), "--quiet", "--output-dir", str(folder / "out")]
    for number, (name, tensor) in enumerate(inputs.items()):
        path = folder / f"input{number}.npy"
        np.save(path, tensor)
        command += ["--input", f"{name}={path}"]
        if name in shapes:
            command += ["--shape", f"{name}={shapes[name]}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if run.returncode != 0:
        raise RuntimeError(run.stderr or f"dovetail ended with {run.returncode}")
    entries = json.loads((folder / "out" / "values.json").read_text())
    return {each["name"]: np.load(folder / "out" / each["file"]) for each in entries}


def count(tally: Tally, expected: np.ndarray, found: np.ndarray | None) -> None:
    """Adds one output to the tally."""
    if found is None:
        raise ValueError("an output is missing")
    if found.shape != expected.shape or found.dtype != expected.dtype:
        raise ValueError(f"an output is {found.dtype}{list(found.shape)}, expected "
                         f"{expected.dtype}{list(expected.shape)}")
    tally.outputs += 1
    tally.elements += expected.size
    same = (expected == found) | ((expected != expected) & (found != found))
    tally.equal += int(same.sum())
    if same.all():
        return
    if expected.dtype.kind != "f":
        tally.worst = max(tally.worst, 1.0)
        return
    distance = np.abs(expected.astype(np.float64) - found.astype(np.float64)).max()
    tally.worst = max(tally.worst, float(distance) / extent_of(expected))


def extent_of(tensor: np.ndarray) -> float:
    """The range of a tensor's elements, or what stands for it where they are all equal."""
    return float(tensor.max() - tensor.min()) or float(abs(tensor).max()) or 1.0

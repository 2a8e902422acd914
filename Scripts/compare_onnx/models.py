"""One model, computed by ONNX Runtime and by Dovetail."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from .inputs import SHAPES, random_inputs
from .runs import dovetail_values, first_line, open_session, same_type
from .topologies import expected


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
            tally.problem = first_line(error)
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
        tally.problem = first_line(error)
    return [tally]


def run_samples(settings: Settings, model: Path, shapes: dict[str, str], folder: Path,
                tally: Tally) -> None:
    """Computes all samples by both; what a run leaves for the next is fed back to it."""
    session = open_session(model)
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
    flags = [word for name in inputs if name in shapes
             for word in ("--shape", f"{name}={shapes[name]}")]
    return dovetail_values(settings.dovetail, model, inputs, folder, *flags)


def count(tally: Tally, expected: np.ndarray, found: np.ndarray | None) -> None:
    """Adds one output to the tally."""
    found = same_type("an output", expected, found)
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

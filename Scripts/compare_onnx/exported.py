"""Models that `dovetail quantize` writes, under every scheme, each value of them computed by both.

ONNX Runtime computes the file as it is, without changes of its own, and gives every value. Dovetail
computes each layer on the stored numbers that ONNX Runtime had. Real numbers may lie 1e-5 of the
range of their value apart, as sums are added up in another order; what is stored of them, one step,
as the last digit of a sum can make it round otherwise. Near 0, numbers of few bits may be so small
that less than 1e-5 of the range is many steps; these do not count. Layers are computed twice: as
the file has them, on real numbers, and on integers, as Dovetail runs such models. Outputs of the
whole network are compared with those of the graph that the file was written of, and ONNX Runtime
must also be able to run the file with all that it fuses.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from exported_models.schemes import all_schemes
from exported_models.writing import Source, write

from .cutting import MOVING, cut_model, steps_between
from .models import extent_of
from .runs import dovetail_values, first_line, open_session, same_type

TOLERANCE = 1e-5
# How far outputs of a whole network may be apart, as parts of their range, where it rounds on its
# way: a few roundings to the other side, and what later layers make of them. One step of 8-bit floats
# is up to an eighth of a number.
DRIFT = 0.25
OFF = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
HEADER = ["model", "scheme", "values", "elements", "equal", "steps apart", "of range",
          "on integers", "outputs, of range", "optimized", "verdict"]


@dataclass
class ExportTally:
    """How far the values of one file lie apart."""

    name: str
    scheme: str
    values: set[str] = field(default_factory=set)
    elements: int = 0
    equal: int = 0
    # Of what is stored, at most, with the same operands.
    steps: int = 0
    # Of real numbers, at most, with the same operands, as parts of a value's range.
    distance: float = 0.0
    # As `steps`, of layers that are computed on integers; None if the scheme has no integers.
    integer_steps: int | None = None
    # Of the outputs of the whole network, beside the graph that the file was written of.
    drift: float = 0.0
    # The same where ONNX Runtime computes it with all that it fuses; not judged, as its own kernels
    # round what the file leaves in floats.
    optimized: float = 0.0
    # Whether activations are rounded.
    rounds: bool = False
    refusal: str = ""
    problem: str = ""
    # The value that is furthest off.
    worst: str = ""

    @property
    def drifts(self) -> bool:
        """Whether outputs are further off than roundings explain."""
        return self.drift > (DRIFT if self.rounds else TOLERANCE)

    @property
    def differs(self) -> bool:
        """Whether anything is further off than roundings explain."""
        return (self.drifts or self.distance > TOLERANCE
                or max(self.steps, self.integer_steps or 0) > 1)

    @property
    def status(self) -> int:
        """The exit status that the file asks for."""
        return 2 if self.problem else int(self.differs)

    @property
    def verdict(self) -> str:
        """One or two words for the table."""
        if self.problem:
            return "NOT RUN"
        if self.refusal:
            return "refused"
        if self.differs:
            return "DIFFERS"
        return "equal" if self.equal == self.elements else "within a step"

    @property
    def row(self) -> list[str]:
        """The cells below `HEADER`."""
        if self.problem or self.refusal:
            return [self.name, self.scheme, *[""] * (len(HEADER) - 3), self.verdict]
        integers = "" if self.integer_steps is None else str(self.integer_steps)
        return [self.name, self.scheme, str(len(self.values)), f"{self.elements:,}",
                f"{self.equal:,}", str(self.steps), f"{self.distance:.1e}", integers,
                f"{self.drift:.1e}", f"{self.optimized:.1e}", self.verdict]


def compare_exported(dovetail: str, source: Source, schemes: list[str] | None,
                     folder: Path) -> list[ExportTally]:
    """A tally for each scheme."""
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        return list(workers.map(lambda scheme: compare_scheme(dovetail, source, scheme, folder),
                                schemes or all_schemes(dovetail)))


def compare_scheme(dovetail: str, source: Source, scheme: str, folder: Path) -> ExportTally:
    """The tally of one scheme."""
    tally = ExportTally(source.model.stem, scheme)
    folder = folder / re.sub("[^a-z0-9]+", "-", scheme)
    folder.mkdir()
    try:
        written = write(dovetail, source, scheme, folder / "written.onnx")
        tally.refusal, tally.problem = written.refusal, written.problem
        if written.is_there:
            own = write(dovetail, source, scheme, folder / "written.graph")
            FileComparison(dovetail, written.path, own.path, tally).run(source.inputs(dovetail))
    except Exception as error:  # ONNX Runtime throws whatever it likes.
        tally.problem = first_line(error)
    return tally


class FileComparison:
    """The comparison of one file on some samples.

    Beside it there is the graph that it was written of, as Dovetail itself reads and measures it.
    """

    def __init__(self, dovetail: str, path: Path, graph: Path, tally: ExportTally):
        self.dovetail, self.graph, self.folder, self.tally = dovetail, graph, path.parent, tally
        self.cut = cut_model(onnx.load(path))
        onnx.save(self.cut.layers, self.folder / "layers.onnx")
        tally.rounds = bool(self.cut.cuts)
        self.has_integers = any(is_integer(each.element) for each in self.cut.cuts)
        if self.has_integers:
            tally.integer_steps = 0
            onnx.save(self.cut.without_real_outputs(), self.folder / "integers.onnx")
        self.session = open_session(self.cut.whole.SerializeToString(), OFF)
        self.optimized = open_session(path)

    def run(self, samples: np.ndarray) -> None:
        """Compares all values for each sample."""
        port = self.session.get_inputs()[0]
        names = [each.name for each in self.session.get_outputs()]
        for sample in samples:
            given = {port.name: sample.reshape(port.shape)}
            expected = dict(zip(names, self.session.run(None, given)))
            self.compare(given, expected)

    def compare(self, given: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
        """Compares all values for one sample."""
        operands = given | {each.given: expected[each.name] for each in self.cut.cuts}
        layers = self.folder / "layers.onnx"
        self.compare_layers(expected, self.computed(layers, operands, "--all-values"))
        if self.has_integers:
            self.compare_integers(expected, self.computed(self.folder / "integers.onnx", operands))
        self.compare_outputs({name[1:]: array for name, array in given.items()}, expected)

    def compare_outputs(self, given: dict[str, np.ndarray],
                        expected: dict[str, np.ndarray]) -> None:
        """Compares what the whole network gives, also with all that ONNX Runtime fuses."""
        # As it is, without operators on integers, which round at other places.
        own = self.computed(self.graph, given, "--all-values")
        names = [each.name for each in self.optimized.get_outputs()]
        tally = self.tally
        for name, output in zip(names, self.optimized.run(None, given)):
            plain = expected[f"@{name}"]
            tally.drift = max(tally.drift, real_distance(own[name], plain))
            tally.optimized = max(tally.optimized, real_distance(own[name], output))
        if tally.drifts:
            tally.worst = f"outputs of the network: {tally.drift:.1e} of range"

    def compare_layers(self, expected: dict[str, np.ndarray],
                       found: dict[str, np.ndarray]) -> None:
        """Compares every value, each with the same operands."""
        for name, array in expected.items():
            if name not in found:
                if self.cut.operators[name] in MOVING:
                    continue
                raise ValueError(f"`{name[1:]}` ({self.cut.operators[name]}) is missing")
            own = same_type(f"`{name[1:]}`", array, found[name])
            self.tally.values.add(name)
            self.tally.elements += array.size
            self.tally.equal += int((array == own).sum())
            if name in self.cut.stored:
                steps = steps_apart(array, own, self.cut.stored[name])
                self.note(name, steps > max(self.tally.steps, 1), f"{steps} steps")
                self.tally.steps = max(self.tally.steps, steps)
            else:
                distance = real_distance(array, own, self.range_of(name, expected))
                is_worst = distance > max(self.tally.distance, TOLERANCE)
                self.note(name, is_worst, f"{distance:.1e} of range")
                self.tally.distance = max(self.tally.distance, distance)

    def compare_integers(self, expected: dict[str, np.ndarray],
                         found: dict[str, np.ndarray]) -> None:
        """Compares what layers store that are computed on integers."""
        for name, element in self.cut.stored.items():
            own = same_type(f"`{name[1:]}`", expected[name], found[name])
            steps = steps_apart(expected[name], own, element)
            self.note(name, steps > max(self.tally.integer_steps, 1),
                      f"{steps} steps on integers")
            self.tally.integer_steps = max(self.tally.integer_steps, steps)

    def range_of(self, name: str, expected: dict[str, np.ndarray]) -> float:
        """The range of a value; of the least and the largest numbers, that of all others."""
        while name in self.cut.picked and self.cut.picked[name] in expected:
            name = self.cut.picked[name]
        return extent_of(expected[name].astype(np.float64))

    def note(self, name: str, is_worst: bool, distance: str) -> None:
        """Remembers what is said of the value that is furthest off."""
        if is_worst:
            self.tally.worst = f"`{name[1:]}` ({self.cut.operators[name]}): {distance}"

    def computed(self, model: Path, inputs: dict[str, np.ndarray],
                 *flags: str) -> dict[str, np.ndarray]:
        """What Dovetail computes of a model, by name."""
        return dovetail_values(self.dovetail, model, inputs, self.folder, *flags)


def is_integer(element: int) -> bool:
    """Whether elements are integers."""
    return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(element)).kind in "iu"


def steps_apart(expected: np.ndarray, found: np.ndarray, element: int) -> int:
    """How many steps stored numbers are apart at most, where that is no digit of a sum."""
    steps = steps_between(expected, found, element)
    if not is_integer(element):
        a, b = expected.astype(np.float64), found.astype(np.float64)
        steps = np.where(np.abs(a - b) > TOLERANCE * extent_of(a), steps, 0)
    return int(steps.max(initial=0))


def real_distance(expected: np.ndarray, found: np.ndarray, extent: float | None = None) -> float:
    """How far numbers are apart, as a part of a range, or else of that of the expected ones."""
    a, b = expected.astype(np.float64), found.astype(np.float64)
    distance = float(np.abs(a - b).max(initial=0))
    return distance / (extent or extent_of(a)) if distance == distance else float("inf")

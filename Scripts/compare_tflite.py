"""Checks that `dovetail run` computes exactly what LiteRT's reference kernels compute.

Both execute each model on the same inputs. Then every value that an operator computes is compared,
found by its tensor's index in the model file: integers bit for bit, floats within 1e-5 of the
range of the value. With `--target`, the outputs of the simulated NPU are also compared with those
of Dovetail's CPU reference, bit for bit.

Started by `Scripts/compare-tflite`, which provides LiteRT and sets DOVETAIL to the binary.

Exit status: 0 all equal, 1 something differs, 2 something could not be run (even if something else
differs). An input on which LiteRT itself fails is reported and left out; a model that has no input
left counts as one that could not be run.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

FLOAT_TOLERANCE = 1e-5
TIMEOUT_SECONDS = 1800
# How many inputs LiteRT executes before their values are compared and deleted again.
BATCH = 16


@dataclass(frozen=True)
class Input:
    """An input of the model, as its file describes it."""

    name: str
    index: int
    shape: list[int]
    dtype: str
    scale: float
    zero_point: int


@dataclass(frozen=True)
class Value:
    """A tensor that an operator computes; one that depends on constants alone may be folded."""

    name: str
    index: int
    operator: str
    is_constant: bool


@dataclass(frozen=True)
class Description:
    """What there is to feed and to compare in a model; `values` is in the order of execution."""

    inputs: list[Input]
    values: list[Value]
    outputs: list[int]
    cases: list[str]

    @staticmethod
    def read(folder: Path) -> "Description":
        """Reads what `prepare` wrote."""
        fields = json.loads((folder / "model.json").read_text())
        return Description([Input(**each) for each in fields["inputs"]],
                           [Value(**each) for each in fields["values"]],
                           fields["outputs"], fields["cases"])


@dataclass(frozen=True)
class Comparison:
    """How one value found differs from the one expected."""

    elements: int
    equal: int
    is_accepted: bool
    # How far beyond equal, comparable between integers (in steps) and floats (in tolerances).
    severity: float = 0
    worst: str = ""
    detail: str = ""


@dataclass
class Tally:
    """The row of one model in the table, and what has to be said about it below the table."""

    model: str
    compared: str
    cases: int
    inputs: int = 0
    values: set[int] = field(default_factory=set)
    elements: int = 0
    equal: int = 0
    severity: float = 0
    worst: str = "none"
    # What to say, with the cases it holds for.
    differences: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def add(self, value: Value, comparison: Comparison) -> None:
        """Counts one value of one input."""
        self.values.add(value.index)
        self.elements += comparison.elements
        self.equal += comparison.equal
        if comparison.severity > self.severity:
            self.severity = comparison.severity
            self.worst = f"{comparison.worst} in {title(value)}"

    @property
    def verdict(self) -> str:
        """One or two words for the table."""
        if self.differences:
            return "DIFFERS"
        if self.errors or not self.values:
            return "NOT RUN"
        return "equal" if self.equal == self.elements else f"within {FLOAT_TOLERANCE:g}"

    @property
    def status(self) -> int:
        """The exit status that this row asks for."""
        return {"NOT RUN": 2, "DIFFERS": 2 if self.errors else 1}.get(self.verdict, 0)


def main() -> int:
    """Compares all models and prints one table."""
    arguments = parse_arguments()
    if not shutil.which(arguments.dovetail):
        print(f"compare-tflite: DOVETAIL names no program: {arguments.dovetail!r}", file=sys.stderr)
        return 2
    tallies = []
    for model in arguments.models:
        print(f"comparing {model.name}", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="compare-tflite-") as folder:
            tallies += compare_model(arguments, model, Path(folder))
    print_table(tallies)
    return max(tally.status for tally in tallies)


def parse_arguments() -> argparse.Namespace:
    """Reads the command line and the environment."""
    parser = argparse.ArgumentParser(
        prog="compare-tflite",
        description="Checks `dovetail run` against LiteRT's reference kernels, value by value.",
        epilog="Exit status: 0 all equal, 1 something differs, 2 something could not be run.")
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--samples", type=int, default=3, metavar="N",
                        help="seeded random inputs, and as many smooth ones (default 3)")
    parser.add_argument("--input", action="append", default=[], metavar="[NAME=]X.npy",
                        help="use this input instead of generated ones; an array with more rows "
                             "than the model's batch is tried row by row")
    parser.add_argument("--target", metavar="T", help="also compare the simulated NPU with the CPU")
    parser.add_argument("--threads", type=int, metavar="N", help="passed on to dovetail")
    arguments = parser.parse_args()
    arguments.dovetail = os.environ.get("DOVETAIL", "dovetail")
    return arguments


def compare_model(arguments: argparse.Namespace, model: Path, folder: Path) -> list[Tally]:
    """Compares one model on all its inputs: one row, or with a target two."""
    error = isolated(prepare, folder, model, folder, arguments.samples, arguments.input)
    if error:
        return [Tally(model.name, "CPU to LiteRT", cases=0, errors={f"LiteRT: {error}": []})]

    description = Description.read(folder)
    cpu = Tally(model.name, "CPU to LiteRT", len(description.cases))
    tallies = [cpu]
    if arguments.target:
        tallies.append(Tally(model.name, f"{Path(arguments.target).stem} to CPU", cpu.cases))

    for case, error in reference_runs(model, folder, description.cases):
        if error:
            cpu.notes.setdefault(f"left out, LiteRT failed: {error}", []).append(case)
        else:
            compare_case(arguments, model, folder / case, description, tallies)
        shutil.rmtree(folder / case)

    if sum(map(len, cpu.notes.values())) == cpu.cases:
        cpu.errors["LiteRT executed none of the inputs"] = []
    return tallies


def compare_case(arguments: argparse.Namespace, model: Path, folder: Path,
                 description: Description, tallies: list[Tally]) -> None:
    """Compares all executions of a model on one input, for which LiteRT has computed the values."""
    with np.load(folder / "reference.npz") as reference:
        expected = {int(index): reference[index] for index in reference.files}
    cpu, *target = tallies
    found = dovetail_values(arguments, model, folder, "cpu", ["--all-values"], description, cpu)
    if found is None:
        return
    compare_values(folder.name, expected, found, description.values, FLOAT_TOLERANCE, cpu)

    for tally in target:
        flags = ["--target", arguments.target]
        on_target = dovetail_values(arguments, model, folder, "target", flags, description, tally)
        if on_target is not None:
            outputs = [value for value in description.values if value.index in description.outputs]
            compare_values(folder.name, found, on_target, outputs, None, tally)


# LiteRT, in processes of its own because it may abort


def isolated(function: Callable[..., None], folder: Path, *arguments: object) -> str | None:
    """Runs a function in a process of its own; returns why that failed, or `None`."""
    log = folder / "litert.log"
    process = multiprocessing.get_context("spawn").Process(
        target=run_logged, args=(function, log, arguments))
    process.start()
    process.join(TIMEOUT_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return f"took more than {TIMEOUT_SECONDS} seconds"
    if process.exitcode == 0:
        return None
    return failure(process.exitcode or 0, log.read_text(errors="replace"))


def run_logged(function: Callable[..., None], log: Path, arguments: tuple[object, ...]) -> None:
    """Calls a function with everything it prints, in Python or below, sent to a file."""
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        function(*arguments)
    except (OSError, RuntimeError, ValueError) as error:  # LiteRT's, and of files that do not fit
        print(error, file=sys.stderr)
        sys.exit(1)


def failure(status: int, messages: str) -> str:
    """One phrase for how a process ended, with the last that it said."""
    ended = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
    last = [line.strip() for line in messages.splitlines() if line.strip()][-3:]
    return ": ".join([ended, " / ".join(last)]) if last else ended


def prepare(model: Path, folder: Path, samples: int, given: list[str]) -> None:
    """Writes what is in the model as `model.json`, and a folder `CASE/` with inputs per case."""
    interpreter = reference_interpreter(model)
    inputs = [Input(each["name"], int(each["index"]), [int(size) for size in each["shape"]],
                    np.dtype(each["dtype"]).name, float(each["quantization"][0]),
                    int(each["quantization"][1]))
              for each in interpreter.get_input_details()]
    cases = given_cases(inputs, given) if given else generated_cases(inputs, samples)
    for case, arrays in cases.items():
        (folder / case).mkdir()
        for number, array in enumerate(arrays):
            np.save(input_path(folder / case, number), array)
    outputs = [int(each["index"]) for each in interpreter.get_output_details()]
    description = Description(inputs, computed_values(interpreter, inputs), outputs, list(cases))
    (folder / "model.json").write_text(json.dumps(asdict(description)))


def reference_interpreter(model: Path) -> "Interpreter":
    """LiteRT with its reference kernels, keeping every tensor readable."""
    # Imported here because only the processes that `isolated` starts may load LiteRT.
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    return Interpreter(str(model), experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                       experimental_preserve_all_tensors=True)


def computed_values(interpreter: "Interpreter", inputs: list[Input]) -> list[Value]:
    """All that the operators of the primary subgraph compute, in the order of execution."""
    names = {each["index"]: each["name"] for each in interpreter.get_tensor_details()}
    varying = {each.index for each in inputs}
    values = []
    # Not public, but nothing else tells operators; the version of LiteRT is pinned.
    for operator in interpreter._get_ops_details():
        operands = [int(index) for index in operator["inputs"] if index >= 0]
        # An operator without operands reads a variable, so it is no constant.
        is_constant = bool(operands) and varying.isdisjoint(operands)
        for index in map(int, operator["outputs"]):
            if not is_constant:
                varying.add(index)
            if index in names:  # LiteRT lists no tensors of types that numpy lacks
                values.append(Value(names[index], index, operator["op_name"], is_constant))
    return values


def reference_runs(model: Path, folder: Path,
                   cases: list[str]) -> Iterator[tuple[str, str | None]]:
    """Lets LiteRT execute the cases; yields each with why it failed, or with `None`."""
    pending = list(cases)
    while pending:
        batch = pending[:BATCH]
        error = isolated(execute, folder, model, folder, batch)
        for case in batch:
            is_done = (folder / case / "reference.npz").exists()
            pending.remove(case)
            yield case, None if is_done else error
            if not is_done:  # the process ended here; another one takes up the rest
                break


def execute(model: Path, folder: Path, cases: list[str]) -> None:
    """Executes the cases and writes all computed values of each as `CASE/reference.npz`."""
    description = Description.read(folder)
    for case in cases:
        interpreter = reference_interpreter(model)  # a new one, so that no state carries over
        interpreter.allocate_tensors()
        for number, each in enumerate(description.inputs):
            interpreter.set_tensor(each.index, np.load(input_path(folder / case, number)))
        interpreter.invoke()
        values = {str(value.index): tensor for value in description.values
                  if (tensor := readable_tensor(interpreter, value.index)) is not None}
        np.savez(folder / case / "reference.npz", **values)


def readable_tensor(interpreter: "Interpreter", index: int) -> np.ndarray | None:
    """A tensor's elements, or `None` if it has none that numpy can hold (handles, strings)."""
    try:
        tensor = interpreter.get_tensor(index)
    except ValueError:
        return None
    return tensor if tensor.dtype.kind in "biuf" else None


# Inputs


def input_path(folder: Path, number: int) -> Path:
    """Where the input of that number is stored for one case."""
    return folder / f"input-{number}.npy"


def generated_cases(inputs: list[Input], samples: int) -> dict[str, list[np.ndarray]]:
    """Random, smooth and extreme inputs, by the name of the case."""
    generators: dict[str, Callable[[Input, np.random.Generator], np.ndarray]] = {}
    generators |= {f"random-{number + 1}": random_input for number in range(samples)}
    generators |= {f"natural-{number + 1}": smooth_input for number in range(samples)}
    generators |= {
        "all-min": lambda each, _: constant_input(each, value_range(each)[0]),
        "all-max": lambda each, _: constant_input(each, value_range(each)[1]),
        "all-zero-point": lambda each, _: constant_input(each, each.zero_point),
    }
    return {case: [generate(each, seeded(case, each)) for each in inputs]
            for case, generate in generators.items()}


def seeded(case: str, each: Input) -> np.random.Generator:
    """Random numbers that depend on nothing but the case and the number of the input."""
    return np.random.default_rng(zlib.crc32(f"{case}/{each.index}".encode()))


def value_range(each: Input) -> tuple[float, float]:
    """Lowest and highest value to feed: all of the element type where that is meaningful."""
    dtype = np.dtype(each.dtype)
    if dtype.kind == "f":
        return -3, 3
    if dtype.kind == "b":
        return 0, 1
    if dtype.itemsize >= 4 and each.scale == 0:  # an index or a token, which a table must have
        return 0, 9
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def random_input(each: Input, random: np.random.Generator) -> np.ndarray:
    """Uniform integers over the range, or normally distributed floats."""
    if np.dtype(each.dtype).kind == "f":
        return random.standard_normal(each.shape).astype(each.dtype)
    low, high = value_range(each)
    return random.integers(int(low), int(high), each.shape, endpoint=True).astype(each.dtype)


def smooth_input(each: Input, random: np.random.Generator) -> np.ndarray:
    """A sum of slow sinusoids over all axes, of random contrast, quantized to the input's range."""
    axes = np.meshgrid(*(np.arange(size) / size for size in each.shape), indexing="ij", sparse=True)
    wave = np.zeros(each.shape)
    for _ in range(5):
        cycles = sum(random.uniform(-3, 3) * axis for axis in axes) + random.uniform()
        wave = wave + random.uniform(0.2, 1) * np.sin(2 * np.pi * cycles)
    wave /= max(np.abs(wave).max(initial=0), 1e-9)
    low, high = value_range(each)
    values = (low + high) / 2 + (high - low) / 2 * random.uniform(0.3, 1) * wave
    return (values if np.dtype(each.dtype).kind == "f" else np.round(values)).astype(each.dtype)


def constant_input(each: Input, value: float) -> np.ndarray:
    """The same value everywhere."""
    return np.full(each.shape, value, each.dtype)


def given_cases(inputs: list[Input], given: list[str]) -> dict[str, list[np.ndarray]]:
    """The arrays that `--input` names, cut into cases of the model's batch."""
    rows = [given_rows(each, given, is_only=len(inputs) == 1) for each in inputs]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("the files of --input hold different numbers of rows")
    return {f"given-{number}": list(arrays) for number, arrays in enumerate(zip(*rows))}


def given_rows(each: Input, given: list[str], is_only: bool) -> np.ndarray:
    """The array given for one input, as [cases, *shape of the input]."""
    paths = [argument.removeprefix(f"{each.name}=") for argument in given
             if is_only or argument.startswith(f"{each.name}=")]
    if len(paths) != 1:
        raise ValueError(f"--input {each.name}=X.npy must be given exactly once")
    array = np.load(paths[0])
    if array.dtype != np.dtype(each.dtype):
        raise ValueError(f"{paths[0]} holds {array.dtype}, `{each.name}` is {each.dtype}")
    if not each.shape or array.shape[1:] != tuple(each.shape[1:]) or len(array) % each.shape[0]:
        raise ValueError(f"{paths[0]} has shape {array.shape}, `{each.name}` has {each.shape}")
    return array.reshape(-1, *each.shape)


# Dovetail


def dovetail_values(arguments: argparse.Namespace, model: Path, folder: Path, name: str,
                    flags: list[str], description: Description,
                    tally: Tally) -> dict[int, np.ndarray] | None:
    """Runs dovetail on one case; returns what it wrote by tensor index, or notes why it failed."""
    output = folder / name
    command = [arguments.dovetail, "run", str(model), *flags, "--output-dir", str(output)]
    for number, each in enumerate(description.inputs):
        command += ["--input", f"{each.name}={input_path(folder, number)}"]
    if arguments.threads is not None:
        command += ["--threads", str(arguments.threads)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        if run.returncode != 0:
            raise ValueError(failure(run.returncode, run.stderr))
        values = read_values(output)
    except (OSError, ValueError, LookupError, TypeError, subprocess.TimeoutExpired) as error:
        reason = str(error).replace(f"{folder}{os.sep}", "")
        tally.errors.setdefault(f"dovetail run failed: {reason}", []).append(folder.name)
        return None
    tally.inputs += 1
    return values


def read_values(folder: Path) -> dict[int, np.ndarray]:
    """Reads `values.json` and the files it names; values without a tensor in the file are left."""
    entries = json.loads((folder / "values.json").read_text())
    return {entry["index"]: np.load(folder / entry["file"]) for entry in entries
            if entry["index"] is not None}


# Comparison


def compare_values(case: str, expected: dict[int, np.ndarray], found: dict[int, np.ndarray],
                   values: list[Value], tolerance: float | None, tally: Tally) -> None:
    """Compares the values of one case and notes what is missing and where they first part."""
    rejected = []
    for value in values:
        if value.index not in expected:
            continue
        if value.index in found:
            comparison = compare_arrays(expected[value.index], found[value.index], tolerance)
            tally.add(value, comparison)
            if not comparison.is_accepted:
                rejected.append(f"{title(value)} {comparison.detail}")
        elif not value.is_constant:
            message = f"{title(value)} is missing from values.json"
            tally.differences.setdefault(message, []).append(case)
    if rejected:
        others = f" (later values that differ: {len(rejected) - 1})" if len(rejected) > 1 else ""
        tally.differences.setdefault(rejected[0] + others, []).append(case)


def title(value: Value) -> str:
    """A value as it is named in messages; the converter's long names are cut, the index is not."""
    name = value.name.split(";")[0]
    return f"{value.index} `{name if len(name) <= 40 else '…' + name[-39:]}` ({value.operator})"


def compare_arrays(expected: np.ndarray, found: np.ndarray, tolerance: float | None) -> Comparison:
    """Compares two arrays; `tolerance` is for floats, relative to the range of the expected."""
    if expected.dtype != found.dtype or expected.shape != found.shape:
        detail = (f"is {found.dtype}{list(found.shape)}, "
                  f"expected {expected.dtype}{list(expected.shape)}")
        return Comparison(expected.size, 0, False, np.inf, "other type", detail)

    is_float = expected.dtype.kind == "f"
    is_equal = bits(expected) == bits(found)
    distance = float_distance(expected, found) if is_float else step_distance(expected, found)
    if is_equal.all():
        return Comparison(expected.size, expected.size, True)

    # Where bits differ but values do not (zeros of both signs), there is no distance to be worst.
    place = int(np.where(is_equal, -1, distance).argmax())
    largest = float(distance.flat[place])
    worst = fraction_of_range(largest) if is_float else steps(largest)
    at = [int(number) for number in np.unravel_index(place, expected.shape)]
    detail = (f"differs in {(~is_equal).sum():,} of {expected.size:,} elements, by at most "
              f"{worst}: expected {expected.flat[place]}, found {found.flat[place]} at {at}")
    is_accepted = is_float and tolerance is not None and largest <= tolerance
    severity = largest / FLOAT_TOLERANCE if is_float else largest
    return Comparison(expected.size, int(is_equal.sum()), is_accepted, severity, worst, detail)


def steps(count: float) -> str:
    """A distance between integers in words."""
    return "1 step" if count == 1 else f"{count:.0f} steps"


def fraction_of_range(fraction: float) -> str:
    """A distance between floats in words."""
    return f"{fraction:.2g} of range" if np.isfinite(fraction) else "infinity"


def bits(array: np.ndarray) -> np.ndarray:
    """The elements of an array as unsigned integers of the same size."""
    flat = np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")
    return flat.reshape(array.shape)


def step_distance(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """How far integers are apart; at least 1 where float64 cannot tell large ones apart."""
    steps = np.abs(expected.astype(np.float64) - found.astype(np.float64))
    return np.maximum(steps, expected != found)


def float_distance(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """How far floats are apart, relative to the range (or else the magnitude) of the expected."""
    a, b = expected.astype(np.float64), found.astype(np.float64)
    finite = a[np.isfinite(a)]
    span = np.ptp(finite) if finite.size else 0.0
    span = span or np.abs(finite).max(initial=0) or 1.0
    is_same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        distance = np.where(is_same, 0, np.abs(a - b) / span)
    return np.nan_to_num(distance, nan=np.inf, posinf=np.inf)


# Report


def print_table(tallies: list[Tally]) -> None:
    """Prints a row per comparison, and below what each has to say."""
    header = ["model", "compared", "inputs", "values", "elements", "equal", "worst difference",
              "verdict"]
    rows = [header] + [
        [each.model, each.compared, f"{each.inputs} of {each.cases}", str(len(each.values)),
         f"{each.elements:,}", f"{each.equal:,}", each.worst, each.verdict] for each in tallies]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [cell.rjust(width) if column in range(2, 6) else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    for each in tallies:
        for message, cases in (each.errors | each.differences | each.notes).items():
            print(": ".join([f"{each.model}, {each.compared}", *listing(cases), message]))


def listing(cases: list[str]) -> list[str]:
    """The first few cases in words, or nothing if there are none."""
    others = f" and {len(cases) - 3} more" if len(cases) > 3 else ""
    return [", ".join(cases[:3]) + others] if cases else []


if __name__ == "__main__":
    try:
        status = main()
    except Exception:  # Python would leave with status 1, which says that something differs
        traceback.print_exc()
        status = 2
    sys.exit(status)

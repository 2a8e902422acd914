"""LiteRT, in processes of its own because it may abort."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .description import Description, Value
from .golden import GOLDEN, golden_case, golden_output, golden_path
from .inputs import Input, generated_cases, given_cases, input_path, over_steps
from .modelfile import has_custom_operators, has_state
from .settings import STATE_STEPS, Settings

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

# The meaningful values of each input, or `None` for all.
Ranges = list[tuple[float, float] | None]

# The kinds of numpy's types that are compared: truth values, integers and floats.
NUMBERS = "biuf"
# A case's file for what LiteRT says when it does not execute it.
REFUSAL = "refusal.txt"
TIMEOUT_SECONDS = 1800
# How many inputs LiteRT executes before their values are compared and deleted again.
BATCH = 16


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


def prepare(model: Path, folder: Path, settings: Settings, ranges: Ranges | None = None,
            source: Path | None = None) -> None:
    """Writes what is in the model as `model.json`, and a folder `CASE/` with inputs per case.

    Expected results are looked for beside `source`, if the model is not its own.
    """
    interpreter = reference_interpreter(model)
    if has_custom_operators(model):
        interpreter.allocate_tensors()  # only this refuses those that LiteRT does not know
    inputs = model_inputs(interpreter, ranges)
    steps = settings.steps or (STATE_STEPS if has_state(model) else None)
    cases = fed_cases(source or model, inputs, settings, steps)
    for case, arrays in cases.items():
        (folder / case).mkdir(exist_ok=True)
        for number, array in enumerate(arrays):
            np.save(input_path(folder / case, number), array)
    if GOLDEN in cases:
        np.save(golden_path(folder / GOLDEN), golden_output(source or model))
    outputs = [int(each["index"]) for each in interpreter.get_output_details()]
    Description(inputs, computed_values(interpreter, inputs), outputs, list(cases),
                has_default_kernels(model), steps).write(folder)


def fed_cases(model: Path, inputs: list[Input], settings: Settings,
              steps: int | None) -> dict[str, list[np.ndarray]]:
    """The arrays of each case: those that are given, or expected results' and generated ones."""
    fed = over_steps(inputs, steps)
    if settings.given:
        return given_cases(fed, settings.given)
    golden = golden_case(model, inputs) if steps is None else {}
    return golden | generated_cases(fed, settings.samples)


def reference_interpreter(model: Path) -> "Interpreter":
    """LiteRT with its reference kernels, keeping every tensor readable.

    A few operators (CEIL, ELU, ROUND) are not registered among them; with these it has the
    default kernels.
    """
    # Imported here because only the processes that `isolated` starts may load LiteRT.
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        return Interpreter(str(model), experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                           experimental_preserve_all_tensors=True)
    except ValueError as error:
        if "Didn't find op" not in str(error):
            raise
    default = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    return Interpreter(str(model), experimental_op_resolver_type=default,
                       experimental_preserve_all_tensors=True)


def has_default_kernels(model: Path) -> bool:
    """Whether LiteRT lacks the reference kernel of an operator."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        Interpreter(str(model), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    except ValueError:
        return True
    return False


def model_inputs(interpreter: "Interpreter", ranges: Ranges | None) -> list[Input]:
    """The inputs in the file's order; `ranges` are of their meaningful values, where known."""
    details = interpreter.get_input_details()
    return [Input(each["name"], int(each["index"]), [int(size) for size in each["shape"]],
                  np.dtype(each["dtype"]).name, float(each["quantization"][0]),
                  int(each["quantization"][1]), range)
            for each, range in zip(details, ranges or [None] * len(details), strict=True)]


def computed_values(interpreter: "Interpreter", inputs: list[Input]) -> list[Value]:
    """All that the operators of the primary subgraph compute, in the order of execution."""
    # LiteRT crashes when it is asked for a handle of a variable, which numpy takes for an object.
    names = {each["index"]: each["name"] for each in interpreter.get_tensor_details()
             if np.dtype(each["dtype"]).kind in NUMBERS}
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
            if index in names:  # nor does LiteRT list tensors of types that numpy lacks
                values.append(Value(names[index], index, operator["op_name"], is_constant))
    return values


def reference_runs(model: Path, folder: Path,
                   cases: list[str]) -> Iterator[tuple[str, str | None]]:
    """Lets LiteRT execute the cases; yields each with why it failed, or with `None`."""
    pending = list(cases)
    while pending:
        batch = pending[:BATCH]
        error = None
        if not all(is_done(folder / case) for case in batch):
            error = isolated(execute, folder, model, folder, batch)
        for case in batch:
            pending.remove(case)
            # Asked before the caller is given the case, which it deletes.
            was_reached = is_done(folder / case)
            refusal = folder / case / REFUSAL
            if refusal.exists():
                yield case, refusal.read_text()
            else:
                yield case, None if was_reached else error
            if not was_reached:
                break  # the process ended here; another one takes up the rest


def is_done(folder: Path) -> bool:
    """Whether LiteRT has executed or refused a case."""
    return (folder / "reference.npz").exists() or (folder / REFUSAL).exists()


def execute(model: Path, folder: Path, cases: list[str]) -> None:
    """Executes the cases; each gets its computed values as `reference.npz`, or a refusal."""
    description = Description.read(folder)
    for case in cases:
        if not is_done(folder / case):
            try:
                execute_case(model, folder / case, description)
            except (RuntimeError, ValueError) as error:
                (folder / case / REFUSAL).write_text(str(error))


def execute_case(model: Path, folder: Path, description: Description) -> None:
    """Executes one case, and in it one step after the other."""
    interpreter = reference_interpreter(model)  # a new one, so that no state carries over
    interpreter.allocate_tensors()
    arrays = [np.load(input_path(folder, number)) for number in range(len(description.inputs))]
    if description.steps is None:
        values = execute_step(interpreter, arrays, description)
    else:
        steps = [execute_step(interpreter, [array[step] for array in arrays], description)
                 for step in range(description.steps)]
        values = {index: np.stack([step[index] for step in steps]) for index in steps[0]}
    np.savez(folder / "reference.npz", **values)


def execute_step(interpreter: "Interpreter", arrays: list[np.ndarray],
                 description: Description) -> dict[str, np.ndarray]:
    """The values that one execution computes, by the index of the tensor."""
    for each, array in zip(description.inputs, arrays, strict=True):
        interpreter.set_tensor(each.index, array)
    interpreter.invoke()
    return {str(value.index): tensor for value in description.values
            if (tensor := readable_tensor(interpreter, value.index)) is not None}


def readable_tensor(interpreter: "Interpreter", index: int) -> np.ndarray | None:
    """A tensor's elements, or `None` if it has none that numpy can hold (handles, strings)."""
    try:
        tensor = interpreter.get_tensor(index)
    except ValueError:
        return None
    return tensor if tensor.dtype.kind in NUMBERS else None


@dataclass(frozen=True)
class Job:
    """A model to execute, and the folder that is its own."""

    model: Path
    folder: Path
    ranges: Ranges | None


def execute_ahead(jobs: list[Job], folder: Path, settings: Settings) -> None:
    """Prepares and executes many models in few processes, each until LiteRT aborts.

    A model that stays incomplete is taken up by itself, case by case, when it is compared.
    """
    pending = jobs
    while pending:
        isolated(prepare_and_execute, folder, pending, settings)
        begun = [job for job in pending if job.folder.exists()]
        if not begun:
            break  # not even a first model: comparing it alone will say why
        pending = pending[len(begun):]


def prepare_and_execute(jobs: list[Job], settings: Settings) -> None:
    """Does for one model after another what `prepare` and `execute` do."""
    for job in jobs:
        job.folder.mkdir()
        try:
            prepare(job.model, job.folder, settings, job.ranges)
            execute(job.model, job.folder, Description.read(job.folder).cases)
        except (RuntimeError, ValueError) as error:
            print(f"{job.model.name}: {error}")

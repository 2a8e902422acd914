"""The comparison of one model on all its inputs."""

import re
import shutil
from pathlib import Path

import numpy as np

from .comparison import FLOAT_TOLERANCE, compare_arrays
from .description import Description, Value
from .dovetail import dovetail_values
from .golden import golden_path
from .litert import Ranges, isolated, prepare, reference_runs
from .modelfile import FLEX, write_without
from .settings import Settings
from .tally import Tally

# How LiteRT says that a custom operator is unknown to it, or that it is one of TensorFlow's.
UNKNOWN_OPERATOR = re.compile(
    rf"unresolved custom op: (.+?)\.(?: /|$)|Node number \d+ \({FLEX}\) failed to prepare")


def compare_model(settings: Settings, model: Path, folder: Path,
                  ranges: Ranges | None = None) -> list[Tally]:
    """Compares one model on all its inputs: one row, or with a target two.

    What the folder holds of LiteRT's part already is not computed again.
    """
    folder.mkdir(exist_ok=True)
    cpu = Tally(model.name, "CPU to LiteRT", cases=0)
    tallies = [cpu]
    model = prepare_known_part(settings, model, folder, ranges, cpu)
    if not (folder / "model.json").exists():
        return tallies

    description = Description.read(folder)
    cpu.cases = len(description.cases)
    if description.has_default_kernels:
        cpu.notes["compared with default kernels, as LiteRT lacks reference kernels"] = []
    if settings.target:
        tallies.append(Tally(model.name, f"{Path(settings.target).stem} to CPU", cpu.cases,
                             skipped=cpu.skipped))

    for case, error in reference_runs(model, folder, description.cases):
        if error:
            cpu.notes.setdefault(f"left out, LiteRT failed: {error}", []).append(case)
        else:
            compare_case(settings, model, folder / case, description, tallies)
        shutil.rmtree(folder / case)
        if cpu.unsupported:
            break  # it is so for every input

    if sum(map(len, cpu.notes.values())) == cpu.cases:
        cpu.errors["LiteRT executed none of the inputs"] = []
    return tallies


def prepare_known_part(settings: Settings, model: Path, folder: Path, ranges: Ranges | None,
                       tally: Tally) -> Path:
    """Prepares the model, or what is left of it without operators that LiteRT does not know.

    Returns the file of it. If that fails, there is no `model.json`, and the tally says why.
    """
    part = model
    while not (folder / "model.json").exists():
        error = isolated(prepare, folder, part, folder, settings, ranges, model)
        unknown = unknown_operator(error)
        if unknown is None or unknown in tally.skipped:
            if error:
                tally.errors[f"LiteRT: {error}"] = []
            break
        tally.skipped.append(unknown)
        whole, part = part, folder / f"part-{len(tally.skipped)}" / model.name
        if error := isolated(write_without, folder, whole, unknown, part):
            tally.notes[f"not compared in part: {error}"] = []
            break
    return part


def unknown_operator(error: str | None) -> str | None:
    """The custom operator that LiteRT does not know, if that is the error."""
    found = UNKNOWN_OPERATOR.search(error or "")
    return found and (found[1] or FLEX)


def compare_case(settings: Settings, model: Path, folder: Path,
                 description: Description, tallies: list[Tally]) -> None:
    """Compares all executions of a model on one input, for which LiteRT has computed the values."""
    with np.load(folder / "reference.npz") as reference:
        expected = {int(index): reference[index] for index in reference.files}
    cpu, *target = tallies
    compare_golden("LiteRT", folder, expected, description, cpu)
    found = dovetail_values(settings, model, folder, "cpu", ["--all-values"], description, cpu)
    if found is None:
        return
    compare_golden("Dovetail", folder, found, description, cpu)
    compare_values(folder.name, expected, found, description.values, FLOAT_TOLERANCE, cpu)

    for tally in target:
        flags = ["--target", settings.target]
        on_target = dovetail_values(settings, model, folder, "target", flags, description, tally)
        if on_target is not None:
            outputs = [value for value in description.values if value.index in description.outputs]
            compare_values(folder.name, found, on_target, outputs, None, tally)


def compare_golden(name: str, folder: Path, values: dict[int, np.ndarray],
                   description: Description, tally: Tally) -> None:
    """Notes whether who has that name computed the expected results, if the case has some."""
    if not golden_path(folder).exists():
        return
    golden = np.load(golden_path(folder))
    found = values.get(description.outputs[0], np.empty(0)).ravel()
    comparison = compare_arrays(golden, found, FLOAT_TOLERANCE)
    tally.golden[name] = comparison.is_accepted
    if not comparison.is_accepted:
        tally.notes[f"golden: {name} {comparison.detail}"] = []


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
                rejected.append(f"{value.title} {comparison.detail}")
        elif not value.is_constant:
            message = f"{value.title} is missing from values.json"
            tally.differences.setdefault(message, []).append(case)
    if rejected:
        others = f" (later values that differ: {len(rejected) - 1})" if len(rejected) > 1 else ""
        tally.differences.setdefault(rejected[0] + others, []).append(case)

"""Writes the models, after LiteRT has tried each and said the shapes of its results."""

import json
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from compare_tflite.inputs import random_input, seeded
from compare_tflite.litert import Ranges, isolated, model_inputs, reference_interpreter

from .families import all_cases
from .manifest import Entry, Manifest, generator_hash
from .model import Case, file_bytes

# What a try leaves behind: its result, or why LiteRT refused.
TRIALS = "trials.jsonl"


def current_models(folder: Path, seed: int = 0) -> Manifest:
    """The models of a folder, written anew if the generator is another one now."""
    found = Manifest.read(folder)
    if found and found.generator == generator_hash() and found.seed == seed:
        return found
    print(f"operator-models: writing {folder.name}", file=sys.stderr)
    written = write_models(folder, seed)
    print_left_out(written)
    return written


def write_models(folder: Path, seed: int = 0) -> Manifest:
    """Writes all models that LiteRT executes into a folder that is replaced as a whole."""
    if folder.exists() and not Manifest.read(folder) and any(folder.iterdir()):
        raise FileExistsError(f"{folder} holds something other than models of operators")
    cases = {case.name: case for case in all_cases()}
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder, so that what is complete only has to be renamed.
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as name:
        tried, written = Path(name) / "tried", Path(name) / "written"
        tried.mkdir()
        written.mkdir()
        for case in cases.values():
            (tried / f"{case.name}.tflite").write_bytes(file_bytes(case, {}, seed))
        manifest = write_executed(written, cases, try_all(tried, cases), seed)
        if folder.exists():
            shutil.rmtree(folder)
        written.rename(folder)
    return manifest


def write_executed(folder: Path, cases: dict[str, Case], trials: dict[str, dict],
                   seed: int) -> Manifest:
    """Writes the models that LiteRT has executed, now with the shapes of their results."""
    manifest = Manifest(generator_hash(), seed)
    for name, case in cases.items():
        if "error" in trials[name]:
            manifest.left_out[name] = trials[name]["error"]
            continue
        shapes = result_shapes(case, trials[name]["shapes"])
        (folder / f"{name}.tflite").write_bytes(file_bytes(case, shapes, seed))
        manifest.models.append(Entry(name, case.title, case.type, ranges(case)))
    manifest.write(folder)
    return manifest


def ranges(case: Case) -> Ranges:
    """Of each input the meaningful values."""
    return [each.range for each in case.inputs]


def result_shapes(case: Case, tried: list[list[int]]) -> dict[int, list[int]]:
    """What the file says of results; extents that depend on elements are declared as one."""
    shapes = {}
    for number, tensor in enumerate(case.primary.tensors):
        if tensor.role == "result":
            shapes[number] = ([max(size, 1) for size in tensor.signature]
                              if tensor.signature is not None else tried[number])
    return shapes


def try_all(folder: Path, cases: dict[str, Case]) -> dict[str, dict]:
    """Lets LiteRT execute each model once, in a new process after each abort."""
    trials: dict[str, dict] = {}
    pending = {name: ranges(case) for name, case in cases.items()}
    while pending:
        error = isolated(try_models, folder, folder, pending)
        lines = (folder / TRIALS).read_text().splitlines() if (folder / TRIALS).exists() else []
        trials |= {trial.pop("name"): trial for trial in map(json.loads, lines)}
        pending = {name: each for name, each in pending.items() if name not in trials}
        if pending:
            name = next(iter(pending))  # the process ended here
            trials[name] = {"error": error}
            del pending[name]
    return trials


def try_models(folder: Path, pending: dict[str, Ranges]) -> None:
    """Executes models on random inputs until LiteRT aborts, and notes how that went."""
    with (folder / TRIALS).open("w") as trials:
        for name, each in pending.items():
            try:
                shapes = tried_shapes(folder / f"{name}.tflite", each)
                trial: dict = {"name": name, "shapes": shapes}
            except (RuntimeError, ValueError) as error:
                trial = {"name": name, "error": str(error)}
            print(json.dumps(trial), file=trials, flush=True)


def tried_shapes(model: Path, ranges: Ranges) -> list[list[int]]:
    """The shapes of all tensors after an execution."""
    interpreter = reference_interpreter(model)
    interpreter.allocate_tensors()
    for each in model_inputs(interpreter, ranges):
        interpreter.set_tensor(each.index, random_input(each, seeded("trial", each)))
    interpreter.invoke()
    return [[int(size) for size in tensor["shape"]] for tensor in interpreter.get_tensor_details()]


def print_left_out(manifest: Manifest) -> None:
    """Prints what LiteRT refused: a line for each reason per operator and type."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, reason in manifest.left_out.items():
        operator, type, variant = name.split("-", 2)
        groups[operator, without_details(reason)].append(f"{type}-{variant}")
    print(f"{len(manifest.models)} models; LiteRT refuses {len(manifest.left_out)}:")
    for (operator, reason), variants in sorted(groups.items()):
        types = ", ".join(dict.fromkeys(variant.split("-")[0] for variant in variants))
        shown = ", ".join(variants) if len(variants) <= 4 else f"{len(variants)} of {types}"
        print(f"  {operator} ({shown}): {reason}")


def without_details(reason: str) -> str:
    """What LiteRT says, without what may differ between types that it refuses alike."""
    line = " / ".join(line.strip() for line in reason.splitlines() if line.strip())
    line = re.sub(r"\s*Node number 0 .*| \(-?\d+ != -?\d+\)| \(U?[A-Z]+\d+ != .*", "", line)
    line = re.sub(r"\b(type|Type|got|output:) '?(\d+|U?INT\d+|BOOL)'?", r"\1 …", line)
    return line[:160] or "no reason given"

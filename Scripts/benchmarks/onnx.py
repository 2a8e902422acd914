"""Times inference by Dovetail and by ONNX Runtime, in turn, and prints a table of times and ratios.

Both are pinned to one core and have one thread. In each round both execute a short burst; times are
medians over the rounds of the median within a burst, the ratio is the median over the rounds of the
ratio within a round. Loading is left out. Without models, EfficientNet-Lite0 (if it is in
../shared/models) and a ResNet-18 with seeded weights are measured. Everything measured is written
to Reports/onnx.json.
"""

import argparse
import os
import sys
import tempfile
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from compare_onnx.inputs import random_inputs
from compare_onnx.runs import open_session

from .bars import ONNX_BARS
from .dovetail import Inference
from .machine import description, pin
from .onnx_models import ResNet18
from .report import print_bars, print_failures, print_row, scaled, write_json
from .results import RATIO_TO_ONNX_RUNTIME, Result
from .runtime import ROOT, run_rounds
from .served import Served, answer


def main(words: list[str]) -> int:
    """Measures all models, prints the table and writes the JSON."""
    arguments = parse_arguments(words)
    machine = description(pin(1), "onnxruntime", "onnxRuntime")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        results = []
        for model in arguments.models or default_models(Path(folder)):
            print(f"measuring {model.name}", file=sys.stderr)
            results.append(measure(model, arguments.runs, Path(folder)))
    print_results(machine, arguments.runs, results)
    print_bars(results, ONNX_BARS)
    write_json(ROOT / "Reports" / "onnx.json", machine, {"runs": arguments.runs}, results,
               [RATIO_TO_ONNX_RUNTIME], ONNX_BARS)
    return 0


def parse_arguments(words: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="Scripts/benchmark onnx", description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--runs", type=int, default=9, help="rounds (default 9)")
    arguments = parser.parse_args(words)
    if arguments.runs < 1:
        parser.error("--runs takes a positive number")
    return arguments


def default_models(folder: Path) -> list[Path]:
    """A network of depthwise convolutions, if it is there, and one of dense ones, written here."""
    efficientnet = ROOT.parent / "shared" / "models" / "efficientnet-lite0.onnx"
    resnet = folder / "resnet18.onnx"
    ResNet18().write(resnet)
    return [model for model in (efficientnet, resnet) if model.exists()]


def measure(model: Path, rounds: int, folder: Path) -> Result:
    """Lets both execute one model, in turn."""
    result = Result(model.stem)
    try:
        inputs = write_inputs(model, folder)
    except (RuntimeError, ValueError) as error:
        result.failures["all"] = f"ONNX Runtime cannot read the model: {error}"
        return result
    ours = [os.environ["DOVETAIL"], "run", str(model), "--quiet", "--threads", "1"]
    for name, path in inputs.items():
        ours += ["--input", f"{name}={path}"]
    run_rounds({
        "dovetail": partial(Inference, ours),
        "onnxruntime": partial(ONNXRuntime, model, inputs, folder),
    }, rounds, result)
    return result


def write_inputs(model: Path, folder: Path) -> dict[str, Path]:
    """Stores noise for each input; returns the files by the inputs' names."""
    paths = {}
    for number, (name, tensor) in enumerate(random_inputs(open_session(model), {}, 0).items()):
        paths[name] = folder / f"{model.stem}-{number}.npy"
        np.save(paths[name], tensor)
    return paths


class ONNXRuntime(Served):
    """Inference alone, with all of ONNX Runtime's optimizations."""

    def __init__(self, model: Path, inputs: dict[str, Path], folder: Path) -> None:
        super().__init__(serve, folder / "onnxruntime.log", model, inputs)


def serve(connection: Connection, model: Path, inputs: dict[str, Path]) -> None:
    """Executes a burst at each request."""
    ready = open_session(model)
    tensors = {name: np.load(path) for name, path in inputs.items()}
    answer(connection, lambda: ready.run(None, tensors))


def print_results(machine: dict[str, object], rounds: int, results: list[Result]) -> None:
    """Prints what was measured where, a row per model, and why some are missing."""
    print(f"{machine['date']}, {machine['cpu']}, ONNX Runtime {machine['onnxRuntime']}, "
          f"one thread, load average at the start: {machine['loadAverage']}.\n"
          f"Medians of {rounds} rounds. A ratio below 1 says that the first is faster.\n")
    print_row(["model", "Dovetail, ms", "ONNX Runtime, ms", RATIO_TO_ONNX_RUNTIME.title])
    print_row(["---"] + ["---:"] * 3)
    for result in results:
        times = [scaled(result.seconds(name), 1000) for name in ("dovetail", "onnxruntime")]
        print_row([result.model, *times, scaled(RATIO_TO_ONNX_RUNTIME.of(result))])
    print()
    print_failures(results)

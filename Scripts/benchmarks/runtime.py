"""Times inference by Dovetail and by LiteRT, in turn, and prints tables of times and ratios.

LiteRT takes part with XNNPACK, with its built-in kernels, and with its reference kernels; Dovetail
on the CPU and on a simulated target. Everything is pinned to as many cores as there are threads. In
each round every contestant executes a short burst; times are medians over the rounds of the median
within a burst, ratios are medians over the rounds of the ratio within a round. Loading is left out,
except from the time of the whole process. Everything measured is written to Reports/runtime.json.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from compare_tflite.description import Description
from compare_tflite.inputs import input_path
from compare_tflite.litert import isolated

from .bursts import CannotRun, Contestant
from .dovetail import Inference, WholeProcess
from .litert import KERNELS, LiteRT, write_inputs
from .machine import description, pin
from .report import print_bars, print_results, write_json
from .results import Result

ROOT = Path(__file__).parent.parent.parent
TARGET = "ethos-u55-128"


def main(words: list[str]) -> int:
    """Measures all models, prints the tables and writes the JSON."""
    arguments = parse_arguments(words)
    machine = description(pin(arguments.threads))
    models = arguments.models or default_models()
    results = []
    for model in models:
        print(f"measuring {model.name}", file=sys.stderr)
        results.append(measure(model, arguments.runs, arguments.threads))
    print_heading(machine, arguments.runs, arguments.threads)
    print_results(results)
    if arguments.threads == 1:
        print_bars(results)
    options = {"runs": arguments.runs, "threads": arguments.threads, "target": TARGET}
    write_json(ROOT / "Reports" / "runtime.json", machine, options, results)
    return 0


def parse_arguments(words: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="Scripts/benchmark runtime", description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--runs", type=int, default=9, help="rounds (default 9)")
    parser.add_argument("--threads", type=int, default=1, help="threads, and cores (default 1)")
    arguments = parser.parse_args(words)
    if arguments.runs < 1 or arguments.threads < 1:
        parser.error("--runs and --threads take positive numbers")
    return arguments


def default_models() -> list[Path]:
    """The example, and the networks in ../shared/models.

    Models with expected results beside them are left out: they are single operators.
    """
    shared = sorted((ROOT.parent / "shared" / "models").rglob("*.tflite"))
    return [ROOT / "Examples/fashion/fashion.tflite"] + [
        model for model in shared if not any(model.parent.glob(f"{model.stem}_golden_*.csv"))]


def measure(model: Path, rounds: int, threads: int) -> Result:
    """Lets all contestants execute one model, in turn."""
    result = Result(model.stem)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        if error := isolated(write_inputs, folder, model, folder):
            result.failures["all"] = f"LiteRT cannot read the model: {error}"
            return result
        run_rounds(all_contestants(model, folder, threads), rounds, result)
    return result


def all_contestants(model: Path, folder: Path,
                    threads: int) -> dict[str, Callable[[], Contestant]]:
    """How each contestant is made ready, by name; its inputs are in the folder already."""
    ours = [os.environ["DOVETAIL"], "run", str(model), "--quiet", "--threads", str(threads)]
    for number, each in enumerate(Description.read(folder).inputs):
        ours += ["--input", f"{each.name}={input_path(folder, number)}"]
    return {
        "dovetail": partial(Inference, ours),
        **{kind: partial(LiteRT, kind, model, folder, threads) for kind in KERNELS},
        "target": partial(Inference, [*ours, "--target", TARGET]),
        "process": partial(WholeProcess, ours),
    }


def run_rounds(makers: dict[str, Callable[[], Contestant]], rounds: int, result: Result) -> None:
    """Makes the contestants ready, and lets them take turns; one that fails is out."""
    contestants = enter(makers, result)
    try:
        for _ in range(rounds):
            take_turns(contestants, result)
    finally:
        for contestant in contestants.values():
            contestant.close()


def enter(makers: dict[str, Callable[[], Contestant]], result: Result) -> dict[str, Contestant]:
    """Those contestants that can execute the model; of the others, the reason is noted."""
    ready = {}
    for name, make in makers.items():
        try:
            ready[name] = make()
        except CannotRun as reason:
            result.failures[name] = str(reason)
    return ready


def take_turns(contestants: dict[str, Contestant], result: Result) -> None:
    """One round: a burst of each contestant that has not failed before."""
    for name, contestant in contestants.items():
        if name in result.failures:
            continue
        try:
            result.rounds.setdefault(name, []).append(contestant.burst())
        except CannotRun as reason:
            result.failures[name] = str(reason)
            result.rounds.pop(name, None)


def print_heading(machine: dict[str, object], rounds: int, threads: int) -> None:
    """Says what was measured, where and when."""
    cores = len(machine["pinnedToCores"]) or "any"
    print(f"{machine['date']}, {machine['cpu']}, LiteRT {machine['liteRT']}, threads: {threads}, "
          f"cores: {cores}, load average at the start: {machine['loadAverage']}.\n"
          f"Medians of {rounds} rounds; target: {TARGET}. A ratio below 1 says that the first is "
          "faster.\n")

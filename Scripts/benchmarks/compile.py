"""Compiles and profiles models with Dovetail and with Vela, in turn, and prints tables of both.

Per model: predicted cycles, median processor time of a whole process, peak memory, and the ratios.
With --targets, also all matching targets, in one process of Dovetail and in a loop over Vela.
Without models: MobileNetV2 and ResNet-50, and MobileNetV2 on all Ethos-U.
"""

import argparse
import json
import os
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from subprocess import check_output

from .contest import TITLES, Contest
from .processes import run
from .report import print_row
from .schedules import ROOT, default_models
from .vela import read_table, vela_command

RESNET50 = ROOT / ".build-resnet50" / "resnet50_int8.tflite"


def main(words: list[str]) -> int:
    """Parses the command line and prints the tables."""
    arguments = parse_arguments(words)
    models, swept = arguments.models, arguments.models if arguments.targets else []
    if not models:
        swept = [model for name, model in default_models().items() if name == "MobileNetV2"]
        models = [*swept, resnet50()]
    print(f"Medians of {arguments.runs} runs of each tool in turn; processor time and peak memory "
          "of whole processes. A ratio is Dovetail's by Vela's.\n")
    print_table(arguments.target, models, arguments.runs)
    if swept:
        print_sweep(arguments.targets or "ethos-u*", swept, arguments.runs)
    return 0


def parse_arguments(words: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="Scripts/benchmark compile", description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--target", default="ethos-u55-128", help="default ethos-u55-128")
    parser.add_argument("--targets", metavar="PATTERN", help="such as 'ethos-u*'")
    parser.add_argument("--runs", type=int, default=7, help="runs of each tool (default 7)")
    arguments = parser.parse_args(words)
    if arguments.runs < 1:
        parser.error("--runs takes a positive number")
    return arguments


def resnet50() -> Path:
    """The file of ResNet-50, which is written at its first use."""
    if not RESNET50.exists():
        run([str(ROOT / "Scripts" / "setup-litert")])
        RESNET50.parent.mkdir(exist_ok=True)
        python = ROOT / ".build-venv" / "bin" / "python"
        run([str(python), "-m", "benchmarks.resnet50", str(RESNET50)])
    return RESNET50


def print_table(target: str, models: list[Path], runs: int) -> None:
    """One target: a line per model, with the cycles that each tool predicts."""
    print_row([f"on {target}", "Dovetail cycles", "Vela cycles", "ratio", *TITLES])
    print_row(["---"] + ["---:"] * (3 + len(TITLES)))
    for model in models:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            contest = Contest([our_command(model, folder, "--target", target)],
                              [vela_command(model, target, folder)], runs)
            ours = json.loads(profile_path(folder).read_text())["totals"]["latencyCycles"]
            vela = vela_cycles(folder, model)
        print_row([model.stem, f"{ours:,}", f"{vela:,}", f"{ours / vela:.3f}", *contest.cells])
    print()


def print_sweep(pattern: str, models: list[Path], runs: int) -> None:
    """Many targets: a line per model, one process against a loop."""
    targets = matching_targets(pattern)
    print_row([f"on {len(targets)} targets, {pattern}", *TITLES])
    print_row(["---"] + ["---:"] * len(TITLES))
    for model in models:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            contest = Contest([our_command(model, folder, "--targets", pattern)],
                              [vela_command(model, target, folder) for target in targets], runs)
        print_row([model.stem, *contest.cells])


def our_command(model: Path, folder: Path, *target: str) -> list[str]:
    """Profiles a model; the profile goes to the folder."""
    return [os.environ["DOVETAIL"], "profile", str(model), *target,
            "--json", str(profile_path(folder)), "--quiet"]


def profile_path(folder: Path) -> Path:
    """Where `our_command` writes."""
    return folder / "profile.json"


def vela_cycles(folder: Path, model: Path) -> int:
    """The total that Vela's summary gives."""
    path = next(folder.glob(f"{model.stem}_summary_*.csv"))
    return round(float(read_table(path)[-1]["cycles_total"]))


def matching_targets(pattern: str) -> list[str]:
    """Names of targets that Dovetail knows."""
    listing = check_output([os.environ["DOVETAIL"], "targets", "list"], text=True)
    names = [line.split()[0] for line in listing.splitlines() if line.strip()]
    return [name for name in names if fnmatch(name, pattern)]

"""Compiles and profiles models with Dovetail and with Vela, in turn, and prints a table of both.

Per model: predicted cycles, median processor time of a whole process, peak memory, and the ratios.
"""

import argparse
import csv
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from .processes import run


def main(words: list[str]) -> int:
    """Parses the command line and prints the table."""
    parser = argparse.ArgumentParser(prog="Scripts/benchmark compile", description=__doc__)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--target", default="ethos-u55-128")
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args(words)
    print(f"On {arguments.target}, medians of {arguments.runs} runs of each tool in turn; "
          "processor time and peak memory of the whole process.\n")
    print("| model | Dovetail cycles | Vela cycles | ratio | Dovetail s | Vela s | ratio "
          "| Dovetail MiB | Vela MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for model in arguments.models:
        print(compare(model, arguments.target, arguments.runs), flush=True)
    return 0


def compare(model: Path, target: str, runs: int) -> str:
    """One line of the table: both tools on one model, run in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        profile = folder / "profile.json"
        ours = [os.environ["DOVETAIL"], "profile", str(model), "--target", target,
                "--json", str(profile), "--quiet"]
        vela = Path(sys.executable).parent / "vela"
        theirs = [str(vela), str(model), "--accelerator-config", target,
                  "--output-dir", str(folder)]
        run(ours), run(theirs)
        pairs = [(run(ours), run(theirs)) for _ in range(runs)]
        cycles = json.loads(profile.read_text())["totals"]["latencyCycles"]
        peer_cycles = vela_cycles(folder, model)
    cpu = [statistics.median(pair[i].cpu_seconds for pair in pairs) for i in (0, 1)]
    memory = [statistics.median(pair[i].peak_kibibytes for pair in pairs) / 1024 for i in (0, 1)]
    return (f"| {model.stem} | {cycles:,} | {peer_cycles:,} | {cycles / peer_cycles:.3f} "
            f"| {cpu[0]:.3f} | {cpu[1]:.3f} | {cpu[0] / cpu[1]:.2f} "
            f"| {memory[0]:.0f} | {memory[1]:.0f} |")


def vela_cycles(folder: Path, model: Path) -> int:
    """The total that Vela's summary gives."""
    with next(folder.glob(f"{model.stem}_summary_*.csv")).open(newline="") as file:
        return round(float(list(csv.DictReader(file))[-1]["cycles_total"]))

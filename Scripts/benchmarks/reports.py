"""Measures what writing every report adds to the time of a profile, and prints a table.

Needs no peer. `profile` prints its table alone, then also writes all files; both take turns, and processor times of
whole processes count. The exit status is 1 if that is more than the bar for a network.
"""

import argparse
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .processes import run
from .report import print_row
from .schedules import ROOT

# What `dovetail profile` writes besides the table.
FORMS = ["json", "csv", "markdown", "folded", "node-data", "html", "trace"]
MODELS = ["google-coral+test_data/mobilenet_v2_1.0_224_quant.tflite",
          "mlcommons+tiny/vww_96_int8.tflite", "mlcommons+tiny/pretrainedResnet_quant.tflite"]
# The most that all reports may add to the profile's time.
BAR = 0.20


@dataclass(frozen=True)
class Overhead:
    """Median seconds of processor time without reports and with all."""

    plain: float
    complete: float

    @property
    def share(self) -> float:
        """What reports add, by the time without them."""
        return self.complete / self.plain - 1


def main(words: list[str]) -> int:
    """Parses the command line and prints the table."""
    arguments = parse_arguments(words)
    print_row([f"on {arguments.target}", "profile, ms", "with all reports, ms", "added", "verdict"])
    print_row(["---", "---:", "---:", "---:", "---"])
    verdicts = []
    for model in arguments.models or default_models():
        found = measure(model, arguments.target, arguments.runs)
        verdicts.append(found.share <= BAR)
        print_row([model.stem, f"{1000 * found.plain:.1f}", f"{1000 * found.complete:.1f}",
                   f"{100 * found.share:.1f} %", "pass" if verdicts[-1] else "over"])
    print(f"\nMedians of {arguments.runs} runs in turn; at most {100 * BAR:.0f} % may be added.")
    return 0 if all(verdicts) else 1


def parse_arguments(words: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="Scripts/benchmark reports", description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL")
    parser.add_argument("--target", default="ethos-u55-256", help="default ethos-u55-256")
    parser.add_argument("--runs", type=int, default=15, help="runs of each (default 15)")
    arguments = parser.parse_args(words)
    if arguments.runs < 1:
        parser.error("--runs takes a positive number")
    return arguments


def default_models() -> list[Path]:
    """Those that are there, else the example."""
    found = [path for path in (ROOT / "../shared/models" / name for name in MODELS) if path.exists()]
    return found or [ROOT / "Examples/fashion/fashion.tflite"]


def measure(model: Path, target: str, runs: int) -> Overhead:
    """Both commands in turn, after each ran once so that files and caches are warm."""
    plain = [os.environ["DOVETAIL"], "profile", str(model), "--target", target]
    rounds = [(run(plain).cpu_seconds, with_reports(plain)) for _ in range(runs + 1)]
    return Overhead(*(statistics.median(each[side] for each in rounds[1:]) for side in (0, 1)))


def with_reports(plain: list[str]) -> float:
    """Seconds of processor time if all files are written, which are new each time."""
    with tempfile.TemporaryDirectory() as folder:
        files = [word for form in FORMS for word in (f"--{form}", f"{folder}/{form}")]
        return run([*plain, *files]).cpu_seconds

"""Checks that `dovetail run` computes exactly what LiteRT's reference kernels compute.

Both execute each model on the same inputs. Then every value that an operator computes is compared,
found by its tensor's index in the model file: integers bit for bit, floats within 1e-5 of the
range of the value. With `--target`, the outputs of the simulated NPU are also compared with those
of Dovetail's CPU reference, bit for bit. With `--operators`, the models are those of
`Scripts/operator-models`. With `--exported`, Dovetail's own quantizer writes each model under every
scheme, and what it writes is compared.

A model with variables, or any model with `--steps`, is executed several times in a row without a
reset, and the values of every step are compared. Where a model has expected results beside it
(`golden.py`), these are its first input, and the table says who computes them. What LiteRT does not
know, and all that depends on it, is skipped; the rest is compared.

Started by `Scripts/compare-tflite`, which provides LiteRT and sets DOVETAIL to the binary.

Exit status: 0 all equal, 1 something differs, 2 something could not be run (even if something else
differs). An input on which LiteRT itself fails is reported and left out; a model that has no input
left counts as one that could not be run. Among the models of operators, those that Dovetail does
not support are listed, and do not count.
"""

import argparse
import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

from exported_models.arguments import add_arguments, check, source_of

from .exported import compare_exported
from .models import compare_model
from .operators import compare_operators
from .report import print_table
from .settings import STATE_STEPS, Settings


def main() -> int:
    """Compares all models and prints one table."""
    arguments = parse_arguments()
    samples = arguments.samples
    settings = Settings(os.environ.get("DOVETAIL", "dovetail"), 3 if samples is None else samples,
                        arguments.input, arguments.target, arguments.threads, arguments.steps)
    if not shutil.which(settings.dovetail):
        print(f"compare-tflite: DOVETAIL names no program: {settings.dovetail!r}", file=sys.stderr)
        return 2
    if arguments.operators is not None:
        return compare_operators(settings, arguments.operators)
    models = [model for path in arguments.models for model in models_in(path)]
    if not models:
        print("compare-tflite: no .tflite file is in these folders", file=sys.stderr)
        return 2
    if arguments.exported:
        return compare_all_exported(settings, arguments, models)
    return compare_models(settings, models)


def models_in(path: Path) -> list[Path]:
    """The file itself, or all models in a folder and in those below."""
    return sorted(path.rglob("*.tflite")) if path.is_dir() else [path]


def compare_models(settings: Settings, models: list[Path]) -> int:
    """Compares the models of these files, a row for each."""
    tallies = []
    for model in models:
        print(f"comparing {model.name}", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="compare-tflite-") as folder:
            tallies += compare_model(settings, model, Path(folder))
    print_table(tallies)
    return max(tally.status for tally in tallies)


def compare_all_exported(settings: Settings, arguments: argparse.Namespace,
                         models: list[Path]) -> int:
    """Compares what is written of each model, a row for each scheme."""
    tallies = []
    for model in models:
        print(f"comparing what is written of {model.name}", file=sys.stderr)
        source = source_of(arguments, model)
        with tempfile.TemporaryDirectory(prefix="compare-tflite-") as folder:
            tallies += compare_exported(settings, source, arguments.schemes, Path(folder))
    print_table(tallies)
    return max(tally.status for tally in tallies)


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="compare-tflite",
        description="Checks `dovetail run` against LiteRT's reference kernels, value by value.",
        epilog="Exit status: 0 all equal, 1 something differs, 2 something could not be run.")
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.tflite",
                        help="models, or folders with models")
    parser.add_argument("--operators", nargs="*", metavar="PATTERN",
                        help="compare generated models of one operator each: all, or those whose "
                             "names match, such as conv2d, conv2d-i8 or '*-stride2-*'")
    parser.add_argument("--samples", type=int, metavar="N",
                        help="seeded random inputs, and as many smooth ones (default 3; "
                             "1 with --operators)")
    parser.add_argument("--input", action="append", default=[], metavar="[NAME=]X.npy",
                        help="use this input instead of generated ones; an array with more rows "
                             "than the model's batch is tried row by row")
    parser.add_argument("--steps", type=int, metavar="N",
                        help="execute N times in a row, on inputs with a leading axis of N "
                             f"(default: {STATE_STEPS} for a model with variables, else once)")
    parser.add_argument("--target", metavar="T", help="also compare the simulated NPU with the CPU")
    parser.add_argument("--threads", type=int, metavar="N", help="passed on to dovetail")
    add_arguments(parser)
    arguments = parser.parse_args()
    check(parser, arguments)
    if bool(arguments.models) == (arguments.operators is not None):
        parser.error("give either models or --operators")
    if arguments.steps is not None and arguments.steps < 1:
        parser.error("--steps takes a positive number")
    if arguments.operators is not None and arguments.input:
        parser.error("--input does not go with --operators")
    if arguments.operators is not None and arguments.samples is None:
        arguments.samples = 1
    return arguments


if __name__ == "__main__":
    try:
        status = main()
    except Exception:  # Python would leave with status 1, which says that something differs
        traceback.print_exc()
        status = 2
    sys.exit(status)

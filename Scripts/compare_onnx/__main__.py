"""Checks that `dovetail run` computes what ONNX Runtime computes.

Both execute each model on the same seeded inputs, and every output is compared: integers must be
equal, floats within 1e-5 of the range of the output. With `--quantized`, models are quantized first,
by ONNX Runtime's own quantizer, and their last integers may differ by one step. With `--truth`,
both are measured against the model in double precision. With `--exported`, Dovetail's own quantizer
writes each model under every scheme, and all values of what it writes are compared. Started by
`Scripts/compare-onnx`, which provides ONNX Runtime and sets DOVETAIL to the binary.

Exit status: 0 all equal, 1 something differs, 2 something could not be run (even if something else
differs).
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from compare_tflite.report import print_rows
from exported_models.arguments import add_arguments, check, source_of

from .exported import HEADER as EXPORT_HEADER
from .exported import ExportTally, compare_exported
from .models import Settings, Tally, compare
from .quantized import StepTally, compare_quantized
from .topologies import topologies
from .truth import HEADER, Distances, compare_truth


def main() -> int:
    """Compares all models and prints one table."""
    arguments = parse_arguments()
    settings = Settings(os.environ.get("DOVETAIL", "dovetail"), arguments.samples,
                        dict(each.rsplit("=", 1) for each in arguments.shape))
    models = [model for path in arguments.models for model in models_in(path)]
    if arguments.exported:
        return compare_all_exported(settings.dovetail, arguments, models)
    compare_model = (compare_truth if arguments.truth
                     else compare_quantized if arguments.quantized else compare)
    tallies = []
    for model in models + (topologies() if arguments.topologies else []):
        print(f"comparing {model.name}", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="compare-onnx-") as folder:
            tallies += compare_model(settings, model, Path(folder))
    if arguments.truth:
        print_distances(tallies)
    elif arguments.quantized:
        print_steps(tallies)
    else:
        print_table(tallies)
    return max((tally.status for tally in tallies), default=2)


def compare_all_exported(dovetail: str, arguments: argparse.Namespace, models: list[Path]) -> int:
    """Compares what is written of each model, and prints one table."""
    tallies: list[ExportTally] = []
    for model in models:
        print(f"comparing what is written of {model.name}", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="compare-onnx-") as folder:
            tallies += compare_exported(dovetail, source_of(arguments, model), arguments.schemes,
                                        Path(folder))
    print_rows([EXPORT_HEADER] + [each.row for each in tallies], numbers=range(2, 10))
    for each in tallies:
        for message in filter(None, [each.problem, each.refusal, each.worst]):
            print(f"{each.name}, {each.scheme}: {message}")
    return max((each.status for each in tallies), default=2)


def models_in(path: Path) -> list[Path]:
    """The file itself, or all models in a folder and in those below."""
    return sorted(path.rglob("*.onnx")) if path.is_dir() else [path]


def print_table(tallies: list[Tally]) -> None:
    """Prints a row per model, and below why some could not be run."""
    header = ["model", "inputs", "outputs", "elements", "equal", "worst, of range", "verdict"]
    rows = [header] + [
        [each.name, str(each.samples), str(each.outputs), f"{each.elements:,}", f"{each.equal:,}",
         f"{each.worst:.1e}", each.verdict] for each in tallies]
    print_rows(rows, numbers=range(1, 6))
    for each in tallies:
        if each.problem:
            print(f"{each.name}: {each.problem}")


def print_steps(tallies: list[StepTally]) -> None:
    """Prints a row per quantized model, and below why some could not be run."""
    header = ["model", "quantized", "values", "equal", "one step", "more"]
    print_rows([header] + [each.row for each in tallies], numbers=range(2, 6))
    for each in tallies:
        if each.problem:
            print(f"{each.name}, {each.scheme}: {each.problem}")


def print_distances(tallies: list[Distances]) -> None:
    """Prints a row per output, and below why some could not be run."""
    print_rows([HEADER] + [each.row for each in tallies if not each.problem],
               numbers=range(2, len(HEADER)))
    for each in tallies:
        if each.problem:
            print(f"{each.model}: {each.problem}")


def parse_arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="compare-onnx", description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.onnx",
                        help="models, or folders with models")
    parser.add_argument("--samples", type=int, default=3, help="inputs for each model (default 3)")
    parser.add_argument("--shape", action="append", default=[], metavar="NAME=1x2x3",
                        help="the shape of an input that a model leaves open")
    parser.add_argument("--topologies", action="store_true",
                        help="also the networks that come with the package `onnx`")
    parser.add_argument("--quantized", action="store_true",
                        help="quantize the models by ONNX Runtime's quantizer, and count steps")
    parser.add_argument("--truth", action="store_true",
                        help="measure the distances from the model in double precision instead")
    add_arguments(parser)
    arguments = parser.parse_args()
    check(parser, arguments)
    if not arguments.models and not arguments.topologies:
        parser.error("name a model, a folder, or --topologies")
    return arguments


if __name__ == "__main__":
    sys.exit(main())

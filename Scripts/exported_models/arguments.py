"""What the comparisons of written models are told on the command line."""

import argparse
from pathlib import Path

from .writing import Source

# How many samples are run, unless one says so.
SAMPLES = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say what is written, and what it is run on."""
    group = parser.add_argument_group("--exported")
    group.add_argument("--exported", action="store_true",
                       help="write each model under all schemes, and compare what was written")
    group.add_argument("--calibration", type=Path, metavar="X.npy",
                       help="samples for `dovetail quantize`; without it seeded noise")
    group.add_argument("--data", type=Path, metavar="X.npy",
                       help="samples that are run; without it those for calibration")
    group.add_argument("--preprocess", default="", metavar="mean=M,scale=S",
                       help="what becomes of the numbers of both, as `dovetail` has it")
    group.add_argument("--schemes", nargs="+", metavar="SCHEME", help="only these")


def source_of(arguments: argparse.Namespace, model: Path) -> Source:
    """What is written of a model."""
    return Source(model, arguments.calibration, arguments.preprocess,
                  arguments.data or arguments.calibration,
                  SAMPLES if arguments.samples is None else arguments.samples)


def check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Ends with a message if options do not go together."""
    others = [arguments.calibration, arguments.data, arguments.preprocess, arguments.schemes]
    if not arguments.exported and any(others):
        parser.error("--calibration, --data, --preprocess and --schemes are for --exported")

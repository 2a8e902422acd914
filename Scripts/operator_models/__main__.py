"""Writes the models into a folder, and prints how many there are and what LiteRT refused."""

import argparse
from collections import Counter
from pathlib import Path

from .writing import print_left_out, write_models


def main() -> None:
    """Reads the command line and writes the models."""
    parser = argparse.ArgumentParser(
        prog="operator-models", description="Writes TFLite models of one operator each.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="replaced if it is there")
    parser.add_argument("--seed", type=int, default=0, help="of the constants (default 0)")
    arguments = parser.parse_args()
    manifest = write_models(arguments.folder, arguments.seed)
    for operator, count in sorted(Counter(entry.operator for entry in manifest.models).items()):
        print(f"{operator}: {count}")
    print_left_out(manifest)


if __name__ == "__main__":
    main()

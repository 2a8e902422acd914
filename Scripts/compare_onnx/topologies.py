"""Whole networks with synthetic weights, which come with the package `onnx`."""

from pathlib import Path

import onnx


def topologies() -> list[Path]:
    """Their files."""
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    return sorted(folder.glob("*.onnx"))

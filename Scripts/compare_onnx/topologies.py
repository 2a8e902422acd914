"""Whole networks with synthetic weights, which come with the package `onnx`, and what they must give."""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def topologies() -> list[Path]:
    """Their files."""
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    return sorted(folder.glob("*.onnx"))


def expected(model: Path) -> tuple[dict[str, np.ndarray], list[np.ndarray]] | None:
    """The input that the standard's tests use, and the outputs beside a model; nothing if there are none."""
    files = sorted(model.parent.glob(f"{model.stem}_output_*.pb"))
    if not files:
        return None
    graph = onnx.load(model).graph
    constants = {each.name for each in graph.initializer}
    inputs = {}
    for port in graph.input:
        if port.name not in constants:
            shape = [each.dim_value or 1 for each in port.type.tensor_type.shape.dim]
            count = int(np.prod(shape))
            inputs[port.name] = (np.arange(count).reshape(shape) / count).astype(np.float32)
    return inputs, [numpy_helper.to_array(onnx.load_tensor(str(file))) for file in files]

"""Expected results that stand beside a model, in the way of TFLite Micro's tests.

`NAME_input0_int16.csv` and its like feed the inputs of `NAME.tflite` in their order, and
`NAME_golden_int16.csv` is what the first output must be: all elements in one line.
"""

from pathlib import Path

import numpy as np

from .inputs import Input

# The case that is fed from the files.
GOLDEN = "golden"


def golden_case(model: Path, inputs: list[Input]) -> dict[str, list[np.ndarray]]:
    """The case that the files beside a model give, if there are any for all of its inputs."""
    paths = [file_beside(model, f"input{number}") for number in range(len(inputs))]
    if file_beside(model, GOLDEN) is None or None in paths:
        return {}
    return {GOLDEN: [fitting(read(path), each, path) for path, each in zip(paths, inputs)]}


def golden_path(folder: Path) -> Path:
    """Where the expected results of a case are stored, if it has some."""
    return folder / "golden.npy"


def golden_output(model: Path) -> np.ndarray:
    """The elements of the first output; its shape is not in the file."""
    path = file_beside(model, GOLDEN)
    if path is None:
        raise FileNotFoundError(f"{model.name} has no golden beside it")
    return read(path)


def file_beside(model: Path, role: str) -> Path | None:
    """The file of that role, whose name ends with the element type."""
    return next(iter(sorted(model.parent.glob(f"{model.stem}_{role}_*.csv"))), None)


def read(path: Path) -> np.ndarray:
    """The elements of a file, of the type that its name says."""
    dtype = np.dtype(path.stem.rpartition("_")[2])
    try:
        return np.array(path.read_text().strip().split(",")).astype(dtype)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def fitting(elements: np.ndarray, each: Input, path: Path) -> np.ndarray:
    """The elements in the input's shape."""
    if elements.dtype != np.dtype(each.dtype) or elements.size != np.prod(each.shape, dtype=int):
        raise ValueError(f"{path.name} holds {elements.dtype}[{elements.size}], "
                         f"`{each.name}` is {each.dtype}{each.shape}")
    return elements.reshape(each.shape)

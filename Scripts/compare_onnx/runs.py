"""What both run: a model by ONNX Runtime, and by Dovetail in a process of its own."""

import json
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime

from exported_models.writing import TIMEOUT_SECONDS

ALL_FUSIONS = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL


def open_session(model: Path | bytes, level: onnxruntime.GraphOptimizationLevel = ALL_FUSIONS,
                 ) -> onnxruntime.InferenceSession:
    """ONNX Runtime with one thread, which changes the model as far as the level says."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = level
    return onnxruntime.InferenceSession(str(model) if isinstance(model, Path) else model, options,
                                        ["CPUExecutionProvider"])


def dovetail_values(dovetail: str, model: Path, inputs: dict[str, np.ndarray], folder: Path,
                    *flags: str) -> dict[str, np.ndarray]:
    """What Dovetail computes of a model, by name; files of both go to the folder."""
    output = folder / "computed"
    command = [dovetail, "run", str(model), "--quiet", "--output-dir", str(output), *flags]
    for number, (name, tensor) in enumerate(inputs.items()):
        path = folder / f"input{number}.npy"
        np.save(path, tensor)
        command += ["--input", f"{name}={path}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if run.returncode != 0:
        raise RuntimeError(run.stderr or f"dovetail ended with {run.returncode}")
    entries = json.loads((output / "values.json").read_text())
    return {each["name"]: np.load(output / each["file"]) for each in entries}


def same_type(title: str, expected: np.ndarray, found: np.ndarray | None) -> np.ndarray:
    """What was found, if it has the type that was expected."""
    if found is None:
        raise ValueError(f"{title} is missing")
    if found.dtype != expected.dtype or found.shape != expected.shape:
        raise ValueError(f"{title} is {found.dtype}{list(found.shape)}, expected "
                         f"{expected.dtype}{list(expected.shape)}")
    return found


def first_line(error: Exception) -> str:
    """What went wrong, in a line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

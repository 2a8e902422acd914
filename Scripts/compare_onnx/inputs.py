"""What models are given: shapes for extents that they leave open, and seeded noise."""

import numpy as np
import onnxruntime

# Extents of public models that mean something; a model with several lists is compared in each.
SHAPES = {
    "ch_PP-OCRv4_rec_infer.onnx": [{"x": "1x3x48x320"}, {"x": "1x3x48x480"}],
    "silero_vad_16k_sequence.onnx": [{"input": "4x576"}],
    "silero_vad_op18_ifless.onnx": [{"input": "1x576", "state": "2x1x128"}],
}
# Inputs that choose among ways to compute, and are no data.
CHOICES = {"sr": 16000}
TYPES = {
    "tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
    "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(int16)": np.int16,
    "tensor(int8)": np.int8, "tensor(uint8)": np.uint8, "tensor(bool)": np.bool_,
}


def random_inputs(session: onnxruntime.InferenceSession, shapes: dict[str, str],
                  seed: int) -> dict[str, np.ndarray]:
    """Seeded noise for every input of a model."""
    generator = np.random.default_rng(seed)
    return {each.name: random_tensor(each, shapes, generator) for each in session.get_inputs()}


def random_tensor(port: onnxruntime.NodeArg, shapes: dict[str, str],
                  generator: np.random.Generator) -> np.ndarray:
    """Floats are normal, integers small, and open extents that nobody chose 1."""
    if port.type not in TYPES:
        raise ValueError(f"input {port.name} is a {port.type}")
    chosen = shapes.get(port.name)
    shape = ([int(extent) for extent in chosen.split("x")] if chosen
             else [extent if isinstance(extent, int) else 1 for extent in port.shape])
    kind = np.dtype(TYPES[port.type])
    if port.name in CHOICES:
        return np.full(shape, CHOICES[port.name], kind)
    if kind.kind == "f":
        return generator.standard_normal(shape).astype(kind)
    return generator.integers(0, 2 if kind.kind == "b" else 100, shape).astype(kind)

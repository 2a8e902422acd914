"""ONNX Runtime's static quantizer, and its runtime as the judge of ONNX models.

Started as a process, `python -m benchmarks.quantization.onnx_runtime MODEL CALIBRATION SETTING OUT`
quantizes a model, so that its time and memory can be measured.
"""

import logging
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

# How ranges of activations are chosen; `Distribution` is not among them, as it is for float8 alone.
METHODS = ["MinMax", "Entropy", "Percentile"]
EARLIEST_VERSION = 13
# Histograms keep all activations of as many samples in memory; the ranges do not depend on it.
SAMPLES_AT_ONCE = 4


@dataclass(frozen=True)
class Format:
    """Types of activations and weights, as the quantizer names them."""

    activation: str
    weight: str
    per_channel: bool


FORMATS = {
    "S8S8 per channel": Format("QInt8", "QInt8", True),
    "U8S8 per channel": Format("QUInt8", "QInt8", True),
    "S8S8 per tensor": Format("QInt8", "QInt8", False),
    "S8S4 per channel": Format("QInt8", "QInt4", True),
    "S16S8 per channel": Format("QInt16", "QInt8", True),
}


def settings(formats: list[str]) -> list[str]:
    """Each method with each format, as `METHOD, FORMAT`."""
    return [f"{method}, {name}" for method in METHODS for name in formats]


def session(model: Path, optimizations: str = "ORT_DISABLE_ALL") -> onnxruntime.InferenceSession:
    """One thread; without optimizations, an operator between DequantizeLinear and QuantizeLinear
    computes in floats, as the standard says.

    Fused kernels of integers differ from one processor to the next: without VNNI, their products of
    unsigned and signed bytes saturate.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, optimizations)
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])


def execute(model: Path, data: np.ndarray,
            optimizations: str = "ORT_DISABLE_ALL") -> list[np.ndarray]:
    """The outputs, with samples along the first axis."""
    ready = session(model, optimizations)
    name = ready.get_inputs()[0].name
    runs = [ready.run(None, {name: data[number:number + 1]}) for number in range(len(data))]
    return [np.concatenate(each) for each in zip(*runs)]


def prepare(model: Path, out: Path) -> None:
    """Copies a model, in a version of the standard that has scales per channel."""
    import onnx
    from onnx import version_converter

    content = onnx.load(model)
    versions = {each.domain: each.version for each in content.opset_import}
    if versions[""] < EARLIEST_VERSION:
        content = version_converter.convert_version(content, EARLIEST_VERSION)
    onnx.save(content, out)


def quantize(model: Path, calibration: np.ndarray, setting: str, out: Path) -> None:
    """Prepares and quantizes a model, as the quantizer's manual recommends."""
    # Imported here because executing needs none of it.
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    method, name = setting.split(", ")
    chosen = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder, "prepared.onnx")
        preprocess(model, prepared)
        quantize_static(
            str(prepared), str(out), reader(prepared, calibration), QuantFormat.QDQ,
            per_channel=chosen.per_channel, reduce_range=False,
            activation_type=getattr(QuantType, chosen.activation),
            weight_type=getattr(QuantType, chosen.weight),
            calibrate_method=getattr(CalibrationMethod, method),
            extra_options={} if method == "MinMax" else {"CalibStridedMinMax": SAMPLES_AT_ONCE})


def preprocess(model: Path, out: Path) -> None:
    """Optimizes, unless what comes of it is more than the quantizer can take."""
    from onnxruntime.quantization.shape_inference import quant_pre_process

    quant_pre_process(str(model), str(out))
    if not has_flat_biases(out):
        quant_pre_process(str(model), str(out), skip_optimization=True)


def has_flat_biases(model: Path) -> bool:
    """Whether no summand with several axes has become a bias; the quantizer counts on one axis."""
    import onnx

    graph = onnx.load(model).graph
    ranks = {each.name: len(each.dims) for each in graph.initializer}
    biases = [node.input[2] for node in graph.node
              if node.op_type in ("Conv", "Gemm") and len(node.input) > 2]
    return all(ranks.get(bias, 1) == 1 for bias in biases)


def reader(model: Path, calibration: np.ndarray) -> object:
    """What hands out samples; a class of the quantizer's, which is not there before."""
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        """One sample after the other, of all or of a range."""

        def __init__(self) -> None:
            self.name = session(model).get_inputs()[0].name
            self.set_range(0, len(calibration))

        def __len__(self) -> int:
            return len(calibration)

        def set_range(self, start_index: int, end_index: int) -> None:
            """Begins with those samples."""
            self.numbers = iter(range(start_index, end_index))

        def get_next(self) -> dict[str, np.ndarray] | None:
            """The inputs of one run, or `None` after the last."""
            number = next(self.numbers, None)
            return None if number is None else {self.name: calibration[number:number + 1]}

    return Reader()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    source, samples, wanted, result = sys.argv[1:]
    quantize(Path(source), np.load(samples), wanted, Path(result))

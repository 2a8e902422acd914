"""How far ONNX Runtime and Dovetail are from a model computed in double precision.

Sums in single precision lose digits, each in its own order; what is right is known only with more
of them. The package `onnx` computes a model whose real numbers have been widened, but for two
operators that it computes differently.
"""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from .inputs import SHAPES, random_inputs
from .models import Settings, dovetail_outputs, extent_of
from .runs import first_line, open_session

LEVELS = {
    "off": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "all": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
}
HEADER = ["model", "output", "Dovetail", *(f"ORT, {level}" for level in LEVELS), "Dovetail − ORT"]


@dataclass
class Distances:
    """The largest distances of one output's elements over all samples, as parts of its range."""

    model: str
    output: str
    dovetail: float = 0.0
    runtime: dict[str, float] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0.0))
    between: float = 0.0
    status: int = 0
    problem: str = ""

    @property
    def row(self) -> list[str]:
        """The cells below `HEADER`."""
        numbers = [self.dovetail, *self.runtime.values(), self.between]
        return [self.model, self.output, *(f"{number:.1e}" for number in numbers)]


class Conv(OpRun):
    """A convolution of any rank, stride, dilation and number of groups, with stated pads."""

    op_domain = ""

    def _run(self, x, w, b=None, auto_pad=None, dilations=None, group=None, kernel_shape=None,
             pads=None, strides=None):
        if auto_pad not in (None, "NOTSET", "VALID"):
            raise NotImplementedError(f"auto_pad {auto_pad}")
        axes = x.ndim - 2
        windows = all_windows(x, w.shape[2:], dilations or [1] * axes, strides or [1] * axes,
                              pads or [0] * 2 * axes)
        places, groups = windows.shape[2:2 + axes], group or 1
        order = (0, 1, *range(3, 3 + axes), 2, *range(3 + axes, 3 + 2 * axes))
        parts = windows.reshape(x.shape[0], groups, x.shape[1] // groups, *windows.shape[2:])
        columns = parts.transpose(order).reshape(x.shape[0], groups, int(np.prod(places)), -1)
        filters = w.reshape(groups, w.shape[0] // groups, -1)
        y = np.einsum("ngpk,gmk->ngmp", columns, filters, optimize=True)
        y = y.reshape(x.shape[0], w.shape[0], *places)
        return (y if b is None else y + b.reshape(1, -1, *[1] * axes),)


class BatchNormalization(OpRun):
    """Of inference, in all versions of the operator."""

    op_domain = ""

    def _run(self, x, scale, bias, mean, variance, epsilon=None, momentum=None, training_mode=None,
             spatial=None):
        shape = (1, -1, *[1] * (x.ndim - 2))
        factor = scale / np.sqrt(variance + epsilon)
        return ((x - mean.reshape(shape)) * factor.reshape(shape) + bias.reshape(shape),)


def all_windows(x: np.ndarray, kernel: tuple[int, ...], dilations: list[int], strides: list[int],
                pads: list[int]) -> np.ndarray:
    """The windows of padded images: [image, channel, places…, kernel…]."""
    axes = len(kernel)
    padded = np.pad(x, [(0, 0), (0, 0), *((pads[i], pads[i + axes]) for i in range(axes))])
    extents = [(extent - 1) * dilation + 1 for extent, dilation in zip(kernel, dilations)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, extents, tuple(range(2, x.ndim)))
    steps = [slice(None, None, step) for step in (*strides, *dilations)]
    return windows[(slice(None), slice(None), *steps)]


def widened(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with real numbers of 64 bits in place of 32."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    widen_graph(copy.graph)
    return copy


def widen_graph(graph: onnx.GraphProto) -> None:
    """Widens constants, ports and casts, also those of graphs within nodes."""
    for tensor in graph.initializer:
        widen_tensor(tensor)
    for port in [*graph.input, *graph.output, *graph.value_info]:
        kind = port.type.tensor_type
        if kind.elem_type == TensorProto.FLOAT:
            kind.elem_type = TensorProto.DOUBLE
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                widen_tensor(attribute.t)
            if attribute.HasField("g"):
                widen_graph(attribute.g)
            if node.op_type == "Cast" and attribute.i == TensorProto.FLOAT:
                attribute.i = TensorProto.DOUBLE


def widen_tensor(tensor: onnx.TensorProto) -> None:
    """Changes a tensor in place, if it is of 32 bits."""
    if tensor.data_type == TensorProto.FLOAT:
        wide = numpy_helper.to_array(tensor).astype(np.float64)
        tensor.CopyFrom(numpy_helper.from_array(wide, tensor.name))


def exact_outputs(model: Path, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The outputs in double precision."""
    evaluator = ReferenceEvaluator(widened(onnx.load(model)), new_ops=[Conv, BatchNormalization])
    wide = {name: tensor.astype(np.float64) if tensor.dtype == np.float32 else tensor
            for name, tensor in inputs.items()}
    return evaluator.run(None, wide)


def compare_truth(settings: Settings, model: Path, folder: Path) -> list[Distances]:
    """Distances for each real output, and each way in which the model's open extents are bound."""
    found = []
    for binding in SHAPES.get(model.name, [{}]):
        label = " ".join([model.stem, *(f"{name}={shape}" for name, shape in binding.items())])
        try:
            found += bound_distances(settings, model, label, settings.shapes | binding, folder)
        except (RuntimeError, OSError, ValueError, NotImplementedError,
                subprocess.TimeoutExpired) as error:
            found.append(Distances(label, "", status=2, problem=first_line(error)))
    return found


def bound_distances(settings: Settings, model: Path, label: str, shapes: dict[str, str],
                    folder: Path) -> list[Distances]:
    """Distances for each real output."""
    sessions = {name: open_session(model, level) for name, level in LEVELS.items()}
    names = [output.name for output in sessions["all"].get_outputs()]
    tallies = {name: Distances(label, name) for name in names}
    for sample in range(settings.samples):
        inputs = random_inputs(sessions["all"], shapes, sample)
        own = dovetail_outputs(settings, model, shapes, inputs, folder)
        runtime = {level: each.run(None, inputs) for level, each in sessions.items()}
        for index, exact in enumerate(exact_outputs(model, inputs)):
            outputs = {level: each[index] for level, each in runtime.items()}
            if exact.dtype == np.float64:
                measure(tallies[names[index]], exact, own[names[index]], outputs)
    return list(tallies.values())


def measure(tally: Distances, exact: np.ndarray, own: np.ndarray,
            runtime: dict[str, np.ndarray]) -> None:
    """Adds one output of one sample."""
    extent = extent_of(exact)

    def distance(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.abs(a.astype(np.float64) - b).max()) / extent

    tally.dovetail = max(tally.dovetail, distance(own, exact))
    tally.between = max(tally.between, distance(own, runtime["all"]))
    for level, output in runtime.items():
        tally.runtime[level] = max(tally.runtime[level], distance(output, exact))

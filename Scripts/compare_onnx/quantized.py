"""Models that ONNX Runtime's own quantizer makes of others, computed in integers by both.

Each model is quantized in several ways, as operators between QuantizeLinear and DequantizeLinear. What
is compared are the last integers before each output: those that the model's final DequantizeLinear, or
whatever follows it, would make real numbers of.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from .inputs import SHAPES, random_inputs
from .models import Settings, dovetail_outputs
from .runs import first_line, open_session, same_type

# Scales of channels need this version of the standard.
OPSET = 13
CALIBRATION_SAMPLES = 4
FIRST_CALIBRATION_SEED = 1000


@dataclass(frozen=True)
class Scheme:
    """Element types, and whether each channel of weights has a scale of its own."""

    activations: QuantType
    weights: QuantType
    per_channel: bool

    def __str__(self) -> str:
        names = {QuantType.QUInt8: "u8", QuantType.QInt8: "i8"}
        weights = f"{names[self.weights]} weights" + (" per channel" if self.per_channel else "")
        return f"{names[self.activations]}, {weights}"


SCHEMES = [
    Scheme(QuantType.QUInt8, QuantType.QUInt8, False),
    Scheme(QuantType.QUInt8, QuantType.QInt8, False),
    Scheme(QuantType.QUInt8, QuantType.QInt8, True),
    Scheme(QuantType.QInt8, QuantType.QInt8, True),
]


@dataclass
class StepTally:
    """How far the integers of one quantized model lie apart."""

    name: str
    scheme: str
    values: int = 0
    equal: int = 0
    one_step: int = 0
    problem: str = ""

    @property
    def more(self) -> int:
        """How many differ by more than one step."""
        return self.values - self.equal - self.one_step

    @property
    def status(self) -> int:
        """The exit status that the model asks for."""
        return 2 if self.problem else int(self.more > 0)

    @property
    def row(self) -> list[str]:
        """The cells of the table."""
        counts = [f"{each:,}" for each in (self.values, self.equal, self.one_step, self.more)]
        return [self.name, self.scheme, *counts]


class Noise(CalibrationDataReader):
    """Seeded noise to calibrate with."""

    def __init__(self, model: Path, shapes: dict[str, str]):
        session = open_session(model)
        seeds = range(FIRST_CALIBRATION_SEED, FIRST_CALIBRATION_SEED + CALIBRATION_SAMPLES)
        self.samples = iter([random_inputs(session, shapes, seed) for seed in seeds])

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next inputs; None behind the last."""
        return next(self.samples, None)


def compare_quantized(settings: Settings, model: Path, folder: Path) -> list[StepTally]:
    """A tally for each way to quantize the model."""
    shapes = settings.shapes | SHAPES.get(model.name, [{}])[0]
    try:
        prepared = prepare(model, folder)
    except Exception as error:  # The quantizer throws whatever it likes.
        return [StepTally(model.stem, "", problem=first_line(error))]
    return [compare_scheme(settings, model.stem, prepared, scheme, shapes, folder)
            for scheme in SCHEMES]


def compare_scheme(settings: Settings, name: str, prepared: Path, scheme: Scheme,
                   shapes: dict[str, str], folder: Path) -> StepTally:
    """The tally of one way to quantize."""
    tally = StepTally(name, str(scheme))
    try:
        path = quantize(prepared, scheme, shapes, folder)
        run_samples(settings, path, shapes, folder, tally)
    except Exception as error:
        tally.problem = first_line(error)
    return tally


def prepare(model: Path, folder: Path) -> Path:
    """The model in a version of the standard that suits, with shapes inferred and normalizations folded."""
    current = onnx.load(model)
    version = max(each.version for each in current.opset_import if each.domain in ("", "ai.onnx"))
    if version < OPSET:
        current = onnx.version_converter.convert_version(current, OPSET)
    recent, prepared = folder / "recent.onnx", folder / "prepared.onnx"
    onnx.save(current, recent)
    quant_pre_process(str(recent), str(prepared), skip_symbolic_shape=True)
    return prepared


def quantize(prepared: Path, scheme: Scheme, shapes: dict[str, str], folder: Path) -> Path:
    """The model between QuantizeLinear and DequantizeLinear, whose outputs are integers."""
    quantized, trimmed = folder / "quantized.onnx", folder / "trimmed.onnx"
    logging.disable(logging.WARNING)
    quantize_static(
        str(prepared), str(quantized), Noise(prepared, shapes), quant_format=QuantFormat.QDQ,
        activation_type=scheme.activations, weight_type=scheme.weights,
        per_channel=scheme.per_channel,
        # It takes products of matrices for ones with a single scale.
        extra_options={"QDQDisableWeightAdjustForInt32Bias": scheme.per_channel})
    model = onnx.load(quantized)
    give_integers(model)
    onnx.save(model, trimmed)
    return trimmed


def give_integers(model: onnx.ModelProto) -> None:
    """Makes outputs of the last integers that the outputs are computed from, and drops what follows them."""
    graph = model.graph
    producers = {name: node for node in graph.node for name in node.output}
    constants = {each.name for each in graph.initializer}
    found: dict[str, onnx.ValueInfoProto] = {}
    pending = [output.name for output in graph.output]
    seen = set(pending)
    while pending:
        node = producers.get(pending.pop())
        if node is None:
            continue
        if node.op_type == "DequantizeLinear" and node.input[0] not in constants:
            element = onnx.helper.np_dtype_to_tensor_dtype(zero_point(graph, node).dtype)
            found[node.input[0]] = onnx.helper.make_tensor_value_info(node.input[0], element, None)
            continue
        pending += [name for name in node.input if name and name not in seen]
        seen.update(node.input)
    if not found:
        raise ValueError("the quantizer left no integers")
    del graph.output[:]
    graph.output.extend(found.values())
    drop_unread(graph)


def zero_point(graph: onnx.GraphProto, node: onnx.NodeProto) -> np.ndarray:
    """The zero point of a node, which has the elements' type."""
    tensor = next(each for each in graph.initializer if each.name == node.input[2])
    return onnx.numpy_helper.to_array(tensor)


def drop_unread(graph: onnx.GraphProto) -> None:
    """Removes nodes that no output needs."""
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    del graph.node[:]
    graph.node.extend(reversed(kept))


def run_samples(settings: Settings, model: Path, shapes: dict[str, str], folder: Path,
                tally: StepTally) -> None:
    """Computes all samples by both, and counts."""
    session = open_session(model)
    names = [output.name for output in session.get_outputs()]
    for sample in range(settings.samples):
        inputs = random_inputs(session, shapes, sample)
        found = dovetail_outputs(settings, model, shapes, inputs, folder)
        for name, expected in zip(names, session.run(None, inputs)):
            count(tally, expected, found.get(name))


def count(tally: StepTally, expected: np.ndarray, found: np.ndarray | None) -> None:
    """Adds one output to the tally."""
    found = same_type("an output", expected, found)
    steps = np.abs(expected.astype(np.int64) - found.astype(np.int64))
    tally.values += steps.size
    tally.equal += int((steps == 0).sum())
    tally.one_step += int((steps == 1).sum())

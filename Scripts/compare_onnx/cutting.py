"""A model cut into layers: where it stores numbers in fewer bits, readers are given them from outside.

Rounding is a cliff. Two sums whose last digits differ may lie on both sides of it, and what follows
differs by more than digits. So each layer is computed on the same stored numbers by both, and only
what it adds itself is compared.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper

# Real numbers of fewer bits than single precision.
NARROW = {
    TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E5M2,
}
# What picks one of many numbers, with their errors.
PICKING = {"ReduceMin", "ReduceMax", "Min", "Max", "Neg"}
# What only moves numbers; a reader of the file may do without it.
MOVING = {"Transpose", "Reshape", "Identity"}


@dataclass(frozen=True)
class Cut:
    """A value that is given to its readers."""

    name: str
    # Of which its numbers are, though they may stand in wider ones.
    element: int

    @property
    def given(self) -> str:
        """What readers read in its place."""
        return f"{self.name}/given"


@dataclass
class CutModel:
    """A model whose every value is an output, as a whole and in layers."""

    whole: onnx.ModelProto
    layers: onnx.ModelProto
    cuts: list[Cut]
    # The element types of stored values, by their names: of those that are given, and of narrow ones.
    stored: dict[str, int]
    # The operator that computes a value, by its name.
    operators: dict[str, str]
    # What a value is picked from.
    picked: dict[str, str]

    def without_real_outputs(self) -> onnx.ModelProto:
        """The layers with what is stored for outputs, so that they can be computed on integers."""
        model = onnx.ModelProto.FromString(self.layers.SerializeToString())
        names = {each.name for each in self.cuts}
        kept = [each for each in model.graph.output if each.name in names]
        del model.graph.output[:]
        model.graph.output.extend(kept)
        return model


def cut_model(model: onnx.ModelProto) -> CutModel:
    """Cuts a model wherever it rounds what depends on its inputs."""
    whole = with_all_outputs(prefixed(onnx.shape_inference.infer_shapes(model)))
    cuts, narrow = rounded_values(whole.graph)
    layers = onnx.ModelProto.FromString(whole.SerializeToString())
    give(layers.graph, cuts)
    operators = {name: node.op_type for node in whole.graph.node for name in node.output}
    stored = narrow | {each.name: each.element for each in cuts
                       if each.element != TensorProto.FLOAT}
    picked = {node.output[0]: node.input[0] for node in whole.graph.node
              if node.op_type in PICKING}
    return CutModel(whole, layers, cuts, stored, operators, picked)


def prefixed(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with names that are unlike those that a reader may give to what has none."""
    graph = model.graph
    for port in [*graph.input, *graph.output, *graph.value_info, *graph.initializer]:
        port.name = f"@{port.name}"
    for node in graph.node:
        node.input[:] = [name and f"@{name}" for name in node.input]
        node.output[:] = [name and f"@{name}" for name in node.output]
    return model


def with_all_outputs(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with every value of a type that numpy has among its outputs."""
    graph = model.graph
    types = {each.name: each for each in graph.value_info}
    known = {each.name for each in graph.output}
    for node in graph.node:
        for name in node.output:
            if name and name not in known and is_readable(types[name].type.tensor_type.elem_type):
                graph.output.append(types[name])
    return model


def is_readable(element: int) -> bool:
    """Whether ONNX Runtime gives such elements to Python."""
    return element not in NARROW or element == TensorProto.FLOAT16


def rounded_values(graph: onnx.GraphProto) -> tuple[list[Cut], dict[str, int]]:
    """What is quantized, and what is read of numbers that were made narrow; nothing of constants.

    The second are the types of these numbers where they are narrow, by the name of the value.
    """
    varying = {each.name for each in graph.input}
    narrow: dict[str, int] = {}
    cuts = []
    for node in graph.node:
        if varying.isdisjoint(node.input):
            continue
        varying.update(node.output)
        # The second of them also gives a scale and a zero point, which is rounded, too.
        if node.op_type in ("QuantizeLinear", "DynamicQuantizeLinear"):
            cuts += [Cut(name, element_of(graph, name)) for name in node.output]
        elif node.op_type == "Cast":
            element = next(each.i for each in node.attribute if each.name == "to")
            if element in NARROW:
                narrow[node.output[0]] = element
            elif node.input[0] in narrow:
                cuts.append(Cut(node.output[0], narrow[node.input[0]]))
    return cuts, narrow


def element_of(graph: onnx.GraphProto, name: str) -> int:
    """The element type of a value."""
    ports = [*graph.value_info, *graph.output]
    return next(each.type.tensor_type.elem_type for each in ports if each.name == name)


def give(graph: onnx.GraphProto, cuts: list[Cut]) -> None:
    """Lets readers of these values read inputs instead."""
    given = {each.name: each.given for each in cuts}
    for node in graph.node:
        node.input[:] = [given.get(name, name) for name in node.input]
    ports = {each.name: each for each in graph.output}
    for cut in cuts:
        kind = ports[cut.name].type.tensor_type
        shape = [each.dim_value for each in kind.shape.dim]
        graph.input.append(helper.make_tensor_value_info(cut.given, kind.elem_type, shape))


def steps_between(a: np.ndarray, b: np.ndarray, element: int) -> np.ndarray:
    """How many numbers of a type lie between those of two arrays, plus one where they differ."""
    return np.abs(places(a, element) - places(b, element))


def places(array: np.ndarray, element: int) -> np.ndarray:
    """The places of numbers among all of their type, 0 being that of 0."""
    if element not in NARROW:
        return array.astype(np.int64)
    narrow = array.astype(helper.tensor_dtype_to_np_dtype(element))
    bits = narrow.view(f"u{narrow.dtype.itemsize}").astype(np.int64)
    sign = 1 << (8 * narrow.dtype.itemsize - 1)
    return np.where(bits & sign, -(bits & (sign - 1)), bits)

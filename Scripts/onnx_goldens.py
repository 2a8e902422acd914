"""Writes small ONNX models, each of which shows one thing that becomes of a file when it is read.

Started by `Scripts/onnx-goldens`, which provides the package `onnx`.
"""

import sys
from pathlib import Path

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
from onnx.numpy_helper import from_array

FLOAT, BOOL = TensorProto.FLOAT, TensorProto.BOOL


def main() -> None:
    """Writes all models into the folder that the arguments name."""
    folder = Path(sys.argv[1])
    for name, write in [("conv-net", conv_net), ("folded-shapes", folded_shapes),
                        ("if-captures", if_captures)]:
        (folder / f"{name}.onnx").write_bytes(write().SerializeToString())


def conv_net() -> ModelProto:
    """A convolution with folded bias, a pool and a classifier, in NCHW."""
    random = np.random.default_rng(1)
    nodes = [
        make_node("Conv", ["image", "kernel", "bias"], ["conv"], "conv", pads=[1, 1, 1, 1],
                  strides=[2, 2]),
        make_node("Relu", ["conv"], ["active"], "relu"),
        make_node("GlobalAveragePool", ["active"], ["mean"], "pool"),
        make_node("Flatten", ["mean"], ["flat"], "flatten"),
        make_node("Gemm", ["flat", "matrix"], ["classes"], "classify", transB=1),
    ]
    constants = [
        constant("kernel", random.integers(-4, 5, [2, 3, 3, 3]) / 4),
        constant("bias", np.array([0.5, -0.5])),
        constant("matrix", random.integers(-4, 5, [2, 2]) / 4),
    ]
    return model(nodes, [port("image", ["batch", 3, 6, 6])], [port("classes", ["batch", 2])],
                 constants)


def folded_shapes() -> ModelProto:
    """What exporters write for `x.view(x.size(0), -1)`: none of it is left but the reshape."""
    nodes = [
        make_node("Shape", ["x"], ["shape"]),
        make_node("Gather", ["shape", "first"], ["size"]),
        make_node("Unsqueeze", ["size", "axes"], ["sizes"]),
        make_node("Concat", ["sizes", "rest"], ["target"], axis=0),
        make_node("Reshape", ["x", "target"], ["y"]),
    ]
    constants = [
        from_array(np.array(0), "first"), from_array(np.array([0]), "axes"),
        from_array(np.array([-1]), "rest"),
    ]
    return model(nodes, [port("x", [2, 3, 4])], [port("y", [2, 12])], constants)


def if_captures() -> ModelProto:
    """Branches that read an input, a value and a constant of the graph around them."""
    nodes = [
        make_node("Neg", ["x"], ["negative"]),
        make_node("If", ["is_scaled"], ["y"],
                  then_branch=branch(make_node("Mul", ["negative", "scale"], ["then_y"])),
                  else_branch=branch(make_node("Add", ["negative", "x"], ["else_y"]))),
    ]
    return model(nodes, [port("x", [2]), port("is_scaled", [], BOOL)], [port("y", [2])],
                 [constant("scale", np.array([2, 3]))])


def branch(node: NodeProto) -> GraphProto:
    """A graph of one node, whose result it gives."""
    return make_graph([node], "branch", [], [port(node.output[0], [2])])


def port(name: str, extents: list[int | str], element: int = FLOAT) -> ValueInfoProto:
    """An input or output; an extent may have a name."""
    return make_tensor_value_info(name, element, extents)


def constant(name: str, numbers: np.ndarray) -> TensorProto:
    """A constant of floats."""
    return from_array(numbers.astype(np.float32), name)


def model(nodes: list[NodeProto], inputs: list[ValueInfoProto], outputs: list[ValueInfoProto],
          constants: list[TensorProto]) -> ModelProto:
    """A model of one graph."""
    graph = make_graph(nodes, "main", inputs, outputs, constants)
    return make_model(graph, opset_imports=[make_opsetid("", 17)], ir_version=9)


if __name__ == "__main__":
    main()

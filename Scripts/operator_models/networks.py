"""Blocks of a few operators, as networks have them."""

from collections.abc import Iterator
from dataclasses import replace

from ai_edge_litert import schema_py_generated as schema

from .convolutions import Window, conv_2d, depthwise_conv_2d
from .model import Case, Operator, Tensor, feed, fixed, result
from .pooling import pool
from .products import fully_connected
from .quantizations import quantized, usual


def cases() -> Iterator[Case]:
    """All of the family; they are named after no operator, but after the block."""
    for type in ["f32", "i8", "u8", "i16"]:
        yield residual(type)
        yield separable(type)
        yield classifier(type)
        yield gated(type)


def applied(model: Case, operand: Tensor) -> tuple[Operator, Tensor]:
    """The only operator of a case, with another tensor as its input, and its result."""
    [operator] = model.operators
    operands = [operand if each and each.role == "input" else each for each in operator.operands]
    return replace(operator, operands=operands), operator.results[0]


def residual(type: str) -> Case:
    """A convolution whose result is added to its operand."""
    window = Window("same", image=(1, 6, 7, 8), channels=8, activation=1)
    image = feed(type, window.image, usual(type))
    conv, branch = applied(conv_2d(type, window), image)
    add = Operator("ADD", [image, branch], [result(type, usual(type, 2))],
                   schema.AddOptionsT(fusedActivationFunction=1, potScaleInt16=False))
    return Case("BLOCK", type, "residual", [conv, add])


def separable(type: str) -> Case:
    """Explicit padding, a depthwise and a pointwise convolution."""
    image = feed(type, (1, 7, 8, 6), usual(type))
    padded = result(type, usual(type))
    pad = Operator("PAD", [image, fixed([[0, 0], [0, 1], [0, 1], [0, 0]])], [padded],
                   schema.PadOptionsT())
    deep, middle = applied(depthwise_conv_2d(type, Window(
        "deep", image=(1, 8, 9, 6), stride=(2, 2), padding="valid", activation=3)), padded)
    point, _ = applied(conv_2d(type, Window("point", image=(1, 3, 4, 6), kernel=(1, 1),
                                            channels=10)), middle)
    return Case("BLOCK", type, "separable", [pad, deep, point])


def classifier(type: str) -> Case:
    """A pool, a fully connected layer and a softmax."""
    image = feed(type, (1, 7, 6, 5), usual(type))
    pooled, features = applied(pool("AVERAGE_POOL_2D", type, Window(
        "global", kernel=(7, 6), padding="valid")), image)
    flat = result(type, usual(type))
    reshape = Operator("RESHAPE", [features, fixed([1, 5])], [flat],
                       schema.ReshapeOptionsT(newShape=[1, 5]))
    dense, logits = applied(fully_connected(type, "dense", (1, 5), 9), flat)
    pair = {"i8": (1 / 256, -128), "u8": (1 / 256, 0), "i16": (1 / 32768, 0)}.get(type)
    softmax = Operator("SOFTMAX", [logits], [result(type, quantized(*pair) if pair else None)],
                       schema.SoftmaxOptionsT(beta=1))
    return Case("BLOCK", type, "classifier", [pooled, reshape, dense, softmax])


def gated(type: str) -> Case:
    """Channels scaled by a sigmoid of their means."""
    image = feed(type, (1, 5, 4, 6), usual(type))
    means = result(type, usual(type))
    pair = {"i8": (1 / 256, -128), "u8": (1 / 256, 0), "i16": (1 / 32768, 0)}.get(type)
    gates = result(type, quantized(*pair) if pair else None)
    return Case("BLOCK", type, "gated", [
        Operator("MEAN", [image, fixed([1, 2])], [means], schema.ReducerOptionsT(keepDims=True)),
        Operator("LOGISTIC", [means], [gates]),
        Operator("MUL", [image, gates], [result(type, usual(type))], schema.MulOptionsT())])

"""A small transformer with seeded weights, in which a few channels stand out."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .onnx_models import Seeded


class Transformer(Seeded):
    """Normalizations before attention and before two layers, with a few channels that stand out.

    As trained networks do, it carries numbers in some channels of its stream that are 10 times those
    of the others, and normalizations take them back; other channels are 30 times as large behind
    normalizations, and the weights that read them are small.
    """

    TOKENS, WIDTH, HEADS, BLOCKS, CLASSES = 32, 64, 4, 4, 10
    # Channels that stand out in the stream, and behind normalizations.
    LOUD, LOUDNESS = [5, 40], 10
    SCALED, SCALE = [11, 50], 30

    def __init__(self) -> None:
        super().__init__("transformer", seed=64)

    def write(self, path: Path) -> None:
        """Writes the file."""
        width = self.WIDTH
        rows = self.layer("x", width, width, into_stream=True)
        rows = self.add("Add", rows, self.constant(self.in_stream(
            self.generator.normal(0, 0.3, (1, self.TOKENS, width)))))
        for _ in range(self.BLOCKS):
            rows = self.add("Add", rows, self.attention(self.normalized(rows)))
            inner = self.gelu(self.layer(self.normalized(rows), width, 4 * width, scaled=True))
            rows = self.add("Add", rows, self.layer(inner, 4 * width, width, into_stream=True))
        first = self.add("Gather", rows, self.integers(0), axis=1)
        self.layer(self.normalized(first), width, self.CLASSES, scaled=True, result="y")
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, self.TOKENS, width])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, self.CLASSES])],
            self.weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)

    def layer(self, rows: str, width: int, outputs: int, *, into_stream: bool = False,
              scaled: bool = False, result: str = "") -> str:
        """A product with weights, and a bias."""
        weights = self.generator.normal(0, width**-0.5, (width, outputs))
        bias = self.generator.normal(0, 0.1, outputs)
        if into_stream:
            # As GPT-2 begins, so that depth does not drown what was there before.
            weights *= (2 * self.BLOCKS)**-0.5 if rows != "x" else 1
            weights, bias = self.in_stream(weights), self.in_stream(bias)
        if scaled:
            weights[self.SCALED] /= self.SCALE
        product = self.add("MatMul", rows, self.constant(weights))
        return self.add("Add", product, self.constant(bias), result=result)

    def in_stream(self, numbers: np.ndarray) -> np.ndarray:
        """With what is written to the channels that stand out."""
        numbers[..., self.LOUD] *= self.LOUDNESS
        return numbers

    def normalized(self, rows: str) -> str:
        """Loud channels raise the deviation, so all but those are raised again."""
        deviation = (1 + (self.LOUDNESS**2 - 1) * len(self.LOUD) / self.WIDTH) ** 0.5
        factors = deviation * self.generator.normal(1, 0.1, self.WIDTH)
        factors[self.LOUD] /= self.LOUDNESS
        factors[self.SCALED] *= self.SCALE
        return self.add("LayerNormalization", rows, self.constant(factors),
                        self.weight(self.WIDTH, scale=0.1), axis=-1)

    def attention(self, rows: str) -> str:
        """Of each token to all."""
        head = self.WIDTH // self.HEADS
        queries, keys, values = (
            self.add("Transpose", self.add(
                "Reshape", self.layer(rows, self.WIDTH, self.WIDTH, scaled=True),
                self.integers([1, self.TOKENS, self.HEADS, head])), perm=order)
            for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]))
        scores = self.add("Mul", self.add("MatMul", queries, keys),
                          self.constant(np.array(head**-0.5)))
        mixed = self.add("MatMul", self.add("Softmax", scores, axis=-1), values)
        mixed = self.add("Reshape", self.add("Transpose", mixed, perm=[0, 2, 1, 3]),
                         self.integers([1, self.TOKENS, self.WIDTH]))
        return self.layer(mixed, self.WIDTH, self.WIDTH, into_stream=True)

    def gelu(self, rows: str) -> str:
        """x / 2 · (1 + erf(x / √2)), as exporters write it."""
        error = self.add("Erf", self.add("Div", rows, self.constant(np.array(2**0.5))))
        raised = self.add("Add", error, self.constant(np.array(1)))
        return self.add("Mul", self.add("Mul", rows, raised), self.constant(np.array(0.5)))

    def integers(self, numbers: list[int] | int) -> str:
        """Adds a shape or an index; returns its name."""
        name = f"integers{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(numbers, np.int64), name))
        return name

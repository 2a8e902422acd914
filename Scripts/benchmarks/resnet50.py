"""Writes ResNet-50 v1 in int8 with random weights, as no repository at hand has it trained.

Shapes, and thus work and schedules, are those of the real network; weights compress as normally
distributed ones do. `python -m benchmarks.resnet50 FILE` runs where LiteRT is set up.
"""

import sys
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from operator_models.model import Case, Operator, Quantization, Tensor, feed, file_bytes, fixed

ACTIVATION = Quantization((0.05,), (-128,))
PROBABILITY = Quantization((1 / 256,), (-128,))
RELU = 1
# Of each stage: blocks, and the channels within one; its result has four times as many.
STAGES = [(3, 64), (4, 128), (6, 256), (3, 512)]


class Network:
    """The operators so far; each method adds some, and returns what they compute."""

    def __init__(self) -> None:
        self.operators: list[Operator] = []
        self.random = np.random.default_rng(50)

    def add(self, kind: str, operands: list[Tensor], shape: tuple[int, ...], options: object,
            quantization: Quantization = ACTIVATION) -> Tensor:
        """Any operator with one result."""
        result = Tensor("result", "i8", shape, quantization)
        self.operators.append(Operator(kind, operands, [result], options))
        return result

    def weights(self, shape: tuple[int, ...]) -> list[Tensor]:
        """Normally distributed weights with a scale per output channel, and biases of zero."""
        channels, fan_in = shape[0], int(np.prod(shape[1:]))
        scale = (1 / (30 * fan_in ** 0.5),) * channels
        zeros = (0,) * channels
        values = np.clip(self.random.normal(0, 30, shape).round(), -127, 127)
        bias_scale = tuple(each * ACTIVATION.scale for each in scale)
        return [fixed(values, "i8", Quantization(scale, zeros)),
                fixed(np.zeros(channels), "i32", Quantization(bias_scale, zeros))]

    def convolution(self, image: Tensor, channels: int, kernel: int, stride: int = 1,
                    activation: int = RELU) -> Tensor:
        """A square convolution with padding `same`."""
        _, height, width, depth = image.shape
        shape = (1, -(-height // stride), -(-width // stride), channels)
        options = schema.Conv2DOptionsT(padding=0, strideH=stride, strideW=stride,
                                        fusedActivationFunction=activation)
        weights = self.weights((channels, kernel, kernel, depth))
        return self.add("CONV_2D", [image, *weights], shape, options)

    def pool(self, kind: str, image: Tensor, size: int, stride: int, side: int) -> Tensor:
        """A square pool; one over the whole image needs no padding."""
        padding = 1 if side == 1 else 0
        options = schema.Pool2DOptionsT(padding=padding, strideH=stride, strideW=stride,
                                        filterHeight=size, filterWidth=size)
        return self.add(kind, [image], (1, side, side, image.shape[3]), options)

    def bottleneck(self, image: Tensor, channels: int, stride: int) -> Tensor:
        """A block of three convolutions around which its operand is led, projected if need be."""
        branch = self.convolution(image, channels, 1, stride)
        branch = self.convolution(branch, channels, 3)
        branch = self.convolution(branch, 4 * channels, 1, activation=0)
        if image.shape != branch.shape:
            image = self.convolution(image, 4 * channels, 1, stride, activation=0)
        options = schema.AddOptionsT(fusedActivationFunction=RELU)
        return self.add("ADD", [image, branch], branch.shape, options)


def resnet50() -> Case:
    """The network for images of 224 × 224."""
    network = Network()
    image = network.convolution(feed("i8", (1, 224, 224, 3), ACTIVATION), 64, 7, stride=2)
    image = network.pool("MAX_POOL_2D", image, size=3, stride=2, side=56)
    for stage, (blocks, channels) in enumerate(STAGES):
        for block in range(blocks):
            image = network.bottleneck(image, channels, 2 if stage > 0 and block == 0 else 1)
    features = network.pool("AVERAGE_POOL_2D", image, size=7, stride=1, side=1)
    flat = network.add("RESHAPE", [features, fixed([1, 2048])], (1, 2048),
                       schema.ReshapeOptionsT(newShape=[1, 2048]))
    weights, bias = network.weights((1000, 2048))
    logits = network.add("FULLY_CONNECTED", [flat, weights, bias], (1, 1000),
                         schema.FullyConnectedOptionsT())
    network.add("SOFTMAX", [logits], (1, 1000), schema.SoftmaxOptionsT(beta=1), PROBABILITY)
    return Case("RESNET50", "i8", "random", network.operators)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(file_bytes(resnet50(), {}, seed=0))

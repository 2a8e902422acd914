"""Networks for measurements that come from no file: published topologies, with seeded weights."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Seeded:
    """Builds a classifier: an image of 224 by 224 in, 1000 classes out."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.generator = np.random.default_rng(seed)

    def write(self, path: Path, image: str, channels: int) -> None:
        """Ends with a classifier of what is averaged over an image, and writes the file."""
        row = self.add("Flatten", self.add("GlobalAveragePool", image))
        classes = self.weight(1000, channels, scale=0.05)
        self.add("Gemm", row, classes, self.weight(1000, scale=0.05), result="y", transB=1)
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 224, 224])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1000])], self.weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)

    def convolution(self, image: str, channels: int, filters: int, kernel: int, stride: int,
                    groups: int = 1) -> str:
        """A convolution that keeps the extents but for the stride, and its batch normalization."""
        inner = channels // groups
        scale = (2 / (inner * kernel**2)) ** 0.5
        sums = self.add("Conv", image, self.weight(filters, inner, kernel, kernel, scale=scale),
                        strides=[stride] * 2, pads=[kernel // 2] * 4, kernel_shape=[kernel] * 2,
                        group=groups)
        parameters = [self.weight(filters, mean=mean, scale=0.1) for mean in (0.7, 0, 0)]
        return self.add("BatchNormalization", sums, *parameters, self.constant(np.ones(filters)))

    def add(self, kind: str, *operands: str, result: str = "", **attributes: object) -> str:
        """Adds a node; returns the name of its result."""
        result = result or f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, operands, [result], **attributes))
        return result

    def weight(self, *shape: int, mean: float = 0, scale: float = 1) -> str:
        """Adds normal noise."""
        return self.constant(self.generator.normal(mean, scale, shape))

    def constant(self, numbers: np.ndarray) -> str:
        """Adds a tensor; returns its name."""
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(numbers.astype(np.float32), name))
        return name


class ResNet18(Seeded):
    """Convolutions of 3 by 3, each normalized, around which sums lead."""

    def __init__(self) -> None:
        super().__init__("resnet18", seed=18)

    def write(self, path: Path) -> None:
        """Writes the file."""
        image = self.add("Relu", self.convolution("x", 3, 64, kernel=7, stride=2))
        image = self.add("MaxPool", image, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        channels = 64
        for filters in (64, 128, 256, 512):
            image = self.block(image, channels, filters, stride=filters // channels)
            image = self.block(image, filters, filters, stride=1)
            channels = filters
        super().write(path, image, channels)

    def block(self, image: str, channels: int, filters: int, stride: int) -> str:
        """Two convolutions, and a sum with the image, or with a smaller form of it."""
        inner = self.add("Relu", self.convolution(image, channels, filters, 3, stride))
        outer = self.convolution(inner, filters, filters, 3, 1)
        if stride > 1:
            image = self.convolution(image, channels, filters, 1, stride)
        return self.add("Relu", self.add("Add", outer, image))


class MobileNetV2(Seeded):
    """Depthwise convolutions between expansion and projection (Sandler et al. 2018, table 2)."""

    # Expansion, channels, repetitions, stride of the first.
    BLOCKS = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
              (6, 160, 3, 2), (6, 320, 1, 1)]

    def __init__(self) -> None:
        super().__init__("mobilenet-v2", seed=2)
        self.limits = [self.constant(np.array(limit)) for limit in (0, 6)]

    def write(self, path: Path) -> None:
        """Writes the file."""
        image, channels = self.clipped(self.convolution("x", 3, 32, 3, 2)), 32
        for expansion, filters, repetitions, stride in self.BLOCKS:
            for number in range(repetitions):
                image = self.block(image, channels, filters, expansion,
                                   stride if number == 0 else 1)
                channels = filters
        super().write(path, self.clipped(self.convolution(image, channels, 1280, 1, 1)), 1280)

    def block(self, image: str, channels: int, filters: int, expansion: int, stride: int) -> str:
        """An inverted residual."""
        inner, wide = image, channels * expansion
        if expansion > 1:
            inner = self.clipped(self.convolution(inner, channels, wide, 1, 1))
        inner = self.clipped(self.convolution(inner, wide, wide, 3, stride, groups=wide))
        inner = self.convolution(inner, wide, filters, 1, 1)
        return self.add("Add", image, inner) if stride == 1 and channels == filters else inner

    def clipped(self, image: str) -> str:
        """ReLU6."""
        return self.add("Clip", image, *self.limits)

"""A network for measurements that comes from no file: ResNet-18, with seeded weights."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class ResNet18:
    """The published topology: convolutions of 3 by 3, each normalized, around which sums lead."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.generator = np.random.default_rng(18)

    def write(self, path: Path) -> None:
        """Writes the file: an image of 224 by 224 in, 1000 classes out."""
        image = self.add("Relu", self.convolution("x", 3, 64, kernel=7, stride=2))
        image = self.add("MaxPool", image, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        channels = 64
        for filters in (64, 128, 256, 512):
            image = self.block(image, channels, filters, stride=filters // channels)
            image = self.block(image, filters, filters, stride=1)
            channels = filters
        row = self.add("Flatten", self.add("GlobalAveragePool", image))
        classes = self.weight(1000, channels, scale=0.05)
        self.add("Gemm", row, classes, self.weight(1000, scale=0.05), result="y", transB=1)
        graph = helper.make_graph(
            self.nodes, "resnet18",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 224, 224])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1000])], self.weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)

    def block(self, image: str, channels: int, filters: int, stride: int) -> str:
        """Two convolutions, and a sum with the image, or with a smaller form of it."""
        inner = self.add("Relu", self.convolution(image, channels, filters, 3, stride))
        outer = self.convolution(inner, filters, filters, 3, 1)
        if stride > 1:
            image = self.convolution(image, channels, filters, 1, stride)
        return self.add("Relu", self.add("Add", outer, image))

    def convolution(self, image: str, channels: int, filters: int, kernel: int,
                    stride: int) -> str:
        """A convolution that keeps the extents but for the stride, and its batch normalization."""
        scale = (2 / (channels * kernel**2)) ** 0.5
        sums = self.add("Conv", image, self.weight(filters, channels, kernel, kernel, scale=scale),
                        strides=[stride] * 2, pads=[kernel // 2] * 4, kernel_shape=[kernel] * 2)
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

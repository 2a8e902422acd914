"""Writes a TFLite network of unsigned bytes as one of signed bytes, with a scale for each channel.

Published figures are of such networks, whose weights compress less well; shapes and values between
layers stay what they are. `python -m benchmarks.int8_weights FROM.tflite TO.tflite` runs where
LiteRT is set up.
"""

import sys
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

# The operators with weights, and the axis of their channels; none where all have one scale.
CHANNEL_AXES = {
    schema.BuiltinOperator.CONV_2D: 0,
    schema.BuiltinOperator.DEPTHWISE_CONV_2D: 3,
    schema.BuiltinOperator.FULLY_CONNECTED: None,
}
# Those versions of operators that take signed bytes.
VERSIONS = {
    schema.BuiltinOperator.CONV_2D: 3, schema.BuiltinOperator.DEPTHWISE_CONV_2D: 3,
    schema.BuiltinOperator.FULLY_CONNECTED: 4, schema.BuiltinOperator.ADD: 2,
    schema.BuiltinOperator.AVERAGE_POOL_2D: 2, schema.BuiltinOperator.SOFTMAX: 2,
}
# Biases stay well below the 32 bits that they have.
BIAS_LIMIT = 2.0 ** 30


class Network:
    """A model with one graph, whose tensors are changed in place."""

    def __init__(self, file: bytes) -> None:
        self.model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(file, 0))
        self.graph = self.model.subgraphs[0]
        self.kinds = [max(code.builtinCode, code.deprecatedBuiltinCode)
                      for code in self.model.operatorCodes]

    def sign(self) -> None:
        """Makes signed bytes of all bytes: of weights anew, of others by moving zero points."""
        for operator in self.graph.operators:
            kind = self.kinds[operator.opcodeIndex]
            if kind in CHANNEL_AXES:
                self.sign_weights(operator, CHANNEL_AXES[kind])
        for tensor in self.graph.tensors:
            if tensor.type == schema.TensorType.UINT8:
                tensor.type = schema.TensorType.INT8
                set_steps(tensor, tensor.quantization.scale,
                          np.asarray(tensor.quantization.zeroPoint) - 128)
        for code, kind in zip(self.model.operatorCodes, self.kinds):
            code.version = VERSIONS.get(kind, code.version)

    def sign_weights(self, operator: schema.OperatorT, axis: int | None) -> None:
        """Rounds weights and biases of an operator to steps of the channels."""
        image, weights, bias = (self.graph.tensors[index] for index in operator.inputs)
        real, real_bias = self.real(weights, np.uint8), self.real(bias, np.int32)
        image_scale = float(image.quantization.scale[0])
        extents = np.abs(real).max(axis=tuple(set(range(real.ndim)) - {axis}))
        least = np.abs(real_bias) / (image_scale * BIAS_LIMIT)
        scales = np.maximum(extents / 127, least if axis is not None else least.max())
        scales = np.atleast_1d(np.maximum(scales, 1e-12).astype(np.float32))
        shape = [-1 if each == axis else 1 for each in range(real.ndim)]
        self.store(weights, (real / scales.reshape(shape)).round().clip(-127, 127), np.int8)
        weights.type = schema.TensorType.INT8
        set_steps(weights, scales, np.zeros(len(scales)), axis or 0)
        bias_scales = scales.astype(np.float64) * image_scale
        self.store(bias, (real_bias / bias_scales).round(), np.int32)
        set_steps(bias, bias_scales, np.zeros(len(scales)))

    def real(self, tensor: schema.TensorT, kind: type) -> np.ndarray:
        """The numbers that a constant stands for."""
        data = bytes(self.model.buffers[tensor.buffer].data)
        steps = np.frombuffer(data, kind).astype(np.float64).reshape(tensor.shape)
        return (steps - int(tensor.quantization.zeroPoint[0])) * float(tensor.quantization.scale[0])

    def store(self, tensor: schema.TensorT, values: np.ndarray, kind: type) -> None:
        """Other numbers for a constant."""
        data = np.frombuffer(values.astype(kind).tobytes(), np.uint8)
        self.model.buffers[tensor.buffer].data = data

    @property
    def file(self) -> bytes:
        """The model as a file."""
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def set_steps(tensor: schema.TensorT, scales: np.ndarray, zero_points: np.ndarray,
              axis: int = 0) -> None:
    """Gives a tensor scales and zero points; ranges that it was trained with are forgotten."""
    quantization = tensor.quantization
    quantization.scale = np.asarray(scales, np.float32)
    quantization.zeroPoint = np.asarray(zero_points, np.int64)
    quantization.quantizedDimension = axis
    quantization.min = quantization.max = None


def signed(file: bytes) -> bytes:
    """The network of signed bytes."""
    network = Network(file)
    network.sign()
    return network.file


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(signed(Path(sys.argv[1]).read_bytes()))

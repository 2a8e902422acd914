"""Pooling over windows."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .convolutions import Window, padding
from .model import Case, case, feed, result
from .quantizations import quantized, usual

WINDOWS = [
    Window("valid", kernel=(2, 2), stride=(2, 2), padding="valid"),
    Window("same", kernel=(3, 3)),
    Window("stride2-same", kernel=(3, 3), stride=(2, 2)),
    Window("kernel2x3-stride1x2-valid", kernel=(2, 3), stride=(1, 2), padding="valid"),
    Window("kernel1x1-stride2", kernel=(1, 1), stride=(2, 2)),
    Window("stride-over-kernel-valid", image=(1, 9, 9, 5), kernel=(2, 2), stride=(3, 3),
           padding="valid"),
    Window("global", kernel=(7, 6), padding="valid"),
    Window("kernel-larger-than-image-same", image=(1, 3, 2, 5), kernel=(5, 5)),
    Window("kernel17-same", image=(1, 20, 19, 3), kernel=(17, 17), stride=(4, 4)),
    Window("batch3-channels33", image=(3, 5, 4, 33), kernel=(2, 2)),
    Window("relu", kernel=(3, 3), activation=1),
    Window("relu-n1", kernel=(3, 3), activation=2),
    Window("relu6", kernel=(3, 3), activation=3),
]


def cases() -> Iterator[Case]:
    """All of the family."""
    for operator, types in [("AVERAGE_POOL_2D", ["f32", "i8", "u8", "i16"]),
                            ("MAX_POOL_2D", ["f32", "i8", "u8", "i16"]),
                            ("L2_POOL_2D", ["f32"])]:
        for type in types:
            for window in WINDOWS:
                yield pool(operator, type, window)
            # So coarse that the fused activation lies within the range.
            if coarse := {"i8": (0.1, 10), "u8": (0.1, 138), "i16": (0.001, 0)}.get(type):
                window = Window("relu6-coarse", kernel=(3, 3), activation=3)
                yield pool(operator, type, window, coarse)


def pool(operator: str, type: str, window: Window, pair: tuple[float, int] | None = None) -> Case:
    """One pool, whose result has the quantization of its operand."""
    options = schema.Pool2DOptionsT(
        padding=padding(window.padding), strideH=window.stride[0], strideW=window.stride[1],
        filterHeight=window.kernel[0], filterWidth=window.kernel[1],
        fusedActivationFunction=window.activation)
    quantization = quantized(*pair) if pair else usual(type)
    return case(operator, type, window.name, [feed(type, window.image, quantization)],
                result(type, quantization), options)

"""Convolutions: 2-D, grouped, per channel, transposed, and 3-D."""

from collections.abc import Iterator
from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

from .model import Case, Quantization, Tensor, case, feed, fixed, noise, result
from .quantizations import biases, per_channel, products, quantized, usual

ACTIVATIONS = {"relu": 1, "relu-n1": 2, "relu6": 3}
BIAS_RANGE = (-20000, 20000)


@dataclass(frozen=True)
class Window:
    """What the cases of the 2-D convolutions vary; extents are of height and width."""

    name: str
    image: tuple[int, int, int, int] = (1, 7, 6, 5)
    kernel: tuple[int, int] = (3, 3)
    channels: int = 6  # of the result
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: str = "same"
    activation: int = 0
    groups: int = 1
    multiplier: int = 1  # of a depthwise convolution
    factor: float = 1  # of the result's scale
    has_bias: bool = True


SHARED = [
    Window("valid", padding="valid"),
    Window("same"),
    Window("pointwise", kernel=(1, 1)),
    Window("kernel1x5-same", kernel=(1, 5)),
    Window("kernel4x2-valid", kernel=(4, 2), padding="valid"),
    Window("kernel2x2-same", kernel=(2, 2)),
    Window("kernel-larger-than-image-same", image=(1, 3, 2, 5), kernel=(5, 5)),
    Window("kernel-of-image-valid", kernel=(7, 6), padding="valid"),
    Window("stride2-same", stride=(2, 2)),
    Window("stride2-valid", stride=(2, 2), padding="valid"),
    Window("stride2-same-relu6", stride=(2, 2), activation=3),
    Window("stride3x1-same", image=(1, 10, 7, 5), stride=(3, 1)),
    Window("stride-over-kernel-valid", image=(1, 9, 9, 5), kernel=(2, 2), stride=(3, 3),
           padding="valid"),
    Window("dilation2-same", image=(1, 9, 8, 5), dilation=(2, 2)),
    Window("dilation2x3-valid", image=(1, 9, 10, 5), dilation=(2, 3), padding="valid"),
    Window("dilation2-stride2-same", image=(1, 9, 8, 5), dilation=(2, 2), stride=(2, 2)),
    Window("relu", activation=1),
    Window("relu-n1", activation=2),
    Window("relu6-coarse", activation=3, factor=8),
    Window("batch3", image=(3, 5, 4, 5)),
    Window("result-fine", factor=1 / 300),
    Window("result-coarse", factor=50),
]
CONV = SHARED + [
    Window("one-channel", image=(1, 6, 6, 1), channels=1),
    Window("channels16-to-17", image=(1, 5, 5, 16), channels=17),
    Window("channels33-to-31-pointwise", image=(1, 4, 5, 33), channels=31, kernel=(1, 1)),
    Window("channels128-valid", image=(1, 3, 3, 128), channels=8, padding="valid"),
    Window("groups2", image=(1, 6, 5, 4), channels=6, groups=2),
    Window("groups5-stride2-valid", image=(1, 7, 6, 5), channels=10, groups=5, stride=(2, 2),
           padding="valid"),
]
DEPTHWISE = SHARED + [
    # A bias that is left out, which LiteRT's CONV_2D always has.
    Window("no-bias", has_bias=False),
    Window("one-channel", image=(1, 6, 6, 1)),
    Window("channels33", image=(1, 5, 5, 33)),
    Window("multiplier2-same", multiplier=2),
    Window("multiplier3-stride2-valid", multiplier=3, stride=(2, 2), padding="valid"),
    Window("multiplier8-one-channel", image=(1, 6, 6, 1), multiplier=8),
    Window("multiplier2-dilation2-same", image=(1, 9, 8, 5), multiplier=2, dilation=(2, 2)),
]
# Types as in the files' names: of the image, and after an "x" of the weights if they have another.
TYPES = ["f32", "i8", "u8", "i16", "f32xi8"]


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in TYPES:
        for window in CONV:
            yield conv_2d(type, window)
        for window in DEPTHWISE:
            yield depthwise_conv_2d(type, window)
    for window in [Window("per-tensor"), Window("per-tensor-stride2-valid-relu6", stride=(2, 2),
                                                padding="valid", activation=3)]:
        yield conv_2d("i8", window, is_per_channel=False)
        yield depthwise_conv_2d("i8", window, is_per_channel=False)
    for zero_point in [-128, 127]:
        window = Window(f"zero-point{zero_point}")
        yield conv_2d("i8", window, zero_point)
        yield depthwise_conv_2d("i8", window, zero_point)
    for type in ["i8xi4", "f32xi4"]:
        for window in [Window("same"), Window("stride2-valid-relu6", stride=(2, 2),
                                              padding="valid", activation=3)]:
            yield conv_2d(type, window)
            yield depthwise_conv_2d(type, window)
    for type in ["f32", "i8", "u8", "i16"]:
        yield from transpose_convs(type)
    yield from conv_3ds()
    yield from conv_3d_transposes()


def padding(name: str) -> int:
    """The schema's number of a padding."""
    return {"same": schema.Padding.SAME, "valid": schema.Padding.VALID}[name]


def conv_2d(type: str, window: Window, zero_point: int | None = None,
            is_per_channel: bool = True) -> Case:
    """A convolution of all channels, or of those of a group."""
    depth = window.image[3] // window.groups
    options = schema.Conv2DOptionsT(
        padding=padding(window.padding), strideH=window.stride[0], strideW=window.stride[1],
        dilationHFactor=window.dilation[0], dilationWFactor=window.dilation[1],
        fusedActivationFunction=window.activation)
    terms = window.kernel[0] * window.kernel[1] * depth
    operands, output = weighted(type, window, (window.channels, *window.kernel, depth), 0, terms,
                                zero_point, is_per_channel)
    return case("CONV_2D", type, window.name, operands, output, options)


def depthwise_conv_2d(type: str, window: Window, zero_point: int | None = None,
                      is_per_channel: bool = True) -> Case:
    """A convolution of each channel by itself."""
    options = schema.DepthwiseConv2DOptionsT(
        padding=padding(window.padding), strideH=window.stride[0], strideW=window.stride[1],
        dilationHFactor=window.dilation[0], dilationWFactor=window.dilation[1],
        fusedActivationFunction=window.activation, depthMultiplier=window.multiplier)
    shape = (1, *window.kernel, window.image[3] * window.multiplier)
    operands, output = weighted(type, window, shape, 3, window.kernel[0] * window.kernel[1],
                                zero_point, is_per_channel)
    if not window.has_bias:
        operands = operands[:2]  # LiteRT refuses a third operand that is marked as left out
    return case("DEPTHWISE_CONV_2D", type, window.name, operands, output, options)


def weighted(type: str, window: Window, shape: tuple[int, ...], axis: int, terms: int,
             zero_point: int | None, is_per_channel: bool) -> tuple[list[Tensor | None], Tensor]:
    """The image, the weights and the bias of a convolution, and its result."""
    channels = shape[axis]
    if type.startswith("f32"):
        weights = (noise(type[4:], shape, per_channel(channels, 0.005, axis), limits(type))
                   if type != "f32" else noise("f32", shape))
        bias = noise("f32", (channels,)) if window.has_bias else None
        return [feed("f32", window.image), weights, bias], result("f32")
    weight_type = {"u8": "u8", "i8xi4": "i4"}.get(type, "i8")
    range, type = limits(type), type.split("x")[0]
    image = usual(type)
    assert image
    if zero_point is not None:
        image = quantized(image.scale, zero_point)
    scheme = weight_quantization(type, channels, axis, is_per_channel)
    weights = noise(weight_type, shape, scheme, range)
    bias = (noise("i64" if type == "i16" else "i32", (channels,), biases(image, scheme), BIAS_RANGE)
            if window.has_bias else None)
    output = result(type, products(image, scheme, terms, type, window.factor))
    return [feed(type, window.image, image), weights, bias], output


def limits(type: str) -> tuple[int, int]:
    """What weights may hold; symmetric ones leave out the lowest number."""
    if type == "u8":
        return (0, 255)
    return (-7, 7) if type.endswith("xi4") else (-127, 127)


def weight_quantization(type: str, channels: int, axis: int,
                        is_per_channel: bool = True) -> Quantization:
    """Of unsigned weights one pair with a zero point, else by preference a scale per channel."""
    if type == "u8":
        return quantized(0.005, 131)
    return per_channel(channels, 0.005, axis) if is_per_channel else quantized(0.005)


TRANSPOSED = [
    Window("stride1-same"),
    Window("stride2-same", stride=(2, 2)),
    Window("stride2-valid", stride=(2, 2), padding="valid"),
    Window("stride3x2-same", stride=(3, 2)),
    Window("stride2-kernel2-valid", stride=(2, 2), kernel=(2, 2), padding="valid"),
    Window("kernel1x4-valid", kernel=(1, 4), padding="valid"),
    Window("stride-over-kernel-valid", stride=(3, 3), kernel=(2, 2), padding="valid"),
    Window("stride2-same-relu6", stride=(2, 2), activation=3),
    Window("batch2-no-bias", image=(2, 4, 3, 5), has_bias=False),
    Window("channels16-to-17", image=(1, 4, 4, 16), channels=17, stride=(2, 2)),
    Window("relu", activation=1),
]


def transpose_convs(type: str) -> Iterator[Case]:
    """The gradient of a convolution; the shape of the result is an operand."""
    for window in TRANSPOSED:
        shape = (window.channels, *window.kernel, window.image[3])
        terms = window.kernel[0] * window.kernel[1] * window.image[3]
        (image, weights, bias), output = weighted(type, window, shape, 0, terms, None, True)
        extents = [
            size * stride if window.padding == "same" else (size - 1) * stride + max(kernel, stride)
            for size, stride, kernel in zip(window.image[1:3], window.stride, window.kernel)]
        operands = [fixed([window.image[0], *extents, window.channels]), weights, image]
        options = schema.TransposeConvOptionsT(
            padding=padding(window.padding), strideH=window.stride[0], strideW=window.stride[1],
            fusedActivationFunction=window.activation)
        yield case("TRANSPOSE_CONV", type, window.name,
                   operands + ([bias] if bias else []), output, options)


def conv_3ds() -> Iterator[Case]:
    """Convolutions of volumes, which only floats have."""
    for name, pad, stride, dilation, activation, batch in [
            ("same", "same", (1, 1, 1), (1, 1, 1), 0, 1),
            ("valid", "valid", (1, 1, 1), (1, 1, 1), 0, 1),
            ("stride2x1x2-same", "same", (2, 1, 2), (1, 1, 1), 0, 1),
            ("dilation1x2x2-valid", "valid", (1, 1, 1), (1, 2, 2), 0, 1),
            ("batch2-relu6", "same", (1, 1, 1), (1, 1, 1), 3, 2)]:
        operands = [feed("f32", (batch, 4, 6, 7, 3)), noise("f32", (2, 3, 3, 3, 5)),
                    noise("f32", (5,))]
        options = schema.Conv3DOptionsT(
            padding=padding(pad), strideD=stride[0], strideH=stride[1], strideW=stride[2],
            dilationDFactor=dilation[0], dilationHFactor=dilation[1], dilationWFactor=dilation[2],
            fusedActivationFunction=activation)
        yield case("CONV_3D", "f32", name, operands, result("f32"), options)


def conv_3d_transposes() -> Iterator[Case]:
    """The gradient of a convolution of volumes; the shape of the result is an operand."""
    for name, pad, stride, dilation, activation, size in [
            ("same", "same", (1, 1, 1), (1, 1, 1), 0, (3, 4, 5)),
            ("valid", "valid", (1, 1, 1), (1, 1, 1), 0, (4, 6, 7)),
            ("stride2x1x2-same", "same", (2, 1, 2), (1, 1, 1), 0, (6, 4, 10)),
            ("stride2-valid", "valid", (2, 2, 2), (1, 1, 1), 0, (7, 10, 11)),
            ("dilation1x2x2-valid", "valid", (1, 1, 1), (1, 2, 2), 0, (4, 8, 9)),
            ("stride2-relu6", "same", (2, 2, 2), (1, 1, 1), 3, (5, 7, 10))]:
        for has_bias in [True, False]:
            operands = [fixed([2, *size, 5]), noise("f32", (2, 3, 3, 5, 3)),
                        feed("f32", (2, 3, 4, 5, 3)), *([noise("f32", (5,))] if has_bias else [])]
            options = schema.Conv3DOptionsT(
                padding=padding(pad), strideD=stride[0], strideH=stride[1], strideW=stride[2],
                dilationDFactor=dilation[0], dilationHFactor=dilation[1],
                dilationWFactor=dilation[2], fusedActivationFunction=activation)
            yield case("CONV_3D_TRANSPOSE", "f32", name if has_bias else f"{name}-no-bias",
                       operands, result("f32"), options)

"""Matrix products: fully connected layers and BATCH_MATMUL."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .convolutions import ACTIVATIONS, BIAS_RANGE, limits, weight_quantization
from .model import Case, case, feed, noise, result
from .quantizations import biases, products, quantized, usual


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in ["f32", "i8", "u8", "i16", "f32xi8"]:
        yield from fully_connecteds(type)
    for zero_point in [-128, 127]:
        yield fully_connected("i8", f"zero-point{zero_point}", (2, 9), 7, zero_point=zero_point)
    yield fully_connected("i8", "per-tensor", (2, 9), 7, is_per_channel=False)
    for type in ["i8xi4", "f32xi4"]:
        yield fully_connected(type, "odd", (3, 13), 7, is_per_channel=False)
        yield fully_connected(type, "relu6", (3, 9), 8, activation=3)
    for type in ["f32", "i8", "i16", "f32xi8"]:
        yield from batch_matmuls(type)
    for name, left, right, options in [("sums", (2, 3, 5), (2, 5, 4), {}),
                                       ("sums-transposed", (2, 65, 3), (7, 65),
                                        {"adjX": True, "adjY": True})]:
        operands = [feed("i8", left, usual("i8")), feed("i8", right, usual("i8", 1))]
        yield case("BATCH_MATMUL", "i8", name, operands, result("i32"),
                   schema.BatchMatMulOptionsT(**options))


def fully_connecteds(type: str) -> Iterator[Case]:
    """Over ranks, sizes and fused activations."""
    yield fully_connected(type, "one-row", (1, 8), 5)
    yield fully_connected(type, "odd", (3, 13), 7)
    yield fully_connected(type, "wide", (2, 130), 33)
    yield fully_connected(type, "one-unit", (4, 17), 1)
    yield fully_connected(type, "one-term", (3, 1), 4)
    yield fully_connected(type, "no-bias", (2, 9), 7, has_bias=False)
    yield fully_connected(type, "rank1", (12,), 5)
    yield fully_connected(type, "rank3", (2, 3, 6), 5)
    yield fully_connected(type, "rank4-flattened", (2, 3, 2, 4), 5, terms=24)
    yield fully_connected(type, "rank3-keep-num-dims", (2, 3, 6), 5, keeps_axes=True)
    yield fully_connected(type, "rank4-keep-num-dims", (1, 2, 3, 6), 4, keeps_axes=True)
    for name, number in ACTIVATIONS.items():
        yield fully_connected(type, name, (3, 9), 8, activation=number)
    if type in ("i8", "u8", "i16"):
        yield fully_connected(type, "result-fine", (2, 9), 7, factor=1 / 300)
        yield fully_connected(type, "result-coarse", (2, 9), 7, factor=50)


def fully_connected(type: str, variant: str, shape: tuple[int, ...], units: int,
                    terms: int | None = None, activation: int = 0, keeps_axes: bool = False,
                    has_bias: bool = True, zero_point: int | None = None,
                    is_per_channel: bool = True, factor: float = 1) -> Case:
    """One layer; `terms` are the columns of the weights, if not the last extent."""
    weights_shape = (units, terms or shape[-1])
    options = schema.FullyConnectedOptionsT(fusedActivationFunction=activation,
                                            keepNumDims=keeps_axes)
    if type.startswith("f32"):
        weights = (noise(type[4:], weights_shape, quantized(0.005), limits(type))
                   if type != "f32" else noise("f32", weights_shape))
        operands = [feed("f32", shape), weights, noise("f32", (units,)) if has_bias else None]
        return case("FULLY_CONNECTED", type, variant, operands, result("f32"), options)

    weight_type = {"u8": "u8", "i8xi4": "i4"}.get(type, "i8")
    range, layer, type = limits(type), type, type.split("x")[0]
    rows = usual(type)
    assert rows
    if zero_point is not None:
        rows = quantized(rows.scale, zero_point)
    scheme = weight_quantization(type, units, 0, is_per_channel)
    weights = noise(weight_type, weights_shape, scheme, range)
    bias = noise("i64" if type == "i16" else "i32", (units,), biases(rows, scheme), BIAS_RANGE)
    output = result(type, products(rows, scheme, weights_shape[1], type, factor))
    return case("FULLY_CONNECTED", layer, variant,
                [feed(type, shape, rows), weights, bias if has_bias else None], output, options)


def batch_matmuls(type: str) -> Iterator[Case]:
    """Over transposed operands, batches that are broadcast, and a constant operand."""
    for name, left, right, options in [
            ("rank2", (3, 5), (5, 4), {}),
            ("rank3", (2, 3, 5), (2, 5, 4), {}),
            ("rank4", (2, 3, 4, 5), (2, 3, 5, 3), {}),
            ("rank5", (1, 2, 2, 3, 4), (1, 2, 2, 4, 3), {}),
            ("first-transposed", (2, 5, 3), (2, 5, 4), {"adjX": True}),
            ("second-transposed", (2, 3, 5), (2, 4, 5), {"adjY": True}),
            ("both-transposed", (2, 5, 3), (2, 4, 5), {"adjX": True, "adjY": True}),
            ("broadcast-second", (3, 2, 5), (1, 5, 4), {}),
            ("broadcast-first", (1, 2, 5), (3, 5, 4), {}),
            ("broadcast-both", (2, 1, 3, 5), (1, 3, 5, 2), {}),
            ("broadcast-rank", (2, 3, 4, 5), (5, 3), {}),
            ("wide", (1, 7, 65), (1, 65, 17), {}),
            ("one-row", (1, 1, 9), (1, 9, 4), {})]:
        yield batch_matmul(type, name, left, right, options, is_constant=False)
    yield batch_matmul(type, "constant", (2, 3, 5), (2, 5, 4), {}, is_constant=True)
    yield batch_matmul(type, "constant-second-transposed", (2, 3, 5), (4, 5), {"adjY": True},
                       is_constant=True)


def batch_matmul(type: str, variant: str, left: tuple[int, ...], right: tuple[int, ...],
                 options: dict[str, bool], is_constant: bool) -> Case:
    """One product; weights of another type than the activations are constant."""
    fields = schema.BatchMatMulOptionsT(**options)
    if type == "f32xi8":
        second = noise("i8", right, quantized(0.005), (-127, 127))
        return case("BATCH_MATMUL", type, variant, [feed("f32", left), second], result("f32"),
                    fields)
    second = (noise if is_constant else feed)(type, right, usual(type, 1))
    output = None
    first, scheme = usual(type), usual(type, 1)
    if first and scheme:
        terms = left[-2] if options.get("adjX") else left[-1]
        # The second operand is as wide as the first, unlike the weights of 8 bits.
        factor = 256 if type == "i16" else 1
        output = products(first, scheme, terms, type, factor)
    return case("BATCH_MATMUL", type, variant, [feed(type, left, first), second],
                result(type, output), fields)

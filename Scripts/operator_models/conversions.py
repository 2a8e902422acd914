"""Conversions between element types and between quantizations."""

from collections.abc import Iterator

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from .model import ELEMENT_TYPES, Case, Operator, Tensor, case, feed, noise, result
from .quantizations import per_channel, quantized, usual

CAST_TYPES = ["f32", "f16", "i8", "u8", "i16", "i32", "u32", "i64", "bool"]
SHAPES = {"rank4": (2, 3, 5, 3), "rank1": (17,), "rank0": ()}


def cases() -> Iterator[Case]:
    """All of the family."""
    for source in CAST_TYPES:
        for target in CAST_TYPES:
            yield from casts(source, target)
            yield bitcast(source, target)
    for type in ["i8", "u8", "i16"]:
        yield from quantizes(type)
        yield from requantizes(type)
        yield from dequantizes(type)
    yield widened_sum("f16", "constant", noise("f16", (3, 6)))
    yield from fake_quants()


def casts(source: str, target: str) -> Iterator[Case]:
    """From each type to each, within and beyond the range of the result."""
    codes = [getattr(schema.TensorType, ELEMENT_TYPES[type][0]) for type in (source, target)]
    ranges: dict[str, tuple[float, float] | None] = {"": None}
    if source in ("f32", "f16") and target not in ("f32", "f16", "bool"):
        ranges = {"": (0, 100) if target in ("u8", "u32") else (-100, 100)}
    elif source in ("i16", "i32", "i64"):
        ranges = {"": (0, 100), "-large": (-30000, 30000)}
    if source == "i64":
        ranges["-wide"] = None
    for suffix, range in ranges.items():
        for name, shape in SHAPES.items():
            yield case("CAST", source, f"to-{target}-{name}{suffix}",
                       [feed(source, shape, range=range)], result(target),
                       schema.CastOptionsT(*codes))


def bitcast(source: str, target: str) -> Case:
    """The same bytes; a last axis joins those of a wider element."""
    widths = [np.dtype(ELEMENT_TYPES[type][1]).itemsize for type in (source, target)]
    row = (widths[1] // widths[0],) if widths[1] > widths[0] else ()
    return case("BITCAST", source, f"to-{target}", [feed(source, (2, 3) + row)], result(target),
                schema.BitcastOptionsT())


def quantizes(type: str) -> Iterator[Case]:
    """Floats to integers, beyond their range too."""
    pairs = {"usual": usual(type), "coarse": quantized(0.5, {"i8": 3, "u8": 131, "i16": 0}[type]),
             "fine": quantized(0.001 if type != "i16" else 0.00001,
                               {"i8": -128, "u8": 0, "i16": 0}[type])}
    for name, pair in pairs.items():
        yield case("QUANTIZE", "f32", f"to-{type}-{name}", [feed("f32", (2, 3, 5, 7))],
                   result(type, pair), schema.QuantizeOptionsT())
    for axis in [0, 3]:
        channels = (4, 3, 5, 6)[axis]
        yield case("QUANTIZE", "f32", f"to-{type}-per-channel{axis}", [feed("f32", (4, 3, 5, 6))],
                   result(type, per_channel(channels, 0.02, axis)), schema.QuantizeOptionsT())


def requantizes(type: str) -> Iterator[Case]:
    """From one quantization to another."""
    for target in ["i8", "u8", "i16", "i32"]:
        outputs = {"usual": usual(target, 2) or quantized(0.0001)}
        if target != "i32" and (plain := usual(target)):
            zero = plain.zero_points[0]
            outputs |= {"coarse": quantized(plain.scale * 7.3, zero),
                        "fine": quantized(plain.scale / 11, zero), "equal": plain}
        for name, output in outputs.items():
            yield case("QUANTIZE", type, f"to-{target}-{name}",
                       [feed(type, (4, 64), usual(type))], result(target, output),
                       schema.QuantizeOptionsT())
    if type != "i16":
        plain = usual(type)
        other = "u8" if type == "i8" else "i8"
        shifted = quantized(plain.scale, plain.zero_points[0] + (128 if type == "i8" else -128))
        yield case("QUANTIZE", type, f"to-{other}-shifted", [feed(type, (4, 64), plain)],
                   result(other, shifted), schema.QuantizeOptionsT())


def dequantizes(type: str) -> Iterator[Case]:
    """Integers to floats, also with a scale per channel."""
    for name, shape in SHAPES.items():
        yield case("DEQUANTIZE", type, name, [feed(type, shape, usual(type))], result("f32"),
                   schema.DequantizeOptionsT())
    for axis in [0, 3]:
        channels = (4, 3, 5, 6)[axis]
        constant = noise(type, (4, 3, 5, 6), per_channel(channels, 0.02, axis))
        yield widened_sum(type, f"constant-per-channel{axis}", constant)


def widened_sum(type: str, variant: str, constant: Tensor) -> Case:
    """A constant as floats, and an input added to it."""
    widened = result("f32")
    return Case("DEQUANTIZE", type, variant, [
        Operator("DEQUANTIZE", [constant], [widened], schema.DequantizeOptionsT()),
        Operator("ADD", [widened, feed("f32", (6,))], [result("f32")], schema.AddOptionsT())])


def fake_quants() -> Iterator[Case]:
    """Floats rounded as if quantized; the range is moved so that zero is exact."""
    for name, low, high, bits, narrow in [
            ("8bits", -1.0, 1.0, 8, False), ("8bits-narrow", -1.0, 1.0, 8, True),
            ("positive", 0.0, 2.5, 8, False), ("shifted", -0.3, 2.0, 8, False),
            ("4bits", -1.5, 1.5, 4, False), ("16bits", -2.0, 2.0, 16, False)]:
        yield case("FAKE_QUANT", "f32", name, [feed("f32", (2, 3, 5, 7))], result("f32"),
                   schema.FakeQuantOptionsT(low, high, bits, narrow))

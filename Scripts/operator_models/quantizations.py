"""Scales and zero points for the tensors of the cases."""

import math

from .model import Quantization

# The standard deviation of a uniform integer of 8 bits.
SPREAD = 74

# Of three tensors that meet in an operator; together they cover about [−3, 3].
USUAL: dict[str, list[tuple[float, int]]] = {
    "i8": [(0.024, -3), (0.017, 11), (0.035, -20)],
    "u8": [(0.024, 125), (0.017, 139), (0.035, 108)],
    "i16": [(0.00010, 0), (0.00007, 0), (0.00015, 0)],
}

# Pairs for two operands and the result: zero points at their ends, and scales far apart.
EXTREMES: dict[str, dict[str, list[tuple[float, int]]]] = {
    "i8": {
        "zero-points-low": [(0.02, -128), (0.02, -128), (0.04, -128)],
        "zero-points-high": [(0.02, 127), (0.02, 127), (0.04, 127)],
        "zero-points-opposed": [(0.02, -128), (0.02, 127), (0.04, -128)],
        "first-tiny": [(0.00002, 5), (0.02, -7), (0.02, 3)],
        "second-tiny": [(0.02, 5), (0.00002, -7), (0.02, 3)],
        "result-coarse": [(0.02, 5), (0.03, -7), (5.0, 3)],
        "result-fine": [(0.02, 5), (0.03, -7), (0.0005, 3)],
    },
    "i16": {
        "first-tiny": [(1e-8, 0), (0.0001, 0), (0.0001, 0)],
        "result-coarse": [(0.0001, 0), (0.0002, 0), (0.01, 0)],
        "result-fine": [(0.0001, 0), (0.0002, 0), (0.000002, 0)],
    },
}
EXTREMES["u8"] = {name: [(scale, zero + 128) for scale, zero in pairs]
                  for name, pairs in EXTREMES["i8"].items()}


def quantized(scale: float, zero_point: int = 0) -> Quantization:
    """One pair for the whole tensor."""
    return Quantization((scale,), (zero_point,))


def usual(type: str, place: int = 0) -> Quantization | None:
    """Ordinary parameters for the operand of that place; `None` for types that have none."""
    return quantized(*USUAL[type][place]) if type in USUAL else None


def extremes(type: str) -> dict[str, list[Quantization]]:
    """By what is extreme about them, parameters of two operands and the result."""
    return {name: [quantized(*pair) for pair in pairs]
            for name, pairs in EXTREMES.get(type, {}).items()}


def per_channel(channels: int, scale: float, axis: int) -> Quantization:
    """Scales that differ by up to a factor of four, in no order."""
    scales = tuple(scale * 2 ** ((number * 5 % 7) / 3 - 1) for number in range(channels))
    return Quantization(scales, (0,) * channels, axis)


def products(operand: Quantization, weights: Quantization, terms: int, type: str,
             factor: float = 1) -> Quantization:
    """For sums of that many products: about three standard deviations fit, times a factor."""
    typical = math.sqrt(max(weights.scales) * min(weights.scales))
    spread = SPREAD if type != "i16" else SPREAD * 256
    scale = operand.scale * typical * spread * SPREAD * math.sqrt(terms) * 3
    if type == "i16":
        return quantized(scale / 32767 * factor)
    return quantized(scale / 127 * factor, {"i8": -9, "u8": 119}[type])


def biases(operand: Quantization, weights: Quantization) -> Quantization:
    """A bias has the scale of the products it is added to."""
    scales = tuple(operand.scale * scale for scale in weights.scales)
    return Quantization(scales, (0,) * len(scales))

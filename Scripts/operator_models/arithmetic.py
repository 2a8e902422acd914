"""Operators of two operands that are broadcast: arithmetic, comparisons and logic."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .convolutions import ACTIVATIONS
from .model import Case, Quantization, Tensor, case, feed, noise, result
from .quantizations import extremes, quantized, usual

Shape = tuple[int, ...]
PAIRS: dict[str, tuple[Shape, Shape]] = {
    "rank4": ((2, 3, 4, 5), (2, 3, 4, 5)),
    "rank1": ((13,), (13,)),
    "rank2": ((3, 7), (3, 7)),
    "rank5": ((1, 2, 3, 2, 3), (1, 2, 3, 2, 3)),
    "scalar-second": ((2, 3, 5), ()),
    "scalar-first": ((), (2, 3, 5)),
    "one-element-second": ((1, 3, 4, 5), (1,)),
    "channels-second": ((1, 3, 4, 5), (5,)),
    "channels-first": ((5,), (1, 3, 4, 5)),
    "rows-second": ((2, 3, 4, 5), (1, 3, 1, 1)),
    "broadcast-both": ((2, 1, 3), (1, 4, 3)),
    "broadcast-rank5": ((1, 2, 1, 2, 3), (2, 1, 3, 1, 3)),
}
# The options that an operator has, and the types that are tried.
ARITHMETIC: dict[str, tuple[type | None, list[str]]] = {
    "ADD": (schema.AddOptionsT, ["f32", "i8", "u8", "i16", "i32", "i64"]),
    "SUB": (schema.SubOptionsT, ["f32", "i8", "u8", "i16", "i32", "i64"]),
    "MUL": (schema.MulOptionsT, ["f32", "i8", "u8", "i16", "i32", "i64"]),
    "DIV": (schema.DivOptionsT, ["f32", "i8", "u8", "i16", "i32"]),
    "FLOOR_DIV": (schema.FloorDivOptionsT, ["f32", "i8", "i16", "i32"]),
    "FLOOR_MOD": (schema.FloorModOptionsT, ["f32", "i8", "i16", "i32", "i64"]),
    "POW": (schema.PowOptionsT, ["f32", "i32"]),
    "MAXIMUM": (schema.MaximumMinimumOptionsT, ["f32", "i8", "u8", "i16", "i32", "i64"]),
    "MINIMUM": (schema.MaximumMinimumOptionsT, ["f32", "i8", "u8", "i16", "i32", "i64"]),
    "SQUARED_DIFFERENCE": (schema.SquaredDifferenceOptionsT, ["f32", "i8", "i16", "i32"]),
    "ATAN2": (schema.ATan2OptionsT, ["f32"]),
}
COMPARISONS = {
    "EQUAL": schema.EqualOptionsT, "NOT_EQUAL": schema.NotEqualOptionsT,
    "LESS": schema.LessOptionsT, "LESS_EQUAL": schema.LessEqualOptionsT,
    "GREATER": schema.GreaterOptionsT, "GREATER_EQUAL": schema.GreaterEqualOptionsT,
}
FUSING = {"ADD", "SUB", "MUL", "DIV"}
# Operators that compare or copy, so that both operands and the result have one quantization.
COPYING = {"MAXIMUM", "MINIMUM"}
# Of which LiteRT reads operands of other shapes beyond their end.
SAME_SHAPE = {"ATAN2"}
DIVIDING = {"DIV", "FLOOR_DIV", "FLOOR_MOD"}


def cases() -> Iterator[Case]:
    """All of the family."""
    for kind, (options, types) in ARITHMETIC.items():
        for type in types:
            for name, shapes in PAIRS.items():
                if kind in SAME_SHAPE and shapes[0] != shapes[1]:
                    continue
                yield binary(kind, type, name, *shapes, options)
            second = (2, 3, 5) if kind in SAME_SHAPE else (5,)
            yield binary(kind, type, "constant-second", (2, 3, 5), second, options, second=noise)
            yield binary(kind, type, "constant-first", (2, 3, 5), (2, 3, 5), options, first=noise)
            yield from fused(kind, type, options)
            yield from extreme(kind, type, options)
    yield from powers_of_two()
    yield from bits()
    for type in ["f32", "i32"]:
        for count in [1, 2, 5]:
            yield case("ADD_N", type, f"operands{count}",
                       [feed(type, (2, 3, 5), range=(-1000, 1000)) for _ in range(count)],
                       result(type), schema.AddNOptionsT())
    yield from divisors()
    for kind, options in COMPARISONS.items():
        logical = ["bool"] if kind in ("EQUAL", "NOT_EQUAL") else []
        for type in ["f32", "i8", "u8", "i16", "i32", "i64", *logical]:
            yield from comparisons(kind, type, options)
    for kind, options in [("LOGICAL_AND", schema.LogicalAndOptionsT),
                          ("LOGICAL_OR", schema.LogicalOrOptionsT)]:
        for name, (left, right) in PAIRS.items():
            yield case(kind, "bool", name, [feed("bool", left), feed("bool", right)],
                       result("bool"), options())
    for name, shape in [("rank4", (2, 3, 4, 5)), ("rank1", (13,)), ("rank0", ())]:
        yield case("LOGICAL_NOT", "bool", name, [feed("bool", shape)], result("bool"),
                   schema.LogicalNotOptionsT())


def binary(kind: str, type: str, variant: str, left: Shape, right: Shape, options: type | None,
           first=feed, second=feed, pairs: list[Quantization] | None = None,
           **fields: object) -> Case:
    """One operator; `pairs` are the quantizations of its operands and its result."""
    if pairs is None and (plain := usual(type)):
        pairs = [plain] * 3 if kind in COPYING else [usual(type, place) for place in range(3)]
        if kind == "MUL":
            pairs[2] = quantized(pairs[0].scale * 2.5, pairs[2].zero_points[0])
    a, b, c = pairs or [None] * 3
    if kind == "ADD" or kind == "SUB":
        fields = {"potScaleInt16": False} | fields
    left_range, right_range = ranges(kind, type)
    operands: list[Tensor | None] = [first(type, left, a, left_range),
                                     second(type, right, b, right_range)]
    return case(kind, type, variant, operands, result(type, c), options and options(**fields))


def ranges(kind: str, type: str) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """What both operands may hold: no divisor is zero, and no power is beyond the type."""
    if kind == "POW":
        return ((0, 4), (-2, 3)) if type == "f32" else ((-4, 5), (0, 6))
    if kind in DIVIDING:
        if type == "f32":
            return None, (0.25, 3)
        if type in ("u8", "i8") and kind == "DIV":  # above the zero point of the second operand
            return None, (150, 255) if type == "u8" else (30, 127)
        return (-100, 100), (1, 9)
    if type in ("i32", "i64"):
        return (-1000, 1000), (-1000, 1000)
    return None, None


def fused(kind: str, type: str, options: type | None) -> Iterator[Case]:
    """Fused activations, also of a result so coarse that they lie within its range."""
    if kind not in FUSING:
        return
    for name, number in ACTIVATIONS.items():
        yield binary(kind, type, name, (2, 3, 5), (2, 3, 5), options,
                     fusedActivationFunction=number)
        yield binary(kind, type, f"broadcast-{name}", (2, 3, 5), (2, 1, 5), options,
                     fusedActivationFunction=number)
    # Small quotients in coarse steps LiteRT shifts by more bits than they have.
    if type in ("i8", "u8") and kind != "DIV":
        zero = 128 if type == "u8" else 0
        coarse = [quantized(0.05, zero + 9), quantized(0.07, zero - 11), quantized(0.1, zero - 3)]
        yield binary(kind, type, "relu6-coarse", (4, 16), (4, 16), options, pairs=coarse,
                     fusedActivationFunction=3)


def extreme(kind: str, type: str, options: type | None) -> Iterator[Case]:
    """Scales far apart and zero points at their ends."""
    if kind in COPYING or kind in DIVIDING:
        return
    for name, pairs in extremes(type).items():
        yield binary(kind, type, name, (4, 64), (4, 64), options, pairs=pairs)


def powers_of_two() -> Iterator[Case]:
    """The older arithmetic of 16 bits, which shifts by powers of two."""
    for kind, options in [("ADD", schema.AddOptionsT), ("SUB", schema.SubOptionsT)]:
        for name, exponents in [("equal", (-13, -13, -13)), ("first-finer", (-15, -13, -13)),
                                ("second-finer", (-13, -14, -13))]:
            pairs = [quantized(2.0 ** exponent) for exponent in exponents]
            yield binary(kind, "i16", f"power-of-two-{name}", (4, 16), (4, 16), options,
                         pairs=pairs, potScaleInt16=True)


def bits() -> Iterator[Case]:
    """Operators of bits; shifts by more than all of them, and by less than none."""
    for type in ["i8", "u8", "i16", "i32", "u32"]:
        for name, (left, right) in PAIRS.items():
            yield case("BITWISE_XOR", type, name, [feed(type, left), feed(type, right)],
                       result(type), schema.BitwiseXorOptionsT())
            low = 0 if type in ("u8", "u32") else -3
            yield case("RIGHT_SHIFT", type, name,
                       [feed(type, left), feed(type, right, range=(low, 40))],
                       result(type), schema.RightShiftOptionsT())


def divisors() -> Iterator[Case]:
    """Divisors below zero."""
    for kind, type in [("DIV", "f32"), ("DIV", "i32"), ("FLOOR_DIV", "f32"), ("FLOOR_DIV", "i32"),
                       ("FLOOR_MOD", "f32"), ("FLOOR_MOD", "i32"), ("FLOOR_MOD", "i64"),
                       ("FLOOR_DIV", "i8"), ("FLOOR_DIV", "i16")]:
        options = ARITHMETIC[kind][0]
        low = (-3, -0.25) if type == "f32" else (-9, -1)
        high = None if type == "f32" else (-100, 100)
        operands: list[Tensor | None] = [feed(type, (4, 16), range=high),
                                         feed(type, (4, 16), range=low)]
        yield case(kind, type, "negative-divisors", operands, result(type), options and options())


def comparisons(kind: str, type: str, options: type) -> Iterator[Case]:
    """Over shapes and quantizations; integers are few, so that equal ones meet."""
    few = (-3, 3) if type in ("i32", "i64") else None
    for name, (left, right) in PAIRS.items():
        yield case(kind, type, name, [feed(type, left, usual(type), few),
                                      feed(type, right, usual(type, 0), few)],
                   result("bool"), options())
    if usual(type):
        yield case(kind, type, "other-scale", [feed(type, (4, 64), usual(type)),
                                               feed(type, (4, 64), usual(type, 1))],
                   result("bool"), options())
        zero = usual(type).zero_points[0]
        yield case(kind, type, "few-values",
                   [feed(type, (4, 64), usual(type), (zero - 2, zero + 2)) for _ in range(2)],
                   result("bool"), options())

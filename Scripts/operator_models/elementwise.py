"""Functions of one operand, and the choice between two."""

from collections.abc import Iterator

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from .model import Case, Operator, case, feed, fixed, noise, result
from .quantizations import quantized, usual

SHAPES = {"rank4": (2, 3, 5, 3), "rank1": (17,), "rank2": (3, 33), "rank5": (1, 2, 3, 2, 5),
          "rank0": ()}
POSITIVE = (0.01, 9.0)
ALL = ["f32", "i8", "u8", "i16", "i32", "i64"]
# The options, and the range of floats where not all are meaningful.
UNARIES: dict[str, tuple[type | None, tuple[float, float] | None]] = {
    "ABS": (schema.AbsOptionsT, None), "NEG": (schema.NegOptionsT, None),
    "EXP": (schema.ExpOptionsT, None), "LOG": (None, POSITIVE), "SQRT": (None, (0.0, 9.0)),
    "RSQRT": (None, POSITIVE), "SQUARE": (schema.SquareOptionsT, None), "SIN": (None, (-9.0, 9.0)),
    "COS": (schema.CosOptionsT, (-9.0, 9.0)), "FLOOR": (None, (-9.0, 9.0)),
    "CEIL": (None, (-9.0, 9.0)), "ROUND": (None, (-9.0, 9.0)), "SIGN": (schema.SignOptionsT, None),
    "ZEROS_LIKE": (schema.ZerosLikeOptionsT, None),
}
# Of the quantized operand of functions of positive numbers: nothing lies below zero.
NONNEGATIVE = {"i8": (0.03, -128), "u8": (0.03, 0)}


def cases() -> Iterator[Case]:
    """All of the family."""
    for kind, (options, range) in UNARIES.items():
        for type in ALL:
            yield from unaries(kind, type, options, range)
    # Halves, which tell the ways of rounding apart.
    for kind in ["ROUND", "FLOOR", "CEIL"]:
        yield from halves(kind)
    for kind in ["SELECT", "SELECT_V2"]:
        for type in ["f32", "i8", "u8", "i16", "i32", "i64", "bool"]:
            yield from selects(kind, type)
    for type in ["bool", "f32", "i8", "i32", "i64"]:
        yield from wheres(type)


def unaries(kind: str, type: str, options: type | None,
            range: tuple[float, float] | None) -> Iterator[Case]:
    """Over ranks and quantizations."""
    fields = options() if options else None
    operand, output = usual(type), usual(type, 2)
    if kind in ("LOG", "SQRT", "RSQRT") and type in NONNEGATIVE:
        operand = quantized(*NONNEGATIVE[type])
    if type in ("i32", "i64"):
        range = (-1000, 1000)
    elif type != "f32":
        positive = (operand.zero_points[0] + 1, {"i8": 127, "u8": 255, "i16": 32767}[type])
        range = positive if kind in ("LOG", "SQRT", "RSQRT") else None
    for name, shape in SHAPES.items():
        yield case(kind, type, name, [feed(type, shape, operand, range)], result(type, output),
                   fields)
    if type in ("i8", "i16"):
        same = quantized(operand.scale, operand.zero_points[0])
        yield case(kind, type, "same-quantization", [feed(type, (4, 64), operand, range)],
                   result(type, same), fields)
        coarse = quantized(operand.scale * 20, 0)
        yield case(kind, type, "result-coarse", [feed(type, (4, 64), operand, range)],
                   result(type, coarse), fields)


def halves(kind: str) -> Iterator[Case]:
    """Floats of which every other is a whole and a half, computed from integers."""
    whole, half = feed("i32", (4, 16), range=(-9, 9)), noise("f32", (1,), range=(0.5, 0.5))
    cast, scaled, output = result("f32"), result("f32"), result("f32")
    yield Case(kind, "f32", "halves", [
        Operator("CAST", [whole], [cast], schema.CastOptionsT(inDataType=2, outDataType=0)),
        Operator("MUL", [cast, half], [scaled], schema.MulOptionsT()),
        Operator(kind, [scaled], [output])])


def selects(kind: str, type: str) -> Iterator[Case]:
    """A condition of the same shape, of fewer axes, or broadcast."""
    options = schema.SelectOptionsT if kind == "SELECT" else schema.SelectV2OptionsT
    shapes = {"rank4": [(2, 3, 4, 5)] * 3, "rank1": [(13,)] * 3, "rank5": [(1, 2, 3, 2, 3)] * 3,
              "scalar-condition": [(), (2, 3, 5), (2, 3, 5)]}
    if kind == "SELECT":
        shapes["row-condition"] = [(4,), (4, 3), (4, 3)]
    else:
        shapes |= {"broadcast-condition": [(3, 1), (2, 3, 5), (2, 3, 5)],
                   "broadcast-all": [(3, 1), (2, 1, 5), (1, 3, 5)],
                   "scalar-second": [(2, 3, 5), (), (2, 3, 5)],
                   "scalars": [(2, 3, 5), (), ()],
                   "broadcast-rank5": [(1, 2, 1, 2, 1), (2, 1, 3, 1, 3), (3,)]}
    for name, (condition, left, right) in shapes.items():
        operands = [feed("bool", condition), feed(type, left, usual(type)),
                    feed(type, right, usual(type))]
        yield case(kind, type, name, operands, result(type, usual(type)), options())


def wheres(type: str) -> Iterator[Case]:
    """The places of what is not zero; how many there are depends on the elements."""
    few = (0, 1) if type in ("i32", "i64", "i8") else None
    for name, shape in [("rank1", (13,)), ("rank2", (3, 5)), ("rank3", (2, 3, 4)),
                        ("rank4", (2, 1, 3, 4))]:
        yield case("WHERE", type, name, [feed(type, shape, range=few)],
                   result("i64", signature=(-1, len(shape))), schema.WhereOptionsT())
    values = np.array([[0, 1, 1], [1, 0, 1]])
    yield case("WHERE", type, "constant", [fixed(values, type)], result("i64"),
               schema.WhereOptionsT())

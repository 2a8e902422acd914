"""Operators whose result follows from a shape or from bounds."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .model import Case, Operator, case, feed, fixed, result
from .quantizations import usual

TYPES = ["f32", "i8", "u8", "i16", "i32", "i64", "bool"]


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in TYPES:
        for name, shape in [("rank1", [5]), ("rank3", [2, 1, 3]), ("scalar", [])]:
            yield case("FILL", type, name, [fixed(shape), feed(type, (), usual(type))],
                       result(type, usual(type)), schema.FillOptionsT())
        yield empty_shape(type)
        for name, shape in [("rank4", (2, 3, 4, 5)), ("rank1", (7,)), ("rank0", ())]:
            yield case("SHAPE", type, name, [feed(type, shape, usual(type))], result("i32"),
                       schema.ShapeOptionsT(outType=2))
            yield case("RANK", type, name, [feed(type, shape, usual(type))], result("i32"),
                       schema.RankOptionsT())
        yield case("SHAPE", type, "to-i64", [feed(type, (2, 3), usual(type))], result("i64"),
                   schema.ShapeOptionsT(outType=4))
    for type in ["f32", "i32", "i64"]:
        yield from ranges(type)
    for type in ["i32", "i64"]:
        for name, first, second in [("same-rank", [2, 1, 3], [1, 4, 3]), ("longer", [5, 3], [3]),
                                    ("shorter", [1], [2, 7]), ("scalar", [2, 3], [1])]:
            yield case("BROADCAST_ARGS", type, name,
                       [feed(type, (len(shape),), range=(1, 1)) if max(shape) == 1
                        else fixed(shape, type) for shape in (first, second)], result(type))


def empty_shape(type: str) -> Case:
    """The shape of a scalar, a list without elements, as that of the result."""
    scalar, shape = feed(type, (), usual(type)), result("i32")
    return Case("FILL", type, "shape-of-scalar", [
        Operator("SHAPE", [scalar], [shape], schema.ShapeOptionsT(outType=2)),
        Operator("FILL", [shape, scalar], [result(type, usual(type))], schema.FillOptionsT())])


def ranges(type: str) -> Iterator[Case]:
    """Constant bounds, to which an input is added, and one bound that is an input."""
    add = schema.AddOptionsT
    for name, start, limit, delta, count in [
            ("up", 0, 7, 1, 7), ("step3", -4, 9, 3, 5), ("down", 5, -3, -2, 4)]:
        sequence = result(type)
        yield Case("RANGE", type, name, [
            Operator("RANGE", [fixed(start, type), fixed(limit, type), fixed(delta, type)],
                     [sequence], schema.RangeOptionsT()),
            Operator("ADD", [sequence, feed(type, (count,), range=(-9, 9))], [result(type)],
                     add())])
    yield case("RANGE", type, "limit-fed",
               [fixed(0, type), feed(type, (), range=(1, 9)), fixed(1, type)],
               result(type, signature=(-1,)), schema.RangeOptionsT())

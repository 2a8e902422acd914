"""Operators that join tensors or take them apart."""

from collections.abc import Iterator

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from .model import Case, case, feed, fixed, noise, result
from .quantizations import usual

TYPES = ["f32", "i8", "u8", "i16", "i32", "i64", "bool"]


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in TYPES:
        yield from concatenations(type)
        yield from splits(type)
        yield from packs(type)


def concatenations(type: str) -> Iterator[Case]:
    """Over axes and numbers of operands; quantized ones may have scales of their own."""
    for name, shapes, axis in [
            ("last", [(2, 3, 4), (2, 3, 1)], 2), ("first", [(1, 3), (2, 3)], 0),
            ("middle", [(2, 1, 4), (2, 3, 4)], 1), ("negative", [(2, 3), (2, 5)], -1),
            ("three", [(2, 3), (2, 1), (2, 2)], 1), ("one", [(2, 3)], 1),
            ("rank1", [(3,), (5,)], 0), ("rank4", [(1, 3, 2, 5), (1, 3, 2, 3)], 3),
            ("rank5", [(1, 2, 3, 2, 2), (1, 2, 1, 2, 2)], 2)]:
        yield case("CONCATENATION", type, name,
                   [feed(type, shape, usual(type)) for shape in shapes],
                   result(type, usual(type)), schema.ConcatenationOptionsT(axis))
    yield case("CONCATENATION", type, "constant",
               [feed(type, (2, 3), usual(type)), noise(type, (2, 4), usual(type))],
               result(type, usual(type)), schema.ConcatenationOptionsT(1))
    yield case("CONCATENATION", type, "empty-operand",
               [feed(type, (2, 3), usual(type)), fixed(np.zeros((2, 0)), type, usual(type))],
               result(type, usual(type)), schema.ConcatenationOptionsT(1))
    if usual(type):
        operands = [feed(type, (3, 20), usual(type, place)) for place in range(3)]
        yield case("CONCATENATION", type, "other-scales", operands, result(type, usual(type, 2)),
                   schema.ConcatenationOptionsT(1))


def splits(type: str) -> Iterator[Case]:
    """Equal parts, and parts of sizes that are given or follow."""
    for name, shape, axis, count in [
            ("last", (2, 3, 6), 2, 3), ("first", (4, 3), 0, 2), ("negative", (2, 6), -1, 2),
            ("one", (2, 3), 1, 1), ("rank4", (1, 4, 2, 3), 1, 4), ("rank5", (1, 2, 4, 2, 1), 2, 2)]:
        yield case("SPLIT", type, name, [fixed(axis), feed(type, shape, usual(type))],
                   [result(type, usual(type)) for _ in range(count)],
                   schema.SplitOptionsT(count))
    for name, shape, sizes, axis in [
            ("last", (2, 3, 6), [1, 3, 2], 2), ("first", (5, 3), [2, 3], 0),
            ("negative", (2, 6), [5, 1], -1), ("rest", (2, 7), [2, -1, 3], 1),
            ("rank4", (1, 4, 2, 3), [1, 3], 1)]:
        yield case("SPLIT_V", type, name,
                   [feed(type, shape, usual(type)), fixed(sizes), fixed(axis)],
                   [result(type, usual(type)) for _ in sizes], schema.SplitVOptionsT(len(sizes)))


def packs(type: str) -> Iterator[Case]:
    """A new axis that joins, and an axis that is taken apart."""
    for name, shape, axis, count in [
            ("first", (2, 3), 0, 2), ("last", (2, 3), 2, 3), ("negative", (2, 3), -1, 2),
            ("middle", (2, 3, 2), 1, 2), ("one", (4,), 0, 1), ("scalars", (), 0, 3),
            ("rank4", (1, 2, 3, 2), 2, 2)]:
        yield case("PACK", type, name, [feed(type, shape, usual(type)) for _ in range(count)],
                   result(type, usual(type)), schema.PackOptionsT(count, axis))
    for name, shape, axis in [("first", (3, 4), 0), ("last", (2, 4), 1),
                              ("negative", (2, 3, 2), -1), ("middle", (2, 3, 2), 1),
                              ("rank1", (3,), 0),
                              ("rank4", (1, 2, 3, 2), 2), ("rank5", (1, 2, 3, 2, 2), 2)]:
        yield case("UNPACK", type, name, [feed(type, shape, usual(type))],
                   [result(type, usual(type)) for _ in range(shape[axis])],
                   schema.UnpackOptionsT(shape[axis], axis))

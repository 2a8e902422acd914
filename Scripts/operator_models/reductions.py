"""What reduces axes: sums and their kin, places of extremes, the largest, and running sums."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .model import Case, case, feed, fixed, result
from .quantizations import quantized, usual

# Shapes with the axes that are reduced.
AXES: dict[str, tuple[tuple[int, ...], list[int] | int]] = {
    "spatial": ((2, 3, 4, 5), [1, 2]), "last": ((2, 3, 5), [2]), "first": ((4, 3, 5), [0]),
    "middle": ((3, 4, 5), [1]), "all": ((2, 3, 4), [0, 1, 2]), "negative": ((2, 3, 5), [-1]),
    "negative-two": ((2, 3, 4, 5), [-3, -2]), "apart": ((2, 3, 4, 5), [0, 2]),
    "repeated": ((2, 3, 5), [1, 1]), "scalar-axis": ((2, 3, 5), 1), "rank1": ((13,), [0]),
    "rank5": ((1, 2, 3, 2, 3), [1, 3]), "no-axis": ((2, 3), []), "extent-one": ((3, 1, 5), [1]),
    "long": ((1, 16, 17, 3), [1, 2]),
}
NUMBERS = ["f32", "i8", "u8", "i16", "i32", "i64"]
REDUCTIONS = {"SUM": NUMBERS, "MEAN": NUMBERS, "REDUCE_MAX": NUMBERS, "REDUCE_MIN": NUMBERS,
              "REDUCE_PROD": ["f32", "i8", "i16", "i32", "i64"],
              "REDUCE_ANY": ["bool"], "REDUCE_ALL": ["bool"]}


def cases() -> Iterator[Case]:
    """All of the family."""
    for kind, types in REDUCTIONS.items():
        for type in types:
            yield from reductions(kind, type)
    for kind, options in [("ARG_MAX", schema.ArgMaxOptionsT), ("ARG_MIN", schema.ArgMinOptionsT)]:
        for type in ["f32", "i8", "u8", "i16", "i32", "bool"]:
            yield from places(kind, type, options)
    for type in ["f32", "i8", "u8", "i16", "i32", "i64"]:
        yield from largest(type)
    for type in ["f32", "i32", "i64"]:
        yield from running_sums(type)


def reductions(kind: str, type: str) -> Iterator[Case]:
    """With and without the reduced axes kept, with the same and with another quantization."""
    few = {"i32": (-9, 9), "i64": (-9, 9)}.get(type) if kind != "REDUCE_PROD" else \
        {"i32": (-2, 2), "i64": (-2, 2)}.get(type)
    operand = usual(type)
    # Products are about one, so that they do not all vanish or saturate.
    output = usual(type, 2) if kind in ("SUM", "MEAN", "REDUCE_PROD") else operand
    for name, (shape, axes) in AXES.items():
        for keeps in [False, True]:
            variant = f"{name}-keep-dims" if keeps else name
            yield case(kind, type, variant, [feed(type, shape, operand, few), fixed(axes)],
                       result(type, output), schema.ReducerOptionsT(keepDims=keeps))
    if operand and kind in ("SUM", "MEAN"):
        for name, pair in {"same-quantization": operand,
                           "result-fine": quantized(operand.scale / 30, operand.zero_points[0]),
                           "result-coarse": quantized(operand.scale * 30, 0)}.items():
            yield case(kind, type, name, [feed(type, (3, 5, 7, 4), operand), fixed([1, 2])],
                       result(type, pair), schema.ReducerOptionsT())


def places(kind: str, type: str, options: type) -> Iterator[Case]:
    """Over axes and the type of the result; of equals, the first counts."""
    few = (-3, 3) if type == "i32" else None
    for name, shape, axis, output in [
            ("last", (2, 3, 7), 2, "i32"), ("first", (4, 3, 5), 0, "i32"),
            ("middle", (3, 4, 5), 1, "i32"), ("negative", (2, 3, 7), -1, "i32"),
            ("to-i64", (2, 9), 1, "i64"), ("rank1", (13,), 0, "i32"), ("rank4", (1, 4, 3, 5), 3,
                                                                       "i32")]:
        yield case(kind, type, name, [feed(type, shape, usual(type), few), fixed(axis)],
                   result(output), options(outputType={"i32": 2, "i64": 4}[output]))
    if zero := usual(type):
        near = (zero.zero_points[0] - 1, zero.zero_points[0] + 1)
        yield case(kind, type, "equals", [feed(type, (6, 20), zero, near), fixed(1)],
                   result("i32"), options(outputType=2))


def largest(type: str) -> Iterator[Case]:
    """The k largest of the last axis and their places."""
    few = (-5, 5) if type in ("i32", "i64") else None
    for name, shape, count in [("rank1", (13,), 4), ("rank2", (3, 9), 5), ("rank3", (2, 3, 7), 1),
                               ("all", (2, 6), 6)]:
        yield case("TOPK_V2", type, name, [feed(type, shape, usual(type), few), fixed(count)],
                   [result(type, usual(type)), result("i32")], schema.TopKV2OptionsT())


def running_sums(type: str) -> Iterator[Case]:
    """Over axes, both directions, with and without the element itself."""
    few = (-9, 9) if type != "f32" else None
    for name, shape, axis in [("rank1", (9,), 0), ("last", (2, 3, 5), 2), ("first", (4, 3), 0),
                              ("middle", (2, 4, 3), 1), ("negative", (2, 3, 5), -2)]:
        for exclusive in [False, True]:
            for reverse in [False, True]:
                variant = name + "-exclusive" * exclusive + "-reverse" * reverse
                yield case("CUMSUM", type, variant, [feed(type, shape, range=few), fixed(axis)],
                           result(type), schema.CumsumOptionsT(exclusive, reverse))

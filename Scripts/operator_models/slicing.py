"""Operators that cut out of tensors, put edges around them, or repeat them."""

from collections.abc import Iterator
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from .model import Case, case, feed, fixed, result
from .quantizations import usual

TYPES = ["f32", "i8", "u8", "i16", "i32", "i64", "bool"]
# Shape, begin, end, strides, and the masks that are not zero.
STRIDED: dict[str, tuple[tuple[int, ...], list[int], list[int], list[int], dict[str, int]]] = {
    "plain": ((5, 6), [1, 2], [4, 5], [1, 1], {}),
    "rank1": ((9,), [2], [7], [2], {}),
    "rank4": ((2, 5, 6, 3), [0, 1, 0, 1], [2, 4, 6, 3], [1, 2, 3, 1], {}),
    "rank5": ((1, 2, 5, 3, 2), [0, 0, 1, 0, 0], [1, 2, 4, 3, 2], [1, 1, 2, 1, 1], {}),
    "negative-stride": ((5, 6), [4, 5], [0, 0], [-1, -2], {}),
    "reversed": ((5, 6), [0, 0], [0, 0], [-1, -1], {"beginMask": 3, "endMask": 3}),
    "negative-bounds": ((5, 6), [-4, -5], [-1, -2], [1, 1], {}),
    "beyond-bounds": ((5, 6), [-9, 2], [9, 99], [1, 1], {}),
    "begin-mask": ((5, 6), [3, 1], [4, 5], [1, 1], {"beginMask": 1}),
    "end-mask": ((5, 6), [1, 1], [2, 3], [1, 1], {"endMask": 2}),
    "shrink": ((5, 6), [2, 1], [3, 5], [1, 1], {"shrinkAxisMask": 1}),
    "shrink-negative": ((5, 6), [1, -1], [4, 0], [1, 1], {"shrinkAxisMask": 2}),
    "shrink-all": ((5, 6), [2, 3], [3, 4], [1, 1], {"shrinkAxisMask": 3}),
    "new-axis": ((5, 6), [0, 1, 0], [0, 4, 6], [1, 1, 1], {"newAxisMask": 1}),
    "new-axis-last": ((5, 6), [1, 0, 0], [4, 6, 0], [1, 1, 1], {"newAxisMask": 4}),
    "ellipsis": ((2, 3, 4, 5), [0, 1], [0, 4], [1, 1], {"ellipsisMask": 1}),
    "ellipsis-middle": ((2, 3, 4, 5), [1, 0, 1], [2, 0, 4], [1, 1, 1], {"ellipsisMask": 2}),
    "ellipsis-shrink": ((2, 3, 4), [0, 1], [0, 2], [1, 1],
                        {"ellipsisMask": 1, "shrinkAxisMask": 2}),
    "ellipsis-new-axis": ((2, 3, 4), [0, 0, 0], [0, 0, 3], [1, 1, 1],
                          {"ellipsisMask": 1, "newAxisMask": 2}),
    "fewer-axes": ((4, 3, 5), [1], [3], [1], {}),
    "offset": ((5, 6), [1, 2], [2, 3], [1, 1], {"offset": True}),
}
PADDINGS = {
    "spatial": ((1, 4, 5, 3), [[0, 0], [1, 1], [2, 2], [0, 0]]),
    "one-sided": ((1, 4, 5, 3), [[0, 0], [0, 1], [0, 2], [0, 0]]),
    "channels": ((1, 2, 3, 3), [[0, 0], [0, 0], [0, 0], [1, 4]]), "none": ((2, 3), [[0, 0]] * 2),
    "batch": ((2, 3, 2, 2), [[1, 0], [0, 0], [0, 0], [0, 0]]), "rank1": ((5,), [[2, 3]]),
    "rank2": ((3, 4), [[1, 2], [3, 0]]), "rank3": ((2, 3, 4), [[1, 0], [0, 2], [1, 1]]),
    "rank5": ((1, 2, 3, 2, 2), [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2]]),
}


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in TYPES:
        yield from slices(type)
        for name, (shape, begin, end, strides, masks) in STRIDED.items():
            yield case("STRIDED_SLICE", type, name,
                       [feed(type, shape, usual(type)), fixed(begin), fixed(end), fixed(strides)],
                       result(type, usual(type)), schema.StridedSliceOptionsT(**masks))
        yield from pads(type)
        yield from mirror_pads(type)
        yield from tiles(type)


def slices(type: str) -> Iterator[Case]:
    """A size of −1 reaches to the end."""
    for name, shape, begin, size in [
            ("rank1", (9,), [2], [4]), ("rank2", (5, 6), [1, 2], [3, 1]),
            ("rest", (5, 6), [1, 2], [-1, 3]), ("all", (2, 3, 4), [0, 0, 0], [-1, -1, -1]),
            ("rank4", (2, 3, 4, 5), [1, 0, 2, 1], [1, 3, 2, 3]),
            ("rank5", (1, 2, 3, 4, 2), [0, 1, 0, 1, 0], [1, 1, 2, 2, 2])]:
        yield case("SLICE", type, name, [feed(type, shape, usual(type)), fixed(begin), fixed(size)],
                   result(type, usual(type)), schema.SliceOptionsT())
    yield case("SLICE", type, "bounds-i64",
               [feed(type, (5, 6), usual(type)), fixed([1, 2], "i64"), fixed([3, -1], "i64")],
               result(type, usual(type)), schema.SliceOptionsT())


def pads(type: str) -> Iterator[Case]:
    """Edges of zeros (of the zero point), and of a value that is given."""
    for name, (shape, edges) in PADDINGS.items():
        yield case("PAD", type, name, [feed(type, shape, usual(type)), fixed(edges)],
                   result(type, usual(type)), schema.PadOptionsT())
        value: Any = True if type == "bool" else 7
        yield case("PADV2", type, name,
                   [feed(type, shape, usual(type)), fixed(edges), fixed(value, type, usual(type))],
                   result(type, usual(type)), schema.PadV2OptionsT())
    yield case("PAD", type, "edges-i64",
               [feed(type, (3, 4), usual(type)), fixed([[1, 0], [0, 2]], "i64")],
               result(type, usual(type)), schema.PadOptionsT())


def mirror_pads(type: str) -> Iterator[Case]:
    """Edges that reflect, without or with the border itself."""
    for mode, kind in enumerate(["reflect", "symmetric"]):
        for name, shape, edges in [
                ("rank1", (5,), [[2, 3]]), ("rank2", (4, 5), [[1, 2], [3, 0]]),
                ("spatial", (1, 4, 5, 3), [[0, 0], [1, 1], [2, 2], [0, 0]]),
                ("widest", (4, 3), [[3, 3], [2, 2]]),
                ("rank5", (1, 2, 3, 3, 2), [[0, 0], [1, 0], [0, 1], [2, 1], [0, 1]])]:
            yield case("MIRROR_PAD", type, f"{kind}-{name}",
                       [feed(type, shape, usual(type)), fixed(edges)],
                       result(type, usual(type)), schema.MirrorPadOptionsT(mode))


def tiles(type: str) -> Iterator[Case]:
    """Over ranks and counts."""
    for name, shape, counts in [
            ("rank1", (5,), [3]), ("rank2", (2, 3), [2, 3]), ("once", (2, 3), [1, 1]),
            ("rank3", (1, 3, 2), [4, 1, 2]), ("rank4", (1, 2, 1, 3), [2, 1, 3, 1]),
            ("rank5", (1, 2, 1, 2, 1), [2, 1, 2, 1, 3])]:
        yield case("TILE", type, name, [feed(type, shape, usual(type)), fixed(counts)],
                   result(type, usual(type)), schema.TileOptionsT())
    yield case("TILE", type, "counts-i64",
               [feed(type, (2, 3), usual(type)), fixed([2, 2], "i64")],
               result(type, usual(type)), schema.TileOptionsT())

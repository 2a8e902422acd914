"""Operators that look up or place elements by index."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .model import Case, case, feed, fixed, noise, result
from .quantizations import quantized, usual

TYPES = ["f32", "i8", "u8", "i16", "i32", "i64", "bool"]


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in TYPES:
        yield from gathers(type)
        yield from gather_nds(type)
        yield from scatters(type)
    for type in ["f32", "i8", "u8", "i16", "i32", "i64", "bool"]:
        yield from one_hots(type)
    for type in ["f32", "i8", "u8", "f32xi8"]:
        yield from embeddings(type)
    for type in TYPES:
        yield from updates(type)
        yield from sequences(type)
    for type in ["f32", "i32"]:
        yield from segments(type)
        yield from unsorted_segments(type)
    for type in ["f32", "i8", "u8", "i32", "i64"]:
        yield from sparse_to_denses(type)


def gathers(type: str) -> Iterator[Case]:
    """Over axes, batch axes and the indices' ranks; the last three have constants."""
    for name, shape, indices, axis, batch, index_type in [
            ("axis0", (5, 3), (4,), 0, 0, "i32"), ("axis1", (2, 5, 3), (4,), 1, 0, "i32"),
            ("negative-axis", (2, 3, 5), (3,), -1, 0, "i32"),
            ("indices-rank2", (5, 3), (2, 3), 0, 0, "i32"),
            ("scalar-index", (5, 3), (), 0, 0, "i32"),
            ("rank1", (5,), (7,), 0, 0, "i32"), ("rank4", (2, 3, 5, 2), (2, 2), 2, 0, "i32"),
            ("batch1", (3, 5, 2), (3, 4), 1, 1, "i32"),
            ("batch1-axis2", (2, 3, 5), (2, 4), 2, 1, "i32"),
            ("indices-i64", (5, 3), (4,), 0, 0, "i64"),
            ("indices-i16", (5, 3), (4,), 0, 0, "i16")]:
        operands = [feed(type, shape, usual(type)),
                    feed(index_type, indices, range=(0, shape[axis] - 1))]
        yield case("GATHER", type, name, operands, result(type, usual(type)),
                   schema.GatherOptionsT(axis, batch))
    yield case("GATHER", type, "constant-indices",
               [feed(type, (5, 3), usual(type)), fixed([4, 0, 2, 2])], result(type, usual(type)),
               schema.GatherOptionsT(0, 0))
    yield case("GATHER", type, "constant-table",
               [noise(type, (10, 3), usual(type)), feed("i32", (4,), range=(0, 9))],
               result(type, usual(type)), schema.GatherOptionsT(0, 0))


def gather_nds(type: str) -> Iterator[Case]:
    """Indices of elements and of slices."""
    for name, shape, indices, index_type in [
            ("elements", (3, 3), (4, 2), "i32"), ("slices", (3, 4), (5, 1), "i32"),
            ("rank3-slices", (3, 3, 4), (2, 2, 2), "i32"), ("rank3-elements", (3, 3, 3), (4, 3),
                                                            "i32"),
            ("one-index", (3, 3), (2,), "i32"), ("indices-i64", (3, 3), (4, 2), "i64"),
            ("indices-i16", (3, 3), (4, 2), "i16")]:
        operands = [feed(type, shape, usual(type)), feed(index_type, indices, range=(0, 2))]
        yield case("GATHER_ND", type, name, operands, result(type, usual(type)),
                   schema.GatherNdOptionsT())


def scatters(type: str) -> Iterator[Case]:
    """Elements and slices, and places that are named twice."""
    few = (-9, 9) if type in ("i32", "i64") else None
    for name, indices, updates, shape in [
            ("elements", [[0], [3], [1]], (3,), [5]), ("slices", [[0], [2]], (2, 4), [3, 4]),
            ("rank2-elements", [[0, 1], [2, 0]], (2,), [3, 3]),
            ("rank3-slices", [[0, 1], [1, 0]], (2, 3), [2, 2, 3]),
            ("indices-rank3", [[[0], [1]], [[3], [2]]], (2, 2, 3), [5, 3])]:
        operands = [fixed(indices), feed(type, updates, usual(type), few), fixed(shape)]
        yield case("SCATTER_ND", type, name, operands, result(type, usual(type)),
                   schema.ScatterNdOptionsT())
    if type in ("f32", "i32", "i64"):
        operands = [fixed([[1], [1], [0]]), feed(type, (3, 2), None, few), fixed([4, 2])]
        yield case("SCATTER_ND", type, "repeated", operands, result(type),
                   schema.ScatterNdOptionsT())
    operands = [feed("i32", (1, 1), range=(0, 4)), feed(type, (1, 3), usual(type), few),
                fixed([5, 3])]
    yield case("SCATTER_ND", type, "indices-fed", operands, result(type, usual(type)),
               schema.ScatterNdOptionsT())


def one_hots(type: str) -> Iterator[Case]:
    """Over axes; an index out of range gives a row without a one."""
    on, off = (True, False) if type == "bool" else (3, -1) if type != "u8" else (3, 1)
    for name, shape, axis, depth, index_type, high in [
            ("last", (4,), -1, 5, "i32", 4), ("first", (4,), 0, 5, "i32", 4),
            ("middle", (2, 3), 1, 5, "i32", 4), ("rank3", (2, 3, 2), -1, 4, "i32", 3),
            ("scalar", (), -1, 5, "i32", 4), ("out-of-range", (7,), -1, 4, "i32", 6),
            ("indices-i64", (4,), -1, 5, "i64", 4)]:
        low = -2 if name == "out-of-range" else 0
        operands = [feed(index_type, shape, range=(low, high)), fixed(depth),
                    fixed(on, type, usual(type)), fixed(off, type, usual(type))]
        yield case("ONE_HOT", type, name, operands, result(type, usual(type)),
                   schema.OneHotOptionsT(axis))


def embeddings(type: str) -> Iterator[Case]:
    """Rows of a constant table; rows of integers may become floats."""
    stored = "i8" if type == "f32xi8" else type
    output = result("f32") if type == "f32xi8" else result(type, usual(type))
    scheme = quantized(0.02) if type == "f32xi8" else usual(type)
    for name, ids, table in [("rank2", (5,), (10, 4)), ("rank3", (3,), (7, 2, 3)),
                             ("one", (1,), (3, 9))]:
        operands = [feed("i32", ids, range=(0, table[0] - 1)), noise(stored, table, scheme)]
        yield case("EMBEDDING_LOOKUP", type, name, operands, output)


def updates(type: str) -> Iterator[Case]:
    """A slice that is replaced where an input says, clamped into the operand."""
    for name, shape, part, high in [("rank1", (9,), (3,), 6), ("rank2", (5, 4), (2, 3), 1),
                                    ("clamped", (5, 4), (2, 3), 9)]:
        operands = [feed(type, shape, usual(type)), feed(type, part, usual(type)),
                    feed("i32", (len(shape),), range=(0, high))]
        yield case("DYNAMIC_UPDATE_SLICE", type, name, operands, result(type, usual(type)),
                   schema.DynamicUpdateSliceOptionsT())


def sequences(type: str) -> Iterator[Case]:
    """The beginnings of sequences turned around, over axes and the lengths' type."""
    for name, shape, axis, batch, length_type in [
            ("axis1", (3, 5), 1, 0, "i32"), ("axis0", (4, 3, 2), 0, 1, "i32"),
            ("last", (2, 3, 5), 2, 0, "i32"), ("batch-behind", (2, 4, 3), 1, 2, "i32"),
            ("lengths-i64", (3, 5), 1, 0, "i64")]:
        operands = [feed(type, shape, usual(type)),
                    feed(length_type, (shape[batch],), range=(0, shape[axis]))]
        yield case("REVERSE_SEQUENCE", type, name, operands, result(type, usual(type)),
                   schema.ReverseSequenceOptionsT(axis, batch))


def segments(type: str) -> Iterator[Case]:
    """Sums of rows by the number of their segment, which rises by one at most."""
    for name, shape, numbers in [("rank1", (5,), [0, 0, 1, 1, 1]),
                                 ("rank2", (4, 3), [0, 1, 1, 2]),
                                 ("rank3", (3, 2, 2), [0, 1, 1]), ("one", (3, 4), [0, 0, 0])]:
        yield case("SEGMENT_SUM", type, name,
                   [feed(type, shape, range=(-99, 99)), fixed(numbers)], result(type),
                   schema.SegmentSumOptionsT())


def unsorted_segments(type: str) -> Iterator[Case]:
    """Numbers in any order, below zero, of segments without slices, and of more axes than one."""
    for kind, options in [("SUM", schema.UnsortedSegmentSumOptionsT),
                          ("PROD", schema.UnsortedSegmentProdOptionsT),
                          ("MAX", schema.UnsortedSegmentMaxOptionsT),
                          ("MIN", schema.UnsortedSegmentMinOptionsT)]:
        for name, shape, numbers, count in [
                ("rank1", (5,), [2, 0, 2, 1, 0], 3), ("rank2", (4, 3), [3, 0, 0, 3], 5),
                ("negative", (3, 2, 2), [1, -1, 0], 2),
                ("numbers-rank2", (2, 3, 4), [[0, 1, 0], [2, 0, 1]], 3)]:
            yield case(f"UNSORTED_SEGMENT_{kind}", type, name,
                       [feed(type, shape, range=(-9, 9)), fixed(numbers), fixed(count)],
                       result(type), options())
        yield case(f"UNSORTED_SEGMENT_{kind}", type, "numbers-fed",
                   [feed(type, (6, 2), range=(-9, 9)), feed("i32", (6,), range=(-1, 3)), fixed(4)],
                   result(type), options())


def sparse_to_denses(type: str) -> Iterator[Case]:
    """Places of single elements, each with an element of its own or all with the same."""
    for name, places, values, shape in [
            ("scalar", 2, (), [5]), ("rank1", [0, 2, 4], (3,), [5]),
            ("rank2", [[0, 1], [2, 0]], (2,), [3, 3]),
            ("rank4", [[0, 1, 0, 2], [1, 0, 1, 0]], (2,), [2, 2, 2, 3]),
            ("one-value", [[0, 1], [2, 0]], (), [3, 3]), ("repeated", [1, 1, 0], (3,), [3])]:
        for places_type in ["i32", "i64"]:
            yield case("SPARSE_TO_DENSE", type, f"{name}-{places_type}",
                       [fixed(places, places_type), fixed(shape, places_type),
                        feed(type, values, usual(type)), fixed(1, type, usual(type))],
                       result(type, usual(type)), schema.SparseToDenseOptionsT())

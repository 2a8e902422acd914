"""Operators that rearrange elements or only rename their axes, and images of other sizes."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .model import Case, case, feed, fixed, result
from .quantizations import usual

TYPES = ["f32", "i8", "u8", "i16", "i32", "i64", "bool"]


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in TYPES:
        yield from transposes(type)
        yield from reshapes(type)
        yield from broadcasts(type)
        yield from reverses(type)
        yield from blocks(type)
        if type != "bool":  # of which LiteRT leaves the result as it was
            yield from diagonals(type)
    for type in ["f32", "i8", "u8", "i16"]:
        yield from resizes(type)


def transposes(type: str) -> Iterator[Case]:
    """Over ranks and permutations."""
    for order in ["0", "10", "01", "021", "210", "201", "102", "0312", "0231", "3210", "1032",
                  "0213", "43210", "01243", "20413", "502413"]:
        permutation = [int(digit) for digit in order]
        shape = (2, 3, 4, 5, 2, 3)[:len(order)]
        yield case("TRANSPOSE", type, f"order{order}",
                   [feed(type, shape, usual(type)), fixed(permutation)],
                   result(type, usual(type)), schema.TransposeOptionsT())
    yield case("TRANSPOSE", type, "negative-order",
               [feed(type, (2, 3, 4), usual(type)), fixed([-1, 0, 1])],
               result(type, usual(type)), schema.TransposeOptionsT())


def reshapes(type: str) -> Iterator[Case]:
    """The same elements in the same order: RESHAPE, SQUEEZE and EXPAND_DIMS."""
    for name, shape, new in [
            ("flatten", (2, 3, 4), [24]), ("split", (6, 4), [2, 3, 4]),
            ("inferred", (2, 3, 4), [2, -1]), ("inferred-all", (2, 3), [-1]),
            ("rank5", (2, 3, 4), [1, 2, 1, 3, 4]), ("to-scalar", (1, 1), []),
            ("from-scalar", (), [1, 1]), ("same", (2, 3), [2, 3])]:
        yield case("RESHAPE", type, name, [feed(type, shape, usual(type)), fixed(new)],
                   result(type, usual(type)), schema.ReshapeOptionsT(newShape=new))
        yield case("RESHAPE", type, f"{name}-attribute", [feed(type, shape, usual(type))],
                   result(type, usual(type)), schema.ReshapeOptionsT(newShape=new))
    for name, shape, axes in [("all", (1, 3, 1, 2), []), ("one", (1, 3, 1, 2), [2]),
                              ("negative", (1, 3, 2, 1), [-1]), ("two", (1, 3, 1, 2), [0, 2]),
                              ("nothing", (2, 3), []), ("to-scalar", (1, 1), []),
                              ("rank5", (1, 2, 1, 3, 1), [0, -1])]:
        yield case("SQUEEZE", type, name, [feed(type, shape, usual(type))],
                   result(type, usual(type)), schema.SqueezeOptionsT(squeezeDims=axes))
    for name, shape, axis in [("first", (2, 3), 0), ("last", (2, 3), 2), ("negative", (2, 3), -1),
                              ("middle", (2, 3), 1), ("scalar", (), 0),
                              ("rank4", (1, 2, 3, 2), -3)]:
        yield case("EXPAND_DIMS", type, name, [feed(type, shape, usual(type)), fixed(axis)],
                   result(type, usual(type)), schema.ExpandDimsOptionsT())


def broadcasts(type: str) -> Iterator[Case]:
    """Extents of one are repeated, and axes are added in front."""
    for name, shape, new in [
            ("rows", (3,), [4, 3]), ("columns", (3, 1), [3, 5]), ("scalar", (), [2, 3]),
            ("both", (1, 3, 1), [2, 3, 4]), ("same", (2, 3), [2, 3]),
            ("rank4", (2, 1, 3), [4, 2, 5, 3]), ("rank5", (1, 2, 1, 2, 1), [2, 2, 3, 2, 2])]:
        yield case("BROADCAST_TO", type, name, [feed(type, shape, usual(type)), fixed(new)],
                   result(type, usual(type)), schema.BroadcastToOptionsT())


def reverses(type: str) -> Iterator[Case]:
    """Over axes."""
    for name, shape, axes in [("rank1", (7,), [0]), ("first", (3, 4), [0]),
                              ("last", (2, 3, 5), [2]), ("negative", (2, 3, 5), [-1]),
                              ("two", (2, 3, 4), [1, 2]),
                              ("rank4", (1, 3, 2, 4), [1])]:
        yield case("REVERSE_V2", type, name, [feed(type, shape, usual(type)), fixed(axes)],
                   result(type, usual(type)), schema.ReverseV2OptionsT())


def blocks(type: str) -> Iterator[Case]:
    """Blocks of pixels become channels or batches, and back."""
    for size in [2, 3]:
        for batch, depth in [(1, 1), (2, 3)]:
            variant = f"block{size}-batch{batch}-depth{depth}"
            yield case("SPACE_TO_DEPTH", type, variant,
                       [feed(type, (batch, 2 * size, 3 * size, depth), usual(type))],
                       result(type, usual(type)), schema.SpaceToDepthOptionsT(size))
            yield case("DEPTH_TO_SPACE", type, variant,
                       [feed(type, (batch, 2, 3, depth * size * size), usual(type))],
                       result(type, usual(type)), schema.DepthToSpaceOptionsT(size))
    for name, shape, block, edges in [
            ("plain", (1, 4, 6, 3), [2, 2], [[0, 0], [0, 0]]),
            ("uneven", (2, 4, 6, 2), [2, 3], [[0, 0], [0, 0]]),
            ("padded", (1, 3, 5, 2), [2, 2], [[1, 0], [0, 1]]),
            ("one", (1, 3, 4, 2), [1, 1], [[0, 0], [0, 0]]),
            ("rank3", (2, 6, 3), [3], [[1, 2]])]:
        yield case("SPACE_TO_BATCH_ND", type, name,
                   [feed(type, shape, usual(type)), fixed(block), fixed(edges)],
                   result(type, usual(type)), schema.SpaceToBatchNDOptionsT())
    for name, shape, block, edges in [
            ("plain", (4, 2, 3, 3), [2, 2], [[0, 0], [0, 0]]),
            ("uneven", (12, 2, 2, 2), [2, 3], [[0, 0], [0, 0]]),
            ("cropped", (4, 2, 3, 2), [2, 2], [[1, 0], [0, 1]]),
            ("one", (1, 3, 4, 2), [1, 1], [[0, 0], [0, 0]]),
            ("rank3", (6, 3, 3), [3], [[1, 2]])]:
        yield case("BATCH_TO_SPACE_ND", type, name,
                   [feed(type, shape, usual(type)), fixed(block), fixed(edges)],
                   result(type, usual(type)), schema.BatchToSpaceNDOptionsT())


def diagonals(type: str) -> Iterator[Case]:
    """Diagonals as matrices, and matrices with other diagonals."""
    for name, shape in [("rank1", (4,)), ("rank2", (2, 3)), ("rank3", (2, 1, 3))]:
        yield case("MATRIX_DIAG", type, name, [feed(type, shape, usual(type))],
                   result(type, usual(type)), schema.MatrixDiagOptionsT())
    for name, shape, diagonal in [("square", (3, 3), (3,)), ("wide", (2, 2, 5), (2, 2)),
                                  ("high", (2, 5, 2), (2, 2))]:
        yield case("MATRIX_SET_DIAG", type, name,
                   [feed(type, shape, usual(type)), feed(type, diagonal, usual(type))],
                   result(type, usual(type)), schema.MatrixSetDiagOptionsT())


def resizes(type: str) -> Iterator[Case]:
    """Larger and smaller images, under each convention of where a pixel lies."""
    sizes = {"double": ((1, 3, 4, 2), [6, 8]), "up-uneven": ((1, 3, 4, 2), [7, 5]),
             "down": ((1, 8, 9, 2), [3, 4]), "same": ((1, 3, 4, 2), [3, 4]),
             "mixed": ((2, 7, 3, 3), [4, 8]), "one-pixel": ((1, 1, 1, 3), [3, 2]),
             "to-one-pixel": ((1, 5, 4, 3), [1, 1])}
    for convention, align, half in [("", False, False), ("-align-corners", True, False),
                                    ("-half-pixel", False, True)]:
        for name, (shape, size) in sizes.items():
            for kind, options in [("RESIZE_BILINEAR", schema.ResizeBilinearOptionsT),
                                  ("RESIZE_NEAREST_NEIGHBOR",
                                   schema.ResizeNearestNeighborOptionsT)]:
                yield case(kind, type, name + convention,
                           [feed(type, shape, usual(type)), fixed(size)],
                           result(type, usual(type)), options(align, half))

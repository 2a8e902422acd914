"""Constants of which not all elements are stored, expanded by DENSIFY."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from .model import ELEMENT_TYPES, Case, Operator, Tensor, feed, result
from .quantizations import usual

# A dense axis is its extent; a sparse one, the width of its lists, segments and indices.
Axis = int | tuple[str, list[int], list[int]]
# Shape, order of the axes, axes that have blocks, and what is stored of each axis.
LAYOUTS: dict[str, tuple[tuple[int, ...], list[int], list[int], list[Axis], int]] = {
    "rows": ((3, 4), [0, 1], [], [3, ("Uint8", [0, 1, 1, 3], [1, 0, 3])], 3),
    "columns": ((3, 4), [1, 0], [], [4, ("Int32", [0, 1, 2, 2, 3], [0, 2, 1])], 3),
    "blocks": ((4, 4), [0, 1, 2, 3], [0, 1], [2, ("Uint16", [0, 1, 3], [1, 0, 1]), 2, 2], 12),
    "blocks-of-columns": ((2, 6), [0, 1, 2], [1], [2, ("Uint8", [0, 1, 3], [2, 0, 1]), 2], 6),
    "sparse-twice": ((4, 3), [0, 1], [], [("Uint8", [0, 2], [0, 3]),
                                          ("Uint8", [0, 2, 3], [0, 2, 1])], 3),
    "dense": ((2, 3), [1, 0], [], [3, 2], 6),
}


def cases() -> Iterator[Case]:
    """Layouts of the tree that says where elements are; the larger of a constant and an input."""
    for type in ["f32", "i8"]:
        dtype = ELEMENT_TYPES[type][1]
        for name, (shape, order, blocks, axes, count) in LAYOUTS.items():
            sparsity = schema.SparsityParametersT(
                traversalOrder=order, blockMap=blocks,
                dimMetadata=[metadata(axis) for axis in axes])
            constant = Tensor("constant", type, shape, usual(type),
                              values=np.arange(1, count + 1).astype(dtype), sparsity=sparsity)
            dense = result(type, usual(type))
            yield Case("DENSIFY", type, name, [
                Operator("DENSIFY", [constant], [dense], schema.DensifyOptionsT()),
                Operator("MAXIMUM", [dense, feed(type, shape, usual(type))],
                         [result(type, usual(type))], schema.MaximumMinimumOptionsT())])


def metadata(axis: Axis) -> Any:
    """The table for one axis."""
    if isinstance(axis, int):
        return schema.DimensionMetadataT(format=0, denseSize=axis)
    width, segments, indices = axis
    stored = schema.DimensionMetadataT(format=1)
    stored.arraySegmentsType = stored.arrayIndicesType = getattr(
        schema.SparseIndexVector, f"{width}Vector")
    dtype = {"Int32": np.int32, "Uint16": np.uint16, "Uint8": np.uint8}[width]
    vector = getattr(schema, f"{width}VectorT")
    stored.arraySegments = vector(values=np.array(segments, dtype))
    stored.arrayIndices = vector(values=np.array(indices, dtype))
    return stored

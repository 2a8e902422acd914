"""Normalization over channels."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .model import Case, case, feed, result
from .quantizations import quantized, usual


def cases() -> Iterator[Case]:
    """All of the family."""
    for type, pair in [("f32", None), ("i8", (1 / 128, 0)), ("u8", (1 / 128, 128))]:
        for name, shape in [("rank2", (3, 7)), ("rank4", (2, 3, 4, 5)), ("rank1", (9,)),
                            ("one-channel", (4, 1)), ("rank3-wide", (1, 2, 65))]:
            yield case("L2_NORMALIZATION", type, name, [feed(type, shape, usual(type))],
                       result(type, quantized(*pair) if pair else None), schema.L2NormOptionsT())
    for name, shape, radius, bias, alpha, beta in [
            ("plain", (1, 3, 4, 7), 2, 1.0, 1.0, 0.5), ("radius0", (1, 2, 3, 4), 0, 1.0, 1.0, 0.5),
            ("alexnet", (1, 3, 3, 16), 5, 2.0, 1e-4, 0.75),
            ("radius-over-depth", (2, 2, 2, 3), 9, 0.5, 0.3, 1.0)]:
        yield case("LOCAL_RESPONSE_NORMALIZATION", "f32", name, [feed("f32", shape)], result("f32"),
                   schema.LocalResponseNormalizationOptionsT(radius, bias, alpha, beta))

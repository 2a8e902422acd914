"""Activations, from RELU to GELU, and the functions of the softmax kind."""

from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from .model import Case, Quantization, case, feed, noise, result
from .quantizations import quantized, usual

QUANTIZED = ["i8", "u8", "i16"]
TYPES = ["f32", *QUANTIZED]
SHAPES = {"rank4": (2, 3, 5, 3), "rank1": (17,), "rank2": (3, 33), "rank5": (1, 2, 3, 2, 5)}
# Operand and result: inputs that saturate, results that are coarse or shifted to an end.
SHIFTED: dict[str, dict[str, tuple[tuple[float, int], tuple[float, int]]]] = {
    "i8": {"wide": ((0.1, 0), (0.06, -10)), "zero-points-opposed": ((0.05, -128), (0.03, 127)),
           "fine": ((0.003, 20), (0.003, -20)), "equal": ((0.05, 4), (0.05, 4)),
           "coarse-to-fine": ((0.5, 3), (0.004, -128))},
    "i16": {"wide": ((0.0005, 0), (0.0003, 0)), "fine": ((0.00002, 0), (0.00002, 0)),
            "coarse-to-fine": ((0.01, 0), (0.00001, 0))},
}
SHIFTED["u8"] = {name: ((a, zero_a + 128), (b, zero_b + 128))
                 for name, ((a, zero_a), (b, zero_b)) in SHIFTED["i8"].items()}
# The results that LiteRT requires.
SIGMOID = {"i8": (1 / 256, -128), "u8": (1 / 256, 0), "i16": (1 / 32768, 0)}
TANH = {"i8": (1 / 128, 0), "u8": (1 / 128, 128), "i16": (1 / 32768, 0)}
LOG_SOFTMAX = {"i8": (16 / 256, 127), "u8": (16 / 256, 255)}


def cases() -> Iterator[Case]:
    """All of the family."""
    for kind in ["RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "HARD_SWISH", "ELU"]:
        yield from unaries(kind)
    for alpha in [0.1, 0.3, 1.5, -0.5]:
        yield from unaries("LEAKY_RELU", f"alpha{alpha}-", schema.LeakyReluOptionsT(alpha=alpha))
    for name, approximate in [("exact-", False), ("tanh-", True)]:
        yield from unaries("GELU", name, schema.GeluOptionsT(approximate=approximate))
    yield from bounded("LOGISTIC", SIGMOID)
    yield from bounded("TANH", TANH)
    yield from prelus()
    yield from softmaxes()
    yield from log_softmaxes()


def unaries(kind: str, prefix: str = "", options: object = None) -> Iterator[Case]:
    """A function of one operand, over types, ranks and quantizations."""
    for type in TYPES:
        for name, shape in SHAPES.items():
            yield case(kind, type, prefix + name, [feed(type, shape, usual(type))],
                       result(type, usual(type, 2)), options)
        for name, (operand, output) in SHIFTED.get(type, {}).items():
            yield case(kind, type, prefix + name, [feed(type, (4, 64), quantized(*operand))],
                       result(type, quantized(*output)), options)


def bounded(kind: str, outputs: dict[str, tuple[float, int]]) -> Iterator[Case]:
    """A function whose result has a quantization of its own."""
    for type in TYPES:
        output = quantized(*outputs[type]) if type in outputs else None
        for name, shape in SHAPES.items():
            yield case(kind, type, name, [feed(type, shape, usual(type))], result(type, output))
        if type not in outputs:
            continue
        zeros = {"i8": [-128, 0, 127], "u8": [0, 128, 255], "i16": [0]}[type]
        scales = [2 ** -12, 2 ** -11, 0.00017, 0.0005] if type == "i16" else [0.004, 0.05, 0.3]
        for scale in scales:
            for zero in zeros:
                yield case(kind, type, f"scale{scale:g}-zero-point{zero}",
                           [feed(type, (4, 64), quantized(scale, zero))], result(type, output))


def prelus() -> Iterator[Case]:
    """Slopes per channel, per element, and one for all."""
    for type in TYPES:
        for name, slopes in [("per-channel", (1, 1, 3)), ("per-element", (3, 5, 3)),
                             ("one-slope", (1, 1, 1)), ("slopes-rank1", (3,))]:
            yield case("PRELU", type, name,
                       [feed(type, (2, 3, 5, 3), usual(type)), noise(type, slopes, usual(type, 1))],
                       result(type, usual(type, 2)))


def softmaxes() -> Iterator[Case]:
    """Over ranks, beta and the scale of the operand."""
    def one(type: str, variant: str, shape: tuple[int, ...], operand: Quantization | None,
            beta: float = 1, output_type: str | None = None) -> Case:
        output_type = output_type or type
        pair = SIGMOID.get(output_type)
        if type != output_type:
            pair = (1 / 65536, -32768)
        return case("SOFTMAX", type, variant, [feed(type, shape, operand)],
                    result(output_type, quantized(*pair) if pair else None),
                    schema.SoftmaxOptionsT(beta=beta))

    for type in TYPES:
        for name, shape in SHAPES.items():
            yield one(type, name, shape, usual(type))
        yield one(type, "one-element", (3, 1), usual(type))
        yield one(type, "wide", (2, 1000), usual(type))
        for beta in [0.5, 2.0, 10.0]:
            yield one(type, f"beta{beta:g}", (3, 20), usual(type), beta)
        for scale in {"i8": [0.0005, 0.1, 1.0], "u8": [0.0005, 0.1, 1.0],
                      "i16": [0.00001, 0.001, 0.01]}.get(type, []):
            operand = quantized(scale, {"i8": 5, "u8": 133, "i16": 0}[type])
            yield one(type, f"scale{scale:g}", (3, 20), operand)
    yield one("i8", "to-i16", (3, 20), usual("i8"), output_type="i16")


def log_softmaxes() -> Iterator[Case]:
    """Over ranks and the scale of the operand."""
    for type in ["f32", "i8", "u8"]:
        output = quantized(*LOG_SOFTMAX[type]) if type in LOG_SOFTMAX else None
        options = schema.LogSoftmaxOptionsT()
        for name, shape in (SHAPES | {"wide": (2, 500)}).items():
            yield case("LOG_SOFTMAX", type, name, [feed(type, shape, usual(type))],
                       result(type, output), options)
        for scale in [0.001, 0.1, 0.5] if type in LOG_SOFTMAX else []:
            operand = quantized(scale, 128 if type == "u8" else 0)
            yield case("LOG_SOFTMAX", type, f"scale{scale:g}", [feed(type, (3, 20), operand)],
                       result(type, output), options)

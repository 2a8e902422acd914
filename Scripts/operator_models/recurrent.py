"""Recurrent layers: LSTM, RNN and SVDF, over one or more steps, forward or in both directions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from .model import Case, Quantization, Tensor, case, feed, intermediate, noise, result, variable
from .quantizations import quantized, usual

ACTIVATIONS = {"linear": 0, "relu": 1, "relu-n1": 2, "relu6": 3, "sign-bit": 5}

TYPES = ["f32", "f32xi8", "f32xi8-asymmetric", "i8"]


def cases() -> Iterator[Case]:
    """All of the family."""
    for type in TYPES:
        for layer in layers():
            yield unidirectional_lstm(type, layer)
        for layer in single_steps():
            yield lstm(type, layer)
    for layer in integer_layers():
        yield unidirectional_lstm("i8", layer)
    for type in TYPES[:3]:
        for layer in double_layers():
            yield bidirectional_lstm(type, layer)
        yield from rnns(type)
    for type in TYPES:
        yield from svdfs(type)
    yield from basic_lstms()


@dataclass(frozen=True)
class Layer:
    """What LSTM layers are told apart by."""

    variant: str
    steps: int = 5
    batches: int = 3
    inputs: int = 7
    cells: int = 6
    # If they are not the cells.
    projected: int | None = None
    has_projection_bias: bool = False
    is_coupled: bool = False
    has_peephole: bool = False
    is_normalized: bool = False
    is_time_major: bool = False
    activation: int = 4
    cell_clip: float = 0
    projection_clip: float = 0
    # Of the integer layers.
    cell_exponent: int = -11
    zero_points: tuple[int, int, int] = (-3, 5, 9)
    # Of the bidirectional ones.
    are_outputs_merged: bool = False
    auxiliary: str = "none"

    @property
    def outputs(self) -> int:
        """The extent of the result."""
        return self.projected or self.cells

    @property
    def rows(self) -> tuple[int, int]:
        """The axes of steps and batches in their order."""
        return (self.steps, self.batches) if self.is_time_major else (self.batches, self.steps)


def layers() -> Iterator[Layer]:
    """Those that exist in every type."""
    yield Layer("plain")
    yield Layer("one-batch", batches=1, steps=8)
    yield Layer("one-step", steps=1)
    yield Layer("time-major", is_time_major=True)
    yield Layer("coupled", is_coupled=True)
    yield Layer("peephole", has_peephole=True)
    yield Layer("peephole-coupled", has_peephole=True, is_coupled=True, is_time_major=True)
    yield Layer("projection", projected=4)
    yield Layer("projection-bias", projected=4, has_projection_bias=True, is_time_major=True)
    yield Layer("projection-wide", projected=11, has_projection_bias=True)
    yield Layer("normalized", is_normalized=True)
    yield Layer("normalized-coupled", is_normalized=True, is_coupled=True, is_time_major=True)
    yield Layer("everything", projected=4, has_projection_bias=True, has_peephole=True,
                is_normalized=True, cell_clip=0.8, projection_clip=0.6, batches=1)
    yield Layer("everything-time-major", projected=4, has_peephole=True, is_normalized=True,
                is_coupled=True, cell_clip=0.8, projection_clip=0.6, is_time_major=True)
    yield Layer("cell-clip", cell_clip=0.3)
    yield Layer("projection-clip", projected=4, projection_clip=0.2)
    yield Layer("wide", batches=2, inputs=40, cells=35)
    for name, number in ACTIVATIONS.items():
        if name != "linear":  # here LiteRT leaves its memory as it was
            yield Layer(name, activation=number, cell_clip=2)


def integer_layers() -> Iterator[Layer]:
    """Those whose scales and zero points are at their ends."""
    for exponent in [-15, -14, -13, -12, -10, -9]:
        yield Layer(f"cell-scale{exponent}", cell_exponent=exponent)
    yield Layer("zero-points-low", zero_points=(-128, -128, -128))
    yield Layer("zero-points-high", zero_points=(127, 127, 127))
    yield Layer("zero-points-projected", projected=4, zero_points=(-128, 127, -128))
    yield Layer("zero-points-none", zero_points=(0, 0, 0))


def double_layers() -> Iterator[Layer]:
    """Those of both directions."""
    for is_time_major in [True, False]:
        order = "time-major" if is_time_major else "batch-major"
        plain = Layer(order, is_time_major=is_time_major)
        yield plain
        yield replace(plain, variant=f"{order}-cross-linked", auxiliary="weights")
        yield replace(plain, variant=f"{order}-parallel", auxiliary="input")
        # Of several batches in a row, TFLite finds the states of the first only.
        batches = 3 if is_time_major else 1
        yield replace(plain, variant=f"{order}-merged", are_outputs_merged=True, batches=batches)
        yield replace(plain, variant=f"{order}-everything", has_peephole=True, projected=4,
                      has_projection_bias=True, cell_clip=0.8, projection_clip=0.6)
        yield replace(plain, variant=f"{order}-coupled", is_coupled=True, has_peephole=True)


def single_steps() -> Iterator[Layer]:
    """Those of the operator without an axis of steps."""
    yield Layer("plain", steps=1)
    yield Layer("one-batch", steps=1, batches=1)
    yield Layer("everything", steps=1, batches=1, projected=4, has_projection_bias=True,
                has_peephole=True, is_normalized=True, cell_clip=0.8, projection_clip=0.6)
    yield Layer("coupled", steps=1, is_coupled=True, has_peephole=True)


@dataclass(frozen=True)
class Weights:
    """How the tensors of a layer are stored in one of the types."""

    type: str

    @property
    def is_integer(self) -> bool:
        """Whether activations are integers, too."""
        return self.type == "i8"

    def matrix(self, rows: int, columns: int, scale: float = 0.008) -> Tensor:
        """Weights of 8 bits or floats; about a unit wide."""
        if self.type == "f32":
            return noise("f32", (rows, columns), range=(-0.9, 0.9))
        return noise("i8", (rows, columns), quantized(scale), (-127, 127))

    def peephole(self, cells: int) -> Tensor:
        """Weights of cells with themselves."""
        if self.is_integer:
            return noise("i16", (cells,), quantized(0.00003), (-32767, 32767))
        if self.type == "f32":
            return noise("f32", (cells,), range=(-0.9, 0.9))
        return noise("i8", (cells,), quantized(0.007), (-127, 127))

    def vector(self, count: int, scale: float) -> Tensor:
        """A bias, in integers of that scale."""
        if self.is_integer:
            limit = round(0.7 / scale)
            return noise("i32", (count,), quantized(scale), (-limit, limit))
        return noise("f32", (count,), range=(-0.7, 0.7))

    def normalization(self, count: int) -> Tensor:
        """The coefficients of normalized cells."""
        if self.is_integer:
            return noise("i16", (count,), quantized(0.00004), (5000, 32767))
        return noise("f32", (count,), range=(0.2, 1.3))


def gates(layer: Layer) -> range:
    """Input, forget, cell and output gate, or all but the first."""
    return range(1 if layer.is_coupled else 0, 4)


def placed(layer: Layer, make: Any, leaves_out: int | None = None) -> list[Tensor | None]:
    """A tensor for each gate that there is, but for one."""
    return [make() if gate in gates(layer) and gate != leaves_out else None for gate in range(4)]


def layer_operands(layer: Layer, weights: Weights) -> list[Tensor | None]:
    """The 17 operands behind the input."""
    cells, outputs, scale = layer.cells, layer.outputs, 0.024 * 0.008
    peephole = (placed(layer, lambda: weights.peephole(cells), leaves_out=2)
                if layer.has_peephole else [None] * 4)
    bias_scale = 0.00004 / 1024 if layer.is_normalized else scale
    projection: list[Tensor | None] = [None, None]
    if layer.projected:
        projection = [weights.matrix(outputs, cells), None]
    if layer.has_projection_bias:
        projection[1] = weights.vector(outputs, 0.008 * 0.007)
    return [*placed(layer, lambda: weights.matrix(cells, layer.inputs)),
            *placed(layer, lambda: weights.matrix(cells, outputs)),
            peephole[0], peephole[1], peephole[3],
            *placed(layer, lambda: weights.vector(cells, bias_scale)), *projection]


def states(layer: Layer, weights: Weights) -> list[Tensor]:
    """That of the output and that of the cells."""
    rows = (layer.batches,)
    if not weights.is_integer:
        return [variable("f32", (*rows, layer.outputs)), variable("f32", (*rows, layer.cells))]
    return [variable("i8", (*rows, layer.outputs), output_scale(layer)),
            variable("i16", (*rows, layer.cells), quantized(2.0 ** layer.cell_exponent))]


def output_scale(layer: Layer) -> Quantization:
    """Of an integer result."""
    return quantized(0.009, layer.zero_points[1])


def intermediates(layer: Layer) -> list[Tensor]:
    """Sums of the four gates, and what is projected or put out."""
    sums = [intermediate("i16", quantized(scale)) if layer.is_normalized else intermediate("i16")
            for scale in (0.0002, 0.0003, 0.0004, 0.0005)]
    hidden = quantized(0.007, layer.zero_points[2]) if layer.projected else output_scale(layer)
    return [*sums, intermediate("i8", hidden)]


def forward(operator: str, type: str, layer: Layer, rows: tuple[int, ...], options: Any) -> Case:
    """An LSTM in one direction."""
    element, _, asymmetry = type.partition("-")
    weights = Weights(element)
    coefficients = (placed(layer, lambda: weights.normalization(layer.cells))
                    if layer.is_normalized else [None] * 4)
    options.fusedActivationFunction = layer.activation
    options.cellClip = layer.cell_clip
    options.projClip = layer.projection_clip
    options.asymmetricQuantizeInputs = bool(asymmetry)
    scale = quantized(0.024, layer.zero_points[0]) if weights.is_integer else None
    return case(operator, element, "-".join(filter(None, [asymmetry, layer.variant])),
                [feed(element.partition("x")[0], (*rows, layer.inputs), scale),
                 *layer_operands(layer, weights), *states(layer, weights), *coefficients],
                result("i8", output_scale(layer)) if weights.is_integer else result("f32"),
                options, intermediates(layer) if weights.is_integer else None)


def unidirectional_lstm(type: str, layer: Layer) -> Case:
    """A sequence in one direction."""
    return forward("UNIDIRECTIONAL_SEQUENCE_LSTM", type, layer, layer.rows,
                   schema.UnidirectionalSequenceLSTMOptionsT(timeMajor=layer.is_time_major))


def lstm(type: str, layer: Layer) -> Case:
    """A single step."""
    return forward("LSTM", type, layer, (layer.batches,), schema.LSTMOptionsT(kernelType=0))


def bidirectional_lstm(type: str, layer: Layer) -> Case:
    """A sequence in both directions, in floats, with or without a second input."""
    element, _, asymmetry = type.partition("-")
    weights = Weights(element)
    auxiliary: list[Tensor | None] = [None] * 9
    if layer.auxiliary != "none":
        width = 4 if layer.auxiliary == "weights" else layer.inputs
        auxiliary[0] = feed("f32", (*layer.rows, width))
    if layer.auxiliary == "weights":
        auxiliary[1:] = [*placed(layer, lambda: weights.matrix(layer.cells, 4)),
                         *placed(layer, lambda: weights.matrix(layer.cells, 4))]
    options = schema.BidirectionalSequenceLSTMOptionsT(
        fusedActivationFunction=layer.activation, cellClip=layer.cell_clip,
        projClip=layer.projection_clip, mergeOutputs=layer.are_outputs_merged,
        timeMajor=layer.is_time_major, asymmetricQuantizeInputs=bool(asymmetry))
    results = [result("f32")] if layer.are_outputs_merged else [result("f32"), result("f32")]
    return case("BIDIRECTIONAL_SEQUENCE_LSTM", element,
                "-".join(filter(None, [asymmetry, layer.variant])),
                [feed("f32", (*layer.rows, layer.inputs)), *layer_operands(layer, weights),
                 *layer_operands(layer, weights), *states(layer, weights),
                 *states(layer, weights), *auxiliary], results, options)


def rnns(type: str) -> Iterator[Case]:
    """Fully connected recurrence: one step, sequences, and both directions."""
    element, _, asymmetry = type.partition("-")
    weights = Weights(element)

    def direction(inputs: int, units: int, batches: int) -> list[Tensor]:
        return [weights.matrix(units, inputs), weights.matrix(units, units),
                noise("f32", (units,), range=(-0.7, 0.7)), variable("f32", (batches, units))]

    def name(variant: str) -> str:
        return "-".join(filter(None, [asymmetry, variant]))

    for variant, number in {"tanh": 4, **ACTIVATIONS}.items():
        options = schema.RNNOptionsT(number, bool(asymmetry))
        yield case("RNN", element, name(variant), [feed("f32", (3, 7)), *direction(7, 6, 3)],
                   result("f32"), options)
    for variant, rows, number in [("batch-major", (3, 5), 4), ("time-major", (5, 3), 4),
                                  ("relu6", (2, 4), 3), ("wide-one-batch", (1, 6), 4)]:
        is_time_major = variant == "time-major"
        batches = rows[1] if is_time_major else rows[0]
        inputs, units = (40, 35) if variant.startswith("wide") else (7, 6)
        options = schema.SequenceRNNOptionsT(is_time_major, number, bool(asymmetry))
        yield case("UNIDIRECTIONAL_SEQUENCE_RNN", element, name(variant),
                   [feed("f32", (*rows, inputs)), *direction(inputs, units, batches)],
                   result("f32"), options)
    for is_time_major in [False, True]:
        for kind in ["plain", "merged", "cross-linked", "parallel"]:
            rows = (5, 3) if is_time_major else (3, 5)
            auxiliary: list[Tensor | None] = [None, None, None]
            if kind in ["cross-linked", "parallel"]:
                # As wide as the input, which is what LiteRT takes for its width.
                auxiliary[0] = feed("f32", (*rows, 7))
            if kind == "cross-linked":
                auxiliary[1:] = [weights.matrix(6, 7), weights.matrix(8, 7)]
            options = schema.BidirectionalSequenceRNNOptionsT(
                is_time_major, 4, kind == "merged", bool(asymmetry))
            order = "time-major" if is_time_major else "batch-major"
            yield case("BIDIRECTIONAL_SEQUENCE_RNN", element, name(f"{order}-{kind}"),
                       [feed("f32", (*rows, 7)), *direction(7, 6, 3), *direction(7, 8, 3),
                        *auxiliary],
                       [result("f32")] * (1 if kind == "merged" else 0)
                       or [result("f32"), result("f32")], options)


def svdfs(type: str) -> Iterator[Case]:
    """Filters over features and time, of one or more ranks."""
    element, _, asymmetry = type.partition("-")
    activations = {"relu": 1}
    if element != "i8":
        activations |= {"linear": 0, "relu6": 3, "tanh": 4}
    for variant, number in activations.items():
        for rank, batches, has_bias in [(1, 3, True), (2, 1, True), (3, 2, False)]:
            name = f"{variant}-rank{rank}" + ("" if has_bias else "-no-bias")
            yield svdf(element, asymmetry, name, number, rank, batches, has_bias)


def svdf(element: str, asymmetry: str, variant: str, activation: int, rank: int, batches: int,
         has_bias: bool) -> Case:
    """One layer of four units."""
    inputs, units, memory = 9, 4, 6
    filters = units * rank
    weights = Weights(element)
    is_integer = weights.is_integer
    time = (noise("i16", (filters, memory), quantized(0.00003), (-32767, 32767)) if is_integer
            else weights.matrix(filters, memory))
    state_scale = 0.0002
    bias = (noise("i32", (units,), quantized(state_scale * 0.00003), (-10 ** 7, 10 ** 7))
            if is_integer else noise("f32", (units,), range=(-0.7, 0.7)))
    return case("SVDF", element, "-".join(filter(None, [asymmetry, variant])),
                [feed(element.partition("x")[0], (batches, inputs),
                      usual("i8") if is_integer else None),
                 weights.matrix(filters, inputs), time, bias if has_bias else None,
                 variable("i16" if is_integer else "f32", (batches, filters * memory),
                          quantized(state_scale) if is_integer else None)],
                result("i8", quantized(0.02, -7)) if is_integer else result("f32"),
                schema.SVDFOptionsT(rank, activation, bool(asymmetry)))


def basic_lstms() -> Iterator[Case]:
    """A step with all weights in one matrix, of floats or of unsigned bytes with 16-bit cells."""
    for type in ["f32", "u8"]:
        for variant, batches, inputs, cells in [("plain", 3, 7, 6), ("wide", 1, 40, 32)]:
            is_integer = type == "u8"
            activations = quantized(1 / 128, 128) if is_integer else None
            shape = (4 * cells, inputs + cells)
            weights = noise(type, shape, quantized(0.008, 120) if is_integer else None,
                            None if is_integer else (-0.9, 0.9))
            bias = (noise("i32", shape[:1], quantized(0.008 / 128), (-9000, 9000)) if is_integer
                    else noise("f32", shape[:1], range=(-0.7, 0.7)))
            state_type = "i16" if is_integer else "f32"
            state_scale = quantized(1 / 2048) if is_integer else None
            yield case("LSTM", type, f"basic-{variant}",
                       [feed(type, (batches, inputs), activations),
                        variable(type, (batches, cells), activations), weights, bias,
                        variable(state_type, (batches, cells), state_scale)],
                       [result(type, activations), result(state_type, state_scale),
                        result(type, activations),
                        result(state_type, quantized(1 / 4096) if is_integer else None)],
                       schema.LSTMOptionsT(4, 0, 0, 1, False))

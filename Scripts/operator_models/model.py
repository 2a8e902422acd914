"""Small models as values, and their TFLite files.

A `Case` holds the operators of a model; an operator names its operands and results as `Tensor`s.
Which tensors are inputs and outputs, and where they are stored, follows from that. Only of further
subgraphs, which branches and loops refer to by number from 1 on, it is said.
"""

import zlib
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

# By the name that Dovetail gives an element type: the type of a TFLite file, and that of numpy.
ELEMENT_TYPES: dict[str, tuple[str, type[np.generic]]] = {
    "f32": ("FLOAT32", np.float32), "f16": ("FLOAT16", np.float16),
    "i4": ("INT4", np.int8), "i8": ("INT8", np.int8), "u8": ("UINT8", np.uint8),
    "i16": ("INT16", np.int16),
    "i32": ("INT32", np.int32), "u32": ("UINT32", np.uint32), "i64": ("INT64", np.int64),
    "bool": ("BOOL", np.bool_),
    # The handle of a variable, which has no elements.
    "resource": ("RESOURCE", np.uint8),
}


@dataclass(frozen=True)
class Quantization:
    """x = (q − zero point) · scale, with one pair, or one per index of an axis."""

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int = 0

    @property
    def scale(self) -> float:
        """The scale of a tensor that has one."""
        return self.scales[0]


@dataclass(frozen=True, eq=False)
class Tensor:
    """An operand or a result; the same object in two operators is the same tensor."""

    role: str  # "input", "constant", "result", "variable" or "intermediate"
    type: str
    shape: tuple[int, ...] = ()
    quantization: Quantization | None = None
    # The lowest and the highest value that is meaningful here, where not all are.
    range: tuple[float, float] | None = None
    # Of a constant that is not noise.
    values: np.ndarray | None = None
    # Extents as they are declared, −1 for one that depends on the inputs' elements.
    signature: tuple[int, ...] | None = None
    # Of a constant of which not all elements are stored: where `values` belong.
    sparsity: Any = None


def feed(type: str, shape: tuple[int, ...], quantization: Quantization | None = None,
         range: tuple[float, float] | None = None) -> Tensor:
    """An input of the model."""
    return Tensor("input", type, shape, quantization, range)


def noise(type: str, shape: tuple[int, ...], quantization: Quantization | None = None,
          range: tuple[float, float] | None = None) -> Tensor:
    """A constant of seeded random elements."""
    return Tensor("constant", type, shape, quantization, range)


def fixed(values: Any, type: str = "i32", quantization: Quantization | None = None) -> Tensor:
    """A constant of these elements."""
    array = np.array(values, ELEMENT_TYPES[type][1])
    return Tensor("constant", type, array.shape, quantization, values=array)


def result(type: str, quantization: Quantization | None = None,
           signature: tuple[int, ...] | None = None, shape: tuple[int, ...] = ()) -> Tensor:
    """What an operator computes; LiteRT says its shape, but in further subgraphs."""
    return Tensor("result", type, shape, quantization, signature=signature)


def variable(type: str, shape: tuple[int, ...], quantization: Quantization | None = None) -> Tensor:
    """A state that an operator reads and writes; zeros at first."""
    return Tensor("variable", type, shape, quantization)


def intermediate(type: str, quantization: Quantization | None = None) -> Tensor:
    """What an operator computes within; only its quantization counts."""
    return Tensor("intermediate", type, (0,), quantization)


@dataclass(frozen=True)
class Operator:
    """One operator of a model; an operand that is left out is `None`."""

    kind: str
    operands: list[Tensor | None]
    results: list[Tensor]
    options: Any = None
    intermediates: list[Tensor] = field(default_factory=list)


@dataclass(frozen=True)
class Subgraph:
    """What a branch, a loop or a call refers to."""

    inputs: list[Tensor]
    operators: list[Operator]
    outputs: list[Tensor]

    @property
    def tensors(self) -> list[Tensor]:
        """Every tensor once; its place in this list is its index in the file."""
        used = [each for operator in self.operators
                for each in [*operator.operands, *operator.intermediates, *operator.results]
                if each]
        return list(dict.fromkeys([*used, *self.inputs, *self.outputs]))


@dataclass(frozen=True)
class Case:
    """A model that shows one thing about an operator."""

    operator: str  # in the spelling of TFLite
    type: str  # of the element, as in the file's name; "f32xi8" if the weights have another
    variant: str
    operators: list[Operator] = field(repr=False)
    subgraphs: list[Subgraph] = field(default_factory=list, repr=False)

    @property
    def title(self) -> str:
        """The operator as file names spell it."""
        return self.operator.lower().replace("_2d", "2d").replace("_3d", "3d")

    @property
    def name(self) -> str:
        """The file's name without its extension."""
        return "-".join([self.title, self.type, self.variant])

    @property
    def inputs(self) -> list[Tensor]:
        """In the order of their first use."""
        operands = [each for operator in self.operators for each in operator.operands]
        return list(dict.fromkeys(each for each in operands if each and each.role == "input"))

    @property
    def outputs(self) -> list[Tensor]:
        """All results that no operator reads."""
        read = [each for operator in self.operators for each in operator.operands]
        return [each for operator in self.operators for each in operator.results
                if each not in read]

    @property
    def primary(self) -> Subgraph:
        """What a run executes."""
        return Subgraph(self.inputs, self.operators, self.outputs)


def case(operator: str, type: str, variant: str, operands: list[Tensor | None],
         results: list[Tensor] | Tensor, options: Any = None,
         intermediates: list[Tensor] | None = None) -> Case:
    """A model of one operator."""
    if isinstance(results, Tensor):
        results = [results]
    return Case(operator, type, variant,
                [Operator(operator, operands, results, options, intermediates or [])])


def file_bytes(model: Case, shapes: dict[int, list[int]], seed: int) -> bytes:
    """The TFLite file; `shapes` are those of results, by the number of the tensor."""
    file = schema.ModelT(version=3, description=model.name, buffers=[schema.BufferT()])
    graphs = [model.primary, *model.subgraphs]
    kinds = list(dict.fromkeys(operator.kind for graph in graphs for operator in graph.operators))
    file.operatorCodes = [operator_code(kind) for kind in kinds]
    file.subgraphs = [stored_graph(file, model.name, graph, {} if index else shapes, kinds, seed)
                      for index, graph in enumerate(graphs)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(file.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def stored_graph(file: Any, name: str, graph: Subgraph, shapes: dict[int, list[int]],
                 kinds: list[str], seed: int) -> Any:
    """A subgraph's table; `kinds` are those of the file's operators, by number."""
    numbers = {each: number for number, each in enumerate(graph.tensors)}
    stored = schema.SubGraphT(name="main" if not file.subgraphs else f"part-{len(file.subgraphs)}",
                              inputs=[numbers[each] for each in graph.inputs],
                              outputs=[numbers[each] for each in graph.outputs])
    stored.tensors = [stored_tensor(file, name, each, number, shapes.get(number, each.shape), seed)
                      for each, number in numbers.items()]
    stored.operators = [stored_operator(operator, kinds.index(operator.kind), numbers)
                        for operator in graph.operators]
    return stored


def stored_tensor(file: Any, name: str, tensor: Tensor, number: int, shape: Any,
                  seed: int) -> Any:
    """A tensor's table; the elements of a constant become a buffer of the file."""
    stored = schema.TensorT(name=f"{tensor.role}-{number}", shape=list(shape),
                            type=getattr(schema.TensorType, ELEMENT_TYPES[tensor.type][0]),
                            hasRank=True, isVariable=tensor.role == "variable")
    if tensor.signature is not None:
        stored.shapeSignature = list(tensor.signature)
    if tensor.quantization:
        stored.quantization = schema.QuantizationParametersT(
            scale=list(tensor.quantization.scales), zeroPoint=list(tensor.quantization.zero_points),
            quantizedDimension=tensor.quantization.axis)
    stored.sparsity = tensor.sparsity
    if tensor.role == "constant":
        elements = constant_elements(tensor, zlib.crc32(f"{seed}/{name}/{number}".encode()))
        if tensor.type == "i4":
            elements = packed(elements)
        stored.buffer = len(file.buffers)
        file.buffers.append(schema.BufferT(data=np.frombuffer(elements.tobytes(), np.uint8)))
    return stored


def packed(elements: np.ndarray) -> np.ndarray:
    """Integers of 4 bits, two to a byte, the first in its low half."""
    flat = elements.flatten() & 15
    flat = np.append(flat, np.zeros(flat.size % 2, flat.dtype))
    return (flat[::2] | flat[1::2] << 4).astype(np.uint8)


def constant_elements(tensor: Tensor, seed: int) -> np.ndarray:
    """The elements of a constant: given, uniform over a range, or normally distributed."""
    if tensor.values is not None:
        return tensor.values
    random = np.random.default_rng(seed)
    dtype = np.dtype(ELEMENT_TYPES[tensor.type][1])
    if dtype.kind == "f":
        if tensor.range is None:
            return random.standard_normal(tensor.shape).astype(dtype)
        return random.uniform(*tensor.range, tensor.shape).astype(dtype)
    low, high = tensor.range or (
        (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max))
    return random.integers(int(low), int(high), tensor.shape, endpoint=True).astype(dtype)


# Of kinds that LiteRT does not know in version 1.
VERSIONS = {"BROADCAST_TO": 2}


def operator_code(kind: str) -> Any:
    """The entry for a kind of operator; the older, narrower field ends at a placeholder."""
    code = getattr(schema.BuiltinOperator, kind, schema.BuiltinOperator.CUSTOM)
    name = kind if code == schema.BuiltinOperator.CUSTOM else None
    return schema.OperatorCodeT(deprecatedBuiltinCode=min(code, 127), builtinCode=code,
                               version=VERSIONS.get(kind, 1), customCode=name)


def stored_operator(operator: Operator, code: int, numbers: dict[Tensor, int]) -> Any:
    """An operator's table."""
    stored = schema.OperatorT(
        opcodeIndex=code, inputs=[numbers[each] if each else -1 for each in operator.operands],
        outputs=[numbers[each] for each in operator.results])
    if operator.intermediates:
        stored.intermediates = [numbers[each] for each in operator.intermediates]
    if isinstance(operator.options, bytes):  # of a custom operator
        stored.customOptions = np.frombuffer(operator.options, np.uint8)
    elif operator.options is not None:
        name = type(operator.options).__name__.removesuffix("T")
        if hasattr(schema.BuiltinOptions, name):
            stored.builtinOptionsType = getattr(schema.BuiltinOptions, name)
            stored.builtinOptions = operator.options
        else:
            stored.builtinOptions2Type = getattr(schema.BuiltinOptions2, name)
            stored.builtinOptions2 = operator.options
    return stored

"""What LiteRT does not tell of a model file: variables, and custom operators.

Read only after LiteRT has accepted the file, in the same process.
"""

from pathlib import Path

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

# What the names of TensorFlow's own operators begin with.
FLEX = "Flex"


def has_state(model: Path) -> bool:
    """Whether an execution depends on those before it, through variables of either kind."""
    file = schema.Model.GetRootAs(model.read_bytes(), 0)
    handle = schema.BuiltinOperator.VAR_HANDLE
    if any(file.OperatorCodes(number).BuiltinCode() == handle
           for number in range(file.OperatorCodesLength())):
        return True
    graph = file.Subgraphs(0)
    return any(graph.Tensors(number).IsVariable() for number in range(graph.TensorsLength()))


def has_custom_operators(model: Path) -> bool:
    """Whether LiteRT may not know all operators."""
    file = schema.Model.GetRootAs(model.read_bytes(), 0)
    return any(file.OperatorCodes(number).CustomCode()
               for number in range(file.OperatorCodesLength()))


def write_without(model: Path, custom: str, part: Path) -> None:
    """Writes the model without a custom operator and all that depends on its results.

    `FLEX` stands for all of TensorFlow's. Tensors keep their indices. Results that nothing reads
    any more become outputs.
    """
    file = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model.read_bytes(), 0))
    graph = file.subgraphs[0]
    codes = [number for number, code in enumerate(file.operatorCodes)
             if is_named(code, custom)]
    graph.operators = independent(graph.operators, codes)
    if not graph.operators:
        raise ValueError(f"nothing is left without `{custom}`")
    read = {index for operator in graph.operators for index in operator.inputs}
    graph.outputs = [index for operator in graph.operators for index in operator.outputs
                     if index in graph.outputs or index not in read]
    file.signatureDefs = []  # they name outputs that may be gone
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(packed(file))


def is_named(code: schema.OperatorCodeT, custom: str) -> bool:
    """Whether the code is that of a custom operator, or of any of TensorFlow's."""
    name = (code.customCode or b"").decode(errors="replace")
    return name.startswith(FLEX) if custom == FLEX else name == custom


def independent(operators: list[schema.OperatorT], codes: list[int]) -> list[schema.OperatorT]:
    """The operators that neither have one of these codes nor depend on one that has."""
    lost: set[int] = set()
    kept = []
    for operator in operators:
        if operator.opcodeIndex in codes or not lost.isdisjoint(operator.inputs):
            lost.update(operator.outputs)
        else:
            kept.append(operator)
    return kept


def packed(file: schema.ModelT) -> bytes:
    """A model as the bytes of a file."""
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(file.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())

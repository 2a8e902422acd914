"""LiteRT's quantizer, and its runtime as the judge of TFLite models.

Started as a process, `python -m benchmarks.quantization.litert MODEL CALIBRATION SETTING OUT`
quantizes a model, so that its time and memory can be measured.
"""

import sys
from pathlib import Path

import numpy as np

# Bits of activations and weights, and the algorithm that chooses scales of weights.
SETTINGS = {
    "static_wi8_ai8": (8, 8, "MIN_MAX_UNIFORM_QUANT"),
    "static_wi8_ai8, MSE": (8, 8, "MSE"),
    "static_wi8_ai8, OCTAV": (8, 8, "OCTAV"),
    "static_wi8_ai16": (16, 8, "MIN_MAX_UNIFORM_QUANT"),
    "static_wi4_ai8": (8, 4, "MIN_MAX_UNIFORM_QUANT"),
    "static_wi4_ai8, MSE": (8, 4, "MSE"),
    "static_wi4_ai8, OCTAV": (8, 4, "OCTAV"),
}
# The quantizer addresses models by signature.
SIGNATURE = "serving_default"
# The kernels that define the arithmetic, and those that LiteRT takes by itself.
REFERENCE = "BUILTIN_REF"
DEFAULT = "AUTO"


def execute(model: Path, data: np.ndarray, kernels: str = REFERENCE) -> list[np.ndarray]:
    """The outputs as floats, with samples along the first axis."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(str(model), num_threads=1,
                              experimental_op_resolver_type=getattr(OpResolverType, kernels))
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()[0]
    runs = []
    for number in range(len(data)):
        interpreter.set_tensor(details["index"], quantized(data[number:number + 1], details))
        interpreter.invoke()
        runs.append([dequantized(interpreter.get_tensor(each["index"]), each)
                     for each in interpreter.get_output_details()])
    return [np.concatenate(each) for each in zip(*runs)]


def quantized(values: np.ndarray, details: dict) -> np.ndarray:
    """Values in the type of an input."""
    scale, zero_point = details["quantization"]
    if not scale:
        return values
    limits = np.iinfo(details["dtype"])
    steps = np.round(values / scale) + zero_point
    return steps.clip(limits.min, limits.max).astype(details["dtype"])


def dequantized(values: np.ndarray, details: dict) -> np.ndarray:
    """Values of an output as floats; always a copy."""
    scale, zero_point = details["quantization"]
    if not scale:
        return values.copy()
    return ((values.astype(np.int64) - zero_point) * scale).astype(np.float32)


def quantize(model: Path, calibration: np.ndarray, setting: str, out: Path) -> None:
    """Calibrates and quantizes a model that has a signature."""
    from litert_quantizer import quantizer
    from litert_quantizer.qtyping import TFLOperationName

    activation_bits, weight_bits, algorithm = SETTINGS[setting]
    work = quantizer.Quantizer(str(model))
    work.add_static_config(
        ".*", TFLOperationName.ALL_SUPPORTED, activation_bits, weight_bits,
        algorithm_key=getattr(quantizer.AlgorithmName, algorithm))
    samples = [{"input": calibration[number:number + 1]} for number in range(len(calibration))]
    ranges = work.calibrate({SIGNATURE: samples}, num_threads=1)
    result = work.quantize(ranges, enable_progress_report=False)
    out.write_bytes(result.quantized_model)


def prepare(model: Path, out: Path) -> None:
    """Copies a model in the form that the quantizer asks for; it computes the same."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    content = schema.ModelT.InitFromPackedBuf(bytearray(model.read_bytes()), 0)
    # Older files have the operator's number in one of the fields only.
    for code in content.operatorCodes:
        code.builtinCode = max(code.builtinCode, code.deprecatedBuiltinCode)
    graph = content.subgraphs[0]
    graph.operators = [each for each in graph.operators if not is_widened(content, graph, each)]
    content.signatureDefs = [schema.SignatureDefT(
        inputs=[schema.TensorMapT(name="input", tensorIndex=int(graph.inputs[0]))],
        outputs=[schema.TensorMapT(name=f"output{number}", tensorIndex=int(index))
                 for number, index in enumerate(graph.outputs)],
        signatureKey=SIGNATURE, subgraphIndex=0)]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(content.Pack(builder), b"TFL3")
    out.write_bytes(bytes(builder.Output()))


def is_widened(content: object, graph: object, operator: object) -> bool:
    """Whether an operator only turns a constant of float16 to float32, which is then done here."""
    from ai_edge_litert import schema_py_generated as schema

    if content.operatorCodes[operator.opcodeIndex].builtinCode != schema.BuiltinOperator.DEQUANTIZE:
        return False
    narrow, wide = (graph.tensors[each] for each in (operator.inputs[0], operator.outputs[0]))
    data = content.buffers[narrow.buffer].data
    if narrow.type != schema.TensorType.FLOAT16 or data is None:
        return False
    values = np.frombuffer(bytes(data), np.float16).astype(np.float32)
    wide.buffer = len(content.buffers)
    content.buffers.append(schema.BufferT(data=np.frombuffer(values.tobytes(), np.uint8)))
    return True


if __name__ == "__main__":
    source, samples, wanted, result = sys.argv[1:]
    quantize(Path(source), np.load(samples), wanted, Path(result))

"""LiteRT as a contestant, in a process of its own that waits for its turn."""

from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from compare_tflite.description import Description
from compare_tflite.inputs import input_path, random_input, seeded
from compare_tflite.litert import model_inputs, reference_interpreter

from .served import Served, answer

# What LiteRT calls the kernels of each contestant; by itself it delegates to XNNPACK what it can.
KERNELS = {
    "xnnpack": "AUTO",
    "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    "reference": "BUILTIN_REF",
}


class LiteRT(Served):
    """Inference alone, by the kernels of one kind."""

    def __init__(self, kind: str, model: Path, folder: Path, threads: int) -> None:
        super().__init__(serve, folder / f"{kind}.log", KERNELS[kind], model, folder, threads)


def serve(connection: Connection, kernels: str, model: Path, folder: Path, threads: int) -> None:
    """Executes a burst at each request, until the other end is closed."""
    # Imported here because LiteRT may abort, and only this process should end then.
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        str(model), num_threads=threads,
        experimental_op_resolver_type=getattr(OpResolverType, kernels))
    interpreter.allocate_tensors()
    for number, details in enumerate(interpreter.get_input_details()):
        interpreter.set_tensor(details["index"], np.load(input_path(folder, number)))
    answer(connection, interpreter.invoke)


def write_inputs(model: Path, folder: Path) -> None:
    """Stores a random array for each input, and the inputs' description."""
    inputs = model_inputs(reference_interpreter(model), None)
    for number, each in enumerate(inputs):
        np.save(input_path(folder, number), random_input(each, seeded("benchmark", each)))
    Description(inputs, [], [], []).write(folder)

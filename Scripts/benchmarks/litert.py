"""LiteRT as a contestant, in a process of its own that waits for its turn."""

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from compare_tflite.description import Description
from compare_tflite.inputs import input_path, random_input, seeded
from compare_tflite.litert import failure, model_inputs, reference_interpreter, run_logged

from .bursts import CannotRun, time_burst

# What LiteRT calls the kernels of each contestant; by itself it delegates to XNNPACK what it can.
KERNELS = {
    "xnnpack": "AUTO",
    "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    "reference": "BUILTIN_REF",
}


class LiteRT:
    """Inference alone, by the kernels of one kind."""

    def __init__(self, kind: str, model: Path, folder: Path, threads: int) -> None:
        self.log = folder / f"{kind}.log"
        spawning = multiprocessing.get_context("spawn")
        self.connection, other_end = spawning.Pipe()
        arguments = (other_end, KERNELS[kind], model, folder, threads)
        self.process = spawning.Process(target=run_logged, args=(serve, self.log, arguments))
        self.process.start()
        # So that its death ends the waiting for an answer.
        other_end.close()

    def burst(self) -> float:
        """Asks the process for a burst."""
        try:
            self.connection.send("burst")
            return self.connection.recv()
        except (EOFError, OSError) as error:
            self.process.join()
            log = self.log.read_text(errors="replace")
            raise CannotRun(failure(self.process.exitcode or 0, log)) from error

    def close(self) -> None:
        """Lets the process end."""
        self.connection.close()
        self.process.join()


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
    try:
        while connection.recv():
            connection.send(time_burst(interpreter.invoke))
    except EOFError:
        return


def write_inputs(model: Path, folder: Path) -> None:
    """Stores a random array for each input, and the inputs' description."""
    inputs = model_inputs(reference_interpreter(model), None)
    for number, each in enumerate(inputs):
        np.save(input_path(folder, number), random_input(each, seeded("benchmark", each)))
    Description(inputs, [], [], []).write(folder)

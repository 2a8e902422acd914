"""Contestants in processes of their own, which wait for their turn."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from compare_tflite.litert import failure, run_logged

from .bursts import CannotRun, time_burst


class Served:
    """Inference alone, by a library that may abort."""

    def __init__(self, serve: Callable[..., None], log: Path, *arguments: object) -> None:
        self.log = log
        spawning = multiprocessing.get_context("spawn")
        self.connection, other_end = spawning.Pipe()
        self.process = spawning.Process(
            target=run_logged, args=(serve, log, (other_end, *arguments)))
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


def answer(connection: Connection, work: Callable[[], object]) -> None:
    """Executes a burst at each request, until the other end is closed."""
    try:
        while connection.recv():
            connection.send(time_burst(work))
    except EOFError:
        return

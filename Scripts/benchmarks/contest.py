"""Two tools that take turns, in processes of their own: their times, their memory, their ratios."""

import statistics
from dataclasses import dataclass

from .processes import Measurement, run_alone

# Of the cells of a contest, in a table.
TITLES = ["Dovetail s", "Vela s", "time ratio", "elapsed ratio",
          "Dovetail MiB", "Vela MiB", "memory ratio"]


class Contest:
    """Processes of both tools, run in turn; a side may take several, one after the other."""

    def __init__(self, ours: list[list[str]], vela: list[list[str]], runs: int) -> None:
        # Once before, so that files and caches are warm.
        total(ours), total(vela)
        self.rounds = [(total(ours), total(vela)) for _ in range(runs)]

    @property
    def cells(self) -> list[str]:
        """What `TITLES` names."""
        cpu, elapsed = self.medians("cpu_seconds"), self.medians("seconds")
        memory = self.medians("peak_kibibytes")
        return [f"{cpu[0]:.3f}", f"{cpu[1]:.3f}", f"{cpu[0] / cpu[1]:.3f}",
                f"{elapsed[0] / elapsed[1]:.3f}",
                *(f"{each / 1024:.0f}" for each in memory), f"{memory[0] / memory[1]:.3f}"]

    def medians(self, figure: str) -> list[float]:
        """Ours and Vela's, over the rounds."""
        return [statistics.median(getattr(each[side], figure) for each in self.rounds)
                for side in (0, 1)]


@dataclass(frozen=True)
class Total:
    """Of several processes: the sum of their times, and the peak of the largest."""

    seconds: float
    cpu_seconds: float
    peak_kibibytes: int


def total(commands: list[list[str]]) -> Total:
    """Runs processes one after the other."""
    measurements: list[Measurement] = [run_alone(command) for command in commands]
    return Total(sum(each.seconds for each in measurements),
                 sum(each.cpu_seconds for each in measurements),
                 max(each.peak_kibibytes for each in measurements))

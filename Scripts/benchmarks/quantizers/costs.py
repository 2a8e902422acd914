"""What quantizing costs: processor time and memory of whole processes, both sides in turn."""

import statistics
from dataclasses import dataclass

from ..processes import Measurement, ProcessFailure, run_alone
from .contestants import RANGE_METHODS, UNASKED, our_command
from .trials import Bench, Outcome

SCHEME = "int8"


@dataclass(frozen=True)
class Cost:
    """Medians over rounds."""

    cpu_seconds: float
    peak_kibibytes: float


def costs(bench: Bench, outcomes: dict[str, dict[str, Outcome]], runs: int) -> dict[str, Cost]:
    """By contestant, as it is when asked for nothing; one that fails has none."""
    commands = {who: bench.command(who, SCHEME, outcome.unasked.setting)
                for who, outcome in outcomes[SCHEME].items()}
    rounds = [{name: attempt(command) for name, command in commands.items()}
              for _ in range(runs)]
    return {name: median([each[name] for each in rounds]) for name in commands
            if all(each[name] for each in rounds)}


def memory_by_samples(bench: Bench) -> dict[str, dict[int, float]]:
    """Dovetail's peak in KiB by setting and by number of samples, as it is unasked and without methods."""
    def peak(setting: str, count: int) -> float:
        command = our_command(SCHEME, setting, [], bench.model, bench.folder / "data.npy",
                              bench.result("dovetail"))
        return run_alone([*command, "--samples", str(count)]).peak_kibibytes

    if not bench.network.sample_counts:
        return {}
    return {setting: {count: peak(setting, count) for count in bench.network.sample_counts}
            for setting in (UNASKED, RANGE_METHODS[0])}


def attempt(command: list[str]) -> Measurement | None:
    """A process that is measured if it ends well; why it does not, its trial says."""
    try:
        return run_alone(command)
    except ProcessFailure:
        return None


def median(measurements: list[Measurement]) -> Cost:
    """Of each figure by itself."""
    return Cost(statistics.median(each.cpu_seconds for each in measurements),
                statistics.median(each.peak_kibibytes for each in measurements))

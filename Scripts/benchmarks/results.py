"""What has been measured of a model."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Result:
    """Times of one model, by contestant."""

    model: str
    # Seconds per execution, one number per round.
    rounds: dict[str, list[float]] = field(default_factory=dict)
    # Why a contestant has no times.
    failures: dict[str, str] = field(default_factory=dict)

    def seconds(self, contestant: str) -> float | None:
        """The median over the rounds."""
        rounds = self.rounds.get(contestant)
        return statistics.median(rounds) if rounds else None

    def ratio(self, contestant: str, other: str) -> float | None:
        """The median of the ratios within a round, from which slow drifts cancel out."""
        pairs = list(zip(self.rounds.get(contestant, []), self.rounds.get(other, [])))
        return statistics.median(one / two for one, two in pairs) if pairs else None


@dataclass(frozen=True)
class Figure:
    """A number of the table: the time of a contestant, or what it is relative to another's."""

    title: str
    contestant: str
    relative_to: str | None = None

    def of(self, result: Result) -> float | None:
        """The number, or `None` where a contestant has no times."""
        if self.relative_to is None:
            return result.seconds(self.contestant)
        return result.ratio(self.contestant, self.relative_to)


RATIO_TO_XNNPACK = Figure("Dovetail / XNNPACK", "dovetail", "xnnpack")
RATIO_TO_BUILTIN = Figure("Dovetail / built-in", "dovetail", "builtin")
RATIO_TO_REFERENCE = Figure("Dovetail / reference", "dovetail", "reference")
RATIO_TO_ONNX_RUNTIME = Figure("Dovetail / ONNX Runtime", "dovetail", "onnxruntime")
RATIO_OF_TARGET = Figure("on target / Dovetail", "target", "dovetail")
WHOLE_PROCESS = Figure("whole process, s", "process")
RATIOS = [RATIO_TO_XNNPACK, RATIO_TO_BUILTIN, RATIO_TO_REFERENCE, RATIO_OF_TARGET]

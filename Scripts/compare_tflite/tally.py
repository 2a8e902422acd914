"""What has been found about a model."""

from dataclasses import dataclass, field

from .comparison import FLOAT_TOLERANCE, Comparison
from .description import Value


@dataclass
class Tally:
    """The row of one model in the table, and what has to be said about it below the table."""

    model: str
    compared: str
    cases: int
    inputs: int = 0
    values: set[int] = field(default_factory=set)
    elements: int = 0
    equal: int = 0
    severity: float = 0
    worst: str = "none"
    # What to say, with the cases it holds for.
    differences: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    unsupported: dict[str, list[str]] = field(default_factory=dict)
    # Operators that LiteRT does not know, and is therefore not asked to execute.
    skipped: list[str] = field(default_factory=list)
    # Whether they equal the expected results beside the model, by who computed.
    golden: dict[str, bool] = field(default_factory=dict)
    # Why there is no such model, as it must be.
    refusal: str = ""

    def add(self, value: Value, comparison: Comparison) -> None:
        """Counts one value of one input."""
        self.values.add(value.index)
        self.elements += comparison.elements
        self.equal += comparison.equal
        if comparison.severity > self.severity:
            self.severity = comparison.severity
            self.worst = f"{comparison.worst} in {value.title}"

    @property
    def verdict(self) -> str:
        """One or two words for the table."""
        if self.differences:
            return "DIFFERS"
        if self.refusal:
            return "refused"
        if self.skipped and not (self.errors or self.unsupported or self.cases):
            return "skipped"
        if self.errors or self.unsupported or not self.values:
            return "NOT RUN"
        verdict = "equal" if self.equal == self.elements else f"within {FLOAT_TOLERANCE:g}"
        return f"{verdict}, in part" if self.skipped else verdict

    @property
    def golden_verdict(self) -> str:
        """Who equals the expected results, for the table."""
        equal = [name for name, is_equal in self.golden.items() if is_equal]
        return ", ".join(equal) or ("none" if self.golden else "")

    @property
    def status(self) -> int:
        """The exit status that this row asks for."""
        return {"NOT RUN": 2, "DIFFERS": 2 if self.errors or self.unsupported else 1}.get(
            self.verdict, 0)

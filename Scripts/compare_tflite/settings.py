"""The choices of the command line that hold for every model."""

from dataclasses import dataclass, field

STATE_STEPS = 20


@dataclass(frozen=True)
class Settings:
    """How models are compared."""

    dovetail: str
    samples: int
    # The arguments of `--input`.
    given: list[str] = field(default_factory=list)
    target: str | None = None
    threads: int | None = None
    # How many executions follow each other; by default one, or `STATE_STEPS` of a model with state.
    steps: int | None = None

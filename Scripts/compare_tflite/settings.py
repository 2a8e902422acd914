"""The choices of the command line that hold for every model."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """How models are compared."""

    dovetail: str
    samples: int
    # The arguments of `--input`.
    given: list[str] = field(default_factory=list)
    target: str | None = None
    threads: int | None = None

"""What there is to feed and to compare in a model."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .inputs import Input


@dataclass(frozen=True)
class Value:
    """A tensor that an operator computes; one that depends on constants alone may be folded."""

    name: str
    index: int
    operator: str
    is_constant: bool

    @property
    def title(self) -> str:
        """How messages name it; the converter's long names are cut, the index is not."""
        name = self.name.split(";")[0]
        name = name if len(name) <= 40 else "…" + name[-39:]
        return f"{self.index} `{name}` ({self.operator})"


@dataclass(frozen=True)
class Description:
    """What there is to feed and to compare in a model; `values` is in the order of execution."""

    inputs: list[Input]
    values: list[Value]
    outputs: list[int]
    cases: list[str]
    # Whether LiteRT has no reference kernel for one of the operators.
    has_default_kernels: bool = False
    # How many executions follow each other, along a leading axis of inputs and values.
    steps: int | None = None

    @staticmethod
    def read(folder: Path) -> "Description":
        """Reads what `write` wrote."""
        fields = json.loads((folder / "model.json").read_text())
        return Description([Input(**each) for each in fields["inputs"]],
                           [Value(**each) for each in fields["values"]],
                           fields["outputs"], fields["cases"],
                           fields["has_default_kernels"], fields["steps"])

    def write(self, folder: Path) -> None:
        """Writes it where `read` finds it."""
        (folder / "model.json").write_text(json.dumps(asdict(self)))

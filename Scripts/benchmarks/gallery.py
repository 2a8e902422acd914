"""Writes the gallery: reports of the example networks on a few targets, with a table that leads to them.

Needs no peer; the same `dovetail` writes the same bytes. A test compares the gallery with what is written anew.
"""

import argparse
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .processes import run
from .report import row

ROOT = Path(__file__).parent.parent.parent
GALLERY = ROOT / "Reports" / "gallery"
NETWORKS = {"fashion": "Examples/fashion/fashion.tflite"}
# A small NPU of each generation.
TARGETS = ["ethos-u55-128", "ethos-u65-256", "ethos-u85-256"]

HEADING = """\
# Gallery

What `dovetail profile` writes of the example networks, with `--advice`. Pages need nothing but a browser: save one, or
open it in a checkout. Markdown is for pull requests.

`Scripts/benchmark gallery` writes all of this anew, and `Scripts/test` says when that is needed.
"""


@dataclass(frozen=True)
class Entry:
    """The reports of one network on one target."""

    network: str
    target: str
    totals: dict

    @property
    def name(self) -> str:
        """Of its files, without their ends."""
        return f"{self.network}-{self.target}"


def main(words: list[str]) -> int:
    """Writes the gallery to its place, or to another folder."""
    parser = argparse.ArgumentParser(prog="Scripts/benchmark gallery", description=__doc__)
    parser.add_argument("--output", type=Path, default=GALLERY, metavar="FOLDER",
                        help="where reports go (default Reports/gallery)")
    folder = parser.parse_args(words).output
    if folder == GALLERY and folder.exists():
        # What is no longer written must not stay.
        for old in folder.iterdir():
            old.unlink()
    write_gallery(folder)
    return 0


def write_gallery(folder: Path) -> None:
    """Writes all reports."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [HEADING, row(["network", "target", "cycles", "time", "peak SRAM", "SRAM traffic",
                           "other traffic", "reports"]),
             row(["---", "---", "---:", "---:", "---:", "---:", "---:", "---"])]
    for network, model in NETWORKS.items():
        entries = write_profiles(folder, network, model)
        lines += [table_row(entry) for entry in entries]
    lines += ["", "And what `dovetail diff --html` says of two of them:"]
    lines += [f"[{network} from {TARGETS[0]} to {TARGETS[-1]}]({difference(network)})."
              for network in NETWORKS]
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_profiles(folder: Path, network: str, model: str) -> list[Entry]:
    """The network on all targets, and the difference between the first and the last."""
    with tempfile.TemporaryDirectory() as scratch:
        profiles = [Path(scratch, f"{target}.json") for target in TARGETS]
        entries = [write_profile(folder, network, model, target, profile)
                   for target, profile in zip(TARGETS, profiles)]
        dovetail("diff", str(profiles[0]), str(profiles[-1]),
                 "--html", str(folder / difference(network)))
    return entries


def write_profile(folder: Path, network: str, model: str, target: str, profile: Path) -> Entry:
    """One network on one target."""
    stem = str(folder / f"{network}-{target}")
    dovetail("profile", str(ROOT / model), "--target", target, "--advice", "--quiet",
             "--json", str(profile), "--html", f"{stem}.html", "--markdown", f"{stem}.md")
    return Entry(network, target, json.loads(profile.read_text())["totals"])


def dovetail(*words: str) -> None:
    """Runs the command under test."""
    run([os.environ["DOVETAIL"], *words])


def difference(network: str) -> str:
    """The file of the page that compares two targets."""
    return f"{network}-{TARGETS[0]}-to-{TARGETS[-1]}.html"


def table_row(entry: Entry) -> str:
    """A line of the index."""
    totals = entry.totals
    moved = {memory: each["read"] + each["write"]
             for memory, each in totals["trafficBytes"].items()}
    return row([entry.network, entry.target, f"{totals['latencyCycles']:,}",
                f"{totals['latencyMilliseconds']:.3f} ms",
                kibibytes(totals["peakMemoryBytes"].get("sram", 0)), kibibytes(moved.pop("sram", 0)),
                kibibytes(sum(moved.values())),
                f"[page]({entry.name}.html), [Markdown]({entry.name}.md)"])


def kibibytes(count: int) -> str:
    """Bytes as tables show them."""
    return f"{count / 1024:,.1f} KiB"

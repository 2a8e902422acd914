"""Vela, Arm's compiler for Ethos-U: its command line and its figures, kept from run to run."""

import csv
import hashlib
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from .processes import run
from .schedule import Layer, Schedule, Settings
from .vela_debug import ACCESSES, cycles, misplaced_cycles, operations

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / ".build-vela-schedules"


def vela_command(model: Path, target: str, folder: Path) -> list[str]:
    """Compiles a model with Vela's defaults for a target; summary and model go to the folder."""
    return [str(Path(sys.executable).parent / "vela"), str(model),
            "--accelerator-config", target, "--output-dir", str(folder)]


def vela_schedule(model: Path, settings: Settings, tensors: set[str]) -> Schedule:
    """What Vela says of a model; a layer ends where one of `tensors` is complete."""
    folder = CACHE / cache_key(model, settings)
    if not (folder / "operations.csv").exists():
        shutil.rmtree(folder, ignore_errors=True)
        compile_into(folder, model, settings)
    [summary] = read_table(folder / "summary.csv")[-1:]
    return Schedule(
        settings=settings,
        cycles=round(float(summary["cycles_total"])),
        peak_sram_bytes=round(float(summary["sram_memory_used"]) * 1024),
        sram_bytes=int(summary["sram_total_bytes"]),
        off_chip_bytes=sum(int(summary[f"{memory}_total_bytes"])
                           for memory in ("dram", "on_chip_flash", "off_chip_flash")),
        layers=grouped(described_rows(folder), tensors))


def cache_key(model: Path, settings: Settings) -> str:
    """Everything that Vela's output depends on."""
    digest = hashlib.sha256(model.read_bytes()).hexdigest()[:16]
    return "-".join([model.stem, digest, settings.target, settings.system_config,
                     settings.memory_mode, version("ethos-u-vela")])


def compile_into(folder: Path, model: Path, settings: Settings) -> None:
    """Runs Vela, and keeps its tables once it has ended well."""
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        output, kept = Path(name, "output"), Path(name, "kept")
        kept.mkdir()
        run([*vela_command(model, settings.target, output), "--config", "Arm/vela.ini",
             "--system-config", settings.system_config, "--memory-mode", settings.memory_mode,
             "--verbose-performance", "--enable-debug-db"])
        shutil.copy(next(output.glob("*_summary_*.csv")), kept / "summary.csv")
        shutil.copy(next(output.glob("*_per-layer.csv")), kept / "per-layer.csv")
        write_table(kept / "operations.csv", operations(next(output.glob("*_debug.xml"))))
        kept.rename(folder)


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, by the titles of its columns."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Writes rows with all of their columns; what a row lacks is empty."""
    titles = list(dict.fromkeys(title for row in rows for title in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, titles)
        writer.writeheader()
        writer.writerows(rows)


def described_rows(folder: Path) -> list[dict[str, str]]:
    """The rows of the table of layers, each with what the debug database says of it."""
    return [{**operation, **row} for row, operation in zip(
        read_table(folder / "per-layer.csv"), read_table(folder / "operations.csv"), strict=True)]


def grouped(rows: list[dict[str, str]], tensors: set[str]) -> list[Layer]:
    """Rows of one operator of the model as one layer.

    Vela splits an operator such as a softmax into many and gives what each of them writes, so a
    layer goes on until another operator starts, or until the tensor it stands for is complete.
    """
    groups: list[list[dict[str, str]]] = []
    for row in rows:
        last = groups[-1][-1] if groups else None
        complete = last and last["Name"] in tensors and last["Name"] != row["Name"]
        if not last or last["Original Operator"] != row["Original Operator"] or complete:
            groups.append([])
        groups[-1].append(row)
    return [layer(group) for group in groups]


def layer(rows: list[dict[str, str]]) -> Layer:
    """Rows as one layer; what they do not tell is 0."""
    engines = sum(max(cycles(row, "mac_cycles"), cycles(row, "ao_cycles")) for row in rows)
    memories = sum(max(cycles(row, title) for title in ACCESSES.values()) for row in rows)
    return Layer(
        canonical(rows[0]["Original Operator"]), rows[-1]["Name"],
        sum(cycles(row, "Op Cycles") for row in rows), engines, memories,
        sum(misplaced_cycles(row) for row in rows))


def canonical(operator: str) -> str:
    """The operator in the spelling of TFLite without underscores: `AvgPool` is averagepool2d."""
    plain = operator.lower().replace("_", "")
    return {"avgpool": "averagepool2d", "maxpool": "maxpool2d"}.get(plain, plain)

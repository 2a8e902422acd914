"""Figures that Arm publishes of its Fixed Virtual Platform, beside those of both compilers."""

import csv
from dataclasses import dataclass
from pathlib import Path

from .schedule import Comparison

# The Corstone-300 platform; its network has weights of int8, that of the comparison of uint8.
TARGET_PREFIX = "Ethos-U55-128 (H128), Corstone-300 FVP"
NETWORK = "MobileNetV2 1.0 224 int8"
MODEL, TARGET = "MobileNetV2", "ethos-u55-128"
BYTES_PER_BEAT = 8


@dataclass(frozen=True)
class PublishedFigure:
    """A published number with those of both compilers."""

    title: str
    published: int
    ours: int
    vela: int


def published_comparison(evidence: Path,
                         comparisons: list[Comparison]) -> list[PublishedFigure]:
    """All that can be compared; nothing where the figures or the network are not there."""
    match = [each for each in comparisons if (each.model, each.target) == (MODEL, TARGET)]
    if not match or not evidence.exists():
        return []
    metrics = read_metrics(evidence)
    figures = {
        "NPU cycles": ("cycles", metrics["npu_active_cycles"]),
        "bytes of SRAM": ("sram_bytes", beats(metrics, "axi0") * BYTES_PER_BEAT),
        "bytes of flash": ("off_chip_bytes", beats(metrics, "axi1") * BYTES_PER_BEAT),
    }
    return [PublishedFigure(title, published, getattr(match[0].ours, figure),
                            getattr(match[0].vela, figure))
            for title, (figure, published) in figures.items()]


def read_metrics(evidence: Path) -> dict[str, int]:
    """The numbers of the network on the platform, by metric."""
    with evidence.open(newline="") as file:
        return {row["metric"]: int(row["value"]) for row in csv.DictReader(file)
                if row["target"].startswith(TARGET_PREFIX) and row["network"] == NETWORK}


def beats(metrics: dict[str, int], port: str) -> int:
    """Those that a port reads and writes; one that only reads has no count of writes."""
    return metrics[f"{port}_read_beats"] + metrics.get(f"{port}_write_beats", 0)

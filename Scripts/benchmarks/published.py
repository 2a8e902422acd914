"""Figures that Arm publishes of its Fixed Virtual Platform, beside those of both compilers."""

import csv
from dataclasses import dataclass
from pathlib import Path

from .schedule import Comparison

# The Corstone-300 platform; its network has weights of int8, and the file at hand of uint8.
TARGET_PREFIX = "Ethos-U55-128 (H128), Corstone-300 FVP"
NETWORK = "MobileNetV2 1.0 224 int8"
MODEL, SIGNED_MODEL, TARGET = "MobileNetV2", "MobileNetV2 int8", "ethos-u55-128"
BYTES_PER_BEAT = 8


@dataclass(frozen=True)
class PublishedFigure:
    """A published number with those of both compilers."""

    model: str
    title: str
    published: int
    ours: int
    vela: int


def published_comparison(evidence: Path,
                         comparisons: list[Comparison]) -> list[PublishedFigure]:
    """All that can be compared; nothing where the figures or the network are not there."""
    if not evidence.exists():
        return []
    metrics = read_metrics(evidence)
    return [figure for each in comparisons
            if each.model in (MODEL, SIGNED_MODEL) and each.target == TARGET
            for figure in published_figures(each, metrics)]


def published_figures(comparison: Comparison, metrics: dict[str, int]) -> list[PublishedFigure]:
    """Cycles and bytes of each port; the NPU reads its own commands through that of the flash."""
    ours, vela = comparison.ours, comparison.vela
    return [
        PublishedFigure(comparison.model, title, published, figure(ours), figure(vela))
        for title, published, figure in [
            ("NPU cycles", metrics["npu_active_cycles"], lambda each: each.cycles),
            ("bytes of SRAM", beats(metrics, "axi0") * BYTES_PER_BEAT,
             lambda each: each.sram_bytes),
            ("bytes of flash", beats(metrics, "axi1") * BYTES_PER_BEAT,
             lambda each: each.off_chip_bytes + each.command_bytes)]]


def read_metrics(evidence: Path) -> dict[str, int]:
    """The numbers of the network on the platform, by metric."""
    with evidence.open(newline="") as file:
        return {row["metric"]: int(row["value"]) for row in csv.DictReader(file)
                if row["target"].startswith(TARGET_PREFIX) and row["network"] == NETWORK}


def beats(metrics: dict[str, int], port: str) -> int:
    """Those that a port reads and writes; one that only reads has no count of writes."""
    return metrics[f"{port}_read_beats"] + metrics.get(f"{port}_write_beats", 0)

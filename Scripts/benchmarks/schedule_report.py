"""Comparisons of schedules as Markdown and as JSON."""

import json
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from .layer_report import by_target, compute_line, layer_section, target_entry, together
from .published import NETWORK, PublishedFigure
from .report import number, row
from .schedule import BARS, Comparison, Schedule, ScheduleBar

# Columns of three: ours, Vela's and the ratio.
FIGURES = {"cycles": "cycles", "peak SRAM": "peak_sram_bytes", "off-chip bytes": "off_chip_bytes"}


def markdown(comparisons: list[Comparison], published: list[PublishedFigure]) -> str:
    """The whole report."""
    lines = [
        "# Schedules beside Vela's", "",
        f"Made by `Scripts/benchmark schedules` with Vela {version('ethos-u-vela')}, each target "
        "with its own system configuration and memory mode.",
        "A ratio is ours by Vela's; one in bold with a ✗ misses its bar. Off-chip is flash or "
        "DRAM, read and written.",
        "Layers are matched by order and operator; their deviation is the median of "
        "|ours / Vela − 1| in cycles, also where ours is faster; their ratio is the median of "
        "ours / Vela.",
        "What a compiler fuses into the layer before, at no cycles of its own, counts with that "
        "layer for both.",
        "With factors in place, what Vela reads where it counts no bytes is left out of its "
        "cycles: see layers by target.",
        "Last comes how many have a partner, and how many of either side have none.", "",
        *summary_lines(comparisons)]
    by_model: dict[str, list[Comparison]] = defaultdict(list)
    for each in comparisons:
        by_model[each.model].append(each)
    for model, rows in by_model.items():
        lines += ["", f"## {model}", "", *model_table(rows)]
    lines += ["", *layer_section(by_target(comparisons))]
    if published:
        lines += ["", *published_section(published)]
    return "\n".join(lines) + "\n"


def summary_lines(comparisons: list[Comparison]) -> list[str]:
    """Each bar with how many comparisons meet it, and those that are furthest from it."""
    lines = [row(["figure", "at most", "met", "furthest off"]),
             row(["---", "---:", "---:", "---"])]
    for bar in BARS:
        missed = [each for each in comparisons if not bar.is_met(each)]
        missed.sort(key=lambda each: bar.measured(each) or 0, reverse=True)
        worst = [f"{each.model} on {each.target} {number(bar.measured(each))}"
                 for each in missed[:3]]
        met = f"{len(comparisons) - len(missed)} of {len(comparisons)}"
        lines.append(row([bar.title, f"{bar.limit:g}", met, ", ".join(worst) or "none"]))
    return [*lines, compute_line(by_target(comparisons))]


def model_table(comparisons: list[Comparison]) -> list[str]:
    """All targets of one model."""
    titles = ["target"]
    for title in FIGURES:
        titles += [title, "Vela", "ratio"]
    titles += ["layers' deviation", "with factors in place", "layers' ratio", "layers"]
    return [row(titles), row(["---"] + ["---:"] * (len(titles) - 1)),
            *map(model_row, comparisons)]


def model_row(comparison: Comparison) -> str:
    """One target; a ratio past its bar is marked."""
    cells = [comparison.target]
    bars = {bar.figure: bar for bar in BARS}
    for figure in FIGURES.values():
        cells += [f"{getattr(comparison.ours, figure):,}", f"{getattr(comparison.vela, figure):,}",
                  marked(bars[figure], comparison)]
    layers = f"{len(comparison.pairs)}"
    if comparison.unmatched:
        layers += f", {comparison.unmatched} without"
    return row([*cells, marked(bars["layers"], comparison),
                marked(bars["placed layers"], comparison), number(comparison.layer_ratio), layers])


def marked(bar: ScheduleBar, comparison: Comparison) -> str:
    """The figure of a bar, bold and with a cross where it is missed."""
    text = number(bar.measured(comparison))
    return text if bar.is_met(comparison) else f"**{text}** ✗"


def published_section(figures: list[PublishedFigure]) -> list[str]:
    """Arm's figures beside those of both compilers."""
    lines = ["## Beside Arm's Fixed Virtual Platform", "",
             f"{NETWORK} on the Corstone-300 platform with an Ethos-U55-128, as the ML Embedded "
             "Evaluation Kit documents it; a beat is 8 bytes. The file at hand is the "
             "uint8 network of the same shapes, whose weights compress better; the other has the "
             "same weights in int8, with a scale for each channel.",
             "The platform reads the NPU's commands through the port of the flash; ours are "
             "counted there by the target's estimate, Vela's are left out.", "",
             row(["network", "figure", "published", "Dovetail", "ratio", "Vela", "ratio"]),
             row(["---", "---"] + ["---:"] * 5)]
    for each in figures:
        lines.append(row([each.model, each.title, f"{each.published:,}",
                          f"{each.ours:,}", number(each.ours / each.published),
                          f"{each.vela:,}", number(each.vela / each.published)]))
    return lines


def write_json(path: Path, comparisons: list[Comparison],
               published: list[PublishedFigure]) -> None:
    """Writes all figures, those of each pair of layers too."""
    targets = by_target(comparisons)
    report = {
        "vela": version("ethos-u-vela"),
        "bars": [{"figure": bar.title, "limit": bar.limit,
                  "met": sum(map(bar.is_met, comparisons)), "of": len(comparisons)}
                 for bar in BARS],
        "layersByTarget": [target_entry(each) for each in targets],
        "layersOfAllTargets": target_entry(together(targets)),
        "comparisons": [comparison_entry(each) for each in comparisons],
        "published": [vars(each) for each in published],
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def comparison_entry(comparison: Comparison) -> dict[str, object]:
    """One comparison of the JSON."""
    settings = comparison.ours.settings
    return {
        "model": comparison.model, "target": comparison.target,
        "systemConfig": settings.system_config, "memoryMode": settings.memory_mode,
        "dovetail": schedule_entry(comparison.ours), "vela": schedule_entry(comparison.vela),
        "bars": [{"figure": bar.title, "measured": bar.measured(comparison),
                  "met": bar.is_met(comparison)} for bar in BARS],
        "layers": [{"operator": ours.operator, "tensor": ours.tensor.rpartition(";")[2],
                    "dovetailCycles": ours.cycles, "velaCycles": vela.cycles,
                    "dovetailEngineCycles": ours.engine_cycles,
                    "velaEngineCycles": vela.engine_cycles,
                    "velaMemoryCycles": vela.memory_cycles,
                    "velaMisplacedCycles": vela.misplaced_cycles}
                   for ours, vela in comparison.pairs],
        "unmatchedLayers": comparison.unmatched,
    }


def schedule_entry(schedule: Schedule) -> dict[str, int]:
    """The totals of one compiler."""
    return {"latencyCycles": schedule.cycles, "peakSramBytes": schedule.peak_sram_bytes,
            "sramTrafficBytes": schedule.sram_bytes, "offChipTrafficBytes": schedule.off_chip_bytes}

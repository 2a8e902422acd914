"""The figures of inference as Markdown and as JSON."""

import json
import math
from collections import defaultdict
from pathlib import Path

from .bars import BARS, Bar
from .results import RATIOS, WHOLE_PROCESS, Figure, Result

# Contestants whose times have a column, with its title.
TIMES = {"dovetail": "Dovetail", "xnnpack": "XNNPACK", "builtin": "built-in",
         "reference": "reference", "target": "on target"}


def print_results(results: list[Result]) -> None:
    """Prints times and ratios, a row per model, and why some are missing."""
    titles = [f"{title}, ms" for title in TIMES.values()] + [each.title for each in RATIOS]
    print_row(["model", *titles, WHOLE_PROCESS.title])
    print_row(["---"] + ["---:"] * (len(titles) + 1))
    for result in results:
        times = [scaled(result.seconds(contestant), 1000) for contestant in TIMES]
        ratios = [scaled(figure.of(result)) for figure in RATIOS]
        print_row([result.model, *times, *ratios, scaled(WHOLE_PROCESS.of(result))])
    print()
    print_failures(results)


def print_failures(results: list[Result]) -> None:
    """Prints each reason once for a model, with the contestants it keeps out."""
    for result in results:
        groups: dict[str, list[str]] = defaultdict(list)
        for contestant, reason in result.failures.items():
            groups[reason].append(contestant)
        for reason, contestants in groups.items():
            print(f"- {result.model}, {', '.join(contestants)}: {reason}")
    if any(result.failures for result in results):
        print()


def print_bars(results: list[Result], bars: list[Bar] = BARS) -> None:
    """Prints each bar with the models that it is for."""
    print_row(["figure", "model", "at most", "measured", "verdict"])
    print_row(["---", "---", "---:", "---:", "---"])
    for bar in bars:
        for result in filter(bar.is_for, results):
            print_row([bar.figure.title, result.model, f"{bar.limit:g}",
                       scaled(bar.figure.of(result)), bar.verdict(result)])


def print_row(cells: list[str]) -> None:
    """A line of a Markdown table, at once, for those who wait for it."""
    print(row(cells), flush=True)


def row(cells: list[str]) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def number(value: float | None) -> str:
    """Three decimals, or a dash."""
    return "—" if value is None else f"{value:.3f}"


def scaled(value: float | None, factor: float = 1) -> str:
    """A number with three significant digits, or a dash if there is none."""
    if value is None or value <= 0:
        return "—"
    decimals = max(0, 2 - math.floor(math.log10(value * factor)))
    return f"{value * factor:.{decimals}f}"


def write_json(path: Path, machine: dict[str, object], options: dict[str, object],
               results: list[Result], ratios: list[Figure] = RATIOS,
               bars: list[Bar] = BARS) -> None:
    """Writes everything that was measured, each round of it."""
    report = {"machine": machine, "options": options,
              "models": [model_entry(result, ratios, bars) for result in results]}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def model_entry(result: Result, ratios: list[Figure],
                bars: list[Bar]) -> dict[str, object]:
    """One model of the JSON; times in seconds."""
    return {
        "model": result.model,
        "medianSeconds": {name: result.seconds(name) for name in result.rounds},
        "ratios": {figure.title: figure.of(result) for figure in ratios},
        "bars": [{"figure": bar.figure.title, "limit": bar.limit,
                  "measured": bar.figure.of(result), "verdict": bar.verdict(result)}
                 for bar in bars if bar.is_for(result)],
        "roundSeconds": result.rounds,
        "failures": result.failures,
    }

"""What quantizers lose and what they cost, as Markdown and as JSON."""

import json
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from ..report import scaled
from .bars import bar_section
from .network_report import NetworkReport
from .networks import SCHEMES
from .tables import share, table
from .trials import Outcome, Trial

# The schemes of the summary.
HEADLINES = ["int8", "w4a8"]
QUALITY = ["accuracy", "agreement", "SQNR, dB"]


def markdown(machine: dict[str, object], runs: int, reports: list[NetworkReport]) -> str:
    """The whole report."""
    sections = [heading(machine, reports), summary(reports), bar_section(reports),
                data_table(reports)]
    sections += [scheme_section(scheme, reports) for scheme in SCHEMES]
    sections += [cost_section(runs, reports), memory_section(reports)]
    sections += [share_section(report, scheme, trials) for report in reports
                 for scheme, trials in report.shares.items()]
    sections.append(failure_section(reports))
    return "\n\n".join(section for section in sections if section) + "\n"


def heading(machine: dict[str, object], reports: list[NetworkReport]) -> str:
    """What has been done, and how to read the tables."""
    peers = {report.peer.title: report.peer for report in reports}
    versions = ", ".join(f"{package} {version}" for peer in peers.values()
                         for package, version in peer.versions.items())
    return f"""# Quantization beside other quantizers

Made by `Scripts/benchmark quantization` on {machine['date']}, {machine['cpu']}. Peers: {versions}.

Whoever has quantized a network, the same code executes it on the same data and compares it with the
float network. ONNX models are executed by ONNX Runtime without optimizations, so that an operator
between `DequantizeLinear` and `QuantizeLinear` computes in floats as the standard says; what
kernels of integers make of it differs between processors. TFLite models are executed by LiteRT's
reference kernels, which define the arithmetic of the format.

Accuracy is the share of right answers where these are known, agreement the share of answers that
are those of the float network, SQNR = 10 · log10(Σ float² / Σ (float − quantized)²) of what answers
are taken from. Each contestant has its best setting, by accuracy, or by agreement where there are no
labels, and then by SQNR; and the one that it takes when it is asked for nothing."""


def summary(reports: list[NetworkReport]) -> str:
    """The best of both sides in one row: accuracy or agreement, and SQNR."""
    titles = ["network", "measure", "float", *(f"Dovetail {scheme}" for scheme in HEADLINES),
              *(f"peer {scheme}" for scheme in HEADLINES), "peer's int8"]
    rows = [summary_row(report) for report in reports]
    return ("## Summary\n\nThe best of either side: accuracy or agreement, SQNR in dB.\n\n"
            + table(titles, rows, texts=2))


def summary_row(report: NetworkReport) -> list[str]:
    """One network."""
    is_labelled = report.float.accuracy is not None
    bests = {(who, scheme): outcome.best for scheme, outcomes in report.outcomes.items()
             for who, outcome in outcomes.items()}
    cells = [headline(bests.get((who, scheme))) for who in ("dovetail", "peer")
             for scheme in HEADLINES]
    best = bests.get(("peer", HEADLINES[0]))
    return [report.network.title, "accuracy" if is_labelled else "agreement",
            share(report.float.accuracy), *cells,
            f"{report.peer.title}, {best.setting}" if best else "—"]


def headline(trial: Trial | None) -> str:
    """What counts most, and SQNR."""
    if trial is None or trial.quality is None:
        return "—"
    *_, sqnr = quality_cells(trial)
    return f"{share(trial.quality.judged)}, {sqnr}"


def data_table(reports: list[NetworkReport]) -> str:
    """What the networks are judged on."""
    rows = [[report.network.title, report.network.description, share(report.float.accuracy),
             share(report.float.held_out_accuracy)] for report in reports]
    return "## Data\n\n" + table(
        ["network", "data", "float accuracy", "not calibrated on"], rows, texts=2)


def scheme_section(scheme: str, reports: list[NetworkReport]) -> str:
    """The best setting of both sides, and what they do unasked."""
    rows = [outcome_row(report, who, outcome) for report in reports
            for who, outcome in report.outcomes.get(scheme, {}).items()]
    titles = ["network", "quantizer", "best setting", *QUALITY, "accuracy, held out",
              "asked for nothing", *QUALITY]
    return f"## {scheme}: {SCHEMES[scheme]}\n\n" + table(titles, rows, texts=3)


def outcome_row(report: NetworkReport, who: str, outcome: Outcome) -> list[str]:
    """One contestant on one network."""
    best = outcome.best
    return [report.network.title, report.title_of(who), best.setting if best else "none",
            *quality_cells(best), share(best.quality.held_out_accuracy if best else None),
            outcome.unasked.setting, *quality_cells(outcome.unasked)]


def quality_cells(trial: Trial | None) -> list[str]:
    """What `QUALITY` names."""
    if trial is None or trial.quality is None:
        return ["—"] * len(QUALITY)
    measured = trial.quality
    sqnr = "exact" if measured.sqnr_decibels is None else f"{measured.sqnr_decibels:.1f}"
    return [share(measured.accuracy), share(measured.agreement), sqnr]


def cost_section(runs: int, reports: list[NetworkReport]) -> str:
    """Times and memory, and ours by the peer's."""
    titles = ["network", "peer", "Dovetail, s", "peer, s", "ratio", "Dovetail, MiB", "peer, MiB",
              "ratio"]
    rows = [[report.network.title, report.peer.title, *cost_cells(report, "cpu_seconds", 1),
             *cost_cells(report, "peak_kibibytes", 1 / 1024)] for report in reports]
    return ("## Time and memory\n\n"
            f"Processor time and peak memory of whole processes on one core, int8 as it is "
            f"when asked for nothing else, medians of {runs} rounds.\nA ratio below 1 says that Dovetail takes less."
            f"\n\n{table(titles, rows, texts=2)}")


def cost_cells(report: NetworkReport, figure: str, factor: float) -> list[str]:
    """Ours, the peer's and their ratio."""
    ours, theirs = (getattr(report.costs[who], figure) if who in report.costs else None
                    for who in ("dovetail", "peer"))
    return [scaled(ours, factor), scaled(theirs, factor),
            scaled(ours / theirs if ours and theirs else None)]


def memory_section(reports: list[NetworkReport]) -> str:
    """How memory depends on the number of samples."""
    rows = [[report.network.title, setting, str(count), scaled(peak, 1 / 1024)]
            for report in reports for setting, peaks in report.memory.items()
            for count, peak in peaks.items()]
    return ("## Memory by number of samples\n\nPeak memory of whole processes, int8. Ranges are "
            "learned sample by sample; methods keep what layers read\nof as many samples as they "
            "look at, of which there are at most 2.5 GMAC.\n\n"
            + table(["network", "setting", "samples", "MiB"], rows, texts=2)) if rows else ""


def share_section(report: NetworkReport, scheme: str, trials: list[Trial]) -> str:
    """What methods recover, one by one and together."""
    rows = [[trial.setting, *quality_cells(trial)] for trial in trials]
    accuracy = report.float.accuracy
    right = f"The float network is right in {share(accuracy)}.\n\n" if accuracy is not None else ""
    return (f"## Methods on {report.network.title}, {scheme}\n\n{right}"
            + table(["ranges, methods", *QUALITY], rows, texts=1))


def failure_section(reports: list[NetworkReport]) -> str:
    """Each reason why settings gave no network, once for a contestant."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for report in reports:
        for scheme, outcomes in report.outcomes.items():
            for who, outcome in outcomes.items():
                for trial in outcome.trials:
                    if trial.failure:
                        place = (report.network.title, report.title_of(who), trial.failure)
                        groups[place].append(f"{scheme} {trial.setting}")
    lines = [f"- {title}, {who}: {'; '.join(settings)}: {failure}"
             for (title, who, failure), settings in groups.items()]
    return "## What failed\n\n" + "\n".join(lines) if lines else ""


def write_json(path: Path, machine: dict[str, object], runs: int,
               reports: list[NetworkReport]) -> None:
    """Every trial, with all that is measured of it."""
    content = {"schema": "dovetail.quantization-benchmark/1", "machine": machine,
               "options": {"runs": runs}, "networks": [entry(report) for report in reports]}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def entry(report: NetworkReport) -> dict[str, object]:
    """One network of the JSON."""
    return {
        "network": report.network.name,
        "data": report.network.description,
        "peer": {"name": report.peer.title, "versions": report.peer.versions},
        "float": asdict(report.float),
        "schemes": {scheme: {who: [asdict(trial) for trial in outcome.trials]
                             for who, outcome in outcomes.items()}
                    for scheme, outcomes in report.outcomes.items()},
        "costs": {who: asdict(cost) for who, cost in report.costs.items()},
        "memory_kibibytes": report.memory,
        "methods": {scheme: [asdict(trial) for trial in trials]
                    for scheme, trials in report.shares.items()},
    }

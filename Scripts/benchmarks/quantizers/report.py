"""What quantizers lose and what they cost, as Markdown and as JSON."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from ..report import row, scaled
from .contestants import Peer
from .costs import Cost
from .measures import Quality
from .networks import SCHEMES, Network
from .trials import Outcome, Trial

# The schemes of the summary.
HEADLINES = ["int8", "w4a8"]
QUALITY = ["accuracy", "agreement", "SQNR, dB"]


@dataclass(frozen=True)
class NetworkReport:
    """Everything that is measured of one network."""

    network: Network
    peer: Peer
    float: Quality
    # By scheme and by contestant, `dovetail` or `peer`.
    outcomes: dict[str, dict[str, Outcome]]
    # By contestant.
    costs: dict[str, Cost]
    # Of methods, by scheme; empty where they are not taken apart.
    shares: dict[str, list[Trial]]


def markdown(machine: dict[str, object], runs: int, reports: list[NetworkReport]) -> str:
    """The whole report."""
    sections = [heading(machine, reports), summary(reports), data_table(reports)]
    sections += [scheme_section(scheme, reports) for scheme in SCHEMES]
    sections.append(cost_section(runs, reports))
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
labels, and then by SQNR; and its plain one, with ranges from the least to the largest number."""


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
    measured, (*_, sqnr) = trial.quality, quality_cells(trial)
    shown = measured.agreement if measured.accuracy is None else measured.accuracy
    return f"{share(shown)}, {sqnr}"


def data_table(reports: list[NetworkReport]) -> str:
    """What the networks are judged on."""
    rows = [[report.network.title, report.network.description, share(report.float.accuracy),
             share(report.float.held_out_accuracy)] for report in reports]
    return "## Data\n\n" + table(
        ["network", "data", "float accuracy", "not calibrated on"], rows, texts=2)


def scheme_section(scheme: str, reports: list[NetworkReport]) -> str:
    """The best and the plain setting of both sides."""
    rows = [outcome_row(report, who, outcome) for report in reports
            for who, outcome in report.outcomes.get(scheme, {}).items()]
    titles = ["network", "quantizer", "best setting", *QUALITY, "accuracy, held out",
              "plain setting", *QUALITY]
    return f"## {scheme}: {SCHEMES[scheme]}\n\n" + table(titles, rows, texts=3)


def outcome_row(report: NetworkReport, who: str, outcome: Outcome) -> list[str]:
    """One contestant on one network."""
    best = outcome.best
    return [report.network.title, title_of(report, who), best.setting if best else "none",
            *quality_cells(best), share(best.quality.held_out_accuracy if best else None),
            outcome.plain.setting, *quality_cells(outcome.plain)]


def title_of(report: NetworkReport, who: str) -> str:
    """How a contestant is called."""
    return report.peer.title if who == "peer" else "Dovetail"


def quality_cells(trial: Trial | None) -> list[str]:
    """What `QUALITY` names."""
    if trial is None or trial.quality is None:
        return ["—"] * len(QUALITY)
    measured = trial.quality
    sqnr = "exact" if measured.sqnr_decibels is None else f"{measured.sqnr_decibels:.1f}"
    return [share(measured.accuracy), share(measured.agreement), sqnr]


def share(value: float | None) -> str:
    """Of 1, in percent."""
    return "—" if value is None else f"{value:.2%}"


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
                        place = (report.network.title, title_of(report, who), trial.failure)
                        groups[place].append(f"{scheme} {trial.setting}")
    lines = [f"- {title}, {who}: {'; '.join(settings)}: {failure}"
             for (title, who, failure), settings in groups.items()]
    return "## What failed\n\n" + "\n".join(lines) if lines else ""


def table(titles: list[str], rows: Iterable[list[str]], texts: int) -> str:
    """Markdown, of which the first columns are texts and the others numbers."""
    rule = ["---"] * texts + ["---:"] * (len(titles) - texts)
    return "\n".join(row(cells) for cells in [titles, rule, *rows])


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
        "methods": {scheme: [asdict(trial) for trial in trials]
                    for scheme, trials in report.shares.items()},
    }

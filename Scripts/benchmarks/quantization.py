"""Compares what quantizers lose: Dovetail's beside ONNX Runtime's and LiteRT's, on the same data.

What either quantizer makes of a network is executed by the runtime of its format and compared with
the float network by the same code. Processor time and memory are those of whole processes, in turn,
on one core. Writes Reports/quantization.json and Reports/quantization.md. Figures of peers are kept
in .build-quantization/, so that only what is new takes time.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from .machine import description, pin
from .quantizers.costs import costs, memory_by_samples
from .quantizers.network_report import NetworkReport
from .quantizers.networks import NETWORKS, Network
from .quantizers.places import ROOT, Missing, fetch
from .quantizers.report import markdown, write_json
from .quantizers.shares import all_shares
from .quantizers.stored import stored_reports
from .quantizers.trials import Bench, all_outcomes


def main(words: list[str]) -> int:
    """Measures all networks and writes the reports, or only the data."""
    arguments = parse_arguments(words)
    fetch()
    if arguments.data_only:
        return write_data(arguments.networks, arguments.data_only)
    # So that processes of both sides find these modules, and take one thread.
    os.environ["PYTHONPATH"] = str(ROOT / "Scripts")
    machine = description(pin(1), "onnxruntime", "onnxRuntime")
    known = stored_reports(arguments.output / "quantization.json") if arguments.output else {}
    known |= {network.name: report for network in arguments.networks
              if (report := measured(network, arguments.runs, not arguments.peers_only))}
    reports = [known[network.name] for network in NETWORKS if network.name in known]
    text = markdown(machine, arguments.runs, reports)
    print(text)
    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
        (arguments.output / "quantization.md").write_text(text)
        write_json(arguments.output / "quantization.json", machine, arguments.runs, reports)
    return 0


def parse_arguments(words: list[str]) -> argparse.Namespace:
    """Reads the command line; reports of chosen networks go where they are told to."""
    names = [network.name for network in NETWORKS]
    parser = argparse.ArgumentParser(prog="Scripts/benchmark quantization", description=__doc__)
    parser.add_argument("--networks", nargs="+", choices=names, metavar="NAME",
                        help=f"only some of {', '.join(names)}")
    parser.add_argument("--runs", type=int, default=3, help="rounds of times (default 3)")
    parser.add_argument("--peers-only", action="store_true", help="without Dovetail")
    parser.add_argument("--data-only", type=Path, metavar="DIR",
                        help="write the data that networks are judged on, and nothing else")
    parser.add_argument("--output", type=Path, metavar="DIR",
                        help="where reports go (default Reports/, if all is measured); networks "
                             "that stand there and are not asked for stay as they are")
    arguments = parser.parse_args(words)
    if arguments.runs < 1:
        parser.error("--runs takes a positive number")
    if not (arguments.networks or arguments.peers_only or arguments.output):
        arguments.output = ROOT / "Reports"
    chosen = arguments.networks or names
    arguments.networks = [network for network in NETWORKS if network.name in chosen]
    return arguments


def write_data(networks: list[Network], folder: Path) -> int:
    """Stores the samples of each network in a folder of its name."""
    for network in networks:
        try:
            network.samples().write(folder / network.name)
        except Missing as missing:
            skip(network, missing)
    return 0


def measured(network: Network, runs: int, with_ours: bool) -> NetworkReport | None:
    """Everything about one network; nothing if its files are not there."""
    print(f"measuring {network.name}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        try:
            bench = Bench(network, Path(folder))
        except Missing as missing:
            skip(network, missing)
            return None
        outcomes = all_outcomes(bench, with_ours)
        report = NetworkReport(network, bench.peer, bench.float, outcomes,
                               costs(bench, outcomes, runs), {})
        return replace(report, shares=all_shares(bench),
                       memory=memory_by_samples(bench)) if with_ours else report


def skip(network: Network, missing: Missing) -> None:
    """Says what is left out and why."""
    print(f"skipped: {network.name}, as {missing}", file=sys.stderr)

"""Compares schedules with Vela's: cycles, peak SRAM, bytes from flash or DRAM, and layers' cycles.

Prints each bar with the networks that miss it, and writes everything to Reports/schedules.json and
Reports/schedules.md; layers by target too: those bound by compute, and all under Vela's traffic.
Vela runs with the system configuration and the memory mode of the target; its figures are kept in
.build-vela-schedules/, so that only what is new takes time.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from .processes import run
from .published import MODEL, SIGNED_MODEL, TARGET, published_comparison
from .schedule import Comparison, Layer, Schedule, Settings
from .schedule_report import markdown, summary_lines, write_json
from .vela import canonical, vela_schedule

ROOT = Path(__file__).parent.parent.parent
SHARED = ROOT.parent / "shared"
# Of the files in ../shared/models: integers only, as Vela takes them.
NETWORKS = {
    "KWS": "kws_ref_model.tflite",
    "VWW": "vww_96_int8.tflite",
    "ResNet-8": "pretrainedResnet_quant.tflite",
    "AD": "ad01_int8.tflite",
    "MobileNetV1 0.25": "mobilenet_v1_0.25_*_quant.tflite",
    "MobileNetV1 0.5": "mobilenet_v1_0.5_*_quant.tflite",
    "MobileNetV2": "mobilenet_v2_1.0_*_quant.tflite",
}
# Those that only say how elements are read.
FREE_OPERATORS = {"RESHAPE", "SQUEEZE", "EXPAND_DIMS"}
TARGETS = ["ethos-u55-128", "ethos-u55-256", "ethos-u65-512", "ethos-u85-256", "ethos-u85-2048"]


def main(words: list[str]) -> int:
    """Compares all networks on all targets and writes the reports."""
    arguments = parse_arguments(words)
    models = ({path.stem: path for path in arguments.models} if arguments.models
              else default_models())
    if not models:
        print("benchmark: name models, as there is no ../shared/models", file=sys.stderr)
        return 66
    comparisons = []
    for name, path in models.items():
        print(f"comparing {path.name}", file=sys.stderr)
        comparisons += [compare(name, path, target) for target in arguments.targets]
    alike = [*comparisons, *signed_comparison(comparisons, models)]
    published = published_comparison(SHARED / "evidence" / "ethos_u.csv", alike)
    report = markdown(comparisons, published)
    print("\n".join(summary_lines(comparisons)))
    if arguments.output:
        arguments.output.mkdir(exist_ok=True)
        (arguments.output / "schedules.md").write_text(report)
        write_json(arguments.output / "schedules.json", comparisons, published)
    return 0


def parse_arguments(words: list[str]) -> argparse.Namespace:
    """Reads the command line; reports of chosen models or targets need a folder of their own."""
    parser = argparse.ArgumentParser(prog="Scripts/benchmark schedules", description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--target", action="append", dest="targets", help="once for each target")
    parser.add_argument("--output", type=Path, metavar="FOLDER",
                        help="where reports go (default Reports/, if all is compared)")
    arguments = parser.parse_args(words)
    if not (arguments.models or arguments.targets or arguments.output):
        arguments.output = ROOT / "Reports"
    arguments.targets = arguments.targets or TARGETS
    return arguments


def default_models() -> dict[str, Path]:
    """The networks that are there, by the names that their reports use."""
    found = {name: sorted((SHARED / "models").rglob(pattern))
             for name, pattern in NETWORKS.items()}
    return {name: paths[0] for name, paths in found.items() if paths}


def compare(name: str, model: Path, target: str) -> Comparison:
    """Both schedules of one model on one target."""
    ours = our_schedule(model, target)
    tensors = {layer.tensor for layer in ours.layers}
    return Comparison(name, ours, vela_schedule(model, ours.settings, tensors))


def signed_comparison(comparisons: list[Comparison], models: dict[str, Path]) -> list[Comparison]:
    """The network of which figures are published with weights of int8, as its file has uint8."""
    if not any((each.model, each.target) == (MODEL, TARGET) for each in comparisons):
        return []
    return [compare(SIGNED_MODEL, signed_network(models[MODEL]), TARGET)]


def signed_network(model: Path) -> Path:
    """The same network with weights of int8, which is written at its first use."""
    file = ROOT / ".build-int8" / f"{model.stem}_int8.tflite"
    if not file.exists():
        run([str(ROOT / "Scripts" / "setup-litert")])
        file.parent.mkdir(exist_ok=True)
        python = ROOT / ".build-venv" / "bin" / "python"
        run([str(python), "-m", "benchmarks.int8_weights", str(model), str(file)])
    return file


def our_schedule(model: Path, target: str) -> Schedule:
    """What `dovetail profile` says of a model."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "profile.json")
        run([os.environ["DOVETAIL"], "profile", str(model), "--target", target,
             "--json", str(file), "--quiet"])
        profile = json.loads(file.read_text())
    totals, described = profile["totals"], profile["target"]
    traffic = {memory: each["read"] + each["write"]
               for memory, each in totals["trafficBytes"].items()}
    return Schedule(
        settings=Settings(target, described["systemConfig"], described["memoryMode"]),
        cycles=totals["latencyCycles"],
        peak_sram_bytes=totals["peakMemoryBytes"].get("sram", 0),
        sram_bytes=traffic.pop("sram", 0),
        off_chip_bytes=sum(traffic.values()),
        layers=[our_layer(layer) for layer in profile["layers"]],
        command_bytes=totals.get("commandBytes", 0))


def our_layer(layer: dict) -> Layer:
    """A layer of a profile; of several operators, the last one that computes something names it."""
    operators = [source["operator"]
                 for source in sorted(layer["sources"], key=lambda source: source["index"])]
    computing = [each for each in operators if each not in FREE_OPERATORS]
    operator = (computing or operators or [layer["operator"]])[-1]
    return Layer(canonical(operator), layer["name"], layer["latencyCycles"], engine_cycles(layer))


def engine_cycles(layer: dict) -> int:
    """What the engines of a layer take: its own, or all where they wait for each other."""
    critical = layer["criticalCycles"]
    return max(layer["computeCycles"],
               critical["compute"] + critical["output"] + critical["weightDecode"])

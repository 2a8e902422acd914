"""Who quantizes: Dovetail, and beside it the quantizer of the runtime that a model is for."""

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ..processes import ProcessFailure, run
from . import litert, onnx_runtime
from .networks import Network

RANGE_METHODS = ["min-max", "percentile:99.99", "mse", "entropy"]
ALL_METHODS = "all methods"
# What Dovetail does when it is asked for nothing.
UNASKED = "default"
# What 8 bits gain most from by itself, of what is not done unasked.
SINGLE_METHOD = "correct-bias"


@dataclass(frozen=True)
class Peer:
    """A runtime with a quantizer: its module here, and what it is asked for in each scheme.

    The first setting of a scheme is what it does by itself, whose time is measured.
    """

    title: str
    # What quantizes, and what executes if that is another.
    packages: list[str]
    tool: object
    settings: dict[str, list[str]]

    @property
    def versions(self) -> dict[str, str]:
        """Of its packages."""
        return {package: version(package) for package in self.packages}

    def command(self, setting: str, model: Path, calibration: Path, out: Path) -> list[str]:
        """A process that quantizes."""
        return [sys.executable, "-m", self.tool.__name__, str(model), str(calibration), setting,
                str(out)]


ONNX_RUNTIME = Peer("ONNX Runtime", ["onnxruntime"], onnx_runtime, {
    "int8": onnx_runtime.settings(["S8S8 per channel", "U8S8 per channel", "S8S8 per tensor"]),
    "w4a8": onnx_runtime.settings(["S8S4 per channel"]),
    "int16x8": onnx_runtime.settings(["S16S8 per channel"]),
})
LITERT = Peer("LiteRT", ["litert-quantizer", "ai-edge-litert"], litert, {
    "int8": ["static_wi8_ai8", "static_wi8_ai8, MSE", "static_wi8_ai8, OCTAV"],
    "w4a8": ["static_wi4_ai8", "static_wi4_ai8, MSE", "static_wi4_ai8, OCTAV"],
    "int16x8": ["static_wi8_ai16"],
})


def peer_of(network: Network) -> Peer:
    """The one that takes the network's file, and executes what either quantizer makes of it."""
    return ONNX_RUNTIME if network.is_onnx else LITERT


def our_settings(scheme: str, methods: list[str]) -> list[str]:
    """What Dovetail is asked for, as `RANGES, METHOD, …`; what it does unasked comes first."""
    ranges = RANGE_METHODS if scheme == "int8" else RANGE_METHODS[:1]
    single = [f"min-max, {SINGLE_METHOD}"] if scheme == "int8" and SINGLE_METHOD in methods else []
    together = [f"min-max, {ALL_METHODS}", f"mse, {ALL_METHODS}"] if methods else []
    return [UNASKED, *ranges, *single, *together]


def our_command(scheme: str, setting: str, methods: list[str], model: Path, calibration: Path,
                out: Path) -> list[str]:
    """A process of Dovetail that quantizes; `methods` are all that it has."""
    return [os.environ["DOVETAIL"], "quantize", str(model), "--calibration", str(calibration),
            "--scheme", scheme, *our_options(setting, methods), "-o", str(out), "--quiet"]


def our_options(setting: str, methods: list[str]) -> list[str]:
    """What a setting is on the command line."""
    if setting == UNASKED:
        return []
    ranges, *chosen = setting.split(", ")
    chosen = methods if chosen == [ALL_METHODS] else chosen or ["none"]
    return ["--ranges", ranges, *(word for method in chosen for word in ("--method", method))]


def our_methods(model: Path, calibration: Path) -> list[str]:
    """The names of Dovetail's methods, from what it says to one that it does not know."""
    out = model.with_name(f"unknown{model.suffix}")
    try:
        run(our_command("int8", "min-max, unknown", [], model, calibration, out))
    except ProcessFailure as failure:
        listed = re.search(r"the methods are (.*)", failure.messages)
        return re.findall(r"`([^`]+)`", listed[1]) if listed else []
    return []


def digest(*contents: bytes) -> str:
    """What tells one content from another."""
    whole = hashlib.sha256()
    for content in contents:
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()[:24]

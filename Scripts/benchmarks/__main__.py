"""Measures Dovetail beside a peer; started by `Scripts/benchmark`, which sets up the peer.

`compile` measures the compiler beside Vela, `schedules` compares what both compile, `runtime`
measures inference beside LiteRT, `onnx` inference beside ONNX Runtime, and `quantization` what
quantizers lose beside those of ONNX Runtime and LiteRT. `gallery` and `reports` need no peer: one
writes reports to look at, the other measures what writing them adds to the time of a profile.
"""

import sys
from importlib import import_module

from .processes import ProcessFailure

COMMANDS = ["compile", "gallery", "onnx", "quantization", "reports", "runtime",
            "schedules"]


def main() -> int:
    """Hands over to the measurement that is asked for."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(f"benchmark: name one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 64
    try:
        # Imported here because each needs another environment.
        measurement = import_module(f".{sys.argv[1]}", __package__)
        return measurement.main(sys.argv[2:])
    except ProcessFailure as failure:
        print(f"benchmark: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

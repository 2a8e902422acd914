"""Measures Dovetail beside a peer; started by `Scripts/benchmark`, which sets up the peer.

`compile` measures the compiler beside Vela, `runtime` inference beside LiteRT.
"""

import sys

from . import compile, runtime
from .processes import ProcessFailure

COMMANDS = {"compile": compile.main, "runtime": runtime.main}


def main() -> int:
    """Hands over to the measurement that is asked for."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(f"benchmark: name one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 64
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except ProcessFailure as failure:
        print(f"benchmark: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

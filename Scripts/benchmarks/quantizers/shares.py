"""What each of Dovetail's methods recovers of the accuracy that weights of 4 bits lose."""

from .contestants import ALL_METHODS
from .trials import Bench, Trial

SCHEME = "w4a8"
RANGES = "min-max"


def shares(bench: Bench) -> list[Trial]:
    """Without any method, with each alone, with all but each, and with all."""
    methods = bench.methods
    if not methods:
        return []
    without = [", ".join([RANGES, *(other for other in methods if other != each)])
               for each in methods]
    settings = [RANGES, *(f"{RANGES}, {each}" for each in methods), *without,
                f"{RANGES}, {ALL_METHODS}"]
    return bench.ours(SCHEME, list(dict.fromkeys(settings))).trials

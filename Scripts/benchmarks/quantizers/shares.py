"""What each of Dovetail's methods recovers of the accuracy that a scheme loses."""

from .contestants import ALL_METHODS
from .trials import Bench, Trial

RANGES = "min-max"


def all_shares(bench: Bench) -> dict[str, list[Trial]]:
    """By scheme, of those in which the network is taken apart."""
    return {scheme: shares(bench, scheme) for scheme in bench.network.taken_apart}


def shares(bench: Bench, scheme: str) -> list[Trial]:
    """Without any method, with each alone, with all but each, and with all."""
    methods = bench.methods
    if not methods:
        return []
    without = [", ".join([RANGES, *(other for other in methods if other != each)])
               for each in methods]
    settings = [RANGES, *(f"{RANGES}, {each}" for each in methods), *without,
                f"{RANGES}, {ALL_METHODS}"]
    return bench.ours(scheme, list(dict.fromkeys(settings))).trials

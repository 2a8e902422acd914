"""How far outputs of a quantized network are from the float one's, and how often both agree."""

import math
from dataclasses import dataclass

import numpy as np

from .networks import Network
from .samples import Samples


@dataclass(frozen=True)
class Quality:
    """What is measured of one network in one format; shares are of 1."""

    # Of the scores; infinite is `None`, as JSON has no such number.
    sqnr_decibels: float | None
    # How often the answer is that of the float network.
    agreement: float
    # How often it is right; `None` where nobody knows.
    accuracy: float | None
    # The same over samples that nothing has been calibrated on.
    held_out_accuracy: float | None

    @property
    def judged(self) -> float:
        """What counts most: accuracy where it is known, else agreement."""
        return self.agreement if self.accuracy is None else self.accuracy


def quality(network: Network, samples: Samples, reference: list[np.ndarray],
            outputs: list[np.ndarray]) -> Quality:
    """Compares outputs with those of the float network on the same data."""
    answers = network.answers(outputs)
    accuracy = held_out = None
    if samples.labels is not None:
        right = answers == samples.labels
        accuracy, held_out = float(right.mean()), float(right[samples.held_out].mean())
    return Quality(sqnr(network.scores(reference), network.scores(outputs)),
                   float((answers == network.answers(reference)).mean()), accuracy, held_out)


def sqnr(reference: np.ndarray, values: np.ndarray) -> float | None:
    """10 · log10(Σ reference² / Σ (reference − values)²), in decibels."""
    signal = float(np.square(reference, dtype=np.float64).sum())
    noise = float(np.square(reference.astype(np.float64) - values).sum())
    return 10 * math.log10(signal / noise) if signal and noise else None


def best(qualities: dict[str, Quality]) -> str:
    """The name of the best: by accuracy where it is known, else by agreement; then by SQNR."""
    def rank(name: str) -> tuple[float, float]:
        each = qualities[name]
        return each.judged, math.inf if each.sqnr_decibels is None else each.sqnr_decibels
    return max(qualities, key=rank)

"""Whether two networks differ by more than chance on the samples that both have answered."""

import base64
import math
import zlib
from dataclasses import dataclass

import numpy as np

# Of p: what is above may be chance.
LEVEL = 0.05


@dataclass(frozen=True)
class Discordance:
    """Samples that one of two networks answers right, and the other does not."""

    only_first: int
    only_second: int

    @property
    def p(self) -> float:
        """Of McNemar's exact test, two-sided: how likely so uneven a split is if neither is better.

        Either network is then as likely to be the right one of the two on each of these samples.
        Source: McNemar, "Note on the sampling error of the difference between correlated
        proportions or percentages", Psychometrika 12, 1947.
        """
        count = self.only_first + self.only_second
        fewer = min(self.only_first, self.only_second)
        tail = sum(math.comb(count, each) for each in range(fewer + 1))
        return min(1.0, 2 * tail / 2**count)


def discordance(first: str | None, second: str | None) -> Discordance | None:
    """Of samples as `packed` has them, the same for both; `None` where one's are not known."""
    if first is None or second is None:
        return None
    a, b = unpacked(first), unpacked(second)
    return Discordance(int((a & ~b).sum()), int((b & ~a).sum()))


def packed(hits: np.ndarray) -> str:
    """A truth value for each sample, as a short text."""
    return base64.b64encode(zlib.compress(np.packbits(hits).tobytes(), 9)).decode()


def unpacked(text: str) -> np.ndarray:
    """The values of `packed`, and up to seven that are false."""
    return np.unpackbits(np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)) > 0

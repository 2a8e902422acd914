"""Everything that is measured of one network."""

from dataclasses import dataclass, field

from .contestants import Peer
from .costs import Cost
from .measures import Quality
from .networks import Network
from .trials import Outcome, Trial


@dataclass(frozen=True)
class NetworkReport:
    """What the report tells of one network."""

    network: Network
    peer: Peer
    float: Quality
    # By scheme and by contestant, `dovetail` or `peer`.
    outcomes: dict[str, dict[str, Outcome]]
    # By contestant.
    costs: dict[str, Cost]
    # Of methods, by scheme; empty where they are not taken apart.
    shares: dict[str, list[Trial]]
    # Dovetail's peak memory in KiB, by setting and by number of samples; empty where it is not measured.
    memory: dict[str, dict[int, float]] = field(default_factory=dict)

    def title_of(self, who: str) -> str:
        """How a contestant is called."""
        return self.peer.title if who == "peer" else "Dovetail"

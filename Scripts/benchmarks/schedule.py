"""What a compiler says of a network on a target, and two such answers side by side."""

import math
import statistics
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cached_property


@dataclass(frozen=True)
class Settings:
    """A target with the memories around it, in Vela's names."""

    target: str
    system_config: str
    memory_mode: str


@dataclass(frozen=True)
class Layer:
    """Cycles of one operator of the model, and the tensor that it computes."""

    operator: str
    tensor: str
    cycles: int
    # Of the engines, whatever the memories do.
    engine_cycles: int = 0
    # For which the busiest memory is busy; only Vela tells.
    memory_cycles: int = 0
    # Of `cycles`, those for reads of factors that Vela charges to another memory than their bytes.
    misplaced_cycles: int = 0

    @property
    def is_bound_by_compute(self) -> bool:
        """Whether its engines work for two thirds of its time, so that memory hardly matters."""
        return 3 * self.engine_cycles >= 2 * self.cycles

    def fused(self, next: "Layer") -> "Layer":
        """This layer with the cycles of the next one."""
        return replace(self, **{name: getattr(self, name) + getattr(next, name) for name in (
            "cycles", "engine_cycles", "memory_cycles", "misplaced_cycles")})


@dataclass(frozen=True)
class Schedule:
    """The figures of a whole network."""

    settings: Settings
    cycles: int
    peak_sram_bytes: int
    # Read and written; off-chip is flash or DRAM.
    sram_bytes: int
    off_chip_bytes: int
    layers: list[Layer] = field(repr=False)
    # Of the NPU's own commands, which `off_chip_bytes` leaves out; only Dovetail tells.
    command_bytes: int = 0


@dataclass(frozen=True)
class Comparison:
    """Both schedules of a model on a target."""

    model: str
    ours: Schedule
    vela: Schedule

    @property
    def target(self) -> str:
        """The target of both."""
        return self.ours.settings.target

    @cached_property
    def pairs(self) -> list[tuple[Layer, Layer]]:
        """Layers of the same operator at the same place, ours first.

        One that is free for a compiler was fused there into the layer before; both count with it.
        """
        pairs: list[tuple[Layer, Layer]] = []
        for ours, vela in self.aligned:
            if ours.cycles and vela.cycles:
                pairs.append((ours, vela))
            elif pairs and (ours.cycles or vela.cycles):
                pairs[-1] = (pairs[-1][0].fused(ours), pairs[-1][1].fused(vela))
        return pairs

    @property
    def aligned(self) -> list[tuple[Layer, Layer]]:
        """Layers of the longest sequences of operators that both have in common."""
        ours, vela = self.ours.layers, self.vela.layers
        matcher = SequenceMatcher(None, [each.operator for each in ours],
                                  [each.operator for each in vela], autojunk=False)
        return [(ours[block.a + offset], vela[block.b + offset])
                for block in matcher.get_matching_blocks() for offset in range(block.size)]

    @property
    def unmatched(self) -> int:
        """How many layers with cycles, of either side, have no partner."""
        layers = [*self.ours.layers, *self.vela.layers]
        matched = [layer for pair in self.aligned for layer in pair]
        return sum(each.cycles > 0 for each in layers) - sum(each.cycles > 0 for each in matched)

    @property
    def layer_deviation(self) -> float | None:
        """The median over pairs of layers of |ours / Vela − 1| in cycles."""
        deviations = [abs(ours.cycles / vela.cycles - 1) for ours, vela in self.pairs]
        return statistics.median(deviations) if deviations else None

    @property
    def placed_deviation(self) -> float | None:
        """As `layer_deviation`, if Vela read factors where it counts their bytes."""
        deviations = [abs(ours.cycles / (vela.cycles - vela.misplaced_cycles) - 1)
                      for ours, vela in self.pairs]
        return statistics.median(deviations) if deviations else None

    @property
    def layer_ratio(self) -> float | None:
        """The median over pairs of layers of ours / Vela, which says who is faster."""
        ratios = [ours.cycles / vela.cycles for ours, vela in self.pairs]
        return statistics.median(ratios) if ratios else None

    def ratio(self, figure: str) -> float:
        """Ours by Vela's, of one of the fields of `Schedule`."""
        ours, vela = getattr(self.ours, figure), getattr(self.vela, figure)
        if vela == 0:
            return math.inf if ours else 1
        return ours / vela


@dataclass(frozen=True)
class ScheduleBar:
    """The most that a figure may be beside Vela's."""

    title: str
    limit: float
    # A field of `Schedule`, of which the ratio counts; of the layers, their deviation, as they are
    # or with Vela's factors in place.
    figure: str

    def measured(self, comparison: Comparison) -> float | None:
        """The figure that counts."""
        if self.figure == "layers":
            return comparison.layer_deviation
        if self.figure == "placed layers":
            return comparison.placed_deviation
        return comparison.ratio(self.figure)

    def is_met(self, comparison: Comparison) -> bool:
        """Whether it stays within the limit; without a figure it does not."""
        measured = self.measured(comparison)
        return measured is not None and measured <= self.limit


BARS = [
    ScheduleBar("cycles, ratio", 1.05, "cycles"),
    ScheduleBar("peak SRAM, ratio", 1.0, "peak_sram_bytes"),
    ScheduleBar("off-chip bytes, ratio", 1.05, "off_chip_bytes"),
    ScheduleBar("layers' cycles, median deviation", 0.15, "layers"),
    ScheduleBar("layers' cycles with factors in place, median deviation", 0.15, "placed layers"),
]

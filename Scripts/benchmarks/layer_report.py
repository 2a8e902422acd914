"""Layers of all networks by target: how far their cycles are from Vela's, and by what."""

import statistics
from collections import defaultdict
from dataclasses import dataclass

from .report import number, row
from .schedule import Comparison, Layer

# The most that layers may deviate in the median that are bound by compute for both compilers.
COMPUTE_LIMIT = 0.15
COMPUTE_TITLE = "layers both bound by compute, median deviation"

# What stands in place of a target for the layers of all of them.
EVERY_TARGET = "all targets"


@dataclass(frozen=True)
class TargetLayers:
    """Pairs of layers of all networks on a target, ours first."""

    target: str
    pairs: list[tuple[Layer, Layer]]

    @property
    def bound_by_compute(self) -> list[tuple[Layer, Layer]]:
        """Those of which neither compiler waits much for memory."""
        return [pair for pair in self.pairs if all(each.is_bound_by_compute for each in pair)]

    @property
    def deviation(self) -> float | None:
        """Of the layers as they are."""
        return deviation([(ours.cycles, vela.cycles) for ours, vela in self.pairs])

    @property
    def compute_deviation(self) -> float | None:
        """Of those that are bound by compute."""
        return deviation([(ours.cycles, vela.cycles) for ours, vela in self.bound_by_compute])

    @property
    def same_traffic_deviation(self) -> float | None:
        """Of our engines as if Vela's schedule kept the memories busy."""
        return deviation([(max(ours.engine_cycles, vela.memory_cycles), vela.cycles)
                          for ours, vela in self.pairs])

    @property
    def misplaced(self) -> int:
        """How many layers would be shorter if Vela read factors where it counts their bytes."""
        return sum(vela.misplaced_cycles > 0 for _, vela in self.pairs)

    @property
    def placed_deviation(self) -> float | None:
        """Of the layers as they are, from Vela's with factors read where it counts their bytes."""
        return deviation([(ours.cycles, vela.cycles - vela.misplaced_cycles)
                          for ours, vela in self.pairs])

    @property
    def meets_compute_limit(self) -> bool:
        """Whether those bound by compute are near enough; so if there are none."""
        return (self.compute_deviation or 0) <= COMPUTE_LIMIT


def deviation(pairs: list[tuple[int, int]]) -> float | None:
    """The median of |ours / Vela − 1|; None without pairs."""
    return statistics.median(abs(ours / vela - 1) for ours, vela in pairs) if pairs else None


def by_target(comparisons: list[Comparison]) -> list[TargetLayers]:
    """The layers of each target, in the order in which targets come."""
    pairs: dict[str, list[tuple[Layer, Layer]]] = defaultdict(list)
    for each in comparisons:
        pairs[each.target] += each.pairs
    return [TargetLayers(target, layers) for target, layers in pairs.items()]


def together(targets: list[TargetLayers]) -> TargetLayers:
    """The layers of all targets as those of one."""
    return TargetLayers(EVERY_TARGET, [pair for each in targets for pair in each.pairs])


def compute_line(targets: list[TargetLayers]) -> str:
    """How many targets keep the limit for layers bound by compute, as a row of the summary."""
    missed = [each for each in targets if not each.meets_compute_limit]
    missed.sort(key=lambda each: each.compute_deviation or 0, reverse=True)
    worst = [f"{each.target} {number(each.compute_deviation)}" for each in missed[:3]]
    met = f"{len(targets) - len(missed)} of {len(targets)}"
    return row([COMPUTE_TITLE, f"{COMPUTE_LIMIT:g}", met, ", ".join(worst) or "none"])


def layer_section(targets: list[TargetLayers]) -> list[str]:
    """The layers of each target, and what is left of their deviation under the same traffic."""
    titles = ["target", "layers", "deviation", "both bound by compute", "deviation",
              "deviation under Vela's traffic", "factors misplaced", "deviation with them in place"]
    lines = [
        "## Layers by target", "",
        "All networks together. A layer is bound by compute if its engines work for two thirds of "
        "its time or more; where both are, schedules of memory hardly count.",
        "Under Vela's traffic, a layer of ours takes as long as its engines need, or as long as "
        "Vela's schedule keeps a memory busy, if that is longer: what is left is the engines' "
        "cycles, and nothing where a memory decides.",
        "Factors and biases that are copied into the SRAM with the weights are counted there in "
        "Vela's bytes, but in its cycles they are read where they came from: from DRAM at 0.4 "
        "bytes a cycle on Ethos-U85. These are misplaced; the last column leaves their cycles "
        "out.", "",
        row(titles), row(["---"] + ["---:"] * (len(titles) - 1))]
    return lines + [target_row(each) for each in [*targets, together(targets)]]


def target_row(layers: TargetLayers) -> str:
    """One target."""
    return row([
        layers.target, f"{len(layers.pairs)}", number(layers.deviation),
        f"{len(layers.bound_by_compute)}", number(layers.compute_deviation),
        number(layers.same_traffic_deviation), f"{layers.misplaced}",
        number(layers.placed_deviation)])


def target_entry(layers: TargetLayers) -> dict[str, object]:
    """One target of the JSON."""
    return {
        "target": layers.target, "layers": len(layers.pairs), "deviation": layers.deviation,
        "layersBoundByCompute": len(layers.bound_by_compute),
        "deviationBoundByCompute": layers.compute_deviation,
        "deviationUnderVelasTraffic": layers.same_traffic_deviation,
        "layersWithMisplacedFactors": layers.misplaced,
        "deviationWithFactorsInPlace": layers.placed_deviation,
    }

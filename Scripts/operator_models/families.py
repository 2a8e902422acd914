"""The list of all cases."""

from collections import Counter

from . import (activations, arithmetic, control, conversions, convolutions, detections,
               elementwise, indexing, joining, layout, networks, normalization, pooling, products,
               recurrent, reductions, slicing, sources, sparsities)
from .model import Case

FAMILIES = [convolutions, products, pooling, activations, normalization, arithmetic, elementwise,
            reductions, indexing, joining, slicing, layout, conversions, sources, sparsities,
            detections, recurrent, control, networks]


def all_cases() -> list[Case]:
    """Every case of every family; no two have one name."""
    found = [case for family in FAMILIES for case in family.cases()]
    counts = Counter(case.name for case in found)
    repeated = {name for name, count in counts.items() if count > 1}
    if repeated:
        raise ValueError(f"these cases share their names: {', '.join(sorted(repeated))}")
    return found

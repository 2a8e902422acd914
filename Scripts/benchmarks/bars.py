"""The bars that Dovetail is to stay under, on one core."""

from dataclasses import dataclass

from .results import (RATIO_OF_TARGET, RATIO_TO_ONNX_RUNTIME, RATIO_TO_REFERENCE, RATIO_TO_XNNPACK,
                      WHOLE_PROCESS, Figure, Result)

MOBILENET_V2 = "mobilenet_v2_1.0_224_quant"
NETWORKS = [MOBILENET_V2, "mobilenet_v1_0.5_160_quant", "pretrainedResnet_quant"]


@dataclass(frozen=True)
class Bar:
    """The most that a figure may be; of all models, unless some are named."""

    figure: Figure
    limit: float
    models: list[str] | None = None

    def is_for(self, result: Result) -> bool:
        """Whether it concerns this model."""
        return self.models is None or result.model in self.models

    def verdict(self, result: Result) -> str:
        """One or two words for the table."""
        value = self.figure.of(result)
        if value is None:
            return "not run"
        return "pass" if value <= self.limit else "over"


ONNX_BARS = [Bar(RATIO_TO_ONNX_RUNTIME, 1.5)]
BARS = [
    Bar(RATIO_TO_XNNPACK, 1.2, NETWORKS),
    Bar(RATIO_TO_REFERENCE, 0.08, NETWORKS),
    Bar(RATIO_OF_TARGET, 3),
    Bar(WHOLE_PROCESS, 0.10, [MOBILENET_V2]),
]

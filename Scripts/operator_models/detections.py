"""The end of an object detector: a custom operator of TFLite."""

from collections.abc import Iterator

from flatbuffers import flexbuffers

from .model import Case, case, feed, noise, result
from .quantizations import quantized

# Of codes, scores and anchors.
BYTES = [quantized(0.05, 128), quantized(1 / 256, 0), quantized(0.01, 3)]


def cases() -> Iterator[Case]:
    """Both ways of suppression. All have more boxes than they may give, as LiteRT leaves what is
    behind these as it was."""
    for type in ["f32", "u8"]:
        for name, fields, background in [
                ("one-class", {}, 0), ("background", {"num_classes": 3}, 1),
                ("two-labels", {"num_classes": 4, "max_classes_per_detection": 2}, 1),
                ("by-class", {"num_classes": 3, "use_regular_nms": True}, 1),
                ("by-class-few", {"num_classes": 5, "use_regular_nms": True,
                                  "detections_per_class": 2}, 0),
                ("little-overlap", {"nms_iou_threshold": 0.3, "max_detections": 3}, 1)]:
            yield detection(type, name, fields, background)


def detection(type: str, variant: str, fields: dict[str, float], background: int) -> Case:
    """Forty boxes."""
    options = {"max_detections": 5, "max_classes_per_detection": 1, "nms_score_threshold": 0.0,
               "nms_iou_threshold": 0.9, "num_classes": 1, "y_scale": 10.0, "x_scale": 10.0,
               "h_scale": 5.0, "w_scale": 5.0} | fields
    shapes = [(1, 40, 4), (1, 40, int(options["num_classes"]) + background), (40, 4)]
    schemes = BYTES if type == "u8" else [None] * 3
    anchors = (20, 90) if type == "u8" else (0.2, 0.9)
    return case("TFLite_Detection_PostProcess", type, variant,
                [feed(type, shapes[0], schemes[0]),
                 feed(type, shapes[1], schemes[1], None if type == "u8" else (0, 1)),
                 noise(type, shapes[2], schemes[2], anchors)],
                [result("f32") for _ in range(4)], bytes(flexbuffers.Dumps(options)))

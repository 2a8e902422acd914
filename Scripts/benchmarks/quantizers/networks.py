"""The networks that are quantized: their files, their data, and what is measured of them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..processes import run
from . import samples
from .places import Missing, find
from .samples import Samples

# Number formats that are compared, as Dovetail names them.
SCHEMES = {
    "int8": "weights and activations of 8 bits",
    "w4a8": "weights of 4 bits, activations of 8",
    "int16x8": "weights of 8 bits, activations of 16",
}
TINY = "mlcommons+tiny"
RESULTS = "mlcommons+tiny_results_v1.2"
FACE_DETECTOR = "mediapipe/mediapipe/modules/face_detection/face_detection_short_range.tflite"

# Scores of the face detector beyond are cut off before anybody looks at them; some are far beyond.
CLIPPED_AT = 100


@dataclass(frozen=True)
class Network:
    """A float model and what it is judged on."""

    # What `--networks` takes; also the folder of its data.
    name: str
    title: str
    # Its place in a collection of models; what it ends in says which peer quantizes it.
    path: str
    # What the data are, for the report.
    description: str
    samples: Callable[[], Samples]
    # What makes the file, where none is there to be found.
    write: Callable[[Path], None] | None = None
    # Whether its answers mean nothing.
    is_for_time: bool = False
    # The schemes in which each of Dovetail's methods is measured by itself.
    taken_apart: tuple[str, ...] = ()
    # The numbers of samples for which Dovetail's memory is compared.
    sample_counts: tuple[int, ...] = ()
    # Whether the answer is the largest score, or whether any score is past 0.
    detects: bool = False

    def file(self, folder: Path) -> Path:
        """The model, which is made in the folder if it is not found; raises `Missing`."""
        if self.write is None:
            return find(self.path)
        self.write(folder / self.path)
        return folder / self.path

    @property
    def schemes(self) -> list[str]:
        """What is quantized to."""
        return ["int8"] if self.is_for_time else list(SCHEMES)

    @property
    def is_onnx(self) -> bool:
        """Whether ONNX Runtime takes it; otherwise LiteRT does."""
        return self.path.endswith(".onnx")

    def scores(self, outputs: list[np.ndarray]) -> np.ndarray:
        """What answers are taken from, [n, scores]: the only output, or that of the detector."""
        if not self.detects:
            return outputs[0].reshape(len(outputs[0]), -1)
        scores = next(each for each in outputs if each.shape[-1] == 1)
        return scores.reshape(len(scores), -1).clip(-CLIPPED_AT, CLIPPED_AT)

    def answers(self, outputs: list[np.ndarray]) -> np.ndarray:
        """A class for each sample; a detector's is 1 where a score is past 0, its sigmoid a half."""
        scores = self.scores(outputs)
        return (scores.max(axis=-1) > 0).astype(int) if self.detects else scores.argmax(axis=-1)


def write_mobilenet(path: Path) -> None:
    """Stores MobileNetV2."""
    # Imported here because the package `onnx` takes longer to load than small networks to run.
    from ..onnx_models import MobileNetV2

    MobileNetV2().write(path)


def write_mobilenet_tflite(path: Path) -> None:
    """Stores the same MobileNetV2 as Dovetail writes it for LiteRT; raises `Missing` without a Dovetail."""
    if "DOVETAIL" not in os.environ:
        raise Missing("the file is made by Dovetail")
    source = path.with_suffix(".onnx")
    write_mobilenet(source)
    run([os.environ["DOVETAIL"], "quantize", str(source), "--scheme", "float", "--samples", "1",
         "-o", str(path), "--quiet"])


def write_transformer(path: Path) -> None:
    """Stores the transformer."""
    # As above.
    from ..transformer import Transformer

    Transformer().write(path)


CIFAR = "2000 CIFAR-10 test images, 100 of them calibrated on"
CROPS = "crops of three photographs, calibrated on crops of three others"
NETWORKS = [
    Network("efficientnet-lite0", "EfficientNet-Lite0 (ONNX)", "efficientnet-lite0.onnx",
            f"64 {CROPS}",
            partial(samples.photograph_crops, 224, samples.centered_channels_first, 64, 64)),
    Network("resnet8", "ResNet-8 (ONNX)", f"{RESULTS}/pretrainedResnet.onnx", CIFAR,
            partial(samples.cifar, channels_first=True), taken_apart=("w4a8",),
            sample_counts=(100, 500, 2000)),
    Network("resnet8-tflite", "ResNet-8 (TFLite)", f"{TINY}/pretrainedResnet.tflite", CIFAR,
            partial(samples.cifar, channels_first=False)),
    Network("mnist8", "MNIST CNN (ONNX)", "xboot+libonnx/mnist_8-model.onnx",
            "5000 handwritten digits, 100 of them calibrated on", samples.digits),
    Network("vww", "Visual wake words (ONNX)", f"{RESULTS}/vww_96_float.onnx", f"200 {CROPS}",
            partial(samples.photograph_crops, 96, samples.unsigned_channels_first, 100, 200)),
    Network("vww-tflite", "Visual wake words (TFLite)", f"{TINY}/vww_96_float.tflite",
            f"200 {CROPS}",
            partial(samples.photograph_crops, 96, samples.unsigned, 100, 200)),
    Network("kws", "Keyword spotting (TFLite)", f"{RESULTS}/kws_saved_model.tflite",
            "1400 variants of seven recordings, calibrated on 60 of six others", samples.keywords),
    Network("face", "Face detection (TFLite)", FACE_DETECTOR,
            "200 images, half of them faces; calibrated on 17 of them and 32 crops of photographs",
            samples.faces, detects=True),
    Network("mobilenet-v2", "MobileNetV2 (ONNX), seeded weights", "mobilenet-v2.onnx",
            "noise: for time and memory alone, with 32 samples",
            partial(samples.noise, (3, 224, 224), 32, 32), write=write_mobilenet,
            is_for_time=True),
    Network("mobilenet-v2-tflite", "MobileNetV2 (TFLite), seeded weights", "mobilenet-v2.tflite",
            "the same noise", partial(samples.noise, (3, 224, 224), 32, 32),
            write=write_mobilenet_tflite, is_for_time=True),
    Network("transformer", "Transformer (ONNX), seeded weights, outliers", "transformer.onnx",
            "500 sequences of noise, calibrated on 32 others",
            partial(samples.noise, (32, 64), 32, 500), write=write_transformer,
            taken_apart=("int8", "w4a8")),
]

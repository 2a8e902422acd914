"""Photographs that wheels of scikit-image and scikit-learn carry, and seeded crops of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

SCIKIT_IMAGE = "scikit-image/skimage/data"
SCIKIT_LEARN = "scikit-learn/sklearn/datasets/images"
# Two halves with nothing in common, so that what is tested has not been calibrated on.
STILLS = [f"{SCIKIT_IMAGE}/coffee.png", f"{SCIKIT_IMAGE}/rocket.jpg", f"{SCIKIT_LEARN}/flower.jpg"]
PERSON_AND_SCENES = [f"{SCIKIT_IMAGE}/astronaut.png", f"{SCIKIT_IMAGE}/chelsea.png",
                     f"{SCIKIT_LEARN}/china.jpg"]
# Of the shorter side of the photograph: how small a crop may be.
SMALLEST_CROP = 0.3


def crops(paths: Sequence[Path], count: int, side: int, seed: int) -> np.ndarray:
    """Square crops as bytes [count, side, side, 3], of each photograph in turn.

    Size, position and whether a crop is mirrored are drawn at random.
    """
    generator = np.random.default_rng(seed)
    photographs = [Image.open(path).convert("RGB") for path in paths]
    return np.stack([crop(photographs[number % len(photographs)], side, generator)
                     for number in range(count)])


def crop(photograph: Image.Image, side: int, generator: np.random.Generator) -> np.ndarray:
    """One of the crops."""
    shorter = min(photograph.size)
    edge = int(shorter * SMALLEST_CROP ** generator.random())
    left, top = (int(generator.integers(length - edge + 1)) for length in photograph.size)
    box = (left, top, left + edge, top + edge)
    pixels = np.asarray(photograph.resize((side, side), Image.Resampling.BICUBIC, box))
    return pixels[:, ::-1] if generator.random() < 0.5 else pixels


def enlarged(images: np.ndarray, side: int) -> np.ndarray:
    """Gray images [n, height, width] in 0…1 as floats [n, side, side, 3] in 0…255, bicubic."""
    resized = [Image.fromarray((image * 255).astype(np.float32)).resize(
        (side, side), Image.Resampling.BICUBIC) for image in images]
    gray = np.stack([np.asarray(image) for image in resized]).clip(0, 255)
    return np.repeat(gray[..., np.newaxis], 3, axis=-1)

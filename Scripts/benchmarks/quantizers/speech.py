"""Spoken words as features of the MLPerf Tiny keyword spotter: mel-frequency cepstral coefficients.

Windows of 30 ms every 20 ms; 40 mel bands between 20 and 4000 Hz; the first 10 coefficients.
"""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.fft import dct

RATE = 16_000
WINDOW, STEP, TRANSFORM = 480, 320, 512
MEL_BANDS, LOWEST_HERTZ, HIGHEST_HERTZ, COEFFICIENTS = 40, 20.0, 4000.0, 10
# In the order of the network's outputs.
WORDS = ["down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes", "silence",
         "unknown"]
FARTHEST_SHIFT = RATE // 10
LOUDEST_NOISE = 0.05


@dataclass(frozen=True)
class Clip:
    """A second of a recording, and what is said in it."""

    path: str
    second: int
    word: str


TFLM = "tensorflow+tflite-micro"
ALIF = "alifsemi+alif_ml-embedded-evaluation-kit"
CALIBRATION = [
    Clip(f"{TFLM}/no_1000ms.wav", 0, "no"),
    Clip(f"{TFLM}/noise_1000ms.wav", 0, "silence"),
    Clip(f"{TFLM}/silence_1000ms.wav", 0, "silence"),
    *(Clip(f"{ALIF}/right_left_up.wav", second, word)
      for second, word in enumerate(["right", "left", "up"])),
]
TEST = [
    Clip(f"{TFLM}/yes_1000ms.wav", 0, "yes"),
    Clip(f"{ALIF}/down.wav", 0, "down"),
    Clip(f"{ALIF}/yes.wav", 0, "yes"),
    *(Clip(f"{ALIF}/yes_no_go_stop.wav", second, word)
      for second, word in enumerate(["yes", "no", "go", "stop"])),
]


def variants(clips: Sequence[Clip], folder: Path, count: int,
             seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features [count, 49, 10, 1] and labels of the clips in turn.

    The first of each clip are as recorded, the others shifted by up to a tenth of a second and with
    white noise added.
    """
    generator = np.random.default_rng(seed)
    recordings = [samples(clip, folder) for clip in clips]
    heard = [recordings[number % len(clips)] if number < len(clips)
             else disturbed(recordings[number % len(clips)], generator) for number in range(count)]
    labels = [WORDS.index(clips[number % len(clips)].word) for number in range(count)]
    return np.stack([features(each) for each in heard]), np.array(labels, np.int64)


def samples(clip: Clip, folder: Path) -> np.ndarray:
    """The second of the recording, with its loudest sample at 1."""
    with wave.open(str(folder / clip.path)) as file:
        file.setpos(clip.second * RATE)
        heard = np.frombuffer(file.readframes(RATE), np.int16).astype(np.float32)
    return heard / max(heard.max(), 1)


def disturbed(recording: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The same at another time and in noise."""
    shift = int(generator.integers(-FARTHEST_SHIFT, FARTHEST_SHIFT + 1))
    moved = np.roll(recording, shift)
    moved[:max(shift, 0)] = 0
    moved[len(moved) + min(shift, 0):] = 0
    noise = generator.standard_normal(len(moved)) * generator.random() * LOUDEST_NOISE
    return (moved + noise).astype(np.float32)


def features(recording: np.ndarray) -> np.ndarray:
    """Coefficients [49, 10, 1]: the cosine transform of the logarithms of mel bands."""
    starts = np.arange(0, len(recording) - WINDOW + 1, STEP)
    frames = recording[starts[:, np.newaxis] + np.arange(WINDOW)]
    # The periodic window, which has its zero only at the start.
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    spectrum = np.abs(np.fft.rfft(frames * hann, TRANSFORM))
    logarithms = np.log(spectrum @ mel_weights() + 1e-6)
    # Orthonormal, but for the first coefficient, which is that of the others' scale.
    coefficients = dct(logarithms, type=2, axis=-1) / np.sqrt(2 * MEL_BANDS)
    return coefficients[:, :COEFFICIENTS, np.newaxis].astype(np.float32)


def mel_weights() -> np.ndarray:
    """Triangles [bins, bands] that are evenly spaced on the mel scale; the bin of 0 Hz has none."""
    bins = mel(np.linspace(0, RATE / 2, TRANSFORM // 2 + 1))[:, np.newaxis]
    edges = np.linspace(mel(LOWEST_HERTZ), mel(HIGHEST_HERTZ), MEL_BANDS + 2)
    lower, center, upper = edges[:-2], edges[1:-1], edges[2:]
    weights = np.minimum((bins - lower) / (center - lower), (upper - bins) / (upper - center))
    weights[0] = 0
    return np.maximum(weights, 0)


def mel(hertz: np.ndarray | float) -> np.ndarray | float:
    """A frequency on the mel scale."""
    return 1127.0 * np.log(1 + hertz / 700.0)

"""What a model is fed: random, smooth and extreme inputs, or arrays that are given."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Input:
    """An input of the model, as its file describes it."""

    name: str
    index: int
    shape: list[int]
    dtype: str
    scale: float
    zero_point: int
    # The lowest and the highest value that is meaningful, where that is known.
    range: tuple[float, float] | None = None


def input_path(folder: Path, number: int) -> Path:
    """Where the input of that number is stored for one case."""
    return folder / f"input-{number}.npy"


def over_steps(inputs: list[Input], steps: int | None) -> list[Input]:
    """The inputs of so many executions at once, along a leading axis; of one without the axis."""
    return inputs if steps is None else [
        replace(each, shape=[steps, *each.shape]) for each in inputs]


def generated_cases(inputs: list[Input], samples: int) -> dict[str, list[np.ndarray]]:
    """Random, smooth and extreme inputs, by the name of the case."""
    generators: dict[str, Callable[[Input, np.random.Generator], np.ndarray]] = {}
    generators |= {f"random-{number + 1}": random_input for number in range(samples)}
    generators |= {f"natural-{number + 1}": smooth_input for number in range(samples)}
    generators |= {
        "all-min": lambda each, _: constant_input(each, value_range(each)[0]),
        "all-max": lambda each, _: constant_input(each, value_range(each)[1]),
        "all-zero-point": lambda each, _: constant_input(each, middle(each)),
    }
    return {case: [generate(each, seeded(case, each)) for each in inputs]
            for case, generate in generators.items()}


def seeded(case: str, each: Input) -> np.random.Generator:
    """Random numbers that depend on nothing but the case and the number of the input."""
    return np.random.default_rng(zlib.crc32(f"{case}/{each.index}".encode()))


def value_range(each: Input) -> tuple[float, float]:
    """Lowest and highest value to feed: all of the element type where that is meaningful."""
    if each.range:
        return each.range[0], each.range[1]
    dtype = np.dtype(each.dtype)
    if dtype.kind == "f":
        return -3, 3
    if dtype.kind == "b":
        return 0, 1
    if dtype.itemsize >= 4 and each.scale == 0:  # an index or a token, which a table must have
        return 0, 9
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def random_input(each: Input, random: np.random.Generator) -> np.ndarray:
    """Uniform numbers over the range, or normally distributed floats."""
    low, high = value_range(each)
    if np.dtype(each.dtype).kind != "f":
        values = random.integers(int(low), int(high), each.shape, endpoint=True)
    elif each.range:
        values = random.uniform(low, high, each.shape)
    else:
        values = random.standard_normal(each.shape)
    return np.asarray(values).astype(each.dtype)


def smooth_input(each: Input, random: np.random.Generator) -> np.ndarray:
    """A sum of slow sinusoids over all axes, of random contrast, quantized to the input's range."""
    axes = np.meshgrid(*(np.arange(size) / size for size in each.shape), indexing="ij", sparse=True)
    wave = np.zeros(each.shape)
    for _ in range(5):
        cycles = sum(random.uniform(-3, 3) * axis for axis in axes) + random.uniform()
        wave = wave + random.uniform(0.2, 1) * np.sin(2 * np.pi * cycles)
    wave /= max(np.abs(wave).max(initial=0), 1e-9)
    low, high = value_range(each)
    values = (low + high) / 2 + (high - low) / 2 * random.uniform(0.3, 1) * wave
    if np.dtype(each.dtype).kind != "f":
        values = np.round(values)
    return np.asarray(values).astype(each.dtype)


def middle(each: Input) -> float:
    """The zero point, or what of the range is nearest to it."""
    low, high = value_range(each)
    return min(max(each.zero_point, low), high)


def constant_input(each: Input, value: float) -> np.ndarray:
    """The same value everywhere."""
    return np.full(each.shape, value, each.dtype)


def given_cases(inputs: list[Input], given: list[str]) -> dict[str, list[np.ndarray]]:
    """The arrays that `--input` names, cut into cases of the model's batch."""
    rows = [given_rows(each, given, is_only=len(inputs) == 1) for each in inputs]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("the files of --input hold different numbers of rows")
    return {f"given-{number}": list(arrays) for number, arrays in enumerate(zip(*rows))}


def given_rows(each: Input, given: list[str], is_only: bool) -> np.ndarray:
    """The array given for one input, as [cases, *shape of the input]."""
    paths = [argument.removeprefix(f"{each.name}=") for argument in given
             if is_only or argument.startswith(f"{each.name}=")]
    if len(paths) != 1:
        raise ValueError(f"--input {each.name}=X.npy must be given exactly once")
    array = np.load(paths[0])
    if array.dtype != np.dtype(each.dtype):
        raise ValueError(f"{paths[0]} holds {array.dtype}, `{each.name}` is {each.dtype}")
    if not each.shape or array.shape[1:] != tuple(each.shape[1:]) or len(array) % each.shape[0]:
        raise ValueError(f"{paths[0]} has shape {array.shape}, `{each.name}` has {each.shape}")
    return array.reshape(-1, *each.shape)

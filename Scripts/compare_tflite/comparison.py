"""How values differ: integers in steps, floats relative to their range."""

from dataclasses import dataclass

import numpy as np

FLOAT_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Comparison:
    """How one value found differs from the one expected."""

    elements: int
    equal: int
    is_accepted: bool
    # How far beyond equal, comparable between integers (in steps) and floats (in tolerances).
    severity: float = 0
    worst: str = ""
    detail: str = ""


def compare_arrays(expected: np.ndarray, found: np.ndarray, tolerance: float | None) -> Comparison:
    """Compares two arrays; `tolerance` is for floats, relative to the range of the expected."""
    if expected.dtype != found.dtype or expected.shape != found.shape:
        detail = (f"is {found.dtype}{list(found.shape)}, "
                  f"expected {expected.dtype}{list(expected.shape)}")
        return Comparison(expected.size, 0, False, np.inf, "other type", detail)

    is_float = expected.dtype.kind == "f"
    is_equal = bits(expected) == bits(found)
    distance = float_distance(expected, found) if is_float else step_distance(expected, found)
    if is_equal.all():
        return Comparison(expected.size, expected.size, True)

    # Where bits differ but values do not (zeros of both signs), there is no distance to be worst.
    place = int(np.where(is_equal, -1, distance).argmax())
    largest = float(distance.flat[place])
    worst = fraction_of_range(largest) if is_float else steps(largest)
    at = [int(number) for number in np.unravel_index(place, expected.shape)]
    detail = (f"differs in {(~is_equal).sum():,} of {expected.size:,} elements, by at most "
              f"{worst}: expected {expected.flat[place]}, found {found.flat[place]} at {at}")
    is_accepted = is_float and tolerance is not None and largest <= tolerance
    severity = largest / FLOAT_TOLERANCE if is_float else largest
    return Comparison(expected.size, int(is_equal.sum()), is_accepted, severity, worst, detail)


def steps(count: float) -> str:
    """A distance between integers in words."""
    return "1 step" if count == 1 else f"{count:.0f} steps"


def fraction_of_range(fraction: float) -> str:
    """A distance between floats in words."""
    return f"{fraction:.2g} of range" if np.isfinite(fraction) else "infinity"


def bits(array: np.ndarray) -> np.ndarray:
    """The elements of an array as unsigned integers of the same size."""
    flat = np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")
    return flat.reshape(array.shape)


def step_distance(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """How far integers are apart; at least 1 where float64 cannot tell large ones apart."""
    steps = np.abs(expected.astype(np.float64) - found.astype(np.float64))
    return np.maximum(steps, expected != found)


def float_distance(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """How far floats are apart, relative to the range (or else the magnitude) of the expected."""
    a, b = expected.astype(np.float64), found.astype(np.float64)
    finite = a[np.isfinite(a)]
    span = np.ptp(finite) if finite.size else 0.0
    span = span or np.abs(finite).max(initial=0) or 1.0
    is_same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        distance = np.where(is_same, 0, np.abs(a - b) / span)
    return np.nan_to_num(distance, nan=np.inf, posinf=np.inf)

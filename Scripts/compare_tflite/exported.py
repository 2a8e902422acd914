"""Models that `dovetail quantize` writes, under every scheme, each value of them computed by both.

Files are compared as any others are: integers bit for bit, floats within 1e-5 of the range of the
value. What is fed are the samples that are given, as ranges were learned from such.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from exported_models.schemes import all_schemes
from exported_models.writing import Source, Written, write

from .litert import Job, execute_ahead
from .models import compare_model
from .settings import Settings
from .tally import Tally

# Schemes whose files are also written with integers for inputs and outputs.
WITH_INTEGER_PORTS = ["int8", "int16x8"]


@dataclass(frozen=True)
class Kind:
    """Files under some schemes, and how they are fed."""

    schemes: list[str]
    settings: Settings
    # Of `dovetail quantize`, and what the table says of it.
    flags: tuple[str, ...] = ()
    remark: str = ""


def compare_exported(settings: Settings, source: Source, schemes: list[str] | None,
                     folder: Path) -> list[Tally]:
    """What becomes of each scheme; of some also with integers for inputs, of which all are tried."""
    schemes = schemes or all_schemes(settings.dovetail)
    samples = folder / "samples.npy"
    np.save(samples, source.inputs(settings.dovetail))
    generated = replace(settings, samples=source.samples, given=[], steps=None)
    given = replace(generated, given=[str(samples)])
    ports = [scheme for scheme in WITH_INTEGER_PORTS if scheme in schemes]
    kinds = [Kind(schemes, given), Kind(ports, generated, ("--integer-ports",), ", integer ports")]
    return [tally for kind in kinds for tally in compare_kind(kind, source, folder)]


def compare_kind(kind: Kind, source: Source, folder: Path) -> list[Tally]:
    """The rows of some schemes, after one process of LiteRT has executed all files."""
    # Names of inputs and paths of files are parted by an equals sign.
    names = [re.sub("[^a-z0-9]+", "-", scheme + kind.remark) for scheme in kind.schemes]
    titles = [f"{source.model.stem}, {scheme}{kind.remark}" for scheme in kind.schemes]
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        files = list(workers.map(
            lambda scheme, name: write(kind.settings.dovetail, source, scheme,
                                       folder / f"{name}.tflite", kind.flags),
            kind.schemes, names))
        jobs = [Job(each.path, folder / each.path.stem, None) for each in files if each.is_there]
        execute_ahead(jobs, folder, kind.settings)
        found = workers.map(lambda title, written: compare_written(kind.settings, title, written),
                            titles, files)
        return [tally for tallies in found for tally in tallies]


def compare_written(settings: Settings, title: str, written: Written) -> list[Tally]:
    """The rows of one scheme."""
    if not written.is_there:
        tally = Tally(title, "CPU to LiteRT", cases=0, refusal=written.refusal)
        if written.problem:
            tally.errors[written.problem] = []
        return [tally]
    tallies = compare_model(settings, written.path, written.path.with_suffix(""))
    for tally in tallies:
        tally.model = title
    return tallies

"""Models that `dovetail quantize` writes, under every scheme, each value of them computed by both.

Files are compared as any others are: integers bit for bit, floats within 1e-5 of the range of the
value. What is fed are real samples, as ranges were learned from such.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from exported_models.schemes import all_schemes
from exported_models.writing import Source, Written, write

from .litert import Job, execute_ahead
from .models import compare_model
from .settings import Settings
from .tally import Tally


def compare_exported(settings: Settings, source: Source, schemes: list[str] | None,
                     folder: Path) -> list[Tally]:
    """What becomes of each scheme."""
    schemes = schemes or all_schemes(settings.dovetail)
    samples = folder / "samples.npy"
    np.save(samples, source.inputs())
    fed = Settings(settings.dovetail, source.samples, [str(samples)], settings.target,
                   settings.threads)
    # Names of inputs and paths of files are parted by an equals sign.
    names = [re.sub("[^a-z0-9]+", "-", scheme) for scheme in schemes]
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        files = list(workers.map(
            lambda scheme, name: write(settings.dovetail, source, scheme,
                                       folder / f"{name}.tflite"), schemes, names))
        jobs = [Job(each.path, folder / each.path.stem, None) for each in files if each.is_there]
        execute_ahead(jobs, folder, fed)
        titles = [f"{source.model.stem}, {scheme}" for scheme in schemes]
        found = workers.map(lambda title, written: compare_written(fed, title, written),
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

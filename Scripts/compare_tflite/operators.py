"""The comparison of models of one operator each, many in one LiteRT process."""

import os
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

from operator_models.manifest import Entry
from operator_models.writing import current_models

from .comparison import FLOAT_TOLERANCE
from .litert import Job, execute_ahead
from .models import compare_model
from .report import listing, print_rows
from .settings import Settings
from .tally import Tally

FOLDER = Path(__file__).parent.parent.parent / ".build-operator-models"
# How many models are executed by one process of LiteRT, unless it aborts.
CHUNK = 50
# How many models of an operator and type are described; others are only named.
TOLD = 3


def compare_operators(settings: Settings, patterns: list[str]) -> int:
    """Compares the models whose names match and prints a row per operator and element type."""
    entries = [entry for entry in current_models(FOLDER).models if matches(entry.name, patterns)]
    if not entries:
        print("compare-tflite: no model has such a name", file=sys.stderr)
        return 2
    print(f"comparing {len(entries)} models", file=sys.stderr)
    chunks = [entries[start:start + CHUNK] for start in range(0, len(entries), CHUNK)]
    tallies = []
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for found in workers.map(lambda chunk: compare_chunk(settings, chunk), chunks):
            tallies += found
            print_progress(len(tallies), len(entries))
    groups: dict[tuple[str, str, str], list[Tally]] = defaultdict(list)
    for entry, found in zip(entries, tallies):
        for tally in found:
            groups[entry.operator, entry.type, tally.compared].append(tally)
    print_groups(groups)
    return max(status(tally) for group in groups.values() for tally in group)


def matches(name: str, patterns: list[str]) -> bool:
    """Whether one of the patterns is of the whole name, or of its first words."""
    return not patterns or any(fnmatch(name, pattern) or fnmatch(name, f"{pattern}-*")
                               for pattern in patterns)


def compare_chunk(settings: Settings, entries: list[Entry]) -> list[list[Tally]]:
    """Compares some models, after one process of LiteRT has executed them all."""
    with tempfile.TemporaryDirectory(prefix="compare-tflite-") as name:
        folder = Path(name)
        jobs = [Job(FOLDER / f"{entry.name}.tflite", folder / entry.name, entry.ranges)
                for entry in entries]
        execute_ahead(jobs, folder, settings)
        return [compare_model(settings, job.model, job.folder, job.ranges) for job in jobs]


def print_progress(done: int, all: int) -> None:
    """One line that is written over, where somebody may watch."""
    if sys.stderr.isatty():
        print(f"\r{done} of {all}", end="\n" if done == all else "", file=sys.stderr, flush=True)


def outcome(tally: Tally) -> str:
    """The column in which a model is counted."""
    if tally.errors:
        return "failed"
    if tally.differences:
        return "differing"
    if tally.unsupported:
        return "unsupported"
    return "equal" if tally.values and tally.equal == tally.elements else "close"


def status(tally: Tally) -> int:
    """The exit status that a model asks for."""
    return {"failed": 2, "differing": 1}.get(outcome(tally), 0)


def print_groups(groups: dict[tuple[str, str, str], list[Tally]]) -> None:
    """Prints the table, the sums, and below what there is to say about each row."""
    columns = ["equal", "close", "differing", "unsupported", "failed"]
    rows = [["operator", "type", "compared", "cases", *columns, "worst difference"]]
    sums: Counter[str] = Counter()
    for (operator, type, compared), tallies in groups.items():
        counts = Counter(map(outcome, tallies))
        sums += counts
        worst = max(tallies, key=lambda tally: tally.severity)
        rows.append([operator, type, compared, str(len(tallies)),
                     *(str(counts[column]) for column in columns), worst.worst])
    rows.append(["all", "", "", str(sums.total()), *(str(sums[column]) for column in columns), ""])
    print_rows(rows, numbers=range(3, 9))
    print(f"equal: bit for bit; close: floats within {FLOAT_TOLERANCE:g} of the range")
    for tallies in groups.values():
        print_messages(tallies)


def print_messages(tallies: list[Tally]) -> None:
    """Failures and differences by model, and in one line what is not supported."""
    told = [tally for tally in tallies if tally.errors or tally.differences]
    for tally in told[:TOLD]:
        message, cases = next(iter((tally.errors | tally.differences).items()))
        print(": ".join([f"{tally.model}, {tally.compared}", *listing(cases), message]))
    if others := [tally.model.removesuffix(".tflite") for tally in told[TOLD:]]:
        print(f"  also: {', '.join(others)}")
    reasons = Counter(message for tally in tallies for message in tally.unsupported)
    for message, count in reasons.most_common(TOLD):
        print(f"{'-'.join(tallies[0].model.split('-')[:2])}: {count} unsupported: {message}")
    notes: dict[str, list[str]] = defaultdict(list)
    for tally in tallies:
        for message in tally.notes:
            notes[message].append(tally.model.removesuffix(".tflite"))
    for message, models in notes.items():
        print(": ".join([*listing(models), message]))

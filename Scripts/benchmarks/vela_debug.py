"""Vela's debug database: what it says of each operation beside its table of layers."""

import csv
import io
import re
from pathlib import Path

# Titles of the table of layers: cycles for which each memory is busy, by its name in the database.
ACCESSES = {"Sram": "SRAM AC", "Dram": "DRAM AC", "OnChipFlash": "OnFlash AC",
            "OffChipFlash": "OffFlash AC"}
TABLE = re.compile(r'<table name="([^"]*)"[^>]*>\s*<!\[CDATA\[(.*?)\]\]>', re.DOTALL)
# The first has a row for each of the table of layers, in its order; others know some of their ids.
TABLES = ["perf", "perf_debug", "perf_debug_main"]


def operations(database: Path) -> list[dict[str, str]]:
    """The rows of the operations, with the columns of all tables."""
    tables = {name: list(csv.DictReader(io.StringIO(text.strip())))
              for name, text in TABLE.findall(database.read_text()) if name in TABLES}
    rows = {row["id"]: dict(row) for row in tables[TABLES[0]]}
    for name in TABLES[1:]:
        for row in tables[name]:
            rows[row["id"]] |= row
    return list(rows.values())


def cycles(row: dict[str, str], title: str) -> int:
    """A number of a row; 0 where the row has none."""
    return int(row.get(title) or 0)


def misplaced_cycles(row: dict[str, str]) -> int:
    """By how much an operation would be shorter without reads of factors that have no bytes.

    Vela copies factors into the SRAM together with weights, and counts their bytes there; but in
    the cycles of an operation it reads them where they came from.
    """
    reported = max(cycles(row, title) for title in ACCESSES.values())
    counted = max(counted_cycles(row, memory) for memory in ACCESSES)
    return max(cycles(row, "NPU"), reported) - max(cycles(row, "NPU"), counted)


def counted_cycles(row: dict[str, str], memory: str) -> int:
    """The cycles for which a memory is busy with bytes that Vela counts there."""
    if cycles(row, f"{memory}Scales_ac") == 0 or cycles(row, f"{memory}Scales_read") > 0:
        return cycles(row, ACCESSES[memory])
    return max(cycles(row, f"{memory}{values}_ac") for values in ("FeatureMap", "Weights", "Lut"))

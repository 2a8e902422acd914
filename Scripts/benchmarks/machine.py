"""The machine that measures: what it is, and how a measurement gets cores of its own."""

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path


def pin(count: int) -> list[int]:
    """Keeps this process, and those that it starts, on that many cores; none where that fails.

    The last cores are taken, as the first ones tend to serve interrupts.
    """
    if not hasattr(os, "sched_setaffinity"):
        return []
    cores = sorted(os.sched_getaffinity(0))[-count:]
    os.sched_setaffinity(0, cores)
    return cores


def description(cores: list[int], peer: str = "ai-edge-litert",
                peer_key: str = "liteRT") -> dict[str, object]:
    """What a reader has to know in order to judge figures; `peer` is a package."""
    return {
        "cpu": cpu_model(),
        "system": f"{platform.system()} {platform.machine()}",
        "pinnedToCores": cores,
        "loadAverage": round(os.getloadavg()[0], 2),
        # What Dovetail was told to do without; by itself it takes the best that the CPU has.
        "dovetailInstructionSet": os.environ.get("DOVETAIL_ISA", "best"),
        peer_key: version(peer),
        "date": date.today().isoformat(),
    }


def cpu_model() -> str:
    """The name that the CPU gives itself."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"

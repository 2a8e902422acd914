"""Reports of networks that were measured before, read from the JSON of the whole report."""

import json
from pathlib import Path

from .contestants import peer_of
from .costs import Cost
from .measures import Quality
from .networks import NETWORKS
from .network_report import NetworkReport
from .trials import Outcome, Trial


def stored_reports(path: Path) -> dict[str, NetworkReport]:
    """By the network's name; those that were measured with other versions of a peer are left out."""
    if not path.exists():
        return {}
    entries = {entry["network"]: entry for entry in json.loads(path.read_text())["networks"]}
    reports = {}
    for network in NETWORKS:
        entry = entries.get(network.name)
        if entry and entry["peer"]["versions"] == peer_of(network).versions:
            reports[network.name] = NetworkReport(
                network, peer_of(network), Quality(**entry["float"]),
                {scheme: {who: Outcome([trial(each) for each in trials])
                          for who, trials in outcomes.items()}
                 for scheme, outcomes in entry["schemes"].items()},
                {who: Cost(**cost) for who, cost in entry["costs"].items()},
                {scheme: [trial(each) for each in trials]
                 for scheme, trials in entry["methods"].items()},
                {setting: {int(count): peak for count, peak in peaks.items()}
                 for setting, peaks in entry.get("memory_kibibytes", {}).items()})
    return reports


def trial(entry: dict) -> Trial:
    """What came of one setting."""
    quality = Quality(**entry["quality"]) if entry["quality"] else None
    return Trial(entry["setting"], quality, entry["file_bytes"], entry["failure"])

"""What Dovetail's quantization is held to, and whether it holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from .network_report import NetworkReport
from .networks import Network
from .tables import share, table
from .trials import Outcome, Trial

# Points of percent that accuracy may lie below that of the float network, by network and scheme.
POINTS_BELOW_FLOAT = {
    ("resnet8", "int8"): 0.3,
    ("resnet8-tflite", "int8"): 0.3,
    ("mnist8", "int8"): 0.1,
    ("kws", "int8"): 0.3,
    ("face", "int8"): 0.5,
    ("resnet8", "w4a8"): 1.5,
    ("resnet8-tflite", "w4a8"): 1.5,
}
# Decibels that SQNR is to lie above the peer's best, in int8.
DECIBELS_ABOVE_PEER = {"efficientnet-lite0": 3.0}
# The network whose quantization is to take no more processor time than the peer's.
TIMED = "mobilenet-v2-tflite"
# The scheme in which peers are to be met.
MET = "int8"
# What counts most of a quality.
JUDGED = attrgetter("judged")


@dataclass(frozen=True)
class Finding:
    """A bar, beside what comes of asking for nothing and of the best setting."""

    bar: str
    network: Network
    unasked: str
    best: str
    limit: str
    verdict: str

    @property
    def cells(self) -> list[str]:
        """The row of the table."""
        return [self.bar, self.network.title, self.unasked, self.best, self.limit, self.verdict]


def bar_section(reports: list[NetworkReport]) -> str:
    """All bars of the networks that are measured."""
    rows = [finding.cells for report in reports for finding in findings(report)]
    return ("## Bars\n\n"
            "What is asked for, beside what Dovetail does when it is asked for nothing, and in its "
            "best setting.\n\n"
            + table(["bar", "network", "asked for nothing", "best setting", "limit", "holds"],
                    rows, texts=2)) if rows else ""


def findings(report: NetworkReport) -> Iterator[Finding]:
    """Those of one network, of which all that a bar needs has been measured."""
    for scheme, outcomes in report.outcomes.items():
        if "dovetail" in outcomes and not report.network.is_for_time:
            yield from found_in_scheme(report, scheme, outcomes)
    if report.network.name == TIMED and len(report.costs) == 2:
        ours, theirs = (report.costs[who].cpu_seconds for who in ("dovetail", "peer"))
        yield Finding(f"at most the processor time of {report.peer.title}, 32 samples",
                      report.network, f"{ours:.2f} s", "—", f"{theirs:.2f} s",
                      "yes" if ours <= theirs else "no")


def found_in_scheme(report: NetworkReport, scheme: str,
                    outcomes: dict[str, Outcome]) -> Iterator[Finding]:
    """The bars of accuracy in one scheme."""
    ours, peer = outcomes["dovetail"], outcomes["peer"].best
    points = POINTS_BELOW_FLOAT.get((report.network.name, scheme))
    if points is not None:
        yield finding(f"{scheme}: accuracy at most {points} points below float", report, ours,
                      JUDGED, report.float.judged - points / 100, share)
    if scheme != MET or peer is None or peer.quality is None:
        return
    decibels = DECIBELS_ABOVE_PEER.get(report.network.name)
    if decibels is not None:
        yield finding(f"{scheme}: SQNR {decibels:g} dB above {report.peer.title}'s best", report,
                      ours, attrgetter("sqnr_decibels"),
                      peer.quality.sqnr_decibels + decibels, "{:.1f} dB".format)
    measure = "agreement" if report.float.accuracy is None else "accuracy"
    yield finding(f"{scheme}: at least the {measure} of {report.peer.title}'s best", report, ours,
                  JUDGED, peer.quality.judged, share)


def finding(bar: str, report: NetworkReport, outcome: Outcome, measure: Callable, limit: float,
            text: Callable[[float], str]) -> Finding:
    """A bar that the measure is to reach."""
    unasked, best = (measured(trial, measure) for trial in (outcome.unasked, outcome.best))
    # Shares are quotients of counts, which differ in the last digit by the way they are computed.
    holds = [value is not None and value >= limit - 1e-9 for value in (unasked, best)]
    verdict = "yes" if holds[0] else f"with {outcome.best.setting}" if holds[1] else "no"
    return Finding(bar, report.network, *("—" if value is None else text(value)
                                          for value in (unasked, best)), text(limit), verdict)


def measured(trial: Trial | None, measure: Callable) -> float | None:
    """What the measure says of a trial that gave a network."""
    return measure(trial.quality) if trial and trial.quality else None

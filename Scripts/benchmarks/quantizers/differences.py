"""Whether the best of Dovetail and of its peer differ by more than chance."""

from .network_report import NetworkReport
from .significance import LEVEL, discordance
from .tables import share, table
from .trials import Outcome

TITLES = ["network", "scheme", "measure", "Dovetail", "peer", "only Dovetail", "only peer", "p",
          "more than chance"]


def difference_section(reports: list[NetworkReport]) -> str:
    """All networks in all schemes; nothing if no hits were noted."""
    rows = [cells for report in reports if not report.network.is_for_time
            for scheme, outcomes in report.outcomes.items()
            if (cells := difference_row(report, scheme, outcomes))]
    return ("## Differences to the peer's best\n\n"
            "Samples that only one side's best answers right, or like the float network where "
            "there are no labels,\nand p of McNemar's exact test, two-sided: how often as uneven a "
            "split comes of networks that are equally good.\nEach best was chosen among settings "
            "by these samples, so that p is rather too small; "
            f"above {LEVEL} a difference means nothing.\n\n"
            + table(TITLES, rows, texts=3)) if rows else ""


def difference_row(report: NetworkReport, scheme: str,
                   outcomes: dict[str, Outcome]) -> list[str] | None:
    """One network in one scheme; `None` if hits of one side are not known."""
    bests = [outcomes[who].best if who in outcomes else None for who in ("dovetail", "peer")]
    if not all(bests):
        return None
    ours, theirs = (best.quality for best in bests)
    found = discordance(ours.hits, theirs.hits)
    if found is None:
        return None
    measure = "agreement" if report.float.accuracy is None else "accuracy"
    return [report.network.title, scheme, measure, share(ours.judged), share(theirs.judged),
            str(found.only_first), str(found.only_second), f"{found.p:.2g}",
            "yes" if found.p <= LEVEL else "no"]

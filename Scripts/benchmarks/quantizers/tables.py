"""Cells and tables of the report."""

from collections.abc import Iterable

from ..report import row


def table(titles: list[str], rows: Iterable[list[str]], texts: int) -> str:
    """Markdown, of which the first columns are texts and the others numbers."""
    rule = ["---"] * texts + ["---:"] * (len(titles) - texts)
    return "\n".join(row(cells) for cells in [titles, rule, *rows])


def share(value: float | None) -> str:
    """Of 1, in percent."""
    return "—" if value is None else f"{value:.2%}"

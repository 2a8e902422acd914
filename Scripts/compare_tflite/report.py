"""The table of models."""

from .tally import Tally


def print_table(tallies: list[Tally]) -> None:
    """Prints a row per comparison, and below what each has to say."""
    header = ["model", "compared", "inputs", "values", "elements", "equal", "worst difference",
              "verdict"]
    rows = [header] + [
        [each.model, each.compared, f"{each.inputs} of {each.cases}", str(len(each.values)),
         f"{each.elements:,}", f"{each.equal:,}", each.worst, each.verdict] for each in tallies]
    if any(each.golden for each in tallies):
        column = ["equal to golden"] + [each.golden_verdict for each in tallies]
        rows = [[*row, cell] for row, cell in zip(rows, column)]
    print_rows(rows, numbers=range(2, 6))
    for each in tallies:
        for message, cases in messages(each).items():
            print(": ".join([f"{each.model}, {each.compared}", *listing(cases), message]))


def messages(tally: Tally) -> dict[str, list[str]]:
    """All that is said below the table, with the cases that it holds for."""
    skipped = {f"skipped, as LiteRT does not know it: `{name}`, and what depends on it": []
               for name in tally.skipped}
    refusal = {tally.refusal: []} if tally.refusal else {}
    return (tally.errors | tally.unsupported | skipped | refusal | tally.differences | tally.notes)


def print_rows(rows: list[list[str]], numbers: range) -> None:
    """Prints cells in columns; those of `numbers` are aligned at the right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [cell.rjust(width) if column in numbers else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def listing(cases: list[str]) -> list[str]:
    """The first few cases in words, or nothing if there are none."""
    others = f" and {len(cases) - 3} more" if len(cases) > 3 else ""
    return [", ".join(cases[:3]) + others] if cases else []

"""What README.md shows of schedules is what Reports/schedules.md holds."""

import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGETS = ("ethos-u55-128", "ethos-u65-512", "ethos-u85-256")


def cells(line):
    return [cell.strip() for cell in line.split("|")[1:-1]]


def table(name, start):
    """The rows below the heading that begins with `start`."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        text = file.read()
    rows = text[text.index(start):].split("\n\n")[0].split("\n")[2:]
    return [cells(row) for row in rows if row]


class ReadmeFigures(unittest.TestCase):
    def test_cycles_are_those_of_the_report(self):
        with open(os.path.join(ROOT, "Reports/schedules.md"), encoding="utf-8") as file:
            sections = re.split(r"^## ", file.read(), flags=re.M)[1:]
        reported = []
        for section in sections:
            rows = {row[0]: row for row in map(cells, section.split("\n")) if row}
            if rows.keys() >= set(TARGETS):
                reported.append([figure for target in TARGETS for figure in rows[target][1:3]])
        shown = table("README.md", "| network | U55-128 | Vela | U65-512")
        self.assertGreaterEqual(len(shown), 5)
        for row in shown:
            self.assertIn(row[1:], reported, row[0])


if __name__ == "__main__":
    unittest.main()

"""Opens pages of differences from disk in a real browser, and uses them with mouse and keyboard."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pages
from page_case import PageCase


class DiffPageTests(PageCase):
    """No page may log a message, ask for anything but itself, or run what a name holds."""

    @classmethod
    def write_pages(cls):
        pages.large_network(f"{cls.folder}/before.graph", blocks=6)
        pages.large_network(f"{cls.folder}/after.graph", blocks=7)
        pages.retrain(f"{cls.folder}/after.graph")
        pages.nasty_network(f"{cls.folder}/nasty.graph")
        cls.models = pages.diff_page(f"{cls.folder}/before.graph", f"{cls.folder}/after.graph",
                                     f"{cls.folder}/models.html")
        cls.nasty = pages.diff_page(f"{cls.folder}/before.graph", f"{cls.folder}/nasty.graph",
                                    f"{cls.folder}/nasty.html")
        return cls.models

    def rows(self, table="movers"):
        return self.value(f"all('#{table} tbody tr').filter(isShown).map((row) => row.textContent)")

    def test_the_biggest_movers_come_first(self):
        changes = self.value("""all('#movers tbody tr').map((row) => Math.abs(parseInt(
            row.cells[6].firstChild?.textContent.replaceAll(',', '') ?? '0')))""")
        self.assertGreater(changes[0], 0)
        self.assertEqual(changes, sorted(changes, reverse=True))

    def test_layers_of_both_sides_are_told_apart_in_words_and_bars(self):
        self.assertEqual(self.value("all('#movers tr.added').length"), 4)
        self.assertTrue(all(text.startswith("added") for text in
                            self.value("all('#movers tr.added').map((row) => row.textContent)")))
        widths = self.value("""all('#movers tr.added').map((row) => all('.pair i', row)
            .map((bar) => bar.getBoundingClientRect().width))""")
        for before, after in widths:
            self.assertLess(before, 2)
            self.assertGreater(after, 2)
        changed = next(row for row in self.rows() if "block_5/depthwise" in row)
        self.assertIn("quantization of expand 0.01 → 0.02", changed)
        self.assertIn("elements, by at most", changed)

    def test_filters_narrow_each_table(self):
        total = len(self.rows())
        self.browser.click("#layers input")
        self.browser.type("depthwise")
        shown = self.rows()
        self.assertTrue(0 < len(shown) < total and all("depthwise" in row for row in shown))
        self.assertEqual(self.value("all('#layers output')[0].textContent"),
                         f"{len(shown)} of {total} layers")
        self.value("all('#graph select')[0].value = 'added';"
                   "all('#graph select')[0].dispatchEvent(new Event('input'))")
        self.assertEqual(len(self.rows("changes")), 3)
        self.assertEqual(len(self.rows()), len(shown))

    def test_arrow_keys_move_from_row_to_row(self):
        self.value("all('#movers tbody tr')[0].focus()")
        self.browser.press("ArrowDown", "ArrowDown")
        marked = "all('tr[aria-current]').map((row) => row.rowIndex)"
        self.assertEqual(self.value(marked), [3])
        self.browser.press("Home")
        self.assertEqual(self.value(marked), [1])
        self.assertEqual(self.value("all('#movers [tabindex=\"0\"]').length"), 1)

    def test_themes_paper_and_narrow_windows(self):
        background = "getComputedStyle(document.body).backgroundColor"
        light = self.value(background)
        self.browser.click("#theme")
        self.assertNotEqual(self.value(background), light)
        for width in (1280, 480):
            self.browser.resize(width, 900)
            self.assertLessEqual(self.value("document.documentElement.scrollWidth"), width)
        self.browser.resize(718, 900)
        self.value("all('#layers input')[0].value = 'x'")
        self.browser.emulate(media="print")
        self.assertTrue(self.value("all('.control').every((each) => getComputedStyle(each).display === 'none')"))
        self.assertLessEqual(self.value("Math.max(...all('table').map((each) => each.offsetWidth))"), 718)
        self.browser.resize(1280, 900)
        self.browser.emulate()

    def test_names_do_no_harm(self):
        self.open(self.nasty)
        self.assertIsNone(self.value("window.harmed ?? null"))
        self.assertEqual(self.value("all('main script, main img, main [onerror], main [onmouseover]').length"), 0)
        self.assertLessEqual(self.value("document.documentElement.scrollWidth - innerWidth"), 0)


if __name__ == "__main__":
    unittest.main()

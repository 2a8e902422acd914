"""Opens profiles' pages from disk in a real browser, and uses them with mouse and keyboard."""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pages
from page_case import PageCase

# Seconds in which a page should be open; shared machines that run tests of changes get more time.
PATIENCE = 5 if os.environ.get("CI") else 1


class PageTests(PageCase):
    """Pages of a real network, of a large one, and of one whose names hold what a page must not run."""

    @classmethod
    def write_pages(cls):
        cls.real = pages.profile_page(pages.real_network(), f"{cls.folder}/real.html")
        pages.large_network(f"{cls.folder}/large.graph")
        cls.large = pages.profile_page(f"{cls.folder}/large.graph", f"{cls.folder}/large.html")
        pages.nasty_network(f"{cls.folder}/nasty.graph")
        cls.nasty = pages.profile_page(f"{cls.folder}/nasty.graph", f"{cls.folder}/nasty.html")
        return cls.real

    def count(self, selector):
        return self.value(f"document.querySelectorAll({json.dumps(selector)}).length")

    def column(self, key):
        return self.value(f"all('#table tbody tr').filter(isShown).map((row) => cell(row, '{key}'))")

    def cycles(self):
        return [int(text.replace(",", "")) for text in self.column("cycles")]

    def view(self):
        return self.value("[view.from, view.to]")

    def chosen(self):
        return self.value("chosen")


class OpeningTests(PageTests):
    def test_the_real_network_opens_in_less_than_a_second(self):
        # Others may use the machine, so the fastest of a few counts.
        self.assertLess(min(self.open(self.real) for _ in range(5)), PATIENCE)

    def test_eight_hundred_operators_take_less_than_half_a_second_of_processor_time(self):
        self.assertLess(self.browser.processor_time(lambda: self.open(self.large)), 0.5 * PATIENCE)
        self.assertEqual(self.count("#table tbody tr"), 800)

    def test_pages_are_small(self):
        self.assertLess(os.path.getsize(self.real), 500_000)
        self.assertLess(os.path.getsize(self.large), 1_600_000)

    def test_what_is_out_of_sight_is_drawn_when_somebody_looks(self):
        self.open(self.large)
        late = "all('#table .late').filter((row) => row.offsetHeight).length"
        self.assertEqual(self.value(late), 0)
        height = self.value("table.offsetHeight")
        self.value("filter()")
        self.assertEqual(self.value(late), 750)
        # So that a bar to scroll with was as long before.
        self.assertLess(abs(self.value("table.offsetHeight") / height - 1), 0.02)
        self.open(self.large)
        self.value("choose(700)")
        self.assertEqual(self.value(late), 750)
        self.assertGreater(self.value("table.parentElement.scrollTop"), 1000)
        self.open(self.large)
        self.value("one('layers').scrollIntoView({ behavior: 'instant' }); rows[0].focus()")
        self.browser.press("End")
        self.assertEqual(self.chosen(), 799)

    def test_links_lead_to_sections_that_were_not_drawn_yet(self):
        self.browser.emulate(prefers_reduced_motion="reduce")
        for section in ["graph", "memory", "traffic"]:
            self.open(self.large)
            self.browser.click(f"header a[href='#{section}']")
            self.value("new Promise((done) => setTimeout(done, 100))")
            box = self.value(f"one('{section}').getBoundingClientRect().toJSON()")
            self.assertTrue(-1 < box["top"] < 900 and box["bottom"] > 0, (section, box))

    def test_names_do_no_harm(self):
        self.open(self.nasty)
        self.assertIsNone(self.value("window.harmed ?? null"))
        self.assertEqual(self.count("main script, main img, main [onerror], main [onmouseover]"), 0)
        self.assertEqual(self.column("name")[0], pages.NASTY[0])
        self.assertEqual(self.value("rowOf[5].cells[1].title"), pages.NASTY[5])
        self.value("choose(0)")
        self.assertIn(pages.NASTY[0], self.value("one('chosen').textContent"))
        self.assertEqual(self.count("#chosen script"), 0)
        width = self.value("document.documentElement.scrollWidth - innerWidth")
        self.assertLessEqual(width, 0)

    def test_the_large_table_sorts_and_filters_at_once(self):
        self.open(self.large)
        for action in ["titles[titleOf('cycles')].firstElementChild.click()",
                       "one('search').value = 'block_7'; filter()", "choose(400)", "show(0.2, 0.3)"]:
            time = self.browser.processor_time(
                lambda: self.value(f"{action}; document.body.offsetHeight"))
            self.assertLess(time, 0.5 * PATIENCE, action)

    def test_folded_rows_are_drawn_when_they_are_needed(self):
        self.open(self.large)
        self.assertEqual(self.count("#tree .node[data-l]"), 0)
        self.value("one('search').value = 'depthwise'; filter(); choose(1)")
        self.browser.click(".node.block .fold")
        self.assertEqual(self.count("#tree .node[data-l]"), 4)
        self.assertEqual(self.value("all('#tree .node.out').map((node) => +node.dataset.l)"), [0, 2, 3])
        self.assertEqual(self.value("all('#tree .node.on').map((node) => +node.dataset.l)"), [1])
        self.browser.click("#tree .node[data-l='3']")
        self.assertEqual(self.chosen(), 3)
        # As before a page is printed, which of so many rows takes its time.
        self.value("void dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.count("#tree .node[data-l]"), 800)

    def test_narrow_windows_do_not_scroll_sideways(self):
        for width in (1600, 1000, 480):
            self.browser.resize(width, 800)
            self.assertLessEqual(self.value("document.documentElement.scrollWidth"), width)
        self.browser.resize(1280, 900)

    def test_narrow_windows_show_the_names_of_layers(self):
        self.browser.resize(400, 800)
        self.open(self.real)
        self.value("drawAll()")
        # Of a member that a block's name does not stand before.
        self.assertEqual(self.value("members.flat().filter((each) => nameOf(each).title && nameOf(each)"
                                    ".textContent.startsWith(nameOf(heads[0]).textContent + '/')).length"), 0)
        widths = self.value("all('#tree .label').filter((each) => each.offsetHeight).map((each) => each.offsetWidth)")
        self.assertGreater(min(widths), 80)
        cut = self.value("""all('.ticks span').filter((each) => each.getBoundingClientRect().right
            > each.parentElement.getBoundingClientRect().right + 1).map((each) => each.textContent)""")
        self.assertEqual(cut, [])
        self.browser.resize(1280, 900)


class TableTests(PageTests):
    def test_columns_sort_both_ways(self):
        first = self.column("index")
        self.browser.click("#table th[data-key=cycles] button")
        self.assertEqual(self.cycles(), sorted(self.cycles(), reverse=True))
        self.assertEqual(self.value("titles[titleOf('cycles')].getAttribute('aria-sort')"), "descending")
        self.browser.click("#table th[data-key=cycles] button")
        self.assertEqual(self.cycles(), sorted(self.cycles()))
        self.browser.click("#table th[data-key=operator] button")
        self.assertEqual(self.column("operator"), sorted(self.column("operator")))
        self.browser.click("#table th[data-key=index] button")
        self.assertEqual(self.column("index"), first)
        self.assertEqual(self.count("[aria-sort]"), 1)

    def test_filters_narrow_rows_and_dim_the_charts(self):
        self.browser.click("#search")
        self.browser.type("depthwise_conv2d")
        shown = self.column("operator")
        self.assertTrue(shown and set(shown) == {"depthwise_conv2d"})
        self.assertRegex(self.value("one('count').textContent"), rf"^{len(shown)} of \d+ layers, ")
        self.assertGreater(self.count("svg [data-l].out"), 0)
        self.value("one('search').value = ''; one('by-engine').value = 'output'; filter()")
        self.assertEqual(set(self.column("engine")), {"output"})
        self.value("one('search').value = 'no such layer'; filter()")
        self.assertEqual(self.column("index"), [])

    def test_a_click_chooses_a_layer_everywhere(self):
        self.browser.click("#table tr[data-l='2'] td")
        self.assertEqual(self.chosen(), 2)
        for place in ["#table tr", "#time .layers path", "#time .engine path", "#memory .map path",
                      "#roofline .point", "#traffic path", "#tree .node"]:
            self.assertGreater(self.count(f"{place}[data-l='2'].on"), 0, place)
            self.assertEqual(self.count(f"{place}.on:not([data-l='2'])"), 0, place)
        self.assertFalse(self.value("one('inspector').hidden"))
        self.assertIn(" cycles, ", self.value("one('chosen').textContent"))
        self.browser.click("#clear")
        self.assertIsNone(self.chosen())
        self.assertEqual(self.count(".on"), 0)

    def test_charts_choose_rows(self):
        x, y = self.browser.center("#time .layers path[data-l='0']")
        self.browser.mouse("mouseMoved", x, y)
        self.assertFalse(self.value("tip.hidden"))
        self.assertIn("cycles", self.value("tip.textContent"))
        self.browser.click("#time .layers path[data-l='0']")
        self.assertEqual(self.chosen(), 0)
        self.assertEqual(self.count("#table tr[aria-current]"), 1)

    def test_arrow_keys_move_from_row_to_row(self):
        self.value("rows[0].focus()")
        self.browser.press("ArrowDown", "ArrowDown")
        self.assertEqual(self.chosen(), 2)
        self.browser.press("End")
        self.assertEqual(self.chosen(), self.count("#table tbody tr") - 1)
        self.browser.press("Home", "]", "]")
        self.assertEqual(self.chosen(), 2)
        self.assertEqual(self.count("#table tbody tr[tabindex='0']"), 1)
        self.browser.press("Escape")
        self.assertIsNone(self.chosen())


class TimelineTests(PageTests):
    def width(self):
        begin, end = self.view()
        return end - begin

    def test_buttons_zoom_and_move(self):
        self.browser.click("[data-zoom=in]")
        self.browser.click("[data-zoom=in]")
        self.assertAlmostEqual(self.width(), 0.25)
        before = self.view()[0]
        self.browser.click("[data-zoom=right]")
        self.assertGreater(self.view()[0], before)
        self.browser.click("[data-zoom=all]")
        self.assertEqual(self.view(), [0, 1])

    def test_keys_zoom_and_move(self):
        self.value("timeline.focus()")
        self.browser.press("+", "+", "+", "ArrowRight", "-")
        self.assertAlmostEqual(self.width(), 0.25)
        self.browser.press("End")
        self.assertAlmostEqual(self.view()[1], 1)
        self.browser.press("0")
        self.assertEqual(self.view(), [0, 1])

    def test_the_wheel_zooms_where_the_pointer_is(self):
        x, y = self.browser.center("#time .layers")
        self.browser.wheel(x, y, -120, control=True)
        self.assertLess(self.width(), 1)
        self.value("show(0, 1); timeline.focus({ preventScroll: true })")
        self.browser.wheel(x, y, -120)
        self.assertLess(self.width(), 1)

    def test_the_wheel_scrolls_the_page_elsewhere(self):
        x, y = self.browser.center("#time .layers")
        self.browser.wheel(x, y, 120)
        self.assertEqual(self.view(), [0, 1])

    def test_dragging_moves_and_chooses_nothing(self):
        self.value("show(0.4, 0.6)")
        x, y = self.browser.center("#time .layers")
        self.browser.drag(x, y, x + 100, y)
        self.assertLess(self.view()[0], 0.4)
        self.assertIsNone(self.chosen())

    def test_zooming_goes_through_all_strips_and_has_ends(self):
        self.value("for (let each = 0; each < 40; each++) zoom(0.5)")
        self.assertAlmostEqual(self.width(), 1 / 4000)
        boxes = set(self.value("all('svg.time').map((strip) => strip.viewBox.baseVal.width.toFixed(1))"))
        self.assertEqual(len(boxes), 1)
        self.assertGreater(self.count("#time .ticks span"), 0)
        self.value("for (let each = 0; each < 40; each++) zoom(2)")
        self.assertEqual(self.view(), [0, 1])

    def test_the_chosen_layer_can_be_zoomed_to(self):
        self.value("choose(1)")
        self.browser.press("f")
        begin, end = [part * self.value("figures.total") for part in self.view()]
        self.assertLessEqual(begin, self.value("figures.starts[1]"))
        self.assertGreaterEqual(end, self.value("figures.ends[1]"))


class ErrorTests(PageTests):
    """A page with what an evaluation found of each layer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.judged = pages.judged_page(f"{cls.folder}/judged.html", cls.folder)

    def test_layers_have_the_color_of_their_error(self):
        self.open(self.judged)
        colors = "all('#tree .cost').map((cost) => cost.className)"
        times = self.value(colors)
        self.browser.click("[data-heat='1']")
        errors = self.value(colors)
        self.assertNotEqual(errors, times)
        self.assertEqual(self.value("all('.heats').map((legend) => legend.hidden)"), [True, False])
        self.assertEqual(self.value("all('[data-heat]').map((each) => each.getAttribute('aria-pressed'))"),
                         ["false", "true"])
        self.browser.click("[data-heat='0']")
        self.assertEqual(self.value(colors), times)

    def test_the_error_is_a_column(self):
        self.open(self.judged)
        self.browser.click("#table th[data-key=accuracy] button")
        shown = [float(text) for text in self.column("accuracy") if text]
        self.assertEqual(shown, sorted(shown, reverse=True))


class OtherTests(PageTests):
    def background(self):
        return self.value("getComputedStyle(document.body).backgroundColor")

    def test_the_switch_and_the_system_choose_the_theme(self):
        light = self.background()
        self.browser.click("#theme")
        dark = self.background()
        self.assertNotEqual(dark, light)
        self.browser.click("#theme")
        self.assertEqual(self.background(), light)
        self.browser.emulate(prefers_color_scheme="dark")
        self.open(self.real)
        self.assertEqual(self.background(), dark)

    def test_text_has_contrast_in_both_themes(self):
        for scheme in ("light", "dark"):
            self.browser.emulate(prefers_color_scheme=scheme)
            for selector in ["p", ".note", "#table tbody td", "thead th", ".lead", ".kind", ".ticks span",
                             "header nav a", ".gain b"]:
                if self.count(selector):
                    self.assertGreaterEqual(self.contrast(selector), 4.5, f"{selector} {scheme}")

    def contrast(self, selector):
        colors = self.value(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            let behind = element;
            while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
            return [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor];
        }})()""")
        light, dark = sorted((self.luminance(color) for color in colors), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    @staticmethod
    def luminance(color):
        """Relative luminance (WCAG 2.1)."""
        parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def test_paper_shows_everything_and_no_controls(self):
        self.value("one('search').value = 'no such layer'; filter(); choose(1)")
        self.value("all('[data-tree=fold]').forEach((button) => button.click())")
        self.browser.emulate(media="print")
        hidden = "(element) => getComputedStyle(element).display === 'none'"
        self.assertEqual(self.value(f"all('#table tbody tr, #tree .node').filter({hidden}).length"), 0)
        self.assertTrue(self.value(f"all('.control, #inspector').every({hidden})"))
        self.assertEqual(self.value("getComputedStyle(all('.scroll')[0]).overflow"), "visible")
        path = f"{self.folder}/page.pdf"
        self.browser.pdf(path)
        self.assertGreater(os.path.getsize(path), 10_000)

    def test_the_tabulator_reaches_everything_in_order(self):
        self.value("document.activeElement.blur(); scrollTo(0, 0)")
        found = []
        for _ in range(80):
            self.browser.press("Tab")
            found.append(self.value("""(() => {
                const element = document.activeElement;
                const outline = getComputedStyle(element).outlineStyle;
                return [element.id || element.dataset.zoom || element.dataset.tree || element.tagName,
                    element === document.body || outline !== "none"];
            })()"""))
        self.assertTrue(all(is_seen for _, is_seen in found))
        names = [name for name, _ in found]
        order = [names.index(name) for name in ("theme", "in", "timeline", "search", "TR", "open")]
        self.assertEqual(order, sorted(order))

    def test_everything_has_a_name(self):
        unnamed = self.value("""all("button, input, select, svg[role=img], section, [role=group], [role=toolbar]")
            .filter((element) => !(element.getAttribute("aria-label") || element.getAttribute("aria-labelledby")
                || element.textContent.trim())).length""")
        self.assertEqual(unnamed, 0)

    def test_blocks_fold(self):
        before = self.value("all('#tree .node').filter((node) => node.offsetHeight).length")
        self.browser.click(".node.block .fold")
        self.assertEqual(self.value("all('.fold')[0].getAttribute('aria-expanded')"), "false")
        folded = self.value("all('#tree .node').filter((node) => node.offsetHeight).length")
        self.assertLess(folded, before)
        self.value("all('.fold')[0].focus()")
        self.browser.press("Enter")
        self.assertEqual(self.value("all('#tree .node').filter((node) => node.offsetHeight).length"), before)

    def test_roofs_change(self):
        places = "all('circle.point').map((point) => point.getAttribute('cx'))"
        bound = self.value(places)
        self.browser.click("[data-roof='1']")
        self.assertNotEqual(self.value(places), bound)
        self.assertEqual(self.count("circle.point:not([hidden])"), self.count("circle.point.memory-1"))
        self.assertEqual(self.value("all('[aria-pressed=true]').map((button) => button.dataset.roof)"), ["1"])
        self.browser.click("[data-roof='bound']")
        self.assertEqual(self.value(places), bound)

    def test_motion_is_reduced_on_request(self):
        scrolling = "getComputedStyle(document.documentElement).scrollBehavior"
        self.browser.emulate(prefers_reduced_motion="no-preference")
        self.assertEqual(self.value(scrolling), "smooth")
        self.browser.emulate(prefers_reduced_motion="reduce")
        self.assertEqual(self.value(scrolling), "auto")
        self.assertEqual(self.value("document.getAnimations().length"), 0)


# The common part has no tests of its own.
del PageTests

if __name__ == "__main__":
    unittest.main()

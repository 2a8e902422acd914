"""What tests of pages have in common."""

import shutil
import tempfile
import unittest

from browser import Browser, find_browser


@unittest.skipUnless(find_browser(), "there is no Chromium")
class PageCase(unittest.TestCase):
    """Every test opens a page anew; none may log a message or ask for anything but the page itself."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pages-")
        # The page that each test begins with.
        cls.first = cls.write_pages()
        cls.browser = Browser()

    @classmethod
    def write_pages(cls):
        """Writes what the tests open to the folder; returns the first of it."""
        raise NotImplementedError

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.browser.emulate(prefers_color_scheme="light")
        self.open(self.first)

    def open(self, page):
        self.page = page
        return self.browser.open(page)

    def tearDown(self):
        self.browser.evaluate("0")
        self.assertEqual(self.browser.messages, [])
        self.assertEqual(set(self.browser.requests), {"file://" + self.page})

    def value(self, expression):
        return self.browser.evaluate(expression)

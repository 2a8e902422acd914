"""What Reports holds is what today's `dovetail` writes, of all that needs no peer.

The baseline is compared by `CheckCommandTests`; figures beside peers are measured anew with these.
"""

import os
import shutil
import tempfile
import unittest
from pathlib import Path

from benchmarks.gallery import GALLERY, write_gallery


@unittest.skipUnless(os.environ.get("DOVETAIL"), "DOVETAIL names no binary")
class CurrentReports(unittest.TestCase):
    """A failure names the command that renews what is stale."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="reports-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_the_gallery_is_current(self):
        write_gallery(self.folder)
        written = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        kept = {path.name: path.read_bytes() for path in GALLERY.iterdir()}
        stale = sorted(name for name in written.keys() | kept.keys()
                       if written.get(name) != kept.get(name))
        self.assertFalse(stale, f"stale in Reports/gallery: {', '.join(stale)}; "
                                "`Scripts/benchmark gallery` renews it")
        self.assertLess(sum(map(len, kept.values())), 1_500_000)


if __name__ == "__main__":
    unittest.main()

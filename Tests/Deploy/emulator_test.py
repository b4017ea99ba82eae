#!/usr/bin/env python3
"""The emulator's parts by themselves: what it refuses to touch, and what it writes and starts. No namespaces, no network."""
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(REPOSITORY / "deploy" / "upsun-local"))

from emulator.build import place_of  # noqa: E402
from emulator.console import Failure  # noqa: E402
from emulator.project import App, Mount, mounts_of  # noqa: E402
from emulator.state import State  # noqa: E402


class Folders(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.state = State(self.folder / "state")

    def app(self, **values: Any) -> App:
        return App("shop", {"type": "python:3.13", **values})


class Mounts(Folders):
    def test_stay_below_the_app(self) -> None:
        found = mounts_of({"mounts": {"/.db/": {"source": "storage", "source_path": "/db"}, "a/./b": {"source": "temporary"}}})
        self.assertEqual([(".db", "storage", "db"), ("a/b", "tmp", "a/b")], [(one.path, one.source, one.source_path) for one in found])
        for key, more in (("/", {}), ("/../x", {}), ("x", {"source_path": "../x"}), ("x", {"source_path": "/"}), ("x", {"source_path": "a\0"})):
            with self.subTest(key=key, more=more), self.assertRaises(Failure):
                mounts_of({"mounts": {key: {"source": "storage", **more}}})

    def test_follow_no_link_out_of_the_storage(self) -> None:
        storage = self.state.storage("shop")
        storage.mkdir(parents=True)
        self.assertEqual(storage / "db", place_of(self.state, self.app(), Mount("db", "storage", "db")))
        (storage / "db").symlink_to(self.folder)
        with self.assertRaisesRegex(Failure, "leads out"):
            place_of(self.state, self.app(), Mount("db", "storage", "db/inner"))


if __name__ == "__main__":
    unittest.main()

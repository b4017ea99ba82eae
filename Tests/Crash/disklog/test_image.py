#!/usr/bin/env python3
"""What the crash model of `image.py` may and must leave, on short logs written by hand."""

import os
import pathlib
import random
import tempfile
import unittest

from image import BlindLog, Disk, Record

CREATE = os.O_CREAT | os.O_RDWR
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Log:
    def __init__(self):
        self.disk, self.next = Disk("/r"), 10

    def put(self, kind, descriptor=-1, first=0, second=0, data=b""):
        self.disk.advance(Record(kind, 1, descriptor, first, second, data))

    def open(self, path, flags=CREATE, directory=0):
        self.next += 1
        self.put("open", self.next, flags, directory, path.encode())
        return self.next

    def sync(self, descriptor):
        self.put("sync begin", descriptor, 7)
        self.put("sync end", descriptor, 7)

    def file(self, path, data, synced=True):
        descriptor = self.open(path)
        self.put("write", descriptor, 0, len(data), data)
        if synced:
            self.sync(descriptor)
        return descriptor

    def sync_directory(self, path):
        self.sync(self.open(path, os.O_RDONLY, 1))

    def rename(self, old, new):
        self.put("rename", data=old.encode() + b"\0" + new.encode())

    def images(self, count=100):
        """The set of images (path -> content) of the three variants, the random one from many seeds."""
        found = set()
        for variant, seeds in (("all", 1), ("none", 1), ("random", count)):
            for seed in range(seeds):
                with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
                    target = pathlib.Path(directory) / "image"
                    self.disk.write_image(target, variant, random.Random(seed))
                    found.add(
                        frozenset(
                            (str(path.relative_to(target)), path.read_bytes() if path.is_file() else None)
                            for path in target.rglob("*")
                        )
                    )
        return {tuple(sorted(image)) for image in found}


class ImageTests(unittest.TestCase):
    def test_synced_file_may_miss_its_name(self):
        log = Log()
        log.file("/r/a", b"x")
        self.assertEqual(log.images(), {(), (("a", b"x"),)})

    def test_file_and_directory_synced_is_there(self):
        log = Log()
        log.file("/r/a", b"x")
        log.sync_directory("/r")
        self.assertEqual(log.images(), {(("a", b"x"),)})

    def test_rename_of_unsynced_file_may_leave_it_empty(self):
        log = Log()
        log.file("/r/a", b"old")
        log.sync_directory("/r")
        log.file("/r/b", b"new", synced=False)
        log.rename("/r/b", "/r/a")
        log.sync_directory("/r")
        self.assertEqual(log.images(), {(("a", b""),), (("a", b"new"),)})

    def test_rename_over_a_file_leaves_one_of_the_two(self):
        log = Log()
        log.file("/r/a", b"old")
        log.file("/r/b", b"new")
        log.sync_directory("/r")
        log.rename("/r/b", "/r/a")
        self.assertEqual(log.images(), {(("a", b"old"), ("b", b"new")), (("a", b"new"),)})

    def test_rename_between_directories_is_one_change(self):
        log = Log()
        for name in ("/r/p", "/r/q"):
            log.put("mkdir", data=name.encode())
        log.sync_directory("/r")
        log.file("/r/p/a", b"x")
        log.sync_directory("/r/p")
        log.rename("/r/p/a", "/r/q/a")
        self.assertEqual(
            log.images(), {(("p", None), ("p/a", b"x"), ("q", None)), (("p", None), ("q", None), ("q/a", b"x"))}
        )

    def test_changes_of_one_directory_are_kept_in_order(self):
        log = Log()
        log.file("/r/a", b"1")
        log.file("/r/b", b"2")
        log.put("unlink", data=b"/r/a")
        self.assertEqual(log.images(), {(), (("a", b"1"),), (("a", b"1"), ("b", b"2")), (("b", b"2"),)})

    def test_unsynced_directory_takes_its_files_along(self):
        log = Log()
        log.put("mkdir", data=b"/r/d")
        log.file("/r/d/a", b"x")
        log.sync_directory("/r/d")
        self.assertEqual(log.images(), {(), (("d", None), ("d/a", b"x"))})

    def test_write_tears_at_sectors_only(self):
        log = Log()
        descriptor = log.file("/r/a", b"." * 1024)
        log.sync_directory("/r")
        log.put("write", descriptor, 0, 1024, b"#" * 1024)
        parts = {b"." * 512, b"#" * 512}
        self.assertEqual(
            {image[0][1] for image in log.images()}, {first + second for first in parts for second in parts}
        )

    def test_later_writes_may_survive_without_earlier_ones(self):
        log = Log()
        descriptor = log.file("/r/a", b"")
        log.sync_directory("/r")
        log.put("write", descriptor, 0, 1, b"1")
        log.put("write", descriptor, 1, 1, b"2")
        self.assertEqual({image[0][1] for image in log.images()}, {b"", b"1", b"12", b"\0" + b"2"})

    def test_sync_covers_what_was_written_before_it_began(self):
        log = Log()
        descriptor = log.file("/r/a", b"")
        log.sync_directory("/r")
        log.put("write", descriptor, 0, 1, b"1")
        log.put("sync begin", descriptor, 7)
        log.put("write", descriptor, 1, 1, b"2")
        log.put("sync end", descriptor, 7)
        self.assertEqual({image[0][1] for image in log.images()}, {b"1", b"12"})

    def test_truncation_is_undone_until_synced(self):
        log = Log()
        descriptor = log.file("/r/a", b"12")
        log.sync_directory("/r")
        log.put("truncate", descriptor, 1)
        self.assertEqual({image[0][1] for image in log.images()}, {b"1", b"12"})
        log.sync(descriptor)
        self.assertEqual({image[0][1] for image in log.images()}, {b"1"})

    def test_unknown_file_is_a_blind_log(self):
        with self.assertRaises(BlindLog):
            Log().open("/r/a", os.O_RDWR)
        with self.assertRaises(BlindLog):
            Log().put("write", 99, 0, 1, b"x")


if __name__ == "__main__":
    unittest.main()

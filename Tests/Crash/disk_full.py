#!/usr/bin/env python3
"""A full disk: writes answer 507, reads go on, nothing acknowledged is lost, and writes work again once there is space.

    disk_full.py --server BINARY [--seed S] [--mode tmpfs|shim]

As root the disk is a small tmpfs that a filler file uses up. Without root (or with `--mode shim`) the shim of
`disklog/` fails the server's writes with ENOSPC past a number of bytes. Each check counts as one; the rounds differ in
how suddenly space runs out.
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "disklog"))

from checks import OFFICIAL, settle  # noqa: E402
from replay import build_shim  # noqa: E402
from server import Client, Server, ServerFailed, Unanswered, exit_on_signals  # noqa: E402
from workload import SPACES, Writer, create_shared  # noqa: E402

SIZE = 48 << 20
INSUFFICIENT_STORAGE = 507


class Tmpfs:
    """A file system of `SIZE` bytes; a filler file takes what should not be free."""

    def __init__(self, directory):
        self.disk = directory / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.disk)], check=True)
        self.data, self.filler, self.environment = self.disk / "data", self.disk / "filler", {}

    def leave(self, free):
        status = os.statvfs(self.disk)
        count = status.f_bavail * status.f_frsize - free
        with open(self.filler, "ab") as file:
            if count > 0:
                os.posix_fallocate(file.fileno(), file.tell(), count)

    def give_back(self):
        self.filler.unlink()

    def close(self):
        subprocess.run(["umount", "-l", str(self.disk)], check=True)


class Shim:
    """A limit on growth, counted in the server's process."""

    def __init__(self, directory):
        self.data, self.limit = directory / "disk" / "data", directory / "limit"
        self.data.parent.mkdir()
        self.set(-1)
        self.environment = {
            "LD_PRELOAD": str(build_shim(directory)),
            "DISKLOG_ROOT": os.path.realpath(self.data.parent),
            "DISKLOG_LIMIT_FILE": str(self.limit),
        }

    def set(self, value):
        # Rewritten in place and in one write: the shim reads the file whenever the server writes.
        with open(self.limit, "r+b" if self.limit.exists() else "wb", buffering=0) as file:
            file.write(b"%-20d" % value)

    def leave(self, free):
        # The shim counts growth over the life of the process, also of files since cut or removed: at most `free` is
        # left.
        self.set(sum(path.stat().st_size for path in self.data.rglob("*") if path.is_file()) + free)

    def give_back(self):
        self.set(-1)

    def close(self):
        pass


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, condition, what):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            print(f"failed: {what}", flush=True)


def fill(client, writer, checks, limit=4000):
    """Writes until one is refused. Returns the refused operation, or None when `limit` writes were taken."""
    for _ in range(limit):
        operation = writer.next()
        status, answer = client.request(operation.method, operation.path, operation.body)
        if 200 <= status < 300:
            writer.state = operation.completed(answer)
            continue
        shaped = (
            isinstance(answer, dict)
            and {"error", "message"} <= set(answer)
            and all(isinstance(answer[key], str) and answer[key] for key in ("error", "message"))
        )
        checks.expect(
            status == INSUFFICIENT_STORAGE, f"full disk: {operation.kind} answered {status} {str(answer)[:200]}"
        )
        checks.expect(shaped, f"full disk: the error's shape is {str(answer)[:200]}")
        return operation
    return None


def exact(client, writer, checks, what, seed, official, maybe=None):
    """The server shows the writer's state. With `maybe` (an operation refused): nothing of it may be there."""
    try:
        settle(client, {writer.name: [("after the acknowledged operations", writer.state)]}, seed, official)
        checks.expect(True, what)
    except (AssertionError, ServerFailed) as error:
        after = f" (refused: {maybe.number} {maybe.kind})" if maybe else ""
        checks.expect(False, f"{what}{after}: {error}")


def connect(server):
    # A server that hangs on a full disk is to be reported, not waited for.
    return Client(server.port, timeout=30)


def round_of(disk, server, writer, checks, free, seed, official):
    with connect(server) as client:
        disk.leave(free)
        refused = fill(client, writer, checks)
        checks.expect(refused is not None, f"4000 writes were taken with {free} bytes left")
        for _ in range(5):
            fill(client, writer, checks, limit=20)
        exact(
            client, writer, checks, f"reads while the disk is full, {free} bytes left at first", seed, official, refused
        )
        disk.give_back()
        taken = 0
        for _ in range(10):
            operation = writer.next()
            status, answer = client.request(operation.method, operation.path, operation.body)
            if 200 <= status < 300:
                taken += 1
                writer.state = operation.completed(answer)
            else:
                checks.expect(False, f"space is back: {operation.kind} answered {status} {str(answer)[:200]}")
        checks.expect(taken == 10, f"space is back: {taken} of 10 writes taken")
        exact(client, writer, checks, "after space came back", seed, official)
    checks.expect(server.running(), "the server is still the same process")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--mode", choices=["tmpfs", "shim"], default="tmpfs" if os.geteuid() == 0 else "shim")
    parser.add_argument("--official", action="store_true", help=OFFICIAL)
    arguments = parser.parse_args()
    exit_on_signals()
    seed = random.SystemRandom().randrange(1 << 31) if arguments.seed is None else arguments.seed
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-full-"))
    checks, disk = Checks(), None
    try:
        try:
            disk = (Tmpfs if arguments.mode == "tmpfs" else Shim)(directory)
        except subprocess.CalledProcessError:  # root without the right to mount, as in many containers
            shutil.rmtree(directory / "disk")
            arguments.mode, disk = "shim", Shim(directory)
        print(f"seed {seed}, {arguments.mode}, directory {directory}", flush=True)
        run(arguments, disk, directory, checks, seed)
    except (AssertionError, ServerFailed, Unanswered) as error:
        checks.expect(False, repr(error))
    finally:
        if disk:
            disk.close()
    if not checks.failed:
        shutil.rmtree(directory)
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed or not checks.passed else 0)


def run(arguments, disk, directory, checks, seed):
    generator = random.Random(seed)
    log = str(directory / "server.log")
    server = Server(arguments.server, disk.data, disk.environment, log)
    try:
        server.wait_ready()
        with connect(server) as client:
            shared = create_shared(client)
        spaces = [space for space in SPACES if space != "cosine" or not arguments.official]
        writer = Writer(0, generator, shared, rows=100_000, spaces=spaces)
        for free in (1 << 20, 0, generator.randrange(1 << 18), generator.randrange(1 << 16)):
            round_of(disk, server, writer, checks, free, seed, arguments.official)
        # Full once more, and killed in that state: what was acknowledged must be on the disk, not only in memory.
        with connect(server) as client:
            disk.leave(1 << 16)
            fill(client, writer, checks)
        server.kill()
        disk.give_back()
        server = Server(arguments.server, disk.data, disk.environment, log)
        server.wait_ready()
        with connect(server) as client:
            exact(client, writer, checks, "after a kill with a full disk", seed, arguments.official)
    finally:
        server.kill()


if __name__ == "__main__":
    main()

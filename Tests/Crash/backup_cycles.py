#!/usr/bin/env python3
"""Backups under load, and SIGKILL at random moments of making and restoring them.

    backup_cycles.py --server BINARY [--seconds 45] [--rows 40000] [--seed S]

First the price: how long writes take while a backup is made, beside how long they take before. Then cycles, for so many
seconds. In each, writers add batches without pause while a backup is begun, through the server or with the server
stopped; the process that makes it is killed at a random moment, or left to end. After that

* whatever has the name of a backup passes `chroma backup verify`;
* the data directory it was made from has every batch that was acknowledged, and no part of one;
* the newest backup is restored, which is killed as well now and then: no server opens what is left of that, the same
  command again makes it whole, and the restored directory has every batch acknowledged before the backup began.

Each cycle counts as one. Ends with `N passed, N failed`; a failing run keeps its directory and names it.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from server import COLLECTIONS, Client, Server, ServerFailed, Unanswered, base64_embedding, exit_on_signals

WRITERS = 3
BATCH = 20
DIMENSION = 64
BACKUPS = "/api/v2/admin/backups"


class Writer:
    """Adds batch after batch to one collection, and knows how far it came."""

    def __init__(self, number, identifier):
        self.path = f"{COLLECTIONS}/{identifier}"
        self.embeddings = [base64_embedding([number + 1.0] * DIMENSION)] * BATCH
        self.sent = self.acknowledged = 0
        self.seconds = []

    def add(self, client):
        number, self.sent = self.acknowledged, self.acknowledged + 1
        body = {
            "ids": [f"b{number}-{place}" for place in range(BATCH)],
            "embeddings": self.embeddings,
            "documents": [f"batch {number} " + "." * 200] * BATCH,
        }
        begun = time.monotonic()
        client.expect("POST", f"{self.path}/add", body)
        self.seconds.append(time.monotonic() - begun)
        self.acknowledged = self.sent

    def check(self, client, least, most, where):
        """Throws `AssertionError` unless batches 0..<least are there, none from `most` on, and each wholly or not."""
        ids = client.expect("POST", f"{self.path}/get", {"include": []})["ids"]
        counts = collections.Counter(name.split("-")[0] for name in ids if name.startswith("b"))
        torn = {batch: count for batch, count in counts.items() if count != BATCH}
        assert not torn, f"{where}: parts of batches {torn}"
        missing = [number for number in range(least) if f"b{number}" not in counts]
        assert not missing, f"{where}: acknowledged batches are missing: {missing[:10]} of {least}"
        beyond = [batch for batch in counts if int(batch[1:]) >= most]
        assert not beyond, f"{where}: batches that were never sent: {beyond[:10]}"
        return max((int(batch[1:]) + 1 for batch in counts), default=0)


class Load:
    """Writers at full speed until told to stop, or until the server is gone."""

    def __init__(self, port, writers):
        self.stopping, self.refused = threading.Event(), []
        self.threads = [threading.Thread(target=self.send, args=(port, writer)) for writer in writers]
        for thread in self.threads:
            thread.start()

    def send(self, port, writer):
        with Client(port, timeout=60) as client:
            while not self.stopping.is_set():
                try:
                    writer.add(client)
                except ServerFailed as error:
                    if not isinstance(error.__cause__, Unanswered) and not str(error).endswith("broken connection"):
                        self.refused.append(str(error))
                    return

    def finish(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        assert not self.refused, "a write was refused: " + "; ".join(self.refused)[:400]


def quantile(seconds, share):
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))] if seconds else 0.0


class Run:
    def __init__(self, binary, directory, seed, rows):
        self.binary, self.directory, self.rows = binary, directory, rows
        self.data, self.store = directory / "data", directory / "backups"
        self.random = random.Random(seed)
        self.counts = collections.Counter()
        self.known = {}  # name of a backup -> batches each writer had acknowledged before it began
        self.verified = set()
        self.make_seconds, self.restore_seconds = 0.5, 0.2
        self.server = self.start(self.data)
        with Client(self.server.port) as client:
            made = [client.expect("POST", COLLECTIONS, {"name": f"writer-{number}"}) for number in range(WRITERS)]
            self.writers = [Writer(number, answer["id"]) for number, answer in enumerate(made)]
            for number in range(30):  # that nobody opens again
                quiet = client.expect("POST", COLLECTIONS, {"name": f"quiet-{number}"})["id"]
                client.expect("POST", f"{COLLECTIONS}/{quiet}/add", {"ids": ["only"], "embeddings": [[number, 1]]})

    def start(self, data):
        server = Server(self.binary, data, {"CHROMA_BACKUP_DIR": str(self.store)}, log=self.directory / "server.log")
        server.wait_ready()
        return server

    def command(self, *arguments):
        return subprocess.run([self.binary, "backup", *map(str, arguments)], capture_output=True, text=True, timeout=120)

    # The price

    def measure(self):
        """Fills a collection, then times writes before and during backups. Returns a line for people."""
        with Client(self.server.port) as client:
            big = client.expect("POST", COLLECTIONS, {"name": "big"})["id"]
            count = 500
            for start in range(0, self.rows, count):
                rows = range(start, min(start + count, self.rows))
                values = [base64_embedding([self.random.gauss(0, 1) for _ in range(DIMENSION)])] * len(rows)
                body = {
                    "ids": [f"r{row}" for row in rows],
                    "embeddings": values,
                    "documents": [f"row {row} " + "." * 1500 for row in rows],
                }
                client.expect("POST", f"{COLLECTIONS}/{big}/add", body)
        self.server.stop()  # so that no index is being made meanwhile
        self.server = self.start(self.data)
        load = Load(self.server.port, self.writers)
        time.sleep(4)
        before, parts = self.take_seconds(), []
        begun, made = time.monotonic(), 0
        with Client(self.server.port) as client:
            while made < 2 or (time.monotonic() - begun < 4 and made < 20):
                parts.append(client.expect("POST", BACKUPS, {"keep": 1}))
                made += 1
        during = self.take_seconds()
        load.finish()
        part = parts[-1]
        self.shrink()
        return (
            f"{len(before)} writes before: p50 {1000 * quantile(before, 0.5):.1f} ms, "
            f"p99 {1000 * quantile(before, 0.99):.1f} ms; {len(during)} during {made} backups of "
            f"{part['bytes'] / 1e6:.0f} MB in {part['duration_ms'] / 1000:.2f} s each "
            f"({part['bytes'] / 1e3 / max(1, part['duration_ms']):.0f} MB/s): p50 {1000 * quantile(during, 0.5):.1f} ms, "
            f"p99 {1000 * quantile(during, 0.99):.1f} ms, longest {1000 * max(during, default=0):.0f} ms"
        )

    def shrink(self):
        """Most of the rows go, so that a cycle takes a second or two."""
        with Client(self.server.port) as client:
            client.expect("DELETE", f"{COLLECTIONS}/big")
            for entry in self.store.glob("*.chromabak"):
                shutil.rmtree(entry)
            middling = client.expect("POST", COLLECTIONS, {"name": "middling"})["id"]
            for start in range(0, 2000, 500):
                body = {
                    "ids": [f"r{row}" for row in range(start, start + 500)],
                    "embeddings": [[row, 1.0] for row in range(start, start + 500)],
                    "documents": ["." * 4000] * 500,
                }
                client.expect("POST", f"{COLLECTIONS}/{middling}/add", body)
            begun = time.monotonic()
            client.expect("POST", BACKUPS, {})
            self.make_seconds = time.monotonic() - begun

    def take_seconds(self):
        taken = [writer.seconds for writer in self.writers]
        for writer in self.writers:
            writer.seconds = []
        return [second for seconds in taken for second in seconds]

    # The cycles

    def cycle(self):
        """One backup that may be killed, one comparison, one restore. Throws `AssertionError` and `ServerFailed`."""
        if self.random.random() < 0.65:
            self.through_server(kills=self.random.random() < 0.75)
        else:
            self.without_server(kills=self.random.random() < 0.75)
        self.check_store()
        self.check_source()
        if self.known:
            self.restore()

    def pause(self, seconds):
        time.sleep(self.random.uniform(0, 1.2 * seconds))

    def through_server(self, kills):
        load = Load(self.server.port, self.writers)
        self.pause(0.2)
        before = [writer.acknowledged for writer in self.writers]
        answer = {}

        def ask():
            with Client(self.server.port) as client:
                try:
                    answer["status"], answer["body"] = client.request("POST", BACKUPS, {"keep": 3})
                except Unanswered:
                    pass

        asking = threading.Thread(target=ask)
        asking.start()
        if kills:
            self.pause(self.make_seconds)
            self.server.kill()
        asking.join()
        self.note(before, answer.get("body") if answer.get("status") == 201 else None, kills, "server")
        if not kills:
            assert answer.get("status") == 201, f"no backup was made: {answer}"
        load.finish()
        if kills:
            self.server = self.start(self.data)

    def without_server(self, kills):
        self.server.stop()
        before = [writer.acknowledged for writer in self.writers]
        begun = time.monotonic()
        with subprocess.Popen(
            [self.binary, "backup", "create", "--path", self.data, "--backup-dir", self.store, "--keep", "3", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            if kills:
                self.pause(self.make_seconds)
                process.kill()
            output, errors = process.communicate(timeout=120)
        if not kills:
            assert process.returncode == 0, f"backup create: {process.returncode}: {errors}"
            self.make_seconds = time.monotonic() - begun
        self.note(before, json.loads(output) if output.strip() else None, kills, "command")
        self.server = self.start(self.data)

    def note(self, before, made, kills, maker):
        names = {entry.name for entry in self.store.glob("*.chromabak")} if self.store.exists() else set()
        for name in names - set(self.known):  # also of one whose maker was killed behind the rename
            self.known[name] = (before, [writer.sent + 1 for writer in self.writers])
        self.known = {name: value for name, value in self.known.items() if name in names}
        assert made is None or made["name"] in names, f"{made['name']} was acknowledged and is not there"
        self.counts[f"{maker} {'killed' if kills else 'left alone'}"] += 1
        self.counts["whole"] += bool(made)

    def check_store(self):
        for name in set(self.known) - self.verified:
            self.verified.add(name)
            checked = self.command("verify", self.store / name)
            assert checked.returncode == 0, f"{name} has the name of a backup: {checked.stderr}"
        listed = json.loads(self.command("list", "--backup-dir", self.store, "--json").stdout)
        assert {entry["name"] for entry in listed} == set(self.known), f"listed: {listed}"

    def check_source(self):
        with Client(self.server.port) as client:
            for writer in self.writers:
                # What was on its way when the server was killed is there or not: it is the next to be sent in both cases.
                found = writer.check(client, writer.acknowledged, writer.sent, "the source")
                writer.acknowledged = writer.sent = max(found, writer.acknowledged)

    def restore(self):
        name = sorted(self.known)[-1]
        before, most = self.known[name]
        target = self.directory / "restored"
        arguments = [self.binary, "backup", "restore", str(self.store / name), "--path", str(target)]
        if self.random.random() < 0.6:
            with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                self.pause(self.restore_seconds)
                process.kill()
            if (target / "RESTORING").exists():
                self.counts["restore killed"] += 1
                refused = subprocess.run(
                    [self.binary, "run", "--host", "127.0.0.1", "--port", "0", "--path", str(target)],
                    capture_output=True,
                    text=True,
                    timeout=60,
                )
                assert refused.returncode != 0 and "backup restore" in refused.stderr, f"opened: {refused.stderr}"
        if not (target / "FORMAT").exists() or (target / "RESTORING").exists():
            begun = time.monotonic()
            done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, f"restore: {done.returncode}: {done.stderr}"
            self.restore_seconds = time.monotonic() - begun
        again = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
        assert again.returncode == 1 and "not empty" in again.stderr, f"restored over a data directory: {again.stderr}"
        server = self.start(target)
        try:
            with Client(server.port) as client:
                for writer, least, beyond in zip(self.writers, before, most):
                    writer.check(client, least, beyond, f"{name}, restored")
                assert client.expect("GET", COLLECTIONS + "_count") >= WRITERS + 30
        finally:
            server.kill()
        shutil.rmtree(target)
        self.counts["restored"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--seconds", type=float, default=45, help="of cycles, after the measurement")
    parser.add_argument("--rows", type=int, default=40_000, help="of the large collection; 2 KB each")
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    exit_on_signals()
    seed = random.SystemRandom().randrange(1 << 31) if arguments.seed is None else arguments.seed
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-backup-"))
    print(f"seed {seed}, directory {directory}", flush=True)
    passed, failed, run = 0, 0, None
    try:
        run = Run(os.path.abspath(arguments.server), directory, seed, arguments.rows)
        print(run.measure(), flush=True)
        run.note([0] * WRITERS, None, False, "measuring")
        deadline = time.monotonic() + arguments.seconds
        while time.monotonic() < deadline:
            run.cycle()
            passed += 1
    except (AssertionError, ServerFailed, Unanswered, subprocess.TimeoutExpired) as error:
        failed = 1
        print(f"cycle {passed + 1} failed (seed {seed}):\n{error}\nkept: {directory}", flush=True)
    finally:
        if run:
            run.server.kill()
    if run:
        print(", ".join(f"{key} {count}" for key, count in sorted(run.counts.items())))
    if not failed:
        shutil.rmtree(directory)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or passed == 0 else 0)


if __name__ == "__main__":
    main()

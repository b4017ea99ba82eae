#!/usr/bin/env python3
"""Pull the plug, on paper: log all file operations of a server, then start it on the disks a power cut could leave.

    replay.py --server BINARY [--seed S] [--ops 60] [--samples 300] [--no-sync-control]

A short seeded load runs on the server under `disklog.c` (also a graceful stop, a restart, an idle SIGKILL and a restart
after it). The driver writes its acknowledgements into the same log. Then for moments of the log disk images are made by
the model in `image.py`, the server is started on each, and must show every operation acknowledged before that moment,
any other wholly or not at all, and take a write.

--no-sync-control: the same with every fsync struck from the record. Losses must be found; the exit status is 0 only if
they are.
"""

import argparse
import collections
import concurrent.futures
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

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from checks import OFFICIAL, settle  # noqa: E402
from image import BlindLog, Disk, Marker, differs, read_log  # noqa: E402
from model import observe  # noqa: E402
from server import COLLECTIONS, Client, Server, ServerFailed, Unanswered, exit_on_signals  # noqa: E402
from workload import SHARED, SPACES, Writer, create_shared  # noqa: E402

WRITERS = 2
DATA = "data"


def build_shim(directory):
    target = directory / "disklog.so"
    subprocess.run(
        [
            "cc",
            "-std=gnu11",
            "-O2",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fPIC",
            "-shared",
            "-o",
            str(target),
            str(HERE / "disklog.c"),
            "-ldl",
            "-lpthread",
        ],
        check=True,
    )
    return target


class Recording:
    """The load. Afterwards `history[writer][n]` is the state after the writer's n-th operation."""

    def __init__(self, binary, directory, seed, operations, spaces, drop_syncs, rows):
        self.log = directory / "operations.log"
        # The server makes its data directory itself: its entry, too, must be durable before the first acknowledgement.
        self.disk = directory / "disk"
        self.disk.mkdir()
        self.binary = binary
        self.environment = {
            "LD_PRELOAD": str(build_shim(directory)),
            "DISKLOG_ROOT": os.path.realpath(self.disk),
            "DISKLOG_FILE": str(self.log),
            "DISKLOG_DROP_SYNCS": "1" if drop_syncs else "0",
        }
        self.fifo = directory / "kill"
        os.mkfifo(self.fifo)
        self.environment["DISKLOG_KILL_FIFO"] = str(self.fifo)
        self.marker = Marker(self.log)
        self.history, self.problems, self.server = {}, [], None
        try:
            self.run(seed, operations, spaces, rows)
        finally:
            self.marker.close()
            if self.server:
                self.server.kill()

    def start(self):
        log = str(self.log) + ".server"
        self.server = Server(self.binary, self.disk / DATA, self.environment, log)
        self.server.wait_ready()

    def run(self, seed, operations, spaces, rows):
        self.start()
        with Client(self.server.port) as client:
            shared = create_shared(client)
        self.marker.put(setup=True)
        writers = [
            Writer(number, random.Random(f"{seed}-{number}"), shared, rows, max(30, rows // 8), spaces)
            for number in range(WRITERS)
        ]
        for writer in writers:
            self.history[writer.name] = [writer.state]
        self.load(writers, operations // 3)
        self.server.stop()
        self.start()
        self.load(writers, operations // 3)
        self.kill()
        self.start()
        self.load(writers, operations - 2 * (operations // 3))
        self.server.stop()

    def kill(self):
        """SIGKILL between two records."""
        with open(self.fifo, "wb", buffering=0) as fifo:
            fifo.write(b"k")
        self.server.process.wait(60)

    def load(self, writers, operations):
        threads = [threading.Thread(target=self.send, args=(writer, operations // WRITERS)) for writer in writers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.problems:
            raise ServerFailed("under load: " + "; ".join(self.problems))

    def send(self, writer, operations):
        with Client(self.server.port) as client:
            for _ in range(operations):
                operation = writer.next()
                self.marker.put(send=writer.name)
                try:
                    answer = client.expect(operation.method, operation.path, operation.body)
                except ServerFailed as error:
                    self.problems.append(str(error))
                    return
                self.marker.put(ack=writer.name)
                writer.state = operation.completed(answer)
                self.history[writer.name].append(writer.state)


class Moment:
    """What the driver knew at a record of the log."""

    def __init__(self):
        self.setup = False
        self.sent, self.acknowledged = collections.Counter(), collections.Counter()

    def mark(self, values):
        self.setup = self.setup or "setup" in values
        if "send" in values:
            self.sent[values["send"]] += 1
        if "ack" in values:
            self.acknowledged[values["ack"]] += 1

    def candidates(self, history):
        found = {}
        for name, states in history.items():
            done = self.acknowledged[name]
            found[name] = [
                (f"after {count} operations, {done} of them acknowledged", states[count])
                for count in range(done, self.sent[name] + 1)
            ]
        return found


def choose(records, samples, seed):
    """{index after which the power goes: [variant, …]}, `samples` in all.

    First each acknowledgement with nothing unsynced left, the sharpest question; then, evenly over the log, random
    ones.
    """
    generator = random.Random(seed)
    # A crash after a record that changes nothing on disk equals the crash before it.
    changing = [index for index, record in enumerate(records) if record.kind not in ("close", "dup", "sync begin")]
    acknowledged = [index for index, record in enumerate(records) if record.kind == "mark" and b"ack" in record.data]
    chosen = collections.defaultdict(list)
    for index in generator.sample(acknowledged, min(len(acknowledged), samples // 3)):
        chosen[index].append("none")
    left = samples - sum(map(len, chosen.values()))
    for number in range(left):
        start, end = (
            number * len(changing) // left,
            max((number + 1) * len(changing) // left, number * len(changing) // left + 1),
        )
        variant = generator.choices(["random", "none", "all"], [75, 17, 8])[0]
        chosen[changing[generator.randrange(start, end)]].append(variant)
    return chosen


def check(binary, image, moment, seed, official):
    """None, or what is wrong with the server on this disk."""
    server = Server(binary, image / DATA, log=str(image) + ".log")
    try:
        server.wait_ready()
        with Client(server.port) as client:
            if not moment[0]:
                _, everything = observe(client, COLLECTIONS, SHARED)
                assert set(everything) <= set(SHARED) and not any(rows for _, rows in everything.values()), (
                    f"{everything} before anything was written"
                )
                return None
            settle(client, moment[1], seed, official)
            identifier = next(row["id"] for row in client.expect("GET", COLLECTIONS) if row["name"] == "main")
            path = f"{COLLECTIONS}/{identifier}"
            before = client.expect("GET", path + "/count")
            client.expect("POST", path + "/add", {"ids": ["after"], "embeddings": [[0.5] * SHARED["main"]]})
            after = client.expect("GET", path + "/count")
            assert after == before + 1, f"a write after the crash: count {before}, then {after}"
    except (AssertionError, ServerFailed, Unanswered) as error:
        return str(error) or repr(error)
    finally:
        server.kill()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--ops", type=int, default=60, help="write requests in the recorded load")
    parser.add_argument("--rows", type=int, default=300, help="rows at which a collection stops growing; from about "
                        "3000 on a stop saves segments, whose writes are then in the log too")
    parser.add_argument("--samples", type=int, default=300, help="disk images")
    parser.add_argument("--no-sync-control", action="store_true", help="strike every fsync: losses must be found")
    parser.add_argument("--official", action="store_true", help=OFFICIAL)
    arguments = parser.parse_args()
    exit_on_signals()
    seed = random.SystemRandom().randrange(1 << 31) if arguments.seed is None else arguments.seed
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-disklog-"))
    # Images in memory: the server's fsyncs on them are no part of the question.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    images = pathlib.Path(tempfile.mkdtemp(prefix="chroma-images-", dir=memory))
    print(f"seed {seed}, directory {directory}", flush=True)
    begun = time.monotonic()
    spaces = [space for space in SPACES if space != "cosine" or not arguments.official]
    try:
        control = arguments.no_sync_control
        recording = Recording(arguments.server, directory, seed, arguments.ops, spaces, control, arguments.rows)
        passed, failures = replay(recording, arguments, seed, images, directory)
    except (BlindLog, ServerFailed) as error:
        print(f"failed (seed {seed}, kept {directory}): {error}\n0 passed, 1 failed")
        sys.exit(1)
    finally:
        shutil.rmtree(images)
    print(f"{time.monotonic() - begun:.1f} s")
    if arguments.no_sync_control:
        # Without a single fsync nothing keeps an acknowledged write: a check that passes here checks nothing.
        print(f"control: {failures} of {passed + failures} images without fsync show a loss")
        passed, failures = (1, 0) if failures else (0, 1)
    if not failures:
        shutil.rmtree(directory)
    print(f"{passed} passed, {failures} failed")
    sys.exit(1 if failures else 0)


def replay(recording, arguments, seed, images, directory):
    records = read_log(recording.log)
    kinds = collections.Counter(record.kind for record in records)
    print(f"{len(records)} records: " + ", ".join(f"{name} {count}" for name, count in kinds.most_common()), flush=True)
    chosen = choose(records, arguments.samples, seed)
    disk, moment = Disk(os.path.realpath(recording.disk)), Moment()
    passed = failures = 0
    running = {}
    workers = os.cpu_count() or 1

    def collect(limit):
        nonlocal passed, failures
        while len(running) > limit:
            done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                image, label = running.pop(future)
                problem = future.result()
                if problem is None:
                    passed += 1
                else:
                    failures += 1
                    if failures <= 3:
                        print(f"{label}:\n{problem}", flush=True)
                        if not arguments.no_sync_control:
                            shutil.copytree(str(image) + ".before", directory / image.name)
                            print(f"image kept: {directory / image.name}")
                for path in (image, pathlib.Path(str(image) + ".before")):
                    shutil.rmtree(path, ignore_errors=True)
                pathlib.Path(str(image) + ".log").unlink(missing_ok=True)

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for index, record in enumerate(records):
            disk.advance(record)
            if record.kind == "mark":
                moment.mark(json.loads(record.data))
            for number, variant in enumerate(chosen.get(index, [])):
                collect(workers)
                image = images / f"{index}-{number}"
                disk.write_image(image, variant, random.Random(f"{seed}-{index}-{number}"))
                shutil.copytree(image, str(image) + ".before")  # as the server found it, for the report
                label = f"crash after record {index} ({record.kind}), variant {variant} (seed {seed})"
                known = (moment.setup, moment.candidates(recording.history))
                running[pool.submit(check, arguments.server, image, known, index, arguments.official)] = image, label
        collect(0)
    found = differs(disk, recording.disk)
    if found:
        raise BlindLog(f"the log missed something: {found}")
    return passed, failures


if __name__ == "__main__":
    main()

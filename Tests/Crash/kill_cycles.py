#!/usr/bin/env python3
"""SIGKILL at random moments, over and over, on one data directory; nothing acknowledged may be lost, nothing torn.

    kill_cycles.py --server BINARY [--cycles 100] [--seed S]

Each cycle loads the server from several threads, kills it (in the load, during start, idle, twice in a row, during a
graceful stop), starts a fresh process and compares it with the model (`model.py`). What SIGKILL cannot show is a
missing fsync, since the page cache survives it: see `disklog/`.
"""

import argparse
import collections
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

from checks import OFFICIAL, settle
from server import Client, Server, ServerFailed, Unanswered, exit_on_signals
from workload import SPACES, Writer, create_shared

WRITERS = 3
# How a cycle ends, and how often.
ENDINGS = {"in the load": 55, "idle": 8, "during start": 10, "twice": 10, "during stop": 12, "after stop": 5}


class Load:
    """Threads that send until told to stop or cut off; a writer's operation left unanswered is in `pending`."""

    def __init__(self, port, writers):
        self.writers = writers
        self.pending, self.refused, self.acknowledged = {}, [], 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.send, args=(port, writer)) for writer in writers]
        for thread in self.threads:
            thread.start()

    def send(self, port, writer):
        with Client(port, timeout=60) as client:
            while not self.stopping.is_set():
                operation = writer.next()
                self.pending[writer.name] = operation
                try:
                    status, answer = client.request(operation.method, operation.path, operation.body)
                except Unanswered:
                    return
                if not 200 <= status < 300:
                    self.refused.append(
                        f"{writer.name} {operation.kind} {operation.path}: {status} {str(answer)[:300]}"
                    )
                    return
                del self.pending[writer.name]
                writer.state = operation.completed(answer)
                self.acknowledged += 1  # read after join only; a lost increment between threads costs a statistic

    def finish(self):
        self.stopping.set()
        self.join()

    def join(self):
        for thread in self.threads:
            thread.join()


class Run:
    def __init__(self, binary, directory, seed, rows, official):
        self.binary, self.directory, self.seed, self.official = binary, directory, seed, official
        self.random = random.Random(seed)
        self.counts = collections.Counter()
        self.start_seconds = 0.2
        self.server = self.start()
        with Client(self.server.port) as client:
            shared = create_shared(client)
        spaces = [space for space in SPACES if space != "cosine" or not official]
        self.writers = [
            Writer(number, random.Random(f"{seed}-{number}"), shared, rows=rows // WRITERS, spaces=spaces)
            for number in range(WRITERS)
        ]

    def start(self):
        server = Server(self.binary, self.directory)
        self.start_seconds = server.wait_ready()
        return server

    def cycle(self, number):
        """One load, one death, one comparison. Throws `AssertionError` and `ServerFailed`."""
        ending = self.random.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        self.counts[f"killed {ending}" if ending != "after stop" else "stopped"] += 1
        if ending == "during start":
            self.server.kill()
            self.kill_during_start()
            load = None
        else:
            load = Load(self.server.port, self.writers)
            time.sleep(self.random.uniform(0, 0.3))
            self.end(ending, load)
        if ending == "twice":
            self.kill_during_start()
        pending = load.pending if load else {}
        self.counts["acknowledged"] += load.acknowledged if load else 0
        self.server = self.start()
        candidates = {writer.name: [("after the acknowledged operations", writer.state)] for writer in self.writers}
        for name, operation in pending.items():
            label = f"with operation {operation.number} ({operation.kind}), which was on its way"
            candidates[name].append((label, operation.after))
        with Client(self.server.port) as client:
            settled = settle(client, candidates, self.seed + number, self.official)
        for writer in self.writers:
            label, writer.state, decided = settled[writer.name]
            if writer.name in pending:
                present = "on its way" in label
                self.counts[("present" if present else "absent") if decided else "without effect"] += 1
        if self.random.random() < 0.3:  # the rest of the time the checked process takes the next load
            self.server.kill()
            self.server = self.start()

    def end(self, ending, load):
        if ending in ("idle", "after stop"):
            load.finish()
            if ending == "idle":
                time.sleep(self.random.uniform(0, 0.1))
        died = not self.server.running()
        if ending == "after stop":
            self.server.stop()
        elif ending == "during stop":
            load.finish()
            self.server.process.terminate()
            time.sleep(self.random.uniform(0, 0.08))
            self.server.kill()
        else:
            self.server.kill()
        load.join()
        if died:
            raise ServerFailed(f"ended by itself under load; output: {self.server.tail()}")
        assert not load.refused, "a write was refused: " + "; ".join(load.refused)

    def kill_during_start(self):
        server = Server(self.binary, self.directory)
        time.sleep(self.random.uniform(0, 1.3 * self.start_seconds))
        if not server.running():
            raise ServerFailed(f"ended by itself at start; output: {server.tail()}")
        server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--rows", type=int, default=6000, help="rows at which the large collection stops growing")
    parser.add_argument("--official", action="store_true", help=OFFICIAL)
    arguments = parser.parse_args()
    exit_on_signals()
    seed = random.SystemRandom().randrange(1 << 31) if arguments.seed is None else arguments.seed
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-kill-"))
    print(f"seed {seed}, {arguments.cycles} cycles, directory {directory}", flush=True)
    begun, passed, failed, run = time.monotonic(), 0, 0, None
    try:
        run = Run(arguments.server, directory / "data", seed, arguments.rows, arguments.official)
        for number in range(1, arguments.cycles + 1):
            run.cycle(number)
            passed += 1
    except (AssertionError, ServerFailed, Unanswered) as error:
        # What follows a failure would be compared with a model that is wrong from here on: stop.
        failed = 1
        print(f"cycle {passed + 1} failed (seed {seed}):\n{error}\nkept: {directory}", flush=True)
    finally:
        if run:
            run.server.kill()
    if run:
        largest = max(sum(len(writer.state[name].rows) for writer in run.writers) for name in ("main", "side"))
        print(", ".join(f"{key} {count}" for key, count in sorted(run.counts.items())))
        print(f"largest collection {largest} rows; {time.monotonic() - begun:.1f} s")
    if not failed:
        shutil.rmtree(directory)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or passed == 0 else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Ten thousand collections on one server that may open 1,024 files.

    many_collections.py --server BINARY [--collections 10000] [--rows 1] [--files 1024] [--megabytes 300]

Creates them, writes --rows records of --dimension numbers to each, stops the server, starts it again, lists them, reads from
a sample, kills it and looks once more. Resident memory is looked at all the while and may not pass --megabytes. With
--files 0 the server may open as many files as this process. Prints the seconds, the most files it had open and the most
memory it took; ends with `N passed, N failed`.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import resource
import shutil
import re
import tempfile
import threading
import time

from server import COLLECTIONS, Client, Server, base64_embedding, exit_on_signals

THREADS = 4


class Memory(threading.Thread):
    """The most resident memory any of the servers had, looked at ten times a second."""

    def __init__(self):
        super().__init__(daemon=True)
        self.process = None
        self.most = self.most_anonymous = 0
        self.start()

    def run(self):
        while True:
            time.sleep(0.1)
            try:
                with open(f"/proc/{self.process.pid}/status") as file:
                    sizes = dict(re.findall(r"^(VmRSS|RssAnon):\s+(\d+) kB", file.read(), re.MULTILINE))
            except (OSError, AttributeError):
                continue
            self.most = max(self.most, int(sizes.get("VmRSS", 0)) * 1024)
            self.most_anonymous = max(self.most_anonymous, int(sizes.get("RssAnon", 0)) * 1024)


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"failed: {what}", flush=True)


def make(port, numbers, rows, dimension):
    """Creates and writes; number -> id. The first record is the one that is asked for."""
    made = {}
    rest = [0.5] * (dimension - 2)
    with Client(port) as client:
        for number in numbers:
            identifier = client.expect("POST", COLLECTIONS, {"name": f"many-{number:05}"})["id"]
            body = {
                "ids": [f"row-{row}" for row in range(rows)],
                "embeddings": [base64_embedding([number, 1.0 + row, *rest]) for row in range(rows)],
                "documents": [f"document {number}"] + [f"another document, {row}" for row in range(1, rows)],
            }
            client.expect("POST", f"{COLLECTIONS}/{identifier}/add", body)
            made[number] = identifier
    return made


def open_files(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def look(server, made, checks, when, dimension):
    rest = [0.5] * (dimension - 2)
    begun = time.monotonic()
    with Client(server.port, timeout=120) as client:
        listed = client.expect("GET", COLLECTIONS)
        print(f"{when}: listed {len(listed)} in {time.monotonic() - begun:.2f} s", flush=True)
        checks.check({entry["id"] for entry in listed} == set(made.values()), f"{when}: the list is not what was created")
        count = client.expect("GET", f"{COLLECTIONS}_count")
        checks.check(count == len(made), f"{when}: a count of {count}")
        page = client.expect("GET", f"{COLLECTIONS}?limit=10&offset=20")
        checks.check([entry["id"] for entry in page] == sorted(made.values())[20:30], f"{when}: a page is not by id")
        for number in random.Random(1).sample(sorted(made), min(300, len(made))):
            answer = client.expect("POST", f"{COLLECTIONS}/{made[number]}/query", {"query_embeddings": [[number, 1, *rest]], "n_results": 1})
            checks.check(
                answer["documents"] == [[f"document {number}"]] and answer["distances"] == [[0]],
                f"{when}: collection {number} answers {answer}",
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--collections", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=1)
    parser.add_argument("--dimension", type=int, default=2)
    parser.add_argument("--files", type=int, default=1024, help="0 leaves the limit as it is")
    parser.add_argument("--megabytes", type=int, default=300)
    arguments = parser.parse_args()
    exit_on_signals()
    if arguments.files:
        limit = (arguments.files, arguments.files)
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)  # the server inherits it, hard limit and all
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-many-"))
    checks = Checks()
    memory = Memory()
    server = Server(arguments.server, directory / "data", log=str(directory / "server.log"))
    try:
        server.wait_ready()
        memory.process = server.process
        begun = time.monotonic()
        parts = [range(start, arguments.collections, THREADS) for start in range(THREADS)]
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            made = {}
            for part in pool.map(lambda numbers: make(server.port, numbers, arguments.rows, arguments.dimension), parts):
                made.update(part)
        print(f"created and wrote {len(made)} in {time.monotonic() - begun:.1f} s", flush=True)
        checks.check(open_files(server) < files, f"{open_files(server)} files open")
        server.stop()
        begun = time.monotonic()
        server = Server(arguments.server, directory / "data", log=str(directory / "server.log"))
        server.wait_ready()
        memory.process = server.process
        print(f"started again in {time.monotonic() - begun:.2f} s", flush=True)
        look(server, made, checks, "after a stop", arguments.dimension)
        print(f"{open_files(server)} files open", flush=True)
        server.kill()
        server = Server(arguments.server, directory / "data", log=str(directory / "server.log"))
        server.wait_ready()
        memory.process = server.process
        look(server, made, checks, "after a kill", arguments.dimension)
    finally:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"memory: at most {memory.most >> 20} MB resident, {memory.most_anonymous >> 20} MB anonymous")
    checks.check(memory.most >> 20 < arguments.megabytes, f"{memory.most >> 20} MB resident")
    print(f"{checks.passed} passed, {checks.failed} failed")
    raise SystemExit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()

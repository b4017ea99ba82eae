#!/usr/bin/env python3
"""Ten thousand collections on one server that may open 1,024 files.

    many_collections.py --server BINARY [--collections 10000]

Creates them, writes one record to each, stops the server, starts it again, lists them, reads from a sample, kills it and
looks once more. Prints the seconds and the most files it had open; ends with `N passed, N failed`.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import resource
import shutil
import tempfile
import time

from server import COLLECTIONS, Client, Server, exit_on_signals

FILES = 1024
THREADS = 4


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"failed: {what}", flush=True)


def make(port, numbers):
    """Creates and writes; number -> id."""
    made = {}
    with Client(port) as client:
        for number in numbers:
            identifier = client.expect("POST", COLLECTIONS, {"name": f"many-{number:05}"})["id"]
            body = {"ids": [f"only-{number}"], "embeddings": [[number, 1.0]], "documents": [f"document {number}"]}
            client.expect("POST", f"{COLLECTIONS}/{identifier}/add", body)
            made[number] = identifier
    return made


def open_files(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def look(server, made, checks, when):
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
            answer = client.expect("POST", f"{COLLECTIONS}/{made[number]}/query", {"query_embeddings": [[number, 1]]})
            checks.check(
                answer["documents"] == [[f"document {number}"]] and answer["distances"] == [[0]],
                f"{when}: collection {number} answers {answer}",
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--collections", type=int, default=10_000)
    arguments = parser.parse_args()
    exit_on_signals()
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))  # the server inherits it, hard limit and all
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-many-"))
    checks = Checks()
    server = Server(arguments.server, directory / "data", log=str(directory / "server.log"))
    try:
        server.wait_ready()
        begun = time.monotonic()
        parts = [range(start, arguments.collections, THREADS) for start in range(THREADS)]
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            made = {}
            for part in pool.map(lambda numbers: make(server.port, numbers), parts):
                made.update(part)
        print(f"created and wrote {len(made)} in {time.monotonic() - begun:.1f} s", flush=True)
        checks.check(open_files(server) < FILES, f"{open_files(server)} files open")
        server.stop()
        begun = time.monotonic()
        server = Server(arguments.server, directory / "data", log=str(directory / "server.log"))
        server.wait_ready()
        print(f"started again in {time.monotonic() - begun:.2f} s", flush=True)
        look(server, made, checks, "after a stop")
        print(f"{open_files(server)} files open", flush=True)
        server.kill()
        server = Server(arguments.server, directory / "data", log=str(directory / "server.log"))
        server.wait_ready()
        look(server, made, checks, "after a kill")
    finally:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    raise SystemExit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()

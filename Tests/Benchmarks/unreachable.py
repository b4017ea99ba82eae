#!/usr/bin/env python3
"""After churn, is every live id the nearest to its own vector?

    .venv-suite/bin/python Tests/Benchmarks/unreachable.py --server .build-release/release/chroma [--rows 4000 100000 1000000]

For each number of rows: adds them, waits until all are in the graph, deletes half, upserts 30 % of the rest with other
vectors, and asks for each live id by its vector, with the server's default ef, before the graph has caught up, after it
has, and after a restart. Passes when none is missing.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Crash"))

from dataset import encoded  # noqa: E402
from footprint import patiently, wait_until_indexed  # noqa: E402
from server import COLLECTIONS, Client, Server, exit_on_signals  # noqa: E402

BATCH = 1000


def write(client, path, numbers, vectors, action):
    for start in range(0, len(numbers), BATCH):
        part = numbers[start : start + BATCH]
        body = {"ids": [f"r{number}" for number in part]}
        if action != "delete":
            body["embeddings"] = [encoded(vector) for vector in vectors[part]]
        patiently(client, "POST", f"{path}/{action}", body)


def unreachable(client, path, live, vectors):
    lost = 0
    for start in range(0, len(live), BATCH):
        part = live[start : start + BATCH]
        body = {"query_embeddings": [vector.tolist() for vector in vectors[part]], "n_results": 1, "include": []}
        found = client.expect("POST", path + "/query", body)["ids"]
        lost += sum(names != [f"r{number}"] for number, names in zip(part, found))
    return lost


def run(binary, rows, dimension, seed):
    """Unreachable ids, in all."""
    random = numpy.random.default_rng(seed)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-unreachable-", dir="/var/tmp"))
    server = Server(binary, directory / "data", log=str(directory / "server.log"))
    lost = 0
    try:
        server.wait_ready()
        client = Client(server.port, timeout=3600)
        path = f"{COLLECTIONS}/{client.expect('POST', COLLECTIONS, {'name': 'churn'})['id']}"
        vectors = random.standard_normal((rows, dimension), dtype="f4")
        write(client, path, numpy.arange(rows), vectors, "add")
        wait_until_indexed(client, path)
        order = random.permutation(rows)
        write(client, path, order[: rows // 2], vectors, "delete")
        live = order[rows // 2 :]
        again = live[: len(live) * 3 // 10]
        vectors[again] = random.standard_normal((len(again), dimension), dtype="f4")
        write(client, path, again, vectors, "upsert")

        def check(when):
            begun = time.monotonic()
            count = unreachable(client, path, live, vectors)
            print(
                f"{rows} rows, {when}: {count} of {len(live)} unreachable ({time.monotonic() - begun:.0f} s)", flush=True)
            return count

        lost += check("at once")
        wait_until_indexed(client, path)
        lost += check("in the graph")
        client.close()
        server.stop()
        server = Server(binary, directory / "data", log=str(directory / "server.log"))
        server.wait_ready()
        client = Client(server.port, timeout=3600)
        wait_until_indexed(client, path)
        lost += check("after a restart")
    finally:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)
    return lost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--rows", type=int, nargs="+", default=[4_000, 100_000, 1_000_000])
    parser.add_argument("--dimension", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    exit_on_signals()
    lost = [run(arguments.server, rows, arguments.dimension, arguments.seed) for rows in arguments.rows]
    failed = sum(count > 0 for count in lost)
    print(f"{len(lost) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

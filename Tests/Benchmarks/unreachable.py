#!/usr/bin/env python3
"""After churn, is every live id found by its own vector?

    .venv-bench/bin/python Tests/Benchmarks/unreachable.py --server .build-release/release/chroma [--rows 4000 100000 1000000]

For each number of rows, drawn as text embeddings lie: adds them, waits until all are in the graph, deletes half, upserts 30 %
of the rest with other vectors, and asks for each live id by its vector, with the server's default width, before the graph has
caught up, after it has, and after a restart. Says how the server looked: few rows are scanned, which finds all of them; of more,
once all are in the graph, it must have been through that. Passes when none is missing.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Crash"))

from sets.records import encoded  # noqa: E402
from sets.vectors import embeddings  # noqa: E402
from footprint import patiently, wait_until_indexed  # noqa: E402
from server import COLLECTIONS, Client, Server, exit_on_signals  # noqa: E402

BATCH = 1000
SCANNED_ROWS = 10_000  # above so many the answer must come from the graph


def write(client, path, numbers, vectors, action):
    for start in range(0, len(numbers), BATCH):
        part = numbers[start : start + BATCH]
        body = {"ids": [f"r{number}" for number in part]}
        if action != "delete":
            body["embeddings"] = [encoded(vector) for vector in vectors[part]]
        patiently(client, "POST", f"{path}/{action}", body)


def missed(client, path, live, vectors):
    """Those of the live ids that are not the nearest to their own vectors, and the plans of the queries."""
    lost, plans = [], set()
    for start in range(0, len(live), BATCH):
        part = live[start : start + BATCH]
        body = {"query_embeddings": [vector.tolist() for vector in vectors[part]], "n_results": 1, "include": []}
        answer = client.expect("POST", path + "/query", dict(body, explain=True))
        lost += [number for number, names in zip(part, answer["ids"]) if names != [f"r{number}"]]
        plans.add(answer["explain"]["plan"])
    return lost, plans


def run(binary, rows, dimension, seed):
    """What does not hold, in words."""
    random = numpy.random.default_rng(seed)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-unreachable-", dir="/var/tmp"))
    server = Server(binary, directory / "data", log=str(directory / "server.log"))
    faults = []
    try:
        server.wait_ready()
        client = Client(server.port, timeout=3600)
        path = f"{COLLECTIONS}/{client.expect('POST', COLLECTIONS, {'name': 'churn'})['id']}"
        draw = embeddings(random, dimension, max(50, rows // 300))
        vectors = draw(rows)
        write(client, path, numpy.arange(rows), vectors, "add")
        wait_until_indexed(client, path)
        order = random.permutation(rows)
        write(client, path, order[: rows // 2], vectors, "delete")
        live = order[rows // 2 :]
        again = live[: len(live) * 3 // 10]
        vectors[again] = draw(len(again))
        write(client, path, again, vectors, "upsert")

        def check(when):
            begun = time.monotonic()
            lost, plans = missed(client, path, live, vectors)
            print(
                f"{rows} rows, {when}: {len(lost)} of {len(live)} live ids missed, by {' and '.join(sorted(plans))}"
                f" ({time.monotonic() - begun:.0f} s)",
                flush=True,
            )
            if lost or (rows > SCANNED_ROWS and when != "at once" and plans != {"graph"}):
                faults.append(f"{rows} rows, {when}")

        check("at once")
        wait_until_indexed(client, path)
        check("in the graph")
        client.close()
        server.stop()
        server = Server(binary, directory / "data", log=str(directory / "server.log"))
        server.wait_ready()
        client = Client(server.port, timeout=3600)
        wait_until_indexed(client, path)
        check("after a restart")
    finally:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--rows", type=int, nargs="+", default=[4_000, 100_000, 1_000_000])
    parser.add_argument("--dimension", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    exit_on_signals()
    faults = [run(arguments.server, rows, arguments.dimension, arguments.seed) for rows in arguments.rows]
    failed = sum(bool(found) for found in faults)
    print(f"{len(faults) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The same ids upserted and deleted without end: do memory and disk stop growing?

    .venv-suite/bin/python Tests/Benchmarks/churn.py --server .build-release/release/chroma --minutes 60 --output churn

One writer upserts (three times in four) or deletes random ones of --ids ids, 250 at a time. Every --every seconds, between
two writes, it samples: anonymous memory and Rss (smaps_rollup), disk, p50 of 50 queries, recall@10 of those against all
vectors that are there, and how many of 200 live ids are not the nearest to their own vector. Writes OUTPUT.json, and
OUTPUT.svg where there is matplotlib. Passes when in the last third of the samples neither anonymous memory nor disk was
above 1.15 times what it was at most in the middle third, no id was unreachable, and recall@10 never below 0.95.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Crash"))

from sets.records import encoded  # noqa: E402
from footprint import MEGABYTE, disk, memory, patiently  # noqa: E402
from server import COLLECTIONS, Client, Server, exit_on_signals  # noqa: E402

BATCH = 250
QUERIES = 50
PROBES = 200
SLACK = 1.15


class Churn:
    def __init__(self, arguments, directory, server):
        self.random = numpy.random.default_rng(arguments.seed)
        self.count, self.dimension = arguments.ids, arguments.dimension
        self.directory, self.server = directory, server
        self.client = Client(server.port, timeout=600)
        body = {"name": "churn", "configuration": {"hnsw": {"space": "l2"}}}
        self.path = f"{COLLECTIONS}/{self.client.expect('POST', COLLECTIONS, body)['id']}"
        centres = self.random.standard_normal((200, self.dimension)).astype("f4")
        self.centres = centres / numpy.linalg.norm(centres, axis=1, keepdims=True)
        self.vectors = numpy.zeros((self.count, self.dimension), "f4")
        self.live = numpy.zeros(self.count, bool)
        self.rows = self.refused = 0

    def draw(self, count):
        centres = self.centres[self.random.integers(0, len(self.centres), count)]
        return (centres + 0.05 * self.random.standard_normal((count, self.dimension))).astype("f4")

    def step(self, numbers, deletes=False):
        ids = [f"id-{number:07}" for number in numbers]
        if deletes:
            body = {"ids": ids}
            self.live[numbers] = False
        else:
            vectors = self.draw(len(numbers))
            body = {
                "ids": ids,
                "embeddings": [encoded(vector) for vector in vectors],
                "documents": [f"document of {name}, written at row {self.rows} " + "word " * 50 for name in ids],
                "metadatas": [{"number": int(number), "row": self.rows} for number in numbers],
            }
            self.vectors[numbers] = vectors
            self.live[numbers] = True
            self.rows += len(numbers)
        _, refused = patiently(self.client, "POST", self.path + ("/delete" if deletes else "/upsert"), body)
        self.refused += refused

    def fill(self):
        for start in range(0, self.count, BATCH):
            self.step(numpy.arange(start, min(start + BATCH, self.count)))

    def turn(self):
        numbers = self.random.choice(self.count, BATCH, replace=False)
        self.step(numbers, deletes=self.random.random() < 0.25)

    def query(self, vectors, k):
        body = {"query_embeddings": [vector.tolist() for vector in vectors], "n_results": k, "include": ["distances"]}
        return self.client.expect("POST", self.path + "/query", body)["ids"]

    def sample(self, seconds):
        live = numpy.flatnonzero(self.live)
        times, hits = [], 0
        for question in self.draw(QUERIES):
            begun = time.perf_counter()
            found = self.query([question], 10)[0]
            times.append(time.perf_counter() - begun)
            distances = ((self.vectors[live] - question) ** 2).sum(1)
            nearest = live[numpy.argpartition(distances, 10)[:10]]
            hits += len({f"id-{number:07}" for number in nearest} & set(found))
        probes = self.random.choice(live, min(PROBES, len(live)), replace=False)
        found = self.query(self.vectors[probes], 1)
        unreachable = sum(names != [f"id-{number:07}"] for number, names in zip(probes, found))
        anonymous, resident = memory(self.server.process.pid)
        return {
            "seconds": round(seconds, 1), "rows_written": self.rows, "live": len(live), "anonymous": anonymous,
            "rss": resident, "disk": disk(self.directory), "query_p50_ms": 1000 * statistics.median(times),
            "recall_at_10": hits / (10 * QUERIES), "unreachable": int(unreachable), "refused_writes": self.refused,
        }  # fmt: skip


def judge(samples):
    """What does not hold, in words."""
    faults = []
    third = len(samples) // 3
    if third < 3:
        return [f"{len(samples)} samples are too few to judge"]
    for name in ("anonymous", "disk"):
        middle = max(sample[name] for sample in samples[third : 2 * third])
        last = max(sample[name] for sample in samples[2 * third :])
        print(f"{name}: at most {middle / MEGABYTE:.1f} MB in the middle third, {last / MEGABYTE:.1f} MB in the last")
        if last > SLACK * middle:
            faults.append(f"{name} grew by {last / middle:.2f}")
    if lost := sum(sample["unreachable"] for sample in samples):
        faults.append(f"{lost} ids were unreachable")
    if (recall := min(sample["recall_at_10"] for sample in samples)) < 0.95:
        faults.append(f"recall@10 of {recall:.3f}")
    return faults


def plot(samples, path):
    try:
        import plots
    except ImportError:
        print("no matplotlib, no plot")
        return
    plots.churn(samples, pathlib.Path(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the server binary")
    parser.add_argument("--ids", type=int, default=20_000)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=10, help="seconds from one sample to the next")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default="churn", help="OUTPUT.json and OUTPUT.svg are written")
    arguments = parser.parse_args()
    exit_on_signals()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-churn-", dir="/var/tmp"))
    server = Server(arguments.server, directory / "data", log=str(directory / "server.log"))
    samples = []
    try:
        server.wait_ready()
        churn = Churn(arguments, directory / "data", server)
        churn.fill()
        begun = time.monotonic()
        due = 0.0
        while (now := time.monotonic() - begun) < arguments.minutes * 60:
            if now >= due:
                samples.append(churn.sample(now))
                if len(samples) % 6 == 1:
                    print(json.dumps(samples[-1]), flush=True)
                due = now + arguments.every
            churn.turn()
    finally:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)
        record = {"seed": arguments.seed, "ids": arguments.ids, "dimension": arguments.dimension, "samples": samples}
        pathlib.Path(arguments.output + ".json").write_text(json.dumps(record))
    plot(samples, arguments.output + ".svg")
    faults = judge(samples)
    for fault in faults:
        print(f"failed: {fault}")
    print(f"{int(not faults)} passed, {int(bool(faults))} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

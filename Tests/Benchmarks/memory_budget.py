#!/usr/bin/env python3
"""A server in a container too small for its data: does it live within its memory budget?

    .venv-suite/bin/python Tests/Benchmarks/memory_budget.py --server .build-release/release/chroma [--limit-mb 1408]

As root, in a control group (version 1 or 2) with that limit: fills twelve collections of 60,000 × 384 with documents and metadata, more
than the budget (three quarters of the limit, by default) holds, queries all of them in turn, fills one collection of 300,000, then
one whose vectors alone are larger than the budget, and compares its answers with the exact ones.
Samples memory twenty times a second; passes when nothing was killed, the server's anonymous memory never passed the budget,
and recall@10 in the largest collection is at least 0.95.
"""
from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Conformance"))

from server import free_port  # noqa: E402

ROOT = Path("/sys/fs/cgroup")
COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"
BATCH = 2500
MEBIBYTE = 1 << 20


class Group:
    """A control group with a memory limit."""

    def __init__(self, limit: int):
        self.is_first = (ROOT / "memory").is_dir()
        self.path = (ROOT / "memory" if self.is_first else ROOT) / f"chroma-budget-{os.getpid()}"
        self.path.mkdir()
        (self.path / ("memory.limit_in_bytes" if self.is_first else "memory.max")).write_text(str(limit))

    def join(self) -> None:
        (self.path / "cgroup.procs").write_text("0")

    def killed(self) -> int:
        text = (self.path / ("memory.oom_control" if self.is_first else "memory.events")).read_text()
        found = re.search(r"^oom_kill (\d+)", text, re.MULTILINE)
        return int(found.group(1)) if found else 0

    def remove(self) -> None:
        self.path.rmdir()


class Sampler(threading.Thread):
    """The most anonymous memory a process ever had, looked at every 50 ms."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid = pid
        self.most = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.05):
            try:
                text = Path(f"/proc/{self.pid}/status").read_text()
            except OSError:
                return
            found = re.search(r"^RssAnon:\s+(\d+) kB", text, re.MULTILINE)
            if found:
                self.most = max(self.most, int(found.group(1)) * 1024)


class Clusters:
    """Vectors around centres, as real ones are, and the exact neighbours of some questions among all that were drawn."""

    def __init__(self, questions: int):
        self.source = numpy.random.default_rng(2)
        self.centres = self.source.standard_normal((500, 384)).astype("<f4")
        self.count = 0
        self.questions = self.draw(questions)
        self.count = 0
        self.distances = numpy.full((questions, 10), numpy.inf, "f4")
        self.nearest = numpy.zeros((questions, 10), int)

    def draw(self, count: int) -> numpy.ndarray:
        centres = self.centres[self.source.integers(0, len(self.centres), count)]
        self.count += count
        return (centres + 0.5 * self.source.standard_normal((count, 384))).astype("<f4")

    def rows(self, count: int) -> numpy.ndarray:
        first = self.count
        vectors = self.draw(count)
        squares = (vectors**2).sum(1)
        distances = squares - 2 * self.questions @ vectors.T
        together = numpy.concatenate([self.distances, distances], axis=1)
        numbers = numpy.broadcast_to(numpy.arange(first, first + count), distances.shape)
        numbers = numpy.concatenate([self.nearest, numbers], axis=1)
        best = numpy.argpartition(together, 10, axis=1)[:, :10]
        self.distances = numpy.take_along_axis(together, best, 1)
        self.nearest = numpy.take_along_axis(numbers, best, 1)
        return vectors


class Client:
    def __init__(self, port: int):
        self.refused = 0
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def ask(self, path: str, body: Any) -> Any:
        """Repeats what is answered 503: the server asks for patience."""
        for _ in range(500):
            self.connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            content = answer.read()
            self.refused += answer.status == 503
            if answer.status != 503:
                if answer.status >= 300:
                    raise RuntimeError(f"{answer.status} {content[:300]!r}")
                return json.loads(content)
            time.sleep(0.2)
        raise RuntimeError("503 for ever")

    def fill(self, name: str, rows: int, draw: Callable[[int], numpy.ndarray]) -> str:
        identifier = self.ask(COLLECTIONS, {"name": name, "get_or_create": True})["id"]
        for start in range(0, rows, BATCH):
            numbers = range(start, min(start + BATCH, rows))
            vectors = draw(len(numbers))
            self.ask(f"{COLLECTIONS}/{identifier}/upsert", {
                "ids": [str(number) for number in numbers],
                "embeddings": [base64.b64encode(vector.tobytes()).decode() for vector in vectors],
                "documents": [f"document number {number} of {name}, with a few words in it" for number in numbers],
                "metadatas": [{"number": number} for number in numbers]})
        return identifier


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--limit-mb", type=int, default=1408, help="the container's memory (1408: HIGH_MEMORY at 0.5 CPU)")
    parser.add_argument("--largest", type=int, default=0, help="rows of the last collection (default: 1.02 budgets of vectors)")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("needs root, for a control group", file=sys.stderr)
        return 69
    limit = options.limit_mb * MEBIBYTE
    budget = limit // 4 * 3
    folder = Path(tempfile.mkdtemp(prefix="chroma-budget-", dir="/var/tmp"))
    group = Group(limit)
    port = free_port()
    server = subprocess.Popen(
        [options.server, "run", "--port", str(port), "--path", str(folder / "data")], preexec_fn=group.join,
        stdout=subprocess.DEVNULL, stderr=open(folder / "log", "wb"), env={"PATH": os.environ["PATH"]})
    sampler = Sampler(server.pid)
    recall = 0.0
    try:
        client, source = wait_for(port, server), numpy.random.default_rng(1)
        sampler.start()
        last = time.monotonic()

        def draw(count: int) -> numpy.ndarray:
            return source.standard_normal((count, 384)).astype("<f4")

        def note(step: str) -> None:
            nonlocal last
            print(
                f"{step:<40} anonymous at most {sampler.most // MEBIBYTE:>5} MB so far, refused {client.refused},"
                f" killed {group.killed()}, {time.monotonic() - last:.0f} s", flush=True)
            last = time.monotonic()

        identifiers = []
        for number in range(12):
            identifiers.append(client.fill(f"collection-{number}", 60_000, draw))
            note(f"collection {number + 1} of 12 filled")
        for number, identifier in enumerate(identifiers):
            question = source.standard_normal(384).tolist()
            client.ask(f"{COLLECTIONS}/{identifier}/query", {"query_embeddings": [question], "n_results": 10})
            note(f"collection {number + 1} of 12 queried")
        client.fill("large", 300_000, draw)
        note("one of 300,000 filled")
        clusters = Clusters(100)
        rows = options.largest or budget * 102 // 100 // (384 * 4)
        identifier = client.fill("largest", rows, clusters.rows)
        note(f"one of {rows:,} filled")
        hits = 0
        for question, nearest in zip(clusters.questions, clusters.nearest):
            body = {"query_embeddings": [question.tolist()], "n_results": 10, "include": ["distances"]}
            found = client.ask(f"{COLLECTIONS}/{identifier}/query", body)["ids"][0]
            hits += len(set(found) & {str(number) for number in nearest})
        recall = hits / (10 * len(clusters.questions))
        note(f"it is queried: recall@10 {recall:.3f}")
        alive = server.poll() is None
    finally:
        sampler.ended.set()
        server.terminate()
        server.wait(30)
        killed = group.killed()
        group.remove()
        shutil.rmtree(folder)
    fine = alive and killed == 0 and sampler.most <= budget and recall >= 0.95
    print(f"most: {sampler.most // MEBIBYTE} MB of a budget of {budget // MEBIBYTE} MB in {options.limit_mb} MB")
    print(f"{int(fine)} passed, {int(not fine)} failed")
    return 0 if fine else 1


def wait_for(port: int, server: subprocess.Popen[bytes]) -> Client:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        client = Client(port)
        try:
            client.connection.request("GET", "/api/v2/heartbeat")
            if client.connection.getresponse().read():
                return client
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    sys.exit(main())

"""One server under one load: every figure of the comparison, by name. The same code for both servers."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import numpy

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Crash"))

from dataset import encoded  # noqa: E402
from server import COLLECTIONS, Client, Server, ServerFailed  # noqa: E402

BATCH = 250
CONNECTIONS = 8
SELECTIVITIES = [50, 10, 1, 0.1]  # percent of the rows
NAMES = {}  # name of a figure -> (unit, "higher" or "lower" is better), in the order of the table
for name, unit, better in [
    ("ingest", "rows/s", "higher"),
    ("ingest until indexed", "rows/s", "higher"),
    ("query p50", "ms", "lower"),
    ("query p99", "ms", "lower"),
    ("query recall@10", "", "higher"),
    (f"query, {CONNECTIONS} connections", "requests/s", "higher"),
    *[(f"query where {percent:g} % match, p50", "ms", "lower") for percent in SELECTIVITIES],
    *[(f"query where {percent:g} % match, recall@10", "", "higher") for percent in SELECTIVITIES],
    ("get where, p50", "ms", "lower"),
    ("get $contains, p50", "ms", "lower"),
    ("upsert of one record, p50", "ms", "lower"),
    ("delete of one record, p50", "ms", "lower"),
    ("restart to first right answer", "ms", "lower"),
    ("memory after queries, VmRSS", "MB", "lower"),
    ("memory after queries, smaps Rss", "MB", "lower"),
    ("disk after load and stop", "MB", "lower"),
]:
    NAMES[name] = (unit, better)


class Measurement:
    """Fresh directory, fresh process. `figures` maps the names above to numbers."""

    def __init__(self, binary, bodies, data, truth, seconds, port_log):
        self.data, self.truth, self.figures = data, truth, {}
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="chroma-compare-"))
        self.server = Server(binary, self.directory / "data", log=port_log)
        try:
            self.server.wait_ready()
            self.client = Client(self.server.port, timeout=600)
            self.version = self.client.expect("GET", "/api/v2/version")
            body = {"name": "compare", "configuration": {"hnsw": {"space": "cosine"}}}
            self.path = f"{COLLECTIONS}/{self.client.expect('POST', COLLECTIONS, body)['id']}"
            self.ingest(bodies)
            self.queries()
            self.throughput(seconds)
            self.filters()
            self.gets()
            self.memory()
            self.writes()
            self.restart(binary, port_log)
        finally:
            self.server.kill()
            shutil.rmtree(self.directory)

    def timed(self, path, body):
        begun = time.perf_counter()
        answer = self.client.expect("POST", self.path + path, body)
        return time.perf_counter() - begun, answer

    def ingest(self, bodies):
        begun = time.perf_counter()
        for body in bodies:
            self.client.expect("POST", self.path + "/add", body)
        self.figures["ingest"] = self.data.rows / (time.perf_counter() - begun)
        count = self.client.expect("GET", self.path + "/count")
        if count != self.data.rows:
            raise ServerFailed(f"{count} rows after adding {self.data.rows}")
        self.wait_indexed()
        self.figures["ingest until indexed"] = self.data.rows / (time.perf_counter() - begun)

    def wait_indexed(self):
        """Until the server says so; one that cannot say (official, single node: an error) indexes before it answers."""
        while True:
            status, answer = self.client.request("GET", self.path + "/indexing_status")
            if status != 200:
                self.timed("/query", self.query(0))
                return
            if answer["op_indexing_progress"] >= 1:
                return
            time.sleep(0.01)

    def query(self, row, **more):
        # float32 as the shortest text that gives the same float32, as a client sends it.
        vector = [float(str(value)) for value in self.data.queries[row]]
        return json.dumps({"query_embeddings": [vector], "n_results": 10, **more}).encode()

    def run_queries(self, count, truth, **more):
        """(seconds of each, recall@10), after a warm-up of a tenth."""
        bodies = [self.query(row, **more) for row in range(count)]
        for body in bodies[: count // 10]:
            self.timed("/query", body)
        times, found, wanted = [], 0, 0
        for row, body in enumerate(bodies):
            seconds, answer = self.timed("/query", body)
            times.append(seconds)
            found += len(truth[row] & set(answer["ids"][0]))
            wanted += len(truth[row])
        return times, found / wanted

    def queries(self):
        times, recall = self.run_queries(len(self.data.queries), self.truth[None])
        self.figures["query p50"] = 1000 * statistics.median(times)
        self.figures["query p99"] = 1000 * float(numpy.percentile(times, 99))
        self.figures["query recall@10"] = recall

    def throughput(self, seconds):
        bodies = [self.query(row) for row in range(len(self.data.queries))]
        rate = (
            wrk(self.server.port, self.path, bodies, seconds)
            if shutil.which("wrk")
            else threaded(self.server.port, self.path, bodies, seconds)
        )
        self.figures[f"query, {CONNECTIONS} connections"] = rate

    def filters(self):
        for percent in SELECTIVITIES:
            count = min(200, len(self.data.queries))
            times, recall = self.run_queries(count, self.truth[percent], where={"bucket": {"$lt": int(percent * 10)}})
            self.figures[f"query where {percent:g} % match, p50"] = 1000 * statistics.median(times)
            self.figures[f"query where {percent:g} % match, recall@10"] = recall

    def gets(self):
        data = self.data
        wheres = [
            {
                "where": {
                    "$and": [{"category": data.metadata[row]["category"]}, {"bucket": data.metadata[row]["bucket"]}]
                }
            }
            for row in range(0, data.rows, max(1, data.rows // 100))
        ][:100]
        self.figures["get where, p50"] = self.gets_of(
            wheres,
            lambda row, body: all(
                data.metadata[row][key] == value for part in body["where"]["$and"] for key, value in part.items()
            ),
        )
        # Three neighbouring words of a document: the text index cannot answer from one word alone.
        phrases = [
            {"where_document": {"$contains": " ".join(data.documents[row].split(" ")[20:23])}}
            for row in range(0, data.rows, max(1, data.rows // 100))
        ][:100]
        self.figures["get $contains, p50"] = self.gets_of(
            phrases, lambda row, body: body["where_document"]["$contains"] in data.documents[row]
        )

    def gets_of(self, bodies, matches):
        """p50 in ms of `get` with at most 100 rows. Every tenth answer is compared with the rows."""
        times = []
        for number, body in enumerate(bodies):
            seconds, answer = self.timed("/get", dict(body, limit=100))
            times.append(seconds)
            if number % 10 == 0:
                expected = [self.data.identifier(row) for row in range(self.data.rows) if matches(row, body)][:100]
                if answer["ids"] != expected:
                    raise ServerFailed(f"get {body}: {len(answer['ids'])} ids, expected {len(expected)}")
        return 1000 * statistics.median(times)

    def memory(self):
        process = pathlib.Path(f"/proc/{self.server.process.pid}")
        self.figures["memory after queries, VmRSS"] = kilobytes(process / "status", "VmRSS:") / 1024
        self.figures["memory after queries, smaps Rss"] = kilobytes(process / "smaps_rollup", "Rss:") / 1024

    def writes(self):
        count = min(300, self.data.rows // 10)
        upserts, deletes = [], []
        for row in range(count):
            body = {
                "ids": [self.data.identifier(row)],
                "embeddings": [encoded(self.data.queries[row % len(self.data.queries)])],
                "documents": [self.data.documents[row]],
                "metadatas": [self.data.metadata[row]],
            }
            upserts.append(self.timed("/upsert", body)[0])
        for row in range(count):
            deletes.append(self.timed("/delete", {"ids": [self.data.identifier(row)]})[0])
        left = self.client.expect("GET", self.path + "/count")
        if left != self.data.rows - count:
            raise ServerFailed(f"{left} rows after {count} deletes of {self.data.rows}")
        self.figures["upsert of one record, p50"] = 1000 * statistics.median(upserts)
        self.figures["delete of one record, p50"] = 1000 * statistics.median(deletes)

    def restart(self, binary, log):
        self.client.close()
        self.server.stop()
        directory = self.directory / "data"
        self.figures["disk after load and stop"] = (
            sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file()) / 1e6
        )
        last = self.data.rows - 1
        body = {"query_embeddings": [self.data.vectors[last].tolist()], "n_results": 1}
        self.server = Server(binary, directory, log=log)
        self.server.wait_ready()
        self.client = Client(self.server.port, timeout=600)
        answer = self.timed("/query", body)[1]
        if answer["ids"] != [[self.data.identifier(last)]]:
            raise ServerFailed(f"after the restart the nearest row to {last} is {answer['ids']}")
        self.figures["restart to first right answer"] = 1000 * (time.monotonic() - self.server.started)
        self.client.close()


def kilobytes(path, key):
    for line in path.read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    raise ServerFailed(f"{path} has no {key}")


def wrk(port, path, bodies, seconds):
    """Requests a second by wrk, two threads. A line that is not a 2xx fails the measurement."""
    with tempfile.NamedTemporaryFile("wb", suffix=".jsonl") as file:
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        output = subprocess.run(
            [
                "wrk",
                "-t2",
                f"-c{CONNECTIONS}",
                f"-d{seconds}s",
                "-s",
                str(HERE / "replay.lua"),
                f"http://127.0.0.1:{port}{path}/query",
            ],
            env=dict(os.environ, BODIES=file.name),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    requests, microseconds, errors = map(
        int, next(line for line in output.splitlines() if line.startswith("RESULT")).split()[1:]
    )
    if errors:
        raise ServerFailed(f"wrk counted {errors} errors in {requests} requests")
    return requests / (microseconds / 1e6)


def threaded(port, path, bodies, seconds):
    """The same without wrk: Python threads, whose own cost on a small machine lowers both servers' figures."""
    counts, problems, end = [0] * CONNECTIONS, [], time.monotonic() + seconds

    def send(number):
        try:
            with Client(port) as client:
                while time.monotonic() < end:
                    client.expect(
                        "POST", path + "/query", bodies[(counts[number] * CONNECTIONS + number) % len(bodies)]
                    )
                    counts[number] += 1
        except ServerFailed as error:
            problems.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return sum(counts) / seconds

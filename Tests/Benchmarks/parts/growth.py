"""Part `growth`: one collection that grows; then how soon a server with all of it answers after a stop and after a kill."""

import json
import os
import pathlib
import statistics
import threading
import time

from server import ServerFailed, Unanswered  # in ../Crash

from sets.growth import SPACE
from sets.vectors import BLOCK
from parts.server_run import ask
from parts.session import Session

# Of each kind, of which the median counts: the disk may be busy with what was written before.
OPENINGS = 3
SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000]


def run(binary, data, sizes, progress):
    """{"sizes": [{"rows", "rate", "p50", "recall", …}], "opened": {"a clean stop": {"warm_ms", "cold_ms"}, …}}."""
    truth = data.right_answers(sizes)
    questions = [json.dumps({"query_embeddings": [vector.tolist()], "n_results": 10}).encode() for vector in data.queries]
    found = []
    with Session(binary, SPACE) as session:
        session.create()
        seconds = []  # that posting took, by block
        for block in range(max(sizes) // BLOCK):
            bodies = data.bodies(block)
            seconds.append(add(session, bodies))
            rows = (block + 1) * BLOCK
            if rows not in sizes:
                continue
            begun = time.perf_counter()
            session.wait_indexed(questions[0])
            found.append(
                {
                    "rows": rows,
                    "rate": rate_at_the_end(seconds),
                    "rate_until_here": rows / sum(seconds),
                    "behind_seconds": time.perf_counter() - begun,
                    **ask(session, questions, truth[rows]),
                    **session.memory(),
                    "disk": session.disk(),
                }
            )
            progress(f"growth: {rows:,} rows, {found[-1]['rate']:,.0f} rows/s, p50 {found[-1]['p50']:.2f} ms")
        opened = {"a clean stop": {}, "a kill while rows were written": {}}
        last = max(sizes) - 1
        vector = data.vectors(last // BLOCK)[last % BLOCK]
        block = max(sizes) // BLOCK
        for cache in ("warm", "cold"):
            times = {kind: [] for kind in opened}
            for _ in range(OPENINGS):
                session.stop()
                times["a clean stop"].append(reopen(session, vector, data.identifier(last), cache))
            for _ in range(OPENINGS):
                acknowledged = kill_in_mid_ingest(session, data.bodies(block))
                row = block * BLOCK + acknowledged - 1
                times["a kill while rows were written"].append(
                    reopen(session, data.vectors(block)[acknowledged - 1], data.identifier(row), cache)
                )
                block += 1
            for kind in opened:
                opened[kind][f"{cache}_ms"] = statistics.median(times[kind])
                opened[kind][f"{cache}_all_ms"] = times[kind]
            progress(f"growth: opened {cache}, {times}")
    return {"sizes": found, "opened": opened}


def rate_at_the_end(seconds):
    """Rows/s of the last tenth of the blocks, one at least: in a single one a checkpoint may fall, or none."""
    last = seconds[-max(1, len(seconds) // 10) :]
    return BLOCK * len(last) / sum(last)


def add(session, bodies):
    """Seconds the posting took."""
    begun = time.perf_counter()
    for body in bodies:
        session.post("/add", body)
    return time.perf_counter() - begun


def kill_in_mid_ingest(session, bodies):
    """How many rows were acknowledged before the SIGKILL, which comes when a quarter of them is."""
    acknowledged, quarter = 0, threading.Event()
    rows = BLOCK // len(bodies)

    def write():
        nonlocal acknowledged
        for number, body in enumerate(bodies):
            try:
                session.post("/add", body)
            except (ServerFailed, Unanswered):
                return
            acknowledged += rows
            if number >= len(bodies) // 4:
                quarter.set()

    writer = threading.Thread(target=write)
    writer.start()
    if not quarter.wait(600):
        raise ServerFailed("a quarter of the rows was not acknowledged within ten minutes")
    session.server.kill()
    writer.join()
    session.client.close()
    return acknowledged


def reopen(session, vector, identifier, cache):
    if cache == "cold":
        forget(session.directory)
    question = json.dumps({"query_embeddings": [vector.tolist()], "n_results": 1}).encode()
    return session.reopen(question, [[identifier]])


def forget(folder):
    """Takes the files of a directory out of the page cache."""
    os.sync()
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

"""One server, one data set: all figures. The same code for both servers."""

import json
import statistics
import time

from server import ServerFailed  # in ../Crash

from sets.records import encode
from load import closed_loop, disk_sync
from load.open_loop import OpenLoop
from parts.session import Session

SELECTIVITIES = [100, 50, 10, 1, 0.1]  # percent of the rows
CONNECTIONS, WRITERS = 8, 32
WRITTEN_ROWS, ROWS_A_WRITE = 500, 10  # a second, while queries go on
WANTED_RECALL = 0.99


def run(binary, data, bodies, seconds, progress=lambda text: None):
    """`seconds`: of each load by many connections. Returns figures by name; ms, bytes, rows or requests a second."""
    with Session(binary, data.space) as session:
        empty = session.memory()
        session.create()
        figures = ingest(session, data, bodies)
        progress("ingested")
        figures |= queries(session, data, seconds)
        progress("queried")
        figures["filters"] = {str(percent): filtered(session, data, percent) for percent in SELECTIVITIES}
        figures |= gets(session, data)
        progress("filtered")
        now = session.memory()
        figures |= {name: now[name] - empty[name] for name in now} | {"empty_rss": empty["rss"]}
        session.stop()
        figures["disk"] = session.disk()
        last = data.rows - 1
        question = json.dumps({"query_embeddings": [data.vectors[last].tolist()], "n_results": 1})
        right = [[data.identifier(last)]] if data.space != "ip" else None
        figures["restart_ms"] = session.reopen(question.encode(), right or exact(data, last))
        progress("restarted")
        figures |= writes(session, data, seconds)
        progress("written")
        figures |= queries_beside_writes(session, data, figures["wrk"]["rate"] / 2, seconds)
        return figures


def exact(data, row):
    """By inner product a longer row may be nearer than the row itself."""
    from sets.truth import nearest

    return [[data.identifier(nearest(data.vectors, data.vectors[row : row + 1], data.space, 1)[0][0])]]


def ingest(session, data, bodies):
    begun = time.perf_counter()
    for body in bodies:
        session.post("/add", body)
    acknowledged = time.perf_counter() - begun
    if session.count() != data.rows:
        raise ServerFailed(f"{session.count()} rows after adding {data.rows}")
    session.wait_indexed(data.question(0))
    return {"ingest": data.rows / acknowledged, "indexed": data.rows / (time.perf_counter() - begun)}


def ask(session, questions, truth, seconds=float("inf")):
    """{"p50", "p99": ms of one connection, "recall", "asked"}, after a warm-up of a tenth, which counts for `seconds`.

    After `seconds` no more are asked, once a fifth of them is: a slow server is asked less.
    """
    end = time.monotonic() + seconds
    for question in questions[: len(questions) // 10]:
        session.post("/query", question)
    times, found, wanted = [], 0, 0
    for question, right in zip(questions, truth):
        if time.monotonic() > end and len(times) >= len(questions) // 5:
            break
        milliseconds, answer = session.timed("/query", question)
        times.append(milliseconds)
        found += len(right & set(answer["ids"][0]))
        wanted += len(right)
    times.sort()
    p50, p99 = statistics.median(times), times[int(0.99 * len(times))]
    return {"p50": p50, "p99": p99, "recall": found / wanted, "asked": len(times)}


def queries(session, data, seconds):
    """At default settings where they give the wanted recall; else with the search width doubled until they do."""
    questions, truth, ef = data.questions(), data.right_answers(), None
    alone = as_created = ask(session, questions, truth)
    while alone["recall"] < WANTED_RECALL and (ef or 100) < 1600:
        ef = 2 * (ef or 100)
        session.set_ef(ef)
        # The official server takes the new width at its next start only.
        session.stop()
        session.start()
        alone = ask(session, questions, truth)
    loaded = closed_loop.run(session.port, session.path + "/query", questions, CONNECTIONS, seconds)
    return {"query": alone, "query_as_created": as_created, "ef_search": ef, "wrk": loaded}


def filtered(session, data, percent, count=200):
    questions = data.questions(count, where={"bucket": {"$lt": int(percent * 10)}})
    return ask(session, questions, data.right_answers(percent, count), seconds=20)


def gets(session, data):
    rows = range(0, data.rows, max(1, data.rows // 100))
    wheres = [
        {"where": {"$and": [{key: data.metadata[row][key]} for key in ("category", "bucket")]}} for row in rows
    ]
    # Three neighbouring words of a document: the text index cannot answer from one word alone.
    phrases = [{"where_document": {"$contains": " ".join(data.documents[row].split(" ")[8:11])}} for row in rows]

    def has_fields(row, body):
        return all(data.metadata[row][key] == value for part in body["where"]["$and"] for key, value in part.items())

    def has_phrase(row, body):
        return body["where_document"]["$contains"] in data.documents[row]

    return {"get": get(session, data, wheres, has_fields), "contains": get(session, data, phrases, has_phrase)}


def get(session, data, bodies, matches):
    """p50 in ms of `get` with at most 100 rows. Every tenth answer is compared with the rows."""
    times = []
    for number, body in enumerate(bodies):
        milliseconds, answer = session.timed("/get", dict(body, limit=100))
        times.append(milliseconds)
        if number % 10 == 0:
            expected = [data.identifier(row) for row in range(data.rows) if matches(row, body)][:100]
            if answer["ids"] != expected:
                raise ServerFailed(f"get {body}: {len(answer['ids'])} ids, expected {len(expected)}")
    return statistics.median(times)


def upsert(data, row, query):
    return encode(
        [data.identifier(row)], data.queries[query : query + 1], [data.documents[row]], [data.metadata[row]]
    )


def writes(session, data, seconds):
    """One record an upsert, by one connection beside the disk's own sync, then by many; wrk's own cost is the smallest."""
    bodies = [upsert(data, row, row % len(data.queries)) for row in range(min(2000, data.rows))]
    path = session.path + "/upsert"
    for body in bodies[:100]:
        session.post("/upsert", body)
    syncs = [disk_sync.milliseconds(session.directory, 200)]
    one = closed_loop.run(session.port, path, bodies, 1, seconds)
    syncs.append(disk_sync.milliseconds(session.directory, 200))
    many = closed_loop.run(session.port, path, bodies, WRITERS, seconds)
    return {
        "upsert_ms": one["p50"],
        "sync_ms": statistics.mean(syncs),
        "one_writer": one["rate"],
        "many_writers": many["rate"],
    }


def written(data, count, seconds):
    """Bodies of new rows, each near one that is there."""
    found = []
    for number in range(int(count * seconds * 1.5 / ROWS_A_WRITE)):
        rows = [(number * ROWS_A_WRITE + row) % data.rows for row in range(ROWS_A_WRITE)]
        vectors = data.vectors[rows] * 0.9 + data.vectors[rows[::-1]] * 0.1
        names = [f"written-{number * ROWS_A_WRITE + row:07d}" for row in range(ROWS_A_WRITE)]
        found.append(encode(names, vectors, [data.documents[r] for r in rows], [data.metadata[r] for r in rows]))
    return found


def queries_beside_writes(session, data, rate, seconds, turns=3):
    """Open loop at `rate`, without and with writes in turns: the median of the turns."""
    questions, found = data.questions(), {"quiet": [], "writing": []}
    session.wait_indexed(questions[0])
    for turn in range(turns):
        for kind in ("quiet", "writing"):
            writer = None
            if kind == "writing":
                bodies = written(data, WRITTEN_ROWS, seconds)
                writer = OpenLoop(
                    session.port, session.path + "/upsert", bodies, WRITTEN_ROWS / ROWS_A_WRITE, seconds, 8, turn + 1
                )
            reader = OpenLoop(session.port, session.path + "/query", questions, rate, seconds, seed=turn + 1)
            found[kind].append(reader.finish())
            if writer:
                found[kind][-1]["writes"] = writer.finish()
    return {"open_loop_rate": rate, **{f"open_loop_{kind}": turns for kind, turns in found.items()}}

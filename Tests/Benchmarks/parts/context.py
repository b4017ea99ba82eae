"""Part `context`: LanceDB in process and pgvector over its socket, with the same rows. Nothing is judged by it."""

from statistics import median
from time import perf_counter

from parts import lancedb_peer, pgvector_peer

PEERS = {"LanceDB": lancedb_peer.Peer, "pgvector": pgvector_peer.Peer}
SELECTIVITIES = [10, 1]
WANTED_RECALL = 0.95


def run(data, count, progress):
    """{peer: {"version", "index", "ingest", "query", "filters": {percent: {"p50", "recall"}}}}; `count` queries."""
    found = {}
    for name, peer in PEERS.items():
        with peer(data) as open_peer:
            found[name] = measure(open_peer, data, count)
        progress(f"context, {name}: done")
    return found


def measure(peer, data, count):
    """The cheapest setting that gives the wanted recall, then the same setting under filters."""
    ingest, best = peer.ingest(), None
    truth = data.right_answers(None, count)
    for setting in peer.settings():
        peer.use(setting)
        timed = ask(peer, data, truth, None)
        reached = timed["recall"] >= WANTED_RECALL
        if best is None or (reached, -timed["p50"] if reached else timed["recall"]) > best[0]:
            best = ((reached, -timed["p50"] if reached else timed["recall"]), setting, timed)
    _, setting, unfiltered = best
    peer.use(setting)
    filters = {
        str(percent): ask(peer, data, data.right_answers(percent, count), int(percent * 10))
        for percent in SELECTIVITIES
    }
    return {
        "version": peer.version,
        "index": setting["text"],
        "ingest": ingest,
        "query": unfiltered,
        "filters": filters,
    }


def ask(peer, data, truth, bucket):
    times, found, wanted = [], 0, 0
    for vector in data.queries[: max(1, len(truth) // 10)]:
        peer.nearest(vector, bucket)
    for vector, right in zip(data.queries, truth):
        begun = perf_counter()
        answer = peer.nearest(vector, bucket)
        times.append(1000 * (perf_counter() - begun))
        found += len(right & set(answer))
        wanted += len(right)
    return {"p50": median(times), "recall": found / wanted}

"""Does a running server show exactly what its writers may expect?"""

import json

import numpy
from model import difference, observe
from server import COLLECTIONS
from workload import GROUPS, SHARED, WORDS

# What the official server 1.5.9 does without any crash, so that its real losses can be told from it.
OFFICIAL = "tolerate what official servers do anyway: rounded cosine embeddings, rows missed by a filtered query"


def settle(client, candidates, seed, official=False):
    """Compares the server with each writer's candidates: {writer: [(label, State), …]}.

    Returns {writer: (label, State, had_effect)}; the state is the first candidate that the server shows exactly, with
    the collection ids it shows. Throws `AssertionError` with the difference when no candidate fits, when a collection
    is nobody's, or when an index (vector, metadata, document) does not agree with the rows.
    """
    writers, everything = observe(client, COLLECTIONS, SHARED)
    unknown = set(writers) - set(candidates)
    assert not unknown, f"rows or collections of unknown writers {unknown}"
    missing = set(SHARED) - set(everything)
    assert not missing, f"collections {missing} are missing"
    settled = {}
    for writer, states in candidates.items():
        found = writers.get(writer, {})
        differences = [(label, difference(state, found, SHARED)) for label, state in states]
        chosen = [index for index, (_, text) in enumerate(differences) if text is None]
        assert chosen, f"{writer}: " + "\n".join(f"not the state {label}:\n{text}" for label, text in differences)
        label, state = states[chosen[0]]
        known = {
            name: value if value.identifier or name in SHARED else value._replace(identifier=found[name].identifier)
            for name, value in state.items()
        }
        settled[writer] = (label, known, len(chosen) == 1)
    check_indexes(client, everything, numpy.random.default_rng(seed), official)
    return settled


def check_indexes(client, everything, random, official):
    """Vector search, metadata filters and document filters against the rows that `get` returned.

    The shared collections and two others, chosen by `random`.
    """
    own = sorted(name for name in everything if name not in SHARED and everything[name][1])
    chosen = list(SHARED) + [str(name) for name in random.permutation(own)[:2]]
    for name in chosen:
        identifier, rows = everything[name]
        if not rows:
            continue
        path = f"{COLLECTIONS}/{identifier}"
        check_nearest(client, path, name, rows, random)
        check_filters(client, path, name, rows, random)
        if not official:
            check_filtered_query(client, path, name, rows, random)


def check_nearest(client, path, name, rows, random, samples=20):
    """Each sampled live id is its own first hit."""
    ids = list(rows)
    sample = [ids[index] for index in random.choice(len(ids), min(samples, len(ids)), replace=False)]
    vectors = [numpy.frombuffer(rows[key].embedding, "<f4").tolist() for key in sample]
    body = {"query_embeddings": vectors, "n_results": 3, "include": ["distances", "embeddings"]}
    answer = client.expect("POST", path + "/query", body)
    for key, hits, distances, found in zip(
        sample, answer["ids"], answer["distances"], answer["embeddings"], strict=True
    ):
        dead = [hit for hit in hits if hit not in rows]
        assert not dead, f"{name}: query returned {dead}, which get does not know"
        assert hits and len(hits) == min(3, len(rows)), f"{name}: {len(hits)} hits for {key}, {len(rows)} rows"
        assert distances == sorted(distances), f"{name}: distances for {key} not ascending: {distances}"
        wrong = [hit for hit, seen in zip(hits, found) if numpy.asarray(seen, "<f4").tobytes() != rows[hit].embedding]
        assert not wrong, f"{name}: query returned other embeddings than get for {wrong}"
        if name not in SHARED:
            continue  # of any space and dimension: under `ip` a row need not be nearest to itself
        assert hits[0] == key and distances[0] < 1e-5, f"{name}: first hit of {key} is {hits[0]} at {distances[0]}"


def check_filters(client, path, name, rows, random):
    """`where` and `$contains` return exactly the ids that the rows imply."""
    group, word = int(random.integers(GROUPS)), str(random.choice(WORDS))
    metadata = {key: json.loads(row.metadata) for key, row in rows.items()}
    tag = f"{word}-é✓"
    queries = [
        ({"where": {"g": group}}, lambda key: metadata[key]["g"] == group),
        (
            {"where": {"$and": [{"tag": tag}, {"b": True}]}},
            lambda key: metadata[key].get("tag") == tag and metadata[key]["b"],
        ),
        ({"where": {"x": {"$gt": 10.0}}}, lambda key: metadata[key]["x"] > 10.0),
        ({"where_document": {"$contains": word}}, lambda key: word in (rows[key].document or "")),
    ]
    for body, matches in queries:
        expected = [key for key in rows if matches(key)]
        ids = client.expect("POST", path + "/get", dict(body, include=[]))["ids"]
        assert ids == expected, (
            f"{name}: {body} returned {len(ids)} ids, rows imply {len(expected)}; "
            f"missing {[key for key in expected if key not in set(ids)][:3]}, "
            f"extra {[key for key in ids if key not in set(expected)][:3]}"
        )


def check_filtered_query(client, path, name, rows, random):
    """The vector search under a filter, which may use other structures than `get`, finds every row that matches."""
    group = int(random.integers(GROUPS))
    expected = {key for key, row in rows.items() if json.loads(row.metadata)["g"] == group}
    query = numpy.frombuffer(next(iter(rows.values())).embedding, "<f4").tolist()
    request = {"where": {"g": group}, "query_embeddings": [query], "n_results": len(rows), "include": ["distances"]}
    hits = client.expect("POST", path + "/query", request)["ids"][0]
    assert set(hits) == expected and len(hits) == len(expected), (
        f"{name}: query where g = {group} returned {len(hits)} of {len(expected)} rows"
    )

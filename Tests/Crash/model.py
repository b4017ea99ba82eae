"""What the database must hold, as plain values.

Each writer owns its ids (prefix `w3-`) in the shared collections and whole collections of its own (`own-w3-…`), and
sends one request at a time. What one writer may see afterwards is therefore one of at most two states: the one after
its last acknowledged request, or, if a request was on its way, the one after that request too. Both are whole `State`s,
and the server must show exactly one of them: this one comparison is the all-or-nothing rule for every kind of request.
"""

import json
from typing import NamedTuple

import numpy


class Row(NamedTuple):
    embedding: bytes  # float32, little-endian
    document: str | None
    metadata: str  # canonical JSON: tells 1 from 1.0 from true


class CollectionState(NamedTuple):
    identifier: str | None  # None: unknown to the writer (shared collection, or the answer to the create was lost)
    metadata: str
    space: str
    rows: dict  # id -> Row, in insertion order


# A State is a dict: collection name -> CollectionState.


def canonical(metadata):
    return json.dumps(metadata, sort_keys=True)


def floats(values):
    return numpy.asarray(values, dtype="<f4").tobytes()


def merged(row, embedding, document, metadata):
    """Chroma's merge: what is given overwrites, metadata key by key, a null value removes its key."""
    if row is None:
        kept = {key: value for key, value in (metadata or {}).items() if value is not None}
        return Row(embedding, document, canonical(kept or None))
    keys = json.loads(row.metadata) or {}
    for key, value in (metadata or {}).items():
        if value is None:
            keys.pop(key, None)
        else:
            keys[key] = value
    return Row(
        row.embedding if embedding is None else embedding,
        row.document if document is None else document,
        canonical(keys or None),
    )


def with_rows(state, name, rows):
    after = dict(state)
    after[name] = state[name]._replace(rows=rows)
    return after


def observe(client, collections_path, shared):
    """({writer prefix: State}, {collection name: (id, rows)}) of a running server.

    `shared` names the collections whose rows are dealt out by id prefix. Throws `server.ServerFailed` and
    `AssertionError`.
    """
    writers, everything = {}, {}
    for collection in client.expect("GET", collections_path):
        name, identifier = collection["name"], collection["id"]
        path = f"{collections_path}/{identifier}"
        answer = client.expect("POST", path + "/get", {"include": ["embeddings", "documents", "metadatas"]})
        ids = answer["ids"]
        vectors = numpy.asarray(answer["embeddings"], dtype="<f4") if ids else []
        rows = {
            key: Row(vector.tobytes(), document, canonical(metadata))
            for key, vector, document, metadata in zip(
                ids, vectors, answer["documents"], answer["metadatas"], strict=True
            )
        }
        assert len(rows) == len(ids), f"{name}: get returned an id twice"
        count = client.expect("GET", path + "/count")
        assert count == len(ids), f"{name}: count says {count}, get returned {len(ids)} rows"
        assert name not in everything, f"two collections are named {name}"
        everything[name] = (identifier, rows)
        space = collection["configuration_json"]["hnsw"]["space"]
        metadata = canonical(collection["metadata"])
        if name in shared:
            for key, row in rows.items():
                state = writers.setdefault(key.split("-", 1)[0], {})
                state.setdefault(name, CollectionState(None, metadata, space, {})).rows[key] = row
        else:
            writers.setdefault(name.split("-")[1], {})[name] = CollectionState(identifier, metadata, space, rows)
    return writers, everything


def difference(expected, found, shared=()):
    """None when the states are equal, else the first differences as text."""
    lines = []
    for name in sorted(set(expected) | set(found)):
        wanted, seen = expected.get(name), found.get(name)
        if seen is None and name in shared and not wanted.rows:
            continue  # a shared collection in which this writer has no rows
        if seen is None:
            lines.append(f"{name}: collection is missing ({len(wanted.rows)} rows)")
        elif wanted is None:
            lines.append(f"{name}: collection should not exist ({len(seen.rows)} rows)")
        else:
            lines += collection_difference(name, wanted, seen, name in shared)
    return "\n".join(lines[:12]) or None


def collection_difference(name, wanted, seen, is_shared):
    lines = []
    if not is_shared:
        if wanted.identifier is not None and wanted.identifier != seen.identifier:
            lines.append(f"{name}: id {seen.identifier}, created as {wanted.identifier}")
        if (wanted.metadata, wanted.space) != (seen.metadata, seen.space):
            lines.append(f"{name}: {seen.metadata} {seen.space}, expected {wanted.metadata} {wanted.space}")
    # The order of rows is part of the contract: insertion order, an update keeps its place.
    if wanted.rows == seen.rows and list(wanted.rows) == list(seen.rows):
        return lines
    lost = [key for key in wanted.rows if key not in seen.rows]
    extra = [key for key in seen.rows if key not in wanted.rows]
    changed = [key for key in wanted.rows if key in seen.rows and wanted.rows[key] != seen.rows[key]]
    lines.append(
        f"{name}: of {len(wanted.rows)} rows {len(lost)} lost {lost[:3]}, {len(changed)} differ, "
        f"{len(extra)} too many {extra[:3]}" + ("" if lost or extra or changed else "; order of rows differs")
    )
    for key in changed[:2]:
        lines.append(f"  {key} found    {describe(seen.rows[key])}\n  {key} expected {describe(wanted.rows[key])}")
    return lines


def describe(row):
    vector = numpy.frombuffer(row.embedding, dtype="<f4")[:3].tolist()
    return f"{vector}… {row.document!r:.80} {row.metadata}"

"""A seeded mix of writes by one writer: each operation is a request, and the `State` that it leads to.

The metadata of each row names the operation that wrote it (`op`), so a difference report says which request was lost or
torn.
"""

import json
import struct

from model import CollectionState, canonical, floats, merged, with_rows
from server import COLLECTIONS, base64_embedding

WORDS = (
    "amber basalt cobalt dune ember fjord granite harbour indigo jasper kelp lagoon marble nectar opal "
    "prairie quartz reef savanna tundra umber valley willow xenon yarrow zephyr"
).split()
SPACES = ["l2", "ip", "cosine"]
GROUPS = 24
# Collections into which every writer writes, so that requests of several connections meet in one commit. name ->
# dimension.
SHARED = {"main": 8, "side": 3}


def create_shared(client):
    """Makes the shared collections: name -> (id, dimension)."""
    body = {"configuration": {"hnsw": {"space": "l2"}}}
    return {
        name: (client.expect("POST", COLLECTIONS, dict(body, name=name))["id"], dimension)
        for name, dimension in SHARED.items()
    }


class Operation:
    """One request. `after` is exact because a writer sends one request at a time and touches only what it owns."""

    def __init__(self, number, kind, method, path, body, after, created=None):
        self.number, self.kind = number, kind
        self.method, self.path, self.body = method, path, body
        self.after = after  # State once the operation has taken effect
        self.created = created  # name of the collection whose id the answer carries

    def completed(self, answer):
        """`after`, with the new collection's id if the answer told it."""
        if not self.created or not answer or "id" not in answer:
            return self.after
        state = dict(self.after)
        state[self.created] = state[self.created]._replace(identifier=answer["id"])
        return state


class Writer:
    """Chooses the next operation from its own state alone. `shared` maps collection name to (id, dimension)."""

    def __init__(self, number, generator, shared, rows=2500, largest_batch=200, spaces=SPACES):
        self.name, self.number = f"w{number}", number
        self.random, self.shared = generator, shared
        self.rows, self.largest_batch, self.spaces = rows, largest_batch, spaces
        self.operations = 0
        self.dimensions = {name: dimension for name, (_, dimension) in shared.items()}
        self.state = {name: CollectionState(None, "null", "l2", {}) for name in shared}

    def next(self):
        self.operations += 1
        own = [name for name in self.state if name not in self.shared]
        usable = [name for name in own if self.state[name].identifier]
        choice = self.random.random()
        if choice < 0.05 and len(own) < 5:
            return self.create()
        if choice < 0.08 and usable:
            return self.drop(self.random.choice(own))
        if choice < 0.10 and usable:
            return self.modify(self.random.choice(usable))
        target = self.random.choice(list(self.shared)) if choice < 0.75 or not usable else self.random.choice(usable)
        live = len(self.state[target].rows)
        limit = self.rows if target in self.shared else self.rows // 10
        # Grows to the limit, then hovers about it.
        if live < limit:
            kinds = ["add", "add", "upsert", "upsert", "update", "delete ids"]
        else:
            kinds = ["add", "upsert", "update", "delete many", "delete where", "delete where"]
        if live and self.random.random() < 0.02:
            kinds = ["delete where"]
        return self.records(self.random.choice(kinds if live else ["add", "upsert"]), target)

    # Collections

    def create(self):
        name = f"own-{self.name}-{self.operations}"
        space = self.random.choice(self.spaces)
        metadata = {"op": self.operations, "writer": self.name}
        self.dimensions[name] = self.random.randint(2, 16)
        after = dict(self.state)
        after[name] = CollectionState(None, canonical(metadata), space, {})
        body = {"name": name, "metadata": metadata, "configuration": {"hnsw": {"space": space}}}
        return Operation(self.operations, "create", "POST", COLLECTIONS, body, after, created=name)

    def drop(self, name):
        after = {key: value for key, value in self.state.items() if key != name}
        return Operation(self.operations, "drop", "DELETE", f"{COLLECTIONS}/{name}", None, after)

    def modify(self, name):
        """New name and new metadata in one request: both or neither."""
        new_name = f"own-{self.name}-{self.operations}"
        metadata = {"op": self.operations, "renamed": True}
        after = {key: value for key, value in self.state.items() if key != name}
        after[new_name] = self.state[name]._replace(metadata=canonical(metadata))
        self.dimensions[new_name] = self.dimensions[name]
        body = {"new_name": new_name, "new_metadata": metadata}
        path = f"{COLLECTIONS}/{self.state[name].identifier}"
        return Operation(self.operations, "modify", "PUT", path, body, after)

    # Records

    def records(self, kind, target):
        identifier = self.shared[target][0] if target in self.shared else self.state[target].identifier
        rows = dict(self.state[target].rows)
        if kind == "delete where":
            body = self.delete_where(rows)
        elif kind.startswith("delete"):
            count = len(rows) // 3 if kind == "delete many" else self.batch_size() // 2 + 1
            ids = self.sample(list(rows), count)
            body = {"ids": ids}
            for key in ids:
                del rows[key]
        else:
            body = self.write(kind, target, rows)
        verb = kind.split()[0]
        after = with_rows(self.state, target, rows)
        return Operation(self.operations, kind, "POST", f"{COLLECTIONS}/{identifier}/{verb}", body, after)

    def delete_where(self, rows):
        """Removes a group of this writer's rows (no other writer's: the model must know them)."""
        group, oldest = self.random.randrange(GROUPS), self.operations - self.random.randint(1, 200)
        for key in list(rows):
            metadata = json.loads(rows[key].metadata)
            if metadata["g"] == group or metadata["op"] < oldest - 400:
                del rows[key]
        return {"where": {"$and": [{"w": self.number}, {"$or": [{"g": group}, {"op": {"$lt": oldest - 400}}]}]}}

    def write(self, kind, target, rows):
        count, dimension = self.batch_size(), self.dimensions[target]
        new = 1.0 if kind == "add" or not rows else 0.4 if kind == "upsert" else 0.05
        old = self.sample(list(rows), count)
        ids = [
            f"{self.name}-{self.operations}-{position}"
            if position >= len(old) or self.random.random() < new
            else old[position]
            for position in range(count)
        ]
        if kind == "add" and old and self.random.random() < 0.2:
            ids[0] = old[0]  # an existing id: `add` leaves it alone
        partial = kind == "update"
        columns = {
            "embeddings": not partial or self.random.random() < 0.6,
            "documents": not partial or self.random.random() < 0.6,
            "metadatas": not partial or self.random.random() < 0.8,
        }
        if not any(columns.values()):
            columns["metadatas"] = True
        embeddings, documents, metadatas = [], [], []
        for position, key in enumerate(ids):
            vector = [self.float32() for _ in range(dimension)] if columns["embeddings"] else None
            document = self.document(position) if columns["documents"] and self.random.random() < 0.9 else None
            metadata = self.metadata(position, key in rows, kind) if columns["metadatas"] else None
            embeddings.append(vector)
            documents.append(document)
            metadatas.append(metadata)
            before = rows.get(key)
            if (kind == "add" and before) or (kind == "update" and not before):
                continue
            rows[key] = merged(before, floats(vector) if vector else None, document, metadata)
        body = {"ids": ids}
        if columns["embeddings"]:
            encode = base64_embedding if self.random.random() < 0.5 else list
            body["embeddings"] = [encode(vector) for vector in embeddings]
        if columns["documents"]:
            body["documents"] = documents
        if columns["metadatas"]:
            body["metadatas"] = metadatas
        return body

    def metadata(self, position, exists, kind):
        values = {
            "w": self.number,
            "op": self.operations,
            "n": position,
            "g": self.random.randrange(GROUPS),
            "x": self.random.choice([0.5, 2.0, -1e-7, 123456.789]) * self.random.randint(1, 9),
            "b": self.random.random() < 0.5,
        }
        if self.random.random() < 0.5:
            values["tag"] = self.random.choice(WORDS) + "-é✓"
        elif exists and kind != "add":
            values["tag"] = None
        return values

    def document(self, position):
        words = " ".join(self.random.choice(WORDS) for _ in range(self.random.randint(2, 12)))
        return f"{self.name} op{self.operations} row{position} {words}"

    def batch_size(self):
        sizes = [1, 1, 2, 5, 20, 50, 100, self.largest_batch, self.random.randint(1, self.largest_batch)]
        return min(self.largest_batch, self.random.choice(sizes))

    def float32(self):
        """A value that float32 holds exactly, so that JSON and base64 carry the same bits."""
        return struct.unpack("<f", struct.pack("<f", self.random.gauss(0, 1)))[0]

    def sample(self, values, count):
        return self.random.sample(values, min(count, len(values)))
